//! Schedules in JSON: frab, pretalx, Sessionize, and lists of events or talks of any kind. `schedule/find.rs` finds the
//! sessions by what they hold.

use super::{
    Draft, Input,
    schedule::{self, tree::json},
};

pub(super) fn recognise(input: &Input) -> bool {
    let is_named = input.path.to_lowercase().ends_with(".json");
    let start = if is_named { json::behind_space(input.text, 0) } else { 0 };
    let text = input.text[start..].trim_start_matches('\u{feff}').trim();
    let braces = |open: char, close: char| text.starts_with(open) && (is_named || text.ends_with(close));
    // Templates of pages begin so, too.
    let is_template = text.starts_with("{%") || text.starts_with("{{");
    !is_template && (braces('{', '}') || braces('[', ']'))
}

pub(super) fn parse(input: &Input) -> Draft {
    schedule::find::draft(input, json::read(input.text))
}
