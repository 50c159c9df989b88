//! The grammar of attribution: every place where a word may attribute others to someone.
//!
//! Knows the frames in which verbs, nouns and prepositions attribute. Must not know how likely any
//! of them is: it proposes, and the counts decide.

mod according;
mod aside;
mod clause;
mod extent;
mod frame;
mod line;
mod nominal;
mod phrase;
mod plain;
mod quoted;

use super::candidate::Candidate;
use super::tree::Tree;

/// Every candidate of a text but the hopeless, in no order that means anything.
pub(super) fn candidates(
    tree: &Tree<'_>,
    is_hopeless: impl Fn(&Candidate) -> bool,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    quoted::find(tree, &mut found);
    line::find(tree, &mut found);
    for at in 0..tree.words.len() {
        if tree.is_verb(at) {
            aside::find(tree, at, &mut found);
            clause::find(tree, at, &mut found);
            phrase::find(tree, at, &mut found);
            plain::find(tree, at, &mut found);
        } else {
            nominal::find(tree, at, &mut found);
        }
        according::find(tree, at, &mut found);
        plain::urged(tree, at, &mut found);
        plain::gap(tree, at, &mut found);
    }
    found.retain(|candidate| !is_hopeless(candidate));
    extent::widen(tree, &mut found);
    found
}
