//! Words of European letters, found without Unicode's tables. A property test holds them to UAX #29.

/// What a character is to UAX #29.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Letter,
    Digit,
    /// `_`: part of a word that holds more.
    Low,
    /// Parts of a word between letters, between digits, between either.
    MidLetter,
    MidDigit,
    Mid,
    Other,
    /// The first byte of two that are a letter, nearly always.
    Two,
    /// The first byte of three that are a sign, where it is one of those that texts are full of.
    Three,
    /// For the tables.
    Unknown,
}

/// What a byte is, as the first of a character.
static CLASSES: [Class; 256] = classes();

const fn classes() -> [Class; 256] {
    let mut classes = [Class::Unknown; 256];
    let mut byte = 0;
    while byte < 128 {
        classes[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Class::Letter,
            b'0'..=b'9' => Class::Digit,
            b'_' => Class::Low,
            b':' => Class::MidLetter,
            b',' | b';' => Class::MidDigit,
            b'.' | b'\'' => Class::Mid,
            _ => Class::Other,
        };
        byte += 1;
    }
    // Latin-1 (with × and ÷), Latin Extended-A; Cyrillic.
    let two = [0xc3, 0xc4, 0xc5, 0xd0, 0xd1];
    let mut at = 0;
    while at < two.len() {
        classes[two[at]] = Class::Two;
        at += 1;
    }
    classes[0xe2] = Class::Three;
    classes
}

/// What stands at `at`, and its bytes.
#[inline]
fn class(bytes: &[u8], at: usize) -> (Class, usize) {
    match CLASSES[usize::from(bytes[at])] {
        Class::Two if bytes[at] == 0xc3 && matches!(bytes[at + 1], 0x97 | 0xb7) => (Class::Other, 2),
        Class::Two => (Class::Letter, 2),
        Class::Three if bytes[at + 1] == 0x80 => match bytes[at + 2] {
            // ‘ ’
            0x98 | 0x99 => (Class::Mid, 3),
            // – — “ ” …
            0x93 | 0x94 | 0x9c | 0x9d | 0xa6 => (Class::Other, 3),
            _ => (Class::Unknown, 3),
        },
        Class::Three => (Class::Unknown, 3),
        class => (class, 1),
    }
}

/// Whether [`next_word`] can read a chunk.
pub(super) fn is_known(chunk: &[u8]) -> bool {
    let mut at = 0;
    while at < chunk.len() {
        let (class, length) = class(chunk, at);
        if class == Class::Unknown {
            return false;
        }
        at += length;
    }
    true
}

/// The next word of a chunk that [`is_known`], from a character on.
pub(super) fn next_word(chunk: &[u8], mut at: usize) -> Option<(usize, usize)> {
    while at < chunk.len() {
        let (first, length) = class(chunk, at);
        if !matches!(first, Class::Letter | Class::Digit | Class::Low) {
            at += length;
            continue;
        }
        let (start, mut last, mut is_word) = (at, first, first != Class::Low);
        at += length;
        while at < chunk.len() {
            let (next, length) = class(chunk, at);
            let joined = match (last, next) {
                (_, Class::Letter | Class::Digit | Class::Low) => next,
                (Class::Letter, Class::MidLetter | Class::Mid) => Class::Letter,
                (Class::Digit, Class::MidDigit | Class::Mid) => Class::Digit,
                _ => break,
            };
            if joined != next && (at + length == chunk.len() || class(chunk, at + length).0 != joined) {
                break;
            }
            (last, is_word) = (joined, is_word || joined != Class::Low);
            at += length;
        }
        if is_word {
            return Some((start, at));
        }
    }
    None
}

const SPACE: u8 = 1;
const OPENING: u8 = 2;
const CLOSING: u8 = 4;
const PLAIN: u8 = 8;

/// What a byte may be in a plain chunk.
static PARTS: [u8; 256] = parts();

const fn parts() -> [u8; 256] {
    let mut parts = [0; 256];
    let mut byte = 0;
    while byte < 128 {
        parts[byte] = match byte as u8 {
            0..=b' ' => SPACE,
            b'(' | b'[' => OPENING,
            b'"' | b'\'' => OPENING | CLOSING,
            b'.' | b',' | b';' | b':' | b'!' | b'?' | b')' | b']' => CLOSING,
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => PLAIN,
            _ => 0,
        };
        byte += 1;
    }
    parts
}

/// Where the word is in a chunk that begins at `start` and is nothing but ASCII letters and digits between brackets, quotes
/// and stops; with the chunk's end.
#[inline]
pub(super) fn plain_word(bytes: &[u8], start: usize) -> Option<(usize, usize, usize)> {
    let is = |at: usize, part: u8| bytes.get(at).map_or(SPACE, |byte| PARTS[usize::from(*byte)]) & part != 0;
    let mut from = start;
    while is(from, OPENING) {
        from += 1;
    }
    let mut to = from;
    while is(to, PLAIN) {
        to += 1;
    }
    let mut end = to;
    while is(end, CLOSING) {
        end += 1;
    }
    (from < to && is(end, SPACE)).then_some((from, to, end))
}

pub(super) fn is_opening(byte: u8) -> bool {
    PARTS[usize::from(byte)] & OPENING != 0
}
