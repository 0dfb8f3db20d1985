//! What a person says about sources: that it holds, is remembered, is told, and can be taken back.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

const REPORT: &str = "\
# SREcon 2016: what I took home

The keynote of SREcon 2016 was about load. The talks after it were about people, and the speakers stayed for questions.
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("in/report.md", format!("{REPORT}\n{}", "Then came another session. ".repeat(20)));
    sandbox.write("in/talk.jsonl", "{\"title\":\"Alpha\",\"year\":2016,\"series\":\"FooConf\"}\n");
    sandbox
}

/// Some fields of the report and the talk.
fn fields(sandbox: &Sandbox, arguments: &[&str], keys: &[&str]) -> Value {
    let run = sandbox.run(&[&["parse", "in"], arguments].concat());
    let of = |kind: &str| {
        let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let record = records.into_iter().find(|record| record["kind"] == kind);
        let record = record.unwrap_or_else(|| panic!("{arguments:?}: {run:?}"));
        Value::Array(keys.iter().map(|key| record[key].clone()).collect())
    };
    json!([of("report"), of("talk")])
}

#[test]
fn each_override_holds() {
    let sandbox = sandbox();
    let edition = ["series", "edition_id", "year"];
    for (arguments, keys, expected) in [
        (&[][..], &edition[..], json!([["SREcon", "srecon-2016", 2016], ["FooConf", "fooconf-2016", 2016]])),
        // An edition that is said is whole: neither series nor year of the text are mixed into it.
        (
            &["--edition", "SREcon23 EMEA"],
            &edition,
            json!([["SREcon", "srecon-emea-2023", 2023], ["SREcon", "srecon-emea-2023", 2023]]),
        ),
        (
            &["--edition", "PromCon 2019"],
            &edition,
            json!([["PromCon", "promcon-2019", 2019], ["PromCon", "promcon-2019", 2019]]),
        ),
        (
            &["--edition", "PromCon"],
            &edition,
            json!([["PromCon", "promcon-2016", 2016], ["PromCon", "promcon-2016", 2016]]),
        ),
        (
            &["--edition", "PromCon 2019", "--year", "2020"],
            &edition,
            json!([["PromCon", "promcon-2020", 2020], ["PromCon", "promcon-2020", 2020]]),
        ),
        (
            &["--series", "PromCon"],
            &edition,
            json!([["PromCon", "promcon-2016", 2016], ["PromCon", "promcon-2016", 2016]]),
        ),
        (&["--year", "2017"], &edition, json!([["SREcon", "srecon-2017", 2017], ["FooConf", "fooconf-2017", 2017]])),
        (&["--author", "A. Attendee"], &["author"], json!([["A. Attendee"], [null]])),
    ] {
        assert_eq!(fields(&sandbox, arguments, keys), expected, "{arguments:?}");
    }
    // The format, of a file whose name tells another.
    sandbox.write("in/talk.txt", "{\"title\":\"Beta\"}\n");
    let run = sandbox.run(&["parse", "--as", "jsonl", "in/talk.txt"]);
    assert!(run.status == 0 && run.stdout.contains("\"title\":\"Beta\""), "{run:?}");
}

#[test]
fn what_names_nothing_is_refused() {
    let sandbox = sandbox();
    for arguments in [["--edition", ""], ["--series", " "], ["--author", ""], ["--year", ""], ["--as", ""]] {
        let run = sandbox.run(&["--index", "i", "ingest", arguments[0], arguments[1], "in"]);
        assert_eq!(run.status, 2, "{arguments:?}: {run:?}");
        assert!(!sandbox.path("i").exists());
    }
    assert!(sandbox.run(&["parse", "--edition", "", "in"]).stderr.contains("--no-overrides"));
}

#[test]
fn what_was_said_is_told_and_taken_back() {
    let sandbox = sandbox();
    let ingest = |more: &[&str]| sandbox.run(&[&["--index", "i", "ingest"], more].concat());
    let edition = || sandbox.json(&["--index", "i", "search", "--json", "alpha"])["hits"][0]["edition_id"].clone();
    let said = || sandbox.json(&["--index", "i", "status", "--json"])["said"].clone();

    let first = ingest(&["--edition", "SREcon23 EMEA", "--author", "A. Attendee", "in/talk.jsonl"]);
    assert!(!first.stderr.contains("remembered"), "it was said just now: {}", first.stderr);
    let again = ingest(&["in"]);
    assert!(
        again.stderr.contains(
            "note: remembered for 1 source: --edition 'SREcon23 EMEA' --author 'A. Attendee' (--no-overrides takes it back)"
        ),
        "{}",
        again.stderr
    );
    assert_eq!(edition(), "srecon-emea-2023");
    let status = sandbox.run(&["--index", "i", "status"]).stdout;
    assert!(
        status.contains("overrides --edition 'SREcon23 EMEA' --author 'A. Attendee' for 1 source: in/talk.jsonl"),
        "{status}"
    );
    assert_eq!(said()[0]["overrides"]["edition"], "SREcon23 EMEA");
    assert_eq!(said()[0]["sources"].as_array().unwrap().len(), 1);

    // What is said anew adds to it; with --no-overrides it takes its place.
    ingest(&["--year", "2024", "in/talk.jsonl"]);
    assert_eq!(edition(), "srecon-emea-2024");
    let run = ingest(&["--no-overrides", "--year", "2017", "in/talk.jsonl"]);
    assert_eq!(run.stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert_eq!(edition(), "fooconf-2017");
    let run = ingest(&["--no-overrides", "--dry-run", "in"]);
    assert_eq!(run.stdout, "added 0, changed 1, removed 0, unchanged 1\n");
    ingest(&["--no-overrides", "in"]);
    assert_eq!((edition(), said()), (json!("fooconf-2016"), json!([])));
    let run = ingest(&["--no-overrides", "in"]);
    assert_eq!(run.stdout, "added 0, changed 0, removed 0, unchanged 2\n");
}
