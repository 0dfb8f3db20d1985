//! Lines of people: "A. One and B. Two, University of X; C. Three, Y Inc.". Commas separate names, affiliations and parts of
//! affiliations alike, so what is known from elsewhere on the page decides: above all the name lines of the bios below.

use std::collections::HashSet;

use super::words;
use crate::{
    record::{Role, Speaker},
    text::floor,
};

/// Words in a person's name.
const NAME_WORDS_MAX: usize = 7;
/// "Prof."
const ABBREVIATION_CHARS_MAX: usize = 5;
/// Names before one shared affiliation.
const SHARED_NAMES_MAX: usize = 200;
/// What a name may have at its end and is no part of it.
const FOOTNOTE_MARKS: [char; 6] = ['*', '†', '‡', '§', '¶', '∗'];
/// What may stand between a name and its affiliation, beside a comma.
const DASHES: [&str; 3] = [" — ", " – ", " - "];
/// A longer line without semicolons is prose.
const PEOPLE_WORDS_MAX: usize = 60;
/// A longer line is prose with them, too: a thousand people with their affiliations have 60 KB.
const LINE_BYTES_MAX: usize = 100_000;
/// Of an affiliation that has "and" more often than that, nobody's name is looked for behind each.
const ANDS_MAX: usize = 50;

/// Names that the page shows to be names, and affiliations likewise; folded by [`fold`].
#[derive(Default)]
pub(in crate::formats) struct Known {
    pub names: HashSet<String>,
    pub affiliations: HashSet<String>,
}

/// For comparing names: one case, one kind of quotes and spaces.
pub(in crate::formats) fn fold(text: &str) -> String {
    let plain = |c: char| match c {
        '’' | '‘' | '`' | '´' => '\'',
        '“' | '”' => '"',
        '‐' | '‑' => '-',
        c => c,
    };
    let text: String = text.chars().map(plain).flat_map(char::to_lowercase).collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ").trim_end_matches(',').to_owned()
}

/// Whether a text can be one person's name, of two words or more, wherever it stands.
pub(in crate::formats) fn is_name(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    // "Person A" is one, "A Person" is not.
    let [names @ .., last] = words.as_slice() else { return false };
    let is_initial = last.chars().count() == 1;
    has_name_shape(text)
        && !names.iter().any(|word| words::is_in_no_name(word))
        && (is_initial || !words::is_in_no_name(last))
}

/// The same where a name is expected: "An One" and "Will Two" are people too.
fn has_name_shape(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let n_capital =
        words.iter().filter(|word| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit())).count();
    (2..=NAME_WORDS_MAX).contains(&words.len())
        && n_capital >= 2
        && words[0].starts_with(|c: char| c.is_alphabetic())
        && words[0] != "The"
        && words.iter().all(|word| is_name_word(word))
        && !words.last().is_some_and(|last| words::is_particle(last))
        && !words::has_organisation_word(text)
}

/// "One", "O'Two", "T.", "von", "“Six”", "(she/her)"; a number too, as of anonymous authors.
fn is_name_word(word: &str) -> bool {
    let word = word.trim_end_matches(FOOTNOTE_MARKS);
    let bare = word.trim_matches(|c: char| "\"'“”‘’()".contains(c));
    let end = bare.strip_suffix('.').unwrap_or(bare);
    if word.starts_with(['"', '“', '(', '‘']) {
        return !end.is_empty();
    }
    let is_number = !bare.is_empty() && bare.len() <= 3 && bare.bytes().all(|b| b.is_ascii_digit());
    let is_short = !bare.ends_with('.') || bare.chars().count() <= ABBREVIATION_CHARS_MAX;
    let is_word = end.chars().all(|c| c.is_alphanumeric() || "-'’‐‑.".contains(c));
    let opens = end.starts_with(char::is_uppercase) || words::is_particle(&bare.to_lowercase());
    is_number || (is_short && is_word && opens)
}

/// How sure a line is one of people, by its shape alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Likeness {
    None,
    /// Names alone: a title or a room may look so too.
    Names,
    /// Names and affiliations.
    People,
    /// "Panelists: …"
    Labelled,
}

