//! Text → terms: the same for indexing, querying, snippets, topics and overlap.
//!
//! A token is a word by UAX #29; its *word* is what stands there in NFKC and lower case, without accents on Latin letters and
//! with the one apostrophe for all; its *term* is the word's stem in the language of the text (Snowball), by which it is
//! found. Scripts without spaces, and Korean, give one token for each two neighbouring letters (bigrams).
//!
//! Besides, a word has *spellings*, which have no term and don't count as words of the text: itself with its accents, and
//! the parts of one that holds dots (`node.js`) or of a bigram, marked as [`part`]s.

mod beginnings;
mod fold;
mod lexicon;
mod quick;
mod stem;
mod tokens;

pub use beginnings::{Beginnings, core};
pub use fold::{fold_into, folded};
pub use stem::other_languages;
pub use tokens::{Tokens, Word};

use fold::{APOSTROPHE_LETTER, lower_into};
use lexicon::{Forms, Key, Lexicon};
use stem::Stemming;
use tokens::{is_initials, without_plural};

/// Between the parts of a text that no phrase may cross (title and abstract, one paragraph field and the next).
pub const BREAK: char = '\u{1f}';
/// Words that a [`BREAK`] leaves empty, so that phrases, also loose ones, don't cross it.
pub(crate) const BREAK_GAP: usize = 100;
/// Stands before and behind the language at the beginning of a text: see [`in_language`].
const LANGUAGE_MARK: char = '\u{1e}';
/// Stands before a spelling that is a part of its word.
const PART_MARK: char = '\u{1d}';
/// Bytes of a term; longer words are no words (base64, minified code) and are left out.
const TERM_BYTES_MAX: usize = 128;
/// Bytes of a word with all its accents.
const WORD_BYTES_MAX: usize = 16 * TERM_BYTES_MAX;

/// One word of a text, or another spelling of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    /// What the word is found by; empty for another spelling.
    pub term: &'a str,
    /// The word folded, before it was stemmed.
    pub word: &'a str,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// In words from 0.
    pub position: usize,
}

/// The spelling of a part of a word: "js" in "node.js", 京 in 東京.
pub fn part(word: &str) -> String {
    format!("{PART_MARK}{word}")
}

/// Whether a spelling is a [`part`].
pub fn is_part(word: &str) -> bool {
    word.starts_with(PART_MARK)
}

/// A text that says its language, for those that can't be told it otherwise.
pub fn in_language(code: Option<&str>, text: &str) -> String {
    code.map_or_else(|| text.to_owned(), |code| format!("{LANGUAGE_MARK}{code}{LANGUAGE_MARK}{text}"))
}

/// The language that [`in_language`] gave a text, and the text.
fn language_of(text: &str) -> (Option<&str>, &str) {
    let marked = text.strip_prefix(LANGUAGE_MARK).and_then(|rest| rest.split_once(LANGUAGE_MARK));
    marked.map_or((None, text), |(code, text)| (Some(code), text))
}

/// Holds stemmers and buffers; make one and use it for many texts.
#[derive(Default)]
pub struct Analyzer {
    stemming: Stemming,
    lexicon: Lexicon,
    word: String,
    /// The word with its accents; empty where it has none.
    accented: String,
    term: String,
}

impl Clone for Analyzer {
    fn clone(&self) -> Self {
        Analyzer::default()
    }
}

/// Which tokens of a text are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wanted {
    Terms,
    /// Words with all their spellings, none stemmed.
    Spellings,
    Both,
}

impl Analyzer {
    /// Words are stemmed as those of this language from here on (ISO 639-1); where it is unknown, as English.
    pub fn set_language(&mut self, code: Option<&str>) {
        self.stemming.set_language(code);
    }

