//! Archives as sources: what is in them is read as if it had been unpacked.

use std::fs;

use serde_json::{Value, json};

use crate::{
    packed::{Files, gzip, tar, zip},
    sandbox::{Run, Sandbox},
};

const REPORT: &str =
    "---\ntitle: Notes from the second day\nseries: FooConf\nedition: FooConf 2023\nyear: 2023\n---\n\n";
const TALKS: &str = "{\"title\":\"Alpha\",\"edition\":\"FooConf 2023\",\"speakers\":[\"A. Speaker\"]}\n\
    {\"title\":\"Beta\",\"edition\":\"FooConf 2023\",\"speakers\":[\"B. Speaker\"]}\n";
const TABLE: &str = "Title,Speakers,Abstract\nGamma,C. Speaker,What gamma is\nDelta,D. Speaker,What delta is\n";

fn report() -> String {
    format!("{REPORT}## Morning\n\n{}\n", "alpha beta gamma delta epsilon zeta theta kappa lambda sigma ".repeat(12))
}

pub fn ingest(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "ingest"], arguments].concat())
}

/// The line that says what was done, and the status.
pub fn done(sandbox: &Sandbox, arguments: &[&str]) -> (String, i32) {
    let run = ingest(sandbox, arguments);
    (run.stdout.trim().to_owned(), run.status)
}

pub fn titles(sandbox: &Sandbox) -> String {
    let lines = sandbox.run(&["--index", "i", "export"]).stdout;
    let title = |line: &str| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned();
    let mut titles: Vec<String> = lines.lines().map(title).collect();
    titles.sort();
    titles.join(", ")
}

/// The records of an index, without where they come from.
fn records(sandbox: &Sandbox, index: &str) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "root" && key != "path");
                map.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let lines = sandbox.run(&["--index", index, "export"]).stdout;
    let mut records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.iter_mut().for_each(strip);
    records
}

#[test]
fn an_archive_gives_what_the_folder_gives() {
    let sandbox = Sandbox::new();
    let report = report();
    let files: Files = &[
        ("./talks.jsonl", TALKS.as_bytes()),
        ("2023/day two.md", report.as_bytes()),
        ("2023/table.csv", TABLE.as_bytes()),
        ("2023/.hidden.jsonl", b"{\"title\":\"Hidden\"}"),
        ("2023/drafts/draft.jsonl", b"{\"title\":\"Draft\"}"),
        ("2023/.gitignore", b"drafts/\n/*.jsonl\n"),
    ];
    for (name, bytes) in files {
        sandbox.write(&format!("fooconf/{name}"), bytes);
    }
    for (name, bytes) in [
        ("a/fooconf.zip", zip(files)),
        ("b/fooconf.tar", tar(files)),
        ("c/fooconf.tar.gz", gzip(&tar(files))),
        ("d/fooconf", zip(files)),
    ] {
        sandbox.write(name, bytes);
    }
    assert_eq!(
        sandbox.run(&["--index", "folder", "ingest", "fooconf"]).stdout,
        "added 3, changed 0, removed 0, unchanged 0\n"
    );
    let expected = records(&sandbox, "folder");
    assert_eq!(expected.len(), 5);
    // Given by itself, and found in a folder; by what it holds, whatever it is called.
    for (index, given) in [("1", "a/fooconf.zip"), ("2", "a"), ("3", "b/fooconf.tar"), ("4", "c"), ("5", "d/fooconf")] {
        let run = sandbox.run(&["--index", index, "ingest", given]);
        assert_eq!((run.status, run.stdout.as_str()), (0, "added 3, changed 0, removed 0, unchanged 0\n"), "{given}");
        assert_eq!(records(&sandbox, index), expected, "{given}");
        let parsed = sandbox.run(&["parse", given]);
        assert_eq!((parsed.status, parsed.stdout.lines().count()), (0, expected.len()), "{given}: {}", parsed.stderr);
    }
    for (flags, n_added) in [
        (&["--hidden"][..], 4),
        (&["--no-ignore"], 4),
        (&["--hidden", "--no-ignore"], 6),
        (&["--exclude", "*.md"], 2),
        (&["--exclude", "2023/"], 1),
        (&["--exclude", "/talks.jsonl"], 2),
        (&["--exclude", "*.zip"], 0),
    ] {
        let stdout = sandbox.run(&[&["--index", "none", "ingest", "--dry-run", "a"], flags].concat()).stdout;
        assert_eq!(stdout, format!("added {n_added}, changed 0, removed 0, unchanged 0\n"), "{flags:?}");
    }
}

