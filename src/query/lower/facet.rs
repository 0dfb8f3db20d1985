//! `field:value` of a facet: the values that hold these words.

use tantivy::{
    DocSet, Searcher, SegmentReader, TERMINATED, Term,
    query::{ExistsQuery, PhraseQuery},
    schema::IndexRecordOption,
};

use super::{
    Vocabulary,
    matching::{Matching, Tree},
    word::Sought,
};
use crate::{
    index::schema::{Field, UNKNOWN, field},
    text::analyzer::{Analyzer, folded},
};

/// What is sought in a facet.
pub(super) enum FacetValue {
    /// Records that have no value of it.
    Unknown,
    /// For each word those of the facet: the word itself first, then others of its stem.
    Words(Vec<Vec<String>>),
}

impl FacetValue {
    pub fn new(
        name: &'static str,
        text: &str,
        sought: &Sought,
        analyzer: &mut Analyzer,
        vocabulary: &Vocabulary<'_>,
    ) -> tantivy::Result<FacetValue> {
        if field(name).is_some_and(Field::may_be_unknown) && folded(text) == UNKNOWN {
            return Ok(FacetValue::Unknown);
        }
        analyzer.set_language(None);
        let mut forms = |word: &String| -> tantivy::Result<Vec<String>> {
            let own = analyzer.terms(word);
            let Some(beginning) = own.first().and_then(|stem| stem.get(..3.min(stem.len()))) else {
                return Ok(vec![word.clone()]);
            };
            let near = vocabulary.beginning(name, beginning)?.words;
            let mut forms: Vec<String> =
                near.into_iter().map(|near| near.word).filter(|near| analyzer.terms(near) == own).collect();
            forms.sort_by_key(|form| form != word);
            if forms.is_empty() {
                forms.push(word.clone());
            }
            Ok(forms)
        };
        Ok(FacetValue::Words(sought.words.iter().map(&mut forms).collect::<tantivy::Result<_>>()?))
    }

    /// Whether the facet has such a value, held by a record or not: years are numbers, and some fields list theirs.
    pub fn is_known(&self, name: &'static str, text: &str, vocabulary: &Vocabulary<'_>) -> tantivy::Result<bool> {
        let FacetValue::Words(words) = self else { return Ok(true) };
        let is_year = name == "year" && text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        if is_year || field(name).is_some_and(|field| field.known.contains(&text)) {
            return Ok(true);
        }
        let handle = vocabulary.field(name);
        for forms in words {
            let mut is_any_held = false;
            for form in forms {
                is_any_held = is_any_held || is_held(vocabulary.searcher, &Term::from_field_text(handle, form))?;
            }
            if !is_any_held {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which edition or speaker a record is of says nothing about how well it fits: none of it is scored.
    pub fn query(&self, name: &'static str, slop: u32, vocabulary: &Vocabulary<'_>) -> Matching {
        let handle = vocabulary.field(name);
        let term = |word: &String| Term::from_field_text(handle, word);
        let query = match self {
            FacetValue::Unknown => Tree::All {
                required: vec![Matching::everything()],
                optional: Vec::new(),
                excluded: vec![Matching::other(ExistsQuery::new(name.to_owned(), false))],
            },
            FacetValue::Words(words) => match words.as_slice() {
                [forms] => Matching::any_of(forms.iter().map(term)),
                words => {
                    let terms = (0..).zip(words).map(|(at, forms)| (at, term(&forms[0]))).collect();
                    Matching::other(PhraseQuery::new_with_offset_and_slop(terms, slop))
                }
            },
        };
        query.unscored()
    }
}

/// Whether a document has the term. Its frequency can't tell, which counts deleted documents until they are merged away.
///
/// # Errors
/// When the index can't be read.
pub fn is_held(searcher: &Searcher, term: &Term) -> tantivy::Result<bool> {
    let is_in = |segment: &SegmentReader| -> tantivy::Result<bool> {
        let index = segment.inverted_index(term.field())?;
        let Some(mut postings) = index.read_postings(term, IndexRecordOption::Basic)? else { return Ok(false) };
        let is_alive = |doc| segment.alive_bitset().is_none_or(|alive| alive.is_alive(doc));
        while postings.doc() != TERMINATED && !is_alive(postings.doc()) {
            postings.advance();
        }
        Ok(postings.doc() != TERMINATED)
    };
    for segment in searcher.segment_readers() {
        if is_in(segment)? {
            return Ok(true);
        }
    }
    Ok(false)
}
