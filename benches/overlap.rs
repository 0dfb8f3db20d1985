//! How long it takes to find what is like a talk, warm, and to compare a call for papers with a collection.
//!
//! `similar` is one talk of the collection against all; one iteration takes 20 of them, each as a run of the command line would,
//! with nothing kept from the one before. `call` is a call of proposals, themselves talks of the collection.
//!
//! Sizes and documents as in `search.rs`.

use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hallway::{
    index::Index,
    overlap::{CallRequest, Comparison, SimilarRequest, WORDS_MIN, Weights},
    record::{Kind, Record},
    search::{Filter, Nearby, SearchRequest, each_match},
};

#[allow(dead_code, reason = "the other benches use more of it")]
mod support;

use support::{Docs, collection::Collection, raw::Result};

const N_TALKS: usize = 20;
const N_PROPOSALS: usize = 300;
/// In test mode, and for collections that have fewer.
const N_PROPOSALS_TESTED: usize = 20;

fn overlap(criterion: &mut Criterion) {
    measure(criterion).unwrap();
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let collection = Collection::new()?;
    for n in support::sizes()? {
        let docs = Docs::write(&collection, n)?;
        let folder = tempfile::tempdir()?;
        let index = docs.hallway(folder.path(), 2)?;
        let talks = talks(&index)?;
        let n = docs.written.n_records;
        let mut group = criterion.benchmark_group(format!("{n}/overlap"));
        group.throughput(Throughput::Elements(N_TALKS as u64));
        group.bench_function("similar", |bencher| {
            bencher.iter(|| {
                for talk in talks.iter().take(N_TALKS) {
                    assert!(similar(&index, talk).unwrap() > 0, "{}", talk.id);
                }
            });
        });
        let n_proposals = if n > N_PROPOSALS { N_PROPOSALS } else { N_PROPOSALS_TESTED };
        let proposals = &talks[..n_proposals.min(talks.len())];
        group.throughput(Throughput::Elements(proposals.len() as u64));
        group.bench_function(format!("call of {}", proposals.len()), |bencher| {
            bencher.iter(|| assert_eq!(call(&index, proposals).unwrap(), proposals.len()));
        });
        group.finish();
    }
    Ok(())
}

/// Talks in regular distances, of those that say enough.
fn talks(index: &Index) -> Result<Vec<Record>> {
    let filters = vec![Filter { field: "kind".to_owned(), values: vec![Kind::Talk.as_str().to_owned()] }];
    let mut all = Vec::new();
    each_match(index, &SearchRequest { filters, ..SearchRequest::default() }, |talk| {
        all.push(talk);
        Ok(())
    })?;
    all.retain(|talk| talk.body().split_whitespace().count() > 4 * WORDS_MIN);
    let step = (all.len() / N_PROPOSALS).max(1);
    let talks: Vec<Record> = all.into_iter().step_by(step).collect();
    assert!(talks.len() >= N_PROPOSALS_TESTED, "{} talks have a text", talks.len());
    Ok(talks)
}

/// Candidates that were compared in full.
fn similar(index: &Index, talk: &Record) -> Result<usize> {
    let nearby = Nearby::new(index);
    let weights = Weights::new(&nearby);
    let mut comparison = Comparison::new(&nearby, &weights);
    let subject = comparison.subject(talk.clone())?;
    Ok(comparison.similar(&subject, &SimilarRequest { limit: 10, ..SimilarRequest::default() })?.n_compared)
}

/// Proposals that were assessed.
fn call(index: &Index, proposals: &[Record]) -> Result<usize> {
    let nearby = Nearby::new(index);
    let weights = Weights::new(&nearby);
    let mut comparison = Comparison::new(&nearby, &weights);
    Ok(comparison.call(index, proposals, &CallRequest::default(), &mut |_| {})?.proposals.len())
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = overlap
}
criterion_main!(benches);
