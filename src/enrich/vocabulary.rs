//! The vocabulary: topics with the phrases that speak for them, as a file says it and as labels are given by it.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::{Arc, LazyLock},
};

use serde::{Deserialize, Serialize};
use toml::Spanned;

use super::{
    learned::{self, Learned},
    phrases::{BY_STEM, Phrases},
    rules::{FIGURE_MAX, RULES_VERSION, Rules},
};
use crate::{
    error::{Error, ErrorKind, Problem, Result},
    text::{
        analyzer::{Analyzer, folded},
        near::{did_you_mean, nearest},
    },
};

/// hallway's own vocabulary.
pub(super) const OWN: &str = include_str!("topics.toml");
/// Bytes of a user's file: ten times hallway's own, and a commit carries it along.
pub const VOCABULARY_BYTES_MAX: usize = 512 << 10;
/// Topics of a vocabulary: labels are counted and listed one by one.
const TOPICS_MAX: usize = 2_000;
/// Phrases of all topics together: what is looked for stays small enough to lie in a processor's cache.
const PHRASES_MAX: usize = 20_000;
/// Words of a phrase.
const WORDS_MAX: usize = 8;
/// Bytes of an id: it is a value of a facet.
const ID_BYTES_MAX: usize = 80;

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
    pub(super) phrases: Phrases,
    pub(super) rules: Rules,
    /// Of each topic, its group's place among the topics.
    pub(super) groups: Vec<Option<usize>>,
    pub(super) learned: Arc<Learned>,
    /// Of each topic, its place among those that were learned; null for a user's own, and for one that a user's file says
    /// something else of: the rules alone decide about it.
    pub(super) learned_as: Vec<Option<usize>>,
    hash: String,
}

/// What files say, put together.
#[derive(Clone, Default)]
struct Table {
    topics: BTreeMap<String, Topic>,
    rules: Rules,
}

static LEARNED: LazyLock<Arc<Learned>> = LazyLock::new(|| Arc::new(Learned::own()));
static BUILT_IN: LazyLock<Arc<Vocabulary>> = LazyLock::new(|| {
    let read = parse(OWN, "topics.toml").and_then(|file| merge(Table::default(), &file, "topics.toml"));
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
        let table = merge(own, &parse(&users.text, &users.path)?, &users.path)?;
        let is_own = |topic: &Topic| {
            let own = BUILT_IN.topics.iter().find(|own| own.id == topic.id);
            own.is_some_and(|own| own.lists() == topic.lists())
        };
        Ok(Vocabulary::new(table, is_own))
    }

    /// `is_own` tells which topics are as they were when they were learned.
    fn new(Table { topics, rules }: Table, is_own: impl Fn(&Topic) -> bool) -> Vocabulary {
        let topics: Vec<Topic> = topics.into_values().collect();
        let learned = LEARNED.clone();
        let told = serde_json::to_string(&topics).unwrap_or_default();
        let told = format!("{RULES_VERSION} {rules:?} {}\n{told}", blake3::hash(learned::OWN.as_bytes()));
        let hash = blake3::hash(told.as_bytes()).to_hex()[..32].to_owned();
        let place = |id: &str| topics.binary_search_by(|topic| topic.id.as_str().cmp(id)).ok();
        let groups = topics.iter().map(|topic| place(topic.id.split_once('/')?.0)).collect();
        let learned_as = topics.iter().map(|topic| learned.place(&topic.id).filter(|_| is_own(topic))).collect();
        Vocabulary { phrases: Phrases::new(&topics, &learned), groups, topics, rules, learned, learned_as, hash }
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

    /// Of the topics and of the rules: what is labelled by the same ones has the same labels.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    rules: BTreeMap<Spanned<String>, Spanned<u64>>,
    #[serde(default)]
    topic: Vec<Given>,
}

type Phrase = Spanned<String>;

/// A topic as a file has it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Given {
    id: Phrase,
    name: Option<Phrase>,
    definition: Option<Phrase>,
    aliases: Option<Vec<Phrase>>,
    strong: Option<Vec<Phrase>>,
    phrases: Option<Vec<Phrase>>,
    weak: Option<Vec<Phrase>>,
    ambiguous: Option<Vec<Phrase>>,
    company: Option<Vec<Phrase>>,
    not: Option<Vec<Phrase>>,
    facet: Option<bool>,
}

