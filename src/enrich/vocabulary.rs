//! The vocabulary: topics with the phrases that speak for them, as a file says it and as labels are given by it.

use std::{
    path::Path,
    sync::{Arc, LazyLock, OnceLock},
};

use serde::{Deserialize, Serialize};

use super::{
    file::{Table, merge, parse},
    learned::{self, Learned},
    phrases::Phrases,
    rules::{RULES_VERSION, Rules},
};
use crate::{
    error::{Error, ErrorKind, Problem, Result},
    text::analyzer::{Analyzer, folded},
};

/// hallway's own vocabulary.
pub(super) const OWN: &str = include_str!("topics.toml");

/// A subject that a talk may be about. A phrase is found by its words, singular or plural; where it is written with capitals
/// they have to stand in the text, and with a `~` before it any word with the same stem will do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Topic {
    /// `group` or `group/topic`.
    pub id: String,
    pub name: String,
    pub definition: String,
    /// Other names, by which it is found as well; they count as `strong` phrases.
    pub aliases: Vec<String>,
    /// Say by themselves what a text is about.
    pub strong: Vec<String>,
    /// Say it in a title, or with others.
    pub phrases: Vec<String>,
    /// Add to others.
    pub weak: Vec<String>,
    /// Are other words as well: they count as `phrases` where something else speaks for the topic.
    pub ambiguous: Vec<String>,
    /// Speak for the topic in that sense alone.
    pub company: Vec<String>,
    /// Hide the phrases within them.
    pub not: Vec<String>,
    /// False where labels are too often wrong to be counted unasked.
    pub facet: bool,
}

/// What a phrase does for its topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    Counts(Weight),
    /// Counts as a plain one where something else speaks for the topic.
    Asks,
    Vouches,
    Hides,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Weight {
    Strong,
    Plain,
    Weak,
}

impl Topic {
    /// What people may call it.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.id, &self.name].into_iter().chain(&self.aliases).map(String::as_str)
    }

    /// Every list of phrases, with its name in files and what its phrases do.
    pub(super) fn lists(&self) -> [(&'static str, Does, &Vec<String>); 7] {
        [
            ("aliases", Does::Counts(Weight::Strong), &self.aliases),
            ("strong", Does::Counts(Weight::Strong), &self.strong),
            ("phrases", Does::Counts(Weight::Plain), &self.phrases),
            ("weak", Does::Counts(Weight::Weak), &self.weak),
            ("ambiguous", Does::Asks, &self.ambiguous),
            ("company", Does::Vouches, &self.company),
            ("not", Does::Hides, &self.not),
        ]
    }
}

/// A user's file, as an index remembers it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserTopics {
    /// For messages.
    pub path: String,
    pub text: String,
}

/// Topics ready for use.
pub struct Vocabulary {
    /// In order of id.
    topics: Vec<Topic>,
    pub(super) rules: Rules,
    /// Of each topic, its group's place among the topics.
    pub(super) groups: Vec<Option<usize>>,
    /// Of each topic, whether it is as it was when it was learned.
    is_own: Vec<bool>,
    /// Made when the first text is read: names and counts are asked for without any.
    model: OnceLock<Model>,
    hash: OnceLock<String>,
}

/// What texts are read by.
pub(super) struct Model {
    pub phrases: Phrases,
    pub learned: &'static Learned,
    /// Of each topic, its place among those that were learned; null for a user's own, and for one that a user's file says
    /// something else of: the rules alone decide about it.
    pub learned_as: Vec<Option<usize>>,
}

static LEARNED: LazyLock<Learned> = LazyLock::new(Learned::own);
static BUILT_IN: LazyLock<Arc<Vocabulary>> = LazyLock::new(|| {
    let read = parse(OWN, "topics.toml").and_then(|file| merge(Table::default(), &file, "topics.toml", None));
    let table = read.unwrap_or_else(|problems| panic!("topics.toml is part of this program: {}", problems[0]));
    Arc::new(Vocabulary::new(table, |_| true))
});

impl Vocabulary {
    /// hallway's own.
    pub fn built_in() -> Arc<Vocabulary> {
        BUILT_IN.clone()
    }

    /// hallway's own, extended and overridden by a user's: a topic with an id of its own is added, of one with a known id the
    /// keys that are given take the place of what there was.
    ///
    /// # Errors
    /// `Usage` for what may not stand in a file, with the line.
    pub fn with(users: Option<&UserTopics>) -> Result<Arc<Vocabulary>> {
        let Some(users) = users else { return Ok(Vocabulary::built_in()) };
        let refuse = |problem: &Problem| {
            let error = Error::new(ErrorKind::Usage, &*problem.message).hint(&*problem.hint);
            error.at(Path::new(&users.path), problem.line.unwrap_or(1))
        };
        Vocabulary::checked(users).map(Arc::new).map_err(|problems| refuse(&problems[0]))
    }

