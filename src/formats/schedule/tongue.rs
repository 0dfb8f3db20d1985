//! Which language a source's own word for one means.

use crate::text::analyzer::folded;

/// An ISO 639-1 code, from a code, a locale or a name.
pub(in crate::formats) fn language(text: &str) -> Option<String> {
    #[rustfmt::skip]
    const NAMES: &[(&str, &str)] = &[
        ("english", "en"), ("eng", "en"), ("german", "de"), ("deutsch", "de"), ("deu", "de"), ("ger", "de"), ("french", "fr"),
        ("francais", "fr"), ("fra", "fr"), ("fre", "fr"), ("spanish", "es"), ("espanol", "es"), ("spa", "es"), ("portuguese", "pt"),
        ("portugues", "pt"), ("por", "pt"), ("italian", "it"), ("italiano", "it"), ("ita", "it"), ("dutch", "nl"), ("nederlands", "nl"),
        ("nld", "nl"), ("japanese", "ja"), ("jpn", "ja"), ("chinese", "zh"), ("zho", "zh"), ("russian", "ru"), ("rus", "ru"),
        ("polish", "pl"), ("pol", "pl"), ("czech", "cs"), ("ces", "cs"), ("korean", "ko"), ("kor", "ko"), ("swedish", "sv"),
        ("finnish", "fi"), ("danish", "da"), ("norwegian", "nb"), ("turkish", "tr"), ("ukrainian", "uk"), ("hebrew", "he"),
        ("arabic", "ar"), ("hungarian", "hu"), ("catalan", "ca"), ("persian", "fa"), ("greek", "el"), ("romanian", "ro"),
        ("swe", "sv"), ("fin", "fi"), ("dan", "da"), ("nor", "nb"), ("nob", "nb"), ("tur", "tr"), ("ukr", "uk"), ("heb", "he"),
        ("ara", "ar"), ("hun", "hu"), ("cat", "ca"), ("fas", "fa"), ("ell", "el"), ("ron", "ro"), ("lit", "lt"), ("lav", "lv"),
        ("est", "et"), ("slk", "sk"), ("slv", "sl"), ("hrv", "hr"), ("srp", "sr"), ("bul", "bg"), ("eus", "eu"), ("glg", "gl"),
        ("tha", "th"), ("vie", "vi"), ("ind", "id"), ("hin", "hi"), ("tam", "ta"), ("ben", "bn"), ("isl", "is"),
    ];
    let text = folded(text.trim());
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == text) {
        return Some((*code).to_owned());
    }
    let code = text.split(['-', '_', ',', ' ', '/']).next().unwrap_or_default();
    (code.len() == 2 && code.bytes().all(|byte| byte.is_ascii_lowercase())).then(|| code.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_two_letters() {
        for (text, expected) in [
            ("en", Some("en")),
            ("en-GB", Some("en")),
            ("English", Some("en")),
            ("deu", Some("de")),
            ("?", None),
            ("", None),
        ] {
            assert_eq!(language(text).as_deref(), expected, "{text}");
        }
    }
}
