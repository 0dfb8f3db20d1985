//! BibTeX: what every record becomes, and that biber takes it without a word.

use std::{fs, path::Path, process::Command};

use crate::{
    expected,
    sandbox::{Run, Sandbox, repository},
};

/// Runs biber over a bibliography, as a document with biblatex would, and gives what it says other than that all is
/// well; null where it is not installed.
fn biber(file: &Path) -> Option<Vec<String>> {
    // In its folder: biber puts what it writes elsewhere where a folder's name has a dot.
    let mut run = Command::new("biber");
    run.args(["--tool", "--validate-datamodel"]).arg(file.file_name().unwrap()).current_dir(file.parent().unwrap());
    let run = run.output();
    let run = match run {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            println!("skipped: biber is not installed");
            return None;
        }
        other => Run::from(other.unwrap()),
    };
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stdout.contains("Datamodel validation complete"), "{run:?}");
    let lines = run.stdout.lines().chain(run.stderr.lines());
    Some(lines.filter(|line| !line.starts_with("INFO - ") && !line.is_empty()).map(str::to_owned).collect())
}

#[test]
fn entries_are_what_they_should_be() {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/pages", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in/records.jsonl"]).status, 0);
    let run = sandbox.run(&["--index", "i", "export", "--format", "bibtex"]);
    assert!(run.stderr.contains("left out"), "{run:?}");
    expected::check(&repository().join("tests/it/pages/records.bib"), &run.stdout);
    let file = sandbox.write("records.bib", &run.stdout);
    if let Some(said) = biber(&file) {
        assert_eq!(said, Vec::<String>::new());
        // Nothing was dropped either.
        let read = fs::read_to_string(sandbox.path("records_bibertool.bib")).unwrap();
        assert_eq!(read.matches('@').count(), run.stdout.matches('@').count(), "{read}");
    }
}

#[test]
fn biber_takes_the_whole_sample() {
    let sandbox = Sandbox::with_sample();
    let run = sandbox.run(&["export", "--format", "bibtex"]);
    let n_entries = run.stdout.lines().filter(|line| line.starts_with('@')).count();
    let ids = sandbox.run(&["export", "--kind", "talk", "--kind", "report", "--format", "id"]).stdout;
    assert_eq!(n_entries, ids.lines().count());
    let file = sandbox.write("sample.bib", &run.stdout);
    if let Some(said) = biber(&file) {
        assert_eq!(said, Vec::<String>::new());
    }
}
