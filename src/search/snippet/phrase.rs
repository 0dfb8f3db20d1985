//! Where the words of a phrase stand as the phrase asks: found as tantivy's phrase scorer finds it, so that what is marked is what
//! made the document match.

/// A word of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spot {
    /// In words.
    pub position: usize,
    pub start: usize,
    pub end: usize,
}

/// A phrase, and what of it was seen in the text at hand.
#[derive(Debug)]
pub(super) struct Phrase {
    /// Index of the clue.
    pub clue: usize,
    slop: u32,
    pub slots: Vec<Slot>,
    /// The slots in the order in which tantivy joins them: with slop it makes a difference.
    order: Vec<usize>,
}

#[derive(Debug)]
pub(super) struct Slot {
    pub term: String,
    /// In words behind the first.
    offset: usize,
    /// In order.
    pub seen: Vec<Spot>,
}

/// A slot, and which of its spots.
type Place = (usize, usize);

impl Phrase {
    pub fn new(clue: usize, terms: &[(usize, String)], slop: u32) -> Phrase {
        let mut slots: Vec<Slot> =
            terms.iter().map(|(offset, term)| Slot { term: term.clone(), offset: *offset, seen: Vec::new() }).collect();
        slots.sort_by_key(|slot| slot.offset);
        let order = (0..slots.len()).collect();
        Phrase { clue, slop, slots, order }
    }

    /// Words further apart than this are never both of it.
    pub fn reach(&self) -> usize {
        self.slots.last().map_or(0, |slot| slot.offset) + self.slop as usize
    }

    pub fn is_loose(&self) -> bool {
        self.slop > 0
    }

    /// How many documents of the segment have each term: tantivy joins the rarest first.
    pub fn set_frequencies(&mut self, frequencies: &[u32]) {
        self.order.sort_by_key(|slot| (frequencies.get(*slot).copied().unwrap_or_default(), *slot));
    }

    /// The words that make up the phrase wherever it stands; each may be given several times. Forgets what was seen.
    pub fn take(&mut self) -> Vec<Spot> {
        let mut found = Vec::new();
        if self.slots.iter().all(|slot| !slot.seen.is_empty()) {
            let places = if self.is_loose() { self.loose() } else { self.exact() };
            found = places.into_iter().map(|(slot, index)| self.slots[slot].seen[index]).collect();
        }
        self.slots.iter_mut().for_each(|slot| slot.seen.clear());
        found
    }

    fn exact(&self) -> Vec<Place> {
        let mut found = Vec::new();
        let Some((first, others)) = self.slots.split_first() else { return found };
        for (index, spot) in first.seen.iter().enumerate() {
            let begin = found.len();
            found.push((0, index));
            for (slot, other) in (1..).zip(others) {
                let wanted = spot.position + other.offset - first.offset;
                let Ok(index) = other.seen.binary_search_by_key(&wanted, |spot| spot.position) else { break };
                found.push((slot, index));
            }
            if found.len() - begin < self.slots.len() {
                found.truncate(begin);
            }
        }
        found
    }

    /// As `PhraseScorer` of tantivy 0.27 does when it scores.
    fn loose(&self) -> Vec<Place> {
        let mut joining = Joining { slop_max: self.slop, chains: Vec::new(), found: Vec::new() };
        let (first, others) = (self.order[0], &self.order[1..]);
        let mut left: Vec<Step> = self.steps(first);
        left.iter_mut().for_each(|step| step.chain = joining.chain(None, step.place));
        for slot in others {
            joining.found.clear();
            let right = self.steps(*slot);
            left = if self.slots.len() > 2 { joining.join(&left, &right) } else { joining.join_two(&left, &right) };
        }
        joining.places()
    }

    /// Positions are counted from where the phrase would end.
    fn steps(&self, slot: usize) -> Vec<Step> {
        let last = self.slots.last().map_or(0, |slot| slot.offset);
        let Slot { offset, seen, .. } = &self.slots[slot];
        let step = |(index, spot): (usize, &Spot)| {
            let at = u32::try_from(spot.position + last - offset).unwrap_or(u32::MAX);
            Step { at, slop: 0, place: (slot, index), chain: 0 }
        };
        seen.iter().enumerate().map(step).collect()
    }
}

