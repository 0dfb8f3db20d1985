//! Lines of authors: "A. One (Acme), B. Two and C. Three (Beta University); D. Four, Gamma Inc."

use crate::{
    formats::{
        schedule::{self, Person},
        usenix::{
            people::{self, Known},
            words,
        },
    },
    record::Role,
    text::one_line,
};

/// Authors of one paper.
const PEOPLE_MAX: usize = 500;
/// A longer line is prose.
const WORDS_MAX: usize = 400;
/// What stands in brackets behind titles, in small letters.
const NO_PLACES: &[&str] = &[
    "abstract", "paper", "short", "full", "demo", "poster", "award", "invited", "talk", "keynote", "remote", "virtual",
    "online", "minutes", "min", "extended", "best", "position", "panel", "tutorial", "part", "vision", "industry",
];
/// What a name may have at its end and is no part of it.
const MARKS: &[char] = &['*', '†', '‡', '§', '¶', '∗', '#', '^', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];

/// The people of a line; those before an affiliation share it.
pub(super) fn read(line: &str, role: Role) -> Vec<Person> {
    let line = one_line(line);
    let mut out: Vec<Person> = Vec::new();
    if line.contains('(') || line.contains('[') {
        let mut n_without = 0;
        for piece in pieces(&line) {
            let (name, affiliation) = bracket(&piece);
            let name = bare(&name);
            if name.is_empty() {
                continue;
            }
            out.push(Person { name, affiliation: affiliation.clone(), role, ..Person::default() });
            n_without += 1;
            if affiliation.is_some() {
                let last = out.len();
                out[last - n_without..].iter_mut().for_each(|person| person.affiliation.clone_from(&affiliation));
                n_without = 0;
            }
        }
    } else if line.contains(';') || schedule::people::read(&line).iter().any(|person| person.affiliation.is_some()) {
        let found = people::parse(&line, &Known::default());
        out.extend(found.into_iter().map(|person| Person {
            name: bare(&person.name),
            affiliation: person.affiliation,
            role,
            ..Person::default()
        }));
    } else {
        let names = pieces(&line).into_iter().map(|name| bare(&name)).filter(|name| !name.is_empty());
        out.extend(names.map(|name| Person { name, role, ..Person::default() }));
    }
    out.retain(|person| !schedule::people::is_nobody(&person.name));
    out.truncate(PEOPLE_MAX);
    out
}

fn is_mark(c: char) -> bool {
    MARKS.contains(&c) || c.is_ascii_digit()
}

/// Whether a line is names with footnotes, which the one below it tells.
pub(super) fn are_marked(line: &str, below: &str) -> bool {
    let pieces = pieces(line);
    let is_name = |piece: &String| people::is_name(&bare(piece)) || is_initialled(&bare(piece));
    below.trim().starts_with(is_mark)
        && pieces.iter().all(is_name)
        && pieces.iter().any(|piece| piece.ends_with(is_mark))
}

/// "Ann One¹, Bob Two²" over "¹ Acme, ² Beta": gives those without an affiliation theirs, and whether the line below tells any.
pub(super) fn take_marked(people: &mut [Person], names: &str, below: &str) -> bool {
    let below = one_line(below);
    if !below.starts_with(is_mark) {
        return false;
    }
    // A mark begins a place where a word could.
    let starts: Vec<usize> = below
        .char_indices()
        .filter(|(at, c)| is_mark(*c) && below[..*at].chars().next_back().is_none_or(|before| before == ' '))
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([below.len()]);
    let places: Vec<(&str, &str)> = starts.iter().zip(ends).map(|(from, to)| marked(&below[*from..to])).collect();
    let mut any = false;
    for piece in pieces(names) {
        let mark = &piece[piece.trim_end_matches(|c: char| is_mark(c) || c == ',').len()..];
        let person = people.iter_mut().find(|person| person.name == bare(&piece) && !mark.is_empty());
        // Of two places the first.
        let place = places.iter().find(|(known, place)| !place.is_empty() && mark.starts_with(known));
        if let (Some(person), Some((_, place))) = (person, place) {
            person.affiliation = person.affiliation.take().or_else(|| Some((*place).to_owned()));
            any = true;
        }
    }
    any
}

/// "¹ Acme, " as its mark and the place.
fn marked(text: &str) -> (&str, &str) {
    let place = text.trim_start_matches(is_mark);
    (&text[..text.len() - place.len()], place.trim().trim_end_matches([',', ';']).trim())
}

/// Whether a line is nothing but people. Names alone may be anything; `names_suffice` where people are expected.
pub(super) fn are_people(line: &str, names_suffice: bool) -> bool {
    if line.split_whitespace().count() > WORDS_MAX || line.ends_with(['.', '?', '!']) && !line.ends_with("al.") {
        return false;
    }
    let pieces = pieces(line);
    let are_names =
        |names: &[String]| names.iter().all(|name| people::is_name(&bare(name)) || is_initialled(&bare(name)));
    let names: Vec<String> = pieces.iter().map(|piece| bracket(piece).0).collect();
    let n_affiliated = pieces.iter().filter(|piece| bracket(piece).1.is_some()).count();
    if n_affiliated > 0 {
        return are_names(&names);
    }
    if line.contains(';') {
        // "A. One, Acme; B. Two, Beta"
        let firsts: Vec<String> = line.split(';').filter_map(|part| part.split(',').next()).map(one_line).collect();
        return are_names(&firsts) && firsts.len() > 1;
    }
    // "Ann One and Bob Two, Example University"
    let have_place =
        names.split_last().is_some_and(|(place, names)| words::has_organisation_word(place) && are_names(names));
    names_suffice && (are_names(&names) || is_one_with_affiliation(line)) || (names.len() > 2 && have_place)
}

