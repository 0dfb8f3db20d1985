//! What only a whole source tells of its people: which of them are several or a group, and whether what stands in brackets
//! behind a name is where somebody works or a nickname.

use std::collections::{HashMap, HashSet};

use serde_json::json;

use super::{
    Entry, Person,
    organisations::{is_group, is_surely_company},
    people,
};
use crate::{
    record::Speaker,
    text::{analyzer::folded, floor},
};

/// A source that tells affiliations in brackets does so for every fourth of those at least of whom it tells none elsewhere; in
/// others brackets are of nicknames.
const TOLD_MIN: usize = 4;
/// What stands in brackets behind a name is not longer.
const BRACKET_BYTES_MAX: usize = 120;
const UNIT_WORDS_MAX: usize = 6;
/// What is told of all people of a field, for each of them.
const BIOS_BYTES_MAX: usize = 1 << 20;
/// Where groups that are no people are kept.
pub(in crate::formats) const GROUPS_KEY: &str = "groups";

/// Somebody whom no session holds, and where they stand in the source.
type Beside = (Person, (usize, usize));

/// Mends the people of a source's sessions, and those `beside` them; `conferences` are its own names, folded.
pub(super) fn settle(entries: &mut [Entry], beside: &mut Vec<Beside>, source: &str, conferences: &[String]) {
    let mut told: HashSet<String> = HashSet::new();
    for entry in entries.iter_mut() {
        let people = std::mem::take(&mut entry.people).into_iter().flat_map(apart);
        let (groups, people): (Vec<Person>, Vec<Person>) =
            people.partition(|person| is_group(&person.name, conferences));
        if !groups.is_empty() {
            let names: Vec<&str> = groups.iter().map(|group| group.name.as_str()).collect();
            entry.extra.insert(GROUPS_KEY.to_owned(), json!(names));
            // What is told of a group is kept, once.
            let with_bio = groups.into_iter().filter(|group| group.bio.as_ref().is_some_and(|bio| !bio.is_empty()));
            let new = with_bio.filter(|group| told.insert(folded(&group.name)));
            beside.extend(new.map(|group| (group.clone(), group.span.unwrap_or(entry.span))));
        }
        entry.people = people;
        let mut seen = HashSet::new();
        entry.people.retain(|person| seen.insert(folded(&person.name)));
    }
    let beside = beside.iter_mut().map(|(person, _)| person);
    let mut people: Vec<&mut Person> = entries.iter_mut().flat_map(|entry| &mut entry.people).chain(beside).collect();
    brackets(&mut people, source);
    units(&mut people);
}

/// Several people in one field of a name. What is told of them all is told of each, but for a text that is as long as a book
/// then: that is the first one's.
fn apart(person: Person) -> Vec<Person> {
    if !people::is_joined(&person.name) {
        return vec![person];
    }
    let found = people::read(&person.name);
    let is_long = person.bio.as_ref().is_some_and(|bio| bio.len() * found.len() > BIOS_BYTES_MAX);
    let each = |(nth, speaker): (usize, Speaker)| Person {
        name: speaker.name,
        affiliation: speaker.affiliation.or_else(|| person.affiliation.clone()),
        bio: if nth > 0 && is_long { None } else { person.bio.clone() },
        role: person.role,
        span: person.span,
    };
    found.into_iter().enumerate().map(each).collect()
}

/// Takes nicknames in brackets from the affiliations.
fn brackets(people: &mut [&mut Person], source: &str) {
    let in_doubt = |person: &Person| person.affiliation.as_ref().is_some_and(|place| !is_surely_company(place));
    if !people.iter().any(|person| in_doubt(person)) {
        return;
    }
    let in_brackets = bracketed(source);
    let may_be_nickname = |person: &Person| {
        let last = person.name.rsplit(' ').next().map(folded).unwrap_or_default();
        in_doubt(person) && in_brackets.contains(&(last, person.affiliation.as_deref().unwrap_or_default()))
    };
    let mut all: HashMap<String, bool> = HashMap::new();
    for person in people.iter().filter(|person| person.affiliation.is_none() || may_be_nickname(person)) {
        *all.entry(folded(&person.name)).or_default() |= person.affiliation.is_some();
    }
    if all.values().filter(|told| **told).count() * TOLD_MIN >= all.len() {
        return;
    }
    for person in people.iter_mut().filter(|person| may_be_nickname(person)) {
        person.affiliation = None;
    }
}

/// What a text has in brackets, with the word before it.
fn bracketed(source: &str) -> HashSet<(String, &str)> {
    let open = |(at, _): (usize, &str)| {
        let from = floor(source, at.saturating_sub(BRACKET_BYTES_MAX));
        let to = floor(source, at + BRACKET_BYTES_MAX);
        let (before, inner) = (source[from..at].trim_end(), source.get(at + 1..to)?);
        let inner = &inner[..inner.find([')', ']'])?];
        let word = before.rsplit(|c: char| c.is_whitespace() || "\"'>,;".contains(c)).next().unwrap_or_default();
        Some((folded(word), inner.trim()))
    };
    source.match_indices(['(', '[']).filter_map(open).collect()
}

