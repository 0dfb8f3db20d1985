//! The text of a talk's page, cut by its headings: the abstract, what is said of people, links to recordings and slides.

use super::{commands, people};
use crate::{
    formats::{
        markdown, passages,
        schedule::{links::is_url, prose},
        usenix,
    },
    record::Role,
    text::{analyzer::folded, html::BlockKind},
};

/// What a page says below its front matter.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// The first heading.
    pub heading: Option<String>,
    pub text: String,
    pub people: Vec<Section>,
    pub videos: Vec<String>,
    pub slides: Vec<String>,
}

/// What stands below a heading such as "Speaker".
#[derive(Debug, Default)]
pub(super) struct Section {
    pub role: Role,
    /// A line above the text, and no part of its own: there is no bio in it.
    pub is_line: bool,
    /// Markdown.
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    Abstract,
    People(Role),
    Video,
    Slides,
}

/// Headings, folded, letters alone, without "the", "this" and the plural's s in brackets.
#[rustfmt::skip]
const LABELS: &[(&str, Part)] = &[
    ("abstract", Part::Abstract), ("description", Part::Abstract), ("descripton", Part::Abstract), ("summary", Part::Abstract),
    ("talk", Part::Abstract), ("talk abstract", Part::Abstract), ("talk description", Part::Abstract), ("about talk", Part::Abstract),
    ("about session", Part::Abstract), ("session", Part::Abstract), ("session description", Part::Abstract), ("details", Part::Abstract),
    ("description or abstract", Part::Abstract), ("synopsis", Part::Abstract), ("workshop", Part::Abstract), ("keynote", Part::Abstract),
    ("presentation", Part::Abstract), ("overview", Part::Abstract), ("what", Part::Abstract), ("opening keynote", Part::Abstract),
    ("resume", Part::Abstract), ("zusammenfassung", Part::Abstract), ("beschreibung", Part::Abstract), ("about", Part::Abstract),
    ("speaker", Part::People(Role::Speaker)), ("speakers", Part::People(Role::Speaker)), ("presenter", Part::People(Role::Speaker)),
    ("presenters", Part::People(Role::Speaker)), ("proposer", Part::People(Role::Speaker)), ("proposers", Part::People(Role::Speaker)),
    ("author", Part::People(Role::Speaker)), ("authors", Part::People(Role::Speaker)), ("bio", Part::People(Role::Speaker)),
    ("bios", Part::People(Role::Speaker)), ("biography", Part::People(Role::Speaker)), ("biographies", Part::People(Role::Speaker)),
    ("speaker bio", Part::People(Role::Speaker)), ("speaker bios", Part::People(Role::Speaker)), ("speakers bio", Part::People(Role::Speaker)),
    ("speaker biography", Part::People(Role::Speaker)), ("speaker info", Part::People(Role::Speaker)), ("who", Part::People(Role::Speaker)),
    ("about speaker", Part::People(Role::Speaker)), ("about speakers", Part::People(Role::Speaker)), ("about me", Part::People(Role::Speaker)),
    ("about presenter", Part::People(Role::Speaker)), ("about presenters", Part::People(Role::Speaker)), ("about author", Part::People(Role::Speaker)),
    ("about authors", Part::People(Role::Speaker)), ("about us", Part::People(Role::Speaker)), ("speaker details", Part::People(Role::Speaker)),
    ("presented by", Part::People(Role::Speaker)), ("bio speaker", Part::People(Role::Speaker)), ("referent", Part::People(Role::Speaker)),
    ("referentin", Part::People(Role::Speaker)), ("intervenant", Part::People(Role::Speaker)), ("ponente", Part::People(Role::Speaker)),
    ("moderator", Part::People(Role::Moderator)), ("moderators", Part::People(Role::Moderator)), ("panel moderators", Part::People(Role::Moderator)),
    ("panel moderator", Part::People(Role::Moderator)),
    ("panelists", Part::People(Role::Panelist)), ("panellists", Part::People(Role::Panelist)), ("panel participants", Part::People(Role::Panelist)),
    ("panel members", Part::People(Role::Panelist)), ("panel", Part::People(Role::Panelist)),
    ("video", Part::Video), ("videos", Part::Video), ("recording", Part::Video), ("recordings", Part::Video), ("talk video", Part::Video),
    ("watch", Part::Video), ("watch video", Part::Video), ("video link", Part::Video), ("video recording", Part::Video),
    ("slides", Part::Slides), ("slide", Part::Slides), ("slide deck", Part::Slides), ("slidedeck", Part::Slides), ("deck", Part::Slides),
    ("presentation slides", Part::Slides), ("slides and video", Part::Slides), ("link to slides", Part::Slides),
];
/// Words of headings that say nothing.
const FILLERS: &[&str] = &["the", "this", "your", "our", "my", "s"];
/// A heading has fewer words.
const WORDS_MAX: usize = 12;
/// Speakers are named in the first lines that are not empty.
const OPENING_LINES: usize = 3;

