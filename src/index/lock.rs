//! One process writes to an index at a time; the second is told at once who the first is.

use std::{
    fs::{File, TryLockError},
    io::{self, Read, Seek, Write},
    path::Path,
};

use super::disk::{self, Op};
use crate::error::{Error, ErrorKind, Result};

/// The file whose lock says that a process is writing; it holds that process's id.
const LOCK_FILE: &str = "writer.lock";

/// Held while a process writes; given up when it ends, however it ends.
#[derive(Debug)]
pub(crate) struct WriterLock {
    file: File,
}

impl Drop for WriterLock {
    /// Not left to the closing of the file: a child of this process has it open until it starts its own program.
    fn drop(&mut self) {
        let _ = self.file.unlock();
    }
}

/// Takes the writer's lock of the index in `dir`, without waiting.
///
/// # Errors
/// `Busy`, naming the process that has it; `Io`.
pub(crate) fn lock(dir: &Path) -> Result<WriterLock> {
    let path = dir.join(LOCK_FILE);
    let failed = |cause: io::Error| Error::io("can't write", &path, cause);
    disk::point(&Op::Read(&path)).map_err(failed)?;
    let mut file = File::options().read(true).write(true).create(true).truncate(false).open(&path).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => {
            // The id is a courtesy: on a full disk the lock holds without it.
            let _ = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
            Ok(WriterLock { file })
        }
        Err(TryLockError::WouldBlock) => {
            let mut pid = String::new();
            let _ = file.rewind().and_then(|()| Read::by_ref(&mut file).take(20).read_to_string(&mut pid));
            let is_pid = !pid.is_empty() && pid.bytes().all(|byte| byte.is_ascii_digit());
            let who = if is_pid { format!(" (process {pid})") } else { String::new() };
            Err(Error::new(ErrorKind::Busy, format!("{} is being written{who}", dir.display()))
                .hint("wait until that has ended and try again"))
        }
        Err(TryLockError::Error(cause)) => Err(failed(cause)),
    }
}
