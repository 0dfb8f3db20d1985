//! `hallway eval rank` over small judged folders, whose figures are worked by hand.

use std::fs;

use serde_json::{Value, json};

use crate::sandbox::{Run, Sandbox};

/// With a copy of the small collection as `small/`.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/eval/small", "small");
    sandbox
}

/// A folder of the three files.
fn judged(sandbox: &Sandbox, name: &str, docs: &str, queries: &str, qrels: &str) {
    for (file, text) in [("docs.jsonl", docs), ("queries.jsonl", queries), ("qrels.tsv", qrels)] {
        sandbox.write(&format!("{name}/{file}"), text);
    }
}

fn assert_measures(measures: &Value, expected: [f64; 4]) {
    for (key, expected) in ["ndcg_10", "map", "mrr_10", "recall_100"].into_iter().zip(expected) {
        let got = measures[key].as_f64().unwrap();
        assert!((got - expected).abs() < 5e-6, "{key} of {measures} is not {expected}");
    }
}

/// By hand, with 1/log2(rank + 1) = 1, 0.63093, 0.5 for ranks 1, 2, 3. `dns` finds the full match (grade 1), then of the
/// partial ones the one with the word in its title (2), then the other (0), and not the last of grade 1:
/// (1 + 2·0.63093) / (2 + 0.63093 + 0.5), (1/1 + 2/2 + 0) / 3. `on-call` finds its document second, `craft` nothing;
/// `unknown` has no relevant document.
const DNS: [f64; 4] = [0.722_42, 0.666_67, 1.0, 0.666_67];
const ON_CALL: [f64; 4] = [0.630_93, 0.5, 0.5, 1.0];
const MEAN: [f64; 4] = [0.451_12, 0.388_89, 0.5, 0.555_56];

#[test]
fn figures_are_those_worked_by_hand() {
    let sandbox = sandbox();
    let document = sandbox.json(&["eval", "rank", "--json", "small"]);
    let small = &document["collections"][0];
    assert_measures(&document["mean"], MEAN);
    assert_measures(&small["measures"], MEAN);
    let queries = small["queries"].as_array().unwrap();
    let ids: Vec<&str> = queries.iter().map(|query| query["id"].as_str().unwrap()).collect();
    assert_eq!(
        (&document["version"], &small["name"], ids),
        (&json!(1), &json!("small"), vec!["dns", "on-call", "craft"])
    );
    for (query, (n_relevant, expected)) in queries.iter().zip([(3, DNS), (1, ON_CALL), (1, [0.0; 4])]) {
        assert_eq!(query["n_relevant"], n_relevant);
        assert_measures(&query["measures"], expected);
    }
    assert_eq!(small["notes"], json!(["without a relevant document, and not counted: 1 of 4 queries"]));
    assert_eq!(small["problems"], json!([]));
}

#[test]
fn a_run_is_in_the_order_of_search_under_scores_that_keep_it() {
    let sandbox = sandbox();
    assert_eq!(sandbox.run(&["eval", "rank", "small", "--run", "run.txt"]).status, 0);
    let run = fs::read_to_string(sandbox.path("run.txt")).unwrap();
    assert_eq!(
        run,
        "dns Q0 forgetful 1 1000 hallway\ndns Q0 cache 2 999 hallway\ndns Q0 registry 3 998 hallway\n\
         on-call Q0 pager 1 1000 hallway\non-call Q0 rota 2 999 hallway\n"
    );
    sandbox.run(&["--index", "i", "ingest", "small/docs.jsonl"]);
    for query in ["resolver cache", "pager"] {
        let ids = sandbox.run(&["--index", "i", "search", "--format", "id", query]).stdout;
        let ids: Vec<&str> = ids.lines().collect();
        assert!(run.contains(&format!("{} 1 1000", ids[0])) && run.contains(&format!("{} 2 999", ids[1])), "{ids:?}");
    }
    let several = sandbox.run(&["eval", "rank", "small", "small", "--run", "run.txt"]);
    assert!(several.status == 2 && several.stderr.contains("--run is of one folder"), "{several:?}");
    judged(&sandbox, "spaced", "{\"id\":\"a b\",\"title\":\"T\"}", "{\"id\":\"1\",\"text\":\"t\"}", "1\ta b\t1\n");
    assert_eq!(sandbox.run(&["eval", "rank", "spaced"]).status, 0);
    let spaced = sandbox.run(&["eval", "rank", "spaced", "--run", "run.txt"]);
    assert!(spaced.status == 2 && spaced.stderr.contains("\"a b\" has white space"), "{spaced:?}");
}

