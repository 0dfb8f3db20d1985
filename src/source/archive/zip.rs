//! Zip archives: by their directory, or where they are cut off before it, from member to member.

use std::{
    fs::File,
    io::{self, BufReader, ErrorKind::UnexpectedEof, Read, Seek, SeekFrom},
    path::Path,
};

use zip::{
    read::{Config, ZipReadOptions, read_zipfile_from_stream_with_options},
    result::ZipError,
    unstable::read::ZipIterable,
};

use super::{FILE_BYTES_MAX, Found, MEMBERS_MAX, Odd, Place, bytes_max, too_much};
use crate::error::{Error, ErrorKind, Result};

/// What stands before each member.
const HEADER: &[u8] = b"PK\x03\x04";
/// All that stands in an empty archive.
const END: &[u8] = b"PK\x05\x06";
/// Bytes of a header before the name.
const HEADER_BYTES: u64 = 30;
/// In a header: the sizes stand behind the data.
const SIZES_BEHIND: u16 = 1 << 3;
/// Where the sizes stand elsewhere in the header: such a member is over the limit.
const SIZE_ELSEWHERE: u32 = u32::MAX;
/// Members that make a zip a document of its own, of an office or a book, or a program: not a folder that was packed.
const DOCUMENTS: &[&str] = &["[Content_Types].xml", "mimetype", "META-INF/MANIFEST.MF"];

/// Where a member lies and what it unpacks to.
#[derive(Clone, Copy)]
pub(super) struct Packed {
    at: u64,
    in_bytes: u64,
    n_bytes: u64,
    crc: u32,
}

pub(super) fn begins(start: &[u8]) -> bool {
    start.starts_with(HEADER) || start.starts_with(END)
}

/// Gathers the members; null where the zip is a document.
pub(super) fn scan(file: File, found: &mut Found) -> io::Result<Option<File>> {
    let mut reader = BufReader::new(file);
    match ZipIterable::try_new(&mut reader, Config::default()) {
        Ok(mut archive) => by_directory(&mut archive, found),
        Err(ZipError::Io(cause)) if cause.kind() != UnexpectedEof => return Err(cause),
        Err(_) => by_headers(&mut reader, found)?,
    }
    let is_document = DOCUMENTS.iter().any(|name| found.places.contains_key(*name));
    Ok((!is_document).then(|| reader.into_inner()))
}

fn by_directory<R: Read + Seek>(archive: &mut ZipIterable<R>, found: &mut Found) {
    let entries = match archive.files() {
        Ok(entries) => entries,
        Err(error) => return found.broken = Some(error.to_string()),
    };
    let mut ends = Vec::new();
    for entry in entries {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => return found.broken = Some(error.to_string()),
        };
        let name = entry.name().ok();
        if entry.is_dir() {
            continue;
        }
        if entry.is_symlink() {
            found.leave_out(Odd::Special, name.as_deref().unwrap_or("?"));
            continue;
        }
        let packed = Packed {
            at: entry.header_start(),
            in_bytes: entry.compressed_size(),
            n_bytes: entry.size(),
            crc: entry.crc32(),
        };
        ends.push((packed.at, packed.at.saturating_add(HEADER_BYTES).saturating_add(packed.in_bytes)));
        if !found.add(name.as_deref(), packed.n_bytes, Place::Zip(packed)) {
            break;
        }
    }
    // A little that is unpacked again and again would be much.
    ends.sort_unstable();
    if ends.windows(2).any(|pair| pair[1].0 < pair[0].1) {
        found.places.clear();
        found.broken = Some("members lie in each other".to_owned());
    }
}

/// What can be had of an archive that is cut off.
fn by_headers(reader: &mut (impl Read + Seek), found: &mut Found) -> io::Result<()> {
    let end = reader.seek(SeekFrom::End(0))?;
    let mut at = 0;
    found.broken = Some("it is cut off or damaged".to_owned());
    while found.places.len() < MEMBERS_MAX {
        reader.seek(SeekFrom::Start(at))?;
        let mut header = [0; HEADER_BYTES as usize];
        if reader.read_exact(&mut header).is_err() || !header.starts_with(HEADER) {
            break;
        }
        let short = |at: usize| u16::from_le_bytes([header[at], header[at + 1]]);
        let long = |at: usize| u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]]);
        let (n_packed, n_bytes) = (long(18), long(22));
        let mut name = vec![0; usize::from(short(26))];
        let next = at + HEADER_BYTES + u64::from(short(26)) + u64::from(short(28)) + u64::from(n_packed);
        let is_unknown = short(6) & SIZES_BEHIND != 0 || [n_packed, n_bytes].contains(&SIZE_ELSEWHERE);
        if is_unknown || next > end || reader.read_exact(&mut name).is_err() {
            break;
        }
        let (n_packed, n_bytes) = (u64::from(n_packed), u64::from(n_bytes));
        let is_folder = name.ends_with(b"/");
        let packed = Packed { at, in_bytes: n_packed, n_bytes, crc: long(14) };
        if !is_folder && !found.add(std::str::from_utf8(&name).ok(), n_bytes, Place::Zip(packed)) {
            break;
        }
        at = next;
    }
    Ok(())
}

impl Packed {
    /// The member's bytes, which are those that its sum tells.
    pub(super) fn read(self, file: &mut File, name: &Path) -> Result<Vec<u8>> {
        let refused =
            |what: &str, hint: &str| Err(Error::new(ErrorKind::Input, format!("{} {what}", name.display())).hint(hint));
        if self.n_bytes > FILE_BYTES_MAX || self.n_bytes > bytes_max(self.in_bytes) {
            return Err(too_much(name, self.n_bytes));
        }
        file.seek(SeekFrom::Start(self.at)).map_err(|cause| Error::io("can't read", name, cause))?;
        let mut file = BufReader::new(file);
        let options = ZipReadOptions::new()
            .override_compressed_size(self.in_bytes)
            .override_uncompressed_size(self.n_bytes)
            .override_crc(self.crc);
        let member = match read_zipfile_from_stream_with_options(&mut file, options) {
            Ok(Some(member)) => member,
            Ok(None) => return refused("is not where the archive says", "get the archive again"),
            Err(ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED)) => {
                return refused("is encrypted", "unpack the archive and ingest the folder");
            }
            Err(error) => {
                let failed = Error::new(ErrorKind::Input, format!("{} can't be unpacked", name.display()));
                return Err(failed.because(error).hint("pack the archive by deflate, or get it again"));
            }
        };
        let mut bytes = Vec::with_capacity(self.n_bytes as usize + 1);
        // One byte more, so that the sum is compared at the end.
        match member.take(self.n_bytes + 1).read_to_end(&mut bytes) {
            Ok(_) if bytes.len() as u64 == self.n_bytes => Ok(bytes),
            Ok(n_bytes) => refused(&format!("has {n_bytes} bytes and not {}", self.n_bytes), "get the archive again"),
            Err(cause) => Err(Error::io("can't unpack", name, cause).hint("get the archive again")),
        }
    }
}
