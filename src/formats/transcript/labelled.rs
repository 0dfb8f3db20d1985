//! A talk written down, each turn behind the name of who speaks: "ANN EXAMPLE: …", "[00:12:34] Ann: …", "Speaker 1 (00:12): …".

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::{
    Piece, Said, ends_sentence, noise,
    opening::{Opening, Sort, is_role, opening},
    person, record,
};
use crate::{
    error::Problem,
    formats::{
        Draft, Input, dates, edition,
        markdown::{
            EXTENSIONS,
            front_matter::{self, FrontMatter},
        },
        plain::NOT_PROSE,
        report::extension,
        schedule::{LineStarts, people},
    },
    record::Speaker,
    source::{Line, lines},
    text::{self, analyzer::folded, one_line},
};

/// So many turns make a transcript.
const TURNS_MIN: usize = 4;
/// Words before the first turn: a title, a date, a note on how it was made.
const HEAD_WORDS_MAX: usize = 150;
/// Words under a heading that make a transcript of one turn.
const WORDS_MIN: usize = 60;
/// Recordings begin within so many seconds; what begins at nine is a schedule.
const FIRST_SECOND_MAX: u32 = 300;
/// Words of a turn that has a time and no name, on average.
const UNNAMED_WORDS_MEAN: usize = 6;
const TITLE_WORDS_MAX: usize = 25;
pub(in crate::formats) fn recognise(input: &Input) -> bool {
    let extension = extension(input.path).unwrap_or_default();
    let is_markdown = EXTENSIONS.contains(&&*extension);
    let is_other = NOT_PROSE.contains(&&*extension) && !is_markdown;
    let text = input.text.trim_start_matches('\u{feff}').trim_start();
    if is_other || text.starts_with(['<', '{']) {
        return false;
    }
    let page = Page::read(input.text);
    // Pages of sites and notes may quote who speaks.
    let is_page = is_markdown || front_matter::is_there(text);
    page.is_transcript() && (!is_page || page.is_timed() || page.says_talk())
}

pub(in crate::formats) fn parse(input: &Input) -> Draft {
    let page = Page::read(input.text);
    let starts = LineStarts::of(input.text);
    let mut draft = Draft::default();
    draft.tolerated.extend(page.tolerated.clone());
    for section in page.sections() {
        let said = page.said(section);
        if !said.pieces.is_empty() {
            draft.records.push(record(input, said, &starts));
        }
    }
    draft.is_page = draft.records.is_empty();
    draft
}

/// Fields of front matter as texts, by their names in small letters.
pub(super) fn fields(fields: Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    let text = |value: &Value| match value {
        Value::String(text) => Some(one_line(text)),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(values) => {
            Some(values.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
        }
        _ => None,
    };
    fields.into_iter().filter_map(move |(name, value)| Some((name.to_lowercase(), text(&value)?)))
}

/// The lines of a file, and what they are.
struct Page<'a> {
    text: &'a str,
    lines: Vec<Line<'a>>,
    openings: Vec<Option<Opening>>,
    /// Lines between or over rules.
    headings: Vec<bool>,
    /// Fields at the head, where they end, and what they say.
    body: usize,
    fields: HashMap<String, String>,
    /// The same as the file has them.
    given: Map<String, Value>,
    /// What was wrong with them.
    tolerated: Option<Problem>,
}

