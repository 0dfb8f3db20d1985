//! Results for people: on a terminal of some width, with colour or without.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use unicode_width::UnicodeWidthStr;

use super::escape::{line, terminal};
use crate::{
    record::{Kind, Record, Role, Span, Speaker, TalkType},
    search::{FacetCounts, Highlight, Hit, PassageHit, SearchResults},
};

/// Columns that text is wrapped at, however wide the terminal: longer lines are hard to read.
const TEXT_COLUMNS_MAX: usize = 110;
/// A narrower terminal wraps by itself.
const TEXT_COLUMNS_MIN: usize = 20;
/// Speakers named on a result; `show` names all.
const SPEAKERS_MAX: usize = 4;

const TITLE: Style = Style::new().bold();
const MATCH: Style = AnsiColor::Red.on_default().bold();
const PLACE: Style = AnsiColor::Magenta.on_default();
const QUIET: Style = Style::new().dimmed();

/// Where and how a page is written.
pub struct Page<'a> {
    pub out: &'a mut dyn Write,
    pub columns: usize,
    pub colour: bool,
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
        let mut seen_partial = false;
        for (index, hit) in results.hits.iter().enumerate() {
            if index > 0 {
                writeln!(self.out)?;
            }
            if hit.partial && !seen_partial {
                seen_partial = true;
                let n = results.total_partial.unwrap_or_default();
                self.styled(QUIET, &format!("Some of the words ({n}):"))?;
                writeln!(self.out, "\n")?;
            }
            self.hit(hit)?;
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
        self.paragraph("", title(record), &hit.title_highlights, TITLE)?;
        self.facts(record)?;
        for snippet in hit.snippets.iter().filter(|_| hit.passages.is_empty()) {
            self.paragraph("  ", &snippet.text, &snippet.highlights, Style::new())?;
        }
        let (last, others) = match hit.passages.split_last() {
            Some((last, others)) => (Some(last), others),
            None => (None, &[][..]),
        };
        for found in others {
            self.passage(found)?;
            self.place(found.passage.span.as_ref(), None)?;
        }
        if let Some(found) = last {
            self.passage(found)?;
        }
        let span = last.and_then(|found| found.passage.span.as_ref()).or(record.source.as_ref());
        self.place(span, Some(&record.id))
    }

    fn passage(&mut self, found: &PassageHit) -> io::Result<()> {
        if !found.passage.heading.is_empty() {
            self.paragraph("  § ", &found.passage.heading.join(" › "), &[], QUIET)?;
        }
        for snippet in &found.snippets {
            self.paragraph("  ", &snippet.text, &snippet.highlights, Style::new())?;
        }
        Ok(())
    }

    /// Kind, edition, time and place; then who.
    fn facts(&mut self, record: &Record) -> io::Result<()> {
        let facts = [
            Some(sort_of(record).to_owned()),
            edition(record),
            when(record),
            record.track.clone(),
            record.room.clone().filter(|room| Some(room) != record.track.as_ref()),
            record.speakers.first().filter(|_| record.kind == Kind::Bio).and_then(|person| person.affiliation.clone()),
        ];
        let facts: Vec<String> = facts.into_iter().flatten().collect();
        self.paragraph("  ", &facts.join(" · "), &[], QUIET)?;
        let people = people(record);
        if people.is_empty() { Ok(()) } else { self.paragraph("  ", &people, &[], Style::new()) }
    }

    /// The source's path and line, and the record's id where there is one to give.
    fn place(&mut self, span: Option<&Span>, id: Option<&str>) -> io::Result<()> {
        let place = span.map(|span| {
            let span = (self.locate)(span);
            line(&format!("{}:{}", span.path, span.line)).into_owned()
        });
        let id = id.map(|id| line(&(self.short_id)(id)).into_owned());
        if let Some(place) = &place {
            write!(self.out, "  ")?;
            self.styled(PLACE, place)?;
        }
        if let Some(id) = &id {
            let width = place.as_ref().map_or(0, |place| place.width() + 2) + 2 + id.width();
            write!(self.out, "{}", if place.is_some() && width > self.columns { "\n  " } else { "  " })?;
            self.styled(QUIET, id)?;
        }
        writeln!(self.out)
    }

    fn facet(&mut self, counts: &FacetCounts) -> io::Result<()> {
        self.styled(TITLE, counts.field)?;
        if counts.n_values > counts.counts.len() {
            write!(self.out, " ({} of {})", counts.counts.len(), counts.n_values)?;
        }
        writeln!(self.out)?;
        let width = counts.counts.iter().map(|count| count.count.to_string().len()).max().unwrap_or(1);
        for count in &counts.counts {
            writeln!(self.out, "  {:>width$}  {}", count.count, line(&count.value))?;
        }
        Ok(())
    }

    /// One record whole, with the bios printed with it.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn record(&mut self, record: &Record, bios: &[Record]) -> io::Result<()> {
        self.paragraph("", title(record), &[], TITLE)?;
        let facts: Vec<String> =
            [Some(sort_of(record).to_owned()), edition(record), when(record)].into_iter().flatten().collect();
        self.paragraph("", &facts.join(" · "), &[], Style::new())?;
        for (name, value) in details(record) {
            self.paragraph(&format!("{name:<12}"), &value, &[], Style::new())?;
        }
        if record.passages.is_empty() {
            self.text(record.body())?;
        }
        for passage in &record.passages {
            if !passage.heading.is_empty() {
                writeln!(self.out)?;
                self.paragraph("§ ", &passage.heading.join(" › "), &[], TITLE)?;
            }
            self.text(&passage.text)?;
        }
        for bio in bios {
            writeln!(self.out)?;
            self.paragraph("", &person(bio.speakers.first(), title(bio)), &[], TITLE)?;
            self.text(bio.body())?;
        }
        writeln!(self.out)?;
        for span in &record.sources {
            let span = (self.locate)(span);
            self.styled(PLACE, &line(&format!("{}:{}", span.path, span.line)))?;
            writeln!(self.out)?;
        }
        self.styled(QUIET, &line(&record.id))?;
        writeln!(self.out)
    }

    /// Paragraphs, each behind an empty line; list items keep their lines.
    fn text(&mut self, text: &str) -> io::Result<()> {
        for paragraph in text.split("\n\n").filter(|paragraph| !paragraph.trim().is_empty()) {
            writeln!(self.out)?;
            for line in paragraph.lines() {
                // A list item's further lines stand below its first word.
                let mark =
                    line.len() - line.trim_start().len() + if line.trim_start().starts_with("- ") { 2 } else { 0 };
                let lead = if line.trim_start().starts_with("- ") { &line[..mark] } else { "" };
                self.paragraph(lead, line[lead.len()..].trim_start(), &[], Style::new())?;
            }
        }
        Ok(())
    }

    /// Wraps one paragraph behind `lead`; its other lines are indented as far as `lead` is wide.
    fn paragraph(&mut self, lead: &str, text: &str, highlights: &[Highlight], style: Style) -> io::Result<()> {
        let columns = self.columns.clamp(TEXT_COLUMNS_MIN, TEXT_COLUMNS_MAX);
        let indent = lead.width();
        let mut pieces = Line { pieces: Vec::new() };
        let (mut at, mut offset) = (indent, 0);
        let mut highlights = highlights;
        write!(self.out, "{lead}")?;
        for word in text.split_inclusive(char::is_whitespace) {
            // Those that end before this word are done with.
            while highlights.first().is_some_and(|highlight| highlight.1 < offset) {
                highlights = &highlights[1..];
            }
            let shown = word.trim_end();
            let width = terminal(shown).width();
            if at > indent && width > 0 {
                if at + 1 + width > columns {
                    self.end_line(&mut pieces)?;
                    write!(self.out, "{:indent$}", "")?;
                    at = indent;
                } else {
                    // A space within a highlight is part of it.
                    let is_inside = highlights.first().is_some_and(|next| next.0 < offset && offset < next.1);
                    pieces.push(if is_inside { MATCH } else { style }, " ");
                    at += 1;
                }
            }
            pieces.push_word(shown, offset, highlights, style);
            at += width;
            offset += word.len();
        }
        self.end_line(&mut pieces)
    }

    fn end_line(&mut self, line: &mut Line) -> io::Result<()> {
        for (style, text) in line.pieces.drain(..) {
            self.styled(style, &terminal(&text))?;
        }
        writeln!(self.out)
    }

    fn styled(&mut self, style: Style, text: &str) -> io::Result<()> {
        if self.colour && !text.is_empty() && style != Style::new() {
            write!(self.out, "{style}{text}{style:#}")
        } else {
            write!(self.out, "{text}")
        }
    }
}

