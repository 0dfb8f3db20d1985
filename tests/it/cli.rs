//! The command as people run it: first use, exit statuses, what goes to which stream.

use std::fs;

use serde_json::json;

use crate::sandbox::Sandbox;

#[test]
fn first_use_builds_the_sample_and_answers() {
    let sandbox = Sandbox::with_sample();
    let first = sandbox.run(&["search", "eBPF"]);
    assert_eq!(first.status, 0, "{first:?}");
    assert!(first.stderr.contains("indexing the sample collection"));
    assert!(first.stdout.contains("eBPF") && first.stdout.contains("corpus/"), "{}", first.stdout);
    let second = sandbox.run(&["search", "eBPF"]);
    assert_eq!(second.stdout, first.stdout);
    assert!(!second.stderr.contains("indexing"));
    for line in first.stdout.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
}

#[test]
fn without_the_marker_nothing_is_built() {
    let sandbox = Sandbox::with_sample();
    fs::write(sandbox.path("index/README.md"), "# my own index\n").unwrap();
    let run = sandbox.run(&["search", "eBPF"]);
    assert_eq!((run.status, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("there is no index") && run.stderr.contains("hallway ingest"), "{}", run.stderr);
    assert!(!sandbox.path("index/tantivy").exists() && !sandbox.path("home").exists());
}

#[test]
fn a_damaged_sample_index_is_built_again_and_others_are_named() {
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["search", "eBPF"]);
    let meta = sandbox.path("index/tantivy/meta.json");
    let damage = || {
        let mut bytes = fs::read(&meta).unwrap();
        bytes[100] ^= 1;
        fs::write(&meta, bytes).unwrap();
    };
    damage();
    assert_eq!(sandbox.run(&["search", "eBPF"]).status, 0);
    damage();
    fs::write(sandbox.path("index/README.md"), "# hallway index\n").unwrap();
    let run = sandbox.run(&["search", "eBPF"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("meta.json is damaged") && run.stderr.contains("check --repair"), "{}", run.stderr);
}

#[test]
fn exit_statuses_say_what_happened() {
    let sandbox = Sandbox::with_sample();
    for (arguments, status) in [
        (vec!["search", "kubernetes"], 0),
        (vec!["search", "xylophone"], 1),
        (vec!["search", "kubernetes", "--year", "1999"], 1),
        (vec!["search", "kubernetes", "--year", "soon"], 2),
        (vec!["search", "kubernetes", "--speaker", "Nobody Atall"], 2),
        (vec!["search", "colour:red"], 1),
        (vec!["search", "--strict", "colour:red"], 2),
        (vec!["search"], 2),
        (vec!["search", "a", "--offset", "10000"], 2),
        (vec!["search", "a", "--facets=shape"], 2),
        (vec!["show", "no/such/id"], 1),
        (vec!["search", "kubernetes", "--year", "2020..2010"], 2),
        (vec!["search", "x", "--type", "poster"], 1),
        (vec!["search", "type:poster kubernetes"], 1),
        (vec!["search", "!!!"], 0),
        (vec!["frobnicate"], 2),
        (vec!["search", "a", "--frobnicate"], 2),
        (vec!["ingest", "no-such-folder"], 2),
        (vec!["parse", "no-such-file"], 2),
        (vec!["parse", "--as", "nothing", "corpus"], 2),
        (vec!["status"], 0),
        (vec!["export"], 0),
        (vec!["formats"], 0),
        (vec!["--help"], 0),
        (vec!["--version"], 0),
    ] {
        let run = sandbox.run(&arguments);
        assert_eq!(run.status, status, "{arguments:?}: {run:?}");
        assert_eq!(run.stderr.starts_with("error: "), status == 2, "{arguments:?}: {}", run.stderr);
    }
}

#[test]
fn a_dashed_word_is_explained() {
    let run = Sandbox::with_sample().run(&["search", "ebpf", "-pager"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("`--` before it") && run.stderr.contains("NOT pager"), "{}", run.stderr);
    for arguments in [&["search", "ebpf", "-n5", "-pager"][..], &["--index", "i", "search", "-pager"]] {
        let run = Sandbox::new().run(arguments);
        assert!(run.stderr.contains("no flag -pager") && run.stderr.contains("NOT pager"), "{}", run.stderr);
    }
    let run = Sandbox::with_sample().run(&["search", "--json", "--", "ebpf", "-kubernetes"]);
    let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(document["query"], "ebpf -kubernetes");
    assert!(document["total"].as_u64().unwrap() > 0);
}

#[test]
fn near_misses_are_suggested() {
    let sandbox = Sandbox::with_sample();
    let run = sandbox.run(&["search", "kernel", "--conference", "fosdm"]);
    assert!(run.stderr.contains("did you mean \"FOSDEM\""), "{}", run.stderr);
    assert!(sandbox.run(&["serch", "kernel"]).stderr.contains("search"));
    let nothing = sandbox.run(&["search", "kubernetes", "--year", "1999"]);
    assert!(nothing.stderr.contains("without --year 1999"), "{}", nothing.stderr);
}

#[test]
fn json_is_valid_in_success_emptiness_and_error() {
    let sandbox = Sandbox::with_sample();
    let found = sandbox.json(&["search", "--json", "eBPF", "-n", "2", "--facets=year,kind"]);
    assert_eq!((&found["version"], &found["did_you_mean"]), (&json!(1), &json!([])));
    assert_eq!(found["hits"].as_array().unwrap().len(), 2);
    assert!(found["facets_of"]["kind"].as_u64().unwrap() >= 2);
    let counts = found["facets"]["kind"].as_array().unwrap();
    let sum: u64 = counts.iter().map(|count| count["count"].as_u64().unwrap()).sum();
    assert_eq!(sum, found["total"].as_u64().unwrap());
    let path = found["hits"][0]["source"]["path"].as_str().unwrap();
    assert!(sandbox.path(path).exists(), "{path} does not open from the current folder");

    let empty = sandbox.json(&["search", "--json", "xylophone"]);
    assert_eq!((&empty["hits"], &empty["total"], &empty["facets"]), (&json!([]), &json!(0), &json!(null)));

    for arguments in [["search", "--json", "x", "--year", "soon"], ["search", "--json", "x", "--no-such", "y"]] {
        let run = sandbox.run(&arguments);
        let document: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
        assert_eq!((run.status, &document["error"]["kind"]), (2, &json!("usage")), "{run:?}");
        assert!(document["error"]["message"].is_string() && run.stderr.is_empty());
    }

    let lines = sandbox.run(&["search", "--jsonl", "eBPF", "-n", "2"]);
    let lines: Vec<serde_json::Value> = lines.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((lines.len(), &lines[0]["total"], &lines[1]["id"]), (3, &found["total"], &found["hits"][0]["id"]));
}

#[test]
fn many_queries_are_answered_in_one_process() {
    let sandbox = Sandbox::with_sample();
    let lines = [
        "ebpf",
        r#"{"id": 7, "text": "slo", "filters": {"year": ["2023"]}, "facets": ["year"]}"#,
        "",
        "zzzqqq",
        r#"{"id": "bad", "query": "slo", "filters": {"yeer": ["2023"]}}"#,
        r#"{"query": 3}"#,
    ];
    let file = sandbox.write("queries.jsonl", lines.join("\n"));
    let run = sandbox.run(&["search", "-n", "2", "--queries", file.to_str().unwrap()]);
    assert_eq!(run.status, 2, "{}", run.stderr);
    let answers: Vec<serde_json::Value> = run.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(answers.len(), 5);
    let mut alone = sandbox.json(&["search", "-n", "2", "--json", "ebpf"]);
    alone["took_us"] = answers[0]["took_us"].clone();
    assert_eq!(answers[0], alone);
    assert_eq!(
        (answers[1]["id"].as_str(), answers[1]["facets"]["year"][0]["value"].as_str()),
        (Some("7"), Some("2023"))
    );
    assert_eq!((answers[2]["total"].as_u64(), answers[2]["query"].as_str()), (Some(0), Some("zzzqqq")));
    assert_eq!((answers[3]["id"].as_str(), answers[3]["error"]["kind"].as_str()), (Some("bad"), Some("usage")));
    assert!(
        answers[4]["error"]["message"].as_str().unwrap().contains("queries.jsonl:6: not a query"),
        "{}",
        answers[4]
    );

    for (lines, status) in [("ebpf\nzzzqqq", 0), ("zzzqqq", 1)] {
        let file = sandbox.write("queries.txt", lines);
        assert_eq!(sandbox.run(&["search", "--queries", file.to_str().unwrap()]).status, status, "{lines}");
    }
}

#[test]
fn two_runs_differ_in_nothing_but_the_time() {
    let sandbox = Sandbox::with_sample();
    let run = || {
        let mut document = sandbox.json(&["search", "--json", "kubernetes incident", "--facets", "-n", "30"]);
        document["took_us"] = json!(0);
        document
    };
    assert_eq!(run(), run());
}

#[test]
fn ids_lead_to_records() {
    let sandbox = Sandbox::with_sample();
    let ids = sandbox.run(&["search", "--format", "id", "eBPF", "-n", "3"]).stdout;
    assert_eq!(ids.lines().count(), 3);
    for id in ids.lines() {
        let shown = sandbox.json(&["show", "--json", id]);
        assert_eq!(shown["id"], id);
        let bare = id.rsplit_once('~').unwrap().0;
        assert_eq!(sandbox.json(&["show", "--json", bare])["id"], id);
    }
}

#[test]
fn an_ambiguous_id_lists_its_candidates() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.jsonl",
        "{\"title\":\"Same\",\"speakers\":[\"A. One\"]}\n{\"title\":\"Same\",\"speakers\":[\"B. Two\"]}\n",
    );
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "a.jsonl"]).status, 0);
    let run = sandbox.run(&["--index", "i", "show", "talks/same"]);
    assert_eq!(run.status, 2);
    assert_eq!(run.stderr.matches("talks/same~").count(), 2, "{}", run.stderr);
}

