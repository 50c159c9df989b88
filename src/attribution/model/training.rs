//! Learning: a model from articles that somebody annotated.
//!
//! Knows the gradient of a linear-chain conditional random field and how to follow it in whole
//! numbers, so that the same articles give the same model on every machine. Must not know what the
//! evidence says.

use std::collections::HashMap;

use super::chain::{LABELS, Label, ONE, Scores, Transitions, UNIT};
use super::evidence::{self, Evidence};
use super::{Model, Rows, lines};
use crate::annotation::{Annotated, Stretch};
use crate::attribution::tree::{Tree, Words};
use crate::attribution::{choice, grammar};

/// What is cut off both ends of a part.
const TRIMMED: &str = " \t\r\n\"“”'‘’`.,;:!?…";

/// Evidence met in fewer places is none.
const FEWEST: u32 = 3;

/// Weights have this many binary places while they are learnt.
const PLACES: u32 = 20;

/// How far the first step goes, in the places of a weight.
const STRIDE: i64 = (1 << PLACES) / 10;

/// Rounds over all articles.
const ROUNDS: usize = 12;

/// An article, as it is learnt from.
struct Lesson {
    /// For each word, the rows of its evidence.
    rows: Vec<u32>,
    ends: Vec<u32>,
    labels: Vec<Label>,
    lines: Vec<Words>,
}

impl Lesson {
    fn of(&self, at: usize) -> &[u32] {
        let start = if at == 0 { 0 } else { self.ends[at - 1] as usize };
        &self.rows[start..self.ends[at] as usize]
    }
}

