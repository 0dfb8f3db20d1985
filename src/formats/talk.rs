//! The page of one talk, or of one speaker, as sites of conferences keep them in folders: front matter, and a text below.
//! The keys of the front matter say what the page is about; what it leaves to its neighbours (the edition, the time, the
//! people) is read there.

mod bios;
mod body;
mod commands;
mod fields;
mod grid;
mod kind;
pub(super) mod laid_out;
mod people;
mod place;

use serde_json::{Map, Value};

use self::{body::Body, fields::Fields, grid::Slot, kind::Sort, place::Place};
use super::{
    Draft, Input,
    markdown::front_matter,
    report, rest,
    schedule::{
        self, Entry, Person,
        find::Found,
        object::{self, Joins},
        prose,
        tree::{self, value},
    },
};
use crate::{
    error::Problem,
    record::{Record, Role},
    source::lines,
    text::{analyzer::folded, capitalised},
};

const EXTENSIONS: &[&str] =
    &["md", "markdown", "mdown", "mkd", "mkdn", "mdx", "txt", "text", "html", "htm", "erb", "rst", "rest"];
/// Real pages of talks stay under 30 KB.
const BYTES_MAX: usize = 128 << 10;
/// So many fields at the head of reStructuredText at least, one of them telling whose page it is, make a page.
const REST_FIELDS_MIN: usize = 2;
/// File names that name nothing: the folder's does.
const INDEX_NAMES: &[&str] = &["index", "_index", "readme", "talk", "page", "default"];
/// How the file that a talk stands in may be named elsewhere: a name without its date, "2023-10-16-17-45-title".
const MARK: [char; 2] = ['-', '_'];

pub(super) fn recognise(input: &Input) -> bool {
    Page::read(input).is_some_and(|page| kind::sort(input, &page).is_some())
}

pub(super) fn parse(input: &Input) -> Draft {
    let Some(page) = Page::read(input) else { return Draft { is_page: true, ..Draft::default() } };
    let mut draft = match kind::sort(input, &page) {
        Some(Sort::Person) => person(input, &page),
        Some(Sort::Grid) => Draft { is_page: true, ..Draft::default() },
        _ => talk(input, &page),
    };
    draft.problems.extend(page.problem);
    draft.tolerated.extend(page.tolerated);
    draft
}

/// A file with front matter.
struct Page<'a> {
    fields: Fields,
    body: std::borrow::Cow<'a, str>,
    /// What was wrong with the front matter, where its lines could still be read one by one.
    problem: Option<Problem>,
    /// What of it is no YAML, and was read all the same.
    tolerated: Option<Problem>,
}

impl<'a> Page<'a> {
    fn read(input: &Input<'a>) -> Option<Page<'a>> {
        let extension = report::extension(input.path).filter(|found| EXTENSIONS.contains(&found.as_str()))?;
        if input.text.len() > BYTES_MAX {
            return None;
        }
        if rest::EXTENSIONS.contains(&extension.as_str()) && !front_matter::is_there(input.text) {
            let mut rest = rest::read(input.text);
            if rest.fields.len() < REST_FIELDS_MIN {
                return None;
            }
            if let Some(heading) = rest.title {
                rest.fields.entry("title").or_insert(Value::from(heading.text));
            }
            return Some(Page {
                fields: Fields::new(rest.fields),
                body: rest.body.into(),
                problem: None,
                tolerated: None,
            });
        }
        let (mut matter, problem) = match front_matter::split(input.text) {
            Ok(matter) if !matter.fields.is_empty() => (matter, None),
            Ok(_) => return None,
            Err(problem) => (front_matter::loose(input.text)?, Some(problem)),
        };
        let body = input.text[matter.body..].into();
        let tolerated = matter.tolerated.take();
        Some(Page { fields: Fields::new(with_comments(matter.fields, input.text)), body, problem, tolerated })
    }
}

/// `title: #hashtag` is a comment by the rules of YAML, and a title all the same.
fn with_comments(mut fields: Map<String, Value>, text: &str) -> Map<String, Value> {
    if fields.get("title").is_some_and(Value::is_null)
        && let Some(title) = front_matter::loose(text).and_then(|mut matter| matter.fields.remove("title"))
    {
        fields.insert("title".to_owned(), title);
    }
    fields
}

/// The name of the page: its file's, or that of its folder where the file's says nothing.
fn name<'a>(input: &Input<'a>) -> &'a str {
    let stem = report::stem(input.path);
    if !INDEX_NAMES.contains(&stem.to_lowercase().as_str()) {
        return stem;
    }
    input.place.rsplit('/').nth(1).unwrap_or(stem)
}

