//! Segments: word ranges of a line that may be a content, and the best selection that does not
//! overlap.
//!
//! Knows the features of a segment as a whole. Must not know any weight.

use std::collections::BTreeMap;

use super::super::candidate::Candidate;
use super::super::tree::{Tree, WordRange};
use super::crf::{Label, Marginals, ONE};
use super::word_features::{bucket, hash, spelt};

/// The most words in a segment that is built from a likely start and a likely end.
const LONGEST: usize = 150;

/// How many likely ends are tried for each likely start.
const MOST_ENDS: usize = 6;

/// What the grammar reads in a range of words.
#[derive(Debug, Clone, Copy, Default)]
struct GrammarView {
    sure: u8,
    rule: u32,
    key: u32,
    is_chosen: bool,
}

/// Ranges by their first word and the word after their last.
type StretchIndex = BTreeMap<(usize, usize), GrammarView>;

/// A line with everything known about its words.
pub(super) struct Sight<'a> {
    pub(super) tree: &'a Tree<'a>,
    pub(super) line: WordRange,
    pub(super) labels: &'a [Label],
    pub(super) marginals: &'a Marginals,
    /// The grammar's candidates with a content that begins in the line, each with its confidence
    /// and whether it was chosen.
    pub(super) candidates: &'a [(&'a Candidate, u8, bool)],
}

/// A word range that may be a content, and its features.
pub(super) struct Segment {
    pub(super) words: WordRange,
    pub(super) features: Vec<u32>,
}

