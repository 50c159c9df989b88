//! Trains a model from annotated articles.
//!
//! Knows the order in which the parts of a model are learnt: labels first; then, on articles from
//! which the labels were not learnt, which segments and which speakers to accept. Must not know
//! what a feature means.

use rustc_hash::FxHashMap;
use thiserror::Error;

use super::crf::ONE;
use super::learner::{self, Lesson, SEED, shuffle};
use super::marking::{self, Attribution};
use super::segment::Sight;
use super::table::Table;
use super::weights::{self, Learning};
use super::{LabelChain, Material, Model, source};
use crate::reading::annotation::Annotated;
use crate::reading::attribution::candidate::Candidate;
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::attribution::{choice, grammar};

/// Features that occur less often than this are ignored.
const FEWEST: u32 = 3;

/// The number of parts into which the articles are divided; each is judged by what was learnt from
/// the others.
const FOLDS: usize = 2;

/// Rounds over the segments and speakers.
const ROUNDS: usize = 6;

/// The percentage by which every weight is reduced before each round.
const SHRINKING: i32 = 20;

/// The score of a segment that is almost a content, in percent.
const NEARLY: u32 = 85;

/// The lowest probability at which a content is proposed, in percent: precision and recall are
/// about equal there.
const LEAST: u32 = 30;

/// Why no model was trained.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TrainError {
    /// There are too few articles.
    #[error("only {0} articles have attributions: annotate at least {FEWEST_ARTICLES}")]
    Few(usize),
    /// No feature occurs often enough, which does not happen with text written by people.
    #[error("nothing can be learnt from these articles: check that they are in English")]
    Nothing,
}

/// The fewest articles for training.
const FEWEST_ARTICLES: usize = 10;

/// An article that was read, with the attributions marked in it.
struct TrainingText<'a> {
    article: &'a Annotated,
    tree: Tree<'a>,
    candidates: Vec<Candidate>,
    attributions: Vec<Attribution>,
}

impl<'a> TrainingText<'a> {
    fn of(article: &'a Annotated) -> Self {
        let tree = Tree::of(&article.text);
        let candidates = grammar::candidates(&tree, choice::is_hopeless, &mut Vec::new());
        let attributions = marking::attributions(&tree, article);
        Self { article, tree, candidates, attributions }
    }

    fn material(&self) -> Material<'_> {
        let all = self.candidates.clone();
        let choices = choice::choose(&self.tree, all, choice::LEAST);
        Material::of(&self.tree, &self.candidates, &choices)
    }
}

/// Trains a model. `told` is called after each completed part, with the number of parts.
pub fn train(
    articles: &[Annotated],
    told: &mut dyn FnMut(usize, usize),
) -> Result<Model, TrainError> {
    let marked = articles.iter().filter(|article| !article.attributions.is_empty()).count();
    if marked < FEWEST_ARTICLES {
        return Err(TrainError::Few(marked));
    }
    let mut parts = 0;
    let mut done = move || {
        parts += 1;
        told(parts, FOLDS + 2);
    };
    let texts: Vec<TrainingText<'_>> = articles.iter().map(TrainingText::of).collect();
    let materials: Vec<Material<'_>> = texts.iter().map(TrainingText::material).collect();
    let hashes = frequent(&materials);
    let numbers: FxHashMap<u32, u32> = hashes.iter().copied().zip(0..).collect();
    let lessons: Vec<Lesson> = texts
        .iter()
        .zip(&materials)
        .map(|(text, material)| lesson(text, material, &numbers))
        .collect();
    done();
    let (mut trials, mut questions) = (Vec::new(), Vec::new());
    for fold in 0..FOLDS {
        let others: Vec<usize> = (0..lessons.len()).filter(|at| at % FOLDS != fold).collect();
        let chain = chain(learner::learn(&lessons, &others, &hashes))?;
        for at in (fold..lessons.len()).step_by(FOLDS) {
            judge(&texts[at], &materials[at], &chain, &mut trials, &mut questions);
        }
        done();
    }
    let segments = Table::of(learn_segments(&trials)).ok_or(TrainError::Nothing)?;
    let sources = Table::of(learn_sources(&questions)).ok_or(TrainError::Nothing)?;
    let all: Vec<usize> = (0..lessons.len()).collect();
    let chain = chain(learner::learn(&lessons, &all, &hashes))?;
    done();
    Ok(Model { chain, segments, sources, least: ONE / 100 * LEAST })
}

fn chain((rows, transitions): learner::Learnt) -> Result<LabelChain, TrainError> {
    Ok(LabelChain { rows: Table::of(rows).ok_or(TrainError::Nothing)?, transitions })
}

