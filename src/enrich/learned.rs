//! What was learned from labelled records: which words go with a topic, and how far they and the points of the rules are to be
//! trusted together. Made by `hallway eval topics --fit`.

use super::rules::log2;

pub(super) const OWN: &str = include_str!("weights.tsv");

/// What decides about a topic of a text, each with a weight of its own.
pub const SIGNS: [&str; 18] = [
    "one",
    "words",
    "points",
    "needed",
    "share",
    "words-over-4",
    "words-over-2",
    "words-over-0",
    "needed-over-1",
    "needed-over-0",
    "needed-over-more",
    "no-points",
    "points-beside",
    "words-beside",
    "points-ahead",
    "words-and-points",
    "words-and-share",
    "words-alone",
];
/// Of a topic that words say nothing of.
const NO_MARGIN: f64 = -6.0;
/// From here on words alone make a topic a candidate.
const MARGIN_MIN: f64 = -4.0;
/// The square of the length of a text of some six words: fewer say less.
const FEW: f64 = 100.0;
/// That of one rare word: what is shorter says nothing.
const NOTHING: f64 = 16.0;
/// So far apart are what is a topic and what is none, by the words.
const MARGIN: f64 = 4.0;

/// A linear model of words, and of what follows from them.
pub struct Learned {
    topics: Vec<LearnedTopic>,
    /// In order of their terms.
    words: Vec<Word>,
    trust: [f64; SIGNS.len()],
}

/// A topic that enough records have.
pub struct LearnedTopic {
    pub id: String,
    /// In thousandths.
    pub bias: i32,
}

pub struct Word {
    /// The index's term.
    pub term: Box<str>,
    /// The logarithm of how many records there are for one that holds it, in thousandths.
    pub rarity: u32,
    /// Topics by their places, each with its weight in hundredths.
    pub weights: Box<[(u16, i16)]>,
}

/// What speaks for a topic of a text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clue {
    /// By the words: above 0 where they are rather those of the topic. Null where nothing is known of them.
    pub margin: Option<f64>,
    /// By the rules.
    pub points: u64,
}

impl Clue {
    fn words(&self) -> f64 {
        self.margin.map_or(NO_MARGIN, |margin| (margin * MARGIN).max(NO_MARGIN))
    }

    /// Whether the topic is looked at any further.
    pub fn is_candidate(&self) -> bool {
        self.points > 0 || self.words() > MARGIN_MIN
    }
}

/// The two topics of a text with most points, and those with the best words.
#[derive(Clone, Copy, Debug, Default)]
pub struct Rivals {
    points: [u64; 2],
    words: [f64; 2],
}

impl Rivals {
    pub fn of(clues: impl Iterator<Item = Clue>) -> Rivals {
        let mut rivals = Rivals { points: [0; 2], words: [NO_MARGIN; 2] };
        for clue in clues {
            let [first, second] = rivals.points;
            rivals.points = [first.max(clue.points), second.max(first.min(clue.points))];
            let ([first, second], words) = (rivals.words, clue.words());
            rivals.words = [first.max(words), second.max(first.min(words))];
        }
        rivals
    }

    /// The values of [`SIGNS`] for one of the clues of these rivals; a text of its length needs so many points.
    pub fn signs(&self, clue: Clue, needed: u64) -> [f64; SIGNS.len()] {
        let words = clue.words();
        let points = doublings(clue.points);
        let over = (points - doublings(needed)).clamp(-3.0, 2.0);
        let share = ratio(clue.points, self.points[0]);
        let other_points = if clue.points == self.points[0] { self.points[1] } else { self.points[0] };
        let is_first = words >= self.words[0];
        let other_words = if is_first { self.words[1] } else { self.words[0] };
        let beside = (points - doublings(other_points)).clamp(-3.0, 3.0);
        let none = f64::from(u8::from(clue.points == 0));
        [
            1.0,
            words,
            points,
            over,
            share,
            (words + 4.0).max(0.0),
            (words + 2.0).max(0.0),
            words.max(0.0),
            (over + 1.0).max(0.0),
            over.max(0.0),
            (over - 0.7).max(0.0),
            none,
            beside,
            (words - other_words).clamp(-4.0, 4.0),
            beside.max(0.0),
            (words - NO_MARGIN) * points,
            (words - NO_MARGIN) * share,
            (words - NO_MARGIN) * none,
        ]
    }
}

/// Doublings of points beyond a few, which are nothing.
fn doublings(points: u64) -> f64 {
    sixteenths(log2(points + 64)) - 6.0
}

#[expect(clippy::cast_precision_loss, reason = "logarithms and points are far below 2^52")]
fn sixteenths(n: u64) -> f64 {
    n as f64 / 16.0
}

