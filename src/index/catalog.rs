//! Which sources are in the index, their hashes and problems. The catalog is a file of its own whose name and hash the
//! commit carries, so that documents and catalog can't disagree.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Write,
    path::Path,
};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Problem, Result};

/// Every source of an index, by its full path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    pub sources: BTreeMap<String, SourceEntry>,
}

/// What one source gave.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceEntry {
    pub root: String,
    /// Relative to `root`.
    pub path: String,
    /// BLAKE3 of the bytes, hexadecimal.
    pub hash: String,
    /// Name of the format; null when none recognised the file.
    pub format: Option<String>,
    /// What a person said about the source on the command line, as the ingest step writes it.
    pub overrides: serde_json::Value,
    pub n_records: u64,
    /// Prose that is no report.
    pub is_page: bool,
    pub problems: Vec<Problem>,
    /// Given ids that another source gave to another record: id → problem.
    pub conflicts: BTreeMap<String, Problem>,
    pub notes: Vec<String>,
}

/// What a commit carries: the version of the index format, and the catalog that belongs to it.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Payload {
    pub format_version: u32,
    pub catalog: String,
    pub hash: String,
}

impl Catalog {
    /// Writes the catalog beside the index and syncs it; it counts once a commit carries the payload.
    pub(super) fn save(&self, dir: &Path) -> Result<Payload> {
        let bytes = serde_json::to_vec(self)
            .map_err(|error| Error::new(ErrorKind::Index, "can't write the catalog of sources").because(error))?;
        let hash = blake3::hash(&bytes).to_hex().to_string();
        let name = format!("{PREFIX}{}{SUFFIX}", &hash[..HEX_DIGITS]);
        let path = dir.join(&name);
        let write = || -> std::io::Result<()> {
            // Under another name first: the catalog of the last commit may have this very name.
            let unfinished = path.with_extension("tmp");
            let mut file = File::create(&unfinished)?;
            file.write_all(&bytes)?;
            file.sync_all()?;
            fs::rename(&unfinished, &path)?;
            File::open(dir)?.sync_all()
        };
        write().map_err(|cause| Error::io("can't write", &path, cause))?;
        Ok(Payload { format_version: super::FORMAT_VERSION, catalog: name, hash })
    }

    pub(super) fn load(dir: &Path, payload: &Payload) -> Result<Catalog> {
        let path = dir.join(&payload.catalog);
        let damaged = || Error::new(ErrorKind::Index, format!("{} is damaged", path.display())).hint(super::REBUILD);
        let bytes = fs::read(&path).map_err(|error| damaged().because(error))?;
        if blake3::hash(&bytes).to_hex().as_str() != payload.hash {
            return Err(damaged());
        }
        serde_json::from_slice(&bytes).map_err(|error| damaged().because(error))
    }

    /// Removes the catalogs that no commit names any more. What can't be removed is left for the next run.
    pub(super) fn sweep(dir: &Path, keep: &str) {
        for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if is_catalog(&name) && name != keep {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Only what [`Catalog::save`] names so: a folder may hold other people's files.
fn is_catalog(name: &str) -> bool {
    let hex = name.strip_prefix(PREFIX).and_then(|name| name.strip_suffix(SUFFIX));
    hex.is_some_and(|hex| hex.len() == HEX_DIGITS && hex.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Digits of the hash in a catalog's name.
const HEX_DIGITS: usize = 16;
const PREFIX: &str = "catalog-";
const SUFFIX: &str = ".json";
