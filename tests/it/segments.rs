//! Segments stay few, whether or not the step after a commit comes to its end.

use hallway::{
    index::{Index, SEGMENTS_MAX},
    ingest::{IngestRequest, ingest},
};

use crate::sandbox::Sandbox;

/// Ingests that add one source each; how many segments there are after each.
fn counts(n_ingests: usize, compacts: bool) -> Vec<usize> {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let request = IngestRequest { paths: vec![sandbox.path("in")], ..IngestRequest::default() };
    let mut counts = Vec::new();
    for n in 0..n_ingests {
        sandbox.write(&format!("in/{n}.jsonl"), format!("{{\"title\":\"Talk {n}\"}}\n"));
        ingest(&index, &request, &mut |_| {}).unwrap();
        counts.push(index.n_segments());
        if compacts {
            index.compact().unwrap();
        }
    }
    assert_eq!(index.searcher().num_docs(), n_ingests as u64);
    counts
}

#[test]
fn small_commits_are_put_together() {
    assert!(counts(12, true).iter().all(|n| *n <= 2));
}

#[test]
fn there_are_never_more_than_the_limit() {
    let counts = counts(3 * SEGMENTS_MAX, false);
    assert_eq!(counts.iter().max(), Some(&SEGMENTS_MAX), "{counts:?}");
}
