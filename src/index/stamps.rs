//! What the sources' files looked like when they were last read, so that a search can say cheaply that they have changed
//! since. Nothing rests on it: what was read is told by hashes in the catalog. So it is no part of a commit; where it is
//! lost or torn, less is noticed, and where a run was stopped before it was written, what is said is to run that again.

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs::File,
    io::{self, BufRead, BufReader, Seek, SeekFrom},
    path::Path,
};

use super::{Index, disk};
use crate::{
    error::{Error, Result},
    source::{SourceFile, Stamp},
};

/// Lines of `[modified_ns, bytes, root, path]`, in order of the full path.
const FILE: &str = "stamps.jsonl";

type Line<'a> = (i64, u64, Cow<'a, str>, Cow<'a, str>);

/// Sources whose files are not as they were when they were last read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changed {
    pub files: Vec<SourceFile>,
    /// Not all sources were looked at: there may be more.
    pub is_part: bool,
}

impl Index {
    /// Keeps what files looked like when they were read, and forgets the sources `gone`, by their keys.
    ///
    /// # Errors
    /// `Io`; nothing but [`Index::changed`] suffers from it.
    pub fn keep_stamps(&self, seen: &[(SourceFile, Stamp)], gone: &[String]) -> Result<()> {
        let path = self.dir.join(FILE);
        let before = match disk::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(cause) => return Err(Error::io("can't read", &path, cause)),
        };
        let mut known: BTreeMap<String, (SourceFile, Stamp)> = BTreeMap::new();
        let lines = before.split_inclusive(|byte| *byte == b'\n').filter_map(parse);
        for (file, stamp) in lines.chain(seen.iter().cloned()) {
            known.insert(file.key(), (file, stamp));
        }
        gone.iter().for_each(|key| _ = known.remove(key));
        let mut after = Vec::with_capacity(before.len());
        for (SourceFile { root, path }, stamp) in known.values() {
            let line: Line = (stamp.modified_ns, stamp.n_bytes, root.into(), path.into());
            serde_json::to_writer(&mut after, &line).expect("numbers and strings can be written");
            after.push(b'\n');
        }
        if after == before {
            return Ok(());
        }
        disk::write(&path, &after).map_err(|cause| Error::io("can't write", &path, cause))
    }

    /// Looks at the sources' files, without reading them: from the source at byte `start` of what was kept on and around,
    /// so that another start looks at others first, for as long as `go_on` says so, which is asked before each.
    pub fn changed(&self, start: u64, go_on: &mut dyn FnMut() -> bool) -> Changed {
        let mut changed = Changed::default();
        // What can't be read says nothing.
        _ = look(&self.dir.join(FILE), start, go_on, &mut changed);
        changed
    }
}

fn look(path: &Path, start: u64, go_on: &mut dyn FnMut() -> bool, changed: &mut Changed) -> io::Result<()> {
    disk::point(&disk::Op::Read(path))?;
    let file = File::open(path)?;
    let end = file.metadata()?.len();
    let start = start.checked_rem(end).unwrap_or_default();
    let mut reader = BufReader::new(file);
    let mut line = Vec::new();
    for (from, to) in [(start, end), (0, start)] {
        // The line that `start` falls into is the last of the second round.
        let mut at = reader.seek(SeekFrom::Start(from.saturating_sub(1)))?;
        if from > 0 {
            line.clear();
            at += reader.read_until(b'\n', &mut line)? as u64;
        }
        while at < to {
            if !go_on() {
                changed.is_part = true;
                return Ok(());
            }
            line.clear();
            match reader.read_until(b'\n', &mut line)? {
                0 => break,
                n_bytes => at += n_bytes as u64,
            }
            let Some((file, then)) = parse(&line) else { continue };
            if file.stamp().is_some_and(|now| now != then) {
                changed.files.push(file);
            }
        }
    }
    Ok(())
}

