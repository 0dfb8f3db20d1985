//! Which words of a text are worth a look when only some terms are wanted: those that begin as one of them does.
//!
//! One pass over the bytes finds where words may begin, and looks at their first letters; only what stands between white
//! space around such a place goes through the rules for words, folding and stemming. The pass may take too much for a
//! candidate, and never too little: wherever a letter or digit follows something else, a word may begin.

use std::ops::Range;

use unicode_normalization::char::decompose_compatible;

use super::{Analyzer, PART_MARK, Token, Tokens, Wanted, fold::fold_into, quick::plain_word};

/// The terms and words that somebody looks for.
pub struct Beginnings {
    /// By byte: how it is to be taken; see [`WORD`] and what follows it.
    bytes: [u8; 256],
    /// By the codes of a word's first and second letter: the codes of the third, as bits.
    letters: Box<[u32; CODES * CODES]>,
    /// By term: the codes of all letters that its words begin with.
    terms: Vec<Box<[u8]>>,
    /// Whether a wanted word may begin with what is not ASCII.
    has_others: bool,
    /// Words that lie further apart are merely far.
    reach: usize,
}

/// Of a byte: it belongs to a word; a wanted word may begin with it; the character must be looked at.
const WORD: u8 = 1;
const FIRST: u8 = 2;
const OTHER: u8 = 4;

/// Codes of characters: letters from 1 on, the end of a word, and all that tells nothing of the term (digits, accented
/// letters, signs that words may hold).
const CODES: usize = 32;
const END: u8 = 0;
const UNKNOWN: u8 = 31;
const I: u8 = code(b'i');
const Y: u8 = code(b'y');
/// Of a term with as many letters the first three are those of its words; of a shorter one the first two.
const SURE_LETTERS: usize = 4;

/// Of more terms it is quicker to look at the word.
const TERMS_MAX: usize = 16;

const fn code(byte: u8) -> u8 {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' => byte & 31,
        b'0'..=b'9' | b'_' | b'.' | b':' | b'\'' | b'+' | b'#' | 0x80.. => UNKNOWN,
        _ => END,
    }
}

const CODE: [u8; 256] = {
    let mut codes = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        codes[byte] = code(byte as u8);
        byte += 1;
    }
    codes
};
/// All codes, as bits.
const ANY: u32 = u32::MAX;

impl Default for Beginnings {
    fn default() -> Self {
        let mut bytes = [0; 256];
        for byte in 0..=u8::MAX {
            bytes[usize::from(byte)] = match byte {
                b'_' => WORD,
                0x80.. => OTHER,
                _ if byte.is_ascii_alphanumeric() => WORD,
                _ => 0,
            };
        }
        Beginnings { bytes, letters: Box::new([0; CODES * CODES]), terms: Vec::new(), has_others: false, reach: 0 }
    }
}

impl Beginnings {
    /// Wants this term, or this word as it is folded.
    pub fn add(&mut self, term: &str) {
        let mut folded = String::new();
        // A part is wanted, or a name with a dot before it: where they may begin is what stands behind.
        fold_into(term.trim_start_matches([PART_MARK, '.']), &mut folded);
        let bytes = folded.as_bytes();
        let first = match bytes.first() {
            Some(first) if self.bytes[usize::from(*first)] & WORD != 0 => *first,
            _ => {
                self.has_others = true;
                return;
            }
        };
        for byte in [first, first.to_ascii_uppercase()] {
            self.bytes[usize::from(byte)] |= FIRST;
        }
        let at = |at: usize| bytes.get(at).map_or(ANY, |byte| alike(code(*byte)));
        let (seconds, thirds) = (at(1), if bytes.len() < SURE_LETTERS { ANY } else { at(2) });
        let row = usize::from(code(first)) * CODES;
        for second in (0..CODES).filter(|second| seconds >> second & 1 == 1) {
            self.letters[row + second] |= thirds;
        }
        self.letters[row + usize::from(UNKNOWN)] = ANY;
        // The stemmer changes the last letter of what is left, and none before it but "y".
        let sure = &bytes[..bytes.len() - 1];
        let codes = sure.iter().map(|byte| code(*byte)).take_while(|code| *code != END && *code != UNKNOWN);
        let codes: Box<[u8]> = codes.collect();
        if !self.terms.contains(&codes) {
            self.terms.push(codes);
        }
    }

