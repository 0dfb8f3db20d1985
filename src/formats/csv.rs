//! Tables with a header, separated by commas, semicolons or tabs: exports of Sessionize, pretalx, EasyChair, HotCRP, Indico,
//! and sheets that people keep. The columns' names say what they hold.

mod map;

use std::collections::HashMap;

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Map, Value, json};

use super::{
    Draft, Input, listed, nearest_or_all,
    schedule::{
        self, Context, Entry,
        find::Found,
        keys::{Meaning, folded, meaning},
        object::{Joins, entry},
    },
};
use crate::error::Problem;
use map::Mapped;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// A header is no longer; a sheet has no more columns.
const HEADER_BYTES_MAX: usize = 64 << 10;
const COLUMNS_MAX: usize = 1_000;

/// What to do about a table that is not recognised as one of talks.
pub(super) fn hint(input: &Input) -> Option<String> {
    header(input).filter(|_| is_named_so(input)).map(|header| header.hint())
}

fn is_named_so(input: &Input) -> bool {
    [".csv", ".tsv", ".tab"].iter().any(|end| input.path.to_lowercase().ends_with(end))
}

pub(super) fn recognise(input: &Input) -> bool {
    let is_named = is_named_so(input);
    // What a person says of its columns is a table of talks, or is told that it has no such columns.
    let is_said = |header: &Header| header.columns.n_said > 0 || (is_named && !input.overrides.map.is_empty());
    header(input).is_some_and(|header| is_said(&header) || header.is_of_talks(is_named))
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let Some(header) = header(input) else {
        return Draft { is_page: true, ..draft };
    };
    draft.problems.extend(header.problems());
    if !header.has(&[Meaning::Title]) {
        return draft;
    }
    let start = input.text.len() - input.text.trim_start_matches('\u{feff}').len();
    let mut reader =
        ReaderBuilder::new().delimiter(header.delimiter).flexible(true).from_reader(&input.text.as_bytes()[start..]);
    let mut entries: Vec<Entry> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut row = StringRecord::new();
    let at = |position: &csv::Position| start + usize::try_from(position.byte()).unwrap_or_default();
    loop {
        match reader.read_record(&mut row) {
            Ok(true) => {}
            Ok(false) => break,
            Err(error) => {
                let line = reader.position().line();
                draft.problems.push(Problem::new(
                    "",
                    Some(line),
                    format!("the row can't be read: {error}"),
                    "mend its quotes",
                ));
                continue;
            }
        }
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let from = row.position().map_or(start, at);
        let object = header.object(&row);
        let mut found = entry(&object, &Context::default(), &Joins::default());
        found.span = (from, at(reader.position()).max(from));
        found.extra.extend(header.displaced(&row));
        // A row a speaker: rows of one talk have its id.
        let id = header.id.and_then(|column| row.get(column)).map(str::trim).filter(|id| !id.is_empty());
        let key = id.map(|id| format!("{id}\u{1f}{}", found.title));
        let before = key.as_ref().and_then(|key| seen.get(key).copied());
        if let Some(before) = before {
            let known: Vec<_> = entries[before].people.iter().map(|person| folded(&person.name)).collect();
            let others = found.people.into_iter().filter(|person| !known.contains(&folded(&person.name)));
            entries[before].people.extend(others);
        } else {
            seen.extend(key.map(|key| (key, entries.len())));
            entries.push(found);
        }
    }
    schedule::draft(input, Found { entries, ..Found::default() }, &mut draft);
    draft
}

struct Header {
    delimiter: u8,
    /// The columns' names as the file prints them.
    printed: Vec<String>,
    /// What they are read as.
    columns: Mapped,
    /// The column with the talk's id.
    id: Option<usize>,
}

