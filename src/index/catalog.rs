//! What is in an index and what was decided about it: sources with their hashes, problems and overrides, what was removed,
//! and the records of sources that are gone. The catalog is a file whose name and hash the commit carries, so that
//! documents and catalog can't disagree.
//!
//! The file outlives format versions: it is JSON Lines, each line `["first 8 hex digits of the BLAKE3 of the rest",
//! {"source": …}]`, and so readable line by line where a part of it is damaged. Readers ignore keys that they don't know.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{disk, merge::removal_keys, seal::Damage};
use crate::{
    error::{Error, ErrorKind, Problem, Result},
    record::Record,
    source::{Contents, Validators, archive_of},
};

/// Every source of an index, by its full path, and what was decided.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Catalog {
    pub sources: BTreeMap<String, SourceEntry>,
    /// Files and folders that are not read, by full path.
    pub removed_sources: BTreeMap<String, RemovedSource>,
    /// Records that are kept out, by the id that they had.
    pub removed_records: BTreeMap<String, RemovedRecord>,
    /// Whether documents that were removed may still lie in the segments.
    pub is_expunging: bool,
    /// The records of sources that were gone at the last ingest and were not pruned: nothing else could bring them back.
    pub kept: BTreeMap<String, Vec<Record>>,
}

/// What one source gave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceEntry {
    pub root: String,
    /// Relative to `root`.
    pub path: String,
    /// BLAKE3 of the bytes, hexadecimal; empty when it is to be read again whatever it holds.
    pub hash: String,
    /// Files beside it whose contents are part of its records: path relative to `root` → hash, empty where there was none.
    pub beside: BTreeMap<String, String>,
    /// Name of the format; null when none recognised the file.
    pub format: Option<String>,
    /// What a person said about the source on the command line, as the ingest step writes it.
    pub overrides: serde_json::Value,
    /// Records in the index.
    pub n_records: u64,
    /// Records that are not, since they were removed.
    pub n_removed: u64,
    /// Prose that is no report.
    pub is_page: bool,
    pub problems: Vec<Problem>,
    /// Given ids that another source gave to another record: id → problem.
    pub conflicts: BTreeMap<String, Problem>,
    pub notes: Vec<String>,
    /// What it holds, where it is an archive: its members are sources of their own, and it gives no records itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub archive: Option<Contents>,
    /// What the server said of what was read, where it is a URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validators: Option<Validators>,
}

/// A file or folder that a person removed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovedSource {
    /// What was known of its files, so that they can be read again as before.
    pub entries: BTreeMap<String, SourceEntry>,
}

/// A record that a person removed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RemovedRecord {
    /// Hashes of what tells the record and its copies: nothing else is kept of it.
    pub keys: BTreeSet<String>,
    /// The sources that it came from.
    pub sources: BTreeSet<String>,
}

/// What a commit carries: the version of the index format, and the catalog that belongs to it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub format_version: u32,
    pub catalog: String,
    pub hash: String,
    /// By what its records are labelled; versions before there was such a thing leave it out.
    #[serde(default)]
    pub labelling: Labelling,
}

/// By what the records of an index have their topics.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Labelling {
    /// Tells the vocabulary and its rules from others; empty where nothing is known.
    pub hash: String,
    /// A user's file that the vocabulary was made with: its name, for messages, and its text; empty for none.
    pub path: String,
    pub text: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line<'a> {
    Source { key: Cow<'a, str>, entry: Box<Cow<'a, SourceEntry>> },
    RemovedSource { key: Cow<'a, str>, removed: Cow<'a, RemovedSource> },
    RemovedRecord { id: Cow<'a, str>, removed: Cow<'a, RemovedRecord> },
    Kept { key: Cow<'a, str>, record: Box<Cow<'a, Record>> },
    Expunging(bool),
}

impl Catalog {
    /// The removal that keeps a record out.
    pub fn removal_of(&self, record: &Record) -> Option<&str> {
        if self.removed_records.is_empty() {
            return None;
        }
        let keys = removal_keys(record);
        let is_meant = |removed: &RemovedRecord| keys.iter().any(|key| removed.keys.contains(key));
        self.removed_records.iter().find(|(_, removed)| is_meant(removed)).map(|(id, _)| id.as_str())
    }

    /// The removed file or folder that a source is, or lies below.
    pub fn removed_source_of(&self, key: &str) -> Option<&str> {
        let archive = archive_of(key).map_or("", |(archive, _)| archive);
        let above = Path::new(key).ancestors().chain(Path::new(archive).ancestors());
        above.filter_map(|path| self.removed_sources.get_key_value(path.to_str()?)).map(|(key, _)| key.as_str()).next()
    }

