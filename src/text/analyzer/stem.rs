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
    stemmers: [Option<Stemmer>; LANGUAGES.len()],
}

impl Stemming {
    pub fn set_language(&mut self, code: Option<&str>) {
        let known = code.and_then(|code| LANGUAGES.iter().position(|language| language.code == code));
        self.current = known.unwrap_or(ENGLISH);
    }

    /// A number that stands for the language, below 16.
    #[inline]
    pub fn language(&self) -> usize {
        const { assert!(LANGUAGES.len() <= 16) };
        self.current
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
    #[inline]
    pub fn elided(&self, word: &str) -> usize {
        if self.current == ENGLISH { 0 } else { self.elided_article(word) }
    }

    fn elided_article(&self, word: &str) -> usize {
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
            let stemmer = self.stemmers[which].get_or_insert_with(|| Stemmer::new(LANGUAGES[which].algorithm));
            let stem = stemmer.stem(word);
            if stem != *word {
                *word = stem.into_owned();
            }
        }
    }
}

fn is_latin(word: &str) -> bool {
    word.chars().all(|c| c.is_ascii_lowercase() || matches!(c, '\u{df}'..='\u{24f}'))
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
