//! The lines of a plain-text program, and what each is by itself: a day, a session, a label, a title behind a time or number.

use jiff::civil::{Date, Time};

use crate::{
    formats::{
        dates::{self, ENGLISH_MONTHS, is_english_month},
        schedule::times,
        usenix::{people, words},
    },
    source::{Line, lines},
    text::one_line,
};

/// A longer line is prose.
const BYTES_MAX: usize = 4_000;
const DAY_WORDS_MAX: usize = 8;
/// Dots that lead from a title to its page.
const LEADER_BYTES_MIN: usize = 4;
const SESSION_WORDS_MAX: usize = 20;
const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Days of a conference.
const DAYS_MAX: i8 = 14;

/// What a label says of a paper, or of those below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    Authors,
    Speakers,
    Affiliation,
    Abstract,
    Session,
    Track,
    Room,
    Time,
    Day,
    Url,
    Keywords,
    Other,
}

/// Labels, in small letters. In capitals they need no colon.
#[rustfmt::skip]
const LABELS: &[(&str, Field)] = &[
    ("title", Field::Title), ("paper title", Field::Title), ("talk title", Field::Title), ("paper", Field::Title), ("talk", Field::Title),
    ("titel", Field::Title), ("titre", Field::Title),
    ("authors", Field::Authors), ("author", Field::Authors), ("author(s)", Field::Authors), ("by", Field::Authors),
    ("autoren", Field::Authors), ("auteurs", Field::Authors),
    ("speakers", Field::Speakers), ("speaker", Field::Speakers), ("speaker(s)", Field::Speakers), ("presenter", Field::Speakers),
    ("presenters", Field::Speakers), ("presenter(s)", Field::Speakers), ("presented by", Field::Speakers), ("keynote speaker", Field::Speakers),
    ("invited speaker", Field::Speakers),
    ("affiliation", Field::Affiliation), ("affiliations", Field::Affiliation), ("institution", Field::Affiliation),
    ("organization", Field::Affiliation), ("organisation", Field::Affiliation),
    ("abstract", Field::Abstract), ("summary", Field::Abstract), ("description", Field::Abstract),
    ("session", Field::Session), ("session title", Field::Session),
    ("track", Field::Track), ("room", Field::Room), ("location", Field::Room), ("venue", Field::Room), ("time", Field::Time),
    ("date", Field::Day), ("day", Field::Day),
    ("url", Field::Url), ("link", Field::Url), ("pdf", Field::Url), ("doi", Field::Url), ("website", Field::Url),
    ("keywords", Field::Keywords), ("tags", Field::Keywords), ("topics", Field::Keywords),
    ("id", Field::Other), ("paper id", Field::Other), ("number", Field::Other), ("bio", Field::Other), ("biography", Field::Other),
    ("slides", Field::Other), ("video", Field::Other), ("pages", Field::Other), ("email", Field::Other), ("e-mail", Field::Other),
    ("award", Field::Other), ("artifact", Field::Other), ("comments", Field::Other), ("type", Field::Other),
];
/// What a heading that names a session begins with.
const SESSIONS: &[&str] = &[
    "session",
    "technical session",
    "paper session",
    "papers session",
    "poster session",
    "demo session",
    "research session",
    "industry session",
    "plenary session",
    "keynote",
    "opening keynote",
    "closing keynote",
    "invited talk",
    "invited talks",
    "panel",
    "tutorial",
    "sitzung",
];

/// A day as a heading prints it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Day {
    /// From 0, Monday.
    pub weekday: Option<i8>,
    /// Month and day.
    pub date: Option<(i8, i8)>,
    pub year: Option<i16>,
}

/// A start and perhaps an end.
pub(in crate::formats) type Times = (Time, Option<Time>);

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Sort {
    Blank,
    Day(Day),
    Session {
        title: String,
        times: Option<Times>,
    },
    Chair,
    Label(Field, String),
    /// A time alone, over a paper.
    Time(Times),
    Timed {
        title: String,
        times: Times,
    },
    Numbered(String),
    Text,
}

#[derive(Debug)]
pub(super) struct Row<'a> {
    pub text: &'a str,
    /// From 1.
    pub number: u64,
    /// Bytes of the file.
    pub start: usize,
    pub end: usize,
    pub sort: Sort,
}

impl Row<'_> {
    pub fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start().len()
    }
}

