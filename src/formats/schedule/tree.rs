//! JSON and XML as one tree of values in which every object knows where it stands: `#span` holds its bytes.

use quick_xml::{Reader, events::Event};
use serde_json::{Map, Value, json, value::RawValue};

use super::keys::{Meaning, meaning};
use crate::{error::Problem, text::html::is_element};

/// The key under which an object says which bytes of the text it stands in.
pub(in crate::formats) const SPAN: &str = "#span";
/// Objects, lists and elements nested deeper are no schedule.
pub(in crate::formats) const DEPTH_MAX: usize = 64;
/// Values of one file: what they take in memory is bounded by the file's size otherwise.
const VALUES_MAX: usize = 1_000_000;

/// A JSON text as a tree.
///
/// # Errors
/// A problem with the line where the text ceases to be JSON, or is too deep.
pub(in crate::formats) fn from_json(text: &str) -> Result<Value, Problem> {
    let trimmed = text.trim_start_matches('\u{feff}');
    let raw: &RawValue = serde_json::from_str(trimmed).map_err(|error| {
        let message = format!("not JSON: {}", error.to_string().split(" at line").next().unwrap_or_default());
        Problem::new("", Some(error.line() as u64), message, "mend it; nothing of the file was read")
    })?;
    let mut n_values = 0;
    json_node(raw, text, 0, &mut n_values)
}

fn json_node(raw: &RawValue, text: &str, depth: usize, n_values: &mut usize) -> Result<Value, Problem> {
    let source = raw.get();
    let too_much = |message: &str| Err(Problem::new("", None, message, "take it apart; nothing of the file was read"));
    *n_values += 1;
    if depth > DEPTH_MAX {
        return too_much("values are nested too deep");
    }
    if *n_values > VALUES_MAX {
        return too_much("the file holds too many values");
    }
    // A value that was scanned once is sound.
    match source.as_bytes().first() {
        Some(b'{') => {
            let members: Members = serde_json::from_str(source).unwrap_or_default();
            let mut map = Map::new();
            let start = source.as_ptr() as usize - text.as_ptr() as usize;
            map.insert(SPAN.to_owned(), json!([start, start + source.len()]));
            for (key, member) in members.0 {
                map.insert(key, json_node(member, text, depth + 1, n_values)?);
            }
            Ok(Value::Object(map))
        }
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(source).unwrap_or_default();
            items
                .into_iter()
                .map(|item| json_node(item, text, depth + 1, n_values))
                .collect::<Result<_, _>>()
                .map(Value::Array)
        }
        // A number beyond all bounds, half of a surrogate pair: no reason to lose the rest.
        _ => Ok(serde_json::from_str(source).unwrap_or(Value::Null)),
    }
}

/// The members of an object in their order, unread.
#[derive(Default)]
struct Members<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> serde::Deserialize<'de> for Members<'a> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor<'a>(std::marker::PhantomData<&'a ()>);
        impl<'de: 'a, 'a> serde::de::Visitor<'de> for Visitor<'a> {
            type Value = Members<'a>;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = access.next_entry::<String, &'de RawValue>()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Visitor(std::marker::PhantomData))
    }
}

/// An element that is being read.
struct Open {
    name: String,
    start: usize,
    /// Where its content begins.
    inner: usize,
    map: Map<String, Value>,
    text: String,
    has_children: bool,
}

