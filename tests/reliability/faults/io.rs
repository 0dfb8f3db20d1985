//! An error of the disk at every single operation, once or from there on: it is told, what was committed stays readable,
//! and the next run brings everything to the state that it would have had.

use std::{
    collections::BTreeMap,
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
    sync::{Arc, Mutex},
};

use fastrand::Rng;
use hallway::{
    error::{Error, ErrorKind, Result},
    index::{
        Index, Op, check,
        faults::{Watching, watch},
    },
    search::{SearchRequest, search},
};

use super::stage::{Content, ERRORS, Stage, Step, content, damage, error, overwrite, talks, within};
use crate::{
    leftovers::orphans,
    scale::{is_soak, report, seed},
};

/// A step that writes, or one that only reads.
#[derive(Clone, Debug)]
enum Act {
    Write(Step),
    Check,
    Search,
    /// Of an index that was opened before the step that is named.
    Reload(Step),
}

impl Act {
    fn name(&self) -> &'static str {
        match self {
            Act::Write(step) => step.name(),
            Act::Check => "check",
            Act::Search => "search",
            Act::Reload(_) => "reload",
        }
    }
}

fn script(rng: &mut Rng) -> Vec<Act> {
    let mut file = |name: &str| (format!("{name}.jsonl"), Some(talks(rng, name)));
    let fixed = "{\"title\":\"Fixed\",\"year\":2024}\n{\"title\":\"Stays\",\"year\":2024}\n";
    let ingest = |files, prune| Step::Ingest { files, prune };
    let gone = |name: &str| (format!("{name}.jsonl"), None);
    let steps = [
        Act::Write(Step::Create),
        Act::Write(ingest(vec![file("a"), file("b"), file("c")], false)),
        Act::Write(ingest(vec![file("a"), gone("b"), ("fixed.jsonl".to_owned(), Some(fixed.to_owned()))], false)),
        Act::Write(ingest(vec![file("d"), gone("c")], true)),
        Act::Reload(ingest(vec![file("e")], false)),
        Act::Write(Step::Compact),
        Act::Search,
        Act::Write(Step::RemoveRecord("Fixed".to_owned())),
        Act::Write(Step::RemoveSource("a.jsonl".to_owned())),
        Act::Write(Step::Restore("a.jsonl".to_owned())),
        Act::Check,
        Act::Write(Step::Repair),
        Act::Write(ingest(vec![file("f")], false)),
    ];
    steps.into()
}

#[test]
fn every_error_is_told_and_the_next_run_heals() {
    let mut rng = Rng::with_seed(seed("io errors"));
    let stage = Arc::new(Stage::new());
    let mut counts = Counts::default();
    let kinds: Vec<_> = ERRORS.iter().flat_map(|code| [(*code, false), (*code, true)]).collect();
    let mut turn = 0;
    for act in script(&mut rng) {
        let trials = Trials::new(&stage, &act, &mut rng);
        counts.n_ops += trials.ops.len();
        for (n, op) in trials.ops.iter().enumerate() {
            // A short run takes the kinds of fault in turn, and few of the many files of a segment, which are alike.
            let is_alike = ["fast", "fieldnorm", "idx", "pos", "store", "term"].iter().any(|sort| op.ends_with(sort));
            let one_in = if is_alike { 24 } else { 6 };
            let is_taken = is_soak() || op.ends_with("catalog") || rng.u8(..one_in) == 0;
            for (at, (code, is_sticky)) in kinds.iter().copied().enumerate() {
                if is_taken && (is_soak() || turn % kinds.len() == at) {
                    trials.one(&Fault { n, is_sticky, code }, &mut counts);
                }
            }
            turn += 1;
        }
        trials.end();
    }
    let Counts { n_ops, n_trials, n_told, n_swallowed, without_cause, failures } = counts;
    let n_swallowed_all: u64 = n_swallowed.values().sum();
    let figures = format!(
        "{n_trials} faults at {n_ops} operations: {n_told} told, {n_swallowed_all} without consequence, {} wrong",
        failures.len()
    );
    report("io errors", &figures);
    println!("without consequence: {n_swallowed:#?}");
    println!("without their cause: {without_cause:#?}");
    assert!(failures.is_empty(), "{figures}\n{}", failures[..failures.len().min(20)].join("\n"));
}

#[derive(Default)]
struct Counts {
    n_ops: usize,
    n_trials: u64,
    n_told: u64,
    n_swallowed: BTreeMap<String, u64>,
    without_cause: BTreeMap<String, u64>,
    failures: Vec<String>,
}

