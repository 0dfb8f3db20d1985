//! How good the ranking is: queries whose relevant documents are known, ranked as `hallway search` does, and measured.
//!
//! The measures are those of trec_eval, over the queries that have a relevant document. A query that finds nothing counts
//! with 0 throughout, as with `trec_eval -c`; one that nothing relevant is known of is left out and noted, since no ranking
//! could do well at it (`trec_eval -c` counts it with 0 where it has judgments).

mod compare;
mod judged;
mod measures;
mod overlap;
pub mod topics;

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use serde::{Deserialize, Serialize};

pub use compare::{Change, Comparison, MOVED_MAX, Moved, Run, compare};
pub use judged::{DOCS, Judged, Judgment, QRELS, QUERIES, Query};
pub use measures::Measures;
pub use overlap::{Compared, Figure, Found, Judgements, Mistake, OverlapEvaluation, Stratum, evaluate_overlap};

use crate::{
    error::{Error, ErrorKind, Problem, Result},
    formats::Overrides,
    index::Index,
    ingest::{IngestRequest, ingest},
    query::Signals,
    search::{RankedId, SearchRequest, rank},
};

/// Ranks of a ranking that are looked at.
pub const DEPTH: usize = 1000;
/// Ranks of it that are kept.
pub const KEPT: usize = 100;

/// What the ranking of one collection is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Of the collection.
    pub name: String,
    /// As in [`Judged`].
    pub judged_hash: String,
    /// As in [`Judged`].
    pub docs_hash: String,
    /// Queries that count: those with a relevant document.
    pub n_queries: usize,
    /// Means over these queries.
    pub measures: Measures,
    /// In the order of their file.
    pub queries: Vec<Outcome>,
    #[serde(default)]
    pub notes: Vec<String>,
    /// Lines and queries that were left out.
    #[serde(default)]
    pub problems: Vec<Problem>,
}

/// What the ranking of one query is worth.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub id: String,
    /// In the query language.
    pub text: String,
    pub n_relevant: usize,
    pub measures: Measures,
    /// The ids of the first [`KEPT`] records.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ranked: Vec<String>,
}

/// Called with each query that counts and the first [`DEPTH`] records of its ranking.
pub type Each<'a> = dyn FnMut(&Query, &[RankedId]) -> Result<()> + 'a;

/// Makes an index of the documents in a folder that is empty or not there yet, with all that `hallway ingest` does.
/// Its problems and notes are added to the collection's.
///
/// # Errors
/// `Input` for documents that hold no record; else as [`ingest`].
pub fn index_documents(judged: &mut Judged, folder: &Path, n_threads: usize) -> Result<Index> {
    let index = Index::open_or_create(folder)?;
    let request = IngestRequest {
        paths: vec![judged.dir.join(DOCS)],
        overrides: Overrides { format: Some("jsonl".to_owned()), ..Overrides::default() },
        n_threads,
        ..IngestRequest::default()
    };
    let summary = ingest(&index, &request, &mut |_| {})?;
    index.compact()?;
    let problems = summary.problems.into_iter().map(|problem| Problem { path: judged.path(&problem.path), ..problem });
    let problems: Vec<Problem> = problems.collect();
    if summary.n_records.iter().sum::<u64>() == 0 {
        let first = problems.first().map_or_else(String::new, |problem| format!(": {problem}"));
        let message = format!("{} holds no record{first}", judged.path(DOCS));
        return Err(Error::new(ErrorKind::Input, message).hint("a line is {\"id\": …, \"title\": …, \"text\": …}"));
    }
    judged.problems.extend(problems);
    judged.notes.extend(summary.notes.into_iter().map(|(path, note)| format!("{path}: {note}")));
    Ok(index)
}

