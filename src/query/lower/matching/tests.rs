//! Batches against plain evaluation, document by document.

#![expect(clippy::cast_precision_loss, reason = "lengths and frequencies are small")]

use std::sync::OnceLock;

use proptest::prelude::*;
use tantivy::{
    Index, TantivyDocument,
    collector::{Collector, SegmentCollector},
    fieldnorm::FieldNormReader,
    indexer::NoMergePolicy,
    query::PhraseQuery,
    schema::{IndexRecordOption, STORED, Schema, TextFieldIndexing, TextOptions},
};

use super::*;

/// More than a batch in one segment, and some in another.
const N_DOCUMENTS: [usize; 2] = [4_400, 200];
const WORDS: [&str; 6] = ["a", "b", "c", "d", "e", "nowhere"];
/// One of so many documents holds the word.
const EVERY: [usize; 5] = [1, 2, 7, 128, 3_000];

struct Collection {
    index: Index,
    text: Field,
    /// As in the index: by segment.
    documents: Vec<Vec<Vec<&'static str>>>,
}

fn collection() -> &'static Collection {
    static COLLECTION: OnceLock<Collection> = OnceLock::new();
    COLLECTION.get_or_init(|| {
        let mut schema = Schema::builder();
        let positions = IndexRecordOption::WithFreqsAndPositions;
        let indexing = TextFieldIndexing::default().set_tokenizer("whitespace").set_index_option(positions);
        let text = schema.add_text_field("text", TextOptions::from(STORED).set_indexing_options(indexing));
        let index = Index::create_in_ram(schema.build());
        let mut writer = index.writer_with_num_threads::<TantivyDocument>(1, 20_000_000).unwrap();
        writer.set_merge_policy(Box::new(NoMergePolicy));
        let mut documents = Vec::new();
        let mut chance = 1_u64;
        for n in N_DOCUMENTS {
            let mut of_segment = Vec::new();
            for _ in 0..n {
                let mut words = Vec::new();
                for (word, every) in WORDS.iter().zip(EVERY) {
                    for _ in 0..3 {
                        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                        if ((chance >> 33) as usize).is_multiple_of(every) {
                            words.push(*word);
                        }
                    }
                }
                words.rotate_left((chance >> 40) as usize % 3);
                if n == N_DOCUMENTS[1] {
                    // Its texts are of another length on average.
                    words = words.repeat(3);
                }
                let mut document = TantivyDocument::default();
                document.add_text(text, words.join(" "));
                writer.add_document(document).unwrap();
                of_segment.push(words);
            }
            writer.commit().unwrap();
            documents.push(of_segment);
        }
        Collection { index, text, documents }
    })
}

/// Every match with its score, as (segment, document, score).
struct All;
struct OfSegment(Vec<(u32, DocId, Score)>, u32);

impl Collector for All {
    type Fruit = Vec<(u32, DocId, Score)>;
    type Child = OfSegment;

    fn for_segment(&self, ordinal: u32, _: &SegmentReader) -> tantivy::Result<OfSegment> {
        Ok(OfSegment(Vec::new(), ordinal))
    }

    fn requires_scoring(&self) -> bool {
        true
    }

    fn merge_fruits(&self, segments: Vec<Self::Fruit>) -> tantivy::Result<Self::Fruit> {
        Ok(segments.concat())
    }
}

impl SegmentCollector for OfSegment {
    type Fruit = Vec<(u32, DocId, Score)>;

    fn collect(&mut self, doc: DocId, score: Score) {
        self.0.push((self.1, doc, score));
    }

    fn harvest(self) -> Self::Fruit {
        self.0
    }
}

/// Over words and pairs of words by their places in [`WORDS`].
#[derive(Clone, Debug)]
enum Sample {
    Word(usize, Score),
    /// With its cost said or not.
    Pair(usize, usize, bool),
    Either(usize, usize),
    Everything,
}

