//! Phrases → where they stand in a text: one pass over its words, whatever the number of phrases. A trie over the terms of
//! the index's analyzer; most words are dismissed by their first letters.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    learned::Learned,
    vocabulary::{Does, Topic},
};
use crate::text::analyzer::{Analyzer, Token, fold_into};

/// Stands before a phrase of which the stems are enough.
pub(super) const BY_STEM: char = '~';

/// The phrases of all topics.
pub(super) struct Phrases {
    terms: HashMap<Box<str>, Known, BuildHasherDefault<Quick>>,
    /// By the number of a term; the first is none.
    stems: Vec<Stem>,
    n_forms: u32,
    sieve: Sieve,
    steps: HashMap<(u32, u32), u32, BuildHasherDefault<Quick>>,
    /// The first is none.
    nodes: Vec<Node>,
}

/// A term of phrases.
#[derive(Default)]
struct Stem {
    /// The node of the phrases that begin with it; 0 where none does.
    root: u32,
    forms: Vec<Form>,
}

/// Where phrases with the same first words have come to.
#[derive(Default)]
struct Node {
    ends: Vec<End>,
    /// Whether one of them has another word.
    goes_on: bool,
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
    /// Of every word the number of the form that has to be there; [`ANY`] where the term is enough, empty where all are.
    forms: Box<[u32]>,
}

/// What a word of a phrase has to be besides its term: the same word, singular or plural.
struct Form {
    number: u32,
    /// As [`singular`] has it.
    word: Box<str>,
    ends_in_y: bool,
    /// As it is written, or else folded.
    has_capitals: bool,
}

/// The form that every word has.
const ANY: u32 = 0;

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
    folded: String,
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
    /// Those that it has as it is written and folded; [`ANY`] where no phrase asks for it.
    forms: [u32; 2],
    position: usize,
    start: usize,
    end: usize,
}

impl Phrases {
    pub fn new(topics: &[Topic], learned: &Learned) -> Self {
        let mut phrases = Phrases {
            terms: HashMap::default(),
            stems: vec![Stem::default()],
            n_forms: ANY,
            sieve: Sieve::default(),
            steps: HashMap::default(),
            nodes: vec![Node::default()],
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
            let number = self.number(token.term);
            let n_nodes = u32::try_from(self.nodes.len()).unwrap_or_default();
            let next = if node == 0 {
                &mut self.stems[number as usize].root
            } else {
                self.nodes[node as usize].goes_on = true;
                self.steps.entry((node, number)).or_default()
            };
            if *next == 0 {
                *next = n_nodes;
                self.nodes.push(Node::default());
            }
            node = *next;
            let word = &text[token.start..token.end];
            forms.push(match (word.chars().any(char::is_uppercase), by_stem.is_some()) {
                (true, _) => self.form(number, word, true),
                (_, false) => self.form(number, token.word, false),
                _ => ANY,
            });
        });
        let is_any = forms.iter().all(|form| *form == ANY);
        let forms = if is_any { Box::default() } else { forms.into() };
        let End { topic, phrase, does, .. } = *end;
        self.nodes[node as usize].ends.push(End { topic, phrase, does, forms });
    }

    /// The number of a term of a phrase.
    fn number(&mut self, term: &str) -> u32 {
        let known = self.terms.entry(term.into()).or_default();
        if known.number == 0 {
            known.number = u32::try_from(self.stems.len()).unwrap_or_default();
            self.stems.push(Stem::default());
            self.sieve.add(term);
        }
        known.number
    }

    /// The number of the form that a word of a phrase asks for.
    fn form(&mut self, number: u32, word: &str, has_capitals: bool) -> u32 {
        let stem = &mut self.stems[number as usize];
        let known = stem.form(word, has_capitals);
        if known != ANY {
            return known;
        }
        self.n_forms += 1;
        let (word, ends_in_y) = singular(word);
        stem.forms.push(Form { number: self.n_forms, word: word.into(), ends_in_y, has_capitals });
        self.n_forms
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
        let Reading { analyzer, seen, folded, .. } = reading;
        seen.clear();
        analyzer.tokens(text, |token| {
            let known = self.sieve.may_hold(token.term).then(|| self.terms.get(token.term)).flatten();
            let Known { number, learned } = known.copied().unwrap_or_default();
            word(&token, learned);
            // An address is no talk of its protocol.
            if number > 0 && !text[token.end..].starts_with("://") {
                let forms = self.stems[number as usize].forms_of(&text[token.start..token.end], folded);
                seen.push(Seen { number, forms, position: token.position, start: token.start, end: token.end });
            }
        });
        for (at, first) in seen.iter().enumerate() {
            let mut node = self.stems[first.number as usize].root;
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
                let Node { ends, goes_on } = &self.nodes[node as usize];
                let words = &seen[at..=at + n_more];
                for End { topic, phrase, does, .. } in ends.iter().filter(|end| end.fits(words)) {
                    each(Match { topic: *topic, phrase: *phrase, does: *does, start: first.start, end: word.end });
                }
                if !goes_on {
                    break;
                }
            }
        }
    }
}

