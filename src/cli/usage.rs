//! What is wrong with a command line: clap's findings in the words of all other errors, with what was likely meant.

use std::io;

use clap::error::{ContextKind, ContextValue, ErrorKind as Finding};

use hallway::{
    error::{Error, ErrorKind},
    text::near::nearest,
};

/// The command line as far as it was understood.
struct Line<'a> {
    arguments: &'a [String],
    root: &'a clap::Command,
    /// The innermost command that it names; the root where it names none.
    command: &'a clap::Command,
    /// As it is typed: `hallway eval rank`.
    name: String,
}

impl<'a> Line<'a> {
    fn new(root: &'a clap::Command, arguments: &'a [String]) -> Self {
        let (mut command, mut name) = (root, root.get_name().to_owned());
        for argument in arguments.iter().take_while(|argument| *argument != "--") {
            if argument == "help" {
                // clap's own: what is asked for is named behind it.
            } else if let Some(below) = command.find_subcommand(argument) {
                command = below;
                name = format!("{name} {}", below.get_name());
            } else if !command.has_subcommands() {
                break;
            }
        }
        Line { arguments, root, command, name }
    }

    /// `search` of `hallway search`; null at the root.
    fn own_name(&self) -> Option<&str> {
        self.name.split_once(' ').map(|(_, name)| name)
    }

    fn see_help(&self) -> String {
        format!("see `{} --help`", self.name)
    }

    /// The first of the examples in the command's help, without what is said of it.
    fn example(&self) -> Option<String> {
        let examples = self.command.get_before_help()?.to_string();
        let first = examples.lines().find_map(|line| line.trim().strip_prefix("hallway "))?;
        Some(format!("hallway {}", first.split("  ").next().unwrap_or(first)))
    }

    fn example_or_help(&self) -> String {
        match self.example() {
            Some(example) => format!("for example `{example}`; {}", self.see_help()),
            None => self.see_help(),
        }
    }
}

/// The error that stands for clap's; `root` has to be built.
pub(super) fn explain(error: &clap::Error, root: &clap::Command, arguments: &[String]) -> Error {
    let line = Line::new(root, arguments);
    let named = texts(error, ContextKind::InvalidArg);
    let first = named.first().map(|text| bare(text)).unwrap_or_default();
    let value = texts(error, ContextKind::InvalidValue).into_iter().next().unwrap_or_default();
    let (message, hint) = match error.kind() {
        Finding::UnknownArgument => unknown_argument(&line, &first),
        Finding::InvalidSubcommand => {
            let typed = texts(error, ContextKind::InvalidSubcommand).into_iter().next().unwrap_or_default();
            unknown_command(&line, &typed)
        }
        Finding::MissingRequiredArgument => {
            let lacking: Vec<_> = named.iter().map(|text| bare(text)).collect();
            (
                format!("`{}` needs {}", line.own_name().unwrap_or("hallway"), lacking.join(" and ")),
                line.example_or_help(),
            )
        }
        Finding::InvalidValue if value.is_empty() => (format!("{first} needs a value"), values(error, &line, "")),
        Finding::InvalidValue => (format!("{first} can't be \"{value}\""), values(error, &line, &value)),
        Finding::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let range = why.rsplit_once(" is not in ").and_then(|(_, range)| range.split_once("..="));
            let wanted = match range {
                Some((from, to)) => format!("it is a whole number from {from} to {to}"),
                None if why.contains("digit") || why.contains("number") => "it is a whole number".to_owned(),
                None => why,
            };
            (format!("{first} can't be \"{value}\""), format!("{wanted}; {}", line.see_help()))
        }
        Finding::ArgumentConflict => {
            let others: Vec<_> = texts(error, ContextKind::PriorArg).iter().map(|text| bare(text)).collect();
            if others.iter().all(|other| *other == first) {
                (format!("{first} is given twice"), "give it once".to_owned())
            } else {
                (
                    format!("{first} can't go with {}", others.join(" and ")),
                    format!("leave one out; {}", line.see_help()),
                )
            }
        }
        Finding::NoEquals => (
            format!("{first} takes its value behind an equals sign"),
            format!("write {first}=VALUE; {}", line.see_help()),
        ),
        Finding::InvalidUtf8 => ("an argument is not UTF-8".to_owned(), "write it in UTF-8".to_owned()),
        _ => {
            let rendered = error.render().to_string();
            let message = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
            (message, line.see_help())
        }
    };
    Error::new(ErrorKind::Usage, message).hint(hint)
}

/// What to do about a file that can't be read, where nothing better is said of it.
pub(super) fn with_hint(error: Error) -> Error {
    let cause = std::error::Error::source(&error).and_then(|cause| cause.downcast_ref::<io::Error>());
    let hint = match cause.map(io::Error::kind) {
        _ if error.hint_text().is_some() => return error,
        Some(io::ErrorKind::NotFound) => "check the name, and the folder that you are in",
        Some(io::ErrorKind::PermissionDenied) => "check its permissions",
        Some(_) => "check the path and the disk",
        None => return error,
    };
    error.hint(hint)
}

