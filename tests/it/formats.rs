//! The formats that answers come in, and `export` of a part.

use std::{collections::BTreeSet, fs, io::Write, process::Stdio};

use hallway::render::csv::COLUMNS;

use crate::{
    expected,
    sandbox::{Run, Sandbox, repository},
};

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/pages", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in/records.jsonl"]).status, 0);
    sandbox
}

#[test]
fn formats_look_the_same_as_ever() {
    let sandbox = sandbox();
    for (name, arguments) in [
        ("records.csv", &["export", "--format", "csv"][..]),
        ("records.md", &["export", "--format", "markdown"]),
        ("hits.md", &["search", "alpha", "-n", "20", "--facets=conference", "--format", "markdown"]),
    ] {
        let run = sandbox.run(&[&["--index", "i"], arguments].concat());
        expected::check(&repository().join("tests/it/pages").join(name), &run.stdout);
    }
}

/// Rows of CSV, the header first.
fn rows(text: &str) -> Vec<csv::StringRecord> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(Result::unwrap).collect()
}

#[test]
fn every_command_gives_the_same_records_in_every_format() {
    let sandbox = Sandbox::with_sample();
    let run = |arguments: &[&str]| {
        let run = sandbox.run(arguments);
        assert_eq!(run.status, 0, "{arguments:?}: {run:?}");
        run.stdout
    };
    let ids = run(&["search", "kubernetes", "--format", "id", "-n", "5"]);
    let ids: Vec<&str> = ids.lines().collect();
    assert_eq!(ids.len(), 5);
    let show: Vec<&str> = [&["show"][..], &ids].concat();
    let show = |format: &[&str]| run(&[&show, format].concat());
    let is_json = |line: &str| serde_json::from_str::<serde_json::Value>(line).is_ok();
    for text in [show(&["--json"]), show(&["--jsonl"]), show(&["--format", "json"]), show(&["--format", "jsonl"])] {
        assert_eq!(text.lines().filter(|line| is_json(line)).count(), 5);
    }
    assert_eq!(show(&["--format", "id"]).lines().collect::<Vec<_>>(), ids);
    for (printed, has_score) in
        [(show(&["--format", "csv"]), false), (run(&["search", "kubernetes", "-n", "5", "--format", "csv"]), true)]
    {
        let rows = rows(&printed);
        let header: Vec<&str> = COLUMNS.iter().map(|(name, _)| *name).chain(has_score.then_some("score")).collect();
        assert_eq!(rows[0].iter().collect::<Vec<_>>(), header);
        assert_eq!(rows[1..].iter().map(|row| &row[0]).collect::<Vec<_>>(), ids);
        let score = |row: &csv::StringRecord| row[COLUMNS.len()].parse::<f32>().unwrap();
        assert!(!has_score || rows[1..].windows(2).all(|pair| score(&pair[0]) >= score(&pair[1])), "{printed}");
    }
    assert_eq!(show(&["--format", "markdown"]).lines().filter(|line| line.starts_with("## ")).count(), 5);
    let hits = run(&["search", "kubernetes", "-n", "5", "--format", "markdown"]);
    assert_eq!(hits.lines().filter(|line| line.starts_with("- ")).count(), 5);
    for bibtex in [show(&["--format", "bibtex"]), run(&["search", "kubernetes", "-n", "5", "--format", "bibtex"])] {
        let n_bios = ids.iter().filter(|id| id.contains("/people/")).count();
        assert_eq!(bibtex.lines().filter(|line| line.starts_with('@')).count(), 5 - n_bios, "{bibtex}");
    }
}

#[test]
fn an_empty_result_is_a_whole_document() {
    let sandbox = sandbox();
    for (command, format, expected) in [
        ("search", "csv", format!("{},score\r\n", COLUMNS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(","))),
        ("export", "csv", format!("{}\r\n", COLUMNS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(","))),
        ("search", "markdown", String::new()),
        ("export", "bibtex", String::new()),
        ("export", "jsonl", String::new()),
        ("search", "id", String::new()),
    ] {
        let run = sandbox.run(&["--index", "i", command, "zeppelin", "--format", format]);
        assert_eq!((run.status, run.stdout), (1, expected), "{command} {format}");
        assert!(
            run.stderr.contains("no record holds \"zeppelin\"") && run.stderr.contains("nothing found"),
            "{}",
            run.stderr
        );
    }
}

