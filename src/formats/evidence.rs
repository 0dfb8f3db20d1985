//! Which edition a report is about: what names one, weighed by where it stands, and the year when no name has it.

mod closeness;

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use jiff::civil::Date;

use self::closeness::{closeness, word_at};
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
    /// A folder or the prose alone names the series, and nothing a year: it is about the series, and no edition.
    pub is_topic: bool,
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
    in_heading: bool,
    /// In the first words of the text.
    is_early: bool,
    /// What the subject is compared with: "better than FooConf 2018".
    is_other: bool,
}

/// The first words of a text, in which it says what it is about.
const OPENING_WORDS: usize = 150;
/// What a text is about it mentions within so many words, or again later.
const EARLY_WORDS: usize = 60;
/// A text that names an edition in passing has fewer different words of conferences.
const CONFERENCE_WORDS_MIN: usize = 2;
/// Stems of words that reports of conferences have, folded.
const CONFERENCE_WORDS: &[&str] = &[
    "talk",
    "keynote",
    "speaker",
    "session",
    "conference",
    "attend",
    "workshop",
    "panel",
    "audience",
    "venue",
    "booth",
    "organi",
    "sprint",
    "hallway",
    "devroom",
    "lightning",
    "vortr",
    "konferenz",
    "teilnehm",
    "referent",
    "veranstalt",
    "presentation",
    "expose",
    "orateur",
    "seance",
    "charla",
    "ponen",
    "conferencia",
    "asist",
    "jornada",
    "barcamp",
    "relator",
    "palestra",
    "lezing",
    "spreker",
    "unconference",
    "meetup",
];
/// What stands before the name of another edition, folded.
const COMPARED: &[&[&str]] = &[
    &["than"],
    &["compared", "to"],
    &["compared", "with"],
    &["unlike"],
    &["since"],
    &["last", "year", "s"],
    &["last", "year"],
    &["previous"],
    &["previous", "year", "s"],
    &["besser", "als"],
    &["anders", "als"],
    &["seit"],
];
const COMPARED_CHARS: usize = 40;
/// An edition that only the later text or links name is its subject when they do so this often.
const BODY_MENTIONS_MIN: usize = 2;
/// A second edition is a subject when it is named early and this often.
const OTHER_MENTIONS_MIN: usize = 3;

/// Weighs the clues.
pub(super) fn weigh(clues: &Clues) -> Verdict {
    let mentions = collect(clues);
    let Some(main) = main(&mentions).filter(|main| is_subject(clues, &mentions, main)) else {
        return cued(clues);
    };
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
    let edition = match of_folders(main, clues.path) {
        Some((edition, folders)) => {
            verdict.inferred.insert("edition".to_owned(), format!("folder {folders}"));
            edition
        }
        None => completed(clues, &mentions, &main.found, &mut verdict.inferred),
    };
    verdict.is_topic = edition.year.is_none() && main.place >= Place::Opening;
    verdict.editions.push(edition);
    others(&mentions, &mut verdict.editions);
    verdict
}

/// The edition that the folders name by place and year, and those folders: where the text names no more than one of the two and
/// the folders agree with it. What its prose mentions may be the edition before, and weighs less than they do.
fn of_folders(main: &Mention, path: &str) -> Option<(Edition, String)> {
    let Edition { series, year, .. } = &main.found.edition;
    let qualifier = main.found.qualifier.as_deref();
    let placed = edition::placed(series, path)?;
    if main.place >= Place::Opening {
        return Some(placed);
    }
    let is_whole = year.is_some() && (qualifier.is_some() || edition::has_default(series));
    let in_year = year.is_none() || *year == placed.0.year;
    let is_there = qualifier.is_none_or(|at| edition::with_qualifier(series, Some(at), placed.0.year) == placed.0);
    (!is_whole && in_year && is_there).then_some(placed)
}

/// The edition of a mention with the year and the place that the rest of the text gives it.
fn completed(clues: &Clues, mentions: &[Mention], main: &Found, inferred: &mut BTreeMap<String, String>) -> Edition {
    let year = main.edition.year.or_else(|| {
        let (year, reason) = year(clues, mentions, main)?;
        inferred.extend(reason.map(|reason| ("year".to_owned(), reason)));
        Some(year)
    });
    let qualifier = main.qualifier.clone().or_else(|| qualifier(mentions, main, year));
    edition::with_qualifier(&main.edition.series, qualifier.as_deref(), year)
}

/// A text whose prose alone names an edition is about it when it does so at its beginning or more than once, and speaks
/// of what happens at conferences: articles and handbooks also name where something was first shown.
fn is_subject(clues: &Clues, mentions: &[Mention], main: &Mention) -> bool {
    if main.place < Place::Opening || matches!(main.place, Place::Folder(_)) {
        return true;
    }
    let alike: Vec<&Mention> = mentions.iter().filter(|mention| is_alike(&mention.found, &main.found)).collect();
    alike.iter().any(|mention| mention.in_heading)
        || ((alike.len() > 1 || alike.iter().any(|mention| mention.is_early))
            && conference_words(clues) >= CONFERENCE_WORDS_MIN)
}

/// Whether the words before a name say that it is another edition than the one at hand.
fn is_compared(before: &str) -> bool {
    let tail = before.char_indices().rev().nth(COMPARED_CHARS).map_or(before, |(at, _)| &before[at..]);
    let tail = folded(tail);
    let words: Vec<&str> = tail.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let words: &[&str] = &words[..];
    let words = words.strip_suffix(&["the"]).or(words.strip_suffix(&["at"])).unwrap_or(words);
    COMPARED.iter().any(|phrase| words.ends_with(phrase))
}

