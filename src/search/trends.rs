//! Talks per year and per series: how many match, and of how many. Exact, in one pass over the matches and one over the
//! talks that the filters let through.

mod topics;

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use tantivy::{
    DocId, Score, SegmentOrdinal, SegmentReader, TantivyError,
    collector::{Collector, SegmentCollector},
    columnar::{ColumnValues, StrColumn},
    query::AllQuery,
};

pub use topics::{ALARM, OfTopic, TopicTrends, topic_trends};

use super::{
    Filter, Prepared, SearchRequest,
    filter::{ResolvedFilter, SegmentFilter},
    prepare, why_nothing,
};
use crate::{
    error::{Error, ErrorKind, Result},
    index::{Index, columns::Columns, schema::internal},
    record::Kind,
    text::analyzer::folded,
};

/// Years without a talk between two with some are in the answer while they are no more than this in a row: a year that
/// was misread as 1023 would bring a thousand along.
const BLANK_YEARS_MAX: u16 = 10;

/// What a search counts to, over the years and the series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Trends {
    /// The talks that match, of all that the filters let through.
    pub talks: Share,
    /// In order, those without an edition in between among them; talks whose year is unknown come last.
    pub years: Vec<OfYear>,
    /// Those with a talk that matches, by how many, then by name; talks whose series is unknown come last.
    pub series: Vec<OfSeries>,
    /// How the query was read, and why nothing was found.
    pub notes: Vec<String>,
}

/// So many talks of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub n: u64,
    pub of: u64,
}

impl Share {
    /// From 0 to 1; null where there is nothing to be a share of.
    #[allow(clippy::cast_precision_loss)]
    pub fn ratio(self) -> Option<f64> {
        (self.of > 0).then(|| self.n as f64 / self.of as f64)
    }
}

/// The talks of one year.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OfYear {
    /// Null where it is not known.
    pub year: Option<u16>,
    /// Of none in a year without an edition in the collection, which is not a year in which nobody spoke of it.
    pub talks: Share,
}

/// The talks of one series.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfSeries {
    /// Null where it is not known.
    pub series: Option<String>,
    pub talks: Share,
    /// Year by year, as in [`Trends::years`].
    pub years: Vec<Share>,
}

/// Counts the talks that a request finds, by year and by series, beside all talks that its filters alone let through. A
/// talk that was given at several editions counts at each; rejected proposals do where a search finds them. Limits,
/// sorting and facets of the request are not looked at.
///
/// # Errors
/// As [`search`](super::search()), and `Usage` for a filter by another kind than talks.
pub fn trends(index: &Index, request: &SearchRequest) -> Result<Trends> {
    let (found, all, notes) = tally(index, request, false)?;
    Ok(assemble(&found, &all, notes))
}

/// The talks that a request finds.
fn tally(index: &Index, request: &SearchRequest, with_topics: bool) -> Result<(Tallied, Tallied, Vec<String>)> {
    let searcher = index.searcher();
    let talks = Filter { field: "kind".to_owned(), values: vec![Kind::Talk.as_str().to_owned()] };
    let mut kinds = request.filters.iter().filter(|filter| filter.field == talks.field).flat_map(|kind| &kind.values);
    if let Some(other) = kinds.find(|kind| folded(kind) != Kind::Talk.as_str()) {
        let message = format!("trends counts talks, and no records of kind \"{other}\"");
        return Err(Error::new(ErrorKind::Usage, message).hint("leave out --kind"));
    }
    let mut request = SearchRequest { facets: Vec::new(), ..request.clone() };
    request.filters.retain(|filter| filter.field != talks.field);
    request.filters.push(talks);
    let Prepared { plan, collector, mut notes, .. } = prepare(index, &searcher, &request)?;
    let damaged = |error| index.error(error);
    let tally = Tally { filters: collector.filters, with_topics };
    let found = searcher.search(&plan.full, &tally).map_err(damaged)?;
    let all = searcher.search(&AllQuery, &tally).map_err(damaged)?;
    if found.total == 0 {
        notes.extend(why_nothing(index, &searcher, &request, &plan.evidence)?);
    }
    Ok((found, all, notes))
}

