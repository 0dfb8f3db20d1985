//! People of a talk's page: names in the front matter that stand for pages of their own, and what the text says of them.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{body, commands, fields::Fields};
use crate::{
    formats::{
        Input,
        markdown::front_matter,
        schedule::{
            Person,
            keys::{Meaning, folded},
            people, prose,
            tree::value,
        },
        usenix,
    },
    record::slug,
    text::{analyzer, capitalised},
};

/// Folders in which sites keep pages of people.
pub(super) const PEOPLE_FOLDERS: &[&str] =
    &["speakers", "_speakers", "speaker", "_speaker", "presenters", "_presenters", "presenter", "people", "_people"];
/// Of these also others than speakers are.
pub(super) const WORKS_FOLDERS: &[&str] = &["people", "_people", "authors", "_authors"];
/// The same, and data files of all people, from the folder of a talk or one above it.
#[rustfmt::skip]
const PLACES: &[&str] = &[
    "speakers", "_speakers", "speaker", "_speaker", "presenters", "_presenters", "people", "_people", "authors", "_authors",
    "_data/speakers", "data/speakers", "_data/speakers.yml", "_data/speakers.yaml", "_data/speakers.json", "data/speakers.yml",
    "data/speakers.yaml", "data/speakers.json", "speakers.yml", "speakers.yaml", "speakers.json",
];
const UPS: &[&str] = &["", "../", "../../", "../../../", "../../../../"];
/// Endings of the page of a person.
const PAGE_ENDINGS: &[&str] = &[
    ".md",
    ".mdx",
    ".markdown",
    ".html",
    ".txt",
    ".rst",
    ".yml",
    ".yaml",
    ".json",
    "/index.md",
    "/_index.md",
    "/index.mdx",
];
/// Keys of an object that stands for a page of a person.
const REF_KEYS: &[&str] = &["slug", "id", "ref", "speaker", "presenter", "person", "key", "handle", "discriminant"];
/// People that one page may name.
const REFS_MAX: usize = 100;
/// What somebody does has fewer words.
pub(super) const TAGLINE_WORDS_MAX: usize = 14;
/// What organisers write for people whom they don't name: "Speaker 12".
const PLACEHOLDERS: &[&str] = &["speaker", "proposal", "author", "presenter", "proposer"];
/// A page or an object of a person, read for the talks that name them.
#[derive(Clone)]
struct Known(Map<String, Value>);
/// Of a file that lists people, by what they may be called.
struct AllKnown(HashMap<String, Map<String, Value>>);

/// Puts into `joins` whom the front matter's names of pages stand for; `text` stands below it. `guessed` becomes true where
/// a name is made of that of a page that is not there.
pub(super) fn resolve(
    input: &Input,
    fields: &Fields,
    text: &str,
    object: &mut Map<String, Value>,
    known_people: &mut Map<String, Value>,
    guessed: &mut bool,
) {
    let keys: Vec<(String, String)> = fields
        .people_keys()
        .map(|(key, name, _)| (key.to_owned(), name))
        .filter(|(key, _)| object.contains_key(key))
        .collect();
    let is_proposal = fields.get("proposal").is_some();
    let mut n_refs = 0;
    for (key, name) in keys {
        let Some(value) = object.remove(&key) else { continue };
        let mut values = Vec::new();
        refs(value, &mut values);
        for value in &mut values {
            n_refs += 1;
            let Some(found) = value.as_str().filter(|_| n_refs <= REFS_MAX) else { continue };
            let bare = bare(found);
            if !is_ref(&bare) && (is_proposal || folded(&bare).len() > 60) {
                *value = Value::from(separated(found, text));
                continue;
            }
            let known = if is_ref(&bare) { look_up(input, &bare) } else { look_up(input, &slug(&bare)) };
            match known {
                Some(known) => {
                    known_people.insert(bare.clone(), Value::Object(known));
                    *value = Value::from(bare);
                }
                None if is_ref(&bare) && bare.contains(['-', '_']) => {
                    let name: Vec<String> = bare.split(['-', '_']).map(capitalised).collect();
                    *value = Value::from(name.join(" "));
                    *guessed = true;
                }
                None => *value = Value::from(separated(found, text)),
            }
        }
        // People with roles of their own keep them: `moderators`.
        let role = if name.ends_with("name") { "speakers" } else { name.as_str() };
        match object.get_mut(role) {
            Some(Value::Array(list)) => list.extend(values),
            _ => _ = object.insert(role.to_owned(), Value::Array(values)),
        }
    }
}

