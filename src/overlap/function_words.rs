//! Function words of languages besides English. In a collection that is mostly English they are rare, and would tell that two texts
//! are in one language as if that were their subject.

/// Whether a folded word is one.
pub(super) fn is_function_word(word: &str) -> bool {
    WORDS.binary_search(&word).is_ok()
}

/// Of Spanish, Italian, French, German, Portuguese, Dutch, Polish, Czech and Turkish, folded and sorted; but for words that are
/// telling ones of English.
const WORDS: &[&str] = &[
    "aan", "aber", "aby", "ad", "afin", "ai", "ainda", "ainsi", "al", "ale", "alla", "alles", "als", "anche", "andere",
    "anderen", "ao", "apenas", "assim", "au", "auch", "auf", "aus", "aussi", "autres", "aux", "avec", "bedzie", "bei",
    "bereits", "bir", "bis", "bu", "bude", "cada", "ce", "cela", "celle", "ces", "cet", "cette", "ceux", "chaque",
    "charla", "che", "ci", "cok", "comme", "como", "con", "cual", "cuales", "cuando", "cui", "czy", "d", "da", "dabei",
    "dafur", "dal", "damit", "dann", "dans", "darf", "daruber", "das", "dass", "dazu", "de", "degli", "dei", "del",
    "dell", "della", "delle", "dem", "den", "denn", "depuis", "der", "des", "desde", "deze", "di", "die", "diese",
    "diesem", "diesen", "dieser", "dit", "dla", "doch", "donde", "dont", "door", "dos", "dove", "du", "durante",
    "durch", "e", "ed", "een", "ein", "eine", "einem", "einen", "einer", "el", "eles", "ellas", "elle", "ellos", "em",
    "en", "entre", "er", "es", "essa", "essas", "esse", "essere", "esses", "est", "esta", "estas", "este", "esto",
    "estos", "et", "etait", "etre", "etwa", "etwas", "faire", "fare", "fazer", "foi", "fue", "fur", "gegen", "geht",
    "gibt", "gli", "ha", "habe", "haben", "hace", "hacer", "hacia", "han", "hanno", "hasta", "hat", "hatte", "hay",
    "heeft", "het", "hier", "ho", "ich", "icin", "ihr", "il", "ile", "ils", "im", "immer", "isso", "ist", "jak",
    "jako", "je", "jedoch", "jego", "jest", "jsou", "kann", "kein", "keine", "konnen", "ktery", "ktore", "kunnen", "l",
    "la", "las", "le", "les", "leur", "leurs", "lo", "lors", "los", "ma", "maar", "machen", "macht", "mais", "mas",
    "meer", "mehr", "meme", "mesmo", "mi", "misma", "mismo", "mit", "moet", "molti", "molto", "muchas", "muchos",
    "muito", "muitos", "muss", "muy", "n", "na", "naar", "nach", "nao", "nas", "ne", "nebo", "nel", "nella", "nicht",
    "nie", "niet", "noch", "non", "nos", "nossa", "nosso", "nostra", "nostro", "notre", "nous", "nuestra", "nuestras",
    "nuestro", "nuestros", "nun", "nur", "o", "od", "oder", "ohne", "ont", "onze", "ook", "oraz", "os", "otras",
    "otros", "ou", "palestra", "par", "para", "pas", "pela", "pelo", "per", "perche", "pero", "peut", "peuvent", "piu",
    "po", "podem", "por", "porque", "possono", "pour", "pri", "pro", "przez", "puede", "pueden", "puo", "qu", "quale",
    "quali", "quando", "que", "quelques", "questa", "queste", "questi", "questo", "qui", "sans", "sao", "schon", "se",
    "segun", "sehen", "sehr", "sein", "selbst", "ser", "ses", "seu", "si", "sia", "sich", "sie", "siempre", "sin",
    "sind", "sobre", "sollen", "son", "sono", "sont", "su", "sua", "sur", "sus", "tak", "tambem", "tambien", "ter",
    "tez", "tiene", "tienen", "todo", "todos", "tous", "tout", "toute", "toutes", "tutte", "tutti", "tutto", "tylko",
    "tym", "uber", "um", "uma", "un", "una", "und", "une", "uno", "uns", "unser", "unsere", "unter", "vamos", "van",
    "ve", "veel", "viele", "voce", "von", "voor", "vor", "vortrag", "vos", "votre", "vou", "vous", "w", "waar",
    "waarom", "wahrend", "waren", "warum", "wat", "weil", "welche", "welcher", "welches", "wenn", "werden", "wie",
    "wieder", "wieso", "wir", "wird", "wollen", "worden", "wordt", "wurde", "wurden", "y", "ya", "z", "ze", "zeigt",
    "zich", "zijn", "zoals", "zu", "zum", "zur", "zwar", "zwischen",
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
