//! USENIX program pages saved as text: pages of our own with the records they hold, the real page of a conference where the
//! corpora are at hand, and damaged pages that must never do harm. `HALLWAY_BLESS=1` rewrites the expected records, to be
//! read in the diff.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::{Overrides, Parsed, parse},
    record::{Kind, Record},
    source::SourceFile,
};
use proptest::prelude::*;
use serde_json::{Value, json};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/usenix")
}

/// The cases: one folder each.
fn cases() -> Vec<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the cases");
    let mut cases: Vec<PathBuf> =
        entries.map(|entry| entry.expect("a case").path()).filter(|path| path.is_dir()).collect();
    cases.sort();
    assert!(cases.len() >= 6);
    cases
}

fn read(bytes: &[u8], name: &str, overrides: &Overrides) -> Parsed {
    parse(&SourceFile { root: String::new(), path: name.to_owned() }, bytes, overrides)
}

/// A page as a program page, whether it is one or not.
fn read_anyway(bytes: &[u8]) -> Parsed {
    read(bytes, "page.txt", &Overrides { format: Some("usenix".to_owned()), ..Overrides::default() })
}

/// A page's talks with their bios, and its problems, as the expected files hold them.
fn shown(parsed: &Parsed, text: impl Fn(&str) -> Value) -> Value {
    let bios: HashMap<&str, &Record> = parsed.records.iter().map(|record| (record.id.as_str(), record)).collect();
    let talks = parsed.records.iter().filter(|record| record.kind == Kind::Talk).map(|talk| {
        let speakers = talk.speakers.iter().map(|s| json!([s.name, s.affiliation, s.role])).collect::<Vec<_>>();
        let bios = talk.bios.iter().map(|id| {
            let bio = bios[id.as_str()];
            json!({"name": bio.title, "affiliation": bio.speakers[0].affiliation, "text": text(bio.body())})
        });
        json!({
            "title": talk.title, "type": talk.talk_type, "speakers": speakers, "session": talk.session, "track": talk.track,
            "room": talk.room, "date": talk.date, "start": talk.start, "end": talk.end,
            "abstract": talk.abstract_text.as_deref().map(&text), "bios": bios.collect::<Vec<_>>(),
        })
    });
    let zone = parsed.records.first().and_then(|record| record.time_zone.clone());
    let problems = parsed.problems.iter().map(|problem| json!([problem.line, problem.message]));
    json!({"time_zone": zone, "talks": talks.collect::<Vec<_>>(), "problems": problems.collect::<Vec<_>>()})
}

fn check(actual: &Value, expected: &Path) {
    if crate::expected::blesses() {
        let mut text = serde_json::to_string_pretty(actual).expect("JSON");
        text.push('\n');
        fs::write(expected, text).expect("write");
    }
    let expected: Value = serde_json::from_slice(&fs::read(expected).expect("expected records")).expect("JSON");
    assert_eq!(actual["problems"], expected["problems"]);
    let (got, want) = (actual["talks"].as_array(), expected["talks"].as_array());
    for (got, want) in got.into_iter().flatten().zip(want.into_iter().flatten()) {
        assert_eq!(got, want, "{}", want["title"]);
    }
    assert_eq!(got.map(Vec::len), want.map(Vec::len));
    assert_eq!(actual["time_zone"], expected["time_zone"]);
}

/// The bytes of every span are whole characters of the file, and hold the title.
fn check_spans(bytes: &[u8], parsed: &Parsed) {
    let page = std::str::from_utf8(bytes).expect("UTF-8");
    for record in &parsed.records {
        let span = record.source.as_ref().expect("a span");
        let start = usize::try_from(span.start).expect("small");
        let text = page.get(start..usize::try_from(span.end).expect("small")).expect("a span within the page");
        let one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        let title = record.title.as_deref().unwrap_or_default();
        assert!(record.title_from.is_some() || one_line.contains(title), "{title:?} in {text:?}");
        assert_eq!(text, text.trim());
        assert_eq!(span.line, 1 + page[..start].matches('\n').count() as u64);
    }
}

#[test]
fn pages_give_their_records() {
    for case in cases() {
        let bytes = fs::read(case.join("input.txt")).expect("input");
        let parsed = read(&bytes, "input.txt", &Overrides::default());
        assert_eq!(parsed.format, Some("usenix"), "{}", case.display());
        check(&shown(&parsed, |text| json!(text)), &case.join("expected.json"));
        check_spans(&bytes, &parsed);
        // What a page is does not hang on its name.
        for name in ["notes.md", "2023/report of a trip", "x.jsonl"] {
            let renamed = read(&bytes, name, &Overrides::default());
            assert_eq!(renamed.format, Some("usenix"), "{} as {name}", case.display());
            assert_eq!(renamed.records.len(), parsed.records.len());
        }
    }
}

