//! Matches within one segment, batch by batch.
//!
//! A part of a tree is either *filled*, giving all of its documents of a range, or *probed*, telling of given documents
//! which it matches. It is always the one or always the other, and ranges and documents only ever go up.

use std::sync::Arc;

use tantivy::{
    DocId, DocSet, Score, SeekDangerResult, SegmentReader, Term,
    query::{Scorer, Weight},
};

use super::{
    Together, Tree,
    set::Set,
    term::{Norms, TermCursor},
    union::{Table, Union},
};

/// Documents of a batch: so many that what is known of each stays in the nearest cache.
pub(super) const BATCH: DocId = 4096;
/// A score on its way: the sum of a few scores of single precision comes out the same in any order, so that it does not
/// depend on which part of a conjunction led in a segment.
pub(super) type Sum = f64;
/// In the place of a score, where a document does not match.
pub(super) const NONE: Sum = Sum::NEG_INFINITY;

/// Documents in order, and what each scores.
#[derive(Default)]
pub(super) struct Hits {
    pub docs: Vec<DocId>,
    pub scores: Vec<Sum>,
}

impl Hits {
    #[expect(clippy::cast_possible_truncation, reason = "scores are of single precision")]
    pub(super) fn iter(&self) -> impl Iterator<Item = (DocId, Score)> {
        self.sums().map(|(doc, sum)| (doc, sum as Score))
    }

    pub(super) fn sums(&self) -> impl Iterator<Item = (DocId, Sum)> {
        self.docs.iter().copied().zip(self.scores.iter().copied())
    }

    pub(super) fn push(&mut self, doc: DocId, score: Sum) {
        self.docs.push(doc);
        self.scores.push(score);
    }

    pub(super) fn append(&mut self, other: &mut Hits) {
        if self.docs.is_empty() {
            std::mem::swap(self, other);
            return;
        }
        self.docs.append(&mut other.docs);
        self.scores.append(&mut other.scores);
    }

    pub(super) fn clear(&mut self) {
        self.docs.clear();
        self.scores.clear();
    }

    /// Keeps those documents of which `keep` gives a score, being told their place.
    pub(super) fn keep(&mut self, mut keep: impl FnMut(usize, DocId, Sum) -> Option<Sum>) {
        let mut n = 0;
        for at in 0..self.docs.len() {
            if let Some(score) = keep(at, self.docs[at], self.scores[at]) {
                (self.docs[n], self.scores[n]) = (self.docs[at], score);
                n += 1;
            }
        }
        self.docs.truncate(n);
        self.scores.truncate(n);
    }
}

/// Buffers that are kept from batch to batch.
#[derive(Default)]
pub(super) struct Scratch {
    hits: Vec<Hits>,
    sums: Vec<Vec<Sum>>,
    tables: Vec<Table>,
}

impl Scratch {
    /// An empty list with room for a batch.
    pub(super) fn hits(&mut self) -> Hits {
        let new = || Hits { docs: Vec::with_capacity(BATCH as usize), scores: Vec::with_capacity(BATCH as usize) };
        self.hits.pop().unwrap_or_else(new)
    }

    /// Takes one back; one without room would have to grow again.
    pub(super) fn keep(&mut self, mut hits: Hits) {
        if hits.docs.capacity() >= BATCH as usize {
            hits.clear();
            self.hits.push(hits);
        }
    }

    fn sums(&mut self) -> Vec<Sum> {
        self.sums.pop().unwrap_or_default()
    }

    pub(super) fn table(&mut self, from: DocId, to: DocId) -> Table {
        let mut table = self.tables.pop().unwrap_or_default();
        table.reset(from, to);
        table
    }

    pub(super) fn keep_table(&mut self, table: Table) {
        self.tables.push(table);
    }
}

/// What a tree is made of in one segment.
pub(super) enum Leaf<'a> {
    Term(Box<TermCursor>),
    AnyOf(Set),
    Other(Other<'a>),
    Everything,
    Nothing,
}