/// A file with the line of each thing in it.
struct Parsed<'a> {
    file: File,
    text: &'a str,
}

impl Parsed<'_> {
    fn line<T>(&self, at: &Spanned<T>) -> u64 {
        line(self.text, at.span().start)
    }
}

fn line(text: &str, at: usize) -> u64 {
    text.get(..at).unwrap_or(text).matches('\n').count() as u64 + 1
}

fn parse<'a>(text: &'a str, path: &str) -> std::result::Result<Parsed<'a>, Vec<Problem>> {
    if text.len() > VOCABULARY_BYTES_MAX {
        let message = format!("the topics are longer than {} KB", VOCABULARY_BYTES_MAX >> 10);
        return Err(vec![Problem::new(path, None, message, "leave out what hallway's own vocabulary has")]);
    }
    match toml::from_str(text) {
        Ok(file) => Ok(Parsed { file, text }),
        Err(error) => {
            let line = error.span().map_or(1, |span| line(text, span.start));
            let hint = "a topic is [[topic]] with id, name, definition and lists of phrases: docs/topics.md";
            Err(vec![Problem::new(path, Some(line), error.message().replace('\n', " "), hint)])
        }
    }
}

/// What a file makes of the table that there is.
fn merge(table: Table, parsed: &Parsed, path: &str) -> std::result::Result<Table, Vec<Problem>> {
    let mut problems = Vec::new();
    let Table { mut topics, mut rules } = table;
    for (name, figure) in &parsed.file.rules {
        let known = rules.figures().into_iter().find(|(known, _)| known == name.get_ref());
        match known {
            Some((_, own)) if *figure.get_ref() <= FIGURE_MAX => *own = *figure.get_ref(),
            Some(_) => {
                let message = format!("{} is more than {FIGURE_MAX}", name.get_ref());
                problems.push(Problem::new(path, Some(parsed.line(figure)), message, "write a smaller figure"));
            }
            None => {
                let names: Vec<&str> = rules.figures().map(|(name, _)| name).to_vec();
                let message = format!("there is no rule \"{}\"", name.get_ref());
                let hint = format!("rules: {}", names.join(", "));
                problems.push(Problem::new(path, Some(parsed.line(name)), message, hint));
            }
        }
    }
    let mut seen = BTreeSet::new();
    let mut analyzer = Analyzer::default();
    for given in &parsed.file.topic {
        let line = parsed.line(&given.id);
        let id = given.id.get_ref();
        let mut tell = |line, message: String, hint: &str| problems.push(Problem::new(path, Some(line), message, hint));
        if !is_id(id) {
            let message = format!("\"{id}\" is no id of a topic");
            tell(line, message, "write group or group/topic, in small letters, digits and hyphens");
            continue;
        }
        if !seen.insert(id.clone()) {
            tell(line, format!("\"{id}\" is there twice"), "put the two together");
        }
        let is_new = !topics.contains_key(id);
        for (key, text) in [("name", &given.name), ("definition", &given.definition)] {
            match text {
                None if is_new => {
                    let near = nearest(id, topics.keys().map(String::as_str));
                    let known = did_you_mean(&near).map_or(String::new(), |near| format!("; {near}"));
                    tell(line, format!("the topic \"{id}\" has no {key}"), &format!("give it one, on one line{known}"));
                }
                Some(text) if text.get_ref().trim().is_empty() || text.get_ref().contains('\n') => {
                    tell(
                        parsed.line(text),
                        format!("the {key} of \"{id}\" is no line of text"),
                        "write it on one line",
                    );
                }
                _ => {}
            }
        }
        check_phrases(given, parsed, &mut analyzer, &mut tell);
        let topic = topics.entry(id.clone()).or_insert_with(|| Topic { facet: true, ..Topic::default() });
        topic.id.clone_from(id);
        overlay(topic, given);
        let counts = |(_, does, list): &(_, Does, &Vec<String>)| matches!(does, Does::Counts(_)) && !list.is_empty();
        if !topic.ambiguous.is_empty() && topic.company.is_empty() && !topic.lists().iter().any(counts) {
            tell(line, format!("nothing speaks for the ambiguous phrases of \"{id}\""), "name their company");
        }
    }
    let parents: Vec<String> = topics.keys().filter_map(|id| Some(id.split_once('/')?.0.to_owned())).collect();
    for parent in parents.into_iter().filter(|parent| !topics.contains_key(parent)).collect::<BTreeSet<_>>() {
        let child = parsed.file.topic.iter().find(|given| given.id.get_ref().starts_with(&format!("{parent}/")));
        let line = child.map(|given| parsed.line(&given.id));
        problems.push(Problem::new(path, line, format!("there is no topic \"{parent}\""), "add the group as a topic"));
    }
    let n_phrases: usize = topics.values().flat_map(|topic| topic.lists().map(|(.., list)| list.len())).sum();
    if topics.len() > TOPICS_MAX || n_phrases > PHRASES_MAX {
        let message = format!("there are more than {TOPICS_MAX} topics or {PHRASES_MAX} phrases");
        problems.push(Problem::new(path, None, message, "leave some out"));
    }
    if problems.is_empty() { Ok(Table { topics, rules }) } else { Err(problems) }
}