/// Text of one line, in pieces of one style each.
struct Line {
    pieces: Vec<(Style, String)>,
}

impl Line {
    fn push(&mut self, style: Style, text: &str) {
        match self.pieces.last_mut() {
            Some((last, piece)) if *last == style => piece.push_str(text),
            _ if text.is_empty() => {}
            _ => self.pieces.push((style, text.to_owned())),
        }
    }

    /// A word that stands at `offset` of the text that `highlights` count in.
    fn push_word(&mut self, word: &str, offset: usize, highlights: &[Highlight], style: Style) {
        let mut done = 0;
        for Highlight(start, end) in highlights.iter().take_while(|next| next.0 < offset + word.len()) {
            let within = |at: &usize| at.saturating_sub(offset).min(word.len());
            let (start, end) = (within(start), within(end));
            if start < end && start >= done {
                self.push(style, &word[done..start]);
                self.push(MATCH, &word[start..end]);
                done = end;
            }
        }
        self.push(style, &word[done..]);
    }
}

fn title(record: &Record) -> &str {
    record.title.as_deref().unwrap_or("(untitled)")
}

/// The most telling word for what a record is.
fn sort_of(record: &Record) -> &'static str {
    match (record.kind, record.talk_type) {
        (Kind::Talk, Some(TalkType::Lightning)) => "lightning talk",
        (Kind::Talk, Some(TalkType::Bof)) => "birds of a feather",
        (Kind::Talk, Some(TalkType::Other) | None) => "talk",
        (Kind::Talk, Some(talk_type)) => talk_type.as_str(),
        (kind, _) => kind.as_str(),
    }
}

