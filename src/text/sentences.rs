//! Text → sentences. One ends at a full stop and the like, before an item of a list, and where a line ends unless the line is merely
//! wrapped.
//!
//! The rules are those of UAX #29, and more: it takes abbreviations, initials and the numbers of a list for ends. Whether a
//! sentence ends at a place is told by what stands around it, so that one can be found from any byte of a long text.

use super::{analyzer::is_stop_word, floor};

/// A piece of a text in bytes, without the white space and list signs around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sentence {
    pub start: usize,
    pub end: usize,
    /// Whether it begins and ends there, or goes on further than was looked.
    pub is_begun: bool,
    pub is_ended: bool,
}

/// The sentences of a text in order, as bytes.
pub fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(sentence) = after(text, from, text.len()) {
        out.push((sentence.start, sentence.end));
        from = sentence.end;
    }
    out
}

/// The sentence that holds byte `at`, as far as `reach` bytes to both sides.
pub fn around(text: &str, at: usize, reach: usize) -> Sentence {
    let from = floor(text, at.saturating_sub(reach));
    let start = previous_break(text, from, at);
    let (is_begun, start) = (start.is_some() || from == 0, start.unwrap_or(from));
    let to = floor(text, at.saturating_add(reach));
    let end = next_break(text, at, to);
    trimmed(text, start, end.unwrap_or(to), (is_begun, end.is_some() || to == text.len()))
}

/// The next sentence behind the end of another, as far as `reach` bytes; null at the end of the text.
pub fn after(text: &str, from: usize, reach: usize) -> Option<Sentence> {
    let to = floor(text, from.saturating_add(reach));
    let mut start = from;
    while start < to {
        start += text[start..to].len() - text[start..to].trim_start().len();
        let end = next_break(text, start, to);
        let sentence = trimmed(text, start, end.unwrap_or(to), (true, end.is_some() || to == text.len()));
        if sentence.start < sentence.end {
            return Some(sentence);
        }
        start = end.unwrap_or(to);
    }
    None
}

/// The last sentence before the start of another, as far as `reach` bytes; null at the beginning of the text.
pub fn before(text: &str, to: usize, reach: usize) -> Option<Sentence> {
    let from = floor(text, to.saturating_sub(reach));
    let mut end = to;
    while end > from {
        // Up to the sentence's own first byte, past the white space and signs that lead to the other.
        let last = text[from..end].trim_end();
        let (at, _) = last.char_indices().next_back()?;
        let start = previous_break(text, from, from + at);
        let (is_begun, start) = (start.is_some() || from == 0, start.unwrap_or(from));
        let sentence = trimmed(text, start, end, (is_begun, true));
        if sentence.start < sentence.end {
            return Some(sentence);
        }
        end = start;
    }
    None
}

/// Whether a text ends as a sentence does.
pub fn is_closed(text: &str) -> bool {
    let text = text.trim_end_matches(|c: char| c.is_whitespace() || is_one_of(CLOSERS, c));
    text.ends_with(|c| matches!(c, '.' | '!' | '?' | '…') || is_one_of(STOPS, c))
}

/// Marks that end a sentence whatever follows, in the scripts of living languages (STerm of UAX #29).
const STOPS: &str = "։؟۔।॥။።፧፨។៕‼‽⁇⁈⁉。！？｡꯫";
const CLOSERS: &str = ")]}\"'‘’“”«»›」』】）*_";
const QUOTES: &str = "\"'’”»›」』";
/// Signs of list items: these between words on one line, and those at its beginning.
const BULLETS: &str = "•‣◦▪●⁃";
const ITEM_SIGNS: &str = "•‣◦▪●⁃·*-–—+#>|";
/// Bytes that are looked at behind a stop for the letter that tells whether a sentence begins, before it for the word that may
/// be short for another, and around a number for its neighbours in a list.
const LETTER_BYTES_MAX: usize = 64;
const WORD_BYTES_MAX: usize = 24;
const LIST_BYTES_MAX: usize = 400;
/// Bytes to each side of a question that are looked at for the quotation marks of a title.
const TITLE_BYTES_MAX: usize = 120;
/// Shorter lines are not wrapped; longer ones need not be looked at whole. Most texts are wrapped at 72 columns or later.
const WRAPPED_MIN: usize = 40;
const WRAPPED_AT: usize = 72;
const WRAPPED_MAX: usize = 92;
const LINE_BYTES_MAX: usize = 160;

