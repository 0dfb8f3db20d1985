//! Corpus text is hostile: here it is made harmless, for each medium.

use std::borrow::Cow;

/// For a terminal: controls (C0 but tab and line end, DEL, C1) and those that turn the direction of text around
/// become U+FFFD.
pub fn terminal(text: &str) -> Cow<'_, str> {
    if text.contains(is_unsafe) {
        Cow::Owned(text.chars().map(|c| if is_unsafe(c) { char::REPLACEMENT_CHARACTER } else { c }).collect())
    } else {
        Cow::Borrowed(text)
    }
}

/// As [`terminal`], and on one line: a line end in a file's name must not look like a line of ours.
pub fn line(text: &str) -> Cow<'_, str> {
    match terminal(text) {
        text if text.contains(['\n', '\t']) => Cow::Owned(text.replace(['\n', '\t'], "\u{fffd}")),
        text => text,
    }
}

fn is_unsafe(c: char) -> bool {
    (c.is_control() && c != '\n' && c != '\t')
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A URL that may be linked to: `http` and `https` alone, in ASCII without spaces, controls, quotes, brackets of any
/// markup or backslashes, which are percent-encoded. Null for anything else.
pub fn web_url(url: &str) -> Option<String> {
    let (scheme, rest) = url.trim().split_once("://")?;
    let is_web = ["http", "https"].iter().any(|web| scheme.eq_ignore_ascii_case(web));
    let has_host = rest.starts_with(|c: char| c.is_alphanumeric() || c == '[');
    let keeps = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    (is_web && has_host).then(|| format!("{}://{}", scheme.to_ascii_lowercase(), percent_encoded(rest, keeps)))
}

/// The `file` URL of an absolute path, with the line as its fragment.
pub fn file_url(host: &str, path: &str, line: u64) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    let path = path.replace('\\', if cfg!(windows) { "/" } else { "\\" });
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!(
        "file://{}{slash}{}#{line}",
        percent_encoded(host, plain),
        percent_encoded(&path, |b| plain(b) || b == b'/')
    )
}

fn percent_encoded(text: &str, keeps: impl Fn(u8) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if keeps(byte) {
            out.push(char::from(byte));
        } else {
            const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
            out.push('%');
            out.push(char::from(DIGITS[usize::from(byte >> 4)]));
            out.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
    }
    out
}

/// For Markdown, whichever dialect reads it: a line of text that can't become markup, a link or HTML, wherever a line
/// of text may stand. Runs of white space become one space. (A dialect in which `\[` begins a formula has no escape at all
/// for a bracket, and is not among them.)
pub fn markdown(text: &str) -> String {
    let text = one_line(text);
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = None;
    for (at, c) in text.char_indices() {
        let next = text[at + c.len_utf8()..].chars().next();
        let ahead = &text[..at];
        let is_markup = match c {
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '<' | '>' | '#' | '|' | '~' | '$' | '^' | '&' | '@' => {
                true
            }
            // `https://` is a link by itself, `:::` a block.
            ':' if next == Some('/') => true,
            // Lists, rules and underlines where a line begins; dashes, ==marks== and ++insertions++ elsewhere.
            '-' | '+' | '=' | ':' | '%' => before.is_none() || before == Some(c) || next == Some(c),
            // `1.`, `a)` begin a list; `www.` a link.
            '.' | ')' if !ahead.is_empty() && ahead.bytes().all(|b| b.is_ascii_alphanumeric()) => true,
            '.' => ahead.len() >= 3 && ahead.as_bytes()[at - 3..].eq_ignore_ascii_case(b"www"),
            _ => false,
        };
        if is_markup {
            out.push('\\');
        }
        out.push(c);
        // An address becomes a link however it is escaped: a joiner, which is not seen, makes it none.
        let is_address = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || "._+-".contains(c));
        if c == '@' && is_address(before) && is_address(next) {
            out.push('\u{2060}');
        }
        before = Some(c);
    }
    out
}

/// For a value of BibTeX in braces, which LaTeX is to print as it is. Braces count there even behind a backslash.
pub fn latex(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '\\' => out.push_str("\\textbackslash{}"),
            '{' => out.push_str("\\textbraceleft{}"),
            '}' => out.push_str("\\textbraceright{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '<' => out.push_str("\\textless{}"),
            '>' => out.push_str("\\textgreater{}"),
            '|' => out.push_str("\\textbar{}"),
            '#' | '$' | '%' | '&' | '_' => out.extend(['\\', c]),
            c => out.push(c),
        }
    }
    out
}

/// For the text and the attributes of XML: one line, without what XML 1.0 can't hold.
pub fn xml(text: &str) -> String {
    let is_held = |c: char| !matches!(c, '\u{fffe}' | '\u{ffff}');
    let text: String =
        one_line(text).chars().map(|c| if is_held(c) { c } else { char::REPLACEMENT_CHARACTER }).collect();
    quick_xml::escape::escape(text).into_owned()
}

