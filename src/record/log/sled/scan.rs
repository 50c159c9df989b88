//! Reads the blocks of a store in order and continues past damage.
//!
//! Knows how blocks follow one another, and reports what breaks the order. Must not write, and must
//! not know what an entry means.

use std::collections::VecDeque;
use std::fmt::Display;
use std::ops::Bound;

use ::sled::IVec;

use super::block::{self, BlockBody, BlockFault, BlockKey};
use super::store::{Store, StoreFault};
use crate::domain::id::Sequence;
use crate::record::log::{Read, ReadError, SequenceSpan, StorePlace};
use crate::record::seal::Record;

/// How many sequences are tried one by one after an unreadable page before the steps grow. A leaf
/// holds about two hundred records, an index page about fifty thousand.
const NEAR: u64 = 1 << 16;

/// The records of a store, from one sequence on.
pub(super) struct Scan<'a> {
    store: &'a Store,
    from: Sequence,
    /// The log's length, if it is known; records missing at the end are then reported, too.
    end: Option<Sequence>,
    /// The sequence with which the next block should begin.
    next: Sequence,
    cursor: Bound<IVec>,
    ready: VecDeque<Read>,
    done: bool,
}

impl<'a> Scan<'a> {
    /// The records of `store` from `from` on, up to `end` if that is known.
    pub(super) fn new(store: &'a Store, from: Sequence, end: Option<Sequence>) -> Self {
        let done = end.is_some_and(|end| end <= from);
        let mut scan = Self {
            store,
            from,
            end,
            next: from,
            cursor: Bound::Included(at(from)),
            ready: VecDeque::new(),
            done,
        };
        if !done {
            scan.seek();
        }
        scan
    }

    /// Moves back to the block that holds `from`. If the store fails here, it fails again when the
    /// first block is read, and that is reported.
    fn seek(&mut self) {
        let Ok(Some((bytes, _))) = self.store.before(&at(self.from.next())) else { return };
        if let Some(key) = BlockKey::decode(&bytes) {
            self.next = key.first;
            self.cursor = Bound::Included(at(key.first));
        }
    }

    fn step(&mut self) {
        match self.store.after(&self.cursor) {
            Ok(Some((bytes, value))) => self.block(bytes, &value),
            Ok(None) => self.finish(),
            Err(fault) => self.pass(&fault),
        }
    }

    fn finish(&mut self) {
        self.done = true;
        match self.end {
            Some(end) if self.next < end => {
                self.report(ReadError::Missing { lost: SequenceSpan::between(self.next, end) });
            }
            _ => {}
        }
    }

    fn block(&mut self, bytes: IVec, value: &[u8]) {
        let key = BlockKey::decode(&bytes);
        self.cursor = Bound::Excluded(bytes.clone());
        let Some(key) = key else {
            let digits: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let place = StorePlace::named(format_args!("key {digits}"));
            return self.report(ReadError::Stray { place });
        };
        self.follow(key);
        match block::decode(key, value) {
            Ok(BlockBody::Whole(records)) => self.give(key.first, records),
            Ok(BlockBody::Part { total, bytes }) if key.part == 0 => self.gather(key, total, bytes),
            Ok(BlockBody::Part { .. }) => self.damaged(key, &BlockFault::Parts),
            Err(fault) => self.damaged(key, &fault),
        }
    }

    /// Reports a gap before the block, or records that it shares with the previous one.
    fn follow(&mut self, key: BlockKey) {
        let (found, expected) = (key.first, self.next);
        if found > expected {
            self.next = found;
            self.report(ReadError::Missing { lost: SequenceSpan::between(expected, found) });
        } else if found < expected {
            let held = SequenceSpan::between(found, expected);
            self.report(ReadError::Overlap { place: StorePlace::named(key), held });
        }
    }

    fn give(&mut self, first: Sequence, records: Vec<Record>) {
        let wanted = self.next.max(self.from);
        for (record, offset) in records.into_iter().zip(0..) {
            let sequence = first.plus(offset);
            if sequence >= wanted {
                self.ready.push_back(Ok((sequence, record)));
            }
            self.next = self.next.max(sequence.next());
        }
    }

