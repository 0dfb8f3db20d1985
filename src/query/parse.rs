//! A string → a [`Query`]. Never fails on what the string says, only on its length; `strict` makes errors of the notes.

use std::iter::Peekable;

use super::{
    Query,
    leaf::{days, leaf, note_name, shown, unescaped, without_escapes},
    notes::{AS_TEXT, LEFT_OUT, Notes},
    regex,
    scan::{Lexeme, OPERATOR_WORDS, Token, is_escaped_in_quotes, scan},
};
use crate::{
    error::{Error, ErrorKind, Result},
    index::schema::{Field, FieldSort},
};

/// Bytes of a query: the longest abstract, twenty times over.
pub const QUERY_BYTES_MAX: usize = 64 << 10;
/// Operators (NOT, OR, AND, parentheses, fields, patterns, weights); those beyond are text.
pub const OPERATORS_MAX: usize = 64;
/// Parentheses in parentheses; those beyond are left out.
pub const NESTING_MAX: usize = 32;
/// Regular expressions; those beyond are text. Each may cost more than all the words beside it.
pub const REGEXES_MAX: usize = 8;

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
/// `Usage` when it is longer than [`QUERY_BYTES_MAX`], and with `strict` at the first note, with its place.
pub fn parse(text: &str, strict: bool) -> Result<Parsed> {
    if text.len() > QUERY_BYTES_MAX {
        let limit = QUERY_BYTES_MAX >> 10;
        return Err(Error::new(ErrorKind::Usage, format!("the query is longer than {limit} KB")));
    }
    let mut notes = Notes::default();
    let tokens = balance(scan(text, &mut notes), &mut notes);
    let parts = Resolver { query: text, tokens: &tokens, fields: Vec::new(), n_operators: 0, n_regexes: 0 };
    let parts = parts.resolve(&mut notes);
    let query = Parser { parts: parts.into_iter().peekable() }.any_of();
    match notes.first_fault(text) {
        Some(fault) if strict => Err(fault),
        _ => Ok(Parsed { query, notes: notes.texts() }),
    }
}

/// Drops parentheses without a partner, empty, or deeper than [`NESTING_MAX`]. What stood by them stays as words.
fn balance<'a>(mut tokens: Vec<Token<'a>>, notes: &mut Notes) -> Vec<Token<'a>> {
    let mut keep = vec![true; tokens.len()];
    let mut open: Vec<(usize, usize)> = Vec::new();
    let mut alone = Vec::new();
    let (mut n_leaves, mut n_pairs) = (0, 0);
    for (index, token) in tokens.iter().enumerate() {
        match token.lexeme {
            Lexeme::Word | Lexeme::Phrase | Lexeme::Regex => n_leaves += 1,
            Lexeme::Open => open.push((index, n_leaves)),
            Lexeme::Close => {
                let Some((start, n_leaves_before)) = open.pop() else {
                    notes.tell(token.start, LEFT_OUT, "\")\" closes nothing");
                    alone.push(index);
                    continue;
                };
                n_pairs += 1;
                let opening = &tokens[start];
                let is_empty = n_leaves == n_leaves_before;
                if is_empty || open.len() >= NESTING_MAX || n_pairs > OPERATORS_MAX {
                    keep[start] = false;
                    keep[index] = false;
                }
                if let Some(field) = opening.field.filter(|_| is_empty) {
                    notes.tell(opening.start, AS_TEXT, format_args!("\"{}:\" has no value", field.name));
                    alone.push(start);
                }
                if open.len() == NESTING_MAX {
                    notes.tell(opening.start, LEFT_OUT, format_args!("parentheses deeper than {NESTING_MAX}"));
                }
                if n_pairs == OPERATORS_MAX + 1 {
                    let what = format_args!("parentheses after the first {OPERATORS_MAX} pairs");
                    notes.tell(opening.start, LEFT_OUT, what);
                }
            }
            _ => {}
        }
    }
    if let Some((first, _)) = open.first() {
        notes.tell(tokens[*first].end - 1, LEFT_OUT, "\"(\" is not closed");
    }
    alone.extend(open.iter().map(|(index, _)| *index));
    for index in alone {
        let token = &mut tokens[index];
        // A field without its group, `^2` without its parenthesis.
        token.text = token.field.take().map_or(token.text, |field| field.name);
        keep[index] = !token.text.is_empty();
        token.lexeme = Lexeme::Word;
        token.weight = None;
    }
    tokens.into_iter().zip(keep).filter_map(|(token, keep)| keep.then_some(token)).collect()
}

