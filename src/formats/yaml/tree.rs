//! YAML as a tree of values in which every mapping knows the rows it stands in: `#span` holds their bytes.

use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json};
use serde_saphyr::{
    Spanned,
    options::{DuplicateKeyPolicy, NonFiniteFloatPolicy},
};

use super::lenient::{self, Failure};

pub(in crate::formats) use crate::formats::schedule::tree::value::{SPAN, span};
use crate::{error::Problem, formats::decode::line_starts};

/// Lists of talks have less than a megabyte; the reader takes a thousand times as long for a byte as one of JSON does.
const BYTES_MAX: usize = 16 << 20;
/// Lists of talks are nested six deep; each level takes the reader some twenty kilobytes of a thread's stack.
const DEPTH_MAX: usize = 24;
/// Values of one file, those counted that aliases repeat.
const VALUES_MAX: usize = 1_000_000;
/// Aliases are a convenience of a few; with many, a small text stands for a large one.
const ALIASES_MAX: usize = 1_000;

/// What came of a text.
pub(in crate::formats) struct Found {
    pub value: Value,
    /// Items that could not be read.
    pub problems: Vec<Problem>,
    /// What is no YAML, and was read all the same.
    pub tolerated: Vec<Problem>,
}

/// A text as a tree; several documents are a list of them.
///
/// # Errors
/// A problem with the line where the text ceases to be YAML, or is too much.
pub(in crate::formats) fn read(text: &str) -> Result<Value, Problem> {
    Ok(read_whole(text)?.value)
}

fn read_whole(text: &str) -> Result<Found, Problem> {
    let bare = text.trim_start_matches('\u{feff}');
    if bare.len() > BYTES_MAX {
        let message = format!("the file has more than {} MB of YAML", BYTES_MAX >> 20);
        return Err(Problem::new("", None, message, "take it apart; nothing of it was read"));
    }
    let problem = |(line, cause): Failure| {
        Problem::new("", Some(line).filter(|line| *line > 0), format!("not YAML: {cause}"), "mend it")
    };
    let (documents, indented, forgiven) = lenient::read(bare, documents).map_err(problem)?;
    let read = indented.as_ref().map_or(bare, |indented| &indented.text);
    let rows = Rows { text: read, starts: line_starts(read.as_bytes()) };
    let mut values: Vec<Value> = documents.into_iter().map(|document| rows.value(document)).collect();
    let mut value = if values.len() == 1 { values.remove(0) } else { Value::Array(values) };
    let n_before = text.len() - bare.len();
    if indented.is_some() || n_before > 0 {
        shift(&mut value, &|at| n_before + indented.as_ref().map_or(at, |indented| indented.original(at)));
    }
    let tolerated = forgiven.map(|(line, what)| Problem::new("", Some(line), what, "mend it"));
    Ok(Found { value, problems: Vec::new(), tolerated: tolerated.into_iter().collect() })
}

fn documents(text: &str, duplicate_keys: DuplicateKeyPolicy) -> Result<Vec<Spanned<Node>>, Failure> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: DEPTH_MAX,
            max_nodes: VALUES_MAX,
            max_events: 3 * VALUES_MAX,
            max_aliases: ALIASES_MAX,
            max_anchors: ALIASES_MAX,
        },
        duplicate_keys: duplicate_keys,
        strict_booleans: true,
        non_finite_float_policy: NonFiniteFloatPolicy::PassThrough,
        with_snippet: false,
    };
    serde_saphyr::from_multiple_with_options(text, options)
        .map_err(|error| (error.location().map_or(0, |location| location.line()), cause(&error.to_string())))
}

