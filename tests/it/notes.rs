//! A person's own notes: ten files in `notes/`, without front matter and most without a conference's name, become reports
//! that are found, with one command.

use serde_json::Value;

use crate::sandbox::{Run, Sandbox};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/notes", "notes");
    sandbox
}

/// The records of an index, by the paths of their sources.
fn records(sandbox: &Sandbox) -> Vec<(String, Value)> {
    let export = sandbox.run(&["--index", "i", "export"]).stdout;
    let mut records: Vec<(String, Value)> = export
        .lines()
        .map(|line| {
            let record: Value = serde_json::from_str(line).unwrap();
            (record["source"]["path"].as_str().unwrap().to_owned(), record)
        })
        .collect();
    records.sort_by(|a, b| a.0.cmp(&b.0));
    records
}

fn ingest(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "ingest", "notes"], more].concat())
}

/// Path, title, what the title comes from, edition, when it was written, author.
fn outline(sandbox: &Sandbox) -> Vec<String> {
    let line = |(path, record): (String, Value)| {
        let keys = ["title", "title_from", "edition_id", "written", "author"];
        let values = keys.map(|key| record[key].as_str().unwrap_or("-").to_owned());
        assert_eq!(record["kind"], "report");
        format!("{path} | {}", values.join(" | "))
    };
    records(sandbox).into_iter().map(line).collect()
}

#[test]
fn notes_about_no_edition_are_skipped_and_it_is_said_what_reads_them() {
    let sandbox = sandbox();
    let run = ingest(&sandbox, &[]);
    assert_eq!(run.status, 0);
    assert!(
        run.stderr.contains(
            "note: skipped 10 files that hold no talk, or prose about no edition or under 80 words: 2019-10-03 SREcon EMEA.md, \
             2022-05-12.md, TODO.md, …\nhint: `--edition NAME` says what such files are about; `--as markdown` reads"
        ),
        "{}",
        run.stderr
    );
    let parsed = sandbox.run(&["parse", "notes"]);
    assert!(parsed.stdout.is_empty() && parsed.stderr.contains("2022-05-12.md, TODO.md, …\nhint: "), "{parsed:?}");
    sandbox.write("plain/a.txt", "a few words of prose");
    let plain = sandbox.run(&["parse", "plain"]);
    assert!(plain.stderr.contains("a.txt\nhint: ") && plain.stderr.contains("`--as plain`"), "{plain:?}");
}

#[test]
fn as_markdown_makes_reports_of_all() {
    let sandbox = sandbox();
    let run = ingest(&sandbox, &["--as", "markdown"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 10, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    assert_eq!(
        outline(&sandbox),
        [
            "2019-10-03 SREcon EMEA.md | SREcon19 EMEA, day two | - | srecon-emea-2019 | 2019-10-03 | -",
            "2022-05-12.md | Notes, 2022-05-12 | file name | - | 2022-05-12 | -",
            "TODO.md | TODO | file name | - | - | -",
            "Zusammenfassung größerer Vortrag.md | Zusammenfassung größerer Vortrag | file name | - | - | -",
            "berlin meetup/day 1.md | Berlin meetup: day 1 | folder and file name | - | - | -",
            "kubecon-2023-keynote-notes.md | Keynotes, first morning | - | kubecon-cloudnativecon-2023 | - | -",
            "notes/day 1.md | Day 1 | file name | - | - | -",
            "one-line.md | One line | file name | - | - | -",
            "reading-list-2021-11-30.md | Reading list | file name | - | 2021-11-28 | A. Attendee",
            "tracing workshop.md | Tracing workshop | file name | - | - | -",
        ]
    );
    for (query, path) in [
        ("flame graphs", "2022-05-12.md"),
        ("sidecars", "notes/day 1.md"),
        ("Seitentabellen", "Zusammenfassung größerer Vortrag.md"),
        ("canary metric", "one-line.md"),
        ("tail sampling", "tracing workshop.md"),
        ("chaos", "TODO.md"),
    ] {
        let found = sandbox.json(&["--index", "i", "search", "--json", query]);
        assert_eq!(found["total"], 1, "{query}");
        assert!(found["hits"][0]["source"]["path"].as_str().unwrap().ends_with(path), "{query}");
    }
}

#[test]
fn an_edition_that_is_said_makes_reports_of_all() {
    let sandbox = sandbox();
    let run = ingest(&sandbox, &["--edition", "KubeCon EU 2023", "--author", "A. Attendee"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 10, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    let records = records(&sandbox);
    assert_eq!(records.len(), 10, "none is taken for a copy of another");
    for (path, record) in &records {
        assert_eq!((&record["year"], &record["author"]), (&2023.into(), &"A. Attendee".into()), "{path}");
        assert_eq!(record["edition_id"], records[0].1["edition_id"], "{path}");
    }
    let id = records[0].1["edition_id"].as_str().unwrap();
    assert!(id.starts_with("kubecon-") && id.ends_with("-2023"), "{id}");
    let edition = records[0].1["edition"].as_str().unwrap();
    assert_eq!(records[1].1["title"], format!("{edition} notes, 2022-05-12"));
    assert_eq!(records[1].1["title_from"], "edition and file name");
}

#[test]
fn notes_of_one_name_are_told_apart() {
    let sandbox = Sandbox::new();
    for (folder, text) in [("a", "Of tracing."), ("b", "Of storage."), ("b/notes", "Of storage.")] {
        sandbox.write(&format!("notes/{folder}/log.md"), text);
    }
    ingest(&sandbox, &["--as", "markdown"]);
    let found = sandbox.json(&["--index", "i", "search", "--json", "storage OR tracing"]);
    assert_eq!(found["total"], 2, "copies are one, others are not");
    let shown = sandbox.run(&["--index", "i", "show", "reports/log"]);
    assert!(shown.status == 2 && shown.stderr.contains("reports/log~"), "{shown:?}");
}
