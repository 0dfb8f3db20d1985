//! Titles as somebody gave them to a video site: "Ann Example - Her Talk - FooConf 2016", "[FooConf 2016] Her Talk by Ann
//! Example". What only repeats the speakers and the edition is taken off; nothing else is.

use super::{
    crowd::Told,
    names::{NOT_IN_NAMES, name_words},
};
use crate::{
    formats::{archive::key, edition, schedule::people, usenix::words},
    record::{Record, Speaker},
    text::{analyzer::folded, capitalised, one_line},
};

/// A title, and what was taken off it.
pub(super) struct Title {
    pub text: String,
    pub said: Vec<String>,
}

/// Endings of the names of recordings.
const RECORDINGS: &[&str] = &["m4v", "mp4", "mov", "avi", "flv", "ogv", "ogg", "webm", "mkv", "wmv", "mpg"];
/// What stands between a title and what is not part of it.
const SIGNS: &[&str] = &[" - ", "- ", " – ", " — ", " -- ", " | ", " ｜ ", "｜", " / ", " // ", " • ", " · "];
/// The same before what stands behind a title alone.
const BEHIND: &[&str] = &[", ", "; ", ": ", " at ", " @ "];
const BY: &[&str] = &[" by: ", " by ", " By ", " BY ", ", por ", " por ", ", par ", " par ", " von ", " di "];
const BRACKETS: &[(char, char)] = &[('(', ')'), ('[', ']'), ('（', '）'), ('【', '】')];
/// Words between several names.
const BETWEEN_NAMES: &[&str] =
    &[", ", " and ", " & ", " y ", " e ", " et ", " und ", " with ", " + ", "、", " / ", "; "];
/// Parts of a title that are taken off one after the other.
const STEPS_MAX: usize = 6;
/// Words beside the name of an edition that say no more than it does, or what sort of session it is.
const FILLERS_MAX: usize = 1;

/// A title that is the name of a recording's file, "0_her-talk.m4v", as words.
pub(super) fn of_file(title: &str) -> Option<String> {
    let (stem, ending) = title.rsplit_once('.').filter(|_| !title.contains(' '))?;
    let bare = stem.trim_start_matches(|c: char| c.is_ascii_digit());
    let stem = bare.strip_prefix('_').filter(|_| bare.len() < stem.len()).unwrap_or(stem);
    let words = one_line(&stem.replace(['-', '_'], " "));
    let is_recording = RECORDINGS.contains(&ending.to_lowercase().as_str());
    (is_recording && words.contains(char::is_alphabetic)).then(|| capitalised(&words))
}

/// People with where they work in brackets, "Ann Example (Acme)"; none where what is in brackets is no such place.
pub(super) fn with_places(part: &str) -> Vec<Speaker> {
    let found = if part.contains('(') { people::read(part) } else { Vec::new() };
    let is_place = |place: &String| {
        edition::year_in(place).is_none() && !name_words(place).any(|word| NOT_IN_NAMES.contains(&word.as_str()))
    };
    let are_places = found.iter().any(|person| person.affiliation.is_some())
        && found.iter().filter_map(|person| person.affiliation.as_ref()).all(is_place);
    if are_places { found } else { Vec::new() }
}

/// The title of a record whose speakers and edition are known; `told` is what of it names the speakers, if nothing else does.
pub(super) fn clean(raw: &str, record: &Record, told: Option<&Told>, names: &[String]) -> Title {
    let cleaner = Cleaner {
        speakers: record.speakers.iter().map(|speaker| key(&speaker.name)).collect(),
        speakers_named: &record.speakers,
        part: told.map(|told| told.part),
        names,
        series: record.series.as_deref(),
        year: record.edition.as_deref().and_then(edition::year_in),
    };
    let mut title = Title { text: unquoted(&one_line(raw)), said: Vec::new() };
    if let Some(quoted) = told.and_then(|told| told.quoted) {
        title.said.push(title.text);
        title.text = unquoted(quoted);
    }
    for _ in 0..STEPS_MAX {
        let Some((rest, said)) = cleaner.step(&title.text) else { break };
        title.text = unquoted(&rest);
        title.said.push(said);
    }
    title
}

struct Cleaner<'a> {
    speakers: Vec<String>,
    speakers_named: &'a [Speaker],
    /// What names them and what they do, to the letter.
    part: Option<&'a str>,
    names: &'a [String],
    series: Option<&'a str>,
    year: Option<u16>,
}

