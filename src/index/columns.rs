//! Columns of segments, opened once: to open one reads what its blocks are like, which takes longer than a rare word's search.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use tantivy::{
    SegmentReader,
    columnar::{Cardinality, ColumnValues, StrColumn},
    index::SegmentId,
};

use super::Index;

/// The columns that were asked for, of the segments that a reader has.
#[derive(Clone, Default)]
pub(crate) struct Columns(Arc<Mutex<HashMap<Key, Known>>>);

type Key = (SegmentId, &'static str);

#[derive(Clone)]
enum Known {
    Numbers(Arc<dyn ColumnValues<u64>>),
    /// Null where no document has a value.
    Texts(Option<StrColumn>),
}

impl Columns {
    /// One number for each document; 0 where there is none.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn numbers(&self, segment: &SegmentReader, name: &'static str) -> tantivy::Result<Arc<dyn ColumnValues<u64>>> {
        if let Some(Known::Numbers(known)) = self.known(segment, name) {
            return Ok(known);
        }
        let column = segment.fast_fields().u64(name)?;
        // Where each document has one there is no need to ask whether it has.
        let is_full = column.get_cardinality() == Cardinality::Full;
        let column = if is_full { column.values } else { column.first_or_default_col(0) };
        self.keep(segment, name, Known::Numbers(Arc::clone(&column)));
        Ok(column)
    }

    /// Any number of texts for each document.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn texts(&self, segment: &SegmentReader, name: &'static str) -> tantivy::Result<Option<StrColumn>> {
        if let Some(Known::Texts(known)) = self.known(segment, name) {
            return Ok(known);
        }
        let column = segment.fast_fields().str(name)?;
        self.keep(segment, name, Known::Texts(column.clone()));
        Ok(column)
    }

    /// Forgets all: segments may be gone.
    pub fn clear(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    fn known(&self, segment: &SegmentReader, name: &'static str) -> Option<Known> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(segment.segment_id(), name)).cloned()
    }

    fn keep(&self, segment: &SegmentReader, name: &'static str, column: Known) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((segment.segment_id(), name), column);
    }
}

impl Index {
    /// The columns of the segments that searches read.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }
}
