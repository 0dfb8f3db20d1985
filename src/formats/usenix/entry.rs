//! One talk's rows → its people, its abstract and their bios.

use std::collections::HashMap;

use super::{
    layout::{Entry, Shape},
    people::{self, Known, Likeness},
    rows::{Row, Sort, last_row, next_row},
    spots::{self, item_people, items},
    words,
};
use crate::{
    record::{Role, Speaker, TalkType},
    text,
};

/// A longer line names no one.
const NAME_LINE_WORDS_MAX: usize = 14;

/// What stands in a talk's rows.
#[derive(Default)]
pub(super) struct Content {
    pub speakers: Vec<Speaker>,
    pub abstract_text: Option<String>,
    pub bios: Vec<Bio>,
    /// Speakers whose affiliation only their bio's name line has.
    pub n_affiliations_from_bios: usize,
}

pub(super) struct Bio {
    pub person: Speaker,
    /// The bio itself does not have the name: the talk's line of people does.
    pub is_unnamed: bool,
    pub text: String,
    /// Its rows, the name line first.
    pub from: usize,
    pub to: usize,
}

/// The title without what is printed beside it, and the award if one is.
pub(super) fn title(row: &Row) -> String {
    let title = people::without_leftover(&row.text);
    match words::award_suffix(&title) {
        Some(at) => title[..at].trim().to_owned(),
        None => title,
    }
}

pub(super) fn read(entry: &Entry, rows: &[Row], known: &Known) -> Content {
    let people_rows = people_rows(entry, rows);
    let line = joined(rows, &people_rows);
    let from = people_rows.last().map_or(entry.from, |last| last + 1);
    let hints = name_hints(rows, from, entry.to, &line);
    let mut speakers = if hints.names.is_empty() { people::parse(&line, known) } else { people::parse(&line, &hints) };
    dedup(&mut speakers);
    let mut content = Content { speakers, ..Content::default() };
    if entry.shape == Shape::Item {
        content.abstract_text = prose(rows, from, entry.to);
        return content;
    }
    let marks = bio_marks(rows, from, entry.to, &content.speakers);
    let end = marks.first().map_or(entry.to, |mark| mark.row);
    content.abstract_text = prose(rows, from, end);
    for (nth, mark) in marks.iter().enumerate() {
        let to = marks.get(nth + 1).map_or(entry.to, |next| next.row);
        content.add_bio(mark, rows, to);
    }
    content
}

impl Content {
    fn add_bio(&mut self, mark: &BioMark, rows: &[Row], to: usize) {
        let body = prose(rows, mark.row + 1, to);
        let speaker = self.speakers.iter_mut().find(|speaker| same_name(&speaker.name, &mark.name));
        let mut person =
            Speaker { name: mark.name.clone(), affiliation: mark.affiliation.clone(), role: Role::Speaker };
        if let Some(speaker) = speaker {
            if speaker.affiliation.is_none() && person.affiliation.is_some() {
                speaker.affiliation.clone_from(&person.affiliation);
                self.n_affiliations_from_bios += 1;
            }
            person.affiliation = person.affiliation.or(speaker.affiliation.clone());
        }
        let text = match (&mark.inline, body) {
            (Some(first), Some(rest)) => format!("{first}\n\n{rest}"),
            (Some(first), None) => first.clone(),
            (None, Some(rest)) => rest,
            // A name line without a text is no bio.
            (None, None) => return,
        };
        let to = last_row(rows, mark.row, to).map_or(mark.row + 1, |at| at + 1);
        self.bios.push(Bio { person, is_unnamed: mark.is_unnamed, text, from: mark.row, to });
    }
}

