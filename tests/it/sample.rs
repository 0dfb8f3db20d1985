//! The sample collection from end to end: what people find, and that every count is what plain counting gives.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet},
};

use hallway::{
    index::{Index, facet_values, schema},
    ingest::{IngestRequest, ingest},
    record::{Kind, Record, TalkType},
    search::{FacetCount, Filter, SearchRequest, SearchResults, Sort, UNKNOWN, search},
};

use crate::sandbox::{Sandbox, repository};

struct Sample {
    _sandbox: Sandbox,
    index: Index,
    records: Vec<Record>,
}

impl Sample {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let index = Index::open_or_create(&sandbox.path("index")).unwrap();
        let request = IngestRequest { paths: vec![repository().join("corpus")], ..IngestRequest::default() };
        let summary = ingest(&index, &request, &mut |_| {}).unwrap();
        assert_eq!(summary.problems, []);
        let mut records = Vec::new();
        index
            .each_record(|record| {
                let _: () = records.push(record);
                Ok(())
            })
            .unwrap();
        Sample { _sandbox: sandbox, index, records }
    }

    fn search(&self, request: &SearchRequest) -> SearchResults {
        search(&self.index, request).unwrap()
    }

    fn find(&self, query: &str) -> SearchResults {
        self.search(&SearchRequest { query: query.to_owned(), limit: 100, ..SearchRequest::default() })
    }
}

#[test]
fn the_sample_is_as_large_as_it_says() {
    let sample = Sample::new();
    let count = |kind| sample.records.iter().filter(|record| record.kind == kind).count();
    assert!(count(Kind::Talk) >= 120, "{} talks", count(Kind::Talk));
    assert!(count(Kind::Bio) >= 80, "{} bios", count(Kind::Bio));
    assert!(count(Kind::Report) >= 12, "{} reports", count(Kind::Report));
    let talks = || sample.records.iter().filter(|record| record.kind == Kind::Talk);
    let years: BTreeSet<_> = talks().filter_map(|talk| talk.year).collect();
    assert!(years.last().unwrap() - years.first().unwrap() >= 10, "{years:?}");
    let editions: BTreeSet<_> = talks().map(|talk| &talk.edition_id).collect();
    assert!(editions.len() >= 8);
    assert!(talks().map(|talk| &talk.series).collect::<BTreeSet<_>>().len() >= 5);
    // Reports are on editions whose talks are there, and not every edition has one.
    let reports = sample.records.iter().filter(|record| record.kind == Kind::Report);
    let reported: BTreeSet<_> = reports.map(|report| &report.edition_id).collect();
    assert!(reported.is_subset(&editions) && reported.len() < editions.len(), "{reported:?} of {editions:?}");
    for record in &sample.records {
        assert!(record.edition_id.is_some(), "{} is of no edition", record.id);
        let n_words = record.body().split_whitespace().count();
        assert!(n_words >= 4 || record.talk_type == Some(TalkType::Lightning), "{} says nothing", record.id);
        if record.kind == Kind::Report {
            assert_eq!(record.author.as_deref().unwrap_or("hallway contributors"), "hallway contributors");
        }
    }
}

#[test]
fn people_find_talks_and_reports_of_several_years_and_series() {
    let sample = Sample::new();
    for query in ["eBPF", "SLO", "incident", "Kubernetes", "on-call", "DNS", "postmortem", "observability"] {
        let results = sample.find(query);
        let full = || results.hits.iter().filter(|hit| !hit.partial).map(|hit| &hit.record);
        let years: BTreeSet<_> = full().filter_map(|record| record.year).collect();
        let series: BTreeSet<_> = full().filter_map(|record| record.series.clone()).collect();
        assert!(years.len() >= 2 && series.len() >= 2, "{query}: {years:?} {series:?}");
    }
    let kinds: BTreeSet<_> = sample.find("eBPF").hits.iter().map(|hit| hit.record.kind).collect();
    assert!(kinds.contains(&Kind::Talk) && kinds.contains(&Kind::Report), "{kinds:?}");
}

#[test]
fn a_talk_was_given_twice_and_a_speaker_changed_employers() {
    let sample = Sample::new();
    let mut editions: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let mut employers: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    for record in sample.records.iter().filter(|record| record.kind == Kind::Talk) {
        for speaker in &record.speakers {
            editions.entry((&record.title, &speaker.name)).or_default().insert(&record.edition_id);
            employers.entry(&speaker.name).or_default().extend(&speaker.affiliation);
        }
    }
    assert!(editions.values().any(|editions| editions.len() > 1));
    assert!(employers.values().any(|employers| employers.len() > 1));
}

