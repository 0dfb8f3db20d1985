//! What was said in a talk, whatever the file was: pieces with their times and speakers, as the passages of a talk.

pub(super) mod captions;
pub(super) mod labelled;
mod name;
mod noise;
mod opening;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::{
    DraftRecord, Input, edition,
    evidence::{self, Clues},
    schedule::{
        self, Context, LineStarts, language,
        object::{Joins, entry},
        people, times,
        tree::value,
    },
};
use crate::{
    record::{Edition, Passage, Record, Span, Speaker, TalkType, video},
    text::{analyzer::folded, n_words, sentences::sentences},
};

/// A passage with so many words is complete where a sentence ends, a pause is made or another speaks, ...
const WORDS_GOOD: usize = 60;
/// ... and never has more: about a minute of speech.
const WORDS_MAX: usize = 120;
/// What is shorter at the end of a transcript is no passage of its own.
const WORDS_MIN: usize = 15;
/// Who said so much of it, in percent, is a speaker of the talk, and no voice from the audience.
const SPEAKER_PERCENT_MIN: usize = 20;
/// Of more voices none says so much.
const VOICES_MAX: usize = 200;

/// Words that are said in one go, at one time.
#[derive(Clone, Debug, Default)]
struct Piece {
    /// On one line.
    text: String,
    second: Option<u32>,
    /// Whether another speaker begins here, and how the file calls whoever does.
    is_turn: bool,
    speaker: Option<String>,
    after_pause: bool,
    /// What stands above it.
    heading: Option<String>,
    /// Bytes of the input's text.
    span: (usize, usize),
}

/// A talk as its transcript tells it.
#[derive(Debug, Default)]
struct Said {
    title: Option<String>,
    speakers: Vec<Speaker>,
    /// The conference that the transcript names, and the day.
    conference: Option<String>,
    day: Option<Date>,
    language: Option<String>,
    videos: Vec<String>,
    /// All that its head says.
    fields: Map<String, Value>,
    pieces: Vec<Piece>,
    /// Bytes of the input's text.
    span: (usize, usize),
}

/// The talk's record. What the transcript does not say of itself is looked for in the file's name and beside it.
fn record(input: &Input, said: Said, lines: &LineStarts) -> DraftRecord {
    let named = name::read(input);
    let mut record = Record { source: Some(lines.span(said.span)), ..Record::default() };
    record.speakers = if said.speakers.is_empty() { named.speakers } else { said.speakers };
    if record.speakers.is_empty() {
        record.speakers = voices(&said.pieces);
    }
    record.title = said.title;
    if record.title.is_none() {
        (record.title, record.title_from) = (named.title, named.title_from.map(str::to_owned));
    }
    record.language = said.language.as_deref().and_then(language);
    if record.language.is_none() && named.language.is_some() {
        record.language = named.language;
        record.inferred.insert("language".to_owned(), "file name".to_owned());
    }
    record.videos = if said.videos.is_empty() { named.videos } else { said.videos };
    if record.videos.is_empty()
        && let Some(id) = named.video_id
    {
        record.videos.push(video::youtube(&id));
        record.inferred.insert("videos".to_owned(), "file name".to_owned());
    }
    record.date = said.day.map(|day| day.to_string());
    let year = said.day.and_then(|day| u16::try_from(day.year()).ok());
    record.year = year;
    let conference = said.conference.as_deref();
    let named = conference.and_then(|name| edition::resolve(Some(name), None, edition::year_in(name).or(year)));
    match named {
        Some(edition) => record.set_edition(&edition),
        None => infer_edition(&mut record, input, year),
    }
    take_fields(&mut record, said.fields);
    record.passages = passages(said.pieces, lines);
    DraftRecord { record, bios: Vec::new() }
}

/// What fields at the head say of the talk as those of its page would: where and when it was, and what of.
fn take_fields(record: &mut Record, fields: Map<String, Value>) {
    let tree = value::read(Value::Object(fields));
    let Some(object) = tree.root.as_object() else { return };
    let told = entry(object, None, &Context::default(), &Joins::default());
    let kind = schedule::talk_type(told.kind.as_deref(), record.title.as_deref().unwrap_or_default());
    record.talk_type = kind.filter(|kind| *kind != TalkType::Other);
    (record.room, record.track, record.session) = (told.room, told.track, told.session);
    (record.start, record.end) = (told.start.map(times::shown), told.end.map(times::shown));
    record.time_zone = told.time_zone.filter(|_| record.start.is_some());
    (record.tags, record.slides, record.licence) = (told.tags, told.slides, told.licence);
    record.abstract_text = schedule::join(&told.texts);
    record.url = told.url.filter(|url| !record.videos.contains(url));
    for person in told.people.into_iter().filter(|person| person.affiliation.is_some()) {
        let known = record.speakers.iter_mut().find(|known| folded(&known.name) == folded(&person.name));
        if let Some(known) = known {
            known.affiliation = known.affiliation.take().or(person.affiliation);
        }
    }
}

