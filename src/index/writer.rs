//! The only place that writes: add, replace and remove sources and records; commit all of it or nothing.

use std::collections::{BTreeSet, HashSet};

use tantivy::{
    IndexWriter, TantivyDocument, Term,
    indexer::{NoMergePolicy, UserOperation},
};

use super::{
    Index,
    catalog::{Catalog, Labelling, RemovedRecord, RemovedSource, SourceEntry},
    disk,
    document::Documents,
    lock::{WriterLock, lock},
    merge::{Conflict, Key, Member, Shared, conflicts, keys, merge, removal_keys},
    pile::Pile,
    reach::{Closed, Reach},
    schema::{handle, internal},
};
use crate::{
    error::{Error, Result},
    record::Record,
    source::{Contents, lies_in},
};

/// Bytes the indexing thread may hold before it writes a segment. One thread, so that a bulk load gives few segments.
const MEMORY_BYTES: usize = 256 << 20;

/// Gives a record its topics.
pub type Labeller = Box<dyn FnMut(&mut Record)>;

/// One batch of changes. Nothing is visible before [`Writer::commit`]; dropping a writer discards the batch.
pub struct Writer<'a> {
    pub(super) index: &'a Index,
    pub(super) tantivy: IndexWriter<TantivyDocument>,
    documents: Documents,
    /// As it will be after the commit.
    catalog: Catalog,
    /// Sources whose records of before the batch are to go.
    replaced: BTreeSet<String>,
    added: Pile,
    /// Keys of records that are to be looked at again.
    wanted: Vec<Key>,
    /// By what records are labelled after the commit.
    labelling: Labelling,
    /// Labels what this batch puts together from copies; without it they have the labels of one of them.
    labeller: Labeller,
    /// Whether what is there was labelled by something else.
    is_relabelling: bool,
    n_relabelled: u64,
    _lock: WriterLock,
}

impl<'a> Writer<'a> {
    /// # Errors
    /// `Busy` when another process is writing; `Io` and `Index` when the index can't be written.
    pub(super) fn new(index: &'a Index) -> Result<Self> {
        let held = lock(&index.dir)?;
        // A process that was stopped may have left a commit that is seen and not durable yet: what follows takes away the
        // files of the one before it, and says of what is stored that it is.
        for folder in [index.dir(), &index.folder()] {
            disk::sync_folder(folder).map_err(|cause| Error::io("can't write", folder, cause))?;
        }
        index.reload()?;
        index.sweep()?;
        let writer = Self::with(index, held)?;
        if !index.is_crowded() {
            return Ok(writer);
        }
        // The step after an earlier commit did not come to its end.
        writer.compact()?;
        Self::with(index, lock(&index.dir)?)
    }

    fn with(index: &'a Index, held: WriterLock) -> Result<Self> {
        let tantivy = index.tantivy.writer_with_num_threads(1, MEMORY_BYTES).map_err(|error| index.error(error))?;
        // Merging is a step of its own, so that a small commit never waits for a large merge.
        tantivy.set_merge_policy(Box::new(NoMergePolicy));
        let documents = Documents::new(index.tantivy.schema());
        let (catalog, replaced) = (index.catalog()?, BTreeSet::new());
        let added = Pile::new(&index.dir);
        Ok(Writer {
            index,
            tantivy,
            documents,
            catalog,
            replaced,
            added,
            wanted: Vec::new(),
            labelling: index.labelling()?,
            labeller: Box::new(|_| {}),
            is_relabelling: false,
            n_relabelled: 0,
            _lock: held,
        })
    }

    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// By what records are labelled after the commit.
    pub fn labelling(&self) -> &Labelling {
        &self.labelling
    }

    /// Has records labelled by this. Those that are put in must have these labels; those that are there get them where they
    /// have others, from the records as they are stored. Whether that changes the index.
    pub fn label_by(&mut self, labelling: Labelling, labeller: Labeller) -> bool {
        self.is_relabelling |= self.labelling.hash != labelling.hash;
        let is_changed = self.labelling != labelling;
        (self.labelling, self.labeller) = (labelling, labeller);
        is_changed
    }

    /// Records of before the batch that have other topics by it; known when it is staged.
    pub fn n_relabelled(&self) -> u64 {
        self.n_relabelled
    }

    /// Puts a source's records in the place of what it gave before; those that were removed are left out.
    pub fn replace(&mut self, key: &str, mut entry: SourceEntry, mut records: Vec<Record>) {
        let n_given = records.len();
        records.retain(|record| self.catalog.removal_of(record).is_none());
        entry.n_records = records.len() as u64;
        entry.n_removed = (n_given - records.len()) as u64;
        self.replaced.insert(key.to_owned());
        records.iter().for_each(|record| self.added.push(key, record));
        self.catalog.kept.remove(key);
        self.catalog.sources.insert(key.to_owned(), entry);
    }

