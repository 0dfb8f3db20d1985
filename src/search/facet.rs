//! Filters and exact facet counts. A record counts once for each of its values; inside a facet several values may be
//! chosen: a facet's own filter does not narrow its counts (multi-select), the others' do.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use tantivy::{DocId, Searcher, SegmentOrdinal, SegmentReader, columnar::StrColumn};

use crate::{
    error::{Error, ErrorKind, Result},
    index::{
        Index,
        schema::{self, Field, FieldSort},
    },
    query::years,
    record::slug,
    text::{
        analyzer::folded,
        near::{LIKENESS_MIN, NAMES_MAX, did_you_mean, likeness, nearest},
    },
};

/// A choice of values of one facet; any of them will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Name of a facet field.
    pub field: String,
    /// As typed: case and accents don't matter; of a path its last part is enough; years may be a span.
    pub values: Vec<String>,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--{} {}", self.field, self.values.join(" or "))
    }
}

/// The counts of one facet.
#[derive(Clone, Debug, PartialEq)]
pub struct FacetCounts {
    pub field: &'static str,
    /// Whether values are paths (`a/b`) whose ancestors are values too.
    pub is_tree: bool,
    /// By count, then by value.
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

    pub(super) fn cut(mut self, n: usize) -> Self {
        self.counts.truncate(n);
        self
    }
}

/// Counts while segments are being merged.
pub(super) struct Counting {
    field: &'static Field,
    values: BTreeMap<String, u64>,
}

impl Counting {
    pub fn add(&mut self, value: String, n: u64) {
        *self.values.entry(value).or_default() += n;
    }

    pub fn done(self) -> FacetCounts {
        let mut counts: Vec<_> = self.values.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
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

/// The values that records have of a facet, in order.
///
/// # Errors
/// `Usage` for a name that is no facet; `Index`.
pub fn values(index: &Index, name: &str) -> Result<BTreeSet<String>> {
    let field = facet_field(name)?;
    let mut values = BTreeSet::new();
    let each = |_, _, value: &str| {
        if !values.contains(value) {
            values.insert(value.to_owned());
        }
    };
    each_value(&index.searcher(), field, each).map_err(|error| index.error(error))?;
    Ok(values)
}

/// A filter with the values of each segment that it lets through.
pub(super) struct ResolvedFilter {
    field: &'static str,
    /// For each segment, for each ordinal of its dictionary.
    admitted: Vec<Vec<bool>>,
    /// Whether what has no value passes.
    takes_none: bool,
}

/// The state of proposals that were not taken.
const REJECTED: &str = "rejected";

/// A filter that keeps out what was rejected; null where nothing was.
pub(super) fn without_rejected(searcher: &Searcher) -> tantivy::Result<Option<ResolvedFilter>> {
    let mut admitted = Vec::new();
    let mut any = false;
    for segment in searcher.segment_readers() {
        let Some(column) = segment.fast_fields().str("state")? else {
            admitted.push(Vec::new());
            continue;
        };
        let mut values = vec![true; column.dictionary().num_terms()];
        if let Some(ord) = column.dictionary().term_ord(REJECTED)? {
            values[ord as usize] = false;
            any = true;
        }
        admitted.push(values);
    }
    Ok(any.then_some(ResolvedFilter { field: "state", admitted, takes_none: true }))
}

/// Finds the values that the filters mean.
///
/// # Errors
/// `Usage` for an unknown facet, and for a value that no record has, with the nearest ones; but a well-formed year that
/// is not held is no error.
pub(super) fn resolve(index: &Index, searcher: &Searcher, filters: &[Filter]) -> Result<Vec<ResolvedFilter>> {
    filters.iter().map(|filter| resolve_one(index, searcher, filter)).collect()
}

fn resolve_one(index: &Index, searcher: &Searcher, filter: &Filter) -> Result<ResolvedFilter> {
    let field = facet_field(&filter.field)?;
    let damaged = |error| index.error(error);
    let mut admitted: Vec<Vec<bool>> = Vec::new();
    for segment in searcher.segment_readers() {
        let column = segment.fast_fields().str(field.name).map_err(damaged)?;
        let n_values = column.map_or(0, |column| column.dictionary().num_terms());
        admitted.push(vec![false; n_values]);
    }
    for typed in &filter.values {
        let wanted = Wanted::new(field, typed)?;
        let mut fits: Vec<(usize, usize, Fit)> = Vec::new();
        each_value(searcher, field, |segment, ord, value| {
            fits.extend(wanted.fit(value).map(|fit| (segment, ord, fit)));
        })
        .map_err(damaged)?;
        // The closest way of fitting alone: the whole name before a part of it.
        let best = fits.iter().map(|(.., fit)| *fit).min();
        for (segment, ord, fit) in fits {
            admitted[segment][ord] |= Some(fit) == best;
        }
        let is_known = field.name == "year" || field.known.contains(&folded(typed).as_str());
        if best.is_none() && !is_known {
            return Err(unknown(searcher, field, typed).map_err(damaged)?);
        }
    }
    Ok(ResolvedFilter { field: field.name, admitted, takes_none: false })
}

/// Which values a document has that was not deleted; null where none was, and all are held.
fn held(segment: &SegmentReader, column: &StrColumn) -> Option<Vec<bool>> {
    segment.alive_bitset()?;
    let mut held = vec![false; column.dictionary().num_terms()];
    for doc in segment.doc_ids_alive() {
        column.term_ords(doc).for_each(|ord| held[ord as usize] = true);
    }
    Some(held)
}

/// Calls `each` with every value that a record has of a facet: the segment, its ordinal there, the value.
fn each_value(searcher: &Searcher, field: &Field, mut each: impl FnMut(usize, usize, &str)) -> tantivy::Result<()> {
    for (segment_ord, segment) in searcher.segment_readers().iter().enumerate() {
        let Some(column) = segment.fast_fields().str(field.name)? else { continue };
        let held = held(segment, &column);
        let mut stream = column.dictionary().stream()?;
        let mut ord = 0;
        while stream.advance() {
            if held.as_ref().is_none_or(|held| held[ord]) {
                each(segment_ord, ord, std::str::from_utf8(stream.key()).unwrap_or_default());
            }
            ord += 1;
        }
    }
    Ok(())
}

/// How a value fits what was typed, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    Whole,
    /// The last part of a path, or its slug.
    LastPart,
    /// All the words typed are in the name.
    Words,
}

/// A value as typed, ready to be compared with those that are held.
enum Wanted {
    Years { from: Option<u16>, to: Option<u16> },
    Name { folded: String, slug: String, sort: FieldSort, by_words: bool },
}

impl Wanted {
    fn new(field: &Field, typed: &str) -> Result<Wanted> {
        if field.name != "year" {
            let by_words = matches!(field.name, "speaker" | "affiliation");
            return Ok(Wanted::Name { folded: folded(typed), slug: slug(typed), sort: field.sort, by_words });
        }
        let refuse = |message: String| {
            Err(Error::new(ErrorKind::Usage, message).hint("write 2016, or a span as 2016..2023, 2016.. or ..2019"))
        };
        match (years(typed), year(typed)) {
            (Some((Some(from), Some(to))), _) if from > to => refuse(format!("no year is in the span \"{typed}\"")),
            (Some((from, to)), _) => Ok(Wanted::Years { from, to }),
            (None, Some(one)) => Ok(Wanted::Years { from: Some(one), to: Some(one) }),
            (None, None) => refuse(format!("\"{typed}\" is no year")),
        }
    }

