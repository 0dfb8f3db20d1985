//! Runs that are kept, and what changed since: differences with their p-values, and the queries that moved most.

use std::{cmp::Ordering, collections::HashMap, path::Path};

use serde::{Deserialize, Serialize};

use super::{Evaluation, Judged, Measures, Outcome};
use crate::{
    error::{Error, ErrorKind, Result},
    source, stats,
};

/// The version of a run's document, which is also what `--json` prints. Changes within a version are additions.
const VERSION: u32 = 1;
/// Queries listed that got better, and worse.
pub const MOVED_MAX: usize = 10;
/// Of the permutation tests: the same two runs always give the same p-values.
const SEED: u64 = 1;
/// A difference that writing and reading a number can make is none.
const ROUNDING: f64 = 1e-9;

/// The evaluations of one or more collections, as they are saved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub version: u32,
    pub collections: Vec<Evaluation>,
    /// Means over the collections, each of which counts alike.
    pub mean: Measures,
}

/// How a collection's measures differ from an earlier run's.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Comparison {
    /// In the order of [`Measures::NAMES`].
    pub changes: Vec<Change>,
    /// Queries that got better by nDCG@10, the most first; at most [`MOVED_MAX`].
    pub better: Vec<Moved>,
    /// As `better`.
    pub worse: Vec<Moved>,
    pub n_better: usize,
    pub n_worse: usize,
    /// Whether the documents are the same, too.
    pub same_docs: bool,
}

/// The mean of one measure, before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    /// One of [`Measures::KEYS`].
    pub measure: &'static str,
    pub before: f64,
    pub after: f64,
    pub difference: f64,
    /// How often chance alone makes as large a difference ([`stats::paired_permutation`] over the queries).
    pub p: f64,
}

/// A query's nDCG@10, before and after.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Moved {
    pub id: String,
    pub text: String,
    pub before: f64,
    pub after: f64,
}

impl Run {
    pub fn new(collections: Vec<Evaluation>) -> Run {
        let mean = Measures::mean(collections.iter().map(|evaluation| &evaluation.measures));
        Run { version: VERSION, collections, mean }
    }

    /// Reads a run that was saved, or printed as JSON.
    ///
    /// # Errors
    /// `Io`; `Input` for a file that is no run, or one of another version.
    pub fn read(path: &Path) -> Result<Run> {
        let hint = "`hallway eval rank DIR --save RUN.json` writes one";
        let bytes = source::read(path)?;
        let read = serde_json::from_slice(&bytes).and_then(|Version { version }| match version {
            VERSION => serde_json::from_slice(&bytes).map(Ok),
            theirs => Ok(Err(theirs)),
        });
        let (path, input) = (path.display(), |message: String| Error::new(ErrorKind::Input, message).hint(hint));
        match read {
            Ok(Ok(run)) => Ok(run),
            Ok(Err(theirs)) => Err(input(format!("{path} has version {theirs}, this hallway reads {VERSION}"))),
            Err(cause) => Err(input(format!("{path} is no saved run")).because(cause)),
        }
    }

    /// The evaluation of a collection with the same queries and judgments. Of several, that of the same documents and
    /// name. `path` is where the run was read from.
    ///
    /// # Errors
    /// `Input` where there is none.
    pub fn evaluation_of(&self, judged: &Judged, path: &Path) -> Result<&Evaluation> {
        let alike = self.collections.iter().filter(|evaluation| evaluation.judged_hash == judged.judged_hash);
        let nearest =
            alike.max_by_key(|evaluation| (evaluation.docs_hash == judged.docs_hash, evaluation.name == judged.name));
        nearest.ok_or_else(|| {
            let (name, path) = (&judged.name, path.display());
            let names: Vec<&str> = self.collections.iter().map(|evaluation| evaluation.name.as_str()).collect();
            let message = if names.contains(&name.as_str()) {
                format!("{path} was saved with other queries or judgments of {name}")
            } else {
                format!("{path} holds no run of {name}, but of {}", names.join(", "))
            };
            Error::new(ErrorKind::Input, message)
                .hint("figures over different judgments can't be compared: save it anew")
        })
    }
}

#[derive(Deserialize)]
struct Version {
    version: u32,
}

