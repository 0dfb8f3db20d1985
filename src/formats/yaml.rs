//! Schedules in YAML: lists of sessions as the sites of conferences keep them, beside lists of their speakers and the times
//! of their slots. `schedule/find.rs` finds the sessions by what they hold.

mod beside;
pub(super) mod lenient;
pub(super) mod tree;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use self::{beside::Event, tree::Found};
use super::{
    Draft, Input, edition, report,
    schedule::{
        self,
        keys::{Meaning, folded, meaning},
        tree::value,
    },
    talk::laid_out,
};
use crate::text::one_line;

/// Levels above a session.
const DEPTH_MAX: usize = 16;
/// A text that speaks of code may have one such line.
const SCHEMA_LINES_MIN: usize = 3;
/// Words in names of files that hold sessions, which are another word in those of what stands beside them.
const SESSIONS: &[&str] = &["sessions", "talks", "presentations", "speakers"];
/// Words in names of files that say what an event is called, and where and when it is.
const EVENTS: &[&str] = &["config", "conf", "conference", "event", "info", "settings", "meta"];
/// Keys that programs of such sites have, and those that say the same everywhere.
const RENAMED: &[(&str, &str)] =
    &[("service", "isServiceSession"), ("videoId", "youtubeId"), ("subtype", "type"), ("surname", "lastName")];

pub(super) fn recognise(input: &Input) -> bool {
    report::extension(input.path).is_some_and(|extension| matches!(&*extension, "yml" | "yaml"))
}

pub(super) fn parse(input: &Input) -> Draft {
    let Found { value: mut root, problems, tolerated } = match tree::read_items(input.text) {
        Ok(found) => found,
        Err(problem) => return Draft { problems: vec![problem], ..Draft::default() },
    };
    let names = Names::of(input.path);
    // A file that is one thing is no list of sessions: an event, a sponsor, the settings of a site.
    if !holds_list(&root)
        || is_schema(input.text)
        || names.sessions.iter().any(|name| input.beside(name, beside::is_list).is_some())
    {
        return Draft { is_page: problems.is_empty(), problems, tolerated, ..Draft::default() };
    }
    let laid_out = laid_out::take(input, &mut root);
    prepare(&mut root, 0);
    if let Value::Object(object) = &mut root {
        // When the event is and what it is about would make a session of it.
        object.retain(|key, value| {
            let is_of_session = matches!(
                meaning(key),
                Some(Meaning::Start | Meaning::End | Meaning::Day | Meaning::Abstract | Meaning::Description)
            );
            value.is_array() || value.is_object() || !is_of_session
        });
    }
    let laid_at = laid_out.as_ref().and_then(|found| found.edition.as_ref());
    if let (Some(edition), Value::Object(object)) = (laid_at, &mut root) {
        object.insert("conference".to_owned(), json!({ "title": edition.edition }));
    }
    let event = event_beside(input);
    if let Some(slots) = names.schedule.iter().find_map(|name| input.beside(name, beside::slots)) {
        let days = event.as_ref().map(|event| event.days.clone()).unwrap_or_default();
        slots.fill(&mut root, &days);
    }
    let people = names.people.iter().find_map(|name| input.beside(name, beside::people));
    let site = input.beside("../_config.yml", beside::title);
    let site = site.filter(|title| !edition::find(title, &edition::Context::default()).is_empty());
    let title = event.as_ref().and_then(|event| event.title.clone()).or(site.map(|title| (*title).clone()));
    if people.is_some() || (root.is_array() && title.is_some()) {
        let mut whole = Map::new();
        whole.extend(title.map(|title| ("conference".to_owned(), json!({ "title": title }))));
        whole.insert("sessions".to_owned(), root);
        whole.extend(people.map(|people| ("speakers".to_owned(), people.0.clone())));
        root = Value::Object(whole);
    }
    let mut draft = schedule::find::draft(input, value::read(root));
    if let Some(found) = laid_out {
        draft.is_page = draft.records.is_empty();
        draft.notes.extend(found.notes);
    }
    draft.is_page &= problems.is_empty();
    draft.problems.extend(problems);
    draft.tolerated.extend(tolerated);
    if let Some(event) = event {
        event.complete(&mut draft);
    }
    draft
}

/// The event of whose name and year the file's name consists: "foo-2022-config.yaml" beside "2022.foo.speakers.yaml".
fn event_beside(input: &Input) -> Option<Arc<Event>> {
    let own = words(report::stem(input.path), SESSIONS.iter().chain(&["schedule", "program"]))?;
    let names = input.find_beside("", &["*.yaml", "*.yml"]);
    let of_event = |name: &&String| words(report::stem(name), EVENTS).is_some_and(|words| words == own);
    names.iter().filter(of_event).find_map(|name| input.beside(name, beside::event))
}

