//! The terms there are: how many documents hold one, and which begin or look like one.

use std::{cell::OnceCell, collections::BTreeMap};

use tantivy::{
    Searcher, Term,
    query::FuzzyTermQuery,
    schema::{Field, Schema},
    termdict::TermStreamer,
};
use tantivy_fst::{Automaton, Regex};

use crate::{
    index::schema::{handle, internal},
    text::analyzer::{is_part, other_languages},
};

/// Words that one prefix, pattern or near miss stands for; of more, those in most documents.
pub const EXPANSIONS_MAX: usize = 1024;

/// A word that the index holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expansion {
    pub word: String,
    /// Documents that hold it, those that were removed and not merged away among them.
    pub frequency: u64,
}

/// The term dictionaries of one searcher.
pub struct Vocabulary<'a> {
    pub searcher: &'a Searcher,
    pub schema: &'a Schema,
    n_documents: u64,
    languages: OnceCell<Vec<&'static str>>,
}

impl<'a> Vocabulary<'a> {
    pub fn new(searcher: &'a Searcher) -> Self {
        let n_documents = searcher.segment_readers().iter().map(|segment| u64::from(segment.max_doc())).sum();
        Vocabulary { searcher, schema: searcher.schema(), n_documents, languages: OnceCell::new() }
    }

    pub fn field(&self, name: &str) -> Field {
        handle(self.schema, name)
    }

    pub fn frequency(&self, field: &str, term: &str) -> tantivy::Result<u64> {
        self.searcher.doc_freq(&Term::from_field_text(self.field(field), term))
    }

    /// The inverse document frequency of what so many documents hold, as tantivy's BM25 has it.
    #[expect(clippy::cast_precision_loss, reason = "a weight needs no more than 24 bits")]
    pub fn idf(&self, frequency: u64) -> f32 {
        let frequency = frequency.min(self.n_documents);
        let others = (self.n_documents - frequency) as f32;
        (1.0 + (others + 0.5) / (frequency as f32 + 0.5)).ln()
    }

    /// The languages of the collection whose words are stemmed otherwise than English ones.
    pub fn languages(&self) -> tantivy::Result<&[&'static str]> {
        if let Some(languages) = self.languages.get() {
            return Ok(languages);
        }
        let mut found = Vec::new();
        for code in other_languages() {
            if self.frequency("language", code)? > 0 {
                found.push(code);
            }
        }
        Ok(self.languages.get_or_init(|| found))
    }

    /// The field that holds the words of a field as they are written.
    pub fn words_field(name: &'static str) -> &'static str {
        match name {
            "text" => internal::WORDS,
            "title" => internal::TITLE_WORDS,
            facet => facet,
        }
    }

    pub fn beginning(&self, field: &str, prefix: &str) -> tantivy::Result<Expansions> {
        self.collect(field, |terms, each| {
            let mut stream = terms.range().ge(prefix).into_stream()?;
            take_while(&mut stream, |word| word.starts_with(prefix), each);
            Ok(())
        })
    }

    /// Words at so many edits at most: 1 or 2, two letters that changed places counting as one.
    pub fn near(&self, field: &str, word: &str, edits: u8) -> tantivy::Result<Expansions> {
        let query = FuzzyTermQuery::new(Term::from_field_text(self.field(field), word), edits, true);
        self.matching(field, &query.automaton()?)
    }

    pub fn like(&self, field: &str, pattern: &Regex) -> tantivy::Result<Expansions> {
        self.matching(field, pattern)
    }

    fn matching<A: Automaton>(&self, field: &str, automaton: &A) -> tantivy::Result<Expansions>
    where
        A::State: Clone,
    {
        self.collect(field, |terms, each| {
            let mut stream = terms.search(automaton).into_stream()?;
            take_while(&mut stream, |_| true, each);
            Ok(())
        })
    }

    fn collect(
        &self,
        field: &str,
        read: impl Fn(&tantivy::termdict::TermDictionary, &mut dyn FnMut(&str, u64)) -> std::io::Result<()>,
    ) -> tantivy::Result<Expansions> {
        let mut words: BTreeMap<String, u64> = BTreeMap::new();
        let field = self.field(field);
        for segment in self.searcher.segment_readers() {
            let index = segment.inverted_index(field)?;
            read(index.terms(), &mut |word, frequency| {
                if !is_part(word) {
                    match words.get_mut(word) {
                        Some(known) => *known += frequency,
                        None => drop(words.insert(word.to_owned(), frequency)),
                    }
                }
            })?;
        }
        let n_words = words.len();
        let mut words: Vec<_> = words.into_iter().map(|(word, frequency)| Expansion { word, frequency }).collect();
        if n_words > EXPANSIONS_MAX {
            words.sort_by(|a, b| b.frequency.cmp(&a.frequency).then_with(|| a.word.cmp(&b.word)));
            words.truncate(EXPANSIONS_MAX);
        }
        Ok(Expansions { words, n_words })
    }
}

/// The words that a prefix, a pattern or a near miss stands for.
#[derive(Debug)]
pub struct Expansions {
    pub words: Vec<Expansion>,
    /// How many there are, `words` being cut.
    pub n_words: usize,
}

fn take_while<A: Automaton>(
    stream: &mut TermStreamer<'_, A>,
    goes_on: impl Fn(&str) -> bool,
    each: &mut dyn FnMut(&str, u64),
) where
    A::State: Clone,
{
    while let Some((word, info)) = stream.next() {
        let Ok(word) = std::str::from_utf8(word) else { continue };
        if !goes_on(word) {
            break;
        }
        each(word, u64::from(info.doc_freq));
    }
}

/// Meanings taken from what records define.
const DEFINED_MAX: usize = 3;

impl Vocabulary<'_> {
    /// What records say themselves that something stands for, or is called for short: the most frequent first.
    pub fn defined(&self, terms: &str) -> tantivy::Result<Vec<String>> {
        let prefix = crate::index::schema::definition(terms, "");
        let mut found = self.beginning(internal::DEFINITION, &prefix)?.words;
        found.sort_by(|a, b| b.frequency.cmp(&a.frequency).then_with(|| a.word.cmp(&b.word)));
        found.truncate(DEFINED_MAX);
        Ok(found.into_iter().map(|expansion| expansion.word[prefix.len()..].to_owned()).collect())
    }
}
