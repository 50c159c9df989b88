//! A model: weights learnt from annotated articles, and the attributions it reads with them.
//!
//! Knows how contents, cues and sources are derived from likely labels, and joined. Must not know
//! how weights are learnt.

mod crf;
mod table;
mod word_features;

pub(super) mod file;
mod learner;
mod marking;
mod segment;
mod weights;

mod source;

pub(super) mod training;

use self::crf::{LABELS, Label, LabelScores, Marginals, ONE, Transitions};
use self::segment::{Segment, Sight};
use self::table::Table;
use self::word_features::WordFeatures;
use super::candidate::{Candidate, Extent, Rule};
use super::choice::{self, Choice};
use super::tree::{Tree, WordRange};

/// The classifier that labels the words of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LabelChain {
    rows: Table<LABELS>,
    transitions: Transitions,
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    chain: LabelChain,
    /// Weights for whether a range of words is a content.
    segments: Table<1>,
    /// Weights for whether a mention is the speaker of a content.
    sources: Table<1>,
    /// The lowest probability at which a content is proposed.
    least: u32,
}

/// An article, or a part of one, with everything a model uses.
struct Material<'a> {
    /// The grammar's candidates with their confidence, and whether they were chosen.
    candidates: Vec<(&'a Candidate, u8, bool)>,
    features: WordFeatures,
    lines: Vec<WordRange>,
}

impl<'a> Material<'a> {
    fn of(tree: &'a Tree<'a>, candidates: &'a [Candidate], choices: &[Choice]) -> Self {
        let features = word_features::gather(tree, candidates, choices);
        let is_chosen = |candidate: &Candidate| {
            choices.iter().any(|choice| {
                let chosen = &choice.candidate;
                chosen.at == candidate.at
                    && chosen.rule == candidate.rule
                    && chosen.content == candidate.content
                    && !choice.is_nested
            })
        };
        let mut all: Vec<(&Candidate, u8, bool)> = candidates
            .iter()
            .map(|candidate| (candidate, choice::confidence(tree, candidate), is_chosen(candidate)))
            .collect();
        all.sort_by_key(|(candidate, _, _)| candidate.content[0].start);
        Self { candidates: all, features, lines: lines(tree) }
    }

    /// The grammar's candidates whose content begins in the line.
    fn within(&self, line: &WordRange) -> &[(&'a Candidate, u8, bool)] {
        let start = |(candidate, _, _): &(&Candidate, u8, bool)| candidate.content[0].start;
        let first = self.candidates.partition_point(|it| start(it) < line.start);
        let last = self.candidates.partition_point(|it| start(it) < line.end);
        &self.candidates[first..last]
    }
}

/// The labels of a line.
struct LabelledLine {
    labels: Vec<Label>,
    marginals: Marginals,
}

impl LabelChain {
    fn hear(&self, features: &WordFeatures, line: &WordRange) -> LabelledLine {
        let scores: Vec<LabelScores> =
            line.clone().map(|at| self.rows.sum(features.of(at))).collect();
        LabelledLine {
            labels: self.transitions.best(&scores),
            marginals: self.transitions.marginals(&scores),
        }
    }
}

impl Model {
    /// The attributions chosen by the model.
    pub(super) fn choose(
        &self,
        tree: &Tree<'_>,
        candidates: &[Candidate],
        choices: Vec<Choice>,
    ) -> Vec<Choice> {
        let material = Material::of(tree, candidates, &choices);
        let mut found = Vec::new();
        for line in &material.lines {
            let heard = self.chain.hear(&material.features, line);
            let sight = Sight {
                tree,
                line: line.clone(),
                labels: &heard.labels,
                marginals: &heard.marginals,
                candidates: material.within(line),
            };
            self.read(&sight, &mut found);
        }
        keep_nested(choices, &mut found);
        found
    }

