//! The records that hold the most telling of given words: for what compares texts itself.

use tantivy::{DocAddress, Term, collector::DocSetCollector, query::TermQuery, schema::IndexRecordOption};

use super::{Prepared, SearchRequest, prepare};
use crate::{
    error::Result,
    index::{
        Index, Shown,
        schema::{handle, internal},
    },
    query::lower::Matching,
    record::Record,
};

/// One snapshot of an index, to look for records that are like others.
pub struct Nearby<'a> {
    index: &'a Index,
    searcher: tantivy::Searcher,
}

/// What a record is looked for by.
#[derive(Clone, Debug, Default)]
pub struct Clues {
    /// Terms of the text, and how much each counts.
    pub terms: Vec<(String, f32)>,
    /// Names of people as folded words: a record by one of them counts so much more.
    pub names: Vec<Vec<String>>,
    pub name_weight: f32,
}

impl<'a> Nearby<'a> {
    pub fn new(index: &'a Index) -> Self {
        Nearby { index, searcher: index.searcher() }
    }

    /// Documents of the index, those that were removed and not merged away among them.
    pub fn n_documents(&self) -> u64 {
        self.searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum()
    }

    /// How many of them hold a term.
    ///
    /// # Errors
    /// `Index`.
    pub fn frequency(&self, term: &str) -> Result<u64> {
        let term = Term::from_field_text(handle(self.searcher.schema(), "text"), term);
        self.searcher.doc_freq(&term).map_err(|error| self.index.error(error))
    }

    /// The first records of all that hold some of the clues, within what a request finds and its filters let through; of a
    /// report its best passage. Every match is scored, so that the order is exact. Gives besides how the request was read.
    ///
    /// # Errors
    /// As [`search`](super::search()).
    pub fn nearest(&self, within: &SearchRequest, clues: &Clues, n: usize) -> Result<(Vec<Shown>, Vec<String>)> {
        let damaged = |error| self.index.error(error);
        let Prepared { plan, mut collector, notes, .. } = prepare(self.index, &self.searcher, within)?;
        (collector.n_wanted, collector.passages_max) = (n, 1);
        let field = |name| handle(self.searcher.schema(), name);
        let term = |(term, weight): &(String, f32)| Matching::term(Term::from_field_text(field("text"), term), *weight);
        let name = |words: &Vec<String>| {
            let word = |word: &String| {
                Matching::other(TermQuery::new(Term::from_field_text(field("speaker"), word), IndexRecordOption::Basic))
            };
            Matching::all_of(words.iter().map(word).collect()).constant(clues.name_weight)
        };
        let names = clues.names.iter().filter(|words| !words.is_empty()).map(name);
        let any = Matching::any(clues.terms.iter().map(term).chain(names).collect());
        let is_all = within.query.trim().is_empty();
        let query = if is_all { any } else { Matching::all_of(vec![plan.full.unscored(), any]) };
        let found = collector.search(&self.searcher, &query).map_err(damaged)?;
        let shown = found.top.iter().map(|ranked| self.index.shown(&self.searcher, ranked.address));
        Ok((shown.collect::<Result<_>>()?, notes))
    }

    /// Every record that a request finds, in order of id: talks and bios as they are shown, of what has passages one each.
    ///
    /// # Errors
    /// As [`search`](super::search()).
    pub fn all(&self, within: &SearchRequest) -> Result<(Vec<Shown>, Vec<String>)> {
        let Prepared { plan, mut collector, notes, .. } = prepare(self.index, &self.searcher, within)?;
        (collector.n_wanted, collector.passages_max) = (usize::MAX, 1);
        let found = collector.search(&self.searcher, &plan.full).map_err(|error| self.index.error(error))?;
        let shown = found.top.iter().map(|ranked| self.index.shown(&self.searcher, ranked.address));
        let mut shown = shown.collect::<Result<Vec<Shown>>>()?;
        shown.sort_by(|a, b| a.record.id.cmp(&b.record.id));
        Ok((shown, notes))
    }

    /// A record of the index as search knows it: without the lines that repeat across its edition.
    ///
    /// # Errors
    /// `Index`.
    pub fn masked_body(&self, record: &Record) -> Result<String> {
        let damaged = |error| self.index.error(error);
        let id = Term::from_field_text(handle(self.searcher.schema(), internal::ID), &record.id);
        let query = TermQuery::new(id, IndexRecordOption::Basic);
        let found = self.searcher.search(&query, &DocSetCollector).map_err(damaged)?;
        let Some(first) = found.into_iter().min_by_key(|at: &DocAddress| (at.segment_ord, at.doc_id)) else {
            return Ok(record.body().to_owned());
        };
        let shown = self.index.shown(&self.searcher, first)?;
        let is_whole = shown.record.body() == record.body();
        Ok(if is_whole { shown.masked_body().into_owned() } else { record.body().to_owned() })
    }
}
