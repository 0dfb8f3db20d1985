//! How good topics are: records that people have labelled, and the labels that the vocabulary gives them.

mod fit;

use std::{collections::BTreeMap, collections::BTreeSet, fs, path::Path};

pub use fit::fit;

use serde::{Deserialize, Serialize};

use crate::{
    enrich::{Enricher, Label},
    error::{Error, ErrorKind, Problem, Result},
    index::Index,
    record::{Kind, Record},
    stats::{self, Interval, precise},
    text::n_words,
};

/// Bytes of a file of labels: a hundred thousand records.
const FILE_BYTES_MAX: u64 = 64 << 20;
/// Labels of a topic from which on its F1 says something.
const LABELS_MIN: u64 = 8;
/// Words of a talk of which one expects a topic.
const LONG_WORDS: usize = 40;
const SEED: u64 = 10;

/// A record, or a passage of a report, with the topics that a person gave it.
#[derive(Clone, Debug, Deserialize)]
pub struct Labelled {
    /// A record's permanent id, or a passage's.
    pub id: String,
    /// What it is about: who looks through one of these topics must find it.
    pub labels: BTreeSet<String>,
    /// What a fair reader would accept besides: right where it is given, and not missed where it is not.
    #[serde(default)]
    pub acceptable: BTreeSet<String>,
    /// A part of the file, as "dev" and "held".
    #[serde(default)]
    pub half: String,
    #[serde(skip)]
    line: u64,
}

/// A figure and how far it can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Measured {
    pub value: f64,
    pub interval: Interval,
}

/// How good the labels of the records of a file are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    pub n_records: usize,
    /// Over all labels together; what is acceptable is right.
    pub precision: Measured,
    pub recall: Measured,
    pub f1: Measured,
    /// The mean over topics with `labels_min` labels or more.
    pub macro_f1: Measured,
    pub n_classes: usize,
    pub labels_min: u64,
    /// The same where what is only acceptable is wrong.
    pub strict: Strict,
    /// Precision and recall of the groups alone.
    pub groups: [f64; 2],
    /// Talks of 40 words or more, and those of them with a topic.
    pub n_long: usize,
    pub n_long_labelled: usize,
    /// By how many labels they have.
    pub topics: Vec<OfTopic>,
    /// The worst first.
    pub mistakes: Vec<Mistake>,
    #[serde(skip)]
    pub mistakes_max: Option<usize>,
    pub problems: Vec<Problem>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Strict {
    pub precision: Measured,
    pub f1: Measured,
    pub macro_f1: Measured,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct OfTopic {
    pub topic: String,
    pub labels: u64,
    pub given: u64,
    /// Of what was given: what is a label or acceptable.
    pub right: u64,
    /// Of the labels: what was given.
    pub found: u64,
}

/// A record with topics that are not those of a person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    pub id: String,
    pub title: String,
    pub missed: Vec<String>,
    pub wrong: Vec<Label>,
}

/// What was found of one record.
struct Outcome {
    wanted: BTreeSet<String>,
    acceptable: BTreeSet<String>,
    given: BTreeSet<String>,
}

/// Reads a file of labels: a line is `{"id": …, "labels": […]}`, with `acceptable` labels if need be. With `half`,
/// the lines of that half alone.
///
/// # Errors
/// `Io`; `Input` for a line that is no label, with its number.
pub fn read(path: &Path, half: Option<&str>) -> Result<Vec<Labelled>> {
    let failed = |cause| Error::io("can't read", path, cause);
    if fs::metadata(path).map_err(failed)?.len() > FILE_BYTES_MAX {
        let message = format!("{} is larger than {} MB", path.display(), FILE_BYTES_MAX >> 20);
        return Err(Error::new(ErrorKind::Input, message).hint("split it"));
    }
    let text = fs::read_to_string(path).map_err(failed)?;
    let mut all = Vec::new();
    for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
        let labelled: Labelled = serde_json::from_str(line).map_err(|error| {
            let error = Error::new(ErrorKind::Input, "a line that holds no labels").because(error).at(path, number);
            error.hint("a line is {\"id\": \"a record's id\", \"labels\": [\"group/topic\"]}")
        })?;
        if half.is_none_or(|half| half == labelled.half) {
            all.push(Labelled { line: number, ..labelled });
        }
    }
    Ok(all)
}

