//! Captions of a recorded talk: WebVTT, SubRip (SRT) and SBV. A cue that can't be read costs itself.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::{Piece, Said, labelled, noise, opening, person, record};
use crate::{
    error::Problem,
    formats::{
        Draft, Input, dates,
        markdown::front_matter::{self, FrontMatter},
        schedule::{LineStarts, people, prose},
    },
    source::{Line, lines},
    text::{self, floor, one_line},
};

/// Cues of one file: a day of speech has 40,000.
const CUES_MAX: usize = 100_000;
/// Lines of one file, and lines of words: a day of captions that are timed by the word has 600,000.
const LINES_MAX: usize = 1_000_000;
/// Problems of single cues that are told.
const PROBLEMS_MAX: usize = 100;
const TIMING_HINT: &str = "write it as 00:01:02.000 --> 00:01:05.000";
/// Bytes of one cue: real ones stay under 500, what a speech recogniser puts into one under 10,000.
const CUE_BYTES_MAX: usize = 64 << 10;
/// A recording has no more hours.
const HOURS_MAX: u64 = 100;
/// A tag is not longer: a name, a class, a time.
const TAG_BYTES_MAX: usize = 200;
/// Lines at the head of a file among which the first cue must begin, unless the file says what it is.
const HEAD_LINES: usize = 3;
/// After so many ms without words a pause was made.
const PAUSE_MS: u64 = 1_500;
/// Of so many cues, one in this many begins as the one before ended, and the file repeats its lines.
const ROLLING_MIN: usize = 4;
/// So many cues that begin with names are of a file where names say who speaks.
const LABELLED_MIN: usize = 3;
/// Elements of WebVTT and of SRT.
const TAGS: &[&str] = &["c", "i", "b", "u", "v", "s", "em", "strong", "ruby", "rt", "lang", "font", "span", "p", "br"];
/// Blocks of WebVTT that are no cues.
const BLOCKS: &[&str] = &["NOTE", "STYLE", "REGION"];

pub(in crate::formats) fn recognise(input: &Input) -> bool {
    let text = input.text[matter(input.text).body..].trim_start_matches('\u{feff}').trim_start();
    if let Some(rest) = text.strip_prefix("WEBVTT") {
        return rest.is_empty() || rest.starts_with(char::is_whitespace);
    }
    let head = text.lines().map(str::trim).filter(|line| !line.is_empty()).take(HEAD_LINES);
    let first = head.clone().next().unwrap_or_default();
    let opens = first.bytes().all(|byte| byte.is_ascii_digit()) || !matches!(timing(first), Timing::None);
    opens && head.into_iter().any(|line| matches!(timing(line), Timing::Cue(..)))
}

pub(in crate::formats) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let matter = matter(input.text);
    if input.text.bytes().filter(|byte| *byte == b'\n').count() > LINES_MAX {
        let message = format!("the file has more than {LINES_MAX} lines; nothing of it was read");
        draft.problems.push(Problem::new("", None, message, "split the file"));
        return draft;
    }
    let mut all = lines(input.text);
    all.retain(|line| line.start >= matter.body);
    let (mut head, mut cues) = read(&all, &mut draft.problems);
    let mut given = matter.fields.clone();
    head.extend(labelled::fields(matter.fields));
    for (name, value) in &head {
        given.entry(name).or_insert_with(|| Value::from(value.as_str()));
    }
    if head.get("kind").is_some_and(|kind| matches!(kind.as_str(), "chapters" | "metadata")) {
        return Draft { is_page: true, ..draft };
    }
    // Cues may lie in any order, and of several at a time the first in the file comes first.
    cues.sort_by_key(|cue| cue.start_ms);
    cues.retain(|cue| !cue.is_data());
    take_labels(&mut cues);
    let pieces = pieces(cues);
    if pieces.is_empty() {
        if draft.problems.is_empty() {
            return Draft { is_page: true, ..draft };
        }
        return draft;
    }
    let value = |names: &[&str]| names.iter().find_map(|name| head.get(*name)).map(|value| one_line(value));
    let url = |text: &String| text.starts_with("http://") || text.starts_with("https://");
    let speakers = value(&["speaker", "speakers", "presenter", "presenters", "author", "authors", "by"]);
    let said = Said {
        title: value(&["title", "talk"]),
        speakers: speakers.map(|names| people::read(&names)).unwrap_or_default(),
        conference: value(&["conference", "event"]),
        day: value(&["date", "recorded"]).and_then(|date| dates::date(&date)),
        language: value(&["language", "lang"]),
        videos: value(&["video", "url", "source", "link"]).filter(url).into_iter().collect(),
        fields: given,
        pieces,
        span: (all.first().map_or(0, |line| line.start), input.text.len()),
    };
    draft.records.push(record(input, said, &LineStarts::of(input.text)));
    draft
}

