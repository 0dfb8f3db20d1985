//! Corpus text is hostile: here it is made harmless, for each medium.

use std::borrow::Cow;

/// For a terminal: controls (C0 but tab and line end, DEL, C1) and those that turn the direction of text around
/// become U+FFFD.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe) {
        Cow::Owned(text.chars().map(|c| if is_unsafe(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// As [`terminal`], and on one line: a line end in a file's name must not look like a line of ours.
pub fn line(text: &str) -> Cow<'_, str> {
    match terminal(text) {
        text if text.contains(['\n', '\t']) => Cow::Owned(text.replace(['\n', '\t'], "\u{fffd}")),
        text => text,
    }
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let text = "a\u{1b}]8;;x\u{7}b\u{9b}31m\u{202e}c\u{2066}\u{7f}\r\n\tz\u{9d}";
        assert_eq!(
            super::terminal(text),
            "a\u{fffd}]8;;x\u{fffd}b\u{fffd}31m\u{fffd}c\u{fffd}\u{fffd}\u{fffd}\n\tz\u{fffd}"
        );
        assert!(matches!(super::terminal("plain é 日本"), std::borrow::Cow::Borrowed(_)));
    }
}
