//! To be written.

use super::{Draft, Input};

pub(super) fn recognise(_input: &Input) -> bool {
    false
}

pub(super) fn parse(_input: &Input) -> Draft {
    Draft::default()
}
