//! What the benches share: the documents, the baseline, the queries, and both engines' indexes over them.

use std::path::{Path, PathBuf};

use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    search::{SearchRequest, search},
};
use tempfile::TempDir;

pub mod collection;
pub mod questions;
pub mod raw;

use collection::{Collection, Written};
use raw::{Raw, Result};

/// Records in test mode: cargo asks for answers then, not for times.
const N_TESTED: usize = 300;
const N_MEASURED: [usize; 2] = [10_000, 100_000];
/// Threads that parse: as the command line takes them on two cores.
const N_THREADS: usize = 2;

/// Numbers of records to measure with; `HALLWAY_BENCH_SIZES` gives others.
pub fn sizes() -> Result<Vec<usize>> {
    if !std::env::args().any(|argument| argument == "--bench") {
        return Ok(vec![N_TESTED]);
    }
    match std::env::var("HALLWAY_BENCH_SIZES") {
        Ok(sizes) => Ok(sizes.split(',').map(|size| size.trim().parse()).collect::<std::result::Result<_, _>>()?),
        Err(_) => Ok(N_MEASURED.to_vec()),
    }
}

/// A collection on disk as both engines read it.
pub struct Docs {
    folder: TempDir,
    pub written: Written,
}

impl Docs {
    pub fn write(collection: &Collection, n: usize) -> Result<Docs> {
        let folder = tempfile::tempdir()?;
        let written = collection.write(n, folder.path())?;
        Ok(Docs { folder, written })
    }

    pub fn paths(&self) -> Vec<PathBuf> {
        vec![self.folder.path().to_owned()]
    }

    /// hallway's index as the command line builds it.
    pub fn hallway(&self, dir: &Path, n_threads: usize) -> Result<Index> {
        let index = Index::open_or_create(dir)?;
        let request = IngestRequest { paths: self.paths(), n_threads, ..IngestRequest::default() };
        let summary = ingest(&index, &request, &mut |_| {})?;
        assert!(summary.problems.is_empty(), "{:?}", summary.problems.first());
        index.compact()?;
        Ok(index)
    }
}

/// Records of an index.
pub fn n_records(index: &Index) -> Result<u64> {
    Ok(search(index, &SearchRequest { limit: 0, ..SearchRequest::default() })?.total)
}

/// Both engines over the same documents, in as many segments.
pub struct Built {
    pub docs: Docs,
    pub index: Index,
    pub raw: Raw,
    indexes: TempDir,
}

impl Built {
    pub fn new(collection: &Collection, n: usize) -> Result<Built> {
        let docs = Docs::write(collection, n)?;
        let indexes = tempfile::tempdir()?;
        let index = docs.hallway(&indexes.path().join("hallway"), N_THREADS)?;
        assert_eq!(n_records(&index)?, docs.written.n_records as u64, "hallway took some records for copies of others");
        let built_at = indexes.path().join("raw");
        std::fs::create_dir(&built_at)?;
        let (raw, built) = Raw::build(&built_at, &docs.paths(), 1, index.n_segments())?;
        assert_eq!((built.n_docs, built.n_segments), (index.searcher().num_docs(), index.n_segments()));
        Ok(Built { docs, index, raw, indexes })
    }

    pub fn raw_dir(&self) -> PathBuf {
        self.indexes.path().join("raw")
    }
}
