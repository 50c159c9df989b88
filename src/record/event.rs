//! Defines the events, everything that can be recorded, and their one encoding in JSON.
//!
//! Knows the closed list of kinds and their wire tags. Must not know when an event was recorded, or
//! whether what it refers to exists: an event has no sequence until it is sealed.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::domain::claim::{ClaimAsserted, Encoded};
use crate::domain::digest::{EntryHash, Identity};
use crate::domain::document::DocumentCaptured;
use crate::domain::id::{EventId, LogName, RequestId, Sequence, SourceId};
use crate::domain::moment::Timestamp;
pub use crate::domain::recorder::{Program, Recorder};
use crate::domain::source::{Principal, SourceDescribed, SourceNamed};
use crate::domain::spelling::tagged;

mod judgement;
mod keeping;

pub use judgement::{
    Aspect, AssertionChecked, AssertionRetracted, AssertionVoided, AssertionsRelated,
    ClaimReviewed, DocumentCorrected, Outcome, Relation, Respect, Scale,
};
pub use keeping::{
    Endorsement, EndorsementError, EventDisclosed, EventErased, EventWithdrawn, KeyRotated,
    LedgerOpened, MergeUndone, NoteAdded, SourcesMerged, Target, TopicAssigned,
};

/// The version of the format that this library writes.
pub const FORMAT: u32 = 1;

/// The largest event, in bytes of its JSON.
pub const MAX_BYTES: usize = 64 * 1024;

/// The origin of an event that was imported from another log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImportedFrom {
    /// That log's name.
    pub log: LogName,
    /// The entry's sequence there.
    pub seq: Sequence,
    /// The entry's hash there.
    pub entry: EntryHash,
    /// When it was recorded there, by that log's clock.
    pub at: Timestamp,
}

/// An event that does not have a place in a log yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Who or what recorded it.
    pub by: Recorder,
    /// The id of the request: the same request by the same recorder is carried out once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request: Option<RequestId>,
    /// Whether to keep it out of every output that does not ask for confidential events.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub confidential: bool,
    /// The log that it was imported from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<ImportedFrom>,
    /// The content of the event.
    #[serde(rename = "event")]
    pub body: Body,
}

macro_rules! bodies {
    ($($(#[$doc:meta])* $variant:ident($content:ty) = $tag:literal,)+) => {
        /// The content of an event: a closed list of kinds, each with its wire tag.
        #[allow(
            clippy::large_enum_variant,
            reason = "nearly every event is of the largest kind, so a box would only add cost"
        )]
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(remote = "Self")]
        pub enum Body {
            $($(#[$doc])* #[serde(rename = $tag)] $variant($content),)+
        }

        /// The kind of an event, without its content.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $variant,)+
        }

        impl Kind {
            /// Every kind, in the order of the format specification.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The wire tag.
            pub const fn tag(self) -> &'static str {
                match self { $(Self::$variant => $tag),+ }
            }
        }

        impl Body {
            /// The kind of the event.
            pub const fn kind(&self) -> Kind {
                match self { $(Self::$variant(_) => Kind::$variant),+ }
            }
        }
    };
}

