//! Exact facet counts. A record counts once for each of its values, and as [`UNKNOWN`] where it has none; inside a facet
//! several values may be chosen: a facet's own filter does not narrow its counts (multi-select), the others' do.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use tantivy::{DocId, SegmentOrdinal, SegmentReader, TantivyError};

use super::filter::{Filter, ResolvedFilter, SegmentFilter};
use crate::{
    error::{Error, ErrorKind, Result},
    index::{
        columns::Columns,
        ordinals::Ordinals,
        schema::{self, Field, FieldSort, UNKNOWN},
    },
    text::near::{did_you_mean, nearest},
};

/// The counts of one facet.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetCounts {
    pub field: &'static str,
    /// Whether values are paths (`a/b`) whose ancestors are values too.
    pub is_tree: bool,
    /// By count, then by value; what has no value comes last, as [`UNKNOWN`].
    pub counts: Vec<FacetCount>,
    /// How many values there are, `counts` being cut.
    pub n_values: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FacetCount {
    pub value: String,
    /// Records, exact.
    pub count: u64,
}

impl FacetCounts {
    pub(super) fn for_fields(fields: &[&'static Field]) -> Vec<Counting> {
        fields.iter().map(|field| Counting { field, values: BTreeMap::new() }).collect()
    }

    /// Without some values of topics. Those that are chosen stay.
    pub(super) fn without(mut self, topics: &BTreeSet<String>, filters: &[Filter]) -> Self {
        if self.field == "topic" {
            let chosen = filters.iter().filter(|filter| filter.field == "topic").flat_map(|filter| &filter.values);
            let chosen: BTreeSet<&String> = chosen.collect();
            self.counts.retain(|count| !topics.contains(&count.value) || chosen.contains(&count.value));
            self.n_values = self.counts.len();
        }
        self
    }

    /// The first values, and how many have none.
    pub(super) fn cut(mut self, n: usize) -> Self {
        if n < self.counts.len() {
            let unknown = self.counts.pop_if(|last| last.value == UNKNOWN && n > 0);
            self.counts.truncate(n - usize::from(unknown.is_some()));
            self.counts.extend(unknown);
        }
        self
    }
}

/// A value of a facet; null where a record has none.
type Value = Option<String>;

/// Counts while segments are being merged.
pub(super) struct Counting {
    field: &'static Field,
    values: BTreeMap<Value, u64>,
}

impl Counting {
    pub fn add(&mut self, value: Value, n: u64) {
        *self.values.entry(value).or_default() += n;
    }

    pub fn done(mut self) -> FacetCounts {
        let unknown = self.values.remove(&None).map(|count| FacetCount { value: UNKNOWN.to_owned(), count });
        let values = self.values.into_iter().filter_map(|(value, count)| Some(FacetCount { value: value?, count }));
        let mut counts: Vec<_> = values.collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        counts.extend(unknown);
        let is_tree = self.field.sort == FieldSort::PathFacet;
        FacetCounts { field: self.field.name, is_tree, n_values: counts.len(), counts }
    }
}

/// The facet fields with these names.
///
/// # Errors
/// `Usage` for a name that is no facet.
pub(super) fn fields(names: &[String]) -> Result<Vec<&'static Field>> {
    let mut fields: Vec<&'static Field> = Vec::new();
    for name in names {
        let field = facet_field(name)?;
        if fields.iter().all(|known| known.name != field.name) {
            fields.push(field);
        }
    }
    Ok(fields)
}

/// # Errors
/// `Usage` for a name that is no facet, with the nearest ones.
pub fn facet_field(name: &str) -> Result<&'static Field> {
    schema::field(name).filter(|field| field.sort.is_facet()).ok_or_else(|| {
        let known: Vec<_> = schema::facets().map(|field| field.name).collect();
        let list = format!("facets: {}", known.join(", "));
        let near = did_you_mean(&nearest(name, known)).map(|near| format!("{near} {list}"));
        Error::new(ErrorKind::Usage, format!("there is no facet \"{name}\"")).hint(near.unwrap_or(list))
    })
}

/// Filters and counts the documents of one segment.
pub(super) struct SegmentFacets {
    filters: Vec<SegmentFilter>,
    counted: Vec<Counted>,
    /// Values of a report that are counted already: of its parent key, facets with ordinals.
    reports: HashMap<u64, BTreeSet<(usize, usize)>>,
}

/// A facet of one segment.
struct Counted {
    name: &'static str,
    values: Ordinals,
    /// By ordinal, and at last how many have no value.
    counts: Vec<u64>,
}

/// In the place of a filter that stands against a document: none does, or those of several facets.
const NOTHING: usize = usize::MAX;
const SEVERAL: usize = usize::MAX - 1;

/// The parent key of a document that is a passage.
type Parent<'a> = &'a dyn Fn(DocId) -> Option<u64>;

/// What a segment's documents add to the counts, facet by facet.
pub(super) struct SegmentCounts {
    pub documents: Vec<Vec<(Value, u64)>>,
    /// (parent, facet, value), since a report counts once however many of its passages match.
    pub reports: Vec<(u64, usize, Value)>,
}

