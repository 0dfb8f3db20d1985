//! Evaluations: tables for people, a document for programs, and TREC's run format for other evaluators.

use std::io::{self, Write};

use serde_json::{Value, json};
use unicode_width::UnicodeWidthStr;

use super::{escape::line, wrap::cut};
use crate::{
    error::{Error, ErrorKind, Result},
    eval::{Comparison, DEPTH, Evaluation, Figure, Measures, Moved, OverlapEvaluation, Run},
    search::RankedId,
};

/// What the run format calls the system.
const SYSTEM: &str = "hallway";
/// Columns of a name or an id; longer ones are cut.
const NAME_COLUMNS_MAX: usize = 20;
/// Columns that a query's text gets at least, however narrow the terminal.
const TEXT_COLUMNS_MIN: usize = 10;
/// Below this a p-value is but said to be smaller.
const P_MIN: f64 = 0.001;

/// A run as a document: without the rankings, and with what each collection is compared to.
pub fn json(run: &Run, comparisons: &[Option<Comparison>]) -> Value {
    let mut document = json!(run);
    let before = mean_before(comparisons);
    document["baseline_mean"] = json!(before);
    let comparisons = comparisons.iter().map(Some).chain(std::iter::repeat(None));
    for (collection, comparison) in document["collections"].as_array_mut().into_iter().flatten().zip(comparisons) {
        for query in collection["queries"].as_array_mut().into_iter().flatten() {
            query.as_object_mut().and_then(|query| query.remove("ranked"));
        }
        collection["baseline"] = json!(comparison);
    }
    document
}

/// The mean over the collections before; null unless all are compared.
fn mean_before(comparisons: &[Option<Comparison>]) -> Option<Measures> {
    let before = |comparison: &Option<Comparison>| {
        let values: Vec<f64> = comparison.as_ref()?.changes.iter().map(|change| change.before).collect();
        let [ndcg_10, map, mrr_10, recall_100] = values.try_into().ok()?;
        Some(Measures { ndcg_10, map, mrr_10, recall_100 })
    };
    let all: Option<Vec<Measures>> = comparisons.iter().map(before).collect();
    all.filter(|all| !all.is_empty()).map(|all| Measures::mean(all.iter()))
}

/// A ranking in TREC's run format, a line a hit: query, Q0, document, rank, score, system.
///
/// The score is not that of the hit but counts down from 1000: trec_eval orders by score alone, and hallway puts a full
/// match before a partial one of a higher score, and orders equal scores by type and date.
///
/// # Errors
/// `Input` for an id with white space, which this format can't hold.
pub fn trec_run(query: &str, hits: &[RankedId]) -> Result<String> {
    use std::fmt::Write;
    let ids = hits.iter().map(|hit| hit.id.as_str());
    if let Some(id) = std::iter::once(query).chain(ids).find(|id| id.contains(char::is_whitespace)) {
        let message = format!("the id \"{id}\" has white space, and TREC's run format has it between columns");
        return Err(Error::new(ErrorKind::Input, message).hint("give it another id"));
    }
    let mut text = String::new();
    for (rank, hit) in (1..=DEPTH).zip(hits) {
        let _ = writeln!(text, "{query} Q0 {} {rank} {} {SYSTEM}", hit.id, DEPTH + 1 - rank);
    }
    Ok(text)
}

/// How well talks are found again: a table for each half.
///
/// # Errors
/// What the writer gives.
pub fn overlap(out: &mut dyn Write, found: &OverlapEvaluation) -> io::Result<()> {
    let OverlapEvaluation { n_talks, n_repeats, n_groups, .. } = found;
    writeln!(out, "{n_talks} talks; {n_repeats} are there again, in {n_groups} groups")?;
    for (name, half) in ["tuned on", "held back"].iter().zip(&found.halves) {
        for stratum in half {
            writeln!(out, "\n{name}, {}: {} talks", stratum.name, stratum.n_queries)?;
            writeln!(out, "{:10}{:^24}{:^24}", "", "recall@1", "recall@5")?;
            for method in &stratum.methods {
                let [one, five] = [&method.recall_at_1, &method.recall_at_5].map(share);
                writeln!(out, "{:10}{one:^24}{five:^24}", method.method)?;
            }
            let precision = stratum.precision.as_ref().map_or_else(|| "none".to_owned(), share);
            writeln!(out, "same talk: precision {precision}, recall {}", share(&stratum.recall))?;
        }
    }
    let strangers = &found.strangers;
    writeln!(out, "\nof {} pairs of other fields called the same talk: {}", strangers.of, share(strangers))
}

fn share(figure: &Figure) -> String {
    format!("{:.3} ({:.3}–{:.3})", figure.value, figure.interval.low, figure.interval.high)
}

/// Where tables are written.
pub struct Tables<'a> {
    pub out: &'a mut dyn Write,
    pub columns: usize,
}

