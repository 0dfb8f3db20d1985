//! What a query finds, word by word: forms, symbols, compounds, languages, synonyms, parts of words.

use std::{collections::BTreeSet, path::Path};

use hallway::{
    index::{Index, SourceEntry},
    ingest::{IngestRequest, ingest},
    query::Synonyms,
    record::Record,
    search::{SearchRequest, SearchResults, search},
    text::analyzer::Analyzer,
};

use crate::sandbox::{Sandbox, repository};

/// Records as `(title, language, abstract)`; the title is a name that no query asks for.
const RECORDS: &[(&str, &str, &str)] = &[
    ("q-connected", "en", "A connected course."),
    ("q-connections", "en", "Connections, connections everywhere: the connections of names."),
    ("q-cafe", "en", "Coffee at the cafe."),
    ("q-café", "en", "Coffee at the café."),
    ("q-cpp", "en", "Templates of C++ explained."),
    ("q-c", "en", "Pointers of C explained."),
    ("q-csharp", "en", "Delegates of C# explained, and of F# a few."),
    ("q-dotnet", "en", "Garbage on .NET machines."),
    ("q-node", "en", "Servers with Node.js today."),
    ("q-nodejs", "en", "Servers with NodeJS yesterday."),
    ("q-next", "en", "Pages in Next.js."),
    ("q-tls", "en", "Handshakes: TLS 1.3 in practice."),
    ("q-http3", "en", "Streams: HTTP/3 in practice."),
    ("q-cicd", "en", "Pipelines: CI/CD for everyone."),
    ("q-grpc", "en", "Calls by gRPC."),
    ("q-ebpf", "en", "Probes by eBPF."),
    ("q-version", "en", "Released as 2023.4 last spring."),
    ("q-timeseries", "en", "Storage of timeseries."),
    ("q-time-series", "en", "Storage of time series."),
    ("q-realtime", "en", "Audio in realtime."),
    ("q-real-time", "en", "Audio in real-time."),
    ("q-post-mortem", "en", "A blameless post-mortem."),
    ("q-postmortem", "en", "A blameless postmortem."),
    ("q-dataframe", "en", "Columns of a DataFrame."),
    ("q-data-frame", "en", "Columns of a data frame."),
    ("q-k8s", "en", "Pods on k8s, in passing, among very many other words that say little about anything at all."),
    ("q-kubernetes", "en", "Kubernetes, Kubernetes and again Kubernetes."),
    ("q-postgres", "en", "Vacuum in Postgres."),
    ("q-postgresql", "en", "Vacuum in PostgreSQL."),
    ("q-wibble", "en", "Every Wide Intermediate Boundary Layer (WIBL) has a price."),
    ("q-wibl", "en", "Our WIBL is a good one."),
    ("q-german", "de", "Die Überwachung von Häusern mit Kubernetes."),
    ("q-french", "fr", "L’observabilité des systèmes et l'indexation."),
    ("q-spanish", "es", "Las búsquedas rápidas."),
    ("q-portuguese", "pt", "As observações de sistemas."),
    ("q-russian", "ru", "Мониторинг распределённых систем."),
    ("q-japanese", "ja", "東京都のデータベース入門。"),
    ("q-chinese", "zh", "机器学习的应用"),
    ("q-korean", "ko", "쿠버네티스를 배우다"),
];

struct Collection {
    index: Index,
    _folder: Sandbox,
}

impl Collection {
    fn new() -> Collection {
        let folder = Sandbox::new();
        let index = Index::open_or_create(&folder.path("index")).unwrap();
        let record = |(title, language, text): &(&str, &str, &str)| Record {
            id: (*title).to_owned(),
            title: Some((*title).to_owned()),
            language: Some((*language).to_owned()),
            abstract_text: Some((*text).to_owned()),
            ..Record::default()
        };
        let mut writer = index.writer().unwrap();
        writer.replace("records", SourceEntry::default(), RECORDS.iter().map(record).collect());
        writer.stage().unwrap();
        writer.commit().unwrap();
        index.reload().unwrap();
        Collection { index, _folder: folder }
    }

    fn search(&self, request: &SearchRequest) -> SearchResults {
        search(&self.index, request).unwrap()
    }

    /// Full matches, best first.
    fn found(&self, query: &str) -> Vec<String> {
        let request = SearchRequest { query: query.to_owned(), limit: 50, ..SearchRequest::default() };
        let results = self.search(&request);
        let full = results.hits.into_iter().filter(|hit| !hit.partial);
        full.map(|hit| hit.record.title.unwrap().split_off("q-".len())).collect()
    }
}

