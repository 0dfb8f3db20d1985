//! What each part of a tree gives to the scores of some documents.

use std::collections::{BTreeMap, HashMap};

use tantivy::{DocAddress, Score, Searcher, Term, query::EnableScoring};

use super::{Criterion, Matching, Together, Tree};

/// What a document scores by one term or phrase.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Share {
    pub by: By,
    pub score: f64,
}

/// What was looked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A term in the field of this name.
    Term { field: String, term: String },
    /// The terms of a phrase in order, or those of a set.
    Terms { field: String, terms: Vec<String> },
    /// A set, a range, all there is.
    Other,
}

/// Of each document: null where it does not match.
type Shares = Vec<Option<Vec<Share>>>;

impl Matching {
    /// What the scores of documents consist of. For the few that are shown: each leaf is run by itself.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn shares(&self, searcher: &Searcher, of: &[DocAddress]) -> tantivy::Result<Shares> {
        let of_all = |trees: &[Matching]| -> tantivy::Result<Vec<Shares>> {
            trees.iter().map(|tree| tree.shares(searcher, of)).collect()
        };
        Ok(match self {
            Tree::Leaf(leaf) => {
                let scores = self.scores(searcher, of)?;
                let by = leaf.by(searcher);
                scores.into_iter().map(|score| Some(vec![Share { by: by.clone(), score: score?.into() }])).collect()
            }
            Tree::Any { of: parts, together } => {
                let parts = of_all(parts)?;
                (0..of.len())
                    .map(|at| put_together(parts.iter().filter_map(|part| part[at].clone()), *together))
                    .collect()
            }
            Tree::All { required, optional, excluded: _ } => {
                let (required, optional) = (of_all(required)?, of_all(optional)?);
                let one = |at: usize| {
                    let needed: Option<Vec<_>> = required.iter().map(|part| part[at].clone()).collect();
                    let more = optional.iter().filter_map(|part| part[at].clone());
                    Some(needed?.into_iter().chain(more).flatten().collect())
                };
                (0..of.len()).map(one).collect()
            }
            Tree::Constant(tree, score) => changed(tree.shares(searcher, of)?, |shares| {
                shares.truncate(1);
                shares.iter_mut().for_each(|share| share.score = (*score).into());
            }),
            Tree::Weighted(tree, by) => changed(tree.shares(searcher, of)?, |shares| {
                shares.iter_mut().for_each(|share| share.score *= f64::from(*by));
            }),
            Tree::Raised(tree, by) => changed(tree.shares(searcher, of)?, |shares| {
                shares.iter_mut().take(1).for_each(|share| share.score += f64::from(*by));
            }),
        })
    }

    /// What documents score; null where they don't match.
    fn scores(&self, searcher: &Searcher, of: &[DocAddress]) -> tantivy::Result<Vec<Option<Score>>> {
        let weight = self.weighed(EnableScoring::enabled_from_searcher(searcher))?;
        let mut wanted: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for address in of {
            wanted.entry(address.segment_ord).or_default().push(address.doc_id);
        }
        let mut scores = HashMap::new();
        for (segment, mut docs) in wanted {
            docs.sort_unstable();
            let mut run = weight.run(searcher.segment_reader(segment))?;
            while run.next_batch(Score::NEG_INFINITY) {
                run.retain(|doc| docs.binary_search(&doc).is_ok());
                let found = run.best(Score::NEG_INFINITY, None);
                scores.extend(found.map(|(doc, score)| (DocAddress::new(segment, doc), score)));
            }
        }
        Ok(of.iter().map(|address| scores.get(address).copied()).collect())
    }
}

impl Criterion {
    fn by(&self, searcher: &Searcher) -> By {
        let name = |term: &Term| searcher.schema().get_field_name(term.field()).to_owned();
        let text = |term: &Term| term.value().as_str().map(str::to_owned);
        match self {
            Criterion::Term { term, .. } => {
                text(term).map_or(By::Other, |text| By::Term { field: name(term), term: text })
            }
            Criterion::AnyOf(terms) => match terms.first() {
                Some(first) => By::Terms { field: name(first), terms: terms.iter().filter_map(text).collect() },
                None => By::Other,
            },
            Criterion::Other { query, .. } => {
                let (mut field, mut terms) = (None, Vec::new());
                query.query_terms(&mut |term, _| {
                    field = Some(name(term));
                    terms.extend(text(term));
                });
                field.filter(|_| !terms.is_empty()).map_or(By::Other, |field| By::Terms { field, terms })
            }
            Criterion::Everything => By::Other,
        }
    }
}

fn put_together(parts: impl Iterator<Item = Vec<Share>>, together: Together) -> Option<Vec<Share>> {
    let sum = |shares: &[Share]| shares.iter().map(|share| share.score).sum::<f64>();
    match together {
        Together::Sum => parts.reduce(|all, part| [all, part].concat()),
        Together::Max => parts.reduce(|best, part| if sum(&part) > sum(&best) { part } else { best }),
    }
}

fn changed(mut shares: Shares, mut change: impl FnMut(&mut Vec<Share>)) -> Shares {
    shares.iter_mut().flatten().for_each(&mut change);
    shares
}
