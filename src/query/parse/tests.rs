//! What people type, and the tree that it gives.

// Dates are grouped as year, month and day.
#![allow(clippy::inconsistent_digit_grouping)]

use super::*;

fn w(text: &str) -> Query {
    Query::Word { field: None, text: text.to_owned() }
}

fn wf(field: &'static str, text: &str) -> Query {
    Query::Word { field: Some(field), text: text.to_owned() }
}

fn p(text: &str) -> Query {
    near(text, 0)
}

fn pf(field: &'static str, text: &str) -> Query {
    Query::Phrase { field: Some(field), text: text.to_owned(), slop: 0 }
}

fn near(text: &str, slop: u32) -> Query {
    Query::Phrase { field: None, text: text.to_owned(), slop }
}

fn prefix(field: Option<&'static str>, text: &str) -> Query {
    Query::Prefix { field, text: text.to_owned() }
}

fn fuzzy(text: &str, edits: u8) -> Query {
    Query::Fuzzy { field: None, text: text.to_owned(), edits }
}

fn re(field: Option<&'static str>, pattern: &str) -> Query {
    Query::Regex { field, pattern: pattern.to_owned() }
}

fn boost(inner: Query, by: f32) -> Query {
    Query::Boost { inner: Box::new(inner), by }
}

fn not(inner: Query) -> Query {
    Query::Not(Box::new(inner))
}

fn and<const N: usize>(parts: [Query; N]) -> Query {
    Query::And(parts.into())
}

fn or<const N: usize>(parts: [Query; N]) -> Query {
    Query::Or(parts.into())
}

fn words(text: &str) -> Query {
    Query::And(text.split(' ').map(w).collect())
}

fn dates(from: u32, to: u32) -> Query {
    let some = |date| (date > 0).then_some(date);
    Query::Dates { from: some(from), to: some(to) }
}