#[test]
fn a_file_that_was_packed_by_itself_is_that_file() {
    let sandbox = Sandbox::new();
    sandbox.write("in/FooConf 2023/table.csv.gz", gzip(TABLE.as_bytes()));
    sandbox.write("plain/FooConf 2023/table.csv", TABLE);
    sandbox.write("talks.jsonl.GZ", gzip(TALKS.as_bytes()));
    assert_eq!(ingest(&sandbox, &["in", "talks.jsonl.GZ"]).status, 0);
    assert_eq!(titles(&sandbox), "Alpha, Beta, Delta, Gamma");
    assert_eq!(sandbox.run(&["--index", "plain-index", "ingest", "plain"]).status, 0);
    let of_table = |index: &str| -> Vec<Value> {
        records(&sandbox, index).into_iter().filter(|record| record["abstract"] != Value::Null).collect()
    };
    assert_eq!(of_table("i"), of_table("plain-index"));
    let hit = &sandbox.json(&["--index", "i", "search", "--json", "gamma"])["hits"][0];
    let path = hit["source"]["path"].as_str().unwrap();
    assert!(path.ends_with("table.csv.gz!/table.csv") && hit["source"]["line"] == 2, "{hit}");
    let unchanged = done(&sandbox, &["in"]);
    assert_eq!(unchanged, ("added 0, changed 0, removed 0, unchanged 1".to_owned(), 0));
    // What is cut off gives what came before.
    let packed = gzip(TALKS.repeat(2_000).as_bytes());
    sandbox.write("cut.jsonl.gz", &packed[..packed.len() - 9]);
    let run = sandbox.run(&["parse", "cut.jsonl.gz"]);
    assert!(
        run.status == 3 && run.stderr.contains("cut.jsonl.gz: the archive is not read to its end"),
        "{}",
        run.stderr
    );
    assert!(run.stdout.lines().count() > 1);
}

#[test]
fn a_member_is_a_source_with_a_place() {
    let sandbox = Sandbox::new();
    let report = report();
    sandbox.write("in/x.zip", zip(&[("d/talks.jsonl", TALKS.as_bytes()), ("notes.md", report.as_bytes())]));
    assert_eq!(done(&sandbox, &["in"]).1, 0);
    let hit = &sandbox.json(&["--index", "i", "search", "--json", "beta", "--kind", "talk"])["hits"][0];
    assert_eq!(hit["source"]["path"], "in/x.zip!/d/talks.jsonl");
    let id = hit["id"].as_str().unwrap();
    let record = sandbox.json(&["--index", "i", "show", "--json", id]);
    let source = &record["source"];
    let [start, end] = ["start", "end"].map(|key| usize::try_from(source[key].as_u64().unwrap()).unwrap());
    assert!(TALKS[start..end].starts_with("{\"title\":\"Beta\""), "{source}");
    assert_eq!(sandbox.run(&["--index", "i", "open", id]).stdout, "in/x.zip!/d/talks.jsonl:2\n");

    // An export says where its records come from, and reading it back keeps that.
    let export = sandbox.run(&["--index", "i", "export"]).stdout;
    sandbox.write("export.jsonl", &export);
    assert_eq!(sandbox.run(&["--index", "again", "ingest", "export.jsonl"]).status, 0);
    let again = sandbox.json(&["--index", "again", "show", "--json", id]);
    assert_eq!((&again["source"], again["via"]["path"].as_str()), (source, Some("export.jsonl")));

    let status = sandbox.run(&["--index", "i", "status"]).stdout;
    assert!(status.contains("sources   2, 1 archive among them"), "{status}");
    fs::remove_file(sandbox.path("in/x.zip")).unwrap();
    let run = sandbox.run(&["--index", "i", "open", id]);
    assert!(
        run.status == 2 && run.stderr.contains("x.zip!/d/talks.jsonl") && run.stderr.contains("is gone"),
        "{run:?}"
    );
}

