//! A model: weights learnt from articles that somebody annotated, and what they make of another.
//!
//! Knows how contents, cues and sources are read off the likeliest labels, and joined. Must not
//! know how weights are learnt.

mod chain;
mod evidence;
pub(super) mod training;

use self::chain::{LABELS, Label, Scores, Transitions};
use self::evidence::Evidence;
use super::candidate::{Candidate, Extent, Rule};
use super::choice::Choice;
use super::tree::{Tree, Words};

/// Weights of each label for pieces of evidence, by their hash.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Rows {
    /// Hashes, rising, with the weights of each.
    rows: Vec<(u32, [i16; LABELS])>,
    /// Open addressing: numbers in `rows`, counted from 1, twice as many places as rows or more.
    places: Vec<u32>,
}

impl Rows {
    fn of(rows: Vec<(u32, [i16; LABELS])>) -> Self {
        let size = (rows.len() * 2 + 1).next_power_of_two();
        let mut places = vec![0; size];
        for (number, (hash, _)) in (1..).zip(&rows) {
            let mut place = *hash as usize & (size - 1);
            while places[place] != 0 {
                place = (place + 1) & (size - 1);
            }
            places[place] = number;
        }
        Self { rows, places }
    }

    fn get(&self, hash: u32) -> Option<&[i16; LABELS]> {
        let mut place = hash as usize & (self.places.len() - 1);
        loop {
            let number = self.places[place].checked_sub(1)?;
            let (found, weights) = &self.rows[number as usize];
            if *found == hash {
                return Some(weights);
            }
            place = (place + 1) & (self.places.len() - 1);
        }
    }
}

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    rows: Rows,
    transitions: Transitions,
}

impl Model {
    fn scores(&self, evidence: &Evidence) -> Vec<Scores> {
        let score = |at| {
            let mut scores = [0; LABELS];
            for weights in evidence.of(at).iter().filter_map(|hash| self.rows.get(*hash)) {
                for (score, weight) in scores.iter_mut().zip(weights) {
                    *score += i32::from(*weight);
                }
            }
            scores
        };
        (0..evidence.len()).map(score).collect()
    }

    /// What is attributed, by the model.
    pub(super) fn choose(
        &self,
        tree: &Tree<'_>,
        candidates: Vec<Candidate>,
        choices: Vec<Choice>,
    ) -> Vec<Choice> {
        let evidence = evidence::gather(tree, &candidates, &choices);
        let scores = self.scores(&evidence);
        let mut found = Vec::new();
        for line in lines(tree) {
            let labels = self.transitions.best(&scores[line.clone()]);
            let parts = parts(&labels, line.start);
            join(tree, &parts, &choices, &mut found);
        }
        found
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

/// Stretches of a line that play a part.
#[derive(Debug, Default)]
struct Parts {
    contents: Vec<Words>,
    cues: Vec<Words>,
    sources: Vec<Words>,
}

fn parts(labels: &[Label], start: usize) -> Parts {
    let mut parts = Parts::default();
    for (at, label) in (start..).zip(labels) {
        let list = match label {
            Label::Outside => continue,
            Label::First | Label::Inside | Label::Last | Label::Only => &mut parts.contents,
            Label::CueFirst | Label::CueInside => &mut parts.cues,
            Label::SourceFirst | Label::SourceInside => &mut parts.sources,
        };
        let begins =
            matches!(label, Label::First | Label::Only | Label::CueFirst | Label::SourceFirst);
        match list.last_mut() {
            Some(words) if !begins => words.end = at + 1,
            _ => list.push(at..at + 1),
        }
    }
    parts
}

fn join(tree: &Tree<'_>, parts: &Parts, choices: &[Choice], found: &mut Vec<Choice>) {
    for content in &parts.contents {
        let shared = |choice: &&Choice| -> usize {
            choice.candidate.content.iter().map(|words| overlap(words, content)).sum()
        };
        let known = choices.iter().filter(|choice| shared(choice) > 0);
        let known = known.max_by_key(|choice| (shared(choice), !choice.is_nested));
        let nearest = |list: &[Words]| list.iter().min_by_key(|words| apart(words, content)).cloned();
        let source = known.and_then(|it| it.candidate.source.clone()).or_else(|| nearest(&parts.sources));
        let cue = known.map(|it| it.candidate.cue.clone()).or_else(|| nearest(&parts.cues));
        let cue = cue.unwrap_or_else(|| content.start..content.start + 1);
        let at = cue.start;
        let _ = tree;
        found.push(Choice {
            candidate: Candidate {
                rule: known.map_or(Rule::Clause, |known| known.candidate.rule),
                extent: Extent::Tree,
                key: String::new(),
                content: vec![content.clone()],
                source,
                cue,
                at,
            },
            confidence: 50,
            is_nested: false,
        });
    }
}

fn overlap(a: &Words, b: &Words) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

fn apart(a: &Words, b: &Words) -> usize {
    a.start.saturating_sub(b.end).max(b.start.saturating_sub(a.end))
}
