//! What the index promises (docs/reliability.md), each promise with the test that tries to break it. A short form runs with
//! the other tests; `just soak` runs the long one, and prints the figures.

mod damage;
#[cfg(feature = "faults")]
mod faults;
mod kills;
mod leftovers;
mod locks;
mod model;
mod oracle;
mod readers;
mod removal;
mod repair;
#[path = "../it/sandbox.rs"]
#[allow(dead_code)]
mod sandbox;
mod scale;
mod specimen;
mod upgrade;
