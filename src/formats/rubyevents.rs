//! Archives in YAML as rubyevents.org keeps them: a list of talks with their recordings, `videos.yml`, beside `event.yml`
//! and `schedule.yml`, with `series.yml` in the folder above. A talk may hold others, which are told of one recording.

mod event;

use std::sync::Arc;

use jiff::civil::Date;
use serde_json::{Map, Value};

use self::event::{Days, Event, People, Series, Times};
use super::{
    Draft, DraftRecord, Input,
    archive::{self, prose, text},
    evidence::{self, Clues},
    report,
    schedule::{self, LineStarts, links, people, times},
    yaml::tree::{self, SPAN},
};
use crate::{
    error::Problem,
    record::{Edition, Record, Speaker, TalkType},
    text::analyzer::folded,
};

/// Talks within talks within talks are no archive's.
const DEPTH_MAX: usize = 4;
const TALKS_MAX: usize = 100_000;
/// Where lists of people are: of the event, of its series, of all.
const PEOPLE_PLACES: &[&str] = &["", "../", "../../"];
/// Values of `video_provider` that say where a recording is not.
const NO_RECORDINGS: &[&str] = &["not_recorded", "not_published", "scheduled", "children", "parent"];
/// Keys that a field takes, or that say nothing of the talk.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    SPAN, "title", "description", "date", "time", "start_time", "end_time", "track", "kind", "language", "speakers", "slides_url",
    "video_provider", "video_id", "start_cue", "end_cue", "talks", "status", "event_name", "alternative_recordings",
    "additional_resources", "external_player", "external_player_url", "thumbnail_cue", "thumbnail_classes", "thumbnail_xs",
    "thumbnail_sm", "thumbnail_md", "thumbnail_lg", "thumbnail_xl", "announced_at",
];

pub(super) fn recognise(input: &Input) -> bool {
    let is_yaml = report::extension(input.path).is_some_and(|extension| matches!(&*extension, "yml" | "yaml"));
    is_yaml && (is_list(input.text) || is_grid(input.text))
}

/// The talks of an event.
fn is_list(text: &str) -> bool {
    has_keys(text, &["video_provider", "title"])
}

/// The grid of an event, whose rows give the talks beside it their times.
fn is_grid(text: &str) -> bool {
    has_keys(text, &["days", "grid", "slots"])
}

/// Whether lines begin with these keys.
fn has_keys(text: &str, keys: &[&str]) -> bool {
    let begins = |line: &str, key: &str| {
        let line = line.trim_start_matches([' ', '-']).trim_start_matches(['"', '\'']);
        line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches(['"', '\'']).starts_with(':'))
    };
    keys.iter().all(|key| text.lines().any(|line| begins(line, key)))
}

pub(super) fn parse(input: &Input) -> Draft {
    let found = match tree::read_items(input.text) {
        Ok(found) => found,
        Err(problem) => return Draft { problems: vec![problem], ..Draft::default() },
    };
    let mut draft = Draft { problems: found.problems, tolerated: found.tolerated, ..Draft::default() };
    if !is_list(input.text) {
        return Draft { is_page: draft.problems.is_empty(), ..draft };
    }
    let talks = match &found.value {
        Value::Array(talks) => talks,
        // A list may stand under a key of its own.
        Value::Object(object) => match ["talks", "videos"].iter().find_map(|key| object.get(*key)?.as_array()) {
            Some(talks) => talks,
            None => return Draft { is_page: true, ..draft },
        },
        _ => return Draft { is_page: true, ..draft },
    };
    let event = input.beside("event.yml", event::event).unwrap_or_default();
    let series = input.beside("../series.yml", event::series).or_else(|| input.beside("series.yml", event::series));
    let days = input.beside("schedule.yml", event::days);
    let mut reader = Reader {
        input,
        event: &event,
        series: series.as_deref(),
        people: PEOPLE_PLACES
            .iter()
            .filter_map(|up| input.beside(&format!("{up}{}", event::PEOPLE), event::all_people))
            .collect(),
        times: days.map(|days| slots(&days, talks)).unwrap_or_default(),
        lines: LineStarts::of(input.text),
        draft: &mut draft,
    };
    for (index, talk) in talks.iter().enumerate() {
        reader.take(talk, Some(index), None, 0);
    }
    draft
}

