//! One session, given as an object of keys and values, as an [`Entry`]: whatever the format, the keys' meanings decide.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    Context, Entry, Person,
    keys::{Meaning, folded, meaning, rank},
    people, prose, times, tree,
};
use crate::record::Role;

/// What ids in a session stand for, from the lists beside the sessions.
#[derive(Default)]
pub(in crate::formats) struct Joins {
    /// Objects of people by id.
    pub people: HashMap<String, Map<String, Value>>,
    /// Names of rooms, tracks, types and categories by id.
    pub names: HashMap<String, String>,
    /// Of what an id is a value: "Track", "Session format".
    pub categories: HashMap<String, String>,
}

/// Keys that say of which language a text is, in objects such as `{"en": "Room", "de": "Raum"}`.
const LANGUAGES: &[&str] =
    &["en", "de", "fr", "es", "pt", "it", "nl", "pl", "ru", "ja", "zh", "cs", "sv", "fi", "da", "nb", "ca"];
/// Keys of an object that name it, the best first.
const NAME_KEYS: &[&str] =
    &["#text", "name", "title", "label", "value", "fullname", "publicname", "displayname", "text"];
/// People of one session.
const PEOPLE_MAX: usize = 200;
const TAGS_MAX: usize = 200;
/// What a key may have that is kept in `extra`.
const EXTRA_BYTES_MAX: usize = 2_000;

/// The session that an object describes.
pub(in crate::formats) fn entry(object: &Map<String, Value>, context: &Context, joins: &Joins) -> Entry {
    let mut entry = Entry { day: context.day, time_zone: context.time_zone.clone(), ..Entry::default() };
    let by = by_meaning(object);
    let all = |meaning: Meaning| by.get(&meaning).map_or(&[][..], Vec::as_slice);
    let language = all(Meaning::Language).iter().find_map(|(_, value)| text(value, None));
    let first = |meaning: Meaning| {
        all(meaning)
            .iter()
            .find_map(|(_, value)| named(value, language.as_deref(), joins))
            .map(|text| prose::line(&text))
    };
    let long = |meaning: Meaning| all(meaning).iter().filter_map(|(_, value)| text(value, language.as_deref()));

    entry.title = first(Meaning::Title).unwrap_or_default();
    entry.subtitle = first(Meaning::Subtitle);
    entry.texts = long(Meaning::Abstract).chain(long(Meaning::Description)).map(|text| prose::read(&text)).collect();
    let zone = first(Meaning::TimeZone).or(context.time_zone.clone());
    take_times(&mut entry, &by, context, zone.as_deref());
    entry.room = first(Meaning::Room).or(context.room.clone());
    entry.track = first(Meaning::Track).or(context.track.clone());
    entry.session = first(Meaning::Session).or(context.session.clone());
    entry.kind = first(Meaning::Kind);
    entry.language = language.clone().or(context.language.clone());
    entry.state = all(Meaning::State).iter().find_map(|(key, value)| state(key, value));
    entry.licence = first(Meaning::Licence);
    entry.is_break = all(Meaning::IsBreak).iter().any(|(_, value)| is_true(value));
    entry.conference = first(Meaning::Conference);
    entry.url = all(Meaning::Url).iter().flat_map(|(_, value)| urls(value)).next();
    for (key, value) in all(Meaning::Video) {
        entry.videos.extend(video(key, value));
    }
    entry.slides = all(Meaning::Slides).iter().flat_map(|(_, value)| urls(value)).collect();
    for (_, value) in all(Meaning::Tags) {
        entry.tags.extend(list(value, language.as_deref(), joins).into_iter().take(TAGS_MAX));
    }
    entry.people = take_people(&by, joins, language.as_deref());
    take_links(object, &mut entry);
    take_categories(object, joins, &mut entry);
    for (key, value) in object {
        if meaning(key).is_none() && !is_structure(key) {
            keep(&mut entry.extra, key, value);
        }
    }
    entry
}

type ByMeaning<'a> = HashMap<Meaning, Vec<(&'a str, &'a Value)>>;

