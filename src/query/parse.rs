//! A string → a [`Query`]. Never fails on what the string says, only on its length; `strict` makes errors of the notes.

use super::Query;
use crate::{
    error::{Error, ErrorKind, Result},
    index::schema,
    text::near::{did_you_mean, nearest},
};

/// Bytes of a query: the longest abstract, twenty times over.
pub const QUERY_BYTES_MAX: usize = 64 << 10;
/// Operators (NOT, OR, AND, parentheses, fields); those beyond are text.
const OPERATORS_MAX: usize = 64;
/// Parentheses in parentheses; those beyond are text.
const NESTING_MAX: usize = 32;

/// A query's tree and what there is to say about how it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed {
    /// Null when the string holds no word: every record matches.
    pub query: Option<Query>,
    pub notes: Vec<String>,
}

/// Reads a query.
///
/// # Errors
/// `Usage` when it is longer than [`QUERY_BYTES_MAX`], and with `strict` at the first note.
pub fn parse(text: &str, strict: bool) -> Result<Parsed> {
    if text.len() > QUERY_BYTES_MAX {
        let limit = QUERY_BYTES_MAX >> 10;
        return Err(Error::new(ErrorKind::Usage, format!("the query is longer than {limit} KB")));
    }
    let mut notes = Vec::new();
    let tokens = resolve_operators(scan(text, &mut notes), &mut notes);
    let mut parser = Parser { tokens, at: 0 };
    let query = parser.any_of();
    notes.dedup();
    match notes.first() {
        Some(note) if strict => {
            let message = note.replace(": read as text", "");
            Err(Error::new(ErrorKind::Usage, message).hint("without --strict it is read as text"))
        }
        _ => Ok(Parsed { query, notes }),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Leaf(Query),
    Not,
    And,
    Or,
    Open,
    Close,
}

fn word(text: &str) -> Token {
    Token::Leaf(Query::Word { field: None, text: text.to_owned() })
}

/// Splits at white space, quotes and parentheses.
fn scan(text: &str, notes: &mut Vec<String>) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let used = match first {
            '(' => push(&mut tokens, Token::Open, 1),
            ')' => push(&mut tokens, Token::Close, 1),
            quote if is_quote(quote) => {
                let (phrase, used) = quoted(rest);
                push(&mut tokens, Token::Leaf(Query::Phrase { field: None, text: phrase.to_owned() }), used)
            }
            '-' if rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '(' || is_quote(c)) => {
                push(&mut tokens, Token::Not, 1)
            }
            _ => scan_word(rest, &mut tokens, notes),
        };
        rest = rest[used..].trim_start();
    }
    tokens
}

fn push(tokens: &mut Vec<Token>, token: Token, used: usize) -> usize {
    tokens.push(token);
    used
}

/// Double quotes, typed or typeset: a phrase begins and ends with any of them, since who copies a text brings its own along,
/// and languages don't agree on which is the one that opens.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„' | '‟' | '«' | '»' | '＂')
}

/// What stands between the quote at the start and the next one, or the end; and how many bytes that takes.
fn quoted(text: &str) -> (&str, usize) {
    let mut quotes = text.char_indices().filter(|(_, c)| is_quote(*c));
    let start = quotes.next().map_or(0, |(at, quote)| at + quote.len_utf8());
    match quotes.next() {
        Some((end, quote)) => (&text[start..end], end + quote.len_utf8()),
        None => (&text[start..], text.len()),
    }
}

