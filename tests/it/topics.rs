//! Topics: the vocabulary on the command line, labels that follow it, and what they are worth by those of people.

use std::{collections::BTreeMap, fmt::Write, path::PathBuf};

use hallway::{
    enrich::{Enricher, Learned},
    index::Index,
};
use serde_json::{Value, json};

use crate::{
    expected,
    sandbox::{Sandbox, repository},
    schema::assert_fits,
};

const OURS: &str = "\
[[topic]]
id = \"zoo\"
name = \"Zoo\"
definition = \"Animals.\"
strong = [\"walrus\"]

[[topic]]
id = \"networking/dns\"
strong = [\"zone walking\"]
";

/// An index of three small files.
fn collection() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Walrus and DNS\",\"year\":2019,\"speakers\":[\"Ann Example\"]}\n");
    sandbox.write("in/b.jsonl", "{\"title\":\"Zone walking\",\"year\":2020}\n{\"title\":\"BGP\",\"year\":2020}\n");
    let copy = "{\"title\":\"Big ones\",\"edition\":\"FooConf 2019\",\"speakers\":[\"Ann Example\"],\"abstract\":";
    sandbox.write("in/c.jsonl", format!("{copy}\"A walrus.\"}}\n"));
    sandbox.write("in/d.jsonl", format!("{copy}null,\"tags\":[\"walrus\",\"a walrus\"]}}\n"));
    sandbox.write("ours.toml", OURS);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 0);
    sandbox
}

fn topics_of(sandbox: &Sandbox, index: &str) -> BTreeMap<String, Value> {
    let run = sandbox.run(&["--index", index, "export"]);
    let records = run.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    records.map(|record| (record["id"].as_str().unwrap().to_owned(), record["topics"].clone())).collect()
}

