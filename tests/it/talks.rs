//! Pages of talks and of speakers, as sites of conferences keep them: a small tree of our own each, with neighbours, and the
//! records that it must give. Each is read once more in a folder of another name, with the keys of the front matter
//! backwards and one more among them. `HALLWAY_BLESS=1` rewrites the expected records, to be read in the diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::{Overrides, Parsed, parse_beside},
    record::{Kind, Record},
    source::{self, Rules, Shelf, SourceFile},
};
use serde_json::{Map, Value, json};

/// Formats of sites, of which each has so many cases.
const SORTS: &[&str] = &["webby-", "hugo-", "jekyll-", "nanoc-", "rest-"];
const CASES_MIN: usize = 5;

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/talks");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for sort in SORTS {
        let n = cases.iter().filter(|case| case.file_name().unwrap().to_string_lossy().starts_with(sort)).count();
        assert!(n >= CASES_MIN, "{n} cases of {sort}");
    }
    cases
}

/// The pages of a tree, read as a folder is; data files are there for their neighbours.
fn read(root: &Path) -> Vec<(String, Parsed)> {
    let (files, problems) = source::list(&[root.to_owned()], &Rules::default(), |_| false).unwrap();
    assert!(problems.is_empty(), "{problems:?}");
    let is_page = |file: &&SourceFile| {
        let name = file.path.rsplit('/').next().unwrap();
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        let is_data = matches!(extension, "yml" | "json") || (extension == "txt" && stem.starts_with('_'));
        !is_data
    };
    let shelf = Shelf::default();
    let read = |file: &SourceFile| {
        let bytes = fs::read(file.full_path()).unwrap();
        (file.path.clone(), parse_beside(file, &bytes, &Overrides::default(), &shelf))
    };
    files.iter().filter(is_page).map(read).collect()
}

/// What a record says, without what is nothing, and without its place.
fn shown(record: &Record) -> Value {
    let Value::Object(all) = serde_json::to_value(record).unwrap() else { unreachable!("a record is an object") };
    let is_nothing = |value: &Value| {
        value.is_null() || value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
    };
    let places = ["source", "sources", "extra", "passages"];
    Value::Object(
        all.into_iter().filter(|(key, value)| !is_nothing(value) && !places.contains(&key.as_str())).collect(),
    )
}

fn document(pages: &[(String, Parsed)]) -> Value {
    let page = |parsed: &Parsed| {
        json!({
            "format": parsed.format, "is_page": parsed.is_page,
            "records": parsed.records.iter().map(shown).collect::<Vec<_>>(),
            "problems": parsed.problems.iter().map(|problem| json!([problem.line, problem.message])).collect::<Vec<_>>(),
            "notes": parsed.notes,
        })
    };
    Value::Object(pages.iter().map(|(path, parsed)| (path.clone(), page(parsed))).collect())
}

#[test]
fn cases_give_the_records_they_hold() {
    for case in cases() {
        let tree = tempfile::tempdir().unwrap();
        copy(&case, tree.path(), &|text| text);
        let pages = read(tree.path());
        let printed = serde_json::to_string_pretty(&document(&pages)).unwrap() + "\n";
        crate::expected::check(&case.join("expected.json"), &printed);
        for (path, parsed) in &pages {
            let text = fs::read_to_string(tree.path().join(path)).unwrap();
            for record in parsed.records.iter().filter(|record| record.kind != Kind::Report) {
                let span = record.source.as_ref().unwrap();
                assert_eq!((span.line, span.start, span.end), (1, 0, text.len() as u64), "{path}");
            }
        }
    }
}

#[test]
fn names_of_folders_the_order_of_keys_and_unknown_keys_do_not_matter() {
    for case in cases() {
        let (plain, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        copy(&case, plain.path(), &|text| text);
        let moved = other.path().join("elsewhere/entirely");
        copy(&case, &moved, &changed);
        let records = |root: &Path| {
            let pages = read(root);
            let records =
                pages.iter().flat_map(|(path, parsed)| parsed.records.iter().map(move |r| (path.clone(), shown(r))));
            records.collect::<Vec<_>>()
        };
        assert_eq!(records(&moved), records(plain.path()), "{}", case.display());
    }
}

/// A copy of a case's tree, its pages changed.
fn copy(from: &Path, to: &Path, change: &dyn Fn(String) -> String) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy(&path, &target, change);
        } else if entry.file_name() != "expected.json" {
            fs::write(target, change(fs::read_to_string(path).unwrap())).unwrap();
        }
    }
}

