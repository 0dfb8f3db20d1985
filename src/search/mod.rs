//! Query → results: ranked records with snippets, exact counts, facets.

mod correct;
mod draw;
mod facet;
mod filter;
mod fold;
mod matches;
mod queries;
mod rank;
mod snippet;
mod suggest;
mod trends;

use std::collections::HashSet;

use serde::Serialize;
use tantivy::{SegmentReader, Term};

pub use draw::{CLASSES, Class, draw};
pub use facet::{FacetCount, FacetCounts, facet_field};
pub use filter::{Filter, values};
pub use matches::each_match;
pub use queries::{Asked, QUERY_LINE_BYTES_MAX, read_queries};
pub use rank::Sort;
pub use snippet::{Highlight, SNIPPET_CHARS_MAX, Snippet};
pub use suggest::{SUGGESTIONS_MAX, Suggestion, suggest};
pub use trends::{ALARM, OfSeries, OfTopic, OfYear, Share, TopicTrends, Trends, topic_trends, trends};

pub use crate::index::schema::UNKNOWN;
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, schema::handle},
    query::{
        self, Query, Synonyms,
        lower::{Clue, Evidence, Form, Matching, Plan, is_held, lower},
    },
    record::{Kind, Record},
};
use correct::nearest_plan;
use fold::Folder;
use rank::{Found, Ids, Ranked, RecordCollector};
use snippet::{Extractor, Known};

/// Hits of one page, and of all pages before it.
pub const PAGE_MAX: usize = 10_000;
/// Passages shown of one report or transcript.
const PASSAGES_MAX: usize = 3;
/// Other editions named with a hit.
pub const EDITIONS_MAX: usize = 5;

/// What to search for and what to give back.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// In the query language; empty matches every record.
    pub query: String,
    /// All must hold; within one, any value.
    pub filters: Vec<Filter>,
    /// Hits wanted, and hits to skip before them: together at most [`PAGE_MAX`].
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
    /// Values given of each facet.
    pub facet_values_max: usize,
    /// Characters of a snippet, at most [`SNIPPET_CHARS_MAX`]; 0 for none.
    pub snippet_chars_max: usize,
    /// What would be noted is an error.
    pub strict: bool,
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
            facet_values_max: 20,
            snippet_chars_max: 240,
            strict: false,
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
    /// Whether it lacks some of what was asked for.
    pub partial: bool,
    /// The other editions at which the talk was given, where hits are folded: at most [`EDITIONS_MAX`].
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

/// Runs a search.
///
/// # Errors
/// `Usage` for a query, facet or filter value that can't be used, or a page past [`PAGE_MAX`]; `Index`, `Io`.
pub fn search(index: &Index, request: &SearchRequest) -> Result<SearchResults> {
    let searcher = index.searcher();
    let page = find(index, &searcher, request)?;
    let mut results = SearchResults {
        total: page.total,
        total_partial: page.total_partial,
        end: page.end,
        facets: page.facets,
        notes: page.notes,
        did_you_mean: page.did_you_mean,
        ..SearchResults::default()
    };
    let partial_evidence = page.plan.partial.as_ref().map(|partial| &partial.evidence);
    for (ranked, evidence, is_partial) in
        [(&page.full, Some(&page.plan.evidence), false), (&page.partial, partial_evidence, true)]
    {
        let Some(evidence) = evidence.filter(|_| !ranked.is_empty()) else { continue };
        let mut extractor = Extractor::new(evidence, request.snippet_chars_max);
        let mut segment = None;
        for ranked in ranked {
            if segment.replace(ranked.address.segment_ord) != Some(ranked.address.segment_ord) {
                set_frequencies(&mut extractor, searcher.segment_reader(ranked.address.segment_ord))
                    .map_err(|error| index.error(error))?;
            }
            let mut hit = hit(index, &searcher, &mut extractor, ranked, is_partial)?;
            if request.fold_editions {
                hit.also_at = other_editions(index, &searcher, &hit.record)?;
            }
            results.hits.push(hit);
        }
    }
    if results.total == 0 {
        results.notes.extend(why_nothing(index, &searcher, request, &page.plan.evidence)?);
    }
    Ok(results)
}

/// Runs a search as [`search`] does and gives the ids alone, without a look at the stored records.
///
/// # Errors
/// As [`search`].
pub fn rank(index: &Index, request: &SearchRequest) -> Result<Ranking> {
    let page = find(index, &index.searcher(), request)?;
    let mut hits = Vec::with_capacity(page.full.len() + page.partial.len());
    for (ranked, partial) in [(&page.full, false), (&page.partial, true)] {
        for ranked in ranked {
            let id = page.ids.of(ranked).map_err(|error| index.error(error))?.to_owned();
            hits.push(RankedId { id, score: ranked.score, partial });
        }
    }
    Ok(Ranking { total: page.total, total_partial: page.total_partial, hits })
}

