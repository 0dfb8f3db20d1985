//! Which edition a report is about: what names one, weighed by where it stands, and the year when no name has it.

use std::collections::BTreeMap;

use jiff::{ToSpan, civil::Date};

use super::edition::{self, Found};
use crate::{
    record::Edition,
    text::{
        analyzer::folded,
        html::{Block, BlockKind},
    },
};

/// What a report says of itself.
pub(super) struct Clues<'a> {
    pub title: Option<&'a str>,
    pub path: &'a str,
    pub tags: &'a [String],
    pub blocks: &'a [Block],
    pub links: &'a [String],
    pub written: Option<Date>,
}

#[derive(Debug, Default)]
pub(super) struct Verdict {
    /// The main one first; none when the text is about no conference.
    pub editions: Vec<Edition>,
    pub inferred: BTreeMap<String, String>,
}

/// Where a mention stands, the strongest first. A folder that names a whole edition holds files about nothing else,
/// which outweighs what they mention in passing; a folder without a year may be a topic.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Title,
    FileName,
    Tags,
    /// Its names, for the reason.
    EditionFolder(String),
    Opening,
    Folder(String),
    Link,
    Body,
}

struct Mention {
    place: Place,
    found: Found,
}

/// The first words of a text, in which it says what it is about.
const OPENING_WORDS: usize = 150;
/// An edition that only the later text or links name is its subject when they do so this often.
const BODY_MENTIONS_MIN: usize = 2;
/// A second edition is a subject when it is named early and this often.
const OTHER_MENTIONS_MIN: usize = 3;

/// Weighs the clues.
pub(super) fn weigh(clues: &Clues) -> Verdict {
    let mentions = collect(clues);
    let Some(main) = main(&mentions) else { return Verdict::default() };
    let mut verdict = Verdict::default();
    let reason = match &main.place {
        Place::FileName => Some("file name".to_owned()),
        Place::Tags => Some("tags".to_owned()),
        Place::EditionFolder(name) | Place::Folder(name) => Some(format!("folder {name}")),
        Place::Link => Some("links".to_owned()),
        Place::Title | Place::Opening | Place::Body => None,
    };
    if let Some(reason) = reason {
        verdict.inferred.insert("edition".to_owned(), reason);
    }
    let year = match main.found.edition.year {
        Some(year) => Some(year),
        None => year(clues, &mentions, &main.found).map(|(year, reason)| {
            if let Some(reason) = reason {
                verdict.inferred.insert("year".to_owned(), reason);
            }
            year
        }),
    };
    let qualifier = main.found.qualifier.clone().or_else(|| qualifier(&mentions, &main.found, year));
    verdict.editions.push(edition::with_qualifier(&main.found.edition.series, qualifier.as_deref(), year));
    others(&mentions, &mut verdict.editions);
    verdict
}

fn collect(clues: &Clues) -> Vec<Mention> {
    let mut context = format!("{} {} ", clues.path, clues.title.unwrap_or_default());
    context.push_str(&clues.tags.join(" "));
    clues.blocks.iter().for_each(|block| context.extend([" ", &block.text]));
    let context = folded(&context);
    let mut out = Vec::new();
    let mut add = |place: &Place, text: &str| {
        // A name that only looks like a series is enough where names are expected.
        let names = matches!(place, Place::Title | Place::FileName);
        let found = edition::find(text, &context).into_iter().filter(|found| found.certain || names);
        out.extend(found.map(|found| Mention { place: place.clone(), found }));
    };
    add(&Place::Title, clues.title.unwrap_or_default());
    add(&Place::FileName, super::report::stem(clues.path));
    clues.tags.iter().for_each(|tag| add(&Place::Tags, tag));
    for (place, text) in folders(clues) {
        add(&place, &text);
    }
    let mut words = 0;
    for block in clues.blocks {
        let early = words < OPENING_WORDS || matches!(block.kind, BlockKind::Heading(_));
        add(if early { &Place::Opening } else { &Place::Body }, &block.text);
        words += block.text.split_whitespace().count();
    }
    for link in clues.links {
        let link = link.split_once("://").map_or(link.as_str(), |(_, rest)| rest);
        add(&Place::Link, &link.replace(['/', '?', '#', '='], " "));
    }
    out.sort_by(|a, b| a.place.cmp(&b.place));
    out
}

