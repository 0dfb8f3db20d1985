//! How far a long command is: on a terminal alone, and not before half a second.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// What is done at once needs no bar.
const PATIENCE: Duration = Duration::from_millis(500);

pub(super) struct Progress {
    bar: ProgressBar,
    began: Instant,
}

impl Progress {
    /// `what` is counted: "files".
    pub fn new(what: &str) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        let style =
            format!("{{elapsed_precise}} {{wide_bar}} {{pos}}/{{len}} {what}{{msg}} · {{per_sec}} · {{eta}} left");
        if let Ok(style) = ProgressStyle::with_template(&style) {
            bar.set_style(style);
        }
        Progress { bar, began: Instant::now() }
    }

    /// `message` says more, and is empty or begins with its separator.
    pub fn show(&self, n_done: u64, n_all: u64, message: String) {
        if self.bar.is_hidden() && self.began.elapsed() > PATIENCE {
            self.bar.set_draw_target(ProgressDrawTarget::stderr_with_hz(10));
        }
        self.bar.set_length(n_all);
        self.bar.set_position(n_done);
        self.bar.set_message(message);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}
