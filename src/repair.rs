//! A damaged index, or one of an earlier format version → a new one from the same sources, with what was decided about
//! them. The old one is set aside and never deleted.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
};

use crate::{
    error::{ErrorKind, Problem, Result},
    index::{
        self, FORMAT_VERSION, Index, README, SourceEntry,
        salvage::{self, Salvaged},
        swap,
    },
    ingest::{IngestRequest, Progress, Summary, each_source},
    source::SourceFile,
};

pub use crate::index::swap::{discard, set_aside};

/// What a repair did.
#[derive(Clone, Debug, Default)]
pub struct RepairSummary {
    /// Where the old index is now; null where a stopped repair was brought to its end.
    pub set_aside: Option<PathBuf>,
    /// Sources that were read again.
    pub n_sources: u64,
    /// Sources that could not be read, and the records that were taken over from the old index.
    pub stored: BTreeMap<String, u64>,
    /// What could not be had.
    pub losses: Vec<String>,
    /// Of the sources.
    pub problems: Vec<Problem>,
}

/// Rebuilds the index in `dir` from the sources that it recorded, and from its stored records where a source can't be
/// read; overrides and removals hold. Null when nothing is wrong with it.
///
/// # Errors
/// `NoIndex`; `Index` when a newer version wrote it; `Busy`, `Io`. The old index is then where it was.
pub fn repair(dir: &Path, n_threads: usize, progress: &mut dyn FnMut(Progress)) -> Result<Option<RepairSummary>> {
    if !swap::is_there(dir) {
        return Index::open(dir).map(|_| None);
    }
    let _lock = index::lock(dir)?;
    if swap::finish(dir)? {
        return Ok(Some(RepairSummary::default()));
    }
    match index::check(dir) {
        Ok(report) if report.damage.is_empty() => return Ok(None),
        Ok(report) if report.damage.iter().all(|damage| damage.file == README) => {
            swap::write_marker(dir)?;
            return Ok(Some(RepairSummary::default()));
        }
        Err(error) if error.kind() != ErrorKind::Index || is_newer(dir) => return Err(error),
        _ => {}
    }
    let mut old = Salvaged::from(dir);
    let mut summary = RepairSummary::default();
    let rebuilt = swap::create(dir)?;
    rebuild(&rebuilt, &mut old, n_threads, progress, &mut summary)?;
    drop(rebuilt);
    summary.losses = old.losses;
    summary.set_aside = Some(swap::swap(dir)?);
    Ok(Some(summary))
}

fn is_newer(dir: &Path) -> bool {
    salvage::version(dir).is_some_and(|version| version > FORMAT_VERSION)
}

fn rebuild(
    index: &Index,
    old: &mut Salvaged,
    n_threads: usize,
    progress: &mut dyn FnMut(Progress),
    summary: &mut RepairSummary,
) -> Result<()> {
    let mut writer = index.writer()?;
    writer.adopt_removals(&old.catalog);
    let mut kept = old.catalog.kept.clone();
    let is_gone = |key: &String| File::open(key).is_err() && !kept.contains_key(key);
    if !old.losses.is_empty() || old.catalog.sources.keys().any(is_gone) {
        for (key, records) in old.stored() {
            kept.entry(key).or_insert(records);
        }
    }
    let mut base = old.catalog.clone();
    for (key, entry) in &mut base.sources {
        entry.hash.clear();
        // So that the reading step knows that there is something to keep.
        entry.n_records = entry.n_records.max(kept.get(key).map_or(0, |records| records.len() as u64));
    }
    let place = |entry: &SourceEntry| SourceFile { root: entry.root.clone(), path: entry.path.clone() };
    let files: Vec<SourceFile> = base.sources.values().map(place).collect();
    let request = IngestRequest { n_threads, ..IngestRequest::default() };
    let mut read = Summary::default();
    each_source(&files, &base, &request, progress, &mut read, &mut |key, entry, records| {
        if let Some(records) = records {
            summary.n_sources += 1;
            summary.problems.extend(entry.problems.iter().cloned());
            writer.replace(key, entry, records);
            return;
        }
        let before = base.sources.get(key).cloned().unwrap_or_default();
        let records = kept.remove(key).unwrap_or_default();
        let n_lost = before.n_records.saturating_sub(records.len() as u64);
        if n_lost > 0 {
            old.losses.push(format!("{n_lost} of {} records of {key}, which is gone", before.n_records));
        }
        summary.stored.insert(key.to_owned(), records.len() as u64);
        // Its problems are those of before: that it is gone is told in the summary, and at each ingest.
        writer.replace(key, SourceEntry { problems: before.problems, ..entry }, records.clone());
        writer.keep_records(key, records);
    });
    writer.stage()?;
    writer.commit()?;
    index.reload()?;
    index.writer()?.merge_all()
}
