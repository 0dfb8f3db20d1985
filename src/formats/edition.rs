//! Which edition of which series a text names.

use crate::record::Edition;

/// An edition named in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    pub edition: Edition,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
}

/// The editions that `text` names, in its order.
pub fn find_editions(_text: &str) -> Vec<Mention> {
    Vec::new()
}

/// The edition that the given names and year describe; null when neither names a series.
pub(super) fn resolve(_edition: Option<&str>, _series: Option<&str>, _year: Option<u16>) -> Option<Edition> {
    None
}
