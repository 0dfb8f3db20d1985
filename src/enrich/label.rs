//! Records → labels, each with the words that earned it.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use serde::Serialize;

use super::{
    learned::{Clue, Rivals},
    parts::{Field, Part, passage_parts, talk_parts},
    phrases::{Counted, Found, Reading},
    vocabulary::{Does, Model, Vocabulary, Weight},
};
use crate::{
    record::{Kind, Record},
    text::analyzer::Word,
};

/// A topic that a record was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Label {
    pub topic: String,
    /// In the order of the record.
    pub evidence: Vec<Evidence>,
}

/// Words that spoke for a topic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// The field where they stand, as a path in the record's JSON: `title`, `abstract`, `tags/2`, `passages/3/text`.
    pub field: String,
    /// Bytes of that field.
    pub start: usize,
    pub end: usize,
    /// As they stand there.
    pub text: String,
}

/// What speaks for one topic, and how much.
struct Scored {
    topic: usize,
    points: u64,
    counted: Vec<Found>,
    /// By the words of the text; null where nothing was learned of the topic.
    margin: Option<f64>,
    /// Above 0 where the text is about it, by points and words together; null where nothing was learned of it.
    odds: Option<f64>,
}

impl Scored {
    fn clue(&self) -> Clue {
        Clue { margin: self.margin, points: self.points }
    }
}

/// What there is to say of a text's topics before it is decided which of them it is about.
struct Read {
    /// In order of the topics.
    scored: Vec<Scored>,
    /// Points that a label takes by the rules alone.
    needed: u64,
}

/// What is known of a text: of this topics are learned.
pub struct Clues {
    /// Index terms of the text, with how often each stands there.
    pub words: BTreeMap<String, u32>,
    /// Ids of topics with their points by the rules.
    pub points: BTreeMap<String, u64>,
    pub needed: u64,
}

impl Vocabulary {
    /// A record's topics, in order of id. Those of a report are those of its passages; a bio has none, being about a person.
    pub(super) fn topics_of(&self, record: &Record, reading: &mut Reading) -> Vec<String> {
        let mut places = BTreeSet::new();
        self.each_text(record, &mut |parts| places.extend(self.earned(parts, reading).iter().map(|one| one.topic)));
        let is_meant = |topic: &&usize| !places.iter().any(|other| self.groups[*other] == Some(**topic));
        places.iter().filter(is_meant).map(|topic| self.topics()[*topic].id.clone()).collect()
    }

    /// The same with the words that earned them.
    pub(super) fn labels(&self, record: &Record, reading: &mut Reading) -> Vec<Label> {
        let mut found: BTreeMap<usize, Vec<Evidence>> = BTreeMap::new();
        self.each_text(record, &mut |parts| {
            for one in self.earned(parts, reading) {
                found.entry(one.topic).or_default().extend(self.evidence(parts, &one, reading));
            }
        });
        let topics: Vec<usize> = found.keys().copied().collect();
        found.retain(|topic, _| !topics.iter().any(|other| self.groups[*other] == Some(*topic)));
        self.named(found)
    }

    /// The labels of one passage of a report by itself.
    pub(super) fn passage_labels(&self, record: &Record, n: usize, reading: &mut Reading) -> Vec<Label> {
        let Some(passage) = record.passages.get(n) else { return Vec::new() };
        let parts = passage_parts(n, passage, &self.rules);
        let earned = self.earned(&parts, reading);
        self.named(earned.iter().map(|one| (one.topic, self.evidence(&parts, one, reading))).collect())
    }

    fn named(&self, found: BTreeMap<usize, Vec<Evidence>>) -> Vec<Label> {
        let label = |(topic, evidence): (usize, _)| Label { topic: self.topics()[topic].id.clone(), evidence };
        found.into_iter().map(label).collect()
    }

    /// Calls `each` with the parts of every text that is labelled by itself.
    fn each_text(&self, record: &Record, each: &mut dyn FnMut(&[Part])) {
        match record.kind {
            Kind::Bio => {}
            Kind::Talk => each(&talk_parts(record, &self.rules)),
            Kind::Report => {
                let passages = record.passages.iter().enumerate();
                passages.for_each(|(n, passage)| each(&passage_parts(n, passage, &self.rules)));
            }
        }
    }

