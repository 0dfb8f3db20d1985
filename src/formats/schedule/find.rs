//! The sessions in a tree, wherever they are, with what stands above them: a format's own names for its levels are told by
//! what the levels hold.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Context, Entry, Person,
    keys::{Meaning, folded, meaning},
    object::{Joins, entry, text},
    prose, times, tree,
};

/// Levels above a session.
const DEPTH_MAX: usize = 16;
/// Keys of objects that describe the conference, folded.
const CONFERENCES: &[&str] = &["conference", "info", "meta", "eventinfo", "metadata", "header"];
/// Keys of what holds sessions or levels of them, folded.
const LEVELS: &[&str] = &[
    "days",
    "day",
    "rooms",
    "room",
    "events",
    "event",
    "sessions",
    "session",
    "talks",
    "talk",
    "schedule",
    "items",
    "item",
    "entries",
    "entry",
    "results",
    "submissions",
    "slots",
    "timeslots",
    "timeslot",
    "tracks",
    "track",
    "stages",
    "agenda",
    "program",
    "programme",
    "presentations",
    "papers",
    "contributions",
    "blocks",
    "lectures",
    "data",
    "list",
    "proposals",
    "locations",
    "groups",
];
/// Keys of lists of people beside the sessions, folded.
const PEOPLE: &[&str] = &["speakers", "persons", "people", "presenters", "speaker", "person", "authors", "hosts"];

/// What was found in a tree.
#[derive(Default)]
pub(in crate::formats) struct Found {
    pub context: Context,
    pub entries: Vec<Entry>,
    /// People who have a bio and are listed for themselves.
    pub people: Vec<(Person, (usize, usize))>,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty() && self.people.is_empty()
    }
}

/// Looks for sessions in the whole tree.
pub(in crate::formats) fn find(root: &Value) -> Found {
    let (mut shapes, mut joins) = (Shapes::default(), Joins::default());
    collect(root, "", 0, &mut shapes, &mut joins);
    let mut context = Context::default();
    describe(root, &mut context, 0);
    let mut finder = Finder { joins: &joins, shapes, entries: Vec::new(), seen: HashMap::new() };
    finder.walk(root, "", &context, 0);
    let entries = finder.entries;
    let people = if entries.is_empty() { people(root, &joins) } else { Vec::new() };
    let entries = if entries.is_empty() { talks_of_people(root, &joins) } else { entries };
    Found { context, entries, people }
}

/// What the tree says of the conference, near its top.
fn describe(value: &Value, context: &mut Context, depth: usize) {
    let Value::Object(object) = value else { return };
    for (key, value) in object {
        let name = folded(key);
        let Value::Object(inner) = value else { continue };
        if CONFERENCES.contains(&name.as_str()) {
            let get = |keys: &[&str]| {
                keys.iter()
                    .find_map(|wanted| inner.iter().find(|(key, _)| folded(key) == *wanted))
                    .and_then(|(_, value)| text(value, None))
            };
            context.conference = context
                .conference
                .take()
                .or_else(|| get(&["title", "name", "conferencetitle"]).map(|text| prose::line(&text)));
            context.time_zone = context.time_zone.take().or_else(|| get(&["timezonename", "timezone", "tz"]));
            context.day_change = context.day_change.or_else(|| times::time(&get(&["daychange", "daychangehour"])?));
            context.licence = context.licence.take().or_else(|| get(&["license", "licence"]));
        }
        if depth < 3 {
            describe(value, context, depth + 1);
        }
    }
    if depth == 0 && context.conference.is_none() {
        let inner = object
            .values()
            .find_map(|value| value.as_object())
            .filter(|_| object.keys().filter(|key| !key.starts_with('#')).count() == 1);
        let heads = [Some(object), inner];
        let named =
            heads.into_iter().flatten().filter(|head| head.keys().any(|key| LEVELS.contains(&folded(key).as_str())));
        context.conference = named.into_iter().find_map(|head| {
            let (_, value) = head.iter().find(|(key, _)| {
                matches!(folded(key).as_str(), "title" | "name" | "conference" | "eventname" | "conferencename")
            })?;
            value.as_str().map(prose::line)
        });
        context.time_zone = context.time_zone.take().or_else(|| {
            let (_, value) = object.iter().find(|(key, _)| meaning(key) == Some(Meaning::TimeZone))?;
            text(value, None)
        });
    }
}

