//! Facets count what one gets who exports and counts: over random selections, each counted a second time here, in plain code
//! over the exported JSON. What has no value is counted and chosen as `unknown`.

use std::{
    cell::RefCell,
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, HashMap},
    path::PathBuf,
};

use fastrand::Rng;
use hallway::{
    index::Index,
    ingest::{IngestRequest, ingest},
    record::slug,
    search::{Filter, SearchRequest, each_match, search, suggest, trends},
};
use serde_json::Value;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};
use unicode_segmentation::UnicodeSegmentation;

use crate::sandbox::{Sandbox, repository};

const FACETS: [&str; 12] = [
    "kind",
    "conference",
    "series",
    "edition",
    "year",
    "track",
    "topic",
    "type",
    "speaker",
    "affiliation",
    "language",
    "state",
];

/// Queries that are asked with ever other filters: each is exported once.
const N_QUERIES: usize = 40;

/// Of one exported record.
struct Plain {
    id: String,
    values: HashMap<&'static str, Vec<String>>,
}

/// Case, accents and typeset apostrophes apart.
fn plain(text: &str) -> String {
    let bare: String = text.nfkd().filter(|c| !is_combining_mark(*c) && *c != '\u{ad}').collect();
    bare.to_lowercase().replace(['’', '‘', 'ʼ'], "'").replace('ß', "ss")
}

