//! Record → tantivy documents: a talk, a bio and every passage of a report are one document each. A talk with a transcript
//! has a document for each of its passages besides.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashSet},
};

use serde::Deserialize;
use tantivy::{
    TantivyDocument,
    schema::{Field, Schema},
};

use super::{
    boilerplate,
    merge::{Member, Merged, Traits},
    schema::{self, UNKNOWN, handle, internal},
    searched,
    signature::signature,
    words::Words,
};
use crate::{
    error::{Error, ErrorKind, Result},
    record::{Kind, Passage, Record, TalkType, bare_id},
    text::{
        abbreviation::{Abbreviation, abbreviations},
        analyzer::{Analyzer, BREAK, folded, in_language},
        floor, is_one_line, one_line,
    },
};

/// Bytes of a facet's value; longer ones are cut.
const VALUE_BYTES_MAX: usize = 512;

/// Tantivy leaves longer terms out: a record with such an id would never be found again, and stay for ever.
const ID_BYTES_MAX: usize = 65_530;

/// A record as a hit shows it.
#[derive(Clone, Debug)]
pub struct Shown {
    pub record: Record,
    pub(super) unsearched: Vec<u32>,
}

impl Shown {
    /// The record's body as it was searched: without the lines that repeat across its edition.
    pub fn searched_body(&self) -> Cow<'_, str> {
        boilerplate::without(self.record.body(), &self.unsearched)
    }

    /// The same with spaces in the place of those lines, so that bytes of it are bytes of the body.
    pub fn masked_body(&self) -> Cow<'_, str> {
        boilerplate::masked(self.record.body(), &self.unsearched)
    }
}

/// What a stored record begins with that has such lines.
const UNSEARCHED: &str = "{\"unsearched\":";

/// The lines of a stored record's body that are not searched.
pub(super) fn unsearched(json: &str) -> Vec<u32> {
    #[derive(Default, Deserialize)]
    struct Lines {
        unsearched: Vec<u32>,
    }
    let lines = json.starts_with(UNSEARCHED).then(|| serde_json::from_str::<Lines>(json).unwrap_or_default());
    lines.unwrap_or_default().unsearched
}

/// Turns records into documents of one schema.
pub(super) struct Documents {
    schema: Schema,
    analyzer: Analyzer,
    words: Words,
}

impl Documents {
    pub fn new(schema: Schema) -> Self {
        Documents { schema, analyzer: Analyzer::default(), words: Words::default() }
    }

    /// The documents of one record, which belong together: all are added or none. Lines in `repeated` are not searched.
    pub fn of(&mut self, merged: &Merged, traits: &Traits, repeated: &HashSet<u64>) -> Result<Vec<TantivyDocument>> {
        let record = &merged.record;
        if record.id.len() > ID_BYTES_MAX {
            let title = record.title.as_deref().unwrap_or_default();
            let message = format!("the id of \"{}\" is longer than {ID_BYTES_MAX} bytes", one_line(title));
            return Err(Error::new(ErrorKind::Input, message));
        }
        let is_report = record.kind == Kind::Report;
        let is_cut = is_report || record.is_transcript();
        let unsearched = if is_report { Vec::new() } else { boilerplate::repeated_lines(record.body(), repeated) };
        // A passage is stored with what a hit shows of its record, not with the whole of it.
        let mut shown = is_cut.then(|| hit_head(record));
        let mut stored = |passages: Vec<Passage>| {
            let Some(shown) = &mut shown else { return Ok(None) };
            shown.passages = passages;
            to_json(&unsearched, shown).map(Some)
        };
        let head = self.head(merged, traits);
        let mut documents = Vec::with_capacity(1 + record.passages.len());
        // What stands for the record as a whole: all but a report that has passages.
        if !is_report || record.passages.is_empty() {
            let nothing = Passage::default();
            let text = if is_report { searched_passage(record, &nothing) } else { searched_text(record, &unsearched) };
            let shown = stored(if is_report { vec![nothing] } else { Vec::new() })?;
            documents.push(self.document(&head, record, &text, shown));
        }
        for passage in record.passages.iter().filter(|_| is_cut) {
            let shown = stored(vec![passage.clone()])?;
            documents.push(self.document(&head, record, &searched_passage(record, passage), shown));
        }
        match &traits.json {
            Some(json) if unsearched.is_empty() => self.add(&mut documents[0], internal::RECORD, json),
            _ => self.add(&mut documents[0], internal::RECORD, &to_json(&unsearched, record)?),
        }
        self.add_members(&mut documents[0], merged)?;
        Ok(documents)
    }

