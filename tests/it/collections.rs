//! Collections of real files: what comes out of each of their sources, as counts, beside `collections/golden.txt`. Their texts
//! are not ours and are in no test; `collections/README.md` says why the counts are what they are. A format that is
//! added gets its row in SOURCES, `HALLWAY_BLESS=1` writes the golden file, and the difference is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
    thread,
};

use hallway::{
    formats::{Overrides, Parsed, parse_beside},
    record::{Kind, Record},
    source::{self, Rules, Shelf, SourceFile},
};

/// A folder of a collection, below the one that `HALLWAY_CORPORA` names.
struct Source {
    folder: &'static str,
    /// A line for each file that gives records, beside the one for the folder.
    each_file: bool,
    /// Whether files are read with those beside them; then the folder's own name is evidence, too.
    beside: bool,
    /// Of the folders that hold files, by their names, one in so many is read: archives hold thousands of files in one form.
    every: usize,
}

const SOURCES: &[Source] = &[
    Source { folder: "dddperth", each_file: true, beside: false, every: 1 },
    Source { folder: "devopsdays-web-sample", each_file: true, beside: true, every: 1 },
    Source { folder: "devopsdays-webby", each_file: false, beside: true, every: 1 },
    Source { folder: "djangocon-us-2023", each_file: false, beside: true, every: 1 },
    Source { folder: "emfcamp", each_file: true, beside: false, every: 1 },
    Source { folder: "fosdem-xml", each_file: true, beside: false, every: 1 },
    Source { folder: "kotlinconf", each_file: true, beside: false, every: 1 },
    Source { folder: "promcon", each_file: false, beside: true, every: 1 },
    Source { folder: "pyvideo", each_file: false, beside: true, every: 8 },
    Source { folder: "reports", each_file: false, beside: true, every: 1 },
    Source { folder: "rubyevents", each_file: false, beside: true, every: 8 },
    Source { folder: "seeds", each_file: true, beside: true, every: 1 },
    Source { folder: "voc-schedule", each_file: true, beside: false, every: 1 },
    Source { folder: "writethedocs", each_file: false, beside: true, every: 1 },
];

