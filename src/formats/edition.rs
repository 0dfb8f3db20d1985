//! Which edition of which series a text names: the series of `series.toml` by their spellings, others by the shape of
//! their names (`generic.rs`).

mod folders;
mod generic;
mod table;
mod tokens;

use std::{collections::HashSet, ops::RangeInclusive};

use self::{
    table::{NAME_TOKENS_MAX, Name, Series, Style, TABLE},
    tokens::{Token, tokens},
};
pub(super) use folders::{in_folders, placed};

use super::dates::is_english_month;
use crate::{
    record::{Edition, slug},
    text::{analyzer::folded, capitalised},
};

/// An edition named in a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Mention {
    pub edition: Edition,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
}

/// A mention, with what weighing evidence needs.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub edition: Edition,
    pub qualifier: Option<String>,
    /// False for names that only look like a series and stand without a year: enough in a title, not in prose.
    pub certain: bool,
    pub start: usize,
    pub end: usize,
}

/// Years that conferences are held in.
const YEARS: RangeInclusive<u16> = 1970..=2099;
/// Words that may stand between a name and its year: "in Brussels 2016", "Seattle 2018".
const WORDS_BEFORE_YEAR_MAX: usize = 3;
const LINKING_WORDS: &[&str] = &["in", "at", "of", "edition", "the"];

/// The editions that `text` names, in its order; a series that is named without a year has `year: None`.
///
/// ```
/// let found = hallway::formats::find_editions("Notes from SREcon23 Europe/Middle East/Africa");
/// assert_eq!(found[0].edition.edition_id, "srecon-emea-2023");
/// ```
#[must_use]
pub fn find_editions(text: &str) -> Vec<Mention> {
    let certain = find(text, &Context::of(&folded(text))).into_iter().filter(|found| found.certain);
    certain.map(|found| Mention { edition: found.edition, start: found.start, end: found.end }).collect()
}

/// Which series that need a context find it in a text.
#[derive(Default)]
pub(super) struct Context(HashSet<usize>);

impl Context {
    /// The context that a folded text gives.
    pub(super) fn of(folded: &str) -> Context {
        let rows = TABLE.series.iter().enumerate();
        let found = rows.filter(|(_, series)| series.context.iter().any(|word| folded.contains(word)));
        Context(found.map(|(index, _)| index).collect())
    }
}

/// As [`find_editions`], with the context for names that need one.
pub(super) fn find(text: &str, context: &Context) -> Vec<Found> {
    let tokens = tokens(text);
    let finder = Finder { tokens: &tokens, context };
    let mut out: Vec<Found> = Vec::new();
    let (mut at, mut floor) = (0, 0);
    while at < tokens.len() {
        match finder.known(at, floor).or_else(|| finder.generic(at, floor)) {
            Some((found, next)) => {
                out.push(found);
                at = next.max(at + 1);
                floor = at;
            }
            None => at += 1,
        }
    }
    out
}

/// The first edition that a text names, whatever its words are: where one is expected.
pub(super) fn first(text: &str) -> Option<Edition> {
    find(text, &Context::of(&folded(text))).into_iter().next().map(|found| found.edition)
}

/// The edition that a report's title names by its words alone: "Quibble 2019: a trip report".
pub(super) fn cued(title: &str) -> Option<Edition> {
    let tokens = tokens(title);
    Finder { tokens: &tokens, context: &Context::default() }.cued()
}

/// The edition that the given names and year describe; null when neither names a series.
pub(super) fn resolve(edition: Option<&str>, series: Option<&str>, year: Option<u16>) -> Option<Edition> {
    let given = |text: Option<&str>| text.map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    let (edition, series) = (given(edition), given(series));
    if let Some(text) = &edition
        && let Some(found) =
            find(text, &Context::of(&folded(&format!("{text} {}", series.as_deref().unwrap_or_default()))))
                .into_iter()
                .next()
    {
        let year = year.or(found.edition.year).or_else(|| year_in(text));
        let same = series.as_deref().is_none_or(|series| same_series(series, &found.edition.series));
        if same {
            return Some(with_year(&found, year));
        }
    }
    let Some(text) = edition else {
        let series = series?;
        let known = TABLE.names.get(&table::key(&series));
        return Some(match known {
            Some(name) => TABLE.series[name.series].edition(name.qualifier.as_deref(), year),
            None => generic::edition(&series, None, year),
        });
    };
    let in_text = tokens(&text).iter().find_map(Token::long_year);
    let year = year.or(in_text);
    let bare = without_years(&text);
    let id = year.map_or(slug(&bare), |year| format!("{}-{year}", slug(&bare)));
    Some(Edition { series: series.unwrap_or(bare), edition: text, edition_id: id, year })
}

