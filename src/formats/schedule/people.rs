//! People as schedules name them: one to a field, or several; in capitals, with pronouns, handles or companies in brackets;
//! or nobody yet.

pub(in crate::formats) use super::organisations::employer;
use super::organisations::{is_company, is_group};
use crate::{
    formats::usenix::{people, words},
    record::{Role, Speaker},
    text::{analyzer::folded, one_line},
};

/// What stands for a person who is none, folded, without punctuation.
const NOBODY: &[&str] = &[
    "tba",
    "tbd",
    "tbc",
    "tbh",
    "todo",
    "n n",
    "na",
    "n a",
    "none",
    "null",
    "nil",
    "unknown",
    "various",
    "various speakers",
    "various people",
    "various authors",
    "lightning talks",
    "discussion panel",
    "panel discussion",
    "panelists",
    "keynote speaker",
    "several speakers",
    "multiple speakers",
    "multiple",
    "all speakers",
    "speakers",
    "speaker",
    "presenter",
    "to be announced",
    "to be confirmed",
    "to be determined",
    "to be decided",
    "speaker tba",
    "speaker tbd",
    "speaker to be announced",
    "not available",
    "not specified",
    "no speaker",
    "everyone",
    "everybody",
    "anyone",
    "you",
    "the audience",
    "attendees",
    "all",
    "team",
    "staff",
    "misc",
    "diverse",
    "verschiedene",
    "divers",
    "varios",
    "coming soon",
    "day one",
    "day two",
    "day three",
    "name",
    "test",
];
/// Words of pronouns, folded.
const PRONOUNS: &[&str] = &[
    "she", "her", "hers", "he", "him", "his", "they", "them", "theirs", "it", "its", "xe", "xem", "ze", "zir", "hir",
    "ey", "em", "fae", "faer", "sie", "ihr", "er", "ihm", "elle", "il", "iel", "lui", "ella", "el", "any", "all",
    "pronouns", "dey", "deren", "ask", "none", "no", "hen", "hän",
];
/// Small words of names, which stay small where a name in capitals is mended.
const PARTICLES: &[&str] =
    &["van", "von", "der", "den", "de", "da", "di", "du", "del", "della", "dos", "la", "le", "el", "ten", "zu", "y"];
/// A name has no more words; more is a sentence about somebody.
const WORDS_MAX: usize = 9;
const CHARS_MAX: usize = 120;
/// A field of many people is not longer, nor is one of a name with all that may stand beside it.
const FIELD_BYTES_MAX: usize = 100_000;
const NAME_BYTES_MAX: usize = 5_000;
/// A family name in capitals behind a given name: "Ann EXAMPLE"; shorter ones may be initials.
const CAPITALS_MIN: usize = 4;

/// What joins two people.
const JOINTS: &[&str] = &[" and ", " & ", " / ", " + ", " und ", " et ", " y "];
/// Of those, what ends a list.
const AND: [&str; 4] = [" and ", " & ", " und ", " et "];
/// What stands before the people of a field, folded.
const LEADS: &[&str] = &[
    "organised by ",
    "organized by ",
    "presented by ",
    "hosted by ",
    "moderated by ",
    "run by ",
    "led by ",
    "with ",
    "by ",
];
/// What stands behind them for those who are not named, folded.
const OTHERS: &[&str] =
    &[" et al.", " et al", " and others", " and friends", " & friends", " and more", " and guests", " u.a."];
/// The people of a field, in its order.
pub(in crate::formats) fn read(field: &str) -> Vec<Speaker> {
    if field.len() > FIELD_BYTES_MAX {
        return Vec::new();
    }
    let field = one_line(&field.replace(['\n', '\r', '|', '、', '，', '；'], ";"));
    let mut found: Vec<Speaker> = split(&field, &[";"]).into_iter().flat_map(several).collect();
    let mut seen = std::collections::HashSet::new();
    found.retain(|speaker| seen.insert(folded(&speaker.name)));
    found
}

