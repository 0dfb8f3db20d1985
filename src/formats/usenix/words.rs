//! What the words of a line say: a link, an award, a sponsor, a chair, a role, a pause, a type of talk.

use super::tables::{
    ABSTRACT_LABELS, AFFILIATION_WORDS, ARTIFACT, AWARD, AWARD_CORE, BIO_LABELS, CHAIRS, COMPANY_SUFFIXES, FOOTERS,
    MEDIA, MEDIA_CORE, NAME_SUFFIXES, NOT_IN_NAMES, ORGANISATION_WORDS, PARTICLES, PAUSE_FILLERS, PAUSES, ROLES,
    ROOM_LABELS, ROOM_WORDS, SPONSOR_STARTS, TYPES,
};
use crate::record::{Role, TalkType};

const MEDIA_WORDS_MAX: usize = 8;

const AWARD_WORDS_MAX: usize = 9;

/// Names of prizes and their givers.
const AWARD_OTHER_WORDS_MAX: usize = 3;

const SPONSOR_WORDS_MAX: usize = 20;

/// "Track 2: Storage and Retrieval"
const TRACK_WORDS_MAX: usize = 8;

const LABEL_WORDS_MAX: usize = 4;

/// A longer line is a text, and no heading or title.
const HEADING_BYTES_MAX: usize = 4_000;

/// A line's words in lower case, without punctuation at their ends.
fn words(text: &str) -> Vec<String> {
    text.split_whitespace()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '&').to_lowercase())
        .filter(|word| !word.is_empty())
        .collect()
}

fn any(text: &str, table: &[&str]) -> bool {
    words(text).iter().any(|word| table.contains(&word.as_str()))
}

/// The type that a session's or track's heading names.
pub(in crate::formats) fn heading_type(text: &str) -> Option<TalkType> {
    if text.len() > HEADING_BYTES_MAX {
        return None;
    }
    let padded = format!(" {} ", words(text).join(" "));
    TYPES.iter().find(|(name, _)| padded.contains(&format!(" {name} "))).map(|(_, found)| *found)
}

/// The type that a title names: before its colon or dash, or as a whole, or in brackets at its end.
pub(in crate::formats) fn title_type(title: &str) -> Option<TalkType> {
    if title.len() > HEADING_BYTES_MAX {
        return None;
    }
    let named = |part: &str| {
        let part = words(part).join(" ");
        let found = |part: &str| TYPES.iter().find(|(name, _)| *name == part).map(|(_, found)| *found);
        let whole = part.strip_prefix("opening ").or(part.strip_prefix("closing ")).unwrap_or(&part);
        // "Full-Day Workshop", "Hands-On Tutorial"
        found(whole).or_else(|| {
            whole.split_once(' ').filter(|(first, _)| first.contains('-')).and_then(|(_, last)| found(last))
        })
    };
    let bracket = title.rsplit_once('(').filter(|(_, last)| last.ends_with(')')).map(|(_, last)| last);
    let before = title.split_once(':').or_else(|| title.split_once(" – ")).or_else(|| title.split_once(" - "));
    before.and_then(|(before, _)| named(before)).or_else(|| named(title)).or_else(|| bracket.and_then(bracket_type))
}

/// "Title (Invited Talk)" among papers is none.
fn bracket_type(bracket: &str) -> Option<TalkType> {
    heading_type(bracket).or_else(|| (says_talks(bracket) && words(bracket).len() <= 2).then_some(TalkType::Talk))
}

/// A heading of a break, a meal, a reception or remarks.
pub(in crate::formats) fn is_pause(heading: &str) -> bool {
    any(heading, PAUSES) && heading_type(heading).is_none() && n_not_of_pauses(heading) <= 1
}

/// The same of a talk's title, which may well have such a word: it must have no other.
pub(in crate::formats) fn is_pause_only(title: &str) -> bool {
    // "Party", "Social event"
    let is_leisure = any(title, &["party", "social", "networking", "drinks"]);
    (any(title, PAUSES) || is_leisure) && n_not_of_pauses(title) == 0
}

/// Words that a pause's heading does not have; names of conferences do not count.
fn n_not_of_pauses(heading: &str) -> usize {
    let known = |word: &String| PAUSES.contains(&word.as_str()) || PAUSE_FILLERS.contains(&word.as_str());
    let numbered = |word: &String| word.contains(|c: char| c.is_ascii_digit());
    words(heading).iter().filter(|word| !known(word) && !numbered(word)).count()
}

/// Whether a heading says that what follows are talks rather than papers.
pub(in crate::formats) fn says_talks(heading: &str) -> bool {
    any(heading, &["talk", "talks"])
}

pub(in crate::formats) fn is_media(line: &str) -> bool {
    let words = words(line);
    words.len() <= MEDIA_WORDS_MAX
        && words.iter().any(|word| MEDIA_CORE.contains(&word.as_str()))
        && words.iter().all(|word| MEDIA.contains(&word.as_str()))
}

pub(in crate::formats) fn is_award(line: &str) -> bool {
    let words = words(line);
    let known = |word: &String| AWARD_CORE.contains(&word.as_str()) || AWARD.contains(&word.as_str());
    let is_artifact =
        words.iter().all(|word| ARTIFACT.contains(&word.as_str())) && words[..].concat().contains("artifact");
    let core = is_artifact
        || words.iter().any(|word| AWARD_CORE.contains(&word.as_str()))
        || (words.len() <= 4 && words.join(" ").contains("best") && words.iter().any(|word| word.starts_with("paper")));
    // "Distinguished Paper", "Best Student Paper"
    let prizes = ["best", "distinguished", "outstanding"];
    let core = core
        || (words.iter().all(known)
            && words.iter().any(|word| prizes.contains(&word.as_str()))
            && words.iter().any(|word| word.starts_with("paper")));
    core && words.len() >= 2
        && words.len() <= AWARD_WORDS_MAX
        && words.iter().filter(|word| !known(word)).count() <= AWARD_OTHER_WORDS_MAX
        && !line.contains([',', ':', '?'])
        && !line.ends_with('.')
}

