//! Copies of one record become one; the same talk at two editions is two records that know each other.
//!
//! Sources are kept as they gave their records ([`Member`]); what search shows is derived from them here, from the set of
//! them alone and in no order in particular, so that removing a source brings back what it hid.

mod join;

use std::{
    borrow::Cow,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap, HashSet},
};

use serde::{Deserialize, Serialize};

use super::pile::{Pile, Slip};
use crate::{
    error::{Problem, Result},
    record::{Kind, Record, video},
    text::analyzer::folded,
};
use join::join;

/// A record as one source gave it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Member {
    /// The source's key in the catalog.
    pub source: String,
    pub record: Record,
}

/// What search shows of the members that are copies of each other.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Merged {
    pub record: Record,
    /// In order of their text's length, longest first.
    pub members: Vec<Member>,
}

/// What the members of a record tell together.
#[derive(Default)]
pub(super) struct Traits {
    pub keys: BTreeSet<Key>,
    /// Lines that may repeat across their editions.
    pub lines: BTreeSet<u64>,
    /// The record as it is stored, where it is as its one source gave it.
    pub json: Option<String>,
}

/// What a record has in common with its copies, and with the same talk elsewhere. Only records that share a key can be
/// the one or the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key {
    sort: Sort,
    hash: u128,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Sort {
    Id,
    Url,
    Title,
    Slot,
    Video,
}

impl Key {
    fn new(sort: Sort, parts: &[&str]) -> Key {
        // Hashed, since titles and addresses may be longer than a term may be.
        let hash = blake3::hash(parts.join("\u{1f}").as_bytes());
        let first = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        Key { sort, hash: u128::from_be_bytes(first) }
    }
}

/// As the index has it.
impl std::fmt::Display for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sort = match self.sort {
            Sort::Id => "id",
            Sort::Url => "url",
            Sort::Title => "title",
            Sort::Slot => "slot",
            Sort::Video => "video",
        };
        write!(f, "{sort}:{:032x}", self.hash)
    }
}

/// The keys of a record.
pub(super) fn keys(record: &Record) -> Vec<Key> {
    let mut keys = vec![Key::new(Sort::Id, &[&record.id])];
    let edition = record.edition_id.as_deref().unwrap_or_default();
    if let (Some(url), false) = (&record.url, edition.is_empty()) {
        keys.push(Key::new(Sort::Url, &[record.kind.as_str(), edition, url]));
    }
    let videos = record.videos.iter().filter(|_| record.kind == Kind::Talk).filter_map(|url| video::name(url));
    keys.extend(videos.map(|name| Key::new(Sort::Video, &[&name])).collect::<BTreeSet<_>>());
    let title = plain(record.title.as_deref().unwrap_or_default());
    if title.is_empty() {
        return keys;
    }
    for name in people(record) {
        keys.push(Key::new(Sort::Title, &[record.kind.as_str(), &title, &name]));
    }
    if let (Some(start), Some(date), false) = (&record.start, &record.date, edition.is_empty()) {
        keys.push(Key::new(Sort::Slot, &[record.kind.as_str(), edition, &title, date, start]));
    }
    keys
}

/// Whether a record names anybody.
pub(super) fn has_people(record: &Record) -> bool {
    !people(record).is_empty()
}

/// What tells a record and its copies at the same edition, for keeping them out. Without the address: a conference may
/// have given all its talks the same.
pub(super) fn removal_keys(record: &Record) -> BTreeSet<String> {
    let mut keys = BTreeSet::from([key("id", &[&record.id])]);
    let edition = record.edition_id.as_deref().unwrap_or_default();
    let title = plain(record.title.as_deref().unwrap_or_default());
    if title.is_empty() || edition.is_empty() {
        return keys;
    }
    let kind = record.kind.as_str();
    keys.extend(people(record).iter().map(|name| key("copy", &[kind, edition, &title, name])));
    if record.kind == Kind::Bio {
        keys.insert(key("copy", &[kind, edition, &title]));
    }
    if let (Some(start), Some(date)) = (&record.start, &record.date) {
        keys.insert(key("copy", &[kind, edition, &title, date, start]));
    }
    keys
}

