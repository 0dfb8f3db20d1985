//! Days, times and durations as schedules write them.

use jiff::{
    Span, Timestamp,
    civil::{Date, DateTime, Time},
    fmt::{strtime, temporal::Pieces},
    tz::{Offset, TimeZone},
};

use crate::formats::dates;

/// A day, a time, or both, as a source gives them.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::formats) struct Moment {
    pub day: Option<Date>,
    pub time: Option<Time>,
    /// A zone that the text itself names: an IANA name, or "UTC" for a Z.
    pub zone: Option<String>,
}

/// Seconds since 1970 lie between these for conferences; thousandths are a thousand times as large.
const EPOCH_SECONDS: std::ops::RangeInclusive<i64> = 300_000_000..=4_100_000_000;
/// A session that lasts longer is a mistake, or an exhibition.
const MINUTES_MAX: i64 = 24 * 60;

/// Reads a moment; `zone` is where the conference is, which a time with an offset is turned to.
pub(in crate::formats) fn moment(text: &str, zone: Option<&str>) -> Option<Moment> {
    let text = text.trim();
    if let Ok(number) = text.parse::<i64>()
        && let Some(moment) = epoch(number, zone)
    {
        return Some(moment);
    }
    if let Some(moment) = temporal(text, zone) {
        return Some(moment);
    }
    if let Some(time) = time(text) {
        return Some(Moment { time: Some(time), ..Moment::default() });
    }
    // "March 25, 2017 at 10:02 am", "25.03.2017 10:00"
    let day = dates::date(text)?;
    let words: Vec<&str> = text.split([' ', 'T', ',']).filter(|word| !word.is_empty()).collect();
    let at = words.iter().position(|word| word.contains(':') && word.starts_with(|c: char| c.is_ascii_digit()));
    let time = at.and_then(|at| {
        let half =
            words.get(at + 1).filter(|next| matches!(next.to_lowercase().as_str(), "am" | "pm" | "a.m." | "p.m."));
        time(&format!("{} {}", words[at], half.unwrap_or(&"")))
    });
    Some(Moment { day: Some(day), time, zone: None })
}

fn epoch(number: i64, zone: Option<&str>) -> Option<Moment> {
    let seconds = if EPOCH_SECONDS.contains(&number) {
        number
    } else if EPOCH_SECONDS.contains(&(number / 1000)) {
        number / 1000
    } else {
        return None;
    };
    Some(local(Timestamp::from_second(seconds).ok()?, None, zone))
}

/// ISO 8601 with what people do to it: a space for the T, seconds or none, an offset or none.
fn temporal(text: &str, zone: Option<&str>) -> Option<Moment> {
    let pieces = Pieces::parse(text).ok()?;
    let time = pieces.time();
    let Some(offset) = pieces.to_numeric_offset() else {
        let zone = pieces.to_time_zone().ok().flatten().and_then(|zone| zone.iana_name().map(str::to_owned));
        return Some(Moment { day: Some(pieces.date()), time, zone });
    };
    let at = DateTime::from_parts(pieces.date(), time?);
    Some(local(offset.to_timestamp(at).ok()?, Some(offset), zone))
}

/// The local time of the conference: in its zone where that is known, else as the offset has it.
fn local(at: Timestamp, offset: Option<Offset>, zone: Option<&str>) -> Moment {
    let known = zone.and_then(|zone| TimeZone::get(zone).ok());
    let name = match (&known, offset) {
        (None, None) => Some("UTC".to_owned()),
        (None, Some(offset)) if offset == Offset::UTC => Some("UTC".to_owned()),
        _ => None,
    };
    let zone = known.unwrap_or_else(|| offset.unwrap_or(Offset::UTC).to_time_zone());
    let at = at.to_zoned(zone);
    Moment { day: Some(at.date()), time: Some(at.time()), zone: name }
}

