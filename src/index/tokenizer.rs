//! The analyzer behind tantivy's trait. The terms of a text and its spellings are two fields, and one pass over it gives both.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::schema::{SPELLINGS, TERMS};
use crate::text::analyzer::{Analyzer, Lexicon, Tokens};

/// Stands before and behind the name of a field, see [`shared_with`].
const SHARED_MARK: char = '\u{1c}';

/// What stands before a text whose spellings the field of this name takes, and is all that is given to that field, which must
/// come later in the schema: tantivy reads the fields of a document in their order, on one thread.
pub(super) fn shared_with(field: &str) -> String {
    format!("{SHARED_MARK}{field}{SHARED_MARK}")
}

/// The name that [`shared_with`] put before a text, and the text.
fn sharer(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(SHARED_MARK)?.split_once(SHARED_MARK)
}

/// Gives terms or spellings, as its name says.
#[derive(Clone)]
pub struct HallwayTokenizer {
    analyzer: Analyzer,
    name: &'static str,
    shared: Arc<Mutex<Shared>>,
}

/// What fields have in common: each borrows it while it reads a text.
#[derive(Default)]
struct Shared {
    /// Words that were met in any field.
    lexicon: Lexicon,
    /// By the field that takes them: the spellings of the text that was read for it, each once if that is known.
    spellings: HashMap<String, Words>,
}

/// Words one behind the other.
#[derive(Default)]
struct Words {
    letters: String,
    ends: Vec<usize>,
}

impl Words {
    fn push(&mut self, word: &str) {
        self.letters.push_str(word);
        self.ends.push(self.letters.len());
    }

    fn get(&self, at: usize) -> Option<&str> {
        let start = at.checked_sub(1).map_or(0, |before| self.ends[before]);
        self.ends.get(at).map(|end| &self.letters[start..*end])
    }

    fn clear(&mut self) {
        self.letters.clear();
        self.ends.clear();
    }
}

impl HallwayTokenizer {
    /// Those of every field.
    pub fn all() -> [(&'static str, HallwayTokenizer); 2] {
        let shared = Arc::default();
        let tokenizer = |name| HallwayTokenizer { analyzer: Analyzer::default(), name, shared: Arc::clone(&shared) };
        [TERMS, SPELLINGS].map(|name| (name, tokenizer(name)))
    }
}

impl Tokenizer for HallwayTokenizer {
    type TokenStream<'a> = HallwayTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> HallwayTokens<'a> {
        #[cfg(feature = "faults")]
        if let Err(fault) = super::disk::point(&super::Op::Analyse(text)) {
            panic!("{fault}");
        }
        let (sharer, mut words) = (sharer(text), Words::default());
        if let Ok(mut shared) = self.shared.lock() {
            self.analyzer.set_lexicon(std::mem::take(&mut shared.lexicon));
            let known = sharer.and_then(|(field, _)| shared.spellings.get_mut(field));
            words = known.map(std::mem::take).unwrap_or_default();
        }
        let given = match (self.name == TERMS, sharer) {
            (true, Some((field, text))) => {
                words.clear();
                Given::Both { tokens: self.analyzer.terms_and_spellings(text), field, words }
            }
            (true, None) => Given::One(self.analyzer.stream(text)),
            (false, Some((field, _))) => Given::Spellings { analyzer: &mut self.analyzer, field, words, at: 0 },
            (false, None) => Given::One(self.analyzer.spellings(text)),
        };
        HallwayTokens { given, token: Token::default(), shared: &self.shared }
    }
}

pub struct HallwayTokens<'a> {
    given: Given<'a>,
    token: Token,
    shared: &'a Mutex<Shared>,
}

enum Given<'a> {
    /// Terms or spellings.
    One(Tokens<'a>),
    /// Terms; spellings are taken down for a field.
    Both { tokens: Tokens<'a>, field: &'a str, words: Words },
    /// Spellings that were taken down.
    Spellings { analyzer: &'a mut Analyzer, field: &'a str, words: Words, at: usize },
}

