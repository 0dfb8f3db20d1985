//! Matches → the pieces of a text that show most of them: whole sentences where they fit.

use std::ops::Range;

use super::{
    cut::{chars_within, cut_from, cut_to},
    known::{FIT, Known, NOTHING_NEW},
    matches::Match,
};
use crate::text::sentences::{self, Sentence};

/// Pieces of one text.
const FRAGMENTS_MAX: usize = 3;
/// Sentences that are looked at for one to begin with.
const BEGINNINGS_MAX: usize = 40;
/// Bytes of a sentence that are looked at to each side, at least.
const REACH_BYTES_MIN: usize = 1 << 10;

/// Of what a window is worth, besides 1 for all words of the query: for those in one sentence, those side by side,
/// repetitions, and for how early it comes.
const IN_ONE: f32 = 0.15;
const SIDE_BY_SIDE: f32 = 0.1;
const REPEATED: f32 = 0.02;
const REPEATED_MAX: usize = 3;
const LATE: f32 = 0.02;
/// What a piece of a sentence is worth less than whole ones.
const CUT: f32 = 0.2;
/// Bytes between words that stand side by side.
const GAP_BYTES_MAX: usize = 2;

/// Of fewer matches all sentences are looked at, and in queries of more words.
const FEW_MATCHES: usize = 3;
const CLUES_MAX: usize = 16;
/// A score that is computed in another order differs by less.
const ROUNDING: f32 = 1e-5;

/// What needs the sentence before it.
const REFERENCES: &[&str] = &[
    "it", "its", "this", "these", "those", "they", "their", "that", "he", "she", "but", "and", "so", "however", "such",
    "then", "also", "here", "both",
];

/// A piece of a text to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fragment {
    pub start: usize,
    pub end: usize,
    /// Whether it begins and ends where sentences do.
    pub is_begun: bool,
    pub is_ended: bool,
}

impl Fragment {
    fn of(sentence: &Sentence) -> Fragment {
        let Sentence { start, end, is_begun, is_ended } = *sentence;
        Fragment { start, end, is_begun, is_ended }
    }

    fn meets(&self, other: &Fragment) -> bool {
        self.start < other.end && other.start < self.end
    }
}

/// Chooses pieces of one text.
pub(super) struct Chooser<'a> {
    pub text: &'a str,
    /// In order.
    pub matches: &'a [Match],
    /// By clue: how telling it is.
    pub weights: &'a [f32],
    pub known: &'a Known,
    pub chars_max: usize,
}

/// A sentence with matches.
struct Candidate {
    sentence: Sentence,
    n_chars: usize,
    worth: f32,
    /// Which matches.
    matches: Range<usize>,
    /// Characters between the candidate before and this, where one piece may hold both.
    gap: Option<usize>,
}

/// A piece with what it is worth.
struct Choice {
    score: f32,
    fragment: Fragment,
    matches: Range<usize>,
}

