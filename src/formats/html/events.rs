//! Events in the words of schema.org as sessions: which of them are talks, and which is the conference.

use std::collections::{HashMap, HashSet};

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    Page,
    head::is_type,
    items::{Item, name},
};
use crate::{
    error::Problem,
    formats::{
        find_editions,
        schedule::{
            Context, Entry, GROUPS_KEY, Person,
            crowd::PEOPLE_MAX,
            find::{Found, Sessions},
            people, times,
        },
    },
    text::analyzer::folded,
};

/// Types whose names end so are events.
const EVENTS: &[&str] = &["Event", "Course", "CourseInstance", "Festival"];
const CONFERENCES: &[&str] = &["Festival", "ConferenceEvent", "EventSeries"];
/// Who is heard, in the order of how sure that is.
const PERFORMERS: &[&str] =
    &["performer", "performers", "speaker", "speakers", "actor", "instructor", "author", "contributor"];
/// Performers of these types are no persons, and may have some; calendars also print the bare name of a type.
const GROUPS: &[&str] = &["Organization", "Corporation", "Group"];
const TYPES: &[&str] = &["Organization", "PerformingGroup", "Person"];
const MEMBERS: &[&str] = &["member", "members", "performer", "employee"];
const EDITION_BYTES_MAX: usize = 1_000;
/// Events that name nobody are a program when there are so many, at times of the same days.
const UNNAMED_MIN: usize = 3;

/// The talks that the page states, and what was left out of them; null when it states none.
pub(super) fn read(page: &Page, items: &[Item]) -> Option<(Found, Vec<Problem>)> {
    let known: HashMap<&str, &Item> = items
        .iter()
        .filter(|item| item.object.contains_key("name"))
        .filter_map(|item| Some((item.object.get("@id")?.as_str()?, item)))
        .collect();
    let events: Vec<usize> = (0..items.len()).filter(|at| items[*at].is(EVENTS)).collect();
    let holders: HashSet<usize> = events.iter().filter_map(|at| items[*at].above).collect();
    let is_talk_like = |at: usize| !holders.contains(&at) && !is_conference(&items[at].object);
    let mut days: HashMap<Date, usize> = HashMap::new();
    events.iter().filter_map(|at| clock_day(&items[*at].object)).for_each(|day| *days.entry(day).or_default() += 1);
    let n_together = days.into_values().filter(|n| *n > 1).sum::<usize>();
    let is_list = n_together >= UNNAMED_MIN && n_together * 2 >= events.len();
    let mut sessions = Sessions::default();
    let mut seen = HashSet::new();
    let mut conference = None;
    let mut are_cut = None;
    for at in &events {
        let Item { object, span, above } = &items[*at];
        let above = above.filter(|above| items[*above].is(EVENTS));
        let around = object.get("superEvent").and_then(|value| resolved(value, &known)).and_then(name);
        let around = around.or_else(|| above.and_then(|above| name(items[above].object.get("name")?)));
        if !is_talk_like(*at) {
            conference = conference.or_else(|| name(object.get("name")?));
            continue;
        }
        let (people, is_cut) = performers(object, &known);
        are_cut = are_cut.or(is_cut.then_some(span.0));
        if people.is_empty() && around.is_none() && !is_list {
            continue;
        }
        let mut entry = entry(object, people);
        entry.span = *span;
        let groups = groups(object);
        if !groups.is_empty() {
            entry.extra.insert(GROUPS_KEY.to_owned(), Value::from(groups));
        }
        entry.conference = around;
        // The same in two notations.
        if seen.insert((folded(&entry.title), entry.day, entry.start)) && sessions.has_room() {
            sessions.push(entry);
        }
    }
    let (mut entries, mut problems) = sessions.end();
    problems.extend(are_cut.map(|at| {
        let message = format!("an event has more than {PEOPLE_MAX} people; the first are kept");
        Problem::new("", Some(page.lines.line(at)), message, "list those who are heard")
    }));
    if entries.is_empty() {
        return None;
    }
    // A conference that all talks name is the page's.
    if conference.is_none() {
        conference = entries[0]
            .conference
            .clone()
            .filter(|name| entries.iter().all(|entry| entry.conference.as_ref() == Some(name)));
    }
    let stated = page.head.edition();
    let year = stated.as_ref().and_then(|mention| mention.edition.year);
    let conference = conference.or_else(|| stated.map(|mention| mention.edition.edition));
    if let [entry] = &mut entries[..] {
        entry.url = entry.url.take().or_else(|| page.head.url.clone());
    }
    let context = Context {
        conference,
        year: year.filter(|_| entries.iter().all(|entry| entry.day.is_none())),
        ..Context::default()
    };
    for entry in &mut entries {
        entry.language = entry.language.take().or_else(|| page.head.language.clone());
    }
    Some((Found { context, entries, people: Vec::new() }, problems))
}

