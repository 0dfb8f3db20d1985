//! `hallway ingest`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use serde_json::json;

use hallway::{
    error::{ErrorKind, Result},
    formats::Overrides,
    index::Index,
    ingest::{self, IngestRequest, Said, Summary, dry_run},
    render::json::VERSION,
    repair::repair,
};

use super::{
    Global, OverrideArgs, Status, TEMPLATE, WalkArgs, check, flags,
    given::{Inputs, StdinArgs},
    locate,
    output::{self, Output, many, quoted, skipped},
    progress::Progress,
};

const EXAMPLES: &str = "\
Examples:
  hallway ingest ~/conferences               every program and report below it
  hallway ingest --dry-run ~/conferences     what that would change
  hallway ingest --edition 'KubeCon EU 2023' ~/notes/kubecon
                                             your notes, and what they are about
  hallway ingest --as markdown ~/notes       notes, whatever they are about
  hallway ingest --map title=Name --map speakers=Who talks.csv
                                             columns of a table, and what they hold
  hallway ingest --exclude '*.txt' --exclude drafts/ ~/conferences
  hallway ingest --prune ~/conferences       forget the files that are gone
  hallway ingest talks.zip                   what was packed in it
  hallway ingest https://example.org/schedule.xml
  pandoc -t gfm day1.docx | hallway ingest --as markdown --name day1.md -";

const NOTES: &str = "\
Folders are read as by ripgrep: without hidden files, what .gitignore, .ignore and .hallwayignore in them name, and \
symbolic links. Ignore files above the folder and git's own excludes do not count, so that a folder gives the same \
records everywhere. A file given by itself is always read.

--exclude, --hidden and --no-ignore hold for this run alone. A file that they leave out and that is in the index stays \
there as it was and is named; --prune forgets only files that are gone, and `hallway remove` forgets others and keeps \
them out.

--map says which column of a table (CSV, TSV) holds title, subtitle, abstract, speakers, affiliation, bio, date, start, end, \
duration, room, track, session, type, tags, language, url, video, slides, state, licence or id; it goes before what the \
header says by itself. `--map speakers=Who,Company` names two columns. Keys of JSON can't be named so.

Archives (.zip, .tar, .tar.gz) are read as the folders that were packed, each file in them as a source of its own: \
a.zip!/b.xml. Archives in archives are not.

A URL is fetched again at each ingest that names it, where its server says that it has changed, and never otherwise: \
within 60 s, at most 64 MB, through at most 5 redirects. --prune forgets no URL, and nothing that came by standard \
input: `hallway remove` does. Standard input is a source by its content; with --name it replaces what had that name.

What is said of files with --as, --edition, --map and the like is remembered for them, until it is said otherwise or \
--no-overrides takes it back; `hallway status` lists it.

Unchanged files are skipped by their hash. Exit status: 0 clean, 3 done but with problems listed, 2 nothing done, 75 \
another process is writing to the index.";

// Each is a flag.
#[allow(clippy::struct_excessive_bools)]
#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files, folders, archives, URLs, or `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Forget sources below the folders that are no longer there
    #[arg(long)]
    prune: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Topics beside hallway's own, by which records are labelled; '' for none. The index remembers it
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    topics: Option<OsString>,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    #[command(flatten)]
    stdin: StdinArgs,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Take back what was said of these files before; what is said now holds
    #[arg(long, help_heading = "What the files don't say")]
    no_overrides: bool,
    #[command(flatten)]
    walk: WalkArgs,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let dir = locate::dir(global)?;
    let mut inputs = Inputs::of(&args.paths, &args.stdin)?;
    let mut request = IngestRequest {
        paths: inputs.paths.clone(),
        given: Vec::new(),
        rules: args.walk.get(),
        overrides: args.overrides.get()?,
        forget_overrides: args.no_overrides,
        prune: args.prune,
        strict: global.strict,
        topics: global.config.topics(args.topics.as_deref().map(Path::new))?,
        n_threads: locate::n_threads(),
    };
    // What can't be begun leaves no empty index behind, nor does what --strict refuses.
    request.check()?;
    let open = || match Index::open(&dir) {
        Err(error) if error.kind() == ErrorKind::NoIndex => Ok(None),
        other => other.map(Some),
    };
    // What an index says that can't be read need not hold: then all is fetched.
    let catalog = open().ok().flatten().and_then(|index| index.catalog().ok()).unwrap_or_default();
    request.given = inputs.get(&args.stdin, &|url| ingest::validators(&catalog, &request, url))?;
    let request = request;
    if args.dry_run {
        let index = open()?;
        let summary = while_shown("", |progress| dry_run(index.as_ref(), &request, progress))?;
        if !args.json {
            output.note("a dry run: nothing is written");
        }
        return report(&summary, args, &request.overrides, output);
    }
    if global.strict && matches!(open(), Ok(None)) {
        while_shown("", |progress| dry_run(None, &request, progress))?;
    }
    let index = open_or_rebuild(&dir, output)?;
    let summary = while_shown(WRITES, |progress| ingest::ingest(&index, &request, progress))?;
    let status = report(&summary, args, &request.overrides, output)?;
    // The batch is stored and told of: what follows is for the next search to be as quick.
    output.flush()?;
    let kept = index.keep_stamps(&summary.seen, &summary.forgotten);
    let bar = Progress::new("putting the index in order", "");
    let compacted = index.compact();
    drop(bar);
    match kept.and(compacted) {
        Ok(()) => Ok(status),
        Err(error) => {
            output.note(&format!("the batch is stored, but {error}; the next ingest tries again"));
            Ok(Status::Problems)
        }
    }
}

