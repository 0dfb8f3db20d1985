//! Promise: incremental equals rebuild. Whatever the order in which sources came, changed, moved and went: the index is what
//! a fresh build of the same sources is, and what a plain map of them says.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use hallway::{
    error::ErrorKind,
    formats::{self, Overrides},
    index::{Index, SourceEntry},
    ingest::{IngestRequest, Summary, ingest},
    record::Record,
    search::{SearchRequest, search},
    source::SourceFile,
};
use proptest::{
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::{
    sandbox::Sandbox,
    scale::{amount, report, seed},
};

/// Lines that are copies of each other, the same talk elsewhere, the same given id for another talk; and after
/// [`FIRST_LONER`] such as are copies of nothing but themselves, which a plain map can tell.
const LINES: &[&str] = &[
    r#"{"title":"On Caches","speakers":["A. One"],"series":"FooConf","year":2019,"text":"short"}"#,
    r#"{"title":"On caches!","speakers":["A. One","B. Two"],"series":"FooConf","year":2019,"text":"a longer text"}"#,
    r#"{"title":"On Caches","speakers":["A. One"],"series":"BarConf","year":2020}"#,
    r#"{"title":"Slots","series":"FooConf","year":2019,"date":"2019-05-01","start":"10:00"}"#,
    r#"{"title":"Slots","speakers":["C. Three"],"series":"FooConf","year":2019,"date":"2019-05-01","start":"10:00"}"#,
    r#"{"title":"By address","url":"https://foo.example/1","series":"FooConf","year":2019}"#,
    r#"{"title":"By the same address","url":"https://foo.example/1","series":"FooConf","year":2019,"text":"more"}"#,
    r#"{"id":"X/1","title":"Given","text":"one"}"#,
    r#"{"id":"X/1","title":"Taken","text":"another, longer"}"#,
    r#"{"id":"X/2","title":"Given","speakers":["A. One"]}"#,
    r#"{"kind":"bio","title":"A. One","series":"FooConf","year":2019,"text":"Writes caches."}"#,
    r#"{"kind":"bio","title":"A. One","series":"FooConf","year":2019,"text":"Writes caches and reads them."}"#,
    r#"{"title":"Exported","text":"From elsewhere.","source":{"root":"/x","path":"o.jsonl","line":1,"start":0,"end":9}}"#,
    r#"{"kind":"report","title":"FooConf 2019, a report","author":"D","text":"We met. We spoke of caches."}"#,
    r#"{"title":"Loner 0","text":"alone0 with caches","tags":["x"]}"#,
    r#"{"title":"Loner 1","speakers":["D. Four"],"text":"alone1","track":"Main","type":"keynote"}"#,
    r#"{"kind":"bio","title":"Loner 2","text":"alone2"}"#,
    r#"{"kind":"report","title":"Loner 3","author":"E","text":"alone3 was there."}"#,
];
const GIVEN: std::ops::Range<usize> = 7..9;
const FIRST_LONER: usize = 14;
const FILES: &[&str] = &["a.jsonl", "b.jsonl", "x/a.jsonl", "x/c.jsonl", "y/d.jsonl"];
const FOLDERS: &[&str] = &["x", "y", "z"];
/// Series, year, and the edition that they make.
const OVERRIDES: &[(&str, u16, &str)] = &[("FooConf", 2019, "fooconf-2019"), ("BazConf", 2021, "bazconf-2021")];
const EXPORT: &str = "export.jsonl";

/// What happens between two ingests. A step that finds nothing to work on does nothing. What `hallway` learns to do to its
/// sources belongs here, and into [`Model`] what it means.
#[derive(Clone, Debug)]
enum Step {
    /// Add or change a file, by index into [`FILES`].
    Write(usize, Vec<usize>),
    /// As the next three, of the n-th file that is there.
    Remove(usize),
    RenameFile(usize, usize),
    RenameFolder(usize, usize),
    /// Written anew with the same bytes.
    Touch(usize),
    /// One file, read with what a person says about it.
    Override(usize, usize),
    /// The index as a file among its own sources.
    Export,
    Ingest {
        prune: bool,
    },
    /// A batch that is staged and dropped.
    Interrupt(usize, Vec<usize>),
    /// A batch that is refused for a problem after it was staged.
    Refuse(Vec<usize>),
    Merge,
    Reopen,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    // Often such as want the same id: what is said of them must go when one of them goes.
    let lines = || proptest::collection::vec(prop_oneof![3 => 0..LINES.len(), 1 => GIVEN], 0..6);
    let (file, folder) = (|| 0..FILES.len(), || 0..FOLDERS.len());
    let step = prop_oneof![
        6 => (file(), lines()).prop_map(|(file, lines)| Step::Write(file, lines)),
        2 => file().prop_map(Step::Remove),
        2 => (file(), file()).prop_map(|(from, to)| Step::RenameFile(from, to)),
        1 => (folder(), folder()).prop_map(|(from, to)| Step::RenameFolder(from, to)),
        1 => file().prop_map(Step::Touch),
        1 => Just(Step::Export),
        2 => (file(), 0..OVERRIDES.len()).prop_map(|(file, which)| Step::Override(file, which)),
        8 => any::<bool>().prop_map(|prune| Step::Ingest { prune }),
        1 => (file(), lines()).prop_map(|(file, lines)| Step::Interrupt(file, lines)),
        1 => lines().prop_map(Step::Refuse),
        2 => Just(Step::Merge),
        1 => Just(Step::Reopen),
    ];
    proptest::collection::vec(step, 3..18)
}

fn text(lines: &[usize]) -> String {
    lines.iter().flat_map(|n| [LINES[*n], "\n"]).collect()
}

/// A source as it was when it was last read.
#[derive(Clone, Debug, PartialEq)]
struct Read {
    text: String,
    overrides: Option<usize>,
    /// Whether it was named by itself: its root is then its own folder.
    is_alone: bool,
}

type Loners = BTreeMap<(String, Option<String>), BTreeSet<(String, u64)>>;

/// The plain map: what lies in the folder, and what the index should hold. Paths are relative to the folder.
#[derive(Default)]
struct Model {
    disk: BTreeMap<String, String>,
    indexed: BTreeMap<String, Read>,
}

impl Model {
    fn read(&mut self, path: &str, overrides: Option<usize>, is_alone: bool) {
        let text = self.disk[path].clone();
        let known = self.indexed.get(path);
        // What was said of a source is remembered, and a source that is as it was is not read again.
        let overrides = overrides.or(known.and_then(|known| known.overrides));
        if known.is_none_or(|known| known.text != text || known.overrides != overrides) {
            self.indexed.insert(path.to_owned(), Read { text, overrides, is_alone });
        }
    }

    fn read_all(&mut self, prune: bool) {
        for path in self.disk.keys().cloned().collect::<Vec<_>>() {
            self.read(&path, None, false);
        }
        if prune {
            let Model { disk, indexed } = self;
            indexed.retain(|path, _| disk.contains_key(path));
        }
    }

    /// Whether the map tells all: an exported record that a person has said another edition of is still a copy of its
    /// original, by its id.
    fn is_plain(&self) -> bool {
        self.indexed.values().all(|read| read.overrides.is_none() || !read.text.contains("\"sources\":"))
    }

    /// Title and edition of each loner → where it stands: source and line, also those that an export tells of.
    fn loners(&self) -> Loners {
        let mut loners = Loners::new();
        for (path, read) in &self.indexed {
            for (line, text) in (1..).zip(read.text.lines()) {
                let record: Record = from_line(text);
                let title = record.title.unwrap_or_default();
                let here = if record.sources.is_empty() { vec![(path.clone(), line)] } else { places(&record.sources) };
                let told = read.overrides.map(|which| OVERRIDES[which].2.to_owned());
                if title.starts_with("Loner") {
                    loners.entry((title, told.or(record.edition_id))).or_default().extend(here);
                }
            }
        }
        loners
    }
}

/// A line of ours writes some keys more loosely than a record: only an export is read whole.
fn from_line(text: &str) -> Record {
    serde_json::from_str(text).unwrap_or_else(|_| {
        let value: serde_json::Value = serde_json::from_str(text).unwrap();
        Record { title: value["title"].as_str().map(str::to_owned), ..Record::default() }
    })
}

/// Below the source folder, whichever root a source was found under.
fn places(spans: &[hallway::record::Span]) -> Vec<(String, u64)> {
    let place = |span: &hallway::record::Span| {
        let full = format!("{}/{}", span.root, span.path);
        (full.rsplit_once("/in/").map_or(full.as_str(), |(_, path)| path).to_owned(), span.line)
    };
    spans.iter().map(place).collect()
}

/// The index, its sources on disk, and the model of both.
struct World {
    sandbox: Sandbox,
    index: Index,
    model: Model,
}

impl World {
    fn new() -> World {
        let sandbox = Sandbox::new();
        fs::create_dir(sandbox.path("in")).unwrap();
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        World { sandbox, index, model: Model::default() }
    }

    fn write(&mut self, path: &str, text: String) {
        self.sandbox.write(&format!("in/{path}"), &text);
        self.model.disk.insert(path.to_owned(), text);
    }

    fn nth(&self, n: usize) -> Option<String> {
        self.model.disk.keys().cycle().nth(n).cloned()
    }

    fn remove(&mut self, path: &str) -> Option<String> {
        let text = self.model.disk.remove(path)?;
        fs::remove_file(self.sandbox.path("in").join(path)).unwrap();
        Some(text)
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Write(file, lines) => self.write(FILES[file], text(&lines)),
            Step::Remove(n) => drop(self.nth(n).map(|path| self.remove(&path))),
            Step::RenameFile(from, to) => {
                if let Some(text) = self.nth(from).and_then(|path| self.remove(&path)) {
                    self.write(FILES[to], text);
                }
            }
            Step::RenameFolder(from, to) => {
                let (from, to) = (format!("{}/", FOLDERS[from]), format!("{}/", FOLDERS[to]));
                let paths: Vec<String> =
                    self.model.disk.keys().filter(|path| path.starts_with(&from)).cloned().collect();
                for path in paths.iter().filter(|_| from != to) {
                    let text = self.remove(path).unwrap();
                    self.write(&path.replacen(&from, &to, 1), text);
                }
            }
            Step::Touch(n) => {
                if let Some(path) = self.nth(n) {
                    self.write(&path, self.model.disk[&path].clone());
                }
            }
            Step::Export => {
                let lines = export(&self.index);
                self.write(EXPORT, lines);
            }
            Step::Override(n, which) => {
                if let Some(path) = self.nth(n) {
                    build(&self.index, &self.sandbox.path("in").join(&path), false, Some(which));
                    self.model.read(&path, Some(which), true);
                }
            }
            Step::Ingest { prune } => {
                build(&self.index, &self.sandbox.path("in"), prune, None);
                self.model.read_all(prune);
            }
            Step::Interrupt(file, lines) => self.interrupt(FILES[file], &text(&lines)),
            Step::Refuse(lines) => {
                self.write("broken.jsonl", text(&lines) + "{\n");
                let paths = vec![self.sandbox.path("in")];
                let request = IngestRequest { paths, strict: true, prune: true, ..IngestRequest::default() };
                let error = ingest(&self.index, &request, &mut |_| {}).unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Input);
                self.remove("broken.jsonl");
            }
            Step::Merge => self.index.writer().unwrap().merge_all().unwrap(),
            Step::Reopen => self.index = Index::open_or_create(&self.sandbox.path("index")).unwrap(),
        }
    }

    fn interrupt(&self, path: &str, text: &str) {
        let root = self.sandbox.path("in").canonicalize().unwrap().to_string_lossy().into_owned();
        let file = SourceFile { root, path: path.to_owned() };
        let records = formats::parse(&file, text.as_bytes(), &Overrides::default()).records;
        let mut writer = self.index.writer().unwrap();
        writer.replace(&file.full_path().to_string_lossy(), SourceEntry::default(), records);
        writer.stage().unwrap();
    }

    /// What the plain map says, of the records that it can tell.
    fn check_loners(&self) -> Result<(), TestCaseError> {
        if !self.model.is_plain() {
            return Ok(());
        }
        let expected = self.model.loners();
        let mut found = Loners::new();
        for record in records(&self.index) {
            let title = record.title.clone().unwrap_or_default();
            if title.starts_with("Loner") {
                let key = (title, record.edition_id.clone());
                let is_new = found.insert(key, places(&record.sources).into_iter().collect()).is_none();
                prop_assert!(is_new, "{} is there twice", record.id);
                let by_id = self.index.records_by_id(&record.id).unwrap();
                prop_assert_eq!(by_id, vec![record]);
            }
        }
        prop_assert_eq!(&found, &expected);
        for n in 0..LINES.len() - FIRST_LONER {
            let title = format!("Loner {n}");
            let n_expected = expected.keys().filter(|(of, _)| *of == title).count() as u64;
            prop_assert_eq!(total(&self.index, &format!("alone{n}")), n_expected, "alone{}", n);
        }
        Ok(())
    }

    /// A build of what the model says was read, each source as it was then, under the same roots.
    fn fresh(&self) -> Index {
        let folder = self.sandbox.path("in");
        let put = |texts: &BTreeMap<String, String>| {
            fs::remove_dir_all(&folder).unwrap();
            fs::create_dir(&folder).unwrap();
            for (path, text) in texts {
                self.sandbox.write(&format!("in/{path}"), text);
            }
        };
        put(&self.model.indexed.iter().map(|(path, read)| (path.clone(), read.text.clone())).collect());
        let index = Index::open_or_create(&self.sandbox.path("fresh")).unwrap();
        for (path, read) in self.model.indexed.iter().filter(|(_, read)| read.overrides.is_some()) {
            if !read.is_alone {
                // Told of when it held something else, and read with its folder since.
                self.sandbox.write(&format!("in/{path}"), "{\"title\":\"Told\"}");
            }
            build(&index, &folder.join(path), false, read.overrides);
            self.sandbox.write(&format!("in/{path}"), &read.text);
        }
        build(&index, &folder, true, None);
        put(&self.model.disk);
        index
    }

    fn check(self) -> Result<(), TestCaseError> {
        self.check_loners()?;
        let fresh = self.fresh();
        prop_assert_eq!(records(&self.index), records(&fresh));
        prop_assert_eq!(export(&self.index), export(&fresh));
        // Copies of sources that were gone for a while are of no consequence for what is found.
        let [own, other] = [&self.index, &fresh].map(|index| index.catalog().unwrap());
        prop_assert_eq!(own.sources, other.sources);
        prop_assert_eq!(answers(&self.index, false), answers(&fresh, false));
        // Until they are merged away, the words of replaced records count in scores and notes.
        for index in [&self.index, &fresh] {
            index.writer().unwrap().merge_all().unwrap();
        }
        prop_assert_eq!(answers(&self.index, true), answers(&fresh, true));
        prop_assert_eq!(records(&self.index), records(&fresh));
        let again = [&self.index, &fresh].map(|index| build(index, &self.sandbox.path("in"), true, None));
        prop_assert_eq!(&again[0], &again[1]);
        let last = build(&self.index, &self.sandbox.path("in"), true, None);
        prop_assert_eq!((last.added, last.changed, last.removed), (0, 0, 0));
        Ok(())
    }
}