/// The edition that the file's place names, else the title.
fn infer_edition(record: &mut Record, input: &Input, year: Option<u16>) {
    let weigh = |title: Option<&str>, path: &str| {
        let clues = Clues { title, path, tags: &[], blocks: &[], links: &[], written: None };
        Some(evidence::weigh(&clues)).filter(|verdict| !verdict.editions.is_empty())
    };
    let found = weigh(None, input.place).or_else(|| {
        let own = record.title.as_deref().filter(|_| record.title_from.is_none())?;
        let mut verdict = weigh(Some(own), "")?;
        verdict.inferred.insert("edition".to_owned(), "title".to_owned());
        Some(verdict)
    });
    let Some(mut verdict) = found else { return };
    let mut found: Edition = verdict.editions.swap_remove(0);
    if year.is_some() && found.year != year {
        found = edition::resolve(Some(&found.edition), Some(&found.series), year).unwrap_or(found);
        verdict.inferred.remove("year");
    }
    record.set_edition(&found);
    record.inferred.extend(verdict.inferred);
}

/// Those with names who said much of it.
fn voices(pieces: &[Piece]) -> Vec<Speaker> {
    let mut said: Vec<(String, Speaker, usize)> = Vec::new();
    let mut current: Option<usize> = None;
    let mut n_all = 0;
    for piece in pieces {
        if piece.is_turn {
            let person = piece.speaker.as_deref().and_then(person);
            current = person.and_then(|person| {
                let key = folded(&person.name);
                said.iter().position(|(known, ..)| *known == key).or_else(|| {
                    let is_open = said.len() < VOICES_MAX;
                    said.extend(is_open.then_some((key, person, 0)));
                    is_open.then(|| said.len() - 1)
                })
            });
        }
        let words = n_words(&piece.text);
        n_all += words;
        if let Some(current) = current {
            said[current].2 += words;
        }
    }
    let spoke = said.into_iter().filter(|(.., words)| words * 100 >= n_all * SPEAKER_PERCENT_MIN);
    spoke.map(|(_, person, _)| person).collect()
}

/// The person that a label names; null for "New speaker", "Audience member" and the like.
fn person(label: &str) -> Option<Speaker> {
    let person = people::one(label, None)?;
    (!opening::is_role(&person.name) && people::looks_like_a_name(&person.name)).then_some(person)
}

/// Consecutive pieces as passages of a minute or less. Another speaker begins a line.
fn passages(pieces: Vec<Piece>, lines: &LineStarts) -> Vec<Passage> {
    let mut out: Vec<(Passage, usize)> = Vec::new();
    let mut is_open = false;
    for piece in pieces {
        for (index, (from, to)) in cuts(&piece.text).into_iter().enumerate() {
            let text = &piece.text[from..to];
            let words = n_words(text);
            let is_turn = piece.is_turn && index == 0;
            let may_cut = |text: &str| is_turn || piece.after_pause && index == 0 || ends_sentence(text);
            is_open &= !out.last().is_some_and(|(open, n_words)| {
                open.heading.first() != piece.heading.as_ref()
                    || n_words + words > WORDS_MAX
                    || (*n_words >= WORDS_GOOD && may_cut(&open.text))
            });
            if !is_open {
                let span = Span { end: 0, ..lines.span(piece.span) };
                let heading = piece.heading.iter().cloned().collect();
                let open = Passage { heading, span: Some(span), start_s: piece.second, ..Passage::default() };
                out.push((open, 0));
                is_open = true;
            }
            let Some((open, n_words)) = out.last_mut() else { continue };
            append(open, text, is_turn, &piece);
            *n_words += words;
        }
    }
    if let [.., (before, n_before), (last, n_last)] = &out[..]
        && *n_last < WORDS_MIN
        && before.heading == last.heading
        && *n_before + *n_last <= WORDS_MAX + WORDS_MIN
        && let Some((last, _)) = out.pop()
        && let Some((before, _)) = out.last_mut()
    {
        join(before, last);
    }
    out.into_iter().map(|(passage, _)| passage).collect()
}

