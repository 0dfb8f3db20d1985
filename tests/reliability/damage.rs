//! Promise: damage to any file of an index is found when the index is opened, when the damaged part is first read, or by
//! `check`; it is an error that says what to do, and never a panic, an abort or a wrong answer.

use std::{collections::BTreeMap, fs, path::Path};

use fastrand::Rng;
use hallway::index::{MARKER, check};

use crate::{
    sandbox::{Run, Sandbox},
    scale::{amount, report, seed},
    specimen::{Answer, LARGE, QUESTIONS, SMALL, Size, Specimen, answers, extension, facet_answers, is_lock},
};

/// Bytes that a disk loses at once.
const SECTOR: usize = 512;

/// What happens to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mishap {
    Bit,
    Byte,
    Zeros,
    /// A sector holds what another one holds.
    Misplaced,
    Cut,
    Grown,
    Emptied,
    Removed,
    /// The file and another one have each other's names.
    Swapped,
}

const MISHAPS: [Mishap; 9] = [
    Mishap::Bit,
    Mishap::Byte,
    Mishap::Zeros,
    Mishap::Misplaced,
    Mishap::Cut,
    Mishap::Grown,
    Mishap::Emptied,
    Mishap::Removed,
    Mishap::Swapped,
];

impl Mishap {
    /// The bytes after it; null where the file is gone. What would change nothing becomes a flipped bit.
    fn apply(self, bytes: &[u8], rng: &mut Rng) -> Option<Vec<u8>> {
        let mut damaged = bytes.to_vec();
        let n = bytes.len();
        match self {
            Mishap::Removed => return None,
            Mishap::Emptied => damaged.clear(),
            Mishap::Grown => damaged.extend((0..rng.usize(1..2 * SECTOR)).map(|_| rng.u8(..))),
            _ if n == 0 => damaged.push(rng.u8(..)),
            Mishap::Byte => damaged[rng.usize(..n)] = rng.u8(..),
            Mishap::Zeros => {
                let at = rng.usize(..n) / SECTOR * SECTOR;
                damaged[at..n.min(at + SECTOR)].fill(0);
            }
            Mishap::Misplaced => {
                let sector = |rng: &mut Rng| rng.usize(..n.div_ceil(SECTOR)) * SECTOR;
                let (from, to) = (sector(rng), sector(rng));
                let len = SECTOR.min(n - from).min(n - to);
                damaged.copy_within(from..from + len, to);
            }
            Mishap::Cut => damaged.truncate(rng.usize(..n)),
            Mishap::Bit | Mishap::Swapped => {}
        }
        if damaged == bytes && n > 0 {
            // The ends are where lengths and sums are.
            let at = if rng.bool() { rng.usize(..n) } else { n - 1 - rng.usize(..n.min(40)) };
            damaged[at] ^= 1 << rng.u8(..8);
        }
        Some(damaged)
    }
}

/// What one specimen answers while it is sound.
struct Sound {
    specimen: Specimen,
    answers: Vec<Answer>,
    scratch: Sandbox,
}

impl Sound {
    fn new(size: Size, rng: &mut Rng) -> Sound {
        let specimen = Specimen::new(size, rng);
        let (refused, answers) = answers(&specimen.dir(), QUESTIONS.len());
        assert_eq!(refused, None);
        for ((name, _), answer) in QUESTIONS.iter().zip(&answers) {
            let is_fine = matches!(answer, Answer::Right(_)) || *name == "a value that is not held";
            assert!(is_fine, "{name}: {answer:?}");
        }
        let found = check(&specimen.dir()).unwrap();
        assert!(found.damage.is_empty() && found.n_records > 0, "{found:?}");
        Sound { specimen, answers, scratch: Sandbox::new() }
    }

