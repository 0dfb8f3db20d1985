//! The order of hits on the sample collection, as a golden file: where each record that a judged query wants is found.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
};

use hallway::{
    eval::Measures,
    index::Index,
    ingest::{IngestRequest, ingest},
    search::{SearchRequest, rank},
};
use serde::Deserialize;

use crate::sandbox::{Sandbox, repository};

/// Ranks looked at.
const RANKS_MAX: usize = 100;

/// A line of `judged.jsonl`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judged {
    id: String,
    pub query: String,
    /// For readers.
    why: String,
    /// Permanent id → grade.
    relevant: BTreeMap<String, i32>,
}

/// Sums over the queries of a group.
#[derive(Default)]
struct Sums {
    n: f64,
    /// recall@1, recall@5, reciprocal rank, nDCG@10.
    figures: [f64; 4],
}

pub fn sample() -> (Sandbox, Index) {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let request = IngestRequest { paths: vec![repository().join("corpus")], ..IngestRequest::default() };
    ingest(&index, &request, &mut |_| {}).unwrap();
    index.reload().unwrap();
    (sandbox, index)
}

pub fn judged() -> Vec<Judged> {
    let text = fs::read_to_string(repository().join("tests/it/ranking/judged.jsonl")).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

fn part(n: usize, of: usize) -> f64 {
    f64::from(u32::try_from(n).unwrap()) / f64::from(u32::try_from(of).unwrap())
}

#[test]
fn judgments_are_of_records_that_are_there() {
    let (_sandbox, index) = sample();
    let mut known = BTreeSet::new();
    index
        .each_record(|record| {
            known.insert(record.id);
            Ok(())
        })
        .unwrap();
    let judged = judged();
    assert!(judged.len() >= 60 && judged.is_sorted_by(|a, b| a.id < b.id), "not in order of id");
    for Judged { id, why, relevant, .. } in &judged {
        assert!(!why.is_empty() && relevant.values().all(|grade| (1..=2).contains(grade)), "{id}");
        assert!(!relevant.is_empty() && relevant.keys().all(|record| known.contains(record)), "{id}: {relevant:?}");
    }
}

#[test]
fn records_are_ranked_as_they_were() {
    let (_sandbox, index) = sample();
    let mut report = String::from(
        "Rank and grade of each record that a query wants; - is not among the first 100. HALLWAY_BLESS=1 writes this anew.\n",
    );
    let mut groups: BTreeMap<String, Sums> = BTreeMap::new();
    for Judged { id, query, relevant, .. } in judged() {
        let request = SearchRequest { query: query.clone(), limit: RANKS_MAX, ..SearchRequest::default() };
        let found: Vec<String> = rank(&index, &request).unwrap().hits.into_iter().map(|hit| hit.id).collect();
        let grades: Vec<i32> = found.iter().map(|id| relevant.get(id).copied().unwrap_or(0)).collect();
        let measures = Measures::of(&grades, &relevant.values().copied().collect::<Vec<_>>());
        let recall = |k: usize| part(grades.iter().take(k).filter(|grade| **grade > 0).count(), relevant.len());
        let first = grades.iter().position(|grade| *grade > 0).map_or(0.0, |at| part(1, at + 1));

        writeln!(report, "\n{id}: {query} · nDCG@10 {:.3}", measures.ndcg_10).unwrap();
        let mut rows: Vec<_> = relevant
            .iter()
            .map(|(record, grade)| {
                (found.iter().position(|id| id == record).map_or(usize::MAX, |at| at + 1), grade, record)
            })
            .collect();
        rows.sort();
        for (rank, grade, record) in rows {
            let rank = if rank > RANKS_MAX { "-".to_owned() } else { rank.to_string() };
            writeln!(report, "{rank:>4} {grade}  {record}").unwrap();
        }
        let group = id.rsplit_once('-').unwrap().0.to_owned();
        for name in [group, "all".to_owned()] {
            let sums = groups.entry(name).or_default();
            sums.n += 1.0;
            for (sum, figure) in sums.figures.iter_mut().zip([recall(1), recall(5), first, measures.ndcg_10]) {
                *sum += figure;
            }
        }
    }
    writeln!(
        report,
        "\n{:<12}{:>8}{:>10}{:>10}{:>8}{:>9}",
        "group", "queries", "recall@1", "recall@5", "MRR", "nDCG@10"
    )
    .unwrap();
    let all = groups.remove("all");
    for (name, Sums { n, figures }) in groups.into_iter().chain(all.map(|sums| ("all".to_owned(), sums))) {
        let [recall_1, recall_5, mrr, ndcg] = figures.map(|sum| sum / n);
        writeln!(report, "{name:<12}{n:>8}{recall_1:>10.3}{recall_5:>10.3}{mrr:>8.3}{ndcg:>9.3}").unwrap();
    }

    let golden = repository().join("tests/it/ranking/golden.txt");
    if crate::expected::blesses() {
        fs::write(&golden, &report).unwrap();
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    for (number, (was, is)) in expected.lines().zip(report.lines()).enumerate() {
        assert_eq!(was, is, "line {} of golden.txt; HALLWAY_BLESS=1 writes it anew", number + 1);
    }
    assert_eq!(expected.lines().count(), report.lines().count());
}
