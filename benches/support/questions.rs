//! Which queries are asked: drawn from the collection by class and by how many records hold a word, so that a class means
//! the same at every size. And how many answers they have, by plain counting over all tokens, each engine's by its own
//! analyzer.

use std::{
    collections::{BTreeSet, HashMap},
    fmt,
    path::PathBuf,
};

use fastrand::Rng;
use hallway::{
    index::Index,
    record::{Kind, Record},
    search::{Filter, SearchRequest},
    text::analyzer::{Analyzer, is_stop_word},
};
use tantivy::tokenizer::{TextAnalyzer, TokenStream, TokenizerManager};

use super::raw::{self, Line, Op, Question, Result};

/// What a query is an example of.
pub const CLASSES: &[&str] = &["rare", "common", "and", "or", "phrase", "prefix", "filtered", "faceted", "reports"];
/// Queries of a class.
const N_QUESTIONS: usize = 5;
/// Drawn of a class, of which those with too few answers are left out.
const N_CANDIDATES: usize = 30;
/// A page. With fewer answers hallway looks for partial ones as well, which is another job than raw's.
const ANSWERS_MIN: u64 = 10;
/// Records that hold a rare word.
const RARE: std::ops::RangeInclusive<u32> = 3..=8;
/// Most frequent words that common ones are drawn from.
const N_COMMON: usize = 40;
/// Letters of a word.
const LETTERS_MIN: usize = 4;
/// Letters of a prefix.
const PREFIX_LETTERS: usize = 4;
const SEED: u64 = 7;

/// A query and how many answers it has.
#[derive(Clone, Debug)]
pub struct Counted {
    pub question: Question,
    /// Documents.
    pub n_raw: u64,
    /// Records that hold the words themselves, in any form.
    pub n_hallway: u64,
}

/// The words, and how many answers they have from raw and from hallway.
impl fmt::Display for Counted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Counted { question, n_raw, n_hallway } = self;
        write!(f, "{}", question.terms.join(" "))?;
        question.year.map_or(Ok(()), |year| write!(f, " {year}"))?;
        write!(f, " ({n_raw}, {n_hallway})")
    }
}

/// The query as hallway is asked it.
pub fn request(question: &Question, facets: bool) -> SearchRequest {
    let Question { op, terms, year, .. } = question;
    let query = match op {
        Op::Term | Op::And | Op::Filter => terms.join(" "),
        Op::Or => terms.join(" OR "),
        Op::Phrase => format!("\"{}\"", terms.join(" ")),
        Op::Prefix => format!("{}*", terms.concat()),
    };
    let filters = match op {
        Op::Filter => vec![Filter { field: "year".to_owned(), values: year.iter().map(u16::to_string).collect() }],
        _ => Vec::new(),
    };
    let facets = if facets { vec!["series".to_owned(), "year".to_owned()] } else { Vec::new() };
    SearchRequest { query, filters, facets, ..SearchRequest::default() }
}

/// Draws the queries of all classes from what both engines were given, and counts their answers.
pub fn draw(docs: &[PathBuf], index: &Index) -> Result<Vec<Counted>> {
    let vocabulary = Vocabulary::read(docs)?;
    let candidates = vocabulary.candidates(docs)?;
    let n_raw = count_raw(&candidates, docs)?;
    let n_hallway = count_hallway(&candidates, index)?;
    let mut counted: Vec<Counted> = Vec::new();
    for (question, (n_raw, n_hallway)) in candidates.into_iter().zip(n_raw.into_iter().zip(n_hallway)) {
        let is_enough = question.class == "rare" || n_raw.min(n_hallway) >= ANSWERS_MIN;
        // Passages are grouped where there are fewer records than documents.
        let is_enough = is_enough && (question.class != "reports" || n_hallway < n_raw);
        let n_drawn = counted.iter().filter(|other| other.question.class == question.class).count();
        if is_enough && n_drawn < N_QUESTIONS {
            counted.push(Counted { question, n_raw, n_hallway });
        }
    }
    Ok(counted)
}

/// A term of the collection, by hallway's analyzer.
struct Word {
    /// As it stands in a text, in lower case: what is asked for. Null where it is no plain word.
    typed: Option<String>,
    n_records: u32,
    n_talks: u32,
    /// The last record that held it.
    last: usize,
}

