//! A word or phrase of the query → everything that it is found by, and how each counts.

use std::collections::BTreeMap;

use tantivy::{Searcher, Term, query::PhraseQuery};

use super::{
    Form, Manner, Vocabulary,
    matching::{BM25_MAX, Criterion, Matching, Together, Tree},
};
use crate::{
    query::Synonyms,
    text::analyzer::{Analyzer, is_part, is_stop_word, part},
};

/// What a record has more for the very word that was typed, as a share of the word's idf. A word's BM25 score lies between
/// 0 and 2.2 times its idf, at 1 for one that stands once in a text of usual length.
const EXACT_WEIGHT: f32 = 0.4;
/// The most that a synonym scores, as a share of what the word itself can.
const SYNONYM_WEIGHT: f32 = 0.5;
/// Letters of the parts that a word may be written in: "realtime" is "real time". A single letter may come first ("e-mail").
const PART_CHARS_MIN: usize = 2;
/// A word in more documents than both of its parts is rarely a compound of theirs ("understand"): whether it is, is found
/// out only where that many documents at most hold the rarer part.
const SPLIT_FREE: u64 = 1000;
/// Other words that one word is written as.
const SPLITS_MAX: usize = 2;

/// Terms with their distance in words from the first.
pub(super) type Terms = Vec<(usize, String)>;

/// Something that is looked for in one field.
pub(super) struct Sought {
    /// The words as typed, folded; more than one where they stand together as in "real-time".
    pub words: Vec<String>,
    /// A single word that was typed with accents.
    pub accented: Option<String>,
    /// In the language of the collection's records: English first. Of one length each.
    pub sequences: Vec<Terms>,
    pub slop: u32,
    /// Whether it is in quotes: in these words and no others.
    pub is_quoted: bool,
}

/// What something is found by.
pub(super) struct Found {
    pub query: Matching,
    /// What adds to a match's score and makes none.
    pub bonus: Option<Matching>,
    pub weight: f32,
    pub forms: Vec<Form>,
    /// Those of `forms` that are not of what was typed.
    pub others: Vec<(Form, Manner)>,
    /// Whether nothing in the index is a form of it; false where that is not known.
    pub is_nowhere: bool,
}

/// Another way to say the same.
pub(super) struct Alternative {
    pub query: Matching,
    pub forms: Vec<Form>,
    idf: f32,
    is_synonym: bool,
}

impl Sought {
    /// Null where a text holds no word.
    pub fn new(text: &str, analyzer: &mut Analyzer, vocabulary: &Vocabulary<'_>) -> tantivy::Result<Option<Sought>> {
        let mut words = Vec::new();
        let mut sequences = vec![sequence(analyzer, None, text, |word| words.push(word.to_owned()))];
        if words.is_empty() {
            return Ok(None);
        }
        for code in vocabulary.languages()? {
            let other = sequence(analyzer, Some(code), text, |_| {});
            if !sequences.contains(&other) && other.len() == words.len() {
                sequences.push(other);
            }
        }
        let accented = if words.len() == 1 && !text.is_ascii() { accented(analyzer, text) } else { None };
        Ok(Some(Sought { words, accented, sequences, slop: 0, is_quoted: false }))
    }

    pub fn is_stop_word(&self) -> bool {
        !self.is_quoted && matches!(self.sequences[0].as_slice(), [(_, term)] if is_stop_word(term))
    }

    /// Its words one by one, in every language.
    pub fn singles(&self) -> impl Iterator<Item = Sought> {
        let one = |at: usize| Sought {
            words: vec![self.words[at].clone()],
            accented: None,
            sequences: self.sequences.iter().map(|terms| vec![(0, terms[at].1.clone())]).collect(),
            slop: 0,
            is_quoted: false,
        };
        (0..self.words.len()).map(one)
    }