    /// One document; of a record that has several it knows what a hit shows.
    fn document(
        &mut self,
        head: &TantivyDocument,
        record: &Record,
        text: &Parts,
        shown: Option<String>,
    ) -> TantivyDocument {
        let mut document = head.clone();
        document.add_u64(handle(&self.schema, internal::IS_PASSAGE), u64::from(shown.is_some()));
        #[cfg(feature = "faults")]
        if super::disk::point(&super::Op::Document(&record.id)).is_err() {
            self.add(&mut document, internal::IS_PASSAGE, "not a number");
        }
        let mut title = Parts::new(record);
        title.push(record.title.as_deref(), 1);
        // The text last: the signature is of its words.
        for (terms, words, text) in [("title", internal::TITLE_WORDS, &title), ("text", internal::WORDS, text)] {
            self.words.read(&text.marked, &mut self.analyzer);
            self.add(&mut document, terms, &self.words.terms);
            self.add(&mut document, words, &self.words.spellings);
        }
        for word in signature(self.words.counted()) {
            document.add_u64(handle(&self.schema, internal::SIGNATURE), word.to_number());
        }
        for definition in definitions(text.text(), &mut self.analyzer) {
            self.add(&mut document, internal::DEFINITION, &definition);
        }
        if let Some(shown) = shown {
            self.add(&mut document, internal::PASSAGE, &shown);
        }
        document
    }

    /// A record without copies is its own only member.
    fn add_members(&self, document: &mut TantivyDocument, merged: &Merged) -> Result<()> {
        if merged.members.len() > 1 {
            let members =
                serde_json::to_string(&merged.members).map_err(|error| cannot_store(&merged.record, error))?;
            self.add(document, internal::MEMBERS, &members);
        }
        Ok(())
    }

    fn add(&self, document: &mut TantivyDocument, field: &str, text: &str) {
        document.add_text(handle(&self.schema, field), text);
    }

    /// What all documents of a record share: ids, facets, the order among equals.
    fn head(&self, merged: &Merged, traits: &Traits) -> TantivyDocument {
        let record = &merged.record;
        let mut document = TantivyDocument::default();
        self.add(&mut document, internal::ID, &record.id);
        self.add(&mut document, internal::BARE_ID, bare_id(&record.id));
        let (mut keyed, mut editions) = (BTreeSet::new(), BTreeSet::new());
        for Member { source, record: other } in &merged.members {
            keyed.insert((internal::SOURCE, source.as_str()));
            if other.kind != Kind::Report {
                editions.extend(other.edition_id.as_deref().map(parent_key));
            }
            if other.id != record.id {
                keyed.insert((internal::ALIAS, other.id.as_str()));
                keyed.insert((internal::BARE_ID, bare_id(&other.id)));
            }
        }
        for (field, value) in keyed {
            self.add(&mut document, field, value);
        }
        for key in &traits.keys {
            self.add(&mut document, internal::KEY, &key.to_string());
        }
        let number = |document: &mut TantivyDocument, field: &str, value: u64| {
            document.add_u64(handle(&self.schema, field), value);
        };
        editions.into_iter().for_each(|edition| number(&mut document, internal::EDITION, edition));
        traits.lines.iter().for_each(|line| number(&mut document, internal::LINES, *line));
        number(&mut document, internal::PARENT, parent_key(&record.id));
        record.also_at.iter().for_each(|id| number(&mut document, internal::ALSO_AT, parent_key(id)));
        number(&mut document, internal::DAY, day(record));
        number(&mut document, internal::TYPE_RANK, type_rank(record));
        for (name, values) in facet_values(record) {
            let field: Field = handle(&self.schema, name);
            for value in values {
                document.add_text(field, &value);
            }
        }
        document
    }
}

