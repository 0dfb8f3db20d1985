//! The texts of archives: Markdown, HTML, reStructuredText or what somebody wrote under a video, with the lines broken
//! where an editor broke them, the title and the speakers once more at the head, and a few words of the site at the end.

use super::{super::schedule, is_url, key};
use crate::text::analyzer::folded;

/// Lines that are broken at an editor's margin are as long at most, and one of them at least so long.
const MARGIN: std::ops::RangeInclusive<usize> = 50..=100;
/// What begins a line that video sites and their makers put under every text, folded.
const BOILERPLATE: &[&str] =
    &["help us caption", "help us translate", "subscribe to our channel", "subscribe to the channel"];
/// Addresses that stand alone on a line behind such a line.
const BOILERPLATE_HOSTS: &[&str] = &["amara.org", "www.amara.org"];
/// A line that is nothing but one of these is a form's label, folded, letters and digits alone.
const LABELS: &[&str] =
    &["abstract", "description", "summary", "resumen", "descripcion", "zusammenfassung", "beschreibung", "発表概要"];
/// Words for slides, folded.
const SLIDES: &[&str] = &[
    "slides",
    "slide deck",
    "slidedeck",
    "presentacion",
    "diapositivas",
    "diapositives",
    "folien",
    "слаиды",
    "слайды",
    "презентация",
    "슬라이드",
    "スライド",
    "投影片",
    "資料",
    "slajdy",
];
/// A line that says where slides are has no more words before the address.
const SLIDES_WORDS_MAX: usize = 8;
/// Hosts whose addresses are short for others.
const SHORTENED: &[&str] = &["bit.ly", "goo.gl", "git.io", "t.co", "tinyurl.com", "buff.ly", "ow.ly"];
/// A shorter paragraph may be said twice.
const REPEATED_BYTES_MIN: usize = 60;
/// The title stands once more within so many lines.
const HEAD_LINES: usize = 8;

/// A text as paragraphs. What its first lines repeat of `said` (titles, names) is left out; null where nothing is left.
pub(in crate::formats) fn read(source: &str, said: &[&str]) -> Option<String> {
    let source = source.replace("\r\n", "\n").replace('\r', "\n").replace("&nbsp_place_holder;", " ");
    let source = without_boilerplate(&source);
    let source = without_head(&source, said);
    let text = once_each(&schedule::prose::read(&joined(&plain_rest(&with_links(&source)))));
    let is_absent = matches!(folded(&text).as_str(), "" | "todo" | "tbd" | "tba" | "n/a" | "-" | "none" | "null");
    (!is_absent).then_some(text)
}

/// A text without the lines that say where the slides are, and those addresses. What more than one address stands beside is
/// of a conference.
pub(in crate::formats) fn without_slides(source: &str) -> (String, Vec<String>) {
    let (mut kept, mut slides) = (Vec::new(), Vec::new());
    for line in source.lines() {
        match slides_in(line) {
            Some(url) => {
                slides.push(url.to_owned());
                // What stood above and below it does not run on.
                kept.push("");
            }
            None => kept.push(line),
        }
    }
    if slides.is_empty() { (source.to_owned(), slides) } else { (kept.join("\n"), slides) }
}

/// "Slides: https://…", "The slides are available here: https://…"
fn slides_in(line: &str) -> Option<&str> {
    let at = line.find("http")?;
    let (label, url) = (line[..at].trim_end_matches('<'), line[at..].trim_end().trim_end_matches(['>', '.']));
    let label = folded(label);
    let path = url.split("://").nth(1)?.trim_end_matches('/');
    // The first folder of a site is somebody's, what is below it is one thing.
    let is_one = path.split('/').count() > 2
        || path.contains('?')
        || path.split_once('/').is_some_and(|(host, rest)| SHORTENED.contains(&host) || rest.contains('.'));
    let is_told = SLIDES.iter().any(|word| label.contains(word))
        && label.split_whitespace().count() <= SLIDES_WORDS_MAX
        && !label.contains(". ")
        && !label.contains(['`', '(', '[']);
    (is_told && is_one && is_url(url) && !url.contains(char::is_whitespace)).then_some(url)
}

