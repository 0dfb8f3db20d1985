//! `hallway status`.

use std::path::Path;

use serde_json::json;

use hallway::{
    error::Result,
    index::FORMAT_VERSION,
    render::{escape::line, json::VERSION},
    search::{SearchRequest, search},
};

use super::{
    Global, Status, locate,
    output::{Output, many},
};

#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Print as JSON
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    let catalog = index.catalog()?;
    let facets = ["kind", "conference", "year"].map(str::to_owned).to_vec();
    let request = SearchRequest { limit: 0, facets, facet_values_max: usize::MAX, ..SearchRequest::default() };
    let results = search(&index, &request)?;
    let facets = results.facets.unwrap_or_default();
    let counts =
        |name: &str| facets.iter().find(|counts| counts.field == name).map_or(&[][..], |counts| &counts.counts);
    let n_pages = catalog.sources.values().filter(|entry| entry.is_page).count();
    let problems: Vec<_> =
        catalog.sources.values().flat_map(|entry| entry.problems.iter().chain(entry.conflicts.values())).collect();
    let bytes = folder_bytes(index.dir());

    if args.json {
        let of = |name: &str| -> serde_json::Map<_, _> {
            counts(name).iter().map(|count| (count.value.clone(), json!(count.count))).collect()
        };
        output.json(&json!({
            "version": VERSION, "index": index.dir(), "format_version": FORMAT_VERSION, "bytes": bytes,
            "sources": catalog.sources.len(), "pages": n_pages, "records": results.total,
            "kind": of("kind"), "conference": of("conference"), "year": of("year"),
            "removed": { "records": catalog.removed_records.len(), "sources": catalog.removed_sources.len() },
            "problems": problems,
        }))?;
        return Ok(Status::Ok);
    }
    let kinds: Vec<_> = counts("kind").iter().map(|count| many(count.count, &count.value)).collect();
    let editions = counts("conference").iter().filter(|count| count.value.contains('/')).count();
    let series = counts("conference").len() - editions;
    let mut years: Vec<_> = counts("year").iter().map(|count| count.value.as_str()).collect();
    years.sort_unstable();
    output.line(&format!("index     {}", line(&index.dir().to_string_lossy())))?;
    output.line(&format!("size      {}, format version {FORMAT_VERSION}", indicatif::DecimalBytes(bytes)))?;
    output.line(&format!("sources   {} ({n_pages} skipped as prose about no edition)", catalog.sources.len()))?;
    output.line(&format!("records   {}: {}", results.total, kinds.join(", ")))?;
    output.line(&format!("editions  {editions} of {series} series"))?;
    if let (Some(first), Some(last)) = (years.first(), years.last()) {
        output.line(&format!("years     {first} to {last}"))?;
    }
    let (n_records, n_sources) = (catalog.removed_records.len() as u64, catalog.removed_sources.len() as u64);
    if n_records + n_sources > 0 {
        let records = many(n_records, "record");
        let sources = many(n_sources, "source");
        output.line(&format!("kept out  {records}, {sources}; `hallway remove --list` names them"))?;
    }
    output.line(&format!("problems  {}", problems.len()))?;
    for problem in problems {
        output.line(&format!("  {}", line(&problem.to_string())))?;
    }
    Ok(Status::Ok)
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
