//! Records → records: what follows from the records themselves rather than from their format: topics.

mod file;
mod label;
mod learned;
mod parts;
mod phrases;
mod rules;
mod uncounted;
mod vocabulary;

use std::sync::Arc;

pub use file::VOCABULARY_BYTES_MAX;
pub use label::{Clues, Evidence, Label};
pub use learned::{Clue, Learned, LearnedTopic, Rivals, SIGNS, Word};
pub use uncounted::uncounted;
pub use vocabulary::{Topic, UserTopics, Vocabulary};

use crate::record::Record;

/// Holds what is worth keeping from one file to the next; make one for each thread.
pub struct Enricher {
    vocabulary: Arc<Vocabulary>,
    reading: phrases::Reading,
}

impl Enricher {
    pub fn new(vocabulary: Arc<Vocabulary>) -> Self {
        Enricher { vocabulary, reading: phrases::Reading::default() }
    }

    /// Fills what is derived.
    pub fn enrich(&mut self, records: &mut [Record]) {
        records.iter_mut().for_each(|record| self.label(record));
    }

    /// Gives a record its topics in the place of those that it has.
    pub fn label(&mut self, record: &mut Record) {
        record.topics = self.vocabulary.topics_of(record, &mut self.reading);
    }

    /// A record's topics with the words that earned them, in order of id.
    pub fn labels(&mut self, record: &Record) -> Vec<Label> {
        self.vocabulary.labels(record, &mut self.reading)
    }

    /// What topics are learned of: of a talk, or of a report's passage by its number from 0; null where it is no talk or has no such one.
    pub fn clues(&mut self, record: &Record, passage: Option<usize>) -> Option<Clues> {
        self.vocabulary.clues(record, passage, &mut self.reading)
    }

    /// Those of one passage of a report, by its number from 0.
    pub fn passage_labels(&mut self, record: &Record, n: usize) -> Vec<Label> {
        self.vocabulary.passage_labels(record, n, &mut self.reading)
    }
}

impl Default for Enricher {
    fn default() -> Self {
        Enricher::new(Vocabulary::built_in())
    }
}