/// The people of a field without semicolons.
fn several(part: &str) -> Vec<Speaker> {
    let part = bare(part);
    // "Ann One (Acme) Bob Two (Beta)"
    if let Some((first, rest)) = unjoined(part) {
        return [first, rest].into_iter().flat_map(several).collect();
    }
    if let Some(members) = members(part) {
        return members;
    }
    let between = split(part, &[","]);
    let pieces: Vec<&str> = between.iter().flat_map(|piece| split(piece, JOINTS)).map(without_and).collect();
    let pieces: Vec<&str> = pieces.into_iter().filter(|piece| !piece.is_empty()).collect();
    let alone = || pieces.iter().filter_map(|name| one(name, None)).collect();
    if pieces.len() < 2 || pieces.iter().all(|name| looks_like_a_name(name)) {
        return alone();
    }
    // "Ann, Bob and Cid", "Ann, Bob, and Cid Example"; "annie & Bob Example": nothing here is an organisation's.
    let ends_list = |last: &&str| without_and(last) != *last || (between.len() > 1 && split(last, &AND).len() == 2);
    let is_list = between.len() == 1 || between.last().is_some_and(ends_list);
    let may_be_person = |name: &&str| looks_like_a_name(name) || !without_bracket(name).contains(' ');
    if is_list && pieces.iter().all(|piece| may_be_person(piece) && !words::has_affiliation_word(piece)) {
        return alone();
    }
    // "Ann Example / Example Labs"
    if let ([name, place], 1) = (&pieces[..], between.len())
        && part.contains(" / ")
        && words::has_affiliation_word(place)
    {
        return one(name, Some(place)).into_iter().collect();
    }
    // Names and affiliations, which only their words can tell apart.
    let plain = JOINTS.iter().fold(part.to_owned(), |text, sign| text.replace(sign, " and "));
    let people = people::parse(&plain, &people::Known::default()).into_iter();
    people
        .filter_map(|person| {
            let mut speaker = one(&person.name, person.affiliation.as_deref())?;
            if person.role != Role::Speaker {
                speaker.role = person.role;
            }
            Some(speaker)
        })
        .collect()
}

/// Whether a name is of several people, or has more than a name in it; "Example, Ann" may well be one person.
pub(super) fn is_joined(name: &str) -> bool {
    let between = split(name, &[","]);
    let joined = between.iter().any(|piece| split(piece, JOINTS).len() > 1) || unjoined(name).is_some();
    let is_organisation = |text: &str| text.starts_with(char::is_lowercase) || words::has_affiliation_word(text);
    let listed = match &between[..] {
        [first, rest @ ..] if !rest.is_empty() => {
            looks_like_a_name(first) && rest.iter().all(|name| looks_like_a_name(name) || is_organisation(name))
        }
        _ => false,
    };
    let ends = between.len() > 1 && between.last().is_some_and(|last| without_and(last) != *last);
    (joined && between.len() == 1) || listed || ends || members(name).is_some()
}

/// Whether a text is nothing but names.
fn is_list(text: &str) -> bool {
    let mut names = split(text, &[","]).into_iter().flat_map(|piece| split(piece, JOINTS)).map(without_and);
    names.all(looks_like_a_name)
}

/// The parts between any of `signs` that stand in no bracket.
fn split<'a>(text: &'a str, signs: &[&str]) -> Vec<&'a str> {
    let (mut parts, mut depth, mut start, mut at) = (Vec::new(), 0usize, 0, 0);
    while let Some(c) = text[at..].chars().next() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        let sign = signs.iter().find(|sign| depth == 0 && text[at..].starts_with(**sign));
        if let Some(sign) = sign {
            parts.push(text[start..at].trim());
            // The space behind one joint may be the one before the next.
            at += sign.trim_end().len();
            start = at;
        } else {
            at += c.len_utf8();
        }
    }
    parts.push(text[start..].trim());
    parts.into_iter().filter(|part| !part.is_empty()).collect()
}

/// A field without "organised by" before it and "et al." behind it.
fn bare(part: &str) -> &str {
    without_ends(part, LEADS, OTHERS)
}

