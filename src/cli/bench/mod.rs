//! `hallway bench`: latency and memory on the user's own index.

mod process;

use std::{
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    time::Instant,
};

use fastrand::Rng;

use hallway::{
    error::{Error, ErrorKind, Result},
    index::Index,
    latency::{ALL, Memory, RUN_VERSION, Run},
    render::latency::{Before, Report},
    search::{Asked, draw, read_queries},
    source,
};

use super::{Global, Status, TEMPLATE, interrupt, locate, output, output::Output, progress::Progress};
use process::Binary;

const EXAMPLES: &str = "\
Examples:
  hallway bench                              queries drawn from your index
  hallway bench --queries asked.txt          your own queries, one a line
  hallway bench --against ../old/hallway     two builds in turn
  hallway bench --save before.json           keep a run
  hallway bench --baseline before.json       compare with it";

const NOTES: &str = "\
One-shot times are of a whole process, from its start to its end, output included. Warm times are of a search within a \
process that has answered every query before, as it measures it itself (took_us). Intervals are 95% and come from \
resampling processes. Leave the machine alone while it runs.

Exit status: 0 done, 2 error.";

/// Fresh processes from which an interval says anything.
const PROCESSES_MIN: u64 = 10;

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Ask the queries of a file, one a line: text, or JSON with query, id, class, filters, facets
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    queries: Option<PathBuf>,
    /// Queries to draw from the index for each class, where none are given
    #[arg(long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=1000))]
    per_class: u16,
    /// Fresh processes, and rounds of one-shot searches; at least 10
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u64).range(PROCESSES_MIN..=1000))]
    processes: u64,
    /// How often a warm process answers each query
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u16).range(1..=1000))]
    rounds: u16,
    /// Hits to ask for
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, conflicts_with = "baseline")]
    limit: usize,
    /// Seed of the queries that are drawn, and of the order in which they are asked
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// Measure another hallway in turn with this one, on the same index
    #[arg(long, value_name = "BINARY", conflicts_with = "baseline")]
    against: Option<PathBuf>,
    /// Write the run to a file
    #[arg(long, value_name = "RUN.json")]
    save: Option<PathBuf>,
    /// Compare with a run that was saved, with its queries
    #[arg(long, value_name = "RUN.json")]
    baseline: Option<PathBuf>,
    /// Print a JSON document
    #[arg(long)]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let baseline = args.baseline.as_deref().map(Run::read).transpose()?;
    let this = std::env::current_exe().map_err(|cause| Error::io("can't find", Path::new("hallway"), cause))?;
    let folder = interrupt::folder("hallway-bench-")?;
    let binaries = std::iter::once(&this).chain(&args.against).map(|path| Binary::new(path));
    let mut binaries = binaries.collect::<Result<Vec<_>>>()?;
    if !Binary::copy(&mut binaries, folder.path()) && args.against.is_some() {
        output.note("note: the two could not be copied side by side: where their files lie may make a difference");
    }
    let index = locate::open(global, output)?;
    let plan = Plan::new(args, &index, baseline.as_ref())?;
    drop(index);
    let mut runs = plan.measure(&binaries)?.into_iter();
    let (Some(now), against) = (runs.next(), runs.next()) else { return Ok(Status::Nothing) };
    if let Some(file) = &args.save {
        let json = serde_json::to_string(&now).unwrap_or_default();
        fs::write(file, json).map_err(|cause| Error::io("can't write", file, cause))?;
    }
    let before = match (&against, &baseline, &args.against, &args.baseline) {
        (Some(run), _, Some(path), _) => Some(Before { run, is_paired: true, name: path.display().to_string() }),
        (_, Some(run), _, Some(path)) => Some(Before { run, is_paired: false, name: path.display().to_string() }),
        _ => None,
    };
    let report = Report::new(&now, before, args.seed);
    if args.json {
        output.json(&report.json())?;
        return Ok(Status::Ok);
    }
    let columns = output.columns;
    output.write(|out| report.text(out, columns))?;
    report.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    Ok(Status::Ok)
}

/// What is measured, and how often.
struct Plan {
    index: PathBuf,
    n_documents: u64,
    n_segments: u64,
    queries: Vec<Asked>,
    limit: usize,
    n_processes: u64,
    n_rounds: u16,
    seed: u64,
}

impl Plan {
    fn new(args: &Args, index: &Index, baseline: Option<&Run>) -> Result<Plan> {
        let queries = match (baseline, &args.queries) {
            (Some(run), _) => run.queries.clone(),
            (_, Some(file)) => read_queries(&source::read_text(file)?, file)?,
            _ => draw(index, usize::from(args.per_class), args.seed)?,
        };
        if queries.is_empty() {
            return Err(output::usage("there are no queries to measure", "name a file of them with --queries"));
        }
        if queries.iter().any(|asked| asked.class.as_deref() == Some(ALL)) {
            return Err(output::usage("a class can't be called \"all\": so are all of them together", "rename it"));
        }
        let dir = index.dir();
        let dir = dir.canonicalize().map_err(|cause| Error::io("can't read", dir, cause))?;
        let searcher = index.searcher();
        Ok(Plan {
            index: dir,
            n_documents: searcher.num_docs(),
            n_segments: searcher.segment_readers().len() as u64,
            queries,
            limit: baseline.map_or(args.limit, |run| run.limit),
            n_processes: args.processes,
            n_rounds: args.rounds,
            seed: args.seed,
        })
    }

