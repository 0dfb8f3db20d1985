//! The only place that writes: add, replace and remove sources; commit all of it or nothing.

use std::{
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use tantivy::{IndexWriter, TantivyDocument, Term, indexer::UserOperation};

use super::{
    Index,
    catalog::{Catalog, SourceEntry},
    document::Documents,
    schema::{handle, internal},
};
use crate::{
    error::{Error, ErrorKind, Result},
    record::Record,
};

/// Bytes the indexing thread may hold before it writes a segment. One thread, so that a bulk load gives few segments.
const MEMORY_BYTES: usize = 256 << 20;
/// The file whose lock says that a process is writing; it holds that process's id.
const LOCK_FILE: &str = "writer.lock";

/// One batch of changes. Nothing is visible before [`Writer::commit`]; dropping a writer discards the batch.
pub struct Writer<'a> {
    index: &'a Index,
    tantivy: IndexWriter<TantivyDocument>,
    documents: Documents,
    /// As it will be after the commit.
    catalog: Catalog,
    _lock: File,
}

impl<'a> Writer<'a> {
    /// # Errors
    /// `Busy` when another process is writing; `Io` and `Index` when the index can't be written.
    pub(super) fn new(index: &'a Index) -> Result<Self> {
        let lock = lock(&index.dir)?;
        let tantivy = index.tantivy.writer_with_num_threads(1, MEMORY_BYTES).map_err(|error| index.error(error))?;
        let documents = Documents::new(index.tantivy.schema());
        Ok(Writer { index, tantivy, documents, catalog: index.catalog()?, _lock: lock })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Puts a source's records in the place of what it gave before.
    ///
    /// # Errors
    /// `Index`; the writer must then be dropped, which discards the batch.
    pub fn replace(&mut self, key: &str, entry: SourceEntry, records: &[Record]) -> Result<()> {
        self.delete(key)?;
        for record in records {
            // One group a record: its documents come to lie in one segment, side by side.
            let group = self.documents.of(record, key)?.into_iter().map(UserOperation::Add);
            self.tantivy.run(group).map_err(|error| self.index.error(error))?;
        }
        self.catalog.sources.insert(key.to_owned(), entry);
        Ok(())
    }

    /// Forgets a source and its records.
    ///
    /// # Errors
    /// As [`Writer::replace`].
    pub fn remove(&mut self, key: &str) -> Result<()> {
        self.delete(key)?;
        self.catalog.sources.remove(key);
        Ok(())
    }

    fn delete(&mut self, key: &str) -> Result<()> {
        let term = Term::from_field_text(handle(&self.index.tantivy.schema(), internal::SOURCE), key);
        self.tantivy.run([UserOperation::Delete(term)]).map_err(|error| self.index.error(error))?;
        Ok(())
    }

    /// Makes the batch durable and visible, all or nothing, and waits for the merges that it set off.
    ///
    /// # Errors
    /// `Io`, `Index`: the index is as it was before the batch.
    pub fn commit(mut self) -> Result<()> {
        let payload = self.catalog.save(&self.index.dir)?;
        let keep = payload.catalog.clone();
        if let Err(error) = self.commit_with(&serde_json::to_string(&payload).unwrap_or_default()) {
            // Tantivy keeps half a batch after a failure: a later commit would publish it.
            let _ = self.tantivy.rollback();
            return Err(self.index.error(error));
        }
        Catalog::sweep(&self.index.dir, &keep);
        self.tantivy.wait_merging_threads().map_err(|error| self.index.error(error))
    }

    fn commit_with(&mut self, payload: &str) -> tantivy::Result<()> {
        let mut commit = self.tantivy.prepare_commit()?;
        commit.set_payload(payload);
        commit.commit()?;
        Ok(())
    }
}

fn lock(dir: &Path) -> Result<File> {
    let path = dir.join(LOCK_FILE);
    let failed = |cause| Error::io("can't write", &path, cause);
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0).and_then(|()| write!(file, "{}", std::process::id())).map_err(failed)?;
            Ok(file)
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.rewind().and_then(|()| Read::by_ref(&mut file).take(20).read_to_string(&mut pid));
            let who = if pid.is_empty() { String::new() } else { format!(" (process {pid})") };
            Err(Error::new(ErrorKind::Busy, format!("{} is being written{who}", dir.display()))
                .hint("wait until that has ended and try again"))
        }
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}
