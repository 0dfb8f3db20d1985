//! Where the words of a text are, and their other spellings.

use unicode_segmentation::{UWordBoundIndices, UnicodeSegmentation};

use super::{
    Analyzer, BREAK, BREAK_GAP, PART_MARK, Token, Wanted,
    fold::fold_into,
    lexicon::Forms,
    quick::{self, is_opening, plain_word},
};

/// The tokens of one text. Not an `Iterator`: what a token borrows lives in the analyzer until the next one is asked for.
pub struct Tokens<'a> {
    analyzer: &'a mut Analyzer,
    text: &'a str,
    wanted: Wanted,
    /// Where the next chunk is looked for.
    at: usize,
    /// What is left of a chunk that is more than a plain word.
    chunk: Option<Chunk<'a>>,
    /// What is left of letters that give bigrams.
    run: Option<Run>,
    /// Other spellings of the word before, last one first.
    spellings: Vec<Spelling>,
    position: usize,
}

enum Chunk<'a> {
    /// Of letters that [`quick`] knows: where it begins, and from where on it is left.
    Known(usize, usize),
    /// Of others: where it begins, or what is left of it.
    Other(usize, UWordBoundIndices<'a>),
}

/// Letters that stand together without spaces.
struct Run {
    /// The letter that begins the next bigram.
    letter: (usize, usize),
    end: usize,
    /// Whether a bigram was given.
    is_begun: bool,
}

/// Where a spelling stands in the text.
#[derive(Clone, Copy)]
enum Spelling {
    Accented(usize, usize, Forms),
    Part(usize, usize),
}

/// A word of a text whose forms are to be asked for.
#[derive(Clone, Copy, Debug)]
pub struct Word {
    forms: Forms,
    /// What [`Tokens::set_note`] noted of it, in whichever text; 0 where that is nothing, or was forgotten.
    pub note: u32,
    /// Bytes of the text.
    pub start: usize,
    pub end: usize,
    /// In words from 0.
    pub position: usize,
}

impl Word {
    /// Tells the word from all others that have a note.
    pub fn id(&self) -> u32 {
        self.forms.id()
    }
}

impl<'a> Tokens<'a> {
    pub(super) fn new(analyzer: &'a mut Analyzer, text: &'a str, wanted: Wanted) -> Self {
        let (chunk, run, spellings) = (None, None, Vec::new());
        Tokens { analyzer, text, wanted, at: 0, chunk, run, spellings, position: 0 }
    }

