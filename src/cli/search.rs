//! `hallway search`.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    time::Instant,
};

use hallway::{
    enrich::uncounted,
    error::{Error, ErrorKind, Result},
    index::Index,
    render::{csv, escape::line, json, markdown},
    search::{Asked, QUERY_LINE_BYTES_MAX, SearchRequest, SearchResults, Sort, facet_field, search},
};

use super::{
    Global, Status, TEMPLATE,
    format::{Format, FormatArgs, Records},
    locate,
    output::{self, Output},
    query::QueryArgs,
    show::{other_ids, the_record},
    stale,
};

const EXAMPLES: &str = "\
Examples:
  hallway search eBPF
  hallway search '\"on call\" OR pager' --kind report
  hallway search tracing NOT Kubernetes --year 2018..
  hallway search speaker:rice
  hallway search --conference SREcon --facets=topic,speaker -n 0";

const NOTES: &str = "\
A query is words, \"phrases\", \"near words\"~3, NOT, OR, parentheses, begin*, fuzzy~, /pattern/, field:value, \
year:2016..2023, date:2023-10.., has:video and word^2; anything else is text. `hallway help query` tells what each \
finds. Records that hold all of it come first; only when they don't fill the page, those that hold some. Repeating a \
flag means either value; the value \"unknown\" is for records that have none: --track unknown.

Exit status: 0 found, 1 nothing found, 2 error.";

#[derive(clap::Args, Debug)]
#[command(before_help = EXAMPLES, after_long_help = NOTES, help_template = TEMPLATE)]
pub(super) struct Args {
    #[command(flatten)]
    query: QueryArgs,
    /// Hits to show [default: 10, or as configured]
    #[arg(short = 'n', long, value_name = "N")]
    limit: Option<usize>,
    /// Hits to skip
    #[arg(long, value_name = "N", default_value_t = 0)]
    offset: usize,
    /// Best first, or newest first
    #[arg(long, value_enum, default_value_t = SortArg::Relevance)]
    sort: SortArg,
    /// Best first by likeness to this record among the best that match; without a query, records that share its words
    #[arg(long, value_name = "ID", conflicts_with = "queries")]
    like: Option<String>,
    /// Say what each score consists of
    #[arg(long)]
    explain: bool,
    /// Each edition at which a talk was given as a hit of its own, as the formats for machines have it
    #[arg(long)]
    all_editions: bool,
    /// Characters of a snippet, 0 for none
    #[arg(long, value_name = "N", default_value_t = 240, value_parser = clap::value_parser!(u16).range(..=10_000))]
    context: u16,
    /// Count the values of the usual facets, or of those named: --facets=year,topic
    #[arg(long, value_name = "NAMES", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    facets: Option<Vec<String>>,
    /// Answer the queries of a file, one a line
    ///
    /// A query is text, or JSON with query, id, filters, facets; `-` reads them as they come. Prints a JSON document a line.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["query", "format", "json", "jsonl"])]
    queries: Option<PathBuf>,
    #[command(flatten)]
    format: FormatArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum SortArg {
    Relevance,
    Date,
}

impl Args {
    fn format(&self) -> Format {
        self.format.given().unwrap_or(Format::Text)
    }

    /// Machines count, label and compare records; people want each talk once.
    fn is_for_people(&self) -> bool {
        self.queries.is_none() && matches!(self.format(), Format::Text | Format::Markdown)
    }

    pub fn wants_json(&self) -> bool {
        self.queries.is_some() || self.format.wants_json()
    }

    fn request(&self, global: &Global) -> Result<SearchRequest> {
        Ok(SearchRequest {
            limit: self.limit.map_or_else(|| global.config.limit(), Ok)?,
            offset: self.offset,
            sort: if self.sort == SortArg::Date { Sort::Date } else { Sort::Relevance },
            fold_editions: !self.all_editions && self.is_for_people(),
            facets: match self.facets.as_deref() {
                None => Vec::new(),
                Some([]) => global.config.facets()?,
                Some(names) => names.to_vec(),
            },
            snippet_chars_max: usize::from(self.context),
            explain: self.explain,
            ..self.query.request(global)?
        })
    }

    /// Among the usual facets stand no topics whose labels are too often wrong.
    fn leave_topics_out(&self, request: &mut SearchRequest, index: &Index) -> Result<()> {
        if self.facets.as_ref().is_some_and(Vec::is_empty) && request.facets.iter().any(|name| name == "topic") {
            request.topics_left_out = uncounted(&index.labelling()?.text);
        }
        Ok(())
    }

