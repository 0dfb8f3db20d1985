//! What measured latencies say: percentiles by class with intervals, and whether two runs differ.
//!
//! The unit is the process: what one process measures hangs together (its memory layout, what else the machine did at the
//! time), so intervals come from resampling processes, and two binaries are compared process by process.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::{
    error::{Error, ErrorKind, Result},
    search::Asked,
    source,
    stats::{self, Interval, precise},
};

/// The version of a saved run.
pub const RUN_VERSION: u32 = 1;
/// A smaller difference is not spoken of: where the linker puts a function moves as much.
pub const CHANGE_MIN: f64 = 0.02;
/// The chance of speaking of any difference in a run where there is none.
pub const FALSE_ALARMS_MAX: f64 = 0.03;
/// How much of that chance goes to the figures of all classes together, which show a small difference first; the rest is
/// shared by the classes.
const ALL_SHARE: f64 = 0.5;
/// The name under which all classes stand together.
pub const ALL: &str = "all";

/// How a query was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// A fresh process for each query, from its start to its end.
    OneShot,
    /// Within a process that has answered every query before, without printing.
    Warm,
}

impl Mode {
    pub const ALL: [Mode; 2] = [Mode::OneShot, Mode::Warm];
}

/// All that was measured of one binary.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub version: u32,
    /// What `--version` says of the binary.
    pub binary: String,
    /// The same for the same contents.
    pub n_documents: u64,
    pub n_segments: u64,
    /// In order; measurements refer to them by place.
    pub queries: Vec<Asked>,
    pub limit: usize,
    /// By round, then by query: µs of a whole process.
    pub one_shot: Vec<Vec<f64>>,
    /// By process, then by query, then by round: µs of a search.
    pub warm: Vec<Vec<Vec<f64>>>,
    /// By warm process.
    pub memory: Vec<Memory>,
    /// How long the reference loop took before each round, in µs: whether the machine was as fast.
    pub reference: Vec<f64>,
    /// By query: records that match in full, to tell whether two binaries answer alike.
    pub totals: Vec<u64>,
}

/// Memory of a process in bytes; null where the system doesn't say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    /// Its own memory (RssAnon) after the first answer: about that of a one-shot search.
    pub anonymous_first: Option<u64>,
    /// Its own memory after the last answer.
    pub anonymous: Option<u64>,
    /// With the parts of the index that it read (VmRSS), which the system may take back.
    pub resident: Option<u64>,
}

/// A figure and its 95% interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    #[serde(flatten)]
    pub interval: Interval,
}

/// The latencies of one class, in µs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ClassLatency {
    pub class: String,
    pub n_queries: usize,
    pub n_samples: usize,
    pub p50: Estimate,
    pub p90: Estimate,
    pub p95: Estimate,
    pub p99: Estimate,
    pub max: f64,
    /// Queries a second, one after the other.
    pub throughput: Estimate,
}

/// How much one class differs between two runs.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Change {
    pub class: String,
    /// Time now by time before: geometric mean over the queries.
    pub ratio: Estimate,
    /// The chance of so large a difference where there is none, corrected for the number of classes and modes.
    pub p_value: f64,
    /// Whether it is spoken of: neither chance nor under [`CHANGE_MIN`].
    pub is_change: bool,
}

impl Run {
    /// Reads a run that was saved.
    ///
    /// # Errors
    /// `Io`; `Input` for a file that is no run, or one of another version.
    pub fn read(path: &Path) -> Result<Run> {
        let refused = |what: &str| {
            let error = Error::new(ErrorKind::Input, format!("{} {what}", path.display()));
            error.hint("`hallway bench --save RUN.json` writes one")
        };
        let run: Run =
            serde_json::from_slice(&source::read(path)?).map_err(|error| refused("is no saved run").because(error))?;
        let is_read = run.version == RUN_VERSION && run.is_complete();
        if is_read { Ok(run) } else { Err(refused("is no run that this hallway can compare with")) }
    }

    /// Whether every measurement has its place, as in a run that was not tampered with.
    fn is_complete(&self) -> bool {
        let n = self.queries.len();
        let is_whole = |times: &Vec<f64>| !times.is_empty() && times.iter().all(|time| time.is_finite() && *time > 0.0);
        n > 0
            && !self.one_shot.is_empty()
            && !self.warm.is_empty()
            && self.totals.len() == n
            && (self.reference.is_empty() || is_whole(&self.reference))
            && self.one_shot.iter().all(|round| round.len() == n && is_whole(round))
            && self.warm.iter().all(|process| process.len() == n && process.iter().all(is_whole))
    }

