//! Pages as they look at several widths: goldens through the command, and no line that is too wide over random records.

use std::process::Command;

use hallway::{
    record::{Edition, Kind, Passage, Record, Role, Span, Speaker, TalkType},
    render::text::{Look, Page, Whole},
    search::{FacetCount, FacetCounts, Highlight, Hit, PassageHit, SearchResults, Snippet},
};
use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use crate::{
    expected,
    sandbox::{Run, Sandbox, repository},
};

/// With the records of `pages/records.jsonl` in an index.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/pages", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in/records.jsonl"]).status, 0);
    sandbox
}

fn run(command: &mut Command) -> String {
    let run = Run::from(command.output().unwrap());
    assert_eq!(run.status, 0, "{run:?}");
    run.stdout
}

/// What a terminal would get, readable: its escapes begin with `␛`, and the places of this run have names.
fn legible(sandbox: &Sandbox, printed: &str) -> String {
    let folder = sandbox.path("").canonicalize().unwrap();
    let printed = printed.replace(folder.to_str().unwrap(), "/FOLDER").replace('\u{1b}', "␛");
    let mut out = String::new();
    for (index, piece) in printed.split("file://").enumerate() {
        match piece.split_once('/') {
            Some((_, rest)) if index > 0 => out.extend(["file://HOST/", rest]),
            _ => out += piece,
        }
    }
    out
}

#[test]
fn pages_look_the_same_as_ever() {
    let sandbox = sandbox();
    for columns in ["15", "60", "80", "120", "200"] {
        let mut pages = String::new();
        for arguments in [
            &["search", "alpha tracing", "--facets=conference,kind,speaker", "-n", "20"][..],
            &[
                "show",
                "fooconf-2023/alpha-tracing-under-load-what-the-spans-of-a-thousand-services-say-about-one",
                "talks/alpha-without-anything-else",
            ],
            &["show", "reports/fooconf-2023-seen-from-the-hallway"],
        ] {
            let mut command = sandbox.command();
            command.args(["--index", "i"]).args(arguments).env("COLUMNS", columns);
            pages.extend(["$ hallway ", &arguments.join(" "), "\n", &run(&mut command), "\n"]);
        }
        expected::check(&repository().join(format!("tests/it/pages/{columns}.txt")), &pages);
    }
}

#[test]
fn terminals_get_colours_and_links() {
    let sandbox = sandbox();
    let query = ["--index", "i", "--color", "always", "search", "alpha", "-n", "20", "--facets=kind"];
    let printed = run(sandbox.command().args(query).env("TERM", "xterm"));
    expected::check(&repository().join("tests/it/pages/terminal.txt"), &legible(&sandbox, &printed));
    assert!(printed.contains("\u{1b}]8;;https://example.org/v/tracing.webm\u{1b}\\"), "{printed}");
    assert!(!printed.contains("]8;;javascript"), "{printed}");
    // Links apart, a dumb terminal gets the same; and a pipe the same without colours.
    let dumb = run(sandbox.command().args(query).env("TERM", "dumb"));
    assert!(!dumb.contains("\u{1b}]8") && !dumb.contains('█') && dumb.contains("##"), "{dumb}");
    let pipe = run(sandbox.command().args(query).args(["--color", "auto"]));
    assert!(!pipe.contains('\u{1b}'), "{pipe}");
}

/// Who quotes a snippet has to know, and nobody wants to read the same beneath each.
#[test]
fn licences_of_what_is_quoted_are_said_once() {
    let sandbox = Sandbox::new();
    let long = "word ".repeat(40);
    let record = |title: &str, rest: &str| format!("{{\"title\":\"Alpha {title}\"{rest}}}\n");
    let records = [
        record("one", ",\"edition\":\"FooConf 2023\",\"licence\":\"CC BY 4.0\",\"text\":\"A text.\""),
        record("two", ",\"edition\":\"FooConf 2023\",\"licence\":\"CC BY 4.0\",\"text\":\"A text.\""),
        record("three", ",\"edition\":\"BarConf 2022\",\"licence\":\"CC BY 4.0\",\"text\":\"A text.\""),
        record("four", ",\"year\":2001,\"licence\":\"CC0\",\"text\":\"A text.\""),
        record("five", ",\"year\":2000,\"text\":\"A text.\""),
        // No text, nothing quoted.
        record("six", ",\"edition\":\"FooConf 1999\",\"licence\":\"All rights reserved\""),
        record("seven", &format!(",\"year\":1998,\"licence\":\"{long}\",\"text\":\"A text.\"")),
    ];
    sandbox.write("records.jsonl", records.concat());
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "records.jsonl"]).status, 0);
    let search = |more: &[&str]| {
        let mut command = sandbox.command();
        run(command.env("COLUMNS", "200").args(["--index", "i", "search", "alpha", "--sort", "date"]).args(more))
    };
    let cut = format!("{}… (Alpha seven)", &long[..79]);
    let said = format!("CC BY 4.0 (FooConf 2023, BarConf 2022); CC0 (Alpha four); {cut}");
    let page = search(&["--facets=year"]);
    let line = page.split("\n\n").find(|paragraph| paragraph.starts_with("licences: ")).unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>().join(" "), format!("licences: {said}"));
    assert_eq!(page.matches("CC BY").count(), 1, "{page}");
    let markdown = search(&["--format", "markdown"]).replace('\\', "");
    assert!(markdown.ends_with(&format!("\nLicences: {said}\n")), "{markdown}");
    assert!(!search(&["five", "-n", "1"]).contains("licences"), "nothing is said of what is not quoted");
    let hits = sandbox.json(&["--index", "i", "search", "--json", "one"]);
    assert_eq!(hits["hits"][0]["licence"], "CC BY 4.0");
}