/// As [`read`], and where the text is no YAML as a whole, the items of its outermost list that are, each with its place, and
/// a problem for each that is not.
///
/// # Errors
/// As [`read`], where nothing can be read.
pub(in crate::formats) fn read_items(text: &str) -> Result<Found, Problem> {
    let whole = match read_whole(text) {
        Ok(found) => return Ok(found),
        Err(problem) => problem,
    };
    let mut starts = line_starts(text.as_bytes());
    starts[0] = text.len() - text.trim_start_matches('\u{feff}').len();
    let (mut values, mut problems, mut tolerated) = (Vec::new(), Vec::new(), Vec::new());
    for (from, to) in items(text, &starts) {
        let line = starts.partition_point(|start| *start <= from) as u64;
        let placed = |mut problem: Problem| {
            problem.line = Some(problem.line.map_or(line, |inner| line + inner - 1));
            problem
        };
        match read_whole(&text[from..to]) {
            Ok(Found { value: Value::Array(mut item), tolerated: inner, .. }) => {
                item.iter_mut().for_each(|value| shift(value, &|at| at + from));
                values.append(&mut item);
                tolerated.extend(inner.into_iter().map(placed));
            }
            Ok(_) => {}
            Err(mut problem) => {
                "mend it; the other items are read".clone_into(&mut problem.hint);
                problems.push(placed(problem));
            }
        }
    }
    if values.is_empty() {
        return Err(whole);
    }
    if problems.is_empty() {
        // It is broken around its items.
        problems.push(Problem { hint: "mend it; the items of its list are read".to_owned(), ..whole });
    }
    Ok(Found { value: Value::Array(values), problems, tolerated })
}

/// The bytes of the items of a text's outermost list, which may stand below a key.
fn items(text: &str, starts: &[usize]) -> Vec<(usize, usize)> {
    let indent = |at: usize| text[at..].len() - text[at..].trim_start_matches(' ').len();
    let begins = |at: usize| ["- ", "-\n"].iter().any(|sign| text[at + indent(at)..].starts_with(sign));
    let Some(outer) = starts.iter().filter(|at| begins(**at)).map(|at| indent(*at)).min() else { return Vec::new() };
    let mut out: Vec<(usize, usize)> = Vec::new();
    let mut is_open = false;
    for (index, at) in starts.iter().enumerate() {
        let line = text[*at..].lines().next().unwrap_or_default().trim();
        let is_key = !line.is_empty() && !line.starts_with('#') && indent(*at) < outer;
        if begins(*at) && indent(*at) == outer {
            out.push((*at, text.len()));
            is_open = true;
        } else if is_key {
            is_open = false;
        }
        if let Some((_, end)) = out.last_mut().filter(|_| is_open) {
            *end = starts.get(index + 1).copied().unwrap_or(text.len());
        }
    }
    out
}

/// Moves the places in a tree.
fn shift(value: &mut Value, to: &dyn Fn(usize) -> usize) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| shift(value, to)),
        Value::Object(object) => {
            if let Some((start, end)) = span(object) {
                object.insert(SPAN.to_owned(), json!([to(start), to(end)]));
            }
            object.iter_mut().filter(|(key, _)| *key != SPAN).for_each(|(_, value)| shift(value, to));
        }
        _ => {}
    }
}

/// A message of the reader without its place, which counts for itself.
fn cause(message: &str) -> String {
    let first = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
    match first.split_once(": ") {
        Some((place, cause)) if place.starts_with("line ") => cause.to_owned(),
        _ => first.split(" at line ").next().unwrap_or(first).to_owned(),
    }
}

/// A value as the reader gives it.
enum Node {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Vec<Spanned<Node>>),
    Map(Vec<(String, Spanned<Node>)>),
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Node;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("a value")
            }
            fn visit_unit<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }
            fn visit_none<E>(self) -> Result<Node, E> {
                Ok(Node::Null)
            }
            fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
                Node::deserialize(deserializer)
            }
            fn visit_bool<E>(self, value: bool) -> Result<Node, E> {
                Ok(Node::Bool(value))
            }
            fn visit_i64<E>(self, value: i64) -> Result<Node, E> {
                Ok(Node::Number(value.to_string()))
            }
            fn visit_u64<E>(self, value: u64) -> Result<Node, E> {
                Ok(Node::Number(value.to_string()))
            }
            fn visit_i128<E>(self, value: i128) -> Result<Node, E> {
                Ok(Node::Number(value.to_string()))
            }
            fn visit_u128<E>(self, value: u128) -> Result<Node, E> {
                Ok(Node::Number(value.to_string()))
            }
            fn visit_f64<E>(self, value: f64) -> Result<Node, E> {
                Ok(Node::Number(value.to_string()))
            }
            fn visit_str<E>(self, value: &str) -> Result<Node, E> {
                Ok(Node::Text(value.to_owned()))
            }
            fn visit_string<E>(self, value: String) -> Result<Node, E> {
                Ok(Node::Text(value))
            }
            fn visit_bytes<E>(self, value: &[u8]) -> Result<Node, E> {
                Ok(Node::Text(String::from_utf8_lossy(value).into_owned()))
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut list = Vec::new();
                while let Some(value) = access.next_element()? {
                    list.push(value);
                }
                Ok(Node::List(list))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut access: A) -> Result<Node, A::Error> {
                let mut map = Vec::new();
                while let Some(entry) = access.next_entry()? {
                    map.push(entry);
                }
                Ok(Node::Map(map))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// The rows of a text, which say where its mappings end.
struct Rows<'a> {
    text: &'a str,
    starts: Vec<usize>,
}