/// One page before anything stored is read.
struct Page {
    plan: Plan,
    total: u64,
    total_partial: Option<u64>,
    full: Vec<Ranked>,
    /// Empty where full matches fill the page.
    partial: Vec<Ranked>,
    /// As in [`SearchResults`].
    end: usize,
    ids: Ids,
    facets: Option<Vec<FacetCounts>>,
    notes: Vec<String>,
    did_you_mean: Vec<String>,
}

fn find(index: &Index, searcher: &tantivy::Searcher, request: &SearchRequest) -> Result<Page> {
    let end = request.offset.saturating_add(request.limit);
    if end > PAGE_MAX {
        let message = format!("hits past the first {PAGE_MAX} can't be shown");
        return Err(Error::new(ErrorKind::Usage, message)
            .hint("narrow the query, or `hallway export` with the query gives all"));
    }
    let Prepared { query, plan, mut collector, mut notes } = prepare(index, searcher, request, end)?;
    let corrected = nearest_plan(searcher, request, query.as_ref(), &plan).map_err(|error| index.error(error))?;
    let (plan, did_you_mean) = match corrected {
        Some(nearest) => {
            notes.push(nearest.note);
            (nearest.plan.unwrap_or(plan), nearest.did_you_mean)
        }
        None => (plan, Vec::new()),
    };
    let damaged = |error| index.error(error);
    let folder = || if request.fold_editions { Folder::new(searcher).map_err(damaged) } else { Ok(None) };
    let mut cut = Cut { folder: folder()?, skip: request.offset, limit: request.limit, end: 0, hits: Vec::new() };
    let run = |query: &Matching, collector: &RecordCollector| -> Result<Found> {
        collector.search(searcher, query).map_err(damaged)
    };
    let found = loop {
        let mut found = run(&plan.full, &collector)?;
        let is_all = found.top.len() < collector.n_wanted;
        cut.take(std::mem::take(&mut found.top));
        if cut.is_full() || is_all || cut.folder.is_none() {
            break found;
        }
        // Where hits stand for others, the page takes more records than it has lines.
        collector.n_wanted *= 2;
        cut = Cut { folder: folder()?, end: 0, hits: Vec::new(), ..cut };
    };
    let facets = (!collector.facets.is_empty())
        .then(|| found.facets.into_iter().map(|counts| counts.cut(request.facet_values_max)).collect());
    let mut page = Page {
        total: found.total,
        total_partial: None,
        end: 0,
        full: std::mem::take(&mut cut.hits),
        partial: Vec::new(),
        ids: found.ids,
        facets,
        notes,
        did_you_mean,
        plan,
    };
    // Partial matches only where full ones don't fill the page.
    let n_full = usize::try_from(found.total).unwrap_or(usize::MAX);
    if page.full.len() < request.limit
        && n_full < end
        && let Some(partial) = &page.plan.partial
    {
        collector.facets.clear();
        collector.without_reports = found.reports;
        collector.n_wanted = end - n_full;
        cut.limit = request.limit - page.full.len();
        let found = run(&partial.query, &collector)?;
        cut.take(found.top);
        page.partial = cut.hits;
        page.total_partial = (!page.partial.is_empty()).then_some(found.total);
    }
    page.end = cut.end;
    Ok(page)
}

/// Cuts a page out of ranked records.
struct Cut {
    folder: Option<Folder>,
    /// Records before the page.
    skip: usize,
    /// Hits of the page.
    limit: usize,
    /// Records up to here.
    end: usize,
    hits: Vec<Ranked>,
}

impl Cut {
    fn is_full(&self) -> bool {
        self.hits.len() >= self.limit
    }

    /// Goes on with records that follow those before.
    fn take(&mut self, ranked: Vec<Ranked>) {
        for ranked in ranked {
            if self.is_full() {
                break;
            }
            self.end += 1;
            let is_folded = self.folder.as_mut().is_some_and(|folder| folder.folds(&ranked));
            if !is_folded && self.end > self.skip {
                self.hits.push(ranked);
            }
        }
    }
}

/// A request that is ready to be run.
struct Prepared {
    query: Option<Query>,
    plan: Plan,
    /// Takes in the best so many.
    collector: RecordCollector,
    /// How the query was read.
    notes: Vec<String>,
}