#[test]
fn the_vocabulary_is_listed_with_counts() {
    let sandbox = collection();
    let run = sandbox.run(&["--index", "i", "topics"]);
    assert_eq!((run.status, run.stderr.as_str()), (0, ""));
    let count = |id: &str| {
        let line = run.stdout.lines().find(|line| line.split_whitespace().nth(1) == Some(id)).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    assert_eq!([count("networking"), count("networking/dns"), count("networking/routing")], ["2", "1", "1"]);
    let listed = sandbox.json(&["--index", "i", "topics", "--json"]);
    let dns = listed["topics"].as_array().unwrap().iter().find(|topic| topic["id"] == "networking/dns").unwrap();
    assert_eq!((&dns["count"], &dns["name"]), (&json!(1), &json!("DNS")));
    assert!(dns["strong"].as_array().unwrap().contains(&json!("dnssec")));
    // Without an index it is there all the same, and counts nothing.
    let empty = Sandbox::new().json(&["topics", "--json"]);
    assert_eq!(empty["topics"][0]["count"], Value::Null);
}

#[test]
fn a_file_of_topics_is_checked() {
    let sandbox = collection();
    let run = sandbox.run(&["topics", "--check", "ours.toml"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "sound: 159 topics, 1 of them its own\n"), "{run:?}");
    sandbox.write("bad.toml", "[[topic]]\nid = \"Zoo\"\n\n[[topic]]\nid = \"zoo\"\n");
    let run = sandbox.run(&["topics", "--check", "bad.toml"]);
    assert_eq!(run.status, 3);
    for line in ["bad.toml:2: \"Zoo\" is no id of a topic", "bad.toml:5: the topic \"zoo\" has no name"] {
        assert!(run.stderr.contains(line), "{}", run.stderr);
    }
    // Nothing is labelled by such a file.
    let before = topics_of(&sandbox, "i");
    let run = sandbox.run(&["--index", "i", "ingest", "in", "--topics", "bad.toml"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("bad.toml:2: "), "{}", run.stderr);
    assert_eq!(topics_of(&sandbox, "i"), before);
}

/// After each step the labels are those of an index that is built anew from the same files and topics.
#[test]
fn labels_are_those_of_a_rebuild_after_any_sequence_of_changes() {
    let sandbox = collection();
    let mut n_built = 0;
    let mut assert_as_rebuilt = |step: &str, topics: &str| {
        n_built += 1;
        let fresh = format!("fresh-{n_built}");
        sandbox.run(&["--index", &fresh, "ingest", "in", "--topics", topics]);
        assert_eq!(topics_of(&sandbox, "i"), topics_of(&sandbox, &fresh), "{step}");
    };
    let ingest = |more: &[&str]| sandbox.run(&[&["--index", "i", "ingest", "in"], more].concat());
    assert_as_rebuilt("at first", "");
    let run = ingest(&["--topics", "ours.toml"]);
    assert!(run.stderr.contains("labelled anew, as the topics have changed: 3 records"), "{}", run.stderr);
    assert!(run.stdout.contains("changed 0, removed 0, unchanged 4"), "{}", run.stdout);
    assert_as_rebuilt("topics of one's own", "ours.toml");
    // They are remembered.
    sandbox.write("in/b.jsonl", "{\"title\":\"A walrus on BGP\",\"year\":2020}\n");
    assert_eq!(ingest(&[]).stderr.matches("labelled anew").count(), 0);
    assert_as_rebuilt("a changed file", "ours.toml");
    // A copy goes: what it says counts for the record that it is merged into.
    let n_walruses = || topics_of(&sandbox, "i").values().filter(|topics| topics.to_string().contains("zoo")).count();
    assert_eq!(n_walruses(), 3);
    sandbox.write("in/d.jsonl", "");
    ingest(&[]);
    assert_eq!(n_walruses(), 2);
    assert_as_rebuilt("a copy less", "ours.toml");
    sandbox.write("ours.toml", OURS.replace("walrus", "bgp"));
    ingest(&["--topics", "ours.toml"]);
    assert_as_rebuilt("other topics", "ours.toml");
    assert_eq!(sandbox.run(&["--index", "i", "remove", "in/a.jsonl"]).status, 0);
    assert_eq!(sandbox.run(&["--index", "i", "remove", "--restore", "in/a.jsonl"]).status, 0);
    assert_as_rebuilt("removed and let in again", "ours.toml");
    let run = ingest(&["--topics", ""]);
    assert!(run.stderr.contains("labelled anew"), "{}", run.stderr);
    assert_as_rebuilt("none of one's own", "");
    assert!(!topics_of(&sandbox, "i").values().any(|topics| topics.to_string().contains("zoo")));
}

#[test]
fn a_repair_keeps_the_topics_of_ones_own() {
    let sandbox = collection();
    sandbox.run(&["--index", "i", "ingest", "in", "--topics", "ours.toml"]);
    let before = topics_of(&sandbox, "i");
    let store = std::fs::read_dir(sandbox.path("i/tantivy")).unwrap().flatten().map(|entry| entry.path());
    let store = store.into_iter().find(|path| path.extension().is_some_and(|end| end == "store")).unwrap();
    std::fs::write(store, "damage").unwrap();
    assert_eq!(sandbox.run(&["--index", "i", "check", "--repair"]).status, 0);
    assert_eq!(topics_of(&sandbox, "i"), before);
    assert!(before.values().any(|topics| topics.to_string().contains("zoo")));
}

#[test]
fn show_prints_the_words_that_earned_each_topic() {
    let sandbox = collection();
    let run = sandbox.run(&["--index", "i", "show", "talks/walrus-and-dns"]);
    assert!(
        run.stdout.contains("topics    networking/dns\n          networking/dns: “dns” (title)\n"),
        "{}",
        run.stdout
    );
    let record = sandbox.json(&["--index", "i", "show", "--json", "talks/walrus-and-dns"]);
    assert_fits("record.schema.json", &record);
    let evidence =
        json!([{"topic": "networking/dns", "evidence": [{"field": "title", "start": 11, "end": 14, "text": "DNS"}]}]);
    assert_eq!(record["topic_evidence"], evidence);
    // It follows from the record, and is not read back.
    sandbox.write("back.jsonl", record.to_string());
    let run = sandbox.run(&["parse", "back.jsonl"]);
    assert!(run.stdout.contains("\"extra\":{}") && !run.stdout.contains("topic_evidence"), "{run:?}");
}

#[test]
fn a_group_takes_in_its_topics() {
    let sandbox = collection();
    let found = sandbox.json(&["--index", "i", "search", "--topic", "networking", "--json", "--facets=topic"]);
    assert_eq!(found["total"], json!(2));
    let page = sandbox.run(&["--index", "i", "search", "--facets=topic", "-n", "0"]);
    assert!(page.stdout.contains("2  networking"), "{}", page.stdout);
    let child = page.stdout.lines().find(|line| line.contains("dns")).unwrap();
    assert!(child.contains("1    dns"), "below its group: {child}");
}

#[test]
fn a_topic_is_found_by_its_other_names() {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", "{\"title\":\"Kubernetes\"}\n{\"title\":\"BGP\"}\n{\"title\":\"On-call, oncall\"}\n");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 0);
    for name in ["k8s", "K8S", "kubernetes", "containers/kubernetes", "containers", "bgp", "oncall"] {
        let found = sandbox.json(&["--index", "i", "search", "--topic", name, "--json"]);
        assert_eq!(found["total"], json!(1), "{name}");
    }
    let run = sandbox.run(&["--index", "i", "search", "--topic", "oncal"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("no record has topic \"oncal\"") && run.stderr.contains("oncall"), "{}", run.stderr);
    // What no record has is not offered.
    let run = sandbox.run(&["--index", "i", "search", "--topic", "postgre"]);
    assert!(run.status == 2 && !run.stderr.contains("postgres\""), "{}", run.stderr);
}

#[test]
fn a_topic_may_be_kept_out_of_the_usual_facets() {
    let sandbox = collection();
    sandbox.write("ours.toml", format!("{OURS}facet = false\n"));
    sandbox.run(&["--index", "i", "ingest", "in", "--topics", "ours.toml"]);
    let usual = sandbox.run(&["--index", "i", "search", "--facets", "-n", "0"]).stdout;
    let asked = sandbox.run(&["--index", "i", "search", "--facets=topic", "-n", "0"]).stdout;
    assert_eq!([usual.contains("dns"), asked.contains("dns")], [false, true], "{usual}{asked}");
    assert!(usual.contains("networking") && usual.contains("routing"), "{usual}");
    let found = sandbox.json(&["--index", "i", "search", "--topic", "dns", "--json"]);
    assert_eq!(found["total"], json!(2));
    // It is cut and counted without them, also where many queries are answered; what is chosen is shown.
    let topics = |found: &Value| {
        let counts = found["facets"]["topic"].as_array().unwrap();
        (counts.iter().any(|of| of["value"] == "networking/dns"), counts.len())
    };
    sandbox.write("asked.jsonl", "{\"query\": \"\"}\n{\"query\": \"\", \"facets\": [\"topic\"]}\n");
    let run = sandbox.run(&["--index", "i", "search", "--queries", "asked.jsonl", "--facets"]);
    let answers: Vec<(bool, usize)> =
        run.stdout.lines().map(|line| topics(&serde_json::from_str(line).unwrap())).collect();
    let n_all = answers[1].1;
    assert_eq!(answers, [(false, n_all - 1), (true, n_all)]);
    let chosen = sandbox.json(&["--index", "i", "search", "--topic", "networking/dns", "--facets", "--json"]);
    assert_eq!(topics(&chosen), (true, n_all));
}

#[test]
fn every_label_of_the_sample_says_what_earned_it() {
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["search", "x"]);
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let mut enricher = Enricher::default();
    let mut n_labels = 0;
    for (id, topics) in topics_of(&sandbox, "index") {
        for record in index.records_by_id(&id).unwrap() {
            let labels = enricher.labels(&record);
            let given: Vec<&str> = labels.iter().map(|label| label.topic.as_str()).collect();
            assert_eq!(json!(given), topics, "{id}");
            for label in &labels {
                n_labels += 1;
                assert!(!label.evidence.is_empty(), "{id}: {}", label.topic);
                assert!(label.evidence.iter().all(|of| of.start < of.end && !of.text.is_empty()), "{id}");
            }
        }
    }
    assert!(n_labels > 100, "{n_labels}");
}

#[test]
fn weights_are_learned_from_labels() {
    let sandbox = Sandbox::new();
    let (mut talks, mut labels) = (String::new(), String::new());
    for n in 0..100 {
        let (text, labelled) = match n % 10 {
            0 => ("Tusks, ice, whiskers, flippers.", &["kernel"][..]),
            1 => ("Sails, wind, masts, anchors.", &[][..]),
            _ => ("Nothing of the sort.", &[][..]),
        };
        writeln!(talks, "{}", json!({"title": format!("Talk {n}"), "abstract": text, "year": 2020})).unwrap();
        writeln!(labels, "{}", json!({"id": format!("talks/talk-{n}"), "labels": labelled})).unwrap();
    }
    sandbox.write("in/talks.jsonl", talks);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 0);
    for id in topics_of(&sandbox, "i").keys() {
        let (name, _) = id.rsplit_once('~').unwrap();
        labels = labels.replace(&format!("\"{name}\""), &format!("\"{id}\",\"half\":\"fit\""));
    }
    sandbox.write("labels.jsonl", &labels);
    sandbox.write("dev.jsonl", labels.replace("\"fit\"", "\"dev\""));
    let run = sandbox.run(&["--index", "i", "eval", "topics", "labels.jsonl", "--fit", "weights.tsv"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, ""), "{run:?}");
    let text = std::fs::read_to_string(sandbox.path("weights.tsv")).unwrap();
    let learned = Learned::parse(&text).unwrap();
    assert_eq!(learned.topics().iter().map(|topic| topic.id.as_str()).collect::<Vec<_>>(), ["kernel"]);
    let margin = |words: &[&str]| {
        let words = words.iter().map(|word| (learned.number(word).unwrap(), 1));
        learned.margins(&learned.vector(words))[0]
    };
    assert!(
        margin(&["tusk", "ice", "whisker", "flipper"]) > margin(&["sail", "wind", "mast", "anchor"]) + 1.0,
        "{text}"
    );
    // A user's vocabulary is none of hallway's: with these points for the topic the signs would weigh something else.
    let ours = "[rules]\npoints = 100\n[[topic]]\nid = \"kernel\"\nstrong = [\"tusks\", \"masts\"]\n";
    sandbox.write("ours.toml", ours);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in", "--topics", "ours.toml"]).status, 0);
    assert!(topics_of(&sandbox, "i").values().any(|topics| topics == &json!(["kernel"])));
    assert_eq!(sandbox.run(&["--index", "i", "eval", "topics", "labels.jsonl", "--fit", "weights.tsv"]).status, 0);
    assert_eq!(std::fs::read_to_string(sandbox.path("weights.tsv")).unwrap(), text);
    // What is learned from nothing is told so.
    let first = labels.lines().next().unwrap();
    sandbox.write("unknown.jsonl", format!("{labels}{}", first.replace("kernel", "zoo")));
    sandbox.write("missing.jsonl", format!("{labels}{}", first.replace("talks/", "walks/")));
    for (file, said) in [
        ("dev.jsonl", "fewer than 3 records have the half \"fit\""),
        ("nowhere.jsonl", "can't read"),
        ("unknown.jsonl", "unknown.jsonl:101: hallway has no topic \"zoo\""),
        ("missing.jsonl", "missing.jsonl:101: there is no talk and no report's passage \"walks/"),
    ] {
        let run = sandbox.run(&["--index", "i", "eval", "topics", file, "--fit", "other.tsv"]);
        assert_eq!(run.status, 2, "{run:?}");
        assert!(run.stderr.contains(said) && !sandbox.path("other.tsv").exists(), "{}", run.stderr);
    }
}