/// Captions in a page of a site stand below its front matter.
fn matter(text: &str) -> FrontMatter {
    let is_there = front_matter::is_there(text) && !text.trim_start_matches('\u{feff}').starts_with('{');
    if is_there { front_matter::split(text).unwrap_or_default() } else { FrontMatter::default() }
}

struct Cue {
    start_ms: u64,
    end_ms: u64,
    /// Without markup and noise.
    lines: Vec<Words>,
    span: (usize, usize),
}

/// A line of a cue.
#[derive(Clone, Debug, PartialEq)]
struct Words {
    text: String,
    is_turn: bool,
    speaker: Option<String>,
}

impl Cue {
    /// What programs put into cues for themselves: pictures of the video, objects.
    fn is_data(&self) -> bool {
        let is_data =
            |line: &Words| line.text.contains("#xywh=") || (line.text.starts_with('{') && line.text.contains("\":"));
        !self.lines.is_empty() && self.lines.iter().all(is_data)
    }
}

enum Timing {
    Cue(u64, u64),
    /// Looks like one, and is none.
    Unreadable,
    None,
}

/// The fields at the head of the file, and its cues.
fn read(all: &[Line], problems: &mut Vec<Problem>) -> (BTreeMap<String, String>, Vec<Cue>) {
    let is_vtt = all
        .iter()
        .find(|line| !line.text.trim().is_empty())
        .is_some_and(|line| line.text.trim_start().starts_with("WEBVTT"));
    let timings: Vec<Timing> = all.iter().map(|line| timing(line.text.trim())).collect();
    let starts: Vec<usize> = (0..all.len()).filter(|at| !matches!(timings[*at], Timing::None)).collect();
    let is_blank = |at: usize| all[at].text.trim().is_empty();
    // The line over a cue's times is its id: a number, or in WebVTT any line that stands alone over it.
    let id_of = |at: usize| {
        let above = at.checked_sub(1).filter(|above| !is_blank(*above))?;
        let is_number = all[above].text.trim().bytes().all(|byte| byte.is_ascii_digit());
        (is_number || (is_vtt && above > 0 && is_blank(above - 1))).then_some(above)
    };
    let begin = |at: usize| id_of(at).unwrap_or(at);
    let head = fields(&all[..starts.first().map_or(all.len(), |at| begin(*at))], is_vtt);
    let mut cues: Vec<Cue> = Vec::new();
    let mut voice = Voice::default();
    let (mut n_lines, mut unreadable) = (0, Vec::new());
    for (nth, at) in starts.iter().enumerate() {
        let end = starts.get(nth + 1).map_or(all.len(), |next| begin(*next));
        let problem = |message: String, hint: &str| Problem::new("", Some(all[*at].number), message, hint);
        if nth >= CUES_MAX || n_lines >= LINES_MAX {
            problems.push(problem(format!("the cues from the {nth}th on are left out"), "split the file"));
            break;
        }
        let Timing::Cue(start_ms, end_ms) = timings[*at] else {
            let problem = problem("the time of the cue can't be read".to_owned(), TIMING_HINT);
            problems.extend((unreadable.len() < PROBLEMS_MAX).then_some(problem));
            unreadable.push(*at);
            continue;
        };
        let own: Vec<&Line> = body(&all[at + 1..end.max(at + 1)], is_vtt);
        if own.iter().map(|line| line.text.len()).sum::<usize>() > CUE_BYTES_MAX {
            problems.push(problem("the cue is longer than 64 KB".to_owned(), "split it"));
            continue;
        }
        let lines: Vec<Words> = own.iter().flat_map(|line| voice.read(line.text)).collect();
        n_lines += lines.len();
        let last = own.last().map_or(all[*at].end, |line| line.end);
        cues.push(Cue { start_ms, end_ms: end_ms.max(start_ms), lines, span: (all[begin(*at)].start, last) });
    }
    if let Some(first) = unreadable.get(PROBLEMS_MAX) {
        let message = format!("so it is with {} more cues", unreadable.len() - PROBLEMS_MAX);
        problems.push(Problem::new("", Some(all[*first].number), message, TIMING_HINT));
    }
    (head, cues)
}

