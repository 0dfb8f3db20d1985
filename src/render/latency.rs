//! What `hallway bench` measured, as a page for people and as the document that `docs/bench.schema.json` describes.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{escape::line, json::VERSION};
use crate::{
    latency::{ALL, Change, ClassLatency, Estimate, Mode, Run},
    stats,
};

/// Rows of a histogram, at most.
const BUCKETS_MAX: usize = 12;
/// Steps of a histogram's scale, as parts of a decade.
const STEPS: [f64; 6] = [1.0 / 24.0, 1.0 / 12.0, 1.0 / 6.0, 1.0 / 3.0, 0.5, 1.0];
/// Columns of a histogram's longest bar.
const BAR_COLUMNS_MAX: usize = 60;
/// Parts of a column, from an eighth to seven.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/// A run that another is compared with.
pub struct Before<'a> {
    pub run: &'a Run,
    /// Measured in turn with the other.
    pub is_paired: bool,
    /// Its binary or its file.
    pub name: String,
}

/// A run with all that follows from it.
pub struct Report<'a> {
    run: &'a Run,
    latencies: Vec<(Mode, Vec<ClassLatency>)>,
    comparison: Option<Comparison<'a>>,
    /// What to know before the figures are believed.
    pub notes: Vec<String>,
}

struct Comparison<'a> {
    before: Before<'a>,
    latencies: Vec<(Mode, Vec<ClassLatency>)>,
    changes: Vec<(Mode, Vec<Change>)>,
}

impl<'a> Report<'a> {
    /// `before` has the same queries.
    pub fn new(run: &'a Run, before: Option<Before<'a>>, seed: u64) -> Self {
        let latencies = |run: &Run| Mode::ALL.map(|mode| (mode, run.latencies(mode, seed))).into();
        let notes = before.as_ref().map(|before| notes(run, before, seed)).unwrap_or_default();
        let comparison = before.map(|before| Comparison {
            latencies: latencies(before.run),
            changes: run.changes(before.run, before.is_paired, seed),
            before,
        });
        Report { run, latencies: latencies(run), comparison, notes }
    }

    /// The page.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn text(&self, out: &mut dyn Write, columns: usize) -> io::Result<()> {
        let Run { n_documents, n_segments, queries, one_shot, warm, .. } = self.run;
        let n_rounds = warm.first().and_then(|process| process.first()).map_or(0, Vec::len);
        let (n_queries, n_processes) = (queries.len(), one_shot.len());
        writeln!(
            out,
            "{n_documents} documents in {n_segments} segments; {n_queries} queries; {n_processes} processes"
        )?;
        for (mode, rows) in &self.latencies {
            writeln!(out, "\n{}, ms", title(*mode, n_rounds))?;
            table(out, rows)?;
            writeln!(out)?;
            histogram(out, &self.run.sorted(*mode), columns)?;
        }
        self.memory(out)?;
        self.comparison.as_ref().map_or(Ok(()), |comparison| comparison.text(out))
    }

    fn memory(&self, out: &mut dyn Write) -> io::Result<()> {
        let median = |values: &mut dyn Iterator<Item = Option<u64>>| median_mb(values);
        let memory = &self.run.memory;
        let first = median(&mut memory.iter().map(|memory| memory.anonymous_first));
        let own = median(&mut memory.iter().map(|memory| memory.anonymous));
        let resident = median(&mut memory.iter().map(|memory| memory.resident));
        let (Some(first), Some(own), Some(resident)) = (first, own, resident) else { return Ok(()) };
        writeln!(
            out,
            "\nMemory, MB: {first:.1} after one answer, {own:.1} after all, {resident:.1} with the index as read"
        )
    }

    /// The document.
    pub fn json(&self) -> Value {
        let run = |run: &Run, latencies: &[(Mode, Vec<ClassLatency>)]| {
            json!({
                "binary": run.binary, "documents": run.n_documents, "segments": run.n_segments,
                "queries": run.queries.len(), "processes": run.one_shot.len(), "limit": run.limit,
                "one_shot": latencies[0].1, "warm": latencies[1].1, "memory": run.memory, "reference_us": run.reference,
            })
        };
        let mut document = json!({ "version": VERSION, "unit": "us" });
        document["run"] = run(self.run, &self.latencies);
        document["before"] = Value::Null;
        document["changes"] = Value::Null;
        if let Some(comparison) = &self.comparison {
            let before = &comparison.before;
            document["before"] = run(before.run, &comparison.latencies);
            document["before"]["name"] = json!(before.name);
            document["before"]["in_turn"] = json!(before.is_paired);
            document["changes"] = json!({ "one_shot": comparison.changes[0].1, "warm": comparison.changes[1].1 });
        }
        document["notes"] = json!(self.notes);
        document
    }
}

