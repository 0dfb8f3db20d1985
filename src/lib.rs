//! hallway.

pub mod error;
pub mod formats;
pub mod index;
pub mod query;
pub mod record;
pub mod source;
pub mod text;
