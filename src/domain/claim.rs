//! Defines claims: what is said to be so, the attribution that says who said it, and the assertion
//! that combines the two at one place in one document.
//!
//! Knows words, figures, and sources by name. Must not know whether any of them exists.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

use crate::domain::digest::{ClaimHash, Identity};
use crate::domain::id::{AssertionId, DocumentId, SourceId, TopicId};
use crate::domain::moment::{Moment, Period};
use crate::domain::quantity::Quantity;
use crate::domain::selector::Selector;
use crate::domain::spelling::{closed_list, tagged};
use crate::domain::text::{Language, Name, Text};

mod encoded;

pub use encoded::Encoded;

/// Why fields are not an assertion.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// A list that must not be empty.
    #[error(
        "a list is empty: give at least one item in `content` and in the `sources` of each hop"
    )]
    Empty,
    /// A capacity with neither words nor a principal.
    #[error("a capacity is empty: give its `words`, or whom they speak for (`speaks_for`)")]
    Capacity,
    /// Above 100 percent.
    #[error("a confidence of {0} is out of range: give a whole number of percent, 0 to 100")]
    Confidence(u8),
}

/// A list with at least one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct OneOrMore<T>(Vec<T>);

impl<T> OneOrMore<T> {
    /// A list of one item.
    pub fn one(item: T) -> Self {
        Self(vec![item])
    }
}

/// Reads a list, or a single item without brackets: people may write it that way, and it is sealed
/// as a list.
pub(crate) fn one_or_more<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<OneOrMore<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum OneOrList<T> {
        List(Vec<T>),
        One(T),
    }
    match OneOrList::deserialize(deserializer)? {
        OneOrList::List(items) => OneOrMore::try_from(items).map_err(D::Error::custom),
        OneOrList::One(item) => Ok(OneOrMore::one(item)),
    }
}

// Written by hand because a derived implementation would copy the list.
impl<T: Serialize> Serialize for OneOrMore<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<T> OneOrMore<T> {
    /// The items.
    pub fn as_slice(&self) -> &[T] {
        &self.0
    }

    /// The first item.
    pub fn first(&self) -> &T {
        &self.0[0]
    }
}

impl<T> TryFrom<Vec<T>> for OneOrMore<T> {
    type Error = ClaimError;

    fn try_from(items: Vec<T>) -> Result<Self, ClaimError> {
        if items.is_empty() { Err(ClaimError::Empty) } else { Ok(Self(items)) }
    }
}

impl<T> From<OneOrMore<T>> for Vec<T> {
    fn from(list: OneOrMore<T>) -> Self {
        list.0
    }
}

/// What is said to be so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its words: those of the content, or a plainer wording of them.
    pub words: Text,
    /// Its figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// The topics it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<TopicId>,
    /// The place for which it holds.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
    /// The time at which it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Period>,
    /// The language of its words, if it is not the document's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Claim {
    /// The identity of the claim: a hash over all of its JSON.
    pub fn hash(&self) -> ClaimHash {
        // Encoding a claim into memory cannot fail: its keys are strings.
        encoded::claim_hash(&serde_json::to_vec(self).unwrap_or_default())
    }
}

closed_list! {
    /// What a hop did with the words.
    pub enum Role = "role" {
        /// Said it.
        Said = "said",
        /// Was quoted by the next hop.
        Quoted = "quoted",
        /// Was told it, and passed it on.
        ToldTo = "told_to",
        /// Is what the claim is based on.
        BasedOn = "based_on",
        /// Passed on what someone else said.
        Relayed = "relayed",
    }
}

closed_list! {
    /// How it is known that a mention is this source.
    pub enum Resolution = "resolution", default Explicit {
        /// The mention names it.
        Explicit = "explicit",
        /// A pronoun or short form that the text makes clear.
        Resolved = "resolved",
        /// Someone inferred it.
        Inferred = "inferred",
    }
}

/// The capacity in which a document presents a speaker: its words for it, whom they speak for, or
/// both. It takes precedence over what is otherwise known of them, and stays when they change
/// employer.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "CapacityFields")]
pub struct Capacity {
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<Name>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    speaks_for: Vec<SourceId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CapacityFields {
    #[serde(default)]
    words: Option<Name>,
    #[serde(default)]
    speaks_for: Vec<SourceId>,
}

impl TryFrom<CapacityFields> for Capacity {
    type Error = ClaimError;

