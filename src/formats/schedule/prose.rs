//! The texts of schedules, which are HTML, Markdown or plain, escaped once or twice, as readable text.

use std::collections::HashSet;

use comrak::{Arena, Options};

use crate::{
    formats::passages,
    text::{
        floor,
        html::{self, BlockKind},
    },
};

/// What plain text does not have, but for a lone sign here and there.
const MARKS: &[char] = &['<', '&', '*', '_', '[', '`', '#', '~', '|', '\\'];
/// Escaped text that was escaped again is unfolded so often.
const UNESCAPES_MAX: usize = 3;
/// An escaped tag is not longer.
const TAG_BYTES_MAX: usize = 300;
const URL_BYTES_MAX: usize = 2_000;
/// Longer text is kept as it is: trees take memory.
const BYTES_MAX: usize = 1 << 20;

/// Stands for a `<` that is read as no tag: a character that no text has.
const LESS: &str = "\u{f8fe}";

/// A text as paragraphs, with lists, and without markup.
pub(in crate::formats) fn read(source: &str) -> String {
    let source = without_invisible(&source.replace("\r\n", "\n").replace('\r', "\n"));
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
    let rendered = if has_tags(&text) { breaks(&underscored(&unmixed(&text))) } else { markdown(&text) };
    let Some(page) = html::read(&rendered) else { return tidy(source) };
    let mut blocks = page.blocks;
    for block in &mut blocks {
        match block.kind {
            BlockKind::Heading(_) => block.kind = BlockKind::Paragraph,
            BlockKind::Code if !is_starred(&block.text) => continue,
            _ => {}
        }
        block.text = without_links(&dashed(&block.text));
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
    crate::text::one_line(&without_invisible(&text))
}

/// Whether there is a tag of HTML, and not only a sign: `a < b`, `Vec<u8>`, `<stdio.h>`.
fn has_tags(text: &str) -> bool {
    let Some(last_end) = text.rfind('>') else { return false };
    text.match_indices('<').any(|(at, _)| {
        let tag = text[at + 1..].trim_start_matches('/');
        let name = &tag[..tag.find(|c: char| !c.is_ascii_alphanumeric() && c != ':').unwrap_or(tag.len())];
        let closed = tag[name.len()..].starts_with(['>', ' ', '/', '\n', '\t']);
        closed && at < last_end && html::is_element(name)
    })
}

/// A text without what nobody sees: spaces of no width, places for hyphens, marks of byte order.
fn without_invisible(text: &str) -> String {
    text.replace('\u{a0}', " ").replace(['\u{200b}', '\u{feff}', '\u{ad}', '\u{2060}'], "")
}

/// HTML in which some tags are escaped once more than the others: where such a tag has its end tag, it is one, but for
/// those in code.
fn unmixed(text: &str) -> String {
    if !text.contains("&lt;") || text.contains("<code") || text.contains("<pre") {
        return text.to_owned();
    }
    let name_of = |tag: &str| {
        let end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len()).min(TAG_BYTES_MAX);
        tag[..end].to_ascii_lowercase()
    };
    let ended: HashSet<String> = text.split("&lt;/").skip(1).map(name_of).collect();
    let mut out = String::new();
    let mut from = 0;
    for (at, sign) in text.match_indices("&lt;") {
        let start = at + sign.len();
        let tag = &text[start..floor(text, start + TAG_BYTES_MAX)];
        let name = name_of(tag.trim_start_matches('/'));
        let close = tag.find("&gt;").into_iter().chain(tag.find('>')).min();
        let Some(close) = close.filter(|_| at >= from && html::is_element(&name)) else { continue };
        // An end tag alone is left over, too.
        if name == "br" || tag.starts_with('/') || ended.contains(&name) {
            out.extend([&text[from..at], "<", &tag[..close], ">"]);
            from = start + close + if tag[close..].starts_with('>') { 1 } else { "&gt;".len() };
        }
    }
    out + &text[from..]
}

/// "arb<em>gl</em>spirv" is what a renderer of Markdown made of "arb_gl_spirv".
fn underscored(text: &str) -> String {
    let (open, close) = ("<em>", "</em>");
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        let end = after.find(['<', ' ', '\n']).unwrap_or(after.len());
        let tail = after[end..].strip_prefix(close).filter(|tail| tail.starts_with(char::is_alphanumeric));
        let inner = tail.filter(|_| before.ends_with(char::is_alphanumeric)).map(|tail| (&after[..end], tail));
        out.push_str(before);
        if let Some((inner, tail)) = inner {
            out.extend(["_", inner, "_"]);
            rest = tail;
        } else {
            out.push_str(open);
            rest = after;
        }
    }
    out + rest
}

