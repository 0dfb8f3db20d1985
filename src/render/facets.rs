//! The counts of a facet as rows: values that are paths stand under their parents.

use crate::search::FacetCounts;

/// A value of a facet and how many records have it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Row<'a> {
    /// Values above this one.
    pub depth: usize,
    /// The value without what its parent says.
    pub label: &'a str,
    pub count: u64,
}

/// The rows in order of counts, each followed by those below it. A value whose parent is not among them stands by itself,
/// with its whole path.
pub(super) fn rows(counts: &FacetCounts) -> Vec<Row<'_>> {
    // Of each value, the nearest that it is below.
    let parents: Vec<Option<usize>> = counts
        .counts
        .iter()
        .map(|child| {
            let is_above = |parent: &str| child.value.strip_prefix(parent).is_some_and(|rest| rest.starts_with('/'));
            let above =
                counts.counts.iter().enumerate().filter(|(_, parent)| counts.is_tree && is_above(&parent.value));
            above.max_by_key(|(_, parent)| parent.value.len()).map(|(index, _)| index)
        })
        .collect();
    let mut rows = Vec::with_capacity(counts.counts.len());
    add(counts, &parents, None, 0, &mut rows);
    rows
}

fn add<'a>(
    counts: &'a FacetCounts,
    parents: &[Option<usize>],
    parent: Option<usize>,
    depth: usize,
    rows: &mut Vec<Row<'a>>,
) {
    let above = parent.map_or(0, |parent| counts.counts[parent].value.len() + 1);
    for (index, own) in counts.counts.iter().enumerate().filter(|(index, _)| parents[*index] == parent) {
        rows.push(Row { depth, label: &own.value[above..], count: own.count });
        add(counts, parents, Some(index), depth + 1, rows);
    }
}

/// A bar of at most `columns`: `count` of `most`. In blocks it is exact to an eighth of a column; in ASCII, to a column.
/// What was counted is never without a bar.
pub(super) fn bar(count: u64, most: u64, columns: usize, in_blocks: bool) -> String {
    const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let steps = if in_blocks { 8 } else { 1 };
    let room = (columns * steps) as u128;
    let filled = (u128::from(count) * room + u128::from(most) / 2) / u128::from(most.max(1));
    let filled = usize::try_from(filled).unwrap_or(usize::MAX).clamp(usize::from(count > 0), columns * steps);
    if in_blocks { "█".repeat(filled / 8) + EIGHTHS[filled % 8] } else { "#".repeat(filled) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::search::FacetCount;

    fn counts(is_tree: bool, values: &[(&str, u64)]) -> FacetCounts {
        let counts = values.iter().map(|(value, count)| FacetCount { value: (*value).to_owned(), count: *count });
        FacetCounts { field: "conference", is_tree, counts: counts.collect(), n_values: values.len() }
    }

    #[test]
    fn paths_stand_under_their_parents() {
        let values = [
            ("Foo", 9),
            ("Bar", 7),
            ("Foo/Foo 2", 5),
            ("Bar/Bar 1", 4),
            ("Foo/Foo 1", 4),
            ("Foo Bar/x", 2),
            ("Baz/y", 1),
        ];
        let flat = |is_tree| -> Vec<(usize, String)> {
            rows(&counts(is_tree, &values)).iter().map(|row| (row.depth, row.label.to_owned())).collect()
        };
        let row = |depth, label: &str| (depth, label.to_owned());
        assert_eq!(
            flat(true),
            [
                row(0, "Foo"),
                row(1, "Foo 2"),
                row(1, "Foo 1"),
                row(0, "Bar"),
                row(1, "Bar 1"),
                row(0, "Foo Bar/x"),
                row(0, "Baz/y")
            ]
        );
        assert_eq!(flat(false), values.map(|(value, _)| row(0, value)));
        let deep = counts(true, &[("a", 3), ("a/b", 3), ("a/b/c", 2)]);
        assert_eq!(rows(&deep).last(), Some(&Row { depth: 2, label: "c", count: 2 }));
    }

    #[test]
    fn bars_are_to_scale() {
        for (count, columns, in_blocks, expected) in [
            (8, 4, true, "████"),
            (4, 4, true, "██"),
            (1, 4, true, "▌"),
            (5, 4, true, "██▌"),
            (0, 4, true, ""),
            (8, 4, false, "####"),
            (1, 4, false, "#"),
            (3, 4, false, "##"),
            (0, 4, false, ""),
        ] {
            assert_eq!(bar(count, 8, columns, in_blocks), expected, "{count}");
        }
        assert_eq!(bar(1, u64::MAX, 80, true), "▏");
        assert_eq!(bar(u64::MAX, u64::MAX, 3, false), "###");
        assert_eq!(bar(0, 0, 3, false), "");
    }
}
