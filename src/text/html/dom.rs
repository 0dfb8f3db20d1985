//! An HTML file as a list of its nodes in the order of the document, each with the bytes of the file where it stands. The
//! parser gives no places, so it is fed the file in pieces that end with a tag: what a piece makes stands in it.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
};

use html5ever::{
    driver::{self, ParseOpts},
    tendril::{StrTendril, TendrilSink},
};
use scraper::{Html, HtmlTreeSink, Node as Parsed};

use super::{BLOCKS, Page, Walker, is_bounded};
use crate::text::floor;

/// Nodes of one file: real pages have a few thousand, programs of a thousand talks 60,000, and unclosed tags may make many out
/// of few bytes.
const NODES_MAX: usize = 200_000;
/// Signs that begin or end a tag: a node has two or four, scripts have few, and each alone takes as long as a tag.
const SIGNS_MAX: usize = 5 * NODES_MAX;
/// Names of classes of an element, which are looked at again for each in it: real ones have under 1 KB.
const CLASSES_BYTES_MAX: usize = 4 << 10;
/// What a line holds: a list of 30 speakers with their companies has 300 nodes and 2 KB, and templates indent.
const LINE_NODES_MAX: usize = 1_000;
const LINE_BYTES_MAX: usize = 8 << 10;
/// Bytes of text that are looked at, again for each element that may be something: of real pages seven times what they hold, of
/// hostile ones, with hundreds of elements in each other, any number. A node counts as some.
const WORK_MAX: usize = 128 << 20;
const NODE_BYTES: usize = 8;
/// Elements that show nothing, or nothing of the page's own.
const HIDDEN: &[&str] =
    &["script", "style", "template", "svg", "select", "textarea", "iframe", "object", "head", "nav", "button"];

pub(crate) struct Dom {
    nodes: Vec<Node>,
    /// Bytes of text before each node, and at last those of all.
    text_before: Vec<usize>,
    /// How much may still be looked at; null once it was too much.
    work_left: Cell<Option<usize>>,
}

struct Node {
    kind: Kind,
    parent: usize,
    /// The number of the first node behind those within this one.
    end: usize,
    /// Bytes of the file.
    span: (usize, usize),
}

enum Kind {
    Root,
    Element { name: String, attrs: Vec<(String, String)> },
    Text(String),
}

impl Dom {
    /// The number of the node that holds all.
    pub const ROOT: usize = 0;

    /// Null for a file that is nested too deep or has too many nodes, or attributes of one.
    pub fn parse(html: &str) -> Option<Dom> {
        if html.bytes().filter(|byte| b"<>".contains(byte)).count() > SIGNS_MAX || !is_bounded(html) {
            return None;
        }
        let mut options = ParseOpts::default();
        options.tree_builder.scripting_enabled = false;
        let mut parser = driver::parse_document(HtmlTreeSink::new(Html::new_document()), options);
        // The piece that made each node, in the order in which they were made.
        let mut pieces: Vec<(usize, usize)> = Vec::new();
        let mut at = 0;
        while at < html.len() {
            let end = html[at..].find('>').map_or(html.len(), |length| at + length + 1);
            parser.process(StrTendril::from_slice(&html[at..end]));
            let n_nodes = parser.tokenizer.sink.sink.0.borrow().tree.values().len();
            if n_nodes > NODES_MAX {
                return None;
            }
            pieces.resize(n_nodes, (at, end));
            at = end;
        }
        let tree = parser.finish();
        let pieces: HashMap<_, _> = tree
            .tree
            .nodes()
            .enumerate()
            .map(|(n, node)| (node.id(), pieces.get(n).copied().unwrap_or((at, at))))
            .collect();
        let root = Node { kind: Kind::Root, parent: 0, end: 0, span: (0, html.len()) };
        let mut dom = Dom { nodes: vec![root], text_before: Vec::new(), work_left: Cell::new(Some(WORK_MAX)) };
        let mut open = vec![0];
        let mut node = tree.tree.root();
        loop {
            let parent = open.last().copied().unwrap_or(0);
            let mut entered = None;
            match node.value() {
                Parsed::Element(element) => {
                    let attrs = element.attrs().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
                    entered = Some(Kind::Element { name: element.name().to_owned(), attrs });
                }
                Parsed::Text(text) => entered = Some(Kind::Text(text.to_string())),
                _ => {}
            }
            let is_hidden = matches!(node.value(), Parsed::Fragment);
            open.push(entered.map_or(parent, |kind| {
                let span = pieces.get(&node.id()).copied().unwrap_or_default();
                dom.nodes.push(Node { kind, parent, end: 0, span });
                dom.nodes.len() - 1
            }));
            let mut next = if is_hidden { None } else { node.first_child() };
            while next.is_none() {
                if let Some(done) = open.pop() {
                    dom.nodes[done].end = dom.nodes.len();
                }
                next = node.next_sibling();
                if next.is_none() {
                    let Some(parent) = node.parent() else { break };
                    node = parent;
                }
            }
            let Some(found) = next else { break };
            node = found;
        }
        dom.nodes[0].end = dom.nodes.len();
        let mut n_bytes = 0;
        dom.text_before = std::iter::once(0)
            .chain(dom.nodes.iter().map(|node| {
                n_bytes += if let Kind::Text(text) = &node.kind { text.len() } else { 0 };
                n_bytes
            }))
            .collect();
        dom.place(html);
        Some(dom)
    }