/// What a line of an export says, facet by facet. Hallway's own code has no part in it.
fn read(line: &str) -> Plain {
    let record: Value = serde_json::from_str(line).unwrap();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let list = |key: &str| record[key].as_array().cloned().unwrap_or_default();
    let mut editions = list("editions");
    if editions.is_empty() {
        editions.push(record.clone());
    }
    let conferences = editions.iter().filter(|edition| !["", "unknown"].contains(&&*plain(&text(&edition["series"]))));
    let paths = conferences.flat_map(|edition| {
        let (series, edition) = (text(&edition["series"]), text(&edition["edition"]));
        let path = if edition.is_empty() { String::new() } else { format!("{series}/{edition}") };
        [series.split('/').next().unwrap().to_owned(), if path.is_empty() { series } else { path }]
    });
    let topics = list("topics").iter().map(text).collect::<Vec<_>>();
    let areas = topics.iter().filter_map(|topic| Some(topic.split_once('/')?.0.to_owned()));
    let year = |edition: &Value| edition["year"].as_u64().map(|year| year.to_string()).unwrap_or_default();
    let found: [(&'static str, Vec<String>); 12] = [
        ("kind", vec![text(&record["kind"])]),
        ("conference", paths.collect()),
        ("series", editions.iter().map(|edition| text(&edition["series"])).collect()),
        ("edition", editions.iter().map(|edition| text(&edition["edition"])).collect()),
        ("year", editions.iter().map(year).collect()),
        ("track", vec![text(&record["track"])]),
        ("topic", areas.chain(topics.iter().cloned()).collect()),
        ("type", vec![text(&record["type"])]),
        ("speaker", list("speakers").iter().map(|speaker| text(&speaker["name"])).collect()),
        ("affiliation", list("speakers").iter().map(|speaker| text(&speaker["affiliation"])).collect()),
        ("language", vec![text(&record["language"])]),
        ("state", vec![text(&record["state"])]),
    ];
    let values = found.into_iter().map(|(facet, values)| {
        let mut kept: Vec<String> = Vec::new();
        for value in values {
            let mut value = value.split_whitespace().collect::<Vec<_>>().join(" ");
            while value.len() > 512 {
                value.pop();
            }
            if !value.is_empty() && plain(&value) != "unknown" && !kept.contains(&value) {
                kept.push(value);
            }
        }
        (facet, kept)
    });
    Plain { id: text(&record["id"]), values: values.collect() }
}

/// An index, and what was exported from it.
struct Collection {
    _sandbox: Sandbox,
    index: Index,
    all: Vec<Plain>,
    words: Vec<String>,
    queries: Vec<String>,
    /// What a query alone finds, rejected proposals among it, as places in `all`.
    found: RefCell<HashMap<String, Vec<usize>>>,
}

impl Collection {
    fn new(parts: &[PathBuf]) -> Self {
        let sandbox = Sandbox::new();
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        for part in parts {
            let request = IngestRequest { paths: vec![part.clone()], n_threads: 2, ..IngestRequest::default() };
            ingest(&index, &request, &mut |_| {}).unwrap();
        }
        let (all, words, queries, found) = (Vec::new(), Vec::new(), Vec::new(), RefCell::default());
        let mut collection = Collection { _sandbox: sandbox, index, all, words, queries, found };
        let lines = collection.export(&SearchRequest { with_rejected: true, ..SearchRequest::default() });
        for line in &lines {
            let record: Value = serde_json::from_str(line).unwrap();
            let title = record["title"].as_str().unwrap_or_default();
            let words = title.unicode_words().filter(|word| word.is_ascii() && word.len() > 2);
            collection.words.extend(words.map(str::to_owned));
        }
        collection.all = lines.iter().map(|line| read(line)).collect();
        let mut rng = Rng::with_seed(1);
        collection.queries = (0..N_QUERIES).map(|_| collection.draw_query(&mut rng)).collect();
        collection
    }

    fn export(&self, request: &SearchRequest) -> Vec<String> {
        let mut lines = Vec::new();
        each_match(&self.index, request, |record| {
            lines.push(serde_json::to_string(&record).unwrap());
            Ok(())
        })
        .unwrap();
        lines
    }

    fn found(&self, query: &str) -> Vec<usize> {
        if let Some(found) = self.found.borrow().get(query) {
            return found.clone();
        }
        let request = SearchRequest { query: query.to_owned(), with_rejected: true, ..SearchRequest::default() };
        let ids: BTreeSet<String> = self.export(&request).iter().map(|line| read(line).id).collect();
        let found: Vec<usize> = (0..self.all.len()).filter(|at| ids.contains(&self.all[*at].id)).collect();
        assert_eq!(found.len(), ids.len());
        self.found.borrow_mut().insert(query.to_owned(), found.clone());
        found
    }

    fn draw_query(&self, rng: &mut Rng) -> String {
        let mut word = || rng.choice(&self.words).unwrap().clone();
        let (one, two) = (word(), word());
        match rng.u8(..8) {
            0..3 => String::new(),
            3 | 4 => one,
            5 => format!("{one} OR {two}"),
            6 => format!("NOT {one}"),
            _ => format!("{one} OR ({two} NOT {one})"),
        }
    }

    /// A facet and values of it, as somebody might type them; nobody types one that is nowhere.
    fn filter(&self, rng: &mut Rng, facet: &'static str) -> Option<Filter> {
        let values = (0..rng.usize(1..4)).filter_map(|_| {
            if rng.u8(..5) == 0 && facet != "kind" {
                return Some(["unknown", "Unknown", " UNKNOWN"][rng.usize(..3)].to_owned());
            }
            let record = rng.choice(&self.all)?;
            let value = rng.choice(&record.values[facet])?.clone();
            Some(match (facet, rng.u8(..5)) {
                ("year", 0) => format!("{value}.."),
                ("year", 1) => format!("..{value}"),
                ("conference" | "topic", 0 | 1) => value.split_once('/').map_or(&*value, |(_, last)| last).to_owned(),
                ("speaker" | "affiliation", 0) => value.split(' ').next()?.to_owned(),
                (_, 2) => value.to_uppercase(),
                (_, 3) => plain(&value),
                _ => value,
            })
        });
        let values: Vec<String> = values.collect();
        (!values.is_empty()).then(|| Filter { field: facet.to_owned(), values })
    }

    /// The values that one means who types this.
    fn meant(&self, facet: &str, typed: &str) -> BTreeSet<&str> {
        let all: BTreeSet<&str> =
            self.all.iter().flat_map(|record| &record.values[facet]).map(String::as_str).collect();
        let typed = plain(typed.trim());
        if let Some((from, to)) = typed.split_once("..").filter(|_| facet == "year") {
            let within = |year: &&str| (from.is_empty() || from <= *year) && (to.is_empty() || *year <= to);
            return all.into_iter().filter(within).collect();
        }
        let whole = |value: &str| plain(value) == typed;
        let last = |value: &str| {
            let last = value.split_once('/').filter(|_| ["conference", "topic"].contains(&facet));
            last.is_some_and(|(_, last)| plain(last) == typed || slug(last) == slug(&typed))
        };
        let words = |value: &str| {
            let value = plain(value);
            let words: Vec<&str> = value.split(' ').collect();
            ["speaker", "affiliation"].contains(&facet) && typed.split(' ').all(|word| words.contains(&word))
        };
        let ways: [&dyn Fn(&str) -> bool; 3] = [&whole, &last, &words];
        let meant = ways.iter().map(|way| all.iter().copied().filter(|value| way(value)).collect::<BTreeSet<_>>());
        meant.into_iter().find(|values| !values.is_empty()).unwrap_or_default()
    }

    /// Whether a record passes each filter, with the filter's facet.
    fn passes<'a>(&'a self, filters: &'a [Filter]) -> impl Fn(&Plain) -> Vec<(&'a str, bool)> + 'a {
        let meant: Vec<_> = filters
            .iter()
            .map(|filter| {
                let is_unknown = |typed: &&String| plain(typed.trim()) == "unknown";
                let named = filter.values.iter().filter(|typed| !is_unknown(typed));
                let values: BTreeSet<&str> = named.flat_map(|typed| self.meant(&filter.field, typed)).collect();
                (filter.field.as_str(), values, filter.values.iter().any(|typed| is_unknown(&typed)))
            })
            .collect();
        let asks_for_state = filters.iter().any(|filter| filter.field == "state");
        move |record| {
            let mut all: Vec<(&str, bool)> = Vec::new();
            for (facet, values, takes_none) in &meant {
                let own = &record.values[*facet];
                let is_in = own.iter().any(|value| values.contains(value.as_str()));
                all.push((facet, is_in || own.is_empty() && *takes_none));
            }
            if !asks_for_state {
                all.push(("state", !record.values["state"].iter().any(|state| state == "rejected")));
            }
            all
        }
    }

    /// Searches, and counts beside. Gives how many records were found, and whether a facet had some without a value.
    fn compare(&self, rng: &mut Rng) -> (usize, bool) {
        let query = rng.choice(&self.queries).unwrap().clone();
        let mut facets = FACETS.to_vec();
        rng.shuffle(&mut facets);
        let filters: Vec<Filter> =
            facets[..rng.usize(..4)].iter().filter_map(|facet| self.filter(rng, facet)).collect();
        rng.shuffle(&mut facets);
        let counted = &facets[..rng.usize(1..6)];
        let n_shown = if rng.bool() { usize::MAX } else { rng.usize(..6) };
        let request = SearchRequest {
            query: query.clone(),
            filters: filters.clone(),
            limit: 0,
            facets: counted.iter().map(ToString::to_string).collect(),
            facet_values_max: n_shown,
            ..SearchRequest::default()
        };
        let results = search(&self.index, &request).unwrap_or_else(|error| panic!("{error}: {request:?}"));
        let passes = self.passes(&filters);
        let found = self.found(&query);
        let all_pass = |at: &&usize| passes(&self.all[**at]).iter().all(|(_, passes)| *passes);
        let full: Vec<usize> = found.iter().filter(all_pass).copied().collect();
        assert_eq!(results.total, full.len() as u64, "{request:?}");
        let mut has_unknown = false;
        for (facet, counts) in counted.iter().zip(results.facets.unwrap()) {
            let mut expected: BTreeMap<&str, u64> = BTreeMap::new();
            for record in found.iter().map(|at| &self.all[*at]) {
                // Its own filter leaves a facet's counts alone.
                if passes(record).iter().all(|(other, passes)| *passes || other == facet) {
                    let values = &record.values[facet];
                    values.iter().for_each(|value| *expected.entry(value).or_default() += 1);
                    if values.is_empty() {
                        *expected.entry("unknown").or_default() += 1;
                    }
                }
            }
            let mut expected: Vec<(&str, u64)> = expected.into_iter().collect();
            expected.sort_by_key(|(value, n)| (*value == "unknown", Reverse(*n), *value));
            let n_values = expected.len();
            let unknown = expected.pop_if(|(value, _)| *value == "unknown" && n_shown > 0);
            has_unknown |= unknown.is_some();
            if n_values > n_shown {
                expected.truncate(n_shown - usize::from(unknown.is_some()));
            }
            expected.extend(unknown);
            let found: Vec<(&str, u64)> = counts.counts.iter().map(|one| (one.value.as_str(), one.count)).collect();
            assert_eq!((counts.field, counts.n_values, found), (*facet, n_values, expected), "{request:?}");
        }
        if rng.u8(..40) == 0 {
            let exported: Vec<String> = self.export(&request).iter().map(|line| read(line).id).collect();
            let expected: Vec<&String> = full.iter().map(|at| &self.all[*at].id).collect();
            assert_eq!(exported.iter().collect::<Vec<_>>(), expected, "{request:?}");
        }
        (full.len(), has_unknown)
    }

    fn compare_many(&self, n: usize, seed: u64) {
        let mut rng = Rng::with_seed(seed);
        let (mut n_found, mut n_unknown) = (0, 0);
        for _ in 0..n {
            let (found, has_unknown) = self.compare(&mut rng);
            n_found += usize::from(found > 0);
            n_unknown += usize::from(has_unknown);
        }
        assert!(n_found > n / 3 && n_unknown > n / 3, "{n_found}, {n_unknown} of {n}");
    }
}