/// The times of the talks of a list, by their places in it: those of a day take the day's slots in turn, where there are as
/// many of the one as of the other.
fn slots(days: &Days, talks: &[Value]) -> Vec<Option<Times>> {
    let mut out = vec![None; talks.len()];
    for (day, slots) in &days.0 {
        let of_day = |talk: &Value| talk.as_object().and_then(date) == Some(*day);
        let places: Vec<usize> = talks.iter().enumerate().filter(|(_, talk)| of_day(talk)).map(|(at, _)| at).collect();
        if places.len() == slots.len() {
            places.into_iter().zip(slots).for_each(|(at, slot)| out[at] = Some(slot.clone()));
        }
    }
    out
}

fn date(talk: &Map<String, Value>) -> Option<Date> {
    text(talk, "date").and_then(|text| times::moment(text, None)).and_then(|moment| moment.day)
}

/// The talk that holds others.
struct Parent<'a> {
    title: &'a str,
    day: Option<Date>,
    track: Option<&'a str>,
    language: Option<&'a str>,
    event_name: Option<&'a str>,
    video: Option<String>,
}

struct Reader<'a> {
    input: &'a Input<'a>,
    event: &'a Event,
    series: Option<&'a Series>,
    /// The nearest first.
    people: Vec<Arc<People>>,
    times: Vec<Option<Times>>,
    lines: LineStarts<'a>,
    draft: &'a mut Draft,
}

