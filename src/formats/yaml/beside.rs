//! What stands beside a list of sessions: the people that its ids stand for, when and where its sessions are, and the event.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::{Date, Time};
use serde_json::{Map, Value};

use super::tree;
use crate::{
    formats::{
        Draft, dates, edition,
        schedule::{
            keys::{Meaning, folded, meaning},
            prose, times,
        },
    },
    record::Record,
    text::analyzer,
};

/// An event as the settings of its site have it.
pub(super) struct Event {
    /// What it is called, where that is no place.
    pub title: Option<String>,
    place: Option<String>,
    year: Option<u16>,
    zone: Option<String>,
    /// The dates of what it calls "Conference Day 1", by the number.
    pub days: BTreeMap<u32, Date>,
}

/// Keys of settings that say what an event is called, where and when it is, folded; the surest first.
const NAMES: &[&str] = &["conference", "conferencename", "event", "eventname", "title", "name"];
const PLACES: &[&str] = &["city", "location", "localarea", "region", "area", "country", "shortcode", "slug"];
const DAYS: &[&str] = &["startdate", "start", "date", "dates", "datestart", "begin", "enddate"];
const DAY_NAME_BYTES_MAX: usize = 40;
/// Levels of a schedule.
const DEPTH_MAX: usize = 12;

/// Speakers by id, without what they say of themselves: that stands in their own file.
pub(super) struct People(pub Value);

/// When and where sessions are, by their ids.
#[derive(Default)]
pub(super) struct Slots(HashMap<String, Slot>);

#[derive(Clone, Default)]
struct Slot {
    day: Option<Date>,
    /// Of which day of the event, where the schedule says no more.
    number: Option<u32>,
    start: Option<Time>,
    end: Option<Time>,
    room: Option<String>,
}

pub(super) fn people(source: &str) -> Option<People> {
    let mut root = tree::read(source).ok()?;
    super::prepare(&mut root, 0);
    let list = match &mut root {
        Value::Array(list) => list,
        Value::Object(object) => object.values_mut().find_map(Value::as_array_mut)?,
        _ => return None,
    };
    for person in list.iter_mut().filter_map(Value::as_object_mut) {
        person.retain(|key, _| {
            key != tree::SPAN && !matches!(meaning(key), Some(Meaning::Bio | Meaning::Abstract | Meaning::Description))
        });
    }
    Some(People(Value::Array(std::mem::take(list))))
}

/// Whether a text is a list.
pub(super) fn is_list(source: &str) -> Option<()> {
    tree::read(source).ok()?.is_array().then_some(())
}

/// The title of a site.
pub(super) fn title(source: &str) -> Option<String> {
    tree::read(source).ok()?.get("title")?.as_str().map(prose::line).filter(|title| !title.is_empty())
}

/// The event whose settings a text is: at least its name and its year.
pub(super) fn event(source: &str) -> Option<Event> {
    let root = tree::read(source).ok()?;
    let root_object = root.as_object()?;
    // Settings of a whole site have those of the event under a key.
    let inner = root_object.iter().find(|(key, _)| NAMES.contains(&folded(key).as_str()));
    let inner = inner.and_then(|(_, value)| value.as_object());
    let mut event = [Some(root_object), inner].into_iter().flatten().find_map(of_settings)?;
    if let Some(year) = event.year {
        days(&root, year, 0, &mut event.days);
    }
    Some(event)
}

/// Days that have a name with a number, "Conference Day 2", and a date beside it.
fn days(value: &Value, year: u16, depth: usize, out: &mut BTreeMap<u32, Date>) {
    match value {
        Value::Object(object) if depth <= DEPTH_MAX => {
            let date =
                object.iter().find(|(key, _)| meaning(key) == Some(Meaning::Day)).and_then(|(_, value)| id(value));
            let date = date.and_then(|text| dates::date(&text).or_else(|| dates::date(&format!("{text}, {year}"))));
            let number = object.values().filter_map(Value::as_str).find_map(number_of_day);
            if let Some((number, date)) = number.zip(date) {
                out.entry(number).or_insert(date);
            }
            object.values().for_each(|value| days(value, year, depth + 1, out));
        }
        Value::Array(values) if depth <= DEPTH_MAX => values.iter().for_each(|value| days(value, year, depth + 1, out)),
        _ => {}
    }
}

/// The number of a day that a short text ends with: "Conference Day 1", `talks_day1`.
fn number_of_day(text: &str) -> Option<u32> {
    let text = text.trim().to_lowercase();
    let name = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let is_day = text.len() <= DAY_NAME_BYTES_MAX && name.trim_end_matches(['_', '-', ' ']).ends_with("day");
    text[name.len()..].parse().ok().filter(|_| is_day)
}

