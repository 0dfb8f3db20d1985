//! The front matter of a Markdown file: YAML, TOML or JSON before the text.

use serde_json::{Map, Value};

use crate::{
    error::Problem,
    formats::{
        header,
        yaml::lenient::{self, Failure, Forgiven},
    },
    source::lines,
};

/// The fields, and where the text behind them begins.
#[derive(Debug, Default)]
pub(in crate::formats) struct FrontMatter {
    pub fields: Map<String, Value>,
    /// Bytes of the file.
    pub body: usize,
    /// What is no YAML in it, and was read all the same.
    pub tolerated: Option<Problem>,
}

/// Real front matter stays under 8 KB.
const BYTES_MAX: usize = 256 << 10;
/// Lines of front matter that are read one by one.
const LOOSE_LINES_MAX: usize = 500;
/// Real front matter is nested 4 deep.
const DEPTH_MAX: usize = 64;

/// Whether the file opens with front matter.
pub(in crate::formats) fn is_there(text: &str) -> bool {
    kind(text).is_some()
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Yaml,
    Toml,
    /// Between `---json` and `---`.
    FencedJson,
    Json,
}

fn kind(text: &str) -> Option<Kind> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    match first.trim_end() {
        "---json" | ";;;" => Some(Kind::FencedJson),
        "---" if rest.lines().find(|line| !line.trim().is_empty()).is_some_and(is_yaml_line) => Some(Kind::Yaml),
        "+++" => Some(Kind::Toml),
        _ if text.starts_with('{') && text[1..].trim_start().starts_with(['"', '}']) => Some(Kind::Json),
        _ => None,
    }
}

/// A `---` before anything else than `key: value` is a rule across the page.
fn is_yaml_line(line: &str) -> bool {
    let key = line.split(':').next().unwrap_or_default();
    let word = |c: char| c.is_alphanumeric() || "-_ \"'.".contains(c);
    matches!(line.trim_end(), "---" | "...")
        || line.starts_with(['#', '{'])
        || (line.contains(':') && !key.is_empty() && key.len() <= 60 && key.chars().all(word))
}

/// Takes the front matter off a file.
pub(in crate::formats) fn split(text: &str) -> Result<FrontMatter, Problem> {
    match kind(text) {
        None => Ok(match header::split(text) {
            Some((fields, body)) => FrontMatter { fields, body, tolerated: None },
            None => FrontMatter { body: if text.starts_with('\u{feff}') { 3 } else { 0 }, ..FrontMatter::default() },
        }),
        Some(Kind::Json) => json(text),
        Some(kind) => fenced(text, kind),
    }
}

/// The lines `key: value` and lists of front matter that is no proper YAML, each as a text. Null without a title.
pub(in crate::formats) fn loose(text: &str) -> Option<FrontMatter> {
    let all = lines(text);
    let is_end = |line: &str| matches!(line.trim_end(), "---" | "..." | "+++");
    if !all.first().is_some_and(|line| is_end(line.text.trim_start_matches('\u{feff}'))) {
        return None;
    }
    let end = all.iter().skip(1).position(|line| is_end(line.text))? + 1;
    let mut fields = Map::new();
    let mut last = String::new();
    for line in &all[1..end.min(LOOSE_LINES_MAX)] {
        let shown = line.text.trim();
        let unquoted = |value: &str| value.trim().trim_matches(['"', '\'']).trim().to_owned();
        if let Some(item) = shown.strip_prefix("- ") {
            match fields.entry(last.clone()).or_insert(Value::Null) {
                Value::Array(values) => values.push(Value::from(unquoted(item))),
                value => *value = Value::from(vec![unquoted(item)]),
            }
        } else if let Some((key, value)) =
            shown.split_once([':', '=']).filter(|(key, _)| is_yaml_line(&format!("{key}:")))
        {
            key.trim().clone_into(&mut last);
            let value = match unquoted(value).as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                list if list.starts_with('[') => {
                    list.trim_matches(['[', ']']).split(',').map(|item| Value::from(unquoted(item))).collect()
                }
                text => Value::from(text),
            };
            fields.insert(last.clone(), value);
        }
    }
    fields.keys().any(|key| key.to_lowercase().ends_with("title")).then(|| FrontMatter {
        fields,
        body: all.get(end + 1).map_or(text.len(), |line| line.start),
        tolerated: None,
    })
}

/// A YAML document, within the limits of front matter.
pub(in crate::formats) fn yaml(text: &str) -> Option<Value> {
    Some(parse_yaml(text).ok()?.0)
}

/// A TOML document as an object.
pub(in crate::formats) fn toml(text: &str) -> Option<Map<String, Value>> {
    toml_fields(text).ok()
}

