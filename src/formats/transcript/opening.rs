//! How a turn of a transcript begins: "ANN EXAMPLE: …", "[00:12:34] Ann: …", "Speaker 1 (00:12): …".

use super::person;
use crate::text::analyzer::folded;

/// How a turn is opened, the surest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Timed,
    Capitals,
    Role,
    Name,
}

/// The beginning of a turn.
#[derive(Clone, Debug)]
pub(super) struct Opening {
    pub label: Option<String>,
    pub second: Option<u32>,
    pub sort: Sort,
    /// Where the words begin, in bytes of the line.
    pub rest: usize,
}

/// Words, folded, of labels that name nobody.
const ROLES: &[&str] = &[
    "speaker",
    "audience",
    "question",
    "questioner",
    "answer",
    "interviewer",
    "interviewee",
    "moderator",
    "host",
    "floor",
    "unknown",
    "voice",
    "narrator",
    "participant",
    "attendee",
    "member",
    "presenter",
    "chair",
    "panelist",
    "unidentified",
    "q",
    "a",
    "all",
    "everyone",
    "man",
    "woman",
    "male",
    "female",
    "sprecher",
    "publikum",
    "frage",
    "antwort",
    "translator",
    "operator",
    "announcer",
];
/// Labels that reports and manuals have, folded.
#[rustfmt::skip]
const NO_LABELS: &[&str] = &[
    "note", "notes", "nb", "todo", "warning", "tip", "tips", "url", "link", "links", "date", "update", "edit", "ps", "tldr", "tl;dr",
    "disclaimer", "abstract", "title", "author", "authors", "summary", "fixme", "important", "example", "examples", "session", "talk",
    "keynote", "track", "room", "time", "where", "when", "who", "what", "why", "how", "pros", "cons", "slides", "video", "location",
    "event", "conference", "description", "keywords", "tags", "category", "subject", "from", "to", "cc", "re", "topic", "bio", "http",
    "https", "day", "see", "source", "copyright", "license", "version", "input", "output", "error", "info", "debug", "paper", "papers",
    "affiliation", "organizer", "organizers", "sponsor", "sponsors", "hint", "caution", "conclusion", "introduction", "agenda", "goal",
];
const LABEL_BYTES_MAX: usize = 48;
const LABEL_WORDS_MAX: usize = 5;
/// A recording has no more hours.
const HOURS_MAX: u32 = 100;

pub(super) fn is_role(label: &str) -> bool {
    let label = folded(label);
    let words = label.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty());
    words.into_iter().any(|word| ROLES.contains(&word))
}

pub(super) fn opening(line: &str) -> Option<Opening> {
    let shown = line.trim_start();
    let indent = line.len() - shown.len();
    let at = |rest: &str| line.len() - rest.len();
    if let Some((second, rest, is_bracket, has_hours)) = leading_time(shown) {
        let text = rest.trim_start_matches([' ', '\t', '-', '–', '—', '|']);
        if let Some((label, rest)) = label(text).filter(|(label, _)| begins_as_name(label)) {
            return Some(Opening { label: Some(label), second: Some(second), sort: Sort::Timed, rest: at(rest) });
        }
        // What video sites show is a time on a line of its own over the words.
        let is_plain = !text.starts_with('<') && (is_bracket || has_hours || text.trim().is_empty());
        return is_plain.then(|| Opening { label: None, second: Some(second), sort: Sort::Timed, rest: at(rest) });
    }
    if let Some((label, second, rest)) = trailing_time(shown) {
        return Some(Opening { label: Some(label), second: Some(second), sort: Sort::Timed, rest: at(rest) });
    }
    let (label, rest) = label(shown)?;
    let rest = at(rest);
    let letters = label.chars().filter(|c| c.is_alphabetic()).count();
    let is_capital = letters >= 2 && !label.chars().any(char::is_lowercase);
    let sort = if is_role(&label) && (is_capital || begins_as_name(&label)) {
        Sort::Role
    } else if is_capital {
        Sort::Capitals
    } else if indent == 0 && begins_as_name(&label) {
        Sort::Name
    } else {
        return None;
    };
    let sort = if sort == Sort::Role && is_capital && letters > 2 { Sort::Capitals } else { sort };
    Some(Opening { label: Some(label), second: None, sort, rest })
}

