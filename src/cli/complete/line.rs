//! A command line as a shell holds it while it is typed: its words, and how a word is written there so that it is nothing
//! but that word.
//!
//! What the scripts hand over: bash the command, the word as readline sees it, and the line up to the cursor; zsh the words
//! as typed; fish the words, the last one as typed; elvish the words; PowerShell the line up to the cursor.

/// The shells that there is a script for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

impl Shell {
    pub fn script(self) -> &'static str {
        match self {
            Shell::Bash => include_str!("hallway.bash"),
            Shell::Zsh => include_str!("hallway.zsh"),
            Shell::Fish => include_str!("hallway.fish"),
            Shell::Powershell => include_str!("hallway.ps1"),
            Shell::Elvish => include_str!("hallway.elv"),
        }
    }
}

/// What has been typed.
#[derive(Debug)]
pub struct Typed {
    shell: Shell,
    /// The words of the command, its own name first and the one under the cursor last, without their quotes.
    pub words: Vec<String>,
    /// The quote that is open at the cursor.
    quote: Option<char>,
    /// What stands of the last word before the part that the shell replaces.
    kept: String,
}

impl Typed {
    /// Null where the shell did not hand over what its script does.
    pub fn new(shell: Shell, given: &[String]) -> Option<Typed> {
        let mut kept = String::new();
        let words = match (shell, given) {
            (Shell::Bash, [command, replaced, line]) => {
                let words = split(line, shell);
                let from = words.iter().position(|word| word.text == unquoted(command, shell).text)?;
                let words = words[from..].to_vec();
                let last = words.last()?;
                // Readline breaks words at more than white space: of `--year=20` it replaces `20`.
                let before = last.raw.strip_suffix(replaced.as_str()).unwrap_or_default();
                kept = unquoted(before, shell).text;
                words
            }
            (Shell::Powershell, [line]) => split(line, shell),
            (Shell::Zsh, [_, _, ..]) => given.iter().map(|word| unquoted(word, shell)).collect(),
            (Shell::Fish, [first @ .., last]) => {
                let done = first.iter().map(|word| Word { text: word.clone(), ..Word::default() });
                done.chain([unquoted(last, shell)]).collect()
            }
            (Shell::Elvish, [_, _, ..]) => {
                given.iter().map(|word| Word { text: word.clone(), ..Word::default() }).collect()
            }
            _ => return None,
        };
        let quote = words.last()?.quote;
        let words: Vec<String> = words.into_iter().map(|word| word.text).collect();
        (words.len() > 1).then_some(Typed { shell, words, quote, kept })
    }

    /// The line by which a candidate is handed to the script; null where it can't stand in the place of what was typed.
    pub fn reply(&self, value: &str, help: &str) -> Option<String> {
        Some(match self.shell {
            Shell::Bash => {
                let n_kept = self.kept.chars().count();
                let rest = value.char_indices().nth(n_kept).map_or(value.len(), |(at, _)| at);
                let (kept, rest) = value.split_at(rest);
                if kept.to_lowercase() != self.kept.to_lowercase() {
                    return None;
                }
                bash_quoted(rest, self.quote)
            }
            Shell::Zsh | Shell::Fish => format!("{value}\t{help}"),
            Shell::Elvish => value.to_owned(),
            Shell::Powershell => format!("{}\t{value}\t{help}", powershell_quoted(value)),
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Word {
    text: String,
    /// As typed.
    raw: String,
    /// Open at its end.
    quote: Option<char>,
}

/// The words of the last command of a line. Nothing in it is expanded, and nothing is run.
fn split(line: &str, shell: Shell) -> Vec<Word> {
    let mut words = vec![Word::default()];
    let mut scanner = Scanner::new(line, shell);
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Break => words = vec![Word::default()],
            Piece::Space if words.last().is_some_and(|word| word.raw.is_empty()) => {}
            Piece::Space => words.push(Word::default()),
            Piece::Text(text, raw) => {
                if let Some(word) = words.last_mut() {
                    word.text.push_str(&text);
                    word.raw.push_str(raw);
                }
            }
        }
    }
    if let Some(word) = words.last_mut() {
        word.quote = scanner.quote;
    }
    words
}

/// One word as typed, which may have spaces where it should not.
fn unquoted(raw: &str, shell: Shell) -> Word {
    let mut scanner = Scanner::new(raw, shell);
    let mut word = Word { raw: raw.to_owned(), ..Word::default() };
    while let Some(piece) = scanner.next_piece() {
        match piece {
            Piece::Text(text, _) => word.text.push_str(&text),
            Piece::Space | Piece::Break => word.text.push(' '),
        }
    }
    word.quote = scanner.quote;
    word
}

enum Piece<'a> {
    /// Between words.
    Space,
    /// Between commands.
    Break,
    /// What is meant, and what is typed for it.
    Text(String, &'a str),
}

/// Quotes and escapes, as far as shells agree; PowerShell escapes by a backtick.
struct Scanner<'a> {
    rest: &'a str,
    quote: Option<char>,
    escape: char,
}

impl<'a> Scanner<'a> {
    fn new(rest: &'a str, shell: Shell) -> Self {
        Scanner { rest, quote: None, escape: if shell == Shell::Powershell { '`' } else { '\\' } }
    }