/// What a hit shows of a record besides the passage.
fn hit_head(record: &Record) -> Record {
    let mut head = Record { passages: Vec::new(), ..record.clone() };
    if record.kind == Kind::Report {
        (head.text, head.extra) = (None, serde_json::Map::new());
    }
    head
}

/// A record as it is stored, with the lines of its body that are not searched: see [`UNSEARCHED`].
fn to_json(unsearched: &[u32], record: &Record) -> Result<String> {
    let json = serde_json::to_string(record).map_err(|error| cannot_store(record, error))?;
    if unsearched.is_empty() {
        return Ok(json);
    }
    let numbers: Vec<String> = unsearched.iter().map(u32::to_string).collect();
    Ok(format!("{UNSEARCHED}[{}],{}", numbers.join(","), json.trim_start_matches('{')))
}

fn cannot_store(record: &Record, cause: serde_json::Error) -> Error {
    Error::new(ErrorKind::Index, format!("can't store {}", record.id)).because(cause)
}

/// First 8 bytes of the BLAKE3 of the id of a record or an edition.
pub(super) fn parent_key(id: &str) -> u64 {
    let hash = blake3::hash(id.as_bytes());
    hash.as_bytes()[..8].iter().fold(0, |key, byte| key << 8 | u64::from(*byte))
}

/// YYYYMMDD from the date, else YYYY0000 from the year, else 0.
fn day(record: &Record) -> u64 {
    let from_date = record.date.as_deref().and_then(|date| date.replace('-', "").parse().ok());
    from_date.unwrap_or_else(|| record.year.map_or(0, |year| u64::from(year) * 10_000))
}

/// Among equal scores a keynote or talk comes first and a bio last.
fn type_rank(record: &Record) -> u64 {
    match (record.kind, record.talk_type) {
        (Kind::Talk, None | Some(TalkType::Talk | TalkType::Keynote)) => 0,
        (Kind::Talk, Some(TalkType::Lightning | TalkType::Poster | TalkType::Bof | TalkType::Other)) => 2,
        (Kind::Talk, Some(_)) | (Kind::Report, _) => 1,
        (Kind::Bio, _) => 3,
    }
}

/// What a text says itself that its abbreviations stand for, both ways.
fn definitions(text: &str, analyzer: &mut Analyzer) -> BTreeSet<String> {
    let mut definitions = BTreeSet::new();
    analyzer.set_language(None);
    for Abbreviation { short, long } in abbreviations(text) {
        let [short_terms, long_terms] = [short, long].map(|text| analyzer.terms(text).join(" "));
        let [short, long] = [short, long].map(folded);
        definitions.insert(schema::definition(&short_terms, &long));
        definitions.insert(schema::definition(&long_terms, &short));
    }
    definitions
}

fn searched_text(record: &Record, unsearched: &[u32]) -> Parts {
    let body = boilerplate::without(record.body(), unsearched);
    Parts::new(record).with(&searched::of_record(record, body))
}

fn searched_passage(record: &Record, passage: &Passage) -> Parts {
    Parts::new(record).with(&searched::of_passage(record, passage))
}

/// Texts with a break between them that no phrase crosses.
struct Parts {
    /// With the language of the record before them.
    marked: String,
    /// Where the first text begins.
    start: usize,
}

impl Parts {
    fn new(record: &Record) -> Parts {
        let marked = in_language(record.language.as_deref(), "");
        Parts { start: marked.len(), marked }
    }

    fn text(&self) -> &str {
        &self.marked[self.start..]
    }

    fn push(&mut self, text: Option<&str>, times: usize) {
        let Some(text) = text.filter(|text| !text.is_empty()) else { return };
        for _ in 0..times {
            if !self.text().is_empty() {
                self.marked.push(BREAK);
            }
            self.marked.push_str(text);
        }
    }

