//! Describes a candidate, besides its rule and cue, by a few plain features that make it more or
//! less likely to be right.
//!
//! Knows the words in and around a candidate. Must not know the weight of a feature.

use super::candidate::{Candidate, Rule};
use super::tree::{Tree, WordRange};
use crate::reading::syntax::{Relation, Tag};

/// The features of a candidate, and their possible values.
pub(super) const QUESTIONS: &[(&str, &[&str])] = &[
    ("source", &["none", "he", "they", "i", "who", "name", "noun", "other"]),
    ("form", &["past", "present", "plural", "ing", "participle", "bare", "none"]),
    ("tie", &["root", "conj", "advcl", "acl", "relcl", "xcomp", "ccomp", "parataxis", "other"]),
    ("length", &["1", "2", "3", "5", "8", "13", "21", "34"]),
    ("next", &["stop", "comma", "and", "preposition", "verb", "mark", "noun", "other"]),
    (
        "first",
        &["mark", "article", "pronoun", "name", "noun", "to", "preposition", "verb", "wh", "other"],
    ),
    ("place", &["open", "quoted"]),
    ("aux", &["none", "modal", "negated", "other"]),
    ("gap", &["0", "1", "3", "8", "before"]),
    ("opener", &["other", "while", "as", "if", "when", "in", "because"]),
    (
        "beyond",
        &["none", "and", "but", "which", "ing", "while", "noun", "according", "verb", "other"],
    ),
];

/// The values of all features for one candidate, as indexes.
pub(super) type FeatureValues = [u8; QUESTIONS.len()];

pub(super) fn values(tree: &Tree<'_>, candidate: &Candidate) -> FeatureValues {
    // The phrase itself shows who speaks, so what follows its words adds no information.
    let is_told = candidate.rule == Rule::According;
    let unless_told = |answer: u8| if is_told { 0 } else { answer };
    [
        source(tree, candidate),
        form(tree, candidate.at),
        tie(tree, candidate.at),
        length(candidate),
        unless_told(next(tree, candidate)),
        first(tree, candidate),
        u8::from(tree.quotation(candidate.at).is_some()),
        auxiliary(tree, candidate.at),
        unless_told(gap(candidate)),
        opener(tree, candidate.at),
        unless_told(beyond(tree, candidate)),
    ]
}

/// The words that are counted separately, whatever the rule.
pub(super) const TOPICS: &[&str] = &["word", "speaker", "topic"];

/// The head of the cue, of the source and of the content, if they are words that may recur.
pub(super) fn topics<'t>(tree: &'t Tree<'_>, candidate: &'t Candidate) -> [Option<&'t str>; 3] {
    let word = candidate.key.split(' ').next();
    let speaker = candidate.source.as_ref().and_then(|source| head(tree, source));
    [word, speaker, head(tree, &candidate.content[0])]
}

/// The common noun that heads a phrase.
fn head<'t>(tree: &'t Tree<'_>, words: &WordRange) -> Option<&'t str> {
    let mut last = None;
    for at in words.clone().take(8) {
        match tree.tag(at) {
            Tag::NN | Tag::NNS => last = Some(at),
            Tag::NNP | Tag::NNPS => last = None,
            Tag::DT
            | Tag::JJ
            | Tag::CD
            | Tag::PRPS
            | Tag::POS
            | Tag::HYPH
            | Tag::JJR
            | Tag::JJS
            | Tag::VBN => {}
            _ if last.is_some() => break,
            _ => return None,
        }
    }
    last.map(|at| tree.word(at))
}

fn source(tree: &Tree<'_>, candidate: &Candidate) -> u8 {
    let Some(source) = &candidate.source else { return 0 };
    if source.len() == 1 {
        match tree.word(source.start) {
            "he" | "she" | "him" | "her" | "his" => return 1,
            "they" | "it" | "them" | "their" | "its" | "this" | "that" | "these" | "those" => {
                return 2;
            }
            "i" | "we" | "you" | "my" | "our" | "your" | "me" | "us" => return 3,
            "who" | "which" | "what" => return 4,
            _ => {}
        }
    }
    if source.clone().any(|at| matches!(tree.tag(at), Tag::NNP | Tag::NNPS)) {
        5
    } else if source.clone().any(|at| tree.is_noun(at)) {
        6
    } else {
        7
    }
}

fn form(tree: &Tree<'_>, at: usize) -> u8 {
    match tree.tag(at) {
        Tag::VBD => 0,
        Tag::VBZ => 1,
        Tag::VBP => 2,
        Tag::VBG => 3,
        Tag::VBN => 4,
        Tag::VB => 5,
        _ => 6,
    }
}

