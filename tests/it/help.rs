//! Help: it fits the screen, its examples are true, and the manual pages say the same.

use std::{collections::BTreeMap, fs, path::Path, process::Command};

use hallway::{index::schema::FIELDS, query::SYNTAX};

use crate::{
    packed::zip,
    sandbox::{Run, Sandbox},
};

/// Every command, as it is typed after `hallway`: the root first.
fn commands(sandbox: &Sandbox) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut at = 0;
    while at < all.len() {
        let of: Vec<String> = all[at].clone();
        let help = help(sandbox, &of, "-h");
        let below = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
        for line in below {
            let name = line.split_whitespace().next().unwrap();
            if line.starts_with("  ") && !line.starts_with("   ") && name != "help" {
                all.push([of.clone(), vec![name.to_owned()]].concat());
            }
        }
        at += 1;
    }
    assert!(all.len() > 12, "{all:?}");
    all
}

fn help(sandbox: &Sandbox, command: &[String], flag: &str) -> String {
    let arguments: Vec<&str> = command.iter().map(String::as_str).chain([flag]).collect();
    let run = sandbox.run(&arguments);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{command:?}");
    run.stdout
}

/// The `hallway …` lines under "Examples:", without what is said of them.
fn examples(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Examples:").skip(1).take_while(|line| !line.is_empty());
    let lines = lines.filter_map(|line| line.strip_prefix("  ").filter(|line| !line.starts_with(' ')));
    lines.map(|line| line.split("   ").next().unwrap().to_owned()).collect()
}

#[test]
fn help_fits_eighty_columns_and_is_short_or_long() {
    let sandbox = Sandbox::new();
    for command in commands(&sandbox) {
        let (short, long) = (help(&sandbox, &command, "-h"), help(&sandbox, &command, "--help"));
        for text in [&short, &long] {
            for line in text.lines() {
                assert!(line.chars().count() <= 80, "{command:?}: {line}");
            }
            let usage = text.find("Usage:").unwrap();
            assert!(text.find("Examples:").is_some_and(|at| at < usage), "{command:?} leads with no examples");
            // A paragraph that was broken by hand ends in the middle of a line, and goes on in the next.
            let lines: Vec<&str> = text[usage..].lines().collect();
            for pair in lines.windows(2).filter(|pair| !pair[0].starts_with(' ') && !pair[0].starts_with("Usage")) {
                let next = pair[1].split(' ').next().unwrap_or_default().chars().count();
                let is_prose = !pair[0].is_empty() && next > 0 && !pair[1].starts_with(' ');
                assert!(!is_prose || pair[0].chars().count() + 1 + next > 80, "{command:?}: {}", pair[0]);
            }
        }
        assert!(short.len() <= long.len(), "{command:?}");
    }
}

#[test]
fn hallway_alone_leads_with_five_examples_that_find_something() {
    let sandbox = Sandbox::with_sample();
    let alone = sandbox.run(&[]);
    let text = help(&sandbox, &[], "--help");
    assert_eq!((alone.status, alone.stdout.as_str()), (2, ""));
    let (shown, asked) = (examples(&alone.stderr), examples(&text));
    assert_eq!((shown.len(), &shown), (5, &asked));
    assert!(text.find("Examples:") < text.find("Commands:"));
    for example in asked {
        let run = shell(&sandbox, &example);
        assert_eq!(run.status, 0, "{example}: {run:?}");
        assert!(!run.stdout.is_empty(), "{example}");
    }
}

/// What some examples need that others have at home.
const FIXTURES: &[(&str, &str)] = &[
    ("home/conferences/talks.jsonl", "{\"title\":\"Alpha\",\"year\":2020}\n"),
    ("talks.csv", "Name,Who\nAlpha,A. Speaker\n"),
    ("home/.zfunc/README", ""),
    ("home/.config/fish/completions/README", ""),
    ("home/.config/elvish/README", ""),
    ("home/.local/share/bash-completion/completions/README", ""),
    ("home/notes/kubecon/day1.md", "# Day one\n\nA note.\n"),
    ("day1.md", "# Day one\n\nA report of a day at the conference.\n"),
    ("notes.txt", "Notes of a day\n\nIt was a long day at the conference.\n"),
    ("program.txt", "{\"title\":\"Beta\"}\n"),
    ("old-programs/talks.jsonl", "{\"title\":\"Gamma\"}\n"),
    ("asked.txt", "eBPF\nkernel\n"),
    (
        "draft.md",
        "The kernel knows how long disks take and how long tasks wait. With eBPF, ebpf_exporter hands such counts to Prometheus with labels attached.\n",
    ),
    (
        "proposals.csv",
        "Title,Speaker,Abstract\nAlpha,A. Speaker,\"Disks and caches, counted in the kernel with eBPF\"\n",
    ),
    ("proposals/one.md", "Disks and caches of two hundred machines, counted in the kernel with eBPF.\n"),
    ("rules.toml", "talks_per_speaker = 9\norganisation_share = 1.0\n"),
];

