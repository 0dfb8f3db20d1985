//! Topics over the years as a picture (SVG) and as a table (CSV).

use std::io::{self, Write};

use super::{FILL, INK, MARGIN, QUIET, begin, length, percent, text, year_name};
use crate::{
    render::{csv, escape::xml, wrap::cut},
    search::{ALARM, OfTopic, Share, TopicTrends},
    stats::SHUFFLES,
};

/// Topics shown where there is no room for all.
pub(in crate::render) const TOPICS_MAX: usize = 20;

// Of the picture, in pixels.
const HEAD: usize = 64;
const NAME: usize = 210;
const STEP: usize = 34;
const WIDTH: usize = 26;
const ROW: usize = 34;
/// Of the longest bar of a row.
const HEIGHT: usize = 22;
const FIGURES: usize = 110;
const FOOT: usize = 62;
const NAME_COLUMNS_MAX: usize = 32;
/// What became more or fewer.
const MARKED: &str = "#b3541e";

/// How it is found out what became more or fewer.
pub(in crate::render) fn tested() -> String {
    format!(
        "Shares are of the talks that have a topic; a group takes in its topics. What rose or fell is told where it changes more \
         evenly over the years than any topic does in all but {:.0}% of {SHUFFLES} shuffles of the talks' years within each series: \
         where nothing changes, one such page in {:.0} names a topic.",
        100.0 * ALARM,
        1.0 / ALARM
    )
}

/// A row each topic and year: the talks, of how many that have a topic, and of how many in all; and how the topic changed.
///
/// # Errors
/// What the writer gives.
pub fn table(out: &mut dyn Write, trends: &TopicTrends) -> io::Result<()> {
    csv::row(out, ["topic", "year", "talks", "of", "share", "all", "change", "p"].map(str::to_owned).into_iter())?;
    for of in &trends.topics {
        for ((year, share), known) in trends.years.iter().zip(&of.years).zip(&trends.known_of_years) {
            let cells = [
                of.topic.clone(),
                year.map(|year| year.to_string()).unwrap_or_default(),
                if known.of == 0 { String::new() } else { share.n.to_string() },
                share.of.to_string(),
                share.ratio().map(|ratio| ratio.to_string()).unwrap_or_default(),
                known.of.to_string(),
                change(of).unwrap_or_default().to_owned(),
                of.trend.map(|trend| trend.p.to_string()).unwrap_or_default(),
            ];
            csv::row(out, cells.into_iter())?;
        }
    }
    Ok(())
}

fn change(of: &OfTopic) -> Option<&'static str> {
    of.change().map(|more| if more { "rose" } else { "fell" })
}

/// A row of bars each topic, to the scale of its own largest share, and below them how many talks have any.
///
/// # Errors
/// What the writer gives.
pub fn svg(out: &mut dyn Write, what: &str, trends: &TopicTrends) -> io::Result<()> {
    let shown = &trends.topics[..trends.topics.len().min(TOPICS_MAX)];
    let width = 2 * MARGIN + NAME + trends.years.len() * STEP + FIGURES;
    let height = HEAD + (shown.len() + 1) * ROW + FOOT;
    let what =
        if what.trim().is_empty() { String::new() } else { format!(" of talks on {}", cut(what, NAME_COLUMNS_MAX)) };
    let title = format!("Topics{what}, by year");
    let Share { n, of } = trends.known;
    let summary = format!("of {of} talks {n} have a topic, {}; shares are of these", percent(trends.known));
    let told: Vec<String> = shown.iter().map(told).collect();
    begin(out, (width, height), &title, &format!("{summary}. {}.", told.join("; ")))?;
    text(out, (MARGIN, 42), &summary, &format!("fill=\"{QUIET}\""))?;
    for (at, (of, told)) in shown.iter().zip(&told).enumerate() {
        let fill = if of.change().is_some() { MARKED } else { FILL };
        let mark = match of.change() {
            Some(true) => "  rose",
            Some(false) => "  fell",
            None => "",
        };
        let figures = format!("{} · {}{mark}", of.talks.n, percent(of.talks));
        writeln!(out, "<g><title>{}</title>", xml(told))?;
        row(out, at, (&of.topic, &figures), &of.years, fill)?;
        writeln!(out, "</g>")?;
    }
    let told = format!("with a topic: {n} of {of}, {}", percent(trends.known));
    writeln!(out, "<g><title>{}</title>", xml(&told))?;
    row(out, shown.len(), ("with a topic", &percent(trends.known)), &trends.known_of_years, QUIET)?;
    writeln!(out, "</g>")?;
    let foot = HEAD + (shown.len() + 1) * ROW + 16;
    for (at, year) in trends.years.iter().enumerate() {
        let middle = MARGIN + NAME + at * STEP + WIDTH / 2;
        text(
            out,
            (middle, foot),
            &year_name(*year),
            &format!("text-anchor=\"middle\" fill=\"{INK}\" font-size=\"11\""),
        )?;
    }
    let note = format!(
        "each row to its own largest share; rose, fell: p < {ALARM} for all topics together, by {SHUFFLES} shuffles of years"
    );
    text(out, (MARGIN, foot + 26), &note, &format!("fill=\"{QUIET}\" font-size=\"11\""))?;
    writeln!(out, "</svg>")
}

/// A row in words.
fn told(of: &OfTopic) -> String {
    let change = change(of).map(|change| format!(", {change}")).unwrap_or_default();
    format!("{}: {} of {}, {}{change}", of.topic, of.talks.n, of.talks.of, percent(of.talks))
}

/// Bars of shares, none where there is nothing to be a share of.
fn row(out: &mut dyn Write, at: usize, (name, figures): (&str, &str), shares: &[Share], fill: &str) -> io::Result<()> {
    let base = HEAD + at * ROW + HEIGHT + 4;
    let x = MARGIN + NAME;
    text(out, (x - 8, base - 3), &cut(name, NAME_COLUMNS_MAX), &format!("text-anchor=\"end\" fill=\"{INK}\""))?;
    // Shares as whole numbers, so that the same picture comes out everywhere.
    let parts = |share: &Share| (share.n * 10_000).checked_div(share.of);
    let most = shares.iter().filter_map(parts).max().unwrap_or_default().max(1);
    for (at, share) in shares.iter().enumerate() {
        let Some(part) = parts(share) else { continue };
        // A year with an edition has a line to stand on, also where there is no bar.
        writeln!(out, "<rect x=\"{}\" y=\"{base}\" width=\"{WIDTH}\" height=\"1\" fill=\"#cccccc\"/>", x + at * STEP)?;
        let height = length(part, most, HEIGHT);
        let (x, y) = (x + at * STEP, base - height);
        writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{height}\" fill=\"{fill}\"/>")?;
    }
    let end = x + shares.len() * STEP + 6;
    text(out, (end, base - 3), figures, &format!("fill=\"{QUIET}\""))
}