#[test]
fn judgments_in_the_form_of_trec_are_the_same_collection() {
    let sandbox = sandbox();
    let before = sandbox.json(&["eval", "rank", "--json", "small"]);
    let qrels = fs::read_to_string(sandbox.path("small/qrels.tsv")).unwrap();
    let rows = qrels.lines().map(|line| line.split('\t').collect::<Vec<_>>());
    let trec: Vec<String> = rows.map(|row| format!("{} 0 {} {}", row[0], row[1], row[2])).collect();
    sandbox.write("small/qrels.tsv", trec.join("\r\n"));
    assert_eq!(sandbox.json(&["eval", "rank", "--json", "small"]), before);
}

#[test]
fn the_same_again_is_no_change() {
    let sandbox = sandbox();
    assert_eq!(sandbox.run(&["eval", "rank", "small", "--save", "run.json"]).status, 0);
    let saved: Value = serde_json::from_str(&fs::read_to_string(sandbox.path("run.json")).unwrap()).unwrap();
    assert_eq!(saved["collections"][0]["queries"][0]["ranked"], json!(["forgetful", "cache", "registry"]));
    let baseline =
        &sandbox.json(&["eval", "rank", "small", "--baseline", "run.json", "--json"])["collections"][0]["baseline"];
    assert_eq!(
        (&baseline["n_better"], &baseline["n_worse"], &baseline["same_docs"]),
        (&json!(0), &json!(0), &json!(true))
    );
    for change in baseline["changes"].as_array().unwrap() {
        assert_eq!((&change["p"], &change["difference"]), (&json!(1.0), &json!(0.0)), "{change}");
    }
    let text = sandbox.run(&["eval", "rank", "small", "--baseline", "run.json"]);
    assert_eq!((text.status, text.stderr.contains("other documents")), (0, false), "{text:?}");
    assert!(text.stdout.contains("small against run.json"), "{}", text.stdout);
    assert!(text.stdout.contains("nDCG@10  0.4511  0.4511      0.0000   1.000\n"), "{}", text.stdout);
    assert!(text.stdout.contains("queries better: 0, worse: 0\n"), "{}", text.stdout);
}

#[test]
fn what_moved_is_named() {
    let sandbox = sandbox();
    sandbox.run(&["eval", "rank", "small", "--save", "run.json"]);
    // `rota` comes first now, and of `dns` the last two change places.
    let docs = fs::read_to_string(sandbox.path("small/docs.jsonl")).unwrap();
    let docs =
        docs.replace("A fair rota for a small team", "Pager, pager, pager").replace("\"Cache or compute\"", "null");
    let docs =
        docs.replace("keep an answer", "cache it, if there is a place to keep what was once worked out at a price");
    let docs = docs.replace("A day in the life of a registry", "Resolver");
    sandbox.write("small/docs.jsonl", docs);
    // The file that is compared with may be written anew in the same run.
    let run = sandbox.run(&["eval", "rank", "small", "--baseline", "run.json", "--save", "run.json"]);
    // (1 + 2·0.5) / 3.13093; of 8 arrangements of 0.37, -0.08, 0 those with ±(0.37 - 0.08) or more: all.
    for expected in [
        "nDCG@10  0.4511  0.5463     +0.0951   1.000\n",
        "queries better: 1, worse: 1\n",
        "  0.6309 → 1.0000  +0.3691  on-call  pager\n",
        "  0.7224 → 0.6388  -0.0836  dns      resolver cache\n",
    ] {
        assert!(run.stdout.contains(expected), "{expected}{}", run.stdout);
    }
    assert!(run.status == 0 && run.stderr.contains("the baseline is of other documents"), "{run:?}");
    let again = sandbox.json(&["eval", "rank", "small", "--baseline", "run.json", "--json"]);
    assert_eq!(again["collections"][0]["baseline"]["n_better"], 0);
}

