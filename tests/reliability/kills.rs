//! Promise: kill -9 at any moment of ingest, commit, merge or clean-up. No acknowledged batch is lost, none is half there,
//! nothing is there twice, and the next run leaves no file behind that no commit names.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    io::Read,
    path::Path,
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use fastrand::Rng;
use hallway::{
    error::ErrorKind,
    index::Index,
    search::{SearchRequest, search},
};

use crate::{
    leftovers::orphans,
    sandbox::Sandbox,
    scale::{amount, report, seed},
};

/// What lies in the source folder: path → the batch that wrote the file, and how many talks it holds.
type Sources = BTreeMap<String, (u64, usize)>;

/// What an index holds, as told by the sources or as read from the index: equal, or something was lost or torn.
#[derive(Clone, Debug, Default, PartialEq)]
struct State {
    /// Source and line of a record that has no copies → the batch that its text names.
    own: BTreeMap<(String, u64), u64>,
    /// Title of a record that several sources hold → those sources.
    shared: BTreeMap<String, BTreeSet<String>>,
    /// Source → hash of its bytes, number of its records.
    catalog: BTreeMap<String, (String, u64)>,
    /// Hits of the empty query.
    n_records: u64,
    /// Title of a report → the batches that its last passage names, as a search finds it.
    last_passages: BTreeMap<String, Vec<u64>>,
}

const SHARED: u64 = 3;

fn shared_title(path: &str) -> String {
    let sum: u64 = path.bytes().map(u64::from).sum();
    format!("Shared {}", sum % SHARED)
}

