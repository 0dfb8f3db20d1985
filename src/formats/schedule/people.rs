//! People as schedules name them: one to a field, or several; in capitals, with pronouns, handles or companies in brackets;
//! or nobody yet.

use crate::{
    formats::usenix::{people, words},
    record::Speaker,
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

/// The people of a field, in its order.
pub(in crate::formats) fn read(field: &str) -> Vec<Speaker> {
    let field = one_line(&field.replace(['\n', '\r', '|'], ";"));
    let mut found = Vec::new();
    for part in field.split(';').map(str::trim).filter(|part| !part.is_empty()) {
        let joined = [",", " and ", " & ", " / ", " + ", " und ", " et ", " y "].iter().any(|sign| part.contains(sign));
        if !joined {
            found.extend(one(part, None));
            continue;
        }
        let plain = [" & ", " / ", " + ", " und ", " et ", " y "]
            .iter()
            .fold(part.to_owned(), |text, sign| text.replace(sign, " and "));
        let names: Vec<&str> = plain.split(',').flat_map(|piece| piece.split(" and ")).map(str::trim).collect();
        let names: Vec<&str> = names
            .iter()
            .map(|name| name.strip_prefix("and ").unwrap_or(name))
            .filter(|name| !name.is_empty())
            .collect();
        // Names alone; or else names and affiliations, which only their words can tell apart.
        if names.iter().all(|name| looks_like_a_name(name)) {
            found.extend(names.into_iter().filter_map(|name| one(name, None)));
        } else {
            let people = people::parse(&plain, &people::Known::default());
            found.extend(people.into_iter().filter_map(|person| {
                let mut speaker = one(&person.name, person.affiliation.as_deref())?;
                speaker.role = person.role;
                Some(speaker)
            }));
        }
    }
    let mut seen = std::collections::HashSet::new();
    found.retain(|speaker| seen.insert(folded(&speaker.name)));
    found
}

/// One person, of whom `affiliation` may be known from elsewhere; null for what stands for nobody.
pub(in crate::formats) fn one(name: &str, affiliation: Option<&str>) -> Option<Speaker> {
    let mut name = one_line(name);
    let mut company = affiliation.map(one_line).filter(|text| !is_nobody(text));
    if is_nobody(&name) {
        return None;
    }
    loop {
        let before = name.clone();
        if let Some((rest, inner)) = bracket(&name) {
            let (rest, inner) = (rest.to_owned(), inner.to_owned());
            if is_pronouns(&inner) || inner.starts_with('@') || is_nobody(&inner) {
                name = rest;
            } else if !rest.is_empty() && is_company(&inner) {
                company = company.or(Some(inner.trim_start_matches('@').trim().to_owned()));
                name = rest;
            }
        }
        if let Some((rest, handle)) = name.rsplit_once(' ')
            && (handle.starts_with('@') || is_pronouns(handle))
            && !rest.trim().is_empty()
        {
            name = rest.trim_end_matches([',', '-', '–', '|', ' ']).to_owned();
        }
        if let Some((rest, place)) = name.split_once(" @ ").or_else(|| name.split_once(" | ")) {
            company = company.or_else(|| Some(one_line(place)));
            name = rest.trim().to_owned();
        }
        if name == before {
            break;
        }
    }
    let name = in_small_letters(name.trim().trim_end_matches([',', ';', ':']).trim());
    let fits = !is_nobody(&name) && name.chars().count() <= CHARS_MAX && name.split(' ').count() <= WORDS_MAX;
    fits.then(|| Speaker { name, affiliation: company.filter(|text| !text.is_empty()), ..Speaker::default() })
}

/// What a tagline says of an organisation: "Engineer @ Acme", "Engineer at Acme".
pub(in crate::formats) fn employer(tagline: &str) -> Option<String> {
    let tagline = one_line(tagline);
    let (_, place) =
        tagline.rsplit_once(" @ ").or_else(|| tagline.rsplit_once(" @")).or_else(|| tagline.rsplit_once(" at "))?;
    let place = place.split([',', '|', ';', '(', '.']).next()?.trim();
    let n_words = place.split(' ').count();
    let is_named = place.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit());
    (!place.is_empty() && n_words <= 6 && is_named).then(|| place.to_owned())
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

/// A nickname in brackets is one small word or in quotes; what has a capital is an organisation.
fn is_company(text: &str) -> bool {
    text.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit() || c == '@') && text.split(' ').count() <= 6
}

pub(in crate::formats) fn looks_like_a_name(text: &str) -> bool {
    let bare = bracket(text).map_or(text, |(rest, _)| rest);
    people::is_name(bare) && !words::has_affiliation_word(bare)
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
            ("Designer, Developer, Dreamer", None),
        ] {
            assert_eq!(super::employer(tagline).as_deref(), expected, "{tagline}");
        }
    }
}
