//! What generators of sites put into pages: values of the front matter, players of recordings, code.

use super::fields::Fields;
use crate::{
    formats::schedule::{keys::folded, links, tree::value},
    record::video::{is_youtube_id, vimeo, youtube},
    text,
};

/// Recordings and slides of one page.
const MEDIA_MAX: usize = 50;
/// A command has fewer bytes.
const COMMAND_BYTES_MAX: usize = 2_000;
/// Between these stands a command, or a component of JSX.
const COMMANDS: &[(&str, &str)] = &[("<%", "%>"), ("{{", "}}"), ("{%", "%}"), ("::youtube", "}"), ("<", ">")];

/// Elements that play something.
const PLAYERS: &[&str] = &["iframe", "embed", "object", "param", "video", "source"];

/// The text with `<%= @page.author %>` and `{{ page.author }}` as the front matter has them.
pub(super) fn with_values(source: &str, fields: &Fields) -> String {
    let mut out = String::with_capacity(source.len());
    let mut rest = source;
    while let Some(at) = rest.find(['<', '{']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let pair = [("<%=", "%>"), ("{{", "}}")].into_iter().find(|(open, _)| rest.starts_with(open));
        let Some((close, end)) = pair.and_then(|(_, close)| Some((close, window(rest).find(close)?))) else {
            out.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        };
        let inner = rest[..end].trim_start_matches(['<', '%', '=', '{']).trim();
        let key = ["@page.", "@item.", "page.", "item."].iter().find_map(|owner| inner.strip_prefix(owner));
        let key = key.map(|key| key.trim_matches(|c: char| !c.is_alphanumeric()));
        let value = key.and_then(|key| value::text(fields.get(&folded(key))?));
        match value {
            Some(value) => out.push_str(&value),
            None => out.push_str(&rest[..end + close.len()]),
        }
        rest = &rest[end + close.len()..];
    }
    out.push_str(rest);
    out
}

/// The text without what is code for the generator alone: lines that import, comments of JSX.
pub(super) fn without_code(source: &str) -> String {
    let source = source.replace("\r\n", "\n");
    let is_code = |line: &str| {
        (line.starts_with("import ") && (line.contains(" from ") || line.contains(['"', '\''])))
            || ["export const ", "export default ", "export {"].iter().any(|start| line.starts_with(start))
    };
    let mut out = String::with_capacity(source.len());
    let mut in_code = false;
    for line in source.split_inclusive('\n') {
        in_code ^= line.trim_start().starts_with("```");
        if in_code || !is_code(line) {
            out.push_str(line);
        }
    }
    let mut parts = out.split("{/*");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| text + part.split_once("*/}").map_or(part, |(_, rest)| rest))
}

/// Recordings that players in the text show.
pub(super) fn videos(source: &str) -> Vec<String> {
    let mut out = Vec::new();
    for command in commands(source) {
        let lower = command.to_ascii_lowercase();
        let urls = urls(command);
        if !urls.is_empty() {
            out.extend(urls.iter().filter_map(|url| known(url)));
        } else if lower.contains("youtube") || lower.contains("youtu.be") {
            out.extend(tokens(command).find(|token| is_youtube_id(token)).map(youtube));
        } else if lower.contains("vimeo") {
            out.extend(tokens(command).find(|token| is_vimeo_id(token)).map(vimeo));
        }
    }
    out.truncate(MEDIA_MAX);
    out
}

/// Slides that players in the text show.
pub(super) fn slides(source: &str) -> Vec<String> {
    let shown = commands(source).filter(|command| command.to_ascii_lowercase().contains("google_slides"));
    let ids = shown.filter_map(|command| command.split(['"', '\'']).nth(1));
    let is_id =
        |id: &&str| id.len() > 20 && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte));
    ids.filter(is_id).map(|id| format!("https://docs.google.com/presentation/d/{id}")).take(MEDIA_MAX).collect()
}

/// What stands between the signs of commands, one after the other.
fn commands(source: &str) -> impl Iterator<Item = &str> {
    let mut rest = source;
    std::iter::from_fn(move || {
        loop {
            rest = &rest[rest.find(['<', '{', ':'])?..];
            let pair = COMMANDS.iter().find(|(open, _)| rest.starts_with(open));
            let find = |text: &str, sign: &str| match sign.as_bytes() {
                // One sign is found many times as quickly as a text of one.
                [one] => text.find(char::from(*one)),
                _ => text.find(sign),
            };
            let end = pair.and_then(|(open, close)| Some(open.len() + find(window(&rest[open.len()..]), close)?));
            let command = &rest[..end.unwrap_or(1)];
            rest = &rest[command.len()..];
            if end.is_some() && (!command.starts_with('<') || command.starts_with("<%") || is_player(command)) {
                return Some(command);
            }
        }
    })
}

/// Whether a tag is of an element that plays something, or of a component: a link is no player.
fn is_player(tag: &str) -> bool {
    let name = &tag[1..tag.find(|c: char| c.is_whitespace() || c == '/').unwrap_or(tag.len()).max(1)];
    PLAYERS.contains(&name.to_ascii_lowercase().as_str())
        || name.starts_with(|c: char| c.is_uppercase())
        || name.contains('-')
}

/// As much of a text as a command may have.
fn window(text: &str) -> &str {
    &text[..text::floor(text, COMMAND_BYTES_MAX)]
}

/// The addresses in a text; those without a scheme, as players have them, with one.
pub(super) fn urls(text: &str) -> Vec<String> {
    let ends = |c: char| c.is_whitespace() || "<>()\"'[]{}|".contains(c);
    let words = text.split(ends).map(|word| word.trim_end_matches(['.', ',', ';', '*']));
    let full = words.filter_map(|word| match word.strip_prefix("//") {
        Some(rest) if rest.contains('.') => Some(format!("https://{rest}")),
        _ => links::is_url(word).then(|| word.to_owned()),
    });
    full.take(MEDIA_MAX).collect()
}

/// The address of the page of a recording, where it is that of its player.
pub(super) fn canonical(url: &str) -> String {
    known(url).unwrap_or_else(|| url.to_owned())
}

/// The page of a recording at one of the services whose players are embedded.
fn known(url: &str) -> Option<String> {
    let (host, path) = url.split_once("://")?.1.split_once('/')?;
    let host = host.trim_start_matches("www.").to_ascii_lowercase();
    let mut parts = path.split(['/', '?', '&', '#']);
    match host.as_str() {
        "youtube.com" | "youtube-nocookie.com" | "m.youtube.com" => {
            let named = path.split(['?', '&']).find_map(|part| part.strip_prefix("v="));
            named.or_else(|| parts.nth(1)).filter(|id| is_youtube_id(id)).map(youtube)
        }
        "youtu.be" => parts.next().filter(|id| is_youtube_id(id)).map(youtube),
        "vimeo.com" | "player.vimeo.com" => parts.find(|part| is_vimeo_id(part)).map(vimeo),
        _ => None,
    }
}

fn tokens(command: &str) -> impl Iterator<Item = &str> {
    command.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_')).filter(|token| !token.is_empty())
}

fn is_vimeo_id(text: &str) -> bool {
    (6..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}
