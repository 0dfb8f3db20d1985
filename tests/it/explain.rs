//! What scores consist of, and what moves records.

use hallway::{
    query::{SIGNALS, Signals},
    search::{How, Reason, SearchRequest, Sort, rank, search},
};

use crate::{
    ranking::{judged, sample},
    sandbox::Sandbox,
};

/// Queries with operators, beside the judged ones.
const OPERATORS: &[&str] = &[
    "kube* dns~",
    "\"incident response\" OR outage",
    "ebpf^3 tracing NOT rust",
    "(on-call OR pager) year:2016..",
    "/kub.*/ cluster",
    "k8s SLO",
    "timeseries data base storage",
    "speaker:rice",
    "title:prometheus monitoring",
    "the of and",
    "ebpf^100 tracing^100 kernel^100",
    "trac* tracing",
    "café culture",
    "\"long term\"~3 storage",
];

fn explained(query: &str) -> SearchRequest {
    SearchRequest { query: query.to_owned(), explain: true, with_rejected: true, ..SearchRequest::default() }
}

/// What a score consists of adds up to it, for every kind of query.
#[test]
fn parts_add_up_to_the_score() {
    let (_sandbox, index) = sample();
    let queries = judged().into_iter().map(|judged| judged.query);
    let (mut n_hits, mut signals) = (0, Vec::new());
    for query in queries.chain(OPERATORS.iter().map(|query| (*query).to_owned())) {
        for hit in search(&index, &explained(&query)).unwrap().hits {
            let parts = hit.explanation.unwrap();
            let sum: f64 = parts.iter().map(|part| part.score).sum();
            let score = f64::from(hit.score);
            assert!((sum - score).abs() < 1e-4 * score.max(1.0), "{query}: {sum} is not {}: {parts:?}", hit.score);
            n_hits += 1;
            signals.extend(parts.iter().map(|part| (part.signal, part.how)));
        }
    }
    assert!(n_hits > 1000, "{n_hits}");
    for signal in [Reason::Word, Reason::Phrase, Reason::Exact, Reason::Neighbours] {
        assert!(signals.iter().any(|(one, _)| *one == signal), "{signal:?} is nowhere");
    }
    for how in [How::Typed, How::Stem, How::Spelling, How::Synonym, How::Prefix, How::Fuzzy, How::Regex] {
        assert!(signals.iter().any(|(_, one)| *one == Some(how)), "{how:?} is nowhere");
    }
}

/// A page is the beginning of the whole ranking, whatever its size, and the same records score the same.
#[test]
fn a_page_is_the_beginning_of_all() {
    let (_sandbox, index) = sample();
    let ask = |query: &str, offset: usize, limit: usize| {
        let request = SearchRequest { query: query.to_owned(), offset, limit, ..SearchRequest::default() };
        rank(&index, &request).unwrap().hits
    };
    for query in judged().into_iter().map(|judged| judged.query) {
        let all = ask(&query, 0, 1000);
        for (offset, limit) in [(0, 3), (0, 10), (7, 10), (20, 5)] {
            let wanted: Vec<_> = all.iter().skip(offset).take(limit).cloned().collect();
            assert_eq!(ask(&query, offset, limit), wanted, "{query} {offset} {limit}");
        }
        let is_in_order =
            |partial: bool| all.iter().filter(|hit| hit.partial == partial).is_sorted_by(|a, b| a.score >= b.score);
        assert!(is_in_order(false) && is_in_order(true), "{query}");
    }
}

/// Each signal makes a difference, and records are found without it as with it.
#[test]
fn signals_can_be_left_out() {
    let (_sandbox, index) = sample();
    let ranked = |query: &str, signals: Signals| {
        let request = SearchRequest { query: query.to_owned(), limit: 100, signals, ..SearchRequest::default() };
        rank(&index, &request).unwrap()
    };
    let queries: Vec<String> =
        judged().into_iter().map(|judged| judged.query).chain(OPERATORS.iter().map(|q| (*q).to_owned())).collect();
    for row in SIGNALS.iter().skip(1) {
        let without = Signals::default().without(row.signal);
        let differ = |query: &&String| ranked(query, without).hits != ranked(query, Signals::default()).hits;
        assert!(queries.iter().any(|query| differ(&query)), "{} makes no difference", row.name);
    }
}