/// The whole name of an edition without its year, where only a part of it has the shape of a name that is in no table:
/// "Acme Days Summit" of "Acme Days Summit 2016".
pub(super) fn of_other_name(text: &str) -> Option<String> {
    let found = find(text, &Context::of(&folded(text))).into_iter().next()?;
    let is_known = TABLE.series.iter().any(|row| row.name == found.edition.series);
    let before = tokens(&text[..found.start]);
    (!is_known && before.iter().any(|token| token.long_year().is_none())).then(|| without_years(text))
}

/// Whether a name is, but for its year, one that the table knows.
pub(super) fn is_known(name: &str) -> bool {
    let found = find(name, &Context::of(&folded(name))).into_iter().next();
    found.is_some_and(|found| {
        found.start == 0
            && found.end == name.trim_end().len()
            && TABLE.series.iter().any(|row| row.name == found.edition.series)
    })
}

/// Whether an edition has no more than its series' name and its year.
pub(super) fn is_bare(edition: &Edition) -> bool {
    with_qualifier(&edition.series, None, edition.year).edition_id == edition.edition_id
}

/// A name of an edition without its years, and what stood around them alone.
fn without_years(text: &str) -> String {
    let mut bare = text.to_owned();
    for token in tokens(text).iter().rev().filter(|token| token.long_year().is_some()) {
        bare.replace_range(token.start..token.end, "");
    }
    let empty = ["()", "[]", "(-)", "(–)", "(/)"];
    let bare = empty.iter().fold(crate::text::one_line(&bare), |bare, signs| bare.replace(signs, ""));
    let bare = bare.trim_matches(|c: char| c.is_whitespace() || ",;:-–—/|'’".contains(c));
    bare.strip_suffix(", circa").unwrap_or(bare).trim().to_owned()
}

/// The same series and qualifier in the given year.
pub(super) fn with_year(found: &Found, year: Option<u16>) -> Edition {
    with_qualifier(&found.edition.series, found.qualifier.as_deref(), year)
}

pub(super) fn with_qualifier(series: &str, qualifier: Option<&str>, year: Option<u16>) -> Edition {
    match TABLE.series.iter().find(|row| row.name == series) {
        Some(row) => row.edition(qualifier, year),
        None => generic::edition(series, qualifier, year),
    }
}

/// The edition of a series at a place; a place that `series.toml` knows by another name has that.
pub(super) fn at(series: &str, place: &str, year: Option<u16>) -> Edition {
    let index = TABLE.series.iter().position(|row| row.name == series);
    let known = index.and_then(|index| TABLE.place(index, &table::key(place)));
    with_qualifier(series, Some(known.unwrap_or(place)), year)
}

/// Whether the bare name of a series means one of its qualifiers.
pub(super) fn has_default(series: &str) -> bool {
    TABLE.series.iter().any(|row| row.name == series && row.default.is_some())
}

/// The first year written out in a text.
pub(super) fn year_in(text: &str) -> Option<u16> {
    tokens(text).iter().find_map(Token::long_year)
}

fn same_series(given: &str, found: &str) -> bool {
    let known = |name: &str| TABLE.names.get(&table::key(name)).map(|name| name.series);
    table::key(given) == table::key(found) || (known(given).is_some() && known(given) == known(found))
}

struct Finder<'a> {
    tokens: &'a [Token<'a>],
    context: &'a Context,
}

