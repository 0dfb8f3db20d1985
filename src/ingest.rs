//! source → formats → enrich → index: reads what is new or changed, and leaves the rest alone.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    sync::mpsc::sync_channel,
};

use crate::{
    enrich,
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides, Parsed},
    index::{Catalog, Index, SourceEntry, is_index_folder},
    record::{Kind, Record},
    source::{self, Rules, Shelf, SourceFile, Stamp},
};

/// Files that one thread may be ahead of the writer: with their sizes it bounds what is held in memory.
const FILES_AHEAD: usize = 4;

/// What to read and how.
#[derive(Clone, Debug, Default)]
pub struct IngestRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// What is left out of the folders: of this run alone, and never remembered.
    pub rules: Rules,
    /// Remembered for these sources; where one is not given, what was remembered before holds.
    pub overrides: Overrides,
    /// What was remembered before is forgotten.
    pub forget_overrides: bool,
    /// Forget sources below the given folders that are no longer there.
    pub prune: bool,
    /// A problem is an error, and nothing is written.
    pub strict: bool,
    /// Threads that parse.
    pub n_threads: usize,
}

/// What an ingest did, or with `dry_run` would do. Sources are files; one that gave nothing but problems is not `added`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub added: u64,
    pub changed: u64,
    /// How many are `forgotten`.
    pub removed: u64,
    pub unchanged: u64,
    /// Sources that were gone and are forgotten.
    pub forgotten: Vec<String>,
    /// Sources below the given folders that are gone and still in the index.
    pub vanished: Vec<String>,
    /// Sources below the given folders that are there, and in the index as they were, since the rules leave them out.
    pub left_out: Vec<String>,
    /// Records in added and changed sources, as talks, bios, reports.
    pub n_records: [u64; 3],
    /// Sources given that are prose and no report.
    pub pages: Vec<String>,
    /// Of all sources given, also unchanged ones.
    pub problems: Vec<Problem>,
    /// Of added and changed sources: path and note.
    pub notes: Vec<(String, String)>,
    /// Files, and records of the sources given, that are kept out since they were removed.
    pub kept_out: [u64; 2],
    /// What was said about the sources given, now or before.
    pub said: Vec<Said>,
    /// The sources that were read or found unchanged, and what they looked like.
    pub seen: Vec<(SourceFile, Stamp)>,
}

/// Overrides, and the sources for which they are remembered.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Said {
    pub overrides: Overrides,
    /// Keys in the catalog.
    pub sources: Vec<String>,
}

/// How far an ingest is.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    pub n_files: u64,
    pub n_files_total: u64,
    pub n_records: u64,
}

/// What was decided about every file, before anything is read twice or written.
struct Plan {
    files: Vec<SourceFile>,
    problems: Vec<Problem>,
    vanished: Vec<String>,
    left_out: Vec<String>,
    /// Files that were removed and are not read.
    n_removed: u64,
}

impl IngestRequest {
    /// Whether it can be begun: what is found out only now needs no index.
    ///
    /// # Errors
    /// `Io` for a path that does not exist; `Usage` for a glob or a format that is none.
    pub fn check(&self) -> Result<()> {
        self.overrides.check()?;
        source::check(&self.paths, &self.rules)
    }
}

