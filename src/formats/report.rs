//! A report's record from its prose, whatever its markup was: title, edition, date of writing, passages.

use std::{borrow::Cow, collections::HashSet};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    Draft, DraftRecord, Input, Overrides,
    dates::date_in_name,
    edition,
    evidence::{self, Clues},
    passages, site,
};
use crate::{
    record::{Kind, Record, Span, slug},
    source::lines,
    text::{
        analyzer::folded,
        capitalised, floor,
        html::{Block, BlockKind},
        n_words,
    },
};

pub(super) use crate::text::one_line;

/// What a format reads from a file of prose.
#[derive(Debug, Default)]
pub(super) struct Prose {
    pub title: Option<String>,
    pub blocks: Vec<Block>,
    pub links: Vec<String>,
    pub tags: Vec<String>,
    pub written: Option<Date>,
    pub author: Option<String>,
    pub language: Option<String>,
    pub url: Option<String>,
    pub extra: Map<String, Value>,
}

/// Prose with fewer words is no report, whatever it names, unless a person says so.
const WORDS_MIN: usize = 80;
/// What a text is, and what about, it says in so many bytes: the fullest reports have 100 KB, and what is longer is a book.
const TELLING_BYTES_MAX: usize = 256 << 10;
/// Links kept with a record.
const LINKS_MAX: usize = 1_000;
/// Headings that say nothing alone: the file is a report of something that stands elsewhere.
const NO_TITLES: &[&str] =
    &["notes", "ideas", "introduction", "intro", "summary", "overview", "agenda", "recap", "report", "goals", "talks"];
/// What front matter has in each page of a site's part.
const NO_OWN_TITLES: &[&str] = &["program", "programme", "schedule", "home", "untitled", "page", "post"];
/// Titles, of a few words, of what projects and organisers write that reports nothing.
const NO_REPORTS: &[&str] = &[
    "changelog",
    "change log",
    "release notes",
    "code of conduct",
    "contributing",
    "license",
    "licence",
    "privacy policy",
    "impressum",
    "imprint",
    "call for papers",
    "call for proposals",
    "call for participation",
    "call for speakers",
    "call for sponsors",
];
const NO_REPORT_WORDS_MAX: usize = 6;
/// How what stands under a picture begins, folded.
const CREDITS: &[&str] = &[
    "photo by",
    "photos by",
    "photo:",
    "photo credit",
    "photo courtesy",
    "image by",
    "image:",
    "image credit",
    "image courtesy",
    "picture by",
    "credit:",
    "credits:",
    "fig. ",
    "foto:",
    "foto von",
    "foto de",
    "bild:",
];
const CREDIT_WORDS_MAX: usize = 12;
const CREDIT_BYTES_MAX: usize = 200;
/// File names that name nothing.
const NO_NAMES: &[&str] = &["readme", "index", "notes", "report", "post", "article", "default"];

