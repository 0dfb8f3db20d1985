//! Programs of academic conferences as plain text: papers with their authors, below sessions, below days. A paper is told by
//! labels (`TITLE …`, `Authors: …`), by a number or a time before its title, or by its line of authors alone.

mod authors;
pub(super) mod rows;

use jiff::civil::Date;

use self::rows::{Field, Row, Sort};
use super::{
    Draft, Input, dates, edition,
    markdown::front_matter,
    plain::NOT_PROSE,
    report::extension,
    schedule::{self, Context, Entry, Person, find::Found},
    usenix::words,
};
use crate::{
    error::Problem,
    record::{Role, TalkType},
    text::{floor, one_line},
};

/// So many papers make a program; where they are labelled, fewer do.
const ENTRIES_MIN: usize = 3;
const LABELLED_MIN: usize = 2;
/// Of the papers so many, in percent, name people; and of the lines so many belong to the program.
const WITH_PEOPLE_PERCENT_MIN: usize = 60;
const USED_PERCENT_MIN: usize = 60;
/// A title has at most so many lines, and so has what stands before the program.
const TITLE_LINES_MAX: usize = 3;
const PREAMBLE_LINES_MAX: usize = 30;
const PREAMBLE_BYTES_MAX: usize = 16 << 10;
const AUTHOR_LINES_MAX: usize = 60;
/// How lines end that say "FooSys 2019 Final Program".
const PROGRAM_WORDS: &[&str] = &["program", "programme", "papers", "sessions", "schedule", "agenda", "proceedings"];
/// Words of a conference's name before its year.
const NAME_WORDS_MAX: usize = 6;

pub(super) fn recognise(input: &Input) -> bool {
    let is_other = extension(input.path).is_some_and(|extension| NOT_PROSE.contains(&&*extension));
    let text = input.text.trim_start_matches('\u{feff}').trim_start();
    let is_other = is_other || text.starts_with(['<', '{']) || front_matter::is_there(text);
    !is_other && Program::read(input.text).is_one()
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut draft = Draft::default();
    let program = Program::read(input.text);
    if program.entries.is_empty() {
        return Draft { is_page: true, ..draft };
    }
    draft.problems = program.problems;
    let (context, entries) = (program.context, program.entries);
    schedule::draft(input, Found { context, entries, ..Found::default() }, &mut draft);
    draft
}

/// What stands above a paper.
#[derive(Clone, Default)]
struct Above {
    day: Option<Date>,
    session: Option<String>,
    track: Option<String>,
    room: Option<String>,
    /// Of a heading that is of one talk, until that comes.
    times: Option<rows::Times>,
}

/// "FooSys 2019: The Foo Symposium", "FooSys 2019 Final Program": the conference that a head begins with, whatever its name.
fn titled(head: &str) -> Option<String> {
    let first = head.lines().map(str::trim).find(|line| !line.is_empty())?;
    let signs = [": ", " - ", " – ", " — ", ", "];
    let parts =
        signs.iter().fold(vec![first], |parts, sign| parts.into_iter().flat_map(|part| part.split(sign)).collect());
    parts.into_iter().find_map(|part| {
        let words: Vec<&str> = part.split_whitespace().collect();
        let year = words.iter().position(|word| word.len() == 4 && edition::year_in(word).is_some())?;
        let is_program =
            words[year + 1..].last().is_none_or(|last| PROGRAM_WORDS.contains(&last.to_lowercase().as_str()));
        let is_name = part.starts_with(char::is_uppercase) && !dates::is_english_month(&words[0].to_lowercase());
        (is_program && is_name && (1..=NAME_WORDS_MAX).contains(&year)).then(|| words[..=year].join(" "))
    })
}

/// A program as far as it was read.
struct Program<'a> {
    rows: Vec<Row<'a>>,
    context: Context,
    /// The days that the conference prints at its head: weekdays alone are dated by them.
    days: Vec<Date>,
    above: Above,
    entries: Vec<Entry>,
    problems: Vec<Problem>,
    n_labelled: usize,
    /// Whether its head calls it a list of accepted papers.
    says_papers: bool,
    /// Days, sessions and times.
    n_headings: usize,
    n_used: usize,
}

