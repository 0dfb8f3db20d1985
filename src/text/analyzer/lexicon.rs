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

impl Forms {
    /// No two words that are remembered have the same.
    pub fn id(self) -> u32 {
        self.at
    }
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
    /// See [`Lexicon::set_note`].
    note: u32,
}

/// The words of one place, the one that was met last first. In one line of the cache.
#[derive(Clone, Copy, Default)]
#[repr(align(64))]
struct Pair([Entry; 2]);

/// The forms of the word at hand, and of words before.
#[derive(Default)]
pub struct Lexicon {
    /// Letters of all forms; behind the first `n_kept` those of a word that is not remembered.
    letters: String,
    n_kept: usize,
    /// At the place that the key gives; empty until enough words were met to pay for it.
    pairs: Vec<Pair>,
    /// What gives places among them: see [`Key::place`].
    shift: u32,
    /// Words that were not found, since there are so many places.
    n_missed: usize,
    /// Where the word at hand is the first; none where it is not remembered.
    last: Option<usize>,
}

/// A query stays below; the texts of its hits, which have words in common, don't.
const MISSED_WITHOUT_PLACES: usize = 32;
/// As many at first (8 KiB), and at most (2 MiB): where as many words are missed, there are twice as many.
const PLACES_BITS: std::ops::RangeInclusive<u32> = 7..=15;
/// Letters for each place that there may be before all is forgotten: those of words that gave way to others are among them.
const LETTERS_PER_PLACE: usize = 128;

impl Lexicon {
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

    /// The forms of a word, and what was noted of it.
    #[inline]
    pub(super) fn find(&mut self, key: Key, wanted: Wanted) -> Option<(Forms, u32)> {
        let place = key.place(self.shift);
        let Pair([first, second]) = self.pairs.get_mut(place)?;
        if first.key != key {
            if second.key != key {
                return None;
            }
            std::mem::swap(first, second);
        }
        if first.forms.term.is_none() && wanted != Wanted::Spellings {
            return None;
        }
        self.last = Some(place);
        Some((first.forms, first.note))
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
        let is_kept = key.is_some_and(|key| self.keep(Entry { key, forms, note: 0 }));
        if is_kept {
            self.n_kept = self.letters.len();
        } else {
            self.last = None;
        }
        forms
    }

    /// Notes a number other than 0 of the word at hand, which is given with the word until it is forgotten.
    #[inline]
    pub(super) fn set_note(&mut self, note: u32) {
        if let Some(Pair([first, _])) = self.last.and_then(|place| self.pairs.get_mut(place)) {
            first.note = note;
        }
    }

    /// False where there are no places yet.
    fn keep(&mut self, entry: Entry) -> bool {
        let place = entry.key.place(self.shift);
        let Some(Pair([first, second])) = self.pairs.get_mut(place) else { return false };
        (*second, *first) = (*first, entry);
        self.last = Some(place);
        true
    }

    fn make_room(&mut self) {
        self.n_missed += 1;
        let n_places = self.pairs.len();
        if n_places == 0 {
            if self.n_missed >= MISSED_WITHOUT_PLACES {
                self.resize(1 << PLACES_BITS.start());
            }
        } else if self.n_missed > n_places && n_places < 1 << PLACES_BITS.end() {
            self.resize(2 * n_places);
        } else if self.n_kept > LETTERS_PER_PLACE << PLACES_BITS.end() {
            self.pairs.fill(Pair::default());
            self.n_kept = 0;
        }
    }

    fn resize(&mut self, n_places: usize) {
        let before = std::mem::replace(&mut self.pairs, vec![Pair::default(); n_places]);
        (self.shift, self.n_missed) = (64 - n_places.ilog2(), 0);
        for Pair([first, second]) in before {
            for known in [second, first].into_iter().filter(|known| known.key != Key::default()) {
                self.keep(known);
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
