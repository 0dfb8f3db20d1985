//! Filters and exact facet counts. A record counts once for each of its values; inside a facet several values may be
//! chosen: a facet's own filter does not narrow its counts (multi-select), the others' do.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    fmt,
};

use tantivy::{DocId, Searcher, SegmentOrdinal, SegmentReader, columnar::StrColumn};

use crate::{
    error::{Error, ErrorKind, Result},
    index::schema::{self, Field, FieldSort},
    query::years,
    record::slug,
    text::analyzer::folded,
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
        fields.iter().map(|field| Counting { field: field.name, values: BTreeMap::new() }).collect()
    }

    pub(super) fn cut(mut self, n: usize) -> Self {
        self.counts.truncate(n);
        self
    }
}

/// Counts while segments are being merged.
pub(super) struct Counting {
    field: &'static str,
    values: BTreeMap<String, u64>,
}

impl Counting {
    pub fn add(&mut self, value: String, n: u64) {
        *self.values.entry(value).or_default() += n;
    }

    pub fn done(self) -> FacetCounts {
        let mut counts: Vec<_> = self.values.into_iter().map(|(value, count)| FacetCount { value, count }).collect();
        counts.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.value.cmp(&b.value)));
        FacetCounts { field: self.field, n_values: counts.len(), counts }
    }
}

/// The facet fields with these names.
///
/// # Errors
/// `Usage` for a name that is no facet.
pub(super) fn fields(names: &[String]) -> Result<Vec<&'static Field>> {
    names.iter().map(|name| facet_field(name)).collect()
}

fn facet_field(name: &str) -> Result<&'static Field> {
    schema::field(name).filter(|field| field.sort.is_facet()).ok_or_else(|| {
        let known: Vec<_> = schema::facets().map(|field| field.name).collect();
        Error::new(ErrorKind::Usage, format!("there is no facet \"{name}\""))
            .hint(format!("facets: {}", known.join(", ")))
    })
}

/// A filter with the values of each segment that it lets through.
pub(super) struct ResolvedFilter {
    field: &'static str,
    /// For each segment, for each ordinal of its dictionary.
    admitted: Vec<Vec<bool>>,
}

/// Finds the values that the filters mean.
///
/// # Errors
/// `Usage` for an unknown facet, and for a value that no record has, with the nearest ones; but a well-formed year that
/// is not held is no error.
pub(super) fn resolve(searcher: &Searcher, filters: &[Filter]) -> Result<Vec<ResolvedFilter>> {
    filters.iter().map(|filter| resolve_one(searcher, filter)).collect()
}

fn resolve_one(searcher: &Searcher, filter: &Filter) -> Result<ResolvedFilter> {
    let field = facet_field(&filter.field)?;
    let segments = searcher.segment_readers().iter().map(|segment| values(segment, field.name));
    let segments: Vec<Vec<String>> = segments.collect::<tantivy::Result<_>>().map_err(|error| {
        Error::new(ErrorKind::Index, format!("the values of {} can't be read", field.name)).because(error)
    })?;
    let all: BTreeSet<&String> = segments.iter().flatten().collect();
    let mut chosen: BTreeSet<&String> = BTreeSet::new();
    for typed in &filter.values {
        let matching = meant(field, typed, &all)?;
        if matching.is_empty() && field.name != "year" {
            return Err(unknown(field, typed, &all));
        }
        chosen.extend(matching);
    }
    let admitted = segments.iter().map(|values| values.iter().map(|value| chosen.contains(value)).collect()).collect();
    Ok(ResolvedFilter { field: field.name, admitted })
}

/// A segment's values of a facet, in order of their ordinals.
fn values(segment: &SegmentReader, name: &str) -> tantivy::Result<Vec<String>> {
    let Some(column) = segment.fast_fields().str(name)? else { return Ok(Vec::new()) };
    let mut values = Vec::with_capacity(column.dictionary().num_terms());
    let mut stream = column.dictionary().stream()?;
    while stream.advance() {
        values.push(String::from_utf8_lossy(stream.key()).into_owned());
    }
    Ok(values)
}

