//! Reads quotations and their verbs: "C," S said. S said: "C." "C," S said. "C."
//!
//! Knows what separates the quotations of a paragraph. Must not know which verbs attribute.

use super::frame::{cue, source};
use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

/// The largest distance in words from a quotation to its verb.
const FAR: usize = 40;

/// A quotation with all its paragraphs, and the words between it and its neighbours.
struct Speech {
    words: WordRange,
    /// The words of its first paragraph before it, back to the previous quotation.
    before: WordRange,
    /// The words of its last paragraph after it, up to the next quotation.
    after: WordRange,
    /// Whether the previous quotation is in the same paragraph.
    follows: bool,
}

/// The speaker and the verb of a quotation.
#[derive(Clone)]
struct Saying {
    verb: usize,
    source: Option<WordRange>,
}

pub(super) fn find(tree: &Tree<'_>, found: &mut Vec<Candidate>) {
    let speeches = speeches(tree);
    let mut last: Option<usize> = None;
    let mut unsaid: Option<WordRange> = None;
    for speech in &speeches {
        if !speech.follows {
            last = None;
        }
        let whole = unsaid
            .take()
            .filter(|whole| tree.line(whole.end - 1) + 2 >= tree.line(speech.words.start));
        if let Some((saying, start)) = after(tree, speech) {
            last = Some(found.len());
            let mut made = candidate(tree, Rule::Quotation, &saying, start..speech.words.end);
            if let Some(whole) = whole.filter(|_| speech.before.is_empty()) {
                made.content.insert(0, whole);
            }
            found.push(made);
        } else if let Some(saying) = before(tree, speech) {
            let carries = last.filter(|last| found[*last].at == saying.verb);
            if let Some(last) = carries {
                found[last].content.push(speech.words.clone());
            } else {
                last = Some(found.len());
                found.push(candidate(tree, Rule::Introduced, &saying, speech.words.clone()));
            }
        } else if let Some(last) = last.filter(|_| goes_on(tree, speech)) {
            found[last].content.push(speech.words.clone());
        } else {
            last = None;
            // A paragraph that is all quotation belongs to the speaker in the next one.
            unsaid = is_paragraph(tree, speech).then(|| speech.words.clone());
        }
    }
}

fn is_paragraph(tree: &Tree<'_>, speech: &Speech) -> bool {
    speech.before.is_empty() && !speech.after.clone().any(|at| !tree.is_punctuation(at))
}

fn candidate(tree: &Tree<'_>, rule: Rule, saying: &Saying, content: WordRange) -> Candidate {
    Candidate {
        rule,
        extent: Extent::Tree,
        key: tree.verb(saying.verb).to_owned(),
        content: vec![content],
        source: saying.source.clone(),
        cue: cue(tree, saying.verb),
        at: saying.verb,
    }
}

fn speeches(tree: &Tree<'_>) -> Vec<Speech> {
    let mut merged: Vec<WordRange> = Vec::new();
    for (quotation, words) in tree.quotations.iter().zip(tree.quotation_words()) {
        match merged.last_mut() {
            _ if words.is_empty() => {}
            Some(last) if quotation.continues => last.end = words.end,
            _ => merged.push(words),
        }
    }
    (0..merged.len())
        .map(|at| {
            let words = merged[at].clone();
            let end_before = at.checked_sub(1).map_or(0, |at| merged[at].end);
            let start_after = merged.get(at + 1).map_or(tree.words.len(), |words| words.start);
            let line = tree.line(words.start);
            let before = (end_before..words.start).rev().take_while(|it| tree.line(*it) == line);
            let before = before.last().unwrap_or(words.start)..words.start;
            let line = tree.line(words.end - 1);
            let after = (words.end..start_after).take_while(|it| tree.line(*it) == line);
            let after = words.end..after.last().map_or(words.end, |last| last + 1);
            let follows = at > 0
                && before.start == end_before
                && tree.line(end_before - 1) == tree.line(words.start);
            Speech { words, before, after, follows }
        })
        .collect()
}

