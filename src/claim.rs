//! What is said to be so, and who is said to have said it: a claim, its attribution, and the two
//! together at one place in one document.
//!
//! Knows words, figures and sources by their names. Must not know whether any of them exists.

use std::str::FromStr;

use serde::{Deserialize, Serialize, Serializer};
use thiserror::Error;

use crate::digest::{ClaimHash, Identity};
use crate::id::{DocumentId, Name, SourceId, TopicId};
use crate::moment::{Moment, Period};
use crate::quantity::Quantity;
use crate::selector::Selector;
use crate::spelling::spelt;

/// Why fields are no assertion.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ClaimError {
    /// A list that must not be empty.
    #[error("a list is empty that needs at least one item: `content` and `sources` always do")]
    Empty,
    /// Words or another text, blank or too long.
    #[error("a text is blank or too long: give 1 to 8,192 bytes of words")]
    Words,
    /// More than certain.
    #[error("a confidence of {0} is out of range: give a whole number of percent, 0 to 100")]
    Confidence(u8),
}

/// A list with at least one item.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "Vec<T>", bound(deserialize = "T: Deserialize<'de>"))]
pub struct OneOrMore<T>(Vec<T>);

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

/// The words of a claim: 1 to 8,192 bytes, not all blank.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Words(Box<str>);

impl Words {
    /// Accepts `text` as it is, or refuses it.
    pub fn new(text: &str) -> Result<Self, ClaimError> {
        if text.trim().is_empty() || text.len() > 8192 {
            return Err(ClaimError::Words);
        }
        Ok(Self(text.into()))
    }

    /// The words as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

spelt!(Words);

impl FromStr for Words {
    type Err = ClaimError;

    fn from_str(text: &str) -> Result<Self, ClaimError> {
        Self::new(text)
    }
}

impl TryFrom<String> for Words {
    type Error = ClaimError;

    fn try_from(text: String) -> Result<Self, ClaimError> {
        Self::new(&text)
    }
}

impl From<Words> for String {
    fn from(words: Words) -> String {
        words.0.into()
    }
}

/// What a person adds in their own words, a note or a reason: within the same bounds.
pub type Text = Words;

/// What is said to be so.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Claim {
    /// Its words: the content's, or a plainer wording of them.
    pub words: Words,
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
}

impl Claim {
    /// What makes two claims the same: all of it, through its JSON.
    pub fn hash(&self) -> ClaimHash {
        let mut hasher = blake3::Hasher::new_derive_key("testimony 2026-11 v0 claim");
        // Encoding a claim into a hasher cannot fail: its keys are strings and its sink accepts all.
        let _ = serde_json::to_writer(&mut hasher, self);
        ClaimHash::from_bytes(*hasher.finalize().as_bytes())
    }
}

/// What a hop did with the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Said it.
    Said,
    /// Was quoted by the hop that follows.
    Quoted,
    /// Was told it, and passed it on.
    ToldTo,
    /// Is what the claim rests on.
    BasedOn,
    /// Passed on what another said.
    Relayed,
}

/// How it is known that a mention is this source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The mention names it.
    #[default]
    Explicit,
    /// A pronoun or short form that the text decides.
    Resolved,
    /// Someone worked it out.
    Inferred,
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
    /// What this hop said, where that differs from the assertion's content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub content: Vec<Selector>,
}

/// Whose voice the words are in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Voice {
    /// A source's, by its hops.
    #[default]
    Attributed,
    /// The outlet's own.
    Outlet,
    /// Nobody's in particular: "reportedly".
    Hearsay,
    /// A source's that the text leaves to be understood.
    Implied,
}

/// How the words are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As a quotation.
    Direct,
    /// In the reporter's words.
    #[default]
    Indirect,
    /// In the reporter's words with quotations in them.
    Mixed,
}

/// Where the reporter stands to the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framing {
    /// Nowhere: "said".
    #[default]
    Neutral,
    /// Off: "claimed", "alleged".
    Distancing,
    /// By them: "pointed out".
    Endorsing,
}

/// Whether the speaker affirms.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Polarity {
    /// That it is so.
    #[default]
    Affirms,
    /// That it is not so.
    Denies,
    /// Neither.
    NoComment,
}

/// What the speaker does in saying it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// States.
    #[default]
    States,
    /// Estimates.
    Estimates,
    /// Accuses.
    Accuses,
    /// Predicts.
    Predicts,
    /// Fears.
    Fears,
    /// Orders.
    Orders,
    /// Demands.
    Demands,
    /// Promises.
    Promises,
    /// Announces.
    Announces,
    /// Rules, as a court does.
    Rules,
    /// Condemns.
    Condemns,
}