/// All topics of the sample, which is read when they change.
#[test]
fn the_topics_of_the_sample() {
    let sandbox = Sandbox::with_sample();
    sandbox.run(&["search", "x"]);
    let mut table = String::new();
    for (id, topics) in topics_of(&sandbox, "index") {
        let topics: Vec<&str> = topics.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        if !id.contains("/people/") {
            writeln!(table, "{id}: {}", topics.join(", ")).unwrap();
        }
    }
    expected::check(&repository().join("tests/it/topics/sample.txt"), &table);
}

#[test]
fn figures_of_labels_are_those_worked_by_hand() {
    let sandbox = collection();
    sandbox.run(&["--index", "i", "ingest", "in", "--topics", "ours.toml"]);
    // Given are networking/dns and zoo to the one, networking/routing to the other; of three wanted labels one is missed.
    let ids: Vec<String> = topics_of(&sandbox, "i").into_keys().collect();
    let id = |start: &str| ids.iter().find(|id| id.starts_with(start)).unwrap();
    let lines = [
        json!({"id": id("talks/walrus-and-dns"), "labels": ["zoo", "networking"]}),
        json!({"id": id("talks/bgp"), "labels": ["networking/routing"], "half": "dev"}),
        json!({"id": "talks/nowhere~123456", "labels": ["zoo"]}),
    ];
    let lines: Vec<String> = lines.iter().map(Value::to_string).collect();
    sandbox.write("labels.jsonl", lines.join("\n"));
    let run = sandbox.run(&["--index", "i", "eval", "topics", "labels.jsonl", "--json"]);
    assert_eq!(run.status, 3);
    let found: Value = serde_json::from_str(&run.stdout).unwrap();
    let given: usize = ["talks/walrus-and-dns", "talks/bgp"]
        .map(|start| topics_of(&sandbox, "i")[id(start)].as_array().unwrap().len())
        .iter()
        .sum();
    assert_eq!((&found["n_records"], given), (&json!(2), 3));
    assert_eq!([&found["precision"]["value"], &found["recall"]["value"]], [&json!(2.0 / 3.0); 2]);
    assert_eq!(found["groups"], json!([1.0, 1.0]));
    assert_eq!(found["mistakes"][0]["missed"], json!(["networking"]));
    assert_eq!(found["problems"][0]["line"], json!(3));
    let half = sandbox.json(&["--index", "i", "eval", "topics", "labels.jsonl", "--half", "dev", "--json"]);
    assert_eq!((&half["n_records"], &half["f1"]["value"]), (&json!(1), &json!(1.0)));
    // What is acceptable is right where it is given, is not missed where it isn't, and strictly is wrong.
    let line = json!({"id": id("talks/walrus-and-dns"), "labels": ["zoo"], "acceptable": ["networking/dns", "web"]});
    sandbox.write("graded.jsonl", line.to_string());
    let found = sandbox.json(&["--index", "i", "eval", "topics", "graded.jsonl", "--json"]);
    assert_eq!([&found["precision"]["value"], &found["recall"]["value"], &found["f1"]["value"]], [&json!(1.0); 3]);
    assert_eq!(found["strict"]["precision"]["value"], json!(0.5));
    assert_eq!(found["mistakes"], json!([]));
}

