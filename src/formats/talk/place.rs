//! At which edition a page's talk is, and when: from its own keys, from what lies beside it, from the folders around it,
//! from its addresses; in this order.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{fields::Fields, grid::Grid, grid::Slot, name};
use crate::{
    formats::{
        Input, dates, edition,
        evidence::{self, Clues},
        markdown::front_matter,
        report,
        schedule::{Entry, keys::Meaning, prose, tree::value},
    },
    record::Edition,
    text::{capitalised, html::Block},
};

#[derive(Debug, Default)]
pub(super) struct Place {
    pub edition: Option<Edition>,
    pub inferred: BTreeMap<String, String>,
    pub slot: Option<Slot>,
    /// The day of an edition of one day.
    pub day: Option<Date>,
    /// From when to when the edition is.
    days: Option<(Date, Date)>,
}

const UPS: &[&str] = &["", "../", "../../", "../../../", "../../../../"];
/// Files in which an edition's title and days stand alone.
const TITLE_FILE: &str = "_title.txt";
const DATE_FILES: [&str; 2] = ["_event_date_start.txt", "_event_date_end.txt"];
/// Pages with the grid of an edition.
const GRID_PAGES: &[&str] = &["schedule.md", "schedule.html", "schedule.markdown", "program.md", "agenda.md"];
/// Pages that open an edition's site.
const FRONT_PAGES: &[&str] = &["index.md", "_index.md", "index.html"];
/// Files in which sites name themselves.
#[rustfmt::skip]
const SITE_FILES: &[&str] = &[
    "_config.yml", "_config.yaml", "hugo.toml", "hugo.yaml", "hugo.yml", "config.toml", "config.yaml", "config.yml", "nanoc.yaml",
    "conference.yml", "conference.yaml", "event.yml", "README.md",
];
const SITE_KEYS: &[&str] = &["conference", "event", "title", "name", "baseurl", "baseURL", "url", "description"];
/// Words in brackets or between hyphens that are no place.
const PART_SIGNS: &[&str] = &[" - ", " – ", "(", ")"];

/// A text of one line.
struct Line(String);
/// The edition that a page names.
struct Named(Edition);
/// What names a site, the surest first.
struct Names(Vec<String>);

impl Place {
    pub fn of(input: &Input, fields: &Fields, entry: &Entry) -> Place {
        let mut place = Place::default();
        let year = entry.day.map(year_of);
        let grid = grid(input);
        let said = entry.conference.clone().or_else(|| fields.of(Meaning::Conference).next());
        let in_folders = edition::in_folders(input.place);
        place.edition = said.as_deref().and_then(|name| said_edition(input, name, year));
        let title = in_folders.as_ref().and_then(|_| titled(input));
        if let (None, Some((series, folder))) = (&place.edition, &in_folders) {
            let title = title.as_ref().map(|(title, _)| title.clone());
            place.of_layout(series, folder, fields, grid.as_deref(), title);
        }
        if place.edition.is_none()
            && let Some(heading) = grid.as_ref().and_then(|grid| grid.heading.as_deref())
        {
            place.edition = edition::find(heading, &edition::Context::default()).into_iter().next().map(|found| {
                edition::with_year(&found, found.edition.year.or(grid.as_ref().and_then(|grid| grid.year)).or(year))
            });
            if place.edition.is_some() {
                place.inferred.insert("edition".to_owned(), "the grid beside it".to_owned());
            }
        }
        place.of_front_page(input);
        if place.edition.is_none() {
            place.of_folders(input, year);
        }
        if place.edition.as_ref().is_none_or(|edition| edition.year.is_none()) {
            place.of_site(input, year);
        }
        if place.edition.is_none() {
            place.of_addresses(fields, year);
        }
        place.days = grid.as_ref().and_then(|grid| grid.days).or_else(|| title.and_then(|(_, up)| days(input, up)));
        let held = place.edition.as_ref().and_then(|edition| edition.year);
        place.days = place.days.filter(|(first, _)| held.is_none_or(|year| year_of(*first) == year));
        place.day = place.days.filter(|(first, last)| first == last).map(|(first, _)| first);
        place.slot = grid.and_then(|grid| grid.slot(name(input), &entry.title, held));
        place
    }