/// A word, an operator in capitals, or `field:value`. Returns the bytes used.
fn scan_word(rest: &str, tokens: &mut Vec<Token>, notes: &mut Vec<String>) -> usize {
    let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '(' | ')') || is_quote(c)).unwrap_or(rest.len());
    let chunk = &rest[..end];
    match chunk {
        "NOT" => return push(tokens, Token::Not, end),
        "AND" => return push(tokens, Token::And, end),
        "OR" => return push(tokens, Token::Or, end),
        _ => {}
    }
    let Some((name, value)) = chunk.split_once(':') else { return push(tokens, word(chunk), end) };
    let looks_like_field =
        !name.is_empty() && name.bytes().all(|b| b.is_ascii_lowercase()) && !value.starts_with(['/', ':']);
    let Some(field) = schema::field(name) else {
        if looks_like_field && (!value.is_empty() || rest[end..].starts_with(is_quote)) {
            let near = did_you_mean(&nearest(name, schema::FIELDS.iter().map(|field| field.name)));
            let near = near.map(|near| format!("; {near}")).unwrap_or_default();
            notes.push(format!("there is no field \"{name}\": read as text{near}"));
        }
        return push(tokens, word(chunk), end);
    };
    if value.is_empty() && rest[end..].starts_with(is_quote) {
        let (phrase, used) = quoted(&rest[end..]);
        return push(
            tokens,
            Token::Leaf(Query::Phrase { field: Some(field.name), text: phrase.to_owned() }),
            end + used,
        );
    }
    if value.is_empty() {
        notes.push(format!("\"{name}:\" has no value: read as text"));
        return push(tokens, word(name), end);
    }
    let leaf = match years(value) {
        Some((from, to)) if field.name == "year" => Query::Years { from, to },
        _ => Query::Word { field: Some(field.name), text: value.to_owned() },
    };
    push(tokens, Token::Leaf(leaf), end)
}

/// `2016..2023`, `2016..`, `..2019`.
pub(crate) fn years(text: &str) -> Option<(Option<u16>, Option<u16>)> {
    let (from, to) = text.split_once("..")?;
    let year = |text: &str| -> Option<Option<u16>> {
        if text.is_empty() {
            return Some(None);
        }
        (text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit())).then(|| text.parse().ok())
    };
    match (year(from)?, year(to)?) {
        (None, None) => None,
        range => Some(range),
    }
}

/// Turns operators that have nothing to work on, or that are too many or too deep, into text.
fn resolve_operators(tokens: Vec<Token>, notes: &mut Vec<String>) -> Vec<Token> {
    let tokens = balance(tokens, notes);
    let mut out: Vec<Token> = Vec::with_capacity(tokens.len());
    let mut n_operators = 0;
    for (index, token) in tokens.iter().enumerate() {
        let begins = matches!(tokens.get(index + 1), Some(Token::Leaf(_) | Token::Open | Token::Not));
        let ended = matches!(out.last(), Some(Token::Leaf(_) | Token::Close));
        if let Token::Leaf(
            leaf @ (Query::Word { field: Some(_), .. } | Query::Phrase { field: Some(_), .. } | Query::Years { .. }),
        ) = token
        {
            n_operators += 1;
            out.push(if n_operators > OPERATORS_MAX { word(&leaf.to_string()) } else { token.clone() });
            continue;
        }
        let (text, fits) = match token {
            Token::Not => ("NOT", begins),
            Token::And => ("AND", begins && ended),
            Token::Or => ("OR", begins && ended),
            other => {
                out.push(other.clone());
                continue;
            }
        };
        n_operators += 1;
        if fits && n_operators <= OPERATORS_MAX {
            out.push(token.clone());
        } else {
            // In small letters it prints as what it is: a word.
            out.push(word(&text.to_lowercase()));
        }
    }
    if n_operators > OPERATORS_MAX {
        notes.push(format!("operators after the first {OPERATORS_MAX} are read as text"));
    }
    out
}

/// Drops parentheses without a partner, empty, or deeper than [`NESTING_MAX`].
fn balance(tokens: Vec<Token>, notes: &mut Vec<String>) -> Vec<Token> {
    let mut keep = vec![true; tokens.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    let (mut n_leaves, mut n_pairs) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        match token {
            Token::Leaf(_) => n_leaves += 1,
            Token::Open => open.push((index, n_leaves)),
            Token::Close => match open.pop() {
                Some((start, n_leaves_before)) => {
                    n_pairs += 1;
                    if n_leaves == n_leaves_before || open.len() >= NESTING_MAX || n_pairs > OPERATORS_MAX {
                        keep[start] = false;
                        keep[index] = false;
                    }
                    if open.len() == NESTING_MAX {
                        notes.push(format!("parentheses deeper than {NESTING_MAX} are left out"));
                    }
                }
                None => keep[index] = false,
            },
            _ => {}
        }
    }
    open.iter().for_each(|(index, _)| keep[*index] = false);
    tokens.into_iter().zip(keep).filter_map(|(token, keep)| keep.then_some(token)).collect()
}

/// Recursive descent; [`balance`] bounds its depth.
struct Parser {
    tokens: Vec<Token>,
    at: usize,
}

