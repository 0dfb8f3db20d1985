//! Labels → what is learned from them: a linear model of the words that go with each topic, and of how far words and points
//! are to be trusted together.
//!
//! Words are learned by linear support vector machines with squared hinge loss, one a topic, in the dual by coordinate
//! descent (Hsieh et al. 2008, "A dual coordinate descent method for large-scale linear SVM"). What follows from words and
//! points is a logistic regression, by Newton's method. It is fitted on records whose words were learned elsewhere: in three
//! parts, each measured by what the two others teach.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{Labelled, found};
use crate::{
    enrich::{Clue, Clues, Enricher, Learned, LearnedTopic, Rivals, SIGNS, Vocabulary, Word},
    error::{Error, ErrorKind, Result},
    index::Index,
    stats::precise,
};

/// The half of the labels that phrases were settled by: words are learned from it, and not how far phrases can be trusted.
const TUNED: &str = "dev";
/// The half that teaches both.
const FIT: &str = "fit";
/// Records that a word is learned from.
const RECORDS_MIN: usize = 5;
/// Records that are about a topic which is learned.
const LABELS_MIN: usize = 3;
/// A smaller weight says nothing.
const WEIGHT_MIN: f64 = 0.15;
const PARTS: usize = 3;
/// What a mistake costs, where a label is a topic's and where it is only acceptable.
const COSTS: [f64; 2] = [1.0, 0.5];
/// The same for what words and points are trusted.
const TRUST_COSTS: [f64; 2] = [1.0, 0.7];
const ROUNDS_MAX: usize = 200;
/// Where no gradient is larger, a machine is as good as it gets.
const TOLERANCE: f64 = 0.01;
const NEWTON_STEPS: usize = 25;
/// Keeps weights small that few records speak for.
const RIDGE: f64 = 1.0;

/// A labelled record, read.
struct Sample {
    labels: BTreeSet<String>,
    acceptable: BTreeSet<String>,
    clues: Clues,
    is_fit: bool,
}

/// Learns from the labels of the halves `dev` and `fit`, of the records of the index. What is learned is part of hallway: it
/// goes by hallway's own vocabulary, whatever the index remembers.
///
/// # Errors
/// `Input` where there are not three labelled records of the half `fit`, where one of them is no talk or passage of the index,
/// and where a label is no topic; `Index`.
pub fn fit(index: &Index, path: &Path, labelled: &[Labelled]) -> Result<Learned> {
    let topics: BTreeSet<String> = Vocabulary::built_in().topics().iter().map(|topic| topic.id.clone()).collect();
    let mut enricher = Enricher::default();
    let mut samples = Vec::new();
    for one in labelled.iter().filter(|one| [TUNED, FIT].contains(&one.half.as_str())) {
        let refuse = |message, hint: &str| Err(Error::new(ErrorKind::Input, message).at(path, one.line).hint(hint));
        if let Some(label) = one.labels.union(&one.acceptable).find(|label| !topics.contains(*label)) {
            return refuse(format!("hallway has no topic \"{label}\""), "src/enrich/topics.toml has them all");
        }
        let clues = found(index, &one.id)?.and_then(|(record, passage)| enricher.clues(&record, passage));
        let Some(clues) = clues else {
            let message = format!("there is no talk and no report's passage \"{}\"", one.id);
            return refuse(message, "ingest the collection that was labelled");
        };
        let (labels, acceptable) = (one.labels.clone(), one.acceptable.clone());
        samples.push(Sample { labels, acceptable, clues, is_fit: one.half == FIT });
    }
    let n_fit = samples.iter().filter(|sample| sample.is_fit).count();
    if n_fit < PARTS {
        let error = Error::new(ErrorKind::Input, format!("fewer than {PARTS} records have the half \"{FIT}\""));
        return Err(error.hint("name the half of those that phrases were not settled by"));
    }
    let mut rows = Vec::new();
    for part in 0..PARTS {
        // Every third of those that teach both.
        let mut number = 0;
        let is_out: Vec<bool> = samples
            .iter()
            .map(|sample| {
                number += usize::from(sample.is_fit);
                sample.is_fit && number % PARTS == part
            })
            .collect();
        let choose =
            |out: bool| samples.iter().zip(&is_out).filter(move |(_, is)| **is == out).map(|(sample, _)| sample);
        let learned = words(&choose(false).collect::<Vec<_>>());
        choose(true).for_each(|sample| rows.extend(signs(sample, &learned)));
    }
    let learned = words(&samples.iter().collect::<Vec<_>>());
    Ok(learned.trusting(logistic(&rows)))
}