#[test]
fn likeness_orders_the_best() {
    let (_sandbox, index) = sample();
    let id = "promcon-2018/life-of-an-alert";
    let like = index.records_by_id(id).unwrap().remove(0);
    let ask = |query: &str, like: Option<_>| {
        let request = SearchRequest { like, limit: 200, ..explained(query) };
        search(&index, &request).unwrap()
    };
    let plain = ask("prometheus", None);
    let moved = ask("prometheus", Some(Box::new(like.clone())));
    assert_eq!(moved.total, plain.total);
    let ids = |results: &hallway::search::SearchResults| {
        let mut ids: Vec<String> = results.hits.iter().map(|hit| hit.record.id.clone()).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&moved), ids(&plain), "the same records, in another order");
    let rank_of = |results: &hallway::search::SearchResults, wanted: &str| {
        results.hits.iter().position(|hit| hit.record.id.starts_with(wanted))
    };
    assert!(rank_of(&moved, id) < rank_of(&plain, id), "what is most like it is itself");
    assert_eq!(rank_of(&moved, id), Some(0));
    let likeness = |results: &hallway::search::SearchResults| -> Vec<f64> {
        let of = |hit: &hallway::search::Hit| {
            let parts = hit.explanation.iter().flatten();
            parts.filter(|part| part.signal == Reason::Likeness).map(|part| part.score).sum()
        };
        results.hits.iter().map(of).collect()
    };
    assert!(likeness(&moved).iter().any(|gain| *gain > 0.0));
    // Without a query the record's own words are asked for.
    let alone = ask("", Some(Box::new(like)));
    assert_eq!(rank_of(&alone, id), Some(0));
    assert!(alone.total > 20, "{}", alone.total);
}

#[test]
fn the_command_explains_and_groups() {
    let sandbox = Sandbox::with_sample();
    let run = sandbox.run(&["search", "ebpf kernel tracing", "-n", "1", "--explain", "--context", "0"]);
    assert_eq!(run.status, 0, "{run:?}");
    for said in ["  score ", "by its stem \"trace\": title (×3)", "the very word", "neighbours: "] {
        assert!(run.stdout.contains(said), "{said}: {}", run.stdout);
    }
    let json = sandbox.json(&["search", "ebpf kernel tracing", "-n", "1", "--explain", "--json"]);
    crate::schema::assert_fits("search.schema.json", &json);
    let parts = json["hits"][0]["explanation"].as_array().unwrap();
    let sum: f64 = parts.iter().map(|part| part["score"].as_f64().unwrap()).sum();
    assert!((sum - json["hits"][0]["score"].as_f64().unwrap()).abs() < 1e-4);
    assert!(parts.iter().any(|part| part["signal"] == "word" && part["how"] == "stem" && part["typed"] == "tracing"));

    let dated = sandbox.run(&["search", "ebpf", "--sort", "date", "-n", "100", "--context", "0"]).stdout;
    let years: Vec<&str> = dated.lines().filter(|line| line.len() == 4 && line.parse::<u16>().is_ok()).collect();
    assert!(years.len() > 2 && years.is_sorted_by(|a, b| a > b), "each year once, newest first: {years:?}");
    let like = sandbox.run(&["search", "--like", "promcon-2018/life-of-an-alert", "-n", "3"]);
    assert!(like.stdout.starts_with("Life of an Alert"), "{}", like.stdout);
    let unknown = sandbox.run(&["search", "dns", "--like", "promcon-2018/life-of-an-alart"]);
    assert_eq!(unknown.status, 2);
    assert!(unknown.stderr.contains("there is no record") && unknown.stderr.contains("life-of-an-alert"));
    let by_date = SearchRequest { sort: Sort::Date, ..explained("ebpf kernel tracing") };
    let (_sandbox, index) = sample();
    assert!(search(&index, &by_date).unwrap().hits.iter().all(|hit| hit.explanation.is_some()));
}

/// What counts is one thing, what matches another: words that don't count are looked for where an operator needs them.
#[test]
fn stop_words_keep_their_operators_in_long_queries() {
    let (_sandbox, index) = sample();
    let total = |query: &str| search(&index, &explained(query)).unwrap().total;
    let all = total("prometheus OR kernel OR dns");
    assert!(all > 0 && total("(prometheus OR kernel OR dns) NOT the") < all);
    assert!(total("the OR prometheus OR kernel OR dns") > all);
}

#[test]
fn synonyms_with_accents_and_flags_that_have_no_place() {
    let sandbox = Sandbox::with_sample();
    sandbox.write("ours.txt", "z\u{e9}bra = prometheus\n");
    let found = sandbox.run(&["search", "z\u{e9}bra", "--synonyms", "ours.txt", "--format", "id"]);
    assert!(found.status == 0 && found.stdout.contains("prometheus"), "{found:?}");
    for arguments in [["--explain", "--format", "csv"], ["--explain", "--format", "bibtex"]] {
        assert_eq!(sandbox.run(&[&["search", "dns"], arguments.as_slice()].concat()).status, 2, "{arguments:?}");
    }
    let both = sandbox.run(&["search", "dns", "--like", "promcon-2018/life-of-an-alert", "--sort", "date"]);
    assert_eq!(both.status, 2, "{both:?}");
}