/// A query of tantivy's.
pub(super) struct Other<'a> {
    weight: &'a dyn Weight,
    segment: &'a SegmentReader,
    cost: u64,
    /// Null until it is known whether it is filled or probed: a phrase that is filled looks for its first match.
    scorer: Option<Box<dyn Scorer>>,
    /// The document that it stands at, where it is probed and matches it.
    found: Option<DocId>,
    /// No other document before this one matches.
    bound: DocId,
}

impl<'a> Leaf<'a> {
    pub fn term(segment: &SegmentReader, term: &Term, weight: Score, norms: Arc<Norms>) -> tantivy::Result<Leaf<'a>> {
        let cursor = TermCursor::open(segment, term, weight, norms)?;
        Ok(cursor.map_or(Leaf::Nothing, |cursor| Leaf::Term(Box::new(cursor))))
    }

    /// With `cost` the documents that are looked at, where that is known beforehand.
    pub fn other(weight: &'a dyn Weight, segment: &'a SegmentReader, cost: Option<u64>) -> tantivy::Result<Leaf<'a>> {
        let scorer = if cost.is_none() { Some(weight.scorer(segment, 1.0)?) } else { None };
        let cost = cost.or(scorer.as_ref().map(DocSet::cost)).unwrap_or(0);
        let bound = scorer.as_ref().map_or(0, DocSet::doc);
        Ok(Leaf::Other(Other { weight, segment, cost, scorer, found: None, bound }))
    }

    fn cost(&self, n_documents: DocId) -> u64 {
        match self {
            Leaf::Term(cursor) => cursor.n_documents(),
            Leaf::AnyOf(set) => set.n_postings().min(n_documents.into()),
            Leaf::Other(other) => other.cost,
            Leaf::Everything => u64::from(n_documents),
            Leaf::Nothing => 0,
        }
    }

    fn fill(&mut self, from: DocId, to: DocId, least: Sum, hits: &mut Hits) {
        match self {
            Leaf::Term(cursor) => cursor.fill(to, least, hits),
            Leaf::AnyOf(set) => set.within(from..to).for_each(|doc| hits.push(doc, 1.0)),
            Leaf::Other(other) => other.fill(to, hits),
            Leaf::Everything => (from..to).for_each(|doc| hits.push(doc, 1.0)),
            Leaf::Nothing => {}
        }
    }

    fn probe(&mut self, docs: &[DocId], scores: &mut Vec<Sum>) {
        match self {
            Leaf::Term(cursor) => scores.extend(docs.iter().map(|doc| cursor.probe(*doc))),
            Leaf::AnyOf(set) => scores.extend(docs.iter().map(|doc| if set.holds(*doc) { 1.0 } else { NONE })),
            Leaf::Other(other) => scores.extend(docs.iter().map(|doc| other.probe(*doc))),
            Leaf::Everything => scores.extend(docs.iter().map(|_| 1.0)),
            Leaf::Nothing => scores.extend(docs.iter().map(|_| NONE)),
        }
    }
}

impl Other<'_> {
    fn open(&mut self, is_probed: bool) -> tantivy::Result<()> {
        if self.scorer.is_some() {
            return Ok(());
        }
        self.scorer = Some(if is_probed {
            let (at, scorer) = self.weight.scorer_danger(self.segment, 0, 1.0)?;
            self.stand(at, 0);
            scorer
        } else {
            self.weight.scorer(self.segment, 1.0)?
        });
        Ok(())
    }

    fn stand(&mut self, at: SeekDangerResult, doc: DocId) {
        match at {
            SeekDangerResult::Found => self.found = Some(doc),
            SeekDangerResult::SeekLowerBound(bound) => self.bound = bound,
        }
    }

    fn fill(&mut self, to: DocId, hits: &mut Hits) {
        let Some(scorer) = &mut self.scorer else { return };
        let mut doc = scorer.doc();
        while doc < to {
            hits.push(doc, scorer.score().into());
            doc = scorer.advance();
        }
    }

    /// By tantivy's `seek_danger`, which does not look for the next match; it may be asked neither twice for a document nor
    /// for one that it has ruled out.
    fn probe(&mut self, doc: DocId) -> Sum {
        if self.found != Some(doc) && doc >= self.bound {
            self.found = None;
            let at = self.scorer.as_mut().map(|scorer| scorer.seek_danger(doc));
            at.into_iter().for_each(|at| self.stand(at, doc));
        }
        match &mut self.scorer {
            Some(scorer) if self.found == Some(doc) => scorer.score().into(),
            _ => NONE,
        }
    }
}

