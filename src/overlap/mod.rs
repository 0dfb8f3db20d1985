//! Which records are like a talk, a passage or a draft, how sure that is, and what shows it.
//!
//! Candidates come from the index in one query of the draft's most telling words and its speakers' names, in which every match
//! is scored. Each is then compared in full: the words both have by what they tell in the collection, pairs of words that
//! stand side by side, and sentence with sentence. Titles add to that and decide nothing alone.

mod balance;
mod blind;
mod call;
mod editions;
mod function_words;
mod likeness;
mod people;
mod profile;
mod prose;
mod repeated;
mod ties;
mod weights;

use std::ops::Range;

use serde::Serialize;

pub use balance::{Balance, Broken, Group, Rules, balance};
pub use blind::{Blinded, NAME, ORGANISATION};
pub use call::{Assessed, Call, CallRequest, OfPerson, OfTopic, PROPOSALS_MAX};
pub use editions::{Cell, OfEdition, Resemblance, SCORE_MIN, TALKS_MAX, TalkPair};
pub use likeness::{Likeness, SAME_TALK, SentencePair, SharedTerm, Verdict, sentence_pairs, shared_terms};
pub use people::{People, Person};
pub use profile::{Profile, Profiler};
pub use prose::is_generic;
pub use weights::Weights;

use crate::{
    error::{Error, ErrorKind, Result},
    index::Shown,
    record::{Kind, Passage, Record},
    search::{Clues, Filter, Nearby, SearchRequest},
    text::one_line,
};

/// Bytes of a draft: a book is no abstract.
pub const DRAFT_BYTES_MAX: usize = 1 << 20;
/// Words of a draft that candidates are looked for by: more find no others, and cost as much each.
const TELLING_MAX: usize = 40;
/// What a speaker's name counts beside them: as two words that nobody else uses.
const NAME_WEIGHT: f32 = 14.0;
/// Candidates that are compared in full.
const CANDIDATES_MAX: usize = 64;
/// A draft of fewer telling words says nothing that could be compared.
pub const WORDS_MIN: usize = 6;
/// Sentence pairs and terms of one hit.
const PAIRS_MAX: usize = 3;
const TERMS_MAX: usize = 8;
/// A draft of which fewer words are in the index is of another language, or of another field.
const KNOWN_SHARE_MIN: f64 = 0.4;

/// What is compared: a record, and the text that stands for it.
#[derive(Clone, Debug)]
pub struct Subject {
    pub record: Record,
    /// The body, lines that repeat across its edition blanked; of a report the passage.
    pub body: String,
    pub profile: Profile,
}

/// What records are looked for that are like another.
#[derive(Clone, Debug, Default)]
pub struct SimilarRequest {
    /// The records to look among: its query and filters count.
    pub within: SearchRequest,
    pub limit: usize,
    /// Nobody's name counts or is shown.
    pub blind: bool,
    /// What is not close is found too.
    pub with_nothing: bool,
}

/// What was found.
#[derive(Clone, Debug, Default)]
pub struct Similar {
    /// Best first; none where nothing is close.
    pub hits: Vec<Near>,
    pub notes: Vec<String>,
    /// The words by which candidates were looked for, and what each tells.
    pub telling: Vec<(String, f64)>,
    /// Candidates that were compared in full.
    pub n_compared: usize,
}

/// A record that is like the draft.
#[derive(Clone, Debug)]
pub struct Near {
    /// Of a report, with the one passage.
    pub record: Record,
    pub verdict: Verdict,
    pub likeness: Likeness,
    pub pairs: Vec<Quotes>,
    pub terms: Vec<SharedTerm>,
}

/// Two sentences that say alike.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quotes {
    pub likeness: f64,
    pub draft: Quote,
    pub record: Quote,
}

/// A sentence, and which bytes of its body it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quote {
    pub text: String,
    pub start: usize,
    pub end: usize,
}

impl Subject {
    /// # Errors
    /// `Index`.
    pub fn new(record: Record, body: String, profiler: &mut Profiler<'_>) -> Result<Subject> {
        let profile = profiler.profile(&record, &body)?;
        Ok(Subject { record, body, profile })
    }

    /// What search shows of a record.
    ///
    /// # Errors
    /// `Index`.
    pub fn shown(shown: Shown, profiler: &mut Profiler<'_>) -> Result<Subject> {
        let passage = shown.record.passages.first().map(|passage| passage.text.as_str());
        let passage = passage.filter(|_| shown.record.kind == Kind::Report || shown.record.body().is_empty());
        let body = passage.map_or_else(|| shown.masked_body().into_owned(), str::to_owned);
        let mut subject = Subject::new(shown.record, body, profiler)?;
        subject.profile.is_report = subject.record.kind == Kind::Report;
        Ok(subject)
    }

    /// Both compared, with what shows their likeness.
    pub fn near(&self, other: &Subject) -> Near {
        let (a, b) = (&self.profile, &other.profile);
        let likeness = Likeness::of(a, b);
        let pairs = sentence_pairs(a, b, PAIRS_MAX).into_iter().map(|pair| Quotes {
            likeness: pair.likeness,
            draft: Quote::of(&self.body, pair.a),
            record: Quote::of(&other.body, pair.b),
        });
        Near {
            verdict: likeness.verdict(a, b),
            likeness,
            pairs: pairs.collect(),
            terms: shared_terms(a, b, TERMS_MAX),
            record: other.record.clone(),
        }
    }