pub(super) fn likeness(line: &str) -> Likeness {
    if line.len() > LINE_BYTES_MAX {
        return Likeness::None;
    }
    if words::role(line).is_some_and(|(_, rest)| !rest.is_empty()) {
        return Likeness::Labelled;
    }
    let n_words = line.split_whitespace().count();
    let sentence = line.ends_with(['?', '!', ':'])
        || (line.ends_with('.') && !line.rsplit([' ', ',']).next().is_some_and(is_abbreviation));
    if sentence || line.contains(':') || (n_words > PEOPLE_WORDS_MAX && !line.contains(';')) {
        return Likeness::None;
    }
    // Pauses of two words joined by "and" look like two people.
    if words::is_pause_only(line) {
        return Likeness::None;
    }
    let plain = with_commas(&line.split(';').next().unwrap_or_default().replace(" AND ", " and "));
    let segment = plain.split(';').next().unwrap_or_default();
    let first = split_commas(segment).into_iter().next().unwrap_or_default();
    let names = split_and(&first);
    if !names.iter().all(|name| is_name(name)) {
        return Likeness::None;
    }
    if line.contains([',', ';']) || names.len() > 1 { Likeness::People } else { Likeness::Names }
}

/// "Inc.", "Jr.", "S.A.", "P."
fn is_abbreviation(word: &str) -> bool {
    words::is_company_suffix(word) || words::is_name_suffix(word) || word.trim_end_matches('.').chars().count() <= 1
}

/// The people of a line, in its order.
pub(in crate::formats) fn parse(line: &str, known: &Known) -> Vec<Speaker> {
    let mut people = Vec::new();
    if line.len() > LINE_BYTES_MAX {
        return people;
    }
    let mut role = Role::Speaker;
    let grouped = line.contains(';');
    let line = line.replace(" AND ", " and ");
    for segment in line.split(';') {
        let mut segment = segment.trim();
        if let Some((found, rest)) = words::role(segment) {
            (role, segment) = (found, rest);
        }
        for piece in with_commas(segment).split(';') {
            let mut parts = split_commas(strip_and(piece.trim()));
            // "Ann One, @annone, Acme"
            parts.retain(|part| !part.is_empty() && !part.starts_with('@'));
            // "A. One, Society of Examples; University of X": a semicolon inside an affiliation.
            if parts.first().is_some_and(|first| words::opens_with_organisation(first))
                && let Some(place) = people.last_mut().and_then(|last: &mut Speaker| last.affiliation.as_mut())
            {
                place.push_str("; ");
                place.push_str(&parts.join(", "));
                continue;
            }
            people.extend(Segment { parts, known, grouped }.people(role));
        }
    }
    people
}

/// The parts of a text between semicolons.
struct Segment<'a> {
    parts: Vec<String>,
    known: &'a Known,
    grouped: bool,
}