/// `10:00`, `10:00:00`, `1000`, `9.30`, `10:30 AM`, `2pm`.
pub(in crate::formats) fn time(text: &str) -> Option<Time> {
    let text = text.trim().to_lowercase().replace("a.m.", "am").replace("p.m.", "pm");
    let (digits, half) =
        match text.strip_suffix("am").map(|rest| (rest, Some(0))).or(text.strip_suffix("pm").map(|r| (r, Some(12)))) {
            Some((rest, half)) => (rest.trim_end(), half),
            None => (text.trim_end_matches(" uhr").trim_end_matches('h'), None),
        };
    let parts: Vec<&str> =
        if digits.contains(':') { digits.split(':').collect() } else { digits.split(['.', 'h']).collect() };
    let number = |part: &str| part.parse::<i8>().ok().filter(|_| (1..=2).contains(&part.len()));
    let (hour, minute) = match parts[..] {
        [whole] if whole.len() == 4 && half.is_none() && whole.bytes().all(|byte| byte.is_ascii_digit()) => {
            (whole[..2].parse().ok()?, whole[2..].parse().ok()?)
        }
        [hour] if half.is_some() => (number(hour)?, 0),
        [hour, minute] if minute.len() == 2 => (number(hour)?, number(minute)?),
        [hour, minute, second]
            if digits.contains(':') && second.get(..2).is_some_and(|s| s.bytes().all(|b| b.is_ascii_digit())) =>
        {
            (number(hour)?, number(minute)?)
        }
        _ => return None,
    };
    let hour = match half {
        Some(half) if (1..=12).contains(&hour) => hour % 12 + half,
        Some(_) => return None,
        // 24:00 ends a day.
        None if hour == 24 && minute == 0 => 0,
        None => hour,
    };
    Time::new(hour, minute, 0, 0).ok()
}

/// Minutes: `00:50`, `01:30:00`, `45`, `45 min`, `1h 30m`, `PT45M`.
pub(in crate::formats) fn minutes(text: &str) -> Option<i64> {
    let text = text.trim().to_lowercase();
    let clock: Option<Vec<i64>> = text.split(':').map(|part| part.trim().parse().ok()).collect();
    let minutes = match clock.as_deref() {
        Some([minutes]) => *minutes,
        Some([hours, minutes] | [hours, minutes, _]) => hours * 60 + minutes,
        Some([days, hours, minutes, _]) => (days * 24 + hours) * 60 + minutes,
        _ => {
            let span: Span = text.parse().ok().or_else(|| text.split('(').next()?.trim().parse().ok())?;
            i64::from(span.get_hours()) * 60 + span.get_minutes() + i64::from(span.get_days()) * 24 * 60
        }
    };
    (1..=MINUTES_MAX).contains(&minutes).then_some(minutes)
}

/// HH:MM.
pub(in crate::formats) fn shown(time: Time) -> String {
    strtime::format("%H:%M", time).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_as_schedules_write_them() {
        let berlin = Some("Europe/Berlin");
        for (text, zone, expected) in [
            ("2026-01-31T10:00:00+01:00", None, "2026-01-31 10:00 "),
            ("2026-01-31T09:00:00Z", berlin, "2026-01-31 10:00 "),
            ("2026-01-31T09:00:00Z", None, "2026-01-31 09:00 UTC"),
            ("2022-06-04 16:30:00", None, "2022-06-04 16:30 "),
            ("2025-05-22T10:15", None, "2025-05-22 10:15 "),
            ("2025-05-22", None, "2025-05-22 - "),
            ("10:00", None, "- 10:00 "),
            ("10:00:00", None, "- 10:00 "),
            ("1100", None, "- 11:00 "),
            ("2:30 PM", None, "- 14:30 "),
            ("12:15 am", None, "- 00:15 "),
            ("9am", None, "- 09:00 "),
            ("1464598800", berlin, "2016-05-30 11:00 "),
            ("1464598800000", berlin, "2016-05-30 11:00 "),
            ("25.03.2017 10:05", None, "2017-03-25 10:05 "),
            ("March 25, 2017 10:05 am", None, "2017-03-25 10:05 "),
        ] {
            let moment = moment(text, zone).unwrap_or_else(|| panic!("{text} is not read"));
            let part = |part: Option<String>| part.unwrap_or_else(|| "-".to_owned());
            let (day, time) = (part(moment.day.map(|day| day.to_string())), part(moment.time.map(shown)));
            assert_eq!(format!("{day} {time} {}", moment.zone.unwrap_or_default()), expected, "{text}");
        }
        for text in ["", "soon", "25:00", "10:99", "99", "TBA"] {
            assert_eq!(moment(text, None), None, "{text}");
        }
    }

    #[test]
    fn durations_are_minutes() {
        for (text, expected) in [
            ("00:50", Some(50)),
            ("1:30", Some(90)),
            ("01:30:00", Some(90)),
            ("45", Some(45)),
            ("45 min", Some(45)),
            ("20 mins", Some(20)),
            ("1h 30m", Some(90)),
            ("PT45M", Some(45)),
            ("45 minutes (incl. Q&A)", Some(45)),
            ("0", None),
            ("long", None),
            ("-5", None),
        ] {
            assert_eq!(minutes(text), expected, "{text}");
        }
    }
}
