//! `hallway bench`: that it measures, compares and refuses; never how fast it is.

use serde_json::Value;

use crate::{
    sandbox::{Run, Sandbox},
    schema::assert_fits,
};

/// As few measurements as may be.
const SHORT: &[&str] = &["bench", "--processes", "10", "--rounds", "1", "--per-class", "1"];

fn short(sandbox: &Sandbox, more: &[&str]) -> Run {
    sandbox.run(&[SHORT, more].concat())
}

fn document(run: &Run) -> Value {
    assert_eq!(run.status, 0, "{}", run.stderr);
    let document = serde_json::from_str(&run.stdout).unwrap();
    assert_fits("bench.schema.json", &document);
    document
}

fn classes(rows: &Value) -> Vec<&str> {
    rows.as_array().unwrap().iter().map(|row| row["class"].as_str().unwrap()).collect()
}

#[test]
fn a_run_measures_every_class_and_is_compared_with_a_later_one() {
    let sandbox = Sandbox::with_sample();
    let first = document(&short(&sandbox, &["--json", "--save", "before.json"]));
    let all = ["rare", "common", "and", "or", "phrase", "sentence", "filtered", "faceted", "reports", "all"];
    for mode in ["one_shot", "warm"] {
        assert_eq!(classes(&first["run"][mode]), all);
        for row in first["run"][mode].as_array().unwrap() {
            let figures = ["p50", "p90", "p95", "p99"].map(|name| row[name]["value"].as_f64().unwrap());
            assert!(figures[0] > 0.0 && figures.is_sorted() && figures[3] <= row["max"].as_f64().unwrap(), "{row}");
            let n_queries = if row["class"] == "all" { 9 } else { 1 };
            assert_eq!((row["n_queries"].as_u64(), row["n_samples"].as_u64()), (Some(n_queries), Some(n_queries * 10)));
        }
    }
    assert_eq!(first["run"]["memory"].as_array().unwrap().len(), 10);
    if cfg!(target_os = "linux") {
        let resident = first["run"]["memory"][0]["resident"].as_u64().unwrap();
        assert!(resident > first["run"]["memory"][0]["anonymous"].as_u64().unwrap(), "{}", first["run"]["memory"][0]);
    }
    assert_eq!((&first["before"], &first["changes"]), (&Value::Null, &Value::Null));

    let later = document(&short(&sandbox, &["--json", "--baseline", "before.json"]));
    assert_eq!(classes(&later["changes"]["warm"]), all);
    assert_eq!(
        (later["before"]["name"].as_str(), later["before"]["in_turn"].as_bool()),
        (Some("before.json"), Some(false))
    );
    let saved: Value = serde_json::from_str(&std::fs::read_to_string(sandbox.path("before.json")).unwrap()).unwrap();
    assert_eq!(saved["queries"].as_array().unwrap().len(), 9);

    // A machine on which the reference loop once took no time at all is another one, and so is another index.
    let mut other = saved.clone();
    other["reference"] = vec![1.0; 10].into();
    other["totals"][0] = 77.into();
    other["n_documents"] = 1.into();
    sandbox.write("other.json", other.to_string());
    let run = short(&sandbox, &["--baseline", "other.json"]);
    for expected in ["not as fast as it was", "1 of 9 queries have another number", "1 documents in 1 segments then"] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    assert!(run.stdout.contains("then: other.json (hallway "), "{}", run.stdout);

    let mut torn = saved;
    torn["warm"][3] = Value::Array(Vec::new());
    sandbox.write("torn.json", torn.to_string());
    assert_eq!(short(&sandbox, &["--baseline", "torn.json"]).status, 2);
}

#[test]
fn another_binary_is_measured_in_turn_on_queries_of_ones_own() {
    let sandbox = Sandbox::with_sample();
    sandbox.write(
        "asked.txt",
        "ebpf\n{\"query\": \"dns\", \"filters\": {\"year\": [\"2019\"]}, \"facets\": [\"topic\"]}\n",
    );
    let this = env!("CARGO_BIN_EXE_hallway");
    let run = short(&sandbox, &["--queries", "asked.txt", "--against", this]);
    assert_eq!(run.status, 0, "{}", run.stderr);
    assert!(
        run.stdout.contains("2 queries; 10 processes") && run.stdout.contains("measured in turn"),
        "{}",
        run.stdout
    );
    let is_short = |line: &str| line.starts_with("then: ") || line.chars().count() <= 80;
    assert!(run.stdout.lines().all(is_short), "{}", run.stdout);
    let json = document(&short(&sandbox, &["--queries", "asked.txt", "--against", this, "--json"]));
    assert_eq!(
        (classes(&json["changes"]["one_shot"]), json["before"]["in_turn"].as_bool()),
        (vec!["given"], Some(true))
    );
}

#[test]
fn what_can_not_be_measured_is_refused() {
    let sandbox = Sandbox::with_sample();
    sandbox.write("empty.txt", "\n\n");
    sandbox.write("bad.jsonl", "{\"query\": 3}\n");
    sandbox.write("unknown.jsonl", "{\"query\": \"dns\", \"filters\": {\"yeer\": [\"2019\"]}}\n");
    sandbox.write("all.jsonl", "{\"query\": \"dns\", \"class\": \"all\"}\n");
    sandbox.write("run.json", "{}");
    for (flags, message) in [
        (&["--queries", "empty.txt"][..], "there are no queries to measure"),
        (&["--queries", "bad.jsonl"], "bad.jsonl:1: not a query"),
        (&["--queries", "unknown.jsonl"], "there is no facet \"yeer\""),
        (&["--queries", "all.jsonl"], "a class can't be called \"all\""),
        (&["--queries", "nowhere.txt"], "can't read nowhere.txt"),
        (&["--baseline", "run.json"], "run.json is no saved run"),
        (&["--against", "/bin/true"], "/bin/true is no hallway"),
        (&["--against", "nowhere"], "can't run nowhere"),
        (&["--processes", "9"], "a whole number from 10 to 1000"),
    ] {
        let run = sandbox.run(&[&["bench"], flags].concat());
        assert!(run.status == 2 && run.stderr.contains(message), "{flags:?}: {}", run.stderr);
    }
}
