//! Who speaks, where nothing but titles says it: "Ann Example - Her Talk", "Her Talk by Ann Example". One title can't say
//! which of its parts is a person; the titles of an edition can, since most are made alike, and their other words are of
//! what talks are about. What is not sure names nobody.

use std::collections::{HashMap, HashSet};

use super::{
    names::{NOT_IN_NAMES, name_words, names},
    people as fields,
};
use crate::{
    formats::{archive::key, edition, schedule::prose, usenix::words},
    record::Speaker,
};

/// What stands between a title and who speaks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sign {
    Dash,
    Bar,
    Slash,
    Colon,
    By,
    Bracket,
    Quote,
    /// "Keynote: Ann Example"
    Session,
}

/// Where in titles people stand, and how many different ones have to stand there for that to be known: the more titles have
/// that sign for something else, the more.
struct Place {
    sign: Sign,
    is_head: bool,
    people_min: usize,
}

const PLACES: &[Place] = &[
    Place { sign: Sign::By, is_head: false, people_min: 2 },
    Place { sign: Sign::Dash, is_head: false, people_min: 3 },
    Place { sign: Sign::Dash, is_head: true, people_min: 3 },
    Place { sign: Sign::Bar, is_head: false, people_min: 3 },
    Place { sign: Sign::Bar, is_head: true, people_min: 3 },
    Place { sign: Sign::Slash, is_head: false, people_min: 3 },
    Place { sign: Sign::Quote, is_head: true, people_min: 3 },
    Place { sign: Sign::Bracket, is_head: false, people_min: 4 },
    Place { sign: Sign::Colon, is_head: true, people_min: 5 },
    Place { sign: Sign::Session, is_head: false, people_min: 2 },
];
const DASHES: &[&str] = &[" - ", "- ", " – ", " — ", " -- ", " ― "];
const BARS: &[&str] = &[" | ", " ｜ ", "｜", " • ", " · "];
const SLASHES: &[&str] = &[" / ", " // "];
const COLONS: &[&str] = &[": ", "："];
const BY: &[&str] = &[" by: ", " by ", " By ", " BY ", ", por ", " por ", ", par ", " par "];
const BRACKETS: &[(char, char)] = &[('(', ')'), ('（', '）'), ('[', ']'), ('【', '】')];
const QUOTES: &[(char, char)] = &[('"', '"'), ('“', '”'), ('«', '»'), ('「', '」'), ('„', '“')];
/// A part that so many titles have, and one in so many, is no person: a channel, the edition, a sort of session.
const COMMON_MIN: usize = 3;
const COMMON_SHARE: usize = 8;
const COMMON_ANYWAY: usize = 4;
/// Words before a title that end in a year.
const PREFIX_WORDS_MAX: usize = 6;
/// Parts that are taken off an edge of a title.
const EDGES_MAX: usize = 4;

/// Who speaks, as a title says it.
pub(super) struct Told<'a> {
    pub people: Vec<Speaker>,
    /// What names them.
    pub part: &'a str,
    /// The title, where it stands in quotes beside them.
    pub quoted: Option<&'a str>,
}

/// What the titles of an edition have in common.
#[derive(Default)]
pub(super) struct Crowd {
    common: HashSet<String>,
    /// Of [`PLACES`], the one with most people first.
    places: Vec<usize>,
    /// Keys of people that speak at the edition.
    known: HashSet<String>,
    /// Words of titles beside names.
    words: HashSet<String>,
}

/// Whether a title may have a name beside it: only then are the other titles worth a look.
pub(super) fn may_name(title: &str) -> bool {
    PLACES.iter().any(|place| place.split(title).is_some())
}

/// The titles of an edition, from the texts of its talks.
pub(super) fn read(texts: &[&str]) -> Option<Crowd> {
    let talk = |text: &&str| -> Option<(String, Vec<Speaker>)> {
        let object = super::object(text).filter(super::is_talk)?;
        let title = prose::line(object.get("title")?.as_str()?);
        let speakers = object.get("speakers").map(|value| fields::read(value, &title)).unwrap_or_default();
        Some((title, speakers))
    };
    let talks: Vec<_> = texts.iter().filter_map(talk).collect();
    (!talks.is_empty()).then(|| Crowd::of(&talks))
}

