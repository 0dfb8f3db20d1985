//! FIELDS, the table of what can be searched, filtered and counted; and the tantivy schema that follows from it.

use tantivy::schema::{
    FAST, Field as TantivyField, INDEXED, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

/// A field as people name it in queries, flags and facets.
#[derive(Debug)]
pub struct Field {
    pub name: &'static str,
    /// What it holds, for people.
    pub help: &'static str,
    pub sort: FieldSort,
    /// All the values there can be, where they are few and fixed.
    pub known: &'static [&'static str],
}

/// What stands for no value of a facet, in counts and as a filter. A source that writes it says as much as one that writes
/// nothing, so it is nowhere a value of its own.
pub const UNKNOWN: &str = "unknown";

const KINDS: &[&str] = &["talk", "bio", "report"];
const TYPES: &[&str] =
    &["talk", "keynote", "panel", "workshop", "tutorial", "lightning", "paper", "poster", "bof", "other"];
const HOLDINGS: &[&str] = &["video", "slides", "abstract", "transcript"];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldSort {
    /// Words to search in; no values to count.
    Text,
    /// Values that are filtered by and counted, and whose words can be searched.
    Facet,
    /// A facet whose values are paths (`a/b`): every ancestor is a value too.
    PathFacet,
    /// Days, compared and not counted; [`internal::DAY`] holds them.
    Day,
}

impl FieldSort {
    pub fn is_facet(self) -> bool {
        matches!(self, FieldSort::Facet | FieldSort::PathFacet)
    }
}

impl Field {
    /// Whether it is a facet that a record may have no value of: everything has a kind.
    pub fn may_be_unknown(&self) -> bool {
        self.sort.is_facet() && self.name != "kind"
    }
}

/// Every field of the query language.
pub const FIELDS: &[Field] = &[
    Field { name: "title", help: "words of the title", sort: FieldSort::Text, known: &[] },
    Field {
        name: "text",
        help: "words of the title, speakers, abstract, bio or passage",
        sort: FieldSort::Text,
        known: &[],
    },
    Field { name: "kind", help: "talk, bio or report", sort: FieldSort::Facet, known: KINDS },
    Field {
        name: "conference",
        help: "a series, or one edition of it (\"SREcon/SREcon23 EMEA\")",
        sort: FieldSort::PathFacet,
        known: &[],
    },
    Field { name: "series", help: "a series of conferences (\"SREcon\")", sort: FieldSort::Facet, known: &[] },
    Field { name: "edition", help: "a conference in one year (\"SREcon23 EMEA\")", sort: FieldSort::Facet, known: &[] },
    Field {
        name: "year",
        help: "a year, or a span of years (2016..2023, 2016.., ..2019)",
        sort: FieldSort::Facet,
        known: &[],
    },
    Field {
        name: "date",
        help: "a day, month or year, or a span (2023-10-11, 2023-10.., ..2019)",
        sort: FieldSort::Day,
        known: &[],
    },
    Field { name: "track", help: "the track that the organisers printed", sort: FieldSort::Facet, known: &[] },
    Field { name: "topic", help: "hallway's own subject labels", sort: FieldSort::PathFacet, known: &[] },
    Field {
        name: "type", help: "talk, keynote, panel, workshop, lightning, …", sort: FieldSort::Facet, known: TYPES
    },
    Field { name: "speaker", help: "a speaker's name", sort: FieldSort::Facet, known: &[] },
    Field { name: "affiliation", help: "a speaker's organisation", sort: FieldSort::Facet, known: &[] },
    Field { name: "language", help: "the language as an ISO 639-1 code", sort: FieldSort::Facet, known: &[] },
    Field { name: "state", help: "accepted, selected, cancelled, …", sort: FieldSort::Facet, known: &[] },
    Field { name: "has", help: "video, slides, abstract or transcript", sort: FieldSort::Facet, known: HOLDINGS },
];

/// The field with this name.
pub fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

/// The fields whose values are counted.
pub fn facets() -> impl Iterator<Item = &'static Field> {
    FIELDS.iter().filter(|field| field.sort.is_facet())
}

