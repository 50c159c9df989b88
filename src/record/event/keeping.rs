//! What is done in keeping the ledger: opened, sources merged and parted, things filed under topics,
//! noted, withdrawn, disclosed, erased, given another key.
//!
//! Knows other events by number. Must not know how any of it is carried out.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::claim::{OneOrMore, one_or_more};
use crate::domain::digest::KeyDigest;
use crate::domain::id::{AssertionId, DocumentId, EventId, LogName, SourceId, TopicId};
use crate::domain::spelling::{spelt, tagged};
use crate::domain::text::{Name, Text};

/// `ledger_opened`: always entry 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerOpened {
    /// The log's name: the first line of its checkpoints.
    pub log: LogName,
    /// The public key of its checkpoints, as a C2SP signed-note verifier key.
    pub key: Name,
    /// The digest of the key that may follow it, which is kept offline: whoever steals the one cannot
    /// give it a successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_key: Option<KeyDigest>,
    /// The version of the format it is written in.
    pub format: u32,
}

/// `sources_merged`: a person says that two sources are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcesMerged {
    /// The source that is the other.
    pub from: SourceId,
    /// The source that both are.
    pub into: SourceId,
    /// Why.
    pub why: Text,
}

/// `merge_undone`: the two sources of a `sources_merged` were two after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeUndone {
    /// The `sources_merged`.
    pub merge: EventId,
    /// Why.
    pub why: Text,
}

/// What a topic or a note is put on.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum Target {
    /// An assertion.
    Assertion(AssertionId),
    /// A document, and so all that is asserted in it.
    Document(DocumentId),
    /// A source, and so all that it asserts.
    Source(SourceId),
    /// Any event.
    Event(EventId),
}

tagged!(Target);

impl Target {
    /// The event it refers to, where it does so by sequence.
    pub fn reference(&self) -> Option<EventId> {
        match self {
            Self::Assertion(assertion) => Some(EventId::at(assertion.sequence())),
            Self::Document(document) => Some(EventId::at(document.sequence())),
            Self::Source(_) => None,
            Self::Event(event) => Some(*event),
        }
    }

    /// The source it is, if it is one.
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Self::Source(source) => Some(source),
            Self::Assertion(_) | Self::Document(_) | Self::Event(_) => None,
        }
    }
}

/// `topic_assigned`: things belong to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicAssigned {
    /// The topic.
    pub topic: TopicId,
    /// What belongs to it.
    pub targets: OneOrMore<Target>,
}

/// `note_added`: a note on anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteAdded {
    /// What it is put on.
    pub target: Target,
    /// The note.
    pub text: Text,
}

/// `event_withdrawn`: a topic, note, relation, check, void, retraction or review no longer holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventWithdrawn {
    /// The event.
    pub event: EventId,
    /// Why.
    pub why: Text,
}

/// `event_disclosed`: confidential events are so no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDisclosed {
    /// The events.
    #[serde(deserialize_with = "one_or_more")]
    pub events: OneOrMore<EventId>,
}

/// `event_erased`: events' bytes and salts are gone; their entries stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventErased {
    /// The events.
    #[serde(deserialize_with = "one_or_more")]
    pub events: OneOrMore<EventId>,
    /// Why, in words that do not tell what they said.
    pub why: Text,
}

/// `key_rotated`: checkpoints are signed with another key from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// The new public key, as a C2SP signed-note verifier key.
    pub key: Name,
    /// The digest of the key that may follow it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_key: Option<KeyDigest>,
    /// The old key's signature over what the format says of a rotation; none where it is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endorsement: Option<Endorsement>,
    /// Why.
    pub why: Text,
}

/// Why a text is not an endorsement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "an endorsement is an Ed25519 signature of 64 bytes in base64, 88 letters with its padding"
)]
pub struct EndorsementError;

/// An Ed25519 signature, in standard base64 with padding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsement(Box<str>);

impl Endorsement {
    /// The signature as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Endorsement {
    type Err = EndorsementError;

    fn from_str(text: &str) -> Result<Self, EndorsementError> {
        let letter = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/');
        let digits = text.strip_suffix("==").ok_or(EndorsementError)?;
        // 64 bytes fill 85 letters and two bits of the last: the other four are zero.
        let ends = digits.ends_with(['A', 'Q', 'g', 'w']);
        if digits.len() == 86 && digits.bytes().all(letter) && ends {
            Ok(Self(text.into()))
        } else {
            Err(EndorsementError)
        }
    }
}

spelt!(Endorsement);
