//! The documents that hold any of many words: a bit for each document of a segment.

use std::ops::Range;

use tantivy::{DocId, SegmentReader, Term, schema::IndexRecordOption};

/// Documents of one segment.
pub(super) struct Set {
    held: Vec<u64>,
    n_postings: u64,
}

const BITS: u32 = u64::BITS;

impl Set {
    /// Those that hold one of these terms of one field.
    pub fn open(segment: &SegmentReader, terms: &[Term]) -> tantivy::Result<Set> {
        let mut set = Set { held: vec![0; segment.max_doc().div_ceil(BITS) as usize], n_postings: 0 };
        let Some(first) = terms.first() else { return Ok(set) };
        let words = segment.inverted_index(first.field())?;
        for term in terms {
            let Some(mut postings) = words.read_block_postings(term, IndexRecordOption::Basic)? else { continue };
            set.n_postings += u64::from(postings.doc_freq());
            while !postings.docs().is_empty() {
                postings.docs().iter().for_each(|doc| set.held[(doc / BITS) as usize] |= 1 << (doc % BITS));
                postings.advance();
            }
        }
        Ok(set)
    }

    /// Of all terms together: no fewer than there are documents.
    pub fn n_postings(&self) -> u64 {
        self.n_postings
    }

    pub fn holds(&self, doc: DocId) -> bool {
        self.held[(doc / BITS) as usize] >> (doc % BITS) & 1 == 1
    }

    /// In order.
    pub fn within(&self, Range { start, end }: Range<DocId>) -> impl Iterator<Item = DocId> {
        let words = (start / BITS)..end.div_ceil(BITS);
        words.flat_map(move |word| {
            let base = word * BITS;
            let mut bits = self.held[word as usize] & (u64::MAX << start.saturating_sub(base));
            if end - base < BITS {
                bits &= (1 << (end - base)) - 1;
            }
            std::iter::from_fn(move || {
                let next = (bits != 0).then(|| base + bits.trailing_zeros());
                bits &= bits.wrapping_sub(1);
                next
            })
        })
    }
}