/// The lines of a cue's text, also behind an empty line, which some files have within a cue.
fn body<'a, 'b>(lines: &'a [Line<'b>], is_vtt: bool) -> Vec<&'a Line<'b>> {
    let mut out = Vec::new();
    let (mut in_block, mut after_blank) = (false, false);
    for line in lines {
        let shown = line.text.trim();
        if shown.is_empty() {
            (in_block, after_blank) = (false, true);
            continue;
        }
        in_block |= is_vtt && after_blank && BLOCKS.iter().any(|name| shown.split_whitespace().next() == Some(name));
        after_blank = false;
        if !in_block {
            out.push(line);
        }
    }
    out
}

/// `Title: …` in the head of a WebVTT file or in its first notes.
fn fields(head: &[Line], is_vtt: bool) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    if !is_vtt {
        return out;
    }
    for line in head {
        let shown = line.text.trim();
        let shown = ["WEBVTT", "NOTE"].iter().find_map(|word| shown.strip_prefix(word)).unwrap_or(shown);
        // "WEBVTT Kind: captions; Language: en" has several.
        let several = if line.text.trim().starts_with("WEBVTT") { shown.split(';').collect() } else { vec![shown] };
        for field in several {
            let Some((name, value)) = field.split_once(':') else { continue };
            let name = name.trim().trim_start_matches(['-', ' ']).to_lowercase();
            if name.len() <= 40 && !value.trim().is_empty() {
                out.entry(name).or_insert_with(|| value.trim().to_owned());
            }
        }
    }
    out
}

fn timing(line: &str) -> Timing {
    if !line.starts_with(|c: char| c.is_ascii_digit()) {
        return Timing::None;
    }
    if let Some((start, rest)) = line.split_once("-->") {
        let end = rest.split_whitespace().next().unwrap_or_default();
        return match (milliseconds(start.trim()), milliseconds(end)) {
            (Some(start), Some(end)) => Timing::Cue(start, end),
            _ => Timing::Unreadable,
        };
    }
    // SBV: "0:00:01.000,0:00:04.000".
    let pair = line
        .split_once(',')
        .filter(|(start, end)| [start, end].iter().all(|time| time.contains(':') && time.contains('.')));
    match pair.map(|(start, end)| (milliseconds(start), milliseconds(end))) {
        Some((Some(start), Some(end))) => Timing::Cue(start, end),
        _ => Timing::None,
    }
}