    /// As [`Vocabulary::with`], with everything that is wrong with the file.
    ///
    /// # Errors
    /// One problem at least.
    pub fn checked(users: &UserTopics) -> std::result::Result<Vocabulary, Vec<Problem>> {
        let topics = BUILT_IN.topics.iter().map(|topic| (topic.id.clone(), topic.clone())).collect();
        let own = Table { topics, rules: BUILT_IN.rules.clone() };
        let table = merge(own, &parse(&users.text, &users.path)?, &users.path, Some(Analyzer::default()))?;
        let is_own = |topic: &Topic| {
            let place = BUILT_IN.topics.binary_search_by(|own| own.id.cmp(&topic.id));
            place.is_ok_and(|place| BUILT_IN.topics[place].lists() == topic.lists())
        };
        Ok(Vocabulary::new(table, is_own))
    }

    /// `is_own` tells which topics are as they were when they were learned.
    fn new(Table { topics, rules }: Table, is_own: impl Fn(&Topic) -> bool) -> Vocabulary {
        let topics: Vec<Topic> = topics.into_values().collect();
        let place = |id: &str| topics.binary_search_by(|topic| topic.id.as_str().cmp(id)).ok();
        let groups = topics.iter().map(|topic| place(topic.id.split_once('/')?.0)).collect();
        let is_own = topics.iter().map(is_own).collect();
        Vocabulary { groups, is_own, topics, rules, model: OnceLock::new(), hash: OnceLock::new() }
    }

    pub(super) fn model(&self) -> &Model {
        self.model.get_or_init(|| {
            let learned = &*LEARNED;
            let place = |(topic, is_own): (&Topic, &bool)| learned.place(&topic.id).filter(|_| *is_own);
            let learned_as = self.topics.iter().zip(&self.is_own).map(place).collect();
            Model { phrases: Phrases::new(&self.topics, learned), learned, learned_as }
        })
    }

    pub fn topics(&self) -> &[Topic] {
        &self.topics
    }

    /// The topics that a person may mean by a name: ids, names and aliases, whatever their case.
    pub fn called(&self, typed: &str) -> Vec<&Topic> {
        let typed = folded(typed);
        let is_it = |topic: &&Topic| topic.names().any(|name| folded(name) == typed);
        self.topics.iter().filter(is_it).collect()
    }

