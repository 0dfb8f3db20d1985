//! What a source is called: the path of a file, a URL, `stdin:` and a name; and `!/` between an archive and its member.

use std::{
    borrow::Cow,
    path::{Path, PathBuf},
};

use super::Stamp;

/// Between the path of an archive and that of a member in it.
const INTO: &str = "!/";
/// Before the name of what came by standard input.
const STDIN: &str = "stdin:";

/// One source: which root it was found under, and its path below that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Canonical; empty for a URL and for standard input.
    pub root: String,
    /// Relative to `root`, with `/` on every system; the whole URL; of an archive's member both paths, `a.zip!/b.xml`.
    pub path: String,
}

impl SourceFile {
    /// What is no file of the user's: a URL, or a name for what came by standard input.
    pub fn given(key: &str) -> Self {
        SourceFile { root: String::new(), path: key.to_owned() }
    }

    /// The file's place on disk, where it has one.
    pub fn full_path(&self) -> PathBuf {
        Path::new(&self.root).join(&self.path)
    }

    /// By what the catalog knows it: its full path, so that a file has one entry whichever folder it is found under.
    pub fn key(&self) -> String {
        self.full_path().to_string_lossy().into_owned()
    }

    /// Whether it lies on a disk of this machine, by itself or in an archive.
    pub fn is_on_disk(&self) -> bool {
        !self.root.is_empty()
    }

    /// What its file looks like, where it is one.
    pub fn stamp(&self) -> Option<Stamp> {
        if self.is_on_disk() { super::stamp(&self.full_path()) } else { None }
    }

    /// The archive that it is in, and its path there.
    pub fn in_archive(&self) -> Option<(SourceFile, &str)> {
        let (archive, member) = split(&self.root, &self.path)?;
        Some((SourceFile { root: self.root.clone(), path: archive.to_owned() }, member))
    }

    /// The member of this archive with this path.
    #[must_use]
    pub fn member(&self, path: &str) -> SourceFile {
        SourceFile { root: self.root.clone(), path: format!("{}{INTO}{path}", self.path) }
    }

    /// What a file is called that was packed by itself.
    pub(super) fn packed_name(&self) -> String {
        let (_, path) = self.layout();
        let name = path.rsplit('/').next().unwrap_or_default();
        strip_end(name, ".gz").unwrap_or(name).to_owned()
    }

    /// The folder and the path in it that a format sees: an archive is to it the folder that was packed, a file that was
    /// packed by itself is that file, and a URL is a path without its query.
    pub fn layout(&self) -> (Cow<'_, str>, Cow<'_, str>) {
        if let Some((archive, member)) = self.in_archive() {
            let (root, path) = archive.layout();
            if member == archive.packed_name() {
                let path = strip_end(&path, ".gz").unwrap_or(&path).to_owned();
                return (root.into_owned().into(), path.into());
            }
            return (format!("{root}/{}", stem(&path)).into(), member.into());
        }
        if is_url(&self.path) {
            let rest = self.path.split_once("://").map_or("", |(_, rest)| rest);
            let (folder, name) =
                rest.split(['?', '#']).next().unwrap_or_default().rsplit_once('/').unwrap_or((rest, ""));
            return (folder.into(), name.into());
        }
        match self.path.strip_prefix(STDIN).filter(|_| !self.is_on_disk()) {
            Some(name) if is_hash(name) => ("".into(), "standard-input".into()),
            Some(name) => ("".into(), name.into()),
            None => (self.root.as_str().into(), self.path.as_str().into()),
        }
    }
}

/// The key for bytes that came by standard input: by name, so that what has the same name replaces it, or by content, so
/// that nothing is replaced that was not meant.
pub fn stdin_key(name: Option<&str>, hash: &str) -> String {
    format!("{STDIN}{}", name.unwrap_or(&hash[..HASH_DIGITS.min(hash.len())]))
}

/// Digits of the hash in the key of what came by standard input.
const HASH_DIGITS: usize = 12;

