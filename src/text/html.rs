//! HTML → blocks of text: the one walker that all markup goes through. `dom` gives a whole file's elements with their places.

pub(crate) mod dom;

use scraper::{Html, Node};

/// A paragraph, heading, list item or the like.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Block {
    pub kind: BlockKind,
    pub text: String,
    /// The line of the source where it begins, when the markup says so.
    pub line: Option<u64>,
    /// Which outermost list item the block belongs to; items are counted from 1 over the page.
    pub item: Option<usize>,
    /// What an outermost item emphasises at its beginning: the title of the talk that it is about.
    pub lead: Option<String>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BlockKind {
    #[default]
    Paragraph,
    /// 1 to 6 as marked up, 7 a paragraph in bold that stands for one.
    Heading(u8),
    /// The depth of the list, from 1.
    Item(u8),
    Quote,
    Code,
    /// A row of a table, cells separated by ` | `.
    Row,
}

/// What an HTML text says, and where its links lead.
#[derive(Debug, Default)]
pub struct Page {
    pub blocks: Vec<Block>,
    pub links: Vec<String>,
}

/// Elements may be nested this deep. Real pages stay under 40; tree building takes time by depth × length.
pub const DEPTH_MAX: usize = 400;
/// Attributes of one tag: real ones have under 50, and the parser compares each with those before it.
const ATTRS_MAX: usize = 1_000;
/// A "heading" with more words is a paragraph that a line of hyphens happened to follow.
const HEADING_WORDS_MAX: usize = 25;
const HEADING_BYTES_MAX: usize = 4_000;
const BOLD_HEADING_WORDS_MAX: usize = 12;
/// The attribute in which comrak writes where an element stands, and the comment in which our Markdown does for HTML.
const POSITION: &str = "data-sourcepos";
pub(crate) const LINE_MARK: &str = "@line ";

const SKIPPED: &[&str] = &[
    "script",
    "style",
    "nav",
    "figcaption",
    "head",
    "iframe",
    "object",
    "template",
    "svg",
    "button",
    "select",
    "textarea",
    "noscript",
    "caption",
];
pub(crate) const BLOCKS: &[&str] = &[
    "p",
    "div",
    "section",
    "article",
    "ul",
    "ol",
    "dl",
    "dt",
    "dd",
    "li",
    "blockquote",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "table",
    "tbody",
    "thead",
    "tr",
    "figure",
    "header",
    "footer",
    "main",
    "aside",
    "hr",
    "form",
    "details",
    "summary",
    "center",
    "address",
    "body",
    "html",
    "fieldset",
];
/// Elements of running text.
#[rustfmt::skip]
pub(crate) const INLINE: &[&str] = &[
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "font", "i", "iframe", "img", "ins", "o:p", "s", "script", "small", "span",
    "strong", "style", "sub", "sup", "td", "th", "tt", "u",
];

/// Whether a name is one of an element that stands in prose.
pub(crate) fn is_element(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    BLOCKS.contains(&name.as_str()) || INLINE.contains(&name.as_str())
}

/// Elements whose content is no markup.
const RAW: &[&str] = &["script", "style"];
const VOID: &[&str] =
    &["br", "img", "hr", "input", "meta", "link", "wbr", "area", "base", "col", "embed", "source", "track", "param"];
/// Closed by what follows, so that a missing end does not nest.
const SELF_CLOSING: &[&str] = &["p", "li", "dt", "dd", "tr", "td", "th", "option", "thead", "tbody"];
const EMPHASIS: &[&str] = &["em", "i", "strong", "b", "a", "cite", "q"];

