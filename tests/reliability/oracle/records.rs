//! Random records and the commits that bring them: placeholder words of a skewed vocabulary, texts of 6 to 1,500 words,
//! copies of one talk, talks that are told apart by nothing that is scored.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use fastrand::Rng;
use hallway::record::{Edition, Kind, Passage, Record, Speaker, TalkType};

const SYLLABLES: [&str; 12] = ["ba", "ko", "ri", "tu", "me", "so", "la", "ni", "du", "pe", "ga", "zo"];
const STOP_WORDS: [&str; 6] = ["the", "of", "and", "to", "in", "with"];
const N_WORDS: usize = 700;
const SERIES: [&str; 3] = ["FooConf", "BarConf", "Baz Days"];
const NAMES: [&str; 9] = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine"];

/// What one commit does to the sources: their new records, or null where one goes.
pub type Commit = Vec<(String, Option<Vec<Record>>)>;

/// Everything that is put into one index.
pub struct Layout {
    pub commits: Vec<Commit>,
    /// What is left at the end, copies joined.
    pub records: Vec<Record>,
    /// Every record that ever was.
    pub ever: Vec<Record>,
}

/// The smaller of two: a skew towards 0.
fn skewed(rng: &mut Rng, n: usize) -> usize {
    rng.usize(..n).min(rng.usize(..n))
}

fn one_of<T: Copy>(rng: &mut Rng, values: &[T]) -> T {
    values[skewed(rng, values.len())]
}

fn maybe<T>(rng: &mut Rng, percent: u8, value: impl FnOnce(&mut Rng) -> T) -> Option<T> {
    (rng.u8(..100) < percent).then(|| value(rng))
}

/// The n-th word of the vocabulary.
pub fn word(n: usize) -> String {
    let base = SYLLABLES.len();
    [n % base, n / base % base, n / base / base].map(|digit| SYLLABLES[digit]).concat()
}

/// A word as a text has it: few are frequent, most are rare.
pub fn some_word(rng: &mut Rng) -> String {
    match rng.u8(..100) {
        0..20 => one_of(rng, &STOP_WORDS).to_owned(),
        20..22 => format!("{}-{}", word(skewed(rng, 40)), word(skewed(rng, 40))),
        _ => {
            let n = skewed(rng, N_WORDS).min(skewed(rng, N_WORDS)).min(skewed(rng, N_WORDS));
            word(n)
        }
    }
}

fn words(rng: &mut Rng, n: usize) -> String {
    let words: Vec<String> = (0..n).map(|_| some_word(rng)).collect();
    words.join(" ")
}

/// 6 to 1,500 words, most often few.
fn text(rng: &mut Rng) -> String {
    let least = 6 << rng.u32(..8).min(rng.u32(..8)).min(rng.u32(..8));
    let n = rng.usize(least..least * 2).min(1500);
    let mut text = words(rng, n);
    text.push('.');
    text
}

fn edition(rng: &mut Rng) -> Edition {
    let (series, year) = (one_of(rng, &SERIES), rng.u16(2016..2022));
    let edition_id = format!("{}-{year}", series.to_lowercase().replace(' ', "-"));
    Edition { series: series.to_owned(), edition: format!("{series} {year}"), edition_id, year: Some(year) }
}

fn speaker(rng: &mut Rng) -> Speaker {
    let (letter, name) = (one_of(rng, &["A", "B", "C", "D"]), one_of(rng, &NAMES));
    let affiliation = maybe(rng, 60, |rng| format!("Org {}", one_of(rng, &NAMES)));
    Speaker { name: format!("{letter}. {name}"), affiliation, ..Speaker::default() }
}

/// A record of its own: no other has its title.
fn record(rng: &mut Rng, titles: &mut BTreeSet<String>) -> Record {
    let mut record =
        Record { kind: [Kind::Talk, Kind::Report, Kind::Bio][rng.usize(..8).saturating_sub(5)], ..Record::default() };
    let title = loop {
        let n = rng.usize(1..9);
        let title = format!("{} {}", word(rng.usize(..N_WORDS)), words(rng, n));
        if titles.insert(title.clone()) {
            break title;
        }
    };
    record.title = Some(title);
    if rng.u8(..20) > 0 {
        let edition = edition(rng);
        record.set_edition(&edition);
        if record.kind == Kind::Report {
            record.editions.push(edition);
        }
    }
    // Languages whose words are stemmed as English ones are: of others `tests/it/terms.rs` tells.
    record.language = maybe(rng, 70, |rng| one_of(rng, &["en", "ja", "ko"]).to_owned());
    record.topics = (0..rng.usize(..3)).map(|_| topic(rng)).collect::<BTreeSet<_>>().into_iter().collect();
    match record.kind {
        Kind::Talk => talk(rng, &mut record),
        Kind::Bio => {
            record.speakers.push(Speaker { name: record.title.clone().unwrap_or_default(), ..speaker(rng) });
            record.text = Some(text(rng));
        }
        Kind::Report => report(rng, &mut record),
    }
    record.id = record.computed_id();
    record
}

