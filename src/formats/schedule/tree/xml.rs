//! XML as a tree: attributes are keys with `@`, text beside them is `#text`, an element of nothing but text is that text.

use std::{borrow::Cow, rc::Rc};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

use super::{Growth, Key, Meaning, Node, Object, TEXT_BYTES_MAX, TREE_BYTES_MAX, Tree};
use crate::text::html::is_element;

/// An element that is being read.
struct Open<'a> {
    key: Rc<Key>,
    start: usize,
    /// Where its content begins.
    inner: usize,
    members: Vec<(Rc<Key>, Node<'a>)>,
    /// As it is written, so far.
    text: Cow<'a, str>,
    has_children: bool,
}

/// An XML text as a tree. Entities other than XML's own and document types are not followed.
pub(in crate::formats) fn read(text: &str) -> Tree<'_> {
    read_within(text, TREE_BYTES_MAX)
}

fn read_within(text: &str, bytes_max: usize) -> Tree<'_> {
    let mut builder = Builder { text, growth: Growth::within(bytes_max), stack: Vec::new() };
    let root = Open::new(Rc::default(), 0, 0);
    builder.stack.push(root);
    builder.elements();
    while builder.stack.len() > 1 {
        builder.close(text.len(), text.len());
    }
    let members = builder.stack.pop().map(|root| root.members).unwrap_or_default();
    let root = Node::Object(Object::new(members, (0, text.len()), together));
    builder.growth.tree(root)
}

/// Elements of one name are a list.
fn together<'a>(before: Node<'a>, later: Node<'a>) -> Node<'a> {
    match before {
        Node::List(mut values) => {
            values.push(later);
            Node::List(values)
        }
        before => Node::List(vec![before, later]),
    }
}

impl Open<'_> {
    fn new(key: Rc<Key>, start: usize, inner: usize) -> Self {
        Open { key, start, inner, members: Vec::new(), text: Cow::Borrowed(""), has_children: false }
    }
}

struct Builder<'a> {
    text: &'a str,
    growth: Growth,
    /// The first stands around everything.
    stack: Vec<Open<'a>>,
}

impl<'a> Builder<'a> {
    fn elements(&mut self) {
        let text = self.text;
        let mut reader = Reader::from_str(text);
        reader.config_mut().check_end_names = false;
        loop {
            let place = |reader: &Reader<&[u8]>| {
                usize::try_from(reader.buffer_position()).unwrap_or(usize::MAX).min(text.len())
            };
            let start = place(&reader);
            let event = match reader.read_event() {
                Ok(event) => event,
                Err(error) => return self.growth.stop(start, format!("not XML from here on: {error}")),
            };
            let end = place(&reader);
            match event {
                Event::Start(element) => {
                    self.open(&element, start, end);
                }
                Event::Empty(element) => {
                    self.open(&element, start, end);
                    self.close(end, end);
                }
                Event::End(_) if self.stack.len() > 1 => self.close(start, end),
                Event::Text(_) | Event::GeneralRef(_) => self.add(Cow::Borrowed(&text[start..end]), start),
                // As text that needs no decoding.
                Event::CData(cdata) => self.add(Cow::Owned(cdata.replace('&', "&amp;").replace('<', "&lt;")), start),
                Event::Eof => {
                    if let Some(open) = self.stack.get(1..).and_then(<[Open]>::last) {
                        let message = format!("the file breaks off within <{}>", open.key.name);
                        self.growth.stop(start, message);
                    }
                    return;
                }
                _ => {}
            }
            if self.growth.is_over {
                return;
            }
        }
    }

    fn open(&mut self, element: &BytesStart, start: usize, end: usize) {
        self.growth.grow(self.stack.len() - 1, start);
        // What has no name is read as its neighbours are.
        let key = self.growth.key(element.local_name().as_ref(), start).unwrap_or_default();
        let mut open = Open::new(key, start, end);
        for attribute in element.attributes().with_checks(false).flatten() {
            self.growth.grow(0, start);
            if self.growth.is_over {
                break;
            }
            let key = self.growth.key(&format!("@{}", attribute.key.local_name().as_ref()), start);
            let value = self.growth.text(Cow::Owned(decoded(attribute.value).into_owned()), start);
            open.members.extend(key.map(|key| (key, value)));
        }
        self.stack.push(open);
    }