impl Reader<'_> {
    fn take(&mut self, talk: &Value, index: Option<usize>, parent: Option<&Parent>, depth: usize) {
        let Some(object) = talk.as_object().filter(|_| depth <= DEPTH_MAX && self.draft.records.len() < TALKS_MAX)
        else {
            return;
        };
        let span = self.lines.span(tree::span(object).unwrap_or_default());
        let title = ["title", "raw_title", "original_title"].iter().find_map(|key| text(object, key));
        let Some(title) = title.map(schedule::prose::line).filter(|title| !title.is_empty()) else {
            let message = "the talk has no title";
            self.draft.problems.push(Problem::new("", Some(span.line), message, "give it one, or leave it out"));
            return;
        };
        let mut record = self.record(object, &title, parent);
        if let Some((start, end)) = own_times(object).or_else(|| self.times.get(index?)?.clone()) {
            (record.start, record.end) = (Some(start), end);
            record.time_zone.clone_from(&self.event.time_zone);
        }
        record.source = Some(span);
        let inner = Parent {
            title: &title,
            day: date(object).or_else(|| parent?.day),
            track: text(object, "track").or_else(|| parent?.track),
            language: text(object, "language").or_else(|| parent?.language),
            event_name: text(object, "event_name").or_else(|| parent?.event_name),
            video: recording(object),
        };
        self.draft.records.push(DraftRecord { record, bios: Vec::new() });
        for talk in object.get("talks").and_then(Value::as_array).into_iter().flatten() {
            self.take(talk, None, Some(&inner), depth + 1);
        }
    }

    fn record(&self, object: &Map<String, Value>, title: &str, parent: Option<&Parent>) -> Record {
        let mut record = Record { title: Some(title.to_owned()), ..Record::default() };
        let day = date(object).or_else(|| parent?.day);
        record.date = day.map(|day| day.to_string());
        let event_name = text(object, "event_name").or_else(|| parent?.event_name);
        self.take_edition(&mut record, event_name, day);
        self.take_speakers(&mut record, object);
        let kind = text(object, "kind").map(|kind| kind.replace(['_', '-'], " "));
        let has_talks = object.get("talks").and_then(Value::as_array).is_some_and(|talks| !talks.is_empty());
        // A meeting of which no talks are told.
        let is_event =
            record.speakers.is_empty() && event_name.is_some_and(|name| archive::key(name) == archive::key(title));
        let usual = if has_talks || is_event { TalkType::Other } else { TalkType::Talk };
        record.talk_type = schedule::talk_type(kind.as_deref(), title).or(Some(usual));
        record.track = text(object, "track").or_else(|| parent?.track).map(schedule::prose::line);
        record.session = parent.map(|parent| parent.title.to_owned());
        record.state = text(object, "status").map(str::to_lowercase);
        record.language = text(object, "language").or_else(|| parent?.language).and_then(schedule::language);
        if record.language.is_none()
            && let Some(language) =
                self.series.and_then(|series| series.language.as_deref()).and_then(schedule::language)
        {
            record.language = Some(language);
            record.inferred.insert("language".to_owned(), "series".to_owned());
        }
        let mut said = vec![title];
        said.extend(["raw_title", "original_title"].iter().filter_map(|key| text(object, key)));
        said.extend(record.speakers.iter().map(|speaker| speaker.name.as_str()));
        said.extend(event_name);
        if let Some(source) = text(object, "description") {
            let (source, slides) = prose::without_slides(source);
            record.abstract_text = prose::read(&source, &said);
            record.slides = slides;
        }
        take_addresses(&mut record, object, parent);
        for (key, value) in object.iter().filter(|(key, _)| !TAKEN.contains(&key.as_str())) {
            archive::keep(&mut record.extra, key, value);
        }
        if let Some(name) = event_name.filter(|name| Some(*name) != self.event.title.as_deref()) {
            record.extra.insert("event_name".to_owned(), Value::String(name.to_owned()));
        }
        record
    }

    /// The people of a talk, under the names that the lists of people beside it give them, with the bios that those are; what
    /// the talk calls them is kept.
    fn take_speakers(&self, record: &mut Record, object: &Map<String, Value>) {
        let given = speakers(object);
        for speaker in &given {
            let known = self.people.iter().find_map(|people| people.get(&speaker.name));
            let Some(known) = known else {
                record.speakers.push(speaker.clone());
                continue;
            };
            let affiliation = speaker.affiliation.clone().or_else(|| known.speaker.affiliation.clone());
            record.speakers.push(Speaker { name: known.speaker.name.clone(), affiliation, role: speaker.role });
            record.bios.extend(known.bio.clone());
        }
        record.speakers = once_each(std::mem::take(&mut record.speakers));
        record.bios = schedule::first_each(std::mem::take(&mut record.bios));
        if record.speakers.iter().map(|speaker| &speaker.name).ne(given.iter().map(|speaker| &speaker.name)) {
            record.inferred.insert("speakers".to_owned(), event::PEOPLE.to_owned());
            let names = given.into_iter().map(|speaker| Value::String(speaker.name)).collect();
            record.extra.insert("speakers_given".to_owned(), Value::Array(names));
        }
    }

    /// The edition as the event's file names it, else the talk, else the folder.
    fn take_edition(&self, record: &mut Record, event_name: Option<&str>, day: Option<Date>) {
        let event = self.event;
        let of_day = day.and_then(|day| u16::try_from(day.year()).ok());
        let name = event.title.as_deref().or(event_name);
        let year =
            archive::year(name, day).or(if event.is_meetup { of_day.or(event.year) } else { event.year.or(of_day) });
        let series = self.series.and_then(|series| series.name.as_deref());
        let named = name.and_then(|name| archive::edition_named(name, series, year));
        if let Some(edition) = named {
            record.set_edition(&edition);
            if event.title.is_none() {
                record.inferred.insert("edition".to_owned(), "event_name".to_owned());
            }
        } else if let Some((edition, reason)) = self.folder(of_day) {
            record.set_edition(&edition);
            record.inferred.insert("edition".to_owned(), reason);
        }
        record.year = record.year.or(year);
    }

    fn folder(&self, year: Option<u16>) -> Option<(Edition, String)> {
        let clues = Clues { title: None, path: self.input.place, tags: &[], blocks: &[], links: &[], written: None };
        let verdict = evidence::weigh(&clues);
        let found = verdict.editions.first()?;
        let edition = match found.year {
            Some(_) => found.clone(),
            None => archive::edition_named(&found.edition, Some(&found.series), year)?,
        };
        Some((edition, verdict.inferred.get("edition").cloned().unwrap_or_else(|| "folder".to_owned())))
    }
}

/// `time: "10:00 - 10:50"`, or keys for both ends.
fn own_times(object: &Map<String, Value>) -> Option<Times> {
    let (start, end) = match text(object, "time").map(|time| time.replace(['–', '—'], "-")) {
        Some(time) => {
            let (start, end) = time.split_once('-').unwrap_or((&time, ""));
            (times::time(start)?, times::time(end))
        }
        None => (text(object, "start_time").and_then(times::time)?, text(object, "end_time").and_then(times::time)),
    };
    Some((times::shown(start), end.map(times::shown)))
}