    /// Asks for the distance between words that are so many words apart, or fewer; of others it is given as more than that.
    pub fn measure(&mut self, n_words: usize) {
        self.reach = self.reach.max(n_words);
    }

    /// The next piece of a text behind a piece or from 0 on, between white space, in which a wanted word may begin; of words
    /// that the stemmer may change from their second letter on, if they are not `sure`, the first tells alone.
    fn next(&self, text: &str, from: usize, is_sure: bool) -> Option<Range<usize>> {
        let bytes = text.as_bytes();
        // Within a word none begins: one bit tells of most bytes that they are of no interest.
        let (mut at, mut passed_over) = (from, 0);
        while let Some(byte) = bytes.get(at) {
            let class = self.bytes[usize::from(*byte)];
            if class & (FIRST | OTHER) & !passed_over == 0 {
                passed_over = (class & WORD) * FIRST;
                at += 1;
            } else if class & OTHER == 0 {
                if !is_sure || self.may_begin(bytes, at) {
                    return Some(piece(bytes, at));
                }
                (passed_over, at) = (FIRST, at + 1);
            } else {
                let c = text[at..].chars().next()?;
                let Some(is_letter) = self.pass(c, passed_over > 0) else { return Some(piece(bytes, at)) };
                (passed_over, at) = (u8::from(is_letter) * FIRST, at + c.len_utf8());
            }
        }
        None
    }

    fn may_begin(&self, bytes: &[u8], at: usize) -> bool {
        let code = |at: usize| bytes.get(at).map_or(END, |byte| CODE[usize::from(*byte)]);
        let is_alike = self.letters[usize::from(code(at)) * CODES + usize::from(code(at + 1))] >> code(at + 2) & 1 == 1;
        is_alike && (self.terms.len() > TERMS_MAX || self.terms.iter().any(|codes| begins_with(&bytes[at..], codes)))
    }

    /// Whether a character that is not ASCII goes on with a word, so that none begins behind it; null where a wanted word may
    /// begin with it.
    fn pass(&self, c: char, is_within: bool) -> Option<bool> {
        let first = match c {
            // Quotation marks, dashes and other signs with which no word begins.
            '\u{a0}'..='\u{a9}' | '«' | '·' | '»' | '×' | '÷' | '\u{2010}'..='\u{2027}' => return Some(false),
            'À'..='\u{24f}' if is_within => return Some(true),
            // Is folded to two.
            'ß' | 'ẞ' => 's',
            // Never folded to ASCII.
            '\u{370}'..='\u{1cff}' | '\u{3000}'..='\u{312f}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' => c,
            _ => {
                let mut first = None;
                decompose_compatible(c, |part| _ = first.get_or_insert(part));
                first.unwrap_or(c)
            }
        };
        let is_wanted = match u8::try_from(first) {
            // Signs are folded to spaces with marks, and no letter says so.
            Ok(byte) if self.bytes[usize::from(byte)] & WORD != 0 => self.bytes[usize::from(byte)] & FIRST != 0,
            _ => self.has_others,
        };
        (!is_wanted).then_some(matches!(c, 'À'..='\u{24f}'))
    }
}

impl Analyzer {
    /// The pieces of a text between white space in which a wanted word may begin, each with the number of words between it
    /// and the piece before, as far as somebody asked for distances.
    pub fn pieces_beginning(
        &mut self,
        wanted: &Beginnings,
        text: &str,
        mut each: impl FnMut(&mut Analyzer, Range<usize>, usize),
    ) {
        let mut from = 0;
        let is_sure = self.stemming.keeps_letters();
        while let Some(piece) = wanted.next(text, from, is_sure) {
            let between = &text[from..piece.start];
            let n_words = match wanted.reach {
                0 => 0,
                reach => Tokens::new(self, between, Wanted::Terms).n_words(reach),
            };
            from = piece.end;
            each(self, piece, n_words);
        }
    }

