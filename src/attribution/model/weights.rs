//! One weight for each piece of evidence, and what they make together: odds.
//!
//! Knows how such weights are found and followed. Must not know what the evidence is about.

use std::collections::HashMap;

use super::chain::{ONE, power};

/// Weights have this many more binary places while they are learnt.
const MORE: u32 = 10;

/// How far the first step goes, in the places of a weight that is being learnt.
const STRIDE: i64 = (1 << (10 + MORE)) / 10;

/// Weights of pieces of evidence, rising by their hash, in 1,024ths of a natural logarithm.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Weights {
    pub(super) rows: Vec<(u32, i16)>,
}

impl Weights {
    /// All of them together.
    pub(super) fn score(&self, evidence: &[u32]) -> i32 {
        let weight = |hash: &u32| {
            let found = self.rows.binary_search_by_key(hash, |(hash, _)| *hash);
            found.map_or(0, |at| i32::from(self.rows[at].1))
        };
        evidence.iter().map(weight).sum()
    }
}

/// The probability that goes with such odds.
pub(super) fn likelihood(score: i32) -> u32 {
    let one = u64::from(ONE);
    let rest = u64::from(power(score.unsigned_abs() as i32));
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
    weights: HashMap<u32, (i32, u64)>,
}

impl Learning {
    pub(super) fn score(&self, evidence: &[u32]) -> i32 {
        let weight = |hash: &u32| self.weights.get(hash).map_or(0, |(weight, _)| i64::from(*weight));
        (evidence.iter().map(weight).sum::<i64>() >> MORE) as i32
    }

    /// Moves the weights so that what was `expected` comes nearer to what `is`.
    pub(super) fn follow(&mut self, evidence: &[u32], expected: u32, is: u32) {
        let error = (i64::from(expected) - i64::from(is)) >> 14;
        for hash in evidence {
            let (weight, square) = self.weights.entry(*hash).or_insert((0, 4 << 32));
            *square += (error * error) as u64;
            *weight -= (STRIDE * error / square.isqrt() as i64) as i32;
        }
    }

    /// Brings every weight a little nearer to nothing.
    pub(super) fn shrink(&mut self, percent: i32) {
        for (weight, _) in self.weights.values_mut() {
            *weight -= *weight / 100 * percent;
        }
    }

    pub(super) fn weights(&self) -> Weights {
        let narrow = |weight: i32| (weight >> MORE).clamp(-32_767, 32_767) as i16;
        let mut rows: Vec<(u32, i16)> =
            self.weights.iter().map(|(hash, (weight, _))| (*hash, narrow(*weight))).collect();
        rows.retain(|(_, weight)| *weight != 0);
        rows.sort_unstable();
        Weights { rows }
    }
}
