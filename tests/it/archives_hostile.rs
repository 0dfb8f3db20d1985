//! Archives that lie, are cut off, damaged, encrypted or bombs: each costs itself alone, and not much.

use std::io::{Cursor, Write};

use flate2::{Compression, write::GzEncoder};
use zip::{CompressionMethod, ZipWriter, write::SimpleFileOptions};

use crate::{
    archives_in::{done, ingest, titles},
    packed::{Files, gzip, tar, tar_header, zip},
    sandbox::{Run, Sandbox},
};

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
    assert!(
        run.stderr.contains("2 files, nested.zip!/x.tar the first: an archive in an archive is not entered"),
        "{run:?}"
    );
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
        ["a.jsonl", "b.jsonl", "c.jsonl"].into_iter().zip(texts.iter().map(String::as_bytes)).collect();
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
        ([local + 8, central + 10], 12, "compression method not supported"),
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

/// Bombs are parsed within this much memory, in KB: less than half of what they unpack to.
#[cfg(target_os = "linux")]
const MEMORY_KB: u32 = 160_000;

#[cfg(target_os = "linux")]
#[test]
fn bombs_are_refused_before_they_go_off() {
    let sandbox = Sandbox::new();
    let talk = b"{\"title\":\"Sound\"}";
    let blanks = vec![b' '; 60 << 20];
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    let header = tar_header(b"bomb.jsonl", 6 * blanks.len());
    for part in [&tar(&[("a.jsonl", talk)])[..1024], header.as_bytes()].into_iter().chain([&blanks[..]; 6]) {
        encoder.write_all(part).unwrap();
    }
    sandbox.write("packed.tgz", encoder.finish().unwrap());
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    (0..3).for_each(|_| encoder.write_all(&blanks).unwrap());
    sandbox.write("one.jsonl.gz", encoder.finish().unwrap());
    sandbox.write("large.zip", zip(&[("a.jsonl", talk), ("bomb.jsonl", &blanks)]));
    // It says that it is small.
    let mut lying = zip(&[("a.jsonl", talk), ("bomb.jsonl", &blanks)]);
    let size = u32::try_from(blanks.len()).unwrap().to_le_bytes();
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
        ("one.jsonl.gz", 0, "one.jsonl.gz: the archive is not read to its end: it unpacks to more than "),
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
