//! The formats that answers come in: one list for `search`, `show` and `export`.

use hallway::{
    enrich::{Enricher, Label},
    error::Result,
    index::Index,
    ingest::vocabulary,
    record::{Kind, Record},
    render::{bibtex, csv, escape::line, json, markdown, text::Whole},
};

use super::{
    Global,
    output::{self, Output},
};

#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct FormatArgs {
    /// How to print
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Short for --format jsonl
    #[arg(long, conflicts_with_all = ["format", "json"])]
    jsonl: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// A page to read
    Text,
    /// A document of a search; of records one a line
    Json,
    /// A hit or record a line
    Jsonl,
    /// A table with a header
    Csv,
    /// For notes
    Markdown,
    /// A bibliography for biblatex, without bios
    Bibtex,
    /// The permanent ids, one a line
    Id,
}

impl Format {
    /// Whether a page of results has a place for facets.
    pub fn has_facets(self) -> bool {
        match self {
            Format::Text | Format::Json | Format::Jsonl | Format::Markdown => true,
            Format::Csv | Format::Bibtex | Format::Id => false,
        }
    }

    /// Whether a page of results is something to keep that does not say itself whether it is all.
    pub fn is_kept(self) -> bool {
        match self {
            Format::Csv | Format::Markdown | Format::Bibtex => true,
            Format::Text | Format::Json | Format::Jsonl | Format::Id => false,
        }
    }
}

impl FormatArgs {
    /// The format that was asked for.
    pub fn given(&self) -> Option<Format> {
        match (self.json, self.jsonl) {
            (true, _) => Some(Format::Json),
            (_, true) => Some(Format::Jsonl),
            _ => self.format,
        }
    }

    /// Whether an error, too, is to be JSON.
    pub fn wants_json(&self) -> bool {
        matches!(self.given(), Some(Format::Json | Format::Jsonl))
    }
}

/// How what is counted over many talks comes.
#[derive(clap::Args, Debug)]
#[command(next_help_heading = "Output")]
pub(super) struct FigureArgs {
    /// How to print
    #[arg(long, value_enum, default_value_t = FigureFormat::Text)]
    format: FigureFormat,
    /// Short for --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum FigureFormat {
    /// A page to read
    Text,
    /// A document with all there is
    Json,
    /// A table with a header
    Csv,
    /// A picture
    Svg,
}

impl FigureArgs {
    pub fn get(&self) -> FigureFormat {
        if self.json { FigureFormat::Json } else { self.format }
    }

    /// Whether an error, too, is to be JSON.
    pub fn wants_json(&self) -> bool {
        self.get() == FigureFormat::Json
    }
}

/// Prints records one after the other.
pub(super) struct Records<'a> {
    format: Format,
    global: &'a Global,
    /// Whether JSON names the words that earned topics: for who looks at a record, not for who keeps it.
    with_evidence: bool,
    n_printed: u64,
    n_bios_left_out: u64,
}

impl<'a> Records<'a> {
    pub fn new(format: Format, global: &'a Global, output: &mut Output) -> Result<Self> {
        if format == Format::Csv {
            output.write(csv::header)?;
        }
        Ok(Records { format, global, with_evidence: false, n_printed: 0, n_bios_left_out: 0 })
    }

    pub fn with_evidence(self) -> Self {
        Records { with_evidence: true, ..self }
    }

    pub fn print(&mut self, record: Record, index: &Index, output: &mut Output) -> Result<()> {
        let locate = output::locator();
        let is_first = self.n_printed == 0;
        self.n_printed += 1;
        match self.format {
            Format::Json | Format::Jsonl if self.with_evidence => {
                let labels = labels(index, &record)?;
                output.json(&json::record(&record, &labels))
            }
            Format::Json | Format::Jsonl => output.json(&record),
            Format::Csv => output.write(|out| csv::record(out, &record, &locate)),
            Format::Id => output.line(&line(&record.id)),
            Format::Markdown => {
                let whole = whole(index, record)?;
                output.write(|out| markdown::record(out, &whole, &locate, is_first))
            }
            Format::Text => {
                let whole = whole(index, record)?;
                output.page(self.global, &str::to_owned, |page| {
                    if !is_first {
                        writeln!(page.out)?;
                    }
                    page.record(&whole)
                })
            }
            Format::Bibtex => {
                let mut is_printed = false;
                output.write(|out| {
                    is_printed = bibtex::record(out, &record, is_first)?;
                    Ok(())
                })?;
                if !is_printed {
                    self.n_printed -= 1;
                    self.n_bios_left_out += 1;
                }
                Ok(())
            }
        }
    }

    /// Says what could not be printed.
    pub fn done(self, output: &mut Output) {
        if self.n_bios_left_out > 0 {
            let left_out = output::many(self.n_bios_left_out, "bio");
            output.note(&format!("note: {left_out} left out, being nothing to cite"));
        }
    }
}

/// A record with its bios and what it knows of itself at other editions.
fn whole(index: &Index, record: Record) -> Result<Whole> {
    let mut also_at = Vec::new();
    for id in &record.also_at {
        also_at.extend(index.records_by_id(id)?.into_iter().take(1));
    }
    Ok(Whole { bios: bios(index, &record)?, also_at, labels: labels(index, &record)?, record })
}

/// A record's topics with the words that earned them: read anew, since they follow from the record. A topic that it was given
/// by another vocabulary has none.
fn labels(index: &Index, record: &Record) -> Result<Vec<Label>> {
    if record.topics.is_empty() {
        return Ok(Vec::new());
    }
    let (vocabulary, _) = vocabulary(index)?;
    let labels = Enricher::new(vocabulary).labels(record);
    Ok(labels.into_iter().filter(|label| record.topics.contains(&label.topic)).collect())
}

/// The bios printed with a talk; where its source lists none, those of its speakers at the same edition.
fn bios(index: &Index, talk: &Record) -> Result<Vec<Record>> {
    let mut bios: Vec<Record> = Vec::new();
    if talk.kind != Kind::Talk {
        return Ok(bios);
    }
    for id in &talk.bios {
        bios.extend(index.records_by_id(id)?.into_iter().take(1));
    }
    let place = talk.edition_id.as_ref().map_or("people".to_owned(), |edition| format!("{edition}/people"));
    for speaker in &talk.speakers {
        if bios.iter().all(|bio| bio.title.as_ref() != Some(&speaker.name)) {
            let id = format!("{place}/{}", hallway::record::slug(&speaker.name));
            bios.extend(index.records_by_id(&id)?.into_iter().find(|bio| bio.title.as_ref() == Some(&speaker.name)));
        }
    }
    Ok(bios)
}