/// The words of a file's name without those that say what it holds, of which there must be one; sorted.
fn words<'a>(stem: &str, kinds: impl IntoIterator<Item = &'a &'a str>) -> Option<Vec<String>> {
    let kinds: Vec<&str> = kinds.into_iter().copied().collect();
    let (kind, mut words): (Vec<_>, Vec<_>) = stem
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .partition(|word| kinds.contains(&&**word));
    words.sort();
    (!kind.is_empty()).then_some(words)
}

/// Names of the files beside one, by its own.
struct Names {
    /// For a file of times: those whose sessions take them.
    sessions: Vec<String>,
    schedule: Vec<String>,
    people: Vec<String>,
}

impl Names {
    fn of(path: &str) -> Names {
        let (stem, extension) = (report::stem(path), path.rsplit('.').next().unwrap_or_default());
        let with = |from: &str, to: &str| format!("{}.{extension}", stem.replacen(from, to, 1));
        let mut names = Names { sessions: Vec::new(), schedule: Vec::new(), people: Vec::new() };
        if stem.contains("schedule") {
            names.sessions =
                SESSIONS.iter().filter(|word| **word != "speakers").map(|word| with("schedule", word)).collect();
        } else if let Some(word) = SESSIONS.iter().find(|word| stem.contains(**word)) {
            names.schedule.push(with(word, "schedule"));
            if *word != "speakers" {
                names.people.push(with(word, "speakers"));
            }
        }
        names
    }
}

/// Whether a text says of which types values are, `title: str()`, and has none.
fn is_schema(text: &str) -> bool {
    let is_type = |line: &&str| [": str(", ": int(", ": include("].iter().any(|sign| line.contains(sign));
    text.lines().filter(is_type).count() >= SCHEMA_LINES_MIN
}

/// Whether there is a list of mappings somewhere in a tree.
fn holds_list(value: &Value) -> bool {
    match value {
        Value::Array(values) => values.iter().any(|value| value.is_object() || holds_list(value)),
        Value::Object(object) => object.values().any(holds_list),
        _ => false,
    }
}

/// Gives sessions the keys that are known: `series` and `year` are the conference.
fn prepare(value: &mut Value, depth: usize) {
    match value {
        Value::Array(values) if depth <= DEPTH_MAX => values.iter_mut().for_each(|value| prepare(value, depth + 1)),
        Value::Object(object) if depth <= DEPTH_MAX => {
            object.values_mut().for_each(|value| prepare(value, depth + 1));
            let get = |wanted: &str| object.iter().find(|(key, _)| folded(key) == wanted).map(|(_, value)| value);
            let year = get("year").map(|year| year.as_str().map_or_else(|| year.to_string(), str::to_owned));
            let year = year.filter(|year| edition::year_in(year).is_some());
            let conference = get("series").and_then(Value::as_str).zip(year);
            let conference = conference.filter(|_| get("title").is_some() && get("conference").is_none());
            if let Some((series, year)) = conference {
                let name = one_line(&format!("{series} {year}"));
                object.insert("conference".to_owned(), Value::String(name));
            }
            // Of a person with a surname, the name is the other one.
            if object.contains_key("surname") && !object.contains_key("firstName") {
                let given = object.remove("name").unwrap_or_default();
                object.insert("firstName".to_owned(), given);
            }
            for (from, to) in RENAMED {
                if let Some(value) = object.get(*from).filter(|_| !object.contains_key(*to)).cloned() {
                    object.remove(*from);
                    object.insert((*to).to_owned(), value);
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn an_event_and_its_sessions_have_names_of_the_same_words() {
        let words = |stem, kinds: &[&str]| super::words(stem, kinds).map(|words| words.join(" "));
        assert_eq!(words("2018.foo.speakers", super::SESSIONS).as_deref(), Some("2018 foo"));
        assert_eq!(words("config-foo-2018", super::EVENTS).as_deref(), Some("2018 foo"));
        assert_eq!(words("sessions", super::SESSIONS), words("event", super::EVENTS));
        assert_eq!(words("foo-2018", super::EVENTS), None);
    }

    #[test]
    fn names_of_files_tell_what_stands_beside() {
        for (path, schedule, people, sessions) in [
            ("_data/sessions.yml", "schedule.yml", "speakers.yml", ""),
            ("_data/foo-2022-sessions.yaml", "foo-2022-schedule.yaml", "foo-2022-speakers.yaml", ""),
            ("_data/2018.foo.speakers.yaml", "2018.foo.schedule.yaml", "", ""),
            ("_data/schedule.yml", "", "", "sessions.yml talks.yml presentations.yml"),
            ("_data/program.yml", "", "", ""),
        ] {
            let names = Names::of(path);
            let found = [names.schedule.join(" "), names.people.join(" "), names.sessions.join(" ")];
            assert_eq!(found, [schedule, people, sessions], "{path}");
        }
    }
}
