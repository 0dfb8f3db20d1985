//! Promise: what `hallway remove` takes out stays out until `--restore`, however its source comes again, and none of its
//! bytes are left in the index's files.

use std::{
    fs,
    path::{Path, PathBuf},
};

use fastrand::Rng;
use serde_json::{Value, json};

use crate::{
    sandbox::{Run, Sandbox},
    scale::{amount, report, seed},
};

/// Names what is to be removed.
type Name = fn(&Collection) -> String;

/// A collection whose records each hold a long word that nothing else holds.
struct Collection {
    sandbox: Sandbox,
    /// Of the talk about caches, of its copy, of the same talk elsewhere, of the report, of a loner.
    tokens: [String; 5],
}

const CACHES: usize = 0;
const COPY: usize = 1;
const ELSEWHERE: usize = 2;
const REPORT: usize = 3;
const LONER: usize = 4;

impl Collection {
    fn new(rng: &mut Rng) -> Collection {
        // Of so many signs that the compressor finds no part of it to copy from elsewhere.
        let token = |rng: &mut Rng| (0..40).map(|_| rng.alphanumeric()).collect::<String>();
        let collection = Collection { sandbox: Sandbox::new(), tokens: [(); 5].map(|()| token(rng)) };
        collection.write_sources();
        let run = collection.run(&["ingest", "in"]);
        assert_eq!(run.status, 0, "{run:?}");
        collection
    }

    fn write_sources(&self) {
        let [caches, copy, elsewhere, report, loner] = &self.tokens;
        let talk = |title: &str, series: &str, year: u16, text: &str| {
            json!({"title": title, "speakers": ["A. One"], "series": series, "year": year, "text": text}).to_string()
        };
        let lines = [
            // A tag, since of two copies the longer text alone is shown.
            talk("On Caches", "FooConf", 2019, "A short text")
                .replace("{\"title", &format!("{{\"tags\":[\"{caches}\"],\"title")),
            talk("On Queues", "FooConf", 2019, &format!("Queues, and {loner}.")),
        ];
        self.sandbox.write("in/deep/a.jsonl", lines.join("\n") + "\n");
        let text = format!("A much longer text on the same matter, with {copy}.");
        let copied = talk("On caches!", "FooConf", 2019, &text).replace("A. One\"", "A. One\",\"B. Two\"");
        self.sandbox.write("in/b.jsonl", copied + "\n");
        let text = format!("The same talk again, with {elsewhere}.");
        self.sandbox.write("in/c.jsonl", talk("On Caches", "BarConf", 2020, &text) + "\n");
        let prose = "We met, we heard talks about caches and queues, and we spoke of them for a long time. ".repeat(9);
        let text =
            format!("# FooConf 2019, a report\n\n## The first day\n\n{prose}\n\n## The second\n\n{prose}{report}.\n");
        self.sandbox.write("in/report.md", text);
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.run(&[&["--index", "i"], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.sandbox.json(&[&["--index", "i"], arguments].concat())
    }

    fn id(&self, token: usize) -> String {
        let run = self.run(&["search", &self.tokens[token], "--format", "id"]);
        assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
        run.stdout.trim().to_owned()
    }

    /// Whether the word is found, exported, and in the bytes of a file below the index's folder.
    fn traces(&self, token: usize) -> [bool; 3] {
        let token = &self.tokens[token];
        [
            self.json(&["search", "--json", token])["total"] != 0,
            self.run(&["export"]).stdout.contains(token),
            files_below(&self.sandbox.path("i")).iter().any(|file| holds(file, token)),
        ]
    }

    fn has(&self, tokens: &[usize]) {
        for token in 0..self.tokens.len() {
            let is_there = tokens.contains(&token);
            assert_eq!(self.traces(token), [is_there; 3], "{token}, where {tokens:?} are to be there");
        }
    }

    fn export(&self) -> String {
        self.run(&["export"]).stdout
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files.extend(files_below(&path)) } else { files.push(path) }
    }
    files
}

/// Whether a file has the word in its bytes, but for its ends: the compressor may take those for copies of what stands
/// elsewhere.
fn holds(file: &Path, token: &str) -> bool {
    let middle = &token.as_bytes()[4..token.len() - 4];
    fs::read(file).unwrap().windows(middle.len()).any(|bytes| bytes == middle)
}

#[test]
fn what_is_removed_leaves_no_byte_whichever_way_it_is_named() {
    let test = "removal, bytes";
    let mut rng = Rng::with_seed(seed(test));
    let n = amount(1, 8);
    for _ in 0..n {
        let all = [CACHES, COPY, ELSEWHERE, REPORT, LONER];
        let ways: [(&str, Name, &[usize]); 7] = [
            ("its id", |c| c.id(LONER), &[CACHES, COPY, ELSEWHERE, REPORT]),
            ("its bare id", |c| c.id(CACHES).split('~').next().unwrap().to_owned(), &[ELSEWHERE, REPORT, LONER]),
            ("a copy's id", |c| c.copys_id(), &[ELSEWHERE, REPORT, LONER]),
            ("a passage's id", |c| c.passages_id(), &[CACHES, COPY, ELSEWHERE, LONER]),
            ("a report's id", |c| c.id(REPORT), &[CACHES, COPY, ELSEWHERE, LONER]),
            ("a file", |_| "in/b.jsonl".to_owned(), &[CACHES, ELSEWHERE, REPORT, LONER]),
            ("a folder", |_| "in/deep".to_owned(), &[COPY, ELSEWHERE, REPORT]),
        ];
        for (way, name, left) in ways {
            let collection = Collection::new(&mut rng);
            // Deleted documents of earlier states hold it too.
            let path = collection.sandbox.path("in/report.md");
            fs::write(&path, fs::read_to_string(&path).unwrap() + "\nOne line more.\n").unwrap();
            collection.run(&["ingest", "in"]);
            collection.has(&all);
            let run = collection.run(&["remove", &name(&collection)]);
            assert_eq!(run.status, 0, "{way}: {run:?}");
            collection.has(left);
            let check = collection.run(&["check"]);
            assert_eq!(check.status, 0, "{way}: {check:?}");
        }
    }
    report(test, &format!("{} removals in 7 ways, no byte left", n * 7));
}

impl Collection {
    /// The id of the copy that was merged into the talk about caches, and is not that record's own.
    fn copys_id(&self) -> String {
        let shown = self.id(CACHES);
        let ids = ["in/deep/a.jsonl", "in/b.jsonl"].map(|file| {
            let parsed = self.sandbox.run(&["parse", file]).stdout;
            serde_json::from_str::<Value>(parsed.lines().next().unwrap()).unwrap()["id"].as_str().unwrap().to_owned()
        });
        assert!(ids.contains(&shown) && ids[0] != ids[1], "{ids:?}");
        ids.into_iter().find(|id| *id != shown).unwrap()
    }

