//! A [`Query`] → tantivy queries over [`FIELDS`](crate::index::schema::FIELDS).

mod clauses;
mod evidence;
mod expand;
mod facet;
mod matching;
pub(crate) mod vocabulary;
mod word;

use std::collections::{BTreeMap, BTreeSet};

use tantivy::{Searcher, Term, query::RangeQuery};

pub use evidence::{Clue, Evidence, Form, Manner};
pub use facet::is_held;
pub(crate) use matching::{By, Matching, Run, Share};

use super::{Query, Signal, Signals, Synonyms};
use crate::{
    index::schema::{FieldSort, field, internal},
    text::analyzer::{Analyzer, is_stop_word},
};
use clauses::{Clauses, asks_for_text, plain_word};
use expand::by_edits;
use facet::FacetValue;
use matching::Tree;
use vocabulary::Vocabulary;
use word::{Alternative, Found, Sought, alternatives, with_matches};

/// Distinct plain words of a query; of more, the rarest are kept.
const WORDS_MAX: usize = 1024;
/// Plain words of a query that are looked up in other spellings and as synonyms; longer queries are texts.
const ALTERNATIVES_MAX: usize = 32;
/// From so many words on that are no stop words, stop words don't count, and records that are alike help each other.
const LONG_WORDS: usize = 3;
/// In a query of more words, other words and spellings than those typed count less, by the square: among many words none has to be
/// found by all its names.
const SHARE_WORDS: f32 = 3.0;
/// What a phrase counts in a partial match besides its words, each of which counts itself.
const LOOSE_PHRASE_WEIGHT: f32 = 0.2;
/// Words that stand together and mean one thing ("command line interface").
const TOGETHER_MAX: usize = 5;
/// A span of years that is open at one end reaches so far.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2199;

/// A query ready to be run.
pub(crate) struct Plan {
    /// Matches what holds everything that was asked for.
    pub full: Matching,
    /// What a full match looks like.
    pub evidence: Evidence,
    /// Null where there is nothing to leave out.
    pub partial: Option<Partial>,
    pub notes: Vec<String>,
    /// Words that no document holds in any form.
    pub nowhere: BTreeSet<String>,
    /// Whether it says so much that records like those that match well are of interest.
    pub is_long: bool,
}

/// Matches what holds some of what was asked for, full matches left out.
pub(crate) struct Partial {
    pub query: Matching,
    /// As the plan's, and the single words of its phrases.
    pub evidence: Evidence,
}

/// Lowers a query; null means every record. With `synonyms` words are found by other words
/// and in other spellings too.
///
/// # Errors
/// Where the index is damaged: a word that can't be looked up is not one that no record holds.
pub(crate) fn lower(
    query: Option<&Query>,
    searcher: &Searcher,
    synonyms: Option<&Synonyms>,
    signals: Signals,
) -> tantivy::Result<Plan> {
    let mut lowering = Lowering {
        vocabulary: Vocabulary::new(searcher),
        analyzer: Analyzer::default(),
        synonyms: synonyms.filter(|_| signals.has(Signal::Forms)),
        signals,
        has_alternatives: true,
        weight: 1.0,
        evidence: Evidence::default(),
        words_of_phrases: Vec::new(),
        nowhere: BTreeSet::new(),
        notes: Vec::new(),
        kept: None,
        n_telling: 0,
        n_side_by_side: 0,
        share: 1.0,
    };
    let clauses = match query {
        Some(query) => {
            lowering.keep_rarest(query)?;
            lowering.clauses(query)?
        }
        None => Clauses::default(),
    };
    if query.is_some() && clauses.is_empty() {
        lowering.notes.push("the query holds no word: every record matches".to_owned());
    }
    let full = if clauses.is_empty() { Matching::everything() } else { clauses.all() };
    let is_long = lowering.n_side_by_side >= LONG_WORDS && signals.has(Signal::Neighbours);
    let Lowering { evidence, words_of_phrases, notes, nowhere, .. } = lowering;
    let partial = clauses.some().map(|query| {
        let clues = [evidence.clues.as_slice(), &words_of_phrases].concat();
        Partial { query, evidence: Evidence { clues, others: evidence.others.clone() } }
    });
    Ok(Plan { full, evidence, partial, notes, nowhere, is_long })
}

