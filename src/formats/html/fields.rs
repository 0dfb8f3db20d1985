//! One block of a program, an element that holds a talk: what its elements are by their classes, links and tags, and what
//! the block says.

use super::{Page, clock};
use crate::{
    formats::{
        passages,
        schedule::{
            Entry, Person,
            keys::{Meaning, meaning},
            people, times,
        },
        usenix::{people::is_name, words},
    },
    text::{
        html::{Block, BlockKind, dom::Dom},
        one_line,
    },
};

/// What an element of a block holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Title,
    People,
    Affiliation,
    Bio,
    Time,
    Duration,
    Room,
    Track,
    Kind,
    Tags,
    /// Of no use.
    Nothing,
}

/// Words of class names. The last word of a class decides, but for those that say only how it looks.
#[rustfmt::skip]
const WORDS: &[(Field, &[&str])] = &[
    (Field::Title, &["title", "titel", "headline", "subject"]),
    (Field::People, &["speaker", "speakers", "presenter", "presenters", "person", "persons", "people", "author", "authors", "lecturer",
        "referent", "referenten", "panelists"]),
    (Field::Affiliation, &["affiliation", "company", "organisation", "organization", "org", "employer", "tagline", "position", "role"]),
    (Field::Bio, &["bio", "biography"]),
    (Field::Time, &["time", "times", "hour", "hours", "when", "start", "date", "datetime", "clock"]),
    (Field::Duration, &["duration", "length"]),
    (Field::Room, &["room", "location", "venue", "stage", "hall", "place", "vs"]),
    (Field::Track, &["track", "stream", "theme"]),
    (Field::Kind, &["type", "format", "category", "kind"]),
    (Field::Tags, &["tags", "keywords", "topics"]),
    (Field::Nothing, &["level", "audience", "difficulty", "social", "socials", "share", "headerlink", "anchor", "favorite", "button", "btn"]),
];
const LOOKS: &[&str] = &[
    "name",
    "names",
    "list",
    "item",
    "items",
    "wrapper",
    "container",
    "box",
    "info",
    "text",
    "inner",
    "block",
    "row",
    "link",
    "value",
    "wrap",
    "label",
];
/// Parts of addresses of pages of people and of talks.
const PEOPLE_PAGES: &[&str] = &["speaker", "speakers", "presenter", "presenters", "person", "people", "persons"];
const TALK_PAGES: &[&str] = &[
    "event",
    "events",
    "session",
    "sessions",
    "talk",
    "talks",
    "presentation",
    "presentations",
    "contribution",
    "contributions",
    "proposal",
    "proposals",
    "paper",
    "papers",
];
/// How a line begins that names people.
const BYLINES: &[&str] = &[
    "by ",
    "presented by ",
    "with ",
    "speaker: ",
    "speakers: ",
    "presenter: ",
    "presenters: ",
    "author: ",
    "authors: ",
    "von ",
    "par ",
];
/// Lines that only say what comes next.
const LABELS: &[&str] = &[
    "speaker",
    "speakers",
    "presenter",
    "presenters",
    "abstract",
    "description",
    "room",
    "time",
    "by",
    "about the speaker",
    "read more",
    "more",
    "details",
];
/// Words of jobs: a heading of them stands under a name, and is no title of a talk.
const JOBS: &[&str] = &[
    "engineer",
    "developer",
    "manager",
    "director",
    "head",
    "founder",
    "co-founder",
    "cto",
    "ceo",
    "vp",
    "officer",
    "organizer",
    "organiser",
    "volunteer",
    "chair",
    "writer",
    "consultant",
    "president",
    "coordinator",
    "lead",
    "architect",
    "professor",
    "designer",
    "co-organizer",
    "sponsor",
];
const VIDEOS: &[&str] = &[
    "youtube.com/watch",
    "youtube.com/live",
    "youtube.com/embed",
    "youtu.be/",
    "vimeo.com/",
    "media.ccc.de/v/",
    ".mp4",
    ".webm",
    "video.",
];
const SLIDES: &[&str] = &[
    "slideshare.net/",
    "speakerdeck.com/",
    "docs.google.com/presentation",
    "noti.st/",
    ".pdf",
    ".pptx",
    ".odp",
    "/slides",
];
const TITLE_CHARS_MAX: usize = 300;
const PEOPLE_CHARS_MAX: usize = 400;
const LABEL_CHARS_MAX: usize = 120;
const BYLINE_WORDS_MAX: usize = 20;
const JOB_WORDS_MAX: usize = 7;

