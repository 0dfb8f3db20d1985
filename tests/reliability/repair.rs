//! Promise: a damaged index is rebuilt from its sources, and from what it stored where they are gone; what was said about
//! sources and what was removed still holds; what is lost is named; the damaged index is kept.

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

/// A collection with overrides, a removal, copies and a report, and its index.
struct Collection {
    sandbox: Sandbox,
    export: String,
}

const SOURCES: usize = 6;

impl Collection {
    fn new() -> Collection {
        let mut collection = Collection { sandbox: Sandbox::new(), export: String::new() };
        collection.write_sources();
        assert_eq!(collection.run(&["ingest", "in"]).status, 0);
        for (file, series) in [("in/4.jsonl", "QuxConf"), ("in/5.jsonl", "BazConf")] {
            assert_eq!(collection.run(&["ingest", file, "--series", series, "--year", "2018"]).status, 0);
        }
        let removed = collection.run(&["search", "xylophone", "--format", "id"]);
        assert_eq!(collection.run(&["remove", removed.stdout.trim()]).status, 0);
        collection.export = collection.run(&["export"]).stdout;
        assert_eq!(collection.export.lines().count(), SOURCES * 4 - 1);
        collection
    }

    fn write_sources(&self) {
        for source in 0..SOURCES {
            let talk = |n: usize| {
                let edition = if source < 4 { json!("FooConf") } else { Value::Null };
                let word = if (source, n) == (1, 1) { "xylophone" } else { "kernel" };
                json!({"title": format!("Talk {n} of {source}"), "speakers": [format!("P. {n}")], "series": edition,
                    "year": if source < 4 { json!(2019) } else { Value::Null }, "text": format!("It is on the {word}.")})
            };
            let lines: Vec<String> = (0..4).map(|n| talk(n).to_string() + "\n").collect();
            self.sandbox.write(&format!("in/{source}.jsonl"), lines.concat());
        }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        self.sandbox.run(&[&["--index", "i"], arguments].concat())
    }

    fn json(&self, arguments: &[&str]) -> Value {
        self.sandbox.json(&[&["--index", "i"], arguments].concat())
    }

    /// The index as it was before the first mishap, from which each case begins.
    fn restore_from(&self, whole: &Path) {
        let _ = fs::remove_dir_all(self.sandbox.path("i"));
        copy(whole, &self.sandbox.path("i"));
        self.write_sources();
    }

    fn files(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.sandbox.path("i/tantivy")).unwrap();
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| !path.to_string_lossy().ends_with(".lock"));
        files.sort();
        files
    }

    /// The lines of an export by the source that they come from.
    fn records_of(export: &str, source: usize) -> Vec<&str> {
        export.lines().filter(|line| line.contains(&format!("\"path\":\"{source}.jsonl\""))).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn spoil(path: &Path, rng: &mut Rng) {
    let mut bytes = fs::read(path).unwrap();
    match rng.u8(..4) {
        0 => return fs::remove_file(path).unwrap(),
        1 => bytes.truncate(rng.usize(..bytes.len())),
        _ => {
            let at = rng.usize(..bytes.len());
            bytes[at] ^= 1 << rng.u8(..8);
        }
    }
    fs::write(path, bytes).unwrap();
}

fn is_catalog(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "jsonl")
}

