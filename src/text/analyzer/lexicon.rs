//! Words that were met before, with their forms: most words of a text are among a few thousand, and looking one up takes a
//! tenth of the time that folding and stemming it takes.

use super::Wanted;

/// Where the forms of a word stand in a [`Lexicon`], one behind the other, by their bytes.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Forms {
    at: u32,
    word: u16,
    accented: u16,
    term: Option<std::num::NonZeroU16>,
}

/// A word as it is written, at most 15 bytes of it, with its length and the language of its text.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Key(u128);

/// Bytes of a word that is remembered.
const KEY_BYTES_MAX: usize = 15;

impl Key {
    /// Null for an empty word and for a long one. There are fewer than 16 languages.
    #[inline]
    pub fn new(text: &str, start: usize, end: usize, language: usize) -> Option<Key> {
        let (bytes, length) = (text.as_bytes(), end - start);
        let mask = MASKS.get(length).filter(|_| length > 0)?;
        let letters = match bytes.get(start..start + 16).and_then(|bytes| bytes.first_chunk()) {
            Some(more) => u128::from_le_bytes(*more) & mask,
            None => bytes[start..end].iter().rev().fold(0, |letters, byte| letters << 8 | u128::from(*byte)),
        };
        Some(Key(letters | ((length | language << 4) as u128) << 120))
    }

    /// A place among 2^`bits`, from `shift` = 64 - `bits` (multiply-shift hashing, Dietzfelbinger 1997).
    #[inline]
    fn place(self, shift: u32) -> usize {
        let (low, high) = (self.0 as u64, (self.0 >> 64) as u64);
        let mixed = low.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ high.wrapping_mul(0xC2B2_AE3D_27D4_EB4F);
        ((mixed ^ mixed >> 29).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> shift) as usize
    }
}

/// For each length the bits of the letters.
static MASKS: [u128; KEY_BYTES_MAX + 1] = masks();

const fn masks() -> [u128; KEY_BYTES_MAX + 1] {
    let mut masks = [0; KEY_BYTES_MAX + 1];
    let mut length = 1;
    while length < masks.len() {
        masks[length] = u128::MAX >> (128 - 8 * length);
        length += 1;
    }
    masks
}

#[derive(Clone, Copy, Default)]
struct Entry {
    /// That of no word while the place is free.
    key: Key,
    forms: Forms,
    /// The text that had the word last.
    text: u32,
}

/// The forms of the word at hand, and of words before.
pub struct Lexicon {
    /// Letters of all forms; behind the first `n_kept` those of a word that is not remembered.
    letters: String,
    n_kept: usize,
    /// At the place that the key gives; empty until enough words were met to pay for it.
    entries: Vec<Entry>,
    /// What gives places among them: see [`Key::place`].
    shift: u32,
    /// Words that were not found, since there are so many entries.
    n_missed: usize,
    text: u32,
}

/// A query stays below; the texts of its hits, which have words in common, don't.
const MISSED_WITHOUT_ENTRIES: usize = 32;
/// As many at first (8 KiB), and at most (1 MiB): where half as many words are missed, there are twice as many.
const ENTRIES_BITS: std::ops::RangeInclusive<u32> = 8..=15;
/// Letters for each entry that there may be before all is forgotten: those of words that gave way to others are among them.
const LETTERS_PER_ENTRY: usize = 64;

impl Default for Lexicon {
    fn default() -> Self {
        Lexicon { letters: String::new(), n_kept: 0, entries: Vec::new(), shift: 63, n_missed: 0, text: 0 }
    }
}

impl Lexicon {
    /// Another text begins.
    pub(super) fn begin_text(&mut self) {
        self.text = self.text.wrapping_add(1);
        if self.text == 0 {
            self.entries.fill(Entry::default());
        }
    }

    #[inline]
    pub(super) fn word(&self, forms: Forms) -> &str {
        let start = forms.at as usize;
        &self.letters[start..start + usize::from(forms.word)]
    }

    /// The word with its accents; empty where it has none.
    #[inline]
    pub(super) fn accented(&self, forms: Forms) -> &str {
        let start = forms.at as usize + usize::from(forms.word);
        &self.letters[start..start + usize::from(forms.accented)]
    }

    /// Empty where only spellings were wanted.
    #[inline]
    pub(super) fn term(&self, forms: Forms) -> &str {
        let start = forms.at as usize + usize::from(forms.word) + usize::from(forms.accented);
        &self.letters[start..start + forms.term.map_or(0, |length| usize::from(length.get()))]
    }