/// Runs a step that reads files, and shows how far it is and what it does `then`.
fn while_shown<T>(then: &'static str, step: impl FnOnce(&mut dyn FnMut(ingest::Progress)) -> Result<T>) -> Result<T> {
    let mut bar = Progress::new("reading files", "files").then(then);
    step(&mut |state| bar.show(state.n_files, state.n_files_total, format!(" · {} records", state.n_records)))
}

/// An index that is damaged, or of an earlier version, is rebuilt first.
fn open_or_rebuild(dir: &Path, output: &mut Output) -> Result<Index> {
    // Opening does not read the catalog, writing does.
    match Index::open_or_create(dir).and_then(|index| index.catalog().map(|_| index)) {
        Err(error) if error.kind() == ErrorKind::Index => {
            output.note(&format!("{error}: it is rebuilt from its sources first"));
            if let Some(summary) = while_shown(WRITES, |progress| repair(dir, locate::n_threads(), progress))? {
                check::tell(&summary, output);
            }
            Index::open_or_create(dir)
        }
        other => other,
    }
}

fn report(summary: &Summary, args: &Args, said_now: &Overrides, output: &mut Output) -> Result<Status> {
    let Summary { added, changed, removed, unchanged, pages, .. } = summary;
    if args.json {
        let [talks, bios, reports] = summary.n_records;
        output.json(&json!({
            "version": VERSION,
            "added": added, "changed": changed, "removed": removed, "unchanged": unchanged,
            "records": { "talk": talks, "bio": bios, "report": reports },
            "pages": pages.len(), "skipped": pages,
            "kept_out": { "sources": summary.kept_out[0], "records": summary.kept_out[1] },
            "vanished": summary.vanished, "left_out": summary.left_out, "said": summary.said,
            "relabelled": summary.n_relabelled,
            "problems": summary.problems,
            "notes": summary.notes.iter().map(|(path, note)| json!({ "path": path, "note": note })).collect::<Vec<_>>(),
        }))?;
    } else {
        summary.problems.iter().take(PROBLEMS_SHOWN).for_each(|problem| output.problem(problem));
        if summary.problems.len() > PROBLEMS_SHOWN {
            let more = many((summary.problems.len() - PROBLEMS_SHOWN) as u64, "problem");
            let lists = if args.dry_run { "--json" } else { "`hallway status --problems`" };
            output.note(&format!("and {more} besides; {lists} lists all"));
        }
        output.notes(&summary.notes);
        remark(summary, args, said_now, output);
        output.line(&format!("added {added}, changed {changed}, removed {removed}, unchanged {unchanged}"))?;
        let [talks, bios, reports] = summary.n_records;
        if talks + bios + reports > 0 {
            let [talks, bios, reports] =
                [(talks, "talk"), (bios, "bio"), (reports, "report")].map(|(n, of)| many(n, of));
            output.note(&format!("read {talks}, {bios}, {reports}"));
        }
    }
    Ok(if summary.problems.is_empty() { Status::Ok } else { Status::Problems })
}

/// What there is to know about the files, and what to type where that is not what was meant.
fn remark(summary: &Summary, args: &Args, said_now: &Overrides, output: &mut Output) {
    let Summary { vanished, left_out, pages, said, .. } = summary;
    let sources = |paths: &[String]| many(paths.len() as u64, "source");
    if !vanished.is_empty() {
        let (sources, first) = (sources(vanished), output::first(vanished));
        output.note(&format!("note: gone and still in the index: {sources}; --prune forgets them: {first}"));
    }
    if !left_out.is_empty() {
        let (sources, first) = (sources(left_out), output::first(left_out));
        output.note(&format!(
            "note: hidden, ignored or excluded, and in the index as before: {sources}; `hallway remove PATH` forgets them: \
             {first}"
        ));
    }
    if !pages.is_empty() {
        output.note(&skipped(pages));
    }
    for Said { overrides, sources: keys } in said.iter().filter(|said| said.overrides != *said_now) {
        let (flags, sources, first) = (flags(overrides), sources(keys), output::first(keys));
        output.note(&format!("note: remembered for {sources}: {flags} (--no-overrides takes it back): {first}"));
    }
    if summary.n_relabelled > 0 {
        let records = many(summary.n_relabelled, "record");
        output.note(&format!("note: labelled anew, as the topics have changed: {records}"));
    }
    let [n_files, n_records] = summary.kept_out;
    if n_files + n_records > 0 {
        let (files, records) = (many(n_files, "file"), many(n_records, "record"));
        output.note(&format!("note: kept out, as they were removed: {files}, {records}"));
    }
    let n_files = summary.added + summary.changed + summary.unchanged + summary.problems.len() as u64 + n_files;
    if n_files == 0 {
        let paths = args.paths.iter().map(|path| quoted(&path.to_string_lossy())).collect::<Vec<_>>().join(" ");
        let why = if args.walk.is_all() { "" } else { ": hidden, ignored and excluded ones are left out" };
        output.note(&format!("note: no file was found in {paths}{why}"));
    }
}

/// What follows when all files are read.
pub(super) const WRITES: &str = "writing the index";
/// Problems that are printed: `status --problems` has all of them.
pub(super) const PROBLEMS_SHOWN: usize = 100;
