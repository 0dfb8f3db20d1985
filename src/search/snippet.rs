//! Text → the sentences that show best why it matched, with the bytes to highlight; never mark-up.

use std::collections::{HashMap, HashSet};

use serde::Serialize;
use unicode_segmentation::UnicodeSegmentation;

use crate::{
    query::lower::{Evidence, Form},
    text::{
        analyzer::{Analyzer, FirstLetters},
        sentences::sentences,
    },
};

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

/// A match in a text.
#[derive(Clone, Copy, Debug)]
struct Match {
    start: usize,
    end: usize,
    /// Which word or phrase of the query it is.
    which: usize,
}

/// Draws snippets for one query.
pub(super) struct Extractor {
    analyzer: Analyzer,
    words: HashMap<String, usize>,
    /// Index into `weights`, and the terms with their distance from the first.
    phrases: Vec<(usize, Vec<(usize, String)>)>,
    /// Of all those terms.
    first_letters: FirstLetters,
    /// By word or phrase: how telling it is (its inverse document frequency).
    weights: Vec<f32>,
    chars_max: usize,
}

impl Extractor {
    pub fn new(evidence: &Evidence, chars_max: usize) -> Self {
        let mut words = HashMap::new();
        let mut phrases = Vec::new();
        for (which, clue) in evidence.clues.iter().enumerate() {
            for form in &clue.forms {
                match form {
                    Form::Term(term) | Form::Word(term) => drop(words.insert(term.clone(), which)),
                    Form::Phrase { terms, .. } => phrases.push((which, terms.clone())),
                }
            }
        }
        let weights = evidence.clues.iter().map(|clue| clue.weight).collect();
        Extractor::with(words, phrases, weights, chars_max.max(20))
    }

    fn with(
        words: HashMap<String, usize>,
        phrases: Vec<(usize, Vec<(usize, String)>)>,
        weights: Vec<f32>,
        chars_max: usize,
    ) -> Self {
        let mut first_letters = FirstLetters::default();
        words.keys().for_each(|term| first_letters.add(term));
        phrases.iter().flat_map(|(_, terms)| terms).for_each(|(_, term)| first_letters.add(term));
        Extractor { analyzer: Analyzer::default(), words, phrases, first_letters, weights, chars_max }
    }

    /// The bytes of a text that match, in order and apart from each other.
    pub fn highlights(&mut self, text: &str) -> Vec<Highlight> {
        let matches = self.matches(cut_at_char(text, TITLE_BYTES_MAX));
        merge(matches.iter().map(|found| Highlight(found.start, found.end)).collect())
    }

    /// The best pieces of a text, at most two, in its order: the second where it shows words of the query that the first
    /// does not. The beginning where nothing matches; nothing for an empty text.
    pub fn extract(&mut self, field: &'static str, text: &str) -> Vec<Snippet> {
        let text = cut_at_char(text, TEXT_BYTES_MAX);
        if text.trim().is_empty() {
            return Vec::new();
        }
        let matches = self.matches(text);
        let sentences = sentences(text);
        if sentences.is_empty() {
            return Vec::new();
        }
        let first = self.best_window(text, &sentences, &matches, self.chars_max);
        let mut windows = vec![first];
        let within = |window: (usize, usize), found: &Match| window.0 <= found.start && found.end <= window.1;
        let shown: HashSet<usize> = matches.iter().filter(|m| within(first, m)).map(|m| m.which).collect();
        let unshown: Vec<Match> = matches.iter().filter(|m| !shown.contains(&m.which)).copied().collect();
        if !unshown.is_empty() {
            let outside = |sentence: &&(usize, usize)| sentence.1 <= first.0 || first.1 <= sentence.0;
            let sentences: Vec<_> = sentences.iter().filter(outside).copied().collect();
            let second = self.best_window(text, &sentences, &unshown, self.chars_max / 2);
            let is_apart = second.1 <= first.0 || first.1 <= second.0;
            if is_apart && unshown.iter().any(|found| within(second, found)) {
                windows.push(second);
            }
        }
        windows.sort_unstable();
        let snippet = |window| {
            let highlights = matches.iter().filter(|found| within(window, found));
            let highlights = merge(highlights.map(|found| Highlight(found.start, found.end)).collect());
            let first = highlights.first().map(|highlight| highlight.0);
            Snippet { first, ..render(field, text, window, &sentences, &highlights) }
        };
        windows.into_iter().map(snippet).collect()
    }

