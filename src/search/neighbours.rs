//! Scores of the best records, smoothed over their nearest neighbours: records that are alike answer the same question (the
//! cluster hypothesis), so that one whose neighbours score well moves up. It is one step of score regularisation (Diaz 2007,
//! "Regularizing query-based retrieval scores"), over likeness by the cosine of TF-IDF vectors, with the inverse document
//! frequencies among the records at hand.

use std::cmp::Reverse;

use tantivy::Score;

use crate::index::signature::SignatureWord;

/// Best records that are looked at, and moved.
pub(super) const NEIGHBOURHOOD: usize = 200;
/// Neighbours of a record that it is smoothed over.
const NEIGHBOURS: usize = 10;
/// What the neighbours' mean score counts, against the record's own.
const WEIGHT: f32 = 1.0;

/// What each of some records gains from its neighbours among them: the mean score of the ten that are most like
/// it, weighted by likeness. None is below 0, and none above the greatest of the scores.
#[expect(clippy::cast_possible_truncation, reason = "each half of a key has 32 bits")]
pub fn gains(scores: &[Score], signatures: &[Vec<SignatureWord>]) -> Vec<Score> {
    let n = scores.len();
    let likeness = likeness(signatures);
    let mut gains = vec![0.0; n];
    // Likeness with the place behind it, as one number: likeness is never below 0, so that its bits are in its order.
    let mut nearest: Vec<u64> = Vec::with_capacity(n);
    for (at, gain) in gains.iter_mut().enumerate() {
        nearest.clear();
        for (other, like) in (0_u32..).zip(&likeness[at * n..(at + 1) * n]) {
            if *like > 0.0 && other as usize != at {
                nearest.push(u64::from(like.to_bits()) << 32 | u64::from(u32::MAX - other));
            }
        }
        if nearest.len() > NEIGHBOURS {
            nearest.select_nth_unstable_by_key(NEIGHBOURS, |key| Reverse(*key));
            nearest.truncate(NEIGHBOURS);
        }
        nearest.sort_unstable_by_key(|key| Reverse(*key));
        let (mut of_all, mut sum) = (0.0, 0.0);
        for key in &nearest {
            let (like, other) = (f32::from_bits((key >> 32) as u32), u32::MAX - *key as u32);
            of_all += like;
            sum += like * scores[other as usize];
        }
        if of_all > 0.0 {
            *gain = WEIGHT * sum / of_all;
        }
    }
    gains
}

/// How alike each two are, from 0 to 1, row by row.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "there are a few hundred")]
fn likeness(signatures: &[Vec<SignatureWord>]) -> Vec<f32> {
    let n = signatures.len();
    // Hash, place and frequency as one number, which is quick to sort.
    let mut words: Vec<u64> = Vec::new();
    for (at, signature) in (0_u64..).zip(signatures) {
        words.extend(signature.iter().map(|word| u64::from(word.hash) << 32 | at << 8 | u64::from(word.frequency)));
    }
    words.sort_unstable();
    let mut products = vec![0.0_f32; n * n];
    let mut norms = vec![0.0_f32; n];
    let mut same: Vec<(usize, f32)> = Vec::with_capacity(n);
    for words in words.chunk_by(|a, b| a >> 32 == b >> 32) {
        let idf = ((n + 1) as f32 / words.len() as f32).ln();
        same.clear();
        same.extend(words.iter().map(|word| {
            let (at, frequency) = ((*word as u32 >> 8) as usize, *word as u8);
            (at, (1.0 + f32::from(frequency).ln()) * idf)
        }));
        for (nth, (a, of_a)) in same.iter().enumerate() {
            norms[*a] += of_a * of_a;
            let row = &mut products[a * n..(a + 1) * n];
            // Those before it have it in their rows.
            same[nth..].iter().for_each(|(b, of_b)| row[*b] += of_a * of_b);
        }
    }
    let shares: Vec<f32> = norms.iter().map(|norm| if *norm > 0.0 { norm.sqrt().recip() } else { 0.0 }).collect();
    for a in 0..n {
        for b in a..n {
            let cosine = products[a * n + b] * shares[a] * shares[b];
            (products[a * n + b], products[b * n + a]) = (cosine, cosine);
        }
    }
    products
}

/// How alike one is to others, from 0 to 1.
pub(super) fn likeness_to(one: &[SignatureWord], others: &[Vec<SignatureWord>]) -> Vec<f32> {
    let all: Vec<Vec<SignatureWord>> = std::iter::once(one.to_vec()).chain(others.iter().cloned()).collect();
    likeness(&all)[1..all.len()].to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signature(words: &[(u32, u32)]) -> Vec<SignatureWord> {
        words.iter().map(|(hash, frequency)| SignatureWord { hash: *hash, frequency: *frequency }).collect()
    }

    /// By the definition, word by word and pair by pair.
    #[expect(clippy::cast_precision_loss, reason = "there are a handful")]
    fn plain(signatures: &[Vec<SignatureWord>], a: usize, b: usize) -> f32 {
        let n = signatures.len() as f32;
        let weight = |word: &SignatureWord| {
            let having = signatures.iter().filter(|other| other.iter().any(|w| w.hash == word.hash)).count();
            (1.0 + (word.frequency as f32).ln()) * ((n + 1.0) / having as f32).ln()
        };
        let norm = |at: usize| signatures[at].iter().map(|word| weight(word).powi(2)).sum::<f32>().sqrt();
        let shared = signatures[a].iter().filter_map(|word| {
            let other = signatures[b].iter().find(|other| other.hash == word.hash)?;
            Some(weight(word) * weight(other))
        });
        let product: f32 = shared.sum();
        if product > 0.0 { product / (norm(a) * norm(b)) } else { 0.0 }
    }

    #[test]
    fn likeness_is_the_cosine() {
        let signatures = vec![
            signature(&[(1, 3), (2, 1), (3, 1)]),
            signature(&[(1, 1), (2, 2)]),
            signature(&[(4, 1)]),
            signature(&[]),
            signature(&[(1, 3), (2, 1), (3, 1)]),
        ];
        let n = signatures.len();
        let all = likeness(&signatures);
        for a in 0..n {
            for b in 0..n {
                assert!((all[a * n + b] - plain(&signatures, a, b)).abs() < 1e-5, "{a} {b}");
            }
        }
        assert!((all[4] - 1.0).abs() < 1e-5 && all[2].abs() < 1e-9);
        let to_first = likeness_to(&signatures[0], &signatures[1..]);
        assert_eq!(to_first.len(), n - 1);
        assert!((to_first[3] - 1.0).abs() < 1e-5);
    }

    #[test]
    fn a_record_gains_by_good_neighbours() {
        let alike = signature(&[(1, 1), (2, 1), (3, 1)]);
        let other = signature(&[(7, 1), (8, 1)]);
        let gains = gains(&[9.0, 4.0, 5.0], &[alike.clone(), alike, other]);
        assert!((gains[0] - 4.0).abs() < 1e-5 && (gains[1] - 9.0).abs() < 1e-5, "{gains:?}");
        assert!(gains[2].abs() < 1e-9, "it has none");
        assert!(super::gains(&[], &[]).is_empty());
    }
}
