//! The files beside the one that is parsed, each read once a run: a talk's file leaves to its neighbours what all talks of
//! an edition, or of a person, have in common.

use std::{
    any::{Any, TypeId},
    cell::RefCell,
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use super::{SourceFile, read};

/// Folders that a neighbour's path may go up from the file: real layouts need three.
const UP_MAX: usize = 5;
/// Entries of a folder that are looked at for names of an ending.
const ENTRIES_MAX: usize = 10_000;
/// When the files on the shelf have so many bytes together, it is cleared: neighbours are looked for in order of the files
/// that name them, and seldom again.
const BYTES_MAX: usize = 64 << 20;

/// What was read of neighbours; shared by threads.
#[derive(Default)]
pub struct Shelf {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    files: HashMap<PathBuf, Shelved>,
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
        // Standard input has no neighbours.
        let path = joined(&self.file.path, path).filter(|_| !self.file.root.is_empty())?;
        let (hash, made) = self.shelf.get(&full_path(&self.file.root, &path), make);
        self.seen.borrow_mut().insert(path, hash);
        made
    }

    /// Which of these names are in `folder`, sorted: files and folders by their names, files by an ending (`*.yml`). The
    /// folder is relative to that of the file, and ends in `/` unless it is the same.
    pub fn find(&self, folder: &str, names: &[&str]) -> Vec<String> {
        let marked = joined(&self.file.path, &format!("{folder}x")).filter(|_| !self.file.root.is_empty());
        let Some(marked) = marked else { return Vec::new() };
        let path = format!("{}{{{}}}", &marked[..marked.len() - 1], names.join(","));
        let lines = |bytes: &[u8]| Some(String::from_utf8_lossy(bytes).lines().map(str::to_owned).collect::<Vec<_>>());
        let (hash, found) = self.shelf.get(&full_path(&self.file.root, &path), lines);
        self.seen.borrow_mut().insert(path, hash);
        found.map(|found| found.to_vec()).unwrap_or_default()
    }

    /// What was looked for: its path relative to the root, and its hash, empty where there was nothing.
    pub fn seen(self) -> BTreeMap<String, String> {
        self.seen.into_inner()
    }
}

impl Shelf {
    /// The hash of the neighbour at `path`, as [`Beside::seen`] noted it.
    pub fn hash(&self, root: &str, path: &str) -> String {
        self.get(&full_path(root, path), |_| Some(())).0
    }

    fn get<T: Any + Send + Sync>(
        &self,
        path: &Path,
        make: impl FnOnce(&[u8]) -> Option<T>,
    ) -> (String, Option<Arc<T>>) {
        let of = TypeId::of::<T>();
        let lock = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(shelved) = lock().files.get(path) {
            if shelved.hash.is_empty() {
                return (String::new(), None);
            }
            if let Some(made) = shelved.made.get(&of) {
                return (shelved.hash.clone(), made.clone().and_then(|made| made.downcast().ok()));
            }
        }
        let bytes = match question(path) {
            Some((folder, names)) => Some(names_in(&folder, &names).join("\n").into_bytes()).filter(|b| !b.is_empty()),
            None if is_file(path) => read(path).ok(),
            None => None,
        };
        let hash = bytes.as_deref().map(|bytes| blake3::hash(bytes).to_hex().to_string()).unwrap_or_default();
        let made = bytes.as_deref().and_then(make).map(Arc::new);
        let mut known = lock();
        known.n_bytes += bytes.map_or(0, |bytes| bytes.len());
        if known.n_bytes > BYTES_MAX {
            *known = Known::default();
        }
        let shelved = known.files.entry(path.to_owned());
        let shelved = shelved.or_insert_with(|| Shelved { hash: hash.clone(), made: HashMap::new() });
        shelved.made.insert(of, made.clone().map(|made| made as Arc<dyn Any + Send + Sync>));
        (hash, made)
    }
}

fn is_file(path: &Path) -> bool {
    std::fs::symlink_metadata(path).is_ok_and(|meta| meta.is_file())
}

/// `folder/{a,*.b}` asks which of these names are in the folder; no other path that is looked for ends so.
fn question(path: &Path) -> Option<(PathBuf, Vec<&str>)> {
    let (folder, names) = path.to_str()?.strip_suffix('}')?.rsplit_once("/{")?;
    Some((PathBuf::from(folder), names.split(',').collect()))
}

fn names_in(folder: &Path, names: &[&str]) -> Vec<String> {
    let is_there =
        |name: &str| std::fs::symlink_metadata(folder.join(name)).is_ok_and(|meta| meta.is_file() || meta.is_dir());
    let mut found: Vec<String> =
        names.iter().filter(|name| !name.starts_with('*') && is_there(name)).map(|name| (*name).to_owned()).collect();
    for end in names.iter().filter_map(|name| name.strip_prefix('*')) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().take(ENTRIES_MAX);
        let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
        found.extend(names.filter(|name| name.ends_with(end) && is_file(&folder.join(name))));
    }
    found.sort();
    found.dedup();
    found
}

fn full_path(root: &str, path: &str) -> PathBuf {
    Path::new(root).join(path)
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
}
