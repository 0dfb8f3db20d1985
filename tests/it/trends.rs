//! `trends`: pages, tables and pictures over a small collection counted by hand (see `trends/records.jsonl`).

use std::process::Command;

use quick_xml::{Reader, events::Event};
use serde_json::{Value, json};

use crate::{
    expected,
    sandbox::{Run, Sandbox, repository},
    schema::assert_fits,
};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/trends", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in/records.jsonl"]).status, 0);
    sandbox
}

fn trends(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "trends"], arguments].concat())
}

#[test]
fn trends_look_the_same_as_ever() {
    let sandbox = sandbox();
    for (name, arguments) in [
        ("page.txt", &["walrus"][..]),
        ("series.txt", &["walrus", "--by", "series"]),
        ("table.txt", &["walrus", "--by", "table"]),
        ("alphaconf.txt", &["walrus", "--conference", "AlphaConf", "--year", "2017..", "--by", "year"]),
        ("years.csv", &["walrus", "--format", "csv"]),
        ("series.csv", &["walrus", "--format", "csv", "--by", "series"]),
        ("table.csv", &["walrus", "--format", "csv", "--by", "table"]),
        ("years.svg", &["walrus", "--format", "svg"]),
        ("series.svg", &["walrus NOT <script>", "--format", "svg", "--by", "series"]),
    ] {
        let run = trends(&sandbox, arguments);
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
        expected::check(&repository().join("tests/it/trends").join(name), &run.stdout);
    }
}

#[test]
fn every_figure_is_there_for_programs() {
    let sandbox = sandbox();
    let found = sandbox.json(&["--index", "i", "trends", "walrus", "--json"]);
    assert_fits("trends.schema.json", &found);
    assert_eq!((&found["version"], &found["talks"], &found["of"]), (&json!(1), &json!(6), &json!(11)));
    let row = |row: &Value, name: &str| (row[name].clone(), row["talks"].clone(), row["of"].clone());
    let rows =
        |rows: &Value, name: &str| -> Vec<_> { rows.as_array().unwrap().iter().map(|it| row(it, name)).collect() };
    let expected = |rows: &[(Value, Value, u64)]| -> Vec<_> {
        rows.iter().map(|(name, n, of)| (name.clone(), n.clone(), json!(of))).collect()
    };
    // The same talk at two editions counts at each; what was said in a talk once; what was rejected and bios, not at all.
    let years = [
        (json!(2016), json!(1), 3),
        (json!(2017), json!(0), 1),
        (json!(2018), Value::Null, 0),
        (json!(2019), json!(3), 4),
        (json!(2020), json!(1), 1),
        (Value::Null, json!(1), 2),
    ];
    assert_eq!(rows(&found["years"], "year"), expected(&years));
    assert_eq!(found["years"][2]["share"], Value::Null);
    assert_eq!(found["years"][3]["share"], json!(0.75));
    let series = [
        (json!("AlphaConf"), json!(3), 6),
        (json!("<b>Beta & \"Co\"</b>"), json!(1), 2),
        (json!("GammaConf"), json!(1), 1),
        (Value::Null, json!(1), 2),
    ];
    assert_eq!(rows(&found["series"], "series"), expected(&series));
    let alpha = [
        (json!(2016), json!(1), 3),
        (json!(2017), json!(0), 1),
        (json!(2018), Value::Null, 0),
        (json!(2019), json!(2), 2),
        (json!(2020), Value::Null, 0),
        (Value::Null, Value::Null, 0),
    ];
    assert_eq!(rows(&found["series"][0]["years"], "year"), expected(&alpha));
}

