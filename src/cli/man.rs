//! `hallway man`: a manual page for each command, from the same types and examples as its help.

use std::{
    fs,
    path::{Path, PathBuf},
};

use clap::{Command, CommandFactory};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use hallway::{
    error::{Error, Result},
    index::schema::FIELDS,
    query::SYNTAX,
    render::escape::line,
};

use super::{
    Cli, NoIndex, Status, TEMPLATE,
    config::{PROJECT_FILE, SETTINGS, Sort},
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  hallway man ~/.local/share/man/man1            then: man hallway-search
  hallway man pages && man -l pages/hallway.1";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// The folder to write them to
    #[arg(value_name = "DIR")]
    dir: PathBuf,
    #[command(flatten)]
    _no_index: NoIndex,
}

pub(super) fn run(args: &Args, output: &mut Output) -> Result<Status> {
    fs::create_dir_all(&args.dir).map_err(|cause| Error::io("can't create", &args.dir, cause))?;
    let mut root = Cli::command().disable_help_subcommand(true);
    root.build();
    let version = root.get_version().unwrap_or_default().to_owned();
    write(&root, &version, &args.dir, output)?;
    Ok(Status::Ok)
}

/// The page of a command, and those of the commands below it.
fn write(command: &Command, version: &str, dir: &Path, output: &mut Output) -> Result<()> {
    let man = Man::new(command.clone()).source(format!("hallway {version}")).manual("hallway");
    let path = dir.join(man.get_filename());
    let failed = |cause| Error::io("can't write", &path, cause);
    let mut page = Vec::new();
    man.render_title(&mut page).map_err(failed)?;
    // Names of variables and flags are copied: no hyphens within them, no stretched spaces.
    Roff::new().control("nh", []).control("ad", ["l"]).to_writer(&mut page).map_err(failed)?;
    man.render_name_section(&mut page).map_err(failed)?;
    man.render_synopsis_section(&mut page).map_err(failed)?;
    examples(command).to_writer(&mut page).map_err(failed)?;
    man.render_options_section(&mut page).map_err(failed)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page).map_err(failed)?;
    }
    notes(command).to_writer(&mut page).map_err(failed)?;
    if command.get_name() == "hallway-search" || command.get_name() == "search" {
        query_language().to_writer(&mut page).map_err(failed)?;
    }
    if command.get_name() == "hallway" {
        configuration().to_writer(&mut page).map_err(failed)?;
    }
    fs::write(&path, ascii(&String::from_utf8_lossy(&page))).map_err(failed)?;
    output.line(&line(&path.to_string_lossy()))?;
    command.get_subcommands().try_for_each(|below| write(below, version, dir, output))
}

/// Old formatters read bytes: what is not ASCII is named.
fn ascii(page: &str) -> String {
    let named = |c: char| if c.is_ascii() { c.to_string() } else { format!("\\[u{:04X}]", u32::from(c)) };
    page.chars().map(named).collect()
}

/// The lines as they stand.
fn examples(command: &Command) -> Roff {
    let mut roff = Roff::new();
    let Some(text) = command.get_before_help() else { return roff };
    roff.control("SH", ["EXAMPLES"]).control("nf", []);
    for example in text.to_string().lines().skip(1) {
        roff.text([roman(example.trim_start_matches("  ").to_owned())]);
    }
    roff.control("fi", []);
    roff
}

/// What the long help says at its end.
fn notes(command: &Command) -> Roff {
    let mut roff = Roff::new();
    let Some(text) = command.get_after_long_help() else { return roff };
    roff.control("SH", ["NOTES"]);
    for paragraph in text.to_string().split("\n\n") {
        roff.control("PP", []);
        roff.text([roman(paragraph.to_owned())]);
    }
    roff
}

fn query_language() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["QUERY LANGUAGE"]);
    for syntax in SYNTAX {
        roff.control("TP", []);
        roff.text([bold(syntax.write)]);
        roff.text([roman(format!("{}. Example: {}", syntax.finds, syntax.example))]);
    }
    roff.control("SH", ["FIELDS"]);
    for field in FIELDS {
        roff.control("TP", []);
        roff.text([bold(field.name)]);
        roff.text([roman(field.help)]);
    }
    roff
}

fn configuration() -> Roff {
    let mut roff = Roff::new();
    roff.control("SH", ["CONFIGURATION"]);
    roff.text([roman(
        "The first that says something decides: flag, environment, project file, user file, default. Variables that other \
         programs read, too, come after the files.",
    )]);
    for setting in SETTINGS {
        roff.control("TP", []);
        roff.text([bold(setting.name)]);
        let variables: Vec<_> = [setting.variable].iter().chain(setting.shared_variables).copied().collect();
        let files = if setting.sort == Sort::Command { "The user's file alone." } else { "Either file." };
        let flag = if setting.flag.is_empty() { String::new() } else { format!("Flag: {}. ", setting.flag) };
        let (about, variables, default) = (setting.about, variables.join(", "), setting.default);
        roff.text([roman(format!("{about}. {flag}Environment: {variables}. {files} Default: {default}."))]);
    }
    roff.control("SH", ["FILES"]);
    for (name, about) in [
        (PROJECT_FILE, "The project's, in the current folder or the nearest above that has one. It runs no command."),
        ("$XDG_CONFIG_HOME/hallway/config.toml", "The user's; without the variable, ~/.config/hallway/config.toml."),
    ] {
        roff.control("TP", []);
        roff.text([bold(name)]);
        roff.text([roman(about)]);
    }
    roff
}