struct Vocabulary {
    words: HashMap<String, Word>,
    n_records: usize,
}

impl Vocabulary {
    fn read(docs: &[PathBuf]) -> Result<Self> {
        let mut words: HashMap<String, Word> = HashMap::new();
        let mut analyzer = Analyzer::default();
        let mut n_records = 0;
        raw::each_line(docs, |line| {
            n_records += 1;
            let line: Line = serde_json::from_str(line)?;
            let is_talk = u32::from(line.passages.is_empty());
            for text in line.texts() {
                analyzer.tokens(&text, |token| {
                    if let Some(word) = words.get_mut(token.term) {
                        if word.last != n_records {
                            word.n_records += 1;
                            word.n_talks += is_talk;
                            word.last = n_records;
                        }
                        return;
                    }
                    let typed = &text[token.start..token.end];
                    let is_plain = typed.len() >= LETTERS_MIN && typed.bytes().all(|byte| byte.is_ascii_alphabetic());
                    let typed = (is_plain && !is_stop_word(token.term)).then(|| typed.to_lowercase());
                    let word = Word { typed, n_records: 1, n_talks: is_talk, last: n_records };
                    words.insert(token.term.to_owned(), word);
                });
            }
            Ok(())
        })?;
        Ok(Vocabulary { words, n_records })
    }

    /// The plain words that `fits` lets through, in order.
    fn words(&self, fits: impl Fn(&Word) -> bool) -> Vec<&str> {
        let mut words: Vec<&str> =
            self.words.values().filter(|word| fits(word)).filter_map(|word| word.typed.as_deref()).collect();
        words.sort_unstable();
        words
    }

    /// One in a hundred records to one in ten: neither rare nor common.
    fn is_middling(&self, word: &Word) -> bool {
        let n = word.n_records as usize;
        n >= self.n_records / 100 && n <= self.n_records / 10
    }

    fn common(&self) -> Vec<&str> {
        let mut words: Vec<&Word> = self.words.values().filter(|word| word.typed.is_some()).collect();
        words.sort_unstable_by_key(|word| (std::cmp::Reverse(word.n_records), word.typed.as_deref()));
        words.into_iter().take(N_COMMON).filter_map(|word| word.typed.as_deref()).collect()
    }

    fn candidates(&self, docs: &[PathBuf]) -> Result<Vec<Question>> {
        let mut rng = Rng::with_seed(SEED);
        let middling = self.words(|word| self.is_middling(word));
        let mut drawing = Drawing { rng: &mut rng, questions: Vec::new() };
        drawing.each("rare", Op::Term, &self.words(|word| RARE.contains(&word.n_records)));
        drawing.each("common", Op::Term, &self.common());
        drawing.each("faceted", Op::Term, &middling);
        // The most frequent ones of those that are mostly in reports, so that there are passages to group.
        let mut of_reports: Vec<&Word> = self.words.values().filter(|word| 4 * word.n_talks < word.n_records).collect();
        of_reports.sort_unstable_by_key(|word| (std::cmp::Reverse(word.n_records), word.typed.as_deref()));
        let of_reports = of_reports.into_iter().filter_map(|word| word.typed.as_deref());
        drawing.each("reports", Op::Term, &of_reports.take(N_COMMON).collect::<Vec<_>>());
        for _ in 0..N_CANDIDATES {
            let two = drawing.rng.choose_multiple(&middling, 2);
            drawing.push("or", Op::Or, two.into_iter().copied(), None);
        }
        let letters = |word: &&str| word.get(..PREFIX_LETTERS).unwrap_or_default().to_owned();
        let prefixes: BTreeSet<String> = middling.iter().map(letters).collect();
        drawing.each("prefix", Op::Prefix, &prefixes.iter().map(String::as_str).collect::<Vec<_>>());
        self.within_records(docs, &mut drawing)?;
        Ok(drawing.questions)
    }

