//! What documents a query matches and what each scores: a tree of conjunctions and disjunctions over terms, run over
//! batches of documents.
//!
//! Tantivy's own boolean queries ask one document after the other through layers of trait objects; here a term's block of
//! 128 postings is scored at once, and a conjunction looks its rarest part's documents up in the others. All documents that
//! match are told of; those that can't score as much as is asked for are not scored.

mod explain;
mod run;
mod segment;
mod set;
mod term;
#[cfg(test)]
mod tests;
mod union;

use std::sync::Arc;

use tantivy::{
    DocId, Score, Searcher, SegmentReader, Term,
    query::{EnableScoring, Explanation, PhraseQuery, Query, Scorer, Weight},
    schema::Field,
};

pub(crate) use explain::{By, Share};
use run::HitsScorer;
pub(crate) use run::Run;
use segment::Leaf;
use set::Set;
pub(super) use term::BM25_MAX;
use term::Norms;

/// How the scores of what matches are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Together {
    Sum,
    /// The best of them.
    Max,
}

/// Matches over leaves of one kind: those of a query, of a searcher, or of one segment.
#[derive(Clone, Debug)]
pub(crate) enum Tree<L> {
    Leaf(L),
    /// Nothing where it is empty.
    Any {
        of: Vec<Tree<L>>,
        together: Together,
    },
    /// At least one is required.
    All {
        required: Vec<Tree<L>>,
        optional: Vec<Tree<L>>,
        excluded: Vec<Tree<L>>,
    },
    /// Scores so much whatever it would score itself.
    Constant(Box<Tree<L>>, Score),
    /// Scores so many times as much.
    Weighted(Box<Tree<L>>, Score),
    /// Scores so much more.
    Raised(Box<Tree<L>>, Score),
}

impl<L> Tree<L> {
    fn map<'a, M>(&'a self, leaf: &mut dyn FnMut(&'a L) -> tantivy::Result<M>) -> tantivy::Result<Tree<M>> {
        let mut each =
            |trees: &'a [Tree<L>]| trees.iter().map(|tree| tree.map(leaf)).collect::<tantivy::Result<Vec<_>>>();
        Ok(match self {
            Tree::Any { of, together } => Tree::Any { of: each(of)?, together: *together },
            Tree::All { required, optional, excluded } => {
                Tree::All { required: each(required)?, optional: each(optional)?, excluded: each(excluded)? }
            }
            Tree::Leaf(own) => Tree::Leaf(leaf(own)?),
            Tree::Constant(tree, score) => Tree::Constant(Box::new(tree.map(leaf)?), *score),
            Tree::Weighted(tree, by) => Tree::Weighted(Box::new(tree.map(leaf)?), *by),
            Tree::Raised(tree, by) => Tree::Raised(Box::new(tree.map(leaf)?), *by),
        })
    }

    fn leaves<'a>(&'a self, each: &mut dyn FnMut(&'a L)) {
        match self {
            Tree::Leaf(leaf) => each(leaf),
            Tree::Any { of, .. } => of.iter().for_each(|tree| tree.leaves(each)),
            Tree::All { required, optional, excluded } => {
                required.iter().chain(optional).chain(excluded).for_each(|tree| tree.leaves(each));
            }
            Tree::Constant(tree, _) | Tree::Weighted(tree, _) | Tree::Raised(tree, _) => tree.leaves(each),
        }
    }
}

/// A query that is ready to be run.
pub(crate) type Matching = Tree<Criterion>;

/// What documents are looked for by.
#[derive(Debug)]
pub(crate) enum Criterion {
    /// BM25 with this weight, which is the word's inverse document frequency or some share of it; of a field without
    /// frequencies every document scores the same.
    Term { term: Term, weight: Score },
    /// Any of some terms of one field; every document scores 1.
    AnyOf(Vec<Term>),
    /// What tantivy does well itself: phrases, ranges. With the number of documents that are looked at, if
    /// that is known.
    Other { query: Box<dyn Query>, cost: Option<u64> },
    /// Every document, which scores 1.
    Everything,
}

impl Clone for Criterion {
    fn clone(&self) -> Self {
        match self {
            Criterion::Term { term, weight } => Criterion::Term { term: term.clone(), weight: *weight },
            Criterion::AnyOf(terms) => Criterion::AnyOf(terms.clone()),
            Criterion::Other { query, cost } => Criterion::Other { query: query.box_clone(), cost: *cost },
            Criterion::Everything => Criterion::Everything,
        }
    }
}

impl Matching {
    pub fn other(query: impl Query) -> Matching {
        Tree::Leaf(Criterion::Other { query: Box::new(query), cost: None })
    }

    /// A word that counts so much, more where it stands often and in short texts.
    pub fn term(term: Term, weight: Score) -> Matching {
        Tree::Leaf(Criterion::Term { term, weight })
    }

    /// Whatever holds one of these terms of one field, and scores 1.
    pub fn any_of(terms: impl IntoIterator<Item = Term>) -> Matching {
        Tree::Leaf(Criterion::AnyOf(terms.into_iter().collect()))
    }

    /// A phrase whose rarest word is in so many documents.
    pub fn phrase(query: PhraseQuery, cost: u64) -> Matching {
        Tree::Leaf(Criterion::Other { query: Box::new(query), cost: Some(cost) })
    }