    fn try_from(fields: CapacityFields) -> Result<Self, ClaimError> {
        Self::new(fields.words, fields.speaks_for)
    }
}

impl Capacity {
    /// A capacity in the document's words, for others, or both.
    pub fn new(words: Option<Name>, speaks_for: Vec<SourceId>) -> Result<Self, ClaimError> {
        if words.is_none() && speaks_for.is_empty() {
            return Err(ClaimError::Capacity);
        }
        Ok(Self { words, speaks_for })
    }

    /// The document's words for it: `spokesperson`.
    pub const fn words(&self) -> Option<&Name> {
        self.words.as_ref()
    }

    /// The sources they speak for.
    pub fn speaks_for(&self) -> &[SourceId] {
        &self.speaks_for
    }
}

/// One link of an attribution chain, which begins at the origin.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// The sources that speak.
    pub sources: OneOrMore<SourceId>,
    /// Their role.
    pub role: Role,
    /// Where the text mentions them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention: Vec<Selector>,
    /// The words that attribute, such as a verb of saying.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cue: Vec<Selector>,
    /// How the mention is known to be them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resolution: Resolution,
    /// The capacity in which the document presents them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// What this hop said, if it differs from the assertion's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
}

impl Hop {
    /// Every source that it names: the speakers, then those they speak for here.
    pub fn named(&self) -> impl Iterator<Item = &SourceId> {
        let principals = self.capacity.as_ref().map_or(&[][..], Capacity::speaks_for);
        self.sources.as_slice().iter().chain(principals)
    }
}

closed_list! {
    /// Whose voice the words are in.
    pub enum Voice = "voice", default Attributed {
        /// A source's, given by the hops.
        Attributed = "attributed",
        /// The outlet's own.
        Outlet = "outlet",
        /// No particular source's: "reportedly".
        Hearsay = "hearsay",
        /// A source's that the text only implies.
        Implied = "implied",
    }
}

closed_list! {
    /// How the words are reported.
    pub enum Form = "form", default Indirect {
        /// As a quotation.
        Direct = "direct",
        /// In the reporter's words.
        Indirect = "indirect",
        /// In the reporter's words with quotations in them.
        Mixed = "mixed",
    }
}

closed_list! {
    /// The reporter's stance towards the words.
    pub enum Framing = "framing", default Neutral {
        /// Neutral: "said".
        Neutral = "neutral",
        /// Distancing: "claimed", "alleged".
        Distancing = "distancing",
        /// Endorsing: "pointed out".
        Endorsing = "endorsing",
    }
}

closed_list! {
    /// Whether the speaker affirms the claim.
    pub enum Polarity = "polarity", default Affirms {
        /// The source says that it is so.
        Affirms = "affirms",
        /// The source says that it is not so.
        Denies = "denies",
        /// The source declines to comment.
        NoComment = "no_comment",
    }
}