fn prepare(index: &Index, searcher: &tantivy::Searcher, request: &SearchRequest, n_wanted: usize) -> Result<Prepared> {
    let parsed = query::parse(&request.query, request.strict)?;
    let plan = lower(parsed.query.as_ref(), searcher, request.synonyms.as_ref());
    let mut plan = plan.map_err(|error| index.error(error))?;
    let mut notes = parsed.notes;
    notes.append(&mut plan.notes);
    let facets = facet::fields(&request.facets)?;
    let mut filters = filter::resolve(index, searcher, &request.filters)?;
    let asks_for_state = request.filters.iter().any(|filter| filter.field == "state")
        || parsed.query.as_ref().is_some_and(|query| query.names_field("state"));
    if !request.with_rejected && !asks_for_state {
        filters.extend(filter::without_rejected(searcher).map_err(|error| index.error(error))?);
    }
    let collector = RecordCollector {
        n_wanted,
        sort: request.sort,
        passages_max: PASSAGES_MAX,
        filters,
        facets,
        without_reports: HashSet::new(),
    };
    Ok(Prepared { query: parsed.query, plan, collector, notes })
}

/// What phrases with slop depend on.
fn set_frequencies(extractor: &mut Extractor, segment: &SegmentReader) -> tantivy::Result<()> {
    let text = handle(segment.schema(), "text");
    extractor.set_frequencies(|term| {
        let words = segment.inverted_index(text)?;
        Ok(words.doc_freq(&Term::from_field_text(text, term))?)
    })
}

fn hit(
    index: &Index,
    searcher: &tantivy::Searcher,
    extractor: &mut Extractor,
    ranked: &Ranked,
    partial: bool,
) -> Result<Hit> {
    let mut shown = index.shown(searcher, ranked.address)?;
    extractor.set_language(shown.record.language.as_deref());
    let mut passages: Vec<PassageHit> = Vec::new();
    // Whether it was found by what is not a passage.
    let mut by_head = ranked.passages.is_empty();
    for (score, address) in &ranked.passages {
        let is_own = *address == ranked.address;
        let own = &mut shown.record.passages;
        let cut = if is_own { std::mem::take(own) } else { index.shown(searcher, *address)?.record.passages };
        by_head |= cut.is_empty();
        for passage in cut {
            let known = Known::of(&shown.record, &passage.heading);
            let snippets = extractor.extract("text", &passage.text, &known);
            // A passage may match by its record's title alone: that is no evidence to show beside the best one.
            let shows = snippets.iter().any(|snippet| !snippet.highlights.is_empty())
                || !extractor.highlights(&passage.heading.join(" ")).is_empty();
            if shows || (passages.is_empty() && !by_head) {
                let first = snippets.iter().find_map(|snippet| snippet.first);
                let start_s = first.map_or(passage.start_s, |byte| passage.second_at(byte));
                passages.push(PassageHit { passage, score: *score, snippets, start_s });
            }
        }
    }
    let snippets = if by_head {
        let field = if shown.record.kind == Kind::Bio { "text" } else { "abstract" };
        extractor.extract(field, &shown.searched_body(), &Known::of(&shown.record, &[]))
    } else {
        passages.first().map_or_else(Vec::new, |passage| passage.snippets.clone())
    };
    let record = shown.record;
    let title_highlights = extractor.highlights(record.title.as_deref().unwrap_or_default());
    let (score, also_at) = (ranked.score, Vec::new());
    Ok(Hit { record, score, partial, also_at, title_highlights, snippets, passages })
}

/// The names of the other editions at which a talk was given, each once.
fn other_editions(index: &Index, searcher: &tantivy::Searcher, record: &Record) -> Result<Vec<String>> {
    let mut names: Vec<String> = Vec::new();
    for id in &record.also_at {
        if names.len() == EDITIONS_MAX {
            break;
        }
        let edition = index.edition_of(searcher, id)?;
        names.extend(edition.filter(|name| !names.contains(name)));
    }
    Ok(names)
}

/// "Nothing found" says why: a word that is nowhere, or the filters.
fn why_nothing(
    index: &Index,
    searcher: &tantivy::Searcher,
    request: &SearchRequest,
    evidence: &Evidence,
) -> Result<Vec<String>> {
    let mut notes = Vec::new();
    let text = handle(searcher.schema(), "text");
    for Clue { typed, forms, .. } in &evidence.clues {
        if let [Form::Term(term)] = forms.as_slice()
            && !is_held(searcher, &Term::from_field_text(text, term)).map_err(|error| index.error(error))?
        {
            notes.push(format!("no record holds \"{typed}\""));
        }
    }
    let found = |request: SearchRequest| -> Result<u64> {
        let request = SearchRequest { limit: 0, offset: 0, facets: Vec::new(), ..request };
        Ok(find(index, searcher, &request)?.total)
    };
    if !request.with_rejected {
        let n = found(SearchRequest { with_rejected: true, ..request.clone() })?;
        if n > 0 {
            notes.push(format!("{n} among rejected proposals: --state rejected"));
        }
    }
    if !request.filters.is_empty() {
        let n = found(SearchRequest { filters: Vec::new(), ..request.clone() })?;
        if n > 0 {
            let filters: Vec<_> = request.filters.iter().map(ToString::to_string).collect();
            notes.push(format!("{n} without {}", filters.join(" ")));
        }
    }
    Ok(notes)
}