#[test]
fn ingest_takes_what_changed_and_says_so() {
    let sandbox = Sandbox::new();
    let ingest = |more: &[&str]| {
        let mut arguments = vec!["--index", "i", "ingest", "in"];
        arguments.extend(more);
        sandbox.run(&arguments)
    };
    let titles = || -> Vec<String> {
        let export = sandbox.run(&["--index", "i", "export"]).stdout;
        export
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["title"].to_string())
            .collect()
    };
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.write("in/b.jsonl", "{\"title\":\"Beta\"}\n");
    sandbox.write("in/.hidden", "{\"title\":\"Hidden\"}\n");

    assert_eq!(ingest(&["--dry-run"]).stdout, "added 2, changed 0, removed 0, unchanged 0\n");
    assert!(!sandbox.path("i").exists());
    assert_eq!(ingest(&[]).stdout, "added 2, changed 0, removed 0, unchanged 0\n");
    let commit = || fs::read(sandbox.path("i/tantivy/meta.json")).unwrap();
    let before = commit();
    assert_eq!(ingest(&[]).stdout, "added 0, changed 0, removed 0, unchanged 2\n");
    assert_eq!(commit(), before, "a run that changes nothing takes no commit");

    sandbox.write("in/a.jsonl", "{\"title\":\"Gamma\"}\n");
    fs::remove_file(sandbox.path("in/b.jsonl")).unwrap();
    let run = ingest(&[]);
    assert_eq!(run.stdout, "added 0, changed 1, removed 0, unchanged 0\n");
    assert!(run.stderr.contains("gone and still in the index") && run.stderr.contains("b.jsonl"), "{}", run.stderr);
    assert_eq!(titles(), ["\"Beta\"", "\"Gamma\""]);
    assert_eq!(ingest(&["--prune"]).stdout, "added 0, changed 0, removed 1, unchanged 1\n");
    assert_eq!(titles(), ["\"Gamma\""]);
}