fn by_meaning(object: &Map<String, Value>) -> ByMeaning<'_> {
    let mut out: ByMeaning = HashMap::new();
    for (key, value) in object.iter().filter(|(_, value)| !is_empty(value)) {
        if let Some(meaning) = meaning(key) {
            out.entry(meaning).or_default().push((key, value));
        }
    }
    // The order of keys means nothing.
    out.values_mut().for_each(|found| found.sort_by_key(|(key, _)| rank(key)));
    out
}

fn take_times(entry: &mut Entry, by: &ByMeaning, context: &Context, zone: Option<&str>) {
    let moment =
        |meaning: Meaning| by.get(&meaning)?.iter().find_map(|(_, value)| times::moment(&text(value, None)?, zone));
    let (day, start, end) = (moment(Meaning::Day), moment(Meaning::Start), moment(Meaning::End));
    entry.start = start.as_ref().and_then(|m| m.time).or_else(|| day.as_ref().and_then(|m| m.time));
    entry.time_zone =
        zone.map(str::to_owned).or_else(|| [&start, &day].into_iter().flatten().find_map(|m| m.zone.clone()));
    // The conference day: as the schedule groups it, else the calendar's, less the hours after midnight.
    let calendar: Option<Date> = start.as_ref().and_then(|m| m.day).or_else(|| day.as_ref().and_then(|m| m.day));
    let is_night = entry.start.zip(context.day_change).is_some_and(|(start, change)| start < change);
    entry.day =
        context.day.or_else(|| calendar.and_then(|day| if is_night { day.yesterday().ok() } else { Some(day) }));
    let minutes = by
        .get(&Meaning::Duration)
        .and_then(|found| found.iter().find_map(|(_, value)| times::minutes(&text(value, None)?)));
    let lasting =
        entry.start.zip(minutes).map(|(start, minutes)| start.wrapping_add(jiff::Span::new().minutes(minutes)));
    entry.end = end.and_then(|m| m.time).or(lasting).filter(|end| Some(*end) != entry.start);
}

fn take_people(by: &ByMeaning, joins: &Joins, language: Option<&str>) -> Vec<Person> {
    let mut out: Vec<Person> = Vec::new();
    for (key, value) in by.get(&Meaning::Speakers).into_iter().flatten() {
        let role = role_of(key);
        people_of(value, joins, language, role, &mut out);
    }
    if out.is_empty() {
        out = lone(by, language);
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|person| seen.insert(folded(&person.name)));
    out.truncate(PEOPLE_MAX);
    out
}

fn role_of(key: &str) -> Role {
    match folded(key) {
        key if key.starts_with("moderator") => Role::Moderator,
        key if key.starts_with("panel") => Role::Panelist,
        key if key.contains("author") => Role::Author,
        _ => Role::Speaker,
    }
}

fn people_of(value: &Value, joins: &Joins, language: Option<&str>, role: Role, out: &mut Vec<Person>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| people_of(value, joins, language, role, out)),
        Value::Object(object) => out.extend(person(object, joins, language, role)),
        Value::String(text) if joins.people.contains_key(text.trim()) => {
            out.extend(person(&joins.people[text.trim()], joins, language, role));
        }
        Value::Number(number) => {
            out.extend(
                joins
                    .people
                    .get(&number.to_string())
                    .into_iter()
                    .flat_map(|found| person(found, joins, language, role)),
            );
        }
        Value::String(text) if !looks_like_an_id(text) => {
            out.extend(people::read(&prose::line(text)).into_iter().map(|speaker| Person {
                role: if role == Role::Speaker { speaker.role } else { role },
                name: speaker.name,
                affiliation: speaker.affiliation,
                bio: None,
                span: None,
            }));
        }
        _ => {}
    }
}