impl Cleaner<'_> {
    /// The title without a part at its beginning or its end, and that part: the edition first, which is no title.
    fn step(&self, title: &str) -> Option<(String, String)> {
        let edition = |head: &str, needs_year: bool| self.is_edition(head, needs_year);
        for (open, close) in BRACKETS {
            if let Some((inner, rest)) = title.strip_prefix(*open).and_then(|rest| rest.split_once(*close))
                && edition(inner, true)
            {
                return taken(rest, inner);
            }
            if let Some((rest, inner)) = title.strip_suffix(*close).and_then(|rest| rest.rsplit_once(*open))
                && (edition(inner, false) || self.is_by(rest, inner))
            {
                return taken(rest, inner);
            }
        }
        // "FooConf 2016 Ann Example - Her Talk"
        if let Some((before, _)) = self.part.and_then(|part| title.split_once(part))
            && edition(before, false)
        {
            return taken(&title[before.len()..], before);
        }
        let heads = || SIGNS.iter().chain(&[": "]).filter_map(|sign| title.split_once(sign));
        let tails = |signs: &[&str]| signs.iter().filter_map(|sign| title.rsplit_once(sign)).collect::<Vec<_>>();
        let found = heads().find(|(head, _)| edition(head, true)).map(|(head, rest)| (rest, head));
        let found = found.or_else(|| tails(SIGNS).into_iter().find(|(_, tail)| edition(tail, false)));
        let found = found.or_else(|| tails(BEHIND).into_iter().find(|(_, tail)| edition(tail, true)));
        let found =
            found.or_else(|| heads().find(|(head, rest)| self.is_by(rest, head)).map(|(head, rest)| (rest, head)));
        let found = found.or_else(|| tails(SIGNS).into_iter().find(|(rest, tail)| self.is_by(rest, tail)));
        let found = found.or_else(|| tails(BY).into_iter().find(|(rest, tail)| self.is_by(rest, tail)));
        found.and_then(|(rest, said)| taken(rest, said))
    }

    /// Whether a part names the speakers of what else is a title.
    fn is_by(&self, rest: &str, part: &str) -> bool {
        self.are_people(part) && is_title(rest) && !self.is_edition(rest, false)
    }

    /// Whether a part names the speakers and nobody else.
    fn are_people(&self, part: &str) -> bool {
        if self.part == Some(part.trim()) {
            return true;
        }
        let part = part.trim();
        let part = if part.ends_with(')') && part.contains('(') { part } else { part.trim_matches(['(', ')']) };
        let part = part.trim_matches(['"', '“', '”', '@']);
        if self.speakers.is_empty() || part.is_empty() {
            return false;
        }
        if self.speakers.contains(&key(part)) {
            return true;
        }
        let placed = with_places(part);
        if !placed.is_empty() && placed.iter().all(|person| self.is_speaker(&person.name)) {
            return true;
        }
        let mut parts = vec![part];
        for sign in BETWEEN_NAMES {
            parts = parts.into_iter().flat_map(|part| part.split(sign)).collect();
        }
        parts
            .into_iter()
            .map(str::trim)
            .filter(|name| !name.is_empty())
            .all(|name| self.is_speaker(name.trim_start_matches("and ")))
    }

    /// Whether a name is a speaker's, with or without the names in the middle.
    fn is_speaker(&self, name: &str) -> bool {
        let ends = |name: &str| {
            let words: Vec<&str> = name.split(' ').collect();
            (words.len() > 1).then(|| (key(words[0]), key(words[words.len() - 1])))
        };
        self.speakers.contains(&key(name))
            || ends(name).is_some_and(|name| {
                self.speakers_named.iter().any(|speaker| ends(&speaker.name).as_ref() == Some(&name))
            })
    }

    /// Whether a part says no more than which edition it is; with its year, where the name alone might be a subject.
    fn is_edition(&self, part: &str, needs_year: bool) -> bool {
        let part = part.trim().trim_start_matches('#');
        let mentions = edition::find(part, &edition::Context::of(&folded(part)));
        let has_year = edition::year_in(part).is_some_and(|year| Some(year) == self.year)
            || mentions.iter().any(|found| found.edition.year.is_some() && found.edition.year == self.year);
        if needs_year && !has_year {
            return false;
        }
        let bare: String = key(part).chars().filter(|c| !c.is_ascii_digit()).collect();
        let named = |name: &str| key(name).chars().filter(|c| !c.is_ascii_digit()).collect::<String>();
        if bare.chars().count() > 2 && self.names.iter().any(|name| named(name) == bare) {
            return true;
        }
        mentions.iter().any(|found| {
            let others = format!("{} {}", &part[..found.start], &part[found.end..]);
            let others = others
                .split(|c: char| !c.is_alphanumeric())
                .filter(|word| !word.is_empty() && !word.bytes().all(|byte| byte.is_ascii_digit()));
            Some(found.edition.series.as_str()) == self.series
                && found.edition.year == self.year
                && others.count() <= FILLERS_MAX
        })
    }
}