/// Where a part of the phrase stands that was put together so far.
#[derive(Clone, Copy, Debug)]
struct Step {
    at: u32,
    /// How much was moved. Tantivy keeps as many bits of it.
    slop: u8,
    place: Place,
    /// Index of the words it is made of.
    chain: usize,
}

struct Joining {
    slop_max: u32,
    /// A word, and the chain before it.
    chains: Vec<(Option<usize>, Place)>,
    /// Chains that reached the last word joined.
    found: Vec<usize>,
}

impl Joining {
    fn chain(&mut self, before: Option<usize>, place: Place) -> usize {
        self.chains.push((before, place));
        self.chains.len() - 1
    }

    /// `intersection_count_with_carrying_slop`: what is kept are both ends of each pair that is near enough.
    fn join(&mut self, left: &[Step], right: &[Step]) -> Vec<Step> {
        let mut joined = Vec::new();
        if left.is_empty() || right.is_empty() {
            return joined;
        }
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            let (this, other) = (left[l], right[r]);
            if u32::from(this.slop) + this.at.abs_diff(other.at) > self.slop_max {
                if this.at < other.at {
                    l += 1;
                } else {
                    r += 1;
                }
                continue;
            }
            // The nearest of those before the later of both is the best.
            let is_left = this.at < other.at;
            let (earlier, at, later) = if is_left { (left, l, other.at) } else { (right, r, this.at) };
            let mut best = (0, 0);
            for (index, step) in earlier[at..].iter().enumerate() {
                if index > 0 && step.at > later {
                    break;
                }
                let slop = u32::from(this.slop) + step.at.abs_diff(later);
                let chain = if is_left {
                    self.chain(Some(step.chain), other.place)
                } else {
                    self.chain(Some(this.chain), step.place)
                };
                best = (slop, chain);
                keep(&mut joined, step.at, best);
            }
            keep(&mut joined, later, best);
            self.found.push(best.1);
            (l, r) = (l + 1, r + 1);
        }
        self.join_rest(left, right, (l, r), &mut joined);
        joined
    }

    /// What is left of one side pairs with the last of the other.
    fn join_rest(&mut self, left: &[Step], right: &[Step], (l, r): (usize, usize), joined: &mut Vec<Step>) {
        let pairs: Vec<(Step, Step, u32)> = if l >= left.len() {
            let last = left[left.len() - 1];
            right[r.min(right.len())..].iter().map(|step| (last, *step, step.at)).collect()
        } else {
            let last = right[right.len() - 1];
            left[l..].iter().map(|step| (*step, last, step.at)).collect()
        };
        for (this, other, at) in pairs {
            let slop = u32::from(this.slop) + this.at.abs_diff(other.at);
            if slop <= self.slop_max {
                let chain = self.chain(Some(this.chain), other.place);
                keep(joined, at, (slop, chain));
            }
        }
    }

    /// `intersection_count_with_slop`, for phrases of two words.
    fn join_two(&mut self, left: &[Step], right: &[Step]) -> Vec<Step> {
        let (mut l, mut r) = (0, 0);
        while l < left.len() && r < right.len() {
            let other = right[r];
            if left[l].at.abs_diff(other.at) <= self.slop_max {
                while left.get(l + 1).is_some_and(|next| next.at <= other.at) {
                    l += 1;
                }
                let chain = self.chain(Some(left[l].chain), other.place);
                self.found.push(chain);
                (l, r) = (l + 1, r + 1);
            } else if left[l].at < other.at {
                l += 1;
            } else {
                r += 1;
            }
        }
        Vec::new()
    }

    fn places(&self) -> Vec<Place> {
        let mut places = Vec::new();
        for chain in &self.found {
            let mut next = Some(*chain);
            while let Some((before, place)) = next.map(|chain| self.chains[chain]) {
                places.push(place);
                next = before;
            }
        }
        places
    }
}

/// Of two ways to the same place the one that moved less stays.
fn keep(joined: &mut Vec<Step>, at: u32, (slop, chain): (u32, usize)) {
    let slop = slop as u8;
    match joined.last_mut() {
        Some(last) if last.at == at => {
            if slop < last.slop {
                (last.slop, last.chain) = (slop, chain);
            }
        }
        _ => joined.push(Step { at, slop, place: (0, 0), chain }),
    }
}
