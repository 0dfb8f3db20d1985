//! `suggest`: what somebody who types may go on to, over a small collection.

use serde_json::{Value, json};

use crate::{
    sandbox::{Run, Sandbox},
    schema::assert_fits,
};

const RECORDS: &str = r#"{"title":"One","speakers":[{"name":"Ann Rivers","affiliation":"Acme Labs"}],"series":"AlphaConf","edition":"AlphaConf Riga 2019","year":2019,"track":"Réseaux rivés"}
{"title":"Two","speakers":[{"name":"Ann Rivers"},{"name":"Ríona Three"}],"series":"AlphaConf","edition":"AlphaConf 2020","year":2020,"track":"Networks"}
{"title":"Three","speakers":[{"name":"Bob Jean-Luc O'Rourke"}],"series":"BetaConf","edition":"BetaConf 2020","year":2020,"track":"日本語の部屋"}
{"title":"Four","speakers":[{"name":"Rita Rivers"}],"state":"rejected","track":"Rivers and streams"}
{"kind":"bio","title":"Ann Rivers","text":"Ann maps rivers.","edition":"AlphaConf Riga 2019"}
{"title":"Five","speakers":[{"name":"Unknown"}],"track":"Racing 101 & running"}
{"kind":"report","title":"Two conferences","editions":[{"series":"AlphaConf","edition":"AlphaConf 2020","edition_id":"alphaconf-2020","year":2020},{"series":"BetaConf","edition":"BetaConf 2020","edition_id":"betaconf-2020","year":2020}],"passages":[{"text":"One."},{"text":"Two."},{"text":"Three."}]}
"#;

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("talks.jsonl", RECORDS);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "talks.jsonl"]).status, 0);
    sandbox
}

fn suggest(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "suggest"], arguments].concat())
}

#[test]
fn suggestions_are_as_written() {
    let sandbox = sandbox();
    for (typed, expected) in [
        // By records, then by text; a bio is a record, a rejected proposal isn't found and does not count.
        (
            "ri",
            &[
                "3 speaker Ann Rivers",
                "2 conference AlphaConf Riga 2019",
                "1 track Réseaux rivés",
                "1 speaker Ríona Three",
            ][..],
        ),
        ("RÍV", &["3 speaker Ann Rivers", "1 track Réseaux rivés"]),
        ("ann ri", &["3 speaker Ann Rivers"]),
        // The end alone, where nothing has all of it.
        ("ebpf by ann riv", &["3 speaker Ann Rivers"]),
        ("bob riona", &["1 speaker Ríona Three"]),
        // A report on two editions counts at each, once however many passages it has.
        ("alpha", &["4 conference AlphaConf", "2 conference AlphaConf 2020", "2 conference AlphaConf Riga 2019"]),
        ("beta", &["2 conference BetaConf", "2 conference BetaConf 2020"]),
        ("alphaconf/alpha", &["2 conference AlphaConf/AlphaConf 2020", "2 conference AlphaConf/AlphaConf Riga 2019"]),
        ("2020", &["2 conference AlphaConf 2020", "2 conference BetaConf 2020"]),
        // Terms are stems, suggestions are not.
        ("racing", &["1 track Racing 101 & running"]),
        ("runn", &["1 track Racing 101 & running"]),
        ("luc", &["1 speaker Bob Jean-Luc O'Rourke"]),
        ("o'r", &["1 speaker Bob Jean-Luc O'Rourke"]),
        ("語", &["1 track 日本語の部屋"]),
        ("lab", &["1 affiliation Acme Labs"]),
        ("unknown", &[]),
        ("ivers", &[]),
        (
            "rivers a",
            &[
                "4 conference AlphaConf",
                "3 speaker Ann Rivers",
                "2 conference AlphaConf 2020",
                "2 conference AlphaConf Riga 2019",
                "1 affiliation Acme Labs",
            ],
        ),
        ("zz", &[]),
        ("", &[]),
        ("  \t ", &[]),
        ("?!", &[]),
    ] {
        let run = suggest(&sandbox, &["--", typed]);
        let lines = run.stdout.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "));
        // Words come behind all values.
        let mut lines: Vec<String> = lines.collect();
        let first = lines.iter().position(|line| line.contains(" word ")).unwrap_or(lines.len());
        assert!(lines.drain(first..).all(|line| line.contains(" word ")), "{typed}");
        assert_eq!(lines, expected, "{typed}");
        let is_none = run.stdout.is_empty();
        assert_eq!((run.status, run.stderr.contains("nothing found")), (i32::from(is_none), is_none), "{typed}");
    }
}

