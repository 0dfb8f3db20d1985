//! The texts of schedules, which are HTML, Markdown or plain, escaped once or twice, as readable text.

use comrak::{Arena, Options};

use crate::{
    formats::passages,
    text::html::{self, BlockKind},
};

/// What plain text does not have, but for a lone sign here and there.
const MARKS: &[char] = &['<', '&', '*', '_', '[', '`', '#', '~', '|', '\\'];
/// Escaped text that was escaped again is unfolded so often.
const UNESCAPES_MAX: usize = 3;
/// Longer text is kept as it is: trees take memory.
const BYTES_MAX: usize = 1 << 20;

/// Stands for a `<` that is read as no tag: a character that no text has.
const LESS: &str = "\u{f8fe}";

/// A text as paragraphs, with lists, and without markup.
pub(in crate::formats) fn read(source: &str) -> String {
    let source = source.replace("\r\n", "\n").replace('\r', "\n").replace('\u{a0}', " ");
    let source = source.trim();
    if source.len() > BYTES_MAX || !(source.contains(MARKS) || has_list(source)) {
        return tidy(source);
    }
    let mut text = source.to_owned();
    for _ in 0..UNESCAPES_MAX {
        // `&lt;p&gt;` is markup that somebody escaped; `a &lt; b` is text.
        if has_tags(&text) || !(text.contains("&lt;") && has_tags(&unescaped(&text))) {
            break;
        }
        text = unescaped(&text);
    }
    let rendered = if has_tags(&text) { breaks(&text) } else { markdown(&text) };
    let Some(page) = html::read(&rendered) else { return tidy(source) };
    let mut blocks = page.blocks;
    for block in &mut blocks {
        if let BlockKind::Heading(_) = block.kind {
            block.kind = BlockKind::Paragraph;
        }
    }
    tidy(&passages::join(&blocks).replace(LESS, "<"))
}

/// One line without markup: a title, a name.
pub(in crate::formats) fn line(source: &str) -> String {
    let escaped = source.contains("&lt;").then(|| unescaped(source)).filter(|text| has_tags(text));
    let mut text = escaped.unwrap_or_else(|| source.to_owned());
    if text.contains(['<', '&']) {
        // What opens no tag is no tag.
        text = if has_tags(&text) { text } else { text.replace('<', "&lt;") };
        text = html::read(&text).map_or(text, |page| passages::join(&page.blocks));
    }
    crate::text::one_line(&text.replace('\u{a0}', " "))
}

/// Whether there is a tag of HTML, and not only a sign: `a < b`, `Vec<u8>`, `<stdio.h>`.
fn has_tags(text: &str) -> bool {
    text.match_indices('<').any(|(at, _)| {
        let tag = text[at + 1..].trim_start_matches('/');
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(tag.len())];
        let closed = tag[name.len()..].starts_with(['>', ' ', '/', '\n', '\t']);
        closed && tag.contains('>') && html::is_element(name)
    })
}

/// Text that has tags and also empty lines means both.
fn breaks(text: &str) -> String {
    let has_blocks = ["<p", "<P", "<div", "<br", "<BR", "<li", "<h"].iter().any(|tag| text.contains(tag));
    if has_blocks { text.to_owned() } else { text.replace("\n\n", "<p>").replace('\n', "<br>") }
}

fn unescaped(text: &str) -> String {
    let pairs = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#39;", "'"),
        ("&#x27;", "'"),
        ("&apos;", "'"),
        ("&amp;", "&"),
    ];
    pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn has_list(text: &str) -> bool {
    text.lines().any(|line| ["- ", "+ ", "• "].iter().any(|mark| line.trim_start().starts_with(mark)))
}

fn markdown(text: &str) -> String {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    // People who type into a form mean their line ends.
    options.render.hardbreaks = true;
    options.render.r#unsafe = true;
    let arena = Arena::new();
    let bullets = text.replace("\n• ", "\n- ").replace("\n– ", "\n- ");
    let indented: Vec<&str> = bullets
        .lines()
        .map(|line| {
            if line.starts_with("    ") && !line.trim_start().starts_with(['-', '*', '+']) {
                line.trim_start()
            } else {
                line
            }
        })
        .collect();
    // What opens no tag is no tag, also where Markdown keeps a text as it is.
    let plain = indented.join("\n").replace('<', LESS);
    let root = comrak::parse_document(&arena, &plain, &options);
    let mut out = String::new();
    match comrak::format_html(root, &options, &mut out) {
        Ok(()) => out,
        Err(_) => plain,
    }
}

/// At most one empty line between paragraphs, no spaces at the ends of lines.
fn tidy(text: &str) -> String {
    let mut out = String::new();
    let mut n_empty = 0;
    for line in text.lines().map(str::trim_end) {
        if line.is_empty() {
            n_empty += 1;
            continue;
        }
        if !out.is_empty() {
            out.push_str(if n_empty > 0 { "\n\n" } else { "\n" });
        }
        n_empty = 0;
        out.push_str(line);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{line, read};

    #[test]
    fn texts_lose_their_markup_and_keep_their_paragraphs() {
        for (source, expected) in [
            ("Plain text.\n\nIn two parts.", "Plain text.\n\nIn two parts."),
            ("Plain text.\r\n\r\n\r\nIn two parts.  ", "Plain text.\n\nIn two parts."),
            ("<p>One &amp; two.</p><p>Three.</p>", "One & two.\n\nThree."),
            ("&lt;p&gt;One &amp;amp; two.&lt;/p&gt;&lt;p&gt;Three.&lt;/p&gt;", "One & two.\n\nThree."),
            ("One<br/>two", "One\ntwo"),
            ("<ul><li>one</li><li>two</li></ul>", "- one\n- two"),
            ("a &lt; b and b &gt; c", "a < b and b > c"),
            ("if a < b then Vec<u8>", "if a < b then Vec<u8>"),
            ("in `Vec<u8>` and **a < b**", "in Vec<u8> and a < b"),
            ("See [the site](https://example.org) for **more**.", "See the site for more."),
            ("- one\n- two", "- one\n- two"),
            ("snake_case_name and 2 * 3", "snake_case_name and 2 * 3"),
            ("R&D at AT&T", "R&D at AT&T"),
            ("first line\nsecond line with `code`", "first line\nsecond line with code"),
            ("Two &nbsp; words", "Two words"),
            ("<b>Bold</b>\n\nand below", "Bold\n\nand below"),
            ("", ""),
        ] {
            assert_eq!(read(source), expected, "{source}");
        }
    }

    #[test]
    fn lines_are_one_line() {
        for (source, expected) in [
            ("Q&amp;A  with\n Ann", "Q&A with Ann"),
            ("Rust &lt;3", "Rust <3"),
            ("<em>Fast</em> code", "Fast code"),
            ("Vec<u8> & friends", "Vec<u8> & friends"),
        ] {
            assert_eq!(line(source), expected, "{source}");
        }
    }
}