fn of_settings(object: &Map<String, Value>) -> Option<Event> {
    let text = |wanted: &str| {
        let found = object.iter().find(|(key, _)| folded(key) == wanted)?.1;
        id(found).map(|text| prose::line(&text)).filter(|text| !text.is_empty())
    };
    let name = NAMES.iter().find_map(|key| text(key))?;
    let days = || {
        let is_day = |key: &str| DAYS.contains(&folded(key).as_str());
        let mut texts = object.iter().filter(|(key, _)| is_day(key)).flat_map(|(_, value)| match value {
            Value::Object(inner) => inner.values().filter_map(id).collect(),
            value => id(value).into_iter().collect::<Vec<_>>(),
        });
        texts.find_map(|text| edition::year_in(&text))
    };
    let year =
        text("year").and_then(|year| edition::year_in(&year)).or_else(|| edition::year_in(&name)).or_else(days)?;
    let places: Vec<String> = PLACES.iter().filter_map(|key| text(key)).collect();
    let same = |place: &String| analyzer::folded(place) == analyzer::folded(&name);
    let is_place = places.iter().any(same);
    let titled = || if edition::year_in(&name).is_some() { name.clone() } else { format!("{name} {year}") };
    Some(Event {
        title: (!is_place).then(titled),
        place: is_place.then(|| name.clone()).or_else(|| text("city")),
        year: Some(year),
        days: BTreeMap::new(),
        zone: ["timezone", "tz"].iter().find_map(|key| text(key)),
    })
}

impl Event {
    /// Gives records whose series is known, but not its year, the edition of the event.
    pub(super) fn complete(&self, draft: &mut Draft) {
        for record in draft.records.iter_mut().map(|draft| &mut draft.record) {
            let is_open = record.year.is_none()
                || (record.year == self.year && record.inferred.contains_key("edition") && !names_place(record));
            if let (Some(series), true, Some(year)) = (&record.series, is_open, self.year) {
                let place = self.place.as_deref();
                let edition = place.map(|place| edition::at(series, place, Some(year)));
                let edition = edition.unwrap_or_else(|| edition::with_qualifier(series, None, Some(year)));
                record.set_edition(&edition);
                record.inferred.insert("year".to_owned(), "settings of the event".to_owned());
            }
            if record.start.is_some() {
                record.time_zone = record.time_zone.take().or_else(|| self.zone.clone());
            }
        }
    }
}

/// Whether a record's edition has more to it than series and year.
fn names_place(record: &Record) -> bool {
    let bare = record.series.as_ref().map(|series| edition::with_qualifier(series, None, record.year).edition);
    record.edition != bare
}

pub(super) fn slots(source: &str) -> Option<Slots> {
    let mut root = tree::read(source).ok()?;
    in_24_hours(&mut root, 0);
    let mut slots = Slots::default();
    slots.walk(&root, &Slot::default(), &[], 0);
    Some(slots)
}

/// "12:45", "1:45", "2:15" of one list: the clock went past noon, and the schedule does not say so.
fn in_24_hours(value: &mut Value, depth: usize) {
    if depth > DEPTH_MAX {
        return;
    }
    if let Value::Array(rows) = value {
        let starts: Vec<_> = rows.iter_mut().filter_map(Value::as_object_mut).filter_map(bare_start).collect();
        let clock: Vec<Time> = starts.iter().map(|(_, time)| *time).collect();
        let noon = noon(&clock).unwrap_or(clock.len());
        for (value, time) in starts.into_iter().skip(noon).filter(|(_, time)| time.hour() < 12) {
            *value = Value::String(times::shown(time.wrapping_add(jiff::Span::new().hours(12))));
        }
    }
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| in_24_hours(value, depth + 1)),
        Value::Object(object) => object.values_mut().for_each(|value| in_24_hours(value, depth + 1)),
        _ => {}
    }
}

/// When a row begins, where it does not say of which half of the day that is.
fn bare_start(row: &mut Map<String, Value>) -> Option<(&mut Value, Time)> {
    let (_, value) = row.iter_mut().find(|(key, _)| meaning(key) == Some(Meaning::Start))?;
    let text = value.as_str().filter(|text| text.bytes().all(|byte| byte.is_ascii_digit() || byte == b':'))?;
    let time = times::time(text)?;
    Some((value, time))
}

/// Which of the times of a day comes first after noon, where they go on after twelve from one.
fn noon(clock: &[Time]) -> Option<usize> {
    let falls = |pair: &[Time]| pair[1] < pair[0];
    let at = clock.windows(2).position(falls)?;
    let is_noon = (8..=12).contains(&clock[at].hour()) && (1..=7).contains(&clock[at + 1].hour());
    let is_once = !clock[at + 1..].windows(2).any(falls) && clock.iter().all(|time| time.hour() <= 12);
    (is_noon && is_once).then_some(at + 1)
}

