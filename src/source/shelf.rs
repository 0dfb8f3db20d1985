//! What a run has at hand: the sources that were got for it, archives that are open, and the files beside the one that is
//! parsed, each read once a run: a talk's file leaves to its neighbours what all talks of an edition, or of a person, have
//! in common.

use std::{
    any::{Any, TypeId},
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    fs::File,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use super::{
    Given, Got, SourceFile,
    archive::{Archive, Listing},
    read,
};
use crate::error::{Error, ErrorKind, Problem, Result};

/// Folders that a neighbour's path may go up from the file: real layouts need three.
const UP_MAX: usize = 5;
/// Entries of a folder that are looked at for names of an ending.
const ENTRIES_MAX: usize = 10_000;
/// Files of a folder that are read as one, and their bytes: the largest editions have 200 talks, in a megabyte.
const TOGETHER_MAX: usize = 2_000;
const TOGETHER_BYTES_MAX: usize = 16 << 20;
/// What stands before the ending that such files have.
const TOGETHER: char = '<';
/// What stands between them.
pub const BETWEEN: u8 = 0;
/// When the files on the shelf have so many bytes together, it is cleared: neighbours are looked for in order of the files
/// that name them, and seldom again.
const BYTES_MAX: usize = 64 << 20;

/// Archives that are open at once: threads read sources in their order, and so stay close together.
const OPEN_MAX: usize = 16;

/// What a run has at hand; shared by threads.
#[derive(Default)]
pub struct Shelf {
    known: Mutex<Known>,
    /// By their keys, the one that was used last at the end.
    open: Mutex<Vec<(String, OpenArchive)>>,
    given: BTreeMap<String, Got>,
}

type OpenArchive = Arc<Mutex<Archive>>;

#[derive(Default)]
struct Known {
    /// By their keys.
    files: HashMap<String, Shelved>,
    n_bytes: usize,
}

struct Shelved {
    hash: String,
    /// What was made of the file, by its type.
    made: HashMap<TypeId, Option<Arc<dyn Any + Send + Sync>>>,
}

/// What lies beside one file. What was looked for is noted, also where it is not there, so that the file is read again
/// when that changes.
pub struct Beside<'a> {
    shelf: &'a Shelf,
    file: &'a SourceFile,
    seen: RefCell<BTreeMap<String, String>>,
}

impl<'a> Beside<'a> {
    pub fn new(file: &'a SourceFile, shelf: &'a Shelf) -> Self {
        Beside { shelf, file, seen: RefCell::default() }
    }

    /// What `make` makes of the bytes of the file at `path`, which is relative to the folder of the file and has `/`: once
    /// a run for each type. Null where it makes nothing, and where there is none: no such file, a symbolic link, a path that
    /// leads elsewhere.
    pub fn read<T: Any + Send + Sync>(&self, path: &str, make: impl FnOnce(&[u8]) -> Option<T>) -> Option<Arc<T>> {
        let (path, neighbour) = self.neighbour(path)?;
        let (hash, made) = self.shelf.get(&neighbour, make);
        self.seen.borrow_mut().insert(path, hash);
        made
    }

