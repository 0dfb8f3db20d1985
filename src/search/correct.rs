//! Words that are nowhere → the nearest that are somewhere.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use tantivy::Searcher;

use super::SearchRequest;
use crate::{
    index::schema::{FieldSort, field, internal},
    query::{
        Query,
        lower::{Plan, lower, vocabulary::Vocabulary},
    },
    text::{analyzer::Analyzer, near::NAMES_MAX},
};

/// Letters of a word that may be meant by another at one edit, and at two.
const CHARS_MIN: [usize; 2] = [4, 8];

/// What there is for a query some of whose words are nowhere.
pub(super) struct Nearest {
    /// Of what is searched for instead; null for a strict request and one without synonyms, which are only told what may be
    /// meant.
    pub plan: Option<Plan>,
    pub note: String,
    pub did_you_mean: Vec<String>,
}

pub(super) fn nearest_plan(
    searcher: &Searcher,
    request: &SearchRequest,
    query: Option<&Query>,
    plan: &Plan,
) -> tantivy::Result<Option<Nearest>> {
    let Some(query) = query.filter(|_| !plan.nowhere.is_empty()) else { return Ok(None) };
    let correction = correct(query, &plan.nowhere, &Vocabulary::new(searcher))?;
    let Some(Correction { query, words, did_you_mean }) = correction else { return Ok(None) };
    let is_literal = request.strict || request.synonyms.is_none();
    let said = |(typed, meant): &(String, String)| {
        if is_literal {
            format!("no record holds \"{typed}\": did you mean \"{meant}\"?")
        } else {
            format!("no record holds \"{typed}\": searched for \"{meant}\"")
        }
    };
    let note = words.iter().map(said).collect::<Vec<_>>().join("; ");
    let plan = if is_literal {
        None
    } else {
        Some(lower(Some(&query), searcher, request.synonyms.as_ref(), request.signals)?)
    };
    Ok(Some(Nearest { plan, note, did_you_mean }))
}

/// A query without words that are nowhere.
struct Correction {
    /// With the best word in place of each.
    query: Query,
    /// What was typed, and what stands there now.
    words: Vec<(String, String)>,
    /// Whole queries that may be meant, the likeliest first.
    did_you_mean: Vec<String>,
}