/// A person's object; one that holds others (`{"person": […]}`) stands for them.
fn person(object: &Map<String, Value>, joins: &Joins, language: Option<&str>, role: Role) -> Vec<Person> {
    let get = |wanted: &[Meaning]| {
        wanted.iter().find_map(|wanted| {
            object.iter().filter(|(key, _)| meaning(key) == Some(*wanted)).find_map(|(_, value)| text(value, language))
        })
    };
    let key_of =
        |names: &[&str]| object.iter().find(|(key, _)| names.contains(&folded(key).as_str())).map(|(_, value)| value);
    let full =
        key_of(&["name", "publicname", "fullpublicname", "fullname", "displayname", "speakername", "presentername"])
            .and_then(|value| text(value, language))
            .or_else(|| object.get("#text").and_then(|value| text(value, language)));
    let parts = || {
        let parts = [get(&[Meaning::FirstName]), get(&[Meaning::LastName])];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.trim().is_empty()).then_some(name)
    };
    let Some(name) = full.or_else(parts).or_else(|| get(&[Meaning::SpeakerName, Meaning::Title])) else {
        let mut inner = Vec::new();
        let id = key_of(&["id", "code", "@id", "speakerid", "personid"]).and_then(|value| text(value, None));
        if let Some(found) = id.and_then(|id| joins.people.get(id.trim())).filter(|found| *found != object) {
            // One step: two people may stand for each other.
            return person(found, &Joins::default(), language, role);
        }
        object
            .iter()
            .filter(|(key, value)| {
                let may_hold = value.is_object() || value.is_array() || meaning(key) == Some(Meaning::Speakers);
                may_hold && !key.starts_with(['@', '#']) && meaning(key) != Some(Meaning::Ignored)
            })
            .for_each(|(key, value)| {
                people_of(value, joins, language, if role == Role::Speaker { role_of(key) } else { role }, &mut inner);
            });
        return inner;
    };
    let company = get(&[Meaning::Affiliation]).map(|text| prose::line(&text));
    let company = company.or_else(|| get(&[Meaning::Tagline]).and_then(|text| people::employer(&prose::line(&text))));
    let bio = get(&[Meaning::Bio]).or_else(|| get(&[Meaning::Description, Meaning::Abstract]));
    // The person may be told more of in a list of people.
    let id = key_of(&["id", "code", "@id", "speakerid", "personid", "guid"]).and_then(|value| text(value, None));
    let more = id.and_then(|id| joins.people.get(id.trim())).filter(|found| *found != object);
    let more = more.and_then(|found| person(found, &Joins::default(), language, role).into_iter().next());
    let more = more.filter(|more| folded(&more.name) == folded(&name));
    let own_bio = bio.map(|bio| prose::read(&bio)).filter(|bio| !bio.is_empty());
    people::one(&prose::line(&name), company.as_deref())
        .map(|speaker| Person {
            name: speaker.name,
            affiliation: speaker.affiliation.or_else(|| more.as_ref().and_then(|more| more.affiliation.clone())),
            role,
            // A bio stands where it was found.
            span: if own_bio.is_some() { tree::span(object) } else { more.as_ref().and_then(|more| more.span) },
            bio: own_bio.or_else(|| more.and_then(|more| more.bio)),
        })
        .into_iter()
        .collect()
}

/// A person whose name and bio are keys of the session itself.
fn lone(by: &ByMeaning, language: Option<&str>) -> Vec<Person> {
    let get = |meaning: Meaning| by.get(&meaning)?.iter().find_map(|(_, value)| text(value, language));
    let parts = || {
        let name =
            [get(Meaning::FirstName), get(Meaning::LastName)].into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.is_empty()).then_some(name)
    };
    let Some(names) = get(Meaning::SpeakerName).or_else(parts) else { return Vec::new() };
    let company = get(Meaning::Affiliation).map(|text| prose::line(&text));
    let company = company.or_else(|| get(Meaning::Tagline).and_then(|text| people::employer(&text)));
    let bio = get(Meaning::Bio).map(|bio| prose::read(&bio)).filter(|bio| !bio.is_empty());
    let found = people::read(&prose::line(&names));
    // One bio under several names is nobody's.
    let is_one = found.len() == 1;
    found
        .into_iter()
        .map(|speaker| Person {
            name: speaker.name,
            affiliation: speaker.affiliation.or_else(|| company.clone().filter(|_| is_one)),
            role: speaker.role,
            bio: bio.clone().filter(|_| is_one),
            span: None,
        })
        .collect()
}

