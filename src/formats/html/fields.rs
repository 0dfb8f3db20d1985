//! What an element of a program is by its class, its link, its column; and whether a text is somebody's name.

use crate::{
    formats::{
        schedule::{
            keys::{Meaning, meaning},
            people,
        },
        usenix::people::is_name,
    },
    text::html::dom::Dom,
};

/// What an element of a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    People,
    Affiliation,
    Bio,
    Time,
    Duration,
    Room,
    Track,
    Kind,
    Tags,
    /// Of no use.
    Nothing,
}

/// Words of class names. The last word of a class decides, but for those that say only how it looks.
#[rustfmt::skip]
const WORDS: &[(Field, &[&str])] = &[
    (Field::Title, &["title", "titel", "titre", "titulo", "headline", "subject"]),
    (Field::People, &["speaker", "speakers", "presenter", "presenters", "person", "persons", "people", "author", "authors", "lecturer",
        "referent", "referentin", "referenten", "vortragende", "sprecher", "intervenant", "intervenants", "orateur", "orateurs", "ponente",
        "ponentes", "panelists"]),
    (Field::Affiliation, &["affiliation", "company", "organisation", "organization", "org", "employer", "tagline", "position", "role"]),
    (Field::Bio, &["bio", "biography"]),
    (Field::Time, &["time", "times", "hour", "hours", "when", "start", "date", "datetime", "clock", "timeandplace",
        "uhrzeit", "zeit", "heure", "horaire", "hora"]),
    (Field::Duration, &["duration", "length"]),
    (Field::Room, &["room", "location", "venue", "stage", "hall", "place", "vs", "raum", "saal", "salle", "lieu", "sala"]),
    (Field::Track, &["track", "stream", "theme"]),
    (Field::Kind, &["type", "format", "category", "kind"]),
    (Field::Tags, &["tags", "keywords", "topics"]),
    (Field::Nothing, &["level", "audience", "difficulty", "social", "socials", "share", "headerlink", "anchor", "favorite", "button", "btn"]),
];
const LOOKS: &[&str] = &[
    "name",
    "names",
    "list",
    "item",
    "items",
    "wrapper",
    "container",
    "box",
    "info",
    "text",
    "inner",
    "block",
    "row",
    "link",
    "value",
    "wrap",
    "label",
];
/// Parts of addresses of pages of people and of talks.
const PEOPLE_PAGES: &[&str] = &["speaker", "speakers", "presenter", "presenters", "person", "people", "persons"];
const TALK_PAGES: &[&str] = &[
    "event",
    "events",
    "session",
    "sessions",
    "talk",
    "talks",
    "presentation",
    "presentations",
    "contribution",
    "contributions",
    "proposal",
    "proposals",
    "paper",
    "papers",
];
/// Words of programs that are written like names.
const NOT_IN_NAMES: &[&str] = &[
    "introduction",
    "keynote",
    "keynotes",
    "welcome",
    "session",
    "sessions",
    "party",
    "lunch",
    "breakfast",
    "dinner",
    "doors",
    "opening",
    "closing",
    "night",
    "break",
    "coffee",
    "registration",
    "panel",
    "workshop",
    "tutorial",
    "talks",
    "track",
    "stage",
    "schedule",
    "remarks",
];
/// Words of jobs: a heading of them stands under a name, and is no title of a talk.
const JOBS: &[&str] = &[
    "engineer",
    "developer",
    "manager",
    "director",
    "head",
    "founder",
    "co-founder",
    "cto",
    "ceo",
    "vp",
    "officer",
    "organizer",
    "organiser",
    "volunteer",
    "chair",
    "writer",
    "consultant",
    "president",
    "coordinator",
    "lead",
    "architect",
    "professor",
    "designer",
    "co-organizer",
    "sponsor",
];
pub(super) const PEOPLE_CHARS_MAX: usize = 400;
const JOB_WORDS_MAX: usize = 7;

/// What an element is by its class and its link, without what stands in it.
pub(super) fn field(dom: &Dom, at: usize) -> Option<Field> {
    let name = dom.name(at);
    if name.is_empty() || name == "img" {
        return None;
    }
    if name == "time" {
        return Some(Field::Time);
    }
    let href = dom.attr(at, "href");
    if dom.has_class(at, "name") && href.is_some_and(leads_to_talk) {
        return Some(Field::Title);
    }
    if let Some(found) = dom.classes(at).find_map(by_class) {
        return Some(found);
    }
    match href {
        Some(href) if leads_to(href, PEOPLE_PAGES) => Some(Field::People),
        _ => None,
    }
}

