//! The parts of a conjunction → the query for full matches, and the one for partial ones.

use tantivy::query::{AllQuery, BooleanQuery, ConstScoreQuery, Occur};

use super::{Lowered, excluded::Excluded};

/// The parts of a conjunction.
#[derive(Default)]
pub(super) struct Clauses {
    /// Plain words and phrases: a partial match may lack them.
    pub wanted: Vec<Lowered>,
    /// Single words of `wanted` phrases: they count for a partial match.
    pub words: Vec<Lowered>,
    /// `field:value`: also a partial match has them.
    pub fixed: Vec<Lowered>,
    /// Stop words, and what tells the word as typed from its other forms: they count and are never required.
    pub optional: Vec<Lowered>,
    pub unwanted: Vec<Lowered>,
}

impl Clauses {
    pub fn is_empty(&self) -> bool {
        [&self.wanted, &self.fixed, &self.optional, &self.unwanted].iter().all(|clauses| clauses.is_empty())
    }

    pub fn all(&self) -> Lowered {
        let required = self.wanted.iter().chain(&self.fixed).map(|clause| (Occur::Must, clause.box_clone()));
        let mut parts: Vec<_> = required.collect();
        if parts.is_empty() && self.optional.is_empty() {
            parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))));
        }
        parts.extend(self.optional.iter().map(|clause| (Occur::Should, clause.box_clone())));
        self.without_unwanted(parts)
    }

    pub fn some(&self, full: &Lowered) -> Option<Lowered> {
        if self.wanted.len() + self.words.len() < 2 {
            return None;
        }
        let either = self.wanted.iter().chain(&self.words).map(|clause| (Occur::Should, clause.box_clone())).collect();
        let mut parts: Vec<(Occur, Lowered)> = vec![(Occur::Must, Box::new(BooleanQuery::new(either)))];
        parts.extend(self.fixed.iter().map(|clause| (Occur::Must, clause.box_clone())));
        parts.push(excluded(full));
        Some(self.without_unwanted(parts))
    }

    fn without_unwanted(&self, mut parts: Vec<(Occur, Lowered)>) -> Lowered {
        parts.extend(self.unwanted.iter().map(excluded));
        Box::new(BooleanQuery::new(parts))
    }
}

pub(super) fn excluded(query: &Lowered) -> (Occur, Lowered) {
    (Occur::MustNot, Box::new(Excluded(query.box_clone())))
}

pub(super) fn unscored(query: Lowered) -> Lowered {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
