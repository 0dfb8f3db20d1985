//! The abbreviations that a text defines itself: "Service Level Objective (SLO)", "SLO (Service Level Objective)".
//!
//! After A. Schwartz and M. Hearst, "A simple algorithm for identifying abbreviation definitions in biomedical text" (PSB
//! 2003), with one condition more: the long form has as many telling words as the short form has letters, or each letter
//! begins a word, since talks put many other things in parentheses.

/// Letters of a short form.
const SHORT_CHARS: std::ops::RangeInclusive<usize> = 2..=8;
/// Pairs taken from one text.
const PAIRS_MAX: usize = 32;

/// A short form with the words that a text says it stands for, both as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Abbreviation<'a> {
    pub short: &'a str,
    pub long: &'a str,
}

/// The abbreviations that a text defines, in its order.
pub fn abbreviations(text: &str) -> Vec<Abbreviation<'_>> {
    let mut found = Vec::new();
    for (open, _) in text.match_indices('(') {
        let rest = &text[open + 1..];
        // What is longer is no definition: a scan to the end of the text for each bracket would be quadratic.
        let within = &rest[..super::floor(rest, 100)];
        let Some(close) = within.find([')', '(', '\n']).filter(|close| within[*close..].starts_with(')')) else {
            continue;
        };
        let (inside, before) = (within[..close].trim(), line_before(&text[..open]));
        let pair = if is_short(inside) {
            long_before(before, inside).map(|long| Abbreviation { short: inside, long })
        } else {
            let short = before.rsplit(char::is_whitespace).next().unwrap_or_default();
            (is_short(short) && long_before(inside, short) == Some(inside))
                .then_some(Abbreviation { short, long: inside })
        };
        found.extend(pair.filter(|pair| !found.contains(pair)));
        if found.len() == PAIRS_MAX {
            break;
        }
    }
    found
}

/// What stands on the same line, at most 200 bytes of it.
fn line_before(text: &str) -> &str {
    let from = text.len().saturating_sub(200);
    let from = (from..text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    let near = &text[from..];
    near[near.rfind('\n').map_or(0, |at| at + 1)..].trim_end()
}

/// Letters and digits with two capitals at least ("SLO", "k8S", "eBPF"), a plural "s" behind them allowed.
fn is_short(text: &str) -> bool {
    SHORT_CHARS.contains(&text.chars().count())
        && text.starts_with(char::is_alphanumeric)
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '/' | '.'))
        && text.chars().filter(|c| c.is_uppercase()).count() >= 2
}

/// The words at the end of `before` that a short form stands for: each of its letters begins one of them, in order, and no
/// more than function words ("of", "and") lie between.
fn long_before<'a>(before: &'a str, short: &str) -> Option<&'a str> {
    let letters: Vec<char> =
        short.trim_end_matches('s').chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let starts: Vec<usize> = word_starts(before);
    let mut wanted = letters.len();
    for start in starts.iter().rev() {
        let first = before[*start..].chars().next()?.to_lowercase().next()?;
        if wanted > 0 && first == letters[wanted - 1] {
            wanted -= 1;
            if wanted == 0 {
                return Some(&before[*start..]);
            }
        } else if !is_function_word(&before[*start..]) {
            return None;
        }
    }
    None
}

fn word_starts(text: &str) -> Vec<usize> {
    let mut last = ' ';
    let mut starts = Vec::new();
    for (at, c) in text.char_indices() {
        if c.is_alphanumeric() && !last.is_alphanumeric() && last != '\'' && last != '’' {
            starts.push(at);
        }
        last = c;
    }
    starts
}

fn is_function_word(text: &str) -> bool {
    let word = text.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    ["of", "and", "the", "for", "in", "to", "as", "a", "on", "with", "de", "la", "und"].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_found() {
        for (text, expected) in [
            ("We set a Service Level Objective (SLO) early.", vec![("SLO", "Service Level Objective")]),
            ("An SLO (service level objective) is a promise.", vec![("SLO", "service level objective")]),
            ("the Internet of Things (IoT)", vec![("IoT", "Internet of Things")]),
            ("many service level objectives (SLOs)", vec![("SLOs", "service level objectives")]),
            ("Just-In-Time (JIT) compilers", vec![("JIT", "Just-In-Time")]),
            ("infrastructure as code (IaC)", vec![("IaC", "infrastructure as code")]),
            ("the speaker (USA) said", vec![]),
            ("written in Rust (not C)", vec![]),
            ("a (broken", vec![]),
            ("Level Objective (SLO)", vec![]),
            ("(SLO)", vec![]),
        ] {
            let found: Vec<_> = abbreviations(text).into_iter().map(|pair| (pair.short, pair.long)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_will_do(text in r"([A-Z]{1,4}|[a-z]{1,4}|[( )\n'’-]|\PC){0,40}") {
            for pair in abbreviations(&text) {
                proptest::prop_assert!(text.contains(pair.long) && text.contains(pair.short));
            }
        }
    }
}
