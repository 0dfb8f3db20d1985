//! Promise: readers go on while a writer works, in threads and in processes. No error, no answer from two commits at once,
//! none that is older than what was there when it was asked for.

use std::{
    collections::BTreeSet,
    fs,
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicU64, Ordering::SeqCst},
    time::{Duration, Instant},
};

use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    record::Record,
    search::{Hit, SearchRequest, search},
};
use serde_json::Value;

use crate::{
    sandbox::{Run, Sandbox},
    scale::{amount, report},
};

/// Every generation replaces all records of all sources.
const SOURCES: u64 = 3;
const TALKS: u64 = 3;
/// A report is several documents, so that half of one would show.
const RECORDS: u64 = SOURCES * (TALKS + 1);

fn write_generation(sandbox: &Sandbox, generation: u64) {
    for source in 0..SOURCES {
        let talk = |n| format!(r#"{{"title":"Talk {n} of {source}","abstract":"generation {generation} everywhere"}}"#);
        let first = format!("generation {generation} everywhere {}", "and so it went on. ".repeat(40));
        let last = format!("lastpassage of generation {generation} {}", "and so it ended. ".repeat(20));
        let mut lines: Vec<String> = (0..TALKS).map(talk).collect();
        lines.push(format!(r#"{{"kind":"report","title":"Report {source}","text":"{first}\n\n{last}"}}"#));
        sandbox.write(&format!("in/{source}.jsonl"), lines.join("\n"));
    }
}

/// Who may have seen what: a reader's answer lies between what was committed when it asked and what had been begun when it
/// got it.
#[derive(Default)]
struct Watch {
    begun: AtomicU64,
    committed: AtomicU64,
    queries: AtomicU64,
    by_processes: AtomicU64,
    is_over: AtomicBool,
}

/// Sets the flag when the test is over, also where that is a panic: the other threads would wait for ever.
struct Over<'a>(&'a Watch);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.is_over.store(true, SeqCst);
    }
}

impl Watch {
    /// Checks the answer that `ask` gives: the generation of every record in it.
    fn check(&self, last: &mut u64, ask: impl FnOnce() -> Vec<u64>) {
        let committed = self.committed.load(SeqCst);
        let seen = ask();
        let begun = self.begun.load(SeqCst);
        let generations: BTreeSet<u64> = seen.iter().copied().collect();
        assert_eq!((seen.len() as u64, generations.len()), (RECORDS, 1), "an answer from {generations:?}");
        let generation = seen[0];
        assert!((committed..=begun).contains(&generation), "{generation} is not in {committed}..={begun}");
        assert!(generation >= *last, "{generation} after {last}");
        *last = generation;
        self.queries.fetch_add(1, SeqCst);
    }

    fn read(&self, sandbox: &Sandbox, number: u64) {
        let _over = Over(self);
        let index = Index::open(&sandbox.path("index")).unwrap();
        let mut last = 0;
        for n in number.. {
            if self.is_over.load(SeqCst) {
                break;
            }
            self.check(&mut last, || {
                // One that is opened anew and one that follows the writer.
                let opened;
                let index = if n % 5 == 0 {
                    opened = Index::open(&sandbox.path("index")).unwrap();
                    &opened
                } else {
                    index.reload().unwrap();
                    &index
                };
                if n % 7 == 0 { by_export(index) } else { by_search(index) }
            });
            // The catalog is read for the last commit, whatever the reader holds.
            if n % 2 == 0 {
                assert_eq!(index.catalog().unwrap().sources.len() as u64, SOURCES);
            }
        }
    }

    fn read_by_process(&self, sandbox: &Sandbox) {
        let _over = Over(self);
        let mut last = 0;
        for n in 0_u64.. {
            if self.is_over.load(SeqCst) {
                break;
            }
            if n % 4 == 3 {
                let status = sandbox.json(&["status", "--json", "--index", "index"]);
                assert_eq!((&status["records"], &status["sources"]), (&RECORDS.into(), &SOURCES.into()), "{status}");
            }
            self.check(&mut last, || {
                let arguments = ["search", "--json", "--limit", "100", "--index", "index", "everywhere"];
                let found = sandbox.json(&arguments);
                assert_eq!(found["total"], RECORDS, "{found}");
                found["hits"].as_array().unwrap().iter().map(of_hit).collect()
            });
            self.by_processes.fetch_add(1, SeqCst);
        }
    }
}

fn by_search(index: &Index) -> Vec<u64> {
    let request = |query: &str| SearchRequest { query: query.to_owned(), limit: 100, ..SearchRequest::default() };
    let found = search(index, &request("everywhere")).unwrap();
    assert_eq!(found.total, RECORDS);
    let last_passages = search(index, &request("kind:report lastpassage")).unwrap();
    assert_eq!(last_passages.total, SOURCES, "reports that are there with their last passage");
    let generations = |hit: &Hit| match &hit.passages[..] {
        [] => vec![generation_in(hit.record.body())],
        found => found.iter().map(|found| generation_in(&found.passage.text)).collect(),
    };
    let first: Vec<u64> = found.hits.iter().flat_map(generations).collect();
    let last: BTreeSet<u64> = last_passages.hits.iter().flat_map(generations).collect();
    assert_eq!(last, first.iter().copied().collect(), "the passages of a report belong together");
    first
}