/// The folders with names to look at, the nearest first: alone, and with the year of a folder above or below.
fn folders(clues: &Clues) -> Vec<(Place, String)> {
    let mut names: Vec<&str> = clues.path.split('/').collect();
    names.pop();
    let mut out = Vec::new();
    for (index, name) in names.iter().enumerate().rev() {
        let bare = name.trim_start_matches(|c: char| c.is_ascii_digit() || c == '-' || c == '_');
        let bare = if bare.is_empty() || edition::year_in(name).is_some() { name } else { bare };
        let near = [index.checked_sub(1), Some(index + 1)].into_iter().flatten();
        let year = near.into_iter().find_map(|near| Some((near, bare_year(names.get(near)?, clues.written)?)));
        if edition::year_in(name).is_some() {
            out.push((Place::EditionFolder((*name).to_owned()), bare.to_owned()));
        } else if let Some((near, year)) = year {
            let reason = if near < index { format!("{year}/{name}") } else { format!("{name}/{year}") };
            out.push((Place::EditionFolder(reason), format!("{bare} {year}")));
        } else {
            out.push((Place::Folder((*name).to_owned()), bare.to_owned()));
        }
    }
    out
}

/// The year that a folder is named after. One that repeats the date of writing tells no more than that does.
fn bare_year(name: &str, written: Option<Date>) -> Option<u16> {
    let year = edition::year_in(name).filter(|_| name.len() == 4)?;
    written.is_none_or(|date| u16::try_from(date.year()) != Ok(year)).then_some(year)
}

/// The mention in the strongest place; ties by the order of the text, in prose those with a year first.
fn main(mentions: &[Mention]) -> Option<&Mention> {
    let place = |wanted: fn(&Place) -> bool| mentions.iter().filter(move |mention| wanted(&mention.place));
    if let Some(named) = place(|place| *place < Place::Opening).next() {
        return Some(named);
    }
    let opening = || place(|place| *place == Place::Opening);
    if let Some(named) = opening().find(|mention| mention.found.edition.year.is_some()).or_else(|| opening().next()) {
        return Some(named);
    }
    if let Some(folder) = place(|place| matches!(place, Place::Folder(_))).next() {
        return Some(folder);
    }
    let often = |mention: &&Mention| {
        let id = &mention.found.edition.edition_id;
        mention.found.edition.year.is_some()
            && mentions.iter().filter(|other| other.found.edition.edition_id == *id).count() >= BODY_MENTIONS_MIN
    };
    place(|place| *place >= Place::Link).find(often)
}

/// A year for the main mention, and what it was inferred from; null where the text names it.
fn year(clues: &Clues, mentions: &[Mention], main: &Found) -> Option<(u16, Option<String>)> {
    let alike = || mentions.iter().filter(|mention| is_alike(&mention.found, main));
    let written = clues.written.and_then(|date| u16::try_from(date.year()).ok());
    // Texts also name earlier editions: what was written in a year is about that year or the one before.
    let plausible = |year: u16| written.is_none_or(|written| year == written || year + 1 == written);
    let dated = |wanted: fn(&Place) -> bool| {
        alike().filter(move |mention| wanted(&mention.place)).find_map(move |mention| {
            mention.found.edition.year.filter(|year| plausible(*year)).map(|year| (year, mention.place.clone()))
        })
    };
    if let Some((year, place)) = dated(|place| *place < Place::Link) {
        let reason = match place {
            Place::FileName => Some("file name".to_owned()),
            Place::Tags => Some("tags".to_owned()),
            Place::EditionFolder(name) | Place::Folder(name) => Some(format!("folder {name}")),
            _ => None,
        };
        return Some((year, reason));
    }
    if let Some(year) = clues.title.and_then(edition::year_in).filter(|year| plausible(*year)) {
        return Some((year, Some("title".to_owned())));
    }
    if let Some(year) = clues.tags.iter().find_map(|tag| edition::year_in(tag)).filter(|year| plausible(*year)) {
        return Some((year, Some("tags".to_owned())));
    }
    if let Some(date) = clues.written
        && let Some((words, year)) = closeness(clues, date)
    {
        return Some((year, Some(format!("\"{words}\" and the date of writing"))));
    }
    if let Some(written) = written.filter(|_| says_this_year(clues, mentions, main)) {
        return Some((written, Some("\"this year\" and the date of writing".to_owned())));
    }
    if let Some((year, _)) = dated(|place| *place == Place::Link) {
        return Some((year, Some("links".to_owned())));
    }
    let mut names = clues.path.split('/').rev().skip(1);
    let folder = names.find_map(|name| bare_year(name, clues.written).filter(|_| clues.written.is_none()));
    folder.map(|year| (year, Some(format!("folder {year}"))))
}

