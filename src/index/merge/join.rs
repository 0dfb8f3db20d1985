//! One record from its copies.

use std::collections::HashMap;

use super::{Member, Merged, is_same, plain};
use crate::record::{Record, Speaker};

/// One record from its copies: the fullest, with what it lacks filled from the others in order.
pub(super) fn join(members: Vec<Member>) -> Merged {
    let own = &members[0].record;
    let mut record = own.clone();
    record.sources.clear();
    for (n, Member { record: other, .. }) in members.iter().enumerate() {
        // Another record under the same given id stays hidden behind this one.
        if n > 0 && other.id == own.id && !is_same(own, other) {
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
    let is_told = |speaker: &&mut Speaker| speaker.affiliation.is_some() || known.is_empty();
    for speaker in record.speakers.iter_mut().filter(|speaker| !is_told(speaker)) {
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
