//! The topics that are not counted unasked: a search has to know them, and can't wait until all phrases are read.

use std::collections::BTreeSet;

use super::vocabulary::OWN;

/// The ids that hallway's own file and a user's say `facet = false` of, found by a look at their lines.
pub fn uncounted(users: &str) -> BTreeSet<&str> {
    let mut ids = BTreeSet::new();
    for text in [OWN, users] {
        let mut topic = "";
        for (key, value) in text.lines().filter_map(|line| line.split_once('=')) {
            let value = value.split('#').next().unwrap_or_default().trim();
            match key.trim() {
                "id" => topic = value.trim_matches(['"', '\'']),
                "facet" if value == "false" => drop(ids.insert(topic)),
                "facet" => drop(ids.remove(topic)),
                _ => {}
            }
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::enrich::{UserTopics, Vocabulary};

    #[test]
    fn the_lines_say_what_the_vocabulary_says() {
        let text = "[[topic]]\nid = 'zoo'\nname = \"Zoo\"\ndefinition = \"Animals.\"\nstrong = [\"walrus\"]\nfacet=false # rare\n\n\
                    [[topic]]\nid = \"education/beginners\"\nfacet = true\n\n[[topic]]\nid = \"web\"\nfacet = false\n";
        let users = UserTopics { path: "ours.toml".to_owned(), text: text.to_owned() };
        for (users, text) in [(None, ""), (Some(&users), text)] {
            let vocabulary = Vocabulary::with(users).unwrap();
            let told = vocabulary.topics().iter().filter(|topic| !topic.facet).map(|topic| topic.id.as_str());
            assert_eq!(uncounted(text), told.collect());
        }
        assert!(uncounted("").contains("education/beginners") && !uncounted(text).contains("education/beginners"));
    }
}