    pub fn found(&self, field: &'static str, vocabulary: &Vocabulary<'_>) -> tantivy::Result<Found> {
        if self.words.len() > 1 {
            return self.phrase(field, vocabulary);
        }
        let mut terms: Vec<(&str, &str, u64)> = Vec::new();
        for sequence in &self.sequences {
            let term = sequence[0].1.as_str();
            if terms.iter().all(|(_, known, _)| *known != term) {
                terms.push((field, term, vocabulary.frequency(field, term)?));
            }
        }
        let words_field = Vocabulary::words_field(field);
        let part = part(&self.words[0]);
        terms.push((words_field, &part, vocabulary.frequency(words_field, &part)?));
        if terms.iter().any(|(_, _, frequency)| *frequency > 0) {
            terms.retain(|(_, _, frequency)| *frequency > 0);
        } else {
            // One is looked for in any case: it says that there is nothing.
            terms.truncate(1);
        }
        let frequency = terms.iter().map(|(_, _, frequency)| frequency).sum();
        let weight = vocabulary.idf(frequency);
        // Which of them a record holds is a matter of its language, and of no weight.
        let query = |(field, term, _): &(&str, &str, u64)| {
            let query = term_query(vocabulary, field, term, weight);
            // Less than the word itself, however little of it there is.
            if terms.len() > 1 && is_part(term) { query.unscored() } else { query }
        };
        let query = Matching::any(terms.iter().map(query).collect());
        let forms = terms.iter().map(|(in_field, term, _)| {
            let term = (*term).to_owned();
            if *in_field == field { Form::Term(term) } else { Form::Word(term) }
        });
        Ok(Found {
            query,
            bonus: self.bonus(words_field, frequency, weight, vocabulary)?,
            weight,
            forms: forms.collect(),
            others: Vec::new(),
            is_nowhere: frequency == 0,
        })
    }

    /// For records that hold the word as typed, where some that match don't.
    fn bonus(
        &self,
        words_field: &str,
        frequency: u64,
        weight: f32,
        vocabulary: &Vocabulary<'_>,
    ) -> tantivy::Result<Option<Matching>> {
        let word = self.accented.as_ref().unwrap_or(&self.words[0]);
        let of_word = vocabulary.frequency(words_field, word)?;
        let is_telling = of_word > 0 && of_word < frequency;
        Ok(is_telling.then(|| term_query(vocabulary, words_field, word, weight).constant(EXACT_WEIGHT * weight)))
    }

    fn phrase(&self, field: &'static str, vocabulary: &Vocabulary<'_>) -> tantivy::Result<Found> {
        // Of a position: the terms that stand there in one language or another, and how many documents hold one.
        let mut frequencies: Vec<BTreeMap<&str, u64>> = vec![BTreeMap::new(); self.words.len()];
        for terms in &self.sequences {
            for (frequencies, (_, term)) in frequencies.iter_mut().zip(terms) {
                if !frequencies.contains_key(term.as_str()) {
                    frequencies.insert(term, vocabulary.frequency(field, term)?);
                }
            }
        }
        let weight = frequencies.iter().map(|terms| vocabulary.idf(terms.values().sum())).sum();
        let of_terms = |terms: &Terms| -> Vec<u64> {
            terms.iter().zip(&frequencies).map(|((_, term), of)| of[term.as_str()]).collect()
        };
        let is_nowhere = self.sequences.iter().all(|terms| of_terms(terms).contains(&0));
        let query = |terms: &Terms| {
            let of_terms = of_terms(terms);
            let cost = of_terms.iter().copied().min().unwrap_or(0);
            let own: f32 = of_terms.into_iter().map(|frequency| vocabulary.idf(frequency)).sum();
            // In which language a record holds it is of no weight, as for a single word.
            phrase_query(vocabulary, field, terms, self.slop, cost).weighted(weight / own)
        };
        let forms = self.sequences.iter().map(|terms| Form::Phrase { terms: terms.clone(), slop: self.slop });
        let query = Matching::any(self.sequences.iter().map(query).collect());
        Ok(Found { query, bonus: None, weight, forms: forms.collect(), others: Vec::new(), is_nowhere })
    }
}

