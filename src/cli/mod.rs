//! The command line: clap types, one file a command, and the only code that prints.

mod balance;
mod bench;
mod check;
mod complete;
mod config;
#[cfg(feature = "faults")]
mod delay;
mod draft;
mod eval;
mod export;
mod format;
mod formats;
mod given;
mod help;
mod ingest;
mod interrupt;
mod locate;
mod man;
mod open;
mod output;
mod overlap;
mod pager;
mod parse;
mod progress;
mod query;
mod remove;
mod search;
mod show;
mod similar;
mod stale;
mod status;
mod suggest;
mod topics;
mod trends;
mod usage;

use std::{collections::BTreeMap, path::PathBuf, process::ExitCode};

use clap::{Args, CommandFactory, Parser, Subcommand, error::ErrorKind as ClapError};

use config::Config;
use hallway::{
    error::{ErrorKind, Result},
    formats::{Overrides, fields},
    source::Rules,
};
use output::Output;

/// What the process says to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Status {
    /// Found; done, clean.
    Ok = 0,
    /// Nothing found.
    Nothing = 1,
    /// Done in part; what failed stands among the answers.
    Failed = EXIT_ERROR as isize,
    /// Done, but with problems listed.
    Problems = 3,
}

const EXIT_ERROR: u8 = 2;
/// EX_TEMPFAIL of sysexits.h: worth a retry.
const EXIT_BUSY: u8 = 75;

/// Help leads with what to type.
const TEMPLATE: &str = "\
{about-with-newline}
{before-help}{usage-heading} {usage}

{all-args}{after-help}";

const EXAMPLES: &str = "\
Examples:
  hallway search eBPF                            talks and reports, best first
  hallway search '\"error budget\" OR SLO'         a phrase, or a word
  hallway search Kubernetes --conference SREcon --year 2016..2023 --facets
  hallway show srecon-emea-2023/ebpf-superpowers-for-sre
  hallway ingest corpus                          read files into the index";

const NOTES: &str = "\
The index is the one that --index names, else HALLWAY_INDEX, else the nearer of a hallway.toml that names one and a \
folder index/ that hallway made, looked for from here upwards, else the one in your own configuration or in \
~/.local/share/hallway/index. `hallway status --config` shows each setting and where it comes from.

`hallway help query` tells what can be asked for.

Exit status: 0 found or done, 1 nothing found, 2 error, 3 done but with problems listed, 75 another process is writing \
to the index.";

/// Search conference talks and the reports that attendees write about them
#[derive(Debug, Parser)]
#[command(name = "hallway", version, before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
#[command(max_term_width = 80, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug, Default)]
#[command(next_help_heading = "Everywhere")]
struct Global {
    /// The index to use, instead of the nearest one [env: HALLWAY_INDEX]
    #[arg(long, global = true, value_name = "DIR")]
    index: Option<PathBuf>,
    /// When to colour: auto, always or never [env: HALLWAY_COLOR]
    #[arg(long, global = true, value_name = "WHEN", hide_possible_values = true)]
    color: Option<clap::ColorChoice>,
    /// Print pages without the pager [env: HALLWAY_PAGER, PAGER]
    #[arg(long, global = true)]
    no_pager: bool,
    /// Make an error of what would be tolerated with a note
    #[arg(long, global = true)]
    strict: bool,
    #[arg(skip)]
    config: Config,
}

/// In the place of the global `--index` where a command uses none: it is not in the help, and refused.
#[derive(Args, Debug)]
struct NoIndex {
    #[arg(long, hide = true, value_name = "DIR")]
    index: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find talks, bios and reports
    Search(search::Args),
    /// Print one record whole, with the bios printed with it
    Show(show::Args),
    /// Open a record's source in the editor, at its line
    Open(open::Args),
    /// Find the records that are like a talk or a draft
    Similar(similar::Args),
    /// Compare proposals with earlier talks and with each other
    Overlap(overlap::Args),
    /// Count who speaks and about what, against rules
    Balance(balance::Args),
    /// Count talks by year and by series
    Trends(trends::Args),
    /// List the topics that records are labelled with, or check a file of your own
    Topics(topics::Args),
    /// Complete what somebody types: names, topics, conferences
    Suggest(suggest::Args),
    /// Read programs and reports into the index
    Ingest(ingest::Args),
    /// Print the records of files as JSON Lines, without an index
    Parse(parse::Args),
    /// Print all records, or all that match, in a format for other programs
    Export(export::Args),
    /// Say what is in the index, and what was wrong with its sources
    Status(status::Args),
    /// Verify every byte of the index, and rebuild it where it is damaged
    Check(check::Args),
    /// Forget sources or records, and keep them out
    Remove(remove::Args),
    /// Measure how good the answers are
    Eval(eval::Args),
    /// Measure latency and memory on the index, and compare builds
    Bench(bench::Args),
    /// List the formats that can be read
    Formats(formats::Args),
    /// Print a shell's completion script
    Completions(complete::Args),
    /// Write the manual pages
    Man(man::Args),
}