/// As the catalog has it.
fn key(sort: &str, parts: &[&str]) -> String {
    let hash = blake3::hash(parts.join("\u{1f}").as_bytes());
    format!("{sort}:{}", &hash.to_hex()[..32])
}

/// Letters and digits of a text, folded, one space between words.
fn plain(text: &str) -> String {
    let folded = if text.is_ascii() { Cow::Borrowed(text) } else { Cow::Owned(folded(text)) };
    let mut plain = String::with_capacity(folded.len());
    for word in folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !plain.is_empty() {
            plain.push(' ');
        }
        plain.push_str(word);
    }
    plain.make_ascii_lowercase();
    plain
}

fn people(record: &Record) -> BTreeSet<String> {
    let names = record.speakers.iter().map(|speaker| &speaker.name).chain(&record.author);
    names.map(|name| plain(name)).filter(|name| !name.is_empty()).collect()
}

/// Joins the copies in a pile and hands over what they make. The pile must be closed: all that share a key with one of
/// its records are there.
///
/// # Errors
/// `Io`, and what `each` gives.
pub(super) fn merge(
    pile: &mut Pile,
    shared: &Shared,
    groups: &[Vec<usize>],
    label: &mut dyn FnMut(&mut Record),
    each: &mut dyn FnMut(&Merged, &Traits) -> Result<()>,
) -> Result<()> {
    let also_at = link_editions(pile, shared, groups)?;
    for (group, also_at) in groups.iter().zip(also_at) {
        let mut merged = join(load(pile, group)?);
        merged.record.also_at = also_at;
        if group.len() > 1 {
            // Each copy may have a part of the text.
            label(&mut merged.record);
        }
        let mut traits = Traits::default();
        for slip in group.iter().map(|number| &pile.slips()[*number]) {
            traits.keys.extend(slip.keys.iter());
            traits.lines.extend(slip.lines.iter());
        }
        if let ([number], [member]) = (&**group, &*merged.members)
            && member.record == merged.record
        {
            traits.json = Some(pile.json(*number)?);
        }
        each(&merged, &traits)?;
    }
    Ok(())
}

fn load(pile: &mut Pile, group: &[usize]) -> Result<Vec<Member>> {
    let mut members = group.iter().map(|number| pile.get(*number)).collect::<Result<Vec<_>>>()?;
    members.sort_by(|a, b| order(a).cmp(&order(b)));
    Ok(members)
}

/// The keys that several records of a pile have, with the records' numbers.
pub(super) struct Shared(Vec<(Key, Vec<usize>)>);

impl Shared {
    pub fn of(pile: &Pile) -> Self {
        let slips = pile.slips().iter().enumerate();
        let mut by_key: Vec<_> =
            slips.flat_map(|(number, slip)| slip.keys.iter().map(move |key| (*key, number))).collect();
        by_key.sort_unstable();
        let runs = by_key.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() > 1);
        Shared(runs.map(|run| (run[0].0, run.iter().map(|(_, number)| *number).collect())).collect())
    }

    fn with(&self, sort: Sort) -> impl Iterator<Item = &(Key, Vec<usize>)> {
        self.0.iter().filter(move |(key, _)| key.sort == sort)
    }
}