/// The labels of people on real talks: no change of the rules or phrases goes below these figures.
#[test]
fn labels_on_real_talks_are_as_good_as_they_were() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA").map(PathBuf::from) else {
        println!("skipped: HALLWAY_CORPORA names no collections");
        return;
    };
    let sandbox = Sandbox::new();
    let labels = std::fs::read_to_string(repository().join("tests/it/topics/labels.jsonl")).unwrap();
    let of = "srecon-emea-2023/";
    let few: Vec<&str> = labels.lines().filter(|line| line.contains(&format!("\"{of}"))).collect();
    assert!(few.len() > 5, "{few:?}");
    sandbox.write("labels.jsonl", few.join("\n"));
    let seeds = corpora.join("seeds");
    sandbox.run(&["--index", "i", "ingest", seeds.to_str().unwrap()]);
    let found = sandbox.json(&["--index", "i", "eval", "topics", "labels.jsonl", "--json"]);
    assert_eq!(found["problems"], json!([]));
    assert!(found["f1"]["value"].as_f64().unwrap() > 0.5, "{found}");
}

#[test]
fn topics_over_the_years_look_the_same_as_ever() {
    let sandbox = Sandbox::new();
    let mut lines = String::new();
    for year in 2012..2020 {
        for n in 0..30 {
            // Walruses become more, year by year; of what the last five speak nobody knows.
            let title = match n {
                0..25 if n < 3 * (year - 2012) => "A walrus",
                0..25 => "On BGP",
                _ => "A talk",
            };
            let place = json!({"title": format!("{title} {n}"), "year": year, "series": "FooConf", "edition": format!("FooConf {year}")});
            writeln!(lines, "{place}").unwrap();
        }
    }
    sandbox.write("in/talks.jsonl", lines);
    sandbox.write("ours.toml", OURS);
    sandbox.run(&["--index", "i", "ingest", "in", "--topics", "ours.toml"]);
    for (name, arguments) in
        [("trends.txt", &[][..]), ("trends.csv", &["--format", "csv"]), ("trends.svg", &["--format", "svg"])]
    {
        let run =
            sandbox.run(&[&["--index", "i", "trends", "--by", "topic", "--conference", "FooConf"], arguments].concat());
        assert_eq!((run.status, run.stderr.as_str()), (0, ""), "{arguments:?}");
        expected::check(&repository().join("tests/it/topics").join(name), &run.stdout);
    }
    let found = sandbox.json(&["--index", "i", "trends", "--by", "topic", "--json"]);
    assert_fits("trends.schema.json", &found);
    assert_eq!((&found["known"]["talks"], &found["known"]["of"]), (&json!(200), &json!(240)));
    let change =
        |id: &str| found["topics"].as_array().unwrap().iter().find(|of| of["topic"] == id).unwrap()["change"].clone();
    assert_eq!([change("zoo"), change("networking/routing")], [json!("rose"), json!("fell")]);
}