    /// The forms of a word, and whether it stood in this text before.
    #[inline]
    pub(super) fn find(&mut self, key: Key, wanted: Wanted) -> Option<(Forms, bool)> {
        let text = self.text;
        let known = self.entry(key)?;
        if known.key != key || (known.forms.term.is_none() && wanted != Wanted::Spellings) {
            return None;
        }
        let is_repeated = known.text == text;
        known.text = text;
        Some((known.forms, is_repeated))
    }

    /// Takes in the forms of a word that was not found. One without a key is at hand until the next is added.
    pub(super) fn add(&mut self, key: Option<Key>, [word, accented, term]: [&str; 3]) -> Forms {
        self.make_room();
        self.letters.truncate(self.n_kept);
        let length = |form: &str| u16::try_from(form.len()).expect("words are short");
        let forms = Forms {
            at: u32::try_from(self.n_kept).expect("the letters are few"),
            word: length(word),
            accented: length(accented),
            term: std::num::NonZeroU16::new(length(term)),
        };
        [word, accented, term].into_iter().for_each(|form| self.letters.push_str(form));
        let (n_letters, text) = (self.letters.len(), self.text);
        if let Some(key) = key
            && let Some(entry) = self.entry(key)
        {
            *entry = Entry { key, forms, text };
            self.n_kept = n_letters;
        }
        forms
    }

    #[inline]
    fn entry(&mut self, key: Key) -> Option<&mut Entry> {
        self.entries.get_mut(key.place(self.shift))
    }

    fn make_room(&mut self) {
        self.n_missed += 1;
        let n_entries = self.entries.len();
        if n_entries == 0 {
            if self.n_missed >= MISSED_WITHOUT_ENTRIES {
                self.resize(1 << ENTRIES_BITS.start());
            }
        } else if 2 * self.n_missed > n_entries && n_entries < 1 << ENTRIES_BITS.end() {
            self.resize(2 * n_entries);
        } else if self.n_kept > LETTERS_PER_ENTRY << ENTRIES_BITS.end() {
            self.entries.fill(Entry::default());
            self.n_kept = 0;
        }
    }

    fn resize(&mut self, n_entries: usize) {
        let before = std::mem::replace(&mut self.entries, vec![Entry::default(); n_entries]);
        (self.shift, self.n_missed) = (64 - n_entries.ilog2(), 0);
        for known in before.into_iter().filter(|known| known.key != Key::default()) {
            if let Some(entry) = self.entry(known.key) {
                *entry = known;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyzer::Analyzer;

    #[test]
    fn a_word_has_one_key_wherever_it_stands() {
        let text = "word, a word and its-neighbour of many letters; word";
        let keys = text.match_indices("word").map(|(at, word)| Key::new(text, at, at + word.len(), 0));
        let keys: Vec<_> = keys.map(|key| key.unwrap().0).collect();
        assert_eq!(keys.len(), 3);
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert!(Key::new(text, 0, 3, 0).unwrap().0 != keys[0] && Key::new(text, 0, 4, 1).unwrap().0 != keys[0]);
        assert!(Key::new(text, 0, 0, 0).is_none() && Key::new(text, 0, 16, 0).is_none());
    }

    /// Every way to find a word's forms gives the same: met before or not, while entries come and go.
    #[test]
    fn what_is_remembered_is_what_was_found() {
        let words: Vec<String> = (0..60_000_u32)
            .map(|n| {
                let n = n.wrapping_mul(2_654_435_761) % 30_000;
                let stem =
                    ["caf\u{e9}", "Observ", "node.j", "u.s.a", "\u{6771}\u{4eac}", "schr\u{f6}der"][n as usize % 6];
                format!("{stem}{}{}", ["s", "ing", "ability", "ationalizationally", ""][n as usize % 5], n / 7)
            })
            .collect();
        let text = words.join(" ");
        for code in ["en", "fr"] {
            let mut warm = Analyzer::default();
            warm.set_language(Some(code));
            let mut fast = Vec::new();
            warm.tokens(&text, |token| fast.push((token.term.to_owned(), token.word.to_owned())));
            let mut slow = Vec::new();
            for words in words.chunks(200) {
                let mut cold = Analyzer::default();
                cold.set_language(Some(code));
                cold.tokens(&words.join(" "), |token| slow.push((token.term.to_owned(), token.word.to_owned())));
            }
            assert!(fast.len() > words.len());
            assert!(fast == slow, "{code}");
        }
    }
}