/// A source's talks, its report of several passages, and its copy of a talk that others hold too.
fn text(path: &str, batch: u64, n_talks: usize) -> String {
    let mut text = String::new();
    for n in 0..n_talks {
        let line = format!(r#"{{"title":"Talk {n} of {path}","speakers":["A. One"],"abstract":"batch {batch} anew"}}"#);
        writeln!(text, "{line}").unwrap();
    }
    let first = format!("batch {batch} {}", "and then we met again. ".repeat(50));
    let last = format!("lastpassage of batch {batch} {}", "and then we left. ".repeat(20));
    let body = format!(r"{first}\n\n{last}");
    writeln!(text, r#"{{"kind":"report","title":"Report on {path}","author":"B. Two","text":"{body}"}}"#).unwrap();
    let edition = r#""series":"FooConf","year":2020,"speakers":["C. Three"]"#;
    writeln!(text, r#"{{"title":"{}",{edition}}}"#, shared_title(path)).unwrap();
    text
}

impl State {
    fn of(sources: &Sources) -> State {
        let mut state = State::default();
        for (path, (batch, n_talks)) in sources {
            let n_own = *n_talks as u64 + 1;
            state.own.extend((1..=n_own).map(|line| ((path.clone(), line), *batch)));
            state.shared.entry(shared_title(path)).or_default().insert(path.clone());
            let hash = blake3::hash(text(path, *batch, *n_talks).as_bytes()).to_hex().to_string();
            state.catalog.insert(path.clone(), (hash, n_own + 1));
            state.last_passages.insert(format!("Report on {path}"), vec![*batch]);
        }
        state.n_records = (state.own.len() + state.shared.len()) as u64;
        state
    }

    fn read(dir: &Path) -> State {
        let index = match Index::open(dir) {
            Err(error) if error.kind() == ErrorKind::NoIndex => return State::default(),
            other => other.unwrap_or_else(|error| panic!("the index is unusable: {error}")),
        };
        let mut state = State::default();
        let mut ids = BTreeSet::new();
        index
            .each_record(|record| {
                assert!(ids.insert(record.id.clone()), "{} is there twice", record.id);
                let title = record.title.clone().unwrap();
                let is_new = if title.starts_with("Shared") {
                    let sources = record.sources.iter().map(|span| span.path.clone()).collect();
                    state.shared.insert(title, sources).is_none()
                } else {
                    let batch = batch_in(record.body());
                    let [span] = &record.sources[..] else { panic!("{title} stands at {:?}", record.sources) };
                    state.own.insert((span.path.clone(), span.line), batch).is_none()
                };
                assert!(is_new, "{} is there twice", record.id);
                Ok(())
            })
            .unwrap();
        for entry in index.catalog().unwrap().sources.into_values() {
            state.catalog.insert(entry.path, (entry.hash, entry.n_records));
        }
        let ask = |query: &str| {
            let request = SearchRequest { query: query.to_owned(), limit: 1000, ..SearchRequest::default() };
            search(&index, &request).unwrap()
        };
        state.n_records = ask("").total;
        for hit in ask("lastpassage").hits {
            let batches = hit.passages.iter().map(|found| batch_in(&found.passage.text)).collect();
            state.last_passages.insert(hit.record.title.unwrap(), batches);
        }
        state
    }
}

fn batch_in(text: &str) -> u64 {
    text.split(' ').skip_while(|word| *word != "batch").nth(1).unwrap().parse().unwrap()
}

/// A batch over several files: some change, some go, some come. A big one writes enough to be merged.
fn next(sources: &Sources, batch: u64, is_big: bool, rng: &mut Rng) -> Sources {
    let mut after = sources.clone();
    let keep = if sources.len() > 12 { 0.6 } else { 0.9 };
    after.retain(|_, _| rng.f64() < keep);
    for written in after.values_mut() {
        if rng.u8(..3) == 0 {
            *written = (batch, rng.usize(0..8));
        }
    }
    let (n_new, n_talks) = if is_big { (12, 5..40) } else { (rng.usize(1..4), 0..8) };
    for n in 0..n_new {
        after.insert(format!("{}/{batch}-{n}.jsonl", rng.u8(..3)), (batch, rng.usize(n_talks.clone())));
    }
    after
}

fn write(sandbox: &Sandbox, before: &Sources, after: &Sources) {
    for path in before.keys().filter(|path| !after.contains_key(*path)) {
        fs::remove_file(sandbox.path("in").join(path)).unwrap();
    }
    for (path, written) in after.iter().filter(|(path, written)| before.get(*path) != Some(*written)) {
        sandbox.write(&format!("in/{path}"), text(path, written.0, written.1));
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    /// It ended by itself.
    Whole,
    /// It had said on standard output that the batch is stored, and was killed while it merged or cleaned up.
    Acknowledged,
    Killed,
}

fn ingest(sandbox: &Sandbox, kill_after: Option<Duration>) -> (End, Duration) {
    let mut command = sandbox.command();
    command.args(["ingest", "--prune", "--json", "in", "--index", "index"]);
    let began = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let is_over = |child: &mut Child| child.try_wait().unwrap().is_some();
    while !is_over(&mut child) && kill_after.is_none_or(|limit| began.elapsed() < limit) {
        assert!(began.elapsed() < HANGS, "the ingest hangs");
        std::thread::sleep(Duration::from_micros(500));
    }
    if kill_after.is_some() {
        // SIGKILL; an error says that it had ended already.
        let _ = child.kill();
    }
    let took = began.elapsed();
    let output = child.wait_with_output().unwrap();
    let was_killed = output.status.code().is_none();
    assert!(was_killed || output.status.success(), "{output:?}");
    let is_told = output.stdout.bytes().any(|byte| byte.unwrap() == b'\n');
    let end = match (was_killed, is_told) {
        (false, _) => End::Whole,
        (true, true) => End::Acknowledged,
        (true, false) => End::Killed,
    };
    (end, took)
}

/// A guard against waiting for ever, no measure of anything.
const HANGS: Duration = Duration::from_secs(120);

/// Batches after which the next index is begun, so that the making of one is killed too.
const BATCHES: u64 = 12;

#[derive(Debug, Default)]
struct Figures {
    batches: u64,
    kills: u64,
    /// Kills that found the batch committed, but not yet acknowledged.
    committed: u64,
    /// Kills after the acknowledgement, in the merge step.
    merging: u64,
    /// Files that kills left behind, all of which the next run took away.
    orphans: usize,
}

#[test]
fn a_kill_loses_nothing_and_leaves_nothing_half_done() {
    let mut rng = Rng::with_seed(seed("kills"));
    let mut figures = Figures::default();
    // How long a run takes, of small batches and of big ones.
    let mut whole = [Duration::from_millis(200); 2];
    let enough = amount(25, 600);
    while figures.kills < enough {
        one_index(&mut rng, &mut whole, &mut figures, enough);
    }
    let Figures { batches, kills, committed, merging, orphans } = figures;
    let when = format!("{committed} between commit and acknowledgement, {merging} after it");
    let done = format!("{kills} kills in {batches} batches, {when}");
    report("kills", &format!("{done}; 0 lost, 0 half, 0 twice; {orphans} files left by kills, 0 after the next run"));
}

fn one_index(rng: &mut Rng, whole: &mut [Duration; 2], figures: &mut Figures, enough: u64) {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("index");
    fs::create_dir(sandbox.path("in")).unwrap();
    let mut sources = Sources::new();
    for batch in 0..BATCHES {
        if figures.kills >= enough {
            break;
        }
        let is_big = rng.u8(..5) == 0;
        let whole = &mut whole[usize::from(is_big)];
        let after = next(&sources, batch, is_big, rng);
        write(&sandbox, &sources, &after);
        let states = (State::of(&sources), State::of(&after));
        figures.batches += 1;
        loop {
            // The later half holds the commit and what follows it: it gets two thirds.
            let share = if rng.u8(..3) == 0 { rng.f64() } else { 0.5 + rng.f64() * 0.65 };
            let delay = (rng.u8(..3) > 0).then(|| whole.mul_f64(share));
            let (end, took) = ingest(&sandbox, delay);
            let state = State::read(&dir);
            if end == End::Whole {
                *whole = (*whole * 2 + took) / 3;
                assert_eq!(state, states.1, "batch {batch} was acknowledged");
                assert_eq!(orphans(&dir), Vec::<String>::new(), "after a whole run of batch {batch}");
                break;
            }
            figures.kills += 1;
            if end == End::Acknowledged {
                assert_eq!(state, states.1, "batch {batch} was acknowledged");
                figures.merging += 1;
                figures.orphans += orphans(&dir).len();
                break;
            }
            let is_after = state == states.1;
            if !is_after {
                assert_eq!(state, states.0, "batch {batch} was killed after {took:?}, and is neither there nor not");
            }
            figures.committed += u64::from(is_after);
            figures.orphans += orphans(&dir).len();
            if figures.kills.is_multiple_of(4) {
                ask_the_binary(&sandbox, &state);
            }
        }
        sources = after;
    }
}

/// The same through the command line, as the next user of the index meets it.
fn ask_the_binary(sandbox: &Sandbox, state: &State) {
    if state.catalog.is_empty() {
        assert_eq!(sandbox.run(&["status", "--index", "index"]).status, 2);
        return;
    }
    let status = sandbox.json(&["status", "--json", "--index", "index"]);
    assert_eq!(status["records"], state.n_records);
    assert_eq!(status["sources"], state.catalog.len());
    let found = sandbox.json(&["search", "--json", "lastpassage", "--index", "index"]);
    assert_eq!(found["total"], state.last_passages.len());
}
