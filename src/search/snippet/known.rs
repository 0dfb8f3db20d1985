//! How much a sentence tells: a title that is printed again tells nothing, an address or a greeting little.

use std::cell::OnceCell;

use crate::{
    record::{Kind, Record},
    text::{analyzer::fold_into, sentences::is_closed},
};

/// Of a sentence of prose.
pub(super) const PROSE: f32 = 1.0;
/// From here on a sentence is fit to stand for the text.
pub(super) const FIT: f32 = 0.75;
/// Below, it is no company for others, and is shown where there is nothing else.
pub(super) const NOTHING_NEW: f32 = 0.2;

/// Longer sentences tell more than their record's title and people.
const REPEATED_BYTES_MAX: usize = 240;
/// A line with fewer characters is a heading or an item.
const SHORT_CHARS: usize = 30;
const GREETING_CHARS_MAX: usize = 60;
const LABEL_WORDS_MAX: usize = 5;
/// Bytes of a text in which headings of biographies are looked for, and of such a heading.
const BIO_TEXT_BYTES_MAX: usize = 64 << 10;
const BIO_HEADING_BYTES_MAX: usize = 40;

/// Words that add nothing to those of a title.
#[rustfmt::skip]
const FILLERS: &[&str] = &[
    "a", "abstract", "an", "and", "at", "by", "day", "description", "for", "from", "in", "keynote", "lightning",
    "live", "of", "on", "part", "presentation", "presented", "presents", "recorded", "session", "slides", "speaker",
    "speakers", "summary", "talk", "the", "title", "to", "tutorial", "video", "with", "workshop",
];
const GREETINGS: &[&str] =
    &["hi", "hello", "hey", "welcome", "dear", "greetings", "good morning", "good afternoon", "good evening"];
/// What stands before a colon where facts follow that are no prose.
#[rustfmt::skip]
const LABELS: &[&str] = &[
    "author", "authors", "bio", "blog", "company", "contact", "date", "duration", "event", "facebook", "filmed at",
    "github", "homepage", "language", "level", "license", "licence", "link", "links", "linkedin", "location",
    "mastodon", "more info", "presented by", "presenter", "presenters", "recorded at", "room", "slides", "slides at",
    "slide deck", "speaker", "speakers", "tags", "time", "title", "track", "twitter", "url", "video", "website",
    "where", "when", "youtube",
];
/// Headings above what is said of people, without a colon.
#[rustfmt::skip]
const BIO_HEADINGS: &[&str] = &[
    "about me", "about speaker", "about the author", "about the authors", "about the presenter",
    "about the presenters", "about the speaker", "about the speakers", "bio", "biography", "bios", "speaker bio",
    "speaker bios", "speaker biography", "speaker info", "speaker information", "speakers bio", "speakers bios",
    "who am i", "who we are",
];
/// With which they begin: most lines don't.
const BIO_LETTERS: [char; 8] = ['a', 'b', 's', 'w', 'A', 'B', 'S', 'W'];
/// What follows a name where somebody is introduced.
#[rustfmt::skip]
const INTRODUCTIONS: &[&str] = &[
    "is", "was", "has", "works", "worked", "holds", "lives", "leads", "founded", "joined", "loves", "enjoys",
    "currently", "serves", "spends", "started", "studied", "teaches",
];

/// What a page says of a record besides its text.
pub struct Known {
    /// Words of the title, people, edition and headings, folded, each between spaces.
    words: String,
    /// Words of people's names, likewise; empty where the text is about them.
    names: String,
    /// Where what is said of people begins.
    bio_from: OnceCell<usize>,
}

impl Known {
    pub fn of(record: &Record, headings: &[String]) -> Known {
        let (mut words, mut names) = (String::new(), String::new());
        let year = record.year.map(|year| year.to_string());
        let own = [&record.title, &record.series, &record.edition, &year];
        own.into_iter().flatten().chain(headings).for_each(|text| add_words(text, &mut words));
        for speaker in &record.speakers {
            add_words(&speaker.name, &mut words);
            speaker.affiliation.iter().for_each(|text| add_words(text, &mut words));
            if record.kind == Kind::Talk {
                add_words(&speaker.name, &mut names);
            }
        }
        Known { words, names, bio_from: OnceCell::new() }
    }

    /// How much the bytes `start..end` of a text tell, from 0 to [`PROSE`].
    pub fn worth(&self, text: &str, (start, end): (usize, usize)) -> f32 {
        let sentence = &text[start..end];
        if sentence.len() <= REPEATED_BYTES_MAX && self.says_nothing_new(sentence) {
            return NOTHING_NEW / 10.0;
        }
        let is_short = sentence.len() <= 4 * SHORT_CHARS && sentence.chars().nth(SHORT_CHARS).is_none();
        let mut worth = PROSE;
        if !is_closed(sentence) {
            worth *= if is_short { 0.6 } else { 0.85 };
        } else if is_short {
            worth *= 0.9;
        }
        let has_colon = sentence.as_bytes().contains(&b':');
        if (has_colon && sentence.contains("://")) || sentence.contains("www.") {
            let is_address = |word: &&str| word.contains("://") || word.starts_with("www.");
            let n_words = sentence.split_whitespace().filter(|word| !is_address(word)).count();
            worth *= if n_words < 5 { 0.1 } else { 0.7 };
        }
        if is_greeting(sentence) || is_label(sentence) {
            worth *= 0.4;
        }
        if self.introduces(text, start, sentence) {
            worth *= 0.6;
        }
        worth
    }

