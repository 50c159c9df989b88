//! The grammar of attribution: finds every place where words may be attributed to someone.
//!
//! Knows the constructions in which verbs, nouns and prepositions attribute. Must not know how
//! likely each is: it only lists candidates, and another module chooses among them.

mod according;
mod extent;
mod frame;
mod line;

mod aside;
mod clause;
mod nominal;
mod phrase;
mod plain;
mod quoted;

use super::bound::MOST_CUES;
use super::candidate::Candidate;
use super::tree::Tree;

/// Every candidate of a text except the hopeless ones, in no particular order. In a sentence with
/// too many possible cues the later ones are skipped, and the first word of the sentence is added
/// to `crowded`.
pub(super) fn candidates(
    tree: &Tree<'_>,
    is_hopeless: impl Fn(&Candidate) -> bool,
    crowded: &mut Vec<usize>,
) -> Vec<Candidate> {
    let mut found = Vec::new();
    quoted::find(tree, &mut found);
    line::find(tree, &mut found);
    found.retain(|candidate| !is_hopeless(candidate));
    let mut here = Vec::new();
    for sentence in &tree.sentences {
        let mut cues = 0;
        for at in sentence.clone() {
            at_word(tree, at, &mut here);
            here.retain(|candidate| !is_hopeless(candidate));
            if here.is_empty() {
                continue;
            }
            cues += 1;
            if cues > MOST_CUES {
                here.clear();
                crowded.push(sentence.start);
                break;
            }
            found.append(&mut here);
        }
    }
    extent::widen(tree, &mut found);
    found
}

/// The candidates with their cue at one word.
fn at_word(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    if tree.is_verb(at) {
        aside::find(tree, at, found);
        clause::find(tree, at, found);
        phrase::find(tree, at, found);
        plain::find(tree, at, found);
    } else {
        nominal::find(tree, at, found);
    }
    according::find(tree, at, found);
    plain::urged(tree, at, found);
    plain::gap(tree, at, found);
}