impl Tables<'_> {
    /// A row a collection, and the mean of several.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn measures(&mut self, run: &Run) -> io::Result<()> {
        let names = run.collections.iter().map(|evaluation| cut(&evaluation.name, NAME_COLUMNS_MAX));
        let names: Vec<String> = names.collect();
        let width = columns_of(&names).max("mean".len());
        writeln!(self.out, "{:width$}  queries{}", "", headings(Measures::NAMES))?;
        for (name, evaluation) in names.iter().zip(&run.collections) {
            let name = padded(name, width);
            writeln!(self.out, "{name}  {:>7}{}", evaluation.n_queries, figures(&evaluation.measures))?;
        }
        if run.collections.len() > 1 {
            writeln!(self.out, "{:width$}  {:7}{}", "mean", "", figures(&run.mean))?;
        }
        Ok(())
    }

    /// A row a query.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn queries(&mut self, evaluation: &Evaluation) -> io::Result<()> {
        let ids = evaluation.queries.iter().map(|outcome| cut(&outcome.id, NAME_COLUMNS_MAX));
        let ids: Vec<String> = ids.collect();
        let width = columns_of(&ids).max("id".len());
        writeln!(self.out, "{}", line(&evaluation.name))?;
        writeln!(self.out, "{:width$}{}  relevant  query", "id", headings(Measures::NAMES_OF_ONE))?;
        for (id, outcome) in ids.iter().zip(&evaluation.queries) {
            let lead = format!("{}{}  {:>8}  ", padded(id, width), figures(&outcome.measures), outcome.n_relevant);
            self.with_text(&lead, &outcome.text)?;
        }
        writeln!(self.out)
    }

    /// What changed since `baseline`.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn comparison(&mut self, name: &str, baseline: &str, comparison: &Comparison) -> io::Result<()> {
        writeln!(self.out, "\n{} against {}", line(name), line(baseline))?;
        writeln!(self.out, "         before   after  difference       p")?;
        for (name, change) in Measures::NAMES.iter().zip(&comparison.changes) {
            let (before, after, p) = (change.before, change.after, p_value(change.p));
            writeln!(self.out, "{name:<7}  {before:.4}  {after:.4}  {:>10}  {p:>6}", signed(change.difference))?;
        }
        let (n_better, n_worse) = (comparison.n_better, comparison.n_worse);
        writeln!(self.out, "by nDCG@10, queries better: {n_better}, worse: {n_worse}")?;
        let ids = comparison.better.iter().chain(&comparison.worse).map(|moved| cut(&moved.id, NAME_COLUMNS_MAX));
        let width = columns_of(&ids.collect::<Vec<_>>());
        for Moved { id, text, before, after } in comparison.better.iter().chain(&comparison.worse) {
            let id = padded(&cut(id, NAME_COLUMNS_MAX), width);
            let lead = format!("  {before:.4} → {after:.4}  {}  {id}  ", signed(after - before));
            self.with_text(&lead, text)?;
        }
        Ok(())
    }

    /// How the mean over several collections changed.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn mean_comparison(&mut self, run: &Run, comparisons: &[Option<Comparison>]) -> io::Result<()> {
        let Some(before) = mean_before(comparisons).filter(|_| comparisons.len() > 1) else { return Ok(()) };
        writeln!(self.out, "\nmean\n         before   after  difference")?;
        for (name, (before, after)) in Measures::NAMES.iter().zip(before.values().into_iter().zip(run.mean.values())) {
            writeln!(self.out, "{name:<7}  {before:.4}  {after:.4}  {:>10}", signed(after - before))?;
        }
        Ok(())
    }

    /// A row that ends in a query, cut to the width.
    fn with_text(&mut self, lead: &str, text: &str) -> io::Result<()> {
        let room = self.columns.saturating_sub(lead.width()).max(TEXT_COLUMNS_MIN);
        writeln!(self.out, "{lead}{}", cut(text, room))
    }
}

fn headings(names: [&str; 4]) -> String {
    let [a, b, c, d] = names;
    format!("  {a:>7}  {b:>7}  {c:>7}  {d:>7}")
}

fn figures(measures: &Measures) -> String {
    let [a, b, c, d] = measures.values();
    format!("  {a:>7.4}  {b:>7.4}  {c:>7.4}  {d:>7.4}")
}

/// With its sign, and none for what rounds to 0.
fn signed(difference: f64) -> String {
    let text = format!("{difference:+.4}");
    if text.ends_with("0.0000") { "0.0000".to_owned() } else { text }
}

fn p_value(p: f64) -> String {
    if p < P_MIN { format!("<{P_MIN}") } else { format!("{p:.3}") }
}

fn columns_of(texts: &[String]) -> usize {
    texts.iter().map(|text| text.width()).max().unwrap_or(0)
}

fn padded(text: &str, columns: usize) -> String {
    format!("{text}{:1$}", "", columns.saturating_sub(text.width()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_have_a_sign_or_are_none() {
        let all = [0.25, -0.5, 0.000_01, -0.000_01].map(signed);
        assert_eq!(all, ["+0.2500", "-0.5000", "0.0000", "0.0000"]);
        assert_eq!([0.000_01, 0.04].map(p_value), ["<0.001", "0.040"]);
    }

    #[test]
    fn a_run_keeps_the_order_for_those_who_sort_by_score() {
        let hit = |id: &str, score, partial| RankedId { id: id.to_owned(), score, partial };
        let hits = [hit("a", 1.0, false), hit("b", 7.5, true), hit("c", 7.5, true)];
        let expected = "q Q0 a 1 1000 hallway\nq Q0 b 2 999 hallway\nq Q0 c 3 998 hallway\n";
        assert_eq!(trec_run("q", &hits).unwrap(), expected);
        assert!(trec_run("q", &[hit("a b", 1.0, false)]).is_err() && trec_run("q r", &hits).is_err());
    }
}
