//! How like two texts are, and what that says of the two talks.

use std::{cmp::Ordering, ops::Range};

use serde::Serialize;

use super::{
    people::People,
    profile::{Profile, Sentence, Word},
    ties::even,
};

/// What two texts may share by chance: added to what each holds, so that texts of a few words are like nothing. Three or four
/// telling words have it together.
const CHANCE: f64 = 30.0;
/// As [`CHANCE`], of the squares that the cosine divides by.
const CHANCE_SQUARES: f64 = 90.0;
/// Sentences that tell less are "come and see".
const SENTENCE_MASS_MIN: f64 = 8.0;
/// Sentences of a text that are aligned: abstracts have twenty, and each is compared with each.
const SENTENCES_MAX: usize = 120;

// What each of the four ways to compare texts counts. Fitted on half of the talks that real collections hold twice.
const OF_WORDS: f64 = 0.4;
const OF_PAIRS: f64 = 0.2;
const OF_COSINE: f64 = 0.2;
const OF_SENTENCES: f64 = 0.2;
/// The most that the same title adds to the likeness of the texts.
const OF_TITLE: f64 = 0.35;

/// How fast a score changes with the likeness of the texts, around where talks are as likely the same as not.
const STEEPNESS: f64 = 17.5;

/// From this score on it is the same talk.
pub const SAME_TALK: f64 = 0.5;
/// From this cosine of the texts on they are of the same subject…
const SUBJECT_COSINE: f64 = 0.14;
/// …if what they share tells that much beyond what a word of everybody's does: many of those are no subject.
const SUBJECT_MASS: f64 = 4.0;
const COMMON_WORD: f64 = 2.5;
/// A likeness that titles don't add to.
const TITLES_ALONE: f64 = 0.1;
/// Of texts that tell less nothing is said: a title, "TBA", a line about the room.
const TEXT_MASS_MIN: f64 = 30.0;

/// What two records are to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub enum Verdict {
    #[serde(rename = "same talk")]
    SameTalk,
    #[serde(rename = "same speaker, new material")]
    SameSpeaker,
    #[serde(rename = "same subject")]
    SameSubject,
    #[serde(rename = "nothing close")]
    Nothing,
}

impl Verdict {
    pub const ALL: [Verdict; 4] = [Verdict::SameTalk, Verdict::SameSpeaker, Verdict::SameSubject, Verdict::Nothing];

    pub fn as_str(self) -> &'static str {
        match self {
            Verdict::SameTalk => "same talk",
            Verdict::SameSpeaker => "same speaker, new material",
            Verdict::SameSubject => "same subject",
            Verdict::Nothing => "nothing close",
        }
    }
}

/// How like two records are; each part from 0 to 1, and the same whichever comes first.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Likeness {
    /// How sure it is that they are the same talk.
    pub score: f64,
    /// Of the texts, made of the four below.
    pub text: f64,
    /// The share of the shorter text's telling words that the other has.
    pub words: f64,
    /// The share of its word pairs.
    pub pairs: f64,
    pub cosine: f64,
    /// How well the sentences of one find their like in the other.
    pub sentences: f64,
    pub title: f64,
    #[serde(skip)]
    pub people: People,
    /// What the shared words tell that are not everybody's.
    #[serde(skip)]
    telling: f64,
    #[serde(skip)]
    has_texts: bool,
}

impl Likeness {
    pub fn of(a: &Profile, b: &Profile) -> Likeness {
        let shared = Shared::of(a, b);
        let sentences = (aligned(&a.sentences, &b.sentences)).max(aligned(&b.sentences, &a.sentences));
        Self::from_parts(a, b, &shared, sentences)
    }

    /// As [`Likeness::of`] where the score reaches `least`; null where it can't, found out without a look at the sentences.
    pub fn at_least(a: &Profile, b: &Profile, least: f64) -> Option<Likeness> {
        let shared = Shared::of(a, b);
        if Self::from_parts(a, b, &shared, 1.0).score < least {
            return None;
        }
        let sentences = (aligned(&a.sentences, &b.sentences)).max(aligned(&b.sentences, &a.sentences));
        Some(Self::from_parts(a, b, &shared, sentences)).filter(|likeness| likeness.score >= least)
    }

