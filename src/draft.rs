//! What a person or program hands in to be recorded: an event in the making, laxer than the event.
//!
//! A draft may leave out what the ledger can find without guessing: who records it, where its words
//! stand, the words of the claim where they are the content's. Knows the shape of a line of input.
//! Must not know the ledger: whether a draft can be recorded is for `decide` to say.

use serde::de::{Error as _, MapAccess, Visitor, value::MapAccessDeserializer};
use serde::{Deserialize, Deserializer};
use thiserror::Error;

use crate::claim::{
    Act, Claim, Form, FoundBy, Framing, OneOrMore, Polarity, Resolution, Role, Voice, Words,
};
use crate::event::{
    AssertionChecked, AssertionRetracted, AssertionVoided, AssertionsRelated, ClaimReviewed,
    DocumentCorrected, MergeUndone, NoteAdded, Recorder, SourcesMerged, TopicAssigned,
    is_unknown_tag,
};
use crate::id::{Name, TopicId};
use crate::moment::{Moment, Period};
use crate::quantity::Quantity;
use crate::selector::Zone;
use crate::source::SourceNamed;

/// The longest line of input, in bytes: room for the largest event with every character escaped.
pub const MAX_LINE_BYTES: usize = 512 * 1024;

/// Why a line of input is no draft.
#[derive(Debug, Error)]
pub enum DraftError {
    /// Longer than any event could be.
    #[error("the line is longer than {MAX_LINE_BYTES} bytes: record less in one event")]
    TooLong,
    /// Not UTF-8.
    #[error("the line is not UTF-8 from byte {0} on: save the input as UTF-8")]
    NotUtf8(usize),
    /// A wire tag that this version does not know.
    #[error("{0}: correct the tag, or update testimony if a newer version wrote it")]
    UnknownTag(String),
    /// JSON that is broken, or has fields it should not have.
    #[error("{0}: see docs/json.md for the shape of a line")]
    Malformed(String),
}

/// One line of input.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    /// Who records it; none where that is whoever runs the program.
    #[serde(default)]
    pub by: Option<Recorder>,
    /// Keep it out of every output that does not ask for it by name.
    #[serde(default)]
    pub confidential: bool,
    /// What is to be recorded.
    pub event: DraftBody,
}

/// What is to be recorded. Openings, captures, erasures, disclosures and keys have commands of
/// their own, since they do more than record.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftBody {
    /// An assertion, its words yet to be found in their document.
    ClaimAsserted(Box<DraftAssertion>),
    /// As recorded.
    SourceNamed(SourceNamed),
    /// As recorded.
    SourcesMerged(SourcesMerged),
    /// As recorded.
    MergeUndone(MergeUndone),
    /// As recorded.
    DocumentCorrected(Box<DocumentCorrected>),
    /// As recorded.
    AssertionChecked(AssertionChecked),
    /// As recorded.
    AssertionVoided(AssertionVoided),
    /// As recorded.
    AssertionRetracted(Box<AssertionRetracted>),
    /// As recorded.
    AssertionsRelated(AssertionsRelated),
    /// As recorded.
    TopicAssigned(TopicAssigned),
    /// As recorded.
    NoteAdded(NoteAdded),
    /// As recorded.
    ClaimReviewed(Box<ClaimReviewed>),
}

/// An assertion in the making. Its fields are those of
/// [`ClaimAsserted`](crate::claim::ClaimAsserted), with these liberties.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftAssertion {
    /// The document: its number, or six or more digits of the hash of its text, or its URL.
    pub document: DocumentReference,
    /// The words attributed.
    pub content: OneOrMore<Passage>,
    /// The chain, origin first.
    #[serde(default)]
    pub hops: Vec<DraftHop>,
    /// Whose voice.
    #[serde(default)]
    pub voice: Voice,
    /// How the words are given.
    #[serde(default)]
    pub form: Form,
    /// Where the reporter stands.
    #[serde(default)]
    pub framing: Framing,
    /// Whether the speaker affirms.
    #[serde(default)]
    pub polarity: Polarity,
    /// What the speaker does.
    #[serde(default)]
    pub act: Act,
    /// Sources accused or spoken against.
    #[serde(default)]
    pub against: Vec<SourceReference>,
    /// The condition under which it is said to hold.
    #[serde(default)]
    pub condition: Option<Passage>,
    /// When it was said.
    #[serde(default)]
    pub said: Option<Moment>,
    /// What is said to be so.
    #[serde(default)]
    pub claim: DraftClaim,
    /// Who or what found it.
    #[serde(default)]
    pub found_by: Option<FoundBy>,
}