/// Examples that can't be run as they stand, by what they begin with: what stands in their place, or nothing and why.
const INSTEAD: &[(&str, &str)] = &[
    // A program that breaks a rule ends with another status.
    ("hallway balance 'SREcon23 EMEA'", "hallway balance 'SREcon23 EMEA' --rules rules.toml"),
    // The network, and another program.
    ("hallway parse https://", "hallway parse program.txt"),
    ("hallway ingest https://", "hallway ingest --name schedule.xml - < program.txt"),
    ("hallway remove https://", "hallway remove stdin:schedule.xml"),
    ("pandoc -t gfm day1.docx | hallway ingest", "hallway ingest --as markdown --name day1.md - < day1.md"),
    ("pandoc -t gfm day1.docx | hallway parse", "hallway parse --as markdown - < day1.md"),
    // What another example removes, or has to be there first.
    ("hallway remove talks.zip!/day1.md", "hallway ingest talks.zip && hallway remove talks.zip!/day1.md"),
    // An id that was removed, or is about to be.
    ("hallway remove srecon-emea-2023/a-talk", "hallway remove srecon-emea-2023/ebpf-superpowers-for-sre"),
    ("hallway remove --restore ", "hallway remove --restore srecon-emea-2023/ebpf-superpowers-for-sre"),
    ("hallway remove ./old-programs", "hallway ingest old-programs && hallway remove ./old-programs"),
    // Another build, and an evaluator, that are not here.
    ("hallway bench --against", "hallway bench --against ./hallway --processes 10 --per-class 1 --rounds 1"),
    ("hallway bench --queries", "hallway bench --queries asked.txt --processes 10 --rounds 1"),
    ("hallway bench --baseline", "hallway bench --baseline before.json --processes 10 --rounds 1"),
    ("hallway bench --save", "hallway bench --save before.json --processes 10 --per-class 1 --rounds 1"),
    ("hallway bench", "hallway bench --processes 10 --per-class 1 --rounds 1"),
    ("hallway eval rank cranfield --run", "hallway eval rank cranfield --run run.txt"),
    // Its own file: bench writes one of that name, too.
    ("hallway eval rank cranfield cisi --save", "hallway eval rank cranfield cisi --save eval.json"),
    ("hallway eval rank cranfield cisi --baseline", "hallway eval rank cranfield cisi --baseline eval.json"),
    ("hallway man pages && man", "hallway man pages"),
    ("hallway completions powershell", "hallway completions powershell"),
];

#[test]
fn examples_of_every_command_run() {
    let sandbox = Sandbox::with_sample();
    for (path, text) in FIXTURES {
        sandbox.write(path, text);
    }
    sandbox.write("talks.zip", zip(&[("day1.md", b"# Day one\n"), ("talks.jsonl", b"{\"title\":\"Delta\"}\n")]));
    for name in ["cranfield", "cisi"] {
        sandbox.copy("tests/it/eval/small", name);
    }
    sandbox.write("ours.toml", "[[topic]]\nid = \"web\"\nstrong = [\"the bill\"]\n");
    sandbox.write("labels.jsonl", "{\"id\":\"fosdem-2019/http-3\",\"labels\":[\"networking/http\"]}\n");
    sandbox.write("talks/one.jsonl", "{\"title\":\"One\"}\n");
    fs::copy(env!("CARGO_BIN_EXE_hallway"), sandbox.path("hallway")).unwrap();
    let mut n_run = BTreeMap::new();
    for command in commands(&sandbox) {
        let found = examples(&help(&sandbox, &command, "--help"));
        assert!(!found.is_empty(), "{command:?} has no example");
        for example in found {
            assert!(example.contains("hallway"), "{command:?}: {example}");
            let instead = INSTEAD.iter().find(|(start, _)| example.starts_with(start));
            let mut line = instead.map_or(example.as_str(), |(_, line)| line).to_owned();
            // The status that counts is hallway's.
            line = line.split(" | jq ").next().unwrap().to_owned();
            let run = shell(&sandbox, &line);
            assert_eq!(run.status, 0, "{example}: {line}: {run:?}");
            *n_run.entry(command.join(" ")).or_insert(0) += 1;
        }
    }
    assert!(n_run.values().sum::<i32>() > 40, "{n_run:?}");
}

