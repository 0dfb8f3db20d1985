//! A disk as POSIX promises it: what was synced is there after a power cut, of the rest anything may be.
//!
//! - The name of a file or folder is durable once the folder that it is in is synced. Until then each name is, by itself,
//!   as any of the changes since has left it; a rename is a change of two names.
//! - A file's bytes are durable once the file is synced. Of what was written later any part may be there, with some pages
//!   of zeros.
//! - A folder that was renamed is not gone from its old place before it is in its new one: no file system in use loses it.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fs,
    path::{Component, Path, PathBuf},
};

use fastrand::Rng;
use hallway::index::Op;

const PAGE: usize = 4096;

/// One change of a disk; paths are relative to its root.
#[derive(Clone, Debug)]
pub enum Change {
    Create(PathBuf),
    Write(PathBuf, Vec<u8>),
    Sync(PathBuf),
    Rename(PathBuf, PathBuf),
    Remove(PathBuf),
    CreateFolder(PathBuf),
    SyncFolder(PathBuf),
    /// The bytes of a file go bad.
    Rot(PathBuf, Vec<u8>),
}

impl Change {
    /// Null for what changes nothing.
    pub fn of(op: &Op, root: &Path) -> Option<Change> {
        let below = |path: &Path| path.strip_prefix(root).unwrap().to_owned();
        Some(match op {
            Op::Create(path) => Change::Create(below(path)),
            Op::Write(path, bytes) => Change::Write(below(path), bytes.to_vec()),
            Op::Sync(path) => Change::Sync(below(path)),
            Op::Rename(from, to) => Change::Rename(below(from), below(to)),
            Op::Remove(path) => Change::Remove(below(path)),
            Op::CreateFolder(path) => Change::CreateFolder(below(path)),
            Op::SyncFolder(path) => Change::SyncFolder(below(path)),
            Op::Read(_) | Op::Analyse(_) | Op::Document(_) => return None,
        })
    }
}

type Node = usize;
const ROOT: Node = 0;

enum Item {
    File { bytes: Vec<u8>, n_synced: usize },
    Folder { now: BTreeMap<String, Node>, durable: BTreeMap<String, Node>, pending: Vec<Entry> },
}

/// A change of what a folder lists.
struct Entry {
    name: String,
    node: Option<Node>,
    /// Counts the renames of folders.
    moved: Option<usize>,
}

/// What is there and what would be after a power cut.
pub struct Disk {
    items: Vec<Item>,
    n_moves: usize,
}

/// What is in a file after a power cut: so many of its bytes, without the pages named.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Left {
    node: Node,
    n_bytes: usize,
    zeroed: Vec<usize>,
}

/// A disk after a power cut: its folders, and its files.
#[derive(Debug, Default)]
pub struct State {
    folders: Vec<PathBuf>,
    files: Vec<(PathBuf, Left)>,
}

impl State {
    /// Equal for states that are alike.
    pub fn key(&self) -> [u8; 32] {
        *blake3::hash(format!("{self:?}").as_bytes()).as_bytes()
    }
}

impl Disk {
    pub fn new() -> Self {
        Disk { items: vec![Disk::folder()], n_moves: 0 }
    }

    fn folder() -> Item {
        Item::Folder { now: BTreeMap::new(), durable: BTreeMap::new(), pending: Vec::new() }
    }

    fn find(&self, path: &Path) -> Option<Node> {
        path.components().try_fold(ROOT, |at, part| match (&self.items[at], part) {
            (Item::Folder { now, .. }, Component::Normal(name)) => now.get(name.to_str()?).copied(),
            _ => None,
        })
    }

    /// Lists `node` under a name, or nothing.
    fn list(&mut self, path: &Path, node: Option<Node>, moved: Option<usize>) {
        let parent = self.find(path.parent().unwrap()).expect("a change is in a folder that is there");
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        let Item::Folder { now, pending, .. } = &mut self.items[parent] else {
            panic!("{} is no folder", path.display())
        };
        match node {
            Some(node) => drop(now.insert(name.clone(), node)),
            None => drop(now.remove(&name)),
        }
        pending.push(Entry { name, node, moved });
    }

