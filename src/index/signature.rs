//! A document's most frequent words in a column, as numbers: what likeness between records is told by without a look at their
//! texts.

use super::{searched, words::Words};
use crate::{
    record::Record,
    text::analyzer::{Analyzer, in_language, is_stop_word},
};

/// Words of a signature: with more of them likeness is hardly told better.
const WORDS_MAX: usize = 32;
/// Bits of a word's hash: among the words of a few hundred documents hardly two share one.
const HASH_BITS: u32 = 20;
/// Bits of how often it stands there.
const FREQUENCY_BITS: u32 = 4;

/// A word of a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignatureWord {
    /// Of its term.
    pub hash: u32,
    /// How often it stands in the document, 15 standing for more too.
    pub frequency: u32,
}

impl SignatureWord {
    /// As the column holds it.
    pub fn to_number(self) -> u64 {
        u64::from(self.hash << FREQUENCY_BITS | self.frequency)
    }

    /// What [`SignatureWord::to_number`] gave.
    #[expect(clippy::cast_possible_truncation, reason = "it has 24 bits")]
    pub fn from_number(number: u64) -> SignatureWord {
        let number = number as u32;
        SignatureWord { hash: number >> FREQUENCY_BITS, frequency: number & ((1 << FREQUENCY_BITS) - 1) }
    }
}

/// The signature of a record as a whole.
pub fn signature_of(record: &Record) -> Vec<SignatureWord> {
    let parts = searched::of_record(record, record.body().into());
    let weighted = parts.iter().flat_map(|part| std::iter::repeat_n(&*part.text, part.times));
    let text = weighted.collect::<Vec<_>>().join(" ");
    let mut words = Words::default();
    words.read(&in_language(record.language.as_deref(), &text), &mut Analyzer::default());
    signature(words.counted())
}

/// A term of a text, and how often a word that has it stands there.
pub(super) struct Counted<'a> {
    pub term: &'a str,
    pub n: u32,
}

/// The words that stand in a text most often, first ones first, without stop words; in the order of their hashes. They are
/// given in the order of their first places, and one term may be given several times.
pub(super) fn signature<'a>(counted: impl Iterator<Item = Counted<'a>>) -> Vec<SignatureWord> {
    let mut words: Vec<(u32, u32, u32)> = Vec::new();
    // By their hashes: places among the words, from 1.
    let mut places = vec![0_usize; PLACES_MIN];
    for (Counted { term, n }, first) in counted.filter(|counted| !is_stop_word(counted.term)).zip(0..) {
        let hash = hash(term);
        if 2 * words.len() > places.len() {
            places = vec![0; 2 * places.len()];
            (1..).zip(&words).for_each(|(at, (.., hash))| *place(&mut places, &words, *hash) = at);
        }
        let place = place(&mut places, &words, hash);
        if let Some(at) = place.checked_sub(1) {
            words[at].0 = words[at].0.saturating_add(n);
        } else {
            words.push((n, first, hash));
            *place = words.len();
        }
    }
    for (frequency, ..) in &mut words {
        *frequency = u32::MAX - (*frequency).min((1 << FREQUENCY_BITS) - 1);
    }
    if words.len() > WORDS_MAX {
        words.select_nth_unstable(WORDS_MAX);
        words.truncate(WORDS_MAX);
    }
    let mut words: Vec<_> =
        words.into_iter().map(|(rank, _, hash)| SignatureWord { hash, frequency: u32::MAX - rank }).collect();
    words.sort_unstable_by_key(|word| word.hash);
    words
}

/// Places for words at first: most texts have fewer than half as many.
const PLACES_MIN: usize = 1024;

/// Where the place of the word with a hash stands, or is to stand; there are a power of 2. The hashes are spread by themselves.
fn place<'a>(places: &'a mut [usize], words: &[(u32, u32, u32)], hash: u32) -> &'a mut usize {
    let mask = places.len() - 1;
    let mut at = hash as usize & mask;
    while places[at].checked_sub(1).is_some_and(|word| words[word].2 != hash) {
        at = (at + 1) & mask;
    }
    &mut places[at]
}

/// FNV-1a, folded to [`HASH_BITS`].
fn hash(term: &str) -> u32 {
    let hash = term.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> HASH_BITS) ^ (hash & ((1 << HASH_BITS) - 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_text(text: &str, analyzer: &mut Analyzer) -> Vec<SignatureWord> {
        let mut words = Words::default();
        words.read(text, analyzer);
        signature(words.counted())
    }

    /// By every word of the text, one after the other.
    fn plainly(text: &str) -> Vec<SignatureWord> {
        let terms = Analyzer::default().terms(text);
        let mut words: Vec<(u32, u32)> = Vec::new();
        for hash in terms.iter().filter(|term| !is_stop_word(term)).map(|term| hash(term)) {
            match words.iter_mut().find(|(other, _)| *other == hash) {
                Some((_, n)) => *n += 1,
                None => words.push((hash, 1)),
            }
        }
        words.sort_by_key(|(_, n)| 15 - (*n).min(15));
        words.truncate(WORDS_MAX);
        words.sort_unstable();
        words.into_iter().map(|(hash, n)| SignatureWord { hash, frequency: n.min(15) }).collect()
    }

    #[test]
    fn words_are_counted_by_their_terms() {
        let mut rng = fastrand::Rng::with_seed(5);
        let mut analyzer = Analyzer::default();
        for n_words in [0, 1, 30, 40, 200, 2000, 2000] {
            // Several spellings of a term, stop words, long words and words that are met once.
            let endings = ["", "s", "ing", "ed", "S", "ationalizationally"];
            let word = |_| match rng.u32(..8) {
                0 => "the".to_owned(),
                1 => format!("rare{}", rng.u32(..100_000)),
                _ => format!("walk{}{}", (b'a' + rng.u8(..20)) as char, endings[rng.usize(..endings.len())]),
            };
            let text = (0..n_words).map(word).collect::<Vec<_>>().join(" ");
            assert_eq!(of_text(&text, &mut analyzer), plainly(&text), "{text}");
        }
    }

    #[test]
    fn the_most_frequent_words_make_the_signature() {
        let rare: Vec<String> = (0..60).map(|n| format!("word{n}")).collect();
        let text = format!("The kernel and the kernels of kernel tracing; tracing it. {}", rare.join(" "));
        let words = of_text(&text, &mut Analyzer::default());
        assert_eq!(words.len(), WORDS_MAX);
        let frequency = |term: &str| words.iter().find(|word| word.hash == hash(term)).map(|word| word.frequency);
        assert_eq!([frequency("kernel"), frequency("trace"), frequency("word0")], [Some(3), Some(2), Some(1)]);
        assert_eq!([frequency("the"), frequency("word59")], [None, None], "a stop word, and the last word");
        for word in words {
            assert_eq!(SignatureWord::from_number(word.to_number()), word);
        }
        let often = of_text(&"pager ".repeat(100), &mut Analyzer::default());
        assert_eq!(often.iter().map(|word| word.frequency).collect::<Vec<_>>(), [15]);
    }
}
