//! The pager that pages are read in on a terminal: the one that is set, else less where it is found.

use std::{
    env, io,
    process::{Child, ChildStdin, Command, Stdio},
};

/// What less has to be told where its own variable says nothing.
const LESS: &str = "FIRX";

pub(super) struct Pager(Child);

/// What became of the wish for a pager.
pub(super) enum Started {
    Running(Pager, ChildStdin),
    /// None is wanted, or the usual one is not there.
    None,
    /// Why the one that was asked for does not run.
    Failed(String),
}

/// Starts the pager. Its command may have arguments and is not run by a shell. One that nobody asked for need not be
/// there.
pub(super) fn start(line: &str, is_wanted: bool) -> Started {
    if line.is_empty() || line == "cat" {
        return Started::None;
    }
    let words = shlex::split(line).unwrap_or_default();
    let Some((program, arguments)) = words.split_first() else {
        return Started::Failed(format!("can't read the pager's command {line}"));
    };
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    if env::var_os("LESS").is_none() {
        // less as such shows colours as characters, and stays where the page fits the screen.
        command.env("LESS", LESS);
    }
    match command.spawn() {
        Ok(mut child) => match child.stdin.take() {
            Some(input) => {
                leave_interrupts_to_it();
                Started::Running(Pager(child), input)
            }
            None => Started::None,
        },
        Err(cause) if !is_wanted && cause.kind() == io::ErrorKind::NotFound => Started::None,
        Err(cause) => Started::Failed(format!("can't start the pager {line}: {cause}")),
    }
}

impl Pager {
    /// Waits until it was left; its input has to be closed.
    pub fn wait(&mut self) -> io::Result<()> {
        self.0.wait().map(|_| ())
    }
}

/// Ctrl-C is the pager's: were this process to end of it, the shell would take the terminal from under the pager.
#[cfg(unix)]
fn leave_interrupts_to_it() {
    // Without it the pager works all the same.
    let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, std::sync::Arc::default());
}

#[cfg(not(unix))]
fn leave_interrupts_to_it() {}