    /// Which of these names are in `folder`, sorted: files and folders by their names, files by an ending (`*.yml`). The
    /// folder is relative to that of the file, and ends in `/` unless it is the same.
    pub fn find(&self, folder: &str, names: &[&str]) -> Vec<String> {
        let Some((_, marked)) = self.neighbour(&format!("{folder}x")) else { return Vec::new() };
        let path = format!("{}{{{}}}", &marked.path[..marked.path.len() - 1], names.join(","));
        let lines = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>());
        let (hash, found) = self.shelf.get(&SourceFile { root: marked.root, path: path.clone() }, lines);
        self.seen.borrow_mut().insert(path, hash);
        found.map(|found| found.to_vec()).unwrap_or_default()
    }

    /// What `make` makes of the files of an ending in `folder` together, with [`BETWEEN`] between them: once a run for each
    /// type. They count as one neighbour, so that what each of many files says of the others is noted once.
    pub fn together<T: Any + Send + Sync>(
        &self,
        folder: &str,
        ending: &str,
        make: impl FnOnce(&[u8]) -> Option<T>,
    ) -> Option<Arc<T>> {
        let (_, marked) = self.neighbour(&format!("{folder}x"))?;
        let path = format!("{}{{{TOGETHER}*{ending}}}", &marked.path[..marked.path.len() - 1]);
        let (hash, made) = self.shelf.get(&SourceFile { root: marked.root, path: path.clone() }, make);
        self.seen.borrow_mut().insert(path, hash);
        made
    }

    /// Its path relative to the root, and itself. What is in an archive has neighbours in it alone; a page of the web and
    /// standard input have none.
    fn neighbour(&self, path: &str) -> Option<(String, SourceFile)> {
        if let Some((archive, member)) = self.file.in_archive() {
            let inside = joined(member, path).filter(|path| !path.starts_with("../"))?;
            let neighbour = archive.member(&inside);
            return Some((neighbour.path.clone(), neighbour));
        }
        let path = joined(&self.file.path, path).filter(|_| self.file.is_on_disk())?;
        Some((path.clone(), SourceFile { root: self.file.root.clone(), path }))
    }

    /// What was looked for: its path relative to the root, and its hash, empty where there was nothing.
    pub fn seen(self) -> BTreeMap<String, String> {
        self.seen.into_inner()
    }
}

impl Shelf {
    pub fn new(given: &[Given]) -> Self {
        let given = given.iter().map(|given| (given.key.clone(), given.got.clone())).collect();
        Shelf { given, ..Shelf::default() }
    }

    /// The bytes of a source.
    ///
    /// # Errors
    /// As [`read()`]; `Input` for what is in an archive and can't be had, and for what was not got for this run.
    pub fn read(&self, file: &SourceFile) -> Result<Vec<u8>> {
        let Some((archive, member)) = file.in_archive() else { return read(&self.place(file)?) };
        let Some(open) = self.open(&archive)? else {
            let error = Error::new(ErrorKind::Input, format!("{} is no archive any more", archive.path));
            return Err(error.hint("ingest it again"));
        };
        lock(&open).read(member, &archive)
    }

    /// What the file holds if it is an archive.
    ///
    /// # Errors
    /// `Io`, `Input` for an archive that can't be read.
    pub fn listing(&self, file: &SourceFile) -> Result<Option<Listing>> {
        if self.place(file).is_err() {
            return Ok(None);
        }
        Ok(self.open(file)?.map(|open| lock(&open).listing.clone()))
    }