fn talk(input: &Input, page: &Page) -> Draft {
    let mut draft = Draft::default();
    let mut object = page.fields.of_talk();
    let (mut known, mut guessed) = (Map::new(), false);
    people::resolve(input, &page.fields, &page.body, &mut object, &mut known, &mut guessed);
    let (session, known) = (value::read(Value::Object(object.clone())).root, value::read(Value::Object(known)).root);
    let mut joins = Joins::default();
    for (id, person) in known.as_object().into_iter().flat_map(tree::Object::iter) {
        joins.people.extend(person.as_object().map(|person| (id.name.clone(), person)));
    }
    let nothing = tree::Object::default();
    let session = session.as_object().unwrap_or(&nothing);
    let mut entry = object::entry(session, None, &schedule::Context::default(), &joins);
    let text = commands::with_values(&page.body, &page.fields);
    let body = Body::read(&text, &entry.title);
    let from = take_title(&mut entry, &body, name(input));
    let place = Place::of(input, &page.fields, &entry);
    take_time(&mut entry, &place);
    take_people(input, &page.fields, &mut entry, &body, place.slot.as_ref());
    entry.texts.push(body.text);
    entry.videos.extend(commands::videos(&entry_texts(&object)));
    entry.videos.extend(body.videos);
    entry.slides.extend(body.slides);
    entry.span = span(input);
    schedule::draft(input, Found { entries: vec![entry], ..Found::default() }, &mut draft);
    for record in draft.records.iter_mut().flat_map(|draft| std::iter::once(&mut draft.record).chain(&mut draft.bios)) {
        place.put(record);
    }
    for draft in &mut draft.records {
        draft.record.title_from.clone_from(&from);
        if guessed {
            draft.record.inferred.insert("speakers".to_owned(), "names of pages that are not there".to_owned());
        }
    }
    draft
}

/// Fields that hold markup of players.
fn entry_texts(object: &Map<String, Value>) -> String {
    let texts: Vec<&str> = object.values().filter_map(Value::as_str).filter(|text| text.contains('<')).collect();
    texts.join("\n")
}

fn person(input: &Input, page: &Page) -> Draft {
    let mut draft = Draft::default();
    let Some(found) = people::person(&page.fields, &page.body, Some(name(input))) else {
        return Draft { is_page: true, ..draft };
    };
    let place = Place::of(input, &page.fields, &Entry::default());
    let people = vec![(found, span(input))];
    schedule::draft(input, Found { people, ..Found::default() }, &mut draft);
    draft.records.iter_mut().for_each(|draft| place.put(&mut draft.record));
    draft
}

/// The whole file.
fn span(input: &Input) -> (usize, usize) {
    (lines(input.text).first().map_or(0, |line| line.start), input.text.len())
}

/// A title where the front matter has none, and where it is from when it stands nowhere in the file.
fn take_title(entry: &mut Entry, body: &Body, name: &str) -> Option<String> {
    if !entry.title.is_empty() {
        return None;
    }
    if let Some(heading) = &body.heading {
        entry.title.clone_from(heading);
        return None;
    }
    let words =
        prose::line(&name.trim_start_matches(|c: char| c.is_ascii_digit() || MARK.contains(&c)).replace(MARK, " "));
    entry.title = capitalised(&words);
    Some("file name".to_owned())
}

/// The grid of the edition knows when a talk is; a day of another year is what the page's template had.
fn take_time(entry: &mut Entry, place: &Place) {
    if entry.day.is_some_and(|day| !place.may_be(day)) {
        (entry.day, entry.start, entry.end) = (None, None, None);
    }
    if let Some(slot) = &place.slot {
        if slot.day.is_some() || slot.start.is_some() {
            (entry.day, entry.start, entry.end) = (slot.day.or(entry.day), slot.start, slot.end);
            entry.time_zone = slot.zone.clone().or(entry.time_zone.take());
        }
        entry.kind = slot.kind.clone().or(entry.kind.take());
        entry.room = entry.room.take().or_else(|| slot.room.clone());
    }
    entry.day = entry.day.or(place.day);
}

/// People whom the front matter does not name, what the text says of them, and where they work.
fn take_people(input: &Input, fields: &Fields, entry: &mut Entry, body: &Body, slot: Option<&Slot>) {
    entry.people.retain(|person| !people::is_placeholder(&person.name));
    let said = bios::said_of(fields);
    for section in &body.people {
        bios::take_section(input, section, &said, &mut entry.people);
    }
    for person in &mut entry.people {
        if fields.is_proposal() && person.role == Role::Author {
            person.role = Role::Speaker;
        }
        let same = |name: &str| folded(name) == folded(&person.name);
        let known = slot.and_then(|slot| slot.people.iter().find(|(name, _)| same(name)));
        person.affiliation = person.affiliation.take().or_else(|| known.and_then(|(_, company)| company.clone()));
    }
    if entry.people.is_empty()
        && let Some(slot) = slot
    {
        let of = |(name, company): &(String, Option<String>)| schedule::people::one(name, company.as_deref());
        entry.people.extend(slot.people.iter().filter_map(of).map(|speaker| Person {
            name: speaker.name,
            affiliation: speaker.affiliation,
            ..Person::default()
        }));
    }
}

/// What both kinds of pages say alike.
impl Place {
    fn put(&self, record: &mut Record) {
        if let Some(edition) = &self.edition {
            record.set_edition(edition);
            record.inferred.remove("edition");
            record.inferred.remove("year");
            record.inferred.extend(self.inferred.clone());
        }
    }
}
