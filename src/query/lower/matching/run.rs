//! A tree's way through a segment, for those who count matches and those who rank them.

use std::ops::Range;

use tantivy::{DocId, DocSet, Score, TERMINATED, query::Scorer};

use super::{
    Tree,
    segment::{BATCH, Hits, Leaf, Scratch, Sum, narrow},
};

/// Documents that are passed over at once where none of them is among the best.
const CHUNK: usize = 64;
/// Whether somebody asks for a document whatever it scores.
type Asked<'a> = &'a dyn Fn(DocId) -> bool;

/// What is lost at most where scores of single precision are added up, as a share.
const SLACK: Sum = 1e-5;

/// A tree on its way through a segment.
pub(crate) struct Run<'a> {
    tree: Tree<Leaf<'a>>,
    /// What of the tree adds to scores and is not required: it is asked about documents that may matter.
    optional: Vec<Tree<Leaf<'a>>>,
    /// The most that it adds.
    optional_max: Sum,
    /// Those of the batch at hand.
    hits: Hits,
    best: Hits,
    scratch: Scratch,
    next: DocId,
    n_documents: DocId,
}

impl<'a> Run<'a> {
    pub(super) fn new(mut tree: Tree<Leaf<'a>>, n_documents: DocId) -> tantivy::Result<Run<'a>> {
        tree.arrange(n_documents);
        tree.open(false)?;
        let optional = if let Tree::All { optional, .. } = &mut tree { std::mem::take(optional) } else { Vec::new() };
        let optional_max = optional.iter().map(Tree::max).sum();
        let mut scratch = Scratch::default();
        let (hits, best) = (scratch.hits(), scratch.hits());
        Ok(Run { tree, optional, optional_max, hits, best, scratch, next: 0, n_documents })
    }

    /// The documents that the next batch is of.
    pub fn ahead(&self) -> Range<DocId> {
        // The first batch is small: it tells what the best score, and so which of all others matter.
        let n = if self.next == 0 { BATCH / 16 } else { BATCH };
        self.next..self.n_documents.min(self.next + n)
    }

    /// Goes on to the next documents that match, perhaps none; false at the end. Those that score less than `least` are told
    /// of without their score: nobody may ask for them by less.
    pub fn next_batch(&mut self, least: Score) -> bool {
        self.hits.clear();
        let Range { start, end } = self.ahead();
        let least = self.without_optional(least);
        self.tree.fill((start, end), least, &mut self.hits, &mut self.scratch);
        self.next = end;
        start < end
    }

    /// The documents of the batch.
    pub fn docs(&self) -> &[DocId] {
        &self.hits.docs
    }

    /// Keeps those of the batch.
    pub fn retain(&mut self, mut keeps: impl FnMut(DocId) -> bool) {
        self.hits.keep(|_, doc, score| keeps(doc).then_some(score));
    }

    /// The documents of the batch that score `least` or more, and perhaps some others; and those that are `asked` for.
    pub fn best(&mut self, least: Score, asked: Option<Asked<'_>>) -> impl Iterator<Item = (DocId, Score)> {
        self.find_best(least, asked);
        self.best.iter()
    }

    fn find_best(&mut self, least: Score, asked: Option<Asked<'_>>) {
        let least = self.without_optional(least);
        self.best.clear();
        let docs = self.hits.docs.chunks(CHUNK);
        for (docs, sums) in docs.zip(self.hits.scores.chunks(CHUNK)) {
            // Mostly none of many.
            if asked.is_none() && sums.iter().filter(|sum| **sum >= least).count() == 0 {
                continue;
            }
            for (doc, sum) in docs.iter().zip(sums) {
                if *sum >= least || asked.is_some_and(|asked| asked(*doc)) {
                    self.best.push(*doc, *sum);
                }
            }
        }
        narrow(&mut self.best, &mut [], &mut self.optional, &mut [], &mut self.scratch);
    }

    /// What a document has to score that may score `least` with all that is optional.
    fn without_optional(&self, least: Score) -> Sum {
        Sum::from(least) * (1.0 - SLACK) - self.optional_max
    }

    /// All documents that match.
    pub(super) fn all(mut self) -> Hits {
        let mut all = Hits::default();
        while self.next_batch(Score::NEG_INFINITY) {
            self.find_best(Score::NEG_INFINITY, None);
            all.append(&mut self.best);
        }
        all
    }
}

/// All documents of a segment, for what tantivy asks one by one.
pub(super) struct HitsScorer {
    pub hits: Hits,
    pub boost: Score,
    pub at: usize,
}

impl DocSet for HitsScorer {
    fn advance(&mut self) -> DocId {
        self.at += 1;
        self.doc()
    }

    fn doc(&self) -> DocId {
        self.hits.docs.get(self.at).copied().unwrap_or(TERMINATED)
    }

    fn size_hint(&self) -> u32 {
        u32::try_from(self.hits.docs.len()).unwrap_or(u32::MAX)
    }
}

impl Scorer for HitsScorer {
    #[expect(clippy::cast_possible_truncation, reason = "scores are of single precision")]
    fn score(&mut self) -> Score {
        self.boost * self.hits.scores[self.at] as Score
    }
}
