//! Which files of a folder are read: the rules of ripgrep, less those that depend on the machine or on what lies around
//! the folder, so that the same folder gives the same records everywhere.
//!
//! Ignore files count in the given folder and below, whether or not it lies in a git repository: a clone, an unpacked
//! archive and a copy of it are read alike. Those of the folders above, git's own of a user or a clone
//! (`core.excludesFile`, `.git/info/exclude`) do not count.

use std::{error::Error as _, path::Path};

use ignore::{
    WalkBuilder,
    overrides::{Override, OverrideBuilder},
};

use super::FOLDER_DEPTH_MAX;
use crate::error::{Error, ErrorKind, Problem, Result};

/// Files with rules in the form of `.gitignore`: in one folder a later one wins, and a folder over those above it.
pub const IGNORE_FILES: &[&str] = &[".gitignore", ".ignore", ".hallwayignore"];

/// What a walk through a folder leaves out: by default hidden files and folders, and what [`IGNORE_FILES`] name. A file
/// that is given by itself is read whatever they say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rules {
    /// Hidden files and folders are taken.
    pub hidden: bool,
    /// Ignore files are not looked at.
    pub no_ignore: bool,
    /// Globs of what is left out as well, each as a line of a `.gitignore` in every given folder.
    pub exclude: Vec<String>,
}

impl Rules {
    /// # Errors
    /// `Usage` for a glob that can't be read.
    pub fn check(&self) -> Result<()> {
        self.excluded(Path::new("/")).map(drop)
    }

    fn excluded(&self, root: &Path) -> Result<Override> {
        let refused = |glob: &str, why: String| {
            Err(Error::new(ErrorKind::Usage, format!("the glob \"{glob}\" can't be read: {why}"))
                .hint("globs are as in .gitignore: '*.txt', 'drafts/', '/2019/**'"))
        };
        let mut builder = OverrideBuilder::new(root);
        for glob in &self.exclude {
            if glob.trim().is_empty() {
                return refused(glob, "it is empty".to_owned());
            }
            // Of an override the sign says what is left out, not what is let in again.
            if let Err(error) = builder.add(&format!("!{glob}")) {
                return refused(glob, reason(&error));
            }
        }
        builder.build().or_else(|error| refused(&self.exclude.join("\", \""), reason(&error)))
    }
}

/// Hands every file below `root` to `take`, but for what the rules and `is_left_out` leave out.
pub(super) fn walk(
    root: &Path,
    rules: &Rules,
    is_left_out: fn(&Path) -> bool,
    take: &mut dyn FnMut(&Path, &mut Vec<Problem>),
    problems: &mut Vec<Problem>,
) -> Result<()> {
    if is_left_out(root) {
        return Ok(());
    }
    let is_folder = |entry: &ignore::DirEntry| entry.file_type().is_some_and(|kind| kind.is_dir());
    let mut builder = WalkBuilder::new(root);
    builder
        .standard_filters(false)
        .hidden(!rules.hidden)
        .overrides(rules.excluded(root)?)
        .max_depth(Some(FOLDER_DEPTH_MAX))
        .filter_entry(move |entry| !(is_folder(entry) && is_left_out(entry.path())));
    if !rules.no_ignore {
        IGNORE_FILES.iter().for_each(|name| _ = builder.add_custom_ignore_filename(name));
    }
    for entry in builder.build() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                tell(&error, root, None, problems);
                continue;
            }
        };
        entry.error().iter().for_each(|error| tell(error, entry.path(), None, problems));
        if entry.file_type().is_some_and(|kind| kind.is_file()) {
            take(entry.path().strip_prefix(root).unwrap_or(entry.path()), problems);
        } else if entry.depth() == FOLDER_DEPTH_MAX && is_folder(&entry) {
            let path = entry.path().to_string_lossy();
            problems.push(Problem::new(&path, None, "the folder lies too deep", "ingest it by itself"));
        }
    }
    Ok(())
}

/// What could not be entered, and lines of ignore files that are no rules.
fn tell(error: &ignore::Error, path: &Path, line: Option<u64>, problems: &mut Vec<Problem>) {
    let mut problem = |message: String, hint: &str| {
        problems.push(Problem::new(&path.to_string_lossy(), line, message, hint));
    };
    match error {
        ignore::Error::Partial(errors) => errors.iter().for_each(|error| tell(error, path, line, problems)),
        ignore::Error::WithPath { path, err } => tell(err, path, line, problems),
        ignore::Error::WithLineNumber { line, err } => tell(err, path, Some(*line), problems),
        ignore::Error::WithDepth { err, .. } => tell(err, path, line, problems),
        ignore::Error::Io(error) => match error.source() {
            // The path stands before it already.
            Some(cause) => problem(format!("can't be read: {cause}"), "check its permissions"),
            None => problem(format!("can't be read: {error}"), "check its permissions"),
        },
        other => problem(format!("the rule can't be read: {}", reason(other)), "mend the line, or take it out"),
    }
}

fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::WithPath { err, .. }
        | ignore::Error::WithLineNumber { err, .. }
        | ignore::Error::WithDepth { err, .. } => reason(err),
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}