/// The rows that name a talk's people.
fn people_rows(entry: &Entry, rows: &[Row]) -> Vec<usize> {
    if entry.shape == Shape::Item {
        return item_people(rows, entry.title, entry.to).into_iter().collect();
    }
    let mut found: Vec<usize> = Vec::new();
    let mut at = entry.from;
    while let Some(row) = next_row(rows, at, entry.to) {
        at = row + 1;
        let after = next_row(rows, at, entry.to);
        match rows[row].sort {
            Sort::Award | Sort::Sponsor => continue,
            Sort::Text => {}
            _ => break,
        }
        if found.last().is_some_and(|last| is_unfinished(&rows[*last].text)) {
            found.push(row);
            continue;
        }
        let names = |at: usize| people::fold(&people::name_line(&rows[at].text).0);
        let is_repeated = found.iter().any(|before| people::fold(&rows[*before].text).contains(&names(row)));
        let adjacent = found.last().is_some_and(|last| last + 1 == row);
        let media_follows = after.is_some_and(|after| rows[after].sort == Sort::Media);
        let is_people = match people::likeness(&rows[row].text) {
            Likeness::Labelled => true,
            Likeness::None if found.is_empty() => is_odd_people_row(&rows[row], media_follows, rows, at, entry.to),
            Likeness::None => false,
            _ if found.is_empty() => true,
            _ => !is_repeated && (adjacent || media_follows),
        };
        if !is_people || rows[row].bullet {
            break;
        }
        found.push(row);
    }
    found
}

/// A line in the place of the people whose names have an unusual shape: what follows must say that it is one.
fn is_odd_people_row(row: &Row, media_follows: bool, rows: &[Row], from: usize, to: usize) -> bool {
    let (name, _) = people::name_line(&row.text);
    let name = name.split(" and ").next().unwrap_or_default();
    let short = row.n_words() <= 60 && !row.is_prose() && !row.text.ends_with(['?', '!', ':']);
    let n_words = name.split_whitespace().count();
    let folded = people::fold(name);
    let recurs = || {
        let opens = |row: &Row| people::fold(&people::name_line(&row.text).0) == folded;
        rows[from..to].iter().any(|row| row.sort == Sort::Text && row.n_words() <= NAME_LINE_WORDS_MAX && opens(row))
    };
    let comma = row.text.contains(',') && !row.text.ends_with('.');
    short
        && (1..=7).contains(&n_words)
        && (media_follows || (comma && row.n_words() <= NAME_LINE_WORDS_MAX) || recurs())
}

/// A line of people that goes on below.
fn is_unfinished(line: &str) -> bool {
    line.ends_with([',', ';']) || line.ends_with(" and")
}

/// Lines of people as one line; each stands for itself.
fn joined(rows: &[Row], at: &[usize]) -> String {
    let mut line = String::new();
    for row in at {
        if !line.is_empty() {
            line.push_str(if is_unfinished(&line) { " " } else { "; " });
        }
        line.push_str(&people::without_leftover(&rows[*row].text));
        if is_unfinished(&rows[*row].text) && !is_unfinished(&line) {
            line.push(',');
        }
    }
    line
}

/// The names that open the bios below and stand in the line of people too: no better evidence of what is a name.
fn name_hints(rows: &[Row], from: usize, to: usize, line: &str) -> Known {
    let mut known = Known::default();
    let line = people::fold(line);
    for row in rows[from.min(to)..to].iter().filter(|row| row.sort == Sort::Text && !row.bullet) {
        if row.n_words() <= NAME_LINE_WORDS_MAX {
            let (name, affiliation) = people::name_line(&row.text);
            let name = people::fold(&name);
            if !name.is_empty() && line.contains(&name) && is_whole(&line, &name) {
                known.names.insert(name);
                known.affiliations.extend(affiliation.map(|place| people::fold(&place)));
            }
        }
    }
    known
}

/// Whether a name stands in a line as whole words, at the beginning of a part.
fn is_whole(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].trim_end();
        let after = line[at + name.len()..].chars().next();
        let opens = before.is_empty() || before.ends_with([',', ';', ':', '&']) || before.ends_with(" and");
        opens && after.is_none_or(|c| !c.is_alphanumeric())
    })
}

/// Where a bio begins.
struct BioMark {
    row: usize,
    name: String,
    affiliation: Option<String>,
    /// A label stands in the name's place.
    is_unnamed: bool,
    /// "Bio: text on the same line".
    inline: Option<String>,
}

