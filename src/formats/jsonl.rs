//! hallway's own JSON Lines: one record a line. A line needs a `title` or a `text` and nothing else. What `export`
//! writes is read back as it was; unknown keys are kept in `extra` and named once a file.

use std::{collections::BTreeSet, sync::LazyLock};

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value, json};

use super::{Draft, DraftRecord, Input, edition, passages};
use crate::{
    error::Problem,
    record::{ID_BYTES_MAX, Kind, Record, Span, Speaker, TalkType},
    source::{self, Line},
};

/// Bytes of one line: a 6,000-word report takes 60 KB.
const LINE_BYTES_MAX: usize = 8 << 20;
/// Commas, braces and brackets of one line: what it takes in memory hangs on its values, and text has few of them.
const LINE_SIGNS_MAX: usize = 400_000;
/// Records of one file: an export of so many is larger than a file may be.
const RECORDS_MAX: usize = 70_000;
/// Lines that are broken before the rest is not tried.
const BROKEN_MAX: usize = 100_000;
/// Values under unknown keys, of all records of a file: they take 75 bytes each.
const EXTRA_VALUES_MAX: usize = 1_000_000;
/// Problems of single lines that are told.
const PROBLEMS_MAX: usize = 1_000;

/// Names of unknown keys that are told.
const UNKNOWN_MAX: usize = 100;

/// A file is JSON Lines when at least half of its first lines are objects: one of them may be broken.
const LINES_TRIED: usize = 20;
/// Those and the empty ones between them.
const LINES_SEEN: usize = 10_000;

pub(super) fn recognise(input: &Input) -> bool {
    let is_named_so = [".jsonl", ".ndjson"].iter().any(|end| input.path.to_lowercase().ends_with(end));
    let lines = source::each_line(input.text).take(LINES_SEEN).filter(|line| !line.text.trim().is_empty());
    let are_objects: Vec<bool> = lines.take(LINES_TRIED).map(|line| is_object(line.text, is_named_so)).collect();
    let n_objects = are_objects.iter().filter(|is_object| **is_object).count();
    n_objects > 0 && 2 * n_objects >= are_objects.len()
}

