//! The log: the one place where what was recorded is kept, behind a trait an engine implements.
//!
//! Knows records, their order and what can go wrong with them. Must not know which engine keeps
//! them, what an entry says, or whether the chain holds: a log stores what it is given.

pub mod memory;
pub mod sled;

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use thiserror::Error;

use crate::domain::id::Sequence;
use crate::record::seal::{MAX_ENTRY_BYTES, MAX_EVENT_BYTES, Record};

/// A record with its place, or what stands in its way.
pub type Read = Result<(Sequence, Record), ReadError>;

/// The records of a log in order, read as they are asked for.
pub type Records<'a> = Box<dyn Iterator<Item = Read> + Send + 'a>;

/// An append-only sequence of records, kept by an engine.
///
/// This is a contract. `tests/log_conformance.rs` holds every engine to it, and a replicated one
/// (a NATS JetStream stream, whose expected-last-sequence header is what `expected` is here) must
/// be able to stand behind it.
///
/// *Durability.* When [`append`](Log::append) or [`erase`](Log::erase) returns `Ok`, the change
/// outlives the process, the machine's power and, for a replicated engine, the loss of as many
/// replicas as it promises. The in-memory engine promises nothing beyond its own life.
///
/// *Atomicity.* An append is seen whole or not at all, also after a crash in the middle of it.
/// After an error the caller does not know which: it opens the log again and asks its length.
///
/// *Order.* Sequences count from 0 without a gap, in the order of appending. A record never moves,
/// and its entry never changes; its payload can only be erased.
///
/// *Concurrency.* One writer: the exclusive borrow keeps others out within a process, and an
/// engine keeps out other processes, or else refuses a writer that was overtaken with
/// [`AppendError::Moved`]. Any number of threads may read at a time. A reader sees the log as it
/// was when its iterator was made.
///
/// *Errors.* After any failure to write, the engine refuses every later write with
/// [`AppendError::Poisoned`]: what the operating system kept of a failed write is unknown, and
/// trying again can turn that into silent loss. Failures to read change nothing. No engine panics,
/// whatever its files hold.
pub trait Log: Send + Sync {
    /// Appends `records`, the first of them at `expected`, all or nothing, and returns once they
    /// are durable. No records, no effect, whatever `expected` is.
    ///
    /// Sizes are checked before anything is written. A batch is held in memory while it is
    /// written; about a thousand records each is both quick and small.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; what was refused for its place or size leaves the log as it was.
    fn append(&mut self, expected: Sequence, records: &[Record]) -> Result<(), AppendError>;

    /// The sequence the next record gets, which is how many there are.
    fn length(&self) -> Sequence;

    /// The records from `from` to the end, in order, in bounded memory.
    ///
    /// Damage does not end it. A record that cannot be read is answered by one [`ReadError`] for
    /// all that is lost in one place, and reading goes on behind it, so that a single pass locates
    /// every damage. An error's span can begin before `from`, where the damage does.
    fn read(&self, from: Sequence) -> Records<'_>;

    /// The record at `sequence`, or `None` at and beyond the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`], where it is damaged or missing.
    fn get(&self, sequence: Sequence) -> Result<Option<Record>, ReadError> {
        if sequence >= self.length() {
            return Ok(None);
        }
        match self.read(sequence).next() {
            Some(Ok((_, record))) => Ok(Some(record)),
            Some(Err(error)) => Err(error),
            None => Err(ReadError::Missing { lost: SequenceSpan::of(sequence) }),
        }
    }

    /// Drops salt and event of the records at `sequences`, and keeps their entries. What was
    /// erased before stays erased. Once it returns, no file of the engine holds the erased bytes.
    ///
    /// The time taken grows with the log, not with `sequences`: erase many at once.
    ///
    /// # Errors
    ///
    /// [`EraseError`]; the log is then as it was, or erased and to be opened again.
    fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError>;
}