    /// Turns the pieces that made the nodes into the nodes' own places.
    fn place(&mut self, html: &str) {
        let lower = html.to_ascii_lowercase();
        let mut before = 0;
        // Of what a parser adds by itself, hundreds of elements a piece, there is no tag: each name is looked for once.
        let (mut piece, mut missing): (_, HashSet<&str>) = ((0, 0), HashSet::new());
        // Where a node begins, and where its content does.
        let mut begins: Vec<(usize, usize)> = vec![(0, 0)];
        for node in &self.nodes[1..] {
            let (from, to) = node.span;
            if piece != node.span {
                (piece, missing) = (node.span, HashSet::new());
            }
            begins.push(match &node.kind {
                Kind::Element { name, .. } => {
                    // A tag with `>` in an attribute is more than one piece.
                    let looked = || lower[before.min(from)..to].rfind(&format!("<{name}"));
                    let start = if missing.contains(name.as_str()) { None } else { looked() };
                    if start.is_none() {
                        missing.insert(name);
                    }
                    let start = start.map_or(from, |found| before.min(from) + found);
                    before = start;
                    (start, to)
                }
                _ => (from, lower[from..to].find('<').map_or(to, |length| from + length)),
            });
        }
        let mut following = vec![html.len(); self.nodes.len() + 1];
        for index in (1..self.nodes.len()).rev() {
            following[index] = following[index + 1].min(begins[index].0);
        }
        // Where the end of each sort of element was looked for last, and is not: those around it stand before the same bytes.
        let mut without: HashMap<String, (usize, usize)> = HashMap::new();
        for index in (1..self.nodes.len()).rev() {
            let (start, inner) = begins[index];
            let limit = following[self.nodes[index].end].max(inner);
            let end = match &self.nodes[index].kind {
                Kind::Element { name, .. } => {
                    let last = self.children(index).last().map_or(inner, |last| self.nodes[last].span.1);
                    let last = last.clamp(inner, limit);
                    let is_missing = without.get(name).is_some_and(|(from, to)| *from <= last && limit <= *to);
                    let looked = || lower[last..limit].find(&format!("</{name}")).map(|found| last + found);
                    let closing = if is_missing { None } else { looked() };
                    if closing.is_none() && !is_missing {
                        without.insert(name.clone(), (last, limit));
                    }
                    let closing = closing.and_then(|at| lower[at..].find('>').map(|length| at + length + 1));
                    closing.unwrap_or_else(|| {
                        if last > inner { last } else { inner + lower[inner..limit].trim_end().len() }
                    })
                }
                _ => inner,
            };
            self.nodes[index].span = (start, end);
        }
    }

    /// Whether more was asked for than a page holds: then the rest was not read.
    pub fn is_exhausted(&self) -> bool {
        self.work_left.get().is_none()
    }