/// The numbers of records that are copies of each other; most are alone.
pub(super) fn groups(slips: &[Slip], shared: &Shared) -> Vec<Vec<usize>> {
    let mut component: Vec<usize> = (0..slips.len()).collect();
    for copies in shared.0.iter().flat_map(|(key, sharing)| copies(*key, sharing, slips)) {
        for pair in copies.windows(2) {
            let (a, b) = (root(&mut component, pair[0]), root(&mut component, pair[1]));
            component[a.max(b)] = a.min(b);
        }
    }
    // A transcript is of the talk with its video, or with its title and a speaker where it names no edition; a recording of
    // a whole day is of none of its talks.
    for (key, sharing) in shared.with(Sort::Video).chain(shared.with(Sort::Title)) {
        let (transcripts, talks): (Vec<usize>, Vec<usize>) = sharing.iter().partition(|n| slips[**n].is_transcript);
        let joins = |n: &usize| key.sort == Sort::Video || slips[*n].edition.is_none();
        let transcripts: Vec<usize> = transcripts.into_iter().filter(joins).collect();
        if transcripts.is_empty() {
            continue;
        }
        let mut all: BTreeSet<usize> = talks.into_iter().map(|n| root(&mut component, n)).collect();
        if all.len() > 1 {
            continue;
        }
        all.extend(transcripts.into_iter().map(|n| root(&mut component, n)));
        let first = all.first().copied().unwrap_or_default();
        all.into_iter().for_each(|n| component[n] = first);
    }
    let mut numbers: Vec<(usize, usize)> =
        (0..slips.len()).map(|number| (root(&mut component, number), number)).collect();
    numbers.sort_unstable();
    numbers.chunk_by(|a, b| a.0 == b.0).map(|run| run.iter().map(|(_, number)| *number).collect()).collect()
}

/// A record that has another's id without being a copy of it. It is kept, and hidden behind the other while that is there.
pub(super) struct Conflict {
    /// Key of the source.
    pub source: String,
    pub id: String,
    pub problem: Problem,
}

/// # Errors
/// `Io`.
pub(super) fn conflicts(pile: &mut Pile, shared: &Shared) -> Result<Vec<Conflict>> {
    let mut found = Vec::new();
    for (_, sharing) in shared.with(Sort::Id) {
        let mut sharing = load(pile, sharing)?.into_iter();
        let Some(first) = sharing.next() else { continue };
        for other in sharing.filter(|other| !is_same(&first.record, &other.record)) {
            let place = other.record.via.as_ref().or(other.record.source.as_ref());
            let message = format!("the id \"{}\" is another record's too", other.record.id);
            let owner = first.record.source.as_ref().map(|span| format!("{}:{}", span.path, span.line));
            let hint = format!("it is hidden behind {}; give it another id", owner.unwrap_or_default());
            let path = place.map_or("", |span| &span.path);
            let problem = Problem::new(path, place.map(|span| span.line), message, hint);
            found.push(Conflict { source: other.source, id: other.record.id, problem });
        }
    }
    Ok(found)
}

/// Whether two records of one id are one record: of the same name, or the one read back from an export of the other.
fn is_same(a: &Record, b: &Record) -> bool {
    let name = |record: &Record| plain(record.title.as_deref().unwrap_or_else(|| record.body()));
    a.kind == b.kind && (name(a) == name(b) || a.source == b.source)
}

/// Fullest text first, a transcript last, then by place; an original before what was read back from its export.
fn order(member: &Member) -> impl Ord + '_ {
    let Member { source, record } = member;
    (Reverse(record.body().len()), record.is_transcript(), &record.source, &record.via, source, &record.id)
}

fn root(component: &mut [usize], mut at: usize) -> usize {
    while component[at] != at {
        component[at] = component[component[at]];
        at = component[at];
    }
    at
}

