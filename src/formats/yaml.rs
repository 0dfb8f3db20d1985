//! YAML that holds no talks of an archive.

pub(super) mod tree;
