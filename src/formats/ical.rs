//! iCalendar: each event is read for itself, so that a broken one costs no other.

use std::rc::Rc;

use icalendar::parser::{Component, Property, read_components, unfold};

use super::{
    Draft, Input,
    schedule::{
        self, Context, Entry,
        find::{Found, Sessions},
        keys::{Key, Keys},
        links::is_url,
        object::{Joins, entry},
        times,
        tree::{Node, Object},
    },
};
use crate::{
    error::Problem,
    source::{Line, each_line},
};

/// What a calendar's properties are called among the keys of schedules.
const KEYS: &[(&str, &str)] = &[
    ("SUMMARY", "title"),
    ("DESCRIPTION", "description"),
    ("LOCATION", "room"),
    ("CATEGORIES", "tags"),
    ("URL", "url"),
    ("UID", "id"),
    ("DTSTART", "start"),
    ("DTEND", "end"),
    ("DURATION", "duration"),
    ("X-TRACK", "track"),
    ("X-TYPE", "type"),
    ("X-LANGUAGE", "language"),
];
/// Events of real calendars stay under 20 KB.
const EVENT_BYTES_MAX: usize = 1 << 20;
/// What a calendar says of itself stands in its first lines.
const HEAD_LINES_MAX: usize = 1_000;
/// Problems of single events that are told.
const PROBLEMS_MAX: usize = 20;

pub(super) fn recognise(input: &Input) -> bool {
    let head = input.text.trim_start_matches('\u{feff}').trim_start();
    head.get(.."BEGIN:VCALENDAR".len()).is_some_and(|head| head.eq_ignore_ascii_case("BEGIN:VCALENDAR"))
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let context = calendar(each_line(input.text).take(HEAD_LINES_MAX));
    let joins = Joins::default();
    let mut sessions = Sessions::default();
    let mut keys = Keys::default();
    let mut n_problems = 0;
    for (line, end) in events(each_line(input.text)) {
        if !sessions.has_room() {
            continue;
        }
        let text = &input.text[line.start..end];
        let mut problem = |message: &str| {
            n_problems += 1;
            let problem = Problem::new("", Some(line.number), message, "the other events are read");
            draft.problems.extend((n_problems <= PROBLEMS_MAX).then_some(problem));
        };
        if text.len() > EVENT_BYTES_MAX {
            problem("the event is longer than 1 MB");
            continue;
        }
        let unfolded = unfold(&format!("{}\r\n", text.replace("\r\n", "\n").replace('\n', "\r\n")));
        let components = read_components(&unfolded).ok();
        match components.as_ref().and_then(|found| found.first()) {
            Some(event) => {
                let mut found = read(event, &context, &joins, &mut keys);
                found.span = (line.start, end);
                sessions.push(found);
            }
            None => problem("the event can't be read"),
        }
    }
    if n_problems > PROBLEMS_MAX {
        let message = format!("so it is with {} more events", n_problems - PROBLEMS_MAX);
        draft.problems.push(Problem::new("", None, message, "the other events are read"));
    }
    let (entries, problems) = sessions.end();
    draft.problems.extend(problems.into_iter().chain(joins.problem()));
    if entries.is_empty() && draft.problems.is_empty() {
        return Draft { is_page: true, ..draft };
    }
    schedule::draft(input, Found { context, entries, ..Found::default() }, &mut draft);
    draft
}

/// The lines where events begin, and the bytes where they end.
fn events<'a>(lines: impl Iterator<Item = Line<'a>>) -> impl Iterator<Item = (Line<'a>, usize)> {
    let is = |line: &Line, text: &str| line.text.trim_end().eq_ignore_ascii_case(text);
    let mut begin = None;
    lines.filter_map(move |line| {
        if is(&line, "BEGIN:VEVENT") {
            begin = Some(line);
        } else if is(&line, "END:VEVENT") {
            return begin.take().map(|first| (first, line.end));
        }
        None
    })
}

/// What the calendar says of itself, before its first event.
fn calendar<'a>(lines: impl Iterator<Item = Line<'a>>) -> Context {
    let head = lines.take_while(|line| !line.text.trim_end().eq_ignore_ascii_case("BEGIN:VEVENT"));
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

fn read(event: &Component, context: &Context, joins: &Joins, keys: &mut Keys) -> Entry {
    let named = |name: &str| {
        let mut properties = event.properties.iter();
        properties.rfind(|property| property.name.as_str().eq_ignore_ascii_case(name))
    };
    let zone_of = |property: &Property| {
        let given = property.params.iter().find(|param| param.key.as_str().eq_ignore_ascii_case("TZID"));
        given.and_then(|param| param.val.as_ref()).map(|zone| zone.as_str().trim_matches('"').to_owned())
    };
    let mut members: Vec<(Rc<Key>, Node)> = Vec::new();
    let mut add = |key: &str, text: String| members.push((keys.get(key).0, Node::Text(text.into())));
    for (name, key) in KEYS {
        let Some(property) = named(name) else { continue };
        match *key {
            "description" => {
                let text = text(property);
                let (text, url) = without_tail(&text);
                add(key, text.to_owned());
                if let Some(url) = url.filter(|_| named("URL").is_none()) {
                    add("url", url.to_owned());
                }
            }
            key => add(key, text(property)),
        }
        if let Some(zone) = zone_of(property) {
            add("timezone", zone);
        }
    }
    let mut found = entry(&Object::of(members), None, context, joins);
    let status = named("STATUS").map(text).filter(|status| status.eq_ignore_ascii_case("CANCELLED"));
    found.state = status.map(|_| "cancelled".to_owned());
    // A whole day is no time.
    if let Some(start) = named("DTSTART").map(text).filter(|start| start.len() == 8) {
        found.day = times::moment(&start, None).and_then(|moment| moment.day);
        (found.start, found.end) = (None, None);
    }
    found
}

fn text(property: &Property) -> String {
    property.val.clone().unescape_text().as_str().to_owned()
}

/// "Link: https://…" at the end of a description is the event's address.
fn without_tail(text: &str) -> (&str, Option<&str>) {
    let trimmed = text.trim_end();
    let (before, last) = trimmed.rsplit_once('\n').unwrap_or(("", trimmed));
    let url = ["Link:", "URL:", "More info:", "Details:"]
        .iter()
        .find_map(|label| last.trim().strip_prefix(label))
        .map(str::trim);
    url.filter(|url| is_url(url)).map_or((text, None), |url| (before.trim_end(), Some(url)))
}
