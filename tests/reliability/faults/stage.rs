//! A folder of sources, an index of them, steps that change both, and what is in the index afterwards.

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
    sync::mpsc::{RecvTimeoutError, channel},
    thread,
    time::Duration,
};

use fastrand::Rng;
use hallway::{
    error::{Error, ErrorKind, Result},
    index::{Catalog, Index, check},
    ingest::{IngestRequest, ingest},
    removal::{Target, remove, restore},
    repair::repair,
};
use tempfile::TempDir;

/// One operation on an index, with the change of the sources that comes before it. Run again it does nothing.
#[derive(Clone, Debug)]
pub enum Step {
    Create,
    /// Files to write, null to delete.
    Ingest {
        files: Vec<(String, Option<String>)>,
        prune: bool,
    },
    Compact,
    RemoveRecord(String),
    RemoveSource(String),
    Restore(String),
    /// Of an index in which a file is damaged first.
    Repair,
}

impl Step {
    pub fn name(&self) -> &'static str {
        match self {
            Step::Create => "create",
            Step::Ingest { .. } => "ingest",
            Step::Compact => "compact",
            Step::RemoveRecord(_) => "remove a record",
            Step::RemoveSource(_) => "remove a source",
            Step::Restore(_) => "restore",
            Step::Repair => "repair",
        }
    }
}

pub struct Stage {
    folder: TempDir,
}

/// A folder in memory, where there is one: a sync of a disk takes longer than all else here.
pub fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

impl Stage {
    pub fn new() -> Self {
        let stage = Stage { folder: folder() };
        fs::create_dir(stage.talks()).unwrap();
        fs::create_dir(stage.disk()).unwrap();
        stage
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn talks(&self) -> PathBuf {
        self.path("talks")
    }

    /// The folder in which the index lies: what is watched.
    pub fn disk(&self) -> PathBuf {
        self.path("disk")
    }

    pub fn index(&self) -> PathBuf {
        self.disk().join("index")
    }

    /// Changes the sources, or damages the index, as the step wants it.
    pub fn prepare(&self, step: &Step) {
        if let Step::Ingest { files, .. } = step {
            for (name, text) in files {
                let path = self.talks().join(name);
                match text {
                    Some(text) => fs::write(path, text).unwrap(),
                    None => fs::remove_file(path).unwrap_or_default(),
                }
            }
        }
    }

    fn request(&self, prune: bool) -> IngestRequest {
        IngestRequest { paths: vec![self.talks()], prune, n_threads: 1, ..IngestRequest::default() }
    }

    /// Does the step on the index in `dir`, as a process of its own would.
    pub fn run(&self, step: &Step, dir: &Path) -> Result<()> {
        if matches!(step, Step::Repair) {
            let losses = repair(dir, 1, &mut |_| {})?.map(|summary| summary.losses).unwrap_or_default();
            let told = || Error::new(ErrorKind::Index, format!("{} has lost {losses:?}", dir.display()));
            return if losses.is_empty() { Ok(()) } else { Err(told()) };
        }
        let index = Index::open_or_create(dir)?;
        // That it finds nothing to do acknowledges nothing; what comes to write makes durable what it finds.
        let nothing_to_do = || index.writer().map(drop);
        match step {
            Step::Create | Step::Repair => {}
            Step::Ingest { prune, .. } => drop(ingest(&index, &self.request(*prune), &mut |_| {})?),
            Step::Compact => index.compact()?,
            Step::RemoveRecord(title) => {
                let mut ids = Vec::new();
                index.each_record(|record| {
                    ids.extend((record.title.as_ref() == Some(title)).then_some(Target::Record(record.id)));
                    Ok(())
                })?;
                if ids.is_empty() {
                    return nothing_to_do();
                }
                remove(&index, &ids)?;
            }
            Step::RemoveSource(name) => {
                let path = self.talks().canonicalize().unwrap().join(name);
                if !index.catalog()?.sources.contains_key(&*path.to_string_lossy()) {
                    return nothing_to_do();
                }
                remove(&index, &[Target::Source(path)])?;
            }
            Step::Restore(name) => {
                let path = self.talks().canonicalize().unwrap().join(name);
                if !index.catalog()?.removed_sources.contains_key(&*path.to_string_lossy()) {
                    return nothing_to_do();
                }
                restore(&index, &[Target::Source(path)], 1)?;
            }
        }
        Ok(())
    }

    /// Does the step again, and an ingest in which there is nothing new.
    pub fn heal(&self, step: &Step, dir: &Path) -> Result<()> {
        self.run(step, dir)?;
        match step {
            // What a creation has left goes with the first who writes.
            Step::Create => Index::open_or_create(dir)?.writer().map(drop),
            _ => ingest(&Index::open(dir)?, &self.request(false), &mut |_| {}).map(drop),
        }
    }
}

/// What an index holds: its records and its catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Content {
    pub n_records: usize,
    digest: String,
}