    /// As [`Likeness::of`] where the two are close; null where they aren't, mostly found out without a look at the sentences.
    pub fn close(a: &Profile, b: &Profile) -> Option<Likeness> {
        let shared = Shared::of(a, b);
        if Self::from_parts(a, b, &shared, 1.0).verdict(a, b) == Verdict::Nothing {
            return None;
        }
        let sentences = (aligned(&a.sentences, &b.sentences)).max(aligned(&b.sentences, &a.sentences));
        Some(Self::from_parts(a, b, &shared, sentences)).filter(|likeness| likeness.verdict(a, b) != Verdict::Nothing)
    }

    fn from_parts(a: &Profile, b: &Profile, shared: &Shared, sentences: f64) -> Likeness {
        let words = shared.mass / (a.mass.min(b.mass) + CHANCE);
        let pairs = shared.pair_mass / (a.pair_mass.min(b.pair_mass) + CHANCE);
        let cosine = shared.product / ((a.squares + CHANCE_SQUARES) * (b.squares + CHANCE_SQUARES)).sqrt();
        let text = OF_WORDS * words + OF_PAIRS * pairs + OF_COSINE * cosine + OF_SENTENCES * sentences;
        let title = title(a, b);
        let people = match People::of(&a.people, &b.people) {
            People::Unknown if a.is_report || b.is_report => People::Others,
            people => people,
        };
        let has_texts = a.mass.min(b.mass) >= TEXT_MASS_MIN;
        let even = even(people, &a.place, &b.place);
        let is_comparable = has_texts && !a.is_generic && !b.is_generic;
        // Titles alone decide nothing.
        let sum = if is_comparable { text + OF_TITLE * title } else { text.min(TITLES_ALONE) };
        let score = 1.0 / (1.0 + (STEEPNESS * (even - sum)).exp());
        let score = match is_comparable {
            _ if a.is_generic || b.is_generic => 0.0,
            true => score,
            false => score.min(SAME_TALK / 2.0),
        };
        Likeness { score, text, words, pairs, cosine, sentences, title, people, telling: shared.telling, has_texts }
    }

    pub fn verdict(&self, a: &Profile, b: &Profile) -> Verdict {
        if a.is_generic || b.is_generic {
            return Verdict::Nothing;
        }
        if self.score >= SAME_TALK {
            return Verdict::SameTalk;
        }
        // Where one has no text, the material may be new or not.
        if self.people.is_shared() && self.has_texts {
            return Verdict::SameSpeaker;
        }
        let is_subject = self.cosine >= SUBJECT_COSINE && self.telling >= SUBJECT_MASS;
        if is_subject { Verdict::SameSubject } else { Verdict::Nothing }
    }
}

/// What two texts have in common.
struct Shared {
    mass: f64,
    telling: f64,
    product: f64,
    pair_mass: f64,
}

impl Shared {
    fn of(a: &Profile, b: &Profile) -> Shared {
        let mut shared = Shared { mass: 0.0, telling: 0.0, product: 0.0, pair_mass: 0.0 };
        both(
            &a.words,
            &b.words,
            |word| word.key,
            |one, other| {
                shared.mass += one.weight.min(other.weight);
                shared.telling += (one.once - COMMON_WORD).max(0.0);
                shared.product += one.weight * other.weight;
            },
        );
        both(&a.pairs, &b.pairs, |pair| pair.0, |one, _| shared.pair_mass += one.1);
        shared
    }
}

/// Calls `each` with what has the same key in two lists that are in order of their keys.
fn both<'a, T>(a: &'a [T], b: &'a [T], key: impl Fn(&T) -> u64, mut each: impl FnMut(&'a T, &'a T)) {
    let (mut i, mut j) = (0, 0);
    while let (Some(one), Some(other)) = (a.get(i), b.get(j)) {
        match key(one).cmp(&key(other)) {
            Ordering::Less => i += 1,
            Ordering::Greater => j += 1,
            Ordering::Equal => {
                each(one, other);
                (i, j) = (i + 1, j + 1);
            }
        }
    }
}

fn overlap(a: &[(u64, f64)], b: &[(u64, f64)]) -> f64 {
    let mut shared = 0.0;
    both(a, b, |word| word.0, |one, _| shared += one.1);
    shared
}

