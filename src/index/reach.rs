//! How far a batch reaches: to the records in the index that are copies of its own or are linked with them, and to those of
//! an edition whose boilerplate it changes. They are taken out of the index and written again with the batch.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use tantivy::{
    DocAddress, Searcher, Term, collector::DocSetCollector, columnar::Column, query::TermQuery,
    schema::IndexRecordOption,
};

use super::{
    Index,
    boilerplate::Tally,
    catalog::Catalog,
    document::parent_key,
    merge::{Key, Member, Merged, Shared, groups, keys},
    pile::Pile,
    schema::{handle, internal},
};
use crate::{
    error::Result,
    record::{Kind, Record},
};

/// A batch that is being completed.
pub(super) struct Reach<'a> {
    index: &'a Index,
    catalog: &'a Catalog,
    /// Sources whose records of before are to go.
    replaced: &'a BTreeSet<String>,
    searcher: Searcher,
    /// The batch's own records, and those that it reached.
    pub pile: Pile,
    /// Ids of the records in the index that are taken out.
    pub gone: BTreeSet<String>,
    /// What is not written again, since it was removed.
    pub removed: Vec<Member>,
    /// For every edition of the batch, the lines that are its boilerplate.
    pub repeated: BTreeMap<String, HashSet<u64>>,
    wanted: Vec<Key>,
    seen: HashSet<Key>,
    /// Editions of records that are taken out.
    editions: BTreeSet<String>,
    gone_keys: HashSet<u64>,
}

/// A batch that reaches no further.
pub(super) struct Closed {
    pub shared: Shared,
    pub groups: Vec<Vec<usize>>,
}

impl<'a> Reach<'a> {
    pub fn new(index: &'a Index, catalog: &'a Catalog, replaced: &'a BTreeSet<String>, pile: Pile) -> Self {
        Reach {
            index,
            catalog,
            replaced,
            searcher: index.searcher(),
            pile,
            gone: BTreeSet::new(),
            removed: Vec::new(),
            repeated: BTreeMap::new(),
            wanted: Vec::new(),
            seen: HashSet::new(),
            editions: BTreeSet::new(),
            gone_keys: HashSet::new(),
        }
    }

    /// Takes in all that the batch and `wanted` reach.
    ///
    /// # Errors
    /// `Index`, `Io`.
    pub fn close(&mut self, wanted: Vec<Key>) -> Result<Closed> {
        self.pile.check()?;
        self.wanted = wanted;
        if self.searcher.num_docs() > 0 {
            self.wanted.extend(self.pile.slips().iter().flat_map(|slip| slip.keys.iter().copied()));
        }
        for source in self.replaced {
            for found in self.index.merged_with(&self.searcher, internal::SOURCE, source)? {
                self.take(found);
            }
        }
        loop {
            self.take_copies()?;
            let shared = Shared::of(&self.pile);
            let groups = groups(self.pile.slips(), &shared);
            if !self.take_editions(&groups)? {
                self.pile.check()?;
                return Ok(Closed { shared, groups });
            }
        }
    }

    /// Takes in every record of the index that has other topics by `label`, and gives it those. How many.
    ///
    /// # Errors
    /// `Index`, `Io`.
    pub fn relabel(&mut self, label: &mut dyn FnMut(&mut Record)) -> Result<u64> {
        let index = self.index;
        let mut n_changed = 0;
        index.each_merged(|mut found| {
            let mut is_changed = false;
            let records = found.members.iter_mut().map(|member| &mut member.record).chain([&mut found.record]);
            for record in records {
                let before = record.topics.clone();
                label(record);
                is_changed |= record.topics != before;
            }
            if is_changed {
                n_changed += 1;
                self.take(found);
            }
            Ok(())
        })?;
        Ok(n_changed)
    }