    fn passages_id(&self) -> String {
        let report = self.json(&["show", "--json", &self.id(REPORT)]);
        report["passages"][1]["id"].as_str().unwrap().to_owned()
    }
}

#[test]
fn what_is_removed_stays_out_however_it_comes_again() {
    let collection = Collection::new(&mut Rng::with_seed(seed("removal, again")));
    let Collection { sandbox, tokens } = &collection;
    let export = collection.export();
    assert_eq!(collection.run(&["remove", &collection.id(CACHES)]).status, 0);
    let left = [ELSEWHERE, REPORT, LONER];
    collection.has(&left);

    // Read again, changed, renamed.
    collection.run(&["ingest", "in"]);
    collection.has(&left);
    let path = sandbox.path("in/deep/a.jsonl");
    fs::write(&path, fs::read_to_string(&path).unwrap().replace("A short text", "A changed text")).unwrap();
    let run = collection.run(&["ingest", "in"]);
    assert!(run.stderr.contains("kept out, as they were removed: 0 files, 2 records"), "{run:?}");
    collection.has(&left);
    fs::rename(&path, sandbox.path("in/renamed.jsonl")).unwrap();
    collection.run(&["ingest", "--prune", "in"]);
    collection.has(&left);

    // From an export, and from a further copy with the speaker spelled otherwise.
    sandbox.write("more/export.jsonl", &export);
    collection.run(&["ingest", "more/export.jsonl"]);
    collection.has(&left);
    let further = json!({"title": "ON CACHES", "speakers": ["a. one"], "series": "FooConf", "year": 2019,
        "text": format!("A third time: {}.", tokens[COPY])});
    sandbox.write("more/copy.jsonl", further.to_string());
    collection.run(&["ingest", "more/copy.jsonl"]);
    collection.has(&left);

    let status = collection.run(&["status"]).stdout;
    assert!(status.contains("kept out  1 record, 0 sources"), "{status}");
    assert_eq!(collection.json(&["status", "--json"])["removed"], json!({"records": 1, "sources": 0}));

    // A removed folder, with a file that is new in it.
    let run = collection.run(&["remove", "in"]);
    assert_eq!(run.status, 0, "{run:?}");
    sandbox.write("in/deep/new.jsonl", format!("{{\"title\":\"New\",\"text\":\"{}\"}}\n", tokens[LONER]));
    fs::remove_file(sandbox.path("more/export.jsonl")).unwrap();
    collection.run(&["ingest", "--prune", "more", "in"]);
    collection.has(&[]);
}

#[test]
fn what_is_restored_is_as_it_was_or_as_its_source_is_now() {
    let collection = Collection::new(&mut Rng::with_seed(seed("removal, restored")));
    let sandbox = &collection.sandbox;
    let before = collection.export();
    for token in [CACHES, REPORT, LONER] {
        let id = collection.id(token);
        for name in [id.as_str(), id.split('~').next().unwrap()] {
            assert_eq!(collection.run(&["remove", &id]).status, 0);
            let run = collection.run(&["remove", "--restore", name]);
            assert_eq!((run.status, run.stdout.as_str()), (0, restored(token)), "{run:?}");
            assert_eq!(collection.export(), before);
        }
    }
    for path in ["in/b.jsonl", "in/deep", "in"] {
        assert_eq!(collection.run(&["remove", path]).status, 0);
        let run = collection.run(&["remove", "--restore", path]);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(collection.export(), before, "{path}");
    }

    // Changed meanwhile.
    let id = collection.id(LONER);
    collection.run(&["remove", &id]);
    let path = sandbox.path("in/deep/a.jsonl");
    let now = fs::read_to_string(&path).unwrap().replace("Queues, and", "Longer queues, and");
    fs::write(&path, &now).unwrap();
    assert_eq!(collection.run(&["remove", "--restore", &id]).status, 0);
    assert!(collection.export().contains("Longer queues, and"));

    // Gone meanwhile: said, and as it was once it is there again, with what was said about it.
    collection.run(&["ingest", "in/b.jsonl", "--series", "BazConf"]);
    let before = collection.export();
    for target in [&collection.id(COPY), "in/b.jsonl"] {
        let run = collection.run(&["remove", target]);
        assert_eq!(run.status, 0, "{run:?}");
        let bytes = fs::read(sandbox.path("in/b.jsonl")).unwrap();
        let full = sandbox.path("in/b.jsonl").canonicalize().unwrap();
        fs::remove_file(&full).unwrap();
        let target = if target.starts_with("in/") { full.to_str().unwrap() } else { target };
        let run = collection.run(&["remove", "--restore", target]);
        assert!(run.status == 3 && run.stderr.contains("b.jsonl can't be read"), "{target}: {run:?}");
        fs::write(&full, bytes).unwrap();
        collection.run(&["ingest", "in"]);
        assert_eq!(collection.export(), before, "{target}");
    }
    assert_eq!(collection.run(&["remove", "--list"]).stdout, "");
    assert_eq!(collection.run(&["check"]).status, 0);
}

fn restored(token: usize) -> &'static str {
    // The talk about caches comes from two sources.
    if token == CACHES { "restored 2 records\n" } else { "restored 1 record\n" }
}

