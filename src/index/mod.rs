//! Records → tantivy: the index on disk. `index/` is the only place that writes.
//!
//! A folder with an index holds `README.md`, whose first line marks it; `tantivy/`, the documents; `catalog-*.json`, the
//! sources they came from; and `writer.lock`.

mod catalog;
mod directory;
mod document;
mod merge;
pub mod schema;
mod writer;

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use tantivy::{
    DocAddress, IndexReader, IndexSettings, ReloadPolicy, Searcher, TantivyDocument, Term,
    collector::DocSetCollector,
    query::TermQuery,
    schema::{IndexRecordOption, Value},
    store::Compressor,
    tokenizer::TextAnalyzer,
};

pub use catalog::{Catalog, SourceEntry};
pub use document::facet_values;
pub use writer::Writer;

use crate::{
    error::{Error, ErrorKind, Result},
    record::{Record, bare_id},
};
use catalog::Payload;
use directory::DurableDirectory;
use merge::{Member, Merged};
use schema::{HallwayTokenizer, TOKENIZER, handle, internal};

/// Raised by every change of the schema, of the analyzer or of what is stored. An index of another version is not read.
pub const FORMAT_VERSION: u32 = 1;
/// First line of an index folder's README.md.
pub const MARKER: &str = "# hallway index";
/// First line where the index is of the sample collection in `corpus/` beside it, and is built at first use.
pub const SAMPLE_MARKER: &str = "# hallway index: the sample collection";

/// What to do about an index that can't be used.
const REBUILD: &str = "move the folder aside and run `hallway ingest` on your sources again";

/// Whether a folder is an index, or is marked to become one.
pub fn is_index_folder(dir: &Path) -> bool {
    let first_line = |file: fs::File| BufReader::new(file.take(MARKER.len() as u64)).lines().next();
    let line = fs::File::open(dir.join("README.md")).ok().and_then(first_line);
    line.and_then(std::result::Result::ok).is_some_and(|line| line == MARKER)
}

/// An index, open for searching and for writing.
pub struct Index {
    dir: PathBuf,
    tantivy: tantivy::Index,
    reader: IndexReader,
}