#[cfg(unix)]
#[test]
fn the_editor_gets_a_copy_of_a_member() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write("x.zip", zip(&[("d/talks.jsonl", TALKS.as_bytes())]));
    assert_eq!(done(&sandbox, &["x.zip"]).1, 0);
    let vim = sandbox.write("vim", "#!/bin/sh\nprintf '%s\\n' \"$1\" > told\ncat \"$2\" >> told\nrm \"$2\"\n");
    fs::set_permissions(&vim, fs::Permissions::from_mode(0o755)).unwrap();
    let environment = [("EDITOR", vim.to_str().unwrap())];
    let Some(run) = sandbox.run_in_terminal(&["--index", "i", "open", "fooconf-2023/beta"], &environment) else {
        return;
    };
    assert!(run.status == 0 && run.stdout.contains("is a copy of "), "{run:?}");
    assert_eq!(fs::read_to_string(sandbox.path("told")).unwrap(), format!("+2\n{TALKS}"));
}

#[test]
fn one_changed_member_is_parsed_alone() {
    let sandbox = Sandbox::new();
    let more = "{\"title\":\"Epsilon\"}";
    let files = |table: &'static [u8]| [("a.jsonl", TALKS.as_bytes()), ("b.csv", table), ("c.jsonl", more.as_bytes())];
    for (name, pack) in [("x.zip", zip as fn(Files) -> Vec<u8>), ("x.tgz", |files| gzip(&tar(files)))] {
        let added = ("added 3, changed 0, removed 0, unchanged 0".to_owned(), 0);
        sandbox.write(name, pack(&files(TABLE.as_bytes())));
        assert_eq!(done(&sandbox, &["--dry-run", name]), added);
        assert_eq!(done(&sandbox, &[name]), added);
        let unchanged = ("added 0, changed 0, removed 0, unchanged 3".to_owned(), 0);
        assert_eq!(done(&sandbox, &[name]), unchanged);
        // Packed again, the members are what they were.
        sandbox.write(name, pack(&[&files(TABLE.as_bytes())[..], &[("new.jsonl", b"{\"title\":\"Zeta\"}")]].concat()));
        let status = sandbox.json(&["--index", "i", "status", "--json"]);
        assert_eq!(status["changed"], json!([sandbox.path(name).canonicalize().unwrap()]));
        assert_eq!(done(&sandbox, &[name]).0, "added 1, changed 0, removed 0, unchanged 3");
        assert_eq!(sandbox.json(&["--index", "i", "status", "--json"])["changed"], json!([]));
        sandbox.write(name, pack(&files(b"Title,Speakers\nEta,E. Speaker\nTheta,F. Speaker\n")));
        assert_eq!(done(&sandbox, &["--prune", name]).0, "added 0, changed 1, removed 1, unchanged 2");
        assert!(titles(&sandbox).starts_with("Alpha, Beta, Epsilon, Eta, Theta"), "{}", titles(&sandbox));
        // What is said holds for every member, and for them alone.
        assert_eq!(done(&sandbox, &["--year", "2019", name]).0, "added 0, changed 3, removed 0, unchanged 0");
        assert_eq!(done(&sandbox, &[name]), unchanged);
        assert_eq!(sandbox.run(&["--index", "i", "remove", name]).status, 0);
    }
}

#[test]
fn what_is_gone_from_an_archive_is_told_and_pruned() {
    let sandbox = Sandbox::new();
    let all: Files = &[("a.jsonl", b"{\"title\":\"One\"}"), ("b.jsonl", b"{\"title\":\"Two\"}")];
    sandbox.write("in/x.zip", zip(all));
    sandbox.write("in/y.tar", tar(&[("c.jsonl", b"{\"title\":\"Three\"}")]));
    assert_eq!(done(&sandbox, &["in"]).0, "added 3, changed 0, removed 0, unchanged 0");
    sandbox.write("in/x.zip", zip(&all[..1]));
    fs::remove_file(sandbox.path("in/y.tar")).unwrap();
    let gone: Vec<String> = ["in/x.zip!/b.jsonl", "in/y.tar!/c.jsonl"]
        .map(|path| sandbox.path("").canonicalize().unwrap().join(path).to_str().unwrap().to_owned())
        .to_vec();
    // The folder, and the archive by itself, which says nothing of the other.
    for (given, n_gone) in [("in", 2), ("in/x.zip", 1)] {
        let summary = sandbox.json(&["--index", "i", "ingest", "--json", given]);
        assert_eq!((&summary["vanished"], &summary["left_out"]), (&json!(gone[..n_gone]), &json!([])), "{given}");
    }
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    let named: Vec<&str> = status["gone"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    assert!(gone.iter().all(|key| named.contains(&key.as_str())), "{named:?}");
    // A member that the rules leave out is there.
    let summary = sandbox.json(&["--index", "i", "ingest", "--json", "--exclude", "a.*", "in/x.zip"]);
    assert_eq!(summary["left_out"].as_array().unwrap().len(), 1, "{summary}");
    // So is an archive that they leave out.
    let summary = sandbox.json(&["--index", "i", "ingest", "--json", "--exclude", "*.zip", "in"]);
    assert_eq!(
        (summary["left_out"].as_array().unwrap().len(), &summary["vanished"]),
        (2, &json!(gone[1..])),
        "{summary}"
    );

    assert_eq!(done(&sandbox, &["--dry-run", "--prune", "in"]).0, "added 0, changed 0, removed 2, unchanged 1");
    assert_eq!(titles(&sandbox), "One, Three, Two");
    assert_eq!(done(&sandbox, &["--prune", "in"]).0, "added 0, changed 0, removed 2, unchanged 1");
    assert_eq!(titles(&sandbox), "One");
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["gone"], &status["sources"]), (&json!([]), &json!(1)));
    // What was an archive may become a file.
    sandbox.write("in/x.zip", "{\"title\":\"Plain\"}\n{\"title\":\"Too\"}\n");
    assert_eq!(done(&sandbox, &["--prune", "--as", "jsonl", "in"]).0, "added 0, changed 1, removed 1, unchanged 0");
    assert_eq!(titles(&sandbox), "Plain, Too");
}