impl<'a> Program<'a> {
    fn read(text: &'a str) -> Self {
        let mut program = Program {
            rows: rows::read(text),
            context: Context::default(),
            days: Vec::new(),
            above: Above::default(),
            entries: Vec::new(),
            problems: Vec::new(),
            n_labelled: 0,
            says_papers: false,
            n_headings: 0,
            n_used: 0,
        };
        program.read_preamble();
        let lead = program.rows.iter().find_map(|row| match row.sort {
            Sort::Label(field @ (Field::Title | Field::Authors | Field::Speakers), _) => Some(field),
            _ => None,
        });
        let mut at = 0;
        while at < program.rows.len() {
            let next = program.step(at, lead);
            program.n_used += program.rows[at..next].iter().filter(|row| row.sort != Sort::Blank).count();
            // What is no part of the program is passed over.
            at = if next > at { next } else { at + 1 };
        }
        program
    }

    fn is_one(&self) -> bool {
        let with_people = self.entries.iter().filter(|entry| !entry.people.is_empty()).count();
        let n_filled = self.rows.iter().filter(|row| row.sort != Sort::Blank).count();
        let is_labelled = self.n_labelled >= LABELLED_MIN && self.n_labelled * 2 >= self.entries.len();
        (is_labelled || (with_people >= ENTRIES_MIN && (self.n_headings > 0 || self.says_papers)))
            && with_people * 100 >= self.entries.len() * WITH_PEOPLE_PERCENT_MIN
            && self.n_used * 100 >= n_filled * USED_PERCENT_MIN
    }

    /// The conference and its days, before the first line of the program.
    fn read_preamble(&mut self) {
        let is_text = |row: &&Row| matches!(row.sort, Sort::Blank | Sort::Text);
        let head: Vec<&str> =
            self.rows.iter().take_while(is_text).take(PREAMBLE_LINES_MAX).map(|row| row.text).collect();
        let head = head.join("\n");
        let head = &head[..floor(&head, PREAMBLE_BYTES_MAX)];
        let mentions = edition::find_editions(head);
        let found = mentions.iter().find(|mention| mention.edition.year.is_some()).or(mentions.first());
        self.context.conference = found.map(|mention| mention.edition.edition.clone()).or_else(|| titled(head));
        self.says_papers = head.to_lowercase().contains("accepted ");
        self.days = rows::days(head);
        let year = self.days.first().and_then(|day| u16::try_from(day.year()).ok());
        self.context.year = found.and_then(|mention| mention.edition.year).or(year).or(edition::year_in(head));
    }

    /// Reads what begins at a row, and gives where it ends; the row itself where nothing does.
    fn step(&mut self, at: usize, lead: Option<Field>) -> usize {
        let row = &self.rows[at];
        match row.sort.clone() {
            Sort::Blank => at + 1,
            Sort::Day(day) => {
                self.n_headings += 1;
                self.above = Above { day: self.date(&day), ..Above::default() };
                at + 1
            }
            Sort::Chair => at + 1,
            Sort::Label(Field::Session | Field::Track | Field::Room | Field::Time, value) => self.heading(at, &value),
            Sort::Label(field, _) if Some(field) == lead => self.labelled(at, lead),
            Sort::Label(field, _) => {
                if matches!(field, Field::Authors | Field::Speakers) {
                    let hint = "put a line `TITLE …` above them";
                    self.problems.push(Problem::new("", Some(row.number), "these authors have no title", hint));
                }
                at
            }
            Sort::Session { title, times } => {
                self.n_headings += 1;
                if words::is_pause(&title) {
                    (self.above.session, self.above.times) = (None, None);
                    return at + 1;
                }
                if let Some(next) = self.lone_talk(at, &title, times) {
                    return next;
                }
                self.above.times = times.filter(|_| words::heading_type(&title) == Some(TalkType::Keynote));
                self.above.session = Some(title);
                at + 1
            }
            Sort::Time(times) => {
                self.n_headings += 1;
                self.above.times = Some(times);
                at + 1
            }
            Sort::Timed { title, times } => self.timed(at, title, times),
            Sort::Numbered(title) => self.paper(at, title, None).unwrap_or(at),
            Sort::Text if self.is_over_labels(at) => {
                self.above = Above { day: self.above.day, session: Some(one_line(row.text)), ..Above::default() };
                self.n_headings += 1;
                at + 1
            }
            Sort::Text if lead.is_none() => self.paper(at, row.text.trim().to_owned(), None).unwrap_or(at),
            Sort::Text => at,
        }
    }