pub(super) fn read<'a>(text: &'a str) -> Vec<Row<'a>> {
    let row = |line: Line<'a>| {
        let text = without_page(line.text);
        let sort = match sort(text) {
            // What leads to a page is a title.
            Sort::Text if text.len() < line.text.len() => Sort::Numbered(text.trim().to_owned()),
            sort => sort,
        };
        Row { number: line.number, start: line.start, end: line.end, sort, text }
    };
    lines(text).into_iter().map(row).collect()
}

/// Whether a line is a session with its own times, "Session 2: Storage (9:15–10:45)".
pub(in crate::formats) fn is_timed_session(line: &str) -> bool {
    let opens = line.trim_start().get(.."session".len()).is_some_and(|head| head.eq_ignore_ascii_case("session"));
    opens && matches!(sort(line), Sort::Session { times: Some(_), .. })
}

fn sort(line: &str) -> Sort {
    let text = without_bullet(line.trim().trim_matches(|c| c == '*' || c == '#').trim());
    // Rules across the page say nothing.
    if !text.contains(char::is_alphanumeric) {
        return Sort::Blank;
    }
    if text.len() > BYTES_MAX {
        return Sort::Text;
    }
    if let Some(day) = day(text) {
        return Sort::Day(day);
    }
    if words::is_chair(text) {
        return Sort::Chair;
    }
    if let Some((field, value)) = label(text) {
        return match field {
            Field::Day => day(value).map_or(Sort::Text, Sort::Day),
            // Other labels may stand on the line.
            Field::Room => Sort::Label(field, value.split("  ").next().unwrap_or_default().to_owned()),
            _ => Sort::Label(field, value.to_owned()),
        };
    }
    if let Some((times, "")) = times(text) {
        return Sort::Time(times);
    }
    if let Some((times, rest)) = times(text).filter(|(_, rest)| rest.contains(char::is_alphabetic)) {
        return match session(rest) {
            Some(Sort::Session { title, .. }) => Sort::Session { title, times: Some(times) },
            _ => Sort::Timed { title: rest.to_owned(), times },
        };
    }
    // "Research Track"
    if words::is_track(text) && text.starts_with(char::is_uppercase) {
        return Sort::Label(Field::Track, one_line(text));
    }
    session(text).or_else(|| numbered(text).map(|title| Sort::Numbered(title.to_owned()))).unwrap_or(Sort::Text)
}

/// `Title: …`, `TITLE …`.
fn label(text: &str) -> Option<(Field, &str)> {
    if let Some((name, value)) = text.split_once(':')
        && let Some((_, field)) = LABELS.iter().find(|(label, _)| *label == name.trim().to_lowercase())
    {
        return Some((*field, value.trim()));
    }
    if text.split_whitespace().next().is_none_or(|word| word.len() < 2 || word.chars().any(char::is_lowercase)) {
        return None;
    }
    let (field, value) = LABELS.iter().find_map(|(label, field)| {
        let (head, rest) = text.split_at_checked(label.len())?;
        let is_label = head.eq_ignore_ascii_case(label) && !head.chars().any(char::is_lowercase);
        (is_label && (rest.is_empty() || rest.starts_with([' ', '\t']))).then_some((*field, rest.trim()))
    })?;
    // "TALK ABOUT IT" is no label: what a label in capitals names is not.
    let is_shouted = !value.is_empty() && !value.chars().any(char::is_lowercase);
    (!(is_shouted && value.contains(char::is_alphabetic) && value.split(' ').count() < 6)).then_some((field, value))
}

