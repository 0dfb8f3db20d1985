//! Text → the forms in which it is compared.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The letter that stands for an apostrophe: ʼ.
pub(super) const APOSTROPHE_LETTER: char = '\u{2bc}';
const SOFT_HYPHEN: char = '\u{ad}';

/// Appends `text` in NFKC and lower case, Latin letters without accents, apostrophes as `'`, no soft hyphens.
pub fn fold_into(text: &str, out: &mut String) {
    if text.is_ascii() {
        let start = out.len();
        out.push_str(text);
        out[start..].make_ascii_lowercase();
        return;
    }
    let mut after_latin = false;
    for c in text.nfkd() {
        if is_combining_mark(c) {
            if after_latin {
                continue;
            }
        } else {
            after_latin = c.is_ascii_alphabetic();
        }
        match c {
            'ß' | 'ẞ' => out.push_str("ss"),
            '‘' | '’' | APOSTROPHE_LETTER => out.push('\''),
            // Where a word may be broken is no part of it.
            SOFT_HYPHEN => {}
            _ => out.extend(c.to_lowercase()),
        }
    }
    // Marks of other scripts are put together again, so that they compare as typed.
    if !out.is_ascii() {
        *out = out.nfc().collect();
    }
}

/// The form by which names, facet values and ids are compared: folded, white space as one space.
pub fn folded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    fold_into(&crate::text::one_line(text), &mut out);
    out
}

/// Appends `text` in NFKC and lower case, with its accents; otherwise as [`fold_into`].
pub(super) fn lower_into(text: &str, out: &mut String) {
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            '‘' | '’' | APOSTROPHE_LETTER => out.push('\''),
            SOFT_HYPHEN => {}
            _ => out.push(c),
        }
    }
}