/// Most characters are letters and spaces, which are none of them.
fn is_one_of(signs: &str, c: char) -> bool {
    !(c.is_ascii_alphanumeric() || c == ' ') && signs.contains(c)
}

/// Words before a full stop that are short for others; sorted.
const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "apr", "aug", "bzw", "ca", "cf", "dec", "dept", "dipl", "dr", "dra", "eq", "esp", "evtl", "feb",
    "fig", "gen", "ggf", "hon", "incl", "jan", "jr", "mme", "mr", "mrs", "ms", "mt", "nov", "oct", "pp", "prof",
    "resp", "rev", "sen", "sept", "sr", "sra", "st", "univ", "vgl", "vol", "vs",
];
/// As [`ABBREVIATIONS`], before a number alone.
const NUMBERED: &[&str] = &["art", "ch", "ed", "no", "nos", "nr", "p", "sec", "ver", "version"];

/// Where the first sentence behind `from` begins.
fn next_break(text: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = text.as_bytes()[from..to].iter().enumerate();
    bytes
        .filter(|(_, byte)| may_end(**byte))
        .find_map(|(at, _)| break_at(text, from + at).filter(|start| *start > from))
}

/// Where the sentence begins that holds byte `at`.
fn previous_break(text: &str, from: usize, at: usize) -> Option<usize> {
    let bytes = text.as_bytes()[from..at].iter().enumerate().rev();
    bytes
        .filter(|(_, byte)| may_end(**byte))
        .find_map(|(place, _)| break_at(text, from + place).filter(|start| *start <= at))
}

/// Of the first byte of a character.
fn may_end(byte: u8) -> bool {
    matches!(byte, b'\n' | b'.' | b'!' | b'?' | b')' | 0xc0..)
}

/// Where the next sentence begins, when one ends at this character.
fn break_at(text: &str, at: usize) -> Option<usize> {
    let c = text[at..].chars().next()?;
    let behind = at + c.len_utf8();
    match c {
        '\n' => (!is_wrapped(text, at)).then_some(behind),
        '.' | '!' | '?' => at_stop(text, at, c),
        ')' => item_number(text, at),
        // The first of all signs that are left is U+0589.
        ..'\u{589}' => None,
        _ if is_one_of(BULLETS, c) => text[..at].ends_with(char::is_whitespace).then_some(at),
        _ if !is_one_of(STOPS, c) => None,
        _ => Some(skip(text, behind, |c| is_one_of(CLOSERS, c))),
    }
}

fn at_stop(text: &str, at: usize, c: char) -> Option<usize> {
    let closed = skip(text, at + 1, |c| is_one_of(CLOSERS, c));
    let next = skip_space(text, closed)?;
    let Some(first) = text[next..].chars().next() else { return Some(next) };
    if next == closed || matches!(first, ',' | ';' | ':') {
        return None;
    }
    if c != '.' {
        let is_quoted = text[at + 1..closed].contains(|c| is_one_of(QUOTES, c));
        let is_within = (is_quoted && goes_on(first)) || is_in_title(text, at);
        return (!is_within).then_some(next);
    }
    if let Some(number) = number_before(text, at) {
        return if is_line_start(text, number) { None } else { item_number(text, at).or(Some(next)) };
    }
    if is_abbreviated(text, at, first) {
        return None;
    }
    let rest = &text[next..floor(text, next + LETTER_BYTES_MAX)];
    let letter = rest.chars().take_while(|c| *c != '\n').find(|c| c.is_alphabetic() || matches!(c, '.' | '!' | '?'));
    (!letter.is_some_and(char::is_lowercase)).then_some(next)
}

/// Whether what begins so behind a quoted question belongs to it: “Why?” by somebody, “Why?” (a video), “Why?” – an answer.
fn goes_on(c: char) -> bool {
    c.is_lowercase() || matches!(c, '(' | '-' | '–' | '—')
}

/// Whether a question stands in a quoted title that goes on behind it, and so does the sentence: “Ready? A report” by somebody.
/// Signs that open and close alike don't tell.
fn is_in_title(text: &str, at: usize) -> bool {
    let is_bound = |c: char| matches!(c, '“' | '”' | '«' | '»' | '\n');
    let before = &text[floor(text, at.saturating_sub(TITLE_BYTES_MAX))..at];
    let behind = &text[at + 1..floor(text, at + TITLE_BYTES_MAX)];
    let opened = before.chars().rev().find(|c| is_bound(*c));
    let Some((title, rest)) = behind.find(is_bound).map(|end| behind.split_at(end)) else { return false };
    let is_paired = (opened == Some('“') && rest.starts_with('”')) || (opened == Some('«') && rest.starts_with('»'));
    let next = rest.chars().skip(1).find(|c| !c.is_whitespace());
    is_paired && !title.ends_with(['.', '…']) && next.is_some_and(|c| goes_on(c) || c == ',')
}

