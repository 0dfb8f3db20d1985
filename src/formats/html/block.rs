//! One block of a program, an element that holds a talk: what it says, by what its elements are, and by what is left.

use super::{
    Page, clock,
    fields::{
        Field, PEOPLE_CHARS_MAX, behind_names, by_heading, heading, is_job, is_told_by_class, leads_to_person,
        leads_to_talk, names_alone, names_people,
    },
    phrases::{add_people, bylined, divided, is_byline, is_label, set, set_time, without_byline},
};
use crate::{
    formats::{
        academic::rows,
        passages,
        schedule::{self, Entry, Person, people, times},
        usenix::{people::is_name, words},
    },
    record::{Speaker, TalkType},
    text::{
        html::{Block, BlockKind},
        one_line,
    },
};

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
const LABEL_CHARS_MAX: usize = 120;
/// An affiliation has no more words; more is a title.
const AFFILIATION_WORDS_MAX: usize = 8;
/// A line about a video or slides and nothing else.
const MEDIA_WORDS_MAX: usize = 6;

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
    /// Whether lines of blocks of this sort have the names before the title.
    pub names_first: Option<bool>,
}

#[derive(Default)]
pub(super) struct Read {
    pub entry: Entry,
    /// It has a page of its own.
    pub is_linked: bool,
    pub n_words: usize,
    /// An element or a label says that the people are those of the talk.
    pub is_named: bool,
    /// Where a line of names and title had the names, when only one of its parts could be names.
    pub names_first: Option<bool>,
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
        read.is_named = !read.entry.people.is_empty();
        let media = self.take_links(block, &mut read, &mut used);
        used.sort_unstable();
        let line = |at: usize| self.page.lines.line(at);
        let mut rest = dom.page(block, &|at| used.binary_search(&at).is_ok(), &line).blocks;
        let bio = bio(&mut rest);
        rest.retain(|block| {
            let text = one_line(&block.text);
            // "View the slides."
            let is_of_media =
                text.split(' ').count() <= MEDIA_WORDS_MAX && media.iter().any(|link| text.contains(link));
            !is_label(&text) && !is_of_media && !media.contains(&text)
        });
        let rows = |block: Block| match block.kind {
            BlockKind::Row => block
                .text
                .split(" | ")
                .map(|text| Block { text: text.to_owned(), kind: BlockKind::Paragraph, ..block.clone() })
                .collect(),
            _ => vec![block],
        };
        rest = rest.into_iter().flat_map(rows).filter(|block| block.text.contains(char::is_alphanumeric)).collect();
        self.complete(&mut read, &mut rest);
        rest.extend(untaken(&mut read.entry, bio));
        for block in &mut rest {
            if matches!(block.kind, BlockKind::Heading(_)) {
                block.kind = BlockKind::Paragraph;
            }
        }
        // What calls no sort of session, and stands where one would, is a subject: sched.com's types are tracks.
        if read.entry.track.is_none() && schedule::talk_type(read.entry.kind.as_deref(), "") == Some(TalkType::Other) {
            read.entry.track = read.entry.kind.take();
        }
        let text = passages::join(&rest);
        read.n_words = text.split_whitespace().count();
        read.entry.texts.extend(Some(text).filter(|text| !text.is_empty()));
        read
    }

    /// Whether the element says what it seems to; then the block has it.
    fn take(&self, at: usize, field: Field, read: &mut Read) -> bool {
        let dom = self.page.dom;
        // What holds more than a line is text, and what says something may stand within it.
        let is_line = dom.is_line(at);
        if !is_line && !matches!(field, Field::Bio | Field::Tags) {
            return false;
        }
        let text = if is_line { self.own_text(at, field) } else { String::new() };
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
                text.trim_end_matches(['¶', '#']).trim().clone_into(&mut entry.title);
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
                let of_job =
                    || place.rsplit_once(", ").filter(|(job, _)| is_job(job)).map(|(_, place)| place.to_owned());
                let place = people::employer(&place).or_else(of_job).unwrap_or(place);
                person.affiliation = Some(place).filter(|place| !is_job(place) && !place.is_empty());
                true
            }
            Field::Bio => {
                let Some(person) = entry.people.last_mut().filter(|person| person.bio.is_none()) else { return false };
                let bio = dom.pieces(at).join("\n\n");
                if bio.is_empty() {
                    return false;
                }
                person.bio = Some(bio);
                // A person's place holds the name, too.
                let holder = dom.parent(at);
                person.span = dom.text(holder).contains(&person.name).then(|| dom.span(holder));
                true
            }
            Field::Time => self.take_time(at, short, entry),
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

    fn take_time(&self, at: usize, is_short: bool, entry: &mut Entry) -> bool {
        let dom = self.page.dom;
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
        let year = self.page.year();
        // A line each for the time and for the day.
        let pieces = if is_short { dom.pieces(at) } else { Vec::new() };
        pieces.iter().filter(|piece| set_time(entry, piece, year)).count() > 0
    }

    /// An element's text without what in it is something else.
    fn own_text(&self, at: usize, field: Field) -> String {
        let dom = self.page.dom;
        if !matches!(field, Field::Title | Field::People) {
            return dom.text(at);
        }
        let is_other = |inner: usize| {
            self.fields[inner].is_some_and(|other| other != field && !(field == Field::Title && other == Field::People))
        };
        let mut inner = dom.within(at).skip(1).filter(|inner| is_other(*inner)).peekable();
        let mut others_end = 0;
        let is_own = |(node, _): &(usize, String)| {
            while let Some(other) = inner.next_if(|other| other < node) {
                others_end = others_end.max(dom.within(other).end);
            }
            *node >= others_end
        };
        let runs = dom.runs(at).into_iter().filter(is_own);
        one_line(&runs.map(|(_, text)| text).collect::<Vec<_>>().join(" "))
    }

    fn take_people(&self, at: usize, text: &str, entry: &mut Entry) -> bool {
        let dom = self.page.dom;
        let inner = |wanted: Field| dom.within(at).skip(1).filter(move |inner| self.fields[*inner] == Some(wanted));
        // "Ann Example - Her Talk", where it leads to who she is.
        let is_line = entry.title.is_empty()
            && !is_told_by_class(dom, at)
            && dom.runs(at).len() == 1
            && behind_names(text).is_some();
        if is_line
            || text.chars().count() > PEOPLE_CHARS_MAX
            || inner(Field::People).any(|inner| names_people(&self.own_text(inner, Field::People)))
        {
            return false;
        }
        // A list, or links, of nothing but names.
        let listed = ["li", "a"].map(|name| {
            let items = dom.within(at).skip(1).filter(|inner| dom.name(*inner) == name);
            items.map(|inner| dom.text(inner)).filter(|text| !text.is_empty()).collect::<Vec<_>>()
        });
        let listed = listed.into_iter().find(|names| {
            names.len() > 1
                && names.join(" ") == text
                && names.iter().all(|name| name.contains(' ') && names_people(name))
        });
        // Names side by side have no sign between them; what elements around say of them is no name.
        let own = dom.own_runs(at);
        let own_named = !own.is_empty() && own.iter().all(|text| names_people(without_byline(text)));
        let whole = without_byline(text).to_owned();
        let found = if let Some(names) = listed {
            names.join("; ")
        } else if is_name(&whole) || (whole.contains([',', ';', '&', '(']) && names_people(&whole)) {
            whole
        } else if own_named {
            own.iter().map(|text| without_byline(text)).collect::<Vec<_>>().join("; ")
        } else {
            let runs = dom.runs(at).into_iter().map(|(_, text)| text);
            let is_part =
                |text: &String| !text.starts_with(['@', '(']) && text.contains(char::is_alphabetic) && !is_label(text);
            without_byline(&runs.filter(is_part).collect::<Vec<_>>().join("; ")).to_owned()
        };
        // "Ann Example <span>Acme — @ann</span>"
        let details = dom
            .runs(at)
            .into_iter()
            .map(|(_, text)| text)
            .filter(|text| own_named && !own.contains(text))
            .collect::<Vec<_>>()
            .join(" ");
        let details = details
            .split(['@', '|', '—', '–', '·'])
            .next()
            .map(one_line)
            .filter(|text| own.len() == 1 && !text.is_empty());
        let affiliation = inner(Field::Affiliation).map(|inner| dom.text(inner)).next();
        let affiliation = affiliation.or(details).map(|text| text.trim_matches(['(', ')', ',', ' ']).to_owned());
        let affiliation = affiliation
            .map(|text| people::employer(&text).unwrap_or(text))
            .filter(|text| !is_job(text) && !text.is_empty());
        let read = people::read(&found);
        let is_place =
            |place: &String| place.split(' ').count() <= AFFILIATION_WORDS_MAX && !place.ends_with(['!', '?', ')']);
        let fits = |person: &Speaker| is_name(&person.name) && person.affiliation.as_ref().is_none_or(is_place);
        if read.is_empty() || !read.iter().all(fits) || (dom.name(at) == "a" && self.is_part_of_line(at)) {
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

    /// Whether a link stands before or behind a dash: what it is, the whole line tells.
    fn is_part_of_line(&self, at: usize) -> bool {
        let dom = self.page.dom;
        let line = dom.line(dom.parent(at));
        let text = dom.line(at);
        let (before, behind) = line.split_once(&text).unwrap_or_default();
        let dashes = ['-', '–', '—'];
        !is_told_by_class(dom, at) && (behind.trim_start().starts_with(dashes) || before.trim_end().ends_with(dashes))
    }

    /// Videos, slides and the talk's own page; gives the texts of links to the first two.
    fn take_links(&self, block: usize, read: &mut Read, used: &mut Vec<usize>) -> Vec<String> {
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
            let text = dom.line(at);
            let is_media = has(VIDEOS) || has(SLIDES) || words::is_media(&text);
            if is_media && words::is_media(&text) && text.split(' ').count() <= 2 {
                used.push(at);
            }
            if has(VIDEOS) {
                read.entry.videos.extend(self.page.address(href));
                media.push(text);
            } else if has(SLIDES) || words::is_media(&text) && text.to_lowercase().contains("slides") {
                read.entry.slides.extend(self.page.address(href));
                media.push(text);
            } else if dom.name(at) == "a"
                && !read.is_linked
                && (leads_to_talk(href) || leads_to_person(href) && (!names_people(&text) || self.is_part_of_line(at)))
            {
                read.is_linked = true;
                read.entry.url =
                    read.entry.url.take().or_else(|| self.page.address(href).filter(|_| leads_to_talk(href)));
            }
        }
        media.retain(|text| !text.is_empty());
        media
    }

    /// "Room: Main hall", "Referent:": whether a line says what it is by a label.
    fn take_label(&self, text: &str, read: &mut Read) -> bool {
        let Some((label, value)) = text.split_once(':').filter(|_| text.chars().count() <= LABEL_CHARS_MAX) else {
            return false;
        };
        let Some(field) = by_heading(label) else { return false };
        let (entry, value) = (&mut read.entry, value.trim());
        match field {
            _ if value.is_empty() => true,
            Field::Room => set(&mut entry.room, value),
            Field::Track => set(&mut entry.track, value),
            Field::Kind => set(&mut entry.kind, value),
            Field::Time => set_time(entry, value, self.page.year()),
            Field::People if entry.people.is_empty() && names_people(value) => {
                add_people(entry, value);
                read.is_named = true;
                true
            }
            _ => false,
        }
    }

    /// What no class tells: a time, a title, a line of names among the rest.
    fn complete(&self, read: &mut Read, rest: &mut Vec<Block>) {
        rest.retain(|block| !self.take_label(&block.text, read));
        let entry = &mut read.entry;
        if entry.start.is_none()
            && let Some(at) = rest.iter().take(3).position(|block| clock::range(&block.text).is_some())
        {
            set_time(entry, &rest.remove(at).text, None);
        }
        // "9:00 – 9:45 Title"
        if entry.title.is_empty()
            && let Some(first) = rest.first_mut()
            && let Some(((start, end), title)) = rows::times(&first.text).filter(|(_, title)| title.contains(' '))
        {
            (entry.start, entry.end) = entry.start.map_or((Some(start), end), |known| (Some(known), entry.end));
            first.text = title.to_owned();
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
            let is_title = |next: &Block| {
                let is_sentence = next.text.ends_with('.');
                next.text.chars().count() <= TITLE_CHARS_MAX
                    && !names_people(&next.text)
                    && (names_alone(&entry.title) || !is_sentence)
            };
            if entry.people.is_empty() && names_people(&entry.title) && rest.first().is_some_and(is_title) {
                add_people(entry, &entry.title.clone());
                entry.title = one_line(&rest.remove(0).text);
            }
        }
        if entry.people.is_empty() {
            let byline = rest.iter().take(3).position(|block| is_byline(&block.text));
            if let Some(at) = byline {
                let line = rest.remove(at).text;
                read.is_named = bylined(&line).is_some();
                add_people(entry, bylined(&line).unwrap_or(&line));
            } else if let Some(found) = divided(&entry.title, self.names_first) {
                read.names_first = found.names_first;
                entry.title = found.title;
                add_people(entry, &found.people);
            }
        }
    }
}

/// Takes what stands below "About the speaker", up to what has a heading of its own.
fn bio(rest: &mut Vec<Block>) -> Vec<Block> {
    let Some(at) = rest.iter().position(|block| words::bio_label(&one_line(&block.text)) == Some("")) else {
        return Vec::new();
    };
    let mut bio = rest.split_off(at);
    bio.remove(0);
    let is_end = |block: &Block| matches!(block.kind, BlockKind::Heading(_)) || is_label(&block.text);
    let end = bio.iter().position(is_end).unwrap_or(bio.len());
    rest.extend(bio.split_off(end));
    bio
}

/// A bio is of the one who speaks; what of it is nobody's is given back.
fn untaken(entry: &mut Entry, bio: Vec<Block>) -> Vec<Block> {
    match &mut entry.people[..] {
        [person] if person.bio.is_none() && !bio.is_empty() => {
            person.bio = Some(passages::join(&bio));
            Vec::new()
        }
        _ => bio,
    }
}
