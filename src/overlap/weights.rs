//! What a word tells: little where many texts of the collection hold it.

use std::{cell::RefCell, collections::HashMap};

use crate::{error::Result, search::Nearby, text::analyzer::is_stop_word};

/// The collection counts as one of so many texts more, of which a word is in one: so few texts don't make every word of a
/// small collection a telling one, and one of half a million has no scale of its own.
const TEXTS_MORE: f64 = 500.0;
/// A rarer word tells no more: it may be a slip.
const WEIGHT_MAX: f64 = 7.6;
/// Taken off: a word in a third of all texts tells nothing.
const WEIGHT_OFF: f64 = 1.2;

/// Looks weights up, each once.
pub struct Weights<'a> {
    nearby: &'a Nearby<'a>,
    n_texts: f64,
    known: RefCell<HashMap<u64, f64>>,
}

impl<'a> Weights<'a> {
    pub fn new(nearby: &'a Nearby<'a>) -> Self {
        Weights { nearby, n_texts: precise(nearby.n_documents()), known: RefCell::default() }
    }

    /// 0 for a word that tells nothing; `key` is the hash of the term.
    ///
    /// # Errors
    /// `Index`.
    pub fn of(&self, term: &str, key: u64) -> Result<f64> {
        if let Some(known) = self.known.borrow().get(&key) {
            return Ok(*known);
        }
        let weight = if is_stop_word(term) { 0.0 } else { weight(self.nearby.frequency(term)?, self.n_texts) };
        self.known.borrow_mut().insert(key, weight);
        Ok(weight)
    }

    /// Whether any text of the collection holds a term.
    ///
    /// # Errors
    /// `Index`.
    pub fn is_known(&self, term: &str) -> Result<bool> {
        Ok(self.nearby.frequency(term)? > 0)
    }
}

fn weight(n_with: u64, n_texts: f64) -> f64 {
    let rate = (precise(n_with) + 1.0) / (n_texts + TEXTS_MORE);
    ((-rate.ln()).min(WEIGHT_MAX) - WEIGHT_OFF).max(0.0)
}

#[expect(clippy::cast_precision_loss, reason = "numbers of texts are far below 2^53")]
fn precise(n: u64) -> f64 {
    n as f64
}

/// Stands for a term: the same whatever else was read before, so that sums over terms in order of their keys are always the
/// same to the last digit.
pub(super) fn key(term: &str) -> u64 {
    const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let hash = term.bytes().fold(BASIS, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    // FNV leaves the high bits of short words alike.
    hash ^ (hash >> 29)
}

/// As [`key`], of two terms that stand side by side.
pub(super) fn pair_key(first: u64, second: u64) -> u64 {
    (first.rotate_left(23) ^ second).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A word that one text in a hundred holds tells the same in a small collection and in a large one.
    #[test]
    fn collections_of_any_size_have_one_scale() {
        let of = |n_with: u64, n_texts: f64| weight(n_with, n_texts);
        assert!((of(10, 1000.0) - of(5000, 500_000.0)).abs() < 0.35);
        assert!(of(0, 500_000.0) <= WEIGHT_MAX && of(1, 500.0) > 4.0);
        assert!(of(400_000, 500_000.0) < 1e-9 && of(20, 500_000.0) > of(2000, 500_000.0));
    }
}