fn tie(tree: &Tree<'_>, at: usize) -> u8 {
    match tree.relation(at) {
        Relation::Root => 0,
        Relation::Conj => 1,
        Relation::Advcl => 2,
        Relation::Acl => 3,
        Relation::AclRelcl => 4,
        Relation::Xcomp => 5,
        Relation::Ccomp => 6,
        Relation::Parataxis => 7,
        _ => 8,
    }
}

fn length(candidate: &Candidate) -> u8 {
    match candidate.content[0].len() {
        0 | 1 => 0,
        2 => 1,
        3 | 4 => 2,
        5..=7 => 3,
        8..=12 => 4,
        13..=20 => 5,
        21..=33 => 6,
        _ => 7,
    }
}

fn next(tree: &Tree<'_>, candidate: &Candidate) -> u8 {
    let mut at = candidate.content[0].end;
    // Some outlets put the comma before a speaker outside the quotation.
    let is_before_speaker = candidate.source.as_ref().is_some_and(|source| source.start == at + 1);
    if is_before_speaker && tree.tag(at) == Tag::Comma && tree.is_quotation_mark(at - 1) {
        at += 1;
    }
    if at >= tree.words.len() || tree.line(at) != tree.line(at - 1) {
        return 0;
    }
    match tree.tag(at) {
        Tag::Period => 0,
        Tag::Comma => 1,
        Tag::CC => 2,
        Tag::IN | Tag::TO => 3,
        _ if tree.is_verb(at) || tree.tag(at) == Tag::MD => 4,
        _ if tree.is_punctuation(at) => 5,
        _ if tree.is_noun(at) => 6,
        _ => 7,
    }
}

fn first(tree: &Tree<'_>, candidate: &Candidate) -> u8 {
    let at = candidate.content[0].start;
    match tree.tag(at) {
        _ if tree.is_quotation_mark(at) => 0,
        Tag::DT | Tag::PDT => 1,
        Tag::PRP | Tag::PRPS | Tag::EX => 2,
        Tag::NNP | Tag::NNPS => 3,
        Tag::NN | Tag::NNS | Tag::JJ | Tag::CD => 4,
        Tag::TO => 5,
        Tag::IN => 6,
        _ if tree.is_verb(at) => 7,
        Tag::WDT | Tag::WP | Tag::WRB | Tag::WPS => 8,
        _ => 9,
    }
}

fn auxiliary(tree: &Tree<'_>, at: usize) -> u8 {
    let mut found = 0;
    for child in tree.children(at).filter(|child| *child < at) {
        if tree.tag(child) == Tag::MD {
            found = 1;
        }
        if matches!(tree.word(child), "n't" | "not" | "never" | "n’t") {
            return 2;
        }
        if found == 0 && matches!(tree.relation(child), Relation::Aux | Relation::AuxPass) {
            found = 3;
        }
    }
    found
}

/// The number of words between the cue and the content.
fn gap(candidate: &Candidate) -> u8 {
    match candidate.content[0].start.checked_sub(candidate.at + 1) {
        None => 4,
        Some(0) => 0,
        Some(1 | 2) => 1,
        Some(3..=7) => 2,
        Some(_) => 3,
    }
}

/// The first word of the sentence, if it makes the sentence subordinate.
fn opener(tree: &Tree<'_>, at: usize) -> u8 {
    match tree.word(tree.sentence(at).start) {
        "while" | "although" | "though" | "even" | "whereas" => 1,
        "as" => 2,
        "if" | "unless" | "whether" => 3,
        "when" | "after" | "before" | "since" | "until" => 4,
        "in" | "on" | "at" | "for" | "with" | "by" | "despite" | "during" => 5,
        "because" => 6,
        _ => 0,
    }
}

/// What follows the comma or dash that ends the content.
fn beyond(tree: &Tree<'_>, candidate: &Candidate) -> u8 {
    let end = candidate.content[0].end;
    let sentence = tree.sentence(end - 1).end;
    if end + 1 >= sentence || !tree.is_punctuation(end) {
        return 0;
    }
    match tree.tag(end + 1) {
        _ if tree.word(end + 1) == "but" => 2,
        Tag::CC => 1,
        Tag::WDT | Tag::WP | Tag::WRB => 3,
        _ if tree.word(end + 1) == "according" => 7,
        Tag::VBG => 4,
        Tag::IN => 5,
        Tag::VBD | Tag::VBZ | Tag::VBN | Tag::MD => 8,
        Tag::DT | Tag::NN | Tag::NNS | Tag::NNP | Tag::NNPS | Tag::PRP => 6,
        _ => 9,
    }
}