    pub fn n_nodes(&self) -> usize {
        self.nodes.len()
    }

    /// The element's name; empty for text.
    pub fn name(&self, index: usize) -> &str {
        match &self.nodes[index].kind {
            Kind::Element { name, .. } => name,
            _ => "",
        }
    }

    pub fn attr(&self, index: usize, name: &str) -> Option<&str> {
        match &self.nodes[index].kind {
            Kind::Element { attrs, .. } => {
                attrs.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
            }
            _ => None,
        }
    }

    pub fn classes(&self, index: usize) -> impl Iterator<Item = &str> {
        let all = self.attr(index, "class").unwrap_or_default();
        all[..floor(all, CLASSES_BYTES_MAX)].split_ascii_whitespace()
    }

    pub fn has_class(&self, index: usize, class: &str) -> bool {
        self.classes(index).any(|found| found == class)
    }

    pub fn parent(&self, index: usize) -> usize {
        self.nodes[index].parent
    }

    /// Bytes of the file.
    pub fn span(&self, index: usize) -> (usize, usize) {
        self.nodes[index].span
    }

    /// The nodes within one, itself first.
    pub fn within(&self, index: usize) -> std::ops::Range<usize> {
        index..self.nodes[index].end
    }

    pub fn children(&self, index: usize) -> impl Iterator<Item = usize> {
        let end = self.nodes[index].end;
        let next = move |at: usize| (at < end).then_some(at);
        std::iter::successors(next(index + 1), move |at| next(self.nodes[*at].end))
    }

    /// The elements around one, the nearest first, without the root.
    pub fn around(&self, index: usize) -> impl Iterator<Item = usize> {
        let above = |at: usize| Some(self.parent(at)).filter(|at| *at != Self::ROOT);
        std::iter::successors(above(index), move |at| above(*at))
    }

