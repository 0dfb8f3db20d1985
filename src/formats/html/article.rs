//! A post: its text without what a site puts around it.

use super::Page;
use crate::{
    formats::{
        Draft, find_editions,
        report::{self, Prose},
    },
    text::{
        analyzer::folded,
        html::{BlockKind, dom::Dom},
        n_words, one_line,
    },
};

/// Where a text stands, by what says so the surest.
const BODIES: &[&str] = &[
    "e-content",
    "entry-content",
    "post-content",
    "post-body",
    "article-content",
    "article-body",
    "post__content",
    "articlebody",
    "postbody",
    "post-text",
    "blog-post-content",
    "td-post-content",
    "available-content",
    "markdown-body",
    "entry",
    "post",
    "blogpost",
    "body-text",
];
/// Words of classes and ids of what is no text of the author's.
#[rustfmt::skip]
const RUBBISH: &[&str] = &[
    "comment", "comments", "respond", "reply", "share", "sharing", "sharedaddy", "social", "related", "relatedposts", "sidebar", "navigation",
    "nav", "breadcrumb", "breadcrumbs", "pagination", "pager", "footer", "cookie", "cookies", "consent", "newsletter", "subscribe", "subscription",
    "signup", "promo", "advert", "advertisement", "ads", "widget", "byline", "meta", "skip", "menu", "disqus", "toc", "headerlink", "follow",
    "tagcloud", "postmetadata", "bio", "recommended", "clap", "claps", "banner", "popup", "modal", "paywall", "permalink", "tags", "taglist", "sr",
];
/// Links over a text.
const SKIPS: &[&str] = &["skip to content", "skip to main content"];
/// A line that is one of these, or of those below, has fewer bytes.
const LINE_BYTES_MAX: usize = 40;
/// Titles of what stands behind a text.
const ENDS: &[&str] = &[
    "related posts",
    "related articles",
    "leave a reply",
    "leave a comment",
    "comments",
    "share this",
    "share this:",
    "you may also like",
    "recommended reading",
    "post navigation",
    "like this:",
    "subscribe",
    "read next",
];
/// Words of titles of reports.
#[rustfmt::skip]
const REPORTS: &[&str] = &[
    "report", "recap", "notes", "trip", "review", "retrospective", "impressions", "summary", "takeaways", "highlights", "wrap-up", "wrapup",
    "thoughts", "experience", "attending", "visit", "looking", "lessons", "learned", "thanks", "ruckblick", "bericht", "reisebericht", "eindrucke", "nachlese", "compte", "rendu", "retour", "bilan",
    "cronica", "resumen", "resumo", "relato", "resoconto", "verslag",
];
/// A line about the post has no more words.
const BYLINE_WORDS_MAX: usize = 12;
/// Lines above the first paragraph, among which those about the post stand.
const HEAD_BLOCKS_MAX: usize = 12;
/// What a page's own text is at least, of the words of the element taken for it.
const BODY_WORDS_MIN: usize = 60;

pub(super) fn draft(page: &Page) -> Draft {
    let dom = page.dom;
    let main = main(dom);
    let words_in = count(dom);
    let whole = words_in(main);
    let rubbish: Vec<bool> =
        (0..dom.n_nodes()).map(|at| is_rubbish(dom, at) && words_in(at) * 2 < whole.max(1)).collect();
    let line = |at: usize| page.lines.line(at);
    let read = dom.page(main, &|at| rubbish[at], &line);
    let mut blocks = read.blocks;
    for block in &mut blocks {
        block.text = block.text.trim_end_matches(['¶', '§']).trim_end().to_owned();
    }
    let is_one_of = |text: &str, table: &[&str]| text.len() < LINE_BYTES_MAX && table.contains(&folded(text).as_str());
    blocks.retain(|block| !block.text.is_empty() && !is_one_of(&block.text, SKIPS));
    if let Some(end) = blocks.iter().position(|block| is_one_of(&block.text, ENDS)) {
        blocks.truncate(end);
    }
    let title = page.head.title();
    // As long as it is printed: folding makes other letters of one.
    let may_be = |text: &str, title: &str| text.len() <= 2 * title.len() + LINE_BYTES_MAX;
    let is_title = |text: &str| {
        title.as_ref().is_some_and(|title| may_be(text, title) && folded(title) == folded(&one_line(text)))
    };
    // What stands above the title is the site's.
    if let Some(at) = blocks.iter().take(12).position(|block| is_title(&block.text)) {
        blocks.drain(..=at);
    }
    let n_head = blocks.iter().position(|block| n_words(&block.text) > BYLINE_WORDS_MAX);
    let mut head = blocks.drain(..n_head.unwrap_or(0).min(HEAD_BLOCKS_MAX)).collect::<Vec<_>>();
    head.retain(|block| matches!(block.kind, BlockKind::Heading(_)) || !is_about_the_post(page, &block.text));
    blocks.splice(..0, head);
    if !is_post(page, title.as_deref()) {
        return Draft { is_page: true, ..Draft::default() };
    }
    let head = &page.head;
    let links = read.links.iter().filter_map(|link| page.address(link)).collect();
    report::draft(
        page.input,
        Prose {
            title,
            blocks,
            links,
            tags: head.tags.clone(),
            written: head.written,
            author: head.author.clone(),
            language: head.language.clone(),
            url: head.url.clone(),
            ..Prose::default()
        },
    )
}