#[derive(Clone, Copy, Debug)]
struct Fault {
    n: usize,
    is_sticky: bool,
    code: i32,
}

/// What was asked for, until the fault and at it.
#[derive(Default)]
struct Seen {
    ops: Vec<String>,
    hit: Option<String>,
}

/// Watches a folder; fails where `fault` says.
fn spoil(folder: &Path, fault: Option<Fault>) -> (Watching, Arc<Mutex<Seen>>) {
    let seen = Arc::new(Mutex::new(Seen::default()));
    let told = Arc::clone(&seen);
    let watching = watch(
        folder,
        Arc::new(move |op| {
            if matches!(op, Op::Analyse(_) | Op::Document(_)) {
                return Ok(());
            }
            let mut seen = told.lock().unwrap();
            let n = seen.ops.len();
            seen.ops.push(name_of(op));
            match fault {
                Some(fault) if n == fault.n || (n > fault.n && fault.is_sticky) => {
                    seen.hit.get_or_insert_with(|| name_of(op));
                    Err(error(fault.code))
                }
                _ => Ok(()),
            }
        }),
    );
    (watching, seen)
}

/// What an operation does to what sort of file.
fn name_of(op: &Op) -> String {
    let text = match op {
        Op::Write(path, _) => format!("Write({}", path.display()),
        other => format!("{other:?}"),
    };
    let (verb, path) = text.split_once('(').unwrap();
    let path = path.trim_end_matches([')', '"']);
    let name = path.rsplit('/').next().unwrap_or_default();
    let sort = name.rsplit('.').next().unwrap_or_default();
    format!("{verb} {}", if name.starts_with("catalog-") { "catalog" } else { sort })
}

/// All trials of one act, on copies of one index.
struct Trials<'a> {
    stage: &'a Arc<Stage>,
    act: Act,
    before: Content,
    after: Content,
    answer: String,
    /// What it does to the disk.
    ops: Vec<String>,
}

impl<'a> Trials<'a> {
    /// Counts the operations and learns what has to come of them.
    fn new(stage: &'a Arc<Stage>, act: &Act, rng: &mut Rng) -> Self {
        let dir = stage.index();
        let before = content(&dir).unwrap();
        let act = act.clone();
        match &act {
            Act::Write(step) | Act::Reload(step) => stage.prepare(step),
            Act::Check | Act::Search => {}
        }
        if let (Act::Write(Step::Repair), Some((path, bytes))) = (&act, damage(&dir, rng)) {
            overwrite(&path, &bytes);
        }
        let mut trials = Trials { stage, act, after: before.clone(), before, answer: String::new(), ops: Vec::new() };
        let (result, seen, trial) = trials.run(None);
        trials.answer = result.unwrap_or_else(|panic| panic!("{panic}")).unwrap();
        trials.ops = seen.ops;
        trials.after = content(&trial).unwrap();
        trials
    }

    /// Goes on to the next act.
    fn end(&self) {
        match &self.act {
            Act::Write(step) | Act::Reload(step) => self.stage.run(step, &self.stage.index()).unwrap(),
            Act::Check | Act::Search => {}
        }
        assert_eq!(content(&self.stage.index()).unwrap(), self.after, "{}", self.act.name());
    }

    /// Acts on a copy of the index, in which the disk fails: the answer, or the panic.
    #[allow(clippy::type_complexity)]
    fn run(&self, fault: Option<Fault>) -> (std::result::Result<Result<String>, String>, Seen, std::path::PathBuf) {
        let folder = self.stage.path("trial");
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir(&folder).unwrap();
        let dir = folder.join("index");
        link(&self.stage.index(), &dir);
        let (act, stage, at) = (self.act.clone(), Arc::clone(self.stage), dir.clone());
        let (result, seen) = within(60, &format!("{} with {fault:?}", act.name()), move || {
            // Opened, and outrun, before the disk fails.
            let opened = match &act {
                Act::Reload(step) => {
                    let index = Index::open(&at).unwrap();
                    stage.run(step, &at).unwrap();
                    Some(index)
                }
                _ => None,
            };
            let (watching, seen) = spoil(&folder, fault);
            let result = catch_unwind(AssertUnwindSafe(|| perform(&act, &stage, &at, opened.as_ref())));
            drop(watching);
            let result = result.map_err(|panic| {
                let text = panic.downcast_ref::<String>().cloned();
                text.or(panic.downcast_ref::<&str>().map(ToString::to_string)).unwrap_or_default()
            });
            if let (Some(index), Ok(Err(_))) = (&opened, &result) {
                index.reload().unwrap();
            }
            let seen = std::mem::take(&mut *seen.lock().unwrap());
            (result, seen)
        });
        (result, seen, dir)
    }

