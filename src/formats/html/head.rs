//! What a page says of itself: title, site, author, date, language, address.

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::items::{self, Item};
use crate::{
    formats::{Mention, dates, find_editions, schedule::language},
    text::{analyzer::folded, html::dom::Dom, one_line},
};

#[derive(Default)]
pub(super) struct Head {
    /// `<title>`, `og:title` and the like, as they stand.
    titles: Vec<String>,
    site: Option<String>,
    /// The text of `h1` and `h2`, in their order.
    headings: Vec<String>,
    pub author: Option<String>,
    pub written: Option<Date>,
    pub language: Option<String>,
    pub url: Option<String>,
    pub tags: Vec<String>,
    /// The page calls itself an article.
    pub is_post: bool,
}

const TITLES: &[&str] = &["og:title", "twitter:title", "dc.title", "dcterms.title", "citation_title"];
const AUTHORS: &[&str] =
    &["author", "article:author", "dc.creator", "dcterms.creator", "parsely-author", "sailthru.author"];
#[rustfmt::skip]
const DATES: &[&str] = &[
    "article:published_time", "og:published_time", "datepublished", "dc.date", "dc.date.issued", "dc.date.created", "dcterms.created",
    "dcterms.issued", "dcterms.date", "date", "pubdate", "publish-date", "publication_date", "parsely-pub-date", "sailthru.date",
    "citation_publication_date", "created",
];
/// Classes of the date of a post, and of its author.
const DATE_CLASSES: &[&str] = &[
    "dt-published",
    "published",
    "entry-date",
    "post-date",
    "date-published",
    "pubdate",
    "posted-on",
    "post-meta",
    "entry-meta",
    "publish-date",
    "postdate",
    "date",
    "byline",
    "post-header",
    "meta",
    "date-header",
    "blog-date",
    "timestamp",
    "submitted",
    "post__date",
];
const AUTHOR_CLASSES: &[&str] =
    &["p-author", "author", "byline", "entry-author", "post-author", "byline-name", "author-name"];
/// Classes of the title of a post and of its text: a page with both is one.
const POST_PARTS: &[&[&str]] = &[&["post-title", "entry-title"], &["post-body", "post-content", "entry-content"]];
/// Signs between a page's title and its site's.
const SIGNS: &[&str] = &[" | ", " · ", " » ", " « ", " :: ", " — ", " – ", " - ", " • ", ": ", ". "];
/// Longer ones are texts. Titles are taken apart at each of their signs.
const TITLE_BYTES_MAX: usize = 1_000;
const TITLES_MAX: usize = 20;
const AUTHOR_WORDS_MAX: usize = 6;
const TAGS_MAX: usize = 50;
const HEADINGS_MAX: usize = 50;

