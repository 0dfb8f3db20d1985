//! Scores of the best records, smoothed over their nearest neighbours: records that are alike answer the same question (the
//! cluster hypothesis), so that one whose neighbours score well moves up. It is one step of score regularisation (Diaz 2007,
//! "Regularizing query-based retrieval scores"), over likeness by the cosine of TF-IDF vectors, with the inverse document
//! frequencies among the records at hand.

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
pub fn gains(scores: &[Score], signatures: &[Vec<SignatureWord>]) -> Vec<Score> {
    let n = scores.len();
    let likeness = likeness(signatures);
    let mut gains = vec![0.0; n];
    let mut nearest: Vec<(f32, usize)> = Vec::with_capacity(n);
    for (at, gain) in gains.iter_mut().enumerate() {
        nearest.clear();
        let row = &likeness[at * n..(at + 1) * n];
        nearest.extend(row.iter().copied().zip(0..).filter(|(like, other)| *like > 0.0 && *other != at));
        let closest = |a: &(f32, usize), b: &(f32, usize)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        if nearest.len() > NEIGHBOURS {
            nearest.select_nth_unstable_by(NEIGHBOURS, closest);
            nearest.truncate(NEIGHBOURS);
        }
        nearest.sort_unstable_by(closest);
        let of_all: f32 = nearest.iter().map(|(like, _)| like).sum();
        if of_all > 0.0 {
            *gain = WEIGHT * nearest.iter().map(|(like, other)| like * scores[*other]).sum::<f32>() / of_all;
        }
    }
    gains
}

/// How alike each two are, from 0 to 1, row by row.
#[expect(clippy::cast_precision_loss, reason = "there are a few hundred")]
fn likeness(signatures: &[Vec<SignatureWord>]) -> Vec<f32> {
    let n = signatures.len();
    let mut words: Vec<(u32, usize, u32)> = Vec::new();
    for (at, signature) in signatures.iter().enumerate() {
        words.extend(signature.iter().map(|word| (word.hash, at, word.frequency)));
    }
    words.sort_unstable();
    let mut weights: Vec<(usize, f32)> = Vec::with_capacity(words.len());
    let mut ends = Vec::new();
    let mut norms = vec![0.0_f32; n];
    for same in words.chunk_by(|a, b| a.0 == b.0) {
        let idf = ((n + 1) as f32 / same.len() as f32).ln();
        for (_, at, frequency) in same {
            let weight = (1.0 + (*frequency as f32).ln()) * idf;
            norms[*at] += weight * weight;
            weights.push((*at, weight));
        }
        ends.push(weights.len());
    }
    let mut products = vec![0.0_f32; n * n];
    let mut start = 0;
    for end in ends {
        let same = &weights[std::mem::replace(&mut start, end)..end];
        for (a, of_a) in same {
            let row = &mut products[a * n..(a + 1) * n];
            for (b, of_b) in same {
                row[*b] += of_a * of_b;
            }
        }
    }
    for (a, row) in products.chunks_exact_mut(n.max(1)).enumerate() {
        for (product, norm) in row.iter_mut().zip(&norms) {
            *product /= (norms[a] * norm).sqrt().max(f32::MIN_POSITIVE);
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
