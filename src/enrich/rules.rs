//! The rules by which phrases earn labels: what each is worth where, and how much a text of a length needs. Their figures stand
//! in the vocabulary's file, beside the phrases that they weigh.

use super::vocabulary::Weight;

/// The figures of `[rules]`. Points are in sixteenths of a phrase of weight 1 that stands once in a place of worth 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Rules {
    /// What a phrase of the list weighs.
    pub strong: u64,
    pub plain: u64,
    pub weak: u64,
    /// What it is multiplied by in a title, a heading over a passage, an abstract or passage, and the words beside it.
    pub title: u64,
    pub heading: u64,
    pub text: u64,
    pub tags: u64,
    /// Points that a text of `words` needs; a longer one mentions more, and needs so many sixteenths more with each doubling.
    pub points: u64,
    pub words: u64,
    pub doubling: u64,
    /// So far, in sixteenths of the doublings, is what a topic takes from `points` to what the best topic of the text has: what
    /// has little beside another one is mentioned, and not what the text is about.
    pub between: u64,
    /// So many sixteenths of a group's points speak for each of its topics that has any.
    pub lift: u64,
    /// So many sixteenths of the points of its best topic speak against a group: the text is about that one.
    pub drop: u64,
    /// A group with more than so many sixteenths of the points of one of its topics is meant in its place.
    pub group: u64,
    /// How likely it is to be, in hundredths, that a text is about a topic which was learned of.
    pub sure: u64,
}

/// Raised when the way of counting changes, so that what was labelled before is labelled anew.
pub(super) const RULES_VERSION: u32 = 3;
/// Of each figure: products stay far from what a number can hold.
pub(super) const FIGURE_MAX: u64 = 10_000;

impl Rules {
    /// The figures by their names in files.
    pub fn figures(&mut self) -> [(&'static str, &mut u64); 15] {
        [
            ("strong", &mut self.strong),
            ("plain", &mut self.plain),
            ("weak", &mut self.weak),
            ("title", &mut self.title),
            ("heading", &mut self.heading),
            ("text", &mut self.text),
            ("tags", &mut self.tags),
            ("points", &mut self.points),
            ("words", &mut self.words),
            ("doubling", &mut self.doubling),
            ("between", &mut self.between),
            ("lift", &mut self.lift),
            ("drop", &mut self.drop),
            ("group", &mut self.group),
            ("sure", &mut self.sure),
        ]
    }

    /// What a phrase is worth that stands `n` times in one place: once more for each doubling.
    pub fn repeated(&self, weight: Weight, place: u64, n: usize) -> u64 {
        let weight = match weight {
            Weight::Strong => self.strong,
            Weight::Plain => self.plain,
            Weight::Weak => self.weak,
        };
        weight * place * (16 + log2(n as u64))
    }

    /// The logarithm of how much likelier than not it has to be.
    pub fn odds(&self) -> f64 {
        let sure = f64::from(u32::try_from(self.sure.clamp(1, 99)).unwrap_or(99)) / 100.0;
        (sure / (1.0 - sure)).ln()
    }

    /// The points that a label takes where the text has so many words and no topic has more.
    pub fn needed(&self, n_words: usize) -> u64 {
        let doublings = log2(n_words as u64).saturating_sub(log2(self.words));
        self.points + self.points * self.doubling * doublings / 256
    }

    /// Whether a topic is what a text is about that needs so many points, the best topic of the text having so many.
    pub fn is_enough(&self, points: u64, needed: u64, best: u64) -> bool {
        let between = self.between.min(16);
        16 * log2(points) >= (16 - between) * log2(needed) + between * log2(best.max(needed))
    }
}

/// The logarithm to base 2 in sixteenths, between powers of 2 in a straight line: whole numbers are alike on every machine.
pub(super) fn log2(n: u64) -> u64 {
    let n = n.clamp(1, 1 << 48);
    let whole = u64::from(n.ilog2());
    16 * whole + (((n - (1 << whole)) * 16) >> whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn longer_texts_need_more() {
        assert_eq!([0, 1, 2, 3, 4, 64, 96].map(log2), [0, 0, 16, 24, 32, 96, 104]);
        let rules = Rules { points: 100, words: 64, doubling: 8, ..Rules::default() };
        assert_eq!([0, 64, 128, 512].map(|n| rules.needed(n)), [100, 100, 150, 250]);
        assert!(rules.needed(usize::MAX) > rules.needed(100_000));
    }

    #[test]
    fn what_has_little_beside_another_topic_is_mentioned() {
        let rules = Rules { between: 8, ..Rules::default() };
        // Half of the doublings from 128 to 512 are 256.
        for (points, best, is_enough) in [(128, 128, true), (127, 127, false), (256, 512, true), (240, 512, false)] {
            assert_eq!(rules.is_enough(points, 128, best), is_enough, "{points} of {best}");
        }
        assert!(Rules { between: 99, ..rules }.is_enough(9, 4, 9));
    }

    #[test]
    fn a_repeated_phrase_counts_less_each_time() {
        let rules = Rules { strong: 3, ..Rules::default() };
        assert_eq!([1, 2, 4].map(|n| rules.repeated(Weight::Strong, 2, n)), [96, 192, 288]);
    }
}
