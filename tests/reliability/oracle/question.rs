//! Random questions: one to four parts in the query language, filters, facets, a page, an order.

use std::fmt;

use fastrand::Rng;
use hallway::{
    index::schema,
    record::Record,
    search::{Filter, SearchRequest, Sort},
};

use super::{
    documents::values,
    records::{some_word, word},
};

/// The names of all facets.
fn facets() -> Vec<&'static str> {
    schema::facets().map(|field| field.name).collect()
}

/// A part of a query, written down as people write it.
#[derive(Clone, Debug)]
pub enum Part {
    Leaf { field: Option<&'static str>, text: String, quoted: bool },
    Years(String),
    Not { part: Box<Part>, dash: bool },
    Any(Vec<Part>),
    All(Vec<Part>),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let joined = |parts: &[Part], between: &str| {
            let parts: Vec<String> = parts.iter().map(ToString::to_string).collect();
            parts.join(between)
        };
        match self {
            Part::Leaf { field, text, quoted } => {
                field.map_or(Ok(()), |name| write!(f, "{name}:"))?;
                if *quoted { write!(f, "\"{text}\"") } else { f.write_str(text) }
            }
            Part::Years(span) => write!(f, "year:{span}"),
            Part::Not { part, dash: true } => write!(f, "-{part}"),
            Part::Not { part, dash: false } => write!(f, "NOT {part}"),
            Part::Any(parts) => write!(f, "({})", joined(parts, " OR ")),
            Part::All(parts) => write!(f, "({})", joined(parts, " ")),
        }
    }
}

/// A request, with its query as parts.
#[derive(Clone, Debug)]
pub struct Question {
    pub parts: Vec<Part>,
    pub request: SearchRequest,
}

impl Question {
    pub fn new(rng: &mut Rng, ever: &[Record]) -> Question {
        let n_parts = match rng.u8(..20) {
            0 => 0,
            1..7 => 1,
            7..13 => 2,
            13..17 => 3,
            _ => 4,
        };
        let mut parts: Vec<Part> = (0..n_parts).map(|_| part(rng, ever)).collect();
        if rng.u8(..5) == 0 {
            // Words that stand together somewhere, so that several of them match in full.
            let n = rng.usize(2..5);
            let leaf = |text: &str| Part::Leaf { field: None, text: text.to_owned(), quoted: false };
            parts = quote(rng, ever, n).split(' ').map(leaf).collect();
        }
        let query = parts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        let filters = (0..rng.usize(..7).saturating_sub(3)).filter_map(|_| filter(rng, ever)).collect();
        let facets = if rng.u8(..5) < 2 { Vec::new() } else { facets() };
        let facets = facets.into_iter().filter(|_| rng.bool()).map(str::to_owned).collect();
        let request = SearchRequest {
            query,
            filters,
            limit: if rng.u8(..30) == 0 { 300 } else { rng.usize(..20) },
            offset: if rng.u8(..4) == 0 { rng.usize(..60) } else { 0 },
            sort: if rng.u8(..5) == 0 { Sort::Date } else { Sort::Relevance },
            facets,
            facet_values_max: if rng.bool() { rng.usize(..9) } else { 1000 },
            // What else may be meant, looking at every record does not tell.
            synonyms: None,
            ..SearchRequest::default()
        };
        Question { parts, request }
    }

    /// Clauses that add up to a score: of more than two the order of adding may tell.
    pub fn n_summands(&self) -> usize {
        fn inside(part: &Part) -> usize {
            match part {
                Part::Leaf { .. } => 1,
                Part::Years(_) | Part::Not { .. } => 0,
                Part::Any(parts) | Part::All(parts) => parts.iter().map(inside).sum(),
            }
        }
        let n = |part: &Part| match part {
            // A phrase, and its words one by one.
            Part::Leaf { text, .. } if text.contains([' ', '-']) => 1 + text.split([' ', '-']).count(),
            other => inside(other),
        };
        self.parts.iter().map(n).sum()
    }
}

fn some<'a>(rng: &mut Rng, ever: &'a [Record]) -> &'a Record {
    &ever[rng.usize(..ever.len())]
}

/// Words that follow each other somewhere.
fn quote(rng: &mut Rng, ever: &[Record], n: usize) -> String {
    let record = some(rng, ever);
    let passage = record.passages.get(rng.usize(..12)).map(|passage| passage.text.as_str());
    let title = record.title.as_deref().unwrap_or_default();
    let text = if rng.u8(..3) == 0 { title } else { passage.unwrap_or(record.body()) };
    let words: Vec<&str> = text.trim_end_matches('.').split_whitespace().collect();
    let Some(last) = words.len().checked_sub(n) else { return some_word(rng) };
    let at = rng.usize(..=last);
    words[at..at + n].join(" ")
}