#[expect(clippy::cast_precision_loss, reason = "points are far below 2^52")]
fn ratio(points: u64, of: u64) -> f64 {
    if of == 0 { 0.0 } else { points as f64 / of as f64 }
}

impl Learned {
    /// hallway's own.
    pub(super) fn own() -> Learned {
        Learned::parse(OWN).unwrap_or_else(|line| panic!("weights.tsv is part of this program: line {line}"))
    }

    pub fn new(topics: Vec<LearnedTopic>, mut words: Vec<Word>, trust: [f64; SIGNS.len()]) -> Learned {
        words.sort_unstable_by(|a, b| a.term.cmp(&b.term));
        Learned { topics, words, trust }
    }

    /// The same words with other weights of the signs.
    #[must_use]
    pub fn trusting(self, trust: [f64; SIGNS.len()]) -> Learned {
        Learned { trust, ..self }
    }

    pub fn topics(&self) -> &[LearnedTopic] {
        &self.topics
    }

    /// The file's text: what decides, topics, and words with their weights, between tabs.
    pub fn print(&self) -> String {
        let head = "# Made by `hallway eval topics --fit`; docs/topics.md tells how.".to_owned();
        let signs = SIGNS.iter().zip(self.trust).map(|(sign, weight)| format!("sign\t{sign}\t{weight:.4}"));
        let topics = self.topics.iter().map(|LearnedTopic { id, bias }| format!("topic\t{id}\t{bias}"));
        let words = self.words.iter().map(|Word { term, rarity, weights }| {
            let weights: Vec<String> = weights.iter().map(|(topic, weight)| format!("{topic}:{weight}")).collect();
            format!("word\t{term}\t{rarity}\t{}", weights.join(" "))
        });
        let lines: Vec<String> = [head].into_iter().chain(signs).chain(topics).chain(words).collect();
        lines.join("\n") + "\n"
    }

