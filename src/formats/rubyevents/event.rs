//! What stands beside a list of talks: the event, its series, and the grid of its days.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::formats::{
    archive::{key, text},
    schedule::{prose, times},
    yaml::tree,
};

/// An event as `event.yml` has it.
#[derive(Default)]
pub(super) struct Event {
    pub title: Option<String>,
    pub year: Option<u16>,
    pub time_zone: Option<String>,
    /// It goes on for years, and has a talk now and then.
    pub is_meetup: bool,
}

/// A series as `series.yml` has it.
pub(super) struct Series {
    pub name: Option<String>,
    pub language: Option<String>,
}

/// The days of `schedule.yml`, each with the times of its slots for talks, in their order.
pub(super) struct Days(pub Vec<(Date, Vec<Times>)>);

/// When a talk begins and ends, as it is shown.
pub(super) type Times = (String, Option<String>);

/// What the file that lists people is called.
pub(super) const PEOPLE: &str = "speakers.yml";

/// What people are called, by the keys of what else they are called: other names, slugs.
pub(super) struct People(HashMap<String, String>);

impl People {
    /// The name of the person who is called so.
    pub(super) fn name(&self, called: &str) -> Option<&str> {
        self.0.get(&key(called)).map(String::as_str)
    }
}

/// Talks that a grid may have at one time.
const SLOTS_MAX: u64 = 100;

fn object(source: &str) -> Option<Map<String, Value>> {
    match tree::read(source).ok()? {
        Value::Object(object) => Some(object),
        _ => None,
    }
}

pub(super) fn event(source: &str) -> Option<Event> {
    let object = object(source)?;
    let of_date =
        |key: &str| times::moment(text(&object, key)?, None)?.day.and_then(|day| u16::try_from(day.year()).ok());
    let year = object.get("year").and_then(Value::as_u64).and_then(|year| u16::try_from(year).ok());
    Some(Event {
        title: text(&object, "title").or_else(|| text(&object, "name")).map(prose::line),
        year: year.or_else(|| of_date("start_date")).or_else(|| of_date("end_date")),
        time_zone: text(&object, "timezone").map(str::to_owned),
        is_meetup: text(&object, "kind") == Some("meetup"),
    })
}

pub(super) fn series(source: &str) -> Option<Series> {
    let object = object(source)?;
    Some(Series {
        name: text(&object, "name").or_else(|| text(&object, "title")).map(prose::line),
        language: text(&object, "language").map(str::to_owned),
    })
}

pub(super) fn people(source: &str) -> Option<People> {
    let root = tree::read(source).ok()?;
    let list =
        root.as_array().or_else(|| ["speakers", "people"].iter().find_map(|name| root.get(*name)?.as_array()))?;
    let people: Vec<(&str, &Map<String, Value>)> =
        list.iter().filter_map(Value::as_object).filter_map(|person| Some((text(person, "name")?, person))).collect();
    let mut called: HashMap<String, Option<&str>> = HashMap::new();
    for (name, person) in &people {
        let aliases = person.get("aliases").and_then(Value::as_array).into_iter().flatten();
        let aliases = aliases.flat_map(|alias| match alias {
            Value::Object(alias) => [text(alias, "name"), text(alias, "slug")],
            alias => [alias.as_str(), None],
        });
        for other in aliases.flatten().chain(text(person, "slug")) {
            // What two people are called tells neither.
            let known = called.entry(key(other)).or_insert(Some(name));
            *known = known.filter(|known| known == name);
        }
    }
    // Whoever is called so by name is meant, and in the same letters.
    called.extend(people.iter().map(|(name, _)| (key(name), Some(*name))));
    Some(People(called.into_iter().filter_map(|(called, name)| Some((called, prose::line(name?)))).collect()))
}

pub(super) fn days(source: &str) -> Option<Days> {
    let object = object(source)?;
    let days = object.get("days")?.as_array()?.iter().filter_map(Value::as_object);
    let days = days.filter_map(|day| {
        let date = times::moment(text(day, "date")?, None)?.day?;
        let rows = day.get("grid").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
        let mut slots = Vec::new();
        for row in rows.filter(|row| row.get("items").and_then(Value::as_array).is_none_or(Vec::is_empty)) {
            let time = |key: &str| text(row, key).and_then(times::time).map(times::shown);
            let n = row.get("slots").and_then(Value::as_u64).unwrap_or(1).min(SLOTS_MAX);
            let start = time("start_time")?;
            slots.extend((0..n).map(|_| (start.clone(), time("end_time"))));
        }
        Some((date, slots))
    });
    Some(Days(days.collect()))
}
