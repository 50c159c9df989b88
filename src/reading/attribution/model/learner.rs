//! Trains the labels: follows the gradient of a linear-chain conditional random field in integers,
//! so that the same training data gives the same weights on every machine.
//!
//! Knows labels and numbered rows. Must not know which feature a row belongs to.

use super::super::tree::WordRange;
use super::crf::{LABELS, Label, LabelScores, ONE, Transitions};

/// The number of additional binary places that weights have during training.
const MORE: u32 = 10;

/// The size of the first step, in the units of a weight during training.
const STRIDE: i64 = (1 << (10 + MORE)) / 10;

/// The initial sum of squared errors of a weight: that of an error of 1; errors are in 65,536ths.
const FIRST_SQUARE: u64 = 1 << 32;

/// The percentage by which every weight is reduced before each round, so that rare features lose
/// theirs.
const SHRINKING: i32 = 40;

/// Rounds over all lessons; the weights of the second half are averaged.
const ROUNDS: usize = 6;

/// Rows in which no weight is larger than this, in 1,024ths, are left out.
const FELT: i16 = 10;

/// Rows with the weights of each label, by ascending hash, and the scores of transitions.
pub(super) type Learnt = (Vec<(u32, [i16; LABELS])>, Transitions);

/// Learns from the lessons numbered in `of`; `hashes` gives the hash of each row number.
pub(super) fn learn(lessons: &[Lesson], of: &[usize], hashes: &[u32]) -> Learnt {
    let mut learner = Learner::of(hashes.len());
    let mut order: Vec<(usize, usize)> = Vec::new();
    for number in of {
        order.extend((0..lessons[*number].lines.len()).map(|line| (*number, line)));
    }
    let mut random = SEED;
    for round in 0..ROUNDS {
        learner.shrink();
        shuffle(&mut order, &mut random);
        for (lesson, line) in &order {
            learner.learn(&lessons[*lesson], &lessons[*lesson].lines[*line]);
        }
        if round >= ROUNDS / 2 {
            learner.keep();
        }
    }
    learner.chain(hashes)
}

/// The seed for shuffling.
pub(super) const SEED: u64 = 0x2545_f491_4f6c_dd1d;

/// An article prepared for learning labels.
pub(super) struct Lesson {
    /// For each word, the row numbers of its features; those of all words are concatenated.
    pub(super) rows: Vec<u32>,
    pub(super) ends: Vec<u32>,
    pub(super) labels: Vec<Label>,
    pub(super) lines: Vec<WordRange>,
}

impl Lesson {
    fn of(&self, at: usize) -> &[u32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.rows[start..self.ends[at] as usize]
    }
}

/// The weights during training.
struct Learner {
    weights: Vec<[i32; LABELS]>,
    squares: Vec<[u64; LABELS]>,
    sums: Vec<[i64; LABELS]>,
    steps: [[i32; LABELS]; LABELS],
    step_squares: [[u64; LABELS]; LABELS],
    step_sums: [[i64; LABELS]; LABELS],
    kept: i64,
}

impl Learner {
    fn of(rows: usize) -> Self {
        Self {
            weights: vec![[0; LABELS]; rows],
            squares: vec![[FIRST_SQUARE; LABELS]; rows],
            sums: vec![[0; LABELS]; rows],
            steps: [[0; LABELS]; LABELS],
            step_squares: [[FIRST_SQUARE; LABELS]; LABELS],
            step_sums: [[0; LABELS]; LABELS],
            kept: 0,
        }
    }

    fn transitions(&self) -> Transitions {
        Transitions { scores: self.steps.map(|row| row.map(|step| step >> (MORE))) }
    }

    fn scores(&self, rows: &[u32]) -> LabelScores {
        let mut sums = [0i64; LABELS];
        for row in rows {
            for (sum, weight) in sums.iter_mut().zip(&self.weights[*row as usize]) {
                *sum += i64::from(*weight);
            }
        }
        sums.map(|sum| (sum >> (MORE)) as i32)
    }

    /// Takes a step from the expected labels of a line towards its actual ones.
    fn learn(&mut self, lesson: &Lesson, line: &WordRange) {
        let scores: Vec<LabelScores> = line.clone().map(|at| self.scores(lesson.of(at))).collect();
        let marginals = self.transitions().marginals(&scores);
        for (at, expected) in line.clone().zip(&marginals.labels) {
            let mut errors = expected.map(i64::from);
            errors[lesson.labels[at].number()] -= i64::from(ONE);
            if errors.iter().all(|error| error.abs() < i64::from(ONE) >> 9) {
                continue;
            }
            let errors = errors.map(|error| error >> 14);
            for row in lesson.of(at) {
                let (weights, squares) =
                    (&mut self.weights[*row as usize], &mut self.squares[*row as usize]);
                for ((weight, square), error) in weights.iter_mut().zip(squares).zip(errors) {
                    follow(weight, square, error);
                }
            }
        }
        let mut errors = marginals.steps.map(|row| row.map(|step| (step >> 14) as i64));
        for pair in lesson.labels[line.clone()].windows(2) {
            errors[pair[0].number()][pair[1].number()] -= 1 << 16;
        }
        for (from, row) in errors.into_iter().enumerate() {
            for (to, error) in row.into_iter().enumerate() {
                follow(&mut self.steps[from][to], &mut self.step_squares[from][to], error);
            }
        }
    }

    /// Reduces every weight towards zero.
    fn shrink(&mut self) {
        for weight in self.weights.iter_mut().flatten() {
            *weight -= *weight / 100 * SHRINKING;
        }
    }

    fn keep(&mut self) {
        self.kept += 1;
        for (sums, weights) in self.sums.iter_mut().zip(&self.weights) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i64::from(*weight);
            }
        }
        for (sums, weights) in self.step_sums.iter_mut().zip(&self.steps) {
            for (sum, weight) in sums.iter_mut().zip(weights) {
                *sum += i64::from(*weight);
            }
        }
    }

    /// The mean of the weights kept, without rows that have no effect.
    fn chain(&self, hashes: &[u32]) -> Learnt {
        let unit = self.kept.max(1) << MORE;
        let mean = |sum: i64| (sum + unit / 2).div_euclid(unit).clamp(-32_767, 32_767) as i16;
        let rows = hashes.iter().zip(&self.sums).map(|(hash, sums)| (*hash, sums.map(mean)));
        let mut rows: Vec<(u32, [i16; LABELS])> = rows
            .filter(|(hash, weights)| {
                *hash != 0 && weights.iter().any(|weight| weight.abs() > FELT)
            })
            .collect();
        rows.sort_unstable();
        let scores = self.step_sums.map(|row| row.map(|sum| mean(sum).into()));
        (rows, Transitions { scores })
    }
}

/// Moves a weight against its error, in smaller steps the more it has already moved.
fn follow(weight: &mut i32, square: &mut u64, error: i64) {
    if error.abs() < 1 << 7 {
        return;
    }
    *square += (error * error) as u64;
    let root = square.isqrt() as i64;
    *weight -= (STRIDE * error / root) as i32;
}

/// Shuffles the items into an order that is the same in every run.
pub(super) fn shuffle<T>(items: &mut [T], state: &mut u64) {
    for at in (1..items.len()).rev() {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        items.swap(at, (*state % (at as u64 + 1)) as usize);
    }
}
