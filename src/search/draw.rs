//! Queries drawn from an index by class, as people might type them: what latency is measured with where nobody has
//! written down their own.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use fastrand::Rng;
use tantivy::{DocAddress, Searcher, Term};

use super::Asked;
use crate::{
    error::Result,
    index::{Index, schema::handle},
    record::{Kind, Record},
    text::analyzer::{Analyzer, is_stop_word},
};

/// What kind of query it is, and so which part of a search it loads.
#[derive(Debug)]
pub struct Class {
    pub name: &'static str,
    pub about: &'static str,
    draw: fn(&mut Drawing, &Page) -> Option<Asked>,
}

/// Every class of queries.
pub const CLASSES: &[Class] = &[
    Class { name: "rare", about: "a word that few records hold", draw: |d, page| d.word(page, Drawing::is_rare) },
    Class { name: "common", about: "a word that many records hold", draw: |d, page| d.word(page, Drawing::is_common) },
    Class { name: "and", about: "two words of one record", draw: |d, page| d.and(page) },
    Class { name: "or", about: "either of two words", draw: |d, page| d.or(page) },
    Class { name: "phrase", about: "two neighbouring words in quotes", draw: |d, page| d.phrase(page) },
    Class {
        name: "sentence",
        about: "eight words in a row, as pasted: mostly partial matches",
        draw: |d, page| d.sentence(page),
    },
    Class { name: "filtered", about: "a word within one year or conference", draw: |d, page| d.filtered(page) },
    Class { name: "faceted", about: "a common word, with four facets counted", draw: |d, page| d.faceted(page) },
    Class { name: "reports", about: "a word in reports, their passages grouped", draw: |d, page| d.reports(page) },
];

/// Records looked at for one query before its class is given up.
const TRIES: usize = 200;
/// Words in a row of a `sentence`.
const SENTENCE_WORDS: usize = 8;

/// At most `n_per_class` different queries of each class that the index has words for, by class. The same index and seed
/// give the same queries.
///
/// # Errors
/// `Index`, `Io`.
pub fn draw(index: &Index, n_per_class: usize, seed: u64) -> Result<Vec<Asked>> {
    let searcher = index.searcher();
    let n_documents = searcher.num_docs();
    if n_documents == 0 {
        return Ok(Vec::new());
    }
    let mut drawing = Drawing {
        index,
        rare_max: 3.max(n_documents / 2_000),
        common_min: 4.max(n_documents / 20),
        searcher,
        rng: Rng::with_seed(seed),
        analyzer: Analyzer::default(),
        frequencies: HashMap::new(),
        error: None,
    };
    let mut queries = Vec::new();
    for class in CLASSES {
        let mut drawn = BTreeSet::new();
        for _ in 0..TRIES * n_per_class {
            if drawn.len() == n_per_class {
                break;
            }
            let page = drawing.page()?;
            let Some(asked) = (class.draw)(&mut drawing, &page) else { continue };
            if drawn.insert((asked.query.clone(), asked.filters.clone())) {
                let id = format!("{}-{:02}", class.name, drawn.len());
                queries.push(Asked { id: Some(id), class: Some(class.name.to_owned()), ..asked });
            }
        }
        if let Some(error) = drawing.error.take() {
            return Err(index.error(error));
        }
    }
    Ok(queries)
}

/// A record by chance, with the words of its text in order.
struct Page {
    record: Record,
    /// As typed in lower case, and how many documents hold its term. A word that would make no query is null.
    words: Vec<Option<(String, u64)>>,
}

struct Drawing<'a> {
    index: &'a Index,
    searcher: Searcher,
    rng: Rng,
    analyzer: Analyzer,
    /// By term.
    frequencies: HashMap<String, u64>,
    rare_max: u64,
    common_min: u64,
    /// Where a frequency could not be read.
    error: Option<tantivy::TantivyError>,
}

