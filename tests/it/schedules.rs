//! Schedules that programs write: files of our own in the shapes of real ones, with the records that they must give. Each
//! is read once more with its folder renamed, its keys in another order and unknown ones added. `HALLWAY_BLESS=1` rewrites
//! the expected records, to be read in the diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::{Overrides, Parsed, parse},
    record::{Kind, Record},
    source::SourceFile,
};
use serde_json::{Map, Value, json};

use crate::texts::{document, said};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/schedules");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for sort in ["xml-", "json-", "ical-", "csv-"] {
        let n = cases.iter().filter(|case| case.file_name().unwrap().to_string_lossy().starts_with(sort)).count();
        assert!(n >= 4, "{n} cases of {sort}");
    }
    cases
}

/// The input of a case, and its name.
pub fn input(case: &Path) -> (String, Vec<u8>) {
    let mut entries = fs::read_dir(case).unwrap().map(|entry| entry.unwrap().path());
    let path = entries.find(|path| path.file_stem().is_some_and(|stem| stem == "input")).unwrap();
    (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
}

pub fn read(root: &str, path: &str, bytes: &[u8]) -> Parsed {
    parse(&SourceFile { root: root.to_owned(), path: path.to_owned() }, bytes, &Overrides::default())
}

/// What a record says, without its place.
pub fn shown(record: &Record) -> Value {
    said(record, &["source", "sources", "extra"])
}

#[test]
fn cases_give_the_records_they_hold() {
    for case in cases() {
        let (name, bytes) = input(&case);
        let parsed = read("", &name, &bytes);
        let printed = serde_json::to_string_pretty(&document(&parsed, shown)).unwrap() + "\n";
        crate::expected::check(&case.join("expected.json"), &printed);
        for record in &parsed.records {
            let span = record.source.as_ref().unwrap();
            let place = &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()];
            let place = encoding_free(place);
            let word = record.title.as_deref().unwrap().split_whitespace().last().unwrap().to_lowercase();
            let word: String = word.chars().take_while(char::is_ascii_alphanumeric).collect();
            assert!(place.to_lowercase().contains(&word), "{word} is not in {place}");
            let lines = bytes[..usize::try_from(span.start).unwrap()].split(|byte| *byte == b'\n').count();
            assert_eq!(lines as u64, span.line, "{}: {:?}", case.display(), record.title);
        }
    }
}

fn encoding_free(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

/// The ids of talks and bios change with nothing that is done here.
#[test]
fn names_of_folders_the_order_of_keys_and_unknown_keys_do_not_matter() {
    for case in cases() {
        let (name, bytes) = input(&case);
        let plain = read("", &name, &bytes);
        let (_, extension) = name.rsplit_once('.').unwrap();
        let text = String::from_utf8(bytes.clone()).ok();
        let changed = match (extension, text) {
            ("json", Some(text)) => serde_json::from_str(&text).ok().map(|value| changed(value).to_string()),
            ("xml", Some(text)) => {
                Some(text.replace("</event>", "<zzz kind=\"x\">y</zzz></event>").replace("</entry>", "<zzz/></entry>"))
            }
            ("ics", Some(text)) => Some(text.replace("END:VEVENT", "X-ZZZ;A=B:c\r\nEND:VEVENT")),
            _ => None,
        };
        let bytes = changed.map_or(bytes, String::into_bytes);
        let again = read("/elsewhere/entirely", &format!("moved/x.{extension}"), &bytes);
        let records = |parsed: &Parsed| {
            let mut records: Vec<String> = parsed.records.iter().map(|record| shown(record).to_string()).collect();
            records.sort();
            records
        };
        assert_eq!(records(&again), records(&plain), "{}", case.display());
    }
}

/// Keys backwards, and one more in each object that has some. Maps whose keys are data stay as they are.
pub fn changed(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let has_title = map.keys().any(|key| key.to_lowercase().contains("title"));
            let mut out: Map<String, Value> = map.into_iter().rev().map(|(key, value)| (key, changed(value))).collect();
            if has_title {
                out.insert("zzz_unknown".to_owned(), json!({"a": ["b"]}));
            }
            Value::Object(out)
        }
        Value::Array(values) => values.into_iter().map(changed).collect(),
        value => value,
    }
}

