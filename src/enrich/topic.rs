//! Topic labels from the table in `topics.toml`: a phrase in the title, or phrases twice in the text, earn a label.

use std::collections::{BTreeMap, HashMap};

use crate::{
    record::{Kind, Record},
    text::{analyzer::Analyzer, floor},
};

const TABLE: &str = include_str!("topics.toml");
/// What a phrase in a title gives, against one for a phrase in the text.
const TITLE_POINTS: usize = 2;
/// Points that earn a label.
const POINTS_MIN: usize = 2;
/// What a text is about it says in so many bytes: no talk is longer, and no report.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// A longer text mentions many things: one phrase more for each so many words.
const WORDS_PER_POINT: usize = 400;

/// The table, ready for use: one pass over a text finds all its phrases.
pub(super) struct Labels {
    /// First term of a phrase → the rest of it, and its label.
    by_first: HashMap<String, Vec<(Vec<String>, usize)>>,
    ids: Vec<String>,
}

impl Labels {
    pub fn new() -> Self {
        let table: BTreeMap<String, Vec<String>> = toml::from_str(TABLE).expect("topics.toml is part of this program");
        let mut analyzer = Analyzer::default();
        let mut labels = Labels { by_first: HashMap::new(), ids: Vec::new() };
        for (label, (id, phrases)) in table.into_iter().enumerate() {
            labels.ids.push(id);
            for phrase in phrases {
                let mut terms = analyzer.terms(&phrase).into_iter();
                let first = terms.next().expect("a phrase has a word");
                labels.by_first.entry(first).or_default().push((terms.collect(), label));
            }
        }
        labels
    }

    /// A record's labels, sorted; of a path the leaves only. A bio gets none: it is about a person.
    pub fn of(&self, record: &Record, analyzer: &mut Analyzer) -> Vec<String> {
        if record.kind == Kind::Bio {
            return Vec::new();
        }
        let mut points = vec![0; self.ids.len()];
        let title = analyzer.terms(record.title.as_deref().unwrap_or_default());
        self.count(&title, TITLE_POINTS, &mut points);
        let mut body = analyzer.terms(head(record.body()));
        // A report's passages are of its text.
        let said = record.passages.iter().filter(|_| record.is_transcript());
        let mut left = TEXT_BYTES_MAX;
        for passage in said {
            body.extend(analyzer.terms(&passage.text[..floor(&passage.text, left)]));
            left = left.saturating_sub(passage.text.len());
        }
        self.count(&body, 1, &mut points);
        for passage in &record.passages {
            let headings = analyzer.terms(&passage.heading.join(" . "));
            self.count(&headings, TITLE_POINTS, &mut points);
        }
        for tag in &record.tags {
            self.count(&analyzer.terms(tag), 1, &mut points);
        }
        let wanted = POINTS_MIN + body.len() / WORDS_PER_POINT;
        let earned: Vec<&String> =
            self.ids.iter().zip(points).filter(|(_, n)| *n >= wanted).map(|(id, _)| id).collect();
        let is_leaf = |id: &str| !earned.iter().any(|other| other.strip_prefix(id).is_some_and(|r| r.starts_with('/')));
        earned.iter().filter(|id| is_leaf(id)).map(|id| (*id).clone()).collect()
    }

    fn count(&self, terms: &[String], n: usize, points: &mut [usize]) {
        for (at, term) in terms.iter().enumerate() {
            for (rest, label) in self.by_first.get(term).into_iter().flatten() {
                if terms[at + 1..].starts_with(rest) {
                    points[*label] += n;
                }
            }
        }
    }
}

fn head(text: &str) -> &str {
    &text[..floor(text, TEXT_BYTES_MAX)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_come_from_titles_and_repeated_phrases() {
        let labels = Labels::new();
        for (title, text, expected) in [
            ("eBPF Superpowers", "", vec!["kernel/ebpf"]),
            ("A talk", "Kubernetes is mentioned once.", vec![]),
            ("A talk", "DNS first, and DNS again.", vec!["networking/dns"]),
            ("Incident Response at Scale", "", vec!["incidents/response"]),
            ("Welcome", "Good morning.", vec![]),
        ] {
            let record =
                Record { title: Some(title.to_owned()), abstract_text: Some(text.to_owned()), ..Record::default() };
            assert_eq!(labels.of(&record, &mut Analyzer::default()), expected, "{title}");
        }
    }
}
