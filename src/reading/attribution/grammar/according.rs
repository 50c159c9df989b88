//! Reads "According to S, C" and its equivalents: "citing S", "as S put it".
//!
//! Knows phrases that give the source of a clause. Must not know which verbs attribute.

use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    if tree.word(at) == "according" && at + 1 < tree.words.len() && tree.word(at + 1) == "to" {
        found.extend(according(tree, at));
    } else if tree.tag(at) == Tag::RB && is_hearsay(tree.word(at)) {
        found.extend(hearsay(tree, at));
    } else if tree.sentence(at).start == at && matches!(tree.tag(at), Tag::IN | Tag::TO) {
        found.extend(opening(tree, at));
    }
}

/// Adverbs that leave the source open.
fn is_hearsay(word: &str) -> bool {
    matches!(
        word,
        "reportedly"
            | "allegedly"
            | "supposedly"
            | "purportedly"
            | "apparently"
            | "seemingly"
            | "presumably"
            | "ostensibly"
    )
}

/// Hearsay: "reportedly C".
fn hearsay(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let verb = tree.head(at)?;
    let whole = tree.subtree(verb);
    let mut content: Vec<WordRange> = Vec::new();
    content.extend(tree.trimmed(whole.start.min(at)..at));
    content.extend(tree.trimmed(at + 1..whole.end.max(at + 1)));
    let key = tree.word(at).to_owned();
    let found = Candidate {
        rule: Rule::Hearsay,
        extent: Extent::Tree,
        key,
        content,
        source: None,
        cue: at..at + 1,
        at,
    };
    (!found.content.is_empty()).then_some(found)
}

/// In S, C: a poll, a report, an interview.
fn opening(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let sentence = tree.sentence(at);
    let comma = (at + 1..sentence.end).take(20).find(|it| tree.tag(*it) == Tag::Comma)?;
    let source = tree.trimmed(at + 1..comma)?;
    let noun = (source.start..source.end)
        .find(|it| tree.is_noun(*it) && (*it + 1 == source.end || !tree.is_noun(*it + 1)))?;
    let key = format!("{} {}", tree.word(at), tree.word(noun));
    let content = vec![tree.trimmed(comma + 1..sentence.end)?];
    Some(Candidate {
        rule: Rule::Opening,
        extent: Extent::Tree,
        key,
        content,
        source: Some(source),
        cue: at..at + 1,
        at,
    })
}

fn according(tree: &Tree<'_>, at: usize) -> Option<Candidate> {
    let sentence = tree.sentence(at);
    if at + 2 >= sentence.end {
        return None;
    }
    let phrase = phrase(tree, at + 2, sentence.end)?;
    let key = "according to".to_owned();
    let made = |source: WordRange, content| {
        let (extent, source) = (Extent::Tree, Some(source));
        Candidate { rule: Rule::According, extent, key, content, source, cue: at..at + 2, at }
    };
    if opens_clause(tree, at)
        && let Some(content) = after(tree, at, phrase.end)
    {
        return Some(made(phrase, vec![content]));
    }
    let tree_has =
        noun(tree, at).filter(|noun| *noun > at + 1).map(|noun| (noun, tree.mention(noun)));
    let longer = tree_has.clone().filter(|(_, it)| it.end > phrase.end && it.start <= phrase.start);
    let source = longer.map_or(phrase.clone(), |(_, it)| phrase.start..it.end);
    let content = tree_has
        .and_then(|(noun, _)| content(tree, at, clause(tree, noun)?, source.end))
        .or_else(|| around(tree, &sentence, at, source.end))?;
    Some(made(source, content))
}

/// The source by position: up to the first word that cannot be part of a noun phrase.
fn phrase(tree: &Tree<'_>, start: usize, limit: usize) -> Option<WordRange> {
    let stops = |at: &usize| {
        matches!(
            tree.tag(*at),
            Tag::Comma
                | Tag::Colon
                | Tag::Period
                | Tag::VBD
                | Tag::VBZ
                | Tag::VBP
                | Tag::MD
                | Tag::WP
                | Tag::WDT
                | Tag::EX
                | Tag::OpenBracket
                | Tag::CloseQuote
        ) && !tree.is_capital(*at)
    };
    let end = (start..limit).find(stops).unwrap_or(limit);
    tree.trimmed(start..end)
}

