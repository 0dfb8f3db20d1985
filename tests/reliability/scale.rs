//! How much of each test runs, from which seed, and what is said of it.

/// The number of cases: `short` with the other tests, `long` where `HALLWAY_SOAK` is set.
pub fn amount(short: u64, long: u64) -> u64 {
    if is_soak() { long } else { short }
}

pub fn is_soak() -> bool {
    std::env::var_os("HALLWAY_SOAK").is_some()
}

/// The seed of a test, printed so that what it found can be found again: `HALLWAY_SEED`, else the same in every short run
/// and another in every long one.
pub fn seed(test: &str) -> u64 {
    let given = std::env::var("HALLWAY_SEED").ok().map(|text| text.parse().expect("HALLWAY_SEED is a number"));
    let fresh = || if is_soak() { fastrand::u64(..) } else { 0x5EED };
    let seed = given.unwrap_or_else(fresh);
    println!("{test}: HALLWAY_SEED={seed}");
    seed
}

/// One line of figures, which `just soak` gathers.
pub fn report(test: &str, figures: &str) {
    println!("soak | {test} | {figures}");
}
