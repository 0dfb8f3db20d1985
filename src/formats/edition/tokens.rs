//! The words and numbers of a text, with what stands between them: what names of editions are matched on.

use super::YEARS;
use crate::text::analyzer::fold_into;

/// A run of letters or a run of digits: "SREcon23" has two.
#[derive(Debug)]
pub(super) struct Token<'a> {
    pub text: &'a str,
    /// Folded.
    pub key: String,
    pub start: usize,
    pub end: usize,
    /// What stands between the token before and this one.
    pub gap: &'a str,
}

/// The tokens of a text. Web addresses are left out: they name editions less surely and are looked at by themselves.
pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut out: Vec<Token> = Vec::new();
    let mut rest = 0;
    let mut end = 0;
    while let Some(offset) = text[rest..].find(char::is_alphanumeric) {
        let start = rest + offset;
        if let Some(length) = url_length(&text[start..]) {
            rest = start + length;
            continue;
        }
        let digits = text[start..].starts_with(|c: char| c.is_ascii_digit());
        let inside = |c: char| c.is_alphanumeric() && c.is_ascii_digit() == digits;
        let stop = text[start..].find(|c| !inside(c)).map_or(text.len(), |length| start + length);
        let mut key = String::new();
        fold_into(&text[start..stop], &mut key);
        out.push(Token { text: &text[start..stop], key, start, end: stop, gap: &text[end..start] });
        (rest, end) = (stop, stop);
    }
    out
}

fn url_length(text: &str) -> Option<usize> {
    let is_url = ["http://", "https://", "www."].iter().any(|scheme| text.starts_with(scheme));
    is_url.then(|| text.find(|c: char| c.is_whitespace() || "<>\"')]".contains(c)).unwrap_or(text.len()))
}

impl Token<'_> {
    pub(super) fn is_number(&self) -> bool {
        self.text.as_bytes()[0].is_ascii_digit()
    }

    pub(super) fn is_capitalised(&self) -> bool {
        self.text.chars().any(char::is_uppercase)
    }

    /// Whether this token and the one before can be words of one name: "KubeCon + CloudNativeCon", "source{d}".
    pub(super) fn joins(&self) -> bool {
        let gap = self.gap;
        let signs = gap.trim();
        gap.len() <= 4
            && gap.matches('\n').count() <= 1
            && match signs {
                "" => true,
                "." | ":" => gap.len() == 1,
                "::" | "-" | "_" | "/" | "+" | "&" | "'" | "’" | "{" | "}" => true,
                _ => false,
            }
    }

    /// A year written out.
    pub(super) fn long_year(&self) -> Option<u16> {
        (self.text.len() == 4 && self.is_number())
            .then(|| self.text.parse().ok())
            .flatten()
            .filter(|year| YEARS.contains(year))
    }

    /// A year of two digits.
    pub(super) fn short_year(&self) -> Option<u16> {
        if self.text.len() != 2 || !self.is_number() {
            return None;
        }
        let n: u16 = self.text.parse().ok()?;
        match n {
            0..50 => Some(2000 + n),
            85.. => Some(1900 + n),
            _ => None,
        }
    }

    /// Whether the gap says that a year of two digits may follow: glued, or with an apostrophe.
    pub(super) fn after_apostrophe(&self) -> bool {
        self.gap.is_empty() || matches!(self.gap.trim(), "'" | "’" | "‘")
    }
}
