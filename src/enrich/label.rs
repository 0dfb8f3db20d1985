//! Records → labels, each with the words that earned it.

use std::cmp::Reverse;

use serde::Serialize;

use super::{
    phrases::{Match, Reading},
    rules::Rules,
    vocabulary::{Does, Vocabulary, Weight},
};
use crate::{
    record::{Kind, Passage, Record},
    text::floor,
};

/// What a text is about it says in so many bytes: no talk is longer, and no report.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// A topic that a record was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    pub topic: String,
    /// In the order of the record.
    pub evidence: Vec<Evidence>,
}

/// Words that spoke for a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The field where they stand, as a path in the record's JSON: `title`, `abstract`, `tags/2`, `passages/3/text`.
    pub field: String,
    /// Bytes of that field.
    pub start: usize,
    pub end: usize,
    /// As they stand there.
    pub text: String,
}

/// A text of a record that is read for topics.
struct Part<'a> {
    field: Field,
    text: &'a str,
    /// What a phrase in it is multiplied by.
    worth: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Field {
    Title,
    Abstract,
    Track,
    Tag(usize),
    /// A heading above a passage, the outermost first.
    Heading(usize, usize),
    Passage(usize),
}

impl Field {
    fn path(self) -> String {
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

/// A match with the part that it stands in.
#[derive(Clone, Copy)]
struct Found {
    part: usize,
    at: Match,
}

/// What speaks for one topic, and how much.
struct Scored {
    topic: usize,
    points: u64,
    counted: Vec<Found>,
}

impl Vocabulary {
    /// A record's labels, in order of id. Those of a report are those of its passages; a bio has none, being about a person.
    pub(super) fn labels(&self, record: &Record, reading: &mut Reading) -> Vec<Label> {
        let mut labels: Vec<Label> = match record.kind {
            Kind::Bio => Vec::new(),
            Kind::Talk => self.labels_of(&talk_parts(record, &self.rules), reading),
            Kind::Report => (0..record.passages.len()).flat_map(|n| self.passage_labels(record, n, reading)).collect(),
        };
        labels.sort_by(|a, b| a.topic.cmp(&b.topic));
        labels.dedup_by(|more, first| {
            let is_same = more.topic == first.topic;
            if is_same {
                first.evidence.append(&mut more.evidence);
            }
            is_same
        });
        let ids: Vec<String> = labels.iter().map(|label| label.topic.clone()).collect();
        labels.retain(|label| !ids.iter().any(|id| is_below(id, &label.topic)));
        labels
    }

    /// The labels of one passage of a report by itself.
    pub(super) fn passage_labels(&self, record: &Record, n: usize, reading: &mut Reading) -> Vec<Label> {
        let passage = record.passages.get(n);
        passage.map(|passage| self.labels_of(&passage_parts(n, passage, &self.rules), reading)).unwrap_or_default()
    }

    fn labels_of(&self, parts: &[Part], reading: &mut Reading) -> Vec<Label> {
        let mut found = Vec::new();
        let mut n_words = 0;
        for (part, of) in parts.iter().enumerate() {
            let n = self.phrases.find(of.text, reading, |at| found.push(Found { part, at }));
            n_words += if matches!(of.field, Field::Track | Field::Tag(_)) { 0 } else { n };
        }
        found.sort_by_key(|found| (found.at.topic, found.part, found.at.start, Reverse(found.at.end)));
        let mut scored: Vec<Scored> = Vec::new();
        for run in found.chunk_by(|a, b| a.at.topic == b.at.topic) {
            let counted = counted(run);
            if !counted.is_empty() {
                scored.push(Scored { topic: run[0].at.topic, points: self.points(&counted, parts), counted });
            }
        }
        let best = scored.iter().map(|scored| scored.points).max().unwrap_or_default();
        let needed = self.rules.needed(n_words).max(best * self.rules.part / 16);
        let earned: Vec<Scored> = scored.into_iter().filter(|scored| scored.points >= needed).collect();
        earned.iter().filter(|one| self.is_meant(one, &earned)).map(|one| self.label(parts, one)).collect()
    }

    /// Whether a text is about this topic rather than about its group in general, or about this group rather than about one
    /// of its topics.
    fn is_meant(&self, one: &Scored, earned: &[Scored]) -> bool {
        let is_general = |group: &Scored, topic: &Scored| group.points * 16 > topic.points * self.rules.group;
        let mut topics = earned.iter().filter(|other| self.groups[other.topic] == Some(one.topic));
        let group = self.groups[one.topic].and_then(|group| earned.iter().find(|other| other.topic == group));
        topics.all(|topic| is_general(one, topic)) && !group.is_some_and(|group| is_general(group, one))
    }

    fn points(&self, counted: &[Found], parts: &[Part]) -> u64 {
        let mut worths: Vec<(u32, u64, Weight)> = counted
            .iter()
            .filter_map(|found| match found.at.does {
                Does::Counts(weight) => Some((found.at.phrase, parts[found.part].worth, weight)),
                Does::Asks => Some((found.at.phrase, parts[found.part].worth, Weight::Plain)),
                Does::Vouches | Does::Hides => None,
            })
            .collect();
        worths.sort_unstable();
        let (mut weak, mut other) = (0, 0);
        for run in worths.chunk_by(|a, b| a == b) {
            let sum = if run[0].2 == Weight::Weak { &mut weak } else { &mut other };
            *sum += self.rules.repeated(run[0].2, run[0].1, run.len());
        }
        // What is weak adds to the rest, and no more than that.
        other + weak.min(other)
    }

    fn label(&self, parts: &[Part], scored: &Scored) -> Label {
        let evidence = scored.counted.iter().map(|Found { part, at }| {
            let Part { field, text, .. } = &parts[*part];
            Evidence { field: field.path(), start: at.start, end: at.end, text: text[at.start..at.end].to_owned() }
        });
        Label { topic: self.topics()[scored.topic].id.clone(), evidence: evidence.collect() }
    }
}

/// Whether a topic belongs to a group.
fn is_below(id: &str, group: &str) -> bool {
    id.strip_prefix(group).is_some_and(|rest| rest.starts_with('/'))
}

/// What of the matches of one topic counts, in order: no phrase within another one, none that is hidden, and no ambiguous
/// one that nothing speaks for.
fn counted(run: &[Found]) -> Vec<Found> {
    let mut counted: Vec<Found> = Vec::new();
    let mut covered: Option<(usize, usize)> = None;
    let (mut is_vouched, mut asking) = (false, None);
    for found in run {
        let is_covered = covered.is_some_and(|(part, end)| part == found.part && found.at.end <= end);
        if is_covered {
            continue;
        }
        match found.at.does {
            Does::Vouches => {
                is_vouched = true;
                continue;
            }
            Does::Hides => {}
            Does::Counts(_) => {
                is_vouched = true;
                counted.push(*found);
            }
            Does::Asks => {
                // Two that ask speak for each other.
                is_vouched |= *asking.get_or_insert(found.at.phrase) != found.at.phrase;
                counted.push(*found);
            }
        }
        covered = Some((found.part, found.at.end));
    }
    if !is_vouched {
        counted.retain(|found| matches!(found.at.does, Does::Counts(_)));
    }
    counted
}

fn talk_parts<'a>(record: &'a Record, rules: &Rules) -> Vec<Part<'a>> {
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

fn passage_parts<'a>(n: usize, passage: &'a Passage, rules: &Rules) -> Vec<Part<'a>> {
    let headings = passage.heading.iter().enumerate();
    let mut parts: Vec<Part> =
        headings.map(|(depth, text)| Part { field: Field::Heading(n, depth), text, worth: rules.heading }).collect();
    let text = &passage.text[..floor(&passage.text, TEXT_BYTES_MAX)];
    parts.push(Part { field: Field::Passage(n), text, worth: rules.text });
    parts
}
