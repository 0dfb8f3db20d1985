//! What is compared of a text: its telling words, the pairs of them that stand side by side, and its sentences.

use std::{collections::BTreeMap, ops::Range};

use super::{
    function_words::is_function_word,
    people::Person,
    prose::{is_generic, own_sentences, without_addresses},
    ties::Place,
    weights::{Weights, key, pair_key},
};
use crate::{
    error::Result,
    record::Record,
    text::analyzer::{Analyzer, Token},
};

/// Bytes of a text that are looked at: a report in full is cut into passages, and no abstract is so long.
const TEXT_BYTES_MAX: usize = 64 << 10;
/// Two words side by side that tell less together are a phrase of everybody's.
const PAIR_WEIGHT_MIN: f64 = 3.0;
/// How much more a word tells that stands twice, as a share of the logarithm of the times.
const OFTEN: f64 = 0.5;

/// A text ready to be compared.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    pub people: Vec<Person>,
    /// Whether its title says that it is no talk of its own.
    pub is_generic: bool,
    /// Whether it is of a report that was found, which says who wrote it and not who spoke: nobody else is unknown.
    pub is_report: bool,
    /// Where and when it was.
    pub(super) place: Place,
    pub(super) words: Vec<Word>,
    pub(super) pairs: Vec<(u64, f64)>,
    pub(super) sentences: Vec<Sentence>,
    pub(super) title: Vec<(u64, f64)>,
    /// Sums over words and pairs.
    pub(super) mass: f64,
    pub(super) squares: f64,
    pub(super) pair_mass: f64,
}

/// A telling word of a text; these are in order of their keys.
#[derive(Clone, Debug)]
pub(super) struct Word {
    pub key: u64,
    pub weight: f64,
    /// How often it stands there counts in `weight`.
    pub once: f64,
    pub term: String,
    /// As it is written first.
    pub written: String,
}

#[derive(Clone, Debug)]
pub(super) struct Sentence {
    /// Bytes of the body.
    pub span: Range<usize>,
    /// Its telling words, each once, in order of their keys.
    pub words: Vec<(u64, f64)>,
    pub mass: f64,
}

/// Makes profiles over one collection.
pub struct Profiler<'a> {
    weights: &'a Weights<'a>,
    analyzer: Analyzer,
}

impl<'a> Profiler<'a> {
    pub fn new(weights: &'a Weights<'a>) -> Self {
        Profiler { weights, analyzer: Analyzer::default() }
    }

    /// The profile of a record by its title and people, and by this text, which stands for its body.
    ///
    /// # Errors
    /// `Index`.
    pub fn profile(&mut self, record: &Record, body: &str) -> Result<Profile> {
        self.analyzer.set_language(None);
        let people = Person::of(record, &mut self.analyzer);
        let body = without_addresses(&body[..crate::text::floor(body, TEXT_BYTES_MAX)]);
        let spans = own_sentences(&body, &people, &mut self.analyzer);
        self.analyzer.set_language(record.language.as_deref());
        let title = record.title.as_deref().unwrap_or_default();
        let mut profile = Profile { is_generic: is_generic(title), place: Place::of(record), ..Profile::default() };
        let mut words: BTreeMap<u64, (Word, u32)> = BTreeMap::new();
        let mut pairs: Vec<(u64, f64)> = Vec::new();
        for span in spans {
            let sentence = self.sentence(&body, span, &people, &mut words, &mut pairs)?;
            profile.sentences.extend((sentence.mass > 0.0).then_some(sentence));
        }
        profile.words.extend(words.into_values().map(|(mut word, times)| {
            word.weight *= 1.0 + OFTEN * f64::from(times).ln();
            word
        }));
        pairs.sort_unstable_by_key(|(key, _)| *key);
        pairs.dedup_by_key(|(key, _)| *key);
        profile.pairs = pairs;
        profile.mass = profile.words.iter().map(|word| word.weight).sum();
        profile.squares = profile.words.iter().map(|word| word.weight * word.weight).sum();
        profile.pair_mass = profile.pairs.iter().map(|(_, weight)| weight).sum();
        let words = &mut profile.title;
        self.each_word(title, &[], |_, key, once| words.push((key, once)))?;
        profile.title.sort_by_key(|(key, _)| *key);
        profile.title.dedup_by_key(|(key, _)| *key);
        profile.people = people;
        Ok(profile)
    }

    fn sentence(
        &mut self,
        body: &str,
        span: Range<usize>,
        people: &[Person],
        words: &mut BTreeMap<u64, (Word, u32)>,
        pairs: &mut Vec<(u64, f64)>,
    ) -> Result<Sentence> {
        let mut own: Vec<(u64, f64)> = Vec::new();
        let mut last: Option<(u64, f64)> = None;
        let text = &body[span.clone()];
        self.each_word(text, people, |token, key, once| {
            if let Some((before, weight)) = last.replace((key, once))
                && weight + once > PAIR_WEIGHT_MIN
            {
                pairs.push((pair_key(before, key), weight + once));
            }
            if once > 0.0 {
                own.push((key, once));
                let new = || {
                    let (term, written) = (token.term.to_owned(), text[token.start..token.end].to_owned());
                    (Word { key, weight: once, once, term, written }, 0)
                };
                words.entry(key).or_insert_with(new).1 += 1;
            }
        })?;
        own.sort_by_key(|(key, _)| *key);
        own.dedup_by_key(|(key, _)| *key);
        let mass = own.iter().map(|(_, weight)| weight).sum();
        Ok(Sentence { span, words: own, mass })
    }

    /// Calls `each` with the words of a text in order, their keys and what they tell, without those that name its people.
    fn each_word(&mut self, text: &str, people: &[Person], mut each: impl FnMut(Token<'_>, u64, f64)) -> Result<()> {
        let mut error = None;
        self.analyzer.tokens(text, |token| {
            if people.iter().any(|person| person.has_word(token.word)) {
                return;
            }
            let key = key(token.term);
            match self.weights.of(token.term, key) {
                Ok(once) => each(token, key, if once > 0.0 && is_function_word(token.word) { 0.0 } else { once }),
                Err(cause) => error = Some(cause),
            }
        });
        error.map_or(Ok(()), Err)
    }
}

impl Profile {
    /// The words that tell most, with what each counts, and how many it has in all.
    pub fn telling(&self, n_max: usize) -> Vec<(String, f64)> {
        let mut words: Vec<&Word> = self.words.iter().collect();
        words.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.cmp(&b.term)));
        words.into_iter().take(n_max).map(|word| (word.term.clone(), word.weight)).collect()
    }

    pub fn n_words(&self) -> usize {
        self.words.len()
    }
}