    /// "S1: Storage" over "Room: Main hall".
    fn is_over_labels(&self, at: usize) -> bool {
        let next = self.rows.get(at + 1).map(|row| &row.sort);
        let begins = at == 0 || self.rows[at - 1].sort == Sort::Blank;
        begins && matches!(next, Some(Sort::Label(Field::Room | Field::Time | Field::Track, _) | Sort::Chair))
    }

    /// `SESSION …`, `Track: …`, `Room: …`.
    fn heading(&mut self, at: usize, value: &str) -> usize {
        self.n_headings += 1;
        let value = Some(value.to_owned()).filter(|value| !value.is_empty());
        match self.rows[at].sort {
            Sort::Label(Field::Track, _) => self.above.track = value,
            Sort::Label(Field::Room, _) => self.above.room = value,
            Sort::Label(Field::Session, _) => self.above.session = value,
            _ => {}
        }
        at + 1
    }

    fn date(&self, day: &rows::Day) -> Option<Date> {
        let year = self.context.year.and_then(|year| i16::try_from(year).ok());
        if let Some((month, of_month)) = day.date {
            return Date::new(day.year.or(year)?, month, of_month).ok();
        }
        let mut fitting = self
            .days
            .iter()
            .filter(|date| day.weekday.is_some_and(|weekday| date.weekday().to_monday_zero_offset() == weekday));
        fitting.next().copied().filter(|_| fitting.next().is_none())
    }

    /// A paper whose parts have labels: all up to the label that opens the next one, or to a heading.
    fn labelled(&mut self, at: usize, lead: Option<Field>) -> usize {
        let mut values: Vec<(Field, String)> = Vec::new();
        let mut next = at;
        let mut after_blank = false;
        while next < self.rows.len() {
            let row = &self.rows[next];
            match &row.sort {
                Sort::Label(field, _) if Some(*field) == lead && next > at => break,
                Sort::Label(Field::Session | Field::Track, _) => break,
                Sort::Label(field, _) if after_blank && values.iter().any(|(known, _)| known == field) => break,
                Sort::Label(field, value) => values.push((*field, value.clone())),
                Sort::Day(_) => break,
                Sort::Blank => {}
                _ => {
                    let Some((field, value)) = values.last_mut() else { break };
                    let is_long = matches!(field, Field::Abstract | Field::Other);
                    let is_heading = !matches!(row.sort, Sort::Text | Sort::Numbered(_));
                    if (is_heading && (after_blank || !is_long)) || (after_blank && !is_long && !value.is_empty()) {
                        break;
                    }
                    let sign = match field {
                        _ if value.is_empty() => "",
                        Field::Abstract if after_blank => "\n\n",
                        // Names on lines of their own.
                        Field::Authors | Field::Speakers
                            if !value.ends_with([',', ';', '(', '&']) && !rows::is_open(value) =>
                        {
                            "; "
                        }
                        _ => " ",
                    };
                    value.extend([sign, row.text.trim()]);
                }
            }
            after_blank = row.sort == Sort::Blank;
            next += 1;
        }
        let entry = self.entry_of(&values);
        let end = (at..next).rev().find(|row| self.rows[*row].sort != Sort::Blank).unwrap_or(at);
        if let Some(mut entry) = entry {
            entry.span = (self.rows[at].start, self.rows[end].end);
            self.n_labelled += usize::from(!entry.people.is_empty());
            self.entries.push(entry);
        }
        end + 1
    }

