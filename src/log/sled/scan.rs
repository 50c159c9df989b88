//! Reading the blocks of a store in order, past whatever is damaged.
//!
//! Knows how blocks follow one another and names what breaks that. Must not write, and must not
//! know what an entry says.

use std::collections::VecDeque;
use std::fmt::Display;
use std::ops::Bound;

use ::sled::IVec;

use super::block::{self, BlockFault, Body, Key};
use super::store::{Store, StoreFault};
use crate::id::Sequence;
use crate::log::{Place, Read, ReadError, Span};
use crate::seal::Record;

/// How many sequences are tried one by one behind a failing page before the steps grow. One leaf
/// holds some sixty records, one index page some fifteen thousand.
const NEAR: u64 = 1 << 16;

/// The records of a store from one on.
pub(super) struct Scan<'a> {
    store: &'a Store,
    from: Sequence,
    /// The log's length where it is known; then what is missing at the end is told, too.
    end: Option<Sequence>,
    /// What the next block is to begin with.
    next: Sequence,
    cursor: Bound<IVec>,
    ready: VecDeque<Read>,
    done: bool,
}

impl<'a> Scan<'a> {
    /// The records of `store` from `from` on, up to `end` where that is known.
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

    /// Moves back to the block that holds `from`. Where the store fails here, it fails again when
    /// the first block is read, and that is reported.
    fn seek(&mut self) {
        let Ok(Some((bytes, _))) = self.store.before(&at(self.from.next())) else { return };
        if let Some(key) = Key::decode(&bytes) {
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
                self.report(ReadError::Missing { lost: Span::between(self.next, end) });
            }
            _ => {}
        }
    }

    fn block(&mut self, bytes: IVec, value: &[u8]) {
        let key = Key::decode(&bytes);
        self.cursor = Bound::Excluded(bytes.clone());
        let Some(key) = key else {
            let digits: String = bytes.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
            let place = Place::named(format_args!("key {digits}"));
            return self.report(ReadError::Stray { place });
        };
        self.follow(key);
        match block::decode(key, value) {
            Ok(Body::Whole(records)) => self.give(key.first, records),
            Ok(Body::Part { total, bytes }) if key.part == 0 => self.gather(key, total, bytes),
            Ok(Body::Part { .. }) => self.damaged(key, &BlockFault::Parts),
            Err(fault) => self.damaged(key, &fault),
        }
    }

    /// Tells of a gap before the block, or of records it shares with the one before.
    fn follow(&mut self, key: Key) {
        let (found, expected) = (key.first, self.next);
        if found > expected {
            self.next = found;
            self.report(ReadError::Missing { lost: Span::between(expected, found) });
        } else if found < expected {
            let held = Span::between(found, expected);
            self.report(ReadError::Overlap { place: Place::named(key), held });
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

    fn gather(&mut self, key: Key, total: u16, bytes: &[u8]) {
        let mut whole = bytes.to_vec();
        for part in 1..total {
            let key = Key { part, ..key };
            let (bytes, value) = match self.store.after(&self.cursor) {
                Ok(Some((bytes, value))) if Key::decode(&bytes) == Some(key) => (bytes, value),
                Ok(_) => return self.damaged(key, &BlockFault::Parts),
                Err(fault) => return self.damaged(key, &fault),
            };
            self.cursor = Bound::Excluded(bytes);
            match block::decode(key, &value) {
                Ok(Body::Part { total: same, bytes }) if same == total => whole.extend(bytes),
                Ok(_) => return self.damaged(key, &BlockFault::Parts),
                Err(fault) => return self.damaged(key, &fault),
            }
        }
        match block::join(&whole) {
            Ok(record) => self.give(key.first, vec![record]),
            Err(fault) => self.damaged(key, &fault),
        }
    }

    /// Tells of a damaged block, and goes on with the next that begins with another record.
    fn damaged(&mut self, key: Key, fault: &dyn Display) {
        let end = self.beginning_behind(key.first);
        let lost = Span { first: key.first, end };
        self.next = self.next.max(end.unwrap_or(key.first.next()));
        let fault = fault.to_string();
        self.report(ReadError::Damaged { lost, place: Place::named(key), fault });
    }

    /// Where the next block behind `first` begins, or the log ends, if either can be told. The
    /// cursor is moved past the other parts of `first`.
    fn beginning_behind(&mut self, first: Sequence) -> Option<Sequence> {
        loop {
            let bytes = match self.store.after(&self.cursor) {
                Ok(Some((bytes, _))) => bytes,
                Ok(None) => return self.end.filter(|end| first < *end),
                // The page behind fails, and that is reported when its turn comes.
                Err(_) => return Some(first.next()),
            };
            match Key::decode(&bytes) {
                Some(key) if key.first > first => return Some(key.first),
                Some(_) => self.cursor = Bound::Excluded(bytes),
                None => return Some(first.next()),
            }
        }
    }

    /// Goes on behind a page the store cannot read, by asking for later and later blocks.
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
        self.report(ReadError::Unreadable { lost: Span { first, end }, fault });
    }

    /// The first block that can be read behind a failing page at `first`; `Some(None)` if the log
    /// ends there, `None` if nothing behind it can be read.
    fn readable_behind(&self, first: Sequence) -> Option<Option<Key>> {
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

    /// The least sequence that can be asked for between one that cannot and one that can.
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

    fn probe(&self, sequence: Sequence) -> Option<Option<Key>> {
        let found = self.store.after(&Bound::Included(at(sequence))).ok()?;
        Some(found.and_then(|(bytes, _)| Key::decode(&bytes)))
    }

    /// Errors about what lies wholly before the first record asked for are not asked for either.
    fn report(&mut self, error: ReadError) {
        let earlier = |span: Span| span.end.is_some_and(|end| end <= self.from);
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
    Key::starting(sequence).encode().as_slice().into()
}