fn sample() -> impl Strategy<Value = Tree<Sample>> {
    let leaf = prop_oneof![
        6 => (0..WORDS.len(), 0.1_f32..5.0).prop_map(|(word, weight)| Sample::Word(word, weight)),
        2 => (0..WORDS.len(), 0..WORDS.len(), any::<bool>()).prop_map(|(one, other, said)| Sample::Pair(one, other, said)),
        2 => (0..WORDS.len(), 0..WORDS.len()).prop_map(|(one, other)| Sample::Either(one, other)),
        1 => Just(Sample::Everything),
    ];
    leaf.prop_map(Tree::Leaf).prop_recursive(3, 16, 3, |inner| {
        let some = |n: std::ops::Range<usize>| prop::collection::vec(inner.clone(), n);
        let together = prop_oneof![Just(Together::Sum), Just(Together::Max)];
        prop_oneof![
            3 => (some(0..4), together).prop_map(|(of, together)| Tree::Any { of, together }),
            4 => (some(1..4), some(0..2), some(0..2))
                .prop_map(|(required, optional, excluded)| Tree::All { required, optional, excluded }),
            1 => (inner.clone(), 0.0_f32..3.0).prop_map(|(tree, score)| Tree::Constant(Box::new(tree), score)),
            1 => (inner.clone(), 0.1_f32..3.0).prop_map(|(tree, by)| Tree::Weighted(Box::new(tree), by)),
            1 => (inner.clone(), 0.1_f32..3.0).prop_map(|(tree, by)| Tree::Raised(Box::new(tree), by)),
        ]
    })
}

impl Collection {
    fn matching(&self, tree: &Tree<Sample>) -> Matching {
        let term = |word: usize| Term::from_field_text(self.text, WORDS[word]);
        tree.map(&mut |sample| {
            Ok(match *sample {
                Sample::Word(word, weight) => Criterion::Term { term: term(word), weight },
                Sample::Pair(one, other, said) => Criterion::Other {
                    query: Box::new(PhraseQuery::new(vec![term(one), term(other)])),
                    cost: said.then_some(10),
                },
                Sample::Either(one, other) => Criterion::AnyOf(vec![term(one), term(other)]),
                Sample::Everything => Criterion::Everything,
            })
        })
        .unwrap()
    }

    fn average(&self) -> Score {
        let lengths = self.documents.iter().flatten().map(Vec::len).sum::<usize>();
        lengths as Score / N_DOCUMENTS.iter().sum::<usize>() as Score
    }

    /// What one document scores, by the definition; null where it does not match. Phrases score as tantivy scores them.
    fn score(&self, tree: &Tree<Sample>, words: &[&str], pair: &dyn Fn(usize, usize) -> Score) -> Option<Score> {
        let of = |tree: &Tree<Sample>| self.score(tree, words, pair);
        match tree {
            Tree::Leaf(Sample::Everything) => Some(1.0),
            Tree::Leaf(Sample::Word(word, weight)) => {
                let frequency = words.iter().filter(|other| **other == WORDS[*word]).count() as Score;
                let code = FieldNormReader::fieldnorm_to_id(u32::try_from(words.len()).unwrap());
                let length = FieldNormReader::id_to_fieldnorm(code) as Score;
                let norm = 1.2 * (0.25 + 0.75 * length / self.average());
                (frequency > 0.0).then(|| weight * 2.2 * frequency / (frequency + norm))
            }
            Tree::Leaf(Sample::Pair(one, other, _)) => {
                let holds = words.windows(2).any(|pair| pair == [WORDS[*one], WORDS[*other]]);
                holds.then(|| pair(*one, *other))
            }
            Tree::Leaf(Sample::Either(one, other)) => {
                words.iter().any(|word| [WORDS[*one], WORDS[*other]].contains(word)).then_some(1.0)
            }
            Tree::Any { of: trees, together } => trees.iter().filter_map(of).reduce(|a, b| match together {
                Together::Sum => a + b,
                Together::Max => a.max(b),
            }),
            Tree::All { required, optional, excluded } => {
                let own = required.iter().map(of).sum::<Option<Score>>()?;
                let is_excluded = excluded.iter().any(|tree| of(tree).is_some());
                (!is_excluded).then(|| own + optional.iter().filter_map(of).sum::<Score>())
            }
            Tree::Constant(tree, score) => of(tree).map(|_| *score),
            Tree::Weighted(tree, by) => of(tree).map(|score| score * by),
            Tree::Raised(tree, by) => of(tree).map(|score| score + by),
        }
    }
}

