//! Where talks begin: above a time line of their own, above people, or at a list item.

use super::{
    clock::{Clock, Times},
    layout::{Layout, Shape},
    people::{self, Known, Likeness},
    rows::{Row, Sort, next_row},
    words,
};
use crate::{error::Problem, record::TalkType};

/// Where a talk begins.
pub(super) struct Spot {
    pub shape: Shape,
    /// Null when it has none: then it only ends the talk before it.
    pub title: Option<usize>,
    /// Where it begins, title or not.
    pub at: usize,
    pub from: usize,
    pub weekday: Option<(usize, usize)>,
    pub times: Option<Times>,
    /// First of its track: all that stands between this row and the title is its heading.
    pub heading_from: Option<usize>,
}

impl Spot {
    pub(super) fn at(shape: Shape, title: usize) -> Spot {
        Spot { shape, title: Some(title), at: title, from: title + 1, weekday: None, times: None, heading_from: None }
    }

    /// Only ends what stands before it.
    pub(super) fn end(at: usize) -> Spot {
        Spot { title: None, from: at, ..Spot::at(Shape::Item, at) }
    }
}

impl Layout<'_> {
    /// The talks of a part that have time lines of their own.
    pub(super) fn timed_spots(&mut self, from: usize, to: usize) -> Vec<Spot> {
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
            // A talk that is given twice: the first time counts.
            if let Some(last) = spots.last_mut().filter(|last| next_row(self.rows, last.from, to) == Some(at)) {
                last.from = at + 1;
                let message = format!("“{}” is a second time of the same talk", self.rows[at].text);
                let hint = "list the talk again where it is given again";
                self.problems.push(Problem::new("", Some(self.rows[at].number), message, hint));
                continue;
            }
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
    pub(super) fn title_above(&self, floor: usize, at: usize) -> Option<usize> {
        let skipped = |row: &Row| matches!(row.sort, Sort::Blank | Sort::Award | Sort::Sponsor | Sort::Media);
        let above = (floor..at).rev().find(|above| !skipped(&self.rows[*above]));
        above.filter(|above| self.rows[*above].is_title_like())
    }

    /// The talks of a part that share its time: a line of people below a line that can be a title.
    pub(super) fn untimed_spots(&self, from: usize, to: usize) -> Vec<Spot> {
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
            // "Moderator: …" and "Panelists: …" are one talk's people; their names below open bios.
            let labelled = part[k + 1..].iter().copied();
            let labelled = labelled.take_while(|at| people::likeness(&self.rows[*at].text) == Likeness::Labelled);
            speakers = std::iter::once(people)
                .chain(labelled)
                .flat_map(|at| people::parse(&self.rows[at].text, &Known::default()))
                .map(|person| people::fold(&person.name))
                .collect();
            spots.push(Spot { from: people, ..Spot::at(Shape::Untimed, title) });
            k += 1;
        }
        spots
    }

    /// Paragraphs of two lines, a title and people, as short talks may be printed.
    fn pairs(&self, from: usize, to: usize) -> Vec<Spot> {
        let pairs = (from..to).filter(|at| is_pair(self.rows, *at, from, to));
        pairs.filter(|at| !self.is_room(&self.rows[at + 1].text)).map(|at| Spot::at(Shape::Untimed, at)).collect()
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
                let recurs = self.names.get(&people::fold(&people::name_line(&row.text).0)).is_some_and(|n| *n > 1);
                media_follows || is_lightning || (recurs && next.is_some_and(Row::is_prose))
            }
            Likeness::None => media_follows && row.text.contains([',', ';']) && looks_like_people(&row.text),
        }
    }

    /// List items with people below them, as lightning talks are printed.
    pub(super) fn item_spots(&self, from: usize, to: usize) -> Option<Vec<Spot>> {
        let is_lightning = |at: usize| words::heading_type(&self.rows[at].text) == Some(TalkType::Lightning);
        let first = (from..to).find(|at| self.rows[*at].bullet)?;
        let named = (from..first).filter(|at| self.is_heading_row(*at)).any(is_lightning);
        let items = items(self.rows, first, to);
        let with_people = items.iter().filter(|(at, end)| item_people(self.rows, *at, *end).is_some()).count();
        let plain = items.len() >= 2 && with_people * 2 > items.len();
        let bare = named && self.untimed_spots(from, to).is_empty();
        if !plain && !bare {
            return None;
        }
        let mut spots: Vec<Spot> =
            items.iter().map(|(at, _)| Spot { from: at + 1, ..Spot::at(Shape::Item, *at) }).collect();
        // Prose below the list belongs to no item.
        spots.extend(items.last().map(|(_, end)| Spot::end(*end)));
        Some(spots)
    }
}

/// A paragraph of two lines, a title and people.
pub(super) fn is_pair(rows: &[Row], at: usize, from: usize, to: usize) -> bool {
    let is_text = |at: usize| at < to && rows[at].sort == Sort::Text;
    is_text(at)
        && (at == from || !is_text(at - 1))
        && is_text(at + 1)
        && !is_text(at + 2)
        && rows[at].is_title_like()
        && people::likeness(&rows[at + 1].text) > Likeness::None
}

/// A line above "Available Media" whose names are of an unusual shape: one word, lower case.
fn looks_like_people(line: &str) -> bool {
    let people = people::parse(line, &Known::default());
    !line.ends_with(['.', '?', '!', ':'])
        && people.iter().all(|person| person.name.split_whitespace().count() <= 5)
        && (people.len() > 1 || people.iter().any(|person| person.affiliation.is_some()))
}

/// List items from `from` on: their rows, continuation lines included.
pub(super) fn items(rows: &[Row], from: usize, to: usize) -> Vec<(usize, usize)> {
    let mut items: Vec<(usize, usize)> = Vec::new();
    for (at, row) in rows.iter().enumerate().take(to).skip(from) {
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
