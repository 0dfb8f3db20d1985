//! Sentences that repeat across the proposals of a call, as a form's questions and a company's paragraph do: they tell no proposal
//! from another, and are left out before anything is compared.

use std::collections::BTreeSet;

use super::{Comparison, Subject, WORDS_MIN};
use crate::{
    error::Result,
    index::boilerplate::{Tally, hash},
    text::sentences::sentences,
};

impl Comparison<'_> {
    /// Blanks those sentences in the bodies, by the rule by which lines of an edition are boilerplate; gives what there is to say
    /// of it. A proposal of which too little else remains keeps its own: five copies of one text are copies.
    pub(super) fn without_repeated(&mut self, subjects: &mut [Subject]) -> Result<Option<String>> {
        let mut tally = Tally::default();
        for subject in subjects.iter() {
            tally.add(pieces(&subject.body).into_iter().map(|piece| piece.2).collect::<BTreeSet<u64>>());
        }
        let repeated = tally.repeated();
        let mut n_with = 0;
        for subject in subjects.iter_mut() {
            let found = pieces(&subject.body).into_iter().filter(|piece| repeated.contains(&piece.2));
            let mut body = subject.body.clone().into_bytes();
            found.for_each(|(start, end, _)| blank(&mut body[start..end]));
            let Ok(body) = String::from_utf8(body) else { continue };
            if body == subject.body {
                continue;
            }
            let without = Subject::new(subject.record.clone(), body, &mut self.profiler)?;
            if without.profile.n_words() >= WORDS_MIN {
                n_with += 1;
                *subject = without;
            }
        }
        Ok((n_with > 0).then(|| {
            format!("sentences that repeat across the proposals don't count: {n_with} of {} have some", subjects.len())
        }))
    }
}

/// The sentences of a text with their hashes, but for those that are too short to be told.
fn pieces(text: &str) -> Vec<(usize, usize, u64)> {
    let of = |(start, end)| Some((start, end, hash(&text[start..end])?));
    sentences(text).into_iter().filter_map(of).collect()
}

/// Spaces in the place of all but line ends: bytes stay where they are.
fn blank(piece: &mut [u8]) {
    piece.iter_mut().filter(|byte| **byte != b'\n').for_each(|byte| *byte = b' ');
}
