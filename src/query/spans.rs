//! Spans of time as they are written: `2016..2023`, `2023-10..`.

use jiff::civil::Date;

/// `2016..2023`, `2016..`, `..2019`.
pub(crate) fn years(text: &str) -> Option<(Option<u16>, Option<u16>)> {
    let (from, to) = text.split_once("..")?;
    let year = |text: &str| -> Option<Option<u16>> {
        if text.is_empty() {
            return Some(None);
        }
        number(text, 4).map(Some)
    };
    match (year(from)?, year(to)?) {
        (None, None) => None,
        range => Some(range),
    }
}

/// `2023-10..`, `2023-10-10..2023-10-12`, `..2019`, `2023-10`: years, months or days at either end, both included, as
/// YYYYMMDD. A month begins on its day 0 and a year in its month 0, where what has no day has its place; a month ends on a day 31.
pub(super) fn dates(text: &str) -> Option<(Option<u32>, Option<u32>)> {
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let end = |text: &str, month: u32, day: u32| -> Option<Option<u32>> {
        if text.is_empty() { Some(None) } else { date(text, month, day).map(Some) }
    };
    match (end(from, 0, 0)?, end(to, 12, 31)?) {
        (None, None) => None,
        range => Some(range),
    }
}

/// A year, month or day, with the month and day for those that are not said.
fn date(text: &str, month: u32, day: u32) -> Option<u32> {
    let mut parts = text.splitn(3, '-');
    let year: i16 = number(parts.next()?, 4).filter(|year| *year > 0)?;
    let date = |month: u32, day: u32| u32::from(year.unsigned_abs()) * 10_000 + month * 100 + day;
    let Some(month_said) = parts.next() else { return Some(date(month, day)) };
    let month: i8 = number(month_said, 2)?;
    let day_said = parts.next().map_or(Some(1), |day| number(day, 2))?;
    Date::new(year, month, day_said).ok()?;
    let day = if text.len() > "2023-10".len() { u32::from(day_said.unsigned_abs()) } else { day };
    Some(date(u32::from(month.unsigned_abs()), day))
}

/// What [`dates`] reads as this end of a span.
pub(super) fn written(date: u32, is_end: bool) -> String {
    let (year, month, day) = (date / 10_000, date / 100 % 100, date % 100);
    match (month, day) {
        (0, _) => format!("{year:04}"),
        (_, 0) => format!("{year:04}-{month:02}"),
        (_, 31) if is_end => format!("{year:04}-{month:02}"),
        _ => format!("{year:04}-{month:02}-{day:02}"),
    }
}

/// A number of so many digits.
fn number<N: std::str::FromStr>(text: &str, n_digits: usize) -> Option<N> {
    (text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    // Dates are grouped as year, month and day.
    #![allow(clippy::inconsistent_digit_grouping)]

    use super::*;

    #[test]
    fn dates_are_days_months_or_years_at_either_end() {
        for (text, expected) in [
            ("2023-10..", Some((Some(2023_10_00), None))),
            ("2023-10-11..2023-10-13", Some((Some(2023_10_11), Some(2023_10_13)))),
            ("2023-10", Some((Some(2023_10_00), Some(2023_10_31)))),
            ("2023", Some((Some(2023_00_00), Some(2023_12_31)))),
            ("2023-02-28", Some((Some(2023_02_28), Some(2023_02_28)))),
            ("..2019-06", Some((None, Some(2019_06_31)))),
            ("2024-02-29..2024", Some((Some(2024_02_29), Some(2024_12_31)))),
            ("2023-02-29", None),
            ("2023-13", None),
            ("2023-00", None),
            ("2023-1", None),
            ("0000", None),
            ("23-10-11", None),
            ("2023-10-11-12", None),
            ("2023-10-", None),
            ("..", None),
            ("", None),
            ("2023..2024..2025", None),
            ("+023", None),
            ("２０２３", None),
        ] {
            assert_eq!(dates(text), expected, "{text}");
            if let Some((from, to)) = expected {
                let shown = |date: Option<u32>, is_end| date.map_or(String::new(), |date| written(date, is_end));
                assert_eq!(dates(&format!("{}..{}", shown(from, false), shown(to, true))), expected, "{text}");
            }
        }
    }
}
