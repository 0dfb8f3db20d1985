//! `hallway balance`.

use std::path::{Path, PathBuf};

use hallway::{
    error::{Error, ErrorKind, Result},
    index::Index,
    overlap::{Rules, balance},
    record::{Kind, Record},
    search::{Filter, SearchRequest, each_match},
    source,
};

use super::{
    Global, Status, TEMPLATE, locate,
    output::{self, Output},
    overlap,
};

const EXAMPLES: &str = "\
Examples:
  hallway balance 'SREcon23 EMEA'
  hallway balance proposals.csv --rules rules.toml --json";

const NOTES: &str = "\
Rules are a TOML file with any of talks_per_speaker (2), organisation_share (0.15), first_time_share (0) and topic_share (1). \
Returning are speakers of whom the index has a talk of an earlier year, or for proposals any talk. Who has no organisation or \
topic is counted as unknown.

Exit status: 0 all rules are kept, 3 some are broken, 2 error.";

#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// An edition or series of the index, or files and folders with proposals
    #[arg(value_name = "EDITION|PROPOSALS", required = true)]
    program: Vec<String>,
    /// The rules to keep to
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    rules: Option<PathBuf>,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let rules = args.rules.as_deref().map(read_rules).transpose()?.unwrap_or_default();
    let index = locate::open(global, output)?;
    let paths: Vec<PathBuf> = args.program.iter().map(PathBuf::from).collect();
    let (talks, year) = if paths.iter().all(|path| path.exists()) {
        let (talks, problems) = overlap::read(&paths)?;
        problems.iter().for_each(|problem| output.problem(problem));
        (talks, None)
    } else {
        let talks = of_edition(&index, &args.program, global)?;
        let year = talks.iter().filter_map(|talk| talk.year).min();
        (talks, year)
    };
    if talks.is_empty() {
        return Err(output::usage("there is no talk", "`hallway search --facets=conference -n 0` lists the editions"));
    }
    let found = balance(&index, &talks, year, &rules)?;
    if args.json {
        output.json(&hallway::render::balance::json(&found, &rules, &talks))?;
    } else {
        output.page(global, &str::to_owned, |page| page.balance(&found, &talks))?;
    }
    Ok(if found.broken.is_empty() { Status::Ok } else { Status::Problems })
}

/// A file of rules is a few lines.
const RULES_BYTES_MAX: usize = 64 << 10;

fn read_rules(path: &Path) -> Result<Rules> {
    let refuse = |why: String| {
        let message = format!("{}: {why}", path.display());
        Error::new(ErrorKind::Input, message).hint("for example: talks_per_speaker = 2")
    };
    let bytes = source::read(path)?;
    if bytes.len() > RULES_BYTES_MAX {
        return Err(refuse("no rules are so long".to_owned()));
    }
    let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8".to_owned()))?;
    toml::from_str(&text).map_err(|error| refuse(error.message().to_owned()))
}

fn of_edition(index: &Index, names: &[String], global: &Global) -> Result<Vec<Record>> {
    let filter = |field: &str, values: Vec<String>| Filter { field: field.to_owned(), values };
    let filters = vec![filter("conference", names.to_vec()), filter("kind", vec![Kind::Talk.as_str().to_owned()])];
    let request = SearchRequest { filters, strict: global.strict, ..SearchRequest::default() };
    let mut talks = Vec::new();
    each_match(index, &request, |talk| {
        talks.push(talk);
        Ok(())
    })?;
    Ok(talks)
}
