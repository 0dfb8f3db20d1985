//! The search that [`super`] holds the engine to: every record is looked at, nothing is kept in an index. BM25 with k1 1.2
//! and b 0.75, lengths as a norm of one byte keeps them; in `f32` and in the engine's form, so that equal is equal.
//!
//! Of the library it uses text → terms, and nothing of tantivy.

// Counts of a test are far below what an f32 holds exactly.
#![allow(clippy::cast_precision_loss)]

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use hallway::{
    index::signature::SignatureWord,
    record::{Kind, Record, TalkType},
    search::{Filter, Sort, gains},
    text::analyzer::Analyzer,
};

use super::{
    clause::{Conjunction, n_telling},
    documents::{Document, Terms, day, documents, type_rank, values},
    question::Question,
};

/// What has no value of a facet.
pub const UNKNOWN: &str = "unknown";

const K1: f32 = 1.2;
const B: f32 = 0.75;
/// Words that tell something in a query that is long, and records among which neighbours are looked for.
const LONG: usize = 3;
const NEIGHBOURHOOD: usize = 200;

/// What is known of a scored field over all documents.
#[derive(Default)]
pub struct Statistics {
    n_documents: u64,
    n_words: u64,
    frequency: HashMap<String, u64>,
}

impl Statistics {
    fn add(&mut self, words: &Terms) {
        self.n_documents += 1;
        self.n_words += words.length;
        words.places.keys().for_each(|term| *self.frequency.entry(term.clone()).or_default() += 1);
    }

    pub fn score(&self, words: &Terms, terms: &[(usize, String)]) -> Option<f32> {
        let times = words.count(terms) as f32;
        if times == 0.0 {
            return None;
        }
        let average = self.n_words as f32 / self.n_documents as f32;
        let idf = |term: &String| {
            let holding = self.frequency.get(term).copied().unwrap_or_default();
            (1.0 + ((self.n_documents - holding) as f32 + 0.5) / (holding as f32 + 0.5)).ln()
        };
        let mut weight = 0.0;
        terms.iter().for_each(|(_, term)| weight += idf(term));
        let norm = K1 * (1.0 - B + B * words.norm as f32 / average);
        Some(weight * (1.0 + K1) * (times / (times + norm)))
    }
}

/// A record, taken apart.
pub struct Entry {
    id: String,
    documents: Vec<Document>,
    pub values: BTreeMap<&'static str, Vec<String>>,
    pub words: BTreeMap<&'static str, Terms>,
    /// YYYYMMDD.
    day: u32,
    type_rank: u8,
}

/// The records in a row.
pub struct Plain {
    pub entries: Vec<Entry>,
    pub text: Statistics,
    pub title: Statistics,
}

/// A record that was found.
#[derive(Clone, Debug)]
pub struct Match {
    pub id: String,
    pub score: f32,
    pub day: u32,
    type_rank: u8,
    signature: Vec<SignatureWord>,
}

/// Everything there is to say to one question.
#[derive(Debug)]
pub struct Answer {
    pub full: Vec<Match>,
    pub partial: Vec<Match>,
    /// All values of every facet, in order.
    pub facets: Vec<(String, Vec<(String, u64)>)>,
}

impl Plain {
    pub fn new(records: &[Record]) -> Plain {
        let mut analyzer = Analyzer::default();
        let mut plain = Plain { entries: Vec::new(), text: Statistics::default(), title: Statistics::default() };
        for record in records {
            let documents = documents(record, &mut analyzer);
            for document in &documents {
                plain.text.add(&document.text);
                plain.title.add(&document.title);
            }
            let values = values(record);
            let words = values
                .iter()
                .map(|(name, values)| (*name, Terms::of(&mut analyzer, values.iter().map(String::as_str))));
            let words = words.collect();
            let (day, type_rank) = (day(record), type_rank(record));
            plain.entries.push(Entry { id: record.id.clone(), documents, values, words, day, type_rank });
        }
        plain
    }

    pub fn n_documents(&self) -> u64 {
        self.text.n_documents
    }

    /// Words of the `text` field: as they were put in, and as the norms keep them.
    pub fn n_words(&self) -> (u64, u64) {
        let documents = self.entries.iter().flat_map(|entry| &entry.documents);
        (self.text.n_words, documents.map(|document| document.text.norm).sum())
    }

    /// Takes the number of words that an index goes by whose merge dropped documents: it then knows norms, not lengths.
    pub fn set_n_words(&mut self, text: u64, title: u64) {
        self.text.n_words = text;
        self.title.n_words = title;
    }

