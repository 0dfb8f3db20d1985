//! What one ranking is worth, given the judgments of its query: measures as trec_eval 9 computes them.
//!
//! A grade above 0 is relevant. What is not judged is not relevant.

use serde::{Deserialize, Serialize};

use crate::stats::{self, precise};

/// Ranks that [`Measures::ndcg_10`] and [`Measures::mrr_10`] look at.
const TOP: usize = 10;
/// Ranks that [`Measures::recall_100`] looks at.
const RECALL_TOP: usize = 100;

/// The measures of one query, or their means over several; each from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Discounted cumulated gain of the first 10 ranks, over that of the best order that all judgments of the query allow
    /// (Järvelin and Kekäläinen 2002). Gain and discount are those of trec_eval 9 (`m_ndcg_cut.c`): the grade, over
    /// log2(rank + 1); a grade below 0 gains nothing.
    pub ndcg_10: f64,
    /// Average precision: the mean, over all relevant documents, of the precision at the rank of each, 0 for one that was
    /// not found (`m_map.c`). Its mean over queries is called MAP.
    pub map: f64,
    /// One over the rank of the first relevant document, 0 past rank 10 (`m_recip_rank.c`, of a run cut at 10).
    pub mrr_10: f64,
    /// The part of the relevant documents that the first 100 ranks hold (`m_recall.c`).
    pub recall_100: f64,
}

impl Measures {
    /// What people call them, in the order of [`Measures::values`].
    pub const NAMES: [&str; 4] = ["nDCG@10", "MAP", "MRR@10", "R@100"];
    /// The same of a single query.
    pub const NAMES_OF_ONE: [&str; 4] = ["nDCG@10", "AP", "RR@10", "R@100"];
    /// Their keys in JSON.
    pub const KEYS: [&str; 4] = ["ndcg_10", "map", "mrr_10", "recall_100"];

    /// The measures of a ranking. `ranked` is the grade at each rank, 0 for what is not judged; `judged` is the grade of
    /// every judgment of the query. Without a relevant one all is 0.
    pub fn of(ranked: &[i32], judged: &[i32]) -> Measures {
        let n_relevant = judged.iter().filter(|grade| **grade > 0).count();
        if n_relevant == 0 {
            return Measures::default();
        }
        let mut ideal = judged.to_vec();
        ideal.sort_unstable_by(|a, b| b.cmp(a));
        let ranks: Vec<usize> = (1..).zip(ranked).filter(|(_, grade)| **grade > 0).map(|(rank, _)| rank).collect();
        let precisions = (1..).zip(&ranks).map(|(nth, rank)| part(nth, *rank));
        Measures {
            ndcg_10: gain(ranked) / gain(&ideal),
            map: sum(precisions) / part(n_relevant, 1),
            mrr_10: ranks.first().filter(|rank| **rank <= TOP).map_or(0.0, |rank| part(1, *rank)),
            recall_100: part(ranks.iter().filter(|rank| **rank <= RECALL_TOP).count(), n_relevant),
        }
    }

    /// The mean of each; 0 for none.
    pub fn mean<'a>(of: impl Iterator<Item = &'a Measures>) -> Measures {
        let rows: Vec<[f64; 4]> = of.map(Measures::values).collect();
        let mean = |at: usize| stats::mean(&rows.iter().map(|row| row[at]).collect::<Vec<_>>());
        Measures { ndcg_10: mean(0), map: mean(1), mrr_10: mean(2), recall_100: mean(3) }
    }

    /// In the order of [`Measures::NAMES`].
    pub fn values(&self) -> [f64; 4] {
        [self.ndcg_10, self.map, self.mrr_10, self.recall_100]
    }
}

/// Discounted cumulated gain of the first ranks.
fn gain(ranked: &[i32]) -> f64 {
    let discounted = |(rank, grade): (u32, &i32)| f64::from((*grade).max(0)) / f64::from(rank + 1).log2();
    sum((1..).zip(ranked.iter().take(TOP)).map(discounted))
}

/// 0 for nothing, where the standard library gives -0.
fn sum(values: impl Iterator<Item = f64>) -> f64 {
    values.fold(0.0, |sum, value| sum + value)
}

