//! Files that are made to take all memory and time there is, in every format: each ends, keeps what is sound and says what was
//! left out. How long they take and how much memory is measured by hand; the limits are constants with their reasons.

use hallway::{
    formats::{Overrides, Parsed, parse},
    record::Kind,
    source::SourceFile,
};

fn read(path: &str, text: &str) -> Parsed {
    parse(&SourceFile { root: String::new(), path: path.to_owned() }, text.as_bytes(), &Overrides::default())
}

fn talks(parsed: &Parsed) -> Vec<&str> {
    let talks = parsed.records.iter().filter(|record| record.kind == Kind::Talk);
    talks.map(|record| record.title.as_deref().unwrap()).collect()
}

/// The messages, each with its line.
fn told(parsed: &Parsed) -> Vec<(Option<u64>, &str)> {
    parsed.problems.iter().map(|problem| (problem.line, problem.message.as_str())).collect()
}

const ALPHA: &str = r#"{"title": "Alpha", "speaker": "Ann One", "start": "2020-01-01T10:00"}"#;
const MB: usize = 1 << 20;

#[test]
fn a_text_that_is_too_long_costs_itself_alone() {
    let long = "word ".repeat(MB / 4);
    let json = format!("[{ALPHA},\n{{\"title\": \"Beta\", \"speaker\": \"Bob Two\",\n\"abstract\": \"{long}\"}}]");
    let xml = format!(
        "<?xml version=\"1.0\"?><schedule><day date=\"2020-01-01\"><event><title>Alpha</title><start>10:00</start><persons><person>Ann One</person></persons></event>\n\
         <event><title>Beta</title><start>11:00</start><persons><person>Bob Two</person></persons>\n<abstract>{long}</abstract></event></day></schedule>"
    );
    let csv = format!("Title,Speaker,Abstract\nAlpha,Ann One,short\n\nBeta,Bob Two,{long}\n");
    for (path, text, message) in [
        ("x.json", json, "a text is longer than 1 MB"),
        ("x.xml", xml, "a text is longer than 1 MB"),
        ("x.csv", csv, "a cell is longer than 1 MB"),
    ] {
        let parsed = read(path, &text);
        assert_eq!(talks(&parsed), ["Alpha", "Beta"], "{path}");
        assert_eq!(
            told(&parsed).iter().map(|(line, told)| (line.unwrap() >= 3, *told)).collect::<Vec<_>>(),
            [(true, message)],
            "{path}"
        );
        assert!(parsed.records.iter().all(|record| record.abstract_text.as_ref().is_none_or(|text| text.len() < 100)));
    }
}

#[test]
fn a_tree_of_too_many_values_is_read_as_far_as_it_may() {
    let small = "{\"a\":1},".repeat(1_000_000);
    let parsed = read("x.json", &format!("{{\"talks\": [{ALPHA}],\n\"more\": [{small}1]}}"));
    assert_eq!(
        (talks(&parsed), told(&parsed)),
        (vec!["Alpha"], vec![(Some(2), "the file holds more values than a schedule has")])
    );
}

#[test]
fn what_is_too_deep_ends_the_tree() {
    let json = format!("{{\"talks\": [{ALPHA}],\n\"more\": {}", "[".repeat(100_000));
    let xml = format!(
        "<all><talk><title>Alpha</title><speaker>Ann One</speaker><abstract>x</abstract></talk>\n{}",
        "<a>".repeat(100_000)
    );
    for (path, text) in [("x.json", json), ("x.xml", xml)] {
        let parsed = read(path, &text);
        let expected = (vec!["Alpha"], vec![(Some(2), "values are nested too deep from here on")]);
        assert_eq!((talks(&parsed), told(&parsed)), expected, "{path}");
    }
}

#[test]
fn crowds_and_wide_sessions_are_cut_and_it_is_said() {
    let crowd: Vec<String> = (0..5_000).map(|n| format!("\"Ann Example{n}x\"")).collect();
    let keys: Vec<String> = (0..5_000).map(|n| format!("\"zzz{n}\": 1")).collect();
    for more in
        [format!("\"speakers\": [{}]", crowd.join(",")), format!("\"speaker\": \"Ann One\", {}", keys.join(","))]
    {
        let parsed = read("x.json", &format!("[{{\"title\": \"Alpha\", \"abstract\": \"x\", {more}}}]"));
        assert_eq!(talks(&parsed), ["Alpha"]);
        assert!(told(&parsed)[0].1.contains("more people, tags or unknown keys"), "{parsed:?}");
        assert!(parsed.records[0].speakers.len() <= 200 && parsed.records[0].extra.len() <= 200);
    }
}

