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
        "[“”„«»＂’‘-]",
        Just("speaker:“".to_owned()),
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

/// Records of one talk each whose abstract is the text: the title is a number.
fn index_of(sandbox: &Sandbox, texts: &[&str]) -> Index {
    let records = texts.iter().enumerate().map(|(n, text)| serde_json::json!({ "title": n.to_string(), "text": text }));
    let lines: Vec<String> = records.map(|record| record.to_string()).collect();
    let file = sandbox.write("texts.jsonl", lines.join("\n"));
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    ingest(&index, &IngestRequest { paths: vec![file], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    index
}

/// The titles of full matches, and what is highlighted in the snippets.
fn found(index: &Index, query: &str) -> (Vec<String>, Vec<String>) {
    let results = search(index, &SearchRequest { query: query.to_owned(), ..SearchRequest::default() }).unwrap();
    let hits: Vec<_> = results.hits.iter().filter(|hit| !hit.partial).collect();
    let mut titles: Vec<String> = hits.iter().map(|hit| hit.record.title.clone().unwrap()).collect();
    titles.sort();
    let marked = hits.iter().flat_map(|hit| &hit.snippets).flat_map(|snippet| {
        snippet.highlights.iter().map(|highlight| snippet.text[highlight.0..highlight.1].to_owned())
    });
    (titles, marked.collect())
}

#[test]
fn apostrophes_and_hyphens_are_found_however_they_are_set() {
    const APOSTROPHES: [char; 5] = ['\'', '’', '‘', '\u{2bc}', '＇'];
    const HYPHENS: [char; 4] = ['-', '\u{2010}', '\u{2011}', '–'];
    let sandbox = Sandbox::new();
    let mut texts: Vec<String> = APOSTROPHES.iter().map(|sign| format!("Caches don{sign}t lie.")).collect();
    texts.extend(HYPHENS.iter().map(|sign| format!("It was a well{sign}known fault.")));
    let index = index_of(&sandbox, &texts.iter().map(String::as_str).collect::<Vec<_>>());
    let all = |range: std::ops::Range<usize>| range.map(|n| n.to_string()).collect::<Vec<_>>();
    for sign in APOSTROPHES {
        for query in [format!("don{sign}t"), format!("\"caches don{sign}t\""), format!("“don{sign}t lie”")] {
            let (titles, marked) = found(&index, &query);
            assert_eq!(titles, all(0..5), "{query}");
            for other in APOSTROPHES {
                assert!(marked.contains(&format!("don{other}t")), "{query}: {marked:?}");
            }
        }
        assert_eq!(found(&index, &format!("lie NOT don{sign}t")).0, all(0..0));
    }
    for sign in HYPHENS {
        for query in [format!("well{sign}known"), format!("\"a well{sign}known fault\"")] {
            let (titles, marked) = found(&index, &query);
            assert_eq!(titles, all(5..9), "{query}");
            assert!(marked.contains(&"known".to_owned()), "{query}: {marked:?}");
        }
    }
}

#[test]
fn quotes_that_stand_about_a_phrase_are_quotes_of_any_kind() {
    let sandbox = Sandbox::new();
    let index = index_of(
        &sandbox,
        &["Who is on call tonight.", "Call when you are on the train.", "‘On call’ – “as they say”"],
    );
    for (open, close) in
        [("\"", "\""), ("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("”", "”"), ("＂", "＂"), ("“", "\"")]
    {
        let query = format!("{open}on call{close}");
        let (titles, marked) = found(&index, &query);
        assert_eq!(titles, ["0", "2"], "{query}");
        assert!(marked.contains(&"call".to_owned()), "{marked:?}");
        assert_eq!(found(&index, &format!("call -{query}")).0, ["1"], "{query}");
    }
    // Single quotes are apostrophes: the words alone count.
    assert_eq!(found(&index, "‘on call’").0, ["0", "1", "2"]);
    assert_eq!(found(&index, "“as they say”").0, ["2"]);
    assert_eq!(found(&index, "“on call").0, ["0", "2"]);
    // The title is in quotes, too: `title:“2”`.
    assert_eq!(found(&index, "title:“2”").0, ["2"]);
}