    fn next_piece(&mut self) -> Option<Piece<'a>> {
        let mut chars = self.rest.chars();
        let first = chars.next()?;
        let (meant, n_bytes) = match (self.quote, first) {
            (Some(quote), c) if c == quote => {
                self.quote = None;
                (String::new(), 1)
            }
            (None, '\'' | '"') => {
                self.quote = Some(first);
                (String::new(), 1)
            }
            (None, c) if c == self.escape => {
                let next = chars.next();
                (next.map(String::from).unwrap_or_default(), 1 + next.map_or(0, char::len_utf8))
            }
            (Some('"'), c) if c == self.escape => match chars.next() {
                Some(next @ ('$' | '`' | '"' | '\\')) => (next.to_string(), 2),
                _ => (c.to_string(), 1),
            },
            (None, ' ' | '\t' | '<' | '>') => {
                self.rest = &self.rest[1..];
                return Some(Piece::Space);
            }
            (None, '\n' | ';' | '|' | '&' | '(' | ')' | '`') => {
                self.rest = &self.rest[1..];
                return Some(Piece::Break);
            }
            (_, c) => (c.to_string(), c.len_utf8()),
        };
        let (raw, rest) = self.rest.split_at(n_bytes);
        self.rest = rest;
        Some(Piece::Text(meant, raw))
    }
}

/// For bash, behind the quote that is open.
fn bash_quoted(text: &str, quote: Option<char>) -> String {
    match quote {
        Some('\'') => text.replace('\'', r"'\''"),
        // An exclamation mark recalls history within double quotes, too, and a backslash before it would stay.
        Some(_) => text.chars().fold(String::new(), |mut out, c| {
            match c {
                '!' => out.push_str("\"\\!\""),
                '$' | '`' | '"' | '\\' => out.extend(['\\', c]),
                c => out.push(c),
            }
            out
        }),
        None => text.chars().fold(String::new(), |mut out, c| {
            if !c.is_alphanumeric() && !"/._-+=:@%,".contains(c) {
                out.push('\\');
            }
            out.push(c);
            out
        }),
    }
}

/// For PowerShell, which takes typographic quotes for quotes.
fn powershell_quoted(text: &str) -> String {
    if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || "/._-+=:".contains(c)) {
        return text.to_owned();
    }
    let doubled = text.chars().flat_map(|c| {
        let again = matches!(c, '\'' | '\u{2018}'..='\u{201b}').then_some(c);
        [Some(c), again].into_iter().flatten()
    });
    format!("'{}'", doubled.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(shell: Shell, given: &[&str]) -> (Vec<String>, Option<char>, String) {
        let given: Vec<String> = given.iter().map(|word| (*word).to_owned()).collect();
        let typed = Typed::new(shell, &given).unwrap();
        (typed.words, typed.quote, typed.kept)
    }

    #[test]
    fn lines_are_read_as_their_shell_reads_them() {
        for (shell, given, expected, quote, kept) in [
            (Shell::Bash, &["hallway", "SRE", "hallway search --conference SRE"][..], "SRE", None, ""),
            (Shell::Bash, &["hallway", "", "hallway search "], "", None, ""),
            (Shell::Bash, &["hallway", "20", "X=1 hallway search --year=20"], "--year=20", None, "--year="),
            (Shell::Bash, &["hallway", "Day 1", "ls; hallway search --track 'Day 1"], "Day 1", Some('\''), ""),
            (Shell::Bash, &["hallway", "b", "hallway search --track \"a:b"], "a:b", Some('"'), "a:"),
            (Shell::Bash, &["hallway", r"a\ b", r"hallway search --track a\ b"], "a b", None, ""),
            (Shell::Bash, &["hallway", "x", "cat y | hallway show $(hallway show x"], "x", None, ""),
            (Shell::Zsh, &["hallway", "search", "--track", "'a b"], "a b", Some('\''), ""),
            (Shell::Zsh, &["hallway", "search", "--track", r"a\ b"], "a b", None, ""),
            (Shell::Fish, &["hallway", "search", "--track", r"a\ b"], "a b", None, ""),
            (Shell::Elvish, &["hallway", "search", "--track", r"a\ b"], r"a\ b", None, ""),
            (Shell::Powershell, &["hallway search --track 'a b"], "a b", Some('\''), ""),
            (Shell::Powershell, &["ls | hallway search --track a` b"], "a b", None, ""),
        ] {
            let (words, open, rest) = words(shell, given);
            assert_eq!((words[0].as_str(), words.last().unwrap().as_str()), ("hallway", expected), "{given:?}");
            assert_eq!((open, rest.as_str()), (quote, kept), "{given:?}");
        }
        assert!(Typed::new(Shell::Bash, &["hallway".to_owned()]).is_none());
        assert!(Typed::new(Shell::Powershell, &["hallway".to_owned()]).is_none());
    }

    /// What a quoted word is read as again.
    #[test]
    fn what_is_quoted_is_that_word_and_no_more() {
        let nasty = "a b'c\"d$(e)`f`;g|h&i\\j!k*l?m[n]{o}~p#q<r>s\u{2019}t";
        for quote in [None, Some('\''), Some('"')] {
            let opened = quote.map(String::from).unwrap_or_default();
            let read = split(&format!("x {opened}{}", bash_quoted(nasty, quote)), Shell::Bash);
            assert_eq!((read.len(), read[1].text.as_str()), (2, nasty), "{quote:?}");
        }
        assert_eq!(powershell_quoted("it's \u{2019}x"), "'it''s \u{2019}\u{2019}x'");
        assert_eq!(powershell_quoted("SREcon"), "SREcon");
        assert_eq!(powershell_quoted("$x"), "'$x'");
    }
}
