//! Tests of snippets: a table of cases, phrases beside tantivy's, random texts in many scripts, evidence in long texts.

use std::collections::BTreeSet;

use fastrand::Rng;
use tantivy::{
    Index, TantivyDocument, Term,
    collector::TopDocs,
    query::PhraseQuery,
    schema::{IndexRecordOption, SchemaBuilder, TextFieldIndexing, TextOptions},
    tokenizer::TextAnalyzer,
};
use unicode_segmentation::UnicodeSegmentation;

use super::{
    phrase::{Phrase, Spot},
    *,
};
use crate::{
    index::{schema::TERMS, tokenizer::HallwayTokenizer},
    query::lower::{Clue, Form},
    record::{Record, Speaker},
    text::analyzer::{Analyzer, Token, in_language, part},
};

/// What a query of a case means: words, `=exact`, `pre*`, `this|that`, `"phrases"` and `"loose ones"~2`.
fn evidence(query: &str, text: &str) -> Evidence {
    let mut analyzer = Analyzer::default();
    let mut clues = Vec::new();
    let mut rest = query.trim();
    while !rest.is_empty() {
        let (typed, forms, behind) = if let Some(phrase) = rest.strip_prefix('"') {
            let (phrase, behind) = phrase.split_once('"').unwrap();
            let (slop, behind) = match behind.strip_prefix('~') {
                Some(slop) => (slop[..1].parse().unwrap(), &slop[1..]),
                None => (0, behind),
            };
            let terms = analyzer.terms(phrase).into_iter().enumerate().collect();
            (phrase, vec![Form::Phrase { terms, slop }], behind)
        } else {
            let (word, behind) = rest.split_once(' ').unwrap_or((rest, ""));
            let forms = match (word.strip_prefix('='), word.strip_suffix('*')) {
                (Some(word), _) => vec![Form::Word(word.to_owned())],
                (_, Some(start)) => {
                    let mut words = BTreeSet::new();
                    analyzer.tokens(text, |token| {
                        words.insert(token.word.to_owned());
                    });
                    words.into_iter().filter(|word| word.starts_with(start)).map(Form::Word).collect()
                }
                _ => {
                    let parts = word.split('|').map(|word| Form::Word(part(word)));
                    word.split('|').flat_map(|word| analyzer.terms(word)).map(Form::Term).chain(parts).collect()
                }
            };
            (word, forms, behind)
        };
        clues.push(Clue { typed: typed.to_owned(), weight: 1.0, forms });
        rest = behind.trim_start();
    }
    Evidence { clues, ..Evidence::default() }
}

fn marked(snippet: &Snippet) -> String {
    let mut text = snippet.text.clone();
    for Highlight(start, end) in snippet.highlights.iter().rev() {
        text.insert(*end, ']');
        text.insert(*start, '[');
    }
    text
}

/// `cases.txt`: cases part at lines of `=`; each has lines `key: value`, its text behind `text:`, and the snippets behind `=>`.
#[test]
fn snippets_are_what_the_table_says() {
    let mut failures = Vec::new();
    for case in include_str!("cases.txt").split("\n====\n").skip(1) {
        let (given, expected) = case.split_once("\n=>").unwrap_or_else(|| panic!("no => in {case}"));
        let (head, text) = given.split_once("\ntext:\n").unwrap_or_else(|| panic!("no text: in {case}"));
        let value = |key: &str| head.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": "));
        let speakers = value("speaker").map(|name| Speaker { name: name.to_owned(), ..Speaker::default() });
        let record = Record {
            title: value("title").map(str::to_owned),
            speakers: speakers.into_iter().collect(),
            ..Record::default()
        };
        let headings: Vec<String> = value("heading").map(str::to_owned).into_iter().collect();
        let chars_max = value("chars").map_or(80, |chars| chars.parse().unwrap());
        let mut extractor = Extractor::new(&evidence(value("query").unwrap_or_default(), text), chars_max);
        let snippets = extractor.extract("text", text, &Known::of(&record, &headings));
        let found: Vec<String> = snippets.iter().map(marked).collect();
        if found != expected.lines().filter(|line| !line.is_empty()).collect::<Vec<_>>() {
            failures.push(format!("{head}\n{text}\n=> {found:#?}\n{expected}\n"));
        }
    }
    assert!(failures.is_empty(), "\n{}", failures.join("\n"));
}

