//! After a power cut, whenever it comes and whatever of the unsynced writes it leaves: the index opens, whole, at the last
//! commit that was acknowledged or at the one that was under way.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
};

use fastrand::Rng;
use hallway::{
    index::{Index, Op, faults::watch},
    repair::repair,
};
use tempfile::TempDir;

use super::{
    crash::{Change, Disk, State},
    stage::{Content, Stage, Step, content, damage, error, folder, overwrite, talks},
};
use crate::{
    leftovers::orphans,
    scale::{amount, report, seed},
};

const N_INGESTS: usize = 26;
/// Of so many distinct states one is worked with further.
const HEALED: usize = 24;

#[test]
fn power_loss_leaves_a_commit() {
    let mut rng = Rng::with_seed(seed("power loss"));
    let n_wanted = amount(2_200, 90_000);
    let n_runs = amount(1, 12);
    let mut counts = Counts::default();
    for _ in 0..n_runs {
        let mut run = Run::new(rng.fork());
        for step in script(&mut rng) {
            run.step(&step, n_wanted / n_runs / 40, &mut counts);
        }
        // The first steps of an index are taken once in its life, and so more often here; also by one process.
        for _ in 0..16 {
            let mut run = Run::new(rng.fork());
            for step in script(&mut rng).iter().skip(rng.usize(..2)).take(2) {
                run.step(step, n_wanted / n_runs / 320, &mut counts);
            }
        }
    }
    let Counts { n_changes, n_killed, n_drawn, n_distinct, n_healed, n_wrong, failures } = counts;
    let figures = format!(
        "{n_drawn} crash states drawn, {n_distinct} distinct, at {n_changes} changes of {n_runs} runs with {n_killed} \
         processes killed or failed; {n_healed} worked with further; {n_wrong} wrong"
    );
    report("power loss", &figures);
    assert!(failures.is_empty(), "{figures}\n{failures:#?}");
}

/// So seldom that states drawn at random may miss it: what follows a marker that another process left must not outlive it.
#[test]
fn a_marker_that_is_seen_is_durable_before_what_follows() {
    let sandbox = TempDir::new().unwrap();
    let dir = sandbox.path().join("index");
    let marker = dir.join("README.md");
    let is_renamed = {
        let marker = marker.clone();
        move |op: &Op| matches!(op, Op::SyncFolder(_)) && marker.exists()
    };
    let fails = move |op: &Op| if is_renamed(op) { Err(std::io::Error::other("stopped")) } else { Ok(()) };
    let watching = watch(sandbox.path(), Arc::new(fails));
    Index::open_or_create(&dir).map(drop).unwrap_err();
    drop(watching);
    assert!(marker.exists() && !dir.join("tantivy").exists(), "it was to stop half way");

    let done: Arc<Mutex<Vec<String>>> = Arc::default();
    let log = Arc::clone(&done);
    let watching = watch(
        sandbox.path(),
        Arc::new(move |op: &Op| {
            log.lock().unwrap().push(format!("{op:?}"));
            Ok(())
        }),
    );
    Index::open_or_create(&dir).unwrap();
    drop(watching);
    let done = done.lock().unwrap();
    let at = |op: Op| done.iter().position(|done| *done == format!("{op:?}")).unwrap();
    assert!(at(Op::SyncFolder(&dir)) < at(Op::CreateFolder(&dir.join("tantivy"))), "{done:#?}");
}

#[derive(Default)]
struct Counts {
    n_changes: u64,
    n_killed: u64,
    n_drawn: u64,
    n_distinct: u64,
    n_healed: u64,
    n_wrong: u64,
    /// What is wrong, at which step, and where it was first seen.
    failures: BTreeMap<String, String>,
}