    /// The topics of a text, in order.
    fn earned(&self, parts: &[Part], reading: &mut Reading) -> Vec<Scored> {
        let Read { mut scored, needed } = self.read(parts, reading);
        let best = scored.iter().map(|scored| scored.points).max().unwrap_or_default();
        let rivals = Rivals::of(scored.iter().filter(|one| one.margin.is_some()).map(Scored::clue));
        let (learned, least) = (self.model().learned, self.rules.odds());
        for one in scored.iter_mut().filter(|one| one.margin.is_some()) {
            one.odds = Some(learned.trust(&rivals.signs(one.clue(), needed)) - least);
        }
        scored.retain(|one| match one.odds {
            Some(odds) => odds >= 0.0,
            None => one.points > 0 && self.rules.is_enough(one.points, needed, best),
        });
        let is_meant: Vec<bool> = scored.iter().map(|one| self.is_meant(one, &scored)).collect();
        let mut is_meant = is_meant.into_iter();
        scored.retain(|_| is_meant.next().unwrap_or_default());
        scored
    }

    /// One pass over the words of a text.
    fn read(&self, parts: &[Part], reading: &mut Reading) -> Read {
        let Model { phrases, learned, .. } = self.model();
        let mut n_words = 0;
        let (mut words, mut found) = (std::mem::take(&mut reading.words), std::mem::take(&mut reading.found));
        found.clear();
        words.clear(learned.n_words());
        for (part, of) in parts.iter().enumerate() {
            let is_text = !matches!(of.field, Field::Track | Field::Tag(_));
            let word = |word: &Word, number: Option<u32>| {
                n_words += usize::from(is_text);
                if let Some(number) = number {
                    words.add(number, part, word);
                }
            };
            phrases.find(of.text, reading, word, |at| found.push(Found { part, at }));
        }
        let mut scored: Vec<Scored> = Vec::new();
        for run in by_topic(&found).chunk_by(|a, b| a.at.topic == b.at.topic) {
            let counted = counted(run);
            if !counted.is_empty() {
                let points = self.points(&counted, parts);
                scored.push(Scored { topic: run[0].at.topic, points, counted, margin: None, odds: None });
            }
        }
        let points = self.among_kin(&scored);
        scored.iter_mut().zip(points).for_each(|(scored, points)| scored.points = points);
        self.add_margins(&learned.vector(words.counts()), &mut scored);
        (reading.words, reading.found) = (words, found);
        Read { scored, needed: self.rules.needed(n_words) }
    }

    /// Adds what the words say, and the topics that only they speak for. Where they say nothing, points alone decide.
    fn add_margins(&self, vector: &[(u32, f64)], scored: &mut Vec<Scored>) {
        if vector.is_empty() {
            return;
        }
        let Model { learned, learned_as, .. } = self.model();
        let margins = learned.margins(vector);
        let by_rules = scored.len();
        for (topic, place) in learned_as.iter().enumerate() {
            let Some(margin) = place.map(|place| margins[place]) else { continue };
            match scored[..by_rules].binary_search_by_key(&topic, |one| one.topic) {
                Ok(at) => scored[at].margin = Some(margin),
                Err(_) if (Clue { margin: Some(margin), points: 0 }).is_candidate() => {
                    scored.push(Scored { topic, points: 0, counted: Vec::new(), margin: Some(margin), odds: None });
                }
                Err(_) => {}
            }
        }
        scored.sort_by_key(|one| one.topic);
    }

    /// What topics are learned of: of a talk, or of a report's passage by its number from 0.
    pub(super) fn clues(&self, record: &Record, passage: Option<usize>, reading: &mut Reading) -> Option<Clues> {
        let parts = match passage {
            Some(n) => passage_parts(n, record.passages.get(n)?, &self.rules),
            None if record.kind == Kind::Talk => talk_parts(record, &self.rules),
            None => return None,
        };
        let Read { scored, needed } = self.read(&parts, reading);
        let points = scored.into_iter().filter(|one| !one.counted.is_empty());
        let points = points.map(|one| (self.topics()[one.topic].id.clone(), one.points)).collect();
        let mut words: BTreeMap<String, u32> = BTreeMap::new();
        for part in &parts {
            reading.analyzer.tokens(part.text, |token| *words.entry(token.term.to_owned()).or_default() += 1);
        }
        Some(Clues { words, points, needed })
    }

    /// The points of each with what a group speaks for its topics, and they against it.
    fn among_kin(&self, scored: &[Scored]) -> Vec<u64> {
        // By the places of topics: what each has, and the most that a topic of a group has.
        let (mut points, mut best) = (vec![0; self.groups.len()], vec![0; self.groups.len()]);
        for one in scored {
            points[one.topic] = one.points;
            if let Some(group) = self.groups[one.topic] {
                best[group] = one.points.max(best[group]);
            }
        }
        let lifted = scored.iter().map(|one| match self.groups[one.topic] {
            Some(group) => one.points + points[group] * self.rules.lift / 16,
            None => one.points.saturating_sub(best[one.topic] * self.rules.drop / 16),
        });
        lifted.collect()
    }

