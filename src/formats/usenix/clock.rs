//! Days and times as program pages print them: "Tuesday, 10 October", "9:00 am–10:30 am", "Tuesday, 09:0009:45" (the dash
//! between the two times is often lost when a page is copied).

use crate::formats::dates::ENGLISH_MONTHS;

const WEEKDAYS: [&str; 7] = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"];
/// Words that stand for a time.
const NAMED_TIMES: [(&str, u16); 4] = [("12:00 noon", 720), ("12 noon", 720), ("noon", 720), ("midnight", 1440)];
/// What stands between two times; nothing at all is legal too.
const BETWEEN: [&str; 8] = ["–", "—", "-", "‑", "−", "‒", "to ", "until "];
/// A longer line is prose.
const TIME_CHARS_MAX: usize = 80;
const DAY_MINUTES: u16 = 24 * 60;

/// A day as a heading names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Day {
    /// From 0, Monday.
    pub weekday: usize,
    /// From 1.
    pub month: i8,
    pub of_month: i8,
    pub year: Option<i16>,
}

/// When something starts and ends, HH:MM.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Times {
    pub start: String,
    pub end: Option<String>,
}

/// What a line says about time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// "Tuesday, 10 October": a heading.
    Day(Day),
    /// "09:00–10:30": a heading.
    Block(Times),
    /// "Tuesday, 09:00–09:45": below a talk's title. The weekday, if any, is from 0, Monday.
    Talk(Option<usize>, Times),
    /// Looks like a time and is none.
    Unreadable,
}

/// Reads a line that holds a day or a time and nothing else.
pub(super) fn read(line: &str) -> Option<Clock> {
    if line.len() > TIME_CHARS_MAX || !line.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let line: String = line.chars().filter(|c| !matches!(c, '\u{200b}'..='\u{200f}' | '\u{feff}' | '\u{ad}')).collect();
    let lower = line.to_lowercase();
    if let Some(day) = read_day(&lower) {
        return Some(Clock::Day(day));
    }
    if let Some(times) = read_times(&lower) {
        return Some(Clock::Block(times));
    }
    let (weekday, rest) = leading_weekday(&lower)?;
    let starts = std::iter::once(0).chain(rest.match_indices(' ').map(|(at, _)| at + 1));
    for at in starts {
        if let Some(times) = read_times(&rest[at..]) {
            let date = rest[..at].trim_matches(|c: char| c == ',' || c == ' ');
            if date.is_empty() || read_day(&format!("{} {date}", WEEKDAYS[weekday])).is_some() {
                return Some(Clock::Talk(Some(weekday), times));
            }
        }
    }
    looks_like_time(rest).then_some(Clock::Unreadable)
}

/// The date of a day in the year given, unless the heading has its own.
pub(super) fn date(day: Day, year: Option<i16>) -> Option<jiff::civil::Date> {
    jiff::civil::Date::new(day.year.or(year)?, day.month, day.of_month).ok()
}

/// Whether the date falls on the weekday that the heading names.
pub(super) fn weekday_fits(day: Day, date: jiff::civil::Date) -> bool {
    i32::from(date.weekday().to_monday_zero_offset()) == i32::try_from(day.weekday).unwrap_or(-1)
}

fn looks_like_time(rest: &str) -> bool {
    rest.starts_with(|c: char| c.is_ascii_digit())
        && rest.contains(':')
        && rest.chars().all(|c| c.is_ascii_digit() || " .:apm–—-?".contains(c))
}

/// The weekday a line begins with, and what follows the comma.
fn leading_weekday(lower: &str) -> Option<(usize, &str)> {
    let end = lower.find(|c: char| !c.is_alphabetic())?;
    Some((weekday(&lower[..end])?, lower[end..].trim_start_matches(['.', ',', ' '])))
}