#[test]
fn other_judgments_are_not_compared() {
    let sandbox = sandbox();
    sandbox.run(&["eval", "rank", "small", "--save", "run.json"]);
    let refused = |expected: &str| {
        let run = sandbox.run(&["eval", "rank", "small", "--baseline", "run.json"]);
        assert!(
            run.status == 2 && run.stderr.contains(expected) && run.stderr.contains("hint: "),
            "{expected}: {run:?}"
        );
    };
    let qrels = fs::read_to_string(sandbox.path("small/qrels.tsv")).unwrap();
    sandbox.write("small/qrels.tsv", qrels.replace("rota\t1", "rota\t2"));
    refused("run.json was saved with other queries or judgments of small");
    let saved = fs::read_to_string(sandbox.path("run.json")).unwrap();
    sandbox.write("run.json", saved.replace("\"name\":\"small\"", "\"name\":\"large\""));
    refused("run.json holds no run of small, but of large");
    sandbox.write("run.json", saved.replace("\"version\":1", "\"version\":7"));
    refused("run.json has version 7, this hallway reads 1");
    sandbox.write("run.json", "{\"version\":1}");
    refused("run.json is no saved run");
    fs::remove_file(sandbox.path("run.json")).unwrap();
    let run = sandbox.run(&["eval", "rank", "small", "--baseline", "run.json"]);
    assert!(run.status == 2 && run.stderr.contains("can't read run.json"), "{run:?}");
}

#[test]
fn several_collections_have_a_mean_and_one_file() {
    let sandbox = sandbox();
    judged(&sandbox, "one", "{\"id\":\"x\",\"title\":\"Tea\"}", "{\"id\":\"1\",\"text\":\"tea\"}", "1\tx\t1\n");
    let run = sandbox.run(&["eval", "rank", "small", "one", "--save", "run.json"]);
    assert_eq!(
        run.stdout,
        "       queries  nDCG@10      MAP   MRR@10    R@100\n\
         small        3   0.4511   0.3889   0.5000   0.5556\n\
         one          1   1.0000   1.0000   1.0000   1.0000\n\
         mean             0.7256   0.6944   0.7500   0.7778\n"
    );
    let both = sandbox.json(&["eval", "rank", "one", "small", "--baseline", "run.json", "--json"]);
    assert_eq!(both["baseline_mean"], both["mean"]);
    for collection in both["collections"].as_array().unwrap() {
        assert_eq!(collection["baseline"]["same_docs"], true);
    }
    let text = sandbox.run(&["eval", "rank", "one", "small", "--baseline", "run.json"]).stdout;
    assert!(
        text.contains("\nmean\n         before   after  difference\nnDCG@10  0.7256  0.7256      0.0000\n"),
        "{text}"
    );
    assert_eq!(sandbox.run(&["eval", "rank", "one", "--baseline", "run.json"]).status, 0);
}