/// What an element is by its class and its link, without what stands in it.
pub(super) fn field(dom: &Dom, at: usize) -> Option<Field> {
    let name = dom.name(at);
    if name.is_empty() || name == "img" {
        return None;
    }
    if name == "time" {
        return Some(Field::Time);
    }
    if let Some(found) = dom.classes(at).find_map(by_class) {
        return Some(found);
    }
    match dom.attr(at, "href") {
        Some(href) if leads_to(href, PEOPLE_PAGES) => Some(Field::People),
        _ => None,
    }
}

fn by_class(class: &str) -> Option<Field> {
    let spaced: String = class
        .chars()
        .flat_map(|c| if c.is_uppercase() { vec![' ', c.to_ascii_lowercase()] } else { vec![c] })
        .collect();
    let words: Vec<&str> = spaced.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let at = words.iter().rposition(|word| !LOOKS.contains(word))?;
    let known = |word: &str| WORDS.iter().find(|(_, names)| names.contains(&word)).map(|(field, _)| *field);
    let of_person = words[..at].iter().any(|word| known(word) == Some(Field::People));
    match known(words[at]) {
        // "speaker-title" is what the speaker does.
        Some(Field::Title) if of_person => Some(Field::Affiliation),
        found => found,
    }
}

/// What a column is by its heading.
pub(super) fn by_heading(text: &str) -> Option<Field> {
    Some(match meaning(text)? {
        Meaning::Title | Meaning::Session => Field::Title,
        Meaning::Speakers | Meaning::SpeakerName => Field::People,
        Meaning::Start | Meaning::Day => Field::Time,
        Meaning::Duration => Field::Duration,
        Meaning::Room => Field::Room,
        Meaning::Track => Field::Track,
        Meaning::Kind => Field::Kind,
        Meaning::Affiliation => Field::Affiliation,
        Meaning::Tags => Field::Tags,
        _ => return None,
    })
}

pub(super) fn leads_to_talk(href: &str) -> bool {
    leads_to(href, TALK_PAGES)
}

fn leads_to(href: &str, pages: &[&str]) -> bool {
    let lower = href.to_ascii_lowercase();
    let parts: Vec<&str> = lower.split(['/', '#', '?', '=', '&']).filter(|part| !part.is_empty()).collect();
    let named =
        |part: &&str| pages.iter().any(|page| part.strip_prefix(page).is_some_and(|rest| rest.starts_with('-')));
    // A list of them is no page of one.
    parts.iter().rev().skip(1).any(|part| pages.contains(part)) || parts.last().is_some_and(named)
}

/// The level of a heading, 1 to 6.
pub(super) fn heading(dom: &Dom, at: usize) -> Option<u8> {
    let name = dom.name(at).as_bytes();
    (name.len() == 2 && name[0] == b'h' && (b'1'..=b'6').contains(&name[1])).then(|| name[1] - b'0')
}

/// Whether a text is the names of people and nothing else.
pub(super) fn names_people(text: &str) -> bool {
    let found = people::read(text);
    !found.is_empty() && text.chars().count() <= PEOPLE_CHARS_MAX && found.iter().all(|person| is_name(&person.name))
}

pub(super) fn is_job(title: &str) -> bool {
    let lower = title.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| c.is_whitespace() || ",/@".contains(c)).collect();
    words.len() <= JOB_WORDS_MAX && words.iter().any(|word| JOBS.contains(word))
}

/// What is given from outside of a block: its column's heading and its row's time.
#[derive(Clone, Debug, Default)]
pub(super) struct Given {
    pub time: Option<String>,
    pub room: Option<String>,
}

/// A block, read.
pub(super) struct Reader<'a> {
    pub page: &'a Page<'a>,
    pub fields: &'a [Option<Field>],
    /// The level of headings that are names in blocks of this sort.
    pub name_level: Option<u8>,
}

#[derive(Default)]
pub(super) struct Read {
    pub entry: Entry,
    /// It has a page of its own.
    pub is_linked: bool,
    pub n_words: usize,
}

