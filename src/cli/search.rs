//! `hallway search`.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    time::Instant,
};

use hallway::{
    error::{Error, ErrorKind, Result},
    index::Index,
    render::{escape::line, json, text::Page},
    search::{Asked, Filter, QUERY_LINE_BYTES_MAX, SearchRequest, SearchResults, Sort, facet_field, search},
};

use super::{
    Global, Status, TEMPLATE, locate,
    output::{self, Output},
};

const EXAMPLES: &str = "\
Examples:
  hallway search eBPF
  hallway search '\"on call\" OR pager' --kind report
  hallway search tracing NOT Kubernetes --year 2018..
  hallway search speaker:rice
  hallway search --conference SREcon --facets=topic,speaker -n 0";

const NOTES: &str = "\
A query is words, \"phrases\", NOT, OR, parentheses and field:value; anything else is text. Records that hold all of it \
come first; only when they don't fill the page, those that hold some. Repeating a flag means either value.

Exit status: 0 found, 1 nothing found, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    /// What to look for; without it every record that the flags let through
    #[arg(value_name = "QUERY")]
    query: Vec<String>,
    /// Hits to show [default: 10, or as configured]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Hits to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Best first, or newest first
    #[arg(long, value_enum, default_value_t = SortArg::Relevance)]
    sort: SortArg,
    /// Count the values of the usual facets, or of those named: --facets=year,topic
    #[arg(long, value_name = "NAMES", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    facets: Option<Vec<String>>,
    /// Answer the queries of a file, one a line
    ///
    /// A query is text, or JSON with query, id, filters, facets; `-` reads them as they come. Prints a JSON document a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["query", "format", "json", "jsonl"])]
    queries: Option<PathBuf>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Short for --format jsonl
    #[arg(long, conflicts_with_all = ["format", "json"])]
    jsonl: bool,
    #[command(flatten)]
    filters: FilterArgs,
}

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Filters")]
struct FilterArgs {
    /// A series or an edition: SREcon, "SREcon23 EMEA"
    #[arg(long, value_name = "NAME")]
    conference: Vec<String>,
    /// A year or a span: 2016, 2016..2023, 2016..
    #[arg(long, value_name = "YEARS")]
    year: Vec<String>,
    /// A track as the organisers printed it
    #[arg(long, value_name = "NAME")]
    track: Vec<String>,
    /// A subject label; takes in the labels below it
    #[arg(long, value_name = "NAME")]
    topic: Vec<String>,
    /// talk, bio or report
    #[arg(long, value_name = "KIND")]
    kind: Vec<String>,
    /// talk, keynote, panel, workshop, tutorial, lightning, …
    #[arg(long, value_name = "TYPE")]
    r#type: Vec<String>,
    /// A speaker's name, or words of it
    #[arg(long, value_name = "NAME")]
    speaker: Vec<String>,
    /// A speaker's organisation, or words of its name
    #[arg(long, value_name = "NAME")]
    affiliation: Vec<String>,
    /// An ISO 639-1 code
    #[arg(long, value_name = "CODE")]
    language: Vec<String>,
    /// accepted, selected, …
    #[arg(long, value_name = "STATE")]
    state: Vec<String>,
}

