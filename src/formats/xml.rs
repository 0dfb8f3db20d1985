//! Schedules in XML: Pentabarf, frab, pretalx, and others that list sessions as elements. `schedule/find.rs` finds them by
//! what they hold.

use super::{
    Draft, Input,
    schedule::{self, find::find, tree},
};

pub(super) fn recognise(input: &Input) -> bool {
    let head = input.text.trim_start_matches('\u{feff}').trim_start();
    let starts = head.starts_with("<?xml") || head.strip_prefix('<').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
    let lower = head.get(..200).unwrap_or(head).to_ascii_lowercase();
    starts && !lower.contains("<!doctype html") && !lower.contains("<html") && (head.starts_with("<?xml") || input.path.to_lowercase().ends_with(".xml"))
}

pub(super) fn parse(input: &Input) -> Draft {
    let (root, problem) = tree::from_xml(input.text);
    let found = find(&root);
    let mut draft = Draft::default();
    if found.is_empty() {
        return Draft { is_page: true, ..draft };
    }
    draft.problems.extend(problem);
    schedule::draft(input, found, &mut draft);
    draft
}
