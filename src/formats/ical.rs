//! iCalendar: each event is read for itself, so that a broken one costs no other.

use icalendar::parser::{Component, Property, read_components, unfold};
use serde_json::{Map, Value, json};

use super::{
    Draft, Input,
    schedule::{
        self, Context, Entry,
        find::Found,
        object::{Joins, entry, is_url},
        times,
    },
};
use crate::{
    error::Problem,
    source::{Line, lines},
};

/// What a calendar's properties are called among the keys of schedules.
const KEYS: &[(&str, &str)] = &[
    ("SUMMARY", "title"),
    ("DESCRIPTION", "description"),
    ("LOCATION", "room"),
    ("CATEGORIES", "tags"),
    ("URL", "url"),
    ("UID", "id"),
    ("DURATION", "duration"),
    ("X-TRACK", "track"),
    ("X-TYPE", "type"),
    ("X-LANGUAGE", "language"),
];
const EVENT_BYTES_MAX: usize = 1 << 20;

pub(super) fn recognise(input: &Input) -> bool {
    let head = input.text.trim_start_matches('\u{feff}').trim_start();
    head.get(.."BEGIN:VCALENDAR".len()).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let all = lines(input.text);
    let context = calendar(&all);
    let mut entries = Vec::new();
    for (first, last) in events(&all) {
        let (start, end) = (all[first].start, all[last].end);
        let text = &input.text[start..end];
        let problem = |message: &str| Problem::new("", Some(all[first].number), message, "the other events are read");
        if text.len() > EVENT_BYTES_MAX {
            draft.problems.push(problem("the event is longer than 1 MB"));
            continue;
        }
        let unfolded = unfold(&format!("{}\r\n", text.replace("\r\n", "\n").replace('\n', "\r\n")));
        match read_components(&unfolded).ok().and_then(|found| found.first().map(|event| read(event, &context))) {
            Some(mut found) => {
                found.span = (start, end);
                entries.push(found);
            }
            None => draft.problems.push(problem("the event can't be read")),
        }
    }
    if entries.is_empty() && draft.problems.is_empty() {
        return Draft { is_page: true, ..draft };
    }
    schedule::draft(input, Found { context, entries, ..Found::default() }, &mut draft);
    draft
}

/// The lines where events begin and end.
fn events(lines: &[Line]) -> Vec<(usize, usize)> {
    let is = |line: &Line, text: &str| line.text.trim_end().eq_ignore_ascii_case(text);
    let mut out = Vec::new();
    let mut begin = None;
    for (at, line) in lines.iter().enumerate() {
        if is(line, "BEGIN:VEVENT") {
            begin = Some(at);
        } else if is(line, "END:VEVENT")
            && let Some(first) = begin.take()
        {
            out.push((first, at));
        }
    }
    out
}

/// What the calendar says of itself, before its first event.
fn calendar(lines: &[Line]) -> Context {
    let head = lines.iter().take_while(|line| !line.text.trim_end().eq_ignore_ascii_case("BEGIN:VEVENT"));
    let mut context = Context::default();
    for line in head {
        let Some((name, value)) = line.text.split_once(':') else { continue };
        let value = || Some(value.trim().replace("\\,", ",").replace("\\;", ";")).filter(|value| !value.is_empty());
        match name.split(';').next().unwrap_or_default().to_ascii_uppercase().as_str() {
            "X-WR-CALNAME" | "NAME" => context.conference = value().map(|name| without_schedule(&name)),
            "X-WR-TIMEZONE" | "TIMEZONE-ID" => context.time_zone = value(),
            _ => {}
        }
    }
    context
}

/// "FooConf 2016 Schedule" as "FooConf 2016".
fn without_schedule(name: &str) -> String {
    let lower = name.to_lowercase();
    let end = [" schedule", " program", " programme", " agenda", " timetable", " calendar", " fahrplan"]
        .iter()
        .find(|end| lower.ends_with(**end) && name.is_char_boundary(name.len() - end.len()));
    end.map_or(name, |end| &name[..name.len() - end.len()]).trim().to_owned()
}

fn read(event: &Component, context: &Context) -> Entry {
    let mut object = Map::new();
    for property in &event.properties {
        let known = KEYS.iter().find(|(name, _)| property.name.as_str().eq_ignore_ascii_case(name));
        if let Some((_, key)) = known {
            object.insert((*key).to_owned(), json!(text(property)));
        }
    }
    let zone_of = |property: &Property| {
        let given = property.params.iter().find(|param| param.key.as_str().eq_ignore_ascii_case("TZID"));
        given.and_then(|param| param.val.as_ref()).map(|zone| zone.as_str().trim_matches('"').to_owned())
    };
    for (name, key) in [("DTSTART", "start"), ("DTEND", "end")] {
        if let Some(property) =
            event.properties.iter().find(|property| property.name.as_str().eq_ignore_ascii_case(name))
        {
            object.insert(key.to_owned(), json!(text(property)));
            if let Some(zone) = zone_of(property) {
                object.insert("timezone".to_owned(), json!(zone));
            }
        }
    }
    take_tail(&mut object);
    let mut found = entry(&object, context, &Joins::default());
    let status = event.properties.iter().find(|property| property.name.as_str().eq_ignore_ascii_case("STATUS"));
    found.state =
        status.map(text).filter(|status| status.eq_ignore_ascii_case("CANCELLED")).map(|_| "cancelled".to_owned());
    // A whole day is no time.
    if let Some(start) = object.get("start").and_then(Value::as_str).filter(|start| start.len() == 8) {
        found.day = times::moment(start, None).and_then(|moment| moment.day);
        (found.start, found.end) = (None, None);
    }
    found
}

fn text(property: &Property) -> String {
    property.val.clone().unescape_text().as_str().to_owned()
}

/// "Link: https://…" at the end of a description is the event's address.
fn take_tail(object: &mut Map<String, Value>) {
    let Some(Value::String(text)) = object.get_mut("description") else { return };
    let trimmed = text.trim_end();
    let (before, last) = trimmed.rsplit_once('\n').unwrap_or(("", trimmed));
    let url = ["Link:", "URL:", "More info:", "Details:"]
        .iter()
        .find_map(|label| last.trim().strip_prefix(label))
        .map(str::trim);
    let Some(url) = url.filter(|url| is_url(url)).map(str::to_owned) else { return };
    *text = before.trim_end().to_owned();
    object.entry("url").or_insert(Value::String(url));
}
