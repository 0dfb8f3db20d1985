//! Pages saved as HTML: files of our own in the shapes of real producers, with the records that they must give. Each is read
//! once more with its folder renamed and with attributes of no meaning. `HALLWAY_BLESS=1` rewrites the expected records, to
//! be read in the diff.

use std::{
    fs,
    path::{Path, PathBuf},
};

use hallway::{
    formats::Parsed,
    record::{Kind, Record, Span},
};
use serde_json::{Value, json};

use crate::schedules::{self, input, read};

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/pages_html");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() >= 20, "{} cases", cases.len());
    cases
}

/// What a record says, without places, which differ where attributes are added.
fn shown(record: &Record) -> Value {
    let mut value = schedules::shown(record);
    for passage in
        value.get_mut("passages").and_then(Value::as_array_mut).into_iter().flatten().filter_map(Value::as_object_mut)
    {
        passage.remove("span");
    }
    value
}

fn document(parsed: &Parsed) -> Value {
    let lines = |record: &Record| record.source.as_ref().map(|span| span.line);
    json!({
        "format": parsed.format, "is_page": parsed.is_page,
        "records": parsed.records.iter().map(shown).collect::<Vec<_>>(),
        "lines": parsed.records.iter().map(lines).collect::<Vec<_>>(),
        "problems": parsed.problems.iter().map(|problem| json!([problem.line, problem.message])).collect::<Vec<_>>(),
        "notes": parsed.notes,
    })
}

fn place<'a>(span: &Span, bytes: &'a [u8]) -> &'a [u8] {
    &bytes[usize::try_from(span.start).unwrap()..usize::try_from(span.end).unwrap()]
}

#[test]
fn cases_give_the_records_they_hold() {
    for case in cases() {
        let (name, bytes) = input(&case);
        let parsed = read("", &name, &bytes);
        let printed = serde_json::to_string_pretty(&document(&parsed)).unwrap() + "\n";
        crate::expected::check(&case.join("expected.json"), &printed);
        for record in &parsed.records {
            let span = record.source.as_ref().unwrap();
            let title = record.title.as_deref().unwrap();
            let word: String =
                title.split_whitespace().last().unwrap().chars().take_while(char::is_ascii_alphanumeric).collect();
            let text = String::from_utf8_lossy(place(span, &bytes)).to_lowercase();
            assert!(text.contains(&word.to_lowercase()), "{}: {title} is not in {text}", case.display());
            let line = bytes[..usize::try_from(span.start).unwrap()].split(|byte| *byte == b'\n').count();
            assert_eq!(line as u64, span.line, "{}: {title}", case.display());
        }
    }
}

/// A passage stands on the lines that it names.
#[test]
fn passages_know_their_lines() {
    let mut n = 0;
    for case in cases() {
        let (name, bytes) = input(&case);
        for record in read("", &name, &bytes).records.iter().filter(|record| record.kind == Kind::Report) {
            for passage in &record.passages {
                let text = String::from_utf8_lossy(place(passage.span.as_ref().unwrap(), &bytes)).into_owned();
                let first: Vec<&str> = passage.text.split_whitespace().take(3).collect();
                assert!(text.contains(&first.join(" ")), "{}: {first:?} is not in {text}", case.display());
                n += 1;
            }
        }
    }
    assert!(n >= 3, "{n} passages");
}

#[test]
fn names_of_folders_and_attributes_of_no_meaning_do_not_matter() {
    for case in cases() {
        let (name, bytes) = input(&case);
        let plain = read("", &name, &bytes);
        // Bytes as letters, whatever the encoding.
        let mut text: String = bytes.iter().map(|byte| char::from(*byte)).collect();
        for tag in ["div", "p", "li", "h3", "td", "tr", "article", "span", "a"] {
            text = text.replace(&format!("<{tag} "), &format!("<{tag} data-zzz=\"x > y\" zzz=1 "));
        }
        let changed: Vec<u8> = text.chars().map(|c| u8::try_from(c).unwrap()).collect();
        let (_, extension) = name.rsplit_once('.').unwrap();
        let again = read("/elsewhere/entirely", &format!("moved/input.{extension}"), &changed);
        let records =
            |parsed: &Parsed| parsed.records.iter().map(|record| shown(record).to_string()).collect::<Vec<_>>();
        assert_eq!(records(&again), records(&plain), "{}", case.display());
    }
}