/// Lists of people, rooms, tracks and categories, by id.
fn collect(value: &Value, name: &str, depth: usize, shapes: &mut Shapes, joins: &mut Joins) {
    if depth > DEPTH_MAX {
        return;
    }
    match value {
        Value::Array(values) => values.iter().for_each(|value| collect(value, name, depth + 1, shapes, joins)),
        Value::Object(object) => {
            // The people of a session are its own; its other lists have no ids to offer.
            if shapes.is_session(object) {
                return;
            }
            let id =
                object.iter().find(|(key, _)| matches!(folded(key).as_str(), "id" | "code" | "guid" | "key" | "slug"));
            let id = id.and_then(|(_, value)| text(value, None)).map(|id| id.trim().to_owned());
            let is_person = PEOPLE.contains(&name) || is_person(object);
            match id {
                Some(id) if is_person => _ = joins.people.entry(id).or_insert_with(|| object.clone()),
                Some(id) => {
                    if let Some(label) = label(object) {
                        joins.names.entry(id).or_insert(label);
                    }
                    let items = object.get("items").or(object.get("categoryItems")).and_then(Value::as_array);
                    for item in items.into_iter().flatten().filter_map(Value::as_object) {
                        let item_id = item.get("id").and_then(|id| text(id, None));
                        joins.categories.extend(item_id.zip(label(object)));
                    }
                }
                None => {}
            }
            object.iter().for_each(|(key, value)| collect(value, &folded(key), depth + 1, shapes, joins));
        }
        _ => {}
    }
}

fn label(object: &Map<String, Value>) -> Option<String> {
    let named =
        |wanted: &str| object.iter().find(|(key, _)| folded(key) == wanted).and_then(|(_, value)| text(value, None));
    named("name").or_else(|| named("title")).or_else(|| named("label")).map(|text| prose::line(&text))
}

/// What the objects of a tree are, each looked at once: whether one is a session depends on what it holds, which is asked
/// again at every level above it.
#[derive(Default)]
struct Shapes {
    /// By their places in memory, which stay while the tree is looked at.
    sessions: HashMap<*const Map<String, Value>, bool>,
    holders: HashMap<*const Value, bool>,
}

impl Shapes {
    /// Whether an object is a session: it has a title and what only sessions have, and holds no sessions itself.
    fn is_session(&mut self, object: &Map<String, Value>) -> bool {
        if let Some(known) = self.sessions.get(&std::ptr::from_ref(object)) {
            return *known;
        }
        let is_session = has_shape_of_session(object) && !self.holds_levels(object);
        self.sessions.insert(object, is_session);
        is_session
    }

    /// Whether a level below an object, by its key, holds sessions.
    fn holds_levels(&mut self, object: &Map<String, Value>) -> bool {
        let levels = object
            .iter()
            .filter(|(key, value)| (value.is_array() || value.is_object()) && LEVELS.contains(&folded(key).as_str()));
        levels.map(|(_, value)| value).any(|value| self.holds_sessions(value))
    }

    /// Whether a value is an object that is a session or holds some, or a list, or a map, of such.
    fn holds_sessions(&mut self, value: &Value) -> bool {
        if let Some(known) = self.holders.get(&std::ptr::from_ref(value)) {
            return *known;
        }
        let holds = match value {
            Value::Array(values) => values.iter().any(|value| self.is_candidate(value)),
            Value::Object(object) => {
                self.is_candidate(value)
                    || object.iter().filter(|(key, _)| !key.starts_with(['@', '#'])).any(|(_, value)| match value {
                        Value::Array(values) => values.iter().any(|value| self.is_candidate(value)),
                        value => self.is_candidate(value),
                    })
            }
            _ => false,
        };
        self.holders.insert(value, holds);
        holds
    }

    fn is_candidate(&mut self, value: &Value) -> bool {
        value.as_object().is_some_and(|object| self.is_session(object) || self.holds_levels(object))
    }
}

/// Whether an object has a title and what only sessions have.
fn has_shape_of_session(object: &Map<String, Value>) -> bool {
    let mut has = [false; 7];
    let mut is_only_named = true;
    for (key, value) in object {
        if matches!(value, Value::Null) || value.as_str().is_some_and(str::is_empty) {
            continue;
        }
        match meaning(key) {
            Some(Meaning::Title) => {
                has[0] |= text(value, None).is_some();
                is_only_named &= folded(key) == "name";
            }
            Some(Meaning::Start | Meaning::Day) => has[1] = true,
            Some(Meaning::Speakers | Meaning::SpeakerName) => has[2] = true,
            Some(Meaning::Abstract | Meaning::Description) => has[3] = true,
            Some(Meaning::Duration | Meaning::End) => has[4] = true,
            Some(Meaning::Bio | Meaning::FirstName | Meaning::LastName | Meaning::Tagline) => has[5] = true,
            Some(Meaning::Kind | Meaning::Track | Meaning::Room) => has[6] = true,
            _ => {}
        }
    }
    let [title, when, who, what, long, person, place] = has;
    let strong = usize::from(when) + usize::from(who) + usize::from(what) + usize::from(long && place);
    // Packages and places have names and descriptions too.
    let is_titled = title && (!is_only_named || who || when);
    is_titled && strong > 0 && !(person && !when && !who) && (what || who || (when && (long || place)))
}

