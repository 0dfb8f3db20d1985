//! `hallway topics`.

use std::{collections::BTreeMap, path::PathBuf};

use hallway::{
    enrich::Vocabulary,
    error::{ErrorKind, Result},
    ingest::vocabulary,
    render::topics,
    search::{SearchRequest, search},
};

use super::{
    Global, Status, TEMPLATE,
    config::user_topics,
    locate,
    output::{Output, many},
};

const EXAMPLES: &str = "\
Examples:
  hallway topics                            every topic, with its records
  hallway search --topic networking DNS     a group takes in its topics
  hallway topics --check ours.toml          what is wrong with your own file
  hallway ingest --topics ours.toml talks   label records by it";

const NOTES: &str = "\
A count is of records, and a group's takes in those of its topics. docs/topics.md tells how a file of topics is written \
and how phrases earn a label; `hallway show` prints the words that earned each.

Exit status: 0 done, 2 error, 3 something is wrong with the file.";

/// Values of a facet that are asked for: a vocabulary has fewer topics.
const VALUES_MAX: usize = 10_000;

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// Say what is wrong with a file of topics, line by line
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    check: Option<PathBuf>,
    /// Print JSON: every topic with its phrases
    #[arg(long, conflicts_with = "check")]
    pub json: bool,
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    if let Some(path) = &args.check {
        let file = user_topics(path)?;
        return match Vocabulary::checked(&file) {
            Ok(vocabulary) => {
                let n_own = Vocabulary::built_in().topics().len();
                let (all, new) = (vocabulary.topics().len(), vocabulary.topics().len() - n_own);
                output.line(&format!("sound: {}, {new} of them its own", many(all as u64, "topic")))?;
                Ok(Status::Ok)
            }
            Err(problems) => {
                problems.iter().for_each(|problem| output.problem(problem));
                Ok(Status::Problems)
            }
        };
    }
    let index = match locate::open(global, output) {
        Ok(index) => index,
        // The vocabulary is there without one.
        Err(error) if error.kind() == ErrorKind::NoIndex && global.index.is_none() => {
            return list(&Vocabulary::built_in(), None, args, output);
        }
        Err(error) => return Err(error),
    };
    let (vocabulary, is_current) = vocabulary(&index)?;
    let facets = vec!["topic".to_owned()];
    let request = SearchRequest { limit: 0, facets, facet_values_max: VALUES_MAX, ..SearchRequest::default() };
    let counted = search(&index, &request)?.facets.unwrap_or_default();
    let counts = counted.into_iter().flat_map(|facet| facet.counts).map(|of| (of.value, of.count)).collect();
    if !is_current {
        output.note(
            "note: the topics have changed since the records were labelled; the next `hallway ingest` labels them",
        );
    }
    list(&vocabulary, Some(&counts), args, output)
}

fn list(
    vocabulary: &Vocabulary,
    counts: Option<&BTreeMap<String, u64>>,
    args: &Args,
    output: &mut Output,
) -> Result<Status> {
    if args.json {
        output.json(&topics::json(vocabulary, counts))?;
    } else {
        output.write(|out| topics::list(out, vocabulary, counts))?;
    }
    Ok(Status::Ok)
}
