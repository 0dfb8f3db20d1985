//! `hallway eval`.

use std::{
    ffi::OsString,
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use hallway::{
    enrich::{Enricher, Vocabulary},
    error::{Error, ErrorKind, Result},
    eval::{
        self, Comparison, Evaluation, Judged, Judgements, Run, compare, evaluate, evaluate_overlap, index_documents,
    },
    ingest::vocabulary,
    query::{SIGNALS, Signal, Signals},
    render::{
        self,
        eval::{Tables, json, overlap, trec_run},
    },
    source,
};
use serde::Serialize;

use super::{
    Global, NoIndex, Status, TEMPLATE, ingest, interrupt, locate,
    output::{self, Output, many},
    progress::Progress,
};

const EXAMPLES: &str = "\
Examples:
  hallway eval rank cranfield                            nDCG@10, MAP, recall
  hallway eval rank cranfield cisi --save before.json    keep the figures
  hallway eval rank cranfield cisi --baseline before.json
                                          what changed since, and if by chance
  hallway eval rank cranfield --run run.txt && trec_eval -c qrels.txt run.txt";

const NOTES: &str = "\
DIR holds docs.jsonl (records, as `ingest` reads them), queries.jsonl (id and text) and qrels.tsv (query, document and \
grade with tabs between, or TREC's four columns). A grade above 0 is relevant. The documents are indexed in a temporary \
folder; each query is ranked as `search` does, 1000 deep. Means are over the queries with a relevant document, those \
that find nothing included.

Exit status: 0 done, 3 done but with problems listed, 2 error.";

const TOPICS_EXAMPLES: &str = "\
Examples:
  hallway eval topics labels.jsonl   precision, recall, a row a topic
  hallway eval topics labels.jsonl --topics ours.toml";

const TOPICS_NOTES: &str = "\
A line of FILE is {\"id\": …, \"labels\": […]}: a record's id or a report's passage's, and the topics that a person gave \
it; \"acceptable\": […] has those that are no mistake where they are given, and none where they are not. The records are \
those of the index, labelled anew. Precision and recall are over all labels together; macro F1 is the mean over topics \
with 8 labels or more. The strict figures take what is only acceptable for wrong.

Exit status: 0 done, 3 done but with problems listed, 2 error.";

#[derive(clap::Args, Debug)]
#[command(arg_required_else_help = true, before_help = EXAMPLES, help_template = TEMPLATE)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Measure the ranking on collections whose relevant documents are known
    Rank(RankArgs),
    /// Measure how well `similar` finds a talk again, on talks that a collection holds twice
    Overlap(OverlapArgs),
    /// Measure topics on records that people have labelled
    Topics(TopicsArgs),
}

const OVERLAP_EXAMPLES: &str = "\
Examples:
  hallway export --kind talk > talks.jsonl && hallway eval overlap talks.jsonl
  hallway eval overlap talks.jsonl --talks 200 --json";

const OVERLAP_NOTES: &str = "\
Talks of one title by one person at two editions are the gold; titles are then taken away, also from the texts, and each \
talk is looked for by its text and its speakers' names. Rewritten are those of which less than 0.3 of the runs of three words \
are the same. Half of the groups of talks is held back: what is tuned is tuned on the other.

Exit status: 0 done, 3 done but with problems listed, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = OVERLAP_EXAMPLES, after_long_help = OVERLAP_NOTES, help_template = TEMPLATE)]
struct OverlapArgs {
    /// What `hallway export --kind talk` writes
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Ask for so many of the talks at most
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true)]
    talks: usize,
    /// Pairs that somebody has read: two ids and `same` or `different` a line, between tabs
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    judged: Option<PathBuf>,
    /// Write what was compared to this file, a pair a line
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    pairs: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    _no_index: NoIndex,
}

#[derive(clap::Args, Debug)]
#[command(before_help = TOPICS_EXAMPLES, after_long_help = TOPICS_NOTES, help_template = TEMPLATE)]
struct TopicsArgs {
    /// Labels, a record or passage a line
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The lines of this half alone: dev, held
    #[arg(long, value_name = "NAME")]
    half: Option<String>,
    /// Topics beside hallway's own, instead of those that the index remembers
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    topics: Option<OsString>,
    /// Learn from the labels of the halves `dev` and `fit`, by hallway's own topics alone, and write what was learned to this
    /// file
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath, conflicts_with_all = ["half", "json", "topics"])]
    fit: Option<PathBuf>,
    /// Mistakes to print, the worst first
    #[arg(long, value_name = "N", default_value_t = 10)]
    mistakes: usize,
    /// Print JSON, with every mistake
    #[arg(long)]
    json: bool,
}

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
struct RankArgs {
    /// Folders with docs.jsonl, queries.jsonl and qrels.tsv
    #[arg(value_name = "DIR", required = true)]
    dirs: Vec<PathBuf>,
    /// Print a line for each query
    #[arg(long)]
    per_query: bool,
    /// Keep the figures in a file, with the first 100 records of each query
    #[arg(long, value_name = "RUN.json")]
    save: Option<PathBuf>,
    /// Compare with figures that --save kept: differences, their p-values, the queries that moved most
    #[arg(long, value_name = "RUN.json")]
    baseline: Option<PathBuf>,
    /// Write the rankings in TREC's run format
    #[arg(long, value_name = "FILE")]
    run: Option<PathBuf>,
    /// Leave signals out of the scores
    #[arg(long, value_name = "SIGNALS", value_delimiter = ',', value_parser = signals())]
    without: Vec<Signal>,
    /// Print JSON, with each query
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    _no_index: NoIndex,
}