/// Null for a line that is torn.
fn parse(line: &[u8]) -> Option<(SourceFile, Stamp)> {
    let line = line.strip_suffix(b"\n")?;
    let (modified_ns, n_bytes, root, path): Line = serde_json::from_slice(line).ok()?;
    Some((SourceFile { root: root.into_owned(), path: path.into_owned() }, Stamp { modified_ns, n_bytes }))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    struct Sources {
        folder: tempfile::TempDir,
        index: Index,
    }

    impl Sources {
        fn new(n_files: usize) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let index = Index::open_or_create(&folder.path().join("index")).unwrap();
            let sources = Sources { folder, index };
            let files: Vec<SourceFile> = (0..n_files).map(|n| sources.file(n)).collect();
            files.iter().for_each(|file| fs::write(file.full_path(), "as it was").unwrap());
            sources.index.keep_stamps(&sources.seen(&files), &[]).unwrap();
            sources
        }

        fn file(&self, n: usize) -> SourceFile {
            SourceFile { root: self.folder.path().to_str().unwrap().to_owned(), path: format!("{n}.md") }
        }

        #[allow(clippy::unused_self)]
        fn seen(&self, files: &[SourceFile]) -> Vec<(SourceFile, Stamp)> {
            files.iter().map(|file| (file.clone(), file.stamp().unwrap())).collect()
        }

        fn change(&self, n: usize) {
            fs::write(self.file(n).full_path(), "as it is now").unwrap();
        }
    }

    #[test]
    fn every_change_is_found_wherever_the_look_begins() {
        let sources = Sources::new(5);
        assert_eq!(sources.index.changed(0, &mut || true), Changed::default());
        [0, 2, 4].into_iter().for_each(|n| sources.change(n));
        fs::remove_file(sources.file(3).full_path()).unwrap();
        let n_bytes = fs::metadata(sources.folder.path().join("index").join(FILE)).unwrap().len();
        for start in 0..2 * n_bytes {
            let mut n_asked = 0;
            let mut changed = sources.index.changed(start, &mut || {
                n_asked += 1;
                true
            });
            changed.files.sort();
            let expected = [0, 2, 4].map(|n| sources.file(n)).to_vec();
            assert_eq!(changed, Changed { files: expected, is_part: false }, "from byte {start}");
            assert_eq!(n_asked, 5, "each source is looked at once, from byte {start}");
        }
    }

    #[test]
    fn it_looks_no_longer_than_it_may() {
        let sources = Sources::new(3);
        (0..3).for_each(|n| sources.change(n));
        let mut n_left = 2;
        let changed = sources.index.changed(0, &mut || {
            n_left -= 1;
            n_left >= 0
        });
        assert_eq!(changed, Changed { files: vec![sources.file(0), sources.file(1)], is_part: true });
    }

    #[test]
    fn what_is_read_again_or_forgotten_has_not_changed() {
        let sources = Sources::new(3);
        (0..3).for_each(|n| sources.change(n));
        let gone = sources.file(2).full_path().to_str().unwrap().to_owned();
        sources.index.keep_stamps(&sources.seen(&[sources.file(0)]), &[gone]).unwrap();
        assert_eq!(sources.index.changed(0, &mut || true).files, [sources.file(1)]);
    }

    #[test]
    fn a_torn_file_says_less_and_nothing_wrong() {
        let sources = Sources::new(3);
        let path = sources.folder.path().join("index").join(FILE);
        let whole = fs::read(&path).unwrap();
        sources.change(0);
        for n_bytes in 0..whole.len() {
            fs::write(&path, &whole[..n_bytes]).unwrap();
            let changed = sources.index.changed(0, &mut || true);
            assert!(changed.files.iter().all(|file| *file == sources.file(0)), "{n_bytes} bytes: {changed:?}");
        }
        fs::remove_file(&path).unwrap();
        assert_eq!(sources.index.changed(7, &mut || true), Changed::default());
    }
}