impl Body {
    /// Reads a body in Markdown with HTML and commands of a generator; `title` is the page's.
    pub fn read(source: &str, title: &str) -> Body {
        let source = commands::without_code(source);
        let mut body = Body { videos: commands::videos(&source), slides: commands::slides(&source), ..Body::default() };
        let mut texts: Vec<(Part, String)> = vec![(Part::Abstract, String::new())];
        let mut of_line: Vec<usize> = Vec::new();
        let lines: Vec<&str> = source.lines().collect();
        let has_abstract =
            lines.iter().any(|line| Heading::read(line, "").is_some_and(|h| h.part == Some(Part::Abstract)));
        let (mut in_code, mut n_before, mut index) = (false, 0, 0);
        let mut names_only = false;
        while let Some(line) = lines.get(index) {
            index += 1;
            in_code ^= line.trim_start().starts_with("```");
            let next = lines.get(index).copied().unwrap_or_default();
            let heading = if in_code { None } else { Heading::read(line, next) };
            // `Speaker: Ann` over the text: of the lines below only a list goes with it.
            if names_only
                && !line.trim().is_empty()
                && !line.trim_start().starts_with(['*', '-', '+'])
                && !is_links(line)
            {
                texts.push((Part::Abstract, String::new()));
                names_only = false;
            }
            let (part, text) = texts.last_mut().expect("one to begin with");
            let Some(heading) = heading else {
                if !body.take_links(line) {
                    text.extend([line, "\n"]);
                }
                n_before += usize::from(!line.trim().is_empty());
                continue;
            };
            index += usize::from(heading.is_underlined);
            if body.heading.is_none() && heading.is_marked && heading.part.is_none() {
                body.heading = Some(heading.words.clone());
            }
            if n_before == 0 && folded(&heading.words) == folded(title) && !title.is_empty() {
                continue;
            }
            n_before += 1;
            let is_told = heading.is_marked || n_before <= OPENING_LINES;
            match heading.part.filter(|_| is_told) {
                // "Description" within an abstract is a part of it.
                Some(new) if new == *part && !text.trim().is_empty() && new == Part::Abstract => {
                    text.extend([line, "\n"]);
                }
                Some(new) => {
                    let is_first = texts.iter().all(|(_, text)| text.trim().is_empty());
                    names_only = matches!(new, Part::People(_))
                        && (!heading.is_marked || (is_first && !has_abstract && !heading.rest.is_empty()));
                    of_line.extend(names_only.then_some(texts.len()));
                    texts.push((new, format!("{}\n", heading.rest)));
                }
                None if heading.leaves(*part) => texts.push((Part::Abstract, format!("{line}\n"))),
                None => text.extend([line, "\n"]),
            }
        }
        body.take(texts, &of_line);
        body
    }

    fn take(&mut self, texts: Vec<(Part, String)>, of_line: &[usize]) {
        let mut abstracts = Vec::new();
        for (index, (part, text)) in texts.into_iter().enumerate() {
            match part {
                Part::Abstract => abstracts.push(text),
                Part::People(role) if !text.trim().is_empty() => {
                    self.people.push(Section { role, text, is_line: of_line.contains(&index) });
                }
                Part::People(_) => {}
                Part::Video => self.videos.extend(commands::urls(&text).iter().map(|url| commands::canonical(url))),
                Part::Slides => self.slides.extend(commands::urls(&text)),
            }
        }
        let text = readable(&abstracts.join("\n\n"));
        // What is said twice, and names of nobody that organisers left there.
        let text = text.trim().strip_prefix("Abstract:").unwrap_or(&text);
        let lines: Vec<&str> = text.lines().filter(|line| !people::is_placeholder(line)).collect();
        unquoted(&lines.join("\n")).clone_into(&mut self.text);
    }

