//! Sealed files: a checksum for every 64 KiB at the end of each file of an index, so that damage is an error and never a
//! wrong answer or a crash. Each file carries its own seal, hence merges can't outdate it, and a merge reads verified
//! bytes only: damage is not copied into a file with a fresh checksum.
//!
//! A sealed file is the body, a CRC-32 (u32, little-endian) for each 64 KiB of it, the body's length (u64), the CRC-32 of
//! the file's name, those sums and that length, and eight bytes that say what this is.

use std::{
    fmt,
    io::{self, Write},
    ops::Range,
    path::Path,
    sync::atomic::{AtomicU64, Ordering},
};

use crc32fast::Hasher;
use tantivy::{
    HasLen,
    directory::{FileHandle, OwnedBytes},
};

/// Bytes that are verified together.
const BLOCK_BYTES: usize = 64 << 10;
/// Of fewer blocks a second thread would cost more than it saves.
const BLOCKS_SHARED_MIN: usize = 24;
const MAGIC: &[u8; 8] = b"HALLWAY\x1a";
/// Length, sum and magic.
const TAIL_BYTES: usize = 8 + 4 + MAGIC.len();

/// What is wrong with a file of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The file's name in the index folder.
    pub file: String,
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.file, self.what)
    }
}

impl std::error::Error for Damage {}

impl From<Damage> for io::Error {
    fn from(damage: Damage) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, damage)
    }
}

/// The seal that grows as a file is written.
pub(super) struct Sealer {
    block: Hasher,
    n_in_block: usize,
    sums: Vec<u8>,
    len: u64,
}

impl Sealer {
    pub fn new() -> Self {
        Sealer { block: Hasher::new(), n_in_block: 0, sums: Vec::new(), len: 0 }
    }

    pub fn update(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        while !bytes.is_empty() {
            let (now, rest) = bytes.split_at(bytes.len().min(BLOCK_BYTES - self.n_in_block));
            self.block.update(now);
            self.n_in_block += now.len();
            bytes = rest;
            if self.n_in_block == BLOCK_BYTES {
                self.end_block();
            }
        }
    }

    fn end_block(&mut self) {
        let sum = std::mem::take(&mut self.block).finalize();
        self.sums.extend(sum.to_le_bytes());
        self.n_in_block = 0;
    }

    /// What follows the body in the file of this name.
    pub fn finish(mut self, name: &str) -> Vec<u8> {
        if self.n_in_block > 0 {
            self.end_block();
        }
        let mut seal = self.sums;
        seal.extend(self.len.to_le_bytes());
        let sum = sum_of_seal(name, &seal);
        seal.extend(sum.to_le_bytes());
        seal.extend(MAGIC);
        seal
    }
}

/// `bytes` with their seal.
pub(super) fn seal(name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut sealer = Sealer::new();
    sealer.update(bytes);
    let mut sealed = bytes.to_vec();
    sealed.extend(sealer.finish(name));
    sealed
}

/// With the name, so that a file that a rescue has put in another's place is found out.
fn sum_of_seal(name: &str, sums_and_len: &[u8]) -> u32 {
    let mut hasher = Hasher::new();
    hasher.update(name.as_bytes());
    hasher.update(sums_and_len);
    hasher.finalize()
}

/// Whether this may be a file of a time before files were sealed: any trace of a seal says that it is not.
pub(super) fn is_unsealed(bytes: &[u8]) -> bool {
    !bytes.ends_with(MAGIC)
}

/// A file whose blocks are verified when they are first read.
pub(super) struct SealedFile {
    name: String,
    /// The whole file.
    bytes: OwnedBytes,
    n_body: usize,
    /// One bit a block.
    verified: Vec<AtomicU64>,
}

