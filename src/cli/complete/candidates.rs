//! What may stand where the cursor is: flags and commands from clap's types, values from the index.

use std::{
    ffi::OsStr,
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use clap::{CommandFactory, builder::StyledStr};
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate, complete as engine};

use hallway::{formats, index::Index, index::schema, search, text::analyzer::folded};

use crate::cli::{Cli, Global, locate};

/// Values offered at once: more than anybody reads.
const VALUES_MAX: usize = 1000;

pub struct Candidate {
    pub value: String,
    pub help: String,
}

/// What the last of the words may become.
pub fn complete(words: &[String]) -> Vec<Candidate> {
    let source = Source::new(words);
    let mut command = command(&source);
    let last = words.len() - 1;
    let words = words.iter().map(Into::into).collect();
    let found = engine(&mut command, words, last, std::env::current_dir().ok().as_deref()).unwrap_or_default();
    let text = |help: Option<&StyledStr>| help.map(ToString::to_string).unwrap_or_default();
    // The engine offers what is hidden where nothing else fits.
    let shown = found.into_iter().filter(|candidate| !candidate.is_hide_set());
    let candidates = shown.filter_map(|candidate| {
        let help = text(candidate.get_help()).lines().next().unwrap_or_default().to_owned();
        Some(Candidate { value: candidate.get_value().to_str()?.to_owned(), help })
    });
    candidates.collect()
}

/// Where values come from. The index is opened when it is first asked, and never made.
#[derive(Clone)]
struct Source {
    dir: Option<PathBuf>,
    index: Arc<OnceLock<Option<Index>>>,
}

impl Source {
    fn new(words: &[String]) -> Source {
        let given = words.iter().enumerate().find_map(|(at, word)| match word.strip_prefix("--index") {
            Some("") => words.get(at + 1).map(PathBuf::from),
            Some(value) => value.strip_prefix('=').map(PathBuf::from),
            None => None,
        });
        let global = Global { index: given, ..Global::default() };
        Source { dir: locate::dir(&global).ok(), index: Arc::default() }
    }

    fn index(&self) -> Option<&Index> {
        self.index.get_or_init(|| Index::open(self.dir.as_deref().unwrap_or(Path::new(""))).ok()).as_ref()
    }

    /// Values of a facet that begin so, whatever their case. Of a path the last part is enough for a filter, and is
    /// offered until a slash is typed. Last comes what stands for none, where records may lack one.
    fn values(&self, facet: &str, typed: &str) -> Vec<String> {
        let values = self.index().and_then(|index| search::values(index, facet).ok()).unwrap_or_default();
        let field = schema::field(facet);
        let is_path = field.is_some_and(|field| field.sort == schema::FieldSort::PathFacet);
        let none =
            field.filter(|field| field.may_be_unknown() && !values.is_empty()).map(|_| search::UNKNOWN.to_owned());
        let wanted = folded(typed);
        let mut names: Vec<String> = Vec::new();
        for value in values.into_iter().chain(none) {
            let last = value.rsplit('/').next().unwrap_or(&value);
            let name = if is_path && !typed.contains('/') { last } else { &value };
            if folded(name).starts_with(&wanted) && !names.iter().any(|other| other == name) {
                names.push(name.to_owned());
            }
            if names.len() == VALUES_MAX {
                break;
            }
        }
        names
    }

    /// Editions first, then the ids of one.
    fn ids(&self, typed: &str) -> Vec<String> {
        let Some(index) = self.index() else { return Vec::new() };
        let ids = if typed.contains('/') { index.ids_from(typed, VALUES_MAX) } else { index.places(typed, VALUES_MAX) };
        ids.unwrap_or_default()
    }
}

fn command(source: &Source) -> clap::Command {
    Cli::command().mut_subcommands(|command| {
        let takes_ids = matches!(command.get_name(), "show" | "remove");
        let source = source.clone();
        command.mut_args(move |argument| {
            let name = argument.get_id().to_string();
            let source = source.clone();
            if schema::facets().any(|facet| facet.name == name) {
                argument.add(completer(move |typed| source.values(&name, typed)))
            } else if name == "facets" {
                argument.add(completer(|typed| starting(schema::facets().map(|facet| facet.name), typed)))
            } else if argument.get_long() == Some("as") {
                argument.add(completer(|typed| starting(formats::names().into_iter(), typed)))
            } else if argument.get_long() == Some("map") {
                argument.add(completer(|typed| starting(formats::fields().into_iter(), typed)))
            } else if takes_ids && argument.is_positional() {
                argument.add(completer(move |typed| source.ids(typed)))
            } else {
                argument
            }
        })
    })
}

fn starting(names: impl Iterator<Item = &'static str>, typed: &str) -> Vec<String> {
    names.filter(|name| name.starts_with(typed)).map(str::to_owned).collect()
}

/// What begins with a dash would be read as a flag.
fn completer(values: impl Fn(&str) -> Vec<String> + Send + Sync + 'static) -> ArgValueCompleter {
    ArgValueCompleter::new(move |typed: &OsStr| -> Vec<CompletionCandidate> {
        let values = values(&typed.to_string_lossy());
        values.into_iter().filter(|value| !value.starts_with('-')).map(CompletionCandidate::new).collect()
    })
}
