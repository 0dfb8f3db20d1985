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

const TABLE: &str = "\
Name,Who,Company,Pitch,When,Title,Notes for us
On caches,Ann Example,Acme Cloud,What was cached,2019-05-02 10:00,Dr,first
On queues,\"Bo Sample; Cy Placeholder\",,What was queued,2019-05-02 11:00,,
";

/// The flags, and `keys` of each record that they give.
fn columns(sandbox: &Sandbox, said: &[&str], keys: &[&str]) -> Value {
    let maps = said.iter().flat_map(|said| ["--map", said]);
    let run = sandbox.run(&["parse", "in/table.csv"].into_iter().chain(maps).collect::<Vec<_>>());
    assert_eq!(run.status, 0, "{said:?}: {run:?}");
    let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|record| keys.iter().map(|key| record[key].clone()).collect::<Value>()).collect()
}

#[test]
fn columns_hold_what_is_said() {
    let sandbox = Sandbox::new();
    sandbox.write("in/table.csv", TABLE);
    let said = ["title=Name", "speakers=Who", "affiliation=company", "abstract=Pitch", "start=When"];
    assert_eq!(
        columns(&sandbox, &said, &["title", "abstract", "date", "start", "extra"]),
        json!([
            // What has the name of a field and is not it is kept among the unknown.
            ["On caches", "What was cached", "2019-05-02", "10:00", { "Notes for us": "first", "Title": "Dr" }],
            ["On queues", "What was queued", "2019-05-02", "11:00", {}],
        ])
    );
    let person =
        |name: &str, affiliation: Value| json!({ "name": name, "affiliation": affiliation, "role": "speaker" });
    let people = json!([
        [[person("Ann Example", json!("Acme Cloud"))]],
        [[person("Bo Sample", Value::Null), person("Cy Placeholder", Value::Null)]]
    ]);
    assert_eq!(columns(&sandbox, &said, &["speakers"]), people);
    assert_eq!(columns(&sandbox, &["title=Name", "speakers=Who,Company"], &["speakers"]), people);

    // Several columns of people, a lone column, another delimiter, another name of the file.
    sandbox.write("in/table.csv", "Name\tA\tB\tC\tD\nOn caches\tAnn Example\tAcme\tBo Sample\tBoogle Inc\n");
    assert_eq!(
        columns(&sandbox, &["title=Name", "speakers=A,B", "speakers=C,D"], &["speakers"]),
        json!([[[person("Ann Example", json!("Acme")), person("Bo Sample", json!("Boogle Inc"))]]])
    );
    sandbox.write("in/table.csv", "Was\nOn caches\n");
    assert_eq!(columns(&sandbox, &["title=Was"], &["title"]), json!([["On caches"]]));
    sandbox.write("in/notes.txt", TABLE);
    let run = sandbox.run(&["parse", "in/notes.txt", "--map", "title=Name"]);
    assert!(run.status == 0 && run.stdout.contains("\"title\":\"On queues\""), "{run:?}");
}

#[test]
fn a_column_that_is_not_there_is_named_with_those_that_are() {
    let sandbox = Sandbox::new();
    sandbox.write("in/table.csv", TABLE);
    sandbox.write("in/talk.jsonl", "{\"title\":\"Alpha\"}\n");
    let run = |arguments: &[&str]| sandbox.run(&[&["parse"], arguments].concat());
    for (arguments, status, expected) in [
        (
            &["in/table.csv", "--map", "title=Naem"][..],
            3,
            "table.csv:1: there is no column \"Naem\" (did you mean \"Name\"? columns: Name, Who, Company, Pitch, When, Title, \
             Notes for us)",
        ),
        (&["in/table.csv"], 3, "`--map title=COLUMN`; columns: Name, Who"),
        (
            &["in/table.csv", "--map", "titel=Name"],
            2,
            "there is no field \"titel\"\n\nhint: did you mean \"title\"? fields:",
        ),
        (
            &["in/table.csv", "--map", "title"],
            2,
            "--map \"title\" names no field or no column\n\nhint: write --map FIELD=COLUMN",
        ),
        (&["in/table.csv", "--map", "title="], 2, "names no field or no column"),
        (&["in/talk.jsonl", "--map", "title=Name"], 0, "note: talk.jsonl: --map is of no use here"),
    ] {
        let run = run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {run:?}");
        assert!(run.stderr.contains(expected), "{arguments:?}: {}", run.stderr);
    }
    // The rest of the table is read.
    let run = run(&["in/table.csv", "--map", "title=Name", "--map", "room=Where"]);
    assert!(
        run.status == 3 && run.stdout.lines().count() == 2 && run.stderr.contains("no column \"Where\""),
        "{run:?}"
    );
    // A header may be any length, and what is said of it not.
    let header: Vec<String> = (0..500).map(|n| format!("{}{n}", "x".repeat(80))).collect();
    sandbox.write("in/wide.csv", header.join(",") + "\n1\n");
    let run = sandbox.run(&["parse", "in/wide.csv", "--map", "title=Name"]);
    assert!(run.status == 3 && run.stderr.len() < 3000 && run.stderr.contains("x…, …)"), "{run:?}");
    // No title, no thousand problems.
    sandbox.write("in/long.csv", format!("A,B\n{}", "one,two\n".repeat(1000)));
    let run = sandbox.run(&["parse", "--as", "csv", "in/long.csv"]);
    assert_eq!((run.status, run.stderr.lines().count()), (3, 1), "{run:?}");
}

#[test]
fn columns_are_remembered_told_and_taken_back() {
    let sandbox = Sandbox::new();
    sandbox.write("in/table.csv", TABLE);
    let ingest = |more: &[&str]| sandbox.run(&[&["--index", "i", "ingest", "in"], more].concat());
    let status = || sandbox.run(&["--index", "i", "status"]).stdout;
    let n_found = |query: &str| sandbox.json(&["--index", "i", "search", "--json", query])["total"].clone();
    assert_eq!(ingest(&["--map", "title=Name", "--map", "speakers=Who,Company"]).status, 0);
    let told = "overrides --map speakers=Who,Company --map title=Name for 1 source: in/table.csv";
    assert!(status().contains(told), "{}", status());
    assert_eq!(ingest(&[]).stdout, "added 0, changed 0, removed 0, unchanged 1\n");
    // What is said of another field adds to it; of the same it takes its place.
    ingest(&["--map", "abstract=Notes for us"]);
    ingest(&["--map", "abstract=Pitch"]);
    assert!(status().contains("overrides --map abstract=Pitch --map speakers="), "{}", status());
    assert_eq!((n_found("speaker:ann"), n_found("queued")), (json!(1), json!(1)));
    assert_eq!(ingest(&["--no-overrides"]).status, 3);
    assert!(!status().contains("overrides"), "{}", status());
    assert_eq!(n_found("speaker:ann"), json!(0));
}

/// The help says them in a sentence.
#[test]
fn the_help_names_every_field() {
    let help = Sandbox::new().run(&["ingest", "--help"]).stdout;
    let help = help.split_whitespace().collect::<Vec<_>>().join(" ");
    let (fields, last) = (hallway::formats::fields(), "licence or id;");
    let list = fields[..fields.len() - 2].join(", ");
    assert!(help.contains(&format!("{list}, {last}")), "{list}");
}
