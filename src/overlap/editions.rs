//! How editions resemble each other: of each talk of one the best likeness among those of another, and what chance would give.

use serde::Serialize;

use super::{Comparison, Likeness, Subject};
use crate::{
    error::{Error, ErrorKind, Result},
    record::Kind,
    search::{Filter, SearchRequest},
};

/// Pairs that score less count nothing, so that a thousand talks with a word in common don't add up to a likeness.
pub const SCORE_MIN: f64 = 0.1;
/// Talks of all editions together: each is compared with each.
pub const TALKS_MAX: usize = 2_000;
/// Editions of one picture.
pub const EDITIONS_MAX: usize = 40;
/// Pairs shown of a cell.
const PAIRS_MAX: usize = 5;
/// Arrangements of the talks that the band is of.
const SHUFFLES: usize = 200;
const SEED: u64 = 5;

/// A table of editions.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Resemblance {
    pub editions: Vec<OfEdition>,
    /// Row by row, in the order of the editions; null where both are one.
    pub cells: Vec<Vec<Option<Cell>>>,
    pub notes: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub struct OfEdition {
    /// As it was asked for.
    pub name: String,
    pub talks: usize,
}

/// How much of the row's edition the column's has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The mean over the row's talks, in order of id, of the best score with a talk of the column's.
    pub value: f64,
    /// What 95 of 100 arrangements of the talks over the editions give.
    pub low: f64,
    pub high: f64,
    /// The best pairs.
    pub pairs: Vec<TalkPair>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TalkPair {
    pub score: f64,
    pub a: String,
    pub a_title: String,
    pub b: String,
    pub b_title: String,
}

impl Comparison<'_> {
    /// Compares all talks of these editions or series. `progress` is called with how many talks are done, and of how many.
    ///
    /// # Errors
    /// `Usage` for fewer than two editions, one that no talk is of, or too many talks; else as
    /// [`search`](crate::search::search()).
    pub fn editions(&mut self, names: &[String], progress: &mut dyn FnMut(usize, usize)) -> Result<Resemblance> {
        if !(2..=EDITIONS_MAX).contains(&names.len()) {
            let message = format!("there are {} editions to compare", names.len());
            return Err(Error::new(ErrorKind::Usage, message).hint(format!("name 2 to {EDITIONS_MAX}")));
        }
        let (mut talks, mut labels) = (Vec::new(), Vec::new());
        let mut found = Resemblance::default();
        for (label, name) in names.iter().enumerate() {
            let of = self.talks_of(name)?;
            found.editions.push(OfEdition { name: name.clone(), talks: of.len() });
            if of.is_empty() {
                found.notes.push(format!("{name}: no talk"));
            }
            labels.extend(std::iter::repeat_n(label, of.len()));
            talks.extend(of);
        }
        if talks.len() > TALKS_MAX {
            let message = format!("these editions have {} talks, and {TALKS_MAX} at most are compared", talks.len());
            return Err(Error::new(ErrorKind::Usage, message).hint("name fewer editions"));
        }
        let near = near(&talks, progress);
        let values = means(&near, &labels, names.len());
        let bands = bands(&near, &labels, names.len());
        let cell = |row: usize, column: usize| {
            let (low, high) = bands[row][column];
            let pairs = best_pairs(&talks, &near, &labels, row, column);
            (row != column).then(|| Cell { value: values[row][column], low, high, pairs })
        };
        found.cells = (0..names.len()).map(|row| (0..names.len()).map(|column| cell(row, column)).collect()).collect();
        Ok(found)
    }

    /// The talks of an edition or a series, in order of id.
    fn talks_of(&mut self, name: &str) -> Result<Vec<Subject>> {
        let filter = |field: &str, value: &str| Filter { field: field.to_owned(), values: vec![value.to_owned()] };
        let filters = vec![filter("conference", name), filter("kind", Kind::Talk.as_str())];
        let (shown, _) = self.nearby.all(&SearchRequest { filters, ..SearchRequest::default() })?;
        shown.into_iter().map(|shown| Subject::shown(shown, &mut self.profiler)).collect()
    }
}