/// How many different words of conferences a text has; it is not read on when they are enough.
fn conference_words(clues: &Clues) -> usize {
    let mut found = HashSet::new();
    for block in clues.blocks {
        let text = folded(&block.text);
        for word in text.split(|c: char| !c.is_alphanumeric()) {
            found.extend(CONFERENCE_WORDS.iter().position(|stem| word.starts_with(stem)));
        }
        if found.len() >= CONFERENCE_WORDS_MIN {
            break;
        }
    }
    found.len()
}

/// "Quibble 2019: a trip report": a name that nothing else tells, beside a year and words that say what the text is.
fn cued(clues: &Clues) -> Verdict {
    let found = clues.title.and_then(edition::cued).filter(|_| conference_words(clues) > 0);
    Verdict { editions: found.into_iter().collect(), ..Verdict::default() }
}

fn collect(clues: &Clues) -> Vec<Mention> {
    let mut context = format!("{} {} ", clues.path, clues.title.unwrap_or_default());
    context.push_str(&clues.tags.join(" "));
    clues.blocks.iter().for_each(|block| context.extend([" ", &block.text]));
    let context = edition::Context::of(&folded(&context));
    let mut out = Vec::new();
    let mut add = |place: &Place, text: &str, words_before: usize, in_heading: bool| {
        // A name that only looks like a series is enough where names are expected.
        let names = matches!(place, Place::Title | Place::FileName);
        let found = edition::find(text, &context).into_iter().filter(|found| found.certain || names);
        let begins = |word: &str| word.as_ptr() as usize - text.as_ptr() as usize;
        let last_early = EARLY_WORDS.checked_sub(words_before + 1);
        let early_end = last_early.map(|n| text.split_whitespace().nth(n).map_or(text.len(), begins));
        out.extend(found.map(|found| {
            let is_early = early_end.is_some_and(|end| found.start <= end);
            let is_other = is_compared(&text[..found.start]);
            Mention { place: place.clone(), found, in_heading, is_early, is_other }
        }));
    };
    add(&Place::Title, clues.title.unwrap_or_default(), 0, false);
    add(&Place::FileName, super::report::stem(clues.path), 0, false);
    clues.tags.iter().for_each(|tag| add(&Place::Tags, tag, 0, false));
    for (place, text) in folders(clues) {
        add(&place, &text, 0, false);
    }
    let folders = clues.path.split('/').rev().skip(1);
    let series: BTreeSet<String> =
        folders.flat_map(|name| edition::find(name, &context)).map(|found| found.edition.series).collect();
    for (edition, folders) in series.iter().filter_map(|series| edition::placed(series, clues.path)) {
        add(&Place::EditionFolder(folders), &edition.edition, 0, false);
    }
    let mut words = 0;
    for block in clues.blocks {
        let is_heading = matches!(block.kind, BlockKind::Heading(_));
        let opening = words < OPENING_WORDS || is_heading;
        add(if opening { &Place::Opening } else { &Place::Body }, &block.text, words, is_heading);
        words += block.text.split_whitespace().count();
    }
    for link in clues.links {
        let link = link.split_once("://").map_or(link.as_str(), |(_, rest)| rest);
        let link = link.strip_prefix("www.").unwrap_or(link);
        add(&Place::Link, &link.replace(['/', '?', '#', '='], " "), EARLY_WORDS, false);
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
    let opening = || place(|place| *place == Place::Opening).filter(|mention| !mention.is_other);
    if let Some(named) = opening().find(|mention| mention.found.edition.year.is_some()).or_else(|| opening().next()) {
        return Some(named);
    }
    if let Some(folder) = place(|place| matches!(place, Place::Folder(_))).next() {
        return Some(folder);
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    mentions.iter().for_each(|mention| *counts.entry(&mention.found.edition.edition_id).or_default() += 1);
    let often = |mention: &&Mention| {
        let count = counts.get(mention.found.edition.edition_id.as_str());
        mention.found.edition.year.is_some() && count.is_some_and(|count| *count >= BODY_MENTIONS_MIN)
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
        alike().filter(move |mention| wanted(&mention.place) && !mention.is_other).find_map(move |mention| {
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
    let undated = |name: &str| bare_year(name, clues.written).filter(|_| clues.written.is_none());
    if let Some(year) = undated(super::report::stem(clues.path)) {
        return Some((year, Some("file name".to_owned())));
    }
    let folder = clues.path.split('/').rev().skip(1).find_map(undated);
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
    let in_prose = mentions.iter().filter(|mention| matches!(mention.place, Place::Opening | Place::Body));
    let mut counts: HashMap<&str, usize> = HashMap::new();
    in_prose.for_each(|mention| *counts.entry(&mention.found.edition.edition_id).or_default() += 1);
    for mention in mentions {
        let edition = &mention.found.edition;
        let known = editions.iter().any(|other| {
            other.edition_id == edition.edition_id || (other.series == edition.series && edition.year == other.year)
        });
        if known || edition.year.is_none() {
            continue;
        }
        let often = mention.place == Place::Opening
            && counts.get(edition.edition_id.as_str()).is_some_and(|count| *count >= OTHER_MENTIONS_MIN);
        if mention.place == Place::Title || often {
            editions.push(edition.clone());
        }
    }
}

/// Whether a later paragraph that names the series says "this year".
fn says_this_year(clues: &Clues, mentions: &[Mention], main: &Found) -> bool {
    if !mentions.iter().any(|mention| mention.place == Place::Body && is_alike(&mention.found, main)) {
        return false;
    }
    clues.blocks.iter().any(|block| {
        word_at(&block.text.to_lowercase(), "this year").is_some()
            && edition::find(&block.text, &edition::Context::default()).iter().any(|found| is_alike(found, main))
    })
}
