//! Whether a page is of a talk, of a person, or of neither: told by its keys, and then by the folders that sites keep such
//! pages in.

use super::{
    INDEX_NAMES, Page, body,
    fields::Fields,
    grid::Grid,
    people::{PEOPLE_FOLDERS, WORKS_FOLDERS},
};
use crate::formats::{
    Input,
    academic::rows,
    report,
    schedule::{
        keys::{Meaning, folded, meaning},
        times,
    },
};

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Sort {
    Talk,
    Person,
    /// The grid of an edition, whose talks have pages of their own.
    Grid,
}

/// What a layout or type is called of pages of talks, and of people.
#[rustfmt::skip]
const TALK_WORDS: &[&str] = &[
    "talk", "talks", "session", "sessions", "presentation", "keynote", "workshop", "tutorial", "lightning", "panel", "proposal",
    "lecture",
];
const PERSON_WORDS: &[&str] = &["speaker", "speakers", "presenter", "presenters", "panelist"];
/// Folders in which sites keep talks, without the sign that Jekyll puts before those of a collection.
#[rustfmt::skip]
const TALK_FOLDERS: &[&str] = &[
    "talk", "talks", "session", "sessions", "program", "programme", "proposal", "proposals", "presentation", "presentations",
    "keynotes", "workshops", "tutorials", "lectures", "schedule",
];
/// Of these, folders that hold nothing else.
const TALKS_ALONE: &[&str] =
    &["talk", "talks", "session", "sessions", "presentations", "keynotes", "workshops", "tutorials"];
/// The same as they are written beside a folder of people.
#[rustfmt::skip]
const TALKS_BESIDE: &[&str] = &[
    "talks", "_talks", "talk", "sessions", "_sessions", "session", "program", "programme", "proposals", "presentations",
    "_presentations", "_schedule", "schedule",
];
/// Keys that only people have.
#[rustfmt::skip]
const PERSON_KEYS: &[&str] = &[
    "twitter", "twitterhandle", "github", "linkedin", "mastodon", "photo", "photourl", "avatar", "headshot", "pronouns", "bluesky",
    "picture", "profilepicture", "socials", "social", "bio", "company",
];
/// A table is a grid when so many of its rows have a time and a link.
const LINKED_ROWS_MIN: usize = 3;
/// Folders in which generators keep what pages are made from.
const GENERATOR_FOLDERS: &[&str] =
    &["archetypes", "layouts", "_layouts", "templates", "_templates", "_includes", "includes", "partials"];
/// Titles, folded as keys are, of pages that sites keep beside those of talks.
#[rustfmt::skip]
const SITE_TITLES: &[&str] = &[
    "schedule", "program", "programme", "agenda", "timetable", "speakers", "talks", "sessions", "cfp", "callforpapers", "callforproposals",
    "callforspeakers", "callforparticipation", "submitatalk", "submitaproposal", "sponsors", "venue", "codeofconduct",
];
/// What the layout of a schedule is called.
const SCHEDULE_WORDS: &[&str] = &["schedule", "timetable", "agenda"];
/// Lines that begin with a time, of a page that is a schedule.
const TIMED_LINES_MIN: usize = 3;
/// Keys of papers in journals.
const PUBLICATION_KEYS: &[&str] = &["publication", "publicationtypes", "doi", "journal", "isbn"];

pub(super) fn sort(input: &Input, page: &Page) -> Option<Sort> {
    if is_template(input, &page.fields) {
        None
    } else if is_person(input, &page.fields) {
        Some(Sort::Person)
    } else if is_talk(input, page) {
        Some(Sort::Talk)
    } else {
        is_grid(input, page).then_some(Sort::Grid)
    }
}

/// What pages are made from, and no page: by its folder, its name, or a title that a command fills in.
fn is_template(input: &Input, fields: &Fields) -> bool {
    let in_folder = input.path.split('/').rev().skip(1).any(|folder| GENERATOR_FOLDERS.contains(&folder));
    let is_named = report::stem(input.path).to_lowercase().split(['-', '_']).any(|word| word == "template");
    let is_filled = |title: String| ["{{", "{%", "<%"].iter().any(|sign| title.contains(sign));
    in_folder || is_named || fields.of(Meaning::Title).any(is_filled)
}

/// A page of the site that lies among its talks: the schedule, how to propose one. No talk lists times.
fn is_of_site(page: &Page) -> bool {
    let is_titled = |title: String| SITE_TITLES.contains(&&*folded(&title));
    let says_schedule = ["layout", "type", "template"].iter().any(|key| says(&page.fields, key, SCHEDULE_WORDS));
    let begins = |line: &&str| {
        let text = line.trim_start_matches(|c: char| !c.is_alphanumeric()).trim_start_matches("td>");
        rows::times(text).is_some() && text.contains(':')
    };
    says_schedule
        || page.fields.of(Meaning::Title).any(is_titled)
        || page.body.lines().filter(begins).nth(TIMED_LINES_MIN - 1).is_some()
}

fn is_grid(input: &Input, page: &Page) -> bool {
    let has_table = page.body.contains("<tr") || page.body.contains("\n|");
    let is_grid = || Grid::of_page(&page.body).is_some_and(|grid| grid.n_linked() >= LINKED_ROWS_MIN);
    has_table && is_grid() && !input.find_beside("", TALKS_BESIDE).is_empty()
}

