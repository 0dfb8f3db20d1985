//! What a page states for machines, as objects in the words of schema.org: JSON-LD, microdata, and microformats.

use std::collections::BTreeMap;

use serde_json::{Map, Value, value::RawValue};

use super::head::is_type;
use crate::{
    error::Problem,
    formats::schedule::prose,
    text::{html::dom::Dom, one_line},
};

pub(super) struct Item {
    pub object: Map<String, Value>,
    /// Bytes of the file.
    pub span: (usize, usize),
    /// The item that this one is a part of.
    pub above: Option<usize>,
}

impl Item {
    pub fn is(&self, ends: &[&str]) -> bool {
        is_type(&self.object, ends)
    }
}

const DEPTH_MAX: usize = 32;
const ITEMS_MAX: usize = 20_000;
/// Items within properties of items: a talk's speaker's company's address.
const NESTED_MAX: usize = 4;
/// Bytes of the elements of all properties: real ones hardly stand in each other, and hostile ones hundreds deep.
const BYTES_MAX: usize = 16 << 20;
/// Members that hold other items of the page, and those whose items are parts of the one they stand in.
const LISTS: &[&str] = &["@graph", "itemListElement", "item", "mainEntity", "event", "events"];
const PARTS: &[&str] = &["subEvent", "subEvents", "hasPart"];
/// Members that are addresses wherever they stand.
const ADDRESSES: &[&str] = &["url", "sameAs", "image", "embedUrl", "contentUrl", "recordedIn"];
/// Members that are long texts.
const TEXTS: &[&str] = &["description", "abstract", "disambiguatingDescription"];
/// Classes of microformats 2 and of hCalendar, and what schema.org calls that.
#[rustfmt::skip]
const CLASSES: &[(&str, &str)] = &[
    ("p-name", "name"), ("dt-start", "startDate"), ("dt-end", "endDate"), ("dt-duration", "duration"), ("p-location", "location"),
    ("p-summary", "description"), ("p-description", "description"), ("e-content", "description"), ("e-description", "description"),
    ("p-speaker", "performer"), ("p-performer", "performer"), ("p-attendee", "performer"), ("p-author", "author"), ("u-url", "url"), ("p-category", "keywords"),
];
const OLD_CLASSES: &[(&str, &str)] = &[
    ("summary", "name"),
    ("dtstart", "startDate"),
    ("dtend", "endDate"),
    ("duration", "duration"),
    ("location", "location"),
    ("description", "description"),
    ("speaker", "performer"),
    ("attendee", "performer"),
    ("url", "url"),
    ("category", "keywords"),
];

/// The items of a page in its order. The lines of the problems are bytes still.
pub(super) fn read(dom: &Dom, html: &str) -> (Vec<Item>, Vec<Problem>) {
    let (mut items, mut problems) = (Vec::new(), Vec::new());
    // The item that each node is, or else stands in.
    let mut holders: Vec<Option<usize>> = vec![None; dom.n_nodes()];
    let mut reader = Reader { dom, people: People::of(dom), bytes_left: BYTES_MAX };
    for at in 0..dom.n_nodes() {
        if items.len() >= ITEMS_MAX {
            break;
        }
        let above = holders[dom.parent(at)];
        holders[at] = above;
        if dom.name(at) == "script"
            && dom.attr(at, "type").is_some_and(|kind| kind.trim().starts_with("application/ld+json"))
        {
            if let Some((text, start)) = dom.raw(at, html)
                && let Err(error) = json_ld(text, start, &mut items)
                && text.contains("Event\"")
            {
                let message = format!("the events stated in a script can't be read: {error}");
                problems.push(Problem::new(
                    "",
                    Some(start as u64),
                    message,
                    "mend its JSON; the rest of the page is read",
                ));
            }
            continue;
        }
        let Some(object) = reader.microdata(at, NESTED_MAX).or_else(|| reader.microformat(at)) else { continue };
        holders[at] = Some(items.len());
        items.push(Item { object, span: dom.span(at), above });
    }
    (items, problems)
}

/// The text of a value: a string, a number, what names an object, the first of a list.
pub(super) fn name(value: &Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        Value::Array(values) => return values.iter().find_map(name),
        Value::Object(object) => return ["name", "@value", "headline"].iter().find_map(|key| name(object.get(*key)?)),
        _ => return None,
    };
    Some(one_line(&text)).filter(|text| !text.is_empty())
}

fn json_ld(text: &str, start: usize, items: &mut Vec<Item>) -> Result<(), serde_json::Error> {
    // Line ends within strings are a common fault, and these signs often stand around.
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let marks = ["<!--", "-->", "//<![CDATA[", "//]]>", "/*<![CDATA[*/", "/*]]>*/"];
    let plain = marks.iter().fold(plain, |text, mark| text.replace(mark, &" ".repeat(mark.len())));
    let inner = plain.trim().trim_end_matches(';');
    let raw: &RawValue = serde_json::from_str(inner)?;
    let place = Place { text: &plain, start };
    place.collect(raw, None, 0, items);
    Ok(())
}

