//! `hallway export`.

use hallway::{error::Result, record::Record};

use super::{Global, Status, TEMPLATE, locate, output::Output};

const EXAMPLES: &str = "\
Examples:
  hallway export > talks.jsonl
  hallway export | jq -r 'select(.kind == \"talk\") | [.year, .title] | @tsv'";

const NOTES: &str = "\
One record a line in order of id, in the form that docs/record.schema.json describes and `hallway ingest` reads back.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {}

pub(super) fn run(_args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    let mut records: Vec<Record> = Vec::new();
    index.each_record(|record| {
        records.push(record);
        Ok(())
    })?;
    records.sort_by(|a, b| a.id.cmp(&b.id).then_with(|| a.source.cmp(&b.source)));
    records.iter().try_for_each(|record| output.json(record))?;
    Ok(if records.is_empty() { Status::Nothing } else { Status::Ok })
}
