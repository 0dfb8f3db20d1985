//! A tree → the string that is read as the same tree.

use std::fmt::{self, Write};

use super::{
    Query,
    leaf::takes_weight,
    scan::{OPERATOR_WORDS, field_before, is_escaped_in_quotes, is_quote, is_span, n_weight, negates},
    spans,
};
use crate::index::schema;

impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Word { field, text } => write_word(f, *field, text),
            Query::Phrase { field, text, slop } => {
                write_field(f, *field)?;
                f.write_char('"')?;
                for c in text.chars() {
                    if is_escaped_in_quotes(c) {
                        f.write_char('\\')?;
                    }
                    f.write_char(c)?;
                }
                f.write_char('"')?;
                if *slop > 0 { write!(f, "~{slop}") } else { Ok(()) }
            }
            Query::Prefix { field, text } => {
                write_word(f, *field, text)?;
                f.write_char('*')
            }
            Query::Fuzzy { field, text, edits } => {
                write_word(f, *field, text)?;
                write!(f, "~{edits}")
            }
            Query::Regex { field, pattern } => {
                write_field(f, *field)?;
                write!(f, "/{pattern}/")
            }
            Query::Years { from, to } => {
                let year = |year: Option<u16>| year.map_or_else(String::new, |year| format!("{year:04}"));
                write!(f, "year:{}..{}", year(*from), year(*to))
            }
            Query::Dates { from, to } => {
                let date =
                    |date: Option<u32>, is_end| date.map_or_else(String::new, |date| spans::written(date, is_end));
                write!(f, "date:{}..{}", date(*from, false), date(*to, true))
            }
            Query::Boost { inner, by } => {
                let is_bare = match &**inner {
                    Query::Word { field, text } | Query::Prefix { field, text } | Query::Fuzzy { field, text, .. } => {
                        field.is_some() || takes_weight(text)
                    }
                    Query::Not(_) | Query::And(_) | Query::Or(_) | Query::Boost { .. } => false,
                    _ => true,
                };
                write_part(f, inner, !is_bare)?;
                write!(f, "^{by}")
            }
            Query::Not(inner) => {
                f.write_str("NOT ")?;
                write_part(f, inner, is_several(inner))
            }
            Query::And(parts) => write_parts(f, parts, " ", is_several),
            Query::Or(parts) => write_parts(f, parts, " OR ", |part| matches!(part, Query::Or(_))),
        }
    }
}

fn is_several(part: &Query) -> bool {
    matches!(part, Query::And(_) | Query::Or(_))
}

fn write_parts(
    f: &mut fmt::Formatter<'_>,
    parts: &[Query],
    between: &str,
    wants_parentheses: impl Fn(&Query) -> bool,
) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(between)?;
        }
        write_part(f, part, wants_parentheses(part))?;
    }
    Ok(())
}

fn write_part(f: &mut fmt::Formatter<'_>, part: &Query, in_parentheses: bool) -> fmt::Result {
    if in_parentheses { write!(f, "({part})") } else { write!(f, "{part}") }
}

fn write_field(f: &mut fmt::Formatter<'_>, field: Option<&str>) -> fmt::Result {
    field.map_or(Ok(()), |name| write!(f, "{name}:"))
}

/// A word, with `\` before signs that would be read as operators.
fn write_word(f: &mut fmt::Formatter<'_>, field: Option<&str>, text: &str) -> fmt::Result {
    write_field(f, field)?;
    if field.is_none() && OPERATOR_WORDS.iter().any(|(word, _)| *word == text) {
        f.write_char('\\')?;
    }
    // The colon behind the name of a field, the stop in a span.
    let colon = if field.is_none() { field_before(text).map(|known| known.name.len()) } else { None };
    let spans = field.and_then(schema::field).is_some_and(|field| is_span(field, text));
    let stop = if spans { text.find('.') } else { None };
    for (at, c) in text.char_indices() {
        let rest = &text[at + c.len_utf8()..];
        let is_operator = match c {
            '(' | ')' | '\\' => true,
            '-' => at == 0 && negates(rest),
            '/' => at == 0 && rest.contains('/'),
            '*' => rest.is_empty() && at > 0,
            '~' => rest.len() <= 1 && at > 0,
            '^' => n_weight(rest) == rest.len() && !rest.is_empty() && (field.is_some() || takes_weight(&text[..at])),
            c => c.is_whitespace() || is_quote(c) || Some(at) == colon || Some(at) == stop,
        };
        if is_operator {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    Ok(())
}
