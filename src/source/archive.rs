//! Archives, told by their bytes: what they hold, and the bytes of a member. Nothing is unpacked into the file system but
//! what was packed by gzip, as a whole and without a name; members are held in memory one at a time.
//!
//! What an archive says of itself is not believed: names, sizes and places have limits, whatever is read is counted.

mod tar;
mod zip;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use serde::{Deserialize, Serialize};

use super::{FILE_BYTES_MAX, FOLDER_DEPTH_MAX, SourceFile, read_limited, walk};
use crate::error::{Error, ErrorKind, Problem, Result};

/// Of a larger archive, and of one that unpacks to more, nothing is read: whole repositories of talks stay under 200 MB.
const BYTES_MAX: u64 = 1 << 30;
/// Members that are listed: the largest collections have some 25,000 files.
const MEMBERS_MAX: usize = 100_000;
/// Text packs to a tenth, seldom to a fiftieth; a bomb to a two hundredth and less.
const RATIO_MAX: u64 = 150;
/// So much may come out whatever went in: small files of one letter are no bombs.
const RATIO_FREE_BYTES: u64 = 1 << 20;
/// Enough of a file to tell an archive: gzip's header with a name, and behind it the header of a tar.
const START_BYTES: u64 = 4096;
/// Names that a problem or a note names.
const NAMES_SHOWN: usize = 3;

/// The members of an archive by their paths, sorted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contents {
    pub members: Vec<String>,
    /// Those of `members` that ignore files in the archive leave out.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignored: Vec<String>,
    /// Whether what is not in `members` is not in the archive; it is not known of one that is cut off.
    pub is_whole: bool,
}

impl Contents {
    pub fn has(&self, member: &str) -> bool {
        is_among(member, &self.members)
    }

    pub fn is_ignored(&self, member: &str) -> bool {
        is_among(member, &self.ignored)
    }
}

fn is_among(name: &str, sorted: &[String]) -> bool {
    sorted.binary_search_by(|known| known.as_str().cmp(name)).is_ok()
}

/// What an archive holds, and what there is to say of it.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    pub contents: Contents,
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// An archive that has been looked through.
pub(super) struct Archive {
    /// The archive, or the tar that was in it.
    file: File,
    places: BTreeMap<String, Place>,
    pub listing: Listing,
}

/// Where a member lies in the archive.
#[derive(Clone, Copy)]
enum Place {
    Zip(zip::Packed),
    /// In a tar: its first byte, and how many there are.
    Tar(u64, u64),
}

/// What kind of archive bytes begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Zip,
    Tar,
    TarGz,
    /// One file, packed by gzip.
    Gz,
}

impl Archive {
    /// Looks through the archive at `path`, which is called `file`; null where the file is none.
    ///
    /// # Errors
    /// `Io`, `Input` for an archive that can't be read or is too large.
    pub fn open(path: &Path, file: &SourceFile) -> Result<Option<Archive>> {
        // What can't be opened is told where it is read.
        let Ok(mut opened) = File::open(path) else { return Ok(None) };
        let Some(form) =
            opened.metadata().ok().filter(std::fs::Metadata::is_file).and_then(|_| form(&start(&mut opened)))
        else {
            return Ok(None);
        };
        let failed = |cause| Error::io("can't read the archive", path, cause);
        if opened.metadata().map_err(failed)?.len() > BYTES_MAX {
            return Err(too_large(&file.path));
        }
        let mut found = Found::default();
        let opened = match form {
            Form::Zip => match zip::scan(opened, &mut found).map_err(failed)? {
                Some(opened) => opened,
                None => return Ok(None),
            },
            Form::Tar => tar::scan(opened, &mut found).map_err(failed)?,
            Form::TarGz => {
                let unpacked = tar::unpacked(opened, BYTES_MAX, &mut found).map_err(failed)?;
                tar::scan(unpacked, &mut found).map_err(failed)?
            }
            Form::Gz => {
                let n_packed = opened.metadata().map_err(failed)?.len();
                let unpacked = tar::unpacked(opened, FILE_BYTES_MAX, &mut found).map_err(failed)?;
                let n_bytes = unpacked.metadata().map_err(failed)?.len();
                // What comes out of a bomb is nothing.
                if n_bytes <= FILE_BYTES_MAX.min(bytes_max(n_packed)) {
                    found.add(Some(file.packed_name().as_ref()), n_bytes, Place::Tar(0, n_bytes));
                }
                unpacked
            }
        };
        let mut archive = Archive { file: opened, places: BTreeMap::new(), listing: Listing::default() };
        (archive.places, archive.listing) = found.end(&file.path);
        let members = archive.listing.contents.members.clone();
        archive.listing.contents.ignored = walk::ignored(&members, &mut |name| archive.read(name, file).ok());
        Ok(Some(archive))
    }