fn is_alike(a: &Found, b: &Found) -> bool {
    let qualifiers = a.qualifier == b.qualifier || a.qualifier.is_none() || b.qualifier.is_none();
    a.edition.series == b.edition.series && qualifiers
}

/// A qualifier that the main mention lacks, when all others that could be of the same edition agree on it.
fn qualifier(mentions: &[Mention], main: &Found, year: Option<u16>) -> Option<String> {
    let mut out: Option<String> = None;
    // Where a bare name means one of them already, others in the text are other editions.
    let weakest = if edition::has_default(&main.edition.series) { Place::Tags } else { Place::Opening };
    let near = mentions.iter().filter(|mention| mention.place <= weakest);
    for mention in near.filter(|mention| mention.found.edition.series == main.edition.series) {
        let same_year = mention.found.edition.year.is_none_or(|other| Some(other) == year);
        if let Some(qualifier) = mention.found.qualifier.as_ref().filter(|_| same_year) {
            if out.as_ref().is_some_and(|known| known != qualifier) {
                return None;
            }
            out = Some(qualifier.clone());
        }
    }
    out
}

/// Other editions that the text is about: named in the title, or early and often.
fn others(mentions: &[Mention], editions: &mut Vec<Edition>) {
    for mention in mentions {
        let edition = &mention.found.edition;
        let known = editions.iter().any(|other| {
            other.edition_id == edition.edition_id || (other.series == edition.series && edition.year == other.year)
        });
        if known || edition.year.is_none() {
            continue;
        }
        let named = mentions.iter().filter(|other| other.found.edition.edition_id == edition.edition_id);
        let often = mention.place == Place::Opening
            && named.filter(|other| other.place == Place::Opening || other.place == Place::Body).count()
                >= OTHER_MENTIONS_MIN;
        if mention.place == Place::Title || often {
            editions.push(edition.clone());
        }
    }
}

