//! Whether a program is balanced: talks of each speaker, the share of each organisation, who is new, which topics; against
//! rules. What is not known is counted as such, and nothing is inferred about anybody.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::is_generic;
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, facet_values},
    record::{Kind, Record},
    search::{Filter, SearchRequest, search},
    text::analyzer::folded,
};

/// What a committee wants to keep to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Rules {
    /// Talks of one speaker, at most.
    pub talks_per_speaker: usize,
    /// The part of all talks that one organisation may have, from 0 to 1.
    pub organisation_share: f64,
    /// The part of all speakers who were not there before, at least, from 0 to 1.
    pub first_time_share: f64,
    /// The part of all talks that one topic may have, from 0 to 1.
    pub topic_share: f64,
}

impl Default for Rules {
    fn default() -> Self {
        Rules { talks_per_speaker: 2, organisation_share: 0.15, first_time_share: 0.0, topic_share: 1.0 }
    }
}

impl Rules {
    /// # Errors
    /// `Usage` for a share that is none.
    pub fn check(&self) -> Result<()> {
        let shares = [
            ("organisation_share", self.organisation_share),
            ("first_time_share", self.first_time_share),
            ("topic_share", self.topic_share),
        ];
        match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
            Some((name, share)) => {
                Err(Error::new(ErrorKind::Usage, format!("{name} is {share}")).hint("write a share from 0 to 1"))
            }
            None => Ok(()),
        }
    }
}

/// What a program is made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Balance {
    /// Those that are counted.
    pub talks: usize,
    /// Sessions that are no talks of their own, by their numbers: who opens a day gives no talk by that.
    pub left_out: Vec<usize>,
    /// By how many talks, then by name; talks by their numbers in the order given.
    pub speakers: Vec<Group>,
    pub organisations: Vec<Group>,
    pub topics: Vec<Group>,
    /// Talks of which no speaker, no organisation and no topic is known.
    pub without_speaker: Vec<usize>,
    pub without_organisation: Vec<usize>,
    pub without_topic: Vec<usize>,
    /// Speakers who are, and are not, in earlier records.
    pub returning: usize,
    pub first_time: usize,
    pub broken: Vec<Broken>,
}

/// Talks that have something in common.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Group {
    pub name: String,
    pub talks: Vec<usize>,
}

/// A rule that is not kept.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Broken {
    /// The rule's name in its file.
    pub rule: &'static str,
    /// Who or what breaks it.
    pub name: String,
    /// What it comes to.
    pub value: f64,
    pub talks: Vec<usize>,
}

/// Counts what a program is made of. Speakers are returning who are in the index before `year`; without one, at all.
///
/// # Errors
/// As [`search`], and [`Rules::check`].
pub fn balance(index: &Index, talks: &[Record], year: Option<u16>, rules: &Rules) -> Result<Balance> {
    rules.check()?;
    let is_left_out = |talk: &Record| talk.title.as_deref().is_some_and(is_generic);
    let left_out: BTreeSet<usize> =
        (1..).zip(talks).filter(|(_, talk)| is_left_out(talk)).map(|(number, _)| number).collect();
    let of = |values: &dyn Fn(&Record) -> Vec<String>| -> (Vec<Group>, Vec<usize>) {
        let (mut groups, mut without) = (BTreeMap::<String, (String, Vec<usize>)>::new(), Vec::new());
        for (number, talk) in (1..).zip(talks).filter(|(number, _)| !left_out.contains(number)) {
            let values = values(talk);
            let names: BTreeMap<String, String> =
                values.into_iter().map(|value| (folded(&value), value)).filter(|(name, _)| !name.is_empty()).collect();
            if names.is_empty() {
                without.push(number);
            }
            for (key, name) in names {
                groups.entry(key).or_insert_with(|| (name, Vec::new())).1.push(number);
            }
        }
        let mut groups: Vec<Group> = groups.into_values().map(|(name, talks)| Group { name, talks }).collect();
        groups.sort_by(|a, b| b.talks.len().cmp(&a.talks.len()).then_with(|| a.name.cmp(&b.name)));
        (groups, without)
    };
    let (speakers, without_speaker) = of(&|talk| talk.speakers.iter().map(|one| one.name.clone()).collect());
    let (organisations, without_organisation) =
        of(&|talk| talk.speakers.iter().filter_map(|one| one.affiliation.clone()).collect());
    let (topics, without_topic) = of(&|talk| {
        facet_values(talk).into_iter().filter(|(name, _)| *name == "topic").flat_map(|(_, values)| values).collect()
    });
    let earlier = earlier_speakers(index, year)?;
    let returning = speakers.iter().filter(|speaker| earlier.contains(&folded(&speaker.name))).count();
    let first_time = speakers.len() - returning;
    let mut balance = Balance {
        talks: talks.len() - left_out.len(),
        left_out: left_out.iter().copied().collect(),
        speakers,
        organisations,
        topics,
        without_speaker,
        without_organisation,
        without_topic,
        returning,
        first_time,
        broken: Vec::new(),
    };
    balance.broken = balance.broken(rules);
    Ok(balance)
}

impl Balance {
    fn broken(&self, rules: &Rules) -> Vec<Broken> {
        let mut broken = Vec::new();
        let mut add = |rule, of: &Group, value: f64| {
            broken.push(Broken { rule, name: of.name.clone(), value, talks: of.talks.clone() });
        };
        for of in self.speakers.iter().filter(|of| of.talks.len() > rules.talks_per_speaker) {
            add("talks_per_speaker", of, share(of.talks.len(), 1));
        }
        for (rule, groups, most) in [
            ("organisation_share", &self.organisations, rules.organisation_share),
            ("topic_share", &self.topics, rules.topic_share),
        ] {
            let over = groups.iter().filter(|of| share(of.talks.len(), self.talks) > most);
            over.for_each(|of| add(rule, of, share(of.talks.len(), self.talks)));
        }
        let first_time = share(self.first_time, self.speakers.len());
        if !self.speakers.is_empty() && first_time < rules.first_time_share {
            let of = Group { name: "first-time speakers".to_owned(), talks: Vec::new() };
            add("first_time_share", &of, first_time);
        }
        broken
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of talks")]
fn share(n: usize, of: usize) -> f64 {
    if of == 0 { 0.0 } else { n as f64 / of as f64 }
}

/// The folded names of who spoke before a year, or ever.
fn earlier_speakers(index: &Index, year: Option<u16>) -> Result<BTreeSet<String>> {
    let filter = |field: &str, value: String| Filter { field: field.to_owned(), values: vec![value] };
    let before = year.map(|year| filter("year", format!("..{}", year.saturating_sub(1))));
    let filters = before.into_iter().chain([filter("kind", Kind::Talk.as_str().to_owned())]).collect();
    let facets = vec!["speaker".to_owned()];
    let request = SearchRequest { limit: 0, filters, facets, facet_values_max: usize::MAX, ..SearchRequest::default() };
    let found = search(index, &request)?;
    Ok(found.facets.iter().flatten().flat_map(|counts| &counts.counts).map(|count| folded(&count.value)).collect())
}