fn build(index: &Index, path: &Path, prune: bool, overrides: Option<usize>) -> Summary {
    let overrides = overrides.map(|which| OVERRIDES[which]).map(|(series, year, _)| Overrides {
        series: Some(series.to_owned()),
        year: Some(year),
        ..Overrides::default()
    });
    let overrides = overrides.unwrap_or_default();
    let request = IngestRequest { paths: vec![path.to_owned()], prune, overrides, ..IngestRequest::default() };
    ingest(index, &request, &mut |_| {}).unwrap()
}

fn records(index: &Index) -> Vec<Record> {
    let mut records = Vec::new();
    index
        .each_record(|record| {
            records.push(record);
            Ok(())
        })
        .unwrap();
    records.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.source.cmp(&b.source)));
    records
}

/// As `hallway export` prints it.
fn export(index: &Index) -> String {
    records(index).iter().map(|record| serde_json::to_string(record).unwrap() + "\n").collect()
}

fn request(query: &str) -> SearchRequest {
    let facets = ["conference", "year", "kind", "type", "track", "topic", "speaker"].map(str::to_owned).to_vec();
    SearchRequest { query: query.to_owned(), limit: 100, facets, ..SearchRequest::default() }
}

fn total(index: &Index, query: &str) -> u64 {
    search(index, &SearchRequest { limit: 0, ..request(query) }).unwrap().total
}

