//! A whole call for papers: for each proposal the nearest earlier talks and fellow proposals; what is there twice, who proposed
//! much, what is new, which topics are crowded or missing.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::{Blinded, Comparison, Likeness, Near, Subject, Verdict, WORDS_MIN};
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, facet_values},
    record::Record,
    search::{SearchRequest, UNKNOWN, search},
};

/// Proposals of one call: the largest conferences have two thousand, and each is compared with each.
pub const PROPOSALS_MAX: usize = 5_000;
/// Earlier talks and fellow proposals shown with each.
const NEAR_MAX: usize = 3;
/// A topic with fewer proposals is not crowded, and one that fewer earlier talks had is not missing.
const TOPIC_MIN: u64 = 3;
/// How many times its earlier share a topic has to have to be crowded.
const CROWDED: f64 = 2.0;

/// What proposals are compared with, and how.
#[derive(Clone, Debug, Default)]
pub struct CallRequest {
    /// The earlier records to look among: its query and filters count.
    pub within: SearchRequest,
    /// Nobody's name counts or is shown.
    pub blind: bool,
}

/// What there is to say of a call.
#[derive(Clone, Debug, Default)]
pub struct Call {
    /// In the order in which they were given.
    pub proposals: Vec<Assessed>,
    /// People with several proposals, by how many; none in a blind call.
    pub people: Vec<OfPerson>,
    /// Topics of proposals and of earlier talks, the most crowded first.
    pub topics: Vec<OfTopic>,
    /// Earlier talks that the topics were counted in.
    pub n_earlier: u64,
    pub notes: Vec<String>,
}

/// One proposal.
#[derive(Clone, Debug)]
pub struct Assessed {
    /// From 1, in the order in which they were given.
    pub number: usize,
    /// As its source has it; none in a blind call, where it may tell who it is.
    pub id: Option<String>,
    pub title: String,
    pub speakers: Vec<String>,
    /// Against earlier talks.
    pub verdict: Verdict,
    /// 1 where no earlier text is like it, 0 where one is the same. Null where there is too little text to say.
    pub novelty: Option<f64>,
    /// The nearest earlier records, best first.
    pub earlier: Vec<Near>,
    /// The nearest of the other proposals, best first, by their numbers.
    pub fellows: Vec<(usize, Near)>,
}

/// Somebody with several proposals.
#[derive(Clone, Debug, Serialize)]
pub struct OfPerson {
    pub name: String,
    pub proposals: Vec<usize>,
}

/// How often a topic is proposed, and how often there were talks of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OfTopic {
    pub topic: String,
    pub proposals: Vec<usize>,
    pub earlier: u64,
    pub share: f64,
    pub earlier_share: f64,
    /// Null where it is neither crowded nor missing.
    pub finding: Option<&'static str>,
}

impl Call {
    /// Pairs of proposals that are the same talk, the lower number first.
    pub fn duplicates(&self) -> Vec<(usize, usize, f64)> {
        let mut pairs = Vec::new();
        for proposal in &self.proposals {
            for (other, near) in &proposal.fellows {
                if near.verdict == Verdict::SameTalk && proposal.number < *other {
                    pairs.push((proposal.number, *other, near.likeness.score));
                }
            }
        }
        pairs
    }

    /// The numbers of the proposals, those that are most unlike earlier talks first; what can't be told comes last.
    pub fn by_novelty(&self) -> Vec<usize> {
        let mut order: Vec<&Assessed> = self.proposals.iter().collect();
        let key = |proposal: &Assessed| proposal.novelty.unwrap_or(-1.0);
        order.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.number.cmp(&b.number)));
        order.into_iter().map(|proposal| proposal.number).collect()
    }
}

impl Comparison<'_> {
    /// Compares the proposals of a call with earlier records and with each other. `progress` is called with how many are done.
    ///
    /// # Errors
    /// `Input` for more than [`PROPOSALS_MAX`] of them, or none; else as [`search`].
    pub fn call(
        &mut self,
        index: &Index,
        proposals: &[Record],
        request: &CallRequest,
        progress: &mut dyn FnMut(usize),
    ) -> Result<Call> {
        if proposals.is_empty() || proposals.len() > PROPOSALS_MAX {
            let message = format!("there are {} proposals, and a call has 1 to {PROPOSALS_MAX}", proposals.len());
            return Err(Error::new(ErrorKind::Input, message).hint("`hallway parse` shows what is read of a file"));
        }
        let mut call = Call { notes: repeated_ids(proposals), ..Call::default() };
        let blinded = request.blind.then(|| Blinded::of(proposals));
        let mut subjects = Vec::with_capacity(proposals.len());
        for record in proposals {
            let subject = self.subject(record.clone())?;
            subjects.push(match &blinded {
                Some(names) => self.blinded(&subject, names)?,
                None => subject,
            });
        }
        call.notes.extend(self.without_repeated(&mut subjects)?);
        for (at, subject) in subjects.iter().enumerate() {
            progress(at);
            let mut assessed = Assessed::new(at + 1, subject, request.blind);
            if subject.profile.n_words() >= WORDS_MIN {
                let (candidates, notes) = self.candidates(subject, &request.within, blinded.as_ref())?;
                assessed.compare(subject, &candidates);
                assessed.fellows = fellows(subject, at, &subjects);
                notes.into_iter().for_each(|note| {
                    if !call.notes.contains(&note) {
                        call.notes.push(note);
                    }
                });
            } else {
                call.notes.push(format!("proposal {}: there is too little text to compare", at + 1));
            }
            call.proposals.push(assessed);
        }
        if !request.blind {
            call.people = people(proposals);
        }
        (call.topics, call.n_earlier) = topics(index, proposals, &request.within)?;
        Ok(call)
    }
}