/// Each string with its tree; none has anything to be noted.
fn plain() -> Vec<(&'static str, Query)> {
    vec![
        ("ebpf kernel", words("ebpf kernel")),
        ("a AND b", words("a b")),
        ("a b AND c", words("a b c")),
        ("a OR b c", or([w("a"), words("b c")])),
        ("(a OR b) c", and([or([w("a"), w("b")]), w("c")])),
        ("a OR (b OR c)", or([w("a"), or([w("b"), w("c")])])),
        ("a (b c)", and([w("a"), words("b c")])),
        ("NOT (a b)", not(words("a b"))),
        ("NOT NOT a", w("a")),
        ("a -b -(c OR d)", and([w("a"), not(w("b")), not(or([w("c"), w("d")]))])),
        ("a AND NOT b", and([w("a"), not(w("b"))])),
        ("-.NET", not(w(".NET"))),
        ("\"on call\" -pager", and([p("on call"), not(w("pager"))])),
        ("“on call” pager", and([p("on call"), w("pager")])),
        ("„on call“ -«pager duty»", and([p("on call"), not(p("pager duty"))])),
        ("»on call« OR speaker:“Liz Rice”", or([p("on call"), pf("speaker", "Liz Rice")])),
        ("a“b”c", and([w("a"), p("b"), w("c")])),
        ("\"\"", p("")),
        // Near, weighted, and what only looks so.
        ("\"error budget\"~3", near("error budget", 3)),
        ("\"error budget\"~0", p("error budget")),
        ("\"error budget\"~3^2", boost(near("error budget", 3), 2.0)),
        ("“error budget”^0.5", boost(p("error budget"), 0.5)),
        ("title:\"error budget\"~3", Query::Phrase { field: Some("title"), text: "error budget".into(), slop: 3 }),
        ("\"a b\"~3c", and([p("a b"), w("~3c")])),
        ("\"a b\"~ c", and([p("a b"), w("~"), w("c")])),
        ("ebpf^2", boost(w("ebpf"), 2.0)),
        ("ebpf^2.5 kernel", and([boost(w("ebpf"), 2.5), w("kernel")])),
        ("(a b)^3", boost(words("a b"), 3.0)),
        ("(NOT a)^3", boost(not(w("a")), 3.0)),
        ("-(a)^3", not(boost(w("a"), 3.0))),
        ("(2)^3", boost(w("2"), 3.0)),
        ("speaker:rice^2", boost(wf("speaker", "rice"), 2.0)),
        ("year:2016^2", boost(wf("year", "2016"), 2.0)),
        ("kube*^2 fuzzi~1^3", and([boost(prefix(None, "kube"), 2.0), boost(fuzzy("fuzzi", 1), 3.0)])),
        ("foo^bar", w("foo^bar")),
        ("x^-1", w("x^-1")),
        ("2^10", w("2^10")),
        ("^", w("^")),
        ("^2", w("^2")),
        ("a^", w("a^")),
        ("a^2.", w("a^2.")),
        ("a^2000", w("a^2000")),
        // Beginnings, misspellings, patterns.
        ("kube*", prefix(None, "kube")),
        ("kube-*", prefix(None, "kube-")),
        ("C*", prefix(None, "C")),
        ("speaker:ri*", prefix(Some("speaker"), "ri")),
        ("*", w("*")),
        ("**", w("**")),
        ("a**", w("a**")),
        ("2*3", w("2*3")),
        ("kubernets~", fuzzy("kubernets", 2)),
        ("slo~", fuzzy("slo", 1)),
        ("linux~", fuzzy("linux", 1)),
        ("linuxx~", fuzzy("linuxx", 2)),
        ("slo~2", fuzzy("slo", 2)),
        ("don't~1", fuzzy("don't", 1)),
        ("~", w("~")),
        ("~/.bashrc", w("~/.bashrc")),
        ("~5", w("~5")),
        ("a~b", w("a~b")),
        ("lib~12", w("lib~12")),
        ("/kube.*/", re(None, "kube.*")),
        ("/a\\/b/", re(None, "a\\/b")),
        ("/(foo|bar)s?/ x", and([re(None, "(foo|bar)s?"), w("x")])),
        ("/\"?a/", re(None, "\"?a")),
        ("title:/kube.*/", re(Some("title"), "kube.*")),
        ("-/kube.*/^2", not(boost(re(None, "kube.*"), 2.0))),
        ("/usr/", re(None, "usr")),
        ("/^kube.*$/", re(None, "^kube.*$")),
        ("/usr/bin/env", w("/usr/bin/env")),
        ("/usr/local/", w("/usr/local/")),
        ("//", w("//")),
        ("/", w("/")),
        ("/a b/", words("/a b/")),
        ("and/or CI/CD 24/7 HTTP/3", words("and/or CI/CD 24/7 HTTP/3")),
        // Fields, and groups of one.
        ("title:dns speaker:\"Liz Rice\"", and([wf("title", "dns"), pf("speaker", "Liz Rice")])),
        ("speaker:(rice OR majors)", or([wf("speaker", "rice"), wf("speaker", "majors")])),
        (
            "speaker:(rice OR (gregg -title:x))",
            or([wf("speaker", "rice"), and([wf("speaker", "gregg"), not(wf("title", "x"))])]),
        ),
        (
            "title:(\"a b\" c* /d/ e)^2",
            boost(and([pf("title", "a b"), prefix(Some("title"), "c"), re(Some("title"), "d"), wf("title", "e")]), 2.0),
        ),
        ("title:(speaker:(a) b)", and([wf("speaker", "a"), wf("title", "b")])),
        ("title:speaker:rice", wf("title", "speaker:rice")),
        ("title://x", wf("title", "//x")),
        ("has:video", wf("has", "video")),
        ("year:2016", wf("year", "2016")),
        ("year:2016..2019 slo", and([Query::Years { from: Some(2016), to: Some(2019) }, w("slo")])),
        ("year:2016..", Query::Years { from: Some(2016), to: None }),
        ("year:..", wf("year", "..")),
        ("year:(2016 OR ..2012)", or([wf("year", "2016"), Query::Years { from: None, to: Some(2012) }])),
        ("date:2023-10..", dates(2023_10_00, 0)),
        ("date:2023-10", dates(2023_10_00, 2023_10_31)),
        ("date:2023-10-11..2024", dates(2023_10_11, 2024_12_31)),
        ("date:\"2023\"", dates(2023_00_00, 2023_12_31)),
        ("date:(2019 OR ..2012-05-01)", or([dates(2019_00_00, 2019_12_31), dates(0, 2012_05_01)])),
        ("NOT date:2023", not(dates(2023_00_00, 2023_12_31))),
        // What can't be an operator is text.
        ("http://x.org/a", w("http://x.org/a")),
        ("don't don’t", words("don't don’t")),
        ("word: next", words("word: next")),
        ("well-known --flag - -- x -> y", words("well-known --flag - -- x -> y")),
        ("C++ C# .NET TLS 1.3", words("C++ C# .NET TLS 1.3")),
        ("f(x) main()", and([w("f"), w("x"), w("main")])),
        ("10:30 a:::b std::vec", words("10:30 a:::b std::vec")),
        ("and or not", words("and or not")),
        ("100% 5€ a=b x<y @me #tag [1] {a}", words("100% 5€ a=b x<y @me #tag [1] {a}")),
        // A sign behind a backslash, and a path.
        ("\\NOT a", words("NOT a")),
        ("title\\:dns kube\\* x\\~ y\\^2", words("title:dns kube* x~ y^2")),
        ("\\(a\\) \\-b \\/c/", words("(a) -b /c/")),
        ("C:\\new \\\\server\\share \\", words("C:\\new \\server\\share \\")),
        ("\"say \\\"so\\\" \\n\"", p("say \"so\" \\n")),
        ("a\\ b", w("a b")),
    ]
}

