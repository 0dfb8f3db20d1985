//! Phrases → where they stand in a text: one pass over its words, whatever the number of phrases. A trie over the terms of
//! the index's analyzer; what a written word is to it is noted by the analyzer, and looked up once for many texts.

use std::{
    collections::HashMap,
    hash::{BuildHasherDefault, Hasher},
};

use super::{
    learned::Learned,
    vocabulary::{Does, Topic},
};
use crate::text::analyzer::{Analyzer, Word, fold_into};

/// Stands before a phrase of which the stems are enough.
pub(super) const BY_STEM: char = '~';

/// The phrases of all topics.
pub(super) struct Phrases {
    terms: HashMap<Box<str>, Known, BuildHasherDefault<Quick>>,
    /// By the number of a term; the first is none.
    stems: Vec<Stem>,
    n_forms: u32,
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

/// What reading texts by one vocabulary takes.
#[derive(Default)]
pub(super) struct Reading {
    pub analyzer: Analyzer,
    seen: Vec<Seen>,
    written: Writings,
    /// Of the learned words of a text, where each stands first and how often.
    pub words: Words,
    /// What was found of a text.
    pub found: Vec<Found>,
}

/// A match with the part that it stands in.
#[derive(Clone, Copy)]
pub(super) struct Found {
    pub part: usize,
    pub at: Match,
}

/// What words of phrases are, as they are written: no more of them than the vocabulary has forms.
#[derive(Default)]
struct Writings {
    all: Vec<Written>,
    /// By the number of the term and the forms.
    notes: HashMap<(u32, [u32; 2]), u32, BuildHasherDefault<Quick>>,
    folded: String,
}

struct Written {
    known: Known,
    /// Those that it has as it is written and folded; [`ANY`] where no phrase asks for it.
    forms: [u32; 2],
    /// The phrases that it is by itself: their topics, numbers and what they do.
    alone: Box<[(usize, u32, Does)]>,
    /// The node of longer phrases that begin with it; 0 where none does.
    root: u32,
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

    pub fn add(&mut self, number: u32, part: usize, at: &Word) {
        let place = &mut self.places[number as usize];
        if let Some(known) = place.checked_sub(1) {
            self.seen[known as usize].n += 1;
            return;
        }
        self.seen.push(Counted { number, n: 1, part, start: at.start, end: at.end });
        *place = u32::try_from(self.seen.len()).unwrap_or_default();
    }

    pub fn counts(&self) -> impl Iterator<Item = (u32, u32)> {
        self.seen.iter().map(|word| (word.number, word.n))
    }
}

/// A word of a text whose term stands in a phrase.
struct Seen {
    /// Its place among [`Writings`].
    written: usize,
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
            steps: HashMap::default(),
            nodes: vec![Node::default()],
        };
        for (number, term) in (0..).zip(learned.terms()) {
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
        mut word: impl FnMut(&Word, Option<u32>),
        mut each: impl FnMut(Match),
    ) {
        let Reading { analyzer, seen, written, .. } = reading;
        seen.clear();
        let mut tokens = analyzer.unmarked(text);
        while let Some(at) = tokens.next_noted() {
            let mut note = at.note;
            if note == 0 {
                note = self.note(tokens.term(&at), &text[at.start..at.end], written);
                tokens.set_note(note);
            }
            let place = match note {
                NOTHING => {
                    word(&at, None);
                    continue;
                }
                LEARNED.. => {
                    word(&at, Some(note - LEARNED));
                    continue;
                }
                _ => note as usize - 1,
            };
            word(&at, written.all[place].known.learned);
            // An address is no talk of its protocol.
            if !text[at.end..].starts_with("://") {
                seen.push(Seen { written: place, position: at.position, start: at.start, end: at.end });
            }
        }
        let of = |seen: &Seen| &written.all[seen.written];
        for (at, first) in seen.iter().enumerate() {
            let Written { alone, root, .. } = of(first);
            for (topic, phrase, does) in alone {
                each(Match { topic: *topic, phrase: *phrase, does: *does, start: first.start, end: first.end });
            }
            let mut node = *root;
            for (before, word) in seen[at..].iter().zip(&seen[at + 1..]) {
                if node == 0 || word.position != before.position + 1 {
                    break;
                }
                node = self.steps.get(&(node, of(word).known.number)).copied().unwrap_or_default();
                // Pairs of letters, as of Chinese words, begin within one another: nothing stands between them.
                if node == 0 || parts(text.get(before.end..word.start).unwrap_or_default()) {
                    break;
                }
                let Node { ends, goes_on } = &self.nodes[node as usize];
                let words = seen[at..].iter().map(|word| of(word).forms);
                for End { topic, phrase, does, .. } in ends.iter().filter(|end| end.fits(words.clone())) {
                    each(Match { topic: *topic, phrase: *phrase, does: *does, start: first.start, end: word.end });
                }
                if !goes_on {
                    break;
                }
            }
        }
    }

    /// What is noted of a word: [`NOTHING`], its number among those that something was learned of and that stand in no phrase,
    /// from [`LEARNED`] on, or the place from 1 of how it is written.
    fn note(&self, term: &str, word: &str, written: &mut Writings) -> u32 {
        let known = match self.terms.get(term) {
            None => return NOTHING,
            Some(Known { number: 0, learned }) => return learned.map_or(NOTHING, |learned| LEARNED + learned),
            Some(known) => *known,
        };
        let stem = &self.stems[known.number as usize];
        let forms = stem.forms_of(word, &mut written.folded);
        let all = &mut written.all;
        *written.notes.entry((known.number, forms)).or_insert_with(|| {
            let Node { ends, goes_on } = &self.nodes[stem.root as usize];
            let alone = ends.iter().filter(|end| end.fits(std::iter::once(forms)));
            let alone = alone.map(|End { topic, phrase, does, .. }| (*topic, *phrase, *does)).collect();
            all.push(Written { known, forms, alone, root: if *goes_on { stem.root } else { 0 } });
            u32::try_from(all.len()).unwrap_or(NOTHING)
        })
    }
}

/// The note of a word whose term stands in no phrase and that nothing was learned of.
const NOTHING: u32 = u32::MAX;
/// See [`Phrases::note`].
const LEARNED: u32 = 1 << 31;

impl End {
    /// Whether words have the forms that it asks for, each having two.
    fn fits(&self, words: impl Iterator<Item = [u32; 2]>) -> bool {
        self.forms.iter().zip(words).all(|(form, forms)| *form == ANY || forms.contains(form))
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