impl Found {
    /// Found by other forms as well, none of which counts more than what was typed; other words count `share` of what they
    /// can.
    pub fn or(mut self, alternatives: Vec<Alternative>, share: f32) -> Found {
        if alternatives.is_empty() {
            return self;
        }
        let synonym_max = if alternatives.iter().any(|other| other.is_synonym) {
            share * SYNONYM_WEIGHT * BM25_MAX * self.weight
        } else {
            0.0
        };
        let mut of = vec![self.query.raised(synonym_max)];
        for other in alternatives {
            self.others.extend(other.manners());
            let idf = other.idf.max(f32::MIN_POSITIVE);
            of.push(if other.is_synonym {
                other.query.weighted(synonym_max / (BM25_MAX * idf))
            } else {
                other.query.weighted(self.weight / idf).raised(synonym_max)
            });
            self.forms.extend(other.forms);
        }
        Found { query: Tree::Any { of, together: Together::Max }, is_nowhere: false, ..self }
    }
}

impl Alternative {
    /// Its forms, and how they are other ones.
    pub fn manners(&self) -> impl Iterator<Item = (Form, Manner)> {
        let manner = if self.is_synonym { Manner::Synonym } else { Manner::Spelling };
        self.forms.iter().map(move |form| (form.clone(), manner))
    }
}

/// The other ways to write or say those words, which stand together in the query; with `synonyms`, also other words.
pub(super) fn alternatives(
    words: &[String],
    field: &'static str,
    synonyms: Option<&Synonyms>,
    analyzer: &mut Analyzer,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Vec<Alternative>> {
    let mut others: Vec<(String, bool)> = Vec::new();
    match words {
        [word] => others.extend(splits(word, field, analyzer, vocabulary)?.into_iter().map(|other| (other, false))),
        [first, second] => others.extend(["", "."].map(|between| ([first, between, second].concat(), false))),
        _ => {}
    }
    if let Some(synonyms) = synonyms {
        let same = same(words, synonyms, analyzer, vocabulary)?;
        others.extend(same.into_iter().map(|other| (other, true)));
    }
    let mut alternatives: Vec<Alternative> = Vec::new();
    for (other, is_synonym) in others {
        let Some(sought) = Sought::new(&other, analyzer, vocabulary)? else { continue };
        let found = sought.found(field, vocabulary)?;
        let is_known = sought.words == words || alternatives.iter().any(|known| known.forms == found.forms);
        if !found.is_nowhere && !is_known {
            alternatives.push(Alternative { query: found.query, idf: found.weight, forms: found.forms, is_synonym });
        }
    }
    Ok(alternatives)
}

/// Those that some document matches.
pub(super) fn with_matches(alternatives: Vec<Alternative>, searcher: &Searcher) -> tantivy::Result<Vec<Alternative>> {
    let mut found = Vec::new();
    for alternative in alternatives {
        let weight = alternative.query.weigh(searcher)?;
        'segments: for segment in searcher.segment_readers() {
            let mut run = weight.run(segment)?;
            while run.next_batch(f32::INFINITY) {
                if !run.docs().is_empty() {
                    found.push(alternative);
                    break 'segments;
                }
            }
        }
    }
    Ok(found)
}