    /// `[Video link](…) - [Slides](…)`: a line of nothing but links that say what they lead to.
    fn take_links(&mut self, line: &str) -> bool {
        let links = links(line);
        let part_of = |text: &str| LABELS.iter().find(|(label, _)| *label == plain_words(text)).map(|(_, part)| *part);
        let parts: Vec<(Part, &str)> = links
            .iter()
            .filter_map(|(text, url)| Some((part_of(text)?, *url)))
            .filter(|(part, _)| is_media(*part))
            .collect();
        if parts.is_empty() || parts.len() < links.len() {
            return false;
        }
        for (part, url) in parts.into_iter().filter(|(_, url)| is_url(url)) {
            let list = if part == Part::Video { &mut self.videos } else { &mut self.slides };
            list.push(commands::canonical(url));
        }
        let rest =
            links.iter().fold(line.to_owned(), |rest, (text, url)| rest.replace(&format!("[{text}]({url})"), ""));
        !rest.contains(char::is_alphanumeric)
    }
}

fn is_media(part: Part) -> bool {
    matches!(part, Part::Video | Part::Slides)
}

/// Whether the first lines name the speakers: `Speaker: [Ann](/speakers/ann/)`.
pub(super) fn opens_with_speakers(source: &str) -> bool {
    let lines: Vec<&str> = source.lines().filter(|line| !line.trim().is_empty()).take(OPENING_LINES + 1).collect();
    lines.iter().enumerate().any(|(index, line)| {
        let next = lines.get(index + 1).copied().unwrap_or_default();
        Heading::read(line, next).is_some_and(|heading| matches!(heading.part, Some(Part::People(_))))
    })
}

/// A line that may begin a part.
struct Heading {
    part: Option<Part>,
    words: String,
    /// What stands on the line behind it.
    rest: String,
    /// By its markup, and not only by a colon.
    is_marked: bool,
    is_underlined: bool,
}

impl Heading {
    fn read(line: &str, next: &str) -> Option<Heading> {
        let line = line.trim();
        let (inner, rest, is_marked) = marked(line).map_or((line, "", false), |(inner, rest)| (inner, rest, true));
        let next = next.trim();
        let is_underlined = !is_marked
            && !line.is_empty()
            && !line.starts_with(['-', '*', '>', '|'])
            && next.len() >= 3
            && ["=", "-", "~"]
                .iter()
                .any(|sign| next.trim_matches(|c| c == sign.chars().next().unwrap_or('=')).is_empty());
        // `**Speaker: Ann**`, `Speaker: Ann`
        let (inner, behind) = match inner.split_once(':') {
            Some((words, behind)) if label(words).is_some() => (words, behind),
            _ => (inner, ""),
        };
        let part = label(inner);
        let has_colon = line.contains(':');
        let is_plain = has_colon && matches!(part, Some(Part::People(_)));
        if !(is_marked || is_underlined || is_plain) {
            return None;
        }
        let words = prose::line(inner.trim().trim_end_matches(':'));
        if words.split_whitespace().count() > WORDS_MAX || words.is_empty() {
            return None;
        }
        let rest = [behind, rest].map(|text| text.trim().trim_start_matches(':').trim()).join(" ").trim().to_owned();
        // A sentence that begins in bold is no heading.
        let part = part.or_else(|| about_somebody(&words));
        (part.is_some() || rest.is_empty()).then_some(Heading {
            part,
            words,
            rest,
            is_marked: is_marked || is_underlined,
            is_underlined,
        })
    }

    /// Whether a heading of its own ends the part before it: those of people have their names for headings.
    fn leaves(&self, part: Part) -> bool {
        let is_name = usenix::people::is_name(&self.words);
        match part {
            Part::Abstract => false,
            Part::People(_) => self.is_marked && !is_name && self.words.split_whitespace().count() > 1,
            Part::Video | Part::Slides => true,
        }
    }
}

