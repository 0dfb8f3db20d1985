//! Archives that keep a talk a file as pyvideo.org does: `<edition>/videos/<talk>.json` beside `<edition>/category.json`.

mod crowd;
mod heads;
mod names;
mod people;
mod titles;

use jiff::civil::{Date, Time};
use serde_json::{Map, Value};

use super::{
    Draft, DraftRecord, Input,
    archive::{self, prose},
    decode::line_starts,
    evidence::{self, Clues},
    schedule::{self, links, times},
    usenix::words,
};
use crate::{
    error::Problem,
    record::{Record, Span, TalkType},
    text::{analyzer::folded, one_line},
};

/// What the file of an edition is called.
const CATEGORY: &str = "category.json";
/// What the folder of its talks is called.
const FOLDER: &str = "videos";
/// A talk's file is short; what is longer is something else.
const BYTES_MAX: usize = 1 << 20;
/// Keys that together with a title tell a talk of an archive; a schedule has the first alone.
const KEYS: &[&str] = &[
    "speakers",
    "videos",
    "recorded",
    "thumbnail_url",
    "copyright_text",
    "related_urls",
    "source_url",
    "quality_notes",
];
const KEYS_MIN: usize = 2;
const TAGS_MAX: usize = 200;
/// Keys that a field takes, or that say nothing of the talk; letters and digits alone.
#[rustfmt::skip]
const TAKEN: &[&str] = &[
    "title", "speakers", "speaker", "description", "summary", "abstract", "recorded", "language", "tags", "videos", "copyrighttext",
    "category", "thumbnailurl", "sourceurl", "slug", "relatedurls", "relatedurl",
];

/// What the file beside the talks says of their edition.
struct Category {
    title: Option<String>,
    /// A year that its dates or its address name.
    year: Option<u16>,
}

pub(super) fn recognise(input: &Input) -> bool {
    let text = input.text.trim_start_matches('\u{feff}').trim_start();
    if is_in_folder(input.path) && is_broken(text) {
        return !input.find_beside("../", &[CATEGORY]).is_empty();
    }
    if !text.starts_with('{') || text.len() > BYTES_MAX || !text.contains("\"title\"") {
        return false;
    }
    let is_possible = KEYS.iter().filter(|key| text.contains(&format!("\"{key}\""))).count() >= KEYS_MIN;
    (is_possible || is_category(input.path))
        && object(input.text).is_some_and(|object| is_talk(&object) || is_edition(input.path, &object))
}

/// Whether a file lies where talks of an archive may, whatever it holds.
fn is_in_folder(path: &str) -> bool {
    let mut parts = path.rsplit('/');
    parts.next().is_some_and(|name| name.to_lowercase().ends_with(".json")) && parts.next() == Some(FOLDER)
}

/// Whether a text is no JSON, nor lines of it.
fn is_broken(text: &str) -> bool {
    let is_line = |line: &str| line.starts_with('{') && line.trim_end().ends_with('}');
    let is_json = |text: &str| serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok();
    let are_lines = text.lines().count() > 1 && text.lines().all(is_line);
    !are_lines && !is_json(text)
}

