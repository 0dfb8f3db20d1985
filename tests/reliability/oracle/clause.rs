//! What a question asks of a document, read off its parts.

use std::collections::BTreeSet;

use hallway::text::analyzer::{Analyzer, is_stop_word};

use super::{
    documents::Document,
    plain::{Entry, Plain, in_span, is_known},
    question::Part,
};

/// Something that matches or not; plain words in one field, or parts that stand together.
enum Clause {
    Terms { field: Option<&'static str>, terms: Vec<(usize, String)> },
    Years(String),
    Any(Vec<Clause>),
    All(Conjunction),
}

/// What is asked for all at once.
#[derive(Default)]
pub struct Conjunction {
    wanted: Vec<Clause>,
    /// The words of wanted phrases, one by one.
    words: Vec<Clause>,
    fixed: Vec<Clause>,
    optional: Vec<Clause>,
    /// Stop words beside many words that tell: they are looked for where there is nothing else, and don't count.
    silent: Vec<Clause>,
    unwanted: Vec<Clause>,
}

impl Conjunction {
    pub fn new(parts: &[Part], plain: &Plain, is_long: bool) -> Conjunction {
        let mut all = Conjunction::default();
        for part in parts {
            match part {
                Part::Not { part, .. } => all.unwanted.extend(Clause::new(part, plain, is_long)),
                Part::Any(_) | Part::All(_) => all.wanted.extend(Clause::new(part, plain, is_long)),
                Part::Leaf { field: Some(name), text, .. } if is_nowhere(plain, name, text) => {
                    all.plain(&format!("{name} {text}"), false, is_long);
                }
                Part::Leaf { field: Some(_), .. } | Part::Years(_) => {
                    all.fixed.extend(Clause::new(part, plain, is_long));
                }
                Part::Leaf { field: None, text, quoted } => all.plain(text, *quoted, is_long),
            }
        }
        all
    }

    fn plain(&mut self, text: &str, quoted: bool, is_long: bool) {
        let terms = terms(text);
        match terms.as_slice() {
            [] => return,
            [(_, term)] if is_stop_word(term) && !quoted => {
                let stop_words = if is_long { &mut self.silent } else { &mut self.optional };
                stop_words.push(Clause::Terms { field: None, terms });
                return;
            }
            [_] => {}
            several => {
                let words = several.iter().filter(|(_, term)| !is_stop_word(term));
                self.words.extend(words.map(|(_, term)| Clause::Terms { field: None, terms: vec![(0, term.clone())] }));
            }
        }
        self.wanted.push(Clause::Terms { field: None, terms });
    }

    /// Whether it asks for anything, or anything not.
    fn says_something(&self) -> bool {
        [&self.wanted, &self.fixed, &self.optional, &self.silent, &self.unwanted]
            .iter()
            .any(|clauses| !clauses.is_empty())
    }

    pub fn full(&self, plain: &Plain, entry: &Entry, document: &Document) -> Option<f32> {
        if !self.says_something() {
            return Some(1.0);
        }
        let score = |clause: &Clause| clause.score(plain, entry, document);
        if self.unwanted.iter().any(|clause| score(clause).is_some()) {
            return None;
        }
        let required: Option<Vec<f32>> = self.wanted.iter().chain(&self.fixed).map(score).collect();
        let required = required?;
        let optional: Vec<f32> = self.optional.iter().filter_map(score).collect();
        let is_silent = optional.is_empty() && self.silent.iter().find_map(score).is_none();
        if required.is_empty() && is_silent && !(self.optional.is_empty() && self.silent.is_empty()) {
            return None;
        }
        Some(sum(required) + sum(optional))
    }

