//! Text → terms: the same for indexing, querying, snippets, topics and overlap.
//!
//! A token is a word by UAX #29; its term is the word in NFKC, lower case, without accents on Latin letters, with the one
//! apostrophe for all, and stemmed as English (Snowball). Runs of CJK ideographs give one token a character, as UAX #29 does; a phrase finds
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

/// The letter that stands for an apostrophe: ʼ.
const APOSTROPHE_LETTER: char = '\u{2bc}';

const SOFT_HYPHEN: char = '\u{ad}';

/// One word of a text and the term it is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub term: &'a str,
    /// The word folded, before it was stemmed.
    pub word: &'a str,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// In words from 0.
    pub position: usize,
}

/// The letters and digits that some terms begin with. The stemmer never changes a word's first letter.
#[derive(Clone, Copy, Debug, Default)]
pub struct FirstLetters(u128);

impl FirstLetters {
    pub fn add(&mut self, term: &str) {
        self.0 |= term.bytes().next().filter(u8::is_ascii).map_or(0, |byte| 1 << byte);
    }

    /// A word that does not begin in ASCII may still have such a term.
    fn may_begin(self, word: &str) -> bool {
        let first = word.bytes().next().filter(u8::is_ascii);
        first.is_none_or(|byte| self.0 >> byte.to_ascii_lowercase() & 1 == 1)
    }
}

/// Holds the stemmer and buffers; make one and use it for many texts.
#[derive(Default)]
pub struct Analyzer {
    stems: Stems,
    word: String,
    term: String,
}

impl Clone for Analyzer {
    fn clone(&self) -> Self {
        Analyzer::default()
    }
}

impl Analyzer {
    /// Words are stemmed as those of this language from here on (ISO 639-1); where it is unknown, as English.
    pub fn set_language(&mut self, _language: Option<&str>) {}

    /// The tokens of `text`, one at a time.
    pub fn stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        Tokens { analyzer: self, text, first_letters: None, at: 0, chunk: None, position: 0 }
    }

    /// As [`Analyzer::tokens`], for the terms that begin with one of those letters, and perhaps a few more: most words of
    /// a text are then passed over without being folded and stemmed.
    pub fn tokens_beginning(&mut self, letters: FirstLetters, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut tokens = Tokens { first_letters: Some(letters), ..self.stream(text) };
        while let Some(token) = tokens.next_token() {
            each(token);
        }
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

    /// False when the word is too long to be one, or nothing but signs.
    fn set_term(&mut self, word: &str) -> bool {
        self.term.clear();
        // A letter to UAX #29: as a quotation mark it stays on the word.
        fold_into(without_plural(word.trim_matches(APOSTROPHE_LETTER)), &mut self.term);
        // "node's" is the word "node".
        if let Some(cut) = self.term.strip_suffix("'s").map(str::len) {
            self.term.truncate(cut);
        }
        if self.term.is_empty() || self.term.len() > TERM_BYTES_MAX {
            return false;
        }
        self.word.clear();
        self.word.push_str(&self.term);
        if self.term.len() > 2 && self.term.bytes().all(|b| b.is_ascii_lowercase()) {
            self.stems.stem(&mut self.term);
        }
        true
    }
}

/// The stemmer behind a cache: most words of a text are among a few thousand, and looking one up takes a tenth of the time.
struct Stems {
    stemmer: Stemmer,
    /// A word and its stem, at the place that the word's hash gives; empty until enough words were stemmed to pay for it.
    cached: Vec<CachedStem>,
    n_stemmed: usize,
}

#[derive(Clone, Copy, Default)]
struct CachedStem {
    word: ShortWord,
    stem: ShortWord,
}

/// At most 15 bytes, and how many they are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct ShortWord([u8; 16]);

impl ShortWord {
    fn new(word: &str) -> Option<ShortWord> {
        let mut bytes = [0; 16];
        bytes[..15].get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        bytes[15] = word.len() as u8;
        Some(ShortWord(bytes))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..usize::from(self.0[15])]).unwrap_or_default()
    }

    /// A place among [`STEMS_CACHED`] (multiply-shift hashing, Dietzfelbinger 1997).
    fn place(self) -> usize {
        let number = u128::from_le_bytes(self.0);
        let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(29);
        (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - STEMS_CACHED.ilog2())) as usize
    }
}