fn begins_as_name(label: &str) -> bool {
    label.starts_with(|c: char| c.is_uppercase()) || !label.contains(|c: char| c.is_lowercase())
}

/// "ANN EXAMPLE: words", "**Ann:** words": the label and what follows.
pub(super) fn label(text: &str) -> Option<(String, &str)> {
    // Live captions put `>>` before whoever begins.
    let text = text.strip_prefix(">>").map_or(text, |rest| rest.trim_start_matches(['>', ' ']));
    let bold = text.strip_prefix("**");
    let text = bold.unwrap_or(text);
    let (label, rest) = text.split_once(':')?;
    let label = label.strip_prefix('[').and_then(|label| label.strip_suffix(']')).unwrap_or(label);
    if label.len() > LABEL_BYTES_MAX || !(rest.is_empty() || rest.starts_with([' ', '\t', '*'])) {
        return None;
    }
    let label = label.trim_end_matches("**").trim();
    let rest = if bold.is_some() { rest.trim_start_matches('*') } else { rest };
    let is_word = |c: char| c.is_alphanumeric() || " .'’-_()&/#".contains(c);
    let fits = label.starts_with(char::is_alphabetic)
        && label.chars().all(is_word)
        && label.split_whitespace().count() <= LABEL_WORDS_MAX
        && !NO_LABELS.contains(&folded(label).split(' ').next().unwrap_or_default())
        && !NO_LABELS.contains(&&*folded(label));
    fits.then(|| (label.to_owned(), rest))
}

/// `[00:12:34]`, `(12:34)`, `00:12:34`, `[00:00.000 --> 00:05.000]`: the second, what follows, and whether it is in
/// brackets and has hours.
fn leading_time(text: &str) -> Option<(u32, &str, bool, bool)> {
    let close = match text.chars().next()? {
        '[' => ']',
        '(' => ')',
        c if c.is_ascii_digit() => {
            let end = text.find(|c: char| !(c.is_ascii_digit() || ":.,".contains(c))).unwrap_or(text.len());
            let time = text[..end].trim_end_matches(['.', ',', ':']);
            return Some((seconds(time)?, &text[end..], false, time.matches(':').count() == 2));
        }
        _ => return None,
    };
    let (inner, rest) = text[1..].split_once(close)?;
    let inner = inner.split("-->").next()?.split('–').next()?.split(" - ").next()?.trim();
    Some((seconds(inner)?, rest, true, inner.matches(':').count() == 2))
}

/// "Ann Example (00:12): words", "Ann Example [00:12]", "Ann Example  0:12".
fn trailing_time(text: &str) -> Option<(String, u32, &str)> {
    let (head, rest) = match text.find(['(', '[']) {
        Some(open) if open <= LABEL_BYTES_MAX => {
            let close = if text[open..].starts_with('(') { ')' } else { ']' };
            let end = open + text[open..].find(close)?;
            let after = &text[end + 1..];
            let rest = after.strip_prefix(':').or_else(|| after.trim().is_empty().then_some(after))?;
            ((&text[..open], &text[open + 1..end]), rest)
        }
        _ => {
            let (label, time) = text.trim_end().rsplit_once([' ', '\t'])?;
            ((label, time), &text[text.len()..])
        }
    };
    let (label, time) = (head.0.trim(), head.1.trim());
    let second = seconds(time)?;
    let fits = !label.is_empty() && label.len() <= LABEL_BYTES_MAX && (is_role(label) || person(label).is_some());
    fits.then(|| (label.to_owned(), second, rest))
}

/// `1:02:03`, `02:03`, with or without parts of a second.
fn seconds(time: &str) -> Option<u32> {
    let clock = time.split(['.', ',']).next()?;
    let part = |text: &str| {
        let fits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u32>().ok()).flatten()
    };
    let parts: Vec<u32> = clock.split(':').map(part).collect::<Option<_>>()?;
    match parts[..] {
        [minutes, seconds] if seconds < 60 => Some(minutes * 60 + seconds),
        [hours, minutes, seconds] if minutes < 60 && seconds < 60 && hours < HOURS_MAX => {
            Some((hours * 60 + minutes) * 60 + seconds)
        }
        _ => None,
    }
}
