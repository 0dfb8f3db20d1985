//! `open`: the editor at the line, the place without one, the video.

use std::fs;

use crate::sandbox::Sandbox;

const REPORT: &str =
    "---\ntitle: FooConf 2023 from the hallway\nseries: FooConf\nedition: FooConf 2023\nyear: 2023\n---\n\n";

/// A report of two passages, and two talks, one of which has a video.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    let text = "alpha beta gamma delta epsilon zeta theta kappa lambda sigma ".repeat(12);
    sandbox.write("in/a b.md", format!("{REPORT}## Day one\n\n{text}\n\n## Day two\n\n{text}\n"));
    let talks = [
        r#"{"title":"Plain"}"#,
        r#"{"title":"Filmed","videos":["javascript:alert(1)","https://example.org/a b"]}"#,
        r#"{"title":"Hostile","videos":["file:///etc/passwd"]}"#,
    ];
    sandbox.write("in/talks.jsonl", talks.join("\n"));
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
    sandbox
}

fn report(sandbox: &Sandbox) -> serde_json::Value {
    let id = sandbox.run(&["--index", "i", "export", "--kind", "report", "--format", "id"]).stdout;
    sandbox.json(&["--index", "i", "show", "--json", id.trim()])
}

#[test]
fn without_a_terminal_it_prints_the_place() {
    let sandbox = sandbox();
    let open = |id: &str| sandbox.run(&["--index", "i", "open", id]);
    assert_eq!(open("talks/filmed").stdout, "in/talks.jsonl:2\n");
    let report = report(&sandbox);
    assert_eq!(open(report["id"].as_str().unwrap()).stdout, "in/a b.md:1\n");
    let passage = report["passages"].as_array().unwrap().last().unwrap();
    let (id, line) = (passage["id"].as_str().unwrap(), passage["span"]["line"].as_u64().unwrap());
    assert!(line > 8, "{passage}");
    assert_eq!(open(id).stdout, format!("in/a b.md:{line}\n"));
    // Of an id without its hex, the passage's part is enough.
    let short = id.replace(&id[id.find('~').unwrap()..id.find('#').unwrap()], "");
    assert_eq!(open(&short).stdout, format!("in/a b.md:{line}\n"));

    let run = open("no/such");
    assert_eq!((run.status, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.contains("there is no record \"no/such\""), "{}", run.stderr);
    let run = open(&format!("{}#nowhere", report["id"].as_str().unwrap()));
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no passage \"#nowhere\"") && run.stderr.contains("hint: "), "{}", run.stderr);
    fs::remove_file(sandbox.path("in/talks.jsonl")).unwrap();
    let run = open("talks/filmed");
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("is gone") && run.stderr.contains("hint: "), "{}", run.stderr);
}

#[test]
fn what_came_from_standard_input_has_no_file() {
    let sandbox = Sandbox::new();
    let source = r#"{"root":"","path":"standard input","line":1,"start":0,"end":19}"#;
    sandbox.write("in.jsonl", format!("{{\"title\":\"Piped\",\"source\":{source},\"sources\":[{source}]}}\n"));
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in.jsonl"]).status, 0);
    let run = sandbox.run(&["--index", "i", "open", "talks/piped"]);
    assert_eq!(run.status, 2, "{run:?}");
    assert!(run.stderr.contains("was read from standard input"), "{run:?}");
}

#[test]
fn a_video_is_printed_and_of_the_web() {
    let sandbox = sandbox();
    let video = |id: &str| sandbox.run(&["--index", "i", "open", "--video", id]);
    assert_eq!(video("talks/filmed").stdout, "https://example.org/a%20b\n");
    for id in ["talks/plain", "talks/hostile"] {
        let run = video(id);
        assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
        assert!(run.stderr.contains("has no video"), "{run:?}");
    }
}

/// A program of this name that writes its arguments to `told`.
#[cfg(unix)]
fn program(sandbox: &Sandbox, name: &str, status: u8) {
    use std::os::unix::fs::PermissionsExt;
    let path = sandbox.write(name, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > told\nexit {status}\n"));
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(unix)]
#[test]
fn the_editor_is_told_the_line() {
    let sandbox = sandbox();
    let told = |environment: &[(&str, &str)]| -> Option<(i32, String, String)> {
        let _ = fs::remove_file(sandbox.path("told"));
        let run = sandbox.run_in_terminal(&["--index", "i", "open", "talks/filmed"], environment)?;
        Some((run.status, fs::read_to_string(sandbox.path("told")).unwrap_or_default(), run.stdout))
    };
    let path = sandbox.path("in/talks.jsonl").canonicalize().unwrap();
    let path = path.to_str().unwrap();
    let folder = sandbox.path("bin").to_str().unwrap().to_owned();
    for name in ["vim", "code", "my editor", "failing"] {
        program(&sandbox, &format!("bin/{name}"), u8::from(name == "failing"));
    }
    for (command, expected) in [
        (format!("{folder}/vim -n"), format!("-n\n+2\n{path}\n")),
        (format!("{folder}/code --wait"), format!("--wait\n--goto\n{path}:2\n")),
        (format!("'{folder}/my editor' 'a b; $(touch x)'"), format!("a b; $(touch x)\n{path}\n")),
    ] {
        let Some((status, told, printed)) = told(&[("EDITOR", &command)]) else { return };
        assert_eq!((status, told), (0, expected), "{command}: {printed}");
    }
    assert!(!sandbox.path("x").exists());
    let (vim, code) = (format!("{folder}/vim"), format!("{folder}/code"));
    let (_, visual, _) = told(&[("EDITOR", &code), ("VISUAL", &vim)]).unwrap();
    assert_eq!(visual, format!("+2\n{path}\n"));
    let (status, _, printed) = told(&[]).unwrap();
    assert_eq!((status, printed.trim()), (0, "in/talks.jsonl:2"));
    for editor in [format!("{folder}/failing"), "no-such-editor".to_owned(), "'unfinished".to_owned()] {
        let (status, _, printed) = told(&[("EDITOR", &editor)]).unwrap();
        assert_eq!(status, 2, "{printed}");
        assert!(printed.contains("error:") && printed.contains("hint: "), "{printed}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_video_goes_to_the_opener() {
    let sandbox = sandbox();
    program(&sandbox, "bin/xdg-open", 0);
    let path = format!("{}:/usr/bin:/bin", sandbox.path("bin").display());
    let video = ["--index", "i", "open", "--video", "talks/filmed"];
    let Some(run) = sandbox.run_in_terminal(&video, &[("PATH", &path)]) else { return };
    assert_eq!((run.status, run.stdout.trim()), (0, "https://example.org/a%20b"), "{run:?}");
    assert_eq!(fs::read_to_string(sandbox.path("told")).unwrap(), "https://example.org/a%20b\n");
}
