//! How long indexing takes: raw tantivy ([`support::raw`] says what that is) and hallway, from the same JSON Lines files to
//! a committed index in one segment; and committing one talk more.
//!
//! Sizes and documents are those of the `search` bench. hallway's indexing ends with the merge that `hallway ingest` does
//! after its commit. Threads are raw's that index, and hallway's that parse: it indexes on one.

use std::{
    fs,
    path::PathBuf,
    time::{Duration, Instant},
};

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group, criterion_main};
use hallway::ingest::{IngestRequest, ingest};
use serde_json::json;
use tantivy::IndexWriter;
use tempfile::TempDir;

#[allow(dead_code, reason = "benches/search.rs uses more of it")]
mod support;

use support::{
    Built, Docs,
    collection::Collection,
    n_records,
    raw::{Raw, Result},
};

/// Segments that raw's small ones are merged at, as hallway's are.
const SEGMENTS_MAX: usize = hallway::index::SEGMENTS_MAX;

fn indexing(criterion: &mut Criterion) {
    measure(criterion).unwrap();
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let collection = Collection::new()?;
    for n in support::sizes()? {
        let built = Built::new(&collection, n)?;
        let n_docs = built.raw.n_docs();
        build(criterion, &built.docs, n_docs);
        commit(criterion, &built)?;
    }
    Ok(())
}

fn build(criterion: &mut Criterion, docs: &Docs, n_docs: u64) {
    let mut group = criterion.benchmark_group(format!("{}/build", docs.written.n_records));
    group.sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(docs.written.n_records as u64));
    let folder = || tempfile::tempdir().unwrap();
    for n_threads in [1, 2] {
        let paths = docs.paths();
        let raw = |folder: TempDir| {
            let (raw, built) = Raw::build(folder.path(), &paths, n_threads, 1).unwrap();
            assert_eq!((built.n_docs, built.n_segments), (n_docs, 1));
            (raw, folder)
        };
        let name = |engine| format!("{engine}/{n_threads} threads");
        group.bench_function(name("raw"), |bencher| bencher.iter_batched(folder, raw, BatchSize::PerIteration));
        let hallway = |folder: TempDir| {
            let index = docs.hallway(&folder.path().join("index"), n_threads).unwrap();
            assert_eq!(n_records(&index).unwrap(), docs.written.n_records as u64);
            (index, folder)
        };
        group.bench_function(name("hallway"), |bencher| bencher.iter_batched(folder, hallway, BatchSize::PerIteration));
    }
    group.finish();
}

/// One talk in a file of its own, for either engine.
struct NewTalks {
    folder: TempDir,
    n: u64,
}

impl NewTalks {
    fn next(&mut self) -> (PathBuf, String) {
        self.n += 1;
        let line = json!({
            "id": format!("new-{}", self.n), "title": format!("One more talk {}", self.n), "series": "FOSDEM",
            "year": 2019, "text": "It is added to an index that is already large. ".repeat(30),
        })
        .to_string();
        let path = self.folder.path().join(format!("new-{}.jsonl", self.n));
        fs::write(&path, &line).unwrap();
        (path, line)
    }
}

/// Until the talk is durable and found. The merges in between are not in the times.
fn commit(criterion: &mut Criterion, built: &Built) -> Result<()> {
    let mut group = criterion.benchmark_group(format!("{}/commit one talk", built.docs.written.n_records));
    let mut talks = NewTalks { folder: tempfile::tempdir()?, n: 0 };
    let Built { raw, index, .. } = built;

    let mut n_docs = raw.n_docs();
    let mut committed = |talks: &mut NewTalks, kept: Option<&mut IndexWriter>| {
        let (_, line) = talks.next();
        let began = Instant::now();
        let mut new = kept.is_none().then(|| raw.writer(1).unwrap());
        let writer = kept.or(new.as_mut()).unwrap();
        raw.add(writer, &line).unwrap();
        raw.commit(writer).unwrap();
        let took = began.elapsed();
        n_docs += 1;
        assert_eq!(raw.n_docs(), n_docs);
        if raw.n_segments() >= SEGMENTS_MAX {
            raw.merge_small(writer).unwrap();
        }
        took
    };
    let mut writer = raw.writer(1)?;
    group.bench_function("raw, its writer kept", |bencher| {
        bencher.iter_custom(|n| timed(n, || committed(&mut talks, Some(&mut writer))));
    });
    drop(writer);
    group.bench_function("raw, a new writer", |bencher| {
        bencher.iter_custom(|n| timed(n, || committed(&mut talks, None)));
    });

    let mut n_held = n_records(index)?;
    group.bench_function("hallway", |bencher| {
        bencher.iter_custom(|n| {
            timed(n, || {
                let (path, _) = talks.next();
                let request = IngestRequest { paths: vec![path], n_threads: 2, ..IngestRequest::default() };
                let began = Instant::now();
                ingest(index, &request, &mut |_| {}).unwrap();
                let took = began.elapsed();
                n_held += 1;
                assert_eq!(n_records(index).unwrap(), n_held);
                index.compact().unwrap();
                took
            })
        });
    });
    group.finish();
    Ok(())
}

fn timed(n: u64, mut once: impl FnMut() -> Duration) -> Duration {
    (0..n).map(|_| once()).sum()
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10).warm_up_time(Duration::from_millis(500));
    targets = indexing
}
criterion_main!(benches);
