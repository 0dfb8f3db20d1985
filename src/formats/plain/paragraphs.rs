//! Plain text → paragraphs, list items and lines that are headings by their shape.

use crate::{
    source::{Line, lines},
    text::one_line,
};

/// Lines that belong together.
#[derive(Debug, Default)]
pub(super) struct Paragraph {
    pub text: String,
    pub line: u64,
    pub n_lines: usize,
    /// The sign of the rule under it, which makes it a heading.
    pub underlined: Option<char>,
    /// The number of signs before it, which do: AsciiDoc's and MediaWiki's `== Keynote`.
    pub marked: Option<u8>,
    /// A heading by the way it stands over the line behind it.
    pub stands_over: bool,
    /// A list item with its depth, from 1.
    pub item: Option<u8>,
    pub is_quote: bool,
    /// One of the lines at the head of the text, about place and author.
    pub in_head: bool,
}

/// A rule has so many signs at least.
const RULE_MIN: usize = 3;
/// Behind `--` a signature has at most so many lines.
const SIGNATURE_LINES_MAX: usize = 12;
/// A heading right over its text has at most so many words, the text more.
const WORDS_OVER_MAX: usize = 10;
const WORDS_UNDER_MIN: usize = 12;
const HEAD_LINES_MAX: usize = 4;
const HEAD_BYTES_MAX: usize = 60;
const DEPTH_MAX: usize = 8;

/// The paragraphs of the text behind byte `body`.
pub(super) fn read(text: &str, body: usize) -> Vec<Paragraph> {
    let all = lines(text);
    let from = all.iter().position(|line| line.start >= body).unwrap_or(all.len());
    let all = without_signature(&all[from..]);
    let mut out = Vec::new();
    for group in all.split(|line| line.text.trim().is_empty()) {
        if out.is_empty() && is_head(group) {
            group.iter().for_each(|line| read_group(&[*line], &mut out));
            let several = out.len() > 1;
            out.iter_mut().for_each(|paragraph| paragraph.in_head = several);
        } else {
            read_group(group, &mut out);
        }
    }
    out
}

/// What stands behind the last `--`, when it is short.
fn without_signature<'a, 'b>(all: &'a [Line<'b>]) -> &'a [Line<'b>] {
    let tail = all.len().saturating_sub(SIGNATURE_LINES_MAX);
    let at = all[tail..].iter().position(|line| line.text.trim_end() == "--");
    &all[..at.map_or(all.len(), |at| tail + at)]
}

/// Title, place and author on lines of their own.
fn is_head(group: &[Line]) -> bool {
    let is_short = |line: &Line| {
        let text = line.text.trim();
        let ends = text.ends_with(['.', ',', ';', '!', '?', ':']);
        text.len() <= HEAD_BYTES_MAX && !ends && bullet(text).is_none() && rule(text).is_none()
    };
    group.len() <= HEAD_LINES_MAX && group.iter().all(is_short)
}

/// Lines without a blank one between them.
fn read_group(group: &[Line], out: &mut Vec<Paragraph>) {
    let width = group.iter().map(|line| line.text.chars().count()).max().unwrap_or(0);
    let mut open = false;
    let mut indents: Vec<usize> = Vec::new();
    for (index, line) in group.iter().enumerate() {
        let shown = line.text.trim();
        if let Some(sign) = rule(shown) {
            let over = (index > 0).then(|| &group[index - 1]).filter(|over| rule(over.text.trim()).is_none());
            if let Some(over) = over.filter(|_| open) {
                underline(over, sign, out);
            }
            open = false;
            continue;
        }
        if let Some((level, text)) = marked(shown) {
            let text = one_line(text);
            out.push(Paragraph { text, line: line.number, n_lines: 1, marked: Some(level), ..Paragraph::default() });
            open = false;
            continue;
        }
        let quoted = shown.strip_prefix('>').map(|rest| rest.trim_start_matches(['>', ' ']));
        let bullet = bullet(quoted.unwrap_or(shown)).filter(|_| quoted.is_none());
        let begins = !open
            || bullet.is_some()
            || out.last().is_some_and(|last| last.is_quote != quoted.is_some() || last.stands_over);
        let (text, item) = match bullet {
            Some(length) => (shown[length..].trim_start(), Some(depth(&mut indents, indent(line.text)))),
            None => (quoted.unwrap_or(shown), None),
        };
        if text.is_empty() {
            open = false;
        } else if begins {
            let stands_over = item.is_none() && quoted.is_none() && stands_over(&group[index..], width);
            let is_quote = quoted.is_some();
            let text = one_line(text);
            out.push(Paragraph {
                text,
                line: line.number,
                n_lines: 1,
                item,
                is_quote,
                stands_over,
                ..Paragraph::default()
            });
            open = true;
        } else if let Some(last) = out.last_mut() {
            last.text.push(' ');
            last.text.push_str(&one_line(text));
            last.n_lines += 1;
        }
    }
}