    /// The bytes of a member of the archive called `archive`.
    ///
    /// # Errors
    /// `Input` for one that is not there, too large, encrypted or packed in a way that is not read; `Io`.
    pub fn read(&mut self, member: &str, archive: &SourceFile) -> Result<Vec<u8>> {
        let name = archive.member(member).path;
        let (name, input) = (Path::new(&name), |what: String| Error::new(ErrorKind::Input, what));
        let Some(place) = self.places.get(member) else {
            return Err(input(format!("{} is not in the archive", name.display())).hint("ingest the archive again"));
        };
        match *place {
            Place::Zip(packed) => packed.read(&mut self.file, name),
            Place::Tar(_, n_bytes) if n_bytes > FILE_BYTES_MAX => Err(too_much(name, n_bytes)),
            Place::Tar(start, n_bytes) => {
                self.file.seek(SeekFrom::Start(start)).map_err(|cause| Error::io("can't read", name, cause))?;
                read_limited((&mut self.file).take(n_bytes), name)
            }
        }
    }
}

/// What to say of the bytes of a member that are an archive.
pub fn nested(file: &SourceFile, bytes: &[u8]) -> Option<&'static str> {
    let is_nested = file.in_archive().is_some() && form(&bytes[..bytes.len().min(START_BYTES as usize)]).is_some();
    is_nested.then_some("an archive in an archive is not entered: unpack the outer one and ingest the folder")
}

fn start(file: &mut File) -> Vec<u8> {
    let mut start = Vec::new();
    // What can't be read is told where it is read.
    _ = file.take(START_BYTES).read_to_end(&mut start);
    _ = file.rewind();
    start
}

fn form(start: &[u8]) -> Option<Form> {
    if zip::begins(start) {
        Some(Form::Zip)
    } else if tar::begins(start) {
        Some(Form::Tar)
    } else if tar::begins_packed(start) {
        Some(Form::TarGz)
    } else {
        tar::is_packed(start).then_some(Form::Gz)
    }
}

fn too_large(path: &str) -> Error {
    Error::new(ErrorKind::Input, format!("{path} is larger than {} MB", BYTES_MAX >> 20))
        .hint("unpack it and ingest the folder")
}

fn too_much(name: &Path, n_bytes: u64) -> Error {
    Error::new(ErrorKind::Input, format!("{} unpacks to {} MB, which is too much", name.display(), n_bytes >> 20))
        .hint("split it into smaller files")
}

/// The most that `n_packed` bytes may give.
fn bytes_max(n_packed: u64) -> u64 {
    n_packed.saturating_mul(RATIO_MAX).saturating_add(RATIO_FREE_BYTES)
}

/// What a look through an archive gathers.
#[derive(Default)]
struct Found {
    places: BTreeMap<String, Place>,
    /// Of all members, unpacked.
    n_bytes: u64,
    /// Members that are left out, by the reason.
    odd: BTreeMap<Odd, BTreeSet<String>>,
    n_odd: BTreeMap<Odd, u64>,
    /// Why nothing more is read of it.
    broken: Option<String>,
}

/// Why a member is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Odd {
    /// A symbolic link, a device.
    Special,
    /// Another one with the same path comes after it.
    Repeated,
    /// Its name is not UTF-8.
    Unnamed,
    /// Its path leads elsewhere, or can't be shown.
    Elsewhere,
}

impl Found {
    /// Whether the look goes on.
    fn add(&mut self, name: Option<&str>, n_bytes: u64, place: Place) -> bool {
        let Some(path) = name.and_then(member_path) else {
            self.leave_out(if name.is_some() { Odd::Elsewhere } else { Odd::Unnamed }, name.unwrap_or("?"));
            return true;
        };
        if self.places.len() == MEMBERS_MAX {
            self.broken = Some(format!("it has more than {MEMBERS_MAX} members"));
            return false;
        }
        self.n_bytes = self.n_bytes.saturating_add(n_bytes);
        if self.n_bytes > BYTES_MAX {
            self.broken = Some(format!("it unpacks to more than {} MB", BYTES_MAX >> 20));
            return false;
        }
        if self.places.insert(path.clone(), place).is_some() {
            self.leave_out(Odd::Repeated, &path);
        }
        true
    }