/// Of each talk the others that reach [`SCORE_MIN`], by their places.
fn near(talks: &[Subject], progress: &mut dyn FnMut(usize, usize)) -> Vec<Vec<(usize, f64)>> {
    let mut near = vec![Vec::new(); talks.len()];
    for (i, one) in talks.iter().enumerate() {
        progress(i, talks.len());
        for (j, other) in talks.iter().enumerate().skip(i + 1) {
            if one.record.id == other.record.id {
                continue;
            }
            if let Some(likeness) = Likeness::at_least(&one.profile, &other.profile, SCORE_MIN) {
                near[i].push((j, likeness.score));
                near[j].push((i, likeness.score));
            }
        }
    }
    near
}

#[expect(clippy::cast_precision_loss, reason = "counts of talks")]
fn means(near: &[Vec<(usize, f64)>], labels: &[usize], n: usize) -> Vec<Vec<f64>> {
    let mut sums = vec![vec![0.0; n]; n];
    let mut counts = vec![0_usize; n];
    let mut best = vec![0.0; n];
    for (near, label) in near.iter().zip(labels) {
        best.fill(0.0);
        for (other, score) in near {
            best[labels[*other]] = f64::max(best[labels[*other]], *score);
        }
        counts[*label] += 1;
        sums[*label].iter_mut().zip(&best).for_each(|(sum, best)| *sum += best);
    }
    for (sums, count) in sums.iter_mut().zip(counts) {
        sums.iter_mut().for_each(|sum| *sum /= count.max(1) as f64);
    }
    sums
}

/// What arrangements of the same talks over editions of the same sizes give.
fn bands(near: &[Vec<(usize, f64)>], labels: &[usize], n: usize) -> Vec<Vec<(f64, f64)>> {
    let mut rng = fastrand::Rng::with_seed(SEED);
    let mut shuffled = labels.to_vec();
    let mut drawn: Vec<Vec<Vec<f64>>> = vec![vec![Vec::with_capacity(SHUFFLES); n]; n];
    for _ in 0..SHUFFLES {
        rng.shuffle(&mut shuffled);
        for (drawn, row) in drawn.iter_mut().zip(means(near, &shuffled, n)) {
            drawn.iter_mut().zip(row).for_each(|(drawn, value)| drawn.push(value));
        }
    }
    let band = |values: &mut Vec<f64>| {
        values.sort_by(f64::total_cmp);
        // 2.5% from either end.
        (values[SHUFFLES / 40], values[SHUFFLES - 1 - SHUFFLES / 40])
    };
    drawn.iter_mut().map(|row| row.iter_mut().map(band).collect()).collect()
}

