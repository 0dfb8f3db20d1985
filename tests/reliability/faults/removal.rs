//! A removal that is stopped after its commit: what was removed leaves the disk with the next run.

use std::{
    fs, io,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use hallway::{
    index::{Index, Op, faults::watch},
    ingest::{IngestRequest, ingest},
    removal::{Target, remove},
};

use crate::sandbox::Sandbox;

/// A word whose middle a compressor leaves whole.
const WORD: &str = "q7zx0jv4kw9py1bg8fm3hd5uc2la6tn7os4er9iq3wz8xk5vj1yp6gb0mf2dh7cu4al";

fn is_on_disk(dir: &Path) -> bool {
    fs::read_dir(dir.join("tantivy")).unwrap().any(|entry| {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        let middle = &WORD.as_bytes()[10..40];
        bytes.windows(middle.len()).any(|window| window == middle)
    })
}

#[test]
fn a_removal_that_was_stopped_comes_to_its_end() {
    let sandbox = Sandbox::new();
    let dir = sandbox.path("index");
    sandbox.write(
        "in/a.jsonl",
        format!("{{\"id\":\"X/1\",\"title\":\"Gone\",\"text\":\"{WORD}\"}}\n{{\"title\":\"Kept\"}}\n"),
    );
    let request = IngestRequest { paths: vec![sandbox.path("in")], ..IngestRequest::default() };
    let index = Index::open_or_create(&dir).unwrap();
    ingest(&index, &request, &mut |_| {}).unwrap();
    assert!(is_on_disk(&dir));

    let is_committed = AtomicBool::new(false);
    let watching = watch(
        &dir,
        Arc::new(move |op: &Op| match op {
            Op::Rename(_, to) if to.ends_with("meta.json") => {
                is_committed.store(true, Ordering::SeqCst);
                Ok(())
            }
            Op::Create(_) if is_committed.load(Ordering::SeqCst) => Err(io::ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }),
    );
    remove(&index, &[Target::Record("X/1".to_owned())]).unwrap_err();
    drop(watching);
    assert!(index.records_by_id("X/1").unwrap().is_empty() && is_on_disk(&dir), "it was to stop half way");

    ingest(&index, &request, &mut |_| {}).unwrap();
    assert!(!is_on_disk(&dir));
    let mut titles = Vec::new();
    index
        .each_record(|record| {
            titles.extend(record.title);
            Ok(())
        })
        .unwrap();
    assert_eq!(titles, ["Kept"]);
}
