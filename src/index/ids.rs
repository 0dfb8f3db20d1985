//! The ids that the index holds, in order: to shorten one, to complete what somebody types, and to suggest one for a near miss.

use tantivy::{Searcher, Term, collector::DocSetCollector, query::TermQuery, schema::IndexRecordOption};

use super::{
    Index,
    schema::{handle, internal},
};
use crate::{
    error::Result,
    record::bare_id,
    text::near::{LIKENESS_MIN, NAMES_MAX, likeness},
};

/// Ids looked at for one suggestion, and places (`fosdem-2019/`) where the id's own is unknown.
const LOOKED_AT_MAX: usize = 5000;
const PLACES_MAX: usize = 1000;
/// Places that are searched when the id's own is unknown.
const PLACES_SEARCHED: usize = 2;

impl Index {
    /// The shortest id that names the record with this permanent id: without the hex suffix while that names no other.
    /// Reads no stored record.
    ///
    /// # Errors
    /// `Index`.
    pub fn short_id<'a>(&self, id: &'a str) -> Result<&'a str> {
        let searcher = self.searcher();
        let bare = bare_id(id);
        let field = |name| handle(searcher.schema(), name);
        let given = Term::from_field_text(field(internal::ID), bare);
        if bare == id || searcher.doc_freq(&given).map_err(|error| self.error(error))? > 0 {
            return Ok(id);
        }
        let term = Term::from_field_text(field(internal::BARE_ID), bare);
        let query = TermQuery::new(term, IndexRecordOption::Basic);
        let found = searcher.search(&query, &DocSetCollector).map_err(|error| self.error(error))?;
        let mut other = String::new();
        for address in found {
            let ids = searcher.segment_reader(address.segment_ord).fast_fields().str(internal::ID);
            let Some(ids) = ids.map_err(|error| self.error(error))? else { return Ok(id) };
            for ord in ids.term_ords(address.doc_id) {
                other.clear();
                ids.ord_to_str(ord, &mut other).map_err(|error| self.error(error.into()))?;
                if other != id {
                    return Ok(id);
                }
            }
        }
        Ok(bare)
    }

    /// The ids, without their hex suffix, that begin so: at most `n_max`, in order. Removed records may still be among
    /// them until their segment is merged.
    ///
    /// # Errors
    /// `Index`.
    pub fn ids_from(&self, prefix: &str, n_max: usize) -> Result<Vec<String>> {
        let searcher = self.searcher();
        let mut ids = Vec::new();
        let mut after = prefix.to_owned();
        while ids.len() < n_max {
            let Some(next) = self.next_id(&searcher, prefix, &after)? else { break };
            after = format!("{next}\0");
            ids.push(next);
        }
        Ok(ids)
    }

    /// What ids that begin so have before their first slash, with it: the editions, `reports/`, `talks/`; at most `n_max`,
    /// in order. Skips from one to the next, however many ids are below it.
    ///
    /// # Errors
    /// `Index`.
    pub fn places(&self, prefix: &str, n_max: usize) -> Result<Vec<String>> {
        let searcher = self.searcher();
        let mut places = Vec::new();
        let mut after = prefix.to_owned();
        while places.len() < n_max {
            let Some(id) = self.next_id(&searcher, prefix, &after)? else { break };
            match id.split_once('/') {
                Some((place, _)) => {
                    // `0` is what follows on `/`.
                    after = format!("{place}0");
                    places.push(format!("{place}/"));
                }
                None => after = format!("{id}\0"),
            }
        }
        Ok(places)
    }

    /// The ids nearest to one that names no record: of the same edition first, else of the editions with the nearest names;
    /// of an id without an edition, those that end so; of an edition, its first.
    ///
    /// # Errors
    /// `Index`.
    pub fn near_ids(&self, typed: &str) -> Result<Vec<String>> {
        let typed = typed.split_once('#').map_or(typed, |(report, _)| report);
        // An edition without more: what it has.
        if !typed.trim_end_matches('/').contains('/') {
            let ids = self.ids_from(&format!("{}/", typed.trim_end_matches('/')), NAMES_MAX)?;
            if !ids.is_empty() {
                return self.held(ids.into_iter());
            }
        }
        let Some((place, _)) = typed.split_once('/') else {
            let places = self.places("", PLACES_MAX)?;
            return self.held(places.iter().map(|place| format!("{place}{typed}")));
        };
        let mut ids = self.ids_from(&format!("{place}/"), LOOKED_AT_MAX)?;
        if ids.is_empty() {
            let mut places = self.places("", PLACES_MAX)?;
            places.retain(|other| likeness(place, other.trim_end_matches('/')) > LIKENESS_MIN);
            let near = |other: &String| likeness(place, other.trim_end_matches('/'));
            places.sort_by(|a, b| near(b).total_cmp(&near(a)));
            for place in places.iter().take(PLACES_SEARCHED) {
                ids.extend(self.ids_from(place, LOOKED_AT_MAX)?);
            }
        }
        // The slug counts: all ids of an edition begin alike.
        let slug = |id: &str| id.split_once('/').map_or_else(|| id.to_owned(), |(_, slug)| slug.to_owned());
        let wanted = slug(typed);
        let rated = ids.into_iter().map(|id| (likeness(&wanted, &slug(&id)), id));
        let mut rated: Vec<_> = rated.filter(|(likeness, _)| *likeness > LIKENESS_MIN).collect();
        rated.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        self.held(rated.into_iter().map(|(_, id)| id))
    }

    /// The first of the ids that name a record.
    fn held(&self, ids: impl Iterator<Item = String>) -> Result<Vec<String>> {
        let mut held = Vec::new();
        for id in ids {
            if held.len() == NAMES_MAX {
                break;
            }
            if !self.records_by_id(&id)?.is_empty() {
                held.push(id);
            }
        }
        Ok(held)
    }

    /// The first id that begins with `prefix` and is not before `from`.
    fn next_id(&self, searcher: &Searcher, prefix: &str, from: &str) -> Result<Option<String>> {
        let field = handle(searcher.schema(), internal::BARE_ID);
        let mut next: Option<String> = None;
        for segment in searcher.segment_readers() {
            let index = segment.inverted_index(field).map_err(|error| self.error(error))?;
            let stream = index.terms().range().ge(from).into_stream();
            let mut stream = stream.map_err(|error| self.error(error.into()))?;
            if stream.advance()
                && let Ok(id) = std::str::from_utf8(stream.key())
                && next.as_ref().is_none_or(|next| id < next.as_str())
            {
                next = Some(id.to_owned());
            }
        }
        Ok(next.filter(|id| id.starts_with(prefix)))
    }
}
