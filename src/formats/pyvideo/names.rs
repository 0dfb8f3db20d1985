//! Parts of titles that are names of people, and nothing else but where these work.

use crate::{
    formats::{
        edition,
        schedule::people,
        usenix::{self, words},
    },
    record::Speaker,
    text::analyzer::folded,
};

/// Words that no name has, folded: of sorts of sessions, and of what else is put up beside the talks.
#[rustfmt::skip]
pub(super) const NOT_IN_NAMES: &[&str] = &[
    "aftermovie", "and", "ask", "award", "awards", "case", "charla", "charlas", "closing", "community", "conference", "day",
    "demo", "demos", "discussion", "ending", "entrevista", "for", "future", "guide", "hall", "how", "in", "interview",
    "interviews", "intro", "introduction", "keynote", "keynotes", "lightning", "live", "meetup", "of", "on", "open",
    "opening", "palestra", "panel", "part", "plenary", "podcast", "poster", "posters", "report", "room", "session",
    "sessions", "source", "speaker", "sponsor", "sponsors", "sprint", "sprints", "stage", "stream", "summit", "talk", "talks",
    "taller", "talleres", "team", "the", "to", "track", "tutorial", "tutorials", "using", "video", "web", "welcome", "with",
    "workshop", "workshops", "your",
];
/// What stands beside a name and is none of it, folded.
const BESIDE_NAMES: &[&str] = &["keynote by ", "keynote ", "lightning talk by ", "lightning talk ", "by ", "speaker "];
const BEHIND_NAMES: &[&str] = &[" lightning talk", " keynote", " (keynote)"];
/// A person's name has so many words.
const NAME_WORDS: std::ops::RangeInclusive<usize> = 2..=5;
/// Letters of a name that is written without spaces.
const JOINED_NAME_CHARS: std::ops::RangeInclusive<usize> = 2..=4;
/// People of one title.
const PEOPLE_MAX: usize = 8;

/// The people of a part that is nothing but full names, with where they work.
pub(super) fn names(part: &str) -> Option<Vec<Speaker>> {
    let part = part.trim().trim_start_matches(['@', '#', '-']).trim_end_matches(['.', ',', ' ', '-']);
    let part = people::without_ends(part, BESIDE_NAMES, BEHIND_NAMES);
    if part.is_empty() || edition::year_in(part).is_some() || words::is_pause_only(part) {
        return None;
    }
    let joined: Option<Vec<&str>> = part.split(['、', '/', ',', '，']).map(joined_name).collect();
    let people: Vec<Speaker> = match joined {
        Some(names) => names.into_iter().map(|name| Speaker { name: name.to_owned(), ..Speaker::default() }).collect(),
        None => people::read(part),
    };
    let fits = (1..=PEOPLE_MAX).contains(&people.len()) && people.iter().all(|person| is_person(&person.name));
    fits.then_some(people)
}

fn is_person(name: &str) -> bool {
    if joined_name(name).is_some() {
        return true;
    }
    let n_words = name.split(' ').count();
    // A name has letters in small beside its capitals; "NumPy" and "MongoDB" are no names' words.
    let is_plain = |word: &str| {
        let inner: String = word.chars().skip(1).collect();
        let has_small = inner.contains(char::is_lowercase);
        !word.contains(|c: char| c.is_ascii_digit())
            && (!has_small || word.split(['-', '\'', '’', '.']).all(|part| n_humps(part) <= 1 || is_humped_name(part)))
    };
    NAME_WORDS.contains(&n_words)
        && usenix::people::is_name(name)
        && !words::has_affiliation_word(name)
        && words::heading_type(name).is_none()
        && name.split(' ').all(is_plain)
        && !name_words(name).any(|word| NOT_IN_NAMES.contains(&word.as_str()))
}

/// How often a small letter stands before a capital.
fn n_humps(word: &str) -> usize {
    let chars: Vec<char> = word.chars().collect();
    usize::from(chars.first().is_some_and(|c| c.is_uppercase()))
        + chars.windows(2).filter(|pair| pair[0].is_lowercase() && pair[1].is_uppercase()).count()
}

/// "McCarthy", "DeVito", "VanderPlas"
fn is_humped_name(word: &str) -> bool {
    ["Mc", "Mac", "De", "Di", "Du", "La", "Le", "Van", "Vander", "O", "Fitz"].iter().any(|head| {
        word.strip_prefix(head).is_some_and(|rest| rest.starts_with(char::is_uppercase) && n_humps(rest) == 1)
    })
}

/// A name that is written without spaces, as in Chinese, Japanese and Korean, with another writing of it behind or in brackets.
fn joined_name(part: &str) -> Option<&str> {
    let part = part.trim();
    let name = part.split([' ', '(', '（']).next()?;
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let is_hangul = |c: char| ('\u{ac00}'..='\u{d7a3}').contains(&c);
    let is_one =
        (name.chars().all(is_han) || name.chars().all(is_hangul)) && JOINED_NAME_CHARS.contains(&name.chars().count());
    let other = part[name.len()..].trim().trim_start_matches(['(', '（']).trim_end_matches([')', '）']);
    let is_session =
        || name_words(other).any(|word| NOT_IN_NAMES.contains(&word.as_str())) || words::heading_type(other).is_some();
    let is_other = other.is_empty()
        || other.split([' ', '-']).all(|word| word.starts_with(char::is_uppercase) && word.is_ascii())
            && !is_session()
            && !words::has_affiliation_word(other);
    (is_one && is_other).then_some(part)
}

pub(super) fn name_words(text: &str) -> impl Iterator<Item = String> {
    let words: Vec<String> =
        text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).map(folded).collect();
    words.into_iter()
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn names_are_told_from_things() {
        for (part, is_one) in [
            ("Ann Example", true),
            ("Ann B. Example-Sample", true),
            ("Ann McExample", true),
            ("Ann Example (Acme)", true),
            ("Ann Example, Bob Example and Cid Example", true),
            ("范例", true),
            ("范例 Ann Example", true),
            ("보기말(Ann Example)", true),
            ("MongoDB Internals", false),
            ("Ann Example, Acme", true),
            ("Open Source", false),
            ("Acme Inc.", false),
            ("Keynote Speaker", false),
            ("FooConf 2016", false),
            ("Ann", false),
            ("PyPI入門", false),
        ] {
            assert_eq!(names(part).is_some(), is_one, "{part}");
        }
    }
}
