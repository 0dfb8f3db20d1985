//! The order of hits: BM25 over the `text` field, whose title words count threefold; among equal scores by type, year,
//! date and id. One pass over the matches scores, filters, groups the passages of a report, and counts facets.
//!
//! Every match is told of, and scored where it may be among the best (`src/query/lower/matching/term.rs`), so that order and
//! counts are the same on every run and on any layout of segments.

use std::{
    cell::OnceCell,
    cmp::{Ordering, Reverse},
    collections::{BTreeSet, BinaryHeap, HashMap, HashSet},
    sync::Arc,
};

use tantivy::{
    DocAddress, DocId, Score, Searcher, SegmentOrdinal, SegmentReader, TantivyError,
    columnar::{ColumnValues, StrColumn},
    fastfield::AliveBitSet,
};

use super::{
    facet::{Counting, FacetCounts, SegmentFacets},
    filter::ResolvedFilter,
    neighbours::{NEIGHBOURHOOD, gains, likeness_to},
    passages::Passages,
};
use crate::{
    index::{
        columns::Columns,
        schema::{self, Field, internal},
        signature::SignatureWord,
    },
    query::lower::{Matching, Run},
};

/// What comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    Relevance,
    /// Newest first.
    Date,
}

/// A record that matched.
#[derive(Clone, Debug)]
pub(super) struct Ranked {
    pub score: Score,
    /// What of it the record has from what it is like.
    pub gain: Score,
    /// The document that stands for the record: of a report its best passage.
    pub address: DocAddress,
    /// The best passages of a report with their scores, best first.
    pub passages: Vec<(Score, DocAddress)>,
    key: Key,
    /// Place of the id among the segment's ids in order.
    id_ord: u64,
    /// Known once it was looked up.
    id: OnceCell<String>,
}

/// What orders records of the same score.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Key {
    type_rank: u64,
    /// YYYYMMDD.
    day: u64,
}

/// What one run found.
#[derive(Default)]
pub(super) struct Found {
    pub total: u64,
    pub top: Vec<Ranked>,
    /// The reports among the matches, by their parent key.
    pub reports: HashSet<u64>,
    pub facets: Vec<FacetCounts>,
    pub ids: Ids,
}

/// The ids of every segment's documents, looked up for the few that need it: those of a tie, and those asked for.
#[derive(Default)]
pub(super) struct Ids(Vec<(SegmentOrdinal, StrColumn)>);

impl Ids {
    pub fn of<'a>(&self, ranked: &'a Ranked) -> tantivy::Result<&'a str> {
        if let Some(id) = ranked.id.get() {
            return Ok(id);
        }
        let mut id = String::new();
        if let Some((_, column)) = self.0.iter().find(|(segment, _)| *segment == ranked.address.segment_ord) {
            column.ord_to_str(ranked.id_ord, &mut id)?;
        }
        Ok(ranked.id.get_or_init(|| id))
    }

    fn sort(&self, records: &mut [Ranked], sort: Sort) -> tantivy::Result<()> {
        let mut error = None;
        records
            .sort_by(|a, b| order(sort, (a.score, a.key), (b.score, b.key)).then_with(|| self.order(a, b, &mut error)));
        error.map_or(Ok(()), Err)
    }

    /// By id. Where one can't be read, `error` holds why.
    fn order(&self, a: &Ranked, b: &Ranked, error: &mut Option<TantivyError>) -> Ordering {
        if a.address.segment_ord == b.address.segment_ord {
            return a.id_ord.cmp(&b.id_ord);
        }
        match (self.of(a), self.of(b)) {
            (Ok(a), Ok(b)) => a.cmp(b),
            (Err(cause), _) | (_, Err(cause)) => {
                *error = Some(cause);
                Ordering::Equal
            }
        }
    }
}

impl Found {
    /// Those that are not looked at score no more than any that is, before and after.
    fn move_best(&mut self, searcher: &Searcher, moves: &Moves, sort: Sort) -> tantivy::Result<()> {
        let n = self.top.len().min(NEIGHBOURHOOD);
        let best = &mut self.top[..n];
        let scores: Vec<Score> = best.iter().map(|ranked| ranked.score).collect();
        let signatures = signatures(searcher, best)?;
        let gains = match moves {
            Moves::Together => gains(&scores, &signatures),
            Moves::Towards(one) => {
                let most = scores.iter().copied().fold(0.0, Score::max);
                let most = if most > 0.0 { most } else { 1.0 };
                likeness_to(one, &signatures).into_iter().map(|likeness| most * likeness).collect()
            }
        };
        for (ranked, gain) in best.iter_mut().zip(gains) {
            ranked.gain = gain;
            ranked.score += gain;
        }
        self.ids.sort(best, sort)
    }
}

