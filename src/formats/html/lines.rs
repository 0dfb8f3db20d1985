//! A program page of the sort that `usenix` reads as text: its lines, handed over, and the places brought back.

use std::collections::HashSet;

use super::Page;
use crate::{
    formats::{Draft, Input, decode::line_starts, usenix},
    record::Span,
    text::html::BlockKind,
    text::html::dom::Dom,
};

/// One talk alone is no program.
const TALKS_MIN: usize = 2;
/// A program of a thousand talks has 10,000 lines.
const LINES_MAX: usize = 100_000;

/// The talks of a page whose lines are a program; null when they are none.
pub(super) fn read(page: &Page) -> Option<Draft> {
    let dom = page.dom;
    let main = (0..dom.n_nodes()).find(|at| dom.name(*at) == "main" || dom.attr(*at, "role") == Some("main"));
    let around = |at: usize| matches!(dom.name(at), "nav" | "footer" | "aside" | "form");
    // Each block says where it stands by its line, which here is a byte.
    let blocks = dom.page(main.unwrap_or(Dom::ROOT), &around, &|start| start as u64).blocks;
    let mut text = String::new();
    let mut places: Vec<(usize, usize)> = Vec::new();
    let mut is_heading: Vec<bool> = Vec::new();
    for block in blocks {
        for line in block.text.split('\n') {
            places.push((text.len(), usize::try_from(block.line.unwrap_or_default()).unwrap_or_default()));
            if matches!(block.kind, BlockKind::Item(_)) {
                text.push_str("- ");
            }
            is_heading.push(matches!(block.kind, BlockKind::Heading(_)));
            text.push_str(line.trim().trim_end_matches('¶'));
            text.push('\n');
        }
        text.push('\n');
    }
    let input = Input { text: &text, ..*page.input };
    if places.len() > LINES_MAX || !usenix::recognise(&input) {
        return None;
    }
    let mut draft = usenix::parse(&input);
    let start_of = |at: u64| {
        let at = usize::try_from(at).unwrap_or_default();
        places.partition_point(|(start, _)| *start <= at).max(1) - 1
    };
    // A title on such a page is a heading; elsewhere lines that look like a program are rows of one.
    let talks = draft.records.iter().map(|found| &found.record);
    let titles: Vec<(u64, &str)> =
        talks.filter_map(|talk| Some((talk.source.as_ref()?.start, talk.title.as_deref()?))).collect();
    // What stands above several is the name of a stage.
    let headings: HashSet<&str> =
        titles.iter().filter(|(at, _)| is_heading[start_of(*at)]).map(|(_, title)| *title).collect();
    if titles.len() < TALKS_MIN || headings.len() * 2 < titles.len() {
        return None;
    }
    let relocate = |span: &mut Span| {
        let (first, last) = (start_of(span.start), start_of(span.end.saturating_sub(1)));
        let (from, below) = (places[first].1, places[last].1);
        let to = places[last + 1..].iter().map(|(_, at)| *at).find(|at| *at > below).unwrap_or(page.input.text.len());
        *span = Span { line: page.lines.line(from), start: from as u64, end: to.max(from) as u64, ..Span::default() };
    };
    for found in &mut draft.records {
        for record in std::iter::once(&mut found.record).chain(&mut found.bios) {
            record.source.iter_mut().for_each(relocate);
            record.language.clone_from(&page.head.language);
        }
    }
    let starts = line_starts(text.as_bytes());
    for problem in &mut draft.problems {
        let start = problem.line.and_then(|line| starts.get(usize::try_from(line).ok()?.checked_sub(1)?));
        problem.line = Some(page.lines.line(places[start_of(start.map_or(0, |at| *at as u64))].1));
    }
    Some(draft)
}
