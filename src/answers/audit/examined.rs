//! Examines a single record: decodes its entry, and checks its payload against the entry's
//! commitment.
//!
//! Knows bytes and hashes. Must not know the records before it: records are examined on several
//! threads at once, in no order, and the caller that puts them back in order reports what is found
//! here.

use crate::answers::finding::Problem;
use crate::answers::view::fold::ReadEntry;
use crate::domain::digest::EntryHash;
use crate::domain::id::Sequence;
use crate::record::event::{DecodeError, Event};
use crate::record::seal::{Entry, EntryError, Payload, Record, entry_hash};
use crate::record::tree::{self, LeafHash};

/// The content of a record besides its entry.
pub(super) enum Content {
    /// An event that this version can read.
    Event(Box<Event>),
    /// An event written by a newer version.
    Newer,
    /// Nothing, because it was erased.
    Erased,
    /// Something that is reported in a finding.
    Unfit(Problem),
}

/// A record that was examined.
pub(super) struct Examined {
    /// Its position in the log.
    pub(super) at: Sequence,
    /// The hash by which the next entry refers to it.
    pub(super) hash: EntryHash,
    /// Its leaf hash in the tree.
    pub(super) leaf: LeafHash,
    /// Its entry.
    pub(super) entry: Result<Entry, EntryError>,
    /// Whether it has a payload that matches its commitment.
    pub(super) committed: bool,
    /// Its content.
    pub(super) content: Content,
    /// The event's bytes, as stored.
    bytes: Option<Vec<u8>>,
}

impl Examined {
    /// Examines the record at `at`.
    pub(super) fn of(at: Sequence, record: Record) -> Self {
        let (hash, leaf) = (entry_hash(&record.entry), tree::leaf_hash(&record.entry));
        let entry = Entry::decode(&record.entry);
        let (committed, content) = match (&record.payload, &entry) {
            (None, _) => (false, Content::Erased),
            (Some(payload), Ok(entry)) if payload.commitment() == entry.commit => {
                (true, read(payload))
            }
            // The commitment of an entry that cannot be read is unknown.
            _ => (false, Content::Unfit(Problem::CommitmentBroken {})),
        };
        let bytes = record.payload.map(|payload| payload.event);
        Self { at, hash, leaf, entry, committed, content, bytes }
    }

    /// The entry for the fold; none if it is faulty or in another's place.
    pub(super) fn checked(&self) -> Option<ReadEntry<'_>> {
        let entry = *self.entry.as_ref().ok().filter(|entry| entry.seq == self.at)?;
        let event = match &self.content {
            Content::Event(event) => Some(&**event),
            Content::Newer | Content::Erased => None,
            Content::Unfit(_) => return None,
        };
        let (hash, leaf) = (self.hash, self.leaf);
        Some(ReadEntry { entry, hash, leaf, bytes: self.bytes.as_deref(), event })
    }
}

fn read(payload: &Payload) -> Content {
    match Event::decode(&payload.event) {
        Ok(event) => Content::Event(Box::new(event)),
        Err(DecodeError::Newer(_)) => Content::Newer,
        Err(DecodeError::NotCanonical) => Content::Unfit(Problem::EventNotCanonical {}),
        Err(error) => {
            let fault = error.to_string().replace('\n', " ");
            Content::Unfit(Problem::EventMalformed { fault })
        }
    }
}