/// Who wrote it, when, and how long it takes to read.
fn is_about_the_post(page: &Page, text: &str) -> bool {
    let lower = text.to_lowercase();
    let names_author = page.head.author.as_ref().is_some_and(|author| text.starts_with(author.as_str()));
    let is_byline = ["by ", "posted ", "written by ", "published "].iter().any(|start| lower.starts_with(start));
    let is_dated = crate::formats::dates::date(text).is_some();
    n_words(text) <= BYLINE_WORDS_MAX
        && (names_author
            || is_byline
            || is_dated
            || lower.contains("min read")
            || !text.contains(char::is_alphanumeric))
}

/// Whether somebody tells something: the page has a date or calls itself a post, or its title is one of a report. Pages of
/// conferences about tickets and hotels name editions too.
fn is_post(page: &Page, title: Option<&str>) -> bool {
    let title = title.unwrap_or_default();
    let lower = folded(title);
    // "Wrap-up" is one word, "compte-rendu" may be two.
    let mut words =
        lower.split(|c: char| !c.is_alphanumeric() && c != '-').flat_map(|word| word.split('-').chain([word]));
    let says_report = words.any(|word| REPORTS.contains(&word));
    let dated =
        page.input.path.rsplit('/').next().is_some_and(|name| crate::formats::dates::date_in_name(name).is_some());
    let is_menu =
        |at: usize| matches!(page.dom.name(at), "nav" | "form") || page.dom.attr(at, "role") == Some("navigation");
    let bare = !(0..page.dom.n_nodes()).any(is_menu);
    let names_edition = !find_editions(title).is_empty();
    let overrides = page.input.overrides;
    page.head.is_post
        || page.head.written.is_some()
        || says_report
        || dated
        || (bare && names_edition)
        || overrides.format.is_some()
        || overrides.edition.is_some()
        || overrides.series.is_some()
}

/// The element that holds the text.
fn main(dom: &Dom) -> usize {
    let words_in = count(dom);
    let whole = words_in(Dom::ROOT);
    let fits = |at: &usize| words_in(*at) >= BODY_WORDS_MIN.min(whole / 2);
    let nodes = || 1..dom.n_nodes();
    let stated = nodes().find(|at| dom.attr(*at, "itemprop") == Some("articleBody") && fits(at));
    let classed = || {
        BODIES
            .iter()
            .find_map(|class| nodes().filter(|at| dom.has_class(*at, class) && fits(at)).max_by_key(|at| words_in(*at)))
    };
    let tagged = |wanted: fn(&Dom, usize) -> bool| {
        nodes().filter(|at| wanted(dom, *at) && fits(at)).max_by_key(|at| words_in(*at))
    };
    stated
        .or_else(classed)
        .or_else(|| tagged(|dom, at| dom.name(at) == "article"))
        .or_else(|| tagged(|dom, at| dom.name(at) == "main" || dom.attr(at, "role") == Some("main")))
        .or_else(|| tagged(|dom, at| matches!(dom.attr(at, "id"), Some("content" | "main" | "main-content"))))
        .unwrap_or_else(|| densest(dom))
}

/// The element with the most words in paragraphs of its own.
fn densest(dom: &Dom) -> usize {
    let words_in = count(dom);
    let mut best = (0, Dom::ROOT);
    let mut sums = vec![0; dom.n_nodes()];
    for at in 1..dom.n_nodes() {
        if matches!(dom.name(at), "p" | "blockquote" | "pre" | "ul" | "ol") && !is_rubbish(dom, at) {
            let parent = dom.parent(at);
            sums[parent] += words_in(at);
            // Sections share an element above them.
            sums[dom.parent(parent)] += words_in(at) * 3 / 4;
        }
    }
    for (at, sum) in sums.into_iter().enumerate() {
        if sum > best.0 {
            best = (sum, at);
        }
    }
    let body = || (1..dom.n_nodes()).find(|at| dom.name(*at) == "body");
    if best.1 == Dom::ROOT { body().unwrap_or(Dom::ROOT) } else { best.1 }
}

/// Words shown in each node, by one look at the page.
fn count(dom: &Dom) -> impl Fn(usize) -> usize {
    let mut before = Vec::with_capacity(dom.n_nodes() + 1);
    let mut n = 0;
    for at in 0..dom.n_nodes() {
        before.push(n);
        n += dom.n_own_words(at);
    }
    before.push(n);
    let ends: Vec<usize> = (0..dom.n_nodes()).map(|at| dom.within(at).end).collect();
    move |at: usize| before[ends[at]] - before[at]
}

fn is_rubbish(dom: &Dom, at: usize) -> bool {
    let is_tag = matches!(dom.name(at), "nav" | "footer" | "aside" | "form" | "header" | "dialog");
    let is_hidden = dom.attr(at, "hidden").is_some()
        || dom.attr(at, "aria-hidden") == Some("true")
        || dom.attr(at, "style").is_some_and(|style| style.replace(' ', "").contains("display:none"));
    let is_around = matches!(
        dom.attr(at, "role"),
        Some("navigation" | "banner" | "contentinfo" | "complementary" | "search" | "dialog")
    );
    let names = dom.classes(at).chain(dom.attr(at, "id"));
    let words = names.flat_map(|name| name.split(|c: char| !c.is_alphanumeric()));
    let is_named =
        !dom.name(at).is_empty() && words.map(str::to_ascii_lowercase).any(|word| RUBBISH.contains(&word.as_str()));
    is_tag || is_hidden || is_around || is_named
}