/// The text of a value: of an object that is a text in several languages, the one asked for.
pub(in crate::formats) fn text(value: &Value, language: Option<&str>) -> Option<String> {
    let found = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => {
            let texts: Vec<String> = values.iter().filter_map(|value| text(value, language)).collect();
            texts.join("\n\n")
        }
        Value::Object(object) => {
            let tongue = language
                .and_then(|language| object.get(language))
                .or_else(|| LANGUAGES.iter().find_map(|key| object.get(*key)));
            let named = || {
                NAME_KEYS.iter().find_map(|name| object.iter().find(|(key, _)| **key == **name || folded(key) == *name))
            };
            tongue.or_else(|| named().map(|(_, value)| value)).and_then(|value| text(value, language))?
        }
        Value::Bool(_) | Value::Null => return None,
    };
    let is_absent = matches!(found.trim(), "" | "-" | "N/A" | "n/a" | "TODO" | "TBA" | "TBD" | "null" | "None");
    (!is_absent).then_some(found)
}

/// The same of what may be an id.
fn named(value: &Value, language: Option<&str>, joins: &Joins) -> Option<String> {
    let text = match value {
        Value::Array(values) => values.iter().find_map(|value| named(value, language, joins))?,
        value => text(value, language)?,
    };
    Some(joins.names.get(text.trim()).cloned().unwrap_or(text))
}

fn list(value: &Value, language: Option<&str>, joins: &Joins) -> Vec<String> {
    match value {
        Value::Array(values) => values.iter().flat_map(|value| list(value, language, joins)).collect(),
        Value::Object(object) if text(value, language).is_none() => object
            .iter()
            .filter(|(key, _)| !key.starts_with(['@', '#']))
            .flat_map(|(_, value)| list(value, language, joins))
            .collect(),
        value => {
            let text = named(value, language, joins).unwrap_or_default();
            text.split([',', ';', '\n']).map(prose::line).filter(|tag| !tag.is_empty()).collect()
        }
    }
}

fn state(key: &str, value: &Value) -> Option<String> {
    match value {
        Value::Bool(is) if folded(key) == "selected" => Some(if *is { "selected" } else { "rejected" }.to_owned()),
        value => text(value, None).map(|text| match prose::line(&text).to_lowercase().as_str() {
            "accept" => "accepted".to_owned(),
            "reject" => "rejected".to_owned(),
            other => other.to_owned(),
        }),
    }
}

/// Values of a schedule's own categories, as ids or as objects: a track, a type, or a tag, as the category's name says.
fn take_categories(object: &Map<String, Value>, joins: &Joins, entry: &mut Entry) {
    let of = |wanted: &'static str| object.iter().filter(move |(key, _)| folded(key) == wanted).map(|(_, value)| value);
    let mut found: Vec<(String, String)> = Vec::new();
    for id in of("categoryitems").filter_map(Value::as_array).flatten().filter_map(|id| text(id, None)) {
        found.extend(
            joins.names.get(&id).map(|name| (joins.categories.get(&id).cloned().unwrap_or_default(), name.clone())),
        );
    }
    for category in of("categories").filter_map(Value::as_array).flatten().filter_map(Value::as_object) {
        let title =
            category.get("name").or(category.get("title")).and_then(|title| text(title, None)).unwrap_or_default();
        let items = category.get("categoryItems").or(category.get("items")).map(|items| list(items, None, joins));
        found.extend(items.into_iter().flatten().map(|item| (title.clone(), item)));
    }
    for (category, name) in found {
        match meaning(&category) {
            Some(Meaning::Track) => entry.track = entry.track.take().or(Some(name)),
            Some(Meaning::Kind) => entry.kind = entry.kind.take().or(Some(name)),
            Some(Meaning::Language) => entry.language = entry.language.take().or(Some(name)),
            _ if !entry.tags.contains(&name) => entry.tags.push(name),
            _ => {}
        }
    }
}

fn is_true(value: &Value) -> bool {
    match value {
        Value::Bool(is) => *is,
        Value::String(text) => matches!(text.to_lowercase().as_str(), "true" | "yes" | "1"),
        _ => false,
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.iter().all(is_empty),
        Value::Object(object) => object.values().all(is_empty),
        _ => false,
    }
}