/// "MONDAY", "Monday, October 28", "Day 1: Monday, 28 October 2019", "October 28, 2019".
pub(super) fn day(text: &str) -> Option<Day> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if words.len() > DAY_WORDS_MAX || words.is_empty() {
        return None;
    }
    let (mut found, mut month, mut of_month) = (Day::default(), None, None);
    let mut rest = words.iter().peekable();
    let mut is_numbered = false;
    while let Some(word) = rest.next() {
        let digits = word.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        if let Some(weekday) = WEEKDAYS
            .iter()
            .position(|name| word == name || (word.len() >= 3 && word.len() <= 4 && name.starts_with(word)))
            && found.weekday.is_none()
        {
            found.weekday = i8::try_from(weekday).ok();
        } else if is_english_month(word) && month.is_none() {
            let name = ENGLISH_MONTHS.iter().position(|name| name.starts_with(&word[..3]));
            month = name.and_then(|at| i8::try_from(at + 1).ok());
        } else if let (4, Ok(year)) = (word.len(), word.parse::<i16>()) {
            found.year = (1970..2100).contains(&year).then_some(year);
            found.year?;
        } else if matches!(&word[digits.len()..], "" | "st" | "nd" | "rd" | "th")
            && digits.len() <= 2
            && of_month.is_none()
        {
            of_month = digits.parse::<i8>().ok().filter(|day| (1..=31).contains(day));
            of_month?;
        } else if *word == "day" && rest.peek().is_some_and(|next| next.len() <= 3) {
            let next = rest.next()?;
            is_numbered = next.bytes().all(|byte| byte.is_ascii_digit()) || matches!(*next, "one" | "two");
        } else if !matches!(*word, "the" | "of") {
            return None;
        }
    }
    found.date = month.zip(of_month);
    let is_whole = month.is_some() == of_month.is_some() && (found.date.is_some() || found.year.is_none());
    (is_whole && (found.weekday.is_some() || found.date.is_some() || is_numbered)).then_some(found)
}

/// "October 27–30, 2019", "27-30 October 2019": the days of a conference, as its head prints them.
pub(super) fn days(head: &str) -> Vec<Date> {
    for line in head.lines() {
        let lower = line.to_lowercase().replace(['–', '—', '‑'], "-").replace(" - ", "-");
        let words: Vec<&str> = lower.split([' ', ',', '.', '(', ')']).filter(|word| !word.is_empty()).collect();
        let number = |text: &str| text.trim_end_matches(char::is_alphabetic).parse::<i8>().ok();
        let span = words.iter().find_map(|word| {
            let (from, to) = word.split_once('-')?;
            Some((number(from)?, number(to)?)).filter(|(from, to)| from < to && to - from < DAYS_MAX)
        });
        let month = words.iter().find(|word| is_english_month(word)).map(|word| &word[..3]);
        let month = month.and_then(|word| ENGLISH_MONTHS.iter().position(|name| name.starts_with(word)));
        let year = words.iter().find_map(|word| word.parse::<i16>().ok().filter(|year| (1970..2100).contains(year)));
        if let (Some((from, to)), Some(month), Some(year)) =
            (span, month.and_then(|at| i8::try_from(at + 1).ok()), year)
        {
            return (from..=to).filter_map(|day| Date::new(year, month, day).ok()).collect();
        }
    }
    head.lines().find_map(dates::date).into_iter().collect()
}

/// "Machines, Learning (09:00-10:20)", "Session 3: Storage (Chair: Ann Example)", "Lunch [12:00 - 13:00]".
fn session(text: &str) -> Option<Sort> {
    let mut title = text;
    let mut found = None;
    let mut has_chair = false;
    while let Some((before, inner)) = [('(', ')'), ('[', ']')].into_iter().find_map(|(open, close)| {
        let inside = title.trim_end().strip_suffix(close)?;
        let at = inside.rfind(open)?;
        Some((inside[..at].trim_end(), &inside[at + 1..]))
    }) {
        // A time zone may follow.
        if let Some((own, _)) = times(inner).filter(|(_, rest)| rest.len() < 6) {
            found = Some(own);
        } else if words::is_chair(inner) || chair(inner).is_some_and(people::is_name) {
            has_chair = true;
        } else {
            break;
        }
        title = before;
    }
    // "Storage, 09:00-10:20"
    if found.is_none()
        && let Some((before, tail)) = title.rsplit_once([',', '|']).map(|(before, tail)| (before.trim(), tail.trim()))
        && let Some((own, "")) = times(tail)
        && own.1.is_some()
    {
        (title, found) = (before, Some(own));
    }
    let title = one_line(title.trim_end_matches([':', ',', '-', '–']));
    let lower = title.to_lowercase();
    let named = SESSIONS.iter().any(|start| {
        lower.strip_prefix(start).is_some_and(|rest| {
            let number = rest.trim_start().split([':', '.', ' ', '–', '-']).next().unwrap_or_default();
            let is_number = !number.is_empty()
                && number.len() <= 4
                && number.chars().all(|c| c.is_ascii_digit() || "ivxab".contains(c));
            rest.is_empty() || rest.starts_with(':') || (rest.starts_with([' ', '-', '–']) && is_number)
        })
    });
    let fits = title.split(' ').count() <= SESSION_WORDS_MAX && title.contains(char::is_alphabetic);
    (fits && (found.is_some() || has_chair || named || words::is_pause_only(&title)))
        .then_some(Sort::Session { title, times: found })
}