impl Reader<'_> {
    pub fn read(&self, block: usize, given: &Given) -> Read {
        let dom = self.page.dom;
        let mut read = Read::default();
        read.entry.span = dom.span(block);
        let mut used: Vec<usize> = Vec::new();
        let nodes = dom.within(block);
        let mut at = block + 1;
        while at < nodes.end {
            let heading = heading(dom, at);
            let field = match self.fields[at] {
                None if heading.is_some() && heading == self.name_level => Some(Field::People),
                None if heading.is_some() => Some(Field::Title),
                found => found,
            };
            if field.is_some_and(|field| self.take(at, field, &mut read)) {
                used.push(at);
                at = dom.within(at).end;
            } else {
                at += 1;
            }
        }
        if let Some(time) = &given.time {
            set_time(&mut read.entry, time, self.page.year());
        }
        read.entry.room = read.entry.room.take().or_else(|| given.room.clone());
        let media = self.take_links(block, &mut read);
        let line = |at: usize| self.page.lines.line(at);
        let mut rest = dom.page(block, &|at| used.binary_search(&at).is_ok(), &line).blocks;
        rest.retain(|block| !is_label(&block.text) && !media.contains(&one_line(&block.text)));
        self.complete(&mut read, &mut rest);
        for block in &mut rest {
            if matches!(block.kind, BlockKind::Heading(_)) {
                block.kind = BlockKind::Paragraph;
            }
        }
        let text = passages::join(&rest);
        read.n_words = text.split_whitespace().count();
        read.entry.texts.extend(Some(text).filter(|text| !text.is_empty()));
        read
    }

    /// Whether the element says what it seems to; then the block has it.
    fn take(&self, at: usize, field: Field, read: &mut Read) -> bool {
        let dom = self.page.dom;
        let text = self.own_text(at, field);
        let entry = &mut read.entry;
        let short = text.chars().count() <= LABEL_CHARS_MAX && !text.is_empty();
        match field {
            Field::Title => {
                let holds_heading =
                    heading(dom, at).is_none() && dom.within(at).skip(1).any(|inner| heading(dom, inner).is_some());
                if !entry.title.is_empty() || text.is_empty() || text.chars().count() > TITLE_CHARS_MAX || holds_heading
                {
                    return false;
                }
                entry.title = text.trim_end_matches(['¶', '#']).trim().to_owned();
                // A room may stand within the title's link.
                let rooms = dom.within(at).skip(1).filter(|inner| self.fields[*inner] == Some(Field::Room));
                entry.room =
                    entry.room.take().or_else(|| rooms.map(|inner| dom.text(inner)).find(|room| !room.is_empty()));
                true
            }
            Field::People => self.take_people(at, &text, entry),
            Field::Affiliation => {
                let place = text.trim_matches(['(', ')', ',', ' ']).to_owned();
                let Some(person) = entry.people.last_mut().filter(|person| short && person.affiliation.is_none())
                else {
                    return false;
                };
                let place = people::employer(&place).unwrap_or(place);
                person.affiliation = Some(place).filter(|place| !is_job(place) && !place.is_empty());
                true
            }
            Field::Bio => {
                let bio = dom.pieces(at).join("\n\n");
                let Some(person) = entry.people.last_mut().filter(|person| person.bio.is_none() && !bio.is_empty())
                else {
                    return false;
                };
                person.bio = Some(bio);
                person.span = Some(dom.span(at));
                true
            }
            Field::Time => {
                let stated = dom.attr(at, "datetime").and_then(|text| times::moment(text, None));
                if let Some(moment) = stated.filter(|moment| moment.time.is_some() || moment.day.is_some()) {
                    entry.day = entry.day.or(moment.day);
                    match (entry.start, moment.time) {
                        (None, Some(time)) => (entry.start, entry.time_zone) = (Some(time), moment.zone),
                        (Some(start), Some(time)) if time != start && entry.end.is_none() => entry.end = Some(time),
                        _ => {}
                    }
                    return true;
                }
                short && set_time(entry, &text, self.page.year())
            }
            Field::Duration => {
                let minutes = times::minutes(&text);
                let end = entry
                    .start
                    .zip(minutes)
                    .map(|(start, minutes)| start.wrapping_add(jiff::Span::new().minutes(minutes)));
                entry.end = entry.end.or(end);
                minutes.is_some()
            }
            Field::Room => short && set(&mut entry.room, &text),
            Field::Track => short && set(&mut entry.track, &text),
            Field::Kind => short && set(&mut entry.kind, &text),
            Field::Tags => {
                entry.tags.extend(dom.runs(at).into_iter().map(|(_, tag)| tag).filter(|tag| tag.len() > 1));
                true
            }
            Field::Nothing => short || text.is_empty(),
        }
    }

    /// An element's text without what in it is something else.
    fn own_text(&self, at: usize, field: Field) -> String {
        let dom = self.page.dom;
        if !matches!(field, Field::Title | Field::People) {
            return dom.text(at);
        }
        let is_own = |node: usize| {
            let others = |above: usize| {
                self.fields[above]
                    .is_some_and(|other| other != field && !(field == Field::Title && other == Field::People))
            };
            !dom.around(node).take_while(|above| *above != at).any(others)
        };
        let runs = dom.runs(at).into_iter().filter(|(node, _)| is_own(*node));
        one_line(&runs.map(|(_, text)| text).collect::<Vec<_>>().join(" "))
    }

    fn take_people(&self, at: usize, text: &str, entry: &mut Entry) -> bool {
        let dom = self.page.dom;
        let inner = |wanted: Field| dom.within(at).skip(1).filter(move |inner| self.fields[*inner] == Some(wanted));
        if inner(Field::People).any(|inner| names_people(&self.own_text(inner, Field::People)))
            || text.chars().count() > PEOPLE_CHARS_MAX
        {
            return false;
        }
        let bare = |text: &str| {
            let lower = text.to_lowercase();
            let label = BYLINES.iter().find(|label| lower.starts_with(**label)).map_or(0, |label| label.len());
            text.get(label..).unwrap_or(text).trim().to_owned()
        };
        // Names side by side have no sign between them.
        let side_by_side = || {
            let runs = dom.runs(at).into_iter().map(|(_, text)| text);
            let is_part =
                |text: &String| !text.starts_with(['@', '(']) && text.contains(char::is_alphabetic) && !is_label(text);
            runs.filter(is_part).collect::<Vec<_>>().join("; ")
        };
        let whole = bare(text);
        let found = if is_name(&whole) || (whole.contains([',', ';', '&', '(']) && names_people(&whole)) {
            whole
        } else {
            bare(&side_by_side())
        };
        let affiliation = inner(Field::Affiliation).map(|inner| dom.text(inner)).next();
        let affiliation =
            affiliation.map(|text| text.trim_matches(['(', ')', ',', ' ']).to_owned()).filter(|text| !is_job(text));
        let read = people::read(&found);
        if read.is_empty() || !read.iter().all(|person| is_name(&person.name)) {
            return false;
        }
        let is_one = read.len() == 1;
        for person in read {
            if entry.people.iter().any(|known| known.name == person.name) {
                continue;
            }
            let affiliation = person.affiliation.or_else(|| affiliation.clone().filter(|_| is_one));
            entry.people.push(Person { name: person.name, affiliation, role: person.role, ..Person::default() });
        }
        true
    }

    /// Videos, slides and the talk's own page; gives the texts of links to the first two.
    fn take_links(&self, block: usize, read: &mut Read) -> Vec<String> {
        let dom = self.page.dom;
        let mut media = Vec::new();
        for at in dom.within(block) {
            let Some(href) = dom
                .attr(at, "href")
                .or_else(|| dom.attr(at, "src").filter(|_| matches!(dom.name(at), "iframe" | "video" | "source")))
            else {
                continue;
            };
            let lower = href.to_ascii_lowercase();
            let has = |table: &[&str]| table.iter().any(|part| lower.contains(part));
            let text = dom.text(at);
            if has(VIDEOS) {
                read.entry.videos.extend(self.page.address(href));
                media.push(text);
            } else if has(SLIDES) || words::is_media(&text) && text.to_lowercase().contains("slides") {
                read.entry.slides.extend(self.page.address(href));
                media.push(text);
            } else if dom.name(at) == "a"
                && !read.is_linked
                && (leads_to_talk(href) || leads_to(href, PEOPLE_PAGES) && !names_people(&text))
            {
                read.is_linked = true;
                read.entry.url =
                    read.entry.url.take().or_else(|| self.page.address(href).filter(|_| leads_to_talk(href)));
            }
        }
        media.retain(|text| !text.is_empty());
        media
    }

    /// What no class tells: a time, a title, a line of names among the rest.
    fn complete(&self, read: &mut Read, rest: &mut Vec<Block>) {
        let entry = &mut read.entry;
        if entry.start.is_none()
            && let Some(at) = rest.iter().take(3).position(|block| clock::range(&block.text).is_some())
        {
            set_time(entry, &rest.remove(at).text, None);
        }
        if entry.title.is_empty() && !rest.is_empty() && rest[0].text.chars().count() <= TITLE_CHARS_MAX {
            let first = rest.remove(0);
            let mut lines = first.text.lines().map(one_line);
            entry.title = lines.next().unwrap_or_default();
            let more: Vec<String> = lines.collect();
            if !more.is_empty() {
                rest.insert(0, Block { text: more.join("\n"), kind: BlockKind::Paragraph, ..first });
            }
            // A name over a title.
            if entry.people.is_empty()
                && names_people(&entry.title)
                && rest
                    .first()
                    .is_some_and(|next| next.text.chars().count() <= TITLE_CHARS_MAX && !names_people(&next.text))
            {
                add_people(entry, &entry.title.clone());
                entry.title = one_line(&rest.remove(0).text);
            }
        }
        if entry.people.is_empty() {
            let byline = rest.iter().take(3).position(|block| is_byline(&block.text));
            if let Some(at) = byline {
                let line = rest.remove(at).text;
                add_people(entry, bylined(&line).unwrap_or(&line));
            } else if let Some((title, people)) = divided(&entry.title) {
                (entry.title, _) = (title, add_people(entry, &people));
            }
        }
    }
}

