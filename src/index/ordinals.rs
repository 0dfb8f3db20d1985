//! The values of a text column, document by document: by their places in its dictionary.

use std::sync::Arc;

use tantivy::{
    DocId, SegmentReader,
    columnar::{Cardinality, RowId, StrColumn},
    index::SegmentId,
};

use super::columns::Columns;

/// For those who ask for many documents of one segment.
pub(crate) struct Ordinals {
    columns: Columns,
    segment: SegmentId,
    n_documents: DocId,
    name: &'static str,
    /// Null where no document has a value.
    column: Option<StrColumn>,
    /// By document; null until so many were asked for that it pays, and where a document may have several values.
    by_doc: Option<Arc<Vec<u32>>>,
    n_asked: usize,
    rows: Rows,
}

/// What is kept from batch to batch: of each value the document, its place in the column, and its ordinal.
#[derive(Default)]
struct Rows {
    docs: Vec<DocId>,
    places: Vec<RowId>,
    ords: Vec<u64>,
}

impl Rows {
    /// The values of many documents at once, document by document: first where they stand, then what they are.
    fn of(&mut self, column: &StrColumn, docs: &[DocId]) -> impl Iterator<Item = (DocId, u64)> {
        self.docs.clear();
        self.places.clear();
        column.ords().index.docids_to_rowids(docs, &mut self.docs, &mut self.places);
        self.ords.resize(self.places.len(), 0);
        column.ords().values.get_vals(&self.places, &mut self.ords);
        self.docs.iter().copied().zip(self.ords.iter().copied())
    }
}

/// Of one document in so many values are asked for before those of all are written down.
const SHARE: usize = 2;

impl Ordinals {
    /// # Errors
    /// Where the index is damaged.
    pub fn new(segment: &SegmentReader, columns: &Columns, name: &'static str) -> tantivy::Result<Ordinals> {
        let column = columns.texts(segment, name)?;
        let (columns, n_documents, segment) = (columns.clone(), segment.max_doc(), segment.segment_id());
        let by_doc = columns.ordinals(segment, name);
        Ok(Ordinals { columns, segment, n_documents, name, column, by_doc, n_asked: 0, rows: Rows::default() })
    }

    pub fn column(&self) -> Option<&StrColumn> {
        self.column.as_ref()
    }

    /// As many values as there are: this also stands for none.
    pub fn n_values(&self) -> usize {
        self.column.as_ref().map_or(0, |column| column.dictionary().num_terms())
    }

    /// Calls `each` with the place of each document among `docs`, which are in order, and the ordinal of each of its values, or
    /// with the number of values where it has none.
    pub fn each(&mut self, docs: &[DocId], mut each: impl FnMut(usize, usize)) {
        let none = self.n_values();
        let Some(column) = &self.column else {
            (0..docs.len()).for_each(|place| each(place, none));
            return;
        };
        self.n_asked += docs.len();
        let is_single = column.ords().get_cardinality() != Cardinality::Multivalued;
        if self.by_doc.is_none() && is_single && self.n_asked * SHARE > self.n_documents as usize {
            let by_doc = Arc::new(self.write_down(column, none));
            self.columns.keep_ordinals(self.segment, self.name, Arc::clone(&by_doc));
            self.by_doc = Some(by_doc);
        }
        if let Some(by_doc) = &self.by_doc {
            docs.iter().enumerate().for_each(|(place, doc)| each(place, by_doc[*doc as usize] as usize));
            return;
        }
        let mut values = self.rows.of(column, docs).peekable();
        for (place, doc) in docs.iter().enumerate() {
            let mut has_none = true;
            while let Some((_, ord)) = values.next_if(|(of, _)| of == doc) {
                has_none = false;
                each(place, ord as usize);
            }
            if has_none {
                each(place, none);
            }
        }
    }

    fn write_down(&self, column: &StrColumn, none: usize) -> Vec<u32> {
        let all: Vec<DocId> = (0..self.n_documents).collect();
        let mut by_doc = vec![none as u32; all.len()];
        Rows::default().of(column, &all).for_each(|(doc, ord)| by_doc[doc as usize] = ord as u32);
        by_doc
    }
}

#[cfg(test)]
mod tests {
    use tantivy::{
        Index, TantivyDocument,
        schema::{FAST, STRING, Schema},
    };

    use super::*;

    const N_DOCUMENTS: usize = 1_000;

    /// Values of a document: one or none, or of a facet with several up to two.
    fn values(doc: usize, name: &str) -> Vec<String> {
        let n = if name == "several" { doc % 3 } else { usize::from(doc % 7 != 3) };
        (0..n).map(|at| format!("value {}", (doc * 31 + at * 7) % 13)).collect()
    }

    /// Batch by batch the same is given, before all are written down and after, and by who comes next.
    #[test]
    fn values_are_those_of_each_document() {
        let names = ["one", "several", "nowhere"];
        let mut schema = Schema::builder();
        let fields = names.map(|name| schema.add_text_field(name, STRING | FAST));
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 20_000_000).unwrap();
        for doc in 0..N_DOCUMENTS {
            let mut document = TantivyDocument::default();
            for (field, name) in fields.into_iter().zip(names).take(2) {
                values(doc, name).iter().for_each(|value| document.add_text(field, value));
            }
            writer.add_document(document).unwrap();
        }
        writer.commit().unwrap();
        let searcher = index.reader().unwrap().searcher();
        let segment = searcher.segment_reader(0);
        let columns = Columns::default();
        let docs: Vec<DocId> = (0..segment.max_doc()).filter(|doc| doc % 5 != 1).collect();
        for name in names {
            for round in 0..3 {
                let mut ordinals = Ordinals::new(segment, &columns, name).unwrap();
                let mut given: Vec<Vec<usize>> = vec![Vec::new(); N_DOCUMENTS];
                for docs in docs.chunks(90) {
                    ordinals.each(docs, |place, ord| given[docs[place] as usize].push(ord));
                }
                for doc in &docs {
                    let given = given[*doc as usize].iter().map(|ord| {
                        let mut value = String::new();
                        let is_value = *ord < ordinals.n_values();
                        (is_value && ordinals.column().unwrap().ord_to_str(*ord as u64, &mut value).unwrap())
                            .then_some(value)
                    });
                    let mut expected: Vec<_> = values(*doc as usize, name).into_iter().map(Some).collect();
                    if name == "nowhere" || expected.is_empty() {
                        expected = vec![None];
                    }
                    let mut given: Vec<_> = given.collect();
                    given.sort_unstable();
                    expected.sort_unstable();
                    assert_eq!(given, expected, "{name} of {doc}");
                }
                let is_written_down = columns.ordinals(segment.segment_id(), name).is_some();
                assert_eq!(is_written_down, name != "several", "{name} in round {round}");
            }
        }
    }
}
