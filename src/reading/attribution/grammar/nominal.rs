//! Reads nouns and adjectives that attribute: S's claim that C; S's criticism of C; S is sure that
//! C.
//!
//! Knows what a noun or an adjective governs. Must not know which of them attribute.

use super::frame::cue;
use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    match tree.tag(at) {
        Tag::NN | Tag::NNS => {
            found.extend(noun_clause(tree, at));
            found.extend(noun_phrase(tree, at));
        }
        Tag::JJ | Tag::JJR => found.extend(adjective(tree, at)),
        _ => {}
    }
}

/// The singular of the noun, as far as spelling shows it.
fn singular<'t>(tree: &'t Tree<'_>, at: usize) -> &'t str {
    let word = tree.word(at);
    if tree.tag(at) != Tag::NNS {
        return word;
    }
    word.strip_suffix("ies").map_or_else(|| word.strip_suffix('s').unwrap_or(word), |_| word)
}

/// The source of the noun: "Trump's claim", "the claim by Trump", "Trump made a claim".
fn owner(tree: &Tree<'_>, at: usize) -> Option<WordRange> {
    if let Some(owner) = tree.child(at, Relation::NmodPoss) {
        let WordRange { start, end } = tree.mention(owner);
        let marked = end > start + 1 && tree.tag(end - 1) == Tag::POS;
        return Some(start..end - usize::from(marked));
    }
    let by = tree.children(at).find(|child| {
        tree.relation(*child) == Relation::Nmod
            && matches!(tree.word(tree.subtree(*child).start), "by" | "from" | "among")
    });
    if let Some(by) = by {
        let WordRange { start, end } = tree.mention(by);
        return (start + 1 < end).then_some(start + 1..end);
    }
    let verb = tree.head(at).filter(|head| tree.is_verb(*head))?;
    let governs = matches!(tree.relation(at), Relation::Obj | Relation::Obl);
    let subject = tree.subject(verb).filter(|subject| governs && *subject != at)?;
    Some(tree.mention(subject))
}

/// S's claim that C; S's promise to C.
fn noun_clause(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let clause = tree.children(at).find(|child| {
        *child > at
            && matches!(tree.relation(*child), Relation::Acl | Relation::Ccomp | Relation::Xcomp)
    })?;
    let mut content = tree.trimmed(tree.subtree(clause))?;
    content.start = content.start.max(at + 1);
    let marker = match tree.tag(content.start) {
        Tag::TO => "to",
        _ if tree.word(content.start) == "that" => "that",
        Tag::WP | Tag::WRB | Tag::WDT => "wh",
        Tag::IN => tree.word(content.start),
        Tag::VBG => "ing",
        _ => "",
    };
    if marker == "that" {
        content.start += 1;
    }
    let content = tree.trimmed(content)?;
    let key = format!("{} {marker}", singular(tree, at));
    let source = owner(tree, at);
    Some(Candidate {
        rule: Rule::NounClause,
        extent: Extent::Tree,
        key,
        content: vec![content],
        source,
        cue: at..at + 1,
        at,
    })
}

/// S's criticism of C.
fn noun_phrase(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let phrase = tree.children(at).find(|child| {
        *child > at
            && tree.relation(*child) == Relation::Nmod
            && !matches!(tree.word(tree.subtree(*child).start), "by" | "from" | "among")
    })?;
    let words = tree.trimmed(tree.subtree(phrase))?;
    if !matches!(tree.tag(words.start), Tag::IN | Tag::TO) || words.start < at {
        return None;
    }
    let key = format!("{} {}", singular(tree, at), tree.word(words.start));
    let content = tree.trimmed(words.start + 1..words.end)?;
    let source = owner(tree, at);
    let cue = at..words.start + 1;
    Some(Candidate {
        rule: Rule::NounPhrase,
        extent: Extent::Tree,
        key,
        content: vec![content],
        source,
        cue,
        at,
    })
}

/// S is sure that C; S is ready to C.
fn adjective(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let complement = tree.children(at).find(|child| {
        *child > at
            && matches!(
                tree.relation(*child),
                Relation::Ccomp
                    | Relation::Xcomp
                    | Relation::Advcl
                    | Relation::Obl
                    | Relation::Csubj
            )
    })?;
    let words = tree.trimmed(tree.subtree(complement))?;
    if words.start <= at {
        return None;
    }
    let marker = match tree.tag(words.start) {
        Tag::TO | Tag::IN => tree.word(words.start),
        Tag::WP | Tag::WRB => "wh",
        _ => "",
    };
    let skips = usize::from(
        !matches!(marker, "" | "to" | "wh")
            || tree.relation(complement) == Relation::Obl && marker == "to",
    );
    let content = tree.trimmed(words.start + skips..words.end)?;
    let key = format!("{} {marker}", tree.word(at));
    let subject = tree
        .children(at)
        .find(|child| matches!(tree.relation(*child), Relation::Nsubj | Relation::NsubjPass));
    let source = subject.map(|subject| tree.mention(subject));
    Some(Candidate {
        rule: Rule::Adjective,
        extent: Extent::Tree,
        key,
        content: vec![content],
        source,
        cue: cue(tree, at),
        at,
    })
}
