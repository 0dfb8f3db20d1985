//! How well the same talk is found again: what real programs hold twice, with titles taken away.
//!
//! The gold is made before anything is compared: talks of the same title by the same person at two editions. A talk that the
//! same person gave under nearly the same title, or with most of the text to the letter, is as good an answer. Half of the
//! groups, drawn by a hash of their ids, is for tuning; the other is held back.

mod gold;

use std::{
    collections::{BTreeMap, HashMap, hash_map::Entry},
    fs,
    path::Path,
};

use serde::Serialize;

pub use gold::Judgements;
use gold::{Gold, Repeat};

use super::index_documents;
use crate::{
    error::{Error, ErrorKind, Problem, Result},
    eval::Judged,
    index::Index,
    overlap::{Comparison, Likeness, Profile, Profiler, Subject, Verdict, Weights},
    record::Record,
    search::{Clues, Nearby, SearchRequest},
    source,
    stats::{Interval, bootstrap, precise},
};

/// Ranks that are looked at.
const DEPTH: usize = 5;
/// Pairs of talks of different fields that are drawn.
const STRANGERS: usize = 20_000;
/// What draws them.
const SEED: u64 = 11;

/// A share, with the range that holds the true one in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figure {
    pub value: f64,
    pub interval: Interval,
    /// What it is a share of.
    pub of: usize,
}

/// How often one way to rank finds the talk again.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Found {
    pub method: &'static str,
    pub recall_at_1: Figure,
    pub recall_at_5: Figure,
}

/// The figures of one set of talks.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Stratum {
    pub name: &'static str,
    pub n_queries: usize,
    pub methods: Vec<Found>,
    /// Of the pairs called the same talk, those that are.
    pub precision: Option<Figure>,
    /// Of the talks, those that are called so with one of their repeats.
    pub recall: Figure,
}

/// What one file of talks shows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OverlapEvaluation {
    pub n_talks: usize,
    /// Talks with text that are there again, in both halves.
    pub n_repeats: usize,
    pub n_groups: usize,
    /// For tuning, then held back; of each all, and those that were rewritten.
    pub halves: [[Stratum; 2]; 2],
    /// Of pairs of different fields, those that get more than *same subject*.
    pub strangers: Figure,
    /// Pairs of the half for tuning that were called the same talk and are none by their titles and texts.
    pub mistakes: Vec<Mistake>,
    /// What was compared, for who fits weights or reads pairs.
    #[serde(skip)]
    pub pairs: Vec<Compared>,
    pub problems: Vec<Problem>,
}

/// Two talks that were compared: one that is there again, and a candidate.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Compared {
    pub talk: String,
    pub other: String,
    pub half: &'static str,
    /// Whether they are one, by the gold.
    pub same: bool,
    /// Whether a speaker is of both.
    pub shared: bool,
    pub verdict: Verdict,
    pub likeness: Likeness,
}

/// Two talks taken for one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    pub talk: String,
    pub other: String,
    pub score: f64,
}

/// One talk looked for.
struct Outcome {
    is_held_back: bool,
    is_rewritten: bool,
    /// Of the first right answer, by each method; null beyond [`DEPTH`].
    ranks: [Option<usize>; 3],
    /// Pairs called the same talk, and those of them that are.
    n_same: usize,
    n_right: usize,
    mistakes: Vec<Mistake>,
    pairs: Vec<Compared>,
}

/// The methods, hallway's own first.
const METHODS: [&str; 3] = ["hallway", "bm25", "tf-idf"];

