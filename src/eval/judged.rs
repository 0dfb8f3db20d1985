//! A judged folder: documents, queries, and grades that say which documents answer which query.

use std::{
    collections::{BTreeMap, HashSet},
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    error::{Problem, Result},
    search::Asked,
    source::{self, Line},
};

/// Records, a line each, as `hallway ingest` reads them.
pub const DOCS: &str = "docs.jsonl";
/// Objects with `id` and `text`, a line each.
pub const QUERIES: &str = "queries.jsonl";
/// Lines of query, document and grade with tabs between, or TREC's query, 0, document, grade.
pub const QRELS: &str = "qrels.tsv";

/// Hex digits of a hash: enough to tell collections apart.
const HASH_DIGITS: usize = 32;
/// The first line of such a file where it comes from the BEIR collections.
const BEIR_HEADER: [&str; 2] = ["query-id", "corpus-id"];

/// What a judged folder holds. The documents stay on disk until they are ingested.
#[derive(Clone, Debug, Default)]
pub struct Judged {
    /// The folder's own name.
    pub name: String,
    pub dir: PathBuf,
    /// As in the file; each id once.
    pub queries: Vec<Query>,
    /// Query → document → judgment; of queries that there are.
    pub judgments: BTreeMap<String, BTreeMap<String, Judgment>>,
    /// Of queries and judgments, in no order in particular: what two runs must share to be compared.
    pub judged_hash: String,
    /// Of the bytes of the documents' file.
    pub docs_hash: String,
    /// Lines that were left out.
    pub problems: Vec<Problem>,
    pub notes: Vec<String>,
}

/// A query with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    pub id: String,
    pub line: u64,
    pub asked: Asked,
}

/// What one judge said of one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Judgment {
    /// Above 0: relevant, the more the better.
    pub grade: i32,
    pub line: u64,
}

impl Judged {
    /// Reads a folder. What is wrong with a line costs that line, and is in `problems`.
    ///
    /// # Errors
    /// `Io` for a folder without the three files, `Input` for one that is no text or too large.
    pub fn read(dir: &Path) -> Result<Judged> {
        let hash = |bytes: &[u8]| blake3::hash(bytes).to_hex()[..HASH_DIGITS].to_owned();
        let docs_hash = hash(&read(&dir.join(DOCS))?);
        let name = dir.canonicalize().ok().and_then(|full| Some(full.file_name()?.to_string_lossy().into_owned()));
        let mut judged = Judged { name: name.unwrap_or_default(), dir: dir.to_owned(), docs_hash, ..Judged::default() };
        judged.read_queries()?;
        judged.read_judgments()?;
        let mut said: Vec<String> = Vec::new();
        for Query { id, asked, .. } in &judged.queries {
            said.push(json!([id, asked.query, asked.filters]).to_string());
        }
        for (query, documents) in &judged.judgments {
            said.extend(documents.iter().map(|(document, j)| json!([query, document, j.grade]).to_string()));
        }
        said.sort_unstable();
        judged.judged_hash = hash(said.join("\n").as_bytes());
        Ok(judged)
    }

    /// The path of one of the files, for people.
    pub fn path(&self, file: &str) -> String {
        self.dir.join(file).to_string_lossy().into_owned()
    }

    fn read_text(&self, file: &str) -> Result<String> {
        let path = self.dir.join(file);
        source::utf8(read(&path)?, &path)
    }

    fn read_queries(&mut self) -> Result<()> {
        let path = self.path(QUERIES);
        let text = self.read_text(QUERIES)?;
        let mut ids = HashSet::new();
        for line in source::lines(&text) {
            let mut fail = |message: String, hint: &str| {
                self.problems.push(Problem::new(&path, Some(line.number), message, hint));
            };
            let asked = match Asked::from_line(line.text) {
                Ok(Some(asked)) => asked,
                Ok(None) => continue,
                Err(error) => {
                    fail(error.to_string(), "a line is {\"id\": …, \"text\": …}");
                    continue;
                }
            };
            let id = asked.id.clone().unwrap_or_default();
            if id.trim().is_empty() {
                fail("the query has no id".to_owned(), "a line is {\"id\": …, \"text\": …}");
            } else if asked.query.trim().is_empty() && asked.filters.is_empty() {
                fail(format!("query {id} is empty"), "give it a \"text\"");
            } else if !ids.insert(id.clone()) {
                fail(format!("there is a query {id} already"), "the first stands; give this one another id");
            } else {
                self.queries.push(Query { id, line: line.number, asked });
            }
        }
        Ok(())
    }

