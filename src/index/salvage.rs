//! What can be had of an index that can't be opened: its version, its catalog, and the stored records of the segments
//! that are sound. What of an index's files has the same meaning in every format version is told at
//! [`FORMAT_VERSION`](super::FORMAT_VERSION).

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde::Deserialize;
use tantivy::{
    TantivyDocument,
    directory::{Directory, FileSlice, OwnedBytes, footer::Footer},
    fastfield::AliveBitSet,
    schema::{Schema, Value},
    store::StoreReader,
};

use super::{
    FORMAT_VERSION, SEGMENTS, SourceEntry,
    catalog::{Catalog, Labelling, Payload},
    directory::IndexDirectory,
    disk,
    merge::Member,
    schema::{internal, schema},
    seal::{is_unsealed, unseal},
    sweep::is_segment_file,
    version_error,
};
use crate::{error::Error, record::Record};

/// What is read of tantivy's `meta.json`; the rest differs from version to version.
#[derive(Deserialize)]
pub(super) struct Meta {
    pub segments: Vec<SegmentMeta>,
    schema: Schema,
    payload: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct SegmentMeta {
    segment_id: String,
    deletes: Option<Deletes>,
}

#[derive(Deserialize)]
struct Deletes {
    opstamp: u64,
}

/// The files of every segment.
const COMPONENTS: [&str; 6] = ["fast", "fieldnorm", "idx", "pos", "store", "term"];

impl Meta {
    /// Of this version when the file is sealed; of the first when it never was. Null when it is damaged or missing.
    pub fn read(folder: &Path) -> Option<Meta> {
        let bytes = disk::read(&folder.join("meta.json")).ok()?;
        let json = if is_unsealed(&bytes) { bytes } else { unseal("meta.json", bytes).ok()? };
        serde_json::from_slice(&json).ok()
    }

    pub fn payload(&self) -> Option<Payload> {
        serde_json::from_str(self.payload.as_ref()?).ok()
    }
}

impl SegmentMeta {
    fn id(&self) -> String {
        self.segment_id.replace('-', "")
    }

    fn deleted(&self) -> Option<String> {
        self.deletes.as_ref().map(|deletes| format!("{}.{}.del", self.id(), deletes.opstamp))
    }

    /// The names of its files.
    pub fn files(&self) -> impl Iterator<Item = String> {
        let names = COMPONENTS.map(|component| format!("{}.{component}", self.id()));
        names.into_iter().chain(self.deleted())
    }
}

/// The format version of the index in `dir`, where that can be read.
pub(crate) fn version(dir: &Path) -> Option<u32> {
    Some(Meta::read(&dir.join(SEGMENTS))?.payload()?.format_version)
}

/// The error that names another format version, where the index in `dir` is of one.
pub(super) fn other_version(dir: &Path) -> Option<Error> {
    version(dir).filter(|version| *version != FORMAT_VERSION).map(|version| version_error(dir, version))
}

/// What is left of an index.
pub(crate) struct Salvaged {
    pub catalog: Catalog,
    /// What could not be had, for people.
    pub losses: Vec<String>,
    pub labelling: Labelling,
    folder: PathBuf,
    meta: Option<Meta>,
}

impl Salvaged {
    /// What is left of the index in `dir`, of whatever format version.
    ///
    /// # Errors
    /// `Io` where the disk has more than could be read now.
    pub fn from(dir: &Path) -> crate::error::Result<Salvaged> {
        let folder = dir.join(SEGMENTS);
        let meta = Meta::read(&folder);
        let payload = meta.as_ref().and_then(Meta::payload);
        let mut losses = Vec::new();
        let catalog = if let Some(first) = payload.as_ref().filter(|payload| payload.format_version == 1) {
            // The first version had its catalog as one JSON document, beside tantivy's folder.
            let bytes = disk::read(&dir.join(&first.catalog)).unwrap_or_default();
            serde_json::from_slice(&bytes).ok()
        } else {
            let (catalog, n_lost) = Catalog::salvage(&folder, payload.as_ref())?;
            match n_lost {
                Some(0) | None => {}
                Some(1) => losses.push("what the catalog said of one source or removal".to_owned()),
                Some(n) => losses.push(format!("what the catalog said of {n} sources or removals")),
            }
            n_lost.map(|_| catalog)
        };
        let was_committed = meta.as_ref().is_none_or(|meta| meta.payload.is_some());
        if catalog.is_none() && was_committed {
            losses.push("the catalog: overrides and removals have to be given again".to_owned());
        }
        let labelling = payload.map(|payload| payload.labelling).unwrap_or_default();
        Ok(Salvaged { catalog: catalog.unwrap_or_default(), losses, labelling, folder, meta })
    }

    /// The stored records by the key of their source, as the sources gave them; sources that the catalog has lost become
    /// part of it again. What can't be read is told in `losses`.
    pub fn stored(&mut self) -> BTreeMap<String, Vec<Record>> {
        let mut found: BTreeMap<String, BTreeMap<String, Record>> = BTreeMap::new();
        for (store, deleted) in self.stores() {
            if let Err(what) = self.read_store(&store, deleted.as_deref(), &mut found) {
                self.losses.push(format!("stored records: {what}"));
            }
        }
        let found: BTreeMap<String, Vec<Record>> =
            found.into_iter().map(|(source, records)| (source, records.into_values().collect())).collect();
        self.find_sources(&found);
        found
    }