impl Crowd {
    fn of(talks: &[(String, Vec<Speaker>)]) -> Crowd {
        let mut crowd = Crowd::default();
        crowd.known.extend(talks.iter().flat_map(|(_, speakers)| speakers).map(|speaker| key(&speaker.name)));
        for _ in 0..2 {
            let titles: Vec<&str> = talks.iter().map(|(title, _)| crowd.bare(title)).collect();
            crowd.learn_common(&titles);
        }
        let titles: Vec<(&str, &[Speaker])> =
            talks.iter().map(|(title, names)| (crowd.bare(title), &**names)).collect();
        // Where people seem to stand says what is beside them.
        let places = crowd.places_of_people(&titles);
        crowd.words = words_beside_names(&titles, &places);
        crowd.places = crowd.places_of_people(&titles);
        let here = titles.iter().filter(|(_, speakers)| speakers.is_empty());
        let named: Vec<String> = here
            .filter_map(|(title, _)| crowd.at_places(title))
            .flat_map(|told| told.people.into_iter().map(|person| key(&person.name)))
            .collect();
        crowd.known.extend(named);
        crowd
    }

    /// The people that a title of the edition names, and the part of it that does.
    pub(super) fn told<'a>(&self, title: &'a str) -> Option<Told<'a>> {
        let title = self.bare(title);
        let known = || {
            let is_known = |told: &Told| told.people.iter().all(|person| self.known.contains(&key(&person.name)));
            PLACES.iter().filter_map(|place| place.told(title)).find(is_known)
        };
        self.at_places(title).or_else(known)
    }

    fn at_places<'a>(&self, title: &'a str) -> Option<Told<'a>> {
        let told = self.places.iter().filter_map(|at| PLACES[*at].told(title));
        told.into_iter().find(|told| !self.is_subject(&told.people))
    }

    /// Whether names are words that other titles have, too: "Machine Learning".
    fn is_subject(&self, people: &[Speaker]) -> bool {
        people.iter().any(|person| name_words(&person.name).all(|word| self.words.contains(&word)))
    }

    /// A title without what many have at the edge.
    fn bare<'a>(&self, title: &'a str) -> &'a str {
        let mut title = title.trim();
        for _ in 0..EDGES_MAX {
            let rest = edges(title).into_iter().find(|(part, _)| self.common.contains(&common_key(part)));
            let Some((_, rest)) = rest else { break };
            title = rest;
        }
        title
    }

    fn learn_common(&mut self, titles: &[&str]) {
        let mut counts: HashMap<String, usize> = HashMap::new();
        // Of many people one firm is common; what stands behind the names of half of them is the edition.
        let mut places: HashMap<String, usize> = HashMap::new();
        for title in titles {
            let mut parts: HashSet<String> = edges(title).iter().map(|(part, _)| common_key(part)).collect();
            if let Some(place) = employer(title) {
                let place = common_key(&place);
                parts.remove(&place);
                *places.entry(place).or_default() += 1;
            }
            parts.into_iter().for_each(|part| *counts.entry(part).or_default() += 1);
        }
        let is_common = |n: usize| n >= COMMON_ANYWAY || (n >= COMMON_MIN && n * COMMON_SHARE >= titles.len());
        let of_most = places.into_iter().filter(|(_, n)| *n >= COMMON_MIN && n * 2 >= titles.len());
        self.common.extend(of_most.map(|(place, _)| place));
        self.common.extend(counts.into_iter().filter(|(_, n)| is_common(*n)).map(|(part, _)| part));
    }

    /// Of [`PLACES`], those of people, the one with most first.
    fn places_of_people(&self, titles: &[(&str, &[Speaker])]) -> Vec<usize> {
        let people = |(at, place)| Some((self.n_people(place, titles)?, at));
        let mut found: Vec<(usize, usize)> = PLACES.iter().enumerate().filter_map(people).collect();
        found.sort_by_key(|(n, at)| (std::cmp::Reverse(*n), *at));
        found.into_iter().map(|(_, at)| at).collect()
    }

    /// How many people stand at a place, where it is one of people: most titles that have its sign name some there, and a
    /// good part of the titles without speakers does; or those of whom the speakers are known say so.
    fn n_people(&self, place: &Place, titles: &[(&str, &[Speaker])]) -> Option<usize> {
        let (mut seen, mut n_split, mut n_named, mut n_told, mut n_right) = (HashSet::new(), 0, 0, 0, 0);
        for (title, speakers) in titles {
            let Some((part, _)) = place.split(title) else { continue };
            let people = names(part).filter(|people| !self.is_subject(people));
            if speakers.is_empty() {
                n_split += 1;
                n_named += usize::from(people.is_some());
                seen.extend(people.iter().flatten().map(|person| key(&person.name)));
            } else if let Some(people) = people {
                let is_right = |person: &Speaker| speakers.iter().any(|one| key(&one.name) == key(&person.name));
                n_told += 1;
                n_right += usize::from(people.iter().all(is_right));
            }
        }
        let n_open = titles.iter().filter(|(_, speakers)| speakers.is_empty()).count();
        let is_common = n_named * 4 >= n_open || n_named * 5 >= n_split * 4;
        let is_usual = seen.len() >= place.people_min && n_named * 2 > n_split && is_common;
        let is_told = n_right >= place.people_min && n_right * 10 >= n_told * 9;
        let is_refuted = n_told >= place.people_min && n_right * 2 < n_told;
        ((is_usual || is_told) && !is_refuted).then_some(n_named + n_right)
    }
}

