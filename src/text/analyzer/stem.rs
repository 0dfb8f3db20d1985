//! Words → stems, in the language of their text.

use frostem::{Algorithm, Stemmer};

/// The letters that a language is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Script {
    Latin,
    Cyrillic,
}

/// A language whose words are stemmed.
#[derive(Debug)]
struct Language {
    /// ISO 639-1.
    code: &'static str,
    algorithm: Algorithm,
    script: Script,
    /// What is written together with the word behind it: "l'indexation".
    articles: &'static [&'static str],
}

const fn language(code: &'static str, algorithm: Algorithm) -> Language {
    Language { code, algorithm, script: Script::Latin, articles: &[] }
}

const FRENCH_ARTICLES: &[&str] = &["c", "d", "j", "jusqu", "l", "lorsqu", "m", "n", "puisqu", "qu", "quoiqu", "s", "t"];
const ITALIAN_ARTICLES: &[&str] =
    &["all", "c", "coll", "d", "dall", "dell", "gl", "l", "m", "nell", "quell", "quest", "s", "sull", "t", "un", "v"];

/// English first: so are words of a text whose language is not known, and ASCII words in texts of another script.
const LANGUAGES: &[Language] = &[
    language("en", Algorithm::English),
    language("da", Algorithm::Danish),
    language("de", Algorithm::German),
    language("es", Algorithm::Spanish),
    language("fi", Algorithm::Finnish),
    Language { articles: FRENCH_ARTICLES, ..language("fr", Algorithm::French) },
    Language { articles: ITALIAN_ARTICLES, ..language("it", Algorithm::Italian) },
    language("no", Algorithm::Norwegian),
    language("nb", Algorithm::Norwegian),
    language("pl", Algorithm::Polish),
    language("pt", Algorithm::Portuguese),
    Language { script: Script::Cyrillic, ..language("ru", Algorithm::Russian) },
    language("sv", Algorithm::Swedish),
];
const ENGLISH: usize = 0;

/// The codes of the languages whose words are stemmed otherwise than English ones.
pub fn other_languages() -> impl Iterator<Item = &'static str> {
    LANGUAGES[1..].iter().map(|language| language.code)
}

/// Stems the words of texts; each language's stemmer is made when it is first needed.
#[derive(Default)]
pub(super) struct Stemming {
    current: usize,
    stems: [Option<Box<Stems>>; LANGUAGES.len()],
}

impl Stemming {
    pub fn set_language(&mut self, code: Option<&str>) {
        let known = code.and_then(|code| LANGUAGES.iter().position(|language| language.code == code));
        self.current = known.unwrap_or(ENGLISH);
    }

    /// Whether a word's accents tell its stem.
    pub fn knows_accents(&self) -> bool {
        self.current != ENGLISH
    }

    /// Whether a word's term has its first letters, but for those that the English stemmer changes: "ueber" is "uber" in German.
    pub fn keeps_letters(&self) -> bool {
        self.current == ENGLISH || LANGUAGES[self.current].script == Script::Cyrillic
    }

    /// Bytes of an article that is written together with the word.
    pub fn elided(&self, word: &str) -> usize {
        let articles = LANGUAGES[self.current].articles;
        if articles.is_empty() {
            return 0;
        }
        let Some((at, sign)) = word.char_indices().find(|(_, c)| matches!(c, '\'' | '’')) else { return 0 };
        let rest = at + sign.len_utf8();
        let is_article = articles.iter().any(|article| article.eq_ignore_ascii_case(&word[..at]));
        if is_article && rest < word.len() { rest } else { 0 }
    }

    /// Replaces a word in small letters by its stem, which begins with the same letter; a word of another script and one
    /// that holds more than letters stays.
    pub fn stem(&mut self, word: &mut String) {
        let is_ascii = word.bytes().all(|byte| byte.is_ascii_lowercase());
        let language = &LANGUAGES[self.current];
        let which = match language.script {
            Script::Latin if is_ascii || (self.current != ENGLISH && is_latin(word)) => self.current,
            Script::Cyrillic if word.chars().all(|c| matches!(c, 'а'..='я' | 'ё')) => self.current,
            Script::Cyrillic if is_ascii => ENGLISH,
            Script::Latin | Script::Cyrillic => return,
        };
        if word.len() > 2 {
            let stems = &mut self.stems[which];
            stems.get_or_insert_with(|| Box::new(Stems::new(LANGUAGES[which].algorithm))).stem(word);
        }
    }
}

