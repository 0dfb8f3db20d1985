//! A query's string → tokens, each with its place. One pass; what a token means is decided later.

use super::{notes::Notes, regex::PATTERN_BYTES_MAX, spans};
use crate::index::schema::{self, Field};

/// Words between those of a phrase: further apart they are not near.
pub(super) const SLOP_MAX: u32 = 50;
/// What a part may weigh against one without a weight.
const WEIGHTS: std::ops::RangeInclusive<f32> = 0.001..=100.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lexeme {
    Not,
    And,
    Or,
    Open,
    Close,
    /// What stands between white space, parentheses and quotes.
    Word,
    Phrase,
    Regex,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub lexeme: Lexeme,
    /// Bytes of the query, with the field before and the tail behind.
    pub start: usize,
    pub end: usize,
    /// What stands right before it with a colon.
    pub field: Option<&'static Field>,
    /// As typed: a word whole, a phrase between its quotes, a pattern between its slashes; behind `)` its tail.
    pub text: &'a str,
    /// Behind quotes: words that may stand between those of the phrase.
    pub slop: u32,
    /// Behind a quote, a slash or a parenthesis.
    pub weight: Option<f32>,
}

/// The operators that are words.
pub(super) const OPERATOR_WORDS: [(&str, Lexeme); 3] = [("NOT", Lexeme::Not), ("AND", Lexeme::And), ("OR", Lexeme::Or)];

pub(super) fn scan<'a>(query: &'a str, notes: &mut Notes) -> Vec<Token<'a>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = query[at..].trim_start();
        at = query.len() - rest.len();
        if rest.is_empty() {
            return tokens;
        }
        let token = if rest.starts_with('-') && negates(&rest[1..]) {
            Token { lexeme: Lexeme::Not, start: at, end: at + 1, field: None, text: "", slop: 0, weight: None }
        } else {
            next(query, at, notes)
        };
        at = token.end;
        tokens.push(token);
    }
}

/// The token that begins at `start`, where there is no white space.
fn next<'a>(query: &'a str, start: usize, notes: &mut Notes) -> Token<'a> {
    let field = field_before(&query[start..]);
    let at = start + field.map_or(0, |field| field.name.len() + 1);
    let value = &query[at..];
    let mut token = Token { lexeme: Lexeme::Word, start, end: at, field, text: "", slop: 0, weight: None };
    let first = value.chars().next().unwrap_or(' ');
    if first == '(' {
        token.lexeme = Lexeme::Open;
        token.end = at + 1;
    } else if first == ')' && field.is_none() {
        token.lexeme = Lexeme::Close;
        token.end = at + 1;
        token.take_tail(query, false, notes);
        token.text = &query[at + 1..token.end];
    } else if is_quote(first) {
        token.lexeme = Lexeme::Phrase;
        let (text, used) = quoted(value);
        (token.text, token.end) = (text.0, at + used);
        if text.1 {
            token.take_tail(query, true, notes);
        } else {
            notes.tell(at, "read as a phrase to the end", "the quote is not closed");
        }
    } else if let Some(pattern) = pattern(value) {
        token.lexeme = Lexeme::Regex;
        (token.text, token.end) = (pattern, at + pattern.len() + 2);
        token.take_tail(query, false, notes);
    } else {
        token.text = &value[..word_end(value)];
        token.end = at + token.text.len();
        let operator = OPERATOR_WORDS.iter().find(|(word, _)| *word == token.text && field.is_none());
        token.lexeme = operator.map_or(Lexeme::Word, |(_, lexeme)| *lexeme);
    }
    token
}

impl Token<'_> {
    /// Takes `~3` and `^2` from where the token ends, where nothing but an end of words follows them.
    fn take_tail(&mut self, query: &str, with_slop: bool, notes: &mut Notes) {
        let rest = &query[self.end..];
        let (mut slop, mut used) = (0, 0);
        if with_slop && let Some(digits) = rest.strip_prefix('~').map(|rest| &rest[..n_digits(rest)]) {
            // A number that is too long to be one is more than enough.
            slop = if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u32::MAX) };
            used = if digits.is_empty() { 0 } else { 1 + digits.len() };
        }
        let weight = rest[used..].strip_prefix('^').map(|rest| &rest[..n_weight(rest)]).filter(|text| !text.is_empty());
        let end = used + weight.map_or(0, |text| 1 + text.len());
        if rest[end..].starts_with(|c| !is_boundary(c)) {
            return;
        }
        if slop > SLOP_MAX {
            notes.tell(self.end, "read as 50", "words that are near have at most 50 others between them");
        }
        self.slop = slop.min(SLOP_MAX);
        self.weight = weight.map(|text| as_weight(text, self.end + used, notes));
        self.end += end;
    }
}