impl Place {
    fn told<'a>(&self, title: &'a str) -> Option<Told<'a>> {
        let (part, rest) = self.split(title)?;
        let quoted = (self.sign == Sign::Quote).then(|| rest.trim());
        Some(Told { people: names(part)?, part: part.trim(), quoted })
    }

    /// The part that may name people, and the title.
    fn split<'a>(&self, title: &'a str) -> Option<(&'a str, &'a str)> {
        let signs = match self.sign {
            Sign::Dash => DASHES,
            Sign::Bar => BARS,
            Sign::Slash => SLASHES,
            Sign::Colon => COLONS,
            Sign::By => BY,
            Sign::Session => {
                let (rest, part) = title.split_once(": ").or_else(|| title.split_once(" - "))?;
                return words::title_type(rest).is_some().then_some((part, rest));
            }
            Sign::Bracket => {
                return BRACKETS.iter().find_map(|(open, close)| {
                    let (rest, part) = title.strip_suffix(*close)?.rsplit_once(*open)?;
                    Some((part, rest)).filter(|(part, rest)| is_told(part, rest))
                });
            }
            Sign::Quote => {
                return QUOTES.iter().find_map(|(open, close)| {
                    let (part, rest) = title.strip_suffix(*close)?.split_once(*open)?;
                    Some((part.trim().trim_end_matches([':', '-', ',']), rest))
                        .filter(|(part, rest)| is_told(part, rest))
                });
            }
        };
        let at =
            |sign: &&str| if self.is_head { title.find(*sign) } else { title.rfind(*sign) }.map(|at| (at, sign.len()));
        let found = signs.iter().filter_map(at);
        let (at, length) = if self.is_head { found.min_by_key(|(at, _)| *at) } else { found.max() }?;
        let (before, behind) = (&title[..at], &title[at + length..]);
        Some(if self.is_head { (before, behind) } else { (behind, before) }).filter(|(part, rest)| is_told(part, rest))
    }
}

fn is_told(part: &str, rest: &str) -> bool {
    !part.trim().is_empty() && rest.chars().filter(|c| c.is_alphanumeric()).count() > 3
}

/// The parts at the edges of a title, each with what is left of it.
fn edges(title: &str) -> Vec<(&str, &str)> {
    let mut out: Vec<(&str, &str)> = PLACES.iter().filter_map(|place| place.split(title)).collect();
    let signs = [DASHES, BARS, SLASHES, COLONS];
    out.extend(signs.iter().flat_map(|signs| signs.iter()).filter_map(|sign| title.split_once(sign)));
    out.extend(
        signs.iter().flat_map(|signs| signs.iter()).filter_map(|sign| title.rsplit_once(sign)).map(|(a, b)| (b, a)),
    );
    out.extend(BRACKETS.iter().filter_map(|(open, close)| title.strip_prefix(*open)?.split_once(*close)));
    // "FooConf 2016 Ann Example - Her Talk"
    let years = title.match_indices(' ').map(|(at, _)| title.split_at(at)).take(PREFIX_WORDS_MAX);
    out.extend(years.filter(|(head, _)| {
        let last = head.rsplit(' ').next().unwrap_or_default();
        last.len() == 4 && edition::year_in(last).is_some()
    }));
    let trimmed =
        out.into_iter().map(|(part, rest)| (part.trim(), rest.trim().trim_start_matches(['-', ':', '|', ' '])));
    trimmed.filter(|(part, rest)| !part.is_empty() && !rest.is_empty()).collect()
}

/// "Day 1" and "Day 2" are the same part.
fn common_key(part: &str) -> String {
    key(part).chars().filter(|c| !c.is_ascii_digit()).collect()
}

/// "Her Talk - Ann Example (Acme)": where the person at the end of a title works.
fn employer(title: &str) -> Option<String> {
    let (_, inner) = title.strip_suffix(')')?.rsplit_once('(')?;
    let is_session = name_words(inner).any(|word| NOT_IN_NAMES.contains(&word.as_str()));
    let mut tails = PLACES.iter().filter(|place| !place.is_head && place.sign != Sign::Bracket);
    let people = tails.find_map(|place| names(place.split(title)?.0)).filter(|_| !is_session)?;
    people.last()?.affiliation.clone().filter(|place| place == inner)
}