impl Rows<'_> {
    fn value(&self, node: Spanned<Node>) -> Value {
        let at = node.defined.span();
        let place = at.byte_offset().zip(at.byte_len());
        let place = place.and_then(|(at, length)| Some((usize::try_from(at).ok()?, usize::try_from(length).ok()?)));
        match node.value {
            Node::Null => Value::Null,
            Node::Bool(value) => Value::Bool(value),
            Node::Text(text) => Value::String(text),
            Node::Number(number) => self.number(&number, place),
            Node::List(list) => list.into_iter().map(|value| self.value(value)).collect(),
            Node::Map(entries) => {
                let mut map = Map::new();
                let line = usize::try_from(node.defined.line()).ok();
                let column = usize::try_from(node.defined.column()).unwrap_or(1);
                if let Some((start, end)) = line.and_then(|line| self.rows(line, column, place.map(|(at, _)| at))) {
                    map.insert(SPAN.to_owned(), json!([start, end]));
                }
                map.extend(entries.into_iter().map(|(key, value)| (key, self.value(value))));
                Value::Object(map)
            }
        }
    }

    /// A number as it is written: "1.10" and "007" are names as well.
    fn number(&self, number: &str, place: Option<(usize, usize)>) -> Value {
        let written = place.and_then(|(at, length)| self.text.get(at..at + length)).unwrap_or(number).trim();
        match serde_json::from_str::<serde_json::Number>(number) {
            Ok(value) if written == number => Value::Number(value),
            _ => Value::String(written.to_owned()),
        }
    }

    /// The bytes of the mapping that begins on a line at a column, both from 1: the rows that are indented as far.
    fn rows(&self, line: usize, column: usize, at: Option<usize>) -> Option<(usize, usize)> {
        let start = *self.starts.get(line.checked_sub(1)?)?;
        if let Some(at) = at.filter(|at| self.text.get(*at..).is_some_and(|rest| rest.starts_with('{'))) {
            return Some((at, at + braces(&self.text[at..])));
        }
        let row = |index: usize| {
            let end = self.starts.get(index + 1).copied().unwrap_or(self.text.len());
            self.text[self.starts[index]..end].trim_end()
        };
        let mut end = start + row(line - 1).len();
        for index in line..self.starts.len() {
            let row = row(index);
            let indent = row.len() - row.trim_start_matches(' ').len();
            let is_remark = row.is_empty() || row.trim_start().starts_with('#');
            if !is_remark && indent + 1 < column || matches!(row, "---" | "...") {
                break;
            }
            if !is_remark {
                end = self.starts[index] + row.len();
            }
        }
        Some((start, end))
    }
}

