//! The only place that writes: add, replace and remove sources; commit all of it or nothing.

use std::{
    collections::{BTreeSet, HashSet},
    fs::{File, TryLockError},
    io::{Read, Seek, Write},
    path::Path,
};

use tantivy::{
    IndexWriter, TantivyDocument, Term,
    indexer::{NoMergePolicy, UserOperation},
};

use super::{
    Index,
    catalog::{Catalog, SourceEntry},
    document::Documents,
    merge::{Member, Merged, conflicts, keys, merge},
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
    /// Sources whose records of before the batch are to go.
    replaced: BTreeSet<String>,
    added: Vec<Member>,
    _lock: File,
}

impl<'a> Writer<'a> {
    /// # Errors
    /// `Busy` when another process is writing; `Io` and `Index` when the index can't be written.
    pub(super) fn new(index: &'a Index) -> Result<Self> {
        let lock = lock(&index.dir)?;
        let tantivy = index.tantivy.writer_with_num_threads(1, MEMORY_BYTES).map_err(|error| index.error(error))?;
        // Merging is a step of its own, so that a small commit never waits for a large merge.
        tantivy.set_merge_policy(Box::new(NoMergePolicy));
        let documents = Documents::new(index.tantivy.schema());
        let catalog = index.catalog()?;
        Ok(Writer { index, tantivy, documents, catalog, replaced: BTreeSet::new(), added: Vec::new(), _lock: lock })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// Puts a source's records in the place of what it gave before.
    pub fn replace(&mut self, key: &str, entry: SourceEntry, records: Vec<Record>) {
        self.replaced.insert(key.to_owned());
        self.added.extend(records.into_iter().map(|record| Member { source: key.to_owned(), record }));
        self.catalog.sources.insert(key.to_owned(), entry);
    }

    /// Says something new of a source whose records stay.
    pub fn annotate(&mut self, key: &str, entry: SourceEntry) {
        self.catalog.sources.insert(key.to_owned(), entry);
    }

    /// Forgets a source and its records.
    pub fn remove(&mut self, key: &str) {
        self.replaced.insert(key.to_owned());
        self.catalog.sources.remove(key);
    }

    /// Puts together what the batch changes, its records and those they are copies of or are linked with, so that the
    /// [catalog](Writer::catalog) says all there is to say before the commit.
    ///
    /// # Errors
    /// `Index`, `Io`; the writer must then be dropped, which discards the batch.
    pub fn stage(&mut self) -> Result<()> {
        self.index.reload()?;
        let searcher = self.index.searcher();
        let mut members = std::mem::take(&mut self.added);
        let mut gone: BTreeSet<String> = BTreeSet::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut wanted: Vec<String> = members.iter().flat_map(|member| keys(&member.record)).collect();
        let mut take = |found: Merged, wanted: &mut Vec<String>| {
            if gone.insert(found.record.id.clone()) {
                for member in found.members {
                    wanted.extend(keys(&member.record));
                    if !self.replaced.contains(&member.source) {
                        members.push(member);
                    }
                }
            }
        };
        for source in &self.replaced {
            for found in self.index.merged_with(&searcher, internal::SOURCE, source)? {
                take(found, &mut wanted);
            }
        }
        while let Some(key) = wanted.pop() {
            if seen.insert(key.clone()) {
                for found in self.index.merged_with(&searcher, internal::KEY, &key)? {
                    take(found, &mut wanted);
                }
            }
        }
        let id = handle(&self.index.tantivy.schema(), internal::ID);
        for gone in &gone {
            self.run(vec![UserOperation::Delete(Term::from_field_text(id, gone))])?;
        }
        self.note_conflicts(&members);
        for one in merge(members) {
            // One group a record: its documents come to lie in one segment, side by side.
            let group = self.documents.of(&one)?;
            self.run(group.into_iter().map(UserOperation::Add).collect())?;
        }
        Ok(())
    }

    /// The same given id for different records is a problem of the source that comes later.
    fn note_conflicts(&mut self, members: &[Member]) {
        let conflicts = conflicts(members);
        for member in members {
            if let Some(entry) = self.catalog.sources.get_mut(&member.source) {
                entry.conflicts.remove(&member.record.id);
            }
        }
        for (member, problem) in conflicts {
            if let Some(entry) = self.catalog.sources.get_mut(&member.source) {
                entry.conflicts.insert(member.record.id.clone(), problem);
            }
        }
    }

    fn run(&self, operations: Vec<UserOperation<TantivyDocument>>) -> Result<()> {
        self.tantivy.run(operations).map(|_| ()).map_err(|error| self.index.error(error))
    }

    /// Makes the staged batch durable and visible, all or nothing, and waits for the merges that it set off.
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
        // The batch is durable by now: a merge that fails takes nothing back, and the next commit sets it off again.
        let _ = self.tantivy.wait_merging_threads();
        Ok(())
    }

    /// Merges all segments into one; a batch that was not committed is discarded.
    ///
    /// # Errors
    /// `Io`, `Index`: the index answers as before.
    pub fn merge_all(mut self) -> Result<()> {
        let segments = self.index.tantivy.searchable_segment_ids().map_err(|error| self.index.error(error))?;
        if segments.len() > 1 {
            self.tantivy.merge(&segments).wait().map_err(|error| self.index.error(error))?;
        }
        self.tantivy.wait_merging_threads().map_err(|error| self.index.error(error))?;
        self.index.reload()
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
