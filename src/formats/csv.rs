//! Tables with a header, separated by commas, semicolons or tabs: exports of Sessionize, pretalx, EasyChair, HotCRP, Indico,
//! and sheets that people keep. The columns' names say what they hold.

mod map;

use std::{borrow::Cow, collections::HashMap, rc::Rc};

use csv::{ReaderBuilder, StringRecord};
use serde_json::{Value, json};

use super::{
    Draft, Input, listed, nearest_or_all,
    schedule::{
        self, Context, ENTRIES_MAX,
        crowd::PEOPLE_MAX,
        find::{Found, Sessions},
        keys::{Key, Keys, Meaning, folded},
        object::{Joins, entry},
        tree::{Node, Object, TEXT_BYTES_MAX},
    },
};
use crate::{
    error::Problem,
    source::{Line, each_line},
};
use map::Mapped;

const DELIMITERS: [u8; 4] = [b',', b'\t', b';', b'|'];
/// A header is no longer; a sheet has no more columns.
const HEADER_BYTES_MAX: usize = 64 << 10;
const COLUMNS_MAX: usize = 1_000;
/// Delimiters on one line, those in texts too.
const DELIMITERS_MAX: usize = 100_000;
/// A talk may have a row for each of its speakers.
const ROWS_MAX: usize = 2 * ENTRIES_MAX;

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
    let is_said = |header: &Header| header.mapped.n_said > 0 || (is_named && !input.overrides.map.is_empty());
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
    let (end, problem) = readable(input.text, header.delimiter);
    draft.problems.extend(problem);
    let mut reader =
        ReaderBuilder::new().delimiter(header.delimiter).flexible(true).from_reader(&input.text.as_bytes()[start..end]);
    let (joins, context) = (Joins::default(), Context::default());
    let mut sessions = Sessions::default();
    let mut seen: HashMap<String, usize> = HashMap::new();
    let (mut row, mut n_rows) = (StringRecord::new(), 0);
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
        n_rows += 1;
        if n_rows > ROWS_MAX {
            let message = format!("rows beyond {ROWS_MAX} are left out");
            draft.problems.push(Problem::new("", Some(reader.position().line()), message, "split the file"));
            break;
        }
        if row.iter().any(|cell| cell.len() > TEXT_BYTES_MAX) {
            let message = format!("a cell is longer than {} MB", TEXT_BYTES_MAX >> 20);
            let line = row.position().map(csv::Position::line);
            let hint = "mend the quotes around it or shorten it; it was left out, and the rest is read";
            draft.problems.push(Problem::new("", line, message, hint));
        }
        let from = row.position().map_or(start, at);
        let mut found = entry(&header.object(&row), None, &context, &joins);
        found.span = (from, at(reader.position()).max(from));
        found.extra.extend(header.displaced(&row));
        // A row a speaker: rows of one talk have its id.
        let id = header.id.and_then(|column| row.get(column)).map(str::trim).filter(|id| !id.is_empty());
        let key = id.map(|id| format!("{id}\u{1f}{}", found.title));
        let before = key.as_ref().and_then(|key| seen.get(key).copied());
        if let Some(before) = before {
            let people = &mut sessions.entries[before].people;
            if people.len() >= PEOPLE_MAX {
                joins.is_cut.set(true);
                continue;
            }
            let known: Vec<_> = people.iter().map(|person| folded(&person.name)).collect();
            people.extend(found.people.into_iter().filter(|person| !known.contains(&folded(&person.name))));
        } else if sessions.has_room() {
            seen.extend(key.map(|key| (key, sessions.entries.len())));
            sessions.push(found);
        }
    }
    let (entries, problems) = sessions.end();
    draft.problems.extend(problems.into_iter().chain(joins.problem()));
    schedule::draft(input, Found { entries, ..Found::default() }, &mut draft);
    draft
}

/// Where a line begins that has no end of columns, with the problem, or else the text's end.
fn readable(text: &str, delimiter: u8) -> (usize, Option<Problem>) {
    let n_delimiters = |line: &Line| line.text.bytes().filter(|byte| *byte == delimiter).count();
    each_line(text).find(|line| n_delimiters(line) > DELIMITERS_MAX).map_or((text.len(), None), |line| {
        let message = format!("the line has more than {DELIMITERS_MAX} columns");
        (line.start, Some(Problem::new("", Some(line.number), message, "mend it; what comes before is read")))
    })
}

struct Header {
    delimiter: u8,
    /// The columns' names as the file prints them.
    printed: Vec<String>,
    /// What they are read as.
    mapped: Mapped,
    columns: Vec<Column>,
    /// What a list of people is called.
    speakers: Rc<Key>,
    /// The column with the talk's id.
    id: Option<usize>,
}

struct Column {
    key: Rc<Key>,
    /// Of a numbered person, the number and what is said of them: "Speaker 1 name".
    person: Option<(String, Rc<Key>)>,
}