impl Head {
    pub fn read(dom: &Dom, items: &[Item]) -> Head {
        let mut head = Head::default();
        let mut metas: Vec<(String, String)> = Vec::new();
        for at in 0..dom.n_nodes() {
            let attr = |name: &str| dom.attr(at, name).map(one_line).filter(|text| !text.is_empty());
            match dom.name(at) {
                "meta" => {
                    let key = attr("property").or_else(|| attr("name")).or_else(|| attr("itemprop"));
                    metas.extend(key.zip(attr("content")).map(|(key, content)| (key.to_lowercase(), content)));
                }
                "html" => head.language = attr("lang").or_else(|| attr("xml:lang")).and_then(|tag| language(&tag)),
                "title" if !dom.around(at).any(|above| dom.name(above) == "svg") => {
                    head.titles.push(dom.line(at));
                }
                "link" if attr("rel").is_some_and(|rel| rel.eq_ignore_ascii_case("canonical")) => {
                    head.url = attr("href").filter(|url| url.starts_with("http"));
                }
                "h1" | "h2" if head.headings.len() < HEADINGS_MAX && dom.is_line(at) => {
                    head.headings.extend(Some(heading(dom, at)).filter(|text| text.len() <= TITLE_BYTES_MAX));
                }
                _ if POST_PARTS[0].iter().any(|class| dom.has_class(at, class)) => {
                    head.headings.extend(Some(heading(dom, at)).filter(|text| text.len() <= TITLE_BYTES_MAX));
                }
                "a" if attr("rel").is_some_and(|rel| rel.split(' ').any(|word| word == "tag")) => {
                    head.tags.push(dom.line(at));
                }
                _ => {}
            }
        }
        let meta = |wanted: &[&str]| {
            wanted.iter().find_map(|name| metas.iter().find(|(key, _)| key == name).map(|(_, content)| content.clone()))
        };
        head.titles.extend(TITLES.iter().filter_map(|name| meta(&[name])));
        head.site = meta(&["og:site_name", "application-name"]);
        head.url = head.url.take().or_else(|| meta(&["og:url"])).filter(|url| url.starts_with("http"));
        head.language =
            head.language.take().or_else(|| meta(&["og:locale", "dc.language"]).and_then(|tag| language(&tag)));
        head.tags.extend(metas.iter().filter(|(key, _)| key == "article:tag").map(|(_, tag)| tag.clone()));
        head.tags.retain(|tag| !tag.is_empty());
        head.tags.dedup();
        head.tags.truncate(TAGS_MAX);
        let post = items.iter().find(|item| item.is(&["Article", "Posting", "Report"]));
        let said = |key: &str| post.and_then(|item| items::name(item.object.get(key)?));
        head.is_post = post.is_some()
            || meta(&["og:type"]).is_some_and(|kind| kind == "article")
            || (0..dom.n_nodes()).any(|at| dom.has_class(at, "h-entry") || dom.has_class(at, "hentry"))
            || POST_PARTS
                .iter()
                .all(|classes| (0..dom.n_nodes()).any(|at| classes.iter().any(|class| dom.has_class(at, class))));
        head.titles.extend(said("headline"));
        head.titles.retain(|title| title.len() <= TITLE_BYTES_MAX);
        head.titles.truncate(TITLES_MAX);
        let author = meta(AUTHORS).filter(|text| !text.contains("://"));
        head.author =
            said("author").or(author).or_else(|| in_body(dom)).filter(|name| Some(name) != head.site.as_ref());
        head.written = said("datePublished")
            .and_then(|text| dates::date(&text))
            .or_else(|| DATES.iter().filter_map(|name| meta(&[name])).find_map(|text| dates::date(&text)))
            .or_else(|| date_in_body(dom));
        head
    }

    /// The page's own title: a heading that the head repeats, without the name of the site.
    pub fn title(&self) -> Option<String> {
        let pieces: Vec<String> =
            self.titles.iter().flat_map(|title| pieces(title)).map(|piece| folded(&piece)).collect();
        let is_site = |text: &str| self.site.as_ref().is_some_and(|site| folded(site) == folded(text));
        let is_repeated = |text: &&String| !is_site(text) && pieces.contains(&folded(text));
        // Of a site's name and a post's the one that names an edition is the post's.
        let names_edition = |text: &&&String| !find_editions(text).is_empty();
        let repeated = || self.headings.iter().filter(is_repeated);
        let told = repeated().find(|text| names_edition(&text)).or_else(|| {
            let cut = |text: &&String| self.titles[0].len() > text.len();
            self.titles.iter().skip(1).filter(is_repeated).filter(cut).find(|text| names_edition(&text))
        });
        let repeated = told.or_else(|| repeated().next());
        let stated = || {
            let title = self.titles.iter().find(|title| !is_site(title))?;
            let known = self.site.as_ref().and_then(|site| {
                SIGNS.iter().find_map(|sign| title.strip_suffix(site)?.strip_suffix(sign).map(str::to_owned))
            });
            let cut = || SIGNS[..5].iter().find_map(|sign| title.rsplit_once(sign)).map(|(title, _)| title.to_owned());
            Some(known.or_else(cut).unwrap_or_else(|| title.clone()))
        };
        let shown = || self.headings.iter().find(|text| !text.is_empty() && !is_site(text)).cloned();
        repeated.cloned().or_else(stated).or_else(shown).filter(|title| !title.is_empty())
    }

    /// The edition that the titles name.
    pub fn edition(&self) -> Option<Mention> {
        let texts = self.headings.iter().take(3).chain(&self.titles).chain(&self.site);
        let mut found: Vec<Mention> = texts.flat_map(|text| find_editions(text)).collect();
        let at = found.iter().position(|mention| mention.edition.year.is_some()).unwrap_or(0);
        (!found.is_empty()).then(|| found.swap_remove(at))
    }

