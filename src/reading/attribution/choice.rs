//! Chooses which of the grammar's candidates are proposed, and computes the confidence of each.
//!
//! Knows how often each rule was right with each cue in annotated news. Must not know how a
//! candidate was found.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::candidate::{Candidate, Extent, Rule, counted_as};
use super::features::{QUESTIONS, TOPICS, topics, values};
use super::lexicon::entries;
use super::tree::{Tree, WordRange};

/// The counts of one rule.
#[derive(Default)]
struct RuleCounts {
    /// How often the rule as a whole was right.
    all: Count,
    cues: FxHashMap<&'static str, Count>,
    features: [[i32; ANSWERS]; QUESTIONS.len()],
}

/// The most values of one feature.
const ANSWERS: usize = 10;

#[derive(Debug, Default, Clone, Copy)]
struct Count {
    right: u64,
    of: u64,
}

/// All counts: those of each rule at each extent, and those of the words counted separately.
struct CueCounts {
    rules: Vec<RuleCounts>,
    weights: [FxHashMap<&'static str, i32>; TOPICS.len()],
}

/// Read from lines of `rule TAB cue TAB right TAB of`. The cue is `*` for the rule as a whole, and
/// `~name=value` for a feature; under the rule `any` it is a word.
static COUNTS: LazyLock<CueCounts> = LazyLock::new(|| {
    let lines: Vec<_> = entries(include_str!("lexicon/counts.txt")).filter_map(line).collect();
    let names: FxHashMap<String, usize> = Rule::ALL
        .iter()
        .flat_map(|rule| {
            Extent::ALL.iter().map(|extent| (counted_as(*rule, *extent), place(*rule, *extent)))
        })
        .collect();
    let mut rules = Vec::new();
    rules.resize_with(names.len(), RuleCounts::default);
    let all = |name: &str| lines.iter().find(|(rule, cue, _)| *rule == name && *cue == "*");
    let any = all("any").map_or(Count::default(), |(_, _, count)| *count);
    for (rule, _, count) in lines.iter().filter(|(_, cue, _)| *cue == "*") {
        if let Some(at) = names.get(*rule) {
            rules[*at].all = *count;
        }
    }
    let mut weights = [(); TOPICS.len()].map(|()| FxHashMap::default());
    for (rule, cue, count) in &lines {
        match names.get(*rule) {
            Some(at) => take(&mut rules[*at], cue, *count),
            None => {
                if let Some((topic, word)) = topic(cue) {
                    weights[topic].insert(word, count.odds(any, WORD_PRIOR) - any.odds(any, 1));
                }
            }
        }
    }
    CueCounts { rules, weights }
});

/// The index of a rule at an extent.
const fn place(rule: Rule, extent: Extent) -> usize {
    rule as usize * Extent::ALL.len() + extent as usize
}

fn take(counted: &mut RuleCounts, cue: &'static str, count: Count) {
    let all = counted.all;
    match cue.strip_prefix('~').map(answer) {
        Some(Some((question, answer))) => {
            counted.features[question][answer] = count.odds(all, FEATURE_PRIOR) - all.odds(all, 1);
        }
        Some(None) => {}
        None => {
            counted.cues.insert(cue, count);
        }
    }
}

fn topic(cue: &'static str) -> Option<(usize, &'static str)> {
    let (name, word) = cue.split_once('=')?;
    Some((TOPICS.iter().position(|topic| *topic == name)?, word))
}

fn line(line: &'static str) -> Option<(&'static str, &'static str, Count)> {
    let mut fields = line.split('\t');
    let (rule, cue) = (fields.next()?, fields.next()?);
    let right = fields.next()?.parse().ok()?;
    let of = fields.next()?.parse().ok()?;
    Some((rule, cue, Count { right, of }))
}

fn answer(feature: &str) -> Option<(usize, usize)> {
    let (question, answer) = feature.split_once('=')?;
    let question = QUESTIONS.iter().position(|(name, _)| *name == question)?;
    let answer = QUESTIONS[question].1.iter().position(|name| *name == answer)?;
    Some((question, answer))
}

/// How many sightings of the rule as a whole are added to those of one cue, or of one feature.
const CUE_PRIOR: i32 = 4;
const FEATURE_PRIOR: u64 = 10;

impl Count {
    /// The log odds of being right, in 256ths to base 2, with `prior` sightings added that went as
    /// for the whole rule.
    fn odds(self, all: Self, prior: u64) -> i32 {
        let wrong = |count: Self| count.of.saturating_sub(count.right);
        let right = self.right * all.of + prior * all.right + 1;
        let wrong = wrong(self) * all.of + prior * wrong(all) + 1;
        logarithm(right) - logarithm(wrong)
    }
}

/// 256 times the logarithm to base 2, rounded down, of a number that is not 0.
fn logarithm(number: u64) -> i32 {
    let whole = number.max(1).ilog2();
    let mut rest = u128::from(number.max(1)) << (63 - whole);
    let mut digits = i32::try_from(whole).unwrap_or(0);
    for _ in 0..8 {
        rest = (rest * rest) >> 63;
        let carries = rest >> 64 != 0;
        digits = digits * 2 + i32::from(carries);
        rest >>= u32::from(carries);
    }
    digits
}

const WORD_PRIOR: u64 = 6;

/// The percentage for odds of 2 to the power of -8 to 8, in steps of a quarter.
const PERCENT: [u8; 65] = [
    0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 6, 7, 8, 10, 11, 13, 15, 17, 20, 23, 26, 30,
    33, 37, 41, 46, 50, 54, 59, 63, 67, 70, 74, 77, 80, 83, 85, 87, 89, 90, 92, 93, 94, 95, 96, 96,
    97, 97, 98, 98, 98, 99, 99, 99, 99, 99, 99, 100, 100,
];

/// The factor for the combined odds of several features, which are not independent.
const TRUST: (i32, i32) = (3, 5);

/// The log odds of a rule with this cue alone.
fn cue_odds(counted: &RuleCounts, key: &str) -> i32 {
    let word = key.split(' ').next().unwrap_or_default();
    let odds = counted.all.odds(counted.all, 1) + weight(0, Some(word));
    let Some(cue) = counted.cues.get(key) else { return odds };
    let seen = i32::try_from(cue.of.min(1000)).unwrap_or(0);
    (cue.odds(counted.all, 1) * seen + odds * CUE_PRIOR) / (seen + CUE_PRIOR)
}

/// How much likelier a candidate with this word is, as log odds.
fn weight(topic: usize, word: Option<&str>) -> i32 {
    word.and_then(|word| COUNTS.weights[topic].get(word)).copied().unwrap_or(0)
}

/// Log odds of 1 to 45, so low that no features raise the candidate enough to be proposed.
const HOPELESS: i32 = -1400;

/// Whether a candidate's cue alone rules it out.
pub(super) fn is_hopeless(candidate: &Candidate) -> bool {
    let counted = &COUNTS.rules[place(candidate.rule, candidate.extent)];
    cue_odds(counted, &candidate.key) < HOPELESS
}

/// The probability that the candidate is right, in percent.
pub(super) fn confidence(tree: &Tree<'_>, candidate: &Candidate) -> u8 {
    let counted = &COUNTS.rules[place(candidate.rule, candidate.extent)];
    if counted.all.of == 0 {
        return 0;
    }
    let mut odds = cue_odds(counted, &candidate.key);
    let [_, speaker, topic] = topics(tree, candidate);
    odds += (weight(1, speaker) + weight(2, topic)) * TRUST.0 / TRUST.1;
    for (question, answer) in values(tree, candidate).into_iter().enumerate() {
        odds += counted.features[question][usize::from(answer)] * TRUST.0 / TRUST.1;
    }
    let step = (odds.clamp(-2048, 2048) + 2048) / 64;
    usize::try_from(step).ok().and_then(|step| PERCENT.get(step)).copied().unwrap_or(0)
}

/// The lowest useful confidence: a reading below it costs more than it finds.
pub(super) const LEAST: u8 = 20;

/// A candidate that is proposed.
pub(super) struct Choice {
    pub(super) candidate: Candidate,
    pub(super) confidence: u8,
    /// Whether it is inside the content of another choice.
    pub(super) is_nested: bool,
}

/// The candidates with at least the confidence `least`, none in conflict with another, in the order
/// of the text.
pub(super) fn choose(tree: &Tree<'_>, candidates: Vec<Candidate>, least: u8) -> Vec<Choice> {
    let mut choices: Vec<Choice> = candidates
        .into_iter()
        .map(|candidate| {
            let confidence = confidence(tree, &candidate);
            Choice { candidate, confidence, is_nested: false }
        })
        .filter(|choice| choice.confidence >= least)
        .collect();
    choices.sort_by_key(|choice| {
        (
            u8::MAX - choice.confidence,
            choice.candidate.at,
            choice.candidate.rule,
            choice.candidate.extent,
        )
    });
    let mut taken = TakenWords::of(tree.words.len());
    choices.retain(|choice| taken.admits(&choice.candidate));
    choices.sort_by_key(|choice| (choice.candidate.content[0].start, choice.candidate.at));
    mark_nested(tree.words.len(), &mut choices);
    choices
}

/// The words already used by chosen candidates: which are cues, and where contents begin and end.
struct TakenWords {
    cues: Vec<bool>,
    /// For each word, the innermost content that contains it, counted from 1.
    inside: Vec<u32>,
    contents: Vec<WordRange>,
}

impl TakenWords {
    fn of(words: usize) -> Self {
        Self { cues: vec![false; words], inside: vec![0; words], contents: Vec::new() }
    }

    /// Adds the candidate, unless its cue is already used or its words cross other contents.
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

    /// Whether the words begin inside a content and end outside it.
    fn crosses(&self, words: &WordRange) -> bool {
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
    candidate.content.iter().map(WordRange::len).sum()
}