/// Where an award begins that is printed on the title's own line.
pub(in crate::formats) fn award_suffix(title: &str) -> Option<usize> {
    [" Awarded ", " Distinguished Paper Award", " Community Award"]
        .iter()
        .find_map(|mark| title.rfind(mark))
        .filter(|at| *at > 0 && is_award(&title[*at..]) && title.ends_with(['!', 'r', 'd']))
}

pub(in crate::formats) fn is_sponsor(line: &str) -> bool {
    let lower = line.to_lowercase();
    line.split_whitespace().count() <= SPONSOR_WORDS_MAX
        && (SPONSOR_STARTS.iter().any(|start| lower.starts_with(start)) || lower.contains("open access sponsored by"))
}

pub(in crate::formats) fn is_footer(line: &str) -> bool {
    let lower = line.to_lowercase();
    let last = lower.split_whitespace().last().unwrap_or_default();
    FOOTERS.contains(&lower.as_str())
        || lower.starts_with('©')
        || (lower.split_whitespace().count() <= 3 && ["sponsors", "supporters"].contains(&last))
}

pub(in crate::formats) fn has_room_word(text: &str) -> bool {
    text.split_whitespace().count() <= 8 && any(text, ROOM_WORDS)
}

pub(in crate::formats) fn has_organisation_word(text: &str) -> bool {
    has_word(text, ORGANISATION_WORDS)
}

pub(in crate::formats) fn has_affiliation_word(text: &str) -> bool {
    has_word(text, ORGANISATION_WORDS) || has_word(text, AFFILIATION_WORDS)
}

/// "University of X and Y": before any "and" stands an organisation.
pub(in crate::formats) fn opens_with_organisation(text: &str) -> bool {
    has_organisation_word(text.split(" and ").next().unwrap_or(text))
}

fn has_word(text: &str, table: &[&str]) -> bool {
    text.split([' ', '/', '-', '—', '–']).any(|word| {
        let lower = word.trim_matches(|c: char| "(),".contains(c)).to_lowercase();
        table.contains(&lower.as_str())
    })
}

pub(in crate::formats) fn is_company_suffix(part: &str) -> bool {
    COMPANY_SUFFIXES.contains(&part.to_lowercase().as_str())
}

pub(in crate::formats) fn is_name_suffix(part: &str) -> bool {
    NAME_SUFFIXES.contains(&part.to_lowercase().as_str())
}

pub(in crate::formats) fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word)
}

pub(in crate::formats) fn is_in_no_name(word: &str) -> bool {
    let lower = word.to_lowercase();
    NOT_IN_NAMES.contains(&lower.as_str()) || ROOM_WORDS.contains(&lower.as_str())
}

/// The part of a line before its colon, when it is short enough to be a label.
fn label(line: &str) -> Option<(String, &str)> {
    let (before, rest) = line.split_once(':')?;
    let before = words(before);
    (!before.is_empty() && before.len() <= LABEL_WORDS_MAX).then(|| (before.join(" "), rest.trim()))
}

/// "Panelists: …": the role and the people.
pub(in crate::formats) fn role(line: &str) -> Option<(Role, &str)> {
    let (before, rest) = label(line)?;
    ROLES.iter().find(|(name, _)| *name == before).map(|(_, role)| (*role, rest))
}

/// "Location: Hall A" → "Hall A".
pub(in crate::formats) fn without_room_label(line: &str) -> &str {
    after_label(line, ROOM_LABELS).filter(|rest| !rest.is_empty()).unwrap_or(line)
}

/// "Session Chair: …", "Program Co-Chairs: …".
pub(in crate::formats) fn is_chair(line: &str) -> bool {
    label(line).is_some_and(|(before, _)| before.split(' ').next_back().is_some_and(|last| CHAIRS.contains(&last)))
}

/// "Abstract: …" or "Abstract": what follows it.
pub(in crate::formats) fn abstract_label(line: &str) -> Option<&str> {
    after_label(line, ABSTRACT_LABELS)
}

/// "Bio: …" or "About the Speaker": what follows it.
pub(in crate::formats) fn bio_label(line: &str) -> Option<&str> {
    after_label(line, BIO_LABELS)
}

fn after_label<'a>(line: &'a str, table: &[&str]) -> Option<&'a str> {
    match label(line) {
        Some((before, rest)) => table.contains(&before.as_str()).then_some(rest),
        None => table.contains(&words(line).join(" ").as_str()).then_some(""),
    }
}

/// "Track 2", "Track B: Storage", "Talks Track": a heading that opens one of several parallel tracks.
pub(in crate::formats) fn is_track(line: &str) -> bool {
    let words = words(line);
    let short = |word: &String| word.len() <= 3 && word.chars().all(|c| c.is_ascii_digit() || "abcdefghiv".contains(c));
    let [first, rest @ ..] = words.as_slice() else { return false };
    let opens = first == "track" && rest.first().is_some_and(short);
    let bare = opens && rest.len() == 1;
    let named = opens && words.len() <= TRACK_WORDS_MAX && !line.ends_with(['.', '?', '!']);
    let closes = rest.last().is_some_and(|last| last == "track") && words.len() <= 4 && !line.ends_with('.');
    // "Talks Track 1"
    let numbered = match words.as_slice() {
        [first, .., track, number] => first != "track" && track == "track" && short(number) && words.len() <= 4,
        _ => false,
    };
    bare || named || closes || (numbered && line.starts_with(char::is_uppercase))
}
