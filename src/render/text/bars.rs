//! Counts as rows with bars: facets, trends; and suggestions.

use std::io;

use unicode_width::UnicodeWidthStr;

use super::{BAR, PLAIN, Page, QUIET, TITLE};
use crate::{
    render::{
        escape::line,
        facets,
        trends::{
            By, SERIES_MAX, percent, series_name,
            topics::{self, TOPICS_MAX},
            year_name,
        },
        wrap::{Text, cut},
    },
    search::{FacetCounts, Share, Suggestion, TopicTrends, Trends, UNKNOWN},
};

/// A bar shorter than this shows nothing.
const BAR_COLUMNS_MIN: usize = 8;
/// On a narrower page trends have no column for shares.
const SHARE_COLUMNS_MIN: usize = 32;
/// Topics named that rose, and that fell: of more nobody remembers the first.
const CHANGES_MAX: usize = 5;
/// Columns of a series' name in a table.
const NAME_COLUMNS_MAX: usize = 24;

/// What was counted, and how much of it there is.
struct Row<'a> {
    /// The figures before the label, as wide as those of the other rows.
    lead: String,
    /// Labels above this one.
    depth: usize,
    label: &'a str,
    /// What the bar is of; null for none.
    count: Option<u64>,
}

impl Page<'_> {
    /// The counts of a facet: how many, of what, and a bar. What is not known is no group beside the others: it has none.
    pub(super) fn facet(&mut self, counts: &FacetCounts) -> io::Result<()> {
        let n_of_m = format!(" ({} of {})", counts.counts.len(), counts.n_values);
        self.paragraph("", &Text::new(counts.field, TITLE).and(&n_of_m, PLAIN))?;
        let rows = facets::rows(counts);
        let most = rows.iter().map(|row| row.count).max().unwrap_or(1);
        let digits = most.to_string().len();
        let rows = rows.iter().map(|row| Row {
            lead: format!("{:>digits$}", row.count),
            depth: row.depth,
            label: row.label,
            count: (row.depth > 0 || row.label != UNKNOWN).then_some(row.count),
        });
        self.bars(&rows.collect::<Vec<_>>())
    }

    /// Talks that match: by year and then by series, where it is not said by what.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn trends(&mut self, trends: &Trends, by: Option<By>) -> io::Result<()> {
        self.overall(trends)?;
        if by == Some(By::Table) {
            return self.trends_table(trends);
        }
        let (by_year, by_series) = (by != Some(By::Series), by != Some(By::Year));
        if by_year {
            let labels: Vec<String> = trends.years.iter().map(|of| year_name(of.year)).collect();
            let rows = labels.iter().map(String::as_str).zip(trends.years.iter().map(|of| of.talks));
            self.shares("year", &rows.collect::<Vec<_>>())?;
        }
        if by_series {
            let shown = &trends.series[..trends.series.len().min(SERIES_MAX)];
            let rows: Vec<_> = shown.iter().map(|of| (series_name(of), of.talks)).collect();
            self.shares(&format!("series ({} of {})", shown.len(), trends.series.len()), &rows)?;
        }
        let mut legend =
            "Bars are of the talks that match; shares are of all talks of the year or series that the filters \
                          let through."
                .to_owned();
        if by_year && trends.years.iter().any(|of| of.talks.of == 0) {
            legend += " A year that is blank has no edition in the collection.";
        }
        legend += " A talk that was given at several editions counts at each.";
        writeln!(self.out)?;
        self.paragraph("", &Text::new(&legend, QUIET))
    }

    /// A row each series and a column each year; the last years where the page has no room for all.
    fn trends_table(&mut self, trends: &Trends) -> io::Result<()> {
        let shown = &trends.series[..trends.series.len().min(SERIES_MAX)];
        let rows: Vec<(&str, Vec<String>)> =
            shown.iter().map(|of| (series_name(of), of.years.iter().map(|talks| count(*talks)).collect())).collect();
        let years: Vec<Option<u16>> = trends.years.iter().map(|of| of.year).collect();
        let cut = self.years_table(&years, &rows)?;
        let is_all = shown.len() == trends.series.len();
        let few =
            (!is_all).then(|| format!("{} series of {}: --format csv has all.", shown.len(), trends.series.len()));
        let has_unknown = trends.years.iter().any(|of| of.year.is_none());
        let unknown = has_unknown.then(|| "Under \"?\" are talks whose year is unknown.".to_owned());
        let legend = "A place that is blank has no edition in the collection. A talk that was given at several editions \
                      counts at each.";
        let legend: Vec<String> = [cut, few, unknown, Some(legend.to_owned())].into_iter().flatten().collect();
        self.paragraph("", &Text::new(&legend.join(" "), QUIET))
    }

    /// Topics, a row each; what share of the talks has any; and which became more or fewer.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn topic_trends(&mut self, trends: &TopicTrends) -> io::Result<()> {
        let Share { n, of } = trends.known;
        let told = format!("of {of} talks {n} have a topic, {}", percent(trends.known));
        self.paragraph("", &Text::new(&told, PLAIN))?;
        let shown = &trends.topics[..trends.topics.len().min(TOPICS_MAX)];
        let mut rows: Vec<(&str, Vec<String>)> =
            shown.iter().map(|of| (&*of.topic, of.years.iter().map(|talks| count(*talks)).collect())).collect();
        let known = |share: &Share| share.ratio().map_or(String::new(), |ratio| format!("{:.0}%", 100.0 * ratio));
        rows.push(("", Vec::new()));
        rows.push(("with a topic", trends.known_of_years.iter().map(known).collect()));
        let cut = self.years_table(&trends.years, &rows)?;
        for (more, name) in [(true, "rose"), (false, "fell")] {
            let (named, n_more) = trends.strongest(more, CHANGES_MAX);
            let named: Vec<&str> = named.iter().map(|of| &*of.topic).collect();
            let named = if named.is_empty() { "none".to_owned() } else { named.join(", ") };
            let more = if n_more > 0 { format!(" and {n_more} more") } else { String::new() };
            self.fact(name, &Text::new(&(named + &more), PLAIN))?;
        }
        writeln!(self.out)?;
        let n_more = trends.topics.len() - shown.len();
        let few =
            (n_more > 0).then(|| format!("{} topics of {}: --format csv has all.", shown.len(), trends.topics.len()));
        let legend: Vec<String> = [cut, few, Some(topics::tested())].into_iter().flatten().collect();
        self.paragraph("", &Text::new(&legend.join(" "), QUIET))
    }

    /// A row each name and a column each year; the last years where the page has no room for all, which is then told.
    fn years_table(&mut self, years: &[Option<u16>], rows: &[(&str, Vec<String>)]) -> io::Result<Option<String>> {
        writeln!(self.out)?;
        let name_max = NAME_COLUMNS_MAX.min(self.columns() / 2 - 2);
        let names: Vec<String> = rows.iter().map(|(name, _)| cut(name, name_max)).collect();
        let name_room = names.iter().map(|name| name.width()).max().unwrap_or_default();
        let header = |year: Option<u16>| year.map_or_else(|| "?".to_owned(), |year| year.to_string());
        let headers: Vec<String> = years.iter().map(|year| header(*year)).collect();
        let cells = rows.iter().flat_map(|(_, cells)| cells).chain(&headers);
        let cell = cells.map(String::len).max().unwrap_or_default();
        let room = self.columns().saturating_sub(2 + name_room) / (2 + cell);
        let first = headers.len().saturating_sub(room.max(1));
        let row = |name: &str, cells: &mut dyn Iterator<Item = String>| {
            let cells = cells.map(|text| format!("  {text:>cell$}")).collect::<Vec<_>>().concat();
            format!("  {name}{:1$}{cells}", "", name_room - name.width()).trim_end().to_owned()
        };
        let header = row("", &mut headers[first..].iter().cloned());
        self.ink(&QUIET.into(), &header)?;
        writeln!(self.out)?;
        for (name, (_, cells)) in names.iter().zip(rows) {
            let mut cells = cells.iter().skip(first).cloned();
            writeln!(self.out, "{}", row(name, &mut cells))?;
        }
        writeln!(self.out)?;
        Ok((first > 0)
            .then(|| format!("The {first} years before {} don't fit: --format csv has them.", headers[first])))
    }

    /// What somebody who began to type may go on to.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn suggestions(&mut self, suggestions: &[Suggestion]) -> io::Result<()> {
        let digits = suggestions.iter().map(|one| one.count.to_string().len()).max().unwrap_or_default();
        let kinds = suggestions.iter().map(|one| one.kind.len()).max().unwrap_or_default();
        for Suggestion { text, kind, count, .. } in suggestions {
            let lead = format!("  {count:>digits$}  {kind:kinds$}  ");
            let lead = if lead.len() * 2 > self.columns() { "" } else { &lead };
            self.paragraph(lead, &Text::new(&line(text), TITLE))?;
        }
        Ok(())
    }

    fn overall(&mut self, trends: &Trends) -> io::Result<()> {
        let Share { n, of } = trends.talks;
        let percent = percent(trends.talks);
        self.paragraph("", &Text::new(&format!("{n} of {of} talks"), TITLE).and(&format!(", {percent}"), PLAIN))
    }

    /// Rows of talks that match, with their share; blank where there is nothing to be a share of.
    fn shares(&mut self, name: &str, rows: &[(&str, Share)]) -> io::Result<()> {
        const TALKS: &str = "talks";
        const SHARE: &str = "share";
        writeln!(self.out)?;
        self.paragraph("", &Text::new(name, TITLE))?;
        let has_shares = self.columns() >= SHARE_COLUMNS_MIN;
        let digits = rows.iter().map(|(_, talks)| talks.n.to_string().len()).max().unwrap_or_default();
        let digits = if has_shares { digits.max(TALKS.len()) } else { digits };
        let percents = "100.0%".len();
        let lead = |n: &str, share: &str| {
            if has_shares { format!("{n:>digits$}  {share:>percents$}") } else { format!("{n:>digits$}") }
        };
        if has_shares {
            let header = format!("  {}", lead(TALKS, SHARE));
            self.ink(&QUIET.into(), &header)?;
            writeln!(self.out)?;
        }
        let rows = rows.iter().map(|(label, talks)| Row {
            lead: lead(&count(*talks), &percent(*talks)),
            depth: 0,
            label,
            count: (*label != UNKNOWN).then_some(talks.n),
        });
        self.bars(&rows.collect::<Vec<_>>())
    }

    /// The rows, with bars where there is room beside the longest label.
    fn bars(&mut self, rows: &[Row<'_>]) -> io::Result<()> {
        let most = rows.iter().filter_map(|row| row.count).max().unwrap_or(1);
        let lead = rows.iter().map(|row| row.lead.width()).max().unwrap_or_default();
        let room = self.columns().saturating_sub(2 + lead + 2).max(2);
        let indent = |depth: usize| (2 * depth).min(room / 2);
        let longest = rows.iter().map(|row| indent(row.depth) + line(row.label).width()).max().unwrap_or_default();
        let mut label_room = longest.min(room / 2);
        let mut bar_room = (room - label_room).saturating_sub(2).min(self.columns() / 2);
        if bar_room < BAR_COLUMNS_MIN {
            (label_room, bar_room) = (room, 0);
        }
        for row in rows {
            let indent = indent(row.depth);
            // A longer value goes on below itself.
            for (index, label) in Text::new(row.label, PLAIN).lines(label_room - indent).iter().enumerate() {
                let label: String = label.iter().map(|(_, text)| text.as_str()).collect();
                if index > 0 {
                    writeln!(self.out, "{:1$}{label}", "", 2 + lead + 2 + indent)?;
                    continue;
                }
                write!(self.out, "  {}  {:indent$}{label}", row.lead, "")?;
                let bar = row
                    .count
                    .filter(|_| bar_room > 0)
                    .map(|count| facets::bar(count, most, bar_room, self.look.blocks));
                if let Some(bar) = bar.filter(|bar| !bar.is_empty()) {
                    write!(self.out, "{:1$}", "", (label_room - indent).saturating_sub(label.width()) + 2)?;
                    self.ink(&BAR.into(), &bar)?;
                }
                writeln!(self.out)?;
            }
        }
        Ok(())
    }
}

/// How many match; nothing where there is nothing that could.
fn count(talks: Share) -> String {
    if talks.of == 0 { String::new() } else { talks.n.to_string() }
}