    /// What fails on a disk has no effect here.
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Create(path) | Change::CreateFolder(path) if self.find(path).is_none() => {
                let is_file = matches!(change, Change::Create(_));
                self.items.push(if is_file { Item::File { bytes: Vec::new(), n_synced: 0 } } else { Disk::folder() });
                self.list(path, Some(self.items.len() - 1), None);
            }
            Change::Create(_) | Change::CreateFolder(_) => {}
            Change::Write(path, more) => {
                let node = self.find(path);
                let Some(Item::File { bytes, .. }) = node.map(|node| &mut self.items[node]) else { return };
                bytes.extend(more);
            }
            Change::Sync(path) => {
                let node = self.find(path);
                let Some(Item::File { bytes, n_synced }) = node.map(|node| &mut self.items[node]) else { return };
                *n_synced = bytes.len();
            }
            Change::Rename(from, to) => {
                let Some(node) = self.find(from) else { return };
                let moved = matches!(self.items[node], Item::Folder { .. }).then(|| {
                    self.n_moves += 1;
                    self.n_moves
                });
                self.list(from, None, moved);
                self.list(to, Some(node), moved);
            }
            Change::Remove(path) => {
                if self.find(path).is_some() {
                    self.list(path, None, None);
                }
            }
            Change::SyncFolder(path) => {
                let node = self.find(path);
                let Some(Item::Folder { durable, pending, .. }) = node.map(|node| &mut self.items[node]) else {
                    return;
                };
                for Entry { name, node, .. } in pending.drain(..) {
                    match node {
                        Some(node) => drop(durable.insert(name, node)),
                        None => drop(durable.remove(&name)),
                    }
                }
            }
            Change::Rot(path, bytes) => {
                self.items.push(Item::File { bytes: bytes.clone(), n_synced: bytes.len() });
                let rotten = self.items.len() - 1;
                let parent = self.find(path.parent().unwrap()).unwrap();
                let name = path.file_name().unwrap().to_str().unwrap();
                let Item::Folder { now, durable, pending } = &mut self.items[parent] else { return };
                let sound = now.insert(name.to_owned(), rotten);
                let links = durable.values_mut().chain(pending.iter_mut().filter_map(|entry| entry.node.as_mut()));
                links.filter(|node| Some(**node) == sound).for_each(|node| *node = rotten);
            }
        }
    }

    /// One of the states in which a power cut may leave the disk.
    pub fn draw(&self, rng: &mut Rng) -> State {
        let mut state = State::default();
        self.take(ROOT, Path::new(""), &self.listed(rng), rng, &mut state);
        state
    }

    /// How many of the pending changes of each name have come to the disk.
    fn listed(&self, rng: &mut Rng) -> HashMap<(Node, &str), usize> {
        // All or nothing comes up more often than it would by itself.
        let bias = rng.u8(..8);
        let mut listed = HashMap::new();
        let folders = || {
            self.items.iter().enumerate().filter_map(|(node, item)| match item {
                Item::Folder { pending, .. } => Some((node, pending)),
                Item::File { .. } => None,
            })
        };
        let mut names: BTreeMap<(Node, &str), usize> = BTreeMap::new();
        for (folder, pending) in folders() {
            pending.iter().for_each(|entry| *names.entry((folder, &entry.name)).or_default() += 1);
        }
        for (name, n) in names {
            let n_listed = match bias {
                0 => 0,
                1 => n,
                // One name that is late, or early, among the others.
                2 => n * usize::from(rng.u8(..8) > 0),
                3 => n * usize::from(rng.u8(..8) == 0),
                _ => rng.usize(..=n),
            };
            listed.insert(name, n_listed);
        }
        // Calls `each` with every pending change, and whether it has come to the disk.
        let each = |listed: &HashMap<(Node, &str), usize>, each: &mut dyn FnMut(Node, &Entry, usize, bool)| {
            for (folder, pending) in folders() {
                let mut seen: HashMap<&str, usize> = HashMap::new();
                for entry in pending {
                    let n = seen.entry(&entry.name).or_default();
                    each(folder, entry, *n, *n < listed[&(folder, entry.name.as_str())]);
                    *n += 1;
                }
            }
        };
        loop {
            let mut late = BTreeSet::new();
            each(&listed, &mut |_, entry, _, has_come| {
                late.extend(entry.moved.filter(|_| entry.node.is_some() && !has_come));
            });
            let mut undone = None;
            each(&listed, &mut |folder, entry, n, has_come| {
                if has_come && entry.node.is_none() && entry.moved.is_some_and(|moved| late.contains(&moved)) {
                    undone = undone.take().or(Some((folder, entry.name.clone(), n)));
                }
            });
            let Some((folder, name, n)) = undone else { return listed };
            let place = listed.iter_mut().find(|((node, other), _)| *node == folder && *other == name);
            *place.expect("a name that was listed").1 = n;
        }
    }

    fn take(&self, node: Node, path: &Path, listed: &HashMap<(Node, &str), usize>, rng: &mut Rng, state: &mut State) {
        match &self.items[node] {
            Item::File { bytes, n_synced } => {
                state.files.push((path.to_owned(), Self::left(node, bytes.len(), *n_synced, rng)));
            }
            Item::Folder { durable, pending, .. } => {
                state.folders.push(path.to_owned());
                let mut entries = durable.clone();
                let mut seen: HashMap<&str, usize> = HashMap::new();
                for entry in pending {
                    let n = seen.entry(&entry.name).or_default();
                    if *n < listed[&(node, entry.name.as_str())] {
                        match entry.node {
                            Some(node) => drop(entries.insert(entry.name.clone(), node)),
                            None => drop(entries.remove(&entry.name)),
                        }
                    }
                    *n += 1;
                }
                for (name, child) in entries {
                    self.take(child, &path.join(name), listed, rng, state);
                }
            }
        }
    }

    fn left(node: Node, n_bytes: usize, n_synced: usize, rng: &mut Rng) -> Left {
        let cut = if n_synced == n_bytes {
            n_bytes
        } else {
            match rng.u8(..4) {
                0 => n_synced,
                1 => n_bytes,
                _ => rng.usize(n_synced..=n_bytes),
            }
        };
        let pages = n_synced / PAGE..cut.div_ceil(PAGE);
        let has_holes = cut > n_synced && rng.bool();
        Left { node, n_bytes: cut, zeroed: if has_holes { pages.filter(|_| rng.bool()).collect() } else { Vec::new() } }
    }

    /// Puts a state into the empty folder `to`; whole files are links to those that are kept in `pool`.
    pub fn build(&self, state: &State, to: &Path, pool: &Path) {
        for folder in &state.folders {
            fs::create_dir_all(to.join(folder)).unwrap();
        }
        for (path, Left { node, n_bytes, zeroed }) in &state.files {
            let Item::File { bytes, n_synced } = &self.items[*node] else { continue };
            if n_synced == n_bytes && bytes.len() == *n_bytes {
                let kept = pool.join(format!("{node}-{n_bytes}"));
                if !kept.exists() {
                    fs::write(&kept, bytes).unwrap();
                }
                fs::hard_link(&kept, to.join(path)).unwrap();
                continue;
            }
            let mut bytes = bytes[..*n_bytes].to_vec();
            for page in zeroed {
                let end = ((page + 1) * PAGE).min(*n_bytes);
                bytes[(page * PAGE).max(*n_synced)..end].fill(0);
            }
            fs::write(to.join(path), bytes).unwrap();
        }
    }
}