/// The record of a report, or a page.
pub(super) fn draft(input: &Input, mut prose: Prose) -> Draft {
    let mut record = Record { kind: Kind::Report, ..Record::default() };
    prose.written = prose.written.or_else(|| {
        let (date, _) = date_in_name(stem(input.path))?;
        record.inferred.insert("written".to_owned(), "file name".to_owned());
        Some(date)
    });
    record.title = prose.title.take().filter(|title| !NO_OWN_TITLES.contains(&&*folded(title)));
    take_title(&mut record.title, &mut prose.blocks, stem(input.path));
    prose.blocks.retain(|block| !is_credit(block));
    let text = passages::join(&prose.blocks);
    let clues = Clues {
        title: record.title.as_deref(),
        path: input.place,
        tags: &prose.tags,
        blocks: &telling(&prose.blocks),
        links: &prose.links[..prose.links.len().min(LINKS_MAX)],
        written: prose.written,
    };
    let verdict = evidence::weigh(&clues);
    let title = record.title.as_deref().unwrap_or(stem(input.path));
    let is_page = || {
        let prose = site::Prose { title, name: stem(input.path), edition: verdict.editions.first(), text: head(&text) };
        verdict.editions.is_empty()
            || verdict.is_topic
            || is_no_report(title)
            || n_words(&text) < WORDS_MIN
            || site::is_page(&prose, head(input.text))
    };
    if !is_said(input.overrides, title) && is_page() {
        return Draft { is_page: true, ..Draft::default() };
    }
    record.inferred.extend(verdict.inferred);
    super::set_editions(&mut record, verdict.editions);
    // Before the title: it may be made of it.
    super::finish::override_edition(&mut record, input.overrides);
    if record.title.is_none() {
        name_title(&mut record, input);
    }
    let all = lines(input.text);
    record.passages = passages::cut(&prose.blocks, &all);
    record.text = Some(text);
    record.tags = prose.tags;
    record.author = prose.author;
    record.language = prose.language;
    record.url = prose.url;
    record.written = prose.written.map(|date| date.to_string());
    record.extra = prose.extra;
    keep_links(&mut record, prose.links);
    let start = all.first().map_or(0, |line| line.start) as u64;
    record.source = Some(Span { line: 1, start, end: input.text.len() as u64, ..Span::default() });
    Draft { records: vec![DraftRecord { record, bios: Vec::new() }], ..Draft::default() }
}

/// As much of a text as tells what it is.
fn head(text: &str) -> &str {
    &text[..floor(text, TELLING_BYTES_MAX)]
}

/// The same of blocks.
fn telling(blocks: &[Block]) -> Cow<'_, [Block]> {
    let mut left = TELLING_BYTES_MAX;
    for (at, Block { text, kind, .. }) in blocks.iter().enumerate() {
        if text.len() > left {
            let last = Block { text: text[..floor(text, left)].to_owned(), kind: *kind, ..Block::default() };
            return Cow::Owned(blocks[..at].iter().cloned().chain([last]).collect());
        }
        left -= text.len();
    }
    Cow::Borrowed(blocks)
}

/// "Photo by Ann", "Fig. 1: the room": it stands under a picture.
fn is_credit(block: &Block) -> bool {
    let starts = |text: &str| CREDITS.iter().any(|start| text.starts_with(start));
    block.kind == BlockKind::Paragraph
        && block.text.split_whitespace().nth(CREDIT_WORDS_MAX).is_none()
        && starts(&folded(&block.text[..floor(&block.text, CREDIT_BYTES_MAX)]))
}

/// Whether a person says that the prose is a report: by its format, or by what it is about. The latter is said of whole
/// folders, which also hold what reports nothing.
fn is_said(overrides: &Overrides, title: &str) -> bool {
    overrides.format.is_some() || ((overrides.edition.is_some() || overrides.series.is_some()) && !is_no_report(title))
}

fn is_no_report(title: &str) -> bool {
    let title = folded(title).replace(['-', '_'], " ");
    title.split_whitespace().count() <= NO_REPORT_WORDS_MAX && NO_REPORTS.iter().any(|words| title.contains(words))
}

fn keep_links(record: &mut Record, links: Vec<String>) {
    let mut seen = HashSet::new();
    let kept: Vec<Value> =
        links.into_iter().filter(|link| seen.insert(link.clone())).take(LINKS_MAX).map(Value::String).collect();
    if !kept.is_empty() {
        record.extra.insert("links".to_owned(), Value::Array(kept));
    }
}

/// A heading over the whole text is its title, and a heading that repeats the title is none.
fn take_title(title: &mut Option<String>, blocks: &mut Vec<Block>, name: &str) {
    let Some(Block { kind: BlockKind::Heading(level), text, .. }) = blocks.first() else { return };
    let (level, text) = (*level, one_line(text));
    match title {
        Some(title) if folded(title) == folded(&text) => _ = blocks.remove(0),
        Some(_) => {}
        None => {
            let headings = || {
                blocks[1..].iter().filter_map(|block| match block.kind {
                    BlockKind::Heading(other) => Some(other),
                    _ => None,
                })
            };
            let over_all = headings().all(|other| other > level);
            let stands_alone =
                matches!(blocks.get(1), Some(Block { kind: BlockKind::Heading(other), .. }) if *other <= level);
            let names = !edition::find_editions(&text).is_empty() || slug(name).contains(&slug(&text));
            let highest = headings().all(|other| other >= level);
            if !is_empty_title(&text) && (over_all || ((stands_alone || names) && highest)) {
                *title = Some(text.trim_end_matches(':').to_owned());
                blocks.remove(0);
            }
        }
    }
}

