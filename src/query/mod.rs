//! The query language: a string becomes a tree, the tree a tantivy query.
//!
//! [`SYNTAX`] lists what there is. Any string is a legal query: what can't be an operator is text.

mod leaf;
pub mod lower;
mod notes;
mod parse;
mod print;
pub(crate) mod regex;
mod scan;
mod signals;
mod spans;
mod synonyms;
mod syntax;

pub use parse::{NESTING_MAX, OPERATORS_MAX, Parsed, QUERY_BYTES_MAX, REGEXES_MAX, parse};
pub use signals::{SIGNALS, Signal, Signals};
pub(crate) use spans::years;
pub use synonyms::{SYNONYMS_BYTES_MAX, Synonyms};
pub use syntax::{SYNTAX, Syntax};

/// A query as a tree. What is printed of one that was read is read as the same again.
#[derive(Clone, Debug, PartialEq)]
pub enum Query {
    /// Words as typed, between white space: one or, as in `real-time`, several that stand together.
    Word {
        field: Option<&'static str>,
        text: String,
    },
    /// Words in quotes: they match in this order, with at most `slop` others between them.
    Phrase {
        field: Option<&'static str>,
        text: String,
        slop: u32,
    },
    /// One word, of which the beginning is typed.
    Prefix {
        field: Option<&'static str>,
        text: String,
    },
    /// One word, of which that many letters may be others, missing or too many: 1 or 2.
    Fuzzy {
        field: Option<&'static str>,
        text: String,
        edits: u8,
    },
    /// A pattern that whole words match, as it stands between the slashes.
    Regex {
        field: Option<&'static str>,
        pattern: String,
    },
    /// Years from one to the other, both included; never null at both ends.
    Years {
        from: Option<u16>,
        to: Option<u16>,
    },
    /// Days from one to the other as YYYYMMDD, both included; never null at both ends. Month and day of `from` are 0, and
    /// those of `to` 12 and 31, where only the year was said; the day alike where no day was.
    Dates {
        from: Option<u32>,
        to: Option<u32>,
    },
    /// Counts that many times for the order of what is found.
    Boost {
        inner: Box<Query>,
        by: f32,
    },
    Not(Box<Query>),
    And(Vec<Query>),
    Or(Vec<Query>),
}

impl Query {
    /// Whether some part of it asks for values of a field.
    pub fn names_field(&self, name: &str) -> bool {
        match self {
            Query::Word { field, .. }
            | Query::Phrase { field, .. }
            | Query::Prefix { field, .. }
            | Query::Fuzzy { field, .. }
            | Query::Regex { field, .. } => *field == Some(name),
            Query::Years { .. } => name == "year",
            Query::Dates { .. } => name == "date",
            Query::Not(inner) | Query::Boost { inner, .. } => inner.names_field(name),
            Query::And(parts) | Query::Or(parts) => parts.iter().any(|part| part.names_field(name)),
        }
    }
}