impl Index {
    /// Opens the index in `dir`.
    ///
    /// # Errors
    /// `NoIndex` when there is none or nothing was ever committed; `Index` when it is damaged or of another format
    /// version; `Io`.
    pub fn open(dir: &Path) -> Result<Index> {
        let folder = dir.join("tantivy");
        if !folder.join("meta.json").is_file() {
            return Err(no_index(dir));
        }
        let index = Self::with(dir, tantivy::Index::open)?;
        let payload = index.payload()?.ok_or_else(|| no_index(dir))?;
        if payload.format_version != FORMAT_VERSION {
            let (theirs, ours) = (payload.format_version, FORMAT_VERSION);
            let message = format!("{} has format version {theirs}, this hallway reads {ours}", dir.display());
            return Err(Error::new(ErrorKind::Index, message).hint(REBUILD));
        }
        Ok(index)
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
        let is_empty = fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none());
        if !is_empty && !is_index_folder(dir) {
            let message = format!("{} holds other files and is no index", dir.display());
            return Err(Error::new(ErrorKind::Usage, message).hint("name a folder that is empty or not there yet"));
        }
        let folder = dir.join("tantivy");
        fs::create_dir_all(&folder).map_err(|cause| Error::io("can't create", &folder, cause))?;
        let readme = dir.join("README.md");
        if !readme.exists() {
            let text = format!("{MARKER}\n\nWritten by `hallway ingest`; `hallway status` says what is in it.\n");
            fs::write(&readme, text).map_err(|cause| Error::io("can't write", &readme, cause))?;
        }
        Self::with(dir, |directory| {
            let settings = IndexSettings { docstore_compression: Compressor::Lz4, ..IndexSettings::default() };
            if tantivy::Index::exists(&directory)? {
                tantivy::Index::open(directory)
            } else {
                tantivy::Index::create(directory, schema::schema(), settings)
            }
        })
    }

    fn with(dir: &Path, open: impl FnOnce(DurableDirectory) -> tantivy::Result<tantivy::Index>) -> Result<Index> {
        let failed = |error: tantivy::TantivyError| index_error(dir, error);
        let directory = DurableDirectory::open(&dir.join("tantivy")).map_err(|error| failed(error.into()))?;
        let tantivy = open(directory).map_err(failed)?;
        if tantivy.schema() != schema::schema() {
            return Err(Error::new(ErrorKind::Index, format!("{} has another schema", dir.display())).hint(REBUILD));
        }
        tantivy.tokenizers().register(TOKENIZER, TextAnalyzer::from(HallwayTokenizer::default()));
        let reader = tantivy.reader_builder().reload_policy(ReloadPolicy::Manual).try_into().map_err(failed)?;
        Ok(Index { dir: dir.to_owned(), tantivy, reader })
    }

    /// The folder that the index is in.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A snapshot of the last commit that this index was opened or reloaded at.
    pub fn searcher(&self) -> Searcher {
        self.reader.searcher()
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
        self.reader.reload().map_err(|error| self.error(error))
    }

    /// The sources of the last commit.
    ///
    /// # Errors
    /// `Io`, `Index` when the catalog is damaged.
    pub fn catalog(&self) -> Result<Catalog> {
        match self.payload()? {
            Some(payload) => Catalog::load(&self.dir, &payload),
            None => Ok(Catalog::default()),
        }
    }

    /// Starts a batch of changes.
    ///
    /// # Errors
    /// `Busy` when another process is writing; `Io`, `Index`.
    pub fn writer(&self) -> Result<Writer<'_>> {
        Writer::new(self)
    }

    fn payload(&self) -> Result<Option<Payload>> {
        let metas = self.tantivy.load_metas().map_err(|error| self.error(error))?;
        let Some(text) = metas.payload else { return Ok(None) };
        serde_json::from_str(&text).map(Some).map_err(|error| {
            Error::new(ErrorKind::Index, format!("{} was not written by hallway", self.dir.display())).because(error)
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

    /// The shortest id that names the record with this permanent id: without the hex suffix while that names no other.
    /// Reads no stored record.
    ///
    /// # Errors
    /// `Index`.
    pub fn short_id<'a>(&self, id: &'a str) -> Result<&'a str> {
        let searcher = self.searcher();
        let bare = bare_id(id);
        let field = |name| handle(searcher.schema(), name);
        let given = Term::from_field_text(field(internal::ID), bare);
        if bare == id || searcher.doc_freq(&given).map_err(|error| self.error(error))? > 0 {
            return Ok(id);
        }
        let term = Term::from_field_text(field(internal::BARE_ID), bare);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = searcher.search(&query, &DocSetCollector).map_err(|error| self.error(error))?;
        let mut other = String::new();
        for address in found {
            let ids = searcher.segment_reader(address.segment_ord).fast_fields().str(internal::ID);
            let Some(ids) = ids.map_err(|error| self.error(error))? else { return Ok(id) };
            for ord in ids.term_ords(address.doc_id) {
                other.clear();
                ids.ord_to_str(ord, &mut other).map_err(|error| self.error(error.into()))?;
                if other != id {
                    return Ok(id);
                }
            }
        }
        Ok(bare)
    }

    /// The records that hold `value` in one of the [`internal`] key fields, in order of id.
    fn merged_with(&self, searcher: &Searcher, field: &str, value: &str) -> Result<Vec<Merged>> {
        let term = Term::from_field_text(handle(searcher.schema(), field), value);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let mut merged = Vec::new();
        for address in searcher.search(&query, &DocSetCollector).map_err(|error| self.error(error))? {
            let document = self.document(searcher, address)?;
            let Some(record) = self.read::<Record>(&document, internal::RECORD)? else { continue };
            let members = if let Some(members) = self.read(&document, internal::MEMBERS)? {
                members
            } else {
                let source = document.get_first(handle(searcher.schema(), internal::SOURCE));
                let source = source.and_then(|value| value.as_str()).unwrap_or_default().to_owned();
                vec![Member { source, record: record.clone() }]
            };
            merged.push(Merged { record, members });
        }
        merged.sort_by(|a, b| a.record.id.cmp(&b.record.id));
        Ok(merged)
    }

    /// Calls `each` with every record of the index, in no order in particular; stops at the first error.
    ///
    /// # Errors
    /// `Index`, and what `each` gives.
    pub fn each_record(&self, mut each: impl FnMut(Record) -> Result<()>) -> Result<()> {
        let searcher = self.searcher();
        for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
            for doc_id in segment.doc_ids_alive() {
                let address = DocAddress::new(u32::try_from(segment_ord).unwrap_or(u32::MAX), doc_id);
                let document = self.document(&searcher, address)?;
                if let Some(record) = self.read(&document, internal::RECORD)? {
                    each(record)?;
                }
            }
        }
        Ok(())
    }

    /// What a hit shows of a document: a talk or bio whole, a report with the one passage.
    ///
    /// # Errors
    /// `Index` when the document can't be read.
    pub fn shown(&self, searcher: &Searcher, address: DocAddress) -> Result<Record> {
        let document = self.document(searcher, address)?;
        for field in [internal::PASSAGE, internal::RECORD] {
            if let Some(record) = self.read(&document, field)? {
                return Ok(record);
            }
        }
        Err(Error::new(ErrorKind::Index, format!("{} lacks a stored record", self.dir.display())))
    }

    fn document(&self, searcher: &Searcher, address: DocAddress) -> Result<TantivyDocument> {
        searcher.doc(address).map_err(|error| self.error(error))
    }

    /// What a stored JSON field holds.
    fn read<T: DeserializeOwned>(&self, document: &TantivyDocument, field: &str) -> Result<Option<T>> {
        let value = document.get_first(handle(&self.tantivy.schema(), field));
        let Some(json) = value.and_then(|value| value.as_str()) else { return Ok(None) };
        serde_json::from_str(json).map(Some).map_err(|error| {
            Error::new(ErrorKind::Index, format!("{} holds a damaged record", self.dir.display())).because(error)
        })
    }

    /// A tantivy error with the index's folder and what to do.
    pub(crate) fn error(&self, error: tantivy::TantivyError) -> Error {
        index_error(&self.dir, error)
    }
}

fn no_index(dir: &Path) -> Error {
    Error::new(ErrorKind::NoIndex, format!("there is no index in {}", dir.display()))
        .hint("`hallway ingest PATH…` reads your programs and reports into one")
}

fn index_error(dir: &Path, error: tantivy::TantivyError) -> Error {
    let kind = match &error {
        tantivy::TantivyError::LockFailure(..) => ErrorKind::Busy,
        tantivy::TantivyError::IoError(_) => ErrorKind::Io,
        _ => ErrorKind::Index,
    };
    let error = Error::new(kind, format!("the index in {} can't be used", dir.display())).because(error);
    if kind == ErrorKind::Busy { error } else { error.hint(REBUILD) }
}
