//! Which sentences of a text are about the talk. What is said of its speakers, where it was recorded and where to follow whom
//! stands under every talk of a person or a conference, and makes none of them like another.

use std::{collections::BTreeSet, ops::Range};

use super::{blind::NAME, people::Person};
use crate::text::{
    analyzer::{Analyzer, folded},
    sentences::sentences,
};

/// Headings of what is said of people, folded.
const PEOPLE_HEADINGS: &[&str] = &[
    "about me",
    "about the author",
    "about the authors",
    "about the presenter",
    "about the presenters",
    "about the speaker",
    "about the speakers",
    "about us",
    "author",
    "authors",
    "bio",
    "bios",
    "biography",
    "presenter",
    "presenter bio",
    "presenters",
    "short bio",
    "speaker",
    "speaker bio",
    "speaker biography",
    "speaker info",
    "speakers",
    "uber den referenten",
    "uber die referentin",
];
/// First words of short lines that say where things are, folded.
const LABELS: &[&str] = &[
    "author",
    "bio",
    "event",
    "feedback",
    "follow",
    "github",
    "license",
    "licence",
    "link",
    "links",
    "presented",
    "presenter",
    "produced",
    "recorded",
    "room",
    "slides",
    "speaker",
    "speakers",
    "track",
    "twitter",
    "video",
    "website",
];
/// Those of them that say who speaks.
const PERSONS: &[&str] = &["author", "bio", "presenter", "speaker", "speakers"];
/// With which a sentence goes on about a person that the one before it named.
const PRONOUNS: &[&str] =
    &["he", "she", "they", "his", "her", "their", "in", "when", "previously", "currently", "prior"];
/// Words behind a first name, where a sentence begins with it, that make it a name.
const VERBS: &[&str] = &[
    "is",
    "was",
    "has",
    "had",
    "works",
    "worked",
    "lives",
    "loves",
    "likes",
    "enjoys",
    "runs",
    "leads",
    "holds",
    "writes",
    "teaches",
    "studied",
    "joined",
    "started",
    "currently",
    "co",
    "gives",
    "talks",
    "presents",
];
/// How a sentence on what may be done with the recording begins, however long it is.
const LICENCES: &[&str] = &["license:", "licence:"];
/// A longer line is no label and no heading.
const LABEL_BYTES_MAX: usize = 120;
const LABEL_WORDS_MAX: usize = 12;
const HEADING_WORDS_MAX: usize = 6;
/// A line about when it was has more, each number being one.
const SLOT_WORDS_MAX: usize = 16;

/// The sentences about the talk, as bytes of the text.
pub(super) fn own_sentences(text: &str, people: &[Person], analyzer: &mut Analyzer) -> Vec<Range<usize>> {
    let found = sentences(text);
    let about_someone = about_someone(text, &found, analyzer);
    let mut own = Vec::new();
    // Whether the part below a heading, and the paragraph so far, are about people.
    let (mut in_part, mut in_paragraph) = (false, false);
    let mut before = 0;
    for (at, (start, end)) in found.into_iter().enumerate() {
        let begins_paragraph = before == 0 || is_gap(&text[before..start]);
        before = end;
        in_paragraph &= !begins_paragraph;
        if about_someone.contains(&at) {
            in_paragraph = true;
            continue;
        }
        if is_licence(&text[start..end]) {
            continue;
        }
        if !in_paragraph && is_plain(&text[start..end], people) {
            if !in_part {
                own.push(start..end);
            }
            continue;
        }
        let sentence = Words::of(&text[start..end], analyzer);
        if begins_paragraph && sentence.is_heading(&text[start..end]) {
            in_part = PEOPLE_HEADINGS.contains(&sentence.plain.as_str());
            continue;
        }
        // Behind a text that is a bio; before it, only who speaks.
        in_part |=
            !own.is_empty() && sentence.is_label() && sentence.first().is_some_and(|word| PERSONS.contains(&word));
        if sentence.names(people) || text[start..end].contains(NAME) {
            in_paragraph = true;
            continue;
        }
        in_paragraph &= sentence.first().is_some_and(|word| PRONOUNS.contains(&word));
        let is_label = sentence.is_label() || sentence.is_slot(&text[start..end]);
        if !in_part && !in_paragraph && !is_label {
            own.push(start..end);
        }
    }
    own
}

fn is_licence(sentence: &str) -> bool {
    LICENCES.iter().any(|licence| sentence.get(..licence.len()).is_some_and(|head| head.eq_ignore_ascii_case(licence)))
}

/// Whether a sentence is too long for a heading or a label and names nobody, told without a look at its words.
fn is_plain(sentence: &str, people: &[Person]) -> bool {
    sentence.len() > LABEL_BYTES_MAX && sentence.is_ascii() && !sentence.contains(NAME) && {
        let lower = sentence.to_ascii_lowercase();
        !people.iter().flat_map(|person| &person.0).any(|word| lower.contains(word.as_str()))
    }
}

