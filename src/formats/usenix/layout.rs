//! Where things stand on a page: days hold blocks of time, a block holds one session or several parallel tracks, and these
//! hold the entries. A talk with its own time line begins at the line above it; where talks share their session's time, one
//! begins wherever a line of people follows a line that can be a title.

use std::collections::{HashMap, HashSet};

use super::{
    clock::{Clock, Day, Times},
    people::{self, Known, Likeness},
    rows::{Row, Sort, last_row, next_row},
    words,
};
use crate::{error::Problem, record::TalkType};

/// Rows above a session's first title that say its track, title, chairs and room.
const HEADING_ROWS_MAX: usize = 6;

/// What stands above the talks of a session or track.
#[derive(Clone, Debug, Default)]
pub(super) struct Heading {
    pub track: Option<String>,
    pub session: Option<String>,
    pub room: Option<String>,
    /// A session chair is named: papers.
    pub has_chair: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// A title, a time line of its own, people, text.
    Timed,
    /// A title, people, text: the time is the session's.
    Untimed,
    /// A list item: a title, and people below it.
    Item,
}

/// One talk's rows, and what holds for it.
pub(super) struct Entry {
    pub shape: Shape,
    pub title: usize,
    /// The rows of its people and text.
    pub from: usize,
    pub to: usize,
    pub day: Option<Day>,
    /// The weekday of its own time line, and that line.
    pub weekday: Option<(usize, usize)>,
    pub times: Option<Times>,
    pub heading: Heading,
}

/// The rows between one line with a block's time and the next.
struct Block {
    day: Option<Day>,
    times: Option<Times>,
    from: usize,
    to: usize,
}

/// Where a talk begins.
struct Spot {
    shape: Shape,
    /// Null when it has none: then it only ends the talk before it.
    title: Option<usize>,
    /// Where it begins, title or not.
    at: usize,
    from: usize,
    weekday: Option<(usize, usize)>,
    times: Option<Times>,
    /// First of its track: all that stands between this row and the title is its heading.
    heading_from: Option<usize>,
}

pub(super) struct Layout<'a> {
    rows: &'a [Row],
    /// Rooms, by the places where they are named.
    rooms: HashSet<&'a str>,
    /// Rows known to stand above sessions.
    headings: HashSet<&'a str>,
    /// How often a name opens a line.
    names: HashMap<String, u32>,
    pub problems: Vec<Problem>,
}

impl<'a> Layout<'a> {
    pub fn new(rows: &'a [Row]) -> Self {
        let mut layout = Layout {
            rows,
            rooms: HashSet::new(),
            headings: HashSet::new(),
            names: HashMap::new(),
            problems: Vec::new(),
        };
        for row in rows.iter().filter(|row| row.sort == Sort::Text && !row.bullet && row.n_words() <= 14) {
            *layout.names.entry(people::fold(&people::name_line(&row.text).0)).or_default() += 1;
        }
        layout
    }

    /// The entries of the page, in its order.
    pub fn entries(&mut self) -> Vec<Entry> {
        let blocks = self.blocks();
        self.learn_headings(&blocks);
        blocks.iter().flat_map(|block| self.block_entries(block)).collect()
    }

