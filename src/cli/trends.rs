//! `hallway trends`.

use hallway::{
    error::Result,
    render::{
        json,
        trends::{By, svg, table, topics},
    },
    search::{TopicTrends, topic_trends, trends},
};

use super::{
    Global, Status, TEMPLATE,
    format::{FigureArgs, FigureFormat},
    locate,
    output::{self, Output},
    query::QueryArgs,
};

const EXAMPLES: &str = "\
Examples:
  hallway trends eBPF
  hallway trends '\"on call\" OR pager' --conference SREcon
  hallway trends Kubernetes --by table
  hallway trends --by topic --conference SREcon
  hallway trends Kubernetes --format svg > kubernetes.svg";

const NOTES: &str = "\
A share is of all talks of the year or series that the filters let through: flags narrow both, the query only what is \
counted. A year without an edition in the collection is blank, not zero. Talks alone are counted, each edition at which \
one was given, and rejected proposals only where a state is asked for.

Exit status: 0 found, 1 nothing found, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// By year, by series, series with their years, or topics with their years [default: year, then series]
    #[arg(long, value_enum)]
    by: Option<ByArg>,
    #[command(flatten)]
    figure: FigureArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum ByArg {
    Year,
    Series,
    Table,
    Topic,
}

impl Args {
    pub fn wants_json(&self) -> bool {
        self.figure.wants_json()
    }

    fn by(&self) -> Option<By> {
        self.by.and_then(|by| match by {
            ByArg::Year => Some(By::Year),
            ByArg::Series => Some(By::Series),
            ByArg::Table => Some(By::Table),
            ByArg::Topic => None,
        })
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let request = args.query.request(global)?;
    let format = args.figure.get();
    if format == FigureFormat::Svg && args.by == Some(ByArg::Table) {
        return Err(output::usage("a table has no picture", "give --by year or --by series, or --format csv"));
    }
    let index = locate::open(global, output)?;
    if args.by == Some(ByArg::Topic) {
        return by_topic(&topic_trends(&index, &request)?, &request.query, format, global, output);
    }
    let found = trends(&index, &request)?;
    let is_nothing = found.talks.n == 0;
    // A picture and a table are of one thing.
    let by = args.by().unwrap_or(By::Year);
    match format {
        FigureFormat::Json => output.json(&json::trends(&request.query, &found))?,
        FigureFormat::Csv => output.write(|out| table(out, &found, by))?,
        FigureFormat::Svg => output.write(|out| svg(out, &request.query, &found, by))?,
        FigureFormat::Text if is_nothing => {}
        FigureFormat::Text => output.page(global, &str::to_owned, |page| page.trends(&found, args.by()))?,
    }
    if format != FigureFormat::Json {
        found.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
        if is_nothing {
            output.note("nothing found");
        }
    }
    Ok(if is_nothing { Status::Nothing } else { Status::Ok })
}

fn by_topic(
    found: &TopicTrends,
    query: &str,
    format: FigureFormat,
    global: &Global,
    output: &mut Output,
) -> Result<Status> {
    let is_nothing = found.known.of == 0;
    match format {
        FigureFormat::Json => output.json(&json::topic_trends(query, found))?,
        FigureFormat::Csv => output.write(|out| topics::table(out, found))?,
        FigureFormat::Svg => output.write(|out| topics::svg(out, query, found))?,
        FigureFormat::Text if is_nothing => {}
        FigureFormat::Text => output.page(global, &str::to_owned, |page| page.topic_trends(found))?,
    }
    if format != FigureFormat::Json {
        found.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
        if is_nothing {
            output.note("nothing found");
        }
    }
    Ok(if is_nothing { Status::Nothing } else { Status::Ok })
}
