//! Defines the log, the only place where records are kept, as a trait that storage engines
//! implement.
//!
//! Knows records, their order and what can go wrong with them. Must not know which engine keeps
//! them, what an entry means, or whether the chain is valid: a log stores what it is given.

pub mod memory;
pub mod sled;

use std::collections::BTreeSet;
use std::fmt;
use std::io;

use thiserror::Error;

use crate::domain::id::Sequence;
use crate::record::seal::{MAX_ENTRY_BYTES, MAX_EVENT_BYTES, Record};

/// A record with its sequence, or the reason why it cannot be read.
pub type Read = Result<(Sequence, Record), ReadError>;

/// The records of a log in order, read on demand.
pub type Records<'a> = Box<dyn Iterator<Item = Read> + Send + 'a>;

/// An append-only sequence of records, kept by an engine.
///
/// This is a contract. `tests/log_conformance.rs` tests every engine against it, and a replicated
/// engine (a NATS JetStream stream, whose expected-last-sequence header corresponds to `expected`
/// here) must be able to fulfil it.
///
/// *Durability.* When [`append`](Log::append) or [`erase`](Log::erase) returns `Ok`, the change
/// survives the end of the process, a power cut and, for a replicated engine, the loss of as many
/// replicas as it promises. The in-memory engine promises nothing beyond its own lifetime.
///
/// *Atomicity.* An append is visible whole or not at all, even after a crash in the middle of it.
/// After an error the caller does not know which: it reopens the log and checks its length.
///
/// *Order.* Sequences count from 0 without gaps, in the order of appending. A record never moves,
/// and its entry never changes; its payload can only be erased.
///
/// *Concurrency.* There is one writer: the exclusive borrow keeps others out within a process, and
/// an engine locks out other processes, or else refuses a writer that was overtaken with
/// [`AppendError::Moved`]. Any number of threads may read at the same time. A reader sees the log
/// as it was when its iterator was created.
///
/// *Errors.* After any failure to write, the engine refuses every later write with
/// [`AppendError::Poisoned`]: how much of a failed write the operating system kept is unknown, and
/// retrying can turn that into silent loss. Failures to read change nothing. No engine panics,
/// whatever its files contain.
pub trait Log: Send + Sync {
    /// Appends `records`, the first of them at `expected`, all or nothing, and returns once they
    /// are durable. An empty batch has no effect, whatever `expected` is.
    ///
    /// Sizes are checked before anything is written. A batch is held in memory while it is written;
    /// batches of about a thousand records are both fast and small.
    ///
    /// # Errors
    ///
    /// [`AppendError`]; an append refused for its place or size leaves the log unchanged.
    fn append(&mut self, expected: Sequence, records: &[Record]) -> Result<(), AppendError>;

    /// The sequence of the next record, which is the number of records.
    fn length(&self) -> Sequence;

    /// The records from `from` to the end, in order, in bounded memory.
    ///
    /// Damage does not end the iterator. For all records lost in one place it yields one
    /// [`ReadError`], and reading continues after it, so a single pass locates every damage. An
    /// error's span can begin before `from`, if the damage does.
    fn read(&self, from: Sequence) -> Records<'_>;

    /// The record at `sequence`, or `None` at or after the end.
    ///
    /// # Errors
    ///
    /// [`ReadError`], if the record is damaged or missing.
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

    /// Erases the salt and event of the records at `sequences`, and keeps their entries. Records
    /// erased earlier stay erased. Once it returns, no file of the engine holds the erased bytes.
    ///
    /// The time grows with the log, not with `sequences`: erase many at once.
    ///
    /// # Errors
    ///
    /// [`EraseError`]; the log is then unchanged, or it is erased and must be reopened.
    fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError>;
}

/// A range of sequences: from its first up to, but not including, an end, if that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SequenceSpan {
    /// The first sequence.
    pub first: Sequence,
    /// The first sequence after the range; `None` if damage hides where it ends.
    pub end: Option<Sequence>,
}

impl SequenceSpan {
    /// The span of one sequence.
    pub fn of(sequence: Sequence) -> Self {
        Self::between(sequence, sequence.next())
    }

    /// From `first` up to, but not including, `end`.
    pub const fn between(first: Sequence, end: Sequence) -> Self {
        Self { first, end: Some(end) }
    }

    /// From `first` on, with an unknown end.
    pub const fn onwards(first: Sequence) -> Self {
        Self { first, end: None }
    }

