//! The grid of an edition, in a file beside its talks: a table of rows with a time, a link to a talk and its people; or the
//! `program` of a data file. It knows when a talk is better than the page of the talk does.

use jiff::civil::{Date, Time};
use serde_json::Value;

use super::body;
use crate::{
    formats::{
        dates, edition,
        markdown::front_matter,
        schedule::{prose, times, tree::value},
    },
    record::slug,
    text::{analyzer::folded, html},
};

/// When a talk is, and who is there.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Slot {
    pub day: Option<Date>,
    pub start: Option<Time>,
    pub end: Option<Time>,
    pub zone: Option<String>,
    pub kind: Option<String>,
    pub room: Option<String>,
    /// Names and organisations.
    pub people: Vec<(String, Option<String>)>,
}

#[derive(Debug, Default)]
pub(super) struct Grid {
    /// Its first heading: "PromCon 2016 Schedule".
    pub heading: Option<String>,
    /// Of a data file: the place and the year of the edition, and its days.
    pub city: Option<String>,
    pub year: Option<u16>,
    pub days: Option<(Date, Date)>,
    zone: Option<String>,
    rows: Vec<Row>,
}

#[derive(Debug, Default)]
struct Row {
    /// Names of pages that the row links, and titles, as slugs.
    names: Vec<String>,
    /// The day as it is written, maybe without a year.
    day: String,
    slot: Slot,
}

/// Rows of one grid.
const ROWS_MAX: usize = 5_000;
/// Keys of data files that hold lists of sessions.
pub(super) const LISTS: &[&str] = &["program", "ignites", "schedule", "sessions", "talks", "workshops", "keynotes"];
/// A session of a data file that is of a type that says nothing.
const NO_TYPES: &[&str] = &["custom", "other", ""];

impl Grid {
    /// The slot of the talk whose page has a name, or a title.
    pub fn slot(&self, name: &str, title: &str, year: Option<u16>) -> Option<Slot> {
        let (name, title) = (slug(name), slug(title));
        let find = |wanted: &str| self.rows.iter().find(|row| row.names.iter().any(|name| name == wanted));
        let row = find(&name).or_else(|| find(&title).filter(|_| title != "untitled"))?;
        let mut slot = row.slot.clone();
        slot.day = slot
            .day
            .or_else(|| dates::date(&row.day).or_else(|| dates::date(&format!("{} {}", row.day, year.or(self.year)?))));
        slot.zone = slot.start.and(self.zone.clone());
        Some(slot)
    }

    /// Rows that have a link.
    pub fn n_linked(&self) -> usize {
        self.rows.iter().filter(|row| row.names.len() > 1).count()
    }

    /// Reads a page with a table.
    pub fn of_page(text: &str) -> Option<Grid> {
        let start = front_matter::split(text).map_or(0, |matter| matter.body);
        let text = &text[start..];
        let mut grid = Grid::default();
        let mut day = String::new();
        for chunk in chunks(text).take(ROWS_MAX) {
            match chunk {
                Chunk::Line(line) => {
                    let shown = shown(line);
                    let is_heading = line.trim_start().starts_with(['#', '<']) && !shown.is_empty();
                    if is_heading && grid.heading.is_none() {
                        grid.heading = Some(shown.clone());
                    }
                    if is_heading && names_day(&shown) {
                        day = shown;
                    } else if let Some(zone) = shown.split("times are in ").nth(1) {
                        grid.zone = zone.split(['.', ',', ' ']).next().map(str::to_owned);
                    }
                }
                Chunk::Row(cells) => {
                    if let Some(row) = row(&cells, &day) {
                        grid.rows.push(row);
                        continue;
                    }
                    let shown = cells.iter().map(|cell| self::shown(cell)).filter(|cell| !cell.is_empty());
                    if let [only] = &shown.collect::<Vec<_>>()[..]
                        && names_day(only)
                    {
                        day.clone_from(only);
                    }
                }
            }
        }
        (!grid.rows.is_empty() || grid.heading.as_deref().is_some_and(|heading| edition::first(heading).is_some()))
            .then_some(grid)
    }