    pub fn everything() -> Matching {
        Tree::Leaf(Criterion::Everything)
    }

    pub fn nothing() -> Matching {
        Matching::any(Vec::new())
    }

    /// Whichever matches; their scores are added up.
    pub fn any(mut of: Vec<Matching>) -> Matching {
        if of.len() == 1 { of.remove(0) } else { Tree::Any { of, together: Together::Sum } }
    }

    /// What all match.
    pub fn all_of(mut required: Vec<Matching>) -> Matching {
        if required.len() == 1 {
            return required.remove(0);
        }
        Tree::All { required, optional: Vec::new(), excluded: Vec::new() }
    }

    /// What of it also matches all of these.
    pub fn within(self, others: Vec<Matching>) -> Matching {
        match self {
            Tree::All { mut required, optional, excluded } => {
                required.extend(others);
                Tree::All { required, optional, excluded }
            }
            other => Matching::all_of(std::iter::once(other).chain(others).collect()),
        }
    }

    pub fn constant(self, score: Score) -> Matching {
        Tree::Constant(Box::new(self), score)
    }

    pub fn unscored(self) -> Matching {
        self.constant(0.0)
    }

    pub fn weighted(self, by: Score) -> Matching {
        match self {
            _ if !by.is_finite() || (by - 1.0).abs() < 0.001 => self,
            Tree::Leaf(Criterion::Term { term, weight }) => Tree::Leaf(Criterion::Term { term, weight: weight * by }),
            other => Tree::Weighted(Box::new(other), by),
        }
    }

    pub fn raised(self, by: Score) -> Matching {
        if by == 0.0 { self } else { Tree::Raised(Box::new(self), by) }
    }

    /// Ready for the segments of a searcher.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn weigh(&self, searcher: &Searcher) -> tantivy::Result<MatchingWeight> {
        self.weighed(EnableScoring::enabled_from_searcher(searcher))
    }

    fn weighed(&self, scoring: EnableScoring<'_>) -> tantivy::Result<MatchingWeight> {
        let mut norms: Vec<(Field, Arc<Norms>)> = Vec::new();
        let mut norms_of = |field: Field| -> tantivy::Result<Arc<Norms>> {
            if let Some((_, known)) = norms.iter().find(|(known, _)| *known == field) {
                return Ok(Arc::clone(known));
            }
            let own = Arc::new(Norms::new(field, &scoring)?);
            norms.push((field, Arc::clone(&own)));
            Ok(own)
        };
        let tree = self.map(&mut |leaf| {
            Ok(match leaf {
                Criterion::Term { term, weight } => {
                    Weighed::Term { term: term.clone(), weight: *weight, norms: norms_of(term.field())? }
                }
                Criterion::AnyOf(terms) => Weighed::AnyOf(terms.clone()),
                Criterion::Other { query, cost } => Weighed::Other { weight: query.weight(scoring)?, cost: *cost },
                Criterion::Everything => Weighed::Everything,
            })
        })?;
        Ok(MatchingWeight(tree))
    }
}

impl Query for Matching {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(self.weighed(scoring)?))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.leaves(&mut |leaf| match leaf {
            Criterion::Term { term, .. } => visitor(term, false),
            Criterion::AnyOf(terms) => terms.iter().for_each(|term| visitor(term, false)),
            Criterion::Other { query, .. } => query.query_terms(visitor),
            Criterion::Everything => {}
        });
    }
}

/// A leaf for all segments of a searcher.
enum Weighed {
    Term { term: Term, weight: Score, norms: Arc<Norms> },
    AnyOf(Vec<Term>),
    Other { weight: Box<dyn Weight>, cost: Option<u64> },
    Everything,
}

/// A [`Matching`] for the segments of one searcher.
pub(crate) struct MatchingWeight(Tree<Weighed>);

impl MatchingWeight {
    /// The matches of a segment, batch by batch.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn run<'a>(&'a self, segment: &'a SegmentReader) -> tantivy::Result<Run<'a>> {
        let tree = self.0.map(&mut |leaf| match leaf {
            Weighed::Term { term, weight, norms } => Leaf::term(segment, term, *weight, Arc::clone(norms)),
            Weighed::AnyOf(terms) => Ok(Leaf::AnyOf(Set::open(segment, terms)?)),
            Weighed::Other { weight, cost } => Leaf::other(&**weight, segment, *cost),
            Weighed::Everything => Ok(Leaf::Everything),
        })?;
        Run::new(tree, segment.max_doc())
    }
}

impl Weight for MatchingWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(HitsScorer { hits: self.run(segment)?.all(), boost, at: 0 }))
    }

    fn for_each(&self, segment: &SegmentReader, callback: &mut dyn FnMut(DocId, Score)) -> tantivy::Result<()> {
        let mut run = self.run(segment)?;
        while run.next_batch(Score::NEG_INFINITY) {
            run.best(Score::NEG_INFINITY, None).for_each(|(doc, score)| callback(doc, score));
        }
        Ok(())
    }

    fn explain(&self, _: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        Err(tantivy::TantivyError::InvalidArgument(format!("document {doc} can't be explained")))
    }
}
