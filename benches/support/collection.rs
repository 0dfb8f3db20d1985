//! What the benches read: the sample collection grown to any number of records, or the documents that
//! `HALLWAY_BENCH_DOCS` names; as JSON Lines, which is what both engines read.
//!
//! The sample is grown by recombining its whole sentences, so that words that stand together do so here, too. Nothing is
//! left to chance but by a seed, and a smaller collection is the beginning of a larger one.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use fastrand::Rng;
use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    record::{Kind, Record},
};
use serde_json::{Map, Value, json};
use unicode_segmentation::UnicodeSegmentation;

use super::raw::{Result, each_line};

/// Bytes of one file: hallway refuses files over 64 MB.
const FILE_BYTES_MAX: usize = 40 << 20;
/// Words of a text are drawn log-normally: the median, how wide, and the bounds.
const WORDS_MEDIAN: f64 = 330.0;
const WORDS_SIGMA: f64 = 0.55;
const WORDS: std::ops::RangeInclusive<usize> = 200..=1500;
/// One record of so many is a report.
const TALKS_A_REPORT: usize = 50;
const PASSAGES: std::ops::RangeInclusive<usize> = 5..=20;
const PASSAGE_WORDS: std::ops::RangeInclusive<usize> = 60..=200;
/// Sentences a pseudo-word: they make the vocabulary grow as that of real texts does.
const SENTENCES_A_PSEUDO_WORD: usize = 4;
/// The greater, the fewer of the pseudo-words are frequent.
const PSEUDO_WORDS_SKEW: f64 = 1.35;
const SENTENCES_A_PARAGRAPH: usize = 4;
/// Words of a sentence that is worth repeating.
const SENTENCE_WORDS_MIN: usize = 4;
const SEED: u64 = 20_260;

/// Where records come from.
pub enum Collection {
    Grown(Sample),
    File(PathBuf),
}

/// The sample collection, taken apart.
pub struct Sample {
    /// By id.
    talks: Vec<Record>,
    /// The sentences of talks, all and by series; and those of reports.
    anywhere: Vec<Sentence>,
    by_series: BTreeMap<String, Vec<Sentence>>,
    of_reports: Vec<Sentence>,
}

#[derive(Clone)]
struct Sentence {
    text: String,
    n_words: usize,
}

/// What was written.
#[derive(Clone, Copy, Debug)]
pub struct Written {
    pub n_records: usize,
    pub all_have_years: bool,
}

impl Collection {
    /// The file that `HALLWAY_BENCH_DOCS` names, else the sample.
    pub fn new() -> Result<Collection> {
        match std::env::var_os("HALLWAY_BENCH_DOCS") {
            Some(path) => Ok(Collection::File(path.into())),
            None => Ok(Collection::Grown(Sample::read()?)),
        }
    }

    /// Writes `n` records, or all that there are, into files below the limit in `folder`.
    pub fn write(&self, n: usize, folder: &Path) -> Result<Written> {
        let mut parts = Parts::new(folder);
        match self {
            Collection::Grown(sample) => {
                let mut rng = Rng::with_seed(SEED);
                (1..=n).try_for_each(|number| parts.push(&sample.record(&mut rng, number)))?;
            }
            Collection::File(path) => {
                let mut number = 0;
                each_line(std::slice::from_ref(path), |line| {
                    number += 1;
                    if number > n { Ok(()) } else { parts.push(&numbered(line, number)?) }
                })?;
            }
        }
        parts.finish()
    }
}

/// A record with its number in its title: hallway takes the same title by the same speaker at the same edition in
/// several files for copies, and recombined documents may repeat all three.
fn numbered(line: &str, number: usize) -> Result<Value> {
    let mut record: Map<String, Value> = serde_json::from_str(line)?;
    let title = record.get("title").and_then(Value::as_str).unwrap_or_default();
    let title = format!("{title} {number}");
    record.insert("title".to_owned(), json!(title));
    Ok(Value::Object(record))
}

impl Sample {
    /// Reads the sample through hallway's own formats.
    fn read() -> Result<Sample> {
        let folder = tempfile::tempdir()?;
        let index = Index::open_or_create(folder.path())?;
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("corpus");
        ingest(&index, &IngestRequest { paths: vec![corpus], ..IngestRequest::default() }, &mut |_| {})?;
        let mut records: Vec<Record> = Vec::new();
        index.each_record(|record| {
            records.push(record);
            Ok(())
        })?;
        records.sort_by(|a, b| a.id.cmp(&b.id));
        let (mut talks, mut anywhere, mut of_reports) = (Vec::new(), Vec::new(), Vec::new());
        let mut by_series: BTreeMap<String, Vec<Sentence>> = BTreeMap::new();
        for record in records {
            match record.kind {
                Kind::Report => record.passages.iter().for_each(|passage| of_reports.extend(sentences(&passage.text))),
                Kind::Talk => {
                    let own: Vec<Sentence> = sentences(record.body()).collect();
                    anywhere.extend_from_slice(&own);
                    by_series.entry(record.series.clone().unwrap_or_default()).or_default().extend(own);
                    talks.push(record);
                }
                Kind::Bio => {}
            }
        }
        Ok(Sample { talks, anywhere, by_series, of_reports })
    }