#[test]
fn what_people_type_becomes_trees() {
    for (text, expected) in plain() {
        let parsed = parse(text, true).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!((parsed.query.as_ref(), parsed.notes), (Some(&expected), vec![]), "{text}");
        let printed = expected.to_string();
        assert_eq!(parse(&printed, true).unwrap().query, Some(expected), "{text} printed as {printed}");
    }
    for text in ["", " \t\n\u{3000}", "()", "(())"] {
        assert_eq!(parse(text, true).unwrap(), Parsed { query: None, notes: vec![] }, "{text}");
    }
}

/// Each string with its tree, the note on it, and the byte that the first fault is at.
#[test]
fn what_is_read_otherwise_than_it_looks_is_noted() {
    let pattern = "\"*\" stands at the end of a word alone: read as text; write ";
    for (text, expected, note, at) in [
        ("a AND", words("a and"), "\"AND\" has nothing on one side: read as text", 2),
        ("OR a", words("or a"), "\"OR\" has nothing on one side: read as text", 0),
        ("a NOT", words("a not"), "\"NOT\" has nothing behind it: read as text", 2),
        (
            "title:(a AND)",
            and([wf("title", "a"), wf("title", "and")]),
            "\"AND\" has nothing on one side: read as text",
            9,
        ),
        ("x (a", words("x a"), "\"(\" is not closed: left out", 2),
        ("a)", w("a"), "\")\" closes nothing: left out", 1),
        ("a)^2", words("a ^2"), "\")\" closes nothing: left out", 1),
        ("speaker:(a", words("speaker a"), "\"(\" is not closed: left out", 8),
        ("x title:()", words("x title"), "\"title:\" has no value: read as text", 2),
        ("title: x", words("title x"), "\"title:\" has no value: read as text", 0),
        ("é \"on call", and([w("é"), p("on call")]), "the quote is not closed: read as a phrase to the end", 3),
        (
            "x speker:rice",
            words("x speker:rice"),
            "there is no field \"speker\": read as text; did you mean \"speaker\"?",
            2,
        ),
        (
            "Speaker:rice",
            w("Speaker:rice"),
            "there is no field \"Speaker\": read as text; did you mean \"speaker\"?",
            0,
        ),
        (
            "speker:\"a\"",
            and([w("speker:"), p("a")]),
            "there is no field \"speker\": read as text; did you mean \"speaker\"?",
            0,
        ),
        ("colour:red", w("colour:red"), "there is no field \"colour\": read as text", 0),
        ("a ku*es", words("a ku*es"), &format!("{pattern}/ku.*es/ for a pattern"), 4),
        ("*emph*", w("*emph*"), &format!("{pattern}/.*emph.*/ for a pattern"), 0),
        ("real-ti*", w("real-ti*"), "\"*\" stands behind one word: read as text", 0),
        ("real-time~", w("real-time~"), "\"~\" stands behind one word: read as text", 0),
        ("slo~3", w("slo~3"), "a word may differ by 1 or 2 letters: read as text", 0),
        ("slo^0", boost(w("slo"), 0.001), "a weight is from 0.001 to 100: read as the nearest of them", 3),
        ("\"a b\"^999", boost(p("a b"), 100.0), "a weight is from 0.001 to 100: read as the nearest of them", 5),
        ("\"a b\"~99", near("a b", 50), "words that are near have at most 50 others between them: read as 50", 5),
        ("/(/", w("/(/"), "/(/ is no pattern that can be used (unclosed group): read as text", 0),
        (
            "title:/[z-a]/^2",
            wf("title", "/[z-a]/^2"),
            "/[z-a]/ is no pattern that can be used (invalid character class range, the start must be <= the end): read as text",
            0,
        ),
        (
            "/a^b/",
            w("/a^b/"),
            "/a^b/ is no pattern that can be used (it matches whole words; anchors and boundaries have no place in it): read as text",
            0,
        ),
        ("/.{999}/", w("/.{999}/"), "/.{999}/ is no pattern that can be used (it is too large): read as text", 0),
        ("/.*a.{7}/", w("/.*a.{7}/"), "/.*a.{7}/ is no pattern that can be used (it is too large): read as text", 0),
        (
            "date:soon",
            w("soon"),
            "\"soon\" is no date: read as text; write 2023, 2023-10 or 2023-10-11, or a span as 2023-10..2024",
            5,
        ),
        ("date:/2023/", w("/2023/"), "/2023/ is no date: read as text", 0),
        (
            "year:2019..2016",
            Query::Years { from: Some(2019), to: Some(2016) },
            "no year is in \"2019..2016\": taken as it stands",
            5,
        ),
        ("date:2019..2016", dates(2019_00_00, 2016_12_31), "no day is in \"2019..2016\": taken as it stands", 5),
    ] {
        let parsed = parse(text, false).unwrap();
        assert_eq!(parsed.query.as_ref(), Some(&expected), "{text}");
        assert_eq!(parsed.notes.first().map(String::as_str), Some(note), "{text}");
        let error = parse(text, true).unwrap_err();
        assert_eq!(error.place().map(|place| (place.text.as_str(), place.at)), Some((text, at)), "{text}");
        let what = note.split(": ").next().unwrap();
        assert!(error.to_string().starts_with(what), "{text}: {error}");
        let printed = expected.to_string();
        assert_eq!(parse(&printed, false).unwrap().query, Some(expected), "{text} printed as {printed}");
    }
}

