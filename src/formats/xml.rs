//! Schedules in XML: Pentabarf, frab, pretalx, and others that list sessions as elements. `schedule/find.rs` finds them by
//! what they hold.

use super::{
    Draft, Input,
    schedule::{self, tree::xml},
};
use crate::text::html::BLOCKS;

/// Where a file says that it is HTML.
const HEAD_BYTES: usize = 400;

pub(super) fn recognise(input: &Input) -> bool {
    let text = input.text.trim_start_matches('\u{feff}').trim();
    let head = text.get(..HEAD_BYTES).unwrap_or(text).to_ascii_lowercase();
    if head.contains("<!doctype html") || head.contains("<html") {
        return false;
    }
    // A declaration, a file's name, or an element around everything.
    let root = text
        .strip_prefix('<')
        .map(|rest| &rest[..rest.find(|c: char| !c.is_alphanumeric() && !"_-:".contains(c)).unwrap_or(0)]);
    let is_html = |root: &str| BLOCKS.contains(&root.to_ascii_lowercase().as_str());
    let encloses = |root: &str| !root.is_empty() && !is_html(root) && text.ends_with(&format!("</{root}>"));
    text.starts_with("<?xml")
        || (root.is_some() && input.path.to_lowercase().ends_with(".xml"))
        || root.is_some_and(encloses)
}

pub(super) fn parse(input: &Input) -> Draft {
    schedule::find::draft(input, xml::read(input.text))
}
