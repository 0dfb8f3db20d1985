//! Promise: a second writer is told at once who the first one is, and to try again (exit status 75); whatever lies where
//! the lock file should be, a run works or says what is wrong; a folder that can't be written is searched.

use std::{
    fs::{self, File},
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, Ordering::SeqCst},
    time::{Duration, Instant},
};

use hallway::{error::ErrorKind, index::Index};
use serde_json::Value;

use crate::{
    sandbox::{Run, Sandbox},
    scale::{amount, report},
};

/// A guard against waiting for ever: a second writer that waits for the first would hang here.
const HANGS: Duration = Duration::from_secs(120);

fn run(command: &mut Command) -> Run {
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    wait(&mut child, || false);
    Run::from(child.wait_with_output().unwrap())
}

/// Until the child has ended or something else has come about.
fn wait(child: &mut Child, or: impl Fn() -> bool) {
    let began = Instant::now();
    while child.try_wait().unwrap().is_none() && !or() {
        if began.elapsed() > HANGS {
            let _ = child.kill();
            panic!("the command hangs");
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// With an index of one talk, and a second talk that is still to be read.
fn prepared() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("in/a.jsonl", r#"{"title":"On caches","speakers":["A. One"]}"#);
    let done = sandbox.run(&["ingest", "in", "--index", "index"]);
    assert_eq!(done.status, 0, "{done:?}");
    sandbox.write("in/b.jsonl", r#"{"title":"On queues","speakers":["B. Two"]}"#);
    sandbox
}

fn ingest(sandbox: &Sandbox) -> Run {
    run(sandbox.command().args(["ingest", "in", "--index", "index"]))
}

fn finds(sandbox: &Sandbox, word: &str) -> bool {
    run(sandbox.command().args(["search", word, "--index", "index"])).status == 0
}

fn assert_busy(sandbox: &Sandbox, pid: Option<u32>) {
    let told = ingest(sandbox);
    assert_eq!(told.status, 75, "{told:?}");
    let as_json = run(sandbox.command().args(["ingest", "in", "--json", "--index", "index"]));
    assert_eq!(as_json.status, 75, "{as_json:?}");
    let error = serde_json::from_str::<Value>(&as_json.stdout).unwrap()["error"].clone();
    assert_eq!(error["kind"], "busy");
    for message in [told.stderr.as_str(), error["message"].as_str().unwrap()] {
        assert!(message.contains("index is being written"), "{message}");
        match pid {
            Some(pid) => assert!(message.contains(&format!("(process {pid})")), "{pid}: {message}"),
            None => assert!(!message.contains("process"), "{message}"),
        }
    }
    assert!(told.stderr.contains("hint: "), "{told:?}");
    assert!(finds(sandbox, "caches") && !finds(sandbox, "queues"), "readers are in nobody's way");
}

#[test]
fn a_second_writer_is_told_who_the_first_is() {
    let sandbox = prepared();
    let index = Index::open(&sandbox.path("index")).unwrap();
    let writer = index.writer().unwrap();
    assert_busy(&sandbox, Some(std::process::id()));
    let again = index.writer().map(drop).unwrap_err();
    assert_eq!(again.kind(), ErrorKind::Busy);
    let other = Index::open(&sandbox.path("index")).unwrap();
    assert_eq!(other.writer().map(drop).unwrap_err().kind(), ErrorKind::Busy);
    drop(writer);
    assert_eq!(ingest(&sandbox).status, 0);
    assert!(finds(&sandbox, "queues"));
}

#[test]
fn a_second_process_is_told_who_the_first_is() {
    let sandbox = prepared();
    let lines: Vec<_> = (0..3_000).map(|n| format!("{{\"title\":\"Talk {n}\",\"text\":\"{n} of many\"}}")).collect();
    sandbox.write("large/many.jsonl", lines.join("\n"));
    let lock = sandbox.path("index/writer.lock");
    fs::remove_file(&lock).unwrap();
    let mut command = sandbox.command();
    command.args(["ingest", "large", "--index", "index"]).stdout(Stdio::null()).stderr(Stdio::null());
    let Ending(first) = &mut Ending(command.spawn().unwrap());
    let pid = first.id();
    wait(first, || fs::read_to_string(&lock).is_ok_and(|text| text == pid.to_string()));
    // Stopped, it holds its lock for as long as this takes.
    signal("STOP", pid);
    assert!(first.try_wait().unwrap().is_none(), "the first one was done too soon");
    assert_busy(&sandbox, Some(pid));
    signal("CONT", pid);
    wait(first, || false);
    assert!(first.wait().unwrap().success());
    assert_eq!(ingest(&sandbox).status, 0);
    assert!(finds(&sandbox, "queues") && finds(&sandbox, "many"));
}

/// Between its fork and its exec a child has the files of its parent open: the lock of a writer that has ended must not
/// live on in it.
#[test]
fn a_writer_that_has_ended_holds_no_lock() {
    let sandbox = prepared();
    let index = Index::open(&sandbox.path("index")).unwrap();
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(SeqCst) {
                assert!(Command::new("true").status().unwrap().success());
            }
        });
        let busy = (0..amount(200, 5_000)).filter(|_| index.writer().is_err()).count();
        is_over.store(true, SeqCst);
        assert_eq!(busy, 0, "times that a writer was told to wait for one that had ended");
    });
}