fn skip(text: &str, from: usize, skipped: impl Fn(char) -> bool) -> usize {
    text.len() - text[from..].trim_start_matches(skipped).len()
}

/// The first byte that is no white space; null behind a line that ends there, which is an end by itself.
fn skip_space(text: &str, from: usize) -> Option<usize> {
    let next = skip(text, from, char::is_whitespace);
    let mut line_ends = text[from..next].match_indices('\n').map(|(at, _)| from + at);
    match (line_ends.next(), line_ends.next()) {
        (None, _) => Some(next),
        (Some(at), None) if is_wrapped(text, at) => Some(next),
        _ => None,
    }
}

/// Where the number begins that ends at `at`, when it has one or two digits and nothing before it.
fn number_before(text: &str, at: usize) -> Option<usize> {
    let start = text[..at].trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let is_free = text[..start].is_empty() || text[..start].ends_with(|c: char| c.is_whitespace() || c == '(');
    ((1..=2).contains(&(at - start)) && is_free).then_some(start)
}

fn is_line_start(text: &str, at: usize) -> bool {
    let before = text[..at].trim_end_matches(['(', ' ', '\t']);
    before.is_empty() || before.ends_with('\n')
}

/// Where an item of a list begins within a line: at `2.`, `2)` or `(2)` when the number before or behind it is near.
fn item_number(text: &str, at: usize) -> Option<usize> {
    let number = number_before(text, at)?;
    let sign = &text[at..=at];
    let value: u32 = text[number..at].parse().ok()?;
    let ends_so = |near: &str, value: u32| {
        let wanted = format!("{value}{sign} ");
        near.match_indices(&wanted).any(|(at, _)| !near[..at].ends_with(|c: char| c.is_alphanumeric() || c == '.'))
    };
    let is_followed = text[at + 1..].starts_with(char::is_whitespace);
    let before = &text[floor(text, number.saturating_sub(LIST_BYTES_MAX))..number];
    let behind = &text[at + 1..floor(text, at + LIST_BYTES_MAX)];
    let is_listed = (value > 1 && ends_so(before, value - 1)) || (value <= 1 && ends_so(behind, value + 1));
    let opened = if text[..number].ends_with('(') { number - 1 } else { number };
    (is_followed && is_listed && !is_line_start(text, number)).then_some(opened)
}

/// Whether the full stop at `at` belongs to the word before it.
fn is_abbreviated(text: &str, at: usize, next: char) -> bool {
    let near = &text[floor(text, at.saturating_sub(WORD_BYTES_MAX))..at];
    let word = near.rsplit(char::is_whitespace).next().unwrap_or_default();
    let start = near.len() - word.len();
    let word = word.trim_start_matches(|c: char| !c.is_alphanumeric());
    let small = || word.bytes().map(|byte| byte.to_ascii_lowercase());
    let is_in = |words: &[&str]| words.binary_search_by(|known| known.bytes().cmp(small())).is_ok();
    if next.is_numeric() && is_in(NUMBERED) {
        return true;
    }
    let mut letters = word.chars();
    if let (Some(letter), None) = (letters.next(), letters.next()) {
        // "F." between names; "in C." is the end of something.
        let before = near[..start].split_whitespace().next_back().unwrap_or_default();
        let is_named = before.is_empty() || before.starts_with(char::is_uppercase) || before.ends_with('.');
        return letter.is_uppercase() && is_named;
    }
    // "e.g", "U.S", "Ph.D".
    if word.contains('.') && word.split('.').all(|part| (1..=2).contains(&part.len()) && is_letters(part)) {
        return true;
    }
    is_in(ABBREVIATIONS)
}

fn is_letters(word: &str) -> bool {
    word.bytes().all(|byte| byte.is_ascii_alphabetic())
}

