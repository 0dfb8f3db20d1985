//! source → formats → enrich → index: reads what is new or changed, and leaves the rest alone.

mod plan;
mod topics;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::PathBuf,
    sync::{Arc, mpsc::sync_channel},
};

use crate::{
    enrich::{Enricher, UserTopics, Vocabulary},
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides, Parsed},
    index::{Catalog, Index, SourceEntry},
    record::{Kind, Record},
    source::{self, Given, Got, Rules, Shelf, SourceFile, Stamp, Validators},
};
use plan::Plan;
pub(crate) use topics::label_by;
pub use topics::vocabulary;

/// Files that one thread may be ahead of the writer: with their sizes it bounds what is held in memory.
const FILES_AHEAD: usize = 4;

/// What to read and how.
#[derive(Clone, Debug, Default)]
pub struct IngestRequest {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// What comes from elsewhere.
    pub given: Vec<Given>,
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
    /// Topics beside hallway's own, which the index remembers; an empty text takes back those that it does. Null where what
    /// it remembers holds.
    pub topics: Option<UserTopics>,
    /// Threads that parse.
    pub n_threads: usize,
}

/// What an ingest did, or with `dry_run` would do. Sources are files, members of archives (which are none themselves), URLs
/// and what came by standard input; one that gave nothing but problems is not `added`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Summary {
    pub added: u64,
    pub changed: u64,
    /// How many are `forgotten`.
    pub removed: u64,
    pub unchanged: u64,
    /// Sources that were gone and are forgotten, and archives.
    pub forgotten: Vec<String>,
    /// Sources below the given folders that are gone and still in the index.
    pub vanished: Vec<String>,
    /// Sources below the given folders that are there, and in the index as they were, since the rules leave them out.
    pub left_out: Vec<String>,
    /// Records in added and changed sources, as talks, bios, reports.
    pub n_records: [u64; 3],
    /// Sources given that are prose and no report.
    pub pages: Vec<String>,
    /// Records of sources that did not change, and that have other topics since the vocabulary did.
    pub n_relabelled: u64,
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
    let shelf = Shelf::new(&request.given);
    let plan = plan::plan(writer.catalog(), request, &shelf)?;
    let mut summary = Summary { problems: plan.problems.clone(), ..Summary::default() };
    let base = writer.catalog().clone();
    let (vocabulary, is_labelled_anew) = label_by(&mut writer, request.topics.as_ref())?;
    let mut changes = index.is_new()? || is_labelled_anew;
    tell_archives(&plan, &base, &mut summary, &mut |key, entry| {
        changes = true;
        writer.replace(key, entry, Vec::new());
    });
    let step = Step { catalog: &base, request, shelf: &shelf, as_before: &plan.as_before, vocabulary };
    each_source(&plan.files, &step, progress, &mut summary, &mut |key, entry, records| {
        changes = true;
        match records {
            Some(records) => writer.replace(key, entry, records),
            None => writer.annotate(key, entry),
        }
    });
    for file in &plan.files {
        changes |= writer.unkeep(&file.key());
    }
    for key in &plan.vanished {
        if request.prune {
            writer.forget(key);
            changes = true;
        } else if !is_archive(&base, key) {
            changes |= writer.keep(key)?;
        }
    }
    tell_vanished(&plan, &base, request, &mut summary);
    if changes {
        writer.stage()?;
        summary.n_relabelled = writer.n_relabelled();
    }
    let given: Vec<String> = plan.files.iter().map(SourceFile::key).collect();
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
    let shelf = Shelf::new(&request.given);
    let plan = plan::plan(&base, request, &shelf)?;
    let mut summary = Summary { problems: plan.problems.clone(), ..Summary::default() };
    let mut entries: BTreeMap<String, SourceEntry> = BTreeMap::new();
    let known = plan.files.iter().filter_map(|file| base.sources.get_key_value(&file.key()));
    entries.extend(known.map(|(key, entry)| (key.clone(), entry.clone())));
    tell_archives(&plan, &base, &mut summary, &mut |_, _| {});
    let vocabulary = topics::of_request(request.topics.as_ref(), index)?;
    let step = Step { catalog: &base, request, shelf: &shelf, as_before: &plan.as_before, vocabulary };
    each_source(&plan.files, &step, progress, &mut summary, &mut |key, entry, _| {
        entries.insert(key.to_owned(), entry);
    });
    summary.kept_out[0] = plan.n_removed;
    summary.said = said(entries.iter());
    tell_vanished(&plan, &base, request, &mut summary);
    refuse_problems(request, &summary)?;
    Ok(summary)
}