/// Brings the index up to date with the sources. One commit; none when nothing changed.
///
/// # Errors
/// As [`IngestRequest::check`]; `Busy`, `Index`; with `strict`, `Input` at the first problem. The index is then as it was.
pub fn ingest(index: &Index, request: &IngestRequest, progress: &mut dyn FnMut(Progress)) -> Result<Summary> {
    let mut writer = index.writer()?;
    if writer.catalog().is_expunging {
        // A removal that was stopped comes to its end first.
        drop(writer);
        index.expunge()?;
        writer = index.writer()?;
    }
    let plan = plan(writer.catalog(), request)?;
    let mut summary = Summary { problems: plan.problems.clone(), ..Summary::default() };
    let base = writer.catalog().clone();
    let mut changes = index.is_new()?;
    each_source(&plan.files, &base, request, progress, &mut summary, &mut |key, entry, records| {
        changes = true;
        match records {
            Some(records) => writer.replace(key, entry, records),
            None => writer.annotate(key, entry),
        }
    });
    for key in plan.files.iter().map(key) {
        changes |= writer.unkeep(&key);
    }
    for key in &plan.vanished {
        if request.prune {
            writer.forget(key);
            summary.removed += 1;
            summary.forgotten.push(key.clone());
            changes = true;
        } else {
            changes |= writer.keep(key)?;
        }
    }
    if !request.prune {
        summary.vanished.clone_from(&plan.vanished);
    }
    summary.left_out.clone_from(&plan.left_out);
    if changes {
        writer.stage()?;
    }
    let given: Vec<String> = plan.files.iter().map(key).collect();
    let entries = given.iter().filter_map(|key| writer.catalog().sources.get(key));
    summary.problems.extend(entries.clone().flat_map(|entry| entry.conflicts.values().cloned()));
    summary.kept_out = [plan.n_removed, entries.map(|entry| entry.n_removed).sum()];
    summary.said = said(given.iter().filter_map(|key| Some((key, writer.catalog().sources.get(key)?))));
    refuse_problems(request, &summary)?;
    if changes {
        writer.commit()?;
        index.reload()?;
    }
    Ok(summary)
}

/// What [`ingest`] would do; reads the sources and writes nothing. Without an index everything is new.
///
/// # Errors
/// As [`ingest`].
pub fn dry_run(index: Option<&Index>, request: &IngestRequest, progress: &mut dyn FnMut(Progress)) -> Result<Summary> {
    let base = index.map_or_else(|| Ok(Catalog::default()), Index::catalog)?;
    let plan = plan(&base, request)?;
    let mut summary = Summary { problems: plan.problems.clone(), ..Summary::default() };
    let mut entries: BTreeMap<String, SourceEntry> = BTreeMap::new();
    let known = plan.files.iter().map(key).filter_map(|key| base.sources.get_key_value(&key));
    entries.extend(known.map(|(key, entry)| (key.clone(), entry.clone())));
    each_source(&plan.files, &base, request, progress, &mut summary, &mut |key, entry, _| {
        entries.insert(key.to_owned(), entry);
    });
    summary.kept_out[0] = plan.n_removed;
    summary.said = said(entries.iter());
    summary.left_out = plan.left_out;
    if request.prune {
        summary.removed = plan.vanished.len() as u64;
        summary.forgotten = plan.vanished;
    } else {
        summary.vanished = plan.vanished;
    }
    refuse_problems(request, &summary)?;
    Ok(summary)
}

fn refuse_problems(request: &IngestRequest, summary: &Summary) -> Result<()> {
    match summary.problems.first() {
        Some(problem) if request.strict => {
            Err(Error::new(ErrorKind::Input, problem.to_string()).hint("without --strict the rest is indexed"))
        }
        _ => Ok(()),
    }
}

fn plan(catalog: &Catalog, request: &IngestRequest) -> Result<Plan> {
    request.check()?;
    let (mut files, problems) = source::list(&request.paths, &request.rules, is_index_folder)?;
    let n_found = files.len();
    files.retain(|file| catalog.removed_source_of(&key(file)).is_none());
    let n_removed = (n_found - files.len()) as u64;
    let present: BTreeSet<String> = files.iter().map(key).collect();
    let folders: Vec<PathBuf> =
        request.paths.iter().filter_map(|path| path.canonicalize().ok()).filter(|path| path.is_dir()).collect();
    // What could not be looked into has not vanished.
    let unread: Vec<&Path> = problems.iter().map(|problem| Path::new(&problem.path)).collect();
    let is_missed = |key: &&String| {
        let path = Path::new(key);
        !present.contains(*key)
            && folders.iter().any(|folder| path.starts_with(folder))
            && !unread.iter().any(|unread| path.starts_with(unread))
    };
    let missed = catalog.sources.keys().filter(is_missed).cloned();
    // A hidden file that was named by itself, what is excluded this time: it is still there.
    let (left_out, vanished) = missed.partition(|key| Path::new(key).is_file());
    Ok(Plan { files, problems, vanished, left_out, n_removed })
}