fn fenced(text: &str, kind: Kind) -> Result<FrontMatter, Problem> {
    let all = lines(text);
    let is_end = |line: &str| match kind {
        Kind::Toml => line == "+++",
        Kind::Yaml => line == "---" || line == "...",
        Kind::FencedJson | Kind::Json => line == "---" || line == ";;;",
    };
    let end = all.iter().skip(1).find(|line| is_end(line.text.trim_end()));
    let Some(end) = end else {
        let fence = if kind == Kind::Toml { "+++" } else { "---" };
        let hint = format!("end it with a line `{fence}`");
        return Err(problem(1, "the front matter that begins here never ends".to_owned(), hint));
    };
    let begin = all[1].start;
    let matter = &text[begin..end.start.max(begin)];
    if matter.len() > BYTES_MAX {
        return Err(problem(1, "the front matter is too long".to_owned(), format!("the limit is {BYTES_MAX} bytes")));
    }
    let fields = match kind {
        Kind::Toml => toml_fields(matter).map(|fields| (fields, None)),
        Kind::Yaml => yaml_fields(matter),
        Kind::FencedJson | Kind::Json => {
            serde_json::from_str(matter).map(|fields| (fields, None)).map_err(|e| (e.line() as u64, e.to_string()))
        }
    };
    let (fields, forgiven) = fields.map_err(|(line, message)| invalid(line + 1, &message))?;
    let body = text[end.end..].find('\n').map_or(text.len(), |offset| end.end + offset + 1);
    let tolerated = forgiven.map(|(line, what)| problem(line + 1, what.to_owned(), "mend it".to_owned()));
    Ok(FrontMatter { fields, body, tolerated })
}

fn json(text: &str) -> Result<FrontMatter, Problem> {
    let begin = text.find('{').unwrap_or(0);
    let mut values = serde_json::Deserializer::from_str(&text[begin..]).into_iter::<Map<String, Value>>();
    match values.next() {
        Some(Ok(fields)) => Ok(FrontMatter { fields, body: begin + values.byte_offset(), tolerated: None }),
        Some(Err(error)) if error.is_eof() => Err(problem(
            1,
            "the front matter that begins here never ends".to_owned(),
            "close it with a line `}`".to_owned(),
        )),
        Some(Err(error)) => Err(invalid(error.line() as u64, &error.to_string())),
        None => Ok(FrontMatter::default()),
    }
}

fn yaml_fields(matter: &str) -> Result<(Map<String, Value>, Option<Forgiven>), Failure> {
    // The template of a page is filled in before its front matter is read: its blanks are texts here.
    let filled = || parse_yaml(&with_blanks_as_texts(matter)?).ok();
    match parse_yaml(matter).or_else(|error| filled().ok_or(error))? {
        (Value::Object(fields), forgiven) => Ok((fields, forgiven)),
        (Value::Null, _) => Ok((Map::new(), None)),
        _ => Err((1, "it is no mapping of keys to values".to_owned())),
    }
}

/// `year: {{ year }}` with its value in quotes; null where no value begins with a blank.
fn with_blanks_as_texts(matter: &str) -> Option<String> {
    let quoted = |line: &str| {
        let (key, value) = line.split_once(": ")?;
        let value = value.trim();
        let is_blank = value.contains("{{") || value.contains("{%");
        is_blank.then(|| format!("{key}: '{}'", value.trim_matches(['\'', '"']).replace('\'', "''")))
    };
    let lines: Vec<_> = matter.lines().map(|line| (line, quoted(line))).collect();
    let any = lines.iter().any(|(_, quoted)| quoted.is_some());
    any.then(|| lines.into_iter().map(|(line, quoted)| quoted.unwrap_or_else(|| line.to_owned()) + "\n").collect())
}

fn parse_yaml(text: &str) -> Result<(Value, Option<Forgiven>), Failure> {
    let parse = |text: &str, duplicate_keys| {
        let options = serde_saphyr::options! {
            budget: serde_saphyr::budget! { max_depth: DEPTH_MAX, max_nodes: 20_000, max_aliases: 200, max_anchors: 200 },
            duplicate_keys: duplicate_keys,
        };
        serde_saphyr::from_str_with_options(text, options)
            .map_err(|error| (error.location().map_or(0, |location| location.line()), error.to_string()))
    };
    lenient::read(text, parse).map(|(value, _, forgiven)| (value, forgiven))
}

fn toml_fields(matter: &str) -> Result<Map<String, Value>, Failure> {
    let table: toml::Table = toml::from_str(matter).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start).min(matter.len());
        let line = matter.as_bytes()[..at].split(|byte| *byte == b'\n').count();
        (line as u64, error.message().to_owned())
    })?;
    Ok(table.into_iter().map(|(key, value)| (key, toml_value(value))).collect())
}

/// TOML limits its own nesting, so that this recursion is bounded.
fn toml_value(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) => Value::from(number),
        toml::Value::Boolean(value) => Value::Bool(value),
        toml::Value::Datetime(time) => Value::String(time.to_string()),
        toml::Value::Array(values) => values.into_iter().map(toml_value).collect(),
        toml::Value::Table(table) => {
            Value::Object(table.into_iter().map(|(key, value)| (key, toml_value(value))).collect())
        }
    }
}

fn invalid(line: u64, message: &str) -> Problem {
    let message = message.lines().next().unwrap_or_default().trim_start_matches("error: ");
    // Its own place counts from the front matter's first line.
    let message = match message.split_once(": ") {
        Some((place, cause)) if place.starts_with("line ") && place.contains(" column ") => cause,
        _ => message,
    };
    problem(line.max(1), format!("the front matter can't be read: {message}"), "mend it, or take it out".to_owned())
}

fn problem(line: u64, message: String, hint: String) -> Problem {
    Problem::new("", Some(line), message, hint)
}
