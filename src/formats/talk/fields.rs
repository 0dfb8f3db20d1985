//! The front matter of a talk's or a speaker's page: what its keys mean, whatever the generator of the site.

use serde_json::{Map, Value};

use crate::{
    formats::schedule::{
        keys::{Meaning, folded, meaning},
        talk_type, times,
        tree::value,
    },
    record::TalkType,
};

/// Keys, folded as in `schedule/keys.rs`, of objects that hold more keys of the page.
const WRAPPERS: &[&str] = &["params", "extra", "taxonomies", "talk", "session", "presentation", "data", "details"];
/// Keys of pages that mean what a key of schedules does.
#[rustfmt::skip]
const RENAMED: &[(&str, &str)] = &[
    ("event", "conference"), ("eventtitle", "conference"), ("eventdate", "date"), ("dateend", "end_date"), ("urlvideo", "video"),
    ("urlrecording", "video"), ("urlslides", "slides"), ("vimeoid", "vimeo"), ("youtubevideo", "youtube"), ("videoid", "youtube"),
    ("slideslink", "slides"), ("talkabstract", "abstract"),
];
/// What a site's generator wants to know, and addresses that are not the talk's.
#[rustfmt::skip]
const PLUMBING: &[&str] = &[
    "layout", "filter", "extension", "dirty", "proposal", "sitemap", "published", "hidden", "draft", "weight", "aliases", "menu",
    "linktitle", "schedulelayout", "group", "featured", "outputs", "cascade", "comments", "toc", "share", "redirectfrom", "eventurl",
    "eventwebsite", "eventlink", "conferenceurl", "conferencelink", "publishdate", "sharingimage", "seo", "metadescription",
    "menutitle", "socialimage", "ogimage", "draftstatus", "searchable", "kindofpage", "template", "authorrole",
];
/// Keys that are true for what a proposal is, and what that is in the words of schedules; the better known first.
const FLAGS: &[(&str, &str)] = &[
    ("keynote", "keynote"),
    ("workshop", "workshop"),
    ("tutorial", "tutorial"),
    ("panel", "panel"),
    ("openspace", "open space"),
    ("talk", "talk"),
    ("lightning", "lightning"),
    ("lightningtalk", "lightning"),
    ("ignite", "ignite"),
    ("poster", "poster"),
];
/// Values of `type` that say what the page is, and not the talk.
const PAGE_TYPES: &[&str] = &["page", "post", "posts", "speaker", "event", "events", "default", "section", "article"];
/// Endings of keys that hold names of pages: `presenter_slugs`, `speaker_ids`.
const REF_ENDINGS: &[&str] = &["slugs", "slug", "ids", "id", "refs", "ref", "keys", "key", "names", "list"];
/// People who stand in front matter for other reasons, where somebody else is named as well.
const AUTHORS: &[&str] = &["author", "authors", "people", "persons", "host", "hosts"];

