//! What the checksums cost: opening an index and one query on it, with and without their verification, in the same run.
//! 40,000 talks made of the sample's sentences, or the JSON Lines file that `HALLWAY_BENCH_DOCS` names.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use criterion::{Criterion, criterion_group, criterion_main};
use hallway::{
    index::{Index, faults},
    ingest::{IngestRequest, ingest},
    record::{Kind, Record},
    search::{SearchRequest, search},
};

const TALKS: usize = 40_000;

/// The sample's talks over and over, each with sentences of several and words of its own.
fn talks(folder: &Path) -> PathBuf {
    let index = Index::open_or_create(&folder.join("sample")).unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    ingest(&index, &IngestRequest { paths: vec![corpus], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    let mut records: Vec<Record> = Vec::new();
    index
        .each_record(|record| {
            records.extend((record.kind == Kind::Talk).then_some(record));
            Ok(())
        })
        .unwrap();
    records.sort_by(|a, b| a.id.cmp(&b.id));
    let sentences: Vec<&str> = records.iter().flat_map(|record| record.body().split_inclusive(". ")).collect();
    let path = folder.join("talks.jsonl");
    let mut file = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    let mut random = fastrand::Rng::with_seed(7);
    // In test mode cargo asks for answers, not for times.
    let n = if std::env::args().any(|argument| argument == "--bench") { TALKS } else { 2_000 };
    for n in 0..n {
        let record = &records[n % records.len()];
        let text: String = (0..8).map(|_| *random.choice(&sentences).unwrap()).collect();
        // Few words are frequent and many are rare.
        let mut rare = || {
            let below = random.u32(1..200_000);
            random.u32(0..below)
        };
        let own: Vec<String> = (0..6).map(|_| format!("w{}", rare())).collect();
        let title = format!("{} {n}", record.title.as_deref().unwrap());
        let line = serde_json::json!({
            "title": title, "text": format!("{text} {}", own.join(" ")), "series": record.series, "year": record.year,
            "speakers": record.speakers,
        });
        writeln!(file, "{line}").unwrap();
    }
    path
}

fn integrity(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let input = std::env::var_os("HALLWAY_BENCH_DOCS").map_or_else(|| talks(folder.path()), PathBuf::from);
    let dir = folder.path().join("index");
    let index = Index::open_or_create(&dir).unwrap();
    ingest(&index, &IngestRequest { paths: vec![input], n_threads: 2, ..IngestRequest::default() }, &mut |_| {})
        .unwrap();
    index.compact().unwrap();
    drop(index);
    let request = |query: &str, facets: &[&str]| SearchRequest {
        query: query.to_owned(),
        facets: facets.iter().map(|name| (*name).to_owned()).collect(),
        ..SearchRequest::default()
    };
    for (name, request) in [
        ("open", None),
        ("one query", Some(request("kubernetes monitoring", &[]))),
        ("one query with facets", Some(request("data", &["year", "series"]))),
    ] {
        let mut group = criterion.benchmark_group(name);
        for (how, is_verified) in [("verified", true), ("unverified", false)] {
            group.bench_function(how, |bencher| {
                faults::verify_blocks(is_verified);
                bencher.iter(|| {
                    let index = Index::open(&dir).unwrap();
                    if let Some(request) = &request {
                        assert!(search(&index, request).unwrap().total > 0, "{name}");
                    }
                });
                faults::verify_blocks(true);
            });
        }
        group.finish();
    }
}

criterion_group!(benches, integrity);
criterion_main!(benches);
