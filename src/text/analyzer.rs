//! Text → terms: the same for indexing, querying, snippets, topics and overlap.
//!
//! A token is a word by UAX #29; its term is the word in NFKC, lower case, without accents on Latin letters, and
//! stemmed as English (Snowball). Runs of CJK ideographs give one token a character, as UAX #29 does; a phrase finds
//! them in order.

use frostem::{Algorithm, Stemmer};
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

/// Between the parts of a text that no phrase may cross (title and abstract, one paragraph field and the next).
pub const BREAK: char = '\u{1f}';
/// Words that a [`BREAK`] leaves empty, so that phrases, also loose ones, don't cross it.
const BREAK_GAP: usize = 100;
/// Bytes of a term; longer words are no words (base64, minified code) and are left out.
const TERM_BYTES_MAX: usize = 128;

/// One word of a text and the term it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub term: &'a str,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// In words from 0.
    pub position: usize,
}

/// Holds the stemmer and buffers; make one and use it for many texts.
pub struct Analyzer {
    stemmer: Stemmer,
    term: String,
}

impl Default for Analyzer {
    fn default() -> Self {
        Analyzer { stemmer: Stemmer::new(Algorithm::English), term: String::new() }
    }
}

impl Clone for Analyzer {
    fn clone(&self) -> Self {
        Analyzer::default()
    }
}

impl Analyzer {
    /// The tokens of `text`, one at a time.
    pub fn stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        Tokens { analyzer: self, text, words: text.split_word_bound_indices(), position: 0 }
    }

    /// Calls `each` with every token of `text` in order.
    pub fn tokens(&mut self, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut tokens = self.stream(text);
        while let Some(token) = tokens.next_token() {
            each(token);
        }
    }

    /// The terms of `text` in order, owned.
    pub fn terms(&mut self, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        self.tokens(text, |token| terms.push(token.term.to_owned()));
        terms
    }

    /// False when the word is too long to be one.
    fn set_term(&mut self, word: &str) -> bool {
        self.term.clear();
        fold_into(without_plural(word), &mut self.term);
        // "node's" is the word "node".
        if let Some(cut) = ["'s", "’s"].iter().find_map(|tail| self.term.strip_suffix(tail)).map(str::len) {
            self.term.truncate(cut);
        }
        if self.term.len() > TERM_BYTES_MAX {
            return false;
        }
        if self.term.len() > 2 && self.term.bytes().all(|b| b.is_ascii_lowercase()) {
            let stem = self.stemmer.stem(&self.term);
            if stem != self.term {
                let stem = stem.into_owned();
                self.term = stem;
            }
        }
        true
    }
}

/// The tokens of one text. Not an `Iterator`: a token's term lives in the analyzer until the next one is asked for.
pub struct Tokens<'a> {
    analyzer: &'a mut Analyzer,
    text: &'a str,
    words: UWordBoundIndices<'a>,
    position: usize,
}

impl Tokens<'_> {
    pub fn next_token(&mut self) -> Option<Token<'_>> {
        loop {
            let (start, word) = self.words.next()?;
            if word.starts_with(BREAK) {
                self.position += BREAK_GAP;
            }
            if !word.contains(char::is_alphanumeric) {
                continue;
            }
            let end = start + word.len() + symbol_tail(word, &self.text[start + word.len()..]);
            let position = self.position;
            self.position += 1;
            if self.analyzer.set_term(&self.text[start..end]) {
                return Some(Token { term: &self.analyzer.term, start, end, position });
            }
        }
    }
}

/// "SLOs" are several of "SLO": the stemmer, which sees small letters alone, can't tell.
fn without_plural(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(name) if name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) => name,
        _ => word,
    }
}

/// `C++` and `C#` are words: the length of the sign behind a letter.
fn symbol_tail(word: &str, rest: &str) -> usize {
    if word.len() > 2 {
        return 0;
    }
    if rest.starts_with("++") { 2 } else { usize::from(rest.starts_with('#')) }
}

/// Appends `text` in NFKC and lower case, Latin letters without accents.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().map(|c| c.to_ascii_lowercase()));
        return;
    }
    let mut after_latin = false;
    for c in text.nfkd() {
        if is_combining_mark(c) {
            if after_latin {
                continue;
            }
        } else {
            after_latin = c.is_ascii_alphabetic();
        }
        match c {
            'ß' | 'ẞ' => out.push_str("ss"),
            _ => out.extend(c.to_lowercase()),
        }
    }
    // Marks of other scripts are put together again, so that they compare as typed.
    if !out.is_ascii() {
        *out = out.nfc().collect();
    }
}

/// The form by which names, facet values and ids are compared: folded, white space as one space.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&super::one_line(text), &mut out);
    out
}

/// Words that carry no subject: never required of a match.
pub fn is_stop_word(term: &str) -> bool {
    STOP_WORDS.binary_search(&term).is_ok()
}

/// English function words, stemmed as the analyzer does, sorted.
const STOP_WORDS: &[&str] = &[
    "a", "about", "all", "also", "an", "and", "ani", "are", "as", "at", "be", "been", "but", "by", "can", "could",
    "did", "do", "doe", "for", "from", "had", "has", "have", "he", "her", "his", "how", "i", "if", "in", "into", "is",
    "it", "me", "my", "no", "not", "of", "on", "or", "our", "she", "should", "so", "some", "such", "than", "that",
    "the", "their", "them", "then", "there", "these", "they", "this", "those", "to", "was", "we", "were", "what",
    "when", "where", "whi", "which", "who", "will", "with", "would", "you", "your",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<String> {
        Analyzer::default().terms(text)
    }

    #[test]
    fn words_become_terms() {
        for (text, expected) in [
            ("Tracing the Kernel's eBPF programs", vec!["trace", "the", "kernel", "ebpf", "program"]),
            ("C++ and C# on node.js", vec!["c++", "and", "c#", "on", "node.js"]),
            ("cafe\u{301} café Straße ﬁnd", vec!["cafe", "cafe", "strass", "find"]),
            ("SLOs, SLO and APIs; gas As", vec!["slo", "slo", "and", "api", "gas", "as"]),
            ("日本 ①", vec!["日", "本", "1"]),
            ("don't — stop!", vec!["don't", "stop"]),
        ] {
            assert_eq!(terms(text), expected, "{text}");
        }
    }

    #[test]
    fn breaks_leave_a_gap_and_offsets_are_bytes() {
        let mut seen = Vec::new();
        Analyzer::default().tokens("über\u{1f}SLO", |t| seen.push((t.term.to_owned(), t.start, t.end, t.position)));
        assert_eq!(seen, [("uber".to_owned(), 0, 5, 0), ("slo".to_owned(), 6, 9, 1 + BREAK_GAP)]);
    }

    #[test]
    fn stop_words_are_sorted_terms() {
        assert!(STOP_WORDS.is_sorted());
        for word in STOP_WORDS {
            assert!(is_stop_word(word) && terms(word) == [*word], "{word}");
        }
    }
}
