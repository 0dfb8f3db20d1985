//! `hallway overlap`.

use std::{fs, path::PathBuf};

use hallway::{
    error::{Error, Problem, Result},
    overlap::{CallRequest, Comparison, Weights},
    record::Record,
    render::overlap::{editions, json, page, table},
    search::{Nearby, SearchRequest},
    source::{self, Rules, Shelf, SourceFile},
};

use super::{
    Global, Status, TEMPLATE, draft,
    format::{FigureArgs, FigureFormat},
    locate,
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
Lines; of a folder or an archive each file of prose is a proposal. With --blind all names and organisations that the \
proposals list become placeholders, also in the texts, before anything is compared.

Exit status: 0 done, 3 done but with problems listed, 2 error.";

#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files, folders and archives that hold the proposals
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
    #[command(flatten)]
    figure: FigureArgs,
}

impl Args {
    pub fn wants_json(&self) -> bool {
        self.figure.wants_json()
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    if !args.editions.is_empty() {
        return editions(args, global, output);
    }
    if args.figure.get() == FigureFormat::Svg {
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
    match args.figure.get() {
        FigureFormat::Json => output.json(&json(&call, &against, &output::locator()))?,
        FigureFormat::Csv => output.write(|out| table(out, &call))?,
        FigureFormat::Svg => {}
        FigureFormat::Text => output.page(global, &str::to_owned, |page| page.call(&call))?,
    }
    if !args.figure.wants_json() {
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
    match args.figure.get() {
        FigureFormat::Json => output.json(&editions::json(&found))?,
        FigureFormat::Csv => output.write(|out| editions::table(out, &found))?,
        FigureFormat::Svg => output.write(|out| editions::svg(out, &found, false))?,
        FigureFormat::Text => output.page(global, &str::to_owned, |page| page.editions(&found))?,
    }
    if !args.figure.wants_json() {
        found.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    }
    Ok(Status::Ok)
}

/// The proposals of files, in the order of their paths; a file that holds none is a problem.
pub(super) fn read(paths: &[PathBuf]) -> Result<(Vec<Record>, Vec<Problem>)> {
    let rules = Rules::default();
    let (files, problems) = source::list(paths, &rules, hallway::index::is_index_folder)?;
    let mut read = Read { shelf: Shelf::new(&[]), proposals: Vec::new(), problems };
    for file in &files {
        match read.shelf.listing(file) {
            Ok(None) => read.file(file),
            Ok(Some(listing)) => {
                read.problems.extend(listing.problems);
                let members = rules.within(&listing.contents)?;
                if members.is_empty() {
                    read.problem(file, "holds no file", "`hallway parse FILE` shows what is read of it");
                }
                members.into_iter().for_each(|member| read.file(&file.member(member)));
            }
            Err(error) => read.fail(file, &error),
        }
    }
    Ok((read.proposals, read.problems))
}

/// What has been read so far.
struct Read {
    shelf: Shelf,
    proposals: Vec<Record>,
    problems: Vec<Problem>,
}

impl Read {
    fn file(&mut self, file: &SourceFile) {
        let bytes = match self.shelf.read(file) {
            Ok(bytes) => bytes,
            Err(error) => return self.fail(file, &error),
        };
        let (records, found) = draft::records_of(file, &bytes);
        if records.is_empty() && found.is_empty() {
            let hint =
                "`hallway parse FILE` shows what is read of it; a table needs a header with a title and an abstract";
            self.problem(file, "holds no proposal", hint);
        }
        self.problems.extend(found);
        self.proposals.extend(records);
    }

    fn fail(&mut self, file: &SourceFile, error: &Error) {
        let hint = error.hint_text().unwrap_or("check the file and its permissions").to_owned();
        self.problem(file, &error.to_string(), &hint);
    }

    fn problem(&mut self, file: &SourceFile, what: &str, hint: &str) {
        self.problems.push(Problem::new(&file.path, None, what, hint));
    }
}
