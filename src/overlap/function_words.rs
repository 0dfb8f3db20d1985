//! Function words of languages besides English. In a collection that is mostly English they are rare, and would tell that two texts
//! are in one language as if that were their subject.

/// Whether a folded word is one.
pub(super) fn is_function_word(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
}

/// Of Spanish, Italian, French, German, Portuguese, Dutch, Polish, Czech and Turkish, folded and sorted; but for words that are
/// telling ones of English.
const WORDS: &[&str] = &[
    "aan", "aber", "aby", "ad", "ai", "ainsi", "al", "ale", "alla", "als", "anche", "ao", "assim", "au", "auch", "auf",
    "aus", "aux", "avec", "bedzie", "bei", "bir", "bis", "bu", "bude", "cada", "ce", "ces", "cet", "cette", "charla",
    "che", "ci", "cok", "comme", "como", "con", "cuando", "cui", "czy", "d", "da", "dabei", "dal", "dans", "das",
    "dass", "de", "degli", "dei", "del", "dell", "della", "delle", "dem", "den", "der", "des", "desde", "deze", "di",
    "die", "diese", "dieser", "dit", "dla", "donde", "door", "dos", "dove", "du", "durante", "durch", "e", "ed", "een",
    "ein", "eine", "einem", "einen", "einer", "el", "eles", "elle", "em", "en", "entre", "er", "es", "essa", "esse",
    "essere", "est", "esta", "estas", "este", "esto", "estos", "et", "etre", "foi", "fue", "fur", "gli", "ha", "haben",
    "han", "hanno", "hat", "hay", "heeft", "het", "ho", "ich", "icin", "ihr", "il", "ile", "ils", "im", "ist", "jak",
    "jako", "je", "jego", "jest", "jsou", "kann", "konnen", "ktery", "ktore", "l", "la", "las", "le", "les", "leur",
    "lo", "los", "ma", "mais", "mas", "mehr", "mesmo", "mi", "mit", "muy", "n", "na", "naar", "nach", "nao", "nas",
    "ne", "nebo", "nel", "nella", "nicht", "nie", "niet", "noch", "non", "nos", "notre", "nous", "nur", "o", "od",
    "oder", "ont", "ook", "oraz", "os", "ou", "palestra", "par", "para", "pas", "pela", "pelo", "per", "perche",
    "pero", "piu", "po", "por", "porque", "pour", "pri", "pro", "przez", "puede", "pueden", "qu", "quando", "que",
    "questo", "qui", "sans", "sao", "se", "sein", "ser", "ses", "seu", "si", "sia", "sich", "sie", "sin", "sind",
    "sobre", "son", "sono", "sont", "su", "sua", "sur", "sus", "tak", "tambien", "ter", "tez", "todo", "todos", "tout",
    "tylko", "tym", "uber", "um", "uma", "un", "una", "und", "une", "uno", "van", "ve", "voce", "von", "voor", "vor",
    "vortrag", "vos", "votre", "vou", "vous", "w", "wat", "werden", "wie", "wir", "wird", "wordt", "wurde", "y", "ya",
    "z", "ze", "zijn", "zoals", "zu", "zum", "zur",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::analyzer::folded;

    #[test]
    fn words_are_folded_and_in_order() {
        assert!(WORDS.is_sorted_by(|a, b| a < b));
        assert!(WORDS.iter().all(|word| folded(word) == *word));
        assert!(is_function_word("los") && is_function_word("fur") && !is_function_word("kafka"));
    }
}