/// Harmless, and with single spaces for white space of any kind.
fn one_line(text: &str) -> String {
    terminal(text).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use comrak::{Arena, Options, nodes::NodeValue, parse_document};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn nothing_that_steers_a_terminal_is_left() {
        let text = "a\u{1b}]8;;x\u{7}b\u{9b}31m\u{202e}c\u{2066}\u{7f}\r\n\tz\u{9d}";
        assert_eq!(terminal(text), "a\u{fffd}]8;;x\u{fffd}b\u{fffd}31m\u{fffd}c\u{fffd}\u{fffd}\u{fffd}\n\tz\u{fffd}");
        assert!(matches!(terminal("plain é 日本"), std::borrow::Cow::Borrowed(_)));
    }

    #[test]
    fn only_the_web_is_linked_to() {
        for (url, expected) in [
            ("https://example.org/a?b=c&d=%20#e", Some("https://example.org/a?b=c&d=%20#e")),
            (" HTTP://example.org/ä b", Some("http://example.org/%C3%A4%20b")),
            ("https://example.org/\u{1b}]8;;\u{7}", Some("https://example.org/%1B]8;;%07")),
            ("https://example.org/\"<x>\\`{}|^", Some("https://example.org/%22%3Cx%3E%5C%60%7B%7D%7C%5E")),
            ("javascript:alert(1)", None),
            ("javascript://example.org/%0Aalert(1)", None),
            ("data:text/html,x", None),
            ("file:///etc/passwd", None),
            ("https://", None),
            ("https:///x", None),
            ("example.org", None),
            ("", None),
        ] {
            assert_eq!(web_url(url).as_deref(), expected, "{url:?}");
        }
    }

    #[test]
    fn a_path_becomes_a_url() {
        assert_eq!(file_url("host-1", "/a b/ü#?%.txt", 7), "file://host-1/a%20b/%C3%BC%23%3F%25.txt#7");
        assert_eq!(file_url("", "/a\u{1b}\u{7}", 1), "file:///a%1B%07#1");
    }

    #[test]
    fn latex_prints_what_was_written() {
        assert_eq!(
            latex("50% of C# & {x}_y^2 ~ \\n\t$ <|>"),
            "50\\% of C\\# \\& \\textbraceleft{}x\\textbraceright{}\\_y\\textasciicircum{}2 \\textasciitilde{} \
             \\textbackslash{}n \\$ \\textless{}\\textbar{}\\textgreater{}"
        );
    }

    #[test]
    fn xml_holds_nothing_but_text() {
        assert_eq!(
            xml("</title><script>\"a\" & 'b'\u{0}\u{202e}\u{ffff}\n"),
            "&lt;/title&gt;&lt;script&gt;&quot;a&quot; &amp; &apos;b&apos;\u{fffd}\u{fffd}\u{fffd}"
        );
    }

    /// The text that Markdown makes of a document, and what else it finds in it.
    fn read_markdown(markdown: &str) -> (String, Vec<String>) {
        let mut options = Options::default();
        let extension = &mut options.extension;
        extension.strikethrough = true;
        extension.table = true;
        extension.autolink = true;
        extension.tasklist = true;
        extension.superscript = true;
        extension.subscript = true;
        extension.footnotes = true;
        extension.inline_footnotes = true;
        extension.description_lists = true;
        extension.front_matter_delimiter = Some("---".to_owned());
        extension.multiline_block_quotes = true;
        extension.alerts = true;
        extension.math_dollars = true;
        extension.math_code = true;
        extension.wikilinks_title_before_pipe = true;
        extension.underline = true;
        extension.spoiler = true;
        extension.greentext = true;
        extension.ofm_comments = true;
        extension.ofm_callouts = true;
        extension.highlight = true;
        extension.insert = true;
        extension.subtext = true;
        extension.block_directive = true;
        extension.cjk_friendly_emphasis = true;
        options.parse.relaxed_autolinks = true;
        let arena = Arena::new();
        let (mut text, mut others) = (String::new(), Vec::new());
        for node in parse_document(&arena, markdown, &options).descendants() {
            match &node.data.borrow().value {
                NodeValue::Document | NodeValue::Paragraph => {}
                NodeValue::Text(piece) => text.push_str(piece),
                other => others.push(format!("{other:?}")),
            }
        }
        (text, others)
    }

    fn assert_plain(text: &str) {
        let escaped = markdown(text);
        let (read, others) = read_markdown(&escaped);
        assert_eq!((read.replace('\u{2060}', ""), others), (one_line(text), vec![]), "{text:?} became {escaped:?}");
    }

    #[test]
    fn markdown_stays_text() {
        for text in [
            "# no heading #",
            "- no item",
            "1. no item",
            "2023) no item",
            "*no* __emphasis__ ~~at~~ ~all~ ==x== ++y++ ^z^ ||w||",
            "[no](http://link) ![no](image.png) [[wiki|link]] [^note]: ^[x]",
            "http://example.org www.example.org WWW.example.org <http://example.org> a.b+c@example.org",
            "<script>alert(1)</script> &amp; &#60; <!-- x -->",
            "    no code `nor this` ```",
            "a | b",
            "--- === ***",
            "> [!NOTE] no quote",
            ": no definition",
            "$no$ math $$at$$ $`all`$",
            "C++, C#, AT&T, 10:30, it's a \\ b -- e-mail",
            ">>> x",
            ":::x",
            "[ ] no task",
        ] {
            assert_plain(text);
        }
        assert_eq!(
            markdown("SREcon23 EMEA: eBPF, real-time; 10:30 (Track 1)"),
            "SREcon23 EMEA: eBPF, real-time; 10:30 (Track 1)"
        );
    }

    proptest! {
        #[test]
        fn no_text_becomes_markdown(text in "([-+*_`~=#|<>\\[\\]()!:./\\\\&;@$^{}\" \n0-9aw]|https?://|www\\.|[a-z]{1,4}|é|日本){0,40}") {
            assert_plain(&text);
        }
    }
}
