//! Settings: what wins over what, what a project's file may not do, and what `status --config` says.

use std::fs;

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};

/// `status --config --json` with these variables of the environment.
fn settings(sandbox: &Sandbox, variables: &[(&str, &str)], flags: &[&str]) -> Value {
    let mut command = sandbox.command();
    command.args(["status", "--config", "--json"]).args(flags).envs(variables.iter().copied());
    let run = Run::from(command.output().unwrap());
    assert_eq!(run.status, 0, "{run:?}");
    serde_json::from_str(&run.stdout).unwrap()
}

fn of<'a>(document: &'a Value, name: &str) -> &'a Value {
    let settings = document["settings"].as_array().unwrap();
    settings.iter().find(|setting| setting["name"] == name).unwrap()
}

#[test]
fn each_layer_wins_over_the_next() {
    let sandbox = Sandbox::new();
    let limit = |variables: &[(&str, &str)]| {
        let found = of(&settings(&sandbox, variables, &[]), "limit").clone();
        (found["value"].clone(), found["from"]["kind"].clone(), found["from"]["line"].clone())
    };
    assert_eq!(limit(&[]), (json!(10), json!("default"), Value::Null));
    sandbox.write("home/.config/hallway/config.toml", "# mine\n\nlimit = 30\n");
    assert_eq!(limit(&[]), (json!(30), json!("file"), json!(3)));
    sandbox.write("hallway.toml", "limit = 20\n");
    assert_eq!(limit(&[]), (json!(20), json!("file"), json!(1)));
    assert_eq!(limit(&[("HALLWAY_LIMIT", "5")]), (json!(5), json!("environment"), Value::Null));
    assert_eq!(limit(&[("HALLWAY_LIMIT", "")]).0, 20, "an empty variable is none");
    let elsewhere = sandbox.path("xdg");
    sandbox.write("xdg/hallway/config.toml", "pager = 'mine'\n");
    let found = settings(&sandbox, &[("XDG_CONFIG_HOME", elsewhere.to_str().unwrap())], &[]);
    assert_eq!(of(&found, "pager")["value"], "mine");
    // The nearest project file alone counts.
    sandbox.write("deep/hallway.toml", "color = 'never'\n");
    let mut command = sandbox.command();
    command.current_dir(sandbox.path("deep")).args(["status", "--config", "--json"]);
    let found: Value = serde_json::from_slice(&command.output().unwrap().stdout).unwrap();
    assert_eq!((&of(&found, "limit")["value"], &of(&found, "color")["value"]), (&json!(30), &json!("never")));
}

#[test]
fn variables_that_others_read_too_come_after_the_users_file() {
    let sandbox = Sandbox::new();
    let editor = |variables: &[(&str, &str)]| of(&settings(&sandbox, variables, &[]), "editor")["value"].clone();
    assert_eq!(editor(&[]), "");
    assert_eq!(editor(&[("EDITOR", "ed")]), "ed");
    assert_eq!(editor(&[("EDITOR", "ed"), ("VISUAL", "vim")]), "vim");
    sandbox.write("home/.config/hallway/config.toml", "editor = 'mine --wait'\n");
    assert_eq!(editor(&[("EDITOR", "ed"), ("VISUAL", "vim")]), "mine --wait");
    assert_eq!(editor(&[("HALLWAY_EDITOR", "now")]), "now");
}

#[test]
fn the_flag_and_no_color_say_so() {
    let sandbox = Sandbox::new();
    sandbox.write("hallway.toml", "color = 'always'\n");
    let color = |variables: &[(&str, &str)], flags: &[&str]| {
        let found = of(&settings(&sandbox, variables, flags), "color").clone();
        (found["value"].clone(), found["from"]["name"].clone())
    };
    assert_eq!(color(&[("NO_COLOR", "1")], &[]), (json!("never"), json!("NO_COLOR")));
    assert_eq!(color(&[("NO_COLOR", "1"), ("HALLWAY_COLOR", "always")], &[]).0, "always");
    assert_eq!(color(&[("HALLWAY_COLOR", "always")], &["--color", "never"]), (json!("never"), json!("--color")));
}