fn is_hash(name: &str) -> bool {
    name.len() == HASH_DIGITS && name.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

/// Whether a source's key, or what was given on the command line, is a URL that can be fetched.
pub fn is_url(key: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| key.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// The key for a URL: without the fragment, which names a place within the page, and with nothing that looks like the way
/// into an archive.
pub fn url_key(url: &str) -> String {
    url.split('#').next().unwrap_or_default().replace(INTO, "%21/")
}

/// The archive and the member that a key names.
pub fn archive_of(key: &str) -> Option<(&str, &str)> {
    split("", key)
}

/// Whether a source is at `path`, below it, or in the archive there.
pub fn lies_in(key: &str, path: &str) -> bool {
    Path::new(key).starts_with(path) || archive_of(key).is_some_and(|(archive, _)| archive == path)
}

/// At the first `!/` that does not end the name of a folder.
fn split<'a>(root: &str, path: &'a str) -> Option<(&'a str, &'a str)> {
    let is_folder = |at: usize| Path::new(root).join(&path[..=at]).is_dir();
    let at = path.match_indices(INTO).map(|(at, _)| at).find(|at| *at > 0 && !is_folder(*at))?;
    Some((&path[..at], &path[at + INTO.len()..]))
}

/// The name of an archive without its endings.
fn stem(path: &str) -> &str {
    let strip = |name| [".zip", ".tar", ".gz", ".tgz"].iter().find_map(|end| strip_end(name, end));
    let once = strip(path).unwrap_or(path);
    strip_end(once, ".tar").unwrap_or(once)
}

fn strip_end<'a>(name: &'a str, end: &str) -> Option<&'a str> {
    let at = name.len().checked_sub(end.len()).filter(|at| *at > 0)?;
    name.get(at..).filter(|found| found.eq_ignore_ascii_case(end)).map(|_| &name[..at])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(root: &str, path: &str) -> SourceFile {
        SourceFile { root: root.to_owned(), path: path.to_owned() }
    }

    #[test]
    fn a_folder_whose_name_ends_like_an_archive_is_a_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_str().unwrap();
        std::fs::create_dir_all(folder.path().join("notes!/more")).unwrap();
        assert_eq!(file(root, "notes!/more/a.md").in_archive(), None);
        let in_archive = file(root, "notes!/a.zip!/b!/c.md");
        assert_eq!(in_archive.in_archive(), Some((file(root, "notes!/a.zip"), "b!/c.md")));
        assert_eq!(file(root, "notes!/a.zip").member("b!/c.md"), in_archive);
        assert!(lies_in(&in_archive.key(), &file(root, "notes!/a.zip").key()));
        assert!(lies_in(&in_archive.key(), &file(root, "notes!").key()));
        assert!(!lies_in(&in_archive.key(), &file(root, "notes").key()));
    }

    #[test]
    fn formats_see_a_folder_and_a_path_in_it() {
        for (root, path, expected) in [
            ("/c/fooconf", "2016/a.md", ("/c/fooconf", "2016/a.md")),
            ("/c", "fooconf-2016.tar.gz!/x/a.md", ("/c/fooconf-2016", "x/a.md")),
            ("/c", "fooconf.v2.ZIP!/a.md", ("/c/fooconf.v2", "a.md")),
            ("/c", "fooconf-2016/talks.json.gz!/talks.json", ("/c", "fooconf-2016/talks.json")),
            ("", "https://example.org/2023/program.xml?lang=en", ("example.org/2023", "program.xml")),
            ("", "https://example.org", ("example.org", "")),
            ("", "HTTP://example.org/all.zip!/a.md", ("example.org/all", "a.md")),
            ("", "stdin:talks.csv", ("", "talks.csv")),
            ("", "stdin:0123456789ab", ("", "standard-input")),
        ] {
            let file = file(root, path);
            let (root, path) = file.layout();
            assert_eq!((&*root, &*path), expected);
        }
    }
}
