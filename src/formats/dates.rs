//! Dates as front matter, file names and mail write them.

use jiff::civil::Date;

use crate::text::analyzer::folded;

/// The months in English, in full.
pub(super) const ENGLISH_MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// Whether a word in small letters is an English month, in full or cut to three letters (or "sept").
pub(super) fn is_english_month(word: &str) -> bool {
    word == "sept" || ENGLISH_MONTHS.iter().any(|month| word == *month || word == &month[..3])
}

/// Months by number: the beginnings of their names in English, German, French, Spanish, Italian, Portuguese and Dutch,
/// folded.
const MONTHS: [&[&str]; 12] = [
    &["jan", "ene", "gen"],
    &["feb", "fev"],
    &["mar", "mrz", "maart", "mrt"],
    &["apr", "avr", "abr"],
    &["may", "mai", "mag", "mei"],
    &["jun", "juin", "giu"],
    &["jul", "juil", "lug"],
    &["aug", "aou", "ago"],
    &["sep", "set"],
    &["oct", "okt", "ott", "out"],
    &["nov"],
    &["dec", "dez", "dic"],
];
/// Days of the week that begin as a month does.
const WEEKDAYS: &[&str] = &["mardi", "martes", "martedi"];
/// Years in which reports are written.
const YEARS: std::ops::RangeInclusive<i16> = 1970..=2099;

/// A text that holds more is no date: what front matter, mail and bylines write around one is short.
const BYTES_MAX: usize = 1_000;

/// The date at the beginning or the end of a file's name, and the name without it: `2012-02-08-slug`, `20120208 slug`,
/// `slug_2012-02-08`.
pub(super) fn date_in_name(stem: &str) -> Option<(Date, &str)> {
    let marks = ['-', '_', ' ', '.'];
    let at_start = |n_bytes: usize| {
        let (head, rest) = stem.split_at_checked(n_bytes)?;
        let ends = rest.is_empty() || rest.starts_with(marks);
        ends.then(|| date(head)).flatten().map(|date| (date, rest.trim_start_matches(marks)))
    };
    let at_end = || {
        let (rest, tail) = stem.split_at_checked(stem.len().checked_sub("2012-02-08".len())?)?;
        rest.ends_with(marks).then(|| date(tail)).flatten().map(|date| (date, rest.trim_end_matches(marks)))
    };
    at_start("2012-02-08".len()).or_else(|| at_start("20120208".len())).or_else(at_end)
}

/// A date as front matter writes it: ISO 8601 with or without a time, or in words of several languages.
pub(super) fn date(text: &str) -> Option<Date> {
    let text = text.trim();
    if text.len() > BYTES_MAX {
        return None;
    }
    if let Some(date) = text.get(..10).and_then(|head| head.replace(['/', '.'], "-").parse::<Date>().ok()) {
        return Some(date);
    }
    if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Date::strptime("%Y%m%d", text).ok();
    }
    // "2017年3月25日", "2017년 3월 25일"
    let spaced = text.replace(['年', '月', '日', '년', '월', '일'], " ");
    let parts: Vec<String> = folded(&spaced)
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect();
    in_words(&parts).or_else(|| in_numbers(text, &parts))
}

/// "25 March 2017", "Sat, 25 Mar 2017 10:02", "June 3rd, 2019", "5 de abril de 2019".
fn in_words(parts: &[String]) -> Option<Date> {
    let at = parts.iter().position(|part| month(part).is_some())?;
    let linked = at > 0 && matches!(parts[at - 1].as_str(), "de" | "of");
    let before = at.checked_sub(1 + usize::from(linked)).and_then(|before| day(&parts[before]));
    let after = parts.get(at + 1).and_then(|part| day(part));
    let year = parts[at + 1..].iter().chain(&parts[..at]).find_map(|part| year(part))?;
    Date::new(year, month(&parts[at])?, before.or(after)?).ok()
}

