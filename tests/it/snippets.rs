//! What hits show of their texts: what matched, wherever it stands, and never what is left out of the search.

use serde_json::{Value, json};

use crate::sandbox::Sandbox;

fn index(sandbox: &Sandbox, records: &[Value]) {
    let lines: Vec<String> = records.iter().map(Value::to_string).collect();
    sandbox.write("in/records.jsonl", lines.join("\n"));
    let run = sandbox.run(&["--index", "index", "ingest", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
}

/// The hits' snippets with marks, those of passages where there are some.
fn snippets(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let run = sandbox.run(&[&["--index", "index", "search", "--json"], arguments].concat());
    let document: Value = serde_json::from_str(&run.stdout).unwrap();
    let hits = document["hits"].as_array().unwrap().iter();
    let marked = |snippet: &Value| {
        let mut text = snippet["text"].as_str().unwrap().to_owned();
        for bounds in snippet["highlights"].as_array().unwrap().iter().rev() {
            let bound = |n: usize| usize::try_from(bounds[n].as_u64().unwrap()).unwrap();
            text.insert(bound(1), ']');
            text.insert(bound(0), '[');
        }
        text
    };
    hits.flat_map(|hit| hit["snippets"].as_array().unwrap()).map(marked).collect()
}

/// Another spelling is two words together or none.
#[test]
fn the_halves_of_a_word_are_no_evidence_of_it() {
    let sandbox = Sandbox::new();
    let text = "Our base camp had data in plenty for all of us. Then came the weather, and after that nothing at all happened for \
                a long while in the valley below, as everybody there remembers. Much later a database arrived.";
    index(&sandbox, &[json!({ "title": "One", "abstract": text }), json!({ "title": "Two", "abstract": "Zebras." })]);
    let shown = snippets(&sandbox, &["database zebras"]).concat();
    assert!(shown.contains("[database]") && shown.contains("[Zebras]"), "{shown}");
    assert!(!shown.contains("[base]") && !shown.contains("[data]"), "{shown}");
    // The words of a phrase that was typed are.
    let shown = snippets(&sandbox, &["\"camp weather\" zebras"]).concat();
    assert!(shown.contains("[camp]") && shown.contains("[weather]"), "{shown}");
}

#[test]
fn what_repeats_across_an_edition_is_in_no_snippet() {
    let sandbox = Sandbox::new();
    let talk = |n: usize| {
        // Numbers are no difference between lines.
        let names = ["alpha", "beta", "gamma", "delta", "epsilon"];
        let own =
            names.get(n).map(|name| format!("Number {name} tells of zebras, as no other does.\n")).unwrap_or_default();
        let (before, behind) = (
            "Recorded by friends of the narwhal, all rights reserved.",
            "Find more about zebras and narwhals elsewhere.",
        );
        json!({
            "title": format!("Title {n}"), "series": "FooConf", "edition": "FooConf 2001", "year": 2001,
            "abstract": format!("{before}\n{own}{behind}"),
        })
    };
    index(&sandbox, &(0..6).map(talk).collect::<Vec<_>>());
    assert_eq!(snippets(&sandbox, &["zebras"]).len(), 5);
    for query in [&["zebras"][..], &["title:title"], &["--year", "2001"]] {
        for snippet in snippets(&sandbox, query) {
            let plain = snippet.replace(['[', ']'], "");
            assert!(
                plain.starts_with("Number ") && plain.ends_with(" tells of zebras, as no other does."),
                "{snippet}"
            );
        }
    }
    assert_eq!(snippets(&sandbox, &["title:5"]), Vec::<String>::new());
}

#[test]
fn context_is_the_length_of_a_snippet() {
    let sandbox = Sandbox::new();
    let text = "The quokka was seen at noon. ".repeat(1_000);
    index(&sandbox, &[json!({ "title": "One", "abstract": text })]);
    let lengths = |context: &str| -> Vec<usize> {
        snippets(&sandbox, &["noon", "--context", context])
            .iter()
            .map(|text| text.replace(['[', ']'], "").len())
            .collect()
    };
    assert_eq!(lengths("0"), Vec::<usize>::new());
    assert_eq!(lengths("30"), [28]);
    assert_eq!(lengths("60"), [57]);
    assert_eq!(snippets(&sandbox, &["noon"])[0].replace(['[', ']'], "").len(), 8 * 29 - 1);
    assert_eq!(lengths("10000"), [344 * 29 - 1]);
    let refused = sandbox.run(&["--index", "index", "search", "noon", "--context", "10001"]);
    assert_eq!(refused.status, 2, "{refused:?}");
}

#[test]
fn only_what_matched_is_marked() {
    let sandbox = Sandbox::new();
    let text = "Traced kernels have error budgets. A budget for an error is traced, a mutex is not.";
    index(&sandbox, &[json!({ "title": "One", "abstract": text })]);
    for (query, expected) in [
        (
            "tracing NOT quokka",
            "[Traced] kernels have error budgets. A budget for an error is [traced], a mutex is not.",
        ),
        ("\"error budget\"", "Traced kernels have [error] [budgets]. A budget for an error is traced, a mutex is not."),
        (
            "kernels (mutex OR quokka)",
            "Traced [kernels] have error budgets. A budget for an error is traced, a [mutex] is not.",
        ),
        (
            "mutex title:one NOT \"traced budget\"",
            "Traced kernels have error budgets. A budget for an error is traced, a [mutex] is not.",
        ),
    ] {
        assert_eq!(snippets(&sandbox, &[query]), [expected], "{query}");
    }
}

#[test]
fn evidence_in_any_place_of_a_long_report_is_shown() {
    let sandbox = Sandbox::new();
    let filler =
        "The day went by with talks of which little stayed, but for the coffee between them and the walk home.";
    let evidence = "Only the quokka knows the numbat.";
    let places = [0, 1, 150, 298, 299];
    let report = |place: usize| {
        let paragraphs: Vec<String> = (0..300)
            .map(|n| if n == place { format!("{filler} {evidence} {filler}") } else { format!("{filler} {filler}") })
            .collect();
        json!({ "kind": "report", "title": format!("Notes {place}"), "text": paragraphs.join("\n\n") })
    };
    index(&sandbox, &places.map(report));
    for query in ["quokka numbat", "\"the numbat\"", "quokka coffee"] {
        let found = snippets(&sandbox, &[query, "--context", "120"]);
        let n_shown = found.iter().filter(|text| text.replace(['[', ']'], "").contains(evidence)).count();
        assert_eq!(n_shown, places.len(), "{query}: {found:#?}");
    }
}