/// Whether the line that ends at `at` goes on in the next.
fn is_wrapped(text: &str, at: usize) -> bool {
    let line = line_before(text, at);
    let below = &text[at + 1..floor(text, at + 1 + LINE_BYTES_MAX)];
    let below = below.split('\n').next().unwrap_or_default();
    let below = below.strip_suffix('\r').unwrap_or(below);
    let (above, next) = (line.trim(), below.trim_start());
    let (Some(last), Some(first)) = (above.chars().next_back(), next.chars().next()) else { return false };
    if above.len() < WRAPPED_MIN || item_sign(next) > 0 || first.is_ascii_digit() {
        return false;
    }
    match last {
        '!' | '?' | ':' | ';' => return false,
        '.' => return first.is_lowercase(),
        ',' | '–' | '—' | '-' | '(' | '&' | '/' => return true,
        _ if is_one_of(STOPS, last) => return false,
        _ if first.is_lowercase() => return true,
        _ => {}
    }
    let word = above.rsplit(char::is_whitespace).next().unwrap_or_default();
    // A line that the next word had no room in, among others that are as full.
    let is_full = |line: &str, next: &str| {
        let next = next.split_whitespace().next().map_or(0, str::len);
        line.len() + 1 + next > WRAPPED_AT && line.len() <= WRAPPED_MAX
    };
    let further = line_before(text, floor(text, (at - line.len()).saturating_sub(1))).trim();
    is_stop_word(word) || (is_full(above, next) && is_full(further, above))
}

/// The line that ends at `at`, or the end of it.
fn line_before(text: &str, at: usize) -> &str {
    let near = &text[floor(text, at.saturating_sub(LINE_BYTES_MAX))..at];
    near.rsplit('\n').next().unwrap_or_default()
}

/// Bytes of the sign that makes an item of a line.
fn item_sign(line: &str) -> usize {
    let sign = line.len() - line.trim_start_matches(|c| is_one_of(ITEM_SIGNS, c)).len();
    if sign == 0 || line[sign..].starts_with(char::is_whitespace) || sign == line.len() { sign } else { 0 }
}