/// What the tree is made of.
#[derive(Debug)]
enum Part {
    Leaf(Query),
    Not,
    And,
    Or,
    Open,
    Close(Option<f32>),
}

/// Makes text of operators that have nothing to work on, or that are too many; and leaves of the rest.
struct Resolver<'a> {
    query: &'a str,
    tokens: &'a [Token<'a>],
    /// Of the groups that are open: the field that words in it are of.
    fields: Vec<Option<&'static Field>>,
    n_operators: usize,
    n_regexes: usize,
}

impl Resolver<'_> {
    fn resolve(mut self, notes: &mut Notes) -> Vec<Part> {
        let mut parts: Vec<Part> = Vec::with_capacity(self.tokens.len());
        for (index, token) in self.tokens.iter().enumerate() {
            let next = self.tokens.get(index + 1);
            let begins = next.is_some_and(|token| !matches!(token.lexeme, Lexeme::And | Lexeme::Or | Lexeme::Close));
            let ended = matches!(parts.last(), Some(Part::Leaf(_) | Part::Close(_)));
            let part = match token.lexeme {
                Lexeme::Not if begins => Part::Not,
                Lexeme::And if begins && ended => Part::And,
                Lexeme::Or if begins && ended => Part::Or,
                Lexeme::Not | Lexeme::And | Lexeme::Or => {
                    let sign = &self.query[token.start..token.end];
                    let side = if token.lexeme == Lexeme::Not { "behind it" } else { "on one side" };
                    notes.tell(token.start, AS_TEXT, format_args!("\"{sign}\" has nothing {side}"));
                    let fits = self.fits(1, token, notes);
                    parts.push(Part::Leaf(self.operator_word(token, fits)));
                    continue;
                }
                Lexeme::Open => {
                    self.fields.push(token.field.or(self.field()));
                    Part::Open
                }
                Lexeme::Close => {
                    self.fields.pop();
                    let weight = token.weight.filter(|_| self.fits(1, token, notes));
                    Part::Close(weight)
                }
                Lexeme::Word | Lexeme::Phrase | Lexeme::Regex => Part::Leaf(self.leaf(token, next, notes)),
            };
            let is_operator = matches!(part, Part::Not | Part::And | Part::Or);
            if is_operator && !self.fits(1, token, notes) {
                parts.push(Part::Leaf(self.operator_word(token, false)));
            } else {
                parts.push(part);
            }
        }
        parts
    }

    /// The field of the group.
    fn field(&self) -> Option<&'static Field> {
        self.fields.last().copied().flatten()
    }

    /// Counts operators. Whether they are among those that count.
    fn fits(&mut self, n: usize, token: &Token, notes: &mut Notes) -> bool {
        self.n_operators += n;
        let fits = self.n_operators <= OPERATORS_MAX;
        if !fits && n > 0 {
            notes.tell(token.start, AS_TEXT, format_args!("operators after the first {OPERATORS_MAX}"));
        }
        fits || n == 0
    }

    /// An operator as a word, in small letters as other words; of the group's field where that is one operator more.
    fn operator_word(&self, token: &Token, fits: bool) -> Query {
        let word = OPERATOR_WORDS.iter().find(|(_, lexeme)| *lexeme == token.lexeme).map_or("", |(word, _)| *word);
        let field = self.field().and_then(searched).filter(|_| fits);
        Query::Word { field, text: word.to_lowercase() }
    }

    fn leaf(&mut self, token: &Token, next: Option<&Token>, notes: &mut Notes) -> Query {
        let field = token.field.or(self.field());
        let name = field.and_then(searched);
        let query = match token.lexeme {
            Lexeme::Phrase => {
                let text = without_escapes(token.text, is_escaped_in_quotes);
                match field {
                    Some(field) if field.sort == FieldSort::Day => days(&text, token.start, notes),
                    _ => Query::Phrase { field: name, text, slop: token.slop },
                }
            }
            Lexeme::Regex => match self.regex(token, field, notes) {
                Some(pattern) => Query::Regex { field: name, pattern },
                None => return self.within_limits(Query::Word { field: name, text: self.value(token) }, token, notes),
            },
            _ => return self.word(token, field, next, notes),
        };
        let query = match token.weight {
            Some(by) => Query::Boost { inner: Box::new(query), by },
            None => query,
        };
        self.within_limits(query, token, notes)
    }

    fn word(&mut self, token: &Token, field: Option<&'static Field>, next: Option<&Token>, notes: &mut Notes) -> Query {
        if token.text.is_empty()
            && let Some(field) = token.field
        {
            notes.tell(token.start, AS_TEXT, format_args!("\"{}:\" has no value", field.name));
            return Query::Word { field: None, text: field.name.to_owned() };
        }
        let is_followed = next.is_some_and(|next| {
            next.start == token.end && next.field.is_none() && matches!(next.lexeme, Lexeme::Phrase | Lexeme::Open)
        });
        if let Some(name) = token.text.strip_suffix(':').filter(|_| is_followed && field.is_none()) {
            note_name(name, token.start, notes);
        }
        let at = token.end - token.text.len();
        let query = leaf(token.text, field, token.field.is_some(), at, notes);
        self.within_limits(query, token, notes)
    }

    /// What stands behind the field, as text.
    fn value(&self, token: &Token) -> String {
        let field = token.field.map_or(0, |field| field.name.len() + 1);
        self.query[token.start + field..token.end].to_owned()
    }

    /// The leaf where it fits; else its text.
    fn within_limits(&mut self, query: Query, token: &Token, notes: &mut Notes) -> Query {
        if self.fits(n_operators(&query), token, notes) {
            return query;
        }
        match token.lexeme {
            Lexeme::Phrase => {
                Query::Phrase { field: None, text: without_escapes(token.text, is_escaped_in_quotes), slop: 0 }
            }
            _ => Query::Word { field: None, text: unescaped(&self.query[token.start..token.end]) },
        }
    }

    fn regex(&mut self, token: &Token, field: Option<&'static Field>, notes: &mut Notes) -> Option<String> {
        let what = || format!("/{}/", shown(token.text));
        if field.is_some_and(|field| searched(field).is_none()) {
            notes.add(token.start, AS_TEXT, || (format!("{} is no date", what()), None));
            return None;
        }
        self.n_regexes += 1;
        if self.n_regexes > REGEXES_MAX {
            notes.tell(token.start, AS_TEXT, format_args!("a regular expression after the first {REGEXES_MAX}"));
            return None;
        }
        if let Some(fault) = regex::fault(token.text) {
            notes.add(token.start, AS_TEXT, || (format!("{} is no pattern that can be used ({fault})", what()), None));
            return None;
        }
        Some(token.text.to_owned())
    }
}

