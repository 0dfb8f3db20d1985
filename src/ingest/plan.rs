//! What is decided about every source before anything is parsed or written: what there is, what is gone, what is kept out.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use super::IngestRequest;
use crate::{
    error::{Error, Problem, Result},
    index::{Catalog, SourceEntry, is_index_folder},
    source::{self, Contents, Got, Listing, Shelf, SourceFile, Stamp, archive_of},
};

#[derive(Default)]
pub(super) struct Plan {
    /// What is read: files, members of archives, what was given.
    pub files: Vec<SourceFile>,
    pub archives: Vec<Held>,
    pub problems: Vec<Problem>,
    pub vanished: Vec<String>,
    pub left_out: Vec<String>,
    /// Files that were removed and are not read.
    pub n_removed: u64,
    /// Keys of archives and URLs that hold what they held when they were read.
    pub as_before: BTreeSet<String>,
}

/// An archive: what it looked like, and what the catalog is to say of it.
pub(super) struct Held {
    pub file: SourceFile,
    pub stamp: Option<Stamp>,
    pub entry: SourceEntry,
}

pub(super) fn plan(catalog: &Catalog, request: &IngestRequest, shelf: &Shelf) -> Result<Plan> {
    request.check()?;
    let (mut found, problems) = source::list(&request.paths, &request.rules, is_index_folder)?;
    found.extend(request.given.iter().map(|given| SourceFile::given(&given.key)));
    let mut plan = Plan { problems, ..Plan::default() };
    for file in found {
        if catalog.removed_source_of(&file.key()).is_some() {
            plan.n_removed += 1;
        } else if let Some(held) = hold(&file, catalog, shelf, &mut plan.as_before) {
            let contents = held.entry.archive.iter();
            for member in contents.map(|contents| request.rules.within(contents)).collect::<Result<Vec<_>>>()?.concat()
            {
                let member = file.member(member);
                if catalog.removed_source_of(&member.key()).is_some() {
                    plan.n_removed += 1;
                } else {
                    plan.files.push(member);
                }
            }
            plan.archives.push(held);
        } else {
            plan.files.push(file);
        }
    }
    plan.files.sort_by_cached_key(SourceFile::full_path);
    plan.miss(catalog, request);
    Ok(plan)
}

/// The archive that a file is; null when it is none.
fn hold(file: &SourceFile, catalog: &Catalog, shelf: &Shelf, as_before: &mut BTreeSet<String>) -> Option<Held> {
    let key = file.key();
    let known = catalog.sources.get(&key);
    let known_contents = known.and_then(|entry| entry.archive.clone());
    let stamp = file.stamp();
    let unread = |problem: Problem, contents: Contents| {
        let entry = known.filter(|known| known.archive.is_some()).cloned().unwrap_or_default();
        let (root, path) = (file.root.clone(), file.path.clone());
        // What it gave before stays, and what is not known to be in it is not gone.
        let archive = Some(Contents { is_whole: false, members: Vec::new(), ..contents });
        let entry = SourceEntry { root, path, archive, hash: String::new(), problems: vec![problem], ..entry };
        Some(Held { file: file.clone(), stamp, entry })
    };
    let told = |error: &Error| {
        let hint = error.hint_text().unwrap_or("check the file and its permissions").to_owned();
        Problem::new(&file.path, None, error.to_string(), hint)
    };
    let mut validators = None;
    match shelf.got(&key) {
        Some(Got::AsBefore) => {
            as_before.insert(key);
            let entry = known.filter(|_| known_contents.is_some()).cloned()?;
            return Some(Held { file: file.clone(), stamp, entry });
        }
        Some(Got::Nothing(problem)) => return known_contents.and_then(|contents| unread(problem.clone(), contents)),
        Some(Got::At { validators: got, .. }) => validators = Some(got.clone()),
        None => {}
    }
    let known = known.filter(|_| known_contents.is_some());
    let hash = match known.map(|_| shelf.hash_of(file)) {
        Some(Ok(hash)) => Some(hash),
        Some(Err(error)) => return unread(told(&error), known_contents.unwrap_or_default()),
        None => None,
    };
    if let Some(known) = known.filter(|known| Some(&known.hash) == hash.as_ref()) {
        as_before.insert(key);
        return Some(Held { file: file.clone(), stamp, entry: SourceEntry { validators, ..known.clone() } });
    }
    let Listing { contents, problems, notes } = match shelf.listing(file) {
        Ok(listing) => listing?,
        Err(error) => return unread(told(&error), known_contents.unwrap_or_default()),
    };
    let hash = hash.map_or_else(|| shelf.hash_of(file), Ok).unwrap_or_default();
    let (root, path, archive) = (file.root.clone(), file.path.clone(), Some(contents));
    let entry = SourceEntry { root, path, hash, problems, notes, archive, validators, ..SourceEntry::default() };
    Some(Held { file: file.clone(), stamp, entry })
}

impl Plan {
    /// Finds the known sources that would have been found if they were there, or if the rules did not leave them out.
    fn miss(&mut self, catalog: &Catalog, request: &IngestRequest) {
        let held: BTreeMap<String, &Contents> =
            self.archives.iter().filter_map(|held| Some((held.file.key(), held.entry.archive.as_ref()?))).collect();
        let present: BTreeSet<String> = self.files.iter().map(SourceFile::key).collect();
        let folders: Vec<PathBuf> =
            request.paths.iter().filter_map(|path| path.canonicalize().ok()).filter(|path| path.is_dir()).collect();
        // What could not be looked into has not vanished.
        let unread: Vec<&Path> = self.problems.iter().map(|problem| Path::new(&problem.path)).collect();
        let (mut vanished, mut left_out) = (Vec::new(), Vec::new());
        for key in catalog.sources.keys().filter(|key| !present.contains(*key) && !held.contains_key(*key)) {
            let inside = archive_of(key);
            let path = Path::new(key);
            let is_found = |archive: &str| held.contains_key(archive) || present.contains(archive);
            let is_in_reach = folders.iter().any(|folder| path.starts_with(folder))
                || inside.is_some_and(|(archive, _)| is_found(archive));
            if !is_in_reach || unread.iter().any(|unread| path.starts_with(unread)) {
                continue;
            }
            // What is still there: a hidden file that was named by itself, what is excluded this time.
            let is_there = match inside {
                Some((archive, member)) => match held.get(archive) {
                    Some(contents) if contents.has(member) => true,
                    Some(contents) if !contents.is_whole => continue,
                    Some(_) => false,
                    None => !present.contains(archive) && Path::new(archive).is_file(),
                },
                None => path.is_file(),
            };
            if is_there { &mut left_out } else { &mut vanished }.push(key.clone());
        }
        (self.vanished, self.left_out) = (vanished, left_out);
    }
}