    /// Null when a filter names a value that no record has.
    pub fn answer(&self, question: &Question) -> Option<Answer> {
        let mut filters = Vec::new();
        for filter in &question.request.filters {
            filters.push((filter.field.as_str(), self.admitted(filter)?));
        }
        let query = Conjunction::new(&question.parts, self, n_telling(&question.parts, true) >= LONG);
        let (mut full, mut partial) = (Vec::new(), Vec::new());
        let facets = question.request.facets.iter();
        let mut facets: Vec<(String, BTreeMap<&str, u64>)> =
            facets.map(|name| (name.clone(), BTreeMap::new())).collect();
        for entry in &self.entries {
            // Of equal ones the first.
            let best = |score: &dyn Fn(&Document) -> Option<f32>| {
                let scored = entry.documents.iter().filter_map(|document| Some((score(document)?, document)));
                scored.reduce(|best, other| if other.0 > best.0 { other } else { best })
            };
            let fails = |(field, admitted): &&(&str, BTreeSet<String>)| {
                let values = &entry.values[field];
                if values.is_empty() {
                    return !admitted.contains(UNKNOWN);
                }
                values.iter().all(|value| !admitted.contains(value))
            };
            let failing: BTreeSet<&str> = filters.iter().filter(fails).map(|(field, _)| *field).collect();
            let found = |(score, document): (f32, &Document)| {
                let signature = document.text.signature();
                Match { id: entry.id.clone(), score, day: entry.day, type_rank: entry.type_rank, signature }
            };
            if let Some(best) = best(&|document| query.full(self, entry, document)) {
                for (name, counts) in &mut facets {
                    // A facet's own filter leaves its counts alone.
                    if failing.iter().all(|field| field == name) {
                        let values = &entry.values[name.as_str()];
                        values.iter().for_each(|value| *counts.entry(value).or_default() += 1);
                        if values.is_empty() {
                            *counts.entry(UNKNOWN).or_default() += 1;
                        }
                    }
                }
                if failing.is_empty() {
                    full.push(found(best));
                }
            } else if failing.is_empty() {
                partial.extend(best(&|document| query.partial(self, entry, document)).map(found));
            }
        }
        for found in [&mut full, &mut partial] {
            found.sort_by(|a, b| order(question.request.sort, a, b));
            if n_telling(&question.parts, false) >= LONG && question.request.sort == Sort::Relevance {
                let best = found.len().min(NEIGHBOURHOOD);
                smooth(&mut found[..best]);
            }
        }
        let facets = facets.into_iter().map(|(name, counts)| {
            let mut counts: Vec<_> = counts.into_iter().map(|(value, n)| (value.to_owned(), n)).collect();
            let is_unknown = |(value, _): &(String, u64)| value == UNKNOWN;
            counts.sort_by(|a, b| is_unknown(a).cmp(&is_unknown(b)).then(b.1.cmp(&a.1)).then_with(|| a.0.cmp(&b.0)));
            (name, counts)
        });
        Some(Answer { full, partial, facets: facets.collect() })
    }

    /// The values that a filter lets through; null when it names one that is nowhere.
    fn admitted(&self, filter: &Filter) -> Option<BTreeSet<String>> {
        let held: BTreeSet<&String> =
            self.entries.iter().flat_map(|entry| &entry.values[filter.field.as_str()]).collect();
        let mut admitted = BTreeSet::new();
        for typed in &filter.values {
            let typed = typed.to_lowercase();
            if typed == UNKNOWN && filter.field != "kind" {
                admitted.insert(typed);
                continue;
            }
            if filter.field == "year" {
                admitted.extend(held.iter().filter(|year| in_span(&typed, year)).map(|year| (*year).clone()));
                continue;
            }
            let whole = |value: &str| value.to_lowercase() == typed;
            let last_part = |value: &str| {
                let is_path = matches!(filter.field.as_str(), "conference" | "topic");
                is_path && value.split_once('/').is_some_and(|(_, last)| last.to_lowercase() == typed)
            };
            let words = |value: &str| {
                let value = value.to_lowercase();
                let has = |word: &str| value.split(' ').any(|other| other == word);
                matches!(filter.field.as_str(), "speaker" | "affiliation") && typed.split(' ').all(has)
            };
            // The closest way of fitting that fits anything is the one that counts.
            let ways: [&dyn Fn(&str) -> bool; 3] = [&whole, &last_part, &words];
            let fitting = |way: &&dyn Fn(&str) -> bool| -> Vec<String> {
                held.iter().filter(|value| way(value)).map(|value| (*value).clone()).collect()
            };
            match ways.iter().map(fitting).find(|values| !values.is_empty()) {
                Some(values) => admitted.extend(values),
                None if is_known(&filter.field, &typed) => {}
                None => return None,
            }
        }
        Some(admitted)
    }
}

pub fn in_span(span: &str, year: &str) -> bool {
    match span.split_once("..") {
        Some((from, to)) => (from.is_empty() || from <= year) && (to.is_empty() || year <= to),
        None => span == year,
    }
}

/// Whether a value is one of the few that there can be, held or not.
pub fn is_known(field: &str, value: &str) -> bool {
    match field {
        "kind" => Kind::ALL.iter().any(|kind| kind.as_str() == value),
        "type" => TalkType::ALL.iter().any(|sort| sort.as_str() == value),
        "has" => ["video", "slides", "abstract", "transcript"].contains(&value),
        _ => false,
    }
}

/// Adds what records gain from their neighbours. What likeness is, a test of the engine's own says.
fn smooth(best: &mut [Match]) {
    let scores: Vec<f32> = best.iter().map(|one| one.score).collect();
    let signatures: Vec<_> = best.iter().map(|one| one.signature.clone()).collect();
    best.iter_mut().zip(gains(&scores, &signatures)).for_each(|(one, gain)| one.score += gain);
    best.sort_by(|a, b| order(Sort::Relevance, a, b));
}

fn order(sort: Sort, a: &Match, b: &Match) -> Ordering {
    let by_score = b.score.total_cmp(&a.score);
    let by_type = a.type_rank.cmp(&b.type_rank);
    let by_day = match sort {
        Sort::Relevance => by_score.then(by_type).then((b.day / 10_000).cmp(&(a.day / 10_000))).then(a.day.cmp(&b.day)),
        Sort::Date => b.day.cmp(&a.day).then(by_score).then(by_type),
    };
    by_day.then_with(|| a.id.cmp(&b.id))
}