bodies! {
    /// The ledger was opened: always entry 0.
    LedgerOpened(LedgerOpened) = "ledger_opened",
    /// A source was named.
    SourceNamed(SourceNamed) = "source_named",
    /// A document describes a source that it does not name.
    SourceDescribed(SourceDescribed) = "source_described",
    /// Two sources are one.
    SourcesMerged(SourcesMerged) = "sources_merged",
    /// The two sources of a merge are two after all.
    MergeUndone(MergeUndone) = "merge_undone",
    /// A document was captured.
    DocumentCaptured(DocumentCaptured) = "document_captured",
    /// What is recorded about a document was corrected.
    DocumentCorrected(DocumentCorrected) = "document_corrected",
    /// A claim was asserted.
    ClaimAsserted(ClaimAsserted) = "claim_asserted",
    /// An assertion was checked against its document.
    AssertionChecked(AssertionChecked) = "assertion_checked",
    /// An assertion had been recorded wrongly.
    AssertionVoided(AssertionVoided) = "assertion_voided",
    /// The source of an assertion retracted it.
    AssertionRetracted(AssertionRetracted) = "assertion_retracted",
    /// A relation between assertions was stated.
    AssertionsRelated(AssertionsRelated) = "assertions_related",
    /// Something was assigned to a topic.
    TopicAssigned(TopicAssigned) = "topic_assigned",
    /// A note was added.
    NoteAdded(NoteAdded) = "note_added",
    /// A fact-checker published a rating.
    ClaimReviewed(ClaimReviewed) = "claim_reviewed",
    /// A topic, note, relation, check, void, retraction or review was withdrawn.
    EventWithdrawn(EventWithdrawn) = "event_withdrawn",
    /// Confidential events were made public.
    EventDisclosed(EventDisclosed) = "event_disclosed",
    /// The bytes and salts of events were erased.
    EventErased(EventErased) = "event_erased",
    /// Checkpoints are signed with another key from here on.
    KeyRotated(KeyRotated) = "key_rotated",
}

tagged!(Body);

impl Kind {
    /// Whether `event_erased` may refer to it: openings, erasures and key events stay.
    pub const fn erasable(self) -> bool {
        !matches!(self, Self::LedgerOpened | Self::EventErased | Self::KeyRotated)
    }

    /// Whether `event_withdrawn` may refer to it.
    pub const fn withdrawable(self) -> bool {
        matches!(
            self,
            Self::AssertionChecked
                | Self::AssertionVoided
                | Self::AssertionRetracted
                | Self::AssertionsRelated
                | Self::TopicAssigned
                | Self::NoteAdded
                | Self::ClaimReviewed
        )
    }
}

/// Why an event cannot be encoded.
#[derive(Debug, Error)]
pub enum EncodeError {
    /// Over 64 KiB.
    #[error("the event has {0} bytes, and the limit is 65536: record less in one event")]
    TooLarge(usize),
    /// Not expressible as JSON.
    #[error("the event cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// Why bytes are not an event that this version reads.
#[derive(Debug, Error)]
pub enum DecodeError {
    /// Over 64 KiB.
    #[error("the event has {0} bytes, and the limit is 65536")]
    TooLarge(usize),
    /// A wire tag that this version does not know: written by a newer version, never damage.
    #[error("it was written by a newer version ({0}): update testimony to read it")]
    Newer(String),
    /// Not the JSON of an event.
    #[error("it is not an event: {0}")]
    Malformed(serde_json::Error),
    /// The JSON of an event, but not in its one valid encoding.
    #[error("it is not in the canonical encoding of its event")]
    NotCanonical,
}

/// Whether `error` is about a wire tag outside a closed list.
pub fn is_unknown_tag(error: &serde_json::Error) -> bool {
    error.is_data() && error.to_string().starts_with("unknown variant ")
}

impl Event {
    /// The event's bytes: compact JSON, fields in their fixed order, defaults left out.
    pub fn encode(&self) -> Result<Vec<u8>, EncodeError> {
        let mut bytes = Vec::with_capacity(1024);
        serde_json::to_writer(&mut bytes, self)?;
        if bytes.len() > MAX_BYTES {
            return Err(EncodeError::TooLarge(bytes.len()));
        }
        Ok(bytes)
    }

    /// Reads bytes whose encoding was checked when they were stored.
    pub fn decode_trusted(bytes: &[u8]) -> Result<Self, DecodeError> {
        if bytes.len() > MAX_BYTES {
            return Err(DecodeError::TooLarge(bytes.len()));
        }
        serde_json::from_slice(bytes).map_err(|error| {
            if is_unknown_tag(&error) {
                DecodeError::Newer(error.to_string().replace('\n', " "))
            } else {
                DecodeError::Malformed(error)
            }
        })
    }

    /// Reads stored bytes, and refuses any that encoding would not have written.
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let event = Self::decode_trusted(bytes)?;
        match event.encode() {
            Ok(again) if again == bytes => Ok(event),
            _ => Err(DecodeError::NotCanonical),
        }
    }