#[test]
fn one_file_has_one_entry_whichever_folder_it_is_found_under() {
    let sandbox = Sandbox::new();
    sandbox.write("in/deep/a.jsonl", "{\"title\":\"Alpha\"}\n");
    for path in ["in", "in/deep", "in/deep/a.jsonl", "in/../in"] {
        sandbox.run(&["--index", "i", "ingest", path]);
    }
    assert_eq!(sandbox.json(&["--index", "i", "status", "--json"])["records"], 1);
}

#[test]
fn bad_input_costs_its_own_record_and_shows() {
    let sandbox = Sandbox::new();
    sandbox.write("in/good.jsonl", "{\"title\":\"Good\"}\nnot json\n{\"title\":\"Better\"}\n");
    sandbox.write("in/empty.json", "");
    sandbox.write("in/picture.md", b"\x89PNG\0\0\0");
    sandbox.write("in/damaged.txt", b"caf\xc3\xa9 cr\xc3\xa8me br\xfbl\xc3\xa9e");
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(run.status, 3, "{run:?}");
    for expected in
        ["good.jsonl:2: not a JSON object", "empty.json: the file is empty", "picture.md: the file is binary"]
    {
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
    // An unchanged source's problems are still problems.
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 3);
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["records"], status["problems"].as_array().unwrap().len()), (&json!(2), 4));

    let strict = sandbox.run(&["--index", "j", "ingest", "--strict", "in"]);
    assert_eq!((strict.status, strict.stdout.as_str()), (2, ""));
    assert!(!sandbox.path("j").exists(), "--strict leaves nothing behind");
}

