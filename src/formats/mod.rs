//! Bytes → records and problems; one file a format. A format recognises structure: the names of particular
//! conferences, repositories or folders never appear in code, aliases of series live in `series.toml`.

mod academic;
mod archive;
mod csv;
mod dates;
mod decode;
mod edition;
mod evidence;
mod finish;
mod header;
mod html;
mod ical;
mod json;
mod jsonl;
mod markdown;
mod passages;
mod plain;
mod pyvideo;
mod report;
mod rest;
mod rubyevents;
mod schedule;
mod site;
mod talk;
mod transcript;
mod usenix;
mod xml;
mod yaml;

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};

use decode::Decoded;
pub use edition::{Mention, find_editions};

use crate::{
    error::{Error, ErrorKind, Problem, Result},
    record::{Edition, Record},
    source::{BETWEEN, Beside, Shelf, SourceFile},
    text::near::{did_you_mean, nearest},
};

/// One format: a row of [`FORMATS`].
pub struct Format {
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// Large texts are no prose: what a parser makes of them takes many times their size. The other formats have limits on
    /// what a file holds, and read what is within.
    is_prose: bool,
    /// Whether the input has this format's structure.
    recognise: fn(&Input) -> bool,
    parse: fn(&Input) -> Draft,
}

/// Real programs and reports in prose stay under 4 MB.
const PROSE_BYTES_MAX: usize = 8 << 20;
/// Line ends and signs in prose that mean something in markup, or are escaped; each takes up to 1,300 bytes in a parser's tree,
/// or a microsecond. A book has 100,000.
const PROSE_MARKS_MAX: usize = 200_000;

/// The formats, in the order in which they are tried: the first that recognises an input parses it.
pub const FORMATS: &[Format] = &[
    Format {
        name: "pyvideo",
        about: "an archive of recordings in JSON, one talk a file, beside its edition: pyvideo.org",
        is_prose: false,
        recognise: pyvideo::recognise,
        parse: pyvideo::parse,
    },
    Format {
        name: "jsonl",
        about: "JSON Lines, one record a line: hallway's own form, which `export` writes",
        is_prose: false,
        recognise: jsonl::recognise,
        parse: jsonl::parse,
    },
    Format {
        name: "html",
        about: "a page saved as HTML: a program, stated events, or a post",
        is_prose: false,
        recognise: html::recognise,
        parse: html::parse,
    },
    Format {
        name: "xml",
        about: "a schedule in XML: Pentabarf, frab, pretalx, or another list of sessions",
        is_prose: false,
        recognise: xml::recognise,
        parse: xml::parse,
    },
    Format {
        name: "rubyevents",
        about: "an archive of recordings in YAML, a list of talks beside its event: rubyevents.org",
        is_prose: false,
        recognise: rubyevents::recognise,
        parse: rubyevents::parse,
    },
    Format {
        name: "yaml",
        about: "a schedule in YAML: a list of sessions, as the sites of conferences keep them",
        is_prose: false,
        recognise: yaml::recognise,
        parse: yaml::parse,
    },
    Format {
        name: "json",
        about: "a schedule in JSON: frab, pretalx, Sessionize, or another list of sessions",
        is_prose: false,
        recognise: json::recognise,
        parse: json::parse,
    },
    Format {
        name: "ical",
        about: "a calendar of talks (iCalendar)",
        is_prose: false,
        recognise: ical::recognise,
        parse: ical::parse,
    },
    Format {
        name: "captions",
        about: "captions of a recorded talk: WebVTT, SubRip (SRT), SBV",
        is_prose: false,
        recognise: transcript::captions::recognise,
        parse: transcript::captions::parse,
    },
    Format {
        name: "csv",
        about: "a table of talks with a header: CSV or TSV, as Sessionize, pretalx, EasyChair, HotCRP and Indico export it",
        is_prose: false,
        recognise: csv::recognise,
        parse: csv::parse,
    },
    Format {
        name: "usenix",
        about: "a USENIX program page saved as text",
        is_prose: true,
        recognise: usenix::recognise,
        parse: usenix::parse,
    },
    Format {
        name: "transcript",
        about: "a talk written down, each turn behind its speaker's name or time",
        is_prose: true,
        recognise: transcript::labelled::recognise,
        parse: transcript::labelled::parse,
    },
    Format {
        name: "talk",
        about: "the page of one talk, or of one speaker, of a conference's site: Hugo, Jekyll, Astro, nanoc, Webby, reST",
        is_prose: true,
        recognise: talk::recognise,
        parse: talk::parse,
    },
    Format {
        name: "academic",
        about: "a program of papers as plain text: titles and authors, below sessions and days",
        is_prose: true,
        recognise: academic::recognise,
        parse: academic::parse,
    },
    Format {
        name: "markdown",
        about: "a report or notes in Markdown, with or without front matter",
        is_prose: true,
        recognise: markdown::recognise,
        parse: markdown::parse,
    },
    Format {
        name: "rest",
        about: "a report or notes in reStructuredText",
        is_prose: true,
        recognise: rest::recognise,
        parse: rest::parse,
    },
    Format {
        name: "plain",
        about: "a report as plain text",
        is_prose: true,
        recognise: plain::recognise,
        parse: plain::parse,
    },
];