fn topic(rng: &mut Rng) -> String {
    let area = one_of(rng, &["alpha", "beta", "gamma"]);
    maybe(rng, 70, |rng| format!("{area}/leaf{}", rng.u8(..3))).unwrap_or_else(|| area.to_owned())
}

fn talk(rng: &mut Rng, record: &mut Record) {
    let names: BTreeMap<String, Speaker> =
        (0..rng.usize(1..4)).map(|_| speaker(rng)).map(|s| (s.name.clone(), s)).collect();
    record.speakers = names.into_values().collect();
    record.abstract_text = maybe(rng, 90, text);
    record.date =
        record.year.and_then(|year| maybe(rng, 70, |rng| format!("{year}-0{}-1{}", rng.u8(1..4), rng.u8(..3))));
    record.track = maybe(rng, 60, |rng| format!("Track {}", one_of(rng, &NAMES)));
    record.talk_type = maybe(rng, 50, |rng| one_of(rng, &TalkType::ALL));
    record.session = maybe(rng, 30, |rng| words(rng, 2));
    record.state = maybe(rng, 40, |rng| one_of(rng, &["accepted", "selected"]).to_owned());
    record.tags = (0..rng.usize(..3)).map(|_| some_word(rng)).collect();
    if rng.u8(..6) == 0 {
        record.passages = (0..rng.usize(1..6)).map(|n| passage(rng, n)).collect();
    }
}

fn passage(rng: &mut Rng, n: usize) -> Passage {
    let heading = (0..rng.usize(..3)).map(|_| words(rng, 2)).collect();
    Passage { id: format!("passage-{n}"), heading, text: text(rng), ..Passage::default() }
}

fn report(rng: &mut Rng, record: &mut Record) {
    record.author = Some(speaker(rng).name);
    if rng.u8(..4) == 0 && !record.editions.is_empty() {
        record.editions.push(edition(rng));
    }
    record.passages = (0..rng.usize(..13)).map(|n| passage(rng, n)).collect();
    let texts: Vec<&str> = record.passages.iter().map(|passage| passage.text.as_str()).collect();
    record.text = Some(texts.join("\n\n"));
}

/// The same talk or bio from elsewhere: another length, some of it left out.
fn copy(rng: &mut Rng, original: &Record) -> Record {
    let mut copy = original.clone();
    match copy.kind {
        Kind::Talk => copy.abstract_text = maybe(rng, 80, text),
        Kind::Bio => copy.text = Some(text(rng)),
        Kind::Report => {}
    }
    let lost = rng.u8(..);
    for (n, field) in [&mut copy.track, &mut copy.session, &mut copy.language, &mut copy.state].into_iter().enumerate()
    {
        *field = field.take().filter(|_| lost >> n & 1 == 0);
    }
    copy.talk_type = copy.talk_type.filter(|_| lost & 16 == 0);
    if lost & 32 > 0 {
        copy.tags.clear();
    }
    if lost & 64 > 0 {
        copy.speakers.iter_mut().for_each(|speaker| speaker.affiliation = None);
    }
    if lost & 128 > 0 && copy.kind == Kind::Talk {
        // With another id, for the room counts.
        copy.room = Some("Room One".to_owned());
    }
    copy.id = copy.computed_id();
    copy
}

/// Another talk that scores the same: another year or speaker, another type.
fn twin(rng: &mut Rng, original: &Record) -> Record {
    let mut twin = original.clone();
    if let (true, Some(year)) = (rng.bool(), twin.year) {
        let year = (year - 2016 + rng.u16(1..6)) % 6 + 2016;
        let old = twin.year.unwrap_or_default().to_string();
        for field in [&mut twin.edition, &mut twin.edition_id, &mut twin.date] {
            *field = field.take().map(|text| text.replace(&old, &year.to_string()));
        }
        twin.year = Some(year);
    } else {
        let letter = one_of(rng, &["E", "F", "G"]);
        twin.speakers.iter_mut().for_each(|speaker| speaker.name.insert_str(0, letter));
        twin.date = twin.date.map(|date| format!("{}{}", &date[..9], rng.u8(..3)));
    }
    if rng.bool() {
        twin.talk_type = maybe(rng, 80, |rng| one_of(rng, &TalkType::ALL));
    }
    twin.id = twin.computed_id();
    twin
}

fn names(record: &Record) -> Vec<String> {
    record.speakers.iter().map(|speaker| speaker.name.clone()).collect()
}