/// Of one topic that a text may be about.
struct Row {
    signs: [f64; SIGNS.len()],
    is_about: bool,
    cost: f64,
}

fn signs(sample: &Sample, learned: &Learned) -> Vec<Row> {
    let vector = vector(sample, learned);
    if vector.is_empty() {
        return Vec::new();
    }
    let margins = learned.margins(&vector);
    let ids: BTreeSet<&str> =
        learned.topics().iter().map(|topic| &*topic.id).chain(sample.clues.points.keys().map(String::as_str)).collect();
    let clue = |id: &str| Clue {
        margin: learned.place(id).map(|place| margins[place]),
        points: sample.clues.points.get(id).copied().unwrap_or_default(),
    };
    let clues: Vec<(&str, Clue)> =
        ids.into_iter().map(|id| (id, clue(id))).filter(|(_, clue)| clue.is_candidate()).collect();
    let rivals = Rivals::of(clues.iter().map(|(_, clue)| *clue));
    let row = |(id, clue): (&str, Clue)| {
        let is_acceptable = sample.acceptable.contains(id);
        Row {
            signs: rivals.signs(clue, sample.clues.needed),
            is_about: sample.labels.contains(id) || is_acceptable,
            cost: TRUST_COSTS[usize::from(is_acceptable)],
        }
    };
    clues.into_iter().map(row).collect()
}

fn vector(sample: &Sample, learned: &Learned) -> Vec<(u32, f64)> {
    learned.vector(sample.clues.words.iter().filter_map(|(term, n)| Some((learned.number(term)?, *n))))
}

/// Which words go with which topics.
fn words(samples: &[&Sample]) -> Learned {
    let mut holding: BTreeMap<&str, usize> = BTreeMap::new();
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in samples {
        sample.clues.words.keys().for_each(|term| *holding.entry(term).or_default() += 1);
        sample.labels.iter().for_each(|id| *labels.entry(id).or_default() += 1);
    }
    // Numbers are years, versions and rooms.
    holding.retain(|term, n| *n >= RECORDS_MIN && !term.bytes().all(|byte| byte.is_ascii_digit()));
    labels.retain(|_, n| *n >= LABELS_MIN);
    let rarity = |n: usize| rounded((precise(samples.len()) / precise(n)).ln() * 1000.0).unsigned_abs();
    let known: Vec<Word> = holding
        .iter()
        .map(|(term, n)| Word { term: (*term).into(), rarity: rarity(*n), weights: Box::default() })
        .collect();
    let bare = Learned::new(Vec::new(), known, [0.0; SIGNS.len()]);
    let vectors: Vec<Vec<(u32, f64)>> = samples.iter().map(|sample| vector(sample, &bare)).collect();
    let mut topics = Vec::new();
    let mut weights: Vec<Vec<(u16, i16)>> = vec![Vec::new(); holding.len()];
    for (place, id) in (0..).zip(labels.keys()) {
        let label = |sample: &&Sample| {
            let is_acceptable = sample.acceptable.contains(*id);
            (sample.labels.contains(*id) || is_acceptable, COSTS[usize::from(is_acceptable)])
        };
        let (own, bias) = machine(&vectors, &samples.iter().map(label).collect::<Vec<_>>(), holding.len());
        topics.push(LearnedTopic { id: (*id).to_owned(), bias: rounded(bias * 1000.0) });
        for (word, weight) in own.into_iter().enumerate().filter(|(_, weight)| weight.abs() >= WEIGHT_MIN) {
            weights[word].push((place, hundredths(weight)));
        }
    }
    let words = holding.into_iter().zip(weights).map(|((term, n), weights)| Word {
        term: term.into(),
        rarity: rarity(n),
        weights: weights.into(),
    });
    Learned::new(topics, words.collect(), [0.0; SIGNS.len()])
}