fn best_pairs(
    talks: &[Subject],
    near: &[Vec<(usize, f64)>],
    labels: &[usize],
    row: usize,
    column: usize,
) -> Vec<TalkPair> {
    let title = |at: usize| talks[at].record.title.clone().unwrap_or_default();
    let mut pairs = Vec::new();
    for (i, of) in near.iter().enumerate().filter(|(i, _)| labels[*i] == row) {
        for (j, score) in of.iter().filter(|(j, _)| labels[*j] == column) {
            pairs.push((*score, i, *j));
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let pair = |(score, i, j): (f64, usize, usize)| TalkPair {
        score,
        a: talks[i].record.id.clone(),
        a_title: title(i),
        b: talks[j].record.id.clone(),
        b_title: title(j),
    };
    pairs.into_iter().take(PAIRS_MAX).map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        index::{Index, SourceEntry},
        overlap::Weights,
        record::{Record, Speaker},
        search::Nearby,
    };

    const WORDS: [&str; 24] = [
        "turnstile",
        "ledger",
        "queue",
        "buffer",
        "glacier",
        "moraine",
        "sensor",
        "tram",
        "wheel",
        "choir",
        "clef",
        "slur",
        "orchard",
        "drone",
        "blossom",
        "parish",
        "surname",
        "ferry",
        "tide",
        "harbour",
        "bakery",
        "acid",
        "lamp",
        "fog",
    ];

    fn index_of(talks: Vec<Record>) -> (tempfile::TempDir, Index) {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        let mut writer = index.writer().unwrap();
        writer.replace("one", SourceEntry::default(), talks);
        writer.stage().unwrap();
        writer.commit().unwrap();
        index.reload().unwrap();
        (folder, index)
    }

    /// Each cell, summed over all pairs without any pruning, is the same to the last digit.
    #[test]
    fn cells_are_what_brute_force_gives() {
        let mut rng = fastrand::Rng::with_seed(3);
        let names = ["Alpha 2020", "Beta 2021", "Gamma 2022", "Delta 2023", "Epsilon 2024"];
        let mut talk = |n: usize| {
            // Of one of 37 subjects, each with words of its own.
            let words: Vec<String> =
                (0..24).map(|_| format!("{}{}", WORDS[rng.usize(..WORDS.len())], n % 37)).collect();
            let (series, _) = names[n % names.len()].split_once(' ').unwrap();
            Record {
                id: format!("talk-{n:03}"),
                title: Some(format!("Talk {n}")),
                series: Some(series.to_owned()),
                edition: Some(names[n % names.len()].to_owned()),
                edition_id: Some(names[n % names.len()].to_owned()),
                speakers: vec![Speaker { name: format!("Speaker {}", rng.usize(..120)), ..Speaker::default() }],
                abstract_text: Some(format!("{}. {}.", words[..10].join(" "), words[10..].join(" "))),
                ..Record::default()
            }
        };
        let (_folder, index) = index_of((0..500).map(&mut talk).collect());
        let nearby = Nearby::new(&index);
        let weights = Weights::new(&nearby);
        let mut comparison = Comparison::new(&nearby, &weights);
        let names = names.map(str::to_owned);
        let found = comparison.editions(&names, &mut |_, _| {}).unwrap();
        let talks: Vec<Vec<Subject>> = names.iter().map(|name| comparison.talks_of(name).unwrap()).collect();
        assert_eq!(talks.iter().map(Vec::len).sum::<usize>(), 500);
        let mut n_cells = 0;
        for (row, of_row) in talks.iter().enumerate() {
            for (column, of_column) in talks.iter().enumerate().filter(|(column, _)| *column != row) {
                let mut sum = 0.0;
                for one in of_row {
                    let scores = of_column.iter().map(|other| Likeness::of(&one.profile, &other.profile).score);
                    sum += scores.filter(|score| *score >= SCORE_MIN).fold(0.0, f64::max);
                }
                let cell = found.cells[row][column].as_ref().unwrap();
                assert_eq!(cell.value.to_bits(), (sum / 100.0_f64).to_bits(), "{row} {column}");
                assert!(cell.low <= cell.high && cell.value > 0.0);
                n_cells += 1;
            }
            assert_eq!(found.cells[row][row], None);
        }
        assert_eq!(n_cells, 20);
    }

    #[test]
    fn editions_have_to_be_there() {
        let talk = Record { title: Some("A".to_owned()), ..Record::default() };
        let (_folder, index) = index_of(vec![Record { id: "a".to_owned(), ..talk }]);
        let nearby = Nearby::new(&index);
        let weights = Weights::new(&nearby);
        let mut comparison = Comparison::new(&nearby, &weights);
        for names in [&["Alpha"][..], &["Alpha", "Beta"]] {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            assert_eq!(comparison.editions(&names, &mut |_, _| {}).unwrap_err().kind(), ErrorKind::Usage);
        }
    }
}