#[test]
fn filters_narrow_what_is_counted_and_what_it_is_a_share_of() {
    let sandbox = sandbox();
    for (arguments, n, of) in [
        (&[][..], 11, 11),
        (&["walrus", "--conference", "AlphaConf"], 3, 6),
        (&["walrus", "--year", "2019"], 3, 4),
        (&["walrus", "--year", "unknown"], 1, 2),
        (&["walrus", "--speaker", "ann one", "--kind", "Talk"], 2, 2),
        (&["walrus", "--state", "rejected"], 1, 1),
        // The query alone narrows nothing but what is counted; a state in it lets in what was rejected, in both.
        (&["walrus", "state:rejected"], 1, 12),
        (&["walrus OR seal"], 9, 11),
    ] {
        let found = sandbox.json(&[&["--index", "i", "trends", "--json"], arguments].concat());
        assert_eq!((&found["talks"], &found["of"]), (&json!(n), &json!(of)), "{arguments:?}");
    }
}

#[test]
fn nothing_found_says_why_and_is_a_whole_document() {
    let sandbox = sandbox();
    let run = trends(&sandbox, &["zeppelin"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("no record holds \"zeppelin\"") && run.stderr.contains("nothing found"), "{run:?}");
    let none = trends(&sandbox, &["otter", "--year", "2017"]);
    assert_eq!((none.status, none.stderr.contains("note: 2 without --year 2017 --kind talk\n")), (1, true), "{none:?}");
    let found = sandbox.json(&["--index", "i", "trends", "zeppelin", "--json"]);
    assert_fits("trends.schema.json", &found);
    assert_eq!((&found["talks"], &found["notes"]), (&json!(0), &json!(["no record holds \"zeppelin\""])));
    assert_eq!(found["years"].as_array().unwrap().len(), 6);
    let csv = trends(&sandbox, &["zeppelin", "--format", "csv"]);
    assert_eq!((csv.status, csv.stdout.lines().next()), (1, Some("year,talks,of,share")));
    assert!(csv.stdout.contains("2016,0,3,0\r\n") && csv.stdout.contains("2018,,0,\r\n"), "{}", csv.stdout);
    assert_eq!(read_svg(&trends(&sandbox, &["zeppelin", "--format", "svg"]).stdout).0["rect"], 6);
    for (arguments, said) in [
        (&["walrus", "--kind", "report"][..], "trends counts talks"),
        (&["walrus", "--by", "table", "--format", "svg"], "a table has no picture"),
        (&["walrus", "--conference", "Nowhere"], "no record has conference"),
        (&["walrus", "--format", "pdf"], "can't be \"pdf\""),
    ] {
        let run = trends(&sandbox, arguments);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.contains(said)), (2, "", true), "{run:?}");
    }
    let error = sandbox.json(&["--index", "i", "trends", "--json", "x", "--kind", "bio"]);
    assert_fits("trends.schema.json", &error);
    assert_eq!(error["error"]["kind"], "usage");
}