fn trimmed(text: &str, start: usize, end: usize, (is_begun, is_ended): (bool, bool)) -> Sentence {
    let mut shown = text[start..end].trim();
    loop {
        let sign = item_sign(shown);
        if sign == 0 || !is_begun {
            break;
        }
        shown = shown[sign..].trim_start();
    }
    let start = shown.as_ptr() as usize - text.as_ptr() as usize;
    Sentence { start, end: start + shown.len(), is_begun, is_ended }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parted(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|(from, to)| &text[from..to]).collect()
    }

    /// A text, and its sentences between bars.
    #[test]
    fn sentences_end_where_readers_end_them() {
        for (text, expected) in [
            (
                "First. Second e.g. here! Third?\n- An item\n\n3.5 of it (I think.) Then U.S. law; etc. and so on.\n",
                "First.|Second e.g. here!|Third?|An item|3.5 of it (I think.)|Then U.S. law; etc. and so on.",
            ),
            (
                "Use e.g. Kubernetes vs. Nomad. Ask Dr. One or John F. Two of the U.S. Army. Bye.",
                "Use e.g. Kubernetes vs. Nomad.|Ask Dr. One or John F. Two of the U.S. Army.|Bye.",
            ),
            (
                "It is written in C. We like it. So v1.2. It works with .NET and Node.js. Done...on a budget!",
                "It is written in C.|We like it.|So v1.2.|It works with .NET and Node.js.|Done...on a budget!",
            ),
            (
                "See Fig. 3, no. 5 and p. 7. No. That is wrong. It took 3.14 s, i.e. too long.",
                "See Fig. 3, no. 5 and p. 7.|No.|That is wrong.|It took 3.14 s, i.e. too long.",
            ),
            (
                "We cover: 1. Making plans 2. Keeping to them 3. Making others. In 2019. Later.",
                "We cover:|1. Making plans|2. Keeping to them|3. Making others.|In 2019.|Later.",
            ),
            (
                "1. Making plans\n2. Keeping to them (in 12. The rest)",
                "1. Making plans|2. Keeping to them (in 12.|The rest)",
            ),
            (
                "(1) Data in files (2) Common problems (3) Exercises",
                "(1) Data in files|(2) Common problems|(3) Exercises",
            ),
            ("All of it: • one thing • another thing", "All of it:|one thing|another thing"),
            (
                "“Why not?” he asked. \"Yes.\" That was all!! Really?! Well... Then (no) end",
                "“Why not?” he asked.|\"Yes.\"|That was all!!|Really?!|Well...|Then (no) end",
            ),
            (
                "A line that was wrapped by somebody's editor at some\ncolumn goes on. And a short\nline does not.",
                "A line that was wrapped by somebody's editor at some\ncolumn goes on.|And a short|line does not.",
            ),
            (
                "This one talks about all that became of the\nKubernetes project, and of several others,\nAirflow among them.",
                "This one talks about all that became of the\nKubernetes project, and of several others,\nAirflow among them.",
            ),
            (
                "Every line of this text was broken where the column ended, as mail was\nonce. It was written by somebody who had met Alexander and\nBernhardine-Magdalena in the year before and forgot about all of that\nMonday. Then.",
                "Every line of this text was broken where the column ended, as mail was\nonce.|It was written by somebody who had met Alexander and\nBernhardine-Magdalena in the year before and forgot about all of that\nMonday.|Then.",
            ),
            (
                "Some text was broken at a column that left no room for the next word,\nMonday, or for another one: as lines of mail were before there was any\nJavaScript. Not so.",
                "Some text was broken at a column that left no room for the next word,\nMonday, or for another one: as lines of mail were before there was any\nJavaScript.|Not so.",
            ),
            (
                "How to build services that last for some time\nWhat to do when they do not, and with whom\n* A starred item of a list that is long enough\n* another",
                "How to build services that last for some time|What to do when they do not, and with whom|A starred item of a list that is long enough|another",
            ),
            (
                "-5 degrees and --flags\n— said\n> quoted\n---\n# Heading\n#tag",
                "-5 degrees and --flags|said|quoted|Heading|#tag",
            ),
            (
                "In “Ready? A report” by one of them and “What is it?” (a video). “Why?” – a talk. “Who? I.” Next “Why? Not” So",
                "In “Ready? A report” by one of them and “What is it?” (a video).|“Why?” – a talk.|“Who?|I.”|Next “Why?|Not” So",
            ),
            (
                "We saw «Prêts ? Oui», then \"Why?\" by Ada. “Why!” said “I? You” he. Is it so? – Yes",
                "We saw «Prêts ? Oui», then \"Why?\" by Ada.|“Why!” said “I? You” he.|Is it so?|Yes",
            ),
            ("これは文です。これも文ですか？はい", "これは文です。|これも文ですか？|はい"),
            ("यह एक वाक्य है। यह दूसरा है।", "यह एक वाक्य है।|यह दूसरा है।"),
            ("هذه جملة. وهذه أخرى؟ نعم", "هذه جملة.|وهذه أخرى؟|نعم"),
            ("", ""),
            (" \n - \n", ""),
        ] {
            let expected: Vec<&str> = expected.split('|').filter(|piece| !piece.is_empty()).collect();
            assert_eq!(parted(text), expected, "{text}");
        }
    }

    #[test]
    fn words_are_sorted() {
        assert!(ABBREVIATIONS.is_sorted() && NUMBERED.is_sorted());
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 2000, ..Default::default() })]

        /// From any place the same sentences are found as from the beginning.
        #[test]
        fn a_sentence_is_the_same_from_any_place_in_it(
            text in r#"([a-c]{1,3} |[A-C][a-c]{1,9} |[0-9]{1,2}[.) ] ?|[.!?] |[.!?)(]|\n|- |• |of the |é |。|"|“|” ){0,40}"#,
        ) {
            let all = sentences(&text);
            for (index, (start, end)) in all.iter().enumerate() {
                for at in (*start..*end).filter(|at| text.is_char_boundary(*at)) {
                    let found = around(&text, at, text.len());
                    proptest::prop_assert!(found.start <= at && at < found.end, "{:?} at {} in {:?}", found, at, text);
                    if text[at..].starts_with(char::is_alphabetic) {
                        proptest::prop_assert_eq!((found.start, found.end), (*start, *end), "at {} in {:?}", at, text);
                    }
                }
                let next = after(&text, *end, text.len()).map(|next| (next.start, next.end));
                proptest::prop_assert_eq!(next, all.get(index + 1).copied());
            }
        }
    }

    #[test]
    fn no_more_than_the_reach_is_looked_at() {
        let text = "word ".repeat(1000);
        let found = around(&text, 2500, 100);
        assert_eq!((found.start, found.end, found.is_begun, found.is_ended), (2400, 2599, false, false));
        assert!(after(&text, 2500, 100).is_some_and(|next| next.start == 2500 && !next.is_ended));
        assert!(before(&text, 2500, 100).is_some_and(|next| next.start == 2400 && !next.is_begun));
        let first = around(&text, 3, 100);
        assert!(first.is_begun && first.start == 0);
    }
}