/// Makes the last line that was read a heading of its own.
fn underline(over: &Line, sign: char, out: &mut Vec<Paragraph>) {
    let Some(last) = out.last_mut() else { return };
    let text = one_line(over.text);
    if last.n_lines > 1 {
        last.n_lines -= 1;
        last.text.truncate(last.text.len().saturating_sub(text.len()));
        last.text.truncate(last.text.trim_end().len());
        out.push(Paragraph { line: over.number, n_lines: 1, ..Paragraph::default() });
    }
    let Some(last) = out.last_mut() else { return };
    (last.text, last.underlined, last.item, last.stands_over) = (text, Some(sign), None, false);
}

/// The sign of a line that is nothing but it.
fn rule(line: &str) -> Option<char> {
    let sign = line.chars().next().filter(|sign| "=-~*_^#+".contains(*sign))?;
    (line.len() >= RULE_MIN && line.chars().all(|c| c == sign)).then_some(sign)
}

/// A heading between or behind signs, and their number.
fn marked(line: &str) -> Option<(u8, &str)> {
    let text = line.trim_start_matches('=');
    let level = u8::try_from(line.len() - text.len()).ok().filter(|level| (1..=6).contains(level))?;
    let is_heading = text.starts_with(' ') && text.contains(char::is_alphabetic);
    is_heading.then(|| (level, text.trim_end_matches('=').trim()))
}

/// The length of the mark that makes a line a list item.
fn bullet(line: &str) -> Option<usize> {
    let first = line.chars().next()?;
    let length = if "-*•+–‣◦▪·".contains(first) || (first == 'o' && line.starts_with("o ")) {
        first.len_utf8()
    } else {
        let digits = line.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 3 || !line[digits..].starts_with(['.', ')']) {
            return None;
        }
        digits + 1
    };
    line[length..].starts_with([' ', '\t']).then_some(length)
}

fn indent(line: &str) -> usize {
    line.chars().take_while(|c| c.is_whitespace()).map(|c| if c == '\t' { 8 } else { 1 }).sum()
}

/// The depth of an item that is indented so far, among the open ones.
fn depth(indents: &mut Vec<usize>, indent: usize) -> u8 {
    indents.retain(|outer| *outer < indent);
    indents.push(indent);
    u8::try_from(indents.len().min(DEPTH_MAX)).unwrap_or(1)
}

/// "BILLING" or "Talk: Billing" right over its text: a line that was broken although the next word had room.
fn stands_over(group: &[Line], width: usize) -> bool {
    let [first, second, ..] = group else { return false };
    let (text, next) = (first.text.trim(), second.text.trim());
    let words = text.split_whitespace().count();
    let letters = text.chars().find(|c| c.is_alphabetic());
    let begins = next.chars().find(|c| c.is_alphanumeric()).is_some_and(|c| !c.is_lowercase());
    let under: usize = group[1..].iter().take(WORDS_UNDER_MIN).map(|line| line.text.split_whitespace().count()).sum();
    let room = text.chars().count() + 1 + next.split_whitespace().next().map_or(0, |word| word.chars().count());
    words <= WORDS_OVER_MAX
        && letters.is_some_and(|c| !c.is_lowercase())
        && !text.ends_with(['.', ',', ';', '!', '…'])
        && !text.contains("://")
        && begins
        && bullet(next).is_none()
        && rule(next).is_none()
        && under >= WORDS_UNDER_MIN
        && second.text.chars().count() * 2 > width
        && room * 4 < width * 3
}
