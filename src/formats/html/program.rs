//! A program as a page shows it: blocks of one sort, elements of one name and class, that each hold a title, people, a time.
//! Rows of tables are blocks too, and so are cells below the names of rooms.

use std::collections::{BTreeSet, HashMap};

use super::{
    Page,
    block::{Given, Read, Reader},
    clock::{self, is_weekday},
    columns::columns,
    fields::{self, Field, heading, is_job, names_alone, names_people},
};
use crate::{
    formats::{
        schedule::{Context, Entry, find::Found},
        usenix::words,
    },
    text::{analyzer::folded, html::dom::Dom},
};

/// Elements that may hold a talk.
const BLOCKS: &[&str] = &["div", "li", "article", "section", "tr", "td", "dd", "span", "a", "details", "blockquote"];
const FORMATTING: &[&str] = &["b", "i", "em", "strong", "font", "u", "small", "center"];
/// A block with more nodes is a page, and one with fewer holds nothing.
const BLOCK_NODES: std::ops::RangeInclusive<usize> = 3..=3_000;
/// An element with more nodes, or more bytes, is no line.
const LINE_NODES_MAX: usize = 12;
const LINE_BYTES_MAX: usize = 4_000;
/// Nodes read over all tables and sorts of blocks, which nest, and hostile ones deeply; one of more bytes than that counts more.
const WORK_MAX: usize = 1_500_000;
const NODE_BYTES: usize = 32;
/// What is around the program, by the words of classes.
const AROUND: &[&str] = &[
    "comment",
    "comments",
    "sponsor",
    "sponsors",
    "related",
    "product",
    "testimonial",
    "testimonials",
    "sidebar",
    "widget",
    "menu",
    "breadcrumb",
    "breadcrumbs",
    "cookie",
    "cookies",
    "footer",
    "navbar",
    "pagination",
    "faq",
];
/// The same by their roles.
const ROLES_AROUND: &[&str] = &["navigation", "contentinfo", "complementary", "search", "dialog"];
/// Blocks of posts, of tickets.
const OTHERS: &[&str] = &["post", "hentry", "news", "blog", "ticket", "tickets", "card-sponsor", "comment"];
/// Words of pages that are programs, and of classes in them.
#[rustfmt::skip]
const PROGRAMS: &[&str] = &[
    "schedule", "program", "programme", "agenda", "speaker", "speakers", "session", "sessions", "talk", "talks", "timetable", "contribution",
    "contributions", "contrib", "presentation", "presentations", "lineup", "abstracts", "papers", "programm", "zeitplan", "vortrage", "programa",
    "ponencias", "event", "events", "horario", "sched", "lecture", "lectures", "keynotes",
];
/// Headings of blocks are names when so many of them, in percent, look so.
const NAMES_PERCENT_MIN: usize = 60;
/// A block with more lines of time is a part of a program: a day, a room.
const TIMES_MAX: usize = 2;
/// In rows of time, one of so many names somebody.
const ROWS_A_TALK_MAX: usize = 8;
/// A title has no more words, and half as many when it ends as a sentence does.
const TITLE_WORDS_MAX: usize = 30;
/// A talk of whom nobody is named has a text of so many words.
const TEXT_WORDS_MIN: usize = 12;

