//! SIGNALS, the table of what scores consist of. Each but the first can be left out, so that its effect can be measured.

/// Something that makes a score what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    Words,
    Exact,
    Forms,
    Phrases,
    StopWords,
    Fading,
    Neighbours,
}

/// A row of [`SIGNALS`].
#[derive(Debug)]
pub struct Row {
    pub signal: Signal,
    /// As people name it.
    pub name: &'static str,
    /// What it does, for people.
    pub help: &'static str,
}

/// What scores consist of, in the order in which it comes in.
pub const SIGNALS: &[Row] = &[
    Row {
        signal: Signal::Words,
        name: "words",
        help: "BM25 of each word's stem over title (threefold), text, speakers, edition and tags as one field",
    },
    Row { signal: Signal::Exact, name: "exact", help: "the very word that was typed counts more than its stem" },
    Row { signal: Signal::Forms, name: "forms", help: "other spellings and synonyms, never more than the word itself" },
    Row { signal: Signal::Phrases, name: "phrases", help: "words of a partial match that stand together as typed" },
    Row {
        signal: Signal::StopWords,
        name: "stop-words",
        help: "function words don't count beside three words that tell",
    },
    Row { signal: Signal::Fading, name: "fading", help: "the more words, the less the very word and synonyms count" },
    Row {
        signal: Signal::Neighbours,
        name: "neighbours",
        help: "records whose most alike records match well, of long queries",
    },
];

/// Which signals there are; all, unless some are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Signals {
    /// A bit for each that is left out.
    without: u8,
}

impl Signals {
    #[must_use]
    pub fn without(self, signal: Signal) -> Signals {
        Signals { without: self.without | 1 << signal as u8 }
    }

    pub fn has(self, signal: Signal) -> bool {
        self.without >> signal as u8 & 1 == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_left_out_one_by_one() {
        for row in SIGNALS {
            let others = SIGNALS.iter().filter(|other| other.signal != row.signal);
            let signals = Signals::default().without(row.signal);
            assert!(!signals.has(row.signal) && others.clone().all(|other| signals.has(other.signal)), "{}", row.name);
            assert!(others.clone().all(|other| other.name != row.name) && Signals::default().has(row.signal));
        }
    }
}