    fn matches(&mut self, text: &str) -> Vec<Match> {
        if self.weights.is_empty() {
            return Vec::new();
        }
        let mut matches = Vec::new();
        let mut in_phrases: Vec<(usize, String, usize, usize)> = Vec::new();
        let phrase_terms: HashSet<&str> =
            self.phrases.iter().flat_map(|(_, terms)| terms.iter().map(|(_, term)| term.as_str())).collect();
        self.analyzer.tokens_beginning(self.first_letters, text, |token| {
            if let Some(which) = self.words.get(token.term) {
                matches.push(Match { start: token.start, end: token.end, which: *which });
            }
            if phrase_terms.contains(token.term) {
                in_phrases.push((token.position, token.term.to_owned(), token.start, token.end));
            }
        });
        let at: HashMap<(usize, &str), (usize, usize)> = in_phrases
            .iter()
            .map(|(position, term, start, end)| ((*position, term.as_str()), (*start, *end)))
            .collect();
        for (which, terms) in &self.phrases {
            for (position, term, ..) in &in_phrases {
                if *term != terms[0].1 {
                    continue;
                }
                let spans: Option<Vec<_>> =
                    terms.iter().map(|(offset, term)| at.get(&(position + offset, term.as_str()))).collect();
                for (start, end) in spans.into_iter().flatten() {
                    matches.push(Match { start: *start, end: *end, which: *which });
                }
            }
        }
        matches.sort_unstable_by_key(|found| (found.start, found.end));
        matches
    }

    /// Whole sentences of at most `chars_max` characters that hold the most telling words of the query; within a
    /// sentence that is longer, words.
    fn best_window(
        &self,
        text: &str,
        sentences: &[(usize, usize)],
        matches: &[Match],
        chars_max: usize,
    ) -> (usize, usize) {
        let mut best = (f32::MIN, (0, 0));
        for (first, (start, _)) in sentences.iter().enumerate() {
            let mut end = sentences[first].1;
            for (_, next) in &sentences[first + 1..] {
                if n_chars_exceed(&text[*start..*next], chars_max) {
                    break;
                }
                end = *next;
            }
            let window = if n_chars_exceed(&text[*start..end], chars_max) {
                self.best_words(text, (*start, end), matches, chars_max)
            } else {
                (*start, end)
            };
            let score = self.score(window, matches);
            if score > best.0 {
                best = (score, window);
            }
        }
        with_sentences_before(text, sentences, best.1, chars_max)
    }

    fn best_words(
        &self,
        text: &str,
        (start, end): (usize, usize),
        matches: &[Match],
        chars_max: usize,
    ) -> (usize, usize) {
        let words: Vec<usize> = text[start..end].split_word_bound_indices().map(|(at, _)| start + at).collect();
        let fits = |from: usize| {
            let to = text[from..end].char_indices().nth(chars_max).map_or(end, |(at, _)| from + at);
            let at = words.partition_point(|word| *word <= to);
            if to == end { end } else { words[..at].last().copied().filter(|word| *word > from).unwrap_or(to) }
        };
        let mut best = (f32::MIN, (start, fits(start)));
        let from_start = std::iter::once(start);
        // A window that begins a third of its length before a match, so that it is read in its context.
        let first = matches.partition_point(|m| m.start < start);
        let inside = matches[first..].iter().take_while(|m| m.end <= end);
        let before_matches = inside.map(|m| {
            let reach =
                text[start..m.start].char_indices().rev().nth(chars_max / 3).map_or(start, |(at, _)| start + at);
            let at = words.partition_point(|word| *word < reach);
            words.get(at).copied().unwrap_or(m.start).min(m.start)
        });
        for from in from_start.chain(before_matches) {
            let window = (from, fits(from));
            let score = self.score(window, matches);
            if score > best.0 {
                best = (score, window);
            }
        }
        best.1
    }

    /// Each distinct word counts by its weight, more of the same a little.
    fn score(&self, (start, end): (usize, usize), matches: &[Match]) -> f32 {
        let first = matches.partition_point(|found| found.start < start);
        let inside = &matches[first..];
        let inside = &inside[..inside.iter().position(|found| found.end > end).unwrap_or(inside.len())];
        let is_new = |at: usize| inside[..at].iter().all(|before| before.which != inside[at].which);
        let weight = |(at, found): (usize, &Match)| self.weights[found.which] * if is_new(at) { 1.0 } else { 0.1 };
        inside.iter().enumerate().map(weight).sum()
    }
}

/// Room that is left goes to the sentences that lead up to the window, as far as they adjoin it.
fn with_sentences_before(
    text: &str,
    sentences: &[(usize, usize)],
    (start, end): (usize, usize),
    chars_max: usize,
) -> (usize, usize) {
    let Ok(first) = sentences.binary_search_by_key(&start, |(from, _)| *from) else { return (start, end) };
    let before = sentences[..first].iter().rev().map(|(from, _)| *from);
    let start = before.take_while(|from| !n_chars_exceed(&text[*from..end], chars_max)).last().unwrap_or(start);
    (start, end)
}

