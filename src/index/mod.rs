//! Records → tantivy: the index on disk. `index/` is the only place that writes.
//!
//! A folder with an index holds `README.md`, whose first line marks it; `tantivy/`, the documents and the catalog of the
//! sources they came from; `writer.lock`; and `stamps.jsonl`, by which changes of the sources are noticed.

pub(crate) mod boilerplate;
mod catalog;
mod check;
pub(crate) mod columns;
mod compact;
mod directory;
mod disk;
mod document;
mod ids;
mod lock;
mod merge;
pub(crate) mod ordinals;
mod pile;
mod reach;
pub(crate) mod salvage;
pub mod schema;
mod seal;
pub mod searched;
pub mod signature;
mod stamps;
pub(crate) mod swap;
mod sweep;
pub mod tokenizer;
mod words;
mod writer;

use std::{
    fs,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use tantivy::{
    Directory, DocAddress, IndexReader, IndexSettings, ReloadPolicy, Searcher, TantivyDocument, TantivyError, Term,
    collector::DocSetCollector,
    directory::error::{LockError, OpenReadError, OpenWriteError},
    query::TermQuery,
    schema::{IndexRecordOption, Value},
    store::Compressor,
    tokenizer::TextAnalyzer,
};

pub use catalog::{Catalog, Labelling, RemovedRecord, RemovedSource, SourceEntry};
pub use check::{CheckReport, check};
pub use compact::SEGMENTS_MAX;
#[cfg(feature = "faults")]
pub use disk::{Op, faults};
pub use document::{Shown, facet_values};
pub use seal::Damage;
pub use stamps::Changed;
pub use writer::{Labeller, Writer};

use crate::{
    error::{Error, ErrorKind, Result},
    record::Record,
};
use catalog::Payload;
use directory::IndexDirectory;
pub(crate) use lock::lock;
use merge::{Member, Merged};
use schema::{handle, internal};

/// Raised by every change of the schema, of the analyzer, of what is stored or of how files are written. An index of
/// another version is not read, but for what a rebuild takes over: tantivy's stored fields [`internal::RECORD`],
/// [`internal::MEMBERS`] and [`internal::SOURCE`], and the catalog.
pub const FORMAT_VERSION: u32 = 5;
/// First line of an index folder's README.md.
pub const MARKER: &str = "# hallway index";
/// First line where the index is of the sample collection in `corpus/` beside it, and is built at first use.
pub const SAMPLE_MARKER: &str = "# hallway index: the sample collection";

/// What to do about an index that can't be used.
const REPAIR: &str =
    "`hallway check` says what is damaged, `hallway check --repair` rebuilds the index from its sources";
/// What to do about an index of an earlier version.
const REBUILD: &str = "`hallway check --repair` rebuilds it from its sources; so does the next `hallway ingest`";
/// Tantivy's folder within an index folder.
const SEGMENTS: &str = "tantivy";
/// The file that marks an index folder.
pub(crate) const README: &str = "README.md";
/// Bytes of records that are compressed together: a hit is shown from a block that is unpacked for it.
const STORE_BLOCK_BYTES: usize = 8 << 10;
/// How often a reader tries again when files that it was about to open are gone: a writer that it could not tell of
/// itself, on a medium that is read-only here, has replaced them.
const TRIES: usize = 5;

/// Whether a folder is an index, or is marked to become one.
pub fn is_index_folder(dir: &Path) -> bool {
    let first_line = |file: fs::File| BufReader::new(file.take(MARKER.len() as u64)).lines().next();
    let line = fs::File::open(dir.join(README)).ok().and_then(first_line);
    line.and_then(std::result::Result::ok).is_some_and(|line| line == MARKER)
}

/// An index, open for searching and for writing.
pub struct Index {
    dir: PathBuf,
    tantivy: tantivy::Index,
    reader: IndexReader,
    columns: columns::Columns,
}

impl Index {
    /// Opens the index in `dir`.
    ///
    /// # Errors
    /// `NoIndex` when there is none or nothing was ever committed; `Index` when it is damaged or of another version; `Io`.
    pub fn open(dir: &Path) -> Result<Index> {
        let folder = dir.join(SEGMENTS);
        if !folder.join("meta.json").is_file() {
            return Err(Self::missing(dir));
        }
        let mut tries = 0;
        let index = loop {
            tries += 1;
            match Self::with(dir, tantivy::Index::open) {
                Err(TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }))
                    if io_error.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                Err(error) => return Err(salvage::other_version(dir).unwrap_or_else(|| index_error(dir, &error))),
                Ok(index) => break index,
            }
        };
        let payload = index.payload()?.ok_or_else(|| no_index(dir))?;
        if payload.format_version != FORMAT_VERSION {
            return Err(version_error(dir, payload.format_version));
        }
        index.check_schema()?;
        Ok(index)
    }

    /// Why there is nothing to open.
    fn missing(dir: &Path) -> Error {
        let folder = dir.join(SEGMENTS);
        let message = |what: &str| Error::new(ErrorKind::Index, format!("{} {what}", dir.display())).hint(REPAIR);
        if swap::is_unfinished(dir) {
            return message("is being repaired, or its repair was stopped");
        }
        let mut names = fs::read_dir(&folder).into_iter().flatten().flatten().map(|entry| entry.file_name());
        // The very first `meta.json` may not have come to its end.
        let is_whole = |name: &str| sweep::is_ours(name) && !name.ends_with(disk::UNFINISHED);
        if names.any(|name| is_whole(&name.to_string_lossy())) {
            return message("is damaged: tantivy/meta.json is missing");
        }
        no_index(dir)
    }

    /// Opens the index in `dir`, or creates it.
    ///
    /// # Errors
    /// As [`Index::open`] without `NoIndex`.
    pub fn open_or_create(dir: &Path) -> Result<Index> {
        match Index::open(dir) {
            Err(error) if error.kind() == ErrorKind::NoIndex => Index::create(dir),
            other => other,
        }
    }

    fn create(dir: &Path) -> Result<Index> {
        // A marker that a stopped run did not finish is nothing yet.
        let unfinished = format!("{README}{}", disk::UNFINISHED);
        let is_empty = fs::read_dir(dir)
            .map_or(true, |entries| entries.flatten().all(|entry| entry.file_name().to_string_lossy() == unfinished));
        if !is_empty && !is_index_folder(dir) {
            let message = format!("{} holds other files and is no index", dir.display());
            return Err(Error::new(ErrorKind::Usage, message).hint("name a folder that is empty or not there yet"));
        }
        let folder = dir.join(SEGMENTS);
        // The marker first: what a stopped run leaves behind is known for an index.
        disk::create_folder(dir).map_err(|cause| Error::io("can't create", dir, cause))?;
        if dir.join(README).exists() {
            // A process that was stopped may have left a marker that is seen and not durable yet.
            disk::sync_folder(dir).map_err(|cause| Error::io("can't write", dir, cause))?;
        } else {
            swap::write_marker(dir)?;
        }
        disk::create_folder(&folder).map_err(|cause| Error::io("can't create", &folder, cause))?;
        let created = Self::with(dir, |directory| {
            let settings = IndexSettings {
                docstore_compression: Compressor::Lz4,
                docstore_blocksize: STORE_BLOCK_BYTES,
                ..IndexSettings::default()
            };
            if tantivy::Index::exists(&directory)? {
                tantivy::Index::open(directory)
            } else {
                tantivy::Index::create(directory, schema::schema(), settings)
            }
        });
        let index = created.map_err(|error| index_error(dir, &error))?;
        index.check_schema()?;
        Ok(index)
    }

    fn with(
        dir: &Path,
        open: impl FnOnce(IndexDirectory) -> tantivy::Result<tantivy::Index>,
    ) -> tantivy::Result<Index> {
        let tantivy = open(IndexDirectory::open(&dir.join(SEGMENTS))?)?;
        for (name, tokenizer) in tokenizer::HallwayTokenizer::all() {
            tantivy.tokenizers().register(name, TextAnalyzer::from(tokenizer));
        }
        let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        Ok(Index { dir: dir.to_owned(), tantivy, reader, columns: columns::Columns::default() })
    }

    fn check_schema(&self) -> Result<()> {
        if self.tantivy.schema() == schema::schema() {
            return Ok(());
        }
        Err(Error::new(ErrorKind::Index, format!("{} has another schema", self.dir.display())).hint(REBUILD))
    }

    /// The folder that the index is in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A snapshot of the last commit that this index was opened or reloaded at.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
    }

    /// Tantivy's folder.
    fn folder(&self) -> PathBuf {
        self.dir.join(SEGMENTS)
    }

    /// Whether nothing was ever committed.
    ///
    /// # Errors
    /// `Index`.
    pub fn is_new(&self) -> Result<bool> {
        self.payload().map(|payload| payload.is_none())
    }

    /// Makes later commits visible.
    ///
    /// # Errors
    /// `Index`.
    pub fn reload(&self) -> Result<()> {
        self.columns.clear();
        let mut tries = 0;
        loop {
            tries += 1;
            match self.reader.reload() {
                Err(TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. }))
                    if io_error.kind() == io::ErrorKind::NotFound && tries < TRIES => {}
                other => return other.map_err(|error| self.error(error)),
            }
        }
    }

    /// The sources of the last commit.
    ///
    /// # Errors
    /// `Io`, `Index` when the catalog is damaged.
    pub fn catalog(&self) -> Result<Catalog> {
        loop {
            let Some(payload) = self.payload()? else { return Ok(Catalog::default()) };
            match Catalog::load(&self.folder(), &payload) {
                // A commit came between and took the file away with it.
                Err(_) if self.payload()?.is_some_and(|now| now.catalog != payload.catalog) => {}
                other => return other.map_err(|damage| damaged(&self.dir, &damage)),
            }
        }
    }

    /// By what the records of the last commit are labelled.
    ///
    /// # Errors
    /// `Index`.
    pub fn labelling(&self) -> Result<Labelling> {
        Ok(self.payload()?.map(|payload| payload.labelling).unwrap_or_default())
    }

    /// Starts a batch of changes.
    ///
    /// # Errors
    /// `Busy` when another process is writing; `Io`, `Index`.
    pub fn writer(&self) -> Result<Writer<'_>> {
        Writer::new(self)
    }

    fn payload(&self) -> Result<Option<Payload>> {
        /// The one part of `meta.json` that is ours.
        #[derive(serde::Deserialize)]
        struct Meta {
            payload: Option<String>,
        }
        let bytes = self.tantivy.directory().atomic_read(Path::new("meta.json"));
        let bytes = bytes.map_err(|error| self.error(error.into()))?;
        let read = |bytes| -> serde_json::Result<Option<Payload>> {
            let meta: Meta = serde_json::from_slice(bytes)?;
            meta.payload.map(|text| serde_json::from_str(&text)).transpose()
        };
        read(&bytes).map_err(|error| {
            Error::new(ErrorKind::Index, format!("{} was not written by hallway", self.dir.display()))
                .because(error)
                .hint(REPAIR)
        })
    }

    /// The record with this permanent id, or into which the one with this id was merged; else every record whose id
    /// without the hex suffix this is, in order of id.
    ///
    /// # Errors
    /// `Index`.
    pub fn records_by_id(&self, id: &str) -> Result<Vec<Record>> {
        let searcher = self.searcher();
        for field in [internal::ID, internal::ALIAS, internal::BARE_ID] {
            let found = self.merged_with(&searcher, field, id)?;
            if !found.is_empty() {
                return Ok(found.into_iter().map(|merged| merged.record).collect());
            }
        }
        Ok(Vec::new())
    }

    /// The name of the edition of the record with this permanent id. Reads no stored record.
    ///
    /// # Errors
    /// `Index`.
    pub fn edition_of(&self, searcher: &Searcher, id: &str) -> Result<Option<String>> {
        let query = TermQuery::new(
            Term::from_field_text(handle(searcher.schema(), internal::ID), id),
            IndexRecordOption::Basic,
        );
        let found = searcher.search(&query, &DocSetCollector).map_err(|error| self.error(error))?;
        let Some(address) = found.into_iter().min() else { return Ok(None) };
        let column = searcher.segment_reader(address.segment_ord).fast_fields().str("edition");
        let Some(column) = column.map_err(|error| self.error(error))? else { return Ok(None) };
        let Some(ord) = column.term_ords(address.doc_id).next() else { return Ok(None) };
        let mut name = String::new();
        column.ord_to_str(ord, &mut name).map_err(|error| self.error(error.into()))?;
        Ok(Some(name))
    }

    /// The records that hold `value` in one of the [`internal`] key fields, in order of id.
    fn merged_with(&self, searcher: &Searcher, field: &str, value: &str) -> Result<Vec<Merged>> {
        let term = Term::from_field_text(handle(searcher.schema(), field), value);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut merged = Vec::new();
        for address in searcher.search(&query, &DocSetCollector).map_err(|error| self.error(error))? {
            merged.extend(self.merged(&self.document(searcher, address)?)?);
        }
        merged.sort_by(|a, b| a.record.id.cmp(&b.record.id));
        Ok(merged)
    }

    /// The record that a document stores, with what it was merged from; null for all passages of a report but the first.
    fn merged(&self, document: &TantivyDocument) -> Result<Option<Merged>> {
        let Some(record) = self.read::<Record>(document, internal::RECORD)? else { return Ok(None) };
        let members = if let Some(members) = self.read(document, internal::MEMBERS)? {
            members
        } else {
            let source = document.get_first(handle(&self.tantivy.schema(), internal::SOURCE));
            let source = source.and_then(|value| value.as_str()).unwrap_or_default().to_owned();
            vec![Member { source, record: record.clone() }]
        };
        Ok(Some(Merged { record, members }))
    }

    /// Calls `each` with every record of the index, in no order in particular; stops at the first error.
    ///
    /// # Errors
    /// `Index`, and what `each` gives.
    pub fn each_record(&self, mut each: impl FnMut(Record) -> Result<()>) -> Result<()> {
        self.each_document(|document| match self.read(&document, internal::RECORD)? {
            Some(record) => each(record),
            None => Ok(()),
        })
    }

    /// As [`Index::each_record`], with what the records were merged from.
    fn each_merged(&self, mut each: impl FnMut(Merged) -> Result<()>) -> Result<()> {
        self.each_document(|document| match self.merged(&document)? {
            Some(merged) => each(merged),
            None => Ok(()),
        })
    }

    fn each_document(&self, mut each: impl FnMut(TantivyDocument) -> Result<()>) -> Result<()> {
        let searcher = self.searcher();
        for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
            for doc_id in segment.doc_ids_alive() {
                let address = DocAddress::new(u32::try_from(segment_ord).unwrap_or(u32::MAX), doc_id);
                each(self.document(&searcher, address)?)?;
            }
        }
        Ok(())
    }

    /// What a hit shows of a document: a talk or bio whole, a report with the one passage.
    ///
    /// # Errors
    /// `Index` when the document can't be read.
    pub fn shown(&self, searcher: &Searcher, address: DocAddress) -> Result<Shown> {
        let document = self.document(searcher, address)?;
        for field in [internal::PASSAGE, internal::RECORD] {
            if let Some(record) = self.read(&document, field)? {
                let json = document.get_first(handle(searcher.schema(), field)).and_then(|value| value.as_str());
                return Ok(Shown { record, unsearched: json.map(document::unsearched).unwrap_or_default() });
            }
        }
        Err(Error::new(ErrorKind::Index, format!("{} lacks a stored record", self.dir.display())).hint(REPAIR))
    }

    fn document(&self, searcher: &Searcher, address: DocAddress) -> Result<TantivyDocument> {
        searcher.doc(address).map_err(|error| self.error(error))
    }

    /// What a stored JSON field holds.
    fn read<T: DeserializeOwned>(&self, document: &TantivyDocument, field: &str) -> Result<Option<T>> {
        let value = document.get_first(handle(&self.tantivy.schema(), field));
        let Some(json) = value.and_then(|value| value.as_str()) else { return Ok(None) };
        serde_json::from_str(json).map(Some).map_err(|error| {
            Error::new(ErrorKind::Index, format!("{} holds a damaged record", self.dir.display()))
                .because(error)
                .hint(REPAIR)
        })
    }

    /// A tantivy error with the index's folder and what to do.
    #[allow(clippy::needless_pass_by_value)]
    pub(crate) fn error(&self, error: TantivyError) -> Error {
        index_error(&self.dir, &error)
    }
}

