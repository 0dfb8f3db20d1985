//! A call for papers compared, as JSON and as a table; and as a page that a committee can pass round.

pub mod editions;
mod html;

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{
    csv,
    json::VERSION,
    similar::{near_json, pairs, rounded},
};
use crate::{
    overlap::{Assessed, Call, Near, OfTopic},
    record::Span,
};

pub use html::page;

/// The whole as a document; `against` is the query for the earlier records.
pub fn json(call: &Call, against: &str, locate: &dyn Fn(&Span) -> Span) -> Value {
    let duplicates = call.duplicates().into_iter();
    let duplicates = duplicates.map(|(a, b, score)| json!({ "proposals": [a, b], "score": rounded(score) }));
    json!({
        "version": VERSION,
        "against": against,
        "earlier": call.n_earlier,
        "notes": call.notes,
        "proposals": call.proposals.iter().map(|proposal| assessed(proposal, locate)).collect::<Value>(),
        "duplicates": duplicates.collect::<Value>(),
        "people": call.people,
        "by_novelty": call.by_novelty(),
        "topics": call.topics.iter().map(topic).collect::<Value>(),
    })
}

fn assessed(of: &Assessed, locate: &dyn Fn(&Span) -> Span) -> Value {
    json!({
        "number": of.number,
        "id": of.id,
        "title": of.title,
        "speakers": of.speakers,
        "verdict": of.verdict,
        "novelty": of.novelty.map(rounded),
        "earlier": of.earlier.iter().map(|near| near_json(near, locate)).collect::<Value>(),
        "fellows": of.fellows.iter().map(|(number, near)| fellow(*number, near)).collect::<Value>(),
    })
}

fn fellow(number: usize, near: &Near) -> Value {
    json!({
        "number": number,
        "title": near.record.title,
        "verdict": near.verdict,
        "score": rounded(near.likeness.score),
        "pairs": pairs(&near.pairs),
        "terms": near.terms.iter().map(|term| &term.term).collect::<Vec<_>>(),
    })
}

fn topic(of: &OfTopic) -> Value {
    let mut value = json!(of);
    value["share"] = rounded(of.share);
    value["earlier_share"] = rounded(of.earlier_share);
    value
}

/// A row a proposal, with the nearest of the earlier records and of the others.
///
/// # Errors
/// What the writer gives.
pub fn table(out: &mut dyn Write, call: &Call) -> io::Result<()> {
    let names = [
        "number",
        "id",
        "title",
        "speakers",
        "verdict",
        "novelty",
        "earlier_id",
        "earlier_title",
        "earlier_edition",
        "earlier_score",
        "fellow",
        "fellow_verdict",
        "fellow_score",
    ];
    csv::row(out, names.into_iter().map(str::to_owned))?;
    for of in &call.proposals {
        let (earlier, fellow) = (of.earlier.first(), of.fellows.first());
        let score = |near: &Near| format!("{:.4}", near.likeness.score);
        let said = |value: Option<String>| value.unwrap_or_default();
        let cells = [
            of.number.to_string(),
            said(of.id.clone()),
            of.title.clone(),
            of.speakers.join("; "),
            of.verdict.as_str().to_owned(),
            said(of.novelty.map(|novelty| format!("{novelty:.4}"))),
            said(earlier.map(|near| near.record.id.clone())),
            said(earlier.and_then(|near| near.record.title.clone())),
            said(earlier.and_then(|near| near.record.edition.clone())),
            said(earlier.map(score)),
            said(fellow.map(|(number, _)| number.to_string())),
            said(fellow.map(|(_, near)| near.verdict.as_str().to_owned())),
            said(fellow.map(|(_, near)| score(near))),
        ];
        csv::row(out, cells.into_iter())?;
    }
    Ok(())
}
