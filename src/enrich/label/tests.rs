//! Tests of labels: phrases and rules by a vocabulary of their own, words by what was learned, hostile texts.

use std::sync::Arc;

use super::*;
use crate::{
    enrich::{Enricher, UserTopics},
    record::Passage,
};

/// Walruses and their kin, with rules of their own: those of hallway's vocabulary are tuned now and then.
const TOPICS: &str = r#"
    [rules]
    title = 12
    heading = 12
    text = 4
    tags = 2
    points = 380
    words = 80
    doubling = 8
    between = 8
    lift = 0
    drop = 0
    group = 24
    sure = 99
    [[topic]]
    id = "zoo"
    name = "Zoo"
    definition = "Animals in general."
    strong = ["zoology"]
    [[topic]]
    id = "zoo/walruses"
    name = "Walruses"
    definition = "Animals with tusks."
    aliases = ["odobenus"]
    strong = ["walrus"]
    phrases = ["long tusk"]
    weak = ["ice floe"]
    not = ["walrus operator"]
    [[topic]]
    id = "zoo/seals"
    name = "Seals"
    definition = "Animals without."
    strong = ["harbour seal"]
    ambiguous = ["Seal"]
    company = ["flipper"]
"#;

fn enricher() -> Enricher {
    let topics = UserTopics { path: "zoo.toml".to_owned(), text: TOPICS.to_owned() };
    Enricher::new(Vocabulary::with(Some(&topics)).unwrap())
}

fn talk(title: &str, text: &str) -> Record {
    Record { title: Some(title.to_owned()), abstract_text: Some(text.to_owned()), ..Record::default() }
}

#[test]
fn labels_come_from_titles_and_repeated_phrases() {
    let mut enricher = enricher();
    let long = "Nothing is said of anything in particular by these words. ".repeat(14);
    for (title, text, expected) in [
        ("The walruses' year", "", &["zoo/walruses"][..]),
        ("Odobenus", "", &["zoo/walruses"]),
        ("A talk", "A walrus, once.", &[]),
        ("A talk", "A walrus meets a walrus, and then another walrus.", &["zoo/walruses"]),
        // What is said of it among many words is said in passing.
        ("A talk", &format!("A walrus meets a walrus, and then another walrus. {long}"), &[]),
        ("A walrus", &long, &["zoo/walruses"]),
        // A longer phrase that it is not, and no phrase across the end of a sentence.
        ("The walrus operator", "The walrus operator, a walrus operator.", &[]),
        ("It is long. Tusk it.", "", &[]),
        // An address is no talk of its protocol.
        ("walrus://zoo.example", "See walrus://zoo.example and walrus://example.org.", &[]),
        ("Long tusks", "On an ice floe.", &["zoo/walruses"]),
        // Weak phrases alone say nothing.
        ("Ice floe", "Ice floe, ice floe, ice floe.", &[]),
        // An ambiguous one needs its capital, and company.
        ("Seal", "It is shut.", &[]),
        ("Seal", "It has a flipper.", &["zoo/seals"]),
        ("seal", "It has a flipper.", &[]),
        ("Zoology", "", &["zoo"]),
        // A group in general gives way to its topic.
        ("Zoology of the walrus", "", &["zoo/walruses"]),
    ] {
        let mut record = talk(title, text);
        let topics: Vec<String> = enricher.labels(&record).into_iter().map(|label| label.topic).collect();
        assert_eq!(topics, expected, "{title}: {text}");
        enricher.label(&mut record);
        assert_eq!(record.topics, expected, "{title}: {text}");
    }
}

#[test]
fn tags_count_less_than_titles_and_bios_nothing() {
    let mut enricher = enricher();
    let mut record = Record { tags: vec!["walrus".to_owned()], track: Some("Walrus".to_owned()), ..talk("A talk", "") };
    assert!(enricher.labels(&record).is_empty());
    record.abstract_text = Some("A walrus sings to another walrus.".to_owned());
    assert_eq!(enricher.labels(&record).len(), 1);
    let bio = Record { kind: Kind::Bio, text: Some("walrus ".repeat(9)), ..talk("Walrus Walrus", "") };
    assert!(enricher.labels(&bio).is_empty());
}

#[test]
fn a_report_has_the_labels_of_its_passages() {
    let passage = |heading: &str, text: &str| Passage {
        heading: vec![heading.to_owned()],
        text: text.to_owned(),
        ..Passage::default()
    };
    let passages = vec![passage("On walruses", "Big."), passage("Seals", "A flipper."), passage("Seal", "Big.")];
    let record = Record { kind: Kind::Report, passages, ..talk("Walrus days", "") };
    let mut enricher = enricher();
    assert_eq!([0, 1, 2, 3].map(|n| enricher.passage_labels(&record, n).len()), [1, 1, 0, 0]);
    let topics: Vec<String> = enricher.labels(&record).into_iter().map(|label| label.topic).collect();
    assert_eq!(topics, ["zoo/seals", "zoo/walruses"]);
}

#[test]
fn every_label_names_the_bytes_that_earned_it() {
    let record = talk("Ein Über-Walrus", "Für Walruses: an ice floe, a walrus and no walrus operator.");
    let labels = enricher().labels(&record);
    let told: Vec<(&str, &str)> =
        labels[0].evidence.iter().map(|evidence| (evidence.field.as_str(), evidence.text.as_str())).collect();
    let abstract_words = ["Walruses", "ice floe", "walrus"].map(|text| ("abstract", text));
    assert_eq!(told, [&[("title", "Walrus")][..], &abstract_words].concat());
    for Evidence { field, start, end, text } in &labels[0].evidence {
        let whole = if field == "title" { record.title.as_deref() } else { record.abstract_text.as_deref() };
        assert_eq!(&whole.unwrap()[*start..*end], text);
    }
}