/// "25.3.2017", "25/03/2017", "3/25/2017", "2017-3-5".
fn in_numbers(text: &str, parts: &[String]) -> Option<Date> {
    let number = |at: usize| parts.get(at)?.parse::<i8>().ok();
    if let Some(year) = parts.first().and_then(|part| year(part)) {
        return Date::new(year, number(1)?, number(2)?).ok();
    }
    let (year, one, two) = (parts.get(2).and_then(|part| year(part))?, number(0)?, number(1)?);
    let (day, month) = if two > 12 { (two, one) } else { (one, two) };
    // 3/4/2017 is March in one place and April in another.
    let told = text.contains('.') || one > 12 || two > 12;
    told.then(|| Date::new(year, month, day).ok()).flatten()
}

fn month(part: &str) -> Option<i8> {
    if part.chars().any(|c| c.is_ascii_digit()) || WEEKDAYS.contains(&part) {
        return None;
    }
    let index = MONTHS.iter().position(|names| names.iter().any(|name| part.starts_with(name)))?;
    i8::try_from(index + 1).ok()
}

fn day(part: &str) -> Option<i8> {
    let digits = part.trim_end_matches(|c: char| c.is_alphabetic());
    let day = digits.parse().ok().filter(|day| (1..=31).contains(day))?;
    matches!(&part[digits.len()..], "" | "st" | "nd" | "rd" | "th" | "er").then_some(day)
}

fn year(part: &str) -> Option<i16> {
    let year = part.parse().ok().filter(|_| part.len() == 4)?;
    YEARS.contains(&year).then_some(year)
}

#[cfg(test)]
mod tests {
    use super::{date, date_in_name};

    #[test]
    fn dates_are_read_as_people_write_them() {
        for (text, expected) in [
            ("2017-03-25", "2017-03-25"),
            ("2017-03-25 10:02:22+00:00", "2017-03-25"),
            ("2017-03-25T10:02:22Z", "2017-03-25"),
            ("2017/03/25 10:02", "2017-03-25"),
            ("2017-3-5", "2017-03-05"),
            ("20170325", "2017-03-25"),
            ("25 March 2017", "2017-03-25"),
            ("25 March 2017 10:20", "2017-03-25"),
            ("March 25, 2017", "2017-03-25"),
            ("Mar 25, 2017 at 10:02 am", "2017-03-25"),
            ("June 3rd, 2019", "2019-06-03"),
            ("the 1st of June, 2019", "2019-06-01"),
            ("Sat, 25 Mar 2017 10:02:22 +0000", "2017-03-25"),
            ("Sat Mar 25 10:02:22 2017", "2017-03-25"),
            ("3. April 2017", "2017-04-03"),
            ("5. März 2018", "2018-03-05"),
            ("mardi 1er février 2018", "2018-02-01"),
            ("5 de abril de 2019", "2019-04-05"),
            ("25.3.2017", "2017-03-25"),
            ("2017年3月25日", "2017-03-25"),
            ("2017년 3월 5일", "2017-03-05"),
            ("2017年", ""),
            ("25/03/2017", "2017-03-25"),
            ("3/25/2017", "2017-03-25"),
            ("3/4/2017", ""),
            ("31 February 2017", ""),
            ("March 2017", ""),
            ("yesterday", ""),
            ("", ""),
        ] {
            assert_eq!(date(text).map(|date| date.to_string()).unwrap_or_default(), expected, "{text:?}");
        }
    }

    #[test]
    fn names_of_files_begin_or_end_with_dates() {
        for (stem, expected) in [
            ("2012-02-08-slug", Some("2012-02-08 slug")),
            ("2012-02-08 a slug", Some("2012-02-08 a slug")),
            ("2012_02_08", Some("2012-02-08 ")),
            ("2012-02-08", Some("2012-02-08 ")),
            ("20120208-slug", Some("2012-02-08 slug")),
            ("20120208", Some("2012-02-08 ")),
            ("slug-2012-02-08", Some("2012-02-08 slug")),
            ("notes 2012.02.08", Some("2012-02-08 notes")),
            ("2012-02-081", None),
            ("slug2012-02-08", None),
            ("12345678-slug", None),
            ("2012-02-30", None),
            ("größer-als", None),
            ("", None),
        ] {
            let found = date_in_name(stem).map(|(date, rest)| format!("{date} {rest}"));
            assert_eq!(found.as_deref(), expected, "{stem:?}");
        }
    }
}