#[test]
fn with_its_sources_an_index_is_mended_to_what_a_fresh_one_would_be() {
    let test = "repair, sources there";
    let mut rng = Rng::with_seed(seed(test));
    let collection = Collection::new();
    let whole = collection.sandbox.path("whole");
    copy(&collection.sandbox.path("i"), &whole);
    let files = collection.files();
    let mut n = 0;
    for _ in 0..amount(1, 12) {
        for file in &files {
            collection.restore_from(&whole);
            spoil(file, &mut rng);
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let damaged = read_all(&collection.sandbox.path("i/tantivy"));
            let run = collection.run(&["check", "--repair"]);
            assert!(run.stderr.contains("rebuilt from ") && run.stderr.contains("set-aside-1"), "{name}: {run:?}");
            assert_eq!(read_all(&collection.sandbox.path("i/set-aside-1/tantivy")), damaged, "{name}");
            if is_catalog(file) {
                // Lines that are sound hold; those that are not are counted, or all where the file is gone.
                let is_told =
                    run.stderr.contains("lost: what the catalog said of") || run.stderr.contains("lost: the catalog");
                assert!(run.status == 3 && is_told, "{run:?}");
                overrides_of_sound_lines_hold(&collection, &damaged[&name]);
            } else {
                assert_eq!((run.status, run.stderr.contains("lost")), (0, false), "{name}: {run:?}");
                assert_eq!(collection.run(&["export"]).stdout, collection.export, "{name}");
            }
            assert_eq!(collection.run(&["check"]).status, 0, "{name}");
            // Nothing is left to do.
            let run = collection.run(&["check", "--repair"]);
            assert!(run.status == 0 && run.stdout.contains("all is well"), "{name}: {run:?}");
            assert!(
                !collection.sandbox.path("i/set-aside-2").exists() && !collection.sandbox.path("i/rebuild").exists()
            );
            let run = collection.run(&["ingest", "in"]);
            assert!(
                is_catalog(file) || run.stdout == "added 0, changed 0, removed 0, unchanged 6\n",
                "{name}: {run:?}"
            );
            n += 1;
        }
    }
    report(test, &format!("{n} mutations, each export as that of a fresh build"));
}

/// The lines of a damaged catalog that can still be read say what holds.
fn overrides_of_sound_lines_hold(collection: &Collection, damaged: &[u8]) {
    let damaged = String::from_utf8_lossy(damaged);
    let is_sound = |line: &&str| {
        let parsed: Option<(String, Value)> = serde_json::from_str(line).ok();
        // As written: the sum is over the text behind the comma.
        let rest = line.get(12..line.len().saturating_sub(1)).unwrap_or_default();
        parsed.is_some_and(|(sum, _)| sum == blake3::hash(rest.as_bytes()).to_hex()[..8])
    };
    let sound: Vec<&str> = damaged.lines().filter(is_sound).collect();
    let export = collection.run(&["export"]).stdout;
    for (source, edition) in [(4, "quxconf-2018"), (5, "bazconf-2018")] {
        if sound.iter().any(|line| line.contains(&format!("/{source}.jsonl\",\"entry\""))) {
            let records = Collection::records_of(&export, source);
            let is_so = |line: &&str| line.contains(&format!("\"edition_id\":\"{edition}\""));
            assert!(records.len() == 4 && records.iter().all(is_so), "{edition}: {records:?}");
        }
    }
    if sound.iter().any(|line| line.contains("removed_record")) {
        assert_eq!(collection.run(&["search", "xylophone"]).status, 1);
    }
}

fn read_all(folder: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let name = |path: &PathBuf| path.file_name().unwrap().to_string_lossy().into_owned();
    entries.filter(|path| path.is_file()).map(|path| (name(&path), fs::read(&path).unwrap())).collect()
}

#[test]
fn where_sources_are_gone_what_was_stored_serves_and_losses_are_counted() {
    let test = "repair, sources gone";
    let mut rng = Rng::with_seed(seed(test));
    let collection = Collection::new();
    let whole = collection.sandbox.path("whole");
    copy(&collection.sandbox.path("i"), &whole);
    let files = collection.files();
    let (mut n, mut n_lost_in_all) = (0, 0);
    for _ in 0..amount(1, 12) {
        for file in &files {
            collection.restore_from(&whole);
            spoil(file, &mut rng);
            let mut sources: Vec<usize> = (0..SOURCES).collect();
            rng.shuffle(&mut sources);
            let (gone, there) = sources.split_at(SOURCES / 2);
            for source in gone {
                fs::remove_file(collection.sandbox.path(&format!("in/{source}.jsonl"))).unwrap();
            }
            let name = file.file_name().unwrap().to_string_lossy().into_owned();
            let told = collection.json(&["check", "--repair", "--json"]);
            let losses: Vec<&str> =
                told["losses"].as_array().unwrap().iter().map(|loss| loss.as_str().unwrap()).collect();
            let export = collection.run(&["export"]).stdout;
            for source in there.iter().filter(|_| !is_catalog(file)) {
                let before = Collection::records_of(&collection.export, *source);
                assert_eq!(Collection::records_of(&export, *source), before, "{name}");
            }
            for source in gone {
                let (before, now) =
                    (Collection::records_of(&collection.export, *source), Collection::records_of(&export, *source));
                assert!(now.iter().all(|record| before.contains(record)), "{name}: {now:?}");
                let n_lost = before.len() - now.len();
                let key = collection.sandbox.path("in").canonicalize().unwrap().join(format!("{source}.jsonl"));
                let key = key.to_string_lossy();
                let is_told = losses
                    .iter()
                    .any(|loss| loss.starts_with(&format!("{n_lost} of {} records of {key}", before.len())));
                assert_eq!(is_told, n_lost > 0, "{name}: {losses:?}");
                let stored = &told["stored"][key.as_ref()];
                assert!(*stored == json!(now.len()), "{name}: {told}");
                n_lost_in_all += n_lost;
            }
            // Only what was stored can be lost, and only with a file that stores it.
            assert!(losses.is_empty() || is_catalog(file) || name.contains(".store"), "{name}: {losses:?}");
            assert_eq!(collection.run(&["search", "xylophone"]).status, 1, "{name}");
            assert_eq!(collection.run(&["check"]).status, 0, "{name}");
            n += 1;
        }
    }
    report(test, &format!("{n} mutations, {n_lost_in_all} records lost and named, the others as they were"));
}

