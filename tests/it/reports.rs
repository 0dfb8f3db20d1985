//! Reports: cases of our own beside this file, and facts about the seed documents and the gathered reports, whose texts
//! are not ours to commit and are told by word count and hash.

use std::{collections::BTreeMap, fs, path::Path};

use hallway::{
    formats::{self, Overrides, Parsed},
    record::Record,
    source::{self, Rules, SourceFile},
};
use serde_json::{Value, json};

fn parse(path: &str, bytes: &[u8]) -> Parsed {
    let file = SourceFile { root: "/root".to_owned(), path: path.to_owned() };
    formats::parse(&file, bytes, &Overrides::default())
}

/// What a case fixes of the outcome.
fn outcome(parsed: &Parsed, input: &str) -> Value {
    let problems: Vec<Value> = parsed.problems.iter().map(|p| json!({"line": p.line, "message": p.message})).collect();
    let reports: Vec<Value> = parsed.records.iter().map(|record| report(record, input)).collect();
    json!({"format": parsed.format, "is_page": parsed.is_page, "problems": problems, "reports": reports})
}

fn report(record: &Record, input: &str) -> Value {
    let passages: Vec<Value> = record
        .passages
        .iter()
        .map(|passage| {
            let span = passage.span.as_ref().expect("passages of a file have places");
            let lines = &input[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
            assert_eq!(1 + input[..usize::try_from(span.start).unwrap()].matches('\n').count() as u64, span.line);
            let first: Vec<&str> = lines.split_whitespace().take(3).collect();
            json!({"heading": passage.heading, "text": passage.text, "line": span.line, "span_begins": first.join(" ")})
        })
        .collect();
    json!({
        "title": record.title, "title_from": record.title_from, "series": record.series, "edition": record.edition,
        "edition_id": record.edition_id, "year": record.year, "written": record.written, "date": record.date,
        "author": record.author, "tags": record.tags, "language": record.language, "url": record.url,
        "inferred": record.inferred, "extra": record.extra,
        "editions": record.editions.iter().map(|edition| &edition.edition_id).collect::<Vec<_>>(),
        "passages": passages,
    })
}

/// Each folder in `reports/` is a case: one input, whose name is part of it, and `expected.json`. With
/// `HALLWAY_BLESS` set the expected files are written instead; read the diff.
#[test]
fn cases() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reports");
    let mut n_cases = 0;
    for case in fs::read_dir(&root).unwrap().map(|entry| entry.unwrap().path()) {
        let mut files: Vec<_> = walk(&case).into_iter().filter(|path| path != "expected.json").collect();
        assert_eq!(files.len(), 1, "{}: one input", case.display());
        let path = files.remove(0);
        let bytes = fs::read(case.join(&path)).unwrap();
        let parsed = parse(&path, &bytes);
        let found = outcome(&parsed, std::str::from_utf8(&bytes).unwrap());
        let expected = case.join("expected.json");
        if crate::expected::blesses() {
            fs::write(&expected, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
        }
        let expected: Value = serde_json::from_str(&fs::read_to_string(&expected).unwrap()).unwrap();
        assert_eq!(found, expected, "{}:\n{found:#}", case.display());
        n_cases += 1;
    }
    assert!(n_cases >= 16, "{n_cases} cases");
}

/// A line of YAML that repeats the line before it nine times.
fn bomb_line((this, last): (char, char)) -> String {
    format!("{this}: &{this} [{}]\n", [format!("*{last}").as_str(); 9].join(","))
}

fn walk(folder: &Path) -> Vec<String> {
    let rules = Rules { hidden: false, no_ignore: true, exclude: Vec::new() };
    let (files, _) = source::list(&[folder.to_owned()], &rules, |_| false).unwrap();
    files.into_iter().map(|file| file.path).collect()
}

/// Input that makes careless parsers quadratic or deep: a parser of ours that is either does not end here.
#[test]
fn hostile_input_neither_hangs_nor_panics() {
    let bomb = format!(
        "---\na: &a [x,x,x,x,x,x,x,x,x]\n{}title: FooConf 2019\n---\ntext\n",
        ('b'..='k').zip('a'..).map(bomb_line).collect::<String>()
    );
    let words = "word ".repeat(100);
    for (name, text) in [
        ("quotes", format!("# FooConf 2019\n\n{} {words}", ">".repeat(20_000))),
        ("lists", format!("# FooConf 2019\n\n{} {words}", "- ".repeat(20_000))),
        ("brackets", format!("# FooConf 2019\n\n{} {words}", "[".repeat(50_000))),
        ("links", format!("# FooConf 2019\n\n{} {words}", "[a](".repeat(20_000))),
        ("emphasis", format!("# FooConf 2019\n\n{} {words}", "*a_ ".repeat(20_000))),
        ("tags", format!("# FooConf 2019\n\n{} {words}", "<div>".repeat(20_000))),
        ("bold tags", format!("# FooConf 2019\n\n{} {words}", "<b>".repeat(20_000))),
        ("backticks", format!("# FooConf 2019\n\n{} {words}", "` `` ".repeat(20_000))),
        ("braces", format!("# FooConf 2019\n\n{} {words}", "{{< ".repeat(20_000))),
        ("captions", format!("# FooConf 2019\n\n{} {words}", "[caption id=\"x\"".repeat(5_000))),
        ("long line", format!("# FooConf 2019\n\n{}", "word ".repeat(100_000))),
        ("yaml bomb", bomb),
        ("yaml nesting", format!("---\na: {}\n---\n{words}", "[".repeat(20_000))),
        ("json nesting", format!("{{\"a\": {}", "[".repeat(20_000))),
        ("toml nesting", format!("+++\na = {}\n+++\n{words}", "[".repeat(20_000))),
        ("unclosed comment", format!("# FooConf 2019\n\n<!-- {words}")),
        ("years", "FooConf 2019 ".repeat(5_000)),
    ] {
        let parsed = parse("fooconf-2019.md", text.as_bytes());
        assert!(parsed.is_page || !parsed.problems.is_empty() || parsed.records.len() == 1, "{name}: nothing came out");
    }
}

/// Every prefix of a file that has everything is read without a panic.
#[test]
fn cut_off_files_never_panic() {
    let text = fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reports/yaml-and-markup/fooconf-2019-notes.md"),
    )
    .unwrap();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        parse("notes.md", &text.as_bytes()[..end]);
        parse("notes.txt", &text.as_bytes()[text.len() - end..]);
    }
}

