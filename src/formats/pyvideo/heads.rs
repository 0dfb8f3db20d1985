//! What somebody wrote above the text of a talk: when and where it was, after its edition and its speakers.

use jiff::civil::Date;

use crate::formats::{archive::key, dates};

/// A text without such a line at its beginning, and what that says.
pub(super) struct Head<'a> {
    pub rest: &'a str,
    pub day: Date,
    pub place: Option<&'a str>,
}

/// `[FooConf 2016] Ann Example - 22 June 2016 in "Track Blue"`, `[FooConf 2016 — Main Hall on 2016-06-22]`; `said` are the names
/// of edition and speakers.
pub(super) fn read<'a>(text: &'a str, said: &[&str]) -> Option<Head<'a>> {
    let text = text.trim_start();
    let (line, rest) = text.split_once('\n').unwrap_or((text, ""));
    let (inner, behind) = line.trim().strip_prefix('[')?.split_once(']')?;
    let is_said = |part: &str| said.iter().any(|name| key(name) == key(part));
    let (day, place) = if behind.trim().is_empty() {
        let (edition, when) = inner.split_once(" — ").or_else(|| inner.split_once(" - "))?;
        let (place, day) = when.rsplit_once(" on ").filter(|_| is_said(edition))?;
        (day, place)
    } else {
        let (names, when) = behind.rsplit_once(" - ").filter(|_| is_said(inner))?;
        let are_said = names.split([',', '&']).all(is_said);
        are_said.then(|| when.split_once(" in ").unwrap_or((when, "")))?
    };
    let place = place.trim().trim_matches(['"', '“', '”']).trim();
    Some(Head { rest, day: dates::date(day.trim())?, place: Some(place).filter(|place| !place.is_empty()) })
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn heads_say_when_and_where() {
        let said = ["FooConf 2016", "Ann Example", "Bob Example"];
        for (line, expected) in [
            ("[FooConf 2016] Ann Example - 22 June 2016 in \"Track Blue\"", Some("2016-06-22 Track Blue")),
            ("[FooConf 2016] Ann Example, Bob Example - 22 June 2016", Some("2016-06-22 ")),
            ("[FooConf 2016 — Main Hall on 2016-06-22]", Some("2016-06-22 Main Hall")),
            ("[FooConf 2016] Cid Example - 22 June 2016", None),
            ("[BarConf 2016 — Main Hall on 2016-06-22]", None),
            ("[FooConf 2016] Ann Example - A Talk", None),
            ("FooConf 2016, Ann Example - 22 June 2016", None),
        ] {
            let text = format!("{line}\n\nThe text.");
            let found = read(&text, &said).map(|head| (head.rest, head.day, head.place.unwrap_or_default()));
            let shown = found.map(|(rest, day, place)| (rest, format!("{day} {place}")));
            assert_eq!(shown, expected.map(|shown| ("\nThe text.", shown.to_owned())), "{line}");
        }
    }
}