    fn says_nothing_new(&self, sentence: &str) -> bool {
        let mut word = String::from(" ");
        let mut words = sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.all(|next| {
            word.truncate(1);
            fold_into(next, &mut word);
            let is_filler = FILLERS.binary_search(&&word[1..]).is_ok();
            word.push(' ');
            is_filler || next.bytes().all(|byte| byte.is_ascii_digit()) || self.words.contains(&word)
        })
    }

    /// Whether a sentence is about a speaker: it begins with the name, or stands below a heading that says so.
    fn introduces(&self, text: &str, start: usize, sentence: &str) -> bool {
        if self.names.is_empty() {
            return false;
        }
        if *self.bio_from.get_or_init(|| bio_from(text)) <= start {
            return true;
        }
        let mut words = sentence.split_whitespace();
        let first = words.next().unwrap_or_default();
        if !words.take(3).any(|word| INTRODUCTIONS.contains(&word)) {
            return false;
        }
        let mut folded = String::new();
        add_words(first, &mut folded);
        let name = folded.split_whitespace().next().unwrap_or_default();
        name.len() > 2 && self.names.split_whitespace().any(|known| known == name)
    }
}

/// Adds the words of a text, folded, each between spaces.
fn add_words(text: &str, out: &mut String) {
    let mut folded = String::with_capacity(text.len());
    fold_into(text, &mut folded);
    out.push(' ');
    out.extend(folded.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }));
    out.push(' ');
}

fn is_greeting(sentence: &str) -> bool {
    let may_greet = sentence.starts_with(|c: char| "dghw".contains(c.to_ascii_lowercase()));
    if !may_greet || sentence.chars().nth(GREETING_CHARS_MAX).is_some() {
        return false;
    }
    GREETINGS.iter().any(|greeting| {
        let parts = sentence.split_at_checked(greeting.len());
        parts.is_some_and(|(start, rest)| {
            start.eq_ignore_ascii_case(greeting) && !rest.starts_with(char::is_alphanumeric)
        })
    })
}

/// "Slides: …", and "What you will learn:".
fn is_label(sentence: &str) -> bool {
    if sentence.ends_with([':', '：']) {
        return sentence.split_whitespace().count() <= LABEL_WORDS_MAX;
    }
    let Some((label, _)) = sentence.split_once(':').filter(|(label, _)| label.len() <= 20) else { return false };
    LABELS.contains(&label.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase().as_str())
}

fn bio_from(text: &str) -> usize {
    if text.len() > BIO_TEXT_BYTES_MAX {
        return text.len();
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        let heading = line.trim_start_matches(|c: char| !c.is_alphanumeric());
        if !heading.starts_with(BIO_LETTERS) {
            continue;
        }
        let heading = heading.trim_end_matches(|c: char| !c.is_alphanumeric());
        if heading.len() <= BIO_HEADING_BYTES_MAX && BIO_HEADINGS.contains(&heading.to_lowercase().as_str()) {
            return at;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Speaker;

    #[test]
    fn tables_are_as_they_are_searched() {
        assert!(FILLERS.is_sorted());
        assert!(BIO_HEADINGS.iter().all(|heading| heading.starts_with(BIO_LETTERS)));
    }

    /// Sentences from those that say nothing to those that tell something, in groups of growing worth.
    #[test]
    fn prose_is_worth_more_than_what_stands_around_it() {
        let speakers = vec![Speaker { name: "Ada Example".to_owned(), ..Speaker::default() }];
        let title = Some("Budgets for Errors: a café talk".to_owned());
        let record = Record { title, speakers, edition: Some("FooConf 2024".to_owned()), ..Record::default() };
        let known = Known::of(&record, &["Second Day".to_owned()]);
        let groups: &[&[&str]] = &[
            &[
                "Budgets for errors, a Cafe\u{301} talk",
                "Ada Example - Budgets for Errors",
                "(Ada Example)",
                "Second day",
                "Talk by Ada Example at FooConf 2024",
                "Abstract",
                "2024-03-01",
            ],
            &["https://foo.example/a?b=c", "Slides: https://foo.example/slides", "See www.foo.example/more"],
            &["What you will learn:", "Hello everybody!", "Speaker: somebody else altogether", "Good evening."],
            &["Ada is an engineer who has spent years among budgets.", "Where the money of others goes"],
            &[
                "Errors have budgets as teams have, and they are spent in the first week.",
                "Welcome to a tour of everything that spends an error budget, and of who pays for it.",
            ],
        ];
        let worth = |sentence: &str| known.worth(sentence, (0, sentence.len()));
        for pair in groups.windows(2) {
            for (less, more) in pair[0].iter().flat_map(|less| pair[1].iter().map(move |more| (less, more))) {
                assert!(worth(less) < worth(more), "{less}: {}, {more}: {}", worth(less), worth(more));
            }
        }
        assert!(groups[0].iter().chain(groups[1]).all(|sentence| worth(sentence) < NOTHING_NEW));
        assert!(groups[4].iter().all(|sentence| worth(sentence) >= FIT));
        let text = "Errors have budgets.\n\nAbout the speaker:\nShe has met a hundred of them in ten years.";
        let at = text.find("She").unwrap();
        assert!(known.worth(text, (at, text.len())) < FIT);
        let bio = Known::of(&Record { kind: Kind::Bio, ..record }, &[]);
        assert!(bio.worth("Ada is an engineer among budgets.", (0, 33)) >= PROSE);
    }
}