/// Why a difference may be another than that of two binaries.
fn notes(run: &Run, before: &Before, seed: u64) -> Vec<String> {
    let mut notes = Vec::new();
    if run.n_documents != before.run.n_documents || run.n_segments != before.run.n_segments {
        let (n, segments) = (before.run.n_documents, before.run.n_segments);
        notes.push(format!("the index had {n} documents in {segments} segments then"));
    }
    let differing = run.totals.iter().zip(&before.run.totals).filter(|(now, then)| now != then).count();
    if differing > 0 {
        notes.push(format!("{differing} of {} queries have another number of answers now", run.queries.len()));
    }
    if before.is_paired && !run.can_show_a_class() {
        let n = run.one_shot.len();
        notes.push(format!("{n} processes are too few to show a change of a single class; --processes 20 can"));
    }
    let reference = run.reference_change(before.run, seed);
    if !before.is_paired && reference.is_change {
        let ratio = reference.ratio.value;
        notes.push(format!(
            "the machine is not as fast as it was: the reference loop takes {ratio:.2} times as long; measure both anew, \
             or use --against"
        ));
    }
    notes
}

fn title(mode: Mode, n_rounds: usize) -> String {
    match mode {
        Mode::OneShot => "One-shot: a fresh process each".to_owned(),
        Mode::Warm => format!("Warm: {n_rounds} rounds in each process"),
    }
}

fn table(out: &mut dyn Write, rows: &[ClassLatency]) -> io::Result<()> {
    let header = ["class", "n", "p50", "95%", "p90", "p95", "p99", "max", "per s"];
    let [class, n, p50, interval, p90, p95, p99, max, throughput] = header;
    writeln!(out, "{class:<10}{n:>5}{p50:>8}  {interval:<15}{p90:>7}{p95:>8}{p99:>8}{max:>8}{throughput:>8}")?;
    for row in rows {
        let ClassLatency { class, n_queries, p50, p90, p95, p99, throughput, .. } = row;
        let between = format!("[{}, {}]", ms(p50.interval.low), ms(p50.interval.high));
        let [p50, p90, p95, p99] = [p50, p90, p95, p99].map(|estimate| ms(estimate.value));
        let (max, throughput) = (ms(row.max), three_digits(throughput.value));
        let class = line(class);
        writeln!(
            out,
            "{class:<10}{n_queries:>5}{p50:>8}  {between:<15}{p90:>7}{p95:>8}{p99:>8}{max:>8}{throughput:>8}"
        )?;
    }
    Ok(())
}

/// Milliseconds from µs.
fn ms(us: f64) -> String {
    three_digits(us / 1000.0)
}

/// Three significant digits, or all before the point.
fn three_digits(value: f64) -> String {
    let decimals = [(100.0, 0), (10.0, 1), (1.0, 2)].iter().find(|(from, _)| value >= *from).map_or(3, |(_, n)| *n);
    format!("{value:.decimals$}")
}

/// Measurements in µs, sorted, on a logarithmic scale.
fn histogram(out: &mut dyn Write, sorted: &[f64], columns: usize) -> io::Result<()> {
    let (Some(least), Some(most)) = (sorted.first(), sorted.last()) else { return Ok(()) };
    let (least, most) = (least.max(0.1).log10(), most.max(0.1).log10());
    let n_steps = |step: f64| (most / step).floor() - (least / step).floor() + 1.0;
    #[expect(clippy::cast_precision_loss, reason = "a dozen")]
    let step = STEPS.into_iter().find(|step| n_steps(*step) <= BUCKETS_MAX as f64).unwrap_or(1.0);
    let first = (least / step).floor();
    #[expect(clippy::cast_sign_loss, reason = "at least 1")]
    let mut counts = vec![0_usize; n_steps(step) as usize];
    let last = counts.len() - 1;
    for value in sorted {
        #[expect(clippy::cast_sign_loss, reason = "no value is less than the first")]
        let bucket = ((value.max(0.1).log10() / step).floor() - first) as usize;
        counts[bucket.min(last)] += 1;
    }
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let room = columns.saturating_sub(30).clamp(10, BAR_COLUMNS_MAX);
    let mut from = first * step;
    for count in counts {
        let (low, high) = (ms(10_f64.powf(from)), ms(10_f64.powf(from + step)));
        let eighths = (count * room * 8).div_ceil(most);
        let bar = "█".repeat(eighths / 8) + EIGHTHS[eighths % 8];
        writeln!(out, "{low:>7} to {high:<6}{count:>7}  {bar}")?;
        from += step;
    }
    Ok(())
}

