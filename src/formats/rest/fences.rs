//! Directives between the fences of Markdown, as MyST writes them: ```` ```{note} ````.

use serde_json::{Map, Value};

use super::{CODE, TITLED, field, is_dropped, read};

/// The text with what the directives hold as Markdown, with as many lines, and what a post in it says of itself.
pub(in crate::formats) fn read_fences(body: &str) -> (String, Map<String, Value>) {
    let lines: Vec<&str> = body.lines().collect();
    let (mut out, mut fields): (Vec<String>, _) = (Vec::new(), Map::new());
    while let Some(line) = lines.get(out.len()) {
        let Some((fence, name, argument)) = opening(line) else {
            out.push((*line).to_owned());
            continue;
        };
        let from = out.len() + 1;
        let is_end = |line: &&str| line.trim().starts_with(fence) && line.trim().chars().all(|c| fence.starts_with(c));
        let Some(length) = lines[from..].iter().position(is_end) else {
            out.push((*line).to_owned());
            continue;
        };
        let inner = &lines[from..from + length];
        if CODE.contains(&name) {
            out.extend(lines[from - 1..=from + length].iter().map(|line| (*line).to_owned()));
            continue;
        }
        out.push(if TITLED.contains(&name) { argument.to_owned() } else { String::new() });
        if name == "eval-rst" {
            let rest = read(&inner.join("\n"));
            let mut read: Vec<String> = rest.body.lines().map(str::to_owned).collect();
            read.resize(length, String::new());
            if let Some(heading) = rest.title
                && let Some(line) = usize::try_from(heading.line).ok().and_then(|line| read.get_mut(line - 1))
            {
                *line = format!("# {}", heading.text);
            }
            out.extend(read);
            fields.extend(rest.fields);
        } else {
            let n_options = inner.iter().take_while(|line| field(line).is_some()).count();
            let is_said = |index: usize| index >= n_options && !is_dropped(name);
            out.extend(
                inner.iter().enumerate().map(
                    |(index, line)| {
                        if is_said(index) { line.trim_start().to_owned() } else { String::new() }
                    },
                ),
            );
        }
        out.push(String::new());
    }
    (out.join("\n") + "\n", fields)
}

/// The fence that a line opens with a directive, its name, and what stands behind.
fn opening(line: &str) -> Option<(&str, &str, &str)> {
    let line = line.trim();
    let sign = line.chars().next().filter(|sign| matches!(sign, '`' | ':' | '~'))?;
    let n_signs = line.bytes().take_while(|byte| char::from(*byte) == sign).count();
    let (name, argument) = line[n_signs..].strip_prefix('{')?.split_once('}')?;
    (n_signs >= 3).then(|| (&line[..n_signs], name, argument.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directives_are_prose_or_nothing() {
        let body = "```{eval-rst}\n.. post:: 2025-05-14\n   :tags: a\n```\n\n# Title\n\n:::{note}\n:class: x\nSaid.\n:::\n\n```{toctree}\na\n```\n```sh\nls\n```\n```{code-block} sh\nls\n```\n";
        let (text, fields) = read_fences(body);
        let expected = "\n\n\n\n\n# Title\n\n\n\nSaid.\n\n\n\n\n\n```sh\nls\n```\n```{code-block} sh\nls\n```\n";
        assert_eq!(text, expected);
        assert_eq!((fields["date"].as_str(), fields["tags"].as_str()), (Some("2025-05-14"), Some("a")));
    }
}
