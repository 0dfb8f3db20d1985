//! Lines of a block that say who speaks, when and where: bylines, labels, titles with names before or behind them.

use super::{
    clock,
    fields::{by_heading, names_people},
};
use crate::formats::schedule::{Entry, Person, people};

/// How a line begins that names people.
const BYLINES: &[&str] = &[
    "by ",
    "presented by ",
    "with ",
    "speaker: ",
    "speakers: ",
    "presenter: ",
    "presenters: ",
    "author: ",
    "authors: ",
    "von ",
    "mit ",
    "par ",
    "por ",
];
/// Lines that only say what comes next.
const LABELS: &[&str] = &[
    "speaker",
    "speakers",
    "presenter",
    "presenters",
    "abstract",
    "description",
    "room",
    "time",
    "by",
    "about the speaker",
    "read more",
    "available media",
    "show details",
    "hide details",
    "more",
    "details",
    "referent",
    "referentin",
    "referenten",
    "intervenant",
    "intervenants",
    "ponente",
];
const BYLINE_WORDS_MAX: usize = 20;

pub(super) fn set(field: &mut Option<String>, text: &str) -> bool {
    let is_new = field.is_none();
    if is_new {
        let text = text
            .split_once(": ")
            .filter(|(label, _)| is_label(label) || by_heading(label).is_some())
            .map_or(text, |(_, rest)| rest);
        *field = Some(text.trim_matches([',', '|', '(', ')', ' ', '·']).to_owned());
    }
    is_new
}

pub(super) fn set_time(entry: &mut Entry, text: &str, year: Option<u16>) -> bool {
    let found = clock::within(text);
    if let Some((start, end)) = found.filter(|_| entry.start.is_none()) {
        (entry.start, entry.end) = (Some(start), entry.end.or(end));
    }
    let day = clock::day(text, year);
    entry.day = entry.day.or(day);
    found.is_some() || day.is_some()
}

pub(super) fn add_people(entry: &mut Entry, text: &str) {
    let found = people::read(text).into_iter();
    entry.people.extend(found.map(|person| Person {
        name: person.name,
        affiliation: person.affiliation,
        role: person.role,
        ..Person::default()
    }));
}

pub(super) fn is_label(text: &str) -> bool {
    let text = text.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase();
    LABELS.contains(&text.as_str())
}

pub(super) fn bylined(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let label = BYLINES.iter().find(|label| lower.starts_with(**label))?;
    line.get(label.len()..)
}

/// A text without the word before the names.
pub(super) fn without_byline(text: &str) -> &str {
    bylined(text).unwrap_or(text).trim()
}

pub(super) fn is_byline(line: &str) -> bool {
    line.split_whitespace().count() <= BYLINE_WORDS_MAX
        && !line.ends_with('.')
        && names_people(bylined(line).unwrap_or(line))
}

pub(super) struct Divided {
    pub title: String,
    pub people: String,
    pub names_first: Option<bool>,
}

/// "Title - Name", "Name: Title", "Title by Name", "Title (Name)". Where both parts could be names, the other blocks of the
/// sort tell, else the names come last.
pub(super) fn divided(line: &str, names_first: Option<bool>) -> Option<Divided> {
    let clean = |text: &str| text.trim().trim_matches([',', ':', '-', '–']).trim().to_owned();
    let pair = |title: &str, people: &str, names_first: Option<bool>| {
        let fits = people.trim().contains(' ') && names_people(people) && !clean(title).is_empty();
        fits.then(|| Divided { title: clean(title), people: people.trim().to_owned(), names_first })
    };
    for sign in [" - ", " – ", " — ", " | ", " // ", ": "] {
        let Some((before, title)) = line.split_once(sign) else { continue };
        let first = pair(title, before, Some(true));
        let last = line.rsplit_once(sign).and_then(|(title, people)| pair(title, people, Some(false)));
        match (first, last) {
            (Some(first), Some(_)) if names_first == Some(true) => return Some(Divided { names_first: None, ..first }),
            (Some(_), Some(last)) => return Some(Divided { names_first: None, ..last }),
            (first @ Some(_), None) => return first,
            (None, last @ Some(_)) => return last,
            (None, None) => {}
        }
    }
    let bracket = || line.strip_suffix(')')?.rsplit_once(" (");
    let by =
        || [" by ", ", par ", ", von ", ", mit ", ", with ", ", por "].iter().find_map(|sign| line.rsplit_once(sign));
    by().or_else(bracket).and_then(|(title, people)| pair(title, people, None))
}