/// The last punctuation mark inside a quotation, which shows whether its sentence continues after
/// it.
fn ending<'t>(tree: &'t Tree<'_>, speech: &Speech) -> &'t str {
    let last = (speech.words.clone()).rev().find(|at| !tree.is_quotation_mark(*at));
    last.map_or("", |last| tree.word(last))
}

/// "C," S said.
fn after(tree: &Tree<'_>, speech: &Speech) -> Option<(Saying, usize)> {
    let first = speech.after.clone().next()?;
    let ends =
        matches!(ending(tree, speech), "," | "?" | "!" | "-" | "—" | "–" | "…" | "..." | "--")
            || tree.tag(first) == Tag::Comma;
    // "C." S said., as some outlets punctuate it.
    let is_stopped = ending(tree, speech) == "." && is_bare(tree, speech);
    if !ends && !is_stopped {
        return None;
    }
    let start = speech.after.clone().find(|at| !tree.is_punctuation(*at))?;
    let end = speech
        .after
        .clone()
        .find(|at| tree.tag(*at) == Tag::Period)
        .unwrap_or(speech.after.end)
        .min(start + FAR);
    let verb = (start..end).find(|at| is_finite(tree, *at))?;
    let source = source_after(tree, start, verb, end)?;
    let start = sentence_start(tree, speech)?;
    Some((Saying { verb, source: Some(source) }, start))
}

/// Whether only a speaker and a verb follow a quotation.
fn is_bare(tree: &Tree<'_>, speech: &Speech) -> bool {
    let end = speech.after.clone().find(|at| tree.tag(*at) == Tag::Period);
    end.is_some_and(|end| {
        end - speech.after.start <= 6 && end > speech.after.start && tree.is_speech(end - 1)
    })
}

fn is_finite(tree: &Tree<'_>, at: usize) -> bool {
    let finite = match tree.tag(at) {
        Tag::VBD | Tag::VBZ | Tag::VBP => true,
        Tag::VB => tree.child(at, Relation::Aux).is_some_and(|aux| tree.tag(aux) == Tag::MD),
        // A past tense tagged as a participle.
        Tag::VBN => tree.child(at, Relation::Aux).is_none(),
        _ => false,
    };
    // Decides by the words and not the tree, because a quotation in the sentence misleads the
    // parser.
    let is_relative = at > 0 && matches!(tree.tag(at - 1), Tag::WP | Tag::WDT);
    let is_auxiliary = (at + 1..tree.words.len())
        .take(3)
        .take_while(|it| tree.is_verb(*it) || tree.tag(*it) == Tag::RB)
        .any(|it| tree.is_verb(it))
        && matches!(tree.verb(at), "have" | "be" | "do");
    finite && !is_relative && !is_auxiliary
}

/// The subject before or after the verb: by the tree if it is close enough, else by position.
fn source_after(tree: &Tree<'_>, start: usize, verb: usize, end: usize) -> Option<WordRange> {
    let subject = tree
        .children(verb)
        .find(|child| tree.relation(*child) == Relation::Nsubj)
        .filter(|child| (start..end).contains(child));
    if let Some(subject) = subject {
        let mention = tree.mention(subject);
        return Some(mention.start.max(start)..mention.end.min(end));
    }
    let left = tree.trimmed(start..verb).filter(|left| left.clone().any(|at| is_nominal(tree, at)));
    if left.is_some() {
        return left;
    }
    let stop = (verb + 1..end)
        .find(|at| matches!(tree.tag(*at), Tag::Comma | Tag::IN | Tag::Period | Tag::VBD))
        .unwrap_or(end);
    tree.trimmed(verb + 1..stop).filter(|right| right.clone().any(|at| is_nominal(tree, at)))
}

fn is_nominal(tree: &Tree<'_>, at: usize) -> bool {
    tree.is_noun(at) || matches!(tree.tag(at), Tag::PRP | Tag::DT | Tag::WP | Tag::CD | Tag::NNPS)
}

