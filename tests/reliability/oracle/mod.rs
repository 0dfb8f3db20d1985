//! Search gives what looking at every record gives: the same records in the same order with the same scores, the same
//! totals and counts of facets, over one segment as over eight.

mod clause;
mod documents;
mod plain;
mod question;
mod records;

use std::collections::BTreeSet;

use fastrand::Rng;
use hallway::{
    error::ErrorKind,
    index::{Index, SourceEntry},
    search::{FacetCounts, Hit, SearchRequest, SearchResults, Sort, search},
};

use crate::{sandbox::Sandbox, scale};
use plain::{Answer, Match, Plain, UNKNOWN};
use question::Question;
use records::Layout;

/// How far a score may be from the oracle's.
const SCORE_TOLERANCE: f32 = 1e-4;
/// A layout has fewer families of records: talks with their copies and their like.
const FAMILIES_MAX: usize = 160;

/// What was compared.
#[derive(Debug, Default)]
struct Figures {
    /// Layouts by their number of segments before merging.
    layouts: [usize; 9],
    records: usize,
    documents: u64,
    queries_before: u64,
    queries_after: u64,
    /// Of these, those compared without order and scores, since statistics still told of deleted documents.
    unscored: u64,
    hits: u64,
    facet_values: u64,
    partial: u64,
    refused: u64,
    /// Hits of which only the order of adding told which comes first.
    near_ties: u64,
    score_difference_max: f32,
}

#[test]
fn search_gives_what_looking_at_every_record_gives() {
    let n_layouts = scale::amount(6, 80);
    let n_queries = scale::amount(40, 160);
    let mut rng = Rng::with_seed(scale::seed("oracle"));
    let mut figures = Figures::default();
    for n in 0..n_layouts {
        let n_segments = usize::try_from(n % 8).unwrap() + 1;
        let has_deletions = n % 3 == 2;
        one_layout(&mut rng, n_segments, has_deletions, n_queries, &mut figures);
    }
    scale::report("oracle", &format!("{figures:?}"));
    assert!(figures.layouts[5..].iter().any(|n| *n > 0), "{figures:?}");
    assert!(figures.near_ties * 1000 <= figures.hits, "{figures:?}");
}

fn one_layout(rng: &mut Rng, n_commits: usize, has_deletions: bool, n_queries: u64, figures: &mut Figures) {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let n_families = rng.usize(8..FAMILIES_MAX);
    let layout = if has_deletions {
        records::with_deletions(rng, n_commits, n_families / 3)
    } else {
        records::without_deletions(rng, n_commits, n_families)
    };
    build(&index, &layout);
    let mut plain = Plain::new(&layout.records);
    figures.layouts[n_segments(&index)] += 1;
    figures.records += layout.records.len();
    figures.documents += plain.n_documents();
    assert!(n_segments(&index) <= n_commits);
    assert!(has_deletions || !deletions_linger(&index));

    let questions: Vec<Question> = (0..n_queries).map(|_| Question::new(rng, &layout.ever)).collect();
    questions.iter().for_each(|question| compare(&index, &plain, question, figures));
    figures.queries_before += n_queries;
    index.writer().unwrap().merge_all().unwrap();
    index.reload().unwrap();
    assert!(n_segments(&index) <= 1);
    take_n_words(&index, &mut plain, has_deletions);
    questions.iter().for_each(|question| compare(&index, &plain, question, figures));
    figures.queries_after += n_queries;
}

fn build(index: &Index, layout: &Layout) {
    for commit in &layout.commits {
        let mut writer = index.writer().unwrap();
        for (source, records) in commit {
            // A source that goes is one that gives nothing.
            writer.replace(source, SourceEntry::default(), records.clone().unwrap_or_default());
        }
        writer.stage().unwrap();
        writer.commit().unwrap();
    }
    index.reload().unwrap();
}

fn n_segments(index: &Index) -> usize {
    index.searcher().segment_readers().len()
}

/// Whether deleted documents are still counted in the statistics.
fn deletions_linger(index: &Index) -> bool {
    index.searcher().segment_readers().iter().any(tantivy::SegmentReader::has_deletes)
}

/// A merge counts the words of what was deleted beside by their norms: the oracle can't know which. It takes the number
/// from the index, and holds it to lie between what the norms say and the truth.
fn take_n_words(index: &Index, plain: &mut Plain, has_deletions: bool) {
    let searcher = index.searcher();
    let n_words = |name: &str| -> u64 {
        let field = searcher.schema().get_field(name).unwrap();
        searcher.segment_readers().iter().map(|segment| segment.inverted_index(field).unwrap().total_num_tokens()).sum()
    };
    if deletions_linger(index) {
        return;
    }
    let (exact, by_norms) = plain.n_words();
    assert!((by_norms..=exact).contains(&n_words("text")) && (has_deletions || exact == n_words("text")));
    plain.set_n_words(n_words("text"), n_words("title"));
}