/// The signature of each record's best document.
pub(super) fn signatures(searcher: &Searcher, of: &[Ranked]) -> tantivy::Result<Vec<Vec<SignatureWord>>> {
    let columns = searcher.segment_readers().iter().map(|segment| segment.fast_fields().u64(internal::SIGNATURE));
    let columns: Vec<_> = columns.collect::<tantivy::Result<_>>()?;
    let signature = |ranked: &Ranked| {
        let DocAddress { segment_ord, doc_id } = ranked.address;
        columns[segment_ord as usize].values_for_doc(doc_id).map(SignatureWord::from_number).collect()
    };
    Ok(of.iter().map(signature).collect())
}

/// `Less` comes first.
fn order(sort: Sort, a: (Score, Key), b: (Score, Key)) -> Ordering {
    let by_score = b.0.total_cmp(&a.0);
    let year = |key: Key| Reverse(key.day / 10_000);
    match sort {
        Sort::Relevance => {
            by_score.then(a.1.type_rank.cmp(&b.1.type_rank)).then(year(a.1).cmp(&year(b.1))).then(a.1.day.cmp(&b.1.day))
        }
        Sort::Date => b.1.day.cmp(&a.1.day).then(by_score).then(a.1.type_rank.cmp(&b.1.type_rank)),
    }
}

/// How many records a query finds.
pub(super) fn total(
    searcher: &Searcher,
    columns: &Columns,
    query: &Matching,
    filters: Vec<ResolvedFilter>,
) -> tantivy::Result<u64> {
    let columns = columns.clone();
    let collector = RecordCollector { passages_max: 1, columns, filters, ..RecordCollector::default() };
    Ok(collector.search(searcher, query)?.total)
}

/// How many of the records that a query finds have which values of a facet.
pub(super) fn count(
    searcher: &Searcher,
    columns: &Columns,
    query: &Matching,
    filters: Vec<ResolvedFilter>,
    facet: &str,
) -> tantivy::Result<FacetCounts> {
    let facets: Vec<_> = schema::field(facet).into_iter().collect();
    let columns = columns.clone();
    let collector = RecordCollector { passages_max: 1, columns, filters, facets, ..RecordCollector::default() };
    let mut found = collector.search(searcher, query)?;
    Ok(found.facets.remove(0))
}

/// What moves records among the best [`NEIGHBOURHOOD`].
#[derive(Clone, Debug)]
pub(super) enum Moves {
    /// Their neighbours: see [`gains`].
    Together,
    /// Likeness to what has this signature: a record that is all alike gains what the best one scores, or 1 where none
    /// scores.
    Towards(Vec<SignatureWord>),
}

/// Collects records rather than documents: a report is one match however many of its passages match.
#[derive(Default)]
pub(super) struct RecordCollector {
    /// Records wanted: offset and page together.
    pub n_wanted: usize,
    pub sort: Sort,
    pub passages_max: usize,
    /// Those of the index, or none yet.
    pub columns: Columns,
    pub filters: Vec<ResolvedFilter>,
    pub facets: Vec<&'static Field>,
    /// What moves the best records, once they are known.
    pub moves: Option<Moves>,
    /// Reports that are left out: those one passage of which matched in full are no partial match by another.
    pub without_reports: HashSet<u64>,
}

impl RecordCollector {
    /// How many records have to be known for the first so many.
    pub fn reach(&self, n_wanted: usize) -> usize {
        if self.moves.is_some() { n_wanted.max(NEIGHBOURHOOD) } else { n_wanted }
    }

    /// # Errors
    /// Where the index is damaged.
    pub fn search(&self, searcher: &Searcher, query: &Matching) -> tantivy::Result<Found> {
        // A facet that is counted counts what its own filter keeps out.
        let is_counted = |filter: &&ResolvedFilter| self.facets.iter().any(|facet| facet.name == filter.field);
        let narrowing = self.filters.iter().filter(|filter| !is_counted(filter)).filter_map(ResolvedFilter::as_words);
        let narrowing: Vec<Matching> = narrowing.collect();
        let weight =
            if narrowing.is_empty() { query.weigh(searcher) } else { query.clone().within(narrowing).weigh(searcher) }?;
        let of_segment = |(ordinal, segment): (SegmentOrdinal, &SegmentReader)| {
            let mut records = self.for_segment(ordinal, segment)?;
            let mut run = weight.run(segment)?;
            while records.next_batch(&mut run) {
                records.collect(&mut run, segment.alive_bitset());
            }
            records.harvest()
        };
        let mut found = self.merge((0..).zip(searcher.segment_readers()).map(of_segment))?;
        if let Some(moves) = &self.moves {
            found.move_best(searcher, moves, self.sort)?;
        }
        Ok(found)
    }