    fn gather(&mut self, key: BlockKey, total: u16, bytes: &[u8]) {
        let mut whole = bytes.to_vec();
        for part in 1..total {
            let key = BlockKey { part, ..key };
            let (bytes, value) = match self.store.after(&self.cursor) {
                Ok(Some((bytes, value))) if BlockKey::decode(&bytes) == Some(key) => (bytes, value),
                Ok(_) => return self.damaged(key, &BlockFault::Parts),
                Err(fault) => return self.damaged(key, &fault),
            };
            self.cursor = Bound::Excluded(bytes);
            match block::decode(key, &value) {
                Ok(BlockBody::Part { total: same, bytes }) if same == total => whole.extend(bytes),
                Ok(_) => return self.damaged(key, &BlockFault::Parts),
                Err(fault) => return self.damaged(key, &fault),
            }
        }
        match block::join(&whole) {
            Ok(record) => self.give(key.first, vec![record]),
            Err(fault) => self.damaged(key, &fault),
        }
    }

    /// Reports a damaged block, and continues with the next one that begins with another record.
    fn damaged(&mut self, key: BlockKey, fault: &dyn Display) {
        let end = self.beginning_behind(key.first);
        let lost = SequenceSpan { first: key.first, end };
        self.next = self.next.max(end.unwrap_or(key.first.next()));
        let fault = fault.to_string();
        self.report(ReadError::Damaged { lost, place: StorePlace::named(key), fault });
    }

    /// The sequence at which the next block after `first` begins, or at which the log ends, if
    /// either is known. Moves the cursor past the other parts of `first`.
    fn beginning_behind(&mut self, first: Sequence) -> Option<Sequence> {
        loop {
            let bytes = match self.store.after(&self.cursor) {
                Ok(Some((bytes, _))) => bytes,
                Ok(None) => return self.end.filter(|end| first < *end),
                // The next page cannot be read, which is reported when it is reached.
                Err(_) => return Some(first.next()),
            };
            match BlockKey::decode(&bytes) {
                Some(key) if key.first > first => return Some(key.first),
                Some(_) => self.cursor = Bound::Excluded(bytes),
                None => return Some(first.next()),
            }
        }
    }

    /// Continues after a page that the store cannot read, by seeking later and later blocks.
    fn pass(&mut self, fault: &StoreFault) {
        let (first, fault) = (self.next, fault.to_string());
        let found = self.readable_behind(first);
        self.done = found.is_none();
        let end = match &found {
            Some(Some(key)) => Some(key.first),
            Some(None) => self.end,
            None => None,
        };
        if let Some(Some(key)) = found {
            self.next = key.first.max(first);
            self.cursor = Bound::Included(key.encode().as_slice().into());
        } else {
            self.done = true;
        }
        self.report(ReadError::Unreadable { lost: SequenceSpan { first, end }, fault });
    }

    /// The first readable block after an unreadable page at `first`; `Some(None)` if the log ends
    /// there, `None` if nothing after it can be read.
    fn readable_behind(&self, first: Sequence) -> Option<Option<BlockKey>> {
        let near = (1..NEAR).map(|step| first.get() + step);
        let far = (16..53).map(|power| first.get() + (1u64 << power));
        let mut failing = first;
        let probes = near.chain(far).map_while(|probe| Sequence::new(probe).ok());
        for probe in probes {
            if self.probe(probe).is_some() {
                return self.probe(self.narrow(failing, probe));
            }
            failing = probe;
        }
        None
    }

    /// The lowest readable sequence between an unreadable and a readable one.
    fn narrow(&self, failing: Sequence, readable: Sequence) -> Sequence {
        let (mut low, mut high) = (failing, readable);
        while high.get() - low.get() > 1 {
            let middle = low.plus((high.get() - low.get()) / 2);
            if self.probe(middle).is_some() {
                high = middle;
            } else {
                low = middle;
            }
        }
        high
    }

    fn probe(&self, sequence: Sequence) -> Option<Option<BlockKey>> {
        let found = self.store.after(&Bound::Included(at(sequence))).ok()?;
        Some(found.and_then(|(bytes, _)| BlockKey::decode(&bytes)))
    }

    /// Errors that lie wholly before the first requested record are not reported.
    fn report(&mut self, error: ReadError) {
        let earlier = |span: SequenceSpan| span.end.is_some_and(|end| end <= self.from);
        if !error.lost().is_some_and(earlier) {
            self.ready.push_back(Err(error));
        }
    }
}

impl Iterator for Scan<'_> {
    type Item = Read;

    fn next(&mut self) -> Option<Read> {
        loop {
            if let Some(read) = self.ready.pop_front() {
                return Some(read);
            }
            if self.done {
                return None;
            }
            self.step();
        }
    }
}

