//! Statistics of measurements: quantiles, bootstrap intervals, permutation tests. The same seed gives the same figures.

use fastrand::Rng;

/// Resamples of a bootstrap.
const RESAMPLES: usize = 2_000;
/// Random arrangements of a permutation test that has too many to go through.
const ARRANGEMENTS: u32 = 100_000;
/// Up to so many pairs every arrangement of signs is gone through: 65,536.
const EXACT_PAIRS_MAX: usize = 16;
/// Sums that differ by rounding alone are as extreme as each other.
const ROUNDING: f64 = 1e-12;

/// A range that holds the true value in 95 of 100 samples.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// The arithmetic mean; 0 for no values.
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / precise(values.len()) }
}

/// A count as a number.
#[expect(clippy::cast_precision_loss, reason = "counts of measurements are far below 2^53")]
pub(crate) fn precise(n: usize) -> f64 {
    n as f64
}

/// The value below which the part `p` (0 to 1) of the sorted values lies, interpolated between neighbours (type 7 of
/// Hyndman and Fan 1996); 0 for no values.
#[expect(clippy::cast_sign_loss, reason = "a place within the slice")]
pub fn quantile(sorted: &[f64], p: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = p.clamp(0.0, 1.0) * precise(last);
    let (below, above) = (sorted[place.floor() as usize], sorted[place.ceil() as usize]);
    below + (above - below) * place.fract()
}

/// As [`quantile`] of values that are there several times, or not at all: (value, times), sorted by value.
pub fn weighted_quantile(sorted: &[(f64, u32)], p: f64) -> f64 {
    let total: usize = sorted.iter().map(|(_, times)| *times as usize).sum();
    let Some(last) = total.checked_sub(1) else { return 0.0 };
    let place = p.clamp(0.0, 1.0) * precise(last);
    let mut seen = 0;
    let mut below = None;
    for (value, times) in sorted {
        seen += *times as usize;
        if below.is_none() && precise(seen) > place.floor() {
            below = Some(*value);
        }
        if let Some(below) = below
            && precise(seen) > place.ceil()
        {
            return below + (value - below) * place.fract();
        }
    }
    below.unwrap_or_default()
}

/// The 95% intervals of statistics of groups of measurements, by resampling whole groups (Efron and Tibshirani 1993, §13):
/// what was measured in one process hangs together, so the process is the unit and not the measurement.
///
/// `sizes` are the numbers of groups in each sample (one, or two that are compared). `statistics` is given how often each
/// group was drawn, sample after sample.
pub fn bootstrap<const N: usize>(
    sizes: &[usize],
    seed: u64,
    mut statistics: impl FnMut(&[u32]) -> [f64; N],
) -> [Interval; N] {
    let mut rng = Rng::with_seed(seed);
    let mut times = vec![0; sizes.iter().sum()];
    let mut values: [Vec<f64>; N] = std::array::from_fn(|_| Vec::with_capacity(RESAMPLES));
    for _ in 0..RESAMPLES {
        times.fill(0);
        let mut first = 0;
        for size in sizes {
            (0..*size).for_each(|_| times[first + rng.usize(..*size)] += 1);
            first += size;
        }
        for (values, value) in values.iter_mut().zip(statistics(&times)) {
            values.push(value);
        }
    }
    values.map(|mut values| {
        values.sort_unstable_by(f64::total_cmp);
        Interval { low: quantile(&values, 0.025), high: quantile(&values, 0.975) }
    })
}

/// How often chance alone gives paired differences with a mean as far from 0: the paired permutation test (Fisher 1935),
/// two-sided, which flips the sign of each difference. Exact up to 16 pairs, by 100,000 draws beyond; 1 for no pairs.
pub fn paired_permutation(differences: &[f64], seed: u64) -> f64 {
    let n = differences.len();
    let observed = differences.iter().sum::<f64>().abs() - ROUNDING;
    if n <= EXACT_PAIRS_MAX {
        let all = 1_u32 << n;
        let sum = |signs: u32| -> f64 {
            differences.iter().enumerate().map(|(at, d)| if signs >> at & 1 == 1 { -d } else { *d }).sum()
        };
        let extreme = (0..all).filter(|signs| sum(*signs).abs() >= observed).count();
        return part(extreme, all);
    }
    let mut rng = Rng::with_seed(seed);
    let draw = |_: &u32| differences.iter().map(|d| if rng.bool() { -d } else { *d }).sum::<f64>().abs() >= observed;
    part((0..ARRANGEMENTS).filter(draw).count() + 1, ARRANGEMENTS + 1)
}

