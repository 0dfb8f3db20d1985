//! What somebody who began to type may go on to: values of facets that have a word that begins so, by the number of their
//! records, and then the words of the collection. Found by a range of the index's terms, and not by a look at every record.

use std::ops::Bound;

use serde::Serialize;
use tantivy::{
    Searcher, Term,
    query::{InvertedIndexRangeQuery, TermQuery},
    schema::IndexRecordOption,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    UNKNOWN,
    filter::without_rejected,
    rank::{count, total},
};
use crate::{
    error::{Error, ErrorKind, Result},
    index::{
        Index,
        schema::{FieldSort, field, handle, internal},
    },
    query::{
        QUERY_BYTES_MAX,
        lower::{
            Matching,
            vocabulary::{Expansion, Vocabulary},
        },
    },
    text::analyzer::{folded, is_stop_word},
};

/// Suggestions given at once: more than anybody looks through.
pub const SUGGESTIONS_MAX: usize = 1000;
/// Words at the end of what was typed that one suggestion may stand for: more than most names have.
const WORDS_MAX: usize = 8;
/// Words of the collection whose records are counted: of more nobody sees the rest.
const WORDS_COUNTED_MAX: usize = 20;
/// Letters of a word that its term begins with whatever its ending: English words keep two when they are stemmed, but for
/// "dying", "lying" and "tying".
const LETTERS_KEPT: usize = 2;

/// What may stand in the place of the end of what was typed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Suggestion {
    /// What to put there, for people: of a path its last part.
    pub text: String,
    /// The value as facets and filters have it.
    pub value: String,
    /// The facet whose value it is; `word` for a word of the searched text.
    pub kind: &'static str,
    /// Records that have it, exact.
    pub count: u64,
    /// From which byte of what was typed the text takes its place.
    pub start: usize,
}

