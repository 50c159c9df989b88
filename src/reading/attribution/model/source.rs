//! Sources: lists who may be the speaker of a content, with the features of each.
//!
//! Knows where speakers are mentioned. Must not know any weight.

use super::super::tree::WordRange;
use super::crf::{Label, ONE};
use super::segment::{Sight, odds};
use super::word_features::{bucket, hash, spelt};
use crate::reading::syntax::Tag;

/// A possible speaker and its features; `None` means that nobody is named.
pub(super) struct SpeakerCandidate {
    pub(super) source: Option<WordRange>,
    pub(super) candidate: Option<usize>,
    pub(super) features: Vec<u32>,
}

/// The most mentions considered for one content.
const MOST: usize = 24;

/// The grammar's support for a mention.
#[derive(Default, Clone)]
struct Support {
    sure: u32,
    shared: u32,
    rule: u32,
    is_chosen: bool,
    candidate: Option<usize>,
    read: bool,
}

/// All possible speakers of the content.
pub(super) fn options(
    sight: &Sight<'_>,
    content: &WordRange,
    contents: &[WordRange],
) -> Vec<SpeakerCandidate> {
    let mut mentions: Vec<(WordRange, Support)> = Vec::new();
    for words in sight.read(Label::SourceFirst) {
        mentions.push((words, Support { read: true, ..Support::default() }));
    }
    let mut without = Support::default();
    for (number, (candidate, sure, is_chosen)) in sight.candidates.iter().enumerate() {
        let shared = shared(&candidate.content, content);
        if shared == 0 {
            continue;
        }
        let support = Support {
            sure: u32::from(sure / 8),
            shared,
            rule: 1 + candidate.rule as u32,
            is_chosen: *is_chosen,
            candidate: Some(number),
            read: false,
        };
        match &candidate.source {
            None => raise(&mut without, support),
            Some(source) if source.start < sight.line.start || source.end > sight.line.end => {}
            Some(source) => {
                let known = mentions.iter_mut().find(|(words, _)| overlap(words, source) > 0);
                match known {
                    Some((_, known)) => raise(known, support),
                    None => mentions.push((source.clone(), support)),
                }
            }
        }
    }
    mentions.sort_by_key(|(words, _)| (apart(words, content), words.start));
    mentions.truncate(MOST);
    let cues = sight.read(Label::CueFirst);
    let count = mentions.len();
    let mut options = vec![SpeakerCandidate {
        source: None,
        candidate: without.candidate,
        features: nobody(sight, content, &without, count),
    }];
    for (rank, (words, support)) in mentions.into_iter().enumerate() {
        let features = mention(sight, content, contents, &cues, &words, &support, rank);
        options.push(SpeakerCandidate {
            source: Some(words),
            candidate: support.candidate,
            features,
        });
    }
    options
}

fn raise(known: &mut Support, support: Support) {
    let read = known.read;
    if (support.shared, support.sure) > (known.shared, known.sure) || known.candidate.is_none() {
        *known = Support { is_chosen: known.is_chosen || support.is_chosen, ..support };
    } else {
        known.is_chosen |= support.is_chosen;
    }
    known.read = read;
}

/// How much of the content a candidate covers: from 0 for none to 4 for all.
fn shared(pieces: &[WordRange], content: &WordRange) -> u32 {
    let best = pieces.iter().map(|words| {
        let shared = overlap(words, content);
        let union = words.len() + content.len() - shared;
        if shared == 0 { 0 } else { 1 + (3 * shared / union) as u32 }
    });
    best.max().unwrap_or(0)
}

fn quoted(sight: &Sight<'_>, content: &WordRange) -> u32 {
    let tree = sight.tree;
    u32::from(tree.quotation(content.start).is_some())
        + 2 * u32::from(tree.quotation(content.end - 1).is_some())
}

fn nobody(sight: &Sight<'_>, content: &WordRange, support: &Support, mentions: usize) -> Vec<u32> {
    let quoted = quoted(sight, content);
    let before = content.start.checked_sub(1).filter(|at| sight.line.contains(at));
    let before = before.map_or(1, |at| spelt(sight.tree.word(at)));
    vec![
        hash(400, &[]),
        hash(401, &[bucket(mentions)]),
        hash(402, &[quoted, bucket(mentions)]),
        hash(403, &[support.rule, support.sure]),
        hash(404, &[support.rule, support.shared, u32::from(support.is_chosen)]),
        hash(405, &[before]),
    ]
}

