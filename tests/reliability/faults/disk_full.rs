//! A disk that is full: what was stored stays, the error says what it is, and work goes on once there is room.

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::{Arc, Mutex},
};

use fastrand::Rng;
use hallway::index::{
    Op,
    faults::{Watching, watch},
};

use super::stage::{Stage, Step, content, error, folder};
use crate::{
    leftovers::orphans,
    scale::{amount, is_soak, report, seed},
};

/// `ENOSPC`.
const FULL: i32 = 28;

/// What lies on a disk of so many bytes.
#[derive(Default)]
struct Usage {
    n_bytes: u64,
    n_bytes_max: u64,
    files: HashMap<PathBuf, u64>,
    n_refused: u64,
}

impl Usage {
    fn see(&mut self, op: &Op) -> std::io::Result<()> {
        match op {
            // A name takes room too.
            Op::Create(path) => self.take(path, 64),
            Op::CreateFolder(path) => self.take(path, 64),
            Op::Write(path, bytes) => self.take(path, bytes.len() as u64),
            Op::Remove(path) => {
                self.n_bytes -= self.files.remove(*path).unwrap_or_default();
                Ok(())
            }
            Op::Rename(from, to) => {
                if let Some(n) = self.files.remove(*from) {
                    self.n_bytes -= self.files.insert(to.to_path_buf(), n).unwrap_or_default();
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn take(&mut self, path: &Path, n: u64) -> std::io::Result<()> {
        if self.n_bytes + n > self.n_bytes_max {
            self.n_refused += 1;
            return Err(error(FULL));
        }
        self.n_bytes += n;
        *self.files.entry(path.to_owned()).or_default() += n;
        Ok(())
    }
}

fn limit(folder: &Path, n_bytes_max: u64) -> (Watching, Arc<Mutex<Usage>>) {
    let usage = Arc::new(Mutex::new(Usage { n_bytes_max, ..Usage::default() }));
    let seen = Arc::clone(&usage);
    (watch(folder, Arc::new(move |op| seen.lock().unwrap().see(op))), usage)
}

/// A program whose words are not all the same, so that it takes room.
fn program(rng: &mut Rng, n: usize, n_bytes: usize) -> Step {
    let mut lines = String::new();
    while lines.len() < n_bytes {
        let words: Vec<String> = (0..200).map(|_| format!("w{:x}", rng.u32(..1 << 20))).collect();
        let title = format!("Talk {n}.{}", lines.len());
        lines += &serde_json::json!({ "title": title, "year": 2024, "abstract": words.join(" ") }).to_string();
        lines.push('\n');
    }
    Step::Ingest { files: vec![(format!("{n}.jsonl"), Some(lines))], prune: false }
}

#[test]
fn a_full_disk_keeps_what_it_has() {
    let mut rng = Rng::with_seed(seed("full disk"));
    let (mut n_stored, mut n_refused) = (0, 0);
    for size in 1..=15 {
        let stage = Stage::new();
        let dir = stage.index();
        let (watching, usage) = limit(&stage.disk(), size * size * amount(2_500, 6_000));
        let mut acknowledged = content(&dir).unwrap();
        for n in 0.. {
            assert!(n < 500, "the disk of size {size} is never full");
            let step = program(&mut rng, n, amount(9_000, 20_000) as usize);
            stage.prepare(&step);
            let stored = stage.run(&step, &dir);
            let compacted = if stored.is_ok() { stage.run(&Step::Compact, &dir) } else { Ok(()) };
            if stored.is_ok() {
                n_stored += 1;
                let now = content(&dir).unwrap();
                assert!(now.n_records > acknowledged.n_records, "size {size}, batch {n}");
                acknowledged = now;
            }
            let Some(told) = stored.and(compacted).err() else { continue };
            assert!(told.to_string().contains("No space left"), "size {size}, batch {n}: {told}");
            assert_eq!(content(&dir).unwrap(), acknowledged, "size {size}, batch {n}");
            // Still full, also for a batch that is long enough to fail before its commit: nothing gets worse.
            let again = program(&mut rng, n + 1, 200_000);
            stage.prepare(&again);
            if let Err(told) = stage.run(&again, &dir) {
                assert!(told.to_string().contains("No space left"), "size {size}, again: {told}");
                assert_eq!(content(&dir).unwrap(), acknowledged, "size {size}, again");
            }
            n_refused += usage.lock().unwrap().n_refused;
            // Now there is room.
            usage.lock().unwrap().n_bytes_max = u64::MAX;
            stage.run(&again, &dir).unwrap();
            stage.run(&Step::Compact, &dir).unwrap();
            assert!(content(&dir).unwrap().n_records > acknowledged.n_records, "size {size}");
            assert_eq!(orphans(&dir), [""; 0], "size {size}");
            break;
        }
        drop(watching);
    }
    report("full disk", &format!("15 sizes, {n_stored} batches stored, {n_refused} writes refused, 0 records lost"));
}

/// Ingests file after file onto a disk of its own until that is full; then makes it larger and goes on. What the commands
/// said is left in the folder that it runs in.
const SCRIPT: &str = r#"
set -u
mkdir disk && mount -t tmpfs -o "size=$1m" tmpfs disk || exit 77
run() { "$HALLWAY" --index disk/index "$@"; }
n=0
while [ -f "talks/$n.jsonl" ]; do
    run ingest "talks/$n.jsonl" >out 2>err
    echo $? >status
    grep -q '^added 1' out && echo "$n" >>stored
    [ "$(cat status)" = 0 ] || break
    n=$((n + 1))
done
cp err told
run check >check 2>&1; echo $? >check.status
run export >before 2>before.err
mount -o remount,size=400m disk || exit 77
for n in "$n" $((n + 1)); do
    run ingest "talks/$n.jsonl" >out 2>err || { cat err; exit 1; }
done
run check >/dev/null || exit 1
run export >after
ls -A disk/index >names
"#;

/// Whether a process may have a file system of its own here.
fn may_mount() -> bool {
    let trial = "mkdir disk && mount -t tmpfs -o size=1m tmpfs disk";
    let folder = folder();
    let status = Command::new("unshare").args(["-rm", "sh", "-c", trial]).current_dir(folder.path()).output();
    status.is_ok_and(|output| output.status.success())
}

#[test]
fn the_command_on_a_full_disk() {
    if !may_mount() {
        println!("skipped: no file system can be mounted here");
        return;
    }
    let mut rng = Rng::with_seed(seed("full tmpfs"));
    let sizes = if is_soak() { (2..=16).collect() } else { vec![2] };
    let mut n_stored_all = 0;
    for size in &sizes {
        let folder = folder();
        let path = |name: &str| folder.path().join(name);
        let read = |name: &str| fs::read_to_string(path(name)).unwrap_or_default();
        fs::create_dir(path("talks")).unwrap();
        let n_files = 8 + size;
        let mut n_records = Vec::new();
        for n in 0..n_files {
            let step = program(&mut rng, n, amount(350_000, 900_000) as usize);
            let Step::Ingest { files, .. } = step else { continue };
            for (name, text) in files {
                let text = text.unwrap();
                n_records.push(text.lines().count());
                fs::write(path("talks").join(name), text).unwrap();
            }
        }
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", SCRIPT, "sh", &size.to_string()])
            .current_dir(folder.path())
            .env("HALLWAY", env!("CARGO_BIN_EXE_hallway"))
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{size} MB: {said}");
        assert_ne!(read("status").trim(), "0", "{size} MB were never full");
        assert!(read("told").contains("No space left"), "{size} MB: {}", read("told"));
        let stored: Vec<usize> = read("stored").lines().map(|line| line.parse().unwrap()).collect();
        n_stored_all += stored.len();
        let wanted: usize = stored.iter().map(|n| n_records[*n]).sum();
        assert_eq!(
            read("before").lines().count(),
            wanted,
            "{size} MB: records that were stored: {}",
            read("before.err")
        );
        let is_checked = read("check.status").trim() == "0" || stored.is_empty();
        assert!(is_checked, "{size} MB: {}", read("check"));
        // The one that had no room, and one more.
        let next = stored.last().map_or(0, |n| n + 1).min(read("stored").lines().count());
        let after = read("after").lines().count();
        assert!(after >= wanted + n_records[next], "{size} MB: {after} records after {wanted}");
        assert!(
            read("names").lines().all(|name| ["README.md", "stamps.jsonl", "tantivy", "writer.lock"].contains(&name))
        );
    }
    let n = sizes.len();
    report("full tmpfs", &format!("{n} sizes, {n_stored_all} files stored by the command, 0 records lost"));
}