impl Tree<Leaf<'_>> {
    fn cost(&self, n_documents: DocId) -> u64 {
        let sum = |trees: &[Tree<Leaf<'_>>]| trees.iter().map(|tree| tree.cost(n_documents)).sum();
        match self {
            Tree::Leaf(leaf) => leaf.cost(n_documents),
            Tree::Any { of, .. } => sum(of),
            Tree::All { required, .. } => required.iter().map(|tree| tree.cost(n_documents)).min().unwrap_or(0),
            Tree::Constant(tree, _) | Tree::Weighted(tree, _) | Tree::Raised(tree, _) => tree.cost(n_documents),
        }
    }

    /// Puts the cheapest part of a conjunction first: it leads.
    pub(super) fn arrange(&mut self, n_documents: DocId) {
        match self {
            Tree::Leaf(_) => {}
            Tree::Any { of, .. } => of.iter_mut().for_each(|tree| tree.arrange(n_documents)),
            Tree::All { required, optional, excluded } => {
                required.iter_mut().chain(optional).chain(excluded).for_each(|tree| tree.arrange(n_documents));
                required.sort_by_key(|tree| tree.cost(n_documents));
            }
            Tree::Constant(tree, _) | Tree::Weighted(tree, _) | Tree::Raised(tree, _) => tree.arrange(n_documents),
        }
    }

    pub(super) fn open(&mut self, is_probed: bool) -> tantivy::Result<()> {
        match self {
            Tree::Leaf(Leaf::Other(other)) => other.open(is_probed),
            Tree::Leaf(_) => Ok(()),
            Tree::Any { of, .. } => of.iter_mut().try_for_each(|tree| tree.open(is_probed)),
            Tree::All { required, optional, excluded } => {
                required.iter_mut().enumerate().try_for_each(|(at, tree)| tree.open(is_probed || at > 0))?;
                optional.iter_mut().chain(excluded).try_for_each(|tree| tree.open(true))
            }
            Tree::Constant(tree, _) | Tree::Weighted(tree, _) | Tree::Raised(tree, _) => tree.open(is_probed),
        }
    }

    /// The term that it is but for a change of its scores.
    fn as_term(&mut self) -> Option<(&mut TermCursor, Change)> {
        match self {
            Tree::Leaf(Leaf::Term(cursor)) => Some((cursor, Change { by: 1.0, plus: 0.0 })),
            Tree::Raised(tree, plus) => {
                let (cursor, change) = tree.as_term()?;
                Some((cursor, Change { plus: change.plus + Sum::from(*plus), ..change }))
            }
            Tree::Weighted(tree, by) if *by > 0.0 => match &mut **tree {
                Tree::Leaf(Leaf::Term(cursor)) => Some((cursor, Change { by: *by, plus: 0.0 })),
                _ => None,
            },
            _ => None,
        }
    }

    /// No document scores more.
    pub(super) fn max(&self) -> Sum {
        let sum = |trees: &[Tree<Leaf<'_>>]| trees.iter().map(Tree::max).sum::<Sum>();
        match self {
            Tree::Leaf(Leaf::Term(cursor)) => cursor.max(),
            Tree::Leaf(Leaf::Other(_)) => Sum::INFINITY,
            Tree::Leaf(Leaf::AnyOf(_) | Leaf::Everything) => 1.0,
            Tree::Leaf(Leaf::Nothing) => 0.0,
            Tree::Any { of, together: Together::Sum } => sum(of),
            Tree::Any { of, together: Together::Max } => of.iter().map(Tree::max).fold(0.0, Sum::max),
            Tree::All { required, optional, .. } => sum(required) + sum(optional),
            Tree::Constant(_, score) => (*score).into(),
            Tree::Weighted(_, by) if *by == 0.0 => 0.0,
            Tree::Weighted(tree, by) => tree.max() * Sum::from(*by),
            Tree::Raised(tree, by) => tree.max() + Sum::from(*by),
        }
    }

    /// Adds all that match in `from..to`. A document that scores less than `least` may be given any score below it.
    pub(super) fn fill(&mut self, (from, to): (DocId, DocId), least: Sum, hits: &mut Hits, scratch: &mut Scratch) {
        let start = hits.docs.len();
        match self {
            Tree::Leaf(leaf) => leaf.fill(from, to, least, hits),
            Tree::Any { of, together } => {
                let most = Most::of(of, *together);
                let mut union = Union::new(from, to, *together);
                if Union::needs_table(of.iter().map(|tree| tree.cost(to))) {
                    union.begin_table(scratch);
                }
                for tree in of {
                    let least = most.left_to(tree, least);
                    if let (Some((cursor, change)), Some(table)) = (tree.as_term(), union.table()) {
                        cursor.put(to, least, change, table, *together);
                        continue;
                    }
                    let mut part = scratch.hits();
                    tree.fill((from, to), least, &mut part, scratch);
                    union.add(part, scratch);
                }
                union.give(hits, scratch);
            }
            Tree::All { required, optional, excluded } => {
                let Some((lead, others)) = required.split_first_mut() else { return };
                let least =
                    [&*others, optional].iter().fold(least, |least, of| Most::of(of, Together::Sum).left(least));
                let mut own = scratch.hits();
                lead.fill((from, to), least, &mut own, scratch);
                narrow(&mut own, others, optional, excluded, scratch);
                hits.append(&mut own);
                scratch.keep(own);
            }
            Tree::Constant(tree, score) => {
                tree.fill((from, to), Sum::INFINITY, hits, scratch);
                hits.scores[start..].fill((*score).into());
            }
            Tree::Weighted(tree, by) => {
                let least = if *by > 0.0 { least / Sum::from(*by) } else { Sum::NEG_INFINITY };
                tree.fill((from, to), least, hits, scratch);
                hits.scores[start..].iter_mut().for_each(|score| *score = times(*score, *by));
            }
            Tree::Raised(tree, by) => {
                tree.fill((from, to), least - Sum::from(*by), hits, scratch);
                hits.scores[start..].iter_mut().for_each(|score| *score += Sum::from(*by));
            }
        }
    }

    /// What each of these documents scores.
    fn probe(&mut self, docs: &[DocId], scores: &mut Vec<Sum>, scratch: &mut Scratch) {
        scores.clear();
        match self {
            Tree::Leaf(leaf) => leaf.probe(docs, scores),
            Tree::Any { of, together } => {
                scores.resize(docs.len(), NONE);
                let mut part = scratch.sums();
                for tree in of {
                    tree.probe(docs, &mut part, scratch);
                    scores.iter_mut().zip(&part).for_each(|(score, other)| *score = both(*together, *score, *other));
                }
                scratch.sums.push(part);
            }
            Tree::All { required, .. } if required.is_empty() => scores.resize(docs.len(), NONE),
            Tree::All { required, optional, excluded } => {
                let mut own = scratch.hits();
                own.docs.extend_from_slice(docs);
                own.scores.resize(docs.len(), 0.0);
                narrow(&mut own, required, optional, excluded, scratch);
                let mut found = own.sums().peekable();
                scores.extend(docs.iter().map(|doc| found.next_if(|(own, _)| own == doc).map_or(NONE, |(_, own)| own)));
                drop(found);
                scratch.keep(own);
            }
            Tree::Constant(tree, constant) => {
                tree.probe(docs, scores, scratch);
                scores.iter_mut().filter(|score| **score != NONE).for_each(|score| *score = (*constant).into());
            }
            Tree::Weighted(tree, by) => {
                tree.probe(docs, scores, scratch);
                scores.iter_mut().filter(|score| **score != NONE).for_each(|score| *score = times(*score, *by));
            }
            Tree::Raised(tree, by) => {
                tree.probe(docs, scores, scratch);
                scores.iter_mut().for_each(|score| *score += Sum::from(*by));
            }
        }
    }
}

/// How the scores of a term are changed before they are put among others.
#[derive(Clone, Copy)]
pub(super) struct Change {
    by: Score,
    plus: Sum,
}

impl Change {
    pub fn of(self, score: Sum) -> Sum {
        times(score, self.by) + self.plus
    }

    /// What a score has to be so that it comes to `least`.
    pub fn left(self, least: Sum) -> Sum {
        (least - self.plus) / Sum::from(self.by)
    }
}

/// The most that several parts score together.
struct Most {
    /// Of those that have a bound.
    sum: Sum,
    n_unbounded: usize,
    together: Together,
}

impl Most {
    fn of(parts: &[Tree<Leaf<'_>>], together: Together) -> Most {
        let mut most = Most { sum: 0.0, n_unbounded: 0, together };
        for part in parts.iter().map(Tree::max) {
            if part.is_finite() {
                most.sum += part;
            } else {
                most.n_unbounded += 1;
            }
        }
        most
    }

    /// What a further part has to score so that it may come to `least` with them.
    fn left(&self, least: Sum) -> Sum {
        if self.n_unbounded > 0 { Sum::NEG_INFINITY } else { least - self.sum }
    }

    /// What one of the parts has to score so that it may come to `least` with the others.
    fn left_to(&self, one: &Tree<Leaf<'_>>, least: Sum) -> Sum {
        match (self.together, one.max()) {
            // Each counts by itself.
            (Together::Max, _) => least,
            (Together::Sum, own) if own.is_finite() => self.left(least + own),
            (Together::Sum, _) if self.n_unbounded > 1 => Sum::NEG_INFINITY,
            (Together::Sum, _) => least - self.sum,
        }
    }
}

/// Keeps those hits that all of `required` match and none of `excluded`.
pub(super) fn narrow(
    hits: &mut Hits,
    required: &mut [Tree<Leaf<'_>>],
    optional: &mut [Tree<Leaf<'_>>],
    excluded: &mut [Tree<Leaf<'_>>],
    scratch: &mut Scratch,
) {
    let mut probed = scratch.sums();
    for tree in required {
        tree.probe(&hits.docs, &mut probed, scratch);
        hits.keep(|at, _, score| (probed[at] != NONE).then(|| score + probed[at]));
    }
    for tree in excluded {
        tree.probe(&hits.docs, &mut probed, scratch);
        hits.keep(|at, _, score| (probed[at] == NONE).then_some(score));
    }
    for tree in optional {
        tree.probe(&hits.docs, &mut probed, scratch);
        hits.scores.iter_mut().zip(&probed).filter(|(_, own)| **own != NONE).for_each(|(score, own)| *score += own);
    }
    scratch.sums.push(probed);
}

/// Rounded, so that sums of it come out the same in any order.
#[expect(clippy::cast_possible_truncation, reason = "that is rounding")]
fn times(score: Sum, by: Score) -> Sum {
    ((score * Sum::from(by)) as Score).into()
}

/// One of the two may be [`NONE`], or both.
pub(super) fn both(together: Together, one: Sum, other: Sum) -> Sum {
    match together {
        Together::Sum if one == NONE => other,
        Together::Sum if other == NONE => one,
        Together::Sum => one + other,
        Together::Max => one.max(other),
    }
}
