//! Reports and notes in reStructuredText, which are read as Markdown: line by line, so that places in the one are places in
//! the other. Pages of talks in it are read by `talk.rs` from the same.

mod fences;
mod inline;

use serde_json::{Map, Value};

use super::{
    Draft, Input,
    markdown::{self, front_matter},
    report::{self, Prose},
};
use crate::text::html::{Block, BlockKind};

pub(super) use self::fences::read_fences;

pub(super) const EXTENSIONS: &[&str] = &["rst", "rest"];
/// The signs below headings.
const SIGNS: &[char] = &['=', '-', '~', '^', '"', '\'', '`', '#', '*', '+', '.', ':', '_'];
/// Directives whose lines are no prose. Those of others count.
#[rustfmt::skip]
const DROPPED: &[&str] = &[
    "image", "figure", "raw", "include", "literalinclude", "contents", "toctree", "meta", "post", "postlist", "tags", "index",
    "role", "default-role", "sectnum", "highlight", "math", "graphviz", "datatemplate", "update", "todo", "automodule",
    "autoclass", "autofunction", "cssclass", "sectionauthor", "codeauthor", "bibliography", "youtube", "vimeo",
];
const CODE: &[&str] = &["code", "code-block", "sourcecode", "parsed-literal", "prompt"];
/// Directives of which what stands behind the name is prose as well.
#[rustfmt::skip]
const TITLED: &[&str] = &[
    "note", "warning", "tip", "important", "hint", "attention", "caution", "danger", "error", "admonition", "topic", "sidebar",
    "rubric", "centered", "seealso", "epigraph", "pull-quote", "highlights",
];
/// Players, which pages of talks look for in the text.
const PLAYERS: &[&str] = &["youtube", "vimeo"];

/// A text in reStructuredText.
#[derive(Default)]
pub(super) struct Rest {
    /// Those at its head, and what a post says of itself: ABlog's `.. post:: 4 May 2019`.
    pub fields: Map<String, Value>,
    /// The heading before all else.
    pub title: Option<Heading>,
    /// The text as Markdown, with as many lines.
    pub body: String,
}

pub(super) struct Heading {
    pub text: String,
    line: u64,
}

pub(super) fn recognise(input: &Input) -> bool {
    report::extension(input.path).is_some_and(|extension| EXTENSIONS.contains(&&*extension))
        && !front_matter::is_there(input.text)
}

pub(super) fn parse(input: &Input) -> Draft {
    let rest = read(input.text);
    let page = match markdown::read(&rest.body, 1) {
        Ok(page) => page,
        Err(problem) => return Draft { problems: vec![problem], ..Draft::default() },
    };
    let mut prose = Prose { blocks: page.blocks, links: page.links, ..Prose::default() };
    markdown::take_fields(rest.fields, &mut prose);
    match rest.title {
        Some(Heading { text, line }) if prose.title.is_some() || report::is_empty_title(&text) => {
            let kind = BlockKind::Heading(1);
            prose.blocks.insert(0, Block { kind, text, line: Some(line), item: None, lead: None });
        }
        Some(heading) => prose.title = Some(heading.text),
        None => {}
    }
    report::draft(input, prose)
}

pub(super) fn read(text: &str) -> Rest {
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    let mut reader = Reader { lines: &lines, ..Reader::default() };
    while reader.out.len() < lines.len() {
        reader.step();
    }
    let title = reader.title.map(|(text, line)| Heading { text: inline::plain(&text), line });
    let body = inline::markdown(&(reader.out.join("\n") + "\n"), &inline::targets(&lines));
    Rest { fields: reader.fields, title, body }
}

/// A heading's sign, and whether it stands above it as well.
type Style = (char, bool);

#[derive(Default)]
struct Reader<'a> {
    lines: &'a [&'a str],
    /// The lines of the Markdown so far: as many as were read.
    out: Vec<String>,
    fields: Map<String, Value>,
    title: Option<(String, u64)>,
    /// The style of each heading.
    headings: Vec<Style>,
    /// Something was said that is no title, no field and no directive.
    has_begun: bool,
    /// Indented lines belong to an item of a list.
    in_item: bool,
    /// Indented lines are code.
    in_code: bool,
}

impl<'a> Reader<'a> {
    fn step(&mut self) {
        let at = self.out.len();
        let line = self.lines[at];
        if line.trim().is_empty() {
            self.out.push(String::new());
        } else if let Some((text, style)) = heading(self.lines, at) {
            self.heading(text, style);
        } else if let Some(rest) = line.trim_start().strip_prefix("..").filter(|rest| is_explicit(rest)) {
            self.explicit(rest.trim(), line.len() - line.trim_start().len());
        } else if !self.has_begun
            && let Some((name, value)) = field(line)
        {
            self.field(name.to_owned(), value.to_owned(), 0);
        } else {
            self.has_begun = true;
            let text = self.text(line);
            self.out.push(text);
        }
    }