    fn read_judgments(&mut self) -> Result<()> {
        let path = self.path(QRELS);
        let text = self.read_text(QRELS)?;
        let known: HashSet<&str> = self.queries.iter().map(|query| query.id.as_str()).collect();
        // Judgments of no query: how many, the first one's line and query.
        let mut strays: (u64, Option<(u64, String)>) = (0, None);
        let mut n_repeated = 0;
        for line in source::lines(&text) {
            let mut fail = |message: String, hint: &str| {
                self.problems.push(Problem::new(&path, Some(line.number), message, hint));
            };
            let (query, document, grade) = match judgment(&line) {
                Ok(Some(judgment)) => judgment,
                Ok(None) => continue,
                Err((message, hint)) => {
                    fail(message, hint);
                    continue;
                }
            };
            if !known.contains(query) {
                strays.0 += 1;
                strays.1.get_or_insert_with(|| (line.number, query.to_owned()));
                continue;
            }
            let of_query = self.judgments.entry(query.to_owned()).or_default();
            match of_query.get(document) {
                Some(first) if first.grade == grade => n_repeated += 1,
                Some(first) => fail(
                    format!("query {query} grades {document} {grade}, and {} in line {}", first.grade, first.line),
                    "the first stands; leave one out",
                ),
                None => {
                    of_query.insert(document.to_owned(), Judgment { grade, line: line.number });
                }
            }
        }
        if let (n, Some((line, query))) = strays {
            let judgments = if n == 1 { "1 judgment is".to_owned() } else { format!("{n} judgments are") };
            let message = format!("{judgments} of queries that {QUERIES} lacks, the first of {query}");
            self.problems.push(Problem::new(&path, Some(line), message, "they don't count; add the queries"));
        }
        if n_repeated > 0 {
            let lines = if n_repeated == 1 { "1 line".to_owned() } else { format!("{n_repeated} lines") };
            self.notes.push(format!("{lines} of {path} repeat a judgment"));
        }
        Ok(())
    }
}