/// Whether what stands between two sentences ends a paragraph.
fn is_gap(between: &str) -> bool {
    between.bytes().filter(|byte| *byte == b'\n').count() > 1
}

/// The sentences, by their places, of paragraphs behind the first as far as one says what he or she is: bios that name nobody.
fn about_someone(text: &str, sentences: &[(usize, usize)], analyzer: &mut Analyzer) -> BTreeSet<usize> {
    let (mut all, mut paragraph, mut is_first) = (BTreeSet::new(), 0, true);
    for (at, (start, end)) in sentences.iter().enumerate() {
        if at > 0 && is_gap(&text[sentences[at - 1].1..*start]) {
            (paragraph, is_first) = (at, false);
        }
        let sentence = &text[*start..*end];
        let rest = ["She", "He"].iter().find_map(|word| sentence.strip_prefix(word));
        let Some(rest) = rest.filter(|_| !is_first) else { continue };
        let is = |rest: &str| ["’s ", "'s "].iter().any(|is| rest.starts_with(is));
        let is_bio = is(rest) || rest.starts_with(' ') && Words::of(sentence, analyzer).second_is(VERBS);
        if is_bio {
            all.extend(paragraph..=at);
        }
    }
    all
}

/// A sentence's words, folded, and whether each is capitalised.
struct Words {
    words: Vec<(String, bool)>,
    /// With single spaces between them.
    plain: String,
}

impl Words {
    fn of(sentence: &str, analyzer: &mut Analyzer) -> Words {
        let mut words = Vec::new();
        analyzer.tokens(sentence, |token| {
            let is_capital = sentence[token.start..].starts_with(char::is_uppercase);
            words.push((token.word.to_owned(), is_capital));
        });
        let plain = words.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" ");
        Words { words, plain }
    }

    fn first(&self) -> Option<&str> {
        self.words.first().map(|(word, _)| word.as_str())
    }

    fn second_is(&self, words: &[&str]) -> bool {
        self.words.get(1).is_some_and(|(word, _)| words.contains(&word.as_str()))
    }

    fn is_heading(&self, sentence: &str) -> bool {
        let is_short = (1..=HEADING_WORDS_MAX).contains(&self.words.len());
        is_short && (sentence.ends_with(':') || PEOPLE_HEADINGS.contains(&self.plain.as_str()))
    }

    fn is_label(&self) -> bool {
        self.words.len() <= LABEL_WORDS_MAX && self.first().is_some_and(|word| LABELS.contains(&word))
    }

    /// Whether it is a line that says from when to when it was, and little else.
    fn is_slot(&self, sentence: &str) -> bool {
        let is_clock = |piece: &str| {
            let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
            piece.split_once(':').is_some_and(|(hour, minute)| digits(hour) && digits(minute))
        };
        let pieces = sentence.split(|c: char| !c.is_ascii_digit() && c != ':');
        self.words.len() <= SLOT_WORDS_MAX && pieces.filter(|piece| is_clock(piece)).count() > 1
    }

    /// Whether it names one of the people: both names, the last one, or the first one as a name and no other word.
    fn names(&self, people: &[Person]) -> bool {
        people.iter().any(|person| {
            let mut named: Vec<&str> = Vec::new();
            self.words.iter().enumerate().any(|(at, (word, is_capital))| {
                if !is_capital || !person.has_word(word) {
                    return false;
                }
                if !named.contains(&word.as_str()) {
                    named.push(word);
                }
                let is_last = word == person.last() && person.0.len() > 1;
                let next = self.words.get(at + 1).map_or("", |(word, _)| word.as_str());
                let is_subject = at > 0 || VERBS.contains(&next);
                named.len() > 1 || is_subject || (is_last && at > 0)
            })
        })
    }
}

/// A text with spaces in the place of addresses, handles and tags: bytes stay where they are.
pub(super) fn without_addresses(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for piece in text.split_inclusive(char::is_whitespace) {
        let word = piece.trim_end();
        let is_address = word.contains("://")
            || word.starts_with("www.")
            || word.starts_with('#')
            || word.find('@').is_some_and(|at| at < word.len() - 1);
        if is_address {
            out.extend(std::iter::repeat_n(' ', word.len()));
            out.push_str(&piece[word.len()..]);
        } else {
            out.push_str(piece);
        }
    }
    out
}

