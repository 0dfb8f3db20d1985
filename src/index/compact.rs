//! Keeps segments few: a step of its own after a commit, so that no commit waits for a merge.

use std::collections::BTreeSet;

use super::{Index, Writer};
use crate::error::{Error, ErrorKind, Result};

/// Segments that an index has at most, a commit's own among them.
pub const SEGMENTS_MAX: usize = 8;
/// Documents up to which segments are always put together: merging them takes no time to speak of.
const SMALL: u64 = 1_000;
/// A segment is merged with smaller ones once it has no more than so many times their documents: then the segments
/// that stay differ by that factor at least, and a document is merged about so many times log(index) / log(factor) times.
const FACTOR: u64 = 4;
/// Deleted documents in a hundred of a segment, above which it is written anew: they take room, and count in BM25's
/// statistics until then.
const DELETED_PERCENT_MAX: u64 = 5;

/// Documents of one segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Size {
    alive: u64,
    deleted: u64,
}

impl Size {
    fn all(self) -> u64 {
        self.alive + self.deleted
    }
}

/// Which segments to merge into one; none where all is well.
fn choose(sizes: &[Size]) -> BTreeSet<usize> {
    let mut by_size: Vec<usize> = (0..sizes.len()).collect();
    by_size.sort_by_key(|n| (sizes[*n].all(), *n));
    let mut chosen = BTreeSet::new();
    let mut sum = 0;
    for n in &by_size {
        let size = sizes[*n].all();
        if !chosen.is_empty() && size > SMALL && size > FACTOR * sum {
            break;
        }
        chosen.insert(*n);
        sum += size;
    }
    if chosen.len() == 1 {
        chosen.clear();
    }
    chosen.extend((0..sizes.len()).filter(|n| sizes[*n].deleted * 100 > sizes[*n].all() * DELETED_PERCENT_MAX));
    // The next commit has to have room.
    for n in by_size {
        if sizes.len() + 1 - chosen.len().max(1) < SEGMENTS_MAX {
            break;
        }
        chosen.insert(n);
    }
    chosen
}

impl Index {
    /// Merges segments where there are too many, or too many deleted documents: one merge, bounded by what the smaller
    /// segments hold. A search sees the same records before, during and after it. When another process is writing, it
    /// is left to that one.
    ///
    /// # Errors
    /// `Io`, `Index`: the index answers as before, and the next step tries again.
    pub fn compact(&self) -> Result<()> {
        self.reload()?;
        if choose(&self.segment_sizes()).is_empty() {
            return Ok(());
        }
        match self.writer() {
            Err(error) if error.kind() == ErrorKind::Busy => Ok(()),
            other => other?.compact(),
        }
    }

    /// Writes the segments with deleted documents anew where something was removed and may still lie there, so that
    /// nothing of it is left on the disk.
    ///
    /// # Errors
    /// `Busy`, `Io`, `Index`: the next batch tries again.
    pub(crate) fn expunge(&self) -> Result<()> {
        self.reload()?;
        if !self.catalog()?.is_expunging {
            return Ok(());
        }
        self.writer()?.expunge()?;
        let mut writer = self.writer()?;
        writer.has_expunged();
        writer.commit()?;
        self.reload()
    }

    pub fn n_segments(&self) -> usize {
        self.searcher().segment_readers().len()
    }

    fn segment_sizes(&self) -> Vec<Size> {
        let searcher = self.searcher();
        let size = |segment: &tantivy::SegmentReader| Size {
            alive: u64::from(segment.num_docs()),
            deleted: u64::from(segment.num_deleted_docs()),
        };
        searcher.segment_readers().iter().map(size).collect()
    }

    /// Whether the next commit would make more segments than there may be.
    pub(super) fn is_crowded(&self) -> bool {
        self.n_segments() >= SEGMENTS_MAX
    }
}

impl Writer<'_> {
    /// [`Index::compact`] with the lock in hand; a batch that was not committed is discarded.
    ///
    /// # Errors
    /// As [`Index::compact`].
    pub fn compact(self) -> Result<()> {
        let chosen = choose(&self.index.segment_sizes());
        self.merge(|n| chosen.contains(&n))
    }

    /// Merges all segments into one without deleted documents; a batch that was not committed is discarded.
    ///
    /// # Errors
    /// As [`Index::compact`].
    pub fn merge_all(self) -> Result<()> {
        let sizes = self.index.segment_sizes();
        let is_one = sizes.len() == 1 && sizes[0].deleted == 0;
        self.merge(|_| !is_one)
    }

    fn expunge(self) -> Result<()> {
        let sizes = self.index.segment_sizes();
        self.merge(|n| sizes[n].deleted > 0)
    }

    fn merge(mut self, is_chosen: impl Fn(usize) -> bool) -> Result<()> {
        let failed = |error| {
            let error = self.index.error(error);
            Error::new(error.kind(), "the segments of the index can't be merged").because(error)
        };
        let searcher = self.index.searcher();
        let segments = searcher.segment_readers().iter().enumerate();
        let ids: Vec<_> = segments.filter(|(n, _)| is_chosen(*n)).map(|(_, segment)| segment.segment_id()).collect();
        drop(searcher);
        if !ids.is_empty() {
            self.tantivy.merge(&ids).wait().map_err(failed)?;
        }
        self.index.reload()?;
        self.index.sweep()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sizes(all: &[(u64, u64)]) -> Vec<Size> {
        all.iter().map(|(alive, deleted)| Size { alive: *alive, deleted: *deleted }).collect()
    }

    fn chosen(all: &[(u64, u64)]) -> Vec<usize> {
        choose(&sizes(all)).into_iter().collect()
    }

    #[test]
    fn one_segment_stays_until_its_deletions_count() {
        assert_eq!(chosen(&[]), [0; 0]);
        assert_eq!(chosen(&[(100, 0)]), [0; 0]);
        assert_eq!(chosen(&[(95, 5)]), [0; 0]);
        assert_eq!(chosen(&[(94, 6)]), [0]);
    }

    #[test]
    fn a_bulk_load_becomes_one_segment() {
        assert_eq!(chosen(&[(40_000, 0), (38_000, 0), (12_000, 0)]), [0, 1, 2]);
    }

    #[test]
    fn a_small_commit_leaves_a_large_segment_alone() {
        assert_eq!(chosen(&[(90_000, 10), (20, 0)]), [0; 0]);
        assert_eq!(chosen(&[(90_000, 10), (900, 0), (20, 0)]), [1, 2]);
    }

    #[test]
    fn there_is_always_room_for_the_next_commit_and_little_work() {
        for batch in [1_u64, 30, 1_500] {
            let mut segments: Vec<u64> = Vec::new();
            let (mut written, mut n) = (0, 0);
            while n < 400_000.min(batch * 20_000) {
                n += batch;
                segments.push(batch);
                assert!(segments.len() <= SEGMENTS_MAX, "{segments:?}");
                let all: Vec<_> = segments.iter().map(|n| (*n, 0)).collect();
                let merged = choose(&sizes(&all));
                if !merged.is_empty() {
                    let sum: u64 = merged.iter().map(|n| segments[*n]).sum();
                    written += sum;
                    segments = (0..segments.len()).filter(|n| !merged.contains(n)).map(|n| segments[n]).collect();
                    segments.push(sum);
                }
            }
            let small = (SMALL / batch).max(1);
            assert!(written / n < 12 + small, "{batch}: every document was written {} times", written / n);
        }
    }
}
