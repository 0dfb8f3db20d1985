//! Forgets sources and records, keeps them out at the next ingest, and lets them in again.

use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    error::{Error, ErrorKind, Problem, Result},
    index::{Catalog, Index, SourceEntry, Writer},
    ingest::{IngestRequest, Step, Summary, each_source, files_of, label_by},
    record::bare_id,
    source::{Shelf, SourceFile, Stamp},
};

/// What to remove, or to let in again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A record's id, or the id that it was removed by.
    Record(String),
    /// A file or folder, by its full path.
    Source(PathBuf),
}

/// What was removed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Ids of the records that are gone, but for those of `sources`.
    pub records: Vec<String>,
    /// Keys of the sources that are gone.
    pub sources: Vec<String>,
}

/// What was let in again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Restored {
    /// Records that came back.
    pub n_records: u64,
    /// Sources that would have to be read for it and can't be.
    pub unread: Vec<String>,
    pub problems: Vec<Problem>,
    /// The sources that were read for it, and what they looked like.
    pub seen: Vec<(SourceFile, Stamp)>,
}

/// Removes all of `targets` or, at an error, none. When it returns, nothing of them is left in the index's files, but in
/// indexes that were set aside.
///
/// # Errors
/// `Usage` for an id that is not in the index or a path from which nothing is; `Busy`, `Io`, `Index`.
pub fn remove(index: &Index, targets: &[Target]) -> Result<Removed> {
    let mut writer = index.writer()?;
    label_by(&mut writer, None)?;
    let mut removed = Removed::default();
    for target in targets {
        match target {
            Target::Record(id) => {
                removed.records.extend(writer.remove_record(&the_id(index, id)?)?);
            }
            Target::Source(path) => {
                let path = path.to_string_lossy();
                let keys = writer.remove_source(&path);
                if keys.is_empty() {
                    return Err(Error::new(ErrorKind::Usage, format!("nothing in the index comes from {path}"))
                        .hint("`hallway status` lists the sources"));
                }
                removed.sources.extend(keys);
            }
        }
    }
    writer.expunge_later();
    writer.stage()?;
    writer.commit()?;
    index.expunge()?;
    Ok(removed)
}

/// The permanent id of the one record that `id` names: a copy's id names the record into which it was merged.
fn the_id(index: &Index, id: &str) -> Result<String> {
    let mut records = index.records_by_id(id)?;
    match records.len() {
        1 => Ok(records.swap_remove(0).id),
        0 => Err(Error::new(ErrorKind::Usage, format!("there is no record \"{id}\""))
            .hint("`hallway search --format id WORDS` prints ids")),
        n => {
            let ids: Vec<_> = records.into_iter().map(|record| record.id).collect();
            Err(Error::new(ErrorKind::Usage, format!("\"{id}\" names {n} records"))
                .hint(format!("choose one: {}", ids.join(", "))))
        }
    }
}

/// What is kept out, in the words that let it in again.
pub fn removals(catalog: &Catalog) -> Vec<&str> {
    catalog.removed_records.keys().chain(catalog.removed_sources.keys()).map(String::as_str).collect()
}

/// Lets all of `targets` in again and reads the sources that they came from; at an error, none.
///
/// # Errors
/// `Usage` for what was not removed; `Busy`, `Io`, `Index`.
pub fn restore(index: &Index, targets: &[Target], n_threads: usize) -> Result<Restored> {
    let mut writer = index.writer()?;
    let mut base = writer.catalog().clone();
    let mut keys: BTreeSet<String> = BTreeSet::new();
    for target in targets {
        let not_removed = |what: &str| {
            Error::new(ErrorKind::Usage, format!("{what} was not removed"))
                .hint("`hallway remove --list` prints what was")
        };
        match target {
            Target::Record(id) => {
                let id = removed_id(writer.catalog(), id)?.ok_or_else(|| not_removed(&format!("\"{id}\"")))?;
                keys.extend(writer.restore_record(&id).unwrap_or_default());
            }
            Target::Source(path) => {
                let path = path.to_string_lossy();
                let removed = writer.restore_source(&path).ok_or_else(|| not_removed(&path))?;
                keys.extend(removed.entries.keys().cloned());
                base.sources.extend(removed.entries);
            }
        }
    }
    keys.retain(|key| writer.catalog().removed_source_of(key).is_none());
    let restored = reread(&mut writer, &base, &keys, n_threads)?;
    writer.stage()?;
    writer.commit()?;
    index.reload()?;
    Ok(restored)
}

/// Reads sources again, whatever their hash.
fn reread(writer: &mut Writer, base: &Catalog, keys: &BTreeSet<String>, n_threads: usize) -> Result<Restored> {
    let mut base = base.clone();
    base.sources.retain(|key, _| keys.contains(key));
    let before = base.clone();
    for entry in base.sources.values_mut() {
        // It is to be read whatever it holds, and told where it can't be, also when it gave nothing before.
        entry.hash.clear();
        entry.problems.clear();
        entry.n_records = entry.n_records.max(1);
    }
    let request = IngestRequest { n_threads, ..IngestRequest::default() };
    let (mut restored, mut read) = (Restored::default(), Summary::default());
    let (vocabulary, _) = label_by(writer, None)?;
    let (shelf, as_before) = (Shelf::default(), BTreeSet::new());
    let step = Step { catalog: &base, request: &request, shelf: &shelf, as_before: &as_before, vocabulary };
    each_source(&files_of(&base), &step, &mut |_| {}, &mut read, &mut |key, entry, records| {
        let known = before.sources.get(key);
        let Some(records) = records else {
            restored.unread.push(key.to_owned());
            // What was said about it holds when it is there again, and then it is read, unchanged as it may be.
            if let Some(known) = writer.catalog().sources.get(key).or(known).cloned() {
                writer.annotate(key, SourceEntry { hash: String::new(), ..known });
            }
            return;
        };
        restored.problems.extend(entry.problems.iter().cloned());
        writer.replace(key, entry, records);
        let n_now = writer.catalog().sources.get(key).map_or(0, |entry| entry.n_records);
        restored.n_records += n_now.saturating_sub(known.map_or(0, |known| known.n_records));
    });
    restored.seen = read.seen;
    if restored.n_records == 0 && restored.unread.is_empty() {
        restored.unread = keys.iter().filter(|key| writer.catalog().is_gone(key)).cloned().collect();
    }
    Ok(restored)
}

/// The id by which a record was removed: as given, or the one whose bare id it is. Null when there is none.
///
/// # Errors
/// `Usage` when several records were removed that have this bare id.
pub fn removed_id(catalog: &Catalog, given: &str) -> Result<Option<String>> {
    if catalog.removed_records.contains_key(given) {
        return Ok(Some(given.to_owned()));
    }
    let found: Vec<_> = catalog.removed_records.keys().filter(|id| bare_id(id) == given).cloned().collect();
    if found.len() > 1 {
        let error = Error::new(ErrorKind::Usage, format!("\"{given}\" names {} removed records", found.len()));
        return Err(error.hint(format!("choose one: {}", found.join(", "))));
    }
    Ok(found.into_iter().next())
}
