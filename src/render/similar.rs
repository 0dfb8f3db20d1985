//! What is like a draft, as JSON: the document of a search, whose hits say how like they are and why.

use serde_json::{Map, Value, json};

use super::json::{hit, search};
use crate::{
    overlap::{Likeness, Near, Quotes, Similar, SimilarRequest, Subject, Verdict},
    record::Span,
    search::{Hit, SearchResults},
};

/// The document; `draft` is null where nobody shall be named.
pub fn json(
    request: &SimilarRequest,
    draft: Option<&Subject>,
    similar: &Similar,
    took_us: u64,
    locate: &dyn Fn(&Span) -> Span,
) -> Value {
    let results =
        SearchResults { total: similar.hits.len() as u64, notes: similar.notes.clone(), ..SearchResults::default() };
    let mut document = json!(search(&request.within.query, &results, took_us, locate));
    let best = similar.hits.first().map_or(Verdict::Nothing, |near| near.verdict);
    document["verdict"] = json!(best);
    document["draft"] = draft.map_or(
        Value::Null,
        |draft| json!({ "id": draft.record.id, "title": draft.record.title, "words": draft.profile.n_words() }),
    );
    document["hits"] = similar.hits.iter().map(|near| near_json(near, locate)).collect();
    document
}

/// A hit of a search with `verdict`, `likeness`, `pairs` and `terms`.
pub(super) fn near_json(near: &Near, locate: &dyn Fn(&Span) -> Span) -> Value {
    let mut value = json!(hit(&bare_hit(near), locate));
    value["score"] = rounded(near.likeness.score);
    value["verdict"] = json!(near.verdict);
    value["likeness"] = likeness(&near.likeness);
    value["pairs"] = pairs(&near.pairs);
    let terms = near.terms.iter().map(|term| json!({ "term": term.term, "share": rounded(term.share) }));
    value["terms"] = terms.collect();
    value
}

pub(super) fn pairs(pairs: &[Quotes]) -> Value {
    let pair =
        |pair: &Quotes| json!({ "likeness": rounded(pair.likeness), "draft": pair.draft, "record": pair.record });
    pairs.iter().map(pair).collect()
}

fn bare_hit(near: &Near) -> Hit {
    Hit {
        record: near.record.clone(),
        score: 0.0,
        explanation: None,
        partial: false,
        also_at: Vec::new(),
        title_highlights: Vec::new(),
        snippets: Vec::new(),
        passages: Vec::new(),
    }
}

fn likeness(of: &Likeness) -> Value {
    let parts = [
        ("text", of.text),
        ("words", of.words),
        ("pairs", of.pairs),
        ("cosine", of.cosine),
        ("sentences", of.sentences),
        ("title", of.title),
    ];
    Value::Object(parts.into_iter().map(|(name, value)| (name.to_owned(), rounded(value))).collect::<Map<_, _>>())
}

/// Four digits: more say nothing, and might differ between machines.
pub(super) fn rounded(value: f64) -> Value {
    json!((value * 10_000.0).round() / 10_000.0)
}
