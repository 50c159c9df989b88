//! The linear-chain conditional random field: labels each word of a line, with probabilities.
//!
//! Knows labels, the weights of transitions between them, and probabilities as whole numbers, so
//! that every machine computes the same. Must not know what the features of a word are.

use std::sync::LazyLock;

/// The number of labels.
pub(super) const LABELS: usize = 9;

/// One, as a probability.
pub(super) const ONE: u32 = 1 << 30;

/// A score for each label, in 1,024ths of a natural logarithm.
pub(super) type LabelScores = [i32; LABELS];

/// The part of an attribution to which a word belongs, and its position in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Label {
    /// No part.
    Outside,
    /// The first word of a content that has several.
    First,
    /// An inner word of a content.
    Inside,
    /// The last word of a content.
    Last,
    /// The only word of a content.
    Only,
    /// The first word of a cue.
    CueFirst,
    /// A later word of a cue.
    CueInside,
    /// The first word of a source.
    SourceFirst,
    /// A later word of a source.
    SourceInside,
}

impl Label {
    pub(super) const ALL: [Self; LABELS] = [
        Self::Outside,
        Self::First,
        Self::Inside,
        Self::Last,
        Self::Only,
        Self::CueFirst,
        Self::CueInside,
        Self::SourceFirst,
        Self::SourceInside,
    ];

    pub(super) const fn number(self) -> usize {
        self as usize
    }

    /// Whether a line may begin with it.
    const fn may_begin(self) -> bool {
        !matches!(self, Self::Inside | Self::Last | Self::CueInside | Self::SourceInside)
    }

    /// Whether a line may end with it.
    const fn may_end(self) -> bool {
        !matches!(self, Self::First | Self::Inside)
    }

    /// Whether `next` may follow it.
    const fn may_precede(self, next: Self) -> bool {
        match next {
            Self::Inside | Self::Last => matches!(self, Self::First | Self::Inside),
            Self::CueInside => matches!(self, Self::CueFirst | Self::CueInside),
            Self::SourceInside => matches!(self, Self::SourceFirst | Self::SourceInside),
            _ => self.may_end(),
        }
    }
}

/// The scores of transitions between labels, and which are allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Transitions {
    pub(super) scores: [LabelScores; LABELS],
}

/// exp(-k / 1024) as a probability, for every k for which it is not zero.
static POWERS: LazyLock<Vec<u32>> = LazyLock::new(|| {
    const BITS: u32 = 62;
    let one = 1u128 << BITS;
    // exp(-x) for x of 1/1024, by its series.
    let (mut step, mut term) = (0i128, one as i128);
    for n in 1..12 {
        step += term;
        term = -term / 1024 / n;
    }
    let (mut powers, mut power) = (Vec::new(), one);
    while power >> (BITS - 30) > 0 {
        powers.push((power >> (BITS - 30)) as u32);
        power = (power * step as u128) >> BITS;
    }
    powers
});

/// exp(-score), for a `score` of at least zero.
pub(super) fn power(score: i32) -> u32 {
    POWERS.get(score as usize).copied().unwrap_or(0)
}

/// `scores` as fractions of the best one; none is exactly zero.
fn shares(scores: &LabelScores) -> [u64; LABELS] {
    let best = scores.iter().copied().max().unwrap_or(0);
    scores.map(|score| u64::from(power(best.saturating_sub(score)).max(1)))
}

/// The probability of each label for every word of a line.
pub(super) struct Marginals {
    /// For each word.
    pub(super) labels: Vec<[u32; LABELS]>,
    /// For each label, the expected number of transitions to each other label.
    pub(super) steps: [[u64; LABELS]; LABELS],
}

impl Transitions {
    fn shares(&self) -> [[u64; LABELS]; LABELS] {
        let best = self.scores.iter().flatten().copied().max().unwrap_or(0);
        let mut shares = [[0; LABELS]; LABELS];
        for from in Label::ALL {
            for to in Label::ALL.into_iter().filter(|to| from.may_precede(*to)) {
                let score = self.scores[from.number()][to.number()];
                let share = power(best.saturating_sub(score)).max(1);
                shares[from.number()][to.number()] = u64::from(share);
            }
        }
        shares
    }

