//! Verbs that take clauses: S said that C; C, S said; S asked whether C; S plans to C.
//!
//! Knows clauses that a verb governs. Must not know which verbs attribute.

use super::plain::to_quotation_end;
use crate::attribution::candidate::{Candidate, Extent, Rule};
use crate::attribution::tree::{Tree, Words};
use crate::syntax::{Relation, Tag};

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    for child in tree.children(at) {
        match tree.relation(child) {
            Relation::Ccomp if child > at => found.extend(governed(tree, at, child)),
            Relation::Ccomp => found.extend(before(tree, at, child)),
            Relation::Parataxis if child > at && is_clause(tree, child) => {
                found.extend(governed(tree, at, child));
            }
            Relation::Xcomp if child > at => found.extend(infinitive(tree, at, child)),
            _ => {}
        }
    }
    if tree.relation(at) == Relation::Parataxis {
        found.extend(inserted(tree, at));
    }
}

fn is_clause(tree: &Tree<'_>, at: usize) -> bool {
    tree.children(at)
        .any(|child| matches!(tree.relation(child), Relation::Nsubj | Relation::NsubjPass))
}

/// Where the words end that a verb's clause begins: what follows the clause under the same verb is
/// mostly its own, as parsers tie it too high, unless it goes back to the speaker.
fn clause_end(tree: &Tree<'_>, at: usize, child: usize) -> usize {
    let mut end = tree.subtree(child).end;
    for after in tree.children(at).filter(|after| *after > child) {
        let words = tree.subtree(after);
        if words.start < end || tree.is_punctuation(after) {
            continue;
        }
        let apart = tree.is_punctuation(words.start - 1) || tree.tag(words.start - 1) == Tag::CC;
        let goes_on = match tree.relation(after) {
            Relation::Conj => is_clause(tree, after) && !tree.is_speech(after),
            Relation::Advcl => {
                !(apart && tree.tag(words.start) == Tag::VBG) && !tree.is_speech(after)
            }
            Relation::Parataxis => !tree.is_speech(after),
            _ => true,
        };
        if !goes_on {
            break;
        }
        end = words.end;
    }
    end
}

/// S said (that) C.
fn governed(tree: &Tree<'_>, at: usize, child: usize) -> Option<Candidate> {
    let mut content = tree.subtree(child);
    content.end = clause_end(tree, at, child);
    let mut content = tree.trimmed(content)?;
    content.start = content.start.max(at + 1);
    let first = tree.word(content.start);
    let rule = match first {
        "that" if tree.relation(content.start) == Relation::Mark => {
            content.start += 1;
            Rule::That
        }
        "whether" | "if" => Rule::Question,
        _ if matches!(tree.tag(content.start), Tag::WDT | Tag::WP | Tag::WPS | Tag::WRB) => {
            Rule::Question
        }
        _ => Rule::Clause,
    };
    let content = to_quotation_end(tree, &tree.trimmed(content)?);
    Some(candidate(tree, at, rule, vec![content]))
}

/// C, S said.
fn before(tree: &Tree<'_>, at: usize, child: usize) -> Option<Candidate> {
    let subject = tree.subject(at);
    let limit = subject
        .map(|subject| tree.subtree(subject).start)
        .filter(|start| *start > child)
        .map_or(at, |start| start.min(at));
    let Words { start, end } = tree.subtree(child);
    let content = tree.trimmed(start..end.min(limit))?;
    if tree.is_mid_quotation(content.start) || is_opening(tree, &content) {
        return None;
    }
    let mut pieces = vec![content];
    // What follows the verb may go on with the same clause.
    pieces.extend(rest(tree, at, end));
    Some(candidate(tree, at, Rule::Parenthesis, pieces))
}

/// "In a statement,": no words of anyone, but when they were said.
fn is_opening(tree: &Tree<'_>, words: &Words) -> bool {
    tree.tag(words.start) == Tag::IN
        && !words.clone().any(|at| matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD))
}

/// What stands of a clause after the words that interrupt it.
fn rest(tree: &Tree<'_>, at: usize, end: usize) -> Option<Words> {
    let after = tree.subtree(at).end.max(at + 1);
    if end > after { tree.trimmed(after..end) } else { None }
}

/// C, S said, C.
fn inserted(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let head = tree.head(at)?;
    if head > at {
        return None;
    }
    tree.children(at).find(|child| tree.relation(*child) == Relation::Nsubj)?;
    let whole = tree.subtree(head);
    let own = tree.subtree(at);
    let left = tree.trimmed(whole.start..own.start.max(whole.start))?;
    let left = skip_conjunction(tree, left)?;
    if tree.is_mid_quotation(left.start) || is_opening(tree, &left) {
        return None;
    }
    let mut pieces = vec![left];
    pieces.extend(rest(tree, at, whole.end));
    Some(candidate(tree, at, Rule::Parenthesis, pieces))
}

fn skip_conjunction(tree: &Tree<'_>, words: Words) -> Option<Words> {
    let skips = matches!(tree.relation(words.start), Relation::Cc);
    tree.trimmed(words.start + usize::from(skips)..words.end)
}

/// S plans to C; S urged S to C.
fn infinitive(tree: &Tree<'_>, at: usize, child: usize) -> Option<Candidate> {
    let words = tree.trimmed(tree.subtree(child))?;
    if words.start <= at {
        return None;
    }
    let marked = tree.tag(words.start) == Tag::TO;
    if let Some(object) =
        tree.child(at, Relation::Obj).filter(|object| *object > at && *object < child)
    {
        let content = tree.subtree(object).start..words.end;
        return marked.then(|| candidate(tree, at, Rule::Urged, vec![content]));
    }
    let raises = tree.is_passive(at)
        || matches!(
            tree.verb(at),
            "seem" | "appear" | "look" | "prove" | "happen" | "sound" | "remain"
        );
    if raises {
        let subject = tree.subject(at)?;
        let pieces = vec![tree.mention(subject), words];
        return Some(Candidate { source: None, ..candidate(tree, at, Rule::Raised, pieces) });
    }
    marked.then(|| candidate(tree, at, Rule::Infinitive, vec![words]))
}

pub(super) fn candidate(tree: &Tree<'_>, at: usize, rule: Rule, content: Vec<Words>) -> Candidate {
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

/// The subject of a verb in the active, the agent of one in the passive.
pub(super) fn source(tree: &Tree<'_>, at: usize) -> Option<Words> {
    let is_participle = tree.tag(at) == Tag::VBN && tree.relation(at) == Relation::Acl;
    if is_participle || tree.is_passive(at) {
        let agent = tree.child(at, Relation::OblAgent)?;
        let Words { start, end } = tree.mention(agent);
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

/// Who speaks in "S sent T letters warning that C": the subject of the sending.
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

/// The noun right before a finite verb: its subject, whatever the tree says.
fn beside(tree: &Tree<'_>, at: usize) -> Option<Words> {
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

/// The subject of the sentence, for a verb that the tree gives none.
fn main_subject(tree: &Tree<'_>, at: usize) -> Option<Words> {
    let sentence = tree.sentence(at);
    let root = sentence.clone().find(|it| tree.relation(*it) == Relation::Root)?;
    let subject = tree.child(root, Relation::Nsubj).filter(|subject| *subject < at)?;
    Some(tree.mention(subject))
}

/// The verb with what stands directly about it: "has also said".
pub(super) fn cue(tree: &Tree<'_>, at: usize) -> Words {
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