/// A text without one of `leads` before it and one of `tails` behind it, whatever their case.
pub(in crate::formats) fn without_ends<'a>(text: &'a str, leads: &[&str], tails: &[&str]) -> &'a str {
    let begins = |lead: &&&str| text.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead));
    let text = leads.iter().find(begins).map_or(text, |lead| &text[lead.len()..]);
    let ends = |tail: &&&str| {
        let at = text.len().checked_sub(tail.len());
        at.and_then(|at| text.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(tail))
    };
    tails.iter().find(ends).map_or(text, |tail| &text[..text.len() - tail.len()]).trim()
}

fn without_and(piece: &str) -> &str {
    let and = ["and ", "& ", "und ", "et "].iter().find_map(|word| piece.strip_prefix(word));
    and.unwrap_or(piece).trim()
}

fn without_bracket(name: &str) -> &str {
    bracket(name).map_or(name, |(rest, _)| rest)
}

/// "Ann One (Acme) Bob Two (Beta)": two people with nothing between them.
fn unjoined(part: &str) -> Option<(&str, &str)> {
    let at = part.find(") ")? + 1;
    let (first, rest) = (&part[..at], part[at..].trim());
    let is_full = |text: &str| bracket(text).is_some_and(|(name, _)| people::is_name(name));
    (is_full(first) && is_full(rest)).then_some((first, rest))
}

/// "Example Tent (Ann Example / Bob Example)": who is behind a name.
fn members(part: &str) -> Option<Vec<Speaker>> {
    let (group, inner) = bracket(part)?;
    let names: Vec<&str> = split(inner, &[","]).into_iter().flat_map(|piece| split(piece, JOINTS)).collect();
    if names.len() < 2 || !names.iter().all(|name| looks_like_a_name(name)) || group.is_empty() {
        return None;
    }
    let is_person = people::is_name(group) && !words::has_affiliation_word(group) && !is_group(group, &[]);
    let place = (!is_person).then_some(group);
    let outer = one(group, None).filter(|_| is_person);
    Some(outer.into_iter().chain(names.into_iter().filter_map(|name| one(name, place))).collect())
}

/// One person, of whom `affiliation` may be known from elsewhere; null for what stands for nobody.
pub(in crate::formats) fn one(name: &str, affiliation: Option<&str>) -> Option<Speaker> {
    let mut name = bare(&one_line(name)).to_owned();
    // "Bob Example, moderated by Cid Example" is who else is there.
    let is_of_people = |text: &str| text.contains(" moderated by ");
    let mut company = affiliation.map(one_line).filter(|text| !is_nobody(text) && !is_of_people(text));
    let mut role = Role::Speaker;
    if name.len() > NAME_BYTES_MAX || is_nobody(&name) {
        return None;
    }
    // Several people are taken apart where all are known (`settle.rs`).
    while unjoined(&name).is_none() && members(&name).is_none() {
        let before = name.clone();
        if let Some((rest, inner)) = bracket(&name) {
            if let Some((found, "")) = words::role(&format!("{inner}:")) {
                role = found;
            } else if is_company(inner, rest) && !is_pronouns(inner) && !is_nobody(inner) {
                company = company.or_else(|| Some(inner.to_owned()));
            }
            // Whatever else is in it is no part of the name: a nickname, an account, a note.
            name = if rest.is_empty() { inner } else { rest }.to_owned();
        }
        if let Some((rest, handle)) = name.rsplit_once(' ')
            // "He" alone is a family name.
            && (handle.starts_with('@') || (handle.contains('/') && is_pronouns(handle)))
            && !rest.trim().is_empty()
        {
            name = rest.trim_end_matches([',', '-', '–', '|', ' ']).to_owned();
        }
        if let Some((rest, place)) = name.split_once(" @ ").or_else(|| name.split_once(" | ")) {
            company = company.or_else(|| Some(one_line(place)));
            name = rest.trim().to_owned();
        }
        // "Ann Example - Acme", "Ann Example: Acme"
        let dash = [" - ", " – ", " — ", ": "].iter().find_map(|dash| name.split_once(dash));
        if let Some((rest, place)) = dash.filter(|(rest, _)| people::is_name(rest)) {
            company = company.or_else(|| is_company(place, rest).then(|| place.trim().to_owned()));
            name = rest.trim().to_owned();
        }
        if name == before {
            break;
        }
    }
    let name = in_small_letters(name.trim().trim_end_matches([',', ';', ':']).trim());
    let is_short = name.chars().count() <= CHARS_MAX && name.split(' ').count() <= WORDS_MAX;
    let fits = !is_nobody(&name) && (is_short || is_list(&name));
    fits.then(|| Speaker { name, affiliation: company.filter(|text| !text.is_empty()), role })
}

