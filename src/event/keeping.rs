//! What is done in keeping the ledger: opened, sources merged and parted, things filed under topics, noted, disclosed,
//! erased, given another key.
//!
//! Knows other events by number. Must not know how any of it is carried out.

use serde::{Deserialize, Serialize};

use crate::claim::{OneOrMore, Text};
use crate::id::{AssertionId, DocumentId, EventId, LogName, Name, SourceId, TopicId};

/// `ledger_opened`: always entry 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LedgerOpened {
    /// The log's name: the first line of its checkpoints.
    pub log: LogName,
    /// The public key of its checkpoints, as a C2SP signed-note verifier key.
    pub key: Name,
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
#[serde(rename_all = "snake_case")]
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

/// `event_disclosed`: a confidential event is so no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventDisclosed {
    /// The event.
    pub event: EventId,
}

/// `event_erased`: an event's bytes and salt are gone; its entry stays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventErased {
    /// The event.
    pub event: EventId,
    /// Why, in words that do not tell what it said.
    pub why: Text,
}

/// `key_rotated`: checkpoints are signed with another key from here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRotated {
    /// The new public key, as a C2SP signed-note verifier key.
    pub key: Name,
    /// The old key's Ed25519 signature over the new key's text, in base64; none where it is lost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endorsement: Option<Name>,
    /// Why.
    pub why: Text,
}