#[test]
fn a_phrase_of_pairs_of_letters_is_found() {
    let topics = TOPICS.replace("\"odobenus\"", "\"東京都\", \"京都 walrus\"");
    let topics = UserTopics { path: "zoo.toml".to_owned(), text: topics };
    let mut enricher = Enricher::new(Vocabulary::with(Some(&topics)).unwrap());
    let labels = enricher.labels(&talk("東京都", "東京。都 東京 都"));
    assert_eq!(labels[0].evidence.len(), 1, "{labels:?}");
    assert_eq!((labels[0].evidence[0].start, &*labels[0].evidence[0].text), (0, "東京都"));
}

#[test]
fn words_alone_earn_labels_whose_evidence_they_are() {
    let built_in = Vocabulary::built_in();
    let learned = built_in.model().learned;
    let says: Vec<(&str, Vec<f64>)> =
        (0..).zip(learned.terms()).map(|(n, term)| (term, learned.margins(&[(n, 1.0)]))).collect();
    let mut enricher = Enricher::default();
    let mut n_by_words = 0;
    for topic in 0..learned.topics().len() {
        let mut words: Vec<&(&str, Vec<f64>)> = says.iter().collect();
        words.sort_by(|a, b| b.1[topic].total_cmp(&a.1[topic]));
        let text: Vec<&str> = words.iter().take(25).map(|(term, _)| *term).collect();
        let record = talk("", &text.join(". "));
        let points = enricher.clues(&record, None).unwrap().points;
        for label in enricher.labels(&record).iter().filter(|label| !points.contains_key(&label.topic)) {
            n_by_words += 1;
            assert!(!label.evidence.is_empty(), "{}", label.topic);
        }
    }
    assert!(n_by_words > 0);
    // Where none of the words says anything, points decide.
    let labels = enricher.labels(&talk("On BGP", ""));
    assert_eq!(labels.iter().map(|label| &*label.topic).collect::<Vec<_>>(), ["networking/routing"]);
    assert_eq!(labels[0].evidence[0].text, "BGP");
}

#[test]
fn evidence_is_bytes_of_the_hostile_text_that_it_is_of() {
    let pieces = [
        "Kubernetes’s",
        "kubernetes'",
        "K8s",
        "e\u{301}",
        "İstanbul",
        "東京都",
        "クラウド",
        "\u{200d}",
        "://",
        "ﬁ",
        "ß",
        "🤘",
        "\n\n",
        "'",
        "\u{2028}",
        "node.js",
        "C++",
        "#",
        "observability",
        "Ｋｕｂｅｒｎｅｔｅｓ",
        "\u{ad}",
        "garbage collector",
        "ʼ",
        "\0",
    ];
    let mut rng = fastrand::Rng::with_seed(7);
    let mut enricher = Enricher::default();
    let mut n_evidence = 0;
    for _ in 0..200 {
        let mut some = |n| -> String {
            let of = |_| [pieces[rng.usize(..pieces.len())], ["", " "][rng.usize(..2)]].concat();
            (0..n).map(of).collect()
        };
        let record = Record { tags: vec![some(2)], track: Some(some(2)), ..talk(&some(4), &some(60)) };
        for Evidence { field, start, end, text } in enricher.labels(&record).iter().flat_map(|label| &label.evidence) {
            let whole = match field.as_str() {
                "title" => record.title.as_deref().unwrap(),
                "abstract" => record.body(),
                "track" => record.track.as_deref().unwrap(),
                _ => &record.tags[0],
            };
            assert_eq!(whole.get(*start..*end), Some(text.as_str()));
            n_evidence += 1;
        }
    }
    assert!(n_evidence > 200, "{n_evidence}");
}

#[test]
fn a_hostile_text_takes_time_by_its_length() {
    let record = talk(&"walrus operator ".repeat(1000), &"walrus operator odobenus ".repeat(50_000));
    assert_eq!(enricher().labels(&record)[0].topic, "zoo/walruses");
    assert!(Arc::ptr_eq(&Vocabulary::built_in(), &Vocabulary::with(None).unwrap()));
}

/// What is noted of words as they are written is what a look at each of them gives.
#[test]
fn labels_do_not_hang_on_what_was_read_before() {
    let mut rng = fastrand::Rng::with_seed(3);
    let words = [
        "Seal",
        "seal",
        "SEALS",
        "Seal\u{2019}s",
        "flipper",
        "Flippers",
        "walrus",
        "Walruses",
        "walrus operator",
        "operator",
        "walrus://operator",
        "long tusk",
        "long tusks",
        "long, tusk",
        "tusk",
        "long",
        "zoology",
        "ice floe",
        "ice floes",
        "harbour seal",
        "Harbour Seals",
        "odobenus",
        "kernel",
        "Kubernetes",
        "databases",
    ];
    let mut text = |n: usize| {
        let word = |_| {
            if rng.u32(..3) == 0 {
                words[rng.usize(..words.len())].to_owned()
            } else {
                format!("other{}", rng.u32(..900))
            }
        };
        (0..n).map(word).collect::<Vec<_>>().join(" ")
    };
    let (mut warm, mut n_labels) = (enricher(), 0);
    for n in 0..120 {
        let record = talk(&text(3), &text(20 + n));
        let labels = warm.labels(&record);
        assert_eq!(labels, enricher().labels(&record), "{record:?}");
        n_labels += labels.len();
    }
    assert!(n_labels > 60, "{n_labels}");
}