/// Compares two evaluations of the same queries and judgments.
///
/// # Errors
/// `Input` when a query of the one is not in the other.
pub fn compare(before: &Evaluation, after: &Evaluation) -> Result<Comparison> {
    let earlier: HashMap<&str, &Outcome> = before.queries.iter().map(|outcome| (&*outcome.id, outcome)).collect();
    let mut pairs: Vec<(&Outcome, &Outcome)> = Vec::new();
    for outcome in &after.queries {
        pairs.extend(earlier.get(&*outcome.id).map(|earlier| (*earlier, outcome)));
    }
    if pairs.len() != after.queries.len() || pairs.len() != before.queries.len() {
        let message = format!("the baseline of {} has other queries", after.name);
        return Err(Error::new(ErrorKind::Input, message).hint("save it anew"));
    }
    let change = |(at, key): (usize, &&'static str)| {
        let column = |of: &dyn Fn(&(&Outcome, &Outcome)) -> f64| pairs.iter().map(of).collect::<Vec<f64>>();
        let differences = column(&|(a, b)| difference(a.measures.values()[at], b.measures.values()[at]));
        Change {
            measure: key,
            before: stats::mean(&column(&|(a, _)| a.measures.values()[at])),
            after: stats::mean(&column(&|(_, b)| b.measures.values()[at])),
            difference: stats::mean(&differences),
            p: stats::paired_permutation(&differences, SEED),
        }
    };
    let changes = Measures::KEYS.iter().enumerate().map(change).collect();
    let (better, n_better) = moved(&pairs, Ordering::Greater);
    let (worse, n_worse) = moved(&pairs, Ordering::Less);
    let same_docs = before.docs_hash == after.docs_hash;
    Ok(Comparison { changes, better, worse, n_better, n_worse, same_docs })
}

fn difference(before: f64, after: f64) -> f64 {
    let difference = after - before;
    if difference.abs() < ROUNDING { 0.0 } else { difference }
}

/// The queries that moved most one way, and how many did. Of those that moved alike the first in the file comes first.
fn moved(pairs: &[(&Outcome, &Outcome)], way: Ordering) -> (Vec<Moved>, usize) {
    let by = |a: &Outcome, b: &Outcome| difference(a.measures.ndcg_10, b.measures.ndcg_10);
    let mut all: Vec<&(&Outcome, &Outcome)> = pairs.iter().filter(|(a, b)| by(a, b).total_cmp(&0.0) == way).collect();
    all.sort_by(|x, y| by(y.0, y.1).abs().total_cmp(&by(x.0, x.1).abs()));
    let shown = all.iter().take(MOVED_MAX).map(|(a, b)| Moved {
        id: b.id.clone(),
        text: b.text.clone(),
        before: a.measures.ndcg_10,
        after: b.measures.ndcg_10,
    });
    (shown.collect(), all.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(ndcg: &[f64]) -> Evaluation {
        let outcome = |(n, ndcg_10): (usize, &f64)| Outcome {
            id: n.to_string(),
            measures: Measures { ndcg_10: *ndcg_10, map: 0.5, ..Measures::default() },
            ..Outcome::default()
        };
        Evaluation { queries: ndcg.iter().enumerate().map(outcome).collect(), ..Evaluation::default() }
    }

    /// By hand: differences 0.3, 0.1, -0.1, 0; of 16 arrangements those with a sum of at least 0.3 away from 0 are
    /// +++ and ++- and +-+ and their mirrors, twice each for the 0: 12.
    #[test]
    fn differences_are_paired_by_query() {
        let after = evaluation(&[0.4, 0.6, 0.4, 0.7]);
        let mut before = evaluation(&[0.1, 0.5, 0.5, 0.7]);
        before.queries.reverse();
        let Comparison { changes, better, worse, n_better, n_worse, same_docs } = compare(&before, &after).unwrap();
        let ndcg = &changes[0];
        assert_eq!((ndcg.measure, n_better, n_worse, same_docs), ("ndcg_10", 2, 1, true));
        for (got, expected) in [(ndcg.before, 0.45), (ndcg.after, 0.525), (ndcg.difference, 0.075), (ndcg.p, 0.75)] {
            assert!((got - expected).abs() < 1e-12, "{ndcg:?}");
        }
        assert!(changes[1].difference.abs() < 1e-12 && (changes[1].p - 1.0).abs() < 1e-12);
        let ids = |moved: &[Moved]| moved.iter().map(|moved| moved.id.clone()).collect::<Vec<_>>();
        assert_eq!((ids(&better), ids(&worse)), (vec!["0".to_owned(), "1".to_owned()], vec!["2".to_owned()]));
    }

    #[test]
    fn what_reading_a_number_changes_is_no_change() {
        let same = compare(&evaluation(&[0.3, 0.1]), &evaluation(&[0.1 + 0.2, 0.1])).unwrap();
        assert!(same.changes.iter().all(|change| change.p >= 1.0 && change.difference == 0.0));
        assert_eq!((same.n_better, same.n_worse), (0, 0));
    }

    #[test]
    fn at_most_ten_are_listed_and_all_counted() {
        let after: Vec<f64> = (0..15).map(|n| f64::from(n) / 15.0).collect();
        let comparison = compare(&evaluation(&[0.0; 15]), &evaluation(&after)).unwrap();
        assert_eq!((comparison.better.len(), comparison.n_better, &*comparison.better[0].id), (MOVED_MAX, 14, "14"));
    }

    #[test]
    fn other_queries_are_refused() {
        assert!(compare(&evaluation(&[0.1, 0.2]), &evaluation(&[0.1])).is_err());
        assert!(compare(&evaluation(&[0.1]), &evaluation(&[0.1, 0.2])).is_err());
    }
}
