//! Cuts a report into passages.

use crate::record::Passage;

/// The passages of a text without structure.
pub(super) fn cut_text(text: &str) -> Vec<Passage> {
    vec![Passage { text: text.to_owned(), ..Passage::default() }]
}
