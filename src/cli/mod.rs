//! The command line: clap types, one file a command, and the only code that prints.

mod bench;
mod check;
#[cfg(feature = "faults")]
mod delay;
mod eval;
mod export;
mod filter;
mod format;
mod ingest;
mod interrupt;
mod locate;
mod open;
mod output;
mod pager;
mod parse;
mod progress;
mod remove;
mod search;
mod show;
mod stale;
mod status;

use std::{path::PathBuf, process::ExitCode};

use clap::{
    Args, CommandFactory, Parser, Subcommand,
    error::{ContextKind, ContextValue, ErrorKind as ClapError},
};

use hallway::{
    error::{Error, ErrorKind, Result},
    formats::{FORMATS, Overrides},
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

const EXAMPLES: &str = "\
Examples:
  hallway search eBPF                          talks and reports, best first
  hallway search '\"error budget\" -incident'    a phrase, and a word to leave out
  hallway search Kubernetes --year 2016..2023 --conference SREcon --facets
  hallway ingest ~/conferences                 read programs and reports into an index
  hallway show srecon-emea-2023/ebpf-superpowers-for-sre";

/// Search conference talks and the reports that attendees write about them.
#[derive(Debug, Parser)]
#[command(name = "hallway", version, after_help = EXAMPLES, max_term_width = 100, arg_required_else_help = true)]
struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

#[derive(Args, Debug)]
struct Global {
    /// The index to use, instead of the nearest one [env: HALLWAY_INDEX]
    #[arg(long, global = true, value_name = "DIR")]
    index: Option<PathBuf>,
    /// When to colour: auto, always or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", hide_default_value = true)]
    color: clap::ColorChoice,
    /// Print pages without the pager [env: HALLWAY_PAGER, PAGER]
    #[arg(long, global = true)]
    no_pager: bool,
    /// Make an error of what would be tolerated with a note
    #[arg(long, global = true)]
    strict: bool,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Find talks, bios and reports
    Search(search::Args),
    /// Print one record whole, with the bios printed with it
    Show(show::Args),
    /// Open a record's source in the editor, at its line
    Open(open::Args),
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
    Formats,
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
    #[arg(long, value_name = "YEAR")]
    year: Option<u16>,
    /// Who wrote the reports
    #[arg(long, value_name = "NAME")]
    author: Option<String>,
}

impl OverrideArgs {
    fn get(&self) -> Result<Overrides> {
        let overrides = Overrides {
            format: self.format.clone(),
            series: self.series.clone(),
            edition: self.edition.clone(),
            year: self.year,
            author: self.author.clone(),
        };
        overrides.check()?;
        Ok(overrides)
    }
}

/// What was said of files, as the flags that say it.
fn flags(said: &Overrides) -> String {
    let Overrides { format, series, edition, year, author } = said;
    let year = year.map(|year| year.to_string());
    let flags =
        [("--as", format), ("--series", series), ("--edition", edition), ("--year", &year), ("--author", author)];
    let given =
        flags.into_iter().filter_map(|(flag, value)| Some(format!("{flag} {}", output::quoted(value.as_deref()?))));
    given.collect::<Vec<_>>().join(" ")
}

/// Runs the command that the process was started with.
pub fn run() -> ExitCode {
    #[cfg(feature = "faults")]
    let began = std::time::Instant::now();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    let mut output = Output::new(cli.global.color, cli.global.no_pager, cli.command.wants_json());
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
            output.error(&error);
            ExitCode::from(if error.kind() == ErrorKind::Busy { EXIT_BUSY } else { EXIT_ERROR })
        }
    }
}

impl Command {
    fn run(&self, global: &Global, output: &mut Output) -> Result<Status> {
        match self {
            Command::Search(args) => search::run(args, global, output),
            Command::Show(args) => show::run(args, global, output),
            Command::Open(args) => open::run(args, global, output),
            Command::Ingest(args) => ingest::run(args, global, output),
            Command::Parse(args) => parse::run(args, global, output),
            Command::Export(args) => export::run(args, global, output),
            Command::Status(args) => status::run(args, global, output),
            Command::Check(args) => check::run(args, global, output),
            Command::Remove(args) => remove::run(args, global, output),
            Command::Eval(args) => eval::run(args, global, output),
            Command::Bench(args) => bench::run(args, global, output),
            Command::Formats => list_formats(output),
        }
    }

    /// Whether an error, too, is to be JSON.
    fn wants_json(&self) -> bool {
        match self {
            Command::Search(args) => args.wants_json(),
            Command::Show(args) => args.format.wants_json(),
            Command::Export(args) => args.format.wants_json(),
            Command::Ingest(args) => args.json,
            Command::Status(args) => args.json,
            Command::Check(args) => args.json,
            Command::Remove(args) => args.json,
            Command::Eval(args) => args.wants_json(),
            Command::Bench(args) => args.json,
            Command::Open(_) | Command::Parse(_) | Command::Formats => false,
        }
    }
}

fn list_formats(output: &mut Output) -> Result<Status> {
    for format in FORMATS {
        output.line(&format!("{:<10} {}", format.name, format.about))?;
    }
    Ok(Status::Ok)
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
    let rendered = error.render().to_string();
    let message = rendered.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned();
    let tips: Vec<_> = rendered.lines().filter_map(|line| line.trim().strip_prefix("tip: ")).collect();
    let command = Cli::command();
    let name = arguments.iter().find(|argument| command.find_subcommand(argument).is_some());
    let dashed = dashed_word(error, &arguments).filter(|_| name.is_some_and(|name| name == "search"));
    let error = if let Some(word) = dashed {
        Error::new(ErrorKind::Usage, format!("there is no flag {word}")).hint(format!(
            "to leave out a word, put `--` before it (`hallway search -- ebpf {word}`) or write `NOT {}`",
            &word[1..]
        ))
    } else {
        let help = |name: &String| {
            let below = command.find_subcommand(name).into_iter().flat_map(clap::Command::get_subcommands);
            let below =
                below.map(clap::Command::get_name).find(|below| arguments.iter().any(|argument| argument == below));
            format!("`hallway {name}{} --help`", below.map(|below| format!(" {below}")).unwrap_or_default())
        };
        let help = name.map_or("`hallway --help`".to_owned(), help);
        let hint = if tips.is_empty() { format!("see {help}") } else { format!("{}; see {help}", tips.join("; ")) };
        Error::new(ErrorKind::Usage, message).hint(hint)
    };
    let is_json = |pair: &[String]| pair[0] == "--format" && matches!(pair[1].as_str(), "json" | "jsonl");
    let wants_json = arguments.windows(2).any(is_json)
        || arguments.iter().any(|a| matches!(a.as_str(), "--json" | "--jsonl" | "--format=json" | "--format=jsonl"));
    Output::new(clap::ColorChoice::Auto, true, wants_json).error(&error);
    ExitCode::from(EXIT_ERROR)
}

/// The argument such as `-pager` that clap took for flags: it reads it letter by letter and names the first.
fn dashed_word<'a>(error: &clap::Error, arguments: &'a [String]) -> Option<&'a String> {
    if error.kind() != ClapError::UnknownArgument {
        return None;
    }
    let Some(ContextValue::String(named)) = error.get(ContextKind::InvalidArg) else { return None };
    arguments.iter().take_while(|argument| *argument != "--").find(|argument| {
        argument.starts_with('-') && !argument.starts_with("--") && argument.starts_with(named.as_str())
    })
}