    /// `--facets year` asks for the usual facets, and for the word.
    fn facet_in_query(&self) -> Option<&String> {
        let are_facets = |word: &&String| word.split(',').all(|name| facet_field(name).is_ok());
        self.query.query.iter().find(are_facets).filter(|_| self.facets.as_ref().is_some_and(Vec::is_empty))
    }
}

pub(super) fn run(args: &Args, global: &Global, output: &mut Output) -> Result<Status> {
    let mut request = args.request(global)?;
    if let Some(file) = &args.queries {
        return answer_all(file, args, request, global, output);
    }
    if request.query.trim().is_empty() && request.filters.is_empty() && request.facets.is_empty() && args.like.is_none()
    {
        return Err(output::usage("there is nothing to search for", "give words, or a filter such as --year 2023"));
    }
    let format = args.format();
    if !request.facets.is_empty() && !format.has_facets() {
        let hint = "--format text, markdown, json and jsonl do; `-n 0` prints them alone";
        return Err(output::usage("this format has no place for facets", hint));
    }
    if args.explain && !matches!(format, Format::Text | Format::Markdown | Format::Json | Format::Jsonl) {
        return Err(output::usage(
            "this format has no place for explanations",
            "--format text, markdown, json and jsonl do",
        ));
    }
    if args.like.is_some() && args.sort == SortArg::Date {
        return Err(output::usage("--like is an order, and so is --sort date", "leave one of them out"));
    }
    let index = locate::open(global, output)?;
    if let Some(id) = &args.like {
        let Some(record) = the_record(&index, id)? else {
            return Err(output::usage(&format!("there is no record \"{id}\""), &other_ids(&index, id)?));
        };
        request.like = Some(Box::new(record));
    }
    args.leave_topics_out(&mut request, &index)?;
    let (results, took_us) = timed(&index, &request)?;
    print(&request.query, &results, took_us, format, &index, global, output)?;
    if !args.wants_json() {
        results.notes.iter().for_each(|note| output.note(&format!("note: {note}")));
        if let Some(word) = args.facet_in_query() {
            output.note(&format!("note: \"{word}\" is read as a word to find; to count it, write --facets={word}"));
        }
        summarise(args, &request, &results, output);
        if args.format() == Format::Text {
            stale::tell(&index, global, output);
        }
    }
    Ok(if results.hits.is_empty() && results.total == 0 { Status::Nothing } else { Status::Ok })
}

fn print(
    query: &str,
    results: &SearchResults,
    took_us: u64,
    format: Format,
    index: &Index,
    global: &Global,
    output: &mut Output,
) -> Result<()> {
    let locate = output::locator();
    let ids = results.hits.iter().map(|hit| hit.record.id.as_str());
    match format {
        Format::Json => output.json(&json::search(query, results, took_us, &locate)),
        Format::Jsonl => {
            json::search_lines(query, results, took_us, &locate).iter().try_for_each(|line| output.json(line))
        }
        Format::Csv => output.write(|out| csv::results(out, results, &locate)),
        Format::Markdown => output.write(|out| markdown::results(out, results, &locate)),
        Format::Id => ids.into_iter().try_for_each(|id| output.line(&line(id))),
        Format::Bibtex => {
            let mut records = Records::new(format, global, output)?;
            results.hits.iter().try_for_each(|hit| records.print(hit.record.clone(), index, output))?;
            records.done(output);
            Ok(())
        }
        Format::Text => {
            let short_ids = ids.map(|id| Ok((id, index.short_id(id)?))).collect::<Result<HashMap<_, _>>>()?;
            let short = |id: &str| short_ids.get(id).copied().unwrap_or(id).to_owned();
            output.page(global, &short, |page| page.results(results))
        }
    }
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
fn answer_all(
    file: &Path,
    args: &Args,
    mut like: SearchRequest,
    global: &Global,
    output: &mut Output,
) -> Result<Status> {
    let mut input: Box<dyn BufRead> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(BufReader::new(File::open(file).map_err(|cause| Error::io("can't read", file, cause))?))
    };
    let index = locate::open(global, output)?;
    args.leave_topics_out(&mut like, &index)?;
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
        let answer = asked.and_then(|asked| Ok((timed(&index, &asked.request(&like))?, asked.query)));
        match answer {
            Ok(((results, took_us), query)) => {
                any_found |= !results.hits.is_empty() || results.total > 0;
                output.json(&json::search(&query, &results, took_us, &locate).answering(id.as_deref()))?;
            }
            Err(error) => {
                any_failed = true;
                output.json(&json::error(id.as_deref(), &error))?;
            }
        }
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
    let last = results.end;
    let is_cut = (last as u64) < results.total && request.limit > 0;
    match args.format() {
        Format::Text if is_cut => {
            output.note(&format!("\n{} to {last} of {}; the next: --offset {last}", args.offset + 1, results.total));
        }
        Format::Text => output.note(&format!("\n{}", output::many(results.total, "record"))),
        // Whoever keeps it wants to know that it isn't whole.
        format if is_cut && format.is_kept() => {
            let of = results.total;
            output.note(&format!(
                "note: {} to {last} of {of}; `hallway export` with the query gives all",
                args.offset + 1
            ));
        }
        _ => {}
    }
}
