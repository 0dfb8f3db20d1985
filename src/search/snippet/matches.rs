//! Text → where it matches: words by what they are found by, phrases where they stand as such.

use std::{collections::HashMap, ops::Range};

use super::phrase::{Phrase, Spot};
use crate::{
    query::lower::{Evidence, Form},
    text::analyzer::{Analyzer, Beginnings, core},
};

/// Where everything that was looked for stands within so many bytes, …
const NEAR_BYTES: usize = 1000;
/// … a text is looked through in pieces of this size, and no further than to the end of the next one.
const PIECE_BYTES: usize = 32 << 10;
/// Pieces between white space that are remembered, and the bytes of one.
const PIECES_MAX: usize = 4096;
const PIECE_KNOWN_BYTES_MAX: usize = 64;
/// Of more words nobody finds all in one place.
const CLUES_NEAR_MAX: usize = 8;

/// A match in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Match {
    pub start: usize,
    pub end: usize,
    /// Which word or phrase of the query it is.
    pub clue: usize,
}

/// Finds the matches of one query in texts.
pub(super) struct Finder {
    analyzer: Analyzer,
    wanted: Vec<Wanted>,
    /// Places in `wanted`.
    terms: HashMap<String, usize>,
    words: HashMap<String, usize>,
    phrases: Vec<Phrase>,
    pieces: Pieces,
    /// Of all of them.
    beginnings: Beginnings,
    n_clues: usize,
}

/// What a token stands for.
#[derive(Debug, Default)]
struct Wanted {
    clues: Vec<usize>,
    /// A phrase, and a slot of it.
    slots: Vec<(usize, usize)>,
}

impl Finder {
    pub fn new(evidence: &Evidence) -> Self {
        let mut finder = Finder {
            analyzer: Analyzer::default(),
            wanted: Vec::new(),
            terms: HashMap::new(),
            words: HashMap::new(),
            phrases: Vec::new(),
            pieces: Pieces::default(),
            beginnings: Beginnings::default(),
            n_clues: evidence.clues.len(),
        };
        for (clue, form) in
            evidence.clues.iter().enumerate().flat_map(|(n, clue)| clue.forms.iter().map(move |f| (n, f)))
        {
            match form {
                Form::Term(term) => finder.want(term).clues.push(clue),
                Form::Word(word) => {
                    finder.beginnings.add(word);
                    wanted(&mut finder.words, &mut finder.wanted, word).clues.push(clue);
                }
                Form::Phrase { terms, .. } if terms.len() < 2 => {
                    terms.iter().for_each(|(_, term)| finder.want(term).clues.push(clue));
                }
                Form::Phrase { terms, slop } => {
                    let phrase = Phrase::new(clue, terms, *slop);
                    finder.beginnings.measure(phrase.reach());
                    for (slot, of) in phrase.slots.iter().enumerate() {
                        let place = (finder.phrases.len(), slot);
                        finder.want(&of.term).slots.push(place);
                    }
                    finder.phrases.push(phrase);
                }
            }
        }
        finder
    }

    fn want(&mut self, term: &str) -> &mut Wanted {
        self.beginnings.add(term);
        wanted(&mut self.terms, &mut self.wanted, term)
    }

    pub fn set_language(&mut self, language: Option<&str>) {
        self.analyzer.set_language(language);
        self.pieces.set_language(language);
    }

    /// Tells phrases with slop how many documents of a segment have each term.
    pub fn set_frequencies<E>(&mut self, mut frequency: impl FnMut(&str) -> Result<u32, E>) -> Result<(), E> {
        for phrase in self.phrases.iter_mut().filter(|phrase| phrase.is_loose()) {
            let frequencies = phrase.slots.iter().map(|slot| frequency(&slot.term)).collect::<Result<Vec<u32>, E>>()?;
            phrase.set_frequencies(&frequencies);
        }
        Ok(())
    }