/// Null where no word is near enough to any of those that are nowhere.
fn correct(
    query: &Query,
    nowhere: &BTreeSet<String>,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Option<Correction>> {
    let mut near: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for word in nowhere {
        let candidates = candidates(word, vocabulary)?;
        if !candidates.is_empty() {
            near.insert(word, candidates);
        }
    }
    let Some((first, others)) = near.iter().next() else { return Ok(None) };
    let best = |word: &str| near.get(word).map(|candidates| candidates[0].clone());
    let corrected = replaced(query, &best);
    let mut did_you_mean = vec![corrected.to_string()];
    for other in others.iter().skip(1) {
        let with_other = |word: &str| if word == *first { Some(other.clone()) } else { best(word) };
        did_you_mean.push(replaced(query, &with_other).to_string());
    }
    let words = near.iter().map(|(word, candidates)| ((*word).to_owned(), candidates[0].clone())).collect();
    Ok(Some(Correction { query: corrected, words, did_you_mean }))
}

/// The words of the collection that may be meant: fewer edits first, then the likeliest.
fn candidates(word: &str, vocabulary: &Vocabulary<'_>) -> tantivy::Result<Vec<String>> {
    let n_chars = word.chars().count();
    let edits = CHARS_MIN.iter().filter(|min| n_chars >= **min).count();
    // Versions and years are near to one another and mean something else.
    if edits == 0 || word.contains(|c: char| c.is_ascii_digit()) {
        return Ok(Vec::new());
    }
    for edits in 1..=edits {
        let near = vocabulary.near(internal::WORDS, word, u8::try_from(edits).unwrap_or(1))?;
        let mut near = near.words;
        near.retain(|other| !other.word.contains(|c: char| c.is_ascii_digit()));
        if !near.is_empty() {
            let mut near: Vec<(f64, String)> = near
                .into_iter()
                .map(|other| (likelihood(word, &other.word, edits, other.frequency), other.word))
                .collect();
            near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
            near.truncate(NAMES_MAX);
            return Ok(near.into_iter().map(|(_, other)| other).collect());
        }
    }
    Ok(Vec::new())
}

/// How often typists leave a letter out, type one too many, a wrong one, or two that change places, among all words with one
/// mistake (Peterson 1986, "A note on undetected typing errors", from Webster's dictionary).
const MISSING: f64 = 0.344;
const EXTRA: f64 = 0.203;
const WRONG: f64 = 0.269;
const SWAPPED: f64 = 0.131;
/// The letters that may be the extra or the wrong one.
const LETTERS: f64 = 26.0;
/// Of how often a letter is mistyped, how often the first one is (Pollock and Zamora 1984).
const FIRST: f64 = 1.0 / 3.0;

/// How likely one word is typed where another was meant, up to a factor that all have in common: how many records hold the
/// other, times how likely that mistake is (Kernighan, Church and Gale 1990). Where a letter is missing or two changed places,
/// there are few ways to mistype a word so; any of 26 letters may be the wrong one, or one too many. What two mistakes were is
/// not asked: they may be told apart in several ways.
#[expect(clippy::cast_precision_loss, reason = "a likelihood needs no more than 52 bits")]
fn likelihood(typed: &str, meant: &str, edits: usize, frequency: u64) -> f64 {
    let mistake = match meant.chars().count().cmp(&typed.chars().count()) {
        _ if edits > 1 => 1.0,
        Ordering::Greater => MISSING,
        Ordering::Less => EXTRA / LETTERS,
        Ordering::Equal => {
            let n_other = typed.chars().zip(meant.chars()).filter(|(typed, meant)| typed != meant).count();
            if n_other > 1 { SWAPPED } else { WRONG / LETTERS }
        }
    };
    let first = if typed.chars().next() == meant.chars().next() { 1.0 } else { FIRST };
    frequency as f64 * mistake * first
}

/// The query with words of its texts replaced; what stands behind `NOT` stays.
fn replaced(query: &Query, by: &dyn Fn(&str) -> Option<String>) -> Query {
    let all = |parts: &[Query]| parts.iter().map(|part| replaced(part, by)).collect();
    match query {
        Query::Word { field, text } if is_text(*field) => Query::Word { field: *field, text: text_replaced(text, by) },
        Query::Phrase { field, text, slop } if is_text(*field) => {
            Query::Phrase { field: *field, text: text_replaced(text, by), slop: *slop }
        }
        Query::Boost { inner, by: weight } => Query::Boost { inner: Box::new(replaced(inner, by)), by: *weight },
        Query::And(parts) => Query::And(all(parts)),
        Query::Or(parts) => Query::Or(all(parts)),
        other => other.clone(),
    }
}

fn is_text(name: Option<&str>) -> bool {
    name.is_none_or(|name| field(name).is_some_and(|field| field.sort == FieldSort::Text))
}

fn text_replaced(text: &str, by: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut from = 0;
    Analyzer::default().tokens(text, |token| {
        if let Some(word) = by(token.word) {
            out.push_str(&text[from..token.start]);
            out.push_str(&word);
            from = token.end;
        }
    });
    out.push_str(&text[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_that_can_hardly_be_others_are_the_likelier_ones() {
        // Of words in as many records.
        let in_order = |typed: &str, meant: &[&str]| {
            let all: Vec<f64> = meant.iter().map(|meant| likelihood(typed, meant, 1, 10)).collect();
            assert!(all.is_sorted_by(|a, b| a > b), "{typed}: {all:?}");
        };
        in_order("tracng", &["tracing", "tracgn", "trucng", "tracn", "gracng"]);
        assert!(likelihood("stoage", "storage", 1, 1) > likelihood("stoage", "stooge", 1, 20));
        assert!(likelihood("stoage", "storage", 1, 1) < likelihood("stoage", "stooge", 1, 60));
        // Of two mistakes none looks like two letters that changed places.
        let [wrong, missing] = ["traceeng", "traciing"].map(|meant| likelihood("tracoong", meant, 2, 10));
        assert!((wrong - missing).abs() < 1e-9);
    }
}
