//! What a transcript notes of sounds that are no words: "[Music]", "(applause)", "{Laughter}", "♪".

use crate::text::{analyzer::folded, floor, one_line};

/// Words that name sounds and pauses, folded; a note in brackets that is made of them and of [`FILLERS`] is left out. What
/// could not be heard is not among them: there something was said.
#[rustfmt::skip]
const SOUNDS: &[&str] = &[
    "music", "applause", "applauds", "applauding", "clapping", "claps", "laughter", "laughs", "laughing", "laugh", "chuckles",
    "chuckle", "chuckling", "giggles", "cheering", "cheers", "cheer", "silence", "noise", "blank_audio", "blank", "pause", "break", "coughs", "coughing",
    "cough", "sighs", "sigh", "sneezes", "beep", "beeping", "bell", "ringing", "buzzing", "static", "crowd", "whistling", "whistles", "humming",
    "singing", "gasps", "sniffs", "clears throat", "typing", "clicking", "foreign", "intro", "outro", "jingle", "applaus", "musik",
    "gelachter", "lachen", "beifall", "musique", "applaudissements", "rires", "musica", "aplausos", "risas", "video", "plays",
    "end", "break", "lunch", "bleep", "screaming", "booing",
];
const FILLERS: &[&str] = &[
    "and",
    "the",
    "of",
    "a",
    "in",
    "from",
    "audience",
    "soft",
    "light",
    "loud",
    "upbeat",
    "background",
    "playing",
    "starts",
    "ends",
    "stops",
    "continues",
    "general",
    "some",
    "more",
    "throat",
    "clears",
    "gentle",
    "dramatic",
    "electronic",
    "over",
    "ambient",
    "audio",
    "recording",
    "session",
    "coffee",
    "theme",
    "fades",
    "no",
];
const WORDS_MAX: usize = 5;
const BYTES_MAX: usize = 80;
const BRACKETS: &[(char, char)] = &[('[', ']'), ('(', ')'), ('{', '}'), ('*', '*')];

/// How programs and volunteers sign what they wrote down: such a line is said by nobody.
const SIGNATURES: &[&str] = &[
    "transcribed by ",
    "transcript by ",
    "transcription by ",
    "captioned by ",
    "captions by ",
    "subtitles by ",
    "subtitled by ",
    "untertitel von ",
    "untertitelung ",
    "sous-titrage ",
    "sous-titres realises par ",
    "subtitulado por ",
];
const SIGNATURE_WORDS_MAX: usize = 8;
/// How much of a line says how it begins.
const SIGNATURE_START_BYTES: usize = 100;

/// A line without such notes. Empty where nothing else is in it.
pub(super) fn without(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(|c| BRACKETS.iter().any(|(open, _)| *open == c)) {
        let (before, tail) = rest.split_at(at);
        out.push_str(before);
        let open = tail.chars().next().unwrap_or_default();
        let close = BRACKETS.iter().find(|(sign, _)| *sign == open).map_or(open, |(_, close)| *close);
        let near = floor(tail, BYTES_MAX);
        let end = tail[1..near].find(close).map(|end| end + 1);
        if let Some(end) = end.filter(|end| is_sound(&tail[1..*end])) {
            rest = tail[end + 1..].strip_prefix('.').unwrap_or(&tail[end + 1..]);
        } else {
            out.push(open);
            rest = &tail[1..];
        }
    }
    out.push_str(rest);
    let is_music = out.contains(['♪', '♫']);
    let text = one_line(&out.replace(['♪', '♫'], " "));
    let says_nothing = !text.contains(char::is_alphanumeric) || (is_music && is_sound(&text)) || is_signature(&text);
    if says_nothing { String::new() } else { text }
}

/// Whether a line has such a note.
pub(super) fn has(line: &str) -> bool {
    one_line(line).len() > without(line).len()
}

fn is_signature(text: &str) -> bool {
    let is_short = text.split(' ').nth(SIGNATURE_WORDS_MAX).is_none();
    let start = folded(&text[..floor(text, SIGNATURE_START_BYTES)]);
    is_short && SIGNATURES.iter().any(|signature| start.starts_with(signature))
}

fn is_sound(note: &str) -> bool {
    let lower = note.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|w| !w.is_empty()).collect();
    (1..=WORDS_MAX).contains(&words.len())
        && words.iter().any(|word| SOUNDS.contains(word))
        && words.iter().all(|word| SOUNDS.contains(word) || FILLERS.contains(word))
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn sounds_are_left_out_and_words_are_not() {
        for (line, expected) in [
            ("[Music]", ""),
            ("(applause and laughter)", ""),
            ("So (laughs) we went on", "So we went on"),
            ("(BREAK).", ""),
            ("{Applause}.", ""),
            ("Thank you. (Applause).", "Thank you."),
            ("♪ upbeat music ♪", ""),
            ("♪ words of a song ♪", "words of a song"),
            ("*coughs* hello", "hello"),
            ("[inaudible] is kept", "[inaudible] is kept"),
            ("a[0] * b * c (see the paper)", "a[0] * b * c (see the paper)"),
            ("(the music industry)", "(the music industry)"),
            ("...", ""),
            ("[BLANK_AUDIO]", ""),
            ("open [ bracket", "open [ bracket"),
            ("Transcribed by https://example.org", ""),
            ("Subtitles by the Example community", ""),
            ("We transcribed by hand what nobody else would", "We transcribed by hand what nobody else would"),
        ] {
            assert_eq!(without(line), expected, "{line}");
        }
    }
}
