//! Schedules in YAML: lists of sessions as the sites of conferences keep them, beside lists of their speakers and the times
//! of their slots. `schedule/find.rs` finds the sessions by what they hold.

pub(super) mod tree;

use super::{
    Draft, Input, report,
    schedule::{self, find::find},
};

pub(super) fn recognise(input: &Input) -> bool {
    report::extension(input.path).is_some_and(|extension| matches!(&*extension, "yml" | "yaml"))
}

pub(super) fn parse(input: &Input) -> Draft {
    let (root, problems) = match tree::read_items(input.text) {
        Ok(found) => found,
        Err(problem) => return Draft { problems: vec![problem], ..Draft::default() },
    };
    let mut draft = Draft { problems, ..Draft::default() };
    let found = if root.is_array() || root.is_object() { find(&root) } else { Default::default() };
    if found.is_empty() {
        draft.is_page = draft.problems.is_empty();
        return draft;
    }
    schedule::draft(input, found, &mut draft);
    draft
}
