//! A report as plain text: its title, headings without markup, and what is no body text: captions, disclaimers, the
//! footers of blogs.

mod paragraphs;

use jiff::civil::Date;

use self::paragraphs::Paragraph;
use super::{
    Draft, Input, dates, edition, header, markdown,
    report::{self, Prose},
};
use crate::text::{
    floor,
    html::{Block, BlockKind},
};

/// Files that are data or code, not prose.
pub(super) const NOT_PROSE: &[&str] = &[
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
const LINE_BYTES_MAX: usize = 4_000;
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
/// How much of a paragraph says how it begins.
const NOTICE_START_BYTES: usize = 100;
/// What stands before an author's name.
const BYLINES: &[&str] = &["by", "von", "par", "por", "author:", "autor:", "auteur:"];
const BYLINE_WORDS_MAX: usize = 8;
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
    let mut prose = Prose::default();
    let (fields, body) = header::split(input.text).unwrap_or_default();
    markdown::take_fields(fields, &mut prose);
    let mut paragraphs = paragraphs::read(input.text, body);
    if prose.title.is_none() {
        prose.title = take_title(&mut paragraphs);
    }
    take_byline(&mut paragraphs, &mut prose);
    let kinds: Vec<Role> = (0..paragraphs.len()).map(|index| role(&paragraphs, index)).collect();
    let mut levels = Levels::default();
    let mut items = 0;
    for (paragraph, role) in paragraphs.into_iter().zip(kinds) {
        prose.links.extend(urls(&paragraph.text));
        let kind = match role {
            Role::Heading => BlockKind::Heading(levels.of(&paragraph)),
            Role::Text => match paragraph.item {
                Some(depth) => BlockKind::Item(depth),
                None if paragraph.is_quote => BlockKind::Quote,
                None => BlockKind::Paragraph,
            },
            Role::Notice => {
                prose.written = prose.written.or_else(|| date_of_notice(&paragraph.text));
                continue;
            }
            Role::Caption => continue,
        };
        items += usize::from(kind == BlockKind::Item(1));
        let item = matches!(kind, BlockKind::Item(_)).then_some(items);
        let text = if role == Role::Heading { heading(&paragraph.text).to_owned() } else { paragraph.text };
        prose.blocks.push(Block { kind, text, line: Some(paragraph.line), item, lead: None });
    }
    report::draft(input, prose)
}

#[derive(Clone, Copy, PartialEq)]
enum Role {
    Text,
    Heading,
    Caption,
    Notice,
}

/// Which signs under headings have been seen: the first is the highest.
#[derive(Default)]
struct Levels(Vec<char>);

impl Levels {
    fn of(&mut self, heading: &Paragraph) -> u8 {
        if let Some(level) = heading.marked {
            return level.max(2);
        }
        let depth = match heading.underlined {
            Some(sign) => {
                if !self.0.contains(&sign) {
                    self.0.push(sign);
                }
                self.0.iter().position(|known| *known == sign).unwrap_or(0)
            }
            // "2.1 Questions"
            None => number(&heading.text).trim_end_matches(['.', ')']).matches('.').count(),
        };
        u8::try_from(2 + depth.min(4)).unwrap_or(6)
    }
}

/// The number before a heading: "2.1", "3)".
fn number(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ')').unwrap_or(0);
    let number = &text[..end];
    let is_number = number.starts_with(|c: char| c.is_ascii_digit()) && number.contains(['.', ')']);
    if is_number && text[end..].starts_with(' ') { number } else { "" }
}

fn heading(text: &str) -> &str {
    text[number(text).len()..].trim_start_matches(['#', ' '])
}

/// The first line, when it stands alone and ends like no sentence, or is underlined, or stands over a few short lines
/// about place and author.
fn take_title(paragraphs: &mut Vec<Paragraph>) -> Option<String> {
    let first = paragraphs.first()?;
    let words = first.text.split_whitespace().count();
    let title = first.n_lines == 1
        && words <= TITLE_WORDS_MAX
        && first.text.len() <= LINE_BYTES_MAX
        && first.item.is_none()
        && (first.underlined.is_some() || !first.text.ends_with(['.', ',', ';', ':']));
    (title && paragraphs.len() > 1 && !is_notice(&first.text)).then(|| paragraphs.remove(0).text)
}