/// The other forms of words in the tables and in what records define themselves.
fn same(
    words: &[String],
    synonyms: &Synonyms,
    analyzer: &mut Analyzer,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Vec<String>> {
    let own = sequence(analyzer, None, &words.join(" "), |_| {});
    let cell = std::cell::RefCell::new(analyzer);
    // Most forms begin otherwise, and are not taken apart.
    let is_it =
        |form: &str| begin_alike(form, &words[0]) && sequence(&mut cell.borrow_mut(), None, form, |_| {}) == own;
    let mut others: Vec<String> = synonyms.of(is_it).into_iter().map(str::to_owned).collect();
    let key: Vec<&str> = own.iter().map(|(_, term)| term.as_str()).collect();
    others.extend(vocabulary.defined(&key.join(" "))?);
    Ok(others)
}

/// Whether two words may have one stem by their first two letters: "dying" is "die".
fn begin_alike(a: &str, b: &str) -> bool {
    // Accents and signs may be gone from a word.
    let is_plain = |word: &str| word.len() > 1 && word.bytes().take(2).all(|byte| byte.is_ascii_alphanumeric());
    let (of_a, of_b) = (a.as_bytes(), b.as_bytes());
    if !is_plain(a) || !is_plain(b) {
        return true;
    }
    of_a[0] == of_b[0] && (of_a[1] == of_b[1] || [of_a[1], of_b[1]].contains(&b'y'))
}

/// A word as two, where both are words of the collection and no function words: those that most records hold, first.
fn splits(
    word: &str,
    field: &'static str,
    analyzer: &mut Analyzer,
    vocabulary: &Vocabulary<'_>,
) -> tantivy::Result<Vec<String>> {
    if let Some((first, rest)) = word.split_once('.') {
        // "node.js" is "nodejs" and "node js".
        let is_name = first.len() > 1 && first.bytes().all(|byte| byte.is_ascii_alphabetic());
        let is_two = is_name && rest.len() > 1 && rest.bytes().all(|byte| byte.is_ascii_alphabetic());
        return Ok(if is_two { vec![[first, rest].concat(), [first, rest].join(" ")] } else { Vec::new() });
    }
    let is_plain = word.bytes().all(|byte| byte.is_ascii_lowercase()) && (4..=32).contains(&word.len());
    if !is_plain {
        return Ok(Vec::new());
    }
    let words_field = Vocabulary::words_field(field);
    analyzer.set_language(None);
    let mut frequency = |word: &str| match analyzer.terms(word).as_slice() {
        [term] => vocabulary.frequency(field, term),
        _ => Ok(0),
    };
    let of_word = frequency(word)?;
    let mut splits: Vec<(u64, String)> = Vec::new();
    for at in 1..=word.len() - PART_CHARS_MIN {
        let (first, rest) = word.split_at(at);
        if (at == 1 && rest.len() < 4) || is_stop_word(first) || is_stop_word(rest) {
            continue;
        }
        let of_rest = frequency(rest)?;
        let of_first = if of_rest == 0 { 0 } else { frequency(first)? };
        let of_both = of_first.min(of_rest);
        if of_both > 0 && (of_both <= SPLIT_FREE || of_both > of_word) {
            splits.push((of_both, format!("{first} {rest}")));
        }
        let dotted = format!("{first}.{rest}");
        let of_dotted = if at == 1 { 0 } else { vocabulary.frequency(words_field, &dotted)? };
        if of_dotted > 0 {
            splits.push((of_dotted, dotted));
        }
    }
    splits.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    splits.truncate(SPLITS_MAX);
    Ok(splits.into_iter().map(|(_, split)| split).collect())
}

/// The spelling of a word with its accents; null where it has none.
fn accented(analyzer: &mut Analyzer, text: &str) -> Option<String> {
    let mut spellings = analyzer.spellings(text);
    let word = spellings.next_token()?.word.to_owned();
    let other = spellings.next_token()?.word;
    (!is_part(other) && other != word).then(|| other.to_owned())
}

fn sequence(analyzer: &mut Analyzer, language: Option<&str>, text: &str, mut each: impl FnMut(&str)) -> Terms {
    analyzer.set_language(language);
    let mut terms = Terms::new();
    analyzer.tokens(text, |token| {
        each(token.word);
        terms.push((token.position, token.term.to_owned()));
    });
    let first = terms.first().map_or(0, |(position, _)| *position);
    terms.iter_mut().for_each(|(position, _)| *position -= first);
    terms
}

fn term_query(vocabulary: &Vocabulary<'_>, field: &str, term: &str, weight: f32) -> Matching {
    Tree::Leaf(Criterion::Term { term: Term::from_field_text(vocabulary.field(field), term), weight })
}

/// Of two terms or more, the rarest of which is in `cost` documents.
fn phrase_query(vocabulary: &Vocabulary<'_>, field: &str, terms: &Terms, slop: u32, cost: u64) -> Matching {
    let field = vocabulary.field(field);
    let terms = terms.iter().map(|(at, term)| (*at, Term::from_field_text(field, term))).collect();
    Matching::phrase(PhraseQuery::new_with_offset_and_slop(terms, slop), cost)
}
