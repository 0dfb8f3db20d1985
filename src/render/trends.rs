//! Trends as a picture (SVG) and as a table (CSV), and what all formats of them have in common.
//!
//! The picture is written by hand: two dozen rectangles with labels need no library of charts, which would bring fonts and
//! rasterizers along. It holds no script, no style and no address, and says in words what it shows.

pub mod topics;

use std::io::{self, Write};

use super::{csv, escape::xml, wrap::cut};
use crate::search::{OfSeries, Share, Trends, UNKNOWN};

/// Series shown where there is no room for all, as values of a facet.
pub(super) const SERIES_MAX: usize = 20;

/// What trends are told by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Year,
    Series,
    /// Series, each with its years.
    Table,
}

pub(super) fn year_name(year: Option<u16>) -> String {
    year.map_or_else(|| UNKNOWN.to_owned(), |year| year.to_string())
}

pub(super) fn series_name(of: &OfSeries) -> &str {
    of.series.as_deref().unwrap_or(UNKNOWN)
}

/// "8.3%"; what is not nothing is not called so. Nothing where there is nothing to be a share of.
pub(super) fn percent(talks: Share) -> String {
    match talks.ratio().map(|ratio| 100.0 * ratio) {
        None => String::new(),
        Some(percent) if talks.n > 0 && percent < 0.1 => "<0.1%".to_owned(),
        Some(percent) => format!("{percent:.1}%"),
    }
}

/// A row each year, series, or series and year: how many talks match, of how many, and their share from 0 to 1. Where there
/// is no edition in the collection, the number and the share are empty.
///
/// # Errors
/// What the writer gives.
pub fn table(out: &mut dyn Write, trends: &Trends, by: By) -> io::Result<()> {
    let year = |year: Option<u16>| year.map(|year| year.to_string()).unwrap_or_default();
    let series = |of: &OfSeries| of.series.clone().unwrap_or_default();
    let figures = |talks: Share| {
        let n = if talks.of == 0 { String::new() } else { talks.n.to_string() };
        [n, talks.of.to_string(), talks.ratio().map(|ratio| ratio.to_string()).unwrap_or_default()]
    };
    let names: &[&str] = match by {
        By::Year => &["year"],
        By::Series => &["series"],
        By::Table => &["series", "year"],
    };
    csv::row(out, names.iter().chain(&["talks", "of", "share"]).map(|name| (*name).to_owned()))?;
    match by {
        By::Year => {
            trends.years.iter().try_for_each(|of| csv::row(out, [year(of.year)].into_iter().chain(figures(of.talks))))
        }
        By::Series => {
            trends.series.iter().try_for_each(|of| csv::row(out, [series(of)].into_iter().chain(figures(of.talks))))
        }
        By::Table => trends.series.iter().try_for_each(|of| {
            trends.years.iter().zip(&of.years).try_for_each(|(column, talks)| {
                csv::row(out, [series(of), year(column.year)].into_iter().chain(figures(*talks)))
            })
        }),
    }
}

/// One bar of a picture.
struct Bar {
    name: String,
    talks: Share,
}

// Of the picture, in pixels.
const MARGIN: usize = 20;
const HEAD: usize = 54;
/// From one year to the next, and of its bar.
const YEAR_STEP: usize = 44;
const YEAR_WIDTH: usize = 30;
/// Of the longest bar of a year.
const YEARS_HEIGHT: usize = 180;
/// What stands below a year's bar.
const YEAR_FOOT: usize = 44;
/// From one series to the next, and of its bar.
const SERIES_STEP: usize = 24;
const SERIES_HEIGHT: usize = 16;
/// Of the longest bar of a series.
const SERIES_WIDTH: usize = 320;
/// What stands before and behind a series' bar.
const SERIES_NAME: usize = 230;
const SERIES_FIGURES: usize = 120;
/// Narrower ones have no room for the words above.
const WIDTH_MIN: usize = 520;
/// Columns of a series' name, and of the query in the heading.
const NAME_COLUMNS_MAX: usize = 32;
const QUERY_COLUMNS_MAX: usize = 40;

const INK: &str = "#222222";
const QUIET: &str = "#6a6a6a";
const FILL: &str = "#2f7d4f";

