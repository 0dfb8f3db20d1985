//! Under the feature `faults` alone: makes one binary slower than another that is the same but for its name, to see
//! whether `hallway bench` notices. `HALLWAY_DELAY=10:hallway-0` adds a tenth to what the binary of that name does.

use std::time::Instant;

/// Passes the time that the delay adds to what began then.
pub(super) fn after(began: Instant) {
    let took = began.elapsed();
    let Ok(setting) = std::env::var("HALLWAY_DELAY") else { return };
    let Some((percent, name)) = setting.split_once(':') else { return };
    let is_meant = std::env::current_exe().is_ok_and(|exe| exe.file_name().is_some_and(|own| own == name));
    let percent: f64 = if is_meant { percent.parse().unwrap_or(0.0) } else { 0.0 };
    let until = began + took.mul_f64(1.0 + percent / 100.0);
    while Instant::now() < until {
        std::hint::spin_loop();
    }
}
