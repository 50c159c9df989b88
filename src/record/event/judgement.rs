//! Defines the events that judge earlier records: documents corrected; assertions checked, voided,
//! retracted, related or reviewed.
//!
//! Knows assertions by number. Must not know their current state.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::domain::claim::{FoundBy, OneOrMore, one_or_more};
use crate::domain::document::{Address, Metadata};
use crate::domain::id::{AssertionId, DocumentId, SourceId};
use crate::domain::moment::Moment;
use crate::domain::quantity::Amount;
use crate::domain::selector::Selector;
use crate::domain::spelling::closed_list;
use crate::domain::text::Text;

/// `document_corrected`: replaces everything that is recorded about a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCorrected {
    /// The document.
    pub document: DocumentId,
    /// The new metadata.
    pub metadata: Metadata,
    /// The reason.
    pub why: Text,
}

closed_list! {
    /// The outcome of checking one aspect.
    pub enum Outcome = "outcome" {
        /// It is as recorded.
        Right = "right",
        /// It is not as recorded.
        Wrong = "wrong",
        /// The text does not settle it.
        Unclear = "unclear",
    }
}

closed_list! {
    /// An aspect of an assertion that can be checked.
    pub enum Aspect = "aspect" {
        /// The words.
        Quote = "quote",
        /// Who said them.
        Speaker = "speaker",
        /// The sources through which they came.
        Chain = "chain",
        /// The figures.
        Numbers = "numbers",
        /// When it holds, and when it was said.
        Dates = "dates",
        /// Whether the words mean in their context what the assertion says.
        Context = "context",
    }
}

/// `assertion_checked`: the aspects that were checked, with their outcomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, remote = "Self")]
pub struct AssertionChecked {
    /// The assertion.
    pub assertion: AssertionId,
    /// The words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<Outcome>,
    /// Who said them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<Outcome>,
    /// The sources through which they came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Outcome>,
    /// The figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Outcome>,
    /// When it holds, and when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Outcome>,
    /// Whether the words mean in their context what the assertion says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Outcome>,
    /// A note by the checker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl Serialize for AssertionChecked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Self::serialize(self, serializer)
    }
}

impl<'de> Deserialize<'de> for AssertionChecked {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let checked = Self::deserialize(deserializer)?;
        if checked.outcomes().next().is_none() {
            return Err(D::Error::custom(NothingChecked));
        }
        Ok(checked)
    }
}

impl AssertionChecked {
    /// The aspects that were checked, each with its outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (Aspect, Outcome)> {
        [
            (Aspect::Quote, self.quote),
            (Aspect::Speaker, self.speaker),
            (Aspect::Chain, self.chain),
            (Aspect::Numbers, self.numbers),
            (Aspect::Dates, self.dates),
            (Aspect::Context, self.context),
        ]
        .into_iter()
        .filter_map(|(aspect, outcome)| outcome.map(|outcome| (aspect, outcome)))
    }
}

/// `assertion_voided`: the assertion was recorded wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionVoided {
    /// The assertion.
    pub assertion: AssertionId,
    /// The reason.
    pub why: Text,
}

/// `assertion_retracted`: the source retracted the assertion, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionRetracted {
    /// The assertion.
    pub assertion: AssertionId,
    /// The source that retracted it, if that is not its speaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_source: Option<SourceId>,
    /// The document with the retraction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// The words of the retraction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
    /// The address of the retraction, if it was published elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// When it was retracted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Moment>,
    /// A note by the recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

/// Why a check is not valid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "nothing was checked: give an outcome for quote, speaker, chain, numbers, dates or context"
)]
struct NothingChecked;

closed_list! {
    /// The relation of one assertion to another.
    pub enum Relation = "relation" {
        /// Both say the same.
        Same = "same",
        /// They only seem to say the same.
        Different = "different",
        /// They cannot both be true.
        Contradicts = "contradicts",
        /// The left replaces the right.
        Revises = "revises",
        /// The left responds to the right.
        RespondsTo = "responds_to",
    }
}

closed_list! {
    /// The respect in which assertions are the same or different.
    pub enum Respect = "respect" {
        /// What is measured or counted.
        Measure = "measure",
        /// The population in which it is counted.
        Population = "population",
        /// The period it is for.
        Period = "period",
        /// The place it is for.
        Place = "place",
        /// The unit it is in.
        Unit = "unit",
    }
}

/// `assertions_related`: states a relation between assertions, with its author and reason. Several
/// on one side are taken together, for example if one article says in one sentence what another
/// says in three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionsRelated {
    /// The left side.
    #[serde(deserialize_with = "one_or_more")]
    pub left: OneOrMore<AssertionId>,
    /// The right side.
    #[serde(deserialize_with = "one_or_more")]
    pub right: OneOrMore<AssertionId>,
    /// The relation of the left to the right.
    pub relation: Relation,
    /// The only respects in which they are the same or different; empty if they are so in all.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub respects: Vec<Respect>,
    /// The source that says so; `None` if it is the recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_by: Option<SourceId>,
    /// Who or what found it; `None` if that is the recorder. A relation found by a program has not
    /// been confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
    /// The reason.
    pub why: Text,
}

impl AssertionsRelated {
    /// Every assertion in it: those on the left, then those on the right.
    pub fn assertions(&self) -> impl Iterator<Item = AssertionId> {
        self.left.as_slice().iter().chain(self.right.as_slice()).copied()
    }
}

/// The position of a rating on its reviewer's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The rating as a number.
    pub value: Amount,
    /// The number of the worst possible rating.
    pub worst: Amount,
    /// The number of the best possible rating.
    pub best: Amount,
}

/// `claim_reviewed`: a fact-checker's published rating (schema.org ClaimReview).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimReviewed {
    /// An assertion of the claim.
    pub assertion: AssertionId,
    /// The source that rated it.
    pub reviewer: SourceId,
    /// The rating in the reviewer's words.
    pub rating: Text,
    /// The rating as a number, if the reviewer gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The captured review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// The words of the rating in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
    /// The address at which it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
}