    /// The classes in order of their first query, and [`ALL`] at the end.
    fn classes(&self) -> Vec<(&str, Vec<usize>)> {
        let mut classes: Vec<(&str, Vec<usize>)> = Vec::new();
        for (at, asked) in self.queries.iter().enumerate() {
            let name = asked.class.as_deref().unwrap_or("given");
            match classes.iter_mut().find(|(class, _)| *class == name) {
                Some((_, queries)) => queries.push(at),
                None => classes.push((name, vec![at])),
            }
        }
        if classes.len() != 1 {
            classes.push((ALL, (0..self.queries.len()).collect()));
        }
        classes
    }

    /// By process (one-shot: by round), then by query, then by measurement.
    fn samples(&self, mode: Mode) -> Vec<Vec<&[f64]>> {
        match mode {
            Mode::OneShot => {
                self.one_shot.iter().map(|round| round.iter().map(std::slice::from_ref).collect()).collect()
            }
            Mode::Warm => self.warm.iter().map(|process| process.iter().map(Vec::as_slice).collect()).collect(),
        }
    }

    /// Every measurement of a mode, sorted, in µs.
    pub fn sorted(&self, mode: Mode) -> Vec<f64> {
        let mut all: Vec<f64> = self.samples(mode).into_iter().flatten().flatten().copied().collect();
        all.sort_unstable_by(f64::total_cmp);
        all
    }

    /// Percentiles and throughput of each class.
    pub fn latencies(&self, mode: Mode, seed: u64) -> Vec<ClassLatency> {
        let samples = self.samples(mode);
        let of = |(class, queries): (&str, Vec<usize>)| class_latency(class, &queries, &samples, seed);
        self.classes().into_iter().map(of).collect()
    }

    /// How long a class takes in one process: the logarithm of the geometric mean over its queries, each by its median.
    fn log_times(&self, mode: Mode, queries: &[usize]) -> Vec<f64> {
        let median = |values: &[f64]| {
            let mut values = values.to_vec();
            values.sort_unstable_by(f64::total_cmp);
            stats::quantile(&values, 0.5)
        };
        let of = |process: &Vec<&[f64]>| {
            let logs: Vec<f64> =
                queries.iter().map(|query| median(process[*query]).max(f64::MIN_POSITIVE).ln()).collect();
            stats::mean(&logs)
        };
        self.samples(mode).iter().map(of).collect()
    }

    /// What changed since `before`, by mode and class. `is_paired`: the two were measured in turn, process by process.
    ///
    /// Both must have the same queries.
    pub fn changes(&self, before: &Run, is_paired: bool, seed: u64) -> Vec<(Mode, Vec<Change>)> {
        let mut changes: Vec<(Mode, Vec<Change>)> = Mode::ALL
            .map(|mode| {
                let of = |(class, queries): (&str, Vec<usize>)| {
                    let (now, before) = (self.log_times(mode, &queries), before.log_times(mode, &queries));
                    change(class, &now, &before, is_paired, seed)
                };
                (mode, self.classes().into_iter().map(of).collect())
            })
            .into();
        let rows: Vec<&mut Change> = changes.iter_mut().flat_map(|(_, rows)| rows.iter_mut()).collect();
        let n_classes = rows.iter().filter(|row| row.class != ALL).count();
        let weight = |row: &Change| match (rows.len() - n_classes, n_classes) {
            (0, n) => 1.0 / precise(n),
            (n, _) if row.class == ALL => ALL_SHARE / precise(n),
            (_, n) => (1.0 - ALL_SHARE) / precise(n),
        };
        let tests: Vec<(f64, f64)> = rows.iter().map(|row| (row.p_value, weight(row))).collect();
        for (row, p_value) in rows.into_iter().zip(stats::holm(&tests)) {
            row.settle(p_value);
        }
        changes
    }

    /// Whether so many processes, measured in turn, can show a change of a single class: the paired test has a least
    /// p-value, 2 of 2^n.
    pub fn can_show_a_class(&self) -> bool {
        let n_tests = precise(Mode::ALL.len() * self.classes().iter().filter(|(class, _)| *class != ALL).count());
        let least = 2.0 * 0.5_f64.powf(precise(self.one_shot.len().min(self.warm.len())));
        least * n_tests / (1.0 - ALL_SHARE) < FALSE_ALARMS_MAX
    }

