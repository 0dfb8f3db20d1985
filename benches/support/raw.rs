//! "Raw": tantivy 0.27 used plainly, over the same documents and in the same build. It is what hallway's times are held
//! against, so that it is as quick as a plain program can be; a handicap here is a defect.
//!
//! - Documents: one tantivy document for each talk, bio and passage of a report, as hallway has them. A document is
//!   filled straight from the line it was read from, one copy of each text.
//! - Fields: `title` and `text`, both stored and indexed with positions, through tantivy's own `en_stem` (simple
//!   tokenizer, no words of 40 bytes or more, lower case, English stemmer); `series` and `year` as whole strings, indexed and
//!   in columns; `id`, stored. No sort fields, no keys, no checksums: a plain program has none.
//! - Store: tantivy's defaults (lz4, blocks of 16 KB, a cache of 100 blocks), on `MmapDirectory`.
//! - Writing: one indexing thread unless asked for more, as hallway has one; 256 MB for each, so that few segments come
//!   to be; no merges in the background, one at the end, into as many segments as hallway's index has. Segments decide how
//!   much a query costs, and merging once is the least work.
//! - Queries: one `QueryParser` over `title` and `text` serves all, in its own syntax. A prefix is a `PhrasePrefixQuery` of
//!   one term in either field, since the parser has none for single words, with its limit of 50 terms lifted, which gives
//!   wrong answers; of the exact ways it is the quickest. Two fields are what its parser is made for; a word of an AND is
//!   then looked for in either, which tantivy does not prune.
//! - Hits: the ten best by `order_by_score`, which leaves out what can't come first (block-WAND). Reports come as single
//!   passages, and no total is counted: tantivy gives neither unless asked.
//! - Snippets: tantivy's `SnippetGenerator` on `text`, one for each query, 240 characters as hallway's.
//! - Facets: terms aggregations over `series` and `year`, exact, in the same pass as the ten best. A pass of their own lets
//!   the ten best be pruned; that is a quarter quicker for single common words and takes up to twice as long for all else.
//! - The index, its reader, the parser and the parsed aggregations are made once and kept. The reader is reloaded by
//!   hand: no thread watches the folder.

use std::{
    borrow::Cow,
    fs::File,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};
use tantivy::{
    DocAddress, Index, IndexReader, IndexWriter, ReloadPolicy, Score, TantivyDocument, TantivyError, Term,
    aggregation::{
        AggContextParams, AggregationCollector, AggregationLimitsGuard,
        agg_req::Aggregations,
        agg_result::{AggregationResult, AggregationResults, BucketResult},
    },
    collector::{Count, TopDocs},
    indexer::NoMergePolicy,
    query::{BooleanQuery, PhrasePrefixQuery, Query, QueryParser},
    schema::{FAST, Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions, Value},
    snippet::{Snippet, SnippetGenerator},
};

/// Tantivy's name of its English analyzer.
pub const ANALYZER: &str = "en_stem";
/// Hits of an answer.
pub const N_HITS: usize = 10;
/// As hallway's default.
const SNIPPET_CHARS_MAX: usize = 240;
/// Bytes an indexing thread may hold before it writes a segment; hallway's has as many.
const MEMORY_BYTES: usize = 256 << 20;
/// Values of a facet: more than there are, or counts would not be exact.
const FACET_VALUES_MAX: usize = 20_000;

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// A query for both engines.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Question {
    #[serde(default)]
    pub id: String,
    #[serde(default)]
    pub class: String,
    pub op: Op,
    /// Words of ASCII letters and digits, in lower case; of a prefix its letters.
    pub terms: Vec<String>,
    #[serde(default)]
    pub year: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Term,
    And,
    Or,
    Phrase,
    Prefix,
    /// All terms, in the year.
    Filter,
}

/// What is asked for beyond the addresses and scores of the ten best.
#[derive(Clone, Copy, Debug, Default)]
pub struct Steps {
    /// Documents loaded, with a snippet each.
    pub snippets: bool,
    pub facets: bool,
}

