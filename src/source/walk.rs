//! Which files of a folder are read: the rules of ripgrep, less those that depend on the machine or on what lies around
//! the folder, so that the same folder gives the same records everywhere.
//!
//! Ignore files count in the given folder and below, whether or not it lies in a git repository: a clone, an unpacked
//! archive and a copy of it are read alike. Those of the folders above, git's own of a user or a clone
//! (`core.excludesFile`, `.git/info/exclude`) do not count.

use std::{collections::BTreeMap, error::Error as _, path::Path};

use ignore::{
    WalkBuilder,
    gitignore::{Gitignore, GitignoreBuilder},
    overrides::{Override, OverrideBuilder},
};

use super::{Contents, FOLDER_DEPTH_MAX};
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

    /// The members of an archive that a walk would take if they lay in a given folder.
    ///
    /// # Errors
    /// As [`Rules::check`].
    pub fn within<'a>(&self, contents: &'a Contents) -> Result<Vec<&'a str>> {
        let excluded = self.excluded(Path::new("/"))?;
        let is_left_out = |name: &str| {
            let is_hidden = !self.hidden && name.split('/').any(|part| part.starts_with('.'));
            let is_ignored = || !self.no_ignore && contents.is_ignored(name);
            let is_excluded =
                |(path, is_folder): (&str, bool)| excluded.matched(Path::new("/").join(path), is_folder).is_ignore();
            is_hidden || steps(name).any(is_excluded) || is_ignored()
        };
        Ok(contents.members.iter().map(String::as_str).filter(|name| !is_left_out(name)).collect())
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

/// The members of an archive that the ignore files among them leave out; `read` gives the bytes of one.
pub(super) fn ignored(members: &[String], read: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Vec<String> {
    // By folder, the one that counts most first.
    let mut rules: BTreeMap<&str, Vec<Gitignore>> = BTreeMap::new();
    for file_name in IGNORE_FILES.iter().rev() {
        for member in members {
            let (folder, name) = member.rsplit_once('/').unwrap_or(("", member));
            let Some(bytes) = Some(name).filter(|name| name == file_name).and_then(|_| read(member)) else { continue };
            let mut builder = GitignoreBuilder::new(Path::new("/").join(folder));
            for line in String::from_utf8_lossy(&bytes).lines() {
                // A line that is no rule is none here either; a walk through the unpacked folder tells of it.
                _ = builder.add_line(None, line);
            }
            rules.entry(folder).or_default().extend(builder.build());
        }
    }
    if rules.is_empty() {
        return Vec::new();
    }
    let is_ignored = |(path, is_folder): (&str, bool)| {
        let folders = path.rmatch_indices('/').map(|(at, _)| &path[..at]).chain([""]);
        let found = folders.filter_map(|folder| rules.get(folder)).flatten().find_map(|rules| {
            let found = rules.matched(Path::new("/").join(path), is_folder);
            (!found.is_none()).then(|| found.is_ignore())
        });
        found.unwrap_or(false)
    };
    members.iter().filter(|member| steps(member).any(is_ignored)).cloned().collect()
}

/// The folders above a member, and itself: its path to each, and whether that is a folder.
fn steps(member: &str) -> impl Iterator<Item = (&str, bool)> {
    member.match_indices('/').map(|(at, _)| (&member[..at], true)).chain([(member, false)])
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