    /// The terms of a text that may be [`in_language`], one token at a time.
    pub fn stream<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        self.marked(text, Wanted::Terms)
    }

    /// The spellings of a text that may be [`in_language`], one at a time; no token has a term.
    pub fn spellings<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        self.marked(text, Wanted::Spellings)
    }

    fn marked<'a>(&'a mut self, text: &'a str, wanted: Wanted) -> Tokens<'a> {
        let (language, text) = language_of(text);
        self.set_language(language);
        Tokens::new(self, text, wanted)
    }

    /// The terms of a text in the language that was set.
    pub fn unmarked<'a>(&'a mut self, text: &'a str) -> Tokens<'a> {
        Tokens::new(self, text, Wanted::Terms)
    }

    /// Calls `each` with every word of `text` in order.
    pub fn tokens(&mut self, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut tokens = self.unmarked(text);
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

    /// The forms of a word of a text, and what was noted of it. Null when it is too long to be one, or nothing but signs.
    #[inline]
    fn forms(&mut self, text: &str, start: usize, end: usize, wanted: Wanted) -> Option<(Forms, u32)> {
        let key = Key::new(text, start, end, self.stemming.language());
        if let Some(known) = key.and_then(|key| self.lexicon.find(key, wanted)) {
            return Some(known);
        }
        self.new_forms(key, &text[start..end], wanted).map(|forms| (forms, 0))
    }

    fn new_forms(&mut self, key: Option<Key>, word: &str, wanted: Wanted) -> Option<Forms> {
        let is_word = self.set(word, wanted);
        is_word.then(|| self.lexicon.add(key, [&self.word, &self.accented, &self.term]))
    }

    /// False when the word is too long to be one, or nothing but signs.
    fn set(&mut self, text: &str, wanted: Wanted) -> bool {
        // A letter to UAX #29: as a quotation mark it stays on the word.
        let text = if text.is_ascii() { text } else { text.trim_matches(APOSTROPHE_LETTER) };
        let text = without_plural(text);
        self.word.clear();
        if text.len() > WORD_BYTES_MAX {
            return false;
        }
        fold_into(text, &mut self.word);
        // "node's" is the word "node".
        let is_possessive = self.word.ends_with("'s");
        if is_possessive {
            self.word.truncate(self.word.len() - 2);
        }
        self.accented.clear();
        if !text.is_ascii() {
            lower_into(text, &mut self.accented);
            if is_possessive {
                self.accented.truncate(self.accented.len() - 2);
            }
            if self.accented == self.word {
                self.accented.clear();
            }
        }
        if is_initials(&self.word) {
            self.word.retain(|c| c != '.');
        }
        if self.word.is_empty() || self.word.len() > TERM_BYTES_MAX {
            return false;
        }
        self.term.clear();
        if wanted != Wanted::Spellings {
            let is_as_written = self.stemming.knows_accents() && !self.accented.is_empty();
            self.term.push_str(if is_as_written { &self.accented } else { &self.word });
            self.stemming.stem(&mut self.term);
            if !self.term.is_ascii() {
                let stem = std::mem::take(&mut self.term);
                fold_into(&stem, &mut self.term);
            }
        }
        true
    }
}

/// Words that carry no subject: never required of a match.
pub fn is_stop_word(term: &str) -> bool {
    term.len() < 8 && STOP_NUMBERS.binary_search(&number(term.as_bytes())).is_ok()
}

/// A short word as a number, in the order of the words.
const fn number(word: &[u8]) -> u64 {
    let (mut number, mut at) = (0, 0);
    while at < 7 {
        number = number << 8 | if at < word.len() { word[at] as u64 } else { 0 };
        at += 1;
    }
    number << 8 | word.len() as u64
}

/// [`STOP_WORDS`], which are compared at once so.
static STOP_NUMBERS: [u64; STOP_WORDS.len()] = {
    let (mut numbers, mut at) = ([0; STOP_WORDS.len()], 0);
    while at < numbers.len() {
        assert!(STOP_WORDS[at].len() < 8);
        numbers[at] = number(STOP_WORDS[at].as_bytes());
        at += 1;
    }
    numbers
};

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
    use unicode_normalization::char::is_combining_mark;
    use unicode_segmentation::UnicodeSegmentation;

    use super::{
        tokens::{has_bigrams, leading_dot, symbol_tail},
        *,
    };

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
            ("日本 ①", vec!["日本", "1"]),
            ("東京都の Docker入門、本", vec!["東京", "京都", "都の", "docker", "入門", "本"]),
            ("データ ﾃﾞｰﾀ 데이터", vec!["デー", "ータ", "デー", "ータ", "데이", "이터"]),
            (".NET (.net) ASP.NET v1.2 ...and", vec![".net", ".net", "asp.net", "v1.2", "and"]),
            ("U.S. A.I. e.g. gRPC HTTP/3 2023.4", vec!["us", "ai", "eg", "grpc", "http", "3", "2023.4"]),
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
                let chunk = text[..start].rfind(|c: char| c <= ' ').map_or(0, |at| at + 1);
                let start = start - leading_dot(word, &text[chunk..start]);
                let mut analyzer = Analyzer::default();
                if analyzer.set(&text[start..end], Wanted::Terms) {
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
            text in r#"([a-zA-Z]{1,6}|[0-9.,]{1,3}|[ .,;:!?()\[\]"'’_+#@/\-\u{1f}\n\u{301}\u{a0}éß]|[‘“”–—…×÷łжŉÿѿ]|\PC){0,24}"#,
        ) {
            let mut last = ' ';
            let text: String = text
                .chars()
                .filter(|c| {
                    let is_kept = (!is_combining_mark(*c) || last > ' ') && !has_bigrams(&c.to_string());
                    last = if is_kept { *c } else { last };
                    is_kept
                })
                .collect();
            let mut fast = Vec::new();
            Analyzer::default().tokens(&text, |t| fast.push((t.term.to_owned(), t.start, t.end, t.position)));
            proptest::prop_assert_eq!(fast, slow(&text));
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
        assert!(STOP_NUMBERS.is_sorted());
        for word in ["", "ab", "shoulds", "kernel", "sh\u{f6}uld", "observability"] {
            assert!(!is_stop_word(word), "{word}");
        }
    }
}
