//! One configuration file: TOML, checked whole when it is read, each value with its line.
//!
//! A file that is found in a project is a stranger's: it runs no command, and names nothing outside its folder.

use std::{
    collections::BTreeMap,
    fs, io,
    io::Read,
    path::{Component, Path, PathBuf},
};

use hallway::{
    error::{Error, ErrorKind, Result},
    text::near::{did_you_mean, nearest},
};
use toml::de::{DeTable, DeValue};

use super::{Found, Origin, SETTINGS, Setting, Sort, Value, Wrong, names, number, user_file, word};

/// What a project's file is called.
pub const PROJECT_FILE: &str = "hallway.toml";
/// A handful of lines, with room for comments.
const FILE_BYTES_MAX: u64 = 64 << 10;

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Owner {
    Project,
    User,
}

#[derive(Debug)]
pub struct File {
    pub path: PathBuf,
    values: BTreeMap<&'static str, (Value, usize)>,
}

impl File {
    /// The project's file in this very folder; null where there is none.
    ///
    /// # Errors
    /// `Io`, and `Usage` for what may not stand in it, with the line.
    pub fn of_project(folder: &Path) -> Result<Option<File>> {
        let path = folder.join(PROJECT_FILE);
        if fs::symlink_metadata(&path).is_err_and(|cause| is_missing(&cause)) {
            return Ok(None);
        }
        if within(folder, Path::new(PROJECT_FILE)).is_none() {
            return Err(Error::new(
                ErrorKind::Usage,
                format!("{} is a link that leads out of its folder", path.display()),
            )
            .hint("a project's configuration is a file of the project"));
        }
        let Some(text) = read(&path)? else { return Ok(None) };
        File::parse(path, &text, Owner::Project).map(Some)
    }

    /// The user's own file; null where there is none.
    ///
    /// # Errors
    /// `Io`, and `Usage` for what may not stand in it, with the line.
    pub fn of_user(path: &Path) -> Result<Option<File>> {
        let Some(text) = read(path)? else { return Ok(None) };
        File::parse(path.to_owned(), &text, Owner::User).map(Some)
    }

    /// A setting that the file has, by name.
    pub fn get(&self, name: &str) -> Option<Found> {
        let (value, line) = self.values.get(name)?;
        Some(Found { value: value.clone(), origin: Origin::File { path: self.path.clone(), line: *line } })
    }

    fn parse(path: PathBuf, text: &str, owner: Owner) -> Result<File> {
        let line_at = |at: usize| text.get(..at).unwrap_or(text).matches('\n').count() + 1;
        let table = DeTable::parse(text).map_err(|error| {
            // The line that toml would print with it is the file's: it may be anything.
            let line = error.span().map_or(1, |span| line_at(span.start));
            Error::new(ErrorKind::Usage, error.message().replace('\n', " "))
                .at(&path, line as u64)
                .hint("it is TOML: a line is a setting, such as limit = 20 or index = \"FOLDER\"")
        })?;
        let mut values = BTreeMap::new();
        for (key, value) in table.get_ref() {
            let line = line_at(key.span().start);
            let (setting, value) =
                checked(&path, key.get_ref(), value.get_ref(), owner).map_err(|error| error.at(&path, line as u64))?;
            values.insert(setting.name, (value, line));
        }
        Ok(File { path, values })
    }
}

fn is_missing(cause: &io::Error) -> bool {
    matches!(cause.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory)
}

/// The text of a file; null where there is none.
fn read(path: &Path) -> Result<Option<String>> {
    let failed = |cause| Error::io("can't read", path, cause);
    match fs::metadata(path) {
        Err(cause) if is_missing(&cause) => return Ok(None),
        Err(cause) => return Err(failed(cause)),
        // Before it is opened: a pipe would wait for somebody to write to it.
        Ok(meta) if !meta.is_file() => {
            let message = format!("{} is not a file", path.display());
            return Err(Error::new(ErrorKind::Usage, message).hint("hallway reads its configuration there: rename it"));
        }
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(failed)?;
    file.take(FILE_BYTES_MAX + 1).read_to_end(&mut bytes).map_err(failed)?;
    let refuse =
        |what: String, hint: &str| Err(Error::new(ErrorKind::Usage, format!("{} {what}", path.display())).hint(hint));
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return refuse(format!("is larger than {} KB", FILE_BYTES_MAX >> 10), "a configuration is a few lines");
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(Some(text)),
        Err(_) => refuse("is not UTF-8".to_owned(), "save it as UTF-8"),
    }
}