/// Which files of a folder are taken.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Which files")]
struct WalkArgs {
    /// Leave out what matches, as a line of a .gitignore in each folder given: '*.txt', 'drafts/'
    #[arg(long, value_name = "GLOB")]
    exclude: Vec<String>,
    /// Take hidden files and folders as well
    #[arg(long)]
    hidden: bool,
    /// Take what .gitignore, .ignore and .hallwayignore name as well
    #[arg(long)]
    no_ignore: bool,
}

impl WalkArgs {
    fn get(&self) -> Rules {
        Rules { hidden: self.hidden, no_ignore: self.no_ignore, exclude: self.exclude.clone() }
    }

    /// Whether nothing is left out.
    fn is_all(&self) -> bool {
        self.hidden && self.no_ignore && self.exclude.is_empty()
    }
}

/// What a person knows about sources that the sources don't say.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "What the files don't say")]
struct OverrideArgs {
    /// Read the files as this format, and prose as reports, whatever it is about
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// The series that the files are about
    #[arg(long, value_name = "NAME")]
    series: Option<String>,
    /// The edition that the files are about
    #[arg(long, value_name = "NAME")]
    edition: Option<String>,
    /// The year of the conference
    #[arg(long, value_name = "YEAR", value_parser = clap::value_parser!(u16).range(1900..=2199))]
    year: Option<u16>,
    /// Who wrote the reports
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
    /// The column of a table (CSV, TSV) that holds a field: --map title=Name
    #[arg(long, value_name = "FIELD=COLUMN")]
    map: Vec<String>,
}

impl OverrideArgs {
    fn get(&self) -> Result<Overrides> {
        let overrides = Overrides {
            format: self.format.clone(),
            series: self.series.clone(),
            edition: self.edition.clone(),
            year: self.year,
            author: self.author.clone(),
            map: self.columns()?,
        };
        overrides.check()?;
        Ok(overrides)
    }

    /// The columns by field, in the order in which they were given.
    fn columns(&self) -> Result<BTreeMap<String, Vec<String>>> {
        let mut map: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for said in &self.map {
            let (field, column) = said.split_once('=').unwrap_or((said, ""));
            if field.trim().is_empty() || column.trim().is_empty() {
                let hint = format!("write --map FIELD=COLUMN; fields: {}", fields().join(", "));
                return Err(output::usage(&format!("--map \"{said}\" names no field or no column"), &hint));
            }
            map.entry(field.trim().to_lowercase()).or_default().push(column.trim().to_owned());
        }
        Ok(map)
    }
}

/// What was said of files, as the flags that say it.
fn flags(said: &Overrides) -> String {
    let Overrides { format, series, edition, year, author, map } = said;
    let year = year.map(|year| year.to_string());
    let flags =
        [("--as", format), ("--series", series), ("--edition", edition), ("--year", &year), ("--author", author)];
    let given =
        flags.into_iter().filter_map(|(flag, value)| Some(format!("{flag} {}", output::quoted(value.as_deref()?))));
    let columns = map.iter().flat_map(|(field, columns)| columns.iter().map(move |column| (field, column)));
    let maps = columns.map(|(field, column)| format!("--map {field}={}", output::quoted(column)));
    given.chain(maps).collect::<Vec<_>>().join(" ")
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    #[cfg(feature = "faults")]
    let began = std::time::Instant::now();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut output = Output::new(cli.command.wants_json());
    let result = cli.command.run(&cli.global, &mut output);
    let finished = output.finish();
    let result = result.and_then(|status| finished.map(|()| status));
    #[cfg(feature = "faults")]
    delay::after(began);
    interrupt::yield_to_signals();
    match result {
        Ok(status) => ExitCode::from(status as u8),
        Err(error) if output.reader_left() => {
            let _ = error;
            ExitCode::SUCCESS
        }
        Err(error) => {
            let error = usage::with_hint(error);
            output.error(&error, cli.global.config.color(cli.global.color).unwrap_or(clap::ColorChoice::Auto));
            ExitCode::from(if error.kind() == ErrorKind::Busy { EXIT_BUSY } else { EXIT_ERROR })
        }
    }
}

