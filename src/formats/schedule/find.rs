//! The sessions in a tree, wherever they are, with what stands above them: a format's own names for its levels are told by
//! what the levels hold.

use std::{borrow::Cow, collections::HashMap};

use super::{
    Context, ENTRIES_MAX, Entry, Person,
    crowd::{self, PEOPLE_MAX},
    keys::{Key, Meaning},
    object::{IDS, Joins, entry, has_text, line, text},
    times,
    tree::{DEPTH_MAX, Node, Object, Tree},
};
use crate::{
    error::Problem,
    formats::{Draft, Input},
};

/// Levels above a session.
const LEVELS_MAX: usize = 16;
/// Times at which one talk is given.
const SLOTS_MAX: usize = 20;
/// What ids are made of.
const ID_BYTES_MAX: usize = 200;
/// Objects with more members are no people.
const MEMBERS_MAX: usize = 500;
/// What is made of the sessions of a file: a long biography may stand under each of them.
const FOUND_BYTES_MAX: usize = 48 << 20;

/// What was found in a tree.
#[derive(Default)]
pub(in crate::formats) struct Found {
    pub context: Context,
    pub entries: Vec<Entry>,
    /// People who have a bio and are listed for themselves.
    pub people: Vec<(Person, (usize, usize))>,
}

/// The sessions of a tree as records, with what was wrong with it.
pub(in crate::formats) fn draft(input: &Input, tree: Tree) -> Draft {
    let mut draft = Draft::default();
    let (found, problems) = find(&tree.root);
    draft.problems.extend(tree.troubles.iter().map(|trouble| trouble.problem(input.text)));
    draft.problems.extend(problems);
    // A large tree and all that is made of it need not be there at once.
    drop(tree);
    if found.entries.is_empty() && found.people.is_empty() {
        return Draft { is_page: draft.problems.is_empty(), ..draft };
    }
    super::draft(input, found, &mut draft);
    draft
}

/// Looks for sessions in the whole tree.
fn find<'t>(root: &'t Node<'t>) -> (Found, Vec<Problem>) {
    let (mut shapes, mut joins) = (Shapes::default(), Joins::default());
    collect(root, None, 0, &mut shapes, &mut joins);
    let mut context = Context::default();
    describe(root, &mut context, 0);
    let mut finder = Finder { joins: &joins, shapes, sessions: Sessions::default(), seen: HashMap::new() };
    finder.walk(root, "", &context, 0);
    let (mut entries, mut problems) = finder.sessions.end();
    if let [only] = &entries[..]
        && is_event(root, only)
    {
        entries.clear();
    }
    let mut people = Vec::new();
    if entries.is_empty() {
        people = people_alone(root, &joins);
        entries = talks_of_people(root, &joins);
    }
    problems.extend(joins.problem());
    (Found { context, entries, people }, problems)
}

/// Whether a file that is one object is about an event, with the days on which it begins and ends, and no session of it: what
/// points an app at a schedule.
fn is_event(root: &Node, only: &Entry) -> bool {
    let is_root = root.as_object().and_then(Object::span) == Some(only.span);
    is_root && only.day.is_some() && only.start.is_none() && only.people.is_empty() && only.texts.is_empty()
}

/// Sessions as they are found, as many as may be.
pub(in crate::formats) struct Sessions {
    pub entries: Vec<Entry>,
    bytes_left: usize,
    n_left_out: usize,
}

impl Default for Sessions {
    fn default() -> Self {
        Sessions { entries: Vec::new(), bytes_left: FOUND_BYTES_MAX, n_left_out: 0 }
    }
}

impl Sessions {
    /// Whether one more may come; counts it where not.
    pub fn has_room(&mut self) -> bool {
        let has_room = self.bytes_left > 0 && self.entries.len() < ENTRIES_MAX;
        self.n_left_out += usize::from(!has_room);
        has_room
    }

    pub fn push(&mut self, entry: Entry) {
        self.bytes_left = self.bytes_left.saturating_sub(weight(&entry));
        self.entries.push(entry);
    }

