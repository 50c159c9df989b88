//! Who said what: attributions read from the text of an article.
//!
//! Knows the grammar of attribution in English news, and proposes; a proposal is nobody's record
//! until a person or a program records it. Must not know the ledger: whether a name is known there
//! is for the caller to say.

mod lexicon;
mod proposal;
mod quotation;

mod bound;
mod flat;
mod gazetteer;
mod tree;

mod candidate;
mod mention;

mod entities;
mod features;
mod grammar;
mod manner;

mod choice;
mod particulars;
mod speaker;

mod chain;
mod model;
mod own_voice;

mod assembly;

use std::ops::Range;

use chrono::NaiveDate;

pub use self::bound::{ProposalBound, ProposalBoundMet};
pub use self::flat::flat;
pub use self::model::Model;
pub use self::model::file::{LARGEST as LARGEST_MODEL, ModelError};
pub use self::model::training::{TrainError, train};

use self::assembly::ZoneReading;
use self::bound::Bounds;
use self::choice::Choice;
use self::entities::Entities;
pub use self::proposal::{Link, Proposal, Span, Speaker};
use self::tree::Tree;
use crate::domain::selector::Zone;

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
pub const DEFAULT_CONFIDENCE: u8 = 54;

/// What is proposed of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The attributions, in the order of the text, title first.
    pub proposals: Vec<Proposal>,
    /// The bounds that were met: where there is more than is proposed.
    pub bounds: Vec<ProposalBoundMet>,
}

/// Every attribution in the article, as a model has it if one is given; and where there are more
/// than are proposed.
pub fn propose(article: &Article<'_>, model: Option<&Model>) -> Proposed {
    let Some(model) = model else {
        return read_by(article, |tree, crowded| {
            let candidates = grammar::candidates(tree, choice::is_hopeless, crowded);
            choice::choose(tree, candidates, choice::LEAST)
        });
    };
    let mut proposed = read_by(article, |tree, crowded| {
        let candidates = grammar::candidates(tree, choice::is_hopeless, crowded);
        let choices = choice::choose(tree, candidates.clone(), choice::LEAST);
        model.choose(tree, &candidates, choices)
    });
    for proposal in &mut proposed.proposals {
        proposal.rule = candidate::as_read_by_a_model(proposal.rule);
    }
    proposed
}

/// Every attribution in the article, in the order of the text, title first.
pub fn read(article: &Article<'_>) -> Vec<Proposal> {
    propose(article, None).proposals
}

/// Every attribution in the article as a model has it, in the order of the text, title first.
pub fn read_with(article: &Article<'_>, model: &Model) -> Vec<Proposal> {
    propose(article, Some(model)).proposals
}

fn read_by(
    article: &Article<'_>,
    choose: impl Fn(&Tree<'_>, &mut Vec<usize>) -> Vec<Choice>,
) -> Proposed {
    let text = bound::read(article.body);
    let body = Tree::of(text);
    let cast = Entities::of(&body);
    let title = article.title.map(Tree::of);
    let titled = title.iter().map(|tree| (Zone::Title, tree, &[][..]));
    let (mut proposals, mut bounds) = (Vec::new(), Bounds::default());
    for (zone, tree, skip) in titled.chain([(Zone::Body, &body, article.skip)]) {
        let Article { published, publisher, .. } = *article;
        let (cast, cast_tree) = (&cast, &body);
        let reading = ZoneReading { tree, zone, cast, cast_tree, published, publisher, skip };
        let mut crowded = Vec::new();
        let choices = choose(tree, &mut crowded);
        for start in crowded {
            bounds.meet(ProposalBound::Sentence, reading.span(&(start..start + 1)));
        }
        proposals.extend(assembly::proposals(&reading, choices, &mut bounds));
    }
    if text.len() < article.body.len() {
        let start = text.chars().count();
        bounds.meet(ProposalBound::Words, Span { zone: Zone::Body, start, end: start });
    }
    Proposed { proposals, bounds: bounds.met() }
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
    /// The words that are counted by themselves.
    pub topics: Vec<(&'static str, String)>,
}

/// Every place of the body where the grammar could read an attribution, in every way it could: what
/// the counts behind the confidence are counted on.
pub fn survey(article: &Article<'_>) -> Vec<Sighting> {
    let tree = Tree::of(article.body);
    let candidates = grammar::candidates(&tree, |_| false, &mut Vec::new());
    let mut sightings = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let answers = features::traits(&tree, &candidate).into_iter().zip(features::QUESTIONS);
        let traits = answers.map(|(answer, (name, all))| (*name, all[usize::from(answer)]));
        let traits: Vec<_> = traits.collect();
        let counted_as = candidate::counted_as(candidate.rule, candidate.extent);
        let topics = features::TOPICS.iter().zip(features::topics(&tree, &candidate));
        let topics: Vec<_> =
            topics.filter_map(|(name, it)| Some((*name, it?.to_owned()))).collect();
        let proposal = assembly::bare(&tree, candidate);
        sightings.push(Sighting { proposal, counted_as, traits, topics });
    }
    sightings
}
