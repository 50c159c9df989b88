//! Who said what: attributions read from the text of an article.
//!
//! Knows the grammar of attribution in English news, and proposes; a proposal is nobody's record
//! until a person or a program records it. Must not know the ledger: whether a name is known there
//! is for the caller to say.

mod candidate;
mod choice;
mod grammar;
mod lexicon;
mod model;
mod proposal;
mod quotation;
mod traits;
mod tree;

use chrono::NaiveDate;

use self::choice::Choice;
use self::tree::Tree;
use crate::claim::{Act, Confidence, Form, Framing, Polarity, Resolution, Role, Voice};
use crate::id::Name;
use crate::moment::{Moment, Period};
use crate::quantity::Quantity;
use crate::selector::Zone;
use crate::source::SourceKind;

pub mod score;

pub use self::model::Model;

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
}

/// A stretch of a zone of the article, in Unicode code points, end exclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// In the title or the body.
    pub zone: Zone,
    /// Its first code point.
    pub start: usize,
    /// The code point after its last.
    pub end: usize,
}

/// Someone or something that speaks, as the text mentions it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Where it is mentioned in the attribution: a name, a description or a pronoun.
    pub mention: Span,
    /// Its fullest name in the document if it is named, else the words that mention it.
    pub name: Name,
    /// Whether `name` is a proper name, which other documents may share; "critics" is none.
    pub is_named: bool,
    /// What kind of speaker it is.
    pub kind: SourceKind,
    /// Whom it speaks for, by name.
    pub speaks_for: Option<Name>,
}

/// One link of an attribution, origin first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Who; at least one.
    pub speakers: Vec<Speaker>,
    /// In what role.
    pub role: Role,
    /// The words that attribute.
    pub cue: Vec<Span>,
    /// How the mention is known to be the speaker.
    pub resolution: Resolution,
    /// What this link said, where that differs from the proposal's content.
    pub content: Vec<Span>,
}

/// One attribution, as it would be recorded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// The words attributed, in their pieces; at least one.
    pub content: Vec<Span>,
    /// The chain, origin first; empty where the voice is the outlet's or nobody's.
    pub hops: Vec<Link>,
    /// The cue where no hop holds it, as with "reportedly".
    pub cue: Vec<Span>,
    /// Whose voice the words are in.
    pub voice: Voice,
    /// How they are given.
    pub form: Form,
    /// Where the reporter stands to them.
    pub framing: Framing,
    /// Whether the speaker affirms.
    pub polarity: Polarity,
    /// What the speaker does in saying it.
    pub act: Act,
    /// Whom it accuses.
    pub against: Vec<Speaker>,
    /// The condition under which it is said to hold.
    pub condition: Option<Span>,
    /// When it was said.
    pub said: Option<Moment>,
    /// Its figures.
    pub quantities: Vec<Quantity>,
    /// Where it holds.
    pub place: Option<Name>,
    /// When it holds.
    pub holds: Option<Period>,
    /// Whether it stands within another proposal's content.
    pub is_nested: bool,
    /// The rule that made it, as docs/attribution.md lists them, and the cue as the lexicon has it.
    pub rule: &'static str,
    /// The cue as the lexicon has it: "say", "call for".
    pub key: String,
    /// How often this rule with this cue is right, in percent; see docs/attribution.md.
    pub confidence: Confidence,
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
            proposal::proposals(&tree, zone, choices)
        })
        .collect()
}

/// Every attribution in the article as a model reads it, in the order of the text, title first.
pub fn read_with(article: &Article<'_>, model: &Model) -> Vec<Proposal> {
    let zones = article.title.map(|title| (Zone::Title, title)).into_iter();
    zones
        .chain([(Zone::Body, article.body)])
        .flat_map(|(zone, text)| {
            let tree = Tree::of(text);
            let candidates = grammar::candidates(&tree);
            let choices = choice::choose(&tree, candidates.clone(), LEAST);
            let choices = model.choose(&tree, &candidates, &choices);
            proposal::proposals(&tree, zone, choices)
        })
        .collect()
}

/// Learns a model from annotated articles.
pub fn train(articles: &[crate::annotation::Annotated], told: &mut dyn FnMut(&str)) -> Model {
    model::training::train(articles, told)
}

/// One way to read a place of the text, however unlikely.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// What would be proposed.
    pub proposal: Proposal,
    /// The rule, with how far it is read to reach: what it is counted as.
    pub counted_as: String,
    /// What it looks like: a question and its answer each.
    pub traits: Vec<(&'static str, &'static str)>,
}

/// Every place of the body where the grammar could read an attribution, in every way it could: what
/// the counts behind the confidence are counted on.
pub fn survey(article: &Article<'_>) -> Vec<Sighting> {
    let tree = Tree::of(article.body);
    let candidates = grammar::candidates(&tree);
    let mut sightings = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let answers = traits::traits(&tree, &candidate).into_iter().zip(traits::QUESTIONS);
        let traits = answers.map(|(answer, (name, all))| (*name, all[usize::from(answer)]));
        let traits: Vec<_> = traits.collect();
        let counted_as = candidate.counted_as();
        let choices = vec![Choice::certain(candidate)];
        let proposals = proposal::proposals(&tree, Zone::Body, choices);
        for proposal in proposals {
            sightings.push(Sighting { proposal, counted_as: counted_as.clone(), traits: Vec::clone(&traits) });
        }
    }
    sightings
}
