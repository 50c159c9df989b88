//! Compares two wordings word by word.
//!
//! Knows words in order. Must not know who said them. Differences in case and outer punctuation are
//! ignored; all others are shown.

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// What happened to some words from the left wording to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum WordChange {
    /// They are in both.
    Same,
    /// They are only in the left one.
    Left,
    /// They are only in the right one.
    Right,
}

/// Consecutive words with the same change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WordRun {
    /// The change.
    pub change: WordChange,
    /// The words, as written on the side from which they are shown.
    pub words: String,
}

/// A wording prepared for comparison.
#[derive(Debug, Clone)]
pub(super) struct Wording {
    shown: Vec<String>,
    folded: Vec<String>,
}

impl Wording {
    pub(super) fn of(text: &str) -> Self {
        let shown: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
        let folded = shown
            .iter()
            .map(|word| word.trim_matches(|letter: char| !letter.is_alphanumeric()).to_lowercase())
            .collect();
        Self { shown, folded }
    }

    /// Every word in order, folded; one that is only punctuation is empty.
    pub(super) fn folded(&self) -> &[String] {
        &self.folded
    }

    /// The runs of changes from this wording to another.
    pub(super) fn runs_to(&self, other: &Self) -> Vec<WordRun> {
        let mut runs: Vec<WordRun> = Vec::new();
        let mut push = |change, words: &[String]| {
            if !words.is_empty() {
                runs.push(WordRun { change, words: words.join(" ") });
            }
        };
        for change in capture_diff_slices(Algorithm::Myers, &self.folded, &other.folded) {
            let (left, right) = (&self.shown[change.old_range()], &other.shown[change.new_range()]);
            match change.tag() {
                DiffTag::Equal => push(WordChange::Same, left),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    push(WordChange::Left, left);
                    push(WordChange::Right, right);
                }
            }
        }
        runs
    }
}

/// The percentage of words, of both wordings together, that are common to both in the same order.
pub(super) fn likeness(left: &[u32], right: &[u32]) -> usize {
    let changes = capture_diff_slices(Algorithm::Myers, left, right);
    let same = changes.iter().filter(|change| change.tag() == DiffTag::Equal);
    let common: usize = same.map(|change| change.old_range().len()).sum();
    (200 * common).checked_div(left.len() + right.len()).unwrap_or(100)
}

/// The words that one side leaves out at the end of otherwise equal wordings.
pub(super) fn cut(runs: &[WordRun]) -> Option<(WordChange, &str)> {
    match runs {
        [same, rest] if same.change == WordChange::Same && rest.change != WordChange::Same => {
            Some((rest.change, &rest.words))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(left: &str, right: &str) -> Vec<WordRun> {
        Wording::of(left).runs_to(&Wording::of(right))
    }

    #[test]
    fn case_and_outer_punctuation_make_no_difference() {
        let folded = |text: &str| Wording::of(text).folded().to_vec();
        assert_eq!(folded("Repeated requests,"), folded("repeated 'requests.'"));
        assert_ne!(folded("70 percent"), folded("7.0 percent"));
    }

    #[test]
    fn a_quotation_that_ends_early_is_told_from_one_that_was_changed() {
        let early =
            runs("to deceive and extort money, and to sabotage,", "to deceive and extort money.");
        assert_eq!(cut(&early), Some((WordChange::Left, "and to sabotage,")));
        assert_eq!(likeness(&[1, 2, 3, 4, 5, 1, 6, 7], &[1, 2, 3, 4, 5]), 76);
        let changed = runs("to deceive people", "to rob people");
        assert_eq!(cut(&changed), None);
        assert_eq!(
            changed.iter().map(|run| (run.change, run.words.as_str())).collect::<Vec<_>>(),
            [
                (WordChange::Same, "to"),
                (WordChange::Left, "deceive"),
                (WordChange::Right, "rob"),
                (WordChange::Same, "people")
            ]
        );
    }
}