/// What a search gave.
pub struct Answer {
    /// Best first.
    pub top: Vec<(Score, DocAddress)>,
    /// Of each of `top`, in its order, where snippets were asked for.
    pub hits: Vec<(TantivyDocument, Snippet)>,
    /// Where facets were asked for.
    pub facets: Option<AggregationResults>,
}

/// One line of JSON Lines, in hallway's own form; texts are borrowed where they hold no escapes.
#[derive(Deserialize)]
pub struct Line<'a> {
    #[serde(borrow, default)]
    pub id: Cow<'a, str>,
    #[serde(borrow, default)]
    pub title: Cow<'a, str>,
    #[serde(borrow, default)]
    pub text: Cow<'a, str>,
    #[serde(borrow, default)]
    pub series: Cow<'a, str>,
    #[serde(default)]
    pub year: Option<u16>,
    /// Of a report, which is found by them.
    #[serde(borrow, default)]
    pub passages: Vec<LinePassage<'a>>,
}

#[derive(Deserialize)]
pub struct LinePassage<'a> {
    #[serde(borrow, default)]
    pub heading: Vec<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub text: Cow<'a, str>,
}

impl Line<'_> {
    /// The texts of its documents.
    pub fn texts(&self) -> Vec<Cow<'_, str>> {
        if self.passages.is_empty() {
            return vec![Cow::Borrowed(self.text.as_ref())];
        }
        let text = |passage: &LinePassage| Cow::Owned(format!("{}\n{}", passage.heading.join("\n"), passage.text));
        self.passages.iter().map(text).collect()
    }
}

/// Calls `each` with every line of JSON Lines files that is not empty; a folder stands for its `.jsonl` files in order.
pub fn each_line(paths: &[PathBuf], mut each: impl FnMut(&str) -> Result<()>) -> Result<()> {
    for path in files(paths)? {
        let mut file = BufReader::with_capacity(1 << 20, File::open(path)?);
        let mut line = String::new();
        while file.read_line(&mut line)? > 0 {
            if !line.trim().is_empty() {
                each(&line)?;
            }
            line.clear();
        }
    }
    Ok(())
}

fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let inside = path.read_dir()?.map(|entry| entry.map(|entry| entry.path()));
        let mut inside = inside.collect::<std::io::Result<Vec<_>>>()?;
        inside.retain(|path| path.extension().is_some_and(|extension| extension == "jsonl"));
        inside.sort();
        files.append(&mut inside);
    }
    Ok(files)
}

/// What building an index took.
#[derive(Clone, Copy, Debug)]
pub struct Built {
    pub n_docs: u64,
    pub n_segments: usize,
    /// Reading, adding and committing.
    pub adding: Duration,
    /// Bringing the segments to their number.
    pub merging: Duration,
}

#[derive(Clone, Copy)]
struct Fields {
    id: Field,
    title: Field,
    text: Field,
    series: Field,
    year: Field,
}

/// An index, open for searching and adding.
pub struct Raw {
    index: Index,
    reader: IndexReader,
    parser: QueryParser,
    fields: Fields,
    facets: Aggregations,
}