/// Whether a field that should name somebody says that nobody is known.
pub(in crate::formats) fn is_nobody(name: &str) -> bool {
    let name = folded(name);
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    !name.contains(char::is_alphabetic) || NOBODY.contains(&words.join(" ").as_str())
}

/// "Ann Example (Acme)": what is before a bracket at the end, and what is in it.
fn bracket(name: &str) -> Option<(&str, &str)> {
    let close = name.chars().next_back()?;
    let open = match close {
        ')' => '(',
        ']' => '[',
        _ => return None,
    };
    let at = name.rfind(open)?;
    Some((name[..at].trim(), name[at + 1..name.len() - 1].trim()))
}

fn is_pronouns(text: &str) -> bool {
    let text = folded(text);
    let mut words = text.split(['/', ',', ' ', '|', '·']).map(str::trim).filter(|word| !word.is_empty()).peekable();
    text.contains('/') && words.peek().is_some() && words.all(|word| PRONOUNS.contains(&word))
        || matches!(
            text.as_str(),
            "she" | "he" | "they" | "she her" | "he him" | "they them" | "any pronouns" | "all pronouns"
        )
}

pub(in crate::formats) fn looks_like_a_name(text: &str) -> bool {
    let name = without_bracket(text);
    people::is_name(name) && !words::has_affiliation_word(name)
}

/// "ANN EXAMPLE" and "Ann EXAMPLE" as "Ann Example".
fn in_small_letters(name: &str) -> String {
    let words: Vec<&str> = name.split(' ').collect();
    let is_capital = |word: &str| word.chars().any(char::is_alphabetic) && !word.chars().any(char::is_lowercase);
    let n_letters = |word: &str| word.chars().filter(|c| c.is_alphabetic()).count();
    let all =
        words.len() > 1 && words.iter().all(|word| is_capital(word)) && words.iter().any(|word| n_letters(word) > 2);
    let mend = |(index, word): (usize, &&str)| {
        let is_family = index > 0
            && words.len() > 1
            && n_letters(word) >= CAPITALS_MIN
            && !word.contains(|c: char| c.is_ascii_digit());
        let small = word.to_lowercase();
        if !is_capital(word) || !(all || is_family) {
            (*word).to_owned()
        } else if index > 0 && PARTICLES.contains(&small.as_str()) {
            small
        } else {
            capitalised(&small)
        }
    };
    words.iter().enumerate().map(mend).collect::<Vec<_>>().join(" ")
}

