//! Reads asides, "As S said, C" and "C, S said", where the tree does not connect the two parts.
//!
//! Knows commas, and a speaker with a verb between them. Must not know which verbs attribute,
//! except verbs of speech.

use super::frame::cue;
use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

/// The most words from a sentence's final reporting verb to its end: "…, the ministry said in a
/// statement on Friday".
const TAIL: usize = 14;

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    if !matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::VBN) || !tree.is_speech(at) {
        return;
    }
    let sentence = tree.sentence(at);
    found.extend(as_said(tree, at, &sentence).or_else(|| tail(tree, at, &sentence)));
}

fn candidate(
    tree: &Tree<'_>,
    at: usize,
    rule: Rule,
    source: WordRange,
    content: Vec<WordRange>,
) -> Candidate {
    let key = tree.verb(at).to_owned();
    Candidate {
        rule,
        extent: Extent::Tree,
        key,
        content,
        source: Some(source),
        cue: cue(tree, at),
        at,
    }
}

/// As S said, C.
fn as_said(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Candidate> {
    let start = (sentence.start..at).rev().take(TAIL).find(|it| tree.word(*it) == "as")?;
    let begins =
        start == sentence.start || tree.is_punctuation(start - 1) || tree.tag(start - 1) == Tag::CC;
    let source = tree.trimmed(start + 1..at)?;
    let is_plain = !source.clone().any(|it| tree.is_verb(it) || tree.tag(it) == Tag::Comma);
    let comma = (at + 1..sentence.end).take(TAIL).find(|it| tree.tag(*it) == Tag::Comma);
    if !begins || !is_plain {
        return None;
    }
    let content = match comma {
        Some(comma) => tree.trimmed(comma + 1..sentence.end)?,
        None if sentence.end - at <= TAIL => tree.trimmed(sentence.start..start)?,
        None => return None,
    };
    Some(candidate(tree, at, Rule::As, source, vec![content]))
}

/// C, S said.
fn tail(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> Option<Candidate> {
    let comma = (sentence.start..at).rev().take(TAIL).find(|it| tree.tag(*it) == Tag::Comma)?;
    let source = tree.trimmed(comma + 1..at)?;
    // A noun between an article and its verb may be tagged as an adjective.
    let is_article = tree.tag(source.start) == Tag::DT && source.len() > 1;
    let names = is_article || source.clone().any(|it| tree.is_noun(it) || tree.tag(it) == Tag::PRP);
    let is_plain = !source.clone().any(|it| {
        tree.is_verb(it) && tree.relation(it) != Relation::Amod
            || matches!(tree.tag(it), Tag::IN | Tag::WP | Tag::WDT | Tag::CC) && it == source.start
            || tree.is_quotation_mark(it)
    });
    let left = tree.trimmed(sentence.start..comma)?;
    if tree.is_mid_quotation(left.start) {
        return None;
    }
    // A clause has a verb, or is so long that the tagger probably missed it.
    let is_clause = left.len() >= 8
        && !matches!(tree.tag(left.start), Tag::IN | Tag::TO | Tag::VBG)
        || left.clone().any(|it| matches!(tree.tag(it), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD));
    let is_inserted = at + 1 < sentence.end && tree.tag(at + 1) == Tag::Comma;
    if !names || !is_plain || !is_clause && !is_inserted {
        return None;
    }
    let next = (at + 1..sentence.end).find(|it| tree.tag(*it) == Tag::Comma);
    let ends = sentence.end - at <= TAIL
        && !(at + 1..sentence.end).any(|it| {
            matches!(tree.tag(it), Tag::VBD | Tag::VBZ | Tag::MD) || tree.is_quotation_mark(it)
        });
    let mut content = vec![left];
    match next {
        Some(next) if next == at + 1 => {
            // ", citing a report" describes the act of saying, and is not part of what was said.
            let rest = tree.trimmed(next..sentence.end);
            content.extend(rest.filter(|rest| tree.tag(rest.start) != Tag::VBG));
        }
        _ if ends => {}
        _ => return None,
    }
    Some(candidate(tree, at, Rule::Tail, source, content))
}