fn part(n: usize, of: usize) -> f64 {
    precise(n) / precise(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` grades of 0, and then these.
    fn behind(n: usize, grades: &[i32]) -> Vec<i32> {
        [vec![0; n], grades.to_vec()].concat()
    }

    /// What it shows, the grades at each rank, those of all judgments, the measures.
    type Case = (&'static str, Vec<i32>, Vec<i32>, [f64; 4]);

    /// By hand, with 1/log2(rank + 1) = 1, 0.63093, 0.5, 0.43068, …, 0.28906 for ranks 1, 2, 3, 4, …, 10.
    #[test]
    fn measures_are_those_worked_by_hand() {
        let cases: &[Case] = &[
            // (1 + 0.5) / (1 + 0.63093); (1/1 + 2/3) / 2.
            ("two grades alike", vec![1, 0, 1], vec![1, 1], [0.919_72, 0.833_33, 1.0, 1.0]),
            // (1 + 3·0.63093 + 2·0.43068) / (3 + 2·0.63093 + 0.5); (1 + 1 + 3/4) / 3.
            ("graded gains", vec![1, 3, 0, 2], vec![3, 2, 1, 0], [0.788_38, 0.916_67, 1.0, 1.0]),
            // 0.63093 / 1; the document below 0 neither gains, nor costs, nor counts as relevant.
            ("a negative grade", vec![-2, 1], vec![1, -2], [0.630_93, 0.5, 0.5, 1.0]),
            ("the last rank that counts", behind(9, &[1]), vec![1], [0.289_06, 0.1, 0.1, 1.0]),
            ("the first that doesn't", behind(10, &[1]), vec![1], [0.0, 0.090_91, 0.0, 1.0]),
            // (1/10 + 2/11) / 2; 0.28906 / 1.63093.
            ("on both sides of the cut", behind(9, &[1, 1]), vec![1, 1], [0.177_24, 0.140_91, 0.1, 1.0]),
            // 12 relevant, 10 of them found first: the ideal of 10 ranks is reached.
            ("more relevant than ranks", vec![1; 10], vec![1; 12], [1.0, 0.833_33, 1.0, 0.833_33]),
            // (1/100 + 2/101) / 2.
            ("recall ends at 100", behind(99, &[1, 1]), vec![1, 1], [0.0, 0.014_90, 0.0, 0.5]),
            ("the best document is not found", vec![0, 1], vec![3, 1], [0.173_77, 0.25, 0.5, 0.5]),
            ("nothing found", vec![], vec![2, 1], [0.0; 4]),
            ("nothing relevant found", vec![0, 0, -1], vec![1, -1], [0.0; 4]),
            ("nothing relevant", vec![0, 0], vec![0, -1], [0.0; 4]),
            ("nothing judged", vec![0], vec![], [0.0; 4]),
        ];
        for (name, ranked, judged, expected) in cases {
            for (at, got) in Measures::of(ranked, judged).values().into_iter().enumerate() {
                assert!((got - expected[at]).abs() < 5e-6, "{name}: {} is {got}", Measures::NAMES[at]);
                assert!(got.is_sign_positive(), "{name}: -0 is no figure to print");
            }
        }
    }

    #[test]
    fn means_are_of_each_measure() {
        let all = [Measures::of(&[1], &[1]), Measures::of(&[0, 1], &[1, 1]), Measures::default()];
        // 1, 0.63093/1.63093, 0; 1, 1/4, 0; 1, 1/2, 0; 1, 1/2, 0.
        let mean = Measures::mean(all.iter()).values();
        for (got, expected) in mean.into_iter().zip([0.462_28, 0.416_67, 0.5, 0.5]) {
            assert!((got - expected).abs() < 5e-6, "{mean:?}");
        }
        assert_eq!(Measures::mean([].iter()), Measures::default());
    }

    #[test]
    fn keys_are_those_of_json() {
        let json = serde_json::to_value(Measures::default()).unwrap();
        assert!(json.as_object().unwrap().keys().eq(&Measures::KEYS));
    }
}