    /// What the page calls itself, for words that tell what it is.
    pub fn words(&self) -> String {
        folded(&self.titles.iter().chain(&self.headings).take(6).cloned().collect::<Vec<_>>().join(" "))
    }
}

/// A heading without the sign that links to it.
fn heading(dom: &Dom, at: usize) -> String {
    one_line(dom.line(at).trim_end_matches(['¶', '#', '§']))
}

/// A title's parts, with and without those at its ends.
fn pieces(title: &str) -> Vec<String> {
    let mut out = vec![title.to_owned()];
    for sign in SIGNS {
        for (at, _) in title.match_indices(sign) {
            out.extend([&title[..at], &title[at + sign.len()..]].map(one_line));
        }
    }
    out
}

fn in_body(dom: &Dom) -> Option<String> {
    let linked = |at: usize| dom.attr(at, "rel").is_some_and(|rel| rel.split(' ').any(|word| word == "author"));
    let classed = |at: usize| {
        AUTHOR_CLASSES.iter().any(|class| dom.has_class(at, class)) || dom.attr(at, "itemprop") == Some("author")
    };
    let is_body = |at: &usize| dom.name(*at) != "link" && dom.name(*at) != "meta";
    let nodes = || (0..dom.n_nodes()).filter(is_body);
    let name = |at: usize| {
        let named = dom.within(at).find(|at| ["p-name", "fn"].iter().any(|class| dom.has_class(*at, class)));
        let text = dom.line(named.unwrap_or(at));
        let text = text.split([',', '|', '·', '•']).next().unwrap_or_default().trim().to_owned();
        let bare = [
            "by ",
            "By ",
            "BY ",
            "Posted by ",
            "Written by ",
            "Author: ",
            "von ",
            "Von ",
            "par ",
            "Publié par ",
            "por ",
        ];
        let text = bare.iter().find_map(|word| text.strip_prefix(word)).unwrap_or(&text).trim().to_owned();
        let text = text.split(" on ").next().unwrap_or_default().to_owned();
        let fits =
            (1..=AUTHOR_WORDS_MAX).contains(&text.split(' ').count()) && !text.contains(|c: char| c.is_ascii_digit());
        (fits && text.contains(char::is_alphabetic)).then_some(text)
    };
    nodes().filter(|at| linked(*at)).find_map(name).or_else(|| nodes().filter(|at| classed(*at)).find_map(name))
}

fn date_in_body(dom: &Dom) -> Option<Date> {
    // Each node, and what stands in it.
    let mut is_of_comment = vec![false; dom.n_nodes()];
    for at in 1..dom.n_nodes() {
        is_of_comment[at] = is_of_comment[dom.parent(at)] || dom.classes(at).any(|class| class.contains("comment"));
    }
    let is_comment = |at: usize| is_of_comment[dom.parent(at)];
    let stated = |at: usize| ["datetime", "content", "title"].iter().find_map(|name| dates::date(dom.attr(at, name)?));
    let is_time = |at: usize| dom.name(at) == "time" || dom.attr(at, "itemprop") == Some("datePublished");
    let is_classed = |at: usize| DATE_CLASSES.iter().any(|class| dom.has_class(at, class));
    let timed = || (0..dom.n_nodes()).filter(|at| is_time(*at) && !is_comment(*at));
    let classed = || (0..dom.n_nodes()).filter(|at| is_classed(*at) && !is_comment(*at));
    let short = |at: usize| Some(dom.line(at)).filter(|text| text.split(' ').count() <= 16);
    timed()
        .find_map(|at| stated(at).or_else(|| dates::date(&dom.line(at))))
        .or_else(|| classed().find_map(|at| stated(at).or_else(|| dates::date(&short(at)?))))
}

/// Whether an object of schema.org says that it is one of these, by the end of a type's name.
pub(super) fn is_type(object: &Map<String, Value>, ends: &[&str]) -> bool {
    let types = match object.get("@type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one.as_str()],
        _ => Vec::new(),
    };
    types.iter().any(|name| ends.iter().any(|end| name.ends_with(end)))
}
