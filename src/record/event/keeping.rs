//! Defines the events of ledger administration: opening it, merging sources and undoing that,
//! assigning topics, adding notes, withdrawing, disclosing, erasing, and rotating the key.
//!
//! Knows other events by number. Must not know how any of this is carried out.

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
    /// The digest of the key that may replace it, which is kept offline: someone who steals the
    /// current key cannot appoint its successor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_key: Option<KeyDigest>,
    /// The version of its format.
    pub format: u32,
}

/// `sources_merged`: a person states that two sources are one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SourcesMerged {
    /// The source that is merged.
    pub from: SourceId,
    /// The source that both are from now on.
    pub into: SourceId,
    /// The reason.
    pub why: Text,
}

/// `merge_undone`: the sources of a `sources_merged` are two after all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MergeUndone {
    /// The `sources_merged`.
    pub merge: EventId,
    /// The reason.
    pub why: Text,
}

/// The target of a topic or a note.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", remote = "Self")]
pub enum Target {
    /// An assertion.
    Assertion(AssertionId),
    /// A document, and so every assertion in it.
    Document(DocumentId),
    /// A source, and so every assertion it makes.
    Source(SourceId),
    /// Any event.
    Event(EventId),
}

tagged!(Target);

impl Target {
    /// The event that it refers to, if it does so by sequence.
    pub fn reference(&self) -> Option<EventId> {
        match self {
            Self::Assertion(assertion) => Some(EventId::at(assertion.sequence())),
            Self::Document(document) => Some(EventId::at(document.sequence())),
            Self::Source(_) => None,
            Self::Event(event) => Some(*event),
        }
    }

    /// The source, if it is one.
    pub fn source(&self) -> Option<&SourceId> {
        match self {
            Self::Source(source) => Some(source),
            Self::Assertion(_) | Self::Document(_) | Self::Event(_) => None,
        }
    }
}

/// `topic_assigned`: assigns targets to a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TopicAssigned {
    /// The topic.
    pub topic: TopicId,
    /// The targets.
    pub targets: OneOrMore<Target>,
}

/// `note_added`: adds a note to anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoteAdded {
    /// The target of the note.
    pub target: Target,
    /// The note.
    pub text: Text,
}

/// `event_withdrawn`: withdraws a topic, note, relation, check, void, retraction or review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventWithdrawn {
    /// The event.
    pub event: EventId,
    /// The reason.
    pub why: Text,
}

/// `event_disclosed`: makes confidential events public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDisclosed {
    /// The events.
    #[serde(deserialize_with = "one_or_more")]
    pub events: OneOrMore<EventId>,
}

/// `event_erased`: erases the bytes and salts of events; their entries stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventErased {
    /// The events.
    #[serde(deserialize_with = "one_or_more")]
    pub events: OneOrMore<EventId>,
    /// The reason, in words that do not reveal the erased content.
    pub why: Text,
}

/// `key_rotated`: checkpoints are signed with another key from here on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// The new public key, as a C2SP signed-note verifier key.
    pub key: Name,
    /// The digest of the key that may replace it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_key: Option<KeyDigest>,
    /// The old key's signature of the rotation, as the format defines it; `None` if the old key is
    /// lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endorsement: Option<Endorsement>,
    /// The reason.
    pub why: Text,
}

/// Why a text is not an endorsement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error(
    "this is not an endorsement: give an Ed25519 signature as 88 letters of base64, with padding"
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
