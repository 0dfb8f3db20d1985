//! Any string is a legal query, and what a query prints reads back as the same query.

use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    query::parse,
    search::{SearchRequest, search},
};
use proptest::prelude::*;

use crate::sandbox::Sandbox;

/// Strings made of what the language is made of, so that operators meet in every order.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,5}",
        Just("\"".to_owned()),
        Just("(".to_owned()),
        Just(")".to_owned()),
        Just("-".to_owned()),
        Just("NOT ".to_owned()),
        Just(" OR ".to_owned()),
        Just(" AND ".to_owned()),
        Just("title:".to_owned()),
        Just("year:2016..".to_owned()),
        Just("year:".to_owned()),
        Just("speaker:\"".to_owned()),
        Just(" ".to_owned()),
        Just("*".to_owned()),
        Just("http://x.org/?a=b".to_owned()),
        Just("日本語".to_owned()),
        Just("\u{1f}".to_owned()),
        Just("C++".to_owned()),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn printed_queries_read_back(text in pieces()) {
        if let Some(query) = parse(&text, false).unwrap().query {
            let printed = query.to_string();
            prop_assert_eq!(parse(&printed, false).unwrap().query, Some(query), "{} printed as {}", text, printed);
        }
    }

    #[test]
    fn any_text_is_a_query(text in "\\PC{0,200}") {
        prop_assert!(parse(&text, false).is_ok());
    }
}

#[test]
fn any_query_runs() {
    let sandbox = Sandbox::new();
    let file = sandbox.write(
        "talks.jsonl",
        "{\"title\":\"On C++ and node.js\",\"speakers\":[\"A. One\"],\"year\":2019}\n{\"title\":\"日本語の話\",\"year\":2020}\n",
    );
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    ingest(&index, &IngestRequest { paths: vec![file], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    let run = |query: &str| {
        let request =
            SearchRequest { query: query.to_owned(), facets: vec!["year".to_owned()], ..SearchRequest::default() };
        search(&index, &request).unwrap_or_else(|error| panic!("{query:?}: {error}"))
    };
    proptest!(ProptestConfig::with_cases(500), |(text in pieces())| {
        run(&text);
    });
    let long = "word ".repeat(10_000);
    for query in ["", "(((", "\"", "-", "*", "a AND", "NOT", "-a", "\u{0}", "year:9999..1", "year:0000..", &long] {
        run(query);
    }
    assert_eq!(run("C++").total, 1);
    assert_eq!(run("node.js").total, 1);
    assert_eq!(run("日本").total, 1);
    assert_eq!(run("NOT node.js").total, 1);
    assert_eq!(run("").total, 2);
    assert_eq!(run("year:2020..").total, 1);
    assert_eq!(run("speaker:one").total, 1);
}
