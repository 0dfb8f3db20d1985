//! `hallway export`.

use hallway::{error::Result, record::Record, search};

use super::{
    Global, Status, TEMPLATE,
    format::{Format, FormatArgs, Records},
    locate,
    output::Output,
    query::QueryArgs,
};

const EXAMPLES: &str = "\
Examples:
  hallway export > talks.jsonl
  hallway export --conference SREcon --year 2023 --format csv > srecon23.csv
  hallway export '\"error budget\" OR SLO' --kind talk --format bibtex > slo.bib
  hallway export | jq -r 'select(.kind == \"talk\") | [.year, .title] | @tsv'";

const NOTES: &str = "\
Without a query or a filter, every record; else every record that `search` would call a full match, however many there \
are; in order of id. JSON Lines unless --format says otherwise: a record a line, in the form that \
docs/record.schema.json describes and `hallway ingest` reads back.

Exit status: 0 found, 1 nothing found, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let request = args.query.request(global)?;
    let index = locate::open(global, output)?;
    let format = args.format.given().unwrap_or(Format::Jsonl);
    let mut n_found = 0;
    let mut notes = Vec::new();
    let mut records = Records::new(format, global, output)?;
    if request.query.trim().is_empty() && request.filters.is_empty() {
        let mut all: Vec<Record> = Vec::new();
        index.each_record(|record| {
            all.push(record);
            Ok(())
        })?;
        all.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.source.cmp(&b.source)));
        for record in all {
            n_found += 1;
            records.print(record, &index, output)?;
        }
    } else {
        notes = search::each_match(&index, &request, |record| {
            n_found += 1;
            records.print(record, &index, output)
        })?;
    }
    records.done(output);
    notes.iter().for_each(|note| output.note(&format!("note: {note}")));
    if n_found == 0 {
        output.note("nothing found");
        return Ok(Status::Nothing);
    }
    Ok(Status::Ok)
}