/// The whole of what the index in `dir` holds, verified; empty where nothing was ever committed.
pub fn content(dir: &Path) -> std::result::Result<Content, String> {
    let told = |error: hallway::error::Error| error.to_string();
    let index = match Index::open(dir) {
        Err(error) if error.kind() == ErrorKind::NoIndex => return Ok(Content::default()),
        other => other.map_err(told)?,
    };
    let mut records = BTreeMap::new();
    let mut twice = None;
    let each = index.each_record(|record| {
        let text = format!("{record:?}");
        twice = twice.take().or(records.insert(record.id, text));
        Ok(())
    });
    each.map_err(told)?;
    if let Some(record) = twice {
        return Err(format!("there is twice {record}"));
    }
    // Whether the removed still lies on the disk is no part of what is held.
    let catalog = Catalog { is_expunging: false, ..index.catalog().map_err(told)? };
    let report = check(dir).map_err(told)?;
    if !report.damage.is_empty() || report.n_records != records.len() as u64 {
        return Err(format!("{} records, a check found {report:?}", records.len()));
    }
    let whole = format!("{records:?}{catalog:?}");
    Ok(Content { n_records: records.len(), digest: blake3::hash(whole.as_bytes()).to_hex().to_string() })
}

/// A file of the index that a repair has to do without, and what is to stand in it.
pub fn damage(dir: &Path, rng: &mut Rng) -> Option<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(dir.join("tantivy")).ok()?.flatten();
    let is_sealed = |path: &PathBuf| path.to_string_lossy().ends_with(".store") || path.ends_with("meta.json");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(is_sealed).collect();
    paths.sort();
    let path = rng.choice(paths)?;
    let mut bytes = fs::read(&path).ok()?;
    let at = rng.usize(..bytes.len());
    bytes[at] ^= 1 << rng.u8(..8);
    Some((path, bytes))
}

/// Puts a new file in the place of one, so that other links to the old one keep what it holds.
pub fn overwrite(path: &Path, bytes: &[u8]) {
    fs::remove_file(path).unwrap();
    fs::write(path, bytes).unwrap();
}

/// A program of a few talks.
pub fn talks(rng: &mut Rng, name: &str) -> String {
    const WORDS: [&str; 12] =
        ["cache", "queue", "kernel", "latency", "on", "call", "trace", "packet", "storage", "raft", "shard", "clock"];
    let mut lines = String::new();
    for n in 0..rng.usize(1..4) {
        let mut words = Vec::new();
        for _ in 0..rng.usize(5..60) {
            words.push(rng.choice(WORDS).unwrap());
        }
        let (title, text) = (format!("{name} {n} {}", words[0]), words.join(" "));
        let line = serde_json::json!({ "title": title, "speakers": ["A. One"], "year": 2024, "abstract": text });
        lines += &line.to_string();
        lines.push('\n');
    }
    lines
}

/// Runs `work`, and fails when it does not come to an end.
pub fn within<T: Send + 'static>(seconds: u64, what: &str, work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let worker = thread::spawn(move || {
        let _ = sender.send(work());
    });
    match receiver.recv_timeout(Duration::from_secs(seconds)) {
        Ok(result) => result,
        Err(RecvTimeoutError::Timeout) => panic!("{what} hangs"),
        Err(RecvTimeoutError::Disconnected) => match worker.join() {
            Err(panic) => std::panic::resume_unwind(panic),
            Ok(()) => panic!("{what} gave nothing"),
        },
    }
}

/// `EIO`, `ENOSPC`, `EMFILE`.
pub const ERRORS: [i32; 3] = [5, 28, 24];

pub fn error(code: i32) -> io::Error {
    io::Error::from_raw_os_error(code)
}
