//! Completions as shells ask for them, and what bash makes of the answers; what a stranger called a track runs nothing.

use std::{path::Path, process::Command};

use crate::sandbox::{Run, Sandbox};

/// Values that a shell would take apart, or run.
const HOSTILE: &[&str] = &[
    "$(touch owned)",
    "`touch owned`",
    "; touch owned; #",
    "' touch owned '",
    "\" touch owned \"",
    "a && touch owned",
    "<(touch owned)",
    "* ? [a-z] {a,b} ~ !!",
    "back\\slash and 'single' and \"double\"",
    "${PATH} %s %1$s",
    "it’s typographic ‘quoted’",
];

/// A folder with an index whose talks have these tracks.
fn with_tracks(tracks: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    let lines: Vec<String> = tracks
        .iter()
        .enumerate()
        .map(|(n, track)| serde_json::json!({ "title": format!("Talk {n}"), "track": track }).to_string())
        .collect();
    sandbox.write("talks.jsonl", lines.join("\n"));
    let run = sandbox.run(&["--index", "index", "ingest", "talks.jsonl"]);
    assert_eq!(run.status, 0, "{run:?}");
    sandbox
}

/// The words of a reply for zsh: its values.
fn asked(sandbox: &Sandbox, words: &[&str]) -> Vec<String> {
    let run = sandbox.run(&[&["completions", "zsh", "--", "hallway"], words].concat());
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{words:?}");
    run.stdout.lines().map(|line| line.split('\t').next().unwrap().to_owned()).collect()
}

#[test]
fn values_come_from_the_index() {
    let sandbox = Sandbox::with_sample();
    // Nothing is built while somebody types.
    assert!(asked(&sandbox, &["search", "--conference", "SRE"]).is_empty());
    assert!(!sandbox.path("index/tantivy").exists());
    sandbox.run(&["search", "eBPF"]);
    for (words, expected) in [
        (&["search", "--conference", "sre"][..], "SREcon"),
        (&["search", "--conference", "SREcon/SREcon23 E"], "SREcon/SREcon23 EMEA"),
        (&["search", "--conference=SREcon23 E"], "--conference=SREcon23 EMEA"),
        (&["search", "eBPF", "--conference", "'SREcon23 E"], "SREcon23 EMEA"),
        (&["search", "--year", "202"], "2023"),
        (&["search", "--track", "unk"], "unknown"),
        (&["search", "--kind", ""], "report"),
        (&["search", "--type", "key"], "keynote"),
        (&["search", "--language", ""], "en"),
        (&["search", "--speaker", "Liz"], "Liz Rice"),
        (&["search", "--facets=ye"], "--facets=year"),
        (&["search", "--facets=kind,ye"], "--facets=kind,year"),
        (&["search", "--format", "j"], "jsonl"),
        (&["search", "--conf"], "--conference"),
        (&["se"], "search"),
        (&["show", "srecon-emea-2023"], "srecon-emea-2023/"),
        (&["show", "srecon-emea-2023/ebpf"], "srecon-emea-2023/ebpf-superpowers-for-sre"),
        (&["remove", "fos"], "fosdem-2019/"),
        (&["ingest", "--as", "u"], "usenix"),
        (&["parse", "--as", ""], "markdown"),
        (&["ingest", "corp"], "corpus/"),
        (&["completions", "f"], "fish"),
        (&["eval", "r"], "rank"),
    ] {
        let values = asked(&sandbox, words);
        assert!(values.iter().any(|value| value == expected), "{words:?}: {values:?}");
        let typed = words.last().unwrap().trim_start_matches('\'').to_lowercase();
        assert!(values.iter().all(|value| value.to_lowercase().starts_with(&typed)), "{words:?}: {values:?}");
    }
    assert!(!asked(&sandbox, &["parse", "--i"]).contains(&"--index".to_owned()), "parse uses none");
}

