//! Near misses: which of the names there are somebody may have meant.

use super::analyzer::folded;

/// Likeness from which a name is suggested.
pub const LIKENESS_MIN: f64 = 0.8;
/// Names suggested at once.
pub const NAMES_MAX: usize = 3;

/// How alike two names are, from 0 to 1, whatever their case and accents: Jaro-Winkler, which forgives what is left off
/// the end of a name; where that is the same, the number of edits decides.
pub fn likeness(typed: &str, name: &str) -> f64 {
    let (typed, name) = (folded(typed), folded(name));
    0.999 * strsim::jaro_winkler(&typed, &name) + 0.001 * strsim::normalized_damerau_levenshtein(&typed, &name)
}

/// The nearest of the names, the nearest first; empty where none is near.
pub fn nearest<'a>(typed: &str, names: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let rated = names.into_iter().map(|name| (likeness(typed, name), name));
    let mut near: Vec<_> = rated.filter(|(likeness, _)| *likeness > LIKENESS_MIN).collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.dedup_by_key(|(_, name)| *name);
    near.into_iter().take(NAMES_MAX).map(|(_, name)| name).collect()
}

/// `did you mean "a" or "b"?`; null without names.
pub fn did_you_mean<S: AsRef<str>>(names: &[S]) -> Option<String> {
    let quoted: Vec<_> = names.iter().map(|name| format!("\"{}\"", name.as_ref())).collect();
    (!quoted.is_empty()).then(|| format!("did you mean {}?", quoted.join(" or ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first() {
        let names = ["conference", "language", "limit", "speaker", "state", "year"];
        for (typed, expected) in [
            ("speker", &["speaker"][..]),
            ("LANGUAG", &["language"]),
            ("lang", &["language"]),
            ("yaer", &["year"]),
            ("zzz", &[]),
            ("", &[]),
        ] {
            assert_eq!(nearest(typed, names), expected, "{typed}");
        }
        // Of two that are alike the one with fewer edits.
        assert_eq!(nearest("SRECon24", ["SREcon", "SREcon23"]), ["SREcon23", "SREcon"]);
        assert_eq!(did_you_mean(&["a", "b"]).as_deref(), Some("did you mean \"a\" or \"b\"?"));
        assert_eq!(did_you_mean::<&str>(&[]), None);
    }
}