/// "Ann Example, Acme Inc."
fn is_one_with_affiliation(line: &str) -> bool {
    line.split_once(", ")
        .is_some_and(|(name, place)| people::is_name(name) && !place.contains(", ") && place.split(' ').count() <= 6)
}

/// "A. One"
fn is_initialled(name: &str) -> bool {
    let mut words = name.split(' ');
    let first = words.next().unwrap_or_default();
    let is_initial = first.ends_with('.') && first.starts_with(char::is_uppercase) && first.chars().count() <= 4;
    is_initial && words.next().is_some_and(|word| word.starts_with(char::is_uppercase))
}

/// Parts between commas, semicolons and "and" that stand outside brackets.
fn pieces(line: &str) -> Vec<String> {
    let line = one_line(line);
    let (mut out, mut depth, mut start) = (Vec::new(), 0_usize, 0);
    let mut at = 0;
    while at < line.len() {
        let rest = &line[at..];
        let length = rest.chars().next().map_or(1, char::len_utf8);
        match rest.as_bytes()[0] {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let sign =
            [", and ", "; and ", " and ", " & ", ", ", "; ", ",", ";"].iter().find(|sign| rest.starts_with(**sign));
        match sign.filter(|_| depth == 0) {
            Some(sign) => {
                out.push(line[start..at].trim().to_owned());
                at += sign.len();
                start = at;
            }
            None => at += length,
        }
    }
    out.push(line[start..].trim().to_owned());
    out.retain(|piece| !piece.is_empty());
    out
}

/// "A. One (Acme)" → the name and what is in brackets at its end.
fn bracket(piece: &str) -> (String, Option<String>) {
    let inner = |open: char, close: char| {
        let rest = piece.strip_suffix(close)?;
        let at = rest.find(open)?;
        let place = one_line(&rest[at + 1..]);
        let lower = place.to_lowercase();
        let is_place = !lower.split(|c: char| !c.is_alphanumeric()).any(|word| NO_PLACES.contains(&word));
        Some((rest[..at].trim().to_owned(), Some(place).filter(|place| !place.is_empty() && is_place)))
    };
    inner('(', ')').or_else(|| inner('[', ']')).unwrap_or_else(|| (piece.trim().to_owned(), None))
}

/// A name without footnotes.
fn bare(name: &str) -> String {
    let name = name.trim().trim_end_matches(is_mark).trim();
    name.strip_prefix("and ").unwrap_or(name).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_are_read_as_programs_print_them() {
        for (line, expected) in [
            ("Ann One (Acme), Bob Two (Beta University)", "Ann One [Acme]; Bob Two [Beta University]"),
            ("Ann One, Bob Two (Acme), Cid Three (Beta)", "Ann One [Acme]; Bob Two [Acme]; Cid Three [Beta]"),
            (
                "Ann One and Bob Two (Acme, Inc. and Beta)",
                "Ann One [Acme, Inc. and Beta]; Bob Two [Acme, Inc. and Beta]",
            ),
            ("Ann One (Acme (Europe)), Bob Two*", "Ann One [Acme (Europe)]; Bob Two"),
            ("Ann One [Acme]; Bob Two [Beta]", "Ann One [Acme]; Bob Two [Beta]"),
            (
                "Ann One, Acme Institute; Bob Two, Beta University",
                "Ann One [Acme Institute]; Bob Two [Beta University]",
            ),
            ("Ann One, Bob Two, and Cid Three", "Ann One; Bob Two; Cid Three"),
            ("A. One, B. C. Two", "A. One; B. C. Two"),
            ("Ann One1, Bob Two2", "Ann One; Bob Two"),
            ("TBA", ""),
        ] {
            let shown = |person: Person| match person.affiliation {
                Some(place) => format!("{} [{place}]", person.name),
                None => person.name,
            };
            let found: Vec<String> = read(line, Role::Author).into_iter().map(shown).collect();
            assert_eq!(found.join("; "), expected, "{line}");
        }
    }

    #[test]
    fn marks_lead_to_places() {
        for (names, below, expected) in [
            (
                "Ann One¹, Bob Two², Cid Three¹",
                "¹Acme University, ²Beta Labs",
                "Acme University; Beta Labs; Acme University",
            ),
            ("Ann One1 and Bob Two2", "1 Acme, Inc., 2 Beta", "Acme, Inc.; Beta"),
            ("Ann One*, Bob Two", "* Acme", "Acme; -"),
            ("Ann One, Bob Two", "1 Acme", "-; -"),
            ("Ann One¹, Bob Two²", "Acme and Beta", "-; -"),
        ] {
            let mut people = read(names, Role::Author);
            take_marked(&mut people, names, below);
            let found: Vec<&str> = people.iter().map(|person| person.affiliation.as_deref().unwrap_or("-")).collect();
            assert_eq!(found.join("; "), expected, "{names}");
        }
    }

    #[test]
    fn a_line_of_people_is_told_from_a_title() {
        for (line, names_suffice, expected) in [
            ("Ann One (Acme), Bob Two (Beta)", false, true),
            ("Ann One, Acme; Bob Two, Beta", false, true),
            ("Ann One, Bob Two", false, false),
            ("Ann One, Bob Two", true, true),
            ("A. One and B. Two", true, true),
            ("Ann One and Bob Two, Acme Labs", false, true),
            ("Ann One, Acme Labs", false, false),
            ("Fast Queues (Extended Abstract)", false, false),
            ("Machines that learn (and forget)", true, false),
            ("We met Ann One (Acme).", true, false),
        ] {
            assert_eq!(are_people(line, names_suffice), expected, "{line}");
        }
    }
}