#[test]
fn settings_hold_where_they_are_used() {
    let sandbox = Sandbox::with_sample();
    sandbox.write("hallway.toml", "limit = 2\nfacets = ['year']\ncolor = 'always'\n");
    let found = sandbox.json(&["search", "--json", "a", "--facets"]);
    assert_eq!(found["hits"].as_array().unwrap().len(), 2);
    assert_eq!(found["facets"].as_object().unwrap().keys().collect::<Vec<_>>(), ["year"]);
    assert_eq!(sandbox.json(&["search", "--json", "a", "-n", "1"])["hits"].as_array().unwrap().len(), 1);
    assert!(sandbox.run(&["search", "eBPF"]).stdout.contains("\u{1b}["));
    assert!(!sandbox.run(&["search", "eBPF", "--color", "never"]).stdout.contains("\u{1b}["));
}

/// File, what it holds, and what the error has to say.
#[test]
fn what_is_wrong_with_a_file_is_said_with_its_line() {
    for (user, text, expected) in [
        (false, "# a\nlimt = 3", &["hallway.toml:2: there is no setting \"limt\"", "did you mean \"limit\""][..]),
        (
            false,
            "limit = 'many'",
            &["hallway.toml:1: limit has to be a whole number from 1 to 10000, not of type string"],
        ),
        (false, "limit = 0", &["hallway.toml:1: limit has to be a whole number", "not \"0\""]),
        (false, "\n\ncolor = 'alwys'", &["hallway.toml:3: color has to be auto, always or never", "\"always\""]),
        (false, "facets = ['year', 'shape']", &["hallway.toml:1: facets has to be a list of facets, not \"shape\""]),
        (false, "limit = ", &["hallway.toml:1: ", "it is TOML"]),
        (
            false,
            "pager = 'rm -rf /'",
            &["hallway.toml:1: a project's file can't set pager", "config.toml, or set HALLWAY_PAGER"],
        ),
        (false, "editor = 'x'", &["a file found in a project runs none"]),
        (
            false,
            "index = '/etc'",
            &["hallway.toml:1: ", "outside its folder", "put it into your own configuration file, or use --index"],
        ),
        (false, "index = 'a/../../b'", &["outside its folder"]),
        (false, "index = 'link/b'", &["outside its folder"]),
        (false, "index = 'nowhere'", &["outside its folder"]),
        (true, "[search]\nlimit = 3", &["config.toml:1: there is no setting \"search\""]),
        (true, "pager = 3", &["config.toml:1: pager has to be a command, not of type integer"]),
    ] {
        let sandbox = Sandbox::new();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/tmp", sandbox.path("link")).unwrap();
            std::os::unix::fs::symlink("/no/such/place", sandbox.path("nowhere")).unwrap();
        }
        sandbox.write(if user { "home/.config/hallway/config.toml" } else { "hallway.toml" }, text);
        let run = sandbox.run(&["status", "--config"]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{text}");
        for expected in expected {
            assert!(run.stderr.contains(expected), "{text}: {}", run.stderr);
        }
        let json = sandbox.run(&["status", "--config", "--json"]);
        let document: Value = serde_json::from_str(&json.stdout).unwrap();
        assert_eq!((json.status, &document["error"]["kind"]), (2, &json!("usage")), "{text}");
    }
    let sandbox = Sandbox::new();
    for (name, value, expected) in [
        ("HALLWAY_LIMIT", "many", "HALLWAY_LIMIT can't be used: limit has to be a whole number"),
        ("HALLWAY_FACETS", "yaer", "did you mean \"year\""),
        ("HALLWAY_COLOR", "no", "color has to be auto, always or never, not \"no\""),
    ] {
        let run = Run::from(sandbox.command().args(["status", "--config"]).env(name, value).output().unwrap());
        assert!(run.status == 2 && run.stderr.contains(expected), "{run:?}");
    }
}

