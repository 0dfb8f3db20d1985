//! `hallway ingest`.

use std::path::{Path, PathBuf};

use serde_json::json;

use hallway::{
    error::{ErrorKind, Result},
    index::Index,
    ingest::{self, IngestRequest, Summary, dry_run},
    render::json::VERSION,
    repair::repair,
};

use super::{
    Global, OverrideArgs, Status, TEMPLATE, check, locate,
    output::{Output, many, skipped},
    progress::Progress,
};

const EXAMPLES: &str = "\
Examples:
  hallway ingest ~/conferences               every program and report below it
  hallway ingest --dry-run ~/conferences     what that would change
  hallway ingest --edition 'SREcon23 EMEA' day1.md
  hallway ingest --prune ~/conferences       forget the files that are gone";

const NOTES: &str = "\
Unchanged files are skipped by their hash. What --series and the like say is remembered for the files that it was \
said of.

Exit status: 0 clean, 3 done but with problems listed, 2 nothing done, 75 another process is writing to the index.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files and folders
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    /// Forget sources below the folders that are no longer there
    #[arg(long)]
    prune: bool,
    /// Say what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let dir = locate::dir(global)?;
    let request = IngestRequest {
        paths: args.paths.clone(),
        overrides: args.overrides.get()?,
        prune: args.prune,
        strict: global.strict,
        n_threads: locate::n_threads(),
    };
    let bar = Progress::new("files");
    let mut progress = |state: ingest::Progress| {
        bar.show(state.n_files, state.n_files_total, format!(" · {} records", state.n_records));
    };
    let mut written = None;
    let summary = if args.dry_run {
        let index = match Index::open(&dir) {
            Err(error) if error.kind() == ErrorKind::NoIndex => None,
            other => Some(other?),
        };
        dry_run(index.as_ref(), &request, &mut progress)
    } else {
        // Paths that are not there leave no empty index behind, nor does what --strict refuses.
        hallway::source::list(&args.paths, &hallway::index::is_index_folder)?;
        if global.strict && matches!(Index::open(&dir), Err(error) if error.kind() == ErrorKind::NoIndex) {
            dry_run(None, &request, &mut progress)?;
        }
        open_or_rebuild(&dir, output, &mut progress).and_then(|index| {
            let summary = ingest::ingest(&index, &request, &mut progress)?;
            written = Some(index);
            Ok(summary)
        })
    };
    drop(bar);
    if args.dry_run && !args.json {
        output.note("a dry run: nothing is written");
    }
    let status = report(&summary?, args.json, output)?;
    // The batch is stored and told of: what follows is for the next search to be as quick.
    output.flush()?;
    match written.map_or(Ok(()), |index| index.compact()) {
        Ok(()) => Ok(status),
        Err(error) => {
            output.note(&format!("the batch is stored, but {error}; the next ingest tries again"));
            Ok(Status::Problems)
        }
    }
}

/// An index that is damaged, or of an earlier version, is rebuilt first.
fn open_or_rebuild(dir: &Path, output: &mut Output, progress: &mut dyn FnMut(ingest::Progress)) -> Result<Index> {
    // Opening does not read the catalog, writing does.
    match Index::open_or_create(dir).and_then(|index| index.catalog().map(|_| index)) {
        Err(error) if error.kind() == ErrorKind::Index => {
            output.note(&format!("{error}: it is rebuilt from its sources first"));
            if let Some(summary) = repair(dir, locate::n_threads(), progress)? {
                check::tell(&summary, output);
            }
            Index::open_or_create(dir)
        }
        other => other,
    }
}

fn report(summary: &Summary, as_json: bool, output: &mut Output) -> Result<Status> {
    let Summary { added, changed, removed, unchanged, pages, .. } = summary;
    if as_json {
        let [talks, bios, reports] = summary.n_records;
        output.json(&json!({
            "version": VERSION,
            "added": added, "changed": changed, "removed": removed, "unchanged": unchanged,
            "records": { "talk": talks, "bio": bios, "report": reports },
            "pages": pages, "kept_out": { "sources": summary.kept_out[0], "records": summary.kept_out[1] },
            "vanished": summary.vanished, "problems": summary.problems,
            "notes": summary.notes.iter().map(|(path, note)| json!({ "path": path, "note": note })).collect::<Vec<_>>(),
        }))?;
    } else {
        summary.problems.iter().take(PROBLEMS_SHOWN).for_each(|problem| output.problem(problem));
        if summary.problems.len() > PROBLEMS_SHOWN {
            let more = many((summary.problems.len() - PROBLEMS_SHOWN) as u64, "problem");
            output.note(&format!("and {more} besides; `hallway status` lists all"));
        }
        output.notes(&summary.notes);
        if !summary.vanished.is_empty() {
            let n = summary.vanished.len();
            output.note(&format!(
                "note: gone and still in the index: {}; --prune forgets them:",
                many(n as u64, "source")
            ));
            summary.vanished.iter().take(5).for_each(|path| output.note(&format!("  {path}")));
        }
        if *pages > 0 {
            output.note(&format!("note: {}", skipped(*pages)));
        }
        let [n_files, n_records] = summary.kept_out;
        if n_files + n_records > 0 {
            let (files, records) = (many(n_files, "file"), many(n_records, "record"));
            output.note(&format!("note: kept out, as they were removed: {files}, {records}"));
        }
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

/// Problems that are printed: `status` has all of them.
pub(super) const PROBLEMS_SHOWN: usize = 100;