/// Labels the records anew and compares. A record that the index lacks is a problem, and is not counted.
///
/// # Errors
/// `Input` when none of the records is there; `Index`.
pub fn evaluate(index: &Index, path: &Path, labelled: &[Labelled], enricher: &mut Enricher) -> Result<Evaluation> {
    let (mut outcomes, mut mistakes, mut problems) = (Vec::new(), Vec::new(), Vec::new());
    let (mut n_long, mut n_long_labelled) = (0, 0);
    for one in labelled {
        let Some((record, passage)) = found(index, &one.id)? else {
            let message = format!("there is no record \"{}\"", one.id);
            let hint = "ingest the collection that was labelled";
            problems.push(Problem::new(&path.to_string_lossy(), Some(one.line), message, hint));
            continue;
        };
        let labels = match passage {
            Some(n) => enricher.passage_labels(&record, n),
            None => enricher.labels(&record),
        };
        if record.kind == Kind::Talk && n_words(record.body()) >= LONG_WORDS {
            n_long += 1;
            n_long_labelled += usize::from(!labels.is_empty());
        }
        let given: BTreeSet<String> = labels.iter().map(|label| label.topic.clone()).collect();
        let is_right = |topic: &String| one.labels.contains(topic) || one.acceptable.contains(topic);
        let missed: Vec<String> = one.labels.difference(&given).cloned().collect();
        let wrong: Vec<Label> = labels.into_iter().filter(|label| !is_right(&label.topic)).collect();
        if !missed.is_empty() || !wrong.is_empty() {
            mistakes.push(Mistake { id: one.id.clone(), title: record.title.unwrap_or_default(), missed, wrong });
        }
        outcomes.push(Outcome { wanted: one.labels.clone(), acceptable: one.acceptable.clone(), given });
    }
    if outcomes.is_empty() {
        let message = format!("the index has none of the records of {}", path.display());
        return Err(
            Error::new(ErrorKind::Input, message).hint("ingest the collection that was labelled, or name its --index")
        );
    }
    mistakes.sort_by_key(|mistake| std::cmp::Reverse(mistake.missed.len() + mistake.wrong.len()));
    let figures = |times: &[u32]| {
        let topics = by_topic(&outcomes, times);
        let [precision, recall, f1] = micro(&topics, Grade::Acceptable);
        let [strict, _, strict_f1] = micro(&topics, Grade::Strict);
        let macros = [Grade::Acceptable, Grade::Strict].map(|grade| macro_f1(&topics, grade).0);
        [precision, recall, f1, macros[0], strict, strict_f1, macros[1]]
    };
    let whole = vec![1; outcomes.len()];
    let values = figures(&whole);
    let intervals = stats::bootstrap(&[outcomes.len()], SEED, figures);
    let measured = |at: usize| Measured { value: values[at], interval: intervals[at] };
    let mut topics: Vec<OfTopic> = by_topic(&outcomes, &whole).into_values().collect();
    let n_classes = macro_f1(&by_topic(&outcomes, &whole), Grade::Acceptable).1;
    topics.sort_by(|a, b| b.labels.cmp(&a.labels).then(b.given.cmp(&a.given)).then_with(|| a.topic.cmp(&b.topic)));
    Ok(Evaluation {
        n_records: outcomes.len(),
        precision: measured(0),
        recall: measured(1),
        f1: measured(2),
        macro_f1: measured(3),
        n_classes,
        labels_min: LABELS_MIN,
        strict: Strict { precision: measured(4), f1: measured(5), macro_f1: measured(6) },
        groups: of_groups(&outcomes, &whole),
        n_long,
        n_long_labelled,
        topics,
        mistakes,
        mistakes_max: None,
        problems,
    })
}