    fn fit(&self, value: &str) -> Option<Fit> {
        match self {
            Wanted::Years { from, to } => {
                let year = year(value)?;
                let fits = from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to);
                fits.then_some(Fit::Whole)
            }
            Wanted::Name { folded: wanted, .. } if is_same(value, wanted) => Some(Fit::Whole),
            Wanted::Name { folded: wanted, slug: slugged, sort: FieldSort::PathFacet, .. } => {
                let (_, last) = value.split_once('/')?;
                (is_same(last, wanted) || slug(last) == *slugged).then_some(Fit::LastPart)
            }
            Wanted::Name { folded: wanted, by_words: true, .. } if !wanted.is_empty() => {
                let value = folded(value);
                let has = |word: &str| value.split(' ').any(|other| other == word);
                wanted.split(' ').all(has).then_some(Fit::Words)
            }
            Wanted::Name { .. } => None,
        }
    }
}

fn year(text: &str) -> Option<u16> {
    text.parse().ok().filter(|_| text.len() == 4)
}

/// Whether a value is the folded one; most are ASCII, and need no folding to be told apart.
fn is_same(value: &str, wanted: &str) -> bool {
    if value.is_ascii() { value.eq_ignore_ascii_case(wanted) } else { folded(value) == wanted }
}

/// The error for a value that no record has, with the nearest ones: of a path its last part, which is what people type.
fn unknown(searcher: &Searcher, field: &Field, typed: &str) -> tantivy::Result<Error> {
    let mut near: BTreeMap<String, f64> = BTreeMap::new();
    each_value(searcher, field, |_, _, value| {
        let name = if field.sort == FieldSort::PathFacet { value.rsplit('/').next().unwrap_or(value) } else { value };
        let parts = name.split(' ').chain([name]);
        let likeness = parts.map(|part| likeness(typed, part)).fold(0.0, f64::max);
        if likeness > LIKENESS_MIN && !near.contains_key(name) {
            near.insert(name.to_owned(), likeness);
        }
    })?;
    let mut near: Vec<_> = near.into_iter().collect();
    near.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    let names: Vec<_> = near.into_iter().take(NAMES_MAX).map(|(name, _)| name).collect();
    let hint = did_you_mean(&names)
        .unwrap_or_else(|| format!("`hallway search --facets={} -n 0` lists the values", field.name));
    Ok(Error::new(ErrorKind::Usage, format!("no record has {} \"{typed}\"", field.name)).hint(hint))
}

