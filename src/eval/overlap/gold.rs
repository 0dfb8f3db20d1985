//! Which talks a collection holds twice, told by titles, speakers and links alone, and by who read both; and how much of the text
//! was rewritten.

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    path::Path,
};

use crate::{
    error::{Error, ErrorKind, Result},
    overlap::is_generic,
    record::Record,
    text::analyzer::{Analyzer, is_stop_word},
};

/// Words of a text that can be compared.
const WORDS_MIN: usize = 15;
/// Below this share of the same runs of three words a text was rewritten.
const REWRITTEN_MAX: f64 = 0.3;
/// Talks of one person count as the same also where so much of the shorter text stands in the other to the letter…
const COPIED_MIN: f64 = 0.5;
const COPIED_RUNS_MIN: usize = 8;
/// …or so many of the words of the shorter title in the other, which has as many at least; all of them where they are two.
const TITLE_SHARE_MIN: f64 = 0.75;
const TITLE_WORDS_MIN: usize = 3;
const TITLE_WORDS_ALL: usize = 2;

pub(super) struct Gold {
    pub repeats: Vec<Repeat>,
    pub n_groups: usize,
}

/// A talk that is there again.
pub(super) struct Repeat {
    pub talk: usize,
    /// The talks that are the same.
    pub answers: Vec<usize>,
    pub is_rewritten: bool,
    pub is_held_back: bool,
}

/// Pairs of talks that somebody has read, in order of their ids, and whether they are one.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgements(BTreeMap<[String; 2], bool>);

impl Judgements {
    /// Reads lines of two ids and `same` or `different`, between tabs; what follows is why.
    ///
    /// # Errors
    /// `Input` for a line that is none, with its number.
    pub fn read(text: &str, file: &Path) -> Result<Judgements> {
        let mut all = Judgements::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            let cells: Vec<&str> = line.split('\t').collect();
            let (Some(&a), Some(&b), Some(&verdict @ ("same" | "different"))) =
                (cells.first(), cells.get(1), cells.get(2))
            else {
                let message = format!("{}:{number}: no judgement", file.display());
                return Err(
                    Error::new(ErrorKind::Input, message).hint("write two ids and `same` or `different`, with tabs")
                );
            };
            all.0.insert(pair(a, b), verdict == "same");
        }
        Ok(all)
    }

    /// The talks that were judged the same as this one.
    fn same_as<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a str> {
        let other = move |pair: &'a [String; 2]| match pair {
            [a, b] if a == id => Some(b.as_str()),
            [a, b] if b == id => Some(a.as_str()),
            _ => None,
        };
        self.0.iter().filter(|(_, is_same)| **is_same).filter_map(move |(pair, _)| other(pair))
    }

    fn of(&self, a: &str, b: &str) -> Option<bool> {
        self.0.get(&pair(a, b)).copied()
    }
}

fn pair(a: &str, b: &str) -> [String; 2] {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    [first.to_owned(), second.to_owned()]
}

/// What is known of a talk for this.
struct Traits {
    title: BTreeSet<String>,
    people: BTreeSet<String>,
    /// Of its slides and recordings.
    links: BTreeSet<String>,
    runs: BTreeSet<[String; 3]>,
    n_words: usize,
}

impl Gold {
    pub fn of(talks: &[Record], judgements: &Judgements) -> Gold {
        let mut analyzer = Analyzer::default();
        let traits: Vec<Traits> = talks.iter().map(|talk| Traits::of(talk, &mut analyzer)).collect();
        let by_id: HashMap<&str, usize> = (0..).zip(talks).map(|(at, talk)| (talk.id.as_str(), at)).collect();
        let mut by_title: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let mut by_person: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, talk) in talks.iter().enumerate().filter(|(at, _)| traits[*at].n_words >= WORDS_MIN) {
            let title = talk.title.as_deref().unwrap_or_default();
            if !is_generic(title) && !title.is_empty() {
                by_title.entry(analyzer.terms(title).join(" ")).or_default().push(at);
            }
            traits[at].people.iter().for_each(|person| by_person.entry(person).or_default().push(at));
        }
        let (mut repeats, mut n_groups) = (Vec::new(), 0);
        for of_title in by_title.into_values() {
            let of_two = |a: usize, b: usize| {
                talks[a].edition_id != talks[b].edition_id && !traits[a].people.is_disjoint(&traits[b].people)
            };
            let again: Vec<usize> =
                of_title.iter().copied().filter(|a| of_title.iter().any(|b| of_two(*a, *b))).collect();
            let Some(least) = again.iter().map(|at| talks[*at].id.as_str()).min() else { continue };
            n_groups += 1;
            let is_held_back = blake3::hash(least.as_bytes()).as_bytes()[0] % 2 == 1;
            for talk in &again {
                let same: Vec<usize> = again.iter().copied().filter(|other| of_two(*talk, *other)).collect();
                let most = same.iter().map(|other| traits[*talk].jaccard(&traits[*other])).fold(0.0, f64::max);
                let mut answers: BTreeSet<usize> = same.into_iter().collect();
                // A name may be written otherwise; the same title over the same text is one talk.
                let copies = of_title.iter().filter(|other| *other != talk);
                answers.extend(copies.filter(|other| traits[*talk].is_copy(&traits[**other])));
                for other in traits[*talk].people.iter().flat_map(|person| &by_person[person.as_str()]) {
                    let has_link = !traits[*talk].links.is_disjoint(&traits[*other].links)
                        && talks[*talk].edition_id != talks[*other].edition_id;
                    if other != talk && (has_link || traits[*talk].is_nearly(&traits[*other])) {
                        answers.insert(*other);
                    }
                }
                let judged = |other: &usize| judgements.of(&talks[*talk].id, &talks[*other].id);
                answers.retain(|other| judged(other) != Some(false));
                answers.extend(judgements.same_as(&talks[*talk].id).filter_map(|id| by_id.get(id)));
                if answers.is_empty() {
                    continue;
                }
                let (answers, is_rewritten) = (answers.into_iter().collect(), most < REWRITTEN_MAX);
                repeats.push(Repeat { talk: *talk, answers, is_rewritten, is_held_back });
            }
        }
        Gold { repeats, n_groups }
    }

    /// At most so many, in regular distances.
    pub fn sample(&self, n_max: usize) -> Vec<&Repeat> {
        self.repeats.iter().step_by(self.repeats.len().div_ceil(n_max.max(1)).max(1)).collect()
    }
}