/// A link of the chain in the making.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftHop {
    /// Who.
    pub sources: OneOrMore<SourceReference>,
    /// In what role.
    pub role: Role,
    /// Where the text mentions them.
    #[serde(default)]
    pub mention: Vec<Passage>,
    /// The words that attribute.
    #[serde(default)]
    pub cue: Vec<Passage>,
    /// How the mention is known to be them.
    #[serde(default)]
    pub resolution: Resolution,
    /// What this hop said, where that differs.
    #[serde(default)]
    pub content: Vec<Passage>,
}

/// A claim in the making.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DraftClaim {
    /// Its words; none where they are the content's.
    #[serde(default)]
    pub words: Option<Words>,
    /// Its figures.
    #[serde(default)]
    pub quantities: Vec<Quantity>,
    /// What it is about.
    #[serde(default)]
    pub about: Vec<TopicId>,
    /// Where it holds.
    #[serde(default, rename = "where")]
    pub place: Option<Name>,
    /// When it holds.
    #[serde(default)]
    pub holds: Option<Period>,
}

impl DraftClaim {
    /// The claim, its words the content's unless it has its own.
    pub fn with_words(self, content: Words) -> Claim {
        let Self { words, quantities, about, place, holds } = self;
        Claim { words: words.unwrap_or(content), quantities, about, place, holds }
    }
}

/// A document as a draft names it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(untagged)]
pub enum DocumentReference {
    /// Its number.
    Number(u64),
    /// Its number with `#`, six or more digits of its text's hash, or its URL.
    Text(String),
}

/// A source as a draft names it: a slug, `slug@12`, or `slug@` for this line's document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct SourceReference(pub String);

/// Words in the making of a selector: the words alone where they stand once in the document, or
/// with as much of the selector as it takes to tell their place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Passage {
    /// Title or body.
    pub zone: Zone,
    /// The words.
    pub exact: String,
    /// Context before; it must be there, however long.
    pub prefix: String,
    /// Context after; it must be there, however long.
    pub suffix: String,
    /// The first code point.
    pub start: Option<u32>,
    /// The code point after the last.
    pub end: Option<u32>,
}

impl Passage {
    /// Those words, wherever in the body they stand, if they stand there once.
    pub fn of(exact: &str) -> Self {
        Self {
            zone: Zone::Body,
            exact: exact.into(),
            prefix: String::new(),
            suffix: String::new(),
            start: None,
            end: None,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PassageFields {
    #[serde(default)]
    zone: Zone,
    exact: String,
    #[serde(default)]
    prefix: String,
    #[serde(default)]
    suffix: String,
    #[serde(default)]
    start: Option<u32>,
    #[serde(default)]
    end: Option<u32>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum TaggedPassage {
    Text(PassageFields),
}

impl<'de> Deserialize<'de> for Passage {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(PassageVisitor)
    }
}

struct PassageVisitor;

impl<'de> Visitor<'de> for PassageVisitor {
    type Value = Passage;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("words, or {\"text\":{\"exact\":…}}")
    }

    fn visit_str<E: serde::de::Error>(self, exact: &str) -> Result<Passage, E> {
        if exact.is_empty() {
            return Err(E::custom("a selector has no words"));
        }
        Ok(Passage::of(exact))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Passage, A::Error> {
        let TaggedPassage::Text(fields) =
            TaggedPassage::deserialize(MapAccessDeserializer::new(map))?;
        if fields.exact.is_empty() {
            return Err(A::Error::custom("a selector has no words"));
        }
        let PassageFields { zone, exact, prefix, suffix, start, end } = fields;
        Ok(Passage { zone, exact, prefix, suffix, start, end })
    }
}

impl Draft {
    /// Reads one line of input.
    pub fn from_line(line: &[u8]) -> Result<Self, DraftError> {
        if line.len() > MAX_LINE_BYTES {
            return Err(DraftError::TooLong);
        }
        let text =
            std::str::from_utf8(line).map_err(|error| DraftError::NotUtf8(error.valid_up_to()))?;
        serde_json::from_str(text).map_err(|error| {
            let what = error.to_string().replace(" at line 1 column ", ", at column ");
            if is_unknown_tag(&error) {
                DraftError::UnknownTag(what)
            } else {
                DraftError::Malformed(what)
            }
        })
    }
}
