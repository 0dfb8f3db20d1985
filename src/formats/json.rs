//! Schedules in JSON: frab, pretalx, Sessionize, and lists of events or talks of any kind. `schedule/find.rs` finds the
//! sessions by what they hold.

use super::{
    Draft, Input,
    schedule::{self, find::find, tree},
};

pub(super) fn recognise(input: &Input) -> bool {
    let text = input.text.trim_start_matches('\u{feff}').trim();
    let is_named = input.path.to_lowercase().ends_with(".json");
    let braces = |open: char, close: char| text.starts_with(open) && (is_named || text.ends_with(close));
    braces('{', '}') || braces('[', ']')
}

pub(super) fn parse(input: &Input) -> Draft {
    let root = match tree::from_json(input.text) {
        Ok(root) => root,
        Err(problem) => return Draft { problems: vec![problem], ..Draft::default() },
    };
    let found = find(&root);
    let mut draft = Draft::default();
    if found.is_empty() {
        return Draft { is_page: true, ..draft };
    }
    schedule::draft(input, found, &mut draft);
    draft
}