/// "Chair Ann Example": what follows the word.
fn chair(text: &str) -> Option<&str> {
    let (word, name) = text.split_once(' ')?;
    word.eq_ignore_ascii_case("chair").then_some(name)
}

/// "1. Title", "[12] Title", "Paper 3: Title".
fn numbered(text: &str) -> Option<&str> {
    let skip = ["paper #", "paper ", "talk ", "#", "p", "["].iter().find(|start| {
        let begins = text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start));
        begins && text[start.len()..].starts_with(|c: char| c.is_ascii_digit())
    });
    let rest = &text[skip.map_or(0, |start| start.len())..];
    let n_digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let after = rest.get(n_digits..).filter(|_| (1..=4).contains(&n_digits))?;
    // "3.2 Title"
    let after =
        after.strip_prefix('.').map_or(after, |part| match part.bytes().take_while(u8::is_ascii_digit).count() {
            0 => after,
            n => &part[n..],
        });
    let title = after.trim_start_matches([']', '.', ')', ':']);
    let is_marked = title.len() < after.len() || skip.is_some();
    (is_marked && title.starts_with([' ', '\t']) && title.contains(char::is_alphabetic)).then(|| title.trim())
}

/// A time or two at the beginning of a text, and what follows them.
pub(in crate::formats) fn times(text: &str) -> Option<(Times, &str)> {
    let open = text.starts_with(['(', '[']);
    let (first, rest) = time(if open { &text[1..] } else { text })?;
    let between = rest.trim_start();
    let second = ["-", "–", "—", "to ", "until "]
        .iter()
        .find_map(|sign| between.strip_prefix(sign))
        .and_then(|rest| time(rest.trim_start()));
    let (second, mut rest) = second.map_or((None, rest), |(second, rest)| (Some(second), rest));
    if open {
        rest = rest.trim_start().strip_prefix([')', ']'])?;
    }
    // "9:00-10:30 am" is in the morning twice; "11:00-1:00 pm" is not.
    let shown = |text: &str| times::time(text);
    let half = second.filter(|_| !has_half(first)).and_then(|second| {
        second.get(second.trim_end_matches(|c: char| c.is_alphabetic() || c == '.' || c == ' ').len()..)
    });
    let start = match half.filter(|half| !half.is_empty()).and_then(|half| shown(&format!("{first} {half}"))) {
        Some(start) if second.and_then(shown).is_some_and(|end| start <= end) => start,
        _ => shown(first)?,
    };
    let ends = rest.is_empty() || rest.starts_with([' ', '\t', ':', '-', '–', '—', ',', '|', '.', ')', ']']);
    ends.then(|| ((start, second.and_then(shown)), rest.trim_start_matches([' ', '\t', ':', '-', '–', '—', ',', '|'])))
}

fn has_half(time: &str) -> bool {
    time.ends_with(|c: char| c.is_alphabetic() || c == '.')
}

/// The time that a text begins with, as it is written, and the rest.
fn time(text: &str) -> Option<(&str, &str)> {
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let hour = digits(text);
    if !(1..=2).contains(&hour) {
        return None;
    }
    let mut end = hour;
    let mut has_minutes = false;
    if let Some(rest) = text[hour..].strip_prefix([':', '.', 'h'])
        && digits(rest) == 2
    {
        end += 3;
        has_minutes = true;
    }
    let rest = &text[end..];
    let after = rest.trim_start();
    let half = ["a.m.", "p.m.", "am", "pm", "AM", "PM", "A.M.", "P.M."]
        .iter()
        .find(|half| after.strip_prefix(**half).is_some_and(|rest| !rest.starts_with(char::is_alphanumeric)));
    if let Some(half) = half {
        end += rest.len() - after.len() + half.len();
    }
    let whole = &text[..end];
    ((has_minutes || half.is_some()) && times::time(whole).is_some()).then(|| (whole, &text[end..]))
}

/// "A title ....... 17": a table of contents leads to pages.
fn without_page(line: &str) -> &str {
    let title = line.trim_end().trim_end_matches(|c: char| c.is_ascii_digit());
    let bare = title.trim_end().trim_end_matches(['.', '·', '…', ' ', '_']);
    let is_leader = title.len() < line.trim_end().len() && title.len() - bare.len() >= LEADER_BYTES_MIN;
    if is_leader { bare } else { line }
}

