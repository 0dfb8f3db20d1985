//! `hallway status`.

use std::{cmp::Reverse, collections::BTreeMap, path::Path};

use serde_json::{Map, json};

use hallway::{
    error::{Problem, Result},
    index::{Catalog, FORMAT_VERSION, Index},
    ingest::{Said, has_changed, said},
    render::{escape::line, json::VERSION},
    repair::set_aside,
    search::{FacetCount, SearchRequest, UNKNOWN, search},
    source::{Shelf, SourceFile},
};

use super::{
    Global, Status, TEMPLATE, config, flags, locate,
    output::{Output, first, from_here, many},
    progress::Progress,
    stale,
};

const EXAMPLES: &str = "\
Examples:
  hallway status                     records, editions, problems
  hallway status --problems          every problem, where it is, and what to do
  hallway status --json | jq .problems
  hallway status --config            each setting, and who says so";

const NOTES: &str = "\
Settings come, the first that says something, from a flag, a variable of the environment, hallway.toml in the current \
folder or the nearest above that has one, ~/.config/hallway/config.toml, and a default. A file of a project runs no \
command and names no index outside its folder. For example:

  index = \"~/talks/index\"
  limit = 20
  facets = [\"year\", \"topic\"]";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Show the settings instead, and where each comes from; needs no index
    #[arg(long)]
    config: bool,
    /// List every problem of the sources instead, as path:line: message, with what to do below
    #[arg(long, conflicts_with = "config")]
    problems: bool,
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    if args.config {
        return config::show(args.json, global, output);
    }
    let index = locate::open(global, output)?;
    let catalog = index.catalog()?;
    if args.problems {
        return list_problems(&catalog, args.json, output);
    }
    let all = SearchRequest { limit: 0, with_rejected: true, facet_values_max: usize::MAX, ..SearchRequest::default() };
    let facets = ["kind", "conference", "year", "series"].map(str::to_owned).to_vec();
    let results = search(&index, &SearchRequest { facets, ..all.clone() })?;
    let of_reports =
        SearchRequest { query: "kind:report".to_owned(), facets: vec!["series".to_owned()], ..all.clone() };
    let reports = search(&index, &of_reports)?.facets.unwrap_or_default().remove(0).counts;
    let titles = "kind:talk NOT has:abstract NOT has:transcript".to_owned();
    let n_titles = search(&index, &SearchRequest { query: titles, ..all })?.total;
    let facets = results.facets.unwrap_or_default();
    let counts =
        |name: &str| facets.iter().find(|counts| counts.field == name).map_or(&[][..], |counts| &counts.counts);
    let skipped = skipped(&catalog);
    let n_pages: u64 = skipped.iter().map(|(_, n)| n).sum();
    let n_archives = catalog.sources.values().filter(|entry| entry.archive.is_some()).count();
    let n_sources = catalog.sources.len() - n_archives;
    let problems: Vec<_> =
        catalog.sources.values().flat_map(|entry| entry.problems.iter().chain(entry.conflicts.values())).collect();
    let aside = set_aside(index.dir());
    let bytes = folder_bytes(index.dir()) - aside.iter().map(|aside| folder_bytes(aside)).sum::<u64>();
    let (n_removed_records, n_removed_sources) = (catalog.removed_records.len(), catalog.removed_sources.len());

    let said = said(&catalog.sources);
    let changed = changed(&index, &catalog);
    let gone: Vec<String> = catalog.sources.keys().filter(|key| catalog.is_gone(key)).cloned().collect();

    if args.json {
        let of = |name: &str| -> serde_json::Map<_, _> {
            counts(name).iter().map(|count| (count.value.clone(), json!(count.count))).collect()
        };
        output.json(&json!({
            "version": VERSION, "index": index.dir(), "format_version": FORMAT_VERSION, "bytes": bytes,
            "sources": n_sources, "pages": n_pages, "records": results.total,
            "skipped": skipped.iter().map(|(format, n)| ((*format).to_owned(), json!(n))).collect::<Map<_, _>>(),
            "segments": index.n_segments(), "set_aside": aside,
            "removed": { "records": n_removed_records, "sources": n_removed_sources },
            "changed": changed.iter().map(SourceFile::full_path).collect::<Vec<_>>(), "gone": gone, "said": said,
            "kind": of("kind"), "conference": of("conference"), "year": of("year"), "problems": problems,
            "reports": reports.iter().map(|count| (count.value.clone(), json!(count.count))).collect::<Map<_, _>>(),
            "talks_without_text": n_titles,
        }))?;
        return Ok(Status::Ok);
    }
    let kinds: Vec<_> = counts("kind").iter().map(|count| many(count.count, &count.value)).collect();
    let editions = counts("conference").iter().filter(|count| count.value.contains('/')).count();
    let series = known(counts("conference")).count() - editions;
    let mut years: Vec<_> = known(counts("year")).map(|count| count.value.as_str()).collect();
    years.sort_unstable();
    output.line(&format!("index     {}", line(&index.dir().to_string_lossy())))?;
    let segments = many(index.n_segments() as u64, "segment");
    output.line(&format!(
        "size      {} in {segments}, format version {FORMAT_VERSION}",
        indicatif::DecimalBytes(bytes)
    ))?;
    let inside =
        if n_archives > 0 { format!(", {} among them", many(n_archives as u64, "archive")) } else { String::new() };
    for aside in &aside {
        let bytes = indicatif::DecimalBytes(folder_bytes(aside));
        output.line(&format!("set aside {} ({bytes}): yours to delete", line(&aside.to_string_lossy())))?;
    }
    output.line(&format!("sources   {n_sources}{inside}"))?;
    if n_pages > 0 {
        let by_format: Vec<String> = skipped.iter().map(|(format, n)| format!("{n} {format}")).collect();
        output.line(&format!(
            "skipped   {n_pages} that hold no talk and report on no edition: {}",
            by_format.join(", ")
        ))?;
    }
    if !changed.is_empty() {
        let files: Vec<String> = changed.iter().map(|file| file.full_path().to_string_lossy().into_owned()).collect();
        let (sources, command) = (many(files.len() as u64, "source"), stale::command(&changed, global));
        output.line(&format!("changed   {sources} since the last ingest (run `{command}`): {}", first(&files)))?;
    }
    if !gone.is_empty() {
        let sources = many(gone.len() as u64, "source");
        output.line(&format!("gone      {sources} (`hallway ingest --prune` forgets them): {}", first(&gone)))?;
    }
    for Said { overrides, sources } in &said {
        let n_sources = many(sources.len() as u64, "source");
        output.line(&format!("overrides {} for {n_sources}: {}", flags(overrides), first(sources)))?;
    }
    output.line(&format!("records   {}: {}", results.total, kinds.join(", ")))?;
    if n_titles > 0 {
        output.line(&format!("          {} with a title alone", many(n_titles, "talk")))?;
    }
    output.line(&format!("editions  {editions} of {series} series: {}", most(counts("series"))))?;
    if let (Some(first), Some(last)) = (years.first(), years.last()) {
        output.line(&format!("years     {first} to {last}"))?;
    }
    if !reports.is_empty() {
        output.line(&format!("reports   {}", most(&reports)))?;
    }
    if n_removed_records + n_removed_sources > 0 {
        let (records, sources) = (many(n_removed_records as u64, "record"), many(n_removed_sources as u64, "source"));
        output.line(&format!("kept out  {records}, {sources} (`hallway remove --list`)"))?;
    }
    let n_more = problems.len().saturating_sub(PROBLEMS_SHOWN);
    let all = if n_more > 0 { " (`hallway status --problems` lists all)" } else { "" };
    output.line(&format!("problems  {}{all}", problems.len()))?;
    for problem in problems.iter().take(PROBLEMS_SHOWN) {
        output.line(&format!("  {}", line(&problem.to_string())))?;
    }
    if n_more > 0 {
        output.line("  …")?;
    }
    Ok(Status::Ok)
}