/// The start of the sentence that a quotation completes: a sentence may be quoted only from the
/// middle on, but is attributed as a whole.
fn sentence_start(tree: &Tree<'_>, speech: &Speech) -> Option<usize> {
    let ends = |at: &usize| matches!(tree.tag(*at), Tag::Period | Tag::Colon);
    let stop = speech.before.clone().rev().find(ends);
    let start = stop.map_or(speech.before.start, |stop| stop + 1);
    let has_words = (start..speech.words.start).any(|at| !tree.is_punctuation(at));
    if !has_words {
        return Some(speech.words.start);
    }
    let leads = (start..speech.words.start).any(|at| is_finite(tree, at) && tree.is_speech(at));
    if leads {
        return Some(speech.words.start);
    }
    // A few quoted words late in a sentence that also quotes others are not a quotation of their
    // own.
    let is_partial = speech.follows && stop.is_none() || speech.words.start - start > FAR;
    (!is_partial).then_some(start)
}

/// S said: "C."
fn before(tree: &Tree<'_>, speech: &Speech) -> Option<Saying> {
    let (words, link) = introduction(tree, speech)?;
    let introduces = match link {
        Introduction::Colon => true,
        Introduction::Comma => begins(tree, speech),
        Introduction::Verb => {
            begins(tree, speech) && speech.words.len() >= 4 && tree.is_speech(words.end - 1)
        }
    };
    if !introduces {
        return None;
    }
    let is_candidate = |at: &usize| {
        tree.is_verb(*at)
            && !matches!(tree.relation(*at), Relation::Aux | Relation::AuxPass | Relation::AclRelcl)
    };
    let verb =
        (words.start.max(words.end.saturating_sub(FAR))..words.end).rev().filter(is_candidate);
    let verb = verb.clone().find(|at| tree.is_speech(*at)).or_else(|| verb.clone().next())?;
    Some(Saying { verb, source: source(tree, verb) })
}

/// What separates a quotation from the words that introduce it.
#[derive(Clone, Copy)]
enum Introduction {
    Colon,
    Comma,
    /// Nothing: the verb comes last.
    Verb,
}

/// The words that may introduce a quotation, and how they do so.
fn introduction(tree: &Tree<'_>, speech: &Speech) -> Option<(WordRange, Introduction)> {
    if let Some(last) = speech.before.clone().next_back() {
        let stop = speech.before.clone().rev().skip(1).find(|at| tree.tag(*at) == Tag::Period);
        let start = stop.map_or(speech.before.start, |stop| stop + 1);
        return match tree.word(last) {
            ":" => Some((start..last, Introduction::Colon)),
            "," => Some((start..last, Introduction::Comma)),
            _ => tree.is_verb(last).then_some((start..last + 1, Introduction::Verb)),
        };
    }
    // A paragraph of its own, after one that ends in a colon.
    let last = speech.words.start.checked_sub(1)?;
    if tree.word(last) != ":" {
        return None;
    }
    let line = tree.line(last);
    let start = (0..last).rev().take(FAR).take_while(|at| tree.line(*at) == line).last()?;
    let stop = (start..last).rev().find(|at| tree.tag(*at) == Tag::Period);
    Some((stop.map_or(start, |stop| stop + 1)..last, Introduction::Colon))
}

/// Whether a quotation begins like a sentence.
fn begins(tree: &Tree<'_>, speech: &Speech) -> bool {
    let first = speech.words.clone().find(|at| !tree.is_punctuation(*at));
    first.is_some_and(|first| {
        tree.text[tree.words[first].start as usize..].starts_with(char::is_uppercase)
    })
}

/// "C," S said. "C": a quotation directly after the sentence of the previous one.
fn goes_on(tree: &Tree<'_>, speech: &Speech) -> bool {
    let last = speech.before.clone().next_back();
    speech.follows
        && last.is_none_or(|last| {
            matches!(tree.tag(last), Tag::Period | Tag::Comma | Tag::Colon)
                || tree.word(last) == "and"
        })
        && speech.words.len() >= 4
}
