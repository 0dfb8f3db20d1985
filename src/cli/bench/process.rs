//! Processes whose searches are timed. They are asked through `search --queries -`, one query or many, so that two versions
//! can be compared.

use std::{
    fs,
    fs::File,
    io::{BufRead, BufReader, Read, Seek, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use hallway::error::{Error, ErrorKind, Result};
use serde::Deserialize;

/// Bytes looked at of what a process says of its failure.
const STDERR_BYTES_MAX: u64 = 64 << 10;

/// A hallway to measure.
pub struct Binary {
    /// As it was named, for messages.
    name: PathBuf,
    /// What is run.
    path: PathBuf,
    /// What it says of its version.
    pub version: String,
}

/// The parts of an answer that are looked at.
#[derive(Debug, Deserialize)]
pub struct Answer {
    /// Null in an error.
    took_us: Option<f64>,
    #[serde(default)]
    pub total: u64,
    error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    message: String,
}

impl Answer {
    /// µs of the search.
    pub fn took_us(&self) -> f64 {
        self.took_us.unwrap_or_default()
    }
}

impl Binary {
    /// A binary under its own path.
    ///
    /// # Errors
    /// `Io`; `Usage` where it is no hallway.
    pub fn new(name: &Path) -> Result<Binary> {
        let cannot_run = |cause| Error::io("can't run", name, cause);
        let path = name.canonicalize().map_err(cannot_run)?;
        let output = Command::new(&path).arg("--version").output().map_err(cannot_run)?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || !version.starts_with("hallway ") {
            return Err(Error::new(ErrorKind::Usage, format!("{} is no hallway", name.display())));
        }
        Ok(Binary { name: name.to_owned(), path, version })
    }

    /// Copies the binaries into `folder`, all or none: a file that a linker wrote lies otherwise in memory than one that
    /// was copied, and its processes start up to a fifth slower. False where one is a script, or can't run there.
    pub fn copy(binaries: &mut [Binary], folder: &Path) -> bool {
        let mut copies = Vec::new();
        for (number, binary) in binaries.iter().enumerate() {
            let mut start = [0; 2];
            let is_read = File::open(&binary.path).and_then(|mut file| file.read_exact(&mut start)).is_ok();
            let copy = folder.join(format!("hallway-{number}"));
            let is_copied = is_read && &start != b"#!" && fs::copy(&binary.path, &copy).is_ok();
            if !is_copied || Command::new(&copy).arg("--version").output().is_err() {
                return false;
            }
            copies.push(copy);
        }
        binaries.iter_mut().zip(copies).for_each(|(binary, copy)| binary.path = copy);
        true
    }

    /// The process, where it writes what goes wrong (a file, which never fills up as a pipe does), and when it began.
    fn spawn(&self, index: &Path, limit: usize) -> Result<(Child, File, Instant)> {
        let spawn = || {
            let stderr = tempfile::tempfile()?;
            let mut command = Command::new(&self.path);
            command.arg("--index").arg(index).args(["search", "-n", &limit.to_string(), "--queries", "-"]);
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(stderr.try_clone()?);
            let began = Instant::now();
            Ok((command.spawn()?, stderr, began))
        };
        spawn().map_err(|cause| self.failed(cause))
    }

    /// One query in a process of its own: µs from its start to its end, and the answer. `asked` is a JSON line.
    ///
    /// # Errors
    /// `Io`; `Usage` where the process doesn't answer.
    pub fn one_shot(&self, index: &Path, asked: &str, limit: usize) -> Result<(f64, Answer)> {
        let (mut child, stderr, began) = self.spawn(index, limit)?;
        // A process that ended at once says why on its standard error.
        let _ = child.stdin.take().map(|mut stdin| stdin.write_all(asked.as_bytes()));
        let output = child.wait_with_output().map_err(|cause| self.failed(cause))?;
        let took_us = began.elapsed().as_secs_f64() * 1e6;
        Ok((took_us, self.answer(&String::from_utf8_lossy(&output.stdout), stderr)?))
    }

    /// A process that is asked one query after the other.
    ///
    /// # Errors
    /// `Io`.
    pub fn start(&self, index: &Path, limit: usize) -> Result<Warm<'_>> {
        let (mut child, stderr, _) = self.spawn(index, limit)?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.failed(std::io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Warm { binary: self, child, stdin, stdout: BufReader::new(stdout), stderr, line: String::new() })
    }

    fn failed(&self, cause: std::io::Error) -> Error {
        Error::io("can't run", &self.name, cause)
    }

    fn answer(&self, text: &str, mut stderr: impl Read + Seek) -> Result<Answer> {
        let refuse = |message: &str| {
            let message = message.trim().trim_start_matches("error: ");
            Err(Error::new(ErrorKind::Usage, format!("{} does not answer: {message}", self.name.display())))
        };
        match serde_json::from_str::<Answer>(text) {
            Ok(Answer { error: Some(failure), .. }) => refuse(&failure.message),
            Ok(Answer { took_us: None, .. }) => refuse("its answers have no took_us"),
            Ok(answer) => Ok(answer),
            Err(error) => {
                let mut said = String::new();
                let _ = stderr.rewind().and_then(|()| stderr.take(STDERR_BYTES_MAX).read_to_string(&mut said));
                let first = said.lines().find(|line| !line.trim().is_empty());
                refuse(&first.map_or_else(|| error.to_string(), str::to_owned))
            }
        }
    }
}

/// A process that answers many queries.
pub struct Warm<'a> {
    binary: &'a Binary,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    stderr: File,
    line: String,
}

impl Warm<'_> {
    /// Asks a query and waits for its answer. `asked` is a JSON line.
    ///
    /// # Errors
    /// `Usage` where the process doesn't answer.
    pub fn ask(&mut self, asked: &str) -> Result<Answer> {
        self.line.clear();
        // Where the process has ended, there may still be an answer that says why.
        let _ = self.stdin.write_all(asked.as_bytes()).and_then(|()| self.stdin.flush());
        if self.stdout.read_line(&mut self.line).is_err() {
            self.line.clear();
        }
        self.binary.answer(&self.line, &self.stderr)
    }

    /// Bytes of its own memory (RssAnon), and of all that is resident (VmRSS); null where the system doesn't say.
    pub fn memory(&self) -> (Option<u64>, Option<u64>) {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let field = |name: &str| {
            let line = status.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().trim_end_matches(" kB").parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
        };
        (field("RssAnon:"), field("VmRSS:"))
    }
}

impl Drop for Warm<'_> {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
