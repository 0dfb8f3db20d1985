//! Regular expressions over words: what can be one, and what tantivy's engine is given for it.
//!
//! The engine makes an automaton of the whole pattern before anything is looked up, at most 1,000 states of it. How much work
//! that is depends on the instructions it is made of, which are counted here first; classes such as `\w` are a thousand ranges
//! of Unicode and are cut down to what tells words apart.

use std::fmt::Write;

use regex_syntax::{
    ParserBuilder, escape,
    hir::{Class, ClassUnicode, ClassUnicodeRange, Hir, HirKind, Repetition},
    utf8::Utf8Sequences,
};
use tantivy::{query::RegexQuery, schema::Field};

use crate::text::analyzer::fold_into;

/// Bytes of a pattern: words are short.
pub(super) const PATTERN_BYTES_MAX: usize = 256;
/// Instructions of a pattern's automaton: of more, building it may take longer than a tenth of a second.
const INSTRUCTIONS_MAX: usize = 800;
/// Parentheses in parentheses.
const NESTING_MAX: u32 = 32;
/// Ranges of a class; of more, one letter says whether it takes all that is not ASCII.
const RANGES_MAX: usize = 64;

/// The pattern that the engine is given: for folded words, which it has to match from end to end.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn engine_pattern(pattern: &str) -> Result<String, String> {
    let whole = pattern.strip_prefix('^').unwrap_or(pattern);
    let is_end = whole.ends_with('$') && !super::scan::is_escaped(whole, whole.len() - 1);
    let whole = if is_end { &whole[..whole.len() - 1] } else { whole };
    let mut parser = ParserBuilder::new().case_insensitive(true).nest_limit(NESTING_MAX).build();
    let parsed = parser.parse(&folded(whole)).map_err(|error| match error {
        regex_syntax::Error::Parse(error) => error.kind().to_string(),
        regex_syntax::Error::Translate(error) => error.kind().to_string(),
        _ => "it can't be read".to_owned(),
    })?;
    let plain = plain(&parsed)?;
    if n_instructions(&plain) > INSTRUCTIONS_MAX {
        return Err("it is too large".to_owned());
    }
    Ok(plain.to_string())
}

/// What is wrong with a pattern that the engine does not take.
pub(super) fn fault(pattern: &str) -> Option<String> {
    let pattern = match engine_pattern(pattern) {
        Ok(pattern) => pattern,
        Err(fault) => return Some(fault),
    };
    let taken = RegexQuery::from_pattern(&pattern, Field::from_field_id(0));
    taken.is_err().then(|| "it is too large".to_owned())
}

/// The pattern with its letters folded as those of words are, but for the case.
fn folded(pattern: &str) -> String {
    if pattern.is_ascii() {
        return pattern.to_owned();
    }
    let mut out = String::with_capacity(pattern.len());
    let mut letter = String::new();
    let mut was_letter = false;
    for c in pattern.chars() {
        if c.is_ascii() {
            out.push(c);
        } else if !(was_letter && unicode_normalization::char::is_combining_mark(c)) {
            letter.clear();
            fold_into(c.encode_utf8(&mut [0; 4]), &mut letter);
            out.push_str(&escape(&letter));
        } else {
            continue;
        }
        was_letter = c.is_ascii_alphabetic();
    }
    out
}

/// Without what makes no difference to whether a word matches, and what the engine has no use for.
fn plain(hir: &Hir) -> Result<Hir, String> {
    let all = |parts: &[Hir]| parts.iter().map(plain).collect::<Result<Vec<_>, _>>();
    Ok(match hir.kind() {
        HirKind::Look(_) => return Err("it matches whole words; anchors and boundaries have no place in it".to_owned()),
        HirKind::Class(Class::Unicode(class)) => Hir::class(Class::Unicode(narrow(class))),
        HirKind::Class(Class::Bytes(_)) => return Err("it matches letters, not bytes".to_owned()),
        HirKind::Repetition(repetition) => {
            let sub = Box::new(plain(&repetition.sub)?);
            Hir::repetition(Repetition { sub, greedy: true, ..*repetition })
        }
        HirKind::Capture(capture) => plain(&capture.sub)?,
        HirKind::Concat(parts) => Hir::concat(all(parts)?),
        HirKind::Alternation(parts) => Hir::alternation(all(parts)?),
        HirKind::Empty | HirKind::Literal(_) => hir.clone(),
    })
}

