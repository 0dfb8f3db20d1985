//! The command on a terminal of its own: what it shows while it works, what is left on the screen, and signals.

use std::{
    fs::{self, File},
    io::Read,
    os::unix::process::ExitStatusExt,
    process::{Child, Command, ExitStatus, Stdio},
    sync::{Arc, Mutex},
    thread::{self, JoinHandle},
    time::{Duration, SystemTime},
};

use nix::{
    pty::{Winsize, openpty},
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::sandbox::Sandbox;

/// A process on a terminal of 80 columns.
struct Terminal {
    child: Child,
    bytes: Arc<Mutex<Vec<u8>>>,
    reader: JoinHandle<()>,
}

impl Terminal {
    fn start(mut command: Command) -> Self {
        let size = Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 };
        let ends = openpty(Some(&size), None).unwrap();
        let side = || Stdio::from(ends.slave.try_clone().unwrap());
        let child =
            command.env("TERM", "xterm").env("PAGER", "").stdin(side()).stdout(side()).stderr(side()).spawn().unwrap();
        drop((command, ends.slave));
        let bytes = Arc::new(Mutex::new(Vec::new()));
        let (mut master, shared) = (File::from(ends.master), Arc::clone(&bytes));
        let reader = thread::spawn(move || {
            let mut buffer = [0; 4096];
            // That nobody has the other end any more is an error here, not an end.
            while let Ok(n @ 1..) = master.read(&mut buffer) {
                shared.lock().unwrap().extend_from_slice(&buffer[..n]);
            }
        });
        Terminal { child, bytes, reader }
    }

    fn written(&self) -> String {
        String::from_utf8_lossy(&self.bytes.lock().unwrap()).into_owned()
    }

    /// Waits until it has written `text`. False where it ended without.
    fn wait_for(&mut self, text: &str) -> bool {
        loop {
            let has_ended = self.child.try_wait().unwrap().is_some();
            if self.written().contains(text) {
                return !has_ended;
            }
            if has_ended {
                return false;
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    fn send(&self, signal: Signal) {
        send(&self.child, signal);
    }

    /// How it ended, and what then stands on the screen.
    fn end(mut self) -> (ExitStatus, Vec<String>) {
        let status = self.child.wait().unwrap();
        self.reader.join().unwrap();
        let bytes = self.bytes.lock().unwrap();
        (status, screen(&String::from_utf8_lossy(&bytes)))
    }
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(i32::try_from(child.id()).unwrap()), signal).unwrap();
}

/// What a terminal shows of what was written, without empty lines at the end: carriage returns, cursor up and down, erased
/// lines.
fn screen(written: &str) -> Vec<String> {
    let (mut lines, mut row, mut column) = (vec![Vec::new()], 0, 0);
    let mut is_cursor_shown = true;
    let mut rest = written.chars();
    while let Some(c) = rest.next() {
        match c {
            '\r' => column = 0,
            '\n' => row += 1,
            '\u{1b}' => {
                let sort = rest.next();
                if sort == Some(']') {
                    // A link shows nothing; it ends with ESC and a backslash.
                    let _ = rest.find(|c| *c == '\\');
                    continue;
                }
                assert_eq!(sort, Some('['), "{written:?}");
                let mut argument = String::new();
                let end = rest.find(|c| {
                    argument.push(*c);
                    c.is_ascii_alphabetic()
                });
                argument.pop();
                let n: usize = argument.parse().unwrap_or(1);
                match (end, argument.as_str()) {
                    (Some('A'), _) => row -= n.min(row),
                    (Some('B'), _) => row += n,
                    (Some('K'), "2") => lines[row] = Vec::new(),
                    (Some('K'), "" | "0") => lines[row].truncate(column),
                    (Some('J'), "" | "0") => {
                        lines[row].truncate(column);
                        lines.truncate(row + 1);
                    }
                    (Some('l'), "?25") => is_cursor_shown = false,
                    (Some('h'), "?25") => is_cursor_shown = true,
                    (Some('m'), _) => {}
                    _ => panic!("{written:?} has {argument:?}{end:?}"),
                }
            }
            c => {
                lines[row].resize(column, ' ');
                lines[row].push(c);
                column += 1;
            }
        }
        while lines.len() <= row {
            lines.push(Vec::new());
        }
    }
    assert!(is_cursor_shown, "the cursor is gone: {written:?}");
    let lines = lines.into_iter().map(|line| line.into_iter().collect::<String>().trim_end().to_owned());
    let mut lines: Vec<String> = lines.collect();
    lines.truncate(lines.iter().rposition(|line| !line.is_empty()).map_or(0, |last| last + 1));
    lines
}

#[test]
fn a_screen_is_what_a_terminal_shows() {
    assert_eq!(screen("one\r\ntwo\r\u{1b}[2Kthree\r\n"), ["one", "three"]);
    assert_eq!(screen("one\r\ntwo\r\u{1b}[2K\u{1b}[1A\r\u{1b}[2Kthree"), ["three"]);
    assert_eq!(screen("a bar\r\u{1b}[2K"), [""; 0]);
}

fn on_terminal(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    let mut command = sandbox.command();
    command.args(arguments);
    Terminal::start(command).end().1
}

fn many_talks(sandbox: &Sandbox, n_files: usize) {
    for n in 0..n_files {
        let words = format!("w{} w{} w{} ", n % 7, n % 11, n % 101).repeat(40);
        let line = format!("{{\"title\":\"Talk {n}\",\"speakers\":[\"A. Speaker\"],\"text\":\"{words}\"}}\n");
        sandbox.write(&format!("in/{}/{n}.jsonl", n % 20), line);
    }
}

#[test]
fn ctrl_c_in_the_middle_of_an_ingest_costs_nothing() {
    let sandbox = Sandbox::new();
    many_talks(&sandbox, 3000);
    let run = sandbox.run(&["--index", "whole", "ingest", "in"]);
    assert_eq!((run.status, run.stdout.as_str()), (0, "added 3000, changed 0, removed 0, unchanged 0\n"));
    assert!(!run.stderr.contains("reading files"), "progress is for terminals: {}", run.stderr);
    let whole = sandbox.run(&["--index", "whole", "export"]).stdout;
    for (index, until, signal) in [
        ("i", "reading files", Signal::SIGINT),
        ("j", "writing the index", Signal::SIGINT),
        ("k", "files", Signal::SIGHUP),
    ] {
        let mut command = sandbox.command();
        command.args(["--index", index, "ingest", "in"]);
        let mut terminal = Terminal::start(command);
        assert!(terminal.wait_for(until), "{:?}", terminal.written());
        terminal.send(signal);
        let (status, screen) = terminal.end();
        assert_eq!((status.signal(), screen), (Some(signal as i32), Vec::new()), "after {until:?}");

        let run = sandbox.run(&["--index", index, "ingest", "in"]);
        assert_eq!(run.status, 0, "{run:?}");
        assert_eq!(sandbox.run(&["--index", index, "check"]).status, 0);
        assert_eq!(sandbox.run(&["--index", index, "export"]).stdout, whole);
    }
}

#[test]
fn what_is_shown_meanwhile_is_gone_afterwards() {
    let sandbox = Sandbox::new();
    many_talks(&sandbox, 40);
    assert_eq!(
        on_terminal(&sandbox, &["--index", "i", "ingest", "in"]),
        ["added 40, changed 0, removed 0, unchanged 0", "read 40 talks, 0 bios, 0 reports"]
    );
    let checked = on_terminal(&sandbox, &["--index", "i", "check"]);
    assert!(checked.len() == 1 && checked[0].ends_with("all is well"), "{checked:?}");
}

#[test]
fn an_evaluation_that_is_stopped_leaves_no_folder() {
    let sandbox = Sandbox::new();
    let docs =
        (0..3000).map(|n| format!("{{\"id\":\"{n}\",\"title\":\"Talk {n}\",\"text\":\"{}\"}}\n", "w ".repeat(99)));
    sandbox.write("judged/docs.jsonl", docs.collect::<String>());
    sandbox.write("judged/queries.jsonl", "{\"id\":\"q\",\"text\":\"talk\"}\n");
    sandbox.write("judged/qrels.tsv", "q\t1\t1\n");
    fs::create_dir(sandbox.path("tmp")).unwrap();
    let mut command = sandbox.command();
    command
        .args(["eval", "rank", "judged"])
        .env("TMPDIR", sandbox.path("tmp"))
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let is_there = || fs::read_dir(sandbox.path("tmp")).unwrap().count() > 0;
    while !is_there() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    send(&child, Signal::SIGTERM);
    assert_eq!(child.wait().unwrap().signal(), Some(Signal::SIGTERM as i32));
    assert!(!is_there());
}

#[test]
fn a_search_on_a_terminal_says_that_sources_have_changed() {
    let sandbox = Sandbox::new();
    for name in ["a", "b", "c"] {
        sandbox.write(&format!("in/{name}.jsonl"), format!("{{\"title\":\"Alpha {name}\"}}\n"));
    }
    sandbox.run(&["--index", "index", "ingest", "in"]);
    let said = |arguments: &[&str]| {
        let lines = on_terminal(&sandbox, arguments);
        lines.into_iter().filter(|line| line.contains("changed since")).collect::<Vec<_>>()
    };
    assert_eq!(said(&["search", "alpha"]), [""; 0]);

    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha anew\"}\n");
    assert_eq!(
        said(&["search", "alpha"]),
        ["note: 1 source changed since the last ingest; run `hallway ingest in/a.jsonl`"]
    );
    sandbox.write("in/b.jsonl", "{\"title\":\"Beta\"}\n");
    assert_eq!(said(&["search", "alpha"]), ["note: 2 sources changed since the last ingest; run `hallway ingest in`"]);
    assert_eq!(said(&["search", "--json", "alpha"]), [""; 0]);
    assert_eq!(said(&["search", "--format", "id", "alpha"]), [""; 0]);
    let piped = sandbox.run(&["search", "alpha"]);
    assert!(!piped.stderr.contains("changed"), "{}", piped.stderr);

    // What is gone, or kept out, is nothing that an ingest would read.
    fs::remove_file(sandbox.path("in/a.jsonl")).unwrap();
    sandbox.run(&["remove", "./in/b.jsonl"]);
    assert_eq!(said(&["search", "alpha"]), [""; 0]);

    // A repair reads the sources, too.
    sandbox.write("in/c.jsonl", "{\"title\":\"Alpha mended\"}\n");
    assert_eq!(said(&["search", "alpha"]).len(), 1);
    let meta = sandbox.path("index/tantivy/meta.json");
    fs::write(&meta, &fs::read(&meta).unwrap()[1..]).unwrap();
    assert_eq!(sandbox.run(&["check", "--repair"]).status, 0);
    assert_eq!(said(&["search", "mended"]), [""; 0]);
}

#[test]
fn status_tells_what_was_changed_from_what_was_touched() {
    let sandbox = Sandbox::new();
    let files = ["a", "b", "c"]
        .map(|name| sandbox.write(&format!("in/{name}.jsonl"), format!("{{\"title\":\"Alpha {name}\"}}\n")));
    sandbox.run(&["--index", "index", "ingest", "in"]);
    let touch = |n: usize| {
        let file = File::options().write(true).open(&files[n]).unwrap();
        file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000)).unwrap();
    };
    sandbox.write("in/a.jsonl", "{\"title\":\"Alpha z\"}\n");
    touch(0);
    touch(1);
    fs::remove_file(&files[2]).unwrap();
    let status = sandbox.json(&["status", "--json"]);
    let paths = |n: usize| serde_json::json!([files[n].canonicalize().unwrap_or(files[n].clone())]);
    assert_eq!(status["changed"], paths(0));
    let gone = status["gone"].as_array().unwrap();
    assert!(gone.len() == 1 && gone[0].as_str().unwrap().ends_with("in/c.jsonl"), "{gone:?}");
    let text = sandbox.run(&["status"]).stdout;
    assert!(
        text.contains("changed   1 source since the last ingest (run `hallway ingest in/a.jsonl`): in/a.jsonl"),
        "{text}"
    );

    // An ingest knows the touched one again, and takes no commit for it.
    sandbox.run(&["ingest", "in/a.jsonl"]);
    let commit = fs::read(sandbox.path("index/tantivy/meta.json")).unwrap();
    assert_eq!(sandbox.run(&["ingest", "in/b.jsonl"]).stdout, "added 0, changed 0, removed 0, unchanged 1\n");
    assert_eq!(fs::read(sandbox.path("index/tantivy/meta.json")).unwrap(), commit);
    let lines = on_terminal(&sandbox, &["search", "alpha"]);
    assert!(lines.len() > 1 && !lines.iter().any(|line| line.contains("changed since")), "{lines:?}");
}
