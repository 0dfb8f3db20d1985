//! `hallway similar`.

use std::{collections::HashMap, time::Instant};

use hallway::{
    error::Result,
    overlap::{Comparison, Similar, SimilarRequest, Subject, Verdict, Weights},
    render::similar::json,
    search::{Nearby, SearchRequest},
};

use super::{
    Global, Status, TEMPLATE, draft, locate,
    output::{self, Output},
};

const EXAMPLES: &str = "\
Examples:
  hallway similar draft.md
  hallway similar promcon-2018/hidden-linux-metrics-with-ebpf-exporter
  hallway similar draft.md --against 'series:PromCon year:2018..' --explain
  hallway similar - < draft.md";

const NOTES: &str = "\
The score says how sure it is that both are the same talk; from 0.5 on they are called so. The verdicts are: same talk; \
same speaker, new material; same subject; nothing close. Titles alone decide nothing.

Exit status: 0 found, 1 nothing close, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// The id of a talk, report or passage; a file with a draft or one record; `-` for standard input
    #[arg(value_name = "ID|FILE|-")]
    draft: String,
    /// Look among what this query finds: 'series:SREcon year:2018..'
    #[arg(long, value_name = "QUERY")]
    against: Option<String>,
    /// Records to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u16).range(1..=64))]
    limit: u16,
    /// Say what each score is made of, also of what is not close
    #[arg(long)]
    explain: bool,
    /// Let no name count or be shown
    #[arg(long)]
    blind: bool,
    /// Print JSON
    #[arg(long, help_heading = "Output")]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let index = locate::open(global, output)?;
    let record = draft::read(&args.draft, &index)?;
    let within = SearchRequest {
        query: args.against.clone().unwrap_or_default(),
        strict: global.strict,
        synonyms: Some(global.config.synonyms(None)?),
        ..SearchRequest::default()
    };
    let request =
        SimilarRequest { within, limit: usize::from(args.limit), blind: args.blind, with_nothing: args.explain };
    let began = Instant::now();
    let nearby = Nearby::new(&index);
    let weights = Weights::new(&nearby);
    let mut comparison = Comparison::new(&nearby, &weights);
    let subject = comparison.subject(record)?;
    let similar = comparison.similar(&subject, &request)?;
    let took_us = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
    let is_nothing = similar.hits.iter().all(|near| near.verdict == Verdict::Nothing);
    if args.json {
        let draft = (!args.blind).then_some(&subject);
        output.json(&json(&request, draft, &similar, took_us, &output::locator()))?;
    } else {
        page(args, &subject, &similar, &index, global, output)?;
        similar.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
        if is_nothing {
            output.note(if similar.n_compared > 0 {
                "nothing close"
            } else {
                "nothing close: no record to compare with"
            });
        }
    }
    Ok(if is_nothing { Status::Nothing } else { Status::Ok })
}

fn page(
    args: &Args,
    subject: &Subject,
    similar: &Similar,
    index: &hallway::index::Index,
    global: &Global,
    output: &mut Output,
) -> Result<()> {
    let ids = similar.hits.iter().map(|hit| hit.record.id.as_str());
    let short_ids = ids.map(|id| Ok((id, index.short_id(id)?))).collect::<Result<HashMap<_, _>>>()?;
    let short = |id: &str| short_ids.get(id).copied().unwrap_or(id).to_owned();
    output.page(global, &short, |page| page.similar(subject, similar, args.explain))
}