    /// BLAKE3 of a file that may be too large to be held, hexadecimal.
    ///
    /// # Errors
    /// `Io`.
    pub fn hash_of(&self, file: &SourceFile) -> Result<String> {
        let path = self.place(file)?;
        let failed = |cause| Error::io("can't read", &path, cause);
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(File::open(&path).map_err(failed)?).map_err(failed)?;
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// What came of getting a source that is no file of the user's.
    pub fn got(&self, key: &str) -> Option<&Got> {
        self.given.get(key)
    }

    /// The hash of the neighbour at `path`, as [`Beside::seen`] noted it.
    pub fn hash(&self, root: &str, path: &str) -> String {
        self.get(&SourceFile { root: root.to_owned(), path: path.to_owned() }, |_| Some(())).0
    }

    /// The file in which a source's bytes lie.
    fn place(&self, file: &SourceFile) -> Result<PathBuf> {
        if file.is_on_disk() {
            return Ok(file.full_path());
        }
        let not_had = |problem: Problem| Err(Error::new(ErrorKind::Io, problem.message).hint(problem.hint));
        match self.given.get(&file.path) {
            Some(Got::At { path, .. }) => Ok(path.clone()),
            Some(Got::Nothing(problem)) => not_had(problem.clone()),
            Some(Got::AsBefore) => not_had(Problem::new(
                &file.path,
                None,
                format!("{} is as it was", file.path),
                "remove it, and ingest it again",
            )),
            None => {
                let hint = "what it gave before stays; to read it again, ingest it again";
                not_had(Problem::new(&file.path, None, format!("{} is not on this machine", file.path), hint))
            }
        }
    }

    fn open(&self, file: &SourceFile) -> Result<Option<OpenArchive>> {
        let key = file.key();
        // Held meanwhile, so that no other thread looks through the same archive.
        let mut open = lock(&self.open);
        if let Some(at) = open.iter().position(|(known, _)| *known == key) {
            let found = open.remove(at);
            open.push(found.clone());
            return Ok(Some(found.1));
        }
        let Some(archive) = Archive::open(&self.place(file)?, file)? else { return Ok(None) };
        let archive = Arc::new(Mutex::new(archive));
        if open.len() == OPEN_MAX {
            open.remove(0);
        }
        open.push((key, archive.clone()));
        Ok(Some(archive))
    }

    fn get<T: Any + Send + Sync>(
        &self,
        file: &SourceFile,
        make: impl FnOnce(&[u8]) -> Option<T>,
    ) -> (String, Option<Arc<T>>) {
        let of = TypeId::of::<T>();
        let key = file.key();
        if let Some(shelved) = lock(&self.known).files.get(&key) {
            if shelved.hash.is_empty() {
                return (String::new(), None);
            }
            if let Some(made) = shelved.made.get(&of) {
                return (shelved.hash.clone(), made.clone().and_then(|made| made.downcast().ok()));
            }
        }
        let bytes = match question(&file.path) {
            Some((_, names)) if names[0].starts_with(TOGETHER) => Some(self.texts_of(file, &names[0][1..])),
            Some((_, names)) => Some(self.names_in(file, &names).join("\n").into_bytes()).filter(|b| !b.is_empty()),
            None if file.in_archive().is_some() || is_file(&file.full_path()) => self.read(file).ok(),
            None => None,
        };
        let hash = bytes.as_deref().map(|bytes| blake3::hash(bytes).to_hex().to_string()).unwrap_or_default();
        let made = bytes.as_deref().and_then(make).map(Arc::new);
        let mut known = lock(&self.known);
        known.n_bytes += bytes.map_or(0, |bytes| bytes.len());
        if known.n_bytes > BYTES_MAX {
            *known = Known::default();
        }
        let shelved = known.files.entry(key);
        let shelved = shelved.or_insert_with(|| Shelved { hash: hash.clone(), made: HashMap::new() });
        shelved.made.insert(of, made.clone().map(|made| made as Arc<dyn Any + Send + Sync>));
        (hash, made)
    }

    /// The files that have an ending, one after the other.
    fn texts_of(&self, asked: &SourceFile, ending: &str) -> Vec<u8> {
        let folder = asked.path.rfind('{').map_or("", |at| &asked.path[..at]);
        let mut out = Vec::new();
        for name in self.names_in(asked, &[ending]).into_iter().take(TOGETHER_MAX) {
            let file = SourceFile { root: asked.root.clone(), path: format!("{folder}{name}") };
            let Ok(bytes) = self.read(&file) else { continue };
            if out.len() + bytes.len() > TOGETHER_BYTES_MAX {
                break;
            }
            out.extend_from_slice(&bytes);
            out.push(BETWEEN);
        }
        out
    }

    /// Which of the names that are asked for are there.
    fn names_in(&self, asked: &SourceFile, names: &[&str]) -> Vec<String> {
        if let Some((archive, member)) = asked.in_archive() {
            let listing = self.listing(&archive).ok().flatten().unwrap_or_default();
            let folder = question(member).map_or("", |(folder, _)| folder);
            return names_among(&listing.contents.members, folder, names);
        }
        let full = asked.full_path();
        let Some(folder) = full.to_str().and_then(question).map(|(folder, _)| Path::new(folder)) else {
            return Vec::new();
        };
        let is_there =
            |name: &str| std::fs::symlink_metadata(folder.join(name)).is_ok_and(|meta| meta.is_file() || meta.is_dir());
        let mut found: Vec<String> = names
            .iter()
            .filter(|name| !name.starts_with('*') && is_there(name))
            .map(|name| (*name).to_owned())
            .collect();
        for end in names.iter().filter_map(|name| name.strip_prefix('*')) {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(ENTRIES_MAX);
            let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
            found.extend(names.filter(|name| name.ends_with(end) && is_file(&folder.join(name))));
        }
        found.sort();
        found.dedup();
        found
    }
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

/// `folder/{a,*.b}` asks which of these names are in the folder; no other path that is looked for ends so.
fn question(path: &str) -> Option<(&str, Vec<&str>)> {
    let (folder, names) = path.strip_suffix('}')?.rsplit_once('{')?;
    Some((folder.trim_end_matches('/'), names.split(',').collect()))
}

/// The same of the members of an archive.
fn names_among(members: &[String], folder: &str, names: &[&str]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for member in members {
        let inside = if folder.is_empty() {
            Some(&**member)
        } else {
            member.strip_prefix(folder).and_then(|rest| rest.strip_prefix('/'))
        };
        let Some(inside) = inside else { continue };
        let (name, is_file) = inside.split_once('/').map_or((inside, true), |(name, _)| (name, false));
        let is_asked = |asked: &&str| match asked.strip_prefix('*') {
            Some(end) => is_file && name.ends_with(end),
            None => name == *asked,
        };
        if names.iter().any(is_asked) {
            found.push(name.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A path relative to the root, from that of a file and one relative to its folder. Parts of it may come from a file's
/// text: only the beginning may lead upwards.
fn joined(file: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = file.split('/').collect();
    parts.pop();
    let mut rest = path;
    let mut n_up = 0;
    while let Some(inner) = rest.strip_prefix("../") {
        rest = inner;
        n_up += 1;
        if parts.last().is_none_or(|part| *part == "..") {
            parts.push("..");
        } else {
            parts.pop();
        }
    }
    let is_plain =
        |part: &str| !part.is_empty() && part != "." && part != ".." && !part.contains(['\\', '\0', ':', '{']);
    if n_up > UP_MAX || !rest.split('/').all(is_plain) {
        return None;
    }
    parts.push(rest);
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_path_leads_upwards_only_at_its_beginning() {
        for (file, path, expected) in [
            ("a/videos/x.json", "../category.json", Some("a/category.json")),
            ("x.json", "y.json", Some("y.json")),
            ("videos/x.json", "../../y.json", Some("../y.json")),
            ("x.json", "../../y.json", Some("../../y.json")),
            ("a/x.md", "people/../../../etc/passwd", None),
            ("a/x.md", "/etc/passwd", None),
            ("a/x.md", "", None),
            ("a/x.md", "../../../../../../y", None),
        ] {
            assert_eq!(joined(file, path).as_deref(), expected, "{file} {path}");
        }
    }

    #[test]
    fn which_names_a_folder_has_is_noted_as_well() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("people")).unwrap();
        fs::write(folder.path().join("b.yml"), "").unwrap();
        let root = folder.path().to_str().unwrap().to_owned();
        let file = SourceFile { root: root.clone(), path: "talks/x.md".to_owned() };
        let shelf = Shelf::default();
        let beside = Beside::new(&file, &shelf);
        assert_eq!(beside.find("../", &["people", "speakers", "*.yml"]), ["b.yml", "people"]);
        assert_eq!(beside.find("", &["people"]), Vec::<String>::new());
        let seen = beside.seen();
        assert_eq!(seen["talks/{people}"], "");
        let asked = "{people,speakers,*.yml}";
        assert_eq!(seen[asked], Shelf::default().hash(&root, asked));
        fs::write(folder.path().join("a.yml"), "").unwrap();
        assert_ne!(seen[asked], Shelf::default().hash(&root, asked));
    }

    #[test]
    fn files_of_a_folder_are_one_neighbour() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("talks")).unwrap();
        let write = |name: &str, text: &str| fs::write(folder.path().join("talks").join(name), text).unwrap();
        [("b.json", "2"), ("a.json", "1"), ("c.txt", "3")].into_iter().for_each(|(name, text)| write(name, text));
        let root = folder.path().to_str().unwrap().to_owned();
        let file = SourceFile { root: root.clone(), path: "talks/a.json".to_owned() };
        let shelf = Shelf::default();
        let beside = Beside::new(&file, &shelf);
        let found = beside.together("", ".json", |bytes| Some(bytes.to_vec()));
        assert_eq!(*found.unwrap(), [b'1', BETWEEN, b'2', BETWEEN]);
        let seen = beside.seen();
        let asked = "talks/{<*.json}";
        assert_eq!(seen[asked], Shelf::default().hash(&root, asked));
        write("c.txt", "4");
        assert_eq!(seen[asked], Shelf::default().hash(&root, asked));
        write("b.json", "5");
        assert_ne!(seen[asked], Shelf::default().hash(&root, asked));
    }

    #[test]
    fn what_is_looked_for_is_noted_also_where_it_is_not_there() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("videos")).unwrap();
        fs::write(folder.path().join("category.json"), "one").unwrap();
        let root = folder.path().to_str().unwrap().to_owned();
        let file = SourceFile { root: root.clone(), path: "videos/x.json".to_owned() };
        let shelf = Shelf::default();
        let beside = Beside::new(&file, &shelf);
        let size = |bytes: &[u8]| Some(bytes.len());
        assert_eq!(beside.read("../category.json", size).as_deref(), Some(&3));
        assert_eq!(beside.read("../category.json", |_| panic!("it is read once")).as_deref(), Some(&3_usize));
        assert_eq!(beside.read("../category.json", |bytes| Some(bytes.to_vec())).as_deref(), Some(&b"one".to_vec()));
        assert_eq!(beside.read("../none.json", size), None);
        let seen = beside.seen();
        assert_eq!(seen["none.json"], "");
        assert_eq!(seen["category.json"], shelf.hash(&root, "category.json"));
        fs::write(folder.path().join("category.json"), "two").unwrap();
        assert_ne!(seen["category.json"], Shelf::default().hash(&root, "category.json"));
    }

