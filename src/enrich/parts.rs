//! A record → the texts of it that are read for topics, and what a phrase in each is worth.

use super::rules::Rules;
use crate::{
    record::{Passage, Record},
    text::floor,
};

/// What a text is about it says in so many bytes: no talk is longer, and no report.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// A text of a record that is read for topics.
pub(super) struct Part<'a> {
    pub field: Field,
    pub text: &'a str,
    /// What a phrase in it is multiplied by.
    pub worth: u64,
}

#[derive(Clone, Copy)]
pub(super) enum Field {
    Title,
    Abstract,
    Track,
    Tag(usize),
    /// A heading above a passage, the outermost first.
    Heading(usize, usize),
    Passage(usize),
}

impl Field {
    /// As a path in the record's JSON.
    pub fn path(self) -> String {
        match self {
            Field::Title => "title".to_owned(),
            Field::Abstract => "abstract".to_owned(),
            Field::Track => "track".to_owned(),
            Field::Tag(n) => format!("tags/{n}"),
            Field::Heading(passage, n) => format!("passages/{passage}/heading/{n}"),
            Field::Passage(n) => format!("passages/{n}/text"),
        }
    }
}

pub(super) fn talk_parts<'a>(record: &'a Record, rules: &Rules) -> Vec<Part<'a>> {
    let mut parts = Vec::new();
    let mut add = |field, text, worth| parts.push(Part { field, text, worth });
    if let Some(title) = record.title.as_deref() {
        add(Field::Title, title, rules.title);
    }
    let mut left = TEXT_BYTES_MAX;
    let said = record.passages.iter().enumerate().map(|(n, passage)| (Field::Passage(n), &*passage.text));
    for (field, text) in std::iter::once((Field::Abstract, record.body())).chain(said) {
        let head = &text[..floor(text, left)];
        left -= head.len();
        add(field, head, rules.text);
    }
    if let Some(track) = record.track.as_deref() {
        add(Field::Track, track, rules.tags);
    }
    record.tags.iter().enumerate().for_each(|(n, tag)| add(Field::Tag(n), tag, rules.tags));
    parts
}

pub(super) fn passage_parts<'a>(n: usize, passage: &'a Passage, rules: &Rules) -> Vec<Part<'a>> {
    let headings = passage.heading.iter().enumerate();
    let mut parts: Vec<Part> =
        headings.map(|(depth, text)| Part { field: Field::Heading(n, depth), text, worth: rules.heading }).collect();
    let text = &passage.text[..floor(&passage.text, TEXT_BYTES_MAX)];
    parts.push(Part { field: Field::Passage(n), text, worth: rules.text });
    parts
}
