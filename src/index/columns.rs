//! Columns of segments, opened once: to open one reads what its blocks are like, which takes longer than a rare word's search.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tantivy::{
    SegmentReader,
    columnar::{Cardinality, ColumnValues, StrColumn},
    index::SegmentId,
};

use super::Index;

/// The columns that were asked for, of the segments that a reader has.
#[derive(Clone, Default)]
pub(crate) struct Columns(Arc<Mutex<Held>>);

#[derive(Default)]
struct Held {
    columns: HashMap<Key, Known>,
    /// Of columns that were read as a whole: the ordinal of each document's value.
    ordinals: HashMap<Key, Arc<Vec<u32>>>,
}

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
        *self.held() = Held::default();
    }

    fn known(&self, segment: &SegmentReader, name: &'static str) -> Option<Known> {
        self.held().columns.get(&(segment.segment_id(), name)).cloned()
    }

    fn keep(&self, segment: &SegmentReader, name: &'static str, column: Known) {
        self.held().columns.insert((segment.segment_id(), name), column);
    }

    /// What [`Columns::keep_ordinals`] was given.
    pub(super) fn ordinals(&self, segment: SegmentId, name: &'static str) -> Option<Arc<Vec<u32>>> {
        self.held().ordinals.get(&(segment, name)).cloned()
    }

    pub(super) fn keep_ordinals(&self, segment: SegmentId, name: &'static str, by_doc: Arc<Vec<u32>>) {
        self.held().ordinals.insert((segment, name), by_doc);
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Index {
    /// The columns of the segments that searches read.
    pub(crate) fn columns(&self) -> &Columns {
        &self.columns
    }
}