/// The folder with the gathered corpora, when this machine has it.
fn corpora() -> Option<String> {
    let folder = std::env::var("HALLWAY_CORPORA").ok();
    if folder.is_none() {
        println!("skipped: HALLWAY_CORPORA is not set");
    }
    folder
}

/// Words and a short hash: enough to see a change, too little to give the text away.
fn fingerprint(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    format!("{}:{}", words.len(), &blake3::hash(words.join(" ").as_bytes()).to_hex()[..8])
}

fn seed(name: &str) -> Option<Record> {
    let bytes = fs::read(Path::new(&corpora()?).join("seeds").join(name)).unwrap();
    let mut parsed = parse(name, &bytes);
    assert!(parsed.problems.is_empty() && parsed.records.len() == 1, "{name}: {parsed:?}");
    Some(parsed.records.remove(0))
}

fn headings(record: &Record) -> Vec<String> {
    let mut headings: Vec<String> = record.passages.iter().map(|passage| passage.heading.join(" > ")).collect();
    headings.dedup();
    headings
}

#[test]
fn seed_plain_report_with_captions() {
    let Some(record) = seed("srecon16europe-report.txt") else { return };
    assert_eq!(record.title.as_deref(), Some("SRECon Europe 2016"));
    assert_eq!(record.edition.as_deref(), Some("SREcon16 Europe"));
    assert_eq!((record.edition_id.as_deref(), record.year), (Some("srecon-europe-2016"), Some(2016)));
    let expected = ["", "“Docker from scratch” workshop", "eBPF primer", "The Production Engineering Lifecycle"];
    assert_eq!(headings(&record), expected);
    let texts: Vec<String> = record.passages.iter().map(|passage| fingerprint(&passage.text)).collect();
    same_list(&texts, &["31:dc2832c8", "97:d1c55b9f", "156:c0ad69c6", "124:298101f2"]);
}

/// Compares lists, and shows both whole.
fn same_list(found: &[String], expected: &[&str]) {
    assert!(found == expected, "found {found:#?}\nexpected {expected:#?}");
}

#[test]
fn seed_long_report() {
    let Some(record) = seed("srecon23americas-report.txt") else { return };
    assert_eq!(record.edition_id.as_deref(), Some("srecon-americas-2023"));
    assert_eq!(record.edition.as_deref(), Some("SREcon23 Americas"));
    assert_eq!(headings(&record), ["", "Travel and venue", "Conference program"]);
    let words: Vec<usize> = record.passages.iter().map(|p| p.text.split_whitespace().count()).collect();
    assert!(words.iter().all(|words| (80..=400).contains(words)), "{words:?}");
    assert_eq!(fingerprint(record.text.as_deref().unwrap()), "6316:10640179");
    assert!(!record.text.unwrap().contains("Bookmark the permalink"));
}

