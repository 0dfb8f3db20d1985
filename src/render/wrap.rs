//! Text of several looks, and how it breaks into lines of a width in columns.

use std::ops::Range;

use anstyle::Style;
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::escape::{line, terminal};
use crate::search::Highlight;

/// How a stretch of text looks, and where it leads.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Ink {
    pub style: Style,
    /// Harmless already.
    pub link: Option<String>,
}

impl From<Style> for Ink {
    fn from(style: Style) -> Self {
        Ink { style, link: None }
    }
}

/// Harmless text in stretches of one ink each.
#[derive(Debug, Default)]
pub(super) struct Text {
    text: String,
    /// The end of each stretch.
    inks: Vec<(usize, Ink)>,
}

impl Text {
    pub fn new(text: &str, ink: impl Into<Ink>) -> Self {
        Text::default().and(text, ink)
    }

    /// Text whose highlights look like `mark` and the rest like `style`.
    pub fn highlighted(text: &str, highlights: &[Highlight], style: Style, mark: Style) -> Self {
        let (mut out, mut done) = (Text::default(), 0);
        for Highlight(start, end) in highlights {
            if let (Some(before), Some(within)) = (text.get(done..*start), text.get(*start..*end)) {
                out = out.and(before, style).and(within, mark);
                done = *end;
            }
        }
        out.and(&text[done..], style)
    }

    #[must_use]
    pub fn and(mut self, text: &str, ink: impl Into<Ink>) -> Self {
        self.text.push_str(&terminal(text));
        self.inks.push((self.text.len(), ink.into()));
        self
    }

    /// The lines, each in stretches of one ink, none wider than `room` unless one cluster is.
    pub fn lines(&self, room: usize) -> Vec<Vec<(&Ink, String)>> {
        wrap(&self.text, room).iter().map(|line| self.line(line)).collect()
    }

    fn line(&self, pieces: &[Piece]) -> Vec<(&Ink, String)> {
        let mut stretches: Vec<(&Ink, String)> = Vec::new();
        let mut push = |ink, text: &str| match stretches.last_mut() {
            Some((last, stretch)) if *last == ink => stretch.push_str(text),
            _ if text.is_empty() => {}
            _ => stretches.push((ink, text.to_owned())),
        };
        for (index, piece) in pieces.iter().enumerate() {
            if index > 0 && piece.is_spaced {
                // The white space itself says what the space looks like.
                push(&self.inks[self.stretch(pieces[index - 1].range.end)].1, " ");
            }
            let mut at = piece.range.start;
            while at < piece.range.end {
                let (end, ink) = &self.inks[self.stretch(at)];
                let end = piece.range.end.min(*end);
                push(ink, &self.text[at..end]);
                at = end;
            }
        }
        stretches
    }

    /// The stretch that a byte of the text is in.
    fn stretch(&self, at: usize) -> usize {
        self.inks.partition_point(|(end, _)| *end <= at)
    }
}

/// On one line, fit for a terminal, and with an ellipsis where it is wider than `columns`.
pub(super) fn cut(text: &str, columns: usize) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let text = line(&words.join(" ")).into_owned();
    if text.width() <= columns {
        return text;
    }
    let mut left = columns.saturating_sub(1);
    let fits = |c: &char| {
        let width = c.width().unwrap_or(0);
        let fits = width <= left;
        left = left.saturating_sub(width);
        fits
    };
    text.chars().take_while(fits).chain(['…']).collect()
}

/// A part of a text that stands on one line.
#[derive(Clone, Debug, PartialEq)]
struct Piece {
    range: Range<usize>,
    /// Whether white space comes before it.
    is_spaced: bool,
}

/// Breaks at white space; in scripts without it between any two clusters; and where a word is wider than a line.
fn wrap(text: &str, room: usize) -> Vec<Vec<Piece>> {
    let mut lines = vec![Vec::new()];
    let mut used = 0;
    let mut place = |piece: Piece, width: usize, used: &mut usize| {
        let line = lines.last_mut().expect("there is always a line");
        let gap = usize::from(piece.is_spaced && !line.is_empty());
        if line.is_empty() || *used + gap + width <= room {
            *used += gap + width;
            line.push(piece);
        } else {
            *used = width;
            lines.push(vec![piece]);
        }
    };
    for word in words(text) {
        let shown = &text[word.clone()];
        if shown.is_ascii() && shown.len() <= room {
            place(Piece { range: word, is_spaced: true }, shown.len(), &mut used);
            continue;
        }
        let mut is_spaced = true;
        for part in parts(shown) {
            let width = shown[part.clone()].width();
            let clusters: Vec<(usize, &str)> = if width > room {
                shown[part.clone()].grapheme_indices(true).collect()
            } else {
                vec![(0, &shown[part.clone()])]
            };
            for (at, cluster) in clusters {
                let start = word.start + part.start + at;
                let range = start..start + cluster.len();
                place(Piece { range, is_spaced }, cluster.width(), &mut used);
                is_spaced = false;
            }
        }
    }
    lines
}