/// The talks that the page shows; null when it shows none.
pub(super) fn read(page: &Page) -> Option<Found> {
    let dom = page.dom;
    let around = around(dom);
    let mut fields: Vec<Option<Field>> = (0..dom.n_nodes()).map(|at| fields::field(dom, at)).collect();
    let mut given: HashMap<usize, Given> = HashMap::new();
    let mut left = WORK_MAX;
    let mut takes = |blocks: &[usize]| {
        let work = |at: &usize| dom.within(*at).len().max((dom.span(*at).1 - dom.span(*at).0) / NODE_BYTES);
        let rest = left.checked_sub(blocks.iter().map(work).sum());
        left = rest.unwrap_or(left);
        rest.is_some()
    };
    for table in (0..dom.n_nodes()).filter(|at| dom.name(*at) == "table") {
        if takes(&[table]) {
            columns(dom, table, &mut fields, &mut given);
        }
    }
    let marks = Marks::read(page, &around);
    let mut groups: Vec<Group> = Vec::new();
    for (is_single, blocks) in sorts(page, &around, &given) {
        let blocks: Vec<usize> = blocks.into_iter().filter(|block| marks.n_times(dom, *block) <= TIMES_MAX).collect();
        if !takes(&blocks) {
            continue;
        }
        let name_level = name_level(dom, &blocks, &fields);
        let read = |names_first: Option<bool>| -> Vec<(usize, Read)> {
            let reader = Reader { page, fields: &fields, name_level, names_first };
            let none = Given::default();
            blocks.iter().map(|block| (*block, reader.read(*block, given.get(block).unwrap_or(&none)))).collect()
        };
        let mut reads = read(None);
        let n_first = |first: bool| reads.iter().filter(|(_, read)| read.names_first == Some(first)).count();
        if n_first(true) > n_first(false) {
            reads = read(Some(true));
        }
        groups.extend(Group::of(page, is_single, reads, &marks));
    }
    // The sort with the most talks wins where blocks are within blocks; the inner one when there are as many.
    groups.sort_by_key(|group| std::cmp::Reverse((group.n_talks, group.score)));
    let mut taken: Vec<(usize, Read)> = Vec::new();
    let mut covered = vec![false; dom.n_nodes()];
    let mut starts = BTreeSet::new();
    for group in groups {
        let free = |block: usize| !covered[block] && starts.range(dom.within(block)).next().is_none();
        let (free, others): (Vec<_>, Vec<_>) = group.reads.into_iter().partition(|(block, _)| free(*block));
        if others.len() > free.len() {
            continue;
        }
        for (block, _) in &free {
            covered[dom.within(*block)].fill(true);
            starts.insert(*block);
        }
        taken.extend(free);
    }
    taken.sort_by_key(|(block, _)| *block);
    let entries = finish(page, taken);
    let mention = page.head.edition();
    let year = mention.as_ref().and_then(|mention| mention.edition.year);
    let context = Context { conference: mention.map(|mention| mention.edition.edition), year, ..Context::default() };
    (!entries.is_empty()).then_some(Found { context, entries, people: Vec::new() })
}

/// Entries in the order of the page, a talk of an overview and its details as one.
fn finish(page: &Page, taken: Vec<(usize, Read)>) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut known: HashMap<String, usize> = HashMap::new();
    let n_taken = taken.len();
    for (_, read) in taken {
        let is_talk = is_talk(&read) || words::title_type(&read.entry.title).is_some();
        let mut entry = read.entry;
        entry.is_break = !is_talk;
        entry.language.clone_from(&page.head.language);
        if n_taken == 1 {
            entry.url = entry.url.take().or_else(|| page.head.url.clone());
        }
        let key = folded(&entry.title);
        match known.get(&key).map(|at| &mut entries[*at]) {
            Some(before) if is_same(before, &entry) => merge(before, entry),
            _ => {
                known.insert(key, entries.len());
                entries.push(entry);
            }
        }
    }
    entries
}

fn is_same(one: &Entry, other: &Entry) -> bool {
    let agree = |a: Option<jiff::civil::Time>, b: Option<jiff::civil::Time>| a.zip(b).is_none_or(|(a, b)| a == b);
    let shares = one.people.iter().any(|person| other.people.iter().any(|known| known.name == person.name));
    agree(one.start, other.start)
        && one.day.zip(other.day).is_none_or(|(a, b)| a == b)
        && (shares || one.people.is_empty() || other.people.is_empty())
}

fn merge(before: &mut Entry, entry: Entry) {
    let n_words = |entry: &Entry| entry.texts.iter().map(|text| text.split_whitespace().count()).sum::<usize>();
    if n_words(&entry) > n_words(before) {
        before.texts = entry.texts;
        before.span = entry.span;
    }
    if before.people.is_empty() {
        before.people = entry.people;
    }
    before.day = before.day.or(entry.day);
    before.start = before.start.or(entry.start);
    before.end = before.end.or(entry.end);
    before.room = before.room.take().or(entry.room);
    before.track = before.track.take().or(entry.track);
    before.kind = before.kind.take().or(entry.kind);
    before.url = before.url.take().or(entry.url);
    before.videos.extend(entry.videos);
    before.slides.extend(entry.slides);
    before.is_break &= entry.is_break;
}

