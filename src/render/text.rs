//! Results for people: on a terminal of some width, with colour and links or without.

mod balance;
mod bars;
mod call;
mod editions;
mod near;
mod record;

use std::{
    io::{self, Write},
    path::Path,
};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::{
    escape::{file_url, line, terminal, web_url},
    words::{Years, also_at, facts, licences, own_snippets, people, reason, title, video_at},
    wrap::{Ink, Text},
};
use crate::{
    record::{Record, Span, video},
    search::{Hit, PassageHit, ScorePart, SearchResults},
};

pub use record::Whole;

/// Columns that text is wrapped at, however wide the terminal: longer lines are hard to read.
const TEXT_COLUMNS_MAX: usize = 110;
/// A narrower terminal wraps by itself.
const TEXT_COLUMNS_MIN: usize = 10;

// The base colours alone, which every theme makes legible on its background; and no colour means anything by itself.
const TITLE: Style = Style::new().bold();
const MATCH: Style = AnsiColor::Red.on_default().bold();
const PLACE: Style = AnsiColor::Magenta.on_default();
const BAR: Style = AnsiColor::Green.on_default();
const QUIET: Style = Style::new().dimmed();
const PLAIN: Style = Style::new();

/// What the place can show that a page is written to.
#[derive(Clone, Debug)]
pub struct Look {
    pub columns: usize,
    pub colour: bool,
    /// The name of this machine, where sources and videos are to be links.
    pub links_host: Option<String>,
    /// Whether bars may be of block characters.
    pub blocks: bool,
}

/// Where and how a page is written.
///
/// No line is wider than the page, but for a path, an id or a URL that is wider by itself: it stays in one piece, to be
/// copied, on a line of its own.
pub struct Page<'a> {
    pub out: &'a mut dyn Write,
    pub look: &'a Look,
    /// A source → a path that opens from where the reader is.
    pub locate: &'a dyn Fn(&Span) -> Span,
    /// An id → the shortest that names the record.
    pub short_id: &'a dyn Fn(&str) -> String,
}

