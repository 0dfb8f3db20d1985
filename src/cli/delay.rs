//! Under the feature `faults` alone: makes one binary slower than another that is the same but for its name, to see
//! whether `hallway bench` notices. `HALLWAY_DELAY=10:hallway-0` adds a tenth to what the binary of that name does.

use std::{sync::OnceLock, time::Instant};

/// Passes the time that the delay adds to what began then.
pub(super) fn after(began: Instant) {
    // Looked up once, or the slower binary would spend its delay on what the other does, too.
    static PART: OnceLock<f64> = OnceLock::new();
    let took = began.elapsed();
    let part = *PART.get_or_init(|| part().unwrap_or(0.0));
    let until = Instant::now() + took.mul_f64(part);
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}

/// The part of its time that is added to this binary's.
fn part() -> Option<f64> {
    let setting = std::env::var("HALLWAY_DELAY").ok()?;
    let (percent, name) = setting.split_once(':')?;
    let exe = std::env::current_exe().ok()?;
    let percent: f64 = percent.parse().ok().filter(|_| exe.file_name().is_some_and(|own| own == name))?;
    Some(percent / 100.0)
}
