//! What a search is asked, and what it gives back.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{FacetCounts, Filter, Highlight, ScorePart, Snippet, Sort};
use crate::{
    query::{Signals, Synonyms},
    record::Record,
};

/// What to search for and what to give back.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct SearchRequest {
    /// In the query language; empty matches every record.
    pub query: String,
    /// All must hold; within one, any value.
    pub filters: Vec<Filter>,
    /// Hits wanted, and hits to skip before them: together at most [`PAGE_MAX`](super::PAGE_MAX).
    pub limit: usize,
    pub offset: usize,
    pub sort: Sort,
    /// One hit for the same talk at several editions, the best of them. Counts stay those of all records.
    pub fold_editions: bool,
    /// Proposals that were rejected are found too; else only where the filters or the query ask for a state.
    pub with_rejected: bool,
    /// What means the same, beside hallway's own table. Null where words are found neither by synonyms nor written
    /// otherwise ("timeseries" for "time series") or typed wrongly, but in their own forms alone.
    pub synonyms: Option<Synonyms>,
    /// Names of the facets to count.
    pub facets: Vec<String>,
    /// Topics that the facet of topics has not, unless a filter names them.
    pub topics_left_out: BTreeSet<String>,
    /// Values given of each facet.
    pub facet_values_max: usize,
    /// Characters of a snippet, at most [`SNIPPET_CHARS_MAX`](super::SNIPPET_CHARS_MAX); 0 for none.
    pub snippet_chars_max: usize,
    /// What would be noted is an error.
    pub strict: bool,
    /// What scores consist of.
    pub signals: Signals,
    /// Each hit says what its score consists of.
    pub explain: bool,
    /// The best records are put in the order of their likeness to this one; without a query they are those that have its words.
    pub like: Option<Box<Record>>,
}

impl Default for SearchRequest {
    fn default() -> Self {
        SearchRequest {
            query: String::new(),
            filters: Vec::new(),
            limit: 10,
            offset: 0,
            sort: Sort::Relevance,
            fold_editions: false,
            with_rejected: false,
            synonyms: Some(Synonyms::default()),
            facets: Vec::new(),
            topics_left_out: BTreeSet::new(),
            facet_values_max: 20,
            snippet_chars_max: 240,
            strict: false,
            signals: Signals::default(),
            explain: false,
            like: None,
        }
    }
}

/// One page of results.
#[derive(Clone, Debug, Default)]
pub struct SearchResults {
    /// Records that hold everything that was asked for; exact.
    pub total: u64,
    /// Records that hold some of it; counted only when some are on the page.
    pub total_partial: Option<u64>,
    pub hits: Vec<Hit>,
    /// What the hits are ordered by.
    pub sort: Sort,
    /// Records up to the last hit, those it skipped and those that a hit stands for among them: where the next page begins.
    pub end: usize,
    /// Null when no facet was asked for; counts are of full matches.
    pub facets: Option<Vec<FacetCounts>>,
    /// How the query was read, and why nothing was found.
    pub notes: Vec<String>,
    /// Queries that may be meant, the likeliest first, where words as typed are nowhere in the index: the first of them
    /// was searched for, unless the request is strict or without synonyms.
    pub did_you_mean: Vec<String>,
}

/// One record of a page.
#[derive(Clone, Debug)]
pub struct Hit {
    /// A talk or bio whole but for a transcript; a report without its text. Passages are those of the hit.
    pub record: Record,
    pub score: f32,
    /// What the score consists of, where that was asked for.
    pub explanation: Option<Vec<ScorePart>>,
    /// Whether it lacks some of what was asked for.
    pub partial: bool,
    /// The other editions at which the talk was given, where hits are folded: at most [`EDITIONS_MAX`](super::EDITIONS_MAX).
    pub also_at: Vec<String>,
    pub title_highlights: Vec<Highlight>,
    pub snippets: Vec<Snippet>,
    /// The best passages of a report or transcript, best first.
    pub passages: Vec<PassageHit>,
}

/// A passage of a report or transcript that matched.
#[derive(Clone, Debug, Serialize)]
pub struct PassageHit {
    pub passage: crate::record::Passage,
    pub score: f32,
    pub snippets: Vec<Snippet>,
    /// The second of the recording at which the first highlighted word is said; of a passage without one, where it begins.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start_s: Option<u32>,
}

impl Hit {
    /// The second of the recording at which the best passage has its first highlighted word.
    pub fn start_s(&self) -> Option<u32> {
        self.passages.first()?.start_s
    }
}

/// The records of one page by id, in order: what ranking alone gives.
#[derive(Clone, Debug, Default)]
pub struct Ranking {
    /// As in [`SearchResults`].
    pub total: u64,
    /// As in [`SearchResults`].
    pub total_partial: Option<u64>,
    pub hits: Vec<RankedId>,
}

/// One record of a [`Ranking`].
#[derive(Clone, Debug, PartialEq)]
pub struct RankedId {
    /// Permanent.
    pub id: String,
    pub score: f32,
    pub partial: bool,
}