/// The day of an event that has a time of day.
fn clock_day(object: &Map<String, Value>) -> Option<Date> {
    let moment = times::moment(&name(object.get("startDate")?)?, None)?;
    moment.time.and(moment.day)
}

/// An event of several days, or one that is named as an edition and where nobody in particular is heard.
fn is_conference(object: &Map<String, Value>) -> bool {
    let day = |key: &str| times::moment(&name(object.get(key)?)?, None)?.day;
    let lasts = day("startDate").zip(day("endDate")).is_some_and(|(from, to)| (to - from).get_days() > 1);
    let title = object.get("name").and_then(name).unwrap_or_default();
    // A name of many words is none of an edition.
    let names_edition = title.len() <= EDITION_BYTES_MAX
        && find_editions(&title).iter().any(|found| (found.end - found.start) * 2 > title.len());
    let n_people = PERFORMERS
        .iter()
        .filter_map(|key| object.get(*key))
        .map(|value| value.as_array().map_or(1, Vec::len))
        .sum::<usize>();
    lasts || is_type(object, CONFERENCES) || (names_edition && n_people != 1)
}

fn resolved<'a>(value: &'a Value, known: &HashMap<&str, &'a Item>) -> Option<&'a Value> {
    let is_reference = |object: &Map<String, Value>| !object.contains_key("name") && object.contains_key("@id");
    match value {
        Value::Object(object) if is_reference(object) => known.get(object.get("@id")?.as_str()?)?.object.get("name"),
        value => Some(value),
    }
}

/// Who is heard, each once, and whether some were left out.
fn performers(object: &Map<String, Value>, known: &HashMap<&str, &Item>) -> (Vec<Person>, bool) {
    let read = |key: &str| {
        let (mut found, mut names) = (Vec::new(), HashSet::new());
        for value in object.get(key).into_iter().flat_map(each) {
            if found.len() >= PEOPLE_MAX {
                return (found, true);
            }
            for person in person(value, known, &names) {
                names.insert(person.name.clone());
                found.push(person);
            }
        }
        (found, false)
    };
    let found = PERFORMERS.iter().map(|key| read(key)).find(|(people, _)| !people.is_empty()).unwrap_or_default();
    // Who organises is a firm, as a rule; a person holds the event.
    let holds = |value: &Value| value.as_object().is_some_and(|object| is_type(object, &["Person"]));
    if found.0.is_empty() && object.get("organizer").is_some_and(holds) { read("organizer") } else { found }
}

/// Performers that are no persons, and of whom no members are named.
fn groups(object: &Map<String, Value>) -> Vec<String> {
    let values = PERFORMERS.iter().filter_map(|key| object.get(*key)).flat_map(each);
    let groups = values.filter_map(Value::as_object).filter(|found| is_type(found, GROUPS));
    groups
        .filter(|group| !MEMBERS.iter().any(|key| group.contains_key(*key)))
        .filter_map(|group| name(group.get("name")?))
        .collect()
}

/// The values of a list, or the one that is none.
fn each(value: &Value) -> std::slice::Iter<'_, Value> {
    value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice).iter()
}

