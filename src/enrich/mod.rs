//! Records → records: what follows from the records themselves rather than from their format.

mod topic;

use std::sync::LazyLock;

use crate::record::Record;

/// Made once: a collection is read a file at a time.
static LABELS: LazyLock<topic::Labels> = LazyLock::new(topic::Labels::new);

/// Holds what is worth keeping from one file to the next; make one for each thread.
#[derive(Default)]
pub struct Enricher {
    reading: topic::Reading,
}

impl Enricher {
    /// Fills what is derived.
    pub fn enrich(&mut self, records: &mut [Record]) {
        for record in records {
            record.topics = LABELS.of(record, &mut self.reading);
        }
    }
}
