//! Where things stand on a page: days hold blocks of time, a block holds one session or several parallel tracks, and these
//! hold the entries. A talk with its own time line begins at the line above it; where talks share their session's time, one
//! begins wherever a line of people follows a line that can be a title.

use std::collections::{HashMap, HashSet};

use super::{
    clock::{Clock, Day, Times},
    people,
    rows::{Row, Sort, last_row, next_row},
    spots::Spot,
    words,
};
use crate::error::Problem;

/// Rows above a session's first title that say its track, title, chairs and room.
pub(super) const HEADING_ROWS_MAX: usize = 6;

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
pub(super) struct Block {
    day: Option<Day>,
    times: Option<Times>,
    pub from: usize,
    pub to: usize,
}

pub(super) struct Layout<'a> {
    pub rows: &'a [Row],
    /// Rooms, by the places where they are named.
    pub rooms: HashSet<&'a str>,
    /// Rows known to stand above sessions.
    pub headings: HashSet<&'a str>,
    /// How often a name opens a line.
    pub names: HashMap<String, u32>,
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
        let mut entries: Vec<Entry> = blocks.iter().flat_map(|block| self.block_entries(block)).collect();
        // A track that goes on alone, beside no other, is still a track.
        let tracks: HashSet<String> = entries.iter().filter_map(|entry| entry.heading.track.clone()).collect();
        for heading in entries.iter_mut().filter(|entry| entry.shape == Shape::Timed).map(|entry| &mut entry.heading) {
            if heading.track.is_none() && heading.session.as_ref().is_some_and(|session| tracks.contains(session)) {
                heading.track = heading.session.take();
            }
        }
        entries
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

    /// A block's rows, cut at the lines that open a track.
    pub(super) fn parts(&self, block: &Block) -> Vec<(usize, usize)> {
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

    /// The room of one talk, between its time and its people.
    fn room_below(&self, from: usize, to: usize) -> Option<usize> {
        let at = next_row(self.rows, from, to)?;
        let people = next_row(self.rows, at + 1, to)?;
        let row = &self.rows[at];
        let is_room = row.is_heading_like()
            && self.is_room(&row.text)
            && people::likeness(&row.text) < people::Likeness::People
            && people::likeness(&self.rows[people].text) >= people::Likeness::People;
        is_room.then_some(at)
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
            let mut from = spot.from;
            if spot.shape == Shape::Timed
                && let Some(at) = self.room_below(from, to)
            {
                heading.room = Some(words::without_room_label(&self.rows[at].text).to_owned());
                from = at + 1;
            }
            if spot.shape == Shape::Untimed {
                // A session that is one talk: its room stands between its title and its people.
                let mut rooms = self.rows[title + 1..spot.from].iter().map(|row| row.text.as_str());
                heading.room = rooms.rfind(|text| self.is_room(text)).map(ToOwned::to_owned).or(heading.room);
            }
            entries.push(Entry {
                shape: spot.shape,
                title,
                from,
                to: last_row(self.rows, from, to).map_or(from, |at| at + 1),
                day: block.day,
                weekday: spot.weekday,
                times: if spot.shape == Shape::Timed { spot.times.clone() } else { block.times.clone() },
                heading,
            });
        }
        entries.retain(|entry| !words::is_pause_only(&self.rows[entry.title].text));
        entries
    }
}