    /// The words of a piece with their terms and all their spellings; gives how many words there are.
    pub fn tokens_of_piece(&mut self, piece: &str, mut each: impl FnMut(Token<'_>)) -> usize {
        let mut tokens = Tokens::new(self, piece, Wanted::Both);
        while let Some(token) = tokens.next_token() {
            each(token);
        }
        tokens.n_words(0)
    }
}

/// A piece without the brackets, quotes and stops around it where it is one plain word: its tokens are those of the word.
pub fn core(piece: &str) -> Range<usize> {
    plain_word(piece.as_bytes(), 0).map_or(0..piece.len(), |(start, end, _)| start..end)
}

/// What stands between white space or controls around a byte.
fn piece(bytes: &[u8], at: usize) -> Range<usize> {
    let is_space = |byte: &u8| *byte <= b' ';
    let start = bytes[..at].iter().rposition(is_space).map_or(0, |space| space + 1);
    let end = bytes[at..].iter().position(is_space).map_or(bytes.len(), |space| at + space);
    start..end
}

/// Whether a word may begin with these letters. What stands behind a sign may be joined to what is before it.
fn begins_with(text: &[u8], codes: &[u8]) -> bool {
    for (at, wanted) in codes.iter().enumerate() {
        let Some(byte) = text.get(at).filter(|byte| **byte > b' ') else { return false };
        let found = CODE[usize::from(*byte)];
        if found == UNKNOWN || found == END {
            return true;
        }
        if alike(*wanted) >> found & 1 == 0 {
            return false;
        }
    }
    true
}

/// What may stand in a word where its term has this: the stemmer changes "y" to "i" ("dying").
fn alike(code: u8) -> u32 {
    let same = if code == I || code == Y { 1 << I | 1 << Y } else { 1 << code };
    same | 1 << UNKNOWN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyzer::folded;

    fn tokens_beginning(analyzer: &mut Analyzer, wanted: &Beginnings, text: &str, mut each: impl FnMut(Token<'_>)) {
        let mut position = 0;
        analyzer.pieces_beginning(wanted, text, |analyzer, piece, n_words| {
            position += n_words;
            position += analyzer.tokens_of_piece(&text[piece.clone()], |token| {
                let (start, end) = (piece.start + token.start, piece.start + token.end);
                each(Token { start, end, position: position + token.position, ..token });
            });
        });
    }

    /// A token's term, word, bytes and position.
    type Found = (String, String, usize, usize, usize);

    fn owned(token: &Token) -> Found {
        (token.term.to_owned(), token.word.to_owned(), token.start, token.end, token.position)
    }

    /// The slow way: every token.
    fn all(language: Option<&str>, text: &str) -> Vec<Found> {
        let mut analyzer = Analyzer::default();
        analyzer.set_language(language);
        let mut tokens = Tokens::new(&mut analyzer, text, Wanted::Both);
        std::iter::from_fn(|| tokens.next_token().map(|token| owned(&token))).collect()
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 400, ..Default::default() })]