    /// Text of the innermost element.
    fn add(&mut self, more: Cow<'a, str>, at: usize) {
        let Some(open) = self.stack.last_mut() else { return };
        if open.text.is_empty() {
            // The space between elements is nobody's.
            open.text = if more.trim().is_empty() { Cow::Borrowed("") } else { more };
        } else if open.text.len() <= TEXT_BYTES_MAX {
            open.text.to_mut().push_str(&more);
            self.growth.take(more.len(), at);
        }
    }

    /// Puts the innermost element into the one around it.
    fn close(&mut self, inner_end: usize, end: usize) {
        let Some(open) = self.stack.pop() else { return };
        let Some(parent) = self.stack.last_mut() else { return };
        parent.has_children = true;
        let is_prose = matches!(
            open.key.meaning,
            Some(Meaning::Title | Meaning::Subtitle | Meaning::Abstract | Meaning::Description | Meaning::Bio)
        );
        let is_inline = || open.members.iter().all(|(key, _)| key.is_mark() || is_element(&key.name));
        let value = if open.has_children && is_prose && is_inline() {
            // Markup that was not escaped.
            let inner = self.text[open.inner..inner_end.max(open.inner)].trim();
            self.growth.text(Cow::Borrowed(inner), open.start)
        } else {
            let text = self.growth.text(decoded(open.text), open.start);
            if open.members.is_empty() {
                text
            } else {
                let mut members = open.members;
                if text.as_str() != Some("") {
                    members.extend(self.growth.key("#text", open.start).map(|key| (key, text)));
                }
                Node::Object(Object::new(members, (open.start, end), together))
            }
        };
        parent.members.push((open.key, value));
    }
}

/// A text without its entities and the space around it: XML's own and numbers; others stay as they are written.
fn decoded(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains('&') || text.len() > TEXT_BYTES_MAX {
        return match text {
            Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
            Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
            Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
        };
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text.trim();
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
    out.push_str(rest);
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::formats::schedule::object::plain;
    use serde_json::json;

    #[test]
    fn elements_become_the_tree_of_json() {
        let text = "<?xml version=\"1.0\"?><s><day date='2020-01-01'><event id=\"1\"><title>A &amp; B</title><persons><person id=\"2\">Ann</person>\
                    <person>Bob</person></persons><abstract><p>One <b>two</b></p></abstract><description>&lt;p&gt;x&lt;/p&gt;</description><logo/></event></day></s>";
        let tree = read(text);
        assert!(tree.troubles.is_empty());
        assert_eq!(
            plain(&tree.root)["s"]["day"]["event"],
            json!({"@id": "1", "title": "A & B", "persons": {"person": [{"@id": "2", "#text": "Ann"}, "Bob"]},
                   "abstract": "<p>One <b>two</b></p>", "description": "<p>x</p>", "logo": ""})
        );
        let object = |node: &Node, key: &str| {
            node.as_object().and_then(|object| object.get(key)).map(|n| n.as_object().and_then(Object::span))
        };
        let day = tree.root.as_object().unwrap().get("s").and_then(Node::as_object).unwrap().get("day").unwrap();
        let (start, end) = object(day, "event").flatten().unwrap();
        assert!(text[start..end].starts_with("<event id") && text[start..end].ends_with("</event>"));
    }

    #[test]
    fn what_breaks_off_gives_what_came_before() {
        let text = "<s><event><title>One</title></event>\n<event><title>Two</ti";
        let tree = read(text);
        assert_eq!(tree.troubles[0].problem(text).line, Some(2));
        assert_eq!(plain(&tree.root)["s"]["event"][0]["title"], "One");
        let bomb = "<!DOCTYPE a [<!ENTITY x \"xxxxxxxxxx\"><!ENTITY y \"&x;&x;&x;&x;\">]><s><title>&y;</title></s>";
        assert_eq!(plain(&read(bomb).root)["s"]["title"], "&y;");
    }

    #[test]
    fn a_tree_grows_so_far_and_no_further() {
        let text = format!("<s><t>One</t>\n{}</s>", "<a b='c'>d</a>".repeat(1_000));
        let tree = read_within(&text, 10_000);
        assert_eq!(tree.troubles[0].problem(&text).line, Some(2));
        let s = &plain(&tree.root)["s"];
        assert_eq!(s["t"], "One");
        assert!((20..100).contains(&s["a"].as_array().unwrap().len()), "{s}");
    }
}
