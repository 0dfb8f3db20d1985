//! The same talk at several editions as one hit: the best of them stands for the others.

use std::collections::HashSet;

use tantivy::{Searcher, SegmentReader, columnar::Column};

use super::rank::Ranked;
use crate::index::schema::internal;

/// Tells, hit by hit in order, which of them another stands for.
pub(super) struct Folder {
    /// By segment: the hits' own keys and, where there are some, those of the same talk elsewhere.
    columns: Vec<(Column<u64>, Column<u64>)>,
    shown: HashSet<u64>,
}

impl Folder {
    /// Null where no talk was given twice.
    pub fn new(searcher: &Searcher) -> tantivy::Result<Option<Self>> {
        let column = |segment: &SegmentReader, name| segment.fast_fields().u64(name);
        let columns = |segment| Ok((column(segment, internal::PARENT)?, column(segment, internal::ALSO_AT)?));
        let columns = searcher.segment_readers().iter().map(columns).collect::<tantivy::Result<Vec<_>>>()?;
        let has_any = columns.iter().any(|(_, also_at)| also_at.values.num_vals() > 0);
        Ok(has_any.then(|| Folder { columns, shown: HashSet::new() }))
    }

    /// Whether a hit before this one stands for it.
    pub fn folds(&mut self, ranked: &Ranked) -> bool {
        let (own, also_at) = &self.columns[ranked.address.segment_ord as usize];
        let doc = ranked.address.doc_id;
        if also_at.values_for_doc(doc).any(|key| self.shown.contains(&key)) {
            return true;
        }
        self.shown.extend(own.first(doc));
        false
    }
}
