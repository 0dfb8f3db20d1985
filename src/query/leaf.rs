//! A word as typed → the leaf of the tree that it is: plain, `prefix*`, `fuzzy~`, a span of years or dates, weighted.

use unicode_segmentation::UnicodeSegmentation;

use super::{
    Query,
    notes::{AS_TEXT, Notes},
    regex, scan,
    scan::{OPERATOR_WORDS, is_escaped, n_weight},
    spans,
};
use crate::{
    index::schema::{self, Field, FieldSort},
    text::{
        floor,
        near::{did_you_mean, nearest},
        one_line,
    },
};

/// Letters of a word that may be misspelt: the automaton that finds it grows with them.
const FUZZY_LETTERS_MAX: usize = 48;
/// A word of more letters may differ by 2.
const ONE_EDIT_LETTERS_MAX: usize = 5;

/// What stands behind the field, if it has one, or in a group of that field; `at` is where.
pub(super) fn leaf(typed: &str, field: Option<&'static Field>, is_named: bool, at: usize, notes: &mut Notes) -> Query {
    let is_plain = typed.bytes().all(|byte| !matches!(byte, b'^' | b'*' | b'~' | b':' | b'.' | b'\\'));
    if is_plain && field.is_none_or(|field| field.sort != FieldSort::Day) {
        return Query::Word { field: field.map(|field| field.name), text: typed.to_owned() };
    }
    let (value, weight) = without_weight(typed, is_named);
    let mut query = unweighted(value, field, at, notes);
    if let Some(text) = weight {
        let by = scan::as_weight(text, at + value.len(), notes);
        query = Query::Boost { inner: Box::new(query), by };
    }
    query
}

/// `ebpf^2` is what it is on and the number. A number alone can have none: `2^10`.
fn without_weight(typed: &str, is_named: bool) -> (&str, Option<&str>) {
    let weight = typed.rfind('^').filter(|at| *at > 0 && !is_escaped(typed, *at));
    let weight = weight.map(|at| (&typed[..at], &typed[at + 1..]));
    match weight.filter(|(_, number)| !number.is_empty() && n_weight(number) == number.len()) {
        Some((value, number)) if is_named || takes_weight(value) => (value, Some(number)),
        _ => (typed, None),
    }
}

/// Whether `^2` behind it is a weight, where no field is named.
pub(super) fn takes_weight(text: &str) -> bool {
    text.contains(char::is_alphabetic)
}

fn unweighted(value: &str, field: Option<&'static Field>, at: usize, notes: &mut Notes) -> Query {
    let name = field.map(|field| field.name);
    if field.is_some_and(|field| field.sort == FieldSort::Day) {
        return days(value, at, notes);
    }
    if name == Some("year")
        && let Some((from, to)) = spans::years(value)
    {
        if from.zip(to).is_some_and(|(from, to)| from > to) {
            notes.tell(at, "taken as it stands", format_args!("no year is in \"{value}\""));
        }
        return Query::Years { from, to };
    }
    prefix(value, name, at, notes).or_else(|| fuzzy(value, name, at, notes)).unwrap_or_else(|| {
        if field.is_none() {
            note_field(value, at, notes);
        }
        note_star(value, at, notes);
        Query::Word { field: name, text: unescaped(value) }
    })
}

/// The value of a field of days.
pub(super) fn days(value: &str, at: usize, notes: &mut Notes) -> Query {
    let Some((from, to)) = spans::dates(value) else {
        notes.add(at, AS_TEXT, || {
            let example = "write 2023, 2023-10 or 2023-10-11, or a span as 2023-10..2024";
            (format!("\"{}\" is no date", shown(value)), Some(example.to_owned()))
        });
        let (field, text) = (None, unescaped(value));
        // A word has to be written somehow.
        return if text.is_empty() { Query::Phrase { field, text, slop: 0 } } else { Query::Word { field, text } };
    };
    if from.zip(to).is_some_and(|(from, to)| from > to) {
        notes.tell(at, "taken as it stands", format_args!("no day is in \"{value}\""));
    }
    Query::Dates { from, to }
}

fn prefix(value: &str, field: Option<&'static str>, at: usize, notes: &mut Notes) -> Option<Query> {
    let begin = value.strip_suffix('*').filter(|begin| !is_escaped(value, begin.len()))?;
    if stars(begin).next().is_some() {
        return None;
    }
    let text = unescaped(begin);
    match n_words(&text) {
        0 => None,
        1 => Some(Query::Prefix { field, text }),
        _ => {
            notes.tell(at, AS_TEXT, "\"*\" stands behind one word");
            None
        }
    }
}

