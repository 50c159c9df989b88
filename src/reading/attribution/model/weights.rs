//! Learns one weight per feature, whose sum is the log odds.
//!
//! Knows how such weights are adjusted towards the right answer. Must not know what a feature
//! means.

use rustc_hash::FxHashMap;

use super::crf::{ONE, power};

/// The number of additional binary places that weights have during training.
const MORE: u32 = 10;

/// The size of the first step, in the units of a weight during training.
const STRIDE: i64 = (1 << (10 + MORE)) / 10;

/// The initial sum of squared errors of a weight.
const FIRST_SQUARE: u64 = 4 << 32;

/// The probability for these log odds.
pub(super) fn likelihood(score: i32) -> u32 {
    let one = u64::from(ONE);
    let rest = u64::from(power(i32::try_from(score.unsigned_abs()).unwrap_or(i32::MAX)));
    let share = if score < 0 { rest } else { one };
    (share * one / (one + rest)) as u32
}

/// The probabilities of several alternatives, with a sum of one, from the log odds of each.
pub(super) fn likelihoods(scores: &[i32]) -> Vec<u32> {
    let best = scores.iter().copied().max().unwrap_or(0);
    let shares: Vec<u64> =
        scores.iter().map(|score| u64::from(power(best.saturating_sub(*score)))).collect();
    let sum: u64 = shares.iter().sum::<u64>().max(1);
    shares.into_iter().map(|share| (share * u64::from(ONE) / sum) as u32).collect()
}

/// The weights during training.
#[derive(Debug, Default)]
pub(super) struct Learning {
    weights: FxHashMap<u32, (i32, u64)>,
}

impl Learning {
    pub(super) fn score(&self, features: &[u32]) -> i32 {
        let weight =
            |hash: &u32| self.weights.get(hash).map_or(0, |(weight, _)| i64::from(*weight));
        (features.iter().map(weight).sum::<i64>() >> MORE) as i32
    }

    /// Adjusts the weights to move `expected` closer to `is`.
    pub(super) fn follow(&mut self, features: &[u32], expected: u32, is: u32) {
        let error = (i64::from(expected) - i64::from(is)) >> 14;
        for hash in features {
            let (weight, square) = self.weights.entry(*hash).or_insert((0, FIRST_SQUARE));
            *square += (error * error) as u64;
            *weight -= (STRIDE * error / square.isqrt() as i64) as i32;
        }
    }

    /// Reduces every weight towards zero by that percentage.
    pub(super) fn shrink(&mut self, percent: i32) {
        for (weight, _) in self.weights.values_mut() {
            *weight -= *weight / 100 * percent;
        }
    }

    /// The weights that have an effect, by ascending hash.
    pub(super) fn rows(&self) -> Vec<(u32, [i16; 1])> {
        let narrow = |weight: i32| (weight >> MORE).clamp(-32_767, 32_767) as i16;
        let all = self.weights.iter().map(|(hash, (weight, _))| (*hash, [narrow(*weight)]));
        let mut rows: Vec<(u32, [i16; 1])> =
            all.filter(|(hash, [weight])| *hash != 0 && weight.abs() > 1).collect();
        rows.sort_unstable();
        rows
    }
}
