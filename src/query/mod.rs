//! The query language: a string becomes a tree, the tree a tantivy query.
//!
//! Words are all wanted; `"a phrase"` in order; `NOT x` or `-x` unwanted; `a OR b` either; `field:value` in one field;
//! parentheses group. Double quotes may be typeset ones. Any string is a legal query: what can't be an operator is text.

pub mod lower;
mod parse;

use std::fmt;

pub use parse::{Parsed, QUERY_BYTES_MAX, parse};
pub(crate) use parse::years;

/// A query as a tree.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Words as typed, between white space: one or, as in `real-time`, several that stand together.
    Word {
        field: Option<&'static str>,
        text: String,
    },
    /// Words in quotes: they match in this order.
    Phrase {
        field: Option<&'static str>,
        text: String,
    },
    /// Years from one to the other, both included.
    Years {
        from: Option<u16>,
        to: Option<u16>,
    },
    Not(Box<Query>),
    And(Vec<Query>),
    Or(Vec<Query>),
}

impl Query {
    /// Whether some part of it asks for values of a field.
    pub fn names_field(&self, name: &str) -> bool {
        match self {
            Query::Word { field, .. } | Query::Phrase { field, .. } => *field == Some(name),
            Query::Years { .. } => name == "year",
            Query::Not(inner) => inner.names_field(name),
            Query::And(parts) | Query::Or(parts) => parts.iter().any(|part| part.names_field(name)),
        }
    }
}

/// Prints what [`parse()`] reads back as the same tree.
impl fmt::Display for Query {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Query::Word { field, text } => {
                write_field(f, *field)?;
                f.write_str(text)
            }
            Query::Phrase { field, text } => {
                write_field(f, *field)?;
                write!(f, "\"{text}\"")
            }
            Query::Years { from, to } => {
                f.write_str("year:")?;
                from.map_or(Ok(()), |year| write!(f, "{year}"))?;
                f.write_str("..")?;
                to.map_or(Ok(()), |year| write!(f, "{year}"))
            }
            Query::Not(inner) => match **inner {
                Query::And(_) | Query::Or(_) => write!(f, "NOT ({inner})"),
                _ => write!(f, "NOT {inner}"),
            },
            Query::And(parts) => write_parts(f, parts, " ", |part| matches!(part, Query::And(_) | Query::Or(_))),
            Query::Or(parts) => write_parts(f, parts, " OR ", |part| matches!(part, Query::Or(_))),
        }
    }
}

fn write_field(f: &mut fmt::Formatter<'_>, field: Option<&str>) -> fmt::Result {
    field.map_or(Ok(()), |name| write!(f, "{name}:"))
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
        if wants_parentheses(part) { write!(f, "({part})")? } else { write!(f, "{part}")? }
    }
    Ok(())
}
