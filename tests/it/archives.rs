//! Archives of recordings: trees of our own in the shapes of real ones, with the records that they must give. Each is read
//! once more with the folder around it renamed, its keys in another order and unknown ones added. `HALLWAY_BLESS=1` rewrites
//! the expected records, to be read in the diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::{Overrides, Parsed, parse_beside},
    record::Kind,
    source::{Shelf, SourceFile},
};
use serde_json::{Map, Value, json};

use crate::{
    sandbox::Sandbox,
    schedules::{changed, shown},
};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/archives");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for sort in ["pyvideo-", "rubyevents-", "yaml-"] {
        let n = cases.iter().filter(|case| case.file_name().unwrap().to_string_lossy().starts_with(sort)).count();
        assert!(n >= 5, "{n} cases of {sort}");
    }
    cases
}

/// The files below a folder, relative to it.
fn files(root: &Path) -> Vec<String> {
    let mut out = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                out.push(path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    out.sort();
    out
}

/// What each file of a tree gives.
fn read(root: &Path) -> Vec<(String, Parsed)> {
    let shelf = Shelf::default();
    let parse = |path: String| {
        let file = SourceFile { root: root.to_str().unwrap().to_owned(), path };
        let bytes = fs::read(root.join(&file.path)).unwrap();
        let parsed = parse_beside(&file, &bytes, &Overrides::default(), &shelf);
        (file.path, parsed)
    };
    files(root).into_iter().map(parse).collect()
}

fn document(parsed: &Parsed) -> Value {
    json!({
        "format": parsed.format, "is_page": parsed.is_page,
        "records": parsed.records.iter().map(shown).collect::<Vec<_>>(),
        "extra": parsed.records.iter().map(|record| record.extra.clone()).collect::<Vec<_>>(),
        "problems": parsed.problems.iter().map(|problem| json!([problem.line, problem.message])).collect::<Vec<_>>(),
        "beside": parsed.beside.iter().map(|(path, hash)| json!([path, !hash.is_empty()])).collect::<Vec<_>>(),
    })
}

#[test]
fn cases_give_the_records_they_hold() {
    for case in cases() {
        let root = case.join("tree");
        let found = read(&root);
        let all: Map<String, Value> = found.iter().map(|(path, parsed)| (path.clone(), document(parsed))).collect();
        let printed = serde_json::to_string_pretty(&all).unwrap() + "\n";
        crate::expected::check(&case.join("expected.json"), &printed);
        let ids: Vec<&str> = found.iter().flat_map(|(_, parsed)| &parsed.records).map(|record| &*record.id).collect();
        for (path, parsed) in &found {
            let bytes = fs::read(root.join(path)).unwrap();
            for record in &parsed.records {
                assert!(record.bios.iter().all(|bio| ids.contains(&&**bio)), "{:?} is nowhere", record.bios);
                let span = record.source.as_ref().unwrap();
                let (start, end) = (usize::try_from(span.start).unwrap(), usize::try_from(span.end).unwrap());
                let place = std::str::from_utf8(&bytes[start..end]).unwrap();
                let title = record.title.as_deref().unwrap();
                // What stands in the file is JSON or YAML, if it is whole; its text may hold entities of HTML.
                // What PyYAML takes and YAML does not has its titles on lines of their own.
                let as_it_is = || place.split_whitespace().collect::<Vec<_>>().join(" ");
                let decoded =
                    serde_saphyr::from_str::<Value>(place).map_or_else(|_| as_it_is(), |value| value.to_string());
                let decoded = decoded.replace("&amp;", "&");
                let title = serde_json::to_string(title).unwrap();
                // A person's name may stand in two keys.
                let (title, whole) = (title.trim_matches('"'), record.kind != Kind::Bio);
                let is_there =
                    decoded.contains(title) || (!whole && title.split(' ').all(|name| decoded.contains(name)));
                assert!(is_there, "{title} is not in {place}");
                assert_eq!(bytes[..start].split(|byte| *byte == b'\n').count() as u64, span.line, "{path}: {title}");
            }
        }
    }
}

/// The file around its keys: JSON is YAML, too.
fn changed_text(text: &str, path: &str) -> Option<String> {
    let is_json = Path::new(path).extension().is_some_and(|extension| extension == "json");
    let value: Value = if is_json { serde_json::from_str(text).ok()? } else { serde_saphyr::from_str(text).ok()? };
    Some(serde_json::to_string_pretty(&changed(value)).unwrap())
}

#[test]
fn names_of_outer_folders_the_order_of_keys_and_unknown_keys_do_not_matter() {
    for case in cases() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap().join("elsewhere");
        for path in files(&case.join("tree")) {
            let text = fs::read_to_string(case.join("tree").join(&path)).unwrap();
            fs::create_dir_all(root.join(&path).parent().unwrap()).unwrap();
            fs::write(root.join(&path), changed_text(&text, &path).unwrap_or(text)).unwrap();
        }
        let records = |found: Vec<(String, Parsed)>| -> Vec<String> {
            found.iter().flat_map(|(_, parsed)| &parsed.records).map(|record| shown(record).to_string()).collect()
        };
        assert_eq!(records(read(&root)), records(read(&case.join("tree"))), "{}", case.display());
    }
}