#[test]
fn all_is_removed_or_nothing_and_the_list_says_what() {
    let collection = Collection::new(&mut Rng::with_seed(seed("removal, list")));
    let sandbox = &collection.sandbox;
    let all = [CACHES, COPY, ELSEWHERE, REPORT, LONER];
    let loner = collection.id(LONER);
    for wrong in ["no/such/id", "no/such/id~123456", "./no-such-file", "/no/such/folder"] {
        let run = collection.run(&["remove", &loner, wrong]);
        assert!(run.status == 2 && run.stdout.is_empty() && run.stderr.contains("hint: "), "{wrong}: {run:?}");
        let run = collection.run(&["remove", "--restore", wrong]);
        assert!(run.status == 2 && run.stderr.contains("was not removed"), "{wrong}: {run:?}");
        collection.has(&all);
    }
    assert_eq!(collection.json(&["remove", "--list", "--json"]), json!({"version": 1, "records": [], "sources": []}));
    assert_eq!(collection.run(&["status"]).stdout.matches("kept out").count(), 0);

    // What is both an id and a path has to be told apart.
    let bare = loner.split('~').next().unwrap();
    sandbox.write(bare, "not a program");
    let run = collection.run(&["remove", bare]);
    assert!(run.status == 2 && run.stderr.contains("is a record's id and a path"), "{run:?}");
    let run = collection.run(&["remove", &format!("./{bare}")]);
    assert!(run.status == 2 && run.stderr.contains("nothing in the index comes from"), "{run:?}");
    collection.has(&all);

    let removed = collection.json(&["remove", "--json", &loner, "in/c.jsonl"]);
    let path = sandbox.path("in/c.jsonl").canonicalize().unwrap();
    assert_eq!(removed, json!({"version": 1, "records": [loner], "sources": [path]}));
    assert_eq!(collection.run(&["remove", "--list"]).stdout, format!("{loner}\n{}\n", path.display()));
    assert_eq!(
        collection.json(&["remove", "--list", "--json"]),
        json!({"version": 1, "records": [loner], "sources": [path]})
    );
    collection.has(&[CACHES, COPY, REPORT]);
    let run = collection.run(&["remove", "--restore", &loner, "no/such/id"]);
    assert_eq!(run.status, 2, "{run:?}");
    collection.has(&[CACHES, COPY, REPORT]);
    let restored = collection.json(&["remove", "--restore", "--json", &loner, path.to_str().unwrap()]);
    assert_eq!(restored, json!({"version": 1, "records": 2, "unread": [], "problems": []}));
    collection.has(&all);
    let lock = fs::File::options().write(true).open(sandbox.path("i/writer.lock")).unwrap();
    lock.lock().unwrap();
    assert_eq!(collection.run(&["remove", &loner]).status, 75);
}

