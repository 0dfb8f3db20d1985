//! hallway searches conference talks and the reports that attendees write about them.
//!
//! The modules stand in the order in which a talk passes through them: bytes come from a [`source`], a format in
//! [`formats`] makes [records](record) of them, [`enrich`] adds what follows from the records, [`index`] keeps them and
//! [`ingest`] runs all of that; a string becomes a [`query`], [`search`] finds and ranks, [`render`] writes.
//! [`overlap`] compares texts. [`latency`] says how fast it is, [`eval`] how good the order of its answers, [`stats`] what measurements are worth.
//!
//! ```
//! use hallway::{index::Index, ingest::{IngestRequest, ingest}, search::{SearchRequest, search}};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let folder = tempfile::tempdir()?;
//! let program = folder.path().join("program.jsonl");
//! std::fs::write(&program, r#"{"title": "Tracing without tears", "speakers": ["A. Speaker"], "year": 2024}"#)?;
//!
//! let index = Index::open_or_create(&folder.path().join("index"))?;
//! ingest(&index, &IngestRequest { paths: vec![program], ..IngestRequest::default() }, &mut |_| {})?;
//!
//! let results = search(&index, &SearchRequest { query: "trace".into(), ..SearchRequest::default() })?;
//! assert_eq!(results.total, 1);
//! assert_eq!(results.hits[0].record.speakers[0].name, "A. Speaker");
//! # Ok(())
//! # }
//! ```
//!
//! The library reads no environment, no configuration and no clock, and never prints: the binary does.

pub mod error;

pub mod source;

pub mod text;

pub mod record;

pub mod formats;

pub mod enrich;

pub mod index;

pub mod ingest;

pub mod repair;

pub mod removal;

pub mod query;

pub mod search;

pub mod overlap;

pub mod stats;

pub mod latency;

pub mod eval;

pub mod render;

/// The examples of `docs/library.md`, so that they are compiled and run.
#[cfg(doctest)]
#[doc = include_str!("../docs/library.md")]
pub struct LibraryGuide;