/// How often which element is there, and all that is said. Panics at what is no picture.
fn read_svg(svg: &str) -> (std::collections::BTreeMap<String, usize>, Vec<String>) {
    let mut reader = Reader::from_str(svg);
    let (mut elements, mut texts, mut open) = (std::collections::BTreeMap::new(), Vec::new(), Vec::new());
    let mut said = String::new();
    loop {
        let event = reader.read_event().unwrap_or_else(|error| panic!("{error}: {svg}"));
        let (start, is_closed) = match &event {
            Event::Start(start) => (start, false),
            Event::Empty(start) => (start, true),
            Event::Text(text) => {
                said += text;
                continue;
            }
            Event::GeneralRef(named) => {
                let named = format!("&{};", &**named);
                said += &quick_xml::escape::unescape(&named).unwrap();
                continue;
            }
            Event::End(_) => {
                open.pop();
                let text = std::mem::take(&mut said);
                texts.extend(Some(text.trim().to_owned()).filter(|text| !text.is_empty()));
                continue;
            }
            Event::Eof => break,
            other => panic!("{other:?}"),
        };
        let name = start.name().as_ref().to_owned();
        assert!(["svg", "title", "desc", "rect", "g", "text"].contains(&name.as_str()), "{name}");
        for attribute in start.attributes() {
            let key = attribute.unwrap().key.as_ref().to_owned();
            assert!(!key.starts_with("on") && !key.ends_with("href"), "{svg}");
        }
        *elements.entry(name.clone()).or_insert(0) += 1;
        if !is_closed {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "{open:?}");
    (elements, texts)
}

#[test]
fn hostile_names_stay_text() {
    let sandbox = Sandbox::new();
    let names = [
        "</text><script>alert(1)</script>",
        "\" onload=\"alert(1)",
        "]]> & &amp; &#x1b;",
        "turned \u{202e}around\u{2066}",
        "\u{ffff}\u{fffe}",
        "控制 کنفرانس",
        &"long ".repeat(90),
    ];
    let talk = |name: &&str| {
        json!({ "title": "Walrus", "series": name, "edition": format!("{name} 1"), "year": 2001 }).to_string()
    };
    sandbox.write("talks.jsonl", names.iter().map(talk).collect::<Vec<_>>().join("\n"));
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "talks.jsonl"]).status, 0);
    let query = "NOT \"</title><script>\u{1b}[31m\u{202e}\"";
    let svg = trends(&sandbox, &[query, "--format", "svg", "--by", "series"]);
    let (elements, texts) = read_svg(&svg.stdout);
    assert_eq!((elements["g"], elements["rect"]), (names.len(), names.len() + 1), "{}", svg.stdout);
    assert!(texts.iter().any(|text| text == "</text><script>alert(1)</script>: 1 of 1, 100.0%"), "{texts:?}");
    assert!(texts[0].starts_with("Talks on NOT \"</title><script>\u{fffd}[31m\u{fffd}\", by series"), "{texts:?}");
    for arguments in [&[query][..], &[query, "--by", "table"], &[query, "--format", "csv", "--by", "series"]] {
        let run = trends(&sandbox, arguments);
        assert_eq!(run.status, 0);
        assert!(!run.stdout.contains(['\u{1b}', '\u{202e}', '\u{2066}']), "{arguments:?}: {}", run.stdout);
    }
}

#[test]
fn no_line_is_wider_than_the_page() {
    let sandbox = sandbox();
    for columns in 12..90 {
        for by in [&[][..], &["--by", "table"]] {
            let mut command: Command = sandbox.command();
            command.args(["--index", "i", "trends", "walrus"]).args(by).env("COLUMNS", columns.to_string());
            let run = Run::from(command.output().unwrap());
            let widest = run.stdout.lines().map(unicode_width::UnicodeWidthStr::width).max().unwrap();
            assert!(run.status == 0 && widest <= columns, "{columns}: {}", run.stdout);
        }
    }
}

#[test]
fn collections_without_records_or_years_have_trends_too() {
    let sandbox = Sandbox::new();
    // That a file is empty is a problem; the index is there.
    sandbox.write("none.jsonl", "");
    sandbox.write("one.jsonl", "{\"title\":\"Walrus\"}\n");
    sandbox.write("far.jsonl", "{\"title\":\"Walrus\",\"year\":1003}\n{\"title\":\"Walrus two\",\"year\":2003}\n");
    let years = |found: &Value| -> Vec<Value> {
        found["years"].as_array().unwrap().iter().map(|of| of["year"].clone()).collect()
    };
    for (file, status, expected) in [
        ("none.jsonl", 1, vec![]),
        ("one.jsonl", 0, vec![Value::Null]),
        ("far.jsonl", 0, vec![json!(1003), json!(2003)]),
    ] {
        let index = file.trim_end_matches(".jsonl");
        assert!([0, 3].contains(&sandbox.run(&["--index", index, "ingest", file]).status), "{file}");
        let found = sandbox.json(&["--index", index, "trends", "walrus", "--json"]);
        assert_fits("trends.schema.json", &found);
        assert_eq!(years(&found), expected, "{file}");
        for format in ["text", "csv", "svg", "json"] {
            let run = sandbox.run(&["--index", index, "trends", "walrus", "--format", format]);
            assert_eq!(run.status, status, "{file} {format}: {run:?}");
            if format == "svg" {
                read_svg(&run.stdout);
            }
        }
    }
}