/// Whether the phrase precedes its clause: it begins a sentence, a quotation, or a part added by
/// "and" or "that".
fn opens_clause(tree: &Tree<'_>, at: usize) -> bool {
    let sentence = tree.sentence(at);
    let before = (sentence.start..at).rev().find(|before| !tree.is_punctuation(*before));
    let is_quoted = at > sentence.start && tree.is_quotation_mark(at - 1);
    is_quoted
        || before.is_none_or(|before| matches!(tree.word(before), "and" | "but" | "that" | "while"))
}

/// The clause after the phrase, up to the end of its sentence or quotation.
fn after(tree: &Tree<'_>, at: usize, source_end: usize) -> Option<WordRange> {
    let sentence = tree.sentence(at);
    let mut end = next_according(tree, source_end, sentence.end);
    if let Some(quotation) = tree.quotation(at) {
        end = (source_end..end).find(|it| tree.quotation(*it) != Some(quotation)).unwrap_or(end);
    }
    let mut content = tree.trimmed(source_end..end)?;
    while content.len() > 1 && tree.tag(content.end - 1) == Tag::CC {
        content = tree.trimmed(content.start..content.end - 1)?;
    }
    let has_verb =
        content.clone().any(|it| matches!(tree.tag(it), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD));
    (has_verb && tree.tag(source_end) == Tag::Comma).then_some(content)
}

/// The noun of the phrase: the head of "according", or the next noun if the tree differs.
fn noun(tree: &Tree<'_>, at: usize) -> Option<usize> {
    let head = tree.head(at).filter(|head| *head > at + 1 && tree.relation(at) == Relation::Case);
    head.or_else(|| {
        tree.children(at).find(|child| *child > at + 1 && tree.relation(*child) == Relation::Obl)
    })
}

/// The head of the clause to which the phrase belongs.
fn clause(tree: &Tree<'_>, noun: usize) -> Option<usize> {
    let mut at = tree.head(noun)?;
    if tree.word(at) == "according" {
        at = tree.head(at)?;
    }
    for _ in 0..6 {
        let climbs = matches!(
            tree.relation(at),
            Relation::Nmod
                | Relation::Obl
                | Relation::Obj
                | Relation::Nsubj
                | Relation::Compound
                | Relation::NsubjPass
                | Relation::Appos
                | Relation::Amod
                | Relation::Acl
                | Relation::Xcomp
                | Relation::OblUnmarked
                | Relation::NmodUnmarked
                | Relation::Nummod
                | Relation::NmodPoss
        );
        if !climbs {
            break;
        }
        at = tree.head(at)?;
    }
    Some(at)
}

fn content(tree: &Tree<'_>, at: usize, clause: usize, after: usize) -> Option<Vec<WordRange>> {
    let whole = tree.subtree(clause);
    if clause < at {
        return left(tree, at).map(|left| vec![left]);
    }
    let start = after.max(whole.start);
    if start >= whole.end {
        return None;
    }
    let end = next_according(tree, start, whole.end);
    tree.trimmed(start..end).map(|content| vec![content])
}

/// The sentence before the phrase, without a conjunction at its start.
fn left(tree: &Tree<'_>, at: usize) -> Option<WordRange> {
    let start = tree.sentence(at).start;
    let stop = (start..at).rev().find(|it| tree.word(*it) == ";" || tree.word(*it) == "according");
    let mut left = tree.trimmed(stop.map_or(start, |stop| stop + 1)..at)?;
    if tree.relation(left.start) == Relation::Cc {
        left.start += 1;
    }
    if left.len() == 2 && tree.verb(left.end - 1) == "be"
        || left.len() == 2 && tree.word(left.end - 1).ends_with('s')
    {
        left.end -= 1;
    }
    tree.trimmed(left)
}

/// "…, and according to T, …" begins the words of another source.
fn next_according(tree: &Tree<'_>, start: usize, end: usize) -> usize {
    let next = (start + 1..end).find(|next| {
        tree.word(*next) == "according" && matches!(tree.tag(*next - 1), Tag::CC | Tag::Comma)
    });
    next.map_or(end, |next| next - 1)
}

/// Decides by commas where the tree is inconclusive.
fn around(
    tree: &Tree<'_>,
    sentence: &WordRange,
    at: usize,
    after: usize,
) -> Option<Vec<WordRange>> {
    let content = if at == sentence.start { after..sentence.end } else { sentence.start..at };
    tree.trimmed(content).map(|content| vec![content])
}
