//! A tree's way through a segment, for those who count matches and those who rank them.

use tantivy::{DocId, DocSet, Score, TERMINATED, query::Scorer};

use super::{
    Tree,
    segment::{BATCH, Hits, Leaf, Scratch, Sum, narrow},
};

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
        let (hits, best) = (scratch.hits(), Hits::default());
        Ok(Run { tree, optional, optional_max, hits, best, scratch, next: 0, n_documents })
    }

    /// Goes on to the next documents that match, perhaps none; false at the end.
    pub fn next_batch(&mut self) -> bool {
        self.hits.clear();
        let from = self.next;
        self.next = self.n_documents.min(from + BATCH);
        self.tree.fill(from, self.next, &mut self.hits, &mut self.scratch);
        from < self.n_documents
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
    pub fn best(&mut self, least: Score, asked: impl Fn(DocId) -> bool) -> impl Iterator<Item = (DocId, Score)> {
        self.find_best(least, asked);
        self.best.iter()
    }

    #[expect(clippy::cast_possible_truncation, reason = "scores are of single precision")]
    fn find_best(&mut self, least: Score, asked: impl Fn(DocId) -> bool) {
        // Parts may have been added up in another order.
        let slack = 1.0 + 1e-12;
        let may_reach = |sum: Sum| ((sum + self.optional_max) * slack) as Score >= least;
        self.best.clear();
        for (doc, sum) in self.hits.sums() {
            if may_reach(sum) || asked(doc) {
                self.best.push(doc, sum);
            }
        }
        narrow(&mut self.best, &mut [], &mut self.optional, &mut [], &mut self.scratch);
    }

    /// All documents that match.
    pub(super) fn all(mut self) -> Hits {
        let mut all = Hits::default();
        while self.next_batch() {
            self.find_best(Score::NEG_INFINITY, |_| true);
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