/// The parts of a value that each stand for somebody: texts, and objects with a name.
fn refs(value: Value, out: &mut Vec<Value>) {
    match value {
        Value::Array(values) => values.into_iter().for_each(|value| refs(value, out)),
        Value::Object(map) => {
            let is_named =
                map.keys().any(|key| matches!(folded(key).as_str(), "name" | "fullname" | "firstname" | "title"));
            let found = REF_KEYS.iter().find_map(|wanted| map.iter().find(|(key, _)| folded(key) == *wanted));
            match found.map(|(_, value)| value.clone()) {
                Some(Value::String(text)) if !is_named => out.push(Value::String(text)),
                _ => out.push(Value::Object(map)),
            }
        }
        Value::Null | Value::Bool(_) => {}
        value => out.push(value),
    }
}

/// `/speakers/ann-example/`, `speakers/ann-example.md` and `[[ann-example]]` without what is around the name.
pub(super) fn bare(text: &str) -> String {
    let text = text.trim().trim_start_matches("[[").trim_end_matches("]]").trim_start_matches('@');
    if text.contains(char::is_whitespace) || text.starts_with("http") {
        return text.to_owned();
    }
    let text = text.split(['#', '?']).next().unwrap_or_default().trim_end_matches('/');
    let text = PAGE_ENDINGS.iter().find_map(|end| text.strip_suffix(end)).unwrap_or(text);
    text.rsplit('/').next().unwrap_or(text).to_owned()
}

/// The name of a page has no spaces, and small letters alone.
fn is_ref(text: &str) -> bool {
    !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_uppercase() || "/\\{},;&".contains(c))
}

/// "Ann Example - Bob Example": names between hyphens as people/`people.rs` reads them; `text` is the page's.
fn separated(names: &str, text: &str) -> String {
    let names = prose::line(names);
    let parts: Vec<&str> = names.split(" - ").map(str::trim).collect();
    let like_a_name = |part: &&str| {
        (2..=3).contains(&part.split(' ').count())
            && part.split(' ').all(|word| word.starts_with(char::is_uppercase) || word.contains('-'))
            && !usenix::words::has_affiliation_word(part)
    };
    if parts.len() > 1 && parts.iter().all(like_a_name) {
        return parts.join("; ");
    }
    // "Ann Example, Bob Example, moderator Cid Example"
    let parts: Vec<&str> = names
        .split(", ")
        .map(|part| ["or ", "and ", "moderator "].iter().fold(part, |p, w| p.strip_prefix(w).unwrap_or(p)))
        .collect();
    if parts.len() > 2 && parts.iter().filter(|part| like_a_name(part)).count() + 1 >= parts.len() {
        return parts.join("; ");
    }
    // "Ann Example, Acme"
    match names.split(", ").collect::<Vec<_>>()[..] {
        [name, other] if is_second_name(name, other) || has_place_behind(text, &names) => format!("{name}; {other}"),
        [name, place] if name.contains(' ') && !place.contains(' ') && !place.contains(" and ") => {
            format!("{name} ({place})")
        }
        _ => names,
    }
}

/// "Ann, Bob": a given name alone beside another is a person; "Ann, MavenCo" and "Ann, IBM" are no two.
fn is_second_name(name: &str, other: &str) -> bool {
    let is_plain =
        |word: &str| word.starts_with(char::is_uppercase) && word.chars().skip(1).all(|c| c.is_lowercase() || c == '-');
    is_plain(name) && is_plain(other) && !usenix::words::has_affiliation_word(other)
}

/// Whether the text says of just these names where they work: "Ann Example, Bob - Acme".
fn has_place_behind(text: &str, names: &str) -> bool {
    let behind = |line: &str| [" - ", " – ", " ("].iter().any(|sign| line.starts_with(sign));
    text.lines().filter_map(|line| line.split_once(names)).any(|(_, rest)| behind(rest))
}