/// "By Ann", right under the title.
fn take_byline(paragraphs: &mut Vec<Paragraph>, prose: &mut Prose) {
    let Some(first) = paragraphs.first() else { return };
    let words: Vec<&str> = first.text.split_whitespace().collect();
    let by = words.first().is_some_and(|word| BYLINES.contains(&word.to_lowercase().as_str()));
    if by && first.n_lines == 1 && (2..=BYLINE_WORDS_MAX).contains(&words.len()) && !first.text.ends_with('.') {
        prose.author = prose.author.take().or(Some(words[1..].join(" ")));
        paragraphs.remove(0);
    }
}

fn date_of_notice(text: &str) -> Option<Date> {
    let lower = text.to_lowercase();
    ["posted on", "published"].iter().any(|start| lower.starts_with(start)).then(|| dates::date(text)).flatten()
}

fn role(paragraphs: &[Paragraph], index: usize) -> Role {
    let paragraph = &paragraphs[index];
    if is_notice(&paragraph.text) {
        return Role::Notice;
    }
    if paragraph.underlined.is_some() || paragraph.marked.is_some() || paragraph.stands_over {
        return Role::Heading;
    }
    if paragraph.in_head {
        return Role::Text;
    }
    let next = paragraphs[index + 1..].iter().find(|next| !is_notice(&next.text));
    let prose_follows = next.is_some_and(is_prose_paragraph);
    if paragraph.item.is_some() {
        // An item of its own, in no list: "1. Keynote".
        let in_list = |near: Option<&Paragraph>| near.is_some_and(|near| near.item.is_some());
        let alone = !in_list(next) && !in_list(index.checked_sub(1).map(|before| &paragraphs[before]));
        return if alone && prose_follows && is_short_line(paragraph) { Role::Heading } else { Role::Text };
    }
    if paragraph.is_quote || !is_short_line(paragraph) {
        return Role::Text;
    }
    // A heading opens a section: the text before it has ended with a sentence, and the one behind begins one. A line that
    // says what someone is seen doing, or that nothing follows, describes a picture.
    match next {
        None => Role::Caption,
        Some(_) if is_caption(paragraphs, index) => Role::Caption,
        Some(next) if prose_follows || next.underlined.is_some() || next.marked.is_some() || next.stands_over => {
            Role::Heading
        }
        Some(next) if next.item.is_none() && is_short_line(next) => Role::Caption,
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
    let names = place
        .is_some_and(|place| edition::find(place, &edition::Context::default()).iter().any(|found| found.start == 0));
    seen_doing || credit || names
}

/// A line alone that ends like no sentence.
fn is_short_line(paragraph: &Paragraph) -> bool {
    let words = paragraph.text.split_whitespace().count();
    paragraph.n_lines == 1
        && words <= HEADING_WORDS_MAX
        && paragraph.text.len() <= LINE_BYTES_MAX
        && paragraph.text.contains(char::is_alphabetic)
        && !paragraph.text.starts_with('(')
        && !paragraph.text.ends_with(['.', ',', ';', '!', '…'])
        && !paragraph.text.contains("://")
        && paragraph.text.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase() || words <= 3)
}

fn is_prose_paragraph(paragraph: &Paragraph) -> bool {
    let words = paragraph.text.split_whitespace().count();
    if paragraph.item.is_some() {
        return false;
    }
    words >= PROSE_WORDS_MIN || (words >= 5 && paragraph.text.ends_with(['.', '!', '?'])) || paragraph.n_lines > 1
}

fn is_notice(text: &str) -> bool {
    let lower = text[..floor(text, NOTICE_START_BYTES)].to_lowercase();
    NOTICES.iter().any(|start| lower.starts_with(start)) && text.split_whitespace().nth(NOTICE_WORDS_MAX).is_none()
}

fn urls(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|c: char| c.is_whitespace() || "<>()\"".contains(c));
    let urls = words.filter(|word| word.starts_with("http://") || word.starts_with("https://"));
    urls.map(|url| url.trim_end_matches(['.', ',', ';', ':']).to_owned())
}
