//! Queries from a file: one a line, as text or as a JSON object.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, Deserializer, Serialize};

use super::{Filter, SearchRequest};
use crate::{
    error::{Error, ErrorKind, Result},
    query::QUERY_BYTES_MAX,
};

/// Bytes of one line for who reads them as they come: the longest query there may be, escaped, and its filters.
pub const QUERY_LINE_BYTES_MAX: usize = 4 * QUERY_BYTES_MAX;

/// One query to be answered among others. Other keys than these are left unread, such as those of judgments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    /// Names the answer.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text_or_number")]
    pub id: Option<String>,
    /// What the query is an example of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// In the query language.
    #[serde(default, alias = "text")]
    pub query: String,
    /// Facet → values, any of which will do.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub filters: BTreeMap<String, Vec<String>>,
    /// Facets to count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facets: Vec<String>,
}

impl Asked {
    /// What a line asks; null for an empty one.
    ///
    /// # Errors
    /// `Input` for a JSON object that is no query; it doesn't name the line.
    pub fn from_line(line: &str) -> Result<Option<Asked>> {
        let line = line.trim_start_matches('\u{feff}').trim();
        if line.is_empty() {
            return Ok(None);
        }
        // "{" begins a query, too; `{"` hardly ever does.
        let is_object = line.strip_prefix('{').is_some_and(|rest| rest.trim_start().starts_with(['"', '}']));
        if !is_object {
            return Ok(Some(Asked { query: line.to_owned(), ..Asked::default() }));
        }
        serde_json::from_str(line).map(Some).map_err(|error| {
            Error::new(ErrorKind::Input, "not a query")
                .because(error)
                .hint("a line is a query as text, or {\"query\": …, \"id\": …, \"filters\": {\"year\": [\"2019\"]}, …}")
        })
    }

    /// The request, with all that the line doesn't say from `like`.
    pub fn request(&self, like: &SearchRequest) -> SearchRequest {
        let own = self.filters.iter().map(|(field, values)| Filter { field: field.clone(), values: values.clone() });
        let mut request = SearchRequest {
            query: self.query.clone(),
            filters: like.filters.iter().cloned().chain(own).collect(),
            ..like.clone()
        };
        // Whoever names facets wants all of their values.
        if !self.facets.is_empty() {
            request.facets.clone_from(&self.facets);
            request.topics_left_out.clear();
        }
        request
    }
}

/// The queries of a text, in order.
///
/// # Errors
/// As [`Asked::from_line`], with `path` and the line.
pub fn read_queries(text: &str, path: &Path) -> Result<Vec<Asked>> {
    let mut queries = Vec::new();
    for (index, line) in text.lines().enumerate() {
        queries.extend(Asked::from_line(line).map_err(|error| error.at(path, index as u64 + 1))?);
    }
    Ok(queries)
}

fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Id {
        Text(String),
        Number(serde_json::Number),
    }
    let id = Option::<Id>::deserialize(deserializer)?;
    Ok(id.map(|id| match id {
        Id::Text(text) => text,
        Id::Number(number) => number.to_string(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_text_or_objects() {
        let asked = |query: &str| Asked { query: query.to_owned(), ..Asked::default() };
        let read = |line| Asked::from_line(line).unwrap();
        assert_eq!(read("  "), None);
        assert_eq!(read(" error budget "), Some(asked("error budget")));
        assert_eq!(read("{x} in C++"), Some(asked("{x} in C++")));
        let id = Some("7".to_owned());
        assert_eq!(read(r#"{"id": 7, "text": "dns", "grade": 2}"#), Some(Asked { id, ..asked("dns") }));
        let filters = BTreeMap::from([("year".to_owned(), vec!["2019".to_owned()])]);
        let class = Some("filtered".to_owned());
        let full = Asked { class, filters, facets: vec!["topic".to_owned()], ..asked("dns") };
        assert_eq!(read(&serde_json::to_string(&full).unwrap()), Some(full.clone()));
        let request = full.request(&SearchRequest { limit: 3, ..SearchRequest::default() });
        assert_eq!((request.query.as_str(), request.limit, request.filters.len()), ("dns", 3, 1));
    }

    #[test]
    fn a_bad_line_is_named() {
        let error = read_queries("dns\n{\"query\": 7}\n", Path::new("q.jsonl")).unwrap_err();
        assert!(error.to_string().starts_with("q.jsonl:2: not a query"), "{error}");
    }
}
