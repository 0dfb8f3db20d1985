//! A USENIX program page saved as text: days, blocks of time, sessions and parallel tracks, and in them talks with people,
//! abstracts and bios. Read from the outside in: rows (`rows`), where
//! talks stand (`layout`, `spots`, `headings`), what is in them (`entry`).

mod clock;
mod entry;
mod headings;
mod layout;
pub(super) mod people;
mod rows;
mod spots;
mod tables;
pub(super) mod words;

use super::{Draft, DraftRecord, Input, academic::rows::is_timed_session, find_editions};
use crate::{
    error::Problem,
    record::{Edition, Kind, Record, Role, Span, Speaker, TalkType},
};
use clock::{Clock, Day};
use entry::Content;
use layout::{Entry, Layout, Shape};
use people::{Known, Likeness};
use rows::{Row, Sort};

/// A program has so many lines of time at least.
const TIMES_MIN: usize = 2;
/// Rows that may stand for one line of time; prose that mentions times has many more.
const ROWS_A_TIME_MAX: usize = 120;
/// Where the page's title, its edition and its time zone are looked for.
const PREAMBLE_ROWS_MAX: usize = 60;
/// Talks with more authors than this on average, and hardly a bio, are papers.
const PAPER_AUTHORS_MEAN: usize = 2;

/// Whether a text is a program page: lines that are a day or a time and nothing else, and talks with people in their places.
pub(super) fn recognise(input: &Input) -> bool {
    let start = input.text.trim_start_matches('\u{feff}').trim_start();
    if start.starts_with(['{', '[', '<']) {
        return false;
    }
    let rows = rows::read(input.text);
    let n_filled = rows.iter().filter(|row| row.sort != Sort::Blank).count();
    let clocks = rows.iter().filter_map(|row| match &row.sort {
        Sort::Clock(clock) => Some(clock),
        _ => None,
    });
    let (mut n_days, mut n_times, mut n_talk_times) = (0, 0, 0);
    for clock in clocks {
        match clock {
            Clock::Day(_) => n_days += 1,
            Clock::Block(_) => n_times += 1,
            Clock::Talk(..) => (n_times, n_talk_times) = (n_times + 1, n_talk_times + 1),
            Clock::Unreadable => {}
        }
    }
    // Programs of papers print times within the lines of sessions.
    let n_sessions = rows.iter().filter(|row| is_timed_session(&row.text)).count();
    if n_sessions >= TIMES_MIN
        || n_days + n_talk_times == 0
        || n_times < TIMES_MIN
        || n_times * ROWS_A_TIME_MAX < n_filled
    {
        return false;
    }
    let entries = Layout::new(&rows).entries();
    entries.iter().filter(|entry| names_people(entry, &rows)).count() * 2 > entries.len()
}

fn names_people(entry: &Entry, rows: &[Row]) -> bool {
    let people = rows::next_row(rows, entry.from, entry.to);
    people.is_some_and(|at| people::likeness(&rows[at].text) > Likeness::None)
        || !entry::short_talks(entry, rows).is_empty()
}

/// The talks of a program page, each with the bios printed with it.
pub(super) fn parse(input: &Input) -> Draft {
    let rows = rows::read(input.text);
    let mut layout = Layout::new(&rows);
    let entries = layout.entries();
    let mut page = Page::read(input, &rows);
    page.problems = std::mem::take(&mut layout.problems);
    page.check_days();
    let known = known_people(&entries, &rows);
    let contents: Vec<Content> = entries.iter().map(|entry| entry::read(entry, &rows, &known)).collect();
    page.has_papers = has_papers(&entries, &contents);
    let mut records = Vec::new();
    for (entry, content) in entries.iter().zip(contents) {
        let items = entry::short_talks(entry, &rows);
        if entry.shape == Shape::Item || items.is_empty() {
            records.push(page.talk(entry, content));
        } else {
            records.extend(items.into_iter().map(|(at, to)| page.short_talk(entry, at, to, &known)));
        }
    }
    let mut problems = page.problems;
    problems.sort_by_key(|problem| problem.line);
    Draft { records, problems, ..Draft::default() }
}