    /// The marginal probability of each label, over all sequences of labels.
    pub(super) fn marginals(&self, scores: &[LabelScores]) -> Marginals {
        let steps = self.shares();
        let own: Vec<[u64; LABELS]> = scores.iter().map(shares).collect();
        let mut before = own.clone();
        let mut carried = edge(Label::may_begin);
        for (at, before) in before.iter_mut().enumerate() {
            if at > 0 {
                carried = std::array::from_fn(|to| {
                    (0..LABELS).map(|from| (carried[from] * steps[from][to]) >> 30).sum()
                });
            }
            for (share, carried) in before.iter_mut().zip(carried) {
                *share = (*share * carried) >> 30;
            }
            carried = level(before);
        }
        let mut labels = vec![[0; LABELS]; own.len()];
        let mut expected = [[0; LABELS]; LABELS];
        let mut after = edge(Label::may_end);
        for at in (0..own.len()).rev() {
            labels[at] = normal(&std::array::from_fn(|label| before[at][label] * after[label]));
            if at == 0 {
                break;
            }
            let ahead: [u64; LABELS] =
                std::array::from_fn(|label| (after[label] * own[at][label]) >> 30);
            count(&mut expected, &before[at - 1], &steps, &ahead);
            after = std::array::from_fn(|from| {
                (0..LABELS).map(|to| (steps[from][to] * ahead[to]) >> 30).sum()
            });
            level(&mut after);
        }
        Marginals { labels, steps: expected }
    }

    /// The most probable sequence of labels.
    pub(super) fn best(&self, scores: &[LabelScores]) -> Vec<Label> {
        const NEVER: i32 = i32::MIN / 2;
        let mut back: Vec<[u8; LABELS]> = Vec::with_capacity(scores.len());
        let mut reached = edge_scores(Label::may_begin);
        for (at, own) in scores.iter().enumerate() {
            let mut from_best = [0; LABELS];
            let next = std::array::from_fn(|to| {
                if at == 0 {
                    return reached[to].saturating_add(own[to]);
                }
                let mut best = (NEVER, 0);
                for from in Label::ALL.into_iter().filter(|from| from.may_precede(Label::ALL[to])) {
                    let step = self.scores[from.number()][to];
                    let score = reached[from.number()].saturating_add(step);
                    if score > best.0 {
                        best = (score, from.number() as u8);
                    }
                }
                from_best[to] = best.1;
                best.0.saturating_add(own[to]).max(NEVER)
            });
            // Only differences matter, so sums stay small however long the line is.
            let top = next.iter().copied().max().unwrap_or(0);
            reached = next.map(|score: i32| score.saturating_sub(top).max(NEVER));
            back.push(from_best);
        }
        let ends = Label::ALL.into_iter().filter(|label| label.may_end());
        let mut at = ends.max_by_key(|label| (reached[label.number()], LABELS - label.number()));
        let mut labels = Vec::with_capacity(scores.len());
        for from in back.iter().rev() {
            let Some(label) = at else { break };
            labels.push(label);
            at = Label::ALL.get(usize::from(from[label.number()])).copied();
        }
        labels.reverse();
        labels
    }
}

fn edge(may: impl Fn(Label) -> bool) -> [u64; LABELS] {
    Label::ALL.map(|label| if may(label) { u64::from(ONE) } else { 0 })
}

fn edge_scores(may: impl Fn(Label) -> bool) -> LabelScores {
    Label::ALL.map(|label| if may(label) { 0 } else { i32::MIN / 2 })
}

/// Scales all values so that the largest is just under one, and no product overflows.
fn level(shares: &mut [u64; LABELS]) -> [u64; LABELS] {
    let largest = shares.iter().copied().max().unwrap_or(0);
    if largest > 0 {
        let shift = largest.leading_zeros() as i32 - (64 - 30);
        for share in shares.iter_mut() {
            *share = if shift >= 0 { *share << shift } else { *share >> -shift };
        }
    }
    *shares
}

/// The same proportions with a sum of one.
fn normal(shares: &[u64; LABELS]) -> [u32; LABELS] {
    let sum: u128 = shares.iter().map(|share| u128::from(*share)).sum();
    if sum == 0 {
        return [0; LABELS];
    }
    shares.map(|share| ((u128::from(share) << 30) / sum) as u32)
}

