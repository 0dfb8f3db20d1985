//! The documents that any of several parts of a tree match.

use tantivy::DocId;

use super::{
    Together,
    segment::{Hits, Scratch, Sum, both},
};

/// The documents of a range that any of several parts match: a list while one of them has nearly all, then a table.
pub(super) struct Union {
    from: DocId,
    to: DocId,
    together: Together,
    list: Hits,
    table: Option<Table>,
}

/// So many times as many documents are in a list that others are put into.
const LIST_SHARE: usize = 16;

impl Union {
    pub fn new(from: DocId, to: DocId, together: Together) -> Union {
        Union { from, to, together, list: Hits::default(), table: None }
    }

    /// Whether parts that match so many documents are more than one list and a few others.
    pub fn needs_table(costs: impl Iterator<Item = u64>) -> bool {
        let (most, next) = costs.fold((0, 0), |(most, next), n| (most.max(n), next.max(n.min(most))));
        next.saturating_mul(LIST_SHARE as u64) > most
    }

    pub fn begin_table(&mut self, scratch: &mut Scratch) {
        self.table = Some(scratch.table(self.from, self.to));
    }

    /// Null while a list will do.
    pub fn table(&mut self) -> Option<&mut Table> {
        self.table.as_mut()
    }

    pub fn add(&mut self, mut part: Hits, scratch: &mut Scratch) {
        if let Some(table) = &mut self.table {
            table.add(&part, self.together);
        } else if self.list.docs.is_empty() {
            std::mem::swap(&mut self.list, &mut part);
        } else if part.docs.len() * LIST_SHARE <= self.list.docs.len() {
            self.list.put_in(&part, self.together, scratch);
        } else {
            let mut table = scratch.table(self.from, self.to);
            table.add(&self.list, self.together);
            table.add(&part, self.together);
            self.table = Some(table);
        }
        scratch.keep(part);
    }

    pub fn give(mut self, hits: &mut Hits, scratch: &mut Scratch) {
        if let Some(table) = self.table {
            table.give(hits);
            scratch.keep_table(table);
        } else {
            hits.append(&mut self.list);
        }
        scratch.keep(self.list);
    }
}

impl Hits {
    /// Puts a few more documents in their places.
    fn put_in(&mut self, part: &Hits, together: Together, scratch: &mut Scratch) {
        if part.docs.is_empty() {
            return;
        }
        let mut new = scratch.hits();
        let mut at = 0;
        for (doc, score) in part.sums() {
            at += self.docs[at..].partition_point(|other| *other < doc);
            if self.docs.get(at) == Some(&doc) {
                self.scores[at] = both(together, self.scores[at], score);
            } else {
                new.push(doc, score);
            }
        }
        // From the end on, what is behind each makes room for it.
        let mut end = self.docs.len();
        self.docs.extend_from_slice(&new.docs);
        self.scores.extend_from_slice(&new.scores);
        for n_before in (0..new.docs.len()).rev() {
            let (doc, score) = (new.docs[n_before], new.scores[n_before]);
            let place = self.docs[..end].partition_point(|other| *other < doc);
            self.docs.copy_within(place..end, place + n_before + 1);
            self.scores.copy_within(place..end, place + n_before + 1);
            (self.docs[place + n_before], self.scores[place + n_before]) = (doc, score);
            end = place;
        }
        scratch.keep(new);
    }
}

/// A place for each document of a range.
#[derive(Default)]
pub(super) struct Table {
    from: DocId,
    /// Of the documents that are held; whatever there was before of others.
    scores: Vec<Sum>,
    /// A bit for each document.
    held: Vec<u64>,
}

impl Table {
    /// Holds nothing of another range.
    pub fn reset(&mut self, from: DocId, to: DocId) {
        let n = (to - from) as usize;
        self.from = from;
        self.scores.resize(n, 0.0);
        self.held.clear();
        self.held.resize(n.div_ceil(64), 0);
    }

    fn add(&mut self, part: &Hits, together: Together) {
        part.sums().for_each(|(doc, score)| self.put(doc, score, together));
    }

    pub fn put(&mut self, doc: DocId, score: Sum, together: Together) {
        let at = (doc - self.from) as usize;
        let (word, bit) = (&mut self.held[at / 64], 1 << (at % 64));
        let place = &mut self.scores[at];
        *place = if *word & bit == 0 { score } else { both(together, *place, score) };
        *word |= bit;
    }

    /// Holds a document whatever it scores.
    pub fn see(&mut self, doc: DocId) {
        let at = (doc - self.from) as usize;
        let (word, bit) = (&mut self.held[at / 64], 1 << (at % 64));
        if *word & bit == 0 {
            self.scores[at] = 0.0;
            *word |= bit;
        }
    }

    fn give(&self, hits: &mut Hits) {
        for (base, bits) in (0..).step_by(64).zip(&self.held) {
            let mut bits = *bits;
            while bits != 0 {
                let at = base + bits.trailing_zeros();
                hits.push(self.from + at, self.scores[at as usize]);
                bits &= bits - 1;
            }
        }
    }
}