    /// Time of the reference loop now by before.
    pub fn reference_change(&self, before: &Run, seed: u64) -> Change {
        let log = |run: &Run| run.reference.iter().map(|time| time.max(f64::MIN_POSITIVE).ln()).collect::<Vec<_>>();
        let mut change = change("reference", &log(self), &log(before), false, seed);
        change.settle(change.p_value);
        change
    }
}

impl Change {
    fn settle(&mut self, p_value: f64) {
        self.p_value = p_value;
        self.is_change = p_value < FALSE_ALARMS_MAX && (self.ratio.value - 1.0).abs() >= CHANGE_MIN;
    }
}

fn class_latency(class: &str, queries: &[usize], samples: &[Vec<&[f64]>], seed: u64) -> ClassLatency {
    let mut pooled: Vec<(f64, usize)> = Vec::new();
    for (process, of_process) in samples.iter().enumerate() {
        pooled.extend(queries.iter().flat_map(|query| of_process[*query].iter().map(move |time| (*time, process))));
    }
    pooled.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut weighted: Vec<(f64, u32)> = Vec::with_capacity(pooled.len());
    let mut figures = |times: &[u32]| {
        weighted.clear();
        weighted.extend(pooled.iter().map(|(time, process)| (*time, times[*process])));
        let [p50, p90, p95, p99] = [0.5, 0.9, 0.95, 0.99].map(|p| stats::weighted_quantile(&weighted, p));
        let (n, sum) = weighted
            .iter()
            .fold((0.0, 0.0), |(n, sum), (time, times)| (n + f64::from(*times), sum + time * f64::from(*times)));
        [p50, p90, p95, p99, if sum > 0.0 { n * 1e6 / sum } else { 0.0 }]
    };
    let values = figures(&vec![1; samples.len()]);
    let intervals = stats::bootstrap(&[samples.len()], seed, figures);
    let estimate = |at: usize| Estimate { value: values[at], interval: intervals[at] };
    ClassLatency {
        class: class.to_owned(),
        n_queries: queries.len(),
        n_samples: pooled.len(),
        p50: estimate(0),
        p90: estimate(1),
        p95: estimate(2),
        p99: estimate(3),
        max: pooled.last().map_or(0.0, |(time, _)| *time),
        throughput: estimate(4),
    }
}

/// From the logarithms of what each process took.
fn change(class: &str, now: &[f64], before: &[f64], is_paired: bool, seed: u64) -> Change {
    let weighted = |values: &[f64], times: &[u32]| {
        let n: f64 = times.iter().copied().map(f64::from).sum();
        values.iter().zip(times).map(|(value, times)| value * f64::from(*times)).sum::<f64>() / n.max(1.0)
    };
    let (value, interval, p_value) = if is_paired {
        let differences: Vec<f64> = now.iter().zip(before).map(|(now, before)| now - before).collect();
        let of = |times: &[u32]| [weighted(&differences, times).exp()];
        let [interval] = stats::bootstrap(&[differences.len()], seed, of);
        (stats::mean(&differences), interval, stats::paired_permutation(&differences, seed))
    } else {
        let of = |times: &[u32]| {
            let (of_now, of_before) = times.split_at(now.len());
            [(weighted(now, of_now) - weighted(before, of_before)).exp()]
        };
        let [interval] = stats::bootstrap(&[now.len(), before.len()], seed, of);
        (stats::mean(now) - stats::mean(before), interval, stats::permutation(now, before, seed))
    };
    Change { class: class.to_owned(), ratio: Estimate { value: value.exp(), interval }, p_value, is_change: false }
}

#[cfg(test)]
mod tests {
    use fastrand::Rng;

    use super::*;

    const N_PROCESSES: usize = 12;
    const N_ROUNDS: usize = 3;

    fn queries() -> Vec<Asked> {
        let asked = |n| Asked { class: Some(format!("class-{}", n % 4)), query: format!("q{n}"), ..Asked::default() };
        (0..12).map(asked).collect()
    }

