//! People as schedules name them: one to a field, or several; in capitals, with pronouns, handles or companies in brackets;
//! or nobody yet.

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
/// A family name in capitals behind a given name: "Ann EXAMPLE"; shorter ones may be initials.
const CAPITALS_MIN: usize = 4;

/// What joins two people.
const JOINTS: &[&str] = &[" and ", " & ", " / ", " + ", " und ", " et ", " y "];
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
/// Small words within the names of organisations.
const LINKS: &[&str] = &[
    "of", "the", "and", "for", "in", "at", "de", "des", "du", "la", "le", "di", "da", "der", "die", "das", "für",
    "und", "et", "van", "y", "e", "&", "-", "–", "+",
];
const COMPANY_WORDS_MAX: usize = 6;
/// Last words of what is a part of an organisation, folded.
const UNITS: &[&str] = &[
    "team", "teams", "tools", "libraries", "compiler", "department", "division", "squad", "unit", "tribe", "platform",
    "infrastructure", "infra", "engineering", "chapter", "guild",
];

/// The people of a field, in its order.
pub(in crate::formats) fn read(field: &str) -> Vec<Speaker> {
    let field = one_line(&field.replace(['\n', '\r', '|'], ";"));
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
    // "Ann, Bob, and Cid Example"; "annie & Bob Example": nothing here is an organisation's.
    let is_list = between.len() == 1 || between.last().is_some_and(|last| without_and(last) != *last);
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
    let begins = |lead: &&&str| part.get(..lead.len()).is_some_and(|start| start.eq_ignore_ascii_case(lead));
    let part = LEADS.iter().find(begins).map_or(part, |lead| &part[lead.len()..]);
    let end = |others: &&&str| {
        let at = part.len().checked_sub(others.len());
        at.and_then(|at| part.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case(others))
    };
    OTHERS.iter().find(end).map_or(part, |others| &part[..part.len() - others.len()]).trim()
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
    let mut company = affiliation.map(one_line).filter(|text| !is_nobody(text));
    let mut role = Role::Speaker;
    if is_nobody(&name) {
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
    let fits = !is_nobody(&name) && name.chars().count() <= CHARS_MAX && name.split(' ').count() <= WORDS_MAX;
    fits.then(|| Speaker { name, affiliation: company.filter(|text| !text.is_empty()), role })
}

/// What a tagline says of an organisation: "Engineer @ Acme", "Engineer at Acme"; with what stands behind its comma where
/// that may be the organisation too: "Engineer @ Widgets, Acme".
pub(in crate::formats) fn employer(tagline: &str) -> Option<String> {
    tagline.split(['|', ';', '•', '·']).find_map(employer_in)
}

fn employer_in(tagline: &str) -> Option<String> {
    let tagline = one_line(tagline);
    let (_, place) =
        tagline.rsplit_once(" @ ").or_else(|| tagline.rsplit_once(" @")).or_else(|| tagline.rsplit_once(" at "))?;
    let ends = ["(", ". ", " - ", " – ", " / ", "!"];
    let place = ends.iter().fold(place, |place, end| place.split(end).next().unwrap_or(place));
    let mut parts = place.split(',').map(|part| part.trim().trim_end_matches('.').trim());
    // "Acme working on widgets"
    let first = capitalised_words(parts.next()?);
    let is_unit = |text: &str| folded(text).split(' ').any(|word| UNITS.contains(&word));
    let is_whole = |text: &&str| {
        !text.is_empty() && text.split(' ').all(|word| word.starts_with(char::is_uppercase)) && !is_unit(text)
    };
    let second = parts.next().filter(is_whole);
    let n_words = first.split(' ').count();
    if first.is_empty() || n_words > COMPANY_WORDS_MAX {
        return None;
    }
    match (is_unit(&first), second) {
        (_, Some(second)) => Some(format!("{first}, {second}")),
        (false, None) => Some(first),
        (true, None) => None,
    }
}

/// The words of a name of an organisation at the beginning of a text.
fn capitalised_words(text: &str) -> String {
    let words: Vec<&str> = text.split(' ').collect();
    let is_capital = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let is_unit = |word: &str| UNITS.contains(&folded(word).as_str());
    let mut end = 0;
    while let Some(word) = words.get(end) {
        let links = end > 0 && LINKS.contains(word) && words.get(end + 1).is_some_and(|next| is_capital(next));
        if !(is_capital(word) || links || (end > 0 && is_unit(word))) {
            break;
        }
        end += 1;
    }
    words[..end].join(" ")
}

/// Whether a field that should name somebody says that nobody is known.
pub(in crate::formats) fn is_nobody(name: &str) -> bool {
    let name = folded(name);
    let words: Vec<&str> = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.is_empty() || NOBODY.contains(&words.join(" ").as_str())
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

/// Whether what stands in brackets behind a name can be an organisation: words with capitals, which are not the name's
/// initials. Whether it is one, or a nickname, the rest of the source says (`settle.rs`).
fn is_company(text: &str, name: &str) -> bool {
    let words: Vec<&str> = text.split(' ').collect();
    let is_capital = |word: &str| word.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    let initial = |text: &str| text.chars().next().map(|c| c.to_lowercase().to_string());
    let last = |text: &str| text.chars().next_back().map(|c| c.to_lowercase().to_string());
    let is_initials = words.len() == 1
        && is_acronym(text)
        && initial(text) == initial(name)
        && last(text) == name.rsplit(' ').next().and_then(initial);
    words.first().is_some_and(|word| is_capital(word))
        && words.len() <= COMPANY_WORDS_MAX
        && words.iter().all(|word| is_capital(word) || LINKS.contains(word))
        && !is_initials
}

/// "CERN", "EDRi": capitals above all.
fn is_acronym(word: &str) -> bool {
    let capitals = word.chars().filter(|c| c.is_uppercase()).count();
    capitals >= 2 && capitals * 3 >= word.chars().count() * 2
}

/// Whether a name in brackets is an organisation's by its own words.
pub(super) fn is_surely_company(text: &str) -> bool {
    words::has_affiliation_word(text)
        || is_group(text, &[])
        || text.split([' ', ',']).filter(|word| !LINKS.contains(word)).all(|word| word.len() > 2 && is_acronym(word))
}

/// Last words of names of many people, folded.
#[rustfmt::skip]
const GROUPS: &[&str] = &[
    "team", "teams", "organisers", "organizers", "organisations", "organizations", "committee", "volunteers", "community",
    "members", "attendees", "participants", "developers", "contributors", "maintainers", "speakers", "panelists",
    "panellists", "hackers", "organisator", "organisatoren", "orga",
];
/// The same of words that are family names, too.
const MAYBE_GROUPS: &[&str] =
    &["staff", "crew", "board", "group", "club", "station"];

/// Whether a name is of a group: by its last word, or as it is the conference's own, one of `conferences`.
pub(super) fn is_group(name: &str, conferences: &[String]) -> bool {
    let small = folded(name);
    let words: Vec<&str> = small.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let (Some(first), Some(last)) = (words.first(), words.last()) else { return false };
    let own = conferences.iter().any(|conference| {
        !conference.is_empty() && small.strip_prefix(conference.as_str()).is_some_and(|rest| is_group_tail(rest.trim()))
    });
    let opens = name.split(' ').next().unwrap_or_default();
    let is_no_person = *first == "the" || is_acronym(opens) || words::has_organisation_word(name);
    own || GROUPS.contains(last)
        || (*first == "team" && words.len() > 1)
        || (MAYBE_GROUPS.contains(last) && is_no_person && words.len() > 1)
}

/// What follows a conference's name in the name of those who make it: nothing, a year, a word for a group.
fn is_group_tail(rest: &str) -> bool {
    rest.is_empty()
        || rest.bytes().all(|byte| byte.is_ascii_digit())
        || GROUPS.contains(&rest)
        || MAYBE_GROUPS.contains(&rest)
}

fn looks_like_a_name(text: &str) -> bool {
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
    fn a_tagline_may_name_an_employer() {
        for (tagline, expected) in [
            ("Solutions Architect @ Acme", Some("Acme")),
            ("Engineer at Acme Labs, author", Some("Acme Labs")),
            ("She is good at nearly everything there is", None),
            ("Engineer @ Widgets, Acme", Some("Widgets, Acme")),
            ("Lead at Acme, Widget Engineering", Some("Acme")),
            ("Engineer at Acme working on widgets", Some("Acme")),
            ("Engineer at Acme - Widgets Lead", Some("Acme")),
            ("Partner @ Acme | CEO @ Beta", Some("Acme")),
            ("Manager at The House of Examples", Some("The House of Examples")),
            ("Researcher @ Widgets Team", None),
            ("Engineer at Acme Inc.", Some("Acme Inc")),
            ("Designer, Developer, Dreamer", None),
        ] {
            assert_eq!(super::employer(tagline).as_deref(), expected, "{tagline}");
        }
    }
}