/// A source's key in the catalog: its full path, so that one file has one entry whichever folder it is found under.
fn key(file: &SourceFile) -> String {
    file.full_path().to_string_lossy().into_owned()
}

/// The files of the sources of a catalog.
pub(crate) fn files_of(catalog: &Catalog) -> Vec<SourceFile> {
    let file = |entry: &SourceEntry| SourceFile { root: entry.root.clone(), path: entry.path.clone() };
    catalog.sources.values().map(file).collect()
}

/// What was said about sources, what was said alike together.
pub fn said<'a>(entries: impl IntoIterator<Item = (&'a String, &'a SourceEntry)>) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    for (key, entry) in entries {
        let overrides = overrides_of(entry);
        if overrides == Overrides::default() {
            continue;
        }
        match found.iter_mut().find(|said| said.overrides == overrides) {
            Some(said) => said.sources.push(key.clone()),
            None => found.push(Said { overrides, sources: vec![key.clone()] }),
        }
    }
    found
}

fn overrides_of(entry: &SourceEntry) -> Overrides {
    serde_json::from_value(entry.overrides.clone()).unwrap_or_default()
}

/// Whether a source's file can be read and holds something else than what was read last, it or a file beside it that it
/// needs.
pub fn has_changed(entry: &SourceEntry) -> bool {
    let path = Path::new(&entry.root).join(&entry.path);
    source::read(&path).is_ok_and(|bytes| hash(&bytes) != entry.hash || has_changed_beside(entry, &Shelf::default()))
}

fn has_changed_beside(entry: &SourceEntry, shelf: &Shelf) -> bool {
    entry.beside.iter().any(|(path, hash)| shelf.hash(&entry.root, path) != *hash)
}

fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

enum Outcome {
    Unchanged,
    /// It can't be read now: what it gave before stays.
    Unread(SourceEntry),
    Read(SourceEntry, Vec<Record>),
}

/// Takes what a source gave: its key, its entry, its records; null where those of before stay.
pub(crate) type Write<'a> = dyn FnMut(&str, SourceEntry, Option<Vec<Record>>) + 'a;

/// Reads every file, in order, and hands over those that are new or changed.
pub(crate) fn each_source(
    files: &[SourceFile],
    catalog: &Catalog,
    request: &IngestRequest,
    progress: &mut dyn FnMut(Progress),
    summary: &mut Summary,
    write: &mut Write,
) {
    let mut state = Progress { n_files: 0, n_files_total: files.len() as u64, n_records: 0 };
    progress(state);
    read_all(files, catalog, request, &mut |file, stamp, outcome| {
        let key = key(file);
        if let (Some(stamp), false) = (stamp, matches!(outcome, Outcome::Unread(_))) {
            summary.seen.push((file.clone(), stamp));
        }
        let known = catalog.sources.get(&key);
        state.n_files += 1;
        match outcome {
            Outcome::Unchanged => {
                summary.unchanged += 1;
                if let Some(entry) = known {
                    summary.problems.extend(entry.problems.iter().cloned());
                    summary.pages.extend(entry.is_page.then(|| entry.path.clone()));
                }
            }
            Outcome::Unread(entry) => {
                summary.unchanged += 1;
                summary.problems.extend(entry.problems.iter().cloned());
                write(&key, entry, None);
            }
            Outcome::Read(entry, records) => {
                let gave_nothing = records.is_empty() && !entry.problems.is_empty();
                if known.is_some() {
                    summary.changed += 1;
                } else if !gave_nothing {
                    summary.added += 1;
                }
                summary.problems.extend(entry.problems.iter().cloned());
                summary.pages.extend(entry.is_page.then(|| entry.path.clone()));
                summary.notes.extend(entry.notes.iter().map(|note| (entry.path.clone(), note.clone())));
                for record in &records {
                    let at = Kind::ALL.iter().position(|kind| *kind == record.kind).unwrap_or_default();
                    summary.n_records[at] += 1;
                }
                state.n_records += records.len() as u64;
                write(&key, entry, Some(records));
            }
        }
        progress(state);
    });
}

