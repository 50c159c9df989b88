//! Learning: a model from articles that somebody annotated.
//!
//! Knows the gradient of a linear-chain conditional random field and how to follow it in whole
//! numbers, so that the same articles give the same model on every machine. Must not know what the
//! evidence says.

use std::collections::HashMap;

use super::chain::{LABELS, Label, ONE, Scores, Transitions};
use super::segment::Sight;
use super::weights::{self, Learning, Weights};
use super::{Chain, Material, Model, Rows, source};
use crate::annotation::{Annotated, Stretch};
use crate::attribution::candidate::Candidate;
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

/// An article with everything that is learnt from.
struct Lesson {
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

/// An article, read, with what people marked in it.
struct Text<'a> {
    article: &'a Annotated,
    tree: Tree<'a>,
    candidates: Vec<Candidate>,
}

/// How many parts the articles are learnt in, each judged by what the others taught.
fn folds() -> usize {
    knob("FOLDS", 2) as usize
}

fn knob(name: &str, default: i64) -> i64 {
    std::env::var(name).ok().and_then(|it| it.parse().ok()).unwrap_or(default)
}

/// Learns a model.
pub(in crate::attribution) fn train(articles: &[Annotated], told: &mut dyn FnMut(&str)) -> Model {
    let texts: Vec<Text<'_>> = articles
        .iter()
        .map(|article| {
            let tree = Tree::of(&article.text);
            let candidates = grammar::candidates(&tree);
            Text { article, tree, candidates }
        })
        .collect();
    let materials: Vec<Material<'_>> = texts
        .iter()
        .map(|text| {
            let all = text.candidates.clone();
            let choices = choice::choose(&text.tree, all, crate::attribution::LEAST);
            Material::of(&text.tree, &text.candidates, &choices)
        })
        .collect();
    told("evidence gathered");
    let hashes = frequent(&materials);
    told(&format!("{} rows", hashes.len()));
    let numbers: HashMap<u32, u32> = hashes.iter().copied().zip(0..).collect();
    let lessons: Vec<Lesson> =
        texts.iter().zip(&materials).map(|(text, material)| lesson(text, material, &numbers)).collect();
    let folds = folds();
    let (mut segments, mut sources) = (Vec::new(), Vec::new());
    for fold in 0..folds {
        let others = (0..lessons.len()).filter(|at| at % folds != fold);
        let chain = learn(&lessons, others.collect(), &hashes, told);
        for at in (fold..lessons.len()).step_by(folds) {
            judge(&texts[at], &materials[at], &chain, &mut segments, &mut sources);
        }
        told(&format!("fold {fold}"));
    }
    let segments = learn_segments(&segments);
    let sources = learn_sources(&sources);
    told(&format!("{} weights of segments, {} of sources", segments.rows.len(), sources.rows.len()));
    let chain = learn(&lessons, (0..lessons.len()).collect(), &hashes, told);
    Model { chain, segments, sources, least: ONE / 100 * knob("LEAST", 40) as u32 }
}

