//! The records of a batch: on disk once they are many; in memory only what tells whose copy each is.

use std::{
    collections::HashMap,
    io::{self, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use tempfile::SpooledTempFile;

use super::{
    boilerplate,
    merge::{Key, Member, has_people, keys},
};
use crate::{
    error::{Error, Result},
    record::{Kind, Record},
};

/// Bytes of records that are held in memory before they go to disk: more than one edition gives, so that a small batch
/// writes nothing but its commit.
const MEMORY_BYTES: usize = 16 << 20;

/// Bytes that are read at a time while records are asked for in order.
const READ_BYTES: u64 = 64 << 10;

/// Records as sources gave them, each known by a number from 0.
pub(super) struct Pile {
    /// Has no name: nothing of it is left when the process ends, however it ends.
    file: SpooledTempFile,
    folder: PathBuf,
    n_bytes: u64,
    /// Whether the file was read since the last record was written.
    is_elsewhere: bool,
    /// One record at a time.
    json: Vec<u8>,
    /// What was read of the file last, and where that begins.
    read: (u64, Vec<u8>),
    /// Why nothing more was taken.
    failed: Option<io::Error>,
    slips: Vec<Slip>,
    sources: Names,
    editions: Names,
}

/// What is kept in memory of a record.
pub(super) struct Slip {
    start: u64,
    n_bytes: usize,
    pub id: Box<str>,
    pub kind: Kind,
    pub has_people: bool,
    pub is_transcript: bool,
    /// Numbers that stand for the source's key and the edition's id.
    pub source: u32,
    pub edition: Option<u32>,
    pub keys: Box<[Key]>,
    /// Lines that may repeat across the edition.
    pub lines: Box<[u64]>,
}

#[derive(Default)]
struct Names {
    names: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Names {
    fn number(&mut self, name: &str) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = u32::try_from(self.names.len()).expect("a batch has fewer sources and editions");
        self.names.push(name.to_owned());
        self.numbers.insert(name.to_owned(), number);
        number
    }
}

impl Pile {
    /// `folder` is where records are kept that are too many for memory.
    pub fn new(folder: &Path) -> Self {
        Pile {
            file: tempfile::spooled_tempfile_in(MEMORY_BYTES, folder),
            folder: folder.to_owned(),
            n_bytes: 0,
            is_elsewhere: false,
            json: Vec::new(),
            read: (0, Vec::new()),
            failed: None,
            slips: Vec::new(),
            sources: Names::default(),
            editions: Names::default(),
        }
    }

    /// Takes a record. That it could not be written is told by [`Pile::check`].
    pub fn push(&mut self, source: &str, record: &Record) {
        if self.failed.is_none() {
            self.failed = self.write(source, record).err();
        }
    }

    fn write(&mut self, source: &str, record: &Record) -> io::Result<()> {
        self.json.clear();
        serde_json::to_writer(&mut self.json, record)?;
        if std::mem::take(&mut self.is_elsewhere) {
            self.file.seek(SeekFrom::Start(self.n_bytes))?;
        }
        self.file.write_all(&self.json)?;
        let n_bytes = self.json.len();
        self.slips.push(Slip {
            start: self.n_bytes,
            n_bytes,
            id: record.id.as_str().into(),
            kind: record.kind,
            has_people: has_people(record),
            is_transcript: record.is_transcript(),
            source: self.sources.number(source),
            edition: record.edition_id.as_deref().map(|id| self.editions.number(id)),
            keys: keys(record).into(),
            lines: boilerplate::lines(record).into_iter().collect(),
        });
        self.n_bytes += n_bytes as u64;
        Ok(())
    }

    /// Whether all that was pushed is there.
    ///
    /// # Errors
    /// `Io`.
    pub fn check(&mut self) -> Result<()> {
        self.failed.take().map_or(Ok(()), |cause| Err(self.error(cause)))
    }

    pub fn slips(&self) -> &[Slip] {
        &self.slips
    }

    /// The key of the source that a slip's number stands for.
    pub fn source(&self, slip: &Slip) -> &str {
        &self.sources.names[slip.source as usize]
    }

    /// The id of the edition that a slip's number stands for.
    pub fn edition(&self, number: u32) -> &str {
        &self.editions.names[number as usize]
    }

    /// The record with this number.
    ///
    /// # Errors
    /// `Io`.
    pub fn get(&mut self, number: usize) -> Result<Member> {
        let slip = &self.slips[number];
        let (start, n_bytes) = (slip.start, slip.n_bytes);
        let read = self.bytes(start, n_bytes).and_then(|json| Ok(serde_json::from_slice(json)?));
        let record = read.map_err(|cause| self.error(cause))?;
        Ok(Member { source: self.source(&self.slips[number]).to_owned(), record })
    }

    /// What [`Pile::get`] reads.
    ///
    /// # Errors
    /// `Io`.
    pub fn json(&mut self, number: usize) -> Result<String> {
        let Slip { start, n_bytes, .. } = self.slips[number];
        let json = self.bytes(start, n_bytes).map(<[u8]>::to_vec);
        let text = json.and_then(|json| String::from_utf8(json).map_err(io::Error::other));
        text.map_err(|cause| self.error(cause))
    }

    fn bytes(&mut self, start: u64, n_bytes: usize) -> io::Result<&[u8]> {
        let within = |(from, bytes): &(u64, Vec<u8>)| {
            let at = usize::try_from(start.checked_sub(*from)?).ok()?;
            (at.checked_add(n_bytes)? <= bytes.len()).then_some(at)
        };
        if within(&self.read).is_none() {
            let (from, bytes) = &self.read;
            let is_in_order = (*from..=from + bytes.len() as u64).contains(&start);
            let ahead = if is_in_order { READ_BYTES.max(n_bytes as u64) } else { n_bytes as u64 };
            self.is_elsewhere = true;
            self.file.seek(SeekFrom::Start(start))?;
            self.read = (start, std::mem::take(&mut self.read.1));
            self.read.1.clear();
            Read::by_ref(&mut self.file).take(ahead).read_to_end(&mut self.read.1)?;
        }
        let at = within(&self.read).ok_or(io::ErrorKind::UnexpectedEof)?;
        Ok(&self.read.1[at..at + n_bytes])
    }

    fn error(&self, cause: io::Error) -> Error {
        Error::io("can't keep the records of the batch in", &self.folder, cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_come_back_from_memory_and_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let mut pile = Pile::new(folder.path());
        let record = |n: usize| Record {
            title: Some(format!("Title {n}")),
            text: Some("word ".repeat(100_000)),
            ..Record::default()
        };
        // 50 MB.
        for n in 0..100 {
            pile.push(if n < 50 { "a" } else { "b" }, &record(n));
        }
        pile.check().unwrap();
        assert!(pile.file.is_rolled());
        for n in [99, 0, 50, 49] {
            let member = pile.get(n).unwrap();
            assert_eq!((member.source.as_str(), member.record), (if n < 50 { "a" } else { "b" }, record(n)));
        }
    }

    #[test]
    fn what_can_not_be_kept_is_an_error() {
        let mut pile = Pile::new(Path::new("/nowhere/at/all"));
        let record = Record { text: Some("x".repeat(MEMORY_BYTES + 1)), ..Record::default() };
        pile.push("a", &record);
        pile.push("a", &Record::default());
        let error = pile.check().unwrap_err();
        assert!(error.to_string().starts_with("can't keep the records of the batch in /nowhere/at/all"), "{error}");
    }
}