/// Measures on the talks of a file as `hallway export --kind talk` writes them, at most `n_max` of the repeats, in an index
/// that is made in `folder`. What somebody judged by reading goes before titles and names. `progress` is called with what is
/// done and what there is.
///
/// # Errors
/// `Input` where the file holds no talk twice; `Io`, `Index`.
pub fn evaluate_overlap(
    file: &Path,
    judgements: &Judgements,
    folder: &Path,
    n_max: usize,
    n_threads: usize,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<OverlapEvaluation> {
    let bytes = source::read(file)?;
    let (talks, problems) = read(&bytes, file);
    let gold = Gold::of(&talks, judgements);
    if gold.repeats.is_empty() {
        let message = format!("{} holds no talk at two editions", file.display());
        return Err(Error::new(ErrorKind::Input, message).hint("give what `hallway export --kind talk` writes"));
    }
    let index = without_titles(&talks, folder, n_threads)?;
    let nearby = Nearby::new(&index);
    let weights = Weights::new(&nearby);
    let mut bench = Bench::new(&talks, &index, &nearby, &weights);
    let mut outcomes = Vec::new();
    let repeats: Vec<&Repeat> = gold.sample(n_max);
    let mut pairs = Vec::new();
    for (n, repeat) in repeats.iter().enumerate() {
        progress(n, repeats.len());
        if let Some(mut outcome) = bench.ask(repeat)? {
            pairs.append(&mut outcome.pairs);
            outcomes.push(outcome);
        }
    }
    let half = |is_held_back: bool| {
        let of = |name, wants: &dyn Fn(&Outcome) -> bool| {
            let chosen = outcomes.iter().filter(|outcome| outcome.is_held_back == is_held_back && wants(outcome));
            stratum(name, &chosen.collect::<Vec<_>>())
        };
        [of("all", &|_| true), of("rewritten", &|outcome| outcome.is_rewritten)]
    };
    let tuned = outcomes.iter().filter(|outcome| !outcome.is_held_back);
    let mistakes = tuned.flat_map(|outcome| outcome.mistakes.iter().cloned()).collect();
    Ok(OverlapEvaluation {
        n_talks: talks.len(),
        n_repeats: gold.repeats.len(),
        n_groups: gold.n_groups,
        halves: [half(false), half(true)],
        strangers: bench.strangers()?,
        mistakes,
        pairs,
        problems,
    })
}

/// The talks of the file's lines; a line that is none costs itself.
fn read(bytes: &[u8], file: &Path) -> (Vec<Record>, Vec<Problem>) {
    let (mut talks, mut problems) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(bytes.split(|byte| *byte == b'\n')) {
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Record>(line) {
            Ok(record) if record.id.is_empty() => {
                let hint = "give what `hallway export --kind talk` writes";
                problems.push(Problem::new(&file.to_string_lossy(), Some(number), "a record without an id", hint));
            }
            Ok(record) => talks.push(record),
            Err(error) => {
                let hint = "give what `hallway export --kind talk` writes";
                problems.push(Problem::new(
                    &file.to_string_lossy(),
                    Some(number),
                    format!("not a record: {error}"),
                    hint,
                ));
            }
        }
    }
    talks.retain(|record| record.kind == crate::record::Kind::Talk);
    (talks, problems)
}

/// An index of the talks without their titles, also where the text repeats them.
fn without_titles(talks: &[Record], folder: &Path, n_threads: usize) -> Result<Index> {
    let mut lines = Vec::new();
    for talk in talks {
        let body = talk.title.as_deref().filter(|title| !title.is_empty()).map(|title| talk.body().replace(title, ""));
        let hidden = Record {
            id: talk.id.clone(),
            series: talk.series.clone(),
            edition: talk.edition.clone(),
            edition_id: talk.edition_id.clone(),
            year: talk.year,
            speakers: talk.speakers.clone(),
            language: talk.language.clone(),
            abstract_text: body.or_else(|| talk.abstract_text.clone()).filter(|text| !text.trim().is_empty()),
            ..Record::default()
        };
        if hidden.abstract_text.is_some() {
            serde_json::to_writer(&mut lines, &hidden).map_err(|error| {
                Error::new(ErrorKind::Input, format!("{} can't be written", hidden.id)).because(error)
            })?;
            lines.push(b'\n');
        }
    }
    let path = folder.join(super::DOCS);
    fs::write(&path, &lines).map_err(|cause| Error::io("can't write", &path, cause))?;
    let mut documents = Judged { dir: folder.to_owned(), ..Judged::default() };
    index_documents(&mut documents, &folder.join("index"), n_threads)
}

/// What all talks are asked for with.
struct Bench<'a> {
    talks: &'a [Record],
    index: &'a Index,
    nearby: &'a Nearby<'a>,
    comparison: Comparison<'a>,
    profiler: Profiler<'a>,
    cosine: Cosine,
}

impl<'a> Bench<'a> {
    fn new(talks: &'a [Record], index: &'a Index, nearby: &'a Nearby<'a>, weights: &'a Weights<'a>) -> Self {
        let cosine = Cosine::new(talks);
        let (comparison, profiler) = (Comparison::new(nearby, weights), Profiler::new(weights));
        Bench { talks, index, nearby, comparison, profiler, cosine }
    }