/// Hashes met often enough, the most frequent first: what is used most stands together.
fn frequent(materials: &[Material<'_>]) -> Vec<u32> {
    let mut counts: HashMap<u32, u32> = HashMap::new();
    for evidence in materials.iter().map(|material| &material.evidence) {
        for at in 0..evidence.len() {
            for hash in evidence.of(at) {
                *counts.entry(*hash).or_default() += 1;
            }
        }
    }
    let mut frequent: Vec<(u32, u32)> =
        counts.into_iter().filter(|(_, count)| i64::from(*count) >= knob("FEWEST", 3)).collect();
    frequent.sort_unstable_by_key(|(hash, count)| (u32::MAX - count, *hash));
    frequent.into_iter().map(|(hash, _)| hash).collect()
}

fn lesson(text: &Text<'_>, material: &Material<'_>, numbers: &HashMap<u32, u32>) -> Lesson {
    let evidence = &material.evidence;
    let (mut rows, mut ends) = (Vec::new(), Vec::new());
    for at in 0..evidence.len() {
        rows.extend(evidence.of(at).iter().filter_map(|hash| numbers.get(hash)));
        ends.push(rows.len() as u32);
    }
    Lesson { rows, ends, labels: labels(&text.tree, text.article), lines: material.lines.clone() }
}

/// Learns the labels of some of the lessons.
fn learn(lessons: &[Lesson], of: Vec<usize>, hashes: &[u32], told: &mut dyn FnMut(&str)) -> Chain {
    let mut learner = Learner::of(hashes.len());
    let mut order: Vec<(usize, usize)> = Vec::new();
    for number in of {
        order.extend((0..lessons[number].lines.len()).map(|line| (number, line)));
    }
    let mut random = 0x2545_f491_4f6c_dd1d_u64;
    let rounds = knob("ROUNDS", 6) as usize;
    for round in 0..rounds {
        learner.decay(knob("DECAY", 40) as i32);
        shuffle(&mut order, &mut random);
        for (lesson, line) in &order {
            learner.learn(&lessons[*lesson], &lessons[*lesson].lines[*line]);
        }
        told(&format!("round {round}"));
        if round >= rounds / 2 {
            learner.keep();
        }
    }
    learner.chain(hashes)
}

/// What may be a content, and whether it is one.
struct Trial {
    evidence: Vec<u32>,
    is_right: u32,
}

/// Who may have said something, and who did.
struct Question {
    options: Vec<Vec<u32>>,
    is_right: Vec<bool>,
}

fn judge(
    text: &Text<'_>,
    material: &Material<'_>,
    chain: &Chain,
    trials: &mut Vec<Trial>,
    questions: &mut Vec<Question>,
) {
    let letters: Vec<char> = text.article.text.chars().collect();
    let tree = &text.tree;
    let mut gold: Vec<(Words, usize)> = Vec::new();
    let mut said_by: Vec<Vec<Words>> = Vec::new();
    for (number, marked) in text.article.attributions.iter().enumerate() {
        gold.extend(marked.content.iter().flat_map(|it| pieces(tree, &letters, *it)).map(|it| (it, number)));
        said_by.push(marked.source.iter().flat_map(|it| pieces(tree, &letters, *it)).collect());
    }
    for line in &material.lines {
        let heard = chain.hear(&material.evidence, line);
        let sight = Sight {
            tree,
            line: line.clone(),
            labels: &heard.labels,
            marginals: &heard.marginals,
            candidates: material.within(line),
        };
        let within: Vec<&(Words, usize)> = gold.iter().filter(|(words, _)| line.contains(&words.start)).collect();
        let mut contents: Vec<Words> = within.iter().map(|(words, _)| words.clone()).collect();
        contents.sort_by_key(|words| words.start);
        for segment in sight.segments() {
            let is_right = match contents.contains(&segment.words) {
                true => ONE,
                false if contents.iter().any(|words| is_near(tree, words, &segment.words)) => ONE / 100 * knob("NEAR", 85) as u32,
                false => 0,
            };
            trials.push(Trial { evidence: segment.evidence, is_right });
        }
        for (words, number) in within {
            let speakers = &said_by[*number];
            let options = source::options(&sight, words, &contents);
            let is_right: Vec<bool> = options
                .iter()
                .map(|option| match &option.source {
                    None => speakers.is_empty(),
                    Some(source) => speakers.iter().any(|it| source::overlap(it, source) > 0),
                })
                .collect();
            if is_right.contains(&true) {
                let options = options.into_iter().map(|option| option.evidence).collect();
                questions.push(Question { options, is_right });
            }
        }
    }
}

/// Whether four fifths of the letters of both are common to both.
fn is_near(tree: &Tree<'_>, a: &Words, b: &Words) -> bool {
    let ((a_start, a_end), (b_start, b_end)) = (tree.points(a), tree.points(b));
    let shared = a_end.min(b_end).saturating_sub(a_start.max(b_start));
    let union = (a_end - a_start) + (b_end - b_start) - shared;
    5 * shared >= 4 * union
}

fn learn_segments(trials: &[Trial]) -> Weights {
    let mut learning = Learning::default();
    let mut order: Vec<usize> = (0..trials.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..knob("SEGROUNDS", 6) {
        learning.shrink(knob("SEGDECAY", 20) as i32);
        shuffle(&mut order, &mut random);
        for at in &order {
            let trial = &trials[*at];
            let expected = weights::likelihood(learning.score(&trial.evidence));
            learning.follow(&trial.evidence, expected, trial.is_right);
        }
    }
    learning.weights()
}

fn learn_sources(questions: &[Question]) -> Weights {
    let mut learning = Learning::default();
    let mut order: Vec<usize> = (0..questions.len()).collect();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..knob("SRCROUNDS", 6) {
        learning.shrink(knob("SRCDECAY", 20) as i32);
        shuffle(&mut order, &mut random);
        for at in &order {
            let question = &questions[*at];
            let scores: Vec<i32> = question.options.iter().map(|it| learning.score(it)).collect();
            let expected = weights::likelihoods(&scores);
            let right = question.is_right.iter().zip(&expected).filter(|(is, _)| **is);
            let right: u64 = right.map(|(_, likely)| u64::from(*likely)).sum::<u64>().max(1);
            for ((evidence, likely), is) in question.options.iter().zip(&expected).zip(&question.is_right) {
                let is = if *is { u64::from(*likely) * u64::from(ONE) / right } else { 0 };
                learning.follow(evidence, *likely, is as u32);
            }
        }
    }
    learning.weights()
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

    fn chain(&self, hashes: &[u32]) -> Chain {
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
        let least = knob("PRUNE", 10) as i16;
        let is_felt = |(hash, weights): &(u32, [i16; LABELS])| {
            *hash != 0 && weights.iter().any(|weight| weight.abs() > least)
        };
        let mut rows: Vec<(u32, [i16; LABELS])> = rows.filter(is_felt).collect();
        rows.sort_unstable();
        let scores = self.step_sums.map(|row| row.map(|sum| round(sum) as i32));
        Chain { rows: Rows::of(rows), transitions: Transitions { scores } }
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