fn read_day(lower: &str) -> Option<Day> {
    let shown = lower.find(" (").map_or(lower, |at| &lower[..at]);
    let shown = match shown.strip_prefix("day ").and_then(|rest| rest.split_once([':', '–', '-'])) {
        Some((number, rest)) if number.trim().len() <= 3 => rest,
        _ => shown,
    };
    let (mut week, mut month, mut day, mut year) = (None, None, None, None);
    for token in shown.split([' ', ',']).map(|token| token.trim_end_matches('.')).filter(|token| !token.is_empty()) {
        let number = token.trim_end_matches(|c: char| c.is_ascii_lowercase());
        if let (Some(found), None) = (weekday(token), week) {
            week = Some(found);
        } else if let (Some(found), None) = (named(&ENGLISH_MONTHS, token), month) {
            month = i8::try_from(found + 1).ok();
        } else if let (4, Ok(found), None) = (token.len(), token.parse::<i16>(), year) {
            year = (1970..2100).contains(&found).then_some(found);
            year?;
        } else if ["", "st", "nd", "rd", "th"].contains(&&token[number.len()..]) && day.is_none() {
            day = number.parse::<i8>().ok().filter(|day| (1..=31).contains(day));
            day?;
        } else {
            return None;
        }
    }
    Some(Day { weekday: week?, month: month?, of_month: day?, year })
}

fn weekday(token: &str) -> Option<usize> {
    named(&WEEKDAYS, token)
}

/// The place of a name in a table; at least three of its letters.
fn named(table: &[&str], token: &str) -> Option<usize> {
    let full = |name: &str| name == token;
    let short = |name: &str| token.len() >= 3 && token.len() <= 4 && name.starts_with(token);
    table.iter().position(|name| full(name) || short(name))
}

