//! Text → terms: the same for indexing, querying, snippets, topics and overlap.
//!
//! A token is a word by UAX #29; its *word* is what stands there in NFKC and lower case, without accents on Latin letters and
//! with the one apostrophe for all; its *term* is the word's stem in the language of the text (Snowball), by which it is
//! found. Scripts without spaces, and Korean, give one token for each two neighbouring letters (bigrams).
//!
//! Besides, a word has *spellings*, which have no term and don't count as words of the text: itself with its accents, and
//! the parts of one that holds dots (`node.js`) or of a bigram, marked as [`part`]s.

mod fold;
mod stem;

use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

pub use fold::{fold_into, folded};
pub use stem::other_languages;

use fold::{APOSTROPHE_LETTER, lower_into};
use stem::Stemming;

/// Between the parts of a text that no phrase may cross (title and abstract, one paragraph field and the next).
pub const BREAK: char = '\u{1f}';
/// Words that a [`BREAK`] leaves empty, so that phrases, also loose ones, don't cross it.
const BREAK_GAP: usize = 100;
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

/// Holds stemmers and buffers; make one and use it for many texts.
#[derive(Default)]
pub struct Analyzer {
    stemming: Stemming,
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

    /// Words with their terms and all their spellings: those that begin with one of those letters, and perhaps a few more.
    /// Most words of a text are then passed over without being folded and stemmed.
    pub fn tokens_beginning(&mut self, letters: FirstLetters, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut tokens = Tokens { first_letters: Some(letters), ..Tokens::new(self, text, Wanted::Both) };
        while let Some(token) = tokens.next_token() {
            each(token);
        }
    }