/// Adds the probability of each transition between two words.
fn count(
    expected: &mut [[u64; LABELS]; LABELS],
    before: &[u64; LABELS],
    steps: &[[u64; LABELS]; LABELS],
    ahead: &[u64; LABELS],
) {
    let joint: [[u64; LABELS]; LABELS] = std::array::from_fn(|from| {
        std::array::from_fn(|to| (((before[from] * steps[from][to]) >> 30) * ahead[to]) >> 30)
    });
    let sum: u64 = joint.iter().flatten().sum();
    if sum == 0 {
        return;
    }
    // Joint probabilities are below one, so they and their sum fit.
    for (expected, joint) in expected.iter_mut().flatten().zip(joint.iter().flatten()) {
        *expected += (joint << 30) / sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of four words with conflicting scores.
    fn scores() -> (Transitions, Vec<LabelScores>) {
        let mut state = 7u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 20) as i32 - 2048
        };
        let transitions =
            Transitions { scores: std::array::from_fn(|_| std::array::from_fn(|_| next())) };
        (transitions, (0..4).map(|_| std::array::from_fn(|_| next())).collect())
    }

    /// Every possible sequence of labels for a line, with its score.
    fn all(transitions: &Transitions, scores: &[LabelScores]) -> Vec<(Vec<Label>, i32)> {
        let mut lines: Vec<(Vec<Label>, i32)> = vec![(Vec::new(), 0)];
        for own in scores {
            lines = lines
                .iter()
                .flat_map(|(line, score)| {
                    let may = |label: &Label| {
                        line.last().map_or(label.may_begin(), |last| last.may_precede(*label))
                    };
                    let last = line.last().copied();
                    Label::ALL.into_iter().filter(may).map(move |label| {
                        let step = last
                            .map_or(0, |last| transitions.scores[last.number()][label.number()]);
                        ([&line[..], &[label]].concat(), score + step + own[label.number()])
                    })
                })
                .collect();
        }
        lines.retain(|(line, _)| line.last().is_some_and(|last| last.may_end()));
        lines
    }

    #[test]
    fn the_best_labels_are_the_best_of_all() {
        let (transitions, scores) = scores();
        let all = all(&transitions, &scores);
        let best = all.iter().max_by_key(|(_, score)| *score).unwrap();
        assert_eq!(transitions.best(&scores), best.0);
        assert_eq!(transitions.best(&[]), []);
    }

    #[test]
    #[allow(clippy::float_arithmetic, reason = "floats are what is tested against")]
    fn marginals_are_those_of_all_sequences_weighed() {
        let (transitions, scores) = scores();
        let all = all(&transitions, &scores);
        let weight = |score: i32| (f64::from(score) / 1024.0).exp();
        let sum: f64 = all.iter().map(|(_, score)| weight(*score)).sum();
        let marginals = transitions.marginals(&scores);
        for at in 0..4 {
            for label in Label::ALL {
                let with = all.iter().filter(|(line, _)| line[at] == label);
                let expected = with.map(|(_, score)| weight(*score)).sum::<f64>() / sum;
                let found = f64::from(marginals.labels[at][label.number()]) / f64::from(ONE);
                assert!((expected - found).abs() < 1e-5, "{at} {label:?} {expected} {found}");
            }
        }
        let step = |from: Label, to: Label| {
            let count = |line: &[Label]| line.windows(2).filter(|it| **it == [from, to]).count();
            all.iter().map(|(line, score)| count(line) as f64 * weight(*score)).sum::<f64>() / sum
        };
        for (from, to) in [(Label::Outside, Label::First), (Label::CueFirst, Label::Outside)] {
            let found = marginals.steps[from.number()][to.number()] as f64 / f64::from(ONE);
            assert!((step(from, to) - found).abs() < 1e-5, "{from:?} {to:?} {found}");
        }
    }

    #[test]
    fn nothing_that_scores_can_be_leads_astray() {
        let extreme = [i32::MAX, i32::MIN, 0, i32::MAX, i32::MIN, 1, -1, i32::MAX, i32::MIN];
        let transitions =
            Transitions { scores: [extreme.map(|it| it.clamp(-32_767, 32_767)); LABELS] };
        let scores = vec![extreme; 50];
        let labels = transitions.best(&scores);
        assert_eq!(labels.len(), 50);
        assert!(labels[0].may_begin() && labels[49].may_end());
        assert!(labels.windows(2).all(|pair| pair[0].may_precede(pair[1])));
        assert_eq!(transitions.marginals(&scores).labels.len(), 50);
    }
}
