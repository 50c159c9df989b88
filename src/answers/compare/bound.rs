//! How much is compared, and what is told where there is more.
//!
//! Knows the bounds and their words. Must not know what is compared within them.

use std::fmt;

use serde::Serialize;

/// Wordings on the right that one on the left is held against word by word: those that share most
/// words with it.
pub(super) const MOST_TRIED: usize = 64;

/// Pairs of figures that are told.
pub(super) const MOST_FIGURES: usize = 10_000;

/// Comments that are told after one silence.
pub(super) const MOST_COMMENTS: usize = 256;

/// A bound on what is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonBound {
    /// On what one assertion is held against, word by word.
    Pairs,
    /// On pairs of figures.
    Figures,
    /// On comments after a silence.
    Comments,
}

/// A bound that was met: there was more, and it was not compared or is not told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ComparisonBoundMet {
    /// Which.
    pub bound: ComparisonBound,
    /// How many it lets through.
    pub most: usize,
    /// How often it was met.
    pub times: usize,
}

impl ComparisonBoundMet {
    /// The bound, where it was met at all.
    pub(super) fn at(bound: ComparisonBound, times: usize) -> Option<Self> {
        let most = match bound {
            ComparisonBound::Pairs => MOST_TRIED,
            ComparisonBound::Figures => MOST_FIGURES,
            ComparisonBound::Comments => MOST_COMMENTS,
        };
        (times > 0).then_some(Self { bound, most, times })
    }
}

impl fmt::Display for ComparisonBoundMet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { bound, most, times } = self;
        match bound {
            ComparisonBound::Pairs => write!(
                f,
                "assertions on the left that are like too many on the right to be held against \
                 all of them: {times}; each was held against those that share most words with it, \
                 {most} at most: compare documents, or fewer assertions"
            ),
            ComparisonBound::Figures => write!(
                f,
                "more figures look alike than are told: of them the first {most} at most are: \
                 compare documents, or fewer assertions"
            ),
            ComparisonBound::Comments => write!(
                f,
                "silences that more than {most} comments follow: {times}; after each the first \
                 {most} are told"
            ),
        }
    }
}
