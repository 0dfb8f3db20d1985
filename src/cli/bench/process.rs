//! Processes whose searches are timed. They are asked through what every hallway has: `search --json` for one query,
//! `search --queries -` for many, so that two versions can be compared.

use std::{
    fs,
    fs::File,
    io::{BufRead, BufReader, Read, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    time::Instant,
};

use hallway::{
    error::{Error, ErrorKind, Result},
    search::Asked,
};
use serde::Deserialize;

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
    #[serde(default)]
    pub took_us: f64,
    #[serde(default)]
    pub total: u64,
    error: Option<Failure>,
}

#[derive(Debug, Deserialize)]
struct Failure {
    message: String,
}

impl Binary {
    /// The binary, copied into `folder`: a file that a linker wrote lies otherwise in memory than one that was copied, and
    /// its processes start up to a fifth slower. A script stays where it is.
    ///
    /// # Errors
    /// `Io`; `Usage` where it is no hallway.
    pub fn new(name: &Path, folder: &Path) -> Result<Binary> {
        let cannot_run = |cause| Error::io("can't run", name, cause);
        let path = name.canonicalize().map_err(cannot_run)?;
        let mut start = [0; 2];
        let is_script = File::open(&path).and_then(|mut file| file.read_exact(&mut start)).is_ok() && &start == b"#!";
        let n_before = fs::read_dir(folder).map_or(0, Iterator::count);
        let copy = folder.join(format!("hallway-{n_before}"));
        // Not every system lets programs run in such a folder.
        let version = |path: &Path| Command::new(path).arg("--version").output();
        let can_copy = !is_script && fs::copy(&path, &copy).is_ok() && version(&copy).is_ok();
        let path = if can_copy { copy } else { path };
        let output = version(&path).map_err(cannot_run)?;
        let version = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if !output.status.success() || !version.starts_with("hallway ") {
            return Err(Error::new(ErrorKind::Usage, format!("{} is no hallway", name.display())));
        }
        Ok(Binary { name: name.to_owned(), path, version })
    }

    fn command(&self, index: &Path, limit: usize) -> Command {
        let mut command = Command::new(&self.path);
        command.arg("--index").arg(index).args(["search", "-n", &limit.to_string()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// One query in a process of its own: µs from its start to its end, and the answer.
    ///
    /// # Errors
    /// `Io`; `Usage` where the process doesn't answer.
    pub fn one_shot(&self, index: &Path, asked: &Asked, limit: usize) -> Result<(f64, Answer)> {
        let mut command = self.command(index, limit);
        command.arg("--json").stdin(Stdio::null());
        for (field, values) in &asked.filters {
            command.args(values.iter().map(|value| format!("--{field}={value}")));
        }
        if !asked.facets.is_empty() {
            command.arg(format!("--facets={}", asked.facets.join(",")));
        }
        command.args(["--", &asked.query]);
        let began = Instant::now();
        let output = command.output().map_err(|cause| self.failed(cause))?;
        let took_us = began.elapsed().as_secs_f64() * 1e6;
        let text = String::from_utf8_lossy(&output.stdout);
        Ok((took_us, self.answer(&text, &String::from_utf8_lossy(&output.stderr))?))
    }

    /// A process that is asked one query after the other.
    ///
    /// # Errors
    /// `Io`.
    pub fn start(&self, index: &Path, limit: usize) -> Result<Warm<'_>> {
        let mut command = self.command(index, limit);
        command.args(["--queries", "-"]).stdin(Stdio::piped());
        let mut child = command.spawn().map_err(|cause| self.failed(cause))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(self.failed(std::io::ErrorKind::BrokenPipe.into()));
        };
        Ok(Warm { binary: self, child, stdin, stdout: BufReader::new(stdout), line: String::new() })
    }

    fn failed(&self, cause: std::io::Error) -> Error {
        Error::io("can't run", &self.name, cause)
    }

    fn answer(&self, text: &str, stderr: &str) -> Result<Answer> {
        let refuse = |message: &str| {
            let message = message.trim().trim_start_matches("error: ");
            Err(Error::new(ErrorKind::Usage, format!("{} does not answer: {message}", self.name.display())))
        };
        match serde_json::from_str::<Answer>(text) {
            Ok(Answer { error: Some(failure), .. }) => refuse(&failure.message),
            Ok(answer) => Ok(answer),
            Err(error) if stderr.trim().is_empty() => refuse(&error.to_string()),
            Err(_) => refuse(stderr.lines().next().unwrap_or_default()),
        }
    }
}

/// A process that answers many queries.
pub struct Warm<'a> {
    binary: &'a Binary,
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    line: String,
}

impl Warm<'_> {
    /// Asks a query and waits for its answer. `asked` is a JSON line.
    ///
    /// # Errors
    /// `Usage` where the process doesn't answer.
    pub fn ask(&mut self, asked: &str) -> Result<Answer> {
        self.line.clear();
        let sent = self.stdin.write_all(asked.as_bytes()).and_then(|()| self.stdin.flush());
        let received = sent.and_then(|()| self.stdout.read_line(&mut self.line));
        let mut stderr = String::new();
        if !received.is_ok_and(|n| n > 0) {
            // It has ended, and may have said why.
            let _ = self.child.stderr.take().map(|mut stream| stream.read_to_string(&mut stderr));
        }
        self.binary.answer(&self.line, &stderr)
    }

    /// Bytes of its own memory (RssAnon), and of all that is resident (VmRSS); null where the system doesn't say.
    pub fn memory(&self) -> (Option<u64>, Option<u64>) {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
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