/// The people that a value names, but for those who are known by `names`.
fn person(value: &Value, known: &HashMap<&str, &Item>, names: &HashSet<String>) -> Vec<Person> {
    let object = match value {
        Value::Object(object) => object,
        Value::String(text) if TYPES.contains(&text.as_str()) => return Vec::new(),
        Value::String(text) => {
            let read = people::read(text).into_iter();
            return read
                .map(|found| Person {
                    name: found.name,
                    affiliation: found.affiliation,
                    role: found.role,
                    ..Person::default()
                })
                .collect();
        }
        _ => return Vec::new(),
    };
    let told = object.get("@id").and_then(|id| known.get(id.as_str()?)).copied();
    let object = told.map_or(object, |item| &item.object);
    if is_type(object, GROUPS) {
        let members = MEMBERS.iter().filter_map(|key| object.get(*key)).flat_map(each);
        return members
            .filter(|member| *member != value)
            .flat_map(|member| person(member, &HashMap::new(), names))
            .collect();
    }
    let get = |keys: &[&str]| keys.iter().find_map(|key| name(object.get(*key)?));
    let parts = || Some([get(&["givenName"])?, get(&["familyName"])?].join(" "));
    let Some(full) = get(&["name"]).or_else(parts) else { return Vec::new() };
    let company = get(&["affiliation", "worksFor", "memberOf"]).or_else(|| people::employer(&get(&["jobTitle"])?));
    let bio = object.get("description").and_then(Value::as_str).filter(|bio| !bio.is_empty());
    // A text about somebody may be long, and the name stand there a thousand times.
    let found = people::one(&full, company.as_deref()).filter(|found| !names.contains(&found.name)).into_iter();
    found
        .map(|found| Person {
            name: found.name,
            affiliation: found.affiliation,
            bio: bio.map(str::to_owned),
            span: told.map(|item| item.span),
            ..Person::default()
        })
        .collect()
}

fn entry(object: &Map<String, Value>, people: Vec<Person>) -> Entry {
    let get = |key: &str| object.get(key).and_then(name);
    let moment = |key: &str| times::moment(&get(key)?, None);
    let (start, end) = (moment("startDate"), moment("endDate"));
    let long = |key: &str| match object.get(key) {
        Some(Value::String(text)) => Some(text.clone()),
        Some(Value::Array(texts)) => Some(texts.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n\n")),
        _ => None,
    };
    let day = start.as_ref().and_then(|moment| moment.day);
    let start_time = start.as_ref().and_then(|moment| moment.time);
    let minutes = get("duration").and_then(|text| times::minutes(&text));
    let lasting = start_time.zip(minutes).map(|(time, minutes)| time.wrapping_add(jiff::Span::new().minutes(minutes)));
    let address = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Object(object) => {
            ["contentUrl", "url", "embedUrl"].iter().find_map(|key| object.get(*key)?.as_str().map(str::to_owned))
        }
        _ => None,
    };
    let links = |key: &str, kind: Option<&str>| -> Vec<String> {
        let fits =
            |value: &&Value| kind.is_none_or(|kind| value.as_object().is_some_and(|object| is_type(object, &[kind])));
        object
            .get(key)
            .into_iter()
            .flat_map(each)
            .filter(fits)
            .filter_map(address)
            .filter(|url| url.starts_with("http"))
            .collect()
    };
    let keywords = match object.get("keywords") {
        Some(Value::Array(words)) => words.iter().filter_map(name).collect(),
        _ => get("keywords")
            .map(|words| words.split(',').map(|word| word.trim().to_owned()).collect())
            .unwrap_or_default(),
    };
    Entry {
        title: get("name").unwrap_or_default(),
        subtitle: get("alternateName"),
        texts: ["disambiguatingDescription", "abstract", "description"].iter().filter_map(|key| long(key)).collect(),
        people,
        day,
        start: start_time,
        end: end.and_then(|moment| moment.time).or(lasting).filter(|end| Some(*end) != start_time),
        time_zone: start.and_then(|moment| moment.zone),
        room: get("location"),
        kind: get("additionalType").filter(|kind| !kind.contains("://")).or_else(|| get("genre")),
        tags: keywords,
        language: get("inLanguage"),
        url: get("url").filter(|url| url.starts_with("http")),
        videos: [links("recordedIn", None), links("video", None), links("subjectOf", Some("VideoObject"))].concat(),
        slides: links("subjectOf", Some("PresentationDigitalDocument")),
        state: get("eventStatus").filter(|state| state.ends_with("Cancelled")).map(|_| "cancelled".to_owned()),
        ..Entry::default()
    }
}
