//! `hallway parse`.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use hallway::{
    enrich::{Enricher, Vocabulary},
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides},
    record::Record,
    source::{self, Rules, Shelf, SourceFile},
};

use super::{
    Global, NoIndex, OverrideArgs, Status, TEMPLATE, WalkArgs,
    config::user_topics,
    given::{Inputs, StdinArgs},
    output::{Output, skipped},
};

const EXAMPLES: &str = "\
Examples:
  hallway parse program.txt | jq -r .title
  hallway parse --edition 'SREcon23 EMEA' day1.md
  hallway parse --exclude 'drafts/' ~/conferences
  hallway parse https://example.org/schedule.xml
  pandoc -t gfm day1.docx | hallway parse --as markdown -";

const NOTES: &str = "\
Of folders the same files are read as by `ingest`.

Exit status: 0 clean, 3 done but with problems listed, 2 nothing done.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Files, folders, archives, URLs, or `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// Topics beside hallway's own, by which records are labelled
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    topics: Option<OsString>,
    #[command(flatten)]
    stdin: StdinArgs,
    #[command(flatten)]
    overrides: OverrideArgs,
    #[command(flatten)]
    walk: WalkArgs,
    #[command(flatten)]
    _no_index: NoIndex,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let overrides = args.overrides.get()?;
    let mut inputs = Inputs::of(&args.paths, &args.stdin)?;
    let rules = args.walk.get();
    let (files, problems) = source::list(&inputs.paths, &rules, hallway::index::is_index_folder)?;
    let given = inputs.get(&args.stdin, &|_| None)?;
    let topics =
        args.topics.as_deref().filter(|path| !path.is_empty()).map(|path| user_topics(Path::new(path))).transpose()?;
    let vocabulary = Vocabulary::with(topics.as_ref())?;
    let mut run = Run {
        overrides,
        enricher: Enricher::new(vocabulary),
        shelf: Shelf::new(&given),
        held: global.strict.then(Vec::new),
        problems,
        notes: Vec::new(),
        pages: Vec::new(),
    };
    for file in given.iter().map(|given| SourceFile::given(&given.key)).chain(files) {
        run.enter(&file, &rules, output)?;
    }
    run.end(output)
}

/// What has come of the files so far.
struct Run {
    overrides: Overrides,
    enricher: Enricher,
    shelf: Shelf,
    /// With --strict, the records: none is printed before all are known to be clean.
    held: Option<Vec<Record>>,
    problems: Vec<Problem>,
    notes: Vec<(String, String)>,
    pages: Vec<String>,
}

impl Run {
    /// Parses a file, or if it is an archive, what the rules leave of it.
    fn enter(&mut self, file: &SourceFile, rules: &Rules, output: &mut Output) -> Result<()> {
        let listing = match self.shelf.listing(file) {
            Ok(Some(listing)) => listing,
            Ok(None) => return self.parse(file, output),
            Err(error) => {
                self.fail(file, &error);
                return Ok(());
            }
        };
        self.problems.extend(listing.problems);
        self.notes.extend(listing.notes.into_iter().map(|note| (file.path.clone(), note)));
        rules.within(&listing.contents)?.into_iter().try_for_each(|member| self.parse(&file.member(member), output))
    }

    fn fail(&mut self, file: &SourceFile, error: &Error) {
        let hint = error.hint_text().unwrap_or("check the file and its permissions").to_owned();
        self.problems.push(Problem::new(&file.path, None, error.to_string(), hint));
    }

    fn parse(&mut self, file: &SourceFile, output: &mut Output) -> Result<()> {
        let bytes = match self.shelf.read(file) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.fail(file, &error);
                return Ok(());
            }
        };
        if let Some(note) = source::nested(file, &bytes) {
            self.notes.push((file.path.clone(), note.to_owned()));
            return Ok(());
        }
        let mut parsed = formats::parse_beside(file, &bytes, &self.overrides, &self.shelf);
        self.enricher.enrich(&mut parsed.records);
        self.pages.extend(parsed.is_page.then(|| file.path.clone()));
        self.problems.extend(parsed.problems);
        if self.held.is_some() {
            self.problems.extend(parsed.tolerated);
        }
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