#[test]
fn an_empty_file_of_prose_is_a_page() {
    let sandbox = Sandbox::new();
    for (path, text) in [("in/empty.md", ""), ("in/_theme.txt", " \r\n"), ("in/notes", "\n"), ("in/__init__.py", "")] {
        sandbox.write(path, text);
    }
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("skipped 4 files"), "{}", run.stderr);
    // Who says what it is expects something in it.
    let said = sandbox.run(&["parse", "--as", "markdown", "in/empty.md"]);
    assert_eq!((said.status, said.stderr.contains("the file is empty")), (3, true), "{said:?}");
}

#[test]
fn what_is_tolerated_is_a_note_and_strict_refuses_it() {
    let sandbox = Sandbox::new();
    sandbox.write("in/talks.yml", "- title: \"On queues\nand locks\"\n  speakers:\n  - name: speaker-01\n");
    for command in [&["ingest", "--index", "i", "in"][..], &["parse", "in"]] {
        let run = sandbox.run(command);
        assert!(run.status == 0 && run.stderr.contains("talks.yml: line 2: a quoted text goes on"), "{run:?}");
    }
    for command in [&["ingest", "--strict", "--index", "j", "in"][..], &["parse", "--strict", "in"]] {
        let run = sandbox.run(command);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
    }
}

#[test]
fn what_a_file_gave_stays_when_it_can_not_be_read() {
    let sandbox = Sandbox::new();
    let file = sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in"]);
    // A folder in the file's place can't be read as a file, whoever runs the test.
    fs::remove_file(&file).unwrap();
    fs::create_dir(&file).unwrap();
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert!(run.stderr.contains("gone and still in the index"), "{}", run.stderr);
    assert_eq!(sandbox.json(&["--index", "i", "search", "--json", "alpha"])["total"], 1);
}

#[test]
fn a_second_writer_is_told_who_the_first_is() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in"]);
    let lock = fs::File::options().write(true).open(sandbox.path("i/writer.lock")).unwrap();
    lock.lock().unwrap();
    fs::write(sandbox.path("i/writer.lock"), "4711").unwrap();
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(run.status, 75, "{run:?}");
    assert!(run.stderr.contains("process 4711"), "{}", run.stderr);
    assert_eq!(sandbox.run(&["--index", "i", "search", "alpha"]).status, 0, "readers go on");
}

#[test]
fn overrides_are_remembered() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in", "--series", "FooConf", "--year", "2019"]);
    let edition = || sandbox.json(&["--index", "i", "search", "--json", "alpha"])["hits"][0]["edition_id"].clone();
    assert_eq!(edition(), "fooconf-2019");
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha again\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(edition(), "fooconf-2019");
}

