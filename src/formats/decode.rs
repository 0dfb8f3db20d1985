//! The text of a file, whatever its encoding, and the way back from the text's bytes to the file's.

use std::borrow::Cow;

use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use crate::{error::Problem, record::Span};

/// A file as text. What is not UTF-8 has spans of whole lines, since its bytes do not count alike.
pub(super) struct Decoded<'a> {
    pub text: Cow<'a, str>,
    /// What was wrong with some bytes of it.
    pub problem: Option<Problem>,
    /// Where the file's lines begin, in its own bytes, and its length; null for UTF-8.
    stored: Option<Vec<usize>>,
}

/// Text in a declaration of its encoding stands within so many bytes.
const DECLARATION_BYTES: usize = 1024;
/// Of the first bytes, so many zeros at every second place make UTF-16 that has no mark.
const SAMPLE_BYTES: usize = 4096;

/// Reads the bytes of a file.
///
/// # Errors
/// A problem for a file that is empty or no text.
pub(super) fn decode<'a>(path: &str, bytes: &'a [u8]) -> Result<Decoded<'a>, Problem> {
    let problem = |message: &str, hint: &str| Err(Problem::new(path, None, message, hint));
    if is_empty(bytes) {
        return problem("the file is empty", "remove it or fill it");
    }
    if let Some(encoding) = utf_16(bytes) {
        let (text, _, had_errors) = encoding.decode(bytes);
        if had_errors && text.contains('\0') {
            return problem("the file is binary", "hallway reads text; leave it out with --exclude");
        }
        let mut stored = vec![0];
        let pairs = bytes.chunks_exact(2).enumerate();
        let is_end = |pair: &[u8]| if encoding == UTF_16LE { pair == [b'\n', 0] } else { pair == [0, b'\n'] };
        stored.extend(pairs.filter(|(_, pair)| is_end(pair)).map(|(at, _)| 2 * at + 2));
        stored.push(bytes.len());
        return Ok(Decoded { text: line_ends(Cow::Owned(text.into_owned())), problem: None, stored: Some(stored) });
    }
    if bytes.contains(&0) {
        return problem("the file is binary", "hallway reads text; leave it out with --exclude");
    }
    let error = match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Decoded { text: line_ends(Cow::Borrowed(text)), problem: None, stored: None }),
        Err(error) => error,
    };
    let mut stored = line_starts(bytes);
    stored.push(bytes.len());
    let (encoding, is_damaged) = match declared(bytes) {
        Some(encoding) if encoding != UTF_8 => (encoding, false),
        _ if is_mostly_utf_8(bytes) => (UTF_8, true),
        _ => (WINDOWS_1252, false),
    };
    let text = encoding.decode(bytes).0.into_owned();
    let line = bytes[..error.valid_up_to()].split(|byte| *byte == b'\n').count() as u64;
    let damage = || {
        Problem::new(
            path,
            Some(line),
            "some bytes are not UTF-8",
            "what they were is shown as �; save the file as UTF-8",
        )
    };
    Ok(Decoded { text: line_ends(Cow::Owned(text)), problem: is_damaged.then(damage), stored: Some(stored) })
}

/// Whether there is nothing in a file, or nothing but blanks.
pub(super) fn is_empty(bytes: &[u8]) -> bool {
    bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes).iter().all(u8::is_ascii_whitespace)
}

impl Decoded<'_> {
    /// Turns a span of the text into one of the file's own bytes: whole lines.
    pub fn locate(&self, span: &mut Span, text_lines: &[usize]) {
        let Some(stored) = &self.stored else { return };
        let line_of = |at: u64| text_lines.partition_point(|start| *start as u64 <= at).max(1) - 1;
        let first = line_of(span.start);
        let last = line_of(span.end.saturating_sub(1).max(span.start));
        let byte = |line: usize| stored.get(line).or(stored.last()).copied().unwrap_or_default() as u64;
        (span.start, span.end) = (byte(first), byte(last + 1));
    }

    pub fn is_utf_8(&self) -> bool {
        self.stored.is_none()
    }
}

/// Where lines begin.
pub(super) fn line_starts(bytes: &[u8]) -> Vec<usize> {
    let ends = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    std::iter::once(0).chain(ends.map(|(at, _)| at + 1)).collect()
}

/// Lines that end in a lone CR end in LF then: as many bytes.
fn line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') && !text.contains('\n') { Cow::Owned(text.replace('\r', "\n")) } else { text }
}

fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    if bytes.starts_with(&[0xff, 0xfe]) {
        return Some(UTF_16LE);
    }
    if bytes.starts_with(&[0xfe, 0xff]) {
        return Some(UTF_16BE);
    }
    let sample = &bytes[..bytes.len().min(SAMPLE_BYTES)];
    let zeros = |parity: usize| sample.iter().skip(parity).step_by(2).filter(|byte| **byte == 0).count();
    let (even, odd) = (zeros(0), zeros(1));
    let most = sample.len() * 2 / 5;
    match (even, odd) {
        (0, odd) if odd >= most.max(2) => Some(UTF_16LE),
        (even, 0) if even >= most.max(2) => Some(UTF_16BE),
        _ => None,
    }
}