    fn blocks(&mut self) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        let mut day = None;
        let first_clock =
            self.rows.iter().position(|row| matches!(row.sort, Sort::Clock(_))).unwrap_or(self.rows.len());
        for (at, row) in self.rows.iter().enumerate().skip(first_clock) {
            let times = match &row.sort {
                Sort::Clock(Clock::Day(found)) => {
                    day = Some(*found);
                    None
                }
                Sort::Clock(Clock::Block(times)) => Some(times.clone()),
                // The first talk of a page that begins in the middle: its title stands above.
                Sort::Clock(Clock::Talk(..)) if blocks.is_empty() => {
                    blocks.push(Block { day, times: None, from: 0, to: self.rows.len() });
                    continue;
                }
                _ => continue,
            };
            if let Some(last) = blocks.last_mut() {
                last.to = at;
            }
            blocks.push(Block { day, times, from: at + 1, to: self.rows.len() });
        }
        // What follows the last talk's text is the page's footer.
        if let Some(last) = blocks.last_mut()
            && let Some(footer) = (last.from..last.to).find(|at| words::is_footer(&self.rows[*at].text))
        {
            last.to = footer;
        }
        blocks
    }

    /// Learns from the places where the structure leaves no doubt which rows are headings, and which of them rooms.
    fn learn_headings(&mut self, blocks: &[Block]) {
        let mut counts: HashMap<&str, u32> = HashMap::new();
        for block in blocks {
            let is_pause =
                next_row(self.rows, block.from, block.to).is_some_and(|at| words::is_pause(&self.rows[at].text));
            for (from, to) in self.parts(block) {
                let timed = (from..to).find(|at| self.rows[*at].is_talk_time());
                let end = timed.and_then(|at| self.title_above(from, at)).unwrap_or(to);
                let heads =
                    (from..end).filter(|at| !matches!(self.rows[*at].sort, Sort::Blank | Sort::Sponsor | Sort::Chair));
                let heads: Vec<usize> =
                    heads.take_while(|at| self.is_heading_row(*at)).take(HEADING_ROWS_MAX - 1).collect();
                for (nth, at) in heads.into_iter().enumerate() {
                    let text = self.rows[at].text.as_str();
                    if timed.is_some() {
                        self.headings.insert(text);
                    }
                    if nth > 0 {
                        *counts.entry(text).or_default() += if is_pause && timed.is_none() { 2 } else { 1 };
                    }
                }
            }
        }
        self.rooms.extend(counts.into_iter().filter(|(_, count)| *count > 1).map(|(text, _)| text));
    }

    fn is_heading_row(&self, at: usize) -> bool {
        self.rows[at].sort == Sort::Track
            || (self.rows[at].is_heading_like() && people::likeness(&self.rows[at].text) < Likeness::People)
    }

    /// A block's rows, cut at the lines that open a track.
    fn parts(&self, block: &Block) -> Vec<(usize, usize)> {
        let tracks = (block.from..block.to).filter(|at| self.rows[*at].sort == Sort::Track);
        let mut starts: Vec<usize> = std::iter::once(block.from).chain(tracks.filter(|at| *at > block.from)).collect();
        starts.push(block.to);
        starts.windows(2).map(|pair| (pair[0], pair[1])).collect()
    }

    fn block_entries(&mut self, block: &Block) -> Vec<Entry> {
        let is_pause = next_row(self.rows, block.from, block.to).is_some_and(|at| words::is_pause(&self.rows[at].text));
        let mut spots: Vec<Spot> = Vec::new();
        for (from, to) in self.parts(block) {
            let mut found = if (from..to).any(|at| self.rows[at].is_talk_time()) {
                self.timed_spots(from, to)
            } else if is_pause {
                Vec::new()
            } else {
                self.item_spots(from, to).unwrap_or_else(|| self.untimed_spots(from, to))
            };
            let is_track = self.rows.get(from).is_some_and(|row| row.sort == Sort::Track);
            let is_first = !self.rows[block.from..from].iter().any(|row| row.sort == Sort::Track);
            let begins = if spots.is_empty() && is_first { block.from } else { from };
            if let Some(first) = found.first_mut().filter(|_| spots.is_empty() || is_track) {
                first.heading_from = Some(begins);
            }
            if found.is_empty() && is_track && !spots.is_empty() {
                // A track of nothing still ends what stands before it.
                found.push(Spot::end(from));
            }
            spots.append(&mut found);
        }
        self.spots_to_entries(block, &spots)
    }

    fn spots_to_entries(&self, block: &Block, spots: &[Spot]) -> Vec<Entry> {
        let mut groups: Vec<Vec<usize>> = Vec::new();
        for (nth, spot) in spots.iter().enumerate() {
            groups.push(match (spot.heading_from, nth.checked_sub(1).map(|before| &spots[before])) {
                (Some(from), _) => (from..spot.at).filter(|at| self.rows[*at].sort != Sort::Blank).collect(),
                (None, Some(before)) if before.shape != Shape::Item => self.heading_above(before.from, spot.at),
                _ => Vec::new(),
            });
        }
        let is_parallel = groups.iter().filter(|group| !group.is_empty()).count() > 1;
        let mut heading = Heading::default();
        let mut entries = Vec::new();
        for (nth, spot) in spots.iter().enumerate() {
            if !groups[nth].is_empty() || spot.heading_from.is_some() {
                heading = self.heading(&groups[nth], is_parallel, spot.shape);
            }
            let to = spots.get(nth + 1).map_or(block.to, |next| groups[nth + 1].first().copied().unwrap_or(next.at));
            let Some(title) = spot.title else { continue };
            let mut heading = heading.clone();
            if spot.shape == Shape::Untimed {
                // A session that is one talk: its room stands between its title and its people.
                let rooms = self.rows[title + 1..spot.from].iter().map(|row| row.text.as_str());
                heading.room = rooms.filter(|text| self.is_room(text)).last().map(ToOwned::to_owned).or(heading.room);
            }
            entries.push(Entry {
                shape: spot.shape,
                title,
                from: spot.from,
                to: last_row(self.rows, spot.from, to).map_or(spot.from, |at| at + 1),
                day: block.day,
                weekday: spot.weekday,
                times: if spot.shape == Shape::Timed { spot.times.clone() } else { block.times.clone() },
                heading,
            });
        }
        entries.retain(|entry| !words::is_pause_only(&self.rows[entry.title].text));
        entries
    }

    /// The talks of a part that have time lines of their own.
    fn timed_spots(&mut self, from: usize, to: usize) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        let mut floor = from;
        for at in from..to {
            let (weekday, times) = match &self.rows[at].sort {
                Sort::Clock(Clock::Talk(weekday, times)) => (weekday.map(|weekday| (weekday, at)), Some(times.clone())),
                Sort::Clock(Clock::Unreadable) => {
                    let message = format!("the time in “{}” can't be read", self.rows[at].text);
                    let hint = "write it as 09:00–09:45 or 9:00 am–9:45 am";
                    self.problems.push(Problem::new("", Some(self.rows[at].number), message, hint));
                    (None, None)
                }
                _ => continue,
            };
            let title = self.title_above(floor, at);
            let is_room = title.is_some_and(|title| self.rooms.contains(self.rows[title].text.as_str()));
            let title = title.filter(|_| !is_room);
            if title.is_none() {
                let message = format!("no title stands above the time “{}”", self.rows[at].text);
                self.problems.push(Problem::new(
                    "",
                    Some(self.rows[at].number),
                    message,
                    "put the talk's title above it",
                ));
            }
            spots.push(Spot {
                shape: Shape::Timed,
                title,
                at: title.unwrap_or(at),
                from: at + 1,
                weekday,
                times,
                heading_from: None,
            });
            // The line below a time is of people: never the next title.
            floor = next_row(self.rows, at + 1, to)
                .filter(|next| !self.rows[*next].is_talk_time())
                .map_or(at + 1, |next| next + 1);
        }
        spots
    }

    /// The title that belongs to the time line at `at`.
    fn title_above(&self, floor: usize, at: usize) -> Option<usize> {
        let skipped = |row: &Row| matches!(row.sort, Sort::Blank | Sort::Award | Sort::Sponsor | Sort::Media);
        let above = (floor..at).rev().find(|above| !skipped(&self.rows[*above]));
        above.filter(|above| self.rows[*above].is_title_like())
    }

    /// The talks of a part that share its time: a line of people below a line that can be a title.
    fn untimed_spots(&self, from: usize, to: usize) -> Vec<Spot> {
        let mut spots: Vec<Spot> = Vec::new();
        let mut speakers: Vec<String> = Vec::new();
        let part: Vec<usize> = (from..to)
            .filter(|at| !matches!(self.rows[*at].sort, Sort::Blank | Sort::Award | Sort::Sponsor | Sort::Clock(_)))
            .collect();
        let is_lightning =
            part.first().is_some_and(|at| words::heading_type(&self.rows[*at].text) == Some(TalkType::Lightning));
        if is_lightning {
            let pairs = self.pairs(from, to);
            if !pairs.is_empty() {
                return pairs;
            }
        }
        let mut k = 0;
        while k + 1 < part.len() {
            let (title, people) = (part[k], part[k + 1]);
            k += 1;
            let row = &self.rows[title];
            if !row.is_title_like()
                || people::likeness(&row.text) == Likeness::Labelled
                || words::bio_label(&row.text).is_some()
            {
                continue;
            }
            if !self.is_people_row(people, part.get(k + 1).copied(), &speakers, is_lightning) {
                continue;
            }
            let title = if self.is_room(&row.text) {
                let heads = part[..k - 1].iter().rev().copied();
                let above = heads.take_while(|_| spots.is_empty()).find(|at| self.rows[*at].is_title_like());
                match above {
                    Some(above) => above,
                    None => continue,
                }
            } else {
                title
            };
            speakers = people::parse(&self.rows[people].text, &Known::default())
                .iter()
                .map(|p| people::fold(&p.name))
                .collect();
            spots.push(Spot { from: people, ..Spot::at(Shape::Untimed, title) });
            k += 1;
        }
        spots
    }

    /// Paragraphs of two lines, a title and people, as short talks may be printed.
    fn pairs(&self, from: usize, to: usize) -> Vec<Spot> {
        let is_text = |at: usize| at < to && self.rows[at].sort == Sort::Text;
        let opens = |at: usize| is_text(at) && (at == from || !is_text(at - 1));
        let is_pair = |at: &usize| {
            opens(*at)
                && is_text(at + 1)
                && !is_text(at + 2)
                && self.rows[*at].is_title_like()
                && !self.is_room(&self.rows[at + 1].text)
                && people::likeness(&self.rows[at + 1].text) > Likeness::None
        };
        (from..to).filter(is_pair).map(|at| Spot::at(Shape::Untimed, at)).collect()
    }

    fn is_people_row(&self, at: usize, next: Option<usize>, speakers: &[String], is_lightning: bool) -> bool {
        let row = &self.rows[at];
        if row.sort != Sort::Text || row.bullet {
            return false;
        }
        let folded = people::fold(&row.text);
        if speakers.iter().any(|name| folded.starts_with(name.as_str())) {
            return false;
        }
        let next = next.map(|next| &self.rows[next]);
        let media_follows = next.is_some_and(|row| row.sort == Sort::Media);
        match people::likeness(&row.text) {
            Likeness::Labelled => true,
            Likeness::People if media_follows || is_lightning => true,
            Likeness::People => {
                // Of several such lines the last is of people: the one before it was a title with a comma.
                let name = people::fold(&people::name_line(&row.text).0);
                next.is_none_or(|next| {
                    people::likeness(&next.text) != Likeness::People || people::fold(&next.text).starts_with(&name)
                })
            }
            Likeness::Names if self.is_room(&row.text) => false,
            Likeness::Names => {
                let recurs = self.names.get(&people::fold(&row.text)).is_some_and(|n| *n > 1);
                media_follows || is_lightning || (recurs && next.is_some_and(Row::is_prose))
            }
            Likeness::None => media_follows && row.text.contains([',', ';']) && self.looks_like_people(&row.text),
        }
    }

    /// A line above "Available Media" whose names are of an unusual shape: one word, lower case.
    fn looks_like_people(&self, line: &str) -> bool {
        let people = people::parse(line, &Known::default());
        !line.ends_with(['.', '?', '!', ':'])
            && people.iter().all(|person| person.name.split_whitespace().count() <= 5)
            && (people.len() > 1 || people.iter().any(|person| person.affiliation.is_some()))
    }

    /// List items with people below them, as lightning talks are printed.
    fn item_spots(&self, from: usize, to: usize) -> Option<Vec<Spot>> {
        let is_lightning = |at: usize| words::heading_type(&self.rows[at].text) == Some(TalkType::Lightning);
        let first = (from..to).find(|at| self.rows[*at].bullet)?;
        let named = (from..first).filter(|at| self.is_heading_row(*at)).any(is_lightning);
        let items = items(self.rows, first, to);
        let with_people = items.iter().filter(|(at, end)| item_people(self.rows, *at, *end).is_some()).count();
        let plain = items.len() >= 2 && with_people * 2 > items.len();
        if !plain && !(named && self.untimed_spots(from, to).is_empty()) {
            return None;
        }
        let mut spots: Vec<Spot> =
            items.iter().map(|(at, _)| Spot { from: at + 1, ..Spot::at(Shape::Item, *at) }).collect();
        // Prose below the list belongs to no item.
        spots.extend(items.last().map(|(_, end)| Spot::end(*end)));
        Some(spots)
    }

    /// The heading rows directly above a title that is not the first of its block, down from `floor`.
    fn heading_above(&self, floor: usize, title: usize) -> Vec<usize> {
        let mut group = Vec::new();
        // The first row of the talk before is its people's.
        let floor = next_row(self.rows, floor, title).map_or(floor, |at| at + 1);
        for at in (floor..title).rev() {
            match self.rows[at].sort {
                Sort::Blank => {}
                Sort::Chair | Sort::Sponsor => group.push(at),
                Sort::Text | Sort::Track if self.is_heading_row(at) && group.len() < HEADING_ROWS_MAX => group.push(at),
                _ => break,
            }
        }
        group.reverse();
        let text = |nth: usize| self.rows[group[nth]].text.as_str();
        let sort = |nth: usize| &self.rows[group[nth]].sort;
        let is_head = |nth: usize| self.headings.contains(text(nth)) || words::heading_type(text(nth)).is_some();
        let is_strong = |nth: usize| *sort(nth) == Sort::Chair || is_head(nth) || self.is_room(text(nth));
        match (0..group.len()).find(|nth| is_strong(*nth)) {
            Some(top) => {
                let opens = is_head(top) && !self.is_room(text(top)) && *sort(top) != Sort::Chair;
                let top = if opens || top == 0 { top } else { top - 1 };
                group.split_off(top)
            }
            None if (2..=3).contains(&group.len()) && (0..group.len()).all(|nth| is_title_case(text(nth))) => group,
            None => Vec::new(),
        }
    }

    fn is_room(&self, text: &str) -> bool {
        self.rooms.contains(text) || words::has_room_word(text)
    }

    /// What each row of a heading is.
    fn heading(&self, group: &[usize], is_parallel: bool, shape: Shape) -> Heading {
        let mut heading = Heading::default();
        let mut others: Vec<(&str, bool)> = Vec::new();
        for at in group {
            let row = &self.rows[*at];
            match row.sort {
                Sort::Track => heading.track = Some(row.text.clone()),
                Sort::Chair => {
                    heading.has_chair = true;
                    // What stands above a chair is the session's title.
                    if let Some(last) = others.last_mut() {
                        last.1 = true;
                    }
                }
                Sort::Text if row.is_heading_like() || (others.is_empty() && row.is_title_like()) => {
                    others.push((&row.text, false));
                }
                _ => {}
            }
        }
        let is_room = |(text, chaired): (&str, bool)| !chaired && self.is_room(text);
        // A room stands below a title; a heading of one row is one only if it looks so or a track was named.
        let room = others.iter().rposition(|other| is_room(*other)).or_else(|| {
            let last = others.len().checked_sub(1)?;
            let named = heading.track.is_some() && shape != Shape::Untimed && !heading.has_chair;
            ((last > 0 || named) && !others[last].1 && words::heading_type(others[last].0).is_none()).then_some(last)
        });
        if let Some(at) = room {
            heading.room = Some(words::without_room_label(others.remove(at).0).to_owned());
        }
        let mut others = others.into_iter().map(|(text, _)| text.to_owned());
        if heading.track.is_none() && is_parallel && shape == Shape::Timed && !heading.has_chair {
            heading.track = others.next();
        }
        heading.session = others.next();
        heading
    }
}

impl Spot {
    fn at(shape: Shape, title: usize) -> Spot {
        Spot { shape, title: Some(title), at: title, from: title + 1, weekday: None, times: None, heading_from: None }
    }

    /// Only ends what stands before it.
    fn end(at: usize) -> Spot {
        Spot { title: None, from: at, ..Spot::at(Shape::Item, at) }
    }
}

/// List items from `from` on: their rows, continuation lines included.
pub(super) fn items(rows: &[Row], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut items: Vec<(usize, usize)> = Vec::new();
    for at in from..to {
        let row = &rows[at];
        match items.last_mut() {
            _ if row.bullet => items.push((at, at + 1)),
            Some(last) if row.sort == Sort::Text && (last.1 == at || row.indented) => last.1 = at + 1,
            _ => {}
        }
    }
    items
}

/// The row of people below a list item's title.
pub(super) fn item_people(rows: &[Row], at: usize, end: usize) -> Option<usize> {
    next_row(rows, at + 1, end).filter(|next| people::likeness(&rows[*next].text) > Likeness::None)
}

fn is_title_case(text: &str) -> bool {
    text.split_whitespace().all(|word| word.chars().count() < 4 || !word.starts_with(char::is_lowercase))
}
