//! `hallway suggest`.

use hallway::{error::Result, render::json, search::suggest};

use super::{Global, Status, TEMPLATE, locate, output::Output};

const EXAMPLES: &str = "\
Examples:
  hallway suggest obs               names and topics with a word that begins so
  hallway suggest liz ri            the last word is completed
  hallway suggest --json obs | jq -r '.suggestions[].text'";

const NOTES: &str = "\
Values of facets that have the words typed, the last of them as the beginning of one: conferences and editions, topics, \
tracks, speakers and affiliations, by the number of their records. Where no value has all of the words, those at the \
end are enough.

Exit status: 0 found, 1 nothing found, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// What somebody has typed so far
    #[arg(value_name = "PREFIX", required = true)]
    prefix: Vec<String>,
    /// Suggestions to give
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10)]
    limit: usize,
    /// Print JSON
    #[arg(long)]
    json: bool,
    /// Print JSON, a suggestion a line
    #[arg(long, conflicts_with = "json")]
    jsonl: bool,
}

impl Args {
    pub fn wants_json(&self) -> bool {
        self.json || self.jsonl
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let prefix = args.prefix.join(" ");
    let index = locate::open(global, output)?;
    let found = suggest(&index, &prefix, args.limit)?;
    if args.json {
        output.json(&json::suggestions(&prefix, &found))?;
    } else if args.jsonl {
        json::suggestion_lines(&prefix, &found).iter().try_for_each(|line| output.json(line))?;
    } else {
        output.page(global, &str::to_owned, |page| page.suggestions(&found))?;
        if found.is_empty() {
            output.note("nothing found");
        }
    }
    Ok(if found.is_empty() { Status::Nothing } else { Status::Ok })
}
