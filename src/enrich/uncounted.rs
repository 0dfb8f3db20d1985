//! The topics that are not counted unasked: a search has to know them, and can't wait until all phrases are read.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::vocabulary::OWN;

/// A user's file, but for its phrases.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Users {
    topic: Vec<UsersTopic>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsersTopic {
    id: String,
    facet: Option<bool>,
}

/// The ids of which hallway's own file, found by a look at its lines, and then a user's say `facet = false`.
pub fn uncounted(users: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    let mut topic = "";
    for line in OWN.lines() {
        if let Some(id) = line.strip_prefix("id = ") {
            topic = id.trim_matches('"');
        } else if line == "facet = false" {
            ids.insert(topic.to_owned());
        }
    }
    // It was read when it came into the index: what can't be read any more changes nothing.
    for UsersTopic { id, facet } in toml::from_str::<Users>(users).unwrap_or_default().topic {
        match facet {
            Some(false) => drop(ids.insert(id)),
            Some(true) => drop(ids.remove(&id)),
            None => {}
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
                    [[topic]]\nid = \"education/beginners\"\nfacet = true\n\n[[topic]]\nfacet = false\nid = \"web\"\n";
        let inline = "topic = [{ id = \"zoo\", name = \"Zoo\", definition = \"Animals.\", strong = [\"walrus\"], facet = false }]";
        for text in [text, inline, ""] {
            let users = UserTopics { path: "ours.toml".to_owned(), text: text.to_owned() };
            let vocabulary = Vocabulary::with(Some(&users)).unwrap();
            let told = vocabulary.topics().iter().filter(|topic| !topic.facet).map(|topic| topic.id.clone());
            assert_eq!(uncounted(text), told.collect());
        }
        assert!(uncounted("").contains("education/beginners") && !uncounted(text).contains("education/beginners"));
    }
}
