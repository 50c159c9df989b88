//! One weight for each piece of evidence, and what they make together: odds.
//!
//! Knows how such weights are followed to what is right. Must not know what the evidence is about.

use rustc_hash::FxHashMap;

use super::crf::{ONE, power};

/// Weights have this many more binary places while they are learnt.
const MORE: u32 = 10;

/// How far the first step goes, in the places of a weight that is being learnt.
const STRIDE: i64 = (1 << (10 + MORE)) / 10;

/// What a weight is taken to have been moved by before it is moved.
const FIRST_SQUARE: u64 = 4 << 32;

/// The probability that goes with such odds.
pub(super) fn likelihood(score: i32) -> u32 {
    let one = u64::from(ONE);
    let rest = u64::from(power(i32::try_from(score.unsigned_abs()).unwrap_or(i32::MAX)));
    let share = if score < 0 { rest } else { one };
    (share * one / (one + rest)) as u32
}

/// Several probabilities with a sum of one, from the odds of each.
pub(super) fn likelihoods(scores: &[i32]) -> Vec<u32> {
    let best = scores.iter().copied().max().unwrap_or(0);
    let shares: Vec<u64> =
        scores.iter().map(|score| u64::from(power(best.saturating_sub(*score)))).collect();
    let sum: u64 = shares.iter().sum::<u64>().max(1);
    shares.into_iter().map(|share| (share * u64::from(ONE) / sum) as u32).collect()
}

/// Weights on their way.
#[derive(Debug, Default)]
pub(super) struct Learning {
    weights: FxHashMap<u32, (i32, u64)>,
}

impl Learning {
    pub(super) fn score(&self, evidence: &[u32]) -> i32 {
        let weight =
            |hash: &u32| self.weights.get(hash).map_or(0, |(weight, _)| i64::from(*weight));
        (evidence.iter().map(weight).sum::<i64>() >> MORE) as i32
    }

    /// Moves the weights so that what was `expected` comes nearer to what `is`.
    pub(super) fn follow(&mut self, evidence: &[u32], expected: u32, is: u32) {
        let error = (i64::from(expected) - i64::from(is)) >> 14;
        for hash in evidence {
            let (weight, square) = self.weights.entry(*hash).or_insert((0, FIRST_SQUARE));
            *square += (error * error) as u64;
            *weight -= (STRIDE * error / square.isqrt() as i64) as i32;
        }
    }

    /// Brings every weight nearer to nothing by that percentage.
    pub(super) fn shrink(&mut self, percent: i32) {
        for (weight, _) in self.weights.values_mut() {
            *weight -= *weight / 100 * percent;
        }
    }

    /// The weights that matter, by rising hash.
    pub(super) fn rows(&self) -> Vec<(u32, [i16; 1])> {
        let narrow = |weight: i32| (weight >> MORE).clamp(-32_767, 32_767) as i16;
        let all = self.weights.iter().map(|(hash, (weight, _))| (*hash, [narrow(*weight)]));
        let mut rows: Vec<(u32, [i16; 1])> =
            all.filter(|(hash, [weight])| *hash != 0 && weight.abs() > 1).collect();
        rows.sort_unstable();
        rows
    }
}
