//! Addresses in a session: recordings and slides, by what they are called and where they lead.

use serde_json::Value;

use super::{
    Entry,
    keys::Key,
    object::text,
    tree::{Node, Object},
};
use crate::record::video::{is_youtube_id, vimeo, youtube};

/// Keys of lists of links, folded.
pub(in crate::formats) const LINKS: &[&str] =
    &["links", "attachments", "resources", "downloads", "enclosures", "relatedurls"];

const ADDRESS_KEYS: &[&str] = &["url", "href", "link", "@href"];
/// Addresses without a site that are kept of a session.
const RELATIVE_MAX: usize = 20;

/// The addresses in a value: itself, a list, or objects with a `url`.
pub(in crate::formats) fn urls(value: &Node) -> Vec<String> {
    match value {
        Node::Text(text) => is_url(text).then(|| text.trim().to_owned()).into_iter().collect(),
        Node::List(values) => values.iter().flat_map(urls).collect(),
        Node::Object(object) => {
            let keys = ["url", "href", "link", "@href", "#text"];
            let own = keys.iter().find_map(|key| object.get(key)).map(urls).unwrap_or_default();
            if own.is_empty() {
                object.values().filter(|value| value.is_container()).flat_map(urls).collect()
            } else {
                own
            }
        }
        _ => Vec::new(),
    }
}

pub(in crate::formats) fn is_url(text: &str) -> bool {
    let text = text.trim();
    (text.starts_with("http://") || text.starts_with("https://")) && !text.contains(char::is_whitespace)
}

pub(in crate::formats) fn video(key: &Key, value: &Node) -> Vec<String> {
    let found = if value.as_object().is_some() { Vec::new() } else { urls(value) };
    if !found.is_empty() {
        return found;
    }
    match value {
        Node::Object(object) if object.get("url").or(object.get("href")).is_some() => urls(value),
        Node::Object(object) => {
            let mut found: Vec<_> = object.iter().collect();
            found.sort_by(|(one, _), (other, _)| one.rank().cmp(&other.rank()));
            found.into_iter().flat_map(|(key, value)| video(key, value)).collect()
        }
        Node::Text(id) if key.folded.starts_with("youtube") && is_youtube_id(id) => {
            vec![youtube(id)]
        }
        Node::Text(id)
            if key.folded.starts_with("vimeo") && id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty() =>
        {
            vec![vimeo(id)]
        }
        _ => Vec::new(),
    }
}

/// `links`, `attachments`: recordings and slides by what they are called and where they lead.
pub(in crate::formats) fn take_links(object: &Object, entry: &mut Entry) {
    for (key, value) in object.iter() {
        if key.is(LINKS) {
            links(value, entry);
        }
    }
    entry.videos.dedup();
}

fn links(value: &Node, entry: &mut Entry) {
    match value {
        Node::List(values) => values.iter().for_each(|value| links(value, entry)),
        Node::Object(object) => {
            // What is no text is a list of links, each with its own name.
            let own = ADDRESS_KEYS.iter().filter_map(|key| object.get(key)).filter(|value| !value.is_container());
            let found: Vec<String> = own.flat_map(urls).collect();
            if found.is_empty()
                && let Some(path) = relative(object)
            {
                match entry.url.as_deref().and_then(|page| absolute(page, &path)) {
                    Some(url) => sort_link(url, &about(value, object), entry),
                    // Nothing says from where it leads.
                    None => keep_relative(path, entry),
                }
                return;
            }
            if found.is_empty() {
                object.values().for_each(|value| links(value, entry));
                return;
            }
            let about = about(value, object);
            for url in found {
                sort_link(url, &about, entry);
            }
        }
        Node::Text(url) if is_url(url) => sort_link(url.trim().to_owned(), "", entry),
        _ => {}
    }
}

/// What a link is called.
fn about(value: &Node, object: &Object) -> String {
    let kind = || object.get("type").and_then(|value| text(value, None));
    text(value, None).or_else(kind).unwrap_or_default().to_lowercase()
}

/// An address without a site: `../../slides/caches.pdf`.
fn relative(object: &Object) -> Option<String> {
    let mut found = ADDRESS_KEYS.iter().filter_map(|key| object.get(key)).filter_map(|value| match value {
        Node::Text(text) => Some(text.trim()),
        _ => None,
    });
    let is_path = |text: &&str| ["/", "./", "../"].iter().any(|start| text.starts_with(start)) && !text.contains(' ');
    found.find(is_path).map(str::to_owned)
}

/// Where a link on a page leads.
fn absolute(page: &str, link: &str) -> Option<String> {
    let (scheme, rest) = page.split_once("://")?;
    if let Some(place) = link.strip_prefix("//") {
        return Some(format!("{scheme}://{place}"));
    }
    let rest = rest.split(['?', '#']).next().unwrap_or(rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let mut folders: Vec<&str> = if link.starts_with('/') { Vec::new() } else { path.split('/').collect() };
    folders.pop();
    for part in link.split('/').skip(usize::from(link.starts_with('/'))) {
        match part {
            "." => {}
            ".." => _ = folders.pop(),
            part => folders.push(part),
        }
    }
    Some(format!("{scheme}://{host}/{}", folders.join("/")))
}

fn keep_relative(path: String, entry: &mut Entry) {
    let kept = entry.extra.entry("links").or_insert_with(|| Value::Array(Vec::new()));
    if let Value::Array(kept) = kept
        && kept.len() < RELATIVE_MAX
    {
        kept.push(Value::String(path));
    }
}

fn sort_link(url: String, about: &str, entry: &mut Entry) {
    let path = url.split(['?', '#']).next().unwrap_or_default().to_lowercase();
    let ends = |ends: &[&str]| ends.iter().any(|end| path.ends_with(end));
    let host = path.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_video_host = ["youtube.com", "youtu.be", "vimeo.com", "media.ccc.de"]
        .iter()
        .any(|known| host == *known || host.ends_with(&format!(".{known}")));
    let is_video = ends(&[".mp4", ".webm", ".ogv", ".mkv", ".avi"])
        || host.starts_with("video.")
        || is_video_host
        || about.contains("video")
        || about.contains("recording");
    if is_video && !ends(&[".vtt", ".srt", ".pdf"]) && !about.contains("feedback") {
        entry.videos.push(url);
    } else if ends(&[".pdf", ".odp", ".pptx", ".ppt", ".key"]) && !about.contains("paper")
        || about.contains("slides")
        || about.contains("presentation")
    {
        entry.slides.push(url);
    }
}

#[cfg(test)]
mod tests {
    use super::absolute;

    #[test]
    fn links_lead_from_their_page() {
        for (page, link, expected) in [
            (
                "https://foo.example/2008/schedule/events/caches",
                "../../slides/a.pdf",
                "https://foo.example/2008/slides/a.pdf",
            ),
            ("https://foo.example/2008/x/?a=/b/", "./a.pdf", "https://foo.example/2008/x/a.pdf"),
            ("https://foo.example/2008/x", "/slides/a.pdf", "https://foo.example/slides/a.pdf"),
            ("http://foo.example", "../../a.pdf", "http://foo.example/a.pdf"),
            ("http://foo.example/x", "//media.example/a.pdf", "http://media.example/a.pdf"),
        ] {
            assert_eq!(absolute(page, link).as_deref(), Some(expected), "{page} {link}");
        }
    }
}
