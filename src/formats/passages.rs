//! Cuts a report into passages.