/// Under a name that says JSON Lines a brace is enough, so that a broken file is told so. Otherwise it takes a record: a
/// whole schedule may stand on one line.
fn is_object(line: &str, is_named_so: bool) -> bool {
    #[derive(Deserialize)]
    struct Known {
        title: Option<IgnoredAny>,
        text: Option<IgnoredAny>,
        r#abstract: Option<IgnoredAny>,
        passages: Option<IgnoredAny>,
    }
    let is_record =
        |known: Known| [known.title, known.text, known.r#abstract, known.passages].iter().any(Option::is_some);
    let is_brief = line.len() <= LINE_BYTES_MAX;
    line.trim_start().starts_with('{') && (is_named_so || (is_brief && serde_json::from_str(line).is_ok_and(is_record)))
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let mut unknown = BTreeSet::new();
    let (mut n_untold, mut extra_left) = (0, EXTRA_VALUES_MAX);
    for line in source::each_line(input.text).filter(|line| !line.text.trim().is_empty()) {
        if draft.records.len() >= RECORDS_MAX {
            let message = format!("records beyond {RECORDS_MAX} are left out");
            draft.problems.push(Problem::new("", Some(line.number), message, "split the file"));
            break;
        }
        match parse_line(&line, &mut unknown) {
            Ok(mut record) => {
                let n_values: usize = record.extra.values().map(n_values).sum();
                if n_values > extra_left {
                    let message = format!("unknown keys hold more than {EXTRA_VALUES_MAX} values from here on");
                    let problem = Problem::new("", Some(line.number), message, "split the file; they were left out");
                    draft.problems.extend((extra_left > 0).then_some(problem));
                    (record.extra, extra_left) = (Map::new(), 0);
                }
                extra_left = extra_left.saturating_sub(n_values);
                draft.records.push(DraftRecord { record, bios: Vec::new() });
            }
            Err(_) if n_untold >= BROKEN_MAX => {
                let message = "too many lines are broken to go on";
                draft.problems.push(Problem::new("", Some(line.number), message, "what comes before is read"));
                break;
            }
            Err(_) if draft.problems.len() >= PROBLEMS_MAX => n_untold += 1,
            Err((message, hint)) => draft.problems.push(Problem::new("", Some(line.number), message, hint)),
        }
    }
    if n_untold > 0 {
        let message = format!("{n_untold} more lines can't be read");
        draft.problems.push(Problem::new("", None, message, "mend the first ones; the others may be alike"));
    }
    if !unknown.is_empty() {
        let more = if unknown.len() == UNKNOWN_MAX { ", …" } else { "" };
        let names = unknown.into_iter().collect::<Vec<_>>().join(", ");
        draft.notes.push(format!("keys that are kept but not searched: {names}{more}"));
    }
    draft
}

/// The record on a line, or what is wrong with it and what to do.
fn parse_line(line: &Line, unknown: &mut BTreeSet<String>) -> Result<Record, (String, String)> {
    if line.text.len() > LINE_BYTES_MAX {
        let limit = LINE_BYTES_MAX >> 20;
        return Err((format!("the line is longer than {limit} MB"), "split the record".to_owned()));
    }
    if line.text.bytes().filter(|byte| matches!(byte, b',' | b'{' | b'[')).count() > LINE_SIGNS_MAX {
        return Err(("the line holds more values than a record".to_owned(), "split the record".to_owned()));
    }
    let mut object: Map<String, Value> = serde_json::from_str(line.text).map_err(|error| {
        (format!("not a JSON object: {error}"), "each line is one object: {\"title\": …}".to_owned())
    })?;
    // What `show --json` adds follows from the record.
    object.remove("topic_evidence");
    loosen(&mut object);
    set_unknown_aside(&mut object, unknown);
    let mut record: Record = serde_json::from_value(Value::Object(object))
        .map_err(|error| (format!("a key has the wrong type: {error}"), "see docs/record.schema.json".to_owned()))?;
    check(&record)?;
    complete(&mut record, line);
    Ok(record)
}

/// Shapes that mean the same: a lone string for a list, names for speakers, a year in quotes, a time within a date.
fn loosen(object: &mut Map<String, Value>) {
    object.retain(|_, value| !value.is_null());
    for (from, to) in [("authors", "speakers"), ("speaker", "speakers"), ("conference", "series")] {
        if !object.contains_key(to)
            && let Some(value) = object.remove(from)
        {
            object.insert(to.to_owned(), value);
        }
    }
    for key in ["speakers", "tags", "videos", "slides"] {
        if let Some(value) = object.get_mut(key)
            && !value.is_array()
        {
            *value = json!([value.take()]);
        }
    }
    if let Some(Value::Array(speakers)) = object.get_mut("speakers") {
        speakers.iter_mut().for_each(loosen_speaker);
    }
    if let Some(year) = object.get_mut("year")
        && let Some(number) = year.as_str().and_then(|text| text.trim().parse::<u16>().ok())
    {
        *year = json!(number);
    }
    for key in ["kind", "type"] {
        if let Some(Value::String(word)) = object.get_mut(key) {
            *word = word.to_lowercase();
        }
    }
    split_date(object);
}

const ROLES: [&str; 4] = ["speaker", "moderator", "panelist", "author"];

fn loosen_speaker(speaker: &mut Value) {
    if let Value::String(name) = speaker {
        *speaker = json!({ "name": name.trim() });
    }
    if let Value::Object(speaker) = speaker {
        speaker.retain(|_, value| !value.is_null());
        if let Some(Value::String(role)) = speaker.get_mut("role")
            && ROLES.contains(&role.to_lowercase().as_str())
        {
            *role = role.to_lowercase();
        }
    }
}

/// `2016-05-30T10:00:00+02:00` in `date` gives the day and, where there is no `start`, the local time.
fn split_date(object: &mut Map<String, Value>) {
    if let Some(Value::String(written)) = object.get_mut("written")
        && written.get(10..).is_some_and(|rest| rest.starts_with(['T', ' ']))
    {
        written.truncate(10);
    }
    let Some(Value::String(date)) = object.get("date").cloned() else { return };
    if let (Some(day), Some(rest)) = (date.get(..10), date.get(10..))
        && rest.starts_with(['T', ' '])
    {
        if let Some(time) = rest.get(1..6)
            && !object.contains_key("start")
        {
            object.insert("start".to_owned(), json!(time));
        }
        object.insert("date".to_owned(), json!(day));
    }
}

fn set_unknown_aside(object: &mut Map<String, Value>, unknown: &mut BTreeSet<String>) {
    let mut extra = match object.remove("extra") {
        Some(Value::Object(map)) => map,
        Some(other) => Map::from_iter([("extra".to_owned(), other)]),
        None => Map::new(),
    };
    let is_unknown = |key: &str, value: &Value| match key {
        "type" => !TalkType::ALL.iter().any(|known| value == known.as_str()),
        _ => !KEYS.contains(key),
    };
    let keys: Vec<String> = object.iter().filter(|(k, v)| is_unknown(k, v)).map(|(k, _)| k.clone()).collect();
    for key in keys {
        if let Some(value) = object.remove(&key) {
            if key == "type" {
                object.insert(key.clone(), json!("other"));
            }
            note(unknown, key.clone());
            extra.insert(key, value);
        }
    }
    set_speakers_keys_aside(object, &mut extra, unknown);
    object.insert("extra".to_owned(), Value::Object(extra));
}

fn n_values(value: &Value) -> usize {
    1 + match value {
        Value::Array(values) => values.iter().map(n_values).sum(),
        Value::Object(map) => map.values().map(n_values).sum(),
        _ => 0,
    }
}

fn note(unknown: &mut BTreeSet<String>, key: String) {
    if unknown.len() < UNKNOWN_MAX {
        unknown.insert(key);
    }
}

/// What a speaker's object says beyond name, affiliation and role goes to `extra.speakers`, with the name.
fn set_speakers_keys_aside(
    object: &mut Map<String, Value>,
    extra: &mut Map<String, Value>,
    unknown: &mut BTreeSet<String>,
) {
    let Some(Value::Array(speakers)) = object.get_mut("speakers") else { return };
    let mut aside = Vec::new();
    for speaker in speakers {
        let Value::Object(speaker) = speaker else { continue };
        let is_known = |key: &str, value: &Value| match key {
            "role" => ROLES.iter().any(|role| value == role),
            key => matches!(key, "name" | "affiliation"),
        };
        let keys: Vec<String> = speaker.iter().filter(|(k, v)| !is_known(k, v)).map(|(k, _)| k.clone()).collect();
        let mut more = Map::new();
        for key in keys {
            more.extend(speaker.remove_entry(&key));
            note(unknown, format!("speakers.{key}"));
        }
        if !more.is_empty() {
            more.insert("name".to_owned(), speaker.get("name").cloned().unwrap_or_default());
            aside.push(Value::Object(more));
        }
    }
    if !aside.is_empty() {
        extra.insert("speakers".to_owned(), Value::Array(aside));
    }
}

/// The keys of a record's own form.
static KEYS: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
    let record = serde_json::to_value(Record::default()).unwrap_or_default();
    record.as_object().into_iter().flat_map(|record| record.keys().cloned()).collect()
});

