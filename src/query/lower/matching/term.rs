//! The postings of one word, scored by BM25 block by block.
//!
//! Each block of 128 postings has in the index what its best document scores (Ding and Suel 2011, block-max indexes): where
//! that is too little, its documents are told of and not scored.

use std::sync::Arc;

use tantivy::{
    DocId, Score, SegmentReader, Term,
    fieldnorm::FieldNormReader,
    postings::BlockSegmentPostings,
    query::{Bm25Weight, EnableScoring},
    schema::{Field, IndexRecordOption},
};

use super::{
    Together,
    segment::{Change, Hits, NONE, Sum},
    union::Table,
};

/// BM25's saturation of a word's frequency, and how much a text's length counts: the usual values (Robertson and Zaragoza
/// 2009).
const K1: Score = 1.2;
const B: Score = 0.75;
/// BM25's score of one word stays below so many times its inverse document frequency.
pub(in crate::query::lower) const BM25_MAX: Score = K1 + 1.0;

/// Postings of a block, but for the last of a term.
const BLOCK: usize = 128;

/// The postings of a term.
pub(super) struct TermCursor {
    postings: BlockSegmentPostings,
    /// The next one in the block, where it is filled.
    at: usize,
    /// Null where all documents score the same.
    lengths: Option<FieldNormReader>,
    norms: Arc<Norms>,
    /// The most that a document may score, or what each does.
    weight: Score,
    /// How far the texts of this segment are from all texts in length: see [`Norms::bound`].
    skew: Score,
}

/// How often the documents of a block hold a word.
enum Frequencies<'a> {
    Known(&'a [u32]),
    /// All score the same.
    Same,
    /// None scores so much that it matters.
    Low,
}

impl TermCursor {
    /// Null where no document of the segment holds the term.
    pub fn open(
        segment: &SegmentReader,
        term: &Term,
        weight: Score,
        norms: Arc<Norms>,
    ) -> tantivy::Result<Option<TermCursor>> {
        let field = term.field();
        let entry = segment.schema().get_field_entry(field);
        let has_frequencies = entry.has_fieldnorms()
            && entry.field_type().get_index_record_option().is_some_and(IndexRecordOption::has_freq);
        let option = if has_frequencies { IndexRecordOption::WithFreqs } else { IndexRecordOption::Basic };
        let words = segment.inverted_index(field)?;
        let Some(postings) = words.read_block_postings(term, option)? else { return Ok(None) };
        let lengths = if has_frequencies { segment.fieldnorms_readers().get_field(field)? } else { None };
        let weight = if lengths.is_some() { weight * BM25_MAX } else { weight };
        let skew = norms.skew(words.total_num_tokens(), segment.max_doc());
        Ok(Some(TermCursor { postings, at: 0, lengths, norms, weight, skew }))
    }

    pub fn n_documents(&self) -> u64 {
        self.postings.doc_freq().into()
    }

    /// No document scores more.
    pub fn max(&self) -> Sum {
        self.weight.into()
    }

    /// BM25: the frequency saturates, sooner in a short text.
    fn score(&self, doc: DocId, frequency: u32) -> Sum {
        let Some(lengths) = &self.lengths else { return self.weight.into() };
        #[expect(clippy::cast_precision_loss, reason = "a word stands less than 2^24 times in a text")]
        let frequency = frequency as Score;
        (self.weight * (frequency / (frequency + self.norms.by_code[usize::from(lengths.fieldnorm_id(doc))]))).into()
    }

    /// Adds what is before `to`. A document that scores less than `least` may be given any score below it.
    pub fn fill(&mut self, to: DocId, least: Sum, hits: &mut Hits) {
        self.blocks(to, least, |own, docs, frequencies| {
            hits.docs.extend_from_slice(docs);
            match frequencies {
                Frequencies::Known(of) => {
                    hits.scores.extend(docs.iter().zip(of).map(|(doc, n)| own.score(*doc, *n)));
                }
                Frequencies::Same => hits.scores.resize(hits.docs.len(), own.weight.into()),
                Frequencies::Low => hits.scores.resize(hits.docs.len(), 0.0),
            }
        });
    }

    /// As [`TermCursor::fill`], among other documents and with other scores.
    pub fn put(&mut self, to: DocId, least: Sum, change: Change, table: &mut Table, together: Together) {
        self.blocks(to, change.left(least), |own, docs, frequencies| match frequencies {
            Frequencies::Known(of) => {
                docs.iter().zip(of).for_each(|(doc, n)| table.put(*doc, change.of(own.score(*doc, *n)), together));
            }
            Frequencies::Same => {
                let score = change.of(own.weight.into());
                docs.iter().for_each(|doc| table.put(*doc, score, together));
            }
            Frequencies::Low => docs.iter().for_each(|doc| table.see(*doc)),
        });
    }