    pub fn next_token(&mut self) -> Option<Token<'_>> {
        if let Some(spelling) = self.spellings.pop() {
            return Some(self.spelling(spelling));
        }
        let word = self.next_noted()?;
        if self.wanted != Wanted::Terms {
            self.add_spellings(&word);
        }
        let Word { forms, start, end, position, .. } = word;
        let lexicon = &self.analyzer.lexicon;
        // The lexicon may know it all the same.
        let term = if self.wanted == Wanted::Spellings { "" } else { lexicon.term(forms) };
        Some(Token { term, word: lexicon.word(forms), start, end, position })
    }

    /// As [`Tokens::next_token`], without other spellings, for those who know most words by their notes.
    #[inline]
    pub fn next_noted(&mut self) -> Option<Word> {
        loop {
            let (start, end) = self.next_place()?;
            let position = self.position;
            self.position += 1;
            let start = start + self.analyzer.stemming.elided(&self.text[start..end]);
            if let Some((forms, note)) = self.analyzer.forms(self.text, start, end, self.wanted) {
                return Some(Word { forms, note, start, end, position });
            }
        }
    }

    /// Notes a number other than 0 of the word that was given last.
    #[inline]
    pub fn set_note(&mut self, note: u32) {
        self.analyzer.lexicon.set_note(note);
    }

    /// The term of the word that was given last.
    #[inline]
    pub fn term(&self, word: &Word) -> &str {
        self.analyzer.lexicon.term(word.forms)
    }

    /// Calls `each` with all spellings of the word that was given last; where it is known that it stood in the text before,
    /// with those that it had not there.
    pub fn spellings(&mut self, word: &Word, is_repeated: bool, mut each: impl FnMut(&str)) {
        if is_repeated {
            if !has_bigrams(&self.text[word.start..word.end]) || self.run.is_some() {
                return;
            }
        } else {
            each(self.analyzer.lexicon.word(word.forms));
        }
        self.add_spellings(word);
        while let Some(spelling) = self.spellings.pop() {
            each(self.spelling(spelling).word);
        }
    }

    /// How many words there are, as far as to so many: they are only counted. Breaks count as much as in positions.
    pub(super) fn n_words(&mut self, most: usize) -> usize {
        while self.position < most && self.next_place().is_some() {
            self.position += 1;
        }
        self.position
    }

    #[inline]
    fn next_place(&mut self) -> Option<(usize, usize)> {
        match self.next_bigram() {
            Some(bigram) => Some(bigram),
            None => self.next_word(),
        }
    }

    fn add_spellings(&mut self, &Word { forms, start, end, .. }: &Word) {
        if !self.analyzer.lexicon.accented(forms).is_empty() {
            self.spellings.push(Spelling::Accented(start, end, forms));
        }
        let word = &self.text[start..end];
        if has_bigrams(word) {
            let first = word.graphemes(true).next().map_or(0, str::len);
            if first < word.len() {
                self.spellings.push(Spelling::Part(start, start + first));
                let is_last = self.run.is_none();
                self.spellings.extend(is_last.then_some(Spelling::Part(start + first, end)));
            }
        } else if word.contains('.') && !is_initials(self.analyzer.lexicon.word(forms)) {
            let mut from = start;
            for part in word.split('.') {
                if part.len() > 1 && part.starts_with(char::is_alphabetic) {
                    self.spellings.push(Spelling::Part(from, from + part.len()));
                }
                from += part.len() + 1;
            }
        }
    }

    fn spelling(&mut self, spelling: Spelling) -> Token<'_> {
        let position = self.position - 1;
        match spelling {
            Spelling::Accented(start, end, forms) => {
                Token { term: "", word: self.analyzer.lexicon.accented(forms), start, end, position }
            }
            Spelling::Part(start, end) => {
                let word = &mut self.analyzer.word;
                word.clear();
                word.push(PART_MARK);
                fold_into(&self.text[start..end], word);
                Token { term: "", word, start, end, position }
            }
        }
    }

    /// The next two letters of a run; a letter that stands alone by itself.
    #[inline]
    fn next_bigram(&mut self) -> Option<(usize, usize)> {
        self.run.as_ref()?;
        self.go_on_with_run()
    }

    fn go_on_with_run(&mut self) -> Option<(usize, usize)> {
        let run = self.run.as_mut()?;
        let (start, from) = run.letter;
        if let Some(next) = self.text[from..run.end].graphemes(true).next() {
            let end = from + next.len();
            (run.letter, run.is_begun) = ((from, end), true);
            if end == run.end {
                self.run = None;
            }
            return Some((start, end));
        }
        let is_alone = !run.is_begun;
        self.run = None;
        is_alone.then_some((start, from))
    }

    /// Where the next word is: most are plain, the others are found by UAX #29.
    #[inline]
    fn next_word(&mut self) -> Option<(usize, usize)> {
        loop {
            match &mut self.chunk {
                Some(Chunk::Known(base, from)) => {
                    if let Some((start, end)) = quick::next_word(&self.text.as_bytes()[..self.at], *from) {
                        *from = end;
                        let (word, before) = (&self.text[start..end], &self.text[*base..start]);
                        return Some((start - leading_dot(word, before), end + symbol_tail(word, &self.text[end..])));
                    }
                    self.chunk = None;
                }
                Some(Chunk::Other(base, words)) => {
                    let base = *base;
                    if let Some((start, word)) = words.find(|(_, word)| word.contains(char::is_alphanumeric)) {
                        let (start, end) = (base + start, base + start + word.len());
                        if has_bigrams(word) {
                            return self.begin_run(start);
                        }
                        let end = end + symbol_tail(word, &self.text[end..]);
                        return Some((start - leading_dot(word, &self.text[base..start]), end));
                    }
                    self.chunk = None;
                }
                None => {}
            }
            let start = self.next_chunk()?;
            if let Some((from, to, end)) = plain_word(self.text.as_bytes(), start) {
                self.at = end;
                return Some((from, to));
            }
            let bytes = &self.text.as_bytes()[start..];
            self.at = start + bytes.iter().position(|byte| *byte <= b' ').unwrap_or(bytes.len());
            let chunk = &self.text[start..self.at];
            self.chunk = Some(if quick::is_known(chunk.as_bytes()) {
                Chunk::Known(start, start)
            } else {
                Chunk::Other(start, chunk.split_word_bound_indices())
            });
        }
    }

    /// Gives the first bigram of the letters from here on, and has the chunk go on behind them.
    fn begin_run(&mut self, start: usize) -> Option<(usize, usize)> {
        let chunk = &self.text[start..self.at];
        let mut letters = chunk.grapheme_indices(true);
        let end = letters.find(|(_, letter)| !has_bigrams(letter)).map_or(self.at, |(at, _)| start + at);
        let first = chunk.graphemes(true).next().map_or(0, str::len);
        self.chunk = Some(Chunk::Other(end, self.text[end..self.at].split_word_bound_indices()));
        self.run = Some(Run { letter: (start, start + first), end, is_begun: false });
        self.next_bigram()
    }

    /// Where the next chunk begins, which goes as far as the next white space or control: there UAX #29 always parts words.
    #[inline]
    fn next_chunk(&mut self) -> Option<usize> {
        let bytes = self.text.as_bytes();
        while let Some(byte) = bytes.get(self.at).filter(|byte| **byte <= b' ') {
            if char::from(*byte) == BREAK {
                self.position += BREAK_GAP;
            }
            self.at += 1;
        }
        (self.at < bytes.len()).then_some(self.at)
    }
}