impl Args {
    pub fn wants_json(&self) -> bool {
        match &self.command {
            Command::Rank(args) => args.json,
            Command::Overlap(args) => args.json,
            Command::Topics(args) => args.json,
        }
    }

    /// The command's name where it uses no index.
    pub fn without_index(&self) -> Option<&'static str> {
        matches!(self.command, Command::Rank(_) | Command::Overlap(_)).then_some("eval")
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    match &args.command {
        Command::Rank(args) => rank(args, global, output),
        Command::Overlap(args) => overlaps(args, output),
        Command::Topics(args) => topics(args, global, output),
    }
}

fn overlaps(args: &OverlapArgs, output: &mut Output) -> Result<Status> {
    let judgements = match &args.judged {
        Some(path) => Judgements::read(&source::read_text(path)?, path)?,
        None => Judgements::default(),
    };
    let folder = interrupt::folder("hallway-eval-")?;
    let mut bar = Progress::new("indexing the talks", "talks");
    let mut progress = |n: usize, of: usize| bar.show(n as u64, of as u64, String::new());
    let found =
        evaluate_overlap(&args.file, &judgements, folder.path(), args.talks, locate::n_threads(), &mut progress);
    drop(bar);
    let found = found?;
    if let Some(path) = &args.pairs {
        write_lines(path, &found.pairs)?;
    }
    found.problems.iter().take(ingest::PROBLEMS_SHOWN).for_each(|problem| output.problem(problem));
    if args.json {
        output.json(&found)?;
    } else {
        output.write(|out| overlap(out, &found))?;
    }
    Ok(if found.problems.is_empty() { Status::Ok } else { Status::Problems })
}

/// Writes values as JSON, one a line.
fn write_lines(path: &Path, values: &[impl Serialize]) -> Result<()> {
    let failed = |cause: std::io::Error| Error::io("can't write", path, cause);
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    for value in values {
        serde_json::to_writer(&mut out, value).map_err(|error| failed(error.into()))?;
        out.write_all(b"\n").map_err(failed)?;
    }
    out.flush().map_err(failed)
}

fn topics(args: &TopicsArgs, global: &Global, output: &mut Output) -> Result<Status> {
    let labelled = eval::topics::read(&args.file, args.half.as_deref())?;
    let index = locate::open(global, output)?;
    if let Some(path) = &args.fit {
        let learned = eval::topics::fit(&index, &args.file, &labelled)?;
        fs::write(path, learned.print()).map_err(|cause| Error::io("can't write", path, cause))?;
        return Ok(Status::Ok);
    }
    let vocabulary = match global.config.topics(args.topics.as_deref().map(Path::new))? {
        Some(given) => Vocabulary::with(Some(&given).filter(|given| !given.text.is_empty()))?,
        None => vocabulary(&index)?.0,
    };
    let mut evaluation = eval::topics::evaluate(&index, &args.file, &labelled, &mut Enricher::new(vocabulary))?;
    evaluation.mistakes_max = Some(args.mistakes);
    if args.json {
        output.json(&evaluation)?;
    } else {
        evaluation.problems.iter().take(ingest::PROBLEMS_SHOWN).for_each(|problem| output.problem(problem));
        output.write(|out| render::topics::evaluation(out, &evaluation))?;
    }
    Ok(if evaluation.problems.is_empty() { Status::Ok } else { Status::Problems })
}

