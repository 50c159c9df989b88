//! Wordings held against each other word by word.
//!
//! Knows words in order. Must not know who said them. Case and outer punctuation make no
//! difference; everything else does, and is shown.

use std::collections::HashMap;

use serde::Serialize;
use similar::{Algorithm, DiffTag, capture_diff_slices};

/// What became of some words from the left wording to the right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// In both.
    Same,
    /// In the left one only.
    Left,
    /// In the right one only.
    Right,
}

/// A run of words with one fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Their fate.
    pub change: Change,
    /// The words, as they stand on the side they are shown from.
    pub words: String,
}

/// A wording made ready for comparison.
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

    pub(super) fn words(&self) -> impl Iterator<Item = &str> {
        self.folded.iter().map(String::as_str).filter(|word| !word.is_empty())
    }

    pub(super) fn is_same(&self, other: &Self) -> bool {
        self.words().eq(other.words())
    }

    /// How many words both have, each as often as both have it.
    pub(super) fn shared(&self, other: &Self) -> usize {
        let mut left: HashMap<&str, usize> = HashMap::new();
        for word in self.words() {
            *left.entry(word).or_default() += 1;
        }
        let mut shared = 0;
        for word in other.words() {
            if let Some(count) = left.get_mut(word).filter(|count| **count > 0) {
                *count -= 1;
                shared += 1;
            }
        }
        shared
    }

    /// The runs from this wording to another.
    pub(super) fn runs_to(&self, other: &Self) -> Vec<Run> {
        let mut runs: Vec<Run> = Vec::new();
        let mut push = |change, words: &[String]| {
            if !words.is_empty() {
                runs.push(Run { change, words: words.join(" ") });
            }
        };
        for change in capture_diff_slices(Algorithm::Myers, &self.folded, &other.folded) {
            let (left, right) = (&self.shown[change.old_range()], &other.shown[change.new_range()]);
            match change.tag() {
                DiffTag::Equal => push(Change::Same, left),
                DiffTag::Delete | DiffTag::Insert | DiffTag::Replace => {
                    push(Change::Left, left);
                    push(Change::Right, right);
                }
            }
        }
        runs
    }
}

/// How many words in a hundred the two have in common and in the same order, of both together.
pub(super) fn likeness(runs: &[Run]) -> usize {
    let count = |run: &Run| run.words.split(' ').count();
    let common: usize = runs.iter().filter(|run| run.change == Change::Same).map(count).sum();
    let all: usize = runs
        .iter()
        .map(|run| if run.change == Change::Same { 2 * count(run) } else { count(run) })
        .sum();
    (200 * common).checked_div(all).unwrap_or(100)
}

/// The words that one side drops from the end of what is otherwise the same.
pub(super) fn cut(runs: &[Run]) -> Option<(Change, &str)> {
    match runs {
        [same, rest] if same.change == Change::Same && rest.change != Change::Same => {
            Some((rest.change, &rest.words))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(left: &str, right: &str) -> Vec<Run> {
        Wording::of(left).runs_to(&Wording::of(right))
    }

    #[test]
    fn case_and_outer_punctuation_make_no_difference() {
        assert!(Wording::of("Repeated requests,").is_same(&Wording::of("repeated 'requests.'")));
        assert!(!Wording::of("70 percent").is_same(&Wording::of("7.0 percent")));
    }

    #[test]
    fn a_quotation_that_ends_early_is_told_from_one_that_was_changed() {
        let early =
            runs("to deceive and extort money, and to sabotage,", "to deceive and extort money.");
        assert_eq!(cut(&early), Some((Change::Left, "and to sabotage,")));
        assert_eq!(likeness(&early), 76);
        let changed = runs("to deceive people", "to rob people");
        assert_eq!(cut(&changed), None);
        assert_eq!(
            changed.iter().map(|run| (run.change, run.words.as_str())).collect::<Vec<_>>(),
            [
                (Change::Same, "to"),
                (Change::Left, "deceive"),
                (Change::Right, "rob"),
                (Change::Same, "people")
            ]
        );
    }
}