    /// Of the topics, of the rules and of what was learned: what is labelled by the same ones has the same labels. Of which topics
    /// something was learned belongs to it: a user may say of one what another version of hallway says itself.
    pub fn hash(&self) -> &str {
        self.hash.get_or_init(|| {
            let told = serde_json::to_string(&self.topics).unwrap_or_default();
            let mut told =
                format!("{RULES_VERSION} {:?} {}\n{told}", self.rules, blake3::hash(learned::OWN.as_bytes()));
            for (topic, _) in self.topics.iter().zip(&self.is_own).filter(|(_, is_own)| !**is_own) {
                told.push('\n');
                told.push_str(&topic.id);
            }
            blake3::hash(told.as_bytes()).to_hex()[..32].to_owned()
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{super::VOCABULARY_BYTES_MAX, *};

    fn checked(text: &str) -> std::result::Result<Vocabulary, Vec<Problem>> {
        Vocabulary::checked(&UserTopics { path: "ours.toml".to_owned(), text: text.to_owned() })
    }

    #[test]
    fn a_file_is_checked_line_by_line() {
        for (text, line, message) in [
            ("[[topic]\nid = 1", 1, "unclosed"),
            ("[[topic]]\nid = \"web\"\ncolour = \"red\"", 3, "unknown field `colour`"),
            ("[[topic]]\nid = \"Cost\"", 2, "\"Cost\" is no id"),
            ("[[topic]]\nid = \"a/b/c\"", 2, "\"a/b/c\" is no id"),
            ("[[topic]]\nid = \"web\"\n[[topic]]\nid = \"web\"", 4, "is there twice"),
            ("[[topic]]\nid = \"zoo\"\nname = \"Zoo\"", 2, "\"zoo\" has no definition"),
            ("[[topic]]\nid = \"web\"\nname = \"\"", 3, "the name of \"web\" is no line"),
            ("[[topic]]\nid = \"web\"\nstrong = [\n  \"bill\",\n  \"…\",\n]", 5, "\"…\" of \"web\" is no phrase"),
            ("[[topic]]\nid = \"web\"\nstrong = [\"a b c d e f g h i\"]", 3, "is no phrase"),
            ("[[topic]]\nid = \"web\"\nstrong = [\"bill\"]\nweak = [\"bill\"]", 4, "\"bill\" counts twice"),
            ("[[topic]]\nid = \"zoo/seals\"\nname = \"S\"\ndefinition = \"S\"", 2, "there is no topic \"zoo\""),
            (
                "[[topic]]\nid = \"zoo\"\nname = \"Z\"\ndefinition = \"Z\"\nambiguous = [\"Seal\"]",
                2,
                "nothing speaks for the ambiguous phrases",
            ),
            ("[rules]\ntitel = 3", 2, "there is no rule \"titel\""),
            ("[rules]\ntitle = 20000", 2, "is more than"),
        ] {
            let problems = checked(text).map(|_| ()).unwrap_err();
            let first = &problems[0];
            assert!(first.message.contains(message) && first.line == Some(line), "{text}: {problems:?}");
            assert!(!first.hint.is_empty());
        }
        assert!(checked(&"#\n".repeat(VOCABULARY_BYTES_MAX)).is_err());
    }

    #[test]
    fn a_users_file_extends_and_overrides() {
        let ours = checked(
            "[rules]\npoints = 1\n[[topic]]\nid = \"zoo\"\nname = \"Zoo\"\ndefinition = \"Animals\"\n\
             [[topic]]\nid = \"web\"\nstrong = [\"the bill\"]",
        )
        .unwrap();
        let built_in = Vocabulary::built_in();
        assert_eq!(ours.topics().len(), built_in.topics().len() + 1);
        let web = |of: &Vocabulary| of.topics().iter().find(|topic| topic.id == "web").unwrap().clone();
        assert_eq!(web(&ours).strong, ["the bill"]);
        assert_eq!(web(&ours).definition, web(&built_in).definition);
        assert_ne!(ours.hash(), built_in.hash());
        assert_eq!(checked("").unwrap().hash(), built_in.hash());
        let table = || {
            let topics = built_in.topics().iter().map(|topic| (topic.id.clone(), topic.clone())).collect();
            Table { topics, rules: built_in.rules.clone() }
        };
        let unlearned = Vocabulary::new(table(), |topic| topic.id != "web");
        assert_eq!(Vocabulary::new(table(), |_| true).hash(), built_in.hash());
        assert_ne!(unlearned.hash(), built_in.hash(), "it labels otherwise");
        // Names are looked up without what texts are read by.
        assert_eq!(ours.called("K8s")[0].id, "containers/kubernetes");
        assert!(ours.model.get().is_none());
        // What was learned of a topic is not of one with other phrases.
        let is_learned = |of: &Vocabulary, id: &str| {
            of.model().learned_as[of.topics().iter().position(|topic| topic.id == id).unwrap()].is_some()
        };
        assert!(is_learned(&built_in, "web") && !is_learned(&ours, "web") && !is_learned(&ours, "zoo"));
        assert!(is_learned(&ours, "kernel"));
    }

    #[test]
    fn the_own_table_is_complete_and_says_nothing_twice() {
        let built_in = Vocabulary::built_in();
        assert!(built_in.topics().len() > 150);
        // As a user's file it is checked in full.
        assert_eq!(checked(OWN).unwrap().hash(), built_in.hash());
        let unknown =
            built_in.topics().iter().zip(&built_in.model().learned_as).filter(|(_, learned)| learned.is_none());
        assert_eq!(unknown.map(|(topic, _)| &topic.id).collect::<Vec<_>>(), [""; 0], "nothing was learned of them");
        assert_eq!(
            LEARNED.topics().len(),
            built_in.topics().len(),
            "something was learned of what is no topic any more"
        );
        let mut names = BTreeSet::new();
        for topic in built_in.topics() {
            assert!(names.insert(&topic.name), "{} is there twice", topic.name);
            assert!(topic.definition.ends_with('.') && topic.definition.len() < 240, "{}", topic.id);
            assert!(topic.lists().iter().any(|(_, does, list)| matches!(does, Does::Counts(_)) && !list.is_empty()));
        }
        // Words that are ordinary English, too, count in company alone.
        let is_ordinary = |phrase: &str| ["rust", "go", "chef", "puppet", "salt", "spark"].contains(&phrase);
        for topic in built_in.topics() {
            for list in [&topic.aliases, &topic.strong, &topic.phrases] {
                assert!(!list.iter().any(|phrase| is_ordinary(&phrase.to_lowercase())), "{}", topic.id);
            }
        }
    }
}