/// Fields that hallway itself needs; they have no place in the query language.
pub mod internal {
    /// Who a document belongs to: the record's id, on every passage of a report.
    pub const ID: &str = "_id";
    /// The id without its hex suffix.
    pub const BARE_ID: &str = "_bare_id";
    /// Permanent ids of the copies that were merged into the record.
    pub const ALIAS: &str = "_alias";
    /// Keys of the source files that gave the record.
    pub const SOURCE: &str = "_source";
    /// What copies of the record, and the same talk at other editions, have in common with it.
    pub const KEY: &str = "_key";
    /// The editions at which the record's copies were given, as hashes of their ids.
    pub const EDITION: &str = "_edition";
    /// The words of `text` as they are written, with all their spellings.
    pub const WORDS: &str = "_words";
    /// As [`WORDS`], of `title`.
    pub const TITLE_WORDS: &str = "_title_words";
    /// What the text says itself that something means: [`definition`](super::definition)s.
    pub const DEFINITION: &str = "_definition";
    /// The words that stand most often in the document: [`signature`](crate::index::signature).
    pub const SIGNATURE: &str = "_signature";
    /// Lines of the record, as hashes, that may repeat across its edition.
    pub const LINES: &str = "_lines";
    /// First 8 bytes of the id's BLAKE3: passages of one report share it.
    pub const PARENT: &str = "_parent";
    /// [`PARENT`] of the same talk at other editions.
    pub const ALSO_AT: &str = "_also_at";
    /// Whether the document is a passage: 1 or 0.
    pub const IS_PASSAGE: &str = "_is_passage";
    /// YYYYMMDD; month and day 0 where only the year is known, 0 without a date.
    pub const DAY: &str = "_day";
    /// Rank of the type among equal scores: lower first.
    pub const TYPE_RANK: &str = "_type_rank";
    /// The whole record as JSON; of a report, on its first passage alone.
    pub const RECORD: &str = "_record";
    /// The copies as their sources gave them, as JSON, where there are several.
    pub const MEMBERS: &str = "_members";
    /// A passage with its report's head, as JSON: what a hit shows.
    pub const PASSAGE: &str = "_passage";
}

/// The name under which tantivy knows what gives terms.
pub const TERMS: &str = "hallway_terms";
/// The name under which tantivy knows what gives spellings.
pub const SPELLINGS: &str = "hallway_spellings";

/// A term of [`internal::DEFINITION`]: what those terms, with spaces between them, are called as well.
pub fn definition(terms: &str, other: &str) -> String {
    format!("{terms}\u{1f}{other}")
}

/// The tantivy schema that [`FIELDS`] and [`internal`] describe.
pub fn schema() -> Schema {
    let mut builder = Schema::builder();
    let indexing = |tokenizer, option, norms| {
        let indexing = TextFieldIndexing::default().set_tokenizer(tokenizer);
        TextOptions::default().set_indexing_options(indexing.set_index_option(option).set_fieldnorms(norms))
    };
    let positions = IndexRecordOption::WithFreqsAndPositions;
    for field in FIELDS.iter().filter(|field| field.sort != FieldSort::Day) {
        let options = if field.sort.is_facet() {
            indexing(SPELLINGS, positions, false).set_fast("raw")
        } else {
            indexing(TERMS, positions, true)
        };
        builder.add_text_field(field.name, options);
    }
    for name in [internal::WORDS, internal::TITLE_WORDS] {
        builder.add_text_field(name, indexing(SPELLINGS, IndexRecordOption::Basic, false));
    }
    builder.add_text_field(internal::DEFINITION, STRING);
    builder.add_text_field(internal::ID, STRING | FAST);
    builder.add_text_field(internal::BARE_ID, STRING);
    builder.add_text_field(internal::ALIAS, STRING);
    builder.add_text_field(internal::SOURCE, STRING | STORED);
    builder.add_text_field(internal::KEY, STRING);
    builder.add_u64_field(internal::EDITION, INDEXED);
    builder.add_u64_field(internal::LINES, FAST);
    builder.add_u64_field(internal::SIGNATURE, FAST);
    builder.add_u64_field(internal::PARENT, FAST);
    builder.add_u64_field(internal::ALSO_AT, FAST);
    builder.add_u64_field(internal::IS_PASSAGE, FAST | INDEXED);
    builder.add_u64_field(internal::DAY, FAST);
    builder.add_u64_field(internal::TYPE_RANK, FAST);
    builder.add_text_field(internal::RECORD, STORED);
    builder.add_text_field(internal::MEMBERS, STORED);
    builder.add_text_field(internal::PASSAGE, STORED);
    builder.build()
}

/// The tantivy field of a name that [`schema`] defines.
///
/// # Panics
/// When the name is not one of [`FIELDS`] or [`internal`]: a mistake in this program.
pub fn handle(schema: &Schema, name: &str) -> TantivyField {
    schema.get_field(name).expect("every field is in the schema")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::{Kind, TalkType};

    #[test]
    fn fields_are_unique_and_explained() {
        let mut names: Vec<_> = FIELDS.iter().map(|field| field.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), FIELDS.len());
        for field in FIELDS {
            assert!(!field.help.is_empty() && field.name.bytes().all(|b| b.is_ascii_lowercase()), "{field:?}");
            assert_eq!(schema().get_field(field.name).is_ok(), field.sort != FieldSort::Day);
        }
        assert_eq!(KINDS, Kind::ALL.map(Kind::as_str));
        assert_eq!(TYPES, TalkType::ALL.map(TalkType::as_str));
    }
}