impl<'a> Page<'a> {
    fn read(text: &'a str) -> Self {
        let lines = lines(text);
        let FrontMatter { fields, body, tolerated } = front_matter::split(text).unwrap_or_default();
        let given = fields.clone();
        let fields = self::fields(fields).collect();
        let headings: Vec<bool> = (0..lines.len()).map(|at| is_heading(&lines, at)).collect();
        let opening = |at: usize| (!headings[at] && lines[at].start >= body).then(|| opening(lines[at].text)).flatten();
        let mut openings: Vec<Option<Opening>> = (0..lines.len()).map(opening).collect();
        // "Ann Example: On queues", alone on the first line, is a title.
        let is_blank = |at: usize| lines.get(at).is_none_or(|line: &Line| line.text.trim().is_empty());
        if let Some(first) = (0..lines.len()).find(|at| !is_blank(*at))
            && openings[first].as_ref().is_some_and(|opening| opening.sort == Sort::Name)
            && is_blank(first + 1)
            && !ends_sentence(lines[first].text.trim())
        {
            openings[first] = None;
        }
        // "Live on stage: a conversation" names nobody; who speaks but once may be told by nothing but the name.
        let mut counts: HashMap<String, usize> = HashMap::new();
        for label in openings.iter().flatten().filter_map(|opening| opening.label.as_deref()) {
            *counts.entry(folded(label)).or_default() += 1;
        }
        let is_one = |opening: &Opening| {
            let label = opening.label.as_deref().unwrap_or_default();
            opening.sort != Sort::Name || counts[&folded(label)] > 1 || person(label).is_some()
        };
        openings.iter_mut().for_each(|opening| *opening = opening.take().filter(is_one));
        Page { text, lines, openings, headings, body, fields, given, tolerated }
    }

