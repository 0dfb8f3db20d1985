//! What is said when sources have changed since they were read: a search looks for an instant, `status` at all of them.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use hallway::{index::Index, source::SourceFile};

use super::{
    Global,
    output::{Output, from_here, many, quoted},
};

/// How long a search may look. A few thousand files take it.
const LOOK: Duration = Duration::from_millis(5);
/// So many it looks at, however busy the machine is.
const LOOKS_MIN: usize = 32;
/// Folders that are named where there are many.
const FOLDERS_SHOWN: usize = 3;

/// Says on a terminal, after the answer, that sources have changed.
pub(super) fn tell(index: &Index, global: &Global, output: &mut Output) {
    if !Output::is_terminal() {
        return;
    }
    let began = Instant::now();
    // Of a large collection each search looks at others.
    let start = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
    let mut n_looks = 0;
    let changed = index.changed(start as u64, &mut || {
        n_looks += 1;
        n_looks <= LOOKS_MIN || began.elapsed() < LOOK
    });
    if !changed.files.is_empty() {
        let (least, sources) =
            (if changed.is_part { "at least " } else { "" }, many(changed.files.len() as u64, "source"));
        let command = command(&changed.files, global);
        output.note(&format!("note: {least}{sources} changed since the last ingest; run `{command}`"));
    }
}

/// What reads the files again: `hallway ingest notes`.
pub(super) fn command(files: &[SourceFile], global: &Global) -> String {
    let index = global.index.as_ref().map(|dir| format!("--index {} ", quoted(&dir.to_string_lossy())));
    format!("hallway {}ingest {}", index.unwrap_or_default(), what_to_ingest(files))
}

/// The one file, or the folders under which the files were found.
fn what_to_ingest(files: &[SourceFile]) -> String {
    if let [file] = files {
        return quoted(&from_here(&file.full_path()).to_string_lossy());
    }
    let mut roots: Vec<&str> = files.iter().map(|file| file.root.as_str()).collect();
    roots.sort_unstable();
    roots.dedup();
    if roots.len() > FOLDERS_SHOWN {
        return "PATH…".to_owned();
    }
    let roots = roots.into_iter().map(|root| quoted(&from_here(root.as_ref()).to_string_lossy()));
    roots.collect::<Vec<_>>().join(" ")
}
