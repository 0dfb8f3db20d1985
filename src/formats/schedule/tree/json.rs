//! JSON as a tree, in one pass. A parser that gives all or nothing would lose a day's talks to one comma: what stands before a
//! break is kept, and what people and programs do to JSON is read where nothing else can be meant: comments, a comma too
//! many, line ends in texts, halves of surrogate pairs, NaN.

use std::borrow::Cow;

use super::{Growth, Node, Object, TEXT_BYTES_MAX, TREE_BYTES_MAX, Tree};

/// Longer numbers are no numbers of anybody's.
const NUMBER_BYTES_MAX: usize = 400;
const WORDS: &[(&str, Option<bool>)] = &[
    ("true", Some(true)),
    ("false", Some(false)),
    ("null", None),
    ("NaN", None),
    ("Infinity", None),
    ("-Infinity", None),
];

/// A JSON text as a tree.
pub(in crate::formats) fn read(text: &str) -> Tree<'_> {
    read_within(text, TREE_BYTES_MAX)
}

fn read_within(text: &str, bytes_max: usize) -> Tree<'_> {
    let mut scanner = Scanner { text, at: 0, growth: Growth::within(bytes_max) };
    let root = scanner.value(0);
    scanner.at = behind_space(text, scanner.at);
    if scanner.at < text.len() && !scanner.growth.is_over {
        scanner.stop("there is more behind the end");
    }
    scanner.growth.tree(root)
}

/// Where the next thing stands that is neither space nor a comment nor a byte order mark.
pub(in crate::formats) fn behind_space(text: &str, mut at: usize) -> usize {
    loop {
        let bytes = &text.as_bytes()[at..];
        let n_spaces = bytes.iter().take_while(|byte| matches!(byte, b' ' | b'\n' | b'\r' | b'\t')).count();
        at += n_spaces;
        let rest = &text[at..];
        let skipped = if rest.starts_with('\u{feff}') {
            Some('\u{feff}'.len_utf8())
        } else if rest.starts_with("/*") {
            rest.find("*/").map(|end| end + 2)
        } else if rest.starts_with("//") {
            rest.find('\n')
        } else {
            return at;
        };
        at += skipped.unwrap_or(rest.len());
    }
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
    growth: Growth,
}

