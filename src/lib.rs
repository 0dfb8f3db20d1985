//! hallway.

pub mod error;
pub mod formats;
pub mod index;
pub mod query;
pub mod record;
pub mod search;
pub mod source;
pub mod text;
