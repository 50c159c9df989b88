//! Checks the hash chain, in which each entry refers to the one before it, and builds the tree over
//! all entries.
//!
//! Knows hashes and order. Must not know what an event says or refers to.

use super::examined::{Content, Examined};
use crate::answers::finding::{FindingPlace, Findings, Problem};
use crate::domain::digest::EntryHash;
use crate::domain::id::Sequence;
use crate::record::log::ReadError;
use crate::record::seal::{ChainError, Entry, HashChain};
use crate::record::tree::{Frontier, TreeHead};

/// The most consecutive missing entries after which hashes are still stored. Otherwise a forged
/// block with a very large sequence could exhaust the memory.
const WIDEST_GAP: usize = 1 << 20;

/// The state after the entries so far.
pub(super) struct Entries {
    chain: HashChain,
    /// Whether the end of the chain is known, so that the next entry can be checked against it.
    tied: bool,
    tree: Option<Frontier>,
    vouched: Option<u64>,
    vouched_head: Option<TreeHead>,
    hashes: Vec<[u8; 8]>,
    /// Payloads that were read and match their commitments.
    pub(super) payloads: u64,
}

impl Entries {
    /// The state before the first entry. `vouched` is the size for which the tree's root is needed
    /// later.
    pub(super) fn new(vouched: Option<u64>) -> Self {
        let mut entries = Self {
            chain: HashChain::EMPTY,
            tied: true,
            tree: Some(Frontier::default()),
            vouched,
            vouched_head: None,
            hashes: Vec::new(),
            payloads: 0,
        };
        entries.note_head();
        entries
    }

    /// The sequence that the next entry should have.
    pub(super) const fn next(&self) -> Sequence {
        self.chain.next
    }

    /// The hash of the last entry.
    pub(super) const fn last(&self) -> EntryHash {
        self.chain.head
    }

    /// The whole tree; none if an entry could not be read.
    pub(super) fn head(&self) -> Option<TreeHead> {
        self.tree.as_ref().map(Frontier::head)
    }

    /// The tree at the size `vouched`; none if the log is shorter, or an entry before that could
    /// not be read.
    pub(super) const fn vouched_head(&self) -> Option<TreeHead> {
        self.vouched_head
    }

    /// The first 8 bytes of each entry's hash; zeros if the entry could not be read.
    pub(super) fn hashes(&self) -> &[[u8; 8]] {
        &self.hashes
    }

    /// Reports a record that could not be read.
    pub(super) fn miss(&mut self, error: &ReadError, findings: &mut Findings) {
        let (place, problem) = told(error);
        findings.add(place, problem);
        if let Some(lost) = error.lost() {
            self.tree = None;
            self.tied = false;
            self.chain.next = lost.end.unwrap_or(lost.first.next()).max(self.chain.next);
        }
    }

    /// Appends an examined record, and reports what is wrong with it.
    pub(super) fn take(&mut self, examined: &Examined, findings: &mut Findings) {
        let Examined { at, hash, leaf, .. } = *examined;
        if let Some(tree) = &mut self.tree {
            // The rebuilt views keep the full tiles, with which the kept ones are compared.
            let _ = tree.push(leaf);
        }
        self.note_head();
        self.remember(at, hash);
        let entry = match &examined.entry {
            Ok(entry) => entry,
            Err(error) => {
                let fault = error.to_string();
                findings.add(FindingPlace::Entry(at), Problem::EntryMalformed { fault });
                self.chain = HashChain { next: at.next(), head: hash, ..self.chain };
                self.tied = false;
                return;
            }
        };
        self.follow(at, entry, hash, findings);
        self.payloads += u64::from(examined.committed);
        if let Content::Unfit(problem) = &examined.content {
            findings.add(FindingPlace::Entry(at), problem.clone());
        }
    }

    fn remember(&mut self, at: Sequence, hash: EntryHash) {
        let place = usize::try_from(at.get()).unwrap_or(usize::MAX);
        if place.saturating_sub(self.hashes.len()) <= WIDEST_GAP {
            self.hashes.resize(self.hashes.len().max(place + 1), [0; 8]);
            self.hashes[place] = hash.as_bytes().first_chunk().copied().unwrap_or_default();
        }
    }

