//! Bytes → records and problems; one file a format. A format recognises structure: the names of particular
//! conferences, repositories or folders never appear in code, aliases of series live in `series.toml`.

mod csv;
mod dates;
mod decode;
mod edition;
mod evidence;
mod header;
mod ical;
mod json;
mod jsonl;
mod markdown;
mod passages;
mod plain;
mod report;
mod schedule;
mod usenix;
mod xml;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use serde::{Deserialize, Serialize};

use decode::Decoded;
pub use edition::{Mention, find_editions};

use crate::{
    error::{Error, ErrorKind, Problem, Result},
    record::{Edition, Kind, Record, Span},
    source::{Beside, Shelf, SourceFile},
    text::{
        self,
        near::{did_you_mean, nearest},
    },
};

/// One format: a row of [`FORMATS`].
pub struct Format {
    pub name: &'static str,
    /// What it is, for people.
    pub about: &'static str,
    /// Whether the input has this format's structure.
    recognise: fn(&Input) -> bool,
    parse: fn(&Input) -> Draft,
}

/// The formats, in the order in which they are tried: the first that recognises an input parses it.
pub const FORMATS: &[Format] = &[
    Format {
        name: "jsonl",
        about: "JSON Lines, one record a line: hallway's own form, which `export` writes",
        recognise: jsonl::recognise,
        parse: jsonl::parse,
    },
    Format {
        name: "xml",
        about: "a schedule in XML: Pentabarf, frab, pretalx, or another list of sessions",
        recognise: xml::recognise,
        parse: xml::parse,
    },
    Format {
        name: "json",
        about: "a schedule in JSON: frab, pretalx, Sessionize, or another list of sessions",
        recognise: json::recognise,
        parse: json::parse,
    },
    Format { name: "ical", about: "a calendar of talks (iCalendar)", recognise: ical::recognise, parse: ical::parse },
    Format {
        name: "csv",
        about: "a table of talks with a header: CSV or TSV, as Sessionize, pretalx, EasyChair, HotCRP and Indico export it",
        recognise: csv::recognise,
        parse: csv::parse,
    },
    Format {
        name: "usenix",
        about: "a USENIX program page saved as text",
        recognise: usenix::recognise,
        parse: usenix::parse,
    },
    Format {
        name: "markdown",
        about: "a report or notes in Markdown, with or without front matter",
        recognise: markdown::recognise,
        parse: markdown::parse,
    },
    Format { name: "plain", about: "a report as plain text", recognise: plain::recognise, parse: plain::parse },
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
}

impl Overrides {
    /// # Errors
    /// `Usage` for a format that is not in [`FORMATS`], and for an empty name.
    pub fn check(&self) -> Result<()> {
        let is_empty = |text: &Option<String>| text.as_deref().is_some_and(|text| text.trim().is_empty());
        if [&self.series, &self.edition, &self.author].into_iter().any(is_empty) {
            return Err(Error::new(ErrorKind::Usage, "a series, an edition or an author has no name")
                .hint("to take back what was said of files before, ingest them with --no-overrides"));
        }
        match &self.format {
            Some(name) if !names().contains(&name.as_str()) => {
                let list = format!("formats: {}", names().join(", "));
                let near = did_you_mean(&nearest(name, names())).map(|near| format!("{near} {list}"));
                let message = format!("there is no format \"{name}\"");
                Err(Error::new(ErrorKind::Usage, message).hint(near.unwrap_or(list)))
            }
            _ => Ok(()),
        }
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
        }
    }
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
}

/// What a format's parser gives. Ids, paths and cleaning are the same for all formats and are done in [`parse`].
#[derive(Default)]
pub struct Draft {
    pub records: Vec<DraftRecord>,
    pub problems: Vec<Problem>,
    /// Worth saying once a file, but no fault of it.
    pub notes: Vec<String>,
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
    pub is_page: bool,
    /// Files beside it that were looked for: paths relative to the root, with their hashes, empty where there was nothing.
    pub beside: BTreeMap<String, String>,
}

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
        Err(problem) => return Parsed { problems: vec![problem], ..Parsed::default() },
    };
    let (root, path) = file.layout();
    let mut folders: Vec<&str> = root.split(['/', '\\']).filter(|name| !name.is_empty()).collect();
    let place = [&folders.split_off(folders.len().saturating_sub(ROOT_FOLDERS)).join("/"), &*path].join("/");
    let input = Input { path: &path, place: &place, text: &decoded.text, overrides, beside };
    let format = match &overrides.format {
        Some(name) => FORMATS.iter().find(|format| format.name == name),
        None => FORMATS.iter().find(|format| (format.recognise)(&input)),
    };
    let Some(format) = format else {
        let hint = format!("formats: {}; name one with --as", names().join(", "));
        let problem = Problem::new(&file.path, None, "no format recognises this file", hint);
        return Parsed { problems: vec![problem], ..Parsed::default() };
    };
    let mut draft = (format.parse)(&input);
    for problem in &mut draft.problems {
        file.path.clone_into(&mut problem.path);
    }
    draft.problems.extend(decoded.problem.clone());
    if !decoded.is_utf_8() {
        locate(&mut draft.records, &decoded);
    }
    let records = finish(std::mem::take(&mut draft.records), file, overrides);
    let Draft { problems, notes, is_page, .. } = draft;
    Parsed { format: Some(format.name), records, problems, notes, is_page, beside: BTreeMap::new() }
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

