//! Pages in a terminal go through the pager, and nothing else does.

use std::fs;

use crate::sandbox::Sandbox;

/// A pager that keeps what it reads.
const KEEP: &str = "sh -c 'cat > paged'";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let talks: Vec<String> =
        (0..2000).map(|n| format!("{{\"title\":\"alpha {n}\",\"abstract\":\"The text of {n}.\"}}")).collect();
    sandbox.write("in.jsonl", talks.join("\n"));
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in.jsonl"]).status, 0);
    sandbox
}

#[test]
fn pages_are_read_in_the_pager_that_is_named() {
    let sandbox = sandbox();
    let paged = |arguments: &[&str], environment: &[(&str, &str)]| -> Option<(Option<String>, String)> {
        let _ = fs::remove_file(sandbox.path("paged"));
        let run = sandbox.run_in_terminal(&[&["--index", "i"], arguments].concat(), environment)?;
        assert_eq!(run.status, 0, "{arguments:?} {environment:?}: {run:?}");
        Some((fs::read_to_string(sandbox.path("paged")).ok(), run.stdout))
    };
    for (arguments, environment) in [
        (&["search", "alpha"][..], &[("HALLWAY_PAGER", KEEP)][..]),
        (&["search", "alpha"], &[("PAGER", KEEP)]),
        (&["search", "alpha"], &[("HALLWAY_PAGER", KEEP), ("PAGER", "no-such-pager")]),
        (&["show", "talks/alpha-7", "talks/alpha-8"], &[("PAGER", KEEP)]),
    ] {
        let Some((paged, printed)) = paged(arguments, environment) else { return };
        let page = paged.expect("the pager was not started");
        assert!(page.contains("alpha") && page.contains("\u{1b}[1m"), "{page}");
        // What is said besides comes when the pager was left.
        assert!(!printed.contains("talks/alpha"), "{printed}");
        assert!(arguments[0] == "show" || printed.contains("of 2000"), "{printed}");
    }
    for (arguments, environment) in [
        (&["search", "alpha", "--no-pager"][..], &[("PAGER", KEEP)][..]),
        (&["search", "alpha"], &[("HALLWAY_PAGER", ""), ("PAGER", KEEP)]),
        (&["search", "alpha"], &[("HALLWAY_PAGER", "cat"), ("PAGER", KEEP)]),
        (&["search", "alpha"], &[("TERM", "dumb"), ("PAGER", KEEP)]),
        (&["search", "alpha", "--format", "id"], &[("PAGER", KEEP)]),
        (&["search", "alpha", "--json"], &[("PAGER", KEEP)]),
        (&["show", "--format", "markdown", "talks/alpha-7"], &[("PAGER", KEEP)]),
        (&["status"], &[("PAGER", KEEP)]),
    ] {
        let (paged, printed) = paged(arguments, environment).unwrap();
        assert_eq!(paged, None, "{arguments:?} {environment:?}");
        assert!(printed.contains("alpha") || arguments[0] == "status", "{printed}");
    }
}

#[test]
fn a_pipe_needs_no_pager() {
    let sandbox = sandbox();
    let mut command = sandbox.command();
    command.args(["--index", "i", "search", "alpha"]).env("HALLWAY_PAGER", KEEP);
    let output = command.output().unwrap();
    assert!(output.status.success() && !output.stdout.is_empty());
    assert!(!sandbox.path("paged").exists());
}

#[test]
fn a_pager_that_fails_costs_nothing() {
    let sandbox = sandbox();
    let arguments = ["--index", "i", "search", "alpha", "-n", "2000"];
    for (pager, note) in
        [("no-such-pager -x", "can't start the pager"), ("less 'unfinished", "can't read the pager's command")]
    {
        let Some(run) = sandbox.run_in_terminal(&arguments, &[("PAGER", pager)]) else { return };
        assert_eq!(run.status, 0, "{run:?}");
        assert!(run.stdout.contains(note) && run.stdout.contains("talks/alpha-7"), "{run:?}");
    }
    // Leaving before the end is no error, whether or not all of the page was written by then.
    for pager in ["true", "head -n 1", "false"] {
        let run = sandbox.run_in_terminal(&arguments, &[("PAGER", pager)]).unwrap();
        assert_eq!(run.status, 0, "{pager}: {run:?}");
        assert!(!run.stdout.contains("error"), "{pager}: {run:?}");
    }
}

#[test]
fn nothing_found_starts_no_pager_and_errors_come_after_it() {
    let sandbox = sandbox();
    let Some(run) = sandbox.run_in_terminal(&["--index", "i", "search", "zeppelin"], &[("PAGER", KEEP)]) else {
        return;
    };
    assert_eq!((run.status, sandbox.path("paged").exists()), (1, false), "{run:?}");
    assert!(run.stdout.contains("nothing found"), "{run:?}");
    let both = ["--index", "i", "show", "talks/alpha-7", "no/such"];
    let run = sandbox.run_in_terminal(&both, &[("PAGER", "sh -c 'cat; echo END'")]).unwrap();
    assert_eq!(run.status, 1);
    let (end, note) = (run.stdout.find("END"), run.stdout.find("no record"));
    assert!(end.is_some() && end < note, "{run:?}");
}

#[test]
fn less_is_told_to_show_colours_unless_it_was_told_otherwise() {
    let sandbox = sandbox();
    let told = |environment: &[(&str, &str)]| {
        let pager = ("PAGER", "sh -c 'cat > /dev/null; echo LESS=$LESS'");
        Some(sandbox.run_in_terminal(&["--index", "i", "search", "alpha"], &[&[pager], environment].concat())?.stdout)
    };
    let Some(printed) = told(&[]) else { return };
    assert!(printed.contains("LESS=FIRX"), "{printed}");
    assert!(told(&[("LESS", "S")]).unwrap().contains("LESS=S\r"));
}
