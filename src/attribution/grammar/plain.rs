//! Reported speech by the words alone: a verb of speech, then what was said, whatever the tree has.
//!
//! Knows "that", addressees, days, and where reported speech mostly ends. Must not know trees.

use super::clause::{cue, source};
use crate::attribution::candidate::{Candidate, Extent, Rule};
use crate::attribution::tree::{Tree, Words};
use crate::syntax::Tag;

/// The farthest that "that" stands from its verb.
const FAR: usize = 12;

pub(super) fn find(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    if !tree.is_speech(at) || tree.tag(at) == Tag::VBN && tree.is_passive(at) {
        return;
    }
    let sentence = tree.sentence(at);
    let (start, rule) = match that(tree, at, sentence.end) {
        Some(that) => (that + 1, Rule::PlainThat),
        None => match bare(tree, at, sentence.end) {
            Some(start) => (start, Rule::Plain),
            None => return,
        },
    };
    let Some(content) = tree.trimmed(start..end(tree, start, sentence.end)) else { return };
    let has_verb = content.clone().any(|it| is_finite(tree, it));
    if has_verb {
        let key = tree.verb(at).to_owned();
        let source = source(tree, at);
        let cue = cue(tree, at);
        found.push(Candidate {
            rule,
            extent: Extent::Tree,
            key,
            content: vec![content],
            source,
            cue,
            at,
        });
    }
}

fn is_finite(tree: &Tree<'_>, at: usize) -> bool {
    matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD)
}

/// The "that" that opens what was said.
fn that(tree: &Tree<'_>, at: usize, end: usize) -> Option<usize> {
    (at + 1..end)
        .take(FAR)
        .take_while(|it| !is_finite(tree, *it) && !tree.is_quotation_mark(*it))
        .find(|it| tree.word(*it) == "that" && tree.tag(*it) == Tag::IN)
}

/// What was said without "that": right after the verb, or after a day or an addressee.
fn bare(tree: &Tree<'_>, at: usize, end: usize) -> Option<usize> {
    let mut start = at + 1;
    if matches!(tree.verb(at), "tell" | "inform" | "assure" | "remind" | "warn" | "advise") {
        while start < end
            && (tree.is_noun(start)
                || matches!(tree.tag(start), Tag::DT | Tag::JJ | Tag::PRPS | Tag::POS))
        {
            start += 1;
        }
    }
    while start < end && (tree.tag(start) == Tag::RB || is_day(tree.word(start))) {
        start += 1;
    }
    let opens = start < end
        && (tree.is_noun(start)
            || matches!(
                tree.tag(start),
                Tag::DT
                    | Tag::PRP
                    | Tag::PRPS
                    | Tag::JJ
                    | Tag::CD
                    | Tag::EX
                    | Tag::OpenQuote
                    | Tag::VBG
            )
            || tree.is_quotation_mark(start));
    opens.then_some(start)
}

fn is_day(word: &str) -> bool {
    matches!(
        word,
        "monday"
            | "tuesday"
            | "wednesday"
            | "thursday"
            | "friday"
            | "saturday"
            | "sunday"
            | "today"
            | "yesterday"
            | "this"
            | "week"
            | "month"
            | "morning"
    )
}

/// Where the words end: before the speaker is taken up again, or with the sentence.
fn end(tree: &Tree<'_>, start: usize, end: usize) -> usize {
    let stop = (start + 2..end).find(|it| {
        let before = *it - 1;
        match tree.tag(*it) {
            Tag::VBD | Tag::VBZ => tree.tag(before) == Tag::CC && tree.word(before) != "or",
            Tag::VBG => tree.tag(before) == Tag::Comma && tree.is_speech(*it),
            _ => tree.word(*it) == "according",
        }
    });
    stop.map_or(end, |stop| stop - 1)
}

/// The words, taken to the end of the quotation in which their sentence ends.
pub(super) fn to_quotation_end(tree: &Tree<'_>, words: &Words) -> Words {
    let Some(quotation) = tree.quotation(words.end - 1) else { return words.clone() };
    let around = tree.quoted_words(quotation);
    let opens_within = around.start >= words.start && around.end > words.end;
    if opens_within { words.start..around.end } else { words.clone() }
}
