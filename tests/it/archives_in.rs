//! Archives as sources: what is in them is read as if it had been unpacked, and what is hostile in them costs itself alone.

use std::{
    fs,
    io::{Cursor, Write},
};

use flate2::{Compression, write::GzEncoder};
use serde_json::{Value, json};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::sandbox::{Run, Sandbox};

type Files<'a> = &'a [(&'a str, &'a [u8])];

const REPORT: &str =
    "---\ntitle: Notes from the second day\nseries: FooConf\nedition: FooConf 2023\nyear: 2023\n---\n\n";
const TALKS: &str = "{\"title\":\"Alpha\",\"edition\":\"FooConf 2023\",\"speakers\":[\"A. Speaker\"]}\n\
    {\"title\":\"Beta\",\"edition\":\"FooConf 2023\",\"speakers\":[\"B. Speaker\"]}\n";
const TABLE: &str = "Title,Speakers,Abstract\nGamma,C. Speaker,What gamma is\nDelta,D. Speaker,What delta is\n";

fn report() -> String {
    format!("{REPORT}## Morning\n\n{}\n", "alpha beta gamma delta epsilon zeta theta kappa lambda sigma ".repeat(12))
}

fn zip(files: Files) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in files {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn tar(files: Files) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        builder.append(&tar_header(name.as_bytes(), bytes.len()), *bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

/// With the name as it is given, which the library would refuse to write.
fn tar_header(name: &[u8], n_bytes: usize) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.as_old_mut().name[..name.len()].copy_from_slice(name);
    header.set_size(n_bytes as u64);
    header.set_mode(0o644);
    header.set_cksum();
    header
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn ingest(sandbox: &Sandbox, arguments: &[&str]) -> Run {
    sandbox.run(&[&["--index", "i", "ingest"], arguments].concat())
}

/// The line that says what was done, and the status.
fn done(sandbox: &Sandbox, arguments: &[&str]) -> (String, i32) {
    let run = ingest(sandbox, arguments);
    (run.stdout.trim().to_owned(), run.status)
}

fn titles(sandbox: &Sandbox) -> String {
    let lines = sandbox.run(&["--index", "i", "export"]).stdout;
    let title = |line: &str| serde_json::from_str::<Value>(line).unwrap()["title"].as_str().unwrap().to_owned();
    let mut titles: Vec<String> = lines.lines().map(title).collect();
    titles.sort();
    titles.join(", ")
}

/// The records of an index, without where they come from.
fn records(sandbox: &Sandbox, index: &str) -> Vec<Value> {
    fn strip(value: &mut Value) {
        match value {
            Value::Object(map) => {
                map.retain(|key, _| key != "root" && key != "path");
                map.values_mut().for_each(strip);
            }
            Value::Array(values) => values.iter_mut().for_each(strip),
            _ => {}
        }
    }
    let lines = sandbox.run(&["--index", index, "export"]).stdout;
    let mut records: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    records.iter_mut().for_each(strip);
    records
}

#[test]
fn an_archive_gives_what_the_folder_gives() {
    let sandbox = Sandbox::new();
    let report = report();
    let files: Files = &[
        ("./talks.jsonl", TALKS.as_bytes()),
        ("2023/day two.md", report.as_bytes()),
        ("2023/table.csv", TABLE.as_bytes()),
        ("2023/.hidden.jsonl", b"{\"title\":\"Hidden\"}"),
        ("2023/drafts/draft.jsonl", b"{\"title\":\"Draft\"}"),
        ("2023/.gitignore", b"drafts/\n/*.jsonl\n"),
    ];
    for (name, bytes) in files {
        sandbox.write(&format!("fooconf/{name}"), bytes);
    }
    for (name, bytes) in [
        ("a/fooconf.zip", zip(files)),
        ("b/fooconf.tar", tar(files)),
        ("c/fooconf.tar.gz", gzip(&tar(files))),
        ("d/fooconf", zip(files)),
    ] {
        sandbox.write(name, bytes);
    }
    assert_eq!(
        sandbox.run(&["--index", "folder", "ingest", "fooconf"]).stdout,
        "added 3, changed 0, removed 0, unchanged 0\n"
    );
    let expected = records(&sandbox, "folder");
    assert_eq!(expected.len(), 5);
    // Given by itself, and found in a folder; by what it holds, whatever it is called.
    for (index, given) in [("1", "a/fooconf.zip"), ("2", "a"), ("3", "b/fooconf.tar"), ("4", "c"), ("5", "d/fooconf")] {
        let run = sandbox.run(&["--index", index, "ingest", given]);
        assert_eq!((run.status, run.stdout.as_str()), (0, "added 3, changed 0, removed 0, unchanged 0\n"), "{given}");
        assert_eq!(records(&sandbox, index), expected, "{given}");
        let parsed = sandbox.run(&["parse", given]);
        assert_eq!((parsed.status, parsed.stdout.lines().count()), (0, expected.len()), "{given}: {}", parsed.stderr);
    }
    for (flags, n_added) in [
        (&["--hidden"][..], 4),
        (&["--no-ignore"], 4),
        (&["--hidden", "--no-ignore"], 6),
        (&["--exclude", "*.md"], 2),
        (&["--exclude", "2023/"], 1),
        (&["--exclude", "/talks.jsonl"], 2),
        (&["--exclude", "*.zip"], 0),
    ] {
        let stdout = sandbox.run(&[&["--index", "none", "ingest", "--dry-run", "a"], flags].concat()).stdout;
        assert_eq!(stdout, format!("added {n_added}, changed 0, removed 0, unchanged 0\n"), "{flags:?}");
    }
}

#[test]
fn a_member_is_a_source_with_a_place() {
    let sandbox = Sandbox::new();
    let report = report();
    sandbox.write("in/x.zip", zip(&[("d/talks.jsonl", TALKS.as_bytes()), ("notes.md", report.as_bytes())]));
    assert_eq!(done(&sandbox, &["in"]).1, 0);
    let hit = &sandbox.json(&["--index", "i", "search", "--json", "beta", "--kind", "talk"])["hits"][0];
    assert_eq!(hit["source"]["path"], "in/x.zip!/d/talks.jsonl");
    let id = hit["id"].as_str().unwrap();
    let record = sandbox.json(&["--index", "i", "show", "--json", id]);
    let source = &record["source"];
    let [start, end] = ["start", "end"].map(|key| usize::try_from(source[key].as_u64().unwrap()).unwrap());
    assert!(TALKS[start..end].starts_with("{\"title\":\"Beta\""), "{source}");
    assert_eq!(sandbox.run(&["--index", "i", "open", id]).stdout, "in/x.zip!/d/talks.jsonl:2\n");

    // An export says where its records come from, and reading it back keeps that.
    let export = sandbox.run(&["--index", "i", "export"]).stdout;
    sandbox.write("export.jsonl", &export);
    assert_eq!(sandbox.run(&["--index", "again", "ingest", "export.jsonl"]).status, 0);
    let again = sandbox.json(&["--index", "again", "show", "--json", id]);
    assert_eq!((&again["source"], again["via"]["path"].as_str()), (source, Some("export.jsonl")));

    let status = sandbox.run(&["--index", "i", "status"]).stdout;
    assert!(status.contains("sources   2, 1 archive among them"), "{status}");
    fs::remove_file(sandbox.path("in/x.zip")).unwrap();
    let run = sandbox.run(&["--index", "i", "open", id]);
    assert!(
        run.status == 2 && run.stderr.contains("x.zip!/d/talks.jsonl") && run.stderr.contains("is gone"),
        "{run:?}"
    );
}

#[cfg(unix)]
#[test]
fn the_editor_gets_a_copy_of_a_member() {
    use std::os::unix::fs::PermissionsExt;
    let sandbox = Sandbox::new();
    sandbox.write("x.zip", zip(&[("d/talks.jsonl", TALKS.as_bytes())]));
    assert_eq!(done(&sandbox, &["x.zip"]).1, 0);
    let vim = sandbox.write("vim", "#!/bin/sh\nprintf '%s\\n' \"$1\" > told\ncat \"$2\" >> told\nrm \"$2\"\n");
    fs::set_permissions(&vim, fs::Permissions::from_mode(0o755)).unwrap();
    let environment = [("EDITOR", vim.to_str().unwrap())];
    let Some(run) = sandbox.run_in_terminal(&["--index", "i", "open", "foo-conf-2023/beta"], &environment) else {
        return;
    };
    assert!(run.status == 0 && run.stdout.contains("is a copy of "), "{run:?}");
    assert_eq!(fs::read_to_string(sandbox.path("told")).unwrap(), format!("+2\n{TALKS}"));
}

#[test]
fn one_changed_member_is_parsed_alone() {
    let sandbox = Sandbox::new();
    let more = "{\"title\":\"Epsilon\"}";
    let files = |table: &'static [u8]| [("a.jsonl", TALKS.as_bytes()), ("b.csv", table), ("c.jsonl", more.as_bytes())];
    for (name, pack) in [("x.zip", zip as fn(Files) -> Vec<u8>), ("x.tgz", |files| gzip(&tar(files)))] {
        let added = ("added 3, changed 0, removed 0, unchanged 0".to_owned(), 0);
        sandbox.write(name, pack(&files(TABLE.as_bytes())));
        assert_eq!(done(&sandbox, &["--dry-run", name]), added);
        assert_eq!(done(&sandbox, &[name]), added);
        let unchanged = ("added 0, changed 0, removed 0, unchanged 3".to_owned(), 0);
        assert_eq!(done(&sandbox, &[name]), unchanged);
        // Packed again, the members are what they were.
        sandbox.write(name, pack(&[&files(TABLE.as_bytes())[..], &[("new.jsonl", b"{\"title\":\"Zeta\"}")]].concat()));
        let status = sandbox.json(&["--index", "i", "status", "--json"]);
        assert_eq!(status["changed"], json!([sandbox.path(name).canonicalize().unwrap()]));
        assert_eq!(done(&sandbox, &[name]).0, "added 1, changed 0, removed 0, unchanged 3");
        assert_eq!(sandbox.json(&["--index", "i", "status", "--json"])["changed"], json!([]));
        sandbox.write(name, pack(&files(b"Title,Speakers\nEta,E. Speaker\nTheta,F. Speaker\n")));
        assert_eq!(done(&sandbox, &["--prune", name]).0, "added 0, changed 1, removed 1, unchanged 2");
        assert!(titles(&sandbox).starts_with("Alpha, Beta, Epsilon, Eta, Theta"), "{}", titles(&sandbox));
        // What is said holds for every member, and for them alone.
        assert_eq!(done(&sandbox, &["--year", "2019", name]).0, "added 0, changed 3, removed 0, unchanged 0");
        assert_eq!(done(&sandbox, &[name]), unchanged);
        assert_eq!(sandbox.run(&["--index", "i", "remove", name]).status, 0);
    }
}

#[test]
fn what_is_gone_from_an_archive_is_told_and_pruned() {
    let sandbox = Sandbox::new();
    let all: Files = &[("a.jsonl", b"{\"title\":\"One\"}"), ("b.jsonl", b"{\"title\":\"Two\"}")];
    sandbox.write("in/x.zip", zip(all));
    sandbox.write("in/y.tar", tar(&[("c.jsonl", b"{\"title\":\"Three\"}")]));
    assert_eq!(done(&sandbox, &["in"]).0, "added 3, changed 0, removed 0, unchanged 0");
    sandbox.write("in/x.zip", zip(&all[..1]));
    fs::remove_file(sandbox.path("in/y.tar")).unwrap();
    let gone: Vec<String> = ["in/x.zip!/b.jsonl", "in/y.tar!/c.jsonl"]
        .map(|path| sandbox.path("").canonicalize().unwrap().join(path).to_str().unwrap().to_owned())
        .to_vec();
    // The folder, and the archive by itself, which says nothing of the other.
    for (given, n_gone) in [("in", 2), ("in/x.zip", 1)] {
        let summary = sandbox.json(&["--index", "i", "ingest", "--json", given]);
        assert_eq!((&summary["vanished"], &summary["left_out"]), (&json!(gone[..n_gone]), &json!([])), "{given}");
    }
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    let named: Vec<&str> = status["gone"].as_array().unwrap().iter().map(|key| key.as_str().unwrap()).collect();
    assert!(gone.iter().all(|key| named.contains(&key.as_str())), "{named:?}");
    // A member that the rules leave out is there.
    let summary = sandbox.json(&["--index", "i", "ingest", "--json", "--exclude", "a.*", "in/x.zip"]);
    assert_eq!(summary["left_out"].as_array().unwrap().len(), 1, "{summary}");
    // So is an archive that they leave out.
    let summary = sandbox.json(&["--index", "i", "ingest", "--json", "--exclude", "*.zip", "in"]);
    assert_eq!(
        (summary["left_out"].as_array().unwrap().len(), &summary["vanished"]),
        (2, &json!(gone[1..])),
        "{summary}"
    );

    assert_eq!(done(&sandbox, &["--dry-run", "--prune", "in"]).0, "added 0, changed 0, removed 2, unchanged 1");
    assert_eq!(titles(&sandbox), "One, Three, Two");
    assert_eq!(done(&sandbox, &["--prune", "in"]).0, "added 0, changed 0, removed 2, unchanged 1");
    assert_eq!(titles(&sandbox), "One");
    let status = sandbox.json(&["--index", "i", "status", "--json"]);
    assert_eq!((&status["gone"], &status["sources"]), (&json!([]), &json!(1)));
    // What was an archive may become a file.
    sandbox.write("in/x.zip", "{\"title\":\"Plain\"}\n{\"title\":\"Too\"}\n");
    assert_eq!(done(&sandbox, &["--prune", "--as", "jsonl", "in"]).0, "added 0, changed 1, removed 1, unchanged 0");
    assert_eq!(titles(&sandbox), "Plain, Too");
}

#[test]
fn what_is_removed_from_an_archive_stays_out() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "x.zip",
        zip(&[
            ("d/a.jsonl", b"{\"title\":\"One\"}"),
            ("d/b.jsonl", b"{\"title\":\"Two\"}"),
            ("c.jsonl", b"{\"title\":\"Three\"}"),
        ]),
    );
    assert_eq!(done(&sandbox, &["x.zip"]).1, 0);
    let remove = |arguments: &[&str]| sandbox.run(&[&["--index", "i", "remove"], arguments].concat());
    assert!(remove(&["x.zip!/d/a.jsonl"]).stdout.ends_with("x.zip!/d/a.jsonl\n"));
    assert_eq!(titles(&sandbox), "Three, Two");
    assert_eq!(remove(&["./x.zip!/d"]).status, 0);
    assert_eq!(titles(&sandbox), "Three");
    let run = ingest(&sandbox, &["x.zip"]);
    assert_eq!(run.stdout, "added 0, changed 0, removed 0, unchanged 1\n");
    assert!(run.stderr.contains("kept out, as they were removed: 2 files"), "{}", run.stderr);
    assert_eq!(remove(&["--restore", "x.zip!/d"]).status, 0);
    assert_eq!(titles(&sandbox), "Three, Two");

    assert_eq!(remove(&["x.zip"]).status, 0);
    assert_eq!(titles(&sandbox), "");
    assert_eq!(done(&sandbox, &["x.zip"]).0, "added 0, changed 0, removed 0, unchanged 0");
    let run = remove(&["--restore", "x.zip"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "restored 2 records\n"), "{run:?}");
    assert_eq!(done(&sandbox, &["x.zip"]).0, "added 0, changed 0, removed 0, unchanged 2");
    assert_eq!(remove(&["--restore", "x.zip!/d/a.jsonl"]).stdout, "restored 1 record\n");
    assert_eq!(titles(&sandbox), "One, Three, Two");
}

