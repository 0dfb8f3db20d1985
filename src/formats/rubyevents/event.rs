//! What stands beside a list of talks: the event, its series, and the grid of its days.

use std::{collections::HashMap, sync::Arc};

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::{
    formats::{
        archive::{key, text},
        schedule::{
            keys::{self, Meaning},
            people, prose, times,
        },
        yaml::tree,
    },
    record::{Kind, Record, Speaker},
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

/// People by the keys of what they are called: names, other names, slugs.
pub(super) struct People(HashMap<String, Arc<Known>>);

/// A person as the list of people has them.
pub(super) struct Known {
    pub speaker: Speaker,
    /// The id of the record that the list itself gives for what it says of them.
    pub bio: Option<String>,
}

impl People {
    /// The person who is called so.
    pub(super) fn get(&self, called: &str) -> Option<&Known> {
        self.0.get(&key(called)).map(|known| &**known)
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

pub(super) fn all_people(source: &str) -> Option<People> {
    let root = tree::read(source).ok()?;
    let list =
        root.as_array().or_else(|| ["speakers", "people"].iter().find_map(|name| root.get(*name)?.as_array()))?;
    let people: Vec<(Arc<Known>, &Map<String, Value>)> = list
        .iter()
        .filter_map(Value::as_object)
        .filter_map(|person| Some((Arc::new(known(person)?), person)))
        .collect();
    let mut called: HashMap<String, Option<Arc<Known>>> = HashMap::new();
    for (known, person) in &people {
        let aliases = person.get("aliases").and_then(Value::as_array).into_iter().flatten();
        let aliases = aliases.flat_map(|alias| match alias {
            Value::Object(alias) => [text(alias, "name"), text(alias, "slug")],
            alias => [alias.as_str(), None],
        });
        for other in aliases.flatten().chain(text(person, "slug")) {
            let found = called.entry(key(other)).or_insert_with(|| Some(known.clone()));
            // What two people are called tells neither.
            if found.as_ref().is_some_and(|found| !Arc::ptr_eq(found, known)) {
                *found = None;
            }
        }
    }
    // Whoever is called so by name is meant, and in the same letters.
    called.extend(people.into_iter().map(|(known, _)| (key(&known.speaker.name), Some(known))));
    Some(People(called.into_iter().filter_map(|(called, known)| Some((called, known?))).collect()))
}

fn known(person: &Map<String, Value>) -> Option<Known> {
    let of = |wanted: Meaning| {
        let found = person.iter().find(|(key, _)| keys::meaning(key) == Some(wanted));
        found.and_then(|(key, _)| text(person, key)).map(prose::line)
    };
    let speaker = people::one(text(person, "name")?, of(Meaning::Affiliation).as_deref())?;
    let bio = Record {
        kind: Kind::Bio,
        title: Some(speaker.name.clone()),
        speakers: vec![speaker.clone()],
        ..Record::default()
    };
    Some(Known { speaker, bio: of(Meaning::Bio).map(|_| bio.computed_id()) })
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
