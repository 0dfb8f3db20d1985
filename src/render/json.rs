//! `--json`, version 1: field by field what `docs/search.schema.json` documents. Changes are additions.

use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::{
    enrich::Label,
    error::Error,
    record::{Record, Span},
    search::{FacetCounts, Hit, PassageHit, SearchResults, Share, Suggestion, TopicTrends, Trends},
};

/// The version of every JSON document that commands print.
pub const VERSION: u32 = 1;

/// One page of results as a document, which is written as it is, without a tree of values in between.
#[derive(Serialize)]
pub struct SearchDocument<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<&'a str>,
    #[serde(flatten)]
    head: Head<'a>,
    hits: Vec<HitDocument<'a>>,
    #[serde(flatten)]
    facets: Facets,
}

impl<'a> SearchDocument<'a> {
    /// As one among others: `id` names the query that it answers.
    #[must_use]
    pub fn answering(self, id: Option<&'a str>) -> Self {
        SearchDocument { id, ..self }
    }
}

/// What is known of all hits together.
#[derive(Serialize)]
struct Head<'a> {
    version: u32,
    query: &'a str,
    total: u64,
    total_partial: Option<u64>,
    took_us: u64,
    notes: &'a [String],
    did_you_mean: &'a [String],
}

#[derive(Serialize)]
struct Facets {
    facets: Value,
    facets_of: Value,
}

/// The document of a search.
///
/// `took_us` is the only part that may differ between two runs. `locate` turns a source into a path that opens from
/// where the reader is.
pub fn search<'a>(
    query: &'a str,
    results: &'a SearchResults,
    took_us: u64,
    locate: &dyn Fn(&Span) -> Span,
) -> SearchDocument<'a> {
    let hits = results.hits.iter().map(|found| hit(found, locate)).collect();
    SearchDocument { id: None, head: head(query, results, took_us), hits, facets: facets(results) }
}

/// The same as lines: all but the hits in the first, then one hit each.
pub fn search_lines(query: &str, results: &SearchResults, took_us: u64, locate: &dyn Fn(&Span) -> Span) -> Vec<Value> {
    #[derive(Serialize)]
    struct First<'a> {
        #[serde(flatten)]
        head: Head<'a>,
        #[serde(flatten)]
        facets: Facets,
    }
    let first = First { head: head(query, results, took_us), facets: facets(results) };
    let hits = results.hits.iter().map(|found| json!(hit(found, locate)));
    std::iter::once(json!(first)).chain(hits).collect()
}

/// Trends as a document, field by field what `docs/trends.schema.json` documents.
pub fn trends(query: &str, trends: &Trends) -> Value {
    // In a year without an edition there is nothing that could be counted.
    let with = |name: &str, value: Value, talks: Share| -> Map<String, Value> {
        let n = (talks.of > 0).then_some(talks.n);
        let figures = [("talks", json!(n)), ("of", json!(talks.of)), ("share", json!(talks.ratio()))];
        [(name, value)].into_iter().chain(figures).map(|(name, value)| (name.to_owned(), value)).collect()
    };
    let years = |shares: &mut dyn Iterator<Item = Share>| -> Value {
        trends.years.iter().zip(shares).map(|(of, talks)| with("year", json!(of.year), talks)).collect()
    };
    let series = trends.series.iter().map(|of| {
        let mut row = with("series", json!(of.series), of.talks);
        row.insert("years".to_owned(), years(&mut of.years.iter().copied()));
        row
    });
    json!({
        "version": VERSION,
        "query": query,
        "talks": trends.talks.n,
        "of": trends.talks.of,
        "share": trends.talks.ratio(),
        "notes": trends.notes,
        "years": years(&mut trends.years.iter().map(|of| of.talks)),
        "series": series.collect::<Value>(),
    })
}

/// Topics over the years as a document, field by field what `docs/trends.schema.json` documents under `topics`.
pub fn topic_trends(query: &str, trends: &TopicTrends) -> Value {
    let figures = |share: Share| json!({ "talks": share.n, "of": share.of, "share": share.ratio() });
    let years = |shares: &[Share]| -> Value {
        let of_year = |(year, share): (&Option<u16>, &Share)| {
            let mut row = figures(*share);
            row["year"] = json!(year);
            row
        };
        trends.years.iter().zip(shares).map(of_year).collect()
    };
    let topics = trends.topics.iter().map(|of| {
        let mut row = figures(of.talks);
        row["topic"] = json!(of.topic);
        row["years"] = years(&of.years);
        row["change"] = json!(of.change().map(|more| if more { "rose" } else { "fell" }));
        row["p"] = json!(of.trend.map(|trend| trend.p));
        row
    });
    let mut known = figures(trends.known);
    known["years"] = years(&trends.known_of_years);
    json!({
        "version": VERSION,
        "query": query,
        "known": known,
        "notes": trends.notes,
        "topics": topics.collect::<Value>(),
    })
}

