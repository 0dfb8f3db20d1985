//! What stands within lines of reStructuredText, as Markdown: links, roles, literals.

use std::collections::HashMap;

use crate::text::{analyzer::folded, one_line};

/// The addresses that `.. _name: address` gives names, which are folded.
pub(super) type Targets = HashMap<String, String>;

pub(super) fn targets(lines: &[&str]) -> Targets {
    let found = lines.iter().rev().filter_map(|line| line.trim().strip_prefix(".. _")?.split_once(": "));
    found.map(|(name, address)| (folded(name.trim_matches('`')), address.trim().to_owned())).collect()
}

/// The text without marks.
pub(super) fn plain(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, shown, _, behind)) = next(rest) {
        out.push_str(before);
        out.push_str(shown);
        rest = behind;
    }
    one_line(&(out + rest).replace(['*', '`'], ""))
}

/// Lines stay as many.
pub(super) fn markdown(text: &str, targets: &Targets) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, shown, address, behind)) = next(rest) {
        out.push_str(&named(before, targets));
        let n_lines = rest[..rest.len() - behind.len()].matches('\n').count() - before.matches('\n').count();
        let known = || targets.get(&folded(shown)).map(String::as_str);
        match address.or_else(|| behind_mark(rest, behind).and_then(|()| known())) {
            Some(address) if !address.contains(char::is_whitespace) => out.extend(["[", shown, "](", address, ")"]),
            _ => out.push_str(shown),
        }
        out.extend(std::iter::repeat_n("\n", n_lines - shown.matches('\n').count().min(n_lines)));
        rest = behind;
    }
    out + &named(rest, targets)
}

/// Whether what was read ended with the mark of a link.
fn behind_mark(rest: &str, behind: &str) -> Option<()> {
    rest[..rest.len() - behind.len()].ends_with('_').then_some(())
}

/// The next text between backticks: what stands before it, what is shown of it, its address, and what stands behind it.
fn next(text: &str) -> Option<(&str, &str, Option<&str>, &str)> {
    let at = text.find('`')?;
    let (before, tail) = text.split_at(at);
    let n_ticks = tail.bytes().take_while(|byte| *byte == b'`').count().min(2);
    let ticks = &tail[..n_ticks];
    let inner = &tail[n_ticks..];
    let end = inner.find(ticks).filter(|end| !inner[..*end].contains("\n\n"));
    let Some(end) = end else { return Some((&text[..at + n_ticks], "", None, inner)) };
    let behind = &inner[end + n_ticks..];
    if n_ticks == 2 {
        return Some((before, &tail[..end + 2 * n_ticks], None, behind));
    }
    // `:doc:` before a text says of which sort it is.
    let role = before.strip_suffix(':').and_then(|role| role.rfind(':').map(|at| &role[at + 1..]));
    let role = role.filter(|role| !role.is_empty() && role.chars().all(|c| c.is_alphanumeric() || "-_".contains(c)));
    let before = role.map_or(before, |role| &before[..before.len() - role.len() - 2]);
    let inner = &inner[..end];
    let behind = behind.trim_start_matches('_');
    match inner.rsplit_once('<').and_then(|(text, address)| Some((text.trim_end(), address.strip_suffix('>')?))) {
        Some(("", address)) => Some((before, address, None, behind)),
        Some((text, address)) => Some((before, text, Some(address.trim()), behind)),
        None => Some((before, inner, None, behind)),
    }
}

/// `Name_` as a link where the name has an address, `|name|` without its signs, `\ ` as nothing.
fn named(text: &str, targets: &Targets) -> String {
    let text = text.replace("\\ ", "");
    if targets.is_empty() || !text.contains('_') {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for (at, _) in text.match_indices('_') {
        let word =
            text[from..at].rsplit(|c: char| !(c.is_alphanumeric() || "-.".contains(c))).next().unwrap_or_default();
        let ends = text[at + 1..].chars().next().is_none_or(|c| !c.is_alphanumeric() && c != '_');
        let known = if ends && !word.is_empty() { targets.get(&folded(word)) } else { None };
        if let Some(address) = known {
            out.push_str(&text[from..at - word.len()]);
            out.extend(["[", word, "](", address, ")"]);
            from = at + 1;
        }
    }
    out + &text[from..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_within_lines_is_that_of_markdown() {
        for (text, expected) in [
            (
                "See `the site <https://example.org>`_ for ``code``.",
                "See [the site](https://example.org) for ``code``.",
            ),
            ("See `the\nsite\n<https://example.org>`__ and.", "See [the\nsite](https://example.org)\n and."),
            ("the :doc:`schedule </x>` and :ref:`x-y` page", "the [schedule](/x) and x-y page"),
            ("a lone ` sign", "a lone ` sign"),
            (
                "Foo_ and `the bar`_, snake_case_ and a\\ b",
                "[Foo](https://example.org) and [the bar](/bar), snake_case_ and ab",
            ),
        ] {
            let targets = targets(&[".. _Foo: https://example.org", ".. _`the bar`: /bar"]);
            assert_eq!(markdown(text, &targets), expected, "{text}");
        }
        assert_eq!(plain("On `caches`_ and *more*"), "On caches and more");
    }
}
