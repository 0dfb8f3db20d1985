//! What a mistake on the command line is answered with: `messages.txt` is a table of command lines, each with its exit
//! status and what goes to standard error. `HALLWAY_BLESS=1` writes it anew.

use std::{fmt::Write, fs};

use serde_json::Value;

use crate::sandbox::{Sandbox, repository};

/// What the index of `small$` holds.
const RECORDS: &str = r#"{"title":"Latency SLOs done right","edition":"FOSDEM 2019","language":"en","text":"kernel"}
{"title":"DNS","edition":"FOSDEM 2021","type":"keynote","speakers":["A. Speaker"]}
{"title":"On call","edition":"SREcon23 EMEA","track":"Track 1"}
"#;

/// In a folder with a small index (`small$`), or in an empty one (`empty$`).
#[test]
fn mistakes_are_answered_as_written() {
    let path = repository().join("tests/it/messages.txt");
    let table = fs::read_to_string(&path).unwrap();
    let (small, empty) = (Sandbox::new(), Sandbox::new());
    small.write("talks.jsonl", RECORDS);
    assert_eq!(small.run(&["--index", "index", "ingest", "talks.jsonl"]).status, 0);
    let mut anew = String::new();
    let mut n_cases = 0;
    for line in table.lines() {
        let place = [("small$ ", &small), ("empty$ ", &empty)];
        let Some((sandbox, typed)) =
            place.iter().find_map(|(prompt, sandbox)| Some((sandbox, line.strip_prefix(prompt)?)))
        else {
            if n_cases == 0 {
                writeln!(anew, "{line}").unwrap();
            }
            continue;
        };
        let words = shell_words(typed.strip_prefix("hallway").unwrap().trim_start());
        let words: Vec<&str> = words.iter().map(String::as_str).filter(|word| !word.is_empty()).collect();
        let run = sandbox.run(&words);
        let root = sandbox.path("").canonicalize().unwrap();
        let said = if run.stderr.is_empty() { &run.stdout } else { &run.stderr };
        let said = said.replace(root.to_str().unwrap(), "HERE").replace(sandbox.path("").to_str().unwrap(), "HERE/");
        if n_cases > 0 {
            anew.push('\n');
        }
        writeln!(anew, "{line}\nstatus {}\n{}", run.status, said.trim_end()).unwrap();
        n_cases += 1;
        // As JSON the same, and nothing but JSON.
        let takes_json = ["search", "trends", "suggest", "show", "status", "check", "ingest", "remove", "bench"]
            .contains(words.first().unwrap_or(&""));
        if run.status == 2 && takes_json && !words.iter().any(|word| word.starts_with("--json") || *word == "--") {
            let json = sandbox.run(&[&words[..1], &["--json"], &words[1..]].concat());
            let document: Value = serde_json::from_str(&json.stdout).unwrap_or_else(|_| panic!("{typed}: {json:?}"));
            assert_eq!((json.status, json.stderr.as_str()), (2, ""), "{typed}");
            let message = document["error"]["message"].as_str().unwrap();
            assert!(
                run.stderr.starts_with(&format!("error: {message}")) || message.contains("--json"),
                "{typed}: {message}"
            );
        }
        // Where something is wrong, there is something to do.
        if run.status == 2 && run.stderr.starts_with("error: ") {
            assert!(run.stderr.contains("\n\nhint: "), "{typed}: {}", run.stderr);
            assert!(!run.stderr.lines().next().unwrap().ends_with('.'), "{typed}: {}", run.stderr);
        }
    }
    assert!(n_cases >= 40, "{n_cases}");
    if crate::expected::blesses() {
        fs::write(&path, &anew).unwrap();
    }
    let table = fs::read_to_string(&path).unwrap();
    for (number, (written, said)) in table.lines().zip(anew.lines()).enumerate() {
        assert_eq!(written, said, "line {}; HALLWAY_BLESS=1 writes the table anew", number + 1);
    }
    assert_eq!(table.lines().count(), anew.lines().count());
}

/// Words as a shell reads them, as far as the cases go: single quotes keep spaces.
fn shell_words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '\'' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            c => words.last_mut().unwrap().push(c),
        }
    }
    words
}