#[test]
fn a_source_that_can_not_be_read_keeps_what_it_gave() {
    let collection = Collection::new();
    // Larger than anything that is read: there, and yet of no use.
    let large = fs::File::options().write(true).open(collection.sandbox.path("in/4.jsonl")).unwrap();
    large.set_len(65 << 20).unwrap();
    assert_eq!(collection.run(&["ingest", "in"]).status, 3);
    assert_eq!(collection.run(&["export"]).stdout, collection.export);
    let term = collection.files().into_iter().find(|file| file.to_string_lossy().ends_with(".term")).unwrap();
    fs::remove_file(term).unwrap();
    let run = collection.run(&["check", "--repair"]);
    assert!(run.stderr.contains("in/4.jsonl (4 records)") && !run.stderr.contains("lost"), "{run:?}");
    assert_eq!(collection.run(&["export"]).stdout, collection.export);
}

#[test]
fn a_repair_that_was_stopped_is_finished_by_the_next() {
    let collection = Collection::new();
    let whole = collection.sandbox.path("whole");
    copy(&collection.sandbox.path("i"), &whole);
    let i = |name: &str| collection.sandbox.path("i").join(name);
    let half = |name: &str| {
        copy(&whole.join("tantivy"), &i("rebuild/tantivy"));
        fs::write(i("rebuild/README.md"), "# hallway index\n").unwrap();
        if !name.is_empty() {
            fs::remove_file(i("rebuild/tantivy").join(name)).unwrap();
        }
    };
    let damage = || fs::write(i("tantivy/meta.json"), "damaged").unwrap();
    // Each state that a repair passes through, in order; a repair rebuilds the same, so that the whole index stands in.
    let states: [(&str, &dyn Fn()); 6] = [
        ("begun", &|| {
            damage();
            half("meta.json");
        }),
        ("rebuilt", &|| {
            damage();
            half("");
        }),
        ("a folder to set it aside in", &|| {
            damage();
            half("");
            fs::create_dir(i("set-aside-1")).unwrap();
        }),
        ("set aside", &|| {
            damage();
            half("");
            fs::create_dir(i("set-aside-1")).unwrap();
            fs::rename(i("tantivy"), i("set-aside-1/tantivy")).unwrap();
        }),
        ("in place", &|| {
            fs::create_dir_all(i("set-aside-1/tantivy")).unwrap();
            fs::write(i("set-aside-1/tantivy/meta.json"), "damaged").unwrap();
            fs::create_dir(i("rebuild")).unwrap();
            fs::write(i("rebuild/README.md"), "# hallway index\n").unwrap();
        }),
        ("in place, and of the first version a catalog beside it", &|| {
            damage();
            half("");
            fs::create_dir(i("set-aside-1")).unwrap();
            fs::rename(i("tantivy"), i("set-aside-1/tantivy")).unwrap();
            fs::write(i("catalog-0123456789abcdef.json"), "{}").unwrap();
            fs::write(i("catalog-products.json"), "{}").unwrap();
        }),
    ];
    for (state, bring_about) in states {
        for ingests in [false, true] {
            collection.restore_from(&whole);
            bring_about();
            let searched = collection.run(&["search", "kernel"]);
            let is_usable = state == "in place";
            assert_eq!(searched.status, if is_usable { 0 } else { 2 }, "{state}: {searched:?}");
            assert!(is_usable || searched.stderr.contains("hallway check --repair"), "{state}: {searched:?}");
            let command: &[&str] = if ingests { &["ingest", "in"] } else { &["check", "--repair"] };
            let run = collection.run(command);
            assert_eq!(run.status, 0, "{state}: {run:?}");
            assert_eq!(collection.run(&["export"]).stdout, collection.export, "{state}");
            assert_eq!(collection.run(&["check"]).status, 0, "{state}");
            collection.run(&["check", "--repair"]);
            assert!(!i("rebuild").exists(), "{state}");
            let aside = |n: usize| i(&format!("set-aside-{n}/tantivy/meta.json"));
            let kept = [1, 2].into_iter().map(aside).find(|path| path.exists()).expect("the damaged one is kept");
            assert_eq!(fs::read(kept).unwrap(), b"damaged", "{state}");
            if state.contains("catalog") {
                assert!(i("set-aside-1/catalog-0123456789abcdef.json").exists() && i("catalog-products.json").exists());
            }
        }
    }
}

