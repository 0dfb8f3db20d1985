//! hallway's own JSON Lines: what is read, what is refused, and what a line keeps.

use hallway::{
    formats::{Overrides, Parsed, parse},
    record::{Kind, Record, TalkType},
    source::SourceFile,
};

fn read(text: &str) -> Parsed {
    let file = SourceFile { root: "/in".to_owned(), path: "records.jsonl".to_owned() };
    parse(&file, text.as_bytes(), &Overrides::default())
}

#[test]
fn a_title_or_a_text_is_enough() {
    let parsed = read("\u{feff}{\"title\":\"Only a title\"}\r\n\r\n{\"text\":\"Only a text.\"}");
    assert_eq!(parsed.problems, []);
    let [first, second] = parsed.records.as_slice() else { panic!("{parsed:?}") };
    assert_eq!((first.kind, first.title.as_deref()), (Kind::Talk, Some("Only a title")));
    assert_eq!(second.abstract_text.as_deref(), Some("Only a text."));
    let span = second.source.as_ref().unwrap();
    assert_eq!(
        (span.root.as_str(), span.path.as_str(), span.line, span.start, span.end),
        ("/in", "records.jsonl", 3, 31, 54)
    );
}

#[test]
fn shapes_that_mean_the_same_are_read_alike() {
    let parsed = read(concat!(
        r#"{"title":"A","speakers":"A. One","tags":"x","year":"2019","type":"Keynote","date":"2019-05-02T10:30:00+02:00"}"#,
        "\n",
        r#"{"title":"A","authors":[{"name":"A. One","affiliation":"X","role":"author"},"B. Two"],"type":"fishbowl"}"#,
    ));
    assert_eq!(parsed.problems, []);
    let [first, second] = parsed.records.as_slice() else { panic!("{parsed:?}") };
    assert_eq!(first.speakers[0].name, "A. One");
    assert_eq!((first.year, first.talk_type), (Some(2019), Some(TalkType::Keynote)));
    assert_eq!((first.date.as_deref(), first.start.as_deref()), (Some("2019-05-02"), Some("10:30")));
    assert_eq!(second.speakers.len(), 2);
    assert_eq!(second.talk_type, Some(TalkType::Other));
    assert_eq!(second.extra["type"], "fishbowl");
}

#[test]
fn a_bad_line_costs_that_line_alone() {
    let long_id = format!("{{\"title\":\"A\",\"id\":\"{}\"}}", "x".repeat(513));
    let lines = [
        ("{\"title\":\"A\"", "not a JSON object"),
        ("[1]", "not a JSON object"),
        ("{\"series\":\"X\"}", "neither a title nor a text"),
        ("{\"title\":7}", "wrong type"),
        ("{\"title\":\"A\",\"date\":\"2019-02-30\"}", "no date"),
        ("{\"title\":\"A\",\"start\":\"9:5\"}", "no time"),
        (long_id.as_str(), "is longer than 512 bytes"),
    ];
    for (line, expected) in lines {
        let parsed = read(&format!("{{\"title\":\"before\"}}\n{line}\n{{\"title\":\"after\"}}\n"));
        assert_eq!(parsed.records.len(), 2, "{line}");
        let [problem] = parsed.problems.as_slice() else { panic!("{line}: {parsed:?}") };
        assert!(problem.message.contains(expected), "{line}: {problem}");
        assert_eq!((problem.line, problem.path.as_str()), (Some(2), "records.jsonl"));
        assert!(!problem.hint.is_empty());
    }
}

#[test]
fn unknown_keys_are_kept_and_named_once() {
    let parsed = read("{\"title\":\"A\",\"level\":\"beginner\"}\n{\"title\":\"B\",\"level\":\"expert\",\"stars\":3}\n");
    assert_eq!(parsed.notes, ["keys that are kept but not searched: level, stars"]);
    assert_eq!(parsed.records[1].extra["stars"], 3);
}