/// Which nodes are in what is around the program.
fn around(dom: &Dom) -> Vec<bool> {
    let mut out = vec![false; dom.n_nodes()];
    for at in 1..dom.n_nodes() {
        let tag =
            matches!(dom.name(at), "nav" | "footer" | "aside" | "head" | "form" | "script" | "style" | "template");
        let body = matches!(dom.name(at), "html" | "body" | "main");
        let role = dom.attr(at, "role").is_some_and(|role| ROLES_AROUND.contains(&role));
        out[at] = out[dom.parent(at)] || tag || (!body && (role || has_word(dom, at, AROUND)));
    }
    out
}

fn has_word(dom: &Dom, at: usize, table: &[&str]) -> bool {
    let names = dom.classes(at).chain(dom.attr(at, "id"));
    names
        .flat_map(|name| name.split(|c: char| !c.is_alphanumeric()))
        .any(|word| table.contains(&word.to_ascii_lowercase().as_str()))
}

/// Elements of one sort: of one name and classes, in parents of one sort. A page of one talk is a block by itself.
fn sorts(page: &Page, around: &[bool], given: &HashMap<usize, Given>) -> Vec<(bool, Vec<usize>)> {
    let dom = page.dom;
    let look = |at: usize| {
        let mut classes: Vec<&str> =
            dom.classes(at).filter(|class| !class.contains(|c: char| c.is_ascii_digit())).collect();
        classes.sort_unstable();
        (dom.name(at), classes)
    };
    // Bold text that is never closed holds what follows.
    let holder = |at: usize| dom.around(at).find(|above| !FORMATTING.contains(&dom.name(*above))).unwrap_or(Dom::ROOT);
    let mut found: HashMap<_, usize> = HashMap::new();
    let mut sorts: Vec<(bool, Vec<usize>)> = Vec::new();
    for (at, is_around) in around.iter().enumerate().skip(1) {
        let fits = BLOCKS.contains(&dom.name(at)) && BLOCK_NODES.contains(&dom.within(at).len()) && !is_around;
        let is_cell = dom.name(at) == "td";
        if !fits || has_word(dom, at, OTHERS) || (is_cell && !given.contains_key(&at)) {
            continue;
        }
        let key = if is_cell { ((dom.name(at), Vec::new()), ("", Vec::new())) } else { (look(at), look(holder(at))) };
        let n = sorts.len();
        let sort = *found.entry(key).or_insert(n);
        if sort == n {
            sorts.push((false, Vec::new()));
        }
        sorts[sort].1.push(at);
    }
    sorts.retain(|(_, blocks)| blocks.len() > 1);
    let mut single = (1..dom.n_nodes()).filter(|at| !around[*at] && matches!(dom.name(*at), "main" | "article"));
    let single = single.next().or_else(|| (1..dom.n_nodes()).find(|at| dom.name(*at) == "body"));
    sorts.extend(single.filter(|at| dom.within(*at).len() <= *BLOCK_NODES.end()).map(|at| (true, vec![at])));
    sorts
}

