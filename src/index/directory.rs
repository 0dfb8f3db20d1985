//! The tantivy [`Directory`] under every index: files are sealed, a commit is durable once it returns, and read-only media
//! can be read.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use tantivy::directory::{
    AntiCallToken, Directory, DirectoryLock, FileHandle, INDEX_WRITER_LOCK, Lock, MmapDirectory, TerminatingWrite,
    WatchCallback, WatchHandle, WritePtr,
    error::{DeleteError, LockError, OpenDirectoryError, OpenReadError, OpenWriteError},
};

use super::{
    disk::{self, NewFile, Op},
    seal::{Damage, SealedFile, SealedWriter, name_of, seal, unseal},
};

/// Tantivy's list of its own files. What is not in `meta.json` is swept by [`super::sweep`], which finds also what a stopped
/// run has left; without the list a commit has a dozen syncs less.
const MANAGED: &str = ".managed.json";
/// Bytes of all files together up to which they are verified whole when the index is opened.
const VERIFIED_AT_OPEN_MAX: u64 = 8 << 20;

/// The folder of tantivy's files.
#[derive(Clone, Debug)]
pub(super) struct IndexDirectory {
    folder: PathBuf,
    /// Maps files into memory.
    maps: MmapDirectory,
    is_small: bool,
}

impl IndexDirectory {
    /// Opens an existing folder.
    pub fn open(folder: &Path) -> Result<Self, OpenDirectoryError> {
        let maps = MmapDirectory::open(folder)?;
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let bytes: u64 = entries.filter_map(|entry| entry.metadata().ok()).map(|meta| meta.len()).sum();
        Ok(IndexDirectory { folder: folder.to_owned(), maps, is_small: bytes <= VERIFIED_AT_OPEN_MAX })
    }

    /// A file whose blocks are verified as they are read.
    pub fn sealed(&self, path: &Path) -> Result<SealedFile, OpenReadError> {
        let failed = |error: io::Error| OpenReadError::wrap_io_error(error, path.to_owned());
        disk::point(&Op::Read(&self.folder.join(path))).map_err(failed)?;
        let name = name_of(path);
        let handle = match self.maps.get_file_handle(path) {
            // Tantivy takes a missing file of positions for one that was never needed.
            Err(OpenReadError::FileDoesNotExist(_)) => {
                let damage = Damage { file: name, what: "is missing".to_owned() };
                return Err(failed(io::Error::new(io::ErrorKind::NotFound, damage)));
            }
            other => other?,
        };
        let bytes = handle.read_bytes(0..handle.len()).map_err(failed)?;
        SealedFile::open(&name, bytes).map_err(|damage| failed(damage.into()))
    }
}

impl Directory for IndexDirectory {
    fn get_file_handle(&self, path: &Path) -> Result<Arc<dyn FileHandle>, OpenReadError> {
        let file = self.sealed(path)?;
        if self.is_small {
            file.verify().map_err(|damage| OpenReadError::wrap_io_error(damage.into(), path.to_owned()))?;
        }
        Ok(Arc::new(file))
    }

    fn delete(&self, path: &Path) -> Result<(), DeleteError> {
        disk::remove(&self.folder.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => DeleteError::FileDoesNotExist(path.to_owned()),
            _ => DeleteError::IoError { io_error: Arc::new(error), filepath: path.to_owned() },
        })
    }

    fn exists(&self, path: &Path) -> Result<bool, OpenReadError> {
        let path = self.folder.join(path);
        let exists = disk::point(&Op::Read(&path)).and_then(|()| path.try_exists());
        exists.map_err(|error| OpenReadError::wrap_io_error(error, path))
    }

    fn open_write(&self, path: &Path) -> Result<WritePtr, OpenWriteError> {
        let file = disk::create_new(&self.folder.join(path)).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => OpenWriteError::FileAlreadyExists(path.to_owned()),
            _ => OpenWriteError::wrap_io_error(error, path.to_owned()),
        })?;
        Ok(BufWriter::new(Box::new(SegmentFile(SealedWriter::new(name_of(path), file)))))
    }

    fn atomic_read(&self, path: &Path) -> Result<Vec<u8>, OpenReadError> {
        if path == Path::new(MANAGED) {
            return Err(OpenReadError::FileDoesNotExist(path.to_owned()));
        }
        let failed = |error: io::Error| match error.kind() {
            io::ErrorKind::NotFound => OpenReadError::FileDoesNotExist(path.to_owned()),
            _ => OpenReadError::wrap_io_error(error, path.to_owned()),
        };
        let bytes = disk::read(&self.folder.join(path)).map_err(failed)?;
        unseal(&name_of(path), bytes).map_err(|damage| failed(damage.into()))
    }

    fn atomic_write(&self, path: &Path, data: &[u8]) -> io::Result<()> {
        if path == Path::new(MANAGED) {
            return Ok(());
        }
        disk::replace(&self.folder.join(path), &seal(&name_of(path), data))
    }

    fn sync_directory(&self) -> io::Result<()> {
        disk::sync_folder(&self.folder)
    }

    /// Writers are told apart by [`super::lock`]. A reader holds tantivy's other lock while it opens the files that
    /// `meta.json` names, so that a writer does not remove them meanwhile.
    fn acquire_lock(&self, lock: &Lock) -> Result<DirectoryLock, LockError> {
        if lock.filepath == INDEX_WRITER_LOCK.filepath {
            return Ok(DirectoryLock::from(Box::new(())));
        }
        let path = self.folder.join(&lock.filepath);
        let failed = LockError::wrap_io_error;
        disk::point(&Op::Read(&path)).map_err(failed)?;
        let file = match File::options().read(true).write(true).create(true).truncate(false).open(&path) {
            Err(error) if is_read_only(&error) => match File::open(&path) {
                // Nobody can write here, or nobody has since there are locks: there is nothing to guard against.
                Err(error) if is_read_only(&error) || error.kind() == io::ErrorKind::NotFound => {
                    return Ok(DirectoryLock::from(Box::new(())));
                }
                other => other,
            },
            other => other,
        };
        let file = file.map_err(failed)?;
        file.lock().map_err(failed)?;
        Ok(DirectoryLock::from(Box::new(file)))
    }

    /// Readers reload when they are told to.
    fn watch(&self, _callback: WatchCallback) -> tantivy::Result<WatchHandle> {
        Ok(WatchHandle::empty())
    }
}

fn is_read_only(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem)
}

/// A file that tantivy writes: sealed and synced when it is complete.
struct SegmentFile(SealedWriter<NewFile>);

impl Write for SegmentFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl TerminatingWrite for SegmentFile {
    fn terminate_ref(&mut self, _: AntiCallToken) -> io::Result<()> {
        self.0.seal()?.sync()
    }
}