/// The keys and values, in the order of the file.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub fn new(map: Map<String, Value>) -> Fields {
        let mut out = Map::new();
        let mut inner = Vec::new();
        for (key, value) in map {
            match value {
                Value::Object(object) if WRAPPERS.contains(&folded(&key).as_str()) => inner.extend(object),
                value => _ = out.insert(key, value),
            }
        }
        for (key, value) in inner {
            out.entry(key).or_insert(value);
        }
        Fields(out)
    }

    pub fn iter(&self) -> impl Iterator<Item = (String, &Value)> {
        self.0.iter().map(|(key, value)| (folded(key), value))
    }

    pub fn get(&self, name: &str) -> Option<&Value> {
        self.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The text of the first of these keys that has one.
    pub fn text(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| value::text(self.get(name)?)).filter(|text| !text.trim().is_empty())
    }

    /// The texts of the keys of a meaning.
    pub fn of(&self, wanted: Meaning) -> impl Iterator<Item = String> {
        let of = self.0.iter().filter(move |(key, _)| meaning(key) == Some(wanted));
        of.filter_map(|(_, value)| value::text(value)).filter(|text| !text.trim().is_empty())
    }

    pub fn has(&self, wanted: Meaning) -> bool {
        self.of(wanted).next().is_some()
    }

    /// A proposal names whoever proposes it as its author.
    pub fn is_proposal(&self) -> bool {
        self.get("proposal").is_some() || self.people_keys().all(|(_, name, _)| is_author(&name))
    }

    /// Keys that name people: as written, what they are a list of, and the value.
    pub fn people_keys(&self) -> impl Iterator<Item = (&str, String, &Value)> {
        self.0.iter().filter_map(|(key, value)| Some((key.as_str(), people_key(key)?, value)))
    }

    /// Whether somebody is named as a speaker, and not only as an author.
    pub fn names_speakers(&self) -> bool {
        let is_someone = |value: &Value| match value {
            Value::String(text) => !text.trim().is_empty(),
            Value::Array(values) => !values.is_empty(),
            Value::Object(object) => !object.is_empty(),
            _ => false,
        };
        self.people_keys().any(|(_, name, value)| !is_author(&name) && is_someone(value))
    }

    /// The keys of a session, as `schedule/object.rs` reads it.
    pub fn of_talk(&self) -> Map<String, Value> {
        let mut out = Map::new();
        let mut tags: Vec<Value> = Vec::new();
        let has_own_title = self.0.keys().any(|key| is_own_title(key));
        let drops_date = self.has_own_day() || self.text(&["date"]).is_some_and(|date| has_seconds(&date));
        let speakers = self.names_speakers();
        let flag = FLAGS.iter().find(|(name, _)| self.get(name) == Some(&Value::Bool(true)));
        for (key, value) in &self.0 {
            let name = folded(key);
            let is_flag = value.is_boolean() && FLAGS.iter().any(|(flag, _)| *flag == name);
            let is_other_title = has_own_title && matches!(name.as_str(), "title" | "name");
            let is_other_date = drops_date && name == "date";
            let is_author = speakers && people_key(key).is_some_and(|name| is_author(&name));
            if is_flag || is_other_title || is_other_date || is_author || PLUMBING.contains(&name.as_str()) {
                continue;
            }
            if let Some(state) = state(&name, value) {
                out.insert("state".to_owned(), Value::from(state));
                continue;
            }
            if name == "categories" || (meaning(key) == Some(Meaning::Kind) && !is_kind(value)) {
                // A category that is no sort of session is a subject.
                if !(name == "type" || is_page_type(value)) {
                    tags.extend(value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
                }
                continue;
            }
            let renamed = RENAMED.iter().find(|(from, _)| *from == name).map(|(_, to)| (*to).to_owned());
            out.insert(renamed.unwrap_or_else(|| key.clone()), value.clone());
        }
        if let Some((_, kind)) = flag {
            out.insert("type".to_owned(), Value::from(*kind));
        }
        if !tags.is_empty() {
            out.insert("keywords".to_owned(), Value::Array(tags));
        }
        out
    }

    /// Whether a key says on which day the talk is, so that a bare `date` is of the page.
    fn has_own_day(&self) -> bool {
        let has_day = |value: &Value| {
            value::text(value).and_then(|text| times::moment(&text, None)).is_some_and(|moment| moment.day.is_some())
        };
        self.0.iter().any(|(key, value)| {
            let is_day = matches!(meaning(key), Some(Meaning::Day | Meaning::Start)) || folded(key) == "eventdate";
            folded(key) != "date" && is_day && has_day(value)
        })
    }
}

/// A moment told to the second is when the page was made: no talk begins at 10:11:12.
fn has_seconds(date: &str) -> bool {
    let mut parts = date.splitn(3, ':').skip(2);
    let seconds = parts.next().and_then(|rest| rest.get(..2));
    seconds.is_some_and(|seconds| seconds.bytes().all(|byte| byte.is_ascii_digit()) && seconds != "00")
}

/// What became of a proposal, by a key that is true or not: `accepted`, `igniteselected`.
fn state(name: &str, value: &Value) -> Option<&'static str> {
    match value.as_bool()? {
        is if name == "accepted" => Some(if is { "accepted" } else { "rejected" }),
        true if name == "cancelled" || name == "canceled" => Some("cancelled"),
        true if name.ends_with("selected") && name != "selected" => Some("selected"),
        _ => None,
    }
}

/// `talk_title` beside a `title` that is the page's.
fn is_own_title(key: &str) -> bool {
    let name = folded(key);
    name != "title" && name.ends_with("title") && meaning(key) == Some(Meaning::Title) && !name.starts_with("event")
}

fn is_kind(value: &Value) -> bool {
    let is_one = |text: &str| {
        !is_page_type(&Value::from(text)) && talk_type(Some(text), "").is_some_and(|found| found != TalkType::Other)
    };
    match value {
        Value::String(text) => is_one(text),
        Value::Array(values) => values.iter().filter_map(Value::as_str).any(is_one),
        _ => value.is_object(),
    }
}

fn is_page_type(value: &Value) -> bool {
    value.as_str().is_some_and(|text| PAGE_TYPES.contains(&folded(text).as_str()))
}

/// `author`, `author_name`
fn is_author(name: &str) -> bool {
    AUTHORS.contains(&name.strip_suffix("name").unwrap_or(name))
}

/// What a key that names people is a list of: "presenters" of `presenter_slugs`, "speaker" of `speaker2`.
fn people_key(key: &str) -> Option<String> {
    let name = folded(key);
    let name = name.trim_end_matches(|c: char| c.is_ascii_digit());
    let of = |name: &str| matches!(meaning(name), Some(Meaning::Speakers | Meaning::SpeakerName));
    if of(name) {
        return Some(name.to_owned());
    }
    let bare = REF_ENDINGS.iter().find_map(|ending| name.strip_suffix(ending)).filter(|bare| of(bare))?;
    Some(bare.to_owned())
}