/// In the order of hits up to `|`, in any order behind it.
#[test]
fn words_are_found_as_people_type_them() {
    let collection = Collection::new();
    for (query, expected) in [
        ("connected", "connected connections"),
        ("connections", "connections connected"),
        ("connecting", "| connected connections"),
        ("café", "café cafe"),
        ("cafe", "| café cafe"),
        ("C++", "cpp"),
        ("c++", "cpp"),
        ("c explained", "c"),
        ("C#", "csharp"),
        ("F#", "csharp"),
        (".NET", "dotnet"),
        ("net machines", "dotnet"),
        ("node.js", "| node nodejs"),
        ("nodejs", "| nodejs node"),
        ("node servers", "node"),
        ("\"node js\"", "| node nodejs"),
        ("Next.js", "next"),
        ("TLS 1.3", "tls"),
        ("HTTP/3", "http3"),
        ("CI/CD", "cicd"),
        ("cicd", "cicd"),
        ("gRPC", "grpc"),
        ("ebpf", "ebpf"),
        ("EBPF", "ebpf"),
        ("2023.4", "version"),
        ("timeseries", "timeseries time-series"),
        ("time series", "| time-series timeseries"),
        ("time-series", "| time-series timeseries"),
        ("realtime", "| realtime real-time"),
        ("real-time", "| realtime real-time"),
        ("real time", "| realtime real-time"),
        ("postmortem", "| postmortem post-mortem"),
        ("postmortems", "| postmortem post-mortem"),
        ("post-mortem", "| postmortem post-mortem"),
        ("DataFrame", "| dataframe data-frame"),
        ("data frame", "| data-frame dataframe"),
        ("dataframes", "| dataframe data-frame"),
        ("k8s", "k8s | kubernetes german"),
        ("kubernetes", "| kubernetes german k8s"),
        ("postgres", "postgres postgresql"),
        ("postgresql", "postgresql postgres"),
        ("WIBL", "| wibl wibble"),
        ("wide intermediate boundary layer", "wibble wibl"),
        ("wide intermediate boundary layers", "wibble wibl"),
        ("Überwachung", "german"),
        ("Überwachungen", "german"),
        ("uberwachung", "german"),
        ("Haus", "german"),
        ("observabilité", "french portuguese"),
        ("systeme", "french"),
        ("indexations", "french"),
        ("búsqueda", "spanish"),
        ("busquedas rapida", "spanish"),
        ("observação", "portuguese french"),
        ("мониторинга", "russian"),
        ("распределенный", "russian"),
        ("東京", "japanese"),
        ("京都", "japanese"),
        ("データ", "japanese"),
        ("入門", "japanese"),
        ("都", "japanese"),
        ("学习", "chinese"),
        ("机器学习", "chinese"),
        ("习", "chinese"),
        ("쿠버네티스", "korean"),
        ("kube*", "| kubernetes german"),
        ("post*", "| postgres postgresql postmortem post-mortem"),
        ("kubernets~", "| kubernetes german"),
        ("kbuernetes~1", "| kubernetes german"),
        ("/postgres(ql)?/", "| postgres postgresql"),
        ("\"probes ebpf\"~1", "ebpf"),
        ("title:q", "*"),
        ("language:de", "german"),
        ("language:d*", "german"),
        ("language:unknown", ""),
        ("track:unknown", "*"),
        ("track:Unknown NOT cafe", "**"),
    ] {
        let found = collection.found(query);
        if expected == "**" {
            assert_eq!(found.len(), RECORDS.len() - 2, "{query}");
            continue;
        }
        if expected == "*" {
            assert_eq!(found.len(), RECORDS.len().min(50), "{query}");
            continue;
        }
        let (ordered, rest) = expected.split_once('|').unwrap_or((expected, ""));
        let ordered: Vec<&str> = ordered.split_whitespace().collect();
        let mut rest: Vec<&str> = rest.split_whitespace().collect();
        rest.sort_unstable();
        let (first, others) = found.split_at(ordered.len().min(found.len()));
        let mut others: Vec<&str> = others.iter().map(String::as_str).collect();
        others.sort_unstable();
        assert!(first == ordered && others == rest, "{query}: {found:?}");
    }
}

#[test]
fn synonyms_are_the_users_too_and_can_be_left_out() {
    let collection = Collection::new();
    let total = |query: &str, synonyms: Option<Synonyms>| {
        collection.search(&SearchRequest { query: query.to_owned(), synonyms, ..SearchRequest::default() }).total
    };
    assert_eq!(total("k8s", None), 1);
    assert_eq!(total("k8s", Some(Synonyms::default())), 3);
    // What is left out is what was typed, in any spelling.
    assert_eq!(total("(k8s OR kubernetes) NOT k8s", Some(Synonyms::default())), 2);
    assert_eq!(total("audio NOT realtime", Some(Synonyms::default())), 0);
    let ours = Synonyms::parse("blameless postmortem = coffee", Path::new("ours")).unwrap();
    assert_eq!(total("coffee", Some(ours.clone())), 3);
    assert_eq!(total("coffee", Some(Synonyms::default())), 2);
    assert_eq!(total("blameless postmortem", Some(ours)), 4);
    // In quotes stands what is meant.
    assert_eq!(total("\"wide intermediate boundary layer\"", Some(Synonyms::default())), 1);
}