    /// One run for each binary. They take turns, in an order that chance decides, so that what the machine does meets
    /// all of them alike.
    fn measure(&self, binaries: &[Binary]) -> Result<Vec<Run>> {
        let lines: Vec<String> = self.queries.iter().map(line).collect();
        let mut runs = Vec::new();
        let mut progress = Progress::new("asking everything once", "processes");
        for binary in binaries {
            runs.push(self.first_run(binary, &lines)?);
        }
        let mut rng = Rng::with_seed(self.seed);
        let mut turns: Vec<usize> = (0..binaries.len()).collect();
        let mut order: Vec<usize> = (0..self.queries.len()).collect();
        let reference = Reference::new();
        for n_done in 0..self.n_processes {
            progress.show(n_done, self.n_processes, String::new());
            let reference_us = reference.time_us();
            for run in &mut runs {
                run.reference.push(reference_us);
                run.one_shot.push(vec![0.0; self.queries.len()]);
            }
            rng.shuffle(&mut order);
            for query in &order {
                rng.shuffle(&mut turns);
                for turn in &turns {
                    let (took_us, answer) = binaries[*turn].one_shot(&self.index, &lines[*query], self.limit)?;
                    let run = &mut runs[*turn];
                    check(run, *query, answer.total)?;
                    if let Some(round) = run.one_shot.last_mut() {
                        round[*query] = took_us;
                    }
                }
            }
            rng.shuffle(&mut turns);
            for turn in &turns {
                self.warm(&binaries[*turn], &lines, &mut order, &mut rng, &mut runs[*turn])?;
            }
        }
        Ok(runs)
    }

    /// Asks everything once, uncounted: the index is then in memory, and every answer is known.
    fn first_run(&self, binary: &Binary, lines: &[String]) -> Result<Run> {
        let mut process = binary.start(&self.index, self.limit)?;
        let mut totals = Vec::with_capacity(lines.len());
        for line in lines {
            totals.push(process.ask(line)?.total);
        }
        Ok(Run {
            version: RUN_VERSION,
            binary: binary.version.clone(),
            n_documents: self.n_documents,
            n_segments: self.n_segments,
            queries: self.queries.clone(),
            limit: self.limit,
            totals,
            ..Run::default()
        })
    }

    fn warm(&self, binary: &Binary, lines: &[String], order: &mut [usize], rng: &mut Rng, run: &mut Run) -> Result<()> {
        let mut process = binary.start(&self.index, self.limit)?;
        let mut times = vec![Vec::with_capacity(usize::from(self.n_rounds)); lines.len()];
        let mut memory = Memory::default();
        for (number, line) in lines.iter().enumerate() {
            check(run, number, process.ask(line)?.total)?;
            if number == 0 {
                memory.anonymous_first = process.memory().0;
            }
        }
        for _ in 0..self.n_rounds {
            rng.shuffle(order);
            for query in order.iter() {
                times[*query].push(process.ask(&lines[*query])?.took_us());
            }
        }
        (memory.anonymous, memory.resident) = process.memory();
        run.warm.push(times);
        run.memory.push(memory);
        Ok(())
    }
}

fn line(asked: &Asked) -> String {
    serde_json::to_string(asked).unwrap_or_default() + "\n"
}

/// An answer that changes means that the index does.
fn check(run: &Run, query: usize, total: u64) -> Result<()> {
    if run.totals[query] == total {
        return Ok(());
    }
    let query = &run.queries[query].query;
    Err(Error::new(ErrorKind::Index, format!("the index changed while it was measured: the answer to \"{query}\" did"))
        .hint("try again when nothing writes to it"))
}

/// Work that is the same in every hallway: how fast the machine is at this moment.
struct Reference(Vec<u32>);

impl Reference {
    /// Larger than the caches of one core: a search, too, waits for memory.
    const ENTRIES: usize = 1 << 21;
    const STEPS: usize = 200_000;

    /// One cycle through all entries, in an order that no prefetcher guesses (Sattolo 1986).
    fn new() -> Reference {
        let mut rng = Rng::with_seed(0);
        let mut next: Vec<u32> = (0..Self::ENTRIES as u32).collect();
        for at in (1..next.len()).rev() {
            next.swap(at, rng.usize(..at));
        }
        Reference(next)
    }

    fn time_us(&self) -> f64 {
        let began = Instant::now();
        let (mut at, mut sum) = (0, 0_u64);
        for _ in 0..Self::STEPS {
            at = self.0[at as usize];
            sum = (sum ^ u64::from(at)).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        }
        black_box(sum);
        began.elapsed().as_secs_f64() * 1e6
    }
}