impl Raw {
    /// Builds an index in `dir`, which must be empty, from JSON Lines.
    pub fn build(dir: &Path, docs: &[PathBuf], n_threads: usize, n_segments: usize) -> Result<(Raw, Built)> {
        let raw = Raw::with(Index::create_in_dir(dir, schema())?)?;
        let mut writer = raw.writer(n_threads)?;
        let n_lines_a_segment = if n_segments > 1 { n_lines(docs)?.div_ceil(n_segments) } else { usize::MAX };
        let (mut adding, mut merging) = (Duration::ZERO, Duration::ZERO);
        let mut finished = Vec::new();
        let mut finish = |writer: &mut IndexWriter, adding: &mut Duration, began: Instant| -> Result<Instant> {
            writer.commit()?;
            *adding += began.elapsed();
            let began = Instant::now();
            let mut new = raw.index.searchable_segment_ids()?;
            new.retain(|id| !finished.contains(id));
            if new.len() > 1 {
                writer.merge(&new).wait()?;
            }
            finished = raw.index.searchable_segment_ids()?;
            merging += began.elapsed();
            Ok(Instant::now())
        };
        let mut began = Instant::now();
        let mut n_since = 0;
        each_line(docs, |line| {
            if n_since == n_lines_a_segment {
                began = finish(&mut writer, &mut adding, began)?;
                n_since = 0;
            }
            n_since += 1;
            raw.add(&writer, line)
        })?;
        began = finish(&mut writer, &mut adding, began)?;
        writer.wait_merging_threads()?;
        raw.reader.reload()?;
        merging += began.elapsed();
        let built = Built { n_docs: raw.n_docs(), n_segments: raw.n_segments(), adding, merging };
        Ok((raw, built))
    }

    pub fn open(dir: &Path) -> Result<Raw> {
        Raw::with(Index::open_in_dir(dir)?)
    }

    fn with(index: Index) -> Result<Raw> {
        let reader = index.reader_builder().reload_policy(ReloadPolicy::Manual).try_into()?;
        let field = |name| index.schema().get_field(name);
        let fields = Fields {
            id: field("id")?,
            title: field("title")?,
            text: field("text")?,
            series: field("series")?,
            year: field("year")?,
        };
        let parser = QueryParser::for_index(&index, vec![fields.title, fields.text]);
        let terms = |field| {
            serde_json::json!({
                "terms": { "field": field, "size": FACET_VALUES_MAX, "segment_size": FACET_VALUES_MAX }
            })
        };
        let facets = serde_json::json!({ "series": terms("series"), "year": terms("year") });
        Ok(Raw { reader, parser, fields, facets: serde_json::from_value(facets)?, index })
    }

    pub fn n_docs(&self) -> u64 {
        self.reader.searcher().num_docs()
    }

    pub fn n_segments(&self) -> usize {
        self.reader.searcher().segment_readers().len()
    }

    /// A writer that merges nothing by itself.
    pub fn writer(&self, n_threads: usize) -> Result<IndexWriter> {
        let writer = self.index.writer_with_num_threads(n_threads, n_threads * MEMORY_BYTES)?;
        writer.set_merge_policy(Box::new(NoMergePolicy));
        Ok(writer)
    }

    /// Adds the record of a line.
    pub fn add(&self, writer: &IndexWriter, line: &str) -> Result<()> {
        let Fields { id, title, text, series, year } = self.fields;
        let line: Line = serde_json::from_str(line)?;
        for of_document in line.texts() {
            let mut document = TantivyDocument::default();
            document.add_text(id, &line.id);
            document.add_text(title, &line.title);
            document.add_text(text, of_document);
            if !line.series.is_empty() {
                document.add_text(series, &line.series);
            }
            if let Some(number) = line.year {
                document.add_text(year, number.to_string());
            }
            writer.add_document(document)?;
        }
        Ok(())
    }

    /// Commits, and makes it visible.
    pub fn commit(&self, writer: &mut IndexWriter) -> Result<()> {
        writer.commit()?;
        Ok(self.reader.reload()?)
    }

    /// Merges all segments but the largest.
    pub fn merge_small(&self, writer: &mut IndexWriter) -> Result<()> {
        let searcher = self.reader.searcher();
        let mut segments: Vec<_> = searcher.segment_readers().iter().collect();
        segments.sort_by_key(|segment| std::cmp::Reverse(segment.max_doc()));
        let ids: Vec<_> = segments.iter().skip(1).map(|segment| segment.segment_id()).collect();
        if ids.len() > 1 {
            writer.merge(&ids).wait()?;
        }
        Ok(self.reader.reload()?)
    }

