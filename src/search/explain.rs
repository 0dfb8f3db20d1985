//! Why a record scores what it does: one row for each thing that was found, adding up to the score.

use serde::Serialize;
use tantivy::Searcher;

use super::rank::Ranked;
use crate::{
    index::{Shown, schema::internal, searched},
    query::lower::{By, Evidence, Form, Manner, Matching, Share},
    text::analyzer::{Analyzer, folded, in_language, is_part},
};

/// What a part of a score is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Reason {
    /// A word, or a spelling of one.
    Word,
    /// Words that stand together.
    Phrase,
    /// The very word that was typed, where others have its stem.
    Exact,
    /// The records that are most like it, among the best.
    Neighbours,
    /// Its likeness to the record that was given.
    Likeness,
    /// What has no words.
    Filter,
}

/// How what was found is what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum How {
    /// In one of its forms, by its stem.
    Stem,
    /// Letter by letter, but for case and accents.
    Typed,
    /// Written otherwise: "data base".
    Spelling,
    Synonym,
    Prefix,
    Fuzzy,
    Regex,
}

/// One row of an explanation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ScorePart {
    pub signal: Reason,
    /// What of the query it is for; null for what no word of it is for.
    pub typed: Option<String>,
    /// What was found: a term as the index has it, or those of a phrase with spaces between.
    pub found: Option<String>,
    pub how: Option<How>,
    /// Where the record, or the passage that stands for it, has it, and how often: in the title, the text and so on.
    pub places: Vec<Place>,
    /// What it adds to the score.
    pub score: f64,
}

/// Where words stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    pub name: &'static str,
    /// How often.
    pub n: usize,
    /// How much each time counts.
    pub times: usize,
}

/// What the scores of some records that a query matches consist of, in their order.
pub(super) fn explain(
    searcher: &Searcher,
    query: &Matching,
    evidence: &Evidence,
    ranked: &[Ranked],
    by_likeness: bool,
) -> tantivy::Result<Vec<Vec<ScorePart>>> {
    let addresses: Vec<_> = ranked.iter().map(|ranked| ranked.address).collect();
    let of = |(ranked, shares): (&Ranked, Option<Vec<Share>>)| {
        let mut parts: Vec<ScorePart> = Vec::new();
        for share in shares.unwrap_or_default().into_iter().filter(|share| share.score != 0.0) {
            let part = part(share, evidence);
            match parts.iter_mut().find(|known| ScorePart { score: part.score, ..(*known).clone() } == part) {
                Some(known) => known.score += part.score,
                None => parts.push(part),
            }
        }
        parts.sort_by(|a, b| b.score.total_cmp(&a.score));
        if ranked.gain > 0.0 {
            let (typed, found, how, places) = (None, None, None, Vec::new());
            let signal = if by_likeness { Reason::Likeness } else { Reason::Neighbours };
            parts.push(ScorePart { signal, typed, found, how, places, score: ranked.gain.into() });
        }
        parts
    };
    Ok(ranked.iter().zip(query.shares(searcher, &addresses)?).map(of).collect())
}

fn part(Share { by, score }: Share, evidence: &Evidence) -> ScorePart {
    let (field, terms, is_one) = match by {
        By::Term { field, term } => (field, vec![term], true),
        By::Terms { field, terms } => (field, terms, false),
        By::Other => {
            let (typed, found, how, places) = (None, None, None, Vec::new());
            return ScorePart { signal: Reason::Filter, typed, found, how, places, score };
        }
    };
    let is_word = [internal::WORDS, internal::TITLE_WORDS].contains(&field.as_str());
    // The words that one prefix or pattern stands for.
    let is_set = is_word && !is_one;
    // What counts for the very word is no form of its own.
    let is_exact = is_word && is_one && !terms.iter().any(|term| is_part(term));
    let is_it = |form: &Form| match form {
        Form::Term(term) => !is_word && terms == [term.as_str()],
        Form::Word(word) => is_word && !is_exact && terms.contains(word),
        Form::Phrase { terms: own, .. } => own.iter().map(|(_, term)| term).eq(&terms),
    };
    let found = terms.iter().map(|term| term.trim_start_matches(is_mark)).collect::<Vec<_>>().join(" ");
    let clue = evidence.clues.iter().find(|clue| clue.forms.iter().any(is_it));
    let typed = match clue {
        Some(clue) => Some(clue.typed.clone()),
        None => is_exact.then(|| found.clone()),
    };
    let manner = evidence.others.iter().find(|(form, _)| is_it(form)).map(|(_, manner)| *manner);
    let operator = typed.as_deref().and_then(|typed| match (typed.chars().next(), typed.chars().last()) {
        (_, Some('*')) => Some(How::Prefix),
        (_, Some('~')) => Some(How::Fuzzy),
        (Some('/'), Some('/')) => Some(How::Regex),
        _ => None,
    });
    let how = operator.or(match manner {
        Some(Manner::Synonym) => Some(How::Synonym),
        Some(Manner::Spelling) => Some(How::Spelling),
        None if is_exact || typed.as_ref().is_some_and(|typed| letters(typed) == letters(&found)) => Some(How::Typed),
        None => typed.as_ref().map(|_| How::Stem),
    });
    let signal = match terms.len() {
        _ if is_exact => Reason::Exact,
        _ if is_set => Reason::Word,
        1 => Reason::Word,
        _ => Reason::Phrase,
    };
    ScorePart { signal, typed, found: (!is_set).then_some(found), how, places: Vec::new(), score }
}

/// What is left where case, accents, spaces and signs don't matter.
fn letters(text: &str) -> String {
    folded(text).chars().filter(|letter| letter.is_alphanumeric()).collect()
}

fn is_mark(letter: char) -> bool {
    letter.is_control()
}

/// Fills in where a record, or the passage that a hit shows of it, has what its score is for.
pub(super) fn locate(parts: &mut [ScorePart], shown: &Shown, analyzer: &mut Analyzer) {
    let language = shown.record.language.as_deref();
    let searched = match shown.record.passages.first() {
        Some(passage) => searched::of_passage(&shown.record, passage),
        None => searched::of_record(&shown.record, shown.searched_body()),
    };
    for searched::Part { name, text, times } in searched {
        let marked = in_language(language, &text);
        let (mut terms, mut words) = (Vec::new(), Vec::new());
        let mut tokens = analyzer.stream(&marked);
        while let Some(token) = tokens.next_token() {
            terms.push(token.term.to_owned());
            words.push(token.word.to_owned());
        }
        for part in parts.iter_mut() {
            let Some(found) = &part.found else { continue };
            let found = if part.signal == Reason::Exact { folded(found) } else { found.clone() };
            let wanted: Vec<&str> = found.split(' ').collect();
            let count = |tokens: &[String]| tokens.windows(wanted.len()).filter(|window| *window == wanted).count();
            let n = if part.signal == Reason::Exact { count(&words) } else { count(&terms).max(count(&words)) };
            if n > 0 {
                match part.places.iter_mut().find(|place| place.name == name) {
                    Some(place) => place.n += n,
                    None => part.places.push(Place { name, n, times }),
                }
            }
        }
    }
}
