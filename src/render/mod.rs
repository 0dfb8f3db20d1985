//! Results → bytes into a writer; one file an output format.

pub mod bibtex;
pub mod csv;
pub mod escape;
pub mod eval;
mod facets;
pub mod json;
pub mod latency;
pub mod markdown;
pub mod place;
pub mod text;
pub mod topics;
pub mod trends;
mod words;
mod wrap;