    /// What came, and a problem where it was not all.
    pub fn end(self) -> (Vec<Entry>, Vec<Problem>) {
        let message = format!("{} sessions are left out: the file holds more than a schedule has", self.n_left_out);
        let problem = (self.n_left_out > 0).then(|| Problem::new("", None, message, "split the file"));
        (self.entries, problem.into_iter().collect())
    }
}

/// What the tree says of the conference, near its top.
fn describe(value: &Node, context: &mut Context, depth: usize) {
    let Node::Object(object) = value else { return };
    for (key, value) in object.iter() {
        let Node::Object(inner) = value else { continue };
        if key.tells_conference {
            let get =
                |keys: &[&str]| keys.iter().find_map(|wanted| inner.any_of(&[wanted])).and_then(|v| text(v, None));
            context.conference =
                context.conference.take().or_else(|| Some(line(&get(&["title", "name", "conferencetitle"])?)));
            context.time_zone =
                context.time_zone.take().or_else(|| Some(line(&get(&["timezonename", "timezone", "tz"])?)));
            context.day_change = context.day_change.or_else(|| times::time(&get(&["daychange", "daychangehour"])?));
            context.licence = context.licence.take().or_else(|| Some(line(&get(&["license", "licence"])?)));
        }
        if depth < 3 {
            describe(value, context, depth + 1);
        }
    }
    if depth == 0 && context.conference.is_none() {
        let mut values = object.values();
        let only = values.next().filter(|_| values.next().is_none()).and_then(Node::as_object);
        let heads = [Some(object), only].into_iter().flatten();
        context.conference = heads.filter(|head| head.iter().any(|(key, _)| key.is_level)).find_map(|head| {
            head.any_of(&["title", "name", "conference", "eventname", "conferencename"])?.as_str().map(line)
        });
        let zone = || object.of_meaning(Meaning::TimeZone).next().and_then(|value| text(value, None));
        context.time_zone = context.time_zone.take().or_else(|| Some(line(&zone()?)));
    }
}

/// Lists of people, rooms, tracks and categories, by id.
fn collect<'t>(value: &'t Node<'t>, key: Option<&Key>, depth: usize, shapes: &mut Shapes, joins: &mut Joins<'t>) {
    if depth > LEVELS_MAX {
        return;
    }
    let object = match value {
        Node::List(values) => {
            return values.iter().for_each(|value| collect(value, key, depth + 1, shapes, joins));
        }
        Node::Object(object) if !shapes.is_session(object) => object,
        _ => return,
    };
    let is_person = key.is_some_and(|key| key.lists_people) || is_person(object);
    let ids = object.iter().filter(|(key, _)| key.is(IDS)).filter_map(|(_, value)| text(value, None));
    for id in ids.filter(|id| id.len() <= ID_BYTES_MAX).map(|id| id.trim().to_owned()) {
        if is_person {
            if object.values().count() <= MEMBERS_MAX {
                joins.people.entry(id).or_insert(object);
            }
            continue;
        }
        let Some(label) = label(object) else { break };
        joins.names.entry(id).or_insert(label);
    }
    let items = object.get("items").or(object.get("categoryItems")).and_then(Node::as_list).filter(|_| !is_person);
    for item in items.into_iter().flatten().filter_map(Node::as_object) {
        let item_id = item.get("id").and_then(|id| text(id, None)).filter(|id| id.len() <= ID_BYTES_MAX);
        joins.categories.extend(item_id.map(Cow::into_owned).zip(label(object)));
    }
    for (key, value) in object.iter().filter(|(_, value)| value.is_container()) {
        collect(value, Some(key), depth + 1, shapes, joins);
    }
}

fn label(object: &Object) -> Option<String> {
    ["name", "title", "label"].iter().find_map(|name| text(object.any_of(&[name])?, None)).map(|text| line(&text))
}