fn object(text: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn is_category(path: &str) -> bool {
    path.rsplit('/').next() == Some(CATEGORY)
}

fn is_edition(path: &str, object: &Map<String, Value>) -> bool {
    let holds_objects = |value: &Value| value.as_array().is_some_and(|list| list.iter().any(Value::is_object));
    is_category(path) && object.get("title").is_some_and(Value::is_string) && !object.values().any(holds_objects)
}

/// Whether an object is a talk with what only archives of recordings know, and holds no sessions itself.
fn is_talk(object: &Map<String, Value>) -> bool {
    let texts = |value: &Value| value.as_array().is_some_and(|list| list.iter().all(Value::is_string));
    let places = |value: &Value| {
        let is_place =
            |value: &Value| value.is_string() || value.get("url").is_some_and(|url| url.is_string() || url.is_null());
        value.as_array().is_some_and(|list| list.iter().all(is_place))
    };
    let fits = |key: &&&str| {
        object.get(**key).is_some_and(|value| match **key {
            "speakers" => texts(value),
            "videos" | "related_urls" => places(value),
            _ => value.is_string() || value.is_null(),
        })
    };
    // Other lists of talks have speakers, and addresses of videos, too.
    let has_objects =
        |key: &str| object.get(key).and_then(Value::as_array).is_some_and(|list| list.iter().any(Value::is_object));
    let is_told = has_objects("videos") || KEYS[2..].iter().any(|key| object.contains_key(*key));
    let others = object.iter().filter(|(key, _)| !matches!(key.as_str(), "videos" | "related_urls" | "related_url"));
    object.get("title").is_some_and(Value::is_string)
        && is_told
        && KEYS.iter().filter(fits).count() >= KEYS_MIN
        && !others.into_iter().any(|(_, value)| value.as_array().is_some_and(|list| list.iter().any(Value::is_object)))
}

pub(super) fn parse(input: &Input) -> Draft {
    let Some(object) = object(input.text) else {
        return Draft { problems: vec![broken(input.text)], ..Draft::default() };
    };
    if is_edition(input.path, &object) && !is_talk(&object) {
        return Draft { is_page: true, ..Draft::default() };
    }
    let start = input.text.find('{').unwrap_or_default();
    let span = Span {
        line: line_starts(&input.text.as_bytes()[..start]).len() as u64,
        start: start as u64,
        end: input.text.trim_end().len() as u64,
        ..Span::default()
    };
    let mut draft = Draft::default();
    match talk(input, &object) {
        Some(record) => {
            let record = Record { source: Some(span), ..record };
            draft.records.push(DraftRecord { record, bios: Vec::new() });
        }
        None => draft.problems.push(Problem::new(
            "",
            Some(span.line),
            "the talk has no title",
            "give it one, or leave it out",
        )),
    }
    draft
}

/// Where a file ceases to be a talk.
fn broken(text: &str) -> Problem {
    let text = text.trim_start_matches('\u{feff}');
    let (line, message) = match serde_json::from_str::<Map<String, Value>>(text) {
        Err(error) => (error.line() as u64, error.to_string()),
        Ok(_) => (1, String::new()),
    };
    let message = message.split(" at line ").next().unwrap_or_default();
    Problem::new(
        "",
        Some(line.max(1)),
        format!("not a talk in JSON: {message}"),
        "mend it, or leave it out: no other talk is lost",
    )
}

fn talk(input: &Input, object: &Map<String, Value>) -> Option<Record> {
    let given = schedule::prose::line(object.get("title")?.as_str()?);
    if given.is_empty() {
        return None;
    }
    let mut record = Record::default();
    let of_file = titles::of_file(&given);
    record.title_from = of_file.as_ref().map(|_| "name of a recording".to_owned());
    let raw = of_file.unwrap_or_else(|| given.clone());
    let moment = archive::text(object, "recorded").and_then(|text| times::moment(text, None));
    let day = moment.as_ref().and_then(|moment| moment.day);
    let names = take_edition(&mut record, input, object, day);
    let speakers = object.get("speakers").or(object.get("speaker"));
    record.speakers = speakers.map(|value| people::read(value, &raw)).unwrap_or_default();
    let is_open = record.speakers.is_empty() && crowd::may_name(&raw);
    let crowd = is_open.then(|| input.beside_together("", ".json", crowd::read)).flatten();
    let told = crowd.as_ref().and_then(|crowd| crowd.told(&raw));
    if let Some(told) = &told {
        record.speakers.clone_from(&told.people);
        record.inferred.insert("speakers".to_owned(), "title".to_owned());
    }
    let title = titles::clean(&raw, &record, told.as_ref(), &names);
    take_places(&mut record, &title.said);
    record.talk_type = talk_type(object, &raw, &title.text, &title.said);
    if title.text != given {
        record.extra.insert("raw_title".to_owned(), Value::String(given));
    }
    let told_day = texts(&mut record, object, [&raw, &title.text], &names);
    record.title = Some(title.text);
    if let Some(day) = told_day.or(day) {
        let time = moment.filter(|moment| moment.day == Some(day)).and_then(|moment| moment.time);
        take_day(&mut record, object, day, time);
    }
    record.language = archive::text(object, "language").and_then(schedule::language);
    record.tags = tags(object);
    record.licence = archive::text(object, "copyright_text").map(one_line);
    take_addresses(&mut record, object);
    for (key, value) in object {
        if !TAKEN.contains(&archive::key(key).as_str()) {
            let key = key.trim_matches(|c: char| !c.is_alphanumeric());
            archive::keep(&mut record.extra, key, value);
        }
    }
    Some(record)
}

/// Puts edition and year into the record: as the file beside it names them, else the talk's own `category`, else its
/// folder. Gives the names that titles may repeat.
fn take_edition(record: &mut Record, input: &Input, object: &Map<String, Value>, day: Option<Date>) -> Vec<String> {
    let category = input.beside(&format!("../{CATEGORY}"), category).or_else(|| input.beside(CATEGORY, category));
    let own = archive::text(object, "category").map(schedule::prose::line);
    let of_day = day.and_then(|day| u16::try_from(day.year()).ok());
    let beside = category.as_ref().and_then(|category| category.title.clone());
    let name = beside.clone().or(own.clone());
    let year = archive::year(name.as_deref(), day)
        .or_else(|| category.as_ref()?.year)
        .or_else(|| own.as_deref().and_then(|own| archive::year(Some(own), day)))
        .or(of_day);
    let found = name.as_deref().and_then(|name| archive::edition_named(name, None, year));
    if let Some(edition) = found {
        record.set_edition(&edition);
        if beside.is_none() {
            record.inferred.insert("edition".to_owned(), "category".to_owned());
        }
    } else {
        let clues = Clues { title: None, path: input.place, tags: &[], blocks: &[], links: &[], written: None };
        let verdict = evidence::weigh(&clues);
        if let Some(edition) = verdict.editions.first() {
            let edition = match edition.year {
                Some(_) => edition.clone(),
                None => archive::edition_named(&edition.edition, Some(&edition.series), of_day).unwrap_or_default(),
            };
            record.set_edition(&edition);
            record.inferred = verdict.inferred;
        }
    }
    record.year = record.year.or(year);
    [beside, own, record.edition.clone(), record.series.clone()].into_iter().flatten().collect()
}

/// Where the speakers work, as the parts that named them in the title say: "Ann Example (Acme)".
fn take_places(record: &mut Record, said: &[String]) {
    let names: Vec<String> = record.speakers.iter().map(|speaker| archive::key(&speaker.name)).collect();
    for told in said.iter().flat_map(|part| titles::with_places(part)) {
        let known = names.iter().position(|name| *name == archive::key(&told.name));
        let place = told.affiliation.filter(|place| !names.contains(&archive::key(place)));
        if let Some(known) = known.map(|at| &mut record.speakers[at]) {
            known.affiliation = known.affiliation.take().or(place);
        }
    }
}

fn category(text: &str) -> Option<Category> {
    let object = object(text)?;
    let year = ["start_date", "end_date", "url", "slug"]
        .iter()
        .find_map(|key| super::edition::year_in(&archive::text(&object, key)?.replace(['/', '.', '-'], " ")));
    Some(Category { title: archive::text(&object, "title").map(schedule::prose::line), year })
}

/// The day of a talk, and when it began: not a day that was written down when the recording was put up, years later.
fn take_day(record: &mut Record, object: &Map<String, Value>, day: Date, time: Option<Time>) {
    if record.year.is_some_and(|year| i32::from(year) != i32::from(day.year())) {
        if let Some(recorded) = object.get("recorded") {
            archive::keep(&mut record.extra, "recorded", recorded);
        }
        return;
    }
    record.date = Some(day.to_string());
    // Sessions begin on the five minutes; a clock that stamps what is put up does not.
    let is_session =
        |time: &Time| time.second() == 0 && time.minute() % 5 == 0 && (time.hour(), time.minute()) != (0, 0);
    record.start = time.filter(is_session).map(times::shown);
}

/// Puts into the record the description, what the summary says besides, and where the slides are by them. Gives the day
/// that stands above them: of the session, and not of its recording.
fn texts(record: &mut Record, object: &Map<String, Value>, titles: [&str; 2], names: &[String]) -> Option<Date> {
    let mut said = titles.to_vec();
    said.extend(record.speakers.iter().map(|speaker| speaker.name.as_str()));
    said.extend(names.iter().map(String::as_str));
    let (mut found, mut slides, mut day, mut place) = (Vec::new(), Vec::new(), None, None);
    for text in ["summary", "description", "abstract"].iter().filter_map(|key| archive::text(object, key)) {
        let head = heads::read(text, &said);
        day = day.or(head.as_ref().map(|head| head.day));
        place = place.or(head.as_ref().and_then(|head| head.place));
        let (text, of_text) = prose::without_slides(head.map_or(text, |head| head.rest));
        slides.extend(of_text);
        found.extend(prose::read(&text, &said));
    }
    record.abstract_text = schedule::join(&found);
    record.slides = slides;
    match place.map(|place| (place, place.strip_prefix("Track "))) {
        Some((_, Some(track))) => record.track = Some(track.to_owned()),
        Some((room, None)) => record.room = Some(room.to_owned()),
        None => {}
    }
    day
}

fn tags(object: &Map<String, Value>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    let list = object.get("tags").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    let tags = list.flat_map(|tags| tags.split(',')).map(schedule::prose::line);
    tags.filter(|tag| !tag.is_empty() && seen.insert(folded(tag))).take(TAGS_MAX).collect()
}

/// What a tag, the title or what the title said besides calls the session.
fn talk_type(object: &Map<String, Value>, raw: &str, title: &str, said: &[String]) -> Option<TalkType> {
    let tagged = tags(object).iter().find_map(|tag| {
        let tag = folded(tag);
        words::title_type(tag.strip_suffix('s').unwrap_or(&tag))
    });
    let lightning = folded(raw).contains("lightning talk").then_some(TalkType::Lightning);
    let titled = words::title_type(title).or_else(|| words::title_type(raw)).or(lightning);
    titled.or_else(|| said.iter().find_map(|part| words::heading_type(part))).or(tagged)
}

/// Recordings, slides, the talk's own page; other addresses are kept as they are.
fn take_addresses(record: &mut Record, object: &Map<String, Value>) {
    for video in object.get("videos").and_then(Value::as_array).into_iter().flatten() {
        let site = video.get("type").and_then(Value::as_str).unwrap_or_default();
        let place = video.get("url").unwrap_or(video).as_str().unwrap_or_default();
        record.videos.extend(archive::video(place, site));
    }
    if record.videos.is_empty() {
        record.videos.extend(archive::text(object, "source_url").and_then(|place| archive::video(place, "")));
    }
    let mut others = Vec::new();
    let related = ["related_urls", "related_url"].iter().filter_map(|key| object.get(*key)?.as_array()).flatten();
    for address in related {
        let url = address.get("url").unwrap_or(address).as_str().unwrap_or_default().trim();
        let label = address.get("label").and_then(Value::as_str).unwrap_or_default();
        if !links::is_url(url) {
            continue;
        }
        if archive::is_slides(label, url) {
            record.slides.push(url.to_owned());
        } else if record.url.is_none() && is_own_page(label, url, record) {
            record.url = Some(url.to_owned());
        } else {
            others.push(Value::String(url.to_owned()));
        }
    }
    for urls in [&mut record.videos, &mut record.slides] {
        *urls = schedule::first_each(std::mem::take(urls));
    }
    archive::keep(&mut record.extra, "related_urls", &Value::Array(others));
}

/// Whether a label says that the address is of a talk, and its words of which: the address of a whole programme, or of a
/// talk in several parts, would make one talk of many.
fn is_own_page(label: &str, url: &str, record: &Record) -> bool {
    let label = folded(label);
    let is_talk = ["talk", "presentation", "session", "abstract"].iter().any(|word| label.contains(word));
    let names = record.speakers.iter().map(|speaker| speaker.name.as_str()).chain(record.title.as_deref());
    let words =
        names.flat_map(|name| name.split(|c: char| !c.is_alphanumeric())).filter(|word| word.chars().count() > 3);
    let path = url.split("://").nth(1).and_then(|rest| rest.split_once('/')).map_or("", |(_, path)| path);
    let path = folded(path);
    let title = folded(record.title.as_deref().unwrap_or_default());
    let is_part = title.contains("part") || title.contains('/') && title.contains(|c: char| c.is_ascii_digit());
    is_talk && !is_part && words.map(folded).any(|word| path.contains(&word))
}
