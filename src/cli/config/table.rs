//! Tables of a user's own, that settings name: read whole, within limits.

use std::{fs, io::Read, path::Path};

use hallway::{
    enrich::{UserTopics, VOCABULARY_BYTES_MAX},
    error::{Error, ErrorKind, Result},
};

/// A file of topics.
pub fn user_topics(path: &Path) -> Result<UserTopics> {
    Ok(UserTopics { path: path.to_string_lossy().into_owned(), text: table(path, VOCABULARY_BYTES_MAX)? })
}

/// The text of a user's table; one byte more than it may have is enough to be refused.
pub fn table(path: &Path, bytes_max: usize) -> Result<String> {
    let mut text = Vec::new();
    let read = fs::File::open(path).and_then(|file| file.take(bytes_max as u64 + 1).read_to_end(&mut text));
    read.map_err(|cause| Error::io("can't read", path, cause))?;
    String::from_utf8(text)
        .map_err(|_| Error::new(ErrorKind::Usage, "the file is not UTF-8").at(path, 1).hint("save it as UTF-8"))
}
