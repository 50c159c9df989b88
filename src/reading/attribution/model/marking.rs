//! Converts the marks that people made in an article to words.
//!
//! Knows where marks and words are in a text. Must not know what is learnt from them.

use super::super::tree::{Tree, WordRange};
use super::crf::Label;
use crate::reading::annotation::{Annotated, Marked, Stretch};

/// The characters trimmed from both ends of a part.
const TRIMMED: &str = " \t\r\n\"“”'‘’`.,;:!?…";

/// The words of an attribution.
pub(super) struct Attribution {
    pub(super) contents: Vec<WordRange>,
    pub(super) sources: Vec<WordRange>,
}

/// Every marked attribution, as words.
pub(super) fn attributions(tree: &Tree<'_>, article: &Annotated) -> Vec<Attribution> {
    let text: Vec<char> = article.text.chars().collect();
    let words = |stretches: &[Stretch]| {
        stretches.iter().flat_map(|stretch| pieces(tree, &text, *stretch)).collect()
    };
    let marked = article.attributions.iter();
    marked
        .map(|it| Attribution { contents: words(&it.content), sources: words(&it.source) })
        .collect()
}

/// Selects one part of an attribution.
type MeantStretches = fn(&Marked) -> &Vec<Stretch>;

/// The label of each word.
pub(super) fn labels(tree: &Tree<'_>, article: &Annotated) -> Vec<Label> {
    let text: Vec<char> = article.text.chars().collect();
    let mut labels = vec![Label::Outside; tree.words.len()];
    let lists: [(MeantStretches, [Label; 4]); 3] = [
        (|it| &it.content, [Label::First, Label::Inside, Label::Last, Label::Only]),
        (|it| &it.cue, [Label::CueFirst, Label::CueInside, Label::CueInside, Label::CueFirst]),
        (
            |it| &it.source,
            [Label::SourceFirst, Label::SourceInside, Label::SourceInside, Label::SourceFirst],
        ),
    ];
    for (list, [first, inside, last, only]) in lists {
        for stretch in article.attributions.iter().flat_map(list) {
            for words in pieces(tree, &text, *stretch) {
                if labels[words.clone()].iter().any(|label| *label != Label::Outside) {
                    continue;
                }
                labels[words.clone()].fill(inside);
                labels[words.end - 1] = last;
                labels[words.start] = if words.len() == 1 { only } else { first };
            }
        }
    }
    labels
}

/// The words of a range, line by line.
fn pieces(tree: &Tree<'_>, text: &[char], stretch: Stretch) -> Vec<WordRange> {
    let is_trimmed = |at: u32| text.get(at as usize).is_some_and(|it| TRIMMED.contains(*it));
    let Stretch { mut start, mut end } = stretch;
    while start < end && is_trimmed(start) {
        start += 1;
    }
    while end > start && is_trimmed(end - 1) {
        end -= 1;
    }
    let mut pieces: Vec<WordRange> = Vec::new();
    let first = tree.after_point(start as usize);
    for at in first..tree.words.len() {
        if tree.points(&(at..at + 1)).0 >= end as usize {
            break;
        }
        match pieces.last_mut() {
            Some(words) if tree.line(words.start) == tree.line(at) => words.end = at + 1,
            _ => pieces.push(at..at + 1),
        }
    }
    pieces
}
