//! What is like a draft, as a page to read: verdicts, the sentences that say alike, and the words that both share.

use std::io;

use super::{MATCH, PLAIN, Page, QUIET, TITLE};
use crate::{
    overlap::{Near, Quotes, Similar, Subject},
    render::{words::title, wrap::Text},
};

impl Page<'_> {
    /// The hits, best first; with `explain` what each score is made of.
    ///
    /// # Errors
    /// What the writer gives.
    pub fn similar(&mut self, draft: &Subject, similar: &Similar, explain: bool) -> io::Result<()> {
        if explain {
            let words: Vec<String> =
                similar.telling.iter().map(|(term, weight)| format!("{term} {weight:.1}")).collect();
            let looked = format!("{} compared, found by: {}", similar.n_compared, words.join(", "));
            self.paragraph("", &Text::new(&looked, QUIET))?;
            let people: Vec<String> = draft.profile.people.iter().map(|person| person.0.join(" ")).collect();
            if !people.is_empty() {
                self.paragraph("", &Text::new(&format!("and by: {}", people.join(", ")), QUIET))?;
            }
            writeln!(self.out)?;
        }
        for (index, near) in similar.hits.iter().enumerate() {
            if index > 0 {
                writeln!(self.out)?;
            }
            self.near(near, explain)?;
        }
        Ok(())
    }

    fn near(&mut self, near: &Near, explain: bool) -> io::Result<()> {
        let record = &near.record;
        self.paragraph("", &Text::new(title(record), TITLE))?;
        self.facts(record)?;
        let verdict = Text::new(near.verdict.as_str(), MATCH).and(&format!(" · {:.2}", near.likeness.score), PLAIN);
        self.paragraph("  ", &verdict)?;
        if explain {
            let of = &near.likeness;
            let parts = format!(
                "text {:.2} (words {:.2}, pairs {:.2}, cosine {:.2}, sentences {:.2}), title {:.2}",
                of.text, of.words, of.pairs, of.cosine, of.sentences, of.title
            );
            self.paragraph("  ", &Text::new(&parts, QUIET))?;
        }
        for pair in &near.pairs {
            self.quotes(pair)?;
        }
        let terms: Vec<&str> = near.terms.iter().map(|term| term.term.as_str()).collect();
        if !terms.is_empty() {
            self.paragraph("  both: ", &Text::new(&terms.join(", "), QUIET))?;
        }
        let passage = record.passages.first().and_then(|passage| passage.span.as_ref());
        self.place(passage.or(record.source.as_ref()), Some(&record.id))
    }

    fn quotes(&mut self, pair: &Quotes) -> io::Result<()> {
        self.paragraph("  > ", &Text::new(&pair.draft.text, PLAIN))?;
        self.paragraph("  = ", &Text::new(&pair.record.text, PLAIN))
    }
}