/// Over random texts and phrases the extractor finds a phrase where tantivy does, and marks words of it alone.
#[test]
fn phrases_are_found_where_tantivy_finds_them() {
    const WORDS: [&str; 5] = ["alpha", "beta", "gamma", "delta", "zeta"];
    let mut rng = Rng::with_seed(11);
    let mut words =
        |n: usize| (0..n).map(|_| WORDS[rng.usize(0..WORDS.len()).min(rng.usize(0..8))]).collect::<Vec<_>>();
    let texts: Vec<String> = (0..400).map(|n| words(1 + n % 23).join(" ")).collect();
    let mut schema = SchemaBuilder::default();
    let indexing =
        TextFieldIndexing::default().set_tokenizer(TERMS).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let field = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let index = Index::create_in_ram(schema.build());
    for (name, tokenizer) in HallwayTokenizer::all() {
        index.tokenizers().register(name, TextAnalyzer::from(tokenizer));
    }
    let mut writer = index.writer_with_num_threads(1, 15_000_000).unwrap();
    for text in &texts {
        let mut document = TantivyDocument::default();
        document.add_text(field, text);
        writer.add_document(document).unwrap();
    }
    writer.commit().unwrap();
    let searcher = index.reader().unwrap().searcher();
    let segment = searcher.segment_reader(0);
    let mut n_found = 0;
    for n in 0..300_usize {
        let terms: Vec<(usize, String)> = words(2 + n % 4).iter().map(|word| (*word).to_owned()).enumerate().collect();
        // Some phrases have a gap, as one with a word that is left out.
        let terms: Vec<_> =
            terms.into_iter().map(|(at, term)| (at + usize::from(at > 0 && n % 7 == 0), term)).collect();
        let slop = u32::try_from(n % 5).unwrap();
        let of_index = terms.iter().map(|(at, term)| (*at, Term::from_field_text(field, term))).collect();
        let query = PhraseQuery::new_with_offset_and_slop(of_index, slop);
        let found = searcher.search(&query, &TopDocs::with_limit(texts.len()).order_by_score()).unwrap();
        let expected: BTreeSet<usize> = found.iter().map(|(_, address)| address.doc_id as usize).collect();
        let clue = Clue { typed: String::new(), weight: 1.0, forms: vec![Form::Phrase { terms: terms.clone(), slop }] };
        let mut extractor = Extractor::new(&Evidence { clues: vec![clue], ..Evidence::default() }, 240);
        let frequency =
            |term: &str| segment.inverted_index(field).unwrap().doc_freq(&Term::from_field_text(field, term));
        extractor.set_frequencies(frequency).unwrap();
        for (doc, text) in texts.iter().enumerate() {
            let marked: BTreeSet<&str> = extractor.highlights(text).iter().map(|mark| &text[mark.0..mark.1]).collect();
            let wanted: BTreeSet<&str> = terms.iter().map(|(_, term)| term.as_str()).collect();
            let is_found = expected.contains(&doc);
            assert_eq!(marked, if is_found { wanted } else { BTreeSet::new() }, "{terms:?}~{slop} in {text:?}");
            n_found += usize::from(is_found);
        }
    }
    assert!(n_found > 5_000, "{n_found}");
}

/// Words, and pieces of none, in 15 scripts; controls, joined emoji and signs that turn text around.
const PIECES: &[&str] = &[
    "kernel",
    "Größe",
    "naïve",
    "e.g.",
    "v1.2.",
    "Ελλάδα",
    "λόγος",
    "Київ",
    "тест",
    "ერთი",
    "Երևան։",
    "שלום",
    "עִבְרִית",
    "مرحبا",
    "عربى؟",
    "हिन्दी",
    "क्षत्रिय।",
    "বাংলা",
    "தமிழ்",
    "తెలుగు",
    "ภาษาไทย",
    "ที่นี่",
    "ខ្មែរ",
    "日本語",
    "漢字。",
    "カタカナ",
    "한국어",
    "각",
    "አማርኛ።",
    "e\u{301}",
    "o\u{302}\u{323}",
    "n\u{303}o",
    "👩\u{200d}👩\u{200d}👧",
    "🇩🇪🇫🇷",
    "👍🏽",
    "❤\u{fe0f}",
    "می\u{200c}خواهم",
    "\u{202b}abc\u{202c}",
    "\u{2067}רטב\u{2069}",
    "a\u{0}b",
    "x\u{85}y",
    "\u{1b}[31m",
    "\r\n",
    "\n",
    "\n- ",
    "\n\n",
    ".",
    "!",
    "?",
    "…",
    ", ",
    "; ",
    " (",
    ") ",
    "\t",
    "\u{a0}",
    "\u{3000}",
    "\u{2028}",
    "C++",
    "node.js",
    "https://a.example/b",
    "“dying”",
    "l’étude",
    "Étude",
    "d'études",
    "well-known",
    "KERNEL's",
    "U.S.",
    "_x_",
    "10",
    "2.",
];

