//! Series that are not in the table, by the shape of their names: "FooConf 2019", "the Bar Summit 2021".

use super::{
    Finder, Found, Style,
    table::{Series, TABLE},
    tokens::Token,
};
use crate::{formats::dates::is_english_month, record::Edition, text::capitalised};

/// How one-word names of conferences end.
const SUFFIXES: &[&str] = &[
    "conference",
    "konferenz",
    "summit",
    "meetup",
    "kaigi",
    "conf",
    "konf",
    "camp",
    "fest",
    "days",
    "tage",
    "con",
    "kon",
];
/// What the last word of a longer name is.
const HEADS: &[&str] = &[
    "con",
    "conf",
    "conference",
    "konferenz",
    "conférence",
    "camp",
    "fest",
    "festival",
    "days",
    "day",
    "tage",
    "summit",
    "meetup",
    "congress",
    "kongress",
    "symposium",
    "forum",
    "unconference",
    "hackfest",
    "expo",
    "talks",
    "kaigi",
    "gathering",
    "meeting",
    "tagung",
    "convention",
    "hackathon",
    "seminar",
    "treffen",
    "week",
    "retreat",
    "workshop",
];
/// The same in phrases that say first what it is: "Conference on Widgets 2016", "Jornadas de Ejemplo 2019".
const FIRST_HEADS: &[&str] = &[
    "conference",
    "conferencia",
    "conferenza",
    "symposium",
    "congress",
    "congres",
    "congreso",
    "congresso",
    "kongress",
    "konferenz",
    "tagung",
    "forum",
    "festival",
    "jornadas",
    "jornada",
    "journees",
    "journee",
    "rencontres",
    "encuentro",
    "encontro",
    "giornate",
];
/// What may stand between the words of such a phrase.
const LINKS: &[&str] = &[
    "on", "for", "of", "and", "in", "the", "sur", "de", "des", "du", "d", "l", "la", "le", "les", "et", "del", "el",
    "los", "sobre", "y", "e", "da", "do", "dos", "fur", "der", "die", "und", "zu", "di", "della",
];
/// Words of such a phrase behind the first.
const FIRST_HEAD_WORDS_MAX: usize = 7;
/// Words in a title that say that it is of a report, folded.
const CUES: &[&str] = &[
    "report",
    "reports",
    "recap",
    "notes",
    "impressions",
    "attending",
    "attended",
    "visit",
    "visiting",
    "retrospective",
    "conference",
    "conf",
    "roundup",
    "debrief",
    "takeaways",
    "highlights",
    "summary",
    "back",
    "looking",
    "day",
    "days",
    "trip",
    "bericht",
    "ruckblick",
    "eindrucke",
    "nachlese",
    "nachbericht",
    "compte",
    "retour",
    "cronica",
    "resumen",
    "resume",
    "talks",
    "sessions",
    "keynote",
];
/// Words that stand before a name and are no part of it.
const NOT_IN_NAMES: &[&str] = &[
    "a",
    "about",
    "after",
    "an",
    "and",
    "annual",
    "at",
    "attending",
    "auf",
    "back",
    "bei",
    "bericht",
    "biannual",
    "das",
    "day",
    "der",
    "die",
    "ein",
    "eine",
    "erste",
    "fifth",
    "first",
    "for",
    "fourth",
    "from",
    "highlights",
    "how",
    "i",
    "impressions",
    "in",
    "is",
    "it",
    "last",
    "looking",
    "my",
    "next",
    "notes",
    "of",
    "on",
    "our",
    "recap",
    "report",
    "retrospective",
    "review",
    "second",
    "speaking",
    "summary",
    "talk",
    "the",
    "their",
    "third",
    "this",
    "thoughts",
    "tour",
    "trip",
    "upcoming",
    "visiting",
    "von",
    "vom",
    "was",
    "we",
    "welcome",
    "what",
    "when",
    "with",
    "your",
    "zur",
    "zum",
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
    "day1",
    "key",
    "keynote",
    "to",
    "blog",
    "learned",
    "learnt",
    "things",
    "takeaways",
    "takeaway",
    "lessons",
    "experience",
    "wrap",
    "up",
    "s",
];
/// Words of a name before its last one.
const WORDS_MAX: usize = 4;

/// The edition of a series that is known by its name alone.
pub(super) fn edition(series: &str, qualifier: Option<&str>, year: Option<u16>) -> Edition {
    Series { name: series.to_owned(), ..Series::default() }.edition(qualifier, year)
}