/// What every format's records need alike: overrides, cleaning, ids, places; bios once each.
fn finish(drafts: Vec<DraftRecord>, file: &SourceFile, overrides: &Overrides) -> Vec<Record> {
    let mut records = Vec::new();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    for DraftRecord { mut record, bios } in drafts {
        complete(&mut record, file, overrides);
        let at = records.len();
        records.push(record);
        for mut bio in bios {
            complete(&mut bio, file, overrides);
            records[at].bios.push(bio.id.clone());
            // The same bio under two talks of one page is one record.
            if seen.insert((bio.id.clone(), bio.body().to_owned())) {
                records.push(bio);
            }
        }
    }
    records
}

fn complete(record: &mut Record, file: &SourceFile, overrides: &Overrides) {
    override_edition(record, overrides);
    clean_record(record);
    if record.id.is_empty() {
        record.id = record.computed_id();
    }
    let locate = |span: &mut Span| {
        if span.path.is_empty() {
            file.root.clone_into(&mut span.root);
            file.path.clone_into(&mut span.path);
        }
    };
    let id = record.id.clone();
    for (index, passage) in record.passages.iter_mut().enumerate() {
        passage.span.iter_mut().for_each(locate);
        if passage.id.is_empty() {
            passage.id = passage_id(&id, &passage.heading, index + 1);
        }
    }
    record.source.iter_mut().for_each(locate);
    record.via.iter_mut().for_each(locate);
    if record.sources.is_empty() {
        record.sources.extend(record.source.clone());
    }
}

fn passage_id(report: &str, heading: &[String], n: usize) -> String {
    if heading.is_empty() {
        format!("{report}#{n}")
    } else {
        format!("{report}#{}-{n}", crate::record::slug(&heading.join(" ")))
    }
}

/// What a person said about the source wins over what the source says.
fn override_edition(record: &mut Record, overrides: &Overrides) {
    if let (Some(author), Kind::Report) = (&overrides.author, record.kind) {
        record.author = Some(author.clone());
    }
    if overrides.series.is_none() && overrides.edition.is_none() && overrides.year.is_none() {
        return;
    }
    let said = overrides.edition.as_deref();
    let named = said.and_then(edition::first);
    // What the edition that is said names itself does not come from the text.
    let series = if named.is_some() { None } else { record.series.as_deref() };
    let year = said.and_then(edition::year_in).or(named.and_then(|edition| edition.year)).or(record.year);
    let edition = edition::resolve(said, overrides.series.as_deref().or(series), overrides.year.or(year));
    match edition {
        Some(edition) => {
            record.set_edition(&edition);
            if record.kind == Kind::Report {
                record.editions = vec![edition];
            }
        }
        None => record.year = overrides.year.or(record.year),
    }
    record.inferred.remove("edition");
    record.inferred.remove("year");
}

fn clean_record(record: &mut Record) {
    let Record { title, title_from, series, edition, edition_id, room, track, session, time_zone, .. } = record;
    let Record { abstract_text, language, url, state, licence, author, text, .. } = record;
    let texts = [title, title_from, series, edition, edition_id, room, track, session, time_zone];
    for text in texts.into_iter().chain([abstract_text, language, url, state, licence, author, text]) {
        if let Some(value) = text {
            mend(value);
            if value.is_empty() {
                *text = None;
            }
        }
    }
    for speaker in &mut record.speakers {
        mend(&mut speaker.name);
        speaker.affiliation.iter_mut().for_each(mend);
    }
    for passage in &mut record.passages {
        mend(&mut passage.text);
        passage.heading.iter_mut().for_each(mend);
    }
    for edition in &mut record.editions {
        [&mut edition.series, &mut edition.edition, &mut edition.edition_id].into_iter().for_each(text::clean);
    }
    for list in [&mut record.tags, &mut record.videos, &mut record.slides] {
        list.iter_mut().for_each(text::clean);
        list.retain(|value| !value.is_empty());
    }
    record.inferred.values_mut().for_each(text::clean);
    clean_json_object(&mut record.extra);
}

/// Text fit to keep, with the letters that were meant.
fn mend(text: &mut String) {
    text::clean(text);
    if let Some(repaired) = decode::repaired(text) {
        *text = repaired;
    }
}

fn clean_json_object(object: &mut serde_json::Map<String, serde_json::Value>) {
    let entries = std::mem::take(object).into_iter();
    object.extend(entries.map(|(mut key, mut value)| {
        text::clean(&mut key);
        clean_json(&mut value);
        (key, value)
    }));
}

fn clean_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text::clean(text),
        serde_json::Value::Array(values) => values.iter_mut().for_each(clean_json),
        serde_json::Value::Object(map) => clean_json_object(map),
        _ => {}
    }
}

/// The first edition into the record's own fields, all of them into `editions`.
fn set_editions(record: &mut Record, editions: Vec<Edition>) {
    if let Some(first) = editions.first() {
        record.set_edition(first);
    }
    record.editions = editions;
}