#[test]
fn files_have_limits() {
    let sandbox = Sandbox::new();
    sandbox.write("hallway.toml", "# ".repeat(40_000));
    assert!(sandbox.run(&["status", "--config"]).stderr.contains("hallway.toml is larger than 64 KB"));
    sandbox.write("hallway.toml", b"limit = 3 # \xff");
    assert!(sandbox.run(&["status", "--config"]).stderr.contains("hallway.toml is not UTF-8"));
    fs::remove_file(sandbox.path("hallway.toml")).unwrap();
    fs::create_dir(sandbox.path("hallway.toml")).unwrap();
    assert!(sandbox.run(&["status", "--config"]).stderr.contains("hallway.toml is not a file"));
}

/// What a stranger's file points to must not come up in a message.
#[cfg(unix)]
#[test]
fn a_project_file_that_is_a_link_to_elsewhere_is_not_read_out() {
    let sandbox = Sandbox::new();
    sandbox.write("secret", "password = 'hunter2'\n");
    fs::create_dir(sandbox.path("project")).unwrap();
    std::os::unix::fs::symlink("../secret", sandbox.path("project/hallway.toml")).unwrap();
    let mut command = sandbox.command();
    let run = Run::from(command.current_dir(sandbox.path("project")).args(["status", "--config"]).output().unwrap());
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("leads out of its folder") && !run.stderr.contains("password"), "{}", run.stderr);
}

#[test]
fn a_broken_file_stops_no_command_that_uses_no_setting() {
    let sandbox = Sandbox::new();
    sandbox.write("hallway.toml", "broken");
    sandbox.write("a.jsonl", "{\"title\":\"Alpha\"}\n");
    for arguments in [&["formats"][..], &["parse", "a.jsonl"], &["--help"]] {
        assert_eq!(sandbox.run(arguments).status, 0, "{arguments:?}");
    }
    assert_eq!(sandbox.run(&["ingest", "a.jsonl"]).status, 2);
}

#[test]
fn the_users_file_may_name_an_index_anywhere() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"title\":\"Alpha\"}\n");
    fs::create_dir(sandbox.path("work")).unwrap();
    let home = sandbox.path("home").canonicalize().unwrap_or_else(|_| sandbox.path("home"));
    for (written, expected) in [
        ("~/talks", home.join("talks")),
        ("talks", home.join(".config/hallway/talks")),
        (sandbox.path("else").to_str().unwrap(), sandbox.path("else")),
    ] {
        sandbox.write("home/.config/hallway/config.toml", format!("index = '{written}'\n"));
        let found = settings(&sandbox, &[], &[]);
        assert_eq!(of(&found, "index")["value"], expected.to_str().unwrap(), "{written}");
        assert_eq!(sandbox.run(&["ingest", "a.jsonl"]).status, 0, "{written}");
        assert!(expected.join("tantivy").exists(), "{written}");
    }
    // What lies in the project is nearer.
    sandbox.write("hallway.toml", "index = 'mine/index'\n");
    let found = settings(&sandbox, &[], &[]);
    assert!(of(&found, "index")["value"].as_str().unwrap().ends_with("mine/index"), "{found}");
    assert_eq!(sandbox.run(&["ingest", "a.jsonl"]).status, 0);
    assert!(sandbox.path("mine/index/tantivy").exists());
}

#[test]
fn the_files_that_were_looked_for_are_named() {
    let sandbox = Sandbox::new();
    sandbox.write("hallway.toml", "limit = 3\n");
    let found = settings(&sandbox, &[], &[]);
    let files = found["files"].as_array().unwrap();
    let shown: Vec<_> = files.iter().map(|file| (file["owner"].as_str().unwrap(), file["found"] == true)).collect();
    assert_eq!(shown, [("project", true), ("user", false)]);
    let text = sandbox.run(&["status", "--config"]).stdout;
    for expected in
        ["limit    3\n         from ", "hallway.toml:1\n", "config.toml (not there)", "pager    less -FIRX\n"]
    {
        assert!(text.contains(expected), "{text}");
    }
}