fn set(field: &mut Option<String>, text: &str) -> bool {
    let is_new = field.is_none();
    if is_new {
        let text = text.split_once(": ").filter(|(label, _)| is_label(label)).map_or(text, |(_, rest)| rest);
        *field = Some(text.trim_matches([',', '|', '(', ')', ' ', '·']).to_owned());
    }
    is_new
}

fn set_time(entry: &mut Entry, text: &str, year: Option<u16>) -> bool {
    let found = clock::within(text);
    if let Some((start, end)) = found.filter(|_| entry.start.is_none()) {
        (entry.start, entry.end) = (Some(start), entry.end.or(end));
    }
    let day = clock::day(text, year);
    entry.day = entry.day.or(day);
    found.is_some() || day.is_some()
}

fn add_people(entry: &mut Entry, text: &str) {
    let found = people::read(text).into_iter();
    entry.people.extend(found.map(|person| Person {
        name: person.name,
        affiliation: person.affiliation,
        role: person.role,
        ..Person::default()
    }));
}

fn is_label(text: &str) -> bool {
    let text = text.trim().trim_end_matches(':').to_lowercase();
    LABELS.contains(&text.as_str())
}

fn bylined(line: &str) -> Option<&str> {
    let lower = line.to_lowercase();
    let label = BYLINES.iter().find(|label| lower.starts_with(**label))?;
    line.get(label.len()..)
}

fn is_byline(line: &str) -> bool {
    line.split_whitespace().count() <= BYLINE_WORDS_MAX
        && !line.ends_with('.')
        && names_people(bylined(line).unwrap_or(line))
}

/// "Title - Name", "Name: Title", "Title by Name", "Title (Name)": the title and the names.
fn divided(line: &str) -> Option<(String, String)> {
    let clean = |text: &str| text.trim().trim_end_matches([',', ':', '-', '–']).trim().to_owned();
    let pair = |title: &str, people: &str| {
        let fits = names_people(people) && !clean(title).is_empty() && !names_people(title);
        fits.then(|| (clean(title), people.trim().to_owned()))
    };
    for sign in [" - ", " – ", " — ", " | ", " // ", ": "] {
        let (first, last) = (line.split_once(sign), line.rsplit_once(sign));
        let found = first
            .and_then(|(people, title)| pair(title, people))
            .or_else(|| last.and_then(|(title, people)| pair(title, people)));
        if found.is_some() {
            return found;
        }
    }
    let bracket = || line.strip_suffix(')')?.rsplit_once(" (");
    line.rsplit_once(" by ").or_else(bracket).and_then(|(title, people)| pair(title, people))
}