    /// Whether a text is about this topic rather than about its group in general, or about this group rather than about one
    /// of its topics.
    fn is_meant(&self, one: &Scored, earned: &[Scored]) -> bool {
        let is_general = |group: &Scored, topic: &Scored| match (group.odds, topic.odds) {
            (Some(group), Some(topic)) => group > topic,
            _ => group.points * 16 > topic.points * self.rules.group,
        };
        let mut topics = earned.iter().filter(|other| self.groups[other.topic] == Some(one.topic));
        let group = self.groups[one.topic].and_then(|group| earned.iter().find(|other| other.topic == group));
        topics.all(|topic| is_general(one, topic)) && !group.is_some_and(|group| is_general(group, one))
    }

    fn points(&self, counted: &[Found], parts: &[Part]) -> u64 {
        let mut worths: Vec<(u32, u64, Weight)> = counted
            .iter()
            .filter_map(|found| match found.at.does {
                Does::Counts(weight) => Some((found.at.phrase, parts[found.part].worth, weight)),
                Does::Asks => Some((found.at.phrase, parts[found.part].worth, Weight::Plain)),
                Does::Vouches | Does::Hides => None,
            })
            .collect();
        worths.sort_unstable();
        let (mut weak, mut other) = (0, 0);
        for run in worths.chunk_by(|a, b| a == b) {
            let sum = if run[0].2 == Weight::Weak { &mut weak } else { &mut other };
            *sum += self.rules.repeated(run[0].2, run[0].1, run.len());
        }
        // What is weak adds to the rest, and no more than that.
        other + weak.min(other)
    }

    /// The phrases that counted, and of the words that speak for the topic those that say most.
    fn evidence(&self, parts: &[Part], scored: &Scored, reading: &Reading) -> Vec<Evidence> {
        let mut places: BTreeSet<(usize, usize, usize)> =
            scored.counted.iter().map(|Found { part, at }| (*part, at.start, at.end)).collect();
        let Model { learned, learned_as, .. } = self.model();
        // None within another, they end in the order in which they begin.
        let is_told = |part, start, end| {
            let after = scored.counted.partition_point(|found| (found.part, found.at.start) <= (part, start));
            let last = after.checked_sub(1).map(|at| scored.counted[at]);
            last.is_some_and(|found| found.part == part && end <= found.at.end)
        };
        if let Some(topic) = learned_as[scored.topic] {
            let words = &reading.words.seen;
            for word in learned.telling(&learned.vector(reading.words.counts()), topic) {
                let Counted { part, start, end, .. } = words[word];
                if !is_told(part, start, end) {
                    places.insert((part, start, end));
                }
            }
        }
        let evidence = places.into_iter().map(|(part, start, end)| {
            let Part { field, text, .. } = &parts[part];
            Evidence { field: field.path(), start, end, text: text[start..end].to_owned() }
        });
        evidence.collect()
    }
}

/// Matches, which come in the order in which they begin, in order of their topics; of those of a topic that begin together the
/// longest first.
fn by_topic(found: &[Found]) -> Vec<Found> {
    // A number is sorted in a fraction of the time.
    let mut order: Vec<(u32, u32)> =
        found.iter().zip(0..).map(|(found, n)| (u32::try_from(found.at.topic).unwrap_or(u32::MAX), n)).collect();
    order.sort_unstable();
    let mut found: Vec<Found> = order.into_iter().map(|(_, n)| found[n as usize]).collect();
    let is_together = |a: &Found, b: &Found| (a.at.topic, a.part, a.at.start) == (b.at.topic, b.part, b.at.start);
    for together in found.chunk_by_mut(is_together).filter(|together| together.len() > 1) {
        together.sort_unstable_by_key(|found| (Reverse(found.at.end), found.at.phrase));
    }
    found
}

/// What of the matches of one topic counts, in order: no phrase within another one, none that is hidden, and no ambiguous
/// one that nothing speaks for.
fn counted(run: &[Found]) -> Vec<Found> {
    let mut counted: Vec<Found> = Vec::new();
    let mut covered: Option<(usize, usize)> = None;
    let (mut is_vouched, mut asking) = (false, None);
    for found in run {
        let is_covered = covered.is_some_and(|(part, end)| part == found.part && found.at.end <= end);
        if is_covered {
            continue;
        }
        match found.at.does {
            Does::Vouches => {
                is_vouched = true;
                continue;
            }
            Does::Hides => {}
            Does::Counts(_) => {
                is_vouched = true;
                counted.push(*found);
            }
            Does::Asks => {
                // Two that ask speak for each other.
                is_vouched |= *asking.get_or_insert(found.at.phrase) != found.at.phrase;
                counted.push(*found);
            }
        }
        covered = Some((found.part, found.at.end));
    }
    if !is_vouched {
        counted.retain(|found| matches!(found.at.does, Does::Counts(_)));
    }
    counted
}

#[cfg(test)]
mod tests;
