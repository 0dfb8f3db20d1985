//! What machine-written schedules have in common: a format finds the sessions and what stands above them, and hands over
//! an [`Entry`] each; names, times, texts, types and the edition are made out here, alike for all.

pub(super) mod find;
pub(super) mod keys;
pub(super) mod object;
pub(super) mod people;
pub(super) mod prose;
pub(super) mod times;
pub(super) mod tree;

use std::collections::BTreeMap;

use jiff::civil::{Date, Time};
use serde_json::{Map, Value};

use find::Found;

use super::{
    Draft, DraftRecord, Input,
    decode::line_starts,
    edition,
    evidence::{self, Clues},
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
/// Types that are no talk.
const BREAK_TYPES: &[&str] =
    &["break", "pause", "lunch", "coffee", "registration", "service session", "meal", "changeover"];
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
pub(super) fn draft(input: &Input, found: Found, draft: &mut Draft) {
    let Found { context, entries, people } = found;
    let context = &context;
    let lines = LineStarts::of(input.text);
    let main = edition_of(input, context, &entries);
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
        if is_break(&entry) {
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
        return Main { edition: Some(edition), inferred: BTreeMap::new() };
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

/// The edition that a conference's name and a year make; a year in the name is the surer one.
fn named(name: &str, year: Option<u16>) -> Option<Edition> {
    let name = one_line(name);
    edition::resolve(Some(&name), None, edition::year_in(&name).or(year))
}

fn record(entry: Entry, edition: Option<&Edition>, main: &Main, context: &Context, lines: &LineStarts) -> DraftRecord {
    let span = lines.span(entry.span);
    let mut record = Record { source: Some(span.clone()), ..Record::default() };
    let (title, subtitle) = (cut(&entry.title), entry.subtitle.as_deref().map(cut));
    record.talk_type = talk_type(entry.kind.as_deref(), &title);
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
    record.videos = first_each(entry.videos);
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
fn join(texts: &[String]) -> Option<String> {
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

fn is_break(entry: &Entry) -> bool {
    let kind = entry.kind.as_deref().map(folded).unwrap_or_default();
    let is_empty = entry.people.is_empty() && entry.texts.iter().all(|text| text.split_whitespace().count() < 12);
    entry.is_break
        || (is_empty && (words::is_pause_only(&entry.title) || BREAK_TYPES.iter().any(|word| kind.contains(word))))
}

/// The type that the source's words name, else the title's.
fn talk_type(kind: Option<&str>, title: &str) -> Option<TalkType> {
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

/// An ISO 639-1 code, from a code, a locale or a name.
pub(super) fn language(text: &str) -> Option<String> {
    #[rustfmt::skip]
    const NAMES: &[(&str, &str)] = &[
        ("english", "en"), ("eng", "en"), ("german", "de"), ("deutsch", "de"), ("deu", "de"), ("ger", "de"), ("french", "fr"),
        ("francais", "fr"), ("fra", "fr"), ("fre", "fr"), ("spanish", "es"), ("espanol", "es"), ("spa", "es"), ("portuguese", "pt"),
        ("portugues", "pt"), ("por", "pt"), ("italian", "it"), ("italiano", "it"), ("ita", "it"), ("dutch", "nl"), ("nederlands", "nl"),
        ("nld", "nl"), ("japanese", "ja"), ("jpn", "ja"), ("chinese", "zh"), ("zho", "zh"), ("russian", "ru"), ("rus", "ru"),
        ("polish", "pl"), ("pol", "pl"), ("czech", "cs"), ("ces", "cs"), ("korean", "ko"), ("kor", "ko"), ("swedish", "sv"),
        ("finnish", "fi"), ("danish", "da"), ("norwegian", "nb"), ("turkish", "tr"), ("ukrainian", "uk"), ("hebrew", "he"),
        ("arabic", "ar"), ("hungarian", "hu"), ("catalan", "ca"), ("persian", "fa"), ("greek", "el"), ("romanian", "ro"),
    ];
    let text = folded(text.trim());
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some((*code).to_owned());
    }
    let code = text.split(['-', '_', ',', ' ', '/']).next().unwrap_or_default();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| code.to_owned())
}

fn cut(title: &str) -> String {
    let title = one_line(title);
    title.char_indices().nth(TITLE_CHARS_MAX).map_or(title.clone(), |(at, _)| title[..at].to_owned())
}

fn first_each(urls: Vec<String>) -> Vec<String> {
    let mut seen = std::collections::HashSet::new();
    urls.into_iter().filter(|url| seen.insert(url.clone())).take(URLS_MAX).collect()
}

/// Where the lines of a text begin.
pub(super) struct LineStarts(Vec<usize>);

impl LineStarts {
    pub fn of(text: &str) -> Self {
        LineStarts(line_starts(text.as_bytes()))
    }

    /// A place without its file.
    pub fn span(&self, (start, end): (usize, usize)) -> Span {
        Span { line: self.line(start), start: start as u64, end: end as u64, ..Span::default() }
    }

    /// The line, from 1, that holds byte `at`.
    pub fn line(&self, at: usize) -> u64 {
        self.0.partition_point(|start| *start <= at) as u64
    }
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
    fn languages_are_two_letters() {
        for (text, expected) in [
            ("en", Some("en")),
            ("en-GB", Some("en")),
            ("English", Some("en")),
            ("deu", Some("de")),
            ("?", None),
            ("", None),
        ] {
            assert_eq!(language(text).as_deref(), expected, "{text}");
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
