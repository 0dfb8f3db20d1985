//! Passages of reports and transcripts, which are documents of their own.

use std::{ops::Range, sync::Arc};

use tantivy::{DocId, SegmentReader, columnar::ColumnValues};

use crate::index::{columns::Columns, schema::internal};

/// Which documents are passages, and of what.
pub(super) struct Passages {
    is_one: Arc<dyn ColumnValues<u64>>,
    pub parent: Arc<dyn ColumnValues<u64>>,
}

impl Passages {
    /// Null where no document is one.
    pub fn of(segment: &SegmentReader, columns: &Columns) -> tantivy::Result<Option<Passages>> {
        let number = |name| columns.numbers(segment, name);
        let is_one = number(internal::IS_PASSAGE)?;
        if is_one.max_value() == 0 {
            return Ok(None);
        }
        Ok(Some(Passages { is_one, parent: number(internal::PARENT)? }))
    }

    /// Those of a range, in order.
    pub fn within(&self, docs: Range<DocId>, passages: &mut Vec<DocId>) {
        passages.clear();
        self.is_one.get_row_ids_for_value_range(1..=1, docs, passages);
    }
}
