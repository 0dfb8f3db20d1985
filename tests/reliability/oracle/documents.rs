//! What of a record is searched, document by document, and the values that it is filtered and counted by.

use std::collections::{BTreeMap, HashMap, HashSet};

use hallway::{
    index::signature::SignatureWord,
    record::{Kind, Record, TalkType},
    text::analyzer::{Analyzer, is_stop_word},
};

/// How often a title counts, and a heading above a passage.
const TITLE_TIMES: usize = 3;
const HEADING_TIMES: usize = 2;

/// Terms with where they stand: in which part of a field, and at which place there. No phrase leaves its part.
#[derive(Default)]
pub struct Terms {
    pub places: HashMap<String, Vec<(usize, usize)>>,
    n_parts: usize,
    /// The length as one byte keeps it.
    pub norm: u64,
    pub length: u64,
}

impl Terms {
    fn push(&mut self, analyzer: &mut Analyzer, text: &str, times: usize) {
        for _ in 0..times {
            let part = self.n_parts;
            self.n_parts += 1;
            analyzer.tokens(text, |token| {
                self.places.entry(token.term.to_owned()).or_default().push((part, token.position));
                self.length += 1;
            });
        }
        self.norm = as_norm(self.length);
    }

    pub fn of<'a>(analyzer: &mut Analyzer, texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut words = Terms::default();
        texts.into_iter().for_each(|text| words.push(analyzer, text, 1));
        words
    }

    /// The 32 words that stand here most often, first ones first, without stop words, as the engine keeps them.
    pub fn signature(&self) -> Vec<SignatureWord> {
        let mut words: BTreeMap<u32, (usize, (usize, usize))> = BTreeMap::new();
        for (term, places) in self.places.iter().filter(|(term, _)| !is_stop_word(term)) {
            let hash =
                term.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
            let word = words.entry((hash >> 20) ^ (hash & 0xf_ffff)).or_insert((0, places[0]));
            *word = (word.0 + places.len(), word.1.min(places[0]));
        }
        let mut words: Vec<_> = words.into_iter().map(|(hash, (n, first))| (15 - n.min(15), first, hash)).collect();
        words.sort_unstable();
        words.truncate(32);
        let word =
            |(rest, _, hash): (usize, _, u32)| SignatureWord { hash, frequency: 15 - u32::try_from(rest).unwrap() };
        let mut words: Vec<_> = words.into_iter().map(word).collect();
        words.sort_by_key(|word| word.hash);
        words
    }

    /// How often the terms stand here, at these distances from the first.
    pub fn count(&self, terms: &[(usize, String)]) -> u64 {
        let places = |term: &String| self.places.get(term).map_or(&[][..], Vec::as_slice);
        let Some(((_, first), others)) = terms.split_first() else { return 0 };
        let follows = |(part, at): &(usize, usize)| {
            others.iter().all(|(distance, term)| places(term).binary_search(&(*part, at + distance)).is_ok())
        };
        places(first).iter().filter(|place| follows(place)).count() as u64
    }
}

/// A length in one byte: exact below 24, beyond that four binary digits of what is more (Lucene's `SmallFloat`).
fn as_norm(n: u64) -> u64 {
    const EXACT: u64 = 24;
    let Some(more) = n.checked_sub(EXACT) else { return n };
    let dropped = (u64::BITS - more.leading_zeros()).saturating_sub(4);
    EXACT + (more >> dropped << dropped)
}

/// A talk, a bio, or a passage of a report or of what was said in a talk.
pub struct Document {
    pub text: Terms,
    pub title: Terms,
}