#[test]
fn what_is_removed_from_an_archive_stays_out() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "x.zip",
        zip(&[
            ("d/a.jsonl", b"{\"title\":\"One\"}"),
            ("d/b.jsonl", b"{\"title\":\"Two\"}"),
            ("c.jsonl", b"{\"title\":\"Three\"}"),
        ]),
    );
    assert_eq!(done(&sandbox, &["x.zip"]).1, 0);
    let remove = |arguments: &[&str]| sandbox.run(&[&["--index", "i", "remove"], arguments].concat());
    assert!(remove(&["x.zip!/d/a.jsonl"]).stdout.ends_with("x.zip!/d/a.jsonl\n"));
    assert_eq!(titles(&sandbox), "Three, Two");
    assert_eq!(remove(&["./x.zip!/d"]).status, 0);
    assert_eq!(titles(&sandbox), "Three");
    let run = ingest(&sandbox, &["x.zip"]);
    assert_eq!(run.stdout, "added 0, changed 0, removed 0, unchanged 1\n");
    assert!(run.stderr.contains("kept out, as they were removed: 2 files"), "{}", run.stderr);
    assert_eq!(remove(&["--restore", "x.zip!/d"]).status, 0);
    assert_eq!(titles(&sandbox), "Three, Two");

    assert_eq!(remove(&["x.zip"]).status, 0);
    assert_eq!(titles(&sandbox), "");
    assert_eq!(done(&sandbox, &["x.zip"]).0, "added 0, changed 0, removed 0, unchanged 0");
    let run = remove(&["--restore", "x.zip"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "restored 2 records\n"), "{run:?}");
    assert_eq!(done(&sandbox, &["x.zip"]).0, "added 0, changed 0, removed 0, unchanged 2");
    assert_eq!(remove(&["--restore", "x.zip!/d/a.jsonl"]).stdout, "restored 1 record\n");
    assert_eq!(titles(&sandbox), "One, Three, Two");
}

#[test]
fn a_repair_reads_members_again() {
    let sandbox = Sandbox::new();
    sandbox.write("x.tgz", gzip(&tar(&[("a.jsonl", TALKS.as_bytes()), ("b.jsonl", b"{\"title\":\"Two\"}")])));
    sandbox.write("gone.zip", zip(&[("c.jsonl", b"{\"title\":\"Three\"}")]));
    assert_eq!(done(&sandbox, &["--year", "2021", "x.tgz", "gone.zip"]).1, 0);
    let before = sandbox.run(&["--index", "i", "export"]).stdout;
    fs::remove_file(sandbox.path("gone.zip")).unwrap();
    fs::write(sandbox.path("i/tantivy/meta.json"), "damaged").unwrap();
    let run = sandbox.run(&["--index", "i", "check", "--repair"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("gone.zip!/c.jsonl"), "{run:?}");
    assert_eq!(sandbox.run(&["--index", "i", "export"]).stdout, before);
    assert_eq!(done(&sandbox, &["x.tgz"]).0, "added 0, changed 0, removed 0, unchanged 2");
}
