//! Which of the grammar's candidates are proposed, and how sure it is of each.
//!
//! Knows how often each rule was right with each cue in annotated news. Must not know how a
//! candidate was found.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::candidate::{Candidate, Rule};
use super::lexicon::entries;
use super::tree::{Tree, Words};

/// How often a rule was right with a cue: lines of `rule TAB cue TAB right TAB of`, the cue `*`
/// standing for all that were met too seldom to have a line.
static COUNTS: LazyLock<HashMap<&'static str, HashMap<&'static str, (u32, u32)>>> =
    LazyLock::new(|| {
        let mut counts: HashMap<_, HashMap<_, _>> = HashMap::new();
        for line in entries(include_str!("lexicon/counts.txt")) {
            let mut fields = line.split('\t');
            let (rule, key) = (fields.next(), fields.next());
            let (right, of) = (number(fields.next()), number(fields.next()));
            if let Some((rule, key)) = rule.zip(key) {
                counts.entry(rule).or_default().insert(key, (right, of));
            }
        }
        counts
    });

fn number(field: Option<&str>) -> u32 {
    field.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// How much the rule's seldom cues weigh against a cue's own counts.
const PRIOR: u32 = 3;

/// How often the candidate's rule is right with its cue, in percent.
pub(super) fn confidence(rule: Rule, key: &str) -> u8 {
    let Some(counts) = COUNTS.get(rule.name()) else { return 0 };
    let (rest_right, rest_of) = counts.get("*").copied().unwrap_or((0, 1));
    let (right, of) = counts.get(key).copied().unwrap_or((0, 0));
    let rest_of = rest_of.max(1);
    let percent = 100 * (right * rest_of + PRIOR * rest_right) / ((of + PRIOR) * rest_of);
    u8::try_from(percent.min(100)).unwrap_or(100)
}

/// A candidate that is proposed.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) confidence: u8,
    /// Whether it stands within the words of another.
    pub(super) is_nested: bool,
}

impl Choice {
    /// A candidate taken as it is.
    pub(super) fn certain(candidate: Candidate) -> Self {
        Self { candidate, confidence: 100, is_nested: false }
    }
}

/// The candidates of at least that confidence, none of them at odds with another, in the order of
/// the text.
pub(super) fn choose(tree: &Tree<'_>, candidates: Vec<Candidate>, least: u8) -> Vec<Choice> {
    let mut choices: Vec<Choice> = candidates
        .into_iter()
        .map(|candidate| {
            let confidence = confidence(candidate.rule, &candidate.key);
            Choice { candidate, confidence, is_nested: false }
        })
        .filter(|choice| choice.confidence >= least)
        .collect();
    choices.sort_by_key(|choice| (u8::MAX - choice.confidence, choice.candidate.at, choice.candidate.rule));
    let mut taken = Taken::of(tree.words.len());
    choices.retain(|choice| taken.admits(&choice.candidate));
    choices.sort_by_key(|choice| (choice.candidate.content[0].start, choice.candidate.at));
    mark_nested(tree.words.len(), &mut choices);
    choices
}

/// What has been chosen already: which words are cues, and where contents begin and end.
struct Taken {
    cues: Vec<bool>,
    /// For each word, the content that it stands in innermost, counted from 1.
    inside: Vec<u32>,
    contents: Vec<Words>,
}

impl Taken {
    fn of(words: usize) -> Self {
        Self { cues: vec![false; words], inside: vec![0; words], contents: Vec::new() }
    }

    /// Takes the candidate unless its cue is taken, or its words cross others.
    fn admits(&mut self, candidate: &Candidate) -> bool {
        if self.cues[candidate.at] {
            return false;
        }
        if candidate.content.iter().any(|words| self.crosses(words)) {
            return false;
        }
        self.cues[candidate.at] = true;
        for words in &candidate.content {
            self.contents.push(words.clone());
            let number = u32::try_from(self.contents.len()).unwrap_or(0);
            for at in words.clone() {
                let around = self.inside[at] as usize;
                let is_inner = around == 0 || self.contents[around - 1].len() > words.len();
                if is_inner {
                    self.inside[at] = number;
                }
            }
        }
        true
    }

    /// Whether the words begin in one content and end outside it.
    fn crosses(&self, words: &Words) -> bool {
        [words.start, words.end - 1].into_iter().any(|edge| {
            let around = self.inside[edge] as usize;
            around > 0 && {
                let other = &self.contents[around - 1];
                let within = other.start <= words.start && words.end <= other.end;
                let holds = words.start <= other.start && other.end <= words.end;
                !within && !holds || other == words
            }
        })
    }
}

fn mark_nested(words: usize, choices: &mut [Choice]) {
    let mut inside = vec![usize::MAX; words];
    let mut by_length: Vec<usize> = (0..choices.len()).collect();
    by_length.sort_by_key(|at| usize::MAX - length(&choices[*at].candidate));
    for at in by_length {
        let candidate = &choices[at].candidate;
        let nested = candidate.content.iter().any(|words| inside[words.start] != usize::MAX);
        if !nested {
            for words in &candidate.content {
                inside[words.clone()].fill(at);
            }
        }
        choices[at].is_nested = nested;
    }
}

fn length(candidate: &Candidate) -> usize {
    candidate.content.iter().map(Words::len).sum()
}