/// A short text and a long one that begins with it are often given as one.
fn once_each(text: &str) -> String {
    let mut seen = std::collections::HashSet::new();
    let paragraphs = text.split("\n\n");
    let paragraphs = paragraphs.filter(|paragraph| paragraph.len() < REPEATED_BYTES_MIN || seen.insert(*paragraph));
    paragraphs.collect::<Vec<_>>().join("\n\n")
}

fn without_boilerplate(source: &str) -> String {
    let is_boilerplate = |line: &&str| {
        let line = folded(line.trim());
        let host = line.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        !(BOILERPLATE.iter().any(|start| line.starts_with(start))
            || LABELS.contains(&key(&line).as_str())
            || (is_url(&line) && BOILERPLATE_HOSTS.contains(&host)))
    };
    source.lines().filter(is_boilerplate).collect::<Vec<_>>().join("\n")
}

/// Without the lines at the beginning that say no more than title, speakers and edition do.
fn without_head(source: &str, said: &[&str]) -> String {
    let mut said: Vec<String> = said.iter().map(|text| key(text)).filter(|text| !text.is_empty()).collect();
    // "Ann Example - Her Talk" begins with her name.
    said.sort_by_key(|text| std::cmp::Reverse(text.len()));
    let is_repeated = |line: &str| {
        let mut rest = key(line);
        let mut n_found = 0;
        for text in &said {
            if let Some(at) = rest.find(text.as_str()) {
                rest.replace_range(at..at + text.len(), " ");
                n_found += 1;
            }
        }
        let rest: Vec<&str> = rest.split(' ').filter(|word| !word.is_empty()).collect();
        n_found > 0
            && rest.iter().all(|word| {
                matches!(
                    *word,
                    "by" | "speaker"
                        | "speakers"
                        | "and"
                        | "with"
                        | "title"
                        | "presenter"
                        | "presenters"
                        | "presentedby"
                )
            })
    };
    let mut kept: Vec<&str> = Vec::new();
    let mut n_dropped = 0;
    for (index, line) in source.lines().enumerate() {
        let is_head = index < HEAD_LINES && kept.iter().all(|line| line.trim().is_empty());
        // "[18 July 2016]" and "(https://…)" below the title are of the same head.
        let bare = line.trim();
        let is_note = n_dropped > 0
            && (bare.starts_with('[') && bare.ends_with(']')
                || bare.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')).is_some_and(is_url));
        if is_head && (is_repeated(line) || is_note) {
            n_dropped += 1;
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// Lines that an editor broke, as the paragraphs they are.
fn joined(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    for (index, paragraph) in source.split("\n\n").enumerate() {
        if index > 0 {
            out.push_str("\n\n");
        }
        let lines: Vec<&str> = paragraph.lines().collect();
        let length = |line: &str| line.trim_end().chars().map(columns).sum::<usize>();
        let margin = lines.iter().filter(|line| line.trim().contains(' ')).map(|line| length(line)).max().unwrap_or(0);
        for (at, line) in lines.iter().enumerate() {
            if at == 0 {
                out.push_str(line);
                continue;
            }
            let first_word = line.split_whitespace().next().map_or(0, length);
            let is_full = length(lines[at - 1]) + 1 + first_word > margin;
            if MARGIN.contains(&margin) && is_full && !begins_block(line) && !lines[at - 1].trim().is_empty() {
                let is_wide = |c: Option<char>| c.is_some_and(|c| ('\u{2e80}'..='\u{9fff}').contains(&c));
                let is_cut_address = out.ends_with('-')
                    && out.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"));
                // Chinese and Japanese have no spaces between words.
                let is_close = is_wide(out.chars().next_back()) && is_wide(line.trim_start().chars().next());
                out.push_str(if is_cut_address || is_close { "" } else { " " });
                out.push_str(line.trim_start());
            } else {
                out.push('\n');
                out.push_str(line);
            }
        }
    }
    out
}

/// Links in reStructuredText can't be broken, and so stand on lines of their own: with the lines around them.
fn with_links(source: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut was_link = false;
    for line in source.lines() {
        let is_link = is_link(line);
        let runs_on = !line.trim().is_empty() && out.last().is_some_and(|last| !last.trim().is_empty());
        match out.last_mut() {
            Some(last) if (is_link || was_link) && runs_on && !begins_block(line) => {
                last.push(' ');
                last.push_str(line.trim());
            }
            _ => out.push(line.to_owned()),
        }
        was_link = is_link;
    }
    out.join("\n")
}

fn is_link(line: &str) -> bool {
    let bare = line.trim().trim_end_matches(['.', ',', ';', ')']).trim_end_matches('_');
    bare.len() > 2 && bare.starts_with('`') && bare.ends_with(">`") && bare.matches('`').count() == 2
}

/// How wide a letter is in an editor: those of East Asia take two columns.
fn columns(c: char) -> usize {
    if c >= '\u{1100}' && !('\u{2000}'..'\u{2e80}').contains(&c) { 2 } else { 1 }
}

/// Items of lists, quotes, headings, rows of tables, fences.
fn begins_block(line: &str) -> bool {
    let line = line.trim_start();
    let number = line.bytes().take_while(u8::is_ascii_digit).count();
    let is_numbered =
        (1..=3).contains(&number) && line[number..].starts_with([')', '.']) && line[number + 1..].starts_with(' ');
    is_numbered
        || ["- ", "* ", "+ ", "• ", "– ", "> ", "# ", "## ", "### ", "|", "```", "~~~"]
            .iter()
            .any(|mark| line.starts_with(mark))
}

/// Marks of blocks that reStructuredText has and Markdown has not are taken away, those of both are left to be read.
fn plain_rest(source: &str) -> String {
    let is_table = source.lines().any(|line| is_border(line) && line.contains('+'));
    let targets = targets(source);
    let mut out: Vec<String> = Vec::new();
    // The indent below which a directive's own lines end, and whether they are kept.
    let mut directive: Option<(usize, bool)> = None;
    for line in source.lines() {
        let bare = line.trim();
        let indent = line.len() - line.trim_start().len();
        if let Some((outer, is_kept)) = directive {
            let is_option = bare.starts_with(':') && bare[1..].contains(':');
            if bare.is_empty() || indent > outer {
                if is_kept && !is_option {
                    out.push(bare.to_owned());
                }
                continue;
            }
            directive = None;
        }
        if let Some(kept) = explicit(bare) {
            directive = Some((indent, kept.is_some()));
            out.push(kept.unwrap_or_default());
            continue;
        }
        if is_border(bare) {
            // Under or over a heading, between parts, around a table.
            let is_heading = out.last().is_some_and(|last| !last.trim().is_empty());
            if is_heading && !is_table {
                out.push(String::new());
            }
            continue;
        }
        let row = bare.strip_prefix("| ").or(bare.strip_prefix('|').filter(|_| is_table));
        let line = match row {
            Some(row) if is_table => {
                row.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect::<Vec<_>>().join(" | ")
            }
            Some(row) if !bare.ends_with('|') => row.trim().to_owned(),
            _ => line.to_owned(),
        };
        // Literal blocks and what is indented for looks.
        let line = if indent >= 4 && !begins_block(&line) { line.trim_start().to_owned() } else { line };
        let line = match line.trim_start().strip_prefix("#. ") {
            Some(rest) => format!("{}- {rest}", " ".repeat(indent)),
            None => line,
        };
        out.push(match line.trim_end().strip_suffix("::") {
            Some(head) if head.trim().is_empty() => String::new(),
            Some(head) if !head.ends_with(':') => format!("{head}:"),
            _ => line,
        });
    }
    inline(&out.join("\n"), &targets)
}

/// What is left of a line that begins with `.. `: nothing where what follows is no prose; null for any other line.
#[allow(clippy::option_option)]
fn explicit(line: &str) -> Option<Option<String>> {
    let rest = line.strip_prefix("..").filter(|rest| rest.is_empty() || rest.starts_with(' '))?.trim();
    let Some((name, argument)) = rest.split_once("::") else { return Some(None) };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let is_dropped = matches!(name, "image" | "figure" | "raw" | "include" | "contents" | "youtube" | "meta");
    if !is_name || is_dropped {
        return Some(None);
    }
    let is_code = matches!(name, "code" | "code-block" | "sourcecode" | "highlight" | "math");
    Some(Some(if is_code { String::new() } else { argument.trim().to_owned() }))
}

/// The names that `.. _name: address` gives addresses, folded.
fn targets(source: &str) -> Vec<String> {
    let found = source.lines().filter_map(|line| line.trim().strip_prefix(".. _")?.split_once(": "));
    found.map(|(name, _)| folded(name.trim_matches('`'))).collect()
}

/// `=====`, `-----`, `+---+---+`, `==== ====`
fn is_border(line: &str) -> bool {
    let line = line.trim();
    let mut signs = line.chars().filter(|c| !c.is_whitespace() && *c != '+').peekable();
    let Some(first) = signs.peek().copied() else { return false };
    line.chars().count() >= 3
        && "=-~^\"'#*_.".contains(first)
        && signs.all(|c| c == first || (line.starts_with('+') && "=-".contains(c)))
}

/// Roles, links and escapes within lines.
fn inline(text: &str, targets: &[String]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['`', '_', '\\']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        if let Some(tail) = rest.strip_prefix("\\ ") {
            rest = tail;
        } else if rest.starts_with('\\') {
            let end = 1 + rest[1..].chars().next().map_or(0, char::len_utf8);
            // An address is not read for escapes again.
            let is_address = out.rsplit(char::is_whitespace).next().is_some_and(|word| word.contains("://"));
            out.push_str(&rest[usize::from(is_address)..end]);
            rest = &rest[end..];
        } else if rest.starts_with("``") {
            let end = rest[2..].find("``").map_or(2, |length| length + 4);
            out.push_str(&rest[..end]);
            rest = &rest[end..];
        } else if let Some((shown, length)) = interpreted(rest, &mut out) {
            out.push_str(&shown);
            rest = &rest[length..];
        } else {
            // `Name_` stands for the address of that name.
            let length = rest
                .chars()
                .take_while(|c| *c == rest.chars().next().unwrap_or(' '))
                .map(char::len_utf8)
                .sum::<usize>();
            let word = out.rsplit(|c: char| !(c.is_alphanumeric() || "-_.".contains(c))).next().unwrap_or_default();
            let ends = rest[length..].chars().next().is_none_or(|c| !c.is_alphanumeric());
            if !(rest.starts_with('_') && ends && targets.contains(&folded(word))) {
                out.push_str(&rest[..length]);
            }
            rest = &rest[length..];
        }
    }
    out + rest
}

/// `` `text <address>`_ ``, `` `text`_ ``, `` :role:`text` ``: what is shown of it, and how long it is.
fn interpreted(text: &str, before: &mut String) -> Option<(String, usize)> {
    let inner = text.strip_prefix('`')?;
    let end = inner.find('`')?;
    let (content, behind) = (&inner[..end], &inner[end + 1..]);
    if content.contains("\n\n") {
        return None;
    }
    let n_marks = behind.bytes().take_while(|byte| *byte == b'_').count();
    let role = before.trim_end_matches(':').len();
    let role = before[..role].rfind(':').filter(|at| {
        before.ends_with(':')
            && before[at + 1..role].chars().all(|c| c.is_ascii_alphanumeric() || "-_:".contains(c))
            && at + 1 < role
    });
    if n_marks == 0 && role.is_none() {
        return None;
    }
    if let Some(at) = role {
        before.truncate(at);
    }
    let shown = match content.rsplit_once('<') {
        Some((name, address)) if address.ends_with('>') => {
            let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
            if name.is_empty() { address.trim_end_matches('>').replace(char::is_whitespace, "") } else { name }
        }
        _ => content.split_whitespace().collect::<Vec<_>>().join(" "),
    };
    Some((shown, end + 2 + n_marks.min(2)))
}

#[cfg(test)]
mod tests {
    use super::{read, without_slides};

    #[test]
    fn texts_are_paragraphs_without_marks() {
        for (source, expected) in [
            (
                "See `the\nsite <https://example.org>`__ and `Foo`_.\n\n.. _Foo: https://example.org",
                "See the site and Foo.",
            ),
            (
                "EXASolution_ and snake_case_ here.\n\n.. _EXASolution: https://example.org",
                "EXASolution and snake_case_ here.",
            ),
            ("Use ``pip`` and :sub:`two`, :math:`W_1`.", "Use pip and two, W_1."),
            ("Outline\n=======\n\n#. one\n#. two\n\n   -  inner\n", "Outline\n\n- one\n- two\n  - inner"),
            ("Text::\n\n    code here\n\n::\n\n    more", "Text:\n\ncode here\n\nmore"),
            (".. image:: a.png\n   :alt: x\n\nAfter.", "After."),
            ("One.\n\n-----\n\nTwo.", "One.\n\nTwo."),
            (".. note:: Bring\n   a laptop.\n\nAfter.", "Bring\na laptop.\n\nAfter."),
            ("+------+------+\n| a    | b    |\n+======+======+\n| c    | d    |\n+------+------+", "a | b\nc | d"),
            ("| One line\n| and another", "One line\nand another"),
            ("PyMem\\_Malloc() and a\\ b", "PyMem_Malloc() and ab"),
            ("Abstract\n\nThe text.\n\n**Description:**\n\nMore of it.", "The text.\n\nMore of it."),
            ("Abstract art is fine.", "Abstract art is fine."),
            (
                "What is said here fills a line of an editor to its margin, see\n`Foo <https://example.org/a/long/address/that/can/not/be/broken>`__,\nwhich goes on.",
                "What is said here fills a line of an editor to its margin, see Foo, which goes on.",
            ),
            ("Words.\n\nHelp us caption & translate this video!\n\nhttp://amara.org/v/AAAA/", "Words."),
            ("A `[link](https://example.org)` and [other](https://example.org).", "A link and other."),
            ("<p>One &amp; two.</p>", "One & two."),
            ("See https://example.org/a\\_b and `Vec<u8>`.", "See https://example.org/a_b and Vec<u8>."),
            ("**Bold** words\nand\nshort lines", "Bold words\nand\nshort lines"),
        ] {
            assert_eq!(read(source, &[]).as_deref(), Some(expected), "{source}");
        }
    }

    #[test]
    fn lines_that_say_where_slides_are_give_addresses() {
        for (line, expected) in [
            ("Slides: https://example.org/ann/a-talk", Some("https://example.org/ann/a-talk")),
            ("The slides are available here: https://bit.ly/abc.", Some("https://bit.ly/abc")),
            ("슬라이드: https://example.org/a.pdf", Some("https://example.org/a.pdf")),
            // A whole conference's, and what is said of slides.
            ("Slides can be found at: https://example.org/foo2016 and https://example.org/foo/slides", None),
            ("Slides: https://example.org/fooconf", None),
            ("We show slides. See https://example.org/ann/a-talk", None),
            ("https://example.org/ann/slides", None),
        ] {
            let (text, slides) = without_slides(&format!("Before.\n{line}\nAfter."));
            assert_eq!(slides.first().map(String::as_str), expected, "{line}");
            assert_eq!(text == "Before.\n\nAfter.", expected.is_some(), "{line}");
        }
    }

    #[test]
    fn lines_broken_at_a_margin_are_joined() {
        let source = "This is a paragraph whose lines an editor has broken at its\nmargin, as it does.\n\n- an item of a list that is so long that it goes on below it\n  here\n- next";
        let expected = "This is a paragraph whose lines an editor has broken at its margin, as it does.\n\n- an item of a list that is so long that it goes on below it here\n- next";
        assert_eq!(read(source, &[]).as_deref(), Some(expected));
    }

    #[test]
    fn the_head_is_not_said_again() {
        let said = ["A Fine Talk", "Ann Example", "FooConf 2016"];
        for (source, expected) in [
            (
                "Ann Example - A Fine Talk\n[FooConf 2016]\n[18 July 2016]\n(https://example.org/1)\n\nThe text.",
                Some("The text."),
            ),
            ("[18 July 2016]\n\nThe text.", Some("[18 July 2016]\n\nThe text.")),
            ("Speaker: Ann Example\n\nThe text.", Some("The text.")),
            ("\"A Fine Talk\" by: Ann Example\n\nThe text.", Some("The text.")),
            ("A Fine Talk about what is new.\n\nThe text.", Some("A Fine Talk about what is new.\n\nThe text.")),
            ("A Fine Talk", None),
            ("TBD", None),
        ] {
            assert_eq!(read(source, &said).as_deref(), expected, "{source}");
        }
    }
}