/// An XML text as a tree: attributes are keys with `@`, text beside them is `#text`, an element of nothing but text is
/// that text. Entities other than XML's own and document types are not followed. What is read until the text ceases to be
/// XML is given with the problem.
pub(in crate::formats) fn from_xml(text: &str) -> (Value, Option<Problem>) {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = false;
    let mut stack = vec![Open {
        name: String::new(),
        start: 0,
        inner: 0,
        map: Map::new(),
        text: String::new(),
        has_children: false,
    }];
    let mut n_values = 0;
    let mut problem = None;
    loop {
        let start = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        let line = || Some(text[..start].matches('\n').count() as u64 + 1);
        let event = match reader.read_event() {
            Ok(event) => event,
            Err(error) => {
                problem = Some(Problem::new(
                    "",
                    line(),
                    format!("not XML from here on: {error}"),
                    "mend it; what comes before is read",
                ));
                break;
            }
        };
        let end = usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len());
        n_values += 1;
        if stack.len() > DEPTH_MAX || n_values > VALUES_MAX {
            problem = Some(Problem::new(
                "",
                line(),
                "elements are nested too deep, or too many",
                "what comes before is read",
            ));
            break;
        }
        match event {
            Event::Start(element) | Event::Empty(element) if !stack.is_empty() => {
                let is_empty = text[..end].ends_with("/>");
                let name = element.local_name().as_ref().to_owned();
                let mut map = Map::new();
                for attribute in element.attributes().with_checks(false).flatten() {
                    let key = format!("@{}", attribute.key.local_name().as_ref());
                    let value = decoded(&attribute.value);
                    map.insert(key, Value::String(value));
                }
                let open = Open { name, start, inner: end, map, text: String::new(), has_children: false };
                if is_empty {
                    close(&mut stack, open, text, end, end);
                } else {
                    stack.push(open);
                }
            }
            Event::End(_) if stack.len() > 1 => {
                if let Some(open) = stack.pop() {
                    close(&mut stack, open, text, start, end);
                }
            }
            Event::Text(_) | Event::GeneralRef(_) => {
                if let Some(open) = stack.last_mut() {
                    open.text.push_str(&text[start..end]);
                }
            }
            Event::CData(cdata) => {
                if let Some(open) = stack.last_mut() {
                    // As text that needs no decoding.
                    let inner = cdata.replace('&', "&amp;").replace('<', "&lt;");
                    open.text.push_str(&inner);
                }
            }
            Event::Eof => {
                if let Some(open) = stack.get(1..).and_then(<[Open]>::last) {
                    let message = format!("the file ends within <{}>", open.name);
                    problem =
                        Some(Problem::new("", line(), message, "it may have been cut off; what is there is read"));
                }
                break;
            }
            _ => {}
        }
    }
    while stack.len() > 1 {
        if let Some(open) = stack.pop() {
            close(&mut stack, open, text, text.len(), text.len());
        }
    }
    (Value::Object(stack.pop().map(|root| root.map).unwrap_or_default()), problem)
}

/// Puts a finished element into the one around it.
fn close(stack: &mut [Open], open: Open, text: &str, inner_end: usize, end: usize) {
    let Some(parent) = stack.last_mut() else { return };
    parent.has_children = true;
    let prose = matches!(
        meaning(&open.name),
        Some(Meaning::Title | Meaning::Subtitle | Meaning::Abstract | Meaning::Description | Meaning::Bio)
    );
    let inline = |map: &Map<String, Value>| map.keys().all(|key| key.starts_with(['@', '#']) || is_element(key));
    let value = if open.has_children && prose && inline(&open.map) {
        // Markup that was not escaped.
        Value::String(text[open.inner..inner_end.max(open.inner)].trim().to_owned())
    } else if open.map.is_empty() {
        Value::String(decoded(open.text.trim()))
    } else {
        let mut map = open.map;
        if !open.text.trim().is_empty() {
            map.insert("#text".to_owned(), Value::String(decoded(open.text.trim())));
        }
        map.insert(SPAN.to_owned(), json!([open.start, end]));
        Value::Object(map)
    };
    match parent.map.get_mut(&open.name) {
        None => _ = parent.map.insert(open.name, value),
        Some(Value::Array(values)) => values.push(value),
        Some(other) => *other = Value::Array(vec![other.take(), value]),
    }
}