#[test]
fn rows_of_one_talk_and_columns_without_end_come_to_one() {
    let rows: Vec<String> = (0..2_000).map(|n| format!("1,Alpha,Ann Example{n}x\n")).collect();
    let parsed = read("x.csv", &format!("id,Title,Speaker\n{}", rows.concat()));
    assert_eq!((talks(&parsed), parsed.problems.len()), (vec!["Alpha"], 1));
    let parsed = read("x.csv", &format!("Title,Speaker\nAlpha,Ann One\n{}\nBeta,Bob Two\n", ",".repeat(MB)));
    assert_eq!(
        (talks(&parsed), told(&parsed)),
        (vec!["Alpha"], vec![(Some(3), "the line has more than 100000 columns")])
    );
    let parsed = read("x.csv", &format!("Title,Speaker{}\nAlpha,Ann One\n", ",c".repeat(100_000)));
    assert!(parsed.records.iter().all(|record| record.kind != Kind::Talk), "{parsed:?}");
}

#[test]
fn broken_lines_and_events_are_told_and_then_counted() {
    let parsed = read("x.jsonl", &format!("{{\"title\": \"Alpha\"}}\n{}", "{x\n".repeat(3_000)));
    assert_eq!((talks(&parsed), parsed.problems.len()), (vec!["Alpha"], 1_001));
    assert!(parsed.problems.last().unwrap().message.contains("2000 more lines"), "{:?}", parsed.problems.last());
    let parsed = read(
        "x.jsonl",
        &format!("{{\"title\": \"Alpha\"}}\n{{\"title\": \"Beta\", \"x\": [{}0]}}\n", "[],".repeat(MB)),
    );
    assert_eq!(
        (talks(&parsed), told(&parsed)),
        (vec!["Alpha"], vec![(Some(2), "the line holds more values than a record")])
    );
    let event = |body: &str| format!("BEGIN:VEVENT\r\n{body}\r\nEND:VEVENT\r\n");
    let alpha = event("SUMMARY:Alpha\r\nDTSTART:20200101T100000\r\nDESCRIPTION:About it");
    let long = event(&format!("SUMMARY:Long\r\nDESCRIPTION:{}", "x".repeat(MB)));
    let parsed = read("x.ics", &format!("BEGIN:VCALENDAR\r\n{}{alpha}END:VCALENDAR\r\n", long.repeat(25)));
    assert_eq!((talks(&parsed), parsed.problems.len()), (vec!["Alpha"], 21));
}

/// Prose beyond all reports is not taken apart.
#[test]
fn prose_that_is_too_large_is_not_read() {
    let sentences = "FooConf 2020 was a conference. ".repeat(9 * MB / 30);
    let signs = ["\n", "<", "&", "["].map(|sign| format!("# FooConf 2020\n{}", sign.repeat(MB)));
    for text in signs.into_iter().chain([sentences]) {
        for path in ["x.md", "x.txt"] {
            let parsed = read(path, &text);
            assert!(parsed.records.is_empty() && told(&parsed)[0].1.contains("larger than 8 MB"), "{parsed:?}");
        }
    }
}

/// Markup costs more than text.
#[test]
fn texts_of_nothing_but_markup_are_left_out_beyond_a_limit() {
    let talk =
        |title: &str, text: &str| format!("{{\"title\":\"{title}\",\"speaker\":\"Ann One\",\"abstract\":\"{text}\"}}");
    let signs = "&".repeat(600_000);
    let many = [talk("Alpha", "x"), talk("Beta", &format!("{}{signs}", "\\n")), talk("Gamma", &signs)];
    let parsed = read("x.json", &format!("[{}]", many.join(",\n")));
    assert_eq!(talks(&parsed), ["Alpha", "Beta", "Gamma"]);
    assert_eq!(told(&parsed), [(Some(3), "with this text, there is more markup than in a schedule")]);
}

#[test]
fn zeros_in_text_make_a_file_binary() {
    let parsed = read("x.json", &format!("[{ALPHA}, \"\0\"]"));
    assert!(parsed.records.is_empty() && parsed.problems[0].message.contains("binary"), "{parsed:?}");
}
