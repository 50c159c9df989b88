//! Finds who said what: reads attributions from the text of an article.
//!
//! Knows the grammar of attribution in English news, and makes proposals; a proposal is not
//! recorded until a person or a program records it. Must not know the ledger: the caller decides
//! whether a name is known there.

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

/// The version of the grammar; it increases whenever the same text can produce other proposals.
pub const VERSION: &str = "1";

/// An article to be read.
#[derive(Debug, Clone, Copy)]
pub struct Article<'a> {
    /// Its title, if it is separate from the body.
    pub title: Option<&'a str>,
    /// Its text.
    pub body: &'a str,
    /// The day it was published, from which "Friday" is computed.
    pub published: Option<NaiveDate>,
    /// Its publisher; telling something to the publisher is not a link of an attribution chain.
    pub publisher: Option<&'a str>,
    /// Ranges of the body that are not read, in bytes: corrections, a page's furniture.
    pub skip: &'a [Range<usize>],
}

/// The lowest confidence, in percent, that is proposed by default.
pub const DEFAULT_CONFIDENCE: u8 = 54;

/// The proposals for an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposed {
    /// The attributions, in the order of the text, title first.
    pub proposals: Vec<Proposal>,
    /// The limits that were reached, and therefore cut off proposals.
    pub bounds: Vec<ProposalBoundMet>,
}

/// Every attribution in the article, chosen by the model if one is given, and the limits that were
/// reached.
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

/// Every attribution in the article as chosen by a model, in the order of the text, title first.
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

/// One possible reading of a place in the text, however unlikely.
#[derive(Debug, Clone)]
pub struct Sighting {
    /// What would be proposed.
    pub proposal: Proposal,
    /// The rule and its extent, under which the sighting is counted.
    pub counted_as: String,
    /// The features of the reading: the name of each, and its value.
    pub features: Vec<(&'static str, &'static str)>,
    /// The words that are counted separately.
    pub topics: Vec<(&'static str, String)>,
}

/// Every place in the body where the grammar could read an attribution, in every possible reading:
/// the confidence figures are computed from counts of these.
pub fn survey(article: &Article<'_>) -> Vec<Sighting> {
    let tree = Tree::of(article.body);
    let candidates = grammar::candidates(&tree, |_| false, &mut Vec::new());
    let mut sightings = Vec::with_capacity(candidates.len());
    for candidate in candidates {
        let answers = features::values(&tree, &candidate).into_iter().zip(features::QUESTIONS);
        let features = answers.map(|(answer, (name, all))| (*name, all[usize::from(answer)]));
        let features: Vec<_> = features.collect();
        let counted_as = candidate::counted_as(candidate.rule, candidate.extent);
        let topics = features::TOPICS.iter().zip(features::topics(&tree, &candidate));
        let topics: Vec<_> =
            topics.filter_map(|(name, it)| Some((*name, it?.to_owned()))).collect();
        let proposal = assembly::bare(&tree, candidate);
        sightings.push(Sighting { proposal, counted_as, features, topics });
    }
    sightings
}