    /// Lets something happen to a file, in a copy of the index. The files that it happened to.
    fn damaged(&self, name: &str, mishap: Mishap, rng: &mut Rng) -> Vec<String> {
        let dir = self.scratch.path("index");
        let mut names = vec![name.to_owned()];
        if mishap == Mishap::Swapped {
            let others: Vec<&String> = self.specimen.files.iter().filter(|n| !is_lock(n) && *n != name).collect();
            names.push(others[rng.usize(..others.len())].clone());
        }
        let copied: Vec<&str> = names.iter().map(String::as_str).collect();
        self.specimen.copy(&dir, &copied);
        if let [a, b] = copied.as_slice() {
            fs::rename(dir.join(a), dir.join("aside")).unwrap();
            fs::rename(dir.join(b), dir.join(a)).unwrap();
            fs::rename(dir.join("aside"), dir.join(b)).unwrap();
        } else {
            let path = dir.join(name);
            match mishap.apply(&fs::read(&path).unwrap(), rng) {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
        }
        names
    }

    fn clear(&self) {
        fs::remove_dir_all(self.scratch.path("index")).unwrap();
    }

    /// Whether a check has to name the file: not one that only carries a lock, and of the README its first line alone.
    fn counts(&self, name: &str) -> bool {
        let readme = || fs::read(self.scratch.path("index").join(name)).unwrap_or_default();
        !is_lock(name) && (name != "README.md" || !readme().starts_with(MARKER.as_bytes()))
    }

    /// What is wrong with how damage to `names` was met.
    fn faults(&self, names: &[String], size: Size) -> Vec<String> {
        let dir = self.scratch.path("index");
        let mut faults = Vec::new();
        let checked = std::panic::catch_unwind(|| check(&dir));
        match checked {
            Ok(Ok(found)) => {
                let is_named = |name: &str| found.damage.iter().any(|damage| name.ends_with(&damage.file));
                for name in names {
                    if self.counts(name) != is_named(name) {
                        faults.push(format!("check of {name} found {:?}", found.damage));
                    }
                }
            }
            other => faults.push(format!("check gave {other:?}")),
        }
        // All that is stored is read only where it may be damaged.
        let is_stored = |name: &String| ["store", "del", "json"].contains(&extension(name));
        let n = QUESTIONS.len() - usize::from(size.is_large() && !names.iter().any(is_stored));
        let (refused, answers) = answers(&dir, n);
        let is_of_index = |name: &String| name.starts_with("tantivy/") && !is_lock(name);
        let may_fail = names.iter().any(is_of_index);
        // The catalog is verified when it is read: searches have no use for it.
        let must_fail = !size.is_large() && names.iter().any(|name| is_of_index(name) && !name.contains("catalog-"));
        match refused {
            Some(Answer::Damaged(_)) if may_fail => {}
            Some(other) => faults.push(format!("open gave {other:?}")),
            None if must_fail => faults.push("a small index was opened in spite of it".to_owned()),
            None => {}
        }
        for (((name, _), answer), right) in QUESTIONS.iter().zip(answers).zip(&self.answers) {
            if answer != *right && !(may_fail && matches!(answer, Answer::Damaged(_))) {
                faults.push(format!("{name}: {answer:?}"));
            }
        }
        faults
    }
}

/// Mutates file after file and gathers what was wrong.
fn damage(test: &str, size: Size, n: u64) {
    let mut rng = Rng::with_seed(seed(test));
    let sound = Sound::new(size, &mut rng);
    let mut faults = Vec::new();
    let mut counts: BTreeMap<String, u64> = BTreeMap::new();
    // Every file with every mishap, in an order that does not favour either.
    let mut order: Vec<(usize, Mishap)> =
        (0..sound.specimen.files.len()).flat_map(|file| MISHAPS.map(|mishap| (file, mishap))).collect();
    for round in 0..n {
        let at = usize::try_from(round).unwrap() % order.len();
        if at == 0 {
            rng.shuffle(&mut order);
        }
        let (file, mishap) = order[at];
        let name = &sound.specimen.files[file];
        let names = sound.damaged(name, mishap, &mut rng);
        *counts.entry(format!("{mishap:?}")).or_default() += 1;
        let found = sound.faults(&names, size);
        faults.extend(found.into_iter().map(|fault| format!("{mishap:?} of {names:?}: {fault}")));
        sound.clear();
    }
    report(
        test,
        &format!("{n} mutations of {} files, {} faults; {counts:?}", sound.specimen.files.len(), faults.len()),
    );
    assert!(faults.is_empty(), "{} faults, the first: {:#?}", faults.len(), &faults[..faults.len().min(5)]);
}

#[test]
fn damage_to_a_small_index_is_found() {
    damage("damage, small", SMALL, amount(90, 2_600));
}

#[test]
fn damage_to_a_large_index_is_found() {
    damage("damage, large", LARGE, amount(45, 1_400));
}

/// A word that can't be looked up is not one that no record holds.
#[test]
fn damage_to_any_block_of_words_or_values_is_no_wrong_answer() {
    let test = "damage, dictionaries";
    let mut rng = Rng::with_seed(seed(test));
    let sound = Sound::new(LARGE, &mut rng);
    let of_facets = facet_answers(&sound.specimen.dir());
    let (mut n_blocks, mut n_damaged) = (0, 0);
    // In short those of one segment.
    let n_files = usize::try_from(amount(2, 100)).unwrap();
    for name in sound.specimen.files_of(&["term", "fast"]).take(n_files) {
        let bytes = fs::read(sound.specimen.dir().join(name)).unwrap();
        for block in (0..bytes.len()).step_by(64 << 10) {
            let dir = sound.scratch.path("index");
            sound.specimen.copy(&dir, &[name]);
            let mut damaged = bytes.clone();
            damaged[block + rng.usize(..(bytes.len() - block).min(64 << 10))] ^= 1 << rng.u8(..8);
            fs::write(dir.join(name), damaged).unwrap();
            let (refused, answers) = answers(&dir, QUESTIONS.len() - 1);
            assert!(matches!(refused, None | Some(Answer::Damaged(_))), "{name}, byte {block}: {refused:?}");
            n_damaged += usize::from(refused.is_some());
            for (((question, _), answer), right) in QUESTIONS.iter().zip(answers).zip(&sound.answers) {
                let is_damaged = matches!(answer, Answer::Damaged(_));
                assert!(is_damaged || answer == *right, "{name}, byte {block}: {question}: {answer:?}");
                n_damaged += usize::from(is_damaged);
            }
            for (n, (answer, right)) in facet_answers(&dir).iter().zip(&of_facets).enumerate() {
                let is_damaged = matches!(answer, Answer::Damaged(_));
                assert!(is_damaged || answer == right, "{name}, byte {block}: facet {n}: {answer:?}");
                n_damaged += usize::from(is_damaged);
            }
            n_blocks += 1;
            sound.clear();
        }
    }
    report(test, &format!("{n_blocks} blocks, {n_damaged} answers refused, none wrong"));
    assert!(n_blocks > 8 && n_damaged > n_blocks, "{n_damaged} of {n_blocks}");
}

/// What the command prints and how it ends, with aborts and signals to be seen.
#[test]
fn the_command_says_what_is_damaged() {
    let test = "damage, command";
    let mut rng = Rng::with_seed(seed(test));
    let sound = Sound::new(SMALL, &mut rng);
    let run = |dir: &Path, arguments: &[&str]| {
        let index = ["--index", dir.to_str().unwrap()];
        sound.scratch.run(&[&index[..], arguments].concat())
    };
    let questions: [&[&str]; 4] = [
        &["search", "kernel", "--facets=topic,speaker"],
        &["search", "\"kernel of\"", "--year", "2016", "--format", "id"],
        &["export"],
        &["status", "--json"],
    ];
    let right: Vec<Run> = questions.iter().map(|question| run(&sound.specimen.dir(), question)).collect();
    assert!(right.iter().all(|run| run.status == 0), "{right:?}");
    let n = amount(9, 120);
    let mut n_refused = 0;
    for round in 0..n {
        let name = &sound.specimen.files[rng.usize(..sound.specimen.files.len())];
        let mishap = MISHAPS[usize::try_from(round).unwrap() % MISHAPS.len()];
        let names = sound.damaged(name, mishap, &mut rng);
        let dir = sound.scratch.path("index");
        let context = format!("{mishap:?} of {names:?}");
        let checked = run(&dir, &["check"]);
        let is_found = names.iter().any(|name| sound.counts(name));
        assert_eq!(checked.status, if is_found { 3 } else { 0 }, "{context}: {checked:?}");
        for name in names.iter().filter(|name| sound.counts(name)) {
            let short = name.trim_start_matches("tantivy/");
            assert!(checked.stdout.contains(&format!("damaged: {short} ")), "{context}: {checked:?}");
        }
        for (question, right) in questions.iter().zip(&right) {
            let run = run(&dir, question);
            if run.status == 2 {
                n_refused += 1;
                let is_told = run.stderr.starts_with("error: ") && run.stderr.contains("\nhint: ");
                let is_told = is_told || run.stdout.contains("\"hint\":\"");
                assert!(is_told && !run.stderr.contains("panicked"), "{context}, {question:?}: {run:?}");
            } else {
                // How large the folder is, and where, says nothing of what is in it.
                let plain = |run: &Run| match question[0] {
                    "status" => run.stdout.split_once("\"sources\"").map(|(_, rest)| rest.to_owned()),
                    _ => Some(run.stdout.clone()),
                };
                assert_eq!((run.status, plain(&run)), (0, plain(right)), "{context}, {question:?}: {run:?}");
            }
        }
        sound.clear();
    }
    report(test, &format!("{n} mutations, {n_refused} of {} answers refused, none wrong", n * 4));
}

#[test]
fn a_damaged_catalog_is_named_also_where_the_commit_is_lost() {
    let mut rng = Rng::with_seed(seed("damage, two files"));
    let specimen = Specimen::new(SMALL, &mut rng);
    let scratch = Sandbox::new();
    let dir = scratch.path("index");
    let catalog = specimen.files_of(&["jsonl"]).next().unwrap();
    specimen.copy(&dir, &["tantivy/meta.json", catalog]);
    for name in ["tantivy/meta.json", catalog] {
        let bytes = Mishap::Bit.apply(&fs::read(dir.join(name)).unwrap(), &mut rng).unwrap();
        fs::write(dir.join(name), bytes).unwrap();
        let found = check(&dir).unwrap().damage;
        assert!(found.iter().any(|damage| name.ends_with(&damage.file)), "{name}: {found:?}");
    }
}
