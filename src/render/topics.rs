//! Topics: the vocabulary as a list and as a document, and how good labels are.

use std::{
    collections::BTreeMap,
    io::{self, Write},
};

use serde_json::{Value, json};

use super::{escape::line, json::VERSION};
use crate::{
    enrich::{Evidence, Label, Vocabulary},
    eval::topics::{Evaluation, Measured, Mistake, Strict},
    search::Share,
};

/// Mistakes that are printed.
const MISTAKES_MAX: usize = 10;
/// Words of evidence that are named of a label.
const WORDS_MAX: usize = 6;

/// A line a topic, those of a group below it: how many records have it, its id, its name.
///
/// # Errors
/// What the writer gives.
pub fn list(out: &mut dyn Write, vocabulary: &Vocabulary, counts: Option<&BTreeMap<String, u64>>) -> io::Result<()> {
    let width = vocabulary.topics().iter().map(|topic| topic.id.len()).max().unwrap_or_default();
    let digits = counts.iter().flat_map(|counts| counts.values()).max().map_or(1, |most| most.to_string().len());
    for topic in vocabulary.topics() {
        if let Some(counts) = counts {
            write!(out, "{:>digits$}  ", counts.get(&topic.id).copied().unwrap_or_default())?;
        }
        writeln!(out, "{:width$}  {}", line(&topic.id), line(&topic.name))?;
    }
    Ok(())
}

/// Every topic with its phrases and, where there is an index, how many records have it.
pub fn json(vocabulary: &Vocabulary, counts: Option<&BTreeMap<String, u64>>) -> Value {
    let topics = vocabulary.topics().iter().map(|topic| {
        let mut value = json!(topic);
        value["count"] = json!(counts.map(|counts| counts.get(&topic.id).copied().unwrap_or_default()));
        value
    });
    json!({ "version": VERSION, "topics": topics.collect::<Value>() })
}

/// The words that earned a label: "tracing" (title, 2× abstract), "spans".
pub fn earned(label: &Label) -> String {
    let mut words: Vec<(String, Vec<(&str, usize)>)> = Vec::new();
    for Evidence { field, text, .. } in &label.evidence {
        let place = match field.split('/').next().unwrap_or_default() {
            "passages" if field.contains("/heading/") => "heading",
            "passages" => "text",
            "tags" => "tag",
            other => other,
        };
        let text = text.to_lowercase();
        let at = words.iter().position(|(known, _)| *known == text).unwrap_or_else(|| {
            words.push((text, Vec::new()));
            words.len() - 1
        });
        let places = &mut words[at].1;
        match places.iter_mut().find(|(known, _)| *known == place) {
            Some((_, n)) => *n += 1,
            None => places.push((place, 1)),
        }
    }
    let told = words.iter().take(WORDS_MAX).map(|(text, places)| {
        let times = |n: usize| if n > 1 { format!("{n}× ") } else { String::new() };
        let places: Vec<String> = places.iter().map(|(place, n)| format!("{}{place}", times(*n))).collect();
        format!("\u{201c}{text}\u{201d} ({})", places.join(", "))
    });
    let more = if words.len() > WORDS_MAX { ", …" } else { "" };
    told.collect::<Vec<_>>().join(", ") + more
}

/// The figures, a row a topic, and the worst mistakes.
///
/// # Errors
/// What the writer gives.
pub fn evaluation(out: &mut dyn Write, evaluation: &Evaluation) -> io::Result<()> {
    let Evaluation { n_records, n_long, n_long_labelled, .. } = evaluation;
    writeln!(out, "{n_records} records; by 2,000 resamples of them, 95% intervals")?;
    let rows = [
        ("precision", &evaluation.precision),
        ("recall", &evaluation.recall),
        ("F1", &evaluation.f1),
        ("macro F1", &evaluation.macro_f1),
    ];
    figures(out, &rows)?;
    writeln!(out, "strictly, what is only acceptable being wrong")?;
    let Strict { precision, f1, macro_f1 } = &evaluation.strict;
    figures(out, &[("precision", precision), ("F1", f1), ("macro F1", macro_f1)])?;
    writeln!(out, "macro F1 is over {} topics with {} labels or more", evaluation.n_classes, evaluation.labels_min)?;
    writeln!(out, "groups alone: precision {:.3}, recall {:.3}", evaluation.groups[0], evaluation.groups[1])?;
    writeln!(out, "with a topic: {n_long_labelled} of {n_long} talks of 40 words or more\n")?;
    let width = evaluation.topics.iter().map(|of| of.topic.len()).max().unwrap_or_default();
    writeln!(out, "{:width$}  labels  given  right  precision  recall", "topic")?;
    for of in &evaluation.topics {
        let share = |n, of| Share { n, of }.ratio().map_or("-".to_owned(), |ratio| format!("{ratio:.2}"));
        writeln!(
            out,
            "{:width$}  {:>6}  {:>5}  {:>5}  {:>9}  {:>6}",
            line(&of.topic),
            of.labels,
            of.given,
            of.right,
            share(of.right, of.given),
            share(of.found, of.labels),
        )?;
    }
    for Mistake { id, title, missed, wrong } in
        evaluation.mistakes.iter().take(evaluation.mistakes_max.unwrap_or(MISTAKES_MAX))
    {
        writeln!(out, "\n{}\n  {}", line(title), line(id))?;
        missed.iter().try_for_each(|topic| writeln!(out, "  - {}", line(topic)))?;
        wrong.iter().try_for_each(|label| writeln!(out, "  + {}: {}", line(&label.topic), line(&earned(label))))?;
    }
    Ok(())
}

fn figures(out: &mut dyn Write, rows: &[(&str, &Measured)]) -> io::Result<()> {
    rows.iter().try_for_each(|(name, Measured { value, interval })| {
        writeln!(out, "{name:<10} {value:.3}  ({:.3} to {:.3})", interval.low, interval.high)
    })
}
