//! The rules of ARCHITECTURE.md that a machine can hold.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::sandbox::repository;

/// Module → the modules it may use. The order is that of `lib.rs`: data flows downwards.
const MAY_USE: &[(&str, &[&str])] = &[
    ("error", &[]),
    ("source", &["error"]),
    ("text", &["error"]),
    ("record", &["text"]),
    ("formats", &["error", "record", "text", "source"]),
    ("enrich", &["error", "record", "text"]),
    ("index", &["error", "source", "record", "text"]),
    ("ingest", &["error", "record", "source", "formats", "enrich", "index"]),
    ("repair", &["error", "record", "source", "enrich", "index", "ingest"]),
    ("removal", &["error", "record", "source", "index", "ingest"]),
    ("query", &["error", "text", "index"]),
    ("search", &["error", "record", "text", "enrich", "index", "query", "stats"]),
    ("overlap", &["error", "record", "text", "index", "search"]),
    ("stats", &[]),
    ("latency", &["error", "source", "search", "stats"]),
    (
        "eval",
        &[
            "error", "source", "record", "text", "formats", "enrich", "index", "query", "ingest", "search", "overlap",
            "stats",
        ],
    ),
    ("render", &["error", "text", "record", "enrich", "search", "overlap", "stats", "latency", "eval"]),
];

/// Where these crates may be named.
const CRATES: &[(&str, &[&str])] = &[
    ("tantivy", &["src/index/", "src/query/lower", "src/query/regex", "src/search/"]),
    ("regex_syntax", &["src/query/regex"]),
    ("clap", &["src/cli/"]),
    ("shlex", &["src/cli/"]),
    ("clap_complete", &["src/cli/complete/"]),
    ("clap_mangen", &["src/cli/man"]),
    ("indicatif", &["src/cli/"]),
    ("signal_hook", &["src/cli/"]),
    ("ignore", &["src/source/walk"]),
    ("zip", &["src/source/archive"]),
    ("tar", &["src/source/archive"]),
    ("flate2", &["src/source/archive"]),
    ("ureq", &["src/source/http"]),
    ("comrak", &["src/formats/"]),
    ("serde_saphyr", &["src/formats/"]),
    ("scraper", &["src/text/html"]),
    ("html5ever", &["src/text/html/dom"]),
];

fn sources() -> Vec<(String, String)> {
    fn walk(folder: &Path, out: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, out);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                out.push(path);
            }
        }
    }
    let mut paths = Vec::new();
    walk(&repository().join("src"), &mut paths);
    paths.sort();
    assert!(paths.len() > 20, "the sources were not found");
    let name = |path: &Path| path.strip_prefix(repository()).unwrap().to_string_lossy().replace('\\', "/");
    paths.iter().map(|path| (name(path), fs::read_to_string(path).unwrap())).collect()
}

/// The first path segments behind `crate::`, also in `use crate::{a, b::c}`.
fn used_modules(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    for (at, _) in text.match_indices("crate::") {
        let rest = &text[at + "crate::".len()..];
        if let Some(list) = rest.strip_prefix('{') {
            let mut depth = 1;
            let mut name = String::new();
            let mut at_start = true;
            for c in list.chars() {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    ',' if depth == 1 => at_start = true,
                    c if c.is_alphanumeric() || c == '_' => {
                        if at_start {
                            name.push(c);
                        }
                        continue;
                    }
                    _ => {}
                }
                if !name.is_empty() {
                    out.push(std::mem::take(&mut name));
                    at_start = false;
                }
                if c == ',' && depth == 1 {
                    at_start = true;
                }
                if depth == 0 {
                    break;
                }
            }
        } else {
            out.push(rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect());
        }
    }
    out
}

#[test]
fn used_modules_reads_lists() {
    let text = "use crate::{\n    error::{Error, Result},\n    record::Span,\n    text,\n};\nuse crate::index::schema;";
    assert_eq!(used_modules(text), ["error", "record", "text", "index"]);
}

#[test]
fn arrows_between_modules_point_one_way() {
    for (path, text) in sources() {
        let inside = path.trim_start_matches("src/");
        let module = inside.split('/').next().unwrap().trim_end_matches(".rs");
        if matches!(module, "main" | "lib" | "cli") {
            continue;
        }
        let (_, allowed) =
            MAY_USE.iter().find(|(name, _)| *name == module).unwrap_or_else(|| panic!("{path}: add it to the table"));
        for used in used_modules(&text) {
            let is_module = MAY_USE.iter().any(|(name, _)| *name == used);
            assert!(!is_module || used == module || allowed.contains(&used.as_str()), "{path} uses {used}");
        }
    }
}

#[test]
fn crates_stay_where_they_belong() {
    for (path, text) in sources() {
        for (name, places) in CRATES {
            let code = text.split("#[cfg(test)]").next().unwrap();
            let used = code.contains(&format!("{name}::"));
            assert!(!used || places.iter().any(|place| path.starts_with(place)), "{path} uses {name}");
        }
    }
}

#[test]
fn the_library_is_quiet_and_reads_no_surroundings() {
    for (path, text) in sources() {
        if path.starts_with("src/cli/") || path == "src/main.rs" {
            continue;
        }
        let code = text.split("#[cfg(test)]").next().unwrap();
        for word in ["println!", "eprintln!", "dbg!", "std::env::", "SystemTime::now", "Instant::now", "Zoned::now"] {
            assert!(!code.contains(word), "{path} has {word}");
        }
    }
}

#[test]
fn files_say_what_they_are_for() {
    for (path, text) in sources() {
        assert!(text.starts_with("//!"), "{path} does not open with its purpose");
    }
}

#[test]
fn paths_in_the_documents_exist() {
    for document in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"] {
        let text = fs::read_to_string(repository().join(document)).unwrap();
        let mut n_paths = 0;
        for piece in text.split('`').skip(1).step_by(2) {
            let is_path =
                ["src/", "docs/", "tests/", "corpus/", "benches/", ".ci/"].iter().any(|at| piece.starts_with(at));
            if is_path && !piece.contains([' ', '*', '<']) {
                n_paths += 1;
                assert!(repository().join(piece).exists(), "{document} names {piece}");
            }
        }
        assert!(n_paths > 0, "{document} names no path");
    }
}
