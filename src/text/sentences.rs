//! Text → sentences: by UAX #29, and at every line end, since list items and headings have no full stop.

use unicode_segmentation::UnicodeSegmentation;

/// The sentences of a text in order, as bytes, without the white space and list dashes around them.
pub fn sentences(text: &str) -> Vec<(usize, usize)> {
    let mut out = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let mut push = |from: usize, to: usize| {
            let sentence = &line[from..to];
            let lead = sentence.len() - sentence.trim_start_matches(|c: char| c.is_whitespace() || c == '-').len();
            let shown = sentence.trim_end();
            if lead < shown.len() {
                out.push((start + from + lead, start + from + shown.len()));
            }
        };
        let body = line.strip_suffix('\n').unwrap_or(line);
        if body.chars().all(|c| property(c).is_some()) {
            let mut from = 0;
            for to in breaks(body) {
                push(from, to);
                from = to;
            }
            push(from, body.len());
        } else {
            line.split_sentence_bound_indices().for_each(|(at, sentence)| push(at, at + sentence.len()));
        }
        start += line.len();
    }
    out
}

/// Sentence_Break of UAX #29.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Property {
    Lower,
    Upper,
    Numeric,
    Space,
    /// A full stop.
    ATerm,
    /// A mark that ends a sentence whatever follows.
    STerm,
    Close,
    Continue,
    Other,
}

/// Of the characters that European texts are mostly made of; null for any other. The library's look-up among all of Unicode
/// costs more than all else in a snippet.
fn property(c: char) -> Option<Property> {
    Some(match c {
        'a'..='z' | 'ß'..='ö' | 'ø'..='ÿ' => Property::Lower,
        'A'..='Z' | 'À'..='Ö' | 'Ø'..='Þ' => Property::Upper,
        '0'..='9' => Property::Numeric,
        ' ' | '\t' | '\u{a0}' => Property::Space,
        '.' => Property::ATerm,
        '!' | '?' => Property::STerm,
        '(' | ')' | '[' | ']' | '{' | '}' | '"' | '\'' | '‘' | '’' | '“' | '”' | '«' | '»' => Property::Close,
        ',' | '-' | ':' | ';' | '–' | '—' => Property::Continue,
        '#'..='&' | '*' | '+' | '/' | '<'..='>' | '@' | '\\' | '^'..='`' | '|' | '~' | '×' | '÷' | '•' => {
            Property::Other
        }
        _ => return None,
    })
}

/// Where one sentence of a line ends and the next begins: rules SB6 to SB11 of UAX #29, for a line whose characters all have
/// a [`property`].
fn breaks(line: &str) -> Vec<usize> {
    let bytes = line.as_bytes();
    let at = |index: usize| line[index..].chars().next().and_then(|c| Some((property(c)?, index + c.len_utf8())));
    let skip = |mut index: usize, property: Property| {
        while let Some((found, next)) = at(index)
            && found == property
        {
            index = next;
        }
        index
    };
    let is_letter = |property| matches!(property, Property::Lower | Property::Upper);
    let is_term = |property| matches!(property, Property::ATerm | Property::STerm);
    let mut breaks = Vec::new();
    let mut from = 0;
    while let Some(found) = bytes[from..].iter().position(|byte| matches!(byte, b'.' | b'!' | b'?')) {
        let term = from + found;
        from = term + 1;
        let is_stop = bytes[term] == b'.';
        let before = line[..term].chars().next_back().and_then(property);
        match at(from).map(|(property, _)| property) {
            None => break,
            Some(Property::Numeric) if is_stop => continue,
            Some(Property::Upper) if is_stop && before.is_some_and(is_letter) => continue,
            Some(_) => {}
        }
        from = skip(skip(from, Property::Close), Property::Space);
        let Some((next, _)) = at(from) else { break };
        if next == Property::Continue || is_term(next) {
            continue;
        }
        let mut ahead = from;
        while let Some((property, next)) = at(ahead)
            && !is_letter(property)
            && !is_term(property)
        {
            ahead = next;
        }
        if is_stop && at(ahead).is_some_and(|(property, _)| property == Property::Lower) {
            continue;
        }
        breaks.push(from);
    }
    breaks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_and_stops_end_sentences() {
        let text =
            "First. Second e.g. here! Third?\n- An item\n\n3.5 of it (I think.) Then U.S. law; etc. and so on.\n";
        let found: Vec<&str> = sentences(text).into_iter().map(|(from, to)| &text[from..to]).collect();
        let expected = [
            "First.",
            "Second e.g. here!",
            "Third?",
            "An item",
            "3.5 of it (I think.)",
            "Then U.S. law; etc. and so on.",
        ];
        assert_eq!(found, expected);
    }

    proptest::proptest! {
        #![proptest_config(proptest::test_runner::Config { cases: 1000, ..Default::default() })]

        #[test]
        fn the_quick_way_parts_as_the_library_does(
            line in r#"([a-c]{1,2}|[A-C]|[0-9]|[.!?]|[ .?,]|[()\[\]"'“”’«»,;:–—\-]|[é\u{df}ÉØ÷×/&%•\u{a0}\t]|[!-~]|[À-ÿ]){0,24}"#,
        ) {
            proptest::prop_assume!(line.chars().all(|c| property(c).is_some()));
            let expected: Vec<usize> = line.split_sentence_bound_indices().map(|(at, _)| at).skip(1).collect();
            proptest::prop_assert_eq!(breaks(&line), expected);
        }
    }

    /// What a property is given to has that property, by what the library does with it in examples that tell them apart.
    #[test]
    fn properties_are_those_of_unicode() {
        let seen = |c: char| {
            let around = ["a. _A", "a! _A", "a._A", "a! a_ A", "a_A", "a._ A", "a. _ a", "1._1"];
            around.map(|text| text.replace('_', &c.to_string()).split_sentence_bounds().count())
        };
        for c in (0..0x3000).filter_map(char::from_u32) {
            let Some(given) = property(c) else { continue };
            let like = match given {
                Property::Lower => 'x',
                Property::Upper => 'X',
                Property::Numeric => '7',
                Property::Space => ' ',
                Property::ATerm => '.',
                Property::STerm => '!',
                Property::Close => ')',
                Property::Continue => ',',
                Property::Other => '+',
            };
            assert_eq!(seen(c), seen(like), "{c:?} {given:?}");
        }
    }
}
