//! Topics over the years: how many of the talks whose topics are known have each, and which became more or fewer than chance
//! alone would have it.

use std::collections::BTreeMap;

use super::{Share, tally, years};
use crate::{
    error::Result,
    index::Index,
    search::SearchRequest,
    stats::{self, Trend},
};

/// The chance that any topic is said to have changed where none has.
pub const ALARM: f64 = 0.05;
/// Talks of a topic below which nothing is said of its change.
const TALKS_MIN: u64 = 5;
const SEED: u64 = 9;

/// The topics of the talks that a search finds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TopicTrends {
    /// The talks that have a topic, of all that were found: what the rest is about nobody knows.
    pub known: Share,
    /// In order, as in [`Trends::years`](super::Trends::years).
    pub years: Vec<Option<u16>>,
    /// As `known`, year by year.
    pub known_of_years: Vec<Share>,
    /// By how many talks have them, then by id; groups take in their topics.
    pub topics: Vec<OfTopic>,
    /// How the query was read, and why nothing was found.
    pub notes: Vec<String>,
}

impl TopicTrends {
    /// The topics that became more, or fewer, by how plainly they did, `n_max` at most, and how many others did.
    pub fn strongest(&self, more: bool, n_max: usize) -> (Vec<&OfTopic>, usize) {
        let mut changed: Vec<&OfTopic> = self.topics.iter().filter(|of| of.change() == Some(more)).collect();
        let z = |of: &OfTopic| of.trend.map_or(0.0, |trend| trend.z.abs());
        changed.sort_by(|a, b| z(b).total_cmp(&z(a)).then_with(|| a.topic.cmp(&b.topic)));
        let n_others = changed.len().saturating_sub(n_max);
        changed.truncate(n_max);
        (changed, n_others)
    }
}

/// The talks of one topic.
#[derive(Clone, Debug, PartialEq)]
pub struct OfTopic {
    pub topic: String,
    /// Of the talks that have a topic.
    pub talks: Share,
    /// Year by year.
    pub years: Vec<Share>,
    /// Null where there are too few talks or years to tell.
    pub trend: Option<Trend>,
}

impl OfTopic {
    /// Whether it became more (true) or fewer, where chance alone would hardly have it so.
    pub fn change(&self) -> Option<bool> {
        self.trend.filter(|trend| trend.p < ALARM).map(|trend| trend.z > 0.0)
    }
}

/// Counts the topics of the talks that a request finds, by year, and tests each for a trend: the years of the talks that
/// have a topic are shuffled within each series, so that a series that comes or goes is none.
///
/// # Errors
/// As [`trends`](super::trends()).
pub fn topic_trends(index: &Index, request: &SearchRequest) -> Result<TopicTrends> {
    let (found, all, notes) = tally(index, request, true)?;
    let years = years(all.years.keys().copied());
    let place = |year: Option<u16>| years.iter().position(|other| *other == year).unwrap_or_default();
    let mut known_of_years = vec![Share::default(); years.len()];
    let mut known = Share::default();
    let mut topics: BTreeMap<&str, Vec<u64>> = BTreeMap::new();
    for (talk, n) in &found.alike {
        let is_known = talk.topics.iter().any(Option::is_some);
        known.of += n;
        known.n += if is_known { *n } else { 0 };
        for year in talk.years.iter().map(|year| place(*year)) {
            known_of_years[year].of += n;
            known_of_years[year].n += if is_known { *n } else { 0 };
            for topic in talk.topics.iter().flatten() {
                topics.entry(topic).or_insert_with(|| vec![0; years.len()])[year] += n;
            }
        }
    }
    let share = |n: u64, year: usize| Share { n, of: known_of_years[year].n };
    let mut rows: Vec<OfTopic> = topics
        .iter()
        .map(|(topic, counts)| OfTopic {
            topic: (*topic).to_owned(),
            talks: Share {
                n: found.alike.iter().filter(|(talk, _)| has(&talk.topics, topic)).map(|(_, n)| n).sum(),
                of: known.n,
            },
            years: counts.iter().enumerate().map(|(year, n)| share(*n, year)).collect(),
            trend: None,
        })
        .collect();
    test(&found.alike, &mut rows);
    rows.sort_by(|a, b| b.talks.n.cmp(&a.talks.n).then_with(|| a.topic.cmp(&b.topic)));
    Ok(TopicTrends { known, years, known_of_years, topics: rows, notes })
}

fn has(topics: &[Option<String>], topic: &str) -> bool {
    topics.iter().any(|own| own.as_deref() == Some(topic))
}

/// Finds the trends of the topics that have talks enough, in several years.
fn test(talks: &[(super::Named, u64)], rows: &mut [OfTopic]) {
    let n_years = |row: &OfTopic| row.years.iter().filter(|share| share.of > 0).count();
    let mut tested: Vec<&mut OfTopic> =
        rows.iter_mut().filter(|row| row.talks.n >= TALKS_MIN && n_years(row) > 2).collect();
    let numbers: BTreeMap<String, usize> = tested.iter().enumerate().map(|(n, row)| (row.topic.clone(), n)).collect();
    let mut groups: BTreeMap<Option<&str>, Vec<(f64, Vec<usize>)>> = BTreeMap::new();
    for (talk, n) in talks.iter().filter(|(talk, _)| talk.topics.iter().any(Option::is_some)) {
        // One that was given at several editions counts at the first, and one of an unknown year says nothing.
        let Some(year) = talk.years.iter().flatten().min() else { continue };
        let things: Vec<usize> = talk.topics.iter().flatten().filter_map(|topic| numbers.get(topic)).copied().collect();
        let series = talk.series.first().and_then(Option::as_deref);
        let group = groups.entry(series).or_default();
        (0..*n).for_each(|_| group.push((f64::from(*year), things.clone())));
    }
    let mut groups: Vec<_> = groups.into_values().collect();
    // Segments come in any order, and the draws are to be the same.
    for group in &mut groups {
        group.sort_by(|a, b| a.0.total_cmp(&b.0).then_with(|| a.1.cmp(&b.1)));
    }
    for (row, trend) in tested.iter_mut().zip(stats::trends(&groups, numbers.len(), SEED)) {
        row.trend = Some(trend);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_strongest_changes_are_named_first() {
        let of = |topic: &str, z: f64, p: f64| OfTopic {
            topic: topic.to_owned(),
            talks: Share::default(),
            years: Vec::new(),
            trend: Some(Trend { z, p }),
        };
        let topics =
            vec![of("a", 3.0, 0.01), of("b", -4.0, 0.01), of("c", 5.0, 0.01), of("d", 9.0, 0.5), of("e", 4.0, 0.01)];
        let trends = TopicTrends { topics, ..TopicTrends::default() };
        let named = |more, n_max| {
            let (named, n_more) = trends.strongest(more, n_max);
            (named.iter().map(|of| of.topic.as_str()).collect::<Vec<_>>(), n_more)
        };
        assert_eq!(named(true, 2), (vec!["c", "e"], 1));
        assert_eq!(named(true, 5), (vec!["c", "e", "a"], 0));
        assert_eq!(named(false, 2), (vec!["b"], 0));
    }
}