/// The values that a typed one means. The whole value first, then the last part of a path or its slug, then all of a
/// name's words.
fn meant<'a>(field: &Field, typed: &str, all: &BTreeSet<&'a String>) -> Result<Vec<&'a String>> {
    let pick = |fits: &dyn Fn(&str) -> bool| -> Vec<&'a String> { all.iter().copied().filter(|v| fits(v)).collect() };
    if field.name == "year" {
        let year = |text: &str| text.parse::<u16>().ok().filter(|_| text.len() == 4);
        let (from, to) = match (years(typed), year(typed)) {
            (Some(span), _) => span,
            (None, Some(one)) => (Some(one), Some(one)),
            (None, None) => {
                return Err(Error::new(ErrorKind::Usage, format!("\"{typed}\" is no year"))
                    .hint("write 2016, or a span as 2016..2023, 2016.. or ..2019"));
            }
        };
        let held = |value: &str| {
            year(value).is_some_and(|year| from.is_none_or(|from| from <= year) && to.is_none_or(|to| year <= to))
        };
        return Ok(pick(&held));
    }
    let wanted = folded(typed);
    let whole = pick(&|value| folded(value) == wanted);
    if !whole.is_empty() {
        return Ok(whole);
    }
    if field.sort == FieldSort::PathFacet {
        let last = |value: &str| value.split_once('/').map_or(value, |(_, last)| last).to_owned();
        let slugged = slug(typed);
        return Ok(pick(&|value| folded(&last(value)) == wanted || slug(&last(value)) == slugged));
    }
    if matches!(field.name, "speaker" | "affiliation") {
        return Ok(pick(&|value| {
            let value = folded(value);
            !wanted.is_empty() && wanted.split(' ').all(|word| value.split(' ').any(|other| other == word))
        }));
    }
    Ok(Vec::new())
}

fn unknown(field: &Field, typed: &str, all: &BTreeSet<&String>) -> Error {
    let wanted = folded(typed);
    let mut near: Vec<(f64, &String)> = all
        .iter()
        .map(|value| {
            let value_folded = folded(value);
            let parts = value_folded.split([' ', '/']).chain([value_folded.as_str()]);
            let likeness = parts.map(|part| strsim::jaro_winkler(&wanted, part)).fold(0.0, f64::max);
            (likeness, *value)
        })
        .filter(|(likeness, _)| *likeness > 0.8)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let names: Vec<_> = near.iter().take(3).map(|(_, value)| format!("\"{value}\"")).collect();
    let hint = match names.as_slice() {
        [] => format!("`hallway search --facets={}` lists the values", field.name),
        names => format!("did you mean {}?", names.join(" or ")),
    };
    Error::new(ErrorKind::Usage, format!("no record has {} \"{typed}\"", field.name)).hint(hint)
}

/// Filters and counts the documents of one segment.
pub(super) struct SegmentFacets {
    filters: Vec<(&'static str, Option<StrColumn>, Vec<bool>)>,
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
            .map(|filter| Ok((filter.field, column(filter.field)?, filter.admitted[segment_ord as usize].clone())))
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
        for (name, column, admitted) in &self.filters {
            let passes = column.as_ref().is_some_and(|column| column.term_ords(doc).any(|ord| admitted[ord as usize]));
            if !passes {
                if self.counted.is_empty() || against.is_some() {
                    return false;
                }
                against = Some(*name);
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

    pub fn harvest(self) -> SegmentCounts {
        let name = |column: &Option<StrColumn>, ord: u64| {
            let mut value = String::new();
            if let Some(column) = column {
                let _ = column.ord_to_str(ord, &mut value);
            }
            value
        };
        let documents = self.counted.iter().map(|(_, column, counts)| {
            let counts = counts.iter().enumerate().filter(|(_, n)| **n > 0);
            counts.map(|(ord, n)| (name(column, ord as u64), *n)).collect()
        });
        let reports = self.reports.iter().flat_map(|(parent, values)| {
            values.iter().map(|(facet, ord)| (*parent, *facet, name(&self.counted[*facet].1, *ord)))
        });
        SegmentCounts { documents: documents.collect(), reports: reports.collect() }
    }
}