    fn entry_of(&self, values: &[(Field, String)]) -> Option<Entry> {
        let all =
            |field: Field| values.iter().filter(move |(of, value)| *of == field && !value.is_empty()).map(|(_, v)| v);
        let mut entry = self.entry(all(Field::Title).next()?);
        let mut people: Vec<Person> =
            all(Field::Authors).flat_map(|names| authors::read(names, Role::Author)).collect();
        let is_paper = !people.is_empty() || all(Field::Speakers).next().is_none();
        let presenters = all(Field::Speakers).flat_map(|names| authors::read(names, Role::Speaker));
        for presenter in presenters {
            // Who presents is one of the authors, as a rule.
            match people.iter_mut().find(|known| known.name == presenter.name) {
                Some(known) => known.role = Role::Speaker,
                None => people.push(presenter),
            }
        }
        if let [one] = &mut people[..] {
            one.affiliation =
                one.affiliation.take().or_else(|| all(Field::Affiliation).next().map(|text| one_line(text)));
        }
        entry.people = people;
        entry.texts = all(Field::Abstract).cloned().collect();
        entry.url = all(Field::Url).find(|url| url.contains("://")).cloned();
        entry.tags = all(Field::Keywords)
            .flat_map(|text| text.split([',', ';']))
            .map(one_line)
            .filter(|tag| !tag.is_empty())
            .collect();
        if let Some((start, end)) = all(Field::Time).find_map(|text| rows::times(text)).map(|(times, _)| times) {
            (entry.start, entry.end) = (Some(start), end);
        }
        if let Some(day) = all(Field::Day).find_map(|text| rows::day(text)) {
            entry.day = self.date(&day).or(entry.day);
        }
        entry.kind = entry.kind.or_else(|| is_paper.then(|| "paper".to_owned()));
        Some(entry)
    }

    /// "Keynote: A title (09:00-10:00)" over the one who gives it: no session, but a talk.
    fn lone_talk(&mut self, at: usize, heading: &str, times: Option<rows::Times>) -> Option<usize> {
        let (before, title) = heading.split_once(": ").or_else(|| heading.split_once(" – "))?;
        let kind = words::heading_type(before)?;
        let next = (at + 1..self.rows.len()).find(|next| self.rows[*next].sort != Sort::Blank)?;
        let names = match &self.rows[next].sort {
            Sort::Label(Field::Speakers | Field::Authors, names) => names.clone(),
            Sort::Text => self.rows[next].text.trim().to_owned(),
            _ => return None,
        };
        let people = authors::read(&names, Role::Speaker);
        let is_label = matches!(self.rows[next].sort, Sort::Label(..));
        if people.is_empty() || !(is_label || authors::are_people(&names, true)) {
            return None;
        }
        let mut entry = self.entry(title);
        (entry.kind, entry.people) = (Some(kind.as_str().to_owned()), people);
        (entry.start, entry.end) = times.map_or((None, None), |(start, end)| (Some(start), end));
        entry.session = None;
        entry.span = (self.rows[at].start, self.rows[next].end);
        self.entries.push(entry);
        Some(next + 1)
    }

    /// A line that begins with a time: a break, a session, or a paper.
    fn timed(&mut self, at: usize, title: String, times: rows::Times) -> usize {
        self.n_headings += 1;
        if words::is_pause(&title) {
            return at + 1;
        }
        if let Some(next) = self.lone_talk(at, &title, Some(times)) {
            return next;
        }
        if let Some(next) = self.paper(at, title.clone(), Some(times)) {
            return next;
        }
        self.above.session = Some(title);
        at + 1
    }

