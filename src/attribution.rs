//! Who said what: attributions read from the text of an article.
//!
//! Knows the grammar of attribution in English news, and proposes; a proposal is nobody's record
//! until a person or a program records it. Must not know the ledger: whether a name is known there
//! is for the caller to say.

mod assembly;
mod candidate;
mod choice;
mod grammar;
mod lexicon;
mod proposal;
mod quotation;
mod tree;

use std::ops::Range;

use chrono::NaiveDate;

use self::choice::Choice;
pub use self::proposal::{Link, Proposal, Span, Speaker};
use self::tree::Tree;
use crate::selector::Zone;

/// The name under which this extractor is recorded.
pub const EXTRACTOR: &str = "testimony";

/// The version of the grammar: it rises whenever the same text can give other proposals.
pub const VERSION: &str = "1";

/// An article as it is read.
#[derive(Debug, Clone, Copy)]
pub struct Article<'a> {
    /// Its title, if that stands apart from its body.
    pub title: Option<&'a str>,
    /// Its text.
    pub body: &'a str,
    /// The day it was published: what "Friday" is counted from.
    pub published: Option<NaiveDate>,
    /// Who published it: being told something by them is no link of a chain.
    pub publisher: Option<&'a str>,
    /// Stretches of the body that nothing is read from, in bytes: corrections, a page's furniture.
    pub skip: &'a [Range<usize>],
}

/// The confidence, in percent, under which nothing is proposed unless it is asked for.
pub const DEFAULT_CONFIDENCE: u8 = 0;

/// Every attribution in the article, in the order of the text, title first.
pub fn read(article: &Article<'_>) -> Vec<Proposal> {
    read_all(article, LEAST)
}

/// The confidence under which a reading costs more than it finds.
const LEAST: u8 = 25;

fn read_all(article: &Article<'_>, least: u8) -> Vec<Proposal> {
    let zones = article.title.map(|title| (Zone::Title, title)).into_iter();
    zones
        .chain([(Zone::Body, article.body)])
        .flat_map(|(zone, text)| {
            let tree = Tree::of(text);
            let candidates = grammar::candidates(&tree);
            let choices = choice::choose(&tree, candidates, least);
            assembly::proposals(&tree, zone, choices)
        })
        .collect()
}

/// Every place where the grammar could read an attribution, however unlikely, and each in every way
/// it could: what the counts behind the confidence are counted on.
pub fn survey(article: &Article<'_>) -> Vec<Proposal> {
    let tree = Tree::of(article.body);
    let choices = grammar::candidates(&tree).into_iter().map(Choice::certain).collect();
    assembly::proposals(&tree, Zone::Body, choices)
}