/// A script's text, and where it begins in the file.
struct Place<'a> {
    text: &'a str,
    start: usize,
}

impl Place<'_> {
    fn collect(&self, raw: &RawValue, above: Option<usize>, depth: usize, items: &mut Vec<Item>) {
        let source = raw.get();
        if depth > DEPTH_MAX || items.len() >= ITEMS_MAX {
            return;
        }
        if source.starts_with('[') {
            let values: Vec<&RawValue> = serde_json::from_str(source).unwrap_or_default();
            values.into_iter().for_each(|value| self.collect(value, above, depth + 1, items));
            return;
        }
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(source).unwrap_or_default();
        let is_inner = |key: &str| PARTS.contains(&key) || LISTS.contains(&key);
        let mut part_of = above;
        if members.contains_key("@type") {
            let own = members.iter().filter(|(key, _)| !is_inner(key));
            let read = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
            let mut object: Map<String, Value> = own.map(|(key, raw)| (key.clone(), read(raw))).collect();
            object.iter_mut().for_each(|(key, value)| unmarked(key, value));
            let start = self.start + (source.as_ptr() as usize - self.text.as_ptr() as usize);
            part_of = Some(items.len());
            items.push(Item { object, span: (start, start + source.len()), above });
        }
        for (key, value) in members {
            if PARTS.contains(&key.as_str()) {
                self.collect(value, part_of, depth + 1, items);
            } else if LISTS.contains(&key.as_str()) {
                self.collect(value, above, depth + 1, items);
            }
        }
    }
}

/// Texts may be markup in JSON; an element's is not.
fn unmarked(key: &str, value: &mut Value) {
    match value {
        Value::String(text) if TEXTS.contains(&key) => *text = prose::read(text),
        Value::String(text) => *text = prose::line(text),
        Value::Array(values) => values.iter_mut().for_each(|value| unmarked(key, value)),
        Value::Object(object) => object.iter_mut().for_each(|(key, value)| unmarked(key, value)),
        _ => {}
    }
}

/// Reads what elements state.
struct Reader<'a> {
    dom: &'a Dom,
    people: People,
    bytes_left: usize,
}

/// Where events in microformats name people and places.
struct People {
    /// How many cards begin before each node, and at last in all.
    n_before: Vec<usize>,
    /// Whether a node stands in what is of a person or a place, within its event.
    are_around: Vec<bool>,
}

impl People {
    fn of(dom: &Dom) -> People {
        let mut people = People { n_before: vec![0], are_around: vec![false; dom.n_nodes()] };
        // The names of classes in the event that each node is, or else stands in; and what holds for the nodes in it.
        let mut tables: Vec<Option<Table>> = vec![None; dom.n_nodes()];
        let mut are_in = vec![false; dom.n_nodes()];
        for at in 0..dom.n_nodes() {
            let is_card = ["h-card", "vcard"].iter().any(|class| dom.has_class(at, class));
            people.n_before.push(people.n_before[at] + usize::from(is_card));
            let event = classes_of_event(dom, at);
            tables[at] = event.or(tables[dom.parent(at)]);
            people.are_around[at] = are_in[dom.parent(at)];
            let names = |table: Table| dom.classes(at).filter_map(|class| named(table, class)).any(is_of_card);
            let is_it = || people.are_around[at] || is_card || tables[at].is_some_and(names);
            are_in[at] = event.is_none() && is_it();
        }
        people
    }

    fn are_within(&self, dom: &Dom, at: usize) -> bool {
        let within = dom.within(at);
        self.n_before[within.start] < self.n_before[within.end]
    }
}

type Table = &'static [(&'static str, &'static str)];

/// What classes mean in an event; null where none begins.
fn classes_of_event(dom: &Dom, at: usize) -> Option<Table> {
    let has = |class: &str| dom.has_class(at, class);
    if has("h-event") { Some(CLASSES) } else { has("vevent").then_some(OLD_CLASSES) }
}

fn named(table: Table, class: &str) -> Option<&'static str> {
    table.iter().find(|(name, _)| *name == class).map(|(_, key)| *key)
}

/// What a card of a person or a place may be.
fn is_of_card(key: &str) -> bool {
    matches!(key, "performer" | "author" | "location")
}

