//! Every record that matches in full, however many there are.

use super::{Prepared, RecordCollector, SearchRequest, prepare, why_nothing};
use crate::{error::Result, index::Index, record::Record};

/// Calls `each` with every record that matches the request in full, whole and in order of id; stops at the first error.
/// Gives the notes on how the query was read, and why nothing was found. Only the places of the matches are held in
/// memory, not the records; limits, sorting and facets of the request are not looked at.
///
/// # Errors
/// As [`search`](super::search()), and what `each` gives.
pub fn each_match(
    index: &Index,
    request: &SearchRequest,
    mut each: impl FnMut(Record) -> Result<()>,
) -> Result<Vec<String>> {
    let searcher = index.searcher();
    let request = SearchRequest { facets: Vec::new(), ..request.clone() };
    let Prepared { plan, collector, mut notes, .. } = prepare(index, &searcher, &request)?;
    let collector = RecordCollector { n_wanted: usize::MAX, ..collector };
    let found = collector.search(&searcher, &plan.full).map_err(|error| index.error(error))?;
    let mut matches = Vec::with_capacity(found.top.len());
    for ranked in &found.top {
        let id = found.ids.of(ranked).map_err(|error| index.error(error))?;
        matches.push((id, ranked.address, ranked.passages.is_empty()));
    }
    matches.sort_unstable();
    for (id, address, is_whole) in &matches {
        if *is_whole {
            each(index.shown(&searcher, *address)?.record)?;
        } else {
            // A passage knows its record's head alone.
            index.records_by_id(id)?.into_iter().filter(|whole| whole.id == *id).try_for_each(&mut each)?;
        }
    }
    if matches.is_empty() {
        notes.extend(why_nothing(index, &searcher, &request, &plan.evidence)?);
    }
    Ok(notes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        index::SourceEntry,
        record::{Kind, Passage},
        search::{Filter, PAGE_MAX, search},
    };

    /// More than a page may hold, reports among them, over two segments.
    #[test]
    fn every_full_match_comes_once_and_whole() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        let n_talks = PAGE_MAX + 100;
        let talk = |n: usize| Record {
            id: format!("talk-{n:05}"),
            title: Some(format!("alpha {}", if n.is_multiple_of(2) { "even" } else { "odd" })),
            year: Some(2000 + u16::try_from(n % 4).unwrap()),
            ..Record::default()
        };
        let passage = |n: usize| Passage { text: format!("alpha passage {n}"), ..Passage::default() };
        let report = Record {
            id: "report".to_owned(),
            kind: Kind::Report,
            passages: (0..5).map(passage).collect(),
            ..Record::default()
        };
        let mut talks: Vec<Record> = (0..n_talks).rev().map(talk).collect();
        for (name, records) in [("one", talks.split_off(7)), ("two", [talks, vec![report]].concat())] {
            let mut writer = index.writer().unwrap();
            writer.replace(name, SourceEntry::default(), records);
            writer.stage().unwrap();
            writer.commit().unwrap();
        }
        index.reload().unwrap();

        let all = |query: &str, year: Option<&str>| {
            let filters = year.map(|year| Filter { field: "year".to_owned(), values: vec![year.to_owned()] });
            let filters = filters.into_iter().collect();
            let request = SearchRequest { query: query.to_owned(), filters, ..SearchRequest::default() };
            let mut records = Vec::new();
            let notes = each_match(&index, &request, |record| {
                records.push(record);
                Ok(())
            });
            assert_eq!(search(&index, &request).unwrap().total, records.len() as u64, "{query}");
            assert!(records.is_sorted_by(|a, b| a.id < b.id), "{query}");
            (records, notes.unwrap())
        };
        let (records, notes) = all("alpha", None);
        assert_eq!((records.len(), notes.len()), (n_talks + 1, 0));
        assert_eq!((records[0].id.as_str(), records[0].passages.len()), ("report", 5));
        assert_eq!(all("alpha NOT odd", None).0.len(), n_talks / 2 + 1);
        assert_eq!(all("alpha", Some("2001")).0.len(), n_talks / 4);
        assert_eq!(all("", Some("2001..2002")).0.len(), n_talks / 2);
        let (none, notes) = all("alpha zeppelin", None);
        assert_eq!((none.len(), notes.as_slice()), (0, &["no record holds \"zeppelin\"".to_owned()][..]));
    }
}