fn append(open: &mut Passage, text: &str, is_turn: bool, piece: &Piece) {
    if !open.text.is_empty() {
        open.text.push(if is_turn { '\n' } else { ' ' });
    }
    let is_later = |second: u32| open.cues.last().is_none_or(|(_, last)| *last < second);
    if let (Some(second), Ok(at)) = (piece.second.filter(|second| is_later(*second)), u32::try_from(open.text.len())) {
        open.cues.push((at, second));
    }
    if let Some(speaker) = piece.speaker.as_deref().filter(|_| is_turn) {
        open.text.push_str(speaker);
        open.text.push_str(": ");
    }
    open.text.push_str(text);
    if let Some(span) = &mut open.span {
        span.start = span.start.min(piece.span.0 as u64);
        span.end = span.end.max(piece.span.1 as u64);
    }
}

/// The short last passage at the end of the one before.
fn join(before: &mut Passage, last: Passage) {
    before.text.push('\n');
    let from = u32::try_from(before.text.len()).unwrap_or(u32::MAX);
    let until = before.cues.last().map(|(_, second)| *second);
    let later = last.cues.into_iter().filter(|(_, second)| until < Some(*second));
    before.cues.extend(later.map(|(at, second)| (from.saturating_add(at), second)));
    before.text.push_str(&last.text);
    if let (Some(span), Some(other)) = (&mut before.span, last.span) {
        span.end = span.end.max(other.end);
    }
}

/// Where a long piece may be parted: at its sentences, and where those are too long as well, between words.
fn cuts(text: &str) -> Vec<(usize, usize)> {
    if n_words(text) <= WORDS_MAX {
        return vec![(0, text.len())];
    }
    let mut out = Vec::new();
    for (from, to) in sentences(text) {
        let mut start = from;
        let mut n_words = 0;
        for (at, _) in text[from..to].match_indices(' ') {
            n_words += 1;
            if n_words >= WORDS_MAX {
                out.push((start, from + at));
                (start, n_words) = (from + at + 1, 0);
            }
        }
        if start < to {
            out.push((start, to));
        }
    }
    out
}

fn ends_sentence(text: &str) -> bool {
    text.trim_end_matches(['"', '\'', '”', '’', ')', ']', '»']).ends_with(['.', '?', '!', '…', '。', '？', '！'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn cues_stand_before_their_words_and_ascend(
            said in prop::collection::vec(("[a-zé日.?! ]{0,60}", 0u32..40, any::<bool>(), any::<bool>()), 0..80),
            n_words in 0usize..400,
        ) {
            let mut second = 0;
            let mut pieces: Vec<Piece> = said.into_iter().map(|(text, later, is_turn, after_pause)| {
                second += later;
                let speaker = is_turn.then(|| "Änn One".to_owned());
                let text = crate::text::one_line(&text);
                Piece { text, second: Some(second), is_turn, speaker, after_pause, ..Piece::default() }
            }).collect();
            let long = vec!["wörd"; n_words].join(" ");
            pieces.push(Piece { text: long, second: Some(second), ..Piece::default() });
            pieces.retain(|piece| !piece.text.is_empty());
            let words = |text: &str| text.split_whitespace().filter(|word| *word != "Änn" && *word != "One:").count();
            let n_said: usize = pieces.iter().map(|piece| words(&piece.text)).sum();
            let cut = passages(pieces, &LineStarts::of(""));
            prop_assert_eq!(cut.iter().map(|passage| words(&passage.text)).sum::<usize>(), n_said);
            let mut last = 0;
            for passage in cut {
                prop_assert!(words(&passage.text) <= WORDS_MAX + WORDS_MIN);
                prop_assert!(passage.cues.is_sorted_by(|a, b| a.0 < b.0 && a.1 < b.1), "{:?}", passage.cues);
                prop_assert_eq!(passage.cues.first().map(|cue| cue.1), passage.start_s);
                for (at, second) in &passage.cues {
                    let at = *at as usize;
                    prop_assert!(passage.text.is_char_boundary(at) && at < passage.text.len());
                    prop_assert!(at == 0 || passage.text[..at].ends_with([' ', '\n']));
                    prop_assert!(last <= *second);
                    last = *second;
                }
            }
        }
    }
}
