//! Lines that repeat across the records of an edition ("Slides can be found at", what the sponsors wish): they are shown
//! with each record and tell none from another, so that search leaves them out.
//!
//! What repeats is decided by the records of the edition alone, whatever else is in the index and in whatever order it
//! came; where a record that is added or removed changes it, the edition's other records are written again.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
};

use crate::record::{Kind, Record};

/// A line that fewer records of an edition have is no boilerplate: a speaker may give four talks with one bio…
const RECORDS_MIN: usize = 5;
/// …nor one that fewer than one in so many have.
const ONE_IN: usize = 10;
/// Shorter lines are headings or say nothing.
const LETTERS_MIN: usize = 12;
/// Lines of one record that are looked at.
const LINES_MAX: usize = 400;

/// The lines of a record that may repeat, as hashes: none of a report, and none without an edition.
pub(super) fn lines(record: &Record) -> BTreeSet<u64> {
    if record.kind == Kind::Report || record.edition_id.is_none() {
        return BTreeSet::new();
    }
    record.body().lines().filter_map(hash).take(LINES_MAX).collect()
}

const FNV_BASIS: u64 = 0xcbf2_9ce4_8422_2325;
const FNV_PRIME: u64 = 0x0100_0000_01b3;

/// FNV-1a over the letters and digits of a line's words; numbers and addresses don't count, since those of talks and slides
/// differ. The index keeps it, so that it may not change within a format version. Null for a line that is too short.
pub(crate) fn hash(line: &str) -> Option<u64> {
    let (mut hash, mut n_letters) = (FNV_BASIS, 0);
    for word in line.split_ascii_whitespace() {
        let (mut with_word, mut n_with, mut has_letter, mut has_colon) = (hash, n_letters, false, false);
        for byte in word.bytes() {
            let letter = LETTERS[usize::from(byte)];
            if letter > 0 {
                has_letter |= letter > b'9';
                with_word = (with_word ^ u64::from(letter)).wrapping_mul(FNV_PRIME);
                n_with += 1;
            } else {
                has_colon |= byte == b':';
            }
        }
        if has_letter && !(has_colon && word.contains("://")) {
            (hash, n_letters) = (with_word, n_with);
        }
    }
    (n_letters >= LETTERS_MIN).then_some(hash)
}

/// Letters, small ones for capitals, and digits; what is beyond ASCII counts as letters. 0 for all else.
static LETTERS: [u8; 256] = {
    let (mut letters, mut byte) = ([0; 256], 0);
    while byte < 256 {
        let letter = byte as u8;
        if letter.is_ascii_alphanumeric() || !letter.is_ascii() {
            letters[byte] = letter.to_ascii_lowercase();
        }
        byte += 1;
    }
    letters
};

/// How many records of an edition have each line.
#[derive(Default)]
pub(crate) struct Tally {
    n_records: usize,
    lines: HashMap<u64, usize>,
}

impl Tally {
    pub fn add(&mut self, lines: impl IntoIterator<Item = u64>) {
        self.n_records += 1;
        lines.into_iter().for_each(|line| *self.lines.entry(line).or_default() += 1);
    }

    /// The lines that are boilerplate.
    pub fn repeated(&self) -> HashSet<u64> {
        let least = RECORDS_MIN.max(self.n_records.div_ceil(ONE_IN));
        self.lines.iter().filter(|(_, n)| **n >= least).map(|(line, _)| *line).collect()
    }
}

/// Which lines of a body repeat, counted from 0.
pub(super) fn repeated_lines(body: &str, repeated: &HashSet<u64>) -> Vec<u32> {
    if repeated.is_empty() {
        return Vec::new();
    }
    let lines = (0..).zip(body.lines()).filter(|(_, line)| hash(line).is_some_and(|hash| repeated.contains(&hash)));
    lines.map(|(number, _)| number).collect()
}

/// A body without those lines.
pub(super) fn without<'a>(body: &'a str, lines: &[u32]) -> Cow<'a, str> {
    if lines.is_empty() {
        return Cow::Borrowed(body);
    }
    let kept = (0..).zip(body.lines()).filter(|(number, _)| lines.binary_search(number).is_err());
    Cow::Owned(kept.map(|(_, line)| line).collect::<Vec<_>>().join("\n"))
}

/// A body with spaces in the place of those lines.
pub(super) fn masked<'a>(body: &'a str, lines: &[u32]) -> Cow<'a, str> {
    if lines.is_empty() {
        return Cow::Borrowed(body);
    }
    let mut masked = String::with_capacity(body.len());
    for (number, line) in (0..).zip(body.split_inclusive('\n')) {
        if lines.binary_search(&number).is_ok() {
            masked.extend(line.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        } else {
            masked.push_str(line);
        }
    }
    Cow::Owned(masked)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Indexes hold these.
    #[test]
    fn a_line_has_the_hash_that_it_always_had() {
        let line = "Slides of talk 12 (part 3) can be found at";
        assert_eq!(hash(line), Some(0xdfee_d34a_8087_c6b5));
        for same in [
            "slides of  TALK\t(part) can: be found at",
            " Slides of talk 7 (part 3) can be found at 9 https://x.example/a ",
        ] {
            assert_eq!(hash(same), hash(line), "{same}");
        }
        assert_eq!([hash("2023 10:30 https://x.example/a-long-path"), hash("Slides: here"), hash("")], [None; 3]);
        assert_eq!(hash("Vortr\u{e4}ge \u{fc}ber B\u{e4}ume"), Some(0xb938_f528_8e06_bc95));
    }

    #[test]
    fn what_repeats_is_left_out_and_nothing_else() {
        let body = |n: usize| {
            format!(
                "What talk {} says, as nobody else.\n\nSlides can be found at https://x.example/{n} (part {n})",
                "x".repeat(n)
            )
        };
        let record =
            |n: usize| Record { edition_id: Some("e".to_owned()), abstract_text: Some(body(n)), ..Record::default() };
        let tally = |n_with: usize, n_without: usize| {
            let mut tally = Tally::default();
            (1..=n_with).for_each(|n| tally.add(lines(&record(n))));
            (0..n_without).for_each(|_| tally.add([]));
            tally.repeated()
        };
        assert_eq!(tally(RECORDS_MIN - 1, 0).len(), 0);
        assert_eq!(tally(RECORDS_MIN, ONE_IN * RECORDS_MIN).len(), 0);
        let repeated = tally(RECORDS_MIN, (ONE_IN - 1) * RECORDS_MIN);
        let searched = |body: &str| without(body, &repeated_lines(body, &repeated)).into_owned();
        assert_eq!(searched(&body(3)), "What talk xxx says, as nobody else.\n");
        assert_eq!(searched("Slides"), "Slides");
        let masked = masked(&body(3), &repeated_lines(&body(3), &repeated)).into_owned();
        assert_eq!((masked.len(), masked.trim_end()), (body(3).len(), "What talk xxx says, as nobody else."));
        let report = Record { kind: Kind::Report, text: Some(body(1)), ..record(1) };
        assert!(lines(&report).is_empty() && lines(&Record { edition_id: None, ..record(1) }).is_empty());
    }
}
