//! Records → records: what follows from the records themselves rather than from their format.

mod topic;

use crate::record::Record;

/// Fills what is derived, in this order.
pub fn enrich(records: &mut [Record]) {
    let labels = topic::Labels::new();
    let mut analyzer = crate::text::analyzer::Analyzer::default();
    for record in records {
        record.topics = labels.of(record, &mut analyzer);
    }
}