/// Whether one of an element's classes says what it holds.
pub(super) fn is_told_by_class(dom: &Dom, at: usize) -> bool {
    dom.classes(at).any(|class| by_class(class).is_some())
}

fn by_class(class: &str) -> Option<Field> {
    let spaced: String = class
        .chars()
        .flat_map(|c| if c.is_uppercase() { vec![' ', c.to_ascii_lowercase()] } else { vec![c] })
        .collect();
    let words: Vec<&str> = spaced.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at = words.iter().rposition(|word| !LOOKS.contains(word))?;
    let known = |word: &str| WORDS.iter().find(|(_, names)| names.contains(&word)).map(|(field, _)| *field);
    let of_person = words[..at].iter().any(|word| known(word) == Some(Field::People));
    match known(words[at]) {
        // "speaker-title" is what the speaker does.
        Some(Field::Title) if of_person => Some(Field::Affiliation),
        found => found,
    }
}

/// What a column is by its heading.
pub(super) fn by_heading(text: &str) -> Option<Field> {
    Some(match meaning(text)? {
        Meaning::Title | Meaning::Session => Field::Title,
        Meaning::Speakers | Meaning::SpeakerName => Field::People,
        Meaning::Start | Meaning::Day => Field::Time,
        Meaning::Duration => Field::Duration,
        Meaning::Room => Field::Room,
        Meaning::Track => Field::Track,
        Meaning::Kind => Field::Kind,
        Meaning::Affiliation => Field::Affiliation,
        Meaning::Tags => Field::Tags,
        _ => return None,
    })
}

/// Whether a link leads to the page of one talk.
pub(super) fn leads_to_talk(href: &str) -> bool {
    leads_to(href, TALK_PAGES)
}

/// Whether a link leads to the page of a person.
pub(super) fn leads_to_person(href: &str) -> bool {
    leads_to(href, PEOPLE_PAGES)
}

fn leads_to(href: &str, pages: &[&str]) -> bool {
    let lower = href.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['/', '#', '?', '=', '&']).filter(|part| !part.is_empty()).collect();
    let named =
        |part: &&str| pages.iter().any(|page| part.strip_prefix(page).is_some_and(|rest| rest.starts_with('-')));
    // A list of them is no page of one.
    parts.iter().rev().skip(1).any(|part| pages.contains(part)) || parts.last().is_some_and(named)
}

/// The level of a heading, 1 to 6.
pub(super) fn heading(dom: &Dom, at: usize) -> Option<u8> {
    let name = dom.name(at).as_bytes();
    (name.len() == 2 && name[0] == b'h' && (b'1'..=b'6').contains(&name[1])).then(|| name[1] - b'0')
}

/// Whether a text is the names of people and nothing else but where they work.
pub(super) fn names_people(text: &str) -> bool {
    if text.chars().nth(PEOPLE_CHARS_MAX).is_some() {
        return false;
    }
    let found = people::read(text);
    // What stands behind a dash and is no organisation is a title.
    if behind_names(text).is_some() && found.iter().any(|person| person.affiliation.is_none()) {
        return false;
    }
    let is_told =
        |text: &str| text.to_lowercase().split(|c: char| !c.is_alphabetic()).any(|word| NOT_IN_NAMES.contains(&word));
    !found.is_empty()
        && !is_told(text)
        && !text.contains(|c: char| c.is_ascii_digit())
        && found.iter().all(|person| is_name(&person.name))
}

/// The same without anything behind a dash or a colon, which may be an organisation, and a title just as well.
pub(super) fn names_alone(text: &str) -> bool {
    names_people(text) && behind_names(text).is_none()
}

/// "Ann Example - Acme", "Ann Example: Her Talk": what a line has behind names and a sign.
pub(super) fn behind_names(text: &str) -> Option<&str> {
    [" - ", " – ", " — ", ": "].iter().find_map(|sign| {
        let (names, rest) = text.split_once(sign)?;
        let found = people::read(names);
        (!found.is_empty() && found.iter().all(|person| is_name(&person.name))).then_some(rest)
    })
}

pub(super) fn is_job(title: &str) -> bool {
    let lower = title.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| c.is_whitespace() || ",/@".contains(c)).collect();
    words.len() <= JOB_WORDS_MAX && words.iter().any(|word| JOBS.contains(word))
}