/// What the objects of a tree are, each looked at once: whether one is a session depends on what it holds, which is asked
/// again at every level above it.
#[derive(Default)]
struct Shapes {
    /// Whether the levels below an object hold sessions, by its place in memory, which stays while the tree is looked at.
    holders: HashMap<*const (), bool>,
}

impl Shapes {
    /// Whether an object is a session: it has a title and what only sessions have, and holds no sessions itself.
    fn is_session(&mut self, object: &Object) -> bool {
        has_shape_of_session(object) && !self.holds_levels(object)
    }

    /// Whether a level below an object, by its key, holds sessions.
    fn holds_levels(&mut self, object: &Object) -> bool {
        let mut levels = object.iter().filter(|(key, value)| key.is_level && value.is_container()).peekable();
        if levels.peek().is_none() {
            return false;
        }
        let place = std::ptr::from_ref(object).cast();
        if let Some(known) = self.holders.get(&place) {
            return *known;
        }
        let holds = levels.any(|(_, value)| self.holds_sessions(value));
        self.holders.insert(place, holds);
        holds
    }

    /// Whether a value is an object that is a session or holds some, or a list, or a map, of such.
    fn holds_sessions(&mut self, value: &Node) -> bool {
        let mut is_one = |value: &Node| value.as_object().is_some_and(|object| self.is_candidate(object));
        match value {
            Node::List(values) => values.iter().any(is_one),
            Node::Object(object) => {
                is_one(value)
                    || object.iter().filter(|(key, _)| !key.is_mark()).any(|(_, value)| match value {
                        Node::List(values) => values.iter().any(&mut is_one),
                        value => is_one(value),
                    })
            }
            _ => false,
        }
    }

    fn is_candidate(&mut self, object: &Object) -> bool {
        self.is_session(object) || self.holds_levels(object)
    }
}