#[test]
fn where_something_is_wrong_the_answer_is_empty() {
    let sandbox = Sandbox::new();
    assert!(asked(&sandbox, &["search", "--track", ""]).is_empty());
    sandbox.write("hallway.toml", "broken");
    assert!(asked(&sandbox, &["search", "--track", ""]).is_empty());
    assert!(asked(&sandbox, &["--index", "no-such", "show", ""]).iter().all(|value| value.starts_with('-')));
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(&["completions", shell, "--", "x"]);
        assert_eq!((run.status, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""), "{shell}");
    }
}

#[test]
fn the_index_that_the_line_names_is_asked() {
    let sandbox = with_tracks(&["Main hall"]);
    std::fs::rename(sandbox.path("index"), sandbox.path("other")).unwrap();
    for words in [&["--index", "other", "search", "--track", "M"][..], &["search", "--index=other", "--track", "M"]] {
        assert_eq!(asked(&sandbox, words), ["Main hall"], "{words:?}");
    }
    assert!(asked(&sandbox, &["search", "--track", "M"]).is_empty());
}

#[test]
fn what_steers_a_terminal_or_looks_like_a_flag_is_not_offered() {
    let sandbox = with_tracks(&["one\ntwo", "\u{1b}[31mred", "turned \u{202e}around", "--index=/etc", "Plain"]);
    // Controls do not survive reading; what is left of them is harmless text.
    for value in asked(&sandbox, &["search", "--track", ""]) {
        assert!(!value.starts_with('-') && !value.contains(['\u{1b}', '\u{202e}']), "{value:?}");
    }
    assert!(asked(&sandbox, &["search", "--track", "Pl"]).contains(&"Plain".to_owned()));
}

/// What bash has in COMPREPLY after a Tab at the end of the line. The replies are printed between NULs.
fn in_bash(sandbox: &Sandbox, line: &str, replaced: &str) -> Option<Vec<String>> {
    let script = r#"
        source <(hallway completions bash) || exit 9
        COMP_LINE=$1 COMP_POINT=${#1}
        _hallway hallway "$2" ""
        for reply in "${COMPREPLY[@]}"; do printf '%s\0' "$reply"; done
    "#;
    let out = bash(sandbox, script, &[line, replaced])?;
    assert_eq!((out.status, out.stderr.as_str()), (0, ""), "{line}");
    Some(out.stdout.split_terminator('\0').map(str::to_owned).collect())
}

/// Null where there is no bash.
fn bash(sandbox: &Sandbox, script: &str, arguments: &[&str]) -> Option<Run> {
    let binaries = Path::new(env!("CARGO_BIN_EXE_hallway")).parent().unwrap();
    let path = format!("{}:/usr/bin:/bin", binaries.display());
    let output = Command::new("bash")
        .args(["--norc", "--noprofile", "-c", script, "bash"])
        .args(arguments)
        .current_dir(sandbox.path(""))
        .env_clear()
        .env("HOME", sandbox.path("home"))
        .env("LC_ALL", "C.UTF-8")
        .env("PATH", path)
        .output();
    if output.is_err() {
        println!("skipped: there is no bash");
    }
    output.ok().map(Run::from)
}

#[test]
fn bash_completes_a_conference() {
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["search", "eBPF"]);
    let Some(replies) = in_bash(&sandbox, "hallway search --conference SRE", "SRE") else { return };
    assert!(replies.contains(&"SREcon".to_owned()) && replies.contains(&r"SREcon23\ EMEA".to_owned()), "{replies:?}");
    let of = |line: &str, replaced: &str| in_bash(&sandbox, line, replaced).unwrap();
    assert_eq!(of("hallway search --conference 'SREcon23 E", "SREcon23 E"), ["SREcon23 EMEA"]);
    assert_eq!(of("hallway search --conference \"SREcon23 E", "SREcon23 E"), ["SREcon23 EMEA"]);
    assert_eq!(of(r"hallway search --conference SREcon23\ E", r"SREcon23\ E"), [r"SREcon23\ EMEA"]);
    // Readline breaks words at the equals sign.
    assert_eq!(of("hallway search --conference=SREcon23\\ E", "SREcon23\\ E"), [r"SREcon23\ EMEA"]);
    assert_eq!(of("LC_ALL=C hallway search --type key", "key"), ["keynote"]);
    assert_eq!(of("echo | hallway show srecon-emea-2023/ebpf", "srecon-emea-2023/ebpf").len(), 1);
    assert!(of("hallway search ~/", "~/").is_empty(), "that is bash's own to do");
    assert!(of("hallway search --conference nowhere", "nowhere").is_empty());
}