    /// Whether a talk can be on that day.
    pub fn may_be(&self, day: Date) -> bool {
        let in_year = self.edition.as_ref().and_then(|edition| edition.year).is_none_or(|year| year == year_of(day));
        in_year && self.days.is_none_or(|(first, last)| last < first || (first..=last).contains(&day))
    }

    /// An edition of a series that is known by how its sites are laid out.
    fn of_layout(&mut self, series: &str, folder: &str, fields: &Fields, grid: Option<&Grid>, title: Option<String>) {
        let year_in = |text: Option<String>| text.as_deref().and_then(edition::year_in);
        let year = year_in(fields.text(&["year"]))
            .or(grid.and_then(|grid| grid.year))
            .or_else(|| year_in(title.clone()))
            .or_else(|| edition::year_in(folder));
        let said = fields.text(&["city"]).or(title).or_else(|| grid.and_then(|grid| grid.city.clone()));
        if said.is_none() {
            self.inferred.insert("edition".to_owned(), format!("folder {folder}"));
        }
        let place = where_of(said.as_deref().unwrap_or_default(), folder);
        self.edition = Some(edition::at(series, &place, year));
    }

    /// What the page over all talks calls the edition whose year is known: "FooConf EU 2022" is "FooConf 2022" more fully.
    fn of_front_page(&mut self, input: &Input) {
        let Some(known) = self.edition.as_ref().filter(|known| known.year.is_some()) else { return };
        for up in &UPS[1..3] {
            for page in input.find_beside(up, FRONT_PAGES) {
                let Some(first) = input.beside(&format!("{up}{page}"), first_named) else { continue };
                if first.0.series == known.series && first.0.year == known.year {
                    self.edition = Some(first.0.clone());
                }
                return;
            }
        }
    }

    /// What the folders around the page name.
    fn of_folders(&mut self, input: &Input, year: Option<u16>) {
        let clues =
            Clues { title: None, path: input.place, tags: &[], blocks: &[] as &[Block], links: &[], written: None };
        let mut verdict = evidence::weigh(&clues);
        let Some(found) = (!verdict.editions.is_empty()).then(|| verdict.editions.swap_remove(0)) else { return };
        if found.year.is_none() && year.is_some() {
            verdict.inferred.remove("year");
        }
        self.edition = edition::resolve(Some(&found.edition), Some(&found.series), found.year.or(year)).or(Some(found));
        self.inferred = verdict.inferred;
    }

    /// What the site calls itself; where the folders name a series without a year, only of that.
    fn of_site(&mut self, input: &Input, year: Option<u16>) {
        for up in UPS.iter().skip(1) {
            for file in input.find_beside(up, SITE_FILES) {
                let Some(names) = input.beside(&format!("{up}{file}"), names_of_site) else { continue };
                let found = names.0.iter().find_map(|name| site_edition(name, year));
                let fits = |found: &Edition| self.edition.as_ref().is_none_or(|known| known.series == found.series);
                if let Some(found) = found.filter(fits) {
                    self.edition = Some(found);
                    self.inferred = BTreeMap::from([("edition".to_owned(), file)]);
                    return;
                }
            }
        }
    }

    /// The site's own address among those in the front matter.
    fn of_addresses(&mut self, fields: &Fields, year: Option<u16>) {
        let texts = fields.iter().filter_map(|(_, value)| value::text(value));
        let hosts = texts.filter_map(|text| {
            let rest = text.split_once("://")?.1;
            Some(rest.split('/').next()?.trim_start_matches("www.").to_owned())
        });
        self.edition =
            hosts.filter(|host| host.contains(|c: char| c.is_ascii_digit())).find_map(|host| site_edition(&host, year));
        if self.edition.is_some() {
            self.inferred.insert("edition".to_owned(), "address of the site".to_owned());
        }
    }
}

fn year_of(day: Date) -> u16 {
    u16::try_from(day.year()).unwrap_or_default()
}