#[test]
fn addresses_and_controls_are_removed() {
    let parsed = read(r#"{"title":"A \u001b[31mred","text":"Mail me@example.org.","note":"or you@example.org"}"#);
    let record = &parsed.records[0];
    assert_eq!(record.title.as_deref(), Some("A [31mred"));
    assert_eq!(record.abstract_text.as_deref(), Some("Mail ."));
    assert_eq!(record.extra["note"], "or");
}

#[test]
fn a_given_id_is_kept_to_the_letter() {
    assert_eq!(read(r#"{"title":"A","id":"X/y Z#1"}"#).records[0].id, "X/y Z#1");
}

#[test]
fn ids_follow_from_the_record() {
    let line =
        r#"{"title":"Ünïcode & Friends","speakers":["A. One"],"series":"FooConf","year":2019,"date":"2019-01-02"}"#;
    let id = &read(line).records[0].id;
    assert!(id.contains("/unicode-friends~"), "{id}");
    assert_eq!(id.rsplit_once('~').unwrap().1.len(), 6);
    assert_eq!(*id, read(line).records[0].id);
    let other = line.replace("A. One", "B. Two");
    assert_ne!(*id, read(&other).records[0].id);
}

#[test]
fn files_that_are_no_text_are_refused_with_a_reason() {
    let file = SourceFile { root: "/in".to_owned(), path: "a.md".to_owned() };
    let empty = SourceFile { path: "a.jsonl".to_owned(), ..file.clone() };
    for bytes in [&b""[..], b" \n\t", b"\xef\xbb\xbf\n"] {
        assert!(parse(&empty, bytes, &Overrides::default()).problems[0].message.contains("empty"));
        let page = parse(&file, bytes, &Overrides::default());
        assert!(page.is_page && page.problems.is_empty());
    }
    for (bytes, expected) in [(&b"PNG\0\0"[..], "binary"), (b"gr\xc3\xbcn\nsch\xc3\xb6n \xe9 byte", "not UTF-8")] {
        let parsed = parse(&file, bytes, &Overrides::default());
        assert_eq!(parsed.records.len(), 0);
        assert!(parsed.problems[0].message.contains(expected), "{:?}", parsed.problems);
    }
    let parsed = parse(&file, b"gr\xc3\xbcn\nsch\xc3\xb6n \xe9 byte", &Overrides::default());
    assert_eq!(parsed.problems[0].line, Some(2));
}

#[test]
fn no_text_is_lost() {
    let parsed = read(concat!(
        "{\"title\":\"T\",\"abstract\":\"short\",\"text\":\"zebra\"}\n",
        "{\"kind\":\"report\",\"title\":\"R\",\"abstract\":\"okapi\"}\n",
        "{\"kind\":\"bio\",\"title\":\"B\",\"abstract\":\"gnu\"}\n",
    ));
    let bodies: Vec<&str> = parsed.records.iter().map(Record::body).collect();
    assert_eq!(bodies, ["short\n\nzebra", "okapi", "gnu"]);
    assert_eq!(parsed.records[1].passages.len(), 1);
}

#[test]
fn what_a_speaker_says_more_is_kept() {
    let parsed = read(
        r#"{"title":"T","speakers":[{"name":"A. One","twitter":"@a","role":"Moderator"},{"name":"B","role":"Host"}]}"#,
    );
    assert_eq!(parsed.problems, []);
    let record = &parsed.records[0];
    assert_eq!(record.speakers[0].role, hallway::record::Role::Moderator);
    assert_eq!(record.extra["speakers"][0]["twitter"], "@a");
    assert_eq!(record.extra["speakers"][1]["role"], "Host");
}

#[test]
fn addresses_are_removed_from_every_field() {
    let parsed = read(concat!(
        r#"{"title":"T","state":"mail me@example.org","series":"S <s@example.org>","videos":["mailto:v@example.org"],"#,
        r#""licence":"l@example.org","track":"t@example.org","tags":["g@example.org"],"x@example.org":1}"#
    ));
    assert!(!serde_json::to_string(&parsed.records).unwrap().contains('@'), "{parsed:?}");
}
