//! A [`Query`] → tantivy queries over [`FIELDS`](crate::index::schema::FIELDS).

mod excluded;

use std::collections::{BTreeMap, BTreeSet};

use tantivy::{
    DocSet, Searcher, SegmentReader, TERMINATED, Term,
    query::{
        AllQuery, BooleanQuery, ConstScoreQuery, Occur, PhraseQuery, Query as TantivyQuery, TermQuery, TermSetQuery,
    },
    schema::{IndexRecordOption, Schema},
};

use super::Query;
use crate::{
    index::schema::{field, handle},
    text::analyzer::{Analyzer, is_stop_word},
};
use excluded::Excluded;

/// Distinct plain words of a query; of more, the rarest are kept.
const WORDS_MAX: usize = 1024;
/// A span of years that is open at one end reaches so far.
const YEARS: std::ops::RangeInclusive<u16> = 1900..=2199;

type Lowered = Box<dyn TantivyQuery>;

/// A query ready to be run.
pub struct Plan {
    /// Matches what holds everything that was asked for.
    pub full: Lowered,
    /// What a full match looks like.
    pub evidence: Evidence,
    /// Null where there is nothing to leave out.
    pub partial: Option<Partial>,
    pub notes: Vec<String>,
}

/// Matches what holds some of what was asked for, full matches left out.
pub struct Partial {
    pub query: Lowered,
    /// As the plan's, and the single words of its phrases.
    pub evidence: Evidence,
}

/// What a match looks like in a text: for snippets and highlights. Nothing of what stands behind `NOT` is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    pub clues: Vec<Clue>,
}

/// One word or phrase of a query with everything that it is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Clue {
    /// As typed, without operators.
    pub typed: String,
    /// How telling it is: its inverse document frequency.
    pub weight: f32,
    pub forms: Vec<Form>,
}

impl Evidence {
    /// As it is, and each word of a phrase by itself.
    fn with_words_of_phrases(&self) -> Evidence {
        let mut evidence = self.clone();
        for clue in &self.clues {
            for form in &clue.forms {
                let Form::Phrase { terms, .. } = form else { continue };
                for (_, term) in terms.iter().filter(|(_, term)| !is_stop_word(term)) {
                    let forms = vec![Form::Term(term.clone())];
                    evidence.clues.push(Clue { typed: term.clone(), weight: clue.weight, forms });
                }
            }
        }
        evidence
    }
}

/// What a clue looks like among the tokens of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// A token with this term.
    Term(String),
    /// A token with this word, folded but not stemmed.
    Word(String),
    /// Tokens with these terms, each so many words behind the first; up to `slop` moves away from that, counted as
    /// Lucene and tantivy do.
    Phrase { terms: Vec<(usize, String)>, slop: u32 },
}

/// Lowers a query; null means every record.
///
/// # Errors
/// Where the index is damaged: a word that can't be looked up is not one that no record holds.
pub fn lower(query: Option<&Query>, searcher: &Searcher) -> tantivy::Result<Plan> {
    let mut lowering = Lowering {
        searcher,
        schema: searcher.schema(),
        analyzer: Analyzer::default(),
        evidence: Evidence::default(),
        notes: Vec::new(),
        kept: None,
    };
    let Some(query) = query else {
        return Ok(Plan {
            full: Box::new(AllQuery),
            partial: None,
            evidence: lowering.evidence,
            notes: lowering.notes,
        });
    };
    lowering.keep_rarest(query)?;
    let clauses = lowering.clauses(query)?;
    if clauses.is_empty() {
        lowering.notes.push("the query holds no word: every record matches".to_owned());
        return Ok(Plan {
            full: Box::new(AllQuery),
            partial: None,
            evidence: lowering.evidence,
            notes: lowering.notes,
        });
    }
    let full = clauses.all();
    let partial = clauses.some(&full).map(|query| {
        Partial { query, evidence: lowering.evidence.with_words_of_phrases() }
    });
    Ok(Plan { full, partial, evidence: lowering.evidence, notes: lowering.notes })
}

/// The parts of a conjunction.
#[derive(Default)]
struct Clauses {
    /// Plain words and phrases: a partial match may lack them.
    wanted: Vec<Lowered>,
    /// Single words of `wanted` phrases: they count for a partial match.
    words: Vec<Lowered>,
    /// `field:value`: also a partial match has them.
    fixed: Vec<Lowered>,
    /// Stop words: they count and are never required.
    optional: Vec<Lowered>,
    unwanted: Vec<Lowered>,
}

impl Clauses {
    fn is_empty(&self) -> bool {
        [&self.wanted, &self.fixed, &self.optional, &self.unwanted].iter().all(|clauses| clauses.is_empty())
    }