fn rank(args: &RankArgs, global: &Global, output: &mut Output) -> Result<Status> {
    if args.run.is_some() && args.dirs.len() > 1 {
        return Err(output::usage("--run is of one folder", "run it once for each: ids of several would mix"));
    }
    let baseline = args.baseline.as_deref().map(|path| Ok((path, Run::read(path)?))).transpose()?;
    let bar = Progress::new("reading the judgments", "");
    let mut collections = args.dirs.iter().map(|dir| Judged::read(dir)).collect::<Result<Vec<Judged>>>()?;
    drop(bar);
    // What can't be compared is not worth the wait.
    for judged in &collections {
        baseline.as_ref().map(|(path, run)| run.evaluation_of(judged, path)).transpose()?;
    }
    let mut evaluations = Vec::new();
    let mut comparisons: Vec<Option<Comparison>> = Vec::new();
    for judged in &mut collections {
        let signals = args.without.iter().fold(Signals::default(), |signals, one| signals.without(*one));
        let evaluation = evaluate_one(judged, signals, args.run.as_deref(), global)?;
        if let (Some(problem), true) = (evaluation.problems.first(), global.strict) {
            let error = Error::new(ErrorKind::Input, problem.to_string());
            return Err(error.hint("without --strict the rest is evaluated"));
        }
        let earlier = baseline.as_ref().map(|(path, run)| run.evaluation_of(judged, path)).transpose()?;
        comparisons.push(earlier.map(|earlier| compare(earlier, &evaluation)).transpose()?);
        evaluations.push(evaluation);
    }
    let run = Run::new(evaluations);
    if let Some(path) = &args.save {
        let text = serde_json::to_vec(&run).unwrap_or_default();
        fs::write(path, text).map_err(|cause| Error::io("can't write", path, cause))?;
    }
    if args.json {
        output.json(&json(&run, &comparisons))?;
    } else {
        let baseline = args.baseline.as_deref().unwrap_or(Path::new(""));
        print(&run, &comparisons, baseline, args.per_query, output)?;
    }
    let is_clean = run.collections.iter().all(|evaluation| evaluation.problems.is_empty());
    Ok(if is_clean { Status::Ok } else { Status::Problems })
}

/// The names of the signals that can be left out, and which they are.
fn signals() -> impl clap::builder::TypedValueParser<Value = Signal> {
    let optional = || SIGNALS.iter().filter(|row| row.signal != Signal::Words);
    let names = optional().map(|row| PossibleValue::new(row.name).help(row.help));
    let signal = move |name: String| optional().find(|row| row.name == name).map_or(Signal::Words, |row| row.signal);
    PossibleValuesParser::new(names).map(signal)
}

/// Indexes a collection in a folder that is gone afterwards, and ranks its queries.
fn evaluate_one(judged: &mut Judged, signals: Signals, run: Option<&Path>, global: &Global) -> Result<Evaluation> {
    let folder = interrupt::folder("hallway-eval-")?;
    let mut bar = Progress::new("indexing the documents", "queries");
    let index = index_documents(judged, &folder.path().join("index"), locate::n_threads())?;
    let create = |path| File::create(path).map_err(|cause| Error::io("can't write", path, cause));
    let mut file = run.map(|path| Ok((path, BufWriter::new(create(path)?)))).transpose()?;
    let (mut n_done, n_all) = (0, judged.queries.len() as u64);
    let evaluation = evaluate(&index, judged, signals, global.strict, &mut |query, hits| {
        n_done += 1;
        bar.show(n_done, n_all, output::shown(&format!(" · {}", judged.name)));
        let Some((path, file)) = &mut file else { return Ok(()) };
        let lines = trec_run(&query.id, hits)?;
        file.write_all(lines.as_bytes()).map_err(|cause| Error::io("can't write", path, cause))
    });
    drop(bar);
    if let Some((path, mut file)) = file {
        file.flush().map_err(|cause| Error::io("can't write", path, cause))?;
    }
    evaluation
}

fn print(
    run: &Run,
    comparisons: &[Option<Comparison>],
    baseline: &Path,
    per_query: bool,
    output: &mut Output,
) -> Result<()> {
    for evaluation in &run.collections {
        let problems = &evaluation.problems;
        problems.iter().take(ingest::PROBLEMS_SHOWN).for_each(|problem| output.problem(problem));
        if problems.len() > ingest::PROBLEMS_SHOWN {
            let more = many((problems.len() - ingest::PROBLEMS_SHOWN) as u64, "problem");
            output.note(&format!("and {more} besides; --json lists all"));
        }
        for note in &evaluation.notes {
            output.note(&output::shown(&format!("note: {}: {note}", evaluation.name)));
        }
    }
    let columns = output.columns;
    output.write(|out| {
        let mut tables = Tables { out, columns };
        for evaluation in run.collections.iter().filter(|_| per_query) {
            tables.queries(evaluation)?;
        }
        tables.measures(run)?;
        for (evaluation, comparison) in run.collections.iter().zip(comparisons) {
            if let Some(comparison) = comparison {
                tables.comparison(&evaluation.name, &baseline.to_string_lossy(), comparison)?;
            }
        }
        tables.mean_comparison(run, comparisons)
    })?;
    for (evaluation, _) in
        run.collections.iter().zip(comparisons).filter(|(_, c)| c.as_ref().is_some_and(|c| !c.same_docs))
    {
        output.note(&output::shown(&format!("note: {}: the baseline is of other documents", evaluation.name)));
    }
    Ok(())
}
