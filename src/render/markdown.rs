//! Results and records as Markdown, to be put into notes. What comes from the collection is text and nothing else:
//! `escape::markdown` sees to it; links are to the web alone.

use std::io::{self, Write};

use super::{
    escape::{markdown, web_url},
    facets,
    text::Whole,
    words::{
        Years, also_at, details, edition, everybody, facts, licences, links, occasion, own_snippets, people, person,
        reason, title, video_at,
    },
};
use crate::{
    record::{Record, Span, video},
    search::{Hit, PassageHit, SearchResults},
};

/// A page of results as a list, and its facets.
///
/// # Errors
/// What the writer gives.
pub fn results(out: &mut dyn Write, results: &SearchResults, locate: &dyn Fn(&Span) -> Span) -> io::Result<()> {
    let mut years = Years::default();
    for (index, hit) in results.hits.iter().enumerate() {
        if index > 0 {
            writeln!(out)?;
        }
        if let Some(year) = years.heading(results.sort, &hit.record) {
            writeln!(out, "### {year}\n")?;
        }
        write_hit(out, hit, locate)?;
    }
    let licences = licences(&results.hits);
    if !licences.is_empty() {
        writeln!(out, "\nLicences: {}", markdown(&licences))?;
    }
    for (index, counts) in results.facets.iter().flatten().filter(|counts| counts.n_values > 0).enumerate() {
        if index > 0 || !results.hits.is_empty() {
            writeln!(out)?;
        }
        writeln!(out, "**{}** ({} of {})\n", counts.field, counts.counts.len(), counts.n_values)?;
        for row in facets::rows(counts) {
            writeln!(out, "{}- {} — {}", "  ".repeat(row.depth), markdown(row.label), row.count)?;
        }
    }
    Ok(())
}

fn write_hit(out: &mut dyn Write, hit: &Hit, locate: &dyn Fn(&Span) -> Span) -> io::Result<()> {
    let record = &hit.record;
    write!(out, "- **{}**", linked(title(record), record.url.as_deref()))?;
    // A backslash at a line's end breaks the line.
    let others = also_at(hit).unwrap_or_default();
    for line in [facts(record).join(" · "), people(record), others].iter().filter(|line| !line.is_empty()) {
        write!(out, "\\\n  {}", markdown(line))?;
    }
    writeln!(out)?;
    for snippet in own_snippets(hit) {
        writeln!(out, "\n  {}", markdown(&snippet.text))?;
    }
    let mut span = record.source.as_ref();
    for PassageHit { passage, snippets, start_s, .. } in &hit.passages {
        if !passage.heading.is_empty() {
            writeln!(out, "\n  *{}*", markdown(&passage.heading.join(" › ")))?;
        }
        if let Some(second) = *start_s {
            writeln!(out, "\n  {}", moment(record, second))?;
        }
        for snippet in snippets {
            writeln!(out, "\n  {}", markdown(&snippet.text))?;
        }
        span = passage.span.as_ref().or(span);
    }
    let place = span.map(|span| format!("{} · ", place(span, locate))).unwrap_or_default();
    writeln!(out, "\n  {place}{}", markdown(&record.id))?;
    for part in hit.explanation.iter().flatten() {
        writeln!(out, "  - {:.4} {}", part.score, markdown(&reason(part)))?;
    }
    Ok(())
}

/// One record as a section. `is_first` of the document.
///
/// # Errors
/// What the writer gives.
pub fn record(out: &mut dyn Write, whole: &Whole, locate: &dyn Fn(&Span) -> Span, is_first: bool) -> io::Result<()> {
    let record = &whole.record;
    if !is_first {
        writeln!(out)?;
    }
    writeln!(out, "## {}\n", linked(title(record), record.url.as_deref()))?;
    let lines: Vec<String> = everybody(record).into_iter().chain([occasion(record)]).collect();
    writeln!(out, "{}", lines.iter().map(|line| markdown(line)).collect::<Vec<_>>().join("\\\n"))?;
    if record.passages.is_empty() || record.is_transcript() {
        paragraphs(out, record.body())?;
    }
    for passage in &record.passages {
        if !passage.heading.is_empty() {
            writeln!(out, "\n### {}", markdown(&passage.heading.join(" › ")))?;
        }
        if let Some(second) = passage.start_s {
            writeln!(out, "\n{}", moment(record, second))?;
        }
        paragraphs(out, &passage.text)?;
    }
    for bio in &whole.bios {
        writeln!(out, "\n### {}", markdown(&person(bio.speakers.first(), title(bio))))?;
        paragraphs(out, bio.body())?;
    }
    writeln!(out)?;
    for (name, value) in details(record) {
        writeln!(out, "- {name}: {}", markdown(&value))?;
    }
    for other in &whole.also_at {
        let at = edition(other).map(|edition| format!("{}, ", markdown(&edition))).unwrap_or_default();
        writeln!(out, "- also at: {at}{}", markdown(&other.id))?;
    }
    for (name, url) in links(record) {
        writeln!(out, "- {name}: {}", linked(url, Some(url)))?;
    }
    for span in &record.sources {
        writeln!(out, "- source: {}", place(span, locate))?;
    }
    writeln!(out, "- id: {}", markdown(&record.id))
}