fn is_id(id: &str) -> bool {
    let is_part = |part: &str| {
        let is_plain = part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        is_plain && !part.is_empty() && !part.starts_with('-') && !part.ends_with('-')
    };
    id.len() <= ID_BYTES_MAX && id.split('/').count() <= 2 && id.split('/').all(is_part)
}

fn check_phrases(given: &Given, parsed: &Parsed, analyzer: &mut Analyzer, tell: &mut dyn FnMut(u64, String, &str)) {
    let id = given.id.get_ref();
    let counting = [&given.aliases, &given.strong, &given.phrases, &given.weak, &given.ambiguous];
    let mut seen: BTreeSet<(bool, String)> = BTreeSet::new();
    for phrase in counting.into_iter().flatten().flatten() {
        let text = phrase.get_ref();
        // "~contain" is another phrase than "contain".
        if !seen.insert((text.starts_with(BY_STEM), text.trim_start_matches(BY_STEM).to_owned())) {
            tell(parsed.line(phrase), format!("\"{text}\" counts twice for \"{id}\""), "leave one out");
        }
    }
    for phrase in counting.into_iter().chain([&given.company, &given.not]).flatten().flatten() {
        let n_words = analyzer.terms(phrase.get_ref()).len();
        if n_words == 0 || n_words > WORDS_MAX {
            let message = format!("\"{}\" of \"{id}\" is no phrase", phrase.get_ref());
            tell(parsed.line(phrase), message, &format!("write 1 to {WORDS_MAX} words"));
        }
    }
}

/// Puts what is given in the place of what there was.
fn overlay(topic: &mut Topic, given: &Given) {
    let texts = [(&mut topic.name, &given.name), (&mut topic.definition, &given.definition)];
    for (own, text) in texts {
        if let Some(text) = text {
            text.get_ref().clone_into(own);
        }
    }
    topic.facet = given.facet.unwrap_or(topic.facet);
    let lists = [
        (&mut topic.aliases, &given.aliases),
        (&mut topic.strong, &given.strong),
        (&mut topic.phrases, &given.phrases),
        (&mut topic.weak, &given.weak),
        (&mut topic.ambiguous, &given.ambiguous),
        (&mut topic.company, &given.company),
        (&mut topic.not, &given.not),
    ];
    for (own, list) in lists {
        if let Some(list) = list {
            *own = list.iter().map(|phrase| phrase.get_ref().clone()).collect();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
        // What was learned of a topic is not of one with other phrases.
        let is_learned = |of: &Vocabulary, id: &str| {
            of.learned_as[of.topics().iter().position(|topic| topic.id == id).unwrap()].is_some()
        };
        assert!(is_learned(&built_in, "web") && !is_learned(&ours, "web") && !is_learned(&ours, "zoo"));
        assert!(is_learned(&ours, "kernel"));
    }

    #[test]
    fn the_own_table_is_complete_and_says_nothing_twice() {
        let built_in = Vocabulary::built_in();
        assert!(built_in.topics().len() > 150);
        let unknown = built_in.topics().iter().zip(&built_in.learned_as).filter(|(_, learned)| learned.is_none());
        assert_eq!(unknown.map(|(topic, _)| &topic.id).collect::<Vec<_>>(), [""; 0], "nothing was learned of them");
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