    /// Whether a source was a file, or in an archive, that is not there any more. What did not come from a file is not gone.
    pub fn is_gone(&self, key: &str) -> bool {
        let is_no_file = |path: &str| Path::new(path).is_absolute() && !Path::new(path).is_file();
        match archive_of(key) {
            Some((archive, member)) => {
                let known = self.sources.get(archive).and_then(|entry| entry.archive.as_ref());
                let is_in = |contents: &Contents| contents.has(member) || !contents.is_whole;
                is_no_file(archive) || !known.is_none_or(is_in)
            }
            None => is_no_file(key),
        }
    }

    fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let sources = self
            .sources
            .iter()
            .map(|(key, entry)| Line::Source { key: key.into(), entry: Box::new(Cow::Borrowed(entry)) });
        let removed = self.removed_sources.iter();
        let removed_sources =
            removed.map(|(key, removed)| Line::RemovedSource { key: key.into(), removed: Cow::Borrowed(removed) });
        let removed = self.removed_records.iter();
        let removed_records =
            removed.map(|(id, removed)| Line::RemovedRecord { id: id.into(), removed: Cow::Borrowed(removed) });
        let kept = self.kept.iter().flat_map(|(key, records)| records.iter().map(move |record| (key, record)));
        let kept = kept.map(|(key, record)| Line::Kept { key: key.into(), record: Box::new(Cow::Borrowed(record)) });
        let expunging = self.is_expunging.then_some(Line::Expunging(true));
        sources.chain(removed_sources).chain(removed_records).chain(kept).chain(expunging)
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Source { key, entry } => drop(self.sources.insert(key.into_owned(), entry.into_owned())),
            Line::RemovedSource { key, removed } => {
                self.removed_sources.insert(key.into_owned(), removed.into_owned());
            }
            Line::RemovedRecord { id, removed } => {
                self.removed_records.insert(id.into_owned(), removed.into_owned());
            }
            Line::Expunging(yes) => self.is_expunging = yes,
            Line::Kept { key, record } => self.kept.entry(key.into_owned()).or_default().push(record.into_owned()),
        }
    }

    fn to_bytes(&self) -> serde_json::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        for line in self.lines() {
            let line = serde_json::value::to_raw_value(&line)?;
            serde_json::to_writer(&mut bytes, &(sum(line.get()), line))?;
            bytes.push(b'\n');
        }
        Ok(bytes)
    }

    /// What the sound lines of a catalog say, and how many lines are not sound.
    fn from_bytes(bytes: &[u8]) -> (Catalog, usize) {
        let mut catalog = Catalog::default();
        let mut n_damaged = 0;
        for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
            let parsed: Option<(String, Box<RawValue>)> = serde_json::from_slice(line).ok();
            let sound = parsed.filter(|(hash, rest)| *hash == sum(rest.get()));
            match sound.and_then(|(_, rest)| serde_json::from_str(rest.get()).ok()) {
                Some(line) => catalog.add(line),
                None => n_damaged += 1,
            }
        }
        (catalog, n_damaged)
    }

    /// Writes the catalog beside the segments; it counts once a commit carries the payload.
    pub(super) fn save(&self, folder: &Path, labelling: Labelling) -> Result<Payload> {
        let bytes = self
            .to_bytes()
            .map_err(|error| Error::new(ErrorKind::Index, "can't write the catalog of sources").because(error))?;
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let name = format!("{PREFIX}{}{SUFFIX}", &hash[..HEX_DIGITS]);
        let path = folder.join(&name);
        disk::replace(&path, &bytes).map_err(|cause| Error::io("can't write", &path, cause))?;
        Ok(Payload { format_version: super::FORMAT_VERSION, catalog: name, hash, labelling })
    }

    /// The catalog of a commit; the error says what is wrong with its file.
    pub(super) fn load(folder: &Path, payload: &Payload) -> std::result::Result<Catalog, Damage> {
        let damage = |what: String| Damage { file: payload.catalog.clone(), what };
        let bytes = disk::read(&folder.join(&payload.catalog)).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => damage("is missing".to_owned()),
            _ => damage(format!("can't be read: {error}")),
        })?;
        if blake3::hash(&bytes).to_hex().as_str() != payload.hash {
            return Err(damage("is damaged".to_owned()));
        }
        match Catalog::from_bytes(&bytes) {
            (catalog, 0) => Ok(catalog),
            (_, n) => Err(damage(format!("has {n} lines that can't be read"))),
        }
    }

    /// The catalogs that are not what their names say: all that can be told where no commit can be read.
    pub(super) fn damaged(folder: &Path) -> Vec<Damage> {
        let damaged = names(folder).filter(|name| !is_whole(folder, name));
        damaged.map(|file| Damage { file, what: "is damaged".to_owned() }).collect()
    }

    /// As much as can be had of the catalog of a damaged index, and how many of its lines are lost; null when no catalog
    /// is there at all.
    ///
    /// # Errors
    /// Where it may be had at the next try: removals must not be forgotten since too many files were open.
    pub(super) fn salvage(folder: &Path, payload: Option<&Payload>) -> Result<(Catalog, Option<usize>)> {
        let mut found: Vec<_> = names(folder).collect();
        // What the commit names; else what is whole, as its name tells; else the newest.
        found.sort_by_cached_key(|name| {
            let is_named = payload.is_some_and(|payload| payload.catalog == *name);
            let modified = folder.join(name).metadata().and_then(|meta| meta.modified());
            (is_named, is_whole(folder, name), modified.ok())
        });
        let Some(path) = found.pop().map(|name| folder.join(name)) else { return Ok((Catalog::default(), None)) };
        match disk::read(&path) {
            Ok(bytes) => {
                let (catalog, n_damaged) = Catalog::from_bytes(&bytes);
                Ok((catalog, Some(n_damaged)))
            }
            Err(error) if disk::is_lost(&error) => Ok((Catalog::default(), None)),
            Err(error) => Err(Error::io("can't read", &path, error)),
        }
    }
}