/// What is left of a title, without the signs at its edge, and what was taken off it.
fn taken(rest: &str, said: &str) -> Option<(String, String)> {
    let edge = |c: char| c.is_whitespace() || "-–—|｜:;,/•·".contains(c);
    let rest = rest.trim_matches(edge).trim();
    rest.chars().any(char::is_alphabetic).then(|| (rest.to_owned(), one_line(said)))
}

/// Whether a text can be a title by itself: it is more than the sort of session.
fn is_title(text: &str) -> bool {
    let text = text.trim();
    let n_letters = text.chars().filter(|c| c.is_alphanumeric()).count();
    let is_sort = words::title_type(text).is_some() && text.split(' ').count() <= 3 && !text.contains(": ");
    n_letters > 3 && !is_sort && !words::is_pause_only(text)
}

/// A title that stands in quotes as a whole.
fn unquoted(title: &str) -> String {
    for (open, close) in [('"', '"'), ('“', '”'), ('«', '»'), ('「', '」')] {
        let inner = title.strip_prefix(open).and_then(|rest| rest.strip_suffix(close));
        if let Some(inner) = inner.filter(|inner| !inner.contains([open, close]) && !inner.trim().is_empty()) {
            return inner.trim().to_owned();
        }
    }
    title.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_recordings_are_read_as_words() {
        for (title, expected) in [
            ("0_her-talk-in-3-parts.m4v", Some("Her talk in 3 parts")),
            ("0_3-talks.MP4", Some("3 talks")),
            ("Her_Talk.mov", Some("Her Talk")),
            ("Her talk about notes.mov", None),
            ("notes.py", None),
            ("001.mp4", None),
        ] {
            assert_eq!(of_file(title).as_deref(), expected, "{title}");
        }
    }

    #[test]
    fn titles_lose_what_edition_and_speakers_say() {
        for (raw, speakers, expected) in [
            ("Her Talk", "Ann Example", "Her Talk"),
            ("Ann Example - Her Talk - FooConf 2016", "Ann Example", "Her Talk"),
            ("[FooConf 2016] Her Talk by Ann Example", "Ann Example", "Her Talk"),
            ("FooConf 2016: Her Talk", "Ann Example", "Her Talk"),
            ("Her Talk (FooConf 2016)", "Ann Example", "Her Talk"),
            ("Her Talk｜Ann Example｜FooConf 2016", "Ann Example", "Her Talk"),
            ("\"Her Talk\" - Ann Example, Bob Example (FooConf 2016)", "Ann Example;Bob Example", "Her Talk"),
            ("Ann B. Example: Her Talk", "Ann Example", "Her Talk"),
            ("Her Talk by Bob Example", "Ann Example", "Her Talk by Bob Example"),
            ("Her Talk by Ann Example (Acme)", "Ann Example", "Her Talk"),
            ("Her Talk - Ann Example (Acme), Bob Example (Beta)", "Ann Example;Bob Example", "Her Talk"),
            ("Her Talk by Ann Example (May 2016)", "Ann Example", "Her Talk by Ann Example (May 2016)"),
            ("Her Talk by Bob Example (Acme)", "Ann Example", "Her Talk by Bob Example (Acme)"),
            ("Keynote: Her Talk", "Ann Example", "Keynote: Her Talk"),
            ("Lightning Talk - Ann Example", "Ann Example", "Lightning Talk - Ann Example"),
            ("Welcome - Ann Example", "Ann Example", "Welcome - Ann Example"),
            ("Welcome to FooConf 2016", "Ann Example", "Welcome to FooConf 2016"),
            ("FooConf: How It Began", "Ann Example", "FooConf: How It Began"),
            ("Looking back at FooConf 2015", "Ann Example", "Looking back at FooConf 2015"),
            ("FooConf 2016", "", "FooConf 2016"),
            ("Ann Example - FooConf 2016", "Ann Example", "Ann Example"),
            ("Tools, FooConf2016 Tutorial", "", "Tools"),
        ] {
            let speakers: Vec<Speaker> = speakers
                .split(';')
                .filter(|name| !name.is_empty())
                .map(|name| Speaker { name: name.to_owned(), ..Speaker::default() })
                .collect();
            let names = ["FooConf 2016".to_owned()];
            let (edition, series) = (Some("FooConf 2016".to_owned()), Some("FooConf".to_owned()));
            let title = clean(raw, &Record { series, edition, speakers, ..Record::default() }, None, &names);
            assert_eq!(title.text, expected, "{raw}");
        }
    }
}
