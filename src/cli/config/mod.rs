//! Configuration: SETTINGS, the one table of what can be set, and where a value comes from. The first that says something
//! decides: flag, environment, the project's `hallway.toml`, the user's file, default.
//!
//! A file is read when a command first asks for a setting, and once.

mod file;
mod show;
mod table;

use std::{
    cell::OnceCell,
    env,
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
};

use hallway::{
    enrich::UserTopics,
    error::{Error, ErrorKind, Result},
    query::{SYNONYMS_BYTES_MAX, Synonyms},
    search::{PAGE_MAX, facet_field},
    text::near::{did_you_mean, nearest},
};
use serde_json::json;

pub(super) use file::{File, PROJECT_FILE};
pub(super) use show::show;
use table::table;
pub(super) use table::user_topics;

/// A row of [`SETTINGS`].
#[derive(Debug)]
pub(super) struct Setting {
    /// In files.
    pub name: &'static str,
    pub about: &'static str,
    pub sort: Sort,
    /// The flag that says it for one run.
    pub flag: &'static str,
    /// hallway's own environment variable.
    pub variable: &'static str,
    /// Variables that other programs read, too: they count after the files, which mean hallway alone.
    pub shared_variables: &'static [&'static str],
    /// In words where it is not a value.
    pub default: &'static str,
}

/// What a value has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Folder,
    /// One that is read; empty for none.
    File,
    Choice(&'static [&'static str]),
    /// From 1 to this.
    Number(usize),
    Facets,
    /// Is run: no file that is found in a project may name one.
    Command,
}

impl Sort {
    pub fn is_path(self) -> bool {
        matches!(self, Sort::Folder | Sort::File)
    }
}

/// Everything that can be set.
pub(super) const SETTINGS: &[Setting] = &[
    Setting {
        name: "index",
        about: "The folder of the index. In a project's file it is relative and stays below the file's folder",
        sort: Sort::Folder,
        flag: "--index",
        variable: "HALLWAY_INDEX",
        shared_variables: &[],
        default: "the nearest marked index/ upwards, else ~/.local/share/hallway/index",
    },
    Setting {
        name: "color",
        about: "When to colour; NO_COLOR means never",
        sort: Sort::Choice(&["auto", "always", "never"]),
        flag: "--color",
        variable: "HALLWAY_COLOR",
        shared_variables: &[],
        default: "auto",
    },
    Setting {
        name: "limit",
        about: "Hits on a page of search",
        sort: Sort::Number(PAGE_MAX),
        flag: "--limit",
        variable: "HALLWAY_LIMIT",
        shared_variables: &[],
        default: "10",
    },
    Setting {
        name: "facets",
        about: "The facets that --facets counts when it names none",
        sort: Sort::Facets,
        flag: "--facets=NAMES",
        variable: "HALLWAY_FACETS",
        shared_variables: &[],
        default: "conference,year,kind,type,track,topic",
    },
    Setting {
        name: "synonyms",
        about: "A file of words that mean the same, beside hallway's own. In a project's file it stays below the file's folder",
        sort: Sort::File,
        flag: "--synonyms",
        variable: "HALLWAY_SYNONYMS",
        shared_variables: &[],
        default: "",
    },
    Setting {
        name: "topics",
        about: "A file of topics beside hallway's own, by which `ingest` labels records; it is remembered by the index, and an \
                empty one takes it back. In a project's file it stays below the file's folder",
        sort: Sort::File,
        flag: "--topics",
        variable: "HALLWAY_TOPICS",
        shared_variables: &[],
        default: "",
    },
    Setting {
        name: "pager",
        about: "The command that shows pages on a terminal; empty for none",
        sort: Sort::Command,
        flag: "",
        variable: "HALLWAY_PAGER",
        shared_variables: &["PAGER"],
        default: "less -FIRX",
    },
    Setting {
        name: "editor",
        about: "The command that `open` starts; without one it prints the place",
        sort: Sort::Command,
        flag: "",
        variable: "HALLWAY_EDITOR",
        shared_variables: &["VISUAL", "EDITOR"],
        default: "",
    },
];

/// The row of that name.
///
/// # Panics
/// When there is none: a mistake in this program.
pub(super) fn setting(name: &str) -> &'static Setting {
    SETTINGS.iter().find(|setting| setting.name == name).expect("every name asked for is a row")
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Path(PathBuf),
    Text(String),
    Number(usize),
    Names(Vec<String>),
}

