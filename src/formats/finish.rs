//! What every format's records need alike once they are read: what a person said of them, clean texts, ids, places.

use std::collections::HashSet;

use super::{DraftRecord, Overrides, decode, edition};
use crate::{
    record::{Edition, Kind, Passage, Record, Span, Speaker},
    source::SourceFile,
    text,
};

/// What every format's records need alike: overrides, cleaning, ids, places; bios once each.
pub(super) fn finish(drafts: Vec<DraftRecord>, file: &SourceFile, overrides: &Overrides) -> Vec<Record> {
    let mut records = Vec::new();
    let mut seen: HashSet<(String, String)> = HashSet::new();
    for DraftRecord { mut record, bios } in drafts {
        complete(&mut record, file, overrides);
        let at = records.len();
        records.push(record);
        for mut bio in bios {
            complete(&mut bio, file, overrides);
            records[at].bios.push(bio.id.clone());
            // The same bio under two talks of one page is one record.
            if seen.insert((bio.id.clone(), bio.body().to_owned())) {
                records.push(bio);
            }
        }
    }
    records
}

fn complete(record: &mut Record, file: &SourceFile, overrides: &Overrides) {
    override_edition(record, overrides);
    clean_record(record);
    if record.id.is_empty() {
        record.id = record.computed_id();
    }
    let locate = |span: &mut Span| {
        if span.path.is_empty() {
            file.root.clone_into(&mut span.root);
            file.path.clone_into(&mut span.path);
        }
    };
    let id = record.id.clone();
    for (index, passage) in record.passages.iter_mut().enumerate() {
        passage.span.iter_mut().for_each(locate);
        if passage.id.is_empty() {
            passage.id = passage_id(&id, &passage.heading, index + 1);
        }
    }
    record.source.iter_mut().for_each(locate);
    record.via.iter_mut().for_each(locate);
    if record.sources.is_empty() {
        record.sources.extend(record.source.clone());
    }
}

fn passage_id(report: &str, heading: &[String], n: usize) -> String {
    if heading.is_empty() {
        format!("{report}#{n}")
    } else {
        format!("{report}#{}-{n}", crate::record::slug(&heading.join(" ")))
    }
}

/// What a person said about the source wins over what the source says.
pub(super) fn override_edition(record: &mut Record, overrides: &Overrides) {
    if let (Some(author), Kind::Report) = (&overrides.author, record.kind) {
        record.author = Some(author.clone());
    }
    if overrides.series.is_none() && overrides.edition.is_none() && overrides.year.is_none() {
        return;
    }
    let said = overrides.edition.as_deref();
    let named = said.and_then(edition::first);
    // What the edition that is said names itself does not come from the text.
    let series = if named.is_some() { None } else { record.series.as_deref() };
    let year = said.and_then(edition::year_in).or(named.and_then(|edition| edition.year)).or(record.year);
    let edition = edition::resolve(said, overrides.series.as_deref().or(series), overrides.year.or(year));
    match edition {
        Some(edition) => {
            record.set_edition(&edition);
            if record.kind == Kind::Report {
                record.editions = vec![edition];
            }
        }
        None => record.year = overrides.year.or(record.year),
    }
    record.inferred.remove("edition");
    record.inferred.remove("year");
}

/// Every field is named, so that the compiler asks of a new one whether it is text.
fn clean_record(record: &mut Record) {
    #[rustfmt::skip]
    let Record {
        // Not text, or text of hallway's own: dates and times are checked where they are read.
        id: _, kind: _, year: _, date: _, start: _, end: _, talk_type: _, written: _, topics: _, bios: _, also_at: _,
        sources: _, source: _, via: _,
        title, title_from, series, edition, edition_id, room, track, session, time_zone, abstract_text, language, url, state,
        licence, author, text, speakers, passages, editions, tags, videos, slides, inferred, extra,
    } = record;
    let texts = [title, title_from, series, edition, edition_id, room, track, session, time_zone];
    for text in texts.into_iter().chain([abstract_text, language, url, state, licence, author, text]) {
        if let Some(value) = text {
            mend(value);
            if value.is_empty() {
                *text = None;
            }
        }
    }
    for Speaker { name, affiliation, role: _ } in speakers {
        mend(name);
        affiliation.iter_mut().for_each(mend);
    }
    for passage in passages {
        mend_passage(passage);
    }
    for Edition { series, edition, edition_id, year: _ } in editions {
        [series, edition, edition_id].into_iter().for_each(text::clean);
    }
    for list in [tags, videos, slides] {
        list.iter_mut().for_each(text::clean);
        list.retain(|value| !value.is_empty());
    }
    inferred.values_mut().for_each(text::clean);
    clean_json_object(extra);
}

/// Text fit to keep, with the letters that were meant.
fn mend(text: &mut String) {
    text::clean(text);
    if let Some(repaired) = decode::repaired(text) {
        *text = repaired;
    }
}

/// As [`mend`], of the text from each cue to the next by itself, so that cues stay with their words. A cue that is nowhere
/// in the text is none.
fn mend_passage(passage: &mut Passage) {
    let Passage { text, cues, .. } = passage;
    let mut last = None;
    cues.retain(|cue| {
        let ascends = last.is_none_or(|(from, second)| from < cue.0 && second <= cue.1);
        let stands = ascends && (cue.0 as usize) < text.len() && text.is_char_boundary(cue.0 as usize);
        last = if stands { Some(*cue) } else { last };
        stands
    });
    let mut whole = text.clone();
    mend(&mut whole);
    if cues.is_empty() || whole == *text {
        *text = whole;
        return;
    }
    let starts = cues.iter().map(|(from, _)| *from as usize);
    let ends = starts.clone().skip(1).chain([text.len()]);
    let mut mended = text[..cues[0].0 as usize].to_owned();
    mend(&mut mended);
    let mut kept = Vec::with_capacity(cues.len());
    for ((from, to), (_, second)) in starts.zip(ends).zip(cues.iter()) {
        let words = text[from..to].trim();
        let lead = text[from..to].len() - text[from..to].trim_start().len();
        let mut piece = words.to_owned();
        mend(&mut piece);
        if !piece.is_empty() {
            kept.extend(u32::try_from(mended.len()).map(|at| (at, *second)));
            mended.extend([&text[from..from + lead], &piece, &text[from + lead + words.len()..to]]);
        }
    }
    mended.truncate(mended.trim_end().len());
    (*text, *cues) = (mended, kept);
}

fn clean_json_object(object: &mut serde_json::Map<String, serde_json::Value>) {
    let entries = std::mem::take(object).into_iter();
    object.extend(entries.map(|(mut key, mut value)| {
        text::clean(&mut key);
        clean_json(&mut value);
        (key, value)
    }));
}

fn clean_json(value: &mut serde_json::Value) {
    match value {
        serde_json::Value::String(text) => text::clean(text),
        serde_json::Value::Array(values) => values.iter_mut().for_each(clean_json),
        serde_json::Value::Object(map) => clean_json_object(map),
        _ => {}
    }
}
