//! Times and days as program pages print them: "9:00 am–9:45 am PDT", "14h30", "Monday, May 22".

use jiff::civil::{Date, Time};

use crate::formats::{dates, schedule::times};

/// Longer texts are no line of time, and no heading of a day.
const CLOCK_CHARS_MAX: usize = 60;
const DAY_WORDS_MAX: usize = 10;
/// Without a year, less is a day.
const YEARLESS_WORDS_MAX: usize = 6;
/// Words around times.
const FILLERS: &[&str] =
    &["uhr", "from", "at", "hrs", "h", "von", "ab", "de", "um", "time:", "start:", "local", "time"];

/// A time, or a range of times, that is all of a text.
pub(super) fn range(text: &str) -> Option<(Time, Option<Time>)> {
    if text.chars().count() > CLOCK_CHARS_MAX || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let is_zone = |word: &str| {
        (2..=5).contains(&word.len())
            && word.chars().all(|c| c.is_ascii_uppercase())
            && !matches!(word, "AM" | "PM" | "NOON")
    };
    let kept: Vec<&str> = text.split_whitespace().filter(|word| !is_zone(word.trim_matches(['(', ')']))).collect();
    let mut text = kept.join(" ").to_lowercase();
    for (from, to) in
        [("a.m.", "am"), ("p.m.", "pm"), ("12 noon", "12:00 pm"), ("noon", "12:00 pm"), ("midnight", "12:00 am")]
    {
        text = text.replace(from, to);
    }
    let text = text
        .replace(['–', '—', '−', '→', '‒', '~'], "-")
        .replace(" to ", "-")
        .replace(" until ", "-")
        .replace(" bis ", "-");
    let part = |text: &str| {
        let words: Vec<&str> = text.split_whitespace().filter(|word| !FILLERS.contains(word)).collect();
        let text = words.join(" ");
        let hours = text.find('h').filter(|at| text[..*at].bytes().all(|byte| byte.is_ascii_digit()));
        hours.map_or(text.clone(), |at| format!("{}:{:0<2}", &text[..at], text[at + 1..].trim()))
    };
    let mut parts = text.split('-').map(part);
    let (first, second, rest) = (parts.next()?, parts.next().filter(|part| !part.is_empty()), parts.next());
    let half = |text: &str| ["am", "pm"].into_iter().find(|half| text.ends_with(half));
    let shows_time = |text: &str| text.contains([':', '.']) || half(text).is_some();
    if rest.is_some() || !(shows_time(&first) || second.as_deref().is_some_and(shows_time)) {
        return None;
    }
    let read = |text: &str| {
        let is_clock = text.chars().all(|c| c.is_ascii_digit() || matches!(c, ':' | '.' | ' ' | 'a' | 'p' | 'm'));
        let text = text.replace('.', ":");
        let text = if text.bytes().all(|byte| byte.is_ascii_digit()) { format!("{text}:00") } else { text };
        is_clock.then(|| times::time(&text)).flatten()
    };
    let Some(second) = second else { return Some((read(&first)?, None)) };
    let end = read(&second)?;
    // "9:00–9:45 am"
    let same_half = half(&second).filter(|_| half(&first).is_none()).and_then(|half| read(&format!("{first} {half}")));
    let start = same_half.filter(|start| *start <= end).or_else(|| read(&first))?;
    Some((start, Some(end)))
}

/// A time that a text holds, beside a day or a room.
pub(super) fn within(text: &str) -> Option<(Time, Option<Time>)> {
    let pieces = || text.split([',', '|', '·', '•', '(', ')', '@', ';', '/']).map(str::trim);
    let tail = |piece: &str| {
        let starts =
            piece.char_indices().filter(|(at, c)| c.is_ascii_digit() && (*at == 0 || piece[..*at].ends_with(' ')));
        starts.map(|(at, _)| at).find_map(|at| range(&piece[at..]))
    };
    range(text).or_else(|| pieces().find_map(range)).or_else(|| pieces().find_map(tail))
}

/// The day that a heading names; `year` is that of the page.
pub(super) fn day(text: &str, year: Option<u16>) -> Option<Date> {
    let short = text.split_whitespace().count() <= DAY_WORDS_MAX && text.contains(|c: char| c.is_ascii_digit());
    // "May 22 - 24" is no day.
    let is_number = |piece: Option<&str>| {
        piece.is_some_and(|word| word.trim_matches(',').bytes().all(|byte| byte.is_ascii_digit()))
    };
    let spaced = text.replace(['–', '—'], "-").replace('-', " - ");
    let is_span = spaced.match_indices(" - ").any(|(at, _)| {
        is_number(spaced[..at].split_whitespace().next_back()) && is_number(spaced[at + 3..].split_whitespace().next())
    });
    let short = short && (!is_span || dates::date(text).is_some_and(|_| text.split('-').count() == 3));
    let is_bare = text.split_whitespace().count() <= YEARLESS_WORDS_MAX && within(text).is_none();
    let dated = || year.filter(|_| is_bare).and_then(|year| dates::date(&format!("{text} {year}")));
    short.then(|| dates::date(text).or_else(dated)).flatten()
}

/// Whether a title says nothing but a weekday, or a part of one.
pub(super) fn is_weekday(title: &str) -> bool {
    const DAYS: &[&str] = &[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "morning",
        "afternoon",
        "evening",
    ];
    title.split_whitespace().count() <= 2
        && title.split_whitespace().next().is_some_and(|word| DAYS.contains(&word.to_lowercase().trim_end_matches(',')))
}

#[cfg(test)]
mod tests {
    use super::{day, range, within};
    use crate::formats::schedule::times::shown;

    #[test]
    fn lines_of_time_are_read_as_pages_print_them() {
        let print = |found: Option<(_, Option<_>)>| {
            found.map_or(String::new(), |(from, to)| format!("{} {}", shown(from), to.map(shown).unwrap_or_default()))
        };
        for (text, expected) in [
            ("9:00am PDT", "09:00 "),
            ("9:00 am–9:45 am", "09:00 09:45"),
            ("9:00–9:45 am", "09:00 09:45"),
            ("11:30–1:00 pm", "11:30 13:00"),
            ("12 NOON", "12:00 "),
            ("9 AM", "09:00 "),
            ("14h30", "14:30 "),
            ("10:00 → 10:30", "10:00 10:30"),
            ("10:00 Uhr", "10:00 "),
            ("08.15 - 09.15", "08:15 09:15"),
            ("Talk 3", ""),
            ("2016", ""),
            ("May 22 - 24", ""),
            ("Opening at 9:00", ""),
        ] {
            assert_eq!(print(range(text)), expected, "{text}");
        }
        assert_eq!(print(within("Monday, 10:15-11:00, Room 2")), "10:15 11:00");
        assert_eq!(print(within("Saturday 13:30")), "13:30 ");
        assert_eq!(day("Monday, May 22 - Day 1", Some(2017)).map(|day| day.to_string()).as_deref(), Some("2017-05-22"));
        assert_eq!(day("May 22 - 24, 2016", Some(2016)), None);
        assert_eq!(day("2016-05-22", None).map(|day| day.to_string()).as_deref(), Some("2016-05-22"));
        assert_eq!(day("A talk about 3 things", Some(2017)), None);
    }
}