    fn leave_out(&mut self, why: Odd, name: &str) {
        *self.n_odd.entry(why).or_default() += 1;
        let names = self.odd.entry(why).or_default();
        if names.len() < NAMES_SHOWN {
            names.insert(name.chars().take(100).collect());
        }
    }

    fn end(self, path: &str) -> (BTreeMap<String, Place>, Listing) {
        let mut listing = Listing::default();
        listing.contents.is_whole = self.broken.is_none();
        if let Some(broken) = self.broken {
            let message = format!("the archive is not read to its end: {broken}");
            listing.problems.push(Problem::new(
                path,
                None,
                message,
                "get it again, or unpack it and ingest the folder",
            ));
        }
        for (why, n) in self.n_odd {
            let names = self.odd[&why].iter().cloned().collect::<Vec<_>>().join(", ");
            let members = if n == 1 { "1 member".to_owned() } else { format!("{n} members") };
            let mut problem = |what: &str| {
                let message = format!("{members} {what}: {names}");
                listing.problems.push(Problem::new(path, None, message, "unpack it and ingest the folder"));
            };
            match why {
                Odd::Special => listing.notes.push(format!("left out {members} that are links or devices: {names}")),
                Odd::Repeated => {
                    listing.notes.push(format!("left out {members} behind which others have the same path: {names}"));
                }
                Odd::Unnamed => problem("with a name that is not UTF-8"),
                Odd::Elsewhere => problem("with a path that leads out of the archive, too deep, or can't be shown"),
            }
        }
        listing.contents.members = self.places.keys().cloned().collect();
        (self.places, listing)
    }
}

/// The path of a member as it is kept: with `/`, from the top of the archive. Null for one that leads elsewhere.
fn member_path(name: &str) -> Option<String> {
    // Old programs on Windows write `\`.
    let name = name.replace('\\', "/");
    let is_drive = name.as_bytes().get(1) == Some(&b':');
    let parts: Vec<&str> = name.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let is_fine = !name.starts_with('/')
        && !is_drive
        && !name.chars().any(char::is_control)
        && !parts.is_empty()
        && parts.len() <= FOLDER_DEPTH_MAX
        && !parts.contains(&"..");
    is_fine.then(|| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_stays_in_its_archive() {
        for (name, expected) in [
            ("a/b.xml", Some("a/b.xml")),
            ("./a//b.xml", Some("a/b.xml")),
            (r"a\b.xml", Some("a/b.xml")),
            ("a/..b/c..xml", Some("a/..b/c..xml")),
            ("../a.xml", None),
            (r"a\..\..\b.xml", None),
            ("/etc/passwd", None),
            (r"\\host\a.xml", None),
            ("C:/a.xml", None),
            ("a\u{1b}[2J.xml", None),
            ("./", None),
            (&"d/".repeat(FOLDER_DEPTH_MAX), Some(&"d/".repeat(FOLDER_DEPTH_MAX)[..2 * FOLDER_DEPTH_MAX - 1])),
            (&"d/".repeat(FOLDER_DEPTH_MAX + 1), None),
        ] {
            assert_eq!(member_path(name).as_deref(), expected, "{name}");
        }
    }

    #[test]
    fn what_is_too_much_ends_the_look_and_keeps_what_came_before() {
        let mut found = Found::default();
        assert!(found.add(Some("a"), BYTES_MAX, Place::Tar(0, 0)));
        assert!(!found.add(Some("b"), 1, Place::Tar(0, 0)));
        let (places, listing) = found.end("a.tar");
        assert_eq!(places.len(), 1);
        assert!(!listing.contents.is_whole);
        assert!(listing.problems[0].message.ends_with("it unpacks to more than 1024 MB"), "{listing:?}");
        let mut found = Found::default();
        let n_taken = (0..=MEMBERS_MAX).take_while(|n| found.add(Some(&n.to_string()), 0, Place::Tar(0, 0))).count();
        assert_eq!(n_taken, MEMBERS_MAX);
    }
}