fn check(record: &Record) -> Result<(), (String, String)> {
    let blank = |text: &Option<String>| text.as_deref().is_none_or(|text| text.trim().is_empty());
    let fail = |message: String, hint: &str| Err((message, hint.to_owned()));
    if blank(&record.title) && blank(&record.text) && blank(&record.abstract_text) && record.passages.is_empty() {
        return fail("the record has neither a title nor a text".to_owned(), "give it a \"title\" or a \"text\"");
    }
    let edition_id = record.edition_id.as_deref().unwrap_or_default();
    for (name, id) in [("id", record.id.as_str()), ("edition_id", edition_id)] {
        if id.len() > ID_BYTES_MAX || id.contains(steers) {
            return fail(
                format!("\"{name}\" is longer than {ID_BYTES_MAX} bytes or has control characters"),
                "leave it out and one is made",
            );
        }
    }
    for (name, date) in [("date", &record.date), ("written", &record.written)] {
        if let Some(text) = date
            && (text.len() != 10 || text.parse::<jiff::civil::Date>().is_err())
        {
            return fail(format!("\"{name}\" is no date: {text}"), "write it as YYYY-MM-DD");
        }
    }
    for (name, time) in [("start", &record.start), ("end", &record.end)] {
        if let Some(text) = time
            && (text.len() != 5 || jiff::civil::Time::strptime("%H:%M", text).is_err())
        {
            return fail(format!("\"{name}\" is no time: {text}"), "write it as HH:MM");
        }
    }
    Ok(())
}

/// Control characters, and those that turn the direction of text around: they have no place in an id.
fn steers(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// What follows from the record itself: its edition's other names, the text where its kind keeps it, its place.
fn complete(record: &mut Record, line: &Line) {
    record.year = record.year.or_else(|| record.date.as_deref()?.get(..4)?.parse().ok());
    if record.edition_id.is_none()
        && let Some(edition) = edition::resolve(record.edition.as_deref(), record.series.as_deref(), record.year)
    {
        record.set_edition(&edition);
    }
    match (&mut record.abstract_text, &mut record.text) {
        (Some(promised), Some(text)) if record.kind == Kind::Talk => {
            // Two texts of one talk: nothing is lost.
            *promised = format!("{promised}\n\n{text}");
            record.text = None;
        }
        (promised @ None, text) if record.kind == Kind::Talk => *promised = text.take(),
        (promised, text @ None) if record.kind != Kind::Talk => *text = promised.take(),
        _ => {}
    }
    match record.kind {
        Kind::Bio if record.speakers.is_empty() => {
            let name = record.title.clone().unwrap_or_default();
            record.speakers.push(Speaker { name, ..Speaker::default() });
        }
        Kind::Report if record.passages.is_empty() => record.passages = passages::cut_text(record.body()),
        Kind::Report if record.text.is_none() => {
            let texts: Vec<&str> = record.passages.iter().map(|passage| passage.text.as_str()).collect();
            record.text = Some(texts.join("\n\n"));
        }
        _ => {}
    }
    if record.kind == Kind::Report && record.editions.is_empty() && record.edition_id.is_some() {
        record.editions.push(crate::record::Edition {
            series: record.series.clone().unwrap_or_default(),
            edition: record.edition.clone().unwrap_or_default(),
            edition_id: record.edition_id.clone().unwrap_or_default(),
            year: record.year,
        });
    }
    // Derived over the whole collection: recomputed, never read.
    record.topics.clear();
    record.also_at.clear();
    let here = Span { line: line.number, start: line.start as u64, end: line.end as u64, ..Span::default() };
    if record.source.is_some() {
        record.via = Some(here);
    } else {
        record.source = Some(here);
        record.sources.clear();
    }
}