fn sample() -> Collection {
    Collection::new(&[repository().join("corpus"), repository().join("tests/it/facets/records.jsonl")])
}

#[test]
fn facets_are_what_counting_an_export_gives() {
    sample().compare_many(1000, 7);
}

#[test]
fn facets_of_real_files_are_what_counting_an_export_gives() {
    let Some(corpora) = std::env::var_os("HALLWAY_CORPORA").map(PathBuf::from) else {
        println!("skipped: HALLWAY_CORPORA is not set");
        return;
    };
    let folders = ["seeds", "reports", "promcon", "djangocon-us-2023", "dddperth"];
    Collection::new(&folders.map(|folder| corpora.join(folder))).compare_many(300, 11);
}

/// As [`facets_are_what_counting_an_export_gives`], but for talks by year and series.
#[test]
fn trends_are_what_counting_an_export_gives() {
    let collection = sample();
    let mut rng = Rng::with_seed(3);
    for _ in 0..150 {
        let query = rng.choice(&collection.queries).unwrap().clone();
        let facet = *rng.choice(&FACETS[1..]).unwrap();
        let filters: Vec<Filter> = collection.filter(&mut rng, facet).into_iter().collect();
        let passes = collection.passes(&filters);
        let is_counted = |at: &usize| {
            let record = &collection.all[*at];
            record.values["kind"] == ["talk"] && passes(record).iter().all(|(_, passes)| *passes)
        };
        let request = SearchRequest { query: query.clone(), filters: filters.clone(), ..SearchRequest::default() };
        let found = trends(&collection.index, &request).unwrap();
        let tally = |found: Vec<usize>| {
            let mut tally: BTreeMap<(String, String), u64> = BTreeMap::new();
            for record in found.iter().filter(|at| is_counted(at)).map(|at| &collection.all[*at]) {
                let value = |facet| record.values[facet].first().cloned().unwrap_or_default();
                *tally.entry((value("series"), value("year"))).or_default() += 1;
            }
            tally
        };
        let (n, of) = (tally(collection.found(&query)), tally((0..collection.all.len()).collect()));
        let sum = |tally: &BTreeMap<(String, String), u64>, series: Option<&str>, year: Option<&str>| -> u64 {
            let fits = |own: &str, wanted: Option<&str>| wanted.is_none_or(|wanted| wanted == own);
            tally.iter().filter(|((a, b), _)| fits(a, series) && fits(b, year)).map(|(_, n)| n).sum()
        };
        let check = |talks: hallway::search::Share, series: Option<&str>, year: Option<&str>| {
            assert_eq!((talks.n, talks.of), (sum(&n, series, year), sum(&of, series, year)), "{request:?}");
        };
        check(found.talks, None, None);
        let year = |year: Option<u16>| year.map(|year| year.to_string()).unwrap_or_default();
        for of_year in &found.years {
            check(of_year.talks, None, Some(&year(of_year.year)));
        }
        for of_series in &found.series {
            let name = of_series.series.as_deref().unwrap_or_default();
            check(of_series.talks, Some(name), None);
            assert_eq!(of_series.years.len(), found.years.len());
            for (talks, of_year) in of_series.years.iter().zip(&found.years) {
                check(*talks, Some(name), Some(&year(of_year.year)));
            }
        }
        let total = |shares: &mut dyn Iterator<Item = u64>| shares.sum::<u64>();
        assert_eq!(total(&mut found.years.iter().map(|of| of.talks.of)), found.talks.of);
        assert_eq!(total(&mut found.series.iter().map(|of| of.talks.n)), found.talks.n);
    }
}