fn median_mb(values: &mut dyn Iterator<Item = Option<u64>>) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "for people")]
    let mut values = values.map(|value| value.map(|bytes| bytes as f64 / 1e6)).collect::<Option<Vec<_>>>()?;
    values.sort_unstable_by(f64::total_cmp);
    (!values.is_empty()).then(|| stats::quantile(&values, 0.5))
}

impl Comparison<'_> {
    fn text(&self, out: &mut dyn Write) -> io::Result<()> {
        let Before { name, is_paired, run } = &self.before;
        let how = if *is_paired { "measured in turn" } else { "saved" };
        writeln!(out, "\nTime now by time then, with 95% intervals")?;
        writeln!(out, "then: {} ({}, {how})", line(name), line(&run.binary))?;
        let (one_shot, warm) = (&self.changes[0].1, &self.changes[1].1);
        writeln!(out, "{:<12}{:<32}warm", "class", "one-shot")?;
        for (one_shot, warm) in one_shot.iter().zip(warm) {
            let (class, one_shot, warm) = (line(&one_shot.class), cell(one_shot), cell(warm));
            writeln!(out, "{}", format!("{class:<12}{one_shot:<32}{warm}").trim_end())?;
        }
        writeln!(out, "\n{}", self.verdict())
    }

    fn verdict(&self) -> String {
        let spoken = self.changes.iter().filter_map(|(mode, rows)| {
            let name = if *mode == Mode::OneShot { "one-shot" } else { "warm" };
            let all = rows.iter().find(|row| row.is_change && (row.class == ALL || rows.len() == 1));
            let part = || {
                let changed: Vec<_> = rows.iter().filter(|row| row.is_change).map(|row| line(&row.class)).collect();
                (!changed.is_empty()).then(|| format!("{name} changed for {}", changed.join(", ")))
            };
            all.map(|row| format!("{name} is {}", in_words(row.ratio))).or_else(part)
        });
        let spoken: Vec<_> = spoken.collect();
        if spoken.is_empty() {
            return "No difference beyond chance, or of 2% and more.".to_owned();
        }
        format!("Beyond chance: {}.", spoken.join("; "))
    }
}

fn cell(change: &Change) -> String {
    let Change { ratio: Estimate { value, interval }, is_change, .. } = change;
    let word = match (is_change, *value > 1.0) {
        (false, _) => "",
        (true, true) => "  slower",
        (true, false) => "  faster",
    };
    format!("{value:.3} [{:.3}, {:.3}]{word}", interval.low, interval.high)
}

fn in_words(ratio: Estimate) -> String {
    let percent = (ratio.value - 1.0) * 100.0;
    format!("{:.1}% {}", percent.abs(), if percent > 0.0 { "slower" } else { "faster" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_three_digits() {
        for (value, expected) in
            [(0.2944, "0.294"), (4.213, "4.21"), (12.34, "12.3"), (141.2, "141"), (28_192.0, "28192")]
        {
            assert_eq!(three_digits(value), expected);
        }
    }

    #[test]
    fn a_histogram_counts_every_measurement() {
        let mut out = Vec::new();
        histogram(&mut out, &[100.0, 110.0, 115.0, 900.0, 1_000_000.0], 60).unwrap();
        let text = String::from_utf8(out).unwrap();
        let counts: usize =
            text.lines().map(|row| row.split_whitespace().nth(3).unwrap().parse::<usize>().unwrap()).sum();
        assert_eq!(counts, 5, "{text}");
        assert!(text.lines().count() <= BUCKETS_MAX && text.lines().all(|row| row.chars().count() <= 60), "{text}");
        assert!(text.starts_with("  0.100 to 0.316 "), "{text}");
    }
}
