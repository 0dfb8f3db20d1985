//! Reports and notes in Markdown: front matter, then text that comrak turns into HTML and `text/html.rs` into blocks,
//! so that HTML inside Markdown and Markdown itself are read alike.

pub(super) mod front_matter;
pub(super) mod shortcodes;

use comrak::{Arena, Options, nodes::NodeValue};
use serde_json::{Map, Value};

use super::{
    Draft, Input, dates, plain,
    report::{self, Prose},
    rest,
    schedule::language,
};
use crate::{
    error::Problem,
    source::lines,
    text::{self, html},
};

pub(super) const EXTENSIONS: &[&str] = &["md", "markdown", "mdown", "mkd", "mdx", "mkdn"];
/// Quotes and lists may be nested this deep on one line; comrak's time grows by depth × lines.
const NESTING_MAX: usize = 100;
/// Tags kept with a report.
const TAGS_MAX: usize = 200;
/// Of a file without a Markdown name, so many marks make it Markdown.
const MARKS_MIN: usize = 3;

pub(super) fn recognise(input: &Input) -> bool {
    match report::extension(input.path) {
        Some(extension) if EXTENSIONS.contains(&&*extension) => true,
        Some(extension) if !matches!(&*extension, "txt" | "text") => false,
        _ => {
            (front_matter::is_there(input.text) && !input.text.trim_start_matches('\u{feff}').starts_with('{'))
                || (plain::is_prose(input.text) && has_structure(input.text))
        }
    }
}

/// Headings with `#`, inline links and fences: what nobody writes in plain text.
fn has_structure(text: &str) -> bool {
    let mut marks = 0;
    for line in text.lines() {
        let level = line.bytes().take_while(|byte| *byte == b'#').count();
        let heading = (1..=6).contains(&level) && line[level..].starts_with(' ');
        let link = line.contains("](http") || line.contains("](/");
        marks += usize::from(heading) + usize::from(link) + usize::from(line.starts_with("```"));
    }
    marks >= MARKS_MIN
}

pub(super) fn parse(input: &Input) -> Draft {
    match prose(input) {
        Ok((prose, tolerated)) => Draft { tolerated: tolerated.into_iter().collect(), ..report::draft(input, prose) },
        Err(problem) => Draft { problems: vec![problem], ..Draft::default() },
    }
}

/// The prose, and what of its front matter is no YAML.
fn prose(input: &Input) -> Result<(Prose, Option<Problem>), Problem> {
    let matter = front_matter::split(input.text)?;
    let line = 1 + input.text[..matter.body].matches('\n').count() as u64;
    let (body, of_fences) = rest::read_fences(&input.text[matter.body..]);
    let page = read(&body, line)?;
    let mut prose = Prose { blocks: page.blocks, links: page.links, ..Prose::default() };
    take_fields(matter.fields, &mut prose);
    take_fields(of_fences, &mut prose);
    Ok((prose, matter.tolerated))
}

/// The blocks of a Markdown text whose first line is line `first` of its file.
pub(super) fn read(body: &str, first: u64) -> Result<html::Page, Problem> {
    let too_deep = |line| Problem::new("", line, "the text is nested too deep", "take the nesting out");
    for line in lines(body) {
        if nesting(line.text) > NESTING_MAX {
            return Err(too_deep(Some(first + line.number - 1)));
        }
    }
    let body = shortcodes::without(body);
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    options.extension.footnotes = true;
    options.render.r#unsafe = true;
    options.render.sourcepos = true;
    let arena = Arena::new();
    let root = comrak::parse_document(&arena, &body, &options);
    for node in root.descendants() {
        let mut node = node.data.borrow_mut();
        let line = node.sourcepos.start.line;
        match &mut node.value {
            NodeValue::HtmlBlock(block) => block.literal = marked_lines(&block.literal, line),
            // What the author meant as emphasis and is none by the rules: `**Day 1 **We`.
            NodeValue::Text(text) if text.contains("**") && !text.contains(" ** ") => {
                *text = text.replace("****", " ").replace("**", "").into();
            }
            _ => {}
        }
    }
    let mut rendered = String::new();
    comrak::format_html(root, &options, &mut rendered).map_err(|_| too_deep(None))?;
    let mut page = html::read(&rendered).ok_or_else(|| too_deep(None))?;
    for block in &mut page.blocks {
        block.line = block.line.map(|line| line + first - 1);
    }
    Ok(page)
}