    /// The assertion within an event's bytes; `None` if the event is another kind, or not in the
    /// canonical encoding.
    pub fn encoded_assertion(bytes: &[u8]) -> Option<Encoded<'_>> {
        // A tag never matches inside a string: there, every quotation mark follows a backslash.
        const TAG: &[u8] = b"{\"claim_asserted\":";
        let begins = memchr::memmem::find(bytes, TAG)? + TAG.len();
        Encoded::of(bytes.get(begins..)?.strip_suffix(b"}}")?)
    }

    /// The identity of the event's request, if it states one.
    pub fn request_identity(&self) -> Option<Identity> {
        self.request.as_ref().map(|request| request_identity(&self.by, request))
    }

    /// The earlier events, by sequence, that this one refers to.
    pub fn references(&self) -> Vec<EventId> {
        let at = |sequence: Sequence| EventId::at(sequence);
        match &self.body {
            Body::LedgerOpened(_) | Body::SourceNamed(_) | Body::SourcesMerged(_) => vec![],
            Body::SourceDescribed(_) | Body::KeyRotated(_) => vec![],
            Body::MergeUndone(undone) => vec![undone.merge],
            Body::DocumentCaptured(captured) => captured.references().collect(),
            Body::DocumentCorrected(corrected) => {
                let document = at(corrected.document.sequence());
                std::iter::once(document).chain(corrected.metadata.references()).collect()
            }
            Body::ClaimAsserted(asserted) => {
                let replaced = asserted.replaces.map(|replaced| at(replaced.sequence()));
                std::iter::once(at(asserted.document.sequence())).chain(replaced).collect()
            }
            Body::AssertionChecked(checked) => vec![at(checked.assertion.sequence())],
            Body::AssertionVoided(voided) => vec![at(voided.assertion.sequence())],
            Body::AssertionRetracted(retracted) => {
                let document = retracted.document.map(|document| at(document.sequence()));
                std::iter::once(at(retracted.assertion.sequence())).chain(document).collect()
            }
            Body::AssertionsRelated(related) => {
                related.assertions().map(|assertion| at(assertion.sequence())).collect()
            }
            Body::TopicAssigned(assigned) => {
                assigned.targets.as_slice().iter().filter_map(Target::reference).collect()
            }
            Body::NoteAdded(note) => note.target.reference().into_iter().collect(),
            Body::ClaimReviewed(review) => {
                let document = review.document.map(|document| at(document.sequence()));
                std::iter::once(at(review.assertion.sequence())).chain(document).collect()
            }
            Body::EventWithdrawn(withdrawn) => vec![withdrawn.event],
            Body::EventDisclosed(disclosed) => disclosed.events.as_slice().to_vec(),
            Body::EventErased(erased) => erased.events.as_slice().to_vec(),
        }
    }

    /// The ids of the sources that it refers to, other than the one it may name.
    pub fn sources(&self) -> Vec<&SourceId> {
        match &self.body {
            Body::SourceNamed(named) => principals(&named.speaks_for).collect(),
            Body::SourceDescribed(described) => std::iter::once(&described.source)
                .chain(principals(&described.speaks_for))
                .collect(),
            Body::SourcesMerged(merged) => vec![&merged.from, &merged.into],
            Body::DocumentCaptured(captured) => captured.metadata.sources().collect(),
            Body::DocumentCorrected(corrected) => corrected.metadata.sources().collect(),
            Body::ClaimAsserted(asserted) => asserted.sources().collect(),
            Body::AssertionRetracted(retracted) => retracted.by_source.iter().collect(),
            Body::AssertionsRelated(related) => related.said_by.iter().collect(),
            Body::TopicAssigned(assigned) => {
                assigned.targets.as_slice().iter().filter_map(Target::source).collect()
            }
            Body::NoteAdded(note) => note.target.source().into_iter().collect(),
            Body::ClaimReviewed(review) => vec![&review.reviewer],
            Body::LedgerOpened(_) | Body::MergeUndone(_) | Body::AssertionChecked(_) => vec![],
            Body::AssertionVoided(_) | Body::EventWithdrawn(_) | Body::EventDisclosed(_) => vec![],
            Body::EventErased(_) | Body::KeyRotated(_) => vec![],
        }
    }
}

