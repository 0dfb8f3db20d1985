//! What two records say of each other besides their texts: a talk is given again soon and elsewhere, by the same people.

use super::people::People;
use crate::record::Record;

// How like texts have to be for talks to be as likely the same as not, of talks of one speaker at two series in one year. Fitted
// to half of the talks that real collections hold twice (docs/overlap.md).
const EVEN: f64 = 0.205;
/// What is added where nobody is known to be of both…
const NAMESAKES: f64 = 0.17;
const UNKNOWN: f64 = 0.26;
const OTHERS: f64 = 0.42;
/// …and taken off where several are.
const SEVERAL: f64 = 0.09;
/// For each year between them: the same speaker goes on to other things.
const YEAR: f64 = 0.033;
const YEARS_MAX: u16 = 5;
/// Where one of them has no year.
const YEARS_UNKNOWN: u16 = 1;
/// A program seldom repeats itself, …
const SAME_SERIES: f64 = 0.025;
/// …and least within an edition, where whole parts have words in common.
const SAME_EDITION: f64 = 0.165;

/// Where and when a talk was given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Place {
    series: Option<String>,
    edition: Option<String>,
    year: Option<u16>,
}

impl Place {
    pub fn of(record: &Record) -> Place {
        Place { series: record.series.clone(), edition: record.edition_id.clone(), year: record.year }
    }
}

/// How like the texts of two talks have to be for them to be as likely the same as not; the same whichever comes first.
pub(super) fn even(people: People, a: &Place, b: &Place) -> f64 {
    let mut even = EVEN;
    even += match people {
        People::Shared(1) => 0.0,
        People::Shared(_) => -SEVERAL,
        People::Namesakes => NAMESAKES,
        People::Unknown => UNKNOWN,
        People::Others => OTHERS,
    };
    let years = a.year.zip(b.year).map_or(YEARS_UNKNOWN, |(a, b)| a.abs_diff(b).min(YEARS_MAX));
    even += YEAR * f64::from(years);
    if a.series.is_some() && a.series == b.series {
        even += SAME_SERIES;
    }
    if a.edition.is_some() && a.edition == b.edition {
        even += SAME_EDITION;
    }
    even
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_talk_is_given_again_soon_and_elsewhere() {
        let place = |series: &str, year: u16| Place {
            series: Some(series.to_owned()),
            edition: Some(format!("{series}-{year}")),
            year: Some(year),
        };
        let first = place("river", 2020);
        let of = |people, other: &Place| even(people, &first, other);
        let elsewhere = of(People::Shared(1), &place("lake", 2020));
        let order = [
            of(People::Shared(2), &place("lake", 2020)),
            elsewhere,
            of(People::Shared(1), &Place::default()),
            of(People::Shared(1), &place("river", 2021)),
            of(People::Shared(1), &place("lake", 2023)),
            of(People::Namesakes, &place("lake", 2020)),
            of(People::Unknown, &place("lake", 2020)),
            of(People::Others, &place("lake", 2020)),
            of(People::Others, &first),
        ];
        assert!(order.is_sorted_by(|a, b| a < b), "{order:?}");
        assert!(
            (of(People::Shared(1), &place("lake", 2030)) - of(People::Shared(1), &place("lake", 2025))).abs() < 1e-9
        );
    }
}