/// A class of very many ranges as its ASCII part and, where it has letters beyond, all that is beyond.
fn narrow(class: &ClassUnicode) -> ClassUnicode {
    if class.ranges().len() <= RANGES_MAX {
        return class.clone();
    }
    let has_letters = class.ranges().iter().any(|range| (range.start()..=range.end()).contains(&'é'));
    let mut ascii = class.clone();
    ascii.intersect(&ClassUnicode::new([ClassUnicodeRange::new('\0', '\u{7f}')]));
    if has_letters {
        ascii.push(ClassUnicodeRange::new('\u{80}', char::MAX));
    }
    ascii
}

/// What the engine makes of it, or somewhat more; never less.
fn n_instructions(hir: &Hir) -> usize {
    let sum = |parts: &[Hir]| parts.iter().map(n_instructions).fold(0, usize::saturating_add);
    match hir.kind() {
        HirKind::Literal(literal) => literal.0.len(),
        HirKind::Class(Class::Unicode(class)) => {
            let sequences = class.ranges().iter().flat_map(|range| Utf8Sequences::new(range.start(), range.end()));
            sequences.map(|sequence| sequence.len() + 2).sum()
        }
        HirKind::Repetition(Repetition { min, max, sub, .. }) => {
            let times = max.unwrap_or(min.saturating_add(1)) as usize;
            n_instructions(sub).saturating_add(2).saturating_mul(times)
        }
        HirKind::Capture(capture) => n_instructions(&capture.sub),
        HirKind::Concat(parts) => sum(parts),
        HirKind::Alternation(parts) => sum(parts).saturating_add(2 * parts.len()),
        HirKind::Empty | HirKind::Look(_) | HirKind::Class(Class::Bytes(_)) => 0,
    }
}

/// A pattern that takes the very words that hold this text somewhere, as a hint writes it.
pub(super) fn holding(text: &str) -> String {
    let mut out = String::from("/");
    for c in text.chars() {
        match c {
            '*' => out.push_str(".*"),
            '/' => out.push_str("\\/"),
            c => drop(write!(out, "{}", escape(c.encode_utf8(&mut [0; 4])))),
        }
    }
    out.push('/');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_that_find_the_same_are_one() {
        for (pattern, same) in [
            ("^kube.*$", "kube.*"),
            ("kube.*?", "kube.*"),
            ("Kube(?P<rest>.*)", "kube.*"),
            ("café", "cafe"),
            ("CAFE\u{301}", "cafe"),
            ("stra[ß]e", "stra[ss]e"),
            ("don’t", "don't"),
            ("（", "\\("),
            ("日本", "日本"),
            ("\\w+", "[\\w&&\\p{ASCII}\\x{80}-\\x{10FFFF}]+"),
        ] {
            assert_eq!(engine_pattern(pattern), engine_pattern(same), "{pattern}");
            assert_eq!(fault(pattern), None, "{pattern}");
        }
        assert_ne!(engine_pattern("a\\$"), engine_pattern("a"));
        assert_ne!(engine_pattern("日本"), engine_pattern("日木"));
        // Not a letter: nothing of what is not ASCII.
        assert!(!engine_pattern("\\W").unwrap().contains("\u{10ffff}"));
    }

    #[test]
    fn patterns_have_limits() {
        for pattern in [
            "(",
            "[",
            "a{2,1}",
            "a**?{",
            "\\",
            "\\q",
            "(?P<a",
            "\\bkube",
            "a^b",
            "a$b",
            "(?-u:\\xff)",
            "(?=a)",
            "\\1",
            ".{999}",
            "(a?){900}",
            "((a{0,99}){0,99}){0,99}",
            "(.{0,9}x){0,9}",
            ".*a.{7}",
            "a{4294967295}",
        ] {
            assert!(fault(pattern).is_some(), "{pattern}");
        }
        let nested = |n| format!("{}a{}", "(".repeat(n), ")".repeat(n));
        assert_eq!(fault(&nested(20)), None);
        assert!(fault(&nested(100)).is_some());
        for pattern in ["\\w+", "\\d+-?\\d*", "\\S*", "[^aeiou]+", ".*base", "\\pL+\\d", "(){1000000000}", "x|"] {
            assert_eq!(fault(pattern), None, "{pattern}");
        }
    }

    #[test]
    fn a_hint_is_a_pattern() {
        for (text, expected) in [("ku*es", "/ku.*es/"), ("*a.b/c*", "/.*a\\.b\\/c.*/")] {
            assert_eq!(holding(text), expected);
            assert_eq!(fault(holding(text).trim_matches('/')), None);
        }
    }
}
