//! Tar archives, also packed by gzip: these are unpacked once, into a file without a name, so that members can be read in
//! any order.

use std::{
    fs::File,
    io::{self, BufReader, Read, Seek, SeekFrom, Write},
};

use flate2::{bufread::MultiGzDecoder, read::GzDecoder};
use tar::{Header, PaxExtensions};

use super::{Found, Odd, Place, bytes_max};

/// Tar's unit: a header, and what data is filled up to.
const BLOCK: usize = 512;
const GZIP: &[u8] = &[0x1f, 0x8b];
/// A header that holds a longer name than the one after it could: real ones stay under 4 KB.
const LONG_BYTES_MAX: u64 = 64 << 10;
/// Bytes that are unpacked between two looks at how many went in.
const STEP_BYTES: usize = 64 << 10;

/// Whether a tar's first header stands here: its sum holds over everything in it, whatever program wrote it.
pub(super) fn begins(start: &[u8]) -> bool {
    start.get(..BLOCK).is_some_and(is_header)
}

pub(super) fn begins_packed(start: &[u8]) -> bool {
    let mut header = Vec::new();
    if !is_packed(start) {
        return false;
    }
    // The start of what was packed is cut off somewhere.
    _ = GzDecoder::new(start).take(BLOCK as u64).read_to_end(&mut header);
    begins(&header)
}

pub(super) fn is_packed(start: &[u8]) -> bool {
    start.starts_with(GZIP)
}

fn is_header(block: &[u8]) -> bool {
    let header = Header::from_byte_slice(block);
    let sum: u32 = block[..148].iter().chain(&block[156..]).map(|byte| u32::from(*byte)).sum::<u32>() + 8 * 32;
    block[0] != 0 && header.cksum().is_ok_and(|stated| stated == sum)
}

/// What is in a gzip file, as long as it is no more than `limit` bytes.
pub(super) fn unpacked(file: File, limit: u64, found: &mut Found) -> io::Result<File> {
    let mut decoder = MultiGzDecoder::new(BufReader::new(file));
    let mut out = tempfile::tempfile()?;
    let mut buffer = vec![0; STEP_BYTES];
    let mut n_bytes = 0;
    loop {
        let n = match decoder.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => n,
            Err(cause) => {
                found.broken = Some(format!("it is cut off or damaged ({cause})"));
                break;
            }
        };
        out.write_all(&buffer[..n])?;
        n_bytes += n as u64;
        let n_packed = decoder.get_mut().stream_position()?;
        if n_bytes > limit || n_bytes > bytes_max(n_packed) {
            found.broken = Some(format!("it unpacks to more than {} MB, which is too much", n_bytes >> 20));
            break;
        }
    }
    Ok(out)
}

/// Gathers the members.
pub(super) fn scan(mut file: File, found: &mut Found) -> io::Result<File> {
    let end = file.seek(SeekFrom::End(0))?;
    let broken = |found: &mut Found, what: &str| _ = found.broken.get_or_insert_with(|| what.to_owned());
    let mut reader = BufReader::new(&file);
    let mut at = 0;
    let mut said = Said::default();
    loop {
        let mut block = [0; BLOCK];
        reader.seek(SeekFrom::Start(at))?;
        if reader.read_exact(&mut block).is_err() {
            // Two empty blocks are the end; some programs leave them out.
            if at != end {
                broken(found, "it is cut off");
            }
            break;
        }
        if block.iter().all(|byte| *byte == 0) {
            break;
        }
        let header = Header::from_byte_slice(&block);
        let kind = header.entry_type();
        let is_about_next = kind.is_gnu_longname() || kind.is_gnu_longlink() || kind.is_pax_local_extensions();
        let size = if is_about_next { None } else { said.n_bytes }.or_else(|| header.entry_size().ok());
        let (true, Some(n_bytes)) = (is_header(&block), size) else {
            broken(found, "a part of it is damaged");
            break;
        };
        let start = at + BLOCK as u64;
        let next = n_bytes.checked_next_multiple_of(BLOCK as u64).and_then(|n| start.checked_add(n));
        let Some(next) = next.filter(|_| n_bytes <= end.saturating_sub(start)) else {
            broken(found, "it is cut off");
            break;
        };
        at = next.min(end);
        if is_about_next || kind.is_pax_global_extensions() {
            if !said.take(kind, n_bytes, &mut reader) {
                broken(found, "a name in it is too long");
                break;
            }
            continue;
        }
        let Said { name, .. } = std::mem::take(&mut said);
        let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
        let name = std::str::from_utf8(&name).ok();
        if kind.is_dir() || name.is_some_and(|name| name.ends_with('/')) {
            continue;
        }
        if !kind.is_file() && !kind.is_contiguous() {
            found.leave_out(Odd::Special, name.unwrap_or("?"));
        } else if !found.add(name, n_bytes, Place::Tar(start, n_bytes)) {
            break;
        }
    }
    drop(reader);
    Ok(file)
}

/// What headers say of the member after them.
#[derive(Default)]
struct Said {
    name: Option<Vec<u8>>,
    n_bytes: Option<u64>,
}

impl Said {
    /// Whether what is said is short enough.
    fn take(&mut self, kind: tar::EntryType, n_bytes: u64, reader: &mut impl Read) -> bool {
        let mut bytes = Vec::new();
        if n_bytes > LONG_BYTES_MAX || reader.take(n_bytes).read_to_end(&mut bytes).is_err() {
            return false;
        }
        if kind.is_gnu_longname() {
            let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
            bytes.truncate(end);
            self.name = Some(bytes);
        } else if kind.is_pax_local_extensions() {
            for extension in PaxExtensions::new(&bytes).flatten() {
                match extension.key_bytes() {
                    b"path" => self.name = Some(extension.value_bytes().to_owned()),
                    b"size" => self.n_bytes = extension.value().ok().and_then(|size| size.parse().ok()),
                    _ => {}
                }
            }
        }
        true
    }
}