/// What stands between white space.
fn words(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split_inclusive(char::is_whitespace).filter_map(move |word| {
        let start = at;
        at += word.len();
        let len = word.trim_end().len();
        (len > 0).then_some(start..start + len)
    })
}

/// A word between the places where it may break.
fn parts(word: &str) -> Vec<Range<usize>> {
    let mut parts: Vec<Range<usize>> = Vec::new();
    let mut before = "";
    for (at, cluster) in word.grapheme_indices(true) {
        let end = at + cluster.len();
        match parts.last_mut() {
            Some(part) if !may_break(before, cluster) => part.end = end,
            _ => parts.push(at..end),
        }
        before = cluster;
    }
    parts
}

/// Between clusters of scripts that are written without spaces; but punctuation stays with what it belongs to.
fn may_break(before: &str, after: &str) -> bool {
    const NOT_FIRST: &str = "、。，．・：；？！）］｝〉》」』】〕〗’”…‥ーぁぃぅぇぉっゃゅょァィゥェォッャュョ々";
    const NOT_LAST: &str = "（［｛〈《「『【〔〖‘“";
    let starts = |set: &str, cluster: &str| cluster.chars().next().is_some_and(|c| set.contains(c));
    let is_hangul = |c: char| matches!(c, '\u{1100}'..='\u{11ff}' | '\u{ac00}'..='\u{d7a3}');
    let is_unspaced = |cluster: &str| cluster.width() == 2 && !cluster.starts_with(is_hangul);
    (is_unspaced(before) || is_unspaced(after)) && !starts(NOT_FIRST, after) && !starts(NOT_LAST, before)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wrapped(text: &str, room: usize) -> Vec<String> {
        let text = Text::new(text, Style::new());
        text.lines(room).into_iter().map(|line| line.into_iter().map(|(_, text)| text).collect()).collect()
    }

    #[test]
    fn texts_are_cut_to_columns() {
        for (text, columns, expected) in [
            ("short", 5, "short"),
            ("a  longer\ntext", 8, "a longe…"),
            ("日本語の", 5, "日本…"),
            ("a\u{1b}[31m", 3, "a\u{fffd}…"),
        ] {
            assert_eq!(cut(text, columns), expected);
        }
    }

    #[test]
    fn lines_break_where_a_reader_expects_it() {
        for (text, room, expected) in [
            ("", 5, &[""][..]),
            ("  a  b\n c ", 5, &["a b c"]),
            ("one two three", 7, &["one two", "three"]),
            ("incomprehensibilities a", 8, &["incompre", "hensibil", "ities a"]),
            ("see incomprehensibilities", 8, &["see inco", "mprehens", "ibilitie", "s"]),
            ("分散システムの可観測性", 8, &["分散シス", "テムの可", "観測性"]),
            ("eBPFによる観測", 6, &["eBPFに", "よる観", "測"]),
            ("これは「試験」です。", 8, &["これは", "「試験」", "です。"]),
            ("관측 가능성", 6, &["관측", "가능성"]),
            ("e\u{301}e\u{301}e\u{301}e\u{301}", 3, &["e\u{301}e\u{301}e\u{301}", "e\u{301}"]),
            ("👩‍💻👩‍💻👩‍💻", 4, &["👩‍💻👩‍💻", "👩‍💻"]),
            ("日", 1, &["日"]),
        ] {
            assert_eq!(wrapped(text, room), expected, "{text:?} in {room}");
        }
    }

    #[test]
    fn looks_survive_wrapping() {
        let mark = Style::new().bold();
        let highlights = [Highlight(4, 11), Highlight(15, 17)];
        let text = Text::highlighted("one two xyz and more", &highlights, Style::new(), mark);
        let lines = text.lines(11);
        let shown: Vec<Vec<(bool, &str)>> = lines
            .iter()
            .map(|line| line.iter().map(|(ink, text)| (ink.style == mark, text.as_str())).collect())
            .collect();
        assert_eq!(
            shown,
            [vec![(false, "one "), (true, "two xyz")], vec![(false, "and"), (true, " m"), (false, "ore")]]
        );
    }

    proptest! {
        /// Nothing is lost but white space, and no line is too wide.
        #[test]
        fn lines_hold_the_text_and_fit(
            text in "([a-zA-Z,.-]{1,30}|[à-ÿ]{1,12}|[а-я]{1,12}|[א-ת]{1,8}|[ا-ي]{1,8}|[ก-๛]{1,12}|[ぁ-ん一-十、。「」]{1,20}|[가-힣]{1,9}|(e\u{301}){1,9}|👍🏽|👩‍💻|\\s|\u{1b}|\u{200b}){0,30}",
            room in 2..60usize,
        ) {
            let lines = wrapped(&text, room);
            for line in &lines {
                // One character is never taken apart.
                let is_one = line.graphemes(true).count() == 1;
                prop_assert!(line.width() <= room || is_one, "{line:?} is wider than {room}");
                prop_assert_eq!(line.trim(), line);
            }
            let without_space = |text: &str| text.split_whitespace().collect::<String>();
            prop_assert_eq!(without_space(&lines.concat()), without_space(&terminal(&text)));
        }
    }
}
