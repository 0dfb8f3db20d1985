//! Pages saved as HTML. Readers try in turn what a page may be, from what states itself to what only looks like it: events
//! (schema.org, microformats), a program (rows of talks, or the lines of one), a post; anything else is a page.

mod article;
mod block;
mod clock;
mod columns;
mod events;
mod fields;
mod head;
mod items;
mod lines;
mod phrases;
mod program;

use super::{
    Draft, Input, edition, find_editions, report,
    schedule::{self, LineStarts},
};
use crate::{
    error::Problem,
    text::{floor, html::dom::Dom},
};
use head::Head;
use items::Item;

/// A larger file is no page that somebody wrote, and its tree would take a gigabyte.
const BYTES_MAX: usize = 8 << 20;
/// Where a file says that it is HTML.
const HEAD_BYTES: usize = 1000;

pub(super) fn recognise(input: &Input) -> bool {
    let text = input.text.trim_start_matches('\u{feff}').trim_start();
    let start = text[..floor(text, HEAD_BYTES)].to_ascii_lowercase();
    let is_named = report::extension(input.path).is_some_and(|found| matches!(&*found, "html" | "htm" | "xhtml"));
    let says_so = start.contains("<!doctype html") || start.contains("<html");
    start.starts_with('<') && (says_so || (is_named && !start.starts_with("<?")))
}

pub(super) fn parse(input: &Input) -> Draft {
    let refused = |message: &str| Draft {
        problems: vec![Problem::new("", None, message, "take it apart; nothing of the file was read")],
        ..Draft::default()
    };
    if input.text.len() > BYTES_MAX {
        return refused("the page is larger than 8 MB");
    }
    let Some(dom) = Dom::parse(input.text) else {
        return refused("the page is nested too deep, or holds too many elements");
    };
    let (items, problems) = items::read(&dom, input.text);
    let lines = LineStarts::of(input.text);
    let page = Page { input, head: Head::read(&dom, &items), dom: &dom, lines: &lines };
    let mut draft = Draft { problems, ..Draft::default() };
    for problem in &mut draft.problems {
        problem.line = problem.line.map(|at| lines.line(usize::try_from(at).unwrap_or_default()));
    }
    let mut draft = page.read(&items, draft);
    if dom.is_exhausted() {
        let message = "elements stand in each other as in no page; some of what they hold was not read";
        draft.problems.push(Problem::new("", None, message, "take the page apart"));
    }
    draft
}

fn join(mut first: Draft, second: Draft) -> Draft {
    first.problems.extend(second.problems);
    Draft { problems: first.problems, ..second }
}

/// What the readers look at.
struct Page<'a> {
    input: &'a Input<'a>,
    dom: &'a Dom,
    head: Head,
    lines: &'a LineStarts<'a>,
}

impl Page<'_> {
    /// What the first reader gives that the page is for.
    fn read(&self, items: &[Item], mut draft: Draft) -> Draft {
        if let Some((found, problems)) = events::read(self, items) {
            draft.problems.extend(problems);
            schedule::draft(self.input, found, &mut draft);
            return draft;
        }
        let by_blocks = program::read(self);
        let by_lines = lines::read(self);
        // Both may see something; the one that names more people has seen more.
        let n_named = |draft: &Draft| draft.records.iter().filter(|found| !found.record.speakers.is_empty()).count();
        match (by_blocks, by_lines) {
            (Some(found), lines) => {
                let mut read = Draft::default();
                schedule::draft(self.input, found, &mut read);
                let better = lines.filter(|lines| n_named(lines) > n_named(&read)).unwrap_or(read);
                join(draft, better)
            }
            (None, Some(lines)) => join(draft, lines),
            (None, None) => join(draft, article::draft(self)),
        }
    }

    /// The year that the page, or else its place, names.
    fn year(&self) -> Option<u16> {
        let named = || find_editions(self.input.place).into_iter().find_map(|mention| mention.edition.year);
        let stated = self.head.edition().and_then(|mention| mention.edition.year);
        stated.or_else(|| edition::year_in(&self.head.words())).or_else(named)
    }

    /// An address of the web, from a link that may be relative to the page's own.
    fn address(&self, href: &str) -> Option<String> {
        let href = href.trim();
        if href.starts_with("http://") || href.starts_with("https://") {
            return Some(href.to_owned());
        }
        if let Some(rest) = href.strip_prefix("//") {
            return Some(format!("https://{rest}"));
        }
        let base = self.head.url.as_deref()?;
        let host_end = base
            .find("://")
            .and_then(|at| base[at + 3..].find('/').map(|length| at + 3 + length))
            .unwrap_or(base.len());
        if href.starts_with('/') {
            return Some(format!("{}{href}", &base[..host_end]));
        }
        let is_plain = !href.is_empty() && !href.starts_with(['.', '#', '?']) && !href.contains(':');
        let folder = base[host_end..].rfind('/').map_or(base.len(), |at| host_end + at);
        is_plain.then(|| format!("{}/{href}", &base[..folder]))
    }
}
