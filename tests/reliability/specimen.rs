//! An index to damage: generated records, several segments with deleted documents, and the questions that it is asked.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::{Path, PathBuf},
};

use fastrand::Rng;
use hallway::{
    error::{ErrorKind, Result},
    index::{Index, schema},
    ingest::{IngestRequest, ingest},
    record::Record,
    search::{Filter, SearchRequest, Sort, search},
};
use serde_json::json;

use crate::sandbox::Sandbox;

/// Names of files that only carry locks: what is in them says nothing.
const LOCKS: [&str; 2] = ["tantivy/.tantivy-meta.lock", "writer.lock"];

pub struct Specimen {
    pub sandbox: Sandbox,
    /// Every file of the index, relative to its folder, the locks last.
    pub files: Vec<String>,
}

/// How large a specimen is.
#[derive(Clone, Copy)]
pub struct Size {
    pub sources: usize,
    /// Of each source.
    pub records: usize,
    /// Distinct words of the texts.
    pub words: usize,
    /// Bytes that are stored with a record and not searched.
    pub stored: usize,
}

/// Verified whole when it is opened, with a file or two of several blocks.
pub const SMALL: Size = Size { sources: 3, records: 40, words: 300, stored: 3_500 };
/// Large enough to be verified block by block, with several blocks in most files.
pub const LARGE: Size = Size { sources: 4, records: 450, words: 12_000, stored: 5_500 };

impl Size {
    pub fn is_large(self) -> bool {
        self.records > 100
    }
}

impl Specimen {
    /// One segment a source, the first with deleted documents.
    pub fn new(size: Size, rng: &mut Rng) -> Specimen {
        let sandbox = Sandbox::new();
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        for source in 0..size.sources {
            let lines: Vec<String> = (0..size.records).map(|n| line(source, n, size, rng)).collect();
            let path = sandbox.write(&format!("in/{source}.jsonl"), lines.join("\n"));
            read(&index, &path);
            if source + 1 == size.sources {
                let path = sandbox.path("in/0.jsonl");
                let text = fs::read_to_string(&path).unwrap();
                let fewer: Vec<&str> = text.lines().skip(3).collect();
                fs::write(&path, fewer.join("\n")).unwrap();
                read(&index, &path);
            }
        }
        let mut files = files_below(&sandbox.path("index"), "");
        files.sort_by_key(|name| (is_lock(name), name.clone()));
        assert!(files.iter().any(|name| extension(name) == "del"), "no document is deleted: {files:?}");
        Specimen { sandbox, files }
    }

    pub fn dir(&self) -> PathBuf {
        self.sandbox.path("index")
    }

    /// The files with one of these endings.
    pub fn files_of(&self, extensions: &[&str]) -> impl Iterator<Item = &String> {
        self.files.iter().filter(|name| extensions.contains(&extension(name)))
    }

    /// The index in a folder of its own, as hard links, but for those of `copied`, which may be written.
    pub fn copy(&self, to: &Path, copied: &[&str]) {
        fs::create_dir_all(to.join("tantivy")).unwrap();
        for name in &self.files {
            if copied.contains(&name.as_str()) {
                fs::copy(self.dir().join(name), to.join(name)).unwrap();
            } else if !is_lock(name) {
                fs::hard_link(self.dir().join(name), to.join(name)).unwrap();
            }
        }
    }
}

/// What follows the last dot of a name.
pub fn extension(name: &str) -> &str {
    name.rsplit_once('.').map_or("", |(_, extension)| extension)
}

pub fn is_lock(name: &str) -> bool {
    LOCKS.contains(&name)
}

fn read(index: &Index, path: &Path) {
    let request = IngestRequest { paths: vec![path.to_owned()], n_threads: 1, ..IngestRequest::default() };
    ingest(index, &request, &mut |_| {}).unwrap();
}

fn files_below(folder: &Path, prefix: &str) -> Vec<String> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
        if entry.file_type().unwrap().is_dir() {
            files.extend(files_below(&entry.path(), &format!("{name}/")));
        } else {
            files.push(name);
        }
    }
    files
}

