//! Adds the other ends that a candidate's attributed words may have.
//!
//! Knows commas, dashes and the ends of sentences. Must not know which end is likely.

use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::Tree;
use crate::reading::syntax::Tag;

/// Adds to each candidate with an open end the same candidate with other ends.
pub(super) fn widen(tree: &Tree<'_>, found: &mut Vec<Candidate>) {
    for at in 0..found.len() {
        if is_open(found[at].rule) && found[at].content.len() == 1 {
            let others = others(tree, &found[at]);
            found.extend(others);
        }
    }
}

const fn is_open(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::That
            | Rule::Clause
            | Rule::PlainThat
            | Rule::Plain
            | Rule::Question
            | Rule::Infinitive
            | Rule::Urged
            | Rule::Object
            | Rule::Preposition
            | Rule::NounClause
            | Rule::NounPhrase
            | Rule::Adjective
    )
}

fn others(tree: &Tree<'_>, candidate: &Candidate) -> Vec<Candidate> {
    let content = candidate.content[0].clone();
    let sentence = tree.sentence(content.start);
    let mut ends = vec![content.end];
    let mut others = Vec::new();
    let breaks = |at: &usize| {
        matches!(tree.tag(*at), Tag::Comma | Tag::Colon | Tag::OpenBracket)
            || matches!(tree.word(*at), "—" | "–" | "--")
    };
    let inner = content.start + 1..sentence.end;
    let short = inner.clone().find(breaks);
    let choices = [(Extent::Long, Some(sentence.end)), (Extent::Short, short)];
    for (extent, end) in choices {
        let Some(words) = end.and_then(|end| tree.trimmed(content.start..end)) else { continue };
        let words = if extent == Extent::Long { tree.to_quotation_end(&words) } else { words };
        if ends.contains(&words.end) {
            continue;
        }
        ends.push(words.end);
        others.push(Candidate { extent, content: vec![words], ..candidate.clone() });
    }
    others
}