impl Reader<'_> {
    /// An element with `itemscope`, of a known type, with items within it down to a depth.
    fn microdata(&mut self, at: usize, depth: usize) -> Option<Map<String, Value>> {
        let dom = self.dom;
        dom.attr(at, "itemscope")?;
        let of = dom.attr(at, "itemtype")?;
        let mut object = Map::new();
        let kind = of.split_whitespace().next()?.rsplit(['/', '#', ':']).next()?;
        object.insert("@type".to_owned(), Value::from(kind));
        let scopes = |inner: &usize| *inner != at && dom.attr(*inner, "itemscope").is_some();
        each_own(dom, at, &scopes, &mut |inner| {
            let keys = dom.attr(inner, "itemprop").unwrap_or_default().split_ascii_whitespace();
            for key in keys.filter(|key| !PARTS.contains(key)) {
                if scopes(&inner) && depth == 0 {
                    continue;
                }
                let nested = if scopes(&inner) { self.microdata(inner, depth - 1).map(Value::Object) } else { None };
                add(&mut object, key, nested.unwrap_or_else(|| self.value(inner, key)));
            }
        });
        Some(object)
    }

    fn microformat(&mut self, at: usize) -> Option<Map<String, Value>> {
        let dom = self.dom;
        let table = classes_of_event(dom, at)?;
        let mut object = Map::new();
        object.insert("@type".to_owned(), Value::from("Event"));
        let events = |inner: &usize| *inner != at && classes_of_event(dom, *inner).is_some();
        each_own(dom, at, &events, &mut |inner| {
            // The name of a person or a place within the event is no name of the event.
            if inner == at || events(&inner) || self.people.are_around[inner] {
                return;
            }
            for key in dom.classes(inner).filter_map(|class| named(table, class)) {
                let is_person = is_of_card(key) && self.people.are_within(dom, inner);
                let found = if is_person { self.person(inner) } else { self.value(inner, key) };
                add(&mut object, key, found);
            }
        });
        Some(object)
    }

    /// What a property's element says.
    fn value(&mut self, at: usize, key: &str) -> Value {
        let dom = self.dom;
        if !self.takes(at) {
            return Value::Null;
        }
        let attr = |name: &str| dom.attr(at, name).map(str::to_owned);
        let is_time = matches!(key, "startDate" | "endDate" | "duration" | "datePublished");
        let inner = || {
            let mut nodes = dom.within(at);
            nodes.find_map(|inner| {
                dom.attr(inner, "datetime").or_else(|| dom.attr(inner, "title").filter(|_| dom.name(inner) == "abbr"))
            })
        };
        let stated = attr("content").or_else(|| match key {
            _ if is_time => inner().map(str::to_owned),
            _ if ADDRESSES.contains(&key) => attr("href").or_else(|| attr("src")),
            _ => None,
        });
        let separator = if key == "description" { "\n\n" } else { " " };
        Value::from(stated.unwrap_or_else(|| dom.pieces(at).join(separator)))
    }

    /// An h-card.
    fn person(&mut self, at: usize) -> Value {
        let dom = self.dom;
        if !self.takes(at) {
            return Value::Null;
        }
        let find = |classes: &[&str]| {
            let mut nodes = dom.within(at);
            nodes.find(|inner| classes.iter().any(|class| dom.has_class(*inner, class))).map(|inner| dom.text(inner))
        };
        let mut object = Map::new();
        object.insert("name".to_owned(), Value::from(find(&["p-name", "fn"]).unwrap_or_else(|| dom.text(at))));
        if let Some(place) = find(&["p-org", "org"]) {
            object.insert("affiliation".to_owned(), Value::from(place));
        }
        if let Some(note) = find(&["p-note", "note"]) {
            object.insert("description".to_owned(), Value::from(note));
        }
        Value::Object(object)
    }

    /// Whether there is room for what an element holds.
    fn takes(&mut self, at: usize) -> bool {
        let (start, end) = self.dom.span(at);
        let left = self.bytes_left.checked_sub((end - start).max(self.dom.n_text_bytes(at)));
        self.bytes_left = left.unwrap_or(self.bytes_left);
        left.is_some()
    }
}

/// Calls back for the nodes within one, and for those that open a scope of their own, but not for what these hold.
fn each_own(dom: &Dom, at: usize, is_scope: &dyn Fn(&usize) -> bool, each: &mut dyn FnMut(usize)) {
    let nodes = dom.within(at);
    let mut next = nodes.start;
    while next < nodes.end {
        each(next);
        next = if is_scope(&next) { dom.within(next).end } else { next + 1 };
    }
}

/// Members that come again make a list.
fn add(object: &mut Map<String, Value>, key: &str, value: Value) {
    match object.get_mut(key) {
        None => _ = object.insert(key.to_owned(), value),
        Some(Value::Array(values)) => values.push(value),
        Some(known) => *known = Value::Array(vec![known.take(), value]),
    }
}