#[test]
fn seed_notes_without_a_title() {
    let Some(record) = seed("srecon23emea-day1-notes.md") else { return };
    assert_eq!(record.title.as_deref(), Some("SREcon23 EMEA day 1 notes"));
    assert_eq!(record.title_from.as_deref(), Some("file name"));
    assert_eq!(record.edition_id.as_deref(), Some("srecon-emea-2023"));
    assert_eq!(record.editions.len(), 1, "a link to another edition's talk does not make it one");
    assert_eq!(record.inferred["edition"], "file name");
    let expected = [
        "Keynote: eBPF",
        "Symptom-based Alerting for Machine Learning",
        "Reliability Enhancing Procedures",
        "QUIC vs HTTP/3 Application Mapping vs Protocol Encapsulation",
        "Deploying and Debugging HTTP/3",
    ];
    assert_eq!(headings(&record), expected.map(|heading| format!("Day 1 > {heading}")));
    assert_eq!(record.passages.len(), 5, "nested lists stay together");
}

#[test]
fn seed_list_of_talks() {
    let Some(record) = seed("sourced-tech-talks-report.md") else { return };
    assert_eq!(record.title.as_deref(), Some("Sourced Tech Talks"));
    assert_eq!(record.series.as_deref(), Some("source{d} Tech Talks"));
    assert_eq!((record.year, record.written.as_deref(), &record.date), (Some(2017), Some("2017-03-25"), &None));
    assert_eq!(record.inferred["year"], "\"Yesterday\" and the date of writing");
    let expected = [
        "",
        "Building a Billion User Load Balancer",
        "One API to rule them all, Rise of the Operators",
        "High-performance Linux monitoring with eBPF",
        "From 0 to anomaly detection in your infrastructure metrics in 15 minutes",
        "Booting up your cattle with Ignition and Matchbox",
        "The many journeys of a disk write",
        "Native, Distributed Storage For Kubernetes",
        "",
    ];
    assert_eq!(headings(&record), expected);
}

/// Every gathered report: file → what it is and which edition it is about.
#[test]
fn gathered_reports() {
    let Some(corpora) = corpora() else { return };
    let root = Path::new(&corpora).join("reports");
    let mut found = BTreeMap::new();
    for path in walk(&root) {
        let bytes = fs::read(root.join(&path)).unwrap();
        let parsed = parse(&path, &bytes);
        let value = match (parsed.problems.first(), parsed.is_page, parsed.records.first()) {
            (Some(problem), ..) => format!("problem on line {}", problem.line.unwrap_or(0)),
            (None, true, _) => "page".to_owned(),
            (None, false, Some(record)) => {
                check_markup_is_gone(&path, record);
                let year =
                    record.inferred.get("year").map(|reason| format!(", year from {reason}")).unwrap_or_default();
                format!("{}{year}", record.edition_id.as_deref().unwrap_or_default())
            }
            (None, false, None) => "nothing".to_owned(),
        };
        found.insert(path, value);
    }
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/reports-golden.json");
    if crate::expected::blesses() {
        fs::write(&golden, serde_json::to_string_pretty(&found).unwrap() + "\n").unwrap();
    }
    let expected: BTreeMap<String, String> = serde_json::from_str(&fs::read_to_string(&golden).unwrap()).unwrap();
    let differing: Vec<_> = found.iter().filter(|(path, value)| expected.get(*path) != Some(value)).collect();
    assert!(differing.is_empty() && found.len() == expected.len(), "{differing:#?}");
    let count = |wanted: &str| found.values().filter(|value| value.starts_with(wanted)).count();
    assert_eq!((found.len(), count("page"), count("problem")), (191, 19, 0));
}

fn check_markup_is_gone(path: &str, record: &Record) {
    assert_eq!(record.date, None, "{path}: the date of writing is no conference day");
    for passage in &record.passages {
        for leftover in ["](", "&amp;", "&nbsp;", "{{<", "{%", "[caption", "<p", "<a ", "<img", "<!--"] {
            let code = passage.text.contains('`') || passage.text.contains("    ");
            assert!(code || !passage.text.contains(leftover), "{path}: {leftover} in {:?}", passage.heading);
        }
    }
}