    /// # Errors
    /// The first line that can't be read, as it stands.
    pub fn parse(text: &str) -> Result<Learned, String> {
        let (mut topics, mut words, mut trust) = (Vec::new(), Vec::new(), [0.0; SIGNS.len()]);
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut read = || -> Option<()> {
                let mut cells = line.split('\t');
                let (sort, name, value) = (cells.next()?, cells.next()?, cells.next()?);
                match sort {
                    "sign" => {
                        let weight = value.parse().ok().filter(|weight: &f64| weight.is_finite())?;
                        trust[SIGNS.iter().position(|sign| *sign == name)?] = weight;
                    }
                    "topic" => topics.push(LearnedTopic { id: name.to_owned(), bias: value.parse().ok()? }),
                    "word" => {
                        let weight = |cell: &str| -> Option<(u16, i16)> {
                            let (topic, weight) = cell.split_once(':')?;
                            let topic: u16 = topic.parse().ok()?;
                            Some((topic, weight.parse().ok()?)).filter(|_| usize::from(topic) < topics.len())
                        };
                        let weights = cells.next()?.split_ascii_whitespace().map(weight).collect::<Option<_>>()?;
                        words.push(Word { term: name.into(), rarity: value.parse().ok()?, weights });
                    }
                    _ => return None,
                }
                Some(())
            };
            read().ok_or_else(|| line.to_owned())?;
        }
        Ok(Learned::new(topics, words, trust))
    }

    /// Where a topic stands among those that were learned.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.topics.iter().position(|topic| topic.id == id)
    }

    pub(super) fn terms(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(|word| &*word.term)
    }

    pub fn number(&self, term: &str) -> Option<u32> {
        self.words.binary_search_by(|word| (*word.term).cmp(term)).ok().and_then(|at| u32::try_from(at).ok())
    }

    pub fn n_words(&self) -> usize {
        self.words.len()
    }

    /// Words with how often each stands there, as a vector of length 1, or less where they are few: rare ones count more, and
    /// repeated ones less each time. Empty where they say nothing.
    pub fn vector(&self, counts: impl Iterator<Item = (u32, u32)>) -> Vec<(u32, f64)> {
        let value = |(word, n): (u32, u32)| {
            let rarity = f64::from(self.words[word as usize].rarity) / 1000.0;
            (word, rarity * (1.0 + sixteenths(log2(n.into()))))
        };
        let mut vector: Vec<(u32, f64)> = counts.map(value).collect();
        let squares: f64 = vector.iter().map(|(_, value)| value * value).sum();
        if squares < NOTHING {
            return Vec::new();
        }
        let length = (FEW + squares).sqrt();
        vector.iter_mut().for_each(|(_, value)| *value /= length);
        vector
    }

    /// Of every topic that was learned.
    pub fn margins(&self, vector: &[(u32, f64)]) -> Vec<f64> {
        let mut margins: Vec<f64> = self.topics.iter().map(|topic| f64::from(topic.bias) / 1000.0).collect();
        for (word, value) in vector {
            for (topic, weight) in &self.words[*word as usize].weights {
                margins[usize::from(*topic)] += f64::from(*weight) / 100.0 * value;
            }
        }
        margins
    }

    /// The words that speak for a topic, by their places in the vector, those that say most first, until they say half.
    pub(super) fn telling(&self, vector: &[(u32, f64)], topic: usize) -> Vec<usize> {
        let says = |(word, value): &(u32, f64)| {
            let weights = &self.words[*word as usize].weights;
            let weight = weights.iter().find(|(of, _)| usize::from(*of) == topic).map_or(0, |(_, weight)| *weight);
            f64::from(weight) * value
        };
        let mut telling: Vec<(f64, usize)> = vector.iter().map(says).zip(0..).filter(|(says, _)| *says > 0.0).collect();
        telling.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let all: f64 = telling.iter().map(|(says, _)| says).sum();
        let mut said = 0.0;
        let mut is_more = |says: f64| {
            said += says;
            (said - says) * 2.0 < all
        };
        telling.into_iter().take_while(|(says, _)| is_more(*says)).map(|(_, at)| at).collect()
    }

    /// The logarithm of how much likelier it is than not that a text is about a topic.
    pub fn trust(&self, signs: &[f64; SIGNS.len()]) -> f64 {
        self.trust.iter().zip(signs).map(|(weight, sign)| weight * sign).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> Learned {
        let text = "sign\twords\t1.0000\ntopic\tzoo\t-500\ntopic\tsea\t-100\n\
                    word\tplain\t10\t\nword\ttide\t2000\t1:200\nword\twalrus\t4000\t0:300 1:100\n";
        Learned::parse(text).unwrap()
    }

    #[test]
    fn what_is_printed_is_read_back() {
        let text = model().print();
        assert_eq!(Learned::parse(&text).unwrap().print(), text);
        let own = Learned::own();
        assert!(own.print() == OWN && own.words.is_sorted_by(|a, b| a.term < b.term), "written by hand or merged");
        for line in
            ["sign\tnosuch\t1", "sign\twords\tNaN", "sign\twords\tinf", "word\ta\t1\t7:1", "topic\tzoo", "other\ta\t1"]
        {
            assert_eq!(Learned::parse(line).err().as_deref(), Some(line));
        }
    }

    #[test]
    fn words_speak_for_topics_by_their_share_of_the_text() {
        let model = model();
        let [walrus, tide] = ["walrus", "tide"].map(|term| model.number(term).unwrap());
        let vector = model.vector([(walrus, 1), (tide, 2)].into_iter());
        // 4 and 2 × (1 + 1), the square of the length being that of both, and of a few words more.
        let share = 4.0 / (16.0 + 16.0 + FEW).sqrt();
        let expected = [-0.5 + 3.0 * share, -0.1 + share + 2.0 * share];
        assert!(model.margins(&vector).iter().zip(expected).all(|(margin, wanted)| (margin - wanted).abs() < 1e-9));
        assert_eq!(model.telling(&vector, 1), [1]);
        assert!(model.vector([(tide, 1)].into_iter()).is_empty());
    }

    #[test]
    fn signs_are_of_a_topic_beside_its_rivals() {
        let (first, second) = (Clue { margin: Some(0.5), points: 960 }, Clue { margin: None, points: 192 });
        let rivals = Rivals::of([second, first].into_iter());
        let [signs, others] = [first, second].map(|clue| rivals.signs(clue, 448));
        let of = |signs: [f64; SIGNS.len()], name: &str| signs[SIGNS.iter().position(|sign| *sign == name).unwrap()];
        for (name, one, other) in [
            ("words", 2.0, -6.0),
            ("points", 4.0, 2.0),
            ("needed", 1.0, -1.0),
            ("share", 1.0, 0.2),
            ("points-beside", 2.0, -2.0),
            ("words-beside", 4.0, -4.0),
            ("no-points", 0.0, 0.0),
        ] {
            assert!((of(signs, name) - one).abs() < 1e-9 && (of(others, name) - other).abs() < 1e-9, "{name}");
        }
        assert!(!Clue { margin: Some(-1.0), points: 0 }.is_candidate());
        assert!(Clue { margin: Some(-0.9), points: 0 }.is_candidate());
    }
}
