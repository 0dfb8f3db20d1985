//! One session, given as an object of keys and values, as an [`Entry`]: whatever the format, the keys' meanings decide.

use std::{
    borrow::Cow,
    cell::{Cell, RefCell},
    collections::HashMap,
    rc::Rc,
};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    Context, Entry, Person, crowd,
    keys::{Key, Meaning, meaning},
    links::{self, LINKS},
    prose, times,
    tree::{Node, Object},
};
use crate::error::Problem;

type Telling<'t> = (*const Object<'t>, Option<String>);

/// What ids in a session stand for, from the lists beside the sessions.
#[derive(Default)]
pub(in crate::formats) struct Joins<'t> {
    /// Objects of people by id.
    pub people: HashMap<String, &'t Object<'t>>,
    /// Who they are, by their place in memory and the language asked for.
    pub told: RefCell<HashMap<Telling<'t>, Rc<[Person]>>>,
    /// Names of rooms, tracks, types and categories by id.
    pub names: HashMap<String, String>,
    /// Of what an id is a value: "Track", "Session format".
    pub categories: HashMap<String, String>,
    /// Whether a session had more people, tags or unknown keys than are kept.
    pub is_cut: Cell<bool>,
}

impl Joins<'_> {
    pub fn problem(&self) -> Option<Problem> {
        let message = "a session has more people, tags or unknown keys than a session has; the first are kept";
        self.is_cut.get().then(|| Problem::new("", None, message, "take the session apart"))
    }
}

/// Keys that say of which language a text is, in objects such as `{"en": "Room", "de": "Raum"}`.
const LANGUAGES: &[&str] =
    &["en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "ja", "zh", "cs", "sv", "fi", "da", "nb", "ca"];
/// Keys of an object that name it, the best first.
const NAME_KEYS: &[&str] =
    &["#text", "name", "title", "label", "value", "fullname", "publicname", "displayname", "text"];
/// Keys of what tells an object, folded.
pub(in crate::formats) const IDS: &[&str] = &["id", "code", "guid", "key", "slug"];
/// What stands for no text.
const ABSENT: &[&str] = &["", "-", "N/A", "n/a", "TODO", "TBA", "TBD", "null", "None"];
/// What a session may have from a slot of its own.
const OF_SLOTS: &[Meaning] = &[Meaning::Start, Meaning::End, Meaning::Duration, Meaning::Room, Meaning::Day];
const TAGS_MAX: usize = 200;
/// What a key may have that is kept in `extra`, and how many keys.
const EXTRA_BYTES_MAX: usize = 2_000;
const EXTRA_KEYS_MAX: usize = 200;
/// A name of a room, a track, a conference; titles are cut there too.
const LINE_CHARS_MAX: usize = 1_000;

/// The session that an object describes, in the slot that is given.
pub(in crate::formats) fn entry(object: &Object, slot: Option<&Object>, context: &Context, joins: &Joins) -> Entry {
    let mut entry = Entry { day: context.day, time_zone: context.time_zone.clone(), ..Entry::default() };
    let members = Members::of_object(object, slot);
    let language = members.of(Meaning::Language).find_map(|value| text(value, None));
    let language = language.as_deref();
    let first =
        |meaning: Meaning| members.of(meaning).find_map(|value| named(value, language, joins)).map(|text| line(&text));
    let long = |meaning: Meaning| members.of(meaning).filter_map(|value| text(value, language));

    entry.title = first(Meaning::Title).unwrap_or_default();
    entry.subtitle = first(Meaning::Subtitle);
    entry.texts = long(Meaning::Abstract).chain(long(Meaning::Description)).map(|text| prose::read(&text)).collect();
    let zone = first(Meaning::TimeZone).or_else(|| context.time_zone.clone());
    take_times(&mut entry, &members, context, zone.as_deref());
    entry.room = first(Meaning::Room).or_else(|| context.room.clone());
    entry.track = first(Meaning::Track).or_else(|| context.track.clone());
    entry.session = first(Meaning::Session).or_else(|| context.session.clone());
    entry.kind = first(Meaning::Kind);
    entry.language = language.map(str::to_owned).or_else(|| context.language.clone());
    entry.state = members.pairs(Meaning::State).find_map(|(key, value)| state(key, value));
    entry.licence = first(Meaning::Licence);
    entry.is_break = members.of(Meaning::IsBreak).any(is_true);
    entry.conference = first(Meaning::Conference);
    entry.url = members.of(Meaning::Url).flat_map(links::urls).next();
    entry.videos = members.pairs(Meaning::Video).flat_map(|(key, value)| links::video(key, value)).collect();
    entry.slides = members.of(Meaning::Slides).flat_map(links::urls).collect();
    for value in members.of(Meaning::Tags) {
        let mut tags = list(value, language, joins);
        joins.is_cut.set(joins.is_cut.get() || tags.len() > TAGS_MAX);
        tags.truncate(TAGS_MAX);
        entry.tags.append(&mut tags);
    }
    let (people, are_cut) = crowd::of_session(&members, joins, language);
    joins.is_cut.set(joins.is_cut.get() || are_cut);
    entry.people = people;
    let is_told = |text: &str| entry.people.iter().any(|person| person.is_told(text));
    for (key, value) in members.pairs(Meaning::Affiliation).chain(members.pairs(Meaning::Bio)) {
        if text(value, language).is_some_and(|text| !is_told(&text)) {
            keep(&mut entry.extra, key, value);
        }
    }
    links::take_links(object, &mut entry);
    take_categories(object, joins, &mut entry);
    for (key, value) in object.iter().filter(|(key, _)| key.meaning.is_none() && !is_structure(key)) {
        if entry.extra.len() >= EXTRA_KEYS_MAX {
            joins.is_cut.set(true);
            break;
        }
        keep(&mut entry.extra, key, value);
    }
    entry
}

/// What of a session's object means something and holds something.
pub(in crate::formats) struct Members<'t>(Vec<(&'t Key, &'t Node<'t>)>);