    fn read(&self, sight: &Sight<'_>, found: &mut Vec<Choice>) {
        let segments = sight.segments();
        let likely: Vec<u32> = segments
            .iter()
            .map(|it| weights::likelihood(self.segments.sum(&it.features)[0]))
            .collect();
        let chosen = chosen(&segments, &likely, self.least);
        let contents: Vec<WordRange> =
            chosen.iter().map(|at| segments[*at].words.clone()).collect();
        for (content, at) in contents.iter().zip(&chosen) {
            let options = source::options(sight, content, &contents);
            let scores: Vec<i32> =
                options.iter().map(|option| self.sources.sum(&option.features)[0]).collect();
            let likelihoods = weights::likelihoods(&scores);
            let best = (0..options.len()).max_by_key(|at| (likelihoods[*at], usize::MAX - at));
            let Some(best) = best else { continue };
            let sure = u64::from(likely[*at]) * u64::from(likelihoods[best]) / u64::from(ONE);
            let percent = (sure * 100 / u64::from(ONE)) as u8;
            let option = &options[best];
            let known = option.candidate.map(|number| sight.candidates[number].0);
            let choice = joined(sight, content, option.source.as_ref(), known, percent);
            match found.last_mut() {
                Some(last) if known.is_some_and(|known| goes_on(last, &choice, known)) => {
                    last.candidate.content.push(content.clone());
                    last.confidence = last.confidence.min(percent);
                }
                _ => found.push(choice),
            }
        }
    }
}

/// The segments to propose. The worth of a segment is how far its probability exceeds the minimum.
fn chosen(segments: &[Segment], likely: &[u32], least: u32) -> Vec<usize> {
    let worth: Vec<i64> = likely.iter().map(|it| i64::from(*it) - i64::from(least)).collect();
    segment::best(segments, &worth)
}

/// Whether two contents are pieces of one attribution in the grammar.
fn goes_on(last: &Choice, next: &Choice, known: &Candidate) -> bool {
    let holds = |choice: &Choice| {
        choice
            .candidate
            .content
            .iter()
            .all(|words| known.content.iter().any(|piece| source::overlap(piece, words) > 0))
    };
    known.content.len() > 1
        && last.candidate.cue == next.candidate.cue
        && last.candidate.source == next.candidate.source
        && holds(last)
        && holds(next)
}

fn joined(
    sight: &Sight<'_>,
    content: &WordRange,
    source: Option<&WordRange>,
    known: Option<&Candidate>,
    confidence: u8,
) -> Choice {
    let cues = sight.read(Label::CueFirst);
    let nearest = cues.into_iter().min_by_key(|cue| source::apart(cue, content));
    let cue = known.map(|known| known.cue.clone()).or(nearest);
    let cue = cue.unwrap_or_else(|| content.start..content.start + 1);
    let candidate = Candidate {
        rule: known.map_or(Rule::Chain, |known| known.rule),
        extent: Extent::Tree,
        key: known.map(|known| known.key.clone()).unwrap_or_default(),
        content: vec![content.clone()],
        source: source.cloned(),
        at: known.map_or(cue.start, |known| known.at),
        cue,
    };
    Choice { candidate, confidence, is_nested: false }
}

/// Adds the attributions that the grammar reads inside the words attributed by the model: people
/// mark only the outermost ones, so a model learns no others.
fn keep_nested(choices: Vec<Choice>, found: &mut Vec<Choice>) {
    let mut contents: Vec<WordRange> =
        found.iter().flat_map(|choice| choice.candidate.content.iter().cloned()).collect();
    contents.sort_by_key(|words| words.start);
    let is_within = |choice: &Choice| {
        choice.candidate.content.iter().chain([&choice.candidate.cue]).all(|words| {
            let next = contents.partition_point(|content| content.end <= words.start);
            contents.get(next).is_some_and(|content| {
                content.start <= words.start && words.end <= content.end && content != words
            })
        })
    };
    let nested: Vec<Choice> = choices.into_iter().filter(is_within).collect();
    found.extend(nested.into_iter().map(|choice| Choice { is_nested: true, ..choice }));
    found.sort_by_key(|choice| (choice.candidate.content[0].start, choice.is_nested));
}

/// The lines of a text, as word ranges.
fn lines(tree: &Tree<'_>) -> Vec<WordRange> {
    let mut lines: Vec<WordRange> = Vec::new();
    for at in 0..tree.words.len() {
        match lines.last_mut() {
            Some(line) if tree.line(line.start) == tree.line(at) => line.end = at + 1,
            _ => lines.push(at..at + 1),
        }
    }
    lines
}