    /// Whether the span contains `sequence`.
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

/// A place in an engine's storage, as the engine describes it: `block #41`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StorePlace(Box<str>);

impl StorePlace {
    /// The place that an engine calls `name`.
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
    /// The log is longer or shorter than the writer assumes: another process has written to it
    /// since.
    #[error("the log continues at {actual}, not at {expected}: read what was added, and try again")]
    Moved {
        /// The sequence at which the writer wanted to append.
        expected: Sequence,
        /// The log's length.
        actual: Sequence,
    },
    /// An entry is over [`MAX_ENTRY_BYTES`].
    #[error("the entry at {sequence} is {found} bytes long, and the limit is 1024: shorten it")]
    EntryTooLarge {
        /// The sequence it was to get.
        sequence: Sequence,
        /// Its length in bytes.
        found: usize,
    },
    /// An event is over [`MAX_EVENT_BYTES`].
    #[error("the event at {sequence} is {found} bytes long, and the limit is 65536: split it")]
    EventTooLarge {
        /// The sequence it was to get.
        sequence: Sequence,
        /// Its length in bytes.
        found: usize,
    },
    /// The disk is full.
    #[error("the disk is full ({source}): free some space, reopen the ledger and retry")]
    Full {
        /// The operating system's error.
        source: io::Error,
    },
    /// The engine failed to write; whether the records were kept is known once it is reopened.
    #[error(
        "the log could not be written ({fault}): reopen the ledger and check whether the entries are in it"
    )]
    Failed {
        /// The engine's message.
        fault: String,
    },
    /// An earlier write failed, and nothing has been written since.
    #[error(
        "an earlier write failed ({since}), and nothing has been written since: reopen the ledger"
    )]
    Poisoned {
        /// The earlier failure.
        since: String,
    },
    /// The log is a copy made for reading.
    #[error("this is a copy made for reading: write to the ledger it was made from")]
    ReadOnly,
}

/// Why records could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The bytes in a place are not those that were written there.
    #[error(
        "{lost} cannot be read: {place} is damaged ({fault}); keep a copy of the folder and restore a backup"
    )]
    Damaged {
        /// The records in it.
        lost: SequenceSpan,
        /// The place in the engine's storage.
        place: StorePlace,
        /// What is wrong with it.
        fault: String,
    },
    /// The engine itself fails at this point of the log.
    #[error(
        "{lost} cannot be read: the store reports an error there ({fault}); keep a copy of the folder and restore a backup"
    )]
    Unreadable {
        /// The unreadable records.
        lost: SequenceSpan,
        /// The engine's message.
        fault: String,
    },
    /// These records are nowhere in the store.
    #[error("{lost} is missing from the store: keep a copy of the folder and restore a backup")]
    Missing {
        /// The records.
        lost: SequenceSpan,
    },
    /// Two places hold the same records. Those in the earlier place are returned.
    #[error(
        "{place} contains {held}, which an earlier place also contains: run `testimony audit` to see which is right"
    )]
    Overlap {
        /// The later place.
        place: StorePlace,
        /// The records that occur twice.
        held: SequenceSpan,
    },
    /// Something that does not belong to a log.
    #[error(
        "{place} does not belong to a log: another program wrote to the store; keep a copy of the folder and restore a backup"
    )]
    Stray {
        /// The place in the store.
        place: StorePlace,
    },
}

impl ReadError {
    /// The records that could not be returned; `None` if all were.
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
        /// The sequence that was to be erased.
        sequence: Sequence,
        /// The log's length.
        length: Sequence,
    },
    /// The log is damaged, and rewriting it would hide the damage.
    #[error("nothing was erased, because the log is damaged: {0}")]
    Damaged(#[from] ReadError),
    /// The disk is too full for the rewritten log.
    #[error(
        "nothing was erased, because the disk is full ({source}): free as much space as the log takes"
    )]
    Full {
        /// The operating system's error.
        source: io::Error,
    },
    /// The rewritten log differs from this one; it was discarded.
    #[error("nothing was erased, because the rewritten log differs at {sequence}: check the disk")]
    Unfaithful {
        /// The first record that differs.
        sequence: Sequence,
    },
    /// The engine failed; its message says at which step.
    #[error("erasing failed ({fault}): reopen the ledger and erase again")]
    Failed {
        /// The engine's message.
        fault: String,
    },
    /// An earlier write failed, and nothing has been written since.
    #[error(
        "an earlier write failed ({since}), and nothing has been written since: reopen the ledger"
    )]
    Poisoned {
        /// The earlier failure.
        since: String,
    },
    /// The log is a copy made for reading.
    #[error("this is a copy made for reading: erase in the ledger it was made from")]
    ReadOnly,
}

/// The checks that every engine must make before it writes.
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

/// Refuses to erase records that do not exist.
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
