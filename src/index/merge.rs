//! Copies of one record become one; the same talk at two editions is two records that know each other.
//!
//! Sources are kept as they gave their records ([`Member`]); what search shows is derived from them here, from the set of
//! them alone and in no order in particular, so that removing a source brings back what it hid.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
};

use serde::{Deserialize, Serialize};

use crate::{
    error::Problem,
    record::{Kind, Record},
    text::analyzer::folded,
};

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

/// What a record has in common with its copies, and with the same talk elsewhere. Only records that share a key can be
/// the one or the other.
pub(super) fn keys(record: &Record) -> Vec<String> {
    let mut keys = vec![key("id", &[&record.id])];
    let edition = record.edition_id.as_deref().unwrap_or_default();
    if let (Some(url), false) = (&record.url, edition.is_empty()) {
        keys.push(key("url", &[record.kind.as_str(), edition, url]));
    }
    let title = plain(record.title.as_deref().unwrap_or_default());
    if title.is_empty() {
        return keys;
    }
    for name in people(record) {
        keys.push(key("title", &[record.kind.as_str(), &title, &name]));
    }
    if let (Some(start), Some(date), false) = (&record.start, &record.date, edition.is_empty()) {
        keys.push(key("slot", &[record.kind.as_str(), edition, &title, date, start]));
    }
    keys
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

fn key(sort: &str, parts: &[&str]) -> String {
    // Hashed, since titles and addresses may be longer than a term may be.
    let hash = blake3::hash(parts.join("\u{1f}").as_bytes());
    format!("{sort}:{}", &hash.to_hex()[..32])
}

/// Letters and digits of a text, folded, one space between words.
fn plain(text: &str) -> String {
    let folded = folded(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join(" ")
}

fn people(record: &Record) -> BTreeSet<String> {
    let names = record.speakers.iter().map(|speaker| &speaker.name).chain(&record.author);
    names.map(|name| plain(name)).filter(|name| !name.is_empty()).collect()
}

/// Joins the copies among `members`. The members must be closed: all that share a key with one of them are there.
pub(super) fn merge(mut members: Vec<Member>) -> Vec<Merged> {
    members.sort_by(|a, b| order(a).cmp(&order(b)));
    let mut by_key: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, member) in members.iter().enumerate() {
        for key in keys(&member.record) {
            by_key.entry(key).or_default().push(index);
        }
    }
    let mut component: Vec<usize> = (0..members.len()).collect();
    for (key, sharing) in &by_key {
        for copies in copies(key, sharing, &members) {
            for pair in copies.windows(2) {
                let (a, b) = (root(&mut component, pair[0]), root(&mut component, pair[1]));
                component[a.max(b)] = a.min(b);
            }
        }
    }
    let mut groups: BTreeMap<usize, Vec<Member>> = BTreeMap::new();
    for (index, member) in members.into_iter().enumerate() {
        groups.entry(root(&mut component, index)).or_default().push(member);
    }
    let mut merged: Vec<Merged> = groups.into_values().map(join).collect();
    link_editions(&mut merged);
    merged
}

/// Members that have another's id without being a copy of it, with what to say of them. They are kept, and hidden behind
/// the other while that is there.
pub(super) fn conflicts(members: &[Member]) -> Vec<(&Member, Problem)> {
    let mut by_id: BTreeMap<&str, Vec<&Member>> = BTreeMap::new();
    for member in members {
        by_id.entry(&member.record.id).or_default().push(member);
    }
    let mut found = Vec::new();
    for (id, mut sharing) in by_id {
        sharing.sort_by_key(|member| order(member));
        let (first, others) = sharing.split_first().expect("every id has a member");
        for other in others.iter().filter(|other| !is_same(&first.record, &other.record)) {
            let place = other.record.via.as_ref().or(other.record.source.as_ref());
            let message = format!("the id \"{id}\" is another record's too");
            let owner = first.record.source.as_ref().map(|span| format!("{}:{}", span.path, span.line));
            let hint = format!("it is hidden behind {}; give it another id", owner.unwrap_or_default());
            let path = place.map_or("", |span| &span.path);
            found.push((*other, Problem::new(path, place.map(|span| span.line), message, hint)));
        }
    }
    found
}

/// Whether two records of one id are one record: of the same name, or the one read back from an export of the other.
fn is_same(a: &Record, b: &Record) -> bool {
    let name = |record: &Record| plain(record.title.as_deref().unwrap_or_else(|| record.body()));
    a.kind == b.kind && (name(a) == name(b) || a.source == b.source)
}

/// Fullest text first, then by place; an original before what was read back from its export.
fn order(member: &Member) -> impl Ord + '_ {
    let Member { source, record } = member;
    (Reverse(record.body().len()), &record.source, &record.via, source, &record.id)
}

fn root(component: &mut [usize], mut at: usize) -> usize {
    while component[at] != at {
        component[at] = component[component[at]];
        at = component[at];
    }
    at
}

