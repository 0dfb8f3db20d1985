//! The analyzer behind tantivy's trait, and what takes apart the words of texts that were analysed before.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{
    schema::{SPELLINGS, TERMS},
    words::Written,
};
use crate::text::analyzer::{Analyzer, Tokens};

/// Gives terms or spellings, as its name says; or what `Words` wrote.
#[derive(Clone)]
pub struct HallwayTokenizer {
    analyzer: Analyzer,
    name: &'static str,
}

impl HallwayTokenizer {
    /// Those of every field.
    pub fn all() -> [(&'static str, HallwayTokenizer); 2] {
        [TERMS, SPELLINGS].map(|name| (name, HallwayTokenizer { analyzer: Analyzer::default(), name }))
    }
}

impl Tokenizer for HallwayTokenizer {
    type TokenStream<'a> = HallwayTokens<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> HallwayTokens<'a> {
        #[cfg(feature = "faults")]
        if let Err(fault) = super::disk::point(&super::Op::Analyse(text)) {
            panic!("{fault}");
        }
        let given = match Written::of(text) {
            Some(written) => Given::Written(written),
            None if self.name == TERMS => Given::Analysed(self.analyzer.stream(text)),
            None => Given::Analysed(self.analyzer.spellings(text)),
        };
        HallwayTokens { given, token: Token::default() }
    }
}

pub struct HallwayTokens<'a> {
    given: Given<'a>,
    token: Token,
}

enum Given<'a> {
    Written(Written<'a>),
    /// Terms or spellings.
    Analysed(Tokens<'a>),
}

impl TokenStream for HallwayTokens<'_> {
    #[inline]
    fn advance(&mut self) -> bool {
        let token = &mut self.token;
        token.text.clear();
        match &mut self.given {
            Given::Written(written) => {
                let Some((word, position)) = written.next() else { return false };
                token.text.push_str(word);
                // Nobody asks where it stands in the text.
                token.position = position;
            }
            Given::Analysed(tokens) => {
                let Some(next) = tokens.next_token() else { return false };
                token.text.push_str(if next.term.is_empty() { next.word } else { next.term });
                token.offset_from = next.start;
                token.offset_to = next.end;
                token.position = next.position;
            }
        }
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

#[cfg(test)]
mod tests {
    use super::{super::words::Words, *};
    use crate::text::analyzer::BREAK;

    fn given(tokenizer: &mut HallwayTokenizer, text: &str) -> Vec<(String, usize)> {
        let mut given = Vec::new();
        tokenizer.token_stream(text).process(&mut |token| given.push((token.text.clone(), token.position)));
        given
    }

    #[test]
    fn texts_are_analysed_and_what_was_analysed_is_taken_apart() {
        let [(_, mut terms), (_, mut spellings)] = HallwayTokenizer::all();
        let text = format!("running tests{BREAK}running {} caf\u{e9} node.js", "x".repeat(300));
        let words = |given: Vec<(String, usize)>| given.into_iter().map(|(word, _)| word).collect::<Vec<_>>();
        let of_terms = [("run", 0), ("test", 1), ("run", 102), ("cafe", 104), ("node.js", 105)];
        let of_terms = of_terms.map(|(term, position)| (term.to_owned(), position));
        assert_eq!(given(&mut terms, &text), of_terms);
        let all = ["running", "tests", "running", "cafe", "caf\u{e9}", "node.js", "\u{1d}js", "\u{1d}node"];
        assert_eq!(words(given(&mut spellings, &text)), all);
        let mut written = Words::default();
        written.read(&text, &mut Analyzer::default());
        assert_eq!(given(&mut terms, &written.terms), of_terms);
        // Few words are not remembered, nor that they stood there before.
        assert_eq!(words(given(&mut spellings, &written.spellings)), all);
    }
}