/// A line as a person types it, where `hallway` is on the path.
fn shell(sandbox: &Sandbox, line: &str) -> Run {
    let binaries = Path::new(env!("CARGO_BIN_EXE_hallway")).parent().unwrap();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap_or_default());
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(sandbox.path("")).env_clear().env("PATH", path);
    command.env("HOME", sandbox.path("home")).env("PROFILE", sandbox.path("profile")).env("COLUMNS", "80");
    Run::from(command.output().unwrap())
}

#[test]
fn the_query_language_has_a_page_of_help() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["help", "query"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    for syntax in SYNTAX {
        let (write, example) = (format!("\n  {}\n", syntax.write), format!("\n      example: {}\n", syntax.example));
        assert!(run.stdout.contains(&write) && run.stdout.contains(&example), "{syntax:?}");
    }
    for field in FIELDS {
        assert!(run.stdout.contains(&format!("\n  {:<12} {}\n", field.name, field.help)), "{field:?}");
    }
    assert!(help(&sandbox, &["search".to_owned()], "--help").contains("hallway help query"));
    assert_eq!(sandbox.run(&["help", "quer"]).status, 2);
}

#[test]
fn a_command_without_an_index_refuses_one() {
    let sandbox = Sandbox::new();
    for (command, rest) in
        [("parse", &["x"][..]), ("formats", &[]), ("completions", &["bash"]), ("man", &["x"]), ("eval", &["rank", "x"])]
    {
        // Of the evaluations one uses an index.
        let path =
            if command == "eval" { vec![command.to_owned(), "rank".to_owned()] } else { vec![command.to_owned()] };
        let text = help(&sandbox, &path, "--help");
        assert!(!text.contains("--index "), "{command}: {text}");
        for arguments in
            [[&["--index", "i", command][..], rest].concat(), [&[command][..], rest, &["--index", "i"]].concat()]
        {
            let run = sandbox.run(&arguments);
            assert_eq!(run.status, 2, "{arguments:?}");
            assert!(run.stderr.contains(&format!("`{command}` uses no index")), "{arguments:?}: {}", run.stderr);
        }
    }
    assert!(help(&sandbox, &["search".to_owned()], "-h").contains("--index <DIR>"));
}

#[test]
fn manual_pages_are_written_for_every_command_and_are_sound() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["man", "pages"]);
    assert_eq!(run.status, 0, "{run:?}");
    let pages: Vec<_> = commands(&sandbox)
        .iter()
        .map(|command| format!("pages/{}.1", [&["hallway".to_owned()], command.as_slice()].concat().join("-")))
        .collect();
    let mut printed: Vec<_> = run.stdout.lines().map(str::to_owned).collect();
    let mut expected = pages.clone();
    printed.sort();
    expected.sort();
    assert_eq!(printed, expected);
    let main = fs::read_to_string(sandbox.path("pages/hallway.1")).unwrap();
    for expected in [".SH EXAMPLES", ".SH CONFIGURATION", "HALLWAY_PAGER", "hallway search eBPF"] {
        assert!(main.contains(expected), "{expected}: {main}");
    }
    for (program, arguments) in [("groff", &["-man", "-Tutf8", "-wall", "-z"][..]), ("mandoc", &["-Tlint", "-Werror"])]
    {
        for page in &pages {
            let mut command = Command::new(program);
            let Ok(output) = command.args(arguments).arg(sandbox.path(page)).output() else {
                println!("skipped: there is no {program}");
                break;
            };
            let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
            assert!(output.status.success() && said.is_empty(), "{program} {page}: {said}");
        }
    }
    let rendered = Command::new("groff").args(["-man", "-Tutf8"]).arg(sandbox.path("pages/hallway-search.1")).output();
    if let Ok(output) = rendered {
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("--conference") && text.contains("speaker:rice"), "{text}");
        assert!(text.contains("Example: kube*") && text.contains("Example: \\NOT ebpf"), "{text}");
    }
}