/// Of the telling words of both titles, those that both have; the shorter one may be a part of the longer.
fn title(a: &Profile, b: &Profile) -> f64 {
    /// One telling word by itself is no title.
    const WORD: f64 = 4.0;
    let mass = |title: &[(u64, f64)]| title.iter().map(|(_, weight)| weight).sum::<f64>();
    let (shared, less) = (overlap(&a.title, &b.title), mass(&a.title).min(mass(&b.title)));
    shared / (less + WORD)
}

/// How like two sentences are: twice what they share, of what both hold (Dice).
fn dice(a: &Sentence, b: &Sentence) -> f64 {
    2.0 * overlap(&a.words, &b.words) / (a.mass + b.mass)
}

/// What the words of both tell beyond what a word of everybody's does.
fn telling(a: &Sentence, b: &Sentence) -> f64 {
    let mut shared = 0.0;
    both(&a.words, &b.words, |word| word.0, |one, _| shared += (one.1 - COMMON_WORD).max(0.0));
    shared
}

fn aligned(a: &[Sentence], b: &[Sentence]) -> f64 {
    let (mut all, mut found) = (CHANCE, 0.0);
    for one in a.iter().filter(|one| one.mass >= SENTENCE_MASS_MIN).take(SENTENCES_MAX) {
        all += one.mass;
        found += one.mass * b.iter().take(SENTENCES_MAX).map(|other| dice(one, other)).fold(0.0, f64::max);
    }
    found / all
}

/// Two sentences that are like each other, as bytes of their bodies.
#[derive(Clone, Debug, PartialEq)]
pub struct SentencePair {
    pub likeness: f64,
    pub a: Range<usize>,
    pub b: Range<usize>,
}

/// Sentences less like each other show nothing, …
const PAIR_LIKENESS_MIN: f64 = 0.4;
/// …nor do words of everybody's, unless the sentences are all but the same.
const PAIR_TELLING_MIN: f64 = 5.5;
const PAIR_SAME: f64 = 0.75;