/// What holds for the whole page.
struct Page<'a> {
    rows: &'a [Row],
    edition: Option<Edition>,
    edition_from: Option<&'static str>,
    year: Option<u16>,
    year_from: Option<String>,
    time_zone: Option<String>,
    /// The first day of each weekday.
    days: [Option<Day>; 7],
    has_papers: bool,
    /// The page's title says that it has tutorials only.
    is_training: bool,
    problems: Vec<Problem>,
}

impl<'a> Page<'a> {
    fn read(input: &Input, rows: &'a [Row]) -> Self {
        let first = rows.iter().position(|row| matches!(row.sort, Sort::Clock(_))).unwrap_or(rows.len());
        let preamble = &rows[..first.min(PREAMBLE_ROWS_MAX)];
        let lines: Vec<&str> = preamble.iter().map(|row| row.text.as_str()).filter(|text| !text.is_empty()).collect();
        let mention = |text: &str| find_editions(text).into_iter().next().map(|mention| mention.edition);
        let printed = mention(&lines.join("\n"));
        let edition_from = (printed.is_none()).then_some("file name");
        let edition = printed.or_else(|| mention(input.place));
        let mut page = Page {
            rows,
            edition_from: edition_from.filter(|_| edition.is_some()),
            year: edition.as_ref().and_then(|edition| edition.year),
            year_from: None,
            edition,
            time_zone: lines.iter().find_map(|line| time_zone(line)),
            days: std::array::from_fn(|weekday| rows.iter().filter_map(day_of).find(|day| day.weekday == weekday)),
            has_papers: false,
            is_training: lines
                .iter()
                .any(|line| words::heading_type(line) == Some(TalkType::Tutorial) && mention(line).is_some()),
            problems: Vec::new(),
        };
        if page.year.is_none() {
            page.guess_year(&lines);
        }
        page
    }

    /// A year that the page prints counts when most of its days fall on the weekdays named.
    fn guess_year(&mut self, lines: &[&str]) {
        let days: Vec<Day> = self.rows.iter().filter_map(day_of).collect();
        let fits = |year: u16| {
            let date = |day: &Day| clock::date(Day { year: None, ..*day }, i16::try_from(year).ok());
            let n_fit =
                days.iter().filter(|day| date(day).is_some_and(|date| clock::weekday_fits(**day, date))).count();
            n_fit * 2 > days.len()
        };
        let found = lines.iter().flat_map(|line| line.split_whitespace()).find_map(|word| {
            let digits = word.trim_end_matches(|c: char| !c.is_ascii_digit());
            let number = &digits[digits.trim_end_matches(|c: char| c.is_ascii_digit()).len()..];
            let year = match number.len() {
                4 => number.parse::<u16>().ok(),
                2 => number.parse::<u16>().ok().map(|year| 2000 + year),
                _ => None,
            };
            year.filter(|year| fits(*year)).map(|year| (year, word))
        });
        if let Some((year, word)) = found {
            self.year = Some(year);
            self.year_from = Some(format!("“{word}” and the weekdays"));
        }
    }

    /// A day that does not fall on its weekday hints at a wrong year.
    fn check_days(&mut self) {
        let year = self.year.and_then(|year| i16::try_from(year).ok());
        for row in self.rows {
            let Some(day) = day_of(row) else { continue };
            let Some(year) = day.year.or(year) else { continue };
            let message = match clock::date(day, Some(year)) {
                None => format!("“{}” is no day of {year}", row.text),
                Some(date) if !clock::weekday_fits(day, date) => {
                    format!("“{}” falls on another weekday in {year}", row.text)
                }
                Some(_) => continue,
            };
            self.problems.push(Problem::new("", Some(row.number), message, "check the year of the conference"));
        }
    }