impl Sight<'_> {
    fn likelihood(&self, at: usize, labels: &[Label]) -> u32 {
        let marginals = &self.marginals.labels[at - self.line.start];
        labels.iter().map(|label| marginals[label.number()]).sum()
    }

    pub(super) fn starts(&self, at: usize) -> u32 {
        self.likelihood(at, &[Label::First, Label::Only])
    }

    pub(super) fn ends(&self, at: usize) -> u32 {
        self.likelihood(at, &[Label::Last, Label::Only])
    }

    fn content(&self, at: usize) -> u32 {
        self.likelihood(at, &[Label::First, Label::Inside, Label::Last, Label::Only])
    }

    /// The contents in the most probable labels.
    pub(super) fn read(&self, label: Label) -> Vec<WordRange> {
        let [first, inside] = match label {
            Label::CueFirst => [Label::CueFirst, Label::CueInside],
            Label::SourceFirst => [Label::SourceFirst, Label::SourceInside],
            _ => [Label::First, Label::Inside],
        };
        let mut found: Vec<WordRange> = Vec::new();
        for (at, label) in (self.line.start..).zip(self.labels) {
            let is_first = *label == first || first == Label::First && *label == Label::Only;
            let is_later = *label == inside || first == Label::First && *label == Label::Last;
            match found.last_mut() {
                Some(words) if is_later => words.end = at + 1,
                _ if is_first || is_later => found.push(at..at + 1),
                _ => {}
            }
        }
        found
    }

    /// Every range worth considering.
    pub(super) fn segments(&self) -> Vec<Segment> {
        let mut found = StretchIndex::new();
        for words in self.read(Label::First) {
            found.entry((words.start, words.end)).or_default();
        }
        for (candidate, sure, is_chosen) in self.candidates {
            let known = GrammarView {
                sure: *sure,
                rule: 1 + candidate.rule as u32 + 64 * candidate.extent as u32,
                key: spelt(&candidate.key),
                is_chosen: *is_chosen,
            };
            for words in candidate.content.iter().filter_map(|it| self.tree.trimmed(it.clone())) {
                self.note(&mut found, words, known);
            }
        }
        let least = ONE / 10;
        let ends: Vec<usize> = self.line.clone().filter(|at| self.ends(*at) >= least).collect();
        for start in self.line.clone().filter(|at| self.starts(*at) >= least) {
            let first = ends.partition_point(|end| *end < start);
            for end in ends[first..].iter().take(MOST_ENDS).filter(|end| **end < start + LONGEST) {
                found.entry((start, end + 1)).or_default();
            }
        }
        let all: Vec<((usize, usize), GrammarView)> = found.into_iter().collect();
        all.iter()
            .map(|((start, end), known)| {
                let words = *start..*end;
                Segment { features: self.features(&words, *known, &all), words }
            })
            .collect()
    }

    /// Records what the grammar reads in a range, with and without a "that" before it, because
    /// annotators mark it either way.
    fn note(&self, found: &mut StretchIndex, words: WordRange, known: GrammarView) {
        if words.start < self.line.start || words.end > self.line.end {
            return;
        }
        let that = words.start.checked_sub(1).filter(|at| *at >= self.line.start);
        let that = that.filter(|at| self.tree.word(*at) == "that");
        for start in that.into_iter().chain([words.start]) {
            let noted = found.entry((start, words.end)).or_default();
            let is_chosen = noted.is_chosen || known.is_chosen;
            if known.sure >= noted.sure {
                *noted = known;
            }
            noted.is_chosen = is_chosen;
        }
    }

    fn features(
        &self,
        words: &WordRange,
        known: GrammarView,
        all: &[((usize, usize), GrammarView)],
    ) -> Vec<u32> {
        let mut found = Vec::with_capacity(48);
        let mut add = |kind: u32, parts: &[u32]| found.push(hash(kind, parts));
        let (start, last) = (words.start, words.end - 1);
        let (starts, ends) = (odds(self.starts(start)), odds(self.ends(last)));
        let within = words.clone().take(LONGEST).map(|at| self.content(at)).min().unwrap_or(0);
        let within = odds(within);
        let outside = |at: Option<usize>| match at {
            Some(at) if self.line.contains(&at) => odds(self.content(at)),
            _ => 20,
        };
        let (before, after) = (outside(start.checked_sub(1)), outside(Some(words.end)));
        add(300, &[]);
        add(301, &[starts]);
        add(302, &[ends]);
        add(303, &[within]);
        add(304, &[starts, ends]);
        add(305, &[starts, within]);
        add(306, &[within, ends]);
        add(307, &[before, starts]);
        add(308, &[ends, after]);
        add(309, &[starts.min(ends).min(within)]);
        let labels = &self.labels[start - self.line.start..=last - self.line.start];
        let read_start = u32::from(matches!(labels[0], Label::First | Label::Only));
        let read_end = u32::from(matches!(labels[labels.len() - 1], Label::Last | Label::Only));
        let read_within = labels.iter().filter(|label| matches!(label, Label::Outside)).count();
        add(310, &[read_start, read_end, u32::from(read_within > 0)]);
        let cues = labels.iter().filter(|label| matches!(label, Label::CueFirst)).count();
        let sources = labels.iter().filter(|label| matches!(label, Label::SourceFirst)).count();
        add(311, &[bucket(cues), bucket(sources)]);
        let sure = u32::from(known.sure / 8);
        let chosen = u32::from(known.is_chosen);
        add(320, &[known.rule]);
        add(321, &[known.rule, sure]);
        add(322, &[known.rule, known.key]);
        add(323, &[known.rule, chosen]);
        add(324, &[sure, chosen, starts.min(ends)]);
        add(325, &[sure, chosen, read_start, read_end]);
        // Another of the grammar's ranges that would be excluded by this one.
        let rival = all.iter().filter(|((from, to), other)| {
            other.is_chosen
                && *from < words.end
                && words.start < *to
                && (*from, *to) != (start, words.end)
        });
        let rival = rival.map(|(_, other)| other).max_by_key(|other| other.sure);
        add(326, &[rival.map_or(99, |other| u32::from(other.sure / 10)), sure]);
        self.shape(words, &mut add);
        found
    }

    fn shape(&self, words: &WordRange, add: &mut dyn FnMut(u32, &[u32])) {
        let tree = self.tree;
        let (start, last) = (words.start, words.end - 1);
        let beside = |at: Option<usize>| match at {
            Some(at) if self.line.contains(&at) => (spelt(tree.word(at)), tree.tag(at) as u32),
            _ => (1, 99),
        };
        let (word_before, tag_before) = beside(start.checked_sub(1));
        let (word_after, tag_after) = beside(Some(words.end));
        let long = bucket(words.len());
        add(340, &[long]);
        add(341, &[word_before]);
        add(342, &[word_after]);
        add(343, &[spelt(tree.word(start))]);
        add(344, &[spelt(tree.word(last))]);
        add(345, &[tag_before, tree.tag(start) as u32]);
        add(346, &[tree.tag(last) as u32, tag_after]);
        add(347, &[tag_before, tag_after]);
        add(348, &[word_before, word_after]);
        let quotation = (tree.quotation(start), tree.quotation(last));
        let quoted = match quotation {
            (None, None) => 0,
            (Some(one), Some(other)) if one == other => 1,
            (Some(_), Some(_)) => 2,
            (Some(_), None) => 3,
            (None, Some(_)) => 4,
        };
        let is_mark = |at: Option<usize>| {
            at.is_some_and(|at| self.line.contains(&at) && tree.is_quotation_mark(at))
        };
        let opens = u32::from(is_mark(start.checked_sub(1)));
        let closes = u32::from(is_mark(Some(words.end)) || is_mark(Some(words.end + 1)));
        add(350, &[quoted, opens, closes]);
        add(351, &[quoted, opens, closes, long]);
        let sentences = tree.sentence(start) == tree.sentence(last);
        let whole = tree.sentence(start);
        let (is_first, is_last) = (whole.start + 1 >= start, last + 2 >= tree.sentence(last).end);
        add(352, &[u32::from(sentences), u32::from(is_first), u32::from(is_last), quoted]);
        // Whether the words form a unit in the tree: counts those whose head is outside.
        let mut roots = words.clone().take(LONGEST).filter(|at| {
            let head = tree.head(*at);
            !tree.is_punctuation(*at) && head.is_none_or(|head| !words.contains(&head))
        });
        let root = roots.next();
        let others = roots.take(4).count();
        let head = root.and_then(|root| tree.head(root));
        let relation = root.map_or(99, |root| tree.relation(root) as u32);
        let lemma = head.map_or(0, |head| spelt(tree.verb(head)));
        add(360, &[bucket(others)]);
        add(361, &[bucket(others), relation]);
        add(362, &[relation, lemma]);
        let reach = root.map(|root| tree.subtree(root));
        let fits = reach.map_or([2, 2], |reach| {
            [
                u32::from(reach.start + 2 >= start && reach.start <= start),
                u32::from(words.end + 2 >= reach.end),
            ]
        });
        add(363, &[fits[0], fits[1], bucket(others)]);
    }
}

