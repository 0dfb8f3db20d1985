//! Results → bytes into a writer; one file an output format.

pub mod escape;
pub mod eval;
pub mod json;
pub mod latency;
pub mod text;
