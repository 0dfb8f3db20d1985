//! A report as plain text: its title, headings without markup, and what is no body text: captions, disclaimers, the
//! footers of blogs.

use super::{
    Draft, Input, edition,
    report::{self, Prose},
};
use crate::{
    source::lines,
    text::html::{Block, BlockKind},
};

/// Files that are data or code, not prose.
const NOT_PROSE: &[&str] = &[
    "json",
    "jsonl",
    "ndjson",
    "xml",
    "html",
    "htm",
    "csv",
    "tsv",
    "yaml",
    "yml",
    "toml",
    "ics",
    "rs",
    "py",
    "js",
    "ts",
    "c",
    "h",
    "cpp",
    "go",
    "rb",
    "java",
    "sh",
    "css",
    "scss",
    "sql",
    "lock",
    "ini",
    "cfg",
    "conf",
    "log",
    "svg",
    "tex",
    "bib",
    "diff",
    "patch",
    "php",
    "pl",
    "lua",
    "md",
    "mk",
    "bat",
    "ps1",
    "kt",
    "swift",
    "env",
    "properties",
];
/// A title has at most so many words, a heading fewer.
const TITLE_WORDS_MAX: usize = 20;
const HEADING_WORDS_MAX: usize = 10;
/// What follows a heading is a paragraph of at least so many words.
const PROSE_WORDS_MIN: usize = 12;
/// Text is prose when so much of it, in percent, is letters and spaces.
const LETTERS_PERCENT_MIN: usize = 75;
/// How paragraphs begin that a blog puts around a text.
const NOTICES: &[&str] = &[
    "disclaimer:",
    "disclaimer ",
    "this entry was posted in",
    "posted in ",
    "posted on ",
    "posted by ",
    "filed under",
    "tagged with",
    "tags:",
    "categories:",
    "bookmark the permalink",
    "share this",
    "leave a reply",
    "leave a comment",
    "copyright ©",
    "© ",
    "all rights reserved",
    "related posts",
    "previous post",
    "next post",
    "advertisement",
];
/// A notice is a short paragraph; a long one that begins so is text.
const NOTICE_WORDS_MAX: usize = 60;
/// Participles that make a line say what a picture shows: "Sasha talking about eBPF".
const CAPTION_WORDS: &[&str] = &[
    "talking",
    "speaking",
    "presenting",
    "standing",
    "sitting",
    "attending",
    "attendees",
    "giving",
    "showing",
    "explaining",
    "photo",
    "picture",
    "pictured",
    "image",
    "sunset",
    "view",
];

pub(super) fn recognise(input: &Input) -> bool {
    match report::extension(input.path) {
        Some(extension) if NOT_PROSE.contains(&&*extension) => false,
        _ => is_prose(input.text),
    }
}

/// Whether a text is sentences rather than data, markup or code.
pub(super) fn is_prose(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim();
    if text.starts_with(['<', '{', '[']) || text.starts_with("#!") || text.starts_with("BEGIN:") {
        return false;
    }
    let sample: String = text.chars().take(20_000).collect();
    let visible = sample.chars().count().max(1);
    let letters = sample.chars().filter(|c| c.is_alphabetic() || c.is_whitespace()).count();
    let code_ends = sample.lines().filter(|line| line.trim_end().ends_with(['{', '}', ';'])).count();
    let lines = sample.lines().filter(|line| !line.trim().is_empty()).count().max(1);
    letters * 100 >= visible * LETTERS_PERCENT_MIN && code_ends * 5 <= lines
}

pub(super) fn parse(input: &Input) -> Draft {
    let mut paragraphs = paragraphs(input.text);
    let title = take_title(&mut paragraphs);
    let kinds: Vec<Role> = (0..paragraphs.len()).map(|index| role(&paragraphs, index)).collect();
    let mut blocks = Vec::new();
    let mut links = Vec::new();
    for (paragraph, role) in paragraphs.into_iter().zip(kinds) {
        links.extend(urls(&paragraph.text));
        let kind = match role {
            Role::Heading => BlockKind::Heading(2),
            Role::Text => BlockKind::Paragraph,
            Role::Caption | Role::Notice => continue,
        };
        blocks.push(Block { kind, text: paragraph.text, line: Some(paragraph.line), ..Block::default() });
    }
    report::draft(input, Prose { title, blocks, links, ..Prose::default() })
}

/// Lines between blank lines.
struct Paragraph {
    text: String,
    line: u64,
    n_lines: usize,
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Text,
    Heading,
    Caption,
    Notice,
}