    fn with(mut self, parts: &[searched::Part<'_>]) -> Parts {
        parts.iter().for_each(|part| self.push(Some(&part.text), part.times));
        self
    }
}

/// The values of every facet, each once; [`UNKNOWN`] is none.
pub fn facet_values(record: &Record) -> Vec<(&'static str, Vec<String>)> {
    let one = |value: &Option<String>| value.iter().cloned().collect::<Vec<_>>();
    let editions: Vec<(&str, &str, Option<u16>)> = if record.editions.is_empty() {
        vec![(record.series.as_deref().unwrap_or_default(), record.edition.as_deref().unwrap_or_default(), record.year)]
    } else {
        record.editions.iter().map(|e| (e.series.as_str(), e.edition.as_str(), e.year)).collect()
    };
    let has_series = |(series, ..): &&(&str, &str, Option<u16>)| !series.is_empty() && folded(series) != UNKNOWN;
    let conferences = editions.iter().filter(has_series).map(|(series, edition, _)| {
        if edition.is_empty() { (*series).to_owned() } else { format!("{series}/{edition}") }
    });
    let values = [
        ("kind", vec![record.kind.as_str().to_owned()]),
        ("conference", with_ancestors(conferences.collect())),
        ("series", editions.iter().map(|(series, ..)| (*series).to_owned()).collect()),
        ("edition", editions.iter().map(|(_, edition, _)| (*edition).to_owned()).collect()),
        ("year", editions.iter().filter_map(|(.., year)| year.map(|year| year.to_string())).collect()),
        ("track", one(&record.track)),
        ("topic", with_ancestors(record.topics.clone())),
        ("type", record.talk_type.iter().map(|t| t.as_str().to_owned()).collect()),
        ("speaker", record.speakers.iter().map(|s| s.name.clone()).collect()),
        ("affiliation", record.speakers.iter().filter_map(|s| s.affiliation.clone()).collect()),
        ("language", one(&record.language)),
        ("state", one(&record.state)),
        ("has", holdings(record)),
    ];
    values.into_iter().map(|(name, values)| (name, tidy_values(values))).collect()
}

/// What can be watched, leafed through or read of it.
fn holdings(record: &Record) -> Vec<String> {
    let has_abstract = record.abstract_text.as_deref().is_some_and(|text| !text.trim().is_empty());
    let held = [
        ("video", !record.videos.is_empty()),
        ("slides", !record.slides.is_empty()),
        ("abstract", has_abstract),
        ("transcript", record.is_transcript()),
    ];
    held.into_iter().filter(|(_, is_held)| *is_held).map(|(name, _)| name.to_owned()).collect()
}

/// One line, none that says nothing, none twice, none endless.
fn tidy_values(values: Vec<String>) -> Vec<String> {
    let is_one = values.len() == 1;
    let mut seen = HashSet::new();
    let mut out: Vec<String> = Vec::with_capacity(values.len());
    for value in values {
        let mut value = if is_one_line(&value) { value } else { one_line(&value) };
        if value.len() > VALUE_BYTES_MAX {
            let cut = floor(&value, VALUE_BYTES_MAX);
            value.truncate(cut);
        }
        let is_unknown = if value.is_ascii() { value.eq_ignore_ascii_case(UNKNOWN) } else { folded(&value) == UNKNOWN };
        if !value.is_empty() && !is_unknown && (is_one || seen.insert(value.clone())) {
            out.push(value);
        }
    }
    out
}

/// `a/b` gives `a` and `a/b`. Only the first `/` of a conference parts it, since editions may have one in their name;
/// topics have one at most.
fn with_ancestors(paths: Vec<String>) -> Vec<String> {
    let mut out = Vec::new();
    for path in paths {
        if let Some((parent, _)) = path.split_once('/') {
            out.push(parent.to_owned());
        }
        out.push(path);
    }
    out
}