/// Every operation that writes, among ingests that add, change and delete.
fn script(rng: &mut Rng) -> Vec<Step> {
    let mut steps = vec![Step::Create];
    for n in 0..N_INGESTS {
        let mut files = vec![(format!("{n}.jsonl"), Some(talks(rng, &n.to_string())))];
        for _ in 0..rng.usize(..3) {
            let name = format!("{}.jsonl", rng.usize(..=n));
            let text = talks(rng, &name);
            files.push((name, rng.bool().then_some(text)));
        }
        // The title, and the file, that are removed below are there.
        if n == 5 || n == 9 {
            files = vec![("fixed.jsonl".to_owned(), Some(format!("{{\"title\":\"Fixed {n}\",\"year\":2024}}\n")))];
        }
        steps.push(Step::Ingest { files, prune: rng.u8(..3) > 0 });
        match n {
            5 => steps.push(Step::RemoveRecord("Fixed 5".to_owned())),
            9 => steps.push(Step::RemoveSource("fixed.jsonl".to_owned())),
            12 => steps.push(Step::Restore("fixed.jsonl".to_owned())),
            15 | 21 => steps.push(Step::Repair),
            _ => {}
        }
        // Now and then no process comes to it, so that segments are many.
        if rng.u8(..3) == 0 || n == 20 {
            steps.push(Step::Compact);
        }
    }
    steps
}

/// What happens to the disk, and when it is to fail.
#[derive(Default)]
struct Log {
    changes: Vec<Change>,
    n_until_fault: Option<usize>,
    aim: Aim,
    is_committed: bool,
    /// Nothing happens from there on: the process was killed.
    is_killed: bool,
    has_failed: bool,
}

/// Which changes count until the fault.
#[derive(Clone, Copy, Default, PartialEq)]
enum Aim {
    #[default]
    Any,
    FolderSync,
    /// The syncs of a folder once a commit is in its place, and not durable yet.
    CommitSync,
}

impl Log {
    fn counts(&self, change: &Change) -> bool {
        let is_sync = matches!(change, Change::SyncFolder(_));
        match self.aim {
            Aim::Any => true,
            Aim::FolderSync => is_sync,
            Aim::CommitSync => is_sync && self.is_committed,
        }
    }
}

struct Run {
    rng: Rng,
    stage: Stage,
    disk: Disk,
    log: Arc<Mutex<Log>>,
    acknowledged: Content,
    /// Whole files, and the place where a state is built.
    scratch: TempDir,
    /// What states that were looked at hold.
    known: HashMap<[u8; 32], Result<Content, String>>,
}

impl Run {
    fn new(rng: Rng) -> Self {
        let scratch = folder();
        fs::create_dir(scratch.path().join("pool")).unwrap();
        Run {
            rng,
            stage: Stage::new(),
            disk: Disk::new(),
            log: Arc::default(),
            acknowledged: Content::default(),
            scratch,
            known: HashMap::new(),
        }
    }

