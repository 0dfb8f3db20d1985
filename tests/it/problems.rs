//! Problems of sources: a few where they are met, all of them by `status --problems`.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

/// Two sources with seven and one problem, and files that are skipped.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", format!("{{\"title\":\"Alpha\"}}\n{}", "{}\n".repeat(7)));
    sandbox.write("in/b/c.jsonl", "{\"title\":\"Beta\"}\nnot JSON\n");
    for (name, text) in [("one.json", "{\"x\":1}"), ("two.json", "[1]"), ("notes.md", "# Shopping\n\nBread.\n")] {
        sandbox.write(&format!("in/{name}"), text);
    }
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 3);
    sandbox
}

#[test]
fn every_problem_is_listed_with_its_place_and_what_to_do() {
    let sandbox = sandbox();
    let run = sandbox.run(&["--index", "i", "status", "--problems"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, "8 problems in 2 sources\n"), "{run:?}");
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert_eq!(lines.len(), 16, "{run:?}");
    let places: Vec<&str> = lines.iter().step_by(2).map(|line| line.split(": ").next().unwrap()).collect();
    // From here, source by source, line by line.
    let expected: Vec<String> =
        (2..=8).map(|line| format!("in/a.jsonl:{line}")).chain(["in/b/c.jsonl:2".into()]).collect();
    assert_eq!(places, expected);
    assert!(lines.iter().skip(1).step_by(2).all(|line| line.starts_with("  hint: ")), "{run:?}");
    assert!(lines[14].starts_with("in/b/c.jsonl:2: not a JSON object"), "{}", lines[14]);
    assert_eq!(lines[15], "  hint: each line is one object: {\"title\": …}");

    let json = sandbox.json(&["--index", "i", "status", "--problems", "--json"]);
    assert_eq!((&json["version"], &json["sources"]), (&json!(1), &json!(2)));
    let places = json["problems"].as_array().unwrap().iter();
    let places: Vec<Value> = places.map(|problem| json!([problem["path"], problem["line"]])).collect();
    assert_eq!(places[6..], [json!(["in/a.jsonl", 8]), json!(["in/b/c.jsonl", 2])]);
    assert!(json["problems"][0]["message"].is_string() && json["problems"][0]["hint"].is_string());
}

#[test]
fn status_shows_a_few_and_where_the_others_are() {
    let sandbox = sandbox();
    let status = sandbox.run(&["--index", "i", "status"]).stdout;
    let (_, problems) = status.split_once("problems  ").unwrap();
    let lines: Vec<&str> = problems.lines().collect();
    assert_eq!(lines[0], "8 (`hallway status --problems` lists all)");
    assert_eq!((lines.len(), lines[6]), (7, "  …"), "{status}");
    assert!(lines[1].starts_with("  a.jsonl:2: "), "{status}");
    assert!(
        status.contains("\nsources   5\nskipped   3 that hold no talk and report on no edition: 2 json, 1 markdown\n"),
        "{status}"
    );
    let json = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&json["skipped"], &json["pages"]), (&json!({ "json": 2, "markdown": 1 }), &json!(3)));
    assert_eq!(json["problems"].as_array().unwrap().len(), 8);
}

#[test]
fn a_collection_without_problems_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("talk.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "talk.jsonl"]);
    let run = sandbox.run(&["--index", "i", "status", "--problems"]);
    assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", "0 problems in 0 sources\n"));
    let status = sandbox.run(&["--index", "i", "status"]).stdout;
    assert!(status.ends_with("problems  0\n") && !status.contains("skipped"), "{status}");
}

#[test]
fn an_ingest_of_many_problems_says_what_lists_them_all() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{}\n".repeat(101));
    let run = sandbox.run(&["--index", "i", "ingest", "a.jsonl"]);
    assert!(run.stderr.contains("and 1 problem besides; `hallway status --problems` lists all"), "{run:?}");
    assert_eq!(sandbox.run(&["--index", "i", "status", "--problems"]).stdout.lines().count(), 202);
    let run = sandbox.run(&["--index", "j", "ingest", "--dry-run", "a.jsonl"]);
    assert!(run.stderr.contains("besides; --json lists all"), "{run:?}");
}