/// What there is to say of the archives themselves; hands over what is new of them.
fn tell_archives(plan: &Plan, base: &Catalog, summary: &mut Summary, write: &mut dyn FnMut(&str, SourceEntry)) {
    for held in &plan.archives {
        let (key, entry) = (held.file.key(), &held.entry);
        summary.problems.extend(entry.problems.iter().cloned());
        summary.seen.extend(held.stamp.map(|stamp| (held.file.clone(), stamp)));
        if base.sources.get(&key) != Some(entry) {
            summary.notes.extend(entry.notes.iter().map(|note| (entry.path.clone(), note.clone())));
            write(&key, entry.clone());
        }
    }
}

fn tell_vanished(plan: &Plan, base: &Catalog, request: &IngestRequest, summary: &mut Summary) {
    let sources = |keys: &[String]| keys.iter().filter(|key| !is_archive(base, key)).cloned().collect::<Vec<_>>();
    summary.left_out = sources(&plan.left_out);
    if request.prune {
        summary.removed = sources(&plan.vanished).len() as u64;
        summary.forgotten.clone_from(&plan.vanished);
    } else {
        summary.vanished = sources(&plan.vanished);
    }
}

fn is_archive(catalog: &Catalog, key: &str) -> bool {
    catalog.sources.get(key).is_some_and(|entry| entry.archive.is_some())
}

fn refuse_problems(request: &IngestRequest, summary: &Summary) -> Result<()> {
    match summary.problems.first() {
        Some(problem) if request.strict => {
            Err(Error::new(ErrorKind::Input, problem.to_string()).hint("without --strict the rest is indexed"))
        }
        _ => Ok(()),
    }
}

/// The sources of a catalog that can be read, which archives are not.
pub(crate) fn files_of(catalog: &Catalog) -> Vec<SourceFile> {
    let file = |entry: &SourceEntry| SourceFile { root: entry.root.clone(), path: entry.path.clone() };
    catalog.sources.values().filter(|entry| entry.archive.is_none()).map(file).collect()
}

