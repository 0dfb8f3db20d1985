//! Phrases → where they stand in a text: one pass over its words, whatever the number of phrases. A trie over the terms of
//! the index's analyzer; most words are dismissed by their first letters.

use std::collections::HashMap;

use super::{
    learned::Learned,
    vocabulary::{Does, Topic},
};
use crate::text::analyzer::{Analyzer, Token, folded};

/// Stands before a phrase of which the stems are enough.
pub(super) const BY_STEM: char = '~';

/// The phrases of all topics.
pub(super) struct Phrases {
    terms: HashMap<Box<str>, Known>,
    n_terms: u32,
    sieve: Sieve,
    /// By the number of a term: the node of the phrases that begin with it; 0 where none does.
    roots: Vec<u32>,
    steps: HashMap<(u32, u32), u32>,
    /// By node: what ends there.
    ends: Vec<Vec<End>>,
}

/// A term that stands in a phrase, or that something was learned of.
#[derive(Clone, Copy, Default)]
struct Known {
    /// Among those of phrases, from 1; 0 where it stands in none.
    number: u32,
    learned: Option<u32>,
}

/// A phrase of a topic, at its last word.
struct End {
    topic: usize,
    phrase: u32,
    does: Does,
    /// Of every word what has to be there besides the term; empty where nothing has.
    forms: Box<[Form]>,
}

/// What a word of a phrase has to be.
#[derive(Clone, PartialEq)]
enum Form {
    /// The same stem is enough.
    Any,
    /// This word, singular or plural, whatever its case.
    Word(String),
    /// The same, with its capitals.
    Capitals(String),
}

/// A phrase in a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Match {
    /// Its place among the topics.
    pub topic: usize,
    /// Tells it from the others.
    pub phrase: u32,
    pub does: Does,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
}

/// What reading a text takes.
#[derive(Default)]
pub(super) struct Reading {
    analyzer: Analyzer,
    seen: Vec<Seen>,
    /// Of the learned words of a text, where each stands first and how often.
    pub words: Words,
}

/// The words of a text that something was learned of.
#[derive(Default)]
pub(super) struct Words {
    /// By the number of a word: its place among those of the text, from 1.
    places: Vec<u32>,
    pub seen: Vec<Counted>,
}

/// A word of a text.
pub(super) struct Counted {
    pub number: u32,
    pub n: u32,
    pub part: usize,
    pub start: usize,
    pub end: usize,
}

impl Words {
    pub fn clear(&mut self, n_words: usize) {
        self.places.resize(n_words, 0);
        self.seen.drain(..).for_each(|word| self.places[word.number as usize] = 0);
    }

    pub fn add(&mut self, number: u32, part: usize, token: &Token<'_>) {
        let place = &mut self.places[number as usize];
        if let Some(known) = place.checked_sub(1) {
            self.seen[known as usize].n += 1;
            return;
        }
        self.seen.push(Counted { number, n: 1, part, start: token.start, end: token.end });
        *place = u32::try_from(self.seen.len()).unwrap_or_default();
    }

    pub fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        self.seen.iter().map(|word| (word.number, word.n))
    }
}

/// A word of a text whose term stands in a phrase.
struct Seen {
    number: u32,
    position: usize,
    start: usize,
    end: usize,
}

impl Phrases {
    pub fn new(topics: &[Topic], learned: &Learned) -> Self {
        let mut phrases = Phrases {
            terms: HashMap::new(),
            n_terms: 0,
            sieve: Sieve::default(),
            roots: vec![0],
            steps: HashMap::new(),
            // The first is no node.
            ends: vec![Vec::new()],
        };
        for (number, term) in (0..).zip(learned.terms()) {
            phrases.sieve.add(term);
            phrases.terms.insert(term.into(), Known { number: 0, learned: Some(number) });
        }
        let mut analyzer = Analyzer::default();
        let mut n_phrases = 0;
        for (topic, of) in topics.iter().enumerate() {
            for (_, does, list) in of.lists() {
                for phrase in list {
                    n_phrases += 1;
                    phrases.add(phrase, &End { topic, phrase: n_phrases, does, forms: Box::default() }, &mut analyzer);
                }
            }
        }
        phrases
    }

    fn add(&mut self, phrase: &str, end: &End, analyzer: &mut Analyzer) {
        let by_stem = phrase.strip_prefix(BY_STEM);
        let text = by_stem.unwrap_or(phrase);
        let (mut node, mut forms) = (0, Vec::new());
        analyzer.tokens(text, |token| {
            let known = self.terms.entry(token.term.into()).or_default();
            if known.number == 0 {
                self.n_terms += 1;
                known.number = self.n_terms;
                self.sieve.add(token.term);
            }
            let number = known.number;
            self.roots.resize(self.roots.len().max(number as usize + 1), 0);
            let next = if node == 0 {
                &mut self.roots[number as usize]
            } else {
                self.steps.entry((node, number)).or_default()
            };
            if *next == 0 {
                *next = u32::try_from(self.ends.len()).unwrap_or_default();
                self.ends.push(Vec::new());
            }
            node = *next;
            let word = &text[token.start..token.end];
            forms.push(match (word.chars().any(char::is_uppercase), by_stem.is_some()) {
                (true, _) => Form::Capitals(word.to_owned()),
                (_, false) => Form::Word(token.word.to_owned()),
                _ => Form::Any,
            });
        });
        let is_any = forms.iter().all(|form| *form == Form::Any);
        let forms = if is_any { Box::default() } else { forms.into() };
        let End { topic, phrase, does, .. } = *end;
        self.ends[node as usize].push(End { topic, phrase, does, forms });
    }

