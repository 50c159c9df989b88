//! Reads verbs that take phrases: S praised C; S called for C; C was criticised; which S called C.
//!
//! Knows what a verb governs besides clauses. Must not know which verbs attribute.

use super::frame::{candidate, cue, source};
use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::Tree;
use crate::reading::syntax::{Relation, Tag};

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    found.extend(object(tree, at));
    found.extend(preposition(tree, at));
    found.extend(passive(tree, at));
    found.extend(relative(tree, at));
}

/// The end of a verb's own phrase: before a comma, a conjunction, or a clause of its own.
pub(super) fn phrase_end(tree: &Tree<'_>, at: usize, first: usize) -> usize {
    let mut end = noun_end(tree, first);
    if end < tree.subtree(first).end {
        return end;
    }
    for child in tree.children(at).filter(|child| *child > first) {
        let goes_on = matches!(
            tree.relation(child),
            Relation::Obj
                | Relation::Obl
                | Relation::OblUnmarked
                | Relation::Advmod
                | Relation::Xcomp
                | Relation::Ccomp
                | Relation::Advcl
        );
        let subtree = tree.subtree(child);
        if !goes_on || subtree.start != end {
            break;
        }
        end = subtree.end;
    }
    end
}

/// The end of a noun's phrase: before a clause set apart by a comma, a dash or a bracket.
fn noun_end(tree: &Tree<'_>, at: usize) -> usize {
    let end = tree.subtree(at).end;
    let apart = |child: &usize| {
        let start = tree.subtree(*child).start;
        let is_clause = match tree.relation(*child) {
            Relation::AclRelcl
            | Relation::Parataxis
            | Relation::Advcl
            | Relation::Acl
            | Relation::Dep => true,
            Relation::Conj => tree.is_verb(*child),
            _ => false,
        };
        start > at && is_clause && tree.is_punctuation(start - 1)
    };
    tree.children(at).find(apart).map_or(end, |child| tree.subtree(child).start)
}

/// S praised C.
fn object(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let object = tree.child(at, Relation::Obj).filter(|object| *object > at)?;
    let start = tree.subtree(object).start.max(at + 1);
    let content = tree.trimmed(start..phrase_end(tree, at, object))?;
    Some(candidate(tree, at, Rule::Object, vec![content]))
}

/// S called for C.
fn preposition(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    if tree.child(at, Relation::Obj).is_some_and(|object| object > at) {
        return None;
    }
    let follows = |child: &usize| {
        *child > at && matches!(tree.relation(*child), Relation::Obl | Relation::Advcl)
    };
    let phrase = tree.children(at).find(follows)?;
    let marker = tree
        .children(phrase)
        .find(|child| matches!(tree.relation(*child), Relation::Case | Relation::Mark))
        .filter(|case| tree.subtree(phrase).start == *case)?;
    if tree.tag(marker) == Tag::TO && tree.is_verb(phrase) {
        return None;
    }
    if is_occasion(tree.verb(at), tree.word(marker)) {
        return None;
    }
    let content = tree.trimmed(marker + 1..phrase_end(tree, at, phrase))?;
    let mut made = candidate(tree, at, Rule::Preposition, vec![content]);
    made.key = format!("{} {}", tree.verb(at), tree.word(marker));
    made.cue.end = made.cue.end.max(marker + 1);
    Some(made)
}

/// "said in a statement": the occasion, and not the content.
fn is_occasion(verb: &str, marker: &str) -> bool {
    matches!(verb, "say" | "tell" | "add" | "write" | "announce" | "reply" | "state" | "reveal")
        && matches!(
            marker,
            "in" | "on"
                | "at"
                | "to"
                | "during"
                | "by"
                | "after"
                | "before"
                | "with"
                | "from"
                | "through"
                | "via"
        )
}

/// C was criticised (by S).
fn passive(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    if !tree.is_passive(at) || tree.child(at, Relation::Xcomp).is_some() {
        return None;
    }
    let subject = tree.child(at, Relation::NsubjPass)?;
    let agent = source(tree, at);
    let mut content = vec![tree.mention(subject)];
    let after = tree.children(at).find(|child| {
        *child > at
            && matches!(tree.relation(*child), Relation::Obl | Relation::Obj | Relation::Ccomp)
    });
    if let Some(after) = after.filter(|_| agent.is_none()) {
        content.extend(tree.trimmed(tree.subtree(after).start..phrase_end(tree, at, after)));
    }
    let key = tree.verb(at).to_owned();
    Some(Candidate {
        rule: Rule::Passive,
        extent: Extent::Tree,
        key,
        content,
        source: agent,
        cue: cue(tree, at),
        at,
    })
}

/// which S called C.
fn relative(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let subject = tree.child(at, Relation::Nsubj)?;
    let first = tree.subtree(at).start;
    let is_relative = matches!(tree.tag(first), Tag::WDT | Tag::WP) && first < subject;
    if !is_relative {
        return None;
    }
    let relative = first..first + 1;
    let mut content = vec![relative];
    let rest = tree.children(at).find(|child| {
        *child > at
            && matches!(
                tree.relation(*child),
                Relation::Obl | Relation::Xcomp | Relation::Ccomp | Relation::Obj
            )
    });
    content.extend(
        rest.and_then(|rest| tree.trimmed(tree.subtree(rest).start..phrase_end(tree, at, rest))),
    );
    Some(candidate(tree, at, Rule::Relative, content))
}
