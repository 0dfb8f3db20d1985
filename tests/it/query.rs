//! Any string is a legal query, and what a query prints reads back as the same query.

use std::collections::HashSet;

use hallway::{
    index::{
        Index,
        schema::{self, FieldSort},
    },
    ingest::{IngestRequest, ingest},
    query::{QUERY_BYTES_MAX, Query, SYNTAX, parse},
    search::{SearchRequest, search},
};
use proptest::prelude::*;

use crate::sandbox::{Sandbox, repository};

/// Strings made of what the language is made of, so that operators meet in every order.
fn pieces() -> impl Strategy<Value = String> {
    let signs = [
        "\"",
        "(",
        ")",
        "-",
        "NOT ",
        " OR ",
        " AND ",
        "NOT",
        "title:",
        "title:(",
        "speaker:\"",
        "speaker:“",
        "year:2016..",
        "year:",
        "date:",
        "date:2023-10",
        "2023-10-11..",
        "has:video",
        "colour:",
        " ",
        " ",
        "*",
        "~",
        "~1",
        "~2",
        "\"~3",
        "^",
        "^2",
        "^0.5",
        ")^3",
        "/",
        "//",
        "/a.*/",
        "/(/",
        "\\",
        "\\\\",
        "\\(",
        ".",
        "..",
        "http://x.org/?a=b",
        "日本語",
        "\u{1f}",
        "C++",
        "e\u{301}",
        "don't",
    ];
    let piece = prop_oneof![
        4 => proptest::sample::select(signs.to_vec()).prop_map(str::to_owned),
        2 => "[a-z]{1,7}",
        1 => "[“”„«»＂’‘-]",
        1 => "\\PC",
    ];
    proptest::collection::vec(piece, 0..32).prop_map(|pieces| pieces.concat())
}

/// Texts of leaves that do their best to be read as something else.
fn hostile() -> impl Strategy<Value = String> {
    let sign = proptest::sample::select(
        [
            "NOT", "OR", "AND", "title:", "date:", "year:", "(", ")", "\"", "“", "\\", "/", "*", "~", "~1", "^", "^2",
            "-", "..",
        ]
        .map(str::to_owned)
        .to_vec(),
    );
    let piece = prop_oneof![3 => sign, 2 => "[a-z0-9]{1,4}", 1 => "\\PC", 1 => "[ \t\n\u{a0}\u{1f}]"];
    proptest::collection::vec(piece, 1..6).prop_map(|pieces| pieces.concat())
}

/// One word among signs.
fn one_word() -> impl Strategy<Value = String> {
    ("[-/\\\\(.#]{0,2}", "[a-z]{1,6}|[0-9]{1,4}|é|don't|NOT|title", "[-\\\\)^:+]{0,2}")
        .prop_map(|(before, word, after)| before + &word + &after)
}

fn field() -> impl Strategy<Value = Option<&'static str>> {
    let names = schema::FIELDS.iter().filter(|field| field.sort != FieldSort::Day).map(|field| field.name);
    proptest::option::weighted(0.3, proptest::sample::select(names.collect::<Vec<_>>()))
}

/// Ends of spans, of which one at least is there.
fn span<T: std::fmt::Debug + Clone>(
    from: impl Strategy<Value = T>,
    to: impl Strategy<Value = T>,
) -> impl Strategy<Value = (Option<T>, Option<T>)> {
    (from, to, 0..3).prop_map(|(from, to, which)| ((which != 1).then_some(from), (which != 2).then_some(to)))
}

fn leaf() -> impl Strategy<Value = Query> {
    let day = || (1u32..=9999, 1u32..=12, 1u32..=28, 0usize..3);
    let from = day().prop_map(|(y, m, d, sort)| y * 10_000 + [0, m * 100, m * 100 + d][sort]);
    let to = day().prop_map(|(y, m, d, sort)| y * 10_000 + [1231, m * 100 + 31, m * 100 + d][sort]);
    prop_oneof![
        4 => (field(), hostile()).prop_map(|(field, text)| Query::Word { field, text }),
        2 => (field(), hostile(), 0..=50u32).prop_map(|(field, text, slop)| Query::Phrase { field, text, slop }),
        1 => (field(), one_word()).prop_map(|(field, text)| Query::Prefix { field, text }),
        1 => (field(), one_word(), 1..=2u8).prop_map(|(field, text, edits)| Query::Fuzzy { field, text, edits }),
        1 => (field(), "[a-zé(]{0,2}[a-z.][*+?]?(\\\\/|\"|\\\\\\\\|[a-z])").prop_filter_map(
            "a pattern that the engine takes",
            |(field, pattern)| {
                let pattern = pattern.replace('(', "");
                (!pattern.is_empty()).then_some(Query::Regex { field, pattern })
            }
        ),
        1 => span(0..=9999u16, 0..=9999u16).prop_map(|(from, to)| Query::Years { from, to }),
        1 => span(from, to).prop_map(|(from, to)| Query::Dates { from, to }),
    ]
}