        #[test]
        fn no_wanted_word_is_passed_over(
            text in r"(ueber[a-z]{0,3}|([a-zA-Z]\.){2,3}|[a-zA-Z]{1,8}(ing|ied|ies|s|ly|ed|y)?|\PC{1,4}|[éüßøÅÉœŉﬁ№①Ａªx]{1,3}|[’'._+#/:\-–“”\u{a0}]{1,2}|[а-я]{1,5}|[ぁ-ん一-十]{1,4}|[ \n\u{1f}]){1,24}",
            language in 0_usize..5,
        ) {
            const REACH: usize = 3;
            let language = [None, Some("de"), Some("fr"), Some("ru"), Some("ja")][language];
            let all = all(language, &text);
            for (term, word, ..) in &all {
                for wanted in [term, word].into_iter().filter(|wanted| !wanted.is_empty()) {
                    let of_it = |found: &Found| found.0 == *wanted || found.1 == *wanted;
                    let mut beginnings = Beginnings::default();
                    beginnings.add(wanted);
                    beginnings.measure(REACH);
                    let mut analyzer = Analyzer::default();
                    analyzer.set_language(language);
                    let mut found = Vec::new();
                    tokens_beginning(&mut analyzer, &beginnings, &text, |token| found.push(owned(&token)));
                    let found: Vec<_> = found.into_iter().filter(of_it).collect();
                    let expected: Vec<_> = all.iter().filter(|found| of_it(found)).cloned().collect();
                    let places = |found: &[Found]| found.iter().map(|found| (found.2, found.3)).collect::<Vec<_>>();
                    proptest::prop_assert_eq!(places(&found), places(&expected), "{:?} in {:?}", wanted, text);
                    let distances = |found: &[Found]| {
                        found.windows(2).map(|pair| (pair[1].4 - pair[0].4).min(REACH + 1)).collect::<Vec<_>>()
                    };
                    proptest::prop_assert_eq!(distances(&found), distances(&expected), "{:?} in {:?}", wanted, text);
                }
            }
        }
    }

    #[test]
    fn characters_that_are_passed_over_begin_no_wanted_word() {
        // By a letter or digit: what is wanted that begins so.
        let wanted = |letter: char| {
            let mut beginnings = Beginnings::default();
            beginnings.add(&letter.to_string());
            beginnings
        };
        let by_letter: Vec<_> = ('0'..='z').filter(char::is_ascii_alphanumeric).map(|c| (c, wanted(c))).collect();
        for c in ('\u{80}'..'\u{20000}').filter(|c| c.is_alphanumeric()) {
            let first = folded(&c.to_string()).chars().next();
            let known = by_letter.iter().find(|(letter, _)| Some(*letter) == first);
            assert!(known.is_none_or(|(_, beginnings)| beginnings.pass(c, false).is_none()), "{c}");
        }
        let mut beginnings = Beginnings::default();
        beginnings.add(&folded("\u{b8}fi"));
        assert!(beginnings.pass('\u{b8}', false).is_none(), "it is folded to a space and a mark");
        let beginnings = Beginnings::default();
        for c in ('À'..='\u{24f}').filter(|c| beginnings.pass(*c, true) == Some(true)) {
            let text = format!("a{c}b");
            assert!(all(None, &text).iter().all(|found| (found.2, found.3) == (0, text.len())), "{text}");
        }
    }

    /// By far not all words with the same first letter are looked at.
    #[test]
    fn letters_tell_words_apart() {
        let looked_at = |wanted: &str, language: Option<&str>| {
            let mut beginnings = Beginnings::default();
            beginnings.add(wanted);
            let mut analyzer = Analyzer::default();
            analyzer.set_language(language);
            let mut found = Vec::new();
            let text = "In an instant, it is instead (Instances) the in-memory ink. “Inst” l’instar";
            tokens_beginning(&mut analyzer, &beginnings, text, |token| found.push(token.word.to_owned()));
            found.join(" ")
        };
        assert_eq!(looked_at("instanc", None), "instant instances inst");
        assert_eq!(looked_at("in", None), "in instant instead instances in memory ink inst l'instar");
        assert_eq!(looked_at("zebra", None), "");
        assert_eq!(looked_at("instanc", Some("fr")), "in instant it is instead instances in memory ink inst instar");
    }

    /// What the English stemmer does to the first letters of words that are mostly ending.
    #[test]
    fn english_stems_keep_the_letters_that_tell() {
        const ENDINGS: &[&str] = &[
            "", "s", "es", "ed", "ing", "ly", "ies", "ied", "ying", "y", "e", "l", "ational", "tional", "enci", "anci",
            "abli", "entli", "izer", "ization", "ator", "alism", "aliti", "fulness", "ousness", "iveness", "biliti",
            "bli", "ogi", "fulli", "lessli", "alize", "icate", "iciti", "ical", "ness", "ative", "ement", "ent", "ion",
            "eed", "eedly", "edly", "ingly", "us", "ss", "sses",
        ];
        let letters = || (b'a'..=b'z').map(char::from);
        let mut analyzer = Analyzer::default();
        for (first, second) in letters().flat_map(|first| letters().map(move |second| (first, second))) {
            for ending in ENDINGS {
                for middle in ["", "n", "rand", "pabil"] {
                    let word = format!("{first}{second}{middle}{ending}");
                    let term = analyzer.terms(&word).join(" ");
                    let mut beginnings = Beginnings::default();
                    beginnings.add(&term);
                    assert!(beginnings.may_begin(word.as_bytes(), 0), "{word}: {term}");
                }
            }
        }
    }
}