impl Page<'_> {
    /// One page of results.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn results(&mut self, results: &SearchResults) -> io::Result<()> {
        let (mut seen_partial, mut years) = (false, Years::default());
        for (index, hit) in results.hits.iter().enumerate() {
            if index > 0 {
                writeln!(self.out)?;
            }
            if hit.partial && !seen_partial {
                seen_partial = true;
                let n = results.total_partial.unwrap_or_default();
                self.paragraph("", &Text::new(&format!("Some of the words ({n}):"), QUIET))?;
                writeln!(self.out)?;
                years = Years::default();
            }
            if let Some(year) = years.heading(results.sort, &hit.record) {
                self.paragraph("", &Text::new(year, TITLE))?;
                writeln!(self.out)?;
            }
            self.hit(hit)?;
        }
        let licences = licences(&results.hits);
        if !licences.is_empty() {
            writeln!(self.out)?;
            self.paragraph("", &Text::new(&format!("licences: {licences}"), QUIET))?;
        }
        let facets = results.facets.iter().flatten().filter(|counts| counts.n_values > 0);
        for (index, counts) in facets.enumerate() {
            if index > 0 || !results.hits.is_empty() {
                writeln!(self.out)?;
            }
            self.facet(counts)?;
        }
        Ok(())
    }

    fn hit(&mut self, hit: &Hit) -> io::Result<()> {
        let record = &hit.record;
        self.paragraph("", &Text::highlighted(title(record), &hit.title_highlights, TITLE, MATCH))?;
        self.facts(record)?;
        if let Some(others) = also_at(hit) {
            self.paragraph("  ", &Text::new(&others, QUIET))?;
        }
        for snippet in own_snippets(hit) {
            self.paragraph("  ", &Text::highlighted(&snippet.text, &snippet.highlights, PLAIN, MATCH))?;
        }
        let (last, others) = match hit.passages.split_last() {
            Some((last, others)) => (Some(last), others),
            None => (None, &[][..]),
        };
        for found in others {
            self.passage(record, found)?;
            self.place(found.passage.span.as_ref(), None)?;
        }
        if let Some(found) = last {
            self.passage(record, found)?;
        }
        let span = last.and_then(|found| found.passage.span.as_ref()).or(record.source.as_ref());
        self.place(span, Some(&record.id))?;
        hit.explanation.as_ref().map_or(Ok(()), |parts| self.explanation(hit.score, parts))
    }

    /// A line for each part of the score.
    fn explanation(&mut self, score: f32, parts: &[ScorePart]) -> io::Result<()> {
        self.paragraph("  ", &Text::new(&format!("score {score:.4}"), QUIET))?;
        for part in parts {
            self.paragraph(&format!("  {:>9.4}  ", part.score), &Text::new(&reason(part), QUIET))?;
        }
        Ok(())
    }

    fn passage(&mut self, record: &Record, found: &PassageHit) -> io::Result<()> {
        if !found.passage.heading.is_empty() {
            self.paragraph("  § ", &Text::new(&found.passage.heading.join(" › "), QUIET))?;
        }
        if let Some(second) = found.start_s {
            self.moment(record, second)?;
        }
        for snippet in &found.snippets {
            self.paragraph("  ", &Text::highlighted(&snippet.text, &snippet.highlights, PLAIN, MATCH))?;
        }
        Ok(())
    }

    /// When in the recording something is said, and the address of the video there: behind the time where it can be a link.
    fn moment(&mut self, record: &Record, second: u32) -> io::Result<()> {
        let time = format!("at {}", video::clock(second));
        let link = video_at(record, second);
        if self.look.links_host.is_some() || link.is_none() {
            return self.paragraph("  ", &Text::default().and(&time, Ink { style: QUIET, link }));
        }
        let link = link.unwrap_or_default();
        let is_wide = 2 + time.width() + 2 + link.width() > self.look.columns;
        write!(self.out, "  ")?;
        self.ink(&QUIET.into(), &time)?;
        write!(self.out, "{}", if is_wide { "\n  " } else { "  " })?;
        self.ink(&QUIET.into(), &link)?;
        writeln!(self.out)
    }

    /// Kind, edition, time and place; then who. A video is said only where the word can lead to it.
    fn facts(&mut self, record: &Record) -> io::Result<()> {
        let mut text = Text::new(&facts(record).join(" · "), QUIET);
        let video = record.videos.iter().find_map(|url| web_url(url));
        if let Some(link) = video.filter(|_| self.look.links_host.is_some()) {
            text = text.and(" · ", QUIET).and("video", Ink { style: QUIET, link: Some(link) });
        }
        self.paragraph("  ", &text)?;
        let people = people(record);
        if people.is_empty() { Ok(()) } else { self.paragraph("  ", &Text::new(&people, PLAIN)) }
    }

    /// The source's path and line, and the record's id where there is one to give.
    fn place(&mut self, span: Option<&Span>, id: Option<&str>) -> io::Result<()> {
        let place = span.map(|span| self.source(span));
        let id = id.map(|id| line(&(self.short_id)(id)).into_owned());
        if let Some((place, ink)) = &place {
            write!(self.out, "  ")?;
            self.ink(ink, place)?;
        }
        if let Some(id) = &id {
            let width = place.as_ref().map_or(0, |(place, _)| place.width() + 2) + 2 + id.width();
            write!(self.out, "{}", if place.is_some() && width > self.look.columns { "\n  " } else { "  " })?;
            self.ink(&QUIET.into(), id)?;
        }
        writeln!(self.out)
    }

    /// The path and line of a source, and a link to it where it is a file.
    fn source(&self, span: &Span) -> (String, Ink) {
        let shown = (self.locate)(span);
        let text = line(&format!("{}:{}", shown.path, shown.line)).into_owned();
        let full = Path::new(&span.root).join(&span.path);
        let host = self.look.links_host.as_ref().filter(|_| full.is_absolute());
        let link = host.map(|host| file_url(host, &full.to_string_lossy(), span.line));
        (text, Ink { style: PLACE, link })
    }

    fn columns(&self) -> usize {
        self.look.columns.clamp(TEXT_COLUMNS_MIN, TEXT_COLUMNS_MAX)
    }

    /// Wraps one paragraph behind `lead`; its other lines are indented as far as `lead` is wide.
    fn paragraph(&mut self, lead: &str, text: &Text) -> io::Result<()> {
        self.behind(lead, PLAIN, text)
    }

    fn behind(&mut self, lead: &str, style: Style, text: &Text) -> io::Result<()> {
        let indent = lead.width();
        for (index, line) in text.lines(self.columns().saturating_sub(indent).max(2)).iter().enumerate() {
            if index == 0 {
                self.ink(&style.into(), &terminal(lead))?;
            } else {
                write!(self.out, "{:indent$}", "")?;
            }
            for (ink, text) in line {
                self.ink(ink, text)?;
            }
            writeln!(self.out)?;
        }
        Ok(())
    }

    /// Writes harmless text.
    fn ink(&mut self, ink: &Ink, text: &str) -> io::Result<()> {
        let link = ink.link.as_ref().filter(|_| self.look.links_host.is_some() && !text.is_empty());
        if let Some(link) = link {
            write!(self.out, "\x1b]8;;{link}\x1b\\")?;
        }
        let style = ink.style;
        if self.look.colour && !text.is_empty() && style != PLAIN {
            write!(self.out, "{style}{text}{style:#}")?;
        } else {
            write!(self.out, "{text}")?;
        }
        if link.is_some() {
            write!(self.out, "\x1b]8;;\x1b\\")?;
        }
        Ok(())
    }
}