    fn all(&self) -> Lowered {
        let required = self.wanted.iter().chain(&self.fixed).map(|clause| (Occur::Must, clause.box_clone()));
        let mut parts: Vec<_> = required.collect();
        if parts.is_empty() && self.optional.is_empty() {
            parts.push((Occur::Must, Box::new(ConstScoreQuery::new(Box::new(AllQuery), 0.0))));
        }
        parts.extend(self.optional.iter().map(|clause| (Occur::Should, clause.box_clone())));
        self.without_unwanted(parts)
    }

    fn some(&self, full: &Lowered) -> Option<Lowered> {
        if self.wanted.len() + self.words.len() < 2 {
            return None;
        }
        let either = self.wanted.iter().chain(&self.words).map(|clause| (Occur::Should, clause.box_clone())).collect();
        let mut parts: Vec<(Occur, Lowered)> = vec![(Occur::Must, Box::new(BooleanQuery::new(either)))];
        parts.extend(self.fixed.iter().map(|clause| (Occur::Must, clause.box_clone())));
        parts.push(excluded(full));
        Some(self.without_unwanted(parts))
    }

    fn without_unwanted(&self, mut parts: Vec<(Occur, Lowered)>) -> Lowered {
        parts.extend(self.unwanted.iter().map(excluded));
        Box::new(BooleanQuery::new(parts))
    }
}

struct Lowering<'a> {
    searcher: &'a Searcher,
    schema: &'a Schema,
    analyzer: Analyzer,
    evidence: Evidence,
    notes: Vec<String>,
    /// Where the query has too many words: those that stay.
    kept: Option<BTreeSet<String>>,
}