fn plain_word(rng: &mut Rng, ever: &[Record]) -> String {
    let found = match rng.u8(..20) {
        0..8 => quote(rng, ever, 1),
        8..13 => some_word(rng),
        13..18 => word(rng.usize(..700)),
        18 => ["2019", "FooConf", "Baz", "one"][rng.usize(..4)].to_owned(),
        _ => "nowhere".to_owned(),
    };
    if rng.u8(..8) == 0 { found[..1].to_uppercase() + &found[1..] } else { found }
}

fn leaf(rng: &mut Rng, ever: &[Record]) -> Part {
    match rng.u8(..100) {
        0..70 => Part::Leaf { field: None, text: plain_word(rng, ever), quoted: false },
        70..84 => {
            let n = rng.usize(1..4);
            let text = if rng.u8(..4) == 0 {
                format!("{} {}", plain_word(rng, ever), plain_word(rng, ever))
            } else {
                quote(rng, ever, n)
            };
            Part::Leaf { field: None, text, quoted: true }
        }
        84..87 => {
            let (from, to) = (rng.u16(2015..2020), rng.u16(2018..2024));
            Part::Years([format!("{from}..{to}"), format!("{from}.."), format!("..{to}")][rng.usize(..3)].clone())
        }
        87..92 => {
            let field = Some(["title", "title", "text"][rng.usize(..3)]);
            let n = rng.usize(1..3);
            let text = quote(rng, ever, n);
            Part::Leaf { field, quoted: text.contains(' ') || rng.bool(), text }
        }
        _ => {
            let name = *rng.choice(&facets()).unwrap();
            let values = &values(some(rng, ever))[name];
            let value = rng.choice(values.clone()).unwrap_or_else(|| "Nobody There".to_owned());
            let words: Vec<&str> = value.split([' ', '/']).collect();
            let text = if rng.bool() { value.clone() } else { words[rng.usize(..words.len())].to_owned() };
            Part::Leaf { field: Some(name), quoted: text.contains(' ') || rng.bool(), text }
        }
    }
}

fn part(rng: &mut Rng, ever: &[Record]) -> Part {
    match rng.u8(..100) {
        0..12 => {
            let part = if rng.u8(..4) == 0 { any(rng, ever) } else { leaf(rng, ever) };
            Part::Not { part: Box::new(part), dash: rng.bool() }
        }
        12..30 => any(rng, ever),
        _ => leaf(rng, ever),
    }
}

fn any(rng: &mut Rng, ever: &[Record]) -> Part {
    let parts = (0..rng.usize(2..4)).map(|_| match rng.u8(..10) {
        0 => Part::Not { part: Box::new(leaf(rng, ever)), dash: false },
        1 | 2 => Part::All((0..2).map(|_| part_or_leaf(rng, ever)).collect()),
        _ => leaf(rng, ever),
    });
    Part::Any(parts.collect())
}

fn part_or_leaf(rng: &mut Rng, ever: &[Record]) -> Part {
    if rng.u8(..8) == 0 { part(rng, ever) } else { leaf(rng, ever) }
}

/// A filter as typed: a whole value, the last part of a path, a word of a name, a span of years.
fn filter(rng: &mut Rng, ever: &[Record]) -> Option<Filter> {
    let field = *rng.choice(&facets()).unwrap();
    let typed = (0..rng.usize(1..3)).filter_map(|_| {
        if rng.u8(..12) == 0 {
            return Some(["unknown", "Unknown"][rng.usize(..2)].to_owned());
        }
        let values = values(some(rng, ever));
        let value = rng.choice(&values[field])?.clone();
        Some(match (field, rng.u8(..4)) {
            ("year", 0) => format!("{value}.."),
            ("year", 1) => format!("2017..{}", value.parse::<u16>().ok()?.max(2017)),
            ("conference" | "topic", 0 | 1) => value.rsplit('/').next()?.to_owned(),
            ("speaker" | "affiliation", 0) => value.split(' ').next_back()?.to_owned(),
            (_, 3) => value.to_uppercase(),
            _ => value,
        })
    });
    let values: Vec<String> = typed.collect();
    (!values.is_empty()).then(|| Filter { field: field.to_owned(), values })
}