fn without_bullet(text: &str) -> &str {
    ["- ", "• ", "– ", "+ "].iter().find_map(|bullet| text.strip_prefix(bullet)).unwrap_or(text).trim_start()
}

/// Whether a bracket is open at the end of a text.
pub(super) fn is_open(text: &str) -> bool {
    text.matches(['(', '[']).count() > text.matches([')', ']']).count()
}

/// A title without a number, quotes around it or an award behind it.
pub(super) fn plain_title(title: &str) -> String {
    let title = one_line(without_bullet(title.trim().trim_matches(|c| c == '*' || c == '_')));
    let title = numbered(&title).map_or(title.clone(), str::to_owned);
    let quotes = [('"', '"'), ('“', '”'), ('\'', '\'')];
    let inner = quotes.iter().find_map(|(open, close)| title.strip_prefix(*open)?.strip_suffix(*close));
    inner.filter(|inner| !inner.contains(['"', '“', '”'])).map_or(title.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_apart() {
        let shown = |text: &str| match sort(text) {
            Sort::Session { title, times } => {
                let times = times.map(|(start, end)| format!(" {start}-{}", end.map(times::shown).unwrap_or_default()));
                format!("session {title}{}", times.unwrap_or_default())
            }
            Sort::Timed { title, times: (start, end) } => {
                format!("timed {}-{} {title}", times::shown(start), end.map(times::shown).unwrap_or_default())
            }
            Sort::Day(day) => format!("day {:?} {:?} {:?}", day.weekday, day.date, day.year),
            Sort::Label(field, value) => format!("{field:?} {value}"),
            Sort::Numbered(title) => format!("numbered {title}"),
            other => format!("{other:?}"),
        };
        for (text, expected) in [
            ("MONDAY", "day Some(0) None None"),
            ("Monday, October 28", "day Some(0) Some((10, 28)) None"),
            ("Day 2: Tuesday, 29 October 2019", "day Some(1) Some((10, 29)) Some(2019)"),
            ("October 28th, 2019", "day None Some((10, 28)) Some(2019)"),
            ("Machines, Learning (09:00-10:20)", "session Machines, Learning 09:00:00-10:20"),
            ("Session 3: Storage (Chair: Ann Example)", "session Session 3: Storage"),
            ("SESSION IV: NETWORKS", "session SESSION IV: NETWORKS"),
            ("Break (10:20 - 10:50)", "session Break 10:20:00-10:50"),
            ("Lunch", "session Lunch"),
            ("Session Chair: Ann Example", "Chair"),
            ("9:00 - 9:30  A Title", "timed 09:00-09:30 A Title"),
            ("9:00-9:30 am: A Title", "timed 09:00-09:30 A Title"),
            ("11:30-1:00 pm A Title", "timed 11:30-13:00 A Title"),
            ("14:00 Session 2: Storage", "session Session 2: Storage 14:00:00-"),
            ("TITLE A Title", "Title A Title"),
            ("Title: A Title", "Title A Title"),
            ("AUTHORS Ann One (Acme)", "Authors Ann One (Acme)"),
            ("TALK TO THE HAND", "Text"),
            ("1. A Title", "numbered A Title"),
            ("[12] A Title", "numbered A Title"),
            ("Paper 7: A Title", "numbered A Title"),
            ("2019 was a good year", "Text"),
            ("Fast Queues for Slow Days", "Text"),
            ("--------", "Blank"),
            ("Room: Main hall    Time: 9:00-10:30", "Room Main hall"),
            ("A Title ............ 17", "Text"),
        ] {
            assert_eq!(shown(text), expected, "{text}");
        }
    }

    #[test]
    fn the_days_of_a_conference_stand_at_its_head() {
        for (head, expected) in [
            ("FooConf 2019\nOctober 27–30, 2019, Ontario", Some(("2019-10-27", 4))),
            ("27 - 29 October 2019", Some(("2019-10-27", 3))),
            ("October 27, 2019", Some(("2019-10-27", 1))),
            ("some words", None),
        ] {
            let days = days(head);
            assert_eq!(
                days.first().map(|day| (day.to_string(), days.len())),
                expected.map(|(day, n)| (day.to_owned(), n)),
                "{head}"
            );
        }
    }
}
