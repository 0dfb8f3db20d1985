//! hallway.

pub mod error;
pub mod formats;
pub mod record;
pub mod source;
pub mod text;
