//! Programs of papers as plain text: files of our own in the shapes of real ones, with the talks that they must give. Each
//! is read once more with its outer folder renamed. `HALLWAY_BLESS=1` rewrites the expected records, to be read in the diff.

use crate::texts::{Case, cases};

#[test]
fn programs_give_the_papers_they_hold() {
    let all = cases("academic");
    assert!(all.len() >= 7, "{} cases", all.len());
    all.iter().for_each(Case::check);
    for case in all.iter().filter(|case| !case.name.starts_with("no-")) {
        let parsed = case.parsed("renamed");
        assert_eq!(parsed.format, Some("academic"), "{}", case.name);
        let paper = parsed.records.iter().filter(|record| record.talk_type.is_some()).count();
        assert!(paper >= 2 && parsed.records.iter().all(|record| record.year.is_some()), "{}", case.name);
    }
}