fn paragraphs(text: &str) -> Vec<Paragraph> {
    let mut out: Vec<Paragraph> = Vec::new();
    let mut open = false;
    for line in lines(text) {
        let shown = line.text.trim();
        if shown.is_empty() {
            open = false;
            continue;
        }
        let rule = shown.chars().all(|c| "=-~*_".contains(c)) && shown.len() >= 3;
        match out.last_mut() {
            // A rule under a line says that it is a heading, which its shape says as well.
            Some(_) if rule => open = false,
            Some(paragraph) if open => {
                // Lists keep their lines, wrapped prose is one.
                let item = shown.starts_with(['-', '*', '•']) || shown.starts_with(|c: char| c.is_ascii_digit());
                paragraph.text.push(if item { '\n' } else { ' ' });
                paragraph.text.push_str(shown);
                paragraph.n_lines += 1;
            }
            _ if rule => {}
            _ => {
                out.push(Paragraph { text: shown.to_owned(), line: line.number, n_lines: 1 });
                open = true;
            }
        }
    }
    for paragraph in &mut out {
        paragraph.text = paragraph.text.lines().map(report::one_line).collect::<Vec<_>>().join("\n");
    }
    out
}

/// The first line, when it stands alone and ends like no sentence.
fn take_title(paragraphs: &mut Vec<Paragraph>) -> Option<String> {
    let first = paragraphs.first()?;
    let words = first.text.split_whitespace().count();
    let title = first.n_lines == 1 && words <= TITLE_WORDS_MAX && !first.text.ends_with(['.', ',', ';', ':']);
    (title && paragraphs.len() > 1 && !is_notice(&first.text)).then(|| paragraphs.remove(0).text)
}

fn role(paragraphs: &[Paragraph], index: usize) -> Role {
    let paragraph = &paragraphs[index];
    if is_notice(&paragraph.text) {
        return Role::Notice;
    }
    if !is_short_line(paragraph) {
        return Role::Text;
    }
    let next = paragraphs[index + 1..].iter().find(|next| !is_notice(&next.text));
    let prose_follows = next.is_some_and(is_prose_paragraph);
    // A heading opens a section: the text before it has ended with a sentence, and the one behind begins one. A line that
    // says what someone is seen doing, or that nothing follows, describes a picture.
    match next {
        None => Role::Caption,
        Some(_) if is_caption(paragraphs, index) => Role::Caption,
        Some(_) if prose_follows => Role::Heading,
        Some(next) if is_short_line(next) => Role::Caption,
        Some(_) => Role::Text,
    }
}

/// "Sasha talking about eBPF", "Attendees at FooConf"; and the line right under the title, where no section begins.
fn is_caption(paragraphs: &[Paragraph], index: usize) -> bool {
    let text = paragraphs[index].text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric());
    let seen_doing = words.any(|word| CAPTION_WORDS.contains(&word));
    let credit = text.starts_with("photo") || text.contains("(photo") || text.starts_with("figure ");
    // "Visitors at FooConf": who is seen where.
    let place =
        [" at ", " in "].iter().find_map(|word| paragraphs[index].text.split_once(word)).map(|(_, place)| place);
    let names = place.is_some_and(|place| edition::find(place, "").iter().any(|found| found.start == 0));
    seen_doing || credit || names
}

/// A line alone that ends like no sentence.
fn is_short_line(paragraph: &Paragraph) -> bool {
    let words = paragraph.text.split_whitespace().count();
    paragraph.n_lines == 1
        && words <= HEADING_WORDS_MAX
        && paragraph.text.contains(char::is_alphabetic)
        && !paragraph.text.starts_with(['-', '*', '•', '>', '('])
        && !paragraph.text.ends_with(['.', ',', ';', '!', ')', '…'])
        && !paragraph.text.contains("://")
        && paragraph.text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase() || words <= 3)
}

fn is_prose_paragraph(paragraph: &Paragraph) -> bool {
    let words = paragraph.text.split_whitespace().count();
    words >= PROSE_WORDS_MIN || (words >= 5 && paragraph.text.ends_with(['.', '!', '?'])) || paragraph.n_lines > 1
}

fn is_notice(text: &str) -> bool {
    let lower = text.to_lowercase();
    NOTICES.iter().any(|start| lower.starts_with(start)) && text.split_whitespace().count() <= NOTICE_WORDS_MAX
}

fn urls(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "<>()\"".contains(c));
    let urls = words.filter(|word| word.starts_with("http://") || word.starts_with("https://"));
    urls.map(|url| url.trim_end_matches(['.', ',', ';', ':']).to_owned())
}