impl SealedFile {
    /// Reads the seal, not the body.
    pub fn open(name: &str, bytes: OwnedBytes) -> Result<Self, Damage> {
        let damage = |what: &str| Damage { file: name.to_owned(), what: what.to_owned() };
        let n = bytes.len();
        if n < TAIL_BYTES || is_unsealed(&bytes) {
            return Err(damage("is cut short, or was not written by hallway"));
        }
        let number = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"));
        let sum = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().expect("four bytes"));
        let broken = || damage("has a damaged seal");
        let n_body = usize::try_from(number(n - TAIL_BYTES)).map_err(|_| broken())?;
        let n_blocks = n_body.div_ceil(BLOCK_BYTES);
        if n_body > n || n_body + 4 * n_blocks + TAIL_BYTES != n {
            return Err(broken());
        }
        if sum_of_seal(name, &bytes[n_body..n - TAIL_BYTES + 8]) != sum(n - TAIL_BYTES + 8) {
            return Err(broken());
        }
        let verified = (0..n_blocks.div_ceil(64)).map(|_| AtomicU64::new(0)).collect();
        Ok(SealedFile { name: name.to_owned(), bytes, n_body, verified })
    }

    /// Verifies every block.
    pub fn verify(&self) -> Result<(), Damage> {
        let damaged: Vec<usize> =
            (0..self.n_body.div_ceil(BLOCK_BYTES)).filter(|block| !self.is_sound(*block)).collect();
        match damaged.as_slice() {
            [] => Ok(()),
            [block] => Err(self.damage(*block)),
            blocks => Err(Damage { what: format!("is damaged in {} places", blocks.len()), file: self.name.clone() }),
        }
    }

    fn damage(&self, block: usize) -> Damage {
        let start = block * BLOCK_BYTES;
        let end = (start + BLOCK_BYTES).min(self.n_body);
        Damage { file: self.name.clone(), what: format!("is damaged between bytes {start} and {end}") }
    }

    /// Verifies what was not verified yet. A term dictionary is read whole when it is opened, which a second thread halves.
    fn first_damaged(&self, blocks: Range<usize>) -> Option<usize> {
        let first = |mut blocks: Range<usize>| blocks.find(|block| !self.is_sound(*block));
        if blocks.len() < BLOCKS_SHARED_MIN || self.is_verified(blocks.start) {
            return first(blocks);
        }
        let middle = blocks.start + blocks.len() / 2;
        std::thread::scope(|scope| {
            // Where the system gives no thread, one will do.
            let behind = std::thread::Builder::new().spawn_scoped(scope, || first(middle..blocks.end));
            let in_front = first(blocks.start..middle);
            let behind = behind.map_or_else(|_| first(middle..blocks.end), |one| one.join().unwrap_or(Some(middle)));
            in_front.or(behind)
        })
    }

    fn is_verified(&self, block: usize) -> bool {
        self.verified[block / 64].load(Ordering::Relaxed) & 1 << (block % 64) != 0
    }

    fn is_sound(&self, block: usize) -> bool {
        #[cfg(feature = "faults")]
        if super::faults::trusts_blocks() {
            return true;
        }
        if self.is_verified(block) {
            return true;
        }
        let start = block * BLOCK_BYTES;
        let body = &self.bytes[start..(start + BLOCK_BYTES).min(self.n_body)];
        let at = self.n_body + 4 * block;
        let is_sound = crc32fast::hash(body).to_le_bytes() == self.bytes[at..at + 4];
        if is_sound {
            self.verified[block / 64].fetch_or(1 << (block % 64), Ordering::Relaxed);
        }
        is_sound
    }
}

impl HasLen for SealedFile {
    fn len(&self) -> usize {
        self.n_body
    }
}

impl fmt::Debug for SealedFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedFile({}, {} bytes)", self.name, self.n_body)
    }
}