/// 128 KiB: a text of 10,000 words rarely has more different ones.
const STEMS_CACHED: usize = 4096;
/// A query and its snippets stay below: for them the memory costs more than the stemming.
const STEMMED_WITHOUT_CACHE: usize = 2000;

impl Default for Stems {
    fn default() -> Self {
        Stems { stemmer: Stemmer::new(Algorithm::English), cached: Vec::new(), n_stemmed: 0 }
    }
}

impl Stems {
    /// Replaces a word of small letters by its stem.
    fn stem(&mut self, word: &mut String) {
        self.n_stemmed += 1;
        if self.n_stemmed == STEMMED_WITHOUT_CACHE {
            self.cached = vec![CachedStem::default(); STEMS_CACHED];
        }
        let key = ShortWord::new(word).filter(|_| !self.cached.is_empty());
        if let Some(key) = key {
            let known = &self.cached[key.place()];
            if known.word == key {
                word.clear();
                word.push_str(known.stem.as_str());
                return;
            }
        }
        let stem = self.stemmer.stem(word);
        if let Some(key) = key
            && let Some(stem) = ShortWord::new(&stem)
        {
            self.cached[key.place()] = CachedStem { word: key, stem };
        }
        if stem != *word {
            *word = stem.into_owned();
        }
    }
}

/// The tokens of one text. Not an `Iterator`: a token's term lives in the analyzer until the next one is asked for.
pub struct Tokens<'a> {
    analyzer: &'a mut Analyzer,
    text: &'a str,
    /// Words that begin otherwise are passed over.
    first_letters: Option<FirstLetters>,
    /// Where the next chunk is looked for.
    at: usize,
    /// What is left of a chunk that is more than a plain word, and where the chunk begins.
    chunk: Option<(usize, UWordBoundIndices<'a>)>,
    position: usize,
}

impl<'a> Tokens<'a> {
    pub fn next_token(&mut self) -> Option<Token<'_>> {
        loop {
            let (start, end) = self.next_word()?;
            let position = self.position;
            self.position += 1;
            let word = &self.text[start..end];
            if self.first_letters.is_some_and(|letters| !letters.may_begin(word)) {
                continue;
            }
            if self.analyzer.set_term(word) {
                return Some(Token { term: &self.analyzer.term, word: &self.analyzer.word, start, end, position });
            }
        }
    }

    /// Where the next word is: most are plain, the others are found by UAX #29.
    fn next_word(&mut self) -> Option<(usize, usize)> {
        loop {
            if let Some((base, words)) = &mut self.chunk {
                if let Some((start, word)) = words.find(|(_, word)| word.contains(char::is_alphanumeric)) {
                    let start = *base + start;
                    let end = start + word.len();
                    return Some((start, end + symbol_tail(word, &self.text[end..])));
                }
                self.chunk = None;
            }
            let (start, chunk) = self.next_chunk()?;
            if let Some((from, to)) = plain_word(chunk.as_bytes()) {
                return Some((start + from, start + to));
            }
            self.chunk = Some((start, chunk.split_word_bound_indices()));
        }
    }

    /// What stands between white space or controls: there UAX #29 always parts words.
    fn next_chunk(&mut self) -> Option<(usize, &'a str)> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).filter(|byte| **byte <= b' ') {
            if char::from(*byte) == BREAK {
                self.position += BREAK_GAP;
            }
            self.at += 1;
        }
        let start = self.at;
        let length = bytes[start..].iter().position(|byte| *byte <= b' ');
        self.at = length.map_or(bytes.len(), |length| start + length);
        (start < self.at).then(|| (start, &self.text[start..self.at]))
    }
}

