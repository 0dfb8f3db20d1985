//! hallway.

pub mod enrich;
pub mod error;
pub mod formats;
pub mod index;
pub mod ingest;
pub mod query;
pub mod record;
pub mod render;
pub mod search;
pub mod source;
pub mod text;
