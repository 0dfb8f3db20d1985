//! Cases of text formats: folders with an input, perhaps with files beside it, and the records that it must give.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::{Overrides, Parsed, parse},
    record::Record,
    source::{self, Rules, SourceFile},
};
use serde_json::{Map, Value, json};
use tempfile::TempDir;

pub struct Case {
    pub name: String,
    folder: PathBuf,
    /// Of the input, relative to the folder: of several files the last by name.
    path: String,
}

/// The cases in `tests/it/` and this folder, by name.
pub fn cases(topic: &str) -> Vec<Case> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it").join(topic);
    let mut folders: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let case = |folder: PathBuf| {
        let files = files(&folder).into_iter().filter(|path| path != "expected.json");
        // `a.en.vtt` is of what `a.json` tells.
        let path = files.max_by_key(|path| (path.rsplit('.').next() != Some("json"), path.clone())).unwrap();
        Case { name: folder.file_name().unwrap().to_string_lossy().into_owned(), folder, path }
    };
    folders.into_iter().map(case).collect()
}

fn files(folder: &Path) -> Vec<String> {
    let rules = Rules { hidden: false, no_ignore: true, exclude: Vec::new() };
    let (files, _) = source::list(&[folder.to_owned()], &rules, |_| false).unwrap();
    files.into_iter().map(|file| file.path).collect()
}

impl Case {
    /// What the input gives in an outer folder of this name.
    pub fn parsed(&self, outer: &str) -> Parsed {
        let place = TempDir::new().unwrap();
        let root = place.path().join("x").join(outer);
        for path in files(&self.folder) {
            fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
            fs::copy(self.folder.join(&path), root.join(&path)).unwrap();
        }
        let file = SourceFile { root: root.to_str().unwrap().to_owned(), path: self.path.clone() };
        parse(&file, &fs::read(root.join(&self.path)).unwrap(), &Overrides::default())
    }

    pub fn check(&self) {
        let [printed, renamed] = ["one", "renamed"].map(|outer| {
            let parsed = self.parsed(outer);
            for record in &parsed.records {
                let span = record.source.as_ref().unwrap();
                let bytes = fs::read(self.folder.join(&self.path)).unwrap();
                let lines = bytes[..usize::try_from(span.start).unwrap()].split(|byte| *byte == b'\n').count();
                assert_eq!(lines as u64, span.line, "{}: {:?}", self.name, record.title);
            }
            serde_json::to_string_pretty(&document(&parsed, shown)).unwrap() + "\n"
        });
        crate::expected::check(&self.folder.join("expected.json"), &printed);
        assert_eq!(printed, renamed, "{}", self.name);
    }
}

/// What came out of a file, with its records as `shown` says.
pub fn document(parsed: &Parsed, shown: fn(&Record) -> Value) -> Value {
    json!({
        "format": parsed.format, "is_page": parsed.is_page,
        "records": parsed.records.iter().map(shown).collect::<Vec<_>>(),
        "problems": parsed.problems.iter().map(|problem| json!([problem.line, problem.message])).collect::<Vec<_>>(),
        "notes": parsed.notes,
    })
}

/// What a record says, without what is nothing and without the keys left out.
pub fn said(record: &Record, left_out: &[&str]) -> Value {
    let Value::Object(all) = serde_json::to_value(record).unwrap() else { unreachable!("a record is an object") };
    let is_nothing = |value: &Value| {
        value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
    };
    let all = all.into_iter().filter(|(key, value)| !is_nothing(value) && !left_out.contains(&key.as_str()));
    Value::Object(all.collect())
}

/// The same, of its place and those of its passages the lines.
fn shown(record: &Record) -> Value {
    let line = |value: &mut Value, span: &str| {
        let line = value[span]["line"].take();
        value[span] = line;
    };
    let mut shown = said(record, &["sources"]);
    line(&mut shown, "source");
    for passage in shown.get_mut("passages").and_then(Value::as_array_mut).into_iter().flatten() {
        line(passage, "span");
    }
    shown
}
