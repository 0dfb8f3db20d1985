//! A damaged index, or one of an earlier format version → a new one from the same sources, with what was decided about
//! them. The old one is set aside and never deleted.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use crate::{
    enrich::{Enricher, UserTopics},
    error::{ErrorKind, Problem, Result},
    index::{
        self, FORMAT_VERSION, Index, Labelling, README, SourceEntry,
        salvage::{self, Salvaged},
        swap,
    },
    ingest::{IngestRequest, Progress, Step, Summary, each_source, files_of, label_by},
    source::{Shelf, SourceFile, Stamp},
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
    /// The sources that were read again, and what they looked like.
    pub seen: Vec<(SourceFile, Stamp)>,
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
        Ok(report) if report.damage.is_empty() => return swap::tidy(dir).map(|()| None),
        Ok(report) if report.damage.iter().all(|damage| damage.file == README) => {
            swap::write_marker(dir)?;
            return Ok(Some(RepairSummary::default()));
        }
        Err(error) if error.kind() != ErrorKind::Index || is_newer(dir) => return Err(error),
        _ => {}
    }
    let mut old = Salvaged::from(dir)?;
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
    let Labelling { path, text, .. } = old.labelling.clone();
    let (vocabulary, _) = match label_by(&mut writer, Some(&UserTopics { path, text })) {
        Err(error) if error.kind() == ErrorKind::Usage => {
            old.losses.push(format!("topics of one's own, which can't be used: {error}"));
            label_by(&mut writer, None)?
        }
        other => other?,
    };
    let mut enricher = Enricher::new(vocabulary.clone());
    let mut kept = old.catalog.kept.clone();
    // Stored records tell of sources that the catalog has lost; else they are read where a source can't be.
    let mut stored = if old.losses.is_empty() { None } else { Some(old.stored()) };
    let before = old.catalog.clone();
    let mut base = before.clone();
    for (key, entry) in &mut base.sources {
        // It is to be read whatever it holds, and what can't be read now is not what could not be read before.
        entry.hash.clear();
        entry.problems.clear();
        // So that the reading step knows that there is something to keep.
        let records = kept.get(key).or_else(|| stored.as_ref()?.get(key));
        entry.n_records = entry.n_records.max(records.map_or(0, |records| records.len() as u64));
    }
    let request = IngestRequest { n_threads, ..IngestRequest::default() };
    let mut read = Summary::default();
    let (shelf, as_before) = (Shelf::default(), BTreeSet::new());
    let step = Step { catalog: &base, request: &request, shelf: &shelf, as_before: &as_before, vocabulary };
    each_source(&files_of(&base), &step, progress, &mut read, &mut |key, entry, records| {
        if let Some(records) = records {
            summary.n_sources += 1;
            summary.problems.extend(entry.problems.iter().cloned());
            writer.replace(key, entry, records);
            return;
        }
        let stored = &mut stored;
        let records = kept.remove(key).or_else(|| stored.get_or_insert_with(|| old.stored()).remove(key));
        let mut records = records.unwrap_or_default();
        enricher.enrich(&mut records);
        let n_before = base.sources.get(key).map_or(0, |entry| entry.n_records);
        let n_lost = n_before.saturating_sub(records.len() as u64);
        if n_lost > 0 {
            old.losses.push(format!("{n_lost} of {n_before} records of {key}, which can't be read"));
        }
        summary.stored.insert(key.to_owned(), records.len() as u64);
        // Its problems are those of before: that it is gone is told in the summary, and at each ingest.
        let problems = before.sources.get(key).map(|entry| entry.problems.clone()).unwrap_or_default();
        writer.replace(key, SourceEntry { problems, ..entry }, records.clone());
        writer.keep_records(key, records);
    });
    summary.seen = read.seen;
    // What was said about a source holds also where it can't be read and gave nothing.
    for (key, entry) in before.sources {
        if !writer.catalog().sources.contains_key(&key) {
            writer.annotate(&key, SourceEntry { hash: String::new(), ..entry });
        }
    }
    writer.stage()?;
    writer.commit()?;
    index.reload()?;
    index.writer()?.merge_all()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn an_index_of_a_newer_version_is_refused_and_left_as_it_was() {
        let sandbox = tempfile::tempdir().unwrap();
        let dir = sandbox.path().join("index");
        let index = Index::open_or_create(&dir).unwrap();
        let mut writer = index.writer().unwrap();
        writer.stage().unwrap();
        writer.commit().unwrap();
        drop(index);
        salvage::pretend_version(&dir, 99);
        let meta = dir.join("tantivy").join("meta.json");
        let before = fs::read(&meta).unwrap();
        let errors = [
            Index::open(&dir).map(|_| ()).unwrap_err(),
            Index::open_or_create(&dir).map(|_| ()).unwrap_err(),
            index::check(&dir).map(|_| ()).unwrap_err(),
            repair(&dir, 1, &mut |_| {}).map(|_| ()).unwrap_err(),
        ];
        for error in errors {
            assert_eq!(error.kind(), ErrorKind::Index);
            let versions = format!("has format version 99, this hallway reads {FORMAT_VERSION}");
            assert!(error.to_string().ends_with(&versions), "{error}");
            assert_eq!(error.hint_text(), Some("it was written by a newer hallway: use that one"));
        }
        assert_eq!(fs::read(&meta).unwrap(), before);
        assert!(!dir.join("rebuild").exists() && set_aside(&dir).is_empty());
    }
}