    /// Null where the index took the talk for a copy of another.
    fn ask(&mut self, repeat: &Repeat) -> Result<Option<Outcome>> {
        let talk = &self.talks[repeat.talk];
        let Some(hidden) = self.index.records_by_id(&talk.id)?.into_iter().next() else { return Ok(None) };
        let is_right = |id: &str| repeat.answers.iter().any(|at| self.talks[*at].id == id);
        let everything = SearchRequest { with_rejected: true, ..SearchRequest::default() };
        let subject = self.comparison.subject(hidden)?;
        let (candidates, _) = self.comparison.candidates(&subject, &everything, None)?;
        let mut ranked: Vec<(Likeness, &Subject)> =
            candidates.iter().map(|other| (Likeness::of(&subject.profile, &other.profile), other)).collect();
        ranked.sort_by(|a, b| b.0.score.total_cmp(&a.0.score).then_with(|| a.1.record.id.cmp(&b.1.record.id)));
        let own = first(ranked.iter().map(|(_, other)| other.record.id.as_str()), is_right);
        let is_same = |(likeness, other): &&(Likeness, &Subject)| {
            likeness.verdict(&subject.profile, &other.profile) == Verdict::SameTalk
        };
        let same: Vec<_> = ranked.iter().filter(is_same).collect();
        let wrong = same.iter().filter(|(_, other)| !is_right(&other.record.id)).map(|(likeness, other)| Mistake {
            talk: talk.id.clone(),
            other: other.record.id.clone(),
            score: likeness.score,
        });
        let mistakes = wrong.collect();
        let n_right = same.iter().filter(|(_, other)| is_right(&other.record.id)).count();
        let pairs = ranked.iter().map(|(likeness, other)| Compared {
            talk: talk.id.clone(),
            other: other.record.id.clone(),
            half: if repeat.is_held_back { "held" } else { "dev" },
            same: is_right(&other.record.id),
            shared: likeness.people.is_shared(),
            verdict: likeness.verdict(&subject.profile, &other.profile),
            likeness: *likeness,
        });
        let pairs = pairs.collect();
        let words = self.cosine.words(repeat.talk);
        let terms = words.iter().map(|term| (term.clone(), self.cosine.idf(term))).collect();
        let (found, _) = self.nearby.nearest(&everything, &Clues { terms, ..Clues::default() }, DEPTH + 1)?;
        let others = found.iter().map(|shown| shown.record.id.as_str()).filter(|id| *id != subject.record.id);
        let bm25 = first(others, is_right);
        let cosine = self.cosine.nearest(repeat.talk);
        let cosine = first(cosine.iter().map(|at| self.talks[*at].id.as_str()), is_right);
        Ok(Some(Outcome {
            is_held_back: repeat.is_held_back,
            is_rewritten: repeat.is_rewritten,
            ranks: [own, bm25, cosine],
            n_same: same.len(),
            n_right,
            mistakes,
            pairs,
        }))
    }

    /// Pairs of talks that share no field and no speaker, drawn at random.
    fn strangers(&mut self) -> Result<Figure> {
        let fields = |talk: &Record| -> Vec<String> {
            talk.topics.iter().map(|topic| topic.split('/').next().unwrap_or(topic).to_owned()).collect()
        };
        let known = self.talks.iter().filter(|talk| !talk.topics.is_empty() && !talk.body().is_empty());
        let known: Vec<(&Record, Vec<String>)> = known.map(|talk| (talk, fields(talk))).collect();
        let mut rng = fastrand::Rng::with_seed(SEED);
        let mut profiles: HashMap<usize, Profile> = HashMap::new();
        let mut called = Vec::new();
        for _ in 0..if known.len() < 2 { 0 } else { STRANGERS } {
            let pair = [rng.usize(..known.len()), rng.usize(..known.len())];
            let [a, b] = pair.map(|at| &known[at]);
            if a.1.iter().any(|field| b.1.contains(field)) {
                continue;
            }
            for at in pair {
                if let Entry::Vacant(profile) = profiles.entry(at) {
                    let hidden = Record { title: None, ..known[at].0.clone() };
                    profile.insert(self.profiler.profile(&hidden, known[at].0.body())?);
                }
            }
            let (a, b) = (&profiles[&pair[0]], &profiles[&pair[1]]);
            let likeness = Likeness::of(a, b);
            if !likeness.people.is_shared() {
                called.push((f64::from(u8::from(likeness.verdict(a, b) == Verdict::SameTalk)), 1.0));
            }
        }
        Ok(figure(&called).unwrap_or(NOTHING))
    }
}

fn first<'a>(mut ids: impl Iterator<Item = &'a str>, is_right: impl Fn(&str) -> bool) -> Option<usize> {
    ids.position(is_right)
}