/// Whether code is a list that somebody indented.
fn is_starred(text: &str) -> bool {
    let begins = |line: &str| ["* ", "- "].iter().any(|mark| line.starts_with(mark));
    let is_item = |line: &str| begins(line.trim_start()) || line.starts_with("  ");
    begins(text) && text.lines().filter(|line| !line.trim().is_empty()).all(is_item)
}

/// Lines that begin with a star or a bullet as those of other lists do.
fn dashed(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let item = ["* ", "• ", "◦ ", "‣ "].iter().find_map(|mark| line.trim_start().strip_prefix(mark));
        item.map_or(line.to_owned(), |item| format!("- {}", item.trim_start()))
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// "[a label](https://example.org)", where Markdown stands in HTML, as its label.
fn without_links(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let label = before.rfind('[').filter(|_| after.starts_with("http"));
        let near = &after[..floor(after, URL_BYTES_MAX)];
        let url = near.find(')').filter(|end| !near[..*end].contains(char::is_whitespace));
        let (Some(label), Some(end)) = (label, url) else {
            out.push_str(before);
            out.push_str("](");
            rest = after;
            continue;
        };
        out.push_str(&before[..label]);
        out.push_str(&before[label + 1..]);
        rest = &after[end + 1..];
    }
    out + rest
}

/// Text that has tags and also empty lines means both; and lines that begin with a star are a list, as those with a dash
/// are where there are two.
fn breaks(text: &str) -> String {
    let begins = |line: &str, mark: &str| line.trim_start().starts_with(mark);
    let is_item = |line: &&str| ["* ", "- ", "• "].iter().any(|mark| begins(line, mark));
    let n_items = || text.lines().skip(1).filter(is_item);
    let has_list = !text.contains("<pre") && (n_items().count() > 1 || n_items().any(|line| begins(line, "* ")));
    let lines = || text.lines().map(|line| if is_item(&line) { format!("<br>{line}") } else { line.to_owned() });
    let text = &if has_list { lines().collect::<Vec<_>>().join("\n") } else { text.to_owned() };
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
            ("<h1>arb<em>gl</em>spirv</h1>", "arb_gl_spirv"),
            ("<p>un<em>like</em> this <em>one</em></p>", "unlike this one"),
            ("<p>We &lt;em>liked&lt;/em> it</p>", "We liked it"),
            (
                "<p>Three: &lt;ul&gt;\n&lt;li&gt;one&lt;/li&gt;\n&lt;li>two&lt;/li>&lt;/ul></p>",
                "Three:\n\n- one\n- two",
            ),
            ("<p>The &lt;p&gt; element and &lt;video&gt;</p>", "The <p> element and <video>"),
            ("<p>Write <code>&lt;b&gt;bold&lt;/b&gt;</code></p>", "Write <b>bold</b>"),
            ("<p>Done.&lt;/div></p><p>More</p>", "Done.\n\nMore"),
            ("<p>Topics:\n* one\n* two</p>", "Topics:\n- one\n- two"),
            ("<p>A range of 1\n- 2 and more</p>", "A range of 1 - 2 and more"),
            ("<p>Topics:</p><pre><code>* one\n* two</code></pre>", "Topics:\n\n- one\n- two"),
            ("<pre>a = b\n* c</pre>", "a = b\n* c"),
            ("<p>See [our tool](https://example.org/a) and [2](b)</p>", "See our tool and [2](b)"),
            ("<p>zero\u{200b}width and soft\u{ad}hyphen</p>", "zerowidth and softhyphen"),
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

    /// Text that would take hours where each sign made the rest be looked through again.
    #[test]
    fn hostile_texts_come_to_an_end() {
        let head = "<p>";
        for unit in ["&lt;", "&lt;em", "&lt;b&gt;&lt;/b", "a<em>b", "[a](http", "](", "* \n", "\n- ", "<b ", "+"] {
            let text = format!("{head}{}", unit.repeat(200_000 / unit.len()));
            assert!(!read(&text).is_empty(), "{unit}");
        }
    }
}
