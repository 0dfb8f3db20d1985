//! Removes what no commit names: files of a run that was stopped, segments that a merge has replaced, old catalogs; and what
//! a repair has left behind.

use std::{collections::HashSet, fs, io};

use tantivy::directory::{Directory, META_LOCK};

use super::{Index, README, catalog::is_catalog, disk, swap};
use crate::error::{Error, Result};

impl Index {
    /// To be called by the one who holds the writer's lock. Other people's files are left alone.
    pub(super) fn sweep(&self) -> Result<()> {
        let folder = self.folder();
        let failed = |cause: io::Error| Error::io("can't clean up", &folder, cause);
        // A reader that has read the commit before this one opens its files under this lock.
        let guard = self.tantivy.directory().acquire_lock(&META_LOCK);
        drop(guard.map_err(|error| self.error(error.into()))?);
        let metas = self.tantivy.load_metas().map_err(|error| self.error(error))?;
        let mut named: HashSet<String> =
            metas.list_segment_files().iter().map(|path| path.to_string_lossy().into_owned()).collect();
        named.extend(self.payload()?.map(|payload| payload.catalog));
        for entry in fs::read_dir(&folder).map_err(failed)? {
            let entry = entry.map_err(failed)?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_ours(&name) && !named.contains(&name) {
                match disk::remove(&entry.path()) {
                    Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(failed(error)),
                    _ => {}
                }
            }
        }
        let marker = self.dir.join(format!("{README}{}", disk::UNFINISHED));
        if marker.exists() {
            disk::remove(&marker).map_err(failed)?;
        }
        swap::tidy(&self.dir)
    }
}

/// Whether a name is one that an index gives to files that come and go.
pub(super) fn is_ours(name: &str) -> bool {
    let is_unfinished = |name: &str| name == "meta.json" || is_catalog(name);
    is_segment_file(name) || is_catalog(name) || name.strip_suffix(disk::UNFINISHED).is_some_and(is_unfinished)
}

/// `<32 hexadecimal digits>.<extension>`.
pub(super) fn is_segment_file(name: &str) -> bool {
    name.split_once('.').is_some_and(|(id, _)| id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()))
}