#[expect(clippy::cast_possible_truncation, reason = "weights are small")]
fn rounded(value: f64) -> i32 {
    value.round() as i32
}

fn hundredths(weight: f64) -> i16 {
    let nearest = rounded(weight * 100.0).clamp(i16::MIN.into(), i16::MAX.into());
    i16::try_from(nearest).unwrap_or_default()
}

/// A linear support vector machine: the weight of each word, and the bias. An example is whether it is one, and what a mistake
/// about it costs.
fn machine(vectors: &[Vec<(u32, f64)>], examples: &[(bool, f64)], n_words: usize) -> (Vec<f64>, f64) {
    let mut weights = vec![0.0; n_words];
    let (mut bias, mut alphas) = (0.0, vec![0.0_f64; vectors.len()]);
    let squares: Vec<f64> = vectors.iter().map(|vector| vector.iter().map(|(_, x)| x * x).sum::<f64>() + 1.0).collect();
    let mut order: Vec<usize> = (0..vectors.len()).collect();
    let mut rng = fastrand::Rng::with_seed(1);
    for _ in 0..ROUNDS_MAX {
        rng.shuffle(&mut order);
        let mut most = 0.0_f64;
        for at in &order {
            let (is_one, cost) = examples[*at];
            let (sign, diagonal) = (if is_one { 1.0 } else { -1.0 }, 0.5 / cost);
            let vector = &vectors[*at];
            let margin = vector.iter().map(|(word, x)| weights[*word as usize] * x).sum::<f64>() + bias;
            let alpha = &mut alphas[*at];
            let gradient = sign * margin - 1.0 + diagonal * *alpha;
            let projected = if *alpha == 0.0 { gradient.min(0.0) } else { gradient };
            most = most.max(projected.abs());
            if projected == 0.0 {
                continue;
            }
            let before = std::mem::replace(alpha, (*alpha - gradient / (squares[*at] + diagonal)).max(0.0));
            let step = (*alpha - before) * sign;
            vector.iter().for_each(|(word, x)| weights[*word as usize] += step * x);
            bias += step;
        }
        if most < TOLERANCE {
            break;
        }
    }
    (weights, bias)
}

/// The weights of the signs.
fn logistic(rows: &[Row]) -> [f64; SIGNS.len()] {
    const N: usize = SIGNS.len();
    // Signs of one size, so that the ridge keeps all of them small alike.
    let n = precise(rows.len()).max(1.0);
    let mut sizes = [0.0_f64; N];
    for row in rows {
        sizes.iter_mut().zip(row.signs).for_each(|(size, sign)| *size += sign * sign / n);
    }
    let sizes = sizes.map(|size| size.sqrt().max(f64::MIN_POSITIVE));
    let mut weights = [0.0; N];
    for _ in 0..NEWTON_STEPS {
        let mut gradient = weights.map(|weight| RIDGE * weight);
        let mut hessian = vec![vec![0.0; N]; N];
        for (at, line) in hessian.iter_mut().enumerate() {
            line[at] = RIDGE;
        }
        for row in rows {
            let signs: [f64; N] = std::array::from_fn(|at| row.signs[at] / sizes[at]);
            let odds: f64 = signs.iter().zip(&weights).map(|(sign, weight)| sign * weight).sum();
            let likely = 1.0 / (1.0 + (-odds).exp());
            let off = row.cost * (likely - f64::from(u8::from(row.is_about)));
            let bend = row.cost * likely * (1.0 - likely);
            for (at, sign) in signs.iter().enumerate() {
                gradient[at] += off * sign;
                hessian[at].iter_mut().zip(&signs).for_each(|(place, other)| *place += bend * sign * other);
            }
        }
        let step = solved(hessian, gradient.to_vec());
        weights.iter_mut().zip(&step).for_each(|(weight, step)| *weight -= step);
        if step.iter().all(|step| step.abs() < 1e-6) {
            break;
        }
    }
    std::array::from_fn(|at| weights[at] / sizes[at])
}