/// What queries give, as text: totals, hits, facets; of a merged index also order, scores to the bit, and notes.
fn answers(index: &Index, is_merged: bool) -> Vec<String> {
    const QUERIES: &[&str] =
        &["", "caches", "caches longer", "slots", "speaker:one", "kind:bio", "year:2019", "\"a report\""];
    let answer = |query: &&str| {
        let found = search(index, &request(query)).unwrap();
        let mut hits: Vec<_> = found
            .hits
            .iter()
            .map(|hit| (hit.record.id.clone(), if is_merged { hit.score.to_bits() } else { 0 }, hit.partial))
            .collect();
        if !is_merged {
            hits.sort();
        }
        let notes = if is_merged { found.notes } else { Vec::new() };
        let counts = found.facets.into_iter().flatten().flat_map(|facet| facet.counts);
        let counts: Vec<_> = counts.map(|count| format!("{} {}", count.value, count.count)).collect();
        format!("{query}: {} {:?} {hits:?} {counts:?} {notes:?}", found.total, found.total_partial)
    };
    QUERIES.iter().map(answer).collect()
}

#[test]
fn incremental_equals_rebuild() {
    let cases = amount(48, 2_000);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed("model").to_le_bytes());
    let config = Config {
        cases: u32::try_from(cases).unwrap(),
        failure_persistence: None,
        max_shrink_iters: 2_000,
        ..Config::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let n_steps = std::cell::Cell::new(0);
    let outcome = runner.run(&steps(), |steps| {
        let mut world = World::new();
        for step in steps {
            n_steps.set(n_steps.get() + 1);
            world.step(step);
        }
        // A sequence that only prepared something ends with reading it.
        world.step(Step::Ingest { prune: false });
        world.check()
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
    report("model", &format!("{cases} sequences of {} steps in all; 0 differ from a fresh build", n_steps.get()));
}

#[test]
fn a_copy_comes_back_when_the_fuller_one_goes() {
    let mut world = World::new();
    for n in 0..3 {
        world.step(Step::Write(n, vec![n]));
    }
    world.step(Step::Ingest { prune: true });
    let both = records(&world.index);
    assert_eq!(both.len(), 2);
    let merged = both.iter().find(|record| record.sources.len() == 2).unwrap();
    let elsewhere = both.iter().find(|record| record.id != merged.id).unwrap();
    assert_eq!(merged.abstract_text.as_deref(), Some("a longer text"));
    assert_eq!((&merged.also_at, &elsewhere.also_at), (&vec![elsewhere.id.clone()], &vec![merged.id.clone()]));
    assert_eq!(world.index.records_by_id(&merged.id).unwrap().len(), 1);
    world.step(Step::Remove(1));
    world.step(Step::Ingest { prune: true });
    let left = records(&world.index);
    assert!(left.iter().any(|record| record.abstract_text.as_deref() == Some("short") && record.sources.len() == 1));
    assert_eq!(left.len(), 2);
}

/// Sequences that random ones seldom meet.
#[test]
fn incremental_equals_rebuild_where_it_is_rare() {
    let rare = [
        // What is said of two records of one id goes when one of them goes.
        vec![Step::Write(0, vec![7]), Step::Write(1, vec![8]), Step::Ingest { prune: false }, Step::Write(1, vec![14])],
        // A single segment with records that were replaced is merged, too.
        vec![
            Step::Write(0, vec![0, 7]),
            Step::Write(1, vec![10, 14]),
            Step::Ingest { prune: false },
            Step::Remove(1),
            Step::Ingest { prune: true },
        ],
        vec![Step::Write(0, vec![15]), Step::Ingest { prune: false }, Step::Override(0, 0), Step::Override(0, 1)],
    ];
    for steps in rare {
        let mut world = World::new();
        for step in steps.into_iter().chain([Step::Ingest { prune: false }]) {
            world.step(step);
        }
        world.check().unwrap();
    }
}