    /// Reads a data file in YAML.
    pub fn of_data(text: &str) -> Option<Grid> {
        let value = front_matter::yaml(text)?;
        let map = value.as_object()?;
        let get = |key: &str| map.get(key).and_then(value::text);
        let date = |key: &str| get(key).and_then(|text| dates::date(&text));
        let mut grid = Grid {
            heading: ["description", "title", "name"]
                .iter()
                .find_map(|key| get(key).filter(|text| edition::first(text).is_some())),
            city: get("city"),
            year: get("year").and_then(|year| year.trim().parse().ok()),
            days: date("startdate").zip(date("enddate")),
            ..Grid::default()
        };
        for (key, list) in map.iter().filter(|(key, _)| LISTS.contains(&key.to_lowercase().as_str())) {
            for item in list.as_array().into_iter().flatten().filter_map(Value::as_object).take(ROWS_MAX) {
                let get = |key: &str| item.get(key).and_then(value::text);
                let time = |keys: &[&str]| keys.iter().find_map(|key| times::moment(&get(key)?, None)?.time);
                let kind = get("type").filter(|kind| !NO_TYPES.contains(&kind.as_str()));
                let names = ["title", "slug", "talk", "id"].iter().filter_map(|key| get(key)).map(|name| slug(&name));
                grid.rows.push(Row {
                    names: names.collect(),
                    day: get("date").or(get("day")).unwrap_or_default(),
                    slot: Slot {
                        start: time(&["start_time", "start", "time"]),
                        end: time(&["end_time", "end"]),
                        kind: kind.or_else(|| (key == "ignites").then(|| "ignite".to_owned())),
                        room: get("room"),
                        ..Slot::default()
                    },
                });
            }
        }
        (!grid.rows.is_empty() || grid.year.is_some()).then_some(grid)
    }
}

enum Chunk<'a> {
    Line(&'a str),
    Row(Vec<&'a str>),
}

/// The rows of the tables in a page, in HTML or Markdown, and the lines between them.
fn chunks(text: &str) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        if rest.starts_with("<tr") {
            let end = rest[3..].find("<tr").map_or(rest.len(), |at| at + 3);
            let end = rest[..end].find("</tr>").or_else(|| rest[..end].find("</table>")).unwrap_or(end);
            let row = &rest[..end];
            rest = &rest[end..];
            let mut cells: Vec<&str> = row.split("<t").skip(2).filter(|cell| cell.starts_with(['d', 'h'])).collect();
            for cell in &mut cells {
                *cell = cell.split_once('>').map_or("", |(_, inner)| inner);
                *cell = cell.split("</t").next().unwrap_or_default();
            }
            return Some(Chunk::Row(cells));
        }
        let line_end = rest.find('\n').map_or(rest.len(), |at| at + 1);
        let end = rest[..line_end].match_indices("<tr").map(|(at, _)| at).find(|at| *at > 0).unwrap_or(line_end);
        let line = &rest[..end];
        rest = &rest[end..];
        let is_row = line.trim_start().starts_with('|');
        Some(if is_row { Chunk::Row(line.trim().trim_matches('|').split('|').collect()) } else { Chunk::Line(line) })
    })
}

/// A row with a talk: its time, its page or title, its people.
fn row(cells: &[&str], day: &str) -> Option<Row> {
    let time = |text: &str| {
        let mut parts = text.split(['-', '–', '—']).map(str::trim).filter(|part| !part.is_empty());
        let start = times::time(parts.next()?)?;
        Some((start, parts.next().and_then(times::time)))
    };
    let (at, (start, end)) = cells.iter().enumerate().find_map(|(at, cell)| Some((at, time(&shown(cell))?)))?;
    let mut row =
        Row { day: day.to_owned(), slot: Slot { start: Some(start), end, ..Slot::default() }, ..Row::default() };
    for (index, cell) in cells.iter().enumerate().filter(|(index, _)| *index != at) {
        let links = links(cell);
        let is_of_people = row.names.iter().any(|name| !name.is_empty());
        if !is_of_people {
            row.names.extend(links.iter().map(|(_, url)| slug(last_part(url))));
            row.names.push(slug(&shown(cell)));
            continue;
        }
        if index > 0 {
            row.slot.people.extend(people(cell));
        }
    }
    (!row.names.is_empty()).then_some(row)
}

