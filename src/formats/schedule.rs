//! What machine-written schedules have in common: a format finds the sessions and what stands above them, and hands over
//! an [`Entry`] each; names, times, texts, types and the edition are made out here, alike for all.

pub(super) mod crowd;
pub(super) mod find;
pub(super) mod keys;
pub(super) mod links;
pub(super) mod object;
mod organisations;
pub(super) mod people;
pub(super) mod prose;
mod settle;
pub(super) mod times;
mod titles;
mod tongue;
pub(super) mod tree;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde_json::{Map, Value};

pub(super) use settle::GROUPS_KEY;
pub(super) use tongue::language;

use super::{
    Draft, DraftRecord, Input,
    edition::{self, Found},
    evidence::{self, Clues},
    report,
    usenix::words,
};
use crate::{
    error::Problem,
    record::{Edition, Kind, Record, Role, Span, Speaker, TalkType},
    text::{analyzer::folded, one_line},
};

/// Sessions of one file.
pub(super) const ENTRIES_MAX: usize = 100_000;
const TITLE_CHARS_MAX: usize = 1_000;
const URLS_MAX: usize = 20;
/// So many sessions are asked for their addresses.
const ADDRESSES_MAX: usize = 1_000;
/// In a longer address the conference's name is no part of the place.
const ADDRESS_BYTES_MAX: usize = 1_000;
/// What an edition was inferred from where the addresses name it.
const LINKS: &str = "links";

/// What stands above a session: in the schedule's head, its day, its room.
#[derive(Clone, Debug, Default)]
pub(super) struct Context {
    /// The conference as the schedule prints it: "FOSDEM 2016".
    pub conference: Option<String>,
    pub year: Option<u16>,
    /// The conference day.
    pub day: Option<Date>,
    /// Sessions that begin earlier are of the night before.
    pub day_change: Option<Time>,
    pub time_zone: Option<String>,
    pub room: Option<String>,
    pub track: Option<String>,
    pub session: Option<String>,
    pub language: Option<String>,
    pub licence: Option<String>,
}

/// A session as its source prints it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    pub title: String,
    pub subtitle: Option<String>,
    /// The short text before the long one.
    pub texts: Vec<String>,
    pub people: Vec<Person>,
    pub day: Option<Date>,
    pub start: Option<Time>,
    pub end: Option<Time>,
    pub time_zone: Option<String>,
    pub room: Option<String>,
    pub track: Option<String>,
    pub session: Option<String>,
    /// What sort of session it is, in the source's words.
    pub kind: Option<String>,
    pub is_break: bool,
    pub tags: Vec<String>,
    pub language: Option<String>,
    pub url: Option<String>,
    pub videos: Vec<String>,
    pub slides: Vec<String>,
    pub state: Option<String>,
    pub licence: Option<String>,
    /// The conference that this session names itself.
    pub conference: Option<String>,
    /// Bytes of the input's text.
    pub span: (usize, usize),
    pub extra: Map<String, Value>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub name: String,
    pub affiliation: Option<String>,
    pub role: Role,
    pub bio: Option<String>,
    /// Bytes of the person's own object, where there is one.
    pub span: Option<(usize, usize)>,
}

impl Person {
    /// Whether a text that the source has of somebody is part of what is known of this person.
    fn is_told(&self, text: &str) -> bool {
        let line = prose::line(text);
        let is_of = |known: &Option<String>| known.as_ref().is_some_and(|known| line.contains(&one_line(known)));
        is_of(&self.affiliation) || is_of(&self.bio)
    }
}