#[test]
fn parse_needs_no_index_and_prints_records() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"title\":\"Alpha\"}\n{}\n");
    let run = sandbox.run(&["parse", "a.jsonl"]);
    assert_eq!((run.status, run.stdout.lines().count()), (3, 1), "{run:?}");
    assert!(run.stderr.contains("a.jsonl:2: "), "{}", run.stderr);
    let record: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(record["title"], "Alpha");
    let strict = sandbox.run(&["parse", "--strict", "a.jsonl"]);
    assert_eq!((strict.status, strict.stdout.as_str()), (2, ""), "{strict:?}");
    assert!(!sandbox.path("index").exists());
}

#[test]
fn the_nearest_index_is_found_from_below_and_can_be_named_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "index", "ingest", "in"]);
    let search = |from: &str, variable: Option<&str>| {
        let mut command = sandbox.command();
        command.current_dir(sandbox.path(from)).args(["search", "alpha"]);
        variable.map(|value| command.env("HALLWAY_INDEX", value));
        command.output().unwrap().status.code().unwrap()
    };
    assert_eq!(search("in", None), 0);
    assert_eq!(search("in", Some("/nowhere")), 2);
    sandbox.write("in/hallway.toml", "index = \"elsewhere\"\n");
    assert_eq!(search("in", None), 2);
    sandbox.write("hallway.toml", "index = \"index/../index\"\n");
    fs::remove_file(sandbox.path("in/hallway.toml")).unwrap();
    assert_eq!(search("in", None), 0);
    sandbox.write("in/hallway.toml", "indexx = 1\n");
    assert_eq!(search("in", None), 2);
}

#[test]
fn hostile_text_does_not_reach_the_terminal() {
    let sandbox = Sandbox::new();
    let title = "Evil\\u001b]8;;http://x\\u0007\\u009b31m\\u202e\\u0000 title";
    let line = format!(
        "{{\"title\":\"{title}\",\"text\":\"evil {title}\",\"track\":\"{title}\",\"speakers\":[\"{title}\"]}}\n"
    );
    sandbox.write("in/a.jsonl", line + "\u{1b}[31m not json\n");
    let is_clean =
        |text: &str| text.chars().all(|c| c == '\n' || !(c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)));
    let ingest = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert!(ingest.status == 3 && is_clean(&ingest.stderr), "{ingest:?}");
    for arguments in [
        &["search", "evil", "--facets"][..],
        &["search", "evil\u{1b}[31m", "--speaker", "\u{9b}x"],
        &["show", "talks/evil-8-http-x31m-title"],
        &["show", "\u{1b}[31m"],
        &["status"],
    ] {
        let run = sandbox.run(&[&["--index", "i"], arguments].concat());
        assert!(is_clean(&run.stdout) && is_clean(&run.stderr), "{arguments:?}: {run:?}");
        assert!(!run.stdout.is_empty() || !run.stderr.is_empty());
    }
}

#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::Stdio;
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["search", "a"]);
    let mut child = sandbox.command().arg("export").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0), "{output:?}");
}

#[test]
fn an_index_is_made_only_in_a_folder_of_its_own() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha\"}\n");
    let precious = sandbox.write("catalog-products.json", "{}");
    let run = sandbox.run(&["--index", ".", "ingest", "in"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("holds other files"), "{}", run.stderr);
    assert!(precious.exists() && !sandbox.path("tantivy").exists());
    // Nor does an index that has other files beside it lose them.
    sandbox.run(&["--index", "i", "ingest", "in"]);
    let beside = sandbox.write("i/catalog-products.json", "{}");
    sandbox.write("in/a.jsonl", "{\"title\":\"Beta\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in"]);
    assert!(beside.exists());
}