type Fault = (String, &'static str);

/// Query, document and grade of a line; null for an empty one and for BEIR's header.
fn judgment<'a>(line: &Line<'a>) -> std::result::Result<Option<(&'a str, &'a str, i32)>, Fault> {
    // With tabs between, ids may hold spaces.
    let tabbed: Vec<&str> = line.text.split('\t').map(str::trim).collect();
    let spaced: Vec<&str> = line.text.split_whitespace().collect();
    let (query, document, grade) = match (tabbed.as_slice(), spaced.as_slice()) {
        (_, []) => return Ok(None),
        ([query, document, grade] | [query, _, document, grade], _) => (*query, *document, *grade),
        (_, [query, document, grade] | [query, _, document, grade]) => (*query, *document, *grade),
        (_, columns) => {
            let message = format!("a judgment has 3 columns, or TREC's 4, and this line {}", columns.len());
            return Err((message, "query, document, grade, with tabs between; or query, 0, document, grade"));
        }
    };
    if line.number == 1 && [query, document] == BEIR_HEADER {
        return Ok(None);
    }
    if query.is_empty() || document.is_empty() {
        return Err(("the judgment lacks its query or its document".to_owned(), "fill the column"));
    }
    match grade.parse() {
        Ok(grade) => Ok(Some((query, document, grade))),
        Err(_) => Err((
            format!("the grade \"{grade}\" is no whole number"),
            "0 is not relevant, 1 and more is relevant, the higher the better",
        )),
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    source::read(path).map_err(|error| {
        // One that is too large can't be split here.
        let is_too_large = error.hint_text().is_some();
        error.hint(if is_too_large {
            "measure a part of the collection".to_owned()
        } else {
            format!("a judged folder holds {DOCS}, {QUERIES} and {QRELS}")
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(queries: &str, qrels: &str) -> Judged {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [(DOCS, "{\"title\":\"T\"}\n"), (QUERIES, queries), (QRELS, qrels)] {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Judged::read(folder.path()).unwrap()
    }

    fn grades(judged: &Judged) -> Vec<(&str, &str, i32)> {
        let each = judged.judgments.iter();
        each.flat_map(|(query, of)| of.iter().map(move |(document, j)| (&**query, &**document, j.grade))).collect()
    }

    /// The problems as line and message.
    fn faults(judged: &Judged) -> Vec<(u64, &str)> {
        judged.problems.iter().map(|problem| (problem.line.unwrap(), problem.message.as_str())).collect()
    }

    const QUERIES_1_2: &str = "{\"id\":\"1\",\"text\":\"a\"}\n{\"id\":2,\"text\":\"b\"}\n";

    #[test]
    fn judgments_come_in_three_forms() {
        let expected = vec![("1", "x", 2), ("1", "y", 0), ("2", "x", -1)];
        for qrels in [
            "1\tx\t2\n1\ty\t0\n2\tx\t-1\n",
            "\u{feff}1 0 x 2\r\n\r\n1 0 y 0\r\n2 Q0 x -1",
            "1\t0\tx\t2\n1  0\ty 0\n2 x -1\n",
            "query-id\tcorpus-id\tscore\n1\tx\t2\n1\ty\t0\n2\tx\t-1\n",
        ] {
            let judged = read(QUERIES_1_2, qrels);
            assert_eq!((grades(&judged), faults(&judged)), (expected.clone(), vec![]), "{qrels}");
        }
        assert_eq!(grades(&read(QUERIES_1_2, "1\ta b\t1\n")), [("1", "a b", 1)]);
    }

    #[test]
    fn a_bad_judgment_costs_its_line() {
        let judged = read(QUERIES_1_2, "1\tx\t1\n1\ty\thigh\n1\n1\tx\t1\n1\tx\t2\n9\tx\t1\n8\tx\t1\n1\t\t1\n2\tz\t1\n");
        assert_eq!(grades(&judged), [("1", "x", 1), ("2", "z", 1)]);
        assert_eq!(
            faults(&judged),
            [
                (2, "the grade \"high\" is no whole number"),
                (3, "a judgment has 3 columns, or TREC's 4, and this line 1"),
                (5, "query 1 grades x 2, and 1 in line 1"),
                (8, "the judgment lacks its query or its document"),
                (6, "2 judgments are of queries that queries.jsonl lacks, the first of 9"),
            ]
        );
        assert!(judged.notes[0].starts_with("1 line of ") && judged.notes.len() == 1, "{:?}", judged.notes);
    }

    #[test]
    fn a_bad_query_costs_its_line() {
        let lines =
            ["{\"id\":\"1\",\"text\":\"a\"}", "b", "{\"id\":\"1\",\"text\":\"c\"}", "{\"id\":\"3\"}", "{\"id\":7,"];
        let judged = read(&lines.join("\n"), "1\tx\t1\n");
        assert_eq!(judged.queries.iter().map(|query| &*query.id).collect::<Vec<_>>(), ["1"]);
        let starts = ["the query has no id", "there is a query 1 already", "query 3 is empty", "not a query: "];
        for (n, start) in starts.into_iter().enumerate() {
            let (line, message) = faults(&judged)[n];
            assert!(line == n as u64 + 2 && message.starts_with(start), "{line}: {message}");
        }
    }

    #[test]
    fn the_hash_is_of_what_is_said_not_of_how() {
        let hash = |queries: &str, qrels: &str| read(queries, qrels).judged_hash;
        let plain = hash(QUERIES_1_2, "1\tx\t2\n2\ty\t1\n");
        assert_eq!(hash("{\"text\":\"b\",\"id\":\"2\"}\n{\"id\":\"1\",\"text\":\"a\"}", "2 0 y 1\n1 0 x 2\n"), plain);
        assert_ne!(hash(QUERIES_1_2, "1\tx\t1\n2\ty\t1\n"), plain);
        assert_ne!(hash(&QUERIES_1_2.replace('b', "c"), "1\tx\t2\n2\ty\t1\n"), plain);
    }
}