/// Problems that are printed among the rest: the first few say of what sort they are.
const PROBLEMS_SHOWN: usize = 5;

/// Series named of those that most records are of.
const SERIES_SHOWN: usize = 8;

fn known(counts: &[FacetCount]) -> impl Iterator<Item = &FacetCount> {
    counts.iter().filter(|count| count.value != UNKNOWN)
}

/// The values of most records, and how many more there are.
fn most(counts: &[FacetCount]) -> String {
    let shown = counts.iter().take(SERIES_SHOWN).map(|count| format!("{} {}", count.count, line(&count.value)));
    let n_more = counts.len().saturating_sub(SERIES_SHOWN);
    let more = (n_more > 0).then(|| format!("{n_more} more"));
    shown.chain(more).collect::<Vec<_>>().join(", ")
}

/// Every problem, source by source, in the order of its lines, with paths that open from here.
fn list_problems(catalog: &Catalog, as_json: bool, output: &mut Output) -> Result<Status> {
    let mut problems: Vec<Problem> = Vec::new();
    let mut n_sources = 0;
    for (source, entry) in &catalog.sources {
        let path = from_here(Path::new(source)).to_string_lossy().into_owned();
        let of_source = entry.problems.iter().chain(entry.conflicts.values());
        let mut of_source: Vec<_> =
            of_source.map(|problem| Problem { path: path.clone(), ..problem.clone() }).collect();
        of_source.sort_by_key(|problem| problem.line);
        n_sources += u64::from(!of_source.is_empty());
        problems.extend(of_source);
    }
    if as_json {
        output.json(&json!({ "version": VERSION, "sources": n_sources, "problems": problems }))?;
        return Ok(Status::Ok);
    }
    for Problem { path, line: at, message, hint } in &problems {
        let at = at.map(|at| format!(":{at}")).unwrap_or_default();
        output.line(&line(&format!("{path}{at}: {message}")))?;
        output.line(&format!("  hint: {}", line(hint)))?;
    }
    output.note(&format!("{} in {}", many(problems.len() as u64, "problem"), many(n_sources, "source")));
    Ok(Status::Ok)
}

/// The formats of the sources that were skipped, and of each how many, the most first.
fn skipped(catalog: &Catalog) -> Vec<(&str, u64)> {
    let mut by_format: BTreeMap<&str, u64> = BTreeMap::new();
    for entry in catalog.sources.values().filter(|entry| entry.is_page) {
        *by_format.entry(entry.format.as_deref().unwrap_or("unknown")).or_default() += 1;
    }
    let mut skipped: Vec<_> = by_format.into_iter().collect();
    skipped.sort_by_key(|(_, n)| Reverse(*n));
    skipped
}

/// The sources that hold something else than what was read: those that look so, read again.
fn changed(index: &Index, catalog: &Catalog) -> Vec<SourceFile> {
    let _bar = Progress::new("comparing the sources", "");
    let mut files = index.changed(0, &mut || true).files;
    let shelf = Shelf::default();
    files.retain(|file| catalog.sources.get(&file.key()).is_some_and(|entry| has_changed(entry, &shelf)));
    files
}

fn folder_bytes(dir: &Path) -> u64 {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    entries
        .map(|entry| match entry.metadata() {
            Ok(meta) if meta.is_dir() => folder_bytes(&entry.path()),
            Ok(meta) => meta.len(),
            Err(_) => 0,
        })
        .sum()
}