impl<'a> Scanner<'a> {
    /// What is there; what could be read of it, where the growth is over then.
    fn value(&mut self, depth: usize) -> Node<'a> {
        self.at = behind_space(self.text, self.at);
        self.growth.grow(depth, self.at);
        if self.growth.is_over {
            return Node::Null;
        }
        match self.peek() {
            Some(b'{') => Node::Object(self.object(depth)),
            Some(b'[') => Node::List(self.list(depth)),
            Some(b'"') => {
                let start = self.at;
                let raw = self.string();
                raw.map_or(Node::Null, |raw| {
                    let is_long = raw.len() > TEXT_BYTES_MAX;
                    self.growth.text(if is_long { Cow::Borrowed(raw) } else { unescaped(raw) }, start)
                })
            }
            _ => self.scalar(),
        }
    }

    fn object(&mut self, depth: usize) -> Object<'a> {
        let start = self.at;
        self.at += 1;
        let mut members = Vec::new();
        loop {
            self.at = behind_space(self.text, self.at);
            match self.peek() {
                Some(b'}') => {
                    self.at += 1;
                    break;
                }
                Some(b'"') => {}
                _ => {
                    self.stop("a key in quotes is missing");
                    break;
                }
            }
            let place = self.at;
            let Some(raw) = self.string() else { break };
            let key = self.growth.key(&unescaped(raw), place);
            self.at = behind_space(self.text, self.at);
            if self.peek() != Some(b':') {
                self.stop("a colon is missing");
                break;
            }
            self.at += 1;
            let value = self.value(depth + 1);
            let is_read = !(self.growth.is_over && matches!(value, Node::Null));
            members.extend(key.filter(|_| is_read).map(|key| (key, value)));
            if !self.goes_on(b'}') {
                break;
            }
        }
        Object::new(members, (start, self.at), |_, later| later)
    }

    fn list(&mut self, depth: usize) -> Vec<Node<'a>> {
        self.at += 1;
        let mut values = Vec::new();
        loop {
            self.at = behind_space(self.text, self.at);
            if self.peek() == Some(b']') {
                self.at += 1;
                break;
            }
            let value = self.value(depth + 1);
            if !(self.growth.is_over && matches!(value, Node::Null)) {
                values.push(value);
            }
            if !self.goes_on(b']') {
                break;
            }
        }
        values.shrink_to_fit();
        values
    }

    /// Whether there may be another member; the end is left to be found.
    fn goes_on(&mut self, close: u8) -> bool {
        if self.growth.is_over {
            return false;
        }
        self.at = behind_space(self.text, self.at);
        match self.peek() {
            Some(b',') => self.at += 1,
            Some(byte) if byte == close => {}
            _ => self.stop("a comma is missing"),
        }
        !self.growth.is_over
    }

    /// What stands between quotes, as it is written.
    fn string(&mut self) -> Option<&'a str> {
        let from = self.at + 1;
        let mut to = from;
        while let Some(found) = self.text[to..].find('"') {
            to += found;
            let raw = &self.text[from..to];
            to += 1;
            if raw.bytes().rev().take_while(|byte| *byte == b'\\').count() % 2 == 0 {
                self.at = to;
                return Some(raw);
            }
        }
        self.stop("a text has no end");
        None
    }

    /// A number or a word.
    fn scalar(&mut self) -> Node<'a> {
        let rest = &self.text[self.at..];
        if let Some((word, meant)) = WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
            self.at += word.len();
            return meant.map_or(Node::Null, Node::Bool);
        }
        let n_bytes = rest.bytes().take_while(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte)).count();
        let number = &rest[..n_bytes];
        let Ok(found) = number.parse::<f64>() else {
            self.stop("a value is missing");
            return Node::Null;
        };
        self.at += n_bytes;
        // Beyond all bounds: no reason to lose the rest.
        let is_one = found.is_finite() && n_bytes <= NUMBER_BYTES_MAX;
        if is_one { Node::Number(number) } else { Node::Null }
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn stop(&mut self, what: &str) {
        let message = if self.at < self.text.len() {
            format!("not JSON from here on: {what}")
        } else {
            format!("the file breaks off: {what}")
        };
        self.growth.stop(self.at, message);
    }
}