/// A run of sequences: from its first up to an end that is not part of it, where that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceSpan {
    /// The first sequence.
    pub first: Sequence,
    /// The first sequence behind it; `None` where damage hides how far it goes.
    pub end: Option<Sequence>,
}

impl SequenceSpan {
    /// The span of one sequence.
    pub fn of(sequence: Sequence) -> Self {
        Self::between(sequence, sequence.next())
    }

    /// From `first` up to, and without, `end`.
    pub const fn between(first: Sequence, end: Sequence) -> Self {
        Self { first, end: Some(end) }
    }

    /// From `first` on, nobody knows how far.
    pub const fn onwards(first: Sequence) -> Self {
        Self { first, end: None }
    }

    /// Whether `sequence` lies in it.
    pub fn holds(&self, sequence: Sequence) -> bool {
        self.first <= sequence && self.end.is_none_or(|end| sequence < end)
    }
}

impl fmt::Display for SequenceSpan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.end {
            None => write!(f, "{} and what follows", self.first),
            Some(end) if end.get() <= self.first.get() + 1 => write!(f, "{}", self.first),
            Some(end) => write!(f, "{} to #{}", self.first, end.get() - 1),
        }
    }
}

/// Where an engine keeps something, in its own words: `block #41`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorePlace(Box<str>);

impl StorePlace {
    /// The place an engine calls `name`.
    pub fn named(name: impl fmt::Display) -> Self {
        Self(name.to_string().into())
    }
}

impl fmt::Display for StorePlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why records were not appended.
#[derive(Debug, Error)]
pub enum AppendError {
    /// The log is longer or shorter than the writer believes: another wrote since.
    #[error("the log continues at {actual}, not at {expected}: read what was added, and try again")]
    Moved {
        /// Where the writer wanted to append.
        expected: Sequence,
        /// The log's length.
        actual: Sequence,
    },
    /// An entry is over [`MAX_ENTRY_BYTES`].
    #[error("the entry at {sequence} is {found} bytes long, and the limit is 1024: shorten it")]
    EntryTooLarge {
        /// Where it was to go.
        sequence: Sequence,
        /// Its length in bytes.
        found: usize,
    },
    /// An event is over [`MAX_EVENT_BYTES`].
    #[error("the event at {sequence} is {found} bytes long, and the limit is 65536: split it")]
    EventTooLarge {
        /// Where it was to go.
        sequence: Sequence,
        /// Its length in bytes.
        found: usize,
    },
    /// No space is left.
    #[error("the disk is full ({source}): free some space, open the ledger again and repeat this")]
    Full {
        /// What the operating system said.
        source: io::Error,
    },
    /// The engine failed to write; whether the records were kept shows when it is opened again.
    #[error("the log could not be written ({fault}): open the ledger again and see what it holds")]
    Failed {
        /// What the engine said.
        fault: String,
    },
    /// An earlier write failed, and since then nothing is written.
    #[error("nothing is written since an earlier failure ({since}): open the ledger again")]
    Poisoned {
        /// The earlier failure.
        since: String,
    },
    /// It is a copy made for reading.
    #[error("this is a copy made for reading: write to the ledger it was made from")]
    ReadOnly,
}

/// Why records could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// What stands at a place is not what was written there.
    #[error(
        "{lost} cannot be read: {place} is damaged, {fault}; keep a copy of the folder and restore a backup"
    )]
    Damaged {
        /// The records it held.
        lost: SequenceSpan,
        /// Where the engine kept them.
        place: StorePlace,
        /// What is wrong with it.
        fault: String,
    },
    /// The engine itself fails at this point of the log.
    #[error(
        "{lost} cannot be read: the store fails there, {fault}; keep a copy of the folder and restore a backup"
    )]
    Unreadable {
        /// The records that cannot be reached.
        lost: SequenceSpan,
        /// What the engine said.
        fault: String,
    },
    /// Nothing holds these records.
    #[error(
        "{lost} is missing: nothing in the store holds it; keep a copy of the folder and restore a backup"
    )]
    Missing {
        /// The records.
        lost: SequenceSpan,
    },
    /// A place holds records another holds as well. The earlier one's are given.
    #[error(
        "{place} also holds {held}, which came before it: run `testimony audit` for which fits"
    )]
    Overlap {
        /// The later place.
        place: StorePlace,
        /// The records held twice.
        held: SequenceSpan,
    },
    /// Something that is no part of a log.
    #[error(
        "{place} is no part of a log: something else wrote to the store; keep a copy of the folder and restore a backup"
    )]
    Stray {
        /// Where it stands.
        place: StorePlace,
    },
}