    fn find_sources(&mut self, stored: &BTreeMap<String, Vec<Record>>) {
        for (key, records) in stored {
            let place = records.iter().find_map(|record| record.via.as_ref().or(record.source.as_ref()));
            if let Some(span) = place.filter(|_| !self.catalog.sources.contains_key(key)) {
                let entry = SourceEntry { root: span.root.clone(), path: span.path.clone(), ..SourceEntry::default() };
                self.catalog.sources.insert(key.clone(), entry);
            }
        }
    }

    /// The names of the files of stored documents, each with that of its list of deleted ones.
    fn stores(&self) -> Vec<(String, Option<String>)> {
        if let Some(meta) = &self.meta {
            return meta
                .segments
                .iter()
                .map(|segment| (format!("{}.store", segment.id()), segment.deleted()))
                .collect();
        }
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        let names: BTreeSet<String> = entries
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| is_segment_file(name))
            .collect();
        let opstamp = |name: &str| name.split('.').nth(1).and_then(|text| text.parse::<u64>().ok());
        let deleted = |id: &str| {
            let lists = names.iter().filter(|name| name.strip_suffix(".del").is_some_and(|name| name.starts_with(id)));
            lists.max_by_key(|name| opstamp(name)).cloned()
        };
        let stores = names.iter().filter_map(|name| Some((name, name.strip_suffix(".store")?)));
        stores.map(|(name, id)| (name.clone(), deleted(id))).collect()
    }

    fn read_store(
        &mut self,
        store: &str,
        deleted: Option<&str>,
        found: &mut BTreeMap<String, BTreeMap<String, Record>>,
    ) -> Result<(), String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let reader = StoreReader::open(self.body(store)?, 1).map_err(|error| told(&error))?;
        let alive = deleted.map(|name| {
            let bytes = self.body(name)?.read_bytes().map_err(|error| told(&error))?;
            Ok::<_, String>(AliveBitSet::open(bytes))
        });
        let alive = match alive.transpose() {
            Ok(alive) => alive,
            Err(what) => {
                self.losses.push(format!("which documents were deleted ({what}): records may be of an earlier state"));
                None
            }
        };
        let schema = self.meta.as_ref().map_or_else(schema, |meta| meta.schema.clone());
        let mut n_lost = 0_u64;
        for document in reader.iter::<TantivyDocument>(alive.as_ref()) {
            match document {
                Ok(document) => {
                    for Member { source, record } in members(&schema, &document) {
                        found.entry(source).or_default().insert(record.id.clone(), record);
                    }
                }
                Err(_) => n_lost += 1,
            }
        }
        if n_lost > 0 { Err(format!("{n_lost} documents of {store} can't be read")) } else { Ok(()) }
    }

    /// The bytes that tantivy wrote, verified when they are read or, in an index that is not sealed, now.
    fn body(&self, name: &str) -> Result<FileSlice, String> {
        let told = |error: &dyn std::fmt::Display| error.to_string();
        let is_sealed = self.meta.as_ref().and_then(Meta::payload).is_none_or(|payload| payload.format_version > 1);
        if is_sealed {
            let directory = IndexDirectory::open(&self.folder).map_err(|error| told(&error))?;
            let handle = directory.sealed(Path::new(name)).map_err(|error| told(&error))?;
            let (_, body) = Footer::extract_footer(FileSlice::new(Arc::new(handle))).map_err(|error| told(&error))?;
            return Ok(body);
        }
        let bytes = disk::read(&self.folder.join(name)).map_err(|error| told(&error))?;
        let file = FileSlice::new(Arc::new(OwnedBytes::new(bytes)));
        let (footer, body) = Footer::extract_footer(file).map_err(|error| told(&error))?;
        let bytes = body.read_bytes().map_err(|error| told(&error))?;
        if crc32fast::hash(&bytes) == footer.crc { Ok(body) } else { Err(format!("{name} is damaged")) }
    }
}

/// What a stored document holds of its record's sources.
fn members(schema: &Schema, document: &TantivyDocument) -> Vec<Member> {
    let text = |name: &str| document.get_first(schema.get_field(name).ok()?)?.as_str();
    let several = text(internal::MEMBERS).and_then(|json| serde_json::from_str(json).ok());
    several.unwrap_or_else(|| {
        let record = text(internal::RECORD).and_then(|json| serde_json::from_str(json).ok());
        let source = text(internal::SOURCE).map(str::to_owned);
        source.zip(record).map(|(source, record)| Member { source, record }).into_iter().collect()
    })
}

/// For the check: the bytes of `meta.json`, verified.
pub(super) fn read_meta(directory: &IndexDirectory) -> Result<Meta, String> {
    let bytes = directory.atomic_read(Path::new("meta.json")).map_err(|error| error.to_string())?;
    serde_json::from_slice(&bytes).map_err(|error| error.to_string())
}

/// Makes the index in `dir` one of another format version, as far as its commit tells.
#[cfg(test)]
pub(crate) fn pretend_version(dir: &Path, version: u32) {
    let path = dir.join(SEGMENTS).join("meta.json");
    let json = String::from_utf8(unseal("meta.json", fs::read(&path).unwrap()).unwrap()).unwrap();
    let [ours, theirs] = [FORMAT_VERSION, version].map(|version| format!("\\\"format_version\\\":{version}"));
    assert!(json.contains(&ours), "{json}");
    fs::write(path, super::seal::seal("meta.json", json.replace(&ours, &theirs).as_bytes())).unwrap();
}
