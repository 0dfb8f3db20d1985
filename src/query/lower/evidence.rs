//! What a query's matches look like in a text.

use crate::text::analyzer::is_stop_word;

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
    pub(super) fn with_words_of_phrases(&self) -> Evidence {
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