/// Whether a word is written in letters that give bigrams: Han, Kana, Hangul.
#[inline]
pub(super) fn has_bigrams(word: &str) -> bool {
    // The first of them is U+1100.
    word.as_bytes().first().is_some_and(|byte| *byte >= 0xe1) && is_unspaced(word)
}

fn is_unspaced(word: &str) -> bool {
    let first = word.chars().next().unwrap_or_default();
    matches!(first,
        '\u{1100}'..='\u{11ff}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{309d}'..='\u{30ff}'
        | '\u{3105}'..='\u{318e}' | '\u{31f0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}'
        | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7ff}' | '\u{f900}'..='\u{faff}' | '\u{ff66}'..='\u{ffdc}'
        | '\u{1b000}'..='\u{1b16f}' | '\u{20000}'..='\u{3ffff}')
        && first != '・'
}

/// "SLOs" are several of "SLO": the stemmer, which sees small letters alone, can't tell.
pub(super) fn without_plural(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(name) if name.len() > 1 && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit()) => name,
        _ => word,
    }
}

/// "u.s", "a.i", "e.g".
pub(super) fn is_initials(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() > 2
        && bytes
            .iter()
            .enumerate()
            .all(|(at, byte)| if at % 2 == 0 { byte.is_ascii_alphabetic() } else { *byte == b'.' })
}

/// `C++` and `C#` are words: the length of the sign behind a letter.
pub(super) fn symbol_tail(word: &str, rest: &str) -> usize {
    if word.len() > 2 {
        return 0;
    }
    if rest.starts_with("++") { 2 } else { usize::from(rest.starts_with('#')) }
}

/// `.NET` is a word: the length of the dot before it, `before` being what stands there in its chunk.
pub(super) fn leading_dot(word: &str, before: &str) -> usize {
    let Some(outside) = before.strip_suffix('.') else { return 0 };
    let is_name = word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_alphabetic());
    usize::from(is_name && outside.bytes().all(is_opening))
}
