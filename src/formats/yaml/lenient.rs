//! YAML as the readers take it that most sites are built with (PyYAML, libyaml, Psych), which forgive what YAML 1.2 does not:
//! a quoted text that goes on left of its key, and a key that stands twice in a mapping, of which the last counts.

use serde_saphyr::options::DuplicateKeyPolicy;

/// Where a text is no YAML, its line from 1 or 0 where unknown, and why.
pub(in crate::formats) type Failure = (u64, String);

/// What was forgiven, and its line.
pub(in crate::formats) type Forgiven = (u64, &'static str);

const TWICE: &str = "a key stands twice in a mapping: the last one counts";
const LEFT: &str = "a quoted text goes on left of its key: it is read as if it were indented";

/// What `parse` makes of a text, else of the text as those readers take it. What `parse` gives may hold places: they are of
/// the text that it was given, and [`Indented`] leads back.
///
/// # Errors
/// That of the text as it is.
pub(in crate::formats) fn read<T>(
    text: &str,
    parse: impl Fn(&str, DuplicateKeyPolicy) -> Result<T, Failure>,
) -> Result<(T, Option<Indented>, Option<Forgiven>), Failure> {
    let failure = match parse(text, DuplicateKeyPolicy::Error) {
        Ok(value) => return Ok((value, None, None)),
        Err(failure) => failure,
    };
    if let Ok(value) = parse(text, DuplicateKeyPolicy::LastWins) {
        return Ok((value, None, Some((failure.0, TWICE))));
    }
    let indented = indented(text).filter(|indented| !indented.added.is_empty());
    match indented.map(|indented| (parse(&indented.text, DuplicateKeyPolicy::LastWins), indented)) {
        Some((Ok(value), indented)) => {
            let line = indented.line;
            Ok((value, Some(indented), Some((line, LEFT))))
        }
        _ => Err(failure),
    }
}

/// A text whose quoted texts go on right of their keys.
pub(in crate::formats) struct Indented {
    pub text: String,
    /// The first line that was indented.
    line: u64,
    /// Where spaces were added, in the new text, and how many bytes there are more from there on.
    added: Vec<(usize, usize)>,
}

impl Indented {
    /// A place of the new text in the one that it was made of.
    pub fn original(&self, at: usize) -> usize {
        let index = self.added.partition_point(|(place, _)| *place < at);
        let Some((place, more)) = index.checked_sub(1).map(|index| self.added[index]) else { return at };
        let before = index.checked_sub(2).map_or(0, |index| self.added[index].1);
        // Within the spaces themselves.
        (at - more.min(at)).max(place - before)
    }
}

/// The lines of quoted texts that stand left of their keys, indented; null where a quote is never closed.
fn indented(text: &str) -> Option<Indented> {
    let mut out = Indented { text: String::with_capacity(text.len()), line: 0, added: Vec::new() };
    let mut n_added = 0;
    // The quote that is open, and the column below which its lines must stand.
    let mut open: Option<(char, usize)> = None;
    // The column of a key whose text is a block, which has no quotes.
    let mut block: Option<usize> = None;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        let indent = line.len() - line.trim_start_matches(' ').len();
        let is_blank = line.trim().is_empty();
        if let Some((quote, column)) = open {
            if indent <= column && !is_blank {
                let n_spaces = column + 1 - indent;
                n_added += n_spaces;
                out.added.push((out.text.len(), n_added));
                out.line = if out.line == 0 { index as u64 + 1 } else { out.line };
                out.text.extend(std::iter::repeat_n(' ', n_spaces));
            }
            open = closes(line, quote).is_none().then_some((quote, column));
        } else if !is_blank && block.is_none_or(|column| indent <= column) {
            block = None;
            if let Some((column, value)) = value(line) {
                match value.chars().next() {
                    Some(quote @ ('"' | '\'')) => {
                        open = closes(&value[1..], quote).is_none().then_some((quote, column));
                    }
                    Some('|' | '>') => block = Some(column),
                    _ => {}
                }
            }
        }
        out.text.push_str(line);
    }
    open.is_none().then_some(out)
}

/// The value that begins on a line, and the column of its key, or of the sign of its item.
fn value(line: &str) -> Option<(usize, &str)> {
    let mut rest = line.trim_start_matches(' ');
    let mut column = line.len() - rest.len();
    let mut outer = column;
    while let Some(inner) = rest.strip_prefix('-').filter(|inner| inner.starts_with(' ')) {
        let inner = inner.trim_start_matches(' ');
        (outer, column) = (column, column + rest.len() - inner.len());
        rest = inner;
    }
    let key = match rest.chars().next()? {
        quote @ ('"' | '\'') => {
            closes(&rest[1..], quote).map(|end| end + 2).filter(|end| rest[*end..].starts_with(':'))
        }
        '#' => return None,
        _ => rest.find(": "),
    };
    match key {
        Some(at) => Some((column, rest[at + 1..].trim_start())),
        None => Some((outer, rest)),
    }
}

/// Where the quote closes that is open at the beginning of a text.
fn closes(text: &str, quote: char) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        match c {
            '\\' if quote == '"' => _ = chars.next(),
            '\'' if quote == '\'' && chars.next_if(|(_, next)| *next == '\'').is_some() => {}
            _ if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_texts_are_indented_and_places_lead_back() {
        let text = "- title: \"One\ntwo \\\" three\n\n  four\"\n  note: |\n    it's\n- 'a': 'b''\n c'\n  d: e's\n- \"f\n\n  g\"\n";
        let expected = "- title: \"One\n   two \\\" three\n\n   four\"\n  note: |\n    it's\n- 'a': 'b''\n   c'\n  d: e's\n- \"f\n\n  g\"\n";
        let found = indented(text).unwrap();
        assert_eq!(found.text, expected);
        assert_eq!(found.line, 2);
        for word in ["One", "two", "four", "note", "b''", "c'", "d: e"] {
            assert_eq!(found.original(expected.find(word).unwrap()), text.find(word).unwrap(), "{word}");
        }
        assert_eq!(found.original(expected.len()), text.len());
        assert!(indented("- title: \"One\n- title: Two\n").is_none());
    }
}
