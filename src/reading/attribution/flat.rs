//! Selects a reading in which no attribution is inside the words of another, as annotated corpora
//! require.
//!
//! Knows spans and confidence. Must not know the grammar.

use super::proposal::Proposal;

/// The percentage at which adding a proposal neither helps nor hurts the score.
const WORTH: i32 = 27;

/// The proposals of the likeliest reading in which none is inside the words of another.
pub fn flat(proposals: Vec<Proposal>) -> Vec<Proposal> {
    let mut order: Vec<usize> = (0..proposals.len()).collect();
    let reach = |at: usize| {
        let content = &proposals[at].content;
        let start = content.iter().map(|span| (span.zone, span.start)).min();
        let end = content.iter().map(|span| span.end).max().unwrap_or(0);
        (start, usize::MAX - end)
    };
    order.sort_by_key(|at| (reach(*at), *at));
    let mut open: Vec<Open> = vec![Open::root()];
    for at in order {
        while open.len() > 1 && !holds(&proposals[open[open.len() - 1].at], &proposals[at]) {
            close(&proposals, &mut open);
        }
        open.push(Open { at, chosen: Vec::new() });
    }
    while open.len() > 1 {
        close(&proposals, &mut open);
    }
    let mut chosen = open.pop().map(|root| root.chosen).unwrap_or_default();
    chosen.sort_unstable();
    let mut keep = vec![false; proposals.len()];
    chosen.into_iter().for_each(|at| keep[at] = true);
    proposals.into_iter().zip(keep).filter_map(|(it, keep)| keep.then_some(it)).collect()
}

/// A proposal whose words have not ended yet, and the best selection from those inside them.
struct Open {
    at: usize,
    chosen: Vec<usize>,
}

impl Open {
    const fn root() -> Self {
        Self { at: usize::MAX, chosen: Vec::new() }
    }
}

fn holds(outer: &Proposal, inner: &Proposal) -> bool {
    let first = inner.content[0];
    outer
        .content
        .iter()
        .any(|span| span.zone == first.zone && span.start <= first.start && first.start < span.end)
}

/// Decides between the innermost open proposal and those inside it, which are right only to the
/// extent that it is wrong.
fn close(proposals: &[Proposal], open: &mut Vec<Open>) {
    let Some(it) = open.pop() else { return };
    let Some(around) = open.last_mut() else { return };
    let percent = |at: usize| i32::from(proposals[at].confidence.percent());
    let outer = percent(it.at);
    let gain = |inner: &usize| (percent(*inner) * (100 - outer) / 100 - WORTH).max(0);
    if outer - WORTH >= it.chosen.iter().map(gain).sum() {
        around.chosen.push(it.at);
    } else {
        around.chosen.extend(it.chosen);
    }
}