/// Records of one id, and bios of one person at one edition, become one record under the smallest id: whichever of them
/// was judged, that is what is found, and it is relevant once.
#[test]
fn copies_are_credited() {
    let sandbox = Sandbox::new();
    let bio = |id: &str, text: &str| {
        format!(
            "{{\"id\":\"{id}\",\"kind\":\"bio\",\"title\":\"Pat Placeholder\",\"edition\":\"FooConf 2019\",\"text\":\"{text}\"}}\n"
        )
    };
    let docs = [bio("p2", "Moors airships for a living."), bio("p1", "Moors airships.")].concat()
        + "{\"id\":\"t\",\"title\":\"Masts\"}\n{\"id\":\"t\",\"title\":\"Masts\",\"text\":\"Of steel.\"}\n";
    let queries = "{\"id\":\"1\",\"text\":\"airships\"}\n{\"id\":\"2\",\"text\":\"masts\"}\n";
    judged(&sandbox, "copies", &docs, queries, "1\tp1\t0\n1\tp2\t2\n2\tt\t1\n");
    let document = sandbox.json(&["eval", "rank", "--json", "copies"]);
    let copies = &document["collections"][0];
    assert_measures(&copies["measures"], [1.0; 4]);
    assert_eq!(copies["queries"][0]["n_relevant"], 1);
    assert_eq!(copies["notes"], json!(["judged documents that are found under another id: 1, the first p2 as p1"]));
    sandbox.run(&["eval", "rank", "copies", "--run", "run.txt"]);
    assert!(fs::read_to_string(sandbox.path("run.txt")).unwrap().starts_with("1 Q0 p1 1 1000 hallway\n2 Q0 t"));
}

#[test]
fn judged_documents_that_are_not_there_count_as_not_found() {
    let sandbox = Sandbox::new();
    let qrels = "1\tx\t1\n1\tgone\t1\n1\tlost\t0\n";
    judged(&sandbox, "c", "{\"id\":\"x\",\"title\":\"Tea\"}", "{\"id\":\"1\",\"text\":\"tea\"}", qrels);
    let run = sandbox.run(&["eval", "rank", "c"]);
    assert_eq!(run.status, 0);
    // 1 / 1.63093, 1/2, 1, 1/2.
    assert!(run.stdout.ends_with("0.6131   0.5000   1.0000   0.5000\n"), "{}", run.stdout);
    for expected in ["docs.jsonl lacks: 2, the first gone", "qrels.tsv:2)", "count as not found: 1"] {
        assert!(run.stderr.contains(expected), "{}", run.stderr);
    }
}

#[test]
fn bad_lines_cost_themselves_and_are_listed() {
    let sandbox = sandbox();
    for (file, line) in [
        ("docs.jsonl", "no object\n".to_owned()),
        ("queries.jsonl", format!("a query without an id\n{{\"id\":\"long\",\"text\":\"{}\"}}\n", "x ".repeat(40_000))),
        ("qrels.tsv", "dns\tcache\tgood\nlong\tttl\t1\nnobody\tttl\t1\n".to_owned()),
    ] {
        let text = fs::read_to_string(sandbox.path(&format!("small/{file}"))).unwrap() + &line;
        sandbox.write(&format!("small/{file}"), text);
    }
    let run = sandbox.run(&["eval", "rank", "small"]);
    assert_eq!(run.status, 3, "{run:?}");
    for expected in [
        "small/docs.jsonl:8: not a JSON object",
        "small/queries.jsonl:5: the query has no id",
        "small/queries.jsonl:6: query long can't be asked: the query is longer than 64 KB",
        "small/qrels.tsv:8: the grade \"good\" is no whole number (0 is not relevant",
        "small/qrels.tsv:10: 1 judgment is of queries that queries.jsonl lacks, the first of nobody",
    ] {
        assert!(run.stderr.replace('\\', "/").contains(expected), "{expected}: {}", run.stderr);
    }
    // Asked or not, a query with a relevant document counts.
    assert!(run.stdout.contains("small        4   0.3383"), "{}", run.stdout);
    let strict = sandbox.run(&["eval", "rank", "--strict", "small"]);
    assert_eq!((strict.status, strict.stdout.as_str()), (2, ""), "{strict:?}");
}

