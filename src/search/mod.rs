//! Query → results: ranked records with snippets, exact counts, facets.

mod correct;
mod draw;
mod explain;
mod facet;
mod filter;
mod fold;
mod matches;
mod nearest;
mod neighbours;
mod passages;
mod queries;
mod rank;
mod request;
mod snippet;
mod suggest;
mod trends;

use std::collections::HashSet;

use tantivy::{SegmentReader, Term};

pub use draw::{CLASSES, Class, draw};
pub use explain::{How, Place, Reason, ScorePart};
pub use facet::{FacetCount, FacetCounts, facet_field};
pub use filter::{Filter, values};
pub use matches::each_match;
pub use nearest::{Clues, Nearby};
pub use neighbours::gains;
pub use queries::{Asked, QUERY_LINE_BYTES_MAX, read_queries};
pub use rank::Sort;
pub use request::{Hit, PassageHit, RankedId, Ranking, SearchRequest, SearchResults};
pub use snippet::{Highlight, SNIPPET_CHARS_MAX, Snippet};
pub use suggest::{SUGGESTIONS_MAX, Suggestion, suggest};
pub use trends::{ALARM, OfSeries, OfTopic, OfYear, Share, TopicTrends, Trends, topic_trends, trends};

pub use crate::index::schema::UNKNOWN;
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, schema::handle, signature::signature_of},
    query::{
        self, Query,
        lower::{Clue, Evidence, Form, Matching, Plan, is_held, lower},
    },
    record::{Kind, Record},
    text::{
        analyzer::{Analyzer, is_stop_word},
        floor,
    },
};
use correct::nearest_plan;
use fold::Folder;
use rank::{Found, Ids, Moves, Ranked, RecordCollector};
use snippet::{Extractor, Known};

/// Hits of one page, and of all pages before it.
pub const PAGE_MAX: usize = 10_000;
/// Distinct words of a record by which others like it are found, and the bytes that are looked through for them.
const LIKE_WORDS_MAX: usize = 64;
const LIKE_BYTES_MAX: usize = 4096;
/// Passages shown of one report or transcript.
const PASSAGES_MAX: usize = 3;
/// Other editions named with a hit.
pub const EDITIONS_MAX: usize = 5;

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
        sort: request.sort,
        end: page.end,
        facets: page.facets,
        notes: page.notes,
        did_you_mean: page.did_you_mean,
        ..SearchResults::default()
    };
    let partial = page.plan.partial.as_ref().map(|partial| (&partial.query, &partial.evidence));
    let full = Some((&page.plan.full, &page.plan.evidence));
    for (ranked, plan, is_partial) in [(&page.full, full, false), (&page.partial, partial, true)] {
        let Some((query, evidence)) = plan.filter(|_| !ranked.is_empty()) else { continue };
        let explain = || explain::explain(&searcher, query, evidence, ranked, request.like.is_some());
        let explained = request.explain.then(explain).transpose();
        let mut explained = explained.map_err(|error| index.error(error))?.into_iter().flatten();
        let mut extractor = Extractor::new(evidence, request.snippet_chars_max);
        let mut segment = None;
        for ranked in ranked {
            if segment.replace(ranked.address.segment_ord) != Some(ranked.address.segment_ord) {
                set_frequencies(&mut extractor, searcher.segment_reader(ranked.address.segment_ord))
                    .map_err(|error| index.error(error))?;
            }
            let mut hit = hit(index, &searcher, &mut extractor, ranked, explained.next())?;
            hit.partial = is_partial;
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
    let Prepared { query, plan, mut collector, mut notes } = prepare(index, searcher, request)?;
    let corrected = nearest_plan(searcher, request, query.as_ref(), &plan).map_err(|error| index.error(error))?;
    let (plan, did_you_mean) = match corrected {
        Some(nearest) => {
            notes.push(nearest.note);
            (nearest.plan.unwrap_or(plan), nearest.did_you_mean)
        }
        None => (plan, Vec::new()),
    };
    collector.moves = match &request.like {
        _ if end == 0 || request.sort != Sort::Relevance => None,
        Some(like) => Some(Moves::Towards(signature_of(like))),
        None => plan.is_long.then_some(Moves::Together),
    };
    collector.n_wanted = collector.reach(end);
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
    let shown =
        |counts: FacetCounts| counts.without(&request.topics_left_out, &request.filters).cut(request.facet_values_max);
    let facets = (!collector.facets.is_empty()).then(|| found.facets.into_iter().map(shown).collect());
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
        collector.n_wanted = collector.reach(end - n_full);
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
    /// What it takes in hangs on the page.
    collector: RecordCollector,
    /// How the query was read.
    notes: Vec<String>,
}

fn prepare(index: &Index, searcher: &tantivy::Searcher, request: &SearchRequest) -> Result<Prepared> {
    let mut parsed = query::parse(&request.query, request.strict)?;
    if let (None, Some(like)) = (&parsed.query, &request.like) {
        parsed.query = words_of(like);
    }
    let plan = lower(parsed.query.as_ref(), searcher, request.synonyms.as_ref(), request.signals);
    let mut plan = plan.map_err(|error| index.error(error))?;
    let mut notes = parsed.notes;
    notes.append(&mut plan.notes);
    let facets = facet::fields(&request.facets)?;
    let mut filters = filter::resolve(index, searcher, &request.filters)?;
    let asks_for_state = request.filters.iter().any(|filter| filter.field == "state")
        || parsed.query.as_ref().is_some_and(|query| query.names_field("state"));
    if !request.with_rejected && !asks_for_state {
        filters.extend(filter::without_rejected(searcher, index.columns()).map_err(|error| index.error(error))?);
    }
    let collector = RecordCollector {
        n_wanted: 0,
        moves: None,
        sort: request.sort,
        passages_max: PASSAGES_MAX,
        columns: index.columns().clone(),
        filters,
        facets,
        without_reports: HashSet::new(),
    };
    Ok(Prepared { query: parsed.query, plan, collector, notes })
}

/// What a record says, as a query that any of its words matches; null where it says nothing.
fn words_of(record: &Record) -> Option<Query> {
    let mut analyzer = Analyzer::default();
    let mut words: Vec<String> = Vec::new();
    let texts = [record.title.as_deref().unwrap_or_default(), record.body()];
    for text in texts.map(|text| &text[..floor(text, LIKE_BYTES_MAX)]) {
        analyzer.tokens(text, |token| {
            let is_new = !is_stop_word(token.term) && words.iter().all(|word| word != token.word);
            words.extend((is_new && words.len() < LIKE_WORDS_MAX).then(|| token.word.to_owned()));
        });
    }
    let words = words.into_iter().map(|text| Query::Word { field: None, text });
    Some(words.collect()).filter(|words: &Vec<_>| !words.is_empty()).map(Query::Or)
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
    mut explanation: Option<Vec<ScorePart>>,
) -> Result<Hit> {
    let mut shown = index.shown(searcher, ranked.address)?;
    if let Some(parts) = &mut explanation {
        explain::locate(parts, &shown, &mut Analyzer::default());
    }
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
    let (score, partial, also_at) = (ranked.score, false, Vec::new());
    Ok(Hit { record, score, explanation, partial, also_at, title_highlights, snippets, passages })
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