/// The person whose page has a name, in the nearest folder of people.
pub(super) fn look_up(input: &Input, name: &str) -> Option<Map<String, Value>> {
    for up in UPS {
        for place in input.find_beside(up, PLACES) {
            let path = format!("{up}{place}");
            let found = match place.rsplit_once('.').map(|(_, end)| end) {
                Some("json") => {
                    of_list(input.beside(&path, |text| all_known(&serde_json::from_str(text).ok()?))?.as_ref(), name)
                }
                Some("yml" | "yaml") => {
                    of_list(input.beside(&path, |text| all_known(&front_matter::yaml(text)?))?.as_ref(), name)
                }
                _ => of_folder(input, &path, name),
            };
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

fn of_list(all: &AllKnown, name: &str) -> Option<Map<String, Value>> {
    all.0.get(name).cloned()
}

fn of_folder(input: &Input, folder: &str, name: &str) -> Option<Map<String, Value>> {
    let names: Vec<String> = PAGE_ENDINGS.iter().map(|end| format!("{name}{end}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let folder = format!("{folder}/");
    let page = input.find_beside(&folder, &names).into_iter().next()?;
    let path = format!("{folder}{page}");
    let known = match page.rsplit_once('.').map(|(_, end)| end) {
        Some("json") => input.beside(&path, |text| serde_json::from_str(text).ok().map(Known)),
        Some("yml" | "yaml") => input.beside(&path, |text| front_matter::yaml(text)?.as_object().cloned().map(Known)),
        _ => input.beside(&path, known),
    };
    Some(known?.0.clone())
}

/// The page of a person as an object with a name and an affiliation. The bio is the page's own record.
fn known(text: &str) -> Option<Known> {
    let matter = front_matter::split(text).ok()?;
    let person = person(&Fields::new(matter.fields), &text[matter.body..], None)?;
    let mut map = Map::new();
    map.insert("name".to_owned(), Value::from(person.name));
    if let Some(company) = person.affiliation {
        map.insert("company".to_owned(), Value::from(company));
    }
    Some(Known(map))
}

fn all_known(list: &Value) -> Option<AllKnown> {
    let mut out = HashMap::new();
    let mut add = |key: Option<&str>, value: &Value| {
        let Some(person) = value.as_object() else { return };
        let Some(found) = self::person(&Fields::new(person.clone()), "", None) else { return };
        let mut map = Map::new();
        map.insert("name".to_owned(), Value::from(found.name.clone()));
        map.extend(found.affiliation.map(|company| ("company".to_owned(), Value::from(company))));
        let ids = REF_KEYS.iter().filter_map(|name| person.get(*name).and_then(value::text));
        for id in ids.chain(key.map(str::to_owned)).chain([slug(&found.name)]) {
            out.entry(id).or_insert_with(|| map.clone());
        }
    };
    match list {
        Value::Array(values) => values.iter().for_each(|value| add(None, value)),
        Value::Object(map) => map.iter().for_each(|(key, value)| match value {
            Value::Array(values) => values.iter().for_each(|value| add(None, value)),
            value => add(Some(key), value),
        }),
        _ => return None,
    }
    Some(AllKnown(out))
}

/// The person whose page has these fields and this text; `file` is what the page is called.
pub(super) fn person(fields: &Fields, body: &str, file: Option<&str>) -> Option<Person> {
    let parts = || {
        let parts = [fields.of(Meaning::FirstName).next(), fields.of(Meaning::LastName).next()];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        (!name.trim().is_empty()).then_some(name)
    };
    let own = fields.text(&["name", "fullname", "speakername", "displayname", "presentername"]);
    let title = fields.text(&["title"]);
    let name = own.clone().or_else(parts).or_else(|| title.clone()).or_else(|| fields.of(Meaning::Title).next());
    let name = name.or_else(|| Some(file?.split(['-', '_']).map(capitalised).collect::<Vec<_>>().join(" ")))?;
    let name = prose::line(&name);
    let source = commands::without_code(&commands::with_values(body, fields));
    let text = without_heading(&source, &name);
    let bio = fields.of(Meaning::Bio).chain(fields.text(&["description", "summary"])).map(|text| prose::read(&text));
    let texts: Vec<String> = bio.chain([body::readable(text)]).filter(|text| !text.is_empty()).collect();
    let company = fields.of(Meaning::Affiliation).next().map(|text| prose::line(&text));
    let company = company.map(|text| people::employer(&text).unwrap_or(text));
    let taglines = fields.of(Meaning::Tagline).chain(title.filter(|_| own.is_some()));
    let employed = || taglines.map(|text| prose::line(&text)).find_map(|text| people::employer(&text));
    let head = texts.first().map(|text| text.lines().next().unwrap_or_default().to_owned());
    let of_text = || head.as_deref().filter(|line| line.split(' ').count() <= TAGLINE_WORDS_MAX).and_then(works_at);
    let speaker = people::one(&name, company.or_else(employed).or_else(of_text).as_deref())?;
    let mut bio = String::new();
    for text in texts {
        if !bio.contains(&text) {
            bio = if text.contains(&bio) { text } else { format!("{bio}\n\n{text}") };
        }
    }
    Some(Person { name: speaker.name, affiliation: speaker.affiliation, bio: Some(bio), ..Person::default() })
}

/// "Solutions Architect @ Acme", "Working at Acme".
fn works_at(line: &str) -> Option<String> {
    if line.ends_with(['.', '!', '?']) {
        return None;
    }
    people::employer(line)
}

/// The text without a heading that repeats the person's name.
fn without_heading<'a>(text: &'a str, name: &str) -> &'a str {
    let shown = text.trim_start();
    let (line, rest) = shown.split_once('\n').unwrap_or((shown, ""));
    let is_heading = line.starts_with('#') || line.starts_with("**") || line.starts_with("<h");
    if is_heading && same(&plain(line), name) { rest } else { shown }
}

/// A line of Markdown as its words.
pub(super) fn plain(line: &str) -> String {
    let mut out = line.to_owned();
    for (text, url) in body::links(line) {
        out = out.replace(&format!("[{text}]({url})"), text);
    }
    prose::line(&prose::line(&out).replace(['*', '_', '#', '`'], " "))
        .trim_matches([':', '-', '–', ' ', ','])
        .to_owned()
}

pub(super) fn same(a: &str, b: &str) -> bool {
    let bare = |text: &str| analyzer::folded(text).chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    !a.is_empty() && bare(a) == bare(b)
}

/// "Speaker 12" and the like name nobody.
pub(super) fn is_placeholder(name: &str) -> bool {
    let name = analyzer::folded(name);
    name.split_once(' ').is_some_and(|(word, number)| {
        PLACEHOLDERS.contains(&word) && !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_name_is_told_from_an_organisation() {
        for (names, text, expected) in [
            ("Ann Example, Acme", "", "Ann Example (Acme)"),
            ("Ann Example, Bob", "", "Ann Example (Bob)"),
            ("Ann Example, Bob", "- Ann Example, Bob - Acme - http://acme.example", "Ann Example; Bob"),
            ("Ann, Bob", "", "Ann; Bob"),
            ("Ann, AcmeLabs", "", "Ann, AcmeLabs"),
            ("Ann, IBM", "", "Ann, IBM"),
            ("Ann Example, Bob Example, moderator Cid Example", "", "Ann Example; Bob Example; Cid Example"),
            ("Ann Example - Bob Example", "", "Ann Example; Bob Example"),
        ] {
            assert_eq!(separated(names, text), expected, "{names}");
        }
    }

    #[test]
    fn names_of_pages_are_told_from_names() {
        for (text, expected) in [
            ("ann-example", Some("ann-example")),
            ("/speakers/ann-example/", Some("ann-example")),
            ("speakers/ann-example.md", Some("ann-example")),
            ("[[ann-example]]", Some("ann-example")),
            ("annie", Some("annie")),
            ("Ann Example", None),
            ("Ann Example, Bob Example", None),
            ("AnnE", None),
        ] {
            assert_eq!(Some(bare(text)).filter(|bare| is_ref(bare)).as_deref(), expected, "{text}");
        }
    }
}