impl FilterArgs {
    fn get(&self) -> Vec<Filter> {
        let flags = [
            ("conference", &self.conference),
            ("year", &self.year),
            ("track", &self.track),
            ("topic", &self.topic),
            ("kind", &self.kind),
            ("type", &self.r#type),
            ("speaker", &self.speaker),
            ("affiliation", &self.affiliation),
            ("language", &self.language),
            ("state", &self.state),
        ];
        let given = flags.into_iter().filter(|(_, values)| !values.is_empty());
        given.map(|(field, values)| Filter { field: field.to_owned(), values: values.clone() }).collect()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SortArg {
    Relevance,
    Date,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Text,
    Json,
    Jsonl,
    /// The permanent ids, one a line
    Id,
}

impl Args {
    fn format(&self) -> Format {
        match (self.json, self.jsonl) {
            (true, _) => Format::Json,
            (_, true) => Format::Jsonl,
            _ => self.format,
        }
    }

    pub fn wants_json(&self) -> bool {
        self.queries.is_some() || matches!(self.format(), Format::Json | Format::Jsonl)
    }

    fn request(&self, global: &Global) -> Result<SearchRequest> {
        Ok(SearchRequest {
            query: self.query.join(" "),
            filters: self.filters.get(),
            limit: self.limit.map_or_else(|| global.config.limit(), Ok)?,
            offset: self.offset,
            sort: if self.sort == SortArg::Date { Sort::Date } else { Sort::Relevance },
            facets: match self.facets.as_deref() {
                None => Vec::new(),
                Some([]) => global.config.facets()?,
                Some(names) => names.to_vec(),
            },
            strict: global.strict,
            ..SearchRequest::default()
        })
    }

    /// `--facets year` asks for the usual facets, and for the word.
    fn facet_in_query(&self) -> Option<&String> {
        let are_facets = |word: &&String| word.split(',').all(|name| facet_field(name).is_ok());
        self.query.iter().find(are_facets).filter(|_| self.facets.as_ref().is_some_and(Vec::is_empty))
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let request = args.request(global)?;
    if let Some(file) = &args.queries {
        return answer_all(file, &request, global, output);
    }
    if request.query.trim().is_empty() && request.filters.is_empty() && request.facets.is_empty() {
        return Err(output::usage("there is nothing to search for", "give words, or a filter such as --year 2023"));
    }
    let index = locate::open(global, output)?;
    let (results, took_us) = timed(&index, &request)?;
    let query = &request.query;
    let locate = output::locator();
    match args.format() {
        Format::Json => output.json(&json::search(query, &results, took_us, &locate))?,
        Format::Jsonl => {
            for line in json::search_lines(query, &results, took_us, &locate) {
                output.json(&line)?;
            }
        }
        Format::Id => {
            for hit in &results.hits {
                output.line(&line(&hit.record.id))?;
            }
        }
        Format::Text => {
            let (columns, colour) = (output.columns, output.colour(global)?);
            let ids = results.hits.iter().map(|hit| hit.record.id.as_str());
            let short_ids = ids.map(|id| Ok((id, index.short_id(id)?))).collect::<Result<HashMap<_, _>>>()?;
            let short = |id: &str| short_ids.get(id).copied().unwrap_or(id).to_owned();
            output.write(|out| Page { out, columns, colour, locate: &locate, short_id: &short }.results(&results))?;
        }
    }
    if !args.wants_json() {
        results.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
        if let Some(word) = args.facet_in_query() {
            output.note(&format!("note: \"{word}\" is read as a word to find; to count it, write --facets={word}"));
        }
        summarise(args, &request, &results, output);
    }
    Ok(if results.hits.is_empty() && results.total == 0 { Status::Nothing } else { Status::Ok })
}

/// A search, and how long it took in µs.
fn timed(index: &Index, request: &SearchRequest) -> Result<(SearchResults, u64)> {
    let began = Instant::now();
    let results = search(index, request)?;
    #[cfg(feature = "faults")]
    super::delay::after(began);
    Ok((results, u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX)))
}

/// Answers one query after the other, each as soon as it is read. A query that can't be answered costs its answer alone.
fn answer_all(file: &Path, like: &SearchRequest, global: &Global, output: &mut Output) -> Result<Status> {
    let mut input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(|cause| Error::io("can't read", file, cause))?))
    };
    let index = locate::open(global, output)?;
    let locate = output::locator();
    let (mut any_found, mut any_failed) = (false, false);
    let mut line = Vec::new();
    for number in 1.. {
        line.clear();
        let limited = (&mut input).take(QUERY_LINE_BYTES_MAX as u64 + 2).read_until(b'\n', &mut line);
        if limited.map_err(|cause| Error::io("can't read", file, cause))? == 0 {
            break;
        }
        if line.trim_ascii_end().len() > QUERY_LINE_BYTES_MAX {
            let message = format!("a query is longer than {QUERY_LINE_BYTES_MAX} bytes");
            return Err(Error::new(ErrorKind::Usage, message).at(file, number));
        }
        let asked = match Asked::from_line(&String::from_utf8_lossy(&line)) {
            Ok(Some(asked)) => Ok(asked),
            Ok(None) => continue,
            Err(error) => Err(error.at(file, number)),
        };
        let id = asked.as_ref().ok().and_then(|asked| asked.id.clone());
        let answer = asked.and_then(|asked| {
            let (results, took_us) = timed(&index, &asked.request(like))?;
            any_found |= !results.hits.is_empty() || results.total > 0;
            Ok(json::search(&asked.query, &results, took_us, &locate))
        });
        any_failed |= answer.is_err();
        let answer = answer.unwrap_or_else(|error| json::error(&error));
        output.json(&json::answer(id.as_deref(), answer))?;
        output.flush()?;
    }
    Ok(match (any_failed, any_found) {
        (true, _) => Status::Failed,
        (_, true) => Status::Ok,
        _ => Status::Nothing,
    })
}

/// How much there is, and how to see the rest.
fn summarise(args: &Args, request: &SearchRequest, results: &SearchResults, output: &mut Output) {
    if results.total == 0 && results.hits.is_empty() {
        output.note("nothing found");
        return;
    }
    if results.total == 0 {
        output.note("\nno record holds all of it");
        return;
    }
    let n_full = results.hits.iter().filter(|hit| !hit.partial).count();
    let last = args.offset + n_full;
    if args.format() == Format::Text && (last as u64) < results.total && request.limit > 0 {
        output.note(&format!("\n{} to {last} of {}; the next: --offset {last}", args.offset + 1, results.total));
    } else if args.format() == Format::Text {
        let records = if results.total == 1 { "record" } else { "records" };
        output.note(&format!("\n{} {records}", results.total));
    }
}