impl Command {
    fn run(&self, global: &Global, output: &mut Output) -> Result<Status> {
        if let (Some(_), Some(name)) = (&global.index, self.without_index()) {
            return Err(output::usage(&format!("`{name}` uses no index"), "leave out --index"));
        }
        match self {
            Command::Search(args) => search::run(args, global, output),
            Command::Show(args) => show::run(args, global, output),
            Command::Open(args) => open::run(args, global, output),
            Command::Similar(args) => similar::run(args, global, output),
            Command::Overlap(args) => overlap::run(args, global, output),
            Command::Balance(args) => balance::run(args, global, output),
            Command::Trends(args) => trends::run(args, global, output),
            Command::Topics(args) => topics::run(args, global, output),
            Command::Suggest(args) => suggest::run(args, global, output),
            Command::Ingest(args) => ingest::run(args, global, output),
            Command::Parse(args) => parse::run(args, global, output),
            Command::Export(args) => export::run(args, global, output),
            Command::Status(args) => status::run(args, global, output),
            Command::Check(args) => check::run(args, global, output),
            Command::Remove(args) => remove::run(args, global, output),
            Command::Eval(args) => eval::run(args, global, output),
            Command::Bench(args) => bench::run(args, global, output),
            Command::Formats(_) => formats::run(output),
            Command::Completions(args) => complete::run(args, global, output),
            Command::Man(args) => man::run(args, output),
        }
    }

    /// The name of a command that uses no index.
    fn without_index(&self) -> Option<&'static str> {
        match self {
            Command::Parse(_) => Some("parse"),
            Command::Eval(args) => args.without_index(),
            Command::Formats(_) => Some("formats"),
            Command::Completions(_) => Some("completions"),
            Command::Man(_) => Some("man"),
            _ => None,
        }
    }

    /// Whether an error, too, is to be JSON.
    fn wants_json(&self) -> bool {
        match self {
            Command::Search(args) => args.wants_json(),
            Command::Show(args) => args.format.wants_json(),
            Command::Export(args) => args.format.wants_json(),
            Command::Similar(args) => args.json,
            Command::Overlap(args) => args.wants_json(),
            Command::Balance(args) => args.json,
            Command::Trends(args) => args.wants_json(),
            Command::Topics(args) => args.json,
            Command::Suggest(args) => args.wants_json(),
            Command::Ingest(args) => args.json,
            Command::Status(args) => args.json,
            Command::Check(args) => args.json,
            Command::Remove(args) => args.json,
            Command::Eval(args) => args.wants_json(),
            Command::Bench(args) => args.json,
            Command::Open(_) | Command::Parse(_) | Command::Formats(_) | Command::Completions(_) | Command::Man(_) => {
                false
            }
        }
    }
}

/// clap's own message, in the words and with the exit status of all others.
fn usage(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ClapError::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(EXIT_ERROR);
    }
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    if let [help, name] = arguments.as_slice()
        && help == "help"
        && let Some(text) = help::topic(name)
    {
        let mut output = Output::new(false);
        let _ = output.write(|out| out.write_all(text.as_bytes()));
        let _ = output.flush();
        return ExitCode::SUCCESS;
    }
    let mut root = Cli::command();
    root.build();
    let error = usage::explain(error, &root, &arguments);
    let is_json = |pair: &[String]| pair[0] == "--format" && matches!(pair[1].as_str(), "json" | "jsonl");
    let wants_json = arguments.windows(2).any(is_json)
        || arguments.iter().any(|a| matches!(a.as_str(), "--json" | "--jsonl" | "--format=json" | "--format=jsonl"));
    let never = arguments.windows(2).any(|pair| pair == ["--color", "never"])
        || arguments.iter().any(|argument| argument == "--color=never");
    let color = if never { clap::ColorChoice::Never } else { clap::ColorChoice::Auto };
    Output::new(wants_json).error(&error, color);
    ExitCode::from(EXIT_ERROR)
}
