//! Which files an index folder may hold, read off its last commit alone; anything else was left behind by somebody.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::Value;

/// The files below `dir` that no commit names, relative to it.
pub fn orphans(dir: &Path) -> Vec<String> {
    let commit = Commit::read(dir);
    let mut names = Vec::new();
    list(dir, "", &mut names);
    names.retain(|name| !is_live(name, &commit));
    names
}

/// The one place that knows the layout on disk.
fn is_live(name: &str, commit: &Commit) -> bool {
    const ALWAYS: &[&str] =
        &["README.md", "writer.lock", "stamps.jsonl", "tantivy/meta.json", "tantivy/.tantivy-meta.lock"];
    const COMPONENTS: &[&str] = &["idx", "pos", "term", "store", "fast", "fieldnorm"];

    // What a repair has set aside is its owner's.
    if ALWAYS.contains(&name) || name.starts_with("set-aside-") {
        return true;
    }
    let file = name.rsplit('/').next().unwrap_or_default();
    if file.starts_with("catalog-") {
        return commit.payload.contains(file);
    }
    match file.split('.').collect::<Vec<_>>()[..] {
        [segment, component] => commit.segments.contains(segment) && COMPONENTS.contains(&component),
        [_, _, "del"] => commit.deletes.contains(file),
        _ => false,
    }
}

/// What `meta.json` says.
#[derive(Default)]
struct Commit {
    /// Ids of segments as their files have them.
    segments: BTreeSet<String>,
    /// The files that say which documents of a segment are deleted.
    deletes: BTreeSet<String>,
    payload: String,
}

impl Commit {
    fn read(dir: &Path) -> Commit {
        let Ok(bytes) = fs::read(dir.join("tantivy/meta.json")) else { return Commit::default() };
        // More may follow the document.
        let meta = serde_json::Deserializer::from_slice(&bytes).into_iter::<Value>().next();
        let meta = meta.expect("meta.json holds a document").expect("meta.json is JSON");
        let mut commit =
            Commit { payload: meta["payload"].as_str().unwrap_or_default().to_owned(), ..Commit::default() };
        for segment in meta["segments"].as_array().into_iter().flatten() {
            let id = segment["segment_id"].as_str().expect("a segment has an id").replace('-', "");
            if let Some(opstamp) = segment["deletes"]["opstamp"].as_u64() {
                commit.deletes.insert(format!("{id}.{opstamp}.del"));
            }
            commit.segments.insert(id);
        }
        commit
    }
}

fn list(dir: &Path, below: &str, names: &mut Vec<String>) {
    for entry in fs::read_dir(dir).into_iter().flatten() {
        let entry = entry.unwrap();
        let name = format!("{below}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            list(&entry.path(), &format!("{name}/"), names);
        } else {
            names.push(name);
        }
    }
}