/// What a person says about a source on the command line; remembered for that source.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Overrides {
    /// The name of a format.
    pub format: Option<String>,
    pub series: Option<String>,
    pub edition: Option<String>,
    pub year: Option<u16>,
    pub author: Option<String>,
    /// Which columns of a table hold a field, where its header does not say it in words that are known.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub map: BTreeMap<String, Vec<String>>,
}

impl Overrides {
    /// # Errors
    /// `Usage` for a format that is not in [`FORMATS`], for a field that is none of [`fields`], and for an empty name.
    pub fn check(&self) -> Result<()> {
        let is_empty = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().is_empty());
        if [&self.series, &self.edition, &self.author].into_iter().any(is_empty) {
            return Err(Error::new(ErrorKind::Usage, "a series, an edition or an author has no name")
                .hint("to take back what was said of files before, ingest them with --no-overrides"));
        }
        let are_known = |what: &str, given: Vec<&String>, known: &[&'static str]| {
            let Some(name) = given.into_iter().find(|name| !known.contains(&name.as_str())) else { return Ok(()) };
            let hint = nearest_or_all(name, &format!("{what}s"), known);
            Err(Error::new(ErrorKind::Usage, format!("there is no {what} \"{name}\"")).hint(hint))
        };
        are_known("format", self.format.iter().collect(), &names())?;
        are_known("field", self.map.keys().collect(), &fields())
    }

    /// What is given here, and of the rest what is given there.
    #[must_use]
    pub fn or(self, other: Overrides) -> Overrides {
        Overrides {
            format: self.format.or(other.format),
            series: self.series.or(other.series),
            edition: self.edition.or(other.edition),
            year: self.year.or(other.year),
            author: self.author.or(other.author),
            map: other.map.into_iter().chain(self.map).collect(),
        }
    }
}

/// What to say of a name that is not among those that there are: the nearest, and all.
fn nearest_or_all(name: &str, what: &str, known: &[&str]) -> String {
    let list = format!("{what}: {}", listed(known));
    did_you_mean(&nearest(name, known.iter().copied())).map(|near| format!("{near} {list}")).unwrap_or(list)
}

/// Names that a hint lists, and characters of each: a file may hold any number, of any length.
const NAMES_LISTED_MAX: usize = 40;
const NAME_CHARS_MAX: usize = 60;

fn listed(names: &[&str]) -> String {
    let cut = |name: &&str| match name.char_indices().nth(NAME_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => (*name).to_owned(),
    };
    let shown: Vec<String> = names.iter().take(NAMES_LISTED_MAX).map(cut).collect();
    let more = if names.len() > NAMES_LISTED_MAX { ", …" } else { "" };
    format!("{}{more}", shown.join(", "))
}

/// What a format's parser gets.
pub struct Input<'a> {
    /// Relative to the ingest root, or to the archive, with `/`.
    pub path: &'a str,
    /// The same below the last folders of the root's own name: `2016/fooconf/notes.md` also where `fooconf` is the root.
    /// Only evidence of what the file is about; whatever encloses a collection must not matter.
    pub place: &'a str,
    /// The whole file; spans count its bytes.
    pub text: &'a str,
    /// What a person says of the file. Formats may read it otherwise for that; what the records say is overridden for all.
    pub overrides: &'a Overrides,
    beside: &'a Beside<'a>,
}