/// Ends with the test: a process that was stopped would stay for ever.
struct Ending(Child);

impl Drop for Ending {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn signal(name: &str, pid: u32) {
    assert!(Command::new("kill").args([&format!("-{name}"), &pid.to_string()]).status().unwrap().success());
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Expected {
    Works,
    /// Status 2 and a message that names what stands in the way, with its reason; nothing is lost.
    SaysWhy,
    /// Status 75, without the id of a process, since nobody can tell it.
    Busy,
}

use Expected::{Busy, SaysWhy, Works};

/// A name, what is done to the lock file, and what a run then does. What is given back is held while it runs.
type Case = (&'static str, fn(&Path) -> Option<File>, Expected);

fn with(lock: &Path, text: impl AsRef<[u8]>) -> Option<File> {
    fs::write(lock, text).unwrap();
    None
}

fn held(lock: &Path, text: &[u8]) -> File {
    fs::write(lock, text).unwrap();
    let file = File::options().read(true).write(true).open(lock).unwrap();
    file.try_lock().unwrap();
    file
}

fn instead(lock: &Path, put: impl Fn(&Path)) -> Option<File> {
    fs::remove_file(lock).unwrap();
    put(lock);
    None
}

fn mode(path: &Path, mode: u32) -> Option<File> {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    None
}

const CASES: &[Case] = &[
    ("no lock file", |lock| instead(lock, |_| {}), Works),
    ("empty", |lock| with(lock, ""), Works),
    ("of a process that is gone", |lock| with(lock, "4194304999"), Works),
    ("of a process that lives and writes no index", |lock| with(lock, std::process::id().to_string()), Works),
    ("of no process", |lock| with(lock, "-1"), Works),
    ("with a line end", |lock| with(lock, "1\n"), Works),
    ("of bytes that are no text", |lock| with(lock, [0xff; 300]), Works),
    ("large", |lock| with(lock, vec![b'9'; 1 << 20]), Works),
    ("held, and empty", |lock| Some(held(lock, b"")), Busy),
    ("held, and no text", |lock| Some(held(lock, &[0xff; 300])), Busy),
    (
        "held by many",
        |lock| {
            let file = File::open(lock).unwrap();
            file.try_lock_shared().unwrap();
            with(lock, "");
            Some(file)
        },
        Busy,
    ),
    ("a folder", |lock| instead(lock, |lock| fs::create_dir(lock).unwrap()), SaysWhy),
    ("a link to nowhere", |lock| instead(lock, |lock| symlink("no/such/folder", lock).unwrap()), SaysWhy),
    ("a link to itself", |lock| instead(lock, |lock| symlink("writer.lock", lock).unwrap()), SaysWhy),
    ("read-only", |lock| mode(lock, 0o444), SaysWhy),
    ("not to be read", |lock| mode(lock, 0o200), SaysWhy),
    ("in a folder that is read-only", |lock| instead(lock, |lock| drop(mode(lock.parent().unwrap(), 0o555))), SaysWhy),
    ("beside documents that are read-only", |lock| mode(&lock.with_file_name("tantivy"), 0o555), SaysWhy),
    ("beside a readers' lock of bytes", |lock| with(&readers_lock(lock), [0xff; 300]), Works),
    ("beside no readers' lock", |lock| instead(&touched(&readers_lock(lock)), |_| {}), Works),
    ("beside a readers' lock that is read-only", |lock| mode(&touched(&readers_lock(lock)), 0o444), Works),
];

fn readers_lock(lock: &Path) -> PathBuf {
    lock.with_file_name("tantivy").join(".tantivy-meta.lock")
}

fn touched(path: &Path) -> PathBuf {
    fs::write(path, "").unwrap();
    path.to_owned()
}

/// The cases are about a user for whom permissions hold: the superuser, for whom they don't, becomes another one.
fn as_user(sandbox: &Sandbox) -> Option<Command> {
    let binary = sandbox.command().get_program().to_owned();
    if fs::metadata("/proc/self").map_or(1, |own| own.uid()) != 0 {
        return Some(sandbox.command());
    }
    let given = Command::new("chown").arg("-R").arg("65534:65534").arg(sandbox.path(".")).status();
    let other_user = || {
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65534", "--regid=65534", "--clear-groups"]).arg(&binary);
        command.current_dir(sandbox.path(".")).env_clear();
        command
    };
    let probe = other_user().arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    let works = given.is_ok_and(|status| status.success()) && probe.is_ok_and(|status| status.success());
    works.then(other_user)
}

#[test]
fn any_lock_file_works_or_says_why_not() {
    let (mut n_run, mut n_skipped) = (0, 0);
    for (name, prepare, expected) in CASES {
        let sandbox = prepared();
        let Some(mut command) = as_user(&sandbox) else {
            n_skipped += 1;
            continue;
        };
        let _held = prepare(&sandbox.path("index/writer.lock"));
        let told = run(command.args(["ingest", "in", "--index", "index"]));
        let told_by = |status: i32| assert_eq!(told.status, status, "{name}: {told:?}");
        match expected {
            Works => told_by(0),
            SaysWhy => {
                told_by(2);
                assert!(told.stderr.starts_with("error: ") && told.stderr.contains("index"), "{name}: {told:?}");
            }
            Busy => {
                told_by(75);
                assert!(!told.stderr.contains("process"), "{name}: {told:?}");
            }
        }
        assert!(finds(&sandbox, "caches"), "{name}");
        assert_eq!(finds(&sandbox, "queues"), *expected == Works, "{name}");
        n_run += 1;
    }
    if n_skipped > 0 {
        println!("skipped: {n_skipped} states of the lock, for want of a user for whom permissions hold");
    }
    report("locks", &format!("{n_run} states of the lock, each works or says why not"));
}

/// Names and bytes of all files below a folder.
fn contents(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.clone(), fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

const READERS: &[&[&str]] =
    &[&["search", "caches", "--format", "jsonl"], &["search", "caches"], &["status"], &["export"]];

/// `took_us` is the only part that may differ between two runs.
fn without_time(text: &str) -> String {
    let pieces = text.split("\"took_us\":").enumerate();
    pieces
        .map(|(n, piece)| if n == 0 { piece } else { piece.trim_start_matches(|c: char| c.is_ascii_digit()) })
        .collect()
}

/// Every reading command, and then a writing one, in a folder that can't be written.
fn assert_read_only(sandbox: &Sandbox, command: impl Fn() -> Command) {
    let dir = sandbox.path("index");
    let expected: Vec<Run> =
        READERS.iter().map(|reader| run(sandbox.command().args(*reader).args(["--index", "index"]))).collect();
    let before = contents(&dir);
    for (reader, expected) in READERS.iter().zip(&expected) {
        let told = run(command().args(*reader).args(["--index", "index"]));
        assert_eq!(
            (told.status, without_time(&told.stdout)),
            (0, without_time(&expected.stdout)),
            "{reader:?}: {told:?}"
        );
    }
    let told = run(command().args(["ingest", "in", "--index", "index"]));
    assert_eq!(told.status, 2, "{told:?}");
    assert!(told.stderr.contains("can't write index/writer.lock"), "{told:?}");
    assert_eq!(contents(&dir), before);
}

#[test]
fn a_folder_without_write_permission_is_searched() {
    let sandbox = prepared();
    if as_user(&sandbox).is_none() {
        println!("skipped: no user for whom permissions hold");
        return;
    }
    for folder in ["index", "index/tantivy"] {
        for entry in fs::read_dir(sandbox.path(folder)).unwrap() {
            let path = entry.unwrap().path();
            mode(&path, if path.is_dir() { 0o555 } else { 0o444 });
        }
    }
    mode(&sandbox.path("index"), 0o555);
    assert_read_only(&sandbox, || as_user(&sandbox).unwrap());
    // So that the folder can be removed by whoever made it.
    mode(&sandbox.path("index/tantivy"), 0o755);
    mode(&sandbox.path("index"), 0o755);
}

#[test]
fn a_read_only_medium_is_searched() {
    const MOUNT: &str =
        "mount --bind index index && mount -o remount,ro,bind index && ! touch index/probe 2>&- && cd .";
    let sandbox = prepared();
    let mounted = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["-rm", "sh", "-c", &format!("{MOUNT} && {then}"), "sh"]).current_dir(sandbox.path("."));
        command
    };
    let probe = mounted("true").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if !probe.is_ok_and(|status| status.success()) {
        println!("skipped: nothing can be mounted read-only here");
        return;
    }
    let binary = sandbox.command().get_program().to_owned();
    assert_read_only(&sandbox, || {
        let mut command = mounted("exec env -i \"$@\"");
        command.arg(&binary);
        command
    });
}

/// What is not for others stays so, and what the owner writes the owner can read and write again.
#[test]
fn an_index_is_as_private_as_its_owner_says() {
    let sandbox = Sandbox::new();
    let binary = sandbox.command().get_program().to_owned();
    for (n, title) in ["On caches", "On queues"].iter().enumerate() {
        sandbox.write(&format!("in/{n}.jsonl"), format!("{{\"title\":\"{title}\"}}"));
        let mut command = Command::new("sh");
        command.args(["-c", "umask 077; exec \"$@\"", "sh"]).arg(&binary).args(["ingest", "in", "--index", "index"]);
        let told = run(command.current_dir(sandbox.path(".")));
        assert_eq!(told.status, 0, "{told:?}");
    }
    assert!(finds(&sandbox, "caches") && finds(&sandbox, "queues"));
    for (path, _) in contents(&sandbox.path("index")) {
        let mode = fs::metadata(&path).unwrap().mode();
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", path.display());
    }
}