    fn heading(&mut self, text: &str, style: Style) {
        if style.1 {
            self.out.push(String::new());
        }
        let mut known: Vec<Style> = Vec::new();
        self.headings.push(style);
        self.headings.iter().for_each(|style| known.extend((!known.contains(style)).then_some(*style)));
        let level = known.iter().position(|known| *known == style).unwrap_or_default() + 1;
        if self.title.is_none() && !self.has_begun {
            self.title = Some((text.to_owned(), self.out.len() as u64 + 1));
            self.out.push(String::new());
        } else {
            self.out.push(format!("{} {text}", "#".repeat(level.min(6))));
        }
        self.out.push(String::new());
        self.has_begun |= self.headings.len() > 1;
        (self.in_item, self.in_code) = (false, false);
    }

    /// A field, with its lines that are indented further than its name.
    fn field(&mut self, name: String, mut value: String, indent: usize) {
        self.out.push(String::new());
        while let Some(line) = self.indented(indent) {
            value.extend([" ", line.trim()]);
            self.out.push(String::new());
        }
        self.fields.insert(name, Value::from(value.trim()));
    }

    /// The next line, if it is indented further.
    fn indented(&self, indent: usize) -> Option<&'a str> {
        let line = *self.lines.get(self.out.len())?;
        (!line.trim().is_empty() && line.len() - line.trim_start().len() > indent).then_some(line)
    }

    /// A directive, an address of a name, a comment.
    fn explicit(&mut self, rest: &str, indent: usize) {
        let Some((name, argument)) = rest.split_once("::").filter(|(name, _)| is_name(name)) else {
            let footnote = rest.starts_with('[').then(|| rest.split_once("] ")).flatten();
            self.out.push(footnote.map_or(String::new(), |(_, text)| text.to_owned()));
            if footnote.is_none() {
                self.block(indent, |_| String::new());
            }
            return;
        };
        let argument = argument.trim();
        let first = match name {
            _ if PLAYERS.contains(&name) => format!("{{{{ {name}:: {argument} }}}}"),
            _ if TITLED.contains(&name) => argument.to_owned(),
            _ => String::new(),
        };
        if name == "post" {
            self.fields.entry("date").or_insert_with(|| Value::from(argument));
        }
        self.has_begun |= TITLED.contains(&name);
        self.out.push(first);
        while let Some((option, value)) = self.indented(indent).and_then(field) {
            if name == "post" {
                self.fields.entry(option).or_insert_with(|| Value::from(value));
            }
            self.out.push(String::new());
        }
        if is_dropped(name) {
            self.block(indent, |_| String::new());
        } else if CODE.contains(&name) {
            self.block(indent, |line| format!("    {}", line.trim_start()));
        } else {
            self.block(indent, |line| line.trim_start().to_owned());
        }
        (self.in_item, self.in_code) = (false, false);
    }

    /// The lines below a directive that are indented further.
    fn block(&mut self, indent: usize, read: fn(&str) -> String) {
        while let Some(line) = self.lines.get(self.out.len()) {
            if !line.trim().is_empty() && line.len() - line.trim_start().len() <= indent {
                break;
            }
            let text = if line.trim().is_empty() { String::new() } else { read(line) };
            self.out.push(text);
        }
    }

    /// A line of text, without the signs of blocks that Markdown has not.
    fn text(&mut self, line: &str) -> String {
        let bare = line.trim();
        let indent = &line[..line.len() - line.trim_start().len()];
        let is_indented = !indent.is_empty();
        if is_border(bare) {
            return String::new();
        }
        if !is_indented {
            self.in_item = is_item(bare);
            self.in_code = false;
        }
        if is_indented && self.in_code {
            return format!("    {bare}");
        }
        self.in_code |= bare.ends_with("::");
        let line = match bare.strip_suffix("::") {
            Some(head) if head.is_empty() || head.ends_with(' ') => head.trim_end().to_owned(),
            Some(head) => format!("{head}:"),
            None => bare.to_owned(),
        };
        let indent = if self.in_item { indent } else { "" };
        // Rows of tables, lines of verses, fields, items that count themselves.
        if let Some(cells) = line.strip_prefix('|') {
            let cells: Vec<&str> = cells.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
            return format!("{}  ", cells.join(" / "));
        }
        match (line.strip_prefix("#. "), field(&line)) {
            (Some(item), _) => format!("{indent}1. {item}"),
            (None, Some((name, value))) => format!("{indent}{name}: {value}  "),
            _ => format!("{indent}{line}"),
        }
    }
}

fn is_explicit(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(' ')
}

