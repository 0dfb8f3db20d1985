//! What archives of recordings have in common, which volunteers keep: a talk a file or an item, with its edition beside it,
//! and texts and titles as somebody once gave them to a video site.

pub(super) mod prose;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{edition, schedule::links::is_url};
use crate::{
    record::{
        Edition,
        video::{self, is_youtube_id},
    },
    text::{analyzer::folded, one_line},
};

/// What a key may have that is kept in `extra`.
const EXTRA_BYTES_MAX: usize = 2_000;

/// The edition that an archive calls by this name, of a series that it may name for itself.
pub(super) fn edition_named(name: &str, series: Option<&str>, year: Option<u16>) -> Option<Edition> {
    let name = one_line(name);
    // "FooConf 2015 (BarFest 2015)" is another name of the same.
    let name = match name.split_once(" (").filter(|(_, rest)| rest.ends_with(')')) {
        Some((head, rest)) if edition::year_in(head).is_some() && edition::year_in(rest).is_some() => head.to_owned(),
        _ => name,
    };
    let is_dated = edition::year_in(&name).is_some();
    let dated = match year.filter(|_| !is_dated) {
        Some(year) => format!("{name} {year}"),
        None => name.clone(),
    };
    // A series is what others call it, not who holds an edition of it.
    let series = series.filter(|_| !edition::is_known(&dated));
    // The name is that of an edition as a whole: "Acme Days Summit 2016" is no "Days Summit".
    let own = edition::of_other_name(&name).filter(|_| series.is_none());
    let mut edition = edition::resolve(Some(&dated), series.or(own.as_deref()), year)?;
    // "Foo Kaigi 12" is counted, not dated.
    if !is_dated && name.ends_with(|c: char| c.is_ascii_digit()) {
        edition.edition = name;
    }
    Some(edition)
}

/// The year of an edition whose name may hold one, of a talk on a given day: of several years in the name, the day's.
pub(super) fn year(name: Option<&str>, day: Option<Date>) -> Option<u16> {
    let of_day = day.and_then(|day| u16::try_from(day.year()).ok());
    let name = name.unwrap_or_default();
    match edition::year_in(name) {
        Some(_) if of_day.is_some_and(|year| name.contains(&year.to_string())) => of_day,
        found => found,
    }
}

/// The text of a key; null where it stands for nothing.
pub(super) fn text<'a>(object: &'a Map<String, Value>, key: &str) -> Option<&'a str> {
    let found = object.get(key)?.as_str()?.trim();
    let is_absent = matches!(found, "" | "-" | "TODO" | "TBD" | "N/A" | "n/a" | "null" | "None");
    (!is_absent).then_some(found)
}

/// The address of a recording: as it stands, without its scheme, or nothing but the id that a video site gave it.
pub(super) fn video(place: &str, site: &str) -> Option<String> {
    let place = place.trim();
    if place.starts_with("//") {
        return Some(format!("https:{place}"));
    }
    if is_url(place) {
        return Some(place.to_owned());
    }
    let is_id = !place.is_empty() && place.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    match site.to_lowercase().as_str() {
        "youtube" if is_youtube_id(place) => Some(video::youtube(place)),
        "vimeo" if is_id => Some(video::vimeo(place)),
        "archive" | "archive.org" if is_id => Some(format!("https://archive.org/details/{place}")),
        _ => None,
    }
}

/// The letters and digits of a text, folded: how names and titles are compared.
pub(super) fn key(text: &str) -> String {
    folded(text).chars().filter(|c| c.is_alphanumeric()).collect()
}

/// Whether an address, by what it is called and how it ends, is of a talk's slides. Those of a whole conference are not.
pub(super) fn is_slides(label: &str, url: &str) -> bool {
    let (label, path) = (label.to_lowercase(), url.split(['?', '#']).next().unwrap_or_default().to_lowercase());
    let is_deck = [".pdf", ".pptx", ".ppt", ".odp", ".key"].iter().any(|end| path.ends_with(end));
    let is_shared = ["conference", "event", "all "].iter().any(|word| label.contains(word));
    (label.contains("slide") && !is_shared) || (is_deck && !label.contains("paper") && !is_shared)
}

/// Keeps what no field takes.
pub(super) fn keep(extra: &mut Map<String, Value>, key: &str, value: &Value) {
    let is_empty = match value {
        Value::Null => true,
        Value::String(text) => text.trim().is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    };
    if !is_empty && serde_json::to_string(value).is_ok_and(|text| text.len() <= EXTRA_BYTES_MAX) {
        let mut value = value.clone();
        without_places(&mut value);
        extra.insert(key.to_owned(), value);
    }
}

/// Trees of YAML know where their mappings stand, which is no part of what they say.
fn without_places(value: &mut Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(without_places),
        Value::Object(object) => {
            object.retain(|key, _| key != super::yaml::tree::SPAN);
            object.values_mut().for_each(without_places);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_have_addresses() {
        for (place, site, expected) in [
            ("https://example.org/a.mp4", "mp4", Some("https://example.org/a.mp4")),
            ("//example.org/a.mp4", "mp4", Some("https://example.org/a.mp4")),
            ("abcdefghi_1", "youtube", Some("https://www.youtube.com/watch?v=abcdefghi_1")),
            ("12345", "vimeo", Some("https://vimeo.com/12345")),
            ("a-talk-2016", "not_recorded", None),
            ("", "youtube", None),
        ] {
            assert_eq!(video(place, site).as_deref(), expected, "{place}");
        }
    }

    #[test]
    fn an_editions_year_is_that_of_its_name() {
        let day = |text: &str| text.parse().ok();
        for (name, on, expected) in [
            ("FooConf 2016", "2016-05-01", Some(2016)),
            ("FooConf 2016", "2019-05-01", Some(2016)),
            ("FooConf (2020-2021)", "2021-02-01", Some(2021)),
            ("Foo Meetup", "2021-02-01", None),
        ] {
            assert_eq!(year(Some(name), day(on)), expected, "{name}");
        }
    }
}