/// The field's name where it holds words.
fn searched(field: &'static Field) -> Option<&'static str> {
    (field.sort != FieldSort::Day).then_some(field.name)
}

/// Operators that a leaf is written with.
fn n_operators(leaf: &Query) -> usize {
    match leaf {
        Query::Word { field, .. } => usize::from(field.is_some()),
        Query::Phrase { field, slop, .. } => usize::from(field.is_some()) + usize::from(*slop > 0),
        Query::Prefix { field, .. } | Query::Fuzzy { field, .. } | Query::Regex { field, .. } => {
            1 + usize::from(field.is_some())
        }
        Query::Boost { inner, .. } => 1 + n_operators(inner),
        _ => 1,
    }
}

/// Recursive descent; [`balance`] bounds its depth.
struct Parser<I: Iterator<Item = Part>> {
    parts: Peekable<I>,
}

impl<I: Iterator<Item = Part>> Parser<I> {
    fn any_of(&mut self) -> Option<Query> {
        let mut either: Vec<Query> = self.all_of().into_iter().collect();
        while self.parts.next_if(|part| matches!(part, Part::Or)).is_some() {
            either.extend(self.all_of());
        }
        combine(either, Query::Or)
    }

    fn all_of(&mut self) -> Option<Query> {
        let mut all = Vec::new();
        loop {
            let _ = self.parts.next_if(|part| matches!(part, Part::And));
            match self.parts.peek() {
                None | Some(Part::Or | Part::Close(_)) => break,
                Some(_) => all.extend(self.one()),
            }
        }
        combine(all, Query::And)
    }

    fn one(&mut self) -> Option<Query> {
        match self.parts.next()? {
            Part::Leaf(query) => Some(query),
            Part::Not => match self.one()? {
                Query::Not(inner) => Some(*inner),
                other => Some(Query::Not(Box::new(other))),
            },
            Part::Open => {
                let inner = self.any_of();
                match self.parts.next() {
                    Some(Part::Close(Some(by))) => inner.map(|inner| Query::Boost { inner: Box::new(inner), by }),
                    _ => inner,
                }
            }
            Part::And | Part::Or | Part::Close(_) => None,
        }
    }
}

fn combine(mut parts: Vec<Query>, many: fn(Vec<Query>) -> Query) -> Option<Query> {
    if parts.len() > 1 { Some(many(parts)) } else { parts.pop() }
}

#[cfg(test)]
mod tests;
