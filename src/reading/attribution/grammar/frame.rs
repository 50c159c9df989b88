//! Reads what surrounds any reporting verb: its cue, and its subject.
//!
//! Knows subjects, auxiliaries and particles. Must not know what a verb governs.

use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

pub(super) fn candidate(
    tree: &Tree<'_>,
    at: usize,
    rule: Rule,
    content: Vec<WordRange>,
) -> Candidate {
    let source = source(tree, at);
    Candidate {
        rule,
        extent: Extent::Tree,
        key: tree.verb(at).to_owned(),
        content,
        source,
        cue: cue(tree, at),
        at,
    }
}

/// The subject of an active verb, the agent of a passive one.
pub(super) fn source(tree: &Tree<'_>, at: usize) -> Option<WordRange> {
    let is_participle = tree.tag(at) == Tag::VBN && tree.relation(at) == Relation::Acl;
    if is_participle || tree.is_passive(at) {
        let agent = tree.child(at, Relation::OblAgent)?;
        let WordRange { start, end } = tree.mention(agent);
        return Some(start + usize::from(tree.tag(start) == Tag::IN && start + 1 < end)..end);
    }
    let subject = doer(tree, at).or_else(|| tree.subject(at));
    if let Some(beside) = beside(tree, at) {
        let is_known =
            subject.is_some_and(|subject| tree.subtree(subject).contains(&(beside.end - 1)));
        if !is_known {
            return Some(beside);
        }
    }
    subject.map(|subject| tree.mention(subject)).or_else(|| main_subject(tree, at))
}

/// The speaker in "S sent T letters warning that C": the subject of the main verb.
fn doer(tree: &Tree<'_>, at: usize) -> Option<usize> {
    if tree.tag(at) != Tag::VBG || tree.relation(at) != Relation::Acl || !tree.is_speech(at) {
        return None;
    }
    let mut above = tree.head(at)?;
    for _ in 0..6 {
        if tree.is_verb(above) {
            return tree.subject(above);
        }
        above = tree.head(above)?;
    }
    None
}

/// The noun directly before a finite verb: its subject, even if the tree differs.
fn beside(tree: &Tree<'_>, at: usize) -> Option<WordRange> {
    if !matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP) || !tree.is_speech(at) {
        return None;
    }
    let start = tree.sentence(at).start;
    let skips = |it: &usize| {
        matches!(tree.tag(*it), Tag::RB | Tag::MD)
            || matches!(tree.word(*it), "has" | "have" | "had" | "also")
    };
    let last = (start..at).rev().find(|it| !skips(it))?;
    if !tree.is_noun(last) && tree.tag(last) != Tag::PRP {
        return None;
    }
    let within = |it: &usize| {
        tree.is_noun(*it)
            || matches!(
                tree.tag(*it),
                Tag::DT
                    | Tag::JJ
                    | Tag::CD
                    | Tag::POS
                    | Tag::PRPS
                    | Tag::HYPH
                    | Tag::PRP
                    | Tag::JJR
                    | Tag::JJS
            )
    };
    let first = (start..=last).rev().take_while(within).last()?;
    Some(first..last + 1)
}

/// The subject of the sentence, for a verb without a subject in the tree.
fn main_subject(tree: &Tree<'_>, at: usize) -> Option<WordRange> {
    let sentence = tree.sentence(at);
    let root = sentence.clone().find(|it| tree.relation(*it) == Relation::Root)?;
    let subject = tree.child(root, Relation::Nsubj).filter(|subject| *subject < at)?;
    Some(tree.mention(subject))
}

/// The verb with its auxiliaries and adverbs: "has also said".
pub(super) fn cue(tree: &Tree<'_>, at: usize) -> WordRange {
    let mut start = at;
    while start > 0 {
        let before = start - 1;
        let belongs = tree.head(before) == Some(at)
            && matches!(
                tree.relation(before),
                Relation::Aux | Relation::AuxPass | Relation::Advmod | Relation::Cop
            );
        if !belongs {
            break;
        }
        start = before;
    }
    let particle = tree.words.len() > at + 1
        && tree.head(at + 1) == Some(at)
        && tree.relation(at + 1) == Relation::CompoundPrt;
    start..at + 1 + usize::from(particle)
}
