//! `hallway show`.

use std::{collections::BTreeSet, path::Path};

use hallway::{
    error::{Error, ErrorKind, Result},
    index::Index,
    record::Record,
    source,
    text::near::did_you_mean,
};

use super::{
    Global, Status, TEMPLATE,
    format::{Format, FormatArgs, Records},
    locate,
    output::Output,
};

const EXAMPLES: &str = "\
Examples:
  hallway show srecon-emea-2023/ebpf-superpowers-for-sre
  hallway search --format id DNS | hallway show -
  hallway show --json srecon-emea-2023/ebpf-superpowers-for-sre | jq .speakers";

const NOTES: &str = "With --json, as with --jsonl, each record is a line.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Ids, or `-` to read them from standard input, one a line
    #[arg(value_name = "ID", required = true)]
    ids: Vec<String>,
    #[command(flatten)]
    pub format: FormatArgs,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let mut ids = Vec::new();
    for id in &args.ids {
        if id == "-" {
            let bytes = source::read_limited(std::io::stdin().lock(), Path::new("standard input"))?;
            let text = String::from_utf8_lossy(&bytes);
            ids.extend(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned));
        } else {
            ids.push(id.clone());
        }
    }
    let index = locate::open(global, output)?;
    let mut records = Records::new(args.format.given().unwrap_or(Format::Text), global, output)?.with_evidence();
    let mut all_found = !ids.is_empty();
    for id in &ids {
        if let Some(record) = the_record(&index, id)? {
            records.print(record, &index, output)?;
        } else {
            output.note(&format!("there is no record \"{id}\"; {}", other_ids(&index, id)?));
            all_found = false;
        }
    }
    records.done(output);
    Ok(if all_found { Status::Ok } else { Status::Nothing })
}

/// What to do about an id that names no record.
pub(super) fn other_ids(index: &Index, id: &str) -> Result<String> {
    let near = did_you_mean(&index.near_ids(id)?);
    Ok(near.unwrap_or_else(|| "`hallway search --format id WORDS` prints ids".to_owned()))
}

/// The one record that an id names. A passage's id names its report.
pub(super) fn the_record(index: &Index, id: &str) -> Result<Option<Record>> {
    let mut records = index.records_by_id(id)?;
    if records.is_empty()
        && let Some((report, _)) = id.split_once('#')
    {
        records = index.records_by_id(report)?;
    }
    let ids: BTreeSet<String> = records.iter().map(|record| record.id.clone()).collect();
    match ids.len() {
        0 => Ok(None),
        1 => Ok(Some(records.swap_remove(0))),
        _ => {
            let ids: Vec<_> = ids.into_iter().collect();
            Err(Error::new(ErrorKind::Usage, format!("\"{id}\" names {} records", ids.len()))
                .hint(format!("choose one: {}", ids.join(", "))))
        }
    }
}