/// The front matter with its keys backwards and one more. One that is broken stays as it is.
fn changed(text: String) -> String {
    let fence = ["---", "+++"].into_iter().find(|fence| text.starts_with(&format!("{fence}\n")));
    let Some((fence, end)) = fence.and_then(|fence| Some((fence, text[4..].find(&format!("\n{fence}\n"))? + 4))) else {
        return text;
    };
    let matter = &text[4..end];
    if matter.contains('\t') || matter.contains(": #") || matter.matches('[').count() != matter.matches(']').count() {
        return text;
    }
    let mut entries: Vec<String> = Vec::new();
    for line in matter.lines() {
        match entries.last_mut() {
            Some(entry) if line.starts_with([' ', '-']) => entry.extend(["\n", line]),
            _ => entries.push(line.to_owned()),
        }
    }
    entries.reverse();
    entries.push(if fence == "+++" { "zzz_unknown = [1]" } else { "zzz_unknown: {a: [b]}" }.to_owned());
    format!("{fence}\n{}{}", entries.join("\n"), &text[end..])
}

#[test]
fn a_page_is_read_again_when_a_neighbour_changes_or_comes() {
    let sandbox = crate::sandbox::Sandbox::new();
    sandbox.write(
        "site/_talks/alone.md",
        "---\ntitle: Alone\nspeakers: [ann-example]\n---\nNobody is beside this page.\n",
    );
    let speakers = |sandbox: &crate::sandbox::Sandbox| {
        let run = sandbox.run(&["ingest", "site", "--index", "index"]);
        assert_eq!(run.status, 0, "{run:?}");
        let run = sandbox.run(&["export", "--index", "index", "--format", "jsonl"]);
        let records = run.stdout.lines().map(|line| serde_json::from_str::<Record>(line).unwrap());
        records.filter(|record| record.kind == Kind::Talk).flat_map(|talk| talk.speakers).collect::<Vec<_>>()
    };
    assert_eq!(speakers(&sandbox)[0].name, "Ann Example");
    let page = |company: &str| format!("---\nname: Änn Example\ncompany: {company}\n---\nÄnn sails.\n");
    sandbox.write("site/_speakers/ann-example.md", page("Acme"));
    let found = speakers(&sandbox);
    assert_eq!((found[0].name.as_str(), found[0].affiliation.as_deref()), ("Änn Example", Some("Acme")));
    sandbox.write("site/_speakers/ann-example.md", page("Quux"));
    assert_eq!(speakers(&sandbox)[0].affiliation.as_deref(), Some("Quux"));
}

/// Facts of real sites: pages of talks and of people, and what they are about.
#[test]
fn real_sites_are_read_whole() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA") else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    for (site, below, talks, bios, with_abstract, with_date) in [
        ("promcon", "/talks/", 124, 0, 121, 122),
        ("promcon", "/speakers/", 0, 132, 0, 0),
        ("djangocon-us-2023", "_schedule/", 12, 0, 12, 12),
        ("djangocon-us-2023", "_presenters/", 0, 12, 0, 0),
        ("devopsdays-web-sample", "/program/", 5, 0, 5, 3),
        ("devopsdays-web-sample", "/speakers/", 0, 2, 0, 0),
    ] {
        let root = Path::new(&corpora).join(site);
        let pages = read(&root);
        let records: Vec<&Record> =
            pages.iter().filter(|(path, _)| path.contains(below)).flat_map(|(_, parsed)| &parsed.records).collect();
        let count = |is: &dyn Fn(&Record) -> bool| records.iter().filter(|record| is(record)).count();
        let found = (
            count(&|record| record.kind == Kind::Talk),
            count(&|record| record.kind == Kind::Bio),
            count(&|record| record.abstract_text.is_some()),
            count(&|record| record.date.is_some()),
        );
        assert_eq!(found, (talks, bios, with_abstract, with_date), "{site} {below}");
        assert_eq!(count(&|record| record.kind == Kind::Report || record.edition_id.is_none()), 0, "{site} {below}");
        for record in records {
            let body = record.body();
            assert!(!["<%", "%>", "{{<", "](", "**"].iter().any(|sign| body.contains(sign)), "{body}");
        }
    }
}