/// A range of times, or one time, that fills the line; a time zone or a weekday may follow.
fn read_times(lower: &str) -> Option<Times> {
    let (first, rest) = read_time(lower)?;
    let between = rest.trim_start();
    let between = BETWEEN.iter().find_map(|mark| between.strip_prefix(mark)).unwrap_or(between);
    let (second, rest) = match read_time(between.trim_start()) {
        Some((second, rest)) => (Some(second), rest),
        None => (None, rest),
    };
    if !is_zone(rest.trim()) {
        return None;
    }
    let end = second.map(|second| second.minutes(second.half));
    let start = match second {
        // "11:00–12:30 pm": the half of the day that keeps the order.
        Some(second) if first.half.is_none() && first.named.is_none() && first.hour <= 12 => {
            let guess = first.minutes(second.half);
            let end = end.unwrap_or(guess);
            if second.half.is_some() && guess > end { first.minutes(Some(Half::Am)) } else { guess }
        }
        _ => first.minutes(first.half),
    };
    let end = match (second, end) {
        // "9:00 am–10:30": the end shares the half unless it would come first.
        (Some(second), Some(_)) if second.half.is_none() && second.named.is_none() && first.half.is_some() => {
            let guess = second.minutes(first.half);
            Some(if guess < start { second.minutes(Some(Half::Pm)) } else { guess })
        }
        (_, end) => end,
    };
    let shown = |minutes: u16| format!("{:02}:{:02}", minutes % DAY_MINUTES / 60, minutes % 60);
    Some(Times { start: shown(start), end: end.map(shown) })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Half {
    Am,
    Pm,
}

#[derive(Clone, Copy)]
struct Time {
    hour: u16,
    minute: u16,
    half: Option<Half>,
    named: Option<u16>,
}

impl Time {
    fn minutes(self, half: Option<Half>) -> u16 {
        let hour = match half {
            Some(Half::Am) if self.hour == 12 => 0,
            Some(Half::Pm) if self.hour < 12 => self.hour + 12,
            _ => self.hour,
        };
        self.named.unwrap_or(hour * 60 + self.minute)
    }
}

fn read_time(lower: &str) -> Option<(Time, &str)> {
    for (name, minutes) in NAMED_TIMES {
        if let Some(rest) = lower.strip_prefix(name) {
            return Some((Time { hour: 0, minute: 0, half: None, named: Some(minutes) }, rest));
        }
    }
    let digits = lower.bytes().take_while(u8::is_ascii_digit).count();
    let hour: u16 = lower.get(..digits).filter(|_| (1..=2).contains(&digits))?.parse().ok()?;
    let mut rest = &lower[digits..];
    let mut minute = None;
    if let Some(after) = rest.strip_prefix([':', '.'])
        && after.len() >= 2
        && after.as_bytes()[..2].iter().all(u8::is_ascii_digit)
    {
        minute = after[..2].parse::<u16>().ok();
        rest = &after[2..];
    }
    let (half, rest) = read_half(rest);
    let legal = minute.is_none_or(|minute| minute < 60) && (minute.is_some() || half.is_some());
    let legal = legal && (hour < 24 || (hour == 24 && minute == Some(0)));
    legal.then_some((Time { hour, minute: minute.unwrap_or(0), half, named: None }, rest))
}

fn read_half(rest: &str) -> (Option<Half>, &str) {
    let after = rest.trim_start();
    for (mark, half) in [("a.m.", Half::Am), ("p.m.", Half::Pm), ("am", Half::Am), ("pm", Half::Pm)] {
        if let Some(after) = after.strip_prefix(mark)
            && !after.starts_with(|c: char| c.is_alphabetic())
        {
            return (Some(half), after);
        }
    }
    (None, rest)
}

/// "", "pdt", "(utc+1)", "pacific daylight time", "monday".
fn is_zone(rest: &str) -> bool {
    let words: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
    let short = |word: &&str| {
        let bare = word.trim_matches(|c: char| "(),.".contains(c));
        let letters = bare.trim_end_matches(|c: char| c.is_ascii_digit() || "+-:".contains(c));
        (2..=5).contains(&letters.len()) && letters.chars().all(|c| c.is_ascii_lowercase())
    };
    words.is_empty()
        || (words.len() == 1 && (short(&words[0]) || weekday(words[0].trim_matches(',')).is_some()))
        || (words.len() <= 5 && words.iter().any(|word| word.trim_matches(['(', ')']) == "time"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_days_are_read_as_printed() {
        let block = |start: &str, end: &str| Some(Clock::Block(Times { start: start.into(), end: Some(end.into()) }));
        let talk = |day, start: &str, end: &str| {
            Some(Clock::Talk(Some(day), Times { start: start.into(), end: Some(end.into()) }))
        };
        let day = |weekday, month, day, year| Some(Clock::Day(Day { weekday, month, of_month: day, year }));
        for (line, expected) in [
            ("08:00–8:45", block("08:00", "08:45")),
            ("9:00 am–10:30 am", block("09:00", "10:30")),
            ("9:00am-12:00pm", block("09:00", "12:00")),
            ("11:00–12:30 pm", block("11:00", "12:30")),
            ("1:30–3:00 pm PDT", block("13:30", "15:00")),
            ("12:00 am to 1:00 am", block("00:00", "01:00")),
            ("11:00 a.m.–Noon", block("11:00", "12:00")),
            ("4:00 pm—5:15 pm (Pacific Daylight Time)", block("16:00", "17:15")),
            ("9 am–5 pm", block("09:00", "17:00")),
            ("22:30–00:15", block("22:30", "00:15")),
            ("Tuesday, 09:0009:45", talk(1, "09:00", "09:45")),
            ("Friday, 9:00 am9:30 am", talk(4, "09:00", "09:30")),
            ("Wed, October 12, 4:00 pm – 4:45 pm", talk(2, "16:00", "16:45")),
            ("Tuesday, 10 October", day(1, 10, 10, None)),
            ("WEDNESDAY, OCTOBER 10, 2018", day(2, 10, 10, Some(2018))),
            ("Tue, Oct. 10th", day(1, 10, 10, None)),
            ("Tuesday, 29:00–29:45", Some(Clock::Unreadable)),
            ("Tuesday, we met at 10:30", None),
            ("10:30 was when it broke", None),
            ("In October 2018 on a Tuesday", None),
            ("3 things to know", None),
            ("10", None),
        ] {
            assert_eq!(read(line), expected, "{line:?}");
        }
    }
}
