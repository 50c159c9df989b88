//! Reads reported speech by word order alone: a verb of speech, then what was said, even if the
//! tree differs.
//!
//! Knows "that", addressees, days, and where reported speech usually ends. Must not know trees.

use super::frame::{cue, source};
use crate::reading::attribution::candidate::{Candidate, Extent, Rule};
use crate::reading::attribution::lexicon;
use crate::reading::attribution::tree::{Tree, WordRange};
use crate::reading::syntax::Tag;

/// The largest distance in words from a verb to its "that".
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
    let limit = subordinate_end(tree, at, &sentence);
    let Some(content) = tree.trimmed(start..end(tree, start, limit)) else { return };
    let has_verb = content
        .clone()
        .any(|it| is_finite(tree, it) || rule == Rule::PlainThat && tree.is_verb(it));
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

/// "While S said C, T said D": the comma that ends the verb's clause, or the end of its sentence.
fn subordinate_end(tree: &Tree<'_>, at: usize, sentence: &WordRange) -> usize {
    let first = (sentence.start..at).find(|it| !tree.is_punctuation(*it));
    let opens = first.is_some_and(|first| {
        let word = tree.word(first);
        matches!(word, "while" | "although" | "though" | "whereas")
            && !(first..at).any(|it| tree.tag(it) == Tag::Comma)
    });
    let comma = (at..sentence.end).find(|it| opens && tree.tag(*it) == Tag::Comma);
    comma.unwrap_or(sentence.end)
}

/// S ordered T to C, where the tree has another analysis of the verb.
pub(super) fn urged(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    let urges = matches!(
        tree.verb(at),
        "order"
            | "urge"
            | "ask"
            | "instruct"
            | "command"
            | "advise"
            | "request"
            | "direct"
            | "implore"
    );
    let is_finite = matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::VBN);
    let begins = at + 1 < tree.words.len()
        && matches!(tree.tag(at + 1), Tag::DT | Tag::PRP | Tag::NNP | Tag::NNS | Tag::PRPS);
    if !urges || !is_finite || !begins || tree.is_passive(at) {
        return;
    }
    let sentence = tree.sentence(at);
    let Some(to) = (at + 2..sentence.end).take(FAR).find(|it| tree.tag(*it) == Tag::TO) else {
        return;
    };
    let is_phrase = (at + 1..to).all(|it| {
        tree.is_noun(it)
            || matches!(
                tree.tag(it),
                Tag::DT | Tag::JJ | Tag::PRP | Tag::PRPS | Tag::POS | Tag::CC | Tag::IN
            )
    });
    let goes_on = to + 1 < sentence.end && tree.tag(to + 1) == Tag::VB;
    let Some(content) =
        tree.trimmed(at + 1..end(tree, to, sentence.end)).filter(|_| is_phrase && goes_on)
    else {
        return;
    };
    let (key, source, cue) = (tree.verb(at).to_owned(), source(tree, at), cue(tree, at));
    found.push(Candidate {
        rule: Rule::Urged,
        extent: Extent::Tree,
        key,
        content: vec![content],
        source,
        cue,
        at,
    });
}

/// "which S fears will C": the content lacks its subject, and its verb follows directly.
pub(super) fn gap(tree: &Tree<'_>, at: usize, found: &mut Vec<Candidate>) {
    let sentence = tree.sentence(at);
    // A verb directly after its plural subject may be tagged as a noun.
    let verb = lexicon::verb(tree.word(at)).unwrap_or_default();
    let thinks = matches!(
        verb,
        "say"
            | "fear"
            | "think"
            | "believe"
            | "hope"
            | "claim"
            | "warn"
            | "argue"
            | "allege"
            | "suspect"
            | "insist"
            | "contend"
            | "predict"
            | "worry"
            | "estimate"
            | "expect"
            | "suggest"
            | "know"
            | "feel"
    );
    let follows = at + 1 < sentence.end
        && matches!(tree.tag(at + 1), Tag::MD | Tag::VBD | Tag::VBZ | Tag::VBP);
    if !thinks || !follows {
        return;
    }
    let pronoun = (sentence.start..at)
        .rev()
        .take(6)
        .find(|it| matches!(tree.tag(*it), Tag::WDT | Tag::WP) || tree.is_punctuation(*it));
    let Some(pronoun) = pronoun.filter(|it| matches!(tree.tag(*it), Tag::WDT | Tag::WP)) else {
        return;
    };
    let Some(subject) = tree.trimmed(pronoun + 1..at) else { return };
    let end = (at + 1..sentence.end).find(|it| tree.tag(*it) == Tag::Comma).unwrap_or(sentence.end);
    let Some(content) = tree.trimmed(at + 1..end) else { return };
    let key = verb.to_owned();
    let (content, source) = (vec![content], Some(subject));
    found.push(Candidate {
        rule: Rule::Clause,
        extent: Extent::Tree,
        key,
        content,
        source,
        cue: at..at + 1,
        at,
    });
}

fn is_finite(tree: &Tree<'_>, at: usize) -> bool {
    matches!(tree.tag(at), Tag::VBD | Tag::VBZ | Tag::VBP | Tag::MD)
}

/// The "that" which introduces the content.
fn that(tree: &Tree<'_>, at: usize, end: usize) -> Option<usize> {
    (at + 1..end)
        .take(FAR)
        .take_while(|it| !is_finite(tree, *it) && !tree.is_quotation_mark(*it))
        .find(|it| tree.word(*it) == "that" && tree.tag(*it) == Tag::IN)
}

/// A content without "that": directly after the verb, or after a day or an addressee.
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

/// The end of the content: before the speaker is mentioned again, or at the end of the sentence.
fn end(tree: &Tree<'_>, start: usize, end: usize) -> usize {
    let stop = (start + 2..end).find(|it| {
        let before = *it - 1;
        match tree.tag(*it) {
            Tag::VBD | Tag::VBZ => tree.tag(before) == Tag::CC && tree.word(before) != "or",
            Tag::VBG => tree.tag(before) == Tag::Comma && tree.is_speech(*it),
            _ => tree.word(*it) == "according" || begins_remark(tree, *it),
        }
    });
    stop.map_or(end, |stop| stop - 1)
}

/// ", the latest of several": the reporter's own remark about what was said.
fn begins_remark(tree: &Tree<'_>, at: usize) -> bool {
    let next =
        |ahead: usize| if at + ahead < tree.words.len() { tree.word(at + ahead) } else { "" };
    tree.tag(at - 1) == Tag::Comma
        && matches!(
            (tree.word(at), next(1), next(2)),
            ("the", "latest", _)
                | ("a", "move" | "step", _)
                | ("in", "a", "move" | "step")
                | ("in", "what", _)
        )
}