impl Input<'_> {
    /// What `make` makes of the text of the neighbour at `path`, relative to the file's folder: once a run for each type.
    /// Null where there is no such text.
    pub(crate) fn beside<T: Send + Sync + 'static>(&self, path: &str, make: fn(&str) -> Option<T>) -> Option<Arc<T>> {
        self.beside.read(path, |bytes| make(&decode::decode(path, bytes).ok()?.text))
    }

    /// What `make` makes of the texts of all files of an ending in a folder: see [`Beside::together`]. What is no UTF-8 is
    /// left out.
    pub(crate) fn beside_together<T: Send + Sync + 'static>(
        &self,
        folder: &str,
        ending: &str,
        make: fn(&[&str]) -> Option<T>,
    ) -> Option<Arc<T>> {
        self.beside.together(folder, ending, |bytes| {
            let texts = bytes.split(|byte| *byte == BETWEEN).filter_map(|text| std::str::from_utf8(text).ok());
            make(&texts.filter(|text| !text.is_empty()).collect::<Vec<_>>())
        })
    }

    /// Which of these names are in a folder, relative to that of the file: see [`Beside::find`].
    pub(crate) fn find_beside(&self, folder: &str, names: &[&str]) -> Vec<String> {
        self.beside.find(folder, names)
    }
}

/// What a format's parser gives. Ids, paths and cleaning are the same for all formats and are done in [`parse`].
#[derive(Default)]
pub struct Draft {
    pub records: Vec<DraftRecord>,
    pub problems: Vec<Problem>,
    /// Worth saying once a file, but no fault of it.
    pub notes: Vec<String>,
    /// Faults that cost nothing: notes, unless a person wants none of them.
    pub tolerated: Vec<Problem>,
    /// Prose that is no report: counted, and left out.
    pub is_page: bool,
}

/// A record, and the bios printed with it. `source` and the passages' spans need no root or path.
pub struct DraftRecord {
    pub record: Record,
    pub bios: Vec<Record>,
}

/// What came out of one file.
#[derive(Debug, Default)]
pub struct Parsed {
    /// The format's name; null when none fits.
    pub format: Option<&'static str>,
    pub records: Vec<Record>,
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
    /// Faults that cost nothing. They are among the notes, too.
    pub tolerated: Vec<Problem>,
    pub is_page: bool,
    /// Files beside it that were looked for: paths relative to the root, with their hashes, empty where there was nothing.
    pub beside: BTreeMap<String, String>,
}

/// Extensions of files that are nothing without records in them.
const RECORDS: &[&str] =
    &["json", "jsonl", "ndjson", "xml", "frab", "ics", "csv", "tsv", "yaml", "yml", "vtt", "srt", "sbv", "html", "htm"];
/// The format whose columns a person may name.
const TABLES: &str = "csv";
/// How many folders of the root count as part of a file's place.
const ROOT_FOLDERS: usize = 2;

/// Parses one file. Never fails: what is wrong with the file is in `problems`.
pub fn parse(file: &SourceFile, bytes: &[u8], overrides: &Overrides) -> Parsed {
    parse_beside(file, bytes, overrides, &Shelf::default())
}

/// As [`parse`], one of many files, which share what they need of the files beside them.
pub fn parse_beside(file: &SourceFile, bytes: &[u8], overrides: &Overrides, shelf: &Shelf) -> Parsed {
    let beside = Beside::new(file, shelf);
    let mut parsed = parse_with(file, bytes, overrides, &beside);
    parsed.beside = beside.seen();
    parsed
}