    fn record(&self, rng: &mut Rng, number: usize) -> Value {
        let anchor = &self.talks[rng.usize(..self.talks.len())];
        let series = anchor.series.clone().unwrap_or_default();
        let of_series = self.by_series.get(&series).filter(|sentences| !sentences.is_empty());
        let of_series = of_series.unwrap_or(&self.anywhere);
        let mut record = json!({
            "id": format!("grown-{number}"),
            "title": format!("{} {number}", anchor.title.as_deref().unwrap_or_default()),
            "series": series, "edition": anchor.edition, "year": anchor.year,
        });
        if rng.usize(..TALKS_A_REPORT) == 0 {
            let passage = |rng: &mut Rng| {
                let heading = self.talks[rng.usize(..self.talks.len())].title.clone();
                let n_words = rng.usize(PASSAGE_WORDS);
                json!({ "heading": [heading], "text": recombined(rng, n_words, &self.of_reports, &self.anywhere) })
            };
            let n_passages = rng.usize(PASSAGES);
            record["kind"] = json!("report");
            record["passages"] = (0..n_passages).map(|_| passage(rng)).collect();
        } else {
            let n_words = n_words(rng);
            record["text"] = json!(recombined(rng, n_words, of_series, &self.anywhere));
            record["speakers"] = json!(anchor.speakers);
            record["tags"] = json!(anchor.tags);
        }
        record
    }
}

fn sentences(text: &str) -> impl Iterator<Item = Sentence> {
    let all = text.split("\n\n").flat_map(UnicodeSegmentation::split_sentence_bounds);
    let all = all.map(|sentence| Sentence {
        text: sentence.split_whitespace().collect::<Vec<_>>().join(" "),
        n_words: sentence.split_whitespace().count(),
    });
    all.filter(|sentence| sentence.n_words >= SENTENCE_WORDS_MIN)
}

/// Log-normal; the sum of twelve even numbers is normal as near as matters here, and the same everywhere.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is bounded by WORDS")]
fn n_words(rng: &mut Rng) -> usize {
    let normal = (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0;
    let n = (WORDS_MEDIAN.ln() + WORDS_SIGMA * normal).exp();
    (n as usize).clamp(*WORDS.start(), *WORDS.end())
}

/// Sentences, half from `near` and half from `far`, until there are `n_words`.
fn recombined(rng: &mut Rng, n_words: usize, near: &[Sentence], far: &[Sentence]) -> String {
    let mut text = String::new();
    let mut n = 0;
    for at in 0.. {
        if n >= n_words {
            break;
        }
        if at > 0 {
            text.push_str(if at % SENTENCES_A_PARAGRAPH == 0 { "\n\n" } else { " " });
        }
        let from = if rng.bool() { near } else { far };
        let sentence = choice(rng, from);
        text.push_str(&sentence.text);
        n += sentence.n_words;
        if rng.usize(..SENTENCES_A_PSEUDO_WORD) == 0 {
            text.push(' ');
            push_pseudo_word(rng, &mut text);
            text.push('.');
            n += 1;
        }
    }
    text
}

/// The first more often than the last: real sentences have favourites among their words, too.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place")]
fn choice<'s>(rng: &mut Rng, sentences: &'s [Sentence]) -> &'s Sentence {
    let at = rng.f64().powi(2) * sentences.len() as f64;
    &sentences[(at as usize).min(sentences.len() - 1)]
}

const SYLLABLES: [&str; 30] = [
    "ka", "lo", "mi", "ren", "tu", "va", "zo", "pe", "shi", "dra", "fen", "qui", "bor", "nal", "sto", "gri", "hu",
    "wex", "yam", "cel", "tor", "plu", "ib", "ost", "ark", "em", "un", "jal", "ro", "ny",
];

/// Few are frequent, and there is no end of rare ones: the rank is drawn from a Pareto distribution and spelled.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rank, cut where it saturates")]
fn push_pseudo_word(rng: &mut Rng, text: &mut String) {
    let rank = (1.0 - rng.f64()).powf(-PSEUDO_WORDS_SKEW) as u64;
    // Three syllables at least.
    let mut rest = rank.saturating_add(900);
    while rest > 0 {
        text.push_str(SYLLABLES[(rest % 30) as usize]);
        rest /= 30;
    }
}

/// JSON Lines in several files.
struct Parts<'f> {
    folder: &'f Path,
    open: Option<BufWriter<File>>,
    n_bytes: usize,
    n_begun: usize,
    written: Written,
}

impl<'f> Parts<'f> {
    fn new(folder: &'f Path) -> Self {
        let written = Written { n_records: 0, all_have_years: true };
        Parts { folder, open: None, n_bytes: 0, n_begun: 0, written }
    }

    fn push(&mut self, record: &Value) -> Result<()> {
        let line = serde_json::to_string(record)?;
        if self.open.is_none() || self.n_bytes + line.len() > FILE_BYTES_MAX {
            self.close()?;
            let path = self.folder.join(format!("part-{:04}.jsonl", self.n_begun));
            self.open = Some(BufWriter::new(File::create_new(path)?));
            (self.n_begun, self.n_bytes) = (self.n_begun + 1, 0);
        }
        self.n_bytes += line.len() + 1;
        self.written.n_records += 1;
        self.written.all_have_years &= record["year"].is_u64();
        let Some(file) = &mut self.open else { return Ok(()) };
        Ok(writeln!(file, "{line}")?)
    }

    fn close(&mut self) -> Result<()> {
        self.open.take().map_or(Ok(()), |mut file| Ok(file.flush()?))
    }

    fn finish(mut self) -> Result<Written> {
        self.close()?;
        Ok(self.written)
    }
}
