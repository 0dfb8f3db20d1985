//! What stands above the talks of a session or track: its name, its title, its chairs, its room.

use std::collections::HashMap;

use super::{
    layout::{Block, HEADING_ROWS_MAX, Heading, Layout, Shape},
    people::{self, Likeness},
    rows::{Sort, next_row},
    words,
};

impl Layout<'_> {
    /// Learns from the places where the structure leaves no doubt which rows are headings, and which of them rooms.
    pub(super) fn learn_headings(&mut self, blocks: &[Block]) {
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

    pub(super) fn is_heading_row(&self, at: usize) -> bool {
        self.rows[at].sort == Sort::Track
            || (self.rows[at].is_heading_like() && people::likeness(&self.rows[at].text) < Likeness::People)
    }

    /// The heading rows directly above a title that is not the first of its block, down from `floor`.
    pub(super) fn heading_above(&self, floor: usize, title: usize) -> Vec<usize> {
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

    pub(super) fn is_room(&self, text: &str) -> bool {
        self.rooms.contains(text) || words::has_room_word(text)
    }

    /// What each row of a heading is.
    pub(super) fn heading(&self, group: &[usize], is_parallel: bool, shape: Shape) -> Heading {
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
        heading.split_track();
        heading
    }
}

impl Heading {
    /// "Track A (Grand Ballroom)", and "Track 1: Storage" above a chair, who has a session: each part into its place.
    fn split_track(&mut self) {
        let Some(track) = self.track.take() else { return };
        let (name, room) = match track.strip_suffix(')').and_then(|track| track.rsplit_once(" (")) {
            Some((name, room)) if self.room.is_none() && words::has_room_word(room) => (name, Some(room)),
            _ => (track.as_str(), None),
        };
        self.room = room.map(ToOwned::to_owned).or(self.room.take());
        let (name, session) = match name.split_once(": ") {
            Some((name, session)) if self.session.is_none() && self.has_chair => (name, Some(session)),
            _ => (name, None),
        };
        self.session = session.map(ToOwned::to_owned).or(self.session.take());
        self.track = Some(name.trim().to_owned());
    }
}

fn is_title_case(text: &str) -> bool {
    text.split_whitespace().all(|word| word.chars().count() < 4 || !word.starts_with(char::is_lowercase))
}