#[test]
fn hits_of_one_report_are_one_hit() {
    let sample = Sample::new();
    let results = sample.search(&SearchRequest {
        filters: vec![Filter { field: "kind".to_owned(), values: vec!["report".to_owned()] }],
        limit: 100,
        ..SearchRequest::default()
    });
    let reports = sample.records.iter().filter(|record| record.kind == Kind::Report).count();
    assert_eq!(results.total, reports as u64);
    assert_eq!(results.hits.len(), reports);
    for hit in results.hits {
        assert!((1..=3).contains(&hit.passages.len()), "{}", hit.record.id);
    }
}

#[test]
fn highlights_are_the_words_asked_for() {
    let sample = Sample::new();
    let mut n_highlights = 0;
    for hit in sample.find("incidents").hits {
        let passages = hit.passages.iter().flat_map(|passage| &passage.snippets);
        for snippet in hit.snippets.iter().chain(passages) {
            for highlight in &snippet.highlights {
                let marked = snippet.text[highlight.0..highlight.1].to_lowercase();
                assert!(marked.starts_with("incident"), "{marked} in {}", snippet.text);
                n_highlights += 1;
            }
        }
    }
    assert!(n_highlights > 5);
}

/// Filters to combine: each a facet and values that are in the sample.
fn filters(sample: &Sample) -> Vec<Vec<Filter>> {
    let filter = |field: &str, values: &[&str]| Filter {
        field: field.to_owned(),
        values: values.iter().map(|value| (*value).to_owned()).collect(),
    };
    let year = sample.records.iter().filter_map(|record| record.year).max().unwrap().to_string();
    vec![
        vec![],
        vec![filter("kind", &["talk"])],
        vec![filter("kind", &["report", "bio"]), filter("year", &["2016..2021"])],
        vec![filter("conference", &["fosdem"]), filter("year", &[&year, "2019"])],
        vec![filter("topic", &["observability"]), filter("kind", &["talk", "report"]), filter("series", &["PromCon"])],
        vec![filter("year", &["1950"])],
    ]
}

fn passes(record: &Record, filter: &Filter) -> bool {
    let values = facet_values(record).into_iter().find(|(name, _)| *name == filter.field).unwrap().1;
    filter.values.iter().any(|wanted| match wanted.split_once("..") {
        Some((from, to)) => values.iter().any(|value| from <= value.as_str() && value.as_str() <= to),
        None => values.iter().any(|value| value.eq_ignore_ascii_case(wanted)),
    })
}

#[test]
fn two_filters_of_one_facet_leave_its_counts_alone() {
    let sample = Sample::new();
    let kinds = |filters: Vec<Filter>| {
        let facets = vec!["kind".to_owned()];
        sample
            .search(&SearchRequest { filters, limit: 0, facets, ..SearchRequest::default() })
            .facets
            .unwrap()
            .remove(0)
    };
    let only = |kind: &str| Filter { field: "kind".to_owned(), values: vec![kind.to_owned()] };
    assert_eq!(kinds(vec![only("talk"), only("report")]), kinds(vec![]));
}

#[test]
fn totals_and_facets_equal_plain_counting() {
    let sample = Sample::new();
    let names: Vec<String> = schema::facets().map(|field| field.name.to_owned()).collect();
    for filters in filters(&sample) {
        let results = sample.search(&SearchRequest {
            filters: filters.clone(),
            limit: 0,
            facets: names.clone(),
            facet_values_max: usize::MAX,
            ..SearchRequest::default()
        });
        let total = sample.records.iter().filter(|record| filters.iter().all(|filter| passes(record, filter))).count();
        assert_eq!(results.total, total as u64, "{filters:?}");
        for counts in results.facets.unwrap() {
            // A facet's own filter does not narrow its counts.
            let others: Vec<_> = filters.iter().filter(|filter| filter.field != counts.field).collect();
            let mut expected: BTreeMap<String, u64> = BTreeMap::new();
            for record in sample.records.iter().filter(|record| others.iter().all(|filter| passes(record, filter))) {
                let values = facet_values(record).into_iter().find(|(name, _)| *name == counts.field).unwrap().1;
                let none = values.is_empty().then(|| UNKNOWN.to_owned());
                values.into_iter().chain(none).for_each(|value| *expected.entry(value).or_default() += 1);
            }
            let got: BTreeMap<_, _> = counts.counts.iter().map(|count| (count.value.clone(), count.count)).collect();
            assert_eq!(got, expected, "{} under {filters:?}", counts.field);
            assert_eq!(counts.n_values, expected.len());
            let place = |count: &FacetCount| (count.value == UNKNOWN, Reverse(count.count), count.value.clone());
            let order: Vec<_> = counts.counts.iter().map(place).collect();
            assert!(order.is_sorted(), "{}", counts.field);
        }
    }
}

