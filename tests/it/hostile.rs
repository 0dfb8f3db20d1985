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

/// Elements that stand in each other and may each be a speaker, a title, an author, a date: what they hold is looked at once and
/// not again for each of them: that would be told.
#[test]
fn elements_that_all_hold_the_same_text_end() {
    let text = "word ".repeat(MB / 32);
    let nested = |tag: &str, name: &str| {
        let name = if name.is_empty() { String::new() } else { format!(" {name}") };
        format!("{}{text}{}", format!("<{tag}{name}>").repeat(380), format!("</{tag}>").repeat(380))
    };
    let blocks = [
        nested("div", "class=speaker"),
        nested("div", "class=bio"),
        nested("div", "class=author"),
        nested("time", ""),
        nested("div", "class=\"h-event p-name\""),
    ];
    for block in blocks {
        let talk =
            |title: &str| format!("<div class=session><h3>{title}</h3><p class=speaker>Ann One</p>{block}</div>");
        let page = format!("<!doctype html><title>FooConf 2019 program</title>{}{}", talk("Alpha"), talk("Beta"));
        let parsed = read("x.html", &page);
        let n_words = parsed.records.iter().map(|record| record.body().split(' ').count()).sum::<usize>();
        // Bios alone are no program and no post.
        assert!(parsed.is_page || n_words >= MB / 16, "{n_words}");
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    }
}

/// Nodes that are asked each what stands around them, and elements with names of classes as long as a file.
#[test]
fn what_is_around_many_nodes_is_looked_at_once() {
    let leaves = "<i class=p-name></i>".repeat(20_000);
    let events = format!("<div class=h-event>{}{leaves}", "<div class=p-category>".repeat(380));
    let classes =
        format!("<div class=\"{}\">{}", "a-comment ".repeat(MB / 40), "<p class=x>x<time>y</time>".repeat(5_000));
    for body in [events, classes] {
        let parsed = read("x.html", &format!("<!doctype html><title>FooConf 2019</title>{body}"));
        assert!(parsed.problems.is_empty(), "{:?}", parsed.problems);
    }
    let closed = format!("{}<!--{}-->", "<div>x".repeat(390), "x".repeat(MB));
    let bold: Vec<String> = (0..380).map(|n| format!("<b id={n}>")).collect();
    let repeated = bold.concat() + &format!("<p>{}", "x".repeat(16 << 10)).repeat(100);
    for body in [closed, repeated] {
        assert!(read("x.html", &format!("<!doctype html>{body}")).problems.is_empty());
    }
}

/// One long text about somebody, whom events name again and again.
#[test]
fn a_text_that_many_events_share_is_not_kept_for_each() {
    let bio = "word ".repeat(MB / 16);
    let person = format!("{{\"@type\":\"Person\",\"@id\":\"#p0\",\"name\":\"Ann Example\",\"description\":\"{bio}\"}}");
    let performers = "{\"@id\":\"#p0\"},".repeat(60_000);
    let event = |title: &str| {
        format!(
            "{{\"@type\":\"Event\",\"name\":\"{title}\",\"startDate\":\"2019-01-02T10:00\",\"performer\":[{performers}{{\"@id\":\"#p0\"}}]}}"
        )
    };
    let script = format!("[{person},{},{}]", event("Alpha"), event("Beta"));
    let parsed = read("x.html", &format!("<!doctype html><script type=\"application/ld+json\">{script}</script>"));
    assert_eq!((talks(&parsed), told(&parsed)), (vec!["Alpha", "Beta"], vec![]));
    let bios: Vec<usize> = parsed.records.iter().map(|record| record.bios.len()).collect();
    assert_eq!((bios, parsed.records.len()), (vec![1, 0, 1], 3));
    let crowd: Vec<String> = (0..1_000).map(|n| format!("{{\"name\":\"Ann Example{n}x\"}}")).collect();
    let script = format!("{{\"@type\":\"Event\",\"name\":\"Alpha\",\"performer\":[{}]}}", crowd.join(","));
    let parsed = read("x.html", &format!("<!doctype html>\n<script type=\"application/ld+json\">{script}</script>"));
    assert_eq!(parsed.records[0].speakers.len(), 200);
    assert_eq!(told(&parsed), [(Some(2), "an event has more than 200 people; the first are kept")]);
    let names: Vec<String> = (0..5_000)
        .map(|n| format!("Ann Example{}", char::from(b'a' + (n % 26) as u8).to_string().repeat(1 + n / 26 % 9)))
        .collect();
    let json = format!(
        "[{{\"title\":\"Alpha\",\"speakers\":[{{\"name\":\"{}\",\"bio\":\"{}\"}}]}}]",
        names[..234].join(", "),
        "word ".repeat(MB / 6)
    );
    let parsed = read("x.json", &json);
    let bios = parsed.records.iter().filter(|record| record.kind == Kind::Bio).count();
    assert!(parsed.records[0].speakers.len() > 100 && bios == 1, "{bios}: {:?}", parsed.problems);
}

/// Signs that make a reader look ahead, or back, each time they come.
#[test]
fn signs_that_are_looked_for_again_and_again_end() {
    let abstracts = ["+1", "+", "<b ", "&lt;b ", "a@b", "tel:1"].map(|unit| unit.repeat(MB / 4 / unit.len()));
    for text in abstracts {
        let parsed = read("x.csv", &format!("Title,Speaker,Abstract\nAlpha,Ann One,\"{text}\"\n"));
        assert_eq!(talks(&parsed), ["Alpha"]);
    }
    let targets: Vec<String> = (0..20_000).map(|n| format!(".. _t{n}: /x\n")).collect();
    let rest = format!("FooConf 2019\n============\n\n{}\n{}", targets.concat(), "x_ ".repeat(20_000));
    let scripts = format!("# FooConf 2019\n\n{}", "<% ".repeat(100_000));
    let mentions = format!("# FooConf 2019\n\n{}", "FooConf2018,".repeat(30_000));
    for (path, text) in [("x.rst", rest), ("x.md", scripts), ("x.md", mentions)] {
        assert!(read(path, &text).problems.is_empty(), "{path}");
    }
}

/// What a text is about it says at its beginning, and a book is not weighed to its end. Its words are all there.
#[test]
fn a_book_is_weighed_by_its_beginning_and_kept_whole() {
    let words = "I went to a talk and liked what the speaker said. ".repeat(8_000);
    let parsed =
        read("x.txt", &format!("A report from FooConf 2019\n\n{words}\n\nBarConf 2018 was first. BarConf 2018.\n"));
    assert_eq!(parsed.records[0].edition.as_deref(), Some("FooConf 2019"));
    assert!(parsed.records[0].body().ends_with("BarConf 2018."));
    let late = read("x.txt", &format!("A text\n\n{words}\n\nFooConf 2019 was the conference. FooConf 2019.\n"));
    assert!(late.is_page, "{late:?}");
}