    /// For a document that is no full match.
    pub fn partial(&self, plain: &Plain, entry: &Entry, document: &Document) -> Option<f32> {
        let score = |clause: &Clause| clause.score(plain, entry, document);
        let loosely = |clause: &Clause| score(clause).map(|score| score * clause.loose_weight());
        let either = self.wanted.iter().chain(&self.words);
        if either.clone().count() < 2 || self.unwanted.iter().any(|clause| score(clause).is_some()) {
            return None;
        }
        let found: Vec<f32> = either.filter_map(loosely).collect();
        let fixed: Option<Vec<f32>> = self.fixed.iter().map(score).collect();
        let fixed = fixed?;
        (!found.is_empty()).then(|| sum(found) + sum(fixed))
    }
}

impl Clause {
    /// What it counts in a partial match: a phrase little, since its words count beside it.
    fn loose_weight(&self) -> f32 {
        let Clause::Terms { field: None, terms } = self else { return 1.0 };
        if terms.len() > 1 && terms.iter().any(|(_, term)| !is_stop_word(term)) { 0.2 } else { 1.0 }
    }

    fn new(part: &Part, plain: &Plain, is_long: bool) -> Option<Clause> {
        Some(match part {
            Part::Any(parts) => {
                let parts: Vec<Clause> = parts.iter().filter_map(|part| Clause::new(part, plain, is_long)).collect();
                if parts.is_empty() {
                    return None;
                }
                Clause::Any(parts)
            }
            Part::Years(span) => Clause::Years(span.clone()),
            Part::Leaf { field: Some(name), text, .. } => {
                let terms = terms(text);
                if terms.is_empty() {
                    return None;
                }
                Clause::Terms { field: Some(name), terms }
            }
            Part::All(parts) => Clause::all(parts, plain, is_long)?,
            one => Clause::all(std::slice::from_ref(one), plain, is_long)?,
        })
    }

    fn all(parts: &[Part], plain: &Plain, is_long: bool) -> Option<Clause> {
        let all = Conjunction::new(parts, plain, is_long);
        all.says_something().then_some(Clause::All(all))
    }

    fn score(&self, plain: &Plain, entry: &Entry, document: &Document) -> Option<f32> {
        match self {
            Clause::Terms { field: None | Some("text"), terms } => plain.text.score(&document.text, terms),
            Clause::Terms { field: Some("title"), terms } => plain.title.score(&document.title, terms),
            // A facet's value says nothing about how well a record fits.
            Clause::Terms { field: Some(name), terms } => (entry.words[name].count(terms) > 0).then_some(0.0),
            Clause::Years(span) => entry.values["year"].iter().any(|year| in_span(span, year)).then_some(0.0),
            Clause::Any(parts) => {
                let found: Vec<f32> = parts.iter().filter_map(|part| part.score(plain, entry, document)).collect();
                (!found.is_empty()).then(|| sum(found))
            }
            Clause::All(all) => all.full(plain, entry, document),
        }
    }
}

/// Of nothing 0; `Iterator::sum` says -0, which would come behind it.
fn sum(scores: Vec<f32>) -> f32 {
    scores.into_iter().fold(0.0, |sum, score| sum + score)
}

/// How many different words that tell something are asked for; `with_either`: also those of which any is enough.
pub fn n_telling(parts: &[Part], with_either: bool) -> usize {
    fn collect(parts: &[Part], with_either: bool, found: &mut BTreeSet<String>) {
        for part in parts {
            match part {
                Part::Leaf { field: None, text, .. } => found.extend(terms(text).into_iter().map(|(_, term)| term)),
                Part::Any(parts) if with_either => collect(parts, with_either, found),
                Part::All(parts) => collect(parts, with_either, found),
                _ => {}
            }
        }
    }
    let mut found = BTreeSet::new();
    collect(parts, with_either, &mut found);
    found.iter().filter(|term| !is_stop_word(term)).count()
}

fn terms(text: &str) -> Vec<(usize, String)> {
    let mut terms = Vec::new();
    Analyzer::default().tokens(text, |token| terms.push((token.position, token.term.to_owned())));
    let first = terms.first().map_or(0, |(at, _)| *at);
    terms.into_iter().map(|(at, term)| (at - first, term)).collect()
}

/// Whether no record has these words in this facet.
fn is_nowhere(plain: &Plain, name: &str, text: &str) -> bool {
    let is_year = name == "year" && text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
    if matches!(name, "title" | "text") || is_year || is_known(name, text) {
        return false;
    }
    let held = |term: &String| plain.entries.iter().any(|entry| entry.words[name].places.contains_key(term));
    !terms(text).iter().all(|(_, term)| held(term))
}