/// The first row, read with the delimiter that cuts it into the most columns that mean something.
fn header(input: &Input) -> Option<Header> {
    let text = input.text.trim_start_matches('\u{feff}');
    let mut end = text.len().min(HEADER_BYTES_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let read = |delimiter: u8| {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(&text.as_bytes()[..end]);
        let printed: Vec<String> = reader.headers().ok()?.iter().map(|name| name.trim().to_owned()).collect();
        let columns = map::read(&printed, &input.overrides.map);
        let known = columns.keys.iter().filter(|name| meaning(name).is_some()).count();
        // A lone column is a text with a comma in no line, but where somebody says what it holds.
        let is_table = printed.len() <= COLUMNS_MAX && (printed.len() > 1 || columns.n_said > 0);
        is_table.then_some((columns.n_said, known, delimiter, printed, columns))
    };
    let found = DELIMITERS.into_iter().filter_map(read).max_by_key(|(n_said, known, delimiter, ..)| {
        (*n_said, *known, std::cmp::Reverse(DELIMITERS.iter().position(|other| other == delimiter)))
    });
    let (_, _, delimiter, printed, columns) = found?;
    let is_id = |name: &String| {
        matches!(folded(name).as_str(), "id" | "sessionid" | "talkid" | "submissionid" | "proposalid" | "code")
    };
    let id = columns.keys.iter().position(is_id);
    Some(Header { delimiter, printed, columns, id })
}

impl Header {
    fn named(&self) -> Vec<&str> {
        self.printed.iter().map(String::as_str).filter(|name| !name.is_empty()).collect()
    }

    fn hint(&self) -> String {
        format!("say which column is the title with `--map title=COLUMN`; columns: {}", listed(&self.named()))
    }

    /// What is wrong with it as a whole.
    fn problems(&self) -> Vec<Problem> {
        let problem = |message: String, hint: String| Problem::new("", Some(1), message, hint);
        let mut problems: Vec<Problem> = Vec::new();
        for name in &self.columns.missing {
            let hint = nearest_or_all(name, "columns", &self.named());
            problems.push(problem(format!("there is no column \"{name}\""), hint));
        }
        if problems.is_empty() && !self.has(&[Meaning::Title]) {
            problems.push(problem("no column is known to be the title".to_owned(), self.hint()));
        }
        problems
    }

    fn has(&self, wanted: &[Meaning]) -> bool {
        self.columns.keys.iter().any(|name| meaning(name).is_some_and(|found| wanted.contains(&found)))
    }

    /// Columns of talks: a title, and people or texts or times; in a file of another name, all three sorts of evidence count.
    fn is_of_talks(&self, is_named: bool) -> bool {
        let short = self.columns.keys.iter().all(|name| name.chars().count() <= 200);
        let who = self.has(&[Meaning::Speakers, Meaning::SpeakerName, Meaning::FirstName, Meaning::LastName]);
        let what = self.has(&[Meaning::Abstract, Meaning::Description]);
        let when = self.has(&[Meaning::Start, Meaning::Day]);
        let n = usize::from(who) + usize::from(what) + usize::from(when);
        short && self.has(&[Meaning::Title]) && n >= if is_named { 1 } else { 2 }
    }

    /// What a row has in the columns whose place others take, by their names.
    fn displaced(&self, row: &StringRecord) -> impl Iterator<Item = (String, Value)> {
        let columns = self.printed.iter().zip(&self.columns.keys).zip(row.iter());
        let displaced =
            columns.filter(|((name, key), cell)| key.is_empty() && !name.is_empty() && !cell.trim().is_empty());
        displaced.map(|((name, _), cell)| (name.clone(), json!(cell.trim())))
    }

    /// A row as an object. Columns of numbered people ("Speaker 1 name", "Author 2 affiliation") make a list of them.
    fn object(&self, row: &StringRecord) -> Map<String, Value> {
        let mut object = Map::new();
        let mut people: Vec<(String, Map<String, Value>)> = Vec::new();
        for (name, cell) in self.columns.keys.iter().zip(row.iter()) {
            let cell = cell.trim();
            if cell.is_empty() || name.is_empty() {
                continue;
            }
            if let Some((number, part)) = numbered(name) {
                let at = people.iter().position(|(known, _)| *known == number).unwrap_or_else(|| {
                    people.push((number.clone(), Map::new()));
                    people.len() - 1
                });
                people[at].1.insert(part, json!(cell));
                continue;
            }
            let mut key = name.clone();
            // Two columns of one name are both kept.
            while object.contains_key(&key) {
                key.push(' ');
            }
            object.insert(key, json!(cell));
        }
        if !people.is_empty() {
            let list: Vec<Value> = people.into_iter().map(|(_, person)| Value::Object(person)).collect();
            object.insert("speakers".to_owned(), Value::Array(list));
        }
        object
    }
}

/// "Speaker 2 Bio" → ("2", "bio"); "Author1" → ("1", "name").
fn numbered(name: &str) -> Option<(String, String)> {
    let folded = folded(name);
    let rest =
        ["speaker", "presenter", "author", "panelist", "person"].iter().find_map(|owner| folded.strip_prefix(owner))?;
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let (number, part) = if digits.is_empty() {
        let digits: String =
            rest.chars().rev().take_while(char::is_ascii_digit).collect::<Vec<_>>().into_iter().rev().collect();
        (digits.clone(), rest[..rest.len() - digits.len()].to_owned())
    } else {
        (digits.clone(), rest[digits.len()..].to_owned())
    };
    (!number.is_empty()).then(|| (number, if part.is_empty() { "name".to_owned() } else { part }))
}