fn parse_with(file: &SourceFile, bytes: &[u8], overrides: &Overrides, beside: &Beside) -> Parsed {
    let decoded = match decode::decode(&file.path, bytes) {
        Ok(decoded) => decoded,
        // Sites and folders of notes have files that are still to be filled.
        Err(_) if decode::is_empty(bytes) && overrides.format.is_none() && !promises_records(&file.path) => {
            return Parsed { is_page: true, ..Parsed::default() };
        }
        Err(problem) => return Parsed { problems: vec![problem], ..Parsed::default() },
    };
    let (root, path) = file.layout();
    let mut folders: Vec<&str> = root.split(['/', '\\']).filter(|name| !name.is_empty()).collect();
    let place = [&folders.split_off(folders.len().saturating_sub(ROOT_FOLDERS)).join("/"), &*path].join("/");
    let input = Input { path: &path, place: &place, text: &decoded.text, overrides, beside };
    let format = match format_of(&input) {
        Ok(Some(format)) => format,
        // Folders hold texts of all kinds.
        Ok(None) => return Parsed { is_page: true, ..Parsed::default() },
        Err(problem) => return Parsed { problems: vec![problem], ..Parsed::default() },
    };
    let mut draft = (format.parse)(&input);
    for problem in draft.problems.iter_mut().chain(&mut draft.tolerated) {
        file.path.clone_into(&mut problem.path);
    }
    draft.notes.extend(draft.tolerated.iter().map(|problem| match problem.line {
        Some(line) => format!("line {line}: {}", problem.message),
        None => problem.message.clone(),
    }));
    draft.problems.extend(decoded.problem.clone());
    if !overrides.map.is_empty() && format.name != TABLES {
        draft.notes.push(format!("--map is of no use here: it is for columns of tables, and this is {}", format.name));
    }
    if !decoded.is_utf_8() {
        locate(&mut draft.records, &decoded);
    }
    let records = finish::finish(std::mem::take(&mut draft.records), file, overrides);
    let Draft { problems, notes, tolerated, is_page, .. } = draft;
    Parsed { format: Some(format.name), records, problems, notes, tolerated, is_page, beside: BTreeMap::new() }
}

/// Whether a file's name says that it holds a schedule or the like, so that nothing in it is a fault.
fn promises_records(path: &str) -> bool {
    report::extension(path).is_some_and(|extension| RECORDS.contains(&&*extension))
}

/// The fields that a column may be said to hold.
pub fn fields() -> Vec<&'static str> {
    schedule::keys::fields().collect()
}

/// The format that a person says, else the first that recognises the input, of those that read files of its size; null
/// where none does.
fn format_of(input: &Input) -> std::result::Result<Option<&'static Format>, Problem> {
    let is_mark =
        |byte: &u8| matches!(byte, b'\n' | b'<' | b'>' | b'&' | b'"' | b'[' | b'*' | b'_' | b'`' | b'|' | b'{');
    let n_marks = || input.text.bytes().filter(is_mark).count();
    let is_large = input.text.len() > PROSE_BYTES_MAX || n_marks() > PROSE_MARKS_MAX;
    let fits = |format: &Format| !(is_large && format.is_prose);
    let problem = |message: String, hint: String| Err(Problem::new(input.path, None, message, hint));
    let found = match &input.overrides.format {
        Some(name) => FORMATS.iter().find(|format| format.name == name),
        None => FORMATS.iter().find(|format| fits(format) && (format.recognise)(input)),
    };
    match found {
        Some(format) if fits(format) => Ok(Some(format)),
        None if !is_large => match csv::hint(input) {
            Some(hint) => problem("no format recognises this file".to_owned(), hint),
            None => Ok(None),
        },
        _ => {
            let limit = PROSE_BYTES_MAX >> 20;
            let message =
                format!("the file is no schedule, and larger than {limit} MB or nothing but lines and markup");
            problem(message, "split it; prose is not so long".to_owned())
        }
    }
}

/// The names in [`FORMATS`].
pub fn names() -> Vec<&'static str> {
    FORMATS.iter().map(|format| format.name).collect()
}

/// Spans count bytes of the file as it is stored.
fn locate(drafts: &mut [DraftRecord], decoded: &Decoded) {
    let lines = decode::line_starts(decoded.text.as_bytes());
    for draft in drafts {
        for record in std::iter::once(&mut draft.record).chain(&mut draft.bios) {
            let passages = record.passages.iter_mut().filter_map(|passage| passage.span.as_mut());
            passages.chain(&mut record.source).chain(&mut record.via).for_each(|span| decoded.locate(span, &lines));
        }
    }
}

/// The first edition into the record's own fields, all of them into `editions`.
fn set_editions(record: &mut Record, editions: Vec<Edition>) {
    if let Some(first) = editions.first() {
        record.set_edition(first);
    }
    record.editions = editions;
}