macro_rules! tags {
    ($($kind:ident { $($variant:ident => $tag:literal),+ $(,)? })+) => {$(
        impl $kind {
            /// The wire tag.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$variant => $tag),+ }
            }
        }
    )+};
}

tags! {
    Role {
        Said => "said", Quoted => "quoted", ToldTo => "told_to", BasedOn => "based_on",
        Relayed => "relayed",
    }
    Resolution { Explicit => "explicit", Resolved => "resolved", Inferred => "inferred" }
    Voice { Attributed => "attributed", Outlet => "outlet", Hearsay => "hearsay", Implied => "implied" }
    Form { Direct => "direct", Indirect => "indirect", Mixed => "mixed" }
    Framing { Neutral => "neutral", Distancing => "distancing", Endorsing => "endorsing" }
    Polarity { Affirms => "affirms", Denies => "denies", NoComment => "no_comment" }
    Act {
        States => "states", Estimates => "estimates", Accuses => "accuses", Predicts => "predicts",
        Fears => "fears", Orders => "orders", Demands => "demands", Promises => "promises",
        Announces => "announces", Rules => "rules", Condemns => "condemns",
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
#[serde(rename_all = "snake_case", deny_unknown_fields)]
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
    /// What is said to be so.
    pub claim: Claim,
    /// Who or what found it; none where that is whoever recorded it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found_by: Option<FoundBy>,
}

impl ClaimAsserted {
    /// Every selector in it, for checking against the document's text.
    pub fn selectors(&self) -> impl Iterator<Item = &Selector> {
        let hops =
            self.hops.iter().flat_map(|hop| hop.mention.iter().chain(&hop.cue).chain(&hop.content));
        self.content.as_slice().iter().chain(hops).chain(&self.condition)
    }

    /// What makes two assertions the same: document, selectors, hops, form, framing, act, polarity
    /// and claim. Who recorded it, and how it was found, do not. A document stands for its text's
    /// hash, publisher and URL: two captures that agree in these are one document.
    pub fn identity(&self) -> Identity {
        let mut fields = Vec::with_capacity(1024);
        let identifying = (
            &self.document,
            &self.content,
            &self.hops,
            self.form,
            self.framing,
            self.act,
            self.polarity,
            &self.claim,
        );
        // Encoding into memory cannot fail: the keys are strings, and no map is keyed otherwise.
        let _ = serde_json::to_writer(&mut fields, &identifying);
        Identity::from_bytes(blake3::derive_key("testimony 2026-11 v0 assertion identity", &fields))
    }

    /// Every source in it: hops first, then those it is against.
    pub fn sources(&self) -> impl Iterator<Item = &SourceId> {
        self.hops.iter().flat_map(|hop| hop.sources.as_slice()).chain(&self.against)
    }

    /// Whether a program made it, so that a person has yet to check it.
    pub const fn machine_made(&self) -> bool {
        matches!(self.found_by, Some(FoundBy::Extractor { .. }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wire_tags_are_what_serde_writes() {
        let written = |value: &dyn erased::Tag| value.pair();
        for (json, tag) in [
            written(&Role::ToldTo),
            written(&Resolution::Inferred),
            written(&Voice::Hearsay),
            written(&Form::Mixed),
            written(&Framing::Distancing),
            written(&Polarity::NoComment),
            written(&Act::Condemns),
        ] {
            assert_eq!(json, format!("\"{tag}\""));
        }
    }

    mod erased {
        pub(super) trait Tag {
            fn pair(&self) -> (String, &'static str);
        }
        macro_rules! tag {
            ($($kind:ty),+) => {$(impl Tag for $kind {
                fn pair(&self) -> (String, &'static str) {
                    (serde_json::to_string(self).unwrap(), self.tag())
                }
            })+};
        }
        use super::super::*;
        tag!(Role, Resolution, Voice, Form, Framing, Polarity, Act);
    }

    #[test]
    fn empty_lists_blank_words_and_more_than_certainty_are_refused() {
        assert_eq!(OneOrMore::<u8>::try_from(vec![]), Err(ClaimError::Empty));
        assert_eq!(Words::new(" \n"), Err(ClaimError::Words));
        assert_eq!(Words::new(&"x".repeat(8193)), Err(ClaimError::Words));
        assert_eq!(Confidence::try_from(101), Err(ClaimError::Confidence(101)));
    }
}