#[test]
fn no_address_of_anybody_is_kept() {
    for case in cases() {
        let (name, bytes) = input(&case);
        for record in read("", &name, &bytes).records {
            let text = serde_json::to_string(&record).unwrap();
            assert!(!text.contains("@example.org"), "{text}");
        }
    }
}

#[test]
fn bombs_are_refused_with_a_message() {
    let bomb = |unit: &str, n: usize| unit.repeat(n).into_bytes();
    let entity = "<?xml version=\"1.0\"?><!DOCTYPE l [<!ENTITY a \"aaaaaaaaaa\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]>\
                  <schedule><day date=\"2020-01-01\"><event><title>&b;</title><start>10:00</start><abstract>x</abstract></event></day></schedule>";
    let parsed = read("", "x.xml", entity.as_bytes());
    assert!(
        parsed.records.iter().all(|record| record.title.as_ref().is_none_or(|title| title.len() < 20)),
        "{parsed:?}"
    );
    for (name, bytes) in [
        ("x.json", bomb("[", 100_000)),
        ("x.json", bomb("{\"a\":", 100_000)),
        ("x.xml", [b"<?xml version=\"1.0\"?>".to_vec(), bomb("<a>", 100_000)].concat()),
    ] {
        let parsed = read("", name, &bytes);
        assert!(parsed.records.is_empty() && (parsed.is_page || !parsed.problems.is_empty()), "{name}: {parsed:?}");
    }
}

/// Each level asks what the levels below hold: that must not double the work with every level.
#[test]
fn levels_within_levels_and_people_in_a_circle_come_to_an_end() {
    let nested = |key: &str| {
        let inner = r#"{"title":"Deep","start":"10:00","speaker":"Ann One"}"#.to_owned();
        (0..7).fold(inner, |inner, _| format!("{{\"{key}\":[{inner}]}}"))
    };
    for key in ["days", "rooms", "zzz"] {
        let parsed = read("", "x.json", nested(key).as_bytes());
        let n = usize::from(key != "zzz");
        assert!(parsed.records.len() >= n, "{key}: {parsed:?}");
    }
    let bomb =
        (0..60).fold("1".to_owned(), |inner, _| format!("{{\"title\":\"T\",\"start\":\"9:00\",\"days\":{inner}}}"));
    read("", "x.json", bomb.as_bytes());
    let circle = r#"{"speakers":[{"slug":"1","id":"2"},{"slug":"2","id":"1"}],"sessions":[{"title":"Round","start":"10:00","speakers":["1","2"]}]}"#;
    assert_eq!(read("", "x.json", circle.as_bytes()).records.len(), 1);
}

/// Facts of real schedules: talks, bios, and how many talks have which field.
#[test]
fn real_schedules_are_read_whole() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA") else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    let fosdem = Path::new(&corpora).join("fosdem-xml/App/Tests/Resources/Schedules");
    for (name, talks, bios, speakers, with_abstract) in
        [("2007.xml", 215, 0, 212, 215), ("2012.xml", 442, 0, 429, 438), ("2026.xml", 883, 699, 875, 883)]
    {
        let parsed = read(fosdem.to_str().unwrap(), name, &fs::read(fosdem.join(name)).unwrap());
        let of = |kind: Kind| parsed.records.iter().filter(move |record| record.kind == kind);
        assert_eq!((of(Kind::Talk).count(), of(Kind::Bio).count()), (talks, bios), "{name}");
        assert_eq!(of(Kind::Talk).filter(|talk| !talk.speakers.is_empty()).count(), speakers, "{name}");
        assert_eq!(of(Kind::Talk).filter(|talk| talk.abstract_text.is_some()).count(), with_abstract, "{name}");
        let edition = format!("fosdem-{}", &name[..4]);
        for record in &parsed.records {
            assert_eq!(record.edition_id.as_deref(), Some(edition.as_str()));
            assert!(
                record.kind == Kind::Bio || (record.date.is_some() && record.start.is_some()),
                "{:?}",
                record.title
            );
            assert!(!record.body().contains("<p>") && !record.body().contains("&lt;"), "{}", record.body());
        }
    }
}