/// XML's own entities and numbers; others stay as they are written.
fn decoded(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        let found = end.and_then(|end| {
            let name = &rest[1..end];
            let number = |digits: &str, radix| u32::from_str_radix(digits, radix).ok().and_then(char::from_u32);
            let c = match name {
                "amp" => Some('&'),
                "lt" => Some('<'),
                "gt" => Some('>'),
                "quot" => Some('"'),
                "apos" => Some('\''),
                _ => name.strip_prefix("#x").map_or_else(|| number(name.strip_prefix('#')?, 10), |hex| number(hex, 16)),
            };
            c.map(|c| (c, end + 1))
        });
        if let Some((c, length)) = found {
            out.push(c);
            rest = &rest[length..];
        } else {
            out.push('&');
            rest = &rest[1..];
        }
    }
    out + rest
}

/// Where an object stands.
pub(in crate::formats) fn span(object: &Map<String, Value>) -> Option<(usize, usize)> {
    let pair = object.get(SPAN)?.as_array()?;
    let at = |index: usize| usize::try_from(pair.get(index)?.as_u64()?).ok();
    Some((at(0)?, at(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn without_spans(value: &Value) -> Value {
        match value {
            Value::Object(map) => Value::Object(
                map.iter()
                    .filter(|(key, _)| *key != SPAN)
                    .map(|(key, value)| (key.clone(), without_spans(value)))
                    .collect(),
            ),
            Value::Array(values) => values.iter().map(without_spans).collect(),
            value => value.clone(),
        }
    }

    #[test]
    fn json_keeps_its_places() {
        let text = "\u{feff}{\"a\": [1, {\"b\": \"é\"}], \"a\": 2, \"n\": 1e999}";
        let tree = from_json(text).unwrap();
        assert_eq!(without_spans(&tree), json!({"a": 2, "n": null}));
        let text = r#"[{"t": {"u": 1}}]"#;
        let tree = from_json(text).unwrap();
        let inner = tree[0]["t"].as_object().unwrap();
        let (start, end) = span(inner).unwrap();
        assert_eq!(&text[start..end], r#"{"u": 1}"#);
        assert_eq!(from_json("{\n\"a\": }").unwrap_err().line, Some(2));
        assert!(from_json(&"[".repeat(100_000)).is_err());
        let deep = format!("{}1{}", "[".repeat(100), "]".repeat(100));
        assert!(from_json(&deep).unwrap_err().message.contains("deep"));
    }

    #[test]
    fn xml_becomes_the_same_tree() {
        let text = "<?xml version=\"1.0\"?><s><day date='2020-01-01'><event id=\"1\"><title>A &amp; B</title><persons><person id=\"2\">Ann</person>\
                    <person>Bob</person></persons><abstract><p>One <b>two</b></p></abstract><description>&lt;p&gt;x&lt;/p&gt;</description><logo/></event></day></s>";
        let (tree, problem) = from_xml(text);
        assert!(problem.is_none());
        let event = &tree["s"]["day"]["event"];
        assert_eq!(
            without_spans(event),
            json!({"@id": "1", "title": "A & B", "persons": {"person": [{"@id": "2", "#text": "Ann"}, "Bob"]},
                   "abstract": "<p>One <b>two</b></p>", "description": "<p>x</p>", "logo": ""})
        );
        let (start, end) = span(event.as_object().unwrap()).unwrap();
        assert!(text[start..end].starts_with("<event id") && text[start..end].ends_with("</event>"));
    }

    #[test]
    fn xml_that_breaks_off_gives_what_came_before() {
        let (tree, problem) = from_xml("<s><event><title>One</title></event><event><title>Two</ti");
        assert!(problem.is_some());
        assert_eq!(tree["s"]["event"][0]["title"], "One");
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;\">]><s><title>&y;</title></s>";
        assert_eq!(from_xml(bomb).0["s"]["title"], "&y;");
        let (_, problem) = from_xml(&"<a>".repeat(100_000));
        assert!(problem.unwrap().message.contains("deep"));
    }
}