/// The encoding that an XML declaration or an HTML head names.
fn declared(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(DECLARATION_BYTES)]).to_ascii_lowercase();
    let after = |key: &str| {
        let rest = head.split_once(key)?.1.trim_start().strip_prefix('=')?.trim_start();
        let rest = rest.trim_start_matches(['"', '\'']);
        let label =
            &rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && !"-_:.".contains(c)).unwrap_or(rest.len())];
        Encoding::for_label(label.as_bytes())
    };
    let is_xml = head.trim_start_matches('\u{fffd}').trim_start().starts_with("<?xml");
    if is_xml {
        after("encoding")
    } else if head.contains("<meta") {
        after("charset")
    } else {
        None
    }
}

/// Whether most of what is not ASCII is UTF-8: then some bytes are broken, and the rest is not to be read otherwise.
fn is_mostly_utf_8(bytes: &[u8]) -> bool {
    let (mut good, mut bad) = (0usize, 0usize);
    for chunk in bytes.utf8_chunks() {
        good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        bad += usize::from(!chunk.invalid().is_empty());
    }
    good > bad
}

/// Repairs text that was UTF-8, was read as Windows-1252 and written as UTF-8 once more, where nothing else can be meant.
pub(super) fn repaired(text: &str) -> Option<String> {
    const LEADS: [char; 3] = ['Ã', 'Â', 'â'];
    // The three begin with one byte.
    if !text.as_bytes().contains(&0xc3) || !text.contains(LEADS) {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut is_changed = false;
    while let Some(at) = rest.find(LEADS) {
        out.push_str(&rest[..at]);
        let run: String = rest[at..].chars().take(3).collect();
        let found = [3, 2].iter().find_map(|n| {
            let taken: String = run.chars().take(*n).collect();
            let (bytes, _, unmappable) = WINDOWS_1252.encode(&taken);
            let decoded = std::str::from_utf8(&bytes).ok().filter(|_| !unmappable && taken.chars().count() == *n)?;
            let mut chars = decoded.chars();
            let one = chars.next().filter(|_| chars.next().is_none())?;
            let is_likely = matches!(one, '\u{a0}'..='\u{ff}' | '\u{2010}'..='\u{2026}' | '\u{20ac}' | '\u{2122}');
            is_likely.then_some((one, taken.len()))
        });
        if let Some((one, length)) = found {
            out.push(one);
            rest = &rest[at + length..];
            is_changed = true;
        } else {
            let length = run.chars().next().map_or(0, char::len_utf8);
            out.push_str(&rest[at..at + length]);
            rest = &rest[at + length..];
        }
    }
    out.push_str(rest);
    is_changed.then_some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> String {
        decode("x", bytes).unwrap_or_else(|problem| panic!("{problem}")).text.into_owned()
    }

    #[test]
    fn files_are_read_in_the_encodings_they_come_in() {
        let utf_16 = |text: &str, mark: bool| -> Vec<u8> {
            mark.then_some([0xff, 0xfe])
                .into_iter()
                .flatten()
                .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
                .collect()
        };
        let big: Vec<u8> = [0xfe, 0xff].into_iter().chain("Café\n".encode_utf16().flat_map(u16::to_be_bytes)).collect();
        for (bytes, expected) in [
            ("Café\n".as_bytes().to_vec(), "Café\n"),
            (b"Caf\xe9 \x93quoted\x94".to_vec(), "Café “quoted”"),
            (utf_16("Café, a longer text\n", true), "Café, a longer text\n"),
            (utf_16("Café, a longer text\n", false), "Café, a longer text\n"),
            (big, "Café\n"),
            (
                b"<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?><t>\xb9</t>".to_vec(),
                "<?xml version=\"1.0\" encoding=\"ISO-8859-2\"?><t>š</t>",
            ),
            (b"one\rtwo\r".to_vec(), "one\ntwo\n"),
            (b"one\r\ntwo".to_vec(), "one\r\ntwo"),
            ("grün schön, dann \u{e9}".bytes().chain([0xff]).collect(), "grün schön, dann é\u{fffd}"),
        ] {
            assert_eq!(text_of(&bytes), expected, "{bytes:?}");
        }
        assert!(decode("x", b"\0\x01\x02PNG").is_err() && decode("x", b" \n").is_err());
        assert!(
            decode("x", "grün schön, dann \u{e9}\n".repeat(2).bytes().chain([0xff]).collect::<Vec<_>>().as_slice())
                .unwrap()
                .problem
                .is_some()
        );
    }

    #[test]
    fn spans_of_other_encodings_are_whole_lines_of_the_file() {
        let bytes = b"one\ntw\xe9 words\nthree\n";
        let decoded = decode("x", bytes).unwrap();
        let lines = [0, 4, 15, 21];
        let mut span = Span { start: 8, end: 10, ..Span::default() };
        decoded.locate(&mut span, &lines);
        assert_eq!(&bytes[span.start as usize..span.end as usize], b"tw\xe9 words\n");
    }

    #[test]
    fn only_certain_mojibake_is_repaired() {
        for (text, expected) in [
            ("CafÃ© donâ€™t Â© Ã¼ber", Some("Café don’t © über")),
            ("NÃO SÃO PAULO", None),
            ("CHÂTEAU â la carte", None),
            ("plain", None),
        ] {
            assert_eq!(repaired(text).as_deref(), expected, "{text}");
        }
    }
}
