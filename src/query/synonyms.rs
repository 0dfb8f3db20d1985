//! Words that mean the same. They act when a query is read, never on what is indexed.

use std::{path::Path, sync::LazyLock};

use crate::error::{Error, ErrorKind, Result};

/// hallway's own table, in the form of [`Synonyms::parse`].
const OWN: &str = include_str!("synonyms.txt");
/// Bytes of a user's table: a thesaurus of the field, ten times over.
pub const SYNONYMS_BYTES_MAX: usize = 1 << 20;
/// Between the forms of a group.
const BETWEEN: &str = " = ";

/// hallway's table and, before it, the user's own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Synonyms {
    users: Vec<Vec<String>>,
}

/// The groups of [`OWN`].
static OWN_GROUPS: LazyLock<Vec<Vec<&str>>> = LazyLock::new(|| groups(OWN).collect());

impl Synonyms {
    /// Reads a user's table: one group a line, the forms parted by ` = `, each a word or several; `#` begins a comment.
    /// Errors name `path`.
    ///
    /// # Errors
    /// `Usage` for a table of more than [`SYNONYMS_BYTES_MAX`] and for a line without two forms, which is named.
    pub fn parse(text: &str, path: &Path) -> Result<Synonyms> {
        if text.len() > SYNONYMS_BYTES_MAX {
            let message = format!("the synonyms are longer than {} MB", SYNONYMS_BYTES_MAX >> 20);
            return Err(Error::new(ErrorKind::Usage, message).at(path, 1));
        }
        for (number, line) in (1..).zip(text.lines()) {
            let n_forms = forms(line).count();
            if n_forms == 1 {
                let message = format!("there is no synonym in \"{}\"", line.trim());
                let error = Error::new(ErrorKind::Usage, message).at(path, number);
                return Err(error.hint("write each group on a line of its own, as in: k8s = kubernetes"));
            }
        }
        let owned = |group: Vec<&str>| group.into_iter().map(str::to_owned).collect();
        Ok(Synonyms { users: groups(&text.to_lowercase()).map(owned).collect() })
    }

    /// The other forms of the groups that have one that `is_it`.
    pub fn of(&self, is_it: impl Fn(&str) -> bool) -> Vec<&str> {
        let mut others: Vec<&str> = Vec::new();
        // Nearly all groups have none.
        for group in &self.users {
            if group.iter().any(|form| is_it(form)) {
                others.extend(group.iter().map(String::as_str).filter(|form| !is_it(form)));
            }
        }
        for group in OWN_GROUPS.iter() {
            if group.iter().any(|form| is_it(form)) {
                others.extend(group.iter().copied().filter(|form| !is_it(form)));
            }
        }
        others
    }
}

fn groups(text: &str) -> impl Iterator<Item = Vec<&str>> {
    text.lines().map(|line| forms(line).collect::<Vec<_>>()).filter(|group| !group.is_empty())
}

fn forms(line: &str) -> impl Iterator<Item = &str> {
    let line = line.split('#').next().unwrap_or_default();
    line.split(BETWEEN).map(str::trim).filter(|form| !form.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_hold_both_ways() {
        let parse = |text: &str| Synonyms::parse(text, Path::new("ours.txt"));
        let synonyms = parse("# ours\nKafka = Event Log\n\nk8s = kubes = cluster manager # all the same\n").unwrap();
        for (form, others) in [
            ("k8s", vec!["kubes", "cluster manager", "kubernetes"]),
            ("kubernetes", vec!["k8s"]),
            ("event log", vec!["kafka"]),
            ("slo", vec!["service level objective"]),
            ("nothing", vec![]),
        ] {
            assert_eq!(synonyms.of(|it| it == form), others, "{form}");
        }
        let error = parse("a = b\nc =").unwrap_err();
        assert!(error.to_string().contains("ours.txt:2"), "{error}");
        assert!(parse(&"a = b\n".repeat(1 << 18)).is_err());
    }

    #[test]
    fn the_own_table_is_in_order() {
        let mut seen = std::collections::BTreeSet::new();
        for line in OWN.lines().filter(|line| !line.starts_with('#')) {
            assert!(forms(line).count() > 1, "{line}");
            for form in forms(line) {
                assert_eq!(form, form.to_lowercase());
                assert!(seen.insert(form), "{form} is in two groups");
            }
        }
    }
}
