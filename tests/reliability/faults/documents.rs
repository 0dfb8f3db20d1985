//! A document that fails in the middle of a batch: the batch is stored whole or not at all, the next one is stored, and
//! nothing waits for ever. A document that is larger than any real one is stored, or refused by itself.

use std::{
    fmt::Write,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, Ordering},
    },
};

use fastrand::Rng;
use hallway::{
    index::{Index, Op, SourceEntry, check, faults::watch},
    record::Record,
};

use super::stage::{Stage, Step, content, error, within};
use crate::{
    leftovers::orphans,
    scale::{amount, report, seed},
};

/// In the ids and texts of these tests alone: analysis is watched everywhere.
const MARK: &str = "poisonable";

/// A program of so many talks.
fn program(name: &str, n_talks: u64) -> Step {
    let mut lines = String::new();
    for n in 0..n_talks {
        writeln!(lines, r#"{{"id":"{name}-{MARK}-{n}","title":"{MARK} {n}","abstract":"words {name} {n}"}}"#).unwrap();
    }
    Step::Ingest { files: vec![(format!("{name}.jsonl"), Some(lines))], prune: true }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Poison {
    /// Analysis panics, in tantivy's own thread.
    Panic,
    /// A value is not of its field's type.
    WrongType,
}

/// Spoils the document at a position, of those that come after this call.
fn poison(folder: &Path, poison: Poison, position: u64) -> (hallway::index::faults::Watching, Arc<Mutex<bool>>) {
    let hit = Arc::new(Mutex::new(false));
    let (n_seen, told) = (AtomicU64::new(0), Arc::clone(&hit));
    let watching = watch(
        folder,
        Arc::new(move |op| {
            let is_meant = match (op, poison) {
                // The titles, once a document.
                (Op::Analyse(text), Poison::Panic) => {
                    // As they are written: terms are stems, and texts have other words as well.
                    let text = text.rsplit('\u{1c}').next().unwrap_or_default();
                    text.starts_with(MARK) && !text.contains("words")
                }
                (Op::Document(id), Poison::WrongType) => id.contains(MARK),
                _ => false,
            };
            if is_meant && n_seen.fetch_add(1, Ordering::Relaxed) == position {
                *told.lock().unwrap() = true;
                return Err(error(5));
            }
            Ok(())
        }),
    );
    (watching, hit)
}

#[test]
fn documents_that_fail_take_their_batch_and_nothing_else() {
    let mut rng = Rng::with_seed(seed("failing documents"));
    let n_positions = amount(20, 600);
    // Batches longer than tantivy's queue take their time.
    let n_long = amount(1, 12);
    let (mut n_documents, mut n_missed) = (0, 0);
    let stage = Arc::new(Stage::new());
    let dir = stage.index();
    let first = program("first", 5);
    stage.prepare(&first);
    stage.run(&first, &dir).unwrap();
    for trial in 0..n_positions {
        let (n_talks, position) = match trial {
            0 => (10_040, 10_020),
            1 if n_long > 1 => (10_600, 3),
            _ if trial < n_long => (10_600, rng.u64(..10_600)),
            _ => {
                let n = rng.u64(1..40);
                (n, [0, n - 1, rng.u64(..n)][rng.usize(..3)])
            }
        };
        n_documents += n_talks;
        let sort = if rng.bool() { Poison::Panic } else { Poison::WrongType };
        let what = format!("{sort:?} at {position} of {n_talks}");
        let batch = program("batch", n_talks);
        let before = content(&dir).unwrap();
        stage.prepare(&batch);
        let (watching, hit) = poison(&stage.disk(), sort, position);
        let (at, acting, step) = (dir.clone(), Arc::clone(&stage), batch.clone());
        let result = within(240, &what, move || acting.run(&step, &at));
        drop(watching);
        if *hit.lock().unwrap() {
            let told = result.expect_err(&what).to_string();
            assert!(told.contains(&*dir.to_string_lossy()), "{what}: {told}");
            assert_eq!(content(&dir).unwrap(), before, "{what}: half a batch was stored");
        } else {
            n_missed += 1;
            result.unwrap();
        }
        // What comes next is stored whole, and none of it is left when it is gone.
        let next = n_talks.min(1_000);
        let again = program("batch", next);
        stage.prepare(&again);
        stage.run(&again, &dir).unwrap_or_else(|error| panic!("{what}: the next batch: {error}"));
        let report = check(&dir).unwrap();
        assert_eq!((report.n_records, report.damage), (5 + next, Vec::new()), "{what}");
        assert_eq!(orphans(&dir), [""; 0], "{what}");
        let gone = Step::Ingest { files: vec![("batch.jsonl".to_owned(), None)], prune: true };
        stage.prepare(&gone);
        stage.run(&gone, &dir).unwrap();
        assert_eq!(content(&dir).unwrap(), before, "{what}: something of a batch that is gone");
    }
    let n_hit = n_positions - n_missed;
    assert!(n_missed * 10 < n_positions, "{n_missed} of {n_positions} documents did not come to fail");
    report("failing documents", &format!("{n_hit} positions in batches of {n_documents} documents, 0 half batches"));
}

fn words(n: usize) -> String {
    (0..n).fold(String::new(), |mut text, n| {
        write!(text, "w{n} ").unwrap();
        text
    })
}

/// Records that no source gives, and which the index has to bear all the same.
fn outsized() -> Vec<(&'static str, Record)> {
    let talk = |id: &str| Record { id: id.to_owned(), title: Some("Outsized".to_owned()), ..Record::default() };
    let text = |text: String| Record { abstract_text: Some(text), ..talk("outsized") };
    vec![
        // 20 MB; what is not optimised takes long over them.
        ("a long text", text("all work and no play ".repeat(amount(20_000, 1_000_000) as usize))),
        ("a word of 70,000 bytes", text("w".repeat(70_000))),
        ("a character of two bytes 70,000 times", text("é".repeat(70_000))),
        ("many words", text(words(amount(10_000, 200_000) as usize))),
        ("an id of 300 bytes", talk(&"i".repeat(300))),
        ("an id of 70,000 bytes", talk(&"i".repeat(70_000))),
        ("a long title", Record { title: Some("t ".repeat(amount(50_000, 500_000) as usize)), ..talk("outsized") }),
        ("5,000 tags", Record { tags: words(5_000).split_whitespace().map(str::to_owned).collect(), ..talk("tagged") }),
        ("a track of 70,000 bytes", Record { track: Some("t".repeat(70_000)), ..talk("outsized") }),
    ]
}

#[test]
fn outsized_documents_cost_no_other() {
    let stage = Stage::new();
    let dir = stage.index();
    let first = program("first", 5);
    stage.prepare(&first);
    stage.run(&first, &dir).unwrap();
    let index = Index::open(&dir).unwrap();
    let n_records = |index: &Index| {
        index.reload().unwrap();
        let report = check(&dir).unwrap();
        assert_eq!(report.damage, []);
        report.n_records
    };
    let cases = outsized();
    let (mut n_stored, n_cases) = (0, cases.len());
    for (what, record) in cases {
        let neighbour =
            |n: u64| Record { id: format!("beside-{n}"), title: Some("Beside".into()), ..Record::default() };
        // Twice: what is stored has to be found again, so that its next version takes its place.
        for _ in 0..2 {
            let records = vec![neighbour(0), record.clone(), neighbour(1)];
            let mut writer = index.writer().unwrap();
            writer.replace("/outsized", SourceEntry::default(), records);
            let stored = writer.stage().and_then(|()| writer.commit());
            match stored {
                Ok(()) => assert_eq!(n_records(&index), 8, "{what}"),
                Err(error) => {
                    assert!(error.to_string().contains("is longer than"), "{what}: {error}");
                    assert!([5, 8].contains(&n_records(&index)), "{what}");
                }
            }
            n_stored += u64::from(n_records(&index) == 8);
        }
        let mut writer = index.writer().unwrap();
        writer.forget("/outsized");
        writer.stage().unwrap();
        writer.commit().unwrap();
        assert_eq!(n_records(&index), 5, "{what}: something of it stays");
    }
    report("outsized documents", &format!("{n_cases} sorts, {n_stored} of {} batches stored", 2 * n_cases));
}

#[test]
fn outsized_files_cost_no_other() {
    let stage = Stage::new();
    let dir = stage.index();
    let line = |value: serde_json::Value| format!("{value}\n");
    let title = |text: &str| line(serde_json::json!({ "title": "Outsized", "abstract": text }));
    let files = [
        ("a.jsonl", line(serde_json::json!({ "title": "Before" }))),
        (
            "text.jsonl",
            title(&"all work and no play ".repeat(1_000_000)) + &line(serde_json::json!({ "title": "Same" })),
        ),
        ("word.jsonl", title(&"w".repeat(70_000)) + &line(serde_json::json!({ "title": "Next" }))),
        ("words.jsonl", title(&words(amount(10_000, 200_000) as usize))),
        ("id.jsonl", line(serde_json::json!({ "id": "i".repeat(300), "title": "Named" }))),
        ("long-id.jsonl", line(serde_json::json!({ "id": "i".repeat(3_000), "title": "Misnamed" }))),
        ("report.md", format!("# A report\n\n{}", "All work and no play. ".repeat(amount(20_000, 1_000_000) as usize))),
        ("z.jsonl", line(serde_json::json!({ "title": "After" }))),
    ];
    for (name, text) in &files {
        fs::write(stage.talks().join(name), text).unwrap();
    }
    let step = Step::Ingest { files: Vec::new(), prune: true };
    stage.run(&step, &dir).unwrap();
    let index = Index::open(&dir).unwrap();
    let mut titles = Vec::new();
    let each = index.each_record(|record| {
        titles.extend(record.title);
        Ok(())
    });
    each.unwrap();
    for title in ["Before", "After", "Same", "Next", "Named"] {
        assert!(titles.iter().any(|other| other == title), "{title} is lost: {titles:?}");
    }
    let catalog = index.catalog().unwrap();
    assert_eq!(catalog.sources.len(), files.len());
    for (key, entry) in &catalog.sources {
        assert!(
            entry.n_records > 0 || entry.is_page || !entry.problems.is_empty(),
            "{key} gave nothing, and no reason"
        );
    }
    assert_eq!(check(&dir).unwrap().damage, []);
}