#[test]
fn an_id_that_two_records_claim_is_removed_with_both() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/a.jsonl",
        "{\"id\":\"X/1\",\"title\":\"Alpha\",\"text\":\"The longer text.\"}\n{\"title\":\"Else\"}\n",
    );
    sandbox.write("in/b.jsonl", "{\"id\":\"X/1\",\"title\":\"Beta\"}\n");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 3);
    let before = sandbox.run(&["--index", "i", "export"]).stdout;
    assert_eq!(sandbox.run(&["--index", "i", "remove", "X/1"]).status, 0);
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["records"], &status["problems"]), (&json!(1), &json!([])));
    let run = sandbox.run(&["--index", "i", "ingest", "in"]);
    assert!(run.status == 0 && run.stderr.contains("0 files, 2 records"), "{run:?}");
    assert_eq!(sandbox.run(&["--index", "i", "check"]).status, 0);
    sandbox.run(&["--index", "i", "remove", "--restore", "X/1"]);
    assert_eq!(sandbox.run(&["--index", "i", "export"]).stdout, before);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 3);
}

#[test]
fn neither_a_kept_copy_nor_a_repair_brings_back_what_was_removed() {
    let collection = Collection::new(&mut Rng::with_seed(seed("removal, kept")));
    let sandbox = &collection.sandbox;
    // The source is gone, and its records are kept in the catalog.
    let (file, aside) = (sandbox.path("in/deep/a.jsonl"), sandbox.path("a.jsonl"));
    fs::rename(&file, &aside).unwrap();
    collection.run(&["ingest", "in"]);
    let catalogs =
        || files_below(&sandbox.path("i")).into_iter().filter(|file| file.to_string_lossy().contains("catalog-"));
    assert!(catalogs().any(|file| holds(&file, &collection.tokens[LONER])));
    let id = collection.id(LONER);
    assert_eq!(collection.run(&["remove", &id]).status, 0);
    let left = [CACHES, COPY, ELSEWHERE, REPORT];
    collection.has(&left);
    for (source_is_there, extension) in [(false, ".term"), (true, ".store"), (false, "meta.json"), (true, ".jsonl")] {
        let is_it = |file: &PathBuf| file.to_string_lossy().ends_with(extension);
        for file in files_below(&sandbox.path("i/tantivy")).into_iter().filter(is_it) {
            let mut bytes = fs::read(&file).unwrap();
            bytes[7] ^= 1;
            fs::write(&file, bytes).unwrap();
        }
        if source_is_there {
            fs::copy(&aside, &file).unwrap();
        } else {
            let _ = fs::remove_file(&file);
        }
        let run = collection.run(&["check", "--repair"]);
        assert!(run.stderr.contains("the old index is in "), "{extension}: {run:?}");
        let searched =
            |token: usize| collection.json(&["search", "--json", &collection.tokens[token]])["total"].clone();
        assert_eq!(searched(LONER), 0, "{extension}");
        assert!(left.iter().all(|token| searched(*token) == 1), "{extension}");
        // What was set aside holds what it held, and `remove` says so.
        let elsewhere = collection.id(ELSEWHERE);
        let run = collection.run(&["remove", &elsewhere]);
        assert!(run.stderr.contains("set-aside-1 still holds what it held"), "{run:?}");
        assert_eq!(collection.run(&["remove", "--restore", &elsewhere]).status, 0);
    }
}