/// A name, and whether a talk has what it stands for.
type Column = (&'static str, fn(&Record) -> bool);

/// What a talk can have, in the order of the columns.
#[rustfmt::skip]
const COLUMNS: &[Column] = &[
    ("title", |talk| talk.title.is_some()),
    ("abstract", |talk| talk.abstract_text.is_some()),
    ("speakers", |talk| !talk.speakers.is_empty()),
    ("affil", |talk| talk.speakers.iter().any(|speaker| speaker.affiliation.is_some())),
    ("date", |talk| talk.date.is_some()),
    ("start", |talk| talk.start.is_some()),
    ("end", |talk| talk.end.is_some()),
    ("room", |talk| talk.room.is_some()),
    ("track", |talk| talk.track.is_some()),
    ("type", |talk| talk.talk_type.is_some()),
    ("tags", |talk| !talk.tags.is_empty()),
    ("lang", |talk| talk.language.is_some()),
    ("url", |talk| talk.url.is_some()),
    ("videos", |talk| !talk.videos.is_empty()),
    ("slides", |talk| !talk.slides.is_empty()),
    ("licence", |talk| talk.licence.is_some()),
    ("state", |talk| talk.state.is_some()),
    ("edition", |talk| talk.edition_id.is_some()),
    ("year", |talk| talk.year.is_some()),
];

/// Counts of some files.
#[derive(Clone, Default)]
struct Counts {
    files: usize,
    pages: usize,
    talks: usize,
    bios: usize,
    told_bios: usize,
    reports: usize,
    has: Vec<usize>,
    problems: BTreeMap<String, usize>,
}

impl Counts {
    fn of(parsed: &Parsed) -> Counts {
        let of_kind = |kind: Kind| parsed.records.iter().filter(move |record| record.kind == kind);
        let mut problems = BTreeMap::new();
        for problem in &parsed.problems {
            *problems.entry(problem.message.clone()).or_default() += 1;
        }
        Counts {
            files: 1,
            pages: usize::from(parsed.is_page),
            talks: of_kind(Kind::Talk).count(),
            bios: of_kind(Kind::Bio).count(),
            told_bios: of_kind(Kind::Bio).filter(|bio| bio.text.is_some()).count(),
            reports: of_kind(Kind::Report).count(),
            has: COLUMNS.iter().map(|(_, has)| of_kind(Kind::Talk).filter(|talk| has(talk)).count()).collect(),
            problems,
        }
    }

    fn add(mut self, other: &Counts) -> Counts {
        self.files += other.files;
        self.pages += other.pages;
        self.talks += other.talks;
        self.bios += other.bios;
        self.told_bios += other.told_bios;
        self.reports += other.reports;
        self.has.resize(COLUMNS.len(), 0);
        self.has.iter_mut().zip(&other.has).for_each(|(sum, n)| *sum += n);
        for (message, n) in &other.problems {
            *self.problems.entry(message.clone()).or_default() += n;
        }
        self
    }

    fn line(&self, name: &str) -> String {
        let first = [self.files, self.pages, self.talks, self.bios, self.told_bios, self.reports];
        row(name, first.iter().chain(&self.has).map(ToString::to_string))
    }
}

fn row(name: &str, cells: impl Iterator<Item = String>) -> String {
    let mut out = format!("{name:<56}");
    for cell in cells {
        write!(out, " {cell:>8}").unwrap();
    }
    out.push('\n');
    out
}

#[test]
fn sources_give_what_they_hold() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA").map(PathBuf::from) else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    let first = ["files", "pages", "talks", "bios", "told", "reports"].into_iter();
    let mut printed = row("", first.chain(COLUMNS.iter().map(|(name, _)| *name)).map(str::to_owned));
    for source in SOURCES {
        let files = counted(&corpora.join(source.folder), source);
        let all = files.iter().fold(Counts::default(), |sum, (_, counts)| sum.add(counts));
        assert!(all.files > 0, "{} is not there", source.folder);
        printed.push('\n');
        printed.push_str(&all.line(source.folder));
        for (path, counts) in files.iter().filter(|(_, counts)| source.each_file && counts.talks + counts.bios > 0) {
            // The end of a path tells it.
            let from = path.char_indices().rev().nth(50).map_or(0, |(at, _)| at);
            printed.push_str(&counts.line(&format!("  {}", &path[from..])));
        }
        for (message, n) in &all.problems {
            writeln!(printed, "  problem, {n} times: {message}").unwrap();
        }
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/collections/golden.txt");
    crate::expected::check(&golden, &printed);
}

/// The folder of a file; that of an edition where the file is in the folder of its talks.
fn edition_of(path: &str) -> &str {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    folder.strip_suffix("/videos").unwrap_or(folder)
}

/// What comes out of each file of a folder, in the order of their paths. Each thread takes the next file that is left.
fn counted(folder: &Path, source: &Source) -> Vec<(String, Counts)> {
    let rules = Rules { hidden: false, no_ignore: true, exclude: Vec::new() };
    let (files, _) = source::list(&[folder.to_owned()], &rules, |_| false).unwrap();
    let folders: BTreeSet<&str> = files.iter().map(|file| edition_of(&file.path)).collect();
    let drawn: BTreeSet<&str> = folders.into_iter().step_by(source.every).collect();
    let files: Vec<&SourceFile> = files.iter().filter(|file| drawn.contains(edition_of(&file.path))).collect();
    let (next, shelf) = (AtomicUsize::new(0), Shelf::default());
    let work = || {
        let mut out = Vec::new();
        while let Some(file) = files.get(next.fetch_add(1, Ordering::Relaxed)) {
            let bytes = fs::read(folder.join(&file.path)).unwrap();
            // The name of the folder that the collections happen to be in tells nothing.
            let root = if source.beside { file.root.clone() } else { "/collection".to_owned() };
            let file = SourceFile { root, path: file.path.clone() };
            let parsed = parse_beside(&file, &bytes, &Overrides::default(), &shelf);
            out.push((file.path.clone(), Counts::of(&parsed)));
        }
        out
    };
    let n_threads = thread::available_parallelism().map_or(2, Into::into);
    let mut found: Vec<(String, Counts)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..n_threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}