fn stratum(name: &'static str, outcomes: &[&Outcome]) -> Stratum {
    let share = |hits: &dyn Fn(&Outcome) -> bool| {
        figure(&outcomes.iter().map(|outcome| (f64::from(u8::from(hits(outcome))), 1.0)).collect::<Vec<_>>())
            .unwrap_or(NOTHING)
    };
    let within = |method: usize, n: usize| share(&|outcome| outcome.ranks[method].is_some_and(|rank| rank < n));
    let method = |(at, method): (usize, &&'static str)| Found {
        method,
        recall_at_1: within(at, 1),
        recall_at_5: within(at, DEPTH),
    };
    let same: Vec<_> = outcomes.iter().map(|outcome| (precise(outcome.n_right), precise(outcome.n_same))).collect();
    Stratum {
        name,
        n_queries: outcomes.len(),
        methods: METHODS.iter().enumerate().map(method).collect(),
        precision: figure(&same),
        recall: share(&|outcome| outcome.n_right > 0),
    }
}

const NOTHING: Figure = Figure { value: 0.0, interval: Interval { low: 0.0, high: 1.0 }, of: 0 };

/// The sum of the firsts of all that of the seconds, by resampling pairs; null where there is nothing to be a share of.
#[expect(clippy::cast_sign_loss, reason = "counts are not negative")]
fn figure(pairs: &[(f64, f64)]) -> Option<Figure> {
    let all: f64 = pairs.iter().map(|(_, of)| of).sum();
    if all <= 0.0 {
        return None;
    }
    let [interval] = bootstrap(&[pairs.len()], SEED, |times| {
        let sum = |value: &dyn Fn(&(f64, f64)) -> f64| -> f64 {
            pairs.iter().zip(times).map(|(pair, n)| value(pair) * f64::from(*n)).sum()
        };
        let of = sum(&|pair| pair.1);
        [if of > 0.0 { sum(&|pair| pair.0) / of } else { 0.0 }]
    });
    Some(Figure { value: pairs.iter().map(|(n, _)| n).sum::<f64>() / all, interval, of: all as usize })
}

/// The cosine of texts by term frequency and inverse document frequency, over all talks: what people would reach for first.
struct Cosine {
    documents: Vec<BTreeMap<String, f64>>,
    postings: HashMap<String, Vec<(usize, f64)>>,
}

impl Cosine {
    fn new(talks: &[Record]) -> Self {
        let mut analyzer = crate::text::analyzer::Analyzer::default();
        let mut documents = Vec::new();
        let mut n_with: HashMap<String, usize> = HashMap::new();
        for talk in talks {
            analyzer.set_language(talk.language.as_deref());
            let mut counts: BTreeMap<String, f64> = BTreeMap::new();
            let body =
                talk.body().replace(talk.title.as_deref().filter(|title| !title.is_empty()).unwrap_or("\u{0}"), "");
            // Names count, as they do for hallway.
            let names = talk.speakers.iter().map(|speaker| speaker.name.as_str());
            for text in names.chain([body.as_str()]) {
                analyzer.tokens(text, |token| *counts.entry(token.term.to_owned()).or_default() += 1.0);
            }
            counts.keys().for_each(|term| *n_with.entry(term.clone()).or_default() += 1);
            documents.push(counts);
        }
        let mut postings: HashMap<String, Vec<(usize, f64)>> = HashMap::new();
        let n_all = precise(documents.len());
        for (at, counts) in documents.iter_mut().enumerate() {
            for (term, count) in counts.iter_mut() {
                *count = (1.0 + count.ln()) * (n_all / precise(n_with[term])).ln();
            }
            let norm = counts.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
            for (term, weight) in counts.iter_mut() {
                *weight /= norm;
                postings.entry(term.clone()).or_default().push((at, *weight));
            }
        }
        Cosine { documents, postings }
    }

    fn words(&self, talk: usize) -> Vec<String> {
        self.documents[talk].keys().cloned().collect()
    }

    #[expect(clippy::cast_possible_truncation, reason = "scores are of single precision")]
    fn idf(&self, term: &str) -> f32 {
        let n_with = precise(self.postings.get(term).map_or(0, Vec::len));
        (1.0 + (precise(self.documents.len()) - n_with + 0.5) / (n_with + 0.5)).ln() as f32
    }

    fn nearest(&self, talk: usize) -> Vec<usize> {
        let mut scores = vec![0.0; self.documents.len()];
        for (term, weight) in &self.documents[talk] {
            self.postings[term].iter().for_each(|(at, other)| scores[*at] += weight * other);
        }
        let mut order: Vec<usize> = (0..scores.len()).filter(|at| *at != talk && scores[*at] > 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]).then(a.cmp(b)));
        order.truncate(DEPTH);
        order
    }
}