impl Traits {
    fn of(talk: &Record, analyzer: &mut Analyzer) -> Traits {
        analyzer.set_language(None);
        let words = analyzer.terms(talk.body());
        let telling = |words: Vec<String>| words.into_iter().filter(|word| !is_stop_word(word));
        let names = talk.speakers.iter().map(|speaker| analyzer.terms(&speaker.name).join(" "));
        let people = names.filter(|name| !name.is_empty()).collect();
        let run = |run: &[String]| [run[0].clone(), run[1].clone(), run[2].clone()];
        let runs = words.windows(3).map(run).collect();
        let n_words = telling(words).collect::<BTreeSet<_>>().len();
        let title = telling(analyzer.terms(talk.title.as_deref().unwrap_or_default())).collect();
        let links = talk.slides.iter().chain(&talk.videos).cloned().collect();
        Traits { title, people, links, runs, n_words }
    }

    fn jaccard(&self, other: &Traits) -> f64 {
        let n_shared = self.runs.intersection(&other.runs).count();
        share(n_shared, self.runs.len() + other.runs.len() - n_shared)
    }

    fn is_nearly(&self, other: &Traits) -> bool {
        let n_title = self.title.intersection(&other.title).count();
        let is_title =
            n_title >= TITLE_WORDS_MIN && share(n_title, self.title.len().min(other.title.len())) >= TITLE_SHARE_MIN;
        let is_part = n_title >= TITLE_WORDS_ALL && n_title == self.title.len().min(other.title.len());
        is_title || is_part || self.is_copy(other)
    }

    fn is_copy(&self, other: &Traits) -> bool {
        let n_runs = self.runs.intersection(&other.runs).count();
        n_runs >= COPIED_RUNS_MIN && share(n_runs, self.runs.len().min(other.runs.len())) >= COPIED_MIN
    }
}

fn share(n: usize, of: usize) -> f64 {
    crate::stats::precise(n) / crate::stats::precise(of.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Speaker;

    #[test]
    fn the_same_title_and_speaker_at_two_editions_is_one_talk() {
        let text = |from: usize| (from..from + 20).map(|n| format!("word{n}")).collect::<Vec<_>>().join(" ");
        let talk = |title: &str, name: &str, edition: &str, from: usize| Record {
            id: format!("{edition}/{title}"),
            title: Some(title.to_owned()),
            edition_id: Some(edition.to_owned()),
            speakers: vec![Speaker { name: name.to_owned(), ..Speaker::default() }],
            abstract_text: Some(text(from)),
            ..Record::default()
        };
        let talks = [
            talk("Queues that fill", "Ann Example", "a-2020", 0),
            talk("Queues that fill", "Ann Example", "b-2021", 2),
            talk("Queues that fill", "Ben Example", "c-2021", 100),
            talk("Queues that fill", "A. Example", "d-2022", 1),
            talk("Of rivers", "Ann Example", "c-2021", 1),
            talk("Of dams", "Ann Example", "c-2022", 200),
            talk("Lightning talks", "Ann Example", "a-2020", 0),
            talk("Lightning talks", "Ann Example", "b-2021", 0),
        ];
        let gold = Gold::of(&talks, &Judgements::default());
        let found: Vec<_> = gold.repeats.iter().map(|repeat| (repeat.talk, repeat.answers.clone())).collect();
        assert_eq!(gold.n_groups, 1);
        // Copies by a name that is written otherwise, and under other titles, are answers too.
        assert_eq!(found, [(0, vec![1, 3, 4, 6, 7]), (1, vec![0, 3, 4, 6, 7])]);
        assert!(gold.repeats.iter().all(|repeat| !repeat.is_rewritten));
        assert_eq!(gold.sample(1).len(), 1);
    }
}
