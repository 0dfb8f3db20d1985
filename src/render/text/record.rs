//! One record whole, as a page to read.

use std::io;

use super::{PLAIN, Page, QUIET, TITLE};
use crate::{
    enrich::Label,
    record::{Record, video},
    render::{
        escape::{line, web_url},
        topics::earned,
        words::{details, edition, everybody, links, occasion, person, title},
        wrap::{Ink, Text},
    },
};

/// Columns of the names that facts stand behind.
const NAME_COLUMNS: usize = 10;
/// Below these the names stand above their facts.
const COLUMNS_ABREAST_MIN: usize = 40;
/// Columns that a list may be indented by.
const INDENT_MAX: usize = 8;

/// A record with the records that belong to it.
#[derive(Clone, Debug)]
pub struct Whole {
    pub record: Record,
    /// The bios printed with a talk.
    pub bios: Vec<Record>,
    /// The same talk at other editions.
    pub also_at: Vec<Record>,
    /// The record's topics with the words that earned them.
    pub labels: Vec<Label>,
}

impl Page<'_> {
    /// Title, who, where and when; facts; the text; bios; and where all that is from.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn record(&mut self, whole: &Whole) -> io::Result<()> {
        let record = &whole.record;
        self.paragraph("", &Text::new(title(record), TITLE))?;
        for people in everybody(record) {
            self.paragraph("", &Text::new(&people, PLAIN))?;
        }
        self.paragraph("", &Text::new(&occasion(record), PLAIN))?;
        let details = details(record);
        if !details.is_empty() {
            writeln!(self.out)?;
        }
        for (name, value) in details {
            self.fact(name, &Text::new(&value, PLAIN))?;
            if name == "topics" {
                for label in &whole.labels {
                    self.fact("", &Text::new(&label.topic, QUIET).and(": ", QUIET).and(&earned(label), QUIET))?;
                }
            }
        }
        if record.passages.is_empty() || record.is_transcript() {
            self.text(record.body())?;
        }
        for passage in &record.passages {
            if !passage.heading.is_empty() {
                writeln!(self.out)?;
                self.paragraph("§ ", &Text::new(&passage.heading.join(" › "), TITLE))?;
            }
            if let Some(second) = passage.start_s {
                writeln!(self.out)?;
                self.paragraph("", &Text::new(&video::clock(second), QUIET))?;
            }
            self.text(&passage.text)?;
        }
        for bio in &whole.bios {
            writeln!(self.out)?;
            self.paragraph("", &Text::new(&person(bio.speakers.first(), title(bio)), TITLE))?;
            self.text(bio.body())?;
        }
        writeln!(self.out)?;
        self.origin(whole)
    }

    /// What belongs together, and where it can be had.
    fn origin(&mut self, whole: &Whole) -> io::Result<()> {
        let record = &whole.record;
        for other in &whole.also_at {
            let at: Vec<String> = [edition(other), other.date.clone()].into_iter().flatten().collect();
            self.fact("also at", &Text::new(&at.join(", "), PLAIN))?;
            self.unbroken("", &(self.short_id)(&other.id), QUIET)?;
        }
        for (name, url) in links(record) {
            self.unbroken(name, url, Ink { style: PLAIN, link: web_url(url) })?;
        }
        for span in &record.sources {
            let (source, ink) = self.source(span);
            self.unbroken("source", &source, ink)?;
        }
        self.unbroken("id", &(self.short_id)(&record.id), QUIET)
    }

    fn is_abreast(&self) -> bool {
        self.columns() >= COLUMNS_ABREAST_MIN
    }

    pub(super) fn fact(&mut self, name: &str, value: &Text) -> io::Result<()> {
        if self.is_abreast() {
            return self.behind(&format!("{name:<NAME_COLUMNS$}"), QUIET, value);
        }
        self.paragraph("", &Text::new(name, QUIET))?;
        self.paragraph("  ", value)
    }

    /// A fact that is there to be copied.
    fn unbroken(&mut self, name: &str, value: &str, ink: impl Into<Ink>) -> io::Result<()> {
        if self.is_abreast() {
            let style = if name.is_empty() { PLAIN } else { QUIET };
            self.ink(&style.into(), &format!("{name:<NAME_COLUMNS$}"))?;
        } else {
            if !name.is_empty() {
                self.paragraph("", &Text::new(name, QUIET))?;
            }
            write!(self.out, "  ")?;
        }
        self.ink(&ink.into(), &line(value))?;
        writeln!(self.out)
    }

    /// Paragraphs, each behind an empty line; list items keep their lines.
    fn text(&mut self, text: &str) -> io::Result<()> {
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            writeln!(self.out)?;
            for line in paragraph.lines() {
                let shown = line.trim_start();
                let item = shown.strip_prefix("- ");
                // A list item's further lines stand below its first word.
                let indent = (line.chars().count() - shown.chars().count()).min(INDENT_MAX);
                let lead = if item.is_some() { format!("{:indent$}- ", "") } else { String::new() };
                self.paragraph(&lead, &Text::new(item.unwrap_or(shown), PLAIN))?;
            }
        }
        Ok(())
    }
}