impl Chooser<'_> {
    /// The pieces to show, in order; none of an empty text.
    pub fn fragments(&self) -> Vec<Fragment> {
        let candidates = self.candidates(true);
        let mut shown = vec![false; self.weights.len()];
        let Some(first) = self.best(&candidates, self.chars_max, &shown, &[]) else {
            return self.beginning().into_iter().collect();
        };
        let mut fragments = vec![first.fragment];
        // Of a list, the items that match.
        let is_item = !sentences::is_closed(&self.text[first.fragment.start..first.fragment.end]);
        let mut room = self.chars_max.saturating_sub(self.n_chars(&first.fragment));
        self.mark(&first.matches, &mut shown);
        let is_new = |shown: &[bool], matches: &[Match]| matches.iter().any(|found| !shown[found.clue]);
        let candidates = if is_item || is_new(&shown, self.matches) { self.candidates(false) } else { Vec::new() };
        while fragments.len() < FRAGMENTS_MAX {
            let half = || {
                let half = self.best(&candidates, self.chars_max / 2, &shown, &fragments);
                half.filter(|choice| is_new(&shown, &self.matches[choice.matches.clone()]))
            };
            let new = if is_new(&shown, self.matches) { half() } else { None };
            let more = || {
                let none = vec![false; self.weights.len()];
                let choice = self.best(&candidates, room, &none, &fragments).filter(|_| is_item)?;
                (self.n_chars(&choice.fragment) <= room && choice.fragment.is_begun && choice.fragment.is_ended)
                    .then_some(choice)
            };
            let Some(choice) = new.or_else(more) else { break };
            room = room.saturating_sub(self.n_chars(&choice.fragment));
            self.mark(&choice.matches, &mut shown);
            fragments.push(choice.fragment);
        }
        if let [only] = fragments.as_slice() {
            return vec![self.filled(*only, true)];
        }
        fragments.sort_unstable();
        fragments
    }

    fn mark(&self, matches: &Range<usize>, shown: &mut [bool]) {
        self.matches[matches.clone()].iter().for_each(|found| shown[found.clue] = true);
    }

    fn n_chars(&self, fragment: &Fragment) -> usize {
        self.text[fragment.start..fragment.end].chars().count()
    }

    fn reach(&self) -> usize {
        (4 * self.chars_max).max(REACH_BYTES_MIN)
    }

    fn worth(&self, sentence: &Sentence) -> f32 {
        self.known.worth(self.text, (sentence.start, sentence.end))
    }

    /// The sentences that hold matches; those that say nothing new only where no others do. With `for_best` those alone
    /// that may be part of the best piece, and perhaps some others.
    fn candidates(&self, for_best: bool) -> Vec<Candidate> {
        let mut candidates: Vec<Candidate> = Vec::new();
        let mut poor = Vec::new();
        let most = if for_best { self.most() } else { Vec::new() };
        let none = vec![false; self.weights.len()];
        let mut best = f32::NEG_INFINITY;
        let (mut next, mut behind, mut end) = (0, 0, 0);
        while let Some(found) = self.matches.get(next) {
            if most.get(next).is_some_and(|most| *most < best) {
                next += 1;
                continue;
            }
            let mut sentence = sentences::around(self.text, found.start, self.reach());
            if sentence.start < end {
                (sentence.start, sentence.is_begun) = (end.min(found.start), false);
            }
            sentence.end = sentence.end.max(found.end);
            end = sentence.end;
            // Those before it in the sentence may have been passed over.
            let first = behind + self.matches[behind..next].partition_point(|found| found.start < sentence.start);
            let n = self.matches[next..].iter().take_while(|found| found.end <= end).count().max(1);
            behind = next + n;
            let worth = self.worth(&sentence);
            let n_chars = self.text[sentence.start..end].chars().count();
            let gap = candidates.last().and_then(|last| self.gap(last, &sentence, n_chars));
            let candidate = Candidate { sentence, n_chars, worth, matches: first..behind, gap };
            next = behind;
            if worth < NOTHING_NEW {
                poor.push(candidate);
                continue;
            }
            if !most.is_empty() && n_chars <= self.chars_max {
                best = best.max(self.score(std::slice::from_ref(&candidate), &none));
            }
            candidates.push(candidate);
        }
        if candidates.is_empty() { poor } else { candidates }
    }

    /// By match: no piece with it scores more. Empty where it is not worth the trouble.
    fn most(&self) -> Vec<f32> {
        if self.matches.len() < FEW_MATCHES || self.weights.len() > CLUES_MAX {
            return Vec::new();
        }
        // A piece that holds a match lies within so many bytes to both sides.
        let reach = if self.text.is_ascii() { self.chars_max } else { 4 * self.chars_max };
        let all: f32 = self.weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mut n_of_clue = vec![0; self.weights.len()];
        let (mut from, mut to) = (0, 0);
        let most = self.matches.iter().map(|found| {
            while self.matches.get(to).is_some_and(|other| other.start <= found.start + reach) {
                n_of_clue[self.matches[to].clue] += 1;
                to += 1;
            }
            while self.matches[from].start + reach < found.start {
                n_of_clue[self.matches[from].clue] -= 1;
                from += 1;
            }
            let here = n_of_clue.iter().zip(self.weights).filter(|(n, _)| **n > 0);
            let (n_clues, covered) = here.fold((0, 0.0), |(n, sum), (_, weight)| (n + 1, sum + weight));
            covered / all * (1.0 + IN_ONE)
                + if n_clues > 1 { SIDE_BY_SIDE } else { 0.0 }
                + REPEATED * ratio((to - from - n_clues).min(REPEATED_MAX), 1)
                - LATE * ratio(found.start.saturating_sub(reach), self.text.len())
                + ROUNDING
        });
        most.collect()
    }

    /// Characters between two sentences that may be shown as one piece, where there is room for both.
    fn gap(&self, from: &Candidate, to: &Sentence, n_chars: usize) -> Option<usize> {
        let room = self.chars_max.checked_sub(from.n_chars + n_chars)?;
        let between = self.text.get(from.sentence.end..to.start).filter(|between| between.len() <= 4 * room)?;
        let gap = Some(between.chars().count()).filter(|gap| *gap <= room);
        let mut last = from.sentence;
        while gap.is_some() {
            last = self.following(&last)?;
            if last.start >= to.start {
                return gap.filter(|_| last.start == to.start);
            }
        }
        None
    }

    /// The sentence behind another, if both read well as one piece: on one line, or prose.
    fn following(&self, sentence: &Sentence) -> Option<Sentence> {
        let next = sentences::after(self.text, sentence.end, self.reach()).filter(|_| sentence.is_ended)?;
        (self.joins(sentence, &next) && self.worth(&next) >= NOTHING_NEW).then_some(next)
    }

    fn preceding(&self, sentence: &Sentence) -> Option<Sentence> {
        let before = sentences::before(self.text, sentence.start, self.reach()).filter(|_| sentence.is_begun)?;
        (before.is_begun && self.joins(&before, sentence) && self.worth(&before) >= NOTHING_NEW).then_some(before)
    }

    fn joins(&self, first: &Sentence, second: &Sentence) -> bool {
        let is_closed = |sentence: &Sentence| sentences::is_closed(&self.text[sentence.start..sentence.end]);
        let between = &self.text[first.end..second.start];
        // Of items of a list each stands for itself.
        !between.contains('\n') || (between.trim().is_empty() && is_closed(first) && is_closed(second))
    }

    /// The piece of at most so many characters, apart from those there are, that shows best what is not shown.
    fn best(
        &self,
        candidates: &[Candidate],
        chars_max: usize,
        shown: &[bool],
        fragments: &[Fragment],
    ) -> Option<Choice> {
        let mut best: Option<Choice> = None;
        for (index, candidate) in candidates.iter().enumerate() {
            let whole = Fragment::of(&candidate.sentence);
            if fragments.iter().any(|fragment| fragment.meets(&whole)) {
                continue;
            }
            // Rather a whole sentence than half of it.
            let choice = if candidate.n_chars > self.chars_max {
                self.cut(candidate, chars_max, shown)
            } else {
                self.window(&candidates[index..], chars_max, shown, fragments)
            };
            if best.as_ref().is_none_or(|best| choice.score > best.score) {
                best = Some(choice);
            }
        }
        best
    }

    /// From the first candidate on, as many as fit.
    fn window(&self, candidates: &[Candidate], chars_max: usize, shown: &[bool], fragments: &[Fragment]) -> Choice {
        let mut fragment = Fragment::of(&candidates[0].sentence);
        let mut n_chars = candidates[0].n_chars;
        let mut n = 1;
        for candidate in &candidates[1..] {
            let Some(gap) = candidate.gap else { break };
            n_chars += gap + candidate.n_chars;
            let wider = Fragment { end: candidate.sentence.end, is_ended: candidate.sentence.is_ended, ..fragment };
            if n_chars > chars_max || fragments.iter().any(|fragment| fragment.meets(&wider)) {
                break;
            }
            (fragment, n) = (wider, n + 1);
        }
        let matches = candidates[0].matches.start..candidates[n - 1].matches.end;
        Choice { score: self.score(&candidates[..n], shown), fragment, matches }
    }

    /// Within a sentence that is too long, the words around the best matches.
    fn cut(&self, candidate: &Candidate, chars_max: usize, shown: &[bool]) -> Choice {
        let mut best: Option<(f32, Range<usize>)> = None;
        for first in candidate.matches.clone() {
            let within = chars_within(self.text, self.matches[first].start, chars_max);
            let n = self.matches[first..candidate.matches.end].iter().take_while(|found| found.end <= within).count();
            let matches = first..first + n.max(1);
            let part = Candidate { matches: matches.clone(), gap: None, ..*candidate };
            let score = self.score(&[part], shown);
            if best.as_ref().is_none_or(|(most, _)| score > *most) {
                best = Some((score, matches));
            }
        }
        let (score, matches) = best.unwrap_or((0.0, candidate.matches.clone()));
        let Sentence { start, end, is_begun, is_ended } = candidate.sentence;
        let last = self.matches[matches.clone()].iter().map(|found| found.end).max().unwrap_or(end);
        let from = cut_from(self.text, start, self.matches[matches.start].start, last, chars_max);
        let to = cut_to(self.text, from, last, end, chars_max);
        let fragment =
            Fragment { start: from, end: to, is_begun: is_begun && from == start, is_ended: is_ended && to == end };
        Choice { score: score - CUT, fragment, matches }
    }

    /// From 0 to a little more than 1. Words that are shown count for nothing.
    fn score(&self, candidates: &[Candidate], shown: &[bool]) -> f32 {
        let all: f32 = self.weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        let mut covered: Vec<(usize, f32)> = Vec::new();
        let (mut most, mut n_repeated, mut n_pairs) = (0.0_f32, 0, 0);
        for candidate in candidates {
            let matches = &self.matches[candidate.matches.clone()];
            let mut own: Vec<usize> = Vec::new();
            for (index, found) in matches.iter().enumerate() {
                let before = index.checked_sub(1).map(|before| matches[before]);
                let is_beside = |before: Match| {
                    before.clue != found.clue && found.start.saturating_sub(before.end) <= GAP_BYTES_MAX
                };
                n_pairs += usize::from(before.is_some_and(is_beside));
                if own.contains(&found.clue) {
                    n_repeated += 1;
                    continue;
                }
                own.push(found.clue);
                let worth = if shown[found.clue] { 0.0 } else { candidate.worth };
                match covered.iter_mut().find(|(clue, _)| *clue == found.clue) {
                    Some((_, known)) => *known = known.max(worth),
                    None => covered.push((found.clue, worth)),
                }
            }
            most = most.max(candidate.worth * own.iter().map(|clue| self.weights[*clue]).sum::<f32>());
        }
        let covered: f32 = covered.iter().map(|(clue, worth)| self.weights[*clue] * worth).sum();
        let n_pairs_max = self.weights.len().saturating_sub(1).max(1);
        let start = candidates.first().map_or(0, |candidate| candidate.sentence.start);
        covered / all
            + IN_ONE * most / all
            + SIDE_BY_SIDE * ratio(n_pairs.min(n_pairs_max), n_pairs_max)
            + REPEATED * ratio(n_repeated.min(REPEATED_MAX), 1)
            - LATE * ratio(start, self.text.len())
    }

    /// Room that is left goes to the sentences around it, as far as they adjoin it.
    fn filled(&self, fragment: Fragment, with_before: bool) -> Fragment {
        let mut all = fragment;
        let as_sentence = |fragment: Fragment| {
            let Fragment { start, end, is_begun, is_ended } = fragment;
            Sentence { start, end, is_begun, is_ended }
        };
        let fits = |fragment: &Fragment| self.n_chars(fragment) <= self.chars_max;
        let back = |all: &mut Fragment| {
            let before = self.preceding(&as_sentence(*all)).filter(|_| with_before);
            let wider = before.map(|before| Fragment { start: before.start, ..*all }).filter(fits);
            wider.map(|wider| *all = wider).is_some()
        };
        if self.begins_with_reference(&all) {
            back(&mut all);
        }
        while let Some(next) = self.following(&as_sentence(all)) {
            let wider = Fragment { end: next.end, is_ended: next.is_ended, ..all };
            if !next.is_ended || !fits(&wider) {
                break;
            }
            all = wider;
        }
        while back(&mut all) {}
        all
    }

    fn begins_with_reference(&self, fragment: &Fragment) -> bool {
        let first = self.text[fragment.start..fragment.end].split(|c: char| !c.is_alphabetic()).next();
        fragment.is_begun && first.is_some_and(|word| REFERENCES.contains(&word.to_lowercase().as_str()))
    }

    /// Where nothing matches: the first sentences that say something.
    fn beginning(&self) -> Option<Fragment> {
        let mut best: Option<(f32, Sentence)> = None;
        let mut from = 0;
        for _ in 0..BEGINNINGS_MAX {
            let Some(sentence) = sentences::after(self.text, from, self.reach()) else { break };
            let worth = self.worth(&sentence);
            if best.is_none_or(|(most, _)| worth > most) {
                best = Some((worth, sentence));
            }
            if worth >= FIT || !sentence.is_ended {
                break;
            }
            from = sentence.end;
        }
        let (_, sentence) = best?;
        let whole = Fragment::of(&sentence);
        if self.n_chars(&whole) <= self.chars_max {
            return Some(self.filled(whole, false));
        }
        let end = cut_to(self.text, sentence.start, sentence.start, sentence.end, self.chars_max);
        Some(Fragment { end, is_ended: false, ..whole })
    }
}