impl FileHandle for SealedFile {
    fn read_bytes(&self, range: Range<usize>) -> io::Result<OwnedBytes> {
        if range.end > self.n_body || range.start > range.end {
            let what = format!("ends before byte {}", range.end);
            return Err(Damage { file: self.name.clone(), what }.into());
        }
        let blocks = range.start / BLOCK_BYTES..range.end.div_ceil(BLOCK_BYTES);
        match self.first_damaged(blocks) {
            Some(block) if !range.is_empty() => Err(self.damage(block).into()),
            _ => Ok(self.bytes.slice(range)),
        }
    }
}

/// The name that a file's seal is made for.
pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The body of a file that is read at once.
pub(super) fn unseal(name: &str, bytes: Vec<u8>) -> Result<Vec<u8>, Damage> {
    let file = SealedFile::open(name, OwnedBytes::new(bytes))?;
    file.verify()?;
    Ok(file.bytes[..file.n_body].to_vec())
}

/// Writes a file and, at its end, the seal.
pub(super) struct SealedWriter<W> {
    name: String,
    inner: W,
    sealer: Option<Sealer>,
}

impl<W: Write> SealedWriter<W> {
    pub fn new(name: String, inner: W) -> Self {
        SealedWriter { name, inner, sealer: Some(Sealer::new()) }
    }

    /// Writes the seal; nothing may be written after it.
    pub fn seal(&mut self) -> io::Result<&mut W> {
        if let Some(sealer) = self.sealer.take() {
            self.inner.write_all(&sealer.finish(&self.name))?;
        }
        self.inner.flush()?;
        Ok(&mut self.inner)
    }
}

impl<W: Write> Write for SealedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.inner.write(bytes)?;
        if let Some(sealer) = &mut self.sealer {
            sealer.update(&bytes[..n]);
        }
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(name: &str, bytes: &[u8]) -> Result<SealedFile, Damage> {
        SealedFile::open(name, OwnedBytes::new(bytes.to_vec()))
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let body: Vec<u8> = (0..150_u8).collect();
        let sealed = seal("a", &body);
        assert_eq!(unseal("a", sealed.clone()).unwrap(), body);
        for bit in 0..sealed.len() * 8 {
            let mut damaged = sealed.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(unseal("a", damaged).is_err(), "bit {bit}");
        }
    }

    #[test]
    fn every_cut_and_every_other_name_is_found() {
        let sealed = seal("a", &[7; 3000]);
        for n in 0..sealed.len() {
            assert!(open("a", &sealed[..n]).is_err(), "cut to {n}");
        }
        assert!(open("b", &sealed).is_err());
    }

    #[test]
    fn only_what_is_read_is_verified() {
        for n in [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 3 * BLOCK_BYTES + 5] {
            let body: Vec<u8> = (0..n).map(|at| (at % 251) as u8).collect();
            let file = open("a", &seal("a", &body)).unwrap();
            assert_eq!(file.read_bytes(0..n).unwrap().as_slice(), body);
            assert!(file.read_bytes(0..n + 1).is_err());
        }
        let mut sealed = seal("a", &vec![1; 3 * BLOCK_BYTES]);
        sealed[BLOCK_BYTES + 10] ^= 4;
        let file = open("a", &sealed).unwrap();
        assert!(file.read_bytes(0..BLOCK_BYTES).is_ok());
        assert!(file.read_bytes(2 * BLOCK_BYTES..3 * BLOCK_BYTES).is_ok());
        let error = file.read_bytes(BLOCK_BYTES - 1..BLOCK_BYTES + 1).unwrap_err();
        assert_eq!(error.to_string(), "a is damaged between bytes 65536 and 131072");
        assert!(file.verify().is_err());
    }

    #[test]
    fn written_in_pieces_or_at_once_the_seal_is_the_same() {
        let body: Vec<u8> = (0..2 * BLOCK_BYTES + 77).map(|at| (at % 249) as u8).collect();
        let mut writer = SealedWriter::new("a".to_owned(), Vec::new());
        for piece in body.chunks(1000) {
            writer.write_all(piece).unwrap();
        }
        assert_eq!(*writer.seal().unwrap(), seal("a", &body));
    }
}