/// Those of most records first; an index has other spellings of words too, which nobody types.
#[test]
fn words_of_the_texts_are_suggested_behind_values() {
    let sandbox = sandbox();
    sandbox.write("words.jsonl", "{\"title\":\"Mapped\",\"abstract\":\"Maps, node.js and 東京 maps, mapping\"}\n");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "words.jsonl"]).status, 0);
    let words = |typed: &str| {
        let found = sandbox.json(&["--index", "i", "suggest", "--json", typed])["suggestions"].clone();
        let words = found.as_array().unwrap().iter().filter(|one| one["kind"] == "word");
        words.map(|one| format!("{} {}", one["text"].as_str().unwrap(), one["count"])).collect::<Vec<_>>().join(", ")
    };
    assert_eq!(words("what MAP"), "maps 2, mapped 1, mapping 1");
    assert_eq!(words("nod"), "node.js 1");
    assert_eq!(words("東"), "東京 1");
    assert_eq!(words("j"), "jean 1");
}

#[test]
fn programs_are_told_what_to_put_where() {
    let sandbox = sandbox();
    let typed = "über ALPHACONF 2020";
    let found = sandbox.json(&["--index", "i", "suggest", "--json", typed]);
    assert_fits("suggest.schema.json", &found);
    let expected = json!([{
        "text": "AlphaConf 2020", "value": "AlphaConf/AlphaConf 2020", "kind": "conference", "count": 2, "start": 6
    }]);
    assert_eq!((&found["version"], &found["prefix"], &found["suggestions"]), (&json!(1), &json!(typed), &expected));
    let lines = suggest(&sandbox, &["--jsonl", "-n", "1", "alpha"]).stdout;
    let lines: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines[0], json!({ "version": 1, "prefix": "alpha" }));
    assert_eq!((lines.len(), &lines[1]["count"]), (2, &json!(4)));
    // A value is one that filters take, with as many records.
    let first = &sandbox.json(&["--index", "i", "suggest", "--json", "riga"])["suggestions"][0];
    let total =
        &sandbox.json(&["--index", "i", "search", "--json", "--conference", first["value"].as_str().unwrap()])["total"];
    assert_eq!((&first["count"], total), (&json!(2), &json!(2)));
    let none = sandbox.json(&["--index", "i", "suggest", "--json", " "]);
    assert_fits("suggest.schema.json", &none);
    assert_eq!(none["suggestions"], json!([]));
}

#[test]
fn what_is_too_much_is_refused() {
    let sandbox = sandbox();
    for (typed, status) in [
        ("x ".repeat(32 << 10), 1),
        ("r".repeat(64 << 10), 1),
        (format!("{} ann ri", "y ".repeat(30_000)), 0),
        ("r".repeat((64 << 10) + 1), 2),
    ] {
        let run = suggest(&sandbox, &[&typed]);
        assert_eq!(run.status, status, "{} bytes: {}", typed.len(), run.stderr);
    }
    let error = sandbox.json(&["--index", "i", "suggest", "--json", "r", "-n", "1001"]);
    assert_fits("suggest.schema.json", &error);
    assert_eq!(error["error"]["kind"], "usage");
    assert_eq!(suggest(&sandbox, &["r", "-n", "0"]).status, 1);
    assert_eq!(suggest(&sandbox, &[]).status, 2);
}

#[test]
fn what_steers_a_terminal_does_not_reach_it() {
    let sandbox = Sandbox::new();
    let talk = |track: &str| format!("{}\n", json!({ "title": track, "track": track }));
    sandbox.write(
        "talks.jsonl",
        [talk("walrus\u{202e}turned"), talk("walrus \u{1b}[31mred"), talk(&"walrus ".repeat(40))].concat(),
    );
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "talks.jsonl"]).status, 0);
    let run = suggest(&sandbox, &["walrus"]);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{}", run.stdout);
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    assert_eq!(run.stdout.matches("track").count(), 3, "{}", run.stdout);
}

#[test]
fn an_empty_collection_suggests_nothing() {
    let sandbox = Sandbox::new();
    sandbox.write("none.jsonl", "");
    // That the file is empty is a problem.
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "none.jsonl"]).status, 3);
    let run = suggest(&sandbox, &["a"]);
    assert_eq!((run.status, run.stdout.as_str()), (1, ""), "{run:?}");
}
