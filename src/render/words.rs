//! What a record is, who gave it, where and when, in words: for every format that people read.

use super::escape::web_url;
use crate::{
    record::{Kind, Record, Role, Speaker, TalkType, video},
    search::{EDITIONS_MAX, Hit, How, Reason, ScorePart, Snippet, Sort},
};

/// Speakers named on a result; `show` names all.
const SPEAKERS_MAX: usize = 4;
/// Of a licence below a page of results: the longest usual name or address. `show` has it whole.
const LICENCE_CHARS_MAX: usize = 80;

pub(super) fn title(record: &Record) -> &str {
    record.title.as_deref().unwrap_or("(untitled)")
}

/// The most telling word for what a record is.
pub(super) fn sort_of(record: &Record) -> &'static str {
    match (record.kind, record.talk_type) {
        (Kind::Talk, Some(TalkType::Lightning)) => "lightning talk",
        (Kind::Talk, Some(TalkType::Bof)) => "birds of a feather",
        (Kind::Talk, Some(TalkType::Other) | None) => "talk",
        (Kind::Talk, Some(talk_type)) => talk_type.as_str(),
        (kind, _) => kind.as_str(),
    }
}

pub(super) fn edition(record: &Record) -> Option<String> {
    if record.editions.len() > 1 {
        let all: Vec<_> = record.editions.iter().map(|edition| edition.edition.as_str()).collect();
        return Some(all.join(", "));
    }
    record.edition.clone().or_else(|| record.series.clone())
}

/// Kind, edition, time and place of a hit, shortest first to be told apart.
pub(super) fn facts(record: &Record) -> Vec<String> {
    let facts = [
        Some(sort_of(record).to_owned()),
        edition(record),
        when(record),
        record.track.clone(),
        record.room.clone().filter(|room| Some(room) != record.track.as_ref()),
        record.speakers.first().filter(|_| record.kind == Kind::Bio).and_then(|person| person.affiliation.clone()),
    ];
    facts.into_iter().flatten().collect()
}

/// "also at RailsConf 2016, RubyConf 2016" of a talk that was given elsewhere too.
pub(super) fn also_at(hit: &Hit) -> Option<String> {
    let more = if hit.record.also_at.len() > EDITIONS_MAX { ", …" } else { "" };
    (!hit.also_at.is_empty()).then(|| format!("also at {}{more}", hit.also_at.join(", ")))
}

fn when(record: &Record) -> Option<String> {
    match (record.kind, &record.date) {
        (Kind::Report, _) => record.written.as_ref().map(|written| format!("written {written}")),
        (_, Some(date)) => Some(format!("{date}{}", times(record).map(|time| format!(" {time}")).unwrap_or_default())),
        _ => year(record),
    }
}

fn times(record: &Record) -> Option<String> {
    let start = record.start.as_ref()?;
    Some(record.end.as_ref().map_or_else(|| start.clone(), |end| format!("{start}–{end}")))
}

/// The year where the edition's name doesn't tell it, whole or by its two last digits.
fn year(record: &Record) -> Option<String> {
    let year = record.year?.to_string();
    let tells = |name: &String| name.contains(year.get(2..).unwrap_or(&year));
    (!edition(record).as_ref().is_some_and(tells)).then_some(year)
}

/// What, where and when as one would say it: "keynote at SREcon23 EMEA, Tuesday 10 October 2023, 09:00–09:45 Irish
/// Standard Time, The Liffey A".
pub(super) fn occasion(record: &Record) -> String {
    let is_report = record.kind == Kind::Report;
    let mut out = sort_of(record).to_owned();
    if let Some(edition) = edition(record) {
        out += if is_report { " on " } else { " at " };
        out += &edition;
    }
    let day = if is_report { &record.written } else { &record.date };
    let day = day.as_ref().map(|day| if is_report { format!("written {}", long_day(day)) } else { long_day(day) });
    let time = times(record).filter(|_| !is_report).map(|time| match &record.time_zone {
        // An IANA name is a place.
        Some(zone) => format!("{time} {zone}{}", if zone.contains('/') { " time" } else { "" }),
        None => time,
    });
    let year = if is_report || record.date.is_some() { None } else { year(record) };
    for part in [day, year, time, record.room.clone()].into_iter().flatten() {
        out += ", ";
        out += &part;
    }
    out
}

