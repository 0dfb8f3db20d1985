//! `hallway parse`.

use std::{
    io,
    path::{Path, PathBuf},
};

use hallway::{
    error::{Error, ErrorKind, Problem, Result},
    formats::{self, Overrides},
    source::{self, SourceFile},
};

use super::{
    Global, OverrideArgs, Status,
    output::{Output, skipped},
};

const EXAMPLES: &str = "\
Examples:
  hallway parse program.txt | jq -r .title
  hallway parse --edition 'SREcon23 EMEA' day1.md
  curl -s https://example.org/report.md | hallway parse -

Exit status: 0 clean, 3 done but with problems listed, 2 nothing done.";

#[derive(clap::Args, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files and folders, or `-` for standard input
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    overrides: OverrideArgs,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let overrides = args.overrides.get()?;
    let (stdin, paths): (Vec<_>, Vec<_>) = args.paths.iter().cloned().partition(|path| path == Path::new("-"));
    let (files, mut problems) = source::list(&paths, &hallway::index::is_index_folder)?;
    let (mut n_pages, mut notes) = (0, Vec::new());
    let mut one = |file: &SourceFile, bytes: Result<Vec<u8>>, output: &mut Output| -> Result<Vec<Problem>> {
        match bytes {
            Ok(bytes) => parse_one(file, &bytes, &overrides, &mut n_pages, &mut notes, output),
            Err(error) => {
                let hint = error.hint_text().unwrap_or("check the file and its permissions");
                Ok(vec![Problem::new(&file.path, None, error.to_string(), hint)])
            }
        }
    };
    if !stdin.is_empty() {
        let bytes = source::read_limited(io::stdin().lock(), Path::new("standard input"));
        let file = SourceFile { root: String::new(), path: "standard-input".to_owned() };
        problems.extend(one(&file, bytes, output)?);
    }
    for file in &files {
        problems.extend(one(file, source::read(&file.full_path()), output)?);
    }
    if let (true, Some(problem)) = (global.strict, problems.first()) {
        return Err(Error::new(ErrorKind::Input, problem.to_string()).hint("without --strict the rest is printed"));
    }
    problems.iter().for_each(|problem| output.problem(problem));
    output.notes(&notes);
    if n_pages > 0 {
        output.note(&format!("note: {}", skipped(n_pages)));
    }
    Ok(if problems.is_empty() { Status::Ok } else { Status::Problems })
}

fn parse_one(
    file: &SourceFile,
    bytes: &[u8],
    overrides: &Overrides,
    n_pages: &mut u64,
    notes: &mut Vec<(String, String)>,
    output: &mut Output,
) -> Result<Vec<Problem>> {
    let mut parsed = formats::parse(file, bytes, overrides);
    hallway::enrich::enrich(&mut parsed.records);
    *n_pages += u64::from(parsed.is_page);
    for record in &parsed.records {
        output.json(record)?;
    }
    notes.extend(parsed.notes.into_iter().map(|note| (file.path.clone(), note)));
    Ok(parsed.problems)
}
