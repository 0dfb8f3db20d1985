//! A folder of its own for each test, and the `hallway` command run in it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use tempfile::TempDir;

pub struct Sandbox {
    folder: TempDir,
}

/// What a run of the command gave.
#[derive(Debug)]
pub struct Run {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

impl Sandbox {
    pub fn new() -> Self {
        Sandbox { folder: tempfile::tempdir().unwrap() }
    }

    /// With a copy of `corpus/` and the marked, empty `index/` beside it.
    pub fn with_sample() -> Self {
        let sandbox = Sandbox::new();
        copy(&repository().join("corpus"), &sandbox.path("corpus"));
        fs::create_dir(sandbox.path("index")).unwrap();
        fs::copy(repository().join("index/README.md"), sandbox.path("index/README.md")).unwrap();
        sandbox
    }

    /// Copies a folder of this package into the sandbox.
    pub fn copy(&self, from: &str, to: &str) {
        copy(&repository().join(from), &self.path(to));
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hallway"));
        command.current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.path("home")).env("COLUMNS", "80").env("LANG", "C.UTF-8");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command().args(arguments).output().unwrap())
    }

    /// Runs the command in a terminal, with more in its environment; standard output and error come as one. Null where
    /// there is no `script` to make a terminal with.
    pub fn run_in_terminal(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Option<Run> {
        let words = [&[env!("CARGO_BIN_EXE_hallway")][..], arguments].concat();
        let line = shlex::try_join(words).unwrap();
        let mut command = Command::new("script");
        // `-e` hands on the exit status.
        command.args(["-q", "-e", "-c", &line, "/dev/null"]).current_dir(self.folder.path()).env_clear();
        command.env("HOME", self.path("home")).env("COLUMNS", "80").env("LANG", "C.UTF-8").env("TERM", "xterm");
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.envs(environment.iter().copied());
        match command.output() {
            Ok(output) if cfg!(target_os = "linux") => Some(Run::from(output)),
            _ => {
                println!("skipped: there is no `script` of util-linux");
                None
            }
        }
    }

    /// Runs and parses standard output as one JSON document.
    pub fn json(&self, arguments: &[&str]) -> serde_json::Value {
        let run = self.run(arguments);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        Run {
            status: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

/// The folder of this package.
pub fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
