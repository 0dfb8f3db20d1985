//! Ctrl-C and its kind: an index is whole whenever a process ends, so all there is to do is to leave the terminal and the
//! temporary folder as they were, and then to end as the signal wants it.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use indicatif::{ProgressBar, ProgressDrawTarget};
use tempfile::TempDir;

use hallway::error::{Error, Result};

/// What a process that ends leaves behind if nobody takes it away.
struct Traces {
    folders: Vec<PathBuf>,
    bars: Vec<ProgressBar>,
}

static TRACES: Mutex<Traces> = Mutex::new(Traces { folders: Vec::new(), bars: Vec::new() });
/// How often, and how long apart, a folder is taken away in which another thread may still be writing.
const TRIES: usize = 200;
const PAUSE: Duration = Duration::from_millis(5);

fn traces() -> MutexGuard<'static, Traces> {
    TRACES.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that is gone when the process ends, also by a signal.
pub(super) fn folder(prefix: &str) -> Result<TempDir> {
    listen();
    // Held meanwhile, so that no signal comes between its making and its being known.
    let mut traces = traces();
    let failed = |cause| Error::io("can't make a folder in", &std::env::temp_dir(), cause);
    let folder = tempfile::Builder::new().prefix(prefix).tempdir().map_err(failed)?;
    traces.folders.push(folder.path().to_owned());
    Ok(folder)
}

/// The bar is wiped off the terminal when the process ends by a signal.
pub(super) fn wipe(bar: &ProgressBar) {
    listen();
    traces().bars.push(bar.clone());
}

/// Where a signal is ending the process, this does not return: what then goes wrong, for want of the folders that were
/// taken away, is nobody's concern.
pub(super) fn yield_to_signals() {
    drop(traces());
}

/// Until the folder stays away: another thread may be about to make it anew.
fn take_away(folder: &Path) {
    let mut was_gone = false;
    for _ in 0..TRIES {
        let is_gone = fs::remove_dir_all(folder).is_ok() || !folder.exists();
        if is_gone && was_gone {
            return;
        }
        was_gone = is_gone;
        std::thread::sleep(PAUSE);
    }
}

/// What the signal leaves behind is taken away first.
#[cfg(unix)]
fn listen() {
    use std::{
        io::{IsTerminal, stderr},
        sync::Once,
    };

    use signal_hook::{
        consts::{SIGHUP, SIGINT, SIGTERM},
        iterator::Signals,
        low_level::emulate_default_handler,
    };

    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Without a terminal, as under nohup or in the background of a script, a process may have been told to go on.
        let signals = if stderr().is_terminal() { &[SIGTERM, SIGINT, SIGHUP][..] } else { &[SIGTERM] };
        // Where they can't be had, they end the process all the same.
        let Ok(mut signals) = Signals::new(signals) else { return };
        std::thread::spawn(move || {
            for signal in signals.forever() {
                let traces = traces();
                traces.folders.iter().for_each(|folder| take_away(folder));
                for bar in &traces.bars {
                    bar.finish_and_clear();
                    // What another thread draws now would stand there for good.
                    bar.set_draw_target(ProgressDrawTarget::hidden());
                }
                let _ = emulate_default_handler(signal);
            }
        });
    });
}

#[cfg(not(unix))]
fn listen() {}