/// The hashes that occur often enough, the most frequent first, so that frequently used rows are
/// close together.
fn frequent(materials: &[Material<'_>]) -> Vec<u32> {
    let mut counts: FxHashMap<u32, u32> = FxHashMap::default();
    for features in materials.iter().map(|material| &material.features) {
        for at in 0..features.len() {
            for hash in features.of(at) {
                *counts.entry(*hash).or_default() += 1;
            }
        }
    }
    let mut frequent: Vec<(u32, u32)> =
        counts.into_iter().filter(|(_, count)| *count >= FEWEST).collect();
    frequent.sort_unstable_by_key(|(hash, count)| (u32::MAX - count, *hash));
    frequent.into_iter().map(|(hash, _)| hash).collect()
}

fn lesson(
    text: &TrainingText<'_>,
    material: &Material<'_>,
    numbers: &FxHashMap<u32, u32>,
) -> Lesson {
    let features = &material.features;
    let (mut rows, mut ends) = (Vec::new(), Vec::new());
    for at in 0..features.len() {
        rows.extend(features.of(at).iter().filter_map(|hash| numbers.get(hash)));
        ends.push(rows.len() as u32);
    }
    Lesson {
        rows,
        ends,
        labels: marking::labels(&text.tree, text.article),
        lines: material.lines.clone(),
    }
}

/// A possible content, and how right it is.
struct ContentTrial {
    features: Vec<u32>,
    right: u32,
}

/// The possible speakers of a content, and the actual one.
struct SpeakerQuestion {
    options: Vec<Vec<u32>>,
    is_right: Vec<bool>,
}

fn judge(
    text: &TrainingText<'_>,
    material: &Material<'_>,
    chain: &LabelChain,
    trials: &mut Vec<ContentTrial>,
    questions: &mut Vec<SpeakerQuestion>,
) {
    let tree = &text.tree;
    for line in &material.lines {
        let heard = chain.hear(&material.features, line);
        let sight = Sight {
            tree,
            line: line.clone(),
            labels: &heard.labels,
            marginals: &heard.marginals,
            candidates: material.within(line),
        };
        let within = |words: &&WordRange| line.contains(&words.start);
        let marked = text.attributions.iter();
        let all = marked.flat_map(|it| it.contents.iter().filter(within).map(move |of| (of, it)));
        let mut contents: Vec<WordRange> = all.clone().map(|(words, _)| words.clone()).collect();
        contents.sort_by_key(|words| words.start);
        for segment in sight.segments() {
            let is_near = contents.iter().any(|words| is_near(tree, words, &segment.words));
            let right = match contents.contains(&segment.words) {
                true => ONE,
                false if is_near => ONE / 100 * NEARLY,
                false => 0,
            };
            trials.push(ContentTrial { features: segment.features, right });
        }
        questions.extend(all.filter_map(|(words, it)| question(&sight, words, &contents, it)));
    }
}

/// The question of who said it, if the actual speaker is among the possible ones.
fn question(
    sight: &Sight<'_>,
    content: &WordRange,
    contents: &[WordRange],
    marked: &Attribution,
) -> Option<SpeakerQuestion> {
    let (mut options, mut is_right) = (Vec::new(), Vec::new());
    for option in source::options(sight, content, contents) {
        is_right.push(match &option.source {
            None => marked.sources.is_empty(),
            Some(source) => marked.sources.iter().any(|it| source::overlap(it, source) > 0),
        });
        options.push(option.features);
    }
    is_right.contains(&true).then_some(SpeakerQuestion { options, is_right })
}

/// Whether two ranges share four fifths of the letters of both together.
fn is_near(tree: &Tree<'_>, a: &WordRange, b: &WordRange) -> bool {
    let ((a_start, a_end), (b_start, b_end)) = (tree.points(a), tree.points(b));
    let shared = a_end.min(b_end).saturating_sub(a_start.max(b_start));
    let union = (a_end - a_start) + (b_end - b_start) - shared;
    5 * shared >= 4 * union
}

fn learn_segments(trials: &[ContentTrial]) -> Vec<(u32, [i16; 1])> {
    let mut learning = Learning::default();
    let mut order: Vec<usize> = (0..trials.len()).collect();
    let mut random = SEED;
    for _ in 0..ROUNDS {
        learning.shrink(SHRINKING);
        shuffle(&mut order, &mut random);
        for at in &order {
            let trial = &trials[*at];
            let expected = weights::likelihood(learning.score(&trial.features));
            learning.follow(&trial.features, expected, trial.right);
        }
    }
    learning.rows()
}

fn learn_sources(questions: &[SpeakerQuestion]) -> Vec<(u32, [i16; 1])> {
    let mut learning = Learning::default();
    let mut order: Vec<usize> = (0..questions.len()).collect();
    let mut random = SEED;
    for _ in 0..ROUNDS {
        learning.shrink(SHRINKING);
        shuffle(&mut order, &mut random);
        for at in &order {
            let question = &questions[*at];
            let scores: Vec<i32> = question.options.iter().map(|it| learning.score(it)).collect();
            let expected = weights::likelihoods(&scores);
            let right = question.is_right.iter().zip(&expected).filter(|(is, _)| **is);
            let right: u64 = right.map(|(_, likely)| u64::from(*likely)).sum::<u64>().max(1);
            for ((features, likely), is) in
                question.options.iter().zip(&expected).zip(&question.is_right)
            {
                let is = if *is { u64::from(*likely) * u64::from(ONE) / right } else { 0 };
                learning.follow(features, *likely, is as u32);
            }
        }
    }
    learning.rows()
}