/// Capitals after hyphens, apostrophes and full stops too, and after "Mc".
fn capitalised(word: &str) -> String {
    let mut out = String::new();
    let mut raise = true;
    for c in word.chars() {
        if raise {
            out.extend(c.to_uppercase());
        } else {
            out.push(c);
        }
        raise = matches!(c, '-' | '\'' | '’' | '.' | '‐') || out == "Mc";
    }
    out
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn people_are_read_as_schedules_name_them() {
        for (field, expected) in [
            ("Ann Example", "Ann Example"),
            ("ANN EXAMPLE", "Ann Example"),
            ("Ann EXAMPLE", "Ann Example"),
            ("ANN VAN DEN EXAMPLE-MCTEST", "Ann van den Example-Mctest"),
            ("ANN MCEXAMPLE", "Ann McExample"),
            ("Ann Example (she/her)", "Ann Example"),
            ("Ann Example (Анна)", "Ann Example"),
            ("Ann Example - Анна", "Ann Example"),
            ("Анна Пример (Acme)", "Анна Пример [Acme]"),
            ("范例、例子", "范例; 例子"),
            ("001", ""),
            ("Ann, Bob and Cid", "Ann; Bob; Cid"),
            ("Ann Example, Bob Example and Cid vd Test", "Ann Example; Bob Example; Cid vd Test"),
            ("Ann Example, Acme Labs and Sons", "Ann Example [Acme Labs and Sons]"),
            ("Ann Example (she/her) (Acme)", "Ann Example [Acme]"),
            ("Ann Example [they/them]", "Ann Example"),
            ("Ann Example (@ann)", "Ann Example"),
            ("Ann Example @ann", "Ann Example"),
            ("Ann Example (ann_e)", "Ann Example"),
            ("Ann Example (the Grinch)", "Ann Example"),
            ("Ann Example (moved to the bar)", "Ann Example"),
            ("Ann Example (AE)", "Ann Example"),
            ("Ann Example (CERN)", "Ann Example [CERN]"),
            ("Ann Example (moderator)", "Ann Example"),
            ("Ann He", "Ann He"),
            ("Ann Example - Acme", "Ann Example [Acme]"),
            ("Ann Example - ann.example.org", "Ann Example"),
            ("Ann Example: Acme Labs", "Ann Example [Acme Labs]"),
            ("Jean - Example", "Jean - Example"),
            ("Organised by Ann Example", "Ann Example"),
            ("Ann Example et al.", "Ann Example"),
            ("Ann (An) Example (an)", "Ann (An) Example"),
            ("Lea & Ann Example", "Lea; Ann Example"),
            ("Ann, Bea, & Cid Example", "Ann; Bea; Cid Example"),
            ("Ann Example / Example Labs", "Ann Example [Example Labs]"),
            ("Ann Example (ann) & Bob Example (bob)", "Ann Example; Bob Example"),
            ("Ann Example (Acme & Co) and Bob Example (Beta)", "Ann Example [Acme & Co]; Bob Example [Beta]"),
            ("Ann Example (Acme) Bob Example (Beta)", "Ann Example [Acme]; Bob Example [Beta]"),
            ("Example Lab (Ann Example / Bob Example)", "Ann Example [Example Lab]; Bob Example [Example Lab]"),
            ("Cid Example (Ann Example, Bob Example)", "Cid Example; Ann Example; Bob Example"),
            ("Ann Example (Acme Labs)", "Ann Example [Acme Labs]"),
            ("Ann Example @ Acme", "Ann Example [Acme]"),
            ("Ann (annie) Example", "Ann (annie) Example"),
            ("annie", "annie"),
            ("DJ", "DJ"),
            ("Ann Example, Bob Example", "Ann Example; Bob Example"),
            ("Ann Example and Bob Example", "Ann Example; Bob Example"),
            ("Ann Example, Bob Example & Cid Example", "Ann Example; Bob Example; Cid Example"),
            ("Ann Example; Bob Example", "Ann Example; Bob Example"),
            ("Ann Example / Bob Example", "Ann Example; Bob Example"),
            ("Ann Example\nBob Example", "Ann Example; Bob Example"),
            ("Ann Example; ann example", "Ann Example"),
            ("Ann Example, University of Examples", "Ann Example [University of Examples]"),
            ("Various speakers", ""),
            ("TBA", ""),
            ("TBD; Ann Example", "Ann Example"),
            ("N/A", ""),
            ("TODO", ""),
            ("—", ""),
            ("", ""),
        ] {
            let shown: Vec<String> = read(field)
                .into_iter()
                .map(|s| s.affiliation.map_or(s.name.clone(), |place| format!("{} [{place}]", s.name)))
                .collect();
            assert_eq!(shown.join("; "), expected, "{field}");
        }
    }

    #[test]
    fn fields_that_are_long_come_to_an_end() {
        for unit in ["a (b) ", "A B (C) ", "(", "Ann Example, ", " & ", "Ann Example (", "- ", "et al."] {
            for bytes in [4_900, 99_000, 200_000] {
                let field = unit.repeat(bytes / unit.len());
                assert!(read(&field).len() <= 1, "{unit}");
                super::one(&field, None);
            }
        }
    }
}