impl ReadError {
    /// The records that could not be given; `None` where all were.
    pub const fn lost(&self) -> Option<SequenceSpan> {
        match self {
            Self::Damaged { lost, .. } | Self::Unreadable { lost, .. } | Self::Missing { lost } => {
                Some(*lost)
            }
            Self::Overlap { .. } | Self::Stray { .. } => None,
        }
    }
}

/// Why payloads were not erased.
#[derive(Debug, Error)]
pub enum EraseError {
    /// There is no such record.
    #[error("{sequence} is not in the log, which ends before {length}: give an earlier one")]
    Beyond {
        /// What was to be erased.
        sequence: Sequence,
        /// The log's length.
        length: Sequence,
    },
    /// The log is damaged, and rewriting it would hide the damage.
    #[error("nothing was erased, for the log is damaged: {0}")]
    Damaged(#[from] ReadError),
    /// No space is left for the rewritten log.
    #[error("nothing was erased, for the disk is full ({source}): free as much as the log takes")]
    Full {
        /// What the operating system said.
        source: io::Error,
    },
    /// The rewritten log does not hold what it should; it was discarded.
    #[error("nothing was erased, for the rewritten log differs at {sequence}: check the disk")]
    Unfaithful {
        /// The first record that differs.
        sequence: Sequence,
    },
    /// The engine failed; it says how far it had come.
    #[error("erasing failed ({fault}): open the ledger again and erase again")]
    Failed {
        /// What the engine said.
        fault: String,
    },
    /// An earlier write failed, and since then nothing is written.
    #[error("nothing is written since an earlier failure ({since}): open the ledger again")]
    Poisoned {
        /// The earlier failure.
        since: String,
    },
    /// It is a copy made for reading.
    #[error("this is a copy made for reading: erase in the ledger it was made from")]
    ReadOnly,
}

/// Refuses what every engine must refuse before it writes.
fn admit(length: Sequence, expected: Sequence, records: &[Record]) -> Result<(), AppendError> {
    if expected != length {
        return Err(AppendError::Moved { expected, actual: length });
    }
    for (record, offset) in records.iter().zip(0..) {
        let sequence = expected.plus(offset);
        let found = record.entry.len();
        if found > MAX_ENTRY_BYTES {
            return Err(AppendError::EntryTooLarge { sequence, found });
        }
        let found = record.payload.as_ref().map_or(0, |payload| payload.event.len());
        if found > MAX_EVENT_BYTES {
            return Err(AppendError::EventTooLarge { sequence, found });
        }
    }
    Ok(())
}

/// Refuses to erase what is not there.
fn within(length: Sequence, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError> {
    match sequences.last() {
        Some(&sequence) if sequence >= length => Err(EraseError::Beyond { sequence, length }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_says_what_it_holds() {
        let at = |value| Sequence::new(value).unwrap();
        assert_eq!(SequenceSpan::of(at(41)).to_string(), "#41");
        assert_eq!(SequenceSpan::between(at(3), at(9)).to_string(), "#3 to #8");
        assert_eq!(SequenceSpan::onwards(at(3)).to_string(), "#3 and what follows");
        assert!(SequenceSpan::between(at(3), at(9)).holds(at(8)));
        assert!(!SequenceSpan::between(at(3), at(9)).holds(at(9)));
        assert!(SequenceSpan::onwards(at(3)).holds(at(9)));
    }
}