/// The first row, read with the delimiter that cuts it into the most columns that mean something.
fn header(input: &Input) -> Option<Header> {
    let text = input.text.trim_start_matches('\u{feff}');
    let end = crate::text::floor(text, HEADER_BYTES_MAX);
    let read = |delimiter: u8| {
        let mut reader = ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(&text.as_bytes()[..end]);
        let printed: Vec<String> = reader.headers().ok()?.iter().map(|name| name.trim().to_owned()).collect();
        let mapped = map::read(&printed, &input.overrides.map);
        // A lone column is a text with a comma in no line, but where somebody says what it holds.
        if printed.len() > COLUMNS_MAX || (printed.len() < 2 && mapped.n_said == 0) {
            return None;
        }
        let mut keys = Keys::default();
        let columns = columns(&mapped.keys, &mut keys);
        let known = columns.iter().filter(|column| column.key.meaning.is_some()).count();
        Some((known, Header { delimiter, printed, mapped, columns, speakers: keys.get("speakers").0, id: None }))
    };
    let found = DELIMITERS.into_iter().filter_map(read).max_by_key(|(known, header)| {
        let place = DELIMITERS.iter().position(|other| *other == header.delimiter);
        (header.mapped.n_said, *known, std::cmp::Reverse(place))
    });
    let (_, mut header) = found?;
    let ids = ["id", "sessionid", "talkid", "submissionid", "proposalid", "code"];
    header.id = header.columns.iter().position(|column| column.key.is(&ids));
    Some(header)
}

fn columns(names: &[String], keys: &mut Keys) -> Vec<Column> {
    let mut out: Vec<Column> = Vec::new();
    for name in names {
        let mut name = name.clone();
        // Two columns of one name are both kept.
        while !name.is_empty() && out.iter().any(|column| column.key.name == name) {
            name.push(' ');
        }
        let person = numbered(&name).map(|(number, part)| (number, keys.get(&part).0));
        out.push(Column { key: keys.get(&name).0, person });
    }
    out
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
        for name in &self.mapped.missing {
            let hint = nearest_or_all(name, "columns", &self.named());
            problems.push(problem(format!("there is no column \"{name}\""), hint));
        }
        if problems.is_empty() && !self.has(&[Meaning::Title]) {
            problems.push(problem("no column is known to be the title".to_owned(), self.hint()));
        }
        problems
    }

    fn has(&self, wanted: &[Meaning]) -> bool {
        self.columns.iter().any(|column| column.key.meaning.is_some_and(|found| wanted.contains(&found)))
    }

    /// Columns of talks: a title, and people or texts or times; in a file of another name, all three sorts of evidence count.
    fn is_of_talks(&self, is_named: bool) -> bool {
        let short = self.columns.iter().all(|column| column.key.name.chars().count() <= 200);
        let who = self.has(&[Meaning::Speakers, Meaning::SpeakerName, Meaning::FirstName, Meaning::LastName]);
        let what = self.has(&[Meaning::Abstract, Meaning::Description]);
        let when = self.has(&[Meaning::Start, Meaning::Day]);
        let n = usize::from(who) + usize::from(what) + usize::from(when);
        short && self.has(&[Meaning::Title]) && n >= if is_named { 1 } else { 2 }
    }

    /// What a row has in the columns whose place others take, by their names.
    fn displaced(&self, row: &StringRecord) -> impl Iterator<Item = (String, Value)> {
        let columns = self.printed.iter().zip(&self.mapped.keys).zip(row.iter());
        let displaced =
            columns.filter(|((name, key), cell)| key.is_empty() && !name.is_empty() && !cell.trim().is_empty());
        displaced.map(|((name, _), cell)| (name.clone(), json!(cell.trim())))
    }

    /// A row as an object. Columns of numbered people ("Speaker 1 name", "Author 2 affiliation") make a list of them.
    fn object<'r>(&self, row: &'r StringRecord) -> Object<'r> {
        let mut members = Vec::new();
        let mut people: Vec<(&str, Vec<_>)> = Vec::new();
        for (column, cell) in self.columns.iter().zip(row.iter()) {
            let cell = cell.trim();
            if cell.is_empty() || column.key.name.is_empty() || cell.len() > TEXT_BYTES_MAX {
                continue;
            }
            let cell = Node::Text(Cow::Borrowed(cell));
            if let Some((number, part)) = &column.person {
                let at = people.iter().position(|(known, _)| known == number).unwrap_or_else(|| {
                    people.push((number, Vec::new()));
                    people.len() - 1
                });
                people[at].1.push((Rc::clone(part), cell));
            } else {
                members.push((Rc::clone(&column.key), cell));
            }
        }
        if !people.is_empty() {
            let list = people.into_iter().map(|(_, person)| Node::Object(Object::of(person))).collect();
            members.push((Rc::clone(&self.speakers), Node::List(list)));
        }
        Object::of(members)
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