#[test]
fn pages_join_to_the_whole_list_in_both_orders() {
    let sample = Sample::new();
    for sort in [Sort::Relevance, Sort::Date] {
        let ids = |limit, offset| -> Vec<String> {
            let request = SearchRequest {
                query: "kubernetes monitoring".to_owned(),
                sort,
                limit,
                offset,
                ..SearchRequest::default()
            };
            sample.search(&request).hits.into_iter().map(|hit| hit.record.id).collect()
        };
        let whole = ids(200, 0);
        assert!(whole.len() > 10);
        let paged: Vec<String> = (0..whole.len()).step_by(3).flat_map(|offset| ids(3, offset)).collect();
        assert_eq!(paged, whole);
        assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), whole.len(), "a record came twice");
    }
}

#[test]
fn full_matches_come_before_partial_ones() {
    let sample = Sample::new();
    let results = sample.find("ebpf kubernetes");
    let partial: Vec<bool> = results.hits.iter().map(|hit| hit.partial).collect();
    assert!(partial.is_sorted() && partial.contains(&false) && partial.contains(&true));
    let n_full = partial.iter().filter(|partial| !**partial).count();
    assert_eq!(results.total, n_full as u64);
    assert_eq!(results.total_partial, Some((partial.len() - n_full) as u64));
    let one =
        sample.search(&SearchRequest { query: "ebpf kubernetes".to_owned(), limit: 1, ..SearchRequest::default() });
    assert_eq!((one.total, one.total_partial), (results.total, None));
}

#[test]
fn an_export_reads_back_as_the_same_records() {
    let sample = Sample::new();
    let sandbox = Sandbox::new();
    let lines: Vec<String> = sample.records.iter().map(|record| serde_json::to_string(record).unwrap()).collect();
    let file = sandbox.write("export.jsonl", lines.join("\n"));
    let index = Index::open_or_create(&sandbox.path("index")).unwrap();
    let summary =
        ingest(&index, &IngestRequest { paths: vec![file], ..IngestRequest::default() }, &mut |_| {}).unwrap();
    assert_eq!((summary.problems.len(), summary.notes.len()), (0, 0), "{summary:?}");
    let mut read = Vec::new();
    index
        .each_record(|record| {
            let _: () = read.push(record);
            Ok(())
        })
        .unwrap();
    let mut expected = sample.records.clone();
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    read.sort_by(|a, b| a.id.cmp(&b.id));
    for record in &mut read {
        let via = record.via.take().expect("what was exported says where it was read");
        assert!(via.path == "export.jsonl" && via.line > 0);
    }
    assert_eq!(read.len(), expected.len());
    for (read, expected) in read.iter().zip(&expected) {
        assert_eq!(read, expected, "{}", expected.id);
    }
}

#[test]
fn a_span_holds_its_record() {
    let sample = Sample::new();
    for record in sample.records.iter().filter(|record| record.title_from.is_none()) {
        let span = record.source.as_ref().unwrap();
        let bytes = std::fs::read(std::path::Path::new(&span.root).join(&span.path)).unwrap();
        let piece = std::str::from_utf8(&bytes[span.start as usize..span.end as usize]).unwrap();
        let piece = if span.path.rsplit('.').next() == Some("jsonl") {
            serde_json::from_str::<serde_json::Value>(piece).unwrap()["title"].as_str().unwrap().to_owned()
        } else {
            piece.to_owned()
        };
        let title = record.title.as_deref().unwrap();
        assert!(piece.contains(title), "{title} is not in {}:{}", span.path, span.line);
        let lines_before = bytes[..span.start as usize].split(|byte| *byte == b'\n').count();
        assert_eq!(lines_before as u64, span.line, "{}", record.id);
    }
}