fn is_latin(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '\u{df}'..='\u{24f}'))
}

/// The stemmer behind a cache: most words of a text are among a few thousand, and looking one up takes a tenth of the time.
struct Stems {
    stemmer: Stemmer,
    /// A word and its stem, at the place that the word's hash gives; empty until enough words were stemmed to pay for it.
    cached: Vec<CachedStem>,
    n_stemmed: usize,
}

#[derive(Clone, Copy, Default)]
struct CachedStem {
    word: ShortWord,
    stem: ShortWord,
}

/// At most 15 bytes, and how many they are.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct ShortWord([u8; 16]);

impl ShortWord {
    fn new(word: &str) -> Option<ShortWord> {
        let mut bytes = [0; 16];
        bytes[..15].get_mut(..word.len())?.copy_from_slice(word.as_bytes());
        bytes[15] = word.len() as u8;
        Some(ShortWord(bytes))
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0[..usize::from(self.0[15])]).unwrap_or_default()
    }

    /// A place among [`STEMS_CACHED`] (multiply-shift hashing, Dietzfelbinger 1997).
    fn place(self) -> usize {
        let number = u128::from_le_bytes(self.0);
        let folded = (number as u64) ^ ((number >> 64) as u64).rotate_left(29);
        (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> (64 - STEMS_CACHED.ilog2())) as usize
    }
}

/// 128 KiB: a text of 10,000 words rarely has more different ones.
const STEMS_CACHED: usize = 4096;
/// A query and its snippets stay below: for them the memory costs more than the stemming.
const STEMMED_WITHOUT_CACHE: usize = 2000;

impl Stems {
    fn new(algorithm: Algorithm) -> Self {
        Stems { stemmer: Stemmer::new(algorithm), cached: Vec::new(), n_stemmed: 0 }
    }

    fn stem(&mut self, word: &mut String) {
        self.n_stemmed += 1;
        if self.n_stemmed == STEMMED_WITHOUT_CACHE {
            self.cached = vec![CachedStem::default(); STEMS_CACHED];
        }
        let key = ShortWord::new(word).filter(|_| !self.cached.is_empty());
        if let Some(key) = key {
            let known = &self.cached[key.place()];
            if known.word == key {
                word.clear();
                word.push_str(known.stem.as_str());
                return;
            }
        }
        let stem = self.stemmer.stem(word);
        if let Some(key) = key
            && let Some(stem) = ShortWord::new(&stem)
        {
            self.cached[key.place()] = CachedStem { word: key, stem };
        }
        if stem != *word {
            *word = stem.into_owned();
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::text::analyzer::Analyzer;

    #[test]
    fn words_are_stemmed_in_their_language() {
        for (code, words, stem) in [
            ("de", "Überwachung Überwachungen", "uberwach"),
            ("de", "Häuser Haus Häusern", "haus"),
            ("fr", "l’indexation indexations d'indexation", "index"),
            ("es", "búsqueda búsquedas", "busqued"),
            ("pt", "observação observações", "observ"),
            ("ru", "системы система системой", "систем"),
            ("it", "dell'applicazione applicazioni", "applic"),
            ("ru", "Programs programming", "program"),
            ("ja", "Programs programming", "program"),
            ("xx", "Programs programming", "program"),
        ] {
            let mut analyzer = Analyzer::default();
            analyzer.set_language(Some(code));
            let terms = analyzer.terms(words);
            assert!(terms.iter().all(|term| term == stem), "{code} {words}: {terms:?}");
        }
        let mut analyzer = Analyzer::default();
        analyzer.set_language(Some("fr"));
        assert_eq!(analyzer.terms("aujourd'hui l'eau"), ["aujourd'hui", "eau"]);
    }

    proptest::proptest! {
        /// Snippets pass over words by their first letter.
        #[test]
        fn stems_begin_as_their_words_do(word in "[a-zàâäçéèêëîïôöùûüßñóúíáãõåøæęąłżъыэюяа-я]{1,14}") {
            for code in super::LANGUAGES.iter().map(|language| language.code) {
                let mut analyzer = Analyzer::default();
                analyzer.set_language(Some(code));
                for term in analyzer.terms(&word) {
                    let folded = crate::text::analyzer::folded(&word);
                    proptest::prop_assert_eq!(term.chars().next(), folded.chars().next(), "{} {}", code, &term);
                }
            }
        }
    }
}
