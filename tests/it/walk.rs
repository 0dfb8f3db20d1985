//! Which files are read: the rules of a walk, and what becomes of sources that they leave out.

use std::{fs, path::PathBuf};

use hallway::source::{self, Rules};
use serde_json::json;

use crate::sandbox::Sandbox;

/// The paths below `folder` that `rules` take.
fn taken(sandbox: &Sandbox, folder: &str, rules: &Rules) -> String {
    let (files, problems) = source::list(&[sandbox.path(folder)], rules, |_| false).unwrap();
    assert_eq!(problems, []);
    files.into_iter().map(|file| file.path).collect::<Vec<_>>().join(" ")
}

fn excluding(globs: &[&str]) -> Rules {
    Rules { exclude: globs.iter().map(|glob| (*glob).to_owned()).collect(), ..Rules::default() }
}

#[test]
fn the_rules_are_those_of_ripgrep() {
    let sandbox = Sandbox::new();
    for path in
        ["a.md", "a.txt", "drafts/b.md", "sub/drafts/c.md", "sub/d.txt", ".hidden.md", ".hidden/e.md", "sub/keep.txt"]
    {
        sandbox.write(&format!("in/{path}"), "text");
    }
    let all = "a.md a.txt drafts/b.md sub/d.txt sub/drafts/c.md sub/keep.txt";
    let with_hidden = ".hidden/e.md .hidden.md a.md a.txt drafts/b.md sub/d.txt sub/drafts/c.md sub/keep.txt";
    let hidden = Rules { hidden: true, ..Rules::default() };
    for (rules, expected) in [
        (Rules::default(), all),
        (hidden.clone(), with_hidden),
        (excluding(&["*.txt"]), "a.md drafts/b.md sub/drafts/c.md"),
        (excluding(&["/*.txt"]), "a.md drafts/b.md sub/d.txt sub/drafts/c.md sub/keep.txt"),
        (excluding(&["drafts/"]), "a.md a.txt sub/d.txt sub/keep.txt"),
        (excluding(&["/drafts", "sub/**/*.txt"]), "a.md a.txt sub/drafts/c.md"),
        (excluding(&["a.md", "*.txt"]), "drafts/b.md sub/drafts/c.md"),
        (excluding(&["in"]), all),
    ] {
        assert_eq!(taken(&sandbox, "in", &rules), expected, "{rules:?}");
    }

    // In a folder the later of the three files wins, and a folder over those above it.
    sandbox.write("in/.gitignore", "*.txt\n/drafts/\n");
    assert_eq!(taken(&sandbox, "in", &Rules::default()), "a.md sub/drafts/c.md");
    sandbox.write("in/.ignore", "!a.txt\n");
    assert_eq!(taken(&sandbox, "in", &Rules::default()), "a.md a.txt sub/drafts/c.md");
    sandbox.write("in/.hallwayignore", "a.*\n");
    assert_eq!(taken(&sandbox, "in", &Rules::default()), "sub/drafts/c.md");
    sandbox.write("in/sub/.gitignore", "!keep.txt\n");
    assert_eq!(taken(&sandbox, "in", &Rules::default()), "sub/drafts/c.md sub/keep.txt");
    let no_ignore = Rules { no_ignore: true, ..Rules::default() };
    assert_eq!(taken(&sandbox, "in", &no_ignore), all);
    assert_eq!(
        taken(&sandbox, "in", &Rules { no_ignore: true, ..excluding(&["*.txt"]) }),
        "a.md drafts/b.md sub/drafts/c.md"
    );
}

#[test]
fn a_folder_gives_the_same_wherever_it_lies() {
    let sandbox = Sandbox::new();
    sandbox.write("above/in/.gitignore", "no.md\n");
    sandbox.write("above/in/no.md", "text");
    sandbox.write("above/in/yes.md", "text");
    sandbox.write("above/in/sub/yes.md", "text");
    let expected = "sub/yes.md yes.md";
    assert_eq!(taken(&sandbox, "above/in", &Rules::default()), expected, "in no repository");
    sandbox.write("above/.gitignore", "*.md\n");
    sandbox.write("above/.ignore", "*.md\n");
    assert_eq!(taken(&sandbox, "above/in", &Rules::default()), expected, "under ignore files");
    sandbox.write("above/.git/info/exclude", "yes.md\n");
    assert_eq!(taken(&sandbox, "above/in", &Rules::default()), expected, "in a repository");
    sandbox.write("above/in/.git/info/exclude", "yes.md\n");
    sandbox.write("above/in/sub/.git/config", "");
    assert_eq!(taken(&sandbox, "above/in", &Rules::default()), expected, "a repository with another within");

    sandbox.write("home/.gitconfig", "[core]\n\texcludesFile = ~/ignored\n");
    sandbox.write("home/ignored", "*.md\n");
    sandbox.write("home/.config/git/ignore", "*.md\n");
    let run = sandbox.run(&["parse", "--as", "markdown", "above/in"]);
    assert_eq!((run.status, run.stdout.lines().count()), (0, 2), "{run:?}");
}

#[test]
fn what_is_named_is_read() {
    let sandbox = Sandbox::new();
    sandbox.write("in/.gitignore", "*.jsonl\n");
    let files = ["in/a.jsonl", "in/.b.jsonl"].map(|path| sandbox.write(path, "{\"title\":\"Alpha\"}\n"));
    let (found, _) = source::list(&files, &excluding(&["*.jsonl"]), |_| false).unwrap();
    assert_eq!(found.len(), 2);
    sandbox.write("in/.c/d.jsonl", "{\"title\":\"Beta\"}\n");
    let rules = Rules { no_ignore: true, ..Rules::default() };
    assert_eq!(taken(&sandbox, "in/.c", &rules), "d.jsonl", "a hidden folder, too");
}

