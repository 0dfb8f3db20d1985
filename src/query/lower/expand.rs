//! Prefixes, near misses and patterns → the words of the index that they stand for.

use tantivy::Term;

use super::{
    Clue, Form, Lowering,
    matching::{Matching, Together, Tree},
    vocabulary::{EXPANSIONS_MAX, Expansion, Expansions, Vocabulary},
};
use crate::index::schema::field as field_of;

/// What a word at one or two edits counts, as a share of the word itself.
const NEAR_WEIGHTS: [f32; 3] = [1.0, 0.6, 0.3];

impl Lowering<'_> {
    /// Any of the words, those of each group counting less than those of the one before.
    pub(super) fn expanded(&mut self, typed: &str, name: &'static str, groups: &[Expansions]) -> Matching {
        let field = self.vocabulary.field(Vocabulary::words_field(name));
        let n_words: usize = groups.iter().map(|group| group.n_words).sum();
        let shown: usize = groups.iter().map(|group| group.words.len()).sum();
        if n_words > shown {
            self.notes
                .push(format!("\"{typed}\" stands for {n_words} words: the {EXPANSIONS_MAX} most frequent were used"));
        }
        let frequency = groups.iter().flat_map(|group| &group.words).map(|expansion| expansion.frequency).sum();
        let weight = self.vocabulary.idf(frequency);
        let words = groups.iter().flat_map(|group| &group.words);
        let forms = words.map(|expansion| Form::Word(expansion.word.clone())).collect();
        let is_facet = field_of(name).is_some_and(|field| field.sort.is_facet());
        if !is_facet {
            let clue = Clue { typed: typed.to_owned(), weight: weight * self.weight, forms };
            self.evidence.clues.push(clue);
        }
        let query = |(group, share): (&Expansions, f32)| -> Matching {
            let terms = group.words.iter().map(|expansion| Term::from_field_text(field, &expansion.word));
            let score = if is_facet { 0.0 } else { weight * share };
            Matching::any_of(terms).constant(score)
        };
        Tree::Any { of: groups.iter().zip(NEAR_WEIGHTS).map(query).collect(), together: Together::Max }
    }
}

/// The words at no edit, at one and at two.
pub(super) fn by_edits(word: &str, near: Expansions) -> Vec<Expansions> {
    let is_cut = near.n_words - near.words.len();
    let mut groups: Vec<Vec<Expansion>> = vec![Vec::new(); NEAR_WEIGHTS.len()];
    for expansion in near.words {
        let edits = strsim::osa_distance(word, &expansion.word).min(NEAR_WEIGHTS.len() - 1);
        groups[edits].push(expansion);
    }
    let mut groups: Vec<Expansions> =
        groups.into_iter().map(|words| Expansions { n_words: words.len(), words }).collect();
    groups[NEAR_WEIGHTS.len() - 1].n_words += is_cut;
    groups
}