/// "Day 1", "Notes": a part of something.
pub(super) fn is_empty_title(text: &str) -> bool {
    let text = folded(text);
    let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    match words[..] {
        [] => true,
        [word] => NO_TITLES.contains(&word),
        ["day" | "tag" | "jour" | "dia" | "part", number] => number.len() <= 5,
        ["day" | "part", number, "notes" | "keynote" | "keynotes"] => number.len() <= 5,
        _ => false,
    }
}

/// A title from the file's name, or, when that says nothing, from the edition, else from the folder.
fn name_title(record: &mut Record, input: &Input) {
    let Input { path, overrides, .. } = *input;
    let (date, name) = date_in_name(stem(path)).map_or((None, stem(path)), |(date, name)| (Some(date), name));
    let edition = record.edition.as_deref();
    let found = edition::find(name, &edition::Context::of(&folded(name))).into_iter().next();
    let words = match (&found, edition) {
        (Some(found), Some(edition)) => {
            format!("{} {edition} {}", spaced(&name[..found.start]), spaced(&name[found.end..]))
        }
        _ => spaced(name),
    };
    // Numbers before the words are an order or a time of day.
    let title = one_line(&words);
    let title = title.trim_start_matches(|c: char| c.is_ascii_digit() || c == ' ');
    let says_nothing = NO_NAMES.contains(&folded(title).as_str()) || !title.contains(char::is_alphabetic);
    let dated = |what: &str| date.map_or(what.to_owned(), |date| format!("{what}, {date}"));
    let (title, from) = match edition {
        Some(edition) if says_nothing && date.is_some() => {
            (dated(&format!("{edition} notes")), "edition and file name")
        }
        Some(edition) if says_nothing => (format!("{edition} notes"), "edition"),
        Some(_) if overrides.edition.is_none() && overrides.series.is_none() => (title.to_owned(), "file name"),
        // "Day 1" is of something: where the file does not name it, its folder may.
        _ if says_nothing || is_empty_title(title) => {
            let part = if says_nothing { dated("notes") } else { title.to_owned() };
            match folder_name(path) {
                Some(folder) => (format!("{folder}: {part}"), "folder and file name"),
                None => (part, "file name"),
            }
        }
        _ => (title.to_owned(), "file name"),
    };
    let own_case = found.as_ref().is_some_and(|found| found.start == 0);
    record.title = Some(if own_case { title } else { capitalised(&title) });
    record.title_from = Some(from.to_owned());
}

/// The nearest folder, below what was ingested, whose name says something.
fn folder_name(path: &str) -> Option<String> {
    let mut names = path.rsplit('/').skip(1).map(|name| one_line(&spaced(name)));
    names.find(|name| name.contains(char::is_alphabetic) && !is_empty_title(name))
}

/// `-day1-notes` as words: "day 1 notes".
pub(super) fn spaced(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_digit() && before.is_alphabetic() && out.to_lowercase().ends_with("day") {
            out.push(' ');
        }
        let sign = matches!(c, '-' | '_' | '=' | '+');
        out.push(if sign { ' ' } else { c });
        before = c;
    }
    out
}

/// The file's name without its folders and its extension.
pub(super) fn stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() && is_extension(extension) => stem,
        _ => name,
    }
}

/// The extension in lower case.
pub(super) fn extension(path: &str) -> Option<String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    let (stem, extension) = name.rsplit_once('.')?;
    (!stem.is_empty() && is_extension(extension)).then(|| extension.to_lowercase())
}

fn is_extension(text: &str) -> bool {
    (1..=8).contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric())
}