/// A word by its number: no two are alike, and low numbers are common.
fn word(n: usize) -> String {
    let (consonants, vowels) = (b"bdfgklmnprtvz", b"aiou");
    let mut word = String::new();
    let mut rest = n + 60;
    while rest > 0 {
        word.push(char::from(consonants[rest % consonants.len()]));
        rest /= consonants.len();
        word.push(char::from(vowels[rest % vowels.len()]));
        rest /= vowels.len();
    }
    word
}

fn words(n: usize, of: usize, rng: &mut Rng) -> String {
    let mut pick = || {
        let common = rng.usize(1..of);
        word(rng.usize(..common))
    };
    (0..n).map(|_| pick()).collect::<Vec<_>>().join(" ")
}

fn line(source: usize, n: usize, size: Size, rng: &mut Rng) -> String {
    let year = 2015 + n % 6;
    let series = if n.is_multiple_of(3) { "FooConf" } else { "BarConf" };
    let mut signs = |n: usize| (0..n).map(|_| rng.alphanumeric()).collect::<String>();
    let stored = signs(size.stored);
    // Long enough that the field's words have blocks of the file to themselves.
    let others = if size.is_large() { (0..36).map(|_| signs(8)).collect::<Vec<_>>().join(" ") } else { String::new() };
    let title = format!("{} {source} {n}", words(3, size.words, rng));
    let text = words(45, size.words, rng);
    let (own, works) = (format!("P. {n}"), format!("Works {}", n % 7));
    let mut value = json!({"series": series, "year": year, "language": "en"});
    let more = match n % 8 {
        6 => json!({"kind": "bio", "title": own, "text": text, "speakers": [{"name": own, "affiliation": works}]}),
        7 => json!({"kind": "report", "title": format!("{series} {year}: {title}"), "author": format!("P. {source}"),
            "passages": [{"heading": ["First"], "text": text}, {"heading": ["Second"], "text": words(40, 50, rng)}]}),
        _ => json!({"title": format!("{title} on Kubernetes"),
            "abstract": format!("{text}. The kernel of {} is kubernetes.", word(n)),
            "speakers": [{"name": own, "affiliation": works}, {"name": format!("P. {source}"), "affiliation": others}],
            "date": format!("{year}-05-1{}", n % 9), "start": "10:00", "track": format!("Track {}", n % 4),
            "type": if n.is_multiple_of(5) { "keynote" } else { "talk" }, "state": "accepted",
            "url": format!("https://foo.example/{source}/{n}"), "stored": stored}),
    };
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value.to_string()
}

type Question = fn(&Index) -> Result<String>;

/// What an index is asked, each question by its name.
pub const QUESTIONS: [(&str, Question); 13] = [
    ("a word with all facets", |index| {
        let facets = facets().map(|(field, _)| field.to_owned()).collect();
        ask(index, &SearchRequest { query: word(3), facets, ..SearchRequest::default() })
    }),
    ("a phrase", |index| asked(index, "\"kernel of\" kubernetes")),
    ("a value of every facet field in the query", |index| {
        let values = facets().map(|(field, value)| asked(index, &format!("{field}:{value} kernel")));
        values.collect()
    }),
    ("a filter by every facet", |index| {
        let filters = facets().map(|(field, value)| {
            let values = vec![value.trim_matches('"').to_owned()];
            let filters = vec![Filter { field: (*field).to_owned(), values }];
            ask(index, &SearchRequest { query: "kernel".to_owned(), filters, limit: 2, ..SearchRequest::default() })
        });
        filters.collect()
    }),
    ("either and neither", |index| asked(index, &format!("({} OR {}) NOT {}", word(5), word(9), word(0)))),
    ("partial matches", |index| asked(index, &format!("{} {} {} {}", word(1), word(20), word(33), word(48)))),
    ("passages of reports", |index| {
        let filters = vec![Filter { field: "kind".to_owned(), values: vec!["report".to_owned()] }];
        let facets = vec!["conference".to_owned()];
        ask(index, &SearchRequest { query: word(2), filters, facets, ..SearchRequest::default() })
    }),
    ("the newest, from the sixth on", |index| {
        ask(index, &SearchRequest { sort: Sort::Date, offset: 5, limit: 5, ..SearchRequest::default() })
    }),
    ("nothing, and why", |index| {
        let filters = vec![Filter { field: "year".to_owned(), values: vec!["1999".to_owned()] }];
        let request = SearchRequest { query: "kernel xylophone".to_owned(), filters, ..SearchRequest::default() };
        ask(index, &request)
    }),
    ("a value that is not held", |index| {
        let filters = vec![Filter { field: "speaker".to_owned(), values: vec!["P. 10000".to_owned()] }];
        ask(index, &SearchRequest { filters, ..SearchRequest::default() })
    }),
    ("one record by each of its ids", |index| {
        let page = search(index, &SearchRequest { query: "kernel".to_owned(), limit: 1, ..SearchRequest::default() })?;
        let id = page.hits.first().map_or("foo", |hit| hit.record.id.as_str());
        let short = index.short_id(id)?;
        Ok(format!("{short} {:?} {:?}", index.records_by_id(id)?, index.records_by_id(short)?))
    }),
    ("the catalog", |index| index.catalog().map(|catalog| format!("{catalog:?}"))),
    // The last, which the large specimen is asked only where it can tell something: it reads all that is stored.
    ("every record", |index| Ok(format!("{:?}", export(index)?))),
];