/// What is an id of a list that is not there names nobody.
fn looks_like_an_id(text: &str) -> bool {
    let text = text.trim();
    let hex = text.chars().filter(char::is_ascii_hexdigit).count();
    (text.len() >= 16 && hex + text.matches('-').count() == text.len())
        || (!text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The addresses in a value: itself, a list, or objects with a `url`.
pub(in crate::formats) fn urls(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => is_url(text).then(|| text.trim().to_owned()).into_iter().collect(),
        Value::Array(values) => values.iter().flat_map(urls).collect(),
        Value::Object(object) => {
            let keys = ["url", "href", "link", "@href", "#text"];
            let own = keys.iter().find_map(|key| object.get(*key)).map(urls).unwrap_or_default();
            if own.is_empty() {
                object.values().filter(|value| value.is_object() || value.is_array()).flat_map(urls).collect()
            } else {
                own
            }
        }
        _ => Vec::new(),
    }
}

pub(in crate::formats) fn is_url(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace)
}

fn video(key: &str, value: &Value) -> Vec<String> {
    let found = if value.is_object() { Vec::new() } else { urls(value) };
    if !found.is_empty() {
        return found;
    }
    match value {
        Value::Object(object) if object.contains_key("url") || object.contains_key("href") => urls(value),
        Value::Object(object) => {
            let mut found: Vec<_> = object.iter().collect();
            found.sort_by_key(|(key, _)| rank(key));
            found.into_iter().flat_map(|(key, value)| video(key, value)).collect()
        }
        Value::String(id) if folded(key).starts_with("youtube") && is_video_id(id) => {
            vec![format!("https://www.youtube.com/watch?v={id}")]
        }
        Value::String(id)
            if folded(key).starts_with("vimeo") && id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty() =>
        {
            vec![format!("https://vimeo.com/{id}")]
        }
        _ => Vec::new(),
    }
}

fn is_video_id(id: &str) -> bool {
    id.len() == 11 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

/// `links`, `attachments`: recordings and slides by what they are called and where they lead.
fn take_links(object: &Map<String, Value>, entry: &mut Entry) {
    for (key, value) in object {
        if matches!(
            folded(key).as_str(),
            "links" | "attachments" | "resources" | "downloads" | "enclosures" | "relatedurls"
        ) {
            links(value, entry);
        }
    }
    entry.videos.dedup();
}

fn links(value: &Value, entry: &mut Entry) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| links(value, entry)),
        Value::Object(object) => {
            let found: Vec<String> =
                ["url", "href", "link", "@href"].iter().filter_map(|key| object.get(*key)).flat_map(urls).collect();
            if found.is_empty() {
                object.values().for_each(|value| links(value, entry));
                return;
            }
            let about = text(value, None)
                .or_else(|| object.get("type").and_then(|value| text(value, None)))
                .unwrap_or_default()
                .to_lowercase();
            for url in found {
                sort_link(url, &about, entry);
            }
        }
        Value::String(url) if is_url(url) => sort_link(url.trim().to_owned(), "", entry),
        _ => {}
    }
}

fn sort_link(url: String, about: &str, entry: &mut Entry) {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let host = path.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_video_host = ["youtube.com", "youtu.be", "vimeo.com", "media.ccc.de"]
        .iter()
        .any(|known| host == *known || host.ends_with(&format!(".{known}")));
    let is_video = ends(&[".mp4", ".webm", ".ogv", ".mkv", ".avi"])
        || host.starts_with("video.")
        || is_video_host
        || about.contains("video")
        || about.contains("recording");
    if is_video && !ends(&[".vtt", ".srt", ".pdf"]) && !about.contains("feedback") {
        entry.videos.push(url);
    } else if ends(&[".pdf", ".odp", ".pptx", ".ppt", ".key"]) && !about.contains("paper")
        || about.contains("slides")
        || about.contains("presentation")
    {
        entry.slides.push(url);
    }
}

/// Keys that hold the structure around a session, whatever they mean.
fn is_structure(key: &str) -> bool {
    key.starts_with('@')
        || key.starts_with('#')
        || matches!(
            folded(key).as_str(),
            "links"
                | "attachments"
                | "slots"
                | "slot"
                | "categories"
                | "categoryitems"
                | "resources"
                | "downloads"
                | "enclosures"
                | "relatedurls"
        )
}

fn keep(extra: &mut Map<String, Value>, key: &str, value: &Value) {
    let is_short = |value: &Value| serde_json::to_string(value).is_ok_and(|text| text.len() <= EXTRA_BYTES_MAX);
    if !is_empty(value) && !matches!(value, Value::Bool(false)) && is_short(value) {
        extra.insert(key.to_owned(), value.clone());
    }
}
