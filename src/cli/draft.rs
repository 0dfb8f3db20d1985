//! A draft from the command line: an id, a file or standard input → one record.

use std::{
    io,
    path::{Path, PathBuf},
};

use hallway::{
    enrich::Enricher,
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides},
    index::Index,
    overlap::DRAFT_BYTES_MAX,
    record::{Kind, Record},
    source::{self, Rules, Shelf, SourceFile},
};

use super::{
    output,
    show::{other_ids, the_record},
};

/// The record that an argument means: an id comes first, `./x` is always a file.
pub(super) fn read(argument: &str, index: &Index) -> Result<Record> {
    if argument == "-" {
        let bytes = source::read_limited(io::stdin().lock(), Path::new("standard input"))?;
        return record_of(&SourceFile::given("stdin:draft"), &bytes, "standard input");
    }
    let path = PathBuf::from(argument);
    let is_forced = argument.starts_with("./") || path.is_absolute();
    if !is_forced && let Some(record) = the_record(index, argument)? {
        return Ok(of_passage(record, argument));
    }
    if !path.is_file() {
        let what = if path.is_dir() { "is a folder" } else { "is neither an id nor a file" };
        let folder = "`hallway overlap DIR` compares all proposals in it";
        let hint = if path.is_dir() { folder.to_owned() } else { other_ids(index, argument)? };
        return Err(output::usage(&format!("\"{argument}\" {what}"), &hint));
    }
    let (files, _) = source::list(&[path], &Rules::default(), |_| false)?;
    let Some(file) = files.first() else {
        return Err(output::usage(&format!("\"{argument}\" is no file"), "name a file"));
    };
    let shelf = Shelf::new(&[]);
    if shelf.listing(file)?.is_some() {
        return Err(output::usage(
            &format!("{argument} is an archive"),
            "`hallway overlap FILE` compares all proposals in it",
        ));
    }
    record_of(file, &shelf.read(file)?, argument)
}

/// A report as the one passage that an id names.
fn of_passage(mut record: Record, id: &str) -> Record {
    if let Some(passage) = record.passages.iter().find(|passage| passage.id == id).cloned() {
        record.text = Some(passage.text.clone());
        record.abstract_text = record.abstract_text.map(|_| passage.text.clone());
        record.passages = vec![passage];
    }
    record
}

fn record_of(file: &SourceFile, bytes: &[u8], name: &str) -> Result<Record> {
    let refuse = |what: String, hint: &str| Err(Error::new(ErrorKind::Input, format!("{name} {what}")).hint(hint));
    if bytes.len() > DRAFT_BYTES_MAX {
        let n_mb = bytes.len().div_ceil(1 << 20);
        return refuse(
            format!("has {n_mb} MB, and a draft has {} MB at most", DRAFT_BYTES_MAX >> 20),
            "give one abstract",
        );
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return refuse("is empty".to_owned(), "give an abstract, as text, Markdown or a record");
    }
    let (mut records, problems) = records_of(file, bytes);
    match (records.len(), problems.into_iter().next()) {
        (1, _) => Ok(records.remove(0)),
        (0, Some(problem)) => refuse(format!("can't be read: {}", problem.message), &problem.hint),
        (0, None) => refuse("holds no text".to_owned(), "give an abstract, as text, Markdown or a record"),
        (n, _) => refuse(format!("holds {n} talks"), "`hallway overlap FILE` compares them all"),
    }
}

/// The talks of a file; one where it is prose about nothing in particular.
pub(super) fn records_of(file: &SourceFile, bytes: &[u8]) -> (Vec<Record>, Vec<Problem>) {
    let prose = match Path::new(&file.path).extension().and_then(|extension| extension.to_str()) {
        None | Some("md" | "markdown") => Some("markdown"),
        Some("txt") => Some("plain"),
        Some("rst") => Some("rest"),
        Some(_) => None,
    };
    let mut problems = Vec::new();
    for format in [None, prose] {
        let overrides = Overrides { format: format.map(str::to_owned), ..Overrides::default() };
        let parsed = formats::parse(file, bytes, &overrides);
        let mut records: Vec<Record> = parsed.records.into_iter().filter(|record| record.kind != Kind::Bio).collect();
        problems = parsed.problems;
        if !records.is_empty() || prose.is_none() {
            Enricher::default().enrich(&mut records);
            return (records, problems);
        }
    }
    (Vec::new(), problems)
}