impl SegmentFacets {
    pub fn new(
        segment: &SegmentReader,
        segment_ord: SegmentOrdinal,
        columns: &Columns,
        filters: &[ResolvedFilter],
        counted: &[&'static Field],
    ) -> tantivy::Result<Self> {
        let filters = SegmentFilter::all(filters, segment, columns, segment_ord)?;
        let counted =
            counted.iter().map(|field| Counted::new(segment, columns, field)).collect::<tantivy::Result<_>>()?;
        Ok(SegmentFacets { filters, counted, reports: HashMap::new() })
    }

    /// Whether there is anything to filter by or to count.
    pub fn are_asked(&self) -> bool {
        !self.filters.is_empty() || !self.counted.is_empty()
    }

    /// Those of several documents that pass every filter, in order, or null where all do. They are counted for all facets, and
    /// those that one facet's filters alone stand against, for that facet. With `parent` where some may be passages.
    pub fn admit(&mut self, docs: &[DocId], parent: Option<Parent<'_>>) -> Option<Vec<DocId>> {
        let SegmentFacets { filters, counted, reports } = self;
        if filters.is_empty() {
            counted.iter_mut().enumerate().for_each(|(facet, counted)| counted.add(facet, docs, parent, reports));
            return None;
        }
        let first_of = |filters: &[SegmentFilter], name| filters.iter().position(|filter| filter.field == name);
        // By document: the first filter of the one facet that stands against it.
        let mut against = vec![NOTHING; docs.len()];
        let mut passes = Vec::new();
        for at in 0..filters.len() {
            let own = first_of(filters, filters[at].field).unwrap_or(at);
            filters[at].pass(docs, &mut passes);
            for (against, _) in against.iter_mut().zip(&passes).filter(|(_, passes)| !**passes) {
                *against = if *against == NOTHING || *against == own { own } else { SEVERAL };
            }
        }
        let only = |by: usize| {
            let of = docs.iter().zip(&against).filter(move |(_, against)| **against == by);
            of.map(|(doc, _)| *doc).collect::<Vec<_>>()
        };
        let passing = only(NOTHING);
        for (facet, counted) in counted.iter_mut().enumerate() {
            counted.add(facet, &passing, parent, reports);
            if let Some(own) = first_of(filters, counted.name) {
                counted.add(facet, &only(own), parent, reports);
            }
        }
        Some(passing)
    }

    /// # Errors
    /// Where the name of a value can't be read.
    pub fn harvest(self) -> tantivy::Result<SegmentCounts> {
        let documents = self.counted.iter().map(Counted::values).collect::<tantivy::Result<_>>()?;
        let reports = self.reports.iter().flat_map(|(parent, values)| {
            values.iter().map(|(facet, ord)| Ok((*parent, *facet, self.counted[*facet].name(*ord)?)))
        });
        Ok(SegmentCounts { documents, reports: reports.collect::<tantivy::Result<_>>()? })
    }
}

impl Counted {
    fn new(segment: &SegmentReader, columns: &Columns, field: &Field) -> tantivy::Result<Self> {
        let values = Ordinals::new(segment, columns, field.name)?;
        let counts = vec![0; values.n_values() + 1];
        Ok(Counted { name: field.name, values, counts })
    }

    fn add(
        &mut self,
        facet: usize,
        docs: &[DocId],
        parent: Option<Parent<'_>>,
        reports: &mut HashMap<u64, BTreeSet<(usize, usize)>>,
    ) {
        let counts = &mut self.counts;
        let Some(parent) = parent else {
            self.values.each(docs, |_, ord| counts[ord] += 1);
            return;
        };
        self.values.each(docs, |place, ord| match parent(docs[place]) {
            None => counts[ord] += 1,
            Some(parent) => _ = reports.entry(parent).or_default().insert((facet, ord)),
        });
    }

    /// The value with this ordinal; null for what stands for none.
    fn name(&self, ord: usize) -> tantivy::Result<Value> {
        let Some(column) = self.values.column().filter(|_| ord < self.values.n_values()) else { return Ok(None) };
        let mut value = String::new();
        column.ord_to_str(ord as u64, &mut value)?;
        Ok(Some(value))
    }

    /// What was counted, by value: the dictionary is read once from its beginning to its end, not anew for each.
    fn values(&self) -> tantivy::Result<Vec<(Value, u64)>> {
        let n_values = self.values.n_values();
        let ords = (0..).zip(&self.counts[..n_values]).filter(|(_, n)| **n > 0).map(|(ord, _)| ord);
        let ords: Vec<u64> = ords.collect();
        let mut values = Vec::with_capacity(ords.len() + 1);
        if let Some(column) = self.values.column() {
            column.dictionary().sorted_ords_to_term_cb(&ords, |value| {
                let n = self.counts[ords[values.len()] as usize];
                values.push((Some(String::from_utf8_lossy(value).into_owned()), n));
            })?;
        }
        if values.len() < ords.len() {
            return Err(TantivyError::InternalError(format!("{} lacks the names of values", self.name)));
        }
        if self.counts[n_values] > 0 {
            values.push((None, self.counts[n_values]));
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unknown_stays_last_however_much_is_cut() {
        let field = facet_field("track").unwrap();
        let mut counting = FacetCounts::for_fields(&[field]).remove(0);
        for (value, n) in [(Some("a"), 1), (None, 9), (Some("b"), 3), (Some("c"), 1), (None, 1)] {
            counting.add(value.map(str::to_owned), n);
        }
        let all = counting.done();
        let shown = |n| {
            let cut = all.clone().cut(n);
            assert_eq!(cut.n_values, 4);
            cut.counts.iter().map(|count| format!("{} {}", count.value, count.count)).collect::<Vec<_>>()
        };
        assert_eq!(shown(9), ["b 3", "a 1", "c 1", "unknown 10"]);
        assert_eq!(shown(4), shown(9));
        assert_eq!(shown(3), ["b 3", "a 1", "unknown 10"]);
        assert_eq!(shown(1), ["unknown 10"]);
        assert!(shown(0).is_empty());
    }
}