#[test]
fn an_index_does_not_read_itself() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"title\":\"Alpha\"}\n");
    let run = sandbox.run(&["--index", "index", "ingest", "."]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 1, changed 0, removed 0, unchanged 0\n"));
    let run = sandbox.run(&["--index", "index", "ingest", "."]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 0, changed 0, removed 0, unchanged 1\n"));
}

#[test]
fn what_is_still_there_is_not_pruned() {
    let sandbox = Sandbox::new();
    sandbox.write("in/.hidden/a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "in/.hidden", "in"]);
    let run = sandbox.run(&["--index", "i", "ingest", "--prune", "in"]);
    assert_eq!(run.stdout, "added 0, changed 0, removed 0, unchanged 0\n");
    assert_eq!(sandbox.json(&["--index", "i", "status", "--json"])["records"], 1);
}

#[test]
fn an_empty_ingest_makes_an_index_that_can_be_asked() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.path("in")).unwrap();
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 0);
    assert_eq!(sandbox.run(&["--index", "i", "status"]).status, 0);
    assert_eq!(sandbox.run(&["--index", "i", "search", "x"]).status, 1);
}

#[test]
fn a_permanent_id_names_its_record_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", "{\"title\":\"Alpha\"}\n");
    sandbox.run(&["--index", "i", "ingest", "a.jsonl"]);
    assert_eq!(sandbox.run(&["--index", "i", "show", "talks/alpha"]).status, 0);
    assert_eq!(sandbox.run(&["--index", "i", "show", "talks/alpha~000000"]).status, 1);
}

#[test]
fn a_given_id_for_two_records_is_a_problem_of_the_later() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"id\":\"X/1\",\"title\":\"Alpha\",\"text\":\"The longer text.\"}\n");
    sandbox.write("in/b.jsonl", "{\"id\":\"X/1\",\"title\":\"Beta\"}\n");
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert_eq!(run.status, 3);
    assert!(run.stderr.contains("b.jsonl:1: the id \"X/1\" is another record's too"), "{}", run.stderr);
    assert_eq!(sandbox.json(&["--index", "i", "show", "--json", "X/1"])["title"], "Alpha");
    assert_eq!(sandbox.json(&["--index", "i", "status", "--json"])["problems"].as_array().unwrap().len(), 1);
    // With the first one gone, the second is seen, and is no problem any more.
    fs::remove_file(sandbox.path("in/a.jsonl")).unwrap();
    let run = sandbox.run(&["--index", "i", "ingest", "--prune", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(sandbox.json(&["--index", "i", "show", "--json", "X/1"])["title"], "Beta");
}

#[test]
fn an_export_beside_its_sources_adds_nothing() {
    let sandbox = Sandbox::with_sample();
    let before = sandbox.json(&["search", "--json", "ebpf"])["total"].clone();
    let export = sandbox.run(&["export"]).stdout;
    sandbox.write("corpus/export.jsonl", &export);
    let run = sandbox.run(&["ingest", "corpus"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert_eq!(sandbox.json(&["search", "--json", "ebpf"])["total"], before);
}

#[cfg(unix)]
#[test]
fn arguments_that_are_no_text_are_an_error_not_a_panic() {
    use std::os::unix::ffi::OsStrExt;
    let sandbox = Sandbox::new();
    let output = sandbox.command().arg("search").arg(std::ffi::OsStr::from_bytes(b"\xff")).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn large_hostile_records_are_read_and_shown() {
    let sandbox = Sandbox::new();
    let addresses = "x@y ".repeat(50_000) + &"a@b.cc ".repeat(50_000);
    let speakers: Vec<String> = (0..50_000).map(|n| format!("\"Speaker {n}\"")).collect();
    let lines = [
        format!("{{\"title\":\"{}\"}}", "alpha ".repeat(50_000)),
        format!("{{\"title\":\"mails\",\"text\":\"{addresses}\"}}"),
        format!("{{\"title\":\"many\",\"speakers\":[{}]}}", speakers.join(",")),
        format!("{{\"title\":\"sentences\",\"text\":\"{}\"}}", format!("{}. ", "alpha ".repeat(60)).repeat(1000)),
    ];
    sandbox.write("a.jsonl", lines.join("\n"));
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "a.jsonl"]).status, 0);
    assert_eq!(sandbox.run(&["--index", "i", "search", "alpha"]).status, 0);
    let parentheses = "(".repeat(30_000) + &")".repeat(30_000);
    assert_eq!(sandbox.run(&["--index", "i", "search", &parentheses]).status, 0);
}