/// Of the members that share `key`, those that are copies of each other, as groups. Never compares all with all: a
/// hostile file may say the same a hundred thousand times.
fn copies(key: &str, sharing: &[usize], members: &[Member]) -> Vec<Vec<usize>> {
    let sources = |group: &[usize]| group.iter().map(|n| &members[*n].source).collect::<BTreeSet<_>>().len();
    match key.split_once(':').unwrap_or_default().0 {
        "id" => vec![sharing.to_vec()],
        // An address that one source gives to several records is the conference's, not a talk's.
        "url" if sources(sharing) == sharing.len() => vec![sharing.to_vec()],
        "title" => {
            let mut editions: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
            for n in sharing {
                if let Some(edition) = &members[*n].record.edition_id {
                    editions.entry(edition).or_default().push(*n);
                }
            }
            // A source does not list a talk twice: what looks so was given twice. A person has one bio.
            let is_bio = members[sharing[0]].record.kind == Kind::Bio;
            editions.into_values().filter(|group| is_bio || sources(group) > 1).collect()
        }
        "slot" if sharing.len() <= SLOT_MAX => {
            let lacks_people = |n: &usize| people(&members[*n].record).is_empty();
            let nameless = sharing.iter().filter(|n| lacks_people(n));
            let pairs = nameless.flat_map(|a| sharing.iter().map(move |b| vec![*a, *b]));
            pairs.filter(|pair| members[pair[0]].source != members[pair[1]].source).collect()
        }
        _ => Vec::new(),
    }
}

/// Records of one title at one time: of more than so many the title tells nothing.
const SLOT_MAX: usize = 100;
/// Editions at which one talk was given: what has more is "Opening remarks" by the same host.
const EDITIONS_MAX: usize = 100;

/// One record from its copies: the fullest, with what it lacks filled from the others in order.
fn join(members: Vec<Member>) -> Merged {
    let mut record = members[0].record.clone();
    record.sources.clear();
    let own = record.clone();
    for member in &members {
        let other = &member.record;
        // Another record under the same given id stays hidden behind this one.
        if other.id == own.id && !is_same(&own, other) {
            continue;
        }
        record.id = record.id.min(other.id.clone());
        fill(&mut record, other);
        for span in other.sources.iter().chain(&other.source) {
            if !record.sources.contains(span) {
                record.sources.push(span.clone());
            }
        }
    }
    record.sources.sort();
    Merged { record, members }
}

/// Every field is named, so that the compiler asks of a new one how copies share it.
fn fill(record: &mut Record, other: &Record) {
    #[rustfmt::skip]
    let Record {
        // Of the one record alone, of its copies together, or derived from all of them.
        id: _, kind: _, title_from: _, also_at: _, sources: _, source: _, via: _, inferred: _, extra: _,
        title, series, edition, edition_id, year, date, start, end, time_zone, room, track, talk_type, session, abstract_text,
        language, url, state, licence, written, author, text, speakers, tags, topics, editions, passages, bios, videos, slides,
    } = other;
    macro_rules! fill {
        ($is_unknown:ident: $($field:ident),*) => {
            $( if record.$field.$is_unknown() { record.$field.clone_from($field); } )*
        };
    }
    fill!(is_none: title, series, edition, edition_id, year, date, start, end, time_zone, room, track, talk_type, session);
    fill!(is_none: abstract_text, language, url, state, licence, written, author, text);
    fill!(is_empty: speakers, tags, topics, editions, passages, bios);
    let known = speakers.iter().filter_map(|speaker| Some((plain(&speaker.name), speaker.affiliation.as_ref()?)));
    let known: HashMap<String, &String> = known.collect();
    for speaker in record.speakers.iter_mut().filter(|speaker| speaker.affiliation.is_none()) {
        speaker.affiliation = known.get(&plain(&speaker.name)).map(|affiliation| (*affiliation).clone());
    }
    for (list, more) in [(&mut record.videos, videos), (&mut record.slides, slides)] {
        for link in more {
            if !list.contains(link) {
                list.push(link.clone());
            }
        }
    }
}

/// Talks of the same title with a speaker in common, at different editions, name each other.
fn link_editions(merged: &mut [Merged]) {
    let mut by_key: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, one) in merged.iter_mut().enumerate() {
        one.record.also_at.clear();
        if one.record.kind == Kind::Talk && one.record.edition_id.is_some() {
            for key in keys(&one.record).into_iter().filter(|key| key.starts_with("title:")) {
                by_key.entry(key).or_default().push(index);
            }
        }
    }
    let mut links: BTreeSet<(usize, usize)> = BTreeSet::new();
    for sharing in by_key.values().filter(|sharing| sharing.len() <= EDITIONS_MAX) {
        for a in sharing {
            for b in sharing {
                if merged[*a].record.edition_id != merged[*b].record.edition_id {
                    links.insert((*a, *b));
                }
            }
        }
    }
    for (a, b) in links {
        let id = merged[b].record.id.clone();
        merged[a].record.also_at.push(id);
    }
    merged.iter_mut().for_each(|one| one.record.also_at.sort());
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

    /// Who is merged with whom, by source, and who knows whom.
    fn shape(members: &[Member]) -> Vec<(Vec<&str>, Vec<String>)> {
        let merged = merge(members.to_vec());
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
            let merged = merge(members);
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
        assert_eq!(merge(members).len(), 1);
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