/// Where the word is in a chunk that is nothing but ASCII letters and digits between brackets, quotes and stops.
fn plain_word(chunk: &[u8]) -> Option<(usize, usize)> {
    let is_opening = |byte: &u8| matches!(byte, b'(' | b'[' | b'"' | b'\'');
    let is_closing = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'"' | b'\'');
    let start = chunk.iter().position(|byte| !is_opening(byte))?;
    let end = chunk.iter().rposition(|byte| !is_closing(byte))? + 1;
    let word = chunk.get(start..end).filter(|word| !word.is_empty())?;
    word.iter().all(u8::is_ascii_alphanumeric).then_some((start, end))
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

/// Appends `text` in NFKC and lower case, Latin letters without accents, apostrophes as `'`, no soft hyphens.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
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
            '‘' | '’' | APOSTROPHE_LETTER => out.push('\''),
            // Where a word may be broken is no part of it.
            SOFT_HYPHEN => {}
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
            ("don't — stop! (. ) (a) 'b'", vec!["don't", "stop", "a", "b"]),
            ("don’t don‘t don\u{2bc}t don＇t", vec!["don't"; 4]),
            ("node’s node\u{2bc}s ‘node’ ’node \u{2bc}node\u{2bc} \u{2bc}", vec!["node"; 5]),
            ("well-known well\u{2010}known well\u{2011}known well–known", ["well", "known"].repeat(4)),
            ("in\u{ad}for\u{ad}mation", vec!["inform"]),
            ("Мар’яна Мар\u{2bc}яна", vec!["мар'яна"; 2]),
        ] {
            assert_eq!(terms(text), expected, "{text}");
        }
    }

    /// The way by UAX #29 alone, and without a cache.
    fn slow(text: &str) -> Vec<(String, usize, usize, usize)> {
        let (mut tokens, mut position) = (Vec::new(), 0);
        for (start, word) in text.split_word_bound_indices() {
            position += if word.starts_with(BREAK) { BREAK_GAP } else { 0 };
            if word.contains(char::is_alphanumeric) {
                let end = start + word.len() + symbol_tail(word, &text[start + word.len()..]);
                let mut analyzer = Analyzer::default();
                if analyzer.set_term(&text[start..end]) {
                    tokens.push((analyzer.term, start, end, position));
                }
                position += 1;
            }
        }
        tokens
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 300, ..Default::default() })]

        /// But for a mark that stands on a space: UAX #29 would make one word of both.
        #[test]
        fn plain_words_are_those_of_uax_29(
            text in r#"([a-zA-Z]{1,6}|[0-9.,]{1,3}|[ .,;:!?()\[\]"'’_+#@/\-\u{1f}\n\u{301}\u{a0}éß日本]|\PC){0,24}"#,
        ) {
            let mut last = ' ';
            let text: String = text
                .chars()
                .filter(|c| {
                    let is_kept = !is_combining_mark(*c) || last > ' ';
                    last = if is_kept { *c } else { last };
                    is_kept
                })
                .collect();
            let mut fast = Vec::new();
            Analyzer::default().tokens(&text, |t| fast.push((t.term.to_owned(), t.start, t.end, t.position)));
            proptest::prop_assert_eq!(fast, slow(&text));
        }
    }

    proptest::proptest! {
        #[test]
        fn words_are_found_by_their_first_letter(words in r"([a-zA-Z]{1,12}(ing|ies|s|ly|ed)? |\PC{1,4} ){1,12}") {
            let mut all = Vec::new();
            Analyzer::default().tokens(&words, |t| all.push((t.term.to_owned(), t.position)));
            for (term, position) in &all {
                let mut letters = FirstLetters::default();
                letters.add(term);
                let mut found = Vec::new();
                Analyzer::default()
                    .tokens_beginning(letters, &words, |t| found.push((t.term.to_owned(), t.position)));
                proptest::prop_assert!(found.contains(&(term.clone(), *position)), "{} is not among {:?}", term, found);
            }
        }
    }

    #[test]
    fn a_cached_stem_is_the_stem() {
        let mut analyzer = Analyzer::default();
        let words =
            ["universities", "university", "observability", "a".repeat(20).as_str(), "dying", "running"].join(" ");
        let first = analyzer.terms(&words);
        assert_eq!(first, analyzer.terms(&words));
        assert_eq!(first, ["universiti", "universiti", "observ", "a".repeat(20).as_str(), "die", "run"]);
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