/// The talks by year as columns, or by series as rows.
///
/// # Errors
/// What the writer gives.
pub fn svg(out: &mut dyn Write, query: &str, trends: &Trends, by: By) -> io::Result<()> {
    let bars: Vec<Bar> = match by {
        By::Year => trends.years.iter().map(|of| Bar { name: year_name(of.year), talks: of.talks }).collect(),
        By::Series | By::Table => {
            let shown = trends.series.iter().take(SERIES_MAX);
            shown.map(|of| Bar { name: series_name(of).to_owned(), talks: of.talks }).collect()
        }
    };
    let is_by_year = by == By::Year;
    let (width, height) = if is_by_year {
        (bars.len() * YEAR_STEP, YEARS_HEIGHT + YEAR_FOOT)
    } else {
        (SERIES_NAME + SERIES_WIDTH + SERIES_FIGURES, bars.len() * SERIES_STEP)
    };
    let (width, height) = ((2 * MARGIN + width).max(WIDTH_MIN), HEAD + height + MARGIN);
    let what = if query.trim().is_empty() {
        "Talks".to_owned()
    } else {
        format!("Talks on {}", cut(query, QUERY_COLUMNS_MAX))
    };
    let title = format!("{what}, by {}", if is_by_year { "year" } else { "series" });
    let Share { n, of } = trends.talks;
    let summary = format!("{n} of {of} talks, {}", percent(trends.talks));
    let told: Vec<String> = bars.iter().map(told).collect();
    let said = format!("{summary}. {}.", told.join("; "));
    begin(out, (width, height), &title, &said)?;
    let blank = if bars.iter().any(|bar| bar.talks.of == 0) { "; blank: no edition" } else { "" };
    let shares =
        format!("{summary}; shares: of all talks of the {}{blank}", if is_by_year { "year" } else { "series" });
    text(out, (MARGIN, 42), &shares, &format!("fill=\"{QUIET}\""))?;
    let most = bars.iter().map(|bar| bar.talks.n).max().unwrap_or_default().max(1);
    for (at, (bar, told)) in bars.iter().zip(&told).enumerate() {
        writeln!(out, "<g><title>{}</title>", xml(told))?;
        let drawn = if is_by_year { column(out, at, bar, most) } else { row(out, at, bar, most) };
        drawn?;
        writeln!(out, "</g>")?;
    }
    writeln!(out, "</svg>")
}

/// A picture of so many pixels, with its title on it, and what it says in words.
fn begin(out: &mut dyn Write, (width, height): (usize, usize), title: &str, said: &str) -> io::Result<()> {
    writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-labelledby=\"title desc\" font-family=\"sans-serif\" font-size=\"12\">"
    )?;
    writeln!(out, "<title id=\"title\">{}</title>", xml(title))?;
    writeln!(out, "<desc id=\"desc\">{}</desc>", xml(said))?;
    writeln!(out, "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>")?;
    text(out, (MARGIN, 24), title, &format!("font-size=\"15\" font-weight=\"bold\" fill=\"{INK}\""))
}

/// A bar in words.
fn told(bar: &Bar) -> String {
    let Share { n, of } = bar.talks;
    if of == 0 {
        return format!("{}: no edition in the collection", bar.name);
    }
    format!("{}: {n} of {of}, {}", bar.name, percent(bar.talks))
}

/// `count` of `most`, in pixels of `room`; what was counted is never without any.
fn length(count: u64, most: u64, room: usize) -> usize {
    let length = u128::from(count) * room as u128 / u128::from(most);
    usize::try_from(length).unwrap_or(room).max(usize::from(count > 0))
}

fn column(out: &mut dyn Write, at: usize, bar: &Bar, most: u64) -> io::Result<()> {
    let x = MARGIN + at * YEAR_STEP + (YEAR_STEP - YEAR_WIDTH) / 2;
    let middle = x + YEAR_WIDTH / 2;
    // The number stands above the longest, too.
    let room = YEARS_HEIGHT - 20;
    let foot = HEAD + YEARS_HEIGHT;
    let height = length(bar.talks.n, most, room);
    let centred = |ink: &str| format!("text-anchor=\"middle\" fill=\"{ink}\"");
    if bar.talks.of > 0 {
        writeln!(
            out,
            "<rect x=\"{x}\" y=\"{}\" width=\"{YEAR_WIDTH}\" height=\"{height}\" fill=\"{FILL}\"/>",
            foot - height
        )?;
        text(out, (middle, foot - height - 5), &bar.talks.n.to_string(), &centred(INK))?;
        text(out, (middle, foot + 34), &percent(bar.talks), &format!("{} font-size=\"10\"", centred(QUIET)))?;
    }
    text(out, (middle, foot + 18), &bar.name, &format!("{} font-size=\"11\"", centred(INK)))
}

fn row(out: &mut dyn Write, at: usize, bar: &Bar, most: u64) -> io::Result<()> {
    let y = HEAD + at * SERIES_STEP;
    let x = MARGIN + SERIES_NAME;
    let width = length(bar.talks.n, most, SERIES_WIDTH);
    let base = y + SERIES_HEIGHT - 4;
    text(out, (x - 8, base), &cut(&bar.name, NAME_COLUMNS_MAX), &format!("text-anchor=\"end\" fill=\"{INK}\""))?;
    writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{SERIES_HEIGHT}\" fill=\"{FILL}\"/>")?;
    let figures = format!("{} · {}", bar.talks.n, percent(bar.talks));
    text(out, (x + width + 6, base), &figures, &format!("fill=\"{QUIET}\""))
}

fn text(out: &mut dyn Write, (x, y): (usize, usize), text: &str, attributes: &str) -> io::Result<()> {
    writeln!(out, "<text x=\"{x}\" y=\"{y}\" {attributes}>{}</text>", xml(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_said_so_that_nothing_is_not_something() {
        for (n, of, expected) in [(0, 0, ""), (0, 7, "0.0%"), (1, 10_000, "<0.1%"), (1, 12, "8.3%"), (7, 7, "100.0%")] {
            assert_eq!(percent(Share { n, of }), expected);
        }
        assert_eq!([length(0, 5, 100), length(1, 1000, 100), length(5, 5, 100)], [0, 1, 100]);
        assert_eq!(length(u64::MAX, u64::MAX, 320), 320);
    }
}
