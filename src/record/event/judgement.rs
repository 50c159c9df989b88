//! What is said of records once they are there: documents corrected; assertions checked, voided,
//! retracted, related, reviewed.
//!
//! Knows assertions by number. Must not know what became of them.

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

/// `document_corrected`: what is said about a document is replaced, whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentCorrected {
    /// The document.
    pub document: DocumentId,
    /// What is said about it from now on.
    pub metadata: Metadata,
    /// Why.
    pub why: Text,
}

closed_list! {
    /// What a check found.
    pub enum Outcome = "outcome" {
        /// It is as recorded.
        Right = "right",
        /// It is not.
        Wrong = "wrong",
        /// The text does not decide it.
        Unclear = "unclear",
    }
}

closed_list! {
    /// What of an assertion can be checked.
    pub enum Aspect = "aspect" {
        /// The words.
        Quote = "quote",
        /// Who said them.
        Speaker = "speaker",
        /// Through whom.
        Chain = "chain",
        /// The figures.
        Numbers = "numbers",
        /// When it holds, and when it was said.
        Dates = "dates",
        /// Whether it is given as it was meant, with what stands around it.
        Context = "context",
    }
}

/// `assertion_checked`: what was checked, with what outcome.
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
    /// Through whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chain: Option<Outcome>,
    /// The figures.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub numbers: Option<Outcome>,
    /// When it holds, and when it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dates: Option<Outcome>,
    /// Whether it is given as it was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<Outcome>,
    /// What the checker adds.
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
    /// What was checked, each with its outcome.
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

/// `assertion_voided`: we recorded it wrongly.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionVoided {
    /// The assertion.
    pub assertion: AssertionId,
    /// Why.
    pub why: Text,
}

/// `assertion_retracted`: the source took it back, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionRetracted {
    /// The assertion.
    pub assertion: AssertionId,
    /// Who took it back, where that is not its speaker.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_source: Option<SourceId>,
    /// The document in which they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// Where in it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
    /// Where else they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// When they did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Moment>,
    /// What the recorder adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Text>,
}

/// Why a check is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "nothing was checked: give an outcome for quote, speaker, chain, numbers, dates or context"
)]
struct NothingChecked;

closed_list! {
    /// How one assertion stands to another.
    pub enum Relation = "relation" {
        /// Both say the same.
        Same = "same",
        /// They only seem to.
        Different = "different",
        /// Both cannot be so.
        Contradicts = "contradicts",
        /// The left takes the place of the right.
        Revises = "revises",
        /// The left answers the right.
        RespondsTo = "responds_to",
    }
}

closed_list! {
    /// In what respect assertions are the same, or are not.
    pub enum Respect = "respect" {
        /// What is measured or counted.
        Measure = "measure",
        /// Among whom or what it is counted.
        Population = "population",
        /// For what time.
        Period = "period",
        /// Where.
        Place = "place",
        /// In what unit.
        Unit = "unit",
    }
}

/// `assertions_related`: that assertions stand in a relation, said by whom, and why. Several on a side
/// are taken together, as where one paper has in one sentence what another has in three.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionsRelated {
    /// The one side.
    #[serde(deserialize_with = "one_or_more")]
    pub left: OneOrMore<AssertionId>,
    /// The other.
    #[serde(deserialize_with = "one_or_more")]
    pub right: OneOrMore<AssertionId>,
    /// How the left stands to the right.
    pub relation: Relation,
    /// In what respects alone they are the same or different; none where that is said of all.
    #[serde(default, rename = "in", skip_serializing_if = "Vec::is_empty")]
    pub respects: Vec<Respect>,
    /// The source that says so; none where it is the recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_by: Option<SourceId>,
    /// Who or what found it; none where that is the recorder. What a program found, nobody has
    /// confirmed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
    /// Why.
    pub why: Text,
}

impl AssertionsRelated {
    /// Every assertion in it: those on the left, then those on the right.
    pub fn assertions(&self) -> impl Iterator<Item = AssertionId> {
        self.left.as_slice().iter().chain(self.right.as_slice()).copied()
    }
}

/// Where a rating stands on its reviewer's scale.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scale {
    /// The rating as a number.
    pub value: Amount,
    /// The number of the worst rating there is.
    pub worst: Amount,
    /// The number of the best.
    pub best: Amount,
}

/// `claim_reviewed`: a fact-checker's published rating (schema.org ClaimReview).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimReviewed {
    /// An assertion of the claim.
    pub assertion: AssertionId,
    /// Who rated it.
    pub reviewer: SourceId,
    /// The rating in the reviewer's words.
    pub rating: Text,
    /// The same as a number, where the reviewer gives one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scale: Option<Scale>,
    /// The captured review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
    /// Where in it the rating stands.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
    /// Where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
}