    /// Calls `each` with every word of `text` in order.
    pub fn tokens(&mut self, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut tokens = Tokens::new(self, text, Wanted::Terms);
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
    fn set(&mut self, text: &str, wanted: Wanted) -> bool {
        // A letter to UAX #29: as a quotation mark it stays on the word.
        let text = without_plural(text.trim_matches(APOSTROPHE_LETTER));
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

/// The tokens of one text. Not an `Iterator`: what a token borrows lives in the analyzer until the next one is asked for.
pub struct Tokens<'a> {
    analyzer: &'a mut Analyzer,
    text: &'a str,
    wanted: Wanted,
    /// Words that begin otherwise are passed over.
    first_letters: Option<FirstLetters>,
    /// Where the next chunk is looked for.
    at: usize,
    /// What is left of a chunk that is more than a plain word, and where the chunk begins.
    chunk: Option<(usize, UWordBoundIndices<'a>)>,
    /// What is left of letters that give bigrams.
    run: Option<Run>,
    /// Other spellings of the word before, last one first.
    spellings: Vec<Spelling>,
    position: usize,
}

/// Letters that stand together without spaces.
struct Run {
    /// The letter that begins the next bigram.
    letter: (usize, usize),
    end: usize,
    /// Whether a bigram was given.
    is_begun: bool,
}

/// Where a spelling stands in the text.
#[derive(Clone, Copy)]
enum Spelling {
    Accented(usize, usize),
    Part(usize, usize),
}

impl<'a> Tokens<'a> {
    fn new(analyzer: &'a mut Analyzer, text: &'a str, wanted: Wanted) -> Self {
        let (first_letters, chunk, run) = (None, None, None);
        Tokens { analyzer, text, wanted, first_letters, at: 0, chunk, run, spellings: Vec::new(), position: 0 }
    }

    pub fn next_token(&mut self) -> Option<Token<'_>> {
        if let Some(spelling) = self.spellings.pop() {
            return Some(self.spelling(spelling));
        }
        loop {
            let (start, end) = match self.next_bigram() {
                Some(bigram) => bigram,
                None => self.next_word()?,
            };
            let position = self.position;
            self.position += 1;
            let start = start + self.analyzer.stemming.elided(&self.text[start..end]);
            let word = &self.text[start..end];
            // The parts of a word with dots begin otherwise.
            if self.first_letters.is_some_and(|letters| !letters.may_begin(word)) && !word.contains('.') {
                continue;
            }
            if self.analyzer.set(word, self.wanted) {
                if self.wanted != Wanted::Terms {
                    self.add_spellings(start, end);
                }
                let Analyzer { term, word, .. } = &*self.analyzer;
                return Some(Token { term, word, start, end, position });
            }
        }
    }

    fn add_spellings(&mut self, start: usize, end: usize) {
        if !self.analyzer.accented.is_empty() {
            self.spellings.push(Spelling::Accented(start, end));
        }
        let word = &self.text[start..end];
        if has_bigrams(word) {
            let first = word.graphemes(true).next().map_or(0, str::len);
            if first < word.len() {
                self.spellings.push(Spelling::Part(start, start + first));
                let is_last = self.run.is_none();
                self.spellings.extend(is_last.then_some(Spelling::Part(start + first, end)));
            }
        } else if word.contains('.') && !is_initials(&self.analyzer.word) {
            let mut from = start;
            for part in word.split('.') {
                if part.len() > 1 && part.starts_with(char::is_alphabetic) {
                    self.spellings.push(Spelling::Part(from, from + part.len()));
                }
                from += part.len() + 1;
            }
        }
    }

    fn spelling(&mut self, spelling: Spelling) -> Token<'_> {
        let word = &mut self.analyzer.word;
        word.clear();
        let (start, end) = match spelling {
            Spelling::Accented(start, end) => {
                word.push_str(&self.analyzer.accented);
                (start, end)
            }
            Spelling::Part(start, end) => {
                word.push(PART_MARK);
                fold_into(&self.text[start..end], word);
                (start, end)
            }
        };
        Token { term: "", word, start, end, position: self.position - 1 }
    }

    /// The next two letters of a run; a letter that stands alone by itself.
    fn next_bigram(&mut self) -> Option<(usize, usize)> {
        let run = self.run.as_mut()?;
        let (start, from) = run.letter;
        if let Some(next) = self.text[from..run.end].graphemes(true).next() {
            let end = from + next.len();
            (run.letter, run.is_begun) = ((from, end), true);
            if end == run.end {
                self.run = None;
            }
            return Some((start, end));
        }
        let is_alone = !run.is_begun;
        self.run = None;
        is_alone.then_some((start, from))
    }

    /// Where the next word is: most are plain, the others are found by UAX #29.
    fn next_word(&mut self) -> Option<(usize, usize)> {
        loop {
            if let Some((base, words)) = &mut self.chunk {
                let base = *base;
                if let Some((start, word)) = words.find(|(_, word)| word.contains(char::is_alphanumeric)) {
                    let (start, end) = (base + start, base + start + word.len());
                    if has_bigrams(word) {
                        return self.begin_run(start);
                    }
                    let end = end + symbol_tail(word, &self.text[end..]);
                    return Some((start - leading_dot(word, &self.text[base..start]), end));
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

    /// Gives the first bigram of the letters from here on, and has the chunk go on behind them.
    fn begin_run(&mut self, start: usize) -> Option<(usize, usize)> {
        let chunk = &self.text[start..self.at];
        let mut letters = chunk.grapheme_indices(true);
        let end = letters.find(|(_, letter)| !has_bigrams(letter)).map_or(self.at, |(at, _)| start + at);
        let first = chunk.graphemes(true).next().map_or(0, str::len);
        self.chunk = Some((end, self.text[end..self.at].split_word_bound_indices()));
        self.run = Some(Run { letter: (start, start + first), end, is_begun: false });
        self.next_bigram()
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

/// Whether a word is written in letters that give bigrams: Han, Kana, Hangul.
fn has_bigrams(word: &str) -> bool {
    let first = word.chars().next().unwrap_or_default();
    matches!(first,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{30ff}'
        | '\u{3105}'..='\u{318e}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        && first != '・'
}

/// Where the word is in a chunk that is nothing but ASCII letters and digits between brackets, quotes and stops.
fn plain_word(chunk: &[u8]) -> Option<(usize, usize)> {
    let is_closing = |byte: &u8| matches!(byte, b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' | b'"' | b'\'');
    let start = chunk.iter().position(|byte| !is_opening(*byte))?;
    let end = chunk.iter().rposition(|byte| !is_closing(byte))? + 1;
    let word = chunk.get(start..end).filter(|word| !word.is_empty())?;
    word.iter().all(u8::is_ascii_alphanumeric).then_some((start, end))
}

fn is_opening(byte: u8) -> bool {
    matches!(byte, b'(' | b'[' | b'"' | b'\'')
}

/// "SLOs" are several of "SLO": the stemmer, which sees small letters alone, can't tell.
fn without_plural(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(name) if name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) => name,
        _ => word,
    }
}

/// "u.s", "a.i", "e.g".
fn is_initials(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() > 2
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at % 2 == 0 { byte.is_ascii_alphabetic() } else { *byte == b'.' })
}

/// `C++` and `C#` are words: the length of the sign behind a letter.
fn symbol_tail(word: &str, rest: &str) -> usize {
    if word.len() > 2 {
        return 0;
    }
    if rest.starts_with("++") { 2 } else { usize::from(rest.starts_with('#')) }
}

/// `.NET` is a word: the length of the dot before it, `before` being what stands there in its chunk.
fn leading_dot(word: &str, before: &str) -> usize {
    let Some(outside) = before.strip_suffix('.') else { return 0 };
    let is_name = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    usize::from(is_name && outside.bytes().all(is_opening))
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
    use unicode_normalization::char::is_combining_mark;

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
            text in r#"([a-zA-Z]{1,6}|[0-9.,]{1,3}|[ .,;:!?()\[\]"'’_+#@/\-\u{1f}\n\u{301}\u{a0}éß]|\PC){0,24}"#,
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