#[expect(clippy::cast_precision_loss, reason = "a score needs no more than 24 bits")]
fn ratio(part: usize, of: usize) -> f32 {
    part as f32 / of.max(1) as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Record;

    /// The best piece is the same whether all sentences are looked at or those alone that may be in it.
    #[test]
    fn what_is_passed_over_is_not_the_best() {
        const WORDS: &[&str] = &["alpha", "beta", "gamma", "of", "the", "things", "größer", "elsewhere"];
        const N_CLUES: usize = 3;
        let mut chance = fastrand::Rng::with_seed(7);
        let known = Known::of(&Record::default(), &[]);
        let mut n_fewer = 0;
        for _ in 0..2_000 {
            let (mut text, mut matches) = (String::new(), Vec::new());
            for _ in 0..chance.usize(1..200) {
                let word = chance.usize(..WORDS.len());
                let start = text.len();
                text.push_str(WORDS[word]);
                if word < N_CLUES {
                    matches.push(Match { start, end: text.len(), clue: word });
                }
                text.push_str(["", ".", ".", "?", ":"][if chance.u8(..6) == 0 { chance.usize(1..5) } else { 0 }]);
                text.push_str(if chance.u8(..40) == 0 { "\n\n" } else { " " });
            }
            let weights: Vec<f32> = (0..N_CLUES).map(|_| 0.1 + chance.f32()).collect();
            let chars_max = chance.usize(20..300);
            let chooser = Chooser { text: &text, matches: &matches, weights: &weights, known: &known, chars_max };
            let (all, some) = (chooser.candidates(false), chooser.candidates(true));
            let best = |candidates: &[Candidate]| {
                let best = chooser.best(candidates, chars_max, &[false; N_CLUES], &[]);
                best.map(|choice| (choice.fragment, choice.matches))
            };
            assert_eq!(best(&some), best(&all), "{text}");
            n_fewer += usize::from(some.len() < all.len());
        }
        assert!(n_fewer > 50, "{n_fewer}");
    }
}