impl<'t> Members<'t> {
    fn of_object(object: &'t Object<'t>, slot: Option<&'t Object<'t>>) -> Self {
        let known = |object: &'t Object<'t>| {
            object.iter().filter(|(key, value)| key.meaning.is_some() && !is_empty(value)).collect::<Vec<_>>()
        };
        let mut found = known(object);
        if let Some(slot) = slot {
            // Where the session has none of them.
            let is_new = |meaning| !found.iter().any(|(key, value)| key.meaning == meaning && has_text(value));
            let mut more = known(slot);
            more.retain(|(key, _)| key.meaning.is_some_and(|found| OF_SLOTS.contains(&found)) && is_new(key.meaning));
            found.retain(|(key, _)| !more.iter().any(|(other, _)| other.meaning == key.meaning));
            found.append(&mut more);
        }
        // The order of keys means nothing.
        found.sort_by(|(one, _), (other, _)| one.rank().cmp(&other.rank()));
        Members(found)
    }

    pub fn pairs(&self, meaning: Meaning) -> impl Iterator<Item = (&'t Key, &'t Node<'t>)> {
        self.0.iter().copied().filter(move |(key, _)| key.meaning == Some(meaning))
    }

    pub fn of(&self, meaning: Meaning) -> impl Iterator<Item = &'t Node<'t>> {
        self.pairs(meaning).map(|(_, value)| value)
    }
}

fn take_times(entry: &mut Entry, members: &Members, context: &Context, zone: Option<&str>) {
    // One key may hold the time, and another that means the same the day.
    let moment = |meaning: Meaning| {
        let found = members.of(meaning).filter_map(|value| times::moment(&text(value, None)?, zone));
        found.reduce(|one, other| times::Moment {
            day: one.day.or(other.day),
            time: one.time.or(other.time),
            zone: one.zone.or(other.zone),
        })
    };
    let (day, start, end) = (moment(Meaning::Day), moment(Meaning::Start), moment(Meaning::End));
    entry.start = start.as_ref().and_then(|m| m.time).or_else(|| day.as_ref().and_then(|m| m.time));
    entry.time_zone =
        zone.map(str::to_owned).or_else(|| [&start, &day].into_iter().flatten().find_map(|m| m.zone.clone()));
    // The conference day: as the schedule groups it, else the calendar's, less the hours after midnight.
    let calendar: Option<Date> = start.as_ref().and_then(|m| m.day).or_else(|| day.as_ref().and_then(|m| m.day));
    let is_night = entry.start.zip(context.day_change).is_some_and(|(start, change)| start < change);
    entry.day =
        context.day.or_else(|| calendar.and_then(|day| if is_night { day.yesterday().ok() } else { Some(day) }));
    let minutes = members.of(Meaning::Duration).find_map(|value| times::minutes(&text(value, None)?));
    let lasting =
        entry.start.zip(minutes).map(|(start, minutes)| start.wrapping_add(jiff::Span::new().minutes(minutes)));
    entry.end = end.and_then(|m| m.time).or(lasting).filter(|end| Some(*end) != entry.start);
}