fn mention(
    sight: &Sight<'_>,
    content: &WordRange,
    contents: &[WordRange],
    cues: &[WordRange],
    words: &WordRange,
    support: &Support,
    rank: usize,
) -> Vec<u32> {
    let tree = sight.tree;
    let mut found = Vec::with_capacity(32);
    let mut add = |kind: u32, parts: &[u32]| found.push(hash(kind, parts));
    let is_after = words.start >= content.end;
    let side = if overlap(words, content) > 0 { 2 } else { u32::from(is_after) };
    let gap =
        if is_after { content.end..words.start } else { words.end..content.start.max(words.end) };
    let far = bucket(gap.len());
    let between =
        contents.iter().filter(|other| gap.start <= other.start && other.end <= gap.end).count();
    let between = between.min(3) as u32;
    let cue = cues.iter().filter(|cue| gap.start <= cue.start && cue.end <= gap.end).count();
    let beside = cues.iter().any(|cue| apart(cue, words) <= 1 || apart(cue, content) <= 1);
    let sentence = tree.sentence(words.start);
    let same = u32::from(sentence == tree.sentence(content.start))
        + 2 * u32::from(sentence == tree.sentence(content.end - 1));
    let label = sight.marginals.labels[words.start - sight.line.start];
    let label = label[Label::SourceFirst.number()] + label[Label::SourceInside.number()];
    let label = odds(label.min(ONE)) / 3;
    let kind = kind(sight, words);
    let chosen = u32::from(support.is_chosen);
    let quoted = quoted(sight, content);
    let read = u32::from(support.read);
    add(420, &[]);
    add(421, &[side, far]);
    add(422, &[side, same, between]);
    add(423, &[support.rule, support.sure]);
    add(424, &[support.rule, support.shared, chosen]);
    add(425, &[support.sure, support.shared, chosen, read]);
    add(426, &[label, read]);
    add(427, &[label, chosen]);
    add(428, &[kind]);
    add(429, &[kind, side, quoted]);
    add(430, &[bucket(cue), u32::from(beside), side]);
    add(431, &[rank.min(3) as u32, side, quoted]);
    add(432, &[side, between, bucket(cue), same]);
    add(433, &[label, side, far.min(5), between]);
    let head = words.clone().find(|at| tree.head(*at).is_none_or(|head| !words.contains(&head)));
    let governor = head.and_then(|head| tree.head(head));
    let relation = head.map_or(99, |head| tree.relation(head) as u32);
    let lemma = governor.map_or(0, |it| spelt(tree.verb(it)));
    let is_cue = governor.is_some_and(|it| cues.iter().any(|cue| cue.contains(&it)));
    add(434, &[relation, u32::from(is_cue), side]);
    add(435, &[relation, lemma]);
    let holds = governor.is_some_and(|it| {
        let mut at = content.start;
        (0..12).any(|_| match tree.head(at) {
            Some(head) => {
                at = head;
                head == it
            }
            None => false,
        })
    });
    add(436, &[u32::from(holds), u32::from(is_cue), relation]);
    found
}

fn kind(sight: &Sight<'_>, words: &WordRange) -> u32 {
    let tree = sight.tree;
    if words.len() == 1 && matches!(tree.tag(words.start), Tag::PRP | Tag::PRPS) {
        return 0;
    }
    if words.clone().any(|at| matches!(tree.tag(at), Tag::NNP | Tag::NNPS)) {
        return 1;
    }
    if words.clone().any(|at| tree.is_noun(at)) { 2 } else { 3 }
}

pub(super) fn overlap(a: &WordRange, b: &WordRange) -> usize {
    a.end.min(b.end).saturating_sub(a.start.max(b.start))
}

pub(super) fn apart(a: &WordRange, b: &WordRange) -> usize {
    a.start.saturating_sub(b.end).max(b.start.saturating_sub(a.end))
}
