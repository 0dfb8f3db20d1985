//! `hallway parse`.

use std::{
    io,
    path::{Path, PathBuf},
};

use hallway::{
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides},
    record::Record,
    source::{self, Shelf, SourceFile},
};

use super::{
    Global, NoIndex, OverrideArgs, Status, TEMPLATE, WalkArgs,
    output::{Output, skipped},
};

const EXAMPLES: &str = "\
Examples:
  hallway parse program.txt | jq -r .title
  hallway parse --edition 'SREcon23 EMEA' day1.md
  hallway parse --exclude 'drafts/' ~/conferences
  curl -s https://example.org/report.md | hallway parse -";

const NOTES: &str = "\
Of folders the same files are read as by `ingest`.

Exit status: 0 clean, 3 done but with problems listed, 2 nothing done.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files and folders, or `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
    #[command(flatten)]
    walk: WalkArgs,
    #[command(flatten)]
    _no_index: NoIndex,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let overrides = args.overrides.get()?;
    let (stdin, paths): (Vec<_>, Vec<_>) = args.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let (files, problems) = source::list(&paths, &args.walk.get(), hallway::index::is_index_folder)?;
    let mut run = Run {
        overrides,
        shelf: Shelf::default(),
        held: global.strict.then(Vec::new),
        problems,
        notes: Vec::new(),
        pages: Vec::new(),
    };
    if !stdin.is_empty() {
        let bytes = source::read_limited(io::stdin().lock(), Path::new("standard input"));
        let file = SourceFile { root: String::new(), path: "standard-input".to_owned() };
        run.parse(&file, bytes, output)?;
    }
    for file in &files {
        run.parse(file, source::read(&file.full_path()), output)?;
    }
    run.end(output)
}

/// What has come of the files so far.
struct Run {
    overrides: Overrides,
    shelf: Shelf,
    /// With --strict, the records: none is printed before all are known to be clean.
    held: Option<Vec<Record>>,
    problems: Vec<Problem>,
    notes: Vec<(String, String)>,
    pages: Vec<String>,
}

impl Run {
    fn parse(&mut self, file: &SourceFile, bytes: Result<Vec<u8>>, output: &mut Output) -> Result<()> {
        let bytes = match bytes {
            Ok(bytes) => bytes,
            Err(error) => {
                let hint = error.hint_text().unwrap_or("check the file and its permissions").to_owned();
                self.problems.push(Problem::new(&file.path, None, error.to_string(), hint));
                return Ok(());
            }
        };
        let mut parsed = formats::parse_beside(file, &bytes, &self.overrides, &self.shelf);
        hallway::enrich::enrich(&mut parsed.records);
        self.pages.extend(parsed.is_page.then(|| file.path.clone()));
        self.problems.extend(parsed.problems);
        self.notes.extend(parsed.notes.into_iter().map(|note| (file.path.clone(), note)));
        match &mut self.held {
            Some(held) => held.extend(parsed.records),
            None => parsed.records.iter().try_for_each(|record| output.json(record))?,
        }
        Ok(())
    }

    fn end(self, output: &mut Output) -> Result<Status> {
        if let (Some(held), problem) = (&self.held, self.problems.first()) {
            if let Some(problem) = problem {
                let error = Error::new(ErrorKind::Input, problem.to_string());
                return Err(error.hint("without --strict the rest is printed"));
            }
            held.iter().try_for_each(|record| output.json(record))?;
        }
        self.problems.iter().for_each(|problem| output.problem(problem));
        output.notes(&self.notes);
        if !self.pages.is_empty() {
            output.note(&skipped(&self.pages));
        }
        Ok(if self.problems.is_empty() { Status::Ok } else { Status::Problems })
    }
}