/// A name on one line, without markup.
pub(in crate::formats) fn line(text: &str) -> String {
    let mut line = prose::line(text);
    if let Some((end, _)) = line.char_indices().nth(LINE_CHARS_MAX) {
        line.truncate(end);
    }
    line
}

/// The text of a value: of an object that is a text in several languages, the one asked for.
pub(in crate::formats) fn text<'t>(value: &'t Node, language: Option<&str>) -> Option<Cow<'t, str>> {
    let found = match value {
        Node::Text(text) => Cow::Borrowed(&**text),
        Node::Number(number) => Cow::Borrowed(*number),
        Node::List(values) => {
            let mut texts: Vec<_> = values.iter().filter_map(|value| text(value, language)).collect();
            if texts.len() > 1 { Cow::Owned(texts.join("\n\n")) } else { texts.pop()? }
        }
        Node::Object(object) => text(telling(object, language)?, language)?,
        Node::Bool(_) | Node::Null => return None,
    };
    (!ABSENT.contains(&found.trim())).then_some(found)
}

pub(in crate::formats) fn has_text(value: &Node) -> bool {
    match value {
        Node::List(values) => values.iter().any(has_text),
        Node::Object(object) => telling(object, None).is_some_and(has_text),
        value => text(value, None).is_some(),
    }
}

/// What of an object is its text.
fn telling<'t>(object: &'t Object, language: Option<&str>) -> Option<&'t Node<'t>> {
    let tongue =
        language.and_then(|language| object.get(language)).or_else(|| LANGUAGES.iter().find_map(|key| object.get(key)));
    let named = || {
        let is = |key: &Key, name: &str| key.name == name || key.folded == name;
        NAME_KEYS.iter().find_map(|name| object.iter().find(|(key, _)| is(key, name))).map(|(_, value)| value)
    };
    tongue.or_else(named)
}

/// The same of what may be an id.
fn named<'t>(value: &'t Node, language: Option<&str>, joins: &'t Joins) -> Option<Cow<'t, str>> {
    let known = |text: &str| joins.names.get(text.trim()).map(|name| Cow::Borrowed(name.as_str()));
    let text = match value {
        Node::List(values) => values.iter().find_map(|value| named(value, language, joins))?,
        value => match (text(value, language), value) {
            (Some(text), _) => text,
            (None, Node::Object(object)) => {
                object.iter().filter(|(key, _)| key.is(IDS)).find_map(|(_, id)| known(&text(id, None)?))?
            }
            (None, _) => return None,
        },
    };
    Some(known(&text).unwrap_or(text))
}

fn list(value: &Node, language: Option<&str>, joins: &Joins) -> Vec<String> {
    match value {
        Node::List(values) => values.iter().flat_map(|value| list(value, language, joins)).collect(),
        Node::Object(object) if !has_text(value) => object
            .iter()
            .filter(|(key, _)| !key.is_mark())
            .flat_map(|(_, value)| list(value, language, joins))
            .collect(),
        value => {
            let text = named(value, language, joins).unwrap_or_default();
            text.split([',', ';', '\n']).map(line).filter(|tag| !tag.is_empty()).collect()
        }
    }
}

fn state(key: &Key, value: &Node) -> Option<String> {
    match value {
        Node::Bool(is) if key.folded == "selected" => Some(if *is { "selected" } else { "rejected" }.to_owned()),
        value => text(value, None).map(|text| match line(&text).to_lowercase().as_str() {
            "accept" => "accepted".to_owned(),
            "reject" => "rejected".to_owned(),
            other => other.to_owned(),
        }),
    }
}

