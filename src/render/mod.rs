//! Results → bytes into a writer; one file an output format.

pub mod balance;
pub mod bibtex;
pub mod csv;
pub mod escape;
pub mod eval;
mod facets;
pub mod json;
pub mod latency;
pub mod markdown;
pub mod overlap;
pub mod place;
pub mod similar;
pub mod text;
pub mod topics;
pub mod trends;
mod words;
mod wrap;
