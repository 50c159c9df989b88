//! Reads verbs that take clauses: S said that C; C, S said; S asked whether C; S plans to C.
//!
//! Knows clauses that a verb governs. Must not know which verbs attribute.

use super::frame::candidate;
use crate::reading::attribution::candidate::{Candidate, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

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

/// The end of the words that begin with a verb's clause. Words that follow the clause under the
/// same verb usually belong to the clause, because parsers attach them too high, unless they refer
/// back to the speaker.
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
                let is_said_besides = apart && tree.tag(words.start) == Tag::VBG;
                !is_said_besides && !tree.is_speech(after)
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
    let content = tree.to_quotation_end(&tree.trimmed(content)?);
    Some(candidate(tree, at, rule, vec![content]))
}

/// C, S said.
fn before(tree: &Tree<'_>, at: usize, child: usize) -> Option<Candidate> {
    let subject = tree.subject(at);
    let limit = subject
        .map(|subject| tree.subtree(subject).start)
        .filter(|start| *start > child)
        .map_or(at, |start| start.min(at));
    let WordRange { start, end } = tree.subtree(child);
    let content = tree.trimmed(start..end.min(limit))?;
    if tree.is_mid_quotation(content.start) || is_opening(tree, &content) {
        return None;
    }
    let mut pieces = vec![content];
    // The words after the verb may continue the same clause.
    pieces.extend(rest(tree, at, end));
    Some(candidate(tree, at, Rule::Parenthesis, pieces))
}

/// "In a statement,": the occasion, and nobody's words.
fn is_opening(tree: &Tree<'_>, words: &WordRange) -> bool {
    tree.tag(words.start) == Tag::IN
        && !words.clone().any(|at| matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD))
}

/// The rest of a clause after the words that interrupt it.
fn rest(tree: &Tree<'_>, at: usize, end: usize) -> Option<WordRange> {
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

fn skip_conjunction(tree: &Tree<'_>, words: WordRange) -> Option<WordRange> {
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
