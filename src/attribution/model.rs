//! A model: weights learnt from articles that somebody annotated, and what they make of another.
//!
//! Knows how contents, cues and sources are read off likely labels, and joined. Must not know how
//! weights are learnt.

mod chain;
mod evidence;
mod segment;
mod source;
pub(super) mod training;
mod weights;

use self::chain::{LABELS, Label, Marginals, ONE, Scores, Transitions};
use self::evidence::Evidence;
use self::segment::{Segment, Sight};
use self::source::Option_;
use self::weights::Weights;
use super::candidate::{Candidate, Extent, Rule};
use super::choice::{self, Choice};
use super::tree::{Tree, Words};

/// Weights of each label for pieces of evidence, by their hash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    /// Hashes, rising, with the weights of each.
    rows: Vec<(u32, [i16; LABELS])>,
    /// Open addressing: every row, at least as many empty places; a hash of 0 is an empty place.
    places: Vec<Place>,
}

/// A row where it is looked for; half a cache line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(align(32))]
struct Place {
    hash: u32,
    weights: [i16; LABELS],
}

impl Rows {
    fn of(rows: Vec<(u32, [i16; LABELS])>) -> Self {
        let size = (rows.len() * 2 + 1).next_power_of_two();
        let mut places = vec![Place::default(); size];
        for (hash, weights) in &rows {
            let mut place = *hash as usize & (size - 1);
            while places[place].hash != 0 {
                place = (place + 1) & (size - 1);
            }
            places[place] = Place { hash: *hash, weights: *weights };
        }
        Self { rows, places }
    }

    fn get(&self, hash: u32) -> Option<&[i16; LABELS]> {
        let last = self.places.len() - 1;
        let mut at = hash as usize & last;
        loop {
            let place = &self.places[at];
            if place.hash == hash {
                return Some(&place.weights);
            }
            if place.hash == 0 {
                return None;
            }
            at = (at + 1) & last;
        }
    }
}

/// Likely labels.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Chain {
    rows: Rows,
    transitions: Transitions,
}

impl Chain {
    fn scores(&self, evidence: &Evidence, line: &Words) -> Vec<Scores> {
        let score = |at| {
            let mut scores = [0; LABELS];
            for weights in evidence.of(at).iter().filter_map(|hash| self.rows.get(*hash)) {
                for (score, weight) in scores.iter_mut().zip(weights) {
                    *score += i32::from(*weight);
                }
            }
            scores
        };
        line.clone().map(score).collect()
    }
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    chain: Chain,
    /// How likely a stretch is a content.
    segments: Weights,
    /// How likely a mention is its speaker.
    sources: Weights,
    /// From what likelihood on a content is worth proposing.
    least: u32,
}

/// An article, or a part of one, with all that a model goes by.
struct Material<'a> {
    tree: &'a Tree<'a>,
    /// The grammar's candidates with their confidence, and whether they were chosen.
    candidates: Vec<(&'a Candidate, u8, bool)>,
    evidence: Evidence,
    lines: Vec<Words>,
}

impl<'a> Material<'a> {
    fn of(tree: &'a Tree<'a>, candidates: &'a [Candidate], choices: &[Choice]) -> Self {
        let evidence = evidence::gather(tree, candidates, choices);
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
        Self { tree, candidates: all, evidence, lines: lines(tree) }
    }

    /// Those of the grammar's candidates of which the content begins in the line.
    fn within(&self, line: &Words) -> &[(&'a Candidate, u8, bool)] {
        let start = |(candidate, _, _): &(&Candidate, u8, bool)| candidate.content[0].start;
        let first = self.candidates.partition_point(|it| start(it) < line.start);
        let last = self.candidates.partition_point(|it| start(it) < line.end);
        &self.candidates[first..last]
    }
}

/// What a chain makes of a line.
struct Heard {
    labels: Vec<Label>,
    marginals: Marginals,
}

impl Chain {
    fn hear(&self, evidence: &Evidence, line: &Words) -> Heard {
        let scores = self.scores(evidence, line);
        Heard {
            labels: self.transitions.best(&scores),
            marginals: self.transitions.marginals(&scores),
        }
    }
}

impl Model {
    /// What is attributed, by the model.
    pub(super) fn choose(
        &self,
        tree: &Tree<'_>,
        candidates: &[Candidate],
        choices: &[Choice],
    ) -> Vec<Choice> {
        let material = Material::of(tree, candidates, choices);
        let mut found = Vec::new();
        for line in &material.lines {
            let heard = self.chain.hear(&material.evidence, line);
            let sight = Sight {
                tree,
                line: line.clone(),
                labels: &heard.labels,
                marginals: &heard.marginals,
                candidates: material.within(line),
            };
            self.read(&sight, &mut found);
        }
        found
    }

    fn read(&self, sight: &Sight<'_>, found: &mut Vec<Choice>) {
        let segments = sight.segments();
        let likely: Vec<u32> =
            segments.iter().map(|it| weights::likelihood(self.segments.score(&it.evidence))).collect();
        let chosen = chosen(&segments, &likely, self.least);
        let contents: Vec<Words> = chosen.iter().map(|at| segments[*at].words.clone()).collect();
        for (content, at) in contents.iter().zip(&chosen) {
            let options = source::options(sight, content, &contents);
            let scores: Vec<i32> =
                options.iter().map(|option| self.sources.score(&option.evidence)).collect();
            let likelihoods = weights::likelihoods(&scores);
            let best = (0..options.len()).max_by_key(|at| (likelihoods[*at], usize::MAX - at));
            let Some(best) = best else { continue };
            let sure = u64::from(likely[*at]) * u64::from(likelihoods[best]) / u64::from(ONE);
            let percent = (sure * 100 / u64::from(ONE)) as u8;
            found.push(joined(sight, content, &options[best], percent));
        }
    }
}

/// The segments that are worth proposing: for each, how much likelier it is than the least.
fn chosen(segments: &[Segment], likely: &[u32], least: u32) -> Vec<usize> {
    let worth: Vec<i64> = likely.iter().map(|it| i64::from(*it) - i64::from(least)).collect();
    segment::best(segments, &worth)
}

fn joined(sight: &Sight<'_>, content: &Words, option: &Option_, confidence: u8) -> Choice {
    let known = option.candidate.map(|number| sight.candidates[number].0);
    let cues = sight.read(Label::CueFirst);
    let nearest = cues.into_iter().min_by_key(|cue| source::apart(cue, content));
    let cue = known.map(|known| known.cue.clone()).or(nearest);
    let cue = cue.unwrap_or_else(|| content.start..content.start + 1);
    Choice {
        candidate: Candidate {
            rule: known.map_or(Rule::Clause, |known| known.rule),
            extent: Extent::Tree,
            key: known.map(|known| known.key.clone()).unwrap_or_default(),
            content: vec![content.clone()],
            source: option.source.clone(),
            at: cue.start,
            cue,
        },
        confidence,
        is_nested: false,
    }
}

/// The lines of a text, as words.
fn lines(tree: &Tree<'_>) -> Vec<Words> {
    let mut lines: Vec<Words> = Vec::new();
    for at in 0..tree.words.len() {
        match lines.last_mut() {
            Some(line) if tree.line(line.start) == tree.line(at) => line.end = at + 1,
            _ => lines.push(at..at + 1),
        }
    }
    lines
}