impl Segment<'_> {
    fn people(mut self, role: Role) -> Vec<Speaker> {
        let mut people = Vec::new();
        let mut at = 0;
        while at < self.parts.len() {
            let (mut names, next) = self.take_names(at);
            let mut affiliation: Vec<String> = Vec::new();
            at = next;
            while at < self.parts.len() {
                let part = self.parts[at].clone();
                if affiliation.is_empty() && words::is_name_suffix(&part) {
                    if let Some(name) = names.last_mut() {
                        name.extend([", ", &part]);
                    }
                    at += 1;
                    continue;
                }
                let follows = at + 1 < self.parts.len();
                if let Some((left, right)) = self.new_person(&part, follows, affiliation.is_empty()) {
                    if !left.is_empty() {
                        affiliation.push(left);
                    }
                    self.parts[at] = right;
                    break;
                }
                affiliation.push(part);
                at += 1;
            }
            let affiliation = (!affiliation.is_empty()).then(|| affiliation.join(", "));
            people.extend(names.into_iter().map(|name| person(&name, affiliation.clone(), role)));
        }
        people
    }

    /// The names from `at` on that share an affiliation, and where it begins.
    fn take_names(&self, at: usize) -> (Vec<String>, usize) {
        let first = split_and(&self.parts[at]);
        if first.len() > 1 {
            return (first, at + 1);
        }
        for end in at + 1..self.parts.len().min(at + SHARED_NAMES_MAX) {
            let part = &self.parts[end];
            let last = strip_and(part);
            let joined = if last.len() < part.len() { vec![last.to_owned()] } else { split_and(part) };
            let closes = last.len() < part.len() || joined.len() > 1;
            if closes {
                if joined.iter().all(|name| self.may_be_name(name)) && !self.is_shared_affiliation(at, end) {
                    let mut names = self.parts[at..end].to_vec();
                    names.extend(joined);
                    return (names, end + 1);
                }
                break;
            }
            if words::is_name_suffix(part) {
                break;
            }
            if !self.may_be_name(part) {
                break;
            }
        }
        (first, at + 1)
    }

    /// "One, Acme North, and Two, Acme South": the part between is an affiliation, as the one after shows.
    fn is_shared_affiliation(&self, at: usize, end: usize) -> bool {
        let word = |index: usize| self.parts.get(index).and_then(|part| part.split(' ').next());
        let known_names = |index: usize| self.parts.get(index).is_some_and(|part| self.is_known(strip_and(part)));
        end == at + 2
            && (word(at + 1) == word(end + 1) || (known_names(at) && known_names(end) && !known_names(at + 1)))
    }

    fn is_known(&self, name: &str) -> bool {
        self.known.names.contains(&fold(name))
    }

    fn may_be_name(&self, text: &str) -> bool {
        let is_affiliation = words::has_affiliation_word(text) || self.known.affiliations.contains(&fold(text));
        self.is_known(text) || (has_name_shape(text) && !is_affiliation)
    }

    /// Whether a new person begins in a part: what stands before the person, and the person.
    fn new_person(&self, part: &str, follows: bool, first: bool) -> Option<(String, String)> {
        let name = strip_and(part);
        if name.len() < part.len() {
            let all_known = split_and(name).iter().all(|name| self.is_known(name));
            let named = split_and(name).iter().all(|name| self.may_be_name(name));
            let begins = !first && (all_known || (named && follows) || (named && !self.grouped));
            return begins.then(|| (String::new(), name.to_owned()));
        }
        if !first && follows && self.is_known(part) {
            return Some((String::new(), part.to_owned()));
        }
        for (at, mark) in part.match_indices(" and ").take(ANDS_MAX) {
            let (left, right) = (part[..at].trim(), part[at + mark.len()..].trim());
            let one_name = split_and(right).first().cloned().unwrap_or_default();
            let sure = self.is_known(&one_name);
            let plain_left = !left.contains(' ')
                || words::has_affiliation_word(left)
                || self.known.affiliations.contains(&fold(left))
                || !is_name(left);
            let likely = follows && !self.grouped && plain_left && self.may_be_name(&one_name);
            if sure || likely {
                return Some((left.to_owned(), right.to_owned()));
            }
        }
        None
    }
}

fn person(name: &str, affiliation: Option<String>, role: Role) -> Speaker {
    let (name, role) = match name.rsplit_once(" (") {
        Some((before, mark)) if mark.to_lowercase().starts_with("moderator") => (before, Role::Moderator),
        Some((before, mark)) if mark.to_lowercase().starts_with("panelist") => (before, Role::Panelist),
        _ => (name, role),
    };
    let name = name.trim_end_matches(FOOTNOTE_MARKS);
    let moderator = [" (moderator)", " (Moderator)"];
    match affiliation {
        Some(place) if moderator.iter().any(|mark| place.ends_with(mark)) => {
            let place = place[..place.len() - moderator[0].len()].to_owned();
            Speaker { name: name.trim().to_owned(), affiliation: Some(place), role: Role::Moderator }
        }
        affiliation => Speaker { name: name.trim().to_owned(), affiliation, role },
    }
}

