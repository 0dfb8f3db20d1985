//! Lines that repeat across an edition are shown and not searched, and adding or removing a talk gives what a rebuild
//! gives.

use std::fs;

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Each file is a talk at one edition, with a line of its own and one that all have.
fn talk(sandbox: &Sandbox, edition: &str, n: usize) {
    let text = format!(
        "Only talk number {n} is about zebra{n} and such.\n\nFind slides and narwhal pictures at https://x.example/{n}"
    );
    let record = json!({
        "title": format!("Title {n}"), "speakers": [{ "name": format!("A. Speaker{n}") }], "abstract": text,
        "series": "FooConf", "edition": format!("FooConf {edition}"), "year": edition.parse::<u16>().unwrap(),
    });
    sandbox.write(&format!("in/{edition}-{n}.jsonl"), format!("{record}\n"));
}

fn found(sandbox: &Sandbox, index: &str, query: &str) -> Vec<String> {
    let run = sandbox.run(&["--index", index, "search", "--json", "-n", "100", query]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let mut ids: Vec<String> =
        document["hits"].as_array().unwrap().iter().map(|hit| hit["id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

/// The index that grew, and one that is made anew, find the same.
fn ingest(sandbox: &Sandbox, step: usize) -> Vec<String> {
    let run = sandbox.run(&["--index", "grown", "ingest", "--prune", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
    let anew = format!("anew-{step}");
    sandbox.run(&["--index", &anew, "ingest", "in"]);
    let ids = found(sandbox, "grown", "narwhal");
    assert_eq!(ids, found(sandbox, &anew, "narwhal"), "step {step}");
    for n in 1..=6 {
        let own = format!("zebra{n}");
        assert_eq!(found(sandbox, "grown", &own), found(sandbox, &anew, &own), "step {step}");
    }
    ids
}

#[test]
fn what_repeats_across_an_edition_is_shown_and_not_searched() {
    let sandbox = Sandbox::new();
    (1..=4).for_each(|n| talk(&sandbox, "2001", n));
    (1..=2).for_each(|n| talk(&sandbox, "2002", n));
    assert_eq!(ingest(&sandbox, 0).len(), 6, "four of an edition may well say the same");
    talk(&sandbox, "2001", 5);
    let ids = ingest(&sandbox, 1);
    assert_eq!(ids.len(), 2, "{ids:?}");
    assert!(ids.iter().all(|id| id.contains("2002")), "{ids:?}");
    assert_eq!(found(&sandbox, "grown", "zebra3").len(), 1);
    let shown = sandbox.run(&["--index", "grown", "show", &found(&sandbox, "grown", "zebra3")[0]]);
    assert!(shown.stdout.contains("narwhal pictures"), "{shown:?}");
    // A change of one, and back.
    fs::remove_file(sandbox.path("in/2001-2.jsonl")).unwrap();
    assert_eq!(ingest(&sandbox, 2).len(), 6);
    talk(&sandbox, "2001", 2);
    talk(&sandbox, "2001", 6);
    assert_eq!(ingest(&sandbox, 3).len(), 2);
}
