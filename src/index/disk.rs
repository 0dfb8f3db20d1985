//! Every call that changes or reads an index's files, one function each: the one place where a test can record what
//! happened and in which order, or make it fail.

use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Ends the name of a file that is being written and has not been renamed yet.
pub(super) const UNFINISHED: &str = ".new";

/// What is about to happen to a file or folder.
#[derive(Debug)]
#[cfg_attr(not(feature = "faults"), allow(dead_code))]
pub enum Op<'a> {
    /// A file's bytes are read or mapped.
    Read(&'a Path),
    Create(&'a Path),
    Write(&'a Path, &'a [u8]),
    /// A file's bytes are made durable.
    Sync(&'a Path),
    Rename(&'a Path, &'a Path),
    /// A file, or an empty folder.
    Remove(&'a Path),
    CreateFolder(&'a Path),
    /// What a folder lists is made durable.
    SyncFolder(&'a Path),
    /// A text is cut into terms.
    Analyse(&'a str),
    /// The documents of the record with this id are made.
    Document(&'a str),
}

/// Asks a test, if one watches, whether the operation may happen.
#[cfg(not(feature = "faults"))]
#[inline]
#[allow(clippy::unnecessary_wraps)]
pub(super) fn point(_op: &Op) -> io::Result<()> {
    Ok(())
}
#[cfg(feature = "faults")]
pub(super) use faults::point;

/// A new file, written from its beginning.
pub(super) struct NewFile {
    path: PathBuf,
    file: File,
}

/// Creates a file that is not there yet.
pub(super) fn create_new(path: &Path) -> io::Result<NewFile> {
    point(&Op::Create(path))?;
    let file = File::create_new(path)?;
    Ok(NewFile { path: path.to_owned(), file })
}

impl NewFile {
    /// Makes the bytes durable; the name is so once the folder is synced.
    pub fn sync(&self) -> io::Result<()> {
        point(&Op::Sync(&self.path))?;
        self.file.sync_data()
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        point(&Op::Write(&self.path, bytes))?;
        // All or an error, so that what is recorded is what is there.
        self.file.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

pub(super) fn read(path: &Path) -> io::Result<Vec<u8>> {
    point(&Op::Read(path))?;
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Whether what an error kept from being read is gone, and not only out of reach for now.
pub(super) fn is_lost(error: &io::Error) -> bool {
    const EIO: i32 = 5;
    matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::UnexpectedEof) || error.raw_os_error() == Some(EIO)
}

/// Puts `bytes` in the place of a file, all or nothing, and durably.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(UNFINISHED);
    let unfinished = path.with_file_name(name);
    // Left by a run that was stopped.
    if unfinished.exists() {
        remove(&unfinished)?;
    }
    let mut file = create_new(&unfinished)?;
    file.write_all(bytes)?;
    file.sync()?;
    rename(&unfinished, path)?;
    // Without this a power cut can undo an acknowledged commit, or keep an old `meta.json` and lose the files it names.
    sync_folder(path.parent().unwrap_or(Path::new(".")))
}

/// Writes a file that may be torn or lost, since nothing rests on it.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    point(&Op::Create(path))?;
    point(&Op::Write(path, bytes))?;
    fs::write(path, bytes)
}

pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    point(&Op::Rename(from, to))?;
    fs::rename(from, to)
}

pub(super) fn remove(path: &Path) -> io::Result<()> {
    point(&Op::Remove(path))?;
    fs::remove_file(path)
}

/// Takes a folder away with all that is in it.
pub(super) fn remove_folder(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            remove_folder(&entry.path())?;
        } else {
            remove(&entry.path())?;
        }
    }
    point(&Op::Remove(path))?;
    fs::remove_dir(path)
}

/// Creates a folder and those above it, as durable as the names of files in it.
pub(super) fn create_folder(path: &Path) -> io::Result<()> {
    let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if path.is_dir() {
        // A run that was stopped may have created it, and not come to make it durable.
        return match sync_folder(above) {
            // What this user can't read was not created by this user.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
            other => other,
        };
    }
    if !above.is_dir() {
        create_folder(above)?;
    }
    point(&Op::CreateFolder(path))?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
        other => other?,
    }
    sync_folder(above)
}

pub(super) fn sync_folder(path: &Path) -> io::Result<()> {
    point(&Op::SyncFolder(path))?;
    File::open(path)?.sync_all()
}

/// Tests watch, and spoil, what happens to the files below a folder.
#[cfg(feature = "faults")]
pub mod faults {
    use std::{
        collections::BTreeMap,
        io,
        path::{Path, PathBuf},
        sync::{
            Arc, Mutex, PoisonError,
            atomic::{AtomicBool, Ordering},
        },
    };

    use super::Op;

    /// Gives the error that is to happen in the operation's place.
    pub type Watcher = dyn Fn(&Op) -> io::Result<()> + Send + Sync;

    static WATCHERS: Mutex<BTreeMap<PathBuf, Arc<Watcher>>> = Mutex::new(BTreeMap::new());

    static TRUSTS_BLOCKS: AtomicBool = AtomicBool::new(false);

    /// Whether blocks are verified: a benchmark measures what it costs.
    pub fn verify_blocks(yes: bool) {
        TRUSTS_BLOCKS.store(!yes, Ordering::Relaxed);
    }

    pub(in crate::index) fn trusts_blocks() -> bool {
        TRUSTS_BLOCKS.load(Ordering::Relaxed)
    }

    /// Watches until it is dropped.
    #[derive(Debug)]
    pub struct Watching(PathBuf);

    /// Calls `watcher` before each operation on what lies below `folder`, and before each analysis anywhere.
    pub fn watch(folder: &Path, watcher: Arc<Watcher>) -> Watching {
        WATCHERS.lock().unwrap_or_else(PoisonError::into_inner).insert(folder.to_owned(), watcher);
        Watching(folder.to_owned())
    }

    impl Drop for Watching {
        fn drop(&mut self) {
            WATCHERS.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.0);
        }
    }

    pub(in crate::index) fn point(op: &Op) -> io::Result<()> {
        let path = match op {
            Op::Read(path) | Op::Create(path) | Op::Write(path, _) | Op::Sync(path) | Op::Rename(path, _) => Some(path),
            Op::Remove(path) | Op::CreateFolder(path) | Op::SyncFolder(path) => Some(path),
            Op::Analyse(_) | Op::Document(_) => None,
        };
        let watchers = WATCHERS.lock().unwrap_or_else(PoisonError::into_inner);
        let concerned = |folder: &Path| path.is_none_or(|path| path.starts_with(folder));
        let called: Vec<Arc<Watcher>> =
            watchers.iter().filter(|(folder, _)| concerned(folder)).map(|(_, watcher)| Arc::clone(watcher)).collect();
        drop(watchers);
        called.iter().try_for_each(|watcher| watcher(op))
    }
}