fn no_index(dir: &Path) -> Error {
    Error::new(ErrorKind::NoIndex, format!("there is no index in {}", dir.display()))
        .hint("`hallway ingest PATH…` reads your programs and reports into one")
}

/// An index of another format version.
pub(crate) fn version_error(dir: &Path, theirs: u32) -> Error {
    let message = format!("{} has format version {theirs}, this hallway reads {FORMAT_VERSION}", dir.display());
    let hint = if theirs > FORMAT_VERSION { "it was written by a newer hallway: use that one" } else { REBUILD };
    Error::new(ErrorKind::Index, message).hint(hint)
}

fn damaged(dir: &Path, damage: &Damage) -> Error {
    Error::new(ErrorKind::Index, format!("the index in {} is damaged: {damage}", dir.display())).hint(REPAIR)
}

fn index_error(dir: &Path, error: &TantivyError) -> Error {
    let io_error = match error {
        TantivyError::IoError(error) => Some(error),
        TantivyError::OpenReadError(OpenReadError::IoError { io_error, .. })
        | TantivyError::OpenWriteError(OpenWriteError::IoError { io_error, .. })
        | TantivyError::LockFailure(LockError::IoError(io_error), _) => Some(io_error),
        _ => None,
    };
    if let Some(damage) = io_error.and_then(|error| error.get_ref()?.downcast_ref::<Damage>()) {
        return damaged(dir, damage);
    }
    let message = format!("the index in {} can't be used", dir.display());
    match (error, io_error) {
        (_, Some(cause)) if cause.kind() != io::ErrorKind::InvalidData => {
            let hint = "check the disk and its permissions, and try again";
            Error::new(ErrorKind::Io, format!("{message}: {cause}")).hint(hint)
        }
        (TantivyError::LockFailure(..), _) => Error::new(ErrorKind::Busy, message).because(error.clone()),
        _ => Error::new(ErrorKind::Index, message).because(error.clone()).hint(REPAIR),
    }
}