/// Of the records that share `key`, those that are copies of each other, as groups. Never compares all with all: a
/// hostile file may say the same a hundred thousand times.
fn copies(key: Key, sharing: &[usize], slips: &[Slip]) -> Vec<Vec<usize>> {
    let sources = |group: &[usize]| group.iter().map(|n| slips[*n].source).collect::<BTreeSet<_>>().len();
    match key.sort {
        Sort::Id => vec![sharing.to_vec()],
        // An address that one source gives to several records is the conference's, not a talk's.
        Sort::Url if sources(sharing) == sharing.len() => vec![sharing.to_vec()],
        Sort::Title => {
            let mut editions: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for n in sharing {
                if let Some(edition) = slips[*n].edition {
                    editions.entry(edition).or_default().push(*n);
                }
            }
            // A source does not list a talk twice: what looks so was given twice. A person has one bio.
            let is_bio = slips[sharing[0]].kind == Kind::Bio;
            editions.into_values().filter(|group| is_bio || sources(group) > 1).collect()
        }
        Sort::Slot if sharing.len() <= SLOT_MAX => {
            let nameless = sharing.iter().filter(|n| !slips[**n].has_people);
            let pairs = nameless.flat_map(|a| sharing.iter().map(move |b| vec![*a, *b]));
            pairs.filter(|pair| slips[pair[0]].source != slips[pair[1]].source).collect()
        }
        Sort::Url | Sort::Slot | Sort::Video => Vec::new(),
    }
}

/// Records of one title at one time: of more than so many the title tells nothing.
const SLOT_MAX: usize = 100;
/// Editions at which one talk was given: what has more is "Opening remarks" by the same host.
const EDITIONS_MAX: usize = 100;