fn assemble(found: &Tallied, all: &Tallied, notes: Vec<String>) -> Trends {
    let share = |n: Option<&u64>, of: Option<&u64>| Share {
        n: n.copied().unwrap_or_default(),
        of: of.copied().unwrap_or_default(),
    };
    let years = years(all.years.keys().copied());
    let mut series: Vec<OfSeries> = Vec::new();
    for (name, n) in &found.series {
        let cell = |year: &Option<u16>| {
            let at = (name.clone(), *year);
            share(found.cells.get(&at), all.cells.get(&at))
        };
        series.push(OfSeries {
            series: name.clone(),
            talks: share(Some(n), all.series.get(name)),
            years: years.iter().map(cell).collect(),
        });
    }
    series.sort_by(|a, b| {
        let is_unknown = |one: &OfSeries| one.series.is_none();
        is_unknown(a).cmp(&is_unknown(b)).then(b.talks.n.cmp(&a.talks.n)).then_with(|| a.series.cmp(&b.series))
    });
    let of_year = |year: Option<u16>| OfYear { year, talks: share(found.years.get(&year), all.years.get(&year)) };
    Trends {
        talks: Share { n: found.total, of: all.total },
        years: years.into_iter().map(of_year).collect(),
        series,
        notes,
    }
}

/// The years that are held, in order, with the few between them that are not; what has none comes last.
fn years(held: impl Iterator<Item = Option<u16>>) -> Vec<Option<u16>> {
    let mut years: Vec<Option<u16>> = Vec::new();
    let mut has_unknown = false;
    for year in held {
        let Some(year) = year else {
            has_unknown = true;
            continue;
        };
        if let Some(Some(last)) = years.last().copied()
            && year - last <= BLANK_YEARS_MAX + 1
        {
            years.extend((last + 1..year).map(Some));
        }
        years.push(Some(year));
    }
    years.extend(has_unknown.then_some(None));
    years
}

/// Counts what passes the filters, by year and by series.
struct Tally {
    filters: Vec<ResolvedFilter>,
    /// Whether talks are told apart by their topics as well.
    with_topics: bool,
}

/// By year and by series; null where a talk has none.
#[derive(Default)]
struct Tallied {
    total: u64,
    years: BTreeMap<Option<u16>, u64>,
    series: BTreeMap<Option<String>, u64>,
    cells: BTreeMap<(Option<String>, Option<u16>), u64>,
    /// Where talks are told apart by their topics: those that have the same years, series and topics.
    alike: Vec<(Named, u64)>,
}

impl Tallied {
    /// So many talks that have these years and series.
    fn add(&mut self, Named { years, series, .. }: &Named, n: u64) {
        self.total += n;
        years.iter().for_each(|year| *self.years.entry(*year).or_default() += n);
        for name in series {
            *self.series.entry(name.clone()).or_default() += n;
            years.iter().for_each(|year| *self.cells.entry((name.clone(), *year)).or_default() += n);
        }
    }
}

impl Collector for Tally {
    type Fruit = Tallied;
    type Child = SegmentTally;

    fn for_segment(&self, segment_ord: SegmentOrdinal, segment: &SegmentReader) -> tantivy::Result<SegmentTally> {
        let columns = Columns::default();
        let column = |name| columns.texts(segment, name);
        let number = |name| columns.numbers(segment, name);
        Ok(SegmentTally {
            filters: SegmentFilter::all(&self.filters, segment, &columns, segment_ord)?,
            years: column("year")?,
            series: column("series")?,
            topics: if self.with_topics { column("topic")? } else { None },
            parent: number(internal::PARENT)?,
            is_passage: number(internal::IS_PASSAGE)?,
            counts: HashMap::new(),
            recordings: HashMap::new(),
            ords: Ords::default(),
        })
    }

    fn requires_scoring(&self) -> bool {
        // Tantivy takes a loose phrase of three words for found more easily where nobody asks for scores; search does.
        true
    }

    fn merge_fruits(&self, segments: Vec<tantivy::Result<SegmentTallied>>) -> tantivy::Result<Tallied> {
        let mut all = Tallied::default();
        let mut recordings = HashMap::new();
        for segment in segments {
            let segment = segment?;
            segment.talks.iter().for_each(|(named, n)| all.add(named, *n));
            recordings.extend(segment.recordings);
            all.alike.extend(segment.talks.into_iter().filter(|_| self.with_topics));
        }
        recordings.values().for_each(|named| all.add(named, 1));
        all.alike.extend(recordings.into_values().filter(|_| self.with_topics).map(|named| (named, 1)));
        Ok(all)
    }
}