/// Directives have families: `datatemplate-video`.
fn is_dropped(name: &str) -> bool {
    DROPPED
        .iter()
        .any(|family| name.strip_prefix(family).is_some_and(|rest| rest.is_empty() || rest.starts_with(['-', ':'])))
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_:+.".contains(c))
}

fn is_item(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let number = (1..=3).contains(&digits) && line[digits..].starts_with([')', '.']);
    number || ["- ", "* ", "+ ", "• ", "#. "].iter().any(|mark| line.starts_with(mark))
}

/// `:name: value`, `:name:`
fn field(line: &str) -> Option<(&str, &str)> {
    let rest = line.trim().strip_prefix(':')?;
    let (name, value) = rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    let fits = !name.is_empty() && !name.contains('`') && !name.starts_with(' ') && name.len() <= 40;
    fits.then(|| (name.trim(), value.trim()))
}

/// A heading with a line of signs below it, and maybe above.
fn heading<'a>(lines: &[&'a str], at: usize) -> Option<(&'a str, Style)> {
    let sign = |at: usize| lines.get(at).and_then(|line| rule(line));
    let has_above = sign(at).is_some();
    let from = at + usize::from(has_above);
    let text = lines.get(from).filter(|line| !line.trim().is_empty() && rule(line).is_none())?;
    let below = sign(from + 1)?;
    let is_text = has_above || !text.starts_with([' ', '\t']) && !text.starts_with(".. ") && field(text).is_none();
    (is_text && (!has_above || sign(at) == Some(below))).then(|| (text.trim(), (below, has_above)))
}

/// The sign of a line that is nothing but it.
fn rule(line: &str) -> Option<char> {
    let line = line.trim_end();
    let sign = line.chars().next().filter(|sign| SIGNS.contains(sign))?;
    (line.len() >= 3 && line.chars().all(|c| c == sign)).then_some(sign)
}

/// Rules between parts and around tables: `-----`, `+---+---+`, `==== ====`.
fn is_border(line: &str) -> bool {
    let mut signs = line.chars().filter(|c| !c.is_whitespace() && *c != '+').peekable();
    let Some(first) = signs.peek().copied() else { return false };
    line.len() >= 3
        && SIGNS.contains(&first)
        && signs.all(|c| c == first || (line.starts_with('+') && "=-".contains(c)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_and_the_title_are_taken_in_any_order() {
        let below = "On caches\n=========\n\n:speaker: Ann Example\n:date: 2019-05-04\n\nText.\n";
        let before =
            ".. _x:\n\n:speaker: Ann\n  Example\n:date: 2019-05-04\n\n=========\nOn caches\n=========\n\nText.\n";
        let post = ":speaker: Ann Example\n\n.. post:: 2019-05-04\n   :tags: x\n\nOn caches\n---------\n\nText.\n";
        for text in [below, before, post] {
            let rest = read(text);
            let fields = (rest.fields["speaker"].as_str(), rest.fields["date"].as_str());
            assert_eq!(fields, (Some("Ann Example"), Some("2019-05-04")), "{text}");
            assert_eq!(rest.title.map(|title| title.text).as_deref(), Some("On caches"));
            assert_eq!(rest.body.trim(), "Text.");
            assert_eq!(rest.body.lines().count(), text.lines().count());
        }
    }

    #[test]
    fn blocks_are_those_of_markdown() {
        for (source, expected) in [
            (
                "One.\n\nA\n---\n\nPart\n====\n\nInner\n-----\n\nPart\n====\n",
                "One.\n\n# A\n\n\n## Part\n\n\n# Inner\n\n\n## Part\n\n",
            ),
            (".. toctree::\n   :glob:\n\n   a\n\nText.", "\n\n\n\n\nText.\n"),
            ("..\n  Not said.\n\nText.", "\n\n\nText.\n"),
            (".. note:: Bring\n   a laptop.\n", "Bring\na laptop.\n"),
            (".. code-block:: sh\n\n   ls\n", "\n\n    ls\n"),
            ("So::\n\n  ls\n\nText.", "So:\n\n    ls\n\nText.\n"),
            ("#. one\n#. two\n\n   more", "1. one\n1. two\n\n   more\n"),
            ("+---+---+\n| a | b |\n+---+---+", "\na / b  \n\n"),
            ("Text.\n\n:Who: Ann\n\n-----\n\n| a verse", "Text.\n\nWho: Ann  \n\n\n\na verse  \n"),
            ("Text.\n\n  A quote.", "Text.\n\nA quote.\n"),
            (".. [1] A note.\n.. _x: https://example.org\n", "A note.\n\n"),
        ] {
            let text = format!("Text before.\n\n{source}");
            assert_eq!(read(&text).body, format!("Text before.\n\n{expected}"), "{source}");
        }
    }
}