/// "Widgets, Acme": where "Acme" is told of others alone, "Widgets" is a part of it, and nobody's employer.
fn units(people: &mut [&mut Person]) {
    let places = || people.iter().filter_map(|person| person.affiliation.as_deref());
    let alone: HashSet<String> = places().filter(|place| !place.contains(',')).map(folded).collect();
    let mut parts: HashMap<String, Option<String>> = HashMap::new();
    let mut units: HashSet<String> = HashSet::new();
    for place in places() {
        let Some((unit, whole)) = place.split_once(", ") else { continue };
        let (unit, whole) = (unit.trim(), whole.trim());
        if alone.contains(&folded(whole)) && !is_surely_company(unit) {
            units.insert(folded(unit));
            parts.insert(place.to_owned(), Some(whole.to_owned()));
        }
    }
    let is_unit = |place: &str| {
        let small = folded(place);
        let ends = small.match_indices(' ').map(|(at, _)| at).take(UNIT_WORDS_MAX).chain([small.len()]);
        ends.into_iter().any(|end| units.contains(&small[..end]))
    };
    let lone: Vec<String> =
        places().filter(|place| !place.contains(',') && is_unit(place)).map(str::to_owned).collect();
    parts.extend(lone.into_iter().map(|place| (place, None)));
    for person in people.iter_mut() {
        if let Some(mended) = person.affiliation.as_ref().and_then(|place| parts.get(place)) {
            person.affiliation.clone_from(mended);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(people: &[(&str, Option<&str>)]) -> Entry {
        let person = |(name, place): &(&str, Option<&str>)| Person {
            name: (*name).to_owned(),
            affiliation: place.map(str::to_owned),
            ..Person::default()
        };
        Entry { people: people.iter().map(person).collect(), ..Entry::default() }
    }

    fn settled(people: &[(&str, Option<&str>)], source: &str) -> String {
        let mut entries = [entry(people)];
        settle(&mut entries, &mut Vec::new(), source, &["fooconf".to_owned()]);
        let shown = |person: &Person| {
            person.affiliation.as_ref().map_or(person.name.clone(), |place| format!("{} [{place}]", person.name))
        };
        entries[0].people.iter().map(shown).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn brackets_are_affiliations_where_most_people_have_one() {
        let few = [("Ann Example", Some("Sparrow")), ("B", None), ("C", None), ("D", None), ("E", None)];
        assert_eq!(settled(&few, "<p>Ann Example (Sparrow)</p>"), "Ann Example; B; C; D; E");
        assert_eq!(settled(&few[..3], "<p>Ann Example (Sparrow)</p>"), "Ann Example [Sparrow]; B; C");
        assert_eq!(settled(&few, "company: Sparrow (a bird)"), "Ann Example [Sparrow]; B; C; D; E");
        let sure = [("Ann Example", Some("Sparrow Labs")), ("B", None), ("C", None), ("D", None), ("E", None)];
        assert_eq!(settled(&sure, "Ann Example (Sparrow Labs)"), "Ann Example [Sparrow Labs]; B; C; D; E");
    }

    #[test]
    fn a_part_of_an_organisation_is_no_employer() {
        let people = [
            ("A", Some("Acme")),
            ("B", Some("Widgets, Acme")),
            ("C", Some("Widgets")),
            ("D", Some("Widgets Next")),
            ("E", Some("Acme, Berlin")),
            ("F", Some("Widgetry")),
        ];
        assert_eq!(settled(&people, ""), "A [Acme]; B [Acme]; C; D; E [Acme, Berlin]; F [Widgetry]");
    }

    #[test]
    fn names_of_several_are_taken_apart_and_groups_are_no_people() {
        for (name, expected) in [
            ("Ann Example, Bob Example", "Ann Example; Bob Example"),
            ("Ann & Bob Example", "Ann; Bob Example"),
            ("Example, Ann", "Example, Ann"),
            ("Sample Example, Ann", "Sample Example, Ann"),
            ("FooConf Staff", ""),
            ("FooConf", ""),
            ("FooConf 2019", ""),
            ("XYZ Team", ""),
            ("The sample crew", ""),
            ("Ann Crew", "Ann Crew"),
            ("Ann Example and friends", "Ann Example"),
        ] {
            assert_eq!(settled(&[(name, None)], ""), expected, "{name}");
        }
        let mut entries = [entry(&[("XYZ Team", None), ("Ann Example", None)])];
        entries[0].people[0].bio = Some("We are many.".to_owned());
        let mut beside = Vec::new();
        settle(&mut entries, &mut beside, "", &[]);
        assert_eq!(entries[0].extra[GROUPS_KEY], json!(["XYZ Team"]));
        assert_eq!(beside[0].0.bio.as_deref(), Some("We are many."));
    }
}
