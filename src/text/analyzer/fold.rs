//! Text → the forms in which it is compared.

use std::sync::LazyLock;

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
    } else if !each_alone(text, out, |forms| &forms.folded) {
        fold_together(text, out);
    }
}

/// What becomes of a character by itself.
struct Forms {
    folded: String,
    lower: String,
}

/// Latin and Cyrillic letters, and signs of printed text. Between them nothing composes: a text of these alone is folded one
/// by one.
const ALONE: [std::ops::RangeInclusive<char>; 3] =
    ['\u{a0}'..='\u{17f}', '\u{400}'..='\u{45f}', '\u{2010}'..='\u{2027}'];
static FORMS: LazyLock<[Vec<Forms>; 3]> = LazyLock::new(|| {
    ALONE.map(|range| {
        let forms = |c: char| {
            let (text, mut forms) = (c.to_string(), Forms { folded: String::new(), lower: String::new() });
            fold_together(&text, &mut forms.folded);
            lower_together(&text, &mut forms.lower);
            forms
        };
        range.map(forms).collect()
    })
});

/// Kana and Han letters, Hangul syllables: each is its own form.
fn is_own(c: char) -> bool {
    matches!(c, '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}')
}

/// Appends a form of each character. False, and nothing, where one is not known by itself.
fn each_alone(text: &str, out: &mut String, form: impl Fn(&'static Forms) -> &'static str) -> bool {
    let start = out.len();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c.to_ascii_lowercase());
            continue;
        }
        if is_own(c) {
            out.push(c);
            continue;
        }
        let Some((range, forms)) = ALONE.iter().zip(FORMS.iter()).find(|(range, _)| range.contains(&c)) else {
            out.truncate(start);
            return false;
        };
        out.push_str(form(&forms[c as usize - *range.start() as usize]));
    }
    true
}

fn fold_together(text: &str, out: &mut String) {
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
    if !each_alone(text, out, |forms| &forms.lower) {
        lower_together(text, out);
    }
}

fn lower_together(text: &str, out: &mut String) {
    for c in text.nfkc().flat_map(char::to_lowercase) {
        match c {
            '‘' | '’' | APOSTROPHE_LETTER => out.push('\''),
            SOFT_HYPHEN => {}
            _ => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_that_is_its_own_form_is_so_together() {
        for c in ('\u{3000}'..='\u{d7ff}').filter(|c| is_own(*c)) {
            let (mut folded, mut lower) = (String::new(), String::new());
            fold_together(&c.to_string(), &mut folded);
            lower_together(&c.to_string(), &mut lower);
            assert_eq!([folded, lower], [c.to_string(), c.to_string()]);
        }
    }

    proptest::proptest! {
        #[test]
        fn one_by_one_is_as_together(
            text in "([\u{20}-\u{17f}\u{400}-\u{45f}\u{2010}-\u{2027}]|[\u{3041}-\u{30ff}\u{4e00}-\u{9fff}\u{ac00}-\u{d7a3}]){0,12}\
                     [\u{301}\u{308}\u{327}\u{3099}\u{11a8}\u{fb01}]?",
        ) {
            let forms = |fold: fn(&str, &mut String)| {
                let mut out = "x".to_owned();
                fold(&text, &mut out);
                out
            };
            proptest::prop_assert_eq!(forms(fold_into), forms(fold_together));
            proptest::prop_assert_eq!(forms(lower_into), forms(lower_together));
        }
    }
}