impl Drawing<'_> {
    fn page(&mut self) -> Result<Page> {
        let address = self.address();
        let record = self.index.shown(&self.searcher, address)?.record;
        let text = record.passages.first().map_or(record.body(), |passage| &passage.text).to_owned();
        let mut words: Vec<String> = Vec::new();
        self.analyzer.tokens(&text, |token| words.push(text[token.start..token.end].to_lowercase()));
        let words = words.into_iter().map(|word| {
            let is_plain = word.chars().count() > 2 && word.chars().all(char::is_alphanumeric);
            // Of the word as it will be asked: in small letters its term may be another.
            let term = if is_plain { self.analyzer.terms(&word).pop() } else { None };
            term.filter(|term| !is_stop_word(term)).map(|term| (word, self.frequency(term)))
        });
        let words = words.collect();
        Ok(Page { record, words })
    }

    /// A document that was not deleted.
    fn address(&mut self) -> DocAddress {
        let segments = self.searcher.segment_readers();
        let mut place = self.rng.u64(..self.searcher.num_docs());
        for (segment_ord, segment) in segments.iter().enumerate() {
            if place < u64::from(segment.num_docs()) {
                let doc = segment.doc_ids_alive().nth(usize::try_from(place).unwrap_or_default()).unwrap_or_default();
                return DocAddress::new(u32::try_from(segment_ord).unwrap_or_default(), doc);
            }
            place -= u64::from(segment.num_docs());
        }
        DocAddress::new(0, 0)
    }

    fn frequency(&mut self, term: String) -> u64 {
        if let Some(frequency) = self.frequencies.get(&term) {
            return *frequency;
        }
        let field = handle(self.searcher.schema(), "text");
        let frequency = self.searcher.doc_freq(&Term::from_field_text(field, &term)).unwrap_or_else(|error| {
            self.error = Some(error);
            0
        });
        self.frequencies.insert(term, frequency);
        frequency
    }

    fn is_rare(&self, frequency: u64) -> bool {
        (1..=self.rare_max).contains(&frequency)
    }

    fn is_common(&self, frequency: u64) -> bool {
        frequency >= self.common_min
    }

    fn is_any(&self, frequency: u64) -> bool {
        frequency > self.rare_max
    }

    fn one<'p>(&mut self, page: &'p Page, fits: fn(&Self, u64) -> bool) -> Option<&'p str> {
        let fitting = page.words.iter().flatten().filter(|(_, n)| fits(self, *n));
        let words: BTreeSet<&str> = fitting.map(|(word, _)| word.as_str()).collect();
        let words: Vec<&str> = words.into_iter().collect();
        self.rng.choice(words)
    }

    fn word(&mut self, page: &Page, fits: fn(&Self, u64) -> bool) -> Option<Asked> {
        self.one(page, fits).map(asked)
    }

    fn and(&mut self, page: &Page) -> Option<Asked> {
        let (a, b) = (self.one(page, Self::is_any)?, self.one(page, Self::is_any)?);
        (a != b).then(|| asked(&format!("{a} {b}")))
    }

    fn or(&mut self, page: &Page) -> Option<Asked> {
        let a = self.one(page, Self::is_any)?;
        let other = self.page().ok()?;
        let b = self.one(&other, Self::is_any)?;
        (a != b).then(|| asked(&format!("{a} OR {b}")))
    }

    fn phrase(&mut self, page: &Page) -> Option<Asked> {
        let pairs = page.words.windows(2).filter_map(|pair| match pair {
            [Some((a, n_a)), Some((b, n_b))] if a != b && self.is_any(*n_a) && self.is_any(*n_b) => Some((a, b)),
            _ => None,
        });
        let pairs: Vec<_> = pairs.collect();
        self.rng.choice(pairs).map(|(a, b)| asked(&format!("\"{a} {b}\"")))
    }

    /// Words without those that make no query: what is left when people drop the small words.
    fn sentence(&mut self, page: &Page) -> Option<Asked> {
        let words: Vec<&str> = page.words.iter().flatten().map(|(word, _)| word.as_str()).collect();
        let first = self.rng.usize(..=words.len().checked_sub(SENTENCE_WORDS)?);
        Some(asked(&words[first..first + SENTENCE_WORDS].join(" ")))
    }

    fn filtered(&mut self, page: &Page) -> Option<Asked> {
        let year = page.record.year.map(|year| ("year", year.to_string()));
        let series = page.record.series.clone().map(|series| ("conference", series));
        let choices: Vec<_> = year.into_iter().chain(series).collect();
        let (field, value) = self.rng.choice(choices)?;
        let mut filtered = self.word(page, Self::is_any)?;
        filtered.filters = BTreeMap::from([(field.to_owned(), vec![value])]);
        Some(filtered)
    }

    fn faceted(&mut self, page: &Page) -> Option<Asked> {
        let facets = ["conference", "year", "type", "topic"].map(str::to_owned).to_vec();
        Some(Asked { facets, ..self.word(page, Self::is_common)? })
    }

    fn reports(&mut self, page: &Page) -> Option<Asked> {
        if page.record.kind != Kind::Report {
            return None;
        }
        let mut of_reports = self.word(page, Self::is_any)?;
        of_reports.filters = BTreeMap::from([("kind".to_owned(), vec!["report".to_owned()])]);
        Some(of_reports)
    }
}

fn asked(query: &str) -> Asked {
    Asked { query: query.to_owned(), ..Asked::default() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        index::SourceEntry,
        search::{SearchRequest, search},
    };

    /// 40 talks and a report. Every query finds something, and the same seed draws the same ones.
    #[test]
    fn drawn_queries_find_what_they_were_drawn_from() {
        let folder = tempfile::tempdir().unwrap();
        let index = Index::open_or_create(folder.path()).unwrap();
        let text = "alpha beta gamma delta epsilon zeta theta kappa lambda sigma";
        let passage = crate::record::Passage { text: text.to_owned(), ..Default::default() };
        let mut records: Vec<Record> = (0..40)
            .map(|n| Record {
                id: format!("talk-{n}"),
                title: Some(format!("title {n}")),
                year: Some(2000 + n / 10),
                abstract_text: Some(format!("{text} single{n} {}", "omega ".repeat(usize::from(n % 2)))),
                ..Record::default()
            })
            .collect();
        records.push(Record {
            id: "report".to_owned(),
            kind: Kind::Report,
            passages: vec![passage],
            ..Record::default()
        });
        let mut writer = index.writer().unwrap();
        writer.replace("source", SourceEntry::default(), records);
        writer.stage().unwrap();
        writer.commit().unwrap();
        index.reload().unwrap();

        let queries = draw(&index, 3, 7).unwrap();
        assert_eq!(queries, draw(&index, 3, 7).unwrap());
        assert_ne!(queries, draw(&index, 3, 8).unwrap());
        for class in CLASSES {
            let of_class: Vec<_> = queries.iter().filter(|asked| asked.class.as_deref() == Some(class.name)).collect();
            assert_eq!(of_class.len(), 3, "{}", class.name);
            for asked in of_class {
                let results = search(&index, &asked.request(&SearchRequest::default())).unwrap();
                assert!(!results.hits.is_empty(), "{asked:?}");
                assert!(class.name != "rare" || results.total <= 3, "{asked:?}: {}", results.total);
                assert!(class.name != "common" || results.total >= 4, "{asked:?}: {}", results.total);
            }
        }
    }
}
