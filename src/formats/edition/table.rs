//! The table of series: what `series.toml` says, ready for matching.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::LazyLock,
};

use serde::Deserialize;

use crate::{
    record::{Edition, slug},
    text::analyzer::fold_into,
};

/// One row of `series.toml`, where the fields are described.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Series {
    pub name: String,
    pub aliases: Vec<String>,
    pub variants: BTreeMap<String, String>,
    pub qualifiers: Vec<String>,
    pub default: Option<String>,
    pub means: Vec<Meant>,
    pub open: bool,
    pub style: Style,
    pub display: Option<String>,
    pub numbered: Option<Numbered>,
    pub exact: bool,
    pub context: Vec<String>,
    pub folders: Vec<String>,
}

/// How series and year are written together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Style {
    #[default]
    Long,
    Glued,
    Quoted,
}

/// Editions that are counted: `year = base + number`.
#[derive(Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Numbered {
    pub before: Option<String>,
    pub after: Option<String>,
    pub base: i32,
    later: Option<Later>,
    display: String,
}

/// Years were left out: from this number on, the base is another.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Later {
    from: u32,
    base: i32,
}

/// What a qualifier, or none (`""`), stands for, in years up to `until`: other words for the same edition.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Meant {
    qualifier: String,
    is: String,
    until: Option<u16>,
}

#[derive(Deserialize)]
struct File {
    not_series: Vec<String>,
    qualifiers: BTreeMap<String, Vec<String>>,
    series: Vec<Series>,
}

/// What a spelling names.
#[derive(Clone, Debug)]
pub(super) struct Name {
    /// Index into [`Table::series`].
    pub series: usize,
    pub qualifier: Option<String>,
    /// The series' own name, which for an exact series counts only as it is written.
    pub is_own: bool,
}

pub(super) struct Table {
    pub series: Vec<Series>,
    pub names: HashMap<String, Name>,
    /// Letters behind a number that name a series: `c3`.
    pub number_suffixes: Vec<(String, usize)>,
    not_series: HashSet<String>,
    qualifiers: BTreeMap<String, Vec<String>>,
    /// Spellings, as keys, and the names of the qualifiers that any series may have.
    usual: HashMap<String, String>,
}

/// Tokens that a name in the table may have.
pub(super) const NAME_TOKENS_MAX: usize = 8;
/// Letters that name a place wherever they stand.
const PLACE_BYTES_MIN: usize = 4;

pub(super) static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let file: File = toml::from_str(include_str!("../series.toml")).expect("series.toml is part of the program");
    Table::new(file)
});

/// The form in which names are compared: letters and digits, folded.
pub(super) fn key(text: &str) -> String {
    let mut folded = String::new();
    fold_into(text, &mut folded);
    folded.retain(char::is_alphanumeric);
    folded
}

impl Table {
    fn new(file: File) -> Table {
        let mut table = Table {
            series: file.series,
            names: HashMap::new(),
            number_suffixes: Vec::new(),
            not_series: file.not_series.iter().map(|name| key(name)).collect(),
            usual: HashMap::new(),
            qualifiers: file.qualifiers,
        };
        for (name, spellings) in &table.qualifiers {
            for spelling in spellings {
                table.usual.entry(key(spelling)).or_insert_with(|| name.clone());
            }
        }
        for index in 0..table.series.len() {
            table.add_names(index);
        }
        table
    }

    fn add_names(&mut self, index: usize) {
        let series = &self.series[index];
        let mut names = Vec::new();
        for (variant, qualifier) in &series.variants {
            names.push((key(variant), Some(qualifier.clone()), false));
        }
        let own = std::iter::once(&series.name).map(|name| (key(name), true));
        for (alias, is_own) in own.chain(series.aliases.iter().map(|alias| (key(alias), false))) {
            for qualifier in &series.qualifiers {
                for spelling in self.spellings(qualifier) {
                    names.push((format!("{alias}{spelling}"), Some(qualifier.clone()), false));
                }
            }
            names.push((alias, None, is_own));
        }
        if let Some(suffix) = series.numbered.as_ref().and_then(|numbered| numbered.after.clone()) {
            self.number_suffixes.push((suffix, index));
        }
        for (name, qualifier, is_own) in names {
            self.names.entry(name).or_insert(Name { series: index, qualifier, is_own });
        }
    }