/// Whether an object has a title and what only sessions have.
fn has_shape_of_session(object: &Object) -> bool {
    let mut has = [false; 7];
    let mut is_only_named = true;
    for (key, value) in object.iter() {
        if matches!(value, Node::Null) || value.as_str().is_some_and(str::is_empty) {
            continue;
        }
        match key.meaning {
            Some(Meaning::Title) => {
                has[0] |= has_text(value);
                is_only_named &= key.folded == "name";
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
fn is_untitled(object: &Object) -> bool {
    let has =
        |wanted: &[Meaning]| object.iter().any(|(key, _)| key.meaning.is_some_and(|found| wanted.contains(&found)));
    let mut titles = object.iter().filter(|(key, _)| key.meaning == Some(Meaning::Title));
    has(&[Meaning::Title])
        && titles.all(|(key, value)| key.folded != "name" && !has_text(value))
        && object.of_meaning(Meaning::Start).any(has_text)
        && has(&[Meaning::Speakers, Meaning::SpeakerName, Meaning::Duration, Meaning::Abstract])
}

fn is_person(object: &Object) -> bool {
    let has = |wanted: &[Meaning]| {
        object.iter().any(|(key, value)| key.meaning.is_some_and(|found| wanted.contains(&found)) && has_text(value))
    };
    object.any_of(&["name", "publicname", "fullname", "displayname", "firstname"]).is_some()
        && has(&[Meaning::Bio, Meaning::Tagline, Meaning::FirstName, Meaning::LastName, Meaning::Affiliation])
        && !has(&[Meaning::Start])
}

struct Finder<'r, 't> {
    joins: &'r Joins<'t>,
    shapes: Shapes,
    sessions: Sessions,
    /// Sessions by id and title: some schedules list them twice, by room and by time.
    seen: HashMap<(String, String), Vec<usize>>,
}

impl Finder<'_, '_> {
    fn walk(&mut self, value: &Node, name: &str, context: &Context, depth: usize) {
        if depth > LEVELS_MAX {
            return;
        }
        match value {
            Node::List(values) => values.iter().for_each(|value| self.walk(value, name, context, depth + 1)),
            Node::Object(object) if self.shapes.is_session(object) || is_untitled(object) => self.take(object, context),
            Node::Object(object) if object.values().any(Node::is_container) => {
                let context = level(object, name, context);
                for (key, value) in object.iter().filter(|(_, value)| value.is_container()) {
                    let only_tells = key.tells_conference
                        && !value.as_object().is_some_and(|object| self.shapes.holds_levels(object));
                    if !key.lists_people && !only_tells {
                        self.walk(value, &key.folded, &keyed(key, name, &context), depth + 1);
                    }
                }
            }
            _ => {}
        }
    }

    /// A session, once for each time at which it is given.
    fn take(&mut self, object: &Object, context: &Context) {
        let id = object.of_meaning(Meaning::Id).next().and_then(|value| text(value, None));
        let id = id.filter(|id| id.len() <= ID_BYTES_MAX);
        let of_this = self.sessions.entries.len();
        for slot in slots(object) {
            if !self.sessions.has_room() {
                return;
            }
            let mut found = entry(object, slot, context, self.joins);
            found.span = object.span().unwrap_or_default();
            let entries = &mut self.sessions.entries;
            let mut unnamed: Vec<usize> = (of_this..entries.len()).collect();
            let before = match &id {
                Some(id) => self.seen.entry((id.to_string(), found.title.clone())).or_default(),
                None => &mut unnamed,
            };
            let is_same = |at: &&usize| {
                let before = &entries[**at];
                before.start.zip(found.start).is_none_or(|(one, other)| one == other)
                    && before.day.zip(found.day).is_none_or(|(one, other)| one == other)
            };
            // At another time, it is given again.
            if let Some(at) = before.iter().find(is_same).copied() {
                entries[at].room = entries[at].room.take().or(found.room);
                entries[at].start = entries[at].start.or(found.start);
            } else {
                before.push(entries.len());
                before.truncate(SLOTS_MAX);
                self.sessions.push(found);
            }
        }
    }
}

/// About what a session takes in memory until it is written.
fn weight(entry: &Entry) -> usize {
    const ENTRY_BYTES: usize = 1 << 10;
    let people = entry.people.iter().map(|person| 200 + person.bio.as_ref().map_or(0, String::len));
    let texts = entry.texts.iter().chain(&entry.tags).chain(&entry.videos).chain(&entry.slides).map(String::len);
    ENTRY_BYTES + entry.title.len() + people.sum::<usize>() + texts.sum::<usize>() + 100 * entry.extra.len()
}

/// What an object that holds sessions says of them.
fn level(object: &Object, name: &str, context: &Context) -> Context {
    let mut context = context.clone();
    let get = |meaning: Meaning| {
        let mut values = object.of_meaning(meaning).filter(|value| value.as_list().is_none());
        values.find_map(|value| text(value, None))
    };
    let lined = |meaning: Meaning| get(meaning).map(|text| line(&text));
    let label = lined(Meaning::Title).or_else(|| Some(line(&text(object.get("@name")?, None)?)));
    match name {
        "room" | "rooms" | "stage" | "stages" | "location" | "locations" => context.room = label.or(context.room),
        "track" | "tracks" => context.track = label.or(context.track),
        "session" | "sessions" | "block" | "blocks" | "group" | "groups"
            if context.day.is_some() || get(Meaning::Start).is_some() =>
        {
            context.session = label.or(context.session);
            context.room = lined(Meaning::Room).or(context.room);
            context.track = lined(Meaning::Track).or(context.track);
        }
        _ => {}
    }
    let day = get(Meaning::Day).or_else(|| get(Meaning::Start).filter(|_| matches!(name, "" | "day" | "days")));
    let moment = day.and_then(|text| times::moment(&text, context.time_zone.as_deref()));
    context.day = moment.and_then(|moment| moment.day).or(context.day);
    context
}

/// What the key of a map says: `"2025-11-01": …` a day, and below `rooms` the name of one.
fn keyed<'c>(key: &Key, above: &str, context: &'c Context) -> Cow<'c, Context> {
    let mut keyed = Cow::Borrowed(context);
    if let Ok(day) = key.name.parse() {
        keyed.to_mut().day = Some(day);
    } else if matches!(above, "rooms" | "stages" | "locations") && !key.is_level {
        keyed.to_mut().room = Some(line(&key.name));
    } else if above == "tracks" && !key.is_level {
        keyed.to_mut().track = Some(line(&key.name));
    }
    keyed
}

/// The slots of a session whose times and rooms are in objects of their own; none for one that has them itself.
fn slots<'t>(object: &'t Object<'t>) -> Vec<Option<&'t Object<'t>>> {
    let found = object.any_of(&["slots", "slot", "timeslot", "schedule", "occurrences"]);
    let slots = match found {
        Some(Node::List(values)) => values.iter().take(SLOTS_MAX).filter_map(Node::as_object).map(Some).collect(),
        Some(Node::Object(slot)) => vec![Some(slot)],
        _ => Vec::new(),
    };
    if slots.is_empty() { vec![None] } else { slots }
}

/// The people of a file that lists nobody's sessions.
fn people_alone(root: &Node, joins: &Joins) -> Vec<(Person, (usize, usize))> {
    let mut out = Vec::new();
    each_person(root, 0, &mut |object| {
        if out.len() < ENTRIES_MAX {
            let found = crowd::of_object(object, joins).into_iter().filter(|person| person.bio.is_some());
            out.extend(found.map(|person| (person, object.span().unwrap_or_default())));
        }
    });
    out
}

/// Talks that are only listed with their speakers: `{"fullName": …, "sessions": [{"id": 1, "name": …}]}`.
fn talks_of_people(root: &Node, joins: &Joins) -> Vec<Entry> {
    let mut out: Vec<Entry> = Vec::new();
    let mut seen: HashMap<String, usize> = HashMap::new();
    each_person(root, 0, &mut |object| {
        let sessions = object.any_of(&["sessions", "talks", "submissions"]).and_then(Node::as_list).unwrap_or_default();
        let titled = sessions.iter().filter_map(Node::as_object).filter_map(|session| Some((session, label(session)?)));
        let mut people = None;
        let named =
            || crowd::of_object(object, joins).into_iter().map(|person| Person { bio: None, ..person }).collect();
        for (session, title) in titled {
            let id = session.get("id").and_then(|id| text(id, None)).map_or_else(|| title.clone(), Cow::into_owned);
            let people: &Vec<Person> = people.get_or_insert_with(named);
            if let Some(at) = seen.get(&id) {
                let n_free = PEOPLE_MAX.saturating_sub(out[*at].people.len());
                out[*at].people.extend(people.iter().take(n_free).cloned());
            } else if out.len() < ENTRIES_MAX {
                seen.insert(id, out.len());
                out.push(Entry {
                    title,
                    people: people.clone(),
                    span: session.span().unwrap_or_default(),
                    ..Entry::default()
                });
            }
        }
    });
    out
}

fn each_person<'t>(value: &'t Node<'t>, depth: usize, each: &mut dyn FnMut(&'t Object<'t>)) {
    match value {
        _ if depth > DEPTH_MAX => {}
        Node::List(values) => values.iter().for_each(|value| each_person(value, depth + 1, each)),
        Node::Object(object) if is_person(object) => each(object),
        Node::Object(object) => object.values().for_each(|value| each_person(value, depth + 1, each)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A long biography under each of many talks would be as many copies of it.
    #[test]
    fn what_is_made_of_sessions_has_an_end() {
        let mut sessions = Sessions::default();
        let long = "x".repeat(FOUND_BYTES_MAX / 2);
        let mut n_taken = 0;
        for _ in 0..5 {
            if sessions.has_room() {
                sessions.push(Entry { texts: vec![long.clone()], ..Entry::default() });
                n_taken += 1;
            }
        }
        let (entries, problems) = sessions.end();
        assert_eq!((entries.len(), n_taken), (2, 2));
        assert!(problems[0].message.starts_with("3 sessions are left out"), "{problems:?}");
    }
}