/// Trees of every shape that can be written down, within the limits.
fn tree() -> impl Strategy<Value = Query> {
    leaf().prop_recursive(4, 16, 3, |inner| {
        let weight = prop_oneof![0.001f32..=100.0, (1u8..=100).prop_map(f32::from), Just(0.5)];
        let several = || proptest::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            (inner.clone(), weight).prop_map(|(inner, by)| Query::Boost { inner: Box::new(inner), by }),
            inner.clone().prop_map(|inner| match inner {
                Query::Not(inner) => *inner,
                other => Query::Not(Box::new(other)),
            }),
            several().prop_map(Query::And),
            several().prop_map(Query::Or),
        ]
    })
}

/// Counts that the limits hold for: operators as they are printed, patterns.
fn costs(query: &Query) -> (usize, usize) {
    let sum = |parts: &[Query]| {
        parts.iter().map(costs).fold((2 + parts.len(), 0), |sum, cost| (sum.0 + cost.0, sum.1 + cost.1))
    };
    match query {
        Query::And(parts) | Query::Or(parts) => sum(parts),
        Query::Not(inner) | Query::Boost { inner, .. } => sum(std::slice::from_ref(inner)),
        Query::Regex { .. } => (2, 1),
        _ => (2, 0),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn printed_queries_read_back(text in pieces()) {
        let parsed = parse(&text, false).unwrap();
        if let Some(query) = &parsed.query {
            let printed = query.to_string();
            let again = parse(&printed, false).unwrap().query;
            prop_assert_eq!(again.as_ref(), Some(query), "{} printed as {}", text, printed);
        }
        // Strict refuses what there is a note on, where it begins, and nothing else.
        match parse(&text, true) {
            Ok(strict) => prop_assert_eq!(strict, parsed),
            Err(error) => {
                prop_assert!(!parsed.notes.is_empty(), "{}: {}", text, error);
                let place = error.place().unwrap();
                prop_assert!(place.text == text && text.is_char_boundary(place.at));
            }
        }
    }

    #[test]
    fn printed_trees_read_back(tree in tree()) {
        let (n_operators, n_regexes) = costs(&tree);
        prop_assume!(n_operators <= 64 && n_regexes <= 8);
        let printed = tree.to_string();
        prop_assert_eq!(parse(&printed, false).unwrap().query, Some(tree), "printed as {}", printed);
    }

    #[test]
    fn any_text_is_a_query(text in "\\PC{0,200}") {
        prop_assert!(parse(&text, false).is_ok());
    }
}

/// A text of every sign over and over, as long as a query may be: read in one pass, with few notes.
#[test]
fn long_queries_of_anything_are_read() {
    let signs = [
        "(",
        ")",
        "\"",
        "/",
        "/(",
        "/(/ ",
        "/a/ ",
        "\\",
        "\\ ",
        "*",
        "a*",
        "*a",
        "~",
        "a~",
        "^",
        "^2",
        "a^2 ",
        "-",
        "-(",
        "-/",
        "title:",
        "title:(",
        "title:\"",
        "date:",
        "date:1 ",
        "x:y ",
        "NOT ",
        "OR ",
        "a OR ",
        "year:..",
        "“",
        "日",
        "e\u{301}",
        ":",
        "a:",
        "a",
        "a ",
        "/\\",
        "\"~",
        "\")",
        ")^",
        ".",
        "..",
        "{",
        "/a{9}{9}/ ",
        "/\\w/ ",
        "\u{301}",
    ];
    for sign in signs {
        let text = sign.repeat(QUERY_BYTES_MAX / sign.len());
        let parsed = parse(&text, false).unwrap();
        assert!(parsed.notes.len() <= 16, "{sign}: {:?}", parsed.notes);
        assert!(parsed.notes.iter().all(|note| note.len() < 400), "{sign}: {:?}", parsed.notes);
        let printed = parsed.query.as_ref().map(ToString::to_string).unwrap_or_default();
        if printed.len() <= QUERY_BYTES_MAX {
            assert!(parse(&printed, false).unwrap().query == parsed.query, "{sign}");
        }
    }
}

/// What is printed of a tree that was read never needs more of what is limited than what was typed.
#[test]
fn queries_at_the_limits_read_back() {
    let part = [
        "NOT NOT a",
        "b AND c",
        "title:d",
        "(e OR f)",
        "title:(g h)",
        "i^2",
        "(j k)^3",
        "l*",
        "speaker:m~",
        "\"n o\"~3",
        "AND",
        "/p/",
    ];
    for n in 1..200 {
        let text: Vec<&str> = (0..n).map(|at| part[at * 7 % part.len()]).collect();
        let query = parse(&text.join(" "), false).unwrap().query.unwrap();
        let printed = query.to_string();
        assert_eq!(parse(&printed, false).unwrap().query, Some(query), "{n}: {printed}");
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

#[test]
fn examples_of_the_language_find_what_they_say() {
    let sandbox = Sandbox::new();
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let sample = IngestRequest { paths: vec![repository().join("corpus")], ..IngestRequest::default() };
    ingest(&index, &sample, &mut |_| {}).unwrap();
    let mut kinds = HashSet::new();
    for syntax in SYNTAX {
        let request = SearchRequest { query: syntax.example.to_owned(), strict: true, ..SearchRequest::default() };
        let results = search(&index, &request).unwrap_or_else(|error| panic!("{syntax:?}: {error}"));
        assert!(results.total > 0 && results.notes.is_empty(), "{syntax:?}: {:?}", results.notes);
        see(&parse(syntax.example, true).unwrap().query.unwrap(), &mut kinds);
    }
    // Everything that there is in a tree stands in some example.
    assert_eq!(kinds.len(), 11, "{kinds:?}");
}

fn see(query: &Query, kinds: &mut HashSet<String>) {
    let kind = format!("{query:?}").chars().take_while(|c| c.is_alphanumeric()).collect();
    kinds.insert(kind);
    match query {
        Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| see(part, kinds)),
        Query::Not(inner) | Query::Boost { inner, .. } => see(inner, kinds),
        _ => {}
    }
}

#[test]
fn has_says_what_there_is_of_a_record() {
    let sandbox = Sandbox::new();
    let file = sandbox.write(
        "talks.jsonl",
        "{\"title\":\"a\",\"videos\":[\"https://x.example/a.mp4\"],\"abstract\":\"Words.\"}\n\
         {\"title\":\"b\",\"slides\":[\"https://x.example/b.pdf\"],\"abstract\":\" \"}\n\
         {\"title\":\"c\",\"passages\":[{\"text\":\"What was said.\"}]}\n\
         {\"kind\":\"report\",\"title\":\"d\",\"passages\":[{\"text\":\"What was written.\"}]}\n",
    );
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    ingest(&index, &IngestRequest { paths: vec![file], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    for (query, expected) in [
        ("has:video", &["a"][..]),
        ("has:slides", &["b"]),
        ("has:abstract", &["a"]),
        ("has:transcript", &["c"]),
        ("has:(video OR slides)", &["a", "b"]),
        ("NOT has:video", &["b", "c", "d"]),
    ] {
        assert_eq!(found(&index, query).0, expected, "{query}");
    }
}

/// Parts of a query are asked about documents before the first one that they match, or that only seems to.
#[test]
fn names_of_two_words_stand_beside_other_words_and_may_be_left_out() {
    let sandbox = Sandbox::new();
    let speakers = ["Cyd Placeholder", "Bo Cyd", "Bo Example", "Ann Example", "Ann Bo Example", "Example Ann"];
    let talk = |(n, name): (usize, &&str)| {
        serde_json::json!({ "title": n.to_string(), "speakers": [{ "name": name }], "text": "One subject." })
            .to_string()
    };
    let lines: Vec<String> = speakers.iter().enumerate().map(talk).collect();
    let file = sandbox.write("talks.jsonl", lines.join("\n"));
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    ingest(&index, &IngestRequest { paths: vec![file], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    for (query, expected) in [
        ("subject speaker:\"Ann Example\"", &["3"][..]),
        ("subject NOT speaker:\"Ann Example\"", &["0", "1", "2", "4", "5"]),
        ("subject NOT speaker:\"Example Bo\"", &["0", "1", "2", "3", "4", "5"]),
        ("speaker:cyd NOT speaker:\"Ann Example\"", &["0", "1"]),
        ("(speaker:\"Ann Example\" OR speaker:\"Bo Cyd\") subject", &["1", "3"]),
        ("speaker:\"Ann Example\"~1 subject", &["3", "4"]),
    ] {
        let mut found = found(&index, query).0;
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
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