    /// The matches of a text in order. Those of a long text may end early, where nothing better can come.
    pub fn find(&mut self, text: &str) -> Vec<Match> {
        let mut found = Vec::new();
        if self.n_clues == 0 {
            return found;
        }
        // Phrases need all positions.
        let mut nearness = Nearness::new(if self.phrases.is_empty() { self.n_clues } else { usize::MAX });
        let mut from = 0;
        while from < text.len() && !nearness.was_reached {
            let to = if nearness.is_possible() { piece_end(text, from) } else { text.len() };
            nearness.was_reached = nearness.is_reached;
            self.find_in(&text[from..to], from, &mut found, &mut nearness);
            from = to;
        }
        for phrase in &mut self.phrases {
            let clue = phrase.clue;
            found.extend(phrase.take().into_iter().map(|Spot { start, end, .. }| Match { start, end, clue }));
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    fn find_in(&mut self, text: &str, base: usize, found: &mut Vec<Match>, nearness: &mut Nearness) {
        let Finder { analyzer, wanted, terms, words, phrases, beginnings, pieces, .. } = self;
        let mut words_before = 0;
        analyzer.pieces_beginning(beginnings, text, |analyzer, range, n_words| {
            words_before += n_words;
            let core = core(&text[range.clone()]);
            let base = base + range.start + core.start;
            let core = &text[range.start + core.start..range.start + core.end];
            let piece = pieces.of(core, |piece| Piece::new(analyzer, piece, terms, words));
            for (which, at, position) in &piece.found {
                let (start, end) = (base + at.start, base + at.end);
                for clue in &wanted[*which].clues {
                    found.push(Match { start, end, clue: *clue });
                    nearness.see(*clue, start);
                }
                for (phrase, slot) in &wanted[*which].slots {
                    let position = words_before + position;
                    phrases[*phrase].slots[*slot].seen.push(Spot { position, start, end });
                }
            }
            words_before += piece.n_words;
        });
    }
}

/// What is found by a term or word, made where there is nothing yet.
fn wanted<'a>(places: &mut HashMap<String, usize>, all: &'a mut Vec<Wanted>, of: &str) -> &'a mut Wanted {
    let place = *places.entry(of.to_owned()).or_insert(all.len());
    if place == all.len() {
        all.push(Wanted::default());
    }
    &mut all[place]
}

/// What stands between white space, taken apart.
#[derive(Default)]
struct Piece {
    /// Places in the finder's `wanted`, the bytes, and the number of words before.
    found: Vec<(usize, Range<usize>, usize)>,
    n_words: usize,
}

impl Piece {
    fn new(
        analyzer: &mut Analyzer,
        text: &str,
        terms: &HashMap<String, usize>,
        words: &HashMap<String, usize>,
    ) -> Piece {
        let mut found = Vec::new();
        let n_words = analyzer.tokens_of_piece(text, |token| {
            let of_word = if words.is_empty() { None } else { words.get(token.word) };
            let which = terms.get(token.term).into_iter().chain(of_word);
            found.extend(which.map(|which| (*which, token.start..token.end, token.position)));
        });
        Piece { found, n_words }
    }
}

type Places = HashMap<Box<str>, usize>;

/// Pieces that were taken apart: the words that a query asks for, and those that begin alike, come again and again.
struct Pieces {
    all: Vec<Piece>,
    /// By language, since what a piece is depends on it: places in `all`.
    known: Vec<(Option<String>, Places)>,
    /// The place of the language.
    language: usize,
}

impl Default for Pieces {
    fn default() -> Self {
        Pieces { all: vec![Piece::default()], known: vec![(None, Places::new())], language: 0 }
    }
}

impl Pieces {
    fn set_language(&mut self, language: Option<&str>) {
        let known = self.known.iter().position(|(known, _)| known.as_deref() == language);
        self.language = known.unwrap_or_else(|| {
            self.known.push((language.map(str::to_owned), Places::new()));
            self.known.len() - 1
        });
    }

    fn of(&mut self, text: &str, take_apart: impl FnOnce(&str) -> Piece) -> &Piece {
        let known = &mut self.known[self.language].1;
        if let Some(place) = known.get(text) {
            return &self.all[*place];
        }
        let piece = take_apart(text);
        let place = if text.len() > PIECE_KNOWN_BYTES_MAX || self.all.len() >= PIECES_MAX {
            // It has the first place to itself until the next one.
            self.all[0] = piece;
            0
        } else {
            known.insert(text.into(), self.all.len());
            self.all.push(piece);
            self.all.len() - 1
        };
        &self.all[place]
    }
}

/// The end of a piece of a long text, at white space.
fn piece_end(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let space = bytes.iter().skip(from + PIECE_BYTES).position(u8::is_ascii_whitespace);
    space.map_or(text.len(), |at| from + PIECE_BYTES + at)
}

/// Whether everything was seen in one place.
struct Nearness {
    /// By clue, where it was seen last; empty where nobody asks.
    last: Vec<Option<usize>>,
    is_reached: bool,
    /// Before the piece at hand.
    was_reached: bool,
}

impl Nearness {
    fn new(n_clues: usize) -> Self {
        let n_clues = if n_clues > CLUES_NEAR_MAX { 0 } else { n_clues };
        Nearness { last: vec![None; n_clues], is_reached: false, was_reached: false }
    }

    fn is_possible(&self) -> bool {
        !self.last.is_empty()
    }

    fn see(&mut self, clue: usize, at: usize) {
        if self.is_reached || self.last.is_empty() {
            return;
        }
        self.last[clue] = Some(at);
        self.is_reached = self.last.iter().all(|last| last.is_some_and(|last| last + NEAR_BYTES >= at));
    }
}
