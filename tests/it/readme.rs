//! The README's transcripts are what the commands print: a `$ hallway …` line in a console block, and the lines below it.

use std::{fmt::Write, fs};

use crate::sandbox::{Sandbox, repository};

#[test]
fn transcripts_are_true() {
    let path = repository().join("README.md");
    let readme = fs::read_to_string(&path).unwrap();
    let sandbox = Sandbox::with_sample();
    sandbox.copy("tests/it/eval/small", "tests/it/eval/small");
    sandbox.run(&["search", "eBPF"]);
    let mut anew = String::new();
    let mut n_commands = 0;
    let mut lines = readme.lines().peekable();
    while let Some(line) = lines.next() {
        writeln!(anew, "{line}").unwrap();
        if line != "```console" {
            continue;
        }
        let command = lines.next().unwrap();
        writeln!(anew, "{command}").unwrap();
        while lines.next_if(|line| *line != "```").is_some() {}
        let words = command.strip_prefix("$ ").expect("a console block begins with its command");
        let words = words.replacen("cargo run --release --", "hallway", 1);
        let arguments = shell_words(words.strip_prefix("hallway ").expect("commands are hallway's"));
        let run = sandbox.run(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.status, 0, "{command}: {run:?}");
        anew.push_str(&run.stdout);
        n_commands += 1;
    }
    assert!(n_commands >= 3);
    if std::env::var_os("HALLWAY_BLESS").is_some() {
        fs::write(&path, &anew).unwrap();
    }
    for (number, (written, printed)) in readme.lines().zip(anew.lines()).enumerate() {
        assert_eq!(written, printed, "line {}; HALLWAY_BLESS=1 writes the transcripts anew", number + 1);
    }
    assert_eq!(readme.lines().count(), anew.lines().count());
}

/// Words as a shell reads them, as far as the README goes: single quotes keep spaces.
pub fn shell_words(text: &str) -> Vec<String> {
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