impl Parser {
    fn any_of(&mut self) -> Option<Query> {
        let mut parts: Vec<Query> = self.all_of().into_iter().collect();
        while self.take(&Token::Or) {
            parts.extend(self.all_of());
        }
        combine(parts, Query::Or)
    }

    fn all_of(&mut self) -> Option<Query> {
        let mut parts = Vec::new();
        loop {
            let _ = self.take(&Token::And);
            match self.tokens.get(self.at) {
                None | Some(Token::Or | Token::Close) => break,
                Some(_) => parts.extend(self.one()),
            }
        }
        combine(parts, Query::And)
    }

    fn one(&mut self) -> Option<Query> {
        let token = self.tokens.get(self.at)?.clone();
        self.at += 1;
        match token {
            Token::Leaf(query) => Some(query),
            Token::Not => match self.one()? {
                Query::Not(inner) => Some(*inner),
                other => Some(Query::Not(Box::new(other))),
            },
            Token::Open => {
                let inner = self.any_of();
                let _ = self.take(&Token::Close);
                inner
            }
            Token::And | Token::Or | Token::Close => None,
        }
    }

    fn take(&mut self, token: &Token) -> bool {
        let found = self.tokens.get(self.at) == Some(token);
        self.at += usize::from(found);
        found
    }
}

fn combine(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Option<Query> {
    if parts.len() > 1 { Some(many(parts)) } else { parts.pop() }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each string, and how its tree prints.
    #[test]
    fn strings_become_trees() {
        for (text, expected) in [
            ("ebpf kernel", "ebpf kernel"),
            ("\"on call\" -pager", "\"on call\" NOT pager"),
            ("a OR b c", "a OR b c"),
            ("(a OR b) c", "(a OR b) c"),
            ("a AND b", "a b"),
            ("NOT (a b)", "NOT (a b)"),
            ("NOT NOT a", "a"),
            ("title:dns speaker:\"Liz Rice\"", "title:dns speaker:\"Liz Rice\""),
            ("year:2016..2019 slo", "year:2016..2019 slo"),
            ("year:2016", "year:2016"),
            ("year:..", "year:.."),
            // What can't be an operator is text.
            ("http://x.org/a", "http://x.org/a"),
            ("don't", "don't"),
            ("a AND", "a and"),
            ("OR a", "or a"),
            ("a OR", "a or"),
            ("(((", ""),
            ("a)", "a"),
            ("()", ""),
            ("-", "-"),
            ("\"", "\"\""),
            // Quotes as texts have them.
            ("“on call” pager", "\"on call\" pager"),
            ("„on call“ -«pager duty»", "\"on call\" NOT \"pager duty\""),
            ("»on call« OR speaker:“Liz Rice”", "\"on call\" OR speaker:\"Liz Rice\""),
            ("“on call", "\"on call\""),
            ("a“b”c", "a \"b\" c"),
            ("don’t", "don’t"),
            ("word: next", "word: next"),
            ("well-known", "well-known"),
        ] {
            let parsed = parse(text, false).unwrap();
            let printed = parsed.query.as_ref().map(ToString::to_string).unwrap_or_default();
            assert_eq!(printed, expected, "{text}");
        }
    }

    #[test]
    fn unknown_fields_are_noted_and_strict_refuses_them() {
        let parsed = parse("colour:red", false).unwrap();
        assert_eq!(parsed.notes, ["there is no field \"colour\": read as text"]);
        let near = parse("speker:rice", false).unwrap().notes;
        assert_eq!(near, ["there is no field \"speker\": read as text; did you mean \"speaker\"?"]);
        assert!(parse("colour:red", true).is_err());
        assert!(parse("http://x.org", true).is_ok());
    }

    #[test]
    fn limits_hold() {
        assert!(parse(&"a".repeat(QUERY_BYTES_MAX + 1), false).is_err());
        let deep = format!("{}a{}", "(".repeat(5000), ")".repeat(5000));
        assert_eq!(parse(&deep, false).unwrap().query.unwrap().to_string(), "a");
        let many = vec!["a"; 1000].join(" OR ");
        assert!(parse(&many, false).unwrap().notes[0].contains("operators"));
        let nots = format!("{}a", "NOT ".repeat(10_000));
        assert!(parse(&nots, false).unwrap().query.is_some());
    }
}
