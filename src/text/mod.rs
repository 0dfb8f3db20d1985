//! Markup → text, words and sentences, normal forms.

pub mod abbreviation;
pub mod analyzer;
pub mod html;
pub mod near;
pub mod sentences;

/// The last place up to byte `at` where a character begins.
pub(crate) fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

/// A word with its first letter a capital.
pub(crate) fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or(String::new(), |first| first.to_uppercase().chain(chars).collect())
}

/// How many words a text has; of scripts without spaces two characters are one.
pub(crate) fn n_words(text: &str) -> usize {
    let is_unspaced = |c: &char| matches!(c, '\u{e00}'..='\u{eff}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}');
    let count = |word: &str| if word.is_ascii() { 1 } else { (word.chars().filter(is_unspaced).count() / 2).max(1) };
    text.split_whitespace().map(count).sum()
}

/// Makes text of a source fit to keep: no e-mail addresses and telephone numbers (people did not give them to us), no
/// control characters but line ends and tabs, no spaces at the ends.
pub fn clean(text: &mut String) {
    // The controls beyond ASCII begin so.
    let may_be_control = |byte: u8| (byte < b' ' && byte != b'\n' && byte != b'\t') || byte == 0x7f || byte == 0xc2;
    if text.bytes().fold(false, |is_any, byte| is_any | may_be_control(byte)) {
        text.retain(|c| !c.is_control() || c == '\n' || c == '\t');
    }
    for find in [find_email, find_telephone] {
        let mut kept = String::new();
        let mut from = 0;
        while let Some((start, end)) = find(text, from) {
            kept.push_str(&text[from..start]);
            from = end;
        }
        if from > 0 {
            kept.push_str(&text[from..]);
            *text = kept;
        }
    }
    let trimmed = text.trim();
    if trimmed.len() < text.len() {
        *text = trimmed.to_owned();
    }
}

/// The bytes of the first e-mail address behind byte `from`, with the `mailto:` before it and the brackets around it.
fn find_email(text: &str, from: usize) -> Option<(usize, usize)> {
    let local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let domain = |c: char| c.is_alphanumeric() || c == '-' || c == '.';
    for at in text[from..].match_indices('@').map(|(at, _)| from + at) {
        let start = from + text[from..at].trim_end_matches(local).len();
        let after = &text[at + 1..];
        let host = &after[..after.find(|c| !domain(c)).unwrap_or(after.len())];
        let host = host.trim_end_matches(['.', '-']);
        let top = host.rsplit_once('.').map_or("", |(_, top)| top);
        if start == at || top.len() < 2 || !top.chars().all(char::is_alphabetic) {
            continue;
        }
        let mut span = (start, at + 1 + host.len());
        if text[from..span.0].ends_with("mailto:") {
            span.0 -= "mailto:".len();
        }
        let brackets = [('<', '>'), ('(', ')'), ('[', ']')];
        if brackets
            .iter()
            .any(|(open, close)| text[from..span.0].ends_with(*open) && text[span.1..].starts_with(*close))
        {
            span = (span.0 - 1, span.1 + 1);
        }
        return Some(span);
    }
    None
}

/// What stands before a telephone number.
const TELEPHONES: &[&str] = &["tel:", "tel.:", "phone:", "telephone:", "mobile:", "telefon:"];
/// Digits of a number with its country, or behind a word that says what it is.
const TELEPHONE_DIGITS: std::ops::RangeInclusive<usize> = 9..=15;
const LABELLED_DIGITS_MIN: usize = 5;
/// A number with all its signs is shorter; what is longer is a table of numbers.
const TELEPHONE_BYTES_MAX: usize = 64;

/// The bytes of the first telephone number behind byte `from`: after `tel:` and the like, or with a `+` before it.
fn find_telephone(text: &str, from: usize) -> Option<(usize, usize)> {
    let ends = |start: usize| {
        let rest = &text[start..floor(text, start + TELEPHONE_BYTES_MAX)];
        let length = rest.find(|c: char| !(c.is_ascii_digit() || " -./()+\u{a0}".contains(c))).unwrap_or(rest.len());
        let number = rest[..length].trim_end_matches(|c: char| !c.is_ascii_digit());
        (start + number.len(), number.bytes().filter(u8::is_ascii_digit).count())
    };
    let signs = text.bytes().enumerate().skip(from).filter(|(_, byte)| matches!(byte, b'+' | b':'));
    for (at, sign) in signs {
        if sign == b'+' {
            let (end, n_digits) = ends(at);
            let is_fresh = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '+');
            if is_fresh
                && TELEPHONE_DIGITS.contains(&n_digits)
                && text[at + 1..].starts_with(|c: char| c.is_ascii_digit() || c == '(')
            {
                return Some((at, end));
            }
            continue;
        }
        let before = &text[from..=at];
        let label = TELEPHONES.iter().find(|label| {
            before.len() >= label.len()
                && before.is_char_boundary(before.len() - label.len())
                && before[before.len() - label.len()..].eq_ignore_ascii_case(label)
                && !before[..before.len() - label.len()].ends_with(char::is_alphanumeric)
        });
        let (end, n_digits) = ends(at + 1);
        if let Some(label) = label
            && (LABELLED_DIGITS_MIN..=*TELEPHONE_DIGITS.end()).contains(&n_digits)
        {
            return Some((at + 1 - label.len(), end));
        }
    }
    None
}

/// Whether [`one_line`] would leave a text as it is, for nearly all of those of which that is so.
pub(crate) fn is_one_line(text: &str) -> bool {
    let bytes = text.as_bytes();
    text.is_ascii() && !bytes.iter().any(|byte| *byte < b' ') && text.trim().len() == text.len() && !text.contains("  ")
}

/// Runs of white space to one space, none at the ends.
pub fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_counted_in_all_scripts() {
        for (text, expected) in
            [("", 0), ("two words", 2), ("größer als", 2), ("日本語の会議です", 4), ("RustConf に参加", 2)]
        {
            assert_eq!(n_words(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_one_line_stays_one(text in "[ ab\t\n\u{7f}\u{a0}]{0,6}") {
            proptest::prop_assert!(!is_one_line(&text) || one_line(&text) == text);
        }
    }

    #[test]
    fn clean_removes_addresses_and_controls_only() {
        for (input, expected) in [
            ("write to a.b+c@example.org today", "write to  today"),
            ("Ann <ann@example.org>", "Ann"),
            ("see mailto:ann@example.co.uk.", "see ."),
            ("@handle and a @ b and x@y", "@handle and a @ b and x@y"),
            ("call tel:+44 20 7946 0000 now", "call  now"),
            ("Phone: (020) 7946-0000.", "."),
            ("+49 (30) 1234567 or +1-555-010-0000", "or"),
            (
                "C++ 20, +1 for that, 1+123456789, at 10:30, hotel: 12345",
                "C++ 20, +1 for that, 1+123456789, at 10:30, hotel: 12345",
            ),
            ("red\u{1b}[31m\ttext\nnext\u{9b}", "red[31m\ttext\nnext"),
        ] {
            let mut text = input.to_owned();
            clean(&mut text);
            assert_eq!(text, expected, "{input:?}");
        }
    }
}