/// The ordinals of a document's years and series.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
struct Ords {
    years: Vec<u64>,
    series: Vec<u64>,
    topics: Vec<u64>,
}

struct SegmentTally {
    filters: Vec<SegmentFilter>,
    years: Option<StrColumn>,
    series: Option<StrColumn>,
    topics: Option<StrColumn>,
    parent: Arc<dyn ColumnValues<u64>>,
    is_passage: Arc<dyn ColumnValues<u64>>,
    counts: HashMap<Ords, u64>,
    /// The talks with transcripts: they have many documents, and count once.
    recordings: HashMap<u64, Ords>,
    /// Of the document at hand.
    ords: Ords,
}

/// The years and series of a talk; one null where it has none.
struct Named {
    years: Vec<Option<u16>>,
    series: Vec<Option<String>>,
    topics: Vec<Option<String>>,
}

/// What one segment gave.
struct SegmentTallied {
    /// So many talks each.
    talks: Vec<(Named, u64)>,
    /// By the record's key.
    recordings: HashMap<u64, Named>,
}

impl SegmentCollector for SegmentTally {
    /// An error where damage is first met.
    type Fruit = tantivy::Result<SegmentTallied>;

    fn collect(&mut self, doc: DocId, _: Score) {
        if !self.filters.iter().all(|filter| filter.passes(doc)) {
            return;
        }
        let ords = |column: &Option<StrColumn>, out: &mut Vec<u64>| {
            out.clear();
            out.extend(column.iter().flat_map(|column| column.term_ords(doc)));
        };
        ords(&self.years, &mut self.ords.years);
        ords(&self.series, &mut self.ords.series);
        ords(&self.topics, &mut self.ords.topics);
        if self.is_passage.get_val(doc) == 1 {
            self.recordings.entry(self.parent.get_val(doc)).or_insert_with(|| self.ords.clone());
        } else if let Some(n) = self.counts.get_mut(&self.ords) {
            *n += 1;
        } else {
            self.counts.insert(self.ords.clone(), 1);
        }
    }

    fn harvest(self) -> tantivy::Result<SegmentTallied> {
        let named = |ords: &Ords| -> tantivy::Result<Named> {
            let years = names(self.years.as_ref(), &ords.years)?;
            let years = years.into_iter().map(|year| year.and_then(|year| year.parse().ok())).collect();
            let series = names(self.series.as_ref(), &ords.series)?;
            Ok(Named { years, series, topics: names(self.topics.as_ref(), &ords.topics)? })
        };
        let talks = self.counts.iter().map(|(ords, n)| Ok((named(ords)?, *n)));
        let recordings = self.recordings.iter().map(|(parent, ords)| Ok((*parent, named(ords)?)));
        let recordings = recordings.collect::<tantivy::Result<_>>()?;
        Ok(SegmentTallied { talks: talks.collect::<tantivy::Result<_>>()?, recordings })
    }
}

/// The values with these ordinals; one null where there are none.
fn names(column: Option<&StrColumn>, ords: &[u64]) -> tantivy::Result<Vec<Option<String>>> {
    let mut names = Vec::new();
    for ord in ords {
        let mut name = String::new();
        if let Some(column) = column
            && !column.ord_to_str(*ord, &mut name)?
        {
            return Err(TantivyError::InternalError("a value has no name".to_owned()));
        }
        names.push(Some(name));
    }
    if names.is_empty() {
        names.push(None);
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_years_without_a_talk_are_named_and_many_are_not() {
        let of = |held: &[Option<u16>]| -> Vec<u16> {
            years(held.iter().copied()).into_iter().map(Option::unwrap_or_default).collect()
        };
        assert_eq!(of(&[]), [0; 0]);
        assert_eq!(of(&[None]), [0]);
        assert_eq!(of(&[None, Some(2019), Some(2022)]), [2019, 2020, 2021, 2022, 0]);
        assert_eq!(of(&[Some(2000), Some(2011)]).len(), 12);
        assert_eq!(of(&[Some(0), Some(2000), Some(2012), Some(u16::MAX)]), [0, 2000, 2012, u16::MAX]);
    }
}