    fn clues(&self) -> Clues {
        #[expect(clippy::cast_possible_truncation, reason = "weights are small")]
        let terms = self.profile.telling(TELLING_MAX).into_iter().map(|(term, weight)| (term, weight as f32)).collect();
        let names = self.profile.people.iter().map(|person| person.0.clone()).collect();
        Clues { terms, names, name_weight: NAME_WEIGHT }
    }
}

impl Quote {
    fn of(body: &str, span: Range<usize>) -> Quote {
        Quote { text: one_line(&body[span.clone()]), start: span.start, end: span.end }
    }
}

/// Finds records that are like another.
pub struct Comparison<'a> {
    nearby: &'a Nearby<'a>,
    profiler: Profiler<'a>,
    weights: &'a Weights<'a>,
}

impl<'a> Comparison<'a> {
    pub fn new(nearby: &'a Nearby<'a>, weights: &'a Weights<'a>) -> Self {
        Comparison { nearby, profiler: Profiler::new(weights), weights }
    }

    /// A record ready to be compared: one of the index by the text that search knows.
    ///
    /// # Errors
    /// `Index`.
    pub fn subject(&mut self, record: Record) -> Result<Subject> {
        let body = match record.passages.as_slice() {
            _ if !record.body().is_empty() => self.nearby.masked_body(&record)?,
            passages => passages.iter().map(|passage: &Passage| passage.text.as_str()).collect::<Vec<_>>().join("\n\n"),
        };
        Subject::new(record, body, &mut self.profiler)
    }

    /// As [`Comparison::subject`], without names.
    ///
    /// # Errors
    /// `Index`.
    pub fn blinded(&mut self, subject: &Subject, names: &Blinded) -> Result<Subject> {
        let (record, body) = names.blind(&subject.record, &subject.body);
        Subject::new(record, body, &mut self.profiler)
    }

    /// The candidates for a subject, best first; itself is none. `blind` is whose names don't count, besides their own.
    ///
    /// # Errors
    /// As [`search`](crate::search::search()).
    pub fn candidates(
        &mut self,
        subject: &Subject,
        within: &SearchRequest,
        blind: Option<&Blinded>,
    ) -> Result<(Vec<Subject>, Vec<String>)> {
        let (shown, notes) = self.nearby.nearest(&without_bios(within), &subject.clues(), CANDIDATES_MAX)?;
        let others = shown.into_iter().filter(|shown| shown.record.id != subject.record.id);
        let mut candidates = Vec::new();
        for shown in others {
            let candidate = Subject::shown(shown, &mut self.profiler)?;
            candidates.push(match blind {
                Some(names) => {
                    let names = names.and(&candidate.record);
                    self.blinded(&candidate, &names)?
                }
                None => candidate,
            });
        }
        Ok((candidates, notes))
    }

    /// The records that are like a subject, best first.
    ///
    /// # Errors
    /// `Input` where the subject says too little to be compared; else as [`search`](crate::search::search()).
    pub fn similar(&mut self, subject: &Subject, request: &SimilarRequest) -> Result<Similar> {
        if subject.profile.n_words() < WORDS_MIN {
            return Err(too_little(subject));
        }
        let names = request.blind.then(|| Blinded::of([&subject.record]));
        let blinded = names.as_ref().map(|names| self.blinded(subject, names)).transpose()?;
        let subject = blinded.as_ref().unwrap_or(subject);
        let (candidates, mut notes) = self.candidates(subject, &request.within, names.as_ref())?;
        let n_compared = candidates.len();
        notes.extend(self.unknown_words(subject)?);
        let hits = ranked(candidates.iter().map(|candidate| subject.near(candidate)), request);
        Ok(Similar { hits, notes, telling: subject.profile.telling(TELLING_MAX), n_compared })
    }

    /// What to say of a draft whose words the collection hardly has.
    fn unknown_words(&self, subject: &Subject) -> Result<Option<String>> {
        let terms = subject.profile.telling(usize::MAX);
        let mut n_known: u32 = 0;
        for (term, _) in &terms {
            n_known += u32::from(self.weights.is_known(term)?);
        }
        let n_all = u32::try_from(terms.len()).unwrap_or(u32::MAX);
        let is_foreign = f64::from(n_known) < KNOWN_SHARE_MIN * f64::from(n_all);
        Ok(is_foreign
            .then(|| format!("of its {n_all} telling words {n_known} are in the index: it may be in another language")))
    }
}

/// What is close, best first.
fn ranked(near: impl Iterator<Item = Near>, request: &SimilarRequest) -> Vec<Near> {
    let mut hits: Vec<Near> = near.filter(|near| request.with_nothing || near.verdict != Verdict::Nothing).collect();
    hits.sort_by(|a, b| b.likeness.score.total_cmp(&a.likeness.score).then_with(|| a.record.id.cmp(&b.record.id)));
    hits.truncate(request.limit);
    hits
}

/// Bios say nothing of talks: they are looked among only where they are asked for.
fn without_bios(within: &SearchRequest) -> SearchRequest {
    let mut within = within.clone();
    if within.filters.iter().all(|filter| filter.field != "kind") {
        let values = [Kind::Talk, Kind::Report].map(|kind| kind.as_str().to_owned()).to_vec();
        within.filters.push(Filter { field: "kind".to_owned(), values });
    }
    within
}

fn too_little(subject: &Subject) -> Error {
    let n = subject.profile.n_words();
    let of = if n == 0 { "no text".to_owned() } else { format!("too little text ({n} telling words)") };
    Error::new(ErrorKind::Input, format!("there is {of} to compare")).hint(format!(
        "an abstract of {WORDS_MIN} telling words or more says what a talk is about; titles alone do not"
    ))
}