/// "Tuesday 10 October 2023"; what is no date stays as it is.
fn long_day(date: &str) -> String {
    date.parse::<jiff::civil::Date>().map_or_else(|_| date.to_owned(), |date| date.strftime("%A %-d %B %Y").to_string())
}

pub(super) fn person(speaker: Option<&Speaker>, name: &str) -> String {
    match speaker.and_then(|speaker| speaker.affiliation.as_deref()) {
        Some(affiliation) => format!("{name} ({affiliation})"),
        None => name.to_owned(),
    }
}

/// Who is behind a hit: the first few speakers; a report's author.
pub(super) fn people(record: &Record) -> String {
    match record.kind {
        Kind::Talk => {
            let mut people: Vec<String> =
                record.speakers.iter().take(SPEAKERS_MAX).map(|speaker| person(Some(speaker), &speaker.name)).collect();
            if record.speakers.len() > SPEAKERS_MAX {
                people.push(format!("and {} more", record.speakers.len() - SPEAKERS_MAX));
            }
            people.join(", ")
        }
        Kind::Bio => String::new(),
        Kind::Report => record.author.as_ref().map(|author| format!("by {author}")).unwrap_or_default(),
    }
}

/// All who are behind a record, a line for each part that they had in it.
pub(super) fn everybody(record: &Record) -> Vec<String> {
    if record.kind == Kind::Bio {
        return record.speakers.first().and_then(|person| person.affiliation.clone()).into_iter().collect();
    }
    let of = |roles: &[Role], lead: &str| {
        let people = record.speakers.iter().filter(|speaker| roles.contains(&speaker.role));
        let people: Vec<String> = people.map(|speaker| person(Some(speaker), &speaker.name)).collect();
        (!people.is_empty()).then(|| format!("{lead}{}", people.join(", ")))
    };
    let lines = [
        record.author.as_ref().map(|author| format!("by {author}")),
        of(&[Role::Speaker, Role::Author], ""),
        of(&[Role::Panelist], "panelists: "),
        of(&[Role::Moderator], "moderator: "),
    ];
    lines.into_iter().flatten().collect()
}

/// The other facts of a record, by name.
pub(super) fn details(record: &Record) -> Vec<(&'static str, String)> {
    let list = |values: &[String]| Some(values.join(", ")).filter(|text| !text.is_empty());
    let details = [
        ("session", record.session.clone()),
        ("track", record.track.clone().filter(|track| Some(track) != record.room.as_ref())),
        ("topics", list(&record.topics)),
        ("tags", list(&record.tags)),
        ("language", record.language.clone()),
        ("state", record.state.clone()),
        ("licence", record.licence.clone()),
    ];
    let details = details.into_iter().filter_map(|(name, value)| Some((name, value?)));
    let inferred = record.inferred.iter().map(|(field, reason)| ("inferred", format!("{field}, from {reason}")));
    details.chain(inferred).collect()
}

/// The licences of what is quoted on a page, each with the editions whose it is; empty where no source named one. Who quotes a
/// snippet has to know, and it is the same for most of a page: so it is said once.
pub(super) fn licences(hits: &[Hit]) -> String {
    let is_quoted = |hit: &&Hit| !hit.snippets.is_empty() || !hit.passages.is_empty();
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for record in hits.iter().filter(is_quoted).map(|hit| &hit.record) {
        let Some(licence) = record.licence.as_deref().map(short) else { continue };
        let at = found.iter().position(|(known, _)| *known == licence).unwrap_or_else(|| {
            found.push((licence, Vec::new()));
            found.len() - 1
        });
        let whose = edition(record).unwrap_or_else(|| title(record).to_owned());
        if !found[at].1.contains(&whose) {
            found[at].1.push(whose);
        }
    }
    let said = found.iter().map(|(licence, whose)| format!("{licence} ({})", whose.join(", ")));
    said.collect::<Vec<_>>().join("; ")
}

/// A licence on one line: some sources give it word by word.
fn short(licence: &str) -> String {
    let licence = licence.split_whitespace().collect::<Vec<_>>().join(" ");
    match licence.char_indices().nth(LICENCE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", licence[..end].trim_end()),
        None => licence,
    }
}

/// The address of a record's video at this second of it.
pub(super) fn video_at(record: &Record, second: u32) -> Option<String> {
    record.videos.iter().find_map(|url| web_url(&video::at(url, second)))
}