/// The words of titles beside the names at the first of some places and those of the speakers.
fn words_beside_names(titles: &[(&str, &[Speaker])], places: &[usize]) -> HashSet<String> {
    let mut out = HashSet::new();
    for (title, speakers) in titles {
        let mut splits = places.iter().filter_map(|at| PLACES[*at].split(title));
        let rest = splits.find(|(part, _)| names(part).is_some()).map_or(*title, |(_, rest)| rest);
        let own: HashSet<String> = speakers.iter().flat_map(|speaker| name_words(&speaker.name)).collect();
        out.extend(name_words(rest).filter(|word| !own.contains(word)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::schedule::people;

    fn told(titles: &[(&str, &str)]) -> Crowd {
        let speakers = |names: &str| if names.is_empty() { Vec::new() } else { people::read(names) };
        let talks: Vec<_> = titles.iter().map(|(title, names)| ((*title).to_owned(), speakers(names))).collect();
        Crowd::of(&talks)
    }

    fn shown(crowd: &Crowd, title: &str) -> String {
        let people = crowd.told(title).map(|told| told.people).unwrap_or_default();
        people.iter().map(|person| person.name.as_str()).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn names_stand_where_those_of_most_titles_do() {
        let heads = told(&[
            ("FooConf 2016 - Ann Example - Faster Machine Learning", ""),
            ("FooConf 2016 - Bob Example & Cid Example - Sounds", ""),
            ("FooConf 2016 - Dan Example (Acme) - Pictures - and how", ""),
            ("FooConf 2016 - Lightning Talks", ""),
            ("FooConf 2016 - A Word", ""),
        ]);
        for (title, expected) in [
            ("FooConf 2016 - Eve Example - A Word", "Eve Example"),
            ("FooConf 2016 - Bob Example & Cid Example - Sounds", "Bob Example; Cid Example"),
            ("FooConf 2016 - Dan Example (Acme) - Pictures - and how", "Dan Example"),
            ("FooConf 2016 - Machine Learning - An Introduction", ""),
            ("FooConf 2016 - Various - A Word", ""),
            ("FooConf 2016 - Opening Session - A Word", ""),
            ("FooConf 2016 - Lightning Talks", ""),
            ("FooConf 2016 - Acme Inc. - A Word", ""),
            // Whoever is known stands anywhere.
            ("A Word by Ann Example", "Ann Example"),
            ("A Word by Fay Example", ""),
        ] {
            assert_eq!(shown(&heads, title), expected, "{title}");
        }
    }

    #[test]
    fn one_firm_of_many_people_is_where_they_work() {
        let firms = ["Acme", "Acme", "Acme", "Acme", "Beta", "Gamma", "Delta", "Eta", "Zeta"];
        let names = ["Ann", "Bob", "Cid", "Dan", "Eve", "Fay", "Gil", "Hal", "Ida"];
        let titles = |mark: &str| -> Vec<(String, &str)> {
            let of = |(name, firm): (&&str, &&str)| {
                let firm = if mark.is_empty() { firm } else { mark };
                (format!("Queues of {name} - {name} Example ({firm})"), "")
            };
            names.iter().zip(&firms).map(of).collect()
        };
        let affiliation = |mark: &str| {
            let titles = titles(mark);
            let titles: Vec<(&str, &str)> = titles.iter().map(|(title, names)| (title.as_str(), *names)).collect();
            told(&titles).told(titles[0].0).map(|told| (told.people[0].affiliation.clone(), told.part.to_owned()))
        };
        assert_eq!(affiliation(""), Some((Some("Acme".to_owned()), "Ann Example (Acme)".to_owned())));
        assert_eq!(affiliation("FooConf"), Some((None, "Ann Example".to_owned())));
    }

    #[test]
    fn talks_with_speakers_say_where_names_stand() {
        let titles = [
            ("Sounds | Ann Example", "Ann Example"),
            ("Pictures | Bob Example", "Bob Example"),
            ("Words | Cid Example", "Cid Example"),
            ("Numbers | Dan Example", ""),
        ];
        assert_eq!(shown(&told(&titles), "Numbers | Dan Example"), "Dan Example");
        let others = titles.map(|(title, _)| (title, "Fay Example"));
        assert_eq!(shown(&told(&others), "Numbers | Dan Example"), "");
    }

    #[test]
    fn one_title_says_nothing() {
        assert_eq!(shown(&told(&[("Ann Example: A Talk", "")]), "Ann Example: A Talk"), "");
        assert_eq!(shown(&Crowd::default(), "A Talk by Ann Example"), "");
        assert!(may_name("A Talk by Ann Example") && !may_name("A Talk"));
    }
}