/// The level of headings that are names of people in most blocks, where something else is the title.
fn name_level(dom: &Dom, blocks: &[usize], fields: &[Option<Field>]) -> Option<u8> {
    let says_people = |block: &usize| {
        let mut people = dom.within(*block).skip(1).filter(|at| fields[*at] == Some(Field::People));
        let is_in_heading = |at: usize| {
            heading(dom, at).is_some()
                || dom.around(at).take_while(|above| above != block).any(|above| heading(dom, above).is_some())
        };
        people.any(|at| !is_in_heading(at) && names_people(&dom.line(at)))
    };
    if blocks.iter().filter(|block| says_people(block)).count() * 2 >= blocks.len() {
        return None;
    }
    let mut seen: HashMap<u8, (usize, usize)> = HashMap::new();
    for block in blocks {
        for at in dom.within(*block).skip(1).filter(|at| dom.is_line(*at)) {
            if let Some(level) = heading(dom, at) {
                let text = dom
                    .runs(at)
                    .into_iter()
                    .map(|(_, text)| text)
                    .filter(|text| !text.starts_with(['@', '(']))
                    .collect::<Vec<_>>();
                let all = |texts: &[String]| !texts.is_empty() && texts.iter().all(|text| names_alone(text));
                let is_name = names_alone(&text.join(" ")) || all(&text) || all(&dom.own_runs(at));
                let (n, n_names) = seen.entry(level).or_default();
                (*n, *n_names) = (*n + 1, *n_names + usize::from(is_name));
            }
        }
    }
    let mut levels: Vec<(usize, u8)> = seen
        .into_iter()
        .filter(|(_, (n, n_names))| n_names * 100 >= n * NAMES_PERCENT_MIN)
        .map(|(level, (_, n_names))| (n_names, level))
        .collect();
    levels.sort_unstable_by_key(|(n, level)| (std::cmp::Reverse(*n), *level));
    levels.first().map(|(_, level)| *level)
}

fn is_talk(read: &Read) -> bool {
    let entry = &read.entry;
    let says = read.n_words >= TEXT_WORDS_MIN || read.is_linked;
    // "Her Talk — Ann Example" over what it is about.
    let is_told = read.names_first.is_some() && read.n_words >= TEXT_WORDS_MIN;
    // "10:10 Ann Example - Writer Meets Tester"
    let is_timed_line = read.names_first.is_some() && entry.start.is_some();
    let n_title = entry.title.split_whitespace().count();
    let is_sentence = n_title > TITLE_WORDS_MAX || (entry.title.ends_with('.') && n_title > TITLE_WORDS_MAX / 2);
    !entry.title.is_empty()
        && !is_sentence
        && ((!entry.people.is_empty()
            && (!is_job(&entry.title) || is_timed_line)
            && (read.is_named || read.is_linked || entry.start.is_some() || is_told))
            || (entry.start.is_some() && says))
}

/// Blocks of one sort that are a program.
struct Group {
    reads: Vec<(usize, Read)>,
    n_talks: usize,
    /// What the talks say in all.
    score: usize,
}

impl Group {
    fn of(page: &Page, is_single: bool, mut reads: Vec<(usize, Read)>, marks: &Marks) -> Option<Group> {
        let blocks: Vec<usize> = reads.iter().map(|(block, _)| *block).collect();
        let marks = marks.outside(page.dom, &blocks);
        for (block, read) in reads.iter_mut().filter(|_| !is_single) {
            marks.complete(*block, &mut read.entry);
        }
        // What only says when is no title.
        let is_when =
            |title: &str| clock::day(title, Some(2000)).is_some() || clock::range(title).is_some() || is_weekday(title);
        reads.retain(|(_, read)| !read.entry.title.is_empty() && !is_when(&read.entry.title));
        let n_named = reads.iter().filter(|(_, read)| is_talk(read) && !read.entry.people.is_empty()).count();
        let n_talks = reads.iter().filter(|(_, read)| is_talk(read)).count();
        let n_timed = reads.iter().filter(|(_, read)| read.entry.start.is_some()).count();
        let n_jobs = reads.iter().filter(|(_, read)| is_job(&read.entry.title)).count();
        let n_full = reads.iter().filter(|(_, read)| read.n_words >= TEXT_WORDS_MIN).count();
        let is_program = n_timed * 2 >= reads.len() || says_program(page, &reads);
        let is_enough = if is_single {
            n_named == 1 && reads[0].1.is_named && is_program && says_talk(page.dom) && n_timed == 1
        } else {
            // Names and titles alone may be anything; texts, times or links make them talks.
            let n_sure = n_timed.max(n_full).max(reads.iter().filter(|(_, read)| read.is_linked).count());
            let is_full =
                n_talks * 3 >= reads.len() || (n_timed * 2 >= reads.len() && n_named * ROWS_A_TALK_MAX >= reads.len());
            n_named >= 2 && is_full && n_sure * 2 >= n_named && is_program && n_jobs * 2 < reads.len()
        };
        let score = |read: &Read| {
            let entry = &read.entry;
            entry.people.len().min(1) * 4
                + usize::from(entry.start.is_some()) * 2
                + usize::from(read.n_words >= TEXT_WORDS_MIN) * 2
                + usize::from(entry.room.is_some())
        };
        let score = reads.iter().map(|(_, read)| score(read)).sum();
        is_enough.then_some(Group { reads, n_talks, score })
    }
}