fn is_talk(input: &Input, page: &Page) -> bool {
    let fields = &page.fields;
    if PUBLICATION_KEYS.iter().any(|key| fields.get(key).is_some()) {
        return false;
    }
    // Without a title it is a talk whose title is missing.
    if fields.get("proposal").is_some() {
        return true;
    }
    if !fields.has(Meaning::Title) {
        return false;
    }
    if fields.names_speakers() || has_talk_keys(fields) {
        return true;
    }
    if is_of_site(page) {
        return false;
    }
    // What somebody wrote on a day about something is an article, wherever it lies.
    if fields.has(Meaning::Day) && fields.text(&["author", "authors"]).is_some() {
        return false;
    }
    let says_talk = ["layout", "type", "template"].iter().any(|key| says(fields, key, TALK_WORDS));
    let in_folder = holders(input).iter().any(|folder| is_one_of(folder, TALK_FOLDERS));
    let holds_talks = || holders(input).first().is_some_and(|folder| is_one_of(folder, TALKS_ALONE));
    (says_talk && (in_folder || has_details(fields)))
        || (in_folder && body::opens_with_speakers(&page.body))
        || (holds_talks() && has_beside(input, PEOPLE_FOLDERS))
}

/// `talk_start_time`; a room and a time; a conference, and what one has of a talk at it.
fn has_talk_keys(fields: &Fields) -> bool {
    let has_time = fields
        .of(Meaning::Start)
        .chain(fields.of(Meaning::Day))
        .any(|text| times::moment(&text, None).is_some_and(|moment| moment.time.is_some()));
    let has_place = fields.text(&["room", "roomname", "track", "stage", "hall"]).is_some();
    let has_event = fields.has(Meaning::Conference) || fields.text(&["event", "eventtitle"]).is_some();
    let has_talk = fields.text(&["abstract", "talkabstract", "urlslides", "urlvideo"]).is_some()
        || fields.has(Meaning::Slides)
        || fields.has(Meaning::Video);
    fields.iter().any(|(key, _)| key.len() > "talk".len() && key.starts_with("talk") && meaning(&key).is_some())
        || (has_time && has_place)
        || (has_event && has_talk)
}

fn has_details(fields: &Fields) -> bool {
    use Meaning::{Abstract, Conference, End, Room, Slides, Speakers, Start, Track, Video};
    [Abstract, Conference, End, Room, Slides, Speakers, Start, Track, Video]
        .into_iter()
        .any(|meaning| fields.has(meaning))
}

fn is_person(input: &Input, fields: &Fields) -> bool {
    let has_name = fields.has(Meaning::Title) || fields.has(Meaning::FirstName) || fields.has(Meaning::SpeakerName);
    let is_article = fields.has(Meaning::Day) && fields.text(&["author", "authors"]).is_some();
    if !has_name || fields.names_speakers() || is_article || is_list(input) {
        return false;
    }
    if ["layout", "type", "template"].iter().any(|key| says(fields, key, PERSON_WORDS)) {
        return true;
    }
    let is_known = PERSON_KEYS.iter().any(|key| fields.get(key).is_some())
        || [Meaning::Affiliation, Meaning::Bio, Meaning::Tagline, Meaning::FirstName]
            .into_iter()
            .any(|m| fields.has(m));
    let Some(folder) = holders(input).into_iter().next() else { return false };
    if is_one_of(&folder, WORKS_FOLDERS) {
        // The people of a company, the authors of a blog.
        return is_known && has_beside(input, TALKS_BESIDE);
    }
    is_one_of(&folder, PEOPLE_FOLDERS) && (is_known || has_beside(input, TALKS_BESIDE))
}

/// Whether a key's value has one of the words: `session-details`, `speaker_template`.
fn says(fields: &Fields, key: &str, words: &[&str]) -> bool {
    let value = fields.text(&[key]).unwrap_or_default().to_lowercase();
    value.split(|c: char| !c.is_alphanumeric()).any(|word| words.contains(&word))
}

fn is_one_of(folder: &str, names: &[&str]) -> bool {
    let folder = folded(folder);
    names.iter().any(|name| folded(name) == folder)
}

fn has_index_name(input: &Input) -> bool {
    INDEX_NAMES.contains(&report::stem(input.path).to_lowercase().as_str())
}

/// The list of a folder's pages, and not one of them.
fn is_list(input: &Input) -> bool {
    let parent = input.place.rsplit('/').nth(1).unwrap_or_default();
    has_index_name(input) && (is_one_of(parent, PEOPLE_FOLDERS) || is_one_of(parent, TALK_FOLDERS))
}

/// The folder that holds the page, and the one around it: `talks` of `talks/2023/x.md`, of `talks/x/index.md`.
fn holders(input: &Input) -> Vec<String> {
    let mut names = input.place.rsplit('/').skip(if has_index_name(input) { 2 } else { 1 });
    let mut out: Vec<String> = names.next().into_iter().map(str::to_owned).collect();
    out.extend(names.next().filter(|_| !is_list(input)).map(str::to_owned));
    if is_list(input) { Vec::new() } else { out }
}

/// Whether one of the folders lies beside the one that holds the page, or one further up.
fn has_beside(input: &Input, names: &[&str]) -> bool {
    let ups: &[&str] = if has_index_name(input) { &["../../", "../../../"] } else { &["../", "../../"] };
    ups.iter().any(|up| !input.find_beside(up, names).is_empty())
}
