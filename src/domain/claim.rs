//! What is said to be so, and who is said to have said it: a claim, its attribution, and the two
//! together at one place in one document.
//!
//! Knows words, figures and sources by their names. Must not know whether any of them exists.

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

/// Why fields are no assertion.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// A list that must not be empty.
    #[error("a list is empty that needs at least one item: `content` and `sources` always do")]
    Empty,
    /// A capacity that says nothing.
    #[error("a capacity is empty: give its `words`, or whom they speak for (`speaks_for`)")]
    Capacity,
    /// More than certain.
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

/// Reads a list, or one of its items alone: a person may write what is sealed as a list without its
/// brackets.
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

// Written by hand, since to derive it from the list's would copy the list.
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
    /// Its words: the content's, or a plainer wording of them.
    pub words: Text,
    /// Its figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quantities: Vec<Quantity>,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub about: Vec<TopicId>,
    /// Where it holds.
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Name>,
    /// When it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub holds: Option<Period>,
    /// The language of its words, where that is not the document's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<Language>,
}

impl Claim {
    /// What makes two claims the same: all of it, through its JSON.
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
        /// Was quoted by the hop that follows.
        Quoted = "quoted",
        /// Was told it, and passed it on.
        ToldTo = "told_to",
        /// Is what the claim rests on.
        BasedOn = "based_on",
        /// Passed on what another said.
        Relayed = "relayed",
    }
}

closed_list! {
    /// How it is known that a mention is this source.
    pub enum Resolution = "resolution", default Explicit {
        /// The mention names it.
        Explicit = "explicit",
        /// A pronoun or short form that the text decides.
        Resolved = "resolved",
        /// Someone worked it out.
        Inferred = "inferred",
    }
}

/// In what capacity a document lets someone speak: its words for it, whom they speak for, or both.
/// It wins over what is known of them otherwise, and stays when they change their employer.
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

    /// Whom they speak for.
    pub fn speaks_for(&self) -> &[SourceId] {
        &self.speaks_for
    }
}

/// One link of an attribution, origin first.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hop {
    /// Who.
    pub sources: OneOrMore<SourceId>,
    /// In what role.
    pub role: Role,
    /// Where the text mentions them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mention: Vec<Selector>,
    /// The words that attribute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cue: Vec<Selector>,
    /// How the mention is known to be them.
    #[serde(default, skip_serializing_if = "is_default")]
    pub resolution: Resolution,
    /// In what capacity the document lets them speak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capacity: Option<Capacity>,
    /// What this hop said, where that differs from the assertion's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
}

impl Hop {
    /// Every source that it names: those that speak, then those they speak for here.
    pub fn named(&self) -> impl Iterator<Item = &SourceId> {
        let principals = self.capacity.as_ref().map_or(&[][..], Capacity::speaks_for);
        self.sources.as_slice().iter().chain(principals)
    }
}

closed_list! {
    /// Whose voice the words are in.
    pub enum Voice = "voice", default Attributed {
        /// A source's, by its hops.
        Attributed = "attributed",
        /// The outlet's own.
        Outlet = "outlet",
        /// Nobody's in particular: "reportedly".
        Hearsay = "hearsay",
        /// A source's that the text leaves to be understood.
        Implied = "implied",
    }
}

closed_list! {
    /// How the words are given.
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
    /// Where the reporter stands to the words.
    pub enum Framing = "framing", default Neutral {
        /// Nowhere: "said".
        Neutral = "neutral",
        /// Off: "claimed", "alleged".
        Distancing = "distancing",
        /// By them: "pointed out".
        Endorsing = "endorsing",
    }
}

closed_list! {
    /// Whether the speaker affirms.
    pub enum Polarity = "polarity", default Affirms {
        /// That it is so.
        Affirms = "affirms",
        /// That it is not so.
        Denies = "denies",
        /// Neither.
        NoComment = "no_comment",
    }
}

closed_list! {
    /// What the speaker does in saying it.
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

/// Who or what read the assertion off the page.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, remote = "Self")]
pub enum FoundBy {
    /// A person.
    Person(Name),
    /// A program; what it finds is unchecked until `assertion_checked`.
    Extractor {
        /// Its name.
        name: Name,
        /// Its version.
        version: Name,
        /// The rule that made the proposal.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<Name>,
        /// How sure it was.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        confidence: Option<Confidence>,
    },
}

tagged!(FoundBy);

/// `claim_asserted`: one claim, attributed, at one place in one document.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimAsserted {
    /// Where.
    pub document: DocumentId,
    /// The words attributed, in their pieces.
    pub content: OneOrMore<Selector>,
    /// The chain of the attribution, origin first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hops: Vec<Hop>,
    /// Whose voice.
    #[serde(default, skip_serializing_if = "is_default")]
    pub voice: Voice,
    /// How the words are given.
    #[serde(default, skip_serializing_if = "is_default")]
    pub form: Form,
    /// Where the reporter stands.
    #[serde(default, skip_serializing_if = "is_default")]
    pub framing: Framing,
    /// Whether the speaker affirms.
    #[serde(default, skip_serializing_if = "is_default")]
    pub polarity: Polarity,
    /// What the speaker does.
    #[serde(default, skip_serializing_if = "is_default")]
    pub act: Act,
    /// Sources accused or spoken against.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub against: Vec<SourceId>,
    /// The condition under which it is said to hold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condition: Option<Selector>,
    /// When it was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Moment>,
    /// The language it was put from, where the outlet says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub translated_from: Option<Language>,
    /// What is said to be so.
    pub claim: Claim,
    /// Who or what found it; none where that is whoever recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
    /// The assertion that this one replaces, since that was recorded wrongly.
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

    /// What makes two assertions the same: all but who or what found it, and what it replaces. A
    /// document stands for what makes it one ([`DocumentCaptured::identity`]): no two agree in that.
    /// Where its encoding is at hand, [`Encoded::identity`] costs less.
    ///
    /// [`DocumentCaptured::identity`]: crate::domain::document::DocumentCaptured::identity
    pub fn identity(&self) -> Identity {
        let identifying = Self { found_by: None, replaces: None, ..self.clone() };
        // Encoding into memory cannot fail: the keys are strings, and no map is keyed otherwise.
        encoded::identity(&[&serde_json::to_vec(&identifying).unwrap_or_default()])
    }

    /// Every source in it: hops first, each with those it speaks for, then those it is against.
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