fn says_program(page: &Page, reads: &[(usize, Read)]) -> bool {
    let in_classes = |at: usize| has_word(page.dom, at, PROGRAMS);
    let is_in = |words: &str| words.split(|c: char| !c.is_alphanumeric()).any(|word| PROGRAMS.contains(&word));
    is_in(&page.head.words())
        || is_in(&page.input.path.to_lowercase())
        || reads.iter().take(1).any(|(block, _)| in_classes(*block) || page.dom.around(*block).any(in_classes))
}

/// Whether the page has the classes of one talk.
fn says_talk(dom: &Dom) -> bool {
    const TALKS: &[&str] = &["talk", "session", "presentation", "submission", "contribution", "abstract", "lecture"];
    (1..dom.n_nodes()).any(|at| has_word(dom, at, TALKS))
}

/// Lines above blocks that hold for them: days, and times.
struct Marks {
    days: Vec<(usize, jiff::civil::Date)>,
    times: Vec<(usize, String)>,
}

impl Marks {
    fn n_times(&self, dom: &Dom, block: usize) -> usize {
        let within = dom.within(block);
        let from = self.times.partition_point(|(at, _)| *at < within.start);
        self.times.partition_point(|(at, _)| *at < within.end) - from
    }

    fn read(page: &Page, around: &[bool]) -> Marks {
        let dom = page.dom;
        let mut marks = Marks { days: Vec::new(), times: Vec::new() };
        let year = page.year();
        for (at, is_around) in around.iter().enumerate().skip(1) {
            let (start, end) = dom.span(at);
            let is_short = dom.within(at).len() <= LINE_NODES_MAX && end - start <= LINE_BYTES_MAX;
            if *is_around
                || dom.name(at).is_empty()
                || !(is_short || heading(dom, at).is_some())
                || matches!(dom.name(at), "a" | "meta" | "link")
            {
                continue;
            }
            // A heading that is never closed holds all that follows.
            let text = if is_short { dom.text(at) } else { dom.own_runs(at).join(" ") };
            if let Some(day) = clock::day(&text, year) {
                marks.days.push((at, day));
            }
            let is_innermost = !dom.own_runs(at).is_empty();
            if is_innermost && clock::range(&text).is_some() {
                marks.times.push((at, text));
            }
        }
        marks
    }

    /// The lines that stand in none of the blocks.
    fn outside(&self, dom: &Dom, blocks: &[usize]) -> Marks {
        let is_free = |at: usize| {
            let before = blocks.partition_point(|other| *other <= at);
            before == 0 || !dom.within(blocks[before - 1]).contains(&at)
        };
        Marks {
            days: self.days.iter().filter(|(at, _)| is_free(*at)).copied().collect(),
            times: self.times.iter().filter(|(at, _)| is_free(*at)).cloned().collect(),
        }
    }

    /// The day and the time above a block, where the block has none.
    fn complete(&self, block: usize, entry: &mut Entry) {
        let day = self.days[..self.days.partition_point(|(at, _)| *at < block)].last();
        entry.day = entry.day.or(day.map(|(_, day)| *day));
        let time = self.times[..self.times.partition_point(|(at, _)| *at < block)].last();
        let is_of_day = |at: usize| day.is_none_or(|(day, _)| *day < at);
        if entry.start.is_none()
            && let Some((start, end)) = time.filter(|(at, _)| is_of_day(*at)).and_then(|(_, text)| clock::range(text))
        {
            (entry.start, entry.end) = (Some(start), entry.end.or(end));
        }
    }
}