    fn query(&self, question: &Question) -> Result<Box<dyn Query>> {
        let Question { terms, year, .. } = question;
        let required = || terms.iter().map(|term| format!("+{term}")).collect::<Vec<_>>().join(" ");
        let text = match question.op {
            Op::Term | Op::Or => terms.join(" "),
            Op::And => required(),
            Op::Phrase => format!("\"{}\"", terms.join(" ")),
            Op::Filter => format!("{} +year:{}", required(), year.unwrap_or_default()),
            Op::Prefix => {
                let within = |field| -> Box<dyn Query> {
                    let mut query = PhrasePrefixQuery::new(vec![Term::from_field_text(field, &terms.join(""))]);
                    query.set_max_expansions(u32::MAX);
                    Box::new(query)
                };
                let either = [self.fields.title, self.fields.text].map(within);
                return Ok(Box::new(BooleanQuery::union(either.into())));
            }
        };
        Ok(self.parser.parse_query(&text)?)
    }

    /// The ten best, with what `steps` say.
    pub fn search(&self, question: &Question, steps: Steps) -> Result<Answer> {
        let searcher = self.reader.searcher();
        let query = self.query(question)?;
        let best = TopDocs::with_limit(N_HITS).order_by_score();
        let (top, facets) = if steps.facets {
            let context = AggContextParams::new(AggregationLimitsGuard::default(), self.index.tokenizers().clone());
            let facets = AggregationCollector::from_aggs(self.facets.clone(), context);
            let (top, facets) = searcher.search(&query, &(best, facets))?;
            (top, Some(facets))
        } else {
            (searcher.search(&query, &best)?, None)
        };
        let mut hits = Vec::new();
        if steps.snippets {
            let mut snippets = SnippetGenerator::create(&searcher, &*query, self.fields.text)?;
            snippets.set_max_num_chars(SNIPPET_CHARS_MAX);
            for (_, address) in &top {
                let document: TantivyDocument = searcher.doc(*address)?;
                let snippet = snippets.snippet(text_of(&document, self.fields.text));
                hits.push((document, snippet));
            }
        }
        Ok(Answer { top, hits, facets })
    }

    /// How many documents match: for checking answers.
    pub fn count(&self, question: &Question) -> Result<u64> {
        Ok(self.reader.searcher().search(&self.query(question)?, &Count)? as u64)
    }

    pub fn id<'d>(&self, document: &'d TantivyDocument) -> &'d str {
        text_of(document, self.fields.id)
    }

    pub fn title<'d>(&self, document: &'d TantivyDocument) -> &'d str {
        text_of(document, self.fields.title)
    }
}

fn schema() -> Schema {
    let words =
        TextFieldIndexing::default().set_tokenizer(ANALYZER).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default().set_indexing_options(words).set_stored();
    let mut builder = Schema::builder();
    builder.add_text_field("id", STRING | STORED);
    builder.add_text_field("title", words.clone());
    builder.add_text_field("text", words);
    builder.add_text_field("series", STRING | FAST);
    builder.add_text_field("year", STRING | FAST);
    builder.build()
}

fn text_of(document: &TantivyDocument, field: Field) -> &str {
    document.get_first(field).and_then(|value| value.as_str()).unwrap_or_default()
}

fn n_lines(paths: &[PathBuf]) -> Result<usize> {
    let mut n = 0;
    each_line(paths, |_| {
        n += 1;
        Ok(())
    })?;
    Ok(n)
}

/// The values of a facet with their counts.
///
/// # Errors
/// When it was not counted.
pub fn counts(facets: &AggregationResults, name: &str) -> Result<Vec<(String, u64)>> {
    match facets.0.get(name) {
        Some(AggregationResult::BucketResult(BucketResult::Terms { buckets, .. })) => {
            let value = |key: &tantivy::aggregation::Key| match key {
                tantivy::aggregation::Key::Str(value) => value.clone(),
                other => other.to_string(),
            };
            Ok(buckets.iter().map(|bucket| (value(&bucket.key), bucket.doc_count)).collect())
        }
        _ => Err(TantivyError::InvalidArgument(format!("{name} was not counted")).into()),
    }
}
