//! The parts of a conjunction → the query for full matches, and the one for partial ones.

use super::matching::{Matching, Tree};
use crate::query::Query;

/// The parts of a conjunction.
#[derive(Default)]
pub(super) struct Clauses {
    /// Plain words and phrases: a partial match may lack them.
    pub wanted: Vec<Matching>,
    /// What counts of them in a partial match: of phrases also their single words.
    pub loose: Vec<Matching>,
    /// `field:value`: also a partial match has them.
    pub fixed: Vec<Matching>,
    /// Stop words, and what tells the word as typed from its other forms: they count and are never required.
    pub optional: Vec<Matching>,
    /// Stop words that don't count: they are what is looked for where there is nothing else.
    pub silent: Vec<Matching>,
    pub unwanted: Vec<Matching>,
}

impl Clauses {
    pub fn is_empty(&self) -> bool {
        [&self.wanted, &self.fixed, &self.optional, &self.silent, &self.unwanted]
            .iter()
            .all(|clauses| clauses.is_empty())
    }

    /// What is one thing, in a full match and in a partial one.
    pub fn want(&mut self, query: Matching) {
        self.loose.push(query.clone());
        self.wanted.push(query);
    }

    pub fn all(&self) -> Matching {
        let mut required: Vec<Matching> = self.wanted.iter().chain(&self.fixed).cloned().collect();
        let mut optional = self.optional.clone();
        if required.is_empty() {
            optional.extend(self.silent.iter().cloned());
            let is_any = !optional.is_empty();
            required.push(if is_any { Matching::any(optional) } else { Matching::everything().unscored() });
            optional = Vec::new();
        }
        Tree::All { required, optional, excluded: self.unwanted.clone() }
    }

    /// Null where there is no part of it that could be missing.
    pub fn some(&self) -> Option<Matching> {
        if self.loose.len() < 2 {
            return None;
        }
        let either = Matching::any(self.loose.clone());
        let required = std::iter::once(either).chain(self.fixed.iter().cloned()).collect();
        let all = self.wanted.iter().chain(&self.fixed).cloned().collect();
        let excluded = std::iter::once(Matching::all_of(all)).chain(self.unwanted.iter().cloned()).collect();
        Some(Tree::All { required, optional: Vec::new(), excluded })
    }
}

/// What a part that is a plain word says.
pub(super) fn plain_word(query: &Query) -> Option<&str> {
    if let Query::Word { field: None, text } = query { Some(text) } else { None }
}

/// Whether a part asks for what is written, which a partial match may lack, rather than for a record's fields.
pub(super) fn asks_for_text(query: &Query) -> bool {
    match query {
        Query::Word { field, .. }
        | Query::Phrase { field, .. }
        | Query::Prefix { field, .. }
        | Query::Fuzzy { field, .. }
        | Query::Regex { field, .. } => field.is_none(),
        Query::Years { .. } | Query::Dates { .. } => false,
        Query::Boost { inner, .. } | Query::Not(inner) => asks_for_text(inner),
        Query::And(parts) | Query::Or(parts) => parts.iter().any(asks_for_text),
    }
}
