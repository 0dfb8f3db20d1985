//! How texts say that what they are about was close to the day on which they were written.

use jiff::{ToSpan, civil::Date};

use super::{Clues, OPENING_WORDS};

/// Words that say how long ago it was, in days; -1 is "in the year of writing".
const CLOSE: &[(&str, i64)] = &[
    ("yesterday", 1),
    ("last night", 1),
    ("this morning", 0),
    ("today", 0),
    ("tonight", 0),
    ("this evening", 0),
    ("this weekend", 1),
    ("last weekend", 7),
    ("past weekend", 7),
    ("over the weekend", 3),
    ("last week", 7),
    ("past week", 7),
    ("this week", 2),
    ("last couple of days", 2),
    ("last few days", 3),
    ("last two days", 2),
    ("last three days", 3),
    ("last four days", 4),
    ("last five days", 5),
    ("past days", 3),
    ("past few days", 3),
    ("last days", 3),
    ("a few days ago", 5),
    ("days ago", 5),
    ("a week ago", 7),
    ("two weeks ago", 14),
    ("three weeks ago", 21),
    ("weeks ago", 21),
    ("last month", 30),
    ("a month ago", 30),
    ("two months ago", 60),
    ("just came back", 2),
    ("just got back", 2),
    ("just returned", 2),
    ("came back from", 2),
    ("got back from", 2),
    ("day after", 1),
    ("day one", 0),
    ("day two", 0),
    ("day three", 0),
    ("day 0", 0),
    ("day 1", 0),
    ("day 2", 0),
    ("day 3", 0),
    ("day 4", 0),
    ("day 5", 0),
    ("first day", 0),
    ("second day", 0),
    ("third day", 0),
    ("2nd day", 0),
    ("3rd day", 0),
    ("last day", 0),
    ("final day", 0),
    ("last saturday", 4),
    ("last sunday", 4),
    ("last friday", 4),
    ("last thursday", 4),
    ("on saturday", 4),
    ("on sunday", 4),
    ("on friday", 4),
    ("gestern", 1),
    ("heute", 0),
    ("dieses wochenende", 1),
    ("letztes wochenende", 7),
    ("letztem wochenende", 7),
    ("vergangenes wochenende", 7),
    ("am wochenende", 4),
    ("vergangenen wochenende", 7),
    ("letzten wochenende", 7),
    ("letzte woche", 7),
    ("letzten woche", 7),
    ("vergangene woche", 7),
    ("vergangenen woche", 7),
    ("dieser woche", 2),
    ("letzter woche", 7),
    ("diese woche", 2),
    ("vor zwei wochen", 14),
    ("gerade zurück", 1),
    ("zurück vom", 2),
    ("zurück von", 2),
    ("erster tag", 0),
    ("erste tag", 0),
    ("zweiter tag", 0),
    ("zweite tag", 0),
    ("hier soir", 1),
    ("cette semaine", 2),
    ("ce week-end", 1),
    ("semaine dernière", 7),
    ("week-end dernier", 7),
    ("weekend dernier", 7),
    ("il y a deux semaines", 14),
    ("ayer", 1),
    ("esta semana", 2),
    ("este fin de semana", 1),
    ("semana pasada", 7),
    ("fin de semana pasado", 7),
    ("hace dos semanas", 14),
];
/// What says so less exactly, asked when nothing in the table above is said.
const CLOSE_ROUGHLY: &[(&str, i64)] = &[
    ("back from", 5),
    ("back home from", 3),
    ("is over", 2),
    ("this year", -1),
    ("dieses jahr", -1),
    ("heuer", -1),
    ("cette année", -1),
    ("este año", -1),
];

/// The words by which title or opening say that the conference was close to the date of writing, and its year.
pub(super) fn closeness(clues: &Clues, written: Date) -> Option<(String, u16)> {
    let mut opening = String::new();
    for block in clues.blocks {
        if opening.split_whitespace().count() >= OPENING_WORDS {
            break;
        }
        opening.push_str(&block.text);
        opening.push('\n');
    }
    let texts = [clues.title.unwrap_or_default(), &opening];
    [CLOSE, CLOSE_ROUGHLY].into_iter().find_map(|table| texts.iter().find_map(|text| close_words(text, table, written)))
}

/// The first words of the table that a text has, as it writes them, and the year that they mean.
fn close_words(text: &str, table: &[(&str, i64)], written: Date) -> Option<(String, u16)> {
    // The same number of bytes, so that places in one are places in the other.
    let lower: String = text.chars().map(|c| if c == '\n' { ' ' } else { lower_same_length(c) }).collect();
    let places = table.iter().filter_map(|(words, days)| Some((word_at(&lower, words)?, *words, *days)));
    let (at, words, days) = places.min_by_key(|(at, words, _)| (*at, std::cmp::Reverse(words.len())))?;
    let date = if days < 0 { written } else { written.checked_sub(days.days()).ok()? };
    Some((text[at..at + words.len()].replace('\n', " "), u16::try_from(date.year()).ok()?))
}

fn lower_same_length(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
        _ => c,
    }
}

/// Where `words` stand as whole words.
pub(super) fn word_at(text: &str, words: &str) -> Option<usize> {
    text.match_indices(words).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}