/// Suggestions are the values with a word that begins so, with the counts of facets.
#[test]
fn suggestions_are_what_counting_an_export_gives() {
    let collection = sample();
    let mut rng = Rng::with_seed(5);
    let mut n_suggested = 0;
    for _ in 0..120 {
        let word = plain(rng.choice(&collection.words).unwrap());
        let prefix: String = word.chars().take(rng.usize(1..5)).collect();
        let mut expected: BTreeMap<(&str, &str), u64> = BTreeMap::new();
        for record in collection.all.iter().filter(|record| record.values["state"] != ["rejected"]) {
            for facet in ["conference", "topic", "track", "speaker", "affiliation"] {
                for value in &record.values[facet] {
                    let is_path = ["conference", "topic"].contains(&facet);
                    let text = value.split_once('/').filter(|_| is_path).map_or(&**value, |(_, last)| last);
                    if plain(text).unicode_words().any(|word| word.starts_with(&prefix)) {
                        *expected.entry((facet, value)).or_default() += 1;
                    }
                }
            }
        }
        let mut found = suggest(&collection.index, &prefix, 1000).unwrap();
        // Words of the texts come behind them.
        let words = found.split_off(found.iter().position(|one| one.kind == "word").unwrap_or(found.len()));
        assert!(
            words.iter().all(|one| one.kind == "word" && one.count > 0 && one.text.starts_with(&prefix)),
            "{words:?}"
        );
        assert!(found.is_sorted_by_key(|one| (Reverse(one.count), &one.text)), "{prefix}");
        let found: BTreeMap<(&str, &str), u64> =
            found.iter().map(|one| ((one.kind, one.value.as_str()), one.count)).collect();
        n_suggested += found.len();
        assert_eq!(found, expected, "{prefix}");
    }
    assert!(n_suggested > 300, "{n_suggested}");
}