/// The edition that a page names itself, whatever its words are, or the name of the folder that is the edition's.
fn said_edition(input: &Input, name: &str, year: Option<u16>) -> Option<Edition> {
    let name = prose::line(name);
    if name.contains(' ') || !name.contains('-') || edition::first(&name).is_some() {
        return edition::resolve(Some(&name), None, edition::year_in(&name).or(year));
    }
    let folder = format!("events/{name}");
    UPS.iter().find(|up| !input.find_beside(up, &[&folder]).is_empty())?;
    let (series, folder) = edition::in_folders(&format!("{folder}/program"))?;
    Some(edition::at(&series, &where_of("", &folder), edition::year_in(&folder)))
}

/// The edition that a site's name tells, when it is one of a conference: with a year of its own or the talk's.
fn site_edition(name: &str, year: Option<u16>) -> Option<Edition> {
    let found = edition::find(name, &edition::Context::default()).into_iter().next()?;
    let held = found.edition.year.or(year)?;
    // A site that names another year than the talk's is of several editions.
    Some(edition::with_year(&found, year.or(Some(held))))
}

fn names_of_site(text: &str) -> Option<Names> {
    if !text.starts_with("---") && text.lines().any(|line| line.starts_with("# ")) && !text.contains(": ")
        || text.starts_with("# ")
    {
        let heading = text.lines().find_map(|line| line.strip_prefix("# "))?;
        return Some(Names(vec![heading.to_owned()]));
    }
    let map = match front_matter::yaml(text) {
        Some(serde_json::Value::Object(map)) => map,
        _ => front_matter::toml(text)?,
    };
    let names = SITE_KEYS.iter().filter_map(|key| map.get(*key)).filter_map(value::text);
    Some(Names(names.collect()))
}

/// The first edition with a year that a page names.
fn first_named(text: &str) -> Option<Named> {
    let found = edition::find(text, &edition::Context::default());
    found.into_iter().find(|found| found.edition.year.is_some()).map(|found| Named(found.edition))
}

/// The title of the edition in a file of its own, and in which folder that is.
fn titled(input: &Input) -> Option<(String, &'static str)> {
    let line = |text: &str| text.lines().map(str::trim).find(|line| !line.is_empty()).map(|line| Line(line.to_owned()));
    UPS.iter().skip(1).find_map(|up| Some((input.beside(&format!("{up}{TITLE_FILE}"), line)?.0.clone(), *up)))
}

fn days(input: &Input, up: &str) -> Option<(Date, Date)> {
    let [first, last] = DATE_FILES.map(|file| {
        let date = input.beside(&format!("{up}{file}"), |text| Some(Line(text.trim().to_owned())))?;
        dates::date(&date.0)
    });
    first.zip(last)
}

/// The grid of the edition, in a page or a data file.
fn grid(input: &Input) -> Option<std::sync::Arc<Grid>> {
    for up in &UPS[1..3] {
        for page in input.find_beside(up, GRID_PAGES) {
            if let Some(grid) = input.beside(&format!("{up}{page}"), Grid::of_page) {
                return Some(grid);
            }
        }
    }
    // Hugo keeps data apart: `content/events/2023-town/program/x.md`, `data/events/2023/town/main.yml`.
    let parts: Vec<&str> = input.path.split('/').collect();
    let at = parts.iter().rposition(|part| *part == "content")?;
    let folders = parts.get(at + 1..parts.len().checked_sub(2)?)?;
    let (folder, outer) = folders.split_last()?;
    let (year, place) = folder.split_once('-').filter(|(year, _)| edition::year_in(year).is_some())?;
    let up = "../".repeat(parts.len() - 1 - at);
    let outer = outer.iter().fold(String::new(), |outer, part| outer + part + "/");
    for (base, names) in [
        (format!("{up}data/{outer}{year}/{place}/"), vec!["*.yml".to_owned(), "*.yaml".to_owned()]),
        (format!("{up}data/{outer}"), vec![format!("{folder}.yml"), format!("{folder}.yaml")]),
    ] {
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        for file in input.find_beside(&base, &names) {
            if let Some(grid) = input.beside(&format!("{base}{file}"), Grid::of_data) {
                return Some(grid);
            }
        }
    }
    None
}