    fn for_segment(&self, segment_ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentRecords> {
        let number = |name| self.columns.numbers(segment, name);
        Ok(SegmentRecords {
            segment_ord,
            n_wanted: self.n_wanted,
            sort: self.sort,
            passages_max: self.passages_max,
            passages: Passages::of(segment, &self.columns)?,
            passages_of_batch: Vec::new(),
            day: number(internal::DAY)?,
            type_rank: number(internal::TYPE_RANK)?,
            ids: self.columns.texts(segment, internal::ID)?,
            facets: SegmentFacets::new(segment, segment_ord, &self.columns, &self.filters, &self.facets)?,
            total: 0,
            top: BinaryHeap::new(),
            reports: HashMap::new(),
        })
    }

    fn merge(&self, segments: impl Iterator<Item = tantivy::Result<SegmentFound>>) -> tantivy::Result<Found> {
        let mut top = Vec::new();
        let mut reports: HashMap<u64, Ranked> = HashMap::new();
        let mut total = 0;
        let mut counts: Vec<Counting> = FacetCounts::for_fields(&self.facets);
        let mut counted: BTreeSet<(u64, usize, Option<String>)> = BTreeSet::new();
        let mut ids = Ids::default();
        for segment in segments {
            let segment = segment?;
            ids.0.extend(segment.ids);
            total += segment.total;
            top.extend(segment.top);
            for (parent, report) in segment.reports {
                if self.without_reports.contains(&parent) {
                    continue;
                }
                match reports.get_mut(&parent) {
                    Some(known) => known.absorb(report, self.sort, self.passages_max),
                    None => {
                        reports.insert(parent, report);
                    }
                }
            }
            for (facet, values) in segment.facets.documents.into_iter().enumerate() {
                values.into_iter().for_each(|(value, n)| counts[facet].add(value, n));
            }
            counted.extend(segment.facets.reports);
        }
        for (_, facet, value) in counted {
            counts[facet].add(value, 1);
        }
        total += reports.len() as u64;
        let parents = reports.keys().copied().collect();
        top.extend(reports.into_values());
        ids.sort(&mut top, self.sort)?;
        top.truncate(self.n_wanted);
        Ok(Found { total, top, reports: parents, facets: counts.into_iter().map(Counting::done).collect(), ids })
    }
}

impl Ranked {
    /// Takes in passages of the same report from elsewhere.
    fn absorb(&mut self, other: Ranked, sort: Sort, passages_max: usize) {
        if order(sort, (other.score, other.key), (self.score, self.key)) == Ordering::Less {
            self.score = other.score;
            self.address = other.address;
            self.id_ord = other.id_ord;
            self.id = OnceCell::new();
        }
        self.passages.extend(other.passages);
        self.passages.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        self.passages.truncate(passages_max);
    }
}

/// What one segment gave.
pub(super) struct SegmentFound {
    /// Talks and bios.
    total: u64,
    top: Vec<Ranked>,
    reports: HashMap<u64, Ranked>,
    facets: super::facet::SegmentCounts,
    ids: Option<(SegmentOrdinal, StrColumn)>,
}

pub(super) struct SegmentRecords {
    segment_ord: SegmentOrdinal,
    n_wanted: usize,
    sort: Sort,
    passages_max: usize,
    /// Null where no document is one.
    passages: Option<Passages>,
    /// In order, whether they match or not.
    passages_of_batch: Vec<DocId>,
    day: Arc<dyn ColumnValues<u64>>,
    type_rank: Arc<dyn ColumnValues<u64>>,
    ids: Option<StrColumn>,
    facets: SegmentFacets,
    total: u64,
    /// Worst on top, at most `n_wanted`.
    top: BinaryHeap<Candidate>,
    reports: HashMap<u64, Vec<(Score, DocId)>>,
}

/// A talk or bio; the greatest is the worst.
struct Candidate {
    sort: Sort,
    score: Score,
    key: Key,
    /// Place of the id among the segment's ids in order.
    id_ord: u64,
    doc: DocId,
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        order(self.sort, (self.score, self.key), (other.score, other.key)).then(self.id_ord.cmp(&other.id_ord))
    }
}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Candidate {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Candidate {}

impl SegmentRecords {
    fn key(&self, doc: DocId) -> Key {
        Key { type_rank: self.type_rank.get_val(doc), day: self.day.get_val(doc) }
    }

    fn id_ord(&self, doc: DocId) -> u64 {
        self.ids.as_ref().and_then(|ids| ids.term_ords(doc).next()).unwrap_or_default()
    }

    fn offer(&mut self, doc: DocId, score: Score) {
        if self.n_wanted == 0 {
            return;
        }
        let worst = self.top.peek().filter(|_| self.top.len() == self.n_wanted);
        // Most matches are out by their score alone: their columns are not read.
        if self.sort == Sort::Relevance && worst.is_some_and(|worst| score < worst.score) {
            return;
        }
        let key = self.key(doc);
        if worst.is_some_and(|worst| order(self.sort, (score, key), (worst.score, worst.key)) == Ordering::Greater) {
            return;
        }
        let id_ord = self.id_ord(doc);
        self.top.push(Candidate { sort: self.sort, score, key, id_ord, doc });
        if self.top.len() > self.n_wanted {
            self.top.pop();
        }
    }

    fn ranked(&self, score: Score, doc: DocId, passages: Vec<(Score, DocId)>) -> Ranked {
        let address = |doc| DocAddress::new(self.segment_ord, doc);
        let passages = passages.into_iter().map(|(score, doc)| (score, address(doc))).collect();
        Ranked {
            score,
            gain: 0.0,
            address: address(doc),
            passages,
            key: self.key(doc),
            id_ord: self.id_ord(doc),
            id: OnceCell::new(),
        }
    }

    /// Goes on to the next documents that match; those that can't be among the best are not scored, but for passages: every
    /// one tells of its report.
    fn next_batch(&mut self, run: &mut Run<'_>) -> bool {
        if let Some(passages) = &self.passages {
            passages.within(run.ahead(), &mut self.passages_of_batch);
        }
        run.next_batch(if self.passages_of_batch.is_empty() { self.least() } else { Score::NEG_INFINITY })
    }

    fn collect(&mut self, run: &mut Run<'_>, alive: Option<&AliveBitSet>) {
        if let Some(alive) = alive {
            run.retain(|doc| alive.is_alive(doc));
        }
        let passages = std::mem::take(&mut self.passages_of_batch);
        let parents = self.passages.as_ref().map(|passages| Arc::clone(&passages.parent));
        let parent = |doc| {
            let parents = parents.as_ref().filter(|_| passages.binary_search(&doc).is_ok());
            parents.map(|parents| parents.get_val(doc))
        };
        let of_passages: Option<&dyn Fn(DocId) -> Option<u64>> = if passages.is_empty() { None } else { Some(&parent) };
        if self.facets.are_asked()
            && let Some(passing) = self.facets.admit(run.docs(), of_passages)
        {
            let mut next = passing.iter().peekable();
            run.retain(|doc| next.next_if_eq(&&doc).is_some());
        }
        let matching = if passages.is_empty() { &[] } else { run.docs() };
        let n_passages = matching.iter().filter(|doc| parent(**doc).is_some()).count();
        self.total += (run.docs().len() - n_passages) as u64;
        // Every passage tells of its report.
        let is_passage = |doc| parent(doc).is_some();
        let asked: Option<&dyn Fn(DocId) -> bool> = if passages.is_empty() { None } else { Some(&is_passage) };
        for (doc, score) in run.best(self.least(), asked) {
            if let Some(parent) = parent(doc) {
                let best = self.reports.entry(parent).or_default();
                let at = best.partition_point(|(other, _)| *other >= score);
                if at < self.passages_max {
                    best.insert(at, (score, doc));
                    best.truncate(self.passages_max);
                }
            } else {
                self.offer(doc, score);
            }
        }
        self.passages_of_batch = passages;
    }

    /// What a talk or bio has to score to be among the best.
    fn least(&self) -> Score {
        match self.top.peek() {
            _ if self.n_wanted == 0 => Score::INFINITY,
            Some(worst) if self.sort == Sort::Relevance && self.top.len() == self.n_wanted => worst.score,
            _ => Score::NEG_INFINITY,
        }
    }

    /// # Errors
    /// Where damage is first met.
    fn harvest(mut self) -> tantivy::Result<SegmentFound> {
        let top = std::mem::take(&mut self.top).into_iter();
        let top = top.map(|candidate| self.ranked(candidate.score, candidate.doc, Vec::new())).collect();
        let reports = std::mem::take(&mut self.reports).into_iter();
        let reports = reports.map(|(parent, passages)| {
            let (score, doc) = passages[0];
            (parent, self.ranked(score, doc, passages))
        });
        let reports = reports.collect();
        let ids = self.ids.take().map(|ids| (self.segment_ord, ids));
        Ok(SegmentFound { total: self.total, top, reports, facets: self.facets.harvest()?, ids })
    }
}
