//! One pass over a text: its terms and spellings as tantivy is handed them, and how often each of its words stands there.
//!
//! The tokenizer takes apart what is written here, so that a text is analysed once, and not by tantivy's thread again.

use super::signature::Counted;
use crate::text::analyzer::{Analyzer, BREAK, BREAK_GAP};

/// Stands before what is taken apart, where a text stands otherwise.
const WRITTEN: char = '\u{1c}';
/// Stands behind each term or spelling, and for a word that is left out. No control character is part of a word.
const END: char = '\n';

/// The words of a text.
#[derive(Default)]
pub(super) struct Words {
    /// Its terms, with what stands for the words between them that have none: see [`Written`].
    pub terms: String,
    /// Its spellings, each once where that is known.
    pub spellings: String,
    /// Its words as they are written, in order.
    seen: Vec<Seen>,
}

struct Seen {
    /// See [`crate::text::analyzer::Word::id`].
    id: u32,
    n: u32,
    /// Where its term stands in `terms`.
    start: usize,
    end: usize,
}

impl Words {
    /// Takes in a text that may be [in a language](crate::text::analyzer::in_language), in the place of the one before.
    pub fn read(&mut self, text: &str, analyzer: &mut Analyzer) {
        let Words { terms, spellings, seen } = self;
        seen.clear();
        for written in [&mut *terms, &mut *spellings] {
            written.clear();
            written.push(WRITTEN);
        }
        let mut tokens = analyzer.stream(text);
        let mut next = 0;
        while let Some(word) = tokens.next_noted() {
            if word.position > next {
                write_gap(word.position - next, terms);
            }
            next = word.position + 1;
            let start = terms.len();
            terms.push_str(tokens.term(&word));
            let end = terms.len();
            terms.push(END);
            // Notes are places from 1 among the words of the text, or of one before.
            let known = (word.note as usize).checked_sub(1).and_then(|at| seen.get_mut(at));
            let known = known.filter(|known| known.id == word.id());
            let is_repeated = known.is_some();
            if let Some(known) = known {
                known.n += 1;
            } else {
                seen.push(Seen { id: word.id(), n: 1, start, end });
                tokens.set_note(u32::try_from(seen.len()).unwrap_or_default());
            }
            tokens.spellings(&word, is_repeated, |spelling| {
                spellings.push_str(spelling);
                spellings.push(END);
            });
        }
    }

    /// The terms of the text in the order of their first places, some more than once, with how often each word stands there.
    pub fn counted(&self) -> impl Iterator<Item = Counted<'_>> {
        self.seen.iter().map(|seen| Counted { term: &self.terms[seen.start..seen.end], n: seen.n })
    }
}

fn write_gap(mut n_words: usize, terms: &mut String) {
    while n_words >= BREAK_GAP {
        terms.push(BREAK);
        n_words -= BREAK_GAP;
    }
    terms.extend(std::iter::repeat_n(END, n_words));
}

/// Reads terms or spellings that [`Words`] wrote.
pub(super) struct Written<'a> {
    left: &'a str,
    position: usize,
}

impl<'a> Written<'a> {
    /// Null for a text.
    pub fn of(text: &'a str) -> Option<Self> {
        text.strip_prefix(WRITTEN).map(|left| Written { left, position: 0 })
    }

