//! Editions that folders name: by how the sites of a series are laid out, or by a place and a year below the series' folder.

use super::{
    table::{self, Series, TABLE},
    with_qualifier, without_years, year_in,
};
use crate::{record::Edition, text::capitalised};

/// Folders of translations, which are also short for countries.
const TONGUES: &[&str] =
    &["de", "es", "fr", "it", "pt", "nl", "pl", "ru", "ja", "jp", "ko", "kr", "zh", "cn", "tr", "ar", "br", "se", "fi"];

/// The series whose sites are laid out as the folders of a path are, and the folder that is the edition's.
pub(in crate::formats) fn in_folders(path: &str) -> Option<(String, String)> {
    let parts: Vec<&str> = path.split('/').collect();
    for series in &TABLE.series {
        for pattern in &series.folders {
            let pattern: Vec<&str> = pattern.split('/').collect();
            let fits = |parts: &&[&str]| {
                let mut pairs = parts.iter().zip(&pattern);
                pairs.all(|(part, wanted)| if *wanted == "*" { year_in(part).is_some() } else { part == wanted })
            };
            let found = parts.windows(pattern.len()).find(fits);
            let place = found.zip(pattern.iter().position(|part| *part == "*"));
            if let Some((parts, at)) = place {
                return Some((series.name.clone(), parts[at].to_owned()));
            }
        }
    }
    None
}

/// The edition of a series of the table that the folders of a path name by a place and a year, `2019-town`, `town/2019` or
/// `2019/town`, and those folders. The place is one that the series is known to have, or it may be any where its sites have
/// the folders of editions.
pub(in crate::formats) fn placed(series: &str, path: &str) -> Option<(Edition, String)> {
    let index = TABLE.series.iter().position(|row| row.name == series)?;
    let mut names: Vec<&str> = path.split('/').collect();
    names.pop();
    let named = |at: usize| -> Option<(Edition, String)> {
        let year = year_in(names[at])?;
        let own = without_years(names[at]);
        if !own.is_empty() {
            let known = TABLE.place(index, &table::key(&own)).map(str::to_owned);
            let place = known.or_else(|| is_of_layout(&TABLE.series[index], &names[..at]).then(|| words(&own)))?;
            return Some((with_qualifier(series, Some(&place), Some(year)), names[at].to_owned()));
        }
        let near = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter(|near| *near < names.len());
        near.into_iter().find_map(|near| {
            let place = TABLE.place(index, &table::key(names[near])).filter(|_| !is_tongue(names[near]))?;
            let (first, second) = (near.min(at), near.max(at));
            let folders = format!("{}/{}", names[first], names[second]);
            Some((with_qualifier(series, Some(place), Some(year)), folders))
        })
    };
    (0..names.len()).rev().find_map(named)
}

fn is_tongue(folder: &str) -> bool {
    TONGUES.contains(&folder.to_lowercase().as_str())
}

/// Whether these are the folders above those of the series' editions.
fn is_of_layout(series: &Series, above: &[&str]) -> bool {
    let heads = series.folders.iter().filter_map(|pattern| pattern.split_once("/*"));
    heads.into_iter().any(|(head, _)| above.ends_with(&head.split('/').collect::<Vec<_>>()))
}

/// `new-town` as "New Town".
fn words(folder: &str) -> String {
    let words = folder.split(['-', '_', ' ']).filter(|word| !word.is_empty());
    words.map(capitalised).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::placed;

    #[test]
    fn a_place_and_a_year_below_a_series_are_an_edition() {
        for (series, path, expected) in [
            ("Write the Docs", "writethedocs/conf/portland/2024/news/x.rst", Some("write-the-docs-portland-2024")),
            ("Write the Docs", "site/conf/eu/2015/index.html", Some("write-the-docs-prague-2015")),
            ("Write the Docs", "site/2018/cincinnati/x.md", Some("write-the-docs-cincinnati-2018")),
            ("Write the Docs", "site/2018/sponsors/x.md", None),
            ("devopsdays", "devopsdays-site/events/2012-tokyo/x.txt", Some("devopsdays-tokyo-2012")),
            ("devopsdays", "devopsdays-site/events/2015-siliconvalley/x.txt", Some("devopsdays-silicon-valley-2015")),
            ("devopsdays", "devopsdays/blog/speakers-tokyo-2012/x.txt", None),
            ("PyCon", "pycon/2016-talks/x.md", None),
            ("PyCon", "pycon/2016-portland/x.md", Some("pycon-us-2016")),
            ("PyCon", "blog/de/2016/x.md", None),
            ("PyCon", "blog/FR/2016/x.md", None),
            ("PromCon", "promcon/content/2021-losangeles/x.md", Some("promcon-north-america-2021")),
            ("PromCon", "promcon/content/2022-munich/x.md", Some("promcon-2022")),
            ("PromCon", "promcon/content/2022-elsewhere/x.md", None),
            ("Quibble", "quibble/2022-munich/x.md", None),
        ] {
            let found = placed(series, path).map(|(edition, _)| edition.edition_id);
            assert_eq!(found.as_deref(), expected, "{path}");
        }
    }
}