struct Lowering<'a> {
    vocabulary: Vocabulary<'a>,
    analyzer: Analyzer,
    /// Null where words stand for themselves, and for no other spelling.
    synonyms: Option<&'a Synonyms>,
    has_alternatives: bool,
    signals: Signals,
    /// Of the part that is being lowered.
    weight: f32,
    evidence: Evidence,
    /// What a partial match shows besides: the words of phrases that were typed, one by one.
    words_of_phrases: Vec<Clue>,
    nowhere: BTreeSet<String>,
    notes: Vec<String>,
    /// Where the query has too many words: those that stay.
    kept: Option<BTreeSet<String>>,
    /// Distinct words of the query that are no stop words.
    n_telling: usize,
    /// Those of them that are all asked for.
    n_side_by_side: usize,
    /// Of what other forms of a word count, in a query of so many.
    share: f32,
}

impl Lowering<'_> {
    fn clauses(&mut self, query: &Query) -> tantivy::Result<Clauses> {
        let mut clauses = Clauses::default();
        let mut parts = if let Query::And(parts) = query { parts.as_slice() } else { std::slice::from_ref(query) };
        while let Some((part, rest)) = parts.split_first() {
            let words: Vec<&str> = parts.iter().map_while(plain_word).collect();
            if !words.is_empty() {
                self.plain_words(&words, &mut clauses)?;
                parts = &parts[words.len()..];
                continue;
            }
            self.clause(part, &mut clauses)?;
            parts = rest;
        }
        Ok(clauses)
    }

    fn clause(&mut self, part: &Query, clauses: &mut Clauses) -> tantivy::Result<()> {
        match part {
            Query::Not(inner) => {
                // What is not wanted is no evidence, and is what was typed in any form: not what else it may be called.
                let (evidence, nowhere) = (self.evidence.clone(), self.nowhere.clone());
                let (synonyms, n_words) = (self.synonyms.take(), self.words_of_phrases.len());
                clauses.unwanted.extend(self.single(inner)?);
                (self.evidence, self.nowhere, self.synonyms) = (evidence, nowhere, synonyms);
                self.words_of_phrases.truncate(n_words);
            }
            Query::Phrase { field: None, text, slop } => {
                let Some(sought) = self.sought(text)? else { return Ok(()) };
                let sought = Sought { slop: *slop, is_quoted: true, ..sought };
                self.plain(text, &sought, clauses)?;
            }
            Query::Word { field: Some(name), text } | Query::Phrase { field: Some(name), text, .. }
                if field(name).is_some_and(|field| field.sort.is_facet()) =>
            {
                let Some(value) = self.facet_value(name, text)? else { return Ok(()) };
                if value.is_known(name, text, &self.vocabulary)? {
                    let slop = if let Query::Phrase { slop, .. } = part { *slop } else { 0 };
                    clauses.fixed.push(value.query(name, slop, &self.vocabulary));
                } else {
                    self.notes.push(format!("no record has {name} \"{text}\": read as text"));
                    self.plain_words(&[&format!("{name} {text}")], clauses)?;
                }
            }
            Query::Boost { inner, .. } if asks_for_text(inner) => {
                self.single(part)?.into_iter().for_each(|query| clauses.want(query));
            }
            Query::Or(parts) => {
                let (queries, bonuses) = self.either(parts)?;
                if !queries.is_empty() {
                    clauses.want(Matching::any(queries));
                    clauses.optional.extend(bonuses);
                }
            }
            Query::And(_) => self.single(part)?.into_iter().for_each(|query| clauses.want(query)),
            Query::Prefix { field: None, .. } | Query::Fuzzy { field: None, .. } | Query::Regex { field: None, .. } => {
                self.single(part)?.into_iter().for_each(|query| clauses.want(query));
            }
            _ => clauses.fixed.extend(self.single(part)?),
        }
        Ok(())
    }

    /// Parts any of which is enough, and what besides counts for their words as typed: only records that match have it.
    fn either(&mut self, parts: &[Query]) -> tantivy::Result<(Vec<Matching>, Vec<Matching>)> {
        let before = self.nowhere.clone();
        let (mut queries, mut bonuses, mut is_somewhere) = (Vec::new(), Vec::new(), false);
        for part in parts {
            let n_nowhere = self.nowhere.len();
            if matches!(part, Query::Word { field: None, .. } | Query::Phrase { field: None, .. }) {
                let clauses = self.clauses(part)?;
                if clauses.wanted.is_empty() {
                    queries.extend(clauses.optional.into_iter().chain(clauses.silent));
                } else {
                    queries.push(Matching::all_of(clauses.wanted));
                    bonuses.extend(clauses.optional);
                }
            } else {
                queries.extend(self.single(part)?);
            }
            is_somewhere |= self.nowhere.len() == n_nowhere;
        }
        if is_somewhere {
            // One of them is enough.
            self.nowhere = before;
        }
        Ok((queries, bonuses))
    }

    /// One query for a whole part; null when it holds no term.
    fn single(&mut self, query: &Query) -> tantivy::Result<Option<Matching>> {
        Ok(match query {
            Query::Or(parts) => {
                let (queries, optional) = self.either(parts)?;
                let is_empty = queries.is_empty();
                let required = vec![Matching::any(queries)];
                (!is_empty).then(|| Tree::All { required, optional, excluded: Vec::new() })
            }
            Query::Years { from, to } => {
                let (from, to) = (from.unwrap_or(*YEARS.start()), to.unwrap_or(*YEARS.end()));
                let year = self.vocabulary.field("year");
                let years = (from..=to).filter(|year| YEARS.contains(year));
                let terms = years.map(|y| Term::from_field_text(year, &y.to_string()));
                Some(Matching::any_of(terms).unscored())
            }
            Query::Dates { from, to } => {
                let day = |day: u32| Term::from_field_u64(self.vocabulary.field(internal::DAY), u64::from(day));
                // A record without a date is of no day.
                let from = std::ops::Bound::Included(day(from.unwrap_or(1)));
                let to = to.map_or(std::ops::Bound::Unbounded, |to| std::ops::Bound::Included(day(to)));
                Some(Matching::other(RangeQuery::new(from, to)).unscored())
            }
            Query::Boost { inner, by } => {
                let weight = self.weight;
                self.weight *= by;
                let query = self.single(inner)?.map(|query| query.weighted(*by));
                self.weight = weight;
                query
            }
            Query::Prefix { field, text } => {
                let field = field.unwrap_or("text");
                let Some(sought) = self.sought(text)? else { return Ok(None) };
                let prefix = sought.words.concat();
                let expansions = self.vocabulary.beginning(Vocabulary::words_field(field), &prefix)?;
                Some(self.expanded(&format!("{text}*"), field, &[expansions]))
            }
            Query::Fuzzy { field, text, edits } => {
                let field = field.unwrap_or("text");
                let Some(sought) = self.sought(text)? else { return Ok(None) };
                let word = sought.words.concat();
                let near = self.vocabulary.near(Vocabulary::words_field(field), &word, *edits)?;
                Some(self.expanded(&format!("{text}~"), field, &by_edits(&word, near)))
            }
            Query::Regex { field, pattern } => {
                let field = field.unwrap_or("text");
                let engine = super::regex::engine_pattern(pattern).ok();
                let Some(regex) = engine.and_then(|pattern| tantivy_fst::Regex::new(&pattern).ok()) else {
                    return Ok(Some(Matching::nothing()));
                };
                let expansions = self.vocabulary.like(Vocabulary::words_field(field), &regex)?;
                Some(self.expanded(&format!("/{pattern}/"), field, &[expansions]))
            }
            Query::Word { field: Some(name), text } => self.fielded(name, text, 0, false)?,
            Query::Phrase { field: Some(name), text, slop } => self.fielded(name, text, *slop, true)?,
            Query::Word { .. } | Query::Phrase { .. } | Query::Not(_) | Query::And(_) => {
                let clauses = self.clauses(query)?;
                (!clauses.is_empty()).then(|| clauses.all())
            }
        })
    }

    /// Words in a field of text, or values of a facet that hold those words.
    fn fielded(
        &mut self,
        name: &'static str,
        text: &str,
        slop: u32,
        is_quoted: bool,
    ) -> tantivy::Result<Option<Matching>> {
        let Some(sought) = self.sought(text)? else { return Ok(None) };
        let sought = Sought { slop, is_quoted, ..sought };
        if field(name).is_some_and(|field| field.sort == FieldSort::Text) {
            let found = self.found(name, &sought)?;
            self.see(text, &found);
            let bonus = found.bonus.filter(|_| self.signals.has(Signal::Exact));
            let Some(bonus) = bonus else { return Ok(Some(found.query)) };
            let (required, optional) = (vec![found.query], vec![bonus.weighted(self.share)]);
            return Ok(Some(Tree::All { required, optional, excluded: Vec::new() }));
        }
        let value = FacetValue::new(name, text, &sought, &mut self.analyzer, &self.vocabulary)?;
        Ok(Some(value.query(name, slop, &self.vocabulary)))
    }

    fn facet_value(&mut self, name: &'static str, text: &str) -> tantivy::Result<Option<FacetValue>> {
        let Some(sought) = self.sought(text)? else { return Ok(None) };
        Ok(Some(FacetValue::new(name, text, &sought, &mut self.analyzer, &self.vocabulary)?))
    }

    /// Words that stand side by side in the query: some of them may together be one thing under another name.
    fn plain_words(&mut self, texts: &[&str], clauses: &mut Clauses) -> tantivy::Result<()> {
        let mut sought: Vec<(&str, Sought)> = Vec::with_capacity(texts.len());
        for text in texts {
            sought.extend(self.sought(text)?.map(|found| (*text, found)));
        }
        let mut rest = sought.as_slice();
        while !rest.is_empty() {
            let n = self.together(rest, clauses)?;
            if n == 0 {
                self.plain(rest[0].0, &rest[0].1, clauses)?;
            }
            rest = &rest[n.max(1)..];
        }
        Ok(())
    }

    /// Takes as many of the first words as together have another name; gives how many.
    fn together(&mut self, rest: &[(&str, Sought)], clauses: &mut Clauses) -> tantivy::Result<usize> {
        if !self.has_alternatives {
            return Ok(0);
        }
        for n in (2..=TOGETHER_MAX.min(rest.len())).rev() {
            let words: Vec<String> = rest[..n].iter().flat_map(|(_, one)| one.words.iter().cloned()).collect();
            let others = alternatives(&words, "text", self.synonyms, &mut self.analyzer, &self.vocabulary)?;
            let others = with_matches(others, self.vocabulary.searcher)?;
            if others.is_empty() {
                continue;
            }
            let mut inner = Clauses::default();
            for (text, one) in &rest[..n] {
                self.plain(text, one, &mut inner)?;
            }
            if inner.wanted.is_empty() {
                return Ok(0);
            }
            let typed: Vec<&str> = rest[..n].iter().map(|(text, _)| *text).collect();
            let weight = self.evidence.clues.iter().rev().take(n).map(|clue| clue.weight).sum();
            let forms = others.iter().flat_map(|other| other.forms.clone()).collect();
            self.evidence.others.extend(others.iter().flat_map(Alternative::manners));
            self.evidence.clues.push(Clue { typed: typed.join(" "), weight, forms });
            clauses.loose.append(&mut inner.loose);
            clauses.loose.extend(others.iter().map(|other| other.query.clone().weighted(self.share)));
            let (query, others_of) = (inner.all(), Vec::new());
            let found = Found { query, bonus: None, weight, forms: Vec::new(), others: others_of, is_nowhere: false };
            clauses.wanted.push(found.or(others, self.share).query);
            // They are somewhere, if not as typed.
            self.nowhere.retain(|word| !words.contains(word));
            return Ok(n);
        }
        Ok(0)
    }

    fn plain(&mut self, typed: &str, sought: &Sought, clauses: &mut Clauses) -> tantivy::Result<()> {
        if self.kept.as_ref().is_some_and(|kept| sought.sequences[0].iter().any(|(_, term)| !kept.contains(term))) {
            return Ok(());
        }
        let found = self.found("text", sought)?;
        if sought.is_stop_word() {
            // Beside many words that say something they only favour long texts.
            let counts = self.n_telling < LONG_WORDS || !self.signals.has(Signal::StopWords);
            if counts {
                clauses.optional.push(found.query);
            } else {
                clauses.silent.push(found.query.unscored());
            }
            return Ok(());
        }
        if sought.words.len() > 1 {
            let phrase = found.query.clone();
            clauses.loose.push(match sought.singles().any(|single| !single.is_stop_word()) {
                true if self.signals.has(Signal::Phrases) => phrase.weighted(LOOSE_PHRASE_WEIGHT),
                true => phrase.unscored(),
                false => phrase,
            });
            for single in sought.singles().filter(|single| !single.is_stop_word()) {
                let Found { query, weight, forms, .. } = single.found("text", &self.vocabulary)?;
                clauses.loose.push(query);
                self.words_of_phrases.push(Clue { typed: single.words.concat(), weight: weight * self.weight, forms });
            }
        }
        self.see(typed, &found);
        if sought.words.len() == 1 {
            clauses.loose.push(found.query.clone());
        }
        clauses.wanted.push(found.query);
        let bonus = found.bonus.filter(|_| self.signals.has(Signal::Exact));
        clauses.optional.extend(bonus.map(|bonus| bonus.weighted(self.share)));
        Ok(())
    }

    /// What is found by the words and by what else means the same.
    fn found(&mut self, field: &'static str, sought: &Sought) -> tantivy::Result<Found> {
        let found = sought.found(field, &self.vocabulary)?;
        if !self.has_alternatives || sought.slop > 0 || sought.is_stop_word() {
            return Ok(found);
        }
        let synonyms = self.synonyms.filter(|_| !sought.is_quoted);
        let mut others = alternatives(&sought.words, field, synonyms, &mut self.analyzer, &self.vocabulary)?;
        if found.is_nowhere {
            // Two words that are somewhere need not stand together anywhere.
            others = with_matches(others, self.vocabulary.searcher)?;
        }
        let found = found.or(others, self.share);
        if found.is_nowhere {
            // A word that titles alone lack is a word.
            for single in sought.singles() {
                if single.found("text", &self.vocabulary)?.is_nowhere {
                    self.nowhere.extend(single.words);
                }
            }
        }
        Ok(found)
    }

    fn see(&mut self, typed: &str, found: &Found) {
        let clue = Clue { typed: typed.to_owned(), weight: found.weight * self.weight, forms: found.forms.clone() };
        self.evidence.others.extend(found.others.iter().cloned());
        if !self.evidence.clues.contains(&clue) {
            self.evidence.clues.push(clue);
        }
    }

    fn sought(&mut self, text: &str) -> tantivy::Result<Option<Sought>> {
        Sought::new(text, &mut self.analyzer, &self.vocabulary)
    }

    /// Chooses the words that stay when there are more than [`WORDS_MAX`].
    #[expect(clippy::cast_precision_loss, reason = "words are counted in thousands at most")]
    fn keep_rarest(&mut self, query: &Query) -> tantivy::Result<()> {
        let mut words = BTreeMap::new();
        self.collect_words(query, false, &mut words);
        self.n_side_by_side = words.keys().filter(|word| !is_stop_word(word)).count();
        self.collect_words(query, true, &mut words);
        self.has_alternatives = self.synonyms.is_some() && words.len() <= ALTERNATIVES_MAX;
        self.n_telling = words.keys().filter(|word| !is_stop_word(word)).count();
        if self.signals.has(Signal::Fading) {
            self.share = (SHARE_WORDS / self.n_telling.max(1) as f32).min(1.0).powi(2);
        }
        if words.len() <= WORDS_MAX {
            return Ok(());
        }
        for (word, frequency) in &mut words {
            *frequency = self.vocabulary.frequency("text", word)?;
        }
        let mut by_frequency: Vec<(u64, String)> = words.into_iter().map(|(word, n)| (n, word)).collect();
        by_frequency.sort_unstable();
        by_frequency.truncate(WORDS_MAX);
        self.kept = Some(by_frequency.into_iter().map(|(_, word)| word).collect());
        self.notes.push(format!("the query has more than {WORDS_MAX} words: the rarest {WORDS_MAX} were used"));
        Ok(())
    }

    /// `with_either`: also those of which any is enough.
    fn collect_words(&mut self, query: &Query, with_either: bool, words: &mut BTreeMap<String, u64>) {
        match query {
            Query::Or(_) if !with_either => {}
            Query::And(parts) | Query::Or(parts) => {
                parts.iter().for_each(|part| self.collect_words(part, with_either, words));
            }
            Query::Boost { inner, .. } => self.collect_words(inner, with_either, words),
            Query::Word { field: None, text } | Query::Phrase { field: None, text, .. } => {
                self.analyzer.set_language(None);
                words.extend(self.analyzer.terms(text).into_iter().map(|term| (term, 0)));
            }
            _ => {}
        }
    }
}
