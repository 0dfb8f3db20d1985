//! How far a long command is, on a terminal alone: at once what it does, and as soon as that says something how far it is,
//! at what rate, and how long it will take. What is done in an instant shows nothing.

use std::{
    fmt::Write,
    io::{IsTerminal, stderr},
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};

use super::interrupt;

/// Sooner nobody has begun to wait, and what came and went would flicker.
const LINE_AFTER: Duration = Duration::from_millis(80);
/// Sooner a rate says nothing.
const BAR_AFTER: Duration = Duration::from_millis(500);
const REDRAWN_EVERY: Duration = Duration::from_millis(100);

pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
    counts: &'static str,
    /// What is done when all are counted; empty when nothing is.
    then: &'static str,
    is_bar: bool,
    /// The thread that shows the line, and what ends it.
    waiting: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// `does` is what it does, "reading files", of which "files" are counted.
    pub fn new(does: &'static str, counts: &'static str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        bar.set_style(line(does));
        let waiting = is_wanted().then(|| wait(&bar));
        Progress { bar, began: Instant::now(), counts, then: "", is_bar: false, waiting }
    }

    /// What follows when all are counted: "writing the index".
    pub fn then(mut self, then: &'static str) -> Self {
        self.then = then;
        self
    }

    /// `message` says more, and is empty or begins with its separator.
    pub fn show(&mut self, n_done: u64, n_all: u64, message: String) {
        if n_done == n_all && !self.then.is_empty() {
            self.is_bar = false;
            self.bar.set_style(line(self.then));
            return;
        }
        if self.began.elapsed() < BAR_AFTER {
            return;
        }
        self.bar.set_length(n_all);
        self.bar.set_position(n_done);
        self.bar.set_message(message);
        // Last, so that the bar's first sight is whole.
        if !self.is_bar {
            self.is_bar = true;
            let counts = self.counts;
            let bar = format!("{{elapsed}} {{wide_bar}} {{pos}}/{{len}} {counts}{{msg}} · {{rate}} · {{eta}} left");
            let rate = |state: &ProgressState, out: &mut dyn Write| _ = write!(out, "{:.0}/s", state.per_sec());
            self.bar.set_style(style(&bar).with_key("rate", rate));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((end, waiting)) = self.waiting.take() {
            drop(end);
            let _ = waiting.join();
        }
        self.bar.finish_and_clear();
    }
}

fn is_wanted() -> bool {
    stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Shows the bar after a while, and keeps it going where nothing is counted.
fn wait(bar: &ProgressBar) -> (Sender<()>, JoinHandle<()>) {
    interrupt::wipe(bar);
    let (end, ended) = channel();
    let bar = bar.clone();
    let waiting = thread::spawn(move || {
        if ended.recv_timeout(LINE_AFTER) == Err(RecvTimeoutError::Timeout) {
            bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
            bar.enable_steady_tick(REDRAWN_EVERY);
        }
    });
    (end, waiting)
}

fn line(does: &str) -> ProgressStyle {
    style(&format!("{does} · {{elapsed}}"))
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