/// The names of all catalogs in a folder.
fn names(folder: &Path) -> impl Iterator<Item = String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).filter(|name| is_catalog(name))
}

/// Whether a catalog is what its name tells.
fn is_whole(folder: &Path, name: &str) -> bool {
    disk::read(&folder.join(name)).is_ok_and(|bytes| name.contains(&blake3::hash(&bytes).to_hex()[..HEX_DIGITS]))
}

/// Only what [`Catalog::save`] names so: a folder may hold other people's files.
pub(super) fn is_catalog(name: &str) -> bool {
    let hex = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
    hex.is_some_and(|hex| hex.len() == HEX_DIGITS && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn sum(line: &str) -> String {
    blake3::hash(line.as_bytes()).to_hex()[..8].to_owned()
}

/// Digits of the hash in a catalog's name.
const HEX_DIGITS: usize = 16;
const PREFIX: &str = "catalog-";
const SUFFIX: &str = ".jsonl";

#[cfg(test)]
mod tests {
    use super::*;

    fn catalog() -> Catalog {
        let mut catalog = Catalog::default();
        for n in 0..40 {
            let entry = SourceEntry { path: format!("{n}.jsonl"), n_records: n, ..SourceEntry::default() };
            catalog.sources.insert(format!("/talks/{n}.jsonl"), entry);
        }
        catalog.removed_sources.insert("/talks/old".to_owned(), RemovedSource::default());
        catalog.removed_records.insert("x/y~123456".to_owned(), RemovedRecord::default());
        catalog.kept.insert("/talks/1.jsonl".to_owned(), vec![Record::default(), Record::default()]);
        catalog
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let folder = tempfile::tempdir().unwrap();
        let payload = catalog().save(folder.path(), Labelling::default()).unwrap();
        assert_eq!(Catalog::load(folder.path(), &payload).unwrap(), catalog());
    }

    #[test]
    fn damage_costs_the_lines_that_it_hit() {
        let bytes = catalog().to_bytes().unwrap();
        let n_lines = String::from_utf8(bytes.clone()).unwrap().lines().count();
        for at in (0..bytes.len()).step_by(7) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            let (salvaged, n_damaged) = Catalog::from_bytes(&damaged);
            assert!((1..=2).contains(&n_damaged), "byte {at}");
            let kept: usize = salvaged.kept.values().map(Vec::len).sum();
            let removed = salvaged.removed_sources.len() + salvaged.removed_records.len();
            let n_sound = salvaged.sources.len() + removed + kept;
            assert!(n_sound + 2 >= n_lines, "byte {at}: {n_sound} of {n_lines}");
            assert!(salvaged.sources.iter().all(|(key, entry)| catalog().sources.get(key) == Some(entry)));
        }
    }

    #[test]
    fn what_lies_below_a_removed_folder_is_removed() {
        let catalog = catalog();
        assert_eq!(catalog.removed_source_of("/talks/old/a/b.md"), Some("/talks/old"));
        assert_eq!(catalog.removed_source_of("/talks/older.md"), None);
    }
}