    fn one(&self, fault: &Fault, counts: &mut Counts) {
        let (result, seen, dir) = self.run(Some(*fault));
        let Some(hit) = seen.hit else { return };
        counts.n_trials += 1;
        let mut wrong = |what: String| counts.failures.push(format!("{}: {fault:?} at {hit}: {what}", self.act.name()));
        let is_read = !matches!(self.act, Act::Write(_));
        let is_ok = matches!(result, Ok(Ok(_)));
        match result {
            Err(panic) => return wrong(format!("panicked: {panic}")),
            Ok(Ok(answer)) => {
                *counts.n_swallowed.entry(format!("{hit} in {}", self.act.name())).or_default() += 1;
                if is_read && answer != self.answer {
                    return wrong(format!("answered {answer}, not {}", self.answer));
                }
            }
            Ok(Err(told)) => {
                counts.n_told += 1;
                let cause = error(fault.code).to_string();
                if !tells(&told, &cause) {
                    *counts.without_cause.entry(format!("{hit}: {told}")).or_default() += 1;
                    if !told.to_string().contains(&*dir.to_string_lossy()) {
                        return wrong(format!("tells neither path nor cause: {told}"));
                    }
                }
                if !matches!(told.kind(), ErrorKind::Io | ErrorKind::Index | ErrorKind::Busy) {
                    return wrong(format!("an error of the kind {:?}: {told}", told.kind()));
                }
            }
        }
        let is_damaged = matches!(self.act, Act::Write(Step::Repair));
        // A repair does without what the disk can't read, and says so.
        if is_damaged && !is_ok && fault.code == ERRORS[0] && hit.starts_with("Read") {
            return;
        }
        match content(&dir) {
            Ok(content) if is_ok || is_read => {
                if content != self.after {
                    return wrong("done, it says, and is not".to_owned());
                }
            }
            Ok(content) if [&self.before, &self.after].contains(&&content) => {}
            Ok(content) => return wrong(format!("left {} records of no commit", content.n_records)),
            Err(_) if is_damaged && !is_ok => {}
            Err(told) => return wrong(format!("left unusable: {told}")),
        }
        let Act::Write(step) = &self.act else { return };
        let healed = self.stage.heal(step, &dir).map_err(|error| error.to_string()).and_then(|()| content(&dir));
        match healed {
            Ok(content) if content == self.after => {}
            Ok(_) => return wrong("the next run gives something else".to_owned()),
            Err(told) => return wrong(format!("the next run fails: {told}")),
        }
        let left = orphans(&dir);
        if !left.is_empty() {
            wrong(format!("the next run leaves {left:?}"));
        }
    }
}

/// The answer is the same whenever the index is the same.
fn perform(act: &Act, stage: &Stage, dir: &Path, opened: Option<&Index>) -> Result<String> {
    match act {
        Act::Write(step) => stage.run(step, dir).map(|()| String::new()),
        Act::Check => {
            let report = check(dir)?;
            match report.damage.first() {
                // This is how a check tells of what it can't read.
                Some(damage) => Err(Error::new(ErrorKind::Index, format!("{}: {damage}", dir.display()))),
                None => Ok(format!("{} records", report.n_records)),
            }
        }
        Act::Search => {
            let index = Index::open(dir)?;
            let results = search(&index, &SearchRequest { query: "cache".to_owned(), ..SearchRequest::default() })?;
            let ids: Vec<_> = results.hits.iter().map(|hit| hit.record.id.as_str()).collect();
            Ok(format!("{} {ids:?}", results.total))
        }
        Act::Reload(_) => {
            let index = opened.unwrap();
            index.reload()?;
            let mut ids = Vec::new();
            index.each_record(|record| {
                ids.push(record.id);
                Ok(())
            })?;
            ids.sort();
            Ok(format!("{ids:?}"))
        }
    }
}

/// The system's words, with or without its number.
fn tells(told: &Error, cause: &str) -> bool {
    told.to_string().contains(cause.split(" (os").next().unwrap())
}

/// A copy whose files are links: an index never changes a file in its place.
fn link(from: &Path, to: &Path) {
    if !from.is_dir() {
        return;
    }
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            link(&entry.path(), &to);
        } else if !entry.file_name().to_string_lossy().ends_with(".lock") {
            fs::hard_link(entry.path(), to).unwrap();
        }
    }
}