/// Words of session types, folded, the more telling first: what a schedule calls a session holds one of them.
#[rustfmt::skip]
const TYPES: &[(&str, TalkType)] = &[
    ("lightning", TalkType::Lightning), ("ignite", TalkType::Lightning), ("pecha", TalkType::Lightning), ("blitz", TalkType::Lightning),
    ("keynote", TalkType::Keynote), ("plenary", TalkType::Keynote), ("pleniere", TalkType::Keynote),
    ("panel", TalkType::Panel), ("podium", TalkType::Panel), ("roundtable", TalkType::Panel), ("round table", TalkType::Panel),
    ("fireside", TalkType::Panel),
    ("tutorial", TalkType::Tutorial), ("training", TalkType::Tutorial), ("masterclass", TalkType::Tutorial), ("course", TalkType::Tutorial),
    ("workshop", TalkType::Workshop), ("atelier", TalkType::Workshop), ("hands-on", TalkType::Workshop), ("taller", TalkType::Workshop),
    ("codelab", TalkType::Workshop), ("lab", TalkType::Workshop),
    ("poster", TalkType::Poster),
    ("paper", TalkType::Paper),
    ("bof", TalkType::Bof), ("birds of a feather", TalkType::Bof), ("meetup", TalkType::Bof), ("self-organized", TalkType::Bof),
    ("assembly", TalkType::Bof), ("open space", TalkType::Bof), ("sprint", TalkType::Other),
    ("talk", TalkType::Talk), ("lecture", TalkType::Talk), ("session", TalkType::Talk), ("presentation", TalkType::Talk),
    ("devroom", TalkType::Talk), ("maintrack", TalkType::Talk), ("main track", TalkType::Talk), ("vortrag", TalkType::Talk),
    ("conference", TalkType::Talk), ("charla", TalkType::Talk), ("case study", TalkType::Talk), ("demo", TalkType::Talk),
    ("min", TalkType::Talk),
];
/// Titles that name no conference, folded.
const NO_CONFERENCE: &[&str] = &[
    "schedule",
    "program",
    "programme",
    "agenda",
    "calendar",
    "events",
    "conference",
    "my schedule",
    "untitled",
    "test",
    "all",
    "public",
];

/// Puts the sessions into the draft, in the order of the file.
pub(super) fn draft(input: &Input, found: find::Found, draft: &mut Draft) {
    let find::Found { context, mut entries, mut people } = found;
    let context = &context;
    let lines = LineStarts::of(input.text);
    let main = edition_of(input, context, &entries);
    for entry in &mut entries {
        announcements(entry);
    }
    settle::settle(&mut entries, &mut people, input.text, &own_names(context, &main));
    for (person, span) in people {
        let span = lines.span(span);
        let mut around = Record { year: context.year, licence: context.licence.clone(), ..Record::default() };
        if let Some(edition) = &main.edition {
            around.set_edition(edition);
            around.inferred.clone_from(&main.inferred);
        }
        let speaker = Speaker { name: person.name, affiliation: person.affiliation, role: person.role };
        let record = bio(&speaker, person.bio.unwrap_or_default(), &around, &span);
        draft.records.push(DraftRecord { record, bios: Vec::new() });
    }
    let (mut n_breaks, mut n_left_out) = (0u64, 0u64);
    let mut others: BTreeMap<String, Option<Edition>> = BTreeMap::new();
    for entry in entries {
        let line = lines.line(entry.span.0);
        if titles::is_break(&entry) {
            n_breaks += 1;
            continue;
        }
        if entry.title.is_empty() {
            draft.problems.push(Problem::new(
                "",
                Some(line),
                "the session has no title",
                "give it one, or leave it out",
            ));
            continue;
        }
        if draft.records.len() >= ENTRIES_MAX {
            n_left_out += 1;
            continue;
        }
        let own = entry.conference.clone().filter(|name| Some(name) != context.conference.as_ref());
        let own = own.and_then(|name| {
            let year = entry.day.and_then(|day| u16::try_from(day.year()).ok());
            others.entry(format!("{name} {year:?}")).or_insert_with(|| named(&name, year)).clone()
        });
        draft.records.push(record(entry, own.as_ref().or(main.edition.as_ref()), &main, context, &lines));
    }
    if n_breaks > 0 {
        draft.notes.push(format!("breaks and the like, which are no talks: {n_breaks}"));
    }
    if n_left_out > 0 {
        let message = format!("{n_left_out} sessions beyond {ENTRIES_MAX} are left out");
        draft.problems.push(Problem::new("", None, message, "split the file"));
    }
}

/// The edition of a whole file, and from what it was inferred.
struct Main {
    edition: Option<Edition>,
    inferred: BTreeMap<String, String>,
}