fn n_chars_exceed(text: &str, max: usize) -> bool {
    text.len() > max && text.chars().nth(max).is_some()
}

fn cut_at_char(text: &str, max: usize) -> &str {
    let end = crate::text::floor(text, max);
    &text[..end]
}

fn merge(mut highlights: Vec<Highlight>) -> Vec<Highlight> {
    highlights.sort_unstable_by_key(|highlight| (highlight.0, highlight.1));
    let mut out: Vec<Highlight> = Vec::new();
    for next in highlights {
        match out.last_mut() {
            Some(last) if next.0 < last.1 => last.1 = last.1.max(next.1),
            _ => out.push(next),
        }
    }
    out
}

/// The window on one line, with a sign where it begins or ends within a sentence.
fn render(
    field: &'static str,
    text: &str,
    (start, end): (usize, usize),
    sentences: &[(usize, usize)],
    highlights: &[Highlight],
) -> Snippet {
    let mut snippet = Snippet { field, ..Snippet::default() };
    if !sentences.iter().any(|(from, _)| *from == start) {
        snippet.text.push_str(ELLIPSIS);
    }
    let base = snippet.text.len();
    let mut marks = highlights.iter().flat_map(|h| [h.0, h.1]).peekable();
    let mut bounds = Vec::new();
    for (at, c) in text[start..end].char_indices() {
        while marks.next_if(|mark| *mark <= start + at).is_some() {
            bounds.push(snippet.text.len());
        }
        if !c.is_whitespace() {
            snippet.text.push(c);
        } else if !snippet.text.ends_with(' ') && snippet.text.len() > base {
            snippet.text.push(' ');
        }
    }
    snippet.text.truncate(snippet.text.trim_end().len());
    bounds.extend(marks.map(|_| snippet.text.len()));
    snippet.highlights = bounds.chunks_exact(2).map(|pair| Highlight(pair[0], pair[1])).collect();
    if !sentences.iter().any(|(_, to)| *to == end) {
        snippet.text.push_str(ELLIPSIS);
    }
    snippet
}

#[cfg(test)]
mod tests {
    use super::*;

    fn extractor(words: &[&str], phrases: &[&str], chars_max: usize) -> Extractor {
        let mut analyzer = Analyzer::default();
        let words: HashMap<_, _> =
            words.iter().enumerate().map(|(which, word)| (analyzer.terms(word).remove(0), which)).collect();
        let phrases: Vec<_> = phrases
            .iter()
            .enumerate()
            .map(|(n, phrase)| (words.len() + n, analyzer.terms(phrase).into_iter().enumerate().collect()))
            .collect();
        let weights = vec![1.0; words.len() + phrases.len()];
        Extractor::with(words, phrases, weights, chars_max)
    }

    fn marked(snippet: &Snippet) -> String {
        let mut text = snippet.text.clone();
        for Highlight(start, end) in snippet.highlights.iter().rev() {
            text.insert(*end, ']');
            text.insert(*start, '[');
        }
        text
    }

    #[test]
    fn a_second_snippet_shows_what_the_first_lacks() {
        let text =
            "First come alerts.\nThen a long stretch about other things that nobody asked for.\nThe kernel is last.";
        let snippets = extractor(&["alerts", "kernel"], &[], 40).extract("text", text);
        let marked: Vec<String> = snippets.iter().map(marked).collect();
        assert_eq!(marked, ["First come [alerts].", "The [kernel] is last."]);
        assert_eq!(extractor(&["alerts"], &[], 40).extract("text", text).len(), 1);
    }

    #[test]
    fn snippets_show_the_best_sentences() {
        let text =
            "We begin slowly.\n\nThe kernel runs small programs.\n- Tracing with eBPF\n- Alerts, and kernels\nThe end.";
        for (words, phrases, chars, expected) in [
            (vec!["kernel", "ebpf"], vec![], 60, "The [kernel] runs small programs. - Tracing with [eBPF]"),
            (vec!["alert"], vec![], 30, "[Alerts], and kernels The end."),
            (vec![], vec!["small programs"], 40, "The kernel runs [small] [programs]."),
            (vec!["nowhere"], vec![], 20, "We begin slowly."),
            (vec!["programs"], vec![], 20, "…"),
        ] {
            let snippets = extractor(&words, &phrases, chars).extract("text", text);
            let snippet = &snippets[0];
            if expected == "…" {
                assert!(snippet.text.contains("programs") && snippet.text.chars().count() <= 22, "{snippet:?}");
            } else {
                assert_eq!(marked(snippet), expected);
            }
        }
    }
}