fn check(tree: &Tree<Sample>) -> Result<(), TestCaseError> {
    let collection = collection();
    let searcher = collection.index.reader().unwrap().searcher();
    // The segments stand in an order of tantivy's own.
    let mut documents: Vec<_> = collection.documents.iter().collect();
    documents.sort_by_key(|of_segment| std::cmp::Reverse(of_segment.len()));
    let sizes: Vec<usize> = searcher.segment_readers().iter().map(|s| s.max_doc() as usize).collect();
    prop_assert_eq!(&sizes, &documents.iter().map(|of_segment| of_segment.len()).collect::<Vec<_>>());

    let matching = collection.matching(tree);
    let found = searcher.search(&matching, &All).unwrap();
    // A phrase's own score counts how often it stands there: the tree's shape is what is tested.
    let has_pair = format!("{tree:?}").contains("Pair");
    let mut expected = Vec::new();
    for (segment, of_segment) in (0..).zip(documents) {
        for (doc, words) in (0..).zip(of_segment) {
            let score = collection.score(tree, words, &|_, _| 1.0);
            expected.extend(score.map(|score| (segment, doc, score)));
        }
    }
    let places = |hits: &[(u32, DocId, Score)]| hits.iter().map(|(s, d, _)| (*s, *d)).collect::<Vec<_>>();
    prop_assert_eq!(places(&found), places(&expected));
    if !has_pair {
        for (hit, plain) in found.iter().zip(&expected) {
            prop_assert!((hit.2 - plain.2).abs() <= 1e-4 * plain.2.abs().max(1.0), "{:?} {:?}", hit, plain);
        }
    }
    // One document after the other gives the same.
    let weight = matching.weight(EnableScoring::enabled_from_searcher(&searcher)).unwrap();
    let mut one_by_one = Vec::new();
    for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
        let mut scorer = weight.scorer(segment, 1.0).unwrap();
        while scorer.doc() != tantivy::TERMINATED {
            one_by_one.push((ordinal, scorer.doc(), scorer.score()));
            scorer.advance();
        }
    }
    prop_assert_eq!(&found, &one_by_one);
    // Where only the best are asked for, all others are told of, and none of them is better.
    let mut scores: Vec<Score> = found.iter().map(|hit| hit.2).collect();
    scores.sort_by(Score::total_cmp);
    let weight = matching.weigh(&searcher).unwrap();
    for share in [2, 10, 100, 1000] {
        let Some(least) = scores.len().checked_sub(1 + scores.len() / share).map(|at| scores[at]) else { continue };
        let (mut docs, mut best) = (Vec::new(), Vec::new());
        for (ordinal, segment) in (0..).zip(searcher.segment_readers()) {
            let mut run = weight.run(segment).unwrap();
            while run.next_batch(least) {
                docs.extend(run.docs().iter().map(|doc| (ordinal, *doc)));
                best.extend(run.best(least, None).map(|(doc, score)| (ordinal, doc, score)));
            }
        }
        best.retain(|hit| hit.2 >= least);
        prop_assert_eq!(docs, places(&found));
        prop_assert_eq!(best, found.iter().filter(|hit| hit.2 >= least).copied().collect::<Vec<_>>());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn batches_match_and_score_as_plain_evaluation_does(tree in sample()) {
        check(&tree)?;
    }
}

/// From the third word on a union puts them into a table: random trees seldom have three that are many.
#[test]
fn unions_of_words_match_and_score_as_plain_evaluation_does() {
    for words in [[0, 1, 2], [2, 1, 0], [1, 2, 3], [3, 4, 1], [4, 5, 0]] {
        for together in [Together::Sum, Together::Max] {
            let of = words.iter().map(|word| Tree::Leaf(Sample::Word(*word, 1.0 + *word as Score))).collect();
            check(&Tree::Any { of, together }).unwrap();
        }
    }
}
