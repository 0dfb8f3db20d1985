//! A page's lines, each with its place in the file and what it is by itself.

use super::{
    clock::{self, Clock},
    people::{self, Likeness},
    words,
};
use crate::{source, text};

/// What opens a list item, with the space after it.
const BULLETS: &[char] = &['•', '◦', '▪', '▫', '‣', '●', '○', '·', '∙', '*', '-', '–', '+', '\u{f0b7}'];
/// What may stand after a full stop.
const CLOSERS: [char; 5] = ['"', '”', '’', ')', '\''];
/// A longer line is prose whatever it says.
const SPECIAL_CHARS_MAX: usize = 300;
const HEADING_WORDS_MAX: usize = 10;
const TITLE_WORDS_MAX: usize = 45;
/// A line with a full stop is a title up to here, a sentence beyond.
const STOPPED_TITLE_WORDS_MAX: usize = 12;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Blank,
    Clock(Clock),
    Media,
    Award,
    Sponsor,
    Chair,
    /// "Track 2"
    Track,
    Text,
}

pub(super) struct Row {
    /// From 1.
    pub number: u64,
    /// Bytes of the file, without the space at both ends.
    pub start: usize,
    pub end: usize,
    /// On one line, without the bullet.
    pub text: String,
    pub bullet: bool,
    pub indented: bool,
    pub sort: Sort,
}

pub(super) fn read(page: &str) -> Vec<Row> {
    let mut rows: Vec<Row> = source::lines(page).into_iter().map(row).collect();
    let filled: Vec<usize> = (0..rows.len()).filter(|at| rows[*at].sort != Sort::Blank).collect();
    for nth in (0..filled.len()).rev() {
        let at = filled[nth];
        let next = |further: usize| filled.get(nth + further).map(|next| &rows[*next]);
        let sort = match &rows[at].sort {
            // A title may end in "track": then a time or people follow it.
            Sort::Track if next(1).is_some_and(follows_title) => Sort::Text,
            // A time between a title and people is the talk's, with a weekday or without one.
            Sort::Clock(Clock::Block(times)) => {
                let above = nth.checked_sub(1).is_some_and(|before| rows[filled[before]].is_title_like());
                let people = next(1).is_some_and(|row| follows_time(row, next(2)));
                if above && people { Sort::Clock(Clock::Talk(None, times.clone())) } else { continue }
            }
            _ => continue,
        };
        rows[at].sort = sort;
    }
    rows
}

/// Whether a row is of people, by itself and by what follows it.
fn follows_time(row: &Row, next: Option<&Row>) -> bool {
    let likeness =
        |row: &Row| if row.sort == Sort::Text && !row.bullet { people::likeness(&row.text) } else { Likeness::None };
    if words::is_pause(&row.text) {
        return false;
    }
    match likeness(row) {
        Likeness::Labelled => true,
        Likeness::People => next.is_none_or(|next| likeness(next) != Likeness::People),
        Likeness::Names => next.is_some_and(|next| next.sort == Sort::Media),
        Likeness::None => false,
    }
}

fn is_people(row: &Row) -> bool {
    row.sort == Sort::Text && !row.bullet && people::likeness(&row.text) >= Likeness::People
}

fn follows_title(row: &Row) -> bool {
    matches!(row.sort, Sort::Clock(Clock::Talk(..))) || is_people(row)
}

fn row(line: source::Line) -> Row {
    let shown = line.text.trim();
    let start = line.start + (line.text.len() - line.text.trim_start().len());
    let mut text = text::one_line(shown);
    let mut chars = text.chars();
    let bullet = chars.next().is_some_and(|first| BULLETS.contains(&first)) && chars.next() == Some(' ');
    if bullet {
        text = chars.as_str().to_owned();
    }
    let sort = if text.is_empty() {
        Sort::Blank
    } else if bullet || text.len() > SPECIAL_CHARS_MAX {
        Sort::Text
    } else {
        sort(&text)
    };
    Row { number: line.number, start, end: start + shown.len(), text, bullet, indented: start > line.start, sort }
}

fn sort(text: &str) -> Sort {
    if let Some(clock) = clock::read(text) {
        Sort::Clock(clock)
    } else if words::is_chair(text) {
        Sort::Chair
    } else if words::is_track(text) {
        Sort::Track
    } else if words::is_media(text) {
        Sort::Media
    } else if words::is_sponsor(text) {
        Sort::Sponsor
    } else if words::is_award(text) {
        Sort::Award
    } else {
        Sort::Text
    }
}

impl Row {
    /// The time line of one talk, readable or not.
    pub fn is_talk_time(&self) -> bool {
        matches!(self.sort, Sort::Clock(Clock::Talk(..) | Clock::Unreadable))
    }

    /// Running text, which nothing but a list item or a paragraph can be.
    pub fn is_prose(&self) -> bool {
        let n_words = self.n_words();
        self.sort == Sort::Text
            && (self.bullet || n_words > TITLE_WORDS_MAX || (self.is_stopped() && n_words > STOPPED_TITLE_WORDS_MAX))
    }

    pub fn is_title_like(&self) -> bool {
        let opens = self.text.starts_with(|c: char| c.is_alphanumeric() || "\"'“‘«([{¿¡#$.@/<~*_".contains(c));
        self.sort == Sort::Text
            && !self.bullet
            && !self.is_prose()
            && opens
            && !self.text.ends_with([',', ';'])
            && !self.text.contains("[node:")
    }

    /// A short line that may be a track, a session or a room.
    pub fn is_heading_like(&self) -> bool {
        self.is_title_like()
            && self.n_words() <= HEADING_WORDS_MAX
            && !self.text.ends_with(['.', '!', '?', ':'])
            && !self.text.contains("://")
            && self.text.starts_with(|c: char| c.is_uppercase() || c.is_numeric() || "\"“‘'".contains(c))
    }

    /// Ends as sentences do.
    pub fn ends_sentence(&self) -> bool {
        self.text.trim_end_matches(CLOSERS).ends_with(['.', '!', '?'])
    }

    fn is_stopped(&self) -> bool {
        self.text.trim_end_matches(CLOSERS).ends_with('.')
    }

    pub fn n_words(&self) -> usize {
        self.text.split_whitespace().count()
    }
}

/// The next row in `from..to` that is not blank.
pub(super) fn next_row(rows: &[Row], from: usize, to: usize) -> Option<usize> {
    (from..to.min(rows.len())).find(|at| rows[*at].sort != Sort::Blank)
}

/// The last row in `from..to` that is not blank.
pub(super) fn last_row(rows: &[Row], from: usize, to: usize) -> Option<usize> {
    (from..to.min(rows.len())).rev().find(|at| rows[*at].sort != Sort::Blank)
}