/// How often chance alone gives two samples whose means are as far apart: the two-sample permutation test, two-sided, by
/// 100,000 draws; 1 where a sample is empty.
pub fn permutation(a: &[f64], b: &[f64], seed: u64) -> f64 {
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let observed = (mean(a) - mean(b)).abs() - ROUNDING;
    let mut pooled = [a, b].concat();
    let mut rng = Rng::with_seed(seed);
    let draw = |_: &u32| {
        rng.shuffle(&mut pooled);
        let (first, second) = pooled.split_at(a.len());
        (mean(first) - mean(second)).abs() >= observed
    };
    part((0..ARRANGEMENTS).filter(draw).count() + 1, ARRANGEMENTS + 1)
}

/// The p-values of several tests, each raised so that the chance of even one false alarm among them stays what it is for
/// one; in the order given. The weights, which add up to 1, say how much of that chance each test may use (weighted Holm,
/// Holm 1979).
pub fn holm(tests: &[(f64, f64)]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..tests.len()).collect();
    let by_weight = |at: usize| tests[at].0 / tests[at].1;
    order.sort_by(|a, b| by_weight(*a).total_cmp(&by_weight(*b)));
    let mut adjusted = vec![1.0; tests.len()];
    let (mut least, mut weight_left): (f64, f64) = (0.0, tests.iter().map(|(_, weight)| weight).sum());
    for at in order {
        least = least.max(by_weight(at) * weight_left).min(1.0);
        weight_left -= tests[at].1;
        adjusted[at] = least;
    }
    adjusted
}

fn part(n: usize, of: u32) -> f64 {
    precise(n) / f64::from(of)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_interpolated() {
        let values = [1.0, 2.0, 3.0, 10.0];
        for (p, expected) in [(0.0, 1.0), (0.5, 2.5), (0.75, 4.75), (1.0, 10.0)] {
            assert!((quantile(&values, p) - expected).abs() < 1e-12, "{p}");
        }
        assert_eq!((quantile(&[], 0.5), quantile(&[7.0], 0.99)), (0.0, 7.0));
        let times = [(1.0, 2), (2.0, 0), (4.0, 1), (8.0, 3)];
        let expanded = [1.0, 1.0, 4.0, 8.0, 8.0, 8.0];
        for p in [0.0, 0.1, 0.3, 0.5, 0.55, 0.9, 1.0] {
            assert!((weighted_quantile(&times, p) - quantile(&expanded, p)).abs() < 1e-12, "{p}");
        }
    }

    /// By hand: of the 8 arrangements of ±1 ±2 ±3 only +++ and --- reach 6; of ±1 ±2 -3, sum 0, all do.
    #[test]
    fn paired_permutations_are_counted() {
        assert!((paired_permutation(&[1.0, 2.0, 3.0], 1) - 0.25).abs() < 1e-12);
        assert!((paired_permutation(&[1.0, 2.0, -3.0], 1) - 1.0).abs() < 1e-12);
        assert!((paired_permutation(&[], 1) - 1.0).abs() < 1e-12);
        // Drawn: 20 equal differences are reached by 2 of 2^20 arrangements.
        assert!(paired_permutation(&[0.5; 20], 1) < 1e-4);
        let mixed: Vec<f64> = (0..40).map(|n| if n % 2 == 0 { 1.0 } else { -1.0 }).collect();
        assert!(paired_permutation(&mixed, 1) > 0.9);
    }

    /// By hand: of the 20 ways to choose 3 of 1..6, only {1,2,3} and {4,5,6} are so far apart: 0.1.
    #[test]
    fn two_samples_are_permuted() {
        let p = permutation(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], 1);
        assert!((p - 0.1).abs() < 0.01, "{p}");
        assert!(permutation(&[], &[1.0], 1) >= 1.0);
    }

    #[test]
    fn several_tests_are_corrected() {
        for (tests, expected) in [
            ([(0.04, 1.0 / 3.0), (0.01, 1.0 / 3.0), (0.03, 1.0 / 3.0)], [0.06, 0.03, 0.06]),
            ([(0.04, 0.5), (0.01, 0.25), (0.03, 0.25)], [0.06, 0.04, 0.06]),
        ] {
            let adjusted = holm(&tests);
            for (got, expected) in adjusted.iter().zip(expected) {
                assert!((got - expected).abs() < 1e-12, "{adjusted:?}");
            }
        }
    }

    /// Over 400 samples of 20 groups from a known distribution the interval of the mean holds the true mean in about 95%.
    #[test]
    fn intervals_hold_the_truth() {
        let mut rng = Rng::with_seed(5);
        let mut held = 0;
        for round in 0..400 {
            let groups: Vec<f64> = (0..20).map(|_| (0..12).map(|_| rng.f64()).sum::<f64>() - 6.0).collect();
            let of = |times: &[u32]| [groups.iter().zip(times).map(|(x, n)| x * f64::from(*n)).sum::<f64>() / 20.0];
            let [interval] = bootstrap(&[20], round, of);
            held += usize::from(interval.low <= 0.0 && 0.0 <= interval.high);
        }
        assert!((360..=392).contains(&held), "{held}");
    }
}
