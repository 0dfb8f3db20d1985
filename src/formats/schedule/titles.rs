//! What organisers write before or behind a title that is none of it: that the session is cancelled, or was moved; and titles
//! that name no talk.

use super::{Entry, settle};
use crate::{formats::usenix::words, text::analyzer::folded};

/// Words of announcements, in small letters, and the state that a session has by them.
#[rustfmt::skip]
const ANNOUNCEMENTS: &[(&str, Option<&str>)] = &[
    ("cancelled", Some("cancelled")), ("canceled", Some("cancelled")), ("cancellation", Some("cancelled")),
    ("abgesagt", Some("cancelled")), ("entfällt", Some("cancelled")), ("annulé", Some("cancelled")),
    ("cancelado", Some("cancelled")), ("cancelada", Some("cancelled")), ("annullato", Some("cancelled")),
    ("geannuleerd", Some("cancelled")),
    ("postponed", Some("postponed")), ("verschoben", Some("postponed")), ("reporté", Some("postponed")),
    ("moved", None), ("rescheduled", None), ("amendment", None), ("amended", None), ("updated", None), ("new time", None),
    ("new room", None), ("time change", None), ("room change", None), ("replacement", None),
];
/// Types that are no talk.
const BREAK_TYPES: &[&str] =
    &["break", "pause", "lunch", "coffee", "registration", "service session", "meal", "changeover"];
/// Titles of slots that have no talk yet, folded.
const OPEN_TITLES: &[&str] =
    &["tba", "tbd", "tbc", "t.b.a", "t.b.d", "to be announced", "to be determined", "to be confirmed"];
/// A title has no more of them.
const ANNOUNCEMENTS_MAX: usize = 4;
/// What sets an announcement apart from a title.
const SIGNS: &[char] = &['*', '[', ']', '(', ')', ':', '-', '–', '—', '!', '~', '|', ' '];

/// A title without announcements, which may be nothing, and the state they tell.
pub(super) fn announced(title: &str) -> (&str, Option<&'static str>) {
    let (mut rest, mut state) = (title.trim(), None);
    for _ in 0..ANNOUNCEMENTS_MAX {
        let Some((shorter, found)) = before(rest).or_else(|| behind(rest)) else { break };
        state = state.or(found);
        rest = shorter;
    }
    (rest, state)
}

/// Whether a session is a break, a meal, a slot that has no talk yet.
pub(super) fn is_break(entry: &Entry) -> bool {
    let kind = entry.kind.as_deref().map(folded).unwrap_or_default();
    let is_nobodys = entry.people.is_empty() && !entry.extra.contains_key(settle::GROUPS_KEY);
    let is_empty = is_nobodys && entry.texts.iter().all(|text| text.split_whitespace().count() < 12);
    let is_open = OPEN_TITLES.contains(&folded(&entry.title).trim_end_matches(['.', '!', '…']));
    let is_pause = || words::is_pause_only(&entry.title) || BREAK_TYPES.iter().any(|word| kind.contains(word));
    entry.is_break || (is_empty && (is_open || is_pause()))
}

/// "CANCELLED: a title", "[Moved] a title", "CANCELLED a title".
fn before(title: &str) -> Option<(&str, Option<&'static str>)> {
    let text = title.trim_start_matches(SIGNS);
    let marks = &title[..title.len() - text.len()];
    let (n_bytes, state) = ANNOUNCEMENTS.iter().find_map(|(word, state)| Some((begins(text, word)?, *state)))?;
    let after = &text[n_bytes..];
    let rest = after.trim_start_matches(SIGNS);
    let signs = &after[..after.len() - rest.len()];
    let is_word = rest.is_empty() || !signs.is_empty();
    let is_apart = signs.contains(|c| c != ' ') || rest.is_empty() || rest.contains(char::is_lowercase);
    let is_loud = !text[..n_bytes].contains(char::is_lowercase) && is_apart;
    let is_bracketed = marks.contains(['[', '(', '*']) && signs.contains([']', ')', '*']);
    // "Cancelled: how it feels" may be a talk's own title, and in schedules never is; "Moved: …" may.
    let is_labelled = state.is_some() && signs.starts_with([':', '!']);
    (is_word && (is_loud || is_bracketed || is_labelled)).then_some((rest, state))
}

/// "A title (cancelled)", "A title - CANCELLED".
fn behind(title: &str) -> Option<(&str, Option<&'static str>)> {
    let text = title.trim_end_matches(SIGNS);
    let signs = &title[text.len()..];
    let (from, state) = ANNOUNCEMENTS.iter().find_map(|(word, state)| {
        let from = text.char_indices().rev().nth(word.chars().count() - 1)?.0;
        (begins(&text[from..], word)? == text.len() - from).then_some((from, *state))
    })?;
    let rest = text[..from].trim_end_matches(SIGNS);
    let marks = &text[rest.len()..from];
    let is_apart = marks.contains(|c| c != ' ') || (!marks.is_empty() && rest.contains(char::is_lowercase));
    let is_loud = !text[from..].contains(char::is_lowercase) && is_apart;
    let is_bracketed = marks.contains(['[', '(', '*']) && signs.contains([']', ')', '*']);
    (is_loud || is_bracketed).then_some((rest, state))
}

/// How many bytes of a text are a word, whatever its case.
fn begins(text: &str, word: &str) -> Option<usize> {
    let end = text.char_indices().nth(word.chars().count()).map_or(text.len(), |(at, _)| at);
    (text[..end].to_lowercase() == word).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::announced;

    #[test]
    fn announcements_are_no_part_of_a_title() {
        for (title, expected, state) in [
            ("CANCELLED: A title", "A title", Some("cancelled")),
            ("CANCELED A title", "A title", Some("cancelled")),
            ("CANCELLED - A title CANCELLED", "A title", Some("cancelled")),
            ("[CANCELED] A title", "A title", Some("cancelled")),
            ("**Cancelled** A title", "A title", Some("cancelled")),
            ("Cancelled: A title", "A title", Some("cancelled")),
            ("A title (cancelled)", "A title", Some("cancelled")),
            ("ABGESAGT: Ein Titel", "Ein Titel", Some("cancelled")),
            ("A title: *RESCHEDULED*", "A title", None),
            ("MOVED: A title", "A title", None),
            ("[AMENDMENT] A title", "A title", None),
            ("AMENDMENT A title", "A title", None),
            ("CANCELLED", "", Some("cancelled")),
            ("*RESCHEDULED*", "", None),
            ("Cancelled meetings and how to love them", "Cancelled meetings and how to love them", None),
            ("Moved: a story", "Moved: a story", None),
            ("CANCELLEDNESS as a service", "CANCELLEDNESS as a service", None),
            ("Discussion (original talk cancelled)", "Discussion (original talk cancelled)", None),
            ("HOW WE MOVED", "HOW WE MOVED", None),
            ("Moving (slowly)", "Moving (slowly)", None),
            ("(amd64) assembly", "(amd64) assembly", None),
            ("ÉÀ", "ÉÀ", None),
        ] {
            assert_eq!(announced(title), (expected, state), "{title}");
        }
    }
}