    fn is_transcript(&self) -> bool {
        let found: Vec<&Opening> = self.openings.iter().flatten().collect();
        let Some(first) = self.openings.iter().position(Option::is_some) else { return false };
        let of_body = |line: &&Line| line.start >= self.body;
        let n_words = |line: &Line| line.text.split_whitespace().count();
        let words = |lines: &[Line]| lines.iter().filter(of_body).map(n_words).sum::<usize>();
        let (n_before, n_said) = (words(&self.lines[..first]), words(&self.lines[first..]));
        if n_before > HEAD_WORDS_MAX.min(n_said) {
            return false;
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for label in found.iter().filter_map(|opening| opening.label.as_deref()) {
            *counts.entry(folded(label)).or_default() += 1;
        }
        let count = |sorts: &[Sort]| found.iter().filter(|opening| sorts.contains(&opening.sort)).count();
        let recurs = |opening: &&&Opening| opening.label.as_deref().is_some_and(|label| counts[&folded(label)] > 1);
        let is_person = |opening: &&&Opening| {
            opening.label.as_deref().is_some_and(|label| is_role(label) || person(label).is_some())
        };
        let n_known = found.iter().filter(|opening| recurs(opening) || is_person(opening)).count();
        let is_of_people = n_known * 10 >= found.len() * 6 && found.iter().any(|opening| recurs(&opening));

        let timed: Vec<&&Opening> = found.iter().filter(|opening| opening.sort == Sort::Timed).collect();
        let named = timed.iter().filter(|opening| opening.label.is_some()).count();
        let ascends = timed.windows(2).filter(|pair| pair[0].second <= pair[1].second).count() * 10
            >= (timed.len() * 9).saturating_sub(9);
        let begins = timed.first().is_some_and(|opening| opening.second <= Some(FIRST_SECOND_MAX));
        let is_said = n_said >= timed.len() * UNNAMED_WORDS_MEAN;
        if timed.len() >= TURNS_MIN
            && timed.len() * 2 >= found.len()
            && ascends
            && (named * 2 >= timed.len() || (begins && is_said))
        {
            return true;
        }
        let n_labelled = count(&[Sort::Capitals, Sort::Role, Sort::Timed]);
        if n_labelled >= TURNS_MIN && is_of_people {
            return true;
        }
        // Of an interview in a blog there is nothing that says that it was held on a stage.
        if found.len() >= TURNS_MIN && n_known == found.len() && is_of_people && self.says_talk() {
            return true;
        }
        // A heading, and one who speaks.
        let under_heading =
            self.lines[..first].iter().rev().find(|line| !line.text.trim().is_empty() && rule(line.text).is_none());
        let under_heading = under_heading.is_some_and(|line| self.headings[(line.number - 1) as usize]);
        let is_sure = found.iter().all(|opening| opening.sort == Sort::Capitals) && n_known == found.len();
        under_heading && is_sure && n_said >= WORDS_MIN
    }

    /// Whether most turns have the time of a recording.
    fn is_timed(&self) -> bool {
        let mut timed = self.openings.iter().flatten().filter(|opening| opening.sort == Sort::Timed).peekable();
        let begins = timed.peek().is_some_and(|opening| opening.second <= Some(FIRST_SECOND_MAX));
        begins && timed.count() * 2 > self.openings.iter().flatten().count()
    }

    /// Whether a field names the speaker, a heading is "Ann Example: Title", or the room is heard.
    fn says_talk(&self) -> bool {
        let is_named = ["speaker", "speakers", "presenter"].iter().any(|name| self.fields.contains_key(*name));
        let is_heard = |line: &Line| line.text.contains(['(', '[', '{']) && noise::has(line.text);
        let is_headed = |at: usize| self.headings[at] && speaker_and_title(self.lines[at].text).is_some();
        is_named || self.lines.iter().any(is_heard) || (0..self.lines.len()).any(is_headed)
    }

    /// The lines of each talk: under each heading "Ann Example: Title", where there are several, else all.
    fn sections(&self) -> Vec<(usize, usize)> {
        let is_talk = |at: &usize| self.headings[*at] && speaker_and_title(self.lines[*at].text).is_some();
        let mut starts: Vec<usize> = (0..self.lines.len()).filter(is_talk).collect();
        if starts.len() < 2 {
            return vec![(0, self.lines.len())];
        }
        // The rule over a heading is of its section.
        for start in &mut starts {
            *start -= usize::from(*start > 0 && rule(self.lines[*start - 1].text).is_some());
        }
        let ends = starts.iter().skip(1).copied().chain([self.lines.len()]);
        starts.iter().copied().zip(ends).collect()
    }

    fn said(&self, (from, to): (usize, usize)) -> Said {
        let first = (from..to).find(|at| self.openings[*at].is_some()).unwrap_or(to);
        let mut said = self.head(from, first);
        let mut heading: Option<String> = None;
        let mut at = first;
        while at < to {
            if self.headings[at] || rule(self.lines[at].text).is_some() {
                let text = one_line(self.lines[at].text);
                heading = if self.headings[at] { Some(text) } else { heading };
                at += 1;
                continue;
            }
            let end = (at + 1..to).find(|next| {
                self.openings[*next].is_some() || self.headings[*next] || rule(self.lines[*next].text).is_some()
            });
            let end = end.unwrap_or(to);
            self.turn(at, end, heading.as_deref(), &mut said.pieces);
            at = end;
        }
        let (first, last) = (&self.lines[from], &self.lines[to - 1]);
        said.span = (first.start, last.end.min(self.text.len()));
        said
    }

    /// What stands before the first turn: title, speaker, conference and day.
    fn head(&self, from: usize, first: usize) -> Said {
        let field = |names: &[&str]| names.iter().find_map(|name| self.fields.get(*name)).cloned();
        let mut said = Said {
            title: field(&["title", "talk"]),
            speakers: field(&["speaker", "speakers", "presenter", "author"])
                .map(|names| people::read(&names))
                .unwrap_or_default(),
            conference: field(&["conference", "event"]).map(|name| match self.fields.get("year") {
                Some(year) if edition::year_in(&name).is_none() => format!("{name} {year}"),
                _ => name,
            }),
            day: field(&["date"]).and_then(|date| dates::date(&date)),
            language: field(&["language", "lang"]),
            videos: field(&["video", "url"]).filter(|url| url.contains("://")).into_iter().collect(),
            fields: self.given.clone(),
            ..Said::default()
        };
        let head = self.lines[from..first].iter().filter(|line| line.start >= self.body);
        let head: Vec<&str> =
            head.map(|line| line.text.trim()).filter(|text| !text.is_empty() && rule(text).is_none()).collect();
        if said.title.is_none()
            && let Some(line) = head.first().filter(|line| line.split_whitespace().count() <= TITLE_WORDS_MAX)
        {
            let line = line.trim_start_matches(['#', '=', ' ']).trim_end_matches(['=', ' ']);
            match speaker_and_title(line) {
                Some((speakers, title)) => (said.speakers, said.title) = (speakers, Some(title)),
                None => said.title = Some(one_line(line).trim_end_matches('.').to_owned()),
            }
        }
        said.day = said.day.or_else(|| head.iter().skip(1).find_map(|line| dates::date(line)));
        if said.conference.is_none() && !head.is_empty() {
            let found =
                edition::find_editions(&head.join("\n")).into_iter().find(|mention| mention.edition.year.is_some());
            said.conference = found.map(|mention| mention.edition.edition);
        }
        said
    }

    /// The words of one turn, a piece a paragraph.
    fn turn(&self, from: usize, to: usize, heading: Option<&str>, out: &mut Vec<Piece>) {
        let opening = self.openings[from].as_ref();
        // A time alone tells nothing of who speaks.
        let is_turn = opening.is_some_and(|opening| opening.label.is_some());
        let mut piece = Piece { is_turn, ..Piece::default() };
        piece.speaker = opening.and_then(|opening| opening.label.as_deref()).map(shown);
        piece.second = opening.and_then(|opening| opening.second);
        piece.heading = heading.map(str::to_owned);
        let second = piece.second.or_else(|| out.last().and_then(|last| last.second));
        piece.second = second;
        for at in from..to {
            let line = &self.lines[at];
            let words =
                if at == from { opening.map_or(line.text, |opening| &line.text[opening.rest..]) } else { line.text };
            let mut words = noise::without(&words.replace("**", ""));
            text::clean(&mut words);
            if !words.is_empty() {
                if piece.text.is_empty() {
                    piece.span.0 = line.start;
                } else {
                    piece.text.push(' ');
                }
                piece.text.push_str(&words);
                piece.span.1 = line.end;
            }
            let ends = at + 1 == to || self.lines[at + 1].text.trim().is_empty();
            if ends && !piece.text.is_empty() {
                let next = Piece { second, heading: piece.heading.clone(), after_pause: true, ..Piece::default() };
                out.push(std::mem::replace(&mut piece, next));
            }
        }
    }
}

/// How a label is shown: names in capitals in small letters.
fn shown(label: &str) -> String {
    people::one(label, None).map_or_else(|| label.to_owned(), |person| person.name)
}

/// "Ann Example: On queues", "Ann Example and Bob Example: On queues".
fn speaker_and_title(heading: &str) -> Option<(Vec<Speaker>, String)> {
    let (names, title) = heading.trim().split_once(": ")?;
    let speakers = people::read(names);
    let are_people = !speakers.is_empty() && speakers.iter().all(|speaker| person(&speaker.name).is_some());
    (are_people && !title.trim().is_empty()).then(|| (speakers, one_line(title)))
}

/// The sign of a line that is nothing but it, as reST has under its titles.
fn rule(line: &str) -> Option<char> {
    let line = line.trim();
    let sign = line.chars().next().filter(|sign| "=-~*^#+\"'`:._".contains(*sign))?;
    (line.len() >= 3 && line.chars().all(|c| c == sign)).then_some(sign)
}

/// A line with a rule under it.
fn is_heading(lines: &[Line], at: usize) -> bool {
    let text = lines[at].text.trim();
    let under = lines.get(at + 1).and_then(|line| rule(line.text).map(|sign| (sign, line.text.trim().len())));
    let is_long = under.is_some_and(|(_, length)| length * 2 >= text.chars().count());
    let alone = at == 0 || lines[at - 1].text.trim().is_empty() || rule(lines[at - 1].text).is_some();
    let n_words = text.split_whitespace().count();
    rule(text).is_none() && (1..=TITLE_WORDS_MAX).contains(&n_words) && is_long && alone
}