/// Every facet with a value of it.
fn facets() -> impl Iterator<Item = (&'static str, &'static str)> {
    assert_eq!(schema::facets().count(), VALUES.len());
    schema::facets().map(|field| field.name).zip(VALUES)
}

/// A value of each facet.
const VALUES: [&str; 13] = [
    "talk",
    "FooConf",
    "BarConf",
    "\"BarConf 2016\"",
    "2017",
    "\"Track 2\"",
    "containers",
    "keynote",
    "\"P. 9\"",
    "\"Works 3\"",
    "en",
    "accepted",
    "abstract",
];

fn asked(index: &Index, query: &str) -> Result<String> {
    ask(index, &SearchRequest { query: query.to_owned(), ..SearchRequest::default() })
}

fn ask(index: &Index, request: &SearchRequest) -> Result<String> {
    search(index, request).map(|results| format!("{results:?}"))
}

pub fn export(index: &Index) -> Result<Vec<Record>> {
    let mut records = Vec::new();
    index.each_record(|record| {
        records.push(record);
        Ok(())
    })?;
    records.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.source.cmp(&b.source)));
    Ok(records)
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Right(blake3::Hash),
    /// An error that the question itself is to blame for.
    Refused(String),
    /// The index can't be used, and this is what the user is told.
    Damaged(String),
    /// What must never be.
    Bad(String),
}

/// Asks the first `n` questions. Null where the index can't be opened, with the error then.
pub fn answers(dir: &Path, n: usize) -> (Option<Answer>, Vec<Answer>) {
    let index = match outcome(|| Index::open(dir)) {
        Ok(index) => index,
        Err(answer) => return (Some(answer), Vec::new()),
    };
    (None, QUESTIONS.iter().take(n).map(|(_, question)| answer(|| question(&index))).collect())
}

/// As [`answers`], of one value of each facet field in the query: what is wrong with one field is not hidden by another.
pub fn facet_answers(dir: &Path) -> Vec<Answer> {
    let Ok(index) = Index::open(dir) else { return Vec::new() };
    let queries = facets().map(|(field, value)| format!("{field}:{value} kernel"));
    queries.map(|query| answer(|| asked(&index, &query))).collect()
}

fn answer(run: impl FnOnce() -> Result<String>) -> Answer {
    match outcome(run) {
        Ok(text) => Answer::Right(blake3::hash(text.as_bytes())),
        Err(answer) => answer,
    }
}

fn outcome<T>(run: impl FnOnce() -> Result<T>) -> std::result::Result<T, Answer> {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) if error.kind() == ErrorKind::Usage => Err(Answer::Refused(error.to_string())),
        Ok(Err(error)) => {
            let is_right = matches!(error.kind(), ErrorKind::Index | ErrorKind::NoIndex | ErrorKind::Io);
            let told = format!("{:?}: {error}; hint: {:?}", error.kind(), error.hint_text());
            Err(if is_right && error.hint_text().is_some() { Answer::Damaged(told) } else { Answer::Bad(told) })
        }
        Err(panic) => {
            let text = panic.downcast_ref::<String>().cloned();
            let text = text.or_else(|| panic.downcast_ref::<&str>().map(|text| (*text).to_owned()));
            Err(Answer::Bad(format!("panic: {}", text.unwrap_or_default())))
        }
    }
}
