//! Files that hold what is to be printed. `HALLWAY_BLESS=1` writes them anew.

use std::{fs, path::Path};

/// Whether expected files are to be written anew: `HALLWAY_BLESS=` in front of a command takes it back.
pub fn blesses() -> bool {
    std::env::var_os("HALLWAY_BLESS").is_some_and(|value| !value.is_empty())
}

/// Panics at the first line that differs from the file's.
pub fn check(file: &Path, printed: &str) {
    if blesses() {
        fs::write(file, printed).unwrap();
    }
    let expected = fs::read_to_string(file).unwrap_or_default();
    for (number, (expected, printed)) in expected.lines().zip(printed.lines()).enumerate() {
        assert_eq!(printed, expected, "{}:{}; HALLWAY_BLESS=1 writes it anew", file.display(), number + 1);
    }
    assert_eq!(printed, expected, "{} has another length; HALLWAY_BLESS=1 writes it anew", file.display());
}