fn edition(record: &Record) -> Option<String> {
    if record.editions.len() > 1 {
        let all: Vec<_> = record.editions.iter().map(|edition| edition.edition.as_str()).collect();
        return Some(all.join(", "));
    }
    record.edition.clone().or_else(|| record.series.clone())
}

fn when(record: &Record) -> Option<String> {
    match (record.kind, &record.date) {
        (Kind::Report, _) => record.written.as_ref().map(|written| format!("written {written}")),
        (_, Some(date)) => {
            let time = record.start.as_ref().map(|start| match &record.end {
                Some(end) => format!(" {start}–{end}"),
                None => format!(" {start}"),
            });
            Some(format!("{date}{}", time.unwrap_or_default()))
        }
        // An edition's name tells the year, or its two last digits.
        _ => record
            .year
            .map(|year| year.to_string())
            .filter(|year| record.edition.as_ref().is_none_or(|edition| !edition.contains(&year[2..]))),
    }
}

fn person(speaker: Option<&Speaker>, name: &str) -> String {
    match speaker.and_then(|speaker| speaker.affiliation.as_deref()) {
        Some(affiliation) => format!("{name} ({affiliation})"),
        None => name.to_owned(),
    }
}

fn people(record: &Record) -> String {
    match record.kind {
        Kind::Talk => {
            let mut people: Vec<String> =
                record.speakers.iter().take(SPEAKERS_MAX).map(|speaker| person(Some(speaker), &speaker.name)).collect();
            if record.speakers.len() > SPEAKERS_MAX {
                people.push(format!("and {} more", record.speakers.len() - SPEAKERS_MAX));
            }
            people.join(", ")
        }
        Kind::Bio => String::new(),
        Kind::Report => record.author.as_ref().map(|author| format!("by {author}")).unwrap_or_default(),
    }
}

/// The facts of a record that `show` lists, by name.
fn details(record: &Record) -> Vec<(&'static str, String)> {
    let mut details = Vec::new();
    let mut add = |name, value: Option<&str>| details.extend(value.map(|value| (name, value.to_owned())));
    add("session", record.session.as_deref());
    add("track", record.track.as_deref());
    add("room", record.room.as_deref());
    add("time zone", record.time_zone.as_deref().filter(|_| record.start.is_some()));
    add("author", record.author.as_deref());
    if record.kind != Kind::Bio || record.speakers.iter().any(|speaker| speaker.affiliation.is_some()) {
        for speaker in &record.speakers {
            let role = match speaker.role {
                Role::Speaker => "speaker",
                Role::Moderator => "moderator",
                Role::Panelist => "panelist",
                Role::Author => "author",
            };
            add(role, Some(&person(Some(speaker), &speaker.name)));
        }
    }
    add("topics", Some(record.topics.join(", ").as_str()).filter(|text| !text.is_empty()));
    add("tags", Some(record.tags.join(", ").as_str()).filter(|text| !text.is_empty()));
    add("state", record.state.as_deref());
    add("url", record.url.as_deref());
    record.videos.iter().for_each(|video| add("video", Some(video)));
    record.slides.iter().for_each(|slides| add("slides", Some(slides)));
    add("licence", record.licence.as_deref());
    for (field, reason) in &record.inferred {
        add("inferred", Some(&format!("{field}, from {reason}")));
    }
    details
}