/// `01:02:03.004`, `02:03,004`, `1:02:03`.
fn milliseconds(time: &str) -> Option<u64> {
    let (clock, fraction) = time.split_once(['.', ',']).unwrap_or((time, "0"));
    let digits = |text: &str, most: usize| {
        let fits = (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        fits.then(|| text.parse::<u64>().ok()).flatten()
    };
    let parts: Vec<u64> = clock.split(':').map(|part| digits(part, 3)).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match parts[..] {
        [minutes, seconds] => (minutes / 60, minutes % 60, seconds),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    let thousandths = format!("{fraction:0<3}").get(..3).and_then(|text| digits(text, 3))?;
    let legal = hours < HOURS_MAX && minutes < 60 && seconds < 60;
    legal.then_some(((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths)
}

/// Who speaks, over the lines of a file.
#[derive(Default)]
struct Voice(Option<String>);

impl Voice {
    /// A line of a cue as the words of those who speak in it.
    fn read(&mut self, line: &str) -> Vec<Words> {
        let mut out = Vec::new();
        let (line, changes) = self.without_tags(line);
        // "- Can you hear me?": of two who speak at once each has a line.
        let dialog = line.strip_prefix("- ").filter(|_| changes.is_empty());
        let (line, is_dialog) = (dialog.unwrap_or(&line), dialog.is_some());
        let mut from = 0;
        let ends = changes.iter().map(|(at, _)| *at).chain([line.len()]);
        let speakers = std::iter::once(None).chain(changes.iter().map(|(_, speaker)| Some(speaker.clone())));
        for (to, speaker) in ends.zip(speakers) {
            // `>>` is another speaker, `>>>` another subject.
            for (nth, words) in turns(&line[from..to]).into_iter().enumerate() {
                let is_turn = (nth == 0 && (speaker.is_some() || is_dialog)) || words.starts_with(">>");
                let mut words = noise::without(&words.trim_start_matches('>').replace('\u{a0}', " "));
                text::clean(&mut words);
                if !words.is_empty() {
                    out.push(Words { text: words, is_turn, speaker: speaker.clone().flatten().filter(|_| nth == 0) });
                }
            }
            from = to;
        }
        out
    }

    /// The line without tags and with its entities read; where in it another voice begins.
    fn without_tags(&mut self, line: &str) -> (String, Vec<(usize, Option<String>)>) {
        let (mut out, mut changes) = (String::new(), Vec::new());
        let mut rest = line.trim();
        while let Some(at) = rest.find(['<', '{']) {
            out.push_str(&rest[..at]);
            rest = &rest[at..];
            let close = if rest.starts_with('<') { '>' } else { '}' };
            let tag = rest[..floor(rest, TAG_BYTES_MAX)].find(close).map(|end| &rest[1..end]);
            let Some(tag) = tag.filter(|tag| is_tag(tag, close)) else {
                out.push_str(&rest[..1]);
                rest = &rest[1..];
                continue;
            };
            rest = &rest[tag.len() + 2..];
            let name = tag.strip_prefix('v').filter(|name| name.starts_with([' ', '.', '\t']));
            let name = name.and_then(|name| name.split_once([' ', '\t'])).map(|(_, name)| entities(name));
            if let Some(name) = name.filter(|name| !name.is_empty() && self.0.as_ref() != Some(name)) {
                changes.push((out.len(), Some(name.clone())));
                self.0 = Some(name);
            }
        }
        out.push_str(rest);
        if !out.contains('&') {
            return (out, changes);
        }
        // Entities are read piece by piece, so that voices stay with their words.
        let mut read = String::new();
        let mut from = 0;
        let ends: Vec<usize> = changes.iter().map(|(at, _)| *at).chain([out.len()]).collect();
        for (nth, to) in ends.into_iter().enumerate() {
            if nth > 0 {
                changes[nth - 1].0 = read.len();
            }
            let piece = &out[from..to];
            let gap = piece.len() - piece.trim_start().len();
            read.push_str(&piece[..gap]);
            read.push_str(&entities(piece));
            if piece.ends_with(' ') {
                read.push(' ');
            }
            from = to;
        }
        (read, changes)
    }
}

/// Text with its entities read: a `<` that is left is a sign and opens nothing.
fn entities(text: &str) -> String {
    if text.contains('&') { prose::line(&text.replace('<', "&lt;")) } else { one_line(text) }
}

fn is_tag(tag: &str, close: char) -> bool {
    if close == '}' {
        // SSA's `{\an8}`.
        return tag.starts_with('\\');
    }
    let name = tag.trim_start_matches('/');
    let end = name.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(name.len());
    let is_time = tag.contains(':') && milliseconds(tag).is_some();
    let named = TAGS.contains(&&*name[..end].to_ascii_lowercase());
    is_time || (named && name[end..].chars().next().is_none_or(|c| matches!(c, '.' | ' ' | '\t' | '/')))
}

/// A line parted before each `>>`.
fn turns(line: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = vec![0];
    for (at, _) in line.match_indices(">>") {
        let begins = line[..at].is_empty() || line[..at].ends_with(char::is_whitespace);
        let speaks = line[at..].trim_start_matches('>').starts_with(|c: char| c.is_whitespace() || c.is_alphanumeric());
        if at > 0 && begins && speaks {
            starts.push(at);
        }
    }
    let ends = starts.iter().skip(1).copied().chain([line.len()]);
    starts.iter().copied().zip(ends).map(|(from, to)| &line[from..to]).collect()
}

/// "Ann Example: Good morning" in cue after cue, as programs for meetings write who speaks.
fn take_labels(cues: &mut [Cue]) {
    let label = |cue: &Cue| {
        let first = cue.lines.first().filter(|line| line.speaker.is_none())?;
        let (label, rest) = opening::label(&first.text)?;
        Some((label, one_line(rest))).filter(|(_, rest)| !rest.is_empty())
    };
    let mut counts: HashMap<String, usize> = HashMap::new();
    cues.iter().filter_map(label).for_each(|(label, _)| *counts.entry(label).or_default() += 1);
    counts.retain(|label, n| {
        opening::is_role(label) || person(label).is_some_and(|one| *n > 1 || one.name.contains(' '))
    });
    if counts.values().sum::<usize>() < LABELLED_MIN || !counts.values().any(|n| *n > 1) {
        return;
    }
    let mut speaker: Option<String> = None;
    for cue in cues {
        if let Some((name, rest)) = label(cue).filter(|(name, _)| counts.contains_key(name)) {
            let first = &mut cue.lines[0];
            first.text = rest;
            if speaker.as_ref() != Some(&name) {
                (first.is_turn, first.speaker) = (true, Some(name.clone()));
                speaker = Some(name);
            }
        }
    }
}

/// The words of the cues, each line once where the file repeats lines until they have left the screen.
fn pieces(cues: Vec<Cue>) -> Vec<Piece> {
    let is_rolling = is_rolling(&cues);
    let mut out: Vec<Piece> = Vec::new();
    let mut screen: Vec<Words> = Vec::new();
    let mut last_ms: Option<(u64, u64)> = None;
    for cue in cues {
        let Cue { start_ms, end_ms, lines, span } = cue;
        if lines.is_empty() {
            continue;
        }
        let is_again = last_ms.is_some_and(|(start, _)| start == start_ms) && lines == screen;
        let mut known = if is_rolling { overlap(&screen, &lines) } else { 0 };
        if is_again {
            known = lines.len();
        }
        let grows = is_rolling && known == 0 && screen.len() == 1 && lines[0].text.starts_with(&screen[0].text);
        let after_pause = last_ms.is_some_and(|(_, end)| start_ms >= end + PAUSE_MS);
        let second = u32::try_from(start_ms / 1000).ok();
        for (nth, line) in lines[known..].iter().enumerate() {
            let mut text = line.text.clone();
            if nth == 0 && grows {
                text = one_line(&text[screen[0].text.len()..]);
            }
            if !text.is_empty() {
                let Words { is_turn, speaker, .. } = line.clone();
                out.push(Piece {
                    text,
                    second,
                    is_turn,
                    speaker,
                    after_pause: after_pause && nth == 0,
                    heading: None,
                    span,
                });
            }
        }
        screen = lines;
        last_ms = Some((start_ms, end_ms.max(last_ms.map_or(0, |(_, end)| end))));
    }
    out
}

/// How many lines that are on the screen the next cue begins with.
fn overlap(screen: &[Words], next: &[Words]) -> usize {
    let most = screen.len().min(next.len());
    (1..=most).rev().find(|n| screen[screen.len() - n..].iter().zip(next).all(|(a, b)| a.text == b.text)).unwrap_or(0)
}

/// Whether cues repeat what the ones before showed: a speaker who says a thing twice does not do so all along.
fn is_rolling(cues: &[Cue]) -> bool {
    let shown: Vec<&Cue> = cues.iter().filter(|cue| !cue.lines.is_empty()).collect();
    let repeats = shown.windows(2).filter(|pair| {
        let (before, next) = (&pair[0].lines, &pair[1].lines);
        overlap(before, next) > 0 || (before.len() == 1 && next[0].text.starts_with(&before[0].text))
    });
    shown.len() > 2 && repeats.count() * ROLLING_MIN >= shown.len()
}
