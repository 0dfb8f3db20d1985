//! How long a query takes: raw tantivy ([`support::raw`] says what that is) and hallway, over the same documents, warm.
//!
//! Each class of queries is asked in three steps: the ten best, as addresses from raw and as ids from hallway; with their
//! records and snippets; with facets as well. `one-shot` opens an index and asks one query with snippets. One iteration
//! asks all queries of a class. Times include the reading of the query, and every answer is checked.
//!
//! 10,000 and 100,000 records, unless `HALLWAY_BENCH_SIZES` says otherwise; of the sample collection grown to that, or of
//! the JSON Lines file that `HALLWAY_BENCH_DOCS` names.

use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, Throughput, criterion_group, criterion_main, measurement::WallTime};
use hallway::{
    index::Index,
    search::{SearchRequest, rank, search},
};

#[allow(dead_code, reason = "benches/index.rs uses more of it")]
mod support;

use support::{
    Built,
    collection::Collection,
    questions::{CLASSES, Counted, draw, request},
    raw::{self, N_HITS, Op, Raw, Result, Steps},
};

/// What the steps are called, and what they ask for.
const STEPS: [(&str, Steps); 3] = [
    ("top 10", Steps { snippets: false, facets: false }),
    ("snippets", Steps { snippets: true, facets: false }),
    ("facets", Steps { snippets: true, facets: true }),
];

fn queries(criterion: &mut Criterion) {
    measure(criterion).unwrap();
}

fn measure(criterion: &mut Criterion) -> Result<()> {
    let collection = Collection::new()?;
    for n in support::sizes()? {
        let built = Built::new(&collection, n)?;
        let counted = draw(&built.docs.paths(), &built.index)?;
        let with_snippets = counted.iter().map(|one| check(&built, one)).collect::<Result<Vec<bool>>>()?;
        assert!(with_snippets.iter().filter(|has| **has).count() * 2 > counted.len());
        let n = built.docs.written.n_records;
        for class in CLASSES {
            let of_class: Vec<&Counted> = counted.iter().filter(|one| one.question.class == *class).collect();
            if of_class.is_empty() {
                eprintln!("{n}/{class}: the collection has no such words");
                continue;
            }
            let asked = of_class.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
            eprintln!("{n}/{class}: {asked}");
            let mut group = criterion.benchmark_group(format!("{n}/{class}"));
            group.throughput(Throughput::Elements(of_class.len() as u64));
            // What is special about faceted queries is the last step alone.
            let steps = if *class == "faceted" { &STEPS[2..] } else { &STEPS[..] };
            for (step, steps) in steps {
                bench_raw(&mut group, step, *steps, &built.raw, &of_class);
                bench_hallway(&mut group, step, *steps, &built.index, &of_class);
            }
            group.finish();
        }
        one_shot(criterion, &built, &counted);
    }
    Ok(())
}

/// The answers of both engines are as many as plain counting finds. Whether raw shows what matched: it can't for a
/// prefix, nor where titles alone match.
fn check(built: &Built, one: &Counted) -> Result<bool> {
    let question = &one.question;
    assert_eq!(built.raw.count(question)?, one.n_raw, "{question:?}");
    let answer = built.raw.search(question, STEPS[2].1)?;
    let facets = answer.facets.as_ref().ok_or("no facets")?;
    let n_of_years: u64 = raw::counts(facets, "year")?.iter().map(|(_, n)| n).sum();
    assert!(n_of_years == one.n_raw || !built.docs.written.all_have_years, "{question:?}: {n_of_years}");
    let has_snippets = answer.hits.iter().any(|(_, snippet)| !snippet.is_empty());
    let n_hallway = one.n_hallway;
    // Plain counting knows neither synonyms nor other spellings.
    let results = search(&built.index, &SearchRequest { synonyms: None, ..request(question, true) })?;
    assert_eq!(results.total, n_hallway, "{question:?}");
    assert!(results.hits.iter().any(|hit| !hit.snippets.is_empty()), "{question:?}");
    let facets = results.facets.ok_or("no facets")?;
    let years = facets.iter().find(|facet| facet.field == "year").ok_or("no years")?;
    let n_of_years: u64 = years.counts.iter().map(|value| value.count).sum();
    let is_whole =
        built.docs.written.all_have_years && years.n_values == years.counts.len() && question.op != Op::Filter;
    assert!(n_of_years == n_hallway || !is_whole, "{question:?}: {n_of_years}");
    Ok(has_snippets)
}

fn bench_raw(group: &mut BenchmarkGroup<WallTime>, step: &str, steps: Steps, raw: &Raw, asked: &[&Counted]) {
    group.bench_function(format!("{step}/raw"), |bencher| {
        bencher.iter(|| {
            for one in asked {
                let answer = raw.search(&one.question, steps).unwrap();
                assert_eq!(answer.top.len() as u64, one.n_raw.min(N_HITS as u64), "{:?}", one.question);
                assert_eq!(answer.hits.len(), if steps.snippets { answer.top.len() } else { 0 });
                assert_eq!(answer.facets.is_some(), steps.facets);
            }
        });
    });
}

fn bench_hallway(group: &mut BenchmarkGroup<WallTime>, step: &str, steps: Steps, index: &Index, asked: &[&Counted]) {
    let with_total = |one: &&Counted| {
        let request = request(&one.question, steps.facets);
        let total = rank(index, &request).unwrap().total;
        assert!(total >= one.n_hallway, "{}", request.query);
        (request, total)
    };
    let asked: Vec<(SearchRequest, u64)> = asked.iter().map(with_total).collect();
    group.bench_function(format!("{step}/hallway"), |bencher| {
        bencher.iter(|| {
            for (request, total) in &asked {
                if steps.snippets {
                    let results = search(index, request).unwrap();
                    assert_eq!(results.total, *total, "{}", request.query);
                    assert_eq!(results.hits.len() as u64, (*total).min(N_HITS as u64), "{}", request.query);
                    assert_eq!(results.facets.is_some(), steps.facets);
                } else {
                    let ranking = rank(index, request).unwrap();
                    assert_eq!(ranking.total, *total, "{}", request.query);
                    assert_eq!(ranking.hits.len() as u64, (*total).min(N_HITS as u64), "{}", request.query);
                }
            }
        });
    });
}

/// What a command does: opens the index and answers one query.
fn one_shot(criterion: &mut Criterion, built: &Built, counted: &[Counted]) {
    let Some(one) = counted.iter().find(|one| one.question.class == "and") else { return };
    let request = request(&one.question, false);
    let total = rank(&built.index, &request).unwrap().total;
    let mut group = criterion.benchmark_group(format!("{}/one-shot", built.docs.written.n_records));
    let dir = built.raw_dir();
    group.bench_function("raw", |bencher| {
        bencher.iter(|| {
            let answer = Raw::open(&dir).unwrap().search(&one.question, STEPS[1].1).unwrap();
            assert_eq!(answer.hits.len(), N_HITS);
        });
    });
    group.bench_function("hallway", |bencher| {
        bencher.iter(|| {
            let results = search(&Index::open(built.index.dir()).unwrap(), &request).unwrap();
            assert_eq!(results.total, total);
        });
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(20)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2));
    targets = queries
}
criterion_main!(benches);
