//! Puts a rebuilt index in the place of a damaged or old one, which is set aside.
//!
//! The new index grows in `rebuild/` within the index folder. Once it is committed, `tantivy/` is renamed to
//! `set-aside-N/tantivy` and `rebuild/tantivy` to `tantivy`. A run that is stopped between the two leaves no `tantivy/`
//! but a whole `rebuild/`, which the next repair puts in place.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::{Index, MARKER, README, SEGMENTS, disk};
use crate::error::{Error, Result};

const REBUILD: &str = "rebuild";
const SET_ASIDE: &str = "set-aside-";

/// Whether there is an index to check or to mend.
pub(crate) fn is_there(dir: &Path) -> bool {
    dir.join(SEGMENTS).is_dir() || is_unfinished(dir)
}

/// Whether a repair was stopped before the new index was in its place.
pub(crate) fn is_unfinished(dir: &Path) -> bool {
    !dir.join(SEGMENTS).exists() && dir.join(REBUILD).join(SEGMENTS).join("meta.json").is_file()
}

/// An empty index to rebuild into.
pub(crate) fn create(dir: &Path) -> Result<Index> {
    let rebuild = dir.join(REBUILD);
    clear(&rebuild)?;
    Index::open_or_create(&rebuild)
}

/// Puts the rebuilt index in place. Where the other one is now.
pub(crate) fn swap(dir: &Path) -> Result<PathBuf> {
    let taken = set_aside(dir);
    let name = |n: usize| dir.join(format!("{SET_ASIDE}{n}"));
    let aside = (1..=taken.len() + 1).map(name).find(|aside| !taken.contains(aside));
    let aside = aside.expect("one name more than there are folders");
    let failed = |cause: io::Error| Error::io("can't set the index aside in", &aside, cause);
    disk::create_folder(&aside).map_err(failed)?;
    disk::rename(&dir.join(SEGMENTS), &aside.join(SEGMENTS)).map_err(failed)?;
    disk::sync_folder(&aside).map_err(failed)?;
    finish(dir)?;
    Ok(aside)
}

/// Brings a repair that was stopped to its end. Whether there was one.
pub(crate) fn finish(dir: &Path) -> Result<bool> {
    if !is_unfinished(dir) {
        return Ok(false);
    }
    if let Some(aside) = set_aside(dir).into_iter().max_by_key(|aside| number(aside)) {
        let failed = |cause: io::Error| Error::io("can't set the index aside in", &aside, cause);
        // The first format version had its catalog beside tantivy's folder.
        for entry in fs::read_dir(dir).map_err(failed)?.flatten() {
            let name = entry.file_name();
            if is_first_catalog(&name.to_string_lossy()) {
                disk::rename(&entry.path(), &aside.join(&name)).map_err(failed)?;
            }
        }
    }
    let rebuild = dir.join(REBUILD);
    let to = dir.join(SEGMENTS);
    let renamed = disk::rename(&rebuild.join(SEGMENTS), &to).and_then(|()| disk::sync_folder(dir));
    renamed.map_err(|cause| Error::io("can't put the rebuilt index in", &to, cause))?;
    clear(&rebuild)?;
    Ok(true)
}

/// Only what the first format version named so: a folder may hold other people's files.
fn is_first_catalog(name: &str) -> bool {
    let hex = name.strip_prefix("catalog-").and_then(|name| name.strip_suffix(".json"));
    hex.is_some_and(|hex| hex.len() == 16 && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn number(aside: &Path) -> Option<u64> {
    aside.file_name()?.to_str()?.strip_prefix(SET_ASIDE)?.parse().ok()
}

/// The indexes that repairs have set aside.
pub fn set_aside(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(SET_ASIDE))
        .map(|entry| entry.path())
        .collect();
    found.sort();
    found
}

/// Takes away what a repair left that was stopped before or after the new index was in its place.
pub(crate) fn tidy(dir: &Path) -> Result<()> {
    let rebuild = dir.join(REBUILD);
    if rebuild.exists() && !is_unfinished(dir) { clear(&rebuild) } else { Ok(()) }
}

/// Takes away what a repair left: nothing in it is anything that the sources don't give again.
fn clear(rebuild: &Path) -> Result<()> {
    match disk::remove_folder(rebuild) {
        Err(cause) if cause.kind() != io::ErrorKind::NotFound => Err(Error::io("can't remove", rebuild, cause)),
        _ => Ok(()),
    }
}

/// Takes away the index of the sample collection, so that it can be built anew: it holds nothing but what `corpus/` gives.
///
/// # Errors
/// `Busy` when another process is at it; `Io`.
pub fn discard(dir: &Path) -> Result<()> {
    let _lock = super::lock(dir)?;
    // Another process may have built it meanwhile.
    if Index::open(dir).is_ok() {
        return Ok(());
    }
    let old = dir.join(SEGMENTS);
    clear(&old)
}

/// Writes the file by which the folder is known for an index.
pub(crate) fn write_marker(dir: &Path) -> Result<()> {
    let text = format!("{MARKER}\n\nWritten by `hallway ingest`; `hallway status` says what is in it.\n");
    let readme = dir.join(README);
    disk::replace(&readme, text.as_bytes()).map_err(|cause| Error::io("can't write", &readme, cause))
}