    fn note_head(&mut self) {
        if let Some(tree) = &self.tree
            && Some(tree.size()) == self.vouched
        {
            self.vouched_head = Some(tree.head());
        }
    }

    fn follow(&mut self, at: Sequence, entry: &Entry, hash: EntryHash, findings: &mut Findings) {
        if !self.tied {
            // The previous entry could not be read, so only the sequence can be checked.
            self.chain = HashChain { next: at, head: entry.prev, ..self.chain };
            self.tied = true;
        }
        if let Err(error) = self.chain.follow(entry, hash) {
            let (place, problem) = unchained(at, error);
            findings.add(place, problem);
            self.chain.advance(entry, hash);
        }
    }
}

fn unchained(at: Sequence, error: ChainError) -> (FindingPlace, Problem) {
    match error {
        ChainError::OutOfSequence { expected, found } => {
            (FindingPlace::Entry(at), Problem::OutOfSequence { expected, found })
        }
        ChainError::Broken { expected, found } => {
            let before = at.get().checked_sub(1).and_then(|before| Sequence::new(before).ok());
            let place = FindingPlace::Entries { first: before.unwrap_or(at), last: Some(at) };
            (place, Problem::ChainBroken { expected, found })
        }
        ChainError::Earlier { expected, found } => {
            (FindingPlace::Entry(at), Problem::TimeBackwards { before: expected, found })
        }
    }
}

/// The log's error for a record that it cannot return, as a finding.
fn told(error: &ReadError) -> (FindingPlace, Problem) {
    let entries = |lost: crate::record::log::SequenceSpan| {
        let last = lost.end.and_then(|end| end.get().checked_sub(1));
        let last = last.and_then(|last| Sequence::new(last).ok());
        FindingPlace::Entries { first: lost.first, last: last.map(|last| last.max(lost.first)) }
    };
    match error {
        ReadError::Damaged { lost, place, fault } => {
            let problem =
                Problem::BlockDamaged { block: place.to_string(), fault: fault.to_string() };
            (entries(*lost), problem)
        }
        ReadError::Unreadable { lost, fault } => {
            (entries(*lost), Problem::StoreFails { fault: fault.clone() })
        }
        ReadError::Missing { lost } => (entries(*lost), Problem::EntriesMissing {}),
        ReadError::Overlap { place, held } => {
            (entries(*held), Problem::BlocksOverlap { block: place.to_string() })
        }
        ReadError::Stray { place } => {
            (FindingPlace::Block(place.to_string()), Problem::BlockStray {})
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::log::SequenceSpan;

    fn at(value: u64) -> Sequence {
        Sequence::ZERO.plus(value)
    }

    #[test]
    fn where_the_store_fails_is_told_and_what_follows_is_taken_up_again() {
        let mut entries = Entries::new(Some(0));
        let mut findings = Findings::default();
        let lost = SequenceSpan::between(at(0), at(4));
        let error = ReadError::Unreadable { lost, fault: "it panicked".into() };
        entries.miss(&error, &mut findings);
        assert_eq!((entries.next(), entries.head()), (at(4), None));
        let unknown = ReadError::Missing { lost: SequenceSpan::onwards(at(4)) };
        entries.miss(&unknown, &mut findings);
        assert_eq!(entries.next(), at(5));
        let (kept, _) = findings.into_parts();
        assert_eq!(kept[0].place, FindingPlace::Entries { first: at(0), last: Some(at(3)) });
        assert_eq!(kept[0].problem.tag(), "store_fails");
        assert_eq!(kept[1].place, FindingPlace::Entries { first: at(4), last: None });
    }

    #[test]
    fn an_entry_far_away_takes_no_memory() {
        let mut entries = Entries::new(None);
        entries.remember(at(1 << 50), EntryHash::ZERO);
        assert_eq!(entries.hashes().len(), 0);
    }
}
