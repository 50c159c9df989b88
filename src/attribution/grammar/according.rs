//! "According to S, C", and what stands for it: "citing S", "as S put it".
//!
//! Knows phrases that give the source of a clause. Must not know which verbs attribute.

use crate::attribution::candidate::{Candidate, Extent, Rule};
use crate::attribution::tree::{Tree, Words};
use crate::syntax::{Relation, Tag};

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    if tree.word(at) == "according" && at + 1 < tree.words.len() && tree.word(at + 1) == "to" {
        found.extend(according(tree, at));
    }
}

fn according(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let sentence = tree.sentence(at);
    if at + 2 >= sentence.end {
        return None;
    }
    let noun = noun(tree, at).filter(|noun| *noun > at + 1)?;
    let source = tree.mention(noun);
    let source = tree.trimmed(source.start.max(at + 2)..source.end)?;
    let clause = clause(tree, noun);
    let content = clause
        .and_then(|clause| content(tree, at, clause, source.end))
        .or_else(|| around(tree, &sentence, at, source.end))?;
    let key = "according to".to_owned();
    Some(Candidate { rule: Rule::According, extent: Extent::Tree, key, content, source: Some(source), cue: at..at + 2, at })
}

/// The noun that the phrase is about: the head of "according", or the next noun if the tree has
/// it otherwise.
fn noun(tree: &Tree<'_>, at: usize) -> Option<usize> {
    let head = tree.head(at).filter(|head| *head > at + 1 && tree.relation(at) == Relation::Case);
    head.or_else(|| {
        tree.children(at).find(|child| *child > at + 1 && tree.relation(*child) == Relation::Obl)
    })
}

/// The head of the clause that the phrase belongs to.
fn clause(tree: &Tree<'_>, noun: usize) -> Option<usize> {
    let mut at = tree.head(noun)?;
    if tree.word(at) == "according" {
        at = tree.head(at)?;
    }
    for _ in 0..6 {
        let climbs = matches!(
            tree.relation(at),
            Relation::Nmod | Relation::Obl | Relation::Obj | Relation::Nsubj | Relation::Compound
                | Relation::NsubjPass | Relation::Appos | Relation::Amod | Relation::Acl | Relation::Xcomp
                | Relation::OblUnmarked | Relation::NmodUnmarked | Relation::Nummod | Relation::NmodPoss
        );
        if !climbs {
            break;
        }
        at = tree.head(at)?;
    }
    Some(at)
}

fn content(tree: &Tree<'_>, at: usize, clause: usize, after: usize) -> Option<Vec<Words>> {
    let whole = tree.subtree(clause);
    if clause < at {
        let mut left = tree.trimmed(whole.start..at)?;
        while left.start + 1 < left.end
            && (matches!(tree.relation(left.start), Relation::Cc) || tree.is_punctuation(left.start))
        {
            left.start += 1;
        }
        return Some(vec![left]);
    }
    let start = after.max(whole.start);
    if start >= whole.end {
        return None;
    }
    let end = next_according(tree, start, whole.end);
    tree.trimmed(start..end).map(|content| vec![content])
}

/// "…, and according to T, …" begins another source's words.
fn next_according(tree: &Tree<'_>, start: usize, end: usize) -> usize {
    let next = (start + 1..end).find(|next| {
        tree.word(*next) == "according" && matches!(tree.tag(*next - 1), Tag::CC | Tag::Comma)
    });
    next.map_or(end, |next| next - 1)
}

/// Where the tree does not tell: what the commas do.
fn around(tree: &Tree<'_>, sentence: &Words, at: usize, after: usize) -> Option<Vec<Words>> {
    let content = if at == sentence.start { after..sentence.end } else { sentence.start..at };
    tree.trimmed(content).map(|content| vec![content])
}