/// HTML that begins on line `first`, with a mark of the line before every line where a block begins or has just ended.
fn marked_lines(html: &str, first: usize) -> String {
    let mut out = String::new();
    let (mut in_comment, mut at_block) = (false, true);
    for (index, line) in html.split_inclusive('\n').enumerate() {
        let shown = line.trim();
        if !in_comment && (at_block || is_block_tag(shown)) {
            out.extend(["<!--", html::LINE_MARK, &(first + index).to_string(), "-->"]);
        }
        out.push_str(line);
        let mut rest = shown;
        while let Some(at) = rest.find(if in_comment { "-->" } else { "<!--" }) {
            rest = &rest[at + 3..];
            in_comment = !in_comment;
        }
        let last_tag = shown.rfind('<').map_or("", |at| &shown[at..]);
        at_block = shown.ends_with('>') && is_block_tag(last_tag);
    }
    out
}

/// Whether a text begins with a tag, opening or closing, of a block.
fn is_block_tag(text: &str) -> bool {
    let Some(name) = text.strip_prefix('<') else { return false };
    let name = name.strip_prefix('/').unwrap_or(name);
    let name = &name[..name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len())];
    html::BLOCKS.contains(&name.to_ascii_lowercase().as_str())
}

/// How many quotes and lists a line opens.
fn nesting(line: &str) -> usize {
    let marks = line.bytes().take_while(|byte| b"> \t-*+".contains(byte));
    marks.filter(|byte| !byte.is_ascii_whitespace()).count().min(rule_or_quote(line))
}

/// `----…` and `****…` are rules, however long.
fn rule_or_quote(line: &str) -> usize {
    let line = line.trim();
    let same = |sign: char| line.chars().all(|c| c == sign || c == ' ');
    if ['-', '*', '+'].iter().any(|sign| same(*sign)) { 0 } else { usize::MAX }
}

pub(super) fn take_fields(fields: Map<String, Value>, prose: &mut Prose) {
    for (key, value) in fields {
        if value.is_null() {
            continue;
        }
        match key.to_lowercase().replace(['_', '-', ' '], "").as_str() {
            "title" => prose.title = strings(&value).first().map(|title| plain_title(title)),
            "author" | "authors" | "authorname" | "by" | "byline" => {
                let names = strings(&value);
                if prose.author.is_none() && !names.is_empty() {
                    prose.author = Some(names.join(", "));
                }
            }
            "date" | "created" | "createdat" | "published" | "pubdate" | "publishdate" | "publishedat"
            | "publishedon" | "datepublished" | "publicationdate" | "posted" | "postedon" | "written" => {
                let date = strings(&value).first().and_then(|date| dates::date(date));
                match date {
                    Some(date) => prose.written = prose.written.or(Some(date)),
                    None => _ = prose.extra.insert(key, value),
                }
            }
            "taxonomies" if value.is_object() => {
                if let Value::Object(taxonomies) = value {
                    take_fields(taxonomies, prose);
                }
            }
            "tags" | "tag" | "categories" | "category" | "keywords" => {
                for tag in strings(&value).iter().flat_map(|tags| tags.split(',')).map(str::trim) {
                    // A value that the site's template fills in.
                    let is_blank = tag.is_empty() || tag.contains("{{");
                    if prose.tags.len() < TAGS_MAX && !is_blank && !prose.tags.iter().any(|known| known == tag) {
                        prose.tags.push(tag.to_owned());
                    }
                }
            }
            "language" | "lang" | "locale" => match strings(&value).first().and_then(|text| language(text)) {
                Some(code) => prose.language = Some(code),
                None => _ = prose.extra.insert(key, value),
            },
            "url" | "permalink" | "link" | "canonicalurl" | "canonical" | "slug" => {
                let absolute = strings(&value).into_iter().find(|url| url.starts_with("http"));
                match absolute {
                    Some(url) if prose.url.is_none() => prose.url = Some(url),
                    _ => _ = prose.extra.insert(key, value),
                }
            }
            _ => _ = prose.extra.insert(key, value),
        }
    }
}

/// The strings of a value: itself, those of a list, the `name` of an object.
fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()).into_iter().collect(),
        Value::Number(number) => vec![number.to_string()],
        Value::Array(values) => values.iter().filter_map(one_string).collect(),
        Value::Object(_) => one_string(value).into_iter().collect(),
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

fn one_string(value: &Value) -> Option<String> {
    let text = match value {
        Value::Object(fields) => fields.get("name").or_else(|| fields.get("title"))?.as_str()?.to_owned(),
        Value::String(text) => text.clone(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

/// A title is Markdown as well: emphasis and entities go.
fn plain_title(title: &str) -> String {
    if !title.contains(['&', '<', '*', '`', '[']) {
        return text::one_line(title);
    }
    let page = read(title, 1).ok().filter(|page| page.blocks.len() == 1);
    page.map_or_else(|| text::one_line(title), |page| text::one_line(&page.blocks[0].text))
}