#[test]
fn folders_that_can_not_be_measured_are_refused() {
    let sandbox = sandbox();
    let refused = |name: &str, expected: &str| {
        let run = sandbox.run(&["eval", "rank", "small", name]);
        assert_eq!((run.status, run.stdout.as_str()), (2, ""), "{run:?}");
        assert!(run.stderr.contains(expected) && run.stderr.contains("\nhint: "), "{expected}: {}", run.stderr);
        assert!(sandbox.json(&["eval", "rank", "--json", name])["error"]["kind"].is_string());
    };
    refused("nowhere", "can't read nowhere");
    let (docs, queries) = ("{\"id\":\"x\",\"title\":\"Tea\"}\n", "{\"id\":\"1\",\"text\":\"tea\"}\n");
    sandbox.write("half/docs.jsonl", docs);
    refused("half", "queries.jsonl");
    judged(&sandbox, "none", docs, queries, "1\tx\t0\n");
    refused("none", "no query of none has a relevant document");
    judged(&sandbox, "empty", "no object\n", queries, "1\tx\t1\n");
    refused("empty", "docs.jsonl holds no record: ");
    judged(&sandbox, "latin", docs, queries, "");
    sandbox.write("latin/qrels.tsv", b"1\tx\t1\n1\tcaf\xe9\t1\n");
    refused("latin", "qrels.tsv:2: the text is not UTF-8");
    for arguments in [&["eval"][..], &["eval", "rank"], &["eval", "rank", "small", "--no-such"]] {
        assert_eq!(sandbox.run(arguments).status, 2);
    }
    assert!(sandbox.run(&["eval", "rank", "small", "--no-such"]).stderr.contains("see `hallway eval rank --help`"));
}

#[test]
fn nothing_is_left_behind() {
    let sandbox = sandbox();
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let spaced = ("{\"id\":\"a b\",\"title\":\"T\"}", "{\"id\":\"1\",\"text\":\"t\"}");
    judged(&sandbox, "spaced", spaced.0, spaced.1, "1\ta b\t1\n");
    for (arguments, status) in [(["small", "--per-query", "--strict"], 0), (["spaced", "--run", "run.txt"], 2)] {
        let mut command = sandbox.command();
        command.args(["eval", "rank"]).args(arguments);
        for variable in ["TMPDIR", "TMP", "TEMP"] {
            command.env(variable, sandbox.path("tmp"));
        }
        let run = Run::from(command.output().unwrap());
        assert_eq!(run.status, status, "{run:?}");
        assert_eq!(fs::read_dir(sandbox.path("tmp")).unwrap().count(), 0);
    }
    assert!(!sandbox.path("home").exists() && !sandbox.path("index").exists());
}

#[test]
fn tables_fit_and_are_harmless() {
    let sandbox = sandbox();
    let evil = "\\u001b]8;;http://x\\u0007 \\u202e evil";
    let queries = format!("{{\"id\":\"{evil}\",\"text\":\"{evil}\\n {}\"}}\n", "and more of it ".repeat(20));
    let qrels = "\u{1b}]8;;http://x\u{7} \u{202e} evil\t1\t1\n\u{1b}[31m\t1\t1\n";
    judged(&sandbox, "evil", "{\"id\":\"1\",\"title\":\"evil\"}", &queries, qrels);
    let run = sandbox.run(&["eval", "rank", "evil", "small", "--per-query"]);
    assert!(run.status == 3 && run.stdout.contains("  1.0000         1  \u{fffd}]8;;http:/…\n"), "{run:?}");
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
    for line in run.stdout.lines().chain(run.stderr.lines()) {
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{202e}'), "{line:?}");
    }
    let mut command = sandbox.command();
    let help = Run::from(command.args(["eval", "rank", "--help"]).env("COLUMNS", "200").output().unwrap()).stdout;
    assert!(help.contains("Examples:") && help.lines().all(|line| line.chars().count() <= 100), "{help}");
}