fn edition_of(input: &Input, context: &Context, entries: &[Entry]) -> Main {
    let mut years: BTreeMap<u16, usize> = BTreeMap::new();
    for day in entries.iter().filter_map(|entry| entry.day) {
        *years.entry(u16::try_from(day.year()).unwrap_or_default()).or_default() += 1;
    }
    let by_days = years.into_iter().max_by_key(|(year, n)| (*n, std::cmp::Reverse(*year))).map(|(year, _)| year);
    let title =
        context.conference.as_deref().map(one_line).filter(|title| !NO_CONFERENCE.contains(&folded(title).as_str()));
    let titled = title.as_deref().and_then(|title| named(title, context.year.or(by_days)));
    if let Some(edition) = titled {
        return of_folder(input, &edition).unwrap_or(Main { edition: Some(edition), inferred: BTreeMap::new() });
    }
    if let Some((found, in_link)) = addressed(entries) {
        let year = context.year.or(by_days);
        let mut inferred = BTreeMap::from([("edition".to_owned(), LINKS.to_owned())]);
        if year.is_none() && in_link.is_some() {
            inferred.insert("year".to_owned(), LINKS.to_owned());
        }
        return Main { edition: Some(edition::with_year(&found, year.or(in_link))), inferred };
    }
    let clues = Clues { title: None, path: input.place, tags: &[], blocks: &[], links: &[], written: None };
    let mut verdict = evidence::weigh(&clues);
    let mut found = (!verdict.editions.is_empty()).then(|| verdict.editions.swap_remove(0));
    if let (Some(edition), Some(year)) = (&mut found, context.year.or(by_days))
        && edition.year != Some(year)
    {
        // Days are surer than folders.
        *edition = edition::resolve(Some(&edition.edition), Some(&edition.series), Some(year))
            .unwrap_or_else(|| edition.clone());
        verdict.inferred.remove("year");
    }
    Main { edition: found, inferred: verdict.inferred }
}

/// The edition that the folders name where the title says less; a page's title may be that of its site for years.
fn of_folder(input: &Input, titled: &Edition) -> Option<Main> {
    let (edition, folders) = edition::placed(&titled.series, input.place)?;
    let is_page = report::extension(input.path).is_some_and(|extension| extension.starts_with("htm"));
    let says_less = edition::is_bare(titled) && !edition::has_default(&titled.series);
    let fits = titled.year.is_none_or(|year| edition.year == Some(year)) && (says_less || is_page);
    let inferred = BTreeMap::from([("edition".to_owned(), format!("folder {folders}"))]);
    fits.then_some(Main { edition: Some(edition), inferred })
}

/// The edition that most sessions' own addresses name, and its year: "example.org/fooconf-2019/talks/…",
/// "fooconf.org/2019/…".
fn addressed(entries: &[Entry]) -> Option<(Found, Option<u16>)> {
    let mut counts: BTreeMap<(String, Option<u16>), (usize, Found)> = BTreeMap::new();
    let asked = &entries[..entries.len().min(ADDRESSES_MAX)];
    for url in asked.iter().filter_map(|entry| entry.url.as_deref()).filter(|url| url.len() <= ADDRESS_BYTES_MAX) {
        let place = url.split_once("://").map_or(url, |(_, place)| place);
        let place = place.strip_prefix("www.").unwrap_or(place);
        let text = place.replace(['/', '?', '#', '='], " ");
        let in_path = || place.split('/').filter(|part| part.len() == 4).find_map(edition::year_in);
        let found = edition::find(&text, &edition::Context::of(&folded(&text)));
        let named = found.into_iter().find(|found| found.certain || found.edition.year.is_some());
        if let Some(found) = named {
            let year = found.edition.year.or_else(in_path);
            counts.entry((found.edition.edition_id.clone(), year)).or_insert((0, found)).0 += 1;
        }
    }
    let ((_, year), (n, found)) = counts.into_iter().max_by_key(|(_, (n, _))| *n)?;
    (n * 2 > asked.len()).then_some((found, year))
}