/// Values of a schedule's own categories, as ids or as objects: a track, a type, or a tag, as the category's name says.
fn take_categories(object: &Object, joins: &Joins, entry: &mut Entry) {
    let of = |wanted: &'static str| {
        let lists = object.iter().filter(move |(key, _)| key.folded == wanted).filter_map(|(_, value)| value.as_list());
        lists.flatten()
    };
    let mut found: Vec<(String, String)> = Vec::new();
    for id in of("categoryitems").filter_map(|id| text(id, None)) {
        let category = || joins.categories.get(&*id).cloned().unwrap_or_default();
        found.extend(joins.names.get(&*id).map(|name| (category(), name.clone())));
    }
    for category in of("categories").filter_map(Node::as_object) {
        let title = category.get("name").or(category.get("title")).and_then(|title| text(title, None));
        let items = category.get("categoryItems").or(category.get("items")).map(|items| list(items, None, joins));
        let title = title.map(|title| line(&title)).unwrap_or_default();
        found.extend(items.into_iter().flatten().map(|item| (title.clone(), item)));
    }
    joins.is_cut.set(joins.is_cut.get() || found.len() > TAGS_MAX);
    for (category, name) in found.into_iter().take(TAGS_MAX) {
        match meaning(&category) {
            Some(Meaning::Track) => entry.track = entry.track.take().or(Some(name)),
            Some(Meaning::Kind) => entry.kind = entry.kind.take().or(Some(name)),
            Some(Meaning::Language) => entry.language = entry.language.take().or(Some(name)),
            _ if !entry.tags.contains(&name) => entry.tags.push(name),
            _ => {}
        }
    }
}

fn is_true(value: &Node) -> bool {
    match value {
        Node::Bool(is) => *is,
        Node::Text(text) => matches!(text.to_lowercase().as_str(), "true" | "yes" | "1"),
        _ => false,
    }
}

fn is_empty(value: &Node) -> bool {
    match value {
        Node::Null => true,
        Node::Text(text) => text.trim().is_empty(),
        Node::List(values) => values.iter().all(is_empty),
        Node::Object(object) => object.values().all(is_empty),
        Node::Bool(_) | Node::Number(_) => false,
    }
}

/// Keys that hold the structure around a session, whatever they mean.
fn is_structure(key: &Key) -> bool {
    key.is_mark() || key.is(LINKS) || key.is(&["slots", "slot", "categories", "categoryitems"])
}

fn keep(extra: &mut Map<String, Value>, key: &Key, value: &Node) {
    if !is_empty(value) && !matches!(value, Node::Bool(false)) && n_bytes(value) <= EXTRA_BYTES_MAX {
        extra.insert(key.name.clone(), plain(value));
    }
}

/// About what a value takes when it is written.
fn n_bytes(value: &Node) -> usize {
    let of_all = |sizes: &mut dyn Iterator<Item = usize>| {
        let mut total = 2;
        // Enough is enough.
        sizes.take_while(|size| (total += size + 1, total <= EXTRA_BYTES_MAX).1).for_each(drop);
        total
    };
    match value {
        Node::Text(text) => text.len() + 2,
        Node::Number(number) => number.len(),
        Node::List(values) => of_all(&mut values.iter().map(n_bytes)),
        Node::Object(object) => of_all(&mut object.iter().map(|(key, value)| key.name.len() + 3 + n_bytes(value))),
        Node::Bool(_) | Node::Null => 5,
    }
}

/// A value as a record keeps it.
pub(in crate::formats) fn plain(value: &Node) -> Value {
    match value {
        Node::Null => Value::Null,
        Node::Bool(is) => Value::Bool(*is),
        Node::Number(number) => serde_json::from_str(number).unwrap_or_else(|_| Value::String((*number).to_owned())),
        Node::Text(text) => Value::String(text.to_string()),
        Node::List(values) => values.iter().map(plain).collect(),
        Node::Object(object) => {
            Value::Object(object.iter().map(|(key, value)| (key.name.clone(), plain(value))).collect())
        }
    }
}
