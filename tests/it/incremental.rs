//! Whatever the order in which sources came, changed and went: the index is what a fresh build of the same sources is.

use std::{collections::BTreeMap, fs, path::Path};

use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    record::Record,
    search::{Filter, SearchRequest, search},
};
use proptest::prelude::*;

use crate::sandbox::Sandbox;

/// Lines that are copies of each other, the same talk elsewhere, the same given id for another talk, and loners.
const LINES: &[&str] = &[
    r#"{"title":"On Caches","speakers":["A. One"],"series":"FooConf","year":2019,"text":"short"}"#,
    r#"{"title":"On caches!","speakers":["A. One","B. Two"],"series":"FooConf","year":2019,"text":"a longer text"}"#,
    r#"{"title":"On Caches","speakers":["A. One"],"series":"BarConf","year":2020}"#,
    r#"{"title":"Slots","series":"FooConf","year":2019,"date":"2019-05-01","start":"10:00"}"#,
    r#"{"title":"Slots","speakers":["C. Three"],"series":"FooConf","year":2019,"date":"2019-05-01","start":"10:00"}"#,
    r#"{"title":"By address","url":"https://foo.example/1","series":"FooConf","year":2019}"#,
    r#"{"title":"By the same address","url":"https://foo.example/1","series":"FooConf","year":2019,"text":"more"}"#,
    r#"{"id":"X/1","title":"Given","text":"one"}"#,
    r#"{"id":"X/1","title":"Taken","text":"another, longer"}"#,
    r#"{"id":"X/2","title":"Given","speakers":["A. One"]}"#,
    r#"{"kind":"bio","title":"A. One","series":"FooConf","year":2019,"text":"Writes caches."}"#,
    r#"{"kind":"bio","title":"A. One","series":"FooConf","year":2019,"text":"Writes caches and reads them."}"#,
    r#"{"title":"Exported","text":"From elsewhere.","source":{"root":"/x","path":"o.jsonl","line":1,"start":0,"end":9}}"#,
    r#"{"kind":"report","title":"FooConf 2019, a report","author":"D","text":"We met. We spoke of caches."}"#,
];
const FILES: &[&str] = &["a.jsonl", "b.jsonl", "c.jsonl"];

/// What a step does to one file: its new lines, or its removal.
type Step = (usize, Option<Vec<usize>>);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lines = proptest::collection::vec(0..LINES.len(), 0..6);
    proptest::collection::vec((0..FILES.len(), proptest::option::weighted(0.8, lines)), 1..7)
}

fn build(index: &Index, folder: &Path) -> hallway::ingest::Summary {
    let request = IngestRequest { paths: vec![folder.to_owned()], prune: true, ..IngestRequest::default() };
    ingest(index, &request, &mut |_| {}).unwrap()
}

fn records(index: &Index) -> Vec<Record> {
    let mut records = Vec::new();
    index
        .each_record(|record| {
            records.push(record);
            Ok(())
        })
        .unwrap();
    records.sort_by(|a, b| a.id.cmp(&b.id));
    records
}

fn answers(index: &Index) -> BTreeMap<&'static str, u64> {
    let total = |query: &str| search(index, &SearchRequest { query: query.to_owned(), ..SearchRequest::default() });
    ["caches", "slots", "speaker:one", "kind:bio", "year:2019"].map(|query| (query, total(query).unwrap().total)).into()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn incremental_equals_rebuild(steps in steps()) {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("in")).unwrap();
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        for (file, lines) in steps {
            let path = sandbox.path("in").join(FILES[file]);
            match lines {
                Some(lines) => {
                    let lines: Vec<&str> = lines.iter().map(|n| LINES[*n]).collect();
                    fs::write(&path, lines.join("\n") + "\n").unwrap();
                }
                None => drop(fs::remove_file(&path)),
            }
            build(&index, &sandbox.path("in"));
        }
        let fresh = Index::open_or_create(&sandbox.path("fresh")).unwrap();
        let summary = build(&fresh, &sandbox.path("in"));
        prop_assert_eq!(records(&index), records(&fresh));
        prop_assert_eq!(index.catalog().unwrap(), fresh.catalog().unwrap());
        prop_assert_eq!(answers(&index), answers(&fresh));
        let again = build(&index, &sandbox.path("in"));
        prop_assert_eq!((again.added, again.changed, again.removed), (0, 0, 0));
        prop_assert_eq!(again.problems, summary.problems);
    }
}

#[test]
fn a_copy_comes_back_when_the_fuller_one_goes() {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    sandbox.write("in/a.jsonl", LINES[0]);
    sandbox.write("in/b.jsonl", LINES[1]);
    sandbox.write("in/c.jsonl", LINES[2]);
    build(&index, &sandbox.path("in"));
    let both = records(&index);
    assert_eq!(both.len(), 2);
    let merged = both.iter().find(|record| record.sources.len() == 2).unwrap();
    let elsewhere = both.iter().find(|record| record.id != merged.id).unwrap();
    assert_eq!(merged.abstract_text.as_deref(), Some("a longer text"));
    assert_eq!((&merged.also_at, &elsewhere.also_at), (&vec![elsewhere.id.clone()], &vec![merged.id.clone()]));
    for source in &merged.sources {
        assert_eq!(index.records_by_id(&merged.id).unwrap().len(), 1, "{source:?}");
    }
    fs::remove_file(sandbox.path("in/b.jsonl")).unwrap();
    build(&index, &sandbox.path("in"));
    let left = records(&index);
    assert!(left.iter().any(|record| record.abstract_text.as_deref() == Some("short") && record.sources.len() == 1));
    assert_eq!(left.len(), 2);
}

#[test]
fn what_was_removed_is_no_value_and_no_word_any_more() {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    // Exactly "One" goes: what stays beside it, in a segment of its own, has the word in a longer name.
    sandbox.write("in/a.jsonl", r#"{"title":"Gone","speakers":["One"],"track":"Lost","text":"vanished"}"#);
    sandbox.write("in/b.jsonl", r#"{"title":"Kept","speakers":["A. One"],"track":"Main","text":"track lost"}"#);
    build(&index, &sandbox.path("in"));
    sandbox.write("in/a.jsonl", r#"{"title":"New","speakers":["B. Two"],"track":"Main"}"#);
    build(&index, &sandbox.path("in"));
    assert!(index.searcher().segment_readers().iter().any(tantivy::SegmentReader::has_deletes));

    let find = |query: &str, filter: Option<(&str, &str)>| {
        let filter = filter.map(|(field, value)| Filter { field: field.to_owned(), values: vec![value.to_owned()] });
        let filters = filter.into_iter().collect();
        search(&index, &SearchRequest { query: query.to_owned(), filters, ..SearchRequest::default() })
    };
    assert_eq!(find("", Some(("speaker", "one"))).unwrap().total, 1);
    assert!(find("", Some(("track", "Lost"))).is_err());
    let read_as_text = find("track:lost", None).unwrap();
    assert_eq!((read_as_text.total, read_as_text.notes.len()), (1, 1), "{:?}", read_as_text.notes);
    assert_eq!(find("vanished", None).unwrap().notes, ["no record holds \"vanished\""]);
}
