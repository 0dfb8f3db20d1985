//! Promise: an index of an earlier format version is named and rebuilt with all that it held; today's is kept here and is
//! opened by every later version. `indexes/version-N/` is an index as that version wrote it, with what it answered.

use std::{collections::BTreeMap, fs, path::Path};

use hallway::index::{FORMAT_VERSION, Index};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    sandbox::{Run, Sandbox, repository},
    scale::report,
};

/// Every version there has been. None of the sources are there any more.
const VERSIONS: std::ops::RangeInclusive<u32> = 1..=5;

#[derive(Deserialize)]
struct Answer {
    search: Vec<String>,
    ids: Vec<String>,
}

/// A copy of a kept index.
struct Kept {
    version: u32,
    sandbox: Sandbox,
}

impl Kept {
    fn new(version: u32) -> Kept {
        let sandbox = Sandbox::new();
        copy(&Kept::folder(version).join("index"), &sandbox.path("i"));
        Kept { version, sandbox }
    }

    fn folder(version: u32) -> std::path::PathBuf {
        repository().join(format!("tests/reliability/indexes/version-{version}"))
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.run(&[&["--index", "i"], arguments].concat())
    }

    /// What the version exported. Later ones may know more of a record, and never less.
    fn exports_as_before(&self) -> usize {
        let before = fs::read_to_string(Kept::folder(self.version).join("export.jsonl")).unwrap();
        let run = self.run(&["export"]);
        let parsed = |text: &str| text.lines().map(|line| serde_json::from_str(line).unwrap()).collect::<Vec<Value>>();
        let (before, now) = (parsed(&before), parsed(&run.stdout));
        assert_eq!(now.len(), before.len(), "{run:?}");
        for (before, now) in before.iter().zip(&now) {
            // Topics are of the vocabulary of today.
            for (key, value) in before.as_object().unwrap().iter().filter(|(key, _)| *key != "topics") {
                assert_eq!(&now[key], value, "{key} of {}", before["id"]);
            }
        }
        before.len()
    }

    fn answers_as_before(&self) {
        let text = fs::read_to_string(Kept::folder(self.version).join("answers.jsonl")).unwrap();
        for line in text.lines() {
            let Answer { search, ids } = serde_json::from_str(line).unwrap();
            let arguments: Vec<&str> = search.iter().map(String::as_str).collect();
            let run = self.run(&[&["search", "--format", "id"], arguments.as_slice()].concat());
            assert_eq!(run.status, i32::from(ids.is_empty()), "{search:?}: {run:?}");
            let (mut found, mut ids): (Vec<&str>, Vec<&str>) =
                (run.stdout.lines().collect(), ids.iter().map(String::as_str).collect());
            if self.version != FORMAT_VERSION {
                // Ranking goes on.
                found.sort_unstable();
                ids.sort_unstable();
            }
            assert_eq!(found, ids, "{search:?}");
        }
    }

    /// What a person had said of a source, and what was removed, still holds.
    fn decisions_hold(&self) {
        let catalog = Index::open(&self.sandbox.path("i")).unwrap().catalog().unwrap();
        assert_eq!(catalog.sources["/srv/talks/loose.jsonl"].overrides["series"], "QuxConf");
        assert_eq!(catalog.sources["/srv/talks/loose.jsonl"].overrides["year"], 2018);
        assert_eq!(catalog.sources.len(), 5);
        assert_eq!(catalog.kept["/srv/talks/gone.jsonl"].len(), 1);
        // The first version could remove nothing.
        assert_eq!(catalog.removed_records.len(), usize::from(self.version > 1));
    }

    fn bytes(&self) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        read(&self.sandbox.path("i"), "", &mut found);
        found
    }
}

fn copy(from: &Path, to: &Path) {
    let mut files = BTreeMap::new();
    read(from, "", &mut files);
    for (name, bytes) in files {
        fs::create_dir_all(to.join(&name).parent().unwrap()).unwrap();
        fs::write(to.join(name), bytes).unwrap();
    }
}