    /// Calls `each` with the documents before `to`, block by block, and how often each holds the word.
    fn blocks(&mut self, to: DocId, least: Sum, mut each: impl FnMut(&Self, &[DocId], Frequencies<'_>)) {
        loop {
            let is_low = self.is_low(least);
            let docs = self.postings.docs();
            let n = docs.len();
            let end = self.at + docs[self.at..].partition_point(|doc| *doc < to);
            let frequencies = match &self.lengths {
                _ if is_low => Frequencies::Low,
                Some(_) => Frequencies::Known(&self.postings.freqs()[self.at..end]),
                None => Frequencies::Same,
            };
            each(self, &docs[self.at..end], frequencies);
            self.at = end;
            if end < n || n < BLOCK {
                return;
            }
            self.postings.advance();
            self.at = 0;
        }
    }

    /// Whether no document of the block at hand scores so much.
    fn is_low(&mut self, least: Sum) -> bool {
        if Sum::from(self.weight) < least {
            return true;
        }
        match &self.lengths {
            Some(lengths) if least > 0.0 => {
                let most = self.norms.bound(&mut self.postings, lengths, self.skew);
                Sum::from(self.weight) * most < least
            }
            _ => false,
        }
    }

    /// What one document scores; [`NONE`] where it does not hold the word.
    pub fn probe(&mut self, doc: DocId) -> Sum {
        let docs = self.postings.docs();
        if docs.last().is_none_or(|last| *last < doc) {
            self.at = self.postings.seek(doc);
        } else {
            self.at += docs[self.at..].iter().take_while(|other| **other < doc).count();
        }
        if self.postings.docs().get(self.at) != Some(&doc) {
            return NONE;
        }
        let frequency = if self.lengths.is_some() { self.postings.freq(self.at) } else { 1 };
        self.score(doc, frequency)
    }
}

/// What BM25 divides by, for texts of each length.
pub(super) struct Norms {
    /// By the code that stands for a text's length.
    by_code: [Score; 256],
    /// Words of a text on average; 0 where nothing is scored.
    average: Score,
    /// Tantivy's own BM25, which can say of a block what its best document scores.
    of_blocks: Bm25Weight,
    /// The most that it can say.
    of_blocks_max: Score,
}

impl Norms {
    #[expect(clippy::cast_precision_loss, reason = "an average needs no more than 24 bits")]
    pub fn new(field: Field, scoring: &EnableScoring<'_>) -> tantivy::Result<Norms> {
        let mut by_code = [K1; 256];
        let mut average = 0.0;
        if let EnableScoring::Enabled { statistics_provider, .. } = scoring {
            let n_documents = statistics_provider.total_num_docs()?.max(1);
            average = (statistics_provider.total_num_tokens(field)? as Score / n_documents as Score).max(1.0);
            for (code, norm) in (0..=u8::MAX).zip(&mut by_code) {
                let length = FieldNormReader::id_to_fieldnorm(code) as Score;
                *norm = K1 * (1.0 - B + B * length / average);
            }
        }
        // Any word will do: what is asked for is a share of the most.
        let of_blocks = Bm25Weight::for_one_term_without_explain(1, 100, average.max(1.0));
        let of_blocks_max = of_blocks.score(0, u32::MAX);
        Ok(Norms { by_code, average, of_blocks, of_blocks_max })
    }

    /// How far texts of a segment are from all texts in average length, from 0 to 1, which is not at all.
    #[expect(clippy::cast_precision_loss, reason = "an average needs no more than 24 bits")]
    pub fn skew(&self, n_words: u64, n_documents: DocId) -> Score {
        let own = n_words as Score / n_documents.max(1) as Score;
        let skew = (own / self.average).min(self.average / own);
        if skew.is_finite() { skew } else { 0.0 }
    }

    /// The most that a document of the block at hand scores, as a share of the most that any could.
    ///
    /// The index has the length l and frequency f of the document that scored best when the segment was written, by the
    /// average length a in it: of all documents its (c + d l/a) / f is the least, m, and it scores 1 / (1 + m). By another
    /// average b another document may be the best one. Since c and d are positive, (c + d l/b) / f is at least
    /// min(1, a/b) m for every document, and so at least min(a/b, b/a) times what it is for that one.
    pub fn bound(&self, postings: &mut BlockSegmentPostings, lengths: &FieldNormReader, skew: Score) -> Sum {
        let share = Sum::from(postings.block_max_score(lengths, &self.of_blocks) / self.of_blocks_max);
        share / (share + Sum::from(skew) * (1.0 - share))
    }
}
