//! Records as a bibliography for biblatex and biber. A talk is `@unpublished` with the event that it was given at, or
//! `@misc` where nobody is named; a report is `@online` where it has an address, else `@misc`. A bio is nothing to cite.
//!
//! Names stand in braces, each as a whole: which part of "Wang Wei", of a name of four words or of "The Foo Team" is the
//! family's can't be told from the name, and a wrong guess misprints and missorts a person. In braces biber takes a name as
//! it is.

use std::io::{self, Write};

use super::{
    escape::{latex, web_url},
    words::{edition, occasion, title},
};
use crate::{
    record::{Kind, Record, Role, Speaker},
    text::capitalised,
};

/// Names of fields and their values.
type Fields = Vec<(&'static str, Option<String>)>;

/// Hex digits of a hash that keep keys apart which lost characters.
const KEY_HEX: usize = 12;

/// One record as an entry; says whether it is one that can be cited.
///
/// # Errors
/// What the writer gives.
pub fn record(out: &mut dyn Write, record: &Record, is_first: bool) -> io::Result<bool> {
    let Some((sort, fields)) = entry(record) else { return Ok(false) };
    if !is_first {
        writeln!(out)?;
    }
    writeln!(out, "@{sort}{{{},", key(&record.id))?;
    for (name, value) in fields {
        if let Some(value) = value {
            writeln!(out, "  {name:<12} = {{{value}}},")?;
        }
    }
    writeln!(out, "}}")?;
    Ok(true)
}

/// The entry's type, and its fields with their values escaped. A type has the fields that biblatex's data model gives it.
fn entry(record: &Record) -> Option<(&'static str, Fields)> {
    let url = record.url.iter().chain(&record.videos).chain(&record.slides).find_map(|url| web_url(url));
    // Braces keep capitals as they are, whatever the style does to titles.
    let title = Some(format!("{{{}}}", latex(title(record))));
    let licence = record.licence.as_deref().map(|licence| format!("Licence: {}", latex(licence)));
    let noted = |said: Option<String>| {
        let said: Vec<String> = said.into_iter().chain(licence.clone()).collect();
        (!said.is_empty()).then(|| said.join(". "))
    };
    let (sort, fields) = match record.kind {
        Kind::Bio => return None,
        Kind::Report => {
            let author = Speaker { name: record.author.clone().unwrap_or_default(), ..Speaker::default() };
            let note = noted(edition(record).map(|edition| format!("Report on {}", latex(&edition))));
            let sort = if url.is_some() { "online" } else { "misc" };
            let written = day(record.written.as_ref());
            // About the year of its conference is all that is known of when a report was written that doesn't say it.
            let when = when(written, record.year.map(|year| format!("{year:04}~")));
            (sort, vec![("author", names(&[&author])), ("title", title), when, ("note", note), ("url", url)])
        }
        Kind::Talk => {
            let (moderators, speakers): (Vec<_>, Vec<_>) =
                record.speakers.iter().partition(|speaker| speaker.role == Role::Moderator);
            let (authors, moderators) =
                if speakers.is_empty() { (moderators, speakers) } else { (speakers, moderators) };
            let note: Vec<&str> = moderators.iter().map(|speaker| speaker.name.as_str()).collect();
            let note = noted((!note.is_empty()).then(|| format!("Moderated by {}", latex(&note.join(", ")))));
            let when = when(day(record.date.as_ref()), record.year.map(|year| format!("{year:04}")));
            match names(&authors) {
                // Nobody can be an author, and only what has one has an event.
                None => {
                    let how = latex(&capitalised(&occasion(record)));
                    ("misc", vec![("title", title), ("howpublished", Some(how)), when, ("note", note), ("url", url)])
                }
                authors => {
                    let own = |value: &Option<String>| value.as_deref().map(latex).filter(|text| !text.is_empty());
                    let sort = record.talk_type.map(|talk_type| talk_type.as_str().to_owned());
                    let fields = vec![
                        ("author", authors),
                        ("title", title),
                        ("type", sort),
                        ("eventtitle", edition(record).map(|edition| latex(&edition))),
                        ("eventdate", day(record.date.as_ref())),
                        ("venue", own(&record.room)),
                        when,
                        ("note", note),
                        ("url", url),
                    ];
                    ("unpublished", fields)
                }
            }
        }
    };
    Some((sort, fields))
}

/// A day that biber can read.
fn day(date: Option<&String>) -> Option<String> {
    date.filter(|date| date.parse::<jiff::civil::Date>().is_ok()).cloned()
}

/// Every entry has to have a date: one whose year is not known says that, in the way of ISO 8601-2.
fn when(day: Option<String>, year: Option<String>) -> (&'static str, Option<String>) {
    ("date", day.or(year).or_else(|| Some("XXXX".to_owned())))
}

/// Names as a list of BibTeX's, each in braces.
fn names(speakers: &[&Speaker]) -> Option<String> {
    let names = speakers.iter().map(|speaker| latex(&speaker.name)).filter(|name| !name.is_empty());
    let names: Vec<String> = names.map(|name| format!("{{{name}}}")).collect();
    (!names.is_empty()).then(|| names.join(" and "))
}

/// A key that the record keeps and no other has: its permanent id. What can't be in a key becomes `-`; where that is more
/// than the `~` of a suffix, a hash of the id makes up for what is lost.
fn key(id: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-./:".contains(c);
    let bare = crate::record::bare_id(id);
    let suffix = id[bare.len()..].trim_start_matches('~');
    if bare.chars().all(is_plain) && !suffix.is_empty() {
        return format!("{bare}+{suffix}");
    }
    if id.chars().all(is_plain) && !id.is_empty() {
        return id.to_owned();
    }
    let mut key = String::new();
    for c in id.chars() {
        if is_plain(c) {
            key.push(c);
        } else if !key.ends_with('-') {
            key.push('-');
        }
    }
    format!("{}+{}", key.trim_matches(['-', '.', '/', ':']), &blake3::hash(id.as_bytes()).to_hex()[..KEY_HEX])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_ascii_and_apart() {
        for (id, expected) in [
            ("fooconf-2023/a-talk~0a1b2c", "fooconf-2023/a-talk+0a1b2c"),
            ("fooconf-2023/a-talk", "fooconf-2023/a-talk"),
            ("X/1:2.3", "X/1:2.3"),
        ] {
            assert_eq!(key(id), expected);
        }
        let ids =
            ["a b", "a,b", "a{b", "a-b", "日本", "本日", "", "a+b", "a~b", "talks/日本~0a1b2c", "talks/本日~0a1b2c"];
        let mut keys: Vec<String> = ids.iter().map(|id| key(id)).collect();
        for key in &keys {
            assert!(
                key.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./:+".contains(&b)) && !key.is_empty(),
                "{key}"
            );
        }
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), ids.len());
    }
}