fn compare(index: &Index, plain: &Plain, question: &Question, figures: &mut Figures) {
    let is_scored = !deletions_linger(index);
    let all = SearchRequest { limit: 5000, offset: 0, ..question.request.clone() };
    let request = if is_scored { &question.request } else { &all };
    let found = search(index, request);
    let Some(answer) = plain.answer(question) else {
        figures.refused += 1;
        assert_eq!(found.err().map(|error| error.kind()), Some(ErrorKind::Usage), "{question:?}");
        return;
    };
    let found = found.unwrap_or_else(|error| panic!("{error}: {question:?}"));
    assert_eq!(found.total, answer.full.len() as u64, "{question:?}");
    compare_facets(&found, &answer, request, figures);
    figures.hits += found.hits.len() as u64;
    figures.partial += found.hits.iter().filter(|hit| hit.partial).count() as u64;
    let partial_total = found.hits.iter().any(|hit| hit.partial).then_some(answer.partial.len() as u64);
    assert_eq!(found.total_partial, partial_total, "{question:?}");
    if is_scored {
        compare_hits(&found, &answer, question, figures);
        return;
    }
    figures.unscored += 1;
    let (full, partial) = found.hits.split_at(answer.full.len());
    for (hits, matches) in [(full, &answer.full), (partial, &answer.partial)] {
        let ids: BTreeSet<&str> = hits.iter().map(|hit| hit.record.id.as_str()).collect();
        assert_eq!(ids, matches.iter().map(|one| one.id.as_str()).collect(), "{question:?}");
        assert_eq!(hits.len(), matches.len(), "{question:?}");
    }
    assert!(full.iter().all(|hit| !hit.partial) && partial.iter().all(|hit| hit.partial), "{question:?}");
}

fn compare_facets(found: &SearchResults, answer: &Answer, request: &SearchRequest, figures: &mut Figures) {
    let as_plain = |counts: &FacetCounts| {
        let values: Vec<(String, u64)> = counts.counts.iter().map(|count| (count.value.clone(), count.count)).collect();
        (counts.field.to_owned(), counts.n_values, values)
    };
    let found: Vec<_> = found.facets.iter().flatten().map(as_plain).collect();
    let expected = answer.facets.iter().map(|(name, values)| {
        let mut shown = values.clone();
        // What is unknown stays, at the end.
        while shown.len() > request.facet_values_max {
            let has_unknown = shown.len() > 1 && shown.last().is_some_and(|(value, _)| value == UNKNOWN);
            shown.remove(shown.len() - if has_unknown { 2 } else { 1 });
        }
        (name.clone(), values.len(), shown)
    });
    let expected: Vec<_> = expected.collect();
    assert_eq!(found, expected, "{request:?}");
    figures.facet_values += found.iter().map(|(.., values)| values.len() as u64).sum::<u64>();
}

fn compare_hits(found: &SearchResults, answer: &Answer, question: &Question, figures: &mut Figures) {
    let request = &question.request;
    let all = answer.full.iter().map(|one| (one, false)).chain(answer.partial.iter().map(|one| (one, true)));
    let page: Vec<(&Match, bool)> = all.clone().skip(request.offset).take(request.limit).collect();
    let say = || {
        let found: Vec<_> = found.hits.iter().map(|hit| (&hit.record.id, hit.score, hit.partial)).collect();
        format!("{question:?}\nfound {found:?}\nexpected {page:?}")
    };
    assert_eq!(found.hits.len(), page.len(), "{}", say());
    let ids: BTreeSet<&str> = found.hits.iter().map(|hit| hit.record.id.as_str()).collect();
    assert_eq!(ids.len(), page.len(), "{}", say());
    for (hit, (expected, partial)) in found.hits.iter().zip(&page) {
        let own = all.clone().find(|(one, partial)| one.id == hit.record.id && *partial == hit.partial);
        let Some((own, _)) = own else { panic!("{} is no match\n{}", hit.record.id, say()) };
        let difference = (hit.score - own.score).abs();
        assert!(
            difference <= SCORE_TOLERANCE && hit.partial == *partial,
            "{}: {}\n{}",
            hit.record.id,
            own.score,
            say()
        );
        figures.score_difference_max = figures.score_difference_max.max(difference);
        if own.id != expected.id {
            assert!(may_change_places(question, own, expected, hit), "{}\n{}", hit.record.id, say());
            figures.near_ties += 1;
        }
    }
}

/// Whether it is the order in which scores are added, and no more, that tells which of two comes first.
#[allow(clippy::cast_precision_loss)]
fn may_change_places(question: &Question, a: &Match, b: &Match, hit: &Hit) -> bool {
    // Those of the query, and ten neighbours.
    let n = question.n_summands() + 10;
    let rounding = n as f32 * f32::EPSILON * hit.score.abs();
    n > 2 && (a.score - b.score).abs() <= rounding && (question.request.sort == Sort::Relevance || a.day == b.day)
}