impl Drop for HallwayTokens<'_> {
    fn drop(&mut self) {
        let Ok(mut shared) = self.shared.lock() else { return };
        let (field, words) = match &mut self.given {
            Given::One(tokens) => {
                shared.lexicon = tokens.take_lexicon();
                return;
            }
            Given::Both { tokens, field, words } => {
                shared.lexicon = tokens.take_lexicon();
                (field, words)
            }
            Given::Spellings { analyzer, field, words, .. } => {
                shared.lexicon = analyzer.take_lexicon();
                words.clear();
                (field, words)
            }
        };
        let words = std::mem::take(words);
        match shared.spellings.get_mut(*field) {
            Some(known) => *known = words,
            None => drop(shared.spellings.insert((*field).to_owned(), words)),
        }
    }
}

impl TokenStream for HallwayTokens<'_> {
    #[inline]
    fn advance(&mut self) -> bool {
        self.token.text.clear();
        match &mut self.given {
            Given::One(tokens) => {
                let Some(next) = tokens.next_token() else { return false };
                self.token.text.push_str(if next.term.is_empty() { next.word } else { next.term });
                self.token.offset_from = next.start;
                self.token.offset_to = next.end;
                self.token.position = next.position;
            }
            Given::Both { tokens, words, .. } => loop {
                let Some(next) = tokens.next_token() else { return false };
                if !next.is_repeated {
                    words.push(next.word);
                }
                if !next.term.is_empty() {
                    self.token.text.push_str(next.term);
                    self.token.offset_from = next.start;
                    self.token.offset_to = next.end;
                    self.token.position = next.position;
                    break;
                }
            },
            // Nobody asks where they stand.
            Given::Spellings { words, at, .. } => {
                let Some(word) = words.get(*at) else { return false };
                self.token.text.push_str(word);
                self.token.position = *at;
                *at += 1;
            }
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(tokenizer: &mut HallwayTokenizer, text: &str) -> Vec<String> {
        let mut given = Vec::new();
        tokenizer.token_stream(text).process(&mut |token| given.push(token.text.clone()));
        given
    }

    /// Fields share a lexicon: each gives its own tokens all the same.
    #[test]
    fn fields_give_terms_or_spellings() {
        let [(_, mut terms), (_, mut spellings)] = HallwayTokenizer::all();
        let words: Vec<String> =
            (0..5000).map(|n| format!("tracing{n} tests Tests running caf\u{e9} node.js")).collect();
        let text = "running tests running caf\u{e9} node.js";
        for _ in 0..2 {
            assert_eq!(given(&mut terms, text), ["run", "test", "run", "cafe", "node.js"]);
            let all = ["running", "tests", "running", "cafe", "caf\u{e9}", "node.js", "\u{1d}js", "\u{1d}node"];
            assert_eq!(given(&mut spellings, text), all);
            // The next round knows all of the words.
            assert_eq!(given(&mut terms, &words.join(" ")).len(), 30_000);
        }
    }

    #[test]
    fn fields_take_the_spellings_of_texts_before_them() {
        let [(_, mut terms), (_, mut spellings)] = HallwayTokenizer::all();
        let texts = [
            ("title", "Tests of node.js, tests of tests"),
            ("text", "\u{1e}de\u{1e}H\u{e4}user \u{6771}\u{4eac}\u{90fd} \u{6771}\u{4eac} H\u{e4}user"),
        ];
        // Later rounds know the words.
        for _ in 0..40 {
            for (field, text) in texts {
                let shared = shared_with(field) + text;
                assert_eq!(given(&mut terms, &shared), given(&mut terms, text));
            }
            for (field, text) in texts {
                let sorted = |mut words: Vec<String>| {
                    words.sort_unstable();
                    words.dedup();
                    words
                };
                let taken = given(&mut spellings, &shared_with(field));
                assert_eq!(sorted(taken), sorted(given(&mut spellings, text)), "{field}");
                assert!(given(&mut spellings, &shared_with(field)).is_empty());
            }
        }
    }
}
