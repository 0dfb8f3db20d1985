//! What was replaced leaves nothing behind that an answer shows, also while its documents wait for a merge.

use std::path::Path;

use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    search::{Filter, SearchRequest, search},
};

use crate::sandbox::Sandbox;

fn read(index: &Index, folder: &Path) {
    let request = IngestRequest { paths: vec![folder.to_owned()], ..IngestRequest::default() };
    ingest(index, &request, &mut |_| {}).unwrap();
}

#[test]
fn what_was_removed_is_no_value_and_no_word_any_more() {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    // Exactly "One" goes: what stays beside it, in a segment of its own, has the word in a longer name.
    sandbox.write("in/a.jsonl", r#"{"title":"Gone","speakers":["One"],"track":"Lost","text":"vanished"}"#);
    sandbox.write("in/b.jsonl", r#"{"title":"Kept","speakers":["A. One"],"track":"Main","text":"track lost"}"#);
    read(&index, &sandbox.path("in"));
    sandbox.write("in/a.jsonl", r#"{"title":"New","speakers":["B. Two"],"track":"Main"}"#);
    read(&index, &sandbox.path("in"));
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
