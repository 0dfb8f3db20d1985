//! Records → records: what follows from the records themselves rather than from their format.

mod topic;

use std::sync::LazyLock;

use crate::record::Record;

/// Made once: a collection is read a file at a time.
static LABELS: LazyLock<topic::Labels> = LazyLock::new(topic::Labels::new);

/// Fills what is derived, in this order.
pub fn enrich(records: &mut [Record]) {
    let mut analyzer = crate::text::analyzer::Analyzer::default();
    for record in records {
        record.topics = LABELS.of(record, &mut analyzer);
    }
}
