//! Filters: what somebody typed → the values of a facet that it means. The values are looked for where they stand in the
//! sorted dictionaries of the columns, and by their words in the index: a filter folds a few of them, not all.

use std::{
    collections::{BTreeSet, HashSet},
    fmt,
    sync::Arc,
};

use tantivy::{DocId, Searcher, SegmentOrdinal, SegmentReader, Term, columnar::StrColumn};

use super::{facet::facet_field, rank::count};
use crate::{
    enrich::{UserTopics, Vocabulary},
    error::{Error, ErrorKind, Result},
    index::{
        Index, Labelling,
        columns::Columns,
        ordinals::Ordinals,
        schema::{Field, FieldSort, UNKNOWN, handle},
    },
    query::{
        lower::{Matching, is_held},
        years,
    },
    record::slug,
    text::{
        analyzer::{Analyzer, folded},
        near::{LIKENESS_MIN, NAMES_MAX, did_you_mean, likeness},
    },
};

/// A choice of values of one facet; any of them will do.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter {
    /// Name of a facet field.
    pub field: String,
    /// As typed: case and accents don't matter; of a path its last part is enough; years may be a span; `unknown` is what
    /// has no value.
    pub values: Vec<String>,
}

impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "--{} {}", self.field, self.values.join(" or "))
    }
}

/// The values that records have of a facet, in order.
///
/// # Errors
/// `Usage` for a name that is no facet; `Index`.
pub fn values(index: &Index, name: &str) -> Result<BTreeSet<String>> {
    let field = facet_field(name)?;
    values_where(&index.searcher(), field, &[Beginning::Any], |_| true).map_err(|error| index.error(error))
}

/// A filter with the values of each segment that it lets through.
pub(super) struct ResolvedFilter {
    pub field: &'static str,
    /// For each segment, for each ordinal of its dictionary.
    admitted: Vec<Vec<bool>>,
    /// Whether what has no value passes.
    takes_none: bool,
    /// What passes holds one of these words in the field; null where that is not known.
    words: Option<Vec<Term>>,
}

/// Values of a filter that are looked up as words; of more, a look at each document is as quick.
const WORDS_MAX: usize = 8;

impl ResolvedFilter {
    /// What it lets through, and perhaps some others: by words, so that no more documents are looked at. Null where that can't
    /// be said so.
    pub fn as_words(&self) -> Option<Matching> {
        let words = self.words.as_ref()?.iter().map(|term| Matching::term(term.clone(), 0.0));
        Some(Matching::any(words.collect()).unscored())
    }
}

/// The words that values are, where each is but one.
fn words(searcher: &Searcher, field: &Field, values: &BTreeSet<String>) -> tantivy::Result<Option<Vec<Term>>> {
    let handle = handle(searcher.schema(), field.name);
    let is_word = |value: &String| {
        let of_all = |is: fn(&u8) -> bool| value.bytes().all(|byte| is(&byte));
        !value.is_empty() && (of_all(u8::is_ascii_digit) || of_all(u8::is_ascii_alphabetic))
    };
    if values.len() > WORDS_MAX || !values.iter().all(is_word) {
        return Ok(None);
    }
    let mut terms = Vec::with_capacity(values.len());
    for value in values {
        let term = Term::from_field_text(handle, &folded(value));
        if !is_held(searcher, &term)? {
            return Ok(None);
        }
        terms.push(term);
    }
    Ok(Some(terms))
}

/// The facet of topics, which have other names than their ids.
const TOPIC: &str = "topic";
/// The state of proposals that were not taken.
const REJECTED: &str = "rejected";