    fn take(&mut self, found: Merged) {
        if !self.gone.insert(found.record.id.clone()) {
            return;
        }
        self.gone_keys.insert(parent_key(&found.record.id));
        for member in found.members {
            self.wanted.extend(keys(&member.record));
            self.editions.extend(member.record.edition_id.clone());
            if self.replaced.contains(&member.source) {
                continue;
            }
            if self.catalog.removal_of(&member.record).is_some() {
                self.removed.push(member);
            } else {
                self.pile.push(&member.source, &member.record);
            }
        }
    }

    fn take_copies(&mut self) -> Result<()> {
        while let Some(key) = self.wanted.pop() {
            if self.seen.insert(key) {
                for found in self.index.merged_with(&self.searcher, internal::KEY, &key.to_string())? {
                    self.take(found);
                }
            }
        }
        Ok(())
    }

    /// Finds what repeats in the editions that were not looked at yet, and takes in their records to which that makes a
    /// difference. Whether there were some.
    fn take_editions(&mut self, groups: &[Vec<usize>]) -> Result<bool> {
        let mut tallies: BTreeMap<String, Tally> = BTreeMap::new();
        for edition in &self.editions {
            tallies.insert(edition.clone(), Tally::default());
        }
        for group in groups {
            let slips = group.iter().map(|number| &self.pile.slips()[*number]).filter(|slip| slip.kind != Kind::Report);
            let editions: BTreeSet<u32> = slips.clone().filter_map(|slip| slip.edition).collect();
            let lines: BTreeSet<u64> = slips.flat_map(|slip| slip.lines.iter().copied()).collect();
            for edition in editions {
                tallies.entry(self.pile.edition(edition).to_owned()).or_default().add(lines.iter().copied());
            }
        }
        tallies.retain(|edition, _| !self.repeated.contains_key(edition));
        let mut any = false;
        for (edition, mut after) in tallies {
            let mut before = Tally::default();
            let mut others: Vec<(DocAddress, Vec<u64>)> = Vec::new();
            self.each_of_edition(&edition, |address, key, lines| {
                before.add(lines.iter().copied());
                if !self.gone_keys.contains(&key) {
                    after.add(lines.iter().copied());
                    others.push((address, lines));
                }
            })?;
            let (before, after) = (before.repeated(), after.repeated());
            let changed: HashSet<u64> = before.symmetric_difference(&after).copied().collect();
            for (address, _) in others.iter().filter(|(_, lines)| lines.iter().any(|line| changed.contains(line))) {
                let found = self.index.merged(&self.index.document(&self.searcher, *address)?)?;
                found.into_iter().for_each(|found| self.take(found));
                any = true;
            }
            self.repeated.insert(edition, after);
        }
        Ok(any)
    }

    /// Calls `each` with every talk and bio of an edition in the index: place, key, lines. Reads columns alone.
    fn each_of_edition(&self, edition: &str, mut each: impl FnMut(DocAddress, u64, Vec<u64>)) -> Result<()> {
        let damaged = |error| self.index.error(error);
        let field = handle(self.searcher.schema(), internal::EDITION);
        let query = TermQuery::new(Term::from_field_u64(field, parent_key(edition)), IndexRecordOption::Basic);
        let mut found: Vec<_> = self.searcher.search(&query, &DocSetCollector).map_err(damaged)?.into_iter().collect();
        found.sort_unstable();
        let mut seen = HashSet::new();
        for run in found.chunk_by(|a, b| a.segment_ord == b.segment_ord) {
            let fields = self.searcher.segment_reader(run[0].segment_ord).fast_fields();
            let column = |name| -> Result<Column<u64>> { fields.u64(name).map_err(damaged) };
            let (keys, lines) = (column(internal::PARENT)?, column(internal::LINES)?);
            for address in run {
                let doc = address.doc_id;
                let key = keys.first(doc).unwrap_or_default();
                // Of a talk with a transcript the first document stands for all.
                if seen.insert(key) {
                    each(*address, key, lines.values_for_doc(doc).collect());
                }
            }
        }
        Ok(())
    }
}
