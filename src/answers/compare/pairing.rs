//! Pairs the wordings of two sides that are one statement: the most similar first, each once.
//!
//! Knows words as numbers, and how many of them two wordings share. Must not know who said them.
//! However many wordings there are and however similar, the number of steps is bounded; anything
//! cut off is counted.

use std::cmp::Reverse;
use std::collections::VecDeque;

use rustc_hash::FxHashMap;

use super::bound::MOST_TRIED;
use super::wording::{Wording, likeness};

/// The fewest shared words for two wordings to be compared at all.
const SHARED: usize = 4;

/// The percentage of the longer wording's words that must be shared as well.
const SHARED_OF_LONGER: usize = 30;

/// The most steps through the lists of wordings that contain a word, for one whole side.
const MOST_STEPS: usize = 100_000_000;

/// The most word comparisons in total: the product of the lengths, summed over all compared
/// wordings.
const MOST_WORDS: usize = 200_000_000;

/// The pairs, and how much was left out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pairing {
    /// Likeness in percent, and the indexes on the left and on the right; ordered by the left.
    pub(super) pairs: Vec<(usize, usize, usize)>,
    /// Wordings on the left for which a limit was reached.
    pub(super) cut: usize,
}

/// A wording as numbers.
struct NumberedWording {
    /// Every word in its place; 0 for one that is only punctuation.
    all: Vec<u32>,
    /// Each word, except pure punctuation, and how often it occurs.
    counted: Vec<(u32, usize)>,
    /// The total number of these words.
    words: usize,
}

/// Assigns a number to each word.
#[derive(Default)]
struct WordNumbers<'a>(FxHashMap<&'a str, u32>);

impl<'a> WordNumbers<'a> {
    fn number(&mut self, wording: &'a Wording) -> NumberedWording {
        let mut all = Vec::with_capacity(wording.folded().len());
        for word in wording.folded() {
            let next = u32::try_from(self.0.len() + 1).unwrap_or(u32::MAX);
            all.push(if word.is_empty() { 0 } else { *self.0.entry(word).or_insert(next) });
        }
        let mut sorted: Vec<u32> = all.iter().copied().filter(|word| *word > 0).collect();
        sorted.sort_unstable();
        let counted = sorted.chunk_by(|one, other| one == other);
        let counted = counted.filter_map(|same| Some((*same.first()?, same.len()))).collect();
        NumberedWording { words: sorted.len(), all, counted }
    }
}

/// Pairs the wordings of two sides. `least` gives the minimum likeness of one statement.
pub(super) fn pair(
    left: &[Wording],
    right: &[Wording],
    least: impl Fn(usize, usize) -> usize,
) -> Pairing {
    let mut lexicon = WordNumbers::default();
    let left: Vec<NumberedWording> = left.iter().map(|wording| lexicon.number(wording)).collect();
    let right: Vec<NumberedWording> = right.iter().map(|wording| lexicon.number(wording)).collect();
    let mut pairs = same(&left, &right);
    let mut taken = PairedPlaces { left: vec![false; left.len()], right: vec![false; right.len()] };
    pairs.retain(|(_, l, r)| taken.take(*l, *r));
    let mut trial = WordingTrial::of(&left, &right, &taken);
    let mut candidates = Vec::new();
    for l in (0..left.len()).filter(|l| !taken.left[*l]) {
        trial.try_one(l, &least, &mut candidates);
    }
    candidates.sort_by_key(|(likeness, l, r)| (Reverse(*likeness), *l, *r));
    candidates.retain(|(_, l, r)| taken.take(*l, *r));
    pairs.extend(candidates);
    pairs.sort_by_key(|(_, l, r)| (*l, *r));
    Pairing { pairs, cut: trial.cut }
}

/// Which wordings have been paired.
struct PairedPlaces {
    left: Vec<bool>,
    right: Vec<bool>,
}

impl PairedPlaces {
    fn take(&mut self, left: usize, right: usize) -> bool {
        let is_free = !self.left[left] && !self.right[right];
        if is_free {
            (self.left[left], self.right[right]) = (true, true);
        }
        is_free
    }
}

/// Pairs identical wordings, each with the first unpaired one on the right.
fn same(left: &[NumberedWording], right: &[NumberedWording]) -> Vec<(usize, usize, usize)> {
    let key = |one: &NumberedWording| -> Vec<u32> {
        one.all.iter().copied().filter(|word| *word > 0).collect()
    };
    let mut holders: FxHashMap<Vec<u32>, VecDeque<usize>> = FxHashMap::default();
    for (r, one) in right.iter().enumerate().filter(|(_, one)| one.words > 0) {
        holders.entry(key(one)).or_default().push_back(r);
    }
    let partner = |(l, one): (usize, &NumberedWording)| {
        let r = holders.get_mut(&key(one)).and_then(VecDeque::pop_front)?;
        Some((100, l, r))
    };
    left.iter().enumerate().filter_map(partner).collect()
}

/// Compares the wordings that have no identical partner.
struct WordingTrial<'a> {
    left: &'a [NumberedWording],
    right: &'a [NumberedWording],
    /// For each word, the wordings on the right that contain it, and how often.
    holders: FxHashMap<u32, Vec<(usize, usize)>>,
    /// For each wording on the right, how many words it shares with the one being tried; reset to 0
    /// afterwards.
    shared: Vec<usize>,
    /// The steps allowed for one wording on the left.
    steps: usize,
    /// The word comparisons left.
    words: usize,
    cut: usize,
}