fn at(sequence: Sequence) -> IVec {
    BlockKey::starting(sequence).encode().as_slice().into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::record::seal::{Payload, Salt};

    fn number(value: u64) -> Sequence {
        Sequence::new(value).unwrap()
    }

    fn record(tag: u64, event: usize) -> Record {
        let payload = Payload { salt: Salt::from_bytes([1; 32]), event: vec![tag as u8; event] };
        Record { entry: tag.to_string().into_bytes(), payload: Some(payload) }
    }

    fn blocks(first: u64, tags: std::ops::Range<u64>) -> Vec<([u8; 10], Vec<u8>)> {
        let records: Vec<_> = tags.map(|tag| record(tag, 9)).collect();
        let packed = super::super::packing::pack(number(first), &records).into_iter();
        packed.map(|(key, value)| (key.encode(), value)).collect()
    }

    /// Reads a store with these blocks: records as their sequences, errors as their messages.
    fn told(blocks: Vec<([u8; 10], Vec<u8>)>, from: u64, end: u64) -> Vec<String> {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path(), Duration::from_secs(60)).unwrap();
        store.write(blocks.into_iter()).unwrap();
        let told = |read: Read| match read {
            Ok((sequence, _)) => sequence.to_string(),
            Err(error) => error.to_string(),
        };
        Scan::new(&store, number(from), Some(number(end))).map(told).collect()
    }

    #[test]
    fn a_gap_is_named_wherever_it_is() {
        let stored = [blocks(2, 2..4), blocks(6, 6..7)].concat();
        let missing = |lost: &str| {
            format!(
                "{lost} is missing from the store: keep a copy of the folder and restore a backup"
            )
        };
        let [start, middle, end] = ["#0 to #1", "#4 to #5", "#7"].map(missing);
        let expected = [&start, "#2", "#3", &middle, "#6", &end];
        assert_eq!(told(stored.clone(), 0, 8), expected);
        assert_eq!(told(stored.clone(), 3, 8), expected[2..]);
        assert_eq!(told(stored.clone(), 6, 8), expected[4..]);
        assert_eq!(told(stored, 8, 8), [""; 0]);
    }

    #[test]
    fn a_damaged_block_is_named_with_what_it_held_and_the_next_is_read() {
        let mut stored = [blocks(0, 0..2), blocks(2, 2..5), blocks(5, 5..6)].concat();
        stored[1].1[40] ^= 4;
        let lost = "#2 to #4 cannot be read: block #2 is damaged \
                    (its checksum does not match its bytes); keep a copy of the folder and restore a backup";
        assert_eq!(told(stored.clone(), 0, 6), ["#0", "#1", lost, "#5"]);
        assert_eq!(told(stored.clone(), 4, 6), [lost, "#5"]);
        assert_eq!(told(stored, 5, 6), ["#5"]);
    }

    #[test]
    fn records_held_twice_are_given_once() {
        let stored = [blocks(0, 0..4), blocks(2, 2..6)].concat();
        let read = told(stored, 0, 6);
        assert_eq!(read[..4], ["#0", "#1", "#2", "#3"]);
        assert!(
            read[4].starts_with("block #2 contains #2 to #3, which an earlier place also contains"),
            "{}",
            read[4]
        );
        assert_eq!(read[5..], ["#4", "#5"]);
    }

    #[test]
    fn a_record_without_one_of_its_parts_is_lost_alone() {
        let mut large = record(1, 30_000);
        if let Some(payload) = &mut large.payload {
            // Random bytes, so that the record does not compress into one block.
            blake3::Hasher::new().finalize_xof().fill(&mut payload.event);
        }
        let records = [record(0, 9), large, record(2, 9)];
        let packed = super::super::packing::pack(number(0), &records).into_iter();
        let stored: Vec<_> = packed.map(|(key, value)| (key.encode(), value)).collect();
        for part in 0..4 {
            let mut stored = stored.clone();
            stored.remove(1 + part);
            let read = told(stored, 0, 3);
            assert_eq!([&read[0], &read[2]], ["#0", "#2"], "without part {part}");
            assert!(read[1].starts_with("#1 cannot be read"), "{}", read[1]);
            assert_eq!(read.len(), 3, "without part {part}: {read:?}");
        }
    }

    #[test]
    fn a_key_that_is_no_blocks_is_named() {
        let mut stored = blocks(0, 0..1);
        stored.push(([0xff; 10], b"x".to_vec()));
        let read = told(stored, 0, 1);
        assert_eq!(read.len(), 2);
        assert!(
            read[1].starts_with("key ffffffffffffffffffff does not belong to a log"),
            "{}",
            read[1]
        );
    }
}
