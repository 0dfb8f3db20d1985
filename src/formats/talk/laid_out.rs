//! Data files of a site that lay out the pages of an edition's talks, `data/events/2019/town/main.yml`: each entry of their
//! `program` names a page, which is where the talk stands. Such a file is a neighbour of the pages and no source of talks.

use serde_json::{Map, Value};

use super::{
    grid::LISTS,
    place::{data_place, where_of},
};
use crate::{
    formats::{Input, edition, schedule::tree::value},
    record::Edition,
    text::analyzer::folded,
};

/// Words in types of entries that are talks; others are slots and breaks.
const TALKS: &[&str] =
    &["talk", "keynote", "ignite", "lightning", "workshop", "panel", "tutorial", "session", "plenary"];
/// Keys of a session that is told where it stands.
const OWN_KEYS: &[&str] =
    &["abstract", "description", "speakers", "speaker", "presenters", "presenter", "bio", "content"];
/// Pages that a note names.
const NAMED_MAX: usize = 5;

/// What is left of a file that lays out pages.
pub(in crate::formats) struct LaidOut {
    /// The edition that its path and its fields name.
    pub edition: Option<Edition>,
    pub notes: Vec<String>,
}

/// Takes the entries that are pages', and the breaks between them, from a data file that lays out pages; null where it is
/// none. What is left are talks that have no page.
pub(in crate::formats) fn take(input: &Input, root: &mut Value) -> Option<LaidOut> {
    let object = root.as_object_mut()?;
    let (n_pages, n_written) = count(object);
    if n_pages == 0 || n_pages < n_written {
        return None;
    }
    let (mut pages, mut n_breaks) = (Vec::new(), 0usize);
    for list in lists(object) {
        list.retain(|entry| {
            let title = title(entry).unwrap_or_default();
            // Between names of pages, a single word in small letters is one too.
            let is_word = is_talk(entry) && !title.contains(|c: char| c.is_whitespace() || c.is_uppercase());
            if is_page_name(&title) || is_word {
                pages.push(title);
                return false;
            }
            n_breaks += usize::from(!is_talk(entry));
            is_talk(entry)
        });
    }
    let mut notes = vec![format!("talks of this grid that stand in pages of their own: {}", pages.len())];
    if n_breaks > 0 {
        notes.push(format!("breaks and the like, which are no talks: {n_breaks}"));
    }
    notes.extend(missing(input, &pages));
    Some(LaidOut { edition: edition(input, root), notes })
}

fn lists(object: &mut Map<String, Value>) -> impl Iterator<Item = &mut Vec<Value>> {
    let lists = object.iter_mut().filter(|(key, _)| LISTS.contains(&folded(key).as_str()));
    lists.filter_map(|(_, value)| value.as_array_mut())
}

/// How many talks of the lists are named as pages are, and how many are written out.
fn count(object: &mut Map<String, Value>) -> (usize, usize) {
    let mut counts = (0, 0);
    for entry in lists(object).flatten() {
        match title(entry) {
            Some(title) if is_page_name(&title) && !has_own(entry) => counts.0 += 1,
            Some(_) if is_talk(entry) || has_own(entry) => counts.1 += 1,
            _ => {}
        }
    }
    counts
}

fn title(entry: &Value) -> Option<String> {
    entry.as_object()?.get("title").and_then(value::text).map(|title| title.trim().to_owned())
}

fn is_talk(entry: &Value) -> bool {
    let kind = entry.as_object().and_then(|entry| entry.get("type")).and_then(value::text).unwrap_or_default();
    let kind = folded(&kind);
    TALKS.iter().any(|word| kind.contains(word))
}

fn has_own(entry: &Value) -> bool {
    entry.as_object().is_some_and(|entry| OWN_KEYS.iter().any(|key| entry.contains_key(*key)))
}

/// "ann-example": several words, none with a capital, and no space.
fn is_page_name(title: &str) -> bool {
    title.trim_matches('-').contains(['-', '_'])
        && title.chars().all(|c| c == '-' || c == '_' || c == '.' || (c.is_alphanumeric() && !c.is_uppercase()))
}

/// The pages that are not there: of a collection in which there are any.
fn missing(input: &Input, pages: &[String]) -> Option<String> {
    let folder = data_place(input.path)?.pages();
    let files: Vec<String> = pages.iter().map(|page| format!("{page}.md")).collect();
    let found = input.find_beside(&folder, &files.iter().map(String::as_str).collect::<Vec<_>>());
    let missing: Vec<&str> =
        pages.iter().zip(&files).filter(|(_, file)| !found.contains(file)).map(|(page, _)| page.as_str()).collect();
    let named = missing.iter().take(NAMED_MAX).copied().collect::<Vec<_>>().join(", ");
    let more = if missing.len() > NAMED_MAX { ", …" } else { "" };
    (!missing.is_empty())
        .then(|| format!("talks of this grid without a page beside it: {} ({named}{more})", missing.len()))
}

fn edition(input: &Input, root: &Value) -> Option<Edition> {
    let place = data_place(input.path)?;
    let (series, folder) = edition::in_folders(&place.page_folder())?;
    let city = root.get("city").and_then(value::text).unwrap_or_default();
    Some(edition::at(&series, &where_of(&city, &folder), edition::year_in(&folder)))
}

#[cfg(test)]
mod tests {
    use super::is_page_name;

    #[test]
    fn names_of_pages_are_told_from_titles() {
        for (title, expected) in [
            ("ann-example", true),
            ("ann-example-bob-example", true),
            ("größe_zählt", true),
            ("Registration & Welcome", false),
            ("Opening", false),
            ("lunch", false),
            ("On-Call", false),
            ("-", false),
        ] {
            assert_eq!(is_page_name(title), expected, "{title}");
        }
    }
}