/// The snippets of a hit that are of none of its passages.
pub(super) fn own_snippets(hit: &Hit) -> impl Iterator<Item = &Snippet> {
    hit.snippets.iter().filter(|snippet| hit.passages.is_empty() || snippet.field == "abstract")
}

/// Where else to look, by name.
pub(super) fn links(record: &Record) -> Vec<(&'static str, &str)> {
    let url = record.url.iter().map(|url| ("url", url.as_str()));
    let videos = record.videos.iter().map(|url| ("video", url.as_str()));
    url.chain(videos).chain(record.slides.iter().map(|url| ("slides", url.as_str()))).collect()
}

/// The headings of hits in the order of their dates: the year, where it is another than that of the hit before.
#[derive(Default)]
pub(super) struct Years(Option<String>);

impl Years {
    pub fn heading(&mut self, sort: Sort, record: &Record) -> Option<&str> {
        if sort != Sort::Date {
            return None;
        }
        let dated = record.date.as_deref().and_then(|date| date.get(..4)).map(str::to_owned);
        let year = dated.or(record.year.map(|year| year.to_string())).unwrap_or_else(|| "no year".to_owned());
        let is_new = self.0.as_ref() != Some(&year);
        self.0 = Some(year);
        self.0.as_deref().filter(|_| is_new)
    }
}

/// What a part of a score is for: "tracing, by its stem "trace": title (×3), text 4 times".
pub(super) fn reason(part: &ScorePart) -> String {
    let typed = part.typed.as_deref().unwrap_or_default();
    let found = part.found.as_deref().unwrap_or_default();
    let what = match (part.signal, part.how) {
        (Reason::Neighbours, _) => return "neighbours: the records most like it match too".to_owned(),
        (Reason::Likeness, _) => return "likeness to the record that was given".to_owned(),
        (Reason::Filter, _) => return "a filter".to_owned(),
        (Reason::Exact, _) => format!("\"{found}\", the very word"),
        (_, Some(How::Stem)) if typed != found => format!("{typed}, by its stem \"{found}\""),
        (_, Some(How::Spelling)) => format!("{typed}, written \"{found}\""),
        (_, Some(How::Synonym)) => format!("{typed}, by the synonym \"{found}\""),
        (_, Some(How::Prefix | How::Fuzzy | How::Regex)) if found.is_empty() => format!("{typed}, one of its words"),
        (_, Some(How::Prefix | How::Fuzzy | How::Regex)) => format!("{typed}: \"{found}\""),
        (_, None) => format!("\"{found}\""),
        (Reason::Phrase, _) => format!("\"{typed}\""),
        _ => typed.to_owned(),
    };
    let places = part.places.iter().map(|place| {
        let n = if place.n > 1 { format!(" {} times", place.n) } else { String::new() };
        let times = if place.times > 1 { format!(" (×{})", place.times) } else { String::new() };
        format!("{}{n}{times}", place.name)
    });
    let places: Vec<String> = places.collect();
    if places.is_empty() { what } else { format!("{what}: {}", places.join(", ")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_occasion_says_what_is_known() {
        let text = |value: &str| Some(value.to_owned());
        let talk = Record { edition: text("FooConf 2023"), year: Some(2023), ..Record::default() };
        assert_eq!(occasion(&talk), "talk at FooConf 2023");
        let named = Record { edition: text("FooConf Spring"), ..talk.clone() };
        assert_eq!(occasion(&named), "talk at FooConf Spring, 2023");
        let dated = Record {
            talk_type: Some(TalkType::Keynote),
            date: text("2023-10-10"),
            start: text("09:00"),
            end: text("09:45"),
            time_zone: text("Europe/Dublin"),
            room: text("Room 1"),
            ..talk
        };
        assert_eq!(
            occasion(&dated),
            "keynote at FooConf 2023, Tuesday 10 October 2023, 09:00–09:45 Europe/Dublin time, Room 1"
        );
        let report = Record {
            kind: Kind::Report,
            edition: text("FooConf 2023"),
            year: Some(2023),
            written: text("2023-11-02"),
            ..Record::default()
        };
        assert_eq!(occasion(&report), "report on FooConf 2023, written Thursday 2 November 2023");
        let odd = Record { date: text("10 Oct"), ..Record::default() };
        assert_eq!(occasion(&odd), "talk, 10 Oct");
    }
}