    /// What takes words of one record, from records at even distances.
    fn within_records(&self, docs: &[PathBuf], drawing: &mut Drawing) -> Result<()> {
        let distance = (self.n_records / N_CANDIDATES).max(1);
        let mut analyzer = Analyzer::default();
        let mut number = 0;
        raw::each_line(docs, |line| {
            number += 1;
            if number % distance != 0 {
                return Ok(());
            }
            let line: Line = serde_json::from_str(line)?;
            let texts = line.texts();
            let mut here: Vec<Option<&str>> = Vec::new();
            analyzer.tokens(texts.first().map_or("", |text| text.as_ref()), |token| {
                let word = self.words.get(token.term).filter(|word| self.is_middling(word) || self.is_frequent(word));
                here.push(word.and_then(|word| word.typed.as_deref()));
            });
            let single: BTreeSet<&str> = here.iter().flatten().copied().collect();
            let single: Vec<&str> = single.into_iter().collect();
            let two = drawing.rng.choose_multiple(&single, 2);
            drawing.push("and", Op::And, two.into_iter().copied(), None);
            let pairs: Vec<[&str; 2]> = here
                .windows(2)
                .filter_map(|pair| match pair {
                    [Some(a), Some(b)] if a != b => Some([*a, *b]),
                    _ => None,
                })
                .collect();
            if let Some(pair) = drawing.rng.choice(&pairs) {
                drawing.push("phrase", Op::Phrase, pair.iter().copied(), None);
            }
            if let (Some(word), Some(year)) = (drawing.rng.choice(&single), line.year) {
                drawing.push("filtered", Op::Filter, [*word], Some(year));
            }
            Ok(())
        })
    }

    fn is_frequent(&self, word: &Word) -> bool {
        let n = word.n_records as usize;
        n > self.n_records / 10 && n < self.n_records / 3
    }
}

struct Drawing<'r> {
    rng: &'r mut Rng,
    questions: Vec<Question>,
}

impl Drawing<'_> {
    /// A query for each of some of the words.
    fn each(&mut self, class: &str, op: Op, words: &[&str]) {
        let mut words = words.to_vec();
        self.rng.shuffle(&mut words);
        words.into_iter().take(N_CANDIDATES).for_each(|word| self.push(class, op, [word], None));
    }

    fn push<'w>(&mut self, class: &str, op: Op, terms: impl IntoIterator<Item = &'w str>, year: Option<u16>) {
        let terms: Vec<String> = terms.into_iter().map(str::to_owned).collect();
        let n_wanted = if matches!(op, Op::And | Op::Or | Op::Phrase) { 2 } else { 1 };
        let is_known = self.questions.iter().any(|other| other.class == class && other.terms == terms);
        if terms.len() == n_wanted && !is_known {
            let id = format!("{class}-{:02}", self.questions.len());
            self.questions.push(Question { id, class: class.to_owned(), op, terms, year });
        }
    }
}

/// Counts the answers of all questions over one engine's tokens.
struct Counting<'q> {
    questions: &'q [Question],
    /// By question, its terms as places in `places`; of a prefix those of all terms that it begins.
    wanted: Vec<Vec<usize>>,
    places: HashMap<String, usize>,
    prefixes: Vec<(String, usize)>,
    /// Of one document: by place, the positions in its texts, which stand far apart.
    positions: Vec<Vec<usize>>,
    counts: Vec<u64>,
}

impl<'q> Counting<'q> {
    fn new(questions: &'q [Question], term: &mut dyn FnMut(&str) -> String) -> Self {
        let mut counting = Counting {
            questions,
            wanted: Vec::new(),
            places: HashMap::new(),
            prefixes: Vec::new(),
            positions: Vec::new(),
            counts: vec![0; questions.len()],
        };
        for question in questions {
            let mut wanted = Vec::new();
            for typed in &question.terms {
                let next = counting.positions.len();
                let place = if question.op == Op::Prefix {
                    counting.prefixes.push((typed.clone(), next));
                    next
                } else {
                    *counting.places.entry(term(typed)).or_insert(next)
                };
                if place == next {
                    counting.positions.push(Vec::new());
                }
                wanted.push(place);
            }
            counting.wanted.push(wanted);
        }
        counting
    }

    /// A token of the document at hand; prefixes are of its word.
    fn token(&mut self, term: &str, word: &str, position: usize) {
        if let Some(place) = self.places.get(term) {
            self.positions[*place].push(position);
        }
        for (prefix, place) in &self.prefixes {
            if word.starts_with(prefix.as_str()) {
                self.positions[*place].push(position);
            }
        }
    }