/// Whether a folded word between a series and its year says what the text is, and is no part of the edition's name:
/// "pycon-notes-2016".
pub(super) fn is_of_report(word: &str) -> bool {
    NOT_IN_NAMES.contains(&word)
        || CUES.contains(&word)
        || ["sprint", "sprints", "slides", "videos", "photos", "schedule", "proposal", "proposals", "talk"]
            .contains(&word)
}

impl Finder<'_> {
    /// A series that is not in the table, whose name ends at token `at`; also the token behind the mention.
    pub(super) fn generic(&self, at: usize, floor: usize) -> Option<(Found, usize)> {
        if let Some(found) = self.first_head(at, floor) {
            return Some(found);
        }
        let (name, start, strength) = self.one_word(at).or_else(|| self.phrase(at, floor))?;
        if TABLE.is_not_series(&name) {
            return None;
        }
        let (mut qualifier, mut next) = (None, at + 1);
        if let Some(token) = self.tokens.get(next).filter(|token| token.joins() && token.is_capitalised())
            && let Some(usual) = TABLE.usual_qualifier(&token.key)
        {
            (qualifier, next) = (Some(usual.to_owned()), next + 1);
        }
        let mut year = None;
        if let Some((found, after)) = self.year_after(Style::Long, next) {
            (year, next) = (Some(found), after);
        } else if qualifier.is_none()
            && strength > Strength::Weak
            && let Some((place, found, after)) = self.place_and_year(next)
        {
            (qualifier, year, next) = (Some(place), Some(found), after);
        } else if strength > Strength::Weak
            && let Some((found, after)) = self.distant_year(next)
        {
            (year, next) = (Some(found), after);
        } else if let Some(found) = self.year_before(start, floor) {
            year = Some(found);
        }
        if qualifier.is_none()
            && year.is_some()
            && let Some(token) = self.tokens.get(next).filter(|token| token.joins() && token.is_capitalised())
            && let Some(usual) = TABLE.usual_qualifier(&token.key)
        {
            (qualifier, next) = (Some(usual.to_owned()), next + 1);
        }
        if year.is_none() && strength < Strength::Shaped {
            return None;
        }
        let edition = edition(&name, qualifier.as_deref(), year);
        Some((self.found(edition, qualifier, start, next, year.is_some()), next))
    }

    /// "FooConf", "BazCon"; in lower case only "fooconf", and only with a year.
    fn one_word(&self, at: usize) -> Option<(String, usize, Strength)> {
        let token = &self.tokens[at];
        let suffix = SUFFIXES.iter().find(|suffix| token.key.ends_with(*suffix))?;
        let stem = token.text.len().checked_sub(suffix.len()).filter(|stem| *stem >= 2)?;
        let (head, tail) = (token.text.get(..stem)?, token.text.get(stem..)?);
        // A name within a longer word, "PlatformDaysTeam", has been split by no one: the suffix ends it.
        let upper_tail = tail.starts_with(char::is_uppercase);
        let capital = head.starts_with(char::is_uppercase);
        let strength = match (capital, upper_tail) {
            (true, true) => Strength::Shaped,
            (true, false) if matches!(*suffix, "conference" | "konferenz" | "summit" | "meetup") => Strength::Named,
            // "openCon", "devConf": names as well as identifiers.
            (false, true) => Strength::Named,
            (true, false) if matches!(*suffix, "conf" | "konf") => Strength::Named,
            (true, false) => Strength::Weak,
            (false, false) if *suffix == "conf" && stem >= 3 => Strength::Weak,
            (false, false) => return None,
        };
        Some((token.text.to_owned(), at, strength))
    }

    /// "Bar Summit", "bar-summit": words of one phrase, the last of which is a sort of conference.
    fn phrase(&self, at: usize, floor: usize) -> Option<(String, usize, Strength)> {
        let head = &self.tokens[at];
        if !HEADS.contains(&head.key.as_str()) {
            return None;
        }
        let slug = !head.is_capitalised();
        let fits = |token: &Token| !token.is_number() && !token.text.is_empty() && (slug || token.is_capitalised());
        let joined = |token: &Token| {
            if slug { token.gap == "-" || token.gap == "_" } else { matches!(token.gap, " " | "-" | "\n") }
        };
        let start = self.phrase_start(at, floor, joined, fits);
        let words = at - start;
        if words == 0
            || (head.key == "talks" && self.tokens[at - 1].key != "tech")
            || (head.key == "talks" && words < 2)
        {
            return None;
        }
        let name: Vec<String> = self.tokens[start..=at]
            .iter()
            .map(|token| if slug { capitalised(token.text) } else { token.text.to_owned() })
            .collect();
        let common = matches!(
            head.key.as_str(),
            "day" | "days" | "meeting" | "forum" | "expo" | "seminar" | "week" | "retreat" | "workshop" | "hackathon"
        );
        let strength = if common || slug { Strength::Weak } else { Strength::Shaped };
        Some((name.join(" "), start, strength))
    }

    fn phrase_start(
        &self,
        at: usize,
        floor: usize,
        joined: impl Fn(&Token) -> bool,
        fits: impl Fn(&Token) -> bool,
    ) -> usize {
        let mut start = at;
        while start > floor && at - start < WORDS_MAX && joined(&self.tokens[start]) && fits(&self.tokens[start - 1]) {
            let word = self.tokens[start - 1].key.as_str();
            if NOT_IN_NAMES.contains(&word) || is_english_month(word) {
                break;
            }
            start -= 1;
        }
        start
    }

    /// "Conference on Widgets 2016", with the year right behind.
    fn first_head(&self, at: usize, floor: usize) -> Option<(Found, usize)> {
        let head = &self.tokens[at];
        if !FIRST_HEADS.contains(&head.key.as_str()) || !head.is_capitalised() {
            return None;
        }
        let joined = |token: &Token| token.gap == " ";
        let start = self.phrase_start(at, floor, joined, |token| token.is_capitalised() && !token.is_number());
        // "Bar Conference Berlin 2016" has its name before it.
        let linked = self.tokens.get(at + 1).is_some_and(|next| LINKS.contains(&next.key.as_str()));
        if start < at && !linked {
            return None;
        }
        let mut words = 0;
        for next in at + 1..self.tokens.len().min(at + 2 + FIRST_HEAD_WORDS_MAX) {
            let token = &self.tokens[next];
            let named = token.is_capitalised() && !token.is_number() && !is_english_month(&token.key);
            let link = LINKS.contains(&token.key.as_str());
            if words > 0
                && let Some((year, after)) = self.year_after(Style::Long, next)
            {
                let mut name = self.tokens[start].text.to_owned();
                self.tokens[start + 1..next].iter().for_each(|token| name.extend([token.gap, token.text]));
                let found = self.found(edition(&name, None, Some(year)), None, start, after, true);
                return Some((found, after));
            }
            if !matches!(token.gap, " " | "'" | "’" | "-") || !(named || link) {
                return None;
            }
            words += usize::from(named);
        }
        None
    }

    /// A capitalised name right before a year, in a title that says that it is of a report.
    pub(super) fn cued(&self) -> Option<Edition> {
        for at in 1..self.tokens.len() {
            let Some((year, next)) = self.year_after(Style::Long, at) else { continue };
            let joined = |token: &Token| matches!(token.gap, " " | "-" | "." | "");
            let fits = |token: &Token| token.is_capitalised() && !token.is_number();
            let last = &self.tokens[at - 1];
            if !fits(last) || NOT_IN_NAMES.contains(&last.key.as_str()) || is_english_month(&last.key) {
                continue;
            }
            let start = self.phrase_start(at - 1, 0, joined, fits);
            let mut others = self.tokens[..start].iter().chain(&self.tokens[next..]);
            if CUES.contains(&last.key.as_str()) || !others.any(|token| CUES.contains(&token.key.as_str())) {
                continue;
            }
            let mut name = self.tokens[start].text.to_owned();
            self.tokens[start + 1..at].iter().for_each(|token| name.extend([token.gap, token.text]));
            return Some(edition(&name, None, Some(year))).filter(|_| !TABLE.is_not_series(&name));
        }
        None
    }

    /// "Bar Summit Berlin 2021": the place is part of the edition.
    fn place_and_year(&self, at: usize) -> Option<(String, u16, usize)> {
        for next in at + 1..=at + 2 {
            let words = self.tokens.get(at..next)?;
            let place = |word: &Token| {
                word.is_capitalised()
                    && word.gap == " "
                    && !word.is_number()
                    && !is_english_month(&word.key)
                    && !NOT_IN_NAMES.contains(&word.key.as_str())
            };
            if !words.iter().all(place) {
                return None;
            }
            if let Some(year) = self.tokens.get(next).filter(|token| token.gap == " ").and_then(Token::long_year) {
                let words: Vec<&str> = words.iter().map(|word| word.text).collect();
                return Some((words.join(" "), year, next + 1));
            }
        }
        None
    }
}

/// How much a word's shape alone says that it names a conference.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Strength {
    /// Needs a year right beside it.
    Weak,
    /// Needs a year in the same phrase.
    Named,
    /// Names one in a title also without a year.
    Shaped,
}