fn random_text(rng: &mut Rng, n_max: usize) -> String {
    let mut text = String::new();
    for _ in 0..rng.usize(1..=n_max) {
        text.push_str(PIECES[rng.usize(0..PIECES.len())]);
        text.push_str(if rng.u8(0..4) == 0 { "" } else { " " });
    }
    text
}

/// Without what is dropped, and white space as one space: what a snippet is a piece of.
fn as_shown(text: &str) -> String {
    let kept: String = text.chars().filter(|c| !is_dropped(*c)).collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn snippets_are_whole_characters_of_any_text_in_any_script() {
    let mut rng = Rng::with_seed(7);
    let known = Known::of(&Record::default(), &[]);
    for _ in 0..2_000 {
        let query = random_text(&mut rng, 3).replace(['"', '\n'], " ");
        let query = if rng.bool() { query } else { format!("\"{}\"~1", query.trim()) };
        let texts: Vec<String> = (0..50).map(|_| random_text(&mut rng, 12)).collect();
        let mut extractor = Extractor::new(&evidence(&query, &texts[0]), rng.usize(1..60));
        for text in &texts {
            let shown = as_shown(text);
            let mut bounds = vec![false; shown.len() + 1];
            shown.grapheme_indices(true).for_each(|(at, _)| bounds[at] = true);
            bounds[shown.len()] = true;
            for snippet in extractor.extract("text", text, &known) {
                check(&snippet, &shown, &bounds, text);
            }
        }
    }
}

fn check(snippet: &Snippet, shown: &str, bounds: &[bool], text: &str) {
    let is_bad = |c: char| is_dropped(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}');
    assert!(!snippet.text.contains(is_bad), "{snippet:?} of {text:?}");
    let mut last = 0;
    for Highlight(start, end) in &snippet.highlights {
        assert!(last <= *start && start < end, "{snippet:?} of {text:?}");
        assert!(!snippet.text[*start..*end].trim().is_empty());
        last = *end + 1;
    }
    let piece = snippet.text.trim_start_matches('…').trim_end_matches('…').trim();
    let mut places = shown.match_indices(piece).map(|(at, _)| (at, at + piece.len()));
    let is_whole = |(start, end): (usize, usize)| bounds[start] && bounds[end];
    assert!(places.any(is_whole), "{snippet:?} cuts a character of {text:?}");
}

/// A clue of the terms, words or phrases that a text has.
fn random_clue(rng: &mut Rng, tokens: &[(String, String)]) -> Clue {
    let at = rng.usize(0..tokens.len());
    let near = |n: usize| &tokens[(at + n) % tokens.len()];
    let forms = match rng.u8(0..4) {
        0 => vec![Form::Term(near(0).0.clone()), Form::Word(near(5).1.clone())],
        1 => vec![Form::Word(near(0).1.clone()), Form::Word(part(&near(1).1))],
        2 => vec![Form::Term(near(0).0.clone())],
        _ => {
            let step = rng.usize(1..3);
            let terms = (0..rng.usize(2..4)).map(|n| (n, near(n * step).0.clone())).collect();
            vec![Form::Phrase { terms, slop: rng.u32(0..4) }]
        }
    };
    Clue { typed: String::new(), weight: 1.0, forms }
}

/// The slow way to the matches of a text: by all its tokens.
fn matches_by_all_tokens(evidence: &Evidence, language: Option<&str>, text: &str) -> Vec<Match> {
    let marked = in_language(language, text);
    let mut analyzer = Analyzer::default();
    let (mut terms, mut words) = (Vec::new(), Vec::new());
    let mut tokens = analyzer.stream(&marked);
    while let Some(Token { term, start, end, position, .. }) = tokens.next_token() {
        terms.push((term.to_owned(), Spot { position, start, end }));
    }
    let mut tokens = analyzer.spellings(&marked);
    while let Some(Token { word, start, end, .. }) = tokens.next_token() {
        words.push((word.to_owned(), start, end));
    }
    let mut found = Vec::new();
    for (clue, form) in evidence.clues.iter().enumerate().flat_map(|(clue, of)| of.forms.iter().map(move |f| (clue, f)))
    {
        let of_term = |wanted: &str| terms.iter().filter(|(term, _)| term == wanted).map(|(_, spot)| *spot).collect();
        let spots: Vec<Spot> = match form {
            Form::Term(term) => of_term(term),
            Form::Word(wanted) => {
                let of_word = words.iter().filter(|(word, ..)| word == wanted);
                of_word.map(|&(_, start, end)| Spot { position: 0, start, end }).collect()
            }
            Form::Phrase { terms, slop } => {
                let mut phrase = Phrase::new(clue, terms, *slop);
                phrase.slots.iter_mut().for_each(|slot| slot.seen = of_term(&slot.term));
                phrase.take()
            }
        };
        found.extend(spots.into_iter().map(|Spot { start, end, .. }| Match { start, end, clue }));
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Passing over most words of a text loses none that matches, in any script and language.
#[test]
fn matches_are_those_of_all_tokens() {
    let mut rng = Rng::with_seed(5);
    let mut n_found = 0;
    for _ in 0..4_000 {
        let language = [None, None, Some("de"), Some("fr"), Some("ru"), Some("it")][rng.usize(0..6)];
        let text = random_text(&mut rng, 60);
        let mut analyzer = Analyzer::default();
        analyzer.set_language(language);
        let mut tokens = Vec::new();
        analyzer.tokens(&text, |token| tokens.push((token.term.to_owned(), token.word.to_owned())));
        if tokens.is_empty() {
            continue;
        }
        let clues = (0..rng.usize(1..4)).map(|_| random_clue(&mut rng, &tokens)).collect();
        let evidence = Evidence { clues, ..Evidence::default() };
        let mut finder = Finder::new(&evidence);
        finder.set_language(language);
        let found = finder.find(&text);
        assert_eq!(found, matches_by_all_tokens(&evidence, language, &text), "{evidence:?} in {language:?} {text:?}");
        n_found += found.len();
    }
    assert!(n_found > 10_000, "{n_found}");
}

const FILLER: &str = "Nothing of what was asked for is told here, as often. ";

/// What was asked for is shown wherever in a text it stands, up to 1 MB.
#[test]
fn evidence_is_shown_wherever_it_stands() {
    for (n_sentences, sign) in [(1, " "), (40, "\n\n"), (40, " "), (3_000, "\n"), (19_000, "\n\n"), (19_000, " ")] {
        for place in [0, n_sentences / 2, n_sentences] {
            let mut sentences = vec![FILLER.trim(); n_sentences];
            sentences.insert(place, "Only the quokka knows the numbat.");
            let text = sentences.join(sign);
            for query in
                ["quokka numbat", "\"the numbat\"", "\"quokka numbat\"~2", "quok* often", "often quokka numbat"]
            {
                let mut extractor = Extractor::new(&evidence(query, "quokka"), 100);
                let snippets = extractor.extract("text", &text, &Known::of(&Record::default(), &[]));
                let is_shown = |snippet: &Snippet| snippet.text.contains("Only the quokka knows the numbat.");
                assert!(snippets.iter().any(is_shown), "{query} at {place} of {n_sentences}: {snippets:?}");
                assert!(snippets.iter().any(|snippet| !snippet.highlights.is_empty()));
            }
        }
    }
}

/// What each piece is at most, whatever is asked for.
#[test]
fn a_snippet_is_no_longer_than_was_asked_for() {
    let text = FILLER.repeat(500);
    for chars_max in [0, 1, 20, 21, 54, 100, 240, 2_000, 10_000, usize::MAX] {
        for query in ["nothing", "", "told often", "\"what was\" here"] {
            let mut extractor = Extractor::new(&evidence(query, &text), chars_max);
            let snippets = extractor.extract("text", &text, &Known::of(&Record::default(), &[]));
            assert_eq!(snippets.is_empty(), chars_max == 0);
            let n_max = chars_max.clamp(20, 10_000);
            for snippet in &snippets {
                let n_chars = snippet.text.chars().filter(|c| *c != '…').count();
                assert!(n_chars <= n_max && n_chars * 3 >= n_max.min(150), "{chars_max}: {query}: {snippet:?}");
            }
        }
    }
}