/// Only what used a neighbour is read again when that changes, and all of it.
#[test]
fn a_touched_neighbour_has_its_files_read_again() {
    let sandbox = Sandbox::new();
    let talk = |title: &str| {
        json!({"title": title, "speakers": [], "recorded": "2016-05-30", "videos": [], "description": "Text."})
            .to_string()
    };
    let item = "- title: \"Turning\"\n  date: \"2016-05-04\"\n  video_provider: youtube\n  video_id: abcdefghi_1\n";
    for (path, text) in [
        ("a/foo/videos/1.json", talk("One")),
        ("a/foo/videos/2.json", talk("Two")),
        ("a/bar/videos/3.json", talk("Three")),
        ("a/foo/category.json", json!({"title": "FooConf 2016"}).to_string()),
        ("a/bar/category.json", json!({"title": "BarConf 2016"}).to_string()),
        ("a/ruby/zed/videos.yml", item.to_owned()),
        ("a/ruby/zed/event.yml", "title: \"ZedConf 2016\"\nyear: 2016\n".to_owned()),
    ] {
        sandbox.write(path, &text);
    }
    let ingest = || sandbox.run(&["ingest", "a", "--index", "i"]).stdout;
    assert_eq!(ingest(), "added 7, changed 0, removed 0, unchanged 0\n");
    assert_eq!(ingest(), "added 0, changed 0, removed 0, unchanged 7\n");
    // The file itself, and the two talks beside it.
    sandbox.write("a/foo/category.json", json!({"title": "FooConf 2017"}).to_string());
    assert_eq!(ingest(), "added 0, changed 3, removed 0, unchanged 4\n");
    // What was looked for and not there.
    sandbox.write("a/ruby/series.yml", "name: \"ZedConf\"\nlanguage: \"German\"\n");
    assert_eq!(ingest(), "added 1, changed 1, removed 0, unchanged 6\n");
    let found = sandbox.run(&["search", "Turning", "--index", "i", "--json"]).stdout;
    let found: Value = serde_json::from_str(&found).unwrap();
    assert_eq!((&found["hits"][0]["language"], &found["hits"][0]["edition"]), (&json!("de"), &json!("ZedConf 2016")));
}

