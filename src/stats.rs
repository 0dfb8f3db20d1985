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

/// How something that each of many units has or has not goes with time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Above 0 where it becomes more: the Cochran-Armitage statistic, in standard deviations under chance.
    pub z: f64,
    /// How often chance alone gives any of the things that were tested a statistic as far from 0.
    pub p: f64,
}

/// Shuffles of a test for trends: p-values are no smaller than a thousandth.
pub const SHUFFLES: u32 = 1_000;

/// Tests many things at once for a linear trend in time (Cochran 1954, Armitage 1955), by shuffling the times of the units
/// within each group. A thing's p-value is by the greatest statistic of all things in each shuffle (Westfall and Young 1993):
/// where no thing changes, the chance that even one is below 0.05 is 0.05.
///
/// A unit is its time and the things that it has, as numbers below `n_things`, none twice.
pub fn trends(groups: &[Vec<(f64, Vec<usize>)>], n_things: usize, seed: u64) -> Vec<Trend> {
    let mut variance = vec![0.0; n_things];
    let mut centred: Vec<Vec<f64>> = Vec::new();
    for units in groups {
        let n = precise(units.len());
        let middle = mean(&units.iter().map(|(time, _)| *time).collect::<Vec<_>>());
        let times: Vec<f64> = units.iter().map(|(time, _)| time - middle).collect();
        let spread: f64 = times.iter().map(|time| time * time).sum();
        let mut counts = vec![0_usize; n_things];
        units.iter().flat_map(|(_, things)| things).for_each(|thing| counts[*thing] += 1);
        if units.len() > 1 {
            for (variance, count) in variance.iter_mut().zip(counts) {
                let part = precise(count) / n;
                *variance += spread * n * part * (1.0 - part) / (n - 1.0);
            }
        }
        centred.push(times);
    }
    let statistics = |centred: &[Vec<f64>]| -> Vec<f64> {
        let mut sums = vec![0.0; n_things];
        for (units, times) in groups.iter().zip(centred) {
            for ((_, things), time) in units.iter().zip(times) {
                things.iter().for_each(|thing| sums[*thing] += time);
            }
        }
        sums.iter().zip(&variance).map(|(sum, of)| if *of > ROUNDING { sum / of.sqrt() } else { 0.0 }).collect()
    };
    let observed = statistics(&centred);
    let mut rng = Rng::with_seed(seed);
    let mut greatest: Vec<f64> = Vec::new();
    for _ in 0..SHUFFLES {
        centred.iter_mut().for_each(|times| rng.shuffle(times));
        greatest.push(statistics(&centred).into_iter().map(f64::abs).fold(0.0, f64::max));
    }
    let p = |z: f64| {
        let extreme = greatest.iter().filter(|most| **most >= z.abs() - ROUNDING).count();
        part(extreme + 1, SHUFFLES + 1)
    };
    observed.into_iter().map(|z| Trend { z, p: p(z) }).collect()
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

    /// Twenty things without a trend and one with: that one is named, and over many draws of chance alone hardly any is.
    #[test]
    fn what_changes_is_told_from_chance() {
        let mut rng = Rng::with_seed(3);
        let mut draw = |rising: bool| -> Vec<(f64, Vec<usize>)> {
            let unit = |n: usize, rng: &mut Rng| {
                let year = n % 8;
                let has = |thing: usize, rng: &mut Rng| {
                    rng.f64() < if thing == 20 && rising { 0.05 + 0.05 * precise(year) } else { 0.1 }
                };
                (precise(year), (0..21).filter(|thing| has(*thing, rng)).collect())
            };
            (0..400).map(|n| unit(n, &mut rng)).collect()
        };
        let found = trends(&[draw(true)], 21, 1);
        assert!(found[20].p < 0.05 && found[20].z > 3.0, "{:?}", found[20]);
        let false_alarms = (0..60).filter(|_| trends(&[draw(false)], 21, 1).iter().any(|trend| trend.p < 0.05)).count();
        assert!(false_alarms <= 8, "{false_alarms} of 60");
    }

    /// A series that came late and speaks of other things is no trend of the others.
    #[test]
    fn a_group_that_comes_later_is_no_trend() {
        let early = (0..200).map(|n| (precise(n % 4), vec![])).collect();
        let late = (0..200).map(|n| (precise(6 + n % 4), vec![0])).collect();
        assert!(trends(&[early, late], 1, 1)[0].p > 0.9);
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
