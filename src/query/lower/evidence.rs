//! What a query's matches look like in a text.

/// What a match looks like in a text: for snippets and highlights. Nothing of what stands behind `NOT` is in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    pub clues: Vec<Clue>,
    /// Which forms are not those of what was typed.
    pub others: Vec<(Form, Manner)>,
}

/// How something is another form of what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// The same word written otherwise.
    Spelling,
    /// Another word for the same.
    Synonym,
}

/// One word or phrase of a query with everything that it is found by.
#[derive(Clone, Debug, PartialEq)]
pub struct Clue {
    /// As typed, without operators.
    pub typed: String,
    /// How telling it is: its inverse document frequency.
    pub weight: f32,
    pub forms: Vec<Form>,
}

/// What a clue looks like among the tokens of a text.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Form {
    /// A token with this term.
    Term(String),
    /// A token with this word, folded but not stemmed.
    Word(String),
    /// Tokens with these terms, each so many words behind the first; up to `slop` moves away from that, counted as
    /// Lucene and tantivy do.
    Phrase { terms: Vec<(usize, String)>, slop: u32 },
}