fn checked(path: &Path, name: &str, value: &DeValue, owner: Owner) -> Result<(&'static Setting, Value)> {
    let usage = |message: String, hint: String| Error::new(ErrorKind::Usage, message).hint(hint);
    let Some(setting) = SETTINGS.iter().find(|setting| setting.name == name) else {
        let all: Vec<_> = SETTINGS.iter().map(|setting| setting.name).collect();
        let list = format!("settings: {}", all.join(", "));
        let near = did_you_mean(&nearest(name, all)).map(|near| format!("{near} {list}"));
        return Err(usage(format!("there is no setting \"{name}\""), near.unwrap_or(list)));
    };
    if owner == Owner::Project && setting.sort == Sort::Command {
        let own = user_file().map_or("your own configuration file".to_owned(), |path| path.display().to_string());
        return Err(usage(
            format!("a project's file can't set {name}: it is a command, and a file found in a project runs none"),
            format!("put it into {own}, or set {}", setting.variable),
        ));
    }
    let value = read_value(setting.sort, value).map_err(|wrong| {
        let message = format!("{name} has to be {}, not {}", wrong.wanted, wrong.given);
        usage(message, wrong.hint.unwrap_or_else(|| format!("such as {}", example(setting))))
    })?;
    match value {
        Value::Text(text) if setting.sort.is_path() => {
            let folder = path.parent().unwrap_or(Path::new("."));
            let dir = match owner {
                Owner::Project => within(folder, Path::new(&text)).ok_or_else(|| {
                    let message =
                        format!("a project's file can't name {} outside its folder: \"{text}\"", setting.name);
                    usage(message, format!("put it into your own configuration file, or use {}", setting.flag))
                })?,
                Owner::User => folder.join(at_home(&text)),
            };
            Ok((setting, Value::Path(dir)))
        }
        value => Ok((setting, value)),
    }
}

/// What a line could be.
fn example(setting: &Setting) -> String {
    match setting.sort {
        Sort::Folder | Sort::File => format!("{0} = \"{0}\"", setting.name),
        Sort::Number(_) => format!("{} = {}", setting.name, setting.default),
        Sort::Choice(_) => format!("{} = \"{}\"", setting.name, setting.default),
        Sort::Command => format!("{} = \"COMMAND\"", setting.name),
        Sort::Facets => format!("{} = [\"year\", \"topic\"]", setting.name),
    }
}

fn read_value(sort: Sort, value: &DeValue) -> std::result::Result<Value, Wrong> {
    match (sort, value) {
        (Sort::Number(_), DeValue::Integer(n)) => {
            number(sort, usize::from_str_radix(n.as_str(), n.radix()).ok(), n.as_str())
        }
        (Sort::Facets, DeValue::Array(items)) => {
            let item = |item: &DeValue| item.as_str().map(str::to_owned).ok_or(item.type_str());
            let items = items.iter().map(|value| item(value.get_ref())).collect::<std::result::Result<Vec<_>, _>>();
            names(sort, items.map_err(|given| Wrong::new(sort, format!("of {given}s")))?.into_iter())
        }
        (Sort::Folder | Sort::File | Sort::Choice(_) | Sort::Command, DeValue::String(text)) => word(sort, text),
        (_, other) => Err(Wrong::new(sort, format!("of type {}", other.type_str()))),
    }
}

/// The path below `folder` that `path` names, `..` and symbolic links resolved; null where that is elsewhere. What is not
/// there yet is taken as it is written.
fn within(folder: &Path, path: &Path) -> Option<PathBuf> {
    let root = folder.canonicalize().ok()?;
    let mut full = root.clone();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                full.pop();
            }
            Component::Normal(name) => {
                full.push(name);
                // A link that leads nowhere can't be resolved, and could lead anywhere tomorrow.
                if fs::symlink_metadata(&full).is_ok() {
                    full = full.canonicalize().ok()?;
                }
            }
            Component::RootDir | Component::Prefix(_) => return None,
        }
        if !full.starts_with(&root) {
            return None;
        }
    }
    Some(full)
}

/// With `~/` read as the home folder.
fn at_home(text: &str) -> PathBuf {
    match (text.strip_prefix('~').filter(|rest| rest.is_empty() || rest.starts_with('/')), std::env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest.trim_start_matches('/')),
        _ => text.into(),
    }
}