impl Lowering<'_> {
    fn clauses(&mut self, query: &Query) -> tantivy::Result<Clauses> {
        let mut clauses = Clauses::default();
        let parts = if let Query::And(parts) = query { parts.as_slice() } else { std::slice::from_ref(query) };
        for part in parts {
            match part {
                Query::Not(inner) => {
                    // What is not wanted is no evidence.
                    let evidence = self.evidence.clone();
                    clauses.unwanted.extend(self.single(inner)?);
                    self.evidence = evidence;
                }
                Query::Word { field: None, text } | Query::Phrase { field: None, text } => {
                    self.plain(text, matches!(part, Query::Phrase { .. }), &mut clauses)?;
                }
                Query::Word { field: Some(name), text } | Query::Phrase { field: Some(name), text }
                    if self.is_unknown(name, text)? =>
                {
                    self.notes.push(format!("no record has {name} \"{text}\": read as text"));
                    self.plain(&format!("{name} {text}"), false, &mut clauses)?;
                }
                Query::Or(_) | Query::And(_) => clauses.wanted.extend(self.single(part)?),
                Query::Word { .. } | Query::Phrase { .. } | Query::Years { .. } => {
                    clauses.fixed.extend(self.single(part)?);
                }
            }
        }
        Ok(clauses)
    }

    /// Whether no record has a value of this facet with these words. A year is known whether or not it is held.
    fn is_unknown(&mut self, name: &str, text: &str) -> tantivy::Result<bool> {
        let is_year = name == "year" && text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        let field = field(name);
        let is_facet = field.is_some_and(|field| field.sort.is_facet());
        let is_known = is_year || field.is_some_and(|field| field.known.contains(&text));
        if !is_facet || is_known {
            return Ok(false);
        }
        let handle = handle(self.schema, name);
        for term in self.analyzer.terms(text) {
            if !is_held(self.searcher, &Term::from_field_text(handle, &term))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// One query for a whole part; null when it holds no term.
    fn single(&mut self, query: &Query) -> tantivy::Result<Option<Lowered>> {
        Ok(match query {
            Query::Or(parts) => {
                let parts = parts.iter().filter_map(|part| self.single(part).transpose());
                let parts = parts.collect::<tantivy::Result<Vec<_>>>()?;
                (!parts.is_empty()).then(|| -> Lowered { Box::new(BooleanQuery::union(parts)) })
            }
            Query::Years { from, to } => {
                let (from, to) = (from.unwrap_or(*YEARS.start()), to.unwrap_or(*YEARS.end()));
                let year = handle(self.schema, "year");
                let years = (from..=to).filter(|year| YEARS.contains(year));
                let terms: Vec<Term> = years.map(|y| Term::from_field_text(year, &y.to_string())).collect();
                Some(unscored(Box::new(TermSetQuery::new(terms))))
            }
            Query::Word { field: Some(name), text } | Query::Phrase { field: Some(name), text } => {
                let terms = self.terms(text);
                let is_facet = field(name).is_some_and(|field| field.sort.is_facet());
                if !is_facet {
                    self.see(text, &terms)?;
                }
                // Which edition or speaker a record is of says nothing about how well it fits.
                let query = self.terms_query(name, &terms);
                query.map(|query| if is_facet { unscored(query) } else { query })
            }
            _ => {
                let clauses = self.clauses(query)?;
                (!clauses.is_empty()).then(|| clauses.all())
            }
        })
    }

    fn plain(&mut self, text: &str, is_phrase: bool, clauses: &mut Clauses) -> tantivy::Result<()> {
        let terms = self.terms(text);
        let Some(query) = self.terms_query("text", &terms) else { return Ok(()) };
        if self.kept.as_ref().is_some_and(|kept| terms.iter().any(|(_, term)| !kept.contains(term))) {
            return Ok(());
        }
        if let [(_, term)] = terms.as_slice() {
            if is_stop_word(term) && !is_phrase {
                clauses.optional.push(query);
                return Ok(());
            }
        } else {
            for (_, term) in terms.iter().filter(|(_, term)| !is_stop_word(term)) {
                clauses.words.extend(self.terms_query("text", &[(0, term.clone())]));
            }
        }
        self.see(text, &terms)?;
        clauses.wanted.push(query);
        Ok(())
    }

    fn see(&mut self, typed: &str, terms: &[(usize, String)]) -> tantivy::Result<()> {
        let form = match terms {
            [] => return Ok(()),
            [(_, term)] => Form::Term(term.clone()),
            terms => Form::Phrase { terms: terms.to_vec(), slop: 0 },
        };
        let weight = terms.iter().map(|(_, term)| self.idf(term)).sum::<tantivy::Result<f32>>()?;
        self.evidence.clues.push(Clue { typed: typed.to_owned(), weight, forms: vec![form] });
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "a weight needs no more than 24 bits")]
    fn idf(&self, term: &str) -> tantivy::Result<f32> {
        let frequency = self.searcher.doc_freq(&Term::from_field_text(handle(self.schema, "text"), term))?;
        Ok((1.0 + self.searcher.num_docs() as f32 / (1.0 + frequency as f32)).ln())
    }

    fn terms(&mut self, text: &str) -> Vec<(usize, String)> {
        let mut terms = Vec::new();
        self.analyzer.tokens(text, |token| terms.push((token.position, token.term.to_owned())));
        let first = terms.first().map_or(0, |(position, _)| *position);
        terms.iter_mut().for_each(|(position, _)| *position -= first);
        terms
    }

    fn terms_query(&self, name: &str, terms: &[(usize, String)]) -> Option<Lowered> {
        let field = handle(self.schema, name);
        match terms {
            [] => None,
            [(_, term)] => {
                let term = Term::from_field_text(field, term);
                Some(Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
            }
            terms => {
                let terms = terms.iter().map(|(at, term)| (*at, Term::from_field_text(field, term))).collect();
                Some(Box::new(PhraseQuery::new_with_offset(terms)))
            }
        }
    }

    /// Chooses the words that stay when there are more than [`WORDS_MAX`].
    fn keep_rarest(&mut self, query: &Query) -> tantivy::Result<()> {
        let mut words = BTreeMap::new();
        self.collect_words(query, &mut words);
        if words.len() <= WORDS_MAX {
            return Ok(());
        }
        let text = handle(self.schema, "text");
        for (word, frequency) in &mut words {
            *frequency = self.searcher.doc_freq(&Term::from_field_text(text, word))?;
        }
        let mut by_frequency: Vec<(u64, String)> = words.into_iter().map(|(word, n)| (n, word)).collect();
        by_frequency.sort_unstable();
        by_frequency.truncate(WORDS_MAX);
        self.kept = Some(by_frequency.into_iter().map(|(_, word)| word).collect());
        self.notes.push(format!("the query has more than {WORDS_MAX} words: the rarest {WORDS_MAX} were used"));
        Ok(())
    }

    fn collect_words(&mut self, query: &Query, words: &mut BTreeMap<String, u64>) {
        match query {
            Query::And(parts) | Query::Or(parts) => parts.iter().for_each(|part| self.collect_words(part, words)),
            Query::Word { field: None, text } | Query::Phrase { field: None, text } => {
                words.extend(self.terms(text).into_iter().map(|(_, term)| (term, 0)));
            }
            _ => {}
        }
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

fn excluded(query: &Lowered) -> (Occur, Lowered) {
    (Occur::MustNot, Box::new(Excluded(query.box_clone())))
}

fn unscored(query: Lowered) -> Lowered {
    Box::new(ConstScoreQuery::new(query, 0.0))
}