/// The values of one source that complete what was typed.
type Draw = fn(&Index, &Searcher, &'static str, &Typed) -> Result<Vec<Suggestion>>;

/// The kind of a suggestion that is no value of a facet.
const WORD: &str = "word";

/// What suggestions are drawn from, in the order in which equals stand.
const SOURCES: &[(&str, Draw)] = &[
    ("conference", values),
    ("topic", values),
    ("speaker", values),
    ("affiliation", values),
    ("track", values),
    (WORD, words),
];

/// At most `n_max` suggestions for what somebody has typed so far. Of the words typed the last may be unfinished. A value
/// fits where these words stand in it one after the other; when none holds all of them, those at the end are enough. Case
/// and accents don't matter. Values before words, by number of records, then by text; rejected proposals don't count, as in a
/// search.
///
/// # Errors
/// `Usage` where more than 64 KB were typed or more than [`SUGGESTIONS_MAX`] are wanted; `Index`.
pub fn suggest(index: &Index, typed: &str, n_max: usize) -> Result<Vec<Suggestion>> {
    let usage = |message: String, hint: &str| Err(Error::new(ErrorKind::Usage, message).hint(hint));
    if typed.len() > QUERY_BYTES_MAX {
        return usage(format!("more than {} KB were typed", QUERY_BYTES_MAX >> 10), "give the last words alone");
    }
    if n_max > SUGGESTIONS_MAX {
        return usage(format!("more than {SUGGESTIONS_MAX} suggestions can't be given"), "ask for fewer");
    }
    let Some(typed) = Typed::new(typed) else { return Ok(Vec::new()) };
    let searcher = index.searcher();
    let mut all = Vec::new();
    for (name, draw) in SOURCES {
        all.extend(draw(index, &searcher, name, &typed)?);
    }
    // What completes more of what was typed was meant.
    let start = all.iter().map(|one| one.start).min().unwrap_or_default();
    all.retain(|one| one.start == start);
    let order = |one: &Suggestion| (one.kind == WORD, std::cmp::Reverse(one.count), one.text.clone());
    all.sort_by_cached_key(order);
    all.truncate(n_max);
    Ok(all)
}

/// What was typed, ready to be compared.
struct Typed {
    /// Its ends, longest first: the byte where each begins, and the text from there on, folded.
    ends: Vec<(usize, String)>,
    /// The first letters of the last word.
    letters: String,
}

impl Typed {
    /// Null where there is no word to complete.
    fn new(typed: &str) -> Option<Typed> {
        let begins = |(at, c): &(usize, char)| {
            !c.is_whitespace() && typed[..*at].chars().next_back().is_none_or(char::is_whitespace)
        };
        let mut starts: Vec<usize> = typed.char_indices().filter(begins).map(|(at, _)| at).collect();
        starts.drain(..starts.len().saturating_sub(WORDS_MAX));
        let ends: Vec<(usize, String)> = starts.into_iter().map(|at| (at, folded(&typed[at..]))).collect();
        let letters = ends.last()?.1.unicode_words().next_back()?.chars().take(LETTERS_KEPT).collect();
        Some(Typed { ends, letters })
    }
}

/// Whether a text goes on so from the beginning of one of its words, or from its own.
fn has_from_word(text: &str, wanted: &str) -> bool {
    text.starts_with(wanted)
        || text.contains(wanted) && text.unicode_word_indices().any(|(at, _)| text[at..].starts_with(wanted))
}

/// The values of a facet. Of a path the last part is what people type, until they type a slash.
fn values(index: &Index, searcher: &Searcher, facet: &'static str, typed: &Typed) -> Result<Vec<Suggestion>> {
    let damaged = |error| index.error(error);
    let handle = handle(searcher.schema(), facet);
    let bound = |letters: &str| Term::from_field_text(handle, letters);
    let past = format!("{}{}", typed.letters, char::MAX);
    let query = InvertedIndexRangeQuery::new(Bound::Included(bound(&typed.letters)), Bound::Excluded(bound(&past)));
    let filters = without_rejected(searcher, index.columns()).map_err(damaged)?.into_iter().collect();
    let counts = count(searcher, index.columns(), &Matching::other(query), filters, facet).map_err(damaged)?;
    let is_path = field(facet).is_some_and(|field| field.sort == FieldSort::PathFacet);
    let suggestions = counts.counts.into_iter().filter(|one| one.value != UNKNOWN).filter_map(|one| {
        let last = one.value.split_once('/').map_or(&*one.value, |(_, last)| last);
        let last = if is_path { last } else { &one.value };
        let (whole, part) = (folded(&one.value), folded(last));
        let (start, text) = typed.ends.iter().find_map(|(start, end)| {
            let (folded, text) = if end.contains('/') { (&whole, &*one.value) } else { (&part, last) };
            has_from_word(folded, end).then(|| (*start, text.to_owned()))
        })?;
        Some(Suggestion { text, value: one.value, kind: facet, count: one.count, start })
    });
    Ok(suggestions.collect())
}

/// The words of the collection that begin as the last one typed: of many those of most documents.
fn words(index: &Index, searcher: &Searcher, _: &'static str, typed: &Typed) -> Result<Vec<Suggestion>> {
    let damaged = |error| index.error(error);
    let Some((start, last)) = typed.ends.last() else { return Ok(Vec::new()) };
    let mut found = Vocabulary::new(searcher).beginning(internal::WORDS, last).map_err(damaged)?.words;
    found.sort_by(|a, b| b.frequency.cmp(&a.frequency).then_with(|| a.word.cmp(&b.word)));
    found.retain(|found| !is_stop_word(&found.word));
    found.truncate(WORDS_COUNTED_MAX);
    let mut suggestions = Vec::with_capacity(found.len());
    for Expansion { word, .. } in found {
        let term = Term::from_field_text(handle(searcher.schema(), internal::WORDS), &word);
        let filters = without_rejected(searcher, index.columns()).map_err(damaged)?.into_iter().collect();
        let query = Matching::other(TermQuery::new(term, IndexRecordOption::Basic));
        let count = total(searcher, index.columns(), &query, filters).map_err(damaged)?;
        if count > 0 {
            suggestions.push(Suggestion { text: word.clone(), value: word, kind: WORD, count, start: *start });
        }
    }
    Ok(suggestions)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_of_what_was_typed_are_completed() {
        let typed = |text| Typed::new(text).map(|typed| (typed.ends, typed.letters));
        let end = |start: usize, text: &str| (start, text.to_owned());
        assert_eq!(typed("Líz  RI "), Some((vec![end(0, "liz ri"), end(6, "ri")], "ri".to_owned())));
        assert_eq!(typed("Jean-Luc"), Some((vec![end(0, "jean-luc")], "lu".to_owned())));
        assert_eq!(typed("日本"), Some((vec![end(0, "日本")], "本".to_owned())));
        for text in ["", " \u{3000}\n", "?!", "a -"] {
            assert_eq!(typed(text), None, "{text:?}");
        }
        let long = Typed::new(&"word ".repeat(10_000)).unwrap();
        assert_eq!((long.ends.len(), long.ends[7].0), (WORDS_MAX, 49_995));
    }

    #[test]
    fn a_value_fits_from_the_beginning_of_a_word() {
        for (value, wanted, fits) in [
            ("liz rice", "ri", true),
            ("liz rice", "liz ri", true),
            ("liz rice", "ice", false),
            ("jean-luc o'brien", "luc", true),
            ("jean-luc o'brien", "o'b", true),
            ("日本語", "語", true),
            ("(acme)", "(ac", true),
            ("(acme)", "ac", true),
        ] {
            assert_eq!(has_from_word(value, wanted), fits, "{value} {wanted}");
        }
    }
}