/// A filter that keeps out what was rejected; null where nothing was.
pub(super) fn without_rejected(searcher: &Searcher, columns: &Columns) -> tantivy::Result<Option<ResolvedFilter>> {
    let mut admitted = Vec::new();
    let mut any = false;
    for segment in searcher.segment_readers() {
        let Some(column) = columns.texts(segment, "state")? else {
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
    Ok(any.then_some(ResolvedFilter { field: "state", admitted, takes_none: true, words: None }))
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
    let mut values = BTreeSet::new();
    let mut takes_none = false;
    for typed in &filter.values {
        let plain = folded(typed);
        if field.may_be_unknown() && plain == UNKNOWN {
            takes_none = true;
            continue;
        }
        let mut found = Wanted::new(field, typed)?.find(searcher, field).map_err(damaged)?;
        if found.is_empty() && field.name == TOPIC {
            found = by_other_names(index, searcher, field, typed)?;
        }
        let is_known = field.name == "year" || field.known.contains(&plain.as_str());
        if found.is_empty() && !is_known {
            return Err(unknown(index, searcher, field, typed)?);
        }
        values.extend(found);
    }
    let columns = index.columns();
    let admitted = searcher.segment_readers().iter().map(|segment| admitted(segment, columns, field, &values));
    let admitted = admitted.collect::<tantivy::Result<_>>().map_err(damaged)?;
    let words = if takes_none { None } else { words(searcher, field, &values).map_err(damaged)? };
    Ok(ResolvedFilter { field: field.name, admitted, takes_none, words })
}

/// The topics that records have by another name of theirs: "k8s". The vocabulary is read where no id fits, and not before.
fn by_other_names(index: &Index, searcher: &Searcher, field: &Field, typed: &str) -> Result<BTreeSet<String>> {
    let vocabulary = vocabulary(index)?;
    let ids: BTreeSet<&str> = vocabulary.called(typed).into_iter().map(|topic| topic.id.as_str()).collect();
    let is_one = |value: &str| ids.contains(value);
    values_where(searcher, field, &[Beginning::Any], is_one).map_err(|error| index.error(error))
}

/// That by which the records of the index were labelled.
fn vocabulary(index: &Index) -> Result<Arc<Vocabulary>> {
    let Labelling { path, text, .. } = index.labelling()?;
    Vocabulary::with(Some(&UserTopics { path, text }).filter(|topics| !topics.text.is_empty()))
}

/// Which ordinals of a segment's dictionary these values have.
fn admitted(
    segment: &SegmentReader,
    columns: &Columns,
    field: &Field,
    values: &BTreeSet<String>,
) -> tantivy::Result<Vec<bool>> {
    let Some(column) = columns.texts(segment, field.name)? else { return Ok(Vec::new()) };
    let mut admitted = vec![false; column.dictionary().num_terms()];
    for value in values {
        if let Some(ord) = column.dictionary().term_ord(value)? {
            admitted[ord as usize] = true;
        }
    }
    Ok(admitted)
}

/// A filter's part for one segment.
pub(super) struct SegmentFilter {
    pub field: &'static str,
    values: Ordinals,
    /// By ordinal, and at last whether what has no value passes.
    admitted: Vec<bool>,
}

impl SegmentFilter {
    /// Those of several filters.
    ///
    /// # Errors
    /// Where the index is damaged.
    pub fn all(
        filters: &[ResolvedFilter],
        segment: &SegmentReader,
        columns: &Columns,
        segment_ord: SegmentOrdinal,
    ) -> tantivy::Result<Vec<Self>> {
        let of = |filter: &ResolvedFilter| {
            let values = Ordinals::new(segment, columns, filter.field)?;
            let mut admitted = filter.admitted[segment_ord as usize].clone();
            admitted.push(filter.takes_none);
            Ok(SegmentFilter { field: filter.field, values, admitted })
        };
        filters.iter().map(of).collect()
    }

    /// Which of several documents pass, one after the other in `passes`.
    pub fn pass(&mut self, docs: &[DocId], passes: &mut Vec<bool>) {
        passes.clear();
        passes.resize(docs.len(), false);
        self.values.each(docs, |place, ord| passes[place] |= self.admitted[ord]);
    }

    pub fn passes(&self, doc: DocId) -> bool {
        let mut ords = self.values.column().into_iter().flat_map(|column| column.term_ords(doc)).peekable();
        let takes_none = self.admitted[self.values.n_values()];
        if ords.peek().is_none() { takes_none } else { ords.any(|ord| self.admitted[ord as usize]) }
    }
}

/// Where in a sorted dictionary values stand that begin alike.
#[derive(Clone, Copy)]
enum Beginning {
    Any,
    /// With this byte.
    Byte(u8),
    /// With a letter beyond ASCII, which may be an accented one of any other.
    NotAscii,
}

/// How values begin that are this one when they are folded.
fn beginnings(folded: &str) -> Vec<Beginning> {
    match folded.bytes().next() {
        Some(first) if first.is_ascii_lowercase() => {
            vec![Beginning::Byte(first.to_ascii_uppercase()), Beginning::Byte(first), Beginning::NotAscii]
        }
        Some(first) if first.is_ascii() => vec![Beginning::Byte(first), Beginning::NotAscii],
        Some(_) => vec![Beginning::NotAscii],
        None => Vec::new(),
    }
}

/// The values of a facet that begin in one of these ways, that `wants` takes, and that some record has: one that was
/// deleted is in the dictionary until its segment is merged.
fn values_where(
    searcher: &Searcher,
    field: &Field,
    beginnings: &[Beginning],
    mut wants: impl FnMut(&str) -> bool,
) -> tantivy::Result<BTreeSet<String>> {
    let mut values = BTreeSet::new();
    for segment in searcher.segment_readers() {
        let Some(column) = segment.fast_fields().str(field.name)? else { continue };
        let mut found: Vec<(u64, String)> = Vec::new();
        for beginning in beginnings {
            let range = column.dictionary().range();
            let mut stream = match *beginning {
                Beginning::Any => range,
                Beginning::Byte(byte) => range.ge([byte]).lt([byte + 1]),
                Beginning::NotAscii => range.ge([0x80]),
            }
            .into_stream()?;
            while stream.advance() {
                let value = std::str::from_utf8(stream.key()).unwrap_or_default();
                if wants(value) {
                    found.push((stream.term_ord(), value.to_owned()));
                }
            }
        }
        if segment.has_deletes() {
            retain_held(segment, &column, &mut found);
        }
        values.extend(found.into_iter().map(|(_, value)| value));
    }
    Ok(values)
}

/// Keeps what a document has that was not deleted.
fn retain_held(segment: &SegmentReader, column: &StrColumn, found: &mut Vec<(u64, String)>) {
    let mut sought: HashSet<u64> = found.iter().map(|(ord, _)| *ord).collect();
    for doc in segment.doc_ids_alive() {
        if sought.is_empty() {
            return;
        }
        column.term_ords(doc).for_each(|ord| {
            sought.remove(&ord);
        });
    }
    found.retain(|(ord, _)| !sought.contains(ord));
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

    /// The values that fit in the closest way that fits any: the whole name before a part of it.
    fn find(&self, searcher: &Searcher, field: &Field) -> tantivy::Result<BTreeSet<String>> {
        let all = || values_where(searcher, field, &[Beginning::Any], |value| self.fit(value).is_some());
        let mut found = match self {
            // There are few years, conferences and topics, and the parts of a path stand nowhere in order.
            Wanted::Years { .. } | Wanted::Name { sort: FieldSort::PathFacet, .. } => all()?,
            Wanted::Name { folded, by_words, .. } => {
                let is_it = |value: &str| self.fit(value) == Some(Fit::Whole);
                let mut found = values_where(searcher, field, &beginnings(folded), is_it)?;
                if found.is_empty() && *by_words {
                    found = self.find_by_words(searcher, field, folded)?;
                    // A word of a name may be nothing but signs.
                    found = if found.is_empty() { all()? } else { found };
                }
                found
            }
        };
        let closest = found.iter().filter_map(|value| self.fit(value)).min();
        found.retain(|value| self.fit(value) == closest);
        Ok(found)
    }

    /// The values that fit among those of the records that hold every word.
    fn find_by_words(&self, searcher: &Searcher, field: &Field, words: &str) -> tantivy::Result<BTreeSet<String>> {
        let handle = handle(searcher.schema(), field.name);
        let terms = Analyzer::default().terms(words).into_iter();
        let terms = terms.map(|term| Matching::term(Term::from_field_text(handle, &term), 0.0));
        let terms: Vec<_> = terms.collect();
        if terms.is_empty() {
            return Ok(BTreeSet::new());
        }
        let counts = count(searcher, &Columns::default(), &Matching::all_of(terms), Vec::new(), field.name)?;
        let values = counts.counts.into_iter().map(|count| count.value);
        Ok(values.filter(|value| value != UNKNOWN && self.fit(value).is_some()).collect())
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

/// The error for a value that no record has, with the nearest ones: of a path its last part, which is what people type, and
/// of a topic its other names, too.
fn unknown(index: &Index, searcher: &Searcher, field: &Field, typed: &str) -> Result<Error> {
    let name_of = |value: &str| -> String {
        let is_path = field.sort == FieldSort::PathFacet;
        if is_path { value.rsplit('/').next().unwrap_or(value).to_owned() } else { value.to_owned() }
    };
    let likeness_of = |name: &str| {
        let parts = name.split(' ').chain([name]);
        parts.map(|part| likeness(typed, part)).fold(0.0, f64::max)
    };
    let is_near = |value: &str| likeness_of(&name_of(value)) > LIKENESS_MIN;
    let held = |wants: &dyn Fn(&str) -> bool| {
        values_where(searcher, field, &[Beginning::Any], wants).map_err(|error| index.error(error))
    };
    let mut names: BTreeSet<String> = held(&is_near)?.iter().map(|value| name_of(value)).collect();
    if field.name == TOPIC {
        let vocabulary = vocabulary(index)?;
        let is_near = |alias: &&String| likeness_of(alias) > LIKENESS_MIN;
        for topic in vocabulary.topics().iter().filter(|topic| topic.aliases.iter().any(|alias| is_near(&alias))) {
            if !held(&|value| value == topic.id)?.is_empty() {
                names.extend(topic.aliases.iter().filter(is_near).cloned());
            }
        }
    }
    let mut near: Vec<(f64, String)> = names.into_iter().map(|name| (likeness_of(&name), name)).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let names: Vec<_> = near.into_iter().take(NAMES_MAX).map(|(_, name)| name).collect();
    let hint = did_you_mean(&names)
        .unwrap_or_else(|| format!("`hallway search --facets={} -n 0` lists the values", field.name));
    Ok(Error::new(ErrorKind::Usage, format!("no record has {} \"{typed}\"", field.name)).hint(hint))
}
