//! Records as CSV (RFC 4180): a header, then one row a record.

use std::io::{self, Write};

use super::escape::terminal;
use crate::{
    record::{Record, Span, Speaker, TalkType},
    search::SearchResults,
};

/// What stands between several values of one column.
const BETWEEN: &str = "; ";

/// A column's name, and its value.
type Column = (&'static str, fn(&Record) -> String);

/// The columns in order, and what a record has in each. They stay as they are; new ones come behind them.
pub const COLUMNS: &[Column] = &[
    ("id", |record| record.id.clone()),
    ("kind", |record| record.kind.as_str().to_owned()),
    ("title", |record| text(record.title.as_ref())),
    ("speakers", |record| joined(record.speakers.iter().map(|speaker| speaker.name.as_str()))),
    ("affiliations", |record| affiliations(&record.speakers)),
    ("author", |record| text(record.author.as_ref())),
    ("series", |record| of_editions(record, text(record.series.as_ref()), |edition| edition.series.clone())),
    ("edition", |record| of_editions(record, text(record.edition.as_ref()), |edition| edition.edition.clone())),
    ("year", |record| of_editions(record, number(record.year), |edition| number(edition.year))),
    ("date", |record| text(record.date.as_ref())),
    ("start", |record| text(record.start.as_ref())),
    ("end", |record| text(record.end.as_ref())),
    ("room", |record| text(record.room.as_ref())),
    ("track", |record| text(record.track.as_ref())),
    ("type", |record| record.talk_type.map(TalkType::as_str).unwrap_or_default().to_owned()),
    ("topics", |record| joined(record.topics.iter().map(String::as_str))),
    ("tags", |record| joined(record.tags.iter().map(String::as_str))),
    ("language", |record| text(record.language.as_ref())),
    ("written", |record| text(record.written.as_ref())),
    ("url", |record| text(record.url.as_ref())),
    ("videos", |record| joined(record.videos.iter().map(String::as_str))),
    ("slides", |record| joined(record.slides.iter().map(String::as_str))),
    ("path", |record| record.source.as_ref().map(|span| span.path.clone()).unwrap_or_default()),
    ("line", |record| record.source.as_ref().map(|span| span.line.to_string()).unwrap_or_default()),
    ("licence", |record| text(record.licence.as_ref())),
];

/// A page of results: the columns of records, and `score`.
///
/// # Errors
/// What the writer gives.
pub fn results(out: &mut dyn Write, results: &SearchResults, locate: &dyn Fn(&Span) -> Span) -> io::Result<()> {
    row(out, COLUMNS.iter().map(|(name, _)| (*name).to_owned()).chain(["score".to_owned()]))?;
    for hit in &results.hits {
        row(out, values(&hit.record, locate).chain([hit.score.to_string()]))?;
    }
    Ok(())
}

/// # Errors
/// What the writer gives.
pub fn header(out: &mut dyn Write) -> io::Result<()> {
    row(out, COLUMNS.iter().map(|(name, _)| (*name).to_owned()))
}

/// One record. `locate` turns a source into a path that opens from where the reader is.
///
/// # Errors
/// What the writer gives.
pub fn record(out: &mut dyn Write, record: &Record, locate: &dyn Fn(&Span) -> Span) -> io::Result<()> {
    row(out, values(record, locate))
}

fn values(record: &Record, locate: &dyn Fn(&Span) -> Span) -> impl Iterator<Item = String> {
    let located = Record { source: record.source.as_ref().map(locate), passages: Vec::new(), ..record.clone() };
    COLUMNS.iter().map(move |(_, value)| value(&located))
}

pub(super) fn row(out: &mut dyn Write, values: impl Iterator<Item = String>) -> io::Result<()> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    let values: Vec<String> = values.map(|value| terminal(&value).into_owned()).collect();
    writer.write_record(&values).map_err(io::Error::from)?;
    writer.flush()
}

fn text(value: Option<&String>) -> String {
    value.cloned().unwrap_or_default()
}

fn number(value: Option<u16>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

fn joined<'a>(values: impl Iterator<Item = &'a str>) -> String {
    values.collect::<Vec<_>>().join(BETWEEN)
}

/// One for each speaker, so that the first is the first's; nothing where none is known.
fn affiliations(speakers: &[Speaker]) -> String {
    if speakers.iter().all(|speaker| speaker.affiliation.is_none()) {
        return String::new();
    }
    joined(speakers.iter().map(|speaker| speaker.affiliation.as_deref().unwrap_or_default()))
}

/// A report may be about several editions; each value once.
fn of_editions(record: &Record, own: String, value: fn(&crate::record::Edition) -> String) -> String {
    let mut values: Vec<String> = Vec::new();
    for value in record.editions.iter().map(value).filter(|value| !value.is_empty()) {
        if !values.contains(&value) {
            values.push(value);
        }
    }
    if values.is_empty() { own } else { values.join(BETWEEN) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        let text = |value: &str| Some(value.to_owned());
        let speaker = |name: &str, affiliation| Speaker { name: name.to_owned(), affiliation, ..Speaker::default() };
        let talk = Record {
            id: "a/b~012345".to_owned(),
            title: text("\"Quotes\", commas\nand \u{1b}[31mcolours"),
            speakers: vec![speaker("A. One", None), speaker("B. Two", text("Two, Inc."))],
            year: Some(2024),
            source: Some(Span { path: "x.jsonl".to_owned(), line: 3, ..Span::default() }),
            ..Record::default()
        };
        let mut out = Vec::new();
        header(&mut out).unwrap();
        record(&mut out, &talk, &|span| Span { path: format!("in/{}", span.path), ..span.clone() }).unwrap();
        record(&mut out, &Record::default(), &Span::clone).unwrap();
        assert!(out.ends_with(b"\r\n"));
        let mut reader = csv::Reader::from_reader(out.as_slice());
        let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
        assert_eq!(names, COLUMNS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(rows.len(), 2);
        let value = |name: &str| &rows[0][names.iter().position(|other| other == name).unwrap()];
        assert_eq!(value("title"), "\"Quotes\", commas\nand \u{fffd}[31mcolours");
        assert_eq!((value("speakers"), value("affiliations")), ("A. One; B. Two", "; Two, Inc."));
        assert_eq!((value("year"), value("path"), value("line")), ("2024", "in/x.jsonl", "3"));
    }

    #[test]
    fn a_report_on_two_editions_has_both() {
        let edition = |name: &str, year| crate::record::Edition {
            series: "FooConf".to_owned(),
            edition: name.to_owned(),
            year,
            ..Default::default()
        };
        let report = Record {
            editions: vec![edition("FooConf 2023", Some(2023)), edition("FooConf 2024", Some(2024))],
            ..Record::default()
        };
        let value = |name: &str| COLUMNS.iter().find(|(other, _)| *other == name).unwrap().1(&report);
        assert_eq!(
            (value("series"), value("edition"), value("year")),
            ("FooConf".to_owned(), "FooConf 2023; FooConf 2024".to_owned(), "2023; 2024".to_owned())
        );
    }
}