    /// The date of an entry; its own weekday, where it has one, must agree with the heading's.
    fn date(&mut self, entry: &Entry) -> Option<String> {
        let year = self.year.and_then(|year| i16::try_from(year).ok());
        let mut day = entry.day;
        if let Some((weekday, at)) = entry.weekday
            && day.is_none_or(|day| day.weekday != weekday)
        {
            // The page has one day of that name, as a rule.
            let other = self.days[weekday];
            let row = &self.rows[at];
            let message = match (day, other) {
                (None, _) => format!("no day stands above “{}”", row.text),
                (Some(_), _) => format!("“{}” stands below another day", row.text),
            };
            self.problems.push(Problem::new("", Some(row.number), message, "move the talk below its day"));
            day = other;
        }
        clock::date(day?, year).map(|date| date.to_string())
    }

    fn talk(&mut self, entry: &Entry, content: Content) -> DraftRecord {
        let row = &self.rows[entry.title];
        let mut title = entry::title(row);
        let mut content = content;
        if entry.shape == Shape::Item && content.speakers.is_empty() {
            let (bare, people) = entry::item_on_one_line(&row.text);
            title = bare;
            content.speakers = people.map(|line| people::parse(&line, &Known::default())).unwrap_or_default();
        }
        let talk_type = self.talk_type(&title, entry, &content);
        if matches!(talk_type, TalkType::Paper | TalkType::Poster) {
            content.speakers.iter_mut().filter(|s| s.role == Role::Speaker).for_each(|s| s.role = Role::Author);
        }
        let to = if entry.shape == Shape::Item { entry.to.max(entry.title + 1) } else { entry.to };
        let mut record = self.record(Kind::Talk, entry.title, to);
        record.date = self.date(entry);
        record.title = Some(title);
        record.start = entry.times.as_ref().map(|times| times.start.clone());
        record.end = entry.times.as_ref().and_then(|times| times.end.clone());
        record.time_zone.clone_from(&self.time_zone);
        record.room.clone_from(&entry.heading.room);
        record.track.clone_from(&entry.heading.track);
        record.session.clone_from(&entry.heading.session);
        record.talk_type = Some(talk_type);
        record.speakers = content.speakers;
        record.abstract_text = content.abstract_text;
        if content.n_affiliations_from_bios > 0 {
            record.inferred.insert("speakers".to_owned(), "affiliation from a bio's name line".to_owned());
        }
        let bio = |bio: entry::Bio| {
            let mut record = self.record(Kind::Bio, bio.from, bio.to);
            record.title = Some(bio.person.name.clone());
            record.title_from = bio.is_unnamed.then(|| "the talk's speakers".to_owned());
            record.speakers = vec![Speaker { role: Role::Speaker, ..bio.person }];
            record.text = Some(bio.text);
            record
        };
        DraftRecord { record, bios: content.bios.into_iter().map(bio).collect() }
    }

    /// One item of a session of short talks that has a time line of its own.
    fn short_talk(&mut self, entry: &Entry, at: usize, to: usize, known: &Known) -> DraftRecord {
        let mut heading = entry.heading.clone();
        heading.session = Some(self.rows[entry.title].text.clone());
        let item = Entry {
            shape: Shape::Item,
            title: at,
            from: at + 1,
            to,
            day: entry.day,
            weekday: entry.weekday,
            times: entry.times.clone(),
            heading,
        };
        let content = entry::read(&item, self.rows, known);
        self.talk(&item, content)
    }

    /// A record of the page's edition at these rows.
    fn record(&self, kind: Kind, from: usize, to: usize) -> Record {
        let (first, last) = (&self.rows[from], &self.rows[to.max(from + 1) - 1]);
        let source = Span {
            line: first.number,
            start: first.start as u64,
            end: last.end.max(first.end) as u64,
            ..Span::default()
        };
        let mut record = Record { kind, source: Some(source), ..Record::default() };
        if let Some(edition) = &self.edition {
            record.set_edition(edition);
        }
        record.year = record.year.or(self.year);
        if let Some(from) = self.edition_from {
            record.inferred.insert("edition".to_owned(), from.to_owned());
        }
        if let Some(from) = &self.year_from {
            record.inferred.insert("year".to_owned(), from.clone());
        }
        record
    }