/// The blocks of an HTML text; null when a parser would take too long for it.
#[must_use]
pub fn read(html: &str) -> Option<Page> {
    if !is_bounded(html) {
        return None;
    }
    let tree = Html::parse_fragment(html);
    let mut walker = Walker::default();
    let mut at = tree.tree.root();
    loop {
        match at.value() {
            Node::Element(element) => {
                let line = element.attr(POSITION).and_then(|position| position.split(':').next()?.parse().ok());
                walker.open(element.name(), &|name| element.attr(name), line);
            }
            Node::Text(text) => walker.text(text),
            Node::Comment(comment) => walker.mark(comment),
            _ => {}
        }
        let mut next = at.first_child();
        while next.is_none() {
            if let Node::Element(element) = at.value() {
                walker.close(element.name());
            }
            next = at.next_sibling();
            if next.is_none() {
                match at.parent() {
                    Some(parent) => at = parent,
                    None => break,
                }
            }
        }
        match next {
            Some(node) => at = node,
            None => break,
        }
    }
    walker.flush();
    Some(walker.page)
}

/// Where the text of a script or a style that begins here ends; null where none begins.
fn raw_end(tag: &str, name: &str) -> Option<usize> {
    let head = tag.get(..name.len()).filter(|head| head.eq_ignore_ascii_case(name))?;
    let rest = &tag[head.len()..];
    rest.starts_with(['>', ' ', '\n', '\r', '\t']).then_some(())?;
    let mut closings = rest
        .match_indices("</")
        .filter(|(at, _)| rest.get(at + 2..at + 2 + name.len()).is_some_and(|found| found.eq_ignore_ascii_case(name)));
    Some(closings.next().map_or(tag.len(), |(at, _)| head.len() + at))
}

/// Whether a parser gets through a text in time that its length bounds.
fn is_bounded(html: &str) -> bool {
    depth(html) <= DEPTH_MAX && n_attributes(html) <= ATTRS_MAX
}

/// How many attributes a tag has at most: every space, slash and quote that is not in a value may begin one.
fn n_attributes(html: &str) -> usize {
    let (mut most, mut from) = (0, 0);
    for (at, _) in html.match_indices('<') {
        let tag = &html[at + 1..];
        if at < from || !tag.starts_with(|c: char| c == '/' || c.is_ascii_alphabetic()) {
            continue;
        }
        let (n, end) = attributes(tag);
        most = most.max(n);
        from = at + 1 + RAW.iter().find_map(|name| raw_end(tag, name)).unwrap_or(end);
    }
    most
}

/// The same of one tag, and where that ends.
fn attributes(tag: &str) -> (usize, usize) {
    let (mut n, mut before, mut quote) = (0, b' ', None);
    for (at, byte) in tag.bytes().enumerate() {
        let is_space = byte.is_ascii_whitespace();
        match (quote, byte) {
            (Some(sign), _) if sign != byte => continue,
            (Some(_), _) => (quote, n) = (None, n + 1),
            (None, b'"' | b'\'') if before == b'=' => quote = Some(byte),
            (None, b'>') => return (n, at),
            (None, b'/' | b'"' | b'\'') => n += 1,
            (None, _) => n += usize::from(is_space && !before.is_ascii_whitespace()),
        }
        // A value may stand behind a space.
        before = if is_space && before == b'=' { before } else { byte };
    }
    (n, tag.len())
}

/// How deep tags are nested at most, counted without building a tree.
fn depth(html: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0);
    let mut from = 0;
    for (at, _) in html.match_indices('<') {
        if at < from {
            continue;
        }
        let tag = &html[at + 1..];
        // `i<n` in a script opens nothing.
        if let Some(end) = RAW.iter().find_map(|name| raw_end(tag, name)) {
            from = at + 1 + end;
            continue;
        }
        let closing = tag.starts_with('/');
        let name = &tag[usize::from(closing)..];
        let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
        let name = name.to_ascii_lowercase();
        if name.is_empty() || VOID.contains(&&*name) || SELF_CLOSING.contains(&&*name) {
            continue;
        }
        depth = if closing { depth.saturating_sub(1) } else { depth + 1 };
        deepest = deepest.max(depth);
    }
    deepest
}