fn by_export(index: &Index) -> Vec<u64> {
    let mut generations = Vec::new();
    index
        .each_record(|record: Record| {
            generations.push(generation_in(record.body()));
            Ok(())
        })
        .unwrap();
    generations
}

/// A hit of `search --json` shows the text in snippets.
fn of_hit(hit: &Value) -> u64 {
    generation_in(hit["snippets"][0]["text"].as_str().unwrap())
}

fn generation_in(text: &str) -> u64 {
    let mut words = text.split_whitespace().skip_while(|word| !word.ends_with("generation"));
    words.nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("no generation in {text:?}"))
}

/// A guard against waiting for ever, no measure of anything.
const HANGS: Duration = Duration::from_secs(3600);

/// Readers in threads and in processes against a writer, until there were enough queries.
fn race(threads: u64, processes: u64, queries: u64, write: impl Fn(&Sandbox)) -> Watch {
    let sandbox = Sandbox::new();
    let watch = Watch::default();
    let generation = |generation: u64| {
        write_generation(&sandbox, generation);
        watch.begun.store(generation, SeqCst);
        write(&sandbox);
        watch.committed.store(generation, SeqCst);
    };
    generation(1);
    let began = Instant::now();
    std::thread::scope(|scope| {
        let (watch, sandbox) = (&watch, &sandbox);
        let _over = Over(watch);
        for number in 0..threads {
            scope.spawn(move || watch.read(sandbox, number));
        }
        for _ in 0..processes {
            scope.spawn(|| watch.read_by_process(sandbox));
        }
        let is_enough = || {
            let by_processes = watch.by_processes.load(SeqCst) >= 5 * processes;
            watch.queries.load(SeqCst) >= queries && by_processes && watch.committed.load(SeqCst) >= 12
        };
        for number in 2.. {
            if watch.is_over.load(SeqCst) || is_enough() {
                break;
            }
            assert!(began.elapsed() < HANGS, "the readers hang");
            generation(number);
        }
    });
    watch
}

fn tell(test: &str, watch: &Watch) {
    let [queries, by_processes, commits] =
        [&watch.queries, &watch.by_processes, &watch.committed].map(|n| n.load(SeqCst));
    let read = format!("{queries} queries, {by_processes} of them by processes, over {commits} commits");
    report(test, &format!("{read}; 0 errors, 0 torn, 0 older than what was committed"));
}

#[test]
fn readers_beside_a_writing_thread() {
    let watch = race(4, 0, amount(1_500, 150_000), |sandbox| {
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        let request = IngestRequest { paths: vec![sandbox.path("in")], ..IngestRequest::default() };
        ingest(&index, &request, &mut |_| {}).unwrap();
    });
    tell("readers beside a thread", &watch);
}

#[test]
fn readers_beside_a_writing_process() {
    let watch = race(4, 2, amount(500, 60_000), |sandbox| {
        let run = sandbox.run(&["ingest", "in", "--index", "index"]);
        assert_eq!(run.status, 0, "{run:?}");
    });
    tell("readers beside a process", &watch);
}

/// Nobody waits for a reader: what it holds open may be replaced, and it sees its own commit to the end.
#[test]
fn a_reader_keeps_its_snapshot() {
    let sandbox = Sandbox::new();
    let write = |generation| {
        write_generation(&sandbox, generation);
        assert_eq!(sandbox.run(&["ingest", "in", "--index", "index"]).status, 0);
    };
    write(1);
    let index = Index::open(&sandbox.path("index")).unwrap();
    for generation in 2..5 {
        write(generation);
        assert_eq!(by_search(&index), vec![1; RECORDS as usize]);
        assert_eq!(by_export(&index), vec![1; RECORDS as usize]);
    }
    index.reload().unwrap();
    assert_eq!(by_search(&index), vec![4; RECORDS as usize]);
}

/// Killed while it reads, a reader leaves nothing that a writer would wait for.
#[test]
fn a_killed_reader_is_in_nobodys_way() {
    let sandbox = Sandbox::new();
    for generation in 1..=amount(5, 50) {
        write_generation(&sandbox, generation);
        let mut readers: Vec<_> = (0..4)
            .map(|_| {
                let mut command = sandbox.command();
                command.args(["search", "everywhere", "--index", "index"]);
                command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
            })
            .collect();
        for reader in &mut readers {
            let _ = reader.kill();
            reader.wait().unwrap();
        }
        let run: Run = sandbox.run(&["ingest", "in", "--index", "index"]);
        assert_eq!(run.status, 0, "{run:?}");
    }
    assert!(fs::read_dir(sandbox.path("index")).unwrap().count() > 0);
}