/// Names and affiliations apart by commas, however they were printed: "A. One — Acme", "A. One (Acme) and B. Two (Beta)";
/// without pronouns.
fn with_commas(line: &str) -> String {
    let line = without_pronouns(line);
    if let Some((names, place)) = DASHES.iter().find_map(|mark| line.split_once(mark))
        // Behind a comma the dash is the affiliation's own.
        && split_and(names).iter().all(|name| is_name(name))
    {
        return format!("{}, {}", names.trim(), place.trim());
    }
    let pieces: Vec<String> = split_commas(&line).iter().flat_map(|part| split_and(strip_and(part))).collect();
    let in_brackets = |piece: &String| {
        let (name, place) = piece.strip_suffix(')')?.split_once(" (")?;
        let is_role = ["moderator", "panelist"].contains(&place.to_lowercase().as_str());
        (is_name(name) && !place.contains(['(', ')']) && !is_role).then(|| format!("{name}, {place}"))
    };
    let people: Option<Vec<String>> = pieces.iter().map(in_brackets).collect();
    people.filter(|people| !people.is_empty()).map_or(line, |people| people.join("; "))
}

/// "Ann One (she/her), Acme" → "Ann One, Acme"; only at a name's end, so that what is left stands in the source.
fn without_pronouns(line: &str) -> String {
    let is_pronouns = |text: &str| {
        text.contains('/')
            && text.split('/').all(|word| word.len() <= 6 && word.trim().chars().all(char::is_alphabetic))
    };
    let mut out = String::new();
    let (mut kept, mut from) = (0, 0);
    while let Some(open) = line[from..].find(" (").map(|at| at + from) {
        let Some(close) = line[open..].find(')').map(|at| at + open) else { break };
        let after = &line[close + 1..];
        let ends = after.is_empty() || after.starts_with([',', ';']) || after.starts_with(" and ");
        if ends && is_pronouns(&line[open + 2..close]) {
            out.push_str(&line[kept..open]);
            kept = close + 1;
        }
        from = close;
    }
    out + &line[kept..]
}

fn strip_and(text: &str) -> &str {
    ["and ", "& "].iter().find_map(|word| text.strip_prefix(word)).unwrap_or(text).trim()
}

/// "A. One and B. Two" → both; anything else → itself.
fn split_and(text: &str) -> Vec<String> {
    let parts: Vec<&str> = text.split(" and ").flat_map(|part| part.split(" & ")).map(str::trim).collect();
    parts.into_iter().filter(|part| !part.is_empty()).map(ToOwned::to_owned).collect()
}

/// Splits at commas outside brackets, and before company suffixes not at all: "Acme, Inc." is one part.
fn split_commas(text: &str) -> Vec<String> {
    let (mut parts, mut depth, mut start) = (Vec::<String>::new(), 0_u32, 0);
    let push = |part: &str, parts: &mut Vec<String>| {
        let part = part.trim();
        // "Inc. and B. Two" goes with the company before it too.
        let head = part.split(" and ").next().unwrap_or(part);
        match parts.last_mut() {
            Some(last) if words::is_company_suffix(head) => last.extend([", ", part]),
            _ => parts.push(part.to_owned()),
        }
    };
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                push(&text[start..at], &mut parts);
                start = at + 1;
            }
            _ => {}
        }
    }
    push(&text[start..], &mut parts);
    parts
}

/// A bio's name line: the name, and the affiliation if it has one.
pub(in crate::formats) fn name_line(line: &str) -> (String, Option<String>) {
    let line = with_commas(&without_leftover(&line[..floor(line, LINE_BYTES_MAX)]));
    let mut parts = split_commas(&line).into_iter();
    let mut name = parts.next().unwrap_or_default();
    let mut rest: Vec<String> = parts.filter(|part| !part.is_empty()).collect();
    while rest.first().is_some_and(|part| words::is_name_suffix(part)) {
        name = format!("{name}, {}", rest.remove(0));
    }
    (name, (!rest.is_empty()).then(|| rest.join(", ")))
}

/// A line without the `[node:…]` that a page's template left in it.
pub(in crate::formats) fn without_leftover(line: &str) -> String {
    let mut pieces = line.split("[node:");
    let mut out = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        out.push_str(piece.split_once(']').map_or("", |(_, rest)| rest));
    }
    out.trim().trim_end_matches(',').trim().to_owned()
}