/// A probability as odds, in steps.
pub(super) fn odds(likelihood: u32) -> u32 {
    let likelihood = likelihood.clamp(1, ONE);
    let rest = ONE - likelihood.min(ONE - 1);
    let steps = |value: u32| 2 * value.ilog2() + (value >> (value.ilog2().max(1) - 1) & 1);
    (steps(likelihood) + 24).saturating_sub(steps(rest)).clamp(10, 38)
}

/// The non-overlapping segments that together are worth the most.
pub(super) fn best(segments: &[Segment], worth: &[i64]) -> Vec<usize> {
    let mut by_end: Vec<usize> = (0..segments.len()).collect();
    by_end.sort_by_key(|at| (segments[*at].words.end, segments[*at].words.start));
    let ends: Vec<usize> = by_end.iter().map(|at| segments[*at].words.end).collect();
    // For each segment: the highest worth of those up to it, and whether it is part of the best
    // selection.
    let mut totals = vec![0i64; by_end.len() + 1];
    let mut taken = vec![false; by_end.len()];
    let before = |at: usize| ends.partition_point(|end| *end <= segments[at].words.start);
    for (place, at) in by_end.iter().enumerate() {
        let with = totals[before(*at)] + worth[*at];
        taken[place] = worth[*at] > 0 && with > totals[place];
        totals[place + 1] = if taken[place] { with } else { totals[place] };
    }
    let mut chosen = Vec::new();
    let mut place = by_end.len();
    while place > 0 {
        if taken[place - 1] {
            chosen.push(by_end[place - 1]);
            place = before(by_end[place - 1]);
        } else {
            place -= 1;
        }
    }
    chosen.reverse();
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn best_of(segments: &[(WordRange, i64)]) -> Vec<WordRange> {
        let worth: Vec<i64> = segments.iter().map(|(_, worth)| *worth).collect();
        let all: Vec<Segment> = segments
            .iter()
            .map(|(words, _)| Segment { words: words.clone(), features: Vec::new() })
            .collect();
        best(&all, &worth).into_iter().map(|at| all[at].words.clone()).collect()
    }

    #[test]
    fn two_that_are_worth_more_than_one_around_them_are_taken() {
        assert_eq!(best_of(&[(0..9, 5), (1..4, 3), (4..8, 3)]), [1..4, 4..8]);
        let best = best_of(&[(0..9, 7), (1..4, 3), (4..8, 3)]);
        assert_eq!(best.as_slice(), std::slice::from_ref(&(0..9)));
        assert_eq!(best_of(&[(0..3, -1), (5..6, 0)]), []);
        assert_eq!(best_of(&[]), []);
    }

    #[test]
    fn odds_rise_with_likelihood() {
        let steps: Vec<u32> =
            [0, 1, ONE / 100, ONE / 3, ONE / 2, ONE / 100 * 99, ONE].map(odds).into();
        assert!(steps.is_sorted(), "{steps:?}");
        assert!(steps[0] < steps[3] && steps[3] < steps[5]);
    }
}