impl Slots {
    fn walk(&mut self, value: &Value, around: &Slot, rooms: &[String], depth: usize) {
        match value {
            Value::Array(rows) if depth <= DEPTH_MAX => {
                // A row without a time of its own begins when the one before ends.
                let mut next = None;
                for (index, row) in rows.iter().enumerate() {
                    match row {
                        Value::Object(object) => next = self.row(object, around, next, rooms, depth),
                        Value::Array(_) => {
                            let room = rooms.get(index).filter(|_| rows.len() == rooms.len()).cloned();
                            self.walk(
                                row,
                                &Slot { room: room.or(around.room.clone()), ..around.clone() },
                                rooms,
                                depth + 1,
                            );
                        }
                        id => self.put(id, around),
                    }
                }
            }
            Value::Object(object) if depth <= DEPTH_MAX => _ = self.row(object, around, None, rooms, depth),
            _ => {}
        }
    }

    /// A day, a time, a session; gives when it ends.
    fn row(
        &mut self,
        object: &Map<String, Value>,
        around: &Slot,
        next: Option<Time>,
        rooms: &[String],
        depth: usize,
    ) -> Option<Time> {
        let get = |wanted: Meaning| {
            let found = object
                .iter()
                .find(|(key, value)| meaning(key) == Some(wanted) && !value.is_object() && !value.is_array());
            found.and_then(|(_, value)| id(value))
        };
        let moment = |wanted: Meaning| times::moment(&get(wanted)?, None);
        let (day, start) = (moment(Meaning::Day).and_then(|moment| moment.day), moment(Meaning::Start));
        // What takes no time is a remark between two sessions.
        let is_nothing = |text: &str| text.contains('0') && text.chars().all(|c| c == '0' || c == ':');
        let minutes =
            get(Meaning::Duration).and_then(|text| if is_nothing(&text) { Some(0) } else { times::minutes(&text) });
        let start_time = start.as_ref().and_then(|moment| moment.time).or(next);
        let lasting =
            start_time.zip(minutes).map(|(start, minutes)| start.wrapping_add(jiff::Span::new().minutes(minutes)));
        let end = moment(Meaning::End).and_then(|moment| moment.time).or(lasting);
        let slot = Slot {
            day: day.or_else(|| start?.day).or(around.day),
            number: around.number,
            start: start_time.or(around.start),
            end: end.or(around.end),
            room: get(Meaning::Room).map(|room| prose::line(&room)).or(around.room.clone()),
        };
        let named = |value: &Value| value.get("title").or(value.get("name")).unwrap_or(value).as_str().map(prose::line);
        let own: Vec<String> = object
            .iter()
            .filter(|(key, _)| matches!(folded(key).as_str(), "tracks" | "rooms" | "stages"))
            .filter_map(|(_, value)| value.as_array())
            .flat_map(|list| list.iter().filter_map(named))
            .collect();
        let rooms = if own.is_empty() { rooms } else { &own };
        for (key, value) in object {
            match folded(key).as_str() {
                "slug" | "id" | "sessionid" | "talk" | "talkid" => self.put(value, &slot),
                "tracks" | "rooms" | "stages" => {}
                _ if value.is_array() || value.is_object() => {
                    let number = number_of_day(key).or(slot.number);
                    self.walk(value, &Slot { number, ..slot.clone() }, rooms, depth + 1);
                }
                _ => {}
            }
        }
        end
    }

    fn put(&mut self, value: &Value, slot: &Slot) {
        if let Some(id) = id(value).filter(|_| slot.start.is_some()) {
            self.0.entry(id).or_insert_with(|| slot.clone());
        }
    }

    /// Gives sessions whose ids are known what they don't say themselves.
    pub(super) fn fill(&self, root: &mut Value, days: &BTreeMap<u32, Date>) {
        match root {
            Value::Array(values) => values.iter_mut().for_each(|value| self.fill(value, days)),
            Value::Object(object) => {
                let mut ids = ["slug", "id", "Slug", "Id"].iter().filter_map(|key| id(object.get(*key)?));
                let found = ids.find_map(|id| self.0.get(&id)).cloned();
                let has = |wanted: Meaning| object.keys().any(|key| meaning(key) == Some(wanted));
                if let Some(slot) = found.filter(|_| has(Meaning::Title) && !has(Meaning::Start)) {
                    let room = slot.room.filter(|_| !has(Meaning::Room));
                    let day = slot.day.or_else(|| days.get(&slot.number?).copied());
                    let new = [
                        ("date", day.map(|day| day.to_string())),
                        ("start", slot.start.map(times::shown)),
                        ("end", slot.end.map(times::shown)),
                        ("room", room),
                    ];
                    for (key, value) in new {
                        object.extend(value.map(|value| (key.to_owned(), Value::String(value))));
                    }
                }
                object
                    .values_mut()
                    .filter(|value| value.is_array() || value.is_object())
                    .for_each(|value| self.fill(value, days));
            }
            _ => {}
        }
    }
}

fn id(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