    #[test]
    fn what_is_in_an_archive_has_neighbours_in_it_alone() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("outside.json"), "out").unwrap();
        let mut writer = zip::ZipWriter::new(fs::File::create(folder.path().join("a.zip")).unwrap());
        for (name, text) in [("videos/x.json", "x"), ("category.json", "one")] {
            writer.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
            std::io::Write::write_all(&mut writer, text.as_bytes()).unwrap();
        }
        writer.finish().unwrap();
        let root = folder.path().to_str().unwrap().to_owned();
        let file = SourceFile { root: root.clone(), path: "a.zip!/videos/x.json".to_owned() };
        let shelf = Shelf::default();
        let beside = Beside::new(&file, &shelf);
        let text = |bytes: &[u8]| Some(bytes.to_vec());
        assert_eq!(shelf.read(&file).unwrap(), b"x");
        assert_eq!(beside.read("../category.json", text).as_deref(), Some(&b"one".to_vec()));
        assert_eq!(beside.read("../none.json", text), None);
        assert_eq!(beside.read("../../outside.json", text), None);
        let seen = beside.seen();
        assert_eq!(seen.keys().collect::<Vec<_>>(), ["a.zip!/category.json", "a.zip!/none.json"]);
        assert_eq!(seen["a.zip!/category.json"], shelf.hash(&root, "a.zip!/category.json"));
    }
}