/// Of a system of linear equations with a positive definite matrix, by Gauss's elimination.
fn solved(mut matrix: Vec<Vec<f64>>, mut right: Vec<f64>) -> Vec<f64> {
    let n = right.len();
    for at in 0..n {
        let (above, below) = matrix.split_at_mut(at + 1);
        for (row, line) in below.iter_mut().enumerate() {
            let factor = line[at] / above[at][at];
            line[at..].iter_mut().zip(&above[at][at..]).for_each(|(place, pivot)| *place -= factor * pivot);
            right[at + 1 + row] -= factor * right[at];
        }
    }
    for at in (0..n).rev() {
        let known: f64 = (at + 1..n).map(|other| matrix[at][other] * right[other]).sum();
        right[at] = (right[at] - known) / matrix[at][at];
    }
    right
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_system_of_equations_is_solved() {
        let solution = solved(vec![vec![4.0, 1.0], vec![1.0, 3.0]], vec![1.0, 2.0]);
        assert!((solution[0] - 1.0 / 11.0).abs() < 1e-12 && (solution[1] - 7.0 / 11.0).abs() < 1e-12);
    }

    #[test]
    fn weights_out_of_range_keep_their_sign() {
        assert_eq!([-0.156, 0.154, 400.0, -400.0].map(hundredths), [-16, 15, i16::MAX, i16::MIN]);
    }

    #[test]
    fn a_machine_tells_two_sorts_apart() {
        // The first word goes with the topic, the third with everything.
        let vectors: Vec<Vec<(u32, f64)>> = (0..40).map(|n| vec![(n % 2, 0.8), (2, 0.6)]).collect();
        let examples: Vec<(bool, f64)> = (0..40).map(|n| (n % 2 == 0, 1.0)).collect();
        let (weights, bias) = machine(&vectors, &examples, 3);
        let margin =
            |vector: &[(u32, f64)]| vector.iter().map(|(word, x)| weights[*word as usize] * x).sum::<f64>() + bias;
        assert!(margin(&vectors[0]) > 0.9 && margin(&vectors[1]) < -0.9, "{weights:?} {bias}");
        assert!(weights[0] > 0.5 && weights[2].abs() < 0.3, "{weights:?}");
    }

    #[test]
    fn odds_are_those_of_the_rows() {
        // Three of four with the second sign are about it, and one of four without.
        let row = |sign: bool, is_about: bool| {
            let mut signs = [0.0; SIGNS.len()];
            (signs[0], signs[1]) = (1.0, f64::from(u8::from(sign)));
            Row { signs, is_about, cost: 1.0 }
        };
        let rows: Vec<Row> = (0..4000).map(|n| row(n % 2 == 0, (n % 8 < 6) == (n % 2 == 0))).collect();
        let share = |sign: bool| {
            let of: Vec<&Row> = rows.iter().filter(|row| (row.signs[1] > 0.0) == sign).collect();
            precise(of.iter().filter(|row| row.is_about).count()) / precise(of.len())
        };
        let weights = logistic(&rows);
        let likely = |odds: f64| 1.0 / (1.0 + (-odds).exp());
        assert!((likely(weights[0]) - share(false)).abs() < 0.01, "{weights:?}");
        assert!((likely(weights[0] + weights[1]) - share(true)).abs() < 0.01, "{weights:?}");
    }
}