impl<'a> WordingTrial<'a> {
    fn of(left: &'a [NumberedWording], right: &'a [NumberedWording], taken: &PairedPlaces) -> Self {
        let mut holders: FxHashMap<u32, Vec<(usize, usize)>> = FxHashMap::default();
        for (r, one) in right.iter().enumerate().filter(|(r, _)| !taken.right[*r]) {
            for (word, times) in &one.counted {
                holders.entry(*word).or_default().push((r, *times));
            }
        }
        let steps = MOST_STEPS / left.len().max(1);
        let shared = vec![0; right.len()];
        Self { left, right, holders, shared, steps, words: MOST_WORDS, cut: 0 }
    }

    /// Compares a wording on the left with those that share enough words with it.
    fn try_one(
        &mut self,
        l: usize,
        least: impl Fn(usize, usize) -> usize,
        candidates: &mut Vec<(usize, usize, usize)>,
    ) {
        let one = &self.left[l];
        let (near, uncounted) = self.near(one);
        let mut is_cut = uncounted > 0;
        let mut likely: Vec<(Reverse<usize>, usize)> = Vec::new();
        for r in near {
            let shared = std::mem::take(&mut self.shared[r]) + uncounted;
            // Comparing speakers is slower, so it is done last.
            let other = &self.right[r];
            if could_be_like(one, other, shared, 0)
                && could_be_like(one, other, shared, least(l, r))
            {
                likely.push((Reverse(shared), r));
            }
        }
        if likely.len() > MOST_TRIED {
            is_cut = true;
            likely.select_nth_unstable(MOST_TRIED);
            likely.truncate(MOST_TRIED);
        }
        likely.sort_unstable();
        for (_, r) in likely {
            let other = &self.right[r];
            let Some(rest) = self.words.checked_sub(one.all.len() * other.all.len()) else {
                is_cut = true;
                break;
            };
            self.words = rest;
            let likeness = likeness(&one.all, &other.all);
            if likeness >= least(l, r) {
                candidates.push((likeness.min(99), l, r));
            }
        }
        self.cut += usize::from(is_cut);
    }

    /// The wordings on the right that share a word, rarest words first, with the number of shared
    /// words in `shared`; and how many common words were not counted because too many wordings
    /// contain them.
    fn near(&mut self, one: &NumberedWording) -> (Vec<usize>, usize) {
        let holders = |word: &u32| self.holders.get(word).map_or(&[][..], Vec::as_slice);
        let mut counted: Vec<(&[(usize, usize)], usize)> =
            one.counted.iter().map(|(word, times)| (holders(word), *times)).collect();
        counted.sort_by_key(|(holders, _)| holders.len());
        let (mut near, mut steps, mut words) = (Vec::new(), 0, 0);
        for (holders, times) in counted {
            steps += holders.len();
            if steps > self.steps {
                break;
            }
            words += times;
            for (r, other_times) in holders {
                if self.shared[*r] == 0 {
                    near.push(*r);
                }
                self.shared[*r] += times.min(*other_times);
            }
        }
        (near, one.words - words)
    }
}

/// Whether that many shared words can make two wordings alike, in any order.
fn could_be_like(
    one: &NumberedWording,
    other: &NumberedWording,
    shared: usize,
    least: usize,
) -> bool {
    let longer = one.words.max(other.words);
    if shared < SHARED || shared * 100 < longer * SHARED_OF_LONGER {
        return false;
    }
    let marks = |wording: &NumberedWording| wording.all.len() - wording.words;
    let common = shared + marks(one).min(marks(other));
    200 * common >= least * (one.all.len() + other.all.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paired(left: &[&str], right: &[&str]) -> Pairing {
        let wordings =
            |side: &[&str]| side.iter().map(|text| Wording::of(text)).collect::<Vec<_>>();
        pair(&wordings(left), &wordings(right), |_, _| 60)
    }

    #[test]
    fn the_likest_are_paired_first_and_each_once() {
        let found = paired(
            &["the ferry is late again today", "the ferry is late", "Nobody waits."],
            &["the ferry is late today", "\u{201c}The ferry is late,\u{201d}", "nobody waits"],
        );
        assert_eq!(found, Pairing { pairs: vec![(90, 0, 0), (100, 1, 1), (100, 2, 2)], cut: 0 });
        assert_eq!(paired(&["a b c"], &["a b d", ""]), Pairing::default());
    }

    #[test]
    fn of_many_that_are_alike_the_likest_are_tried_and_the_rest_is_counted() {
        let text =
            |number: usize, day: &str| format!("crate {number} of the lot was full on {day}");
        let (left, right): (Vec<String>, Vec<String>) =
            (0..MOST_TRIED + 1).map(|it| (text(it, "Monday"), text(it, "Tuesday"))).unzip();
        let left: Vec<&str> = left.iter().map(String::as_str).collect();
        let right: Vec<&str> = right.iter().map(String::as_str).collect();
        let found = paired(&left, &right);
        assert!(found.pairs.iter().all(|(_, l, r)| l == r), "{found:?}");
        assert_eq!((found.pairs.len(), found.cut), (left.len(), left.len()));
        assert_eq!(paired(&left[1..], &right[1..]).cut, 0);
    }
}