impl Assessed {
    fn new(number: usize, subject: &Subject, blind: bool) -> Assessed {
        let record = &subject.record;
        Assessed {
            number,
            id: (!blind).then(|| record.id.clone()),
            title: record.title.clone().unwrap_or_default(),
            speakers: record.speakers.iter().map(|speaker| speaker.name.clone()).collect(),
            verdict: Verdict::Nothing,
            novelty: None,
            earlier: Vec::new(),
            fellows: Vec::new(),
        }
    }

    fn compare(&mut self, subject: &Subject, candidates: &[Subject]) {
        let near = candidates.iter().map(|candidate| subject.near(candidate));
        let mut near: Vec<Near> = near.collect();
        let most = near.iter().map(|near| near.likeness.text).fold(0.0, f64::max);
        self.novelty = Some((1.0 - most).clamp(0.0, 1.0));
        near.retain(|near| near.verdict != Verdict::Nothing);
        near.sort_by(|a, b| best_first(&a.likeness, &b.likeness).then_with(|| a.record.id.cmp(&b.record.id)));
        near.truncate(NEAR_MAX);
        self.verdict = near.first().map_or(Verdict::Nothing, |near| near.verdict);
        self.earlier = near;
    }
}

fn best_first(a: &Likeness, b: &Likeness) -> std::cmp::Ordering {
    b.score.total_cmp(&a.score)
}

/// The nearest of the others. All are compared; evidence is looked for of those that are shown.
fn fellows(subject: &Subject, own: usize, subjects: &[Subject]) -> Vec<(usize, Near)> {
    let mut near: Vec<(usize, Likeness)> = Vec::new();
    for (at, other) in subjects.iter().enumerate().filter(|(at, _)| *at != own) {
        if let Some(likeness) = Likeness::close(&subject.profile, &other.profile) {
            near.push((at, likeness));
        }
    }
    let title = |at: usize| &subjects[at].record.title;
    near.sort_by(|a, b| best_first(&a.1, &b.1).then_with(|| title(a.0).cmp(title(b.0))).then(a.0.cmp(&b.0)));
    near.truncate(NEAR_MAX);
    near.into_iter().map(|(at, _)| (at + 1, subject.near(&subjects[at]))).collect()
}

/// What to say of ids that several proposals have.
fn repeated_ids(proposals: &[Record]) -> Vec<String> {
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    for record in proposals {
        if !seen.insert(&record.id) {
            repeated.insert(&record.id);
        }
    }
    repeated.into_iter().map(|id| format!("several proposals have the id {id}: each is compared by itself")).collect()
}

fn people(proposals: &[Record]) -> Vec<OfPerson> {
    let mut by_name: BTreeMap<&str, BTreeSet<usize>> = BTreeMap::new();
    for (number, record) in (1..).zip(proposals) {
        for speaker in &record.speakers {
            by_name.entry(&speaker.name).or_default().insert(number);
        }
    }
    let several = by_name.into_iter().filter(|(_, proposals)| proposals.len() > 1);
    let mut people: Vec<OfPerson> = several
        .map(|(name, proposals)| OfPerson { name: name.to_owned(), proposals: proposals.into_iter().collect() })
        .collect();
    people.sort_by_key(|person| std::cmp::Reverse(person.proposals.len()));
    people
}

/// Topics of the proposals beside those of the earlier records, and how many of these there are.
fn topics(index: &Index, proposals: &[Record], within: &SearchRequest) -> Result<(Vec<OfTopic>, u64)> {
    let facets = vec!["topic".to_owned()];
    let request = SearchRequest { limit: 0, facets, facet_values_max: usize::MAX, ..super::without_bios(within) };
    let found = search(index, &request)?;
    let mut counts: BTreeMap<String, (Vec<usize>, u64)> = BTreeMap::new();
    for count in found.facets.iter().flatten().flat_map(|counts| &counts.counts).filter(|count| count.value != UNKNOWN)
    {
        counts.entry(count.value.clone()).or_default().1 = count.count;
    }
    for (number, record) in (1..).zip(proposals) {
        let values =
            facet_values(record).into_iter().filter(|(name, _)| *name == "topic").flat_map(|(_, values)| values);
        values.for_each(|topic| counts.entry(topic).or_default().0.push(number));
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of talks")]
    let share = |n: u64, of: usize| if of == 0 { 0.0 } else { n as f64 / of as f64 };
    let n_earlier = usize::try_from(found.total).unwrap_or(usize::MAX);
    let mut topics: Vec<OfTopic> = Vec::new();
    for (topic, (proposed, earlier)) in counts {
        let of_proposals = share(proposed.len() as u64, proposals.len());
        let earlier_share = share(earlier, n_earlier);
        let is_crowded = proposed.len() as u64 >= TOPIC_MIN && of_proposals >= CROWDED * earlier_share;
        let is_missing = proposed.is_empty() && earlier >= TOPIC_MIN;
        let finding = if is_crowded { Some("crowded") } else { is_missing.then_some("missing") };
        topics.push(OfTopic { topic, proposals: proposed, earlier, share: of_proposals, earlier_share, finding });
    }
    let difference = |of: &OfTopic| of.share - of.earlier_share;
    topics.sort_by(|a, b| difference(b).total_cmp(&difference(a)).then_with(|| a.topic.cmp(&b.topic)));
    Ok((topics, found.total))
}