/// Whatever the quotes: the line with the reply in it has one word more, and that is the value.
#[test]
fn hostile_values_stay_one_word_and_run_nothing() {
    let sandbox = with_tracks(HOSTILE);
    let mut offered = asked(&sandbox, &["search", "--track", ""]);
    offered.retain(|value| !value.starts_with('-'));
    // And what stands for none.
    assert!(offered.len() == HOSTILE.len() + 1, "{offered:?}");
    for quote in ["", "'", "\""] {
        let Some(replies) = in_bash(&sandbox, &format!("hallway search --track {quote}"), "") else { return };
        let replies: Vec<_> = replies.iter().filter(|reply| !reply.starts_with("--")).collect();
        assert_eq!(replies.len(), offered.len(), "{quote}: {replies:?}");
        for (reply, value) in replies.iter().zip(&offered) {
            let line = format!("words=( {quote}{reply}{quote} ); printf '%s\\0' \"${{words[@]}}\"");
            let run = bash(&sandbox, &line, &[]).unwrap();
            assert_eq!(run.stdout, format!("{value}\0"), "{line}: {}", run.stderr);
        }
    }
    assert!(!sandbox.path("owned").exists());
}

/// Keys pressed at a prompt, on a terminal of its own.
#[test]
fn at_a_prompt_the_value_is_inserted_and_found() {
    let sandbox = with_tracks(&["Day 1: $(touch owned)", "Day 2 it's"]);
    let has = |program: &str| Command::new(program).arg("--version").output().is_ok();
    if !has("bash") || !has("script") {
        println!("skipped: there is no bash, or no script");
        return;
    }
    let binaries = Path::new(env!("CARGO_BIN_EXE_hallway")).parent().unwrap();
    sandbox.write("rc", "source <(hallway completions bash)\nbind 'set enable-bracketed-paste off'\nPS1='>'\n");
    for (typed, expected) in [
        ("hallway search --format id --track Day\\ 1\t\n", "talks/talk-0"),
        ("hallway search --format id --track 'Day 1\t\n", "talks/talk-0"),
        ("hallway search --format id --track \"Day 1\t\n", "talks/talk-0"),
        ("hallway search --format id --track=Day\\ 1\t\n", "talks/talk-0"),
        ("hallway search --format id --track Day\\ 2\t\n", "talks/talk-1"),
        ("hallway search --format id --track 'Day 2\t\n", "talks/talk-1"),
        ("hallway search --format id --track \"Day 2\t\n", "talks/talk-1"),
    ] {
        let keys = sandbox.write("keys", format!("{typed}exit\n"));
        let mut command = Command::new("script");
        command.args(["-q", "-e", "-c", "bash --noprofile --rcfile rc -i", "/dev/null"]);
        command.current_dir(sandbox.path("")).env_clear().env("HOME", sandbox.path("home")).env("TERM", "dumb");
        command.env("LC_ALL", "C.UTF-8").env("PATH", format!("{}:/usr/bin:/bin", binaries.display()));
        let output = command.stdin(std::fs::File::open(keys).unwrap()).output().unwrap();
        let shown = String::from_utf8_lossy(&output.stdout);
        assert!(shown.lines().any(|line| line.starts_with(expected)), "{typed:?}: {shown}");
        assert!(!sandbox.path("owned").exists(), "{typed:?}");
    }
}

#[test]
fn every_shell_has_a_script_that_asks() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = sandbox.run(&["completions", shell]);
        assert_eq!(run.status, 0);
        assert!(run.stdout.contains(&format!("completions {shell} -- ")), "{shell}: {}", run.stdout);
    }
    if let Some(run) = bash(&sandbox, "hallway completions bash | bash -n", &[]) {
        assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    }
}