fn unknown_argument(line: &Line, typed: &str) -> (String, String) {
    if !typed.starts_with('-') {
        let who = line.own_name().unwrap_or("hallway");
        return (format!("`{who}` takes no argument \"{typed}\""), line.example_or_help());
    }
    if let Some(word) = dashed_word(line, typed) {
        let hint = format!(
            "to leave out a word, put `--` before it (`hallway search -- ebpf {word}`) or write `NOT {}`",
            &word[1..]
        );
        return (format!("there is no flag {word}"), hint);
    }
    let message = match line.own_name() {
        Some(name) => format!("`{name}` has no flag {typed}"),
        None => format!("there is no flag {typed}"),
    };
    let wanted = typed.trim_start_matches('-');
    let longs = |command: &clap::Command| -> Vec<String> {
        let shown = command.get_arguments().filter(|argument| !argument.is_hide_set());
        shown.filter_map(clap::Arg::get_long).map(str::to_owned).collect()
    };
    let own = longs(line.command);
    let near = nearest(wanted, own.iter().map(String::as_str));
    let elsewhere = line.root.get_subcommands().filter(|command| longs(command).iter().any(|long| long == wanted));
    let elsewhere: Vec<_> = elsewhere.map(|command| format!("`hallway {}`", command.get_name())).collect();
    let hint = match (near.first(), elsewhere.as_slice()) {
        (Some(near), _) => format!("did you mean --{near}? {}", line.see_help()),
        (None, []) => line.see_help(),
        (None, names) => format!("{} has it; {}", names.join(" or "), line.see_help()),
    };
    (message, hint)
}

/// The argument such as `-pager` that clap took for flags: it reads it letter by letter and names the first.
fn dashed_word<'a>(line: &Line<'a>, typed: &str) -> Option<&'a String> {
    let is_search = line.own_name() == Some("search");
    line.arguments.iter().take_while(|argument| *argument != "--").find(|argument| {
        is_search && argument.starts_with('-') && !argument.starts_with("--") && argument.starts_with(typed)
    })
}

fn unknown_command(line: &Line, typed: &str) -> (String, String) {
    let names = line.command.get_subcommands().filter(|command| !command.is_hide_set()).map(clap::Command::get_name);
    let near = nearest(typed, names);
    let message = match line.own_name() {
        Some(name) => format!("`{name}` has no command \"{typed}\""),
        None => format!("there is no command \"{typed}\""),
    };
    let hint = match near.as_slice() {
        [] if line.own_name().is_none() => format!("to look for it: `hallway search {}`", shell_quoted(typed)),
        [] => String::new(),
        near => {
            let near: Vec<_> = near.iter().map(|near| format!("`{} {near}`", line.name)).collect();
            format!("did you mean {}?", near.join(" or "))
        }
    };
    let separator = if hint.is_empty() || hint.ends_with('?') { " " } else { "; " };
    (message, format!("{hint}{separator}{}", line.see_help()).trim_start().to_owned())
}

/// What a flag can be.
fn values(error: &clap::Error, line: &Line, typed: &str) -> String {
    let possible = texts(error, ContextKind::ValidValue);
    if possible.is_empty() {
        return line.see_help();
    }
    let list = format!("it is one of {}", possible.join(", "));
    match nearest(typed, possible.iter().map(String::as_str)).first() {
        Some(near) => format!("did you mean \"{near}\"? {list}"),
        None => list,
    }
}

fn texts(error: &clap::Error, kind: ContextKind) -> Vec<String> {
    match error.get(kind) {
        Some(ContextValue::String(text)) => vec![text.clone()],
        Some(ContextValue::Strings(texts)) => texts.clone(),
        _ => Vec::new(),
    }
}

/// `--limit` of `--limit <N>`, `PATH…` of `<PATH>...`.
fn bare(shown: &str) -> String {
    if shown.starts_with('-') {
        return shown.split([' ', '=', '[']).next().unwrap_or(shown).to_owned();
    }
    shown.replace("...", "…").replace(['<', '>', '[', ']'], "")
}

/// As one word of a shell.
pub(super) fn shell_quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "/._-+=:@%,".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_values_are_named_without_their_brackets() {
        for (shown, expected) in [
            ("--limit <N>", "--limit"),
            ("--facets[=<NAMES>...]", "--facets"),
            ("-n", "-n"),
            ("<PATH>...", "PATH…"),
            ("[QUERY]...", "QUERY…"),
            ("<ID|SOURCE>...", "ID|SOURCE…"),
        ] {
            assert_eq!(bare(shown), expected);
        }
        assert_eq!(shell_quoted("a b'c"), r"'a b'\''c'");
        assert_eq!(shell_quoted("~/x"), "'~/x'");
        assert_eq!(shell_quoted("eBPF"), "eBPF");
    }
}
