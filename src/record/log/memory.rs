//! Keeps a log in memory: for tests, for experiments, and as the simplest implementation of the
//! contract.
//!
//! Knows only the trait it implements. Must not know files: nothing in it outlives the process.

use std::collections::BTreeSet;

use super::{AppendError, EraseError, Log, Records, admit, within};
use crate::domain::id::Sequence;
use crate::record::seal::Record;

/// A log kept in a vector.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemoryLog {
    records: Vec<Record>,
}

impl MemoryLog {
    /// An empty log.
    pub const fn new() -> Self {
        Self { records: Vec::new() }
    }
}

impl Log for MemoryLog {
    fn append(&mut self, expected: Sequence, records: &[Record]) -> Result<(), AppendError> {
        if records.is_empty() {
            return Ok(());
        }
        admit(self.length(), expected, records)?;
        self.records.extend_from_slice(records);
        Ok(())
    }

    fn length(&self) -> Sequence {
        Sequence::ZERO.plus(self.records.len() as u64)
    }

    fn read(&self, from: Sequence) -> Records<'_> {
        let start = usize::try_from(from.get()).unwrap_or(usize::MAX).min(self.records.len());
        let records = self.records[start..].iter().zip(0..);
        Box::new(records.map(move |(record, offset)| Ok((from.plus(offset), record.clone()))))
    }

    fn erase(&mut self, sequences: &BTreeSet<Sequence>) -> Result<(), EraseError> {
        within(self.length(), sequences)?;
        for (record, sequence) in self.records.iter_mut().zip(0..) {
            if sequences.contains(&Sequence::ZERO.plus(sequence)) {
                record.payload = None;
            }
        }
        Ok(())
    }
}