/// A filter's part for one segment.
struct SegmentFilter {
    field: &'static str,
    column: Option<StrColumn>,
    admitted: Vec<bool>,
    takes_none: bool,
}

impl SegmentFilter {
    fn passes(&self, doc: DocId) -> bool {
        let mut ords = self.column.iter().flat_map(|column| column.term_ords(doc)).peekable();
        if ords.peek().is_none() { self.takes_none } else { ords.any(|ord| self.admitted[ord as usize]) }
    }
}

/// Filters and counts the documents of one segment.
pub(super) struct SegmentFacets {
    filters: Vec<SegmentFilter>,
    counted: Vec<(&'static str, Option<StrColumn>, Vec<u64>)>,
    /// Values of a report that are counted already: (parent, facet, ordinal).
    reports: HashMap<u64, BTreeSet<(usize, u64)>>,
}

/// What a segment's documents add to the counts, facet by facet.
pub(super) struct SegmentCounts {
    pub documents: Vec<Vec<(String, u64)>>,
    /// (parent, facet, value), since a report counts once however many of its passages match.
    pub reports: Vec<(u64, usize, String)>,
}

impl SegmentFacets {
    pub fn new(
        segment: &SegmentReader,
        segment_ord: SegmentOrdinal,
        filters: &[ResolvedFilter],
        counted: &[&'static Field],
    ) -> tantivy::Result<Self> {
        let column = |name: &str| segment.fast_fields().str(name);
        let filters = filters
            .iter()
            .map(|filter| {
                let ResolvedFilter { field, takes_none, .. } = *filter;
                let admitted = filter.admitted[segment_ord as usize].clone();
                Ok(SegmentFilter { field, column: column(field)?, admitted, takes_none })
            })
            .collect::<tantivy::Result<_>>()?;
        let counted = counted
            .iter()
            .map(|field| {
                let column = column(field.name)?;
                let n_values = column.as_ref().map_or(0, |column| column.dictionary().num_terms());
                Ok((field.name, column, vec![0; n_values]))
            })
            .collect::<tantivy::Result<_>>()?;
        Ok(SegmentFacets { filters, counted, reports: HashMap::new() })
    }

    /// Whether the document passes every filter. Counts it: for all facets if it does, and where one facet's filter
    /// alone stands against it, for that facet.
    pub fn admit(&mut self, doc: DocId, parent: Option<u64>) -> bool {
        let mut against = None;
        for filter in &self.filters {
            if !filter.passes(doc) {
                if self.counted.is_empty() || against.is_some_and(|other| other != filter.field) {
                    return false;
                }
                against = Some(filter.field);
            }
        }
        for (facet, (name, column, counts)) in self.counted.iter_mut().enumerate() {
            if against.is_some_and(|other| other != *name) {
                continue;
            }
            for ord in column.iter().flat_map(|column| column.term_ords(doc)) {
                match parent {
                    None => counts[ord as usize] += 1,
                    Some(parent) => {
                        self.reports.entry(parent).or_default().insert((facet, ord));
                    }
                }
            }
        }
        against.is_none()
    }

    /// # Errors
    /// Where the name of a value can't be read.
    pub fn harvest(self) -> tantivy::Result<SegmentCounts> {
        let name = |column: &Option<StrColumn>, ord: u64| -> tantivy::Result<String> {
            let mut value = String::new();
            if let Some(column) = column {
                column.ord_to_str(ord, &mut value)?;
            }
            Ok(value)
        };
        let documents = self.counted.iter().map(|(_, column, counts)| {
            let counts = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            counts.map(|(ord, n)| Ok((name(column, ord as u64)?, *n))).collect::<tantivy::Result<_>>()
        });
        let reports = self.reports.iter().flat_map(|(parent, values)| {
            values.iter().map(|(facet, ord)| Ok((*parent, *facet, name(&self.counted[*facet].1, *ord)?)))
        });
        Ok(SegmentCounts {
            documents: documents.collect::<tantivy::Result<_>>()?,
            reports: reports.collect::<tantivy::Result<_>>()?,
        })
    }
}