    /// The text of a script as it stands in the file, and where.
    pub fn raw<'a>(&self, index: usize, html: &'a str) -> Option<(&'a str, usize)> {
        let (_, end) = self.span(index);
        let start = self.span(self.children(index).next()?).0;
        let text = html.get(start..end)?;
        Some((&text[..text.rfind("</").unwrap_or(text.len())], start))
    }

    /// What a node shows, as one line.
    pub fn text(&self, index: usize) -> String {
        self.pieces(index).join(" ")
    }

    /// The same of a node that may be a title, a name, a date; empty for one that holds more than those do. Elements stand in
    /// each other, and of all of them this is asked.
    pub fn line(&self, index: usize) -> String {
        if self.is_line(index) { self.text(index) } else { String::new() }
    }

    /// Whether a node holds no more than a line does.
    pub fn is_line(&self, index: usize) -> bool {
        self.within(index).len() <= LINE_NODES_MAX && self.n_text_bytes(index) <= LINE_BYTES_MAX
    }

    /// What a node shows, cut at blocks and line breaks.
    pub fn pieces(&self, index: usize) -> Vec<String> {
        let mut out = vec![String::new()];
        self.shown(index, &|_| false, &mut |node, is_end| match &self.nodes[node].kind {
            Kind::Text(text) => {
                if let Some(last) = out.last_mut() {
                    last.push_str(text);
                }
            }
            Kind::Element { name, .. } if is_break(name) => out.push(String::new()),
            Kind::Element { name, .. } if is_end && matches!(name.as_str(), "td" | "th") => out.push(String::new()),
            _ => {}
        });
        out.iter().map(|piece| crate::text::one_line(piece)).filter(|piece| !piece.is_empty()).collect()
    }

    /// Bytes of the texts in a node, also of those that are not shown.
    pub fn n_text_bytes(&self, index: usize) -> usize {
        let within = self.within(index);
        self.text_before[within.end] - self.text_before[within.start]
    }

    /// Words of a text node that is shown.
    pub fn n_own_words(&self, index: usize) -> usize {
        match &self.nodes[index].kind {
            Kind::Text(text) if !HIDDEN.contains(&self.name(self.parent(index))) => crate::text::n_words(text),
            _ => 0,
        }
    }

    pub fn shows_text(&self, index: usize) -> bool {
        self.within(index).any(|at| self.n_own_words(at) > 0)
    }

    /// The runs of text in a node, one a text node.
    pub fn runs(&self, index: usize) -> Vec<(usize, String)> {
        let mut out = Vec::new();
        self.shown(index, &|_| false, &mut |node, _| {
            if let Kind::Text(text) = &self.nodes[node].kind {
                out.push((node, crate::text::one_line(text)));
            }
        });
        out.retain(|(_, text)| !text.is_empty());
        out
    }

    /// The texts that stand in an element itself, and not in those within it.
    pub fn own_runs(&self, index: usize) -> Vec<String> {
        let texts = self.children(index).filter_map(|child| match &self.nodes[child].kind {
            Kind::Text(text) => Some(crate::text::one_line(text)),
            _ => None,
        });
        texts.filter(|text| !text.is_empty()).collect()
    }

    /// The blocks of text in a node without some of what is in it, and where its links lead.
    pub fn page(&self, index: usize, leave_out: &dyn Fn(usize) -> bool, line: &dyn Fn(usize) -> u64) -> Page {
        let mut walker = Walker::default();
        self.shown(index, leave_out, &mut |node, is_end| match &self.nodes[node].kind {
            Kind::Text(text) => walker.text(text),
            Kind::Element { name, .. } if is_end => walker.close(name),
            Kind::Element { name, .. } => {
                walker.open(name, &|attr| self.attr(node, attr), Some(line(self.nodes[node].span.0)));
            }
            Kind::Root => {}
        });
        walker.flush();
        walker.page
    }

    /// Calls back at each node's begin, and at each element's end (true).
    fn shown(&self, index: usize, leave_out: &dyn Fn(usize) -> bool, each: &mut dyn FnMut(usize, bool)) {
        let work = self.within(index).len() * NODE_BYTES + self.n_text_bytes(index);
        self.work_left.set(self.work_left.get().and_then(|left| left.checked_sub(work)));
        if self.is_exhausted() {
            return;
        }
        let mut open: Vec<usize> = Vec::new();
        let mut at = index;
        let end = self.nodes[index].end;
        while at < end {
            while let Some(done) = open.pop_if(|done| self.nodes[*done].end <= at) {
                each(done, true);
            }
            let is_hidden = HIDDEN.contains(&self.name(at)) || leave_out(at);
            if is_hidden && at != index {
                at = self.nodes[at].end;
                continue;
            }
            each(at, false);
            if !matches!(self.nodes[at].kind, Kind::Text(_)) {
                open.push(at);
            }
            at += 1;
        }
        while let Some(done) = open.pop() {
            each(done, true);
        }
    }
}

fn is_break(name: &str) -> bool {
    name == "br" || BLOCKS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::Dom;

    #[test]
    fn elements_know_where_they_stand() {
        let html = "<!doctype html>\n<body><div class='a > b'><p>One <b>two</b>\n<p>Three</div><ul><li>x<li>y</ul><table><tr><td>z</table>";
        let dom = Dom::parse(html).unwrap();
        let found = |name: &str| {
            let at = (0..dom.n_nodes()).find(|at| dom.name(*at) == name).unwrap();
            &html[dom.span(at).0..dom.span(at).1]
        };
        assert_eq!(found("div"), "<div class='a > b'><p>One <b>two</b>\n<p>Three</div>");
        assert_eq!(found("b"), "<b>two</b>");
        assert_eq!(found("p"), "<p>One <b>two</b>\n");
        assert_eq!(found("li"), "<li>x");
        assert_eq!(found("ul"), "<ul><li>x<li>y</ul>");
        assert!(found("td").starts_with("<td>z"));
    }

    #[test]
    fn hostile_markup_ends() {
        assert!(Dom::parse(&"<div>".repeat(100_000)).is_none());
        let bold = (0..300).map(|n| format!("<b id={n}>")).collect::<Vec<_>>().concat();
        assert!(Dom::parse(&format!("<p>{bold}{}", "</p><p>x".repeat(2_000))).is_none());
        assert!(Dom::parse("<p>").is_some() && Dom::parse("<").is_some() && Dom::parse("<!--").is_some());
    }
}