fn knob(name: &str, default: i64) -> i64 {
    std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

/// Learns a model.
pub(in crate::attribution) fn train(articles: &[Annotated], told: &mut dyn FnMut(&str)) -> Model {
    let gathered: Vec<(Evidence, Vec<Label>, Vec<Words>)> = articles
        .iter()
        .map(|article| {
            let tree = Tree::of(&article.text);
            let candidates = grammar::candidates(&tree);
            let choices = choice::choose(&tree, candidates.clone(), crate::attribution::LEAST);
            let evidence = evidence::gather(&tree, &candidates, &choices);
            (evidence, labels(&tree, article), lines(&tree))
        })
        .collect();
    told("evidence gathered");
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for (evidence, _, _) in &gathered {
        for at in 0..evidence.len() {
            for hash in evidence.of(at) {
                *counts.entry(*hash).or_default() += 1;
            }
        }
    }
    let mut hashes: Vec<u32> =
        counts.iter().filter(|(_, count)| i64::from(**count) >= knob("FEWEST", 3)).map(|(hash, _)| *hash).collect();
    hashes.sort_unstable();
    told(&format!("{} of {} rows", hashes.len(), counts.len()));
    drop(counts);
    let numbers: HashMap<u32, u32> = hashes.iter().copied().zip(0..).collect();
    let lessons: Vec<Lesson> = gathered
        .into_iter()
        .map(|(evidence, labels, lines)| {
            let (mut rows, mut ends) = (Vec::new(), Vec::new());
            for at in 0..evidence.len() {
                rows.extend(evidence.of(at).iter().filter_map(|hash| numbers.get(hash)));
                ends.push(rows.len() as u32);
            }
            Lesson { rows, ends, labels, lines }
        })
        .collect();
    let mut learner = Learner::of(hashes.len());
    let mut order: Vec<(usize, usize)> = Vec::new();
    for (number, lesson) in lessons.iter().enumerate() {
        order.extend((0..lesson.lines.len()).map(|line| (number, line)));
    }
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let rounds = knob("ROUNDS", 8) as usize;
    for round in 0..rounds {
        learner.decay(knob("DECAY", 0) as i32);
        shuffle(&mut order, &mut random);
        for (lesson, line) in &order {
            learner.learn(&lessons[*lesson], &lessons[*lesson].lines[*line]);
        }
        told(&format!("round {round}"));
        if round >= rounds / 2 {
            learner.keep();
        }
    }
    learner.model(&hashes)
}

fn shuffle<T>(items: &mut [T], state: &mut u64) {
    for at in (1..items.len()).rev() {
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        items.swap(at, (*state % (at as u64 + 1)) as usize);
    }
}

/// Weights on their way.
struct Learner {
    weights: Vec<[i32; LABELS]>,
    squares: Vec<[u64; LABELS]>,
    sums: Vec<[i64; LABELS]>,
    steps: [[i32; LABELS]; LABELS],
    step_squares: [[u64; LABELS]; LABELS],
    step_sums: [[i64; LABELS]; LABELS],
    kept: i64,
    stride: i64,
}

impl Learner {
    fn of(rows: usize) -> Self {
        Self {
            weights: vec![[0; LABELS]; rows],
            squares: vec![[(knob("INIT", 100) as u64 * (1 << 32)) / 100; LABELS]; rows],
            stride: STRIDE * knob("STRIDE", 100) / 100,
            sums: vec![[0; LABELS]; rows],
            steps: [[0; LABELS]; LABELS],
            step_squares: [[1 << 32; LABELS]; LABELS],
            step_sums: [[0; LABELS]; LABELS],
            kept: 0,
        }
    }

    fn transitions(&self) -> Transitions {
        Transitions { scores: self.steps.map(|row| row.map(|step| step >> (PLACES - 10))) }
    }

    fn scores(&self, rows: &[u32]) -> Scores {
        let mut sums = [0i64; LABELS];
        for row in rows {
            for (sum, weight) in sums.iter_mut().zip(&self.weights[*row as usize]) {
                *sum += i64::from(*weight);
            }
        }
        sums.map(|sum| (sum >> (PLACES - 10)) as i32)
    }

    /// Goes a step from the labels that were expected of a line towards those that it has.
    fn learn(&mut self, lesson: &Lesson, line: &Words) {
        let scores: Vec<Scores> = line.clone().map(|at| self.scores(lesson.of(at))).collect();
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
                    follow(weight, square, error, self.stride);
                }
            }
        }
        let mut errors = marginals.steps.map(|row| row.map(|step| (step >> 14) as i64));
        for pair in lesson.labels[line.clone()].windows(2) {
            errors[pair[0].number()][pair[1].number()] -= 1 << 16;
        }
        for (from, row) in errors.into_iter().enumerate() {
            for (to, error) in row.into_iter().enumerate() {
                follow(&mut self.steps[from][to], &mut self.step_squares[from][to], error, self.stride);
            }
        }
    }

    fn decay(&mut self, by: i32) {
        for weight in self.weights.iter_mut().flatten() {
            *weight -= (i64::from(*weight) * i64::from(by) / 100) as i32;
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

    fn model(&self, hashes: &[u32]) -> Model {
        let kept = self.kept.max(1);
        let round = |sum: i64| {
            let unit = kept << (PLACES - 10);
            (sum + unit / 2).div_euclid(unit)
        };
        let narrow = |sum: &i64| round(*sum).clamp(-32_767, 32_767) as i16;
        let rows = hashes.iter().zip(&self.sums).map(|(hash, sums)| {
            let weights: [i16; LABELS] = std::array::from_fn(|label| narrow(&sums[label]));
            (*hash, weights)
        });
        let rows = rows.filter(|(_, weights)| weights.iter().any(|weight| *weight != 0)).collect();
        let scores = self.step_sums.map(|row| row.map(|sum| round(sum) as i32));
        let _ = UNIT;
        Model { rows: Rows::of(rows), transitions: Transitions { scores } }
    }
}

/// Moves a weight against its error, the less the more it has been moved already.
fn follow(weight: &mut i32, square: &mut u64, error: i64, stride: i64) {
    if error.abs() < 1 << 7 {
        return;
    }
    *square += (error * error) as u64;
    let root = square.isqrt() as i64;
    *weight -= (stride * error / root) as i32;
}

/// The label that each word bears.
fn labels(tree: &Tree<'_>, article: &Annotated) -> Vec<Label> {
    let text: Vec<char> = article.text.chars().collect();
    let mut labels = vec![Label::Outside; tree.words.len()];
    let lists: [(fn(&crate::annotation::Marked) -> &Vec<Stretch>, [Label; 4]); 3] = [
        (|it| &it.content, [Label::First, Label::Inside, Label::Last, Label::Only]),
        (|it| &it.cue, [Label::CueFirst, Label::CueInside, Label::CueInside, Label::CueFirst]),
        (
            |it| &it.source,
            [Label::SourceFirst, Label::SourceInside, Label::SourceInside, Label::SourceFirst],
        ),
    ];
    for (list, [first, inside, last, only]) in lists {
        for stretch in article.attributions.iter().flat_map(list) {
            for words in pieces(tree, &text, *stretch) {
                if labels[words.clone()].iter().any(|label| *label != Label::Outside) {
                    continue;
                }
                labels[words.clone()].fill(inside);
                labels[words.end - 1] = last;
                labels[words.start] = if words.len() == 1 { only } else { first };
            }
        }
    }
    labels
}

/// The words of a stretch, line by line.
pub(super) fn pieces(tree: &Tree<'_>, text: &[char], stretch: Stretch) -> Vec<Words> {
    let is_trimmed = |at: u32| text.get(at as usize).is_some_and(|it| TRIMMED.contains(*it));
    let Stretch { mut start, mut end } = stretch;
    while start < end && is_trimmed(start) {
        start += 1;
    }
    while end > start && is_trimmed(end - 1) {
        end -= 1;
    }
    let mut pieces: Vec<Words> = Vec::new();
    let first = tree.after_point(start as usize);
    for at in first..tree.words.len() {
        if tree.points(&(at..at + 1)).0 >= end as usize {
            break;
        }
        match pieces.last_mut() {
            Some(words) if tree.line(words.start) == tree.line(at) => words.end = at + 1,
            _ => pieces.push(at..at + 1),
        }
    }
    pieces
}