impl Finder<'_> {
    /// A series of the table whose name begins at token `at`; also the token behind the mention.
    fn known(&self, at: usize, floor: usize) -> Option<(Found, usize)> {
        if let Some(numbered) = self.number_before(at) {
            return Some(numbered);
        }
        let (name, mut next) = self.name(at)?;
        let series = &TABLE.series[name.series];
        let mut qualifier = name.qualifier.clone();
        if qualifier.is_none()
            && let Some((found, after)) = self.qualifier(name.series, next)
        {
            (qualifier, next) = (Some(found), after);
        }
        let mut start = at;
        let mut year = None;
        if let Some((found, after)) = self.number_after(series, next).or_else(|| self.year_after(series.style, next)) {
            (year, next) = (Some(found), after);
        } else if let Some((place, found, after)) = self.open_qualifier(series, qualifier.is_none(), next) {
            (qualifier, year, next) = (Some(place), Some(found), after);
        } else if let Some((found, after)) = self.distant_year(next) {
            (year, next) = (Some(found), after);
        } else if let Some(found) = self.year_before(at, floor) {
            (year, start) = (Some(found), at - 1);
        }
        if qualifier.is_none()
            && year.is_some()
            && let Some((found, after)) = self.qualifier(name.series, next)
        {
            (qualifier, next) = (Some(found), after);
        }
        if series.exact && name.is_own && !self.is_exact(series, at, year) {
            return None;
        }
        let edition = series.edition(qualifier.as_deref(), year);
        Some((self.found(edition, qualifier, start, next, true), next))
    }

    fn found(&self, edition: Edition, qualifier: Option<String>, at: usize, next: usize, certain: bool) -> Found {
        let end = self.tokens[next.max(at + 1) - 1].end;
        Found { edition, qualifier, certain, start: self.tokens[at].start, end }
    }

    /// The longest name of the table that begins at token `at`.
    fn name(&self, at: usize) -> Option<(&'static Name, usize)> {
        let mut joined = String::new();
        let mut best = None;
        for next in at..self.tokens.len().min(at + NAME_TOKENS_MAX) {
            // In "Next.js Conf" no name begins with "js".
            let tail_of_word = self.tokens[at].gap == "." && self.tokens[next].gap == " ";
            if next > at && (!self.tokens[next].joins() || tail_of_word) {
                break;
            }
            joined.push_str(&self.tokens[next].key);
            if let Some(name) = TABLE.names.get(&joined).filter(|name| self.in_context(name.series)) {
                best = Some((name, next + 1));
            }
        }
        best
    }

    fn in_context(&self, series: usize) -> bool {
        TABLE.series[series].context.is_empty() || self.context.0.contains(&series)
    }

    /// "33C3": a number, and letters that name a series.
    fn number_before(&self, at: usize) -> Option<(Found, usize)> {
        let token = &self.tokens[at];
        if !token.is_number() || token.text.len() > 3 {
            return None;
        }
        let mut joined = String::new();
        for next in at + 1..self.tokens.len().min(at + 4) {
            if !self.tokens[next].gap.is_empty() {
                break;
            }
            joined.push_str(&self.tokens[next].key);
            let glued_on = self.tokens.get(next + 1).is_some_and(|after| after.gap.is_empty());
            if let Some((_, index)) = TABLE.number_suffixes.iter().find(|(suffix, _)| *suffix == joined && !glued_on) {
                let series = &TABLE.series[*index];
                let year = series.numbered.as_ref()?.year(token.text.parse().ok()?)?;
                return Some((self.found(series.edition(None, Some(year)), None, at, next + 1, true), next + 1));
            }
        }
        None
    }

    /// "TPC4", where the number is no year.
    fn number_after(&self, series: &Series, at: usize) -> Option<(u16, usize)> {
        let numbered = series.numbered.as_ref().filter(|numbered| numbered.before.is_some())?;
        let token = self.tokens.get(at).filter(|token| token.is_number() && matches!(token.gap, "" | " "))?;
        if token.long_year().is_some() {
            return None;
        }
        Some((numbered.year(token.text.parse().ok()?)?, at + 1))
    }

    fn qualifier(&self, series: usize, at: usize) -> Option<(String, usize)> {
        let mut joined = String::new();
        let mut best = None;
        for next in at..self.tokens.len().min(at + NAME_TOKENS_MAX) {
            let token = &self.tokens[next];
            // Lists of regions have commas: "Europe, Middle East, and Africa".
            if !(token.joins() || next > at && token.gap == ", " || next == at && matches!(token.gap, " (" | ": ")) {
                break;
            }
            joined.push_str(&token.key);
            // "us" in prose is a pronoun.
            let pronoun = joined == "us" && token.gap == " " && !token.is_capitalised();
            if let Some(qualifier) = TABLE.place(series, &joined).filter(|_| !pronoun) {
                best = Some((qualifier.to_owned(), next + 1));
            }
        }
        best
    }

    /// A year right behind the name.
    fn year_after(&self, style: Style, at: usize) -> Option<(u16, usize)> {
        let token = self.tokens.get(at)?;
        let near = token.joins() || (token.gap.len() <= 3 && matches!(token.gap.trim(), "(" | "," | "–" | ":"));
        let long = token.long_year().filter(|_| near);
        let short = token.short_year().filter(|_| {
            token.after_apostrophe() || (style != Style::Long && token.gap == " ") || token.gap.trim_start() == "('"
        });
        long.or(short).map(|year| (year, at + 1))
    }

    /// "BarCamp Graz 2010", "barcamp-graz-2010", "BarCamp in Graz 2010".
    fn open_qualifier(&self, series: &Series, wanted: bool, at: usize) -> Option<(String, u16, usize)> {
        if !(series.open && wanted) {
            return None;
        }
        let skip = usize::from(self.tokens.get(at).is_some_and(|token| token.key == "in" && token.gap == " "));
        let from = at + skip;
        for next in from + 1..=from + 2 {
            let words = self.tokens.get(from..next)?;
            let fits = words.iter().all(|word| {
                let written = (word.is_capitalised() && word.gap == " ") || matches!(word.gap, "-" | "_");
                written && !word.is_number() && !is_english_month(&word.key) && !generic::is_of_report(&word.key)
            });
            if !fits {
                return None;
            }
            if let Some((year, after)) = self.year_after(series.style, next) {
                let words: Vec<String> = words.iter().map(|word| capitalised(word.text)).collect();
                return Some((words.join(" "), year, after));
            }
        }
        None
    }

    /// A year a few words behind, in the same phrase: "in Brussels, 2016", "Seattle 2018", "March 2019".
    fn distant_year(&self, at: usize) -> Option<(u16, usize)> {
        for next in at..self.tokens.len().min(at + WORDS_BEFORE_YEAR_MAX + 1) {
            let token = &self.tokens[next];
            let comma = next > at && token.gap == ", ";
            let short = token.short_year().filter(|_| matches!(token.gap, " '" | " ’" | " ‘"));
            if let Some(year) = short {
                return (next > at).then_some((year, next + 1));
            }
            if !(comma || matches!(token.gap, " " | "\n" | "-" | "_" | " (" | ", ")) {
                return None;
            }
            if let Some(year) = token.long_year() {
                return (next > at).then_some((year, next + 1));
            }
            let month = is_english_month(&token.key);
            let linking = LINKING_WORDS.contains(&token.key.as_str());
            let name = token.is_capitalised() && !TABLE.names.contains_key(&token.key);
            let day = token.is_number() && token.text.len() <= 2;
            if !(month || linking || name || day) || token.key == "i" {
                return None;
            }
        }
        None
    }

    /// "2016 PyCon", "2016-pycon".
    fn year_before(&self, at: usize, floor: usize) -> Option<u16> {
        if at <= floor || !matches!(self.tokens[at].gap, " " | "-" | "_" | ".") {
            return None;
        }
        self.tokens[at - 1].long_year()
    }

    fn is_exact(&self, series: &Series, at: usize, year: Option<u16>) -> bool {
        let glued = self.tokens.get(at + 1).is_some_and(|token| token.gap.is_empty() && token.is_number());
        let letters = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
        year.is_some() && (glued || letters(self.tokens[at].text) == letters(&series.name))
    }
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn names_and_years_resolve_to_editions() {
        for (edition, series, year, expected) in [
            (Some("SREcon23 EMEA"), None, None, Some(("SREcon", "srecon-emea-2023"))),
            (Some("SREcon23 EMEA"), Some("SREcon"), Some(2024), Some(("SREcon", "srecon-emea-2024"))),
            (None, Some("pycon"), Some(2014), Some(("PyCon", "pycon-us-2014"))),
            (None, Some("Tiny Gathering"), Some(2014), Some(("Tiny Gathering", "tiny-gathering-2014"))),
            (Some("Tiny Gathering 2014"), None, None, Some(("Tiny Gathering", "tiny-gathering-2014"))),
            (Some("Spring 2014"), Some("Tiny"), None, Some(("Tiny", "spring-2014"))),
            (Some("Tiny Gathering, circa 2014"), None, None, Some(("Tiny Gathering", "tiny-gathering-2014"))),
            (Some("Tiny Series (2014-2015)"), None, Some(2015), Some(("Tiny Series", "tiny-series-2015"))),
            (Some(" "), Some(""), Some(2014), None),
            (None, None, None, None),
        ] {
            let found = resolve(edition, series, year);
            let found = found.as_ref().map(|found| (found.series.as_str(), found.edition_id.as_str()));
            assert_eq!(found, expected, "{edition:?} {series:?} {year:?}");
        }
    }
}