    /// The title says it first, then the people's roles, then the session, then the shape of the page.
    fn talk_type(&self, title: &str, entry: &Entry, content: &Content) -> TalkType {
        let heading = &entry.heading;
        if let Some(found) = words::title_type(title) {
            return found;
        }
        let has = |role: Role| content.speakers.iter().any(|speaker| speaker.role == role);
        if has(Role::Panelist) {
            return TalkType::Panel;
        }
        let headings = [heading.session.as_deref(), heading.track.as_deref()];
        if let Some(found) = headings.into_iter().flatten().find_map(words::heading_type) {
            return found;
        }
        let says_talks = headings.into_iter().flatten().any(words::says_talks);
        let is_paper = self.has_papers || (entry.shape == Shape::Untimed && heading.has_chair);
        match () {
            () if says_talks || content.speakers.is_empty() => TalkType::Talk,
            () if is_paper => TalkType::Paper,
            () if self.is_training => TalkType::Tutorial,
            () => TalkType::Talk,
        }
    }
}

fn day_of(row: &Row) -> Option<Day> {
    match row.sort {
        Sort::Clock(Clock::Day(day)) => Some(day),
        _ => None,
    }
}

/// Names and affiliations that simple lines show, for the lines that are not simple.
fn known_people(entries: &[Entry], rows: &[Row]) -> Known {
    let mut known = Known::default();
    for entry in entries {
        for row in &rows[entry.from.min(entry.to)..entry.to] {
            let is_simple =
                row.sort == Sort::Text && row.n_words() <= 12 && people::likeness(&row.text) == Likeness::People;
            if is_simple
                && !row.text.contains([';', '&'])
                && !row.text.contains(" and ")
                && row.text.matches(',').count() == 1
            {
                let (name, affiliation) = people::name_line(&row.text);
                known.names.insert(people::fold(&name));
                known.affiliations.extend(affiliation.map(|place| people::fold(&place)));
            }
        }
    }
    known
}

/// Papers: the entries that no heading calls anything else have many authors and few bios.
fn has_papers(entries: &[Entry], contents: &[Content]) -> bool {
    let plain = |entry: &Entry| {
        let headings = [entry.heading.session.as_deref(), entry.heading.track.as_deref()];
        entry.shape != Shape::Item && !headings.into_iter().flatten().any(|text| words::heading_type(text).is_some())
    };
    let plain: Vec<&Content> =
        entries.iter().zip(contents).filter(|(entry, _)| plain(entry)).map(|(_, content)| content).collect();
    let n_people: usize = plain.iter().map(|content| content.speakers.len()).sum();
    let n_with_bios = plain.iter().filter(|content| !content.bios.is_empty()).count();
    !plain.is_empty() && n_people > PAPER_AUTHORS_MEAN * plain.len() && n_with_bios * 4 < plain.len()
}

/// "All times are in Pacific Daylight Time (PDT)." → "Pacific Daylight Time".
fn time_zone(line: &str) -> Option<String> {
    let lower = line.to_lowercase();
    if !lower.contains("time") || lower.split_whitespace().count() > 40 {
        return None;
    }
    let words: Vec<&str> =
        line.split_whitespace().map(|word| word.trim_matches(|c: char| "().,;:".contains(c))).collect();
    let end = words.iter().rposition(|word| *word == "Time").filter(|end| *end > 0);
    if let Some(end) = end {
        let named = words[..end].iter().rev().take_while(|word| word.starts_with(char::is_uppercase)).count();
        return (named > 0).then(|| words[end - named..=end].join(" "));
    }
    let is_code = |word: &&&str| {
        let letters = word.split(['+', '-', '−']).next().unwrap_or_default();
        (3..=4).contains(&letters.len())
            && letters.ends_with(['T', 'C'])
            && letters.chars().all(|c| c.is_ascii_uppercase())
    };
    (lower.contains("times") && lower.contains(" in "))
        .then(|| words.iter().find(is_code).map(ToString::to_string))
        .flatten()
}
