//! Reads lines that attribute by their layout: a headline "S: C", a quotation signed "— S" below
//! it, a post signed "— S (@handle)".
//!
//! Knows marks and the words at the edges of a line. Must not know which verbs attribute.

use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::Tag;

/// The most words in a signature or before a headline's colon.
const LONGEST_NAME: usize = 9;

pub(super) fn find(tree: &Tree<'_>, found: &mut Vec<Candidate>) {
    let mut start = 0;
    let mut last: Option<WordRange> = None;
    while start < tree.words.len() {
        let line = tree.line(start);
        let end = (start..tree.words.len()).find(|at| tree.line(*at) != line);
        let words = start..end.unwrap_or(tree.words.len());
        found.extend(headline(tree, &words));
        found.extend(post(tree, &words));
        found.extend(last.and_then(|quotation| signed(tree, &words, quotation)));
        start = words.end;
        last = quoted_whole(tree, &words);
    }
}

fn candidate(rule: Rule, key: &str, content: WordRange, source: WordRange, at: usize) -> Candidate {
    let key = key.to_owned();
    Candidate {
        rule,
        extent: Extent::Tree,
        key,
        content: vec![content],
        source: Some(source),
        cue: at..at + 1,
        at,
    }
}

/// S: C
fn headline(tree: &Tree<'_>, words: &WordRange) -> Option<Candidate> {
    let at = words.clone().take(LONGEST_NAME + 1).find(|at| tree.word(*at) == ":")?;
    let source = tree.trimmed(words.start..at).filter(|source| is_name(tree, source))?;
    let content = tree.trimmed(at + 1..words.end)?;
    let stops = content.clone().find(|at| tree.tag(*at) == Tag::Period);
    let key = if words.start == 0 { "title" } else { "line" };
    let content = content.start..stops.unwrap_or(content.end);
    (!content.is_empty()).then(|| candidate(Rule::Colon, key, content, source, at))
}

fn is_name(tree: &Tree<'_>, words: &WordRange) -> bool {
    words.clone().any(|at| tree.is_noun(at))
        && !words.clone().any(|at| tree.tag(at) == Tag::Period || tree.is_quotation_mark(at))
}

/// A line that consists of one quotation.
fn quoted_whole(tree: &Tree<'_>, words: &WordRange) -> Option<WordRange> {
    let first = tree.quotation(words.start)?;
    let whole = words.clone().rev().find(|at| tree.tag(*at) != Tag::Period)?;
    (tree.quotation(whole) == Some(first)).then(|| words.start..whole + 1)
}

/// "C."
/// — S
fn signed(tree: &Tree<'_>, words: &WordRange, quotation: WordRange) -> Option<Candidate> {
    let dashed =
        tree.text[tree.words[words.start].start as usize..].starts_with(['-', '—', '–', '~']);
    let source = tree.trimmed(words.clone())?;
    let is_short = source.len() <= LONGEST_NAME && is_name(tree, &source);
    (dashed && is_short).then(|| candidate(Rule::Signed, "line", quotation, source, words.start))
}

/// C — S (@handle)
fn post(tree: &Tree<'_>, words: &WordRange) -> Option<Candidate> {
    let handle = words.clone().find(|at| tree.word(*at).starts_with('@'))?;
    let dash = (words.start..handle)
        .rev()
        .take(LONGEST_NAME)
        .find(|at| matches!(tree.word(*at), "—" | "–"))?;
    let source = tree.trimmed(dash + 1..handle).filter(|source| is_name(tree, source))?;
    let start = (words.start..dash).rev().find(|at| tree.word(*at).ends_with('>'));
    let content = tree.trimmed(start.map_or(words.start, |start| start + 1)..dash)?;
    Some(candidate(Rule::Signed, "post", content, source, dash))
}
