//! How long a query takes on the sample collection, warm. Each benchmark asserts its answer.

use std::path::Path;

use criterion::{Criterion, criterion_group, criterion_main};
use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    search::{SearchRequest, search},
};

fn queries(criterion: &mut Criterion) {
    let folder = tempfile::tempdir().unwrap();
    let index = Index::open_or_create(folder.path()).unwrap();
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
    ingest(&index, &IngestRequest { paths: vec![corpus], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    for (name, query, facets) in [
        ("rare", "mastodon OR thanos", false),
        ("common", "the", false),
        ("and", "kubernetes monitoring", false),
        ("phrase", "\"load balancing\" OR \"error budget\" OR \"service level\"", false),
        ("faceted", "observability", true),
    ] {
        let request = SearchRequest {
            query: query.to_owned(),
            facets: if facets { vec!["year".to_owned(), "topic".to_owned()] } else { Vec::new() },
            ..SearchRequest::default()
        };
        criterion.bench_function(name, |bencher| {
            bencher.iter(|| {
                let results = search(&index, &request).unwrap();
                assert!(results.total > 0 && results.facets.is_some() == facets, "{name}");
                results
            });
        });
    }
}

criterion_group!(benches, queries);
criterion_main!(benches);