/// One talk with everything that is like it: copies, the same talk elsewhere, others of the same title.
fn family(rng: &mut Rng, titles: &mut BTreeSet<String>) -> Vec<Record> {
    let original = record(rng, titles);
    let mut family = vec![original];
    while rng.u8(..100) < 35 && family.len() < 4 {
        let of = family[rng.usize(..family.len())].clone();
        let is_copied = of.edition_id.is_some() && of.kind != Kind::Report && rng.bool();
        if is_copied {
            family.push(copy(rng, &of));
        } else if of.kind == Kind::Talk {
            let twin = twin(rng, &of);
            let is_other = |known: &Record| known.edition_id != twin.edition_id || names(known) != names(&twin);
            if family.iter().all(is_other) {
                family.push(twin);
            }
        }
    }
    family
}

/// Every source comes once, and what shares a key with another in its commit: each commit is a segment, and none has a
/// deletion. Talks that are told apart by their speakers alone lie in different ones.
pub fn without_deletions(rng: &mut Rng, n_commits: usize, n_families: usize) -> Layout {
    let mut titles = BTreeSet::new();
    let mut sources: Vec<BTreeMap<String, Vec<Record>>> = vec![BTreeMap::new(); n_commits];
    for n in 0..n_families {
        let mut commits: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        for (place, member) in family(rng, &mut titles).into_iter().enumerate() {
            // The first families see to it that no commit is empty; the last commits are the small ones.
            let is_first = n < n_commits && place == 0;
            let at =
                *commits.entry(names(&member)).or_insert_with(|| if is_first { n } else { skewed(rng, n_commits) });
            sources[at].entry(format!("{at}/{place}")).or_default().push(member);
        }
    }
    let commits =
        sources.into_iter().map(|commit| commit.into_iter().map(|(key, records)| (key, Some(records))).collect());
    Layout::new(commits.collect())
}

/// Sources come, change and go; copies are found across commits.
pub fn with_deletions(rng: &mut Rng, n_commits: usize, n_families: usize) -> Layout {
    let mut titles = BTreeSet::new();
    let families: Vec<Vec<Record>> = (0..n_families).map(|_| family(rng, &mut titles)).collect();
    let mut commits: Vec<Commit> = Vec::new();
    for _ in 0..n_commits {
        let mut commit: BTreeMap<String, Option<Vec<Record>>> = BTreeMap::new();
        if commits.is_empty() {
            // So that there is always something to ask for.
            commit.insert("first/0".to_owned(), Some(vec![families[0][0].clone()]));
        }
        for _ in 0..rng.usize(1..4) {
            let place = rng.usize(..4);
            let share = rng.u8(20..90);
            let records = maybe(rng, 85, |rng| {
                // Every other place, so that a record is gone when few sources have lost it.
                let families = families.iter().enumerate().filter(|(n, _)| (n + place).is_multiple_of(2));
                let members = families.filter_map(|(_, family)| family.get(place).or(family.first()));
                members.filter(|_| rng.u8(..100) < share).cloned().collect()
            });
            // The end of a name tells its place: at two places a family has two members, or the same one twice.
            commit.insert(format!("{}/{place}", rng.u8(..2)), records);
        }
        commits.push(commit.into_iter().collect());
    }
    Layout::new(commits)
}

impl Layout {
    fn new(commits: Vec<Commit>) -> Layout {
        let mut held: BTreeMap<&str, &[Record]> = BTreeMap::new();
        let mut ever = Vec::new();
        for (source, records) in commits.iter().flatten() {
            ever.extend(records.iter().flatten().cloned());
            match records {
                Some(records) => held.insert(source, records),
                None => held.remove(source.as_str()),
            };
        }
        let members = held.iter().flat_map(|(source, records)| records.iter().map(|record| (*source, record)));
        let records = join(members.collect());
        Layout { commits, records, ever }
    }
}

/// One record of those with the same kind, title, edition and speakers: the fullest, filled from the others in order.
fn join(mut members: Vec<(&str, &Record)>) -> Vec<Record> {
    members.sort_by_key(|(source, record)| (Reverse(record.body().len()), *source, &record.id));
    let mut joined: BTreeMap<_, Record> = BTreeMap::new();
    for (_, member) in members {
        let key = (member.kind.as_str(), &member.title, &member.edition_id, names(member));
        let Some(record) = joined.get_mut(&key) else {
            joined.insert(key, member.clone());
            continue;
        };
        record.id = record.id.clone().min(member.id.clone());
        for (own, other) in [
            (&mut record.track, &member.track),
            (&mut record.session, &member.session),
            (&mut record.language, &member.language),
            (&mut record.state, &member.state),
            (&mut record.date, &member.date),
        ] {
            *own = own.take().or_else(|| other.clone());
        }
        record.talk_type = record.talk_type.or(member.talk_type);
        if record.tags.is_empty() {
            record.tags.clone_from(&member.tags);
        }
        for (own, other) in record.speakers.iter_mut().zip(&member.speakers) {
            own.affiliation = own.affiliation.take().or_else(|| other.affiliation.clone());
        }
    }
    joined.into_values().collect()
}
