//! Text → the pieces that show best why it matched, with the bytes to highlight; never mark-up.

mod choose;
mod cut;
mod known;
mod matches;
mod phrase;

#[cfg(test)]
mod tests;

use serde::Serialize;

pub(super) use known::Known;

use crate::{query::lower::Evidence, text::floor};
use choose::{Chooser, Fragment};
use cut::{ceil_grapheme, floor_grapheme, is_dropped, may_cut};
use matches::{Finder, Match};

/// Characters of a snippet that can be asked for: pages of text are what `show` is for.
pub const SNIPPET_CHARS_MAX: usize = 10_000;
/// Fewer show nothing: of a smaller number these are given.
const SNIPPET_CHARS_MIN: usize = 20;
/// Bytes of a title or heading in which matches are looked for: it is shown whole, and real ones stay under 300.
const TITLE_BYTES_MAX: usize = 4 << 10;
/// Bytes of a text from which a snippet is drawn.
const TEXT_BYTES_MAX: usize = 1 << 20;
/// Put where a sentence is cut.
const ELLIPSIS: &str = "…";

/// A piece of a field's text, on one line.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Snippet {
    pub field: &'static str,
    pub text: String,
    /// In bytes of `text`, in order, apart from each other.
    pub highlights: Vec<Highlight>,
    /// Where the first of them stands in the field's own text.
    #[serde(skip)]
    pub first: Option<usize>,
}

/// `start..end` in bytes; an array of two in JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Highlight(pub usize, pub usize);

/// Draws snippets for one query.
pub(super) struct Extractor {
    finder: Finder,
    /// By clue: how telling it is (its inverse document frequency).
    weights: Vec<f32>,
    /// Of one piece; 0 for no snippets.
    chars_max: usize,
}

impl Extractor {
    pub fn new(evidence: &Evidence, chars_max: usize) -> Self {
        let weights = evidence.clues.iter().map(|clue| clue.weight).collect();
        let clamped = chars_max.clamp(SNIPPET_CHARS_MIN, SNIPPET_CHARS_MAX);
        Extractor { finder: Finder::new(evidence), weights, chars_max: if chars_max == 0 { 0 } else { clamped } }
    }

    /// Texts are of this language from here on.
    pub fn set_language(&mut self, language: Option<&str>) {
        self.finder.set_language(language);
    }

    /// Texts are of a segment from here on in which so many documents have a term: phrases with slop ask for it.
    ///
    /// # Errors
    /// Those of `frequency`.
    pub fn set_frequencies<E>(&mut self, frequency: impl FnMut(&str) -> Result<u32, E>) -> Result<(), E> {
        self.finder.set_frequencies(frequency)
    }

    /// The bytes of a text that match, in order and apart from each other.
    pub fn highlights(&mut self, text: &str) -> Vec<Highlight> {
        let text = &text[..floor(text, TITLE_BYTES_MAX)];
        let matches = self.finder.find(text);
        merged(text, &matches, (0, text.len()))
    }

    /// The best pieces of a text, at most three, in its order: the second and third where they show words of the query that the
    /// first does not, or as items of the same list. The beginning where nothing matches; nothing for an
    /// empty text.
    pub fn extract(&mut self, field: &'static str, text: &str, known: &Known) -> Vec<Snippet> {
        let text = &text[..floor(text, TEXT_BYTES_MAX)];
        if self.chars_max == 0 || text.trim().is_empty() {
            return Vec::new();
        }
        let matches = self.finder.find(text);
        let chooser = Chooser { text, matches: &matches, weights: &self.weights, known, chars_max: self.chars_max };
        let fragments = chooser.fragments().into_iter();
        fragments
            .map(|fragment| snippet(field, text, fragment, &matches))
            .filter(|snippet| !snippet.text.is_empty())
            .collect()
    }
}

/// What matches within a piece, in order and apart from each other.
fn merged(text: &str, matches: &[Match], (start, end): (usize, usize)) -> Vec<Highlight> {
    let first = matches.partition_point(|found| found.start < start);
    let mut out: Vec<Highlight> = Vec::new();
    for found in matches[first..].iter().take_while(|found| found.start < end).filter(|found| found.end <= end) {
        // A sign that is set above or behind a letter is marked with it.
        let found_start =
            if may_cut(text, found.start) { found.start } else { floor_grapheme(text, found.start).max(start) };
        let found_end = if may_cut(text, found.end) { found.end } else { ceil_grapheme(text, found.end).min(end) };
        match out.last_mut() {
            Some(last) if found_start <= last.1 => last.1 = last.1.max(found_end),
            _ => out.push(Highlight(found_start, found_end)),
        }
    }
    out
}

/// The piece on one line, with a sign where it begins or ends within a sentence.
fn snippet(field: &'static str, text: &str, fragment: Fragment, matches: &[Match]) -> Snippet {
    let Fragment { start, end, is_begun, is_ended } = fragment;
    let (start, end) = (ceil_grapheme(text, start), floor_grapheme(text, end));
    let highlights = if start < end { merged(text, matches, (start, end)) } else { Vec::new() };
    let mut snippet = Snippet { field, first: highlights.first().map(|first| first.0), ..Snippet::default() };
    if !is_begun {
        snippet.text.push_str(ELLIPSIS);
    }
    let base = snippet.text.len();
    let mut marks = highlights.iter().flat_map(|highlight| [highlight.0, highlight.1]).peekable();
    let mut bounds = Vec::new();
    for (at, c) in text[start..end.max(start)].char_indices() {
        while marks.next_if(|mark| *mark <= start + at).is_some() {
            bounds.push(snippet.text.len());
        }
        if c.is_ascii_graphic() {
            snippet.text.push(c);
        } else if c.is_whitespace() {
            if !snippet.text.ends_with(' ') && snippet.text.len() > base {
                snippet.text.push(' ');
            }
        } else if !is_dropped(c) {
            snippet.text.push(c);
        }
    }
    let mut shown = snippet.text.trim_end().len();
    bounds.extend(marks.map(|_| shown));
    if !is_ended {
        shown = snippet.text[..shown].trim_end_matches([' ', ',', ';', ':', '-', '–', '—', '(']).len();
    }
    let last = bounds.last().copied().unwrap_or_default();
    snippet.text.truncate(shown.max(last).max(base));
    for pair in bounds.chunks_exact(2) {
        match snippet.highlights.last_mut() {
            // What stood between them was dropped.
            Some(last) if last.1 == pair[0] => last.1 = pair[1],
            _ => snippet.highlights.push(Highlight(pair[0], pair[1])),
        }
    }
    if snippet.text.len() == base {
        snippet.text.clear();
    } else if !is_ended {
        snippet.text.push_str(ELLIPSIS);
    }
    snippet
}