#[test]
fn what_has_no_value_is_counted_and_chosen() {
    let sandbox = Sandbox::new();
    sandbox.copy("tests/it/facets", "in");
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "in"]).status, 0);
    let run = |arguments: &[&str]| sandbox.run(&[&["--index", "i", "search"], arguments].concat());
    let total = |arguments: &[&str]| {
        sandbox.json(&[&["--index", "i", "search", "--json"], arguments].concat())["total"].clone()
    };
    // The track "Unknown" says as much as none; "The Unknown" is one.
    for (arguments, expected) in [
        (&["--track", "unknown"][..], 4),
        (&["--track", "Unknown", "--track", "main"], 6),
        (&["--track", "the unknown"], 1),
        (&["--year", "unknown"], 2),
        (&["--year", "2022..", "--year", "unknown"], 3),
        (&["--speaker", "unknown"], 2),
        (&["--speaker", "jane"], 1),
        (&["--conference", "unknown"], 3),
        (&["--state", "unknown"], 5),
        (&["--state", "unknown", "--state", "rejected"], 7),
        (&["walrus", "--type", "unknown", "--kind", "talk"], 5),
    ] {
        assert_eq!(total(arguments), expected, "{arguments:?}");
    }
    let found = sandbox.json(&["--index", "i", "search", "--json", "-n", "0", "--facets=track,kind,conference"]);
    let tracks = serde_json::json!([
        { "value": "Main", "count": 1 }, { "value": "The Unknown", "count": 1 }, { "value": "main", "count": 1 },
        { "value": "unknown", "count": 4 }
    ]);
    assert_eq!((&found["facets"]["track"], &found["facets_of"]["track"]), (&tracks, &serde_json::json!(4)));
    assert_eq!(found["facets_of"]["kind"], 3);
    let page = run(&["-n", "0", "--facets=track,conference"]).stdout;
    assert!(page.contains("track (4 of 4)\n") && page.contains("\n  4  unknown\n"), "{page}");
    // Everything has a kind.
    let refused = run(&["--kind", "unknown"]);
    assert_eq!((refused.status, refused.stderr.contains("no record has kind \"unknown\"")), (2, true), "{refused:?}");
    // A value that can be, and that nothing has, is no mistake.
    let none = run(&["walrus", "--type", "keynote", "--state", "unknown"]);
    assert_eq!((none.status, none.stderr.contains("without --type keynote --state unknown")), (1, true), "{none:?}");
}

#[test]
fn a_value_that_was_removed_is_no_longer_held() {
    let sandbox = Sandbox::new();
    let talk = |n: usize, track: &str| {
        format!("{{\"title\":\"Talk {n}\",\"track\":\"{track}\",\"speakers\":[\"Ann Öne\"]}}\n")
    };
    let talks: String = (0..60).map(|n| talk(n, if n == 7 { "Élite hall" } else { "Main" })).collect();
    sandbox.write("talks.jsonl", talks);
    assert_eq!(sandbox.run(&["--index", "i", "ingest", "talks.jsonl"]).status, 0);
    let status = |track: &str| sandbox.run(&["--index", "i", "search", "-n", "0", "--track", track]).status;
    assert_eq!((status("elite HALL"), status("ELITE"), status("MAIN")), (0, 2, 0));
    let suggested = |typed: &str| sandbox.run(&["--index", "i", "suggest", typed]).stdout;
    assert_eq!(suggested("hal"), "  1  track  Élite hall\n");
    assert_eq!(sandbox.run(&["--index", "i", "remove", "talks/talk-7"]).status, 0);
    assert_eq!((status("elite HALL"), status("MAIN"), suggested("hal").as_str()), (2, 0, ""));
    assert_eq!(suggested("ann on"), "  59  speaker  Ann Öne\n");
}