    /// Says something new of a source whose records stay.
    pub fn annotate(&mut self, key: &str, entry: SourceEntry) {
        self.catalog.sources.insert(key.to_owned(), entry);
    }

    /// Forgets a source and its records.
    pub fn forget(&mut self, key: &str) {
        self.replaced.insert(key.to_owned());
        self.catalog.kept.remove(key);
        self.catalog.sources.remove(key);
    }

    /// Copies the records of a source that is gone into the catalog, from where another version of hallway, or a repair,
    /// can have them when the index itself can't be read. Whether that was not yet so.
    ///
    /// # Errors
    /// `Index`, `Io`.
    pub fn keep(&mut self, key: &str) -> Result<bool> {
        if self.catalog.kept.contains_key(key) {
            return Ok(false);
        }
        let searcher = self.index.searcher();
        let merged = self.index.merged_with(&searcher, internal::SOURCE, key)?;
        let members = merged.into_iter().flat_map(|merged| merged.members).filter(|member| member.source == key);
        let mut records: Vec<Record> = members.map(|member| member.record).collect();
        records.sort_by(|a, b| a.id.cmp(&b.id));
        self.catalog.kept.insert(key.to_owned(), records);
        Ok(true)
    }

    /// The source is there again: its records need no copy. Whether there was one.
    pub fn unkeep(&mut self, key: &str) -> bool {
        self.catalog.kept.remove(key).is_some()
    }

    /// [`Writer::keep`] with the records in hand.
    pub(crate) fn keep_records(&mut self, key: &str, mut records: Vec<Record>) {
        records.retain(|record| self.catalog.removal_of(record).is_none());
        self.catalog.kept.insert(key.to_owned(), records);
    }

    /// Takes over what was removed from another index.
    pub(crate) fn adopt_removals(&mut self, other: &Catalog) {
        self.catalog.removed_sources.clone_from(&other.removed_sources);
        self.catalog.removed_records.clone_from(&other.removed_records);
    }

    /// Forgets a file, or all files of a folder, and keeps them out. The keys of the sources that were forgotten.
    pub fn remove_source(&mut self, path: &str) -> Vec<String> {
        let below = |key: &&String| lies_in(key, path);
        let keys: Vec<String> = self.catalog.sources.keys().filter(below).cloned().collect();
        let mut removed = RemovedSource::default();
        for key in &keys {
            if let Some(entry) = self.catalog.sources.get(key) {
                let SourceEntry { root, path, overrides, archive, .. } = entry.clone();
                let archive = archive.map(|_| Contents::default());
                let known = SourceEntry { root, path, overrides, archive, ..SourceEntry::default() };
                removed.entries.insert(key.clone(), known);
            }
            self.forget(key);
        }
        self.catalog.removed_sources.insert(path.to_owned(), removed);
        keys
    }

    /// What this batch removes is to leave the disk as well, at the latest with the next batch.
    pub(crate) fn expunge_later(&mut self) {
        self.catalog.is_expunging = true;
    }

    /// It has left.
    pub(super) fn has_expunged(&mut self) {
        self.catalog.is_expunging = false;
    }

    /// Lets a removed file or folder in again. Null when it was not removed.
    pub fn restore_source(&mut self, path: &str) -> Option<RemovedSource> {
        self.catalog.removed_sources.remove(path)
    }

    /// Keeps the record with this permanent id out, and its copies at the same edition. The ids that go.
    ///
    /// # Errors
    /// `Index`, `Io`.
    pub fn remove_record(&mut self, id: &str) -> Result<Vec<String>> {
        let searcher = self.index.searcher();
        let mut removed = RemovedRecord::default();
        for merged in self.index.merged_with(&searcher, internal::ID, id)? {
            removed.keys.extend(removal_keys(&merged.record));
            for member in merged.members {
                removed.keys.extend(removal_keys(&member.record));
                self.wanted.extend(keys(&member.record));
                removed.sources.insert(member.source);
            }
        }
        let mut gone = BTreeSet::from([id.to_owned()]);
        for key in &self.wanted {
            for merged in self.index.merged_with(&searcher, internal::KEY, &key.to_string())? {
                if !removal_keys(&merged.record).is_disjoint(&removed.keys) {
                    removed.sources.extend(merged.members.iter().map(|member| member.source.clone()));
                    gone.insert(merged.record.id);
                }
            }
        }
        self.catalog.removed_records.insert(id.to_owned(), removed);
        let Catalog { kept, removed_records, .. } = &mut self.catalog;
        let removed = &removed_records[id];
        for records in kept.values_mut() {
            records.retain(|record| removal_keys(record).is_disjoint(&removed.keys));
        }
        Ok(gone.into_iter().collect())
    }

