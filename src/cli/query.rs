//! What to look for: the query, what its words mean and the filters, the same for every command that takes them.

use std::path::PathBuf;

use hallway::{
    error::Result,
    search::{Filter, SearchRequest},
};

use super::Global;

#[derive(clap::Args, Debug)]
pub(super) struct QueryArgs {
    /// What to look for; without it everything that the flags let through
    #[arg(value_name = "QUERY")]
    pub query: Vec<String>,
    /// Words that mean the same, beside those that hallway knows: lines such as `k8s = kubernetes`
    #[arg(long, value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    synonyms: Option<PathBuf>,
    /// Find words by themselves and their other forms alone
    #[arg(long, conflicts_with = "synonyms")]
    no_synonyms: bool,
    #[command(flatten)]
    filters: FilterArgs,
}

impl QueryArgs {
    pub fn request(&self, global: &Global) -> Result<SearchRequest> {
        Ok(SearchRequest {
            query: self.query.join(" "),
            filters: self.filters.get(),
            synonyms: if self.no_synonyms { None } else { Some(global.config.synonyms(self.synonyms.as_deref())?) },
            strict: global.strict,
            ..SearchRequest::default()
        })
    }
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
