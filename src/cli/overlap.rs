//! `hallway overlap`.

use std::{fs, path::PathBuf};

use hallway::{
    error::{Error, Problem, Result},
    overlap::{CallRequest, Comparison, Weights},
    record::Record,
    render::overlap::{editions, json, page, table},
    search::{Nearby, SearchRequest},
    source::{self, Rules},
};

use super::{
    Global, Status, TEMPLATE, draft, locate,
    output::{self, Output},
    progress::Progress,
};

const EXAMPLES: &str = "\
Examples:
  hallway overlap proposals.csv --against series:SREcon
  hallway overlap proposals/ --html overlap.html
  hallway overlap proposals.csv --blind --json
  hallway overlap --editions 'PromCon 2016' 'PromCon 2018' 'PromCon 2023'";

const NOTES: &str = "\
Proposals are read as `hallway parse` reads talks: exports of pretalx, Sessionize, EasyChair and HotCRP, CSV, JSON, JSON \
Lines; of a folder each file of prose is a proposal. With --blind all names and organisations that the proposals list \
become placeholders, also in the texts, before anything is compared.

Exit status: 0 done, 3 done but with problems listed, 2 error.";

#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files and folders that hold the proposals
    #[arg(value_name = "PROPOSALS", required_unless_present = "editions")]
    proposals: Vec<PathBuf>,
    /// Compare editions or series of the index with each other instead
    #[arg(long, value_name = "NAME", num_args = 2.., conflicts_with_all = ["proposals", "against", "blind"])]
    editions: Vec<String>,
    /// Look for earlier talks among what this query finds: 'series:SREcon year:2018..'
    #[arg(long, value_name = "QUERY")]
    against: Option<String>,
    /// Let no name count or be shown
    #[arg(long)]
    blind: bool,
    /// Write a page to pass round to this file
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text, help_heading = "Output")]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format", help_heading = "Output")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// A page to read
    Text,
    /// A document with all evidence
    Json,
    /// A table, a row a proposal or a pair of editions
    Csv,
    /// A picture, of editions
    Svg,
}

impl Args {
    fn format(&self) -> Format {
        if self.json { Format::Json } else { self.format }
    }

    pub fn wants_json(&self) -> bool {
        self.format() == Format::Json
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    if !args.editions.is_empty() {
        return editions(args, global, output);
    }
    if args.format() == Format::Svg {
        return Err(output::usage("proposals have no picture", "--html FILE writes a page with pictures"));
    }
    let (proposals, problems) = read(&args.proposals)?;
    problems.iter().for_each(|problem| output.problem(problem));
    if let (Some(problem), true) = (problems.first(), global.strict || proposals.is_empty()) {
        return Err(Error::new(hallway::error::ErrorKind::Input, problem.to_string()).hint(&problem.hint));
    }
    let index = locate::open(global, output)?;
    let against = args.against.clone().unwrap_or_default();
    let within = SearchRequest {
        query: against.clone(),
        strict: global.strict,
        synonyms: Some(global.config.synonyms(None)?),
        ..SearchRequest::default()
    };
    let request = CallRequest { within, blind: args.blind };
    let nearby = Nearby::new(&index);
    let weights = Weights::new(&nearby);
    let mut bar = Progress::new("comparing", "proposals");
    let n_all = proposals.len() as u64;
    let mut progress = |n: usize| bar.show(n as u64, n_all, String::new());
    let call = Comparison::new(&nearby, &weights).call(&index, &proposals, &request, &mut progress);
    drop(bar);
    let call = call?;
    if let Some(path) = &args.html {
        let mut bytes = Vec::new();
        page(&mut bytes, &call, &against).map_err(|cause| Error::io("can't write", path, cause))?;
        fs::write(path, &bytes).map_err(|cause| Error::io("can't write", path, cause))?;
    }
    match args.format() {
        Format::Json => output.json(&json(&call, &against, &output::locator()))?,
        Format::Csv => output.write(|out| table(out, &call))?,
        Format::Svg => {}
        Format::Text => output.page(global, &str::to_owned, |page| page.call(&call))?,
    }
    if !args.wants_json() {
        call.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    }
    Ok(if problems.is_empty() { Status::Ok } else { Status::Problems })
}

fn editions(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    let nearby = Nearby::new(&index);
    let weights = Weights::new(&nearby);
    let mut bar = Progress::new("comparing", "talks");
    let mut progress = |n: usize, of: usize| bar.show(n as u64, of as u64, String::new());
    let found = Comparison::new(&nearby, &weights).editions(&args.editions, &mut progress);
    drop(bar);
    let found = found?;
    if let Some(path) = &args.html {
        let mut bytes = Vec::new();
        editions::page(&mut bytes, &found).map_err(|cause| Error::io("can't write", path, cause))?;
        fs::write(path, &bytes).map_err(|cause| Error::io("can't write", path, cause))?;
    }
    match args.format() {
        Format::Json => output.json(&editions::json(&found))?,
        Format::Csv => output.write(|out| editions::table(out, &found))?,
        Format::Svg => output.write(|out| editions::svg(out, &found, false))?,
        Format::Text => output.page(global, &str::to_owned, |page| page.editions(&found))?,
    }
    if !args.wants_json() {
        found.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    }
    Ok(Status::Ok)
}

/// The proposals of files, in the order of their paths; a file that holds none is a problem.
pub(super) fn read(paths: &[PathBuf]) -> Result<(Vec<Record>, Vec<Problem>)> {
    let (files, mut problems) = source::list(paths, &Rules::default(), hallway::index::is_index_folder)?;
    let mut proposals = Vec::new();
    for file in &files {
        let bytes = match source::read(&file.full_path()) {
            Ok(bytes) => bytes,
            Err(error) => {
                problems.push(Problem::new(&file.path, None, error.to_string(), "check the file and its permissions"));
                continue;
            }
        };
        let (records, found) = draft::records_of(file, &bytes);
        if records.is_empty() && found.is_empty() {
            let hint =
                "`hallway parse FILE` shows what is read of it; a table needs a header with a title and an abstract";
            problems.push(Problem::new(&file.path, None, "holds no proposal", hint));
        }
        problems.extend(found);
        proposals.extend(records);
    }
    Ok((proposals, problems))
}