    /// A title, on a line or a few, over a line of people. Null where that is not so.
    fn paper(&mut self, at: usize, title: String, times: Option<rows::Times>) -> Option<usize> {
        let is_timed = times.is_some() || self.above.times.is_some();
        let is_marked = is_timed || matches!(self.rows[at].sort, Sort::Numbered(_));
        let indent = self.rows[at].indent();
        let is_text = |row: &Row| row.sort == Sort::Text;
        let mut title = title;
        let mut names_at = None;
        for next in at + 1..self.rows.len().min(at + 1 + TITLE_LINES_MAX) {
            let row = &self.rows[next];
            let label = match &row.sort {
                Sort::Label(Field::Authors | Field::Speakers, names) => Some(names.as_str()),
                _ if is_text(row) => None,
                _ => break,
            };
            let names = label.unwrap_or(row.text.trim());
            // Words of a title look like a name; so it is one only where no better line of people follows.
            let below = self.rows.get(next + 1).filter(|row| is_text(row)).map_or("", |row| row.text.trim());
            let is_title =
                !authors::are_people(names, false) && authors::are_people(below, false) && !names.ends_with(',');
            let is_below = row.indent() > indent || self.above.times.is_some();
            let names_suffice = is_marked && is_below && !is_title;
            if label.is_some() || authors::are_people(names, names_suffice) || authors::are_marked(names, below) {
                names_at = Some(next);
                break;
            }
            title = format!("{title} {names}");
        }
        let names_at = names_at?;
        let role = if matches!(self.rows[names_at].sort, Sort::Label(Field::Speakers, _)) {
            Role::Speaker
        } else {
            Role::Author
        };
        let mut names = match &self.rows[names_at].sort {
            Sort::Label(_, names) => names.clone(),
            _ => self.rows[names_at].text.trim().to_owned(),
        };
        let mut end = names_at;
        while end < names_at + AUTHOR_LINES_MAX && self.rows.get(end + 1).is_some_and(is_text) {
            let more = self.rows[end + 1].text.trim();
            if !(names.ends_with([',', ';', '&'])
                || names.ends_with(" and")
                || rows::is_open(&names)
                || authors::are_people(more, false))
            {
                break;
            }
            // A title over authors of its own is no author.
            let sign = if names.ends_with([',', ';', '&']) || rows::is_open(&names) { " " } else { "; " };
            names = format!("{names}{sign}{more}");
            end += 1;
        }
        let times = times.or(self.above.times.take());
        let mut entry = self.entry(&title);
        let role = if entry.kind.as_deref() == Some(TalkType::Keynote.as_str()) { Role::Speaker } else { role };
        entry.people = authors::read(&names, role);
        let next = self.rows.get(end + 1).filter(|row| is_text(row));
        if next.is_some_and(|row| authors::take_marked(&mut entry.people, &names, row.text)) {
            end += 1;
        } else if let Some(place) = self.affiliation_below(names_at, end, indent) {
            let people = entry.people.iter_mut().filter(|person| person.affiliation.is_none());
            people.for_each(|person| person.affiliation = Some(place.clone()));
            end += 1;
        }
        (entry.start, entry.end) = times.map_or((None, None), |(start, end)| (Some(start), end));
        entry.kind = entry.kind.or_else(|| Some("paper".to_owned()));
        entry.span = (self.rows[at].start, self.rows[end].end);
        self.entries.push(entry);
        Some(end + 1)
    }

    /// A line under the names, as far in as they are and no names itself, before the next paper: where they work.
    fn affiliation_below(&self, names_at: usize, end: usize, indent: usize) -> Option<String> {
        let (row, next) = (self.rows.get(end + 1)?, self.rows.get(end + 2));
        let is_in = row.indent() > indent && row.indent() == self.rows[names_at].indent();
        let ends = next.is_none_or(|next| next.sort == Sort::Blank || next.indent() < row.indent());
        (row.sort == Sort::Text && is_in && ends).then(|| one_line(row.text))
    }

    fn entry(&self, title: &str) -> Entry {
        let Above { day, session, track, room, .. } = self.above.clone();
        let title = rows::plain_title(title);
        let kind = words::title_type(&title).or_else(|| words::heading_type(session.as_deref()?));
        let kind = kind.map(|kind| kind.as_str().to_owned());
        Entry { title, day, room, track, session, kind, ..Entry::default() }
    }
}