    /// About normal, mean 0, deviation 1.
    fn noise(rng: &mut Rng) -> f64 {
        (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0
    }

    /// A run as a noisy machine gives it: processes differ by 3%, measurements by 8%, one in fifty takes three times as
    /// long, and the machine drifts by a quarter over the run.
    fn simulated(slower: f64, seed: u64) -> Run {
        let mut rng = Rng::with_seed(seed);
        let queries = queries();
        let mut run = Run { queries: queries.clone(), ..Run::default() };
        for process in 0..N_PROCESSES {
            let drift = 1.0 + 0.25 * precise(process) / precise(N_PROCESSES);
            let speed = drift * slower * (0.03 * noise(&mut rng)).exp();
            let mut time = |base: f64| {
                let hiccup = if rng.u8(..50) == 0 { 3.0 } else { 1.0 };
                base * speed * hiccup * (0.08 * noise(&mut rng)).exp()
            };
            run.one_shot.push((0..queries.len()).map(|query| time(4_000.0 + 100.0 * precise(query))).collect());
            let warm = |query| (0..N_ROUNDS).map(|_| time(200.0 * precise(query + 1))).collect();
            run.warm.push((0..queries.len()).map(warm).collect());
        }
        run
    }

    fn found(now: &Run, before: &Run, is_paired: bool) -> Vec<Change> {
        let changes = now.changes(before, is_paired, 1).into_iter().flat_map(|(_, rows)| rows);
        changes.filter(|change| change.is_change).collect()
    }

    #[test]
    fn the_same_binary_is_quiet_and_a_tenth_is_found() {
        let (mut quiet, mut noticed) = (0, 0);
        for seed in 0..100 {
            let before = simulated(1.0, 2 * seed);
            quiet += usize::from(found(&simulated(1.0, 2 * seed + 1), &before, true).is_empty());
            if seed < 40 {
                let changes = found(&simulated(1.1, 2 * seed + 1), &before, true);
                noticed += usize::from(changes.iter().any(|change| change.class == ALL && change.ratio.value > 1.0));
            }
        }
        assert!(quiet >= 95 && noticed >= 38, "quiet {quiet} of 100, noticed {noticed} of 40");
    }

    #[test]
    fn a_saved_run_is_compared_unpaired() {
        let before = simulated(1.0, 1);
        assert_eq!(found(&simulated(1.0, 2), &before, false), []);
        assert!(found(&simulated(1.5, 2), &before, false).iter().any(|change| change.class == ALL));
        let with_reference =
            |time: f64| Run { reference: vec![time, time * 1.01, time * 0.99, time], ..Run::default() };
        assert!(!with_reference(10.0).reference_change(&with_reference(10.1), 1).is_change);
        let change = with_reference(12.0).reference_change(&with_reference(10.0), 1);
        assert!(change.is_change && (change.ratio.value - 1.2).abs() < 1e-9, "{change:?}");
    }

    /// Two processes, one query, by hand.
    #[test]
    fn percentiles_are_of_all_measurements() {
        let run = Run {
            queries: vec![Asked { query: "q".to_owned(), ..Asked::default() }],
            one_shot: vec![vec![5.0]],
            warm: vec![vec![vec![1.0, 2.0, 3.0]], vec![vec![4.0, 10.0]]],
            ..Run::default()
        };
        let rows = run.latencies(Mode::Warm, 1);
        assert_eq!(rows.len(), 1, "one class stands for all");
        let row = &rows[0];
        assert_eq!((row.class.as_str(), row.n_queries, row.n_samples), ("given", 1, 5));
        assert_eq!((row.p50.value, row.max), (3.0, 10.0));
        assert!((row.p90.value - 7.6).abs() < 1e-9 && (row.throughput.value - 250_000.0).abs() < 1e-6, "{row:?}");
        assert_eq!((row.p50.interval.low, row.p50.interval.high), (2.0, 7.0), "either process alone is the extreme");
        assert_eq!(run.sorted(Mode::OneShot), [5.0]);
    }

    #[test]
    fn a_run_is_read_back_as_it_was() {
        let queries = queries();
        let run = Run { queries, warm: vec![vec![vec![212.0, 187.5]; 12]; 2], totals: vec![7; 12], ..Run::default() };
        let json = serde_json::to_string(&run).unwrap();
        assert_eq!(serde_json::from_str::<Run>(&json).unwrap(), run);
    }

    /// 4 classes in 2 modes: 2/2^n * 8 / 0.5 is under 0.03 from n = 11 on.
    #[test]
    fn few_processes_show_no_single_class() {
        for (n, can) in [(10, false), (11, true)] {
            let of = |_| simulated(1.0, 1).warm[0].clone();
            let run = Run {
                queries: queries(),
                one_shot: vec![vec![1.0; 12]; n],
                warm: (0..n).map(of).collect(),
                ..Run::default()
            };
            assert_eq!(run.can_show_a_class(), can, "{n}");
        }
    }
}