    /// Calls `word` with every word of the text and its number among those that something was learned of, and then `each` with
    /// every phrase in it, in order of where they begin.
    pub fn find(
        &self,
        text: &str,
        reading: &mut Reading,
        mut word: impl FnMut(&Token<'_>, Option<u32>),
        mut each: impl FnMut(Match),
    ) {
        let Reading { analyzer, seen, .. } = reading;
        seen.clear();
        analyzer.tokens(text, |token| {
            let known = self.sieve.may_hold(token.term).then(|| self.terms.get(token.term)).flatten();
            let Known { number, learned } = known.copied().unwrap_or_default();
            word(&token, learned);
            // An address is no talk of its protocol.
            if number > 0 && !text[token.end..].starts_with("://") {
                seen.push(Seen { number, position: token.position, start: token.start, end: token.end });
            }
        });
        for (at, first) in seen.iter().enumerate() {
            let mut node = self.roots[first.number as usize];
            for (n_more, word) in seen[at..].iter().enumerate() {
                if n_more > 0 {
                    let before = &seen[at + n_more - 1];
                    // Pairs of letters, as of Chinese words, begin within one another: nothing stands between them.
                    let between = text.get(before.end..word.start).unwrap_or_default();
                    if word.position != before.position + 1 || parts(between) {
                        break;
                    }
                    node = self.steps.get(&(node, word.number)).copied().unwrap_or_default();
                }
                if node == 0 {
                    break;
                }
                let words = &seen[at..=at + n_more];
                for end in self.ends[node as usize].iter().filter(|end| end.fits(text, words)) {
                    let End { topic, phrase, does, .. } = *end;
                    each(Match { topic, phrase, does, start: first.start, end: word.end });
                }
            }
        }
    }
}

impl End {
    fn fits(&self, text: &str, words: &[Seen]) -> bool {
        self.forms.iter().zip(words).all(|(form, word)| form.fits(&text[word.start..word.end]))
    }
}

impl Form {
    fn fits(&self, word: &str) -> bool {
        let word = ["'s", "’s"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        match self {
            Form::Any => true,
            // Most stand as they are looked for.
            Form::Word(wanted) | Form::Capitals(wanted) if word == wanted => true,
            Form::Word(wanted) => singular(&folded(word)) == singular(wanted),
            Form::Capitals(wanted) => singular(word) == singular(wanted),
        }
    }
}

/// A word without what makes a plural of it, or what looks so: both sides of a comparison lose the same. Whether it ended in
/// what is "y" or "ie", so that "libraries" are "library".
fn singular(word: &str) -> (&str, bool) {
    let is_plural = word.len() > 2 && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    let word = word.strip_suffix('s').filter(|_| is_plural).unwrap_or(word);
    let ends_in_y = word.strip_suffix("ie").or_else(|| word.strip_suffix('y')).filter(|rest| !rest.is_empty());
    let hisses = |rest: &&str| ["s", "x", "z", "ch", "sh"].iter().any(|end| rest.ends_with(end));
    match (ends_in_y, word.strip_suffix('e').filter(hisses)) {
        (Some(rest), _) => (rest, true),
        (None, rest) => (rest.unwrap_or(word), false),
    }
}

/// Whether what stands between two words keeps a phrase from crossing it.
fn parts(between: &str) -> bool {
    between.bytes().any(|byte| b".,;:!?()[]{}<>|=*".contains(&byte)) || between.matches('\n').count() > 1
}

/// Tells most words from those that it took, by their first letters: few words of a text stand in a phrase.
struct Sieve(Vec<u64>);

/// Places, as a power of 2: 8 KB, so that of the thousands of terms that there are few others share a place.
const SIEVE_BITS: u32 = 16;

impl Default for Sieve {
    fn default() -> Self {
        Sieve(vec![0; 1 << (SIEVE_BITS - 6)])
    }
}

impl Sieve {
    #[inline]
    fn place(term: &str) -> (usize, u32) {
        let letters = term.bytes().take(8).fold(term.len() as u64, |letters, byte| letters << 8 | u64::from(byte));
        let place = letters.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - SIEVE_BITS);
        ((place >> 6) as usize, (place & 63) as u32)
    }

    fn add(&mut self, term: &str) {
        let (word, bit) = Self::place(term);
        self.0[word] |= 1 << bit;
    }

    #[inline]
    fn may_hold(&self, term: &str) -> bool {
        let (word, bit) = Self::place(term);
        self.0[word] >> bit & 1 == 1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_singular_or_plural() {
        for (wanted, text, is_same) in [
            ("walrus", "Walruses", true),
            ("databases", "database", true),
            ("library", "LIBRARIES", true),
            ("cookie", "cookies", true),
            ("process", "processes", true),
            ("cache", "caches", true),
            ("kernel", "Kernel’s", true),
            ("uber", "Über", true),
            ("vm", "VMs", true),
            ("locale", "local", false),
            ("container", "contains", false),
            ("experience", "experiment", false),
        ] {
            assert_eq!(Form::Word(wanted.to_owned()).fits(text), is_same, "{wanted} {text}");
        }
        let go = Form::Capitals("Go".to_owned());
        assert_eq!(["Go", "Go's", "go", "GO"].map(|text| go.fits(text)), [true, true, false, false]);
    }
}