/// The sentences of two texts that are most like each other, each at most once, in order of the first text.
pub fn sentence_pairs(a: &Profile, b: &Profile, n_max: usize) -> Vec<SentencePair> {
    let mut found = Vec::new();
    for (i, one) in a.sentences.iter().enumerate().take(SENTENCES_MAX) {
        for (j, other) in b.sentences.iter().enumerate().take(SENTENCES_MAX) {
            let likeness = dice(one, other);
            let is_like =
                likeness >= PAIR_SAME || likeness >= PAIR_LIKENESS_MIN && telling(one, other) >= PAIR_TELLING_MIN;
            if is_like && one.mass.min(other.mass) >= SENTENCE_MASS_MIN {
                found.push((likeness * one.mass.min(other.mass), i, j, likeness));
            }
        }
    }
    found.sort_by(|x, y| y.0.total_cmp(&x.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut pairs: Vec<(usize, usize, f64)> = Vec::new();
    for (_, i, j, likeness) in found {
        if pairs.len() < n_max && pairs.iter().all(|pair| pair.0 != i && pair.1 != j) {
            pairs.push((i, j, likeness));
        }
    }
    pairs.sort_unstable_by_key(|pair| pair.0);
    let span = |pair: (usize, usize, f64)| SentencePair {
        likeness: pair.2,
        a: a.sentences[pair.0].span.clone(),
        b: b.sentences[pair.1].span.clone(),
    };
    pairs.into_iter().map(span).collect()
}

/// A word that carries the likeness of two texts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SharedTerm {
    /// As the first text writes it.
    pub term: String,
    /// Its share of all that both have in common.
    pub share: f64,
}

/// The words that carry the likeness, those that tell most first; words of everybody's only where there are no others.
pub fn shared_terms(a: &Profile, b: &Profile, n_max: usize) -> Vec<SharedTerm> {
    let mut shared: Vec<(f64, &Word)> = Vec::new();
    both(&a.words, &b.words, |word| word.key, |one, other| shared.push((one.weight.min(other.weight), one)));
    let all: f64 = shared.iter().map(|(weight, _)| weight).sum();
    shared.sort_by(|x, y| y.0.total_cmp(&x.0).then_with(|| x.1.written.cmp(&y.1.written)));
    if shared.iter().any(|(_, word)| is_shown(word)) {
        shared.retain(|(_, word)| is_shown(word));
    }
    shared
        .into_iter()
        .take(n_max)
        .map(|(weight, word)| SharedTerm { term: word.written.clone(), share: weight / all })
        .collect()
}

/// Neither a word of everybody's nor the number of a list.
fn is_shown(word: &Word) -> bool {
    let is_number = word.written.len() < 3 && word.written.bytes().all(|byte| byte.is_ascii_digit());
    word.once >= COMMON_WORD && !is_number
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{
        index::Index,
        overlap::{Profiler, Weights},
        record::{Record, Speaker},
        search::Nearby,
    };

    /// Profiles over a collection of one word.
    fn profiles(records: &[Record]) -> Vec<Profile> {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        let nearby = Nearby::new(&index);
        let weights = Weights::new(&nearby);
        let mut profiler = Profiler::new(&weights);
        records.iter().map(|record| profiler.profile(record, record.body()).unwrap()).collect()
    }

    fn talk(title: &str, text: &str, name: &str) -> Record {
        let speakers = (!name.is_empty()).then(|| Speaker { name: name.to_owned(), ..Speaker::default() });
        Record {
            title: Some(title.to_owned()),
            abstract_text: Some(text.to_owned()),
            speakers: speakers.into_iter().collect(),
            ..Record::default()
        }
    }

    const QUEUES: &str =
        "Turnstiles fill queues. Ledgers lack backpressure, and bounded buffers bring it to ticketing plants.";

    #[test]
    fn texts_decide_and_names_say_how_sure() {
        let all = profiles(&[
            talk("Of queues", QUEUES, "Ann Example"),
            talk("Of plants", QUEUES, "Ann Example"),
            talk("Of plants", QUEUES, ""),
            talk("Of plants", QUEUES, "Ben Sample"),
            talk(
                "Of queues",
                "Certificates expire at night. Registries know owners, dates and renewals.",
                "Ann Example",
            ),
            talk("Of queues", "", "Ben Sample"),
            talk("Lightning talks", QUEUES, "Ann Example"),
        ]);
        let of = |other: usize| Likeness::of(&all[0], &all[other]);
        let verdict = |other: usize| of(other).verdict(&all[0], &all[other]);
        assert!(of(1).score > of(2).score && of(2).score > of(3).score, "{:?}", [of(1), of(2), of(3)]);
        let verdicts: Vec<Verdict> = (1..7).map(verdict).collect();
        let (same, none) = (Verdict::SameTalk, Verdict::Nothing);
        assert_eq!(verdicts, [same, same, same, Verdict::SameSpeaker, none, none]);
    }

    proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 40, ..Default::default() })]

        /// Pruning is exact, and it does not matter which comes first.
        #[test]
        fn likeness_is_the_same_from_both_sides_and_pruned_or_not(
            texts in proptest::collection::vec("((turnstile|ledger|queue|buffer|orchard|glacier|[a-z]{3,6})[ .]{1,2}){0,40}", 2..5),
            named in proptest::collection::vec(0_usize..3, 5),
        ) {
            let names = ["", "Ann Example", "Ben Sample"];
            let talks: Vec<Record> =
                texts.iter().zip(&named).map(|(text, name)| talk("Of it", text, names[*name])).collect();
            let all = profiles(&talks);
            for a in &all {
                for b in &all {
                    let likeness = Likeness::of(a, b);
                    let back = Likeness::of(b, a);
                    prop_assert!((0.0..=1.0).contains(&likeness.score) && (0.0..=1.0).contains(&likeness.text));
                    prop_assert_eq!(likeness.score.to_bits(), back.score.to_bits());
                    for least in [0.0, 0.1, 0.5, 0.9] {
                        let expected = Some(likeness).filter(|likeness| likeness.score >= least);
                        prop_assert_eq!(Likeness::at_least(a, b, least), expected);
                    }
                    let is_close = likeness.verdict(a, b) != Verdict::Nothing;
                    prop_assert_eq!(Likeness::close(a, b), Some(likeness).filter(|_| is_close));
                }
            }
        }
    }
}