/// Ranks every query that counts, in the order that a user sees (full matches, then partial ones), and measures it.
/// A query that can't be asked is a problem, and counts as one that finds nothing. With `strict` a query's notes, too,
/// are reasons not to ask it.
///
/// # Errors
/// `Input` when no query has a relevant document; `Index`, `Io`, and what `each` gives.
pub fn evaluate(index: &Index, judged: &Judged, signals: Signals, strict: bool, each: &mut Each) -> Result<Evaluation> {
    let mut evaluation = Evaluation {
        name: judged.name.clone(),
        judged_hash: judged.judged_hash.clone(),
        docs_hash: judged.docs_hash.clone(),
        notes: judged.notes.clone(),
        problems: judged.problems.clone(),
        ..Evaluation::default()
    };
    let records = records_of(index, judged, &mut evaluation.notes)?;
    let like = SearchRequest { limit: DEPTH, signals, strict, ..SearchRequest::default() };
    for query in &judged.queries {
        let grades = grades_of(query, judged, &records);
        if !grades.values().any(|grade| *grade > 0) {
            continue;
        }
        let hits = match rank(index, &query.asked.request(&like)) {
            Ok(ranking) => ranking.hits,
            Err(error) if matches!(error.kind(), ErrorKind::Usage | ErrorKind::Input) => {
                let hint = error.hint_text().unwrap_or("write it otherwise");
                let message = format!("query {} can't be asked: {error}", query.id);
                evaluation.problems.push(Problem::new(&judged.path(QUERIES), Some(query.line), message, hint));
                Vec::new()
            }
            Err(error) => return Err(error),
        };
        each(query, &hits)?;
        let ranked: Vec<i32> = hits.iter().map(|hit| grades.get(&*hit.id).copied().unwrap_or(0)).collect();
        let all: Vec<i32> = grades.into_values().collect();
        evaluation.queries.push(Outcome {
            id: query.id.clone(),
            text: query.asked.query.clone(),
            n_relevant: all.iter().filter(|grade| **grade > 0).count(),
            measures: Measures::of(&ranked, &all),
            ranked: hits.into_iter().take(KEPT).map(|hit| hit.id).collect(),
        });
    }
    evaluation.n_queries = evaluation.queries.len();
    if evaluation.queries.is_empty() {
        let message = format!("no query of {} has a relevant document", judged.dir.display());
        let hint = format!("{QRELS} gives, a line each, the id of a query, the id of a document, and a grade above 0");
        return Err(Error::new(ErrorKind::Input, message).hint(hint));
    }
    let n_left_out = judged.queries.len() - evaluation.queries.len();
    if n_left_out > 0 {
        let of = judged.queries.len();
        evaluation.notes.push(format!("without a relevant document, and not counted: {n_left_out} of {of} queries"));
    }
    evaluation.measures = Measures::mean(evaluation.queries.iter().map(|outcome| &outcome.measures));
    Ok(evaluation)
}

/// The grades of a query by the records' permanent ids. A document that the collection lacks keeps its own: it is never
/// found, and counts among the relevant ones, as in trec_eval. Where copies became one record, the best grade is its.
fn grades_of<'a>(query: &Query, judged: &'a Judged, records: &'a HashMap<&str, String>) -> BTreeMap<&'a str, i32> {
    let mut grades = BTreeMap::new();
    for (document, judgment) in judged.judgments.get(&query.id).into_iter().flatten() {
        let id = records.get(document.as_str()).unwrap_or(document);
        let grade = grades.entry(id.as_str()).or_insert(judgment.grade);
        *grade = judgment.grade.max(*grade);
    }
    grades
}

/// Judged document → the permanent id of the record that it is part of: copies of a record (a bio that is printed twice)
/// are found under the smallest of their ids, so a judgment of one of them is a judgment of that.
fn records_of<'a>(index: &Index, judged: &'a Judged, notes: &mut Vec<String>) -> Result<HashMap<&'a str, String>> {
    let documents: BTreeSet<&str> = judged.judgments.values().flat_map(|of| of.keys().map(String::as_str)).collect();
    let mut records = HashMap::new();
    let (mut copies, mut missing) = (Vec::new(), BTreeSet::new());
    for document in documents {
        // Of several with this id but for its suffix, none is meant.
        match index.records_by_id(document)?.as_slice() {
            [record] => {
                if record.id != document {
                    copies.push((document, record.id.clone()));
                }
                records.insert(document, record.id.clone());
            }
            _ => {
                missing.insert(document);
            }
        }
    }
    if let Some((document, id)) = copies.first() {
        let n = copies.len();
        notes.push(format!("judged documents that are found under another id: {n}, the first {document} as {id}"));
    }
    let judgments = judged.judgments.values().flatten().filter(|(document, _)| missing.contains(document.as_str()));
    let n_relevant = judgments.clone().filter(|(_, judgment)| judgment.grade > 0).count();
    if let Some((document, judgment)) = judgments.min_by_key(|(_, judgment)| judgment.line) {
        let (n, path, line) = (missing.len(), judged.path(QRELS), judgment.line);
        notes.push(format!(
            "judged documents that {DOCS} lacks: {n}, the first {document} ({path}:{line}); \
             relevant judgments of them, which count as not found: {n_relevant}"
        ));
    }
    Ok(records)
}