#[test]
fn a_fault_says_where_it_is() {
    let error = parse("ebpf é speker:rice )", true).unwrap_err();
    assert_eq!(error.to_string(), "there is no field \"speker\", at character 8 of the query");
    assert_eq!(error.hint_text(), Some("did you mean \"speaker\"? without --strict it is read as text"));
}

#[test]
fn limits_hold() {
    assert!(parse(&"a".repeat(QUERY_BYTES_MAX + 1), false).is_err());
    let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
    assert_eq!(parse(&deep, false).unwrap().query.unwrap().to_string(), "a");
    let deep = |n: usize| format!("{}a b{}", "(x ".repeat(n), ")".repeat(n));
    assert!(parse(&deep(NESTING_MAX), true).is_ok());
    let error = parse(&deep(NESTING_MAX + 1), true).unwrap_err();
    assert!(error.to_string().starts_with("parentheses deeper than 32"), "{error}");
    let many = |n: usize| vec!["a"; n + 1].join(" OR ");
    assert!(parse(&many(OPERATORS_MAX), true).is_ok());
    assert_eq!(parse(&many(1000), false).unwrap().notes, ["operators after the first 64: read as text"]);
    let fields = vec!["title:a"; 100].join(" ");
    let Some(Query::And(parts)) = parse(&fields, false).unwrap().query else { panic!("no words") };
    assert_eq!(parts[OPERATORS_MAX - 1..=OPERATORS_MAX], [wf("title", "a"), w("title:a")]);
    let patterns = ["/a/"; REGEXES_MAX + 1].join(" ");
    let Some(Query::And(parts)) = parse(&patterns, false).unwrap().query else { panic!("no words") };
    assert_eq!(parts[REGEXES_MAX - 1..], [re(None, "a"), w("/a/")]);
    let nots = format!("{}a", "NOT ".repeat(10_000));
    assert!(parse(&nots, false).unwrap().query.is_some());
    assert!(matches!(parse(&format!("/{}/", "a".repeat(300)), true).unwrap().query, Some(Query::Word { .. })));
    assert_eq!(parse(&format!("{}~", "a".repeat(49)), false).unwrap().notes.len(), 1);
    // However much is wrong, there are few notes.
    let wrong: String = ('a'..='z').flat_map(|a| ('a'..='z').map(move |b| format!("{a}{b}:x "))).collect();
    assert_eq!(parse(&wrong, false).unwrap().notes.len(), 16);
}

proptest::proptest! {
    #![proptest_config(proptest::test_runner::Config { cases: 2000, ..Default::default() })]

    /// Each token takes at least a byte, and begins where the one before has ended: no part of a query is read twice, but for
    /// the few bytes within which a pattern has to end.
    #[test]
    fn tokens_lie_behind_one_another(text in r#"([a-z]{1,3}|title:|NOT|[ ()"“/\\*~^:.0-9-]|\PC){0,60}"#) {
        let tokens = scan(&text, &mut Notes::default());
        let mut end = 0;
        for token in &tokens {
            proptest::prop_assert!(end <= token.start && token.start < token.end, "{:?}", tokens);
            proptest::prop_assert!(text[end..token.start].trim().is_empty(), "{:?}", tokens);
            end = token.end;
        }
        proptest::prop_assert!(text[end..].trim().is_empty());
    }
}