    /// Lets a removed record in again. The sources to read for it; null when it was not removed.
    pub fn restore_record(&mut self, id: &str) -> Option<BTreeSet<String>> {
        let mut sources = self.catalog.removed_records.remove(id)?.sources;
        let holds_back = |(key, entry): (&String, &SourceEntry)| (entry.n_removed > 0).then(|| key.clone());
        sources.extend(self.catalog.sources.iter().filter_map(holds_back));
        Some(sources)
    }

    /// Puts together what the batch changes, its records and those they are copies of or are linked with, so that the
    /// [catalog](Writer::catalog) says all there is to say before the commit.
    ///
    /// # Errors
    /// `Index`, `Io`; the writer must then be dropped, which discards the batch.
    pub fn stage(&mut self) -> Result<()> {
        self.index.reload()?;
        let pile = std::mem::replace(&mut self.added, Pile::new(&self.index.dir));
        let mut reach = Reach::new(self.index, &self.catalog, &self.replaced, pile);
        if self.is_relabelling {
            self.n_relabelled = reach.relabel(&mut self.labeller)?;
        }
        let Closed { shared, groups } = reach.close(std::mem::take(&mut self.wanted))?;
        let Reach { mut pile, gone, removed, repeated, .. } = reach;
        for Member { source, record } in removed {
            if let Some(entry) = self.catalog.sources.get_mut(&source) {
                entry.conflicts.remove(&record.id);
                entry.n_records = entry.n_records.saturating_sub(1);
                entry.n_removed += 1;
            }
        }
        let id = handle(&self.index.tantivy.schema(), internal::ID);
        for gone in &gone {
            let delete = UserOperation::Delete(Term::from_field_text(id, gone));
            run(&mut self.tantivy, self.index, vec![delete])?;
        }
        self.note_conflicts(&mut pile, &shared)?;
        let nothing = HashSet::new();
        let documents = &mut self.documents;
        merge(&mut pile, &shared, &groups, &mut self.labeller, &mut |one, traits| {
            let repeated = one.record.edition_id.as_ref().and_then(|edition| repeated.get(edition));
            // One group a record: its documents come to lie in one segment, side by side.
            let group = documents.of(one, traits, repeated.unwrap_or(&nothing))?;
            run(&mut self.tantivy, self.index, group.into_iter().map(UserOperation::Add).collect())
        })
    }

    /// The same given id for different records is a problem of the source that comes later.
    fn note_conflicts(&mut self, pile: &mut Pile, shared: &Shared) -> Result<()> {
        for slip in pile.slips() {
            if let Some(entry) = self.catalog.sources.get_mut(pile.source(slip)) {
                entry.conflicts.remove(&*slip.id);
            }
        }
        for Conflict { source, id, problem } in conflicts(pile, shared)? {
            if let Some(entry) = self.catalog.sources.get_mut(&source) {
                entry.conflicts.insert(id, problem);
            }
        }
        Ok(())
    }

    /// Makes the staged batch durable and visible, all or nothing.
    ///
    /// # Errors
    /// `Io`, `Index`: the index is as it was before the batch; or, where nothing but the last sync failed, as after it.
    pub fn commit(mut self) -> Result<()> {
        let payload = self.catalog.save(&self.index.folder(), self.labelling.clone())?;
        // Tantivy keeps half a batch after a failure, which a later commit would publish: this writer ends here.
        let committed = self.commit_with(&serde_json::to_string(&payload).unwrap_or_default());
        committed.map_err(|error| self.index.error(error))?;
        // The batch is durable by now: what is left lying takes nothing back, and the next writer finds it.
        let _ = self.index.sweep();
        Ok(())
    }

    fn commit_with(&mut self, payload: &str) -> tantivy::Result<()> {
        let mut commit = self.tantivy.prepare_commit()?;
        commit.set_payload(payload);
        commit.commit()?;
        Ok(())
    }
}

fn run(
    tantivy: &mut IndexWriter<TantivyDocument>,
    index: &Index,
    operations: Vec<UserOperation<TantivyDocument>>,
) -> Result<()> {
    let Err(error) = tantivy.run(operations) else { return Ok(()) };
    // The thread that indexes has ended; it says why to the one who waits for it.
    let error = tantivy.prepare_commit().err().unwrap_or(error);
    Err(index.error(error))
}