    /// The spellings of a qualifier, as keys.
    fn spellings(&self, qualifier: &str) -> Vec<String> {
        let mut spellings = vec![key(qualifier)];
        spellings.extend(self.qualifiers.get(qualifier).into_iter().flatten().map(|spelling| key(spelling)));
        spellings
    }

    /// The qualifier of the series that is spelled so.
    pub(super) fn qualifier(&self, series: usize, spelling: &str) -> Option<&str> {
        let known = self.series[series].qualifiers.iter().map(String::as_str);
        known.into_iter().find(|qualifier| self.spellings(qualifier).iter().any(|known| known == spelling))
    }

    /// The qualifier of the series that a name of a place stands for, also one that is known by whole spellings alone, "pycon
    /// italia". Of those, letters that may be a word or a language are none: "my", "it".
    pub(super) fn place(&self, series: usize, spelling: &str) -> Option<&str> {
        self.qualifier(series, spelling).or_else(|| {
            let row = &self.series[series];
            let aliases = std::iter::once(&row.name).chain(&row.aliases).filter(|_| spelling.len() >= PLACE_BYTES_MIN);
            let mut names = aliases.filter_map(|alias| self.names.get(&(key(alias) + spelling)));
            names.find(|name| name.series == series)?.qualifier.as_deref()
        })
    }

    /// A qualifier that any series may have, by its usual name: "europe" gives "Europe".
    pub(super) fn usual_qualifier(&self, spelling: &str) -> Option<&str> {
        self.usual.get(spelling).map(String::as_str)
    }

    pub(super) fn is_not_series(&self, name: &str) -> bool {
        self.not_series.contains(&key(name))
    }
}

impl Series {
    /// The edition of this series with the given qualifier and year.
    pub(super) fn edition(&self, qualifier: Option<&str>, year: Option<u16>) -> Edition {
        let qualifier = self.meant(qualifier.or(self.default.as_deref()).unwrap_or_default(), year);
        let mut id = slug(&self.name);
        let mut long = self.name.clone();
        if let Some(qualifier) = qualifier {
            id = format!("{id}-{}", slug(qualifier));
            long = format!("{long} {qualifier}");
        }
        let Some(year) = year else {
            return Edition { series: self.name.clone(), edition: long, edition_id: id, year };
        };
        let short = year % 100;
        let tail = qualifier.map(|qualifier| format!(" {qualifier}")).unwrap_or_default();
        let edition = match (&self.display, &self.numbered, self.style) {
            (Some(display), ..) => display.replace("{year}", &year.to_string()),
            (None, Some(numbered), _) if tail.is_empty() => numbered.display(year),
            (None, _, Style::Long) => format!("{long} {year}"),
            (None, _, Style::Glued) => format!("{}{short:02}{tail}", self.name),
            (None, _, Style::Quoted) => format!("{} '{short:02}{tail}", self.name),
        };
        Edition { series: self.name.clone(), edition, edition_id: format!("{id}-{year}"), year: Some(year) }
    }
}

impl Series {
    /// What a qualifier stands for in a year; none where nothing else is held that year.
    fn meant<'a>(&'a self, qualifier: &'a str, year: Option<u16>) -> Option<&'a str> {
        let holds = |row: &&Meant| row.until.is_none_or(|until| year.is_some_and(|year| year <= until));
        let found = self.means.iter().filter(|row| row.qualifier == qualifier).find(holds);
        Some(found.map_or(qualifier, |row| &row.is)).filter(|qualifier| !qualifier.is_empty())
    }
}

impl Numbered {
    fn display(&self, year: u16) -> String {
        let year = i32::from(year);
        let later = self.later.as_ref().filter(|later| i64::from(year - later.base) >= i64::from(later.from));
        let n = year - later.map_or(self.base, |later| later.base);
        self.display.replace("{n}", &n.to_string()).replace("{year}", &year.to_string())
    }

    /// The year of the edition with this number.
    pub(super) fn year(&self, number: u32) -> Option<u16> {
        let later = self.later.as_ref().filter(|later| number >= later.from);
        let base = later.map_or(self.base, |later| later.base);
        let year = i32::try_from(number).ok()?.checked_add(base)?;
        u16::try_from(year).ok().filter(|year| super::YEARS.contains(year))
    }
}