/// For each group, the ids of the others that are talks of the same title with a speaker in common at another edition.
fn link_editions(pile: &mut Pile, shared: &Shared, groups: &[Vec<usize>]) -> Result<Vec<Vec<String>>> {
    /// What names the record that a group makes.
    struct Head {
        id: String,
        edition: String,
    }
    let mut heads: HashMap<usize, Head> = HashMap::new();
    let mut by_key: Vec<(Key, usize)> = Vec::new();
    // Only those with a title that others have: nearly all are alone.
    let has_namesakes: HashSet<usize> = shared.with(Sort::Title).flat_map(|(_, numbers)| numbers).copied().collect();
    for (index, group) in groups.iter().enumerate() {
        if group.iter().any(|n| pile.slips()[*n].kind == Kind::Talk && has_namesakes.contains(n)) {
            let record = join(load(pile, group)?).record;
            let Some(edition) = record.edition_id.clone() else { continue };
            let titles = keys(&record).into_iter().filter(|key| key.sort == Sort::Title);
            by_key.extend(titles.map(|key| (key, index)));
            heads.insert(index, Head { id: record.id, edition });
        }
    }
    by_key.sort_unstable();
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for sharing in by_key.chunk_by(|a, b| a.0 == b.0).filter(|run| run.len() <= EDITIONS_MAX) {
        for (_, a) in sharing {
            let elsewhere = sharing.iter().filter(|(_, b)| heads[a].edition != heads[b].edition);
            links.extend(elsewhere.map(|(_, b)| (*a, *b)));
        }
    }
    let mut also_at = vec![Vec::new(); groups.len()];
    for (a, b) in links {
        also_at[a].push(heads[&b].id.clone());
    }
    also_at.iter_mut().for_each(|ids| ids.sort());
    Ok(also_at)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Span, Speaker};

    fn talk(source: &str, edition: &str, title: &str, speaker: &str, text: &str) -> Member {
        let speaker = Speaker { name: speaker.to_owned(), ..Speaker::default() };
        let mut record = Record {
            title: Some(title.to_owned()),
            edition_id: Some(edition.to_owned()),
            speakers: if speaker.name.is_empty() { Vec::new() } else { vec![speaker] },
            abstract_text: Some(text.to_owned()),
            source: Some(Span { path: source.to_owned(), ..Span::default() }),
            start: Some("09:00".to_owned()),
            date: Some("2020-01-01".to_owned()),
            ..Record::default()
        };
        record.sources.extend(record.source.clone());
        record.id = format!("{source}/{title}");
        Member { source: source.to_owned(), record }
    }

    fn merged(members: &[Member]) -> Vec<Merged> {
        let mut pile = Pile::new(std::path::Path::new(""));
        members.iter().for_each(|member| pile.push(&member.source, &member.record));
        let mut all = Vec::new();
        let shared = Shared::of(&pile);
        let groups = groups(pile.slips(), &shared);
        merge(&mut pile, &shared, &groups, &mut |_| {}, &mut |merged, _| {
            all.push(merged.clone());
            Ok(())
        })
        .unwrap();
        all
    }

    /// Who is merged with whom, by source, and who knows whom.
    fn shape(members: &[Member]) -> Vec<(Vec<&str>, Vec<String>)> {
        let merged = merged(members);
        let source = |name: &String| members.iter().find(|member| member.source == *name).unwrap().source.as_str();
        let mut shape: Vec<_> = merged
            .iter()
            .map(|one| {
                let mut sources: Vec<_> = one.members.iter().map(|member| source(&member.source)).collect();
                sources.sort_unstable();
                (sources, one.record.also_at.clone())
            })
            .collect();
        shape.sort();
        shape
    }

    #[test]
    fn copies_become_one_and_keep_the_fullest_text() {
        let a = talk("a", "x-2020", "On Caches!", "A. One", "short");
        let b = talk("b", "x-2020", "on caches", "a. one", "a longer text");
        let other = talk("c", "x-2020", "On caches", "B. Two", "");
        for members in [vec![a.clone(), b.clone(), other.clone()], vec![other, b, a]] {
            let merged = merged(&members);
            assert_eq!(merged.len(), 2);
            let one = merged.iter().find(|one| one.members.len() == 2).unwrap();
            assert_eq!(one.record.abstract_text.as_deref(), Some("a longer text"));
            assert_eq!((one.record.id.as_str(), one.record.sources.len()), ("a/On Caches!", 2));
            assert_eq!(one.record.source.as_ref().unwrap().path, "b");
        }
    }

    #[test]
    fn a_missing_speaker_is_no_hindrance_where_time_agrees() {
        let members = [talk("a", "x-2020", "T", "", ""), talk("b", "x-2020", "T", "A. One", "")];
        assert_eq!(shape(&members), [(vec!["a", "b"], vec![])]);
        let members = [talk("a", "x-2020", "T", "B. Two", ""), talk("b", "x-2020", "T", "A. One", "")];
        assert_eq!(shape(&members).len(), 2);
    }

    #[test]
    fn an_address_of_many_talks_tells_nothing() {
        let at = |source: &str, title: &str| {
            let mut member = talk(source, "x-2020", title, title, "");
            member.record.url = Some("https://x.example/".to_owned());
            member
        };
        assert_eq!(shape(&[at("a", "T"), at("b", "U")]).len(), 1);
        assert_eq!(shape(&[at("a", "T"), at("a", "V"), at("b", "U")]).len(), 3);
    }

    #[test]
    fn the_same_line_over_and_over_is_one_record() {
        let mut members = vec![talk("a", "x-2020", "T", "A. One", ""); 20_000];
        members.push(talk("b", "x-2020", "T", "A. One", ""));
        assert_eq!(merged(&members).len(), 1);
    }

    #[test]
    fn a_talk_given_twice_in_one_source_stays_two() {
        let mut again = talk("a", "x-2020", "T", "A. One", "");
        again.record.id = "a/again".to_owned();
        assert_eq!(shape(&[talk("a", "x-2020", "T", "A. One", ""), again]).len(), 2);
    }

    #[test]
    fn the_same_talk_at_two_editions_is_two_that_know_each_other() {
        let members = [talk("a", "x-2020", "T", "A. One", ""), talk("b", "y-2021", "T", "A. One", "")];
        assert_eq!(shape(&members), [(vec!["a"], vec!["b/T".to_owned()]), (vec!["b"], vec!["a/T".to_owned()])]);
    }
}