#[test]
fn words_that_are_nowhere_are_searched_for_by_their_nearest() {
    let collection = Collection::new();
    let search = |query: &str, strict: bool| {
        collection.search(&SearchRequest { query: query.to_owned(), strict, ..SearchRequest::default() })
    };
    let results = search("kuberntes", false);
    assert_eq!((results.total, results.did_you_mean.as_slice()), (3, &["kubernetes".to_owned()][..]));
    assert_eq!(results.notes, ["no record holds \"kuberntes\": searched for \"kubernetes\""]);
    // Two letters that changed places, in a phrase, beside a word that is well.
    let results = search("\"blameless potsmortem\" -coffee", false);
    assert_eq!(results.did_you_mean, ["\"blameless postmortem\" NOT coffee"]);
    assert_eq!(results.total, 1);
    // Two words of the collection that stand together nowhere are no spelling of it.
    assert_eq!(search("opods", false).did_you_mean, ["pods"]);
    // Who is strict is told, and gets nothing else.
    let results = search("kuberntes", true);
    assert_eq!((results.total, results.did_you_mean.as_slice()), (0, &["kubernetes".to_owned()][..]));
    // In titles, too.
    assert_eq!(search("title:kuberntes", false).did_you_mean, ["title:kubernetes"]);
    // Words that are somewhere are never disturbed, and nothing near is nothing.
    for query in ["kubernetes coffee", "zzzzzz", "k9s", "coffee OR kuberntes", "NOT kuberntes", "title:coffee"] {
        let results = search(query, false);
        assert!(results.did_you_mean.is_empty(), "{query}: {:?}", results.did_you_mean);
    }
}

/// One edit at random: a letter left out, doubled by another, another in its place, or two that changed places.
fn mistyped(word: &str, rng: &mut fastrand::Rng) -> String {
    let mut letters: Vec<u8> = word.bytes().collect();
    let at = rng.usize(..letters.len() - 1);
    let letter = rng.u8(b'a'..=b'z');
    match rng.u8(..4) {
        0 => drop(letters.remove(at)),
        1 => letters.insert(at, letter),
        2 => letters[at] = letter,
        _ => letters.swap(at, at + 1),
    }
    String::from_utf8(letters).unwrap()
}

#[test]
fn nine_of_ten_words_are_found_in_spite_of_a_typo() {
    let folder = Sandbox::new();
    let index = Index::open_or_create(&folder.path("index")).unwrap();
    let sample = IngestRequest { paths: vec![repository().join("corpus")], ..IngestRequest::default() };
    ingest(&index, &sample, &mut |_| {}).unwrap();
    index.reload().unwrap();
    let mut words = BTreeSet::new();
    index
        .each_record(|record| {
            Analyzer::default().tokens(record.body(), |token| {
                if token.word.len() >= 5 && token.word.bytes().all(|byte| byte.is_ascii_lowercase()) {
                    words.insert(token.word.to_owned());
                }
            });
            Ok(())
        })
        .unwrap();
    let words: Vec<String> = words.into_iter().collect();
    let mut rng = fastrand::Rng::with_seed(8);
    let (mut n, mut n_first) = (0, 0);
    while n < 400 {
        let word = &words[rng.usize(..words.len())];
        let typed = mistyped(word, &mut rng);
        let results = search(&index, &SearchRequest { query: typed.clone(), ..SearchRequest::default() }).unwrap();
        // What is another word or another form of one is no typo.
        if typed == *word || (results.total > 0 && results.did_you_mean.is_empty()) {
            continue;
        }
        n += 1;
        n_first += usize::from(results.did_you_mean.first() == Some(word));
    }
    println!("{n_first} of {n} words with a typo are the first that is meant");
    assert!(10 * n_first >= 9 * n, "{n_first} of {n}");
}

/// Other spellings, synonyms and the mark of a language add nothing to the length that BM25 sees; a title counts three times.
#[test]
fn the_length_of_a_text_is_the_number_of_its_words() {
    let collection = Collection::new();
    let searcher = collection.index.searcher();
    let mut lengths = Vec::new();
    for segment in searcher.segment_readers() {
        let norms = segment.get_fieldnorms_reader(segment.schema().get_field("text").unwrap()).unwrap();
        lengths.extend((0..segment.max_doc()).map(|doc| norms.fieldnorm(doc)));
    }
    lengths.sort_unstable();
    let mut expected: Vec<u32> = RECORDS
        .iter()
        .map(|(title, language, text)| {
            let mut analyzer = Analyzer::default();
            analyzer.set_language(Some(language));
            let n = 3 * analyzer.terms(title).len() + analyzer.terms(text).len();
            u32::try_from(n).unwrap()
        })
        .collect();
    expected.sort_unstable();
    assert_eq!(lengths, expected);
    // By hand: "q node" three times, and "Servers with Node.js today".
    let (title, _, text) = RECORDS.iter().find(|(title, ..)| *title == "q-node").unwrap();
    assert_eq!((Analyzer::default().terms(title).len(), Analyzer::default().terms(text).len()), (2, 4));
}
