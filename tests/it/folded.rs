//! What stands for what on a page: the same talk at several editions is one hit for people, and rejected proposals are
//! found only by who asks for them.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn talk(edition: &str, title: &str, speaker: &str, state: &str) -> String {
    let (series, year) = edition.rsplit_once(' ').unwrap();
    let record = json!({
        "title": title, "speakers": [{ "name": speaker }], "abstract": "What walruses eat.",
        "series": series, "edition": edition, "year": year.parse::<u16>().unwrap(), "state": state,
    });
    format!("{record}\n")
}

fn collection() -> Sandbox {
    let sandbox = Sandbox::new();
    let mut lines = String::new();
    // One talk at twelve editions of two series, and one beside it at each.
    for year in 2001..=2012 {
        let series = if year % 2 == 0 { "AlphaConf" } else { "BetaConf" };
        lines += &talk(&format!("{series} {year}"), "Walrus walrus", "A. One", "accepted");
        lines += &talk(&format!("{series} {year}"), &format!("Walrus {year}"), "B. Two", "accepted");
        lines += &talk(&format!("{series} {year}"), &format!("Walrus not taken {year}"), "C. Three", "rejected");
    }
    sandbox.write("talks.jsonl", lines);
    let run = sandbox.run(&["--index", "i", "ingest", "talks.jsonl"]);
    assert_eq!(run.status, 0, "{run:?}");
    sandbox
}

/// The titles of a page as it is printed, and what follows it on standard error.
fn page(sandbox: &Sandbox, arguments: &[&str]) -> (Vec<String>, String, String) {
    let run = sandbox.run(&[&["--index", "i", "search"], arguments].concat());
    let titles = run.stdout.lines().filter(|line| line.starts_with("Walrus")).map(str::to_owned).collect();
    (titles, run.stdout, run.stderr)
}

#[test]
fn a_talk_given_at_many_editions_is_one_hit_for_people() {
    let sandbox = collection();
    let (titles, text, notes) = page(&sandbox, &["walrus", "-n", "20"]);
    assert_eq!(titles.iter().filter(|title| *title == "Walrus walrus").count(), 1, "{text}");
    assert_eq!(titles.len(), 13, "{text}");
    // The newest stands for the others.
    assert!(text.contains("talk · AlphaConf 2012\n"), "{text}");
    let others: Vec<&str> = text.split("also at ").nth(1).unwrap().split_whitespace().take(11).collect();
    assert_eq!((others.iter().filter(|word| word.ends_with("Conf")).count(), others[10]), (5, "…"), "{text}");
    // Counts are of records.
    assert!(notes.contains("24 records"), "{notes}");

    let (titles, text, _) = page(&sandbox, &["walrus", "-n", "30", "--all-editions"]);
    assert_eq!((titles.len(), text.contains("also at")), (24, false));
    let run = sandbox.run(&["--index", "i", "search", "walrus", "-n", "30", "--json"]);
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((document["hits"].as_array().unwrap().len(), &document["total"]), (24, &json!(24)));
    let given_often = document["hits"].as_array().unwrap().iter().filter(|hit| hit["title"] == "Walrus walrus");
    assert!(
        given_often.clone().count() == 12
            && given_often.clone().all(|hit| hit["also_at"].as_array().unwrap().len() == 11)
    );
}

#[test]
fn pages_follow_each_other_where_hits_are_folded() {
    let sandbox = collection();
    let (all, _, _) = page(&sandbox, &["walrus", "-n", "30"]);
    for size in [1, 2, 5, 12, 13] {
        let (mut read, mut offset) = (Vec::new(), "0".to_owned());
        loop {
            let (titles, _, notes) = page(&sandbox, &["walrus", "-n", &size.to_string(), "--offset", &offset]);
            read.extend(titles);
            let Some((_, next)) = notes.split_once("--offset ") else { break };
            offset = next.trim().to_owned();
        }
        assert_eq!(read, all, "pages of {size}");
    }
}

#[test]
fn rejected_proposals_are_found_by_who_asks_for_them() {
    let sandbox = collection();
    let total = |arguments: &[&str]| {
        let run = sandbox.run(&[&["--index", "i", "search", "--json"], arguments].concat());
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        (document["total"].as_u64().unwrap(), document["notes"].to_string(), run.status)
    };
    assert_eq!(total(&["walrus"]).0, 24);
    assert_eq!(total(&["walrus", "--state", "rejected"]).0, 12);
    assert_eq!(total(&["walrus", "state:rejected"]).0, 12);
    assert_eq!(total(&["walrus", "--state", "rejected", "--state", "accepted"]).0, 36);
    let (n, notes, status) = total(&["taken"]);
    assert_eq!((n, status), (0, 1));
    assert!(notes.contains("12 among rejected proposals: --state rejected"), "{notes}");
    let status: Value = serde_json::from_str(&sandbox.run(&["--index", "i", "status", "--json"]).stdout).unwrap();
    assert_eq!(status["records"], 36);
}
