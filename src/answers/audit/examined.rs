//! One record by itself: what its entry says, and whether its payload is what the entry commits to.
//!
//! Knows bytes and hashes. Must not know what stands before it: records are examined on several
//! threads at once, in no order, and what is found here is told in its turn by whoever puts them
//! back in order.

use crate::answers::finding::Problem;
use crate::answers::view::fold::ReadEntry;
use crate::domain::digest::EntryHash;
use crate::domain::id::Sequence;
use crate::record::event::{DecodeError, Event};
use crate::record::seal::{Entry, EntryError, Payload, Record, entry_hash};
use crate::record::tree::{self, LeafHash};

/// What a record holds beside its entry.
pub(super) enum Content {
    /// An event that this version reads.
    Event(Box<Event>),
    /// An event that a newer version wrote.
    Newer,
    /// Nothing: it was erased.
    Erased,
    /// Something that a finding is about.
    Unfit(Problem),
}

/// A record that was looked at.
pub(super) struct Examined {
    /// Its place in the log.
    pub(super) at: Sequence,
    /// The hash by which the next entry names it.
    pub(super) hash: EntryHash,
    /// The hash by which the tree knows it.
    pub(super) leaf: LeafHash,
    /// Its entry.
    pub(super) entry: Result<Entry, EntryError>,
    /// Whether it has a payload that agrees with its commitment.
    pub(super) committed: bool,
    /// What it holds.
    pub(super) content: Content,
    /// The event's bytes, as they are stored.
    bytes: Option<Vec<u8>>,
}

impl Examined {
    /// Looks at the record at `at`.
    pub(super) fn of(at: Sequence, record: Record) -> Self {
        let (hash, leaf) = (entry_hash(&record.entry), tree::leaf_hash(&record.entry));
        let entry = Entry::decode(&record.entry);
        let (committed, content) = match (&record.payload, &entry) {
            (None, _) => (false, Content::Erased),
            (Some(payload), Ok(entry)) if payload.commitment() == entry.commit => {
                (true, read(payload))
            }
            // Of an entry that cannot be read, nobody knows what it commits to.
            _ => (false, Content::Unfit(Problem::CommitmentBroken {})),
        };
        let bytes = record.payload.map(|payload| payload.event);
        Self { at, hash, leaf, entry, committed, content, bytes }
    }

    /// What the fold takes of it; none where something is wrong with it, or it stands in another's
    /// place.
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
