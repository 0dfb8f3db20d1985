//! What names of organisations and of groups look like, beside those of people: in brackets, in taglines, as speakers.

use crate::{
    formats::usenix::words,
    text::{analyzer::folded, one_line},
};

/// Small words within the names of organisations.
const LINKS: &[&str] = &[
    "of", "the", "and", "for", "in", "at", "de", "des", "du", "la", "le", "di", "da", "der", "die", "das", "für",
    "und", "et", "van", "y", "e", "&", "-", "–", "+",
];
const COMPANY_WORDS_MAX: usize = 6;
/// Where Unicode's other alphabets begin.
const LATIN_END: u32 = 0x370;
/// Last words of what is a part of an organisation, folded.
const UNITS: &[&str] = &[
    "team",
    "teams",
    "tools",
    "libraries",
    "compiler",
    "department",
    "division",
    "squad",
    "unit",
    "tribe",
    "platform",
    "infrastructure",
    "infra",
    "engineering",
    "chapter",
    "guild",
];

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

/// Whether what stands in brackets behind a name can be an organisation: words with capitals, which are not the name's
/// initials. Whether it is one, or a nickname, the rest of the source says (`settle.rs`).
pub(super) fn is_company(text: &str, name: &str) -> bool {
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
        && !is_transcribed(text, name)
}

/// "Ann Example (Анна)": the name once more, in the letters of another alphabet.
fn is_transcribed(text: &str, name: &str) -> bool {
    let is_latin = |text: &str| text.chars().find(|c| c.is_alphabetic()).map(|c| u32::from(c) < LATIN_END);
    is_latin(text) == Some(false) && is_latin(name) == Some(true)
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
        || text
            .split([' ', ','])
            .filter(|word| !LINKS.contains(word))
            .all(|word| word.chars().filter(|c| c.is_alphanumeric()).count() > 2 && is_acronym(word))
}

/// Last words of names of many people, folded.
#[rustfmt::skip]
const GROUPS: &[&str] = &[
    "team", "teams", "organisers", "organizers", "organisations", "organizations", "committee", "volunteers", "community",
    "members", "attendees", "participants", "developers", "contributors", "maintainers", "speakers", "panelists",
    "panellists", "hackers", "organisator", "organisatoren", "orga",
];
/// The same of words that are family names, too.
const MAYBE_GROUPS: &[&str] = &["staff", "crew", "board", "group", "club", "station"];

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

#[cfg(test)]
mod tests {
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
