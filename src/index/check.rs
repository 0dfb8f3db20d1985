//! Reads every byte of an index and says what is damaged.

use std::{collections::BTreeMap, fs, io, path::Path};

use tantivy::directory::error::OpenReadError;

use super::{
    Index, MARKER, README, SEGMENTS, catalog::Catalog, directory::IndexDirectory, disk, no_index, salvage,
    seal::Damage, swap, sweep,
};
use crate::error::{ErrorKind, Result};

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckReport {
    /// Files that were verified, and their bytes.
    pub n_files: u64,
    pub n_bytes: u64,
    /// Records that were read; 0 when damaged files kept them from it.
    pub n_records: u64,
    pub damage: Vec<Damage>,
}

/// Verifies the index in `dir`: the checksum of every block of every file, then every stored record against the catalog.
/// Writes nothing.
///
/// # Errors
/// `NoIndex`; `Index` when it is of another format version. Damage is no error but the result.
pub fn check(dir: &Path) -> Result<CheckReport> {
    loop {
        let before = disk::read(&dir.join(SEGMENTS).join("meta.json")).ok();
        let report = read_all(dir)?;
        // A commit that came between has taken away files that the one before it named.
        if report.damage.is_empty() || disk::read(&dir.join(SEGMENTS).join("meta.json")).ok() == before {
            return Ok(report);
        }
    }
}

fn read_all(dir: &Path) -> Result<CheckReport> {
    let mut report = CheckReport::default();
    let folder = dir.join(SEGMENTS);
    let mut damage = |file: &str, what: String| {
        report.damage.push(Damage { file: file.to_owned(), what });
    };
    if let Some(error) = salvage::other_version(dir) {
        return Err(error);
    }
    if !folder.join("meta.json").is_file() {
        let error = Index::missing(dir);
        if error.kind() == ErrorKind::NoIndex {
            return Err(error);
        }
        damage(
            "meta.json",
            if swap::is_unfinished(dir) { "awaits the end of a repair" } else { "is missing" }.to_owned(),
        );
    }
    let readme = fs::read(dir.join(README)).unwrap_or_default();
    if !readme.starts_with(MARKER.as_bytes()) {
        damage(README, format!("does not begin with \"{MARKER}\", by which the index is found"));
    }
    let Ok(directory) = IndexDirectory::open(&folder) else { return Ok(report) };
    let meta = match salvage::read_meta(&directory) {
        Ok(meta) => Some(meta),
        Err(_) if !folder.join("meta.json").is_file() => None,
        Err(what) => {
            damage("meta.json", format!("is damaged ({what})"));
            None
        }
    };
    let mut names: Vec<String> = match &meta {
        Some(meta) => meta.segments.iter().flat_map(salvage::SegmentMeta::files).collect(),
        None => segment_files(&folder),
    };
    names.sort();
    let n_bytes = |name: &str| fs::metadata(folder.join(name)).map_or(0, |meta| meta.len());
    let (mut n_files, mut bytes) = (1, n_bytes("meta.json"));
    for name in &names {
        n_files += 1;
        bytes += n_bytes(name);
        match directory.sealed(Path::new(name)) {
            Ok(file) => file.verify().err().into_iter().for_each(|found| damage(&found.file, found.what)),
            Err(error) => damage(name, told(&error)),
        }
    }
    let payload = meta.as_ref().and_then(salvage::Meta::payload);
    if let Some(payload) = &payload {
        n_files += 1;
        bytes += n_bytes(&payload.catalog);
        Catalog::load(&folder, payload).err().into_iter().for_each(|found| damage(&found.file, found.what));
    } else if meta.is_some() {
        return Err(no_index(dir));
    } else {
        Catalog::damaged(&folder).into_iter().for_each(|found| damage(&found.file, found.what));
    }
    (report.n_files, report.n_bytes) = (n_files, bytes);
    if report.damage.iter().all(|damage| damage.file == README) {
        match Index::open(dir).and_then(|index| index.check_records()) {
            Ok((n_records, found)) => {
                report.n_records = n_records;
                report.damage.extend(found);
            }
            Err(error) if error.kind() == ErrorKind::Io => return Err(error),
            Err(error) => report.damage.push(Damage { file: SEGMENTS.to_owned(), what: error.to_string() }),
        }
    }
    Ok(report)
}

fn segment_files(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    names.filter(|name| sweep::is_segment_file(name)).collect()
}

/// An error of a file without the name that stands before it.
fn told(error: &OpenReadError) -> String {
    let OpenReadError::IoError { io_error, .. } = error else { return error.to_string() };
    let damage = io_error.get_ref().and_then(|error| error.downcast_ref::<Damage>());
    damage.map_or_else(|| format!("can't be read: {}", io::Error::to_string(io_error)), |damage| damage.what.clone())
}

impl Index {
    /// Reads every record. How many there are, and what contradicts the catalog.
    fn check_records(&self) -> Result<(u64, Vec<Damage>)> {
        let catalog = self.catalog()?;
        let mut n_records = 0;
        let mut n_of_source: BTreeMap<String, u64> = BTreeMap::new();
        let mut ids: BTreeMap<String, u64> = BTreeMap::new();
        self.each_merged(|merged| {
            n_records += 1;
            *ids.entry(merged.record.id).or_default() += 1;
            for member in merged.members {
                *n_of_source.entry(member.source).or_default() += 1;
            }
            Ok(())
        })?;
        let mut damage = Vec::new();
        let mut found = |what: String| damage.push(Damage { file: SEGMENTS.to_owned(), what });
        for (id, n) in ids.iter().filter(|(_, n)| **n > 1) {
            found(format!("holds {id} {n} times"));
        }
        for (key, entry) in &catalog.sources {
            let n = n_of_source.remove(key).unwrap_or_default();
            if n != entry.n_records {
                found(format!("holds {n} records of {key}, where the catalog has {}", entry.n_records));
            }
        }
        n_of_source.keys().for_each(|key| found(format!("holds records of {key}, which is not in the catalog")));
        Ok((n_records, damage))
    }
}