/// A talk whose title alone names somebody is read again when the titles beside it change, and no other.
#[test]
fn titles_beside_a_talk_are_its_neighbours() {
    let sandbox = Sandbox::new();
    let write = |name: &str, title: &str, speakers: &[&str]| {
        let talk = json!({"title": title, "speakers": speakers, "recorded": "2016-05-30", "videos": []}).to_string();
        sandbox.write(&format!("a/foo/videos/{name}.json"), talk);
    };
    sandbox.write("a/foo/category.json", json!({"title": "FooConf 2016"}).to_string());
    write("1", "Ann Example - Sounds", &[]);
    write("2", "Bob Example - Pictures", &[]);
    write("3", "Words", &["Cid Example"]);
    let speakers = || {
        let found = sandbox.run(&["search", "sounds", "--index", "i", "--json"]).stdout;
        let found: Value = serde_json::from_str(&found).unwrap();
        found["hits"][0]["speakers"].as_array().unwrap().len()
    };
    let ingest = || sandbox.run(&["ingest", "a", "--index", "i"]).stdout;
    assert_eq!(ingest(), "added 4, changed 0, removed 0, unchanged 0\n");
    assert_eq!(speakers(), 0);
    write("3", "Cid Example - Words", &["Cid Example"]);
    write("4", "Dan Example - Numbers", &[]);
    assert_eq!(ingest(), "added 1, changed 3, removed 0, unchanged 1\n");
    assert_eq!(speakers(), 1);
    assert_eq!(ingest(), "added 0, changed 0, removed 0, unchanged 5\n");
}

/// A talk in another encoding is one; wherever it is cut, it costs itself alone and stays in its archive.
#[test]
fn talks_in_other_encodings_and_cut_ones_stay_in_their_archive() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path().join("foo");
    fs::create_dir_all(root.join("videos")).unwrap();
    fs::write(root.join("category.json"), json!({"title": "FooConf 2016"}).to_string()).unwrap();
    let text =
        json!({"title": "Töne", "speakers": ["Ann Example"], "recorded": "2016-05-30", "videos": []}).to_string();
    let wide: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let place = root.join("videos/1.json");
    for whole in [text.as_bytes(), &wide] {
        for length in (text.len() / 8..=whole.len()).rev().step_by(6) {
            fs::write(&place, &whole[..length]).unwrap();
            let found = read(&root);
            let (_, parsed) = found.iter().find(|(path, _)| path == "videos/1.json").unwrap();
            assert_eq!(parsed.format, Some("pyvideo"), "{length}");
            let n = usize::from(length == whole.len());
            assert_eq!((parsed.records.len(), parsed.problems.len()), (n, 1 - n), "{length}: {:?}", parsed.problems);
            assert!(parsed.problems.iter().all(|problem| problem.line.is_some() && !problem.hint.is_empty()));
        }
    }
}

/// Facts of real archives: how many talks they have, how many of them which field.
#[test]
fn real_archives_are_read_whole() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA") else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    // A part of each, for the time it takes.
    for (folder, talks, with_abstract, with_speakers) in [
        ("pyvideo/pycon-us-2016", 142, 136, 141),
        ("pyvideo/europython-2011", 132, 132, 129),
        ("rubyevents/data/rubykaigi", 709, 631, 698),
    ] {
        let found = read(&Path::new(&corpora).join(folder).canonicalize().unwrap());
        assert!(found.iter().all(|(_, parsed)| parsed.problems.is_empty()), "{folder}");
        let records: Vec<_> = found.iter().flat_map(|(_, parsed)| &parsed.records).collect();
        let n = |has: &dyn Fn(&&&hallway::record::Record) -> bool| records.iter().filter(has).count();
        assert_eq!(
            (
                n(&|talk| talk.kind == Kind::Talk),
                n(&|talk| talk.abstract_text.is_some()),
                n(&|talk| !talk.speakers.is_empty())
            ),
            (talks, with_abstract, with_speakers),
            "{folder}"
        );
        for talk in records {
            assert!(
                talk.edition_id.is_some() && talk.year.is_some() && !talk.body().contains("`__"),
                "{:?}",
                talk.title
            );
        }
    }
}