fn last_part(url: &str) -> &str {
    let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
    let name = path.rsplit('/').next().unwrap_or(path);
    name.trim_end_matches(".md").trim_end_matches(".html")
}

/// Links with names, and behind one or several of them an organisation in bold.
fn people(cell: &str) -> Vec<(String, Option<String>)> {
    let mut out: Vec<(String, Option<String>)> = Vec::new();
    let mut rest = cell;
    let mut unplaced = 0;
    while let Some(at) = rest.find('<') {
        rest = &rest[at..];
        let close = if rest.starts_with("<a ") {
            "</a>"
        } else if rest.starts_with("<b>") {
            "</b>"
        } else if rest.starts_with("<strong>") {
            "</strong>"
        } else {
            rest = &rest[1..];
            continue;
        };
        let Some(end) = rest.find(close) else { break };
        let text = shown(&rest[..end]);
        if close == "</a>" {
            out.push((text, None));
        } else {
            out[unplaced..].iter_mut().for_each(|(_, company)| *company = Some(text.clone()));
            unplaced = out.len();
        }
        rest = &rest[end + close.len()..];
    }
    out.extend(body::links(cell).into_iter().map(|(text, _)| (prose::line(text), None)));
    out
}

fn links(cell: &str) -> Vec<(String, &str)> {
    let mut out: Vec<(String, &str)> =
        body::links(cell).into_iter().map(|(text, url)| (text.to_owned(), url)).collect();
    for (at, _) in cell.match_indices("href=") {
        let rest = cell[at + "href=".len()..].trim_start_matches(['"', '\'']);
        let url = rest.split(['"', '\'', '>']).next().unwrap_or_default();
        out.push((String::new(), url));
    }
    out
}

/// A cell or line as one line of text.
fn shown(markup: &str) -> String {
    let text = markup.trim().trim_start_matches('#');
    let text = if text.contains('<') || text.contains('&') {
        html::read(text).map_or_else(String::new, |page| {
            page.blocks.iter().map(|block| block.text.as_str()).collect::<Vec<_>>().join(" ")
        })
    } else {
        text.to_owned()
    };
    let mut out = text;
    for (text, url) in body::links(&out.clone()) {
        out = out.replace(&format!("[{text}]({url})"), text);
    }
    prose::line(&out.replace("**", ""))
}

/// "Day 1 - Thursday, August 25"
fn names_day(text: &str) -> bool {
    let folded = folded(text);
    let has_month = folded.split(|c: char| !c.is_alphanumeric()).any(dates::is_english_month);
    dates::date(text).is_some() || (has_month && text.contains(|c: char| c.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_html_and_markdown_are_read_alike() {
        let html = "## FooConf 2016 Schedule\n<table><tr class=\"day\"><th colspan=\"3\">Day 1 - Thursday, August 25</th></tr>\
            <tr><td>9:30</td>\n<td><a href=\"/2016/talks/on-caches\">\n On\n caches</a></td>\
            <td><a href=\"/speakers/ann\">Ann Example</a><br><a href=\"/b\">Bob Example</a><br><b>Acme</b></td></tr></table>";
        let markdown = "# FooConf 2016 Schedule\n\n## Thursday, August 25\n\n| Time | Talk | Who |\n|---|---|---|\n\
            | 9:30 - 10:00 | [On caches](talks/on-caches.md) | [Ann Example](/speakers/ann) |\n";
        for (text, people, end) in [(html, 2, None), (markdown, 1, Some("10:00"))] {
            let grid = Grid::of_page(text).unwrap();
            assert_eq!(grid.heading.as_deref(), Some("FooConf 2016 Schedule"));
            let slot = grid.slot("on-caches", "", Some(2016)).unwrap();
            assert_eq!(slot.day.unwrap().to_string(), "2016-08-25");
            assert_eq!(slot.start.map(times::shown).as_deref(), Some("09:30"));
            assert_eq!(slot.end.map(times::shown).as_deref(), end);
            assert_eq!(slot.people.len(), people);
            assert_eq!(grid.slot("elsewhere", "On Caches", Some(2016)), Some(slot));
        }
        let first = &Grid::of_page(html).unwrap().rows[0];
        assert!(first.slot.people.iter().all(|(_, company)| company.as_deref() == Some("Acme")));
    }
}