/// A weight as a number, within what a weight can be.
pub(super) fn as_weight(text: &str, at: usize, notes: &mut Notes) -> f32 {
    let weight: f32 = text.parse().unwrap_or(*WEIGHTS.end());
    if !WEIGHTS.contains(&weight) {
        notes.tell(at, "read as the nearest of them", "a weight is from 0.001 to 100");
    }
    weight.clamp(*WEIGHTS.start(), *WEIGHTS.end())
}

fn n_digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

/// The length of what a weight is written as: at most three digits, and more behind a point.
pub(super) fn n_weight(text: &str) -> usize {
    let whole = n_digits(text);
    let fraction = text[whole..].strip_prefix('.').map_or(0, n_digits);
    match (whole, fraction) {
        (1..=3, 0) => whole,
        (1..=3, _) => whole + 1 + fraction,
        _ => 0,
    }
}

/// Ends a word.
fn is_boundary(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)
}

/// Double quotes, typed or typeset: a phrase begins and ends with any of them, since who copies a text brings its own along,
/// and languages don't agree on which is the one that opens.
pub(crate) fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

/// Whether a `-` before it means NOT.
pub(super) fn negates(rest: &str) -> bool {
    let mut chars = rest.chars();
    match chars.next() {
        Some('.') => chars.next().is_some_and(char::is_alphabetic),
        Some(c) => c.is_alphanumeric() || c == '(' || is_quote(c) || pattern(rest).is_some(),
        None => false,
    }
}

/// The field that a text begins with, and a colon.
pub(super) fn field_before(text: &str) -> Option<&'static Field> {
    let length = text.bytes().take_while(u8::is_ascii_lowercase).count();
    if length == 0 || text.as_bytes().get(length) != Some(&b':') {
        return None;
    }
    schema::field(&text[..length])
}

/// Bytes up to where a word ends. A sign behind `\` ends none.
fn word_end(text: &str) -> usize {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if is_boundary(c) {
            return at;
        }
        if c == '\\' {
            chars.next_if(|(_, next)| !next.is_alphanumeric());
        }
    }
    text.len()
}

/// What stands between the quote at the start and the next one, or the end, and whether there is a next one; and how many
/// bytes that takes. A quote behind `\` is text.
fn quoted(text: &str) -> ((&str, bool), usize) {
    let start = text.chars().next().map_or(0, char::len_utf8);
    let mut chars = text.char_indices().skip(1).peekable();
    while let Some((at, c)) = chars.next() {
        if is_quote(c) {
            return ((&text[start..at], true), at + c.len_utf8());
        }
        if c == '\\' {
            chars.next_if(|(_, next)| is_escaped_in_quotes(*next));
        }
    }
    ((&text[start..], false), text.len())
}

pub(super) fn is_escaped_in_quotes(c: char) -> bool {
    c == '\\' || is_quote(c)
}

/// What stands between slashes at the start, where a word ends behind them and none before: `/usr/bin` is a path.
fn pattern(text: &str) -> Option<&str> {
    let inside = text.strip_prefix('/')?;
    let mut bytes = inside.bytes().enumerate().take(PATTERN_BYTES_MAX + 1);
    let end = loop {
        match bytes.next()? {
            (_, b'\\') => drop(bytes.next()),
            (at, b'/') => break at,
            _ => {}
        }
    };
    let (pattern, behind) = (&inside[..end], &inside[end + 1..]);
    let weight = behind.strip_prefix('^').map_or(0, |rest| match n_weight(rest) {
        0 => 0,
        n => n + 1,
    });
    let ends = behind[weight..].chars().next().is_none_or(is_boundary);
    (ends && !pattern.is_empty() && !pattern.contains(char::is_whitespace)).then_some(pattern)
}

/// Whether the byte at `at` is behind a `\` that takes it for text.
pub(super) fn is_escaped(text: &str, at: usize) -> bool {
    text.as_bytes()[..at].iter().rev().take_while(|byte| **byte == b'\\').count() % 2 == 1
}

/// Whether a value of `year` or `date` is more than a word.
pub(super) fn is_span(field: &Field, value: &str) -> bool {
    match field.name {
        "year" => spans::years(value).is_some(),
        "date" => spans::dates(value).is_some(),
        _ => false,
    }
}