/// Whether an object would be a session if its title were not empty.
fn is_untitled(object: &Map<String, Value>) -> bool {
    let is = |wanted: &[Meaning], key: &str| meaning(key).is_some_and(|found| wanted.contains(&found));
    let mut titles = object.iter().filter(|(key, _)| is(&[Meaning::Title], key)).peekable();
    titles.peek().is_some()
        && titles.all(|(key, value)| folded(key) != "name" && text(value, None).is_none())
        && object.iter().any(|(key, value)| is(&[Meaning::Start], key) && text(value, None).is_some())
        && object
            .keys()
            .any(|key| is(&[Meaning::Speakers, Meaning::SpeakerName, Meaning::Duration, Meaning::Abstract], key))
}

fn is_person(object: &Map<String, Value>) -> bool {
    let has = |wanted: &[Meaning]| {
        object.iter().any(|(key, value)| {
            meaning(key).is_some_and(|found| wanted.contains(&found)) && text(value, None).is_some()
        })
    };
    let named = object
        .keys()
        .any(|key| matches!(folded(key).as_str(), "name" | "publicname" | "fullname" | "displayname" | "firstname"));
    named
        && has(&[Meaning::Bio, Meaning::Tagline, Meaning::FirstName, Meaning::LastName, Meaning::Affiliation])
        && !has(&[Meaning::Start])
}

struct Finder<'a> {
    joins: &'a Joins,
    shapes: Shapes,
    entries: Vec<Entry>,
    /// Sessions by id and title: some schedules list them twice, by room and by time.
    seen: HashMap<(String, String), usize>,
}

impl Finder<'_> {
    fn walk(&mut self, value: &Value, name: &str, context: &Context, depth: usize) {
        if depth > DEPTH_MAX {
            return;
        }
        match value {
            Value::Array(values) => values.iter().for_each(|value| self.walk(value, name, context, depth + 1)),
            Value::Object(object) if self.shapes.is_session(object) || is_untitled(object) => {
                self.take(object, context);
            }
            Value::Object(object) => {
                let context = level(object, name, context);
                for (key, value) in object.iter().filter(|(_, value)| value.is_array() || value.is_object()) {
                    let key_name = folded(key);
                    if PEOPLE.contains(&key_name.as_str())
                        || (CONFERENCES.contains(&key_name.as_str())
                            && !value.as_object().is_some_and(|object| self.shapes.holds_levels(object)))
                    {
                        continue;
                    }
                    self.walk(value, &key_name, &keyed(key, name, &context), depth + 1);
                }
            }
            _ => {}
        }
    }

    fn take(&mut self, object: &Map<String, Value>, context: &Context) {
        let mut found = entry(&with_slot(object), context, self.joins);
        found.span = tree::span(object).unwrap_or_default();
        let id =
            object.iter().find(|(key, _)| meaning(key) == Some(Meaning::Id)).and_then(|(_, value)| text(value, None));
        if let Some(id) = id {
            match self.seen.entry((id, found.title.clone())) {
                std::collections::hash_map::Entry::Occupied(mut place) => {
                    let before = &mut self.entries[*place.get()];
                    let is_again = before.start.zip(found.start).is_none_or(|(one, other)| one == other)
                        && before.day.zip(found.day).is_none_or(|(one, other)| one == other);
                    if is_again {
                        before.room = before.room.take().or(found.room);
                        before.start = before.start.or(found.start);
                        return;
                    }
                    // The same talk is given at another time, too.
                    place.insert(self.entries.len());
                }
                std::collections::hash_map::Entry::Vacant(place) => _ = place.insert(self.entries.len()),
            }
        }
        self.entries.push(found);
    }
}

/// What an object that holds sessions says of them.
fn level(object: &Map<String, Value>, name: &str, context: &Context) -> Context {
    let mut context = context.clone();
    let get = |meaning_of: Meaning| {
        object
            .iter()
            .filter(|(key, value)| meaning(key) == Some(meaning_of) && !value.is_array())
            .find_map(|(_, value)| text(value, None))
    };
    let label = get(Meaning::Title)
        .map(|text| prose::line(&text))
        .or_else(|| object.get("@name").and_then(|value| text(value, None)));
    match name {
        "room" | "rooms" | "stage" | "stages" | "location" | "locations" => context.room = label.or(context.room),
        "track" | "tracks" => context.track = label.or(context.track),
        "session" | "sessions" | "block" | "blocks" | "group" | "groups"
            if context.day.is_some() || get(Meaning::Start).is_some() =>
        {
            context.session = label.or(context.session);
            context.room = get(Meaning::Room).or(context.room);
            context.track = get(Meaning::Track).or(context.track);
        }
        _ => {}
    }
    let zone = context.time_zone.clone();
    let day = get(Meaning::Day).or_else(|| get(Meaning::Start).filter(|_| matches!(name, "" | "day" | "days")));
    if let Some(day) = day.and_then(|text| times::moment(&text, zone.as_deref())).and_then(|moment| moment.day) {
        context.day = Some(day);
    }
    context
}