#[test]
fn scripts_styles_and_what_is_around_never_get_into_texts() {
    for case in cases() {
        let (name, bytes) = input(&case);
        for record in read("", &name, &bytes).records {
            let text = serde_json::to_string(&record).unwrap().to_lowercase();
            for rubbish in
                ["document.write", "cookies", "skip to", "sign up", "@context", "share this", "i was there too"]
            {
                assert!(!text.contains(rubbish), "{}: {rubbish} in {text}", case.display());
            }
        }
    }
}

/// Hostile pages cost nothing but themselves.
#[test]
fn hostile_pages_are_refused_or_read_but_end() {
    let repeated = |unit: &str, n: usize| unit.repeat(n).into_bytes();
    let tags = (0..300).map(|n| format!("<b id={n}>")).collect::<Vec<_>>().concat();
    let deep = format!(
        "<script type=\"application/ld+json\">{}</script>",
        "[{\"@type\":\"Event\",\"subEvent\":".repeat(5_000)
    );
    let attributes = |value: &str| (0..300_000).map(|n| format!("a{n}{value} ")).collect::<Vec<_>>().concat();
    let stated = "{\"@type\":\"Event\",\"name\":\"A\",\"performer\":\"Ann Example\"},";
    let nested_item = "<div itemscope itemtype=https://schema.org/Event itemprop=subEvent>";
    let program =
        "<div class=session><h3>Title of a Talk</h3><p class=speaker>Ann Example</p><p>10:00</p></div>".repeat(2_000);
    for (bytes, is_refused) in [
        (repeated("<div>", 200_000), true),
        (repeated("<ul><li>", 100_000), true),
        ((tags + &"<p>x".repeat(5_000)).into_bytes(), false),
        (repeated("<p>word ", 1_200_000), true),
        (format!("<div {}>x", attributes("")).into_bytes(), true),
        (format!("<script {}></script>", attributes("=''")).into_bytes(), true),
        (format!("<title>{}</title><h1>{}</h1>", "a - ".repeat(10_000), "b - ".repeat(10_000)).into_bytes(), false),
        (repeated("<h2>May 22, 2019</h2>", 15_000), false),
        (format!("<script type='application/ld+json'>[{}{{}}]</script>", stated.repeat(4_000)).into_bytes(), false),
        (
            format!(
                "<script type='application/ld+json'>{}1</script>",
                "{\"@type\":\"Event\",\"subEvent\":".repeat(100)
            )
            .into_bytes(),
            false,
        ),
        (format!("{}{}", nested_item.repeat(300), "<i itemprop=name>x</i>".repeat(5_000)).into_bytes(), false),
        (
            format!("<div class=h-event>{}{}", "<div class=p-name>".repeat(300), "word ".repeat(100_000)).into_bytes(),
            false,
        ),
        (format!("<table><tr>{}{}", "<td>x".repeat(5_000), "<tr><td>10:00<td>x".repeat(5_000)).into_bytes(), false),
        (
            format!("{0}{1}{0}", "<div class=session>".repeat(150), "word ".repeat(20_000) + &"</div>".repeat(150))
                .into_bytes(),
            false,
        ),
        (repeated("<!-- ", 100_000), false),
        (repeated("<a href='", 50_000), true),
        (deep.into_bytes(), false),
        (program.into_bytes(), false),
        (format!("{}<p>x", "<div class=session>".repeat(300)).into_bytes(), false),
    ] {
        let parsed = read("", "x.html", &bytes);
        assert_eq!(parsed.format, Some("html"));
        assert_eq!(parsed.problems.iter().any(|problem| problem.message.starts_with("the page is")), is_refused);
    }
}