/// A text without its escapes.
fn unescaped(raw: &str) -> Cow<'_, str> {
    if !raw.contains('\\') {
        return Cow::Borrowed(raw);
    }
    let mut out = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        // Pairs stand in two of them; half of one is no character.
        let mut units = Vec::new();
        while let Some(unit) = rest.strip_prefix("\\u").and_then(unit) {
            units.push(unit);
            rest = &rest[6..];
        }
        if !units.is_empty() {
            let chars = char::decode_utf16(units);
            out.extend(chars.map(|found| found.unwrap_or(char::REPLACEMENT_CHARACTER)));
            continue;
        }
        let Some(sign) = rest.chars().nth(1) else { break };
        rest = &rest[1 + sign.len_utf8()..];
        out.push(match sign {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            sign => sign,
        });
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Four hexadecimal digits.
fn unit(text: &str) -> Option<u16> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
    u16::from_str_radix(digits, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::schedule::object::plain;
    use serde_json::{Value, json};

    /// The values, and the line and words of the first trouble.
    fn shown(text: &str) -> (Value, Option<(u64, String)>) {
        let tree = read(text);
        let trouble = tree.troubles.first().map(|trouble| trouble.problem(text));
        (plain(&tree.root), trouble.map(|problem| (problem.line.unwrap(), problem.message)))
    }

    #[test]
    fn values_are_those_of_any_json_parser() {
        for text in [
            r#"{"a": [1, -2.5e3, true, false, null, "x"], "b": {"c": {}}, "d": []}"#,
            r#"["\"\\\/\b\f\n\r\t", "\u00e9\ud83d\ude00 \u0041", "", "\\", "é\\\\"]"#,
            "\n\t [ ]\r\n",
            "\"lone\"",
            "0",
        ] {
            assert_eq!(shown(text), (serde_json::from_str(text).unwrap(), None), "{text}");
        }
    }

    #[test]
    fn what_people_do_to_json_is_read() {
        for (text, expected) in [
            ("\u{feff}/* from */ {\"a\": 1, // one\n \"b\": [1, 2,],}", json!({"a": 1, "b": [1, 2]})),
            (r#"{"a": 1, "b": 2, "a": {"c": 3}}"#, json!({"a": {"c": 3}, "b": 2})),
            (r#"["half \ud83d", 1e999, NaN, -Infinity, "two"]"#, json!(["half \u{fffd}", null, null, null, "two"])),
            ("[\"two\nlines\", \"\\x \\u12\"]", json!(["two\nlines", "x u12"])),
        ] {
            assert_eq!(shown(text), (expected, None), "{text}");
        }
    }

    #[test]
    fn what_stands_before_a_break_is_read() {
        let two = json!([{"t": "One"}, {"t": "Two"}]);
        for (text, expected, line, message) in [
            ("[{\"t\": \"One\"},\n{\"t\": \"Two\", \"u\": \"Thr", &two, 2, "not JSON from here on: a text has no end"),
            ("[{\"t\": \"One\"},\n{\"t\": \"Two\"", &two, 2, "the file breaks off: a comma is missing"),
            (
                "[{\"t\": \"One\"}, {\"t\": \"Two\"\n, oops}]",
                &two,
                2,
                "not JSON from here on: a key in quotes is missing",
            ),
            ("[{\"t\": \"One\"}, {\"t\": \"Two\"} {}]", &two, 1, "not JSON from here on: a comma is missing"),
            ("[{\"t\": \"One\"}, {\"t\": \"Two\"},\n\n", &two, 3, "the file breaks off: a value is missing"),
            ("[{\"t\": \"One\"}, {\"t\": \"Two\"}] []", &two, 1, "not JSON from here on: there is more behind the end"),
            ("{\n\"a\": }", &json!({}), 2, "not JSON from here on: a value is missing"),
            ("", &json!(null), 1, "the file breaks off: a value is missing"),
        ] {
            let (value, trouble) = shown(text);
            assert_eq!((&value, trouble), (expected, Some((line, message.to_owned()))), "{text}");
        }
    }

    #[test]
    fn objects_know_where_they_stand() {
        let text = r#"[ {"t": {"\u0075" : 1 } ,"é":[{}]}]"#;
        let Node::List(values) = read(text).root else { panic!("it is a list") };
        let outer = values[0].as_object().unwrap();
        let (start, end) = outer.span().unwrap();
        assert_eq!(&text[start..end], &text[2..text.len() - 1]);
        let (start, end) = outer.get("t").and_then(Node::as_object).unwrap().span().unwrap();
        assert_eq!(&text[start..end], r#"{"\u0075" : 1 }"#);
    }

    #[test]
    fn a_tree_grows_so_far_and_no_further() {
        let list = format!("[{}0]", "{\"a\":1},".repeat(1_000));
        let keys: Vec<String> = (0..1_000).map(|n| format!("\"k{n}\":1,\n")).collect();
        for (text, n_max) in [(list, 100), (format!("{{{}}}", keys.concat()), 40)] {
            let tree = read_within(&text, 10_000);
            assert_eq!(tree.troubles[0].message, "the file holds more values than a schedule has");
            let n = plain(&tree.root);
            let n = n.as_array().map_or_else(|| n.as_object().unwrap().len(), Vec::len);
            assert!((20..n_max).contains(&n), "{n}");
        }
    }
}