    /// The next one, and its place.
    #[inline]
    pub fn next(&mut self) -> Option<(&'a str, usize)> {
        loop {
            let length = self.left.bytes().position(|byte| byte == END as u8 || byte == BREAK as u8)?;
            let (word, rest) = self.left.split_at(length);
            self.left = &rest[1..];
            let position = self.position;
            if rest.as_bytes()[0] == BREAK as u8 {
                self.position += BREAK_GAP;
                continue;
            }
            self.position += 1;
            if !word.is_empty() {
                return Some((word, position));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::text::analyzer::in_language;

    fn written(text: &str) -> Vec<(String, usize)> {
        let mut written = Written::of(text).unwrap();
        std::iter::from_fn(|| written.next()).map(|(word, position)| (word.to_owned(), position)).collect()
    }

    fn terms(text: &str, analyzer: &mut Analyzer) -> Vec<(String, usize)> {
        let mut terms = Vec::new();
        let mut tokens = analyzer.stream(text);
        while let Some(token) = tokens.next_token() {
            terms.push((token.term.to_owned(), token.position));
        }
        terms
    }

    fn spellings(text: &str, analyzer: &mut Analyzer) -> BTreeSet<String> {
        let mut spellings = BTreeSet::new();
        let mut tokens = analyzer.spellings(text);
        while let Some(token) = tokens.next_token() {
            spellings.insert(token.word.to_owned());
        }
        spellings
    }

    /// Whatever was read before, the same comes out as of a look at the text by itself.
    fn check(text: &str, words: &mut Words, analyzer: &mut Analyzer) {
        words.read(text, analyzer);
        let expected = terms(text, &mut Analyzer::default());
        let mut counts = std::collections::BTreeMap::<&str, u32>::new();
        words.counted().for_each(|Counted { term, n }| *counts.entry(term).or_default() += n);
        for (term, n) in counts {
            assert_eq!(expected.iter().filter(|(other, _)| other == term).count(), n as usize, "{term} in {text:?}");
        }
        assert_eq!(written(&words.terms), expected, "{text:?}");
        let of_text = spellings(text, &mut Analyzer::default());
        assert_eq!(written(&words.spellings).into_iter().map(|(word, _)| word).collect::<BTreeSet<_>>(), of_text);
    }

    #[test]
    fn a_text_that_is_read_is_what_the_analyzer_gives_of_it() {
        let (mut words, mut analyzer) = (Words::default(), Analyzer::default());
        let long = "x".repeat(300);
        let many: Vec<String> = (0..3000).map(|n| format!("word{n} Words{}", n % 700)).collect();
        let texts = [
            String::new(),
            "Tests of node.js, tests of tests; caf\u{e9} cafe CAF\u{c9} internationalisations internationalisations"
                .into(),
            format!("{long} a{BREAK}b {long} {long}\n{BREAK}{BREAK}c{BREAK}"),
            format!("a {} b", format!("{long} ").repeat(230)),
            in_language(
                Some("de"),
                "H\u{e4}user \u{6771}\u{4eac}\u{90fd} \u{6771}\u{4eac} H\u{e4}user \u{6771}\u{4eac}",
            ),
            // A letter that is folded to several words.
            "\u{fdfa} and \u{fdfa}".into(),
            many.join(" "),
        ];
        // Later rounds know the words, and of each its place in another text.
        for _ in 0..3 {
            texts.iter().for_each(|text| check(text, &mut words, &mut analyzer));
        }
        assert!(Written::of("a text").is_none());
    }

    #[test]
    fn a_repeated_word_has_its_spellings_once() {
        let (mut words, mut analyzer) = (Words::default(), Analyzer::default());
        let text = "node.js tests node.js tests caf\u{e9} caf\u{e9} ".repeat(30);
        words.read(&text, &mut analyzer);
        words.read(&text, &mut analyzer);
        let all = written(&words.spellings).into_iter().map(|(word, _)| word);
        assert_eq!(all.collect::<Vec<_>>(), ["node.js", "\u{1d}js", "\u{1d}node", "tests", "cafe", "caf\u{e9}"]);
        assert_eq!(
            words.counted().map(|counted| (counted.term, counted.n)).collect::<Vec<_>>(),
            [("node.js", 60), ("test", 60), ("cafe", 60)]
        );
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 300, ..Default::default() })]

        #[test]
        fn any_text_that_is_read_is_what_the_analyzer_gives_of_it(
            texts in proptest::collection::vec(
                r"([a-c]{1,2}|[ .'’+#\u{1f}\n]|[é東京都데이]|the |x{120,140}|\PC){0,40}", 1..4,
            ),
        ) {
            let (mut words, mut analyzer) = (Words::default(), Analyzer::default());
            // Enough of them for the lexicon to remember what comes.
            let before: Vec<String> = (0..40).map(|n| format!("before{n}")).collect();
            check(&before.join(" "), &mut words, &mut analyzer);
            for text in texts.iter().chain(&texts) {
                check(text, &mut words, &mut analyzer);
            }
        }
    }
}