fn principals(speaks_for: &[Principal]) -> impl Iterator<Item = &SourceId> {
    speaks_for.iter().map(|principal| &principal.source)
}

/// The identity of a request: a hash over the recorder and the id they gave it.
pub fn request_identity(by: &Recorder, request: &RequestId) -> Identity {
    let mut fields = Vec::with_capacity(128);
    // Encoding into memory cannot fail: these are strings.
    let _ = serde_json::to_writer(&mut fields, &(by, request));
    Identity::from_bytes(blake3::derive_key("testimony 2026-11 v1 request identity", &fields))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::claim::OneOrMore;
    use crate::domain::id::TopicId;

    const OPENED: &str = r#"{"by":{"person":"ana"},"event":{"ledger_opened":{"log":"example.org/x","key":"k","format":1}}}"#;

    #[test]
    fn an_event_has_one_encoding() {
        let event = Event::decode(OPENED.as_bytes()).unwrap();
        assert_eq!(event.encode().unwrap(), OPENED.as_bytes());
        let spaced = OPENED.replace("1}", "1 }");
        assert!(matches!(Event::decode(spaced.as_bytes()), Err(DecodeError::NotCanonical)));
        let explicit = OPENED.replace(r#","event""#, r#","confidential":false,"event""#);
        assert!(matches!(Event::decode(explicit.as_bytes()), Err(DecodeError::NotCanonical)));
    }

    #[test]
    fn an_unknown_tag_is_newer_and_never_damage() {
        let newer = OPENED.replace("ledger_opened", "ledger_split");
        assert!(matches!(Event::decode(newer.as_bytes()), Err(DecodeError::Newer(_))));
    }

    #[test]
    fn a_bare_tag_is_malformed_and_never_newer() {
        let target = r#"{"by":{"person":"ana"},"event":{"note_added":{"target":"t","text":"x"}}}"#;
        let bare = r#"{"by":{"person":"ana"},"event":"ledger_split"}"#;
        for bare in [target, bare, &target.replace("\"t\"", "\"event\"")] {
            assert!(
                matches!(Event::decode(bare.as_bytes()), Err(DecodeError::Malformed(_))),
                "{bare}"
            );
        }
        let newer = target.replace("\"t\"", r#"{"person":"ana"}"#);
        assert!(matches!(Event::decode(newer.as_bytes()), Err(DecodeError::Newer(_))));
    }

    #[test]
    fn a_check_of_nothing_is_malformed() {
        let nothing = r#"{"by":{"person":"ana"},"event":{"assertion_checked":{"assertion":1}}}"#;
        let decoded = Event::decode(nothing.as_bytes());
        assert!(matches!(decoded, Err(DecodeError::Malformed(_))), "{decoded:?}");
    }

    #[test]
    fn unknown_fields_duplicate_keys_and_broken_json_are_malformed() {
        for broken in [
            OPENED.replace(r#""format":1"#, r#""format":1,"colour":1"#),
            OPENED.replace(r#""format":1"#, r#""format":1,"format":1"#),
            OPENED.replace(r#"{"by""#, r#"{"by":{"person":"bo"},"by""#),
            OPENED[1..].to_owned(),
        ] {
            assert!(matches!(Event::decode(broken.as_bytes()), Err(DecodeError::Malformed(_))));
        }
    }

    #[test]
    fn events_over_64_kib_are_refused_both_ways() {
        let mut event = Event::decode(OPENED.as_bytes()).unwrap();
        let target = Target::Event(EventId::at(Sequence::new(Sequence::MAX).unwrap()));
        let targets = OneOrMore::try_from(vec![target; 5000]).unwrap();
        let topic = TopicId::new("x".parse().unwrap());
        event.body = Body::TopicAssigned(TopicAssigned { topic, targets });
        assert!(matches!(event.encode(), Err(EncodeError::TooLarge(_))));
        assert!(matches!(Event::decode(&[b' '; MAX_BYTES + 1]), Err(DecodeError::TooLarge(_))));
    }
}