#[cfg(unix)]
#[test]
fn links_and_folders_too_deep_are_not_followed() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.md", "text");
    sandbox.write("out/b.md", "text");
    std::os::unix::fs::symlink(sandbox.path("out"), sandbox.path("in/folder")).unwrap();
    std::os::unix::fs::symlink(sandbox.path("out/b.md"), sandbox.path("in/file.md")).unwrap();
    assert_eq!(taken(&sandbox, "in", &Rules::default()), "a.md");
    assert_eq!(taken(&sandbox, "in/folder", &Rules::default()), "b.md", "a link that is given is");

    let deep: PathBuf = std::iter::repeat_n("d", source::FOLDER_DEPTH_MAX).collect();
    sandbox.write(&format!("in/{}/c.md", deep.display()), "text");
    let (files, problems) = source::list(&[sandbox.path("in")], &Rules::default(), |_| false).unwrap();
    assert_eq!((files.len(), problems.len()), (1, 1), "{files:?} {problems:?}");
    assert!(problems[0].message.contains("too deep"), "{problems:?}");
}

#[test]
fn rules_that_are_none_are_told() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    for glob in ["[z-a]", "{a,b", "a[", " "] {
        let run = sandbox.run(&["--index", "i", "ingest", "--exclude", glob, "in"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{glob}: {run:?}");
        assert!(run.stderr.starts_with(&format!("error: the glob \"{glob}\" can't be read: ")), "{}", run.stderr);
        assert!(!sandbox.path("i").exists(), "{glob}");
    }
    sandbox.write("in/.hallwayignore", "# fine\n*.txt\n[z-a]\n");
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, "added 1, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    assert!(run.stderr.contains(".hallwayignore:3: the rule can't be read: "), "{}", run.stderr);
}

#[test]
fn what_a_run_leaves_out_stays_and_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.write("in/drafts/b.jsonl", "{\"title\":\"Beta\"}\n");
    let ingest = |more: &[&str]| {
        let run = sandbox.run(&[&["--index", "i", "ingest", "in"], more].concat());
        let summary: Vec<u64> =
            run.stdout.split(|c: char| !c.is_ascii_digit()).filter_map(|n| n.parse().ok()).collect();
        (summary, run.stderr)
    };
    let n_records = || sandbox.json(&["--index", "i", "status", "--json"])["records"].clone();

    assert_eq!(ingest(&["--exclude", "drafts/"]), (vec![1, 0, 0, 0], "read 1 talk, 0 bios, 0 reports\n".to_owned()));
    // An exclusion is of its run alone.
    assert_eq!(ingest(&[]).0, [1, 0, 0, 1]);
    let (summary, told) = ingest(&["--prune", "--exclude", "drafts/"]);
    assert_eq!((summary, n_records()), (vec![0, 0, 0, 1], json!(2)), "what is there is not pruned");
    assert!(
        told.contains("excluded, and in the index as before: 1 source") && told.contains("in/drafts/b.jsonl"),
        "{told}"
    );
    let document = sandbox.json(&["--index", "i", "ingest", "--json", "--exclude", "drafts/", "in"]);
    assert_eq!(document["left_out"].as_array().unwrap().len(), 1);
    assert_eq!(document["vanished"], json!([]));

    // Ignored by now, and gone: the one is kept, the other is not.
    sandbox.write("in/.hallwayignore", "*.jsonl\n");
    fs::remove_file(sandbox.path("in/drafts/b.jsonl")).unwrap();
    let (summary, told) = ingest(&["--prune"]);
    assert_eq!((summary, n_records()), (vec![0, 0, 1, 0], json!(1)));
    assert!(told.contains("as before: 1 source") && told.contains("in/a.jsonl"), "{told}");
}

#[test]
fn finding_nothing_is_explained() {
    let sandbox = Sandbox::new();
    sandbox.write("in/.hidden.jsonl", "{\"title\":\"Alpha\"}\n");
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert!(run.stderr.contains("no file was found in in: hidden, ignored and excluded ones are left out"), "{run:?}");
    let run = sandbox.run(&["--index", "i", "ingest", "--hidden", "in"]);
    assert_eq!(run.stdout, "added 1, changed 0, removed 0, unchanged 0\n");
    assert!(!run.stderr.contains("no file"), "{run:?}");
}

#[test]
fn parse_walks_as_ingest_does() {
    let sandbox = Sandbox::new();
    for (path, title) in [("a", "Alpha"), ("b", "Beta"), (".c", "Gamma"), ("d", "Delta")] {
        sandbox.write(&format!("in/{path}.jsonl"), format!("{{\"title\":\"{title}\"}}\n"));
    }
    sandbox.write("in/.ignore", "b.*\n");
    for (n, flags) in [
        (2, &[][..]),
        (1, &["--exclude", "a.*"]),
        (3, &["--hidden", "--exclude", ".ignore"]),
        (3, &["--no-ignore"]),
        (1, &["--no-ignore", "--exclude", "a*", "--exclude=d*"]),
    ] {
        let parsed = sandbox.run(&[&["parse", "in"], flags].concat());
        assert_eq!((parsed.status, parsed.stdout.lines().count()), (0, n), "{flags:?}: {parsed:?}");
        let index = format!("i{}", flags.join(""));
        let ingested = sandbox.run(&[&["--index", &index, "ingest", "in"], flags].concat());
        assert!(ingested.stdout.starts_with(&format!("added {n},")), "{flags:?}: {ingested:?}");
    }
}