/// What a server said of a URL when it was read, so that it can be asked whether that has changed; null where it is to be
/// read whatever it holds.
pub fn validators(catalog: &Catalog, request: &IngestRequest, url: &str) -> Option<Validators> {
    let entry = catalog.sources.get(url)?;
    let is_settled = |entry: Option<&SourceEntry>| {
        entry.is_some_and(|entry| !entry.hash.is_empty() && said_of(Some(entry), request) == overrides_of(entry))
    };
    let members = entry.archive.as_ref().map(|contents| request.rules.within(contents)).transpose().ok()?;
    let is_as_said = match members {
        None => is_settled(Some(entry)),
        Some(members) => {
            let archive = SourceFile::given(url);
            let mut keys = members.iter().map(|member| archive.member(member).key());
            !entry.hash.is_empty()
                && keys.all(|key| catalog.removed_source_of(&key).is_some() || is_settled(catalog.sources.get(&key)))
        }
    };
    entry.validators.clone().filter(|_| is_as_said)
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

/// What is said of a source now, and of the rest what was said before.
fn said_of(known: Option<&SourceEntry>, request: &IngestRequest) -> Overrides {
    let remembered = known.filter(|_| !request.forget_overrides).map(overrides_of).unwrap_or_default();
    request.overrides.clone().or(remembered)
}

/// Whether a source can be read and holds something else than what was read last, it or a file beside it that it needs.
pub fn has_changed(entry: &SourceEntry, shelf: &Shelf) -> bool {
    let file = SourceFile { root: entry.root.clone(), path: entry.path.clone() };
    if entry.archive.is_some() {
        return shelf.hash_of(&file).is_ok_and(|hash| hash != entry.hash);
    }
    shelf.read(&file).is_ok_and(|bytes| hash(&bytes) != entry.hash || has_changed_beside(entry, shelf))
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

/// What a run reads by.
pub(crate) struct Step<'a> {
    pub catalog: &'a Catalog,
    pub request: &'a IngestRequest,
    pub shelf: &'a Shelf,
    /// Keys of archives and URLs that hold what they held when they were read.
    pub as_before: &'a BTreeSet<String>,
    /// By what records are labelled.
    pub vocabulary: Arc<Vocabulary>,
}

/// Takes what a source gave: its key, its entry, its records; null where those of before stay.
pub(crate) type Write<'a> = dyn FnMut(&str, SourceEntry, Option<Vec<Record>>) + 'a;

/// Reads every file, in order, and hands over those that are new or changed.
pub(crate) fn each_source(
    files: &[SourceFile],
    step: &Step,
    progress: &mut dyn FnMut(Progress),
    summary: &mut Summary,
    write: &mut Write,
) {
    let mut state = Progress { n_files: 0, n_files_total: files.len() as u64, n_records: 0 };
    progress(state);
    read_all(files, step, &mut |file, stamp, outcome| {
        let key = file.key();
        if let (Some(stamp), false) = (stamp, matches!(outcome, Outcome::Unread(_))) {
            summary.seen.push((file.clone(), stamp));
        }
        let known = step.catalog.sources.get(&key);
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
fn read_all(files: &[SourceFile], step: &Step, each: &mut dyn FnMut(&SourceFile, Option<Stamp>, Outcome)) {
    let n_threads = step.request.n_threads.clamp(1, files.len().max(1));
    std::thread::scope(|scope| {
        // Each thread takes every nth file, so that their outcomes come in order without being held back.
        let read_share = |nth: usize| {
            let (sender, receiver) = sync_channel(FILES_AHEAD);
            let worker = scope.spawn(move || {
                let mut enricher = Enricher::new(step.vocabulary.clone());
                for file in files.iter().skip(nth).step_by(n_threads) {
                    let stamp = file.stamp();
                    if sender.send((stamp, read_one(file, step, &mut enricher))).is_err() {
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

fn read_one(file: &SourceFile, step: &Step, enricher: &mut Enricher) -> Outcome {
    let Step { catalog, request, shelf, as_before, .. } = *step;
    let key = file.key();
    let known = catalog.sources.get(&key);
    let mut entry = SourceEntry { root: file.root.clone(), path: file.path.clone(), ..SourceEntry::default() };
    let overrides = said_of(known, request);
    entry.overrides = serde_json::to_value(&overrides).unwrap_or_default();
    if let Some(Got::At { validators, .. }) = shelf.got(&key) {
        entry.validators = Some(validators.clone()).filter(|validators| *validators != Validators::default());
    }
    let is_held_as_before = as_before.contains(&file.in_archive().map_or(key, |(archive, _)| archive.key()));
    if is_held_as_before && known.is_some_and(|known| !known.hash.is_empty() && known.overrides == entry.overrides) {
        return Outcome::Unchanged;
    }
    let bytes = match shelf.read(file) {
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
    if let Some(note) = source::nested(file, &bytes) {
        entry.notes.push(note.to_owned());
        return Outcome::Read(entry, Vec::new());
    }
    let parsed = formats::parse_beside(file, &bytes, &overrides, shelf);
    let Parsed { format, mut records, mut problems, notes, tolerated, is_page, beside } = parsed;
    if request.strict {
        problems.extend(tolerated);
    }
    enricher.enrich(&mut records);
    entry.format = format.map(str::to_owned);
    entry.n_records = records.len() as u64;
    entry.problems = problems;
    entry.notes = notes;
    entry.beside = beside;
    entry.is_page = is_page;
    Outcome::Read(entry, records)
}
