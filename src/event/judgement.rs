//! What is said of records once they are there: documents corrected; assertions checked, voided,
//! retracted, related, reviewed.
//!
//! Knows assertions by number. Must not know what became of them.

use serde::{Deserialize, Serialize};

use crate::claim::Text;
use crate::document::{Address, Metadata};
use crate::id::{AssertionId, DocumentId, Name, SourceId};
use crate::moment::Moment;
use crate::selector::Selector;

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

/// What a check found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It is as recorded.
    Right,
    /// It is not.
    Wrong,
    /// The text does not decide it.
    Unclear,
}

impl Outcome {
    /// The wire tag.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Right => "right",
            Self::Wrong => "wrong",
            Self::Unclear => "unclear",
        }
    }
}

/// What of an assertion can be checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Aspect {
    /// The words.
    Quote,
    /// Who said them.
    Speaker,
    /// Through whom.
    Chain,
    /// The figures.
    Numbers,
}

impl Aspect {
    /// The name of its field.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Quote => "quote",
            Self::Speaker => "speaker",
            Self::Chain => "chain",
            Self::Numbers => "numbers",
        }
    }
}

/// `assertion_checked`: what was checked, with what outcome.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
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
    /// What the checker adds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<Text>,
}

impl AssertionChecked {
    /// What was checked, each with its outcome.
    pub fn outcomes(&self) -> impl Iterator<Item = (Aspect, Outcome)> {
        [
            (Aspect::Quote, self.quote),
            (Aspect::Speaker, self.speaker),
            (Aspect::Chain, self.chain),
            (Aspect::Numbers, self.numbers),
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

/// How one assertion stands to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Both say the same.
    Same,
    /// They only seem to.
    Different,
    /// Both cannot be so.
    Contradicts,
    /// The left takes the place of the right.
    Revises,
    /// The left answers the right.
    RespondsTo,
}

/// `assertions_related`: that two assertions stand in a relation, said by whom, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AssertionsRelated {
    /// The one.
    pub left: AssertionId,
    /// The other.
    pub right: AssertionId,
    /// How the left stands to the right.
    pub relation: Relation,
    /// The source that says so; none where it is the recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said_by: Option<SourceId>,
    /// Why.
    pub why: Text,
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
    pub rating: Name,
    /// Where it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Address>,
    /// When it was published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub published: Option<Moment>,
}