#[test]
fn bars_are_blocks_only_where_the_locale_has_them() {
    let sandbox = sandbox();
    let facets = |variable: &str, value: &str| {
        let mut command = sandbox.command();
        command.args(["--index", "i", "search", "--facets=kind", "-n", "0"]);
        command.env_remove("LANG").env(variable, value);
        run(&mut command)
    };
    for (variable, value, has_blocks) in [
        ("LANG", "en_IE.UTF-8", true),
        ("LC_ALL", "C.utf8", true),
        ("LC_CTYPE", "C.UTF-8", true),
        ("LANG", "C", false),
        ("LANG", "", false),
    ] {
        let page = facets(variable, value);
        assert_eq!((page.contains('█'), page.contains('#')), (has_blocks, !has_blocks), "{variable}={value}: {page}");
    }
}

#[test]
fn an_unknown_width_is_eighty_columns() {
    let sandbox = sandbox();
    let page = |columns: &str| {
        let mut command = sandbox.command();
        command.args(["--index", "i", "search", "alpha"]).env("COLUMNS", columns);
        run(&mut command)
    };
    assert_eq!(page("0"), page("80"));
    assert_eq!(page("wide"), page("80"));
    assert_ne!(page("60"), page("80"));
}

/// Text of several scripts, with words longer than any line, controls and marks.
fn text() -> impl Strategy<Value = String> {
    "([a-z]{1,9} ?|[A-Z][a-z]{20,60}|[à-ÿ]{1,12}|[а-я]{1,12} |[א-ת]{1,8} |[ا-ي]{1,8} |[ก-๛]{1,30}|[ぁ-ん一-十、。「」]{1,20}|[가-힣]{1,9} |(e\u{301}){1,9}|👍🏽|👩‍💻|[ \n\t]|\n\n- |\u{1b}\\[31m|\u{200b}|\u{202e}|\u{0}){0,12}"
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn speakers() -> impl Strategy<Value = Vec<Speaker>> {
    let roles = [Role::Speaker, Role::Moderator, Role::Panelist, Role::Author];
    let speaker = (text(), maybe(), proptest::sample::select(roles.to_vec()));
    proptest::collection::vec(speaker.prop_map(|(name, affiliation, role)| Speaker { name, affiliation, role }), 0..8)
}

fn record() -> impl Strategy<Value = Record> {
    let kind = proptest::sample::select(Kind::ALL.to_vec());
    let talk_type = proptest::option::of(proptest::sample::select(TalkType::ALL.to_vec()));
    let texts = proptest::collection::vec(text(), 0..3);
    let names = (maybe(), maybe(), maybe(), maybe(), maybe(), maybe());
    let rest = (kind, talk_type, speakers(), maybe(), texts, text());
    (names, rest).prop_map(
        |((title, edition, room, track, session, author), (kind, talk_type, speakers, body, texts, url))| {
            let passage =
                |text: &String| Passage { heading: vec![text.clone()], text: text.clone(), ..Passage::default() };
            Record {
                kind,
                talk_type,
                speakers,
                title,
                room,
                track,
                session,
                author,
                date: Some("2023-10-10".to_owned()),
                start: Some("09:00".to_owned()),
                editions: texts.iter().map(|text| Edition { edition: text.clone(), ..Edition::default() }).collect(),
                edition,
                abstract_text: body.clone(),
                text: body,
                licence: texts.first().cloned(),
                tags: texts.clone(),
                passages: texts.iter().filter(|_| kind == Kind::Report).map(passage).collect(),
                url: Some(format!("https://example.org/{url}")),
                videos: vec![format!("javascript:{url}"), format!("https://example.org/{url}")],
                id: "an/id-that-is-longer-than-a-narrow-page~0a1b2c".to_owned(),
                source: Some(Span {
                    root: "/in".to_owned(),
                    path: "a/path.jsonl".to_owned(),
                    line: 7,
                    ..Span::default()
                }),
                sources: vec![Span {
                    root: "/in".to_owned(),
                    path: "a/path.jsonl".to_owned(),
                    line: 7,
                    ..Span::default()
                }],
                ..Record::default()
            }
        },
    )
}

/// The page without what a terminal doesn't show. Panics at an escape that is not this program's.
fn visible(page: &str) -> String {
    let mut out = String::new();
    let mut pieces = page.split('\u{1b}');
    out += pieces.next().unwrap_or_default();
    for piece in pieces {
        if let Some(link) = piece.strip_prefix("]8;;") {
            assert!(
                link.is_empty() || ["https://", "http://", "file://"].iter().any(|web| link.starts_with(web)),
                "{link:?}"
            );
            assert!(link.bytes().all(|b| (0x21..0x7f).contains(&b)), "{link:?}");
        } else if let Some(rest) = piece.strip_prefix('\\') {
            out += rest;
        } else {
            let (codes, rest) = piece.strip_prefix('[').and_then(|rest| rest.split_once('m')).expect(piece);
            assert!(["0", "1", "2", "31", "32", "35"].contains(&codes), "{codes}");
            out += rest;
        }
    }
    out
}

fn written(look: &Look, write: impl Fn(&mut Page<'_>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    let locate = |span: &Span| span.clone();
    write(&mut Page { out: &mut out, look, locate: &locate, short_id: &str::to_owned }).unwrap();
    String::from_utf8(out).unwrap()
}

/// What is there to be copied, and may be wider than the page: it is the last of its line and has a name or nothing
/// before it.
fn is_whole(line: &str) -> bool {
    let line = line.trim_start_matches(' ');
    let line =
        ["url ", "video ", "slides ", "source ", "id "].iter().find_map(|name| line.strip_prefix(name)).unwrap_or(line);
    let line = line.trim_start_matches(' ');
    ["https://example.org/", "javascript:", "an/id-that", "a/path.jsonl:"].iter().any(|start| line.starts_with(start))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn no_line_is_wider_than_the_page(
        records in proptest::collection::vec(record(), 1..4),
        values in proptest::collection::vec((text(), 1..9_999u64), 0..6),
        columns in 12..220usize,
        rich in any::<bool>(),
    ) {
        let look = Look { columns, colour: rich, links_host: rich.then(|| "host".to_owned()), blocks: rich };
        let hit = |record: &Record| {
            let text = record.body().to_owned();
            // Anywhere, as long as it is on characters.
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            let middle = ends.get(ends.len() / 3).copied().unwrap_or(0);
            let highlights = vec![Highlight(middle, text.len())];
            let snippet = Snippet { field: "text", text, highlights, first: None };
            let passages = record.passages.iter().map(|passage| PassageHit {
                passage: passage.clone(),
                score: 1.0,
                snippets: vec![snippet.clone()],
                start_s: (columns % 3 == 0).then_some(83),
            });
            let passages = passages.collect();
            let record = record.clone();
            Hit { record, score: 1.0, explanation: None, partial: columns % 2 == 0, also_at: vec![], title_highlights: vec![], snippets: vec![snippet.clone()], passages }
        };
        let counts = values.iter().map(|(value, count)| FacetCount { value: value.clone(), count: *count }).collect();
        let facets = vec![FacetCounts { field: "conference", is_tree: rich, counts, n_values: values.len() }];
        let results = SearchResults { hits: records.iter().map(hit).collect(), facets: Some(facets), ..SearchResults::default() };
        let mut pages = written(&look, |page| page.results(&results));
        for record in &records {
            let whole = Whole { record: record.clone(), bios: records.clone(), also_at: records.clone(), labels: Vec::new() };
            pages += &written(&look, |page| page.record(&whole));
        }
        for line in visible(&pages).lines() {
            prop_assert!(line.width() <= columns || is_whole(line), "{line:?} is {} wide on {columns}", line.width());
            prop_assert!(!line.contains(|c: char| c.is_control()), "{line:?}");
        }
    }
}