/// What the key of a map says: `"2025-11-01": …` a day, and below `rooms` the name of one.
fn keyed(key: &str, above: &str, context: &Context) -> Context {
    let mut context = context.clone();
    if let Ok(day) = key.parse() {
        context.day = Some(day);
    } else if matches!(above, "rooms" | "stages" | "locations") && !LEVELS.contains(&folded(key).as_str()) {
        context.room = Some(prose::line(key));
    } else if above == "tracks" && !LEVELS.contains(&folded(key).as_str()) {
        context.track = Some(prose::line(key));
    }
    context
}

/// A session whose time and room are in a slot of its own: the first slot's keys, where the session has none of them.
fn with_slot(object: &Map<String, Value>) -> std::borrow::Cow<'_, Map<String, Value>> {
    let slot = object
        .iter()
        .find(|(key, _)| matches!(folded(key).as_str(), "slots" | "slot" | "timeslot" | "schedule" | "occurrences"));
    let slot = slot
        .and_then(|(_, value)| value.as_array().map_or(Some(value), |values| values.first()))
        .and_then(Value::as_object);
    let Some(slot) = slot else { return std::borrow::Cow::Borrowed(object) };
    let mut joined = object.clone();
    for (key, value) in slot {
        let is_new = |found: Meaning| {
            !object.iter().any(|(key, value)| meaning(key) == Some(found) && text(value, None).is_some())
        };
        let wanted = [Meaning::Start, Meaning::End, Meaning::Duration, Meaning::Room, Meaning::Day];
        if let Some(found) = meaning(key).filter(|found| wanted.contains(found) && is_new(*found)) {
            joined.retain(|key, _| meaning(key) != Some(found));
            joined.insert(key.clone(), value.clone());
        }
    }
    std::borrow::Cow::Owned(joined)
}

/// The people of a file that lists nobody's sessions.
fn people(root: &Value, joins: &Joins) -> Vec<(Person, (usize, usize))> {
    let mut out = Vec::new();
    each_person(root, 0, &mut |object| {
        let found = entry(
            &Map::from_iter([("speakers".to_owned(), Value::Object(object.clone()))]),
            &Context::default(),
            joins,
        );
        let span = tree::span(object).unwrap_or_default();
        out.extend(found.people.into_iter().filter(|person| person.bio.is_some()).map(|person| (person, span)));
    });
    out
}

/// Talks that are only listed with their speakers: `{"fullName": …, "sessions": [{"id": 1, "name": …}]}`.
fn talks_of_people(root: &Value, joins: &Joins) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    each_person(root, 0, &mut |object| {
        let sessions = object
            .iter()
            .find(|(key, _)| matches!(folded(key).as_str(), "sessions" | "talks" | "submissions"))
            .and_then(|(_, value)| value.as_array());
        for session in sessions.into_iter().flatten().filter_map(Value::as_object) {
            let Some(title) = label(session) else { continue };
            let id = session.get("id").and_then(|id| text(id, None)).unwrap_or_else(|| title.clone());
            let people = entry(
                &Map::from_iter([("speakers".to_owned(), Value::Object(object.clone()))]),
                &Context::default(),
                joins,
            )
            .people;
            let people = people.into_iter().map(|person| Person { bio: None, ..person });
            if let Some(at) = seen.get(&id) {
                out[*at].people.extend(people);
            } else {
                seen.insert(id, out.len());
                let span = tree::span(session).unwrap_or_default();
                out.push(Entry { title, people: people.collect(), span, ..Entry::default() });
            }
        }
    });
    out
}

fn each_person(value: &Value, depth: usize, each: &mut dyn FnMut(&Map<String, Value>)) {
    match value {
        Value::Array(values) if depth <= DEPTH_MAX => {
            values.iter().for_each(|value| each_person(value, depth + 1, each));
        }
        Value::Object(object) if is_person(object) => each(object),
        Value::Object(object) if depth <= DEPTH_MAX => {
            object.values().for_each(|value| each_person(value, depth + 1, each));
        }
        _ => {}
    }
}
