//! Lines of `Name: value` at the head of a text without fences around them: what Pelican and MultiMarkdown write, what
//! Hexo ends with `---`, and the head of an e-mail.

use serde_json::{Map, Value};

use crate::source::{Line, lines};

/// One of these must be among the names: other lines with a colon are text.
const TITLES: &[&str] = &["title", "subject"];
/// So many names at least.
const NAMES_MIN: usize = 2;
const NAME_BYTES_MAX: usize = 40;
const LINES_MAX: usize = 200;
const BYTES_MAX: usize = 64 << 10;
/// How mail programs begin the subject of an answer.
const ANSWERS: &[&str] = &["re:", "fwd:", "fw:", "aw:", "wg:"];

/// The fields at the head of a text and where the text behind them begins.
pub(super) fn split(text: &str) -> Option<(Map<String, Value>, usize)> {
    let start = lines(text.get(..text.len().min(4096)).unwrap_or(text)).into_iter().find(|l| !l.text.trim().is_empty());
    name_and_value(start?.text)?;
    let all = lines(text);
    let first = all.iter().position(|line| !line.text.trim().is_empty())?;
    let head = all[first..].iter().take(LINES_MAX).take_while(|line| !ends(line.text)).count();
    let head = &all[first..first + head];
    let fields = fields(head)?;
    let is_title = |name: &String| TITLES.contains(&name.to_lowercase().as_str());
    if head.last()?.end - head.first()?.start > BYTES_MAX || fields.len() < NAMES_MIN || !fields.keys().any(is_title) {
        return None;
    }
    let end = head.last()?.end;
    let rest = &text[end..];
    // Hexo's end of the front matter belongs to it.
    let fence =
        rest.trim_start().strip_prefix("---").filter(|after| after.starts_with(['\n', '\r']) || after.is_empty());
    let body = fence.map_or(end, |after| text.len() - after.len());
    Some((from_mail(fields), body))
}

fn ends(line: &str) -> bool {
    let line = line.trim();
    line.is_empty() || line == "---" || line == "..."
}

/// Null when a line is none of `Name: value`, `- item` or an indented continuation.
fn fields(head: &[Line]) -> Option<Map<String, Value>> {
    let mut out: Vec<(String, Vec<String>, bool)> = Vec::new();
    for line in head {
        let shown = line.text.trim();
        match (name_and_value(line.text), out.last_mut()) {
            (Some((name, value)), _) => out.push((name.to_owned(), vec![unquoted(value).to_owned()], false)),
            (None, Some((_, values, is_list))) if shown.starts_with("- ") => {
                *is_list = true;
                values.push(unquoted(shown[2..].trim()).to_owned());
            }
            (None, Some((_, values, _))) if line.text.starts_with([' ', '\t']) => {
                let last = values.last_mut()?;
                last.push(' ');
                last.push_str(shown);
            }
            _ => return None,
        }
    }
    let value = |mut values: Vec<String>, is_list: bool| {
        if is_list {
            values.retain(|value| !value.is_empty());
            return Value::from(values);
        }
        Value::String(values.concat().trim().to_owned())
    };
    Some(out.into_iter().map(|(name, values, is_list)| (name, value(values, is_list))).collect())
}

fn name_and_value(line: &str) -> Option<(&str, &str)> {
    // Org writes `#+TITLE: …`.
    let (name, value) = line.strip_prefix("#+").unwrap_or(line).split_once(':')?;
    let word = |c: char| c.is_alphanumeric() || "-_ ".contains(c);
    let fits = name.starts_with(char::is_alphabetic) && name.len() <= NAME_BYTES_MAX && name.chars().all(word);
    (fits && !value.starts_with("//")).then(|| (name.trim(), value.trim()))
}

fn unquoted(value: &str) -> &str {
    let inner = |sign: char| value.strip_prefix(sign)?.strip_suffix(sign);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// The head of an e-mail under the names of front matter; the rest of it is about how the mail travelled.
fn from_mail(fields: Map<String, Value>) -> Map<String, Value> {
    if fields.keys().any(|name| name.eq_ignore_ascii_case("title")) {
        return fields;
    }
    let mut out = Map::new();
    for (name, value) in fields {
        let text = value.as_str().unwrap_or_default();
        match name.to_lowercase().as_str() {
            "subject" => _ = out.insert("title".to_owned(), Value::from(subject(text))),
            "from" => _ = out.insert("author".to_owned(), Value::from(sender(text))),
            "date" | "language" | "content-language" => {
                _ = out.insert(name.to_lowercase().replace("content-", ""), value);
            }
            _ => {}
        }
    }
    out
}

fn subject(text: &str) -> &str {
    let mut text = text.trim();
    while let Some(head) =
        ANSWERS.iter().find(|head| text.get(..head.len()).is_some_and(|t| t.eq_ignore_ascii_case(head)))
    {
        text = text[head.len()..].trim_start();
    }
    text
}

/// `Name <address>` and `address (Name)` without the address.
fn sender(text: &str) -> &str {
    let name = match text.split_once('(') {
        Some((_, name)) if !text.contains('<') => name.trim_end_matches(')'),
        _ => text.split('<').next().unwrap_or_default(),
    };
    let name = unquoted(name.trim());
    if name.contains('@') { "" } else { name }
}
