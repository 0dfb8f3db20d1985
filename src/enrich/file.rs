//! A file of topics → what it makes of the topics that there are, or what is wrong with it, line by line.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{
    phrases::BY_STEM,
    rules::{FIGURE_MAX, Rules},
    vocabulary::{Does, Topic},
};
use crate::{
    error::Problem,
    text::{
        analyzer::Analyzer,
        near::{did_you_mean, nearest},
    },
};

/// Bytes of a user's file: nearly twice hallway's own, and a commit carries it along.
pub const VOCABULARY_BYTES_MAX: usize = 512 << 10;
/// Topics of a vocabulary: labels are counted and listed one by one.
const TOPICS_MAX: usize = 2_000;
/// Phrases of all topics together: what is looked for stays small enough to lie in a processor's cache.
const PHRASES_MAX: usize = 20_000;
/// Words of a phrase.
const WORDS_MAX: usize = 8;
/// Bytes of an id: it is a value of a facet.
const ID_BYTES_MAX: usize = 80;

/// What files say, put together.
#[derive(Clone, Default)]
pub(super) struct Table {
    pub topics: BTreeMap<String, Topic>,
    pub rules: Rules,
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
pub(super) struct Parsed<'a> {
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

pub(super) fn parse<'a>(text: &'a str, path: &str) -> std::result::Result<Parsed<'a>, Vec<Problem>> {
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

/// What a file makes of the table that there is. With an analyzer its phrases are checked; those of hallway's own file are by a
/// test, since who looks for a name can't wait for that.
pub(super) fn merge(
    table: Table,
    parsed: &Parsed,
    path: &str,
    mut analyzer: Option<Analyzer>,
) -> std::result::Result<Table, Vec<Problem>> {
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
        if let Some(analyzer) = &mut analyzer {
            check_phrases(given, parsed, analyzer, &mut tell);
        }
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