/// Reads and parses files on several threads, and hands over, in the order of the files, what came of each and what it
/// looked like before.
fn read_all(
    files: &[SourceFile],
    catalog: &Catalog,
    request: &IngestRequest,
    each: &mut dyn FnMut(&SourceFile, Option<Stamp>, Outcome),
) {
    let n_threads = request.n_threads.clamp(1, files.len().max(1));
    let shelf = &Shelf::default();
    std::thread::scope(|scope| {
        // Each thread takes every nth file, so that their outcomes come in order without being held back.
        let read_share = |nth: usize| {
            let (sender, receiver) = sync_channel(FILES_AHEAD);
            let worker = scope.spawn(move || {
                for file in files.iter().skip(nth).step_by(n_threads) {
                    let stamp = source::stamp(&file.full_path());
                    if sender.send((stamp, read_one(file, catalog, request, shelf))).is_err() {
                        break;
                    }
                }
            });
            (receiver, worker)
        };
        let (receivers, workers): (Vec<_>, Vec<_>) = (0..n_threads).map(read_share).unzip();
        for (file, receiver) in files.iter().zip(receivers.iter().cycle()) {
            // A thread that has panicked sends nothing more.
            let Ok((stamp, outcome)) = receiver.recv() else { break };
            each(file, stamp, outcome);
        }
        drop(receivers);
        for worker in workers {
            worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        }
    });
}

fn read_one(file: &SourceFile, catalog: &Catalog, request: &IngestRequest, shelf: &Shelf) -> Outcome {
    let known = catalog.sources.get(&key(file));
    let mut entry = SourceEntry { root: file.root.clone(), path: file.path.clone(), ..SourceEntry::default() };
    let remembered = known.filter(|_| !request.forget_overrides).map(overrides_of).unwrap_or_default();
    let overrides = request.overrides.clone().or(remembered);
    entry.overrides = serde_json::to_value(&overrides).unwrap_or_default();
    let bytes = match source::read(&file.full_path()) {
        Ok(bytes) => bytes,
        Err(error) => {
            let hint = error.hint_text().unwrap_or("check the file and its permissions").to_owned();
            let problem = Problem::new(&file.path, None, error.to_string(), hint);
            return match known {
                // Without its hash it is read again as soon as it can be.
                Some(known) if known.n_records > 0 && known.problems != [problem.clone()] => {
                    Outcome::Unread(SourceEntry { problems: vec![problem], hash: String::new(), ..known.clone() })
                }
                Some(known) if known.hash.is_empty() => Outcome::Unchanged,
                _ => Outcome::Read(SourceEntry { problems: vec![problem], ..entry }, Vec::new()),
            };
        }
    };
    entry.hash = hash(&bytes);
    let is_as_before = |known: &SourceEntry| {
        known.hash == entry.hash && known.overrides == entry.overrides && !has_changed_beside(known, shelf)
    };
    if known.is_some_and(is_as_before) {
        return Outcome::Unchanged;
    }
    let parsed = formats::parse_beside(file, &bytes, &overrides, shelf);
    let Parsed { format, mut records, problems, notes, is_page, beside } = parsed;
    enrich::enrich(&mut records);
    entry.format = format.map(str::to_owned);
    entry.n_records = records.len() as u64;
    entry.problems = problems;
    entry.notes = notes;
    entry.beside = beside;
    entry.is_page = is_page;
    Outcome::Read(entry, records)
}
