//! What stands beside a list of talks: the event, its series, and the grid of its days.

use jiff::civil::Date;
use serde_json::{Map, Value};

use crate::formats::{
    archive::text,
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
