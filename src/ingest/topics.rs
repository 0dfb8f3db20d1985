//! By which vocabulary the records of an index are labelled: what a person gives, else what the index remembers, else
//! hallway's own.

use std::sync::Arc;

use crate::{
    enrich::{Enricher, UserTopics, Vocabulary},
    error::{Error, Result},
    index::{Index, Labelling, Writer},
};

/// The vocabulary that an index was last labelled with, and whether its records are labelled by it as it is now: another
/// version of hallway may have another one.
///
/// # Errors
/// `Index`; `Usage` where what the index remembers can't be used by this version.
pub fn vocabulary(index: &Index) -> Result<(Arc<Vocabulary>, bool)> {
    let labelling = index.labelling()?;
    let vocabulary = remembered(&labelling)?;
    let is_current = vocabulary.hash() == labelling.hash;
    Ok((vocabulary, is_current))
}

/// Has a batch labelled by the topics that are given, or else by those that its index remembers. The vocabulary, and whether
/// it is another one than that of the index.
pub(crate) fn label_by(writer: &mut Writer, given: Option<&UserTopics>) -> Result<(Arc<Vocabulary>, bool)> {
    let (vocabulary, labelling) = chosen(given, writer.labelling())?;
    let mut enricher = Enricher::new(vocabulary.clone());
    let is_another = writer.label_by(labelling, Box::new(move |record| enricher.label(record)));
    Ok((vocabulary, is_another))
}

/// As [`label_by`], where nothing is written.
pub(super) fn of_request(given: Option<&UserTopics>, index: Option<&Index>) -> Result<Arc<Vocabulary>> {
    let labelling = index.map(Index::labelling).transpose()?.unwrap_or_default();
    Ok(chosen(given, &labelling)?.0)
}

fn chosen(given: Option<&UserTopics>, before: &Labelling) -> Result<(Arc<Vocabulary>, Labelling)> {
    let vocabulary = match given {
        Some(topics) => Vocabulary::with(Some(topics).filter(|topics| !topics.text.is_empty()))?,
        None => remembered(before)?,
    };
    let (path, text) = match given {
        Some(topics) if topics.text.is_empty() => (String::new(), String::new()),
        Some(UserTopics { path, text }) => (path.clone(), text.clone()),
        None => (before.path.clone(), before.text.clone()),
    };
    let labelling = Labelling { hash: vocabulary.hash().to_owned(), path, text };
    Ok((vocabulary, labelling))
}

fn remembered(labelling: &Labelling) -> Result<Arc<Vocabulary>> {
    let Labelling { path, text, .. } = labelling;
    let topics = (!text.is_empty()).then(|| UserTopics { path: path.clone(), text: text.clone() });
    Vocabulary::with(topics.as_ref()).map_err(|error| {
        let message = format!("the topics that the index remembers can't be used: {error}");
        Error::new(error.kind(), message).hint("`hallway ingest --topics FILE` gives it others, --topics '' none")
    })
}
