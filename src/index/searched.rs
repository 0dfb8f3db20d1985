//! What of a record is searched as its text, part by part, and how much each counts.

use std::borrow::Cow;

use crate::record::{Kind, Passage, Record};

/// How often a title's words count in the `text` field, against once for the words of the abstract: BM25F with this
/// weight (Robertson and Zaragoza 2009), as one field whose length counts them too.
const TITLE_WEIGHT: usize = 3;
/// As [`TITLE_WEIGHT`], for the headings above a passage.
const HEADING_WEIGHT: usize = 2;

/// A part of what is searched.
pub struct Part<'a> {
    /// What it is, for people.
    pub name: &'static str,
    pub text: Cow<'a, str>,
    /// How much its words count.
    pub times: usize,
}

/// Those of a record as a whole, with its body as it is searched.
pub fn of_record<'a>(record: &'a Record, body: Cow<'a, str>) -> Vec<Part<'a>> {
    let mut parts = Vec::with_capacity(8 + record.speakers.len() + record.tags.len());
    push(&mut parts, "title", record.title.as_deref(), TITLE_WEIGHT);
    for speaker in &record.speakers {
        if record.kind != Kind::Bio {
            push(&mut parts, "speaker", Some(&speaker.name), 1);
        }
        push(&mut parts, "affiliation", speaker.affiliation.as_deref(), 1);
    }
    push_edition(&mut parts, record);
    push(&mut parts, "session", record.session.as_deref(), 1);
    record.tags.iter().for_each(|tag| push(&mut parts, "tag", Some(tag), 1));
    parts.push(Part { name: "text", text: body, times: 1 });
    parts
}

/// Those of a passage.
pub fn of_passage<'a>(record: &'a Record, passage: &'a Passage) -> Vec<Part<'a>> {
    let mut parts = Vec::with_capacity(8);
    push(&mut parts, "title", record.title.as_deref(), 1);
    let speakers = record.speakers.iter().filter(|_| record.kind == Kind::Talk);
    speakers.for_each(|speaker| push(&mut parts, "speaker", Some(&speaker.name), 1));
    passage.heading.iter().for_each(|heading| push(&mut parts, "heading", Some(heading), HEADING_WEIGHT));
    push_edition(&mut parts, record);
    push(&mut parts, "text", Some(&passage.text), 1);
    parts
}

/// So that "srecon ebpf 2023" finds what it says.
fn push_edition<'a>(parts: &mut Vec<Part<'a>>, record: &'a Record) {
    push(parts, "edition", record.series.as_deref(), 1);
    push(parts, "edition", record.edition.as_deref(), 1);
    if let Some(year) = record.year {
        parts.push(Part { name: "edition", text: year.to_string().into(), times: 1 });
    }
}

fn push<'a>(parts: &mut Vec<Part<'a>>, name: &'static str, text: Option<&'a str>, times: usize) {
    parts.extend(text.map(|text| Part { name, text: text.into(), times }));
}