/// How long a mapping in braces is.
fn braces(text: &str) -> usize {
    let (mut depth, mut quote, mut before) = (0usize, None, ' ');
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some('"'), '"') if before == '\\' => {}
            (Some(open), c) if open == c => quote = None,
            (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(c),
            (None, '{' | '[') => depth += 1,
            (None, '}' | ']') => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at + 1;
                }
            }
            _ => {}
        }
        before = if before == '\\' && c == '\\' { ' ' } else { c };
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn placed<'a>(text: &'a str, value: &Value) -> &'a str {
        let (start, end) = span(value.as_object().unwrap()).unwrap();
        &text[start..end]
    }

    #[test]
    fn mappings_know_their_rows() {
        let text = "\u{feff}# head\n---\n- title: One\n  talks:\n  - title: Two\n    text: |\n      # not a remark\n\n      é\n\n# tail\n- {title: 'A }', n: 1}\n";
        let tree = read(text).unwrap();
        assert!(placed(text, &tree[0]).starts_with("- title: One") && placed(text, &tree[0]).ends_with('é'));
        assert!(placed(text, &tree[0]["talks"][0]).starts_with("  - title: Two"));
        assert_eq!(tree[0]["talks"][0]["text"], "# not a remark\n\né\n");
        assert_eq!(placed(text, &tree[1]), "{title: 'A }', n: 1}");
    }

    #[test]
    fn words_and_numbers_stay_as_they_are_written() {
        let tree = read("a: 1.10\nb: 007\nc: 12\nd: no\ne: ~\nf: true\ng: 9:30\nh: .inf\ni: 2016-05-04\n").unwrap();
        let expected = json!({"a": "1.10", "b": "007", "c": 12, "d": "no", "e": null, "f": true, "g": "9:30", "h": ".inf",
                              "i": "2016-05-04"});
        let mut tree = tree.as_object().unwrap().clone();
        tree.remove(SPAN);
        assert_eq!(Value::Object(tree), expected);
    }

    #[test]
    fn an_item_that_is_broken_costs_itself() {
        let text = "- title: One\n- title: \"Two\n  x: 1\n- title: Three\n  at: {a: 1}\n";
        assert!(read(text).is_err());
        let Found { value: tree, problems, .. } = read_items(text).unwrap();
        let titles: Vec<&Value> = tree.as_array().unwrap().iter().map(|item| &item["title"]).collect();
        assert_eq!(titles, ["One", "Three"]);
        assert_eq!(placed(text, &tree[1]), "- title: Three\n  at: {a: 1}");
        assert_eq!(problems.len(), 1);
        assert!(problems[0].line.is_some_and(|line| (2..=3).contains(&line)), "{problems:?}");
    }

    #[test]
    fn what_other_readers_forgive_is_read_and_told() {
        let text = "\u{feff}- title: \"One\nand more\"\n  n: 1\n- title: Two\n  title: {a: Three}\n";
        let Found { value, problems, tolerated } = read_items(text).unwrap();
        assert_eq!((&value[0]["title"], &value[1]["title"]["a"]), (&json!("One and more"), &json!("Three")));
        assert!(placed(text, &value[0]).ends_with("n: 1") && placed(text, &value[1]).starts_with("- title: Two"));
        assert_eq!(placed(text, &value[1]["title"]), "{a: Three}");
        assert_eq!((problems.len(), tolerated.len(), tolerated[0].line), (0, 1, Some(2)));
    }

    #[test]
    fn items_below_a_key_and_behind_a_mark_are_items() {
        for (text, expected) in [
            ("\u{feff}- title: One\n- title: \"Two\n- title: Three\n", "One Three"),
            (
                "name: x\ntalks:\n  - title: One\n  - title: \"Two\n  - title: Three\n    x: |\n\n      y\nmore: z\n",
                "One Three",
            ),
            ("name: \"x\ntalks:\n- title: One\n", "One"),
        ] {
            let Found { value: tree, problems, .. } = read_items(text).unwrap();
            let titles: Vec<&str> = tree.as_array().unwrap().iter().filter_map(|item| item["title"].as_str()).collect();
            assert_eq!(titles.join(" "), expected, "{text}");
            assert!(placed(text, &tree[0]).starts_with("- title: One") || text.starts_with('n'), "{text}");
            assert_eq!(problems.len(), 1, "{problems:?}");
        }
        assert!(read_items("name: \"x\n").is_err());
    }

    #[test]
    fn bombs_are_refused() {
        let aliases = (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, n| {
            let last = n - 1;
            format!("{text}a{n}: &a{n} [{}]\n", vec![format!("*a{last}"); 10].join(", "))
        });
        for text in [aliases, "[".repeat(100_000), "{a: ".repeat(100_000), "- ".repeat(100_000)] {
            assert!(read(&text).is_err());
        }
    }
}