#[derive(Default)]
struct Walker {
    page: Page,
    text: String,
    /// Letters of `text`, and those that are bold.
    chars: usize,
    bold_chars: usize,
    /// Where bold text that begins a block ends.
    bold_end: Option<usize>,
    skipped: usize,
    bold: usize,
    quotes: usize,
    code: usize,
    rows: usize,
    lists: usize,
    heading: Option<u8>,
    /// The number of the open outermost item, and how many there were.
    item: Option<usize>,
    items: usize,
    /// Whether the next text begins an item.
    item_begins: bool,
    lead_depth: usize,
    lead_end: Option<usize>,
    /// Where the open elements stand in the source.
    lines: Vec<Option<u64>>,
    marked: Option<u64>,
}

impl Walker {
    fn open<'a>(&mut self, name: &str, attr: &dyn Fn(&str) -> Option<&'a str>, line: Option<u64>) {
        if BLOCKS.contains(&name) {
            self.flush();
        }
        if line.is_some() {
            self.marked = None;
        }
        self.lines.push(line);
        if self.skipped > 0 || is_skipped(name, attr("class").unwrap_or_default()) {
            self.skipped += 1;
            return;
        }
        match name {
            "br" => self.text.push('\u{2028}'),
            "a" => {
                let href = attr("href").unwrap_or_default().trim();
                if !href.is_empty() && !href.starts_with('#') && !href.starts_with("mailto:") {
                    self.page.links.push(href.to_owned());
                }
            }
            "strong" | "b" => self.bold += 1,
            "blockquote" => self.quotes += 1,
            "pre" => self.code += 1,
            "tr" => self.rows += 1,
            "ul" | "ol" | "dl" => self.lists += 1,
            "li" | "dt" => {
                self.item_begins = true;
                if self.lists <= 1 {
                    self.items += 1;
                    self.item = Some(self.items);
                }
            }
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = Some(name.as_bytes()[1] - b'0'),
            _ => {}
        }
        if EMPHASIS.contains(&name) || name == "dt" {
            if self.lead_depth > 0 {
                self.lead_depth += 1;
            } else if self.item_begins && self.lists <= 1 && self.text.trim().is_empty() && self.lead_end.is_none() {
                self.lead_depth = 1;
            }
        }
    }

    fn close(&mut self, name: &str) {
        if self.skipped > 0 {
            self.skipped -= 1;
            self.lines.pop();
            return;
        }
        if matches!(name, "td" | "th") && !self.text.trim().is_empty() {
            self.text.push_str(" | ");
        }
        if (EMPHASIS.contains(&name) || name == "dt") && self.lead_depth > 0 {
            self.lead_depth -= 1;
            if self.lead_depth == 0 {
                self.lead_end = Some(self.text.len());
            }
        }
        if BLOCKS.contains(&name) {
            self.flush();
        }
        self.lines.pop();
        match name {
            "strong" | "b" => {
                self.bold = self.bold.saturating_sub(1);
                if self.bold == 0 && self.bold_chars > 0 && self.bold_chars == self.chars {
                    self.bold_end = Some(self.text.len());
                }
            }
            "blockquote" => self.quotes = self.quotes.saturating_sub(1),
            "pre" => self.code = self.code.saturating_sub(1),
            "tr" => self.rows = self.rows.saturating_sub(1),
            "ul" | "ol" | "dl" => {
                self.lists = self.lists.saturating_sub(1);
                if self.lists == 0 {
                    self.item = None;
                }
            }
            "li" if self.lists <= 1 => self.item = None,
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => self.heading = None,
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if self.skipped > 0 {
            return;
        }
        self.text.push_str(text);
        let chars = text.chars().filter(|c| !c.is_whitespace()).count();
        self.chars += chars;
        if self.bold > 0 {
            self.bold_chars += chars;
        }
    }

    /// A comment that says on which line of the source the HTML behind it begins.
    fn mark(&mut self, comment: &str) {
        if let Some(line) = comment.strip_prefix(LINE_MARK).and_then(|line| line.trim().parse().ok()) {
            self.flush();
            self.marked = Some(line);
        }
    }

    /// Whether the bold beginning of a paragraph has its lines to itself: `**Day 1**` over the text of that day.
    fn is_heading_over_text(&self, end: usize) -> bool {
        let rest = self.text[end..].trim_start_matches([' ', '\t']);
        let in_paragraph =
            self.heading.is_none() && self.lists == 0 && self.rows == 0 && self.code == 0 && self.quotes == 0;
        in_paragraph
            && rest.starts_with(['\n', '\u{2028}'])
            && !rest.trim().is_empty()
            && is_bold_heading(self.text[..end].trim())
    }

    /// Ends the block that is being collected.
    fn flush(&mut self) {
        let bold_end = self.bold_end.take();
        if let Some(end) = bold_end.filter(|end| self.is_heading_over_text(*end)) {
            let rest = self.text.split_off(end);
            let (marked, chars) = (self.marked, self.chars - self.bold_chars.min(self.chars));
            self.chars = self.bold_chars;
            self.flush();
            (self.text, self.marked, self.chars) = (rest, marked, chars);
        }
        let raw = std::mem::take(&mut self.text);
        let bold_chars = std::mem::take(&mut self.bold_chars);
        let chars = std::mem::take(&mut self.chars);
        let lead_end = self.lead_end.take();
        let text = if self.code > 0 { raw.trim_matches('\n').trim_end().to_owned() } else { normalised(&raw) };
        let text = if self.rows > 0 { text.trim_end_matches([' ', '|']).to_owned() } else { text };
        if !text.chars().any(|c| !c.is_whitespace() && c != '|') {
            return;
        }
        let begins = std::mem::take(&mut self.item_begins);
        let in_list = self.lists > 0 && self.item.is_some();
        let words = text.split_whitespace().count();
        let all_bold = bold_chars > 0 && bold_chars == chars;
        let kind = match self.heading {
            Some(level) if words <= HEADING_WORDS_MAX && text.len() <= HEADING_BYTES_MAX => BlockKind::Heading(level),
            _ if self.code > 0 => BlockKind::Code,
            _ if in_list && begins => BlockKind::Item(u8::try_from(self.lists).unwrap_or(u8::MAX)),
            _ if self.rows > 0 => BlockKind::Row,
            _ if self.quotes > 0 => BlockKind::Quote,
            _ if all_bold && !in_list && is_bold_heading(&text) => BlockKind::Heading(7),
            _ => BlockKind::Paragraph,
        };
        let lead = lead_end.filter(|_| begins && self.lists <= 1).and_then(|end| lead(&raw, end));
        let line = self.marked.take().or_else(|| self.lines.iter().rev().find_map(|line| *line));
        let item = self.item.filter(|_| in_list);
        self.page.blocks.push(Block { kind, text, line, item, lead });
    }
}