fn bio_marks(rows: &[Row], from: usize, to: usize, speakers: &[Speaker]) -> Vec<BioMark> {
    let mut marks: Vec<BioMark> = Vec::new();
    let mut labelled: Option<usize> = None;
    for at in from..to {
        let row = &rows[at];
        if row.sort != Sort::Text || row.bullet {
            continue;
        }
        if let Some(inline) = words::bio_label(&row.text) {
            labelled = Some(at);
            if let (false, Some(speaker)) = (inline.is_empty(), speakers.get(marks.len())) {
                marks.push(BioMark {
                    row: at,
                    name: speaker.name.clone(),
                    affiliation: None,
                    is_unnamed: true,
                    inline: Some(inline.to_owned()),
                });
                labelled = None;
            }
            continue;
        }
        let opens = at == from || rows[at - 1].sort != Sort::Text || labelled == Some(at - 1);
        // Where the blank lines were lost, a speaker's very name after a full stop opens a bio too.
        let opens = opens || (rows[at - 1].ends_sentence() && is_speaker(&row.text, speakers));
        if let Some((name, affiliation)) = opens.then(|| bio_name(rows, at, to, speakers)).flatten() {
            marks.push(BioMark { row: at, name, affiliation, is_unnamed: false, inline: None });
            labelled = None;
        } else if let (Some(label), Some(speaker)) = (labelled.take(), speakers.get(marks.len())) {
            // "Bio:" and then text without a name line: the label stands for it.
            marks.push(BioMark {
                row: label,
                name: speaker.name.clone(),
                affiliation: None,
                is_unnamed: true,
                inline: None,
            });
        }
    }
    marks
}

fn is_speaker(line: &str, speakers: &[Speaker]) -> bool {
    let name = people::fold(&people::name_line(line).0);
    speakers.iter().any(|speaker| people::fold(&speaker.name) == name)
}

/// The name and affiliation, if a row is a bio's name line.
fn bio_name(rows: &[Row], at: usize, to: usize, speakers: &[Speaker]) -> Option<(String, Option<String>)> {
    let row = &rows[at];
    if row.n_words() > NAME_LINE_WORDS_MAX {
        return None;
    }
    let (name, affiliation) = people::name_line(&row.text);
    if name.is_empty() {
        return None;
    }
    if row.text.contains("[node:") {
        return Some((name, affiliation));
    }
    if let Some(speaker) = speakers.iter().find(|speaker| same_name(&speaker.name, &name)) {
        let is_exact = people::fold(&speaker.name) == people::fold(&name);
        return (is_exact || people::is_name(&name)).then_some((name, affiliation));
    }
    // Someone whom the line of people doesn't have: the text below must speak of them.
    if people::likeness(&row.text) < Likeness::Names || row.text.contains(';') || name.contains(" and ") {
        return None;
    }
    let text = next_row(rows, at + 1, to).map(|next| people::fold(&rows[next].text)).unwrap_or_default();
    let opening: Vec<&str> = text.split_whitespace().take(12).collect();
    let speaks = name.split_whitespace().any(|part| {
        let part = people::fold(part);
        part.chars().count() > 1 && opening.iter().any(|word| word.trim_end_matches("'s").trim_matches(',') == part)
    });
    (speaks && opening.len() > 4).then_some((name, affiliation))
}

/// The same person: the same name, or the same last name and a first name that begins alike.
fn same_name(a: &str, b: &str) -> bool {
    let (a, b) = (people::fold(a), people::fold(b));
    if a == b {
        return true;
    }
    let ends = |name: &str| {
        let mut words = name.split(' ').filter(|word| !word.starts_with(['"', '(', '\'']));
        (words.next().map(ToOwned::to_owned), words.next_back().map(ToOwned::to_owned))
    };
    let ((a_first, a_last), (b_first, b_last)) = (ends(&a), ends(&b));
    let initial = |name: &Option<String>| name.as_ref().and_then(|name| name.chars().next());
    a_last.is_some() && a_last == b_last && initial(&a_first) == initial(&b_first)
}

