//! Where bytes come from: files, folders, archives, URLs, standard input. Every input has a limit, and every failure
//! names its path.

mod archive;
#[cfg(feature = "http")]
pub mod http;
mod place;
mod shelf;
mod walk;

use std::{
    fs::File,
    io::Read,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

pub use archive::{Contents, Listing, nested};
pub use place::{SourceFile, archive_of, is_url, lies_in, stdin_key, url_key};
pub use shelf::{BETWEEN, Beside, Shelf};
pub use walk::{IGNORE_FILES, Rules};

use serde::{Deserialize, Serialize};

use crate::error::{Error, ErrorKind, Problem, Result};

/// A larger file is refused: real programs and reports stay under 4 MB, and one file is held in memory.
pub const FILE_BYTES_MAX: u64 = 64 << 20;
/// Folders nested deeper are not entered: real trees stay under 12.
pub const FOLDER_DEPTH_MAX: usize = 64;

/// A source that is no file of the user's: its key, and what came of getting it.
#[derive(Clone, Debug)]
pub struct Given {
    /// A URL, or `stdin:` and a name.
    pub key: String,
    pub got: Got,
}

/// What came of getting a source.
#[derive(Clone, Debug)]
pub enum Got {
    /// Its bytes lie in this file for as long as the run takes.
    At { path: PathBuf, validators: Validators },
    /// The server says that it is as it was when the catalog's entry was made.
    AsBefore,
    /// It can't be had: the problem says why.
    Nothing(Problem),
}

/// By what a server tells whether a page has changed, to the letter.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    pub etag: Option<String>,
    pub last_modified: Option<String>,
}

/// Lists the files below the given paths, sorted, each once: of several roots under which a file is found, the outermost
/// counts. A file's root is its folder, a folder's is itself. What the rules leave out is not listed, nor are symbolic links
/// found on the way and folders that `is_left_out`. What can't be entered is a problem.
///
/// # Errors
/// As [`check`].
pub fn list(
    paths: &[PathBuf],
    rules: &Rules,
    is_left_out: fn(&Path) -> bool,
) -> Result<(Vec<SourceFile>, Vec<Problem>)> {
    check(paths, rules)?;
    let (mut files, mut problems) = (Vec::new(), Vec::new());
    for path in paths {
        let full = canonical(path)?;
        if full.is_dir() {
            let mut take = |path: &Path, problems: &mut Vec<Problem>| push(&full, path, &mut files, problems);
            walk::walk(&full, rules, is_left_out, &mut take, &mut problems)?;
        } else {
            let root = full.parent().unwrap_or(Path::new("/"));
            let name = full.file_name().map_or(full.as_path(), Path::new);
            push(root, name, &mut files, &mut problems);
        }
    }
    files.sort_by_cached_key(|file| (file.full_path(), file.root.len()));
    files.dedup_by_key(|file| file.full_path());
    problems.sort_by(|a, b| (&a.path, a.line).cmp(&(&b.path, b.line)));
    problems.dedup();
    Ok((files, problems))
}

/// Whether [`list`] has something to begin with.
///
/// # Errors
/// `Io` when a given path does not exist, `Usage` for a glob that can't be read.
pub fn check(paths: &[PathBuf], rules: &Rules) -> Result<()> {
    rules.check()?;
    paths.iter().try_for_each(|path| canonical(path).map(drop))
}

fn canonical(path: &Path) -> Result<PathBuf> {
    path.canonicalize().map_err(|cause| Error::io("can't read", path, cause))
}

fn push(root: &Path, path: &Path, files: &mut Vec<SourceFile>, problems: &mut Vec<Problem>) {
    match (root.to_str(), path.to_str()) {
        (Some(root), Some(path)) => {
            files.push(SourceFile { root: root.to_owned(), path: path.replace(std::path::MAIN_SEPARATOR, "/") });
        }
        _ => problems.push(Problem::new(
            &root.join(path).to_string_lossy(),
            None,
            "the file's name is not UTF-8",
            "rename the file",
        )),
    }
}

/// By what a file that has changed can be told without reading it. What is equal need not be the same, but nearly always
/// is; only equality says anything, so that it does not matter whose clock is right.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    /// When the file was changed last, in ns since 1970.
    pub modified_ns: i64,
    pub n_bytes: u64,
}

/// Null where there is no such file, or its system keeps no times.
fn stamp(path: &Path) -> Option<Stamp> {
    let meta = std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    let since = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(Stamp { modified_ns: i64::try_from(since.as_nanos()).ok()?, n_bytes: meta.len() })
}

/// The whole file, at most [`FILE_BYTES_MAX`].
///
/// # Errors
/// `Io` when it can't be read, `Input` when it is not a regular file or too large.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    let failed = |cause| Error::io("can't read", path, cause);
    let meta = std::fs::metadata(path).map_err(failed)?;
    if !meta.is_file() {
        return Err(Error::new(ErrorKind::Input, format!("{} is not a regular file", path.display())));
    }
    read_limited(File::open(path).map_err(failed)?, path)
}

/// Everything a stream gives, at most [`FILE_BYTES_MAX`]; `name` is for messages.
///
/// # Errors
/// As [`read()`].
pub fn read_limited(stream: impl Read, name: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    stream.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(|cause| Error::io("can't read", name, cause))?;
    if bytes.len() as u64 > FILE_BYTES_MAX {
        let limit = FILE_BYTES_MAX >> 20;
        return Err(Error::new(ErrorKind::Input, format!("{} is larger than {limit} MB", name.display()))
            .hint("split it into smaller files"));
    }
    Ok(bytes)
}

/// The whole file as text, at most [`FILE_BYTES_MAX`].
///
/// # Errors
/// As [`read()`], and as [`utf8`].
pub fn read_text(path: &Path) -> Result<String> {
    utf8(read(path)?, path)
}

/// Bytes as text; `path` is where they were read.
///
/// # Errors
/// `Input` with the line that is not UTF-8.
pub fn utf8(bytes: Vec<u8>, path: &Path) -> Result<String> {
    String::from_utf8(bytes).map_err(|error| {
        let line = error.as_bytes()[..error.utf8_error().valid_up_to()].split(|byte| *byte == b'\n').count();
        Error::new(ErrorKind::Input, "the text is not UTF-8").at(path, line as u64).hint("save it as UTF-8")
    })
}

/// A line of a text with its place: `text` is without its line end, `start..end` are bytes with `end` before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// From 1.
    pub number: u64,
    pub start: usize,
    pub end: usize,
    pub text: &'a str,
}

/// The lines of a text: `\n` and `\r\n` end one; a byte order mark is no part of the first.
pub fn lines(text: &str) -> Vec<Line<'_>> {
    each_line(text).collect()
}

/// The same one by one, for text that may have any number of them.
pub fn each_line(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut start = if text.starts_with('\u{feff}') { 3 } else { 0 };
    text[start..].split_inclusive('\n').enumerate().map(move |(index, line)| {
        let shown = line.strip_suffix('\n').unwrap_or(line);
        let shown = shown.strip_suffix('\r').unwrap_or(shown);
        let found = Line { number: index as u64 + 1, start, end: start + shown.len(), text: shown };
        start += line.len();
        found
    })
}