fn speakers(object: &Map<String, Value>) -> Vec<Speaker> {
    let named = |value: &Value| match value {
        Value::String(name) => Some(name.clone()),
        Value::Object(person) => text(person, "name").map(str::to_owned),
        _ => None,
    };
    let found: Vec<Speaker> = match object.get("speakers").or(object.get("speaker")) {
        Some(Value::Array(names)) => {
            names.iter().filter_map(named).filter_map(|name| people::one(&name, None)).collect()
        }
        Some(Value::String(names)) => people::read(names),
        _ => Vec::new(),
    };
    once_each(found)
}

fn once_each(mut speakers: Vec<Speaker>) -> Vec<Speaker> {
    let mut seen = std::collections::HashSet::new();
    speakers.retain(|speaker| seen.insert(folded(&speaker.name)));
    speakers
}

/// The address of a talk's own recording.
fn recording(object: &Map<String, Value>) -> Option<String> {
    let site = text(object, "video_provider").unwrap_or_default();
    let id = match object.get("video_id")? {
        Value::Number(id) => id.to_string(),
        id => id.as_str()?.trim().to_owned(),
    };
    if NO_RECORDINGS.contains(&site) { None } else { archive::video(&id, site) }
}

fn take_addresses(record: &mut Record, object: &Map<String, Value>, parent: Option<&Parent>) {
    record.videos.extend(recording(object));
    if text(object, "video_provider") == Some("parent")
        && let Some(video) = parent.and_then(|parent| parent.video.as_deref())
    {
        record.videos.push(at_cue(video, text(object, "start_cue").and_then(seconds)));
    }
    let of = |key: &str| object.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_object);
    record.videos.extend(of("alternative_recordings").filter_map(recording));
    let player = text(object, "external_player_url").filter(|url| links::is_url(url));
    record.url = player.map(str::to_owned);
    record.slides.extend(text(object, "slides_url").filter(|url| links::is_url(url)).map(str::to_owned));
    let mut others = Vec::new();
    for resource in of("additional_resources") {
        let Some(url) = text(resource, "url").filter(|url| links::is_url(url)) else { continue };
        let label = ["type", "name"].map(|key| text(resource, key).unwrap_or_default()).join(" ");
        if archive::is_slides(&label, url) {
            record.slides.push(url.to_owned());
        } else {
            others.push(Value::String(url.to_owned()));
        }
    }
    archive::keep(&mut record.extra, "additional_resources", &Value::Array(others));
    for urls in [&mut record.videos, &mut record.slides] {
        *urls = schedule::first_each(std::mem::take(urls));
    }
}

/// A place in a recording, as its site has it.
fn at_cue(video: &str, seconds: Option<u32>) -> String {
    let Some(seconds) = seconds.filter(|seconds| *seconds > 0) else { return video.to_owned() };
    match video {
        video if video.contains("youtube.com/watch?") => format!("{video}&t={seconds}"),
        video if video.contains("youtu.be/") && !video.contains('?') => format!("{video}?t={seconds}"),
        video => format!("{video}#t={seconds}"),
    }
}

/// `04:30`, `1:04:30`
fn seconds(cue: &str) -> Option<u32> {
    let parts: Vec<u32> =
        cue.split(':').map(|part| part.trim().parse().ok().filter(|part| *part < 1_000)).collect::<Option<_>>()?;
    (2..=3).contains(&parts.len()).then(|| parts.iter().fold(0, |all, part| all * 60 + part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cues_are_places_in_recordings() {
        for (video, cue, expected) in [
            (
                "https://www.youtube.com/watch?v=abcdefghi_1",
                "04:30",
                "https://www.youtube.com/watch?v=abcdefghi_1&t=270",
            ),
            ("https://vimeo.com/1", "1:00:01", "https://vimeo.com/1#t=3601"),
            ("https://example.org/a.mp4", "00:00", "https://example.org/a.mp4"),
            ("https://example.org/a.mp4", "TODO", "https://example.org/a.mp4"),
            ("https://example.org/a.mp4", "-1:00", "https://example.org/a.mp4"),
        ] {
            assert_eq!(at_cue(video, seconds(cue)), expected, "{video} {cue}");
        }
    }

    #[test]
    fn a_grid_and_a_list_are_told_by_their_keys() {
        assert!(has_keys("- title: x\n  \"video_provider\": y\n", &["video_provider", "title"]));
        assert!(!has_keys("- title: x\n  about: video_provider\n", &["video_provider", "title"]));
        assert!(is_grid("days:\n  - name: x\n    grid:\n      - start_time: y\n        slots: 1\n"));
    }
}