fn is_bold_heading(text: &str) -> bool {
    text.split_whitespace().count() <= BOLD_HEADING_WORDS_MAX && !text.ends_with(['.', ',', ';', '!'])
}

fn is_skipped(name: &str, class: &str) -> bool {
    SKIPPED.contains(&name)
        || ["wp-caption-text", "footnote-ref", "footnote-backref"].iter().any(|name| class.contains(name))
}

/// The emphasised beginning, when what follows shows that it is a title: a colon, a dash, "by", a line end.
fn lead(raw: &str, end: usize) -> Option<String> {
    let (title, rest) = (normalised(&raw[..end]), raw[end..].trim_start_matches([' ', '"', '”']));
    let closed = rest.is_empty()
        || rest.starts_with([':', '–', '—', '-', '(', '\n', '\u{2028}'])
        || rest.starts_with("by ")
        || rest.starts_with(", by ");
    let title = title.trim_end_matches(':').trim().to_owned();
    (closed || raw[..end].trim_end().ends_with(':')).then_some(title).filter(|title| !title.is_empty())
}

/// White space as one space, line breaks kept.
fn normalised(raw: &str) -> String {
    let lines = raw.split('\u{2028}').map(super::one_line);
    lines.collect::<Vec<_>>().join("\n").trim().to_owned()
}