/// Texts that mention days, times and people, and are no programs.
#[test]
fn other_texts_are_not_claimed() {
    let report = "A trip report\n\nTuesday, 10 October\n\nWe arrived at 09:00 and met Person One, Alpha.\n\n09:00–10:30\n\n\
        I skipped the plenary and had coffee instead, which I can recommend to anyone.\n\nWednesday, 11 October\n\n\
        10:00–11:00\n\nI listened to Person Two, Beta, who spoke about caches. It was good.\n";
    let markdown = "# Notes\n\n## Tuesday, 10 October\n\n- 09:00–10:30 Caches, by Person One, Alpha\n- 10:30 coffee\n";
    let times = "09:00–10:00\n\n10:00–11:00\n\n11:00–12:00\n";
    let json = "{\"title\":\"A Talk\",\"start\":\"09:00\"}\n";
    for text in [report, markdown, times, json, "", "\n\n", "Tuesday, 10 October"] {
        let parsed = read(text.as_bytes(), "srecon-program.txt", &Overrides::default());
        assert_ne!(parsed.format, Some("usenix"), "{text}");
    }
}

/// Texts of other people are held by their number of words and a hash, not kept here.
fn fingerprint(text: &str) -> Value {
    let words: Vec<&str> = text.split_whitespace().collect();
    let hash = blake3::hash(words.join(" ").as_bytes()).to_hex();
    json!([words.len(), &hash[..8]])
}

#[test]
fn a_real_page_gives_every_talk() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA") else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    let bytes = fs::read(Path::new(&corpora).join("seeds/srecon23emea-program.txt")).expect("the page");
    let parsed = read(&bytes, "page.txt", &Overrides::default());
    assert_eq!(parsed.format, Some("usenix"));
    let talks = parsed.records.iter().filter(|record| record.kind == Kind::Talk);
    assert_eq!(talks.count(), 54 + 8);
    assert!(parsed.records.iter().all(|record| record.year == Some(2023)));
    for record in &parsed.records {
        assert_eq!(record.edition.as_deref(), Some("SREcon23 EMEA"));
        assert_eq!(record.edition_id.as_deref(), Some("srecon-emea-2023"));
        assert_eq!(record.series.as_deref(), Some("SREcon"));
    }
    check(&shown(&parsed, fingerprint), &folder().join("srecon23emea.json"));
    check_spans(&bytes, &parsed);
}

/// A page's lines, some moved, some lost, the last one cut.
fn damaged(lines: &[&str], moves: &[(usize, usize)], lost: &[usize], cut: usize) -> String {
    let mut lines: Vec<&str> = lines.to_vec();
    for (from, to) in moves {
        let (from, to) = (from % lines.len(), to % lines.len());
        lines.swap(from, to);
    }
    for at in lost {
        if lines.len() > 1 {
            lines.remove(at % lines.len());
        }
    }
    let mut page = lines.join("\n");
    let cut = (0..=cut % (page.len() + 1)).rev().find(|at| page.is_char_boundary(*at)).unwrap_or(0);
    page.truncate(cut);
    page
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn damaged_pages_do_no_harm(
        case in 0_usize..64,
        moves in prop::collection::vec((0_usize..999, 0_usize..999), 0..60),
        lost in prop::collection::vec(0_usize..999, 0..40),
        cut in 0_usize..99_999,
    ) {
        let cases = cases();
        let page = fs::read_to_string(cases[case % cases.len()].join("input.txt")).expect("input");
        let page = damaged(&page.split('\n').collect::<Vec<_>>(), &moves, &lost, cut);
        let parsed = read_anyway(page.as_bytes());
        check_spans(page.as_bytes(), &parsed);
    }

    #[test]
    fn any_text_does_no_harm(page in "([ \t]?(•|[A-Z][a-zé]{0,9}|9:00 am|[0-9]{1,2}:[0-9]{2}|–|Tuesday, |10 October|and |, |;|\\[node:|Bio: ?|\n){0,9}){0,30}") {
        let parsed = read_anyway(page.as_bytes());
        check_spans(page.as_bytes(), &parsed);
    }
}