/// Whether a title is of a session that is no talk of its own, whatever stands below it: all of its words are such, or say
/// when.
pub fn is_generic(title: &str) -> bool {
    let title = folded(title);
    let is_letter = |c: char| c.is_alphanumeric();
    let mut names_one = false;
    let all = title.split(|c| !is_letter(c)).filter(|word| !word.is_empty()).all(|word| {
        let names = GENERIC.contains(&word);
        names_one |= names;
        names || AROUND_GENERIC.contains(&word) || word.bytes().any(|byte| byte.is_ascii_digit())
    });
    all && names_one
}

/// Words for sessions that are no talks.
const GENERIC: &[&str] = &[
    "announcements",
    "break",
    "breakfast",
    "ceremony",
    "closing",
    "coffee",
    "dinner",
    "farewell",
    "goodbye",
    "ignites",
    "introduction",
    "keysigning",
    "lightning",
    "lunch",
    "opening",
    "openspace",
    "openspaces",
    "party",
    "raffle",
    "registration",
    "remarks",
    "social",
    "sponsors",
    "sprint",
    "sprints",
    "tba",
    "tbc",
    "tbd",
    "unconference",
    "welcome",
    "wrapup",
];
/// Words that stand around those.
const AROUND_GENERIC: &[&str] = &[
    "a",
    "address",
    "afternoon",
    "and",
    "by",
    "conference",
    "day",
    "evening",
    "event",
    "fifth",
    "final",
    "first",
    "for",
    "fourth",
    "friday",
    "from",
    "ii",
    "iii",
    "in",
    "iv",
    "monday",
    "morning",
    "of",
    "on",
    "one",
    "open",
    "part",
    "saturday",
    "second",
    "session",
    "sessions",
    "space",
    "spaces",
    "speech",
    "sunday",
    "talk",
    "talks",
    "the",
    "third",
    "three",
    "thursday",
    "to",
    "tuesday",
    "two",
    "up",
    "wednesday",
    "with",
    "wrap",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str, names: &[&str]) -> Vec<String> {
        let mut analyzer = Analyzer::default();
        let people: Vec<Person> = names.iter().filter_map(|name| Person::new(name, &mut analyzer)).collect();
        let own = own_sentences(text, &people, &mut analyzer);
        own.into_iter().map(|range| text[range].to_owned()).collect()
    }

    #[test]
    fn what_is_said_of_people_is_not_about_the_talk() {
        let text = "Queues fill up, and nobody looks.\n\nAnn Example is an engineer at a plant. She likes rivers. \
                    Will this hold?\n\nWe measure what waits.\n\nSpeaker bio\n\nBuilt three dams.\n\nOutline:\n\nWhat a queue is.";
        assert_eq!(
            kept(text, &["Ann Example", "Will Sample"]),
            ["Queues fill up, and nobody looks.", "Will this hold?", "We measure what waits.", "What a queue is."]
        );
        assert_eq!(kept("Day 2, R3 10:50–11:20\n\nTwo halves make one.", &[]), ["Two halves make one."]);
        assert_eq!(kept("Slides: see below\nTwo halves make one.", &[]), ["Two halves make one."]);
        let licence = "Licence: this recording and all that it shows may be copied by anybody who names the people in it, \
                       at any time, in any place and for any purpose.";
        assert_eq!(kept(&format!("Two halves make one.\n\n{licence}"), &[]), ["Two halves make one."]);
        assert_eq!(kept("She said that it holds.", &[]), ["She said that it holds."]);
        let nameless = "Two halves make one.\n\nEngineer at a plant. She’s keen on dams.\n\nHow it goes.";
        assert_eq!(kept(nameless, &[]), ["Two halves make one.", "How it goes."]);
        let labelled = "Two halves make one.\n\nSpeaker: Ann Example\n\nThe engineer likes rivers.";
        assert_eq!(kept(labelled, &["Ann Example"]), ["Two halves make one."]);
        let before = "Speaker: somebody\n\nTwo halves make one.";
        assert_eq!(kept(before, &[]), ["Two halves make one."]);
        assert_eq!(kept(&format!("{before}\n\nSpeaker: somebody\nLikes rivers."), &[]), ["Two halves make one."]);
    }

    #[test]
    fn addresses_say_nothing() {
        let text = "See https://example.org/a or @handle, a@example.org and #tag in C# @ 5.";
        let masked = without_addresses(text);
        assert_eq!(masked.len(), text.len());
        assert_eq!(masked.split_whitespace().collect::<Vec<_>>(), ["See", "or", "and", "in", "C#", "@", "5."]);
    }

    #[test]
    fn some_sessions_are_no_talks() {
        for title in
            ["Lightning Talks", "Lightning talks, day 2", "Opening Remarks", "TBA", "Welcome & Introduction", "Lunch"]
        {
            assert!(is_generic(title), "{title}");
        }
        for title in ["", "Keynote", "Opening the black box", "Lightning-fast talks", "Day 2", "Break the monolith"] {
            assert!(!is_generic(title), "{title}");
        }
    }
}