#[test]
fn a_repair_reads_members_again() {
    let sandbox = Sandbox::new();
    sandbox.write("x.tgz", gzip(&tar(&[("a.jsonl", TALKS.as_bytes()), ("b.jsonl", b"{\"title\":\"Two\"}")])));
    sandbox.write("gone.zip", zip(&[("c.jsonl", b"{\"title\":\"Three\"}")]));
    assert_eq!(done(&sandbox, &["--year", "2021", "x.tgz", "gone.zip"]).1, 0);
    let before = sandbox.run(&["--index", "i", "export"]).stdout;
    fs::remove_file(sandbox.path("gone.zip")).unwrap();
    fs::write(sandbox.path("i/tantivy/meta.json"), "damaged").unwrap();
    let run = sandbox.run(&["--index", "i", "check", "--repair"]);
    assert_eq!(run.status, 0, "{run:?}");
    assert!(run.stderr.contains("gone.zip!/c.jsonl"), "{run:?}");
    assert_eq!(sandbox.run(&["--index", "i", "export"]).stdout, before);
    assert_eq!(done(&sandbox, &["x.tgz"]).0, "added 0, changed 0, removed 0, unchanged 2");
}

#[test]
fn what_can_not_be_in_an_archive_costs_itself_alone() {
    let sandbox = Sandbox::new();
    let talk = b"{\"title\":\"Sound\"}";
    let mut builder = tar::Builder::new(Vec::new());
    let odd: &[&[u8]] = &[
        b"../out.jsonl",
        b"/etc/passwd.jsonl",
        b"a/../../b.jsonl",
        br"..\c.jsonl",
        b"C:/d.jsonl",
        b"n\xff.jsonl",
        b"x\x1b[2J",
    ];
    for name in odd {
        builder.append(&tar_header(name, talk.len()), &talk[..]).unwrap();
    }
    for kind in [tar::EntryType::Symlink, tar::EntryType::Link, tar::EntryType::Char, tar::EntryType::Fifo] {
        let mut header = tar_header(b"special", 0);
        header.set_entry_type(kind);
        header.set_link_name("/etc/passwd").unwrap();
        header.set_cksum();
        builder.append(&header, &b""[..]).unwrap();
    }
    builder.append(&tar_header(br"old\windows.jsonl", talk.len()), &talk[..]).unwrap();
    builder.append(&tar_header(b"twice.jsonl", 17), &b"{\"title\":\"First\"}"[..]).unwrap();
    builder.append(&tar_header(b"./twice.jsonl", 16), &b"{\"title\":\"Last\"}"[..]).unwrap();
    let long = format!("{}/long.jsonl", "folder/".repeat(30));
    builder.append_data(&mut tar_header(b"", 16), &long, &b"{\"title\":\"Long\"}"[..]).unwrap();
    let tar = builder.into_inner().unwrap();
    sandbox.write("x.tar", &tar);
    let run = ingest(&sandbox, &["x.tar"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, "added 3, changed 0, removed 0, unchanged 0\n"), "{run:?}");
    for expected in [
        "x.tar: 6 members with a path that leads out of the archive, too deep, or can't be shown: ",
        "x.tar: 1 member with a name that is not UTF-8: ",
        "left out 4 members that are links or devices: special",
        "left out 1 member behind which others have the same path: twice.jsonl",
    ] {
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
    }
    assert!(!run.stderr.contains('\x1b'));
    assert_eq!(titles(&sandbox), "Last, Long, Sound");
    // Its problems are those of each run, its notes of the first.
    let run = ingest(&sandbox, &["x.tar"]);
    assert_eq!((run.status, run.stdout.as_str()), (3, "added 0, changed 0, removed 0, unchanged 3\n"));
    assert!(
        run.stderr.contains("leads out of the archive") && !run.stderr.contains("links or devices"),
        "{}",
        run.stderr
    );
    // Packed once more, it is named and not entered.
    sandbox.write("nested.zip", zip(&[("x.tar", &tar), ("x.tgz", &gzip(&tar)), ("a.jsonl", b"{\"title\":\"Outer\"}")]));
    let run = ingest(&sandbox, &["nested.zip"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 3, changed 0, removed 0, unchanged 0\n"));
    assert!(run.stderr.contains("x.tgz: an archive in an archive is not entered: unpack"), "{}", run.stderr);
}

#[test]
fn an_archive_that_is_cut_off_gives_what_came_before() {
    let sandbox = Sandbox::new();
    // Texts that don't pack well, so that a cut falls where it is meant to.
    let noise = |seed: u64| {
        let mut draws = fastrand::Rng::with_seed(seed);
        let words: String = std::iter::repeat_with(|| draws.alphanumeric()).take(4000).collect();
        format!("{{\"title\":\"Talk {seed}\",\"abstract\":\"{words}\"}}\n")
    };
    let texts = [noise(1), noise(2), noise(3)];
    let files: Vec<(&str, &[u8])> =
        ["a.jsonl", "b.jsonl", "c.jsonl"].into_iter().zip(texts.iter().map(|text| text.as_bytes())).collect();
    for (name, whole) in [("x.zip", zip(&files)), ("x.tar", tar(&files)), ("x.tgz", gzip(&tar(&files)))] {
        sandbox.write(name, &whole);
        assert_eq!(done(&sandbox, &[name]).0, "added 3, changed 0, removed 0, unchanged 0", "{name}");
        sandbox.write(name, &whole[..whole.len() * 3 / 5]);
        let run = ingest(&sandbox, &["--prune", name]);
        assert_eq!((run.status, run.stdout.as_str()), (3, "added 0, changed 0, removed 0, unchanged 1\n"), "{run:?}");
        assert!(
            run.stderr.contains(&format!("{name}: the archive is not read to its end: it is cut off")),
            "{}",
            run.stderr
        );
        // What is not seen is not gone.
        assert_eq!(titles(&sandbox), "Talk 1, Talk 2, Talk 3", "{name}");
        let fresh = sandbox.run(&["--index", "fresh", "ingest", name]);
        assert_eq!(
            (fresh.status, fresh.stdout.as_str()),
            (3, "added 1, changed 0, removed 0, unchanged 0\n"),
            "{fresh:?}"
        );
        assert_eq!(sandbox.run(&["--index", "fresh", "remove", name]).status, 0);
        sandbox.write(name, &whole);
        assert_eq!(done(&sandbox, &["--prune", name]), ("added 0, changed 0, removed 0, unchanged 3".to_owned(), 0));
        assert_eq!(sandbox.run(&["--index", "i", "remove", name]).status, 0);
        // Wherever it is cut, and whatever byte of it is another, it ends with a word.
        for n_bytes in (0..whole.len()).step_by(397) {
            let mut damaged = whole.clone();
            damaged[n_bytes] ^= 0x55;
            for bytes in [&whole[..n_bytes], &damaged] {
                sandbox.write("damaged", bytes);
                let run = sandbox.run(&["parse", "damaged"]);
                assert!([0, 2, 3].contains(&run.status), "{name}, byte {n_bytes}: {run:?}");
            }
        }
    }
}

#[test]
fn a_member_that_can_not_be_unpacked_keeps_what_it_gave() {
    let sandbox = Sandbox::new();
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let pack = |files: Files| {
        let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in files {
            writer.start_file(*name, stored).unwrap();
            writer.write_all(bytes).unwrap();
        }
        writer.finish().unwrap().into_inner()
    };
    let whole = pack(&[("a.jsonl", b"{\"title\":\"One\"}"), ("b.jsonl", b"{\"title\":\"Two\"}")]);
    sandbox.write("x.zip", &whole);
    assert_eq!(done(&sandbox, &["x.zip"]).1, 0);
    let find = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).position(|window| window == text).unwrap();
    let local = find(&whole, b"PK\x03\x04");
    let central = find(&whole, b"PK\x01\x02");
    for (places, value, expected) in [
        ([local + 6, central + 8], 1, "a.jsonl is encrypted"),
        ([local + 8, central + 10], 12, "a.jsonl can't be unpacked"),
        ([find(&whole, b"One"); 2], b'X', "can't unpack x.zip!/a.jsonl"),
    ] {
        let mut bytes = whole.clone();
        places.into_iter().for_each(|at| bytes[at] = value);
        sandbox.write("x.zip", &bytes);
        let run = ingest(&sandbox, &["x.zip"]);
        assert_eq!(run.status, 3, "{run:?}");
        assert!(run.stderr.contains(expected), "{expected}: {}", run.stderr);
        assert_eq!(titles(&sandbox), "One, Two", "{expected}");
    }
}

#[test]
fn a_document_of_an_office_is_no_archive() {
    let sandbox = Sandbox::new();
    let bytes = zip(&[("[Content_Types].xml", b"<Types/>"), ("word/document.xml", b"<document/>")]);
    sandbox.write("paper.docx", bytes);
    let run = ingest(&sandbox, &["paper.docx"]);
    assert!(run.status == 3 && run.stderr.contains("paper.docx: the file is binary"), "{run:?}");
}

/// Bombs are parsed within this much memory, in KB: a fifth of what they unpack to.
#[cfg(target_os = "linux")]
const MEMORY_KB: u32 = 160_000;

#[cfg(target_os = "linux")]
#[test]
fn bombs_are_refused_before_they_go_off() {
    let sandbox = Sandbox::new();
    let talk = b"{\"title\":\"Sound\"}";
    let zeros = vec![b' '; 800 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let mut header = tar_header(b"bomb.jsonl", zeros.len());
    header.set_cksum();
    for part in [&tar(&[("a.jsonl", talk)])[..1024], header.as_bytes(), &zeros] {
        encoder.write_all(part).unwrap();
    }
    sandbox.write("packed.tgz", encoder.finish().unwrap());
    let mib = &zeros[..60 << 20];
    sandbox.write("large.zip", zip(&[("a.jsonl", talk), ("bomb.jsonl", mib)]));
    // It says that it is small.
    let mut lying = zip(&[("a.jsonl", talk), ("bomb.jsonl", mib)]);
    let size = u32::try_from(mib.len()).unwrap().to_le_bytes();
    let places: Vec<usize> =
        lying.windows(4).enumerate().filter(|(_, bytes)| *bytes == size).map(|(at, _)| at).collect();
    assert_eq!(places.len(), 2);
    places.into_iter().for_each(|at| lying[at..at + 4].copy_from_slice(&[0, 2, 0, 0]));
    sandbox.write("lying.zip", lying);
    // A hundred members are all the same bytes.
    sandbox.write("overlapping.zip", overlapping(&zip(&[("a000.jsonl", talk)]), 100));
    // A name that is as long as the archive.
    let mut long_name = tar_header(b"././@LongLink", 200 << 20);
    long_name.set_entry_type(tar::EntryType::GNULongName);
    long_name.set_cksum();
    let mut name = tar(&[("a.jsonl", talk)])[..1024].to_vec();
    name.extend_from_slice(long_name.as_bytes());
    name.resize(name.len() + (200 << 20), b'n');
    sandbox.write("name.tar", name);
    for (name, n_records, expected) in [
        ("packed.tgz", 1, "packed.tgz: the archive is not read to its end: it unpacks to more than "),
        ("large.zip", 1, "bomb.jsonl unpacks to 60 MB, which is too much"),
        ("lying.zip", 1, "bomb.jsonl"),
        ("overlapping.zip", 0, "members lie in each other"),
        ("name.tar", 1, "a name in it is too long"),
    ] {
        let hallway = sandbox.command();
        let script = format!("ulimit -v {MEMORY_KB}; exec \"$0\" parse {name}");
        let mut command = std::process::Command::new("sh");
        command.current_dir(sandbox.path("")).arg("-c").arg(script).arg(hallway.get_program());
        let run = Run::from(command.output().unwrap());
        assert_eq!((run.status, run.stdout.lines().count()), (3, n_records), "{name}: {}", run.stderr);
        assert!(run.stderr.contains(expected), "{name}: {}", run.stderr);
    }
}

/// A zip with one member, named again and again by its directory.
#[cfg(target_os = "linux")]
fn overlapping(one: &[u8], n: u16) -> Vec<u8> {
    let find = |text: &[u8]| one.windows(text.len()).position(|window| window == text).unwrap();
    let (central, end) = (find(b"PK\x01\x02"), find(b"PK\x05\x06"));
    let mut bytes = one[..central].to_vec();
    for nth in 0..n {
        let entry = bytes.len();
        bytes.extend_from_slice(&one[central..end]);
        bytes[entry + 47..entry + 50].copy_from_slice(format!("{nth:03}").as_bytes());
    }
    let n_bytes = u32::try_from(bytes.len() - central).unwrap();
    let mut last = one[end..].to_vec();
    last[8..10].copy_from_slice(&n.to_le_bytes());
    last[10..12].copy_from_slice(&n.to_le_bytes());
    last[12..16].copy_from_slice(&n_bytes.to_le_bytes());
    bytes.extend(last);
    bytes
}