/// Where a data file of a Hugo site belongs to.
pub(super) struct DataPlace {
    /// From the file's folder to the site's.
    up: String,
    /// `events/2023-town`
    folder: String,
}

impl DataPlace {
    /// The folder of the pages, from that of the data file.
    pub fn pages(&self) -> String {
        format!("{}content/{}/", self.up, self.page_folder())
    }

    pub fn page_folder(&self) -> String {
        format!("{}/program", self.folder)
    }
}

/// The reverse of what [`grid`] looks for: the edition of `data/events/2023/town/main.yml` or `data/events/2023-town.yml`.
pub(super) fn data_place(path: &str) -> Option<DataPlace> {
    let parts: Vec<&str> = path.split('/').collect();
    let at = parts.iter().rposition(|part| *part == "data")?;
    let is_year = |part: &str| part.len() == 4 && edition::year_in(part).is_some();
    let (outer, folder) = match parts.get(at + 1..)? {
        [outer @ .., year, place, _] if is_year(year) => (outer, format!("{year}-{place}")),
        [outer @ .., file] => (outer, report::stem(file).to_owned()),
        [] => return None,
    };
    edition::year_in(&folder)?;
    let outer = outer.iter().fold(String::new(), |outer, part| outer + part + "/");
    Some(DataPlace { up: "../".repeat(parts.len() - 1 - at), folder: outer + &folder })
}

/// Where an edition is, of its title and its folder: "Italy - Rome 2012" and `2012-italy`, "Paris 14-15 April 2015".
pub(super) fn where_of(title: &str, folder: &str) -> String {
    let bare = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>().to_lowercase();
    let without_year: Vec<&str> = folder.split(['-', '_']).filter(|part| edition::year_in(part).is_none()).collect();
    let of_folder = without_year.join(" ");
    let dated = |word: &str| {
        let word = word.trim_matches(|c: char| !c.is_alphanumeric());
        word.starts_with(|c: char| c.is_ascii_digit())
    };
    let words: Vec<&str> = title.split_whitespace().filter(|word| !dated(word)).collect();
    let has_day = title.split_whitespace().filter(|word| dated(word)).count() > 1;
    let is_month = |word: &&&str| !(has_day && dates::is_english_month(&word.to_lowercase()));
    let title = words.iter().filter(is_month).copied().collect::<Vec<_>>().join(" ");
    let parts =
        PART_SIGNS.iter().fold(vec![title.as_str()], |parts, sign| parts.iter().flat_map(|p| p.split(sign)).collect());
    let is_month = |part: &&str| dates::is_english_month(&part.trim().to_lowercase());
    // One of the title's parts is the folder's: "Rockies (Denver)". A month tells two editions of a year apart.
    if parts.len() > 1
        && !parts.iter().any(is_month)
        && let Some(part) = parts.iter().find(|part| bare(part) == bare(&of_folder))
    {
        return part.trim().to_owned();
    }
    // The folder says more: "London" and `2013-london-spring`.
    let is_more = bare(&of_folder).starts_with(&bare(&title)) && bare(&of_folder) != bare(&title);
    if title.is_empty() || (is_more && without_year.len() > title.split(' ').count()) {
        return of_folder.split(' ').map(capitalised).collect::<Vec<_>>().join(" ");
    }
    title.replace(" - ", " ").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::where_of;

    #[test]
    fn a_place_is_what_title_and_folder_agree_on() {
        for (title, folder, expected) in [
            ("Chicago 2014", "2014-chicago", "Chicago"),
            ("Rockies (Denver) 2015", "2015-denver", "Denver"),
            ("India - Bangalore 2014", "2014-bangalore", "Bangalore"),
            ("New York (January) 2013", "2012-newyork", "New York (January)"),
            ("London 2013", "2013-london-spring", "London Spring"),
            ("Paris 14-15 April 2015", "2015-paris", "Paris"),
            ("Silicon Valley 2013", "2013-mountainview", "Silicon Valley"),
            ("", "2011-new-town", "New Town"),
            ("Zurich", "2023-zurich", "Zurich"),
        ] {
            assert_eq!(where_of(title, folder), expected, "{title} {folder}");
        }
    }
}
