//! Names out of texts: what is listed as somebody's name or organisation becomes a fixed placeholder, wherever it stands.

use std::collections::BTreeSet;

use crate::{
    record::Record,
    text::analyzer::{folded, is_stop_word},
};

/// What stands in the place of a name, and of an organisation.
pub const NAME: &str = "[name]";
pub const ORGANISATION: &str = "[organisation]";

/// Letters of a part of a name that is looked for by itself.
const PART_CHARS_MIN: usize = 3;

/// Names that nobody shall see.
#[derive(Clone, Debug, Default)]
pub struct Blinded {
    /// Folded words of names.
    names: BTreeSet<String>,
    /// Folded words of each organisation.
    organisations: BTreeSet<Vec<String>>,
}

/// A word of a text: its bytes, and itself folded.
struct Word {
    start: usize,
    end: usize,
    folded: String,
    is_capital: bool,
}

impl Blinded {
    /// The names and organisations that records list, of all together: so nothing depends on who is listed where.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a Record>) -> Blinded {
        let mut all = Blinded::default();
        for record in records {
            let people = record.speakers.iter().map(|speaker| speaker.name.as_str()).chain(record.author.as_deref());
            for name in people {
                all.names.extend(words(name).into_iter().map(|word| word.folded).filter(|word| is_name(word)));
            }
            for organisation in record.speakers.iter().filter_map(|speaker| speaker.affiliation.as_deref()) {
                let words: Vec<String> = words(organisation).into_iter().map(|word| word.folded).collect();
                all.organisations.extend((!words.is_empty()).then_some(words));
            }
        }
        all
    }

    /// These, and those that another record lists.
    #[must_use]
    pub fn and(&self, record: &Record) -> Blinded {
        let mut all = Blinded::of([record]);
        all.names.extend(self.names.iter().cloned());
        all.organisations.extend(self.organisations.iter().cloned());
        all
    }

    /// A record and its text without them: nobody is listed, and neither is what the record has beside title and text.
    pub fn blind(&self, record: &Record, body: &str) -> (Record, String) {
        let body = self.without(body);
        let mut blind = Record {
            title: record.title.as_deref().map(|title| self.without(title)),
            speakers: Vec::new(),
            author: None,
            bios: Vec::new(),
            extra: serde_json::Map::new(),
            passages: Vec::new(),
            // Addresses and files are called by names as well.
            id: self.without_in_id(&record.id),
            url: None,
            videos: Vec::new(),
            slides: Vec::new(),
            also_at: Vec::new(),
            sources: Vec::new(),
            source: None,
            via: None,
            ..record.clone()
        };
        (blind.abstract_text, blind.text) = (None, None);
        (blind, body)
    }

    /// An id with placeholders for parts of names.
    fn without_in_id(&self, id: &str) -> String {
        let part = |part: &str| if self.names.contains(part) { NAME.to_owned() } else { part.to_owned() };
        let place = |place: &str| place.split('-').map(part).collect::<Vec<_>>().join("-");
        id.split('/').map(place).collect::<Vec<_>>().join("/")
    }

    /// A text with placeholders.
    pub fn without(&self, text: &str) -> String {
        let words = words(text);
        let mut out = String::with_capacity(text.len());
        let (mut at, mut from, mut was_name) = (0, 0, false);
        while let Some(word) = words.get(at) {
            let n = self.organisation_at(&words[at..]);
            let is_name = word.is_capital && self.names.contains(&word.folded);
            // A name of several words is one placeholder.
            let goes_on = is_name && was_name && text[from..word.start].trim().is_empty();
            if n > 0 || is_name {
                if !goes_on {
                    out.push_str(&text[from..word.start]);
                    out.push_str(if n > 0 { ORGANISATION } else { NAME });
                }
                from = words[at + n.max(1) - 1].end;
            }
            was_name = is_name && n == 0;
            at += n.max(1);
        }
        out.push_str(&text[from..]);
        out
    }

    /// Words of the longest organisation that a text goes on with.
    fn organisation_at(&self, words: &[Word]) -> usize {
        if !words[0].is_capital {
            return 0;
        }
        let first = words[0].folded.as_str();
        let begin = self.organisations.range(vec![first.to_owned()]..).take_while(|own| own[0] == first);
        let is_here = |own: &&Vec<String>| {
            own.len() <= words.len() && own.iter().zip(words).all(|(own, word)| *own == word.folded)
        };
        begin.filter(is_here).map(Vec::len).max().unwrap_or(0)
    }
}

/// Whether a part of a name is one by itself: "de" and "will" stand in every text.
fn is_name(word: &str) -> bool {
    word.chars().count() >= PART_CHARS_MIN && !is_stop_word(word)
}

fn words(text: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut start = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        match (start, c.is_alphanumeric()) {
            (None, true) => start = Some(at),
            (Some(from), false) => {
                let word = &text[from..at];
                let is_capital = !word.starts_with(char::is_lowercase);
                words.push(Word { start: from, end: at, folded: folded(word), is_capital });
                start = None;
            }
            _ => {}
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Speaker;

    fn record(people: &[(&str, &str)]) -> Record {
        let speaker = |(name, affiliation): &(&str, &str)| Speaker {
            name: (*name).to_owned(),
            affiliation: Some((*affiliation).to_owned()),
            ..Speaker::default()
        };
        Record { speakers: people.iter().map(speaker).collect(), ..Record::default() }
    }

    #[test]
    fn names_become_placeholders_wherever_they_stand() {
        let blinded = Blinded::of([&record(&[("Ann van Example", "Works Ltd"), ("Will Sámple", "Works")])]);
        for (text, expected) in [
            ("Ann van Example works at Works Ltd.", "[name] van [name] works at [organisation]."),
            ("ANN EXAMPLE and Sample's talk at Works", "[name] and [name]'s talk at [organisation]"),
            ("For example, this works: ann, will it?", "For example, this works: ann, will it?"),
            ("", ""),
        ] {
            assert_eq!(blinded.without(text), expected);
        }
    }
}