/// The fields' words of a record, document by document.
pub fn documents(record: &Record, analyzer: &mut Analyzer) -> Vec<Document> {
    let title = record.title.as_deref().unwrap_or_default();
    let edition = |text: &mut Terms, analyzer: &mut Analyzer| {
        record.series.iter().chain(&record.edition).for_each(|words| text.push(analyzer, words, 1));
        record.year.iter().for_each(|year| text.push(analyzer, &year.to_string(), 1));
    };
    let mut one = |parts: &[(&str, usize)], rest: &[&str]| {
        let mut text = Terms::default();
        parts.iter().for_each(|(part, times)| text.push(analyzer, part, *times));
        edition(&mut text, analyzer);
        rest.iter().for_each(|part| text.push(analyzer, part, 1));
        Document { text, title: Terms::of(analyzer, [title]) }
    };
    let names = record.speakers.iter().filter(|_| record.kind == Kind::Talk).map(|speaker| (speaker.name.as_str(), 1));
    let passages = record.passages.iter().map(|passage| {
        let headings = passage.heading.iter().map(|heading| (heading.as_str(), HEADING_TIMES));
        let parts: Vec<_> = [(title, 1)].into_iter().chain(names.clone()).chain(headings).collect();
        one(&parts, &[&passage.text])
    });
    let passages: Vec<Document> = passages.collect();
    if record.kind == Kind::Report {
        return if passages.is_empty() { vec![one(&[(title, 1)], &[])] } else { passages };
    }
    let mut parts = vec![(title, TITLE_TIMES)];
    for speaker in &record.speakers {
        if record.kind == Kind::Talk {
            parts.push((&speaker.name, 1));
        }
        parts.extend(speaker.affiliation.as_deref().map(|affiliation| (affiliation, 1)));
    }
    let body = if record.kind == Kind::Talk { &record.abstract_text } else { &record.text };
    let rest: Vec<&str> = record.session.iter().chain(&record.tags).chain(body).map(String::as_str).collect();
    let mut all = vec![one(&parts, &rest)];
    all.extend(passages);
    all
}

/// The values of every facet.
pub fn values(record: &Record) -> BTreeMap<&'static str, Vec<String>> {
    let editions: Vec<(String, String, Option<u16>)> = if record.editions.is_empty() {
        let own = |field: &Option<String>| field.clone().unwrap_or_default();
        vec![(own(&record.series), own(&record.edition), record.year)]
    } else {
        record.editions.iter().map(|edition| (edition.series.clone(), edition.edition.clone(), edition.year)).collect()
    };
    let mut values: BTreeMap<&'static str, Vec<String>> = BTreeMap::new();
    for (series, edition, year) in editions {
        values.entry("conference").or_default().extend([series.clone(), format!("{series}/{edition}")]);
        values.entry("series").or_default().push(series);
        values.entry("edition").or_default().push(edition);
        values.entry("year").or_default().extend(year.map(|year| year.to_string()));
    }
    for topic in &record.topics {
        let area = topic.split_once('/').map(|(area, _)| area.to_owned());
        values.entry("topic").or_default().extend(area.into_iter().chain([topic.clone()]));
    }
    for speaker in &record.speakers {
        values.entry("speaker").or_default().push(speaker.name.clone());
        values.entry("affiliation").or_default().extend(speaker.affiliation.clone());
    }
    values.insert("kind", vec![record.kind.as_str().to_owned()]);
    values.insert("track", record.track.iter().cloned().collect());
    values.insert("type", record.talk_type.iter().map(|sort| sort.as_str().to_owned()).collect());
    values.insert("language", record.language.iter().cloned().collect());
    values.insert("state", record.state.iter().cloned().collect());
    let has = values.entry("has").or_default();
    if !record.videos.is_empty() {
        has.push("video".to_owned());
    }
    if !record.slides.is_empty() {
        has.push("slides".to_owned());
    }
    if record.abstract_text.as_ref().is_some_and(|text| !text.trim().is_empty()) {
        has.push("abstract".to_owned());
    }
    if record.kind == Kind::Talk && !record.passages.is_empty() {
        has.push("transcript".to_owned());
    }
    for name in ["conference", "series", "edition", "year", "topic", "speaker", "affiliation"] {
        let mut seen = HashSet::new();
        let values = values.entry(name).or_default();
        values.retain(|value| !matches!(value.as_str(), "" | "/") && seen.insert(value.clone()));
    }
    values
}

pub fn day(record: &Record) -> u32 {
    let date = record.date.as_ref().map(|date| date.replace('-', "").parse().unwrap());
    date.unwrap_or_else(|| record.year.map_or(0, |year| u32::from(year) * 10_000))
}

pub fn type_rank(record: &Record) -> u8 {
    match record.kind {
        Kind::Bio => 3,
        Kind::Report => 1,
        Kind::Talk => match record.talk_type {
            None | Some(TalkType::Talk | TalkType::Keynote) => 0,
            Some(TalkType::Panel | TalkType::Workshop | TalkType::Tutorial | TalkType::Paper) => 1,
            Some(_) => 2,
        },
    }
}
