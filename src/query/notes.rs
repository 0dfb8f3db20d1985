//! What there is to say about how a query was read, and where in it.

use std::fmt;

use crate::error::{Error, ErrorKind};

/// Notes on one query; what is wrong with more of it is the same again.
const NOTES_MAX: usize = 16;

/// Something that was read otherwise than it looks.
#[derive(Debug)]
pub(super) struct Note {
    /// The byte of the query at which it begins.
    at: usize,
    what: String,
    /// What became of it.
    outcome: &'static str,
    /// What may have been meant.
    hint: Option<String>,
}

pub(super) const AS_TEXT: &str = "read as text";
pub(super) const LEFT_OUT: &str = "left out";

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.outcome)?;
        self.hint.iter().try_for_each(|hint| write!(f, "; {hint}"))
    }
}

/// Places that are looked at for notes: at more of them it is the same again, and a query of nothing else stays quick.
const PLACES_MAX: usize = 256;

/// In the order in which they were found; at most [`NOTES_MAX`].
#[derive(Debug, Default)]
pub(super) struct Notes {
    notes: Vec<Note>,
    n_places: usize,
}

impl Notes {
    /// `say` gives what it is and what may have been meant; it is not asked where there are notes enough.
    pub fn add(&mut self, at: usize, outcome: &'static str, say: impl FnOnce() -> (String, Option<String>)) {
        self.n_places += 1;
        if self.notes.len() == NOTES_MAX || self.n_places > PLACES_MAX {
            return;
        }
        let (what, hint) = say();
        if self.notes.iter().all(|note| note.what != what) {
            self.notes.push(Note { at, what, outcome, hint });
        }
    }

    /// As [`Notes::add`], where nothing else can have been meant.
    pub fn tell(&mut self, at: usize, outcome: &'static str, what: impl fmt::Display) {
        self.add(at, outcome, || (what.to_string(), None));
    }

    /// In the order of the query.
    pub fn texts(&mut self) -> Vec<String> {
        self.notes.sort_by_key(|note| note.at);
        self.notes.iter().map(ToString::to_string).collect()
    }

    /// The first of the query as an error that shows the place.
    pub fn first_fault(&self, query: &str) -> Option<Error> {
        let note = self.notes.iter().min_by_key(|note| note.at)?;
        let nth = query[..note.at].chars().count() + 1;
        let message = format!("{}, at character {nth} of the query", note.what);
        let tolerated = format!("without --strict it is {}", note.outcome);
        let hint = note.hint.as_ref().map_or(tolerated.clone(), |hint| format!("{hint} {tolerated}"));
        Some(Error::new(ErrorKind::Usage, message).hint(hint).in_text(query, note.at))
    }
}