#[test]
fn facets_without_a_place_are_an_error() {
    let sandbox = sandbox();
    for format in ["csv", "bibtex", "id"] {
        let run = sandbox.run(&["--index", "i", "search", "alpha", "--facets", "--format", format]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains("no place for facets"), "{run:?}");
    }
}

#[test]
fn a_page_that_is_not_all_says_so() {
    let run = sandbox().run(&["--index", "i", "search", "alpha", "-n", "2", "--format", "csv"]);
    assert_eq!(rows(&run.stdout).len(), 3);
    assert!(run.stderr.contains("1 to 2 of 8") && run.stderr.contains("hallway export"), "{}", run.stderr);
}

#[test]
fn export_gives_what_search_finds() {
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["status"]);
    for arguments in [
        &["kubernetes"][..],
        &["\"error budget\" OR slo", "--kind", "talk"],
        &["--year", "2019.."],
        &["incident", "NOT", "postmortem", "--conference", "SREcon"],
        &["ebpf", "--kind", "report"],
    ] {
        let found = sandbox.json(&[&["search", "--json", "-n", "1000"], arguments].concat());
        let hits = found["hits"].as_array().unwrap().iter().filter(|hit| hit["partial"] == false);
        let hits: BTreeSet<String> = hits.map(|hit| hit["id"].as_str().unwrap().to_owned()).collect();
        assert!(!hits.is_empty(), "{arguments:?}");
        let export = sandbox.run(&[&["export"], arguments].concat());
        let lines = export.stdout.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        let records: Vec<serde_json::Value> = lines.collect();
        let ids: Vec<String> = records.iter().map(|record| record["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, hits.into_iter().collect::<Vec<_>>(), "{arguments:?}");
        for record in &records {
            let mut shown = sandbox.json(&["show", "--json", record["id"].as_str().unwrap()]);
            // Beside the record stand the words that earned its topics.
            assert!(shown.as_object_mut().unwrap().remove("topic_evidence").is_some());
            assert_eq!(*record, shown);
        }
    }
    let whole = sandbox.run(&["export"]).stdout;
    assert_eq!(whole, sandbox.run(&["export", "--kind", "talk", "--kind", "bio", "--kind", "report"]).stdout);
    for (arguments, status) in [
        (&["export", "x", "--year", "soon"][..], 2),
        (&["export", "colour:red", "--strict"], 2),
        (&["export", "xylophone"], 1),
    ] {
        assert_eq!(sandbox.run(arguments).status, status, "{arguments:?}");
    }
    let error = sandbox.json(&["export", "--jsonl", "x", "--year", "soon"]);
    assert_eq!(error["error"]["kind"], "usage");
}

#[test]
fn ids_can_be_piped() {
    let sandbox = Sandbox::with_sample();
    let ids = sandbox.run(&["search", "--format", "id", "-n", "3", "kubernetes"]);
    assert_eq!(ids.stderr.lines().filter(|line| !line.contains("first use")).count(), 0, "{ids:?}");
    for format in ["text", "jsonl", "csv", "markdown"] {
        let mut show = sandbox.command();
        show.args(["show", "-", "--format", format])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut show = show.spawn().unwrap();
        show.stdin.take().unwrap().write_all(ids.stdout.as_bytes()).unwrap();
        let run = Run::from(show.wait_with_output().unwrap());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{format}");
        for id in ids.stdout.lines() {
            let bare = id.rsplit_once('~').unwrap().0;
            assert!(run.stdout.contains(bare), "{format}: {id}");
        }
    }
}

#[test]
fn an_export_in_part_reads_back() {
    let sandbox = sandbox();
    let part = sandbox.run(&["--index", "i", "export", "alpha", "--kind", "talk"]).stdout;
    fs::write(sandbox.path("part.jsonl"), &part).unwrap();
    assert_eq!(sandbox.run(&["--index", "j", "ingest", "part.jsonl"]).status, 0);
    let ids =
        |index: &str| sandbox.run(&["--index", index, "export", "--kind", "talk", "alpha", "--format", "id"]).stdout;
    assert_eq!(ids("j"), ids("i"));
    assert!(part.lines().count() >= 4);
}