/// Takes what organisers announce from a title, and what they say by it.
fn announcements(entry: &mut Entry) {
    let (title, mut state) = titles::announced(&entry.title);
    if !title.is_empty() {
        entry.title = title.to_owned();
    }
    if let Some(subtitle) = &entry.subtitle {
        let (rest, found) = titles::announced(subtitle);
        state = state.or(found);
        entry.subtitle = Some(rest.to_owned());
    }
    entry.state = state.map(str::to_owned).or(entry.state.take());
}

/// How a conference calls itself, folded.
fn own_names(context: &Context, main: &Main) -> Vec<String> {
    let edition = main.edition.as_ref();
    let names = [context.conference.as_ref(), edition.map(|found| &found.series), edition.map(|found| &found.edition)];
    names.into_iter().flatten().map(|name| folded(name)).collect()
}

/// The edition that a conference's name and a year make; a year in the name is the surer one.
fn named(name: &str, year: Option<u16>) -> Option<Edition> {
    let name = one_line(name);
    edition::resolve(Some(&name), None, edition::year_in(&name).or(year))
}

fn record(entry: Entry, edition: Option<&Edition>, main: &Main, context: &Context, lines: &LineStarts) -> DraftRecord {
    let span = lines.span(entry.span);
    let mut record = Record { source: Some(span.clone()), ..Record::default() };
    let (title, subtitle) = (cut(&entry.title), entry.subtitle.as_deref().map(cut));
    record.talk_type =
        talk_type(entry.kind.as_deref(), &title).or_else(|| entry.track.as_deref().and_then(words::heading_type));
    record.title = Some(match subtitle {
        Some(subtitle) if !subtitle.is_empty() && !folded(&title).contains(&folded(&subtitle)) => {
            let sign = if title.ends_with(['?', '!', ':', '.', '…']) { " " } else { ": " };
            format!("{title}{sign}{subtitle}")
        }
        _ => title,
    });
    record.abstract_text = join(&entry.texts);
    record.date = entry.day.map(|day| day.to_string());
    record.start = entry.start.map(times::shown);
    record.end = entry.end.map(times::shown);
    record.time_zone = entry.time_zone.filter(|_| record.start.is_some());
    record.year = context.year.or_else(|| entry.day.and_then(|day| u16::try_from(day.year()).ok()));
    record.room = entry.room;
    record.track = entry.track;
    record.session = entry.session;
    record.tags = entry.tags;
    record.language = entry.language.as_deref().and_then(language);
    record.url = entry.url;
    record.videos = first_each(entry.videos.into_iter().filter(|url| !is_picture(url)).collect());
    record.slides = first_each(entry.slides);
    record.state = entry.state;
    record.licence = entry.licence.or_else(|| context.licence.clone());
    record.extra = entry.extra;
    if let Some(edition) = edition {
        record.set_edition(edition);
        record.inferred.clone_from(&main.inferred);
    }
    let mut bios = Vec::new();
    for person in entry.people {
        let speaker = Speaker { name: person.name, affiliation: person.affiliation, role: person.role };
        if let Some(text) = person.bio.filter(|bio| !bio.is_empty()) {
            bios.push(bio(&speaker, text, &record, &person.span.map_or_else(|| span.clone(), |own| lines.span(own))));
        }
        record.speakers.push(speaker);
    }
    DraftRecord { record, bios }
}

fn bio(speaker: &Speaker, text: String, talk: &Record, span: &Span) -> Record {
    Record {
        kind: Kind::Bio,
        title: Some(speaker.name.clone()),
        speakers: vec![Speaker { role: Role::Speaker, ..speaker.clone() }],
        series: talk.series.clone(),
        edition: talk.edition.clone(),
        edition_id: talk.edition_id.clone(),
        year: talk.year,
        licence: talk.licence.clone(),
        text: Some(text),
        source: Some(span.clone()),
        inferred: talk.inferred.clone(),
        ..Record::default()
    }
}

/// The texts one after the other, without one that another holds already.
pub(super) fn join(texts: &[String]) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    for text in texts.iter().map(|text| text.trim()).filter(|text| !text.is_empty()) {
        let bare = |text: &str| text.split_whitespace().collect::<String>();
        let this = bare(text);
        if kept.iter().any(|other| bare(other).contains(&this)) {
            continue;
        }
        kept.retain(|other| !this.contains(&bare(other)));
        kept.push(text);
    }
    (!kept.is_empty()).then(|| kept.join("\n\n"))
}