/// When in the recording something is said, as a link to the video there.
fn moment(record: &Record, second: u32) -> String {
    linked(&format!("at {}", video::clock(second)), video_at(record, second).as_deref())
}

/// Paragraphs that keep their lines: what was a list in the source still reads as one.
fn paragraphs(out: &mut dyn Write, text: &str) -> io::Result<()> {
    for paragraph in text.split("\n\n") {
        let lines: Vec<String> = paragraph.lines().map(markdown).filter(|line| !line.is_empty()).collect();
        if !lines.is_empty() {
            writeln!(out, "\n{}", lines.join("\\\n"))?;
        }
    }
    Ok(())
}

fn place(span: &Span, locate: &dyn Fn(&Span) -> Span) -> String {
    let span = locate(span);
    markdown(&format!("{}:{}", span.path, span.line))
}

/// The text, as a link where there is one that may be followed.
fn linked(text: &str, url: Option<&str>) -> String {
    match url.and_then(web_url) {
        Some(url) => {
            // In an address, too, `&copy;` would be a character.
            let url = if url.contains(';') { url.replace('&', "&amp;") } else { url };
            format!("[{}](<{url}>)", markdown(text))
        }
        None => markdown(text),
    }
}

#[cfg(test)]
mod tests {
    use comrak::{Arena, Options, nodes::NodeValue, parse_document};

    use super::*;
    use crate::record::Record;

    const HOSTILE: &str = "[x](javascript:alert) <script>`*_# www.example.org\n# y\n- z | a@example.org";

    /// Every field is hostile; what is found is the headings, lists and links that this module writes.
    #[test]
    fn a_section_has_our_structure_alone() {
        let text = || Some(HOSTILE.to_owned());
        let record = Record {
            id: HOSTILE.to_owned(),
            title: text(),
            edition: text(),
            room: text(),
            track: text(),
            abstract_text: text(),
            tags: vec![HOSTILE.to_owned()],
            url: Some("https://example.org/)> [y](z) \" &amp; <b>".to_owned()),
            videos: vec!["javascript:alert(1)".to_owned()],
            ..Record::default()
        };
        let whole = Whole { bios: vec![record.clone()], also_at: vec![record.clone()], labels: Vec::new(), record };
        let mut out = Vec::new();
        super::record(&mut out, &whole, &Span::clone, true).unwrap();
        let document = String::from_utf8(out).unwrap();
        let mut options = Options::default();
        options.extension.autolink = true;
        options.extension.table = true;
        options.extension.strikethrough = true;
        let arena = Arena::new();
        let mut links = Vec::new();
        for node in parse_document(&arena, &document, &options).descendants() {
            match &node.data.borrow().value {
                NodeValue::Link(link) => links.push(link.url.clone()),
                NodeValue::Document
                | NodeValue::Paragraph
                | NodeValue::Text(_)
                | NodeValue::Heading(_)
                | NodeValue::LineBreak
                | NodeValue::List(_)
                | NodeValue::Item(_) => {}
                other => panic!("{other:?} in\n{document}"),
            }
        }
        let url = "https://example.org/)%3E%20[y](z)%20%22%20&amp;%20%3Cb%3E";
        assert_eq!(links, [url, url], "{document}");
        assert_eq!(document.matches("\n## ").count() + usize::from(document.starts_with("## ")), 1, "{document}");
    }
}