impl End {
    fn fits(&self, words: &[Seen]) -> bool {
        self.forms.iter().zip(words).all(|(form, word)| *form == ANY || word.forms.contains(form))
    }
}

impl Stem {
    /// The number of a form, [`ANY`] where no phrase asks for it.
    fn form(&self, word: &str, has_capitals: bool) -> u32 {
        let (word, ends_in_y) = singular(word);
        let is_it =
            |form: &&Form| form.has_capitals == has_capitals && form.ends_in_y == ends_in_y && *form.word == *word;
        self.forms.iter().find(is_it).map_or(ANY, |form| form.number)
    }

    /// Those of a word of a text: as it is written, and folded.
    fn forms_of(&self, word: &str, folded: &mut String) -> [u32; 2] {
        if self.forms.is_empty() {
            return [ANY; 2];
        }
        let word = ["'s", "’s"].into_iter().find_map(|end| word.strip_suffix(end)).unwrap_or(word);
        folded.clear();
        fold_into(word, folded);
        [self.form(word, true), self.form(folded, false)]
    }
}

/// A word without what makes a plural of it, or what looks so: both sides of a comparison lose the same. Whether it ended in
/// what is "y" or "ie", so that "libraries" are "library".
fn singular(word: &str) -> (&str, bool) {
    let word = match word.as_bytes() {
        [_, .., before, b's'] if !b"sui".contains(before) => &word[..word.len() - 1],
        _ => word,
    };
    match word.as_bytes() {
        [_, .., b'i', b'e'] => (&word[..word.len() - 2], true),
        [_, .., b'y'] => (&word[..word.len() - 1], true),
        [.., b's' | b'x' | b'z', b'e'] | [.., b'c' | b's', b'h', b'e'] => (&word[..word.len() - 1], false),
        _ => (word, false),
    }
}

/// Whether what stands between two words keeps a phrase from crossing it.
fn parts(between: &str) -> bool {
    let is_end = |byte| b".,;:!?()[]{}<>|=*".contains(&byte);
    between != " " && (between.bytes().any(is_end) || between.matches('\n').count() > 1)
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

/// Numbers for tables whose keys are those of a vocabulary: what is looked up there can't crowd a place.
#[derive(Default)]
struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let (eights, rest) = bytes.as_chunks();
        eights.iter().for_each(|eight| self.write_u64(u64::from_le_bytes(*eight)));
        self.write_u64(rest.iter().fold(0, |letters, byte| letters << 8 | u64::from(*byte)));
    }

    fn write_u8(&mut self, n: u8) {
        self.write_u64(n.into());
    }

    fn write_u32(&mut self, n: u32) {
        self.write_u64(n.into());
    }

    #[inline]
    fn write_u64(&mut self, n: u64) {
        self.0 = (self.0.rotate_left(5) ^ n).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    }

    /// With its upper bits below, which tables go by.
    fn finish(&self) -> u64 {
        self.0.rotate_left(26)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whether a word of a text has the form that one of a phrase asks for.
    fn form(wanted: &str, has_capitals: bool, text: &str) -> bool {
        let mut phrases = Phrases::new(&[], &Learned::parse("").unwrap());
        let number = phrases.number("stem");
        let wanted = phrases.form(number, wanted, has_capitals);
        phrases.stems[number as usize].forms_of(text, &mut String::new()).contains(&wanted)
    }

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
            // What looks like a plural, and what is too short for one.
            ("bus", "bu", false),
            ("is", "i", false),
            ("ie", "y", false),
            ("tie", "ties", true),
            ("hash", "hashes", true),
            ("base", "bases", true),
            ("not", "note", false),
        ] {
            assert_eq!(form(wanted, false, text), is_same, "{wanted} {text}");
        }
        assert_eq!(["Go", "Go's", "go", "GO"].map(|text| form("Go", true, text)), [true, true, false, false]);
    }

    #[test]
    fn forms_of_one_stem_are_told_apart() {
        let mut phrases = Phrases::new(&[], &Learned::parse("").unwrap());
        let number = phrases.number("go");
        let [small, large, again] =
            [("go", false), ("Go", true), ("gos", false)].map(|(word, capitals)| phrases.form(number, word, capitals));
        assert!(small == again && small != large && ![small, large].contains(&ANY));
        let of = |word| phrases.stems[number as usize].forms_of(word, &mut String::new());
        assert_eq!([of("Go"), of("GO's"), of("going")], [[large, small], [ANY, small], [ANY, ANY]]);
    }
}