/// A record as it is stored, and the words that earned its topics beside it.
pub fn record(record: &Record, labels: &[Label]) -> Value {
    let mut document = json!(record);
    document["topic_evidence"] = json!(labels);
    document
}

/// Suggestions as a document, field by field what `docs/suggest.schema.json` documents.
pub fn suggestions(prefix: &str, suggestions: &[Suggestion]) -> Value {
    json!({ "version": VERSION, "prefix": prefix, "suggestions": suggestions })
}

/// The same as lines: all but the suggestions in the first, then one each.
pub fn suggestion_lines(prefix: &str, suggestions: &[Suggestion]) -> Vec<Value> {
    let first = json!({ "version": VERSION, "prefix": prefix });
    std::iter::once(first).chain(suggestions.iter().map(|one| json!(one))).collect()
}

/// An error as a document; `id` names the query that it answers.
pub fn error(id: Option<&str>, error: &Error) -> Value {
    let own = json!({
        "version": VERSION,
        "error": { "kind": error.kind().as_str(), "message": error.to_string(), "hint": error.hint_text() },
    });
    match (id, own) {
        (Some(id), Value::Object(own)) => {
            Value::Object(std::iter::once(("id".to_owned(), json!(id))).chain(own).collect())
        }
        (_, own) => own,
    }
}

fn head<'a>(query: &'a str, results: &'a SearchResults, took_us: u64) -> Head<'a> {
    let SearchResults { total, total_partial, notes, did_you_mean, .. } = results;
    Head { version: VERSION, query, total: *total, total_partial: *total_partial, took_us, notes, did_you_mean }
}

fn facets(results: &SearchResults) -> Facets {
    let all = results.facets.as_ref();
    let values = |counts: &FacetCounts| -> Value {
        counts.counts.iter().map(|count| json!({ "value": count.value, "count": count.count })).collect()
    };
    let by_name = |value: &dyn Fn(&FacetCounts) -> Value| -> Value {
        all.map_or(Value::Null, |all| {
            Value::Object(all.iter().map(|counts| (counts.field.to_owned(), value(counts))).collect())
        })
    };
    Facets { facets: by_name(&values), facets_of: by_name(&|counts| json!(counts.n_values)) }
}

/// One hit.
#[derive(Serialize)]
pub(super) struct HitDocument<'a> {
    id: &'a str,
    kind: &'a str,
    title: Option<&'a str>,
    score: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<&'a [crate::search::ScorePart]>,
    partial: bool,
    series: Option<&'a str>,
    edition: Option<&'a str>,
    edition_id: Option<&'a str>,
    year: Option<u16>,
    date: Option<&'a str>,
    start: Option<&'a str>,
    end: Option<&'a str>,
    room: Option<&'a str>,
    track: Option<&'a str>,
    #[serde(rename = "type")]
    talk_type: Option<&'a str>,
    topics: &'a [String],
    speakers: &'a [crate::record::Speaker],
    language: Option<&'a str>,
    url: Option<&'a str>,
    videos: &'a [String],
    written: Option<&'a str>,
    state: Option<&'a str>,
    licence: Option<&'a str>,
    snippets: &'a [crate::search::Snippet],
    passages: Vec<Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    start_s: Option<u32>,
    also_at: &'a [String],
    source: Option<Span>,
}

pub(super) fn hit<'a>(hit: &'a Hit, locate: &dyn Fn(&Span) -> Span) -> HitDocument<'a> {
    let Record { id, kind, year, topics, speakers, videos, also_at, source, .. } = &hit.record;
    let record = &hit.record;
    HitDocument {
        id,
        kind: kind.as_str(),
        title: record.title.as_deref(),
        score: hit.score.into(),
        explanation: hit.explanation.as_deref(),
        partial: hit.partial,
        series: record.series.as_deref(),
        edition: record.edition.as_deref(),
        edition_id: record.edition_id.as_deref(),
        year: *year,
        date: record.date.as_deref(),
        start: record.start.as_deref(),
        end: record.end.as_deref(),
        room: record.room.as_deref(),
        track: record.track.as_deref(),
        talk_type: record.talk_type.map(crate::record::TalkType::as_str),
        topics,
        speakers,
        language: record.language.as_deref(),
        url: record.url.as_deref(),
        videos,
        written: record.written.as_deref(),
        state: record.state.as_deref(),
        licence: record.licence.as_deref(),
        snippets: &hit.snippets,
        passages: hit.passages.iter().map(|found| passage(found, locate)).collect(),
        start_s: hit.start_s(),
        also_at,
        source: source.as_ref().map(locate),
    }
}

fn passage(found: &PassageHit, locate: &dyn Fn(&Span) -> Span) -> Value {
    let mut value = json!({
        "id": found.passage.id,
        "heading": found.passage.heading,
        "score": found.score,
        "snippets": found.snippets,
        "source": found.passage.span.as_ref().map(locate),
        "talks": [],
    });
    if let Some(second) = found.start_s {
        value["start_s"] = json!(second);
    }
    value
}