/// "About Ann Example": a heading over a bio.
fn about_somebody(words: &str) -> Option<Part> {
    let name = words.strip_prefix("About ").or_else(|| words.strip_prefix("Bio: "))?;
    (name.contains(' ') && usenix::people::is_name(name)).then_some(Part::People(Role::Speaker))
}

fn label(words: &str) -> Option<Part> {
    let words = plain_words(words);
    LABELS.iter().find(|(label, _)| *label == words).map(|(_, part)| *part)
}

fn plain_words(text: &str) -> String {
    let text = folded(&text.replace("(s)", ""));
    let words = text.split(|c: char| !c.is_alphabetic()).filter(|word| !word.is_empty() && !FILLERS.contains(word));
    words.take(WORDS_MAX).collect::<Vec<_>>().join(" ")
}

/// What is marked as a heading at the beginning of a line, and what stands behind it.
fn marked(line: &str) -> Option<(&str, &str)> {
    if line.starts_with('#') {
        let inner = line.trim_start_matches('#');
        return Some((inner.trim().trim_end_matches('#').trim(), "")).filter(|_| line.len() - inner.len() <= 6);
    }
    for sign in ["**", "__", "*", "_"] {
        if let Some(inner) = line.strip_prefix(sign) {
            let end = inner.find(sign).filter(|end| *end > 0)?;
            return Some((inner[..end].trim(), &inner[end + sign.len()..]));
        }
    }
    let inner = line.strip_prefix("<p>").unwrap_or(line).trim_start();
    let tag = ["h1", "h2", "h3", "h4", "h5", "h6", "strong", "b"].into_iter().find(|tag| {
        inner.strip_prefix('<').and_then(|rest| rest.strip_prefix(tag)).is_some_and(|rest| rest.starts_with(['>', ' ']))
    })?;
    let begin = inner.find('>')? + 1;
    let close = format!("</{tag}>");
    let end = inner[begin..].find(&close)?;
    let rest = inner[begin + end + close.len()..].trim_start_matches(['<', '/', 'p', 'b', 'r', '>', ' ']);
    Some((inner[begin..begin + end].trim(), rest))
}

/// The links of a line in Markdown: text and address.
pub(super) fn links(line: &str) -> Vec<(&str, &str)> {
    let mut out = Vec::new();
    for (at, _) in line.match_indices("](") {
        let Some(open) = line[..at].rfind('[') else { continue };
        let Some(end) = line[at + 2..].find(')') else { continue };
        out.push((&line[open + 1..at], line[at + 2..at + 2 + end].split(' ').next().unwrap_or_default()));
    }
    out
}

/// Whether a line is links and what joins them.
fn is_links(line: &str) -> bool {
    let links = links(line);
    let rest = links.iter().fold(line.to_owned(), |rest, (text, url)| rest.replace(&format!("[{text}]({url})"), ""));
    !links.is_empty() && !rest.replace(" and ", "").contains(char::is_alphabetic)
}

/// Markdown as paragraphs without markup.
pub(super) fn readable(source: &str) -> String {
    let Ok(page) = markdown::read(&mended(source), 1) else { return prose::read(source) };
    let mut blocks = page.blocks;
    for block in &mut blocks {
        if let BlockKind::Heading(_) = block.kind {
            block.kind = BlockKind::Paragraph;
        }
    }
    passages::join(&blocks)
}

/// Links to addresses with spaces, which are none by the rules, as their text.
fn mended(source: &str) -> String {
    let mut out = source.to_owned();
    let mut from = 0;
    while let Some(at) = out[from..].find("](/").map(|at| from + at) {
        from = at + 1;
        let (Some(open), Some(end)) = (out[..at].rfind('['), out[at..].find([')', '\n'])) else { continue };
        let url = &out[at + 2..at + end];
        if out[at + end..].starts_with(')') && url.contains(' ') && !url.contains(['"', '\'']) {
            let text = out[open + 1..at].to_owned();
            out.replace_range(open..=at + end, &text);
            from = open;
        }
    }
    out
}

/// A text that stands in quotes as a whole, or opens one that never closes.
fn unquoted(text: &str) -> &str {
    let text = text.trim();
    let Some(inner) = text.strip_prefix('"') else { return text };
    match inner.matches('"').count() {
        0 => inner.trim_start(),
        1 => inner.strip_suffix('"').map_or(text, str::trim),
        _ => text,
    }
}
