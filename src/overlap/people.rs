//! Who gives a talk: names that are written otherwise, and the words of a text that name its own speakers.

use crate::{
    record::Record,
    text::analyzer::{Analyzer, is_stop_word},
};

/// A name as folded words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person(pub Vec<String>);

/// People of one record that are looked at: an opening session may list fifty.
const PEOPLE_MAX: usize = 32;

impl Person {
    /// Null where there is no name.
    pub fn new(name: &str, analyzer: &mut Analyzer) -> Option<Person> {
        let mut words = Vec::new();
        analyzer.tokens(name, |token| words.push(token.word.to_owned()));
        (!words.is_empty()).then_some(Person(words))
    }

    /// The people of a record, each once.
    pub fn of(record: &Record, analyzer: &mut Analyzer) -> Vec<Person> {
        let names = record.speakers.iter().map(|speaker| speaker.name.as_str()).chain(record.author.as_deref());
        let mut people: Vec<Person> = Vec::new();
        for name in names.take(PEOPLE_MAX) {
            people.extend(Person::new(name, analyzer).filter(|person| !people.contains(person)));
        }
        people
    }

    /// Whether it may be one person: the same words, or those of the shorter name among those of the longer, where that has
    /// two words at least.
    pub fn is(&self, other: &Person) -> bool {
        let (few, many) = if self.0.len() <= other.0.len() { (&self.0, &other.0) } else { (&other.0, &self.0) };
        if few.len() == 1 {
            return few == many;
        }
        few.iter().all(|word| many.contains(word))
    }

    fn is_namesake(&self, other: &Person) -> bool {
        self.0.len() > 1 && other.0.len() > 1 && self.last() == other.last()
    }

    /// Whether a word of a text names this person, being a part of the name that is no common word.
    pub fn has_word(&self, word: &str) -> bool {
        self.0.iter().any(|own| own == word) && word.chars().count() > 2 && !is_stop_word(word)
    }

    /// The family's name, in the order of most languages that write spaces.
    pub fn last(&self) -> &str {
        self.0.last().map_or("", String::as_str)
    }
}

/// What the people of two records say about them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum People {
    /// So many of them are of both.
    Shared(usize),
    /// Nobody is, but somebody of each has the same last name: first names are written in many ways.
    Namesakes,
    /// One record names nobody.
    Unknown,
    Others,
}

impl People {
    pub fn of(a: &[Person], b: &[Person]) -> People {
        if a.is_empty() || b.is_empty() {
            return People::Unknown;
        }
        let among = |some: &[Person], others: &[Person]| {
            some.iter().filter(|one| others.iter().any(|other| one.is(other))).count()
        };
        // Counted from the side that has fewer: somebody may be named twice.
        match among(a, b) {
            0 if a.iter().any(|one| b.iter().any(|other| one.is_namesake(other))) => People::Namesakes,
            0 => People::Others,
            1 => People::Shared(1),
            n => People::Shared(n.min(among(b, a))),
        }
    }

    pub fn is_shared(self) -> bool {
        matches!(self, People::Shared(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_may_be_written_with_more_words_or_fewer() {
        let mut analyzer = Analyzer::default();
        let mut person = |name: &str| Person::new(name, &mut analyzer).unwrap();
        for (one, other, expected) in [
            ("Ann Example", "ann example", true),
            ("Ann Éxample", "Ann B. Example", true),
            ("Ann", "Ann Example", false),
            ("Ann", "Ann", true),
            ("Ann Example", "Ben Example", false),
            ("Example Ann", "Ann Example", true),
        ] {
            assert_eq!(person(one).is(&person(other)), expected, "{one}, {other}");
        }
        assert!(Person::new(" - ", &mut analyzer).is_none());
    }

    #[test]
    fn who_is_not_named_may_be_anybody() {
        let mut analyzer = Analyzer::default();
        let mut people = |names: &[&str]| -> Vec<Person> {
            names.iter().filter_map(|name| Person::new(name, &mut analyzer)).collect()
        };
        let (a, b, none) = (people(&["Ann Example", "Ben Example"]), people(&["Ben Example"]), people(&[]));
        assert_eq!(People::of(&a, &b), People::Shared(1));
        assert_eq!(People::of(&a, &a), People::Shared(2));
        assert_eq!(People::of(&a, &people(&["Cem Example"])), People::Namesakes);
        assert_eq!(People::of(&a, &people(&["Cem Sample"])), People::Others);
        assert_eq!(People::of(&a, &none), People::Unknown);
    }
}
