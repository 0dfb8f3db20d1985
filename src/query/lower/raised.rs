//! A query whose matches score a constant more.

use tantivy::{
    DocId, DocSet, Score, SegmentReader, Term,
    query::{EnableScoring, Explanation, Query, Scorer, Weight},
};

#[derive(Debug)]
pub(super) struct Raised {
    pub query: Box<dyn Query>,
    pub by: Score,
}

impl Clone for Raised {
    fn clone(&self) -> Self {
        Raised { query: self.query.box_clone(), by: self.by }
    }
}

impl Query for Raised {
    fn weight(&self, scoring: EnableScoring<'_>) -> tantivy::Result<Box<dyn Weight>> {
        Ok(Box::new(RaisedWeight { weight: self.query.weight(scoring)?, by: self.by }))
    }

    fn query_terms<'a>(&'a self, visitor: &mut dyn FnMut(&'a Term, bool)) {
        self.query.query_terms(visitor);
    }
}

struct RaisedWeight {
    weight: Box<dyn Weight>,
    by: Score,
}

impl Weight for RaisedWeight {
    fn scorer(&self, segment: &SegmentReader, boost: Score) -> tantivy::Result<Box<dyn Scorer>> {
        Ok(Box::new(RaisedScorer { scorer: self.weight.scorer(segment, boost)?, by: self.by * boost }))
    }

    fn explain(&self, segment: &SegmentReader, doc: DocId) -> tantivy::Result<Explanation> {
        let inner = self.weight.explain(segment, doc)?;
        let mut explanation = Explanation::new("raised, being found as typed", inner.value() + self.by);
        explanation.add_detail(inner);
        Ok(explanation)
    }
}

struct RaisedScorer {
    scorer: Box<dyn Scorer>,
    by: Score,
}

impl DocSet for RaisedScorer {
    fn advance(&mut self) -> DocId {
        self.scorer.advance()
    }

    fn seek(&mut self, target: DocId) -> DocId {
        self.scorer.seek(target)
    }

    fn doc(&self) -> DocId {
        self.scorer.doc()
    }

    fn size_hint(&self) -> u32 {
        self.scorer.size_hint()
    }

    fn cost(&self) -> u64 {
        self.scorer.cost()
    }
}

impl Scorer for RaisedScorer {
    fn score(&mut self) -> Score {
        self.scorer.score() + self.by
    }
}