/// Words that say how long ago it was, in days; -1 is "in the year of writing".
const CLOSE: &[(&str, i64)] = &[
    ("yesterday", 1),
    ("last night", 1),
    ("this morning", 0),
    ("today", 0),
    ("tonight", 0),
    ("this evening", 0),
    ("this weekend", 1),
    ("last weekend", 7),
    ("past weekend", 7),
    ("over the weekend", 3),
    ("last week", 7),
    ("past week", 7),
    ("this week", 2),
    ("last couple of days", 2),
    ("last few days", 3),
    ("last two days", 2),
    ("last three days", 3),
    ("last four days", 4),
    ("last five days", 5),
    ("past days", 3),
    ("past few days", 3),
    ("last days", 3),
    ("a few days ago", 5),
    ("days ago", 5),
    ("a week ago", 7),
    ("two weeks ago", 14),
    ("three weeks ago", 21),
    ("weeks ago", 21),
    ("last month", 30),
    ("a month ago", 30),
    ("two months ago", 60),
    ("just came back", 2),
    ("just got back", 2),
    ("just returned", 2),
    ("came back from", 2),
    ("got back from", 2),
    ("day after", 1),
    ("day one", 0),
    ("day two", 0),
    ("day three", 0),
    ("day 0", 0),
    ("day 1", 0),
    ("day 2", 0),
    ("day 3", 0),
    ("day 4", 0),
    ("day 5", 0),
    ("first day", 0),
    ("second day", 0),
    ("third day", 0),
    ("2nd day", 0),
    ("3rd day", 0),
    ("last day", 0),
    ("final day", 0),
    ("last saturday", 4),
    ("last sunday", 4),
    ("last friday", 4),
    ("last thursday", 4),
    ("on saturday", 4),
    ("on sunday", 4),
    ("on friday", 4),
    ("gestern", 1),
    ("heute", 0),
    ("dieses wochenende", 1),
    ("letztes wochenende", 7),
    ("letztem wochenende", 7),
    ("vergangenes wochenende", 7),
    ("am wochenende", 4),
    ("letzte woche", 7),
    ("letzter woche", 7),
    ("diese woche", 2),
    ("vor zwei wochen", 14),
    ("gerade zurück", 1),
    ("zurück vom", 2),
    ("zurück von", 2),
    ("erster tag", 0),
    ("erste tag", 0),
    ("zweiter tag", 0),
    ("zweite tag", 0),
];
/// What says so less exactly, asked when nothing in the table above is said.
const CLOSE_ROUGHLY: &[(&str, i64)] =
    &[("back from", 5), ("back home from", 3), ("is over", 2), ("this year", -1), ("dieses jahr", -1), ("heuer", -1)];

/// The words by which title or opening say that the conference was close to the date of writing, and its year.
fn closeness(clues: &Clues, written: Date) -> Option<(String, u16)> {
    let mut opening = String::new();
    for block in clues.blocks {
        if opening.split_whitespace().count() >= OPENING_WORDS {
            break;
        }
        opening.push_str(&block.text);
        opening.push('\n');
    }
    let texts = [clues.title.unwrap_or_default(), &opening];
    [CLOSE, CLOSE_ROUGHLY].into_iter().find_map(|table| texts.iter().find_map(|text| close_words(text, table, written)))
}

/// The first words of the table that a text has, as it writes them, and the year that they mean.
fn close_words(text: &str, table: &[(&str, i64)], written: Date) -> Option<(String, u16)> {
    // The same number of bytes, so that places in one are places in the other.
    let lower: String = text.chars().map(|c| if c == '\n' { ' ' } else { lower_same_length(c) }).collect();
    let places = table.iter().filter_map(|(words, days)| Some((word_at(&lower, words)?, *words, *days)));
    let (at, words, days) = places.min_by_key(|(at, words, _)| (*at, std::cmp::Reverse(words.len())))?;
    let date = if days < 0 { written } else { written.checked_sub(days.days()).ok()? };
    Some((text[at..at + words.len()].replace('\n', " "), u16::try_from(date.year()).ok()?))
}

/// Whether a later paragraph that names the series says "this year".
fn says_this_year(clues: &Clues, mentions: &[Mention], main: &Found) -> bool {
    if !mentions.iter().any(|mention| mention.place == Place::Body && is_alike(&mention.found, main)) {
        return false;
    }
    clues.blocks.iter().any(|block| {
        word_at(&block.text.to_lowercase(), "this year").is_some()
            && edition::find(&block.text, "").iter().any(|found| is_alike(found, main))
    })
}

fn lower_same_length(c: char) -> char {
    let mut lower = c.to_lowercase();
    match (lower.next(), lower.next()) {
        (Some(one), None) if one.len_utf8() == c.len_utf8() => one,
        _ => c,
    }
}

/// Where `words` stand as whole words.
fn word_at(text: &str, words: &str) -> Option<usize> {
    text.match_indices(words).map(|(at, _)| at).find(|at| {
        let before = text[..*at].chars().next_back();
        let after = text[at + words.len()..].chars().next();
        ![before, after].into_iter().flatten().any(char::is_alphanumeric)
    })
}