#[test]
fn only_repair_and_ingest_rebuild_and_never_while_another_writes() {
    let collection = Collection::new();
    let healthy = read_all(&collection.sandbox.path("i/tantivy"));
    let run = collection.run(&["check", "--repair"]);
    assert!(run.status == 0 && run.stdout.contains("all is well"), "{run:?}");
    assert_eq!(read_all(&collection.sandbox.path("i/tantivy")), healthy, "a healthy index is left alone");
    let run = collection.sandbox.run(&["--index", "none", "check", "--repair"]);
    assert!(run.status == 2 && run.stderr.contains("there is no index"), "{run:?}");

    // The first line of the README alone is written anew.
    fs::write(collection.sandbox.path("i/README.md"), "# hollway index\n").unwrap();
    assert_eq!(collection.run(&["check"]).status, 3);
    assert_eq!(collection.run(&["check", "--repair"]).status, 0);
    assert!(!collection.sandbox.path("i/set-aside-1").exists());
    assert_eq!(read_all(&collection.sandbox.path("i/tantivy")), healthy);

    for end in [".store", ".jsonl", "meta.json"] {
        let is_it = |path: &PathBuf| path.to_string_lossy().ends_with(end);
        for file in collection.files().into_iter().filter(is_it) {
            let mut bytes = fs::read(&file).unwrap();
            bytes[20] ^= 1;
            fs::write(file, bytes).unwrap();
        }
        let damaged = read_all(&collection.sandbox.path("i/tantivy"));
        let readers: [&[&str]; 4] = [&["search", "kernel"], &["status"], &["export"], &["show", "x"]];
        for arguments in readers {
            let run = collection.run(arguments);
            // A damaged catalog is none of a search's business.
            let may_answer = end == ".jsonl" && arguments[0] != "status";
            assert!(may_answer || (run.status == 2 && run.stderr.contains("check --repair")), "{arguments:?}: {run:?}");
            assert_eq!(read_all(&collection.sandbox.path("i/tantivy")), damaged, "{end}: {arguments:?}");
        }
        let lock = fs::File::options().write(true).open(collection.sandbox.path("i/writer.lock")).unwrap();
        lock.lock().unwrap();
        assert_eq!(collection.run(&["check", "--repair"]).status, 75, "{end}");
        assert_eq!(collection.run(&["ingest", "in"]).status, 75, "{end}");
        assert_eq!(read_all(&collection.sandbox.path("i/tantivy")), damaged, "{end}");
        drop(lock);
        let run = collection.run(&["ingest", "in"]);
        assert!(run.stderr.contains("rebuilt from its sources first"), "{end}: {run:?}");
        assert!(run.stderr.contains("the old index is in "), "{end}: {run:?}");
        assert_eq!(collection.run(&["check"]).status, 0, "{end}");
    }
}