    /// Adds to `found` the questions that the document answers, and begins the next one.
    fn end(&mut self, years: &[u16], found: &mut BTreeSet<usize>) {
        let has = |place: &usize| !self.positions[*place].is_empty();
        for (n, question) in self.questions.iter().enumerate() {
            let wanted = &self.wanted[n];
            let is_answer = match question.op {
                Op::Or => wanted.iter().any(has),
                Op::Phrase => {
                    let (first, second) = (&self.positions[wanted[0]], &self.positions[wanted[1]]);
                    first.iter().any(|at| second.contains(&(at + 1)))
                }
                Op::Filter => question.year.is_some_and(|year| years.contains(&year)) && wanted.iter().all(has),
                _ => wanted.iter().all(has),
            };
            if is_answer {
                found.insert(n);
            }
        }
        self.positions.iter_mut().for_each(Vec::clear);
    }

    fn add(&mut self, found: &BTreeSet<usize>) {
        found.iter().for_each(|n| self.counts[*n] += 1);
    }
}

/// Positions of a document's next text begin so much higher.
const APART: usize = 1 << 20;

/// By question, how many documents of raw's hold what is asked for.
fn count_raw(questions: &[Question], docs: &[PathBuf]) -> Result<Vec<u64>> {
    let analyzer = TokenizerManager::default().get(raw::ANALYZER);
    let mut analyzer: TextAnalyzer = analyzer.ok_or("tantivy was built without its stemmer")?;
    let mut term = |typed: &str| {
        let mut stream = analyzer.token_stream(typed);
        stream.advance();
        stream.token().text.clone()
    };
    let mut counting = Counting::new(questions, &mut term);
    raw::each_line(docs, |line| {
        let line: Line = serde_json::from_str(line)?;
        for text in line.texts() {
            for (n, text) in [line.title.as_ref(), text.as_ref()].into_iter().enumerate() {
                let mut stream = analyzer.token_stream(text);
                stream.process(&mut |token| counting.token(&token.text, &token.text, n * APART + token.position));
            }
            let mut found = BTreeSet::new();
            counting.end(line.year.as_slice(), &mut found);
            counting.add(&found);
        }
        Ok(())
    })?;
    Ok(counting.counts)
}

/// By question, how many of hallway's records hold what is asked for: of a report one passage must hold all of it.
fn count_hallway(questions: &[Question], index: &Index) -> Result<Vec<u64>> {
    let mut analyzer = Analyzer::default();
    let mut counting = Counting::new(questions, &mut |typed| analyzer.terms(typed).concat());
    index.each_record(|record| {
        let own = record.editions.iter().filter_map(|edition| edition.year);
        let years: BTreeSet<u16> = own.chain(record.year).collect();
        let years: Vec<u16> = years.into_iter().collect();
        let mut found = BTreeSet::new();
        for texts in searched(&record) {
            for (n, text) in texts.into_iter().enumerate() {
                analyzer.set_language(record.language.as_deref());
                analyzer.tokens(text, |token| counting.token(token.term, token.word, n * APART + token.position));
            }
            counting.end(&years, &mut found);
        }
        counting.add(&found);
        Ok(())
    })?;
    Ok(counting.counts)
}

/// The searched texts of each of a record's documents.
fn searched(record: &Record) -> Vec<Vec<&str>> {
    let mut shared = vec![&record.title, &record.series, &record.edition];
    if record.kind != Kind::Report {
        shared.push(&record.session);
        shared.extend(record.speakers.iter().map(|speaker| &speaker.affiliation));
    }
    let shared: Vec<&str> = shared.into_iter().filter_map(Option::as_deref).collect();
    if record.kind != Kind::Report {
        let mut texts = shared;
        texts.extend(record.speakers.iter().map(|speaker| speaker.name.as_str()));
        texts.extend(record.tags.iter().map(String::as_str));
        texts.push(record.body());
        return vec![texts];
    }
    let mut documents = Vec::new();
    for passage in &record.passages {
        let mut texts = shared.clone();
        texts.extend(passage.heading.iter().map(String::as_str));
        texts.push(&passage.text);
        documents.push(texts);
    }
    documents
}