/// Every file below a folder but for locks.
fn read(folder: &Path, prefix: &str, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{name}/"), found);
        } else if !name.contains(".lock") {
            found.insert(name, fs::read(entry.path()).unwrap());
        }
    }
}

fn old_versions() -> impl Iterator<Item = u32> {
    VERSIONS.filter(|version| *version != FORMAT_VERSION)
}

#[test]
fn todays_index_is_kept_and_opens() {
    assert_eq!(*VERSIONS.end(), FORMAT_VERSION, "keep an index of the new version, written by the program of its time");
    let kept = Kept::new(FORMAT_VERSION);
    let before = kept.bytes();
    kept.answers_as_before();
    kept.exports_as_before();
    kept.decisions_hold();
    let check = kept.run(&["check"]);
    assert_eq!(check.status, 0, "{check:?}");
    assert_eq!(kept.run(&["check", "--repair"]).status, 0);
    assert_eq!(kept.bytes(), before, "reading writes nothing");
    // And it is written to.
    kept.sandbox.write("more.jsonl", "{\"title\":\"Further on\"}\n");
    assert_eq!(kept.run(&["ingest", "more.jsonl"]).status, 0);
    assert_eq!(kept.run(&["search", "further"]).status, 0);
    assert_eq!(kept.run(&["check"]).status, 0);
}

#[test]
fn an_old_index_is_named_and_left_alone_by_those_who_read() {
    for version in old_versions() {
        let kept = Kept::new(version);
        let before = kept.bytes();
        let readers: [&[&str]; 6] =
            [&["search", "caches"], &["status"], &["export"], &["show", "x"], &["check"], &["remove", "--list"]];
        for arguments in readers {
            let run = kept.run(arguments);
            assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{arguments:?}: {run:?}");
            let both = format!("has format version {version}, this hallway reads {FORMAT_VERSION}");
            assert!(run.stderr.contains(&both), "{arguments:?}: {run:?}");
            assert!(run.stderr.contains("hint: `hallway check --repair`"), "{arguments:?}: {run:?}");
        }
        assert_eq!(kept.bytes(), before, "version {version}");
    }
}

#[test]
fn an_old_index_is_rebuilt_with_all_that_it_held() {
    for version in old_versions() {
        for ingests in [false, true] {
            let kept = Kept::new(version);
            let before = kept.bytes();
            let run = if ingests {
                fs::create_dir(kept.sandbox.path("in")).unwrap();
                kept.run(&["ingest", "in"])
            } else {
                kept.run(&["check", "--repair"])
            };
            assert_eq!(run.status, 0, "{run:?}");
            // What it was rebuilt from is said, source by source.
            assert!(run.stderr.contains("taken over from the old index"), "{run:?}");
            // The first version could remove nothing.
            let n_program = if version == 1 { 4 } else { 3 };
            for (name, n) in [("program", n_program), ("copy", 2), ("loose", 1), ("gone", 1), ("report", 1)] {
                let end = if name == "report" { "md" } else { "jsonl" };
                let expected = format!("/srv/talks/{name}.{end} ({n} record{}", if n == 1 { ")" } else { "s)" });
                assert!(run.stderr.contains(&expected), "{expected}: {run:?}");
            }
            assert_eq!(run.stderr.contains("rebuilt from its sources first"), ingests, "{run:?}");
            let n = kept.exports_as_before();
            kept.answers_as_before();
            kept.decisions_hold();
            assert_eq!(kept.run(&["check"]).status, 0);
            // The old one is in a folder of its own, byte for byte, and nothing of it is left beside the new one.
            let now = kept.bytes();
            for (name, bytes) in &before {
                if name != "README.md" {
                    assert_eq!(now.get(&format!("set-aside-1/{name}")), Some(bytes), "{name}");
                    // A catalog has its name from what it says, which may be the same.
                    let is_same = name.starts_with("tantivy/catalog-") && now.get(name) == Some(bytes);
                    assert!(!now.contains_key(name) || name == "tantivy/meta.json" || is_same, "{name}");
                }
            }
            report(
                "upgrade",
                &format!("version {version} to {FORMAT_VERSION}: {n} records, decisions and answers hold"),
            );
        }
    }
}