/// The type that the source's words name, else the title's.
pub(super) fn talk_type(kind: Option<&str>, title: &str) -> Option<TalkType> {
    let in_title = words::title_type(title);
    let Some(kind) = kind.map(folded) else { return in_title };
    let is_word = |word: &str| {
        kind.match_indices(word)
            .any(|(at, _)| at == 0 || !kind[..at].ends_with(|c: char| c.is_alphabetic()) || word.len() > 3)
    };
    let by_kind = TYPES.iter().find(|(word, _)| is_word(word)).map(|(_, found)| *found);
    match by_kind {
        // "Talk" says less than a title that begins "Panel:".
        Some(TalkType::Talk) | None => in_title.or(by_kind).or(Some(TalkType::Other)),
        found => found,
    }
}

fn cut(title: &str) -> String {
    let title = one_line(title);
    title.char_indices().nth(TITLE_CHARS_MAX).map_or(title.clone(), |(at, _)| title[..at].to_owned())
}

/// Players show one before they play.
fn is_picture(url: &str) -> bool {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    [".jpg", ".jpeg", ".png", ".gif", ".webp", ".svg"].iter().any(|end| path.ends_with(end))
}

pub(super) fn first_each(urls: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    urls.into_iter().filter(|url| seen.insert(url.clone())).take(URLS_MAX).collect()
}

/// Counts the lines of a text, of which a file may have any number: only every so many bytes the count is kept.
pub(super) struct LineStarts<'a> {
    text: &'a [u8],
    /// Line ends before each chunk.
    before: Vec<u32>,
}

const CHUNK_BYTES: usize = 1 << 10;

impl<'a> LineStarts<'a> {
    pub fn of(text: &'a str) -> Self {
        let text = text.as_bytes();
        let mut n_ends = 0;
        let counts = text.chunks(CHUNK_BYTES).map(|chunk| {
            let before = n_ends;
            n_ends += ends(chunk);
            before
        });
        LineStarts { text, before: counts.collect() }
    }

    /// A place without its file.
    pub fn span(&self, (start, end): (usize, usize)) -> Span {
        Span { line: self.line(start), start: start as u64, end: end as u64, ..Span::default() }
    }

    /// The line, from 1, that holds byte `at`.
    pub fn line(&self, at: usize) -> u64 {
        let at = at.min(self.text.len());
        let chunk = at / CHUNK_BYTES;
        let before = self.before.get(chunk).copied().unwrap_or_default();
        u64::from(before + ends(&self.text[chunk * CHUNK_BYTES..at])) + 1
    }
}

fn ends(bytes: &[u8]) -> u32 {
    bytes.iter().map(|byte| u32::from(*byte == b'\n')).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_come_from_the_sources_own_words() {
        for (kind, title, expected) in [
            (Some("Talk 60min + 20min Q&A"), "A title", Some(TalkType::Talk)),
            (Some("lecture"), "A title", Some(TalkType::Talk)),
            (Some("Lightning Talk"), "A title", Some(TalkType::Lightning)),
            (Some("Plenary"), "A title", Some(TalkType::Keynote)),
            (Some("devroom"), "Keynote: a title", Some(TalkType::Keynote)),
            (Some("Workshop (2h)"), "A title", Some(TalkType::Workshop)),
            (Some("20 mins"), "A title", Some(TalkType::Talk)),
            (Some("performance"), "A title", Some(TalkType::Other)),
            (None, "Panel: a title", Some(TalkType::Panel)),
            (None, "A title", None),
        ] {
            assert_eq!(talk_type(kind, title), expected, "{kind:?} {title}");
        }
    }

    #[test]
    fn a_text_within_another_is_said_once() {
        let texts = |texts: &[&str]| join(&texts.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>());
        assert_eq!(texts(&["Short.", "Short.\n\nAnd long."]).as_deref(), Some("Short.\n\nAnd long."));
        assert_eq!(texts(&["One.", "Two."]).as_deref(), Some("One.\n\nTwo."));
        assert_eq!(texts(&[" ", ""]), None);
    }
}