/// Running text: paragraphs apart, list items one a line; without links, awards and sponsors.
pub(super) fn prose(rows: &[Row], from: usize, to: usize) -> Option<String> {
    let mut out = String::new();
    let (mut blank, mut after_item) = (false, false);
    for row in rows.get(from..to).unwrap_or_default() {
        let mut line = people::without_leftover(&row.text);
        if matches!(row.sort, Sort::Blank | Sort::Media | Sort::Award | Sort::Sponsor) {
            blank = true;
            continue;
        }
        if out.is_empty()
            && let Some(rest) = words::abstract_label(&line)
        {
            line = rest.to_owned();
        }
        if words::bio_label(&line).is_some_and(str::is_empty) || line.is_empty() {
            continue;
        }
        if row.bullet {
            line = format!("- {line}");
        }
        if out.is_empty() {
            after_item = row.bullet;
        } else {
            let goes_on = after_item && !row.bullet && !blank && row.indented;
            out.push_str(match (goes_on, blank, after_item && row.bullet) {
                (true, ..) => " ",
                (_, true, false) => "\n\n",
                _ => "\n",
            });
            after_item = row.bullet || goes_on;
        }
        out.push_str(&line);
        blank = false;
    }
    (!out.is_empty()).then_some(out)
}

fn dedup(speakers: &mut Vec<Speaker>) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let mut kept: Vec<Speaker> = Vec::new();
    for speaker in speakers.drain(..) {
        if !speaker.name.contains(char::is_alphabetic) {
            continue;
        }
        if let Some(at) = seen.get(&people::fold(&speaker.name)) {
            // "Moderator: A" and A again among the panelists.
            kept[*at].affiliation = kept[*at].affiliation.take().or(speaker.affiliation);
        } else {
            seen.insert(people::fold(&speaker.name), kept.len());
            kept.push(speaker);
        }
    }
    *speakers = kept;
    speakers.sort_by_key(|speaker| speaker.role != Role::Moderator);
}

/// A timed entry that is itself a list of short talks: its items.
pub(super) fn short_talks(entry: &Entry, rows: &[Row]) -> Vec<(usize, usize)> {
    let named = [Some(rows[entry.title].text.as_str()), entry.heading.session.as_deref()];
    let is_lightning = named.into_iter().flatten().any(|text| words::heading_type(text) == Some(TalkType::Lightning));
    let Some(first) = (entry.from..entry.to).find(|at| rows[*at].bullet) else {
        return if is_lightning { pair_items(entry, rows) } else { Vec::new() };
    };
    let items = items(rows, first, entry.to);
    let with_people = items.iter().filter(|(at, end)| item_people(rows, *at, *end).is_some()).count();
    if with_people * 2 > items.len() && (items.len() > 1 || is_lightning) { items } else { Vec::new() }
}

/// The paragraphs of a title and its people, each with what follows it.
fn pair_items(entry: &Entry, rows: &[Row]) -> Vec<(usize, usize)> {
    let starts: Vec<usize> =
        (entry.from..entry.to).filter(|at| spots::is_pair(rows, *at, entry.from, entry.to)).collect();
    let ends = starts.iter().skip(1).copied().chain([entry.to]);
    let trimmed = |(at, end)| (at, last_row(rows, at, end).map_or(end, |last| last + 1));
    if starts.len() > 1 { starts.iter().copied().zip(ends).map(trimmed).collect() } else { Vec::new() }
}

/// A list item that has its people on its own line: "Title — Name, Place", "Title (Name, Place)".
pub(super) fn item_on_one_line(line: &str) -> (String, Option<String>) {
    let marks = [" — ", " – ", " - ", " | "];
    let dashed = marks.iter().filter_map(|mark| line.rfind(mark).map(|at| (at, mark.len()))).max();
    if let Some((at, len)) = dashed
        && people::likeness(&line[at + len..]) > Likeness::None
    {
        return (line[..at].trim().to_owned(), Some(line[at + len..].to_owned()));
    }
    if let Some((before, last)) = line.rsplit_once(" (")
        && let Some(last) = last.strip_suffix(')')
        && people::likeness(last) > Likeness::None
    {
        return (before.trim().to_owned(), Some(last.to_owned()));
    }
    (text::one_line(line), None)
}
