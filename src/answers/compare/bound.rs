//! Limits how much is compared, and formats the notes about what was cut off.
//!
//! Knows the limits and their wording. Must not know what is compared within them.

use std::fmt;

use serde::Serialize;

/// The most wordings on the right that are compared word by word with one on the left; those that
/// share the most words with it come first.
pub(super) const MOST_TRIED: usize = 64;

/// The most pairs of figures that are listed.
pub(super) const MOST_FIGURES: usize = 10_000;

/// The most comments that are listed for one silence.
pub(super) const MOST_COMMENTS: usize = 256;

/// A limit on the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ComparisonBound {
    /// On the assertions that one assertion is compared with, word by word.
    Pairs,
    /// On pairs of figures.
    Figures,
    /// On comments for one silence.
    Comments,
}

/// A limit that was reached: something was not compared or is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct ComparisonBoundMet {
    /// The limit.
    pub bound: ComparisonBound,
    /// Its value.
    pub most: usize,
    /// How often it was reached.
    pub times: usize,
}

impl ComparisonBoundMet {
    /// The limit, if it was reached at all.
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
                "assertions on the left that resemble too many on the right to be compared with \
                 all of them: {times}; each was compared with at most {most}, those that share the \
                 most words with it: compare single documents, or fewer assertions"
            ),
            ComparisonBound::Figures => write!(
                f,
                "too many figures look alike to list them all; at most the first {most} pairs are \
                 listed: compare single documents, or fewer assertions"
            ),
            ComparisonBound::Comments => write!(
                f,
                "silences with more than {most} comments: {times}; only the first {most} comments \
                 on each are listed"
            ),
        }
    }
}
