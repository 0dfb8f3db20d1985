//! Where a text may be cut: between words, and never within what is read as one character.

use unicode_normalization::char::is_combining_mark;
use unicode_segmentation::GraphemeCursor;

use crate::text::floor;

/// Bytes that are looked at for white space where a sentence is cut: some scripts have none.
const SPACE_BYTES_MAX: usize = 48;
/// Signs in a row that are looked past.
const DROPPED_MAX: usize = 8;
const ZERO_WIDTH_JOINER: char = '\u{200d}';

/// Controls and signs that turn the direction of text around: of a piece of text nobody knows where they would end.
pub(super) fn is_dropped(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Where the characters end of which there are so many from `start` on.
pub(super) fn chars_within(text: &str, start: usize, n_chars: usize) -> usize {
    text[start..].char_indices().nth(n_chars).map_or(text.len(), |(at, _)| start + at)
}

/// Where a piece of a sentence begins that is to hold `first..last`: with a third of the room that is left before it, at the
/// beginning of a clause or a word.
pub(super) fn cut_from(text: &str, start: usize, first: usize, last: usize, chars_max: usize) -> usize {
    let room = chars_max.saturating_sub(text[first..last].chars().count()) / 3;
    let before = &text[start..first];
    let Some((at, _)) = before.char_indices().rev().nth(room) else { return start };
    let from = start + at + before[at..].chars().next().map_or(0, char::len_utf8);
    let near = &text[from..first];
    let behind = |at: usize, sign: &str| from + at + sign.len();
    let clause = [", ", "; ", ": ", " – ", " — ", " ("]
        .iter()
        .filter_map(|sign| near.find(sign).map(|at| behind(at, sign)))
        .min();
    let is_word_start = text[..from].ends_with(char::is_whitespace);
    let word = near.find(char::is_whitespace).map(|at| from + at).filter(|at| *at - from <= SPACE_BYTES_MAX);
    let word = if is_word_start || near.starts_with(is_spaceless) { Some(from) } else { word };
    let cut = clause.or(word).unwrap_or(from);
    let cut = cut + text[cut..first].len() - text[cut..first].trim_start().len();
    ceil_grapheme(text, cut).min(first)
}

/// Where a piece ends that begins at `start`, holds everything up to `last` and has so many characters.
pub(super) fn cut_to(text: &str, start: usize, last: usize, end: usize, chars_max: usize) -> usize {
    let to = chars_within(text, start, chars_max).max(last);
    if to >= end {
        return end;
    }
    let from = floor(text, to.saturating_sub(SPACE_BYTES_MAX)).max(last);
    let is_between = text[to..].starts_with(|c: char| c.is_whitespace() || is_spaceless(c));
    let space = text[from..to].rfind(char::is_whitespace).filter(|_| !is_between);
    let cut = space.map_or(to, |at| from + at);
    let shown = floor_grapheme(text, start + text[start..cut].trim_end().len());
    if shown > start && shown >= last {
        return shown;
    }
    // What is read as one character may be longer than the piece.
    let least = if last > start { last } else { chars_within(text, start, 1) };
    ceil_grapheme(text, least).min(end)
}

/// Of a script that puts no spaces between words: Thai and its neighbours, and the East Asian ones.
fn is_spaceless(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{2e80}'..='\u{9fff}')
        || matches!(c, '\u{f900}'..='\u{faff}' | '\u{ff00}'..='\u{ffef}' | '\u{20000}'..='\u{3ffff}')
}

/// The last place up to `at` where the text may be cut.
pub(super) fn floor_grapheme(text: &str, at: usize) -> usize {
    let before = text[..at].char_indices().rev().map(|(at, _)| at);
    std::iter::once(at).chain(before).find(|at| may_cut(text, *at)).unwrap_or(0)
}

/// The first place from `at` on where the text may be cut.
pub(super) fn ceil_grapheme(text: &str, at: usize) -> usize {
    let mut behind = text[at..].char_indices().map(|(offset, _)| at + offset);
    behind.find(|at| may_cut(text, *at)).unwrap_or(text.len())
}

pub(super) fn may_cut(text: &str, at: usize) -> bool {
    // Past what is dropped: without it more is one character.
    let behind = text[at..].chars().take(DROPPED_MAX).find(|c| !is_dropped(*c));
    let before = text[..at].chars().rev().take(DROPPED_MAX).find(|c| !is_dropped(*c));
    let (Some(before), Some(behind)) = (before, behind) else { return true };
    if before.is_ascii() && behind.is_ascii() {
        return true;
    }
    let is_joined = is_combining_mark(behind) || behind == ZERO_WIDTH_JOINER || before == ZERO_WIDTH_JOINER;
    !is_joined && GraphemeCursor::new(at, text.len(), true).is_boundary(text, 0).unwrap_or(true)
}
