//! The place in a line of text at which something is wrong: the line, or what of it fits, and a caret under the place.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

use super::escape::line;
use crate::error::Place;

const INDENT: &str = "  ";
const CUT: &str = "…";

/// Two lines of at most so many columns.
pub fn lines(place: &Place, columns: usize) -> [String; 2] {
    let room = columns.saturating_sub(INDENT.len()).max(8);
    let (before, after) = place.text.split_at(place.at);
    let (before, after) = (line(before), line(after));
    // The caret stands at the end of a line that ends where the fault begins.
    let is_short = before.width() + after.width().max(1) <= room;
    let mut head = before.as_ref();
    if !is_short {
        // What stands behind the place explains it more often than what stands before.
        let behind = starting(&after, room / 2).width().max(1);
        head = ending(&before, room - behind - 1);
    }
    let cut = if head.len() < before.len() { CUT } else { "" };
    let column = cut.width() + head.width();
    let mut tail = after.as_ref();
    if column + tail.width() > room {
        tail = starting(&after, room - column - 1);
    }
    let rest = if tail.len() < after.len() { CUT } else { "" };
    [format!("{INDENT}{cut}{head}{tail}{rest}"), format!("{INDENT}{}^", " ".repeat(column))]
}

/// The whole clusters at the start that fit.
fn starting(text: &str, room: usize) -> &str {
    &text[..fitting(text.graphemes(true), room)]
}

/// The whole clusters at the end that fit.
fn ending(text: &str, room: usize) -> &str {
    &text[text.len() - fitting(text.graphemes(true).rev(), room)..]
}

/// Bytes of the clusters that fit.
fn fitting<'a>(clusters: impl Iterator<Item = &'a str>, room: usize) -> usize {
    let widths = clusters.scan(0, |used, cluster| {
        *used += cluster.width();
        (*used <= room).then_some(cluster.len())
    });
    widths.sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, fault: &str, columns: usize) -> String {
        let at = text.find(fault).unwrap();
        lines(&Place { text: text.to_owned(), at }, columns).join("\n")
    }

    #[test]
    fn the_caret_stands_under_the_place() {
        for (text, fault, columns, expected) in [
            ("ebpf speker:rice", "speker", 80, "  ebpf speker:rice\n       ^"),
            // Wide and combining characters, and several that are one.
            ("日本語 speker:x", "speker", 80, "  日本語 speker:x\n         ^"),
            ("cafe\u{301} speker:x", "speker", 80, "  cafe\u{301} speker:x\n       ^"),
            ("👩‍💻 speker:x", "speker", 80, "  👩‍💻 speker:x\n     ^"),
            // Controls, line ends, and what turns text around.
            (
                "a\u{1b}[2J\u{202e}b\nc\td x:y",
                "x:y",
                80,
                "  a\u{fffd}[2J\u{fffd}b\u{fffd}c\u{fffd}d x:y\n              ^",
            ),
            // The place may be the end.
            ("", "", 80, "  \n  ^"),
            ("one two three four x:y", "x:y", 22, "  … two three four x:y\n                   ^"),
            ("x:y one two three four", "x:y", 22, "  x:y one two three f…\n  ^"),
        ] {
            assert_eq!(shown(text, fault, columns), expected, "{text}");
        }
    }

    #[test]
    fn long_queries_are_cut_around_the_place() {
        for (n_before, n_after) in [(1000, 1000), (1000, 0), (0, 1000), (8, 1000), (1000, 5), (3, 3)] {
            for letter in ["a", "日", "e\u{301}"] {
                let text = format!("{}x:y{}", letter.repeat(n_before), letter.repeat(n_after));
                let [line, caret] = lines(&Place { at: letter.len() * n_before, text: text.clone() }, 40);
                assert!(line.width() <= 40, "{line}");
                let column = caret.width() - 1;
                let before: usize = line.split("x:y").next().unwrap().width();
                assert_eq!(before, column, "{line}\n{caret}");
                assert_eq!(line.matches(CUT).count(), usize::from(n_before > 8) + usize::from(n_after > 5), "{line}");
            }
        }
    }

    #[test]
    fn no_width_is_too_small() {
        for columns in 0..12 {
            let [line, caret] = lines(&Place { text: "日本語 ".repeat(9), at: 40 }, columns);
            assert!(line.width() <= columns.max(10) && caret.width() <= columns.max(10), "{columns}: {line}\n{caret}");
        }
    }
}