fn fuzzy(value: &str, field: Option<&'static str>, at: usize, notes: &mut Notes) -> Option<Query> {
    let (word, edits) = value.rsplit_once('~').filter(|(word, _)| !is_escaped(value, word.len()))?;
    let is_digit = edits.len() == 1 && edits.as_bytes()[0].is_ascii_digit();
    if !edits.is_empty() && !is_digit {
        return None;
    }
    let text = unescaped(word);
    let n_letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let edits = match edits {
        "" if n_letters > ONE_EDIT_LETTERS_MAX => 2,
        "" => 1,
        edits => edits.parse().unwrap_or(0),
    };
    let fault = match n_words(&text) {
        0 => return None,
        1 if n_letters > FUZZY_LETTERS_MAX => "the word before \"~\" is too long",
        1 if !(1..=2).contains(&edits) => "a word may differ by 1 or 2 letters",
        1 => return Some(Query::Fuzzy { field, text, edits }),
        _ => "\"~\" stands behind one word",
    };
    notes.tell(at, AS_TEXT, fault);
    None
}

/// Words as UAX #29 has them, up to 2.
fn n_words(text: &str) -> usize {
    text.unicode_words().take(2).count()
}

/// `speker:rice` looks like a field.
fn note_field(value: &str, at: usize, notes: &mut Notes) {
    if let Some((name, value)) = value.split_once(':')
        && !value.is_empty()
        && !value.starts_with(['/', ':'])
    {
        note_name(name, at, notes);
    }
}

/// Of a longer name nobody would think that it names a field.
const NAME_BYTES_MAX: usize = 32;

/// Says that there is no such field, where it looks like the name of one.
pub(super) fn note_name(name: &str, at: usize, notes: &mut Notes) {
    let is_small = name.bytes().all(|byte| byte.is_ascii_lowercase());
    let is_known = || schema::FIELDS.iter().any(|field| field.name.eq_ignore_ascii_case(name));
    if !(1..=NAME_BYTES_MAX).contains(&name.len()) || !(is_small || is_known()) {
        return;
    }
    notes.add(at, AS_TEXT, || {
        let near = nearest(name, schema::FIELDS.iter().map(|field| field.name));
        (format!("there is no field \"{name}\""), did_you_mean(&near))
    });
}

/// `ku*netes` looks like a pattern.
fn note_star(value: &str, at: usize, notes: &mut Notes) {
    let is_letter = |c: Option<char>| c.is_some_and(char::is_alphabetic);
    let star = stars(value).find(|star| {
        let before = value[..*star].chars().next_back();
        is_letter(value[star + 1..].chars().next()) && (before.is_none() || is_letter(before))
    });
    if let Some(star) = star {
        notes.add(at + star, AS_TEXT, || {
            let pattern = (value.len() < SHOWN_BYTES).then(|| format!("write {} for a pattern", regex::holding(value)));
            ("\"*\" stands at the end of a word alone".to_owned(), pattern)
        });
    }
}

/// Where stars are that no `\` takes for text.
fn stars(text: &str) -> impl Iterator<Item = usize> {
    text.match_indices('*').map(|(at, _)| at).filter(|at| !is_escaped(text, *at))
}

/// Bytes of a text that a note repeats.
const SHOWN_BYTES: usize = 64;

/// As much of it as a note has room for, on one line.
pub(super) fn shown(text: &str) -> String {
    let cut = floor(text, SHOWN_BYTES);
    let rest = if cut < text.len() { "…" } else { "" };
    one_line(&text[..cut]) + rest
}

/// Without the `\` before a sign, and before an operator that is a word.
pub(super) fn unescaped(text: &str) -> String {
    if OPERATOR_WORDS.iter().any(|(word, _)| text.strip_prefix('\\') == Some(*word)) {
        return text[1..].to_owned();
    }
    without_escapes(text, |c| !c.is_alphanumeric())
}

/// Without the `\` before those.
pub(super) fn without_escapes(text: &str, is_escaped: impl Fn(char) -> bool) -> String {
    if !text.contains('\\') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let next = if c == '\\' { chars.next_if(|next| is_escaped(*next)) } else { None };
        out.push(next.unwrap_or(c));
    }
    out
}
