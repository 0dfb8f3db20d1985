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
    first_terms: Sieve,
    ids: Vec<String>,
}

/// What reading a text takes.
#[derive(Default)]
pub(super) struct Reading {
    analyzer: Analyzer,
    terms: Terms,
}

impl Labels {
    pub fn new() -> Self {
        let table: BTreeMap<String, Vec<String>> = toml::from_str(TABLE).expect("topics.toml is part of this program");
        let mut analyzer = Analyzer::default();
        let mut labels = Labels { by_first: HashMap::new(), first_terms: Sieve::default(), ids: Vec::new() };
        for (label, (id, phrases)) in table.into_iter().enumerate() {
            labels.ids.push(id);
            for phrase in phrases {
                let mut terms = analyzer.terms(&phrase).into_iter();
                let first = terms.next().expect("a phrase has a word");
                labels.first_terms.add(&first);
                labels.by_first.entry(first).or_default().push((terms.collect(), label));
            }
        }
        labels
    }

    /// A record's labels, sorted; of a path the leaves only. A bio gets none: it is about a person.
    pub fn of(&self, record: &Record, reading: &mut Reading) -> Vec<String> {
        if record.kind == Kind::Bio {
            return Vec::new();
        }
        let Reading { analyzer, terms } = reading;
        let mut points = vec![0; self.ids.len()];
        let mut count = |texts: &mut dyn Iterator<Item = &str>, n: usize| {
            terms.clear();
            texts.for_each(|text| analyzer.tokens(text, |token| terms.push(token.term)));
            self.count(terms, n, &mut points);
            terms.ends.len()
        };
        count(&mut record.title.as_deref().into_iter(), TITLE_POINTS);
        // A report's passages are of its text.
        let said = record.passages.iter().filter(|_| record.is_transcript());
        let mut left = TEXT_BYTES_MAX;
        let heads = std::iter::once(record.body()).chain(said.map(|passage| &*passage.text)).map(|text| {
            let head = &text[..floor(text, left)];
            left -= head.len();
            head
        });
        let n_words = count(&mut { heads }, 1);
        for passage in &record.passages {
            count(&mut std::iter::once(&*passage.heading.join(" . ")), TITLE_POINTS);
        }
        for tag in &record.tags {
            count(&mut std::iter::once(&**tag), 1);
        }
        let wanted = POINTS_MIN + n_words / WORDS_PER_POINT;
        let earned: Vec<&String> =
            self.ids.iter().zip(points).filter(|(_, n)| *n >= wanted).map(|(id, _)| id).collect();
        let is_leaf = |id: &str| !earned.iter().any(|other| other.strip_prefix(id).is_some_and(|r| r.starts_with('/')));
        earned.iter().filter(|id| is_leaf(id)).map(|id| (*id).clone()).collect()
    }

    fn count(&self, terms: &Terms, n: usize, points: &mut [usize]) {
        for (at, term) in terms.from(0).enumerate().filter(|(_, term)| self.first_terms.may_hold(term)) {
            for (rest, label) in self.by_first.get(term).into_iter().flatten() {
                if rest.iter().map(String::as_str).eq(terms.from(at + 1).take(rest.len())) {
                    points[*label] += n;
                }
            }
        }
    }
}

/// The terms of a text, one behind the other.
#[derive(Default)]
struct Terms {
    letters: String,
    ends: Vec<usize>,
}

impl Terms {
    fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
    }

    fn push(&mut self, term: &str) {
        self.letters.push_str(term);
        self.ends.push(self.letters.len());
    }

    fn from(&self, at: usize) -> impl Iterator<Item = &str> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends[at..].iter().scan(start, |start, end| Some(&self.letters[std::mem::replace(start, *end)..*end]))
    }
}

/// Tells most words from those that it took, by their first letters: a phrase begins at few words of a text.
struct Sieve([u64; 64]);

impl Default for Sieve {
    fn default() -> Self {
        Sieve([0; 64])
    }
}

impl Sieve {
    fn place(term: &str) -> (usize, u32) {
        let letters = term.bytes().take(4).fold(0_u32, |letters, byte| letters << 8 | u32::from(byte));
        let place = letters.wrapping_mul(0x9E37_79B1) >> 20;
        ((place >> 6) as usize, place & 63)
    }

    fn add(&mut self, term: &str) {
        let (word, bit) = Self::place(term);
        self.0[word] |= 1 << bit;
    }

    fn may_hold(&self, term: &str) -> bool {
        let (word, bit) = Self::place(term);
        self.0[word] >> bit & 1 == 1
    }
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
            (
                "A talk",
                "Machine learning is no machine; learning of machines, and machine-learning",
                vec!["machine-learning"],
            ),
            ("Welcome", "Good morning.", vec![]),
        ] {
            let record =
                Record { title: Some(title.to_owned()), abstract_text: Some(text.to_owned()), ..Record::default() };
            assert_eq!(labels.of(&record, &mut Reading::default()), expected, "{title}");
        }
    }
}
