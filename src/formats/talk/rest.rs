//! reStructuredText with a list of fields at its head, as Markdown: what pages of talks need of it.

use serde_json::{Map, Value};

/// So many fields at least, one of them telling whose page it is, make a page.
const FIELDS_MIN: usize = 2;
/// The signs below headings, the highest first as they come.
const SIGNS: &[char] = &['=', '-', '~', '^', '"', '\'', '`', '#', '*', '+', '.', ':', '_'];

/// The fields, with the title above them, and the text below as Markdown; null without a list of fields.
pub(super) fn split(text: &str) -> Option<(Map<String, Value>, String)> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n");
    let lines: Vec<&str> = text.lines().collect();
    let mut fields = Map::new();
    let mut at = 0;
    let blank = |at: &mut usize| {
        while lines.get(*at).is_some_and(|line| line.trim().is_empty()) {
            *at += 1;
        }
    };
    blank(&mut at);
    if let Some((title, next)) = heading(&lines, at) {
        fields.insert("title".to_owned(), Value::from(title));
        at = next;
        blank(&mut at);
    }
    let first = at;
    let mut last = String::new();
    while let Some(line) = lines.get(at).filter(|line| !line.trim().is_empty()) {
        if let Some((key, value)) = line.strip_prefix(':').and_then(|rest| rest.split_once(':')) {
            key.trim().clone_into(&mut last);
            fields.insert(last.clone(), Value::from(value.trim()));
        } else if line.starts_with([' ', '\t']) && at > first {
            if let Some(Value::String(value)) = fields.get_mut(&last) {
                value.push(' ');
                value.push_str(line.trim());
            }
        } else {
            return None;
        }
        at += 1;
    }
    if at == first || fields.len() < FIELDS_MIN {
        return None;
    }
    blank(&mut at);
    if let (false, Some((title, next))) = (fields.contains_key("title"), heading(&lines, at)) {
        fields.insert("title".to_owned(), Value::from(title));
        at = next;
    }
    Some((fields, markdown(&lines[at..])))
}

/// A heading with a line of signs below it, and maybe above: its text, and the line behind.
fn heading(lines: &[&str], at: usize) -> Option<(String, usize)> {
    let is_rule = |at: usize| lines.get(at).is_some_and(|line| is_rule(line));
    let from = at + usize::from(is_rule(at));
    let text = lines.get(from).filter(|line| !line.trim().is_empty() && !line.starts_with([':', ' ', '.']))?;
    is_rule(from + 1).then(|| (text.trim().to_owned(), from + 2))
}

fn is_rule(line: &str) -> bool {
    let line = line.trim_end();
    line.len() >= 3 && SIGNS.iter().any(|sign| line.chars().all(|c| c == *sign))
}

fn markdown(lines: &[&str]) -> String {
    let mut out = String::new();
    let (mut at, mut in_directive) = (0, false);
    while let Some(line) = lines.get(at) {
        if let Some((title, next)) = heading(lines, at) {
            out.extend(["## ", &inline(&title), "\n"]);
            (at, in_directive) = (next, false);
            continue;
        }
        at += 1;
        if let Some(directive) = line.strip_prefix(".. ") {
            in_directive = true;
            // Players are read from the text.
            if directive.starts_with("youtube::") || directive.starts_with("vimeo::") {
                out.extend(["{{ ", directive, " }}\n"]);
            }
            continue;
        }
        in_directive &= line.trim().is_empty() || line.starts_with([' ', '\t']);
        if !in_directive {
            out.push_str(&inline(line));
            out.push('\n');
        }
    }
    out
}

/// `` `text <url>`_ `` as a link, roles and double backticks as their text.
fn inline(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('`') {
        let (before, tail) = rest.split_at(at);
        let tail = tail.trim_start_matches('`');
        let Some(end) = tail.find('`') else { break };
        // `:doc:` before a text says of which sort it is.
        let role = before.strip_suffix(':').and_then(|role| role.rfind(':').map(|at| (role, at)));
        let role = role.filter(|(role, at)| role[at + 1..].chars().all(char::is_alphanumeric) && at + 1 < role.len());
        out.push_str(role.map_or(before, |(_, at)| &before[..at]));
        let inner = &tail[..end];
        match inner.rsplit_once('<').and_then(|(text, url)| Some((text.trim(), url.strip_suffix('>')?))) {
            Some((text, url)) => out.extend(["[", text, "](", url, ")"]),
            None => out.push_str(inner),
        }
        rest = tail[end..].trim_start_matches('`').trim_start_matches('_');
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_below_a_title_or_before_it_are_read() {
        let below = "On caches\n=========\n\n:speaker: Ann Example\n:date: 2019-05-04\n\nText.\n";
        let before = ":speaker: Ann Example\n:date: 2019-05-04\n\n=========\nOn caches\n=========\n\nText.\n";
        for text in [below, before] {
            let (fields, body) = split(text).unwrap();
            assert_eq!(
                (fields["title"].as_str(), fields["speaker"].as_str()),
                (Some("On caches"), Some("Ann Example"))
            );
            assert_eq!(body.trim(), "Text.");
        }
        assert!(split("On caches\n=========\n\nText with: a colon.\n").is_none());
    }

    #[test]
    fn markup_of_lines_is_taken_out() {
        for (line, expected) in [
            ("See `the site <https://example.org>`_ for ``code``.", "See [the site](https://example.org) for code."),
            ("the :doc:`schedule </x>` page", "the [schedule](/x) page"),
            ("a lone ` sign", "a lone ` sign"),
        ] {
            assert_eq!(inline(line), expected, "{line}");
        }
    }
}