    /// Does a step, perhaps after processes that were killed at it, and looks at states from before it to after it.
    fn step(&mut self, step: &Step, n_draws: u64, counts: &mut Counts) {
        self.stage.prepare(step);
        let dir = self.stage.index();
        if let (Step::Repair, Some((path, bytes))) = (step, damage(&dir, &mut self.rng)) {
            overwrite(&path, &bytes);
            self.disk.apply(&Change::Rot(path.strip_prefix(self.stage.disk()).unwrap().to_owned(), bytes));
        }
        let log = Arc::clone(&self.log);
        let root = self.stage.disk();
        let watching = watch(
            &self.stage.disk(),
            Arc::new(move |op| {
                let Some(change) = Change::of(op, &root) else { return Ok(()) };
                let mut log = log.lock().unwrap();
                let is_counted = log.counts(&change);
                match log.n_until_fault {
                    Some(0) if is_counted || log.is_killed && log.has_failed => {
                        log.has_failed = true;
                        if !log.is_killed {
                            log.n_until_fault = None;
                        }
                        return Err(error(5));
                    }
                    Some(n) if is_counted => log.n_until_fault = Some(n - 1),
                    _ => {}
                }
                log.is_committed |= matches!(&change, Change::Rename(_, to) if to.ends_with("meta.json"));
                log.changes.push(change);
                Ok(())
            }),
        );
        for _ in 0..self.rng.usize(..3) {
            {
                let mut log = self.log.lock().unwrap();
                log.has_failed = false;
                log.is_committed = false;
                let aims = [(Aim::Any, 90), (Aim::FolderSync, 6), (Aim::CommitSync, 1)];
                let (aim, n_max) = self.rng.choice(aims).unwrap();
                log.aim = aim;
                log.n_until_fault = Some(self.rng.usize(..n_max));
                log.is_killed = self.rng.u8(..4) > 0;
            }
            counts.n_killed += u64::from(self.stage.run(step, &dir).is_err());
            self.log.lock().unwrap().n_until_fault = None;
        }
        self.stage.run(step, &dir).unwrap_or_else(|error| panic!("{}: {error}", step.name()));
        drop(watching);
        let after = content(&dir).unwrap_or_else(|error| panic!("{}: {error}", step.name()));
        let changes = std::mem::take(&mut self.log.lock().unwrap().changes);
        counts.n_changes += changes.len() as u64;
        let n = changes.len() as u64;
        for at in 0..=n {
            if at > 0 {
                self.disk.apply(&changes[at as usize - 1]);
            }
            // What was acknowledged just now is looked at most.
            let n_last = if at == n { 3 } else { 0 };
            for _ in at * n_draws / (n + 1)..(at + 1) * n_draws / (n + 1) + n_last {
                let state = self.disk.draw(&mut self.rng);
                counts.n_drawn += 1;
                let allowed = if at == n { [&after, &after] } else { [&self.acknowledged.clone(), &after] };
                if let Err(what) = self.look(step, &state, allowed, counts) {
                    let last = at.checked_sub(1).map(|at| &changes[at as usize]);
                    let last = format!("{last:?}").chars().take(120).collect::<String>();
                    counts.n_wrong += 1;
                    let place = format!("after change {at} of {n} ({last})");
                    counts.failures.entry(format!("{}: {what}", step.name())).or_insert(place);
                }
            }
        }
        self.acknowledged = after;
    }

    fn look(&mut self, step: &Step, state: &State, allowed: [&Content; 2], counts: &mut Counts) -> Result<(), String> {
        let key = state.key();
        let is_repair = matches!(step, Step::Repair);
        let known = self.known.get(&key);
        if let Some(Ok(known)) = known {
            return found(known, allowed);
        }
        let to: PathBuf = self.scratch.path().join("state");
        let dir = to.join("index");
        fs::create_dir(&to).unwrap();
        self.disk.build(state, &to, &self.scratch.path().join("pool"));
        let looked = caught(|| content(&dir));
        let is_new = self.known.insert(key, looked.clone()).is_none();
        counts.n_distinct += u64::from(is_new);
        let mut result = match looked {
            Ok(content) => found(&content, allowed),
            // What was damaged before is mended, whatever the power cut has left of the repair.
            Err(_) if is_repair => caught(|| mended(&dir)).and_then(|content| found(&content, allowed)),
            Err(error) => Err(error),
        };
        if result.is_ok() && is_new && counts.n_distinct.is_multiple_of(HEALED as u64) {
            counts.n_healed += 1;
            result = caught(|| self.stage.heal(step, &dir).map_err(|error| error.to_string()))
                .and_then(|()| caught(|| content(&dir)))
                .and_then(|content| found(&content, [allowed[1]; 2]))
                .and_then(|()| match orphans(&dir).as_slice() {
                    [] => Ok(()),
                    orphans => Err(format!("left lying: {orphans:?}")),
                })
                .map_err(|what| format!("after the next run: {what}"));
        }
        fs::remove_dir_all(&to).unwrap();
        result
    }
}

fn mended(dir: &Path) -> Result<Content, String> {
    repair(dir, 1, &mut |_| {}).map_err(|error| format!("can't be mended: {error}"))?;
    content(dir)
}

fn found(content: &Content, allowed: [&Content; 2]) -> Result<(), String> {
    if allowed.contains(&content) {
        return Ok(());
    }
    let [before, after] = allowed.map(|content| content.n_records);
    Err(format!("{} records that are no commit's of {before} or {after}", content.n_records))
}

fn caught<T>(work: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("panicked".to_owned()))
}