/// A record by its id, or a report's passage by its own: the report and the passage's number from 0.
fn found(index: &Index, id: &str) -> Result<Option<(Record, Option<usize>)>> {
    let record_id = id.split_once('#').map_or(id, |(record, _)| record);
    let Some(record) = index.records_by_id(record_id)?.into_iter().next() else { return Ok(None) };
    if !id.contains('#') {
        return Ok(Some((record, None)));
    }
    let passage = record.passages.iter().position(|passage| passage.id == id);
    Ok(passage.map(|n| (record, Some(n))))
}

/// What of the given labels is right.
#[derive(Clone, Copy)]
enum Grade {
    Acceptable,
    Strict,
}

impl OfTopic {
    fn right(&self, grade: Grade) -> u64 {
        match grade {
            Grade::Acceptable => self.right,
            Grade::Strict => self.found,
        }
    }
}

/// The counts of each topic, records being there so many times.
fn by_topic(outcomes: &[Outcome], times: &[u32]) -> BTreeMap<String, OfTopic> {
    let mut topics: BTreeMap<String, OfTopic> = BTreeMap::new();
    for (Outcome { wanted, acceptable, given }, times) in outcomes.iter().zip(times) {
        for topic in wanted.union(given) {
            let (is_wanted, is_given) = (wanted.contains(topic), given.contains(topic));
            let of =
                topics.entry(topic.clone()).or_insert_with(|| OfTopic { topic: topic.clone(), ..OfTopic::default() });
            let times = u64::from(*times);
            of.labels += times * u64::from(is_wanted);
            of.given += times * u64::from(is_given);
            of.right += times * u64::from(is_given && (is_wanted || acceptable.contains(topic)));
            of.found += times * u64::from(is_given && is_wanted);
        }
    }
    topics
}

/// Precision, recall and F1 over all labels together.
fn micro(topics: &BTreeMap<String, OfTopic>, grade: Grade) -> [f64; 3] {
    let sum = |of: &dyn Fn(&OfTopic) -> u64| topics.values().map(of).sum::<u64>();
    let precision = share(sum(&|of| of.right(grade)), sum(&|of| of.given));
    let recall = share(sum(&|of| of.found), sum(&|of| of.labels));
    [precision, recall, f1(precision, recall)]
}

/// The mean F1 of the topics with labels enough, and how many they are.
fn macro_f1(topics: &BTreeMap<String, OfTopic>, grade: Grade) -> (f64, usize) {
    let of_one = |of: &OfTopic| f1(share(of.right(grade), of.given), share(of.found, of.labels));
    let all: Vec<f64> = topics.values().filter(|of| of.labels >= LABELS_MIN).map(of_one).collect();
    (stats::mean(&all), all.len())
}

fn of_groups(outcomes: &[Outcome], times: &[u32]) -> [f64; 2] {
    let groups =
        |topics: &BTreeSet<String>| topics.iter().map(|id| id.split('/').next().unwrap_or(id).to_owned()).collect();
    let outcomes: Vec<Outcome> = outcomes
        .iter()
        .map(|of| Outcome { wanted: groups(&of.wanted), acceptable: groups(&of.acceptable), given: groups(&of.given) })
        .collect();
    let [precision, recall, _] = micro(&by_topic(&outcomes, times), Grade::Acceptable);
    [precision, recall]
}

/// The harmonic mean of precision and recall.
fn f1(precision: f64, recall: f64) -> f64 {
    if precision + recall > 0.0 { 2.0 * precision * recall / (precision + recall) } else { 0.0 }
}

fn share(n: u64, of: u64) -> f64 {
    if of == 0 {
        0.0
    } else {
        precise(usize::try_from(n).unwrap_or_default()) / precise(usize::try_from(of).unwrap_or(1))
    }
}