closed_list! {
    /// The speech act.
    pub enum Act = "act", default States {
        /// States.
        States = "states",
        /// Estimates.
        Estimates = "estimates",
        /// Accuses.
        Accuses = "accuses",
        /// Predicts.
        Predicts = "predicts",
        /// Fears.
        Fears = "fears",
        /// Orders.
        Orders = "orders",
        /// Demands.
        Demands = "demands",
        /// Promises.
        Promises = "promises",
        /// Announces.
        Announces = "announces",
        /// Rules, as a court does.
        Rules = "rules",
        /// Condemns.
        Condemns = "condemns",
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A program's confidence in what it proposes, in whole percent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Confidence(u8);

impl Confidence {
    /// None at all.
    pub const NONE: Self = Self(0);

    /// The percentage.
    pub const fn percent(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Confidence {
    type Error = ClaimError;

    fn try_from(percent: u8) -> Result<Self, ClaimError> {
        if percent > 100 { Err(ClaimError::Confidence(percent)) } else { Ok(Self(percent)) }
    }
}

impl From<Confidence> for u8 {
    fn from(confidence: Confidence) -> u8 {
        confidence.0
    }
}

/// Who or what found the assertion on the page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, remote = "Self")]
pub enum FoundBy {
    /// A person.
    Person(Name),
    /// A program; its assertions are unchecked until an `assertion_checked`.
    Extractor {
        /// Its name.
        name: Name,
        /// Its version.
        version: Name,
        /// The rule that made the proposal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Name>,
        /// How confident it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<Confidence>,
    },
}

tagged!(FoundBy);

/// `claim_asserted`: one claim, attributed, at one place in one document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimAsserted {
    /// The document.
    pub document: DocumentId,
    /// The attributed words, in one or more pieces.
    pub content: OneOrMore<Selector>,
    /// The attribution chain, which begins at the origin.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// Whose voice the words are in.
    #[serde(default, skip_serializing_if = "is_default")]
    pub voice: Voice,
    /// How the words are reported.
    #[serde(default, skip_serializing_if = "is_default")]
    pub form: Form,
    /// The reporter's stance.
    #[serde(default, skip_serializing_if = "is_default")]
    pub framing: Framing,
    /// Whether the speaker affirms the claim.
    #[serde(default, skip_serializing_if = "is_default")]
    pub polarity: Polarity,
    /// The speech act.
    #[serde(default, skip_serializing_if = "is_default")]
    pub act: Act,
    /// The sources accused or spoken against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<SourceId>,
    /// The condition under which it is said to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Selector>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Moment>,
    /// The language it was translated from, if the outlet says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<Language>,
    /// What is said to be so.
    pub claim: Claim,
    /// Who or what found it; `None` if that is the recorder.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
    /// The assertion that this one replaces because it was recorded wrongly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaces: Option<AssertionId>,
}

impl ClaimAsserted {
    /// Every selector in it, for checking against the document's text.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let hops =
            self.hops.iter().flat_map(|hop| hop.mention.iter().chain(&hop.cue).chain(&hop.content));
        self.content.as_slice().iter().chain(hops).chain(&self.condition)
    }

    /// The identity of the assertion: a hash over everything except who or what found it, and what
    /// it replaces. The document's number stands for its identity ([`DocumentCaptured::identity`]),
    /// since no two documents share one. If the encoding is at hand, [`Encoded::identity`] costs
    /// less.
    ///
    /// [`DocumentCaptured::identity`]: crate::domain::document::DocumentCaptured::identity
    pub fn identity(&self) -> Identity {
        let identifying = Self { found_by: None, replaces: None, ..self.clone() };
        // Encoding into memory cannot fail: the keys are strings, and no map has other keys.
        encoded::identity(&[&serde_json::to_vec(&identifying).unwrap_or_default()])
    }

    /// Every source in it: the hops' first, each with those it speaks for, then those it is
    /// against.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.hops.iter().flat_map(Hop::named).chain(&self.against)
    }

    /// Whether a program made it, so that a person has yet to check it.
    pub const fn machine_made(&self) -> bool {
        matches!(self.found_by, Some(FoundBy::Extractor { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::spelling::ClosedList;

    fn tags_are_one_with_serde<T: ClosedList + Serialize + for<'de> Deserialize<'de>>() {
        for value in T::ALL {
            let json = serde_json::to_string(value).unwrap();
            assert_eq!(json, format!("\"{}\"", value.tag()));
            assert_eq!(serde_json::from_str::<T>(&json).unwrap().tag(), value.tag());
            assert!(!value.meaning().trim().is_empty());
        }
        let typo = serde_json::from_str::<T>("\"typo\"").map(|_| ()).unwrap_err().to_string();
        assert!(typo.starts_with("unknown variant `typo`, expected one of `"), "{typo}");
    }

    #[test]
    fn wire_tags_are_what_serde_reads_and_writes() {
        tags_are_one_with_serde::<Role>();
        tags_are_one_with_serde::<Resolution>();
        tags_are_one_with_serde::<Voice>();
        tags_are_one_with_serde::<Form>();
        tags_are_one_with_serde::<Framing>();
        tags_are_one_with_serde::<Polarity>();
        tags_are_one_with_serde::<Act>();
        let typo = "quotet".parse::<Role>().unwrap_err().to_string();
        assert_eq!(
            typo,
            "`quotet` is not a role: give one of said, quoted, told_to, based_on, relayed"
        );
    }

    #[test]
    fn empty_lists_empty_capacities_and_more_than_certainty_are_refused() {
        assert_eq!(OneOrMore::<u8>::try_from(vec![]), Err(ClaimError::Empty));
        assert_eq!(Capacity::new(None, vec![]), Err(ClaimError::Capacity));
        assert_eq!(Confidence::try_from(101), Err(ClaimError::Confidence(101)));
    }
}
