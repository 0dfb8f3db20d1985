//! What the index promises (docs/reliability.md), each promise with the test that tries to break it. A short form runs with
//! the other tests; `just soak` runs the long one, and prints the figures.

#[cfg(feature = "faults")]
mod faults;
#[path = "../it/sandbox.rs"]
#[allow(dead_code)]
mod sandbox;
mod scale;