impl Value {
    pub fn json(&self) -> serde_json::Value {
        match self {
            Value::Path(path) => json!(path.to_string_lossy()),
            Value::Text(text) => json!(text),
            Value::Number(n) => json!(n),
            Value::Names(names) => json!(names),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Path(path) => path.display().fmt(f),
            Value::Text(text) => text.fmt(f),
            Value::Number(n) => n.fmt(f),
            Value::Names(names) => names.join(",").fmt(f),
        }
    }
}

/// Who decided.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Origin {
    Flag(&'static str),
    Variable(&'static str),
    File {
        path: PathBuf,
        line: usize,
    },
    /// Of the index: the folder that was found upwards.
    Nearest,
    Default,
}

impl Origin {
    pub fn json(&self) -> serde_json::Value {
        match self {
            Origin::Flag(name) => json!({ "kind": "flag", "name": name }),
            Origin::Variable(name) => json!({ "kind": "environment", "name": name }),
            Origin::File { path, line } => json!({ "kind": "file", "path": path.to_string_lossy(), "line": line }),
            Origin::Nearest => json!({ "kind": "nearest" }),
            Origin::Default => json!({ "kind": "default" }),
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Origin::Flag(name) => write!(f, "flag {name}"),
            Origin::Variable(name) => write!(f, "environment variable {name}"),
            Origin::File { path, line } => write!(f, "{}:{line}", path.display()),
            Origin::Nearest => f.write_str("the nearest marked index/ upwards"),
            Origin::Default => f.write_str("default"),
        }
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Found {
    pub value: Value,
    pub origin: Origin,
}

/// The two files, read when they are first asked for.
#[derive(Debug, Default)]
pub(super) struct Config {
    project: OnceCell<Option<File>>,
    user: OnceCell<Option<File>>,
}

impl Config {
    /// The value of a setting, and where it comes from. `flag` is what the command line says. Not for the index, whose
    /// default has to be looked for: [`super::locate::found`].
    ///
    /// # Errors
    /// `Usage` where the value, or the file that it would stand in, can't be used; `Io`.
    pub fn get(&self, name: &str, flag: Option<Value>) -> Result<Found> {
        let setting = setting(name);
        if let Some(found) = of_this_run(setting, flag)? {
            return Ok(found);
        }
        for file in [self.project()?, self.user()?].into_iter().flatten() {
            if let Some(found) = file.get(name) {
                return Ok(found);
            }
        }
        for variable in setting.shared_variables {
            if let Some(value) = variable_of(setting, variable) {
                return from_variable(setting, variable, &value);
            }
        }
        let value = from_text(setting.sort, OsStr::new(setting.default));
        value.map(|value| Found { value, origin: Origin::Default }).map_err(|what| bad("the default", setting, &what))
    }

    pub fn limit(&self) -> Result<usize> {
        match self.get("limit", None)?.value {
            Value::Number(n) => Ok(n),
            other => unreachable!("the number is {other:?}"),
        }
    }

    pub fn facets(&self) -> Result<Vec<String>> {
        match self.get("facets", None)?.value {
            Value::Names(names) => Ok(names),
            other => unreachable!("facets are {other:?}"),
        }
    }

    /// The user's table of synonyms beside hallway's own.
    pub fn synonyms(&self, flag: Option<&Path>) -> Result<Synonyms> {
        match self.get("synonyms", flag.map(|path| Value::Path(path.to_owned())))?.value {
            Value::Path(path) if path.as_os_str().is_empty() => Ok(Synonyms::default()),
            Value::Path(path) => Synonyms::parse(&table(&path, SYNONYMS_BYTES_MAX)?, &path),
            other => unreachable!("the file is {other:?}"),
        }
    }

    /// The user's topics beside hallway's own; null where nothing is said of them, and an empty text where there are to be
    /// none.
    pub fn topics(&self, flag: Option<&Path>) -> Result<Option<UserTopics>> {
        let found = self.get("topics", flag.map(|path| Value::Path(path.to_owned())))?;
        match found.value {
            _ if found.origin == Origin::Default => Ok(None),
            Value::Path(path) if path.as_os_str().is_empty() => Ok(Some(UserTopics::default())),
            Value::Path(path) => user_topics(&path).map(Some),
            other => unreachable!("the file is {other:?}"),
        }
    }

    pub fn color(&self, flag: Option<clap::ColorChoice>) -> Result<clap::ColorChoice> {
        Ok(match self.get("color", flag.map(|choice| Value::Text(choice.to_string())))?.value.to_string().as_str() {
            "always" => clap::ColorChoice::Always,
            "never" => clap::ColorChoice::Never,
            _ => clap::ColorChoice::Auto,
        })
    }

    /// The command that shows pages, empty for none, and whether somebody asked for it.
    pub fn pager(&self) -> Result<(String, bool)> {
        let found = self.get("pager", None)?;
        Ok((found.value.to_string(), found.origin != Origin::Default))
    }

    /// The command that opens files.
    pub fn editor(&self) -> Result<Option<String>> {
        Ok(Some(self.get("editor", None)?.value.to_string()).filter(|command| !command.is_empty()))
    }

    /// `hallway.toml`, in the current folder or the nearest above that has one.
    pub fn project(&self) -> Result<Option<&File>> {
        if self.project.get().is_none() {
            let here = env::current_dir().map_err(|cause| Error::io("can't find", Path::new("."), cause))?;
            let mut found = None;
            for folder in here.ancestors() {
                found = File::of_project(folder)?;
                if found.is_some() {
                    break;
                }
            }
            // Nobody else sets it.
            let _ = self.project.set(found);
        }
        Ok(self.project.get().and_then(Option::as_ref))
    }

    /// The user's own file.
    pub fn user(&self) -> Result<Option<&File>> {
        if self.user.get().is_none() {
            let found = match user_file() {
                Some(path) => File::of_user(&path)?,
                None => None,
            };
            let _ = self.user.set(found);
        }
        Ok(self.user.get().and_then(Option::as_ref))
    }
}

/// Where the user's file is, whether or not it is there; null without a home.
pub(super) fn user_file() -> Option<PathBuf> {
    let folder = variable_value("XDG_CONFIG_HOME").map(PathBuf::from);
    let folder = folder.or_else(|| env::home_dir().map(|home| home.join(".config")))?;
    Some(folder.join("hallway").join("config.toml"))
}

/// What the command line or the environment of this run says, before any file is looked at.
pub(super) fn of_this_run(setting: &'static Setting, flag: Option<Value>) -> Result<Option<Found>> {
    if let Some(value) = flag {
        return Ok(Some(Found { value, origin: Origin::Flag(setting.flag) }));
    }
    if let Some(value) = variable_of(setting, setting.variable) {
        return from_variable(setting, setting.variable, &value).map(Some);
    }
    // The convention of many programs (no-color.org); any value will do.
    if setting.name == "color" && variable_value("NO_COLOR").is_some() {
        return Ok(Some(Found { value: Value::Text("never".to_owned()), origin: Origin::Variable("NO_COLOR") }));
    }
    Ok(None)
}

/// An empty command is none, and said so; of other settings an empty variable says nothing.
fn variable_of(setting: &Setting, name: &str) -> Option<OsString> {
    if setting.sort == Sort::Command { env::var_os(name) } else { variable_value(name) }
}

/// An empty variable is none.
fn variable_value(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

fn from_variable(setting: &Setting, variable: &'static str, value: &OsStr) -> Result<Found> {
    from_text(setting.sort, value)
        .map(|value| Found { value, origin: Origin::Variable(variable) })
        .map_err(|what| bad(variable, setting, &what))
}

fn bad(place: &str, setting: &Setting, what: &Wrong) -> Error {
    let message = format!("{place} can't be used: {} has to be {}, not {}", setting.name, what.wanted, what.given);
    Error::new(ErrorKind::Usage, message).hint(what.hint.clone().unwrap_or_else(|| format!("change or unset {place}")))
}

/// What is wrong with a value.
#[derive(Debug)]
struct Wrong {
    wanted: String,
    given: String,
    hint: Option<String>,
}

impl Wrong {
    fn new(sort: Sort, given: impl Into<String>) -> Self {
        let wanted = match sort {
            Sort::Folder => "the name of a folder".to_owned(),
            Sort::File => "the name of a file".to_owned(),
            Sort::Choice(choices) => choices.join(", "),
            Sort::Number(max) => format!("a whole number from 1 to {max}"),
            Sort::Facets => "a list of facets".to_owned(),
            Sort::Command => "a command".to_owned(),
        };
        let wanted = match (sort, wanted.rsplit_once(", ")) {
            (Sort::Choice(_), Some((all, last))) => format!("{all} or {last}"),
            _ => wanted,
        };
        Wrong { wanted, given: given.into(), hint: None }
    }
}

fn from_text(sort: Sort, text: &OsStr) -> std::result::Result<Value, Wrong> {
    if sort.is_path() {
        return Ok(Value::Path(text.into()));
    }
    let text = text.to_str().ok_or_else(|| Wrong::new(sort, "something that is not UTF-8"))?;
    match sort {
        Sort::Number(_) => number(sort, text.parse().ok(), text),
        Sort::Facets => names(sort, text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned)),
        _ => word(sort, text),
    }
}

fn number(sort: Sort, n: Option<usize>, given: &str) -> std::result::Result<Value, Wrong> {
    let Sort::Number(max) = sort else { unreachable!("only numbers are numbers") };
    n.filter(|n| (1..=max).contains(n)).map(Value::Number).ok_or_else(|| Wrong::new(sort, format!("\"{given}\"")))
}

fn names(sort: Sort, names: impl Iterator<Item = String>) -> std::result::Result<Value, Wrong> {
    let names: Vec<String> = names.collect();
    for name in &names {
        if let Err(error) = facet_field(name) {
            let hint = error.hint_text().map(str::to_owned);
            return Err(Wrong { hint, ..Wrong::new(sort, format!("\"{name}\"")) });
        }
    }
    if names.is_empty() { Err(Wrong::new(sort, "empty")) } else { Ok(Value::Names(names)) }
}

fn word(sort: Sort, text: &str) -> std::result::Result<Value, Wrong> {
    match sort {
        Sort::Choice(choices) if !choices.contains(&text) => {
            let hint = did_you_mean(&nearest(text, choices.iter().copied()));
            Err(Wrong { hint, ..Wrong::new(sort, format!("\"{text}\"")) })
        }
        Sort::Command => Ok(Value::Text(text.trim().to_owned())),
        _ if text.trim().is_empty() => Err(Wrong::new(sort, "empty")),
        _ => Ok(Value::Text(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_unique_explained_and_have_defaults_that_hold() {
        let mut names: Vec<_> = SETTINGS.iter().flat_map(|setting| [setting.name, setting.variable]).collect();
        names.sort_unstable();
        let n = names.len();
        names.dedup();
        assert_eq!(names.len(), n);
        for setting in SETTINGS {
            assert_eq!(setting.variable, format!("HALLWAY_{}", setting.name.to_uppercase()));
            assert!(!setting.about.is_empty() && !setting.about.ends_with('.'), "{setting:?}");
            assert!(from_text(setting.sort, OsStr::new(setting.default)).is_ok(), "{setting:?}");
            // What no flag can say is a command's.
            assert_eq!(setting.flag.is_empty(), setting.sort == Sort::Command, "{setting:?}");
        }
    }

    #[test]
    fn texts_are_held_to_their_sort() {
        let choice = setting("color").sort;
        for (sort, text, expected) in [
            (Sort::Number(100), "20", Ok("20")),
            (Sort::Number(100), "0", Err("\"0\"")),
            (Sort::Number(100), "101", Err("\"101\"")),
            (Sort::Number(100), "many", Err("\"many\"")),
            (Sort::Facets, "year, kind", Ok("year,kind")),
            (Sort::Facets, "year,shape", Err("\"shape\"")),
            (Sort::Facets, ",", Err("empty")),
            (choice, "never", Ok("never")),
            (choice, "nevr", Err("\"nevr\"")),
            (Sort::Command, "less -R", Ok("less -R")),
            (Sort::Command, "  ", Ok("")),
            (Sort::Folder, "/a b", Ok("/a b")),
        ] {
            let read = from_text(sort, OsStr::new(text)).map(|value| value.to_string()).map_err(|wrong| wrong.given);
            assert_eq!(read, expected.map(str::to_owned).map_err(str::to_owned), "{text}");
        }
    }
}
